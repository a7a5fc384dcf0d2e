//! Bills: what a usage costs, by usage type.

use std::collections::BTreeMap;

use serde::Serialize;
use sidegate_model::Region;

use crate::money::gigabytes;
use crate::usage::Quantity;
use crate::{Item, Metered, Money, NoPrice, Price, Prices, Strength, Unit, Usage};

/// What a usage costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill {
    /// The lines, by Region and item.
    pub lines: Vec<BillLine>,
    /// The sum of the lines.
    pub total: Money,
}

/// One usage type in one Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BillLine {
    /// AWS's name of what was used. `None` for what AWS's bills do not have, since it costs nothing.
    pub usage_type: Option<String>,
    /// What it is.
    pub item: Item,
    /// The Region in whose bill it stands.
    pub region: Region,
    /// The Region that data went to, where the price depends on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Region>,
    /// How many units, exactly.
    pub quantity: String,
    /// The unit.
    pub unit: Unit,
    /// The units in each zone, where zones were named.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub zones: BTreeMap<String, String>,
    /// The parts in the tiers that were reached.
    pub charges: Vec<Charge>,
    /// The sum of the parts.
    pub amount: Money,
}

/// The part of a line that lies in one tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Charge {
    /// How many units lie in the tier, exactly.
    pub quantity: String,
    /// What one unit costs.
    pub unit_price: Money,
    /// What they cost.
    pub amount: Money,
    /// How far the price can be trusted.
    pub strength: Strength,
    /// Where the price is from.
    pub source: String,
    /// The date of the source, if it has one.
    pub as_of: Option<String>,
}

impl Prices {
    /// Prices a usage of one month.
    ///
    /// # Errors
    /// [`NoPrice`] for the first item that has none.
    pub fn bill(&self, usage: &Usage) -> Result<Bill, NoPrice> {
        let lines = usage.0.iter().map(|(metered, quantity)| {
            let price = self.of(&metered.item, metered.region)?;
            Ok(BillLine::new(metered, quantity, price))
        });
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        let total = lines.iter().map(|line| &line.amount).sum();
        Ok(Bill { lines, total })
    }
}

impl Bill {
    /// Whether any price in it is doubtful.
    pub fn is_doubtful(&self) -> bool {
        self.lines.iter().flat_map(|line| &line.charges).any(|charge| charge.strength == Strength::Doubtful)
    }
}

impl BillLine {
    fn new(metered: &Metered, quantity: &Quantity, price: &Price) -> Self {
        let Metered { region, item, to } = metered.clone();
        let shown = |counted: u128| units(price.unit, counted);
        let charges: Vec<Charge> = price
            .parts(quantity.total)
            .filter(|(_, part)| *part > 0)
            .map(|(tier, part)| Charge {
                quantity: shown(part),
                unit_price: tier.price.clone(),
                amount: price.for_counted(&tier.price, part),
                strength: tier.strength,
                source: tier.source.clone(),
                as_of: tier.as_of.clone(),
            })
            .collect();
        Self {
            usage_type: price.usage_type_in(region, to),
            item,
            region,
            to,
            quantity: shown(quantity.total),
            unit: price.unit,
            zones: quantity.zones.iter().map(|(zone, &part)| (zone.name(), shown(part))).collect(),
            amount: charges.iter().map(|charge| &charge.amount).sum(),
            charges,
        }
    }
}

/// What is counted, in units.
fn units(unit: Unit, counted: u128) -> String {
    match unit {
        Unit::Gigabyte => gigabytes(counted).to_plain_string(),
        Unit::Hour | Unit::Each => counted.to_string(),
    }
}

#[cfg(test)]
mod tests;
