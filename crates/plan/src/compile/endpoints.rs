//! Endpoints: where they are reached, by which names, and under which policy.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use sidegate_iam::{Policy, PolicyType};
use sidegate_model::{Endpoint, NetworkInterface, RecordFamilies, Service, SubnetId, VpcEndpointId, World};

use super::acls::Guarded;
use super::routes::BySubnet;
use super::{Before, Parts, names_after};
use crate::{Domains, EndpointAddress, EndpointKind, EndpointPlan, Names};

/// The private addresses of interface endpoints.
pub(super) fn addresses(
    parts: &Parts<'_>, tables: &BySubnet<'_>, guarded: &Guarded<'_>,
) -> BTreeMap<IpAddr, EndpointAddress> {
    let mut addresses = BTreeMap::new();
    for endpoint in parts.endpoints.iter().filter(|endpoint| endpoint.service().is_some()) {
        for (_, interface) in interfaces(parts.world, endpoint) {
            let Some(&table) = tables.get(&interface.subnet) else { continue };
            let address = EndpointAddress {
                endpoint: endpoint.id.clone(),
                interface: interface.id.clone(),
                group: interface.group_number,
                table,
                acl: guarded.get(&interface.subnet).copied(),
            };
            let own = interface.ipv6.iter().map(|&own| IpAddr::from(own)).chain([interface.address.into()]);
            addresses.extend(own.map(|own| (own, address.clone())));
        }
    }
    addresses
}

/// The interfaces of an endpoint, by their subnets.
pub(super) fn interfaces<'a>(
    world: &'a World, endpoint: &'a Endpoint,
) -> impl Iterator<Item = (&'a SubnetId, &'a NetworkInterface)> {
    let all = endpoint.interface().into_iter().flat_map(|own| &own.interfaces);
    all.filter_map(|(subnet, id)| Some((subnet, world.interfaces.get(id)?)))
}

/// The addresses of an endpoint's interface that stand in records of these families.
pub(super) fn recorded(records: RecordFamilies, interface: &NetworkInterface) -> impl Iterator<Item = IpAddr> {
    let ipv4 = records.ipv4.then_some(IpAddr::from(interface.address));
    let ipv6 = interface.ipv6.iter().filter(move |_| records.ipv6).map(|&own| IpAddr::from(own));
    ipv4.into_iter().chain(ipv6)
}

/// The endpoints, of both kinds.
pub(super) fn endpoints(parts: &Parts<'_>, before: Option<&Before<'_>>) -> BTreeMap<VpcEndpointId, EndpointPlan> {
    let plan = |endpoint: &&Endpoint| {
        let service = endpoint.service()?;
        let kind = if endpoint.interface().is_some() { EndpointKind::Interface } else { EndpointKind::Gateway };
        let hosts = hosts(parts.world, endpoint, service);
        let plan = EndpointPlan { kind, service: service.name, hosts, policy: policy(endpoint, service, before) };
        Some((endpoint.id.clone(), plan))
    };
    parts.endpoints.iter().filter_map(plan).collect()
}

/// The names that may be asked for. A gateway endpoint takes over the service's public addresses and so all the names
/// that lead there. An interface endpoint serves its own names and those that private DNS gives it or could; of a
/// service without private names, such as DynamoDB, the public ones.
///
/// Source: S3 user guide, "AWS PrivateLink for Amazon S3": the global name and the names with a dash are not served.
fn hosts(world: &World, endpoint: &Endpoint, service: &Service) -> Vec<String> {
    let region = endpoint.scope.region;
    let mut hosts = service.private_names(region);
    if endpoint.interface().is_none() || hosts.is_empty() {
        hosts.extend(service.public_names(region));
    }
    hosts.extend(endpoint.own_names(world).into_iter().map(|(name, _)| name));
    hosts.sort();
    hosts.dedup();
    hosts
}

/// The policy of an endpoint: the one that it has, or the default one; always that for a service without policies,
/// whose endpoints let everything through. A stored policy that does not parse, which no command lets in, allows nothing.
///
/// Source: PrivateLink guide, "Control access to VPC endpoints using endpoint policies".
fn policy(endpoint: &Endpoint, service: &Service, before: Option<&Before<'_>>) -> Arc<Policy> {
    let kept = before.and_then(|before| {
        let same = before.old.endpoints.get(&endpoint.id)?.policy == endpoint.policy;
        before.plan.endpoints.get(&endpoint.id).filter(|_| same).map(|plan| Arc::clone(&plan.policy))
    });
    kept.unwrap_or_else(|| {
        let text = endpoint.policy.as_deref().filter(|_| service.policy).unwrap_or(Policy::DEFAULT);
        let kind = match endpoint.interface() {
            Some(_) => PolicyType::Endpoint,
            None => PolicyType::GatewayEndpoint,
        };
        Arc::new(Policy::parse(text, kind).unwrap_or_else(|_| Policy::nothing()))
    })
}

/// The names that endpoints have in public DNS: the regional one leads to all their interfaces, each zonal one to the
/// one in its zone.
pub(super) fn own_names(world: &World) -> Names {
    world.endpoints.iter().flat_map(|endpoint| names_of(world, endpoint)).collect()
}

/// The names of `new`, where `names` are those of `old`, and only those of the endpoints that `changed` may differ.
pub(super) fn own_names_after(
    names: &Arc<Names>, domains: &mut Arc<Domains>, old: &World, new: &World, changed: &BTreeSet<VpcEndpointId>,
) -> Arc<Names> {
    let of = |world: &World| -> Vec<_> {
        changed.iter().filter_map(|id| world.endpoints.get(id)).flat_map(|own| names_of(world, own)).collect()
    };
    names_after(names, domains, &of(old), of(new))
}

/// The names of one endpoint, and where they lead.
fn names_of(world: &World, endpoint: &Endpoint) -> Vec<(String, Vec<IpAddr>)> {
    let recorded = |i| recorded(endpoint.records(), i).collect::<Vec<_>>();
    let addresses: BTreeMap<_, _> = interfaces(world, endpoint).map(|(s, i)| (s, recorded(i))).collect();
    let mut names = Vec::new();
    for (name, subnets) in endpoint.own_names(world) {
        let mut leads_to: Vec<_> =
            subnets.iter().filter_map(|subnet| addresses.get(subnet)).flatten().copied().collect();
        leads_to.sort_unstable();
        if !leads_to.is_empty() {
            names.push((name.to_ascii_lowercase(), leads_to));
        }
    }
    names
}
