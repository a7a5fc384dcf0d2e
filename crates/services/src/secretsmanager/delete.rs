//! `DeleteSecret` and `RestoreSecret`

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::id::{SecretId, arn};
use super::operation::{Named, Operation, Prepared, Subject};
use super::store::{Deletion, Secret, Store};
use crate::asked::{seconds, with_given};
use crate::{Authorized, Caller};

const DEFAULT_WINDOW: i64 = 30;
const DAY: i64 = 86_400_000;

/// `DeleteSecret`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteSecret {
    secret_id: Option<String>,
    recovery_window_in_days: Option<i64>,
    force_delete_without_recovery: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Deleted {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    deletion_date: f64,
}

/// How long a deleted secret can be restored.
#[derive(Clone, Copy, Debug)]
pub(super) enum Recovery {
    /// For so many days.
    Days(i64),
    /// Not at all.
    None,
}

impl Operation for DeleteSecret {
    const NAME: &'static str = "DeleteSecret";
    type Ready = (Subject, Recovery);
    type Answer = Deleted;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let refuse = |text: &str| Err(Fault::InvalidParameter(text.to_owned()));
        let forced = self.force_delete_without_recovery.unwrap_or(false);
        let recovery = match self.recovery_window_in_days {
            Some(_) if forced => {
                return refuse("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
            }
            Some(days) if !(7..=30).contains(&days) => {
                return refuse("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
            }
            None if forced => Recovery::None,
            days => Recovery::Days(days.unwrap_or(DEFAULT_WINDOW)),
        };
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirement = subject.requirement(Self::NAME);
        let requirement = with_given(requirement, "secretsmanager:RecoveryWindowInDays", self.recovery_window_in_days);
        let forced = self.force_delete_without_recovery;
        let requirements = vec![with_given(requirement, "secretsmanager:ForceDeleteWithoutRecovery", forced)];
        Ok(Prepared { ready: (subject, recovery), requirements })
    }

    fn act(
        (subject, recovery): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Deleted, Fault> {
        let now = caller.now;
        store.free(allowed, now, |transaction| {
            let mut secret = match (subject.secret_or_deleted(allowed, caller, transaction), recovery) {
                // Deleting by force what is gone already succeeds.
                (Err(Fault::NoSecret), Recovery::None) => return Ok(absent(subject.id(), caller)),
                (secret, _) => secret?,
            };
            let gone = match recovery {
                Recovery::None => {
                    Secret::remove(transaction, &secret.arn)?;
                    store.erasing();
                    now
                }
                Recovery::Days(_) if secret.deletion.is_some() => return Err(Fault::AlreadyScheduled),
                Recovery::Days(days) => {
                    let gone = now + days * DAY;
                    secret.deletion = Some(Deletion { asked: now, gone });
                    secret.changed = now;
                    secret.update(transaction)?;
                    gone
                }
            };
            Ok(Deleted { arn: secret.arn, name: secret.name, deletion_date: seconds(gone) })
        })
    }
}

/// The answer for a secret that is not there.
fn absent(id: &SecretId, caller: &Caller) -> Deleted {
    let (arn, name) = match id {
        SecretId::Name(name) => (arn(&caller.scope, name), name.clone()),
        SecretId::Arn { text, rest, .. } => (text.clone(), rest.clone()),
    };
    Deleted { arn, name, deletion_date: seconds(caller.now) }
}

/// `RestoreSecret`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RestoreSecret {
    secret_id: Option<String>,
}

impl Operation for RestoreSecret {
    const NAME: &'static str = "RestoreSecret";
    type Ready = Subject;
    type Answer = Named;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: subject, requirements })
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Named, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut secret = subject.secret_or_deleted(allowed, caller, transaction)?;
            if secret.deletion.take().is_some() {
                secret.changed = caller.now;
                secret.update(transaction)?;
            }
            Ok(secret.into())
        })
    }
}
