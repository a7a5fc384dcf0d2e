//! What each combination of security groups lets through.
//!
//! Source: VPC user guide, "Security group rules": rules only allow, and all groups of an interface are united; a rule
//! that names a group means the private addresses of the interfaces that have it. VPC Peering Guide, "Update your security
//! groups to reference peer security groups": those of a peer VPC too, as long as the connection is active.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_model::{
    Direction, Ipv4Cidr, Ipv4Range, Ipv6Cidr, Ipv6Range, NetworkInterface, NewRule, Peer, PrefixList, PrefixListId,
    SecurityGroup, SecurityGroupId, VpcId,
};

use super::permits::{AddressRange, Traffic, permits};
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
        let families = before.plan.has_ipv6() == parts.has_ipv6();
        let untouched = families && groups.iter().all(|group| !is_touched(group, before));
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
    let rules: Vec<&NewRule> = rules.collect();
    let mut all = granted(&rules, &peers.ipv4, |peer| match peer {
        Peer::Cidr(cidr) => Some(cidr.range()),
        _ => None,
    });
    if let Some(ipv6) = &peers.ipv6 {
        all.extend(granted(&rules, ipv6, |peer| match peer {
            Peer::Cidr6(address, length) => Some(Ipv6Cidr::new(*address, *length).range()),
            _ => None,
        }));
    }
    all
}

/// What rules grant over one family; `block` gives the block of that family that a rule names.
fn granted<R: AddressRange>(
    rules: &[&NewRule], known: &Known<'_, R>, block: impl Fn(&Peer) -> Option<R>,
) -> Vec<Permit> {
    let named: Vec<_> = rules
        .iter()
        .filter_map(|rule| Some((Traffic::of(rule.protocol, rule.ports, R::FAMILY)?, &rule.peer)))
        .map(|(traffic, peer)| match peer {
            Peer::Group(id) => (traffic, Named::Known(known.members.get(id))),
            Peer::PrefixList(id) => (traffic, Named::Known(known.lists.get(id))),
            Peer::Cidr(_) | Peer::Cidr6(..) => {
                (traffic, block(peer).map_or(Named::Known(None), |one| Named::Block([one])))
            }
        })
        .collect();
    permits(named.iter().map(|(traffic, named)| (*traffic, named.ranges())))
}

/// The addresses that a rule names.
enum Named<'a, R> {
    Block([R; 1]),
    Known(Option<&'a Vec<R>>),
}

impl<R> Named<'_, R> {
    fn ranges(&self) -> &[R] {
        match self {
            Self::Block(one) => one,
            Self::Known(ranges) => ranges.map(Vec::as_slice).unwrap_or_default(),
        }
    }
}

/// Addresses by what rules call them; those of IPv6 where the VPC has any.
struct Peers<'a> {
    ipv4: Known<'a, Ipv4Range>,
    ipv6: Option<Known<'a, Ipv6Range>>,
}

/// Addresses of one family by what rules call them.
struct Known<'a, R> {
    /// Of the interfaces that have a group.
    members: BTreeMap<&'a SecurityGroupId, Vec<R>>,
    /// Of prefix lists.
    lists: BTreeMap<&'a PrefixListId, Vec<R>>,
}

impl<'a, R: AddressRange> Known<'a, R> {
    /// Of these groups, with the addresses that each of some interfaces has, and these lists.
    fn of(
        groups: &BTreeSet<&'a SecurityGroupId>, interfaces: &[&'a NetworkInterface],
        addresses: impl Fn(&NetworkInterface) -> Vec<R>, lists: BTreeMap<&'a PrefixListId, Vec<R>>,
    ) -> Self {
        let mut members: BTreeMap<&SecurityGroupId, Vec<R>> = groups.iter().map(|id| (*id, Vec::new())).collect();
        for interface in interfaces {
            for id in &interface.groups {
                if let Some(known) = members.get_mut(id) {
                    known.extend(addresses(interface));
                }
            }
        }
        for known in members.values_mut() {
            *known = R::union(std::mem::take(known));
        }
        Self { members, lists: lists.into_iter().map(|(id, ranges)| (id, R::union(ranges))).collect() }
    }
}

impl<'a> Peers<'a> {
    fn of(parts: &'a Parts<'_>) -> Self {
        let mut groups: BTreeSet<&SecurityGroupId> = BTreeSet::new();
        let mut lists: BTreeMap<&PrefixListId, PrefixList> = BTreeMap::new();
        // Those VPCs that this one is peered with and whose groups its rules name.
        let mut beyond: BTreeSet<&VpcId> = BTreeSet::new();
        // Only groups and lists that some rule refers to are wanted.
        for rule in parts.groups.iter().flat_map(|group| &group.rules) {
            match &rule.rule.peer {
                Peer::Group(id) => {
                    let peer = rule.beyond.as_ref().map(|beyond| &beyond.vpc);
                    // Without the connection, the rule is stale.
                    if peer.is_none_or(|peer| parts.peerings.iter().any(|p| p.joins(&parts.vpc.id, peer))) {
                        groups.insert(id);
                        beyond.extend(peer);
                    }
                }
                Peer::PrefixList(id) => {
                    if !lists.contains_key(id)
                        && let Some(list) = parts.list(id)
                    {
                        lists.insert(id, list);
                    }
                }
                Peer::Cidr(_) | Peer::Cidr6(..) => {}
            }
        }
        let theirs = || parts.world.interfaces.iter().filter(|interface| beyond.contains(&interface.vpc));
        let theirs = (!beyond.is_empty()).then(theirs).into_iter().flatten();
        let interfaces: Vec<&NetworkInterface> =
            if groups.is_empty() { Vec::new() } else { parts.interfaces.iter().copied().chain(theirs).collect() };
        let ipv4 = lists.iter().map(|(id, list)| (*id, list.cidrs.iter().map(|block| block.range()).collect()));
        let ipv6 = lists.iter().map(|(id, list)| (*id, list.cidrs6.iter().map(|block| block.range()).collect()));
        Self {
            ipv4: Known::of(
                &groups,
                &interfaces,
                |interface| interface.addresses().map(|address| Ipv4Cidr::host(address).range()).collect(),
                ipv4.collect(),
            ),
            ipv6: parts.has_ipv6().then(|| {
                let addresses = |interface: &NetworkInterface| {
                    interface.ipv6.iter().map(|&address| Ipv6Cidr::host(address).range()).collect()
                };
                Known::of(&groups, &interfaces, addresses, ipv6.collect())
            }),
        }
    }
}
