//! `DescribeAlarmHistory`

use serde::Deserialize;
use sidegate_wire::document::Value;

use super::super::data::is_ascending;
use super::super::fault::Fault;
use super::super::operation::{Answer, Operation, Prepared, alarm_arn, requirement, structure, text};
use super::super::page;
use super::super::scalar::{Integer, Items, Time, items};
use super::super::store::Store;
use super::super::store::alarms::{self, Event};
use super::describe::{check_types, records};
use super::put::alarm_name;
use super::settle::settle;
use crate::constraint::Constraint;
use crate::{Authorized, Caller};

/// What can be in a history.
const KINDS: [&str; 5] =
    ["ConfigurationUpdate", "StateUpdate", "Action", "AlarmContributorStateUpdate", "AlarmContributorAction"];

/// `DescribeAlarmHistory`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct DescribeAlarmHistory {
    alarm_name: Option<String>,
    alarm_types: Option<Items<String>>,
    history_item_type: Option<String>,
    start_date: Option<Time>,
    end_date: Option<Time>,
    max_records: Option<Integer>,
    next_token: Option<String>,
    scan_by: Option<String>,
}

/// Which part of the history is asked for.
pub(in super::super) struct Asked {
    name: Option<String>,
    /// Whether that of metric alarms is asked for at all.
    metric_alarms: bool,
    kind: Option<String>,
    bounds: (i64, i64),
    is_ascending: bool,
    most: usize,
    context: String,
    after: Option<i64>,
}

impl Operation for DescribeAlarmHistory {
    const NAME: &'static str = "DescribeAlarmHistory";
    type Ready = Asked;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Asked>, Fault> {
        let name = self.alarm_name.map(alarm_name).transpose()?;
        let types = items(self.alarm_types);
        check_types(&types)?;
        let metric_alarms = types.is_empty() || types.iter().any(|kind| kind == "MetricAlarm");
        if let Some(other) = self.history_item_type.as_deref().filter(|kind| !KINDS.contains(kind)) {
            let set = format!("Member must satisfy enum value set: [{}]", KINDS.join(", "));
            return Err(Constraint::of(other, "historyItemType", set).into());
        }
        let is_ascending = is_ascending(self.scan_by.as_deref())?;
        let most = records(self.max_records)?;
        let bounds = (self.start_date.map_or(i64::MIN, |time| time.0), self.end_date.map_or(i64::MAX, |time| time.0));
        let told = serde_json::to_string(&(&name, &types, &self.history_item_type, bounds, is_ascending))?;
        let scope = &caller.scope;
        let context = format!("{} {} {} {told}", Self::NAME, scope.account, scope.region);
        let after = page::place(&store.vault, &context, self.next_token.as_deref())?;
        let own = requirement(Self::NAME, alarm_arn(scope, name.as_deref().unwrap_or("*")));
        let kind = self.history_item_type;
        Ok(Prepared::one(Asked { name, metric_alarms, kind, bounds, is_ascending, most, context, after }, own))
    }

    fn act(asked: Asked, _: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        settle(store, caller)?;
        let mut found = Vec::new();
        if asked.metric_alarms {
            let (name, kind) = (asked.name.as_deref(), asked.kind.as_deref());
            found = store.read(|connection| alarms::history(connection, &caller.scope, name, kind, asked.bounds))?;
        }
        if !asked.is_ascending {
            found.reverse();
        }
        found.retain(|(id, _)| {
            asked.after.is_none_or(|after| if asked.is_ascending { *id > after } else { *id < after })
        });
        let more = found.len() > asked.most;
        found.truncate(asked.most);
        let next = match found.last() {
            Some((last, _)) if more => Some(page::token(&store.vault, &asked.context, last)?),
            _ => None,
        };
        let shown = found.iter().map(|(_, event)| shown(event)).collect();
        Ok(Answer::of(vec![("AlarmHistoryItems", Some(Value::List(shown))), ("NextToken", next.and_then(text))]))
    }
}

fn shown(event: &Event) -> Value {
    structure(vec![
        ("AlarmName", text(&event.alarm)),
        ("AlarmType", text("MetricAlarm")),
        ("Timestamp", Some(Value::Time(event.at))),
        ("HistoryItemType", text(&event.kind)),
        ("HistorySummary", text(&event.summary)),
        ("HistoryData", text(&event.data)),
    ])
}
