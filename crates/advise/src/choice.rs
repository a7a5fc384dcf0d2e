//! Ways to a service that a VPC can be given, and what the traffic of a month costs on each.

use std::collections::BTreeSet;

use serde::Serialize;
use sidegate_cost::{Curve, HOURS_PER_MONTH, Item, Money, Prices, Traffic, Usage, Way, WayError};
use sidegate_model::{Region, Service};

use crate::workload::{Egress, Need, Network, Volume};

/// By which way clients get to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Choice {
    /// A gateway endpoint.
    Gateway,
    /// A gateway endpoint for clients in the VPC, and an interface endpoint for those outside of it.
    GatewayAndInterface,
    /// An interface endpoint.
    Interface,
    /// An interface endpoint in a VPC of the service's Region that this one is peered with.
    PeeredInterface,
    /// NAT gateways.
    Nat,
    /// An internet gateway.
    InternetGateway,
    /// There is no way.
    Nothing,
}

/// The services of which an interface endpoint can lead to another Region.
///
/// Source: PrivateLink guide, "Cross-Region enabled AWS services".
const CROSS_REGION: [&str; 12] = [
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "iam",
    "kinesis-firehose",
    "kinesisanalytics",
    "kinesisanalytics-fips",
    "kms",
    "kms-fips",
    "lambda",
    "route53",
    "s3",
];

/// Whether an interface endpoint of a service can lead to another Region.
pub(crate) fn crosses_regions(service: &Service) -> bool {
    CROSS_REGION.contains(&service.name)
}

/// Whether endpoints in a Region lead to a service.
pub(crate) fn is_in(service: &Service, region: Region) -> bool {
    Service::all_in(region).any(|other| other.name == service.name)
}

/// The Region in which a service is used from another one if nobody says so: that of the clients, or the only one that a
/// service for all Regions has.
pub fn home(service: &Service, region: Region) -> Region {
    let only = Region::all().find(|other| is_in(service, *other)).filter(|_| service.is_global());
    if is_in(service, region) { region } else { only.unwrap_or(region) }
}

impl Choice {
    /// What tables call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::GatewayAndInterface => "gateway + interface",
            Self::Interface => "interface",
            Self::PeeredInterface => "interface, over peering",
            Self::Nat => "none: NAT gateway",
            Self::InternetGateway => "none: internet gateway",
            Self::Nothing => "none",
        }
    }

    /// Whether it is private: by endpoints alone.
    pub fn is_private(self) -> bool {
        matches!(self, Self::Gateway | Self::GatewayAndInterface | Self::Interface | Self::PeeredInterface)
    }

    /// The private ways that there are, the one of the rule of thumb first.
    pub(crate) fn private(region: Region, need: &Need) -> Vec<Self> {
        let service = need.service;
        let has_outside = !need.outside().is_none();
        match () {
            () if !is_in(service, need.region) => Vec::new(),
            () if need.region != region && !service.interface() => Vec::new(),
            () if need.region != region && crosses_regions(service) => vec![Self::Interface, Self::PeeredInterface],
            () if need.region != region => vec![Self::PeeredInterface],
            () if service.gateway() && !service.interface() => vec![Self::Gateway],
            () if service.gateway() && has_outside => vec![Self::GatewayAndInterface, Self::Interface],
            () if service.gateway() => vec![Self::Gateway, Self::Interface],
            () => vec![Self::Interface],
        }
    }

    /// The way over public addresses that a VPC has, or may be given, to a service. Clients outside do not get through it, so
    /// a service that they use is not left to it while there is another way.
    pub(crate) fn public(network: &Network, region: Region, need: &Need) -> Option<Self> {
        let leaves_some_out = !need.outside().is_none() && !Self::private(region, need).is_empty();
        match network.egress {
            Egress::Nat(_) if !leaves_some_out => Some(Self::Nat),
            Egress::InternetGateway if !leaves_some_out => Some(Self::InternetGateway),
            Egress::Closed | Egress::Nat(_) | Egress::InternetGateway => None,
        }
    }

    /// The ways with the traffic that each takes. What is there anyway, such as a NAT gateway, costs nothing more.
    pub fn legs(self, region: Region, network: &Network, need: &Need) -> Vec<(Way, Traffic)> {
        let (inside, outside) = (need.inside(), need.outside());
        let traffic = |volume: Volume| {
            let Volume { sent, received } = volume.times(network.count);
            Traffic { region, service: need.region, sent, received }
        };
        let zones = interface_zones(network, region, need);
        let interface = Way::InterfaceEndpoints { endpoints: 1, zones, vpcs: network.count };
        match self {
            Self::Gateway => vec![(Way::GatewayEndpoint, traffic(inside))],
            Self::GatewayAndInterface => {
                vec![(Way::GatewayEndpoint, traffic(inside)), (interface, traffic(outside))]
            }
            Self::Interface => vec![(interface, traffic(inside.plus(outside)))],
            Self::PeeredInterface => {
                let zones = network.zone_count();
                let hub = Way::PeeringHub { endpoints: 1, zones, crosses_zones: false };
                vec![(hub, traffic(inside.plus(outside)))]
            }
            Self::Nat => {
                let crosses_zones = network.nat().crosses_zones;
                vec![(Way::NatGateways { gateways: 0, crosses_zones }, traffic(inside))]
            }
            Self::InternetGateway => vec![(Way::InternetGateway { addresses: 0 }, traffic(inside))],
            Self::Nothing => Vec::new(),
        }
    }
}

