//! What is computed from samples, and the order in which they are taken.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The middle of the samples: half of them are above, half below. Not a number if there is none.
pub(super) fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle.wrapping_sub(1)), sorted.get(middle)) {
        (Some(below), Some(above)) if sorted.len().is_multiple_of(2) => f64::midpoint(*below, *above),
        (_, Some(only)) => *only,
        _ => f64::NAN,
    }
}

/// The sample that a quarter of the samples are below. Not a number if there is none.
pub(super) fn lower_quartile(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 4).copied().unwrap_or(f64::NAN)
}

/// The sample that this share of the samples, from 0 to 1, are not above. Not a number if there is none.
pub(super) fn percentile(samples: &[f64], share: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// The median of the ratios of what was measured in the same round: a disturbance that lasts longer than a round
/// touches both sides of a ratio.
pub(super) fn median_ratio(samples: &[f64], base: &[f64]) -> f64 {
    let ratios: Vec<f64> = samples.iter().zip(base).map(|(sample, base)| sample / base).collect();
    median(&ratios)
}

/// The middle of some durations, in milliseconds.
pub(super) fn median_ms(samples: &[Duration]) -> f64 {
    median(&samples.iter().map(|d| d.as_secs_f64() * 1e3).collect::<Vec<_>>())
}

/// Orders, each different: no path is always the one after another.
#[derive(Debug)]
pub(super) struct Shuffle(u64);

impl Shuffle {
    /// Orders that differ from one run to the next.
    pub(super) fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(since.as_secs() ^ u64::from(since.subsec_nanos()))
    }

    /// The numbers below `count` in a new order.
    pub(super) fn order(&mut self, count: usize) -> Vec<usize> {
        let mut keyed: Vec<(u64, usize)> = (0..count).map(|index| (self.next(), index)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, index)| index).collect()
    }

    /// The next random number.
    ///
    /// Source: splitmix64, <https://prng.di.unimi.it/splitmix64.c>.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        assert!(median(&[]).is_nan());
        assert_eq!(median(&[3.0]), 3.0);
        assert_eq!(median(&[9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 9.0]), 3.0);
    }

    #[test]
    fn a_quarter_lies_below_the_lower_quartile() {
        assert!(lower_quartile(&[]).is_nan());
        assert_eq!(lower_quartile(&[3.0]), 3.0);
        assert_eq!(lower_quartile(&[9.0, 1.0, 2.0, 8.0]), 2.0);
    }

    #[test]
    fn a_percentile_is_a_sample_that_so_many_are_not_above() {
        let samples: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!([0.5, 0.99, 1.0].map(|share| percentile(&samples, share)), [100.0, 198.0, 200.0]);
        assert!(percentile(&[], 0.5).is_nan());
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        assert_eq!(median_ratio(&[2.0, 20.0, 4.0], &[1.0, 10.0, 4.0]), 2.0);
    }

    #[test]
    fn an_order_has_every_number_once() {
        let mut shuffle = Shuffle(1);
        let mut order = shuffle.order(9);
        assert_ne!(order, shuffle.order(9));
        order.sort_unstable();
        assert_eq!(order, (0..9).collect::<Vec<_>>());
    }
}
