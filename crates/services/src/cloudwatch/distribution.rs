//! How often which value was reported: what percentiles and trimmed statistics are made of.
//!
//! Values are kept as they are while they are few. Of more than [`MOST`] different ones the last binary digits are
//! dropped, so that a distribution is bounded and every value is known to a part in 2^10 or better.

/// The most different values that are kept.
const MOST: usize = 1024;

/// The binary digits of a value's fraction that are kept at first where there are more values.
const DIGITS: u32 = 10;

/// Values in ascending order, each with its count.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Distribution(Vec<(f64, f64)>);

impl Distribution {
    /// That of one value.
    pub(super) fn of(value: f64, count: f64) -> Self {
        Self(vec![(value, count)])
    }

    /// Adds another one.
    pub(super) fn merge(&mut self, other: &Self) {
        let mut all = std::mem::take(&mut self.0);
        all.extend_from_slice(&other.0);
        *self = Self::of_pairs(all);
    }

    /// All together.
    pub(super) fn of_all(all: Vec<Self>) -> Self {
        Self::of_pairs(all.into_iter().flat_map(|one| one.0).collect())
    }

    fn of_pairs(mut all: Vec<(f64, f64)>) -> Self {
        all.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let mut own = Self(joined(all));
        own.bound();
        own
    }

    /// Drops digits until there are few enough values.
    fn bound(&mut self) {
        let mut digits = DIGITS;
        while self.0.len() > MOST {
            let rounded = self.0.iter().map(|(value, count)| (rounded(*value, digits), *count)).collect();
            self.0 = joined(rounded);
            digits = digits.saturating_sub(1);
            if digits == 0 {
                break;
            }
        }
    }

    /// How many values there are.
    pub(super) fn count(&self) -> f64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// The values in ascending order with their counts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.0.iter().copied()
    }

    /// The value at a rank, which counts from 1: the least value up to which there are so many.
    pub(super) fn at_rank(&self, rank: f64) -> Option<f64> {
        let mut up_to = 0.0;
        for (value, count) in self.iter() {
            up_to += count;
            if up_to >= rank {
                return Some(value);
            }
        }
        self.0.last().map(|(value, _)| *value)
    }

    /// The sum and the count of the values whose ranks are above one and not above another.
    pub(super) fn between_ranks(&self, above: f64, up_to: f64) -> (f64, f64) {
        let (mut sum, mut count, mut rank) = (0.0, 0.0, 0.0);
        for (value, own) in self.iter() {
            let taken = ((rank + own).min(up_to) - f64::max(rank, above)).max(0.0);
            sum += value * taken;
            count += taken;
            rank += own;
        }
        (sum, count)
    }

    /// The form in which it is stored.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(value, count)| value.to_le_bytes().into_iter().chain(count.to_le_bytes())).collect()
    }

    /// What was stored.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let number = |bytes: &[u8]| bytes.try_into().map(f64::from_le_bytes).unwrap_or_default();
        let (pairs, _) = bytes.as_chunks::<16>();
        Self(pairs.iter().map(|pair| pair.split_at(8)).map(|(value, count)| (number(value), number(count))).collect())
    }
}

/// Equal neighbours become one.
fn joined(sorted: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mut joined: Vec<(f64, f64)> = Vec::with_capacity(sorted.len());
    for (value, count) in sorted {
        match joined.last_mut() {
            Some((last, own)) if *last == value => *own += count,
            _ => joined.push((value, count)),
        }
    }
    joined
}

/// A value with so many binary digits of its fraction. Order is kept.
fn rounded(value: f64, digits: u32) -> f64 {
    let dropped = f64::MANTISSA_DIGITS - 1 - digits;
    let half = 1_u64 << (dropped - 1);
    f64::from_bits(value.to_bits().saturating_add(half) >> dropped << dropped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn however_many_values_there_are_the_distribution_is_bounded_and_near() {
        let mut distribution = Distribution::default();
        for part in 0..20 {
            let mut other = Distribution::default();
            for i in 0..500 {
                other.merge(&Distribution::of(f64::from(part * 500 + i) + 1.5, 1.0));
            }
            distribution.merge(&other);
        }
        assert!(distribution.iter().count() <= MOST);
        assert_eq!(distribution.count(), 10_000.0);
        for rank in [1.0, 100.0, 5_000.0, 9_999.0] {
            let (found, exact) = (distribution.at_rank(rank).unwrap(), rank + 0.5);
            assert!((found - exact).abs() <= exact / 100.0, "{found} is not near {exact}");
        }
    }

    proptest! {
        #[test]
        fn ranks_are_those_of_the_values_in_a_row(
            parts in prop::collection::vec((-1e6..1e6_f64, 1_u8..5), 1..40), at in any::<prop::sample::Index>(),
        ) {
            let mut distribution = Distribution::default();
            let mut row = Vec::new();
            for (value, count) in &parts {
                distribution.merge(&Distribution::of(*value, f64::from(*count)));
                row.extend(std::iter::repeat_n(*value, usize::from(*count)));
            }
            row.sort_by(f64::total_cmp);
            let rank = at.index(row.len());
            prop_assert_eq!(distribution.at_rank(rank as f64 + 1.0), Some(row[rank]));
            let (sum, count) = distribution.between_ranks(rank as f64, row.len() as f64);
            let expected: f64 = row[rank..].iter().sum();
            prop_assert!((sum - expected).abs() < 1e-3 && count == (row.len() - rank) as f64);
            prop_assert_eq!(Distribution::from_bytes(&distribution.to_bytes()), distribution);
        }
    }
}
