//! Bills: what a usage costs, by usage type.

use std::collections::BTreeMap;

use serde::Serialize;
use sidegate_model::Region;

use crate::money::gigabytes;
use crate::usage::Quantity;
use crate::{Item, Metered, Money, NoPrice, Price, Prices, Strength, Tier, Unit, Usage};

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
        let charges = price.charges(0, quantity.total);
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

impl Price {
    /// What a quantity costs in each tier that it lies in, where others used so much before it in the month. Both are in
    /// what is counted: hours, bytes, things. So the parts of a bill that several have a share in add up to the whole.
    pub fn charges(&self, before: u128, quantity: u128) -> Vec<Charge> {
        let until = self.parts(before.saturating_add(quantity));
        let parts = until.zip(self.parts(before)).map(|((tier, until), (_, before))| (tier, until - before));
        let charge = |(tier, part): (&Tier, u128)| {
            Charge::new(tier, units(self.unit, part), self.for_counted(&tier.price, part))
        };
        parts.filter(|(_, part)| *part > 0).map(charge).collect()
    }

    /// What so many seconds cost at a price by the hour, its first tier's: for what is billed by the second. The hours have
    /// ten digits behind the point, as in cost and usage reports.
    pub fn charge_of_seconds(&self, seconds: u64) -> Option<Charge> {
        let tier = self.tiers.first()?;
        let (hours, amount) = tier.price.for_seconds(seconds);
        Some(Charge::new(tier, hours, amount))
    }
}

impl Charge {
    fn new(tier: &Tier, quantity: String, amount: Money) -> Self {
        let Tier { price, strength, as_of, source, .. } = tier.clone();
        Self { quantity, unit_price: price, amount, strength, source, as_of }
    }
}

/// What is counted, in units, exactly.
pub fn units(unit: Unit, counted: u128) -> String {
    match unit {
        Unit::Gigabyte => gigabytes(counted).to_plain_string(),
        Unit::Hour | Unit::Each => counted.to_string(),
    }
}

#[cfg(test)]
mod tests;
