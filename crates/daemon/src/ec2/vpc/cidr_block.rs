//! Blocks of VPCs: AssociateVpcCidrBlock, DisassociateVpcCidrBlock.

use std::borrow::Cow;

use sidegate_model::{IpCidr, Ipv4Cidr, Ipv6Cidr, Region, Scope, Vpc, VpcCidrAssociationId, VpcCidrBlock, VpcId};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::filter::one;
use super::super::ids::{self, arn};
use super::super::parameter::{self, absent};
use super::super::refused;

/// The pool that AWS's own IPv6 blocks come from, as answers name it.
const POOL: &str = "Amazon";

/// The state of a block that a VPC has: a change is applied before it is answered.
const ASSOCIATED: &str = "associated";

/// What a request asks for in the way of an IPv6 block.
pub(super) struct Ipv6Wanted<'r> {
    pub(super) amazon_provided: Option<bool>,
    pub(super) border_group: Option<&'r str>,
    pub(super) pool: Option<&'r str>,
    pub(super) cidr: Option<&'r str>,
    pub(super) ipam_pool: Option<&'r str>,
    pub(super) netmask_length: Option<i32>,
}

impl Ipv6Wanted<'_> {
    /// Whether AWS is to give a block; any other kind of block is refused.
    pub(super) fn check(&self, region: Region) -> Result<bool, Failure> {
        let asked = [
            ("Ipv6Pool", self.pool.is_some()),
            ("Ipv6CidrBlock", self.cidr.is_some()),
            ("Ipv6IpamPoolId", self.ipam_pool.is_some()),
            ("Ipv6NetmaskLength", self.netmask_length.is_some()),
        ];
        if let Some((parameter, _)) = asked.into_iter().find(|(_, is_asked)| *is_asked) {
            return Err(absent(parameter, "there are no address pools in Sidegate"));
        }
        let wanted = self.amazon_provided == Some(true);
        match self.border_group {
            Some(_) if !wanted => {
                let message = "The parameter Ipv6CidrBlockNetworkBorderGroup needs AmazonProvidedIpv6CidrBlock.";
                Err(refused("InvalidParameterCombination", message))
            }
            Some(group) if group != region.as_str() => {
                let message = format!(
                    "Value ({group}) for parameter ipv6CidrBlockNetworkBorderGroup is invalid. Expecting {region}."
                );
                Err(refused("InvalidParameterValue", message))
            }
            _ => Ok(wanted),
        }
    }
}

/// The IPv4 blocks of a VPC as answers show them.
pub(super) fn ipv4(vpc: &Vpc) -> Vec<ec2::VpcCidrBlockAssociation> {
    vpc.cidr_blocks().iter().map(|block| ipv4_block(&block.id, block.cidr, ASSOCIATED)).collect()
}

/// The IPv6 blocks of a VPC as answers show them.
pub(super) fn ipv6(vpc: &Vpc) -> Vec<ec2::VpcIpv6CidrBlockAssociation> {
    let region = vpc.scope.region;
    vpc.ipv6_cidrs.iter().map(|block| ipv6_block(region, &block.id, block.cidr, ASSOCIATED)).collect()
}

fn state(state: &str) -> Option<ec2::VpcCidrBlockState> {
    Some(ec2::VpcCidrBlockState { state: Some(state.to_owned()), status_message: None })
}

fn ipv4_block(id: &VpcCidrAssociationId, cidr: Ipv4Cidr, is: &str) -> ec2::VpcCidrBlockAssociation {
    ec2::VpcCidrBlockAssociation {
        association_id: Some(id.to_string()),
        cidr_block: Some(cidr.to_string()),
        cidr_block_state: state(is),
    }
}

fn ipv6_block(region: Region, id: &VpcCidrAssociationId, cidr: Ipv6Cidr, is: &str) -> ec2::VpcIpv6CidrBlockAssociation {
    ec2::VpcIpv6CidrBlockAssociation {
        association_id: Some(id.to_string()),
        ipv6_cidr_block: Some(cidr.to_string()),
        ipv6_cidr_block_state: state(is),
        network_border_group: Some(region.to_string()),
        ipv6_pool: Some(POOL.to_owned()),
        ipv6_address_attribute: Some("public".to_owned()),
        ip_source: Some("amazon".to_owned()),
    }
}

