//! What an operation is, and what operations on one secret have in common.

use std::sync::Arc;

use rusqlite::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sidegate_iam::{Denial, Policy, PolicyType, Requirement};
use sidegate_model::AccountId;

use super::fault::Fault;
use super::id::{SecretId, looks_complete};
use super::key::{DataKeys, KeyUse};
use super::store::{ResourcePolicy, Rotation, Secret, Store, Tags};
use crate::constraint::required;
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

    /// What has to be allowed of its parts, each of which is done or not for itself.
    fn parts(_ready: &Self::Ready) -> Vec<Requirement> {
        Vec::new()
    }

    /// Takes which of its parts are not allowed, in their order.
    fn take_denials(_ready: &mut Self::Ready, _denials: Vec<Option<Denial>>) {}

    /// What it needs of KMS. Blocks.
    fn key_use(_ready: &Self::Ready, _caller: &Caller, _store: &Store) -> Result<KeyUse, Fault> {
        Ok(KeyUse::default())
    }

    /// Takes the data keys that it needed.
    fn take_keys(_ready: &mut Self::Ready, _keys: DataKeys) {}

    /// The ARN of the function that it has to be possible to call, and that of the secret for which.
    fn function(_ready: &Self::Ready) -> Option<(&str, &str)> {
        None
    }

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
    account: AccountId,
    facts: Option<Facts>,
}

/// What decisions about a secret that exists rest on.
#[derive(Debug)]
struct Facts {
    tags: Tags,
    policy: Option<Arc<Policy>>,
    key: Option<String>,
    /// The ARN of the function that rotates it.
    function: Option<String>,
}

impl Facts {
    fn of(connection: &Connection, secret: &Secret) -> Result<Self, Fault> {
        let document = ResourcePolicy::read(connection, &secret.arn)?;
        let policy = document.map(|text| Arc::new(kept(&text)));
        let function = Rotation::read(connection, &secret.arn)?.map(|rotation| rotation.function);
        Ok(Self { tags: secret.tags.clone(), policy, key: secret.key.clone(), function })
    }
}

/// The policy of a text that is stored. One that is none any longer denies all but what puts another in its place.
fn kept(text: &str) -> Policy {
    const LOCKED: &str = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Resource": "*", "NotAction":
        ["secretsmanager:DeleteResourcePolicy", "secretsmanager:GetResourcePolicy", "secretsmanager:PutResourcePolicy"]}}"#;
    let parse = |text| Policy::parse(text, PolicyType::Secret);
    parse(text)
        .or_else(|error| {
            tracing::error!(%error, "a secret's policy that is stored cannot be read, and so denies everything");
            parse(LOCKED)
        })
        .unwrap_or_else(|_| Policy::denying())
}

impl Subject {
    /// Looks for the secret of a required `SecretId`.
    pub(super) fn find(caller: &Caller, store: &Store, secret_id: Option<&str>) -> Result<Self, Fault> {
        let id = SecretId::parse(required("secretId", secret_id)?)?;
        store.read(|connection| Self::look_up(caller, connection, id))
    }

    /// A secret of another account is found by its whole ARN alone.
    fn look_up(caller: &Caller, connection: &Connection, id: SecretId) -> Result<Self, Fault> {
        let scope = &caller.scope;
        let found = match &id {
            SecretId::Name(name) => Secret::by_name(connection, caller.now, scope, name)?,
            SecretId::Arn { region, .. } if region != scope.region.as_str() => None,
            SecretId::Arn { text, rest, .. } if looks_complete(rest) => Secret::by_arn(connection, caller.now, text)?,
            SecretId::Arn { account, .. } if *account != scope.account => None,
            SecretId::Arn { rest, .. } => Secret::by_name(connection, caller.now, scope, rest)?,
        };
        let account = match &id {
            SecretId::Name(_) => scope.account.clone(),
            SecretId::Arn { account, .. } => account.clone(),
        };
        Ok(match found {
            Some(secret) => Self { facts: Some(Facts::of(connection, &secret)?), arn: secret.arn, id, account },
            None => Self { arn: id.unresolved_arn(scope), id, account, facts: None },
        })
    }

