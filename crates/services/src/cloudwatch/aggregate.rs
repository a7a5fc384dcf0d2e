//! What is known of the values of a metric in a stretch of time: a statistic set, and how the values are distributed.

use super::distribution::Distribution;

/// A statistic set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Aggregate {
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) minimum: f64,
    pub(super) maximum: f64,
    /// `None` if a part of it was reported as a statistic set that does not tell its values.
    pub(super) distribution: Option<Distribution>,
}

impl Aggregate {
    /// That of a value that occurred so often.
    pub(super) fn of(value: f64, count: f64) -> Self {
        let distribution = Some(Distribution::of(value, count));
        Self { count, sum: value * count, minimum: value, maximum: value, distribution }
    }

    /// That of a statistic set that was reported as such. Its values are known only where they are all the same.
    ///
    /// Source: API reference, "PutMetricData": percentiles of statistic sets.
    pub(super) fn of_set(count: f64, sum: f64, minimum: f64, maximum: f64) -> Self {
        let is_one_value = minimum == maximum && sum == minimum * count;
        let distribution = is_one_value.then(|| Distribution::of(minimum, count));
        Self { count, sum, minimum, maximum, distribution }
    }

    /// All together, if there are any. Their distributions are merged at once.
    pub(super) fn of_all(all: Vec<Self>) -> Option<Self> {
        let mut all = all.into_iter();
        let mut whole = all.next()?;
        let mut distributions = whole.distribution.take().map(|first| vec![first]);
        for mut other in all {
            let of_other = other.distribution.take();
            whole.merge(&other);
            distributions = distributions.zip(of_other).map(|(mut known, new)| {
                known.push(new);
                known
            });
        }
        whole.distribution = distributions.map(Distribution::of_all);
        Some(whole)
    }

    /// Adds another one.
    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
        self.distribution = match (self.distribution.take(), &other.distribution) {
            (Some(mut own), Some(others)) => {
                own.merge(others);
                Some(own)
            }
            _ => None,
        };
    }
}
