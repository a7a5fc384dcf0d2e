//! `PutMetricAlarm`
//!
//! Source: API reference, "PutMetricAlarm"; Service Authorization Reference, "Amazon CloudWatch" (`cloudwatch:AlarmActions`).

use serde::Deserialize;
use serde_json::json;
use sidegate_iam::Requirement;

use super::super::evaluation::shapes;
use super::super::fault::Fault;
use super::super::math::Value;
use super::super::metric::{self, DimensionInput, Metric};
use super::super::operation::{Answer, Operation, Prepared, alarm_arn, requirement};
use super::super::query::{Kind, Query, QueryInput, check, order};
use super::super::scalar::{Double, Flag, Integer, Items, items};
use super::super::statistic::Statistic;
use super::super::store::Store;
use super::super::store::alarms::{self, Event};
use super::super::tags::{TagInput, checked};
use super::judge::{Comparison, Missing};
use super::settle::due_after_change;
use super::{Alarm, State, Tags, Watch};
use crate::asked::with_request_tags;
use crate::constraint::{Constraint, length, size, within};
use crate::{Authorized, Caller};

/// The most actions of each kind.
const MOST_ACTIONS: usize = 5;

/// The most alarms of an account in a Region.
///
/// Source: CloudWatch user guide, "CloudWatch service quotas".
const MOST_ALARMS: i64 = 5000;

/// The most metrics of an alarm.
///
/// Source: CloudWatch user guide, "Create a CloudWatch alarm based on a metric math expression".
const MOST_METRICS: usize = 10;

const DAY: i64 = 86_400;

/// `PutMetricAlarm`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct PutMetricAlarm {
    alarm_name: Option<String>,
    alarm_description: Option<String>,
    actions_enabled: Option<Flag>,
    #[serde(rename = "OKActions")]
    ok_actions: Option<Items<String>>,
    alarm_actions: Option<Items<String>>,
    insufficient_data_actions: Option<Items<String>>,
    metric_name: Option<String>,
    namespace: Option<String>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    dimensions: Option<Items<DimensionInput>>,
    period: Option<Integer>,
    unit: Option<String>,
    evaluation_periods: Option<Integer>,
    datapoints_to_alarm: Option<Integer>,
    threshold: Option<Double>,
    comparison_operator: Option<String>,
    treat_missing_data: Option<String>,
    evaluate_low_sample_count_percentile: Option<String>,
    metrics: Option<Items<QueryInput>>,
    tags: Option<Items<TagInput>>,
    threshold_metric_id: Option<String>,
    evaluation_criteria: Option<serde_json::Value>,
    evaluation_interval: Option<Integer>,
}

impl Operation for PutMetricAlarm {
    const NAME: &'static str = "PutMetricAlarm";
    type Ready = Alarm;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Alarm>, Fault> {
        let alarm = self.check(caller)?;
        let there = store.read(|connection| alarms::find(connection, &caller.scope, &alarm.name))?;
        let arn = alarm_arn(&caller.scope, &alarm.name);
        let actions = [&alarm.alarm_actions, &alarm.ok_actions, &alarm.insufficient_data_actions];
        let actions: Vec<&str> = actions.into_iter().flatten().map(String::as_str).collect();
        let own = with_resource_tags(requirement(Self::NAME, &arn), there.as_ref());
        let mut own = with_request_tags(own, &alarm.tags);
        if !actions.is_empty() {
            own = own.with_many("cloudwatch:AlarmActions", actions);
        }
        let mut requirements = vec![own];
        // Tags of an alarm that is there already are ignored.
        if there.is_none() && !alarm.tags.is_empty() {
            requirements.push(with_request_tags(requirement("TagResource", &arn), &alarm.tags));
        }
        Ok(Prepared { ready: alarm, requirements })
    }

