//! Links to what stands between networks, and what that is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv6Addr;
use std::sync::Arc;

use imbl::OrdMap;
use sidegate_model::{
    self as model, EgressOnlyInternetGatewayId, NatGateway, NetworkInterface, NetworkInterfaceId, VpcId, World,
};

use super::Parts;
use crate::{
    FIRST_PASSAGE_TABLE, Link, OPEN_GROUP, Passage, PassageLink, Plan, RouteTarget, TableIndex, TablePlan, VpcPlan,
};

/// How many characters of an id the name of a link has behind its first: a link's name has at most 15. What is left has
/// 56 random bits, so that no two of a VPC meet.
const NAME_DIGITS: usize = 14;

/// The names of the passage's ends. A gateway has the first only; a peering connection's is its requester's.
const ENDS: [&str; 2] = ["eth0", "eth1"];

/// The plans of all VPCs, and what stands between networks by its namespace.
type Vpcs = OrdMap<VpcId, Arc<VpcPlan>>;
type Passages = OrdMap<String, Arc<Passage>>;

/// The passages that a VPC has links to. An internet gateway of either kind that no route leads to is none. Over a peering connection
/// comes what the other side's routes lead there, so that it is one whatever the routes here say.
pub(super) fn links(parts: &Parts<'_>) -> BTreeMap<String, PassageLink> {
    let mut links = BTreeMap::new();
    let [first, second] = ENDS;
    let gateways = parts.internet_gateways.iter().map(|gateway| {
        let id = &gateway.id;
        ('g', id.to_string(), model::RouteTarget::InternetGateway(id.clone()))
    });
    let egress_only = parts.egress_only_internet_gateways.iter().map(|gateway| {
        let id = &gateway.id;
        ('e', id.to_string(), model::RouteTarget::EgressOnlyInternetGateway(id.clone()))
    });
    for (kind, id, _) in gateways.chain(egress_only).filter(|(_, _, target)| is_target(parts, target)) {
        let link = PassageLink {
            name: link_name(kind, &id),
            end: first.to_owned(),
            table: table_of(links.len()),
            redirects: None,
            peer: None,
        };
        links.insert(id, link);
    }
    for peering in &parts.peerings {
        let Some(peer) = peering.beyond(&parts.vpc.id) else { continue };
        let end = if peering.accepter.vpc == parts.vpc.id { second } else { first };
        let link = PassageLink {
            name: link_name('p', peering.id.as_str()),
            end: end.to_owned(),
            table: table_of(links.len()),
            redirects: None,
            peer: Some(peer.vpc.clone()),
        };
        links.insert(peering.id.to_string(), link);
    }
    links
}

fn is_target(parts: &Parts<'_>, gateway: &model::RouteTarget) -> bool {
    parts.tables.iter().flat_map(|table| &table.routes).any(|route| route.target == *gateway)
}

/// A table counted from the last, so that no route table of the account has its number.
fn table_of(place: usize) -> TableIndex {
    FIRST_PASSAGE_TABLE - TableIndex::try_from(place).unwrap_or_default()
}

/// The name of a link, from the last digits of an id.
pub(super) fn link_name(first: char, id: &str) -> String {
    let digits = id.rsplit('-').next().unwrap_or_default();
    let tail = digits.get(digits.len().saturating_sub(NAME_DIGITS)..).unwrap_or(digits);
    format!("{first}{tail}")
}

/// All passages of these VPCs.
pub(super) fn all(world: &World, vpcs: &Vpcs) -> Passages {
    let of = |vpc: &Arc<VpcPlan>| of_vpc(world, vpcs, vpc);
    vpcs.values().flat_map(of).map(|(name, passage)| (name, Arc::new(passage))).collect()
}

/// The passages of `new` with these VPCs, where those of `old` are in `previous`, and only those of VPCs that `changed` may
/// differ. What was the same before stays the same value.
pub(super) fn after(previous: &Plan, old: &World, new: &World, vpcs: &Vpcs, changed: &BTreeSet<VpcId>) -> Passages {
    let mut passages = previous.passages.clone();
    for vpc in changed.iter().filter_map(|id| previous.vpcs.get(id)) {
        let nats = old.nat_gateways.of_vpc(&vpc.vpc).filter_map(|nat| interface_of(old, nat));
        let nats = nats.map(|interface| interface.id.to_string());
        for name in vpc.passages.keys().cloned().chain(nats) {
            passages.remove(&name);
        }
    }
    for vpc in changed.iter().filter_map(|id| vpcs.get(id)) {
        for (name, passage) in of_vpc(new, vpcs, vpc) {
            let kept = previous.passages.get(&name).filter(|known| ***known == passage);
            let passage = kept.map_or_else(|| Arc::new(passage), Arc::clone);
            passages.insert(name, passage);
        }
    }
    passages
}

