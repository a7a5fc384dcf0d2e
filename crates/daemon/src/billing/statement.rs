//! The bill of a part of a month: lines by resource, zone and usage type, subtotals, and their sum. Pure.
//!
//! An hour belongs to the month in which it began, so that no hour is in two bills.

use std::collections::BTreeMap;

use serde::Serialize;
use sidegate_cost::{Charge, Item, Money, NoPrice, Price, Prices, Strength, Unit, billed_hours, units};
use sidegate_model::{AccountId, Region, Scope};

use super::Records;
use super::ledger::{Span, union};
use super::period::Period;
use super::standing::{Kind, Standing};
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
    /// What else there is to say.
    pub(crate) remarks: Vec<String>,
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
    #[serde(skip)]
    pub(crate) amount: Money,
    /// The same, if all have one.
    #[serde(rename = "amount")]
    pub(crate) whole: Option<Money>,
}

/// Where something was used, in the order of the bill.
type Place = (Scope, Kind, String, Option<String>, String);

/// How much was used of it.
#[derive(Clone, Debug, Default)]
struct Used {
    /// When it stood there.
    spans: Vec<Span>,
    bytes: u64,
}

impl Statement {
    /// The bill of what was used in a part of a month.
    pub(crate) fn of(records: &Records, period: &Period, wanted: &Wanted, prices: &Prices) -> Self {
        // A tier is reached by all that an account uses of an item in a Region and month.
        let mut before: BTreeMap<(Scope, Item), u128> = BTreeMap::new();
        let mut lines = Vec::new();
        for (place, Used { spans, bytes }) in by_place(records, period, wanted) {
            let (scope, kind, ..) = &place;
            let time: u64 = union(spans).into_iter().map(|span| time(*kind, span, period)).sum();
            if time == 0 && bytes == 0 {
                continue;
            }
            for item in items(*kind) {
                let counted = if item.unit() == Some(Unit::Gigabyte) { bytes } else { time };
                if counted == 0 && *kind == Kind::InternetGateway {
                    continue;
                }
                let before = before.entry((scope.clone(), item.clone())).or_default();
                lines.push(line(&place, item, counted, *before, prices));
                *before += u128::from(counted);
            }
        }
        Self::summed(lines, period, prices)
    }

    fn summed(lines: Vec<Line>, period: &Period, prices: &Prices) -> Self {
        let mut resources: Vec<Subtotal> = Vec::new();
        for line in &lines {
            let priced = line.amount.clone().unwrap_or_else(Money::zero);
            match resources.last_mut() {
                Some(last) if last.resource == line.resource && last.kind == line.kind => {
                    last.amount = &last.amount + &priced;
                    last.whole = last.whole.take().filter(|_| line.amount.is_some()).map(|whole| &whole + &priced);
                }
                _ => resources.push(Subtotal {
                    account: line.account.clone(),
                    region: line.region,
                    kind: line.kind,
                    resource: line.resource.clone(),
                    amount: priced,
                    whole: line.amount.clone(),
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
            remarks: Vec::new(),
        }
    }

    /// Whether a line is priced by these, of all prices.
    pub(crate) fn uses(&self, own: &Prices, all: &Prices) -> bool {
        let price = |prices: &Prices, line: &Line| prices.of(&line.item, line.region).ok().cloned();
        self.lines.iter().any(|line| price(own, line).is_some_and(|own| price(all, line) == Some(own)))
    }
}

impl Line {
    /// Whether its price has no good source.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.charges.iter().any(|charge| charge.strength == Strength::Doubtful)
    }
}

/// What was used in each place in a part of a month.
fn by_place(records: &Records, period: &Period, wanted: &Wanted) -> BTreeMap<Place, Used> {
    let mut used: BTreeMap<Place, Used> = BTreeMap::new();
    // An interface that stood several times has its bytes once.
    let mut bytes = records.bytes.clone();
    // What began later has bytes of the same hour, maybe.
    for interval in records.intervals.iter().filter(|own| wanted.has(&own.standing.scope) && own.began < period.until) {
        let Standing { scope, kind, resource, zone, about, point, .. } = interval.standing.clone();
        let counts = items(kind).iter().any(|item| item.unit() == Some(Unit::Gigabyte));
        let sum = used.entry((scope, kind, resource, zone, about)).or_default();
        sum.spans.push(interval.span());
        sum.bytes += if counts { bytes.remove(&point).unwrap_or_default() } else { 0 };
    }
    used
}

/// The hours or seconds of a time that began in a part of a month.
pub(super) fn time(kind: Kind, (began, ended): Span, period: &Period) -> u64 {
    let begun = |until: i64| {
        let until = ended.min(until);
        if is_by_second(kind) {
            u64::try_from(until.saturating_sub(began)).unwrap_or(0).div_ceil(1000)
        } else {
            billed_hours(began, until)
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
            charges_of_seconds(price, before, counted)
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

/// What so many seconds cost at a price by the hour in each tier that they lie in, where others used so many before them.
fn charges_of_seconds(price: &Price, before: u128, seconds: u64) -> Vec<Charge> {
    let in_seconds = |hours: u128| hours.saturating_mul(3600);
    let until = before.saturating_add(seconds.into());
    let ends = price.tiers.iter().skip(1).map(|tier| in_seconds(tier.above)).chain([u128::MAX]);
    let charges = price.tiers.iter().zip(ends).filter_map(|(tier, end)| {
        let part = until.min(end).saturating_sub(before.max(in_seconds(tier.above)));
        let part = u64::try_from(part).ok().filter(|part| *part > 0)?;
        Price { tiers: vec![tier.clone()], ..price.clone() }.charge_of_seconds(part)
    });
    charges.collect()
}

/// Seconds in hours, where no price says how.
fn hours(seconds: u64) -> String {
    format!("{}.{:010}", seconds / 3600, u128::from(seconds % 3600) * 10_000_000_000 / 3600)
}
