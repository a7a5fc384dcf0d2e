//! The functions of metric math.
//!
//! Not served are those that rest on something that is not here: anomaly detection, Contributor Insights, Lambda functions,
//! service quotas, logs and the grouping by tags.

use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;

use super::MathError;
use super::evaluate::Known;
use super::value::{Series, Value};

/// Functions that AWS has.
const UNSERVED: [&str; 7] =
    ["ANOMALY_DETECTION_BAND", "DB_PERF_INSIGHTS", "INSIGHT_RULE_METRIC", "LAMBDA", "LOGS", "SERVICE_QUOTA", "TAGS"];

/// Calls a function.
pub(super) fn call(name: &str, arguments: Vec<Value>, known: &dyn Known) -> Result<Value, MathError> {
    if let Some(change) = of_each_value(name) {
        return each(arguments, name, |series| series.map(change), Some(&change));
    }
    if let Some(change) = of_each_series(name) {
        return each(arguments, name, change, None);
    }
    if let Some(part) = of_each_time(name) {
        return at_each_time(arguments, name, part, known);
    }
    if let Some(statistic) = Summary::of(name) {
        return summarize(statistic, arguments);
    }
    let mut arguments = arguments.into_iter();
    let mut next = || arguments.next();
    match (name, next(), next(), next(), next()) {
        ("METRICS", None, ..) => Ok(Value::Many(known.metrics().into_iter().map(|(_, series)| series).collect())),
        ("METRICS", Some(Value::Text(part)), None, ..) => {
            let found = known.metrics().into_iter().filter(|(id, _)| id.contains(&part));
            Ok(Value::Many(found.map(|(_, series)| series).collect()))
        }
        ("PERIOD", Some(Value::Series(series)), None, ..) => Ok(Value::Scalar(series.period as f64)),
        ("METRIC_COUNT", Some(Value::Many(many)), None, ..) => Ok(Value::Scalar(many.len() as f64)),
        ("IF", Some(condition), Some(then), Some(otherwise), None) => choose(condition, then, otherwise),
        ("IF", Some(condition), Some(then), None, _) => choose(condition, then, Value::Scalar(f64::NAN)),
        ("FILL", Some(value), Some(by), None, _) => fill(value, &by, known),
        ("TIME_SERIES", Some(Value::Scalar(scalar)), None, ..) => constant(scalar, known).map(Value::Series),
        ("FIRST", Some(Value::Many(many)), None, ..) => Ok(Value::Series(many.into_iter().next().unwrap_or_default())),
        ("LAST", Some(Value::Many(many)), None, ..) => {
            Ok(Value::Series(many.into_iter().next_back().unwrap_or_default()))
        }
        ("REMOVE_EMPTY", Some(Value::Many(mut many)), None, ..) => {
            many.retain(|series| !series.points.is_empty());
            Ok(Value::Many(many))
        }
        ("SLICE", Some(Value::Many(many)), Some(Value::Scalar(from)), to, None) => slice(many, from, to),
        ("SORT", Some(Value::Many(many)), Some(Value::Text(by)), Some(Value::Text(order)), limit) => {
            sort(many, &by, &order, limit)
        }
        ("SEARCH", Some(Value::Text(search)), Some(Value::Text(statistic)), period, None) => {
            let period = match period {
                None => None,
                Some(Value::Scalar(period)) => Some(period as i64),
                Some(_) => return Err(MathError::Arguments("SEARCH")),
            };
            known.search(&search, &statistic, period).map(Value::Many)
        }
        _ => Err(refusal(name)),
    }
}

