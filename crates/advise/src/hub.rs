//! One set of interface endpoints in each VPC, against one in a central VPC for all, and against what is recommended.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sidegate_cost::{BreakEven, Money, Way, break_even};
use sidegate_model::Zone;

use crate::advice::VpcAdvice;
use crate::choice::{Choice, Costs, interface_zones};
use crate::recommendation::Recommendation;
use crate::workload::{Egress, Need, Network, Workload};
use crate::zones::{interface_bytes, undirected};

/// The peering connections that a VPC may have by default.
///
/// Source: AWS general reference, "Amazon VPC endpoints and quotas".
const PEERING_QUOTA: u32 = 50;

/// The most that the quota can be raised to.
const PEERING_MOST: u32 = 125;

/// What interface endpoints cost where each VPC has them, and in a central VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hub {
    /// How many VPCs there are.
    pub vpcs: u32,
    /// How many services a central set is for: those that have an interface endpoint somewhere, and those that go over NAT
    /// gateways for more than a central endpoint costs.
    pub endpoints: u32,
    /// In how many zones a central set would be.
    pub zones: u32,
    /// The bytes of these services that would pass a central set in a month.
    pub bytes: u64,
    /// What one set in each VPC costs in a month.
    pub local: Money,
    /// What these services cost in a month as it is recommended for each VPC by itself, which may be over NAT gateways. The
    /// hours of NAT gateways are in it if nothing else keeps them.
    pub recommended: Money,
    /// What a central set costs that is reached over a transit gateway.
    pub transit_gateway: HubCost,
    /// What a central set costs that is reached by peering, from the same zones.
    pub peering: HubCost,
    /// Whether so many VPCs can be peered with one.
    pub peerings: Peerings,
}

/// Whether a VPC can have a peering connection with each of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Peerings {
    /// It can.
    WithinQuota,
    /// It can if the quota is raised.
    QuotaToRaise,
    /// They are more than the quota can be raised to.
    TooMany,
}

/// What a central set costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HubCost {
    /// In a month.
    pub cost: Money,
    /// For which volumes of all VPCs together it costs no more than one set in each.
    pub break_even: BreakEven,
}

/// The recommendations of one service in the VPCs that use it.
#[derive(Default)]
struct Users<'a>(Vec<(&'a Network, &'a Need, &'a Recommendation)>);

impl Peerings {
    fn of(vpcs: u32) -> Self {
        match () {
            () if vpcs <= PEERING_QUOTA => Self::WithinQuota,
            () if vpcs <= PEERING_MOST => Self::QuotaToRaise,
            () => Self::TooMany,
        }
    }
}

