//! The keys of KMS that events are encrypted under.
//!
//! A log group that has a key has a data key, which is kept encrypted beside it, and another one each time that a key
//! is associated. CloudWatch Logs uses the key in its own name and not in its caller's: the policy of the key must
//! let it. So an event is only read while the key that it arrived under can be used.
//!
//! Source: CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service".

use std::collections::HashMap;

use sidegate_iam::{Context, Denial, Path, Policies, Principal, Requirement, decide};

use super::fault::Fault;
use super::id::GroupId;
use super::store::StoredKey;
use crate::kms::{EncryptionContext, Keys, OnBehalf, UseError};
use crate::vault::Vault;
use crate::{Authorizer, Caller, ForwardedBy};

/// What an operation needs of KMS.
#[derive(Debug, Default)]
pub(super) struct KeyUse {
    /// The group whose keys they are.
    pub(super) group: Option<GroupId>,
    /// A key that the group is to have.
    pub(super) new: Option<String>,
    /// Data keys that events are or will be encrypted with.
    pub(super) open: Vec<StoredKey>,
}

/// The data keys of an operation.
#[derive(Debug, Default)]
pub(super) struct DataKeys {
    new: Option<NewKey>,
    opened: HashMap<i64, Result<Vault, NoKey>>,
    /// The ARN of the group.
    arn: String,
}

/// A new data key.
#[derive(Debug)]
pub(super) struct NewKey {
    /// The key of KMS, by its ARN.
    pub(super) key: String,
    pub(super) wrapped: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum NoKey {
    Denied,
    Unusable,
    Failed,
}

impl From<UseError> for NoKey {
    fn from(error: UseError) -> Self {
        match error {
            UseError::Denied(_) => Self::Denied,
            UseError::Refused(_) => Self::Unusable,
            UseError::Failed(_) => Self::Failed,
        }
    }
}

impl NoKey {
    fn fault(self, arn: &str) -> Fault {
        match self {
            Self::Denied => Fault::NoKey(arn.to_owned()),
            Self::Unusable => Fault::UnusableKey(arn.to_owned()),
            Self::Failed => Fault::Interrupted,
        }
    }
}

/// Decides about the service itself, which no policy binds but that of the key.
struct Itself {
    principal: Principal,
    context: Context,
}

impl Authorizer for Itself {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        let policies = Policies::default();
        for requirement in requirements {
            let request = sidegate_iam::Request { principal: &self.principal, context: &self.context, requirement };
            if let Some(denial) = decide(&request, &policies).denial(&request, &policies) {
                return Err(denial);
            }
        }
        Ok(())
    }
}

impl DataKeys {
    /// Asks KMS, in the name of the service.
    pub(super) async fn ask(keys: Option<&Keys>, wanted: KeyUse, now: i64) -> Result<Self, Fault> {
        let KeyUse { group, new, open } = wanted;
        let Some(group) = group.filter(|_| new.is_some() || !open.is_empty()) else { return Ok(Self::default()) };
        let keys = keys.ok_or(Fault::Unserved("keys of KMS"))?;
        let itself = Itself::of(&group);
        let caller = itself.caller(&group, now);
        let by = ForwardedBy { service: "logs", region: group.scope.region };
        let whom = OnBehalf { caller: &caller, authorizer: &itself, by };
        let arn = group.arn();
        let context = || -> EncryptionContext { [("aws:logs:arn", arn.as_str())].into_iter().collect() };
        let mut found = Self { arn: arn.clone(), ..Self::default() };
        if let Some(key) = new {
            let made = keys.generate_data_key(whom, &key, context()).await;
            let made = made.map_err(|error| NoKey::from(error).fault(&arn))?;
            // It is of no use if it could not be opened again.
            let opened = keys.decrypt(whom, &made.ciphertext, context()).await;
            opened.map_err(|error| NoKey::from(error).fault(&arn))?;
            found.new = Some(NewKey { key: made.key, wrapped: made.ciphertext });
        }
        for StoredKey { number, wrapped } in open {
            let opened = keys.decrypt(whom, &wrapped, context()).await.map_err(NoKey::from);
            let vault = opened.and_then(|plain| Vault::of_key(&plain.plaintext).ok_or(NoKey::Failed));
            found.opened.insert(number, vault);
        }
        Ok(found)
    }

    /// The key that a group is to have, if it is to have one.
    pub(super) fn new_key(&self) -> Option<&NewKey> {
        self.new.as_ref()
    }

    /// What opens what a data key has sealed.
    pub(super) fn vault(&self, number: i64) -> Result<&Vault, Fault> {
        match self.opened.get(&number) {
            Some(Ok(vault)) => Ok(vault),
            Some(Err(reason)) => Err(reason.fault(&self.arn)),
            // The group has got another key in the meantime.
            None => Err(Fault::Interrupted),
        }
    }
}

impl Itself {
    fn of(group: &GroupId) -> Self {
        let principal = Principal::Service(format!("logs.{}.amazonaws.com", group.scope.region));
        let context = Context::new()
            .with("aws:SourceAccount", group.scope.account.as_str())
            .with("aws:SourceArn", group.arn())
            .with("aws:PrincipalIsAWSService", "true");
        Self { principal, context }
    }

    /// The service as a caller of KMS. Its call comes over no network.
    fn caller(&self, group: &GroupId, now: i64) -> Caller {
        Caller {
            request_id: String::new(),
            principal: self.principal.clone(),
            scope: group.scope.clone(),
            access_key: None,
            path: Path::Public { source: std::net::Ipv4Addr::LOCALHOST.into() },
            now,
        }
    }
}

/// The key that a request gives: by its ARN alone.
pub(super) fn given(key: String, group: &GroupId) -> Result<String, Fault> {
    crate::constraint::length("kmsKeyId", &key, 0, 256)?;
    let is_key = key.starts_with("arn:aws:kms:") && key.contains(":key/");
    if is_key { Ok(key) } else { Err(Fault::UnusableKey(group.arn())) }
}
