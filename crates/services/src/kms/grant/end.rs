//! `RetireGrant` and `RevokeGrant`

use serde::Deserialize;

use super::{Grant, check_id, read_token};
use crate::constraint::{length, required};
use crate::kms::fault::Fault;
use crate::kms::operation::{Done, Operation, Prepared, end_if_dry};
use crate::kms::store::Store;
use crate::kms::subject::Subject;
use crate::{Authorized, Caller};

/// A grant to take away.
pub(crate) struct Ending {
    subject: Subject,
    id: String,
    dry_run: Option<bool>,
}

impl Ending {
    fn carry_out(&self, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        store.free(allowed, caller.now, |transaction| {
            self.subject.key(allowed, caller, transaction)?;
            if Grant::find(transaction, self.subject.arn(), &self.id)?.is_none() {
                return Err(Fault::NoGrant(self.id.clone()));
            }
            end_if_dry(self.dry_run)?;
            Grant::remove(transaction, self.subject.arn(), &self.id)?;
            Ok(Done {})
        })
    }
}

/// `RetireGrant`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RetireGrant {
    grant_token: Option<String>,
    key_id: Option<String>,
    grant_id: Option<String>,
    dry_run: Option<bool>,
}

impl Operation for RetireGrant {
    const NAME: &'static str = "RetireGrant";
    type Ready = Ending;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Ending>, Fault> {
        let (key, id) = match (self.grant_token, self.key_id, self.grant_id) {
            (Some(token), None, None) => {
                length("grantToken", &token, 1, 8192)?;
                read_token(store, &token).ok_or(Fault::InvalidGrantToken)?
            }
            (None, Some(key), Some(id)) => {
                check_id(&id)?;
                if !key.starts_with("arn:") {
                    // Source: API reference, "RetireGrant": the ARN of the key, not its id.
                    return Err(Fault::InvalidArn(format!("Invalid arn {key}")));
                }
                (key, id)
            }
            _ => {
                return Err(Fault::Validation(
                    "Either a grant token, or both a key ID and a grant ID, must be specified.".to_owned(),
                ));
            }
        };
        let subject = Subject::find(caller, store, Some(&key))?;
        let grant = store.read(|connection| Grant::find(connection, subject.arn(), &id))?;
        let requirement = subject.requirement_to_retire(caller, grant.as_ref());
        Ok(Prepared::one(Ending { subject, id, dry_run: self.dry_run }, requirement))
    }

    fn act(ending: Ending, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        ending.carry_out(allowed, caller, store)
    }
}

/// `RevokeGrant`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RevokeGrant {
    key_id: Option<String>,
    grant_id: Option<String>,
    dry_run: Option<bool>,
}

impl Operation for RevokeGrant {
    const NAME: &'static str = "RevokeGrant";
    type Ready = Ending;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Ending>, Fault> {
        let id = required("grantId", self.grant_id)?;
        check_id(&id)?;
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement(caller, Self::NAME).with("kms:GrantIsForAWSResource", "false");
        Ok(Prepared::one(Ending { subject, id, dry_run: self.dry_run }, requirement))
    }

    fn act(ending: Ending, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        ending.carry_out(allowed, caller, store)
    }
}