/// A function that cannot be called so.
fn refusal(name: &str) -> MathError {
    const SERVED: [&str; 11] = [
        "METRICS",
        "PERIOD",
        "METRIC_COUNT",
        "IF",
        "FILL",
        "TIME_SERIES",
        "FIRST",
        "LAST",
        "REMOVE_EMPTY",
        "SLICE",
        "SORT",
    ];
    if let Some(name) = UNSERVED.into_iter().find(|unserved| *unserved == name) {
        return MathError::Unsupported(name);
    }
    match SERVED.into_iter().chain(["SEARCH"]).find(|served| *served == name) {
        Some(name) => MathError::Arguments(name),
        None => MathError::UnknownFunction(name.to_owned()),
    }
}

/// Functions that change each value on its own.
fn of_each_value(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "ABS" => f64::abs,
        "CEIL" => f64::ceil,
        "FLOOR" => f64::floor,
        "LOG" => f64::ln,
        "LOG10" => f64::log10,
        _ => return None,
    })
}

/// Functions that change a series as a whole.
fn of_each_series(name: &str) -> Option<fn(&Series) -> Series> {
    Some(match name {
        "DIFF" => |series| series.pairs(|before, after| after.1 - before.1),
        "DIFF_TIME" => |series| series.pairs(|before, after| (after.0 - before.0) as f64),
        "RATE" => |series| series.pairs(|before, after| (after.1 - before.1) / (after.0 - before.0) as f64),
        "RUNNING_SUM" => |series| {
            let mut sum = 0.0;
            let points: Vec<_> = series
                .points
                .iter()
                .map(|(at, value)| {
                    sum += value;
                    (*at, sum)
                })
                .collect();
            series.with(points.into_iter())
        },
        _ => return None,
    })
}

/// Functions that say something of each time, whether or not there is a value.
fn of_each_time(name: &str) -> Option<fn(OffsetDateTime) -> i64> {
    Some(match name {
        "EPOCH" => |time| time.unix_timestamp(),
        "MINUTE" => |time| time.minute().into(),
        "HOUR" => |time| time.hour().into(),
        "DAY" => |time| time.weekday().number_from_monday().into(),
        "DATE" => |time| time.day().into(),
        "MONTH" => |time| u8::from(time.month()).into(),
        "YEAR" => |time| time.year().into(),
        _ => return None,
    })
}

/// What such a function says of the times of a series, which has no gaps then.
fn at_each_time(
    arguments: Vec<Value>, name: &str, part: fn(OffsetDateTime) -> i64, known: &dyn Known,
) -> Result<Value, MathError> {
    let of = |at: i64| Some((at, part(OffsetDateTime::from_unix_timestamp(at).ok()?) as f64));
    let said = |series: &Series| {
        let period = Some(series.period).filter(|period| *period > 0);
        Ok::<_, MathError>(series.with(steps(period, known)?.filter_map(of)))
    };
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next()) {
        (Some(Value::Series(series)), None) => said(&series).map(Value::Series),
        (Some(Value::Many(many)), None) => many.iter().map(said).collect::<Result<_, _>>().map(Value::Many),
        _ => Err(arguments_of(name)),
    }
}

/// Calls a function of one argument that takes a series, or each of several.
fn each(
    arguments: Vec<Value>, name: &str, change: impl Fn(&Series) -> Series, of_scalar: Option<&dyn Fn(f64) -> f64>,
) -> Result<Value, MathError> {
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next(), of_scalar) {
        (Some(Value::Series(series)), None, _) => Ok(Value::Series(change(&series))),
        (Some(Value::Many(many)), None, _) => Ok(Value::Many(many.iter().map(change).collect())),
        (Some(Value::Scalar(scalar)), None, Some(of_scalar)) => Ok(Value::Scalar(of_scalar(scalar))),
        _ => Err(arguments_of(name)),
    }
}

/// Arguments that a function does not take.
fn arguments_of(name: &str) -> MathError {
    const NAMES: [&str; 16] = [
        "ABS",
        "CEIL",
        "FLOOR",
        "LOG",
        "LOG10",
        "DIFF",
        "DIFF_TIME",
        "RATE",
        "RUNNING_SUM",
        "EPOCH",
        "MINUTE",
        "HOUR",
        "DAY",
        "DATE",
        "MONTH",
        "YEAR",
    ];
    NAMES.into_iter().find(|known| *known == name).map_or_else(|| refusal(name), MathError::Arguments)
}

