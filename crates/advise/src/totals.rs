//! What a workload costs in a month, today or over NAT gateways, and with what is recommended.

use serde::Serialize;
use sidegate_cost::{Bill, HOURS_PER_MONTH, Item, Traffic, Usage, Way};
use sidegate_model::Region;

use crate::advice::standing;
use crate::choice::{Choice, Costs, legs_over_nat, present_zones};
use crate::recommendation::Recommendation;
use crate::workload::{Egress, FurtherNat, Need, Network, Present, PresentKind, Workload};
use crate::zones::undirected;

/// What a workload costs in a month, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// What the bill before is of.
    pub before_is: Before,
    /// The bill before. `None` if a price is missing.
    pub before: Option<Bill>,
    /// The bill with what is recommended.
    pub after: Option<Bill>,
}

/// What a bill before a change is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Before {
    /// What is there.
    Today,
    /// The same traffic over NAT gateways that would have to be made.
    OverNat,
}

/// The usage of a workload before and after.
pub(crate) struct Used {
    before_is: Before,
    before: Option<Usage>,
    after: Option<Usage>,
}

impl Network {
    /// Whether what leads out of it is there already.
    fn nat_exists(&self) -> bool {
        match self.egress {
            Egress::Nat(nat) => nat.exist,
            Egress::InternetGateway => true,
            Egress::Closed => false,
        }
    }
}

impl Used {
    /// Nothing as yet, of a workload.
    pub(crate) fn of(workload: &Workload) -> Self {
        let is_today = workload
            .networks
            .iter()
            .any(|network| network.nat_exists() || !network.endpoints.is_empty() || !network.further_nat.is_empty());
        // A private workload without endpoints is compared with one that has NAT gateways.
        let before_is = if is_today { Before::Today } else { Before::OverNat };
        Self { before_is, before: Some(Usage::default()), after: Some(Usage::default()) }
    }

    /// What it costs.
    pub(crate) fn totals(self, costs: &mut Costs<'_>) -> Totals {
        let mut bill = |usage: Option<Usage>| usage.and_then(|usage| costs.bill(&usage));
        Totals { before_is: self.before_is, before: bill(self.before), after: bill(self.after) }
    }

    /// Adds what a VPC uses today, or would use over NAT gateways, and what it uses with what is recommended.
    pub(crate) fn count(&mut self, network: &Network, region: Region, made: &[Recommendation]) {
        let nat = network.nat();
        let rest = network.other.saturating_add(network.unnamed).saturating_mul(network.count.into());
        let over_nat = |gateways: u32| {
            let gateways = gateways.saturating_mul(network.count);
            let way = Way::NatGateways { gateways, crosses_zones: nat.crosses_zones };
            Costs::usage(&[(way, undirected(region, if gateways == 0 { 0 } else { rest }))])
        };
        let is_nat = matches!(network.egress, Egress::Nat(_));
        let would_be = self.before_is == Before::OverNat;
        if network.nat_exists() && is_nat || would_be {
            add(&mut self.before, over_nat(nat.gateways));
        }
        for (need, made) in network.needs.iter().zip(made) {
            add(&mut self.before, Costs::usage(&legs_today(network, region, need, would_be)));
            add(&mut self.after, Costs::usage(&made.choice.legs(region, network, need)));
        }
        for present in unused(network, region) {
            let way = standing(present, network.count);
            add(&mut self.before, Costs::usage(&[(way, undirected(region, 0))]));
        }
        for further in &network.further_nat {
            let usage = standing_nat(further, region, network.count);
            // What nothing is routed by is told of, and need not stay.
            if further.is_used {
                add(&mut self.after, Some(usage.clone()));
            }
            add(&mut self.before, Some(usage));
        }
        let stays = nat.stay || rest > 0 || made.iter().any(|one| one.choice == Choice::Nat);
        if is_nat && stays {
            add(&mut self.after, over_nat(nat.gateways));
        }
    }
}

/// What a NAT gateway uses in a month without traffic.
pub(crate) fn standing_nat(gateway: &FurtherNat, region: Region, vpcs: u32) -> Usage {
    let hours = u64::from(HOURS_PER_MONTH) * u64::from(vpcs);
    let mut usage = Usage::default();
    usage.add(region, Item::NatGatewayHour, hours);
    usage.add(region, Item::PublicAddressHour, hours * u64::from(gateway.addresses));
    usage
}

fn add(sum: &mut Option<Usage>, usage: Option<Usage>) {
    match (sum.as_mut(), usage) {
        (Some(sum), Some(usage)) => sum.add_all(&usage),
        _ => *sum = None,
    }
}

/// The interface endpoints that are there for no service that is used in the Region.
fn unused(network: &Network, region: Region) -> impl Iterator<Item = &Present> {
    network.endpoints.iter().filter(move |present| {
        let is_interface = matches!(present.kind, PresentKind::Interface { .. });
        let is_used =
            network.needs.iter().any(|need| need.service.name == present.service.name && need.region == region);
        is_interface && !is_used
    })
}

/// The ways of today, with the traffic that each takes: endpoints in the zones that they are in.
fn legs_today(network: &Network, region: Region, need: &Need, would_be: bool) -> Vec<(Way, Traffic)> {
    if would_be {
        return legs_over_nat(region, network, need);
    }
    let mut legs = today(network, region, need).legs(region, network, need);
    let interfaces = network.present(need.service).map(|present| present_zones(present).len()).sum::<usize>();
    let present = Way::InterfaceEndpoints {
        endpoints: u32::try_from(interfaces).unwrap_or(u32::MAX),
        zones: 1,
        vpcs: network.count,
    };
    for (way, _) in &mut legs {
        if matches!(way, Way::InterfaceEndpoints { .. }) {
            *way = present;
        }
    }
    legs
}

/// The way that a service's traffic takes before anything is changed.
fn today(network: &Network, region: Region, need: &Need) -> Choice {
    // The endpoints that are there lead to services of the VPC's own Region.
    let has = |is: fn(&PresentKind) -> bool| {
        need.region == region && network.present(need.service).any(|present| is(&present.kind))
    };
    let has_interface = has(|kind| matches!(kind, PresentKind::Interface { takes_names: true, .. }));
    let has_gateway = has(|kind| matches!(kind, PresentKind::Gateway { .. }));
    let has_any_interface = has(|kind| matches!(kind, PresentKind::Interface { .. }));
    match network.egress {
        _ if has_interface => Choice::Interface,
        _ if has_gateway && has_any_interface => Choice::GatewayAndInterface,
        _ if has_gateway => Choice::Gateway,
        _ if has_any_interface => Choice::Interface,
        Egress::Nat(nat) if nat.exist => Choice::Nat,
        Egress::InternetGateway => Choice::InternetGateway,
        Egress::Nat(_) | Egress::Closed => Choice::Nothing,
    }
}
