//! `GetMetricStatistics`

use std::collections::BTreeMap;

use serde::Deserialize;
use sidegate_wire::document::Value;

use super::aggregate::Aggregate;
use super::fault::Fault;
use super::metric::{self, DimensionInput, Metric, Unit};
use super::operation::{Answer, Operation, Prepared, structure, text};
use super::scalar::{Integer, Items, Time, items};
use super::series::{Stretch, aggregates, is_period};
use super::statistic::Statistic;
use super::store::Store;
use crate::constraint::{size, within};
use crate::{Authorized, Caller};

/// The most data points of an answer.
const MOST: i64 = 1440;

/// `GetMetricStatistics`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetMetricStatistics {
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Option<Items<DimensionInput>>,
    start_time: Option<Time>,
    end_time: Option<Time>,
    period: Option<Integer>,
    statistics: Option<Items<String>>,
    extended_statistics: Option<Items<String>>,
    unit: Option<String>,
}

/// What is asked for, checked.
pub(super) struct Asked {
    metric: Metric,
    stretch: Stretch,
    simple: Vec<(&'static str, Statistic)>,
    extended: Vec<(String, Statistic)>,
}

impl Operation for GetMetricStatistics {
    const NAME: &'static str = "GetMetricStatistics";
    type Ready = Asked;

    fn prepare(self, _: &Caller, _: &Store) -> Result<Prepared<Asked>, Fault> {
        let metric = Metric {
            namespace: metric::namespace(self.namespace, "Namespace")?,
            name: metric::name(self.metric_name, "MetricName")?,
            dimensions: metric::dimensions(self.dimensions, "Dimensions")?,
        };
        let missing = |name: &str| Fault::Missing(name.to_owned());
        let from = self.start_time.ok_or_else(|| missing("StartTime"))?.0;
        let to = self.end_time.ok_or_else(|| missing("EndTime"))?.0;
        let period = period(self.period.ok_or_else(|| missing("Period"))?.0)?;
        if from >= to {
            let message = "The parameter StartTime must be less than the parameter EndTime.";
            return Err(Fault::Invalid(message.to_owned()));
        }
        let points = (to - from).div_euclid(1000) / period;
        if points > MOST {
            let message = format!(
                "You have requested up to {} datapoints, which exceeds the limit of 1,440. You may reduce the \
                 datapoints requested by increasing Period, or decreasing the time range.",
                grouped(points)
            );
            return Err(Fault::Combination(message));
        }
        let (simple, extended) = statistics(items(self.statistics), items(self.extended_statistics))?;
        let unit = metric::unit(self.unit.as_deref(), "Unit")?;
        let stretch = Stretch { from, to, period, unit, with_distributions: !extended.is_empty() };
        Ok(Prepared::of_all(Asked { metric, stretch, simple, extended }, Self::NAME))
    }

    fn act(asked: Asked, _: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        let Asked { metric, stretch, simple, extended } = asked;
        let found = store.read(|connection| aggregates(connection, &caller.scope, &metric, &stretch, caller.now))?;
        let points = found.iter().filter_map(|((at, unit), aggregate)| point(*at, unit, aggregate, &simple, &extended));
        Ok(Answer::of(vec![("Label", text(&metric.name)), ("Datapoints", Some(Value::List(points.collect())))]))
    }
}

/// A data point of an answer. One without any of the statistics that are asked for is none.
fn point(
    at: i64, unit: Unit, aggregate: &Aggregate, simple: &[(&'static str, Statistic)], extended: &[(String, Statistic)],
) -> Option<Value> {
    let mut members = vec![("Timestamp", Some(Value::Time(at * 1000)))];
    members.extend(simple.iter().map(|(name, statistic)| (*name, statistic.of(aggregate).map(Value::Double))));
    let known = |(name, statistic): &(String, Statistic)| Some((name.clone(), Value::Double(statistic.of(aggregate)?)));
    let values: BTreeMap<String, Value> = extended.iter().filter_map(known).collect();
    if !extended.is_empty() && values.is_empty() {
        return None;
    }
    members.push(("Unit", text(unit)));
    members.push(("ExtendedStatistics", (!extended.is_empty()).then_some(Value::Map(values))));
    Some(structure(members))
}

/// The statistics that are asked for, of which only one kind may be.
#[expect(clippy::type_complexity, reason = "two lists of the same make")]
fn statistics(
    simple: Vec<String>, extended: Vec<String>,
) -> Result<(Vec<(&'static str, Statistic)>, Vec<(String, Statistic)>), Fault> {
    const NAMES: [&str; 5] = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
    match (simple.is_empty(), extended.is_empty()) {
        (true, true) => {
            return Err(Fault::Combination("Must specify either Statistics or ExtendedStatistics".to_owned()));
        }
        (false, false) => {
            let message =
                "The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.";
            return Err(Fault::Combination(message.to_owned()));
        }
        _ => {}
    }
    size("statistics", simple.len(), 0, 5)?;
    size("extendedStatistics", extended.len(), 0, 10)?;
    let mut known = Vec::new();
    for (at, name) in simple.iter().enumerate() {
        let own = NAMES.into_iter().find(|own| own == name).and_then(|own| Some((own, Statistic::simple(own)?)));
        let path = format!("Statistics.member.{}", at + 1);
        let refused =
            || Fault::Invalid(format!("The parameter {path} must be a value in the set [ {} ].", NAMES.join(", ")));
        known.push(own.ok_or_else(refused)?);
    }
    let mut others = Vec::new();
    for (at, name) in extended.into_iter().enumerate() {
        let statistic = Statistic::extended(&name).ok_or_else(|| {
            let at = at + 1;
            Fault::Invalid(format!("The value {name} for parameter ExtendedStatistics.member.{at} is not supported."))
        })?;
        others.push((name, statistic));
    }
    Ok((known, others))
}

/// A period, checked.
fn period(period: i64) -> Result<i64, Fault> {
    within("period", period, 1, i64::from(i32::MAX))?;
    if is_period(period) {
        return Ok(period);
    }
    let message = "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.";
    Err(Fault::Invalid(message.to_owned()))
}

/// A number with commas.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
