//! Workloads of flow logs alone, without a world.

use sidegate_advise::{Egress, Nat, Network, Subnet, Workload};
use sidegate_model::{Region, Zone};

use super::seen::{Seen, SeenInVpc};

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
