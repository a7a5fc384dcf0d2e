//! Security groups and their rules.
//!
//! `describe-security-groups` has all rules of a group, without their ids; `describe-security-group-rules` has the ids.
//!
//! Source: EC2 API reference, `SecurityGroup`, `IpPermission`, `SecurityGroupRule`.

use sidegate_model::{
    AccountId, Direction, GroupName, IpProtocol, Ipv4Cidr, Ipv6Cidr, NewRule, Peer, PeerGroup, PortRange, PrefixListId,
    SecurityGroup, SecurityGroupId, SecurityGroupRule, SecurityGroupRuleId, VpcId, VpcPeeringConnectionId,
};

use super::element::{Element, Fault};
use super::page::Page;
use super::reading::Reading;
use crate::{Bearing, RuleTraffic};

/// The most rules of a group. AWS has at most a thousand for all groups of an interface.
///
/// Source: VPC user guide, "Amazon VPC quotas".
const RULE_LIMIT: usize = 5_000;

/// A rule as it is told, before it has an id.
type Told = (NewRule, Option<PeerGroup>);

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: SecurityGroupId = element.required("GroupId")?;
    if !element.has("VpcId") {
        return Err(element.fault_at("VpcId", "is missing; groups of EC2-Classic are not read"));
    }
    let scope = reading.scope(element, page)?;
    let vpc: VpcId = element.required("VpcId")?;
    let mut rules = Vec::new();
    for (key, word, direction) in
        [("IpPermissions", "ingress", Direction::Ingress), ("IpPermissionsEgress", "egress", Direction::Egress)]
    {
        // What cannot be read of a group can only let more through.
        let permissions =
            reading.each(page, id.as_str(), &Bearing::Stopped, element.told_list(key), |one| Ok(one.clone()));
        let mut number = 0_usize;
        for permission in permissions {
            for (rule, beyond) in permitted(reading, page, &id, &vpc, direction, &permission) {
                number += 1;
                // It has an id that this output does not tell.
                let digits = id.as_str().trim_start_matches(SecurityGroupId::PREFIX);
                let id = SecurityGroupRuleId::derived(&format!("{digits}/{word}-{number}"));
                rules.push(SecurityGroupRule { id, beyond, rule });
            }
        }
    }
    if rules.len() > RULE_LIMIT {
        rules.truncate(RULE_LIMIT);
        let why = format!("it has more than {RULE_LIMIT}");
        reading.open(id.as_str(), "its further rules", why, Bearing::Stopped);
    }
    let group = SecurityGroup {
        id: id.clone(),
        scope: scope.clone(),
        vpc,
        name: GroupName::known(element.text("GroupName")?.unwrap_or_default()),
        description: element.text("Description")?.unwrap_or_default().to_owned(),
        rules,
    };
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.security_groups, group);
    Ok(())
}

/// The rules that a permission stands for, one for each other side.
fn permitted(
    reading: &mut Reading, page: &Page, group: &SecurityGroupId, vpc: &VpcId, direction: Direction,
    permission: &Element<'_>,
) -> Vec<Told> {
    let rule = |peer, one: &Element<'_>| {
        let description = one.text("Description")?.map(str::to_owned);
        rule(permission, direction, permission, peer, description)
    };
    let open = traffic(permission, direction, permission).map_or(Bearing::Stopped, Bearing::Rule);
    let mut all: Vec<Told> = Vec::new();
    let ipv4 = reading.each(page, group.as_str(), &open, permission.list("IpRanges"), |one| {
        Ok((rule(Peer::Cidr(one.required("CidrIp")?), one)?, None))
    });
    let ipv6 = reading.each(page, group.as_str(), &open, permission.list("Ipv6Ranges"), |one| {
        Ok((rule(ipv6_peer(one.required("CidrIpv6")?), one)?, None))
    });
    let lists = reading.each(page, group.as_str(), &open, permission.list("PrefixListIds"), |one| {
        Ok((rule(Peer::PrefixList(one.required("PrefixListId")?), one)?, None))
    });
    let groups = reading.each(page, group.as_str(), &open, permission.list("UserIdGroupPairs"), |one| {
        Ok((rule(Peer::Group(one.required("GroupId")?), one)?, beyond(one, vpc)?))
    });
    reading
        .gone_peerings
        .extend(permission.list("UserIdGroupPairs").into_iter().flatten().filter_map(|one| gone(&one)));
    all.extend(ipv4.into_iter().chain(ipv6).chain(lists).chain(groups));
    all
}

fn ipv6_peer(block: Ipv6Cidr) -> Peer {
    Peer::Cidr6(block.first(), block.length())
}

