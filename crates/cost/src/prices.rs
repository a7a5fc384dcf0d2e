//! Prices: what one unit of an item costs in a Region, and who says so.
//!
//! They stand in `prices/prices.tsv`, which says what its columns mean and where each price is from.

mod code;
mod read;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use sidegate_model::Region;

pub use self::code::billing_code;
use crate::{Item, Money, Unit};

/// The prices that Sidegate knows.
const KNOWN: &str = include_str!("prices/prices.tsv");

/// Prices, by item and Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    /// Of when they are: a date.
    as_of: String,
    /// The price of each item: in a Region, or, without one, everywhere else.
    prices: BTreeMap<(Item, Option<Region>), Price>,
}

/// The price of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// What it is for one of.
    pub unit: Unit,
    /// The usage type in AWS's bills, with `{}` for the Region's code and `{to}` for that of another Region. `None` for what
    /// no bill has, since it costs nothing.
    pub usage_type: Option<String>,
    /// The tiers in rising order; the first begins at nothing. There is at least one.
    pub tiers: Vec<Tier>,
}

/// A price for what is beyond a quantity in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The quantity in what is counted: bytes for a price by the gigabyte.
    pub above: u128,
    /// What one unit costs.
    pub price: Money,
    /// How far that can be trusted.
    pub strength: Strength,
    /// The date of the source, if it has one.
    pub as_of: Option<String>,
    /// Where it is from.
    pub source: String,
}

/// How far a price can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// AWS's own pages or price list say so, or several others that agree.
    Good,
    /// There is no good source.
    Doubtful,
}

/// What is wrong with a file of prices, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct PriceError {
    /// The name of the file, as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// That no price is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no price is known for {item} in {region}; a file of prices with `--prices` can say it")]
pub struct NoPrice {
    /// The item.
    pub item: Item,
    /// The Region.
    pub region: Region,
}

impl Prices {
    /// The prices that Sidegate knows, with their date.
    ///
    /// # Errors
    /// What is wrong with them; a test reads every line, so there is nothing.
    pub fn known() -> Result<Self, Vec<PriceError>> {
        Self::read("prices.tsv", KNOWN)
    }

    /// Reads a file of prices.
    ///
    /// # Errors
    /// Everything that is wrong with it. None of it is used then, since a bill without one of its tiers would be wrong.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<PriceError>> {
        read::read(file, text)
    }

    /// These prices with others over them: what those have of an item in a Region takes the place of what these have of just
    /// that, and what they have of it everywhere that of all that these have of it.
    #[must_use]
    pub fn overridden(mut self, by: Self) -> Self {
        self.as_of = self.as_of.max(by.as_of);
        self.prices.retain(|(item, _), _| !by.prices.contains_key(&(item.clone(), None)));
        self.prices.extend(by.prices);
        self
    }

    /// Of when the newest of the files is that they were read from: `2026-11-29`.
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// The price of an item in a Region.
    ///
    /// # Errors
    /// [`NoPrice`] if no file has one.
    pub fn of(&self, item: &Item, region: Region) -> Result<&Price, NoPrice> {
        let here = self.prices.get(&(item.clone(), Some(region)));
        let found = here.or_else(|| self.prices.get(&(item.clone(), None)));
        found.ok_or_else(|| NoPrice { item: item.clone(), region })
    }

    /// Every price with its item and its Region; without one it holds where there is none of its own.
    pub fn iter(&self) -> impl Iterator<Item = (&Item, Option<Region>, &Price)> {
        self.prices.iter().map(|((item, region), price)| (item, *region, price))
    }
}

impl Price {
    /// The usage type in the bill of a Region, or in that of what goes from it to another.
    pub fn usage_type_in(&self, region: Region, to: Option<Region>) -> Option<String> {
        let name = self.usage_type.as_deref()?.replace("{to}", to.map_or("*", billing_code));
        Some(name.replace("{}", billing_code(region)))
    }

    /// The parts of a quantity, in what is counted, that lie in each tier.
    pub(crate) fn parts(&self, quantity: u128) -> impl Iterator<Item = (&Tier, u128)> {
        let ends = self.tiers.iter().skip(1).map(|tier| tier.above).chain([u128::MAX]);
        self.tiers.iter().zip(ends).map(move |(tier, end)| (tier, quantity.min(end).saturating_sub(tier.above)))
    }

    /// What so much of what is counted costs.
    pub(crate) fn cost(&self, quantity: u128) -> Money {
        self.parts(quantity).map(|(tier, part)| self.for_counted(&tier.price, part)).sum()
    }

    /// What so much of what is counted costs at a price for one unit.
    pub(crate) fn for_counted(&self, price: &Money, counted: u128) -> Money {
        match self.unit {
            Unit::Gigabyte => price.for_bytes(counted),
            Unit::Hour | Unit::Each => price * counted,
        }
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good => "good",
            Self::Doubtful => "doubtful",
        })
    }
}

#[cfg(test)]
mod tests;
