//! Permissions: the form in which requests and DescribeSecurityGroups put rules together that differ in the other side
//! only.
//!
//! Source: EC2 API reference, `IpPermission`, `IpRange`, `UserIdGroupPair`.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_model::{Direction, IpProtocol, NewRule, Peer, PortRange, Scope, SecurityGroup, SecurityGroupId};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::parameter::cidr6;
use super::super::{fault, ids, refused};

/// The rules that the permissions of a request stand for.
pub(in super::super) fn rules(
    scope: &Scope, direction: Direction, permissions: &[ec2::IpPermission],
) -> Result<Vec<NewRule>, Failure> {
    let mut rules = Vec::new();
    let mut seen = BTreeSet::new();
    for permission in permissions {
        let (protocol, ports) = flows(permission)?;
        let peers = peers(scope, permission)?;
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

fn peers(scope: &Scope, permission: &ec2::IpPermission) -> Result<Vec<(Peer, Option<String>)>, Failure> {
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
        peers.push((Peer::Group(group(scope, pair)?), note(&pair.description)));
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

/// The group that a pair refers to: one of the account's own, by its id.
fn group(scope: &Scope, pair: &ec2::UserIdGroupPair) -> Result<SecurityGroupId, Failure> {
    if let Some(peering) = &pair.vpc_peering_connection_id {
        let message = format!("The vpcPeeringConnection ID '{peering}' does not exist");
        return Err(refused("InvalidVpcPeeringConnectionID.NotFound", message));
    }
    let id = match (pair.group_id.as_deref(), &pair.group_name) {
        (Some(id), _) => id,
        (None, Some(_)) => {
            let message = "An IP permission for a VPC security group may only include a group ID, not a group name.";
            return Err(refused("InvalidParameterCombination", message));
        }
        (None, None) => return Err(refused("MissingParameter", "Source group ID missing.")),
    };
    let id: SecurityGroupId = ids::id(id)?;
    // Groups of other accounts are reached over a peering only, and there is none.
    match &pair.user_id {
        Some(owner) if owner != scope.account.as_str() => Err(fault::of(&id.not_found())),
        _ => Ok(id),
    }
}

/// The rules of a group in one direction as permissions, each protocol and range of ports once.
pub(super) fn render(group: &SecurityGroup, direction: Direction) -> Vec<ec2::IpPermission> {
    let mut permissions: Vec<ec2::IpPermission> = Vec::new();
    let mut positions = BTreeMap::new();
    for rule in group.rules.iter().map(|rule| &rule.rule).filter(|rule| rule.direction == direction) {
        let position = *positions.entry((rule.protocol, rule.ports)).or_insert_with(|| {
            permissions.push(ec2::IpPermission {
                ip_protocol: Some(rule.protocol.to_string()),
                from_port: rule.ports.map(|ports| ports.from),
                to_port: rule.ports.map(|ports| ports.to),
                ..Default::default()
            });
            permissions.len() - 1
        });
        if let Some(permission) = permissions.get_mut(position) {
            add(permission, group, rule);
        }
    }
    permissions
}

/// Adds the other side of a rule to a permission.
fn add(permission: &mut ec2::IpPermission, group: &SecurityGroup, rule: &NewRule) {
    let description = rule.description.clone();
    match &rule.peer {
        Peer::Cidr(cidr) => {
            permission.ip_ranges.push(ec2::IpRange { description, cidr_ip: Some(cidr.to_string()) });
        }
        Peer::Cidr6(..) => {
            permission.ipv6_ranges.push(ec2::Ipv6Range { description, cidr_ipv6: Some(rule.peer.to_string()) });
        }
        Peer::PrefixList(list) => {
            permission.prefix_list_ids.push(ec2::PrefixListId { description, prefix_list_id: Some(list.to_string()) });
        }
        Peer::Group(id) => permission.user_id_group_pairs.push(ec2::UserIdGroupPair {
            description,
            user_id: Some(group.scope.account.to_string()),
            group_id: Some(id.to_string()),
            ..Default::default()
        }),
    }
}
