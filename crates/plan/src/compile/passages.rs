//! Links to what stands between networks, and what that is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use sidegate_model::{InternetGatewayId, NatGateway, NetworkInterface, RouteTarget, VpcId, World};

use super::Parts;
use crate::{FIRST_PASSAGE_TABLE, Passage, PassageLink, Plan, TableIndex, VpcPlan};

/// How many characters of an id the name of a link has behind its first: a link's name has at most 15. What is left has
/// 56 random bits, so that no two of a VPC meet.
const NAME_DIGITS: usize = 14;

/// The names of the passage's ends. A gateway has the first only; a peering connection's is its requester's.
const ENDS: [&str; 2] = ["eth0", "eth1"];

/// The passages that a VPC has links to. An internet gateway that no route leads to is none. Over a peering connection
/// comes what the other side's routes lead there, so that it is one whatever the routes here say.
pub(super) fn links(parts: &Parts<'_>) -> BTreeMap<String, PassageLink> {
    let mut links = BTreeMap::new();
    let [first, second] = ENDS;
    for gateway in &parts.internet_gateways {
        if is_target(parts, &gateway.id) {
            let link = PassageLink {
                name: link_name('g', gateway.id.as_str()),
                end: first.to_owned(),
                table: table_of(links.len()),
                peer: None,
            };
            links.insert(gateway.id.to_string(), link);
        }
    }
    for peering in &parts.peerings {
        let Some(peer) = peering.beyond(&parts.vpc.id) else { continue };
        let end = if peering.accepter.vpc == parts.vpc.id { second } else { first };
        let link = PassageLink {
            name: link_name('p', peering.id.as_str()),
            end: end.to_owned(),
            table: table_of(links.len()),
            peer: Some(peer.vpc.clone()),
        };
        links.insert(peering.id.to_string(), link);
    }
    links
}

fn is_target(parts: &Parts<'_>, gateway: &InternetGatewayId) -> bool {
    let leads = |target: &RouteTarget| matches!(target, RouteTarget::InternetGateway(id) if id == gateway);
    parts.tables.iter().flat_map(|table| &table.routes).any(|route| leads(&route.target))
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
pub(super) fn all(world: &World, vpcs: &BTreeMap<VpcId, Arc<VpcPlan>>) -> BTreeMap<String, Arc<Passage>> {
    let public = public_addresses(world);
    let of = |vpc: &Arc<VpcPlan>| of_vpc(world, vpcs, vpc, &public);
    vpcs.values().flat_map(of).map(|(name, passage)| (name, Arc::new(passage))).collect()
}

/// The passages of `new` with these VPCs, where those of `old` are in `previous`, and only those of VPCs that `changed` may
/// differ. What was the same before stays the same value.
pub(super) fn after(
    previous: &Plan, old: &World, new: &World, vpcs: &BTreeMap<VpcId, Arc<VpcPlan>>, changed: &BTreeSet<VpcId>,
) -> BTreeMap<String, Arc<Passage>> {
    let mut passages = previous.passages.clone();
    for vpc in changed.iter().filter_map(|id| previous.vpcs.get(id)) {
        let nats = old.nat_gateways.of_vpc(&vpc.vpc).filter_map(|nat| interface_of(old, nat));
        let nats = nats.map(|interface| interface.id.to_string());
        for name in vpc.passages.keys().cloned().chain(nats) {
            passages.remove(&name);
        }
    }
    let public = public_addresses(new);
    for vpc in changed.iter().filter_map(|id| vpcs.get(id)) {
        for (name, passage) in of_vpc(new, vpcs, vpc, &public) {
            let kept = previous.passages.get(&name).filter(|known| ***known == passage);
            let passage = kept.map_or_else(|| Arc::new(passage), Arc::clone);
            passages.insert(name, passage);
        }
    }
    passages
}

/// The public addresses of the private ones of each VPC.
type Public = BTreeMap<VpcId, BTreeMap<Ipv4Addr, Ipv4Addr>>;

/// The passages that a VPC has links to.
fn of_vpc(
    world: &World, vpcs: &BTreeMap<VpcId, Arc<VpcPlan>>, vpc: &VpcPlan, public: &Public,
) -> Vec<(String, Passage)> {
    let gateways = world.internet_gateways.of_vpc(&vpc.vpc).filter_map(|gateway| {
        let name = gateway.id.to_string();
        let public = || public.get(&vpc.vpc).cloned().unwrap_or_default();
        let is_led_to = vpc.passages.contains_key(&name);
        is_led_to.then(|| (name, Passage::InternetGateway { cidrs: vpc.cidrs.clone(), public: public() }))
    });
    let nats = world.nat_gateways.of_vpc(&vpc.vpc).filter_map(|nat| {
        let link = vpc.links.get(&interface_of(world, nat)?.id)?;
        Some((link.namespace.clone(), Passage::NatGateway { address: link.address }))
    });
    let beyond = vpc.passages.iter().filter(|(_, link)| link.peer.is_some());
    let peerings = beyond.filter_map(|(name, _)| {
        let peering = world.peerings.get(&name.parse().ok()?)?;
        let blocks = |vpc: &VpcId| vpcs.get(vpc).map(|vpc| vpc.cidrs.clone());
        let (requester, accepter) = (blocks(&peering.requester.vpc)?, blocks(&peering.accepter.vpc)?);
        Some((name.clone(), Passage::Peering { requester, accepter }))
    });
    gateways.chain(nats).chain(peerings).collect()
}

/// The interface of a NAT gateway that forwards.
pub(super) fn interface_of<'a>(world: &'a World, nat: &NatGateway) -> Option<&'a NetworkInterface> {
    let id = nat.interface.as_ref().filter(|_| nat.is_available())?;
    world.interfaces.get(id)
}

fn public_addresses(world: &World) -> Public {
    let mut all = Public::new();
    for elastic in world.elastic_ips.iter() {
        let Some(association) = &elastic.association else { continue };
        if let Some(interface) = world.interfaces.get(&association.interface) {
            all.entry(interface.vpc.clone()).or_default().insert(association.private, elastic.address);
        }
    }
    all
}
