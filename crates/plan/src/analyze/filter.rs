//! Filters: whether security groups and network ACLs let a packet pass is in the plan; by which rule or entry, in the world.

use std::net::IpAddr;

use sidegate_model::{
    AddressFamily, Direction, IpProtocol, Ipv6Cidr, NetworkInterface, Peer, PortRange, SecurityGroup, SecurityGroupId,
    SecurityGroupRule, SubnetId, VpcId, World,
};

use super::flow::{TCP, UDP};
use super::hop::{Entry, Rule};
use crate::compile::permits::Traffic;
use crate::permit::icmp_of;
use crate::{Permit, Selector};

/// ICMPv6's number, and the type of its answer to an echo.
const ICMPV6: u8 = 58;
const ECHO_REPLY: u16 = 129 << 8;

/// Packets as filters see them: a protocol, and destination ports from the first to the last. Of ICMP, a port is the type
/// times 256 plus the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packets {
    pub(super) protocol: u8,
    pub(super) ports: (u16, u16),
}

impl Packets {
    /// The first packet of a flow.
    pub(super) const fn there(protocol: u8, port: u16) -> Self {
        Self { protocol, ports: (port, port) }
    }

    /// The answers to it: to whatever port the client picked, or to an echo.
    pub(super) const fn back(protocol: u8, source_ports: (u16, u16)) -> Self {
        let ports = match protocol {
            TCP | UDP => source_ports,
            ICMPV6 => (ECHO_REPLY, ECHO_REPLY),
            _ => (0, 0),
        };
        Self { protocol, ports }
    }

    /// The part that some traffic is about.
    fn part(self, traffic: Traffic, family: AddressFamily) -> Option<(u16, u16)> {
        match traffic {
            Traffic::All => Some(self.ports),
            Traffic::Ports { protocol, ports } if protocol == self.protocol => overlap(self.ports, ports),
            Traffic::Icmp { types, codes } if self.protocol == icmp_of(family) => {
                self.is_message(types, codes).then_some(self.ports)
            }
            Traffic::Ports { .. } | Traffic::Icmp { .. } => None,
        }
    }

    /// The part that a permit lets through.
    fn permitted(self, permit: &Permit) -> Option<(u16, u16)> {
        match permit.selector {
            Selector::Ports { protocols: (first, last), ports } => {
                (first..=last).contains(&self.protocol).then(|| overlap(self.ports, ports)).flatten()
            }
            Selector::Icmp { types, codes } => {
                let is_one = self.protocol == icmp_of(permit.family()) && self.is_message(types, codes);
                is_one.then_some(self.ports)
            }
        }
    }

    /// Whether it is an ICMP message of these types and codes; there is but one.
    fn is_message(self, types: (u8, u8), codes: (u8, u8)) -> bool {
        let [kind, code] = self.ports.0.to_be_bytes();
        (types.0..=types.1).contains(&kind) && (codes.0..=codes.1).contains(&code)
    }
}

fn overlap((a, b): (u16, u16), (c, d): (u16, u16)) -> Option<(u16, u16)> {
    let (first, last) = (a.max(c), b.min(d));
    (first <= last).then_some((first, last))
}

