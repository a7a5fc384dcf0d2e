//! What events tell of traffic: the bodies of requests and answers.

use std::net::{IpAddr, Ipv4Addr};

use sidegate_advise::Volume;
use sidegate_edge::events::{Event, EventPath};
use sidegate_model::{Catalog, IpCidr, Region, SubnetId, Vpc, VpcId, World};

use super::seen::Seen;

/// The traffic of events, each as the line of JSON that is kept of it, and what is to be known of it.
pub(crate) fn happened<'e>(world: &World, events: impl Iterator<Item = &'e str>) -> (Seen, Vec<String>) {
    let mut seen = Seen::default();
    let mut span: Option<(i64, i64)> = None;
    let mut count = 0_u64;
    for event in events.filter_map(|line| serde_json::from_str::<Event>(line).ok()) {
        if event.probe || !count_event(world, &event, &mut seen) {
            continue;
        }
        count += 1;
        let (first, last) = span.unwrap_or((event.time, event.time));
        span = Some((first.min(event.time), last.max(event.time)));
    }
    let Some((first, last)) = span else { return (seen, Vec::new()) };
    let remark = format!(
        "The traffic is that of the newest {count} requests of VPCs, in {}, without headers and TLS. It is taken as that of \
         a month; `--scale N` multiplies it.",
        duration(last.saturating_sub(first))
    );
    (seen, vec![remark])
}

/// Counts the traffic of an event. Says whether it was that of a VPC.
fn count_event(world: &World, event: &Event, seen: &mut Seen) -> bool {
    let volume = Volume { sent: event.bytes_in, received: event.bytes_out };
    match &event.path {
        EventPath::Endpoint { vpc, subnet, endpoint_service, source, .. } => {
            let (Some(vpc), Some(service)) = (world.vpcs.get(vpc), Catalog::named(endpoint_service)) else {
                return false;
            };
            let (own, region) = (seen.of(vpc.id.as_str()), vpc.scope.region);
            if is_within(world, vpc, subnet, *source) {
                own.led.add(service.name, region, volume);
                own.subnets.insert(subnet.to_string());
            } else {
                // Who comes from a peered VPC is no client of this one: its subnet and route table are not this one's.
                own.outside(service.name, region).add_peered(volume);
            }
            true
        }
        EventPath::Public { source: IpAddr::V4(source) } => {
            let Some((vpc, subnet)) = behind(world, *source) else { return false };
            let Some(home) = world.vpcs.get(&vpc).map(|vpc| vpc.scope.region) else { return false };
            let Some(service) = event.service.as_deref().and_then(Catalog::named) else { return false };
            let named = event.region.as_deref().and_then(|region| region.parse::<Region>().ok());
            let own = seen.of(vpc.as_str());
            // Who comes from an own public address is behind no NAT gateway.
            own.by(subnet.is_some()).add(service.name, named.unwrap_or(home), volume);
            own.subnets.extend(subnet);
            true
        }
        EventPath::Public { .. } => false,
    }
}

/// Whether a client is in a VPC: by its subnet, or by its address where that subnet is gone.
fn is_within(world: &World, vpc: &Vpc, subnet: &SubnetId, source: IpAddr) -> bool {
    let has = |block: IpCidr| block.contains(source);
    match world.subnets.get(subnet) {
        Some(subnet) => subnet.vpc == vpc.id,
        None => vpc.cidrs().map(IpCidr::from).any(has) || vpc.ipv6_cidrs.iter().any(|own| has(own.cidr.into())),
    }
}

/// The VPC that a public address stands for, and the subnet unless it is a NAT gateway's.
fn behind(world: &World, source: Ipv4Addr) -> Option<(VpcId, Option<String>)> {
    let is_of = |gateway: &&sidegate_model::NatGateway| gateway.addresses.iter().any(|own| own.public == Some(source));
    if let Some(gateway) = world.nat_gateways.iter().find(is_of) {
        return Some((gateway.vpc.clone(), None));
    }
    let interface = world.public_addresses().find(|own| own.public == source)?.interface;
    Some((interface.vpc.clone(), Some(interface.subnet.to_string())))
}

/// Milliseconds in the largest unit of which there are two.
pub(super) fn duration(milliseconds: i64) -> String {
    let seconds = milliseconds / 1_000;
    let units = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    match units.iter().find(|(unit, _)| seconds >= 2 * unit) {
        Some((unit, name)) => format!("{} {name}", seconds / unit),
        None => format!("{seconds} seconds"),
    }
}
