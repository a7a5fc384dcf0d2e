//! What a workload costs in a month, today or over NAT gateways, and with what is recommended.

use serde::Serialize;
use sidegate_cost::{Bill, HOURS_PER_MONTH, Item, Traffic, Usage, Way};
use sidegate_model::Region;

use crate::advice::standing;
use crate::choice::{Choice, Costs, legs_over_nat};
use crate::recommendation::Recommendation;
use crate::workload::{Egress, FurtherNat, Need, Network, Present, Volume, Workload};
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
        let is_used =
            network.needs.iter().any(|need| need.service.name == present.service.name && need.region == region);
        present.is_interface() && !is_used
    })
}

/// The ways of today, with the traffic that each takes: endpoints in the zones that they are in.
fn legs_today(network: &Network, region: Region, need: &Need, would_be: bool) -> Vec<(Way, Traffic)> {
    if would_be {
        return legs_over_nat(region, network, need);
    }
    let today = today(network, region, need);
    let mut legs = today.legs(region, network, need);
    let has_interface = need.region == region && network.present(need.service).any(Present::is_interface);
    if matches!(today, Choice::Nat | Choice::InternetGateway | Choice::Gateway) && has_interface {
        // It is there, for clients outside at most.
        let outside = Need { volume: Some(Volume::default()), ..need.clone() };
        legs.extend(Choice::Interface.legs(region, network, &outside));
    }
    let interfaces = network.present(need.service).map(|present| present.zones().len()).sum::<usize>();
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

/// The way that the traffic of clients in the VPC takes to a service before anything is changed.
fn today(network: &Network, region: Region, need: &Need) -> Choice {
    // The endpoints that are there lead to services of the VPC's own Region.
    let present: Vec<&Present> =
        if need.region == region { network.present(need.service).collect() } else { Vec::new() };
    let leads = |is_interface| present.iter().any(|one| one.is_interface() == is_interface && one.leads(network));
    match network.egress {
        _ if leads(true) => Choice::Interface,
        _ if leads(false) => Choice::Gateway,
        Egress::Nat(nat) if nat.exist => Choice::Nat,
        Egress::InternetGateway => Choice::InternetGateway,
        // By the endpoint's own names, since there is no other way.
        Egress::Nat(_) | Egress::Closed if present.iter().any(|one| one.is_interface()) => Choice::Interface,
        Egress::Nat(_) | Egress::Closed => Choice::Nothing,
    }
}
