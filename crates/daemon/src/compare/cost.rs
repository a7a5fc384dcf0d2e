//! Costs: what an endpoint costs by the hour, by the gigabyte and in an example month, and where that meets the cost of a
//! NAT gateway.

use serde::Serialize;
use sidegate_cost::{
    BreakEven, Curve, HOURS_PER_MONTH, Item, Money, NoPrice, Prices, Strength, Traffic, Way, break_even,
};
use sidegate_model::Region;

/// The gigabytes of the example month, in both directions together.
const GIGABYTES: u64 = 100;

/// The bytes of a gigabyte, as AWS bills them.
const GIGABYTE: u64 = 1 << 30;

/// What a type of endpoint costs, in US dollars: each part by its own prices, or why nobody can say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Costs {
    /// In how many zones it is, where each has its own hours.
    zones: Option<u32>,
    /// An hour: of an interface endpoint, in one zone.
    hour: Told<Rate>,
    /// A gigabyte of 2³⁰ bytes, by how many came before in the month.
    gigabyte: Told<Vec<Rate>>,
    /// An example month over it.
    month: Told<Month>,
    /// Beside a NAT gateway that is there anyway.
    beside_nat: Told<Meeting>,
    /// Beside one that is there for this alone, and would go.
    instead_of_nat: Told<Meeting>,
}

/// What is computed of prices; in words, which of them is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Told<T> {
    /// Where all prices for it are known.
    Known(T),
    /// Which one is not.
    NotKnown(String),
}

/// A price for one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rate {
    /// Of what is beyond so many gigabytes; 0 for a price by the hour.
    above: u128,
    usd: Money,
    strength: Strength,
    source: String,
}

/// An example month over an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Month {
    hours: u32,
    gigabytes: u128,
    usd: Money,
    doubtful: bool,
}

/// The same month over a NAT gateway, and where the two costs meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meeting {
    /// The example month.
    usd: Money,
    /// The volumes of a month, in bytes, with which the endpoint costs no more.
    costs_no_more: BreakEven,
    /// Whether any price that it rests on is doubtful.
    doubtful: bool,
}

/// What a way costs by the bytes of a month, and whether any price in it is doubtful.
struct Priced {
    curve: Curve,
    doubtful: bool,
}

impl Priced {
    fn of(prices: &Prices, region: Region, way: &Way) -> Result<Self, NoPrice> {
        let curve = way.curve(prices, region, HOURS_PER_MONTH.into())?;
        let month = Traffic { region, service: region, sent: bytes_of_month(), received: 0 };
        let bill = match way.usage(&month, HOURS_PER_MONTH.into()) {
            Ok(usage) => Some(prices.bill(&usage)?),
            Err(_) => None,
        };
        Ok(Self { curve, doubtful: bill.is_some_and(|bill| bill.is_doubtful()) })
    }

    fn month(&self) -> Money {
        self.curve.at(bytes_of_month().into())
    }
}

fn bytes_of_month() -> u64 {
    GIGABYTES * GIGABYTE
}

impl<T> Told<T> {
    fn of(told: Result<T, NoPrice>) -> Self {
        told.map_or_else(|missing| Self::NotKnown(missing.to_string()), Self::Known)
    }

    fn lines(&self, of: impl FnOnce(&T) -> Vec<String>) -> Vec<String> {
        match self {
            Self::Known(known) => of(known),
            Self::NotKnown(why) => vec![why.clone()],
        }
    }
}

impl Costs {
    /// Of a gateway endpoint, or of an interface endpoint in so many zones.
    pub(super) fn of(prices: &Prices, region: Region, zones: Option<u32>) -> Self {
        let (way, hour, data) = match zones {
            None => (Way::GatewayEndpoint, Item::GatewayEndpointHour, Item::GatewayEndpointData),
            Some(zones) => (
                Way::InterfaceEndpoints { endpoints: 1, zones, vpcs: 1 },
                Item::InterfaceEndpointHour,
                Item::InterfaceEndpointData,
            ),
        };
        let meeting = |gateways| {
            let own = Priced::of(prices, region, &way)?;
            let nat = Priced::of(prices, region, &Way::NatGateways { gateways, crosses_zones: false })?;
            Ok(Meeting {
                usd: nat.month(),
                costs_no_more: break_even(&own.curve, &nat.curve),
                doubtful: own.doubtful || nat.doubtful,
            })
        };
        let month = Priced::of(prices, region, &way).map(|own| Month {
            hours: HOURS_PER_MONTH,
            gigabytes: GIGABYTES.into(),
            usd: own.month(),
            doubtful: own.doubtful,
        });
        let first = rates(prices, region, &hour)
            .and_then(|rates| rates.into_iter().next().ok_or(NoPrice { item: hour, region }));
        Self {
            zones,
            hour: Told::of(first.map(|rate| Rate { above: 0, ..rate })),
            gigabyte: Told::of(rates(prices, region, &data)),
            month: Told::of(month),
            beside_nat: Told::of(meeting(0)),
            instead_of_nat: Told::of(meeting(1)),
        }
    }