impl Hub {
    /// That of a workload. `None` if it has one VPC, or no service for which a central endpoint could pay.
    pub(crate) fn of(workload: &Workload, made: &[VpcAdvice], costs: &mut Costs<'_>) -> Option<Self> {
        let (vpcs, region) = (workload.vpcs(), workload.region);
        if vpcs < 2 {
            return None;
        }
        let peerings = Peerings::of(vpcs);
        let mut services: BTreeMap<&str, Users<'_>> = BTreeMap::new();
        for (network, made) in workload.networks.iter().zip(made) {
            for (need, one) in network.needs.iter().zip(&made.recommendations) {
                // What leads to another Region has its own price, and stays where it is.
                let is_local = need.region == region && need.service.interface();
                if is_local && matches!(one.choice, Choice::Interface | Choice::GatewayAndInterface | Choice::Nat) {
                    services.entry(need.service.name).or_default().0.push((network, need, one));
                }
            }
        }
        services.retain(|_, users| users.is_worth_it(workload, peerings, costs));
        let all = || services.values().flat_map(|users| &users.0);
        let endpoints = u32::try_from(services.len()).unwrap_or(u32::MAX);
        if endpoints == 0 {
            return None;
        }
        let zones = zone_count(all().map(|(network, ..)| *network));
        // VPCs need not be alike, so that their endpoints are counted zone by zone.
        let in_zones = |(network, need, _): &(&Network, &Need, _)| {
            interface_zones(network, region, need).saturating_mul(network.count)
        };
        let in_zones = all().map(in_zones).fold(0, u32::saturating_add);
        let local = Way::InterfaceEndpoints { endpoints: in_zones, zones: 1, vpcs: 1 };
        // The VPC of the endpoints is attached too.
        let attachments = if workload.is_attached { 1 } else { vpcs.saturating_add(1) };
        let transit_gateway = Way::TransitGatewayHub { endpoints, zones, attachments };
        let peering = Way::PeeringHub { endpoints, zones, crosses_zones: false };
        let bytes = services.values().map(Users::bytes).fold(0, u64::saturating_add);
        let traffic = undirected(region, bytes);
        let local_curve = costs.curve(local, region)?;
        let mut legs: Vec<_> = all().flat_map(|(network, need, one)| one.choice.legs(region, network, need)).collect();
        for (network, made) in workload.networks.iter().zip(made) {
            let leaves = |one: &Recommendation| one.region == region && services.contains_key(one.service.name);
            let gateways = freed_gateways(network, &made.recommendations, leaves).saturating_mul(network.count);
            legs.push((Way::NatGateways { gateways, crosses_zones: false }, undirected(region, 0)));
        }
        let recommended = costs.of_legs(&legs)?;
        let mut cost = |way: Way| {
            let curve = costs.curve(way, region)?;
            Some(HubCost { cost: costs.way(way, &traffic)?, break_even: break_even(&curve, &local_curve) })
        };
        let (transit_gateway, peering) = (cost(transit_gateway)?, cost(peering)?);
        let local = costs.way(local, &traffic)?;
        Some(Self { vpcs, endpoints, zones, bytes, local, recommended, transit_gateway, peering, peerings })
    }
}

impl Users<'_> {
    /// The bytes of a month that would pass a central endpoint.
    fn bytes(&self) -> u64 {
        let of = |(network, _, one): &(&Network, &Need, &Recommendation)| {
            let own = if one.choice == Choice::Nat { one.volumes.0.total() } else { interface_bytes(one) };
            own.saturating_mul(network.count.into())
        };
        self.0.iter().map(of).fold(0, u64::saturating_add)
    }

    /// Whether a central endpoint may be worth it: where a VPC has one of its own, or where the way over NAT gateways costs
    /// more in all VPCs than a central one by the cheapest way there.
    fn is_worth_it(&self, workload: &Workload, peerings: Peerings, costs: &mut Costs<'_>) -> bool {
        if self.0.iter().any(|(.., one)| one.choice != Choice::Nat) {
            return true;
        }
        let zones = zone_count(self.0.iter().map(|(network, ..)| *network));
        let central = match peerings {
            Peerings::TooMany => Way::TransitGatewayHub { endpoints: 1, zones, attachments: 0 },
            _ => Way::PeeringHub { endpoints: 1, zones, crosses_zones: false },
        };
        let central = costs.way(central, &undirected(workload.region, self.bytes()));
        let over_nat = self.0.iter().map(|(.., one)| one.cost.clone()).sum::<Option<Money>>();
        central.zip(over_nat).is_some_and(|(central, over_nat)| central < over_nat)
    }
}

/// The zones with clients in VPCs, of which there is at least one.
fn zone_count<'a>(networks: impl Iterator<Item = &'a Network>) -> u32 {
    let zones: BTreeSet<Zone> = networks.flat_map(Network::zones).collect();
    u32::try_from(zones.len()).unwrap_or(u32::MAX).max(1)
}

/// The NAT gateways of a VPC that could go if what goes over them now leaves them. None if they could go anyway.
fn freed_gateways(network: &Network, made: &[Recommendation], leaves: impl Fn(&Recommendation) -> bool) -> u32 {
    let Egress::Nat(nat) = network.egress else { return 0 };
    let mut over_nat = made.iter().filter(|one| one.choice == Choice::Nat).peekable();
    let is_kept = nat.stay || network.other > 0 || network.unnamed > 0 || over_nat.peek().is_none();
    if !is_kept && over_nat.all(leaves) { nat.gateways } else { 0 }
}
