//! What an operation is, and what operations on one secret have in common.

use rusqlite::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sidegate_iam::Requirement;

use super::fault::{Fault, required};
use super::id::{SecretId, looks_complete};
use super::store::{Secret, Store};
use crate::{Authorized, Caller};

/// An operation, in the form of its document.
pub(super) trait Operation: DeserializeOwned + Send + 'static {
    /// Its name.
    const NAME: &'static str;
    /// The operation, checked, with the facts that its requirements rest on.
    type Ready: Send + 'static;
    /// The document that answers it.
    type Answer: Serialize + Send + 'static;

    /// Checks the document, and finds out what has to be allowed. Blocks.
    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault>;

    /// Does it. Blocks.
    fn act(ready: Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Self::Answer, Fault>;
}

/// An operation that waits to be allowed.
pub(super) struct Prepared<R> {
    pub(super) ready: R,
    pub(super) requirements: Vec<Requirement>,
}

/// The answer of an operation that has nothing to say.
#[derive(Serialize)]
pub(super) struct Done {}

/// The answer of an operation that only names the secret.
#[derive(Serialize)]
pub(super) struct Named {
    #[serde(rename = "ARN")]
    pub(super) arn: String,
    #[serde(rename = "Name")]
    pub(super) name: String,
}

impl From<Secret> for Named {
    fn from(secret: Secret) -> Self {
        Self { arn: secret.arn, name: secret.name }
    }
}

/// The secret that a request speaks of, as it was found before anybody was asked. Whatever happens to its name
/// meanwhile, what is done is done to the secret with this ARN.
#[derive(Debug)]
pub(super) struct Subject {
    id: SecretId,
    arn: String,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Found,
    Missing,
    OtherAccount,
}

impl Subject {
    /// Looks for the secret of a required `SecretId`.
    pub(super) fn find(caller: &Caller, store: &Store, secret_id: Option<&str>) -> Result<Self, Fault> {
        let id = SecretId::parse(required("secretId", secret_id)?)?;
        store.read(|connection| Self::look_up(caller, connection, id))
    }

    fn look_up(caller: &Caller, connection: &Connection, id: SecretId) -> Result<Self, Fault> {
        let scope = &caller.scope;
        let found = match &id {
            SecretId::Name(name) => Secret::by_name(connection, caller.now, scope, name)?,
            SecretId::Arn { account, .. } if account != scope.account.as_str() => {
                let arn = id.unresolved_arn(scope);
                return Ok(Self { id, arn, standing: Standing::OtherAccount });
            }
            SecretId::Arn { region, .. } if region != scope.region.as_str() => None,
            SecretId::Arn { text, rest, .. } if looks_complete(rest) => Secret::by_arn(connection, caller.now, text)?,
            SecretId::Arn { rest, .. } => Secret::by_name(connection, caller.now, scope, rest)?,
        };
        Ok(match found {
            Some(secret) => Self { id, arn: secret.arn, standing: Standing::Found },
            None => Self { arn: id.unresolved_arn(scope), id, standing: Standing::Missing },
        })
    }

    /// A secret that was found otherwise.
    pub(super) fn found(secret: &Secret) -> Self {
        Self { id: SecretId::Name(secret.name.clone()), arn: secret.arn.clone(), standing: Standing::Found }
    }

    /// What the secret was asked for by, for an operation that answers without it.
    pub(super) fn id(&self) -> &SecretId {
        &self.id
    }

    /// What has to be allowed for an operation on the secret.
    pub(super) fn requirement(&self, operation: &str) -> Requirement {
        Requirement::new(format!("secretsmanager:{operation}"), self.arn.clone())
    }

    /// The secret as it is now, even if it is marked for deletion.
    pub(super) fn secret_or_deleted(
        &self, _allowed: &Authorized, caller: &Caller, operation: &str, connection: &Connection,
    ) -> Result<Secret, Fault> {
        match self.standing {
            Standing::Found => Secret::by_arn(connection, caller.now, &self.arn)?.ok_or(Fault::NoSecret),
            Standing::Missing => Err(Fault::NoSecret),
            Standing::OtherAccount => Err(Fault::OtherAccount {
                principal: caller.principal.to_string(),
                action: format!("secretsmanager:{operation}"),
                resource: self.arn.clone(),
            }),
        }
    }

    /// The secret as it is now.
    pub(super) fn secret(
        &self, allowed: &Authorized, caller: &Caller, operation: &str, connection: &Connection,
    ) -> Result<Secret, Fault> {
        let secret = self.secret_or_deleted(allowed, caller, operation, connection)?;
        if secret.deletion.is_some() { Err(Fault::MarkedForDeletion) } else { Ok(secret) }
    }
}

/// A time as AWS writes it in JSON: seconds since 1970.
pub(super) fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// The beginning of the day, to which the times of reading are cut.
pub(super) fn day(milliseconds: i64) -> i64 {
    milliseconds - milliseconds.rem_euclid(86_400_000)
}

/// Refuses a key of KMS, unless it is the one that is used anyway.
pub(super) fn default_key(key: Option<&str>) -> Result<(), Fault> {
    match key {
        None | Some("" | "alias/aws/secretsmanager") => Ok(()),
        Some(_) => Err(Fault::InvalidParameter(
            "Sidegate encrypts secrets under its own default key and does not support a KmsKeyId yet: that comes with \
             KMS. Leave KmsKeyId out."
                .to_owned(),
        )),
    }
}
