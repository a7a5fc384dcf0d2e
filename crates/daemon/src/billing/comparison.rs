//! The traffic of a month to each service by the other ways that there are. Pure.
//!
//! A NAT gateway's bytes are in none of them: which services they went to, its counter does not say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sidegate_cost::{Money, Prices, Traffic, Unit, Usage, Way, units};
use sidegate_model::{AccountId, Catalog, Region, VpcId};

use super::Records;
use super::ledger::{Span, union};
use super::period::Period;
use super::standing::Kind;
use super::statement::{Line, Statement, Wanted, time};

/// What the traffic of a part of a month costs by other ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comparison {
    /// Each service that an endpoint led to, by account and Region.
    pub(crate) services: Vec<Service>,
    /// All services of an account in a Region together: they share NAT gateways and a transit gateway, and each has endpoints.
    pub(crate) together: Vec<Service>,
    /// The prices that are missing for some way.
    pub(crate) unpriced: BTreeSet<String>,
    /// The bytes of NAT gateways, of which it is not known where they went.
    pub(crate) nat_gateway_bytes: u64,
}

/// The traffic to a service, and what it costs by each way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Service {
    /// The account.
    pub(crate) account: AccountId,
    /// The Region.
    pub(crate) region: Region,
    /// The service; `None` for all of them together.
    pub(crate) service: Option<String>,
    /// What of each kind of endpoint there was: `gateway`, `interface`, or both.
    pub(crate) endpoints: Vec<&'static str>,
    /// In how many zones a way is priced that is in zones: those of its interface endpoints, or else of the Region's others.
    pub(crate) zones: u32,
    /// How many VPCs have endpoints for it.
    pub(crate) vpcs: u32,
    /// For how many hours: those in which any endpoint stood.
    pub(crate) hours: u64,
    /// The bytes of both directions.
    pub(crate) bytes: u64,
    /// The same in gigabytes, exactly.
    pub(crate) gigabytes: String,
    /// What it cost. `None` where a price is not known, as with the ways.
    pub(crate) now: Option<Money>,
    /// By gateway endpoints. `None` too where the service has none.
    pub(crate) gateway_endpoint: Option<Money>,
    /// By interface endpoints, in each VPC.
    pub(crate) interface_endpoint: Option<Money>,
    /// By NAT gateways that are there anyway: their data alone.
    pub(crate) nat_gateway_that_stays: Option<Money>,
    /// By NAT gateways of its own, one for each zone and VPC.
    pub(crate) nat_gateway: Option<Money>,
    /// By interface endpoints in one VPC, for the others over a transit gateway. `None` too where there are no others.
    pub(crate) hub: Option<Money>,
    /// Of which of these a price is not known.
    pub(crate) unpriced: BTreeSet<By>,
    /// Of which a price has no good source.
    pub(crate) doubtful: BTreeSet<By>,
}

/// What is priced, by its name in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum By {
    /// What there was.
    Now,
    /// Gateway endpoints.
    GatewayEndpoint,
    /// Interface endpoints.
    InterfaceEndpoint,
    /// NAT gateways that are there anyway.
    NatGatewayThatStays,
    /// NAT gateways for this alone.
    NatGateway,
    /// Interface endpoints in one VPC.
    Hub,
}

/// What is known of the use of a service.
#[derive(Clone, Debug, Default)]
struct Known {
    /// What of it is in the bill.
    endpoints: BTreeSet<Kind>,
    /// When an endpoint was where; a gateway endpoint is in no zone.
    spans: BTreeMap<(Option<VpcId>, Option<String>), Vec<Span>>,
    bytes: u64,
    resources: BTreeSet<String>,
}

/// When an endpoint was in a zone of a VPC.
type Places = BTreeMap<(Option<VpcId>, String), Vec<Span>>;

/// For how many hours the ways need what is paid by the hour.
#[derive(Clone, Copy, Debug, Default)]
struct Hours {
    /// In which any endpoint stood.
    any: u64,
    /// Of endpoints, one for each service, in each zone and VPC.
    endpoints: u64,
    /// Of NAT gateways in each zone and VPC.
    nat_gateways: u64,
    /// Of endpoints in the zones of one VPC.
    hub_endpoints: u64,
    /// Of the attachments of all VPCs, and of that with the endpoints.
    attachments: u64,
    /// In how many zones, and in how many VPCs.
    zones: usize,
    vpcs: usize,
}

impl Known {
    /// The zones in which it has hours.
    fn zones(&self, period: &Period) -> BTreeSet<String> {
        let spans = self.spans.iter().filter(|(_, spans)| hours(spans.iter(), period) > 0);
        spans.filter_map(|((_, zone), _)| zone.clone()).collect()
    }

