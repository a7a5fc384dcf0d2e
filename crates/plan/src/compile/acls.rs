//! What network ACLs let across the borders of subnets.
//!
//! Source: VPC user guide, "Network ACL rules": rules are asked in the order of their numbers, and the first that is about
//! a packet decides; what no rule is about is denied. What stays within a subnet crosses no border.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_model::{
    AddressFamily, Direction, IpCidr, Ipv4Range, Ipv6Range, NetworkAcl, RuleAction, Subnet, SubnetId,
};

use super::Parts;
use super::permits::{AddressRange, BYTES, PORTS, Traffic, rectangles, sweep};
use crate::permit::icmp_of;
use crate::{AclNumber, AclRules, Permit, Selector};

/// The subnets of a VPC whose ACL stops something, each with its number.
pub(super) type Guarded<'a> = BTreeMap<&'a SubnetId, AclNumber>;

/// What crosses the borders of subnets where that is not everything.
pub(super) fn acls<'a>(parts: &Parts<'a>) -> (BTreeMap<AclNumber, AclRules>, Guarded<'a>) {
    let (mut rules, mut guarded) = (BTreeMap::new(), Guarded::new());
    for subnet in &parts.subnets {
        let Some(of_subnet) = rules_of(parts, subnet) else { continue };
        let number = AclNumber::try_from(rules.len() + 1).unwrap_or(AclNumber::MAX);
        rules.insert(number, of_subnet);
        guarded.insert(&subnet.id, number);
    }
    (rules, guarded)
}

/// `None` if everything may cross. A subnet without an ACL, which no world should have, lets nothing cross. IPv6 counts
/// only where the subnet has a block of it.
fn rules_of(parts: &Parts<'_>, subnet: &Subnet) -> Option<AclRules> {
    let id = parts.world.network_acl_of(subnet).map(|association| association.acl);
    let acl = id.as_ref().and_then(|id| parts.world.network_acls.get(id));
    let side = |direction| acl.map_or_else(Vec::new, |acl| permits(acl, direction, subnet));
    let (ingress, egress) = (side(Direction::Ingress), side(Direction::Egress));
    let id = id.unwrap_or_else(|| parts.vpc.network_acl.clone());
    let everything: &[Permit] =
        if subnet.ipv6_cidr.is_some() { &[Permit::ANY, Permit::ANY_IPV6] } else { &[Permit::ANY] };
    let is_open = [&ingress, &egress].into_iter().all(|permits| permits == everything);
    (!is_open).then(|| AclRules { acl: id, subnet: subnet.id.clone(), ingress, egress })
}

/// What may cross in one direction, over each family that the subnet has.
fn permits(acl: &NetworkAcl, direction: Direction, subnet: &Subnet) -> Vec<Permit> {
    let ipv4 = rules_about(acl, direction, subnet.cidr.range(), |cidr| match cidr {
        IpCidr::V4(block) => Some(block.range()),
        IpCidr::V6(_) => None,
    });
    let mut permits = in_order(&ipv4);
    if let Some(own) = &subnet.ipv6_cidr {
        let ipv6 = rules_about(acl, direction, own.cidr.range(), |cidr| match cidr {
            IpCidr::V4(_) => None,
            IpCidr::V6(block) => Some(block.range()),
        });
        permits.extend(in_order::<Ipv6Range>(&ipv6));
    }
    permits
}

fn rules_about<R: AddressRange>(
    acl: &NetworkAcl, direction: Direction, within: R, peers: impl Fn(IpCidr) -> Option<R>,
) -> Vec<Rule<R>> {
    let within = Rule { allow: true, traffic: Traffic::All, peers: within };
    let entries = acl.entries_of(direction).filter_map(|entry| {
        let traffic = Traffic::of(entry.protocol, entry.ports, R::FAMILY)?;
        Some(Rule { allow: entry.action == RuleAction::Allow, traffic, peers: peers(entry.cidr)? })
    });
    [within].into_iter().chain(entries).collect()
}

/// A rule of a network ACL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rule<R = Ipv4Range> {
    /// Whether it allows.
    allow: bool,
    /// What it is about.
    traffic: Traffic,
    /// Whom it is about.
    peers: R,
}

/// What rules let through, of which the first that is about a packet decides, as sorted permits that do not overlap.
fn in_order<R: AddressRange>(rules: &[Rule<R>]) -> Vec<Permit> {
    let peers = rules.iter().map(|rule| vec![rule.peers]).collect();
    sweep::<R>(peers, |places| {
        let met = places.filter_map(|place| rules.get(place)).map(|rule| (rule.allow, rule.traffic));
        boxes(&met.collect::<Vec<_>>(), R::FAMILY)
    })
}

