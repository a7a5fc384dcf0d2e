//! The statistics of a metric, as they are named, and their values.
//!
//! A percentile is the value of the nearest rank; the boundaries of trimmed statistics are ranks in the same way, so that
//! a trimmed sum is the trimmed mean times the trimmed count.
//!
//! Source: CloudWatch user guide, "CloudWatch statistics definitions"; API reference, "GetMetricStatistics" (no
//! percentiles where values are negative).

use super::aggregate::Aggregate;
use super::distribution::Distribution;

/// A statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// The value at a percentage.
    Percentile(f64),
    /// The percentage of values within bounds.
    PercentileRank(Bounds),
    TrimmedMean(Bounds),
    TrimmedCount(Bounds),
    TrimmedSum(Bounds),
    WinsorizedMean(Bounds),
}

/// What is within: more than the lower one, up to the upper one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bounds {
    /// Percentages of the values.
    Percent(f64, f64),
    /// Values.
    Values(f64, f64),
}

/// The most decimal places of a percentage.
const MOST_PLACES: usize = 10;

impl Statistic {
    /// One of the five that the API has had from the start.
    pub(super) fn simple(name: &str) -> Option<Self> {
        Some(match name {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            _ => return None,
        })
    }

    /// One of the others: `p99`, `tm90`, `TM(10%:90%)`, `PR(:300)`, `IQM`.
    pub(super) fn extended(name: &str) -> Option<Self> {
        let upper = name.to_ascii_uppercase();
        if upper == "IQM" {
            return Some(Self::TrimmedMean(Bounds::Percent(25.0, 75.0)));
        }
        if let Some((kind, bounds)) = upper.split_once('(') {
            let bounds = Bounds::parse(bounds.strip_suffix(')')?)?;
            return match (kind, bounds) {
                ("PR", Bounds::Values(..)) => Some(Self::PercentileRank(bounds)),
                ("PR", Bounds::Percent(..)) => None,
                _ => Self::trimmed(kind, bounds),
            };
        }
        let digits = upper.find(|c: char| c.is_ascii_digit())?;
        let (kind, number) = upper.split_at(digits);
        let percent = percentage(number)?;
        match kind {
            "P" => Some(Self::Percentile(percent)),
            _ => Self::trimmed(kind, Bounds::Percent(0.0, percent)),
        }
    }

    /// Any statistic.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::simple(name).or_else(|| Self::extended(name))
    }

    /// As it is named.
    pub(super) fn name(self) -> String {
        let within = |kind: &str, bounds: Bounds| match bounds {
            Bounds::Percent(low, high) => format!("{kind}({low}%:{high}%)"),
            Bounds::Values(low, high) => {
                let bound = |bound: f64| if bound.is_finite() { bound.to_string() } else { String::new() };
                format!("{kind}({}:{})", bound(low), bound(high))
            }
        };
        match self {
            Self::SampleCount => "SampleCount".to_owned(),
            Self::Average => "Average".to_owned(),
            Self::Sum => "Sum".to_owned(),
            Self::Minimum => "Minimum".to_owned(),
            Self::Maximum => "Maximum".to_owned(),
            Self::Percentile(percent) => format!("p{percent}"),
            Self::PercentileRank(bounds) => within("PR", bounds),
            Self::TrimmedMean(bounds) => within("TM", bounds),
            Self::TrimmedCount(bounds) => within("TC", bounds),
            Self::TrimmedSum(bounds) => within("TS", bounds),
            Self::WinsorizedMean(bounds) => within("WM", bounds),
        }
    }

    /// How many samples a percentile takes to be significant; none of other statistics, and of the extremes.
    ///
    /// Source: CloudWatch user guide, "Percentile-based CloudWatch alarms and low data samples".
    pub(super) fn significant_samples(self) -> Option<f64> {
        match self {
            Self::Percentile(percent) if percent > 0.0 && percent < 50.0 => Some(1000.0 / percent),
            Self::Percentile(percent) if (50.0..100.0).contains(&percent) => Some(1000.0 / (100.0 - percent)),
            _ => None,
        }
    }

    fn trimmed(kind: &str, bounds: Bounds) -> Option<Self> {
        match kind {
            "TM" => Some(Self::TrimmedMean(bounds)),
            "TC" => Some(Self::TrimmedCount(bounds)),
            "TS" => Some(Self::TrimmedSum(bounds)),
            "WM" => Some(Self::WinsorizedMean(bounds)),
            _ => None,
        }
    }

    /// Its value; `None` where it is not known.
    pub(super) fn of(self, aggregate: &Aggregate) -> Option<f64> {
        let Aggregate { count, sum, minimum, maximum, distribution } = aggregate;
        let values = || distribution.as_ref().filter(|_| *minimum >= 0.0 && *count > 0.0);
        let value = match self {
            Self::SampleCount => *count,
            Self::Average if *count == 0.0 => return None,
            Self::Average => sum / count,
            Self::Sum => *sum,
            Self::Minimum => *minimum,
            Self::Maximum => *maximum,
            Self::Percentile(percent) => percentile(values()?, percent)?,
            Self::PercentileRank(bounds) => bounds.within(values()?).1 / values()?.count() * 100.0,
            Self::TrimmedMean(bounds) => match bounds.within(values()?) {
                (_, 0.0) => return None,
                (sum, count) => sum / count,
            },
            Self::TrimmedCount(bounds) => bounds.within(values()?).1,
            Self::TrimmedSum(bounds) => bounds.within(values()?).0,
            Self::WinsorizedMean(bounds) => bounds.winsorized(values()?)?,
        };
        value.is_finite().then_some(value)
    }
}

