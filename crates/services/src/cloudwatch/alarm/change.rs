//! `DeleteAlarms`, `EnableAlarmActions` and `DisableAlarmActions`

use serde::Deserialize;
use sidegate_iam::Requirement;

use super::super::fault::Fault;
use super::super::operation::{Answer, Operation, Prepared, alarm_arn, requirement};
use super::super::scalar::Items;
use super::super::store::Store;
use super::super::store::alarms;
use super::put::{alarm_name, configuration, with_resource_tags};
use crate::constraint::size;
use crate::{Authorized, Caller};

/// The most names of a request.
const MOST: usize = 100;

/// The names of alarms, as they are given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Names {
    alarm_names: Option<Items<String>>,
}

impl Names {
    fn check(self) -> Result<Vec<String>, Fault> {
        let names = self.alarm_names.ok_or_else(|| Fault::Missing("AlarmNames".to_owned()))?.0;
        size("alarmNames", names.len(), 0, MOST)?;
        names.into_iter().map(alarm_name).collect()
    }
}

/// What an operation on these alarms requires.
fn requirements(operation: &str, names: &[String], caller: &Caller, store: &Store) -> Result<Vec<Requirement>, Fault> {
    if names.is_empty() {
        return Ok(vec![requirement(operation, alarm_arn(&caller.scope, "*"))]);
    }
    store.read(|connection| {
        let of = |name: &String| {
            let there = alarms::find(connection, &caller.scope, name)?;
            Ok(with_resource_tags(requirement(operation, alarm_arn(&caller.scope, name)), there.as_ref()))
        };
        names.iter().map(of).collect()
    })
}

/// `DeleteAlarms`: all of them, or none if one is not there.
#[derive(Deserialize)]
#[serde(transparent)]
pub(in super::super) struct DeleteAlarms(Names);

impl Operation for DeleteAlarms {
    const NAME: &'static str = "DeleteAlarms";
    type Ready = Vec<String>;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Vec<String>>, Fault> {
        let names = self.0.check()?;
        let requirements = requirements(Self::NAME, &names, caller, store)?;
        Ok(Prepared { ready: names, requirements })
    }

    fn act(names: Vec<String>, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        store.free(allowed, |transaction| {
            for name in &names {
                let alarm = alarms::find(transaction, &caller.scope, name)?
                    .ok_or_else(|| Fault::NoAlarm(format!("The alarm {name} does not exist.")))?;
                alarms::remove(transaction, &caller.scope, name)?;
                let event = configuration(&alarm, "Delete", "deleted", caller.now);
                alarms::note(transaction, &caller.scope, &event)?;
            }
            Ok(())
        })?;
        Ok(Answer::done())
    }
}

/// `EnableAlarmActions`
pub(in super::super) type EnableAlarmActions = SwitchAlarmActions<true>;

/// `DisableAlarmActions`
pub(in super::super) type DisableAlarmActions = SwitchAlarmActions<false>;

/// Switches the actions of alarms on or off. Those that are not there are passed over.
#[derive(Deserialize)]
#[serde(transparent)]
pub(in super::super) struct SwitchAlarmActions<const ON: bool>(Names);

impl<const ON: bool> Operation for SwitchAlarmActions<ON> {
    const NAME: &'static str = if ON { "EnableAlarmActions" } else { "DisableAlarmActions" };
    type Ready = Vec<String>;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Vec<String>>, Fault> {
        let names = self.0.check()?;
        let requirements = requirements(Self::NAME, &names, caller, store)?;
        Ok(Prepared { ready: names, requirements })
    }

    fn act(names: Vec<String>, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        store.write(allowed, |transaction| {
            for name in &names {
                let Some(mut alarm) = alarms::find(transaction, &caller.scope, name)? else { continue };
                if alarm.actions_enabled != ON {
                    (alarm.actions_enabled, alarm.configured) = (ON, caller.now);
                    alarms::put(transaction, &caller.scope, &alarm)?;
                    let event = configuration(&alarm, "Update", "updated", caller.now);
                    alarms::note(transaction, &caller.scope, &event)?;
                }
            }
            Ok(())
        })?;
        Ok(Answer::done())
    }
}