    /// Where it was, if what is in no zone were in each of these.
    fn places(&self, zones: &BTreeSet<String>) -> Places {
        let mut places = Places::new();
        let nowhere = BTreeSet::from([String::new()]);
        for ((vpc, zone), spans) in &self.spans {
            let own = zone.iter().cloned().collect();
            let zones =
                if zone.is_some() { &own } else { Some(zones).filter(|own| !own.is_empty()).unwrap_or(&nowhere) };
            for zone in zones {
                places.entry((vpc.clone(), zone.clone())).or_default().extend(spans);
            }
        }
        places
    }
}

impl Hours {
    /// Those of one service, or of NAT gateways and a transit gateway that several share.
    fn of(places: &Places, period: &Period) -> Self {
        let mut by_zone: BTreeMap<&String, Vec<Span>> = BTreeMap::new();
        let mut by_vpc: BTreeMap<&Option<VpcId>, Vec<Span>> = BTreeMap::new();
        for ((vpc, zone), spans) in places {
            by_zone.entry(zone).or_default().extend(spans);
            by_vpc.entry(vpc).or_default().extend(spans);
        }
        let of_each = |spans: &mut dyn Iterator<Item = &Vec<Span>>| -> Vec<u64> {
            spans.map(|own| hours(own.iter(), period)).filter(|hours| *hours > 0).collect()
        };
        let (zones, vpcs) = (of_each(&mut by_zone.values()), of_each(&mut by_vpc.values()));
        let endpoints = of_each(&mut places.values()).iter().sum();
        let any = hours(places.values().flatten(), period);
        Self {
            any,
            endpoints,
            nat_gateways: endpoints,
            hub_endpoints: zones.iter().sum(),
            attachments: vpcs.iter().sum::<u64>() + any,
            zones: zones.len(),
            vpcs: vpcs.len(),
        }
    }
}

/// The hours of a part of a month in which any of these went on.
fn hours<'s>(spans: impl Iterator<Item = &'s Span>, period: &Period) -> u64 {
    union(spans.copied().collect()).into_iter().map(|span| time(Kind::InterfaceEndpoint, span, period)).sum()
}

impl Comparison {
    /// Compares what a bill is of.
    pub(crate) fn of(
        records: &Records, period: &Period, wanted: &Wanted, prices: &Prices, statement: &Statement,
    ) -> Self {
        let (known, nat_gateway_bytes) = known(records, period, wanted);
        let mut zones: BTreeMap<(AccountId, Region), BTreeSet<String>> = BTreeMap::new();
        for ((account, region, _), own) in &known {
            zones.entry((account.clone(), *region)).or_default().extend(own.zones(period));
        }
        let mut together: BTreeMap<(AccountId, Region), (Known, Places, Hours, bool)> = BTreeMap::new();
        let (mut services, mut unpriced) = (Vec::new(), BTreeSet::new());
        for ((account, region, service), own) in &known {
            let place = (account.clone(), *region);
            let of_region = zones.get(&place).cloned().unwrap_or_default();
            let of_service = own.zones(period);
            let places = own.places(if of_service.is_empty() { &of_region } else { &of_service });
            let hours = Hours::of(&places, period);
            let has_gateway = Catalog::named(service).is_some_and(sidegate_model::Service::gateway);
            let pricing = Pricing { account, region: *region, service: Some(service), has_gateway, hours };
            services.push(pricing.priced(own, prices, statement, &mut unpriced));
            let (sum, all, needed, have_gateways) =
                together.entry(place).or_insert_with(|| (Known::default(), Places::new(), Hours::default(), true));
            sum.endpoints.extend(own.endpoints.iter().copied());
            sum.bytes = sum.bytes.saturating_add(own.bytes);
            sum.resources.extend(own.resources.iter().cloned());
            for (place, spans) in places {
                all.entry(place).or_default().extend(spans);
            }
            needed.endpoints += hours.endpoints;
            needed.hub_endpoints += hours.hub_endpoints;
            *have_gateways &= has_gateway;
        }
        let together = together.iter().map(|((account, region), (own, places, needed, has_gateway))| {
            let (endpoints, hub_endpoints) = (needed.endpoints, needed.hub_endpoints);
            let hours = Hours { endpoints, hub_endpoints, ..Hours::of(places, period) };
            let pricing = Pricing { account, region: *region, service: None, has_gateway: *has_gateway, hours };
            pricing.priced(own, prices, statement, &mut unpriced)
        });
        let together = together.collect();
        Self { services, together, unpriced, nat_gateway_bytes }
    }
}

