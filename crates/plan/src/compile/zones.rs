//! The zones that are private to a VPC.
//!
//! Both kinds need both DNS attributes of the VPC. Source: VPC user guide, "DNS attributes for your VPC" ("If at least
//! one of the attributes is set to false, … the Route 53 Resolver cannot resolve Amazon-provided private DNS
//! hostnames"); PrivateLink guide, "Private DNS".

use std::collections::BTreeMap;
use std::net::IpAddr;

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

/// The public names of services of whose records a gateway endpoint of the VPC decides, with their addresses here. Of two
/// endpoints of one service the first does.
///
/// Source: S3 user guide, "DNS record IP types for VPC endpoints".
pub(super) fn service_names(parts: &Parts<'_>) -> Names {
    let mut names = Names::new();
    let region = parts.vpc.scope.region;
    for endpoint in &parts.endpoints {
        let (Some(records), Some(service)) = (endpoint.public_records(), endpoint.service()) else { continue };
        let ipv4 = service.public_addresses(region).into_iter().filter(|_| records.ipv4).map(IpAddr::from);
        let ipv6 = service.public_ipv6(region).into_iter().filter(|_| records.ipv6).map(IpAddr::from);
        let addresses: Vec<IpAddr> = ipv4.chain(ipv6).collect();
        for name in service.public_names(region) {
            names.entry(name).or_insert_with(|| addresses.clone());
        }
    }
    names
}

/// The names of all interfaces, whatever they belong to.
fn host_names(parts: &Parts<'_>) -> Names {
    let names = |interface: &&NetworkInterface| {
        let address = interface.address;
        let own = parts.world.resolved_host_names(interface).into_iter().map(move |name| (name, vec![address.into()]));
        let further =
            interface.secondary.iter().map(|&other| (interface.private_dns_name_of(other), vec![other.into()]));
        own.chain(further).collect::<Vec<_>>()
    };
    let mut all: Names = parts.interfaces.iter().flat_map(names).collect();
    for interface in parts.interfaces.iter().filter(|interface| !interface.ipv6.is_empty()) {
        for name in parts.world.resolved_ipv6_host_names(interface) {
            all.entry(name).or_default().extend(interface.ipv6.iter().map(|&own| IpAddr::from(own)));
        }
    }
    all
}

/// The zones of endpoints with private DNS, whose names lead to them in the VPC. An endpoint without interfaces has none.
fn private_names(parts: &Parts<'_>) -> BTreeMap<String, Names> {
    let mut zones: BTreeMap<String, Names> = BTreeMap::new();
    for endpoint in &parts.endpoints {
        let names = endpoint.resolved_names(parts.world);
        if names.is_empty() {
            continue;
        }
        let interfaces = endpoints::interfaces(parts.world, endpoint);
        let mut addresses: Vec<_> =
            interfaces.flat_map(|(_, i)| endpoints::recorded(endpoint.private_records(), i)).collect();
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