/// What rules about the same peers let through.
fn boxes(rules: &[(bool, Traffic)], family: AddressFamily) -> Vec<Selector> {
    let number = icmp_of(family);
    let of = |protocol: u8| rules.iter().filter_map(move |(allow, traffic)| Some((*allow, ports(*traffic, protocol)?)));
    let messages = rules.iter().any(|(_, traffic)| matches!(traffic, Traffic::Icmp { .. }));
    let mut named: BTreeSet<u8> = rules
        .iter()
        .filter_map(|(_, traffic)| match traffic {
            Traffic::Ports { protocol, .. } => Some(*protocol),
            Traffic::All | Traffic::Icmp { .. } => None,
        })
        .collect();
    named.extend(messages.then_some(number));
    let others = rules.iter().find(|(_, traffic)| *traffic == Traffic::All).is_some_and(|(allow, _)| *allow);
    let mut rows: BTreeMap<u8, Vec<(u16, u16)>> = BTreeMap::new();
    for protocol in 0..=u8::MAX {
        let allowed = match (named.contains(&protocol), messages && protocol == number) {
            (_, true) => Vec::new(),
            (true, false) => first_matches(of(protocol)),
            (false, false) => others.then_some(PORTS).into_iter().collect(),
        };
        if !allowed.is_empty() {
            rows.insert(protocol, allowed);
        }
    }
    let mut boxes: Vec<Selector> =
        rectangles(rows).into_iter().map(|(protocols, ports)| Selector::Ports { protocols, ports }).collect();
    if messages {
        boxes.extend(icmp(rules, number));
    }
    boxes.sort_unstable();
    boxes
}

/// The ports that a rule is about, for one protocol. Those of ICMP are its messages.
fn ports(traffic: Traffic, protocol: u8) -> Option<(u16, u16)> {
    match traffic {
        Traffic::All => Some(PORTS),
        Traffic::Ports { protocol: of, ports } => (of == protocol).then_some(ports),
        Traffic::Icmp { .. } => None,
    }
}

/// The ICMP messages that rules let through.
fn icmp(rules: &[(bool, Traffic)], number: u8) -> Vec<Selector> {
    let rows = (0..=u8::MAX).filter_map(|kind| {
        let of_kind = rules.iter().filter_map(|&(allow, traffic)| {
            let codes = match traffic {
                Traffic::All => BYTES,
                Traffic::Ports { protocol, .. } => (protocol == number).then_some(BYTES)?,
                Traffic::Icmp { types: (first, last), codes } => (first..=last).contains(&kind).then_some(codes)?,
            };
            Some((allow, (u16::from(codes.0), u16::from(codes.1))))
        });
        Some((kind, first_matches(of_kind))).filter(|(_, allowed)| !allowed.is_empty())
    });
    let byte = |n: u16| u8::try_from(n).unwrap_or(u8::MAX);
    let boxes = rectangles(rows.collect());
    boxes.into_iter().map(|(types, (a, b))| Selector::Icmp { types, codes: (byte(a), byte(b)) }).collect()
}

/// The ranges for which the first that holds a number allows it.
fn first_matches(rules: impl Iterator<Item = (bool, (u16, u16))>) -> Vec<(u16, u16)> {
    let (mut open, mut allowed) = (vec![(0_u32, u32::from(u16::MAX))], Vec::new());
    for (allow, (first, last)) in rules {
        let (first, last) = (u32::from(first), u32::from(last));
        let mut rest = Vec::with_capacity(open.len() + 1);
        for (a, b) in open {
            let (from, to) = (a.max(first), b.min(last));
            if from > to {
                rest.push((a, b));
                continue;
            }
            if allow {
                allowed.push((bound(from), bound(to)));
            }
            rest.extend((a < from).then(|| (a, from - 1)));
            rest.extend((to < b).then(|| (to + 1, b)));
        }
        open = rest;
    }
    allowed
}

