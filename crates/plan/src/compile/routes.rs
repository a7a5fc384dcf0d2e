//! Route tables.
//!
//! Source: VPC user guide, "Route priority": the longest prefix wins, then a static route, then one to a prefix list.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_model::{
    self as model, AddressFamily, Destination, IpCidr, NetworkInterfaceId, PrefixList, RouteTable, RouteTableId,
    SubnetId, VpcEndpointId,
};

use super::{Parts, blocks_of};
use crate::{Link, PassageLink, Route, RouteTarget, TableIndex, TablePlan, link_local};

/// The tables, by their number.
pub(super) fn tables(
    parts: &Parts<'_>, links: &BTreeMap<NetworkInterfaceId, Link>, passages: &BTreeMap<String, PassageLink>,
) -> BTreeMap<TableIndex, TablePlan> {
    let gateways = gateways(parts);
    let leads = |target: &model::RouteTarget, family| target_of(parts, links, passages, target, family);
    let table = |table: &&RouteTable| {
        (table.index, TablePlan { id: table.id.clone(), routes: routes(parts, table, &gateways, &leads) })
    };
    parts.tables.iter().map(table).collect()
}

/// Where a route of the account's own leads. What is gone, or not attached to the VPC, is a black hole; so is an
/// interface whose source/destination check is on, since a packet that is not for its own addresses is dropped there.
pub(super) fn target_of(
    parts: &Parts<'_>, links: &BTreeMap<NetworkInterfaceId, Link>, passages: &BTreeMap<String, PassageLink>,
    target: &model::RouteTarget, family: AddressFamily,
) -> RouteTarget {
    let to_link = |interface: &NetworkInterfaceId| {
        let link = links.get(interface).filter(|link| link.forwards)?;
        let address = match family {
            AddressFamily::Ipv4 => link.address.into(),
            // Without an address of IPv6, it does not speak it.
            AddressFamily::Ipv6 => link.ipv6.first().map(|_| link_local(link.mac))?.into(),
        };
        Some(RouteTarget::Interface { interface: interface.clone(), link: link.name.clone(), address })
    };
    let over = |name: String| passages.contains_key(&name).then_some(RouteTarget::Passage(name));
    let found = match target {
        model::RouteTarget::Interface(id) => to_link(id),
        model::RouteTarget::NatGateway(id) => {
            let nat = parts.nat_gateways.iter().find(|nat| nat.id == *id);
            nat.and_then(|nat| to_link(nat.interface.as_ref()?))
        }
        model::RouteTarget::InternetGateway(id) => over(id.to_string()),
        model::RouteTarget::Peering(id) => over(id.to_string()),
        model::RouteTarget::EgressOnlyInternetGateway(id) if family == AddressFamily::Ipv6 => over(id.to_string()),
        // The local route and those of endpoints are none of the account's own; over an egress-only gateway goes IPv6;
        // nothing lies behind a virtual private gateway.
        model::RouteTarget::Local
        | model::RouteTarget::GatewayEndpoint(_)
        | model::RouteTarget::VpnGateway(_)
        | model::RouteTarget::EgressOnlyInternetGateway(_) => None,
    };
    found.unwrap_or(RouteTarget::Blackhole)
}

/// A gateway endpoint with its tables and what it takes over.
type Gateway<'a> = (&'a VpcEndpointId, &'a BTreeSet<RouteTableId>, PrefixList);

fn gateways<'a>(parts: &Parts<'a>) -> Vec<Gateway<'a>> {
    let gateways = parts.endpoints.iter().filter_map(|e| Some((&e.id, e.route_tables()?, e.gateway_lists())));
    gateways.flat_map(|(id, tables, lists)| lists.into_iter().map(move |list| (id, tables, list))).collect()
}

fn routes(
    parts: &Parts<'_>, table: &RouteTable, gateways: &[Gateway<'_>],
    leads: &dyn Fn(&model::RouteTarget, AddressFamily) -> RouteTarget,
) -> BTreeMap<IpCidr, Route> {
    let mut routes = BTreeMap::new();
    for (id, _, list) in gateways.iter().filter(|(_, tables, _)| tables.contains(&table.id)) {
        for cidr in blocks_of(list) {
            let target = RouteTarget::GatewayEndpoint((*id).clone());
            routes.entry(cidr).or_insert_with(|| Route { target, named: list.id.to_string() });
        }
    }
    for route in &table.routes {
        let Destination::PrefixList(id) = &route.destination else { continue };
        for cidr in parts.blocks_of(id) {
            let made = || Route { target: leads(&route.target, cidr.family()), named: id.to_string() };
            routes.entry(cidr).or_insert_with(made);
        }
    }
    for route in &table.routes {
        let Some(cidr) = block_of(&route.destination) else { continue };
        // What lies in the VPC is none of these routes' business.
        if is_inside(parts, cidr) {
            continue;
        }
        routes.insert(cidr, Route { target: leads(&route.target, cidr.family()), named: cidr.to_string() });
    }
    // Without a block of IPv6, nothing here speaks it.
    routes.retain(|cidr, _| parts.has_ipv6() || !cidr.is_ipv6());
    routes
}

/// The block that a route's destination is, if it is one.
pub(super) fn block_of(destination: &Destination) -> Option<IpCidr> {
    match destination {
        Destination::Cidr(cidr) => Some((*cidr).into()),
        Destination::Ipv6(cidr) => Some((*cidr).into()),
        Destination::PrefixList(_) => None,
    }
}

/// Whether a block is one of the VPC's or a part of one.
pub(super) fn is_inside(parts: &Parts<'_>, cidr: IpCidr) -> bool {
    let ipv4 = parts.vpc.cidrs().map(IpCidr::from);
    ipv4.chain(parts.vpc.ipv6_cidrs.iter().map(|own| own.cidr.into())).any(|own| own.covers(cidr))
}

/// The table of each subnet.
pub(super) type BySubnet<'a> = BTreeMap<&'a SubnetId, TableIndex>;

/// The table of each subnet: its own, or else the main one.
pub(super) fn by_subnet<'a>(parts: &Parts<'a>) -> BySubnet<'a> {
    let main = parts.tables.iter().find(|table| table.main.is_some()).map(|table| table.index);
    let mut tables: BySubnet<'_> =
        main.iter().flat_map(|index| parts.subnets.iter().map(|subnet| (&subnet.id, *index))).collect();
    // The first table in the order of ids wins, as in the model.
    for table in parts.tables.iter().rev() {
        tables.extend(table.associations.values().map(|subnet| (subnet, table.index)));
    }
    tables
}
