//! One set of interface endpoints in each VPC, against one in a central VPC for all.

use std::collections::BTreeSet;

use serde::Serialize;
use sidegate_cost::{BreakEven, Money, Way, break_even};

use crate::advice::VpcAdvice;
use crate::choice::{Choice, Costs};
use crate::workload::Workload;
use crate::zones::{interface_bytes, undirected};

/// What interface endpoints cost where each VPC has them, and in a central VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hub {
    /// How many VPCs there are.
    pub vpcs: u32,
    /// How many services have an interface endpoint somewhere.
    pub endpoints: u32,
    /// In how many zones a central set would be.
    pub zones: u32,
    /// The bytes that pass interface endpoints in a month.
    pub bytes: u64,
    /// What one set in each VPC costs in a month.
    pub local: Money,
    /// What a central set costs that is reached over a transit gateway.
    pub transit_gateway: HubCost,
    /// What a central set costs that is reached by peering, from the same zones.
    pub peering: HubCost,
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

impl Hub {
    /// That of a workload. `None` if it has one VPC, or no interface endpoints.
    pub(crate) fn of(workload: &Workload, made: &[VpcAdvice], costs: &mut Costs<'_>) -> Option<Self> {
        let (vpcs, region) = (workload.vpcs(), workload.region);
        if vpcs < 2 {
            return None;
        }
        let (mut services, mut zones) = (BTreeSet::new(), BTreeSet::new());
        let (mut local_hours, mut bytes) = (0_u32, 0_u64);
        for (network, made) in workload.networks.iter().zip(made) {
            // What leads to another Region has its own price, and stays where it is.
            let here = made.recommendations.iter().filter(|one| one.region == region);
            let of_interfaces: Vec<_> =
                here.filter(|one| matches!(one.choice, Choice::Interface | Choice::GatewayAndInterface)).collect();
            for one in &of_interfaces {
                services.insert(one.service.name);
                bytes = bytes.saturating_add(interface_bytes(one).saturating_mul(network.count.into()));
                local_hours = local_hours.saturating_add(network.zone_count().saturating_mul(network.count));
            }
            if !of_interfaces.is_empty() {
                zones.extend(network.zones());
            }
        }
        let endpoints = u32::try_from(services.len()).unwrap_or(u32::MAX);
        if endpoints == 0 {
            return None;
        }
        let zones = u32::try_from(zones.len()).unwrap_or(u32::MAX).max(1);
        // VPCs need not be alike, so that their endpoints are counted zone by zone.
        let local = Way::InterfaceEndpoints { endpoints: local_hours, zones: 1, vpcs: 1 };
        // The VPC of the endpoints is attached too.
        let attachments = if workload.is_attached { 1 } else { vpcs.saturating_add(1) };
        let transit_gateway = Way::TransitGatewayHub { endpoints, zones, attachments };
        let peering = Way::PeeringHub { endpoints, zones, crosses_zones: false };
        let traffic = undirected(region, bytes);
        let local_curve = costs.curve(local, region)?;
        let mut cost = |way: Way| {
            let curve = costs.curve(way, region)?;
            Some(HubCost { cost: costs.way(way, &traffic)?, break_even: break_even(&curve, &local_curve) })
        };
        let (transit_gateway, peering) = (cost(transit_gateway)?, cost(peering)?);
        Some(Self { vpcs, endpoints, zones, bytes, local: costs.way(local, &traffic)?, transit_gateway, peering })
    }
}
