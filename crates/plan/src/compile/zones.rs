//! The zones that are private to a VPC.
//!
//! Both kinds need both DNS attributes of the VPC. Source: VPC user guide, "DNS attributes for your VPC" ("If at least
//! one of the attributes is set to false, … the Route 53 Resolver cannot resolve Amazon-provided private DNS
//! hostnames"); PrivateLink guide, "Private DNS".

use std::collections::BTreeMap;

use sidegate_model::NetworkInterface;

use super::{Parts, endpoints};
use crate::{DnsZone, Names};

/// The zones of a VPC, in the order of their names.
pub(super) fn zones(parts: &Parts<'_>) -> Vec<DnsZone> {
    if !(parts.vpc.dns_support && parts.vpc.dns_hostnames) {
        return Vec::new();
    }
    let mut zones = private_names(parts);
    zones.insert(parts.vpc.scope.region.private_domain(), host_names(parts));
    zones.into_iter().map(|(name, records)| DnsZone { name, records }).collect()
}

/// The names of all interfaces, whatever they belong to.
fn host_names(parts: &Parts<'_>) -> Names {
    let names = |interface: &&NetworkInterface| {
        let address = interface.address;
        let own = parts.world.resolved_host_names(interface).into_iter().map(move |name| (name, vec![address]));
        let further = interface.secondary.iter().map(|&other| (interface.private_dns_name_of(other), vec![other]));
        own.chain(further).collect::<Vec<_>>()
    };
    parts.interfaces.iter().flat_map(names).collect()
}

/// The zones of endpoints with private DNS, whose names lead to them in the VPC. An endpoint without interfaces has none.
fn private_names(parts: &Parts<'_>) -> BTreeMap<String, Names> {
    let mut zones: BTreeMap<String, Names> = BTreeMap::new();
    for endpoint in &parts.endpoints {
        let names = endpoint.resolved_names(parts.world);
        if names.is_empty() {
            continue;
        }
        let mut addresses: Vec<_> = endpoints::interfaces(parts.world, endpoint).map(|(_, i)| i.address).collect();
        if addresses.is_empty() {
            continue;
        }
        addresses.sort_unstable();
        for name in names {
            // A name and what lies below it are one zone, as are the names below one that has no record itself.
            let zone = name.strip_prefix("*.").unwrap_or(&name).to_owned();
            zones.entry(zone).or_default().entry(name).or_insert_with(|| addresses.clone());
        }
    }
    zones
}
