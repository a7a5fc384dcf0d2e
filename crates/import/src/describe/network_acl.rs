//! Network ACLs, and which subnets have them.
//!
//! Source: EC2 API reference, `NetworkAcl`, `NetworkAclEntry`.

use sidegate_model::{
    Direction, FINAL_IPV4_ENTRY, IpCidr, IpProtocol, NetworkAcl, NetworkAclAssociation, NetworkAclEntry, NetworkAclId,
    PortRange, RuleAction, SubnetId, VpcId,
};

use super::element::{Element, Fault};
use super::page::Page;
use super::reading::Reading;
use crate::Bearing;

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: NetworkAclId = element.required("NetworkAclId")?;
    let scope = reading.scope(element, page)?;
    let vpc: VpcId = element.required("VpcId")?;
    let is_default = element.flag("IsDefault")?.unwrap_or_default();
    let entries = reading.each(page, id.as_str(), &Bearing::Flow, element.told_list("Entries"), entry);
    let entries: Vec<NetworkAclEntry> = entries.into_iter().flatten().collect();
    let association = |one: &Element<'_>| {
        let association = NetworkAclAssociation { id: one.required("NetworkAclAssociationId")?, acl: id.clone() };
        Ok((one.required::<SubnetId>("SubnetId")?, association))
    };
    let associations = reading.each(page, id.as_str(), &Bearing::Flow, element.list("Associations"), association);
    for (subnet, association) in associations {
        if reading.world.subnets.get(&subnet).is_none() {
            reading.dangling_in(page, id.as_str(), subnet.as_str());
        }
        reading.world.subnets.update(&subnet, |subnet| subnet.network_acl = Some(association));
    }
    if is_default {
        reading.world.vpcs.update(&vpc, |vpc| vpc.network_acl = id.clone());
    }
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.network_acls, NetworkAcl::with_entries(id, scope, vpc, is_default, entries));
    Ok(())
}

/// An entry of the account's own; nothing for those that deny all the rest.
fn entry(one: &Element<'_>) -> Result<Option<NetworkAclEntry>, Fault> {
    let number: i32 = one.number("RuleNumber")?.ok_or_else(|| one.fault_at("RuleNumber", "is missing"))?;
    if number >= i32::from(FINAL_IPV4_ENTRY) {
        return Ok(None);
    }
    let is_egress = one.flag("Egress")?.ok_or_else(|| one.fault_at("Egress", "is missing"))?;
    let direction = if is_egress { Direction::Egress } else { Direction::Ingress };
    let text = |key| one.text(key)?.ok_or_else(|| one.fault_at(key, "is missing"));
    let bad = |key: &str, error: &sidegate_model::Error| one.fault_at(key, error.to_string());
    let action = RuleAction::parse(text("RuleAction")?).map_err(|error| bad("RuleAction", &error))?;
    let protocol = IpProtocol::parse(text("Protocol")?).map_err(|error| bad("Protocol", &error))?;
    let cidr = match one.optional::<IpCidr>("CidrBlock")? {
        Some(block) => block,
        None => one.required("Ipv6CidrBlock")?,
    };
    let range = |key, from, to| -> Result<Option<PortRange>, Fault> {
        let Some(range) = one.object(key)? else { return Ok(None) };
        Ok(range.number(from)?.zip(range.number(to)?).map(|(from, to)| PortRange { from, to }))
    };
    let (ports, icmp) = (range("PortRange", "From", "To")?, range("IcmpTypeCode", "Type", "Code")?);
    let entry = NetworkAclEntry::new(direction, number, action, protocol, cidr, ports, icmp);
    entry.map(Some).map_err(|error| one.fault(error.to_string()))
}
