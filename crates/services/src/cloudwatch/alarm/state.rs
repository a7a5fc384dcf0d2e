//! `SetAlarmState`

use serde::Deserialize;

use super::super::fault::Fault;
use super::super::operation::{Answer, Operation, Prepared, alarm_arn, requirement};
use super::super::store::Store;
use super::super::store::alarms;
use super::State;
use super::put::{alarm_name, with_resource_tags};
use super::settle::{due_after_setting, note_change};
use crate::constraint::length;
use crate::{Authorized, Caller};

/// `SetAlarmState`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct SetAlarmState {
    alarm_name: Option<String>,
    state_value: Option<String>,
    state_reason: Option<String>,
    state_reason_data: Option<String>,
}

/// The state that is asked for.
pub(in super::super) struct Asked {
    name: String,
    state: State,
    reason: String,
    data: Option<String>,
}

impl Operation for SetAlarmState {
    const NAME: &'static str = "SetAlarmState";
    type Ready = Asked;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Asked>, Fault> {
        let missing = |name: &str| Fault::Missing(name.to_owned());
        let name = alarm_name(self.alarm_name.ok_or_else(|| missing("AlarmName"))?)?;
        let state = State::parse(&self.state_value.ok_or_else(|| missing("StateValue"))?)?;
        let reason = self.state_reason.ok_or_else(|| missing("StateReason"))?;
        length("stateReason", &reason, 0, 1023)?;
        if let Some(data) = &self.state_reason_data {
            length("stateReasonData", data, 0, 4000)?;
            serde_json::from_str::<serde_json::Value>(data)
                .map_err(|_| Fault::InvalidFormat("StateReasonData was not syntactically valid JSON.".to_owned()))?;
        }
        let there = store.read(|connection| alarms::find(connection, &caller.scope, &name))?;
        let own = requirement(Self::NAME, alarm_arn(&caller.scope, &name));
        let asked = Asked { name, state, reason, data: self.state_reason_data };
        Ok(Prepared::one(asked, with_resource_tags(own, there.as_ref())))
    }

    fn act(asked: Asked, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        let Asked { name, state, reason, data } = asked;
        store.write(allowed, |transaction| {
            let mut alarm = alarms::find(transaction, &caller.scope, &name)?
                .ok_or_else(|| Fault::NoAlarm(format!("The alarm {name} does not exist.")))?;
            let before = alarm.clone();
            if alarm.state != state {
                alarm.state_transitioned = caller.now;
            }
            (alarm.state, alarm.state_reason, alarm.state_reason_data) = (state, reason, data);
            alarm.state_updated = caller.now;
            alarm.due = due_after_setting(caller.now);
            alarms::put(transaction, &caller.scope, &alarm)?;
            if before.state != state {
                note_change(transaction, &caller.scope, &before, &alarm)?;
            }
            Ok(())
        })?;
        Ok(Answer::done())
    }
}
