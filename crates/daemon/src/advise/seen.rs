//! Traffic that was seen, by VPC and service.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_advise::{Egress, Need, Network, Volume, Workload, gigabytes};
use sidegate_model::{Catalog, Region, SubnetId, VpcId, World};

use super::crossing::With;
use super::listed;
use super::network::subnet;
use super::volume::{BEYOND, MOST_BYTES};
use super::ways::set_ways;

/// Traffic that was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// By the id of the VPC; empty where nobody said which.
    pub(super) vpcs: BTreeMap<String, SeenInVpc>,
}

/// The traffic of one VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SeenInVpc {
    /// What went through an internet gateway from an interface with a public address, or over IPv6: no NAT gateway was on its
    /// way.
    pub(super) direct: Traffic,
    /// How many bytes of that were over IPv6.
    pub(super) over_ipv6: u64,
    /// All other.
    pub(super) led: Traffic,
    /// What clients outside of the VPC had with its interface endpoints, by services and Regions.
    pub(super) outside: BTreeMap<(&'static str, Region), Outside>,
    /// The subnets of clients.
    pub(super) subnets: BTreeSet<String>,
}

/// The traffic of clients outside of a VPC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outside {
    /// On premises, or nobody knows where.
    pub(super) on_premises: Volume,
    /// In other VPCs.
    pub(super) peered: Volume,
}

/// Traffic of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Traffic {
    /// With services, by their short names and Regions.
    pub(super) services: BTreeMap<(&'static str, Region), Volume>,
    /// With the internet, in bytes.
    pub(super) other: u64,
    /// With services of AWS of which nobody said which.
    pub(super) unnamed: u64,
}

impl Seen {
    /// What was seen of a VPC.
    pub(super) fn of(&mut self, vpc: &str) -> &mut SeenInVpc {
        self.vpcs.entry(vpc.to_owned()).or_default()
    }

    /// Gives workloads the traffic that was seen in their VPCs. Subnets from which it came have clients. Gives what is to be
    /// known of traffic that does not count.
    pub(crate) fn apply(&self, world: &World, workloads: &mut [Workload], nat_may_go: bool) -> Vec<String> {
        let mut remarks = Vec::new();
        for network in workloads.iter_mut().flat_map(|workload| &mut workload.networks) {
            let id = network.id.as_ref().map(ToString::to_string).unwrap_or_default();
            let Some(seen) = self.vpcs.get(&id) else { continue };
            let ids = seen.subnets.iter().filter_map(|id| id.parse::<SubnetId>().ok());
            let is_own =
                |id: &SubnetId| world.subnets.get(id).is_some_and(|subnet| Some(&subnet.vpc) == network.id.as_ref());
            let own: Vec<_> = ids.filter(is_own).filter_map(|id| subnet(world, &id)).collect();
            for subnet in own {
                if !network.subnets.contains(&subnet) {
                    network.subnets.push(subnet);
                }
            }
            set_ways(world, network, nat_may_go);
            remarks.extend(seen.give(network));
        }
        remarks.extend(self.vpcs.iter().filter_map(|(id, seen)| seen.of_no_vpc(world, id)));
        remarks
    }
}

impl SeenInVpc {
    /// What traffic is added to that went through an internet gateway, or that did not.
    pub(super) fn by(&mut self, is_direct: bool) -> &mut Traffic {
        if is_direct { &mut self.direct } else { &mut self.led }
    }

    /// What clients outside had with a service.
    pub(super) fn outside(&mut self, service: &'static str, region: Region) -> &mut Outside {
        self.outside.entry((service, region)).or_default()
    }

    /// Gives a VPC this traffic, by what leads out of it. Gives what is to be known of what does not count.
    pub(super) fn give(&self, network: &mut Network) -> Option<String> {
        let counted = match network.egress {
            Egress::Nat(_) => self.led.clone(),
            Egress::InternetGateway => self.all(),
            Egress::Closed => Traffic { services: self.all().services, ..Traffic::default() },
        };
        network.needs = self.needs(&counted);
        (network.other, network.unnamed) = (counted.other, counted.unnamed);
        match network.egress {
            Egress::Nat(_) => self.over_internet_gateway(&network.name),
            Egress::InternetGateway => None,
            Egress::Closed => {
                let all = self.all();
                let bytes = all.other.saturating_add(all.unnamed);
                (bytes > 0).then(|| {
                    format!(
                        "{}: {} with the internet, and with services that nobody named, are not counted: no way out is known \
                         that all its clients have.",
                        network.name,
                        gigabytes(bytes.into())
                    )
                })
            }
        }
    }

    /// What is to be known of traffic that no VPC of a world gets.
    fn of_no_vpc(&self, world: &World, id: &str) -> Option<String> {
        let bytes = self.led.bytes().saturating_add(self.direct.bytes());
        let is_known = id.parse::<VpcId>().is_ok_and(|id| world.vpcs.get(&id).is_some());
        let bytes = gigabytes(Some(bytes).filter(|bytes| *bytes > 0 && !is_known)?.into());
        Some(if id.is_empty() {
            format!("{bytes} of interfaces of which neither the logs nor the world say the VPC are not considered.")
        } else {
            format!("{id}: {bytes} are not considered: the world has no such VPC.")
        })
    }

