//! `DescribeAlarms` and `DescribeAlarmsForMetric`

use serde::Deserialize;
use sidegate_wire::document::Value;

use super::super::fault::Fault;
use super::super::metric::{self, DimensionInput, Metric};
use super::super::operation::{Answer, Operation, Prepared, alarm_arn, requirement, text};
use super::super::page;
use super::super::scalar::{Integer, Items, items};
use super::super::store::Store;
use super::super::store::alarms;
use super::put::{alarm_name, with_resource_tags};
use super::settle::settle;
use super::{Alarm, State, Watch};
use crate::constraint::{Constraint, length, size, within};
use crate::{Authorized, Caller};

/// The most records of a page.
pub(super) const MOST: i64 = 100;

/// How many a page has if nobody says.
const USUAL: i64 = 50;

/// `DescribeAlarms`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct DescribeAlarms {
    alarm_names: Option<Items<String>>,
    alarm_name_prefix: Option<String>,
    alarm_types: Option<Items<String>>,
    children_of_alarm_name: Option<String>,
    parents_of_alarm_name: Option<String>,
    state_value: Option<String>,
    action_prefix: Option<String>,
    max_records: Option<Integer>,
    next_token: Option<String>,
}

/// Which alarms are asked for.
pub(in super::super) struct Asked {
    names: Vec<String>,
    prefix: String,
    /// Whether metric alarms are asked for at all.
    metric_alarms: bool,
    state: Option<State>,
    action_prefix: Option<String>,
    most: usize,
    context: String,
    after: Option<String>,
}

impl Operation for DescribeAlarms {
    const NAME: &'static str = "DescribeAlarms";
    type Ready = Asked;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Asked>, Fault> {
        let names = items(self.alarm_names);
        size("alarmNames", names.len(), 0, 100)?;
        let names = names.into_iter().map(alarm_name).collect::<Result<Vec<_>, _>>()?;
        if !names.is_empty() && self.alarm_name_prefix.is_some() {
            let message = "AlarmNamePrefix and AlarmNames cannot be both specified.";
            return Err(Fault::Validation(message.to_owned()));
        }
        // A family is one of composite alarms, and there are none.
        let of_family = self.children_of_alarm_name.is_some() || self.parents_of_alarm_name.is_some();
        let types = items(self.alarm_types);
        check_types(&types)?;
        let metric_alarms = !of_family && (types.is_empty() || types.iter().any(|kind| kind == "MetricAlarm"));
        let state = self.state_value.as_deref().map(State::parse).transpose()?;
        let most = records(self.max_records)?;
        let prefix = self.alarm_name_prefix.unwrap_or_default();
        let told = (&names, &prefix, &self.state_value, &self.action_prefix, &types);
        let (told, scope) = (serde_json::to_string(&told)?, &caller.scope);
        let context = format!("{} {} {} {told}", Self::NAME, scope.account, scope.region);
        let after = page::place(&store.vault, &context, self.next_token.as_deref())?;
        let arn = |name: &str| requirement(Self::NAME, alarm_arn(scope, name));
        let requirements = match names.as_slice() {
            [] => vec![arn(&format!("{prefix}*"))],
            names => store.read(|connection| {
                let of =
                    |name: &String| Ok(with_resource_tags(arn(name), alarms::find(connection, scope, name)?.as_ref()));
                names.iter().map(of).collect::<Result<_, Fault>>()
            })?,
        };
        let action_prefix = self.action_prefix;
        let ready = Asked { names, prefix, metric_alarms, state, action_prefix, most, context, after };
        Ok(Prepared { ready, requirements })
    }

    fn act(asked: Asked, _: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        settle(store, caller)?;
        let mut alarms = Vec::new();
        if asked.metric_alarms {
            alarms = store.read(|connection| alarms::all(connection, &caller.scope))?;
        }
        alarms.retain(|alarm| asked.is_for(alarm));
        let more = alarms.len() > asked.most;
        alarms.truncate(asked.most);
        let next = match alarms.last() {
            Some(last) if more => Some(page::token(&store.vault, &asked.context, &last.name)?),
            _ => None,
        };
        Ok(Answer::of(vec![
            ("CompositeAlarms", Some(Value::List(Vec::new()))),
            ("MetricAlarms", Some(shown(&alarms, caller))),
            ("NextToken", next.and_then(text)),
        ]))
    }
}