fn bound(n: u32) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The number of ICMP.
    const ICMP: u8 = 1;

    fn traffic() -> impl Strategy<Value = Traffic> {
        let range = |edges: [u16; 2]| (edges[0].min(edges[1]), edges[0].max(edges[1]));
        let port = prop::sample::select(vec![0, 1, 79, 80, 81, 442, 443, 444, 1023, 1024, 65534, 65535]);
        prop_oneof![
            1 => Just(Traffic::All),
            4 => (prop::sample::select(vec![6, 17]), [port.clone(), port]).prop_map(move |(protocol, edges)| {
                Traffic::Ports { protocol, ports: range(edges) }
            }),
            1 => prop::sample::select(vec![0, 1, 5, 7, 41, 255]).prop_map(|protocol| Traffic::Ports { protocol, ports: PORTS }),
            1 => Just(Traffic::Icmp { types: BYTES, codes: BYTES }),
            1 => (0_u8..4).prop_map(|kind| Traffic::Icmp { types: (kind, kind), codes: BYTES }),
            1 => (0_u8..4, 0_u8..3).prop_map(|(kind, code)| Traffic::Icmp { types: (kind, kind), codes: (code, code) }),
        ]
    }

    fn rules() -> impl Strategy<Value = Vec<Rule>> {
        let edge = prop::sample::select(vec![0, 1, 9, 10, 11, 20, 21, u32::MAX - 1, u32::MAX]);
        let rule = (any::<bool>(), traffic(), [edge.clone(), edge]).prop_map(|(allow, traffic, edges)| Rule {
            allow,
            traffic,
            peers: Ipv4Range { first: edges[0].min(edges[1]), last: edges[0].max(edges[1]) },
        });
        prop::collection::vec(rule, 0..9)
    }

    /// A packet: its peer, its protocol, and its port or its message.
    type Packet = (u32, u8, u16);

    fn packets() -> impl Iterator<Item = Packet> {
        let peers = [0, 1, 5, 9, 10, 11, 15, 20, 21, 22, 1000, u32::MAX - 1, u32::MAX];
        let ports = [0, 1, 2, 3, 80, 81, 256, 257, 258, 443, 444, 513, 770, 1023, 1024, 65535];
        let protocols = [0_u8, 1, 2, 5, 6, 7, 8, 17, 41, 255];
        peers.into_iter().flat_map(move |peer| {
            protocols.into_iter().flat_map(move |protocol| ports.into_iter().map(move |port| (peer, protocol, port)))
        })
    }

    /// Type and code of an ICMP message from one number.
    fn message(number: u16) -> (u8, u8) {
        let [kind, code] = number.to_be_bytes();
        (kind, code)
    }

    fn holds<T: PartialOrd>((first, last): (T, T), value: T) -> bool {
        first <= value && value <= last
    }

    fn is_about(rule: &Rule, (peer, protocol, port): Packet) -> bool {
        let (kind, code) = message(port);
        let about = match rule.traffic {
            Traffic::All => true,
            Traffic::Ports { protocol: of, ports } => of == protocol && (protocol == ICMP || holds(ports, port)),
            Traffic::Icmp { types, codes } => protocol == ICMP && holds(types, kind) && holds(codes, code),
        };
        about && holds((rule.peers.first, rule.peers.last), peer)
    }

    fn lets_through(permit: &Permit, (peer, protocol, port): Packet) -> bool {
        let (kind, code) = message(port);
        let selected = match permit.selector {
            Selector::Ports { protocols, ports } => holds(protocols, protocol) && holds(ports, port),
            Selector::Icmp { types, codes } => protocol == ICMP && holds(types, kind) && holds(codes, code),
        };
        selected && permit.peers.contains(std::net::Ipv4Addr::from_bits(peer).into())
    }

    proptest! {
        #[test]
        fn a_packet_passes_by_one_permit_where_the_first_rule_about_it_allows(rules in rules()) {
            let permits = in_order(&rules);
            prop_assert!(permits.is_sorted());
            for packet in packets() {
                let decided = rules.iter().find(|rule| is_about(rule, packet)).is_some_and(|rule| rule.allow);
                let count = permits.iter().filter(|permit| lets_through(permit, packet)).count();
                prop_assert_eq!(count, usize::from(decided), "{:?} of {:?}: {:?}", packet, &rules, &permits);
            }
        }
    }

    #[test]
    fn what_lets_everything_through_is_one_permit() {
        let everybody = Ipv4Range { first: 0, last: u32::MAX };
        let all = Rule { allow: true, traffic: Traffic::All, peers: everybody };
        let within = Rule { peers: Ipv4Range { first: 5, last: 9 }, ..all };
        assert_eq!(in_order(&[all]), [Permit::ANY]);
        assert_eq!(in_order(&[within, all, Rule { allow: false, ..all }]), [Permit::ANY]);
        assert_eq!(in_order::<Ipv4Range>(&[]), []);
    }
}
