//! Alarms: what they watch, and the state that they are in.
//!
//! Source: API reference, "PutMetricAlarm", "MetricAlarm".

mod change;
mod describe;
mod history;
mod judge;
mod put;
mod reason;
mod settle;
mod state;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sidegate_wire::document::Value;

pub(super) use change::{DeleteAlarms, DisableAlarmActions, EnableAlarmActions};
pub(super) use describe::{DescribeAlarms, DescribeAlarmsForMetric};
pub(super) use history::DescribeAlarmHistory;
pub(super) use put::PutMetricAlarm;
pub(super) use settle::settle_all;
pub(super) use state::SetAlarmState;

use super::fault::Fault;
use super::metric::{Metric, dimensions_value};
use super::operation::{structure, text, texts};
use super::query::{Kind, MetricStat, Query, QueryInput, check};
use super::statistic::Statistic;
use crate::Caller;
use crate::constraint::Constraint;
use judge::{Comparison, Missing};

/// The tags of an alarm.
pub(super) type Tags = BTreeMap<String, String>;

/// An alarm, as it is stored.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Alarm {
    pub(super) name: String,
    description: Option<String>,
    actions_enabled: bool,
    ok_actions: Vec<String>,
    alarm_actions: Vec<String>,
    insufficient_data_actions: Vec<String>,
    watch: Watch,
    evaluation_periods: i64,
    datapoints_to_alarm: Option<i64>,
    threshold: f64,
    comparison: Comparison,
    missing: Option<Missing>,
    low_samples: Option<String>,
    /// Unix milliseconds, as all times here.
    configured: i64,
    state: State,
    state_reason: String,
    state_reason_data: Option<String>,
    state_updated: i64,
    state_transitioned: i64,
    /// When it is evaluated next.
    due: i64,
    pub(super) tags: Tags,
}

/// What an alarm watches.
#[derive(Clone, Debug, Deserialize, Serialize)]
enum Watch {
    Metric { metric: Metric, statistic: Option<String>, extended: Option<String>, period: i64, unit: Option<String> },
    Queries(Vec<QueryInput>),
}

/// The state of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
enum State {
    Ok,
    Alarm,
    InsufficientData,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    fn parse(name: &str) -> Result<Self, Fault> {
        match name {
            "OK" => Ok(Self::Ok),
            "ALARM" => Ok(Self::Alarm),
            "INSUFFICIENT_DATA" => Ok(Self::InsufficientData),
            other => {
                let set = "Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]";
                Err(Constraint::of(other, "stateValue", set).into())
            }
        }
    }
}

impl Watch {
    /// Its queries, of which one returns data.
    fn queries(&self, caller: &Caller) -> Result<Vec<Query>, Fault> {
        match self {
            Self::Queries(queries) => check(queries.clone(), "Metrics", caller),
            Self::Metric { metric, statistic, extended, period, unit } => {
                let name = statistic.as_ref().or(extended.as_ref()).map_or("", String::as_str);
                let statistic = Statistic::parse(name).unwrap_or(Statistic::Average);
                let unit = super::metric::unit(unit.as_deref(), "Unit")?;
                let stat = MetricStat { metric: metric.clone(), period: *period, statistic, unit };
                let (id, kind) = ("m1".to_owned(), Kind::Stat(stat));
                Ok(vec![Query { id, kind, label: None, returns_data: true, period: None }])
            }
        }
    }
}

impl Alarm {
    /// How many data points have to breach.
    fn needed(&self) -> i64 {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }

    /// Whether one of its actions begins so.
    fn has_action(&self, prefix: &str) -> bool {
        let all = [&self.ok_actions, &self.alarm_actions, &self.insufficient_data_actions];
        all.into_iter().flatten().any(|action| action.starts_with(prefix))
    }

    /// As answers have it.
    fn to_value(&self, arn: String) -> Value {
        let optional = |given: &Option<String>| given.clone().map(Value::Text);
        let mut members = vec![
            ("AlarmName", text(&self.name)),
            ("AlarmArn", text(arn)),
            ("AlarmDescription", optional(&self.description)),
            ("AlarmConfigurationUpdatedTimestamp", Some(Value::Time(self.configured))),
            ("ActionsEnabled", Some(Value::Flag(self.actions_enabled))),
            ("OKActions", texts(&self.ok_actions)),
            ("AlarmActions", texts(&self.alarm_actions)),
            ("InsufficientDataActions", texts(&self.insufficient_data_actions)),
            ("StateValue", text(self.state.name())),
            ("StateReason", text(&self.state_reason)),
            ("StateReasonData", optional(&self.state_reason_data)),
            ("StateUpdatedTimestamp", Some(Value::Time(self.state_updated))),
        ];
        members.extend(self.watch.members());
        members.extend([
            ("EvaluationPeriods", Some(Value::Integer(self.evaluation_periods))),
            ("DatapointsToAlarm", self.datapoints_to_alarm.map(Value::Integer)),
            ("Threshold", Some(Value::Double(self.threshold))),
            ("ComparisonOperator", text(self.comparison.name())),
            ("TreatMissingData", self.missing.map(|missing| Value::Text(missing.name().to_owned()))),
            ("EvaluateLowSampleCountPercentile", optional(&self.low_samples)),
            ("StateTransitionedTimestamp", Some(Value::Time(self.state_transitioned))),
        ]);
        structure(members)
    }
}

impl Watch {
    fn members(&self) -> Vec<(&'static str, Option<Value>)> {
        match self {
            Self::Metric { metric, statistic, extended, period, unit } => vec![
                ("MetricName", text(&metric.name)),
                ("Namespace", text(&metric.namespace)),
                ("Statistic", statistic.clone().map(Value::Text)),
                ("ExtendedStatistic", extended.clone().map(Value::Text)),
                ("Dimensions", Some(dimensions_value(&metric.dimensions))),
                ("Period", Some(Value::Integer(*period))),
                ("Unit", unit.clone().map(Value::Text)),
            ],
            Self::Queries(queries) => {
                let queries = queries.iter().map(QueryInput::to_value).collect();
                vec![("Dimensions", Some(Value::List(Vec::new()))), ("Metrics", Some(Value::List(queries)))]
            }
        }
    }
}