/// What is known of each service, and the bytes of NAT gateways.
fn known(records: &Records, period: &Period, wanted: &Wanted) -> (BTreeMap<(AccountId, Region, String), Known>, u64) {
    let mut known: BTreeMap<(AccountId, Region, String), Known> = BTreeMap::new();
    let mut bytes = records.bytes.clone();
    let mut nat_gateway_bytes = 0_u64;
    for interval in records.intervals.iter().filter(|own| wanted.has(&own.standing.scope) && own.began < period.until) {
        let standing = &interval.standing;
        let is_endpoint = matches!(standing.kind, Kind::GatewayEndpoint | Kind::InterfaceEndpoint);
        if !is_endpoint && standing.kind != Kind::NatGateway {
            continue;
        }
        let moved = bytes.remove(&standing.point).unwrap_or_default();
        if !is_endpoint {
            nat_gateway_bytes = nat_gateway_bytes.saturating_add(moved);
            continue;
        }
        let key = (standing.scope.account.clone(), standing.scope.region, standing.about.clone());
        let own = known.entry(key).or_default();
        if moved > 0 || time(standing.kind, interval.span(), period) > 0 {
            own.endpoints.insert(standing.kind);
        }
        own.spans.entry((standing.vpc.clone(), standing.zone.clone())).or_default().push(interval.span());
        own.bytes = own.bytes.saturating_add(moved);
        own.resources.insert(standing.resource.clone());
    }
    // Of an endpoint that is gone there may be no more than that it was there before.
    known.retain(|_, own| !own.endpoints.is_empty());
    (known, nat_gateway_bytes)
}

/// Whose traffic it is, and for how many hours.
struct Pricing<'a> {
    account: &'a AccountId,
    region: Region,
    service: Option<&'a String>,
    has_gateway: bool,
    hours: Hours,
}

impl Pricing<'_> {
    fn priced(&self, own: &Known, prices: &Prices, statement: &Statement, unpriced: &mut BTreeSet<String>) -> Service {
        let Self { region, hours, has_gateway, .. } = *self;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).max(1);
        let (mut without, mut doubtful) = (BTreeSet::new(), BTreeSet::new());
        // What is billed for endpoints and NAT gateways is the sum of both directions.
        let all = Traffic { region, service: region, sent: 0, received: own.bytes };
        let none = Traffic { received: 0, ..all };
        let mut price = |by: By, parts: &[(Way, Traffic, u64)]| {
            let mut usage = Usage::default();
            for (way, traffic, hours) in parts {
                usage.add_all(&way.usage(traffic, *hours).ok()?);
            }
            match prices.bill(&usage) {
                Ok(bill) => {
                    doubtful.extend(bill.is_doubtful().then_some(by));
                    Some(bill.total)
                }
                Err(error) => {
                    without.insert(by);
                    unpriced.insert(error.to_string());
                    None
                }
            }
        };
        let nat = |gateways| Way::NatGateways { gateways, crosses_zones: false };
        let hub = |endpoints, attachments| Way::TransitGatewayHub { endpoints, zones: 1, attachments };
        let in_vpcs = Way::InterfaceEndpoints { endpoints: 1, zones: 1, vpcs: 1 };
        let gateway_endpoint =
            has_gateway.then(|| price(By::GatewayEndpoint, &[(Way::GatewayEndpoint, all, hours.any)])).flatten();
        let interface_endpoint = price(By::InterfaceEndpoint, &[(in_vpcs, all, hours.endpoints)]);
        let nat_gateway_that_stays = price(By::NatGatewayThatStays, &[(nat(0), all, 0)]);
        let nat_gateway = price(By::NatGateway, &[(nat(1), all, hours.nat_gateways)]);
        let parts = [(hub(1, 0), all, hours.hub_endpoints), (hub(0, 1), none, hours.attachments)];
        let hub = (hours.vpcs > 1).then(|| price(By::Hub, &parts)).flatten();
        let lines = || {
            let is_own = |line: &&Line| line.account == *self.account && line.region == region;
            statement.lines.iter().filter(is_own).filter(|line| own.resources.contains(&line.resource))
        };
        let now = lines().map(|line| line.amount.clone()).sum::<Option<Money>>();
        without.extend(now.is_none().then_some(By::Now));
        doubtful.extend(lines().any(Line::is_doubtful).then_some(By::Now));
        let named = |kind: &Kind| if *kind == Kind::GatewayEndpoint { "gateway" } else { "interface" };
        Service {
            account: self.account.clone(),
            region,
            service: self.service.cloned(),
            endpoints: own.endpoints.iter().map(named).collect(),
            zones: count(hours.zones),
            vpcs: count(hours.vpcs),
            hours: hours.any,
            bytes: own.bytes,
            gigabytes: units(Unit::Gigabyte, own.bytes.into()),
            now,
            gateway_endpoint,
            interface_endpoint,
            nat_gateway_that_stays,
            nat_gateway,
            hub,
            unpriced: without,
            doubtful,
        }
    }
}
