//! The whole of an advice.

use std::collections::BTreeSet;

use serde::Serialize;
use sidegate_cost::{BreakEven, Item, Money, Prices, Way, break_even};
use sidegate_model::{Region, Zone};

use crate::addition::{Added, Addition};
use crate::choice::{Choice, Costs, interface_zones, is_interface};
use crate::exception::Exception;
use crate::hub::Hub;
use crate::recommendation::{Instead, Reason, Recommendation, State};
use crate::rest::{Rest, Together};
use crate::totals::{Totals, Used, standing_nat};
use crate::workload::{Egress, Need, Network, Present, PresentKind, Workload};
use crate::zones::Zones;

/// What is recommended for a workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Advice {
    /// The Region.
    pub region: Region,
    /// What is recommended for each VPC.
    pub vpcs: Vec<VpcAdvice>,
    /// One set of interface endpoints in each VPC, against a central one.
    pub hub: Option<Hub>,
    /// What it all costs, before and after.
    pub totals: Totals,
    /// Prices that nobody knows: what they are of, and in which Region.
    pub missing: Vec<(Item, Region)>,
    /// Of when the prices are.
    pub prices_as_of: String,
}

/// What is recommended for a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VpcAdvice {
    /// What people call the VPC.
    pub name: String,
    /// How many VPCs are like it, this one included.
    pub count: u32,
    /// What leads out of it.
    pub egress: Egress,
    /// The way for each service.
    pub recommendations: Vec<Recommendation>,
    /// Where the rule of thumb does not hold, or holds with a condition.
    pub exceptions: Vec<Exception>,
    /// What zones cost.
    pub zones: Option<Zones>,
    /// All endpoints in place of the NAT gateways.
    pub together: Option<Together>,
    /// What remains on NAT gateways.
    pub rest: Option<Rest>,
    /// What is to be added.
    pub additions: Vec<Addition>,
}

/// Recommends a way for each service of a workload.
pub fn advise(workload: &Workload, prices: &Prices) -> Advice {
    let mut costs = Costs::new(prices);
    let region = workload.region;
    let mut used = Used::of(workload);
    let mut vpcs = Vec::new();
    for network in &workload.networks {
        let recommendations = recommended(network, region, &mut costs);
        used.count(network, region, &recommendations);
        vpcs.push(VpcAdvice::of(network, region, recommendations, &mut costs));
    }
    let hub = Hub::of(workload, &vpcs, &mut costs);
    let totals = used.totals(&mut costs);
    let missing = costs.missing.into_iter().collect();
    Advice { region, vpcs, hub, totals, missing, prices_as_of: prices.as_of().to_owned() }
}

impl VpcAdvice {
    fn of(network: &Network, region: Region, recommendations: Vec<Recommendation>, costs: &mut Costs<'_>) -> Self {
        let (mut exceptions, mut additions) = (Exception::of_network(network, &recommendations), Vec::new());
        for (need, made) in network.needs.iter().zip(&recommendations) {
            let added = Addition::of(network, region, need, made.choice).1;
            exceptions.extend(added.iter().filter_map(|addition| match &addition.added {
                Added::Names { endpoint } => {
                    Some(Exception::NamesPast { service: need.service, endpoint: endpoint.clone() })
                }
                _ => None,
            }));
            additions.extend(added);
            for exception in Exception::of(network, region, need, made) {
                if !exceptions.contains(&exception) {
                    exceptions.push(exception);
                }
            }
        }
        exceptions.extend(superfluous(network, region, &recommendations, costs));
        exceptions.extend(idle_nat(network, region, costs));
        exceptions.extend(idle_zones(network, region, &recommendations, costs));
        Self {
            name: network.name.clone(),
            count: network.count,
            egress: network.egress,
            zones: Zones::of(network, region, &recommendations, costs),
            together: Together::of(network, region, &recommendations, costs),
            rest: Rest::of(network, region, &recommendations, costs),
            recommendations,
            exceptions,
            additions,
        }
    }
}

/// The interface endpoints that are there and need not be.
fn superfluous(network: &Network, region: Region, made: &[Recommendation], costs: &mut Costs<'_>) -> Vec<Exception> {
    let mut all = Vec::new();
    for present in &network.endpoints {
        let PresentKind::Interface { takes_names, .. } = &present.kind else { continue };
        let (service, endpoint) = (present.service, present.id.clone());
        let one = made.iter().find(|one| one.service.name == service.name && one.region == region);
        let cost = costs.standing(standing(present, network.count), region);
        all.extend(match one.map(|one| one.choice) {
            Some(Choice::Gateway | Choice::GatewayAndInterface) if *takes_names => {
                Some(Exception::InterfaceTakesOver { service, endpoint, cost })
            }
            Some(Choice::Interface | Choice::GatewayAndInterface) if network.keeps(present) => None,
            _ => Some(Exception::Superfluous { service, endpoint, cost }),
        });
    }
    all
}

