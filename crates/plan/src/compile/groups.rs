//! What each combination of security groups lets through.
//!
//! Source: VPC user guide, "Security group rules": rules only allow, and all groups of an interface are united; a rule
//! that names a group means the private addresses of the interfaces that have it. VPC Peering Guide, "Update your security
//! groups to reference peer security groups": those of a peer VPC too, as long as the connection is active.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use sidegate_model::{Direction, Ipv4Cidr, Ipv4Range, Peer, PrefixListId, SecurityGroup, SecurityGroupId, VpcId};

use super::permits::{Traffic, permits};
use super::{Before, Parts, names};
use crate::{GroupNumber, GroupRules, Permit};

/// The rules of every combination that an interface has.
pub(super) fn groups(parts: &Parts<'_>, before: Option<&Before<'_>>) -> BTreeMap<GroupNumber, GroupRules> {
    let mut combinations: BTreeMap<GroupNumber, &[SecurityGroupId]> = BTreeMap::new();
    // What has no groups, as a NAT gateway's interface, has no number either.
    for interface in parts.interfaces.iter().filter(|interface| interface.group_number != 0) {
        combinations.entry(interface.group_number).or_insert(&interface.groups);
    }
    let peers = Peers::of(parts);
    combinations.into_iter().map(|(number, ids)| (number, rules(parts, &peers, number, ids, before))).collect()
}

fn rules(
    parts: &Parts<'_>, peers: &Peers<'_>, number: GroupNumber, ids: &[SecurityGroupId], before: Option<&Before<'_>>,
) -> GroupRules {
    let mut ids = ids.to_vec();
    ids.sort();
    let groups: Vec<&SecurityGroup> = ids.iter().filter_map(|id| parts.world.security_groups.get(id)).collect();
    let kept = before.and_then(|before| {
        let same = before.plan.groups.get(&number).filter(|rules| rules.groups == ids)?;
        let untouched = groups.iter().all(|group| !is_touched(group, before));
        untouched.then(|| same.clone())
    });
    kept.unwrap_or_else(|| GroupRules {
        ingress: side(&groups, peers, Direction::Ingress),
        egress: side(&groups, peers, Direction::Egress),
        groups: ids,
    })
}

/// Whether what a group lets through may have changed.
fn is_touched(group: &SecurityGroup, before: &Before<'_>) -> bool {
    before.changes.groups.contains(&group.id) || group.rules.iter().any(|rule| names(rule, &before.changes.members))
}

fn side(groups: &[&SecurityGroup], peers: &Peers<'_>, direction: Direction) -> Vec<Permit> {
    let rules = groups.iter().flat_map(|group| &group.rules).map(|r| &r.rule).filter(|r| r.direction == direction);
    let blocks: Vec<_> = rules
        .filter_map(|rule| Some((Traffic::of(rule.protocol, rule.ports)?, &rule.peer)))
        .map(|(traffic, peer)| match peer {
            Peer::Cidr(cidr) => (traffic, Named::Block([cidr.range()])),
            Peer::Group(id) => (traffic, Named::Known(peers.members.get(id))),
            Peer::PrefixList(id) => (traffic, Named::Known(peers.lists.get(id))),
            // No interface has an IPv6 address yet.
            Peer::Cidr6(..) => (traffic, Named::Known(None)),
        })
        .collect();
    permits(blocks.iter().map(|(traffic, named)| (*traffic, named.ranges())))
}

/// The addresses that a rule names.
enum Named<'a> {
    Block([Ipv4Range; 1]),
    Known(Option<&'a Vec<Ipv4Range>>),
}

impl Named<'_> {
    fn ranges(&self) -> &[Ipv4Range] {
        match self {
            Self::Block(one) => one,
            Self::Known(ranges) => ranges.map(Vec::as_slice).unwrap_or_default(),
        }
    }
}

/// Addresses by what rules call them.
struct Peers<'a> {
    /// Of the interfaces that have a group.
    members: BTreeMap<&'a SecurityGroupId, Vec<Ipv4Range>>,
    /// Of prefix lists.
    lists: BTreeMap<&'a PrefixListId, Vec<Ipv4Range>>,
}

impl<'a> Peers<'a> {
    fn of(parts: &'a Parts<'_>) -> Self {
        let mut members: BTreeMap<&SecurityGroupId, Vec<Ipv4Range>> = BTreeMap::new();
        let mut lists: BTreeMap<&PrefixListId, Vec<Ipv4Range>> = BTreeMap::new();
        // Those of groups of VPCs that this one is peered with, and those VPCs.
        let mut beyond: BTreeSet<&VpcId> = BTreeSet::new();
        // Only groups and lists that some rule refers to are wanted.
        for rule in parts.groups.iter().flat_map(|group| &group.rules) {
            match &rule.rule.peer {
                Peer::Group(id) => {
                    let peer = rule.beyond.as_ref().map(|beyond| &beyond.vpc);
                    // Without the connection, the rule is stale.
                    if peer.is_none_or(|peer| parts.peerings.iter().any(|p| p.joins(&parts.vpc.id, peer))) {
                        members.entry(id).or_default();
                        beyond.extend(peer);
                    }
                }
                Peer::PrefixList(id) => {
                    let ranges = || parts.blocks_of(id).into_iter().map(Ipv4Cidr::range).collect();
                    lists.entry(id).or_insert_with(|| Ipv4Range::union(ranges()));
                }
                Peer::Cidr(_) | Peer::Cidr6(..) => {}
            }
        }
        let theirs = || parts.world.interfaces.iter().filter(|interface| beyond.contains(&interface.vpc));
        let theirs = (!beyond.is_empty()).then(theirs).into_iter().flatten();
        for interface in parts.interfaces.iter().copied().chain(theirs) {
            for id in &interface.groups {
                if let Some(addresses) = members.get_mut(id) {
                    addresses.extend(interface.addresses().map(one));
                }
            }
        }
        for addresses in members.values_mut() {
            *addresses = Ipv4Range::union(std::mem::take(addresses));
        }
        Self { members, lists }
    }
}

fn one(address: Ipv4Addr) -> Ipv4Range {
    Ipv4Cidr::host(address).range()
}
