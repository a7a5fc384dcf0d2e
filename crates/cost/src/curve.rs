//! What a way costs by how much goes over it.

use crate::{Money, Price};

/// A cost that begins with a fixed part and rises with the bytes, at a rate that changes from tier to tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve {
    /// What it costs without any traffic.
    fixed: Money,
    /// From how many bytes on 2³⁰ further ones cost how much, in rising order from 0.
    slopes: Vec<(u128, Money)>,
}

impl Curve {
    /// One that costs the same whatever goes over it.
    pub(crate) fn flat(fixed: Money) -> Self {
        Self { fixed, slopes: vec![(0, Money::zero())] }
    }

    /// Adds a price by the gigabyte, that every byte pays so many times.
    pub(crate) fn add(&mut self, price: &Price, times: u64) {
        if times == 0 {
            return;
        }
        let of = |tiers: &[(u128, Money)], at: u128| {
            let found = tiers.iter().rev().find(|(from, _)| *from <= at).map(|(_, price)| price.clone());
            found.unwrap_or_else(Money::zero)
        };
        // A tier is reached where the bytes, each counted so many times, reach it.
        let added: Vec<(u128, Money)> = price
            .tiers
            .iter()
            .map(|tier| (tier.above.div_ceil(times.into()), &tier.price * u128::from(times)))
            .collect();
        let mut starts: Vec<u128> = self.slopes.iter().chain(&added).map(|(from, _)| *from).collect();
        starts.sort_unstable();
        starts.dedup();
        self.slopes = starts.into_iter().map(|at| (at, &of(&self.slopes, at) + &of(&added, at))).collect();
    }

    /// One that costs so much more, whatever goes over it.
    #[must_use]
    pub fn raised(self, by: &Money) -> Self {
        Self { fixed: &self.fixed + by, ..self }
    }

    /// What it costs without any traffic.
    pub fn fixed(&self) -> &Money {
        &self.fixed
    }

    /// What it costs with so many bytes.
    pub fn at(&self, bytes: u128) -> Money {
        let parts = self.segments().map(|(from, end, price)| price.for_bytes(bytes.min(end).saturating_sub(from)));
        &self.fixed + &parts.sum()
    }

    /// The parts of it in which the rate is the same: from, until, and what 2³⁰ bytes cost.
    pub(crate) fn segments(&self) -> impl Iterator<Item = (u128, u128, &Money)> {
        let ends = self.slopes.iter().skip(1).map(|(from, _)| *from).chain([u128::MAX]);
        self.slopes.iter().zip(ends).map(|((from, price), end)| (*from, end, price))
    }

    /// Where the rate changes.
    pub(crate) fn starts(&self) -> impl Iterator<Item = u128> {
        self.slopes.iter().map(|(from, _)| *from)
    }
}