/// The NAT gateways that nothing is routed by.
fn idle_nat(network: &Network, region: Region, costs: &mut Costs<'_>) -> Vec<Exception> {
    let idle = network.further_nat.iter().filter(|gateway| !gateway.is_used);
    idle.map(|gateway| {
        let cost = costs.of(&standing_nat(gateway, region, network.count));
        Exception::IdleNat { gateway: gateway.id.clone(), cost }
    })
    .collect()
}

/// The zones without clients that interface endpoints are in which stay.
fn idle_zones(network: &Network, region: Region, made: &[Recommendation], costs: &mut Costs<'_>) -> Vec<Exception> {
    let with_clients = network.zones();
    let stays = |present: &Present| {
        let is_its = |one: &&Recommendation| one.service.name == present.service.name && one.region == region;
        network.keeps(present) && made.iter().filter(is_its).any(|one| is_interface(one.choice))
    };
    let mut all = Vec::new();
    for present in network.endpoints.iter().filter(|present| stays(present) && !with_clients.is_empty()) {
        let zones: BTreeSet<Zone> = present.zones().difference(&with_clients).copied().collect();
        if zones.is_empty() {
            continue;
        }
        let count = u32::try_from(zones.len()).unwrap_or(u32::MAX);
        let way = Way::InterfaceEndpoints { endpoints: 1, zones: count, vpcs: network.count };
        let cost = costs.standing(way, region);
        all.push(Exception::IdleZones { service: present.service, endpoint: present.id.clone(), zones, cost });
    }
    all
}

/// An interface endpoint that is there, as a way without traffic.
pub(crate) fn standing(present: &Present, vpcs: u32) -> Way {
    let zones = u32::try_from(present.zones().len()).unwrap_or(u32::MAX);
    Way::InterfaceEndpoints { endpoints: 1, zones, vpcs }
}

/// A way with what it costs.
type Priced = (Choice, Option<Money>);

/// The way for each service of a VPC: the one that is cheapest if the NAT gateways stay, or, where they may go, the cheapest
/// without them if all is cheaper so.
fn recommended(network: &Network, region: Region, costs: &mut Costs<'_>) -> Vec<Recommendation> {
    let mut open: Vec<Priced> = Vec::new();
    let mut closed: Vec<Option<Priced>> = Vec::new();
    for need in &network.needs {
        let mut priced = |choices: Vec<Choice>| -> Vec<Priced> {
            let price = |choice: Choice| (choice, costs.of_legs(&choice.legs(region, network, need)));
            choices.into_iter().map(price).collect()
        };
        let private = priced(Choice::private(region, need));
        let public = priced(Choice::public(network, region, need).into_iter().collect());
        let is_known = need.volume.is_some();
        closed.push(cheapest(&private, is_known));
        let all: Vec<Priced> = private.into_iter().chain(public).collect();
        open.push(cheapest(&all, is_known).unwrap_or((Choice::Nothing, None)));
    }
    let goes = without_nat(network, region, &open, &closed, costs);
    let chosen = goes.as_ref().unwrap_or(&open);
    let needs = network.needs.iter().zip(chosen);
    needs.map(|(need, chosen)| told(network, region, need, chosen, goes.is_some(), costs)).collect()
}

/// The cheapest of some ways; of those that cost the same the first. Where something is not known it is the first of all:
/// that of the rule of thumb.
fn cheapest(ways: &[Priced], is_known: bool) -> Option<Priced> {
    let all_known = is_known && ways.iter().all(|(_, cost)| cost.is_some());
    let least = ways.iter().min_by(|(_, one), (_, other)| one.cmp(other)).filter(|_| all_known);
    least.or_else(|| ways.first()).cloned()
}

/// The ways without NAT gateways, if those can go and all costs less so. Of equal costs the one without is taken.
fn without_nat(
    network: &Network, region: Region, open: &[Priced], closed: &[Option<Priced>], costs: &mut Costs<'_>,
) -> Option<Vec<Priced>> {
    let Egress::Nat(nat) = network.egress else { return None };
    if nat.stay || network.other > 0 || network.unnamed > 0 {
        return None;
    }
    let closed: Vec<Priced> = closed.iter().cloned().collect::<Option<_>>()?;
    let sum = |ways: &[Priced]| ways.iter().map(|(_, cost)| cost.clone()).sum::<Option<Money>>();
    if !open.iter().any(|(choice, _)| *choice == Choice::Nat) {
        return Some(closed);
    }
    let gateways = nat.gateways.saturating_mul(network.count);
    let hours = costs.standing(Way::NatGateways { gateways, crosses_zones: false }, region);
    let (Some(without), Some(with), Some(hours)) = (sum(&closed), sum(open), hours) else { return Some(closed) };
    (without <= &with + &hours).then_some(closed)
}

