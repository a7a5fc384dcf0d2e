//! VPCs and their attributes.
//!
//! Source: EC2 API reference, `Vpc`, `VpcCidrBlockAssociation`, DescribeVpcAttribute, `BlockPublicAccessStates`.

use sidegate_model::{
    DhcpOptionsId, Ipv4Cidr, Ipv6Cidr, NetworkAclId, Scope, Vpc, VpcCidrAssociationId, VpcCidrBlock, VpcDhcpOptions,
    VpcId,
};

use super::element::{Element, Fault};
use super::page::Page;
use super::reading::Reading;
use crate::Bearing;

/// A block of a VPC with the state of its association.
struct Block<T> {
    block: VpcCidrBlock<T>,
    state: String,
}

/// What stands for the default network ACL of a VPC of which none is described.
fn no_acl() -> NetworkAclId {
    NetworkAclId::derived("unknown")
}

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: VpcId = element.required("VpcId")?;
    let scope = reading.scope(element, page)?;
    let mut vpc = bare(&id, &scope, element.required("CidrBlock")?);
    vpc.is_default = element.flag("IsDefault")?.unwrap_or_default();
    if let Some(tenancy) = element.text("InstanceTenancy")? {
        tenancy.clone_into(&mut vpc.tenancy);
    }
    vpc.dhcp_options = match element.text("DhcpOptionsId")? {
        Some("default") | None => VpcDhcpOptions::None,
        Some(_) => VpcDhcpOptions::Set(element.required::<DhcpOptionsId>("DhcpOptionsId")?),
    };
    let ipv4 = reading.each(page, id.as_str(), &Bearing::Flow, element.list("CidrBlockAssociationSet"), |one| {
        block::<Ipv4Cidr>(one, "CidrBlock", "CidrBlockState")
    });
    let ipv6 = reading.each(page, id.as_str(), &Bearing::Flow, element.list("Ipv6CidrBlockAssociationSet"), |one| {
        block::<Ipv6Cidr>(one, "Ipv6CidrBlock", "Ipv6CidrBlockState")
    });
    vpc.secondary_cidrs = associated(reading, &id, ipv4, |block| *block != vpc.cidr);
    vpc.ipv6_cidrs = associated(reading, &id, ipv6, |_| true);
    if let Some(states) = element.object("BlockPublicAccessStates")?
        && states.text("InternetGatewayBlockMode")?.is_some_and(|mode| mode != "off")
    {
        reading.public_access_blocked.insert(id.clone());
    }
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.vpcs, vpc);
    Ok(())
}

/// A VPC of which nothing is known but its block. Its DNS attributes are told by another call.
pub(super) fn bare(id: &VpcId, scope: &Scope, cidr: Ipv4Cidr) -> Vpc {
    Vpc {
        id: id.clone(),
        scope: scope.clone(),
        is_default: false,
        cidr,
        secondary_cidrs: Vec::new(),
        ipv6_cidrs: Vec::new(),
        dns_support: true,
        dns_hostnames: false,
        usage_metrics: false,
        tenancy: "default".to_owned(),
        network_acl: no_acl(),
        dhcp_options: VpcDhcpOptions::Default,
        last_table: 0,
    }
}

/// A further block of a VPC that no file describes. Its association has an id that nothing tells.
pub(super) fn block_of<T>(vpc: &VpcId, at: usize, cidr: T) -> VpcCidrBlock<T> {
    let digits = vpc.as_str().trim_start_matches(VpcId::PREFIX);
    VpcCidrBlock { id: VpcCidrAssociationId::derived(&format!("{digits}/{}", at + 1)), cidr }
}

fn block<T: std::str::FromStr<Err: std::fmt::Display>>(
    one: &Element<'_>, key: &str, state: &str,
) -> Result<Block<T>, Fault> {
    let state = one.object(state)?.map(|state| state.text("State")).transpose()?.flatten().unwrap_or("associated");
    let block = VpcCidrBlock { id: one.required("AssociationId")?, cidr: one.required(key)? };
    Ok(Block { block, state: state.to_owned() })
}

/// The blocks that a VPC has. Whether it has one that comes or goes is not known.
fn associated<T: std::fmt::Display>(
    reading: &mut Reading, vpc: &VpcId, blocks: Vec<Block<T>>, is_wanted: impl Fn(&T) -> bool,
) -> Vec<VpcCidrBlock<T>> {
    let mut taken = Vec::new();
    for Block { block, state } in blocks {
        match state.as_str() {
            "associated" if is_wanted(&block.cidr) => taken.push(block),
            "associating" | "disassociating" => {
                let what = format!("whether it has the block {}", block.cidr);
                reading.open(vpc.as_str(), what, format!("its state is {state}"), Bearing::Flow);
            }
            _ => {}
        }
    }
    taken
}

/// The attributes that `describe-vpc-attribute` tells, one by one.
pub(super) fn read_attributes(reading: &mut Reading, element: &Element<'_>, _: &Page) -> Result<(), Fault> {
    let vpc: VpcId = element.required("VpcId")?;
    let value = |key| element.object(key)?.map(|value| value.flag("Value")).transpose().map(Option::flatten);
    let (support, hostnames) = (value("EnableDnsSupport")?, value("EnableDnsHostnames")?);
    let [known_support, known_hostnames] = reading.dns.entry(vpc).or_default();
    *known_support = support.or(*known_support);
    *known_hostnames = hostnames.or(*known_hostnames);
    Ok(())
}

/// Block Public Access of a whole Region.
pub(super) fn read_public_access(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    if element.text("InternetGatewayBlockMode")?.is_none_or(|mode| mode == "off") {
        return Ok(());
    }
    let region = element.optional("AwsRegion")?.or(page.hint.region);
    let there = reading.world.vpcs.iter().filter(|vpc| region.is_none_or(|region| vpc.scope.region == region));
    reading.public_access_blocked.extend(there.map(|vpc| vpc.id.clone()).collect::<Vec<_>>());
    Ok(())
}
