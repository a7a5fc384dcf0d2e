//! `PutRetentionPolicy` and `DeleteRetentionPolicy`

use serde::Deserialize;

use super::fault::Fault;
use super::id::GroupId;
use super::operation::{Act, Done, Operation, Prepared, Subject};
use super::store::{Class, Store};
use crate::Caller;
use crate::constraint::{Constraint, required};

/// For how many days events can be kept.
///
/// Source: API reference, "PutRetentionPolicy".
const DAYS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// `PutRetentionPolicy`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutRetentionPolicy {
    log_group_name: Option<String>,
    retention_in_days: Option<i64>,
}

impl Operation for PutRetentionPolicy {
    const NAME: &'static str = "PutRetentionPolicy";
    type Ready = (Subject, i64);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let id = GroupId::named(&caller.scope, self.log_group_name)?;
        let days = required("retentionInDays", self.retention_in_days)?;
        if !DAYS.contains(&days) {
            let values = DAYS.map(|days| days.to_string()).join(", ");
            let bound = format!("Member must satisfy enum value set: [{values}]");
            return Err(Constraint::of(&days.to_string(), "retentionInDays", bound).into());
        }
        let subject = Subject::find(store, id)?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: (subject, days), requirements })
    }

    fn act((subject, days): Self::Ready, act: &Act<'_>) -> Result<Done, Fault> {
        set(&subject, act, Some(days))
    }
}

/// `DeleteRetentionPolicy`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteRetentionPolicy {
    log_group_name: Option<String>,
}

impl Operation for DeleteRetentionPolicy {
    const NAME: &'static str = "DeleteRetentionPolicy";
    type Ready = Subject;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(store, GroupId::named(&caller.scope, self.log_group_name)?)?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: subject, requirements })
    }

    fn act(subject: Subject, act: &Act<'_>) -> Result<Done, Fault> {
        set(&subject, act, None)
    }
}

fn set(subject: &Subject, act: &Act<'_>, days: Option<i64>) -> Result<Done, Fault> {
    act.store.write(act.allowed, act.caller.now, |transaction| {
        let mut group = subject.group(act.allowed, transaction)?;
        if group.class == Class::Delivery {
            return Err(Fault::invalid("The retention of log groups of the DELIVERY class cannot be changed."));
        }
        group.retention = days;
        group.update(transaction)?;
        Ok(Done {})
    })
}
