//! What remains on NAT gateways, and what the endpoints cost together in their place.

use serde::Serialize;
use sidegate_cost::{BreakEven, Money, Way, break_even};
use sidegate_model::Region;

use crate::choice::{Choice, Costs, interface_zones, is_interface, legs_over_nat};
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
    /// What the hours cost of the gateways that stay, and of their public addresses.
    pub hours: Option<Money>,
    /// What their traffic costs.
    pub traffic: Option<Money>,
}

/// All endpoints together, in place of the NAT gateways: for all services of a VPC, in whatever Region they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Together {
    /// How many interface endpoints there are for one VPC.
    pub endpoints: u32,
    /// How many of them clients outside of the VPC need in either case, since they get to no NAT gateway.
    pub kept: u32,
    /// In how many zones each.
    pub zones: u32,
    /// How many NAT gateways one VPC has, or would have.
    pub gateways: u32,
    /// The bytes of a month, with clients everywhere, of all VPCs that are alike.
    pub bytes: u64,
    /// What the endpoints cost with them.
    pub cost: Money,
    /// What the NAT gateways would cost with them, by the hour and by the gigabyte, with those endpoints that are kept.
    pub nat: Money,
    /// For which volumes over the interface endpoints that are not kept they cost no more than NAT gateways would for as
    /// much.
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
        let (mut endpoints, mut kept, mut bytes) = (0_u32, 0_u32, 0_u64);
        let (mut legs, mut legs_of_nat) = (Vec::new(), Vec::new());
        // The hours of the endpoints that are not kept: so many zones, and what stands in other Regions.
        let (mut in_zones, mut abroad) = (0_u32, Money::zero());
        for (need, one) in network.needs.iter().zip(made) {
            bytes = bytes.saturating_add(one.volumes.0.plus(one.volumes.1).total());
            legs.extend(one.choice.legs(region, network, need));
            legs_of_nat.extend(legs_over_nat(region, network, need));
            if !is_interface(one.choice) {
                continue;
            }
            endpoints += 1;
            if !need.outside().is_none() {
                kept += 1;
            } else if one.choice == Choice::PeeredInterface {
                let zones = network.zone_count();
                let hub = Way::PeeringHub { endpoints: 1, zones, crosses_zones: false };
                abroad = &abroad + &costs.standing(hub, need.region)?;
            } else {
                in_zones = in_zones.saturating_add(interface_zones(network, region, need));
            }
        }
        if endpoints == 0 {
            return None;
        }
        let gateways = nat.gateways.saturating_mul(network.count);
        let over_nat = Way::NatGateways { gateways, crosses_zones: nat.crosses_zones };
        legs_of_nat.push((over_nat, undirected(region, 0)));
        let standing = Way::InterfaceEndpoints { endpoints: in_zones, zones: 1, vpcs: network.count };
        let (this, that) = (costs.curve(standing, region)?.raised(&abroad), costs.curve(over_nat, region)?);
        Some(Self {
            endpoints,
            kept,
            zones: network.zone_count(),
            gateways: nat.gateways,
            bytes: bytes.saturating_mul(network.count.into()),
            cost: costs.of_legs(&legs)?,
            nat: costs.of_legs(&legs_of_nat)?,
            break_even: break_even(&this, &that),
        })
    }
}
