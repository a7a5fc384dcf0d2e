//! `PutMetricData`
//!
//! Source: API reference, "PutMetricData", "MetricDatum", "StatisticSet"; CloudWatch user guide, "CloudWatch service
//! quotas"; messages that users quote, see docs/claims.md.

use serde::Deserialize;

use super::aggregate::Aggregate;
use super::entity::{self, EntityInput};
use super::fault::Fault;
use super::metric::{self, DimensionInput, Metric, Unit};
use super::operation::{Answer, Operation, Prepared, requirement};
use super::retention::{NEWEST, OLDEST};
use super::scalar::{Double, Flag, Integer, Items, Time, items};
use super::store::Store;
use super::store::batch::Batch;
use crate::{Authorized, Caller};

/// The most metrics of a request.
const MOST_METRICS: usize = 1000;

/// The most values of a metric in a request.
const MOST_VALUES: usize = 150;

/// The greatest value, and the least without its sign.
fn greatest() -> f64 {
    2.0_f64.powi(360)
}

/// Whether a number is one that metrics have.
pub(super) fn is_within(number: f64) -> bool {
    // Whatever is no number is not within.
    number.abs() <= greatest()
}

/// `PutMetricData`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutMetricData {
    namespace: Option<String>,
    metric_data: Option<Items<DatumInput>>,
    entity_metric_data: Option<Items<EntityMetricData>>,
    strict_entity_validation: Option<Flag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EntityMetricData {
    entity: Option<EntityInput>,
    metric_data: Option<Items<DatumInput>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DatumInput {
    metric_name: Option<String>,
    dimensions: Option<Items<DimensionInput>>,
    timestamp: Option<Time>,
    value: Option<Double>,
    statistic_values: Option<SetInput>,
    values: Option<Items<Double>>,
    counts: Option<Items<Double>>,
    unit: Option<String>,
    storage_resolution: Option<Integer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SetInput {
    sample_count: Option<Double>,
    sum: Option<Double>,
    minimum: Option<Double>,
    maximum: Option<Double>,
}

/// A data point, checked.
pub(super) struct Point {
    metric: Metric,
    /// In Unix seconds.
    start: i64,
    resolution: i64,
    unit: Unit,
    /// `None` if there was no value in it.
    aggregate: Option<Aggregate>,
}

/// All data points, and what is wrong with their entities.
pub(super) struct Points {
    points: Vec<Point>,
    entity_failure: Option<&'static str>,
}

impl Operation for PutMetricData {
    const NAME: &'static str = "PutMetricData";
    type Ready = Points;

    fn prepare(self, caller: &Caller, _: &Store) -> Result<Prepared<Points>, Fault> {
        let namespace = metric::namespace(self.namespace, "Namespace")?;
        if namespace.starts_with("AWS/") {
            let message = format!("The value {namespace} for parameter Namespace is invalid.");
            return Err(Fault::Invalid(message));
        }
        let (own, entities) = (items(self.metric_data), items(self.entity_metric_data));
        let of_entities: usize = entities.iter().map(|of| of.metric_data.as_ref().map_or(0, |data| data.0.len())).sum();
        if own.is_empty() && of_entities == 0 {
            return Err(Fault::Missing("MetricData".to_owned()));
        }
        if own.len() + of_entities > MOST_METRICS {
            let message = format!("The collection MetricData must not have a size greater than {MOST_METRICS}.");
            return Err(Fault::Invalid(message));
        }
        if !entities.is_empty() && self.strict_entity_validation.is_none() {
            return Err(Fault::Missing("StrictEntityValidation".to_owned()));
        }
        let entity_failure = entity::check(entities.iter().map(|of| of.entity.as_ref()));
        let is_strict = self.strict_entity_validation.is_some_and(|strict| strict.0);
        if let (Some(failure), true) = (entity_failure, is_strict) {
            return Err(Fault::Invalid(format!("The entity is not valid: {failure}.")));
        }
        let mut points = Vec::with_capacity(own.len() + of_entities);
        let named = own.into_iter().enumerate().map(|(at, datum)| (format!("MetricData.member.{}", at + 1), datum));
        let within = entities.into_iter().enumerate().flat_map(|(entity, of)| {
            let path = move |at| format!("EntityMetricData.member.{}.MetricData.member.{}", entity + 1, at + 1);
            items(of.metric_data).into_iter().enumerate().map(move |(at, datum)| (path(at), datum))
        });
        for (path, datum) in named.chain(within) {
            points.push(datum.check(&path, &namespace, caller.now)?);
        }
        let requirement = requirement(Self::NAME, "*").with("cloudwatch:namespace", namespace.as_str());
        Ok(Prepared::one(Points { points, entity_failure }, requirement))
    }

    fn act(ready: Points, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        let Points { points, entity_failure } = ready;
        let mut batch = Batch::default();
        for Point { metric, start, resolution, unit, aggregate } in points {
            match aggregate {
                Some(aggregate) => batch.add(metric, (start, resolution, unit), aggregate),
                None => {
                    batch.note(metric);
                }
            }
        }
        store.sweep_sometimes(caller.now)?;
        store.write(allowed, |transaction| batch.write(transaction, &caller.scope, caller.now))?;
        Ok(Answer { entity_failure, ..Answer::done() })
    }
}

/// A time in the seconds at which a stretch of this length begins.
pub(super) fn at_resolution(milliseconds: i64, resolution: i64) -> i64 {
    milliseconds.div_euclid(1000).div_euclid(resolution) * resolution
}

impl DatumInput {
    fn check(self, path: &str, namespace: &str, now: i64) -> Result<Point, Fault> {
        let part = |name: &str| format!("{path}.{name}");
        let metric = Metric {
            namespace: namespace.to_owned(),
            name: metric::name(self.metric_name.clone(), &part("MetricName"))?,
            dimensions: metric::dimensions(self.dimensions, &part("Dimensions"))?,
        };
        let at = self.timestamp.map_or(now, |time| time.0);
        if at < now - OLDEST || at > now + NEWEST {
            let bound = if at > now { "two hours in the future" } else { "two weeks in the past" };
            let path = part("Timestamp");
            return Err(Fault::Invalid(format!("The parameter {path} must specify a time no more than {bound}.")));
        }
        let unit = metric::unit(self.unit.as_deref(), &part("Unit"))?.unwrap_or("None");
        let resolution = match self.storage_resolution {
            None | Some(Integer(60)) => 60,
            Some(Integer(1)) => 1,
            Some(_) => {
                let message = format!("The parameter {} must be 1 or 60.", part("StorageResolution"));
                return Err(Fault::Invalid(message));
            }
        };
        let given = Given { value: self.value, set: self.statistic_values, values: self.values, counts: self.counts };
        Ok(Point { metric, start: at_resolution(at, resolution), resolution, unit, aggregate: given.check(path)? })
    }
}

/// The forms in which a datum may have its values.
struct Given {
    value: Option<Double>,
    set: Option<SetInput>,
    values: Option<Items<Double>>,
    counts: Option<Items<Double>>,
}

impl Given {
    fn check(self, path: &str) -> Result<Option<Aggregate>, Fault> {
        let exclusive = |one: &str, other: &str| {
            let message = format!(
                "The parameters {path}.{one} and {path}.{other} are mutually exclusive and you have specified both."
            );
            Err(Fault::Combination(message))
        };
        let values = items(self.values);
        match (self.value, self.set, values.is_empty()) {
            (Some(_), Some(_), _) => exclusive("Value", "StatisticValues"),
            (Some(_), None, false) => exclusive("Value", "Values"),
            (Some(value), None, true) => {
                let value = number(value, &format!("{path}.Value"))?;
                Ok(Some(Aggregate::of(value, 1.0)))
            }
            // AWS takes both together; see docs/claims.md.
            (None, _, false) => histogram(&values, &items(self.counts), path),
            (None, Some(set), true) => set.check(&format!("{path}.StatisticValues")).map(Some),
            (None, None, true) => {
                let message = format!(
                    "At least one of the parameters {path}.Value, {path}.Values or {path}.StatisticValues must be \
                     specified."
                );
                Err(Fault::NothingGiven(message))
            }
        }
    }
}

/// Values with how often each occurred. One that did not occur is left out.
fn histogram(values: &[Double], counts: &[Double], path: &str) -> Result<Option<Aggregate>, Fault> {
    if values.len() > MOST_VALUES {
        let message = format!("The collection {path}.Values must not have a size greater than {MOST_VALUES}.");
        return Err(Fault::Invalid(message));
    }
    if !counts.is_empty() && counts.len() != values.len() {
        let message = format!("The parameters {path}.Values and {path}.Counts must be of the same size.");
        return Err(Fault::Invalid(message));
    }
    let mut all: Option<Aggregate> = None;
    for (at, value) in values.iter().enumerate() {
        let value = number(*value, &format!("{path}.Values.member.{}", at + 1))?;
        let path = format!("{path}.Counts.member.{}", at + 1);
        let count = counts.get(at).map_or(Ok(1.0), |count| number(*count, &path))?;
        if count < 0.0 {
            return Err(Fault::Invalid(format!("The parameter {path} must be greater than or equal to 0.")));
        }
        let one = Aggregate::of(value, count);
        match &mut all {
            _ if count == 0.0 => {}
            Some(all) => all.merge(&one),
            None => all = Some(one),
        }
    }
    Ok(all)
}

impl SetInput {
    fn check(self, path: &str) -> Result<Aggregate, Fault> {
        let of = |name: &str, given: Option<Double>| {
            let path = format!("{path}.{name}");
            number(given.ok_or_else(|| Fault::Missing(path.clone()))?, &path)
        };
        let (count, sum) = (of("SampleCount", self.sample_count)?, of("Sum", self.sum)?);
        let (minimum, maximum) = (of("Minimum", self.minimum)?, of("Maximum", self.maximum)?);
        if maximum < minimum {
            let message = format!("The parameter {path}.Maximum must be greater than or equal to {path}.Minimum.");
            return Err(Fault::Invalid(message));
        }
        if count <= 0.0 {
            return Err(Fault::Invalid(format!("The parameter {path}.SampleCount must be greater than 0.")));
        }
        Ok(Aggregate::of_set(count, sum, minimum, maximum))
    }
}

/// A number within the bounds.
fn number(Double(number): Double, path: &str) -> Result<f64, Fault> {
    if is_within(number) {
        // A negative zero is a zero.
        return Ok(number + 0.0);
    }
    Err(Fault::Invalid(format!("The value {number} for parameter {path} is invalid.")))
}
