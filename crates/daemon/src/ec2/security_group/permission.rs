//! Permissions: the form in which requests and DescribeSecurityGroups put rules together that differ in the other side
//! only.
//!
//! Source: EC2 API reference, `IpPermission`, `IpRange`, `UserIdGroupPair`.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_model::{
    Direction, IpProtocol, NewRule, Peer, PortRange, Scope, SecurityGroup, SecurityGroupId, SecurityGroupRule,
    SecurityGroupRuleId, Vpc, VpcPeeringConnectionId, World,
};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::parameter::cidr6;
use super::super::{default_vpc, fault, ids, refused};

/// The rules that the permissions of a request stand for, which is about a certain group.
pub(in super::super) fn rules(
    world: &World, scope: &Scope, direction: Direction, about: &SecurityGroupId, permissions: &[ec2::IpPermission],
) -> Result<Vec<NewRule>, Failure> {
    // Only of groups of the default VPC do names tell another of them.
    let vpc = world.security_groups.get(about).map(|group| &group.vpc);
    let default = world.default_vpc(scope).filter(|default| Some(&default.id) == vpc);
    let mut rules = Vec::new();
    let mut seen = BTreeSet::new();
    for permission in permissions {
        let (protocol, ports) = flows(permission)?;
        let peers = peers(world, scope, default, permission)?;
        if peers.is_empty() {
            let message = "Missing source specification: include source security group or CIDR information";
            return Err(refused("MissingParameter", message));
        }
        for (peer, description) in peers {
            let rule =
                NewRule::new(direction, protocol, ports, peer, description).map_err(|error| fault::of(&error))?;
            if !seen.insert((rule.protocol, rule.ports, rule.peer.clone())) {
                let message = "The same permission must not appear multiple times";
                return Err(refused("InvalidParameterValue", message));
            }
            rules.push(rule);
        }
    }
    if rules.is_empty() {
        return Err(refused("MissingParameter", "The request must contain the parameter ipPermissions"));
    }
    Ok(rules)
}

/// The protocol and the ports of a permission.
fn flows(permission: &ec2::IpPermission) -> Result<(IpProtocol, Option<PortRange>), Failure> {
    let protocol = protocol(permission.ip_protocol.as_deref())?;
    Ok((protocol, ports(protocol, permission.from_port, permission.to_port)))
}

/// A protocol that must be given.
pub(in super::super) fn protocol(text: Option<&str>) -> Result<IpProtocol, Failure> {
    let Some(text) = text else {
        return Err(refused("MissingParameter", "The request must contain the parameter ipProtocol"));
    };
    IpProtocol::parse(text).map_err(|error| fault::of(&error))
}

/// Ports as they are given. For ICMP a type without a code stands for all its codes; TCP and UDP need both ports, and
/// the model says so if one is missing.
pub(in super::super) fn ports(protocol: IpProtocol, from: Option<i32>, to: Option<i32>) -> Option<PortRange> {
    match (from, to) {
        (Some(from), Some(to)) => Some(PortRange { from, to }),
        (Some(from), None) if matches!(protocol, IpProtocol::ICMP | IpProtocol::ICMPV6) => {
            Some(PortRange { from, to: -1 })
        }
        _ => None,
    }
}

fn peers(
    world: &World, scope: &Scope, default: Option<&Vpc>, permission: &ec2::IpPermission,
) -> Result<Vec<(Peer, Option<String>)>, Failure> {
    let mut peers = Vec::new();
    for range in &permission.ip_ranges {
        peers.push((cidr(range.cidr_ip.as_deref())?, note(&range.description)));
    }
    for range in &permission.ipv6_ranges {
        peers.push((ipv6(range.cidr_ipv6.as_deref())?, note(&range.description)));
    }
    for list in &permission.prefix_list_ids {
        let id = ids::given(list.prefix_list_id.as_deref(), "PrefixListId")?;
        peers.push((Peer::PrefixList(id), note(&list.description)));
    }
    for pair in &permission.user_id_group_pairs {
        peers.push((Peer::Group(group(world, scope, default, pair)?), note(&pair.description)));
    }
    Ok(peers)
}

/// A description as it is kept; an empty one is none.
pub(in super::super) fn note(description: &Option<String>) -> Option<String> {
    description.clone().filter(|text| !text.is_empty())
}

/// The other side of a rule by an IPv4 block, in canonical form.
pub(in super::super) fn cidr(text: Option<&str>) -> Result<Peer, Failure> {
    let text = text.unwrap_or_default();
    match sidegate_model::Ipv4Cidr::parse(text) {
        Some((block, _)) => Ok(Peer::Cidr(block)),
        None => Err(malformed(text)),
    }
}

/// The other side of a rule by an IPv6 block, in canonical form.
pub(in super::super) fn ipv6(text: Option<&str>) -> Result<Peer, Failure> {
    let text = text.unwrap_or_default();
    cidr6(text).map(|(address, length)| Peer::Cidr6(address, length)).ok_or_else(|| malformed(text))
}

fn malformed(text: &str) -> Failure {
    refused("InvalidParameterValue", format!("CIDR block {text} is malformed"))
}

