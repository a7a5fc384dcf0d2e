//! `CreateAlias`, `UpdateAlias`, `DeleteAlias` and `ListAliases`

use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::fault::Fault;
use super::id::{Takes, alias_arn};
use super::key::Key;
use super::operation::{Done, Operation, Prepared};
use super::page::{Paging, limit};
use super::store::{Alias, Store, StoredKey};
use super::subject::{Subject, caller_account};
use crate::asked::seconds;
use crate::constraint::{characters, length, required};
use crate::{Authorized, Caller};

/// The most aliases of a key.
///
/// Source: KMS developer guide, "Resource quotas".
const MOST: usize = 50;

/// The name of an alias that a request may change.
fn checked(name: Option<String>) -> Result<String, Fault> {
    let name = required("aliasName", name)?;
    length("aliasName", &name, 1, 256)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || ":/_-".contains(c);
    characters("aliasName", &name, "^[a-zA-Z0-9:/_-]+$", allowed)?;
    match name.strip_prefix("alias/") {
        None | Some("") => Err(Fault::Validation("Invalid identifier".to_owned())),
        Some(rest) if rest.contains(':') => {
            Err(Fault::Validation(format!("{name} contains invalid characters for an alias")))
        }
        Some(rest) if rest.starts_with("aws/") => Err(Fault::NotAuthorized(String::new())),
        Some(_) => Ok(name),
    }
}

/// The key that an alias is to be of: one of the caller's account, by its id or ARN.
fn target(caller: &Caller, store: &Store, key_id: Option<&str>) -> Result<Subject, Fault> {
    let key_id = required("targetKeyId", key_id)?;
    if key_id.starts_with("alias/") || key_id.contains(":alias/") {
        return Err(Fault::Validation("Aliases must refer to keys. Not aliases".to_owned()));
    }
    Subject::find_as(caller, store, "targetKeyId", Some(key_id), Takes::Keys)
}

/// What has to be allowed for an operation on an alias itself. An alias has no policy of its own.
fn of_alias(caller: &Caller, operation: &str, name: &str) -> Requirement {
    let requirement = Requirement::new(format!("kms:{operation}"), alias_arn(&caller.scope, name));
    caller_account(requirement, caller)
}

/// `CreateAlias`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateAlias {
    alias_name: Option<String>,
    target_key_id: Option<String>,
}

impl Operation for CreateAlias {
    const NAME: &'static str = "CreateAlias";
    type Ready = (String, Subject);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let name = checked(self.alias_name)?;
        let subject = target(caller, store, self.target_key_id.as_deref())?;
        let requirements = vec![of_alias(caller, Self::NAME, &name), subject.requirement_at_home(caller, Self::NAME)];
        Ok(Prepared { ready: (name, subject), requirements })
    }

    fn act((name, subject): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let key = subject.key(allowed, caller, transaction)?.key;
            key.check_own()?;
            key.check_kept(caller.now)?;
            let scope = &caller.scope;
            if Alias::find(transaction, scope.account.as_str(), scope.region.as_str(), &name)?.is_some() {
                return Err(Fault::AliasTaken(alias_arn(scope, &name)));
            }
            check_count(transaction, subject.arn())?;
            let (created, updated) = (caller.now, caller.now);
            Alias { name, key: subject.arn().to_owned(), created, updated }.write(transaction, scope)?;
            Ok(Done {})
        })
    }
}

fn check_count(connection: &rusqlite::Connection, key: &str) -> Result<(), Fault> {
    if Alias::names_of(connection, key)?.len() < MOST {
        return Ok(());
    }
    Err(Fault::LimitExceeded(format!("A key can have at most {MOST} aliases.")))
}

/// An alias that is there.
fn existing(store: &Store, scope: &Scope, name: &str) -> Result<Alias, Fault> {
    let found =
        store.read(|connection| Alias::find(connection, scope.account.as_str(), scope.region.as_str(), name))?;
    found.ok_or_else(|| Fault::NoAlias(alias_arn(scope, name)))
}

/// The key of an alias.
fn key_of(caller: &Caller, store: &Store, alias: &Alias) -> Result<Subject, Fault> {
    Subject::find(caller, store, Some(&alias.key))
}

/// Whether an alias of one key can become one of the other: both have to be symmetric, asymmetric or of HMAC, and have
/// the same use.
///
/// Source: API reference, "UpdateAlias".
fn is_alike(one: &Key, other: &Key) -> bool {
    let kind = |key: &Key| (key.spec.is_asymmetric(), key.spec.is_hmac(), key.usage);
    kind(one) == kind(other)
}

/// `UpdateAlias`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateAlias {
    alias_name: Option<String>,
    target_key_id: Option<String>,
}

