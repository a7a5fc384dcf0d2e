//! The bill for people: money to the cent, bytes to three digits. Pure.

use sidegate_cost::{Charge, Money, Strength, Unit};

use super::comparison::{By, Comparison, Service};
use super::statement::{Line, Statement, Subtotal};
use crate::diagram::columns;

/// The titles of the bill's columns, and which of them are numbers.
const TITLES: [&str; 6] = ["usage type", "operation", "zone", "quantity", "unit price", "amount"];
const NUMBERS: [bool; 6] = [false, false, false, true, true, true];

/// The same of a comparison.
const WAYS: [&str; 10] =
    ["service", "endpoints", "zones", "hours", "bytes", "now", "gateway", "interface", "NAT (stays)", "NAT"];
const WAYS_NUMBERS: [bool; 10] = [false, false, true, true, true, true, true, true, true, true];

/// What marks a price without a good source.
const DOUBTFUL: char = '?';

/// What stands where there is nothing.
const NOTHING: &str = "-";

/// What stands where there is no price.
const UNPRICED: &str = "none";

/// The bill as text.
pub(crate) fn text(statement: &Statement) -> String {
    let supposed = if statement.supposed { ", if everything stays" } else { "" };
    let mut text = format!(
        "{} until {}{supposed}; US dollars, at prices of {}\n",
        statement.month, statement.until, statement.prices_as_of
    );
    if statement.lines.is_empty() {
        text += "\nNothing was used.\n";
        return text + &remarks(statement);
    }
    let accounts =
        statement.lines.iter().any(|line| Some(&line.account) != statement.lines.first().map(|l| &l.account));
    let rows: Vec<[String; 6]> = statement.lines.iter().map(cells).collect();
    let widths = widths([TITLES.map(str::to_owned)].iter().chain(&rows), NUMBERS.len());
    text += &format!("\n  {}\n", row(&TITLES.map(str::to_owned), &widths, &NUMBERS));
    let mut lines = statement.lines.iter().zip(&rows).peekable();
    for resource in &statement.resources {
        let mut own = 0;
        while let Some((line, cells)) = lines.next_if(|(line, _)| is_of(line, resource)) {
            if own == 0 {
                text += &format!("\n{}\n", heading(line, accounts));
            }
            own += 1;
            text += &format!("  {}\n", row(cells, &widths, &NUMBERS));
        }
        if own > 1 {
            text += &format!("  {}\n", sum("", resource.whole.as_ref(), &widths));
        }
    }
    text += &format!("\n  {}\n", sum("total", Some(&statement.total), &widths));
    text += &remarks(statement);
    text
}

/// What there is to say of the bill, below it.
pub(crate) fn remarks(statement: &Statement) -> String {
    let mut remarks = String::new();
    if statement.doubtful {
        remarks += &format!("\n{DOUBTFUL} this price has no good source; `--format json` names the source of each\n");
    }
    for unpriced in &statement.unpriced {
        remarks += &format!("\nnot in the total: {unpriced}\n");
    }
    for remark in &statement.remarks {
        remarks += &format!("\n{remark}\n");
    }
    remarks
}

/// A comparison as text.
pub(crate) fn comparison(comparison: &Comparison) -> String {
    let mut text = if comparison.services.is_empty() {
        "\nNo endpoint stood, so that there is nothing to compare.\n".to_owned()
    } else {
        table(comparison)
    };
    if comparison.nat_gateway_bytes > 0 {
        text += &format!(
            "{} went through NAT gateways, which is in none of these: where it went, their counters do not say; `sidegate \
             advise` tells it by events\n",
            bytes(comparison.nat_gateway_bytes)
        );
    }
    text
}

fn table(comparison: &Comparison) -> String {
    let mut text = "\nThe same traffic by other ways, for the hours and in the zones of the endpoints\n".to_owned();
    let titles: Vec<String> = WAYS.iter().map(|title| (*title).to_owned()).chain(["hub".to_owned()]).collect();
    let numbers: Vec<bool> = WAYS_NUMBERS.into_iter().chain([true]).collect();
    let rows_of = |place: &Service| {
        let is_here = |service: &&Service| service.account == place.account && service.region == place.region;
        let services = comparison.services.iter().filter(is_here);
        let several = services.clone().count() > 1;
        services.map(ways).chain(several.then(|| ways(place))).collect::<Vec<_>>()
    };
    let places: Vec<(String, Vec<Vec<String>>)> = comparison
        .together
        .iter()
        .map(|place| (format!("{} in {}", place.account, place.region), rows_of(place)))
        .collect();
    let widths = widths(std::iter::once(&titles).chain(places.iter().flat_map(|(_, rows)| rows)), titles.len());
    text += &format!("\n  {}\n", row(&titles, &widths, &numbers));
    for (place, rows) in &places {
        if places.len() > 1 {
            text += &format!("\n{place}\n");
        }
        for cells in rows {
            text += &format!("  {}\n", row(cells, &widths, &numbers));
        }
    }
    text += "\nNAT (stays): the data alone, over NAT gateways that are there anyway; NAT: with one of its own in each zone \
             and VPC\nhub: interface endpoints in one VPC, for the others over a transit gateway\n";
    if comparison.services.iter().chain(&comparison.together).any(|own| !own.doubtful.is_empty()) {
        text += &format!("{DOUBTFUL} a price in it has no good source\n");
    }
    for unpriced in &comparison.unpriced {
        text += &format!("{UNPRICED}: {unpriced}\n");
    }
    text
}

