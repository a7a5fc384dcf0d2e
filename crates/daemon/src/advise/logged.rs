//! What flow logs tell of traffic.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_advise::{Egress, Nat, Network, Subnet, Volume, Workload, gigabytes};
use sidegate_import::flow_logs::{Direction, Observed, Owner, Peer, Row};
use sidegate_model::{Catalog, Region, Service, World};

use super::happened::duration;
use super::seen::{Seen, SeenInVpc};

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
    for row in observed.rows.iter().filter(|row| row.accepted) {
        let vpc = vpc(row);
        if row.interface.owner.is_some() && with_clients.contains(&vpc) {
            continue;
        }
        let home = region_of(world, &vpc);
        let own = seen.of(&vpc);
        if let Some(name) = count(own, row, world, home) {
            let bytes = elsewhere.entry(name).or_default();
            *bytes = bytes.saturating_add(row.totals.bytes);
        }
        if row.interface.owner.is_none() {
            own.subnets.extend(row.interface.subnet.clone());
        }
    }
    (seen, remarks(observed, &elsewhere))
}

/// The Region of a VPC of the world; where nobody knows it, the first of all.
fn region_of(world: &World, vpc: &str) -> Option<Region> {
    world.vpcs.get(&vpc.parse().ok()?).map(|vpc| vpc.scope.region)
}

/// Counts a row. Gives the name of what has no endpoint, if it is a service by its published name.
fn count(own: &mut SeenInVpc, row: &Row, world: &World, home: Option<Region>) -> Option<String> {
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

/// The workload of flow logs alone, in a Region: a VPC for each that they name, in so many zones, behind NAT gateways that
/// stay, since logs do not tell what leads out.
pub(crate) fn apart(seen: &Seen, region: Region, zones: usize) -> Workload {
    let zones: Vec<_> = region.zones().take(zones.max(1)).collect();
    let network = |(vpc, seen): (&String, &SeenInVpc)| Network {
        name: if vpc.is_empty() { "flow logs".to_owned() } else { vpc.clone() },
        id: vpc.parse().ok(),
        blocks: Vec::new(),
        count: 1,
        subnets: zones.iter().map(|zone| Subnet { id: None, zone: *zone, table: None }).collect(),
        egress: Egress::Nat(Nat {
            gateways: u32::try_from(zones.len()).unwrap_or(1),
            exist: true,
            stay: true,
            crosses_zones: false,
        }),
        needs: seen.needs(),
        other: seen.other,
        unnamed: seen.unnamed,
        endpoints: Vec::new(),
        has_dns: true,
        joined: Vec::new(),
    };
    Workload { region, networks: seen.vpcs.iter().map(network).collect(), is_attached: false }
}
