//! Why an alarm is in a state, in the words of AWS.
//!
//! Source: messages of alarms that users quote, see docs/claims.md.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
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
    let is_alarm = to == State::Alarm;
    let is_reason = |point: &Point| alarm.comparison.is_breached(point.1, alarm.threshold) == is_alarm;
    let shown: Vec<Point> = known.iter().copied().filter(is_reason).collect();
    let count = shown.len();
    let was = match (count, is_alarm) {
        (1, true) => "was",
        (1, false) => "was not",
        (_, true) => "were",
        (_, false) => "were not",
    };
    let (shown, words) = (points(&shown), alarm.comparison.words());
    let plural = |count: i64| if count == 1 { "datapoint" } else { "datapoints" };
    // An alarm that says how many data points have to breach is told of in another way.
    if alarm.datapoints_to_alarm.is_none() {
        let datapoints = plural(i64::try_from(count).unwrap_or_default());
        return format!("Threshold Crossed: {count} {datapoints} [{shown}] {was} {words} {threshold}.");
    }
    let (least, transition) =
        if is_alarm { (needed, "OK -> ALARM") } else { ((periods - needed + 1).max(1), "ALARM -> OK") };
    let datapoints = plural(least);
    format!(
        "Threshold Crossed: {count} out of the last {periods} datapoints [{shown}] {was} {words} {threshold} (minimum \
         {least} {datapoints} for {transition} transition)."
    )
}

/// What the state of an alarm rests on.
#[derive(Clone, Copy)]
pub(super) struct Evidence<'a> {
    /// The data points that were looked at, the newest first.
    pub(super) known: &'a [Point],
    /// The beginnings of the periods that were evaluated and have no data, in Unix seconds.
    pub(super) missing: &'a [i64],
    /// How many samples there were in the periods of a metric.
    pub(super) samples: &'a BTreeMap<i64, f64>,
    pub(super) period: i64,
    /// In Unix milliseconds.
    pub(super) now: i64,
}

impl Evidence<'_> {
    /// What was evaluated, the newest first.
    fn evaluated(&self) -> Vec<Json> {
        let known = self.known.iter().map(|(at, value)| (*at, Some(*value)));
        let mut all: Vec<(i64, Option<f64>)> = known.chain(self.missing.iter().map(|at| (*at, None))).collect();
        all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let entry = |(at, value)| {
            let mut entry = Map::from_iter([("timestamp".to_owned(), iso(at).into())]);
            if let Some(value) = value {
                entry.extend(self.samples.get(&at).map(|count| ("sampleCount".to_owned(), Json::from(*count))));
                entry.insert("value".to_owned(), Json::from(value));
            }
            Json::Object(entry)
        };
        all.into_iter().map(entry).collect()
    }
}

/// The same as a document.
pub(super) fn data(alarm: &Alarm, evidence: Evidence<'_>) -> String {
    let Evidence { known, period, now, .. } = evidence;
    let (unit, statistic) = match &alarm.watch {
        Watch::Metric { statistic, extended, unit, .. } => {
            (unit.clone(), statistic.clone().or_else(|| extended.clone()))
        }
        Watch::Queries(_) => (None, None),
    };
    let evaluated = evidence.evaluated();
    let recent: Vec<f64> = known.iter().rev().map(|(_, value)| *value).collect();
    let second = written(now.div_euclid(1000), format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]"));
    let asked = format!("{second}.{:03}+0000", now.rem_euclid(1000));
    let mut document = json!({"version": "1.0", "queryDate": asked});
    if let Some(members) = document.as_object_mut() {
        // The period of the oldest data point.
        members.extend(known.last().map(|(at, _)| ("startDate".to_owned(), iso(*at).into())));
        members.extend(unit.map(|unit| ("unit".to_owned(), unit.into())));
        members.extend(statistic.map(|statistic| ("statistic".to_owned(), statistic.into())));
        members.insert("period".to_owned(), period.into());
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