/// The passages that a VPC has links to.
fn of_vpc(world: &World, vpcs: &Vpcs, vpc: &VpcPlan) -> Vec<(String, Passage)> {
    let is_led_to = |name: &String| vpc.passages.contains_key(name);
    let gateways = world.internet_gateways.of_vpc(&vpc.vpc).map(|gateway| gateway.id.to_string());
    let gateways = gateways.filter(is_led_to).map(|name| {
        let public = world.public_addresses_of(&vpc.vpc).map(|mapped| (mapped.private, mapped.public)).collect();
        let ipv6 = speakers(vpc, &name);
        (name, Passage::InternetGateway { cidrs: vpc.cidrs.clone(), public, ipv6 })
    });
    let egress_only = world.egress_only_internet_gateways.of_vpc(&vpc.vpc).map(|gateway| gateway.id.to_string());
    let egress_only = egress_only.filter(is_led_to).map(|name| {
        let ipv6 = speakers(vpc, &name);
        (name, Passage::EgressOnlyInternetGateway { cidrs: vpc.cidrs.clone(), ipv6 })
    });
    let nats = world.nat_gateways.of_vpc(&vpc.vpc).filter_map(|nat| {
        let link = vpc.links.get(&interface_of(world, nat)?.id)?;
        let (addresses, draining) = (nat.lent().collect(), nat.drained().collect());
        Some((link.namespace.clone(), Passage::NatGateway { addresses, draining }))
    });
    let beyond = vpc.passages.iter().filter(|(_, link)| link.peer.is_some());
    let peerings = beyond.filter_map(|(name, _)| {
        let peering = world.peerings.get(&name.parse().ok()?)?;
        let blocks = |vpc: &VpcId| vpcs.get(vpc).map(|vpc| vpc.cidrs.clone());
        let (requester, accepter) = (blocks(&peering.requester.vpc)?, blocks(&peering.accepter.vpc)?);
        Some((name.clone(), Passage::Peering { requester, accepter }))
    });
    gateways.chain(egress_only).chain(nats).chain(peerings).collect()
}

/// The interface of a NAT gateway that forwards.
pub(super) fn interface_of<'a>(world: &'a World, nat: &NatGateway) -> Option<&'a NetworkInterface> {
    let id = nat.interface.as_ref().filter(|_| nat.is_available())?;
    world.interfaces.get(id)
}

/// The IPv6 addresses of those of a VPC's programs whose route table leads over a passage, or to which a gateway's leads by
/// way of another program, which answers for them. Endpoints are not among them: nothing comes to them from the internet.
///
/// Source: PrivateLink guide, "Access an AWS service using an interface VPC endpoint" (`denyAllIgwTraffic`).
fn speakers(vpc: &VpcPlan, passage: &str) -> BTreeSet<Ipv6Addr> {
    let leads = |table: &TablePlan| {
        let mut ipv6 = table.routes.iter().filter(|(destination, _)| destination.is_ipv6());
        ipv6.any(|(_, route)| matches!(&route.target, RouteTarget::Passage(name) if name == passage))
    };
    let tables: BTreeSet<TableIndex> = vpc.tables.iter().filter(|(_, table)| leads(table)).map(|(at, _)| *at).collect();
    let aside = vpc.redirects_of(passage);
    let is_led_aside = |id: &NetworkInterfaceId, link: &Link, own: Ipv6Addr| {
        let route = aside.and_then(|aside| aside.lookup(own.into()));
        let by = route
            .is_some_and(|route| matches!(&route.target, RouteTarget::Interface { interface, .. } if interface != id));
        by && !leads_out_only(vpc, link)
    };
    let links = vpc.links.iter().filter(|(_, link)| link.group != OPEN_GROUP);
    let speakers = links.flat_map(|(id, link)| link.ipv6.iter().map(move |own| (id, link, *own)));
    let speakers = speakers.filter(|(id, link, own)| tables.contains(&link.table) || is_led_aside(id, link, *own));
    speakers.map(|(.., own)| own).collect()
}

/// Whether the table of a link has routes over an egress-only gateway, by which its address is known on the internet.
fn leads_out_only(vpc: &VpcPlan, link: &Link) -> bool {
    let routes = vpc.tables.get(&link.table).into_iter().flat_map(|table| table.routes.values());
    let mut names = routes.filter_map(|route| match &route.target {
        RouteTarget::Passage(name) => Some(name),
        _ => None,
    });
    names.any(|name| name.starts_with(EgressOnlyInternetGatewayId::PREFIX))
}