/// A function that makes one number of many.
#[derive(Clone, Copy)]
enum Summary {
    Average,
    Sum,
    Minimum,
    Maximum,
    Deviation,
    Count,
}

impl Summary {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "AVG" => Self::Average,
            "SUM" => Self::Sum,
            "MIN" => Self::Minimum,
            "MAX" => Self::Maximum,
            "STDDEV" => Self::Deviation,
            "DATAPOINT_COUNT" => Self::Count,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Average => "AVG",
            Self::Sum => "SUM",
            Self::Minimum => "MIN",
            Self::Maximum => "MAX",
            Self::Deviation => "STDDEV",
            Self::Count => "DATAPOINT_COUNT",
        }
    }

    /// The number; that of no numbers at all is no number, but for their count and their sum.
    fn over(self, values: impl Iterator<Item = f64> + Clone) -> f64 {
        let count = values.clone().count() as f64;
        let sum = || values.clone().sum::<f64>();
        match self {
            Self::Count => count,
            Self::Sum => sum(),
            Self::Average => sum() / count,
            Self::Minimum => values.fold(f64::NAN, f64::min),
            Self::Maximum => values.fold(f64::NAN, f64::max),
            Self::Deviation => {
                let mean = sum() / count;
                (values.map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
            }
        }
    }
}

/// One number of a series, or a series of several.
fn summarize(summary: Summary, arguments: Vec<Value>) -> Result<Value, MathError> {
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next()) {
        (Some(Value::Series(series)), None) => Ok(Value::Scalar(summary.over(series.points.values().copied()))),
        (Some(Value::Many(many)), None) => {
            let mut together: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
            for series in &many {
                series.points.iter().for_each(|(at, value)| together.entry(*at).or_default().push(*value));
            }
            let period = many.iter().map(|series| series.period).max().unwrap_or_default();
            let frame = Series { period, ..Series::default() };
            // An average is of all the series: what is missing of one is 0.
            let missing = |values: &[f64]| match summary {
                Summary::Average => many.len().saturating_sub(values.len()),
                _ => 0,
            };
            let points = together.iter().map(|(at, values)| {
                let nothing = std::iter::repeat_n(0.0, missing(values));
                (*at, summary.over(values.iter().copied().chain(nothing)))
            });
            Ok(Value::Series(frame.with(points)))
        }
        (Some(Value::Scalar(scalar)), None) => Ok(Value::Scalar(summary.over(std::iter::once(scalar)))),
        _ => Err(MathError::Arguments(summary.name())),
    }
}

/// One of two values, at each time of the condition: 0 where the one to have if it holds is missing.
///
/// Source: CloudWatch user guide, "Using IF expressions".
fn choose(condition: Value, then: Value, otherwise: Value) -> Result<Value, MathError> {
    let at = |value: &Value, at: &i64| match value {
        Value::Scalar(scalar) => Ok(Some(*scalar)),
        Value::Series(series) => Ok(series.points.get(at).copied()),
        _ => Err(MathError::Arguments("IF")),
    };
    match condition {
        Value::Scalar(condition) => Ok(if condition != 0.0 { then } else { otherwise }),
        Value::Series(condition) => {
            let mut points = Vec::new();
            for (time, holds) in &condition.points {
                let value = if *holds != 0.0 { at(&then, time)?.or(Some(0.0)) } else { at(&otherwise, time)? };
                points.extend(value.map(|value| (*time, value)));
            }
            Ok(Value::Series(condition.with(points.into_iter())))
        }
        _ => Err(MathError::Arguments("IF")),
    }
}

