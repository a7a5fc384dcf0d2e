//! The store: a row for each entity in one SQLite file. Rows with a secret are encrypted.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use sidegate_model::AccountId;

use super::directory::LastUse;
use super::fault::Fault;
use super::state::{Account, Row, State, Table};
use crate::reserve::{self, Reserve};
use crate::vault::{self, KeyError, NoRandomness, Vault, VaultError, private_file};

/// The layout that this program writes.
const LAYOUT: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS entity (
    account TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (account, kind, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS used (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
";

/// Why the identities cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Their directory cannot be read or written.
    #[error("cannot use the directory of the identities")]
    Directory(#[from] io::Error),
    /// Their database cannot be opened.
    #[error("cannot open the database of the identities")]
    Database(#[from] rusqlite::Error),
    /// Their database is from a later version of Sidegate.
    #[error("the database of the identities has layout {found}, and this version of Sidegate knows {LAYOUT}")]
    Layout {
        /// The layout that it has.
        found: i64,
    },
    /// There is no key to encrypt access keys with.
    #[error("there is no key for the database of the identities")]
    Key(#[from] KeyError),
    /// A row is not what Sidegate writes.
    #[error("the database of the identities has a {kind} `{key}` that cannot be read")]
    Row {
        /// What it is.
        kind: String,
        /// Which.
        key: String,
    },
}

/// Why the identities cannot be changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database refused.
    #[error("cannot use the database of the identities")]
    Database(#[from] rusqlite::Error),
    /// The disk is full.
    #[error("there is no room for the identities")]
    Full(#[source] io::Error),
    /// A row cannot be written.
    #[error("an identity cannot be written")]
    Unwritable(#[from] serde_json::Error),
    /// Nothing can be encrypted.
    #[error("the system has no randomness to give")]
    NoRandomness,
    /// What was to be changed is not there.
    #[error("an identity cannot be read")]
    Unreadable,
}

impl From<NoRandomness> for StoreError {
    fn from(_: NoRandomness) -> Self {
        Self::NoRandomness
    }
}

impl StoreError {
    pub(super) fn is_disk_full(&self) -> bool {
        match self {
            Self::Database(error) => reserve::database_is_full(error),
            Self::Full(_) => true,
            _ => false,
        }
    }
}

/// The store of all accounts.
pub(super) struct Store {
    writer: Mutex<Connection>,
    reserve: Arc<Reserve>,
    vault: Vault,
}

/// The turn of one change.
pub(super) struct Writer<'a> {
    connection: MutexGuard<'a, Connection>,
    vault: &'a Vault,
}

type Opened = (Store, State, BTreeMap<String, LastUse>);

impl Store {
    /// Opens the store, and reads everything.
    pub(super) fn open(dir: &Path, reserve: Arc<Reserve>) -> Result<Opened, OpenError> {
        let path = dir.join("iam.sqlite");
        private_file(dir, &path)?;
        let connection = connect(&path)?;
        match connection.pragma_query_value(None, "user_version", |row| row.get(0))? {
            // Nothing is written, so that a full disk does not keep it from being opened.
            LAYOUT => {}
            0 => {
                connection.execute_batch(SCHEMA)?;
                connection.execute_batch(vault::SCHEMA)?;
                connection.pragma_update(None, "user_version", LAYOUT)?;
            }
            found => return Err(OpenError::Layout { found }),
        }
        let vault = Vault::of(&connection, &dir.join("iam.key")).map_err(|error| match error {
            VaultError::Key(error) => OpenError::Key(error),
            VaultError::Database(error) => OpenError::Database(error),
        })?;
        let state = read(&connection, &vault)?;
        let uses = read_uses(&connection)?;
        Ok((Self { writer: Mutex::new(connection), reserve, vault }, state, uses))
    }

    pub(super) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Whether there is room for what adds.
    pub(super) fn require(&self) -> Result<(), StoreError> {
        self.reserve.require().map_err(StoreError::Full)
    }

    /// Does what takes away, with what is set aside where the disk is full.
    pub(super) fn freeing<T>(&self, work: impl FnMut() -> Result<T, Fault>) -> Result<T, Fault> {
        let settle = || drop(self.writer().connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        self.reserve.freeing(work, Fault::is_disk_full, settle)
    }

    /// Waits for one's turn to write.
    pub(super) fn writer(&self) -> Writer<'_> {
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        Writer { connection, vault: &self.vault }
    }
}

impl Writer<'_> {
    /// Makes the database from what it was before to what it is after, in one transaction.
    pub(super) fn save(&mut self, before: &State, after: &State) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let rows = Rows { transaction: &transaction, vault: self.vault };
        let none = Account::default();
        for (id, new) in &after.accounts {
            let old = before.accounts.get(id).unwrap_or(&none);
            let account = id.as_str();
            rows.save(account, &old.users, &new.users)?;
            rows.save(account, &old.groups, &new.groups)?;
            rows.save(account, &old.roles, &new.roles)?;
            rows.save(account, &old.policies, &new.policies)?;
            rows.save(account, &old.profiles, &new.profiles)?;
            rows.save(account, &old.oidc, &new.oidc)?;
            rows.save(account, &old.saml, &new.saml)?;
            rows.save(account, &old.mfa, &new.mfa)?;
            rows.save(account, &old.ssh_keys, &new.ssh_keys)?;
            rows.save(account, &old.certificates, &new.certificates)?;
            rows.save(account, &old.report, &new.report)?;
            rows.save(account, &old.settings, &new.settings)?;
        }
        rows.save("", &before.keys, &after.keys)?;
        rows.save("", &before.sessions, &after.sessions)?;
        transaction.commit()?;
        Ok(())
    }

    /// Notes a use.
    pub(super) fn note_use(&self, used: &str, last: &LastUse) -> Result<(), StoreError> {
        let body = serde_json::to_string(last)?;
        self.connection.execute("INSERT OR REPLACE INTO used (key, body) VALUES (?1, ?2)", [used, &body])?;
        Ok(())
    }
}

struct Rows<'a> {
    transaction: &'a Transaction<'a>,
    vault: &'a Vault,
}

impl Rows<'_> {
    fn save<T: Row>(&self, account: &str, before: &Table<T>, after: &Table<T>) -> Result<(), StoreError> {
        for (key, row) in after.since(before) {
            match row {
                None => {
                    let delete = "DELETE FROM entity WHERE account = ?1 AND kind = ?2 AND key = ?3";
                    self.transaction.prepare_cached(delete)?.execute((account, T::KIND, key))?;
                    self.transaction.prepare_cached("DELETE FROM used WHERE key = ?1")?.execute([key])?;
                }
                Some(row) => {
                    let mut body = serde_json::to_vec(row)?;
                    if T::SEALED {
                        body = self.vault.seal(&bound_to(account, T::KIND, key), body)?;
                    }
                    let put = "INSERT OR REPLACE INTO entity (account, kind, key, body) VALUES (?1, ?2, ?3, ?4)";
                    self.transaction.prepare_cached(put)?.execute((account, T::KIND, key, body))?;
                }
            }
        }
        Ok(())
    }
}

/// What a row is encrypted for: one that is moved elsewhere does not decrypt.
fn bound_to(account: &str, kind: &str, key: &str) -> String {
    format!("{account}\n{kind}\n{key}")
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

/// A row as it lies in the database.
struct Found {
    account: String,
    kind: String,
    key: String,
    body: Vec<u8>,
}

fn read(connection: &Connection, vault: &Vault) -> Result<State, OpenError> {
    let mut state = State::default();
    let mut select = connection.prepare("SELECT account, kind, key, body FROM entity")?;
    let rows = select.query_map([], |row| {
        Ok(Found { account: row.get(0)?, kind: row.get(1)?, key: row.get(2)?, body: row.get(3)? })
    })?;
    for row in rows {
        let row = row?;
        let (kind, key) = (row.kind.clone(), row.key.clone());
        put(&mut state, vault, row).ok_or(OpenError::Row { kind, key })?;
    }
    Ok(state)
}

/// Puts a row into its table; `None` if it cannot be read.
fn put(state: &mut State, vault: &Vault, row: Found) -> Option<()> {
    match row.kind.as_str() {
        kind if kind == super::access_key::AccessKey::KIND => return into(&mut state.keys, vault, row),
        kind if kind == super::session::Session::KIND => return into(&mut state.sessions, vault, row),
        _ => {}
    }
    let id: AccountId = row.account.parse().ok()?;
    let account = state.account_mut(&id);
    match row.kind.as_str() {
        kind if kind == super::user::User::KIND => into(&mut account.users, vault, row),
        kind if kind == super::group::Group::KIND => into(&mut account.groups, vault, row),
        kind if kind == super::role::Role::KIND => into(&mut account.roles, vault, row),
        kind if kind == super::policy::Policy::KIND => into(&mut account.policies, vault, row),
        kind if kind == super::instance_profile::InstanceProfile::KIND => into(&mut account.profiles, vault, row),
        kind if kind == super::oidc::OidcProvider::KIND => into(&mut account.oidc, vault, row),
        kind if kind == super::saml::SamlProvider::KIND => into(&mut account.saml, vault, row),
        kind if kind == super::mfa::MfaDevice::KIND => into(&mut account.mfa, vault, row),
        kind if kind == super::ssh_key::SshKey::KIND => into(&mut account.ssh_keys, vault, row),
        kind if kind == super::certificate::Certificate::KIND => into(&mut account.certificates, vault, row),
        kind if kind == super::credential_report::CredentialReport::KIND => into(&mut account.report, vault, row),
        kind if kind == super::settings::Settings::KIND => into(&mut account.settings, vault, row),
        _ => None,
    }
}

fn into<T: Row>(table: &mut Table<T>, vault: &Vault, row: Found) -> Option<()> {
    let body =
        if T::SEALED { vault.open_sealed(&bound_to(&row.account, &row.kind, &row.key), row.body)? } else { row.body };
    table.insert(row.key, serde_json::from_slice(&body).ok()?);
    Some(())
}

fn read_uses(connection: &Connection) -> Result<BTreeMap<String, LastUse>, OpenError> {
    let mut select = connection.prepare("SELECT key, body FROM used")?;
    let rows = select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut uses = BTreeMap::new();
    for row in rows {
        let (key, body) = row?;
        if let Ok(last) = serde_json::from_str(&body) {
            uses.insert(key, last);
        }
    }
    Ok(uses)
}