impl Operation for UpdateAlias {
    const NAME: &'static str = "UpdateAlias";
    type Ready = (String, Subject, Subject);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let name = checked(self.alias_name)?;
        let subject = target(caller, store, self.target_key_id.as_deref())?;
        let before = key_of(caller, store, &existing(store, &caller.scope, &name)?)?;
        let requirements = vec![
            of_alias(caller, Self::NAME, &name),
            before.requirement_at_home(caller, Self::NAME),
            subject.requirement_at_home(caller, Self::NAME),
        ];
        Ok(Prepared { ready: (name, before, subject), requirements })
    }

    fn act(
        (name, before, subject): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Done, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let scope = &caller.scope;
            let alias = Alias::find(transaction, scope.account.as_str(), scope.region.as_str(), &name)?
                .filter(|alias| alias.key == before.arn())
                .ok_or_else(|| Fault::NoAlias(alias_arn(scope, &name)))?;
            let key = subject.key(allowed, caller, transaction)?.key;
            key.check_own()?;
            key.check_kept(caller.now)?;
            if let Some(StoredKey { key: old, .. }) = StoredKey::by_arn(transaction, caller.now, &alias.key)?
                && !is_alike(&old, &key)
            {
                return Err(Fault::Validation(
                    "The KMS key of an alias and its new one must be of the same type and have the same key usage."
                        .to_owned(),
                ));
            }
            if alias.key != subject.arn() {
                check_count(transaction, subject.arn())?;
            }
            Alias { key: subject.arn().to_owned(), updated: caller.now, ..alias }.write(transaction, scope)?;
            Ok(Done {})
        })
    }
}

/// `DeleteAlias`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteAlias {
    alias_name: Option<String>,
}

impl Operation for DeleteAlias {
    const NAME: &'static str = "DeleteAlias";
    type Ready = (String, Subject);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let name = checked(self.alias_name)?;
        let subject = key_of(caller, store, &existing(store, &caller.scope, &name)?)?;
        let requirements = vec![of_alias(caller, Self::NAME, &name), subject.requirement_at_home(caller, Self::NAME)];
        Ok(Prepared { ready: (name, subject), requirements })
    }

    fn act((name, subject): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        store.free(allowed, caller.now, |transaction| {
            // It may have gone to another key meanwhile, about which nobody was asked.
            let scope = &caller.scope;
            let alias = Alias::find(transaction, scope.account.as_str(), scope.region.as_str(), &name)?
                .filter(|alias| alias.key == subject.arn());
            if alias.is_some() && Alias::remove(transaction, &caller.scope, &name)? {
                return Ok(Done {});
            }
            Err(Fault::NoAlias(alias_arn(&caller.scope, &name)))
        })
    }
}

/// `ListAliases`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListAliases {
    key_id: Option<String>,
    limit: Option<i64>,
    marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Aliases {
    aliases: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    alias_name: String,
    alias_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_key_id: Option<String>,
    creation_date: f64,
    last_updated_date: f64,
}

impl Operation for ListAliases {
    const NAME: &'static str = "ListAliases";
    type Ready = (Option<Subject>, Paging);
    type Answer = Aliases;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let limit = limit(self.limit, 100, 50)?;
        let find = |id: &str| Subject::find(caller, store, Some(id));
        let subject = self.key_id.as_deref().map(find).transpose()?;
        let key = subject.as_ref().map(Subject::arn);
        let context = serde_json::to_string(&(Self::NAME, &caller.scope, key))?;
        let paging = Paging::of(&store.vault, context, limit, self.marker.as_deref())?;
        // Source: API reference, "ListAliases": the permission is one of an IAM policy, on no resource.
        let requirement = caller_account(Requirement::new("kms:ListAliases", "*"), caller);
        Ok(Prepared::one((subject, paging), requirement))
    }

    fn act(
        (subject, paging): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Aliases, Fault> {
        let aliases = store.read(|connection| {
            if let Some(subject) = &subject {
                if !subject.is_own(caller) {
                    return Err(Fault::NoKey(subject.arn().to_owned()));
                }
                subject.key(allowed, caller, connection)?;
            }
            let key = subject.as_ref().map(Subject::arn);
            Alias::after(connection, &caller.scope, key, &paging.after, paging.limit + 1)
        })?;
        let page = paging.page(&store.vault, aliases, |alias| &alias.name)?;
        let entry = |alias: Alias| Entry {
            alias_arn: alias_arn(&caller.scope, &alias.name),
            target_key_id: alias.key.rsplit_once('/').map(|(_, id)| id.to_owned()),
            alias_name: alias.name,
            creation_date: seconds(alias.created),
            last_updated_date: seconds(alias.updated),
        };
        let truncated = page.next.is_some();
        Ok(Aliases { aliases: page.items.into_iter().map(entry).collect(), next_marker: page.next, truncated })
    }
}
