//! The routes as their tables tell them, beside those that the world has.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use sidegate_model::{
    AddressFamily, Destination, IpCidr, Ipv4Cidr, Ipv6Cidr, Peer, PrefixList, Route, RouteState, RouteTable,
    RouteTarget,
};

use super::reading::Reading;
use super::route_table::{ToldRoute, bearing};
use super::route_target::name;
use crate::Bearing;

/// Why it is not known whether a block holds the addresses of services.
pub(super) const NO_ADDRESSES: &str = "no output tells which public addresses a service has";

/// The blocks in which no service has public addresses.
const PRIVATE: [Ipv4Cidr; 5] = [
    Ipv4Cidr::new(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Cidr::new(Ipv4Addr::new(100, 64, 0, 0), 10),
    Ipv4Cidr::new(Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Cidr::new(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Cidr::new(Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// The blocks of IPv6 in which a service has public addresses.
const PUBLIC_IPV6: Ipv6Cidr = Ipv6Cidr::new(std::net::Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Whether a block holds some public addresses, and not all.
pub(super) fn is_partial_public_block(block: IpCidr) -> bool {
    let is_public = match block {
        IpCidr::V4(block) => !PRIVATE.iter().any(|private| private.covers(block)),
        IpCidr::V6(block) => PUBLIC_IPV6.overlaps(block),
    };
    is_public && block != IpCidr::any(AddressFamily::Ipv4) && block != IpCidr::any(AddressFamily::Ipv6)
}

/// The same of the other side of a rule.
pub(super) fn is_partial_public(peer: &Peer) -> bool {
    match peer {
        Peer::Cidr(block) => is_partial_public_block((*block).into()),
        Peer::Cidr6(address, length) => is_partial_public_block(Ipv6Cidr::new(*address, *length).into()),
        Peer::Group(_) | Peer::PrefixList(_) => false,
    }
}

pub(super) fn settle(reading: &mut Reading) {
    let mut table: Option<RouteTable> = None;
    for told in std::mem::take(&mut reading.routes) {
        // The routes of a table stand together.
        if table.as_ref().is_none_or(|table| table.id != told.table) {
            table = reading.world.route_tables.get(&told.table).cloned();
        }
        if let Some(table) = &table {
            compare(reading, table, &told);
        }
    }
    check_local(reading);
}

/// Notes what is not known of a route.
fn compare(reading: &mut Reading, table: &RouteTable, told: &ToldRoute) {
    let Route { destination, target } = &told.route;
    let list = list_of(reading, table, destination);
    let is_list = matches!(destination, Destination::PrefixList(_)) && list.is_none();
    let entries = is_list.then_some("no file tells the blocks of the prefix list");
    let why = match (entries, settle_one(reading, table, told)) {
        (Some(entries), Some(why)) => Some(format!("{entries}, and {why}")),
        (entries, why) => why.or_else(|| entries.map(str::to_owned)),
    };
    if let Some(why) = why {
        let what = format!("the route to {destination} over {}", name(target));
        reading.open(table.id.as_str(), what, why, bearing(destination, list.as_ref()));
    }
    let block = block_of(destination).filter(|block| *target != RouteTarget::Local && is_partial_public_block(*block));
    if let Some(block) = block {
        let what = format!("whether {block}, to which it has a route, holds the addresses of services");
        reading.open(table.id.as_str(), what, NO_ADDRESSES, Bearing::Services);
    }
}

/// The blocks of a destination that is a prefix list, if they are known.
fn list_of(reading: &Reading, table: &RouteTable, destination: &Destination) -> Option<PrefixList> {
    let Destination::PrefixList(id) = destination else { return None };
    reading.world.prefix_list(&table.scope, id).filter(|_| reading.whole_lists.contains(id))
}

fn block_of(destination: &Destination) -> Option<IpCidr> {
    match destination {
        Destination::Cidr(block) => Some((*block).into()),
        Destination::Ipv6(block) => Some((*block).into()),
        Destination::PrefixList(_) => None,
    }
}

/// Compares a route with the one of the world: why it is not known where it leads, if it is not.
fn settle_one(reading: &mut Reading, table: &RouteTable, told: &ToldRoute) -> Option<String> {
    let ToldRoute { route: Route { destination, target }, is_active, .. } = told;
    match target {
        RouteTarget::Local => {
            let is_known = reading.world.is_local(table, destination);
            (!is_known).then(|| format!("{} is told to be local, and {} has no such block", destination, table.vpc))
        }
        RouteTarget::GatewayEndpoint(id) => {
            let known = reading.world.endpoints.get(id).filter(|endpoint| endpoint.vpc == table.vpc);
            let leads = known.is_some_and(|endpoint| {
                endpoint.route_tables().is_some_and(|tables| tables.contains(&table.id))
                    && endpoint
                        .gateway_lists()
                        .iter()
                        .any(|list| Destination::PrefixList(list.id.clone()) == *destination)
            });
            if leads && *is_active {
                return None;
            }
            if !leads {
                // Nothing gets further than this.
                reading.world.route_tables.update(&table.id, |table| {
                    if !table.routes.contains(&told.route) {
                        table.routes.push(told.route.clone());
                    }
                });
            }
            (leads || *is_active).then(|| match known_kind(reading, told) {
                Some(kind) => format!("its target is {kind}"),
                None => "no file describes its target".to_owned(),
            })
        }
        target if target.unknown_name().is_some() => {
            is_active.then(|| "its target has no place in the model".to_owned())
        }
        target => {
            let is_kept = table.routes.iter().any(|route| route == &told.route);
            if !is_kept {
                return Some("the table has another route to this destination".to_owned());
            }
            let in_world = reading.world.route_state(table, target) == RouteState::Active;
            match (*is_active, in_world) {
                (true, false) if is_described(reading, target) => {
                    Some("the table tells that it leads on, and its target does not".to_owned())
                }
                (true, false) => Some("no file describes its target".to_owned()),
                (false, true) => Some("the table tells that it leads nowhere, and its target would lead on".to_owned()),
                (true, true) => beyond(reading, table, told),
                (false, false) => None,
            }
        }
    }
}

/// Why it is not known what lies behind the target of a route that leads on. Nothing that the world has lies there, and yet
/// the route is no black hole, since the table says so.
///
/// Source: VPC user guide, "Route table concepts"; NAT gateway guide, "DNS64 and NAT64".
fn beyond(reading: &Reading, table: &RouteTable, told: &ToldRoute) -> Option<String> {
    let Route { destination, target } = &told.route;
    match target {
        RouteTarget::VpnGateway(_) => Some(
            "a VPN connection or Direct Connect lies behind its target, and no file tells what is there".to_owned(),
        ),
        RouteTarget::Peering(id) => {
            let side = reading.world.peerings.get(id).and_then(|own| own.beyond(&table.vpc))?;
            let is_known = reading.world.vpcs.get(&side.vpc).is_some();
            (!is_known).then(|| format!("no file describes the VPC {} behind its target", side.vpc))
        }
        RouteTarget::NatGateway(_) => {
            let is_ipv6 = match destination {
                Destination::Cidr(_) => false,
                Destination::Ipv6(_) => true,
                Destination::PrefixList(id) => {
                    reading.world.prefix_list(&table.scope, id).is_some_and(|list| !list.cidrs6.is_empty())
                }
            };
            is_ipv6.then(|| "a NAT gateway makes IPv4 of IPv6 (NAT64), as it does not in the model".to_owned())
        }
        _ => None,
    }
}

/// What is known of an endpoint that a route leads to and that is no gateway endpoint with this table.
fn known_kind(reading: &Reading, told: &ToldRoute) -> Option<&'static str> {
    let RouteTarget::GatewayEndpoint(id) = &told.route.target else { return None };
    let is_known = reading.world.endpoints.get(id).is_some() || !reading.unknown.of(id.as_str()).is_empty();
    is_known.then_some("an endpoint that does not lead there, or of a type that has no place in the model")
}

fn is_described(reading: &Reading, target: &RouteTarget) -> bool {
    let world = &reading.world;
    match target {
        RouteTarget::Local | RouteTarget::GatewayEndpoint(_) => true,
        RouteTarget::Interface(id) => world.interfaces.get(id).is_some(),
        RouteTarget::InternetGateway(id) => world.internet_gateways.get(id).is_some(),
        RouteTarget::EgressOnlyInternetGateway(id) => world.egress_only_internet_gateways.get(id).is_some(),
        RouteTarget::VpnGateway(id) => world.vpn_gateways.get(id).is_some(),
        RouteTarget::NatGateway(id) => world.nat_gateways.get(id).is_some(),
        RouteTarget::Peering(id) => world.peerings.get(id).is_some(),
    }
}

/// Whether the blocks of each VPC are those that its tables have local routes to, or routes in their place.
fn check_local(reading: &mut Reading) {
    let tables: Vec<RouteTable> = reading.world.route_tables.iter().cloned().collect();
    for table in tables {
        let Some(vpc) = reading.world.vpcs.get(&table.vpc) else { continue };
        let ipv6 = vpc.ipv6_cidrs.iter().map(|block| Destination::Ipv6(block.cidr));
        let blocks: BTreeSet<Destination> = vpc.cidrs().map(Destination::Cidr).chain(ipv6).collect();
        let told = reading.told_destinations.get(&table.id).cloned().unwrap_or_default();
        for block in blocks.difference(&told) {
            let what = format!("how it routes the block {block} of {}", table.vpc);
            let bearing = bearing(block, None);
            reading.open(table.id.as_str(), what, "it tells no route to it", bearing);
        }
    }
}
