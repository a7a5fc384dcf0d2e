//! Evaluating alarms: what their metrics say now, and the states that follow.
//!
//! An alarm is evaluated when somebody looks at it, if its time has come, and by the daemon every minute. Its actions are
//! not carried out; that a state would have had some is not in its history either.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::json;
use sidegate_model::Scope;

use super::super::evaluation::Window;
use super::super::fault::Fault;
use super::super::math::{Budget, Value};
use super::super::query::{Kind, MetricStat, Query};
use super::super::statistic::Statistic;
use super::super::store::Store;
use super::super::store::alarms::{self, Event};
use super::judge::{Missing, judge};
use super::put::is_checkable;
use super::reason::{self, Evidence, Point};
use super::{Alarm, State};
use crate::Caller;

/// How many periods are looked at beyond those that are evaluated.
///
/// Source: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data": the range is longer than the
/// evaluation periods, in its examples by two.
const MORE: i64 = 2;

const MINUTE: i64 = 60_000;

/// Evaluates the alarms of an account in a Region whose time has come. Blocks.
pub(super) fn settle(store: &Store, caller: &Caller) -> Result<(), Fault> {
    let (scope, now) = (&caller.scope, caller.now);
    let is_due = |connection: &Connection| {
        Ok(alarms::all(connection, scope)?.into_iter().filter(|alarm| alarm.due <= now).collect::<Vec<_>>())
    };
    // Mostly there is nothing to write.
    if store.read(|connection| is_due(connection))?.is_empty() {
        return Ok(());
    }
    store.note(|transaction| {
        for mut alarm in is_due(transaction)? {
            let before = alarm.clone();
            evaluate(transaction, &mut alarm, caller)?;
            if alarm.state != before.state {
                note_change(transaction, scope, &before, &alarm)?;
            }
            alarms::put(transaction, scope, &alarm)?;
        }
        Ok(())
    })
}

/// The same for all accounts and Regions. Blocks.
pub(in super::super) fn settle_all(store: &Store, now: i64) -> Result<(), Fault> {
    for scope in store.read(|connection| alarms::scopes(connection))? {
        settle(store, &watcher(scope, now))?;
    }
    Ok(())
}

/// CloudWatch itself, which looks at the alarms of an account.
fn watcher(scope: Scope, now: i64) -> Caller {
    Caller {
        request_id: String::new(),
        principal: sidegate_iam::Principal::Anonymous,
        scope,
        access_key: None,
        path: sidegate_iam::Path::Public { source: std::net::Ipv4Addr::LOCALHOST.into() },
        now,
    }
}

