//! The store: keys, materials, aliases and grants in one SQLite file, with the materials encrypted.

mod materials;
mod rows;

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Transaction};
use sidegate_model::Scope;

pub(super) use materials::{MaterialRow, RotationType};
pub(super) use rows::{Alias, StoredKey};

use super::fault::Fault;
use super::id::MaterialId;
use super::material::Material;
use crate::Authorized;
use crate::database::{Database, Form, OpenError};
use crate::iam::Names;
use crate::reserve::Reserve;
use crate::vault::Vault;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS key (
    arn TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL, about TEXT NOT NULL,
    policy TEXT NOT NULL, gone INTEGER, due INTEGER, UNIQUE (account, region, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS key_gone ON key (gone) WHERE gone IS NOT NULL;
CREATE INDEX IF NOT EXISTS key_due ON key (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS material (
    number INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL REFERENCES key (arn) ON DELETE CASCADE, id TEXT NOT NULL,
    created INTEGER NOT NULL, rotated INTEGER, kind TEXT, sealed BLOB, public BLOB, expires INTEGER, description TEXT,
    UNIQUE (arn, id)
);
CREATE INDEX IF NOT EXISTS material_expires ON material (expires) WHERE expires IS NOT NULL;
CREATE TABLE IF NOT EXISTS alias (
    account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
    key TEXT NOT NULL REFERENCES key (arn) ON DELETE CASCADE, created INTEGER NOT NULL, updated INTEGER NOT NULL,
    PRIMARY KEY (account, region, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alias_key ON alias (key);
CREATE TABLE IF NOT EXISTS grants (
    key TEXT NOT NULL REFERENCES key (arn) ON DELETE CASCADE, id TEXT NOT NULL, grantee TEXT NOT NULL, retiree TEXT,
    about TEXT NOT NULL, PRIMARY KEY (key, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS grants_grantee ON grants (key, grantee);
CREATE INDEX IF NOT EXISTS grants_retiree ON grants (retiree) WHERE retiree IS NOT NULL;
";

const FORM: Form = Form { name: "kms", of: "keys of KMS", steps: &[SCHEMA] };

/// The store of all accounts and Regions.
#[derive(Debug)]
pub(super) struct Store {
    database: Database,
    pub(super) vault: Vault,
    /// The names that policies of keys use.
    pub(super) names: Names,
}

impl Store {
    pub(super) fn open(directory: &Path, reserve: Arc<Reserve>, names: Names) -> Result<Arc<Self>, OpenError> {
        let (database, vault) = FORM.open(directory, reserve)?;
        Ok(Arc::new(Self { database, vault, names }))
    }

    /// One that knows these keys and aliases, and forgets them when it is dropped.
    pub(super) fn of(keys: &[StoredKey], aliases: &[(Alias, Scope)]) -> Result<Arc<Self>, Fault> {
        let database = Database::in_memory()?;
        let writer = database.writer();
        writer.execute_batch(SCHEMA)?;
        keys.iter().try_for_each(|key| key.insert(&writer))?;
        aliases.iter().try_for_each(|(alias, scope)| alias.write(&writer, scope))?;
        drop(writer);
        Ok(Arc::new(Self { database, vault: Vault::passing()?, names: Names::default() }))
    }

    /// Reads one state of the database, beside whoever writes. Blocks.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.database.read(read)
    }

    /// Writes in one transaction, which is durable when this returns. Keys whose time has come go first. Blocks.
    pub(super) fn write<T>(
        &self, _allowed: &Authorized, now: i64, write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.database.require().map_err(Fault::Full)?;
        self.transact(now, write)
    }

    /// Takes something away in the same way, also where the disk is full. What `write` finds is as it was if it is called
    /// a second time. Blocks.
    pub(super) fn free<T>(
        &self, _allowed: &Authorized, now: i64, write: impl Fn(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.database
            .free(|transaction| self.purge(transaction, now).and_then(|()| write(transaction)), Fault::is_disk_full)
    }

    /// Does what is due by now: what is to be gone goes, and what is to have new material gets it. Nobody is asked, since
    /// whoever wanted it was. Blocks.
    pub(super) fn settle(&self, now: i64) -> Result<(), Fault> {
        if !self.read(|connection| rows::is_anything_due(connection, now))? {
            return Ok(());
        }
        let settled = self.transact(now, |transaction| {
            for key in rows::due_for_rotation(transaction, now)? {
                self.rotate(transaction, key, now)?;
            }
            Ok(())
        });
        // What could be decrypted before still can be.
        settled.or_else(|fault| if fault.is_disk_full() { Ok(()) } else { Err(fault) })
    }

    /// Gives a key its next material by its own time table.
    fn rotate(&self, connection: &Connection, mut stored: StoredKey, now: i64) -> Result<(), Fault> {
        let Some(mut rotation) = stored.key.rotation else { return Ok(()) };
        if stored.key.check_usable(now).is_err() {
            // It is rotated as soon as it can be used.
            return stored.update(connection);
        }
        self.renew(connection, &mut stored, RotationType::Automatic, now)?;
        let period = i64::from(rotation.days) * super::key::DAY;
        while rotation.next <= now {
            rotation.next += period.max(super::key::DAY);
        }
        stored.key.rotation = Some(rotation);
        stored.update(connection)
    }

    /// Gives a key new material, which encrypts from now on. The keys that share its material get it as well.
    pub(super) fn renew(
        &self, connection: &Connection, stored: &mut StoredKey, kind: RotationType, now: i64,
    ) -> Result<(), Fault> {
        let material = Material::generate(stored.key.spec)?;
        let id = MaterialId::new()?;
        let related = stored.related(connection)?;
        for mut own in related {
            let arn = own.key.arn();
            let row = MaterialRow { rotated: Some((now, kind)), ..MaterialRow::new(&arn, id.clone(), now) };
            row.insert(connection, Some(&self.seal(&arn, &id, &material)?), material.public.as_deref())?;
            own.key.material = Some(id.clone());
            if own.key.region == stored.key.region {
                stored.key.material = Some(id.clone());
            } else {
                own.update(connection)?;
            }
        }
        Ok(())
    }

    fn transact<T>(&self, now: i64, write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.database.transact(|transaction| self.purge(transaction, now).and_then(|()| write(transaction)))
    }

    /// Destroys what is to be gone by now.
    fn purge(&self, transaction: &Transaction<'_>, now: i64) -> Result<(), Fault> {
        if rows::purge(transaction, now)? {
            self.erasing();
        }
        Ok(())
    }

    /// Notes that the transaction that is running destroys material: once it is durable, nothing of it is to be left
    /// in the files of the database.
    pub(super) fn erasing(&self) {
        self.database.erasing();
    }

    /// Encrypts the material of a key.
    pub(super) fn seal(&self, arn: &str, id: &MaterialId, material: &Material) -> Result<Vec<u8>, Fault> {
        Ok(self.vault.seal(&bound_to(arn, id), material.secret.clone())?)
    }

    /// Decrypts the material of a key; `None` if that is not there any longer.
    pub(super) fn material(
        &self, _allowed: &Authorized, connection: &Connection, arn: &str, id: &MaterialId, now: i64,
    ) -> Result<Option<Material>, Fault> {
        let Some(sealed) = MaterialRow::sealed(connection, arn, id, now)? else { return Ok(None) };
        let secret = self.vault.open_sealed(&bound_to(arn, id), sealed.secret).ok_or_else(|| {
            tracing::error!(arn, material = id.as_str(), "the material of a key is not what was encrypted");
            Fault::Material
        })?;
        Ok(Some(Material { secret, public: sealed.public }))
    }
}

/// What a material is encrypted for: a row that is moved elsewhere does not decrypt.
fn bound_to(arn: &str, id: &MaterialId) -> String {
    // No ARN has a line break in it.
    format!("{arn}\n{}", id.as_str())
}