    fn act(mut alarm: Alarm, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        let (scope, now) = (&caller.scope, caller.now);
        store.write(allowed, |transaction| {
            let there = alarms::find(transaction, scope, &alarm.name)?;
            if there.is_none() && alarms::count(transaction, scope)? >= MOST_ALARMS {
                let message = format!("The maximum limit of {MOST_ALARMS} alarms exceeded.");
                return Err(Fault::LimitExceeded(message));
            }
            let (kind, done) = if there.is_some() { ("Update", "updated") } else { ("Create", "created") };
            if let Some(there) = there {
                alarm.state = there.state;
                alarm.state_reason = there.state_reason;
                alarm.state_reason_data = there.state_reason_data;
                alarm.state_updated = there.state_updated;
                alarm.state_transitioned = there.state_transitioned;
                alarm.tags = there.tags;
            }
            alarms::put(transaction, scope, &alarm)?;
            let event = configuration(&alarm, kind, done, now);
            alarms::note(transaction, scope, &event)
        })?;
        Ok(Answer::done())
    }
}

/// What the history has of a change of an alarm.
pub(super) fn configuration(alarm: &Alarm, kind: &str, done: &str, at: i64) -> Event {
    let name = &alarm.name;
    let shown = json!({"alarmName": name, "evaluationPeriods": alarm.evaluation_periods, "threshold": alarm.threshold,
        "comparisonOperator": alarm.comparison.name(), "actionsEnabled": alarm.actions_enabled,
        "alarmActions": alarm.alarm_actions, "okActions": alarm.ok_actions,
        "insufficientDataActions": alarm.insufficient_data_actions});
    let member = format!("{}Alarm", done);
    let data = json!({"version": "1.0", "type": kind, member: shown}).to_string();
    let summary = format!("Alarm \"{name}\" {done}");
    let summary = summary.get(..summary.floor_char_boundary(255)).unwrap_or_default().to_owned();
    Event { alarm: name.clone(), at, kind: "ConfigurationUpdate".to_owned(), summary, data }
}

/// With the tags of an alarm that is there.
pub(super) fn with_resource_tags(mut requirement: Requirement, alarm: Option<&Alarm>) -> Requirement {
    for (key, value) in alarm.iter().flat_map(|alarm| &alarm.tags) {
        requirement = requirement.with(&format!("aws:ResourceTag/{key}"), value.as_str());
    }
    requirement
}

impl PutMetricAlarm {
    fn check(self, caller: &Caller) -> Result<Alarm, Fault> {
        if self.threshold_metric_id.is_some() {
            return Err(Fault::Unserved("alarms on anomaly detection".to_owned()));
        }
        if self.evaluation_criteria.is_some() || self.evaluation_interval.is_some() {
            return Err(Fault::Unserved("alarms on PromQL".to_owned()));
        }
        let missing = |name: &str| Fault::Missing(name.to_owned());
        let name = alarm_name(self.alarm_name.clone().ok_or_else(|| missing("AlarmName"))?)?;
        if let Some(description) = &self.alarm_description {
            length("alarmDescription", description, 0, 1024)?;
        }
        let evaluation_periods = self.evaluation_periods.ok_or_else(|| missing("EvaluationPeriods"))?.0;
        within("evaluationPeriods", evaluation_periods, 1, DAY)?;
        let datapoints_to_alarm = self.datapoints_to_alarm.map(|number| number.0);
        if let Some(number) = datapoints_to_alarm {
            within("datapointsToAlarm", number, 1, DAY)?;
            if number > evaluation_periods {
                let message = "DatapointsToAlarm must be less than or equal to EvaluationPeriods.";
                return Err(Fault::Validation(message.to_owned()));
            }
        }
        let comparison = comparison(self.comparison_operator.as_deref())?;
        let threshold = self.threshold.ok_or_else(|| missing("Threshold"))?.0;
        if !threshold.is_finite() {
            return Err(Fault::Invalid(format!("The value {threshold} for parameter Threshold is invalid.")));
        }
        let missing_data = treat_missing(self.treat_missing_data.as_deref())?;
        let low_samples = self.evaluate_low_sample_count_percentile.clone();
        if let Some(other) = low_samples.as_deref().filter(|given| !["evaluate", "ignore"].contains(given)) {
            return Err(Fault::Validation(format!("Option {other} is not supported.")));
        }
        let ok_actions = actions("oKActions", self.ok_actions.clone())?;
        let alarm_actions = actions("alarmActions", self.alarm_actions.clone())?;
        let insufficient_data_actions = actions("insufficientDataActions", self.insufficient_data_actions.clone())?;
        let tags: Tags = checked(items(self.tags.clone()))?;
        let actions_enabled = self.actions_enabled.is_none_or(|flag| flag.0);
        let description = self.alarm_description.clone();
        let watch = self.watch(evaluation_periods, caller)?;
        let now = caller.now;
        Ok(Alarm {
            name,
            description,
            actions_enabled,
            ok_actions,
            alarm_actions,
            insufficient_data_actions,
            watch,
            evaluation_periods,
            datapoints_to_alarm,
            threshold,
            comparison,
            missing: missing_data,
            low_samples,
            configured: now,
            state: State::InsufficientData,
            state_reason: State::UNCHECKED.to_owned(),
            state_reason_data: None,
            state_updated: now,
            state_transitioned: now,
            due: due_after_change(now),
            tags,
        })
    }

