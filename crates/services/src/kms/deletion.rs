//! `ScheduleKeyDeletion` and `CancelKeyDeletion`
//!
//! Source: KMS developer guide, "Delete an AWS KMS key", "Deleting multi-Region keys".

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::key::{DAY, Deletion};
use super::operation::{Named, Operation, Prepared};
use super::store::Store;
use super::subject::Subject;
use crate::asked::seconds;
use crate::constraint::within;
use crate::{Authorized, Caller};

/// How many days a key waits, if nobody says.
const USUAL: i64 = 30;

/// `ScheduleKeyDeletion`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScheduleKeyDeletion {
    key_id: Option<String>,
    pending_window_in_days: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Scheduled {
    key_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_date: Option<f64>,
    key_state: &'static str,
    pending_window_in_days: u32,
}

impl Operation for ScheduleKeyDeletion {
    const NAME: &'static str = "ScheduleKeyDeletion";
    type Ready = (Subject, u32);
    type Answer = Scheduled;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let days = self.pending_window_in_days.unwrap_or(USUAL);
        within("pendingWindowInDays", days, 1, 365)?;
        if !(7..=USUAL).contains(&days) {
            return Err(Fault::Validation("PendingWindowInDays must be between 7 and 30 (inclusive).".to_owned()));
        }
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject
            .requirement_at_home(caller, Self::NAME)
            .with("kms:ScheduleKeyDeletionPendingWindowInDays", days.to_string());
        Ok(Prepared::one((subject, u32::try_from(days).unwrap_or_default()), requirement))
    }

    fn act(
        (subject, days): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Scheduled, Fault> {
        store.free(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            stored.key.check_own()?;
            stored.key.check_kept(caller.now)?;
            let has_replicas =
                stored.key.is_primary() && stored.key.multi_region.as_ref().is_some_and(|own| !own.replicas.is_empty());
            let gone = (!has_replicas).then(|| caller.now + i64::from(days) * DAY);
            stored.key.deletion = Some(Deletion { gone, days });
            stored.key.enabled = false;
            stored.update(transaction)?;
            Ok(Scheduled {
                key_id: stored.key.arn(),
                deletion_date: gone.map(seconds),
                key_state: stored.key.state(caller.now).as_str(),
                pending_window_in_days: days,
            })
        })
    }
}

/// `CancelKeyDeletion`. The key is disabled after it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CancelKeyDeletion {
    key_id: Option<String>,
}

impl Operation for CancelKeyDeletion {
    const NAME: &'static str = "CancelKeyDeletion";
    type Ready = Subject;
    type Answer = Named;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        Ok(Prepared::one(subject, requirement))
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Named, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            if stored.key.deletion.take().is_none() {
                return Err(Fault::NotPendingDeletion(stored.key.arn()));
            }
            stored.key.enabled = false;
            stored.update(transaction)?;
            Ok(Named { key_id: stored.key.arn() })
        })
    }
}