/// Which packets with a peer permits let through, by their ports: joined and in order.
pub(super) fn passing(permits: &[Permit], peer: IpAddr, packets: Packets) -> Vec<(u16, u16)> {
    let about = permits.iter().filter(|permit| permit.peers.contains(peer));
    let mut parts: Vec<_> = about.filter_map(|permit| packets.permitted(permit)).collect();
    parts.sort_unstable();
    let mut joined: Vec<(u16, u16)> = Vec::with_capacity(parts.len());
    for (first, last) in parts {
        match joined.last_mut() {
            Some((_, end)) if u32::from(first) <= u32::from(*end) + 1 => *end = last.max(*end),
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// The rule of an interface's groups that lets packets with a peer through.
pub(super) fn rule(
    world: &World, interface: &NetworkInterface, direction: Direction, peer: IpAddr, packets: Packets,
) -> Option<Rule> {
    let groups = interface.groups.iter().filter_map(|id| world.security_groups.get(id));
    let rules = groups.flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
    let mut rules = rules.filter(|(_, rule)| rule.rule.direction == direction && is_about(rule, peer, packets));
    let (group, rule) = rules.find(|(group, rule)| names(world, group, rule, peer))?;
    Some(Rule { group: group.id.clone(), id: rule.id.clone(), text: text_of(rule) })
}

/// Whether no rule of an interface's groups is about a direction.
pub(super) fn has_no_rules(world: &World, interface: &NetworkInterface, direction: Direction) -> bool {
    let groups = interface.groups.iter().filter_map(|id| world.security_groups.get(id));
    groups.flat_map(|group| &group.rules).all(|rule| rule.rule.direction != direction)
}

fn is_about(rule: &SecurityGroupRule, peer: IpAddr, packets: Packets) -> bool {
    let family = AddressFamily::of(peer);
    let traffic = Traffic::of(rule.rule.protocol, rule.rule.ports, family);
    traffic.is_some_and(|traffic| packets.part(traffic, family).is_some())
}

/// Whether a rule of a group names a peer.
fn names(world: &World, group: &SecurityGroup, rule: &SecurityGroupRule, peer: IpAddr) -> bool {
    match &rule.rule.peer {
        Peer::Cidr(block) => matches!(peer, IpAddr::V4(peer) if block.contains(peer)),
        Peer::Cidr6(address, length) => {
            matches!(peer, IpAddr::V6(peer) if Ipv6Cidr::new(*address, *length).contains(peer))
        }
        Peer::PrefixList(id) => world.prefix_list(&group.scope, id).is_some_and(|list| match peer {
            IpAddr::V4(peer) => list.cidrs.iter().any(|block| block.contains(peer)),
            IpAddr::V6(peer) => list.cidrs6.iter().any(|block| block.contains(peer)),
        }),
        Peer::Group(id) => has_member(world, &group.vpc, id, peer),
    }
}

/// Whether an interface of a VPC, or of one that is peered with it, has a group and an address.
fn has_member(world: &World, vpc: &VpcId, group: &SecurityGroupId, address: IpAddr) -> bool {
    let is_member = |interface: &NetworkInterface| {
        interface.groups.contains(group)
            && match address {
                IpAddr::V4(address) => interface.addresses().any(|own| own == address),
                IpAddr::V6(address) => interface.ipv6.contains(&address),
            }
    };
    let peers = || world.active_peerings().filter_map(|peering| peering.beyond(vpc)).map(|side| &side.vpc);
    world.interfaces.of_vpc(vpc).any(is_member) || peers().any(|peer| world.interfaces.of_vpc(peer).any(is_member))
}

/// The first entry of a subnet's ACL that is about packets with a peer.
pub(super) fn entry(
    world: &World, subnet: &SubnetId, direction: Direction, peer: IpAddr, packets: Packets,
) -> Option<Entry> {
    let acl = world.network_acl_of(world.subnets.get(subnet)?)?.acl;
    let family = AddressFamily::of(peer);
    let mut entries = world.network_acls.get(&acl)?.entries_of(direction);
    let entry = entries.find(|entry| {
        let traffic = Traffic::of(entry.protocol, entry.ports, family);
        entry.cidr.contains(peer) && traffic.is_some_and(|traffic| packets.part(traffic, family).is_some())
    })?;
    let text = format!("{} {}", traffic_text(entry.protocol, entry.ports), entry.cidr);
    Some(Entry { number: entry.number, action: entry.action, text })
}

fn text_of(rule: &SecurityGroupRule) -> String {
    let (preposition, peer) = match rule.rule.direction {
        Direction::Ingress => ("from", &rule.rule.peer),
        Direction::Egress => ("to", &rule.rule.peer),
    };
    format!("{} {preposition} {peer}", traffic_text(rule.rule.protocol, rule.rule.ports))
}

/// Protocol and ports of a rule or an entry, such as `tcp 443`.
pub(super) fn traffic_text(protocol: IpProtocol, ports: Option<PortRange>) -> String {
    let name = match protocol {
        IpProtocol::All => return "all traffic".to_owned(),
        protocol => protocol.to_string(),
    };
    let is_icmp = matches!(protocol, IpProtocol::ICMP | IpProtocol::ICMPV6);
    match ports {
        None | Some(PortRange { from: -1, to: -1 }) => name,
        Some(PortRange { from: 0, to: 65_535 }) if !is_icmp => name,
        Some(PortRange { from, to: -1 }) if is_icmp => format!("{name} type {from}"),
        Some(PortRange { from, to }) if is_icmp => format!("{name} type {from} code {to}"),
        Some(PortRange { from, to }) if from == to => format!("{name} {from}"),
        Some(PortRange { from, to }) => format!("{name} {from}-{to}"),
    }
}
