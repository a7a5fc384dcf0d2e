//! The VPCs of a world, as an advice sees them.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_advise::{Egress, Network, Present, PresentKind, Subnet, Workload};
use sidegate_model::{Attachment, Endpoint, EndpointKind, RouteTarget, Scope, SubnetId, Vpc, World};

use super::ways::{is_public, set_ways};

/// The VPCs of a world by account and Region, with what is there, and without any traffic.
///
/// Nobody can see in a world whether NAT gateways serve anything else; they stay unless `nat_may_go`.
pub(crate) fn workloads(world: &World, nat_may_go: bool) -> Vec<Workload> {
    let mut networks: BTreeMap<&Scope, Vec<Network>> = BTreeMap::new();
    for vpc in world.vpcs.iter() {
        networks.entry(&vpc.scope).or_default().push(network(world, vpc, nat_may_go));
    }
    let unknown = |vpc: &Vpc| {
        world.route_tables.of_vpc(&vpc.id).any(|table| table.routes.iter().any(|r| leads_to_hub(&r.target)))
    };
    networks
        .into_iter()
        .map(|(scope, networks)| Workload {
            region: scope.region,
            networks,
            is_attached: world.vpcs.iter().filter(|vpc| vpc.scope == *scope).any(unknown),
        })
        .collect()
}

/// Whether a target is a transit gateway, which a world knows by its name alone.
fn leads_to_hub(target: &RouteTarget) -> bool {
    target.unknown_name().is_some_and(|name| name.contains("tgw-"))
}

fn network(world: &World, vpc: &Vpc, nat_may_go: bool) -> Network {
    let ids = clients(world, vpc);
    let subnets = ids.iter().filter_map(|id| subnet(world, id)).collect();
    let endpoints = world.endpoints.iter().filter(|endpoint| endpoint.vpc == vpc.id);
    let id = vpc.id.to_string();
    let name = world.tags(&id).find(|(key, value)| *key == "Name" && !value.is_empty()).map(|(_, value)| value);
    let mut network = Network {
        name: name.map_or_else(|| id.clone(), |name| format!("{id} \"{name}\"")),
        id: Some(vpc.id.clone()),
        blocks: vpc.cidrs().collect(),
        count: 1,
        subnets,
        egress: Egress::Closed,
        further_nat: Vec::new(),
        needs: Vec::new(),
        other: 0,
        unnamed: 0,
        endpoints: endpoints.filter_map(|endpoint| present(world, endpoint)).collect(),
        has_dns: vpc.dns_support && vpc.dns_hostnames,
        joined: joined(world, vpc),
    };
    set_ways(world, &mut network, nat_may_go);
    network
}

/// A subnet of a world.
pub(super) fn subnet(world: &World, id: &SubnetId) -> Option<Subnet> {
    let subnet = world.subnets.get(id)?;
    let table = world.route_table_of(id).map(|(table, _)| table.id.clone());
    Some(Subnet { id: Some(id.clone()), zone: subnet.zone, table })
}

/// The subnets with clients: with an instance, a function or a program. Where nothing runs yet, those that have no route to
/// an internet gateway, or else all.
fn clients(world: &World, vpc: &Vpc) -> BTreeSet<SubnetId> {
    let is_client = |attachment: &Attachment| {
        matches!(attachment, Attachment::Instance { .. } | Attachment::Functions(_) | Attachment::Program)
    };
    let own = world.interfaces.of_vpc(&vpc.id).filter(|interface| is_client(&interface.attachment));
    let with_clients: BTreeSet<SubnetId> = own.map(|interface| interface.subnet.clone()).collect();
    if !with_clients.is_empty() {
        return with_clients;
    }
    let all: BTreeSet<SubnetId> = world.subnets.of_vpc(&vpc.id).map(|subnet| subnet.id.clone()).collect();
    let private: BTreeSet<SubnetId> = all.iter().filter(|id| !is_public(world, id)).cloned().collect();
    if private.is_empty() { all } else { private }
}

fn present(world: &World, endpoint: &Endpoint) -> Option<Present> {
    let kind = match &endpoint.kind {
        EndpointKind::Gateway { route_tables } => PresentKind::Gateway { tables: route_tables.clone() },
        EndpointKind::Interface(interface) => {
            let zone = |id: &SubnetId| world.subnets.get(id).map(|subnet| subnet.zone);
            PresentKind::Interface {
                zones: interface.interfaces.keys().filter_map(zone).collect(),
                takes_names: !endpoint.resolved_names(world).is_empty(),
                is_seen: false,
            }
        }
    };
    Some(Present { id: endpoint.id.clone(), service: endpoint.service()?, kind })
}

/// What clients outside may come over.
fn joined(world: &World, vpc: &Vpc) -> Vec<String> {
    let peerings = world.active_peerings().filter(|peering| peering.beyond(&vpc.id).is_some());
    let mut joined: BTreeSet<String> = peerings.map(|peering| peering.id.to_string()).collect();
    for route in world.route_tables.of_vpc(&vpc.id).flat_map(|table| &table.routes) {
        if let RouteTarget::VpnGateway(id) = &route.target {
            joined.insert(route.target.unknown_name().map_or_else(|| id.to_string(), str::to_owned));
        }
    }
    joined.into_iter().collect()
}
