//! Route tables.
//!
//! Source: VPC user guide, "Route priority": the longest prefix wins, then a static route, then one to a prefix list.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_model::{Destination, Ipv4Cidr, PrefixList, RouteTable, RouteTableId, SubnetId, VpcEndpointId};

use super::Parts;
use crate::{Route, RouteTarget, TableIndex, TablePlan};

/// The tables, by their number.
///
/// The account's own routes all end in a black hole: those whose target is gone, because AWS's do; and those to an
/// interface that exists, because nothing behind an interface forwards here yet. On AWS such a route is active, but a
/// packet arrives only where the interface's source/destination check is off and its instance routes on.
pub(super) fn tables(parts: &Parts<'_>) -> BTreeMap<TableIndex, TablePlan> {
    let gateways = gateways(parts);
    let table = |table: &&RouteTable| {
        (table.index, TablePlan { id: table.id.clone(), routes: routes(parts, table, &gateways) })
    };
    parts.tables.iter().map(table).collect()
}

/// A gateway endpoint with its tables and what it takes over.
type Gateway<'a> = (&'a VpcEndpointId, &'a BTreeSet<RouteTableId>, PrefixList);

fn gateways<'a>(parts: &Parts<'a>) -> Vec<Gateway<'a>> {
    parts.endpoints.iter().filter_map(|e| Some((&e.id, e.route_tables()?, e.gateway_list()?))).collect()
}

fn routes(parts: &Parts<'_>, table: &RouteTable, gateways: &[Gateway<'_>]) -> BTreeMap<Ipv4Cidr, Route> {
    let mut routes = BTreeMap::new();
    for (id, _, list) in gateways.iter().filter(|(_, tables, _)| tables.contains(&table.id)) {
        for cidr in &list.cidrs {
            let target = RouteTarget::GatewayEndpoint((*id).clone());
            routes.entry(*cidr).or_insert_with(|| Route { target, named: list.id.to_string() });
        }
    }
    let nowhere = |named: String| Route { target: RouteTarget::Blackhole, named };
    for route in &table.routes {
        let Destination::PrefixList(id) = &route.destination else { continue };
        for cidr in parts.blocks_of(id) {
            routes.entry(cidr).or_insert_with(|| nowhere(id.to_string()));
        }
    }
    for route in &table.routes {
        if let Destination::Cidr(cidr) = route.destination {
            routes.insert(cidr, nowhere(cidr.to_string()));
        }
    }
    routes
}

/// The table of each subnet: its own, or else the main one.
pub(super) fn by_subnet<'a>(parts: &Parts<'a>) -> BTreeMap<&'a SubnetId, TableIndex> {
    let main = parts.tables.iter().find(|table| table.main.is_some()).map(|table| table.index);
    let mut tables: BTreeMap<&SubnetId, TableIndex> =
        main.iter().flat_map(|index| parts.subnets.iter().map(|subnet| (&subnet.id, *index))).collect();
    // The first table in the order of ids wins, as in the model.
    for table in parts.tables.iter().rev() {
        tables.extend(table.associations.values().map(|subnet| (subnet, table.index)));
    }
    tables
}
