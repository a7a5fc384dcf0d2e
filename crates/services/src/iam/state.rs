//! What exists in IAM, as a value: the accounts with their users, groups, roles, policies, profiles and providers, and
//! the access keys and sessions of all accounts. It is copied by sharing; a command changes a copy, or refuses and leaves
//! a copy that is thrown away.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sidegate_model::AccountId;

use super::access_key::AccessKey;
use super::certificate::Certificate;
use super::credential_report::CredentialReport;
use super::fault::Fault;
use super::group::Group;
use super::instance_profile::InstanceProfile;
use super::mfa::MfaDevice;
use super::oidc::OidcProvider;
use super::policy::Policy;
use super::role::Role;
use super::saml::SamlProvider;
use super::session::Session;
use super::settings::Settings;
use super::ssh_key::SshKey;
use super::text::key;
use super::user::User;

/// Something that is stored in a row of its own.
pub(super) trait Row: Clone + Serialize + DeserializeOwned {
    /// What it is, as the store calls it.
    const KIND: &'static str;
    /// Whether it holds a secret, so that it is encrypted.
    const SEALED: bool = false;
}

/// Rows by their keys; copied by sharing, also after a change.
#[derive(Clone, Debug)]
pub(super) struct Table<T>(OrdMap<String, Shared<T>>);

/// A row, which is the same only where it is the same value in memory: what was changed is stored.
#[derive(Debug)]
struct Shared<T>(Arc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(OrdMap::new())
    }
}

impl<T: Clone> Table<T> {
    pub(super) fn get(&self, key: &str) -> Option<&T> {
        self.0.get(key).map(|row| &*row.0)
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values().map(|row| &*row.0)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(key, row)| (key.as_str(), &*row.0))
    }

    pub(super) fn insert(&mut self, key: String, row: T) {
        self.0.insert(key, Shared(Arc::new(row)));
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Arc<T>> {
        self.0.remove(key).map(|row| row.0)
    }

    pub(super) fn edit(&mut self, key: &str) -> Option<&mut T> {
        self.0.get_mut(key).map(|row| Arc::make_mut(&mut row.0))
    }

    /// What turns an earlier table into this one: each key with its row, or with none where it is gone. What both share
    /// is passed over.
    pub(super) fn since<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = (&'a str, Option<&'a T>)> {
        before.0.diff(&self.0).map(|item| match item {
            DiffItem::Add(key, row) | DiffItem::Update { new: (key, row), .. } => (key.as_str(), Some(&*row.0)),
            DiffItem::Remove(key, _) => (key.as_str(), None),
        })
    }
}

/// What exists in one account. Names are keys in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    pub(super) users: Table<User>,
    pub(super) groups: Table<Group>,
    pub(super) roles: Table<Role>,
    /// The customer managed policies.
    pub(super) policies: Table<Policy>,
    pub(super) profiles: Table<InstanceProfile>,
    /// By their ARNs.
    pub(super) oidc: Table<OidcProvider>,
    /// By their ARNs.
    pub(super) saml: Table<SamlProvider>,
    /// The virtual devices, by their serial numbers.
    pub(super) mfa: Table<MfaDevice>,
    /// The users' public keys for SSH, by their ids.
    pub(super) ssh_keys: Table<SshKey>,
    /// The server certificates.
    pub(super) certificates: Table<Certificate>,
    /// The last credential report: one row, with the empty key.
    pub(super) report: Table<CredentialReport>,
    /// The alias and the password policy: one row, with the empty key.
    pub(super) settings: Table<Settings>,
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) accounts: BTreeMap<AccountId, Account>,
    /// By their ids.
    pub(super) keys: Table<AccessKey>,
    /// By the ids of their access keys.
    pub(super) sessions: Table<Session>,
}

impl State {
    /// An account; one in which nothing was made yet is empty.
    pub(super) fn account(&self, id: &AccountId) -> Account {
        self.accounts.get(id).cloned().unwrap_or_default()
    }

    /// The account, to be changed.
    pub(super) fn account_mut(&mut self, id: &AccountId) -> &mut Account {
        self.accounts.entry(id.clone()).or_default()
    }
}

impl Account {
    pub(super) fn user(&self, name: &str) -> Result<&User, Fault> {
        self.users.get(&key(name)).ok_or_else(|| Fault::no_entity("user", name))
    }

    pub(super) fn user_mut(&mut self, name: &str) -> Result<&mut User, Fault> {
        self.users.edit(&key(name)).ok_or_else(|| Fault::no_entity("user", name))
    }

    pub(super) fn group(&self, name: &str) -> Result<&Group, Fault> {
        self.groups.get(&key(name)).ok_or_else(|| Fault::no_entity("group", name))
    }

    pub(super) fn group_mut(&mut self, name: &str) -> Result<&mut Group, Fault> {
        self.groups.edit(&key(name)).ok_or_else(|| Fault::no_entity("group", name))
    }

    pub(super) fn role(&self, name: &str) -> Result<&Role, Fault> {
        self.roles.get(&key(name)).ok_or_else(|| Fault::no_entity("role", name))
    }

    pub(super) fn role_mut(&mut self, name: &str) -> Result<&mut Role, Fault> {
        self.roles.edit(&key(name)).ok_or_else(|| Fault::no_entity("role", name))
    }

    /// A role that its owner may change: not one that a service owns.
    pub(super) fn own_role_mut(&mut self, name: &str) -> Result<&mut Role, Fault> {
        let role = self.role_mut(name)?;
        if role.service.is_some() { Err(Fault::ProtectedRole(role.name.clone())) } else { Ok(role) }
    }

    pub(super) fn profile(&self, name: &str) -> Result<&InstanceProfile, Fault> {
        self.profiles.get(&key(name)).ok_or_else(|| no_profile(name))
    }

    pub(super) fn profile_mut(&mut self, name: &str) -> Result<&mut InstanceProfile, Fault> {
        self.profiles.edit(&key(name)).ok_or_else(|| no_profile(name))
    }

    pub(super) fn settings(&self) -> Settings {
        self.settings.get("").cloned().unwrap_or_default()
    }

    pub(super) fn settings_mut(&mut self) -> &mut Settings {
        if !self.settings.contains("") {
            self.settings.insert(String::new(), Settings::default());
        }
        // It was just put there.
        #[expect(clippy::unwrap_used, reason = "the row exists")]
        self.settings.edit("").unwrap()
    }
}

fn no_profile(name: &str) -> Fault {
    Fault::NoSuchEntity(format!("Instance Profile {name} cannot be found."))
}