fn ways(service: &Service) -> Vec<String> {
    let money = |by: By, amount: &Option<Money>| match amount {
        Some(amount) if service.doubtful.contains(&by) => format!("{}{DOUBTFUL}", cents(amount)),
        Some(amount) => cents(amount),
        None if service.unpriced.contains(&by) => UNPRICED.to_owned(),
        None => NOTHING.to_owned(),
    };
    vec![
        service.service.clone().unwrap_or_else(|| "all".to_owned()),
        service.endpoints.join(", "),
        service.zones.to_string(),
        service.hours.to_string(),
        bytes(service.bytes),
        money(By::Now, &service.now),
        money(By::GatewayEndpoint, &service.gateway_endpoint),
        money(By::InterfaceEndpoint, &service.interface_endpoint),
        money(By::NatGatewayThatStays, &service.nat_gateway_that_stays),
        money(By::NatGateway, &service.nat_gateway),
        money(By::Hub, &service.hub),
    ]
}

fn is_of(line: &Line, resource: &Subtotal) -> bool {
    line.resource == resource.resource && line.kind == resource.kind
}

fn heading(line: &Line, accounts: bool) -> String {
    let account = if accounts { format!(", account {}", line.account) } else { String::new() };
    format!("{}  {} ({}), {}{account}", line.resource, line.kind.words(), line.about, line.region)
}

fn cells(line: &Line) -> [String; 6] {
    [
        line.usage_type.clone().unwrap_or_else(|| NOTHING.to_owned()),
        line.operation.to_owned(),
        line.zone.clone().unwrap_or_default(),
        quantity(line),
        unit_price(line),
        line.amount.as_ref().map_or_else(|| NOTHING.to_owned(), cents),
    ]
}

/// The quantity of a line for people.
pub(crate) fn quantity(line: &Line) -> String {
    match line.unit {
        Unit::Gigabyte => bytes(line.counted),
        Unit::Hour if line.quantity == line.counted.to_string() => format!("{} h", line.counted),
        Unit::Hour if line.counted < 3600 => format!("{} s", line.counted),
        Unit::Hour => {
            let hundredths = (u128::from(line.counted) * 100 + 1800) / 3600;
            format!("{}.{:02} h", hundredths / 100, hundredths % 100)
        }
        Unit::Each => line.quantity.clone(),
    }
}

/// The price of one unit; of several tiers, the first and the last.
fn unit_price(line: &Line) -> String {
    let mark = |charge: &Charge| {
        let mark = if charge.strength == Strength::Doubtful { DOUBTFUL.to_string() } else { String::new() };
        format!("{}{mark}", charge.unit_price)
    };
    match (line.charges.as_slice(), &line.amount) {
        ([only], _) => mark(only),
        ([first, .., last], _) => format!("{}–{}", mark(first), mark(last)),
        ([], Some(_)) => String::new(),
        ([], None) => UNPRICED.to_owned(),
    }
}

/// Money to the cent. What is less is not nothing.
pub(crate) fn cents(amount: &Money) -> String {
    let rounded = amount.rounded(2);
    if rounded == "0.00" && !amount.is_zero() { "<0.01".to_owned() } else { rounded }
}

/// Bytes with three digits, in units of which each has 1,024 of the one before.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut hundredths = u128::from(bytes) * 100;
    let mut unit = "B";
    for next in UNITS {
        if hundredths < 102_400 {
            break;
        }
        hundredths /= 1024;
        unit = next;
    }
    match hundredths {
        0..1_000 => format!("{}.{:02} {unit}", hundredths / 100, hundredths % 100),
        1_000..10_000 => format!("{}.{} {unit}", hundredths / 100, hundredths % 100 / 10),
        _ => format!("{} {unit}", hundredths / 100),
    }
}

fn widths<'c, R: AsRef<[String]> + 'c>(rows: impl Iterator<Item = &'c R>, count: usize) -> Vec<usize> {
    let mut widths = vec![0; count];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row.as_ref()) {
            *width = columns(cell).max(*width);
        }
    }
    widths
}

fn row(cells: &[String], widths: &[usize], numbers: &[bool]) -> String {
    let cells = cells.iter().zip(widths).zip(numbers).map(|((cell, width), is_number)| {
        let room = " ".repeat(width.saturating_sub(columns(cell)));
        if *is_number { format!("{room}{cell}") } else { format!("{cell}{room}") }
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

/// A sum in the last column, if it is known, with what it is before it.
fn sum(what: &str, amount: Option<&Money>, widths: &[usize]) -> String {
    let amount = amount.map_or_else(|| NOTHING.to_owned(), cents);
    let cells = ["", "", "", "", what, &amount].map(str::to_owned);
    row(&cells, widths, &NUMBERS)
}
