//! The bill for spreadsheets: a row for each tier of each line. Pure.

use super::statement::{Line, Statement};

/// The columns.
const COLUMNS: [&str; 14] = [
    "month",
    "account",
    "region",
    "kind",
    "resource",
    "about",
    "zone",
    "usage_type",
    "operation",
    "quantity",
    "unit",
    "unit_price",
    "amount",
    "price",
];

/// The bill as CSV (RFC 4180), exact. What has no price has no amount.
pub(crate) fn csv(statement: &Statement) -> String {
    let mut rows = vec![COLUMNS.map(str::to_owned).to_vec()];
    rows.extend(statement.lines.iter().flat_map(|line| rows_of(statement, line)));
    rows.iter().map(|row| row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\r\n").collect()
}

fn rows_of(statement: &Statement, line: &Line) -> Vec<Vec<String>> {
    let row = |quantity: &str, price: String, amount: String, strength: String| {
        vec![
            statement.month.clone(),
            line.account.to_string(),
            line.region.to_string(),
            line.kind.as_str().to_owned(),
            line.resource.clone(),
            line.about.clone(),
            line.zone.clone().unwrap_or_default(),
            line.usage_type.clone().unwrap_or_default(),
            line.operation.to_owned(),
            quantity.to_owned(),
            line.unit.as_str().to_owned(),
            price,
            amount,
            strength,
        ]
    };
    if line.charges.is_empty() {
        let amount = line.amount.as_ref().map(ToString::to_string);
        let strength = if amount.is_some() { "" } else { "none" };
        return vec![row(&line.quantity, String::new(), amount.unwrap_or_default(), strength.to_owned())];
    }
    let charges = line.charges.iter();
    charges
        .map(|own| row(&own.quantity, own.unit_price.to_string(), own.amount.to_string(), own.strength.to_string()))
        .collect()
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}