/// The values that a VPC has under a filter about its blocks.
pub(super) fn values<'r>(vpc: &'r Vpc, filter: &str) -> Option<Vec<Cow<'r, str>>> {
    if let Some(part) = filter.strip_prefix("cidr-block-association.") {
        return Some(vpc.cidr_blocks().iter().flat_map(|block| value(block, part, "cidr-block")).collect());
    }
    let part = filter.strip_prefix("ipv6-cidr-block-association.")?;
    Some(vpc.ipv6_cidrs.iter().flat_map(|block| value(block, part, "ipv6-cidr-block")).collect())
}

fn value<'r, T: ToString>(block: &VpcCidrBlock<T>, part: &str, cidr: &str) -> Vec<Cow<'r, str>> {
    match part {
        "association-id" => one(block.id.to_string()),
        "ipv6-pool" => one(POOL),
        "state" => one(ASSOCIATED),
        part if part == cidr => one(block.cidr.to_string()),
        _ => Vec::new(),
    }
}

impl Action for ec2::AssociateVpcCidrBlockRequest {
    type Answer = ec2::AssociateVpcCidrBlockResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::AssociateVpcCidrBlockResult, Failure> {
        let region = call.scope().region;
        let vpc: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        if self.ipv4_ipam_pool_id.is_some() || self.ipv4_netmask_length.is_some() {
            return Err(absent("Ipv4IpamPoolId", "there are no address pools in Sidegate"));
        }
        let wanted = Ipv6Wanted {
            amazon_provided: self.amazon_provided_ipv6_cidr_block,
            border_group: self.ipv6_cidr_block_network_border_group.as_deref(),
            pool: self.ipv6_pool.as_deref(),
            cidr: self.ipv6_cidr_block.as_deref(),
            ipam_pool: self.ipv6_ipam_pool_id.as_deref(),
            netmask_length: self.ipv6_netmask_length,
        };
        let mut answer = ec2::AssociateVpcCidrBlockResult { vpc_id: Some(vpc.to_string()), ..Default::default() };
        match (self.cidr_block.as_deref(), wanted.check(region)?) {
            (Some(text), false) => {
                let cidr = parameter::cidr("cidrBlock", text)?;
                let id = call.change(move |world, context| world.associate_vpc_cidr_block(context, &vpc, cidr)).await?;
                answer.cidr_block_association = Some(ipv4_block(&id, cidr, "associating"));
            }
            (None, true) => {
                let change = call.change(move |world, context| {
                    let id = world.associate_vpc_ipv6_cidr_block(context, &vpc)?;
                    let mut blocks = world.vpc(&context.scope, &vpc)?.ipv6_cidrs.iter();
                    Ok(blocks.find(|block| block.id == id).cloned())
                });
                let block = change.await?;
                answer.ipv6_cidr_block_association =
                    block.map(|block| ipv6_block(region, &block.id, block.cidr, "associating"));
            }
            (None, false) => return Err(refused("MissingParameter", ONE_BLOCK)),
            (Some(_), true) => return Err(refused("InvalidParameterCombination", ONE_BLOCK)),
        }
        Ok(answer)
    }
}

const ONE_BLOCK: &str = "The request must contain exactly one of cidrBlock, ipv6Pool, amazonProvidedIpv6CidrBlock";

impl Action for ec2::DisassociateVpcCidrBlockRequest {
    type Answer = ec2::DisassociateVpcCidrBlockResult;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "vpc", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DisassociateVpcCidrBlockResult, Failure> {
        let region = call.scope().region;
        let id: VpcCidrAssociationId = ids::given(self.association_id.as_deref(), "AssociationId")?;
        let gone = id.clone();
        let (vpc, cidr) = call.change(move |world, context| world.disassociate_vpc_cidr_block(context, &gone)).await?;
        let mut answer = ec2::DisassociateVpcCidrBlockResult { vpc_id: Some(vpc.to_string()), ..Default::default() };
        match cidr {
            IpCidr::V4(cidr) => answer.cidr_block_association = Some(ipv4_block(&id, cidr, "disassociating")),
            IpCidr::V6(cidr) => {
                answer.ipv6_cidr_block_association = Some(ipv6_block(region, &id, cidr, "disassociating"));
            }
        }
        Ok(answer)
    }
}