impl Bounds {
    fn parse(text: &str) -> Option<Self> {
        let (low, high) = text.split_once(':')?;
        if low.is_empty() && high.is_empty() {
            return None;
        }
        let percent = |text: &str, open| match text {
            "" => Some(open),
            text => percentage(text.strip_suffix('%')?),
        };
        let value = |text: &str, open| match text {
            "" => Some(open),
            text => text.parse::<f64>().ok().filter(|value| value.is_finite()),
        };
        let bounds = if text.contains('%') {
            Self::Percent(percent(low, 0.0)?, percent(high, 100.0)?)
        } else {
            Self::Values(value(low, f64::NEG_INFINITY)?, value(high, f64::INFINITY)?)
        };
        let (Self::Percent(low, high) | Self::Values(low, high)) = bounds;
        (low < high).then_some(bounds)
    }

    /// The sum and the count of the values within.
    fn within(self, values: &Distribution) -> (f64, f64) {
        match self {
            Self::Percent(low, high) => {
                let count = values.count();
                // Where a part of a value would be left out it stays, below as above.
                let left_out = (low / 100.0 * count * (1.0 + 1e-12)).floor();
                values.between_ranks(left_out, rank(high, count))
            }
            Self::Values(low, high) => {
                let within = values.iter().filter(|(value, _)| low < *value && *value <= high);
                within.fold((0.0, 0.0), |(sum, all), (value, count)| (sum + value * count, all + count))
            }
        }
    }

    /// The mean where what is outside has the value of the boundary.
    fn winsorized(self, values: &Distribution) -> Option<f64> {
        let (low, high) = match self {
            Self::Percent(low, high) => (percentile(values, low)?, percentile(values, high)?),
            Self::Values(low, high) => (low, high),
        };
        let sum: f64 = values.iter().map(|(value, count)| value.clamp(low, high) * count).sum();
        Some(sum / values.count())
    }
}

fn percentile(values: &Distribution, percent: f64) -> Option<f64> {
    values.at_rank(rank(percent, values.count()))
}

/// The nearest rank of a percentage.
fn rank(percent: f64, count: f64) -> f64 {
    let exact = percent / 100.0 * count;
    // 70 % of 10 are 7, whatever the last digits of a binary fraction say.
    (exact - 1e-9 * exact.abs().max(1.0)).ceil().clamp(1.0, count.max(1.0))
}

