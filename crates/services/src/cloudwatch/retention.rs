//! How long data points are kept, and how finely.
//!
//! Source: API reference, "GetMetricStatistics" (what is retained; how start times are rounded).

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// How coarse data is from an age on, in seconds.
const TIERS: [(i64, i64); 3] = [(63 * DAY, HOUR), (15 * DAY, 300), (3 * HOUR, 60)];

/// After how many seconds nothing is kept.
pub(super) const LONGEST: i64 = 455 * DAY;

/// How old a data point may be at most when it is reported, in milliseconds.
pub(super) const OLDEST: i64 = 14 * DAY * 1000;

/// How far in the future it may be.
pub(super) const NEWEST: i64 = 2 * HOUR * 1000;

/// For how long a metric without data is listed, in milliseconds.
pub(super) const LISTED: i64 = 14 * DAY * 1000;

/// The tiers, from the oldest to the newest: from which age on data is how coarse, in seconds.
pub(super) fn tiers() -> impl Iterator<Item = (i64, i64)> {
    TIERS.into_iter()
}

/// How coarse the data of a time is at least, in seconds.
pub(super) fn resolution(start: i64, now: i64) -> i64 {
    let age = now - start;
    TIERS.iter().find(|(from, _)| age >= *from).map_or(1, |(_, resolution)| *resolution)
}

/// A start time as it is rounded for a period, both in seconds.
pub(super) fn rounded(start: i64, period: i64, now: i64) -> i64 {
    let to = match resolution(start, now) {
        1 | 60 if period < 60 => period,
        1 | 60 => 60,
        coarser => coarser,
    };
    start.div_euclid(to) * to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_gets_coarser_with_its_age() {
        let now = 1_750_000_000;
        let of = |age| resolution(now - age, now);
        assert_eq!([of(-60), of(0), of(3 * HOUR - 1), of(3 * HOUR), of(15 * DAY - 1)], [1, 1, 1, 60, 60]);
        assert_eq!([of(15 * DAY), of(63 * DAY - 1), of(63 * DAY), of(400 * DAY)], [300, 300, HOUR, HOUR]);
    }

    #[test]
    fn start_times_are_rounded_down_as_documented() {
        let now = 1_750_000_000 / HOUR * HOUR + 2000;
        let start = now / HOUR * HOUR + 754; // 12:34 past the hour
        let ago = |age: i64, period| rounded(start - age, period, now) % HOUR;
        assert_eq!(ago(0, 60), 720);
        assert_eq!([ago(0, 1), ago(0, 5), ago(0, 10), ago(0, 20), ago(0, 30)], [754, 750, 750, 740, 750]);
        assert_eq!(ago(20 * DAY, 300), 600);
        assert_eq!(ago(100 * DAY, HOUR), 0);
    }
}