/// The recommendation of a way that is chosen.
fn told(
    network: &Network, region: Region, need: &Need, (choice, cost): &Priced, nat_goes: bool, costs: &mut Costs<'_>,
) -> Recommendation {
    let choice = *choice;
    let volumes = (need.inside(), need.outside());
    let instead = instead(network, region, need, choice, costs);
    let even = break_even_of(network, region, need, choice, costs);
    let mut why = Vec::new();
    match choice {
        Choice::Gateway => why.push(Reason::GatewayIsFree),
        Choice::GatewayAndInterface => why.extend([Reason::GatewayIsFree, Reason::OutsideNeedsInterface]),
        Choice::Interface if need.region != region => why.push(Reason::CrossesRegions),
        Choice::Interface if !need.service.gateway() => why.push(Reason::OnlyInterface),
        Choice::Interface => why.push(Reason::OutsideNeedsInterface),
        Choice::PeeredInterface => why.push(Reason::OnlyOverPeering),
        Choice::Nat | Choice::InternetGateway if Choice::private(region, need).is_empty() => {
            why.push(Reason::NotInRegion);
        }
        Choice::Nat => why.extend(even.clone().map(|from| Reason::TooLittle { from })),
        Choice::InternetGateway => why.push(Reason::PublicIsFree),
        Choice::Nothing => why.push(Reason::NotInRegion),
    }
    if matches!(choice, Choice::Interface | Choice::PeeredInterface) {
        why.extend(paid_because(network, need, cost.as_ref(), instead.as_ref(), nat_goes));
    }
    if cost.is_none() && choice != Choice::Nothing {
        why.push(Reason::PriceUnknown);
    }
    Recommendation {
        service: need.service,
        region: need.region,
        bytes: need.volume.map(|volume| volume.plus(need.outside()).total()),
        choice,
        state: if choice.is_private() { Addition::of(network, region, need, choice).0 } else { State::Kept },
        why,
        cost: cost.clone(),
        instead,
        break_even: even,
        volumes,
    }
}

/// Why a way is taken that has a price.
fn paid_because(
    network: &Network, need: &Need, cost: Option<&Money>, instead: Option<&Instead>, nat_goes: bool,
) -> Option<Reason> {
    if network.egress == Egress::Closed {
        return Some(Reason::NoWayOut);
    }
    if need.volume.is_none() {
        return Some(Reason::VolumeUnknown);
    }
    if !need.outside().is_none() {
        return Some(Reason::OutsideIsServed);
    }
    let Egress::Nat(nat) = network.egress else { return None };
    let over_nat = instead.filter(|instead| instead.choice == Choice::Nat).and_then(|instead| instead.cost.as_ref());
    match (over_nat, cost) {
        (Some(nat), Some(own)) if own <= nat => Some(Reason::CheaperThanNat { saved: nat - own }),
        _ if nat_goes => Some(Reason::NatGoes { gateways: nat.gateways }),
        _ => None,
    }
}

/// What a way is instead of: NAT gateways, or an interface endpoint where it is NAT gateways or where clients outside would
/// need one.
fn instead(network: &Network, region: Region, need: &Need, choice: Choice, costs: &mut Costs<'_>) -> Option<Instead> {
    let private = Choice::private(region, need);
    let other = match choice {
        Choice::Nothing => return None,
        Choice::GatewayAndInterface => Choice::Interface,
        Choice::Nat | Choice::InternetGateway => *private.first()?,
        _ if matches!(network.egress, Egress::InternetGateway) => Choice::InternetGateway,
        Choice::Gateway | Choice::Interface | Choice::PeeredInterface => Choice::Nat,
    };
    let cost = need.volume.and_then(|_| costs.of_legs(&other.legs(region, network, need)));
    Some(Instead { choice: other, cost })
}

/// For which volumes of one VPC an endpoint costs no more than a NAT gateway that is there anyway.
fn break_even_of(
    network: &Network, region: Region, need: &Need, choice: Choice, costs: &mut Costs<'_>,
) -> Option<BreakEven> {
    let (zones, vpcs) = (interface_zones(network, region, need), network.count);
    let endpoint = if choice == Choice::Nat { *Choice::private(region, need).first()? } else { choice };
    // A hub is where the service is. What goes between Regions is the same on both sides.
    let (way, at) = match endpoint {
        Choice::Gateway => (Way::GatewayEndpoint, region),
        Choice::Interface => (Way::InterfaceEndpoints { endpoints: 1, zones, vpcs }, region),
        Choice::PeeredInterface => (Way::PeeringHub { endpoints: 1, zones, crosses_zones: false }, need.region),
        Choice::GatewayAndInterface | Choice::Nat | Choice::InternetGateway | Choice::Nothing => return None,
    };
    let nat = Way::NatGateways { gateways: 0, crosses_zones: network.nat().crosses_zones };
    let even = break_even(&costs.curve(way, at)?, &costs.curve(nat, region)?);
    Some(of_one(&even, vpcs))
}

/// Volumes of one VPC, from those that several have together which are alike.
fn of_one(together: &BreakEven, vpcs: u32) -> BreakEven {
    let vpcs = u128::from(vpcs.max(1));
    let ranges = together.ranges.iter().map(|(from, last)| (from.div_ceil(vpcs), last.map(|last| last / vpcs)));
    BreakEven { ranges: ranges.filter(|(from, last)| last.is_none_or(|last| *from <= last)).collect() }
}
