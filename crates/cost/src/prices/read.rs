//! Files of prices, line by line.

use std::collections::BTreeMap;

use sidegate_model::Region;

use super::{Price, PriceError, Prices, Strength, Tier};
use crate::{Item, Money, Unit};

/// What the first line says before the number of the form.
const FORM: &str = "sidegate-prices";

/// The form that is read.
const VERSION: &str = "1";

/// The columns.
const COLUMNS: [&str; 9] = ["region", "item", "unit", "usage", "above", "usd", "strength", "as of", "source"];

/// How many errors are told. A file that is wrong in every line need not be told of in full.
const LIMIT: usize = 100;

/// Where a cell says that there is nothing.
const NONE: &str = "-";

/// A row, as it is read.
struct Row {
    key: (Item, Option<Region>),
    unit: Unit,
    usage_type: Option<String>,
    tier: Tier,
}

/// Reads a file of prices.
pub(super) fn read(file: &str, text: &str) -> Result<Prices, Vec<PriceError>> {
    let mut errors = Vec::new();
    let mut fault = |line: usize, message: String| {
        if errors.len() < LIMIT {
            errors.push(PriceError { file: file.to_owned(), line, message });
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(place, line)| (place + 1, line))
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let as_of = match form(lines.next()) {
        Ok(date) => date.to_owned(),
        Err((line, message)) => return Err(vec![PriceError { file: file.to_owned(), line, message }]),
    };
    match lines.next() {
        Some((_, line)) if line.split('\t').eq(COLUMNS) => {}
        Some((at, _)) => fault(at, format!("the columns are {}, with a tab between two", COLUMNS.join(", "))),
        None => fault(1, "no columns follow".to_owned()),
    }
    let mut prices = BTreeMap::new();
    for (at, line) in lines {
        if let Err(message) = row(line).and_then(|row| add(&mut prices, row)) {
            fault(at, message);
        }
    }
    if errors.is_empty() { Ok(Prices { as_of, prices }) } else { Err(errors) }
}

/// The date that the first line has.
fn form(line: Option<(usize, &str)>) -> Result<&str, (usize, String)> {
    let (at, line) = line.ok_or_else(|| (1, "the file is empty".to_owned()))?;
    match *line.split('\t').collect::<Vec<_>>() {
        [FORM, VERSION, date] if is_date(date) => Ok(date),
        [FORM, VERSION, date] => Err((at, format!("`{date}` is no date: `2026-11-29` is the form"))),
        [FORM, version, _] => Err((at, format!("form `{version}` is not known; {VERSION} is"))),
        _ => Err((at, format!("the first line is `{FORM}`, `{VERSION}` and a date, with a tab between two"))),
    }
}

/// Whether a text is a day: `2026-11-29`.
fn is_date(text: &str) -> bool {
    text.len() == "2026-11-29".len() && is_day_month_or_year(text)
}

/// Whether a text is a day, a month or a year: `2026-11-29`, `2026-11`, `2026`.
fn is_day_month_or_year(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |at: usize, digits: usize| {
        let part: &&str = parts.get(at)?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u16>().ok())?
    };
    let (month, day) = (number(1, 2), number(2, 2));
    number(0, 4).is_some()
        && match parts.len() {
            1 => true,
            2 => month.is_some_and(|month| (1..=12).contains(&month)),
            3 => month.is_some_and(|month| (1..=12).contains(&month)) && day.is_some_and(|day| (1..=31).contains(&day)),
            _ => false,
        }
}

/// Reads a row.
fn row(line: &str) -> Result<Row, String> {
    let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [region, item, unit, usage, above, usd, strength, as_of, source] = *cells else {
        return Err(format!("{} cells instead of {}", cells.len(), COLUMNS.len()));
    };
    // They are shown in terminals.
    if line.chars().any(|character| character.is_control() && character != '\t') {
        return Err("there is a control character in the row".to_owned());
    }
    let region: Option<Region> = if region == "*" { None } else { Some(region.parse()?) };
    let (item, unit): (Item, Unit) = (item.parse()?, unit.parse()?);
    if let Some(own) = item.unit().filter(|own| *own != unit) {
        return Err(format!("{item} is counted by {}, not by {}", own.as_str(), unit.as_str()));
    }
    let units: u64 = above.parse().map_err(|_| format!("`{above}` is no whole number of units"))?;
    let price = Money::parse(usd).ok_or_else(|| format!("`{usd}` is no price: digits and one point are expected"))?;
    let strength = match strength {
        "good" => Strength::Good,
        "doubtful" => Strength::Doubtful,
        other => return Err(format!("`{other}` is neither good nor doubtful")),
    };
    let usage_type = Some(usage).filter(|usage| *usage != NONE).map(str::to_owned);
    if usage.is_empty() || usage_type.is_none() && !price.is_zero() {
        return Err("what costs something has a usage type".to_owned());
    }
    if as_of != NONE && !is_day_month_or_year(as_of) {
        return Err(format!("`{as_of}` is no date: `2026-11-29`, `2026-11`, `2026` and `{NONE}` are the forms"));
    }
    if source.is_empty() {
        return Err("where the price is from is not said".to_owned());
    }
    let as_of = Some(as_of).filter(|date| *date != NONE).map(str::to_owned);
    let tier = Tier { above: u128::from(units) * unit.counted(), price, strength, as_of, source: source.to_owned() };
    Ok(Row { key: (item, region), unit, usage_type, tier })
}

/// Adds a row: a price, or a further tier of one.
fn add(prices: &mut BTreeMap<(Item, Option<Region>), Price>, row: Row) -> Result<(), String> {
    let Row { key, unit, usage_type, tier } = row;
    let Some(price) = prices.get_mut(&key) else {
        // The price stands even where it begins too late, so that its further tiers are not told of as well.
        let is_first = tier.above == 0;
        prices.insert(key, Price { unit, usage_type, tiers: vec![tier] });
        return if is_first { Ok(()) } else { Err("the first tier begins above 0".to_owned()) };
    };
    if price.unit != unit || price.usage_type != usage_type {
        return Err("another tier of the same price has another unit or usage type".to_owned());
    }
    if price.tiers.last().is_some_and(|last| last.above >= tier.above) {
        return Err("the tier begins where the one before does, or below it".to_owned());
    }
    price.tiers.push(tier);
    Ok(())
}
