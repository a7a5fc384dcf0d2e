//! Traffic that was seen, by VPC and service.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_advise::{Need, Volume, Workload};
use sidegate_model::{Catalog, Region, SubnetId, World};

use super::network::subnet;

/// Traffic that was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// By the id of the VPC; empty where nobody said which.
    pub(super) vpcs: BTreeMap<String, SeenInVpc>,
}

/// The traffic of one VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SeenInVpc {
    /// With services, by their short names and Regions.
    pub(super) services: BTreeMap<(&'static str, Region), Volume>,
    /// With the internet, in bytes.
    pub(super) other: u64,
    /// With services of AWS of which nobody said which.
    pub(super) unnamed: u64,
    /// The subnets of clients.
    pub(super) subnets: BTreeSet<String>,
}

impl Seen {
    /// What was seen of a VPC.
    pub(super) fn of(&mut self, vpc: &str) -> &mut SeenInVpc {
        self.vpcs.entry(vpc.to_owned()).or_default()
    }

    /// Gives workloads the traffic that was seen in their VPCs. Subnets from which it came have clients.
    pub(crate) fn apply(&self, world: &World, workloads: &mut [Workload]) {
        for network in workloads.iter_mut().flat_map(|workload| &mut workload.networks) {
            let id = network.id.as_ref().map(ToString::to_string).unwrap_or_default();
            let Some(seen) = self.vpcs.get(&id) else { continue };
            network.needs = seen.needs();
            (network.other, network.unnamed) = (seen.other, seen.unnamed);
            let ids = seen.subnets.iter().filter_map(|id| id.parse::<SubnetId>().ok());
            for subnet in ids.filter_map(|id| subnet(world, &id)) {
                if !network.subnets.contains(&subnet) {
                    network.subnets.push(subnet);
                }
            }
        }
    }
}

impl SeenInVpc {
    /// Adds traffic with a service.
    pub(super) fn add(&mut self, service: &'static str, region: Region, volume: Volume) {
        let own = self.services.entry((service, region)).or_default();
        *own = own.plus(volume);
    }

    /// The services as needs, the most bytes first.
    pub(super) fn needs(&self) -> Vec<Need> {
        let needs = self
            .services
            .iter()
            .filter_map(|((name, region), volume)| Some(Need::here(Catalog::named(name)?, *region, Some(*volume))));
        let mut needs: Vec<Need> = needs.collect();
        needs.sort_by_key(|need| std::cmp::Reverse(need.inside().total()));
        needs
    }
}

/// What is to be considered of workloads: VPCs with services, with traffic or with endpoints. Where nothing was seen, the
/// endpoints that are there say which services are used, and nobody how much.
pub(crate) fn considered(workloads: Vec<Workload>) -> Vec<Workload> {
    let mut kept = Vec::new();
    for mut workload in workloads {
        let region = workload.region;
        for network in &mut workload.networks {
            if !network.needs.is_empty() || network.other > 0 || network.unnamed > 0 {
                continue;
            }
            for present in &network.endpoints {
                if !network.needs.iter().any(|need| need.service.name == present.service.name) {
                    network.needs.push(Need::here(present.service, region, None));
                }
            }
        }
        workload.networks.retain(|network| !network.needs.is_empty() || network.other > 0 || network.unnamed > 0);
        if !workload.networks.is_empty() {
            kept.push(workload);
        }
    }
    kept
}

/// Multiplies all traffic: where what was seen is a part of a month.
pub(crate) fn scale(workloads: &mut [Workload], factor: f64) {
    let scaled = |bytes: u64| (bytes as f64 * factor).round() as u64;
    let volume = |volume: Volume| Volume { sent: scaled(volume.sent), received: scaled(volume.received) };
    for network in workloads.iter_mut().flat_map(|workload| &mut workload.networks) {
        (network.other, network.unnamed) = (scaled(network.other), scaled(network.unnamed));
        for need in &mut network.needs {
            need.volume = need.volume.map(volume);
            (need.on_premises, need.peered) = (volume(need.on_premises), volume(need.peered));
        }
    }
}