/// Finds the state of an alarm.
fn evaluate(connection: &Connection, alarm: &mut Alarm, caller: &Caller) -> Result<(), Fault> {
    let queries = alarm.watch.queries(caller)?;
    let period = queries.iter().filter_map(Query::own_period).max().unwrap_or(60);
    // Periods end with the last whole minute, or the last whole ten seconds.
    let step = if period < 60 { 10 } else { 60 };
    alarm.due = (caller.now.div_euclid(step * 1000) + 1) * step * 1000;
    let end = caller.now.div_euclid(1000).div_euclid(step) * step;
    // One that was stored before there was this bound stays as it is.
    if !is_checkable(period, alarm.evaluation_periods) {
        return Ok(());
    }
    let start = end - (alarm.evaluation_periods + MORE) * period;
    let (from, to, budget) = (start * 1000, end * 1000, Budget::default());
    let window = Window { connection, scope: &caller.scope, from, to, now: caller.now, budget };
    let values = match window.results(&queries) {
        // An expression that has no value for what is there leaves the alarm as it is.
        Err(Fault::Validation(_) | Fault::Unserved(_)) => return Ok(()),
        values => values?,
    };
    let watched = queries.iter().zip(values).find(|(query, _)| query.returns_data).map(|(_, value)| value);
    let Some(Value::Series(series)) = watched else { return Ok(()) };
    let first = super::super::retention::rounded(start, period, caller.now.div_euclid(1000));
    let points: Vec<Option<Point>> = (0..alarm.evaluation_periods + MORE)
        .map(|at| first + at * period)
        .map(|at| series.points.get(&at).map(|value| (at, *value)))
        .collect();
    let breaches = |point: &Option<Point>| point.map(|(_, value)| alarm.comparison.is_breached(value, alarm.threshold));
    let range: Vec<Option<bool>> = points.iter().map(breaches).collect();
    let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let missing = alarm.missing.unwrap_or(Missing::Unfilled);
    let samples = samples(&window, &queries)?;
    if alarm.low_samples.as_deref() == Some("ignore") && is_insignificant(&queries, &points, &samples) {
        return Ok(());
    }
    let Some(state) = judge(&range, count(alarm.needed()), count(alarm.evaluation_periods), missing) else {
        return Ok(());
    };
    if state != alarm.state {
        let known: Vec<Point> =
            points.iter().rev().filter_map(|point| *point).take(count(alarm.evaluation_periods)).collect();
        let evaluated = (MORE..alarm.evaluation_periods + MORE).map(|at| first + at * period);
        let missing: Vec<i64> = evaluated.filter(|at| !series.points.contains_key(at)).collect();
        let evidence = Evidence { known: &known, missing: &missing, samples: &samples, period, now: caller.now };
        alarm.state_reason = shortened(reason::words(alarm, state, &known), 1023);
        alarm.state_reason_data = Some(reason::data(alarm, evidence)).filter(|data| data.len() <= 4000);
        (alarm.state, alarm.state_updated, alarm.state_transitioned) = (state, caller.now, caller.now);
    }
    Ok(())
}

/// How many samples there are in the periods of an alarm on a metric.
fn samples(window: &Window<'_>, queries: &[Query]) -> Result<BTreeMap<i64, f64>, Fault> {
    let [Query { kind: Kind::Stat(stat), .. }] = queries else { return Ok(BTreeMap::new()) };
    Ok(window.series(&MetricStat { statistic: Statistic::SampleCount, ..stat.clone() })?.points)
}

/// Whether an alarm watches a percentile of which the newest data point rests on too few samples.
fn is_insignificant(queries: &[Query], points: &[Option<Point>], samples: &BTreeMap<i64, f64>) -> bool {
    let [Query { kind: Kind::Stat(stat), .. }] = queries else { return false };
    let Some(needed) = stat.statistic.significant_samples() else { return false };
    let newest = points.iter().rev().find_map(|point| *point);
    newest.is_some_and(|(at, _)| samples.get(&at).copied().unwrap_or_default() < needed)
}

/// Writes down that an alarm changed its state.
pub(super) fn note_change(connection: &Connection, scope: &Scope, before: &Alarm, after: &Alarm) -> Result<(), Fault> {
    let told = |alarm: &Alarm| {
        let data = alarm.state_reason_data.as_deref().and_then(|data| serde_json::from_str(data).ok());
        let mut told = json!({"stateValue": alarm.state.name(), "stateReason": alarm.state_reason});
        if let (Some(members), Some(data)) = (told.as_object_mut(), data) {
            members.insert("stateReasonData".to_owned(), data);
        }
        told
    };
    let data = json!({"version": "1.0", "oldState": told(before), "newState": told(after)}).to_string();
    let summary = format!("Alarm updated from {} to {}", before.state.name(), after.state.name());
    let at = after.state_updated;
    alarms::note(
        connection,
        scope,
        &Event { alarm: after.name.clone(), at, kind: "StateUpdate".to_owned(), summary, data },
    )
}

/// A text of at most so many bytes.
fn shortened(mut text: String, most: usize) -> String {
    text.truncate(text.floor_char_boundary(most));
    text
}

/// When an alarm is evaluated after its configuration has changed: AWS takes some seconds as well.
pub(super) fn due_after_change(now: i64) -> i64 {
    now + MINUTE / 6
}

/// When it is after somebody has set its state.
pub(super) fn due_after_setting(now: i64) -> i64 {
    now + MINUTE
}

impl State {
    /// Why an alarm is in its first state.
    pub(super) const UNCHECKED: &'static str = "Unchecked: Initial alarm creation";
}