impl Asked {
    fn is_for(&self, alarm: &Alarm) -> bool {
        (self.names.is_empty() || self.names.contains(&alarm.name))
            && alarm.name.starts_with(&self.prefix)
            && self.state.is_none_or(|state| state == alarm.state)
            && self.action_prefix.as_ref().is_none_or(|prefix| alarm.has_action(prefix))
            && self.after.as_ref().is_none_or(|after| alarm.name > *after)
    }
}

fn shown(alarms: &[Alarm], caller: &Caller) -> Value {
    Value::List(alarms.iter().map(|alarm| alarm.to_value(alarm_arn(&caller.scope, &alarm.name))).collect())
}

/// Checks the names of kinds of alarms.
pub(super) fn check_types(types: &[String]) -> Result<(), Fault> {
    match types.iter().find(|kind| !["CompositeAlarm", "MetricAlarm"].contains(&kind.as_str())) {
        None => Ok(()),
        Some(other) => {
            let set = "Member must satisfy enum value set: [CompositeAlarm, MetricAlarm]";
            Err(Constraint::of(other, "alarmTypes", set).into())
        }
    }
}

/// How many records a page has.
pub(super) fn records(given: Option<Integer>) -> Result<usize, Fault> {
    let most = given.map_or(USUAL, |given| given.0);
    within("maxRecords", most, 1, MOST)?;
    Ok(usize::try_from(most).unwrap_or(1))
}

/// `DescribeAlarmsForMetric`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct DescribeAlarmsForMetric {
    metric_name: Option<String>,
    namespace: Option<String>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    dimensions: Option<Items<DimensionInput>>,
    period: Option<Integer>,
    unit: Option<String>,
}

/// The metric, and what else is asked for of its alarms.
pub(in super::super) struct ForMetric {
    metric: Metric,
    statistic: Option<String>,
    extended: Option<String>,
    period: Option<i64>,
    unit: Option<String>,
}

impl Operation for DescribeAlarmsForMetric {
    const NAME: &'static str = "DescribeAlarmsForMetric";
    type Ready = ForMetric;

    fn prepare(self, _: &Caller, _: &Store) -> Result<Prepared<ForMetric>, Fault> {
        let metric = Metric {
            namespace: metric::namespace(self.namespace, "Namespace")?,
            name: metric::name(self.metric_name, "MetricName")?,
            dimensions: metric::dimensions(self.dimensions, "Dimensions")?,
        };
        if let Some(statistic) = &self.statistic {
            length("statistic", statistic, 1, 255)?;
        }
        let period = self.period.map(|period| period.0);
        let (statistic, extended, unit) = (self.statistic, self.extended_statistic, self.unit);
        Ok(Prepared::of_all(ForMetric { metric, statistic, extended, period, unit }, Self::NAME))
    }

    fn act(asked: ForMetric, _: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        settle(store, caller)?;
        let mut alarms = store.read(|connection| alarms::all(connection, &caller.scope))?;
        alarms.retain(|alarm| asked.is_watched(&alarm.watch));
        Ok(Answer::of(vec![("MetricAlarms", Some(shown(&alarms, caller)))]))
    }
}

impl ForMetric {
    /// Whether an alarm watches it, and nothing else.
    fn is_watched(&self, watch: &Watch) -> bool {
        let Watch::Metric { metric, statistic, extended, period, unit } = watch else { return false };
        let fits = |asked: &Option<String>, own: &Option<String>| asked.is_none() || asked == own;
        *metric == self.metric
            && fits(&self.statistic, statistic)
            && fits(&self.extended, extended)
            && fits(&self.unit, unit)
            && self.period.is_none_or(|asked| asked == *period)
    }
}