    /// A secret of the caller's account that was found otherwise.
    pub(super) fn found(caller: &Caller, connection: &Connection, secret: &Secret) -> Result<Self, Fault> {
        Ok(Self {
            id: SecretId::Name(secret.name.clone()),
            arn: secret.arn.clone(),
            account: caller.scope.account.clone(),
            facts: Some(Facts::of(connection, secret)?),
        })
    }

    /// What the secret was asked for by.
    pub(super) fn id(&self) -> &SecretId {
        &self.id
    }

    pub(super) fn arn(&self) -> &str {
        &self.arn
    }

    /// Whether there is such a secret.
    pub(super) fn is_there(&self) -> bool {
        self.facts.is_some()
    }

    /// The key of KMS that the secret names, as it was when it was looked up.
    pub(super) fn key(&self) -> Option<&str> {
        self.facts.as_ref()?.key.as_deref()
    }

    /// The ARN of the function that rotates the secret.
    pub(super) fn function(&self) -> Option<&str> {
        self.facts.as_ref()?.function.as_deref()
    }

    /// What has to be allowed for an operation on the secret.
    ///
    /// Source: Service authorization reference, "Actions, resources, and condition keys for AWS Secrets Manager".
    pub(super) fn requirement(&self, operation: &str) -> Requirement {
        let requirement = Requirement::new(format!("secretsmanager:{operation}"), self.arn.clone())
            .owned_by(self.account.clone())
            .with("secretsmanager:SecretId", self.arn.as_str());
        let Some(Facts { tags, policy, function, .. }) = &self.facts else { return requirement };
        // Secrets are not replicated, so each is where it was made.
        let region = self.arn.split(':').nth(3).unwrap_or_default();
        let mut requirement = requirement.with("secretsmanager:SecretPrimaryRegion", region);
        for (key, value) in tags {
            requirement = requirement
                .with(&format!("aws:ResourceTag/{key}"), value.as_str())
                .with(&format!("secretsmanager:ResourceTag/{key}"), value.as_str());
        }
        if let Some(function) = function {
            requirement = requirement.with("secretsmanager:resource/AllowRotationLambdaArn", function.as_str());
        }
        match policy {
            Some(policy) => requirement.under(Arc::clone(policy)),
            None => requirement,
        }
    }

    /// The secret as it is now, even if it is marked for deletion.
    pub(super) fn secret_or_deleted(
        &self, _allowed: &Authorized, caller: &Caller, connection: &Connection,
    ) -> Result<Secret, Fault> {
        match self.facts {
            Some(_) => Secret::by_arn(connection, caller.now, &self.arn)?.ok_or(Fault::NoSecret),
            None => Err(Fault::NoSecret),
        }
    }

    /// The secret as it is now.
    pub(super) fn secret(
        &self, allowed: &Authorized, caller: &Caller, connection: &Connection,
    ) -> Result<Secret, Fault> {
        let secret = self.secret_or_deleted(allowed, caller, connection)?;
        if secret.deletion.is_some() { Err(Fault::MarkedForDeletion) } else { Ok(secret) }
    }
}

/// The beginning of the day, to which the times of reading are cut.
pub(super) fn day(milliseconds: i64) -> i64 {
    milliseconds - milliseconds.rem_euclid(86_400_000)
}

#[cfg(test)]
mod tests {
    use sidegate_iam::{Context, Policies, Principal, Request, decide};

    use super::*;

    #[test]
    fn a_stored_policy_that_is_none_any_longer_denies_all_but_what_replaces_it() {
        let policy = Arc::new(kept("{"));
        let principal = Principal::Root("111122223333".parse().unwrap());
        let arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AAAAAA";
        let allowed = |action: &str| {
            let requirement = Requirement::new(format!("secretsmanager:{action}"), arn).under(Arc::clone(&policy));
            let context = Context::new();
            let request = Request { principal: &principal, context: &context, requirement: &requirement };
            decide(&request, &Policies::default()).is_allowed()
        };
        assert!(!allowed("GetSecretValue") && !allowed("DeleteSecret"));
        assert!(allowed("PutResourcePolicy") && allowed("DeleteResourcePolicy"));
    }
}