/// The way over NAT gateways with the traffic that it takes. Clients outside of the VPC get to none: for them there is an
/// interface endpoint in either case, if the service has one.
pub(crate) fn legs_over_nat(region: Region, network: &Network, need: &Need) -> Vec<(Way, Traffic)> {
    let mut legs = Choice::Nat.legs(region, network, need);
    if !need.outside().is_none() {
        let inside = Some(Volume::default());
        let outside = Need { volume: inside, ..need.clone() };
        let by = Choice::private(region, need).into_iter().find(|choice| is_interface(*choice));
        legs.extend(by.map(|by| by.legs(region, network, &outside)).unwrap_or_default());
    }
    legs
}

/// Whether a way has an interface endpoint in it.
pub(crate) fn is_interface(choice: Choice) -> bool {
    matches!(choice, Choice::Interface | Choice::GatewayAndInterface | Choice::PeeredInterface)
}

/// In how many zones interface endpoints for a need would be: those with clients, and those where one is that is kept. Two in
/// one zone count twice.
pub(crate) fn interface_zones(network: &Network, region: Region, need: &Need) -> u32 {
    let kept: Vec<_> = if need.region == region { network.kept(need.service) } else { Vec::new() };
    let present: Vec<_> = kept.iter().flat_map(|present| present.zones()).collect();
    let missing = network.zones().into_iter().filter(|zone| !present.contains(zone)).count();
    u32::try_from(present.len() + missing).unwrap_or(u32::MAX).max(1)
}

/// Prices, and which ones were asked for in vain.
pub(crate) struct Costs<'a> {
    prices: &'a Prices,
    pub(crate) missing: BTreeSet<(Item, Region)>,
}

impl<'a> Costs<'a> {
    pub(crate) fn new(prices: &'a Prices) -> Self {
        Self { prices, missing: BTreeSet::new() }
    }

    /// What ways use in a month. `None` if one does not lead there.
    pub(crate) fn usage(legs: &[(Way, Traffic)]) -> Option<Usage> {
        let mut usage = Usage::default();
        for (way, traffic) in legs {
            usage.add_all(&way.usage(traffic, HOURS_PER_MONTH.into()).ok()?);
        }
        Some(usage)
    }

    /// What a usage costs. `None` if a price is missing.
    pub(crate) fn of(&mut self, usage: &Usage) -> Option<Money> {
        match self.prices.bill(usage) {
            Ok(bill) => Some(bill.total),
            Err(error) => {
                self.missing.insert((error.item, error.region));
                None
            }
        }
    }

    /// The whole bill of a usage. `None` if a price is missing.
    pub(crate) fn bill(&mut self, usage: &Usage) -> Option<sidegate_cost::Bill> {
        self.of(usage)?;
        self.prices.bill(usage).ok()
    }

    /// What ways cost in a month.
    pub(crate) fn of_legs(&mut self, legs: &[(Way, Traffic)]) -> Option<Money> {
        self.of(&Self::usage(legs)?)
    }

    /// What a way costs in a month without traffic.
    pub(crate) fn standing(&mut self, way: Way, region: Region) -> Option<Money> {
        self.of_legs(&[(way, Traffic { region, service: region, sent: 0, received: 0 })])
    }

    /// What a way costs by its traffic.
    pub(crate) fn curve(&mut self, way: Way, region: Region) -> Option<Curve> {
        match way.curve(self.prices, region, HOURS_PER_MONTH.into()) {
            Ok(curve) => Some(curve),
            Err(error) => {
                self.missing.insert((error.item, error.region));
                None
            }
        }
    }

    /// What traffic costs on a way, if it leads there.
    pub(crate) fn way(&mut self, way: Way, traffic: &Traffic) -> Option<Money> {
        match way.usage(traffic, HOURS_PER_MONTH.into()) {
            Ok(usage) => self.of(&usage),
            Err(WayError::NoPrice(error)) => {
                self.missing.insert((error.item, error.region));
                None
            }
            Err(WayError::OtherRegion { .. }) => None,
        }
    }
}
