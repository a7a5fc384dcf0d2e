//! What flow logs tell of traffic.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_advise::{Egress, Nat, Network, Subnet, Volume, Workload, gigabytes};
use sidegate_import::flow_logs::{Direction, Observed, Owner, Path, Peer, Row};
use sidegate_model::{Catalog, EndpointKind, Region, Service, SubnetId, World, Zone};

use super::happened::duration;
use super::seen::{Seen, SeenInVpc, Traffic};
use super::ways::is_public;

/// What the published ranges call services that have endpoints of another name.
const PUBLISHED: [(&str, &str); 1] = [("API_GATEWAY", "execute-api")];

/// The traffic that flow logs tell, and what is to be known of it.
pub(crate) fn logged(observed: &Observed, world: &World) -> (Seen, Vec<String>) {
    let mut seen = Seen::default();
    let mut elsewhere: BTreeMap<String, u64> = BTreeMap::new();
    // What passes an endpoint's or a NAT gateway's interface is recorded at the client's too, where that is watched.
    let vpc = |row: &Row| row.interface.vpc.clone().unwrap_or_default();
    let with_clients: BTreeSet<String> =
        observed.rows.iter().filter(|row| row.interface.owner.is_none()).map(vpc).collect();
    let public = public_interfaces(observed);
    for row in observed.rows.iter().filter(|row| row.accepted) {
        let vpc = vpc(row);
        if row.interface.owner.is_some() && with_clients.contains(&vpc) {
            continue;
        }
        let home = region_of(world, &vpc);
        let own = seen.of(&vpc);
        if let Some(name) = count(own.by(is_direct(world, row, &public)), row, world, home) {
            let bytes = elsewhere.entry(name).or_default();
            *bytes = bytes.saturating_add(row.totals.bytes);
        }
        // What talks within the VPC alone, such as a database, needs no way to a service.
        let is_client = matches!(row.peer, Peer::Endpoint { .. } | Peer::Service { .. } | Peer::Internet);
        if row.interface.owner.is_none() && is_client {
            own.subnets.extend(row.interface.subnet.clone());
        }
    }
    (seen, remarks(observed, &elsewhere))
}

/// The interfaces from which something went through an internet gateway: what comes back to them does not say so.
fn public_interfaces(observed: &Observed) -> BTreeSet<&str> {
    let is_public = |row: &&Row| row.path == Some(Path::InternetGateway) && row.interface.owner.is_none();
    observed.rows.iter().filter(is_public).map(|row| row.interface.id.as_str()).collect()
}

/// Whether traffic went through an internet gateway without a NAT gateway on its way: by what the log says, or else by the
/// route of its interface's subnet.
fn is_direct(world: &World, row: &Row, public: &BTreeSet<&str>) -> bool {
    if row.interface.owner.is_some() {
        return false;
    }
    let subnet = row.interface.subnet.as_deref().and_then(|id| id.parse::<SubnetId>().ok());
    let over_endpoint = || subnet.as_ref().is_some_and(|id| has_gateway_endpoint(world, id, &row.peer));
    match row.path {
        Some(Path::InternetGateway) => true,
        Some(Path::InternetGatewayOrEndpoint) => !over_endpoint(),
        None | Some(Path::Other) => {
            let is_routed = subnet.as_ref().is_some_and(|id| is_public(world, id));
            let is_outward = matches!(row.peer, Peer::Service { .. } | Peer::Internet);
            is_outward && (is_routed || public.contains(row.interface.id.as_str())) && !over_endpoint()
        }
        Some(_) => false,
    }
}

/// Whether a subnet is routed to a gateway endpoint of the service at the other end.
fn has_gateway_endpoint(world: &World, subnet: &SubnetId, peer: &Peer) -> bool {
    let (Peer::Service { service, region }, Some((table, _))) = (peer, world.route_table_of(subnet)) else {
        return false;
    };
    world.endpoints.iter().any(|endpoint| {
        let is_here = region.as_ref().is_none_or(|region| region == endpoint.scope.region.as_str());
        let is_its = is_here && endpoint.service().is_some_and(|own| own.name == service);
        is_its && matches!(&endpoint.kind, EndpointKind::Gateway { route_tables } if route_tables.contains(&table.id))
    })
}

/// The Region of a VPC of the world; where nobody knows it, the first of all.
fn region_of(world: &World, vpc: &str) -> Option<Region> {
    world.vpcs.get(&vpc.parse().ok()?).map(|vpc| vpc.scope.region)
}

