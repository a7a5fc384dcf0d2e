//! The bill of a part of a month: lines by resource, zone and usage type, subtotals, and their sum. Pure.
//!
//! An hour belongs to the month in which it began, so that no hour is in two bills.

use std::collections::BTreeMap;

use serde::Serialize;
use sidegate_cost::{Charge, Item, Money, NoPrice, Prices, Strength, Unit, billed_hours, units};
use sidegate_model::{AccountId, Region, Scope};

use super::period::Period;
use super::standing::{Kind, Standing};
use super::{Interval, Records};
use crate::clock;

/// What of the use a bill is to be of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// The account; all if there is none.
    pub(crate) account: Option<AccountId>,
    /// The Region; all if there is none.
    pub(crate) region: Option<Region>,
}

impl Wanted {
    pub(super) fn has(&self, scope: &Scope) -> bool {
        self.account.as_ref().is_none_or(|account| *account == scope.account)
            && self.region.is_none_or(|region| region == scope.region)
    }
}

/// The bill of a part of a month. Its form as JSON is that of docs/how-to/read-the-bill.md.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Statement {
    /// The month.
    pub(crate) month: String,
    /// From when: the beginning of the month.
    pub(crate) from: String,
    /// Until when.
    pub(crate) until: String,
    /// Whether that lies in the future, and it is supposed that everything stays.
    pub(crate) supposed: bool,
    /// Of when the prices are.
    pub(crate) prices_as_of: String,
    /// The currency of all amounts.
    pub(crate) currency: &'static str,
    /// What was used, by account, Region, kind, resource, zone and item.
    pub(crate) lines: Vec<Line>,
    /// The sum of the lines of each resource.
    pub(crate) resources: Vec<Subtotal>,
    /// The sum of the lines that have a price.
    pub(crate) total: Money,
    /// What has no price, and so is in no sum.
    pub(crate) unpriced: Vec<String>,
    /// Whether a price of a line has no good source.
    pub(crate) doubtful: bool,
}

/// One usage type of one resource, in one zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    /// The account.
    pub(crate) account: AccountId,
    /// The Region.
    pub(crate) region: Region,
    /// What kind of thing was used.
    pub(crate) kind: Kind,
    /// Its id.
    pub(crate) resource: String,
    /// The service, the address, or what else there is to know.
    pub(crate) about: String,
    /// The zone, of what is in one.
    pub(crate) zone: Option<String>,
    /// What is charged for.
    pub(crate) item: Item,
    /// AWS's name of that. `None` for what AWS's bills do not have, or where there is no price.
    pub(crate) usage_type: Option<String>,
    /// AWS's name of what uses it.
    pub(crate) operation: &'static str,
    /// What was counted: hours, seconds of what is billed by the second, or bytes.
    pub(crate) counted: u64,
    /// The same in units, exactly, but for hours of seconds, which have ten digits.
    pub(crate) quantity: String,
    /// The unit.
    pub(crate) unit: Unit,
    /// The parts in each tier of the price.
    pub(crate) charges: Vec<Charge>,
    /// Their sum. `None` if there is no price.
    pub(crate) amount: Option<Money>,
}

/// What a resource costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subtotal {
    /// The account.
    pub(crate) account: AccountId,
    /// The Region.
    pub(crate) region: Region,
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its id.
    pub(crate) resource: String,
    /// The sum of its lines that have a price.
    pub(crate) amount: Money,
}

/// Where something was used, in the order of the bill.
type Place = (Scope, Kind, String, Option<String>, String);

/// How much was used of it.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    /// Milliseconds of what is billed by the hour, in begun hours; of what is billed by the second, in begun seconds.
    time: u64,
    bytes: u64,
}

impl Statement {
    /// The bill of what was used in a part of a month.
    pub(crate) fn of(records: &Records, period: &Period, wanted: &Wanted, prices: &Prices) -> Self {
        let mut used: BTreeMap<Place, Used> = BTreeMap::new();
        for (standing, own) in by_standing(records, period, wanted) {
            let Standing { scope, kind, resource, zone, about, .. } = standing.clone();
            let sum = used.entry((scope, kind, resource, zone, about)).or_default();
            sum.time += own.time;
            sum.bytes += own.bytes;
        }
        // A tier is reached by all that an account uses of an item in a Region and month.
        let mut before: BTreeMap<(Scope, Item), u128> = BTreeMap::new();
        let mut lines = Vec::new();
        for (place, used) in &used {
            let (scope, kind, ..) = place;
            for item in items(*kind) {
                let counted = if item.unit() == Some(Unit::Gigabyte) { used.bytes } else { used.time };
                if counted == 0 && *kind == Kind::InternetGateway {
                    continue;
                }
                let before = before.entry((scope.clone(), item.clone())).or_default();
                lines.push(line(place, item, counted, *before, prices));
                *before += u128::from(counted);
            }
        }
        Self::summed(lines, period, prices)
    }