    /// What the alarm watches: one metric, or a list of queries.
    fn watch(self, evaluation_periods: i64, caller: &Caller) -> Result<Watch, Fault> {
        let queries = items(self.metrics);
        if queries.is_empty() {
            let missing = |name: &str| Fault::Missing(name.to_owned());
            let metric = Metric {
                namespace: metric::namespace(self.namespace, "Namespace")?,
                name: metric::name(self.metric_name, "MetricName")?,
                dimensions: metric::dimensions(self.dimensions, "Dimensions")?,
            };
            let period = period(self.period.ok_or_else(|| missing("Period"))?.0, evaluation_periods)?;
            metric::unit(self.unit.as_deref(), "Unit")?;
            let (statistic, extended) = (self.statistic, self.extended_statistic);
            check_statistic(statistic.as_deref(), extended.as_deref())?;
            return Ok(Watch::Metric { metric, statistic, extended, period, unit: self.unit });
        }
        let alone = self.metric_name.is_some()
            || self.namespace.is_some()
            || self.period.is_some()
            || self.unit.is_some()
            || self.statistic.is_some()
            || self.extended_statistic.is_some()
            || !items(self.dimensions).is_empty();
        if alone {
            let message = "The Metrics parameter must not be used with the MetricName, Namespace, Dimensions, Period, \
                           Unit, Statistic or ExtendedStatistic parameters.";
            return Err(Fault::Validation(message.to_owned()));
        }
        let watched = check(queries.clone(), "Metrics", caller)?;
        order(&watched)?;
        if watched.iter().filter(|query| query.returns_data).count() != 1 {
            let message = "Exactly one element of the metrics list should return data.";
            return Err(Fault::Validation(message.to_owned()));
        }
        check_queries(&watched, evaluation_periods)?;
        Ok(Watch::Queries(queries))
    }
}

/// Whether queries can be those of an alarm.
///
/// Source: CloudWatch user guide, "Create a CloudWatch alarm based on a metric math expression"; CloudWatch user guide,
/// "Use search expressions in graphs" (no alarms on them).
fn check_queries(queries: &[Query], evaluation_periods: i64) -> Result<(), Fault> {
    let refused = |message: String| Err(Fault::Validation(message));
    let calls_search = |query: &Query| match &query.kind {
        Kind::Stat(_) => false,
        Kind::Expression(expression) => expression.names().contains(&"SEARCH"),
    };
    if queries.iter().any(calls_search) {
        return refused("SEARCH is not supported on Metric Alarms".to_owned());
    }
    let periods: Vec<i64> = queries
        .iter()
        .filter_map(|query| match &query.kind {
            Kind::Stat(stat) => Some(stat.period),
            Kind::Expression(_) => None,
        })
        .collect();
    if periods.len() > MOST_METRICS {
        return refused(format!("The metrics list must not have more than {MOST_METRICS} metrics."));
    }
    if periods.windows(2).any(|two| two.first() != two.last()) {
        return refused("The metrics of the metrics list must have the same period.".to_owned());
    }
    for own in queries.iter().filter_map(Query::own_period) {
        period(own, evaluation_periods)?;
    }
    if queries.iter().all(|query| query.own_period().is_none()) {
        period(60, evaluation_periods)?;
    }
    let values = shapes(queries)?;
    let watched = queries.iter().zip(values).find(|(query, _)| query.returns_data);
    match watched {
        None | Some((_, Value::Series(_))) => Ok(()),
        Some((query, _)) => {
            refused(format!("Error in expression '{}': The expression must return a single time series", query.id))
        }
    }
}