/// Counts a row. Gives the name of what has no endpoint, if it is a service by its published name.
fn count(own: &mut Traffic, row: &Row, world: &World, home: Option<Region>) -> Option<String> {
    let bytes = row.totals.bytes;
    let volume = match row.direction {
        Some(Direction::Ingress) => Volume { sent: 0, received: bytes },
        Some(Direction::Egress) | None => Volume { sent: bytes, received: 0 },
    };
    // At an endpoint's own interface the client is the other end.
    if let Some(Owner::Endpoint(id)) = &row.interface.owner {
        let turned = Volume { sent: volume.received, received: volume.sent };
        if let (Some(service), Some(home)) = (world.endpoints.get(id).and_then(|endpoint| endpoint.service()), home) {
            own.add(service.name, home, turned);
        }
        return None;
    }
    match &row.peer {
        Peer::Endpoint { service, .. } => {
            if let (Some(service), Some(home)) = (Catalog::named(service), home) {
                own.add(service.name, home, volume);
            }
        }
        Peer::Service { service, .. } if service == "AMAZON" => {
            own.unnamed = own.unnamed.saturating_add(bytes);
        }
        Peer::Service { service, region } => {
            let told = region.as_deref().and_then(|region| region.parse().ok());
            match (published(service), told.or(home)) {
                (Some(service), Some(region)) => own.add(service.name, region, volume),
                _ => {
                    own.other = own.other.saturating_add(bytes);
                    return Some(service.clone());
                }
            }
        }
        Peer::Internet => own.other = own.other.saturating_add(bytes),
        Peer::Vpc { .. } | Peer::Private | Peer::Local | Peer::Untold => {}
    }
    None
}

/// The service that published ranges, or emulated addresses, name.
fn published(name: &str) -> Option<&'static Service> {
    let other = PUBLISHED.iter().find(|(published, _)| *published == name).map(|(_, name)| *name);
    Catalog::named(other.unwrap_or(name))
}

fn remarks(observed: &Observed, elsewhere: &BTreeMap<String, u64>) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some((first, last)) = observed.span {
        let milliseconds = i64::try_from(last.saturating_sub(first).saturating_mul(1_000)).unwrap_or(i64::MAX);
        remarks.push(format!(
            "The traffic is that of {} flows in {}. It is taken as that of a month; `--scale N` multiplies it.",
            observed.total.flows,
            duration(milliseconds)
        ));
    }
    for (name, bytes) in elsewhere {
        remarks.push(format!(
            "{} with addresses that AWS publishes as {name} are counted as the internet's: no endpoint leads there.",
            gigabytes((*bytes).into())
        ));
    }
    if observed.skipped > 0 {
        remarks.push(format!("{} records say that traffic is missing in the logs (SKIPDATA).", observed.skipped));
    }
    if observed.other_rows.bytes > 0 {
        let bytes = gigabytes(observed.other_rows.bytes.into());
        remarks.push(format!("{bytes} of interfaces beyond the most that are kept apart are not considered."));
    }
    remarks
}

/// The workload of flow logs alone, in a Region: a VPC for each that they name, in so many zones. Logs do not tell what leads
/// out: NAT gateways, unless all that was seen went through an internet gateway. Gives what is to be known of it, too.
pub(crate) fn apart(seen: &Seen, region: Region, zones: usize, nat_may_go: bool) -> (Workload, Vec<String>) {
    let zones: Vec<_> = region.zones().take(zones.max(1)).collect();
    let mut remarks = Vec::new();
    let mut networks = Vec::new();
    for (vpc, seen) in &seen.vpcs {
        let mut network = network(vpc, seen, &zones, nat_may_go);
        remarks.extend(seen.give(&mut network));
        networks.push(network);
    }
    (Workload { region, networks, is_attached: false }, remarks)
}

/// A VPC of which flow logs alone tell, without its traffic.
fn network(vpc: &str, seen: &SeenInVpc, zones: &[Zone], nat_may_go: bool) -> Network {
    let nat =
        Nat { gateways: u32::try_from(zones.len()).unwrap_or(1), exist: true, stay: !nat_may_go, crosses_zones: false };
    let is_public = seen.led.bytes() == 0 && seen.direct.bytes() > 0;
    Network {
        name: if vpc.is_empty() { "flow logs".to_owned() } else { vpc.to_owned() },
        id: vpc.parse().ok(),
        blocks: Vec::new(),
        count: 1,
        subnets: zones.iter().map(|zone| Subnet { id: None, zone: *zone, table: None }).collect(),
        egress: if is_public { Egress::InternetGateway } else { Egress::Nat(nat) },
        needs: Vec::new(),
        other: 0,
        unnamed: 0,
        endpoints: Vec::new(),
        further_nat: Vec::new(),
        has_dns: true,
        joined: Vec::new(),
    }
}
