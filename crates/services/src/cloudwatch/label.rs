//! Dynamic labels of series: `[max: ${MAX}] ${LABEL}`. Pure.
//!
//! AWS leaves open how it writes numbers and times here. Numbers are as short as they can be, times are to the minute, and
//! lengths of time are in days, hours, minutes and seconds. A value that there is not is `--`; a name that is none stays as
//! it is.
//!
//! Source: CloudWatch user guide, "Use dynamic labels".

use sidegate_model::Scope;
use time::OffsetDateTime;
use time::macros::format_description;

use super::fault::Fault;
use super::math::Series;

/// The most values of a label.
const MOST: usize = 5;

/// The offset of the times in labels, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Zone(i64);

impl Zone {
    /// An offset as `+0130`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['+', '-'])?;
        if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (hours, minutes) = digits.split_at(2);
        let seconds = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
        Some(Self(if text.starts_with('-') { -seconds } else { seconds }))
    }
}

/// Where and when a label is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) scope: &'a Scope,
    /// In Unix seconds.
    pub(super) now: i64,
    pub(super) zone: Zone,
}

/// Whether a label has parts to fill in.
pub(super) fn is_dynamic(label: &str) -> bool {
    label.contains("${")
}

/// Checks how many parts a label has to fill in.
pub(super) fn check(label: &str) -> Result<(), Fault> {
    let names = parts(label).filter_map(|part| part.name).filter(|name| VALUES.contains(name));
    let (labels, values): (Vec<_>, Vec<_>) = names.partition(|name| *name == "LABEL");
    if labels.len() <= 1 && values.len() <= MOST {
        return Ok(());
    }
    let message = format!("A label can have at most {MOST} dynamic values, and ${{LABEL}} only once.");
    Err(Fault::Validation(message))
}

/// A label with its parts filled in, given what the series is called otherwise.
pub(super) fn filled(label: &str, own: &str, series: &Series, place: Place<'_>) -> String {
    let value = |name: &str| value(name, own, series, place);
    parts(label).map(|part| part.name.and_then(value).unwrap_or_else(|| part.text.to_owned())).collect()
}

/// A part of a label: text, or a name in `${` and `}`.
struct Part<'a> {
    text: &'a str,
    name: Option<&'a str>,
}

fn parts(label: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = label;
    std::iter::from_fn(move || {
        let named = rest.strip_prefix("${").and_then(|inner| inner.find('}'));
        let end = match named {
            // The name, the dollar sign and the braces.
            Some(length) => length + 3,
            None if rest.is_empty() => return None,
            None => rest.match_indices("${").map(|(at, _)| at).find(|at| *at > 0).unwrap_or(rest.len()),
        };
        let (text, after) = rest.split_at_checked(end)?;
        rest = after;
        let name = named.and_then(|_| text.strip_prefix("${")?.strip_suffix('}'));
        Some(Part { text, name })
    })
}

/// The names of values, and that of the label that there would be otherwise.
const VALUES: [&str; 22] = [
    "AVG",
    "DATAPOINT_COUNT",
    "FIRST",
    "FIRST_LAST_RANGE",
    "FIRST_LAST_TIME_RANGE",
    "FIRST_TIME",
    "FIRST_TIME_RELATIVE",
    "LABEL",
    "LAST",
    "LAST_TIME",
    "LAST_TIME_RELATIVE",
    "MAX",
    "MAX_TIME",
    "MAX_TIME_RELATIVE",
    "MIN",
    "MIN_MAX_RANGE",
    "MIN_MAX_TIME_RANGE",
    "MIN_TIME",
    "MIN_TIME_RELATIVE",
    "STDDEV",
    "SUM",
    "VARIANCE",
];

/// What stands for a name; `None` if it is none.
fn value(name: &str, own: &str, series: &Series, place: Place<'_>) -> Option<String> {
    if name == "LABEL" {
        return Some(own.to_owned());
    }
    if let Some(property) = name.strip_prefix("PROP('").and_then(|inner| inner.strip_suffix("')")) {
        return property_of(property, series, place);
    }
    let is_known = VALUES.contains(&name);
    is_known.then(|| statistic(name, series, place).unwrap_or_else(|| "--".to_owned()))
}

/// What a series is of.
fn property_of(property: &str, series: &Series, place: Place<'_>) -> Option<String> {
    let source = series.source.as_deref();
    Some(match property {
        "AccountId" => place.scope.account.to_string(),
        "Region" => place.scope.region.to_string(),
        "Period" => series.period.to_string(),
        "MetricName" => source?.name.clone(),
        "Namespace" => source?.namespace.clone(),
        "Stat" => source?.statistic.clone(),
        dimension => source?.dimensions.get(dimension.strip_prefix("Dim.")?)?.clone(),
    })
}

