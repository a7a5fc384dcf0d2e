//! What was used: hours, by zone, and bytes.

use std::collections::BTreeMap;

use sidegate_model::{Region, Zone};

use crate::Item;

/// The hours of a month, as AWS's own calculator takes them: 365 · 24 / 12.
pub const HOURS_PER_MONTH: u32 = 730;

/// What was used in a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage(pub(crate) BTreeMap<Metered, Quantity>);

/// What is metered by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Metered {
    /// The Region in whose bill it stands.
    pub region: Region,
    /// What is used.
    pub item: Item,
    /// The Region that data goes to, where the price depends on it.
    pub to: Option<Region>,
}

/// How much was used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quantity {
    /// The whole, in what is counted: hours or bytes.
    pub(crate) total: u128,
    /// The part of it in each zone that was named.
    pub(crate) zones: BTreeMap<Zone, u128>,
}

impl Usage {
    /// Adds hours, bytes or a number of an item.
    pub fn add(&mut self, region: Region, item: Item, quantity: u64) {
        self.add_to(Metered { region, item, to: None }, None, quantity.into());
    }

    /// Adds hours of an item in a zone.
    pub fn add_hours(&mut self, zone: Zone, item: Item, hours: u64) {
        self.add_to(Metered { region: zone.region(), item, to: None }, Some(zone), hours.into());
    }

    /// Adds bytes that went from one Region to another.
    pub fn add_between(&mut self, from: Region, to: Region, bytes: u64) {
        self.add_to(Metered { region: from, item: Item::RegionData, to: Some(to) }, None, bytes.into());
    }

    /// Adds all of another usage.
    pub fn add_all(&mut self, other: &Self) {
        for (metered, quantity) in &other.0 {
            let own = self.0.entry(metered.clone()).or_default();
            own.total = own.total.saturating_add(quantity.total);
            for (&zone, &part) in &quantity.zones {
                let own = own.zones.entry(zone).or_default();
                *own = own.saturating_add(part);
            }
        }
    }

    pub(crate) fn add_to(&mut self, metered: Metered, zone: Option<Zone>, quantity: u128) {
        if quantity == 0 {
            return;
        }
        let own = self.0.entry(metered).or_default();
        own.total = own.total.saturating_add(quantity);
        if let Some(zone) = zone {
            let part = own.zones.entry(zone).or_default();
            *part = part.saturating_add(quantity);
        }
    }
}

/// The hours that are billed for something that stood from one moment until another, in milliseconds of Unix time: each
/// hour that began counts as a whole one.
///
/// Source: aws.amazon.com/privatelink/pricing, "Each partial VPC endpoint-hour consumed is billed as a full hour".
pub fn billed_hours(from: i64, until: i64) -> u64 {
    u64::try_from(until.saturating_sub(from)).unwrap_or(0).div_ceil(3_600_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_that_began_is_billed_whole() {
        for (milliseconds, hours) in [(0, 0), (1, 1), (3_599_999, 1), (3_600_000, 1), (3_600_001, 2), (-5, 0)] {
            assert_eq!(billed_hours(1_000, 1_000 + milliseconds), hours, "{milliseconds}");
        }
        assert_eq!(billed_hours(i64::MIN, i64::MAX), (i64::MAX as u64).div_ceil(3_600_000));
    }
}
