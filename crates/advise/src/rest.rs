//! What remains on NAT gateways, and what the endpoints cost together in their place.

use serde::Serialize;
use sidegate_cost::{BreakEven, Money, Way, break_even};
use sidegate_model::Region;

use crate::choice::{Choice, Costs};
use crate::recommendation::Recommendation;
use crate::workload::{Egress, Network};
use crate::zones::undirected;

/// What remains on the way over public addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rest {
    /// How many NAT gateways there are in one VPC.
    pub gateways: u32,
    /// Whether they can go.
    pub can_go: bool,
    /// The services that stay.
    pub services: Vec<&'static str>,
    /// The bytes of a month to the internet.
    pub other: u64,
    /// The bytes of a month to services of AWS of which nobody said which.
    pub unnamed: u64,
    /// What the hours cost of the gateways that stay.
    pub hours: Option<Money>,
    /// What their traffic costs.
    pub traffic: Option<Money>,
}

/// All endpoints together, in place of the NAT gateways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Together {
    /// How many interface endpoints there are in one VPC.
    pub endpoints: u32,
    /// In how many zones each.
    pub zones: u32,
    /// How many NAT gateways one VPC has, or would have.
    pub gateways: u32,
    /// The bytes of a month that would pass the NAT gateways, of all VPCs that are alike.
    pub bytes: u64,
    /// What the endpoints cost.
    pub cost: Money,
    /// What the NAT gateways would cost, by the hour and for this traffic.
    pub nat: Money,
    /// For which volumes over the interface endpoints they cost no more than NAT gateways would for as much.
    pub break_even: BreakEven,
}

impl Rest {
    /// That of a VPC. `None` if it has no NAT gateways.
    pub(crate) fn of(
        network: &Network, region: Region, made: &[Recommendation], costs: &mut Costs<'_>,
    ) -> Option<Self> {
        let Egress::Nat(nat) = network.egress else { return None };
        let staying = made.iter().filter(|one| one.choice == Choice::Nat);
        let services: Vec<&'static str> = staying.clone().map(|one| one.service.name).collect();
        let (other, unnamed) = (network.other, network.unnamed);
        let can_go = services.is_empty() && !nat.stay && other == 0 && unnamed == 0;
        let gateways = if can_go { 0 } else { nat.gateways.saturating_mul(network.count) };
        let hours = Way::NatGateways { gateways, crosses_zones: false };
        let mut traffic = Vec::new();
        for one in staying {
            traffic.push(one.cost.clone());
        }
        let rest = other.saturating_add(unnamed).saturating_mul(network.count.into());
        let way = Way::NatGateways { gateways: 0, crosses_zones: nat.crosses_zones };
        traffic.push(costs.way(way, &undirected(region, rest)));
        Some(Self {
            gateways: nat.gateways,
            can_go,
            services,
            other,
            unnamed,
            hours: costs.standing(hours, region),
            traffic: traffic.into_iter().sum(),
        })
    }
}

impl Together {
    /// That of a VPC where the endpoints take the place of NAT gateways. `None` if those stay, or if there is no interface
    /// endpoint, since then nothing is to be weighed.
    pub(crate) fn of(
        network: &Network, region: Region, made: &[Recommendation], costs: &mut Costs<'_>,
    ) -> Option<Self> {
        let all_private = made.iter().all(|one| one.choice.is_private());
        let is_open = matches!(network.egress, Egress::InternetGateway);
        let nat = network.nat();
        if nat.stay || network.other > 0 || network.unnamed > 0 || !all_private || is_open {
            return None;
        }
        let here = made.iter().filter(|one| one.region == region);
        let (mut endpoints, mut bytes) = (0_u32, 0_u64);
        for one in here {
            let is_interface = matches!(one.choice, Choice::Interface | Choice::GatewayAndInterface);
            endpoints += u32::from(is_interface);
            bytes = bytes.saturating_add(one.volumes.0.total());
        }
        if endpoints == 0 {
            return None;
        }
        let zones = network.zone_count();
        let bytes = bytes.saturating_mul(network.count.into());
        let standing = Way::InterfaceEndpoints { endpoints, zones, vpcs: network.count };
        let gateways = nat.gateways.saturating_mul(network.count);
        let over_nat = Way::NatGateways { gateways, crosses_zones: nat.crosses_zones };
        let (this, that) = (costs.curve(standing, region)?, costs.curve(over_nat, region)?);
        Some(Self {
            endpoints,
            zones,
            gateways: nat.gateways,
            bytes,
            cost: made.iter().map(|one| one.cost.clone()).sum::<Option<Money>>()?,
            nat: costs.way(over_nat, &undirected(region, bytes))?,
            break_even: break_even(&this, &that),
        })
    }
}
