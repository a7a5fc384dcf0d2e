//! Why an alarm is in a state, in the words of AWS.
//!
//! Source: messages of alarms that users quote, see docs/claims.md.

use serde_json::json;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::{Alarm, State, Watch};

/// A data point that was looked at: when its period begins, in Unix seconds, and its value.
pub(super) type Point = (i64, f64);

/// The reason for a state, given the data points that were looked at, the newest first.
pub(super) fn words(alarm: &Alarm, to: State, known: &[Point]) -> String {
    let (needed, periods) = (alarm.needed(), alarm.evaluation_periods);
    let missing = periods - i64::try_from(known.len()).unwrap_or(periods).min(periods);
    let threshold = format!("the threshold ({:?})", alarm.threshold);
    let points = |points: &[Point]| {
        let shown = points.iter().map(|(at, value)| format!("{value:?} ({})", date(*at)));
        shown.collect::<Vec<_>>().join(", ")
    };
    if known.is_empty() {
        let were = if missing == 1 { "datapoint was" } else { "datapoints were" };
        return match to {
            State::InsufficientData => format!("Insufficient Data: {missing} {were} unknown."),
            State::Alarm | State::Ok => {
                let treated = if to == State::Alarm { "Breaching" } else { "NonBreaching" };
                let periods = if missing == 1 { "period" } else { "periods" };
                format!(
                    "Threshold Crossed: no datapoints were received for {missing} {periods} and {missing} missing \
                     {were} treated as [{treated}]."
                )
            }
        };
    }
    let breaching: Vec<Point> =
        known.iter().copied().filter(|(_, value)| alarm.comparison.is_breached(*value, alarm.threshold)).collect();
    let words = alarm.comparison.words();
    if to == State::Alarm {
        let (count, shown) = (breaching.len(), points(&breaching));
        let was = if count == 1 { "was" } else { "were" };
        let plural = if needed == 1 { "datapoint" } else { "datapoints" };
        return format!(
            "Threshold Crossed: {count} out of the last {periods} datapoints [{shown}] {was} {words} {threshold} \
             (minimum {needed} {plural} for OK -> ALARM transition)."
        );
    }
    let count = known.len();
    let was = if count == 1 { "datapoint" } else { "datapoints" };
    let (was, verb) = (was, if count == 1 { "was" } else { "were" });
    format!("Threshold Crossed: {count} {was} [{}] {verb} not {words} {threshold}.", points(known))
}

/// The same as a document.
pub(super) fn data(alarm: &Alarm, known: &[Point], now: i64, start: i64) -> String {
    let (statistic, period) = match &alarm.watch {
        Watch::Metric { statistic, extended, period, .. } => {
            (statistic.clone().or_else(|| extended.clone()), Some(*period))
        }
        Watch::Queries(_) => (None, None),
    };
    let evaluated: Vec<_> = known.iter().map(|(at, value)| json!({"timestamp": iso(*at), "value": value})).collect();
    let recent: Vec<f64> = known.iter().rev().map(|(_, value)| *value).collect();
    let mut document = json!({"version": "1.0", "queryDate": iso(now.div_euclid(1000)), "startDate": iso(start)});
    if let Some(members) = document.as_object_mut() {
        members.extend(statistic.map(|statistic| ("statistic".to_owned(), statistic.into())));
        members.extend(period.map(|period| ("period".to_owned(), period.into())));
        members.insert("recentDatapoints".to_owned(), recent.into());
        members.insert("threshold".to_owned(), alarm.threshold.into());
        members.insert("evaluatedDatapoints".to_owned(), evaluated.into());
    }
    document.to_string()
}

/// A time as the reasons have it.
fn date(seconds: i64) -> String {
    written(seconds, format_description!("[day]/[month]/[year repr:last_two] [hour]:[minute]:[second]"))
}

fn iso(seconds: i64) -> String {
    written(seconds, format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].000+0000"))
}

fn written(seconds: i64, format: &[BorrowedFormatItem<'_>]) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(format).ok()).unwrap_or_default()
}