/// A series that has the same value at all times.
fn constant(value: f64, known: &dyn Known) -> Result<Series, MathError> {
    let (_, _, period) = known.times(None);
    Ok(Series { period, ..Series::default() }.with(steps(None, known)?.map(|at| (at, value))))
}

/// The times of a series without gaps. They are paid for before there is one of them.
fn steps(period: Option<i64>, known: &dyn Known) -> Result<impl Iterator<Item = i64> + use<>, MathError> {
    let (start, end, period) = known.times(period);
    let (length, period) = (end.saturating_sub(start).max(0), period.max(1));
    let count = length.div_euclid(period) + i64::from(length % period != 0);
    known.budget().spend(usize::try_from(count).unwrap_or(usize::MAX))?;
    Ok((0..count).map(move |step| start + step * period))
}

fn fill(value: Value, by: &Value, known: &dyn Known) -> Result<Value, MathError> {
    let filled = |series: &Series| fill_one(series, by, known);
    match value {
        Value::Series(series) => filled(&series).map(Value::Series),
        Value::Many(many) => many.iter().map(filled).collect::<Result<_, _>>().map(Value::Many),
        Value::Scalar(_) | Value::Text(_) => Err(MathError::Arguments("FILL")),
    }
}

/// A series with values where it has none.
fn fill_one(series: &Series, by: &Value, known: &dyn Known) -> Result<Series, MathError> {
    let period = Some(series.period).filter(|period| *period > 0);
    let times: BTreeSet<i64> = steps(period, known)?.chain(series.points.keys().copied()).collect();
    let missing = |at: i64| match by {
        Value::Scalar(scalar) => Ok(Some(*scalar)),
        Value::Series(other) => Ok(other.points.get(&at).copied()),
        Value::Text(text) if text == "REPEAT" => Ok(series.points.range(..at).next_back().map(|(_, value)| *value)),
        Value::Text(text) if text == "LINEAR" => Ok(between(series, at)),
        _ => Err(MathError::Arguments("FILL")),
    };
    let mut points = Vec::new();
    for at in times {
        let value = match series.points.get(&at) {
            Some(value) => Some(*value),
            None => missing(at)?,
        };
        points.extend(value.map(|value| (at, value)));
    }
    Ok(series.with(points.into_iter()))
}

/// The value between two known ones on a straight line.
fn between(series: &Series, at: i64) -> Option<f64> {
    let (before, low) = series.points.range(..at).next_back()?;
    let (after, high) = series.points.range(at..).next()?;
    Some(low + (high - low) * (at - before) as f64 / (after - before) as f64)
}

fn slice(many: Vec<Series>, from: f64, to: Option<Value>) -> Result<Value, MathError> {
    let index = |number: f64| (number >= 0.0 && number.fract() == 0.0).then_some(number as usize);
    let to = match to {
        None => Some(many.len()),
        Some(Value::Scalar(to)) => index(to),
        Some(_) => None,
    };
    let (Some(from), Some(to)) = (index(from), to) else { return Err(MathError::Arguments("SLICE")) };
    Ok(Value::Many(many.into_iter().take(to).skip(from).collect()))
}

fn sort(mut many: Vec<Series>, by: &str, order: &str, limit: Option<Value>) -> Result<Value, MathError> {
    let refused = MathError::Arguments("SORT");
    let summary = Summary::of(by).filter(|by| !matches!(by, Summary::Count | Summary::Deviation));
    let summary = summary.ok_or(refused.clone())?;
    let limit = match limit {
        None => many.len(),
        Some(Value::Scalar(limit)) if limit >= 0.0 => limit as usize,
        Some(_) => return Err(refused),
    };
    let key = |series: &Series| summary.over(series.points.values().copied());
    match order {
        "ASC" => many.sort_by(|a, b| key(a).total_cmp(&key(b))),
        "DESC" => many.sort_by(|a, b| key(b).total_cmp(&key(a))),
        _ => return Err(refused),
    }
    many.truncate(limit);
    Ok(Value::Many(many))
}