    /// What is to be known of traffic beside NAT gateways.
    fn over_internet_gateway(&self, vpc: &str) -> Option<String> {
        let bytes = self.direct.bytes();
        let services: Vec<String> = self.direct.services.keys().map(|(service, _)| (*service).to_owned()).collect();
        let services = (!services.is_empty()).then(|| listed(&services));
        let is_internet = self.direct.other > 0 || self.direct.unnamed > 0;
        let with: Vec<String> = services.into_iter().chain(is_internet.then(|| "the internet".to_owned())).collect();
        let is_all = self.over_ipv6 == bytes;
        let over_ipv6 = match self.over_ipv6 {
            0 => String::new(),
            _ if is_all => " They were over IPv6, which no NAT gateway carries.".to_owned(),
            part => format!(" {} of them were over IPv6, which no NAT gateway carries.", gigabytes(part.into())),
        };
        (bytes > 0).then(|| {
            format!(
                "{vpc}: {} with {} went over {}, which costs nothing by the gigabyte.{} They are not counted; private DNS of \
                 an interface endpoint would lead those of its service over it.",
                gigabytes(bytes.into()),
                with.join(" and "),
                if is_all { "an internet or egress-only gateway" } else { "the internet gateway" },
                over_ipv6
            )
        })
    }

    /// The services as needs of clients in the VPC, whose traffic is given, and outside of it, the most bytes first.
    fn needs(&self, inside: &Traffic) -> Vec<Need> {
        let keys: BTreeSet<_> = inside.services.keys().chain(self.outside.keys()).collect();
        let need = |key: &(&'static str, Region)| {
            let Outside { on_premises, peered } = self.outside.get(key).copied().unwrap_or_default();
            let volume = inside.services.get(key).copied().unwrap_or_default();
            Some(Need { on_premises, peered, ..Need::here(Catalog::named(key.0)?, key.1, Some(volume)) })
        };
        let mut needs: Vec<Need> = keys.into_iter().filter_map(need).collect();
        needs.sort_by_key(|need| std::cmp::Reverse(need.inside().plus(need.outside()).total()));
        needs
    }

    /// All of it that clients in the VPC had.
    fn all(&self) -> Traffic {
        let mut all = self.led.clone();
        for ((service, region), volume) in &self.direct.services {
            all.add(service, *region, *volume);
        }
        all.other = all.other.saturating_add(self.direct.other);
        all.unnamed = all.unnamed.saturating_add(self.direct.unnamed);
        all
    }
}

impl Outside {
    /// Adds traffic of clients on premises.
    pub(super) fn add_on_premises(&mut self, volume: Volume) {
        self.on_premises = self.on_premises.plus(volume);
    }

    /// Adds traffic of clients in other VPCs.
    pub(super) fn add_peered(&mut self, volume: Volume) {
        self.peered = self.peered.plus(volume);
    }
}

impl Traffic {
    /// Adds traffic with whomever.
    pub(super) fn count(&mut self, with: &With, volume: Volume) {
        match with {
            With::Service(service, region) => self.add(service, *region, volume),
            With::Unnamed => self.unnamed = self.unnamed.saturating_add(volume.total()),
            With::Other(_) => self.other = self.other.saturating_add(volume.total()),
        }
    }

    /// Adds traffic with a service.
    pub(super) fn add(&mut self, service: &'static str, region: Region, volume: Volume) {
        let own = self.services.entry((service, region)).or_default();
        *own = own.plus(volume);
    }

    /// All of it, in both directions.
    pub(super) fn bytes(&self) -> u64 {
        let services = self.services.values().map(|volume| volume.total());
        services.chain([self.other, self.unnamed]).fold(0, u64::saturating_add)
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

/// The most bytes of a month that anyone has, as floating point counts them.
const MOST: f64 = MOST_BYTES as f64;

/// Multiplies all traffic: where what was seen is a part of a month. Gives what is then more than anyone has, in all VPCs that
/// are alike together: such a service is left out, and other traffic is counted up to there.
pub(crate) fn scale(workloads: &mut [Workload], factor: f64) -> Vec<String> {
    let mut left_out = Vec::new();
    let scaled = |bytes: u64| (bytes as f64 * factor).round() as u64;
    let volume = |volume: Volume| Volume { sent: scaled(volume.sent), received: scaled(volume.received) };
    for network in workloads.iter_mut().flat_map(|workload| &mut workload.networks) {
        let Network { name, count, needs, other, unnamed, .. } = network;
        let is_beyond = |bytes: f64| bytes * factor * f64::from(*count) > MOST;
        for (bytes, what) in [(other, "the internet"), (unnamed, "services that nobody named")] {
            let sane = scaled(*bytes).min(MOST_BYTES / u64::from(*count).max(1));
            if is_beyond(*bytes as f64) {
                left_out.push(format!("{name}: the traffic with {what} {BEYOND}; it is counted as that"));
            }
            *bytes = sane;
        }
        needs.retain_mut(|need| {
            let volumes = [need.inside(), need.on_premises, need.peered];
            let is_kept = !is_beyond(volumes.iter().map(|volume| volume.sent as f64 + volume.received as f64).sum());
            if !is_kept {
                left_out.push(format!("{name}: the traffic with `{}` {BEYOND}; it is left out", need.service.name));
            }
            need.volume = need.volume.map(volume);
            (need.on_premises, need.peered) = (volume(need.on_premises), volume(need.peered));
            is_kept
        });
    }
    left_out
}