/// A percentage between 0 and 100 with some decimal places.
fn percentage(text: &str) -> Option<f64> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = !whole.is_empty() && digits(whole) && digits(places) && places.len() <= MOST_PLACES;
    text.parse().ok().filter(|percent| plain && (0.0..=100.0).contains(percent))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn aggregate(values: &[f64]) -> Aggregate {
        let mut all = Aggregate::of(values[0], 1.0);
        values[1..].iter().for_each(|value| all.merge(&Aggregate::of(*value, 1.0)));
        all
    }

    fn of(name: &str, values: &[f64]) -> Option<f64> {
        Statistic::parse(name).unwrap_or_else(|| panic!("{name} is no statistic")).of(&aggregate(values))
    }

    #[test]
    fn statistics_have_the_values_that_their_definitions_give() {
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        for (name, expected) in [
            ("SampleCount", 10.0),
            ("Average", 5.5),
            ("Sum", 55.0),
            ("Minimum", 1.0),
            ("Maximum", 10.0),
            ("p0", 1.0),
            ("p50", 5.0),
            ("p70", 7.0),
            ("p90", 9.0),
            ("p99.9", 10.0),
            ("p100", 10.0),
            ("tm90", 5.0),
            ("tc90", 9.0),
            ("ts90", 45.0),
            ("TM(10%:90%)", 5.5),
            ("TC(10%:90%)", 8.0),
            ("TS(80%:)", 19.0),
            ("TM(2:5)", 4.0),
            ("TC(2:5)", 3.0),
            ("TS(:3)", 6.0),
            ("PR(:3)", 30.0),
            ("PR(3:5)", 20.0),
            ("PR(9:)", 10.0),
            ("wm90", 5.4),
            ("WM(20%:80%)", 5.3),
            ("wm(2:8)", 5.3),
            ("IQM", 5.5),
        ] {
            let value = of(name, &ten).unwrap();
            assert!((value - expected).abs() < 1e-9, "{name} is {value}, not {expected}");
        }
    }

    #[test]
    fn what_is_not_known_has_no_value() {
        assert_eq!(of("p50", &[-1.0, 2.0]), None, "a value is negative");
        assert_eq!(of("TM(100:200)", &[1.0]), None, "nothing is within");
        let mut set = Aggregate::of_set(4.0, 10.0, 1.0, 4.0);
        assert_eq!(Statistic::Percentile(50.0).of(&set), None);
        set.merge(&Aggregate::of(1.0, 1.0));
        assert_eq!((Statistic::Percentile(50.0).of(&set), Statistic::Sum.of(&set)), (None, Some(11.0)));
        let same = Aggregate::of_set(4.0, 8.0, 2.0, 2.0);
        assert_eq!(Statistic::Percentile(50.0).of(&same), Some(2.0));
    }

    #[test]
    fn what_names_no_statistic_is_refused() {
        for name in [
            "",
            "average",
            "p",
            "p101",
            "p-1",
            "p1e1",
            "p99.12345678901",
            "TM(:)",
            "TM(90%:10%)",
            "TM(1:90%)",
            "PR(1%:2%)",
            "XX(1:2)",
            "tm",
            "TM(1:2",
            "PR(a:b)",
            "PR(:NaN)",
            "q90",
            "ppp",
            "p٣",
        ] {
            assert_eq!(Statistic::parse(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_percentile_is_the_least_value_that_so_many_do_not_exceed(
            values in prop::collection::vec(0.0..1e6_f64, 1..60), percent in 0_u32..=100,
        ) {
            let found = of(&format!("p{percent}"), &values).unwrap();
            let share = |limit: f64| values.iter().filter(|value| **value <= limit).count() * 100;
            let wanted = percent as usize * values.len();
            prop_assert!(share(found) >= wanted);
            let less = values.iter().copied().filter(|value| *value < found).fold(f64::NAN, f64::max);
            prop_assert!(less.is_nan() || share(less) < wanted);
        }

        #[test]
        fn a_trimmed_sum_is_the_mean_times_the_count(
            values in prop::collection::vec(0.0..1e6_f64, 1..60), low in 0_u32..50, high in 51_u32..=100,
        ) {
            let of = |kind: &str| of(&format!("{kind}({low}%:{high}%)"), &values);
            if let Some(mean) = of("TM") {
                let sum = of("TS").unwrap();
                prop_assert!((mean * of("TC").unwrap() - sum).abs() <= 1e-9 * sum.abs().max(1.0));
            }
        }

        #[test]
        fn whatever_the_name_is_it_is_read_or_refused(name in ".{0,20}") {
            let _ = Statistic::parse(&name);
        }
    }
}