/// The group that a pair refers to: one of the account's own, by its id, or within the default VPC by its name, or one of
/// a peer VPC, by its owner too. What a
/// pair of an answer says of the peering is let pass, so that an answer can be given back to take its rules away.
fn group(
    world: &World, scope: &Scope, default: Option<&Vpc>, pair: &ec2::UserIdGroupPair,
) -> Result<SecurityGroupId, Failure> {
    if let Some(peering) = pair.vpc_peering_connection_id.as_deref() {
        ids::id::<VpcPeeringConnectionId>(peering)?;
    }
    let id = match (pair.group_id.as_deref(), &pair.group_name) {
        (Some(id), _) => id,
        (None, Some(name)) => {
            if let Some(vpc) = default {
                return default_vpc::group(world, vpc, name);
            }
            let message = "An IP permission for a VPC security group may only include a group ID, not a group name.";
            return Err(refused("InvalidParameterCombination", message));
        }
        (None, None) => return Err(refused("MissingParameter", "Source group ID missing.")),
    };
    let id: SecurityGroupId = ids::id(id)?;
    // A group that is gone may still be named, to take a stale rule away.
    let owner = world.security_groups.get(&id).map(|group| group.scope.account.as_str());
    let named = pair.user_id.as_deref().unwrap_or(scope.account.as_str());
    if owner.is_some_and(|owner| owner != named) { Err(fault::of(&id.not_found())) } else { Ok(id) }
}

/// The rules of a group in one direction as permissions, each protocol and range of ports once.
pub(super) fn render(world: &World, group: &SecurityGroup, direction: Direction) -> Vec<ec2::IpPermission> {
    join(world, group, group.rules.iter().filter(|rule| rule.rule.direction == direction))
}

/// Rules of a group as permissions.
pub(super) fn join<'g>(
    world: &World, group: &SecurityGroup, rules: impl Iterator<Item = &'g SecurityGroupRule>,
) -> Vec<ec2::IpPermission> {
    let mut permissions: Vec<ec2::IpPermission> = Vec::new();
    let mut positions = BTreeMap::new();
    for rule in rules {
        let NewRule { protocol, ports, .. } = rule.rule;
        let position = *positions.entry((protocol, ports)).or_insert_with(|| {
            permissions.push(ec2::IpPermission {
                ip_protocol: Some(protocol.to_string()),
                from_port: ports.map(|ports| ports.from),
                to_port: ports.map(|ports| ports.to),
                ..Default::default()
            });
            permissions.len() - 1
        });
        if let Some(permission) = permissions.get_mut(position) {
            add(permission, world, group, rule);
        }
    }
    permissions
}

/// Rules that are not a group's as permissions that could be.
pub(in super::super) fn of_rules(world: &World, group: &SecurityGroup, rules: Vec<NewRule>) -> Vec<ec2::IpPermission> {
    let id = SecurityGroupRuleId::derived("0");
    let rules: Vec<_> =
        rules.into_iter().map(|rule| SecurityGroupRule { id: id.clone(), beyond: None, rule }).collect();
    join(world, group, rules.iter())
}

/// Adds the other side of a rule to a permission.
fn add(permission: &mut ec2::IpPermission, world: &World, group: &SecurityGroup, rule: &SecurityGroupRule) {
    let description = rule.rule.description.clone();
    match &rule.rule.peer {
        Peer::Cidr(cidr) => {
            permission.ip_ranges.push(ec2::IpRange { description, cidr_ip: Some(cidr.to_string()) });
        }
        Peer::Cidr6(..) => {
            let cidr_ipv6 = Some(rule.rule.peer.to_string());
            permission.ipv6_ranges.push(ec2::Ipv6Range { description, cidr_ipv6 });
        }
        Peer::PrefixList(list) => {
            permission.prefix_list_ids.push(ec2::PrefixListId { description, prefix_list_id: Some(list.to_string()) });
        }
        Peer::Group(id) => {
            let reference = reference(world, group, rule, id);
            permission.user_id_group_pairs.push(ec2::UserIdGroupPair {
                description,
                user_id: reference.user_id,
                group_id: reference.group_id,
                vpc_id: reference.vpc_id,
                vpc_peering_connection_id: reference.vpc_peering_connection_id,
                peering_status: reference.peering_status,
                ..Default::default()
            });
        }
    }
}

/// A group that a rule refers to: with its VPC and the peering connection, if it is of another VPC.
pub(in super::super) fn reference(
    world: &World, group: &SecurityGroup, rule: &SecurityGroupRule, named: &SecurityGroupId,
) -> ec2::ReferencedSecurityGroup {
    let group_id = Some(named.to_string());
    let Some(beyond) = &rule.beyond else {
        let user_id = Some(group.scope.account.to_string());
        return ec2::ReferencedSecurityGroup { group_id, user_id, ..Default::default() };
    };
    let peer = world.peer_reference(group, named, beyond);
    ec2::ReferencedSecurityGroup {
        group_id,
        user_id: peer.account.map(ToString::to_string),
        vpc_id: Some(peer.vpc.to_string()),
        vpc_peering_connection_id: Some(peer.peering.to_string()),
        peering_status: Some(peer.status.to_owned()),
    }
}
