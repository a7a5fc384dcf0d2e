//! The traffic of a month to each service by the other ways that there are. Pure.
//!
//! A NAT gateway's bytes are in none of them: which services they went to, its counter does not say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sidegate_cost::{Money, Prices, Traffic, Unit, Way, units};
use sidegate_model::{AccountId, Catalog, Region, VpcId};

use super::Records;
use super::period::Period;
use super::standing::Kind;
use super::statement::{Statement, Wanted, time};

/// What the traffic of a part of a month costs by other ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comparison {
    /// Each service that an endpoint led to, by account and Region.
    pub(crate) services: Vec<Service>,
    /// All services of an account in a Region together: they share NAT gateways and a hub.
    pub(crate) together: Vec<Service>,
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
    /// For how many hours: those for which an endpoint stood the longest.
    pub(crate) hours: u64,
    /// The bytes of both directions.
    pub(crate) bytes: u64,
    /// The same in gigabytes, exactly.
    pub(crate) gigabytes: String,
    /// What it cost, where every price is known.
    pub(crate) now: Option<Money>,
    /// By gateway endpoints. `None` where the service has none, or a price is not known; so with the others.
    pub(crate) gateway_endpoint: Option<Money>,
    /// By interface endpoints, in each VPC.
    pub(crate) interface_endpoint: Option<Money>,
    /// By NAT gateways that are there anyway: their data alone.
    pub(crate) nat_gateway_that_stays: Option<Money>,
    /// By NAT gateways of its own, one for each zone and VPC.
    pub(crate) nat_gateway: Option<Money>,
    /// By interface endpoints in one VPC, for the others over a transit gateway.
    pub(crate) hub: Option<Money>,
}

/// What is known of the use of a service.
#[derive(Clone, Debug, Default)]
struct Known {
    endpoints: BTreeSet<Kind>,
    zones: BTreeSet<String>,
    vpcs: BTreeSet<VpcId>,
    hours: u64,
    bytes: u64,
    resources: BTreeSet<String>,
}

impl Comparison {
    /// Compares what a bill is of.
    pub(crate) fn of(
        records: &Records, period: &Period, wanted: &Wanted, prices: &Prices, statement: &Statement,
    ) -> Self {
        let mut known: BTreeMap<(AccountId, Region, String), Known> = BTreeMap::new();
        let mut bytes = records.bytes.clone();
        let mut nat_gateway_bytes = 0_u64;
        for interval in records.intervals.iter().filter(|own| wanted.has(&own.standing.scope)) {
            let standing = &interval.standing;
            let is_endpoint = matches!(standing.kind, Kind::GatewayEndpoint | Kind::InterfaceEndpoint);
            if standing.kind == Kind::NatGateway {
                nat_gateway_bytes += bytes.remove(&standing.point).unwrap_or_default();
            }
            if !is_endpoint {
                continue;
            }
            let key = (standing.scope.account.clone(), standing.scope.region, standing.about.clone());
            let own = known.entry(key).or_default();
            own.endpoints.insert(standing.kind);
            own.zones.extend(standing.zone.clone());
            own.vpcs.extend(standing.vpc.clone());
            own.hours = own.hours.max(time(interval, period));
            own.bytes += bytes.remove(&standing.point).unwrap_or_default();
            own.resources.insert(standing.resource.clone());
        }
        let mut together: BTreeMap<(AccountId, Region), (u32, Known)> = BTreeMap::new();
        for ((account, region, _), own) in &known {
            let (services, sum) = together.entry((account.clone(), *region)).or_default();
            *services += 1;
            sum.endpoints.extend(own.endpoints.iter().copied());
            sum.zones.extend(own.zones.iter().cloned());
            sum.vpcs.extend(own.vpcs.iter().cloned());
            sum.hours = sum.hours.max(own.hours);
            sum.bytes += own.bytes;
            sum.resources.extend(own.resources.iter().cloned());
        }
        let zones_of = |account: &AccountId, region: Region| {
            together.get(&(account.clone(), region)).map_or(0, |(_, own)| own.zones.len())
        };
        let services = known.iter().map(|((account, region, service), own)| {
            let zones = if own.zones.is_empty() { zones_of(account, *region) } else { own.zones.len() };
            let place = Place { account, region: *region, service: Some(service.as_str()), services: 1, zones };
            place.priced(own, prices, statement)
        });
        let services = services.collect();
        let together = together.iter().map(|((account, region), (services, own))| {
            let place = Place { account, region: *region, service: None, services: *services, zones: own.zones.len() };
            place.priced(own, prices, statement)
        });
        Self { services, together: together.collect(), nat_gateway_bytes }
    }
}

/// Whose traffic it is, and how many services it goes to.
struct Place<'a> {
    account: &'a AccountId,
    region: Region,
    service: Option<&'a str>,
    services: u32,
    zones: usize,
}

impl Place<'_> {
    fn priced(&self, own: &Known, prices: &Prices, statement: &Statement) -> Service {
        let (region, count) = (self.region, |number: usize| u32::try_from(number).unwrap_or(u32::MAX));
        let (zones, vpcs) = (count(self.zones).max(1), count(own.vpcs.len()).max(1));
        // What is billed for endpoints and NAT gateways is the sum of both directions.
        let traffic = Traffic { region, service: region, sent: 0, received: own.bytes };
        let by = |way: Way| {
            let usage = way.usage(&traffic, own.hours).ok()?;
            prices.bill(&usage).ok().map(|bill| bill.total)
        };
        let named = self.service.and_then(Catalog::named);
        let has_gateway = named.is_some_and(sidegate_model::Service::gateway);
        let endpoints = self.services;
        let lines = statement.lines.iter().filter(|line| {
            own.resources.contains(&line.resource) && line.account == *self.account && line.region == region
        });
        Service {
            account: self.account.clone(),
            region,
            service: self.service.map(str::to_owned),
            endpoints: own
                .endpoints
                .iter()
                .map(|kind| if *kind == Kind::GatewayEndpoint { "gateway" } else { "interface" })
                .collect(),
            zones,
            vpcs,
            hours: own.hours,
            bytes: own.bytes,
            gigabytes: units(Unit::Gigabyte, own.bytes.into()),
            now: lines.map(|line| line.amount.clone()).sum::<Option<Money>>(),
            gateway_endpoint: has_gateway.then(|| by(Way::GatewayEndpoint)).flatten(),
            interface_endpoint: by(Way::InterfaceEndpoints { endpoints, zones, vpcs }),
            nat_gateway_that_stays: by(Way::NatGateways { gateways: 0, crosses_zones: false }),
            nat_gateway: by(Way::NatGateways { gateways: zones.saturating_mul(vpcs), crosses_zones: false }),
            // The VPC with the endpoints is attached as well.
            hub: by(Way::TransitGatewayHub { endpoints, zones, attachments: vpcs.saturating_add(1) }),
        }
    }
}