/// The peering connection over which a rule names a group, if the rule says that it is gone. Such a rule is stale, and lets
/// nobody through.
///
/// Source: VPC peering guide, "Identify stale security group rules"; EC2 API reference, `UserIdGroupPair`.
fn gone(pair: &Element<'_>) -> Option<VpcPeeringConnectionId> {
    let status = pair.text("PeeringStatus").ok()??;
    let is_gone = ["deleted", "rejected", "expired", "failed"].contains(&status);
    pair.optional("VpcPeeringConnectionId").ok()?.filter(|_| is_gone)
}

/// The traffic that a rule is about; `None` if that cannot be read.
fn traffic(element: &Element<'_>, direction: Direction, ports: &Element<'_>) -> Option<RuleTraffic> {
    let protocol = protocol(element).ok()?;
    let ports = port_range(ports).ok()?;
    Some(RuleTraffic { direction, protocol, ports })
}

fn protocol(element: &Element<'_>) -> Result<IpProtocol, Fault> {
    let text = element.text("IpProtocol")?.ok_or_else(|| element.fault_at("IpProtocol", "is missing"))?;
    IpProtocol::parse(text).map_err(|error| element.fault_at("IpProtocol", error.to_string()))
}

fn port_range(element: &Element<'_>) -> Result<Option<PortRange>, Fault> {
    Ok(element.number("FromPort")?.zip(element.number("ToPort")?).map(|(from, to)| PortRange { from, to }))
}

fn rule(
    element: &Element<'_>, direction: Direction, ports: &Element<'_>, peer: Peer, description: Option<String>,
) -> Result<NewRule, Fault> {
    let (protocol, ports) = (protocol(element)?, port_range(ports)?);
    let rule = NewRule::new(direction, protocol, ports, peer, None);
    // The description of a rule that is there need not be one that AWS takes today.
    rule.map(|rule| NewRule { description, ..rule }).map_err(|error| element.fault(error.to_string()))
}

/// By which peering connection a rule names a group of another VPC.
fn beyond(pair: &Element<'_>, vpc: &VpcId) -> Result<Option<PeerGroup>, Fault> {
    let other: Option<VpcId> = pair.optional("VpcId")?;
    let Some(other) = other.filter(|other| other != vpc) else { return Ok(None) };
    let account: AccountId = pair.required("UserId")?;
    let Some(peering) = pair.optional("VpcPeeringConnectionId")? else {
        return Err(
            pair.fault(format!("names a group of {other} by no peering connection, as the model has none else"))
        );
    };
    Ok(Some(PeerGroup { account, vpc: other, peering }))
}

/// A rule with its id. A rule that its group was not told to have makes it open what the group lets through.
pub(super) fn read_rule(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: SecurityGroupRuleId = element.required("SecurityGroupRuleId")?;
    let group: SecurityGroupId = element.required("GroupId")?;
    let is_egress = element.flag("IsEgress")?.ok_or_else(|| element.fault_at("IsEgress", "is missing"))?;
    let direction = if is_egress { Direction::Egress } else { Direction::Ingress };
    let peer = peer(element)?;
    let wanted = rule(element, direction, element, peer, None)?;
    let Some(known) = reading.world.security_groups.get(&group) else {
        reading.dangling_in(page, id.as_str(), group.as_str());
        return Ok(());
    };
    let scope = known.scope.clone();
    match known.rules.iter().position(|rule| rule.rule.is_same(&wanted)) {
        Some(at) => {
            reading.tags(page, element, id.as_str(), &scope);
            reading.world.security_groups.update(&group, |group| {
                group.rules.get_mut(at).into_iter().for_each(|rule| rule.id = id.clone());
            });
        }
        None => {
            let why =
                format!("`{}` in {} tells of a rule that the group does not have elsewhere", element.path(), page.file);
            reading.open(group.as_str(), format!("whether it has the rule {id}"), why, Bearing::Flow);
        }
    }
    Ok(())
}

fn peer(element: &Element<'_>) -> Result<Peer, Fault> {
    if let Some(block) = element.optional::<Ipv4Cidr>("CidrIpv4")? {
        return Ok(Peer::Cidr(block));
    }
    if let Some(block) = element.optional("CidrIpv6")? {
        return Ok(ipv6_peer(block));
    }
    if let Some(list) = element.optional::<PrefixListId>("PrefixListId")? {
        return Ok(Peer::PrefixList(list));
    }
    match element.object("ReferencedGroupInfo")? {
        Some(info) => Ok(Peer::Group(info.required("GroupId")?)),
        None => Err(element.fault("names no other side")),
    }
}