/// What the values of a series say; `None` if there are none.
fn statistic(name: &str, series: &Series, place: Place<'_>) -> Option<String> {
    let points = &series.points;
    if name == "DATAPOINT_COUNT" {
        return Some(points.len().to_string());
    }
    let pair = |(at, value): (&i64, &f64)| (*at, *value);
    let (first, last) = (pair(points.first_key_value()?), pair(points.last_key_value()?));
    let lower = |a: &(i64, f64), b: &(i64, f64)| a.1.total_cmp(&b.1);
    // The first of several that are equal.
    let least = points.iter().map(pair).min_by(lower)?;
    let most = points.iter().map(pair).rev().max_by(lower)?;
    let (count, sum) = (points.len() as f64, points.values().sum::<f64>());
    let variance = || points.values().map(|value| (value - sum / count).powi(2)).sum::<f64>() / count;
    let time = |at: i64| written(at + place.zone.0);
    let ago = |at: i64| length(place.now - at);
    Some(match name {
        "AVG" => (sum / count).to_string(),
        "SUM" => sum.to_string(),
        "STDDEV" => variance().sqrt().to_string(),
        "VARIANCE" => variance().to_string(),
        "FIRST" => first.1.to_string(),
        "LAST" => last.1.to_string(),
        "MIN" => least.1.to_string(),
        "MAX" => most.1.to_string(),
        "FIRST_LAST_RANGE" => (last.1 - first.1).to_string(),
        "MIN_MAX_RANGE" => (most.1 - least.1).to_string(),
        "FIRST_LAST_TIME_RANGE" => length(last.0 - first.0),
        "MIN_MAX_TIME_RANGE" => length(most.0 - least.0),
        "FIRST_TIME" => time(first.0),
        "LAST_TIME" => time(last.0),
        "MIN_TIME" => time(least.0),
        "MAX_TIME" => time(most.0),
        "FIRST_TIME_RELATIVE" => ago(first.0),
        "LAST_TIME_RELATIVE" => ago(last.0),
        "MIN_TIME_RELATIVE" => ago(least.0),
        "MAX_TIME_RELATIVE" => ago(most.0),
        _ => return None,
    })
}

fn written(seconds: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]");
    OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(format).ok()).unwrap_or_default()
}

/// A length of time, without its sign.
fn length(seconds: i64) -> String {
    let seconds = seconds.abs();
    let parts = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let shown: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if shown.is_empty() { "0s".to_owned() } else { shown.join(" ") }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::math::Source;
    use super::*;

    /// The 15th of June 2025, 16:00 UTC.
    const START: i64 = 1_750_003_200;

    fn series() -> Series {
        let source = Source {
            namespace: "AWS/Lambda".to_owned(),
            name: "Errors".to_owned(),
            dimensions: [("FunctionName".to_owned(), "f".to_owned())].into(),
            statistic: "p99".to_owned(),
        };
        let points = [(START, 4.0), (START + 60, 7.5), (START + 3600, 1.0)].into();
        Series { label: "Errors".to_owned(), source: Some(Arc::new(source)), period: 60, points }
    }

    fn filled_in(label: &str, series: &Series, zone: &str) -> String {
        let scope = Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() };
        let place = Place { scope: &scope, now: START + 7260, zone: Zone::parse(zone).unwrap() };
        filled(label, "own", series, place)
    }

    #[test]
    fn a_label_tells_the_values_the_times_and_the_properties_of_its_series() {
        for (label, expected) in [
            ("[max: ${MAX} Errors for ${LABEL}]", "[max: 7.5 Errors for own]"),
            ("${MIN} ${AVG} ${SUM} ${FIRST} ${LAST}", "1 4.166666666666667 12.5 4 1"),
            ("${DATAPOINT_COUNT}, ${FIRST_LAST_RANGE}, ${MIN_MAX_RANGE}", "3, -3, 6.5"),
            ("${FIRST_LAST_TIME_RANGE}, ${MIN_MAX_TIME_RANGE}", "1h, 59m"),
            ("${FIRST_TIME}, ${MAX_TIME}", "2025-06-15 17:30, 2025-06-15 17:31"),
            ("${LAST_TIME_RELATIVE}, ${MAX_TIME_RELATIVE}", "1h 1m, 2h"),
            ("${PROP('Namespace')} ${PROP('MetricName')} ${PROP('Dim.FunctionName')}", "AWS/Lambda Errors f"),
            ("${PROP('Stat')} ${PROP('Period')} ${PROP('Region')}", "p99 60 us-east-1"),
            ("${PROP('AccountId')}", "111122223333"),
            ("${PROP('Dim.None')} ${NONE} $ {MAX} ${MAX", "${PROP('Dim.None')} ${NONE} $ {MAX} ${MAX"),
        ] {
            assert_eq!(filled_in(label, &series(), "+0130"), expected, "{label}");
        }
        assert_eq!(filled_in("${MAX} ${DATAPOINT_COUNT}", &Series::default(), "-0800"), "-- 0");
    }

    #[test]
    fn a_label_has_five_values_and_its_own_name_once() {
        assert!(check("${MAX} ${MIN} ${AVG} ${SUM} ${LAST} ${LABEL} ${PROP('Stat')}").is_ok());
        assert!(check("${MAX} ${MIN} ${AVG} ${SUM} ${LAST} ${FIRST}").is_err());
        assert!(check("${LABEL} ${LABEL}").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_label(label in "[${}A-Z'()é ]{0,40}") {
            let whole: String = parts(&label).map(|part| part.text).collect();
            prop_assert_eq!(&whole, &label);
            let _ = (check(&label).is_ok(), filled_in(&label, &series(), "+0000"));
        }
    }
}