    fn summed(lines: Vec<Line>, period: &Period, prices: &Prices) -> Self {
        let mut resources: Vec<Subtotal> = Vec::new();
        for line in &lines {
            let amount = line.amount.clone().unwrap_or_else(Money::zero);
            match resources.last_mut() {
                Some(last) if last.resource == line.resource && last.kind == line.kind => {
                    last.amount = &last.amount + &amount;
                }
                _ => resources.push(Subtotal {
                    account: line.account.clone(),
                    region: line.region,
                    kind: line.kind,
                    resource: line.resource.clone(),
                    amount,
                }),
            }
        }
        let mut unpriced: Vec<String> = lines
            .iter()
            .filter(|line| line.amount.is_none())
            .map(|line| NoPrice { item: line.item.clone(), region: line.region }.to_string())
            .collect();
        unpriced.sort();
        unpriced.dedup();
        let shown = |at| clock::rfc3339(at).unwrap_or_default();
        Self {
            month: period.month.to_string(),
            from: shown(period.from),
            until: shown(period.until),
            supposed: period.is_supposed,
            prices_as_of: prices.as_of().to_owned(),
            currency: "USD",
            total: lines.iter().filter_map(|line| line.amount.as_ref()).sum(),
            doubtful: lines.iter().any(Line::is_doubtful),
            lines,
            resources,
            unpriced,
        }
    }
}

impl Line {
    /// Whether its price has no good source.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.charges.iter().any(|charge| charge.strength == Strength::Doubtful)
    }
}

/// What was used of each thing that stood in a part of a month.
fn by_standing<'r>(
    records: &'r Records, period: &'r Period, wanted: &'r Wanted,
) -> impl Iterator<Item = (&'r Standing, Used)> {
    // An interface that stood several times has its bytes once.
    let mut bytes = records.bytes.clone();
    let wanted = records.intervals.iter().filter(move |own| wanted.has(&own.standing.scope));
    wanted.filter_map(move |interval| {
        let standing = &interval.standing;
        let counts = items(standing.kind).iter().any(|item| item.unit() == Some(Unit::Gigabyte));
        let bytes = if counts { bytes.remove(&standing.point).unwrap_or_default() } else { 0 };
        let used = Used { time: time(interval, period), bytes };
        (used.time > 0 || bytes > 0).then_some((standing, used))
    })
}

/// The hours or seconds of an interval that began in a part of a month.
pub(super) fn time(interval: &Interval, period: &Period) -> u64 {
    let end = interval.ended.unwrap_or(i64::MAX);
    let begun = |until: i64| {
        let until = end.min(until);
        if is_by_second(interval.standing.kind) {
            u64::try_from(until.saturating_sub(interval.began)).unwrap_or(0).div_ceil(1000)
        } else {
            billed_hours(interval.began, until)
        }
    };
    begun(period.until) - begun(period.from)
}

/// Whether it is billed by the second.
///
/// Source: VPC user guide, "Understand codes for Amazon VPC in billing and usage reports": granularity.
fn is_by_second(kind: Kind) -> bool {
    matches!(kind, Kind::Address | Kind::IdleAddress)
}

/// What is charged for where this stands: the time, and what passes.
fn items(kind: Kind) -> &'static [Item] {
    match kind {
        Kind::GatewayEndpoint => const { &[Item::GatewayEndpointHour, Item::GatewayEndpointData] },
        Kind::InterfaceEndpoint => const { &[Item::InterfaceEndpointHour, Item::InterfaceEndpointData] },
        Kind::NatGateway => const { &[Item::NatGatewayHour, Item::NatGatewayData] },
        Kind::Address => const { &[Item::PublicAddressHour] },
        Kind::IdleAddress => const { &[Item::IdleAddressHour] },
        Kind::InternetGateway => const { &[Item::InternetData] },
    }
}

/// AWS's name of what uses an item.
fn operation(kind: Kind, resource: &str) -> &'static str {
    match kind {
        Kind::GatewayEndpoint | Kind::InterfaceEndpoint => "VpcEndpoint",
        Kind::NatGateway => "NatGateway",
        Kind::Address if resource.starts_with("eipalloc-") => "AssociateAddressVPC",
        Kind::Address | Kind::InternetGateway => "RunInstances",
        Kind::IdleAddress => "AllocateAddressVPC",
    }
}

fn line(place: &Place, item: &Item, counted: u64, before: u128, prices: &Prices) -> Line {
    let (scope, kind, resource, zone, about) = place.clone();
    let price = prices.of(item, scope.region).ok();
    let unit = item.unit().unwrap_or(Unit::Each);
    let charges = price.map(|price| {
        if is_by_second(kind) {
            price.charge_of_seconds(counted).into_iter().collect()
        } else {
            price.charges(before, counted.into())
        }
    });
    let quantity = match charges.as_deref() {
        Some([only]) => only.quantity.clone(),
        _ if is_by_second(kind) => hours(counted),
        _ => units(unit, counted.into()),
    };
    Line {
        account: scope.account,
        region: scope.region,
        usage_type: price.and_then(|price| price.usage_type_in(scope.region, None)),
        operation: operation(kind, &resource),
        kind,
        resource,
        about,
        zone,
        item: item.clone(),
        counted,
        quantity,
        unit,
        amount: charges.as_ref().map(|charges: &Vec<Charge>| charges.iter().map(|charge| &charge.amount).sum()),
        charges: charges.unwrap_or_default(),
    }
}

/// Seconds in hours, where no price says how.
fn hours(seconds: u64) -> String {
    format!("{}.{:010}", seconds / 3600, u128::from(seconds % 3600) * 10_000_000_000 / 3600)
}
