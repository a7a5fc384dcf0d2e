//! The key that a request speaks of, and what decisions about it rest on.

use std::sync::Arc;

use rusqlite::Connection;
use sidegate_iam::{Account, Policy, PolicyType, Principal, Requirement};
use sidegate_model::Scope;

use super::context::EncryptionContext;
use super::fault::Fault;
use super::grant::{self, Grant};
use super::id::{KeyId, KeyName, Named, Takes, alias_arn};
use super::key::Key;
use super::policy;
use super::store::{Alias, Store, StoredKey};
use crate::constraint::required;
use crate::{Authorized, Caller};

/// The key that a request speaks of, as it was found before anybody was asked. Whatever happens to its aliases meanwhile,
/// what is done is done to the key with this ARN.
#[derive(Debug)]
pub(super) struct Subject {
    /// The alias by which the request names the key, if it does.
    alias: Option<String>,
    /// Where the key is, and whose it is.
    pub(super) scope: Scope,
    arn: String,
    facts: Option<Facts>,
}

/// What decisions about a key that exists rest on.
#[derive(Debug)]
struct Facts {
    key: Key,
    policy: Arc<Policy>,
    aliases: Vec<String>,
    /// The grants to whoever asks.
    grants: Vec<Grant>,
}

impl Subject {
    /// Looks for the key of a required `KeyId` that names it by its id or ARN.
    pub(super) fn find(caller: &Caller, store: &Store, key_id: Option<&str>) -> Result<Self, Fault> {
        Self::find_as(caller, store, "keyId", key_id, Takes::Keys)
    }

    /// Looks for a key that may be named by an alias as well.
    pub(super) fn find_any(caller: &Caller, store: &Store, key_id: Option<&str>) -> Result<Self, Fault> {
        Self::find_as(caller, store, "keyId", key_id, Takes::KeysAndAliases)
    }

    /// Looks for the key of a required member.
    pub(super) fn find_as(
        caller: &Caller, store: &Store, member: &'static str, text: Option<&str>, takes: Takes,
    ) -> Result<Self, Fault> {
        let name = KeyName::parse(member, required(member, text)?, &caller.scope, takes)?;
        store.read(|connection| Self::look_up(caller, connection, name))
    }

    fn look_up(caller: &Caller, connection: &Connection, name: KeyName) -> Result<Self, Fault> {
        let scope = Scope { account: name.account, region: caller.scope.region };
        match name.named {
            Named::Key(id) => Self::of_id(caller, connection, scope, &id),
            Named::Alias(alias) => {
                let found = Alias::find(connection, scope.account.as_str(), scope.region.as_str(), &alias)?;
                let found = found.ok_or_else(|| Fault::NoAlias(alias_arn(&scope, &alias)))?;
                Self::of_arn(caller, connection, scope, found.key, Some(alias))
            }
        }
    }

    /// The key with an id.
    pub(super) fn of_id(caller: &Caller, connection: &Connection, scope: Scope, id: &KeyId) -> Result<Self, Fault> {
        let arn = id.arn(&scope);
        Self::of_arn(caller, connection, scope, arn, None)
    }

    fn of_arn(
        caller: &Caller, connection: &Connection, scope: Scope, arn: String, alias: Option<String>,
    ) -> Result<Self, Fault> {
        let facts = match StoredKey::by_arn(connection, caller.now, &arn)? {
            Some(stored) => Some(Facts {
                policy: policy::kept(&stored.policy),
                aliases: Alias::names_of(connection, &arn)?,
                grants: Grant::to(connection, &arn, &grant::names(&caller.principal))?,
                key: stored.key,
            }),
            None => None,
        };
        Ok(Self { alias, scope, arn, facts })
    }

    /// A key that is about to be made.
    pub(super) fn of_new(scope: Scope, stored: &StoredKey, alias: Option<String>) -> Self {
        let facts = Facts {
            key: stored.key.clone(),
            policy: policy::kept(&stored.policy),
            aliases: alias.iter().cloned().collect(),
            grants: Vec::new(),
        };
        Self { alias, scope, arn: stored.key.arn(), facts: Some(facts) }
    }

    pub(super) fn arn(&self) -> &str {
        &self.arn
    }

    pub(super) fn is_there(&self) -> bool {
        self.facts.is_some()
    }

    /// The key as it was found.
    pub(super) fn found(&self) -> Option<&Key> {
        self.facts.as_ref().map(|facts| &facts.key)
    }

    /// Whether the key is of the caller's account.
    pub(super) fn is_own(&self, caller: &Caller) -> bool {
        caller.principal.account().is_none_or(|own| *own == self.scope.account)
    }

    /// What has to be allowed for an operation on the key.
    ///
    /// Source: Service authorization reference, "Actions, resources, and condition keys for AWS Key Management Service".
    pub(super) fn requirement(&self, caller: &Caller, operation: &str) -> Requirement {
        let requirement = self.bare(caller, operation);
        self.with_grants(requirement, operation, None)
    }

    /// The same for an operation that takes place in an encryption context.
    pub(super) fn requirement_in(&self, caller: &Caller, operation: &str, context: &EncryptionContext) -> Requirement {
        let requirement = context.add_to(self.bare(caller, operation));
        self.with_grants(requirement, operation, Some(context))
    }

