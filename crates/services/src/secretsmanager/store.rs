//! The store: secrets, versions and labels in one SQLite file, with the values encrypted.

mod rotation;
mod rows;

use std::path::Path;
use std::sync::Arc;

use rusqlite::Transaction;
use sidegate_model::Scope;

pub(super) use rotation::{GoingOn, Rotation};
pub(super) use rows::{Deletion, ResourcePolicy, SealedValue, Secret, Tags, Version, VersionKey};

use super::fault::Fault;
use super::id::VersionId;
use super::key::DataKeys;
use super::value::SecretValue;
use crate::Authorized;
use crate::database::{Database, Form, OpenError};
use crate::iam::Names;
use crate::reserve::Reserve;
use crate::vault::Vault;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS secret (
    arn TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
    tags TEXT NOT NULL, created INTEGER NOT NULL, changed INTEGER NOT NULL, accessed INTEGER, deleted INTEGER,
    gone INTEGER, UNIQUE (account, region, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS secret_gone ON secret (gone) WHERE gone IS NOT NULL;
CREATE TABLE IF NOT EXISTS version (
    number INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL REFERENCES secret (arn) ON DELETE CASCADE,
    id TEXT NOT NULL, created INTEGER NOT NULL, accessed INTEGER, sealed BLOB NOT NULL, UNIQUE (arn, id)
);
CREATE TABLE IF NOT EXISTS label (
    arn TEXT NOT NULL, label TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (arn, label),
    FOREIGN KEY (arn, version) REFERENCES version (arn, id) ON DELETE CASCADE
) WITHOUT ROWID;
";

/// What layout 2 has and layout 1 has not.
const POLICIES: &str = "
CREATE TABLE IF NOT EXISTS policy (
    arn TEXT PRIMARY KEY REFERENCES secret (arn) ON DELETE CASCADE, document TEXT NOT NULL
) WITHOUT ROWID;
";

/// What layout 3 has and layout 2 has not.
const KEYS: &str = "
ALTER TABLE secret ADD COLUMN kms_key TEXT;
ALTER TABLE version ADD COLUMN key TEXT;
ALTER TABLE version ADD COLUMN wrapped BLOB;
";

const FORM: Form = Form { name: "secretsmanager", of: "secrets", steps: &[SCHEMA, POLICIES, KEYS, rotation::SCHEMA] };

/// The store of all accounts and Regions.
#[derive(Debug)]
pub(super) struct Store {
    database: Database,
    pub(super) vault: Vault,
    /// The names that policies of secrets use.
    pub(super) names: Names,
}

impl Store {
    pub(super) fn open(directory: &Path, reserve: Arc<Reserve>, names: Names) -> Result<Arc<Self>, OpenError> {
        let (database, vault) = FORM.open(directory, reserve)?;
        Ok(Arc::new(Self { database, vault, names }))
    }

    /// One that knows these secrets and forgets them when it is dropped.
    pub(super) fn of(secrets: &[(Secret, Scope)]) -> Result<Arc<Self>, Fault> {
        let database = Database::in_memory()?;
        let writer = database.writer();
        writer.execute_batch(&[SCHEMA, POLICIES, KEYS, rotation::SCHEMA].concat())?;
        secrets.iter().try_for_each(|(secret, scope)| secret.insert(&writer, scope))?;
        drop(writer);
        Ok(Arc::new(Self { database, vault: Vault::passing()?, names: Names::default() }))
    }

    /// Reads one state of the database, beside whoever writes. Blocks.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.database.read(read)
    }

    /// Writes in one transaction, which is durable when this returns. Secrets whose time has come go first. Blocks.
    pub(super) fn write<T>(
        &self, _allowed: &Authorized, now: i64, write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.database.require().map_err(Fault::Full)?;
        self.transact(now, write)
    }

    /// Takes something away, or notes something, in the same way, also where the disk is full. What `write` finds is as it
    /// was if it is called a second time. Blocks.
    pub(super) fn free<T>(
        &self, _allowed: &Authorized, now: i64, write: impl Fn(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.database
            .free(|transaction| self.purge(transaction, now).and_then(|()| write(transaction)), Fault::is_disk_full)
    }

    /// Writes what is due by now, in one transaction. Nobody is asked, since whoever wanted it was. Blocks.
    pub(super) fn upkeep<T>(
        &self, now: i64, write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.transact(now, write)
    }

    /// Destroys the secrets whose time has come. Blocks.
    pub(super) fn settle(&self, now: i64) -> Result<(), Fault> {
        if !self.read(|connection| rows::is_anything_gone(connection, now))? {
            return Ok(());
        }
        self.database.free(|transaction| self.purge(transaction, now), Fault::is_disk_full)
    }

    fn transact<T>(&self, now: i64, write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.database.transact(|transaction| self.purge(transaction, now).and_then(|()| write(transaction)))
    }

    fn purge(&self, transaction: &Transaction<'_>, now: i64) -> Result<(), Fault> {
        if rows::purge(transaction, now)? {
            self.erasing();
        }
        Ok(())
    }

    /// Notes that the transaction that is running destroys values: once it is durable, nothing of them is to be left in
    /// the files of the database.
    pub(super) fn erasing(&self) {
        self.database.erasing();
    }

    /// Encrypts the value of a new version, under its data key if there is KMS.
    pub(super) fn seal(
        &self, arn: &str, id: &VersionId, value: &SecretValue, keys: &DataKeys,
    ) -> Result<SealedValue, Fault> {
        let (bound_to, plain) = (bound_to(arn, id), value.to_plain());
        match keys.new_version() {
            None => Ok(SealedValue { sealed: self.vault.seal(&bound_to, plain)?, key: None }),
            Some(data_key) => {
                let vault = Vault::of_key(&data_key.plaintext).ok_or(Fault::Unencryptable)?;
                let key = VersionKey { arn: data_key.key.clone(), wrapped: data_key.ciphertext.clone() };
                Ok(SealedValue { sealed: vault.seal(&bound_to, plain)?, key: Some(key) })
            }
        }
    }

    /// Decrypts the value of a version.
    pub(super) fn unseal(
        &self, _allowed: &Authorized, arn: &str, version: &Version, keys: &DataKeys,
    ) -> Result<SecretValue, Fault> {
        let (bound_to, sealed) = (bound_to(arn, &version.id), version.sealed.clone());
        let plain = match &version.key {
            None => self.vault.open_sealed(&bound_to, sealed),
            Some(_) => Vault::of_key(keys.of(arn, &version.id)?).and_then(|own| own.open_sealed(&bound_to, sealed)),
        };
        plain.as_deref().and_then(SecretValue::from_plain).ok_or_else(|| {
            tracing::error!(arn, version = version.id.as_str(), "a secret value is not what was encrypted");
            Fault::Undecryptable
        })
    }
}

/// What a value is encrypted for: a row that is moved elsewhere does not decrypt.
fn bound_to(arn: &str, id: &VersionId) -> String {
    // No ARN has a line break in it.
    format!("{arn}\n{}", id.as_str())
}
