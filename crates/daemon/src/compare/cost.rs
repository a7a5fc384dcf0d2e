//! Costs: what an endpoint costs by the hour, by the gigabyte and in an example month, and where that meets the cost of a
//! NAT gateway.

use serde::Serialize;
use sidegate_cost::{BreakEven, Curve, HOURS_PER_MONTH, Item, Money, NoPrice, Prices, Strength, Way, break_even};
use sidegate_model::Region;

/// The gigabytes of the example month, in both directions together.
const GIGABYTES: u128 = 100;

/// The bytes of a gigabyte, as AWS bills them.
const GIGABYTE: u128 = 1 << 30;

/// What a type of endpoint costs; why nobody can say, where a price is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Costs {
    /// Where all prices are known.
    Known(Box<Cost>),
    /// In words.
    NotKnown(String),
}

/// What an endpoint costs, in US dollars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cost {
    /// In how many zones it is, where each has its own hours.
    zones: Option<u32>,
    /// An hour: of an interface endpoint, in one zone.
    hour: Rate,
    /// A gigabyte of 2³⁰ bytes, by how many came before in the month.
    gigabyte: Vec<Rate>,
    month: Month,
    /// The volumes of a month, in bytes, with which it costs no more than a NAT gateway that is there anyway.
    beside_nat: BreakEven,
    /// The same for one that is there for this alone, and would go.
    instead_of_nat: BreakEven,
}

/// A price for one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rate {
    /// Of what is beyond so many gigabytes; 0 for a price by the hour.
    above: u128,
    usd: Money,
    strength: Strength,
    source: String,
}

/// An example month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Month {
    hours: u32,
    gigabytes: u128,
    /// Over the endpoint.
    usd: Money,
    /// Over a NAT gateway that is there anyway.
    nat_that_stays: Money,
    /// Over one that is there for this alone.
    nat_of_its_own: Money,
}

impl Costs {
    /// Of a gateway endpoint, or of an interface endpoint in so many zones.
    pub(super) fn of(prices: &Prices, region: Region, zones: Option<u32>) -> Self {
        match Cost::of(prices, region, zones) {
            Ok(cost) => Self::Known(Box::new(cost)),
            Err(missing) => Self::NotKnown(missing.to_string()),
        }
    }

    pub(super) fn hour_lines(&self) -> Vec<String> {
        self.lines(|cost| match cost.zones {
            None => vec![cost.hour.told()],
            Some(zones) => {
                let all = &cost.hour.usd * u128::from(zones);
                let noun = if zones == 1 { "zone" } else { "zones" };
                vec![format!("{} in each zone", cost.hour.told()), format!("{all} USD in {zones} {noun}")]
            }
        })
    }

    pub(super) fn gigabyte_lines(&self) -> Vec<String> {
        self.lines(|cost| cost.gigabyte.iter().map(Rate::told).collect())
    }

    pub(super) fn month_lines(&self) -> Vec<String> {
        self.lines(|cost| {
            let Month { hours, gigabytes, usd, nat_that_stays, nat_of_its_own } = &cost.month;
            vec![
                format!("{} USD for {hours} hours and {gigabytes} GB", usd.rounded(2)),
                format!("over a NAT gateway that stays anyway {} USD", nat_that_stays.rounded(2)),
                format!("over a NAT gateway of its own {} USD", nat_of_its_own.rounded(2)),
            ]
        })
    }

    pub(super) fn break_even_lines(&self) -> Vec<String> {
        self.lines(|cost| {
            vec![
                format!("than a NAT gateway that stays: {}", volumes(&cost.beside_nat)),
                format!("than a NAT gateway of its own: {}", volumes(&cost.instead_of_nat)),
            ]
        })
    }

    fn lines(&self, of: impl Fn(&Cost) -> Vec<String>) -> Vec<String> {
        match self {
            Self::Known(cost) => of(cost),
            Self::NotKnown(why) => vec![why.clone()],
        }
    }
}

impl Cost {
    fn of(prices: &Prices, region: Region, zones: Option<u32>) -> Result<Self, NoPrice> {
        let (way, hour, data) = match zones {
            None => (Way::GatewayEndpoint, Item::GatewayEndpointHour, Item::GatewayEndpointData),
            Some(zones) => (
                Way::InterfaceEndpoints { endpoints: 1, zones, vpcs: 1 },
                Item::InterfaceEndpointHour,
                Item::InterfaceEndpointData,
            ),
        };
        let curve = |way: &Way| way.curve(prices, region, HOURS_PER_MONTH.into());
        let nat = |gateways| curve(&Way::NatGateways { gateways, crosses_zones: false });
        let (own, stays, of_its_own) = (curve(&way)?, nat(0)?, nat(1)?);
        let rates = |item: &Item| -> Result<Vec<Rate>, NoPrice> {
            let tiers = prices.of(item, region)?.tiers.iter();
            Ok(tiers
                .map(|tier| Rate {
                    above: tier.above / GIGABYTE,
                    usd: tier.price.clone(),
                    strength: tier.strength,
                    source: tier.source.clone(),
                })
                .collect())
        };
        let at = |curve: &Curve| curve.at(GIGABYTES * GIGABYTE);
        let hour = rates(&hour)?.into_iter().next().ok_or(NoPrice { item: hour, region })?;
        Ok(Self {
            zones,
            hour: Rate { above: 0, ..hour },
            gigabyte: rates(&data)?,
            month: Month {
                hours: HOURS_PER_MONTH,
                gigabytes: GIGABYTES,
                usd: at(&own),
                nat_that_stays: at(&stays),
                nat_of_its_own: at(&of_its_own),
            },
            beside_nat: break_even(&own, &stays),
            instead_of_nat: break_even(&own, &of_its_own),
        })
    }
}

impl Rate {
    fn told(&self) -> String {
        let above = if self.above == 0 { String::new() } else { format!(" beyond {} GB", self.above) };
        let doubt = if self.strength == Strength::Doubtful { " (doubtful)" } else { "" };
        format!("{} USD{above}{doubt}", self.usd)
    }
}

/// The volumes of a month with which it costs no more.
fn volumes(even: &BreakEven) -> String {
    if even.is_always() {
        return "always".to_owned();
    }
    if even.is_never() {
        return "never".to_owned();
    }
    let range = |(from, until): &(u128, Option<u128>)| {
        let from = from.div_ceil(GIGABYTE);
        match until {
            None => format!("from {from} GB a month on"),
            Some(until) => format!("from {from} to {} GB a month", until / GIGABYTE),
        }
    };
    even.ranges.iter().map(range).collect::<Vec<_>>().join(", ")
}

/// What a NAT gateway costs, where no endpoint stands: by the hour, and by the gigabyte.
pub(super) fn nat_lines(prices: &Prices, region: Region) -> Vec<String> {
    let rate = |item: Item, unit: &str| match prices.of(&item, region).map(|price| price.tiers.first().cloned()) {
        Ok(Some(tier)) => {
            let doubt = if tier.strength == Strength::Doubtful { " (doubtful)" } else { "" };
            format!("{} USD by the {unit}{doubt}", tier.price)
        }
        Ok(None) => format!("no price by the {unit}"),
        Err(missing) => missing.to_string(),
    };
    let (hour, data) = (rate(Item::NatGatewayHour, "hour"), rate(Item::NatGatewayData, "GB"));
    vec![format!("a NAT gateway in its place: {hour}, {data}")]
}