/// The name of an alarm, checked.
pub(super) fn alarm_name(name: String) -> Result<String, Fault> {
    length("alarmName", &name, 1, 255)?;
    if name.contains(|c: char| c.is_ascii_control()) {
        return Err(Fault::Invalid("The parameter AlarmName must not contain control characters.".to_owned()));
    }
    Ok(name)
}

fn comparison(given: Option<&str>) -> Result<Comparison, Fault> {
    let given = given.ok_or_else(|| Fault::Missing("ComparisonOperator".to_owned()))?;
    const BANDS: [&str; 3] =
        ["LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"];
    if BANDS.contains(&given) {
        return Err(Fault::Unserved("alarms on anomaly detection".to_owned()));
    }
    let set = "Member must satisfy enum value set: [GreaterThanOrEqualToThreshold, GreaterThanThreshold, \
               LessThanThreshold, LessThanOrEqualToThreshold, LessThanLowerOrGreaterThanUpperThreshold, \
               LessThanLowerThreshold, GreaterThanUpperThreshold]";
    Ok(Comparison::parse(given).ok_or_else(|| Constraint::of(given, "comparisonOperator", set))?)
}

fn treat_missing(given: Option<&str>) -> Result<Option<Missing>, Fault> {
    let Some(given) = given else { return Ok(None) };
    let refused = || Fault::Validation(format!("Option {given} is not supported."));
    Missing::parse(given).map(Some).ok_or_else(refused)
}

fn check_statistic(statistic: Option<&str>, extended: Option<&str>) -> Result<(), Fault> {
    match (statistic, extended) {
        (Some(_), Some(_)) => {
            let message =
                "The parameters Statistic and ExtendedStatistic are mutually exclusive and you have specified both.";
            Err(Fault::Combination(message.to_owned()))
        }
        (None, None) => {
            Err(Fault::NothingGiven("Exactly one of Statistic and ExtendedStatistic must be specified.".to_owned()))
        }
        (Some(name), None) => match Statistic::simple(name) {
            Some(_) => Ok(()),
            None => {
                let set = "Member must satisfy enum value set: [Average, SampleCount, Sum, Minimum, Maximum]";
                Err(Constraint::of(name, "statistic", set).into())
            }
        },
        (None, Some(name)) => match Statistic::extended(name) {
            Some(_) => Ok(()),
            None => {
                Err(Fault::Validation(format!("The value {name} for parameter ExtendedStatistic is not supported.")))
            }
        },
    }
}

/// How far alarms look back with a period, in seconds and in words.
///
/// Source: API reference, "PutMetricAlarm" (`EvaluationPeriods`, `Period`).
fn longest(period: i64) -> (i64, &'static str) {
    if period >= 3600 { (7 * DAY, "seven days") } else { (DAY, "a day") }
}

/// Whether alarms look back so far.
pub(super) fn is_checkable(period: i64, evaluation_periods: i64) -> bool {
    (1..=longest(period).0).contains(&period.saturating_mul(evaluation_periods))
}

/// A period, checked with how many are evaluated.
fn period(period: i64, evaluation_periods: i64) -> Result<i64, Fault> {
    within("period", period, 1, i64::from(i32::MAX))?;
    if !matches!(period, 10 | 20 | 30) && period % 60 != 0 {
        return Err(Fault::Validation("Period must be 10, 20, 30 or a multiple of 60.".to_owned()));
    }
    if !is_checkable(period, evaluation_periods) {
        let (most, words) = longest(period);
        let message = format!(
            "Metrics cannot be checked across more than {words} (EvaluationPeriods * Period must be <= {most})."
        );
        return Err(Fault::Validation(message));
    }
    Ok(period)
}

fn actions(member: &'static str, given: Option<Items<String>>) -> Result<Vec<String>, Fault> {
    let actions = items(given);
    size(member, actions.len(), 0, MOST_ACTIONS)?;
    for action in &actions {
        length(member, action, 1, 1024)?;
        if !action.starts_with("arn:") || action.split(':').count() < 6 {
            return Err(Fault::Validation(format!("Invalid arn syntax: {action}")));
        }
    }
    Ok(actions)
}
