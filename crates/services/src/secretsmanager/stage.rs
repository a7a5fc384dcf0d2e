//! `UpdateSecretVersionStage`

use serde::Deserialize;

use super::fault::Fault;
use super::id::VersionId;
use super::labels::{CURRENT, Labels, check_label};
use super::operation::{Named, Operation, Prepared, Subject};
use super::store::{Store, Version};
use crate::constraint::required;
use crate::{Authorized, Caller};

/// `UpdateSecretVersionStage`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateSecretVersionStage {
    secret_id: Option<String>,
    version_stage: Option<String>,
    remove_from_version_id: Option<String>,
    move_to_version_id: Option<String>,
}

/// A label to move, to add or to remove.
pub(super) struct Change {
    subject: Subject,
    label: String,
    from: Option<VersionId>,
    to: Option<VersionId>,
}

impl Operation for UpdateSecretVersionStage {
    const NAME: &'static str = "UpdateSecretVersionStage";
    type Ready = Change;
    type Answer = Named;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Change>, Fault> {
        let label = required("versionStage", self.version_stage)?;
        check_label(&label)?;
        let version = |member, id: Option<String>| id.map(|id| VersionId::parse(member, &id)).transpose();
        let from = version("removeFromVersionId", self.remove_from_version_id)?;
        let to = version("moveToVersionId", self.move_to_version_id)?;
        if from.is_none() && to.is_none() {
            return Err(Fault::InvalidParameter(
                "You must provide RemoveFromVersionId, MoveToVersionId or both.".to_owned(),
            ));
        }
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirements = vec![subject.requirement(Self::NAME).with("secretsmanager:VersionStage", label.as_str())];
        Ok(Prepared { ready: Change { subject, label, from, to }, requirements })
    }

    fn act(change: Change, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Named, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut secret = change.subject.secret(allowed, caller, transaction)?;
            for id in change.from.iter().chain(&change.to) {
                if !Version::exists(transaction, &secret.arn, id)? {
                    return Err(Fault::NoVersion(id.as_str().to_owned()));
                }
            }
            // What is current has a value.
            if let Some(to) = change.to.as_ref().filter(|_| change.label == CURRENT)
                && Version::find(transaction, &secret.arn, to)?.is_none()
            {
                return Err(Fault::NoVersion(to.as_str().to_owned()));
            }
            let mut labels = Labels::read(transaction, &secret.arn)?;
            labels.change(&change.label, change.from.as_ref(), change.to.as_ref())?;
            labels.write(transaction, &secret.arn)?;
            secret.changed = caller.now;
            secret.update(transaction)?;
            Ok(secret.into())
        })
    }
}