    /// Whether its hour has a price.
    #[cfg(test)]
    pub(super) fn is_priced(&self) -> bool {
        matches!(self.hour, Told::Known(_))
    }

    pub(super) fn hour_lines(&self) -> Vec<String> {
        self.hour.lines(|hour| match self.zones {
            None => vec![hour.told()],
            Some(zones) => {
                let all = &hour.usd * u128::from(zones);
                let noun = if zones == 1 { "zone" } else { "zones" };
                vec![format!("{} in each zone", hour.told()), format!("{all} USD in {zones} {noun}")]
            }
        })
    }

    pub(super) fn gigabyte_lines(&self) -> Vec<String> {
        self.gigabyte.lines(|rates| rates.iter().map(Rate::told).collect())
    }

    pub(super) fn month_lines(&self) -> Vec<String> {
        let own = self.month.lines(|Month { hours, gigabytes, usd, doubtful }| {
            vec![format!("{} USD for {hours} hours and {gigabytes} GB{}", usd.rounded(2), doubt(*doubtful))]
        });
        let over = |meeting: &Told<Meeting>, which: &str| {
            let told = |own: &Meeting| {
                vec![format!("over a NAT gateway {which} {} USD{}", own.usd.rounded(2), doubt(own.doubtful))]
            };
            meeting.lines(told)
        };
        merged([own, over(&self.beside_nat, "that stays anyway"), over(&self.instead_of_nat, "of its own")])
    }

    pub(super) fn break_even_lines(&self) -> Vec<String> {
        let than = |meeting: &Told<Meeting>, which: &str| {
            let told = |own: &Meeting| {
                vec![format!("than a NAT gateway {which}: {}{}", volumes(&own.costs_no_more), doubt(own.doubtful))]
            };
            meeting.lines(told)
        };
        merged([than(&self.beside_nat, "that stays"), than(&self.instead_of_nat, "of its own")])
    }
}

/// Lines one after the other; what is missing for several is told once.
fn merged<const N: usize>(parts: [Vec<String>; N]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in parts.into_iter().flatten() {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

fn doubt(is_doubtful: bool) -> &'static str {
    if is_doubtful { " (doubtful)" } else { "" }
}

/// The prices of an item.
fn rates(prices: &Prices, region: Region, item: &Item) -> Result<Vec<Rate>, NoPrice> {
    let tiers = prices.of(item, region)?.tiers.iter();
    Ok(tiers
        .map(|tier| Rate {
            above: tier.above / u128::from(GIGABYTE),
            usd: tier.price.clone(),
            strength: tier.strength,
            source: tier.source.clone(),
        })
        .collect())
}

impl Rate {
    fn told(&self) -> String {
        let above = if self.above == 0 { String::new() } else { format!(" beyond {} GB", self.above) };
        format!("{} USD{above}{}", self.usd, doubt(self.strength == Strength::Doubtful))
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
        let from = from.div_ceil(GIGABYTE.into());
        match until {
            None => format!("from {from} GB a month on"),
            Some(until) => format!("from {from} to {} GB a month", until / u128::from(GIGABYTE)),
        }
    };
    even.ranges.iter().map(range).collect::<Vec<_>>().join(", ")
}

/// What a NAT gateway costs, where no endpoint stands: by the hour, and by the gigabyte.
pub(super) fn nat_lines(prices: &Prices, region: Region) -> Vec<String> {
    let rate = |item: Item, unit: &str| match prices.of(&item, region).map(|price| price.tiers.first().cloned()) {
        Ok(Some(tier)) => {
            format!("{} USD by the {unit}{}", tier.price, doubt(tier.strength == Strength::Doubtful))
        }
        Ok(None) => format!("no price by the {unit}"),
        Err(missing) => missing.to_string(),
    };
    let (hour, data) = (rate(Item::NatGatewayHour, "hour"), rate(Item::NatGatewayData, "GB"));
    let address = rate(Item::PublicAddressHour, "hour");
    vec![format!("a NAT gateway in its place: {hour}, its public address: {address}; {data}")]
}
