//! `DeleteLogGroup` and `PutLogGroupDeletionProtection`

use serde::Deserialize;

use super::fault::Fault;
use super::id::GroupId;
use super::metrics::Compiled;
use super::operation::{Act, Done, Operation, Prepared, Subject};
use super::store::Store;
use crate::Caller;
use crate::constraint::required;

/// How many pieces of what it held are swept before the deletion of a log group is answered. The rest is swept later.
pub(super) const PIECES: usize = 50;

/// `DeleteLogGroup`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteLogGroup {
    log_group_name: Option<String>,
}

impl Operation for DeleteLogGroup {
    const NAME: &'static str = "DeleteLogGroup";
    type Ready = Subject;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(store, GroupId::named(&caller.scope, self.log_group_name)?)?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: subject, requirements })
    }

    fn act(subject: Subject, act: &Act<'_>) -> Result<Done, Fault> {
        act.store.free(act.allowed, |transaction| {
            let group = subject.group(act.allowed, transaction)?;
            if group.is_protected {
                return Err(Fault::Protected);
            }
            Compiled::forget(act.store, group.number);
            group.remove(transaction)
        })?;
        act.store.sweep_some(act.caller.now, PIECES);
        Ok(Done {})
    }
}

/// `PutLogGroupDeletionProtection`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutLogGroupDeletionProtection {
    log_group_identifier: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

impl Operation for PutLogGroupDeletionProtection {
    const NAME: &'static str = "PutLogGroupDeletionProtection";
    type Ready = (Subject, bool);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let identifier = required("logGroupIdentifier", self.log_group_identifier)?;
        let enabled = required("deletionProtectionEnabled", self.deletion_protection_enabled)?;
        let id = GroupId::identified(&caller.scope, "logGroupIdentifier", &identifier)?;
        let subject = Subject::find(store, id)?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: (subject, enabled), requirements })
    }

    fn act((subject, enabled): Self::Ready, act: &Act<'_>) -> Result<Done, Fault> {
        act.store.write(act.allowed, act.caller.now, |transaction| {
            let mut group = subject.group(act.allowed, transaction)?;
            group.is_protected = enabled;
            group.update(transaction)?;
            Ok(Done {})
        })
    }
}