    /// The same for an operation that nobody of another account may do, whatever policies say.
    ///
    /// Source: API reference, "Cross-account use" of each operation.
    pub(super) fn requirement_at_home(&self, caller: &Caller, operation: &str) -> Requirement {
        let mut requirement = self.requirement(caller, operation);
        if !self.is_own(caller) {
            requirement.resource_policy = None;
            requirement.grants = None;
        }
        requirement
    }

    /// The same for `RetireGrant`, which a policy alone cannot allow: who may is told by the grant.
    ///
    /// Source: API reference, "RetireGrant".
    pub(super) fn requirement_to_retire(&self, caller: &Caller, grant: Option<&Grant>) -> Requirement {
        let mut requirement = self.bare(caller, "RetireGrant");
        let Some(Facts { policy, .. }) = &self.facts else { return requirement };
        requirement.resource_policy = Some(policy::retiring(policy, &self.scope.account));
        let retirers = grant.map(Grant::retirers).unwrap_or_default();
        match grant::policy(&requirement.action, &retirers) {
            Some(retirers) => requirement.granted(retirers),
            None => requirement,
        }
    }

    /// With the grants that allow an operation, which are those that `allow` picks.
    pub(super) fn with_grants_that(&self, requirement: Requirement, allow: impl Fn(&Grant) -> bool) -> Requirement {
        let Some(Facts { grants, .. }) = &self.facts else { return requirement };
        let grantees: Vec<_> = grants.iter().filter(|own| allow(own)).map(|own| own.grantee.as_str()).collect();
        match grant::policy(&requirement.action, &grantees) {
            Some(policy) => requirement.granted(policy),
            None => requirement,
        }
    }

    fn with_grants(
        &self, requirement: Requirement, operation: &str, context: Option<&EncryptionContext>,
    ) -> Requirement {
        self.with_grants_that(requirement, |grant| grant.allows(operation, context))
    }

    /// Without the grants.
    pub(super) fn bare(&self, caller: &Caller, operation: &str) -> Requirement {
        let requirement =
            Requirement::new(format!("kms:{operation}"), self.arn.clone()).owned_by(self.scope.account.clone());
        let requirement = caller_account(requirement, caller);
        let requirement = match &self.alias {
            Some(alias) => requirement.with("kms:RequestAlias", alias.as_str()),
            None => requirement,
        };
        match &self.facts {
            Some(facts) => facts.add_to(requirement),
            // Whoever may do it with any key of the account is told that there is no such key.
            None if self.is_own(caller) => requirement.under(policy::delegating(&self.scope.account)),
            None => requirement,
        }
    }

    /// The key as it is now.
    pub(super) fn key(
        &self, _allowed: &Authorized, caller: &Caller, connection: &Connection,
    ) -> Result<StoredKey, Fault> {
        let stored = match self.facts {
            Some(_) => StoredKey::by_arn(connection, caller.now, &self.arn)?,
            None => None,
        };
        stored.ok_or_else(|| Fault::NoKey(self.arn.clone()))
    }

    /// The key as it is now, if it can be used.
    pub(super) fn usable(&self, allowed: &Authorized, caller: &Caller, connection: &Connection) -> Result<Key, Fault> {
        let key = self.key(allowed, caller, connection)?.key;
        key.check_usable(caller.now)?;
        Ok(key)
    }
}

impl Facts {
    fn add_to(&self, requirement: Requirement) -> Requirement {
        let Key { spec, usage, origin, multi_region, tags, region, .. } = &self.key;
        let mut requirement = requirement
            .under(Arc::clone(&self.policy))
            .with("kms:KeySpec", spec.as_str())
            .with("kms:KeyUsage", usage.as_str())
            .with("kms:KeyOrigin", origin.as_str())
            .with("kms:CustomerMasterKeySpec", spec.as_str())
            .with("kms:CustomerMasterKeyUsage", usage.as_str())
            .with("kms:MultiRegion", multi_region.is_some().to_string())
            .with_many("kms:ResourceAliases", self.aliases.iter().map(String::as_str));
        if let Some(own) = multi_region {
            let kind = if own.primary == *region { "PRIMARY" } else { "REPLICA" };
            requirement =
                requirement.with("kms:MultiRegionKeyType", kind).with("kms:PrimaryRegion", own.primary.as_str());
        }
        for (key, value) in tags {
            requirement = requirement.with(&format!("aws:ResourceTag/{key}"), value.as_str());
        }
        requirement
    }
}

/// With the account of whoever asks.
pub(super) fn caller_account(requirement: Requirement, caller: &Caller) -> Requirement {
    match caller.principal.account() {
        Some(account) => requirement.with("kms:CallerAccount", account.as_str()),
        None => requirement,
    }
}

/// An account's root user, by its ARN.
pub(super) fn root_arn(account: &sidegate_model::AccountId) -> String {
    Principal::Root(Account::from(account.clone())).to_string()
}

/// A policy that is made here, of whatever is known to be one.
pub(super) fn made(text: &str) -> Policy {
    Policy::parse(text, PolicyType::Key).unwrap_or_else(|error| {
        tracing::error!(%error, "a policy that was made for a key is none, and so denies everything");
        Policy::denying()
    })
}
