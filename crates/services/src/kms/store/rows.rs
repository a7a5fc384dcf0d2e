//! The rows of the database. Every function here runs in the transaction that it is given.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::de::DeserializeOwned;
use sidegate_model::Scope;

use crate::kms::fault::Fault;
use crate::kms::grant::Grant;
use crate::kms::id::KeyId;
use crate::kms::key::{DAY, Key};

use super::materials;

/// A key with its policy, as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredKey {
    pub(in crate::kms) key: Key,
    pub(in crate::kms) policy: String,
}

const KEY: &str = "SELECT about, policy FROM key WHERE (gone IS NULL OR gone > ?1)";

impl StoredKey {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { key: json(row, 0)?, policy: row.get(1)? })
    }

    /// The key with this ARN, if it is not gone by now.
    pub(in crate::kms) fn by_arn(connection: &Connection, now: i64, arn: &str) -> Result<Option<Self>, Fault> {
        let mut statement = connection.prepare_cached(&format!("{KEY} AND arn = ?2"))?;
        Ok(statement.query_row(params![now, arn], Self::read).optional()?)
    }

    /// The keys of an account in a Region that follow an id, in the order of their ids.
    pub(in crate::kms) fn ids(
        connection: &Connection, now: i64, scope: &Scope, after: &str, most: usize,
    ) -> Result<Vec<KeyId>, Fault> {
        let query = "SELECT id FROM key WHERE (gone IS NULL OR gone > ?1) AND account = ?2 AND region = ?3 AND id > ?4
            ORDER BY id LIMIT ?5";
        let mut statement = connection.prepare_cached(query)?;
        let place = params![now, scope.account.as_str(), scope.region.as_str(), after, limit(most)];
        let rows = statement.query_map(place, |row| row.get(0).map(KeyId::stored))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many keys an account has in a Region that it manages itself.
    pub(in crate::kms) fn count(connection: &Connection, scope: &Scope) -> Result<i64, Fault> {
        let query = "SELECT count(*) FROM key WHERE account = ?1 AND region = ?2";
        let mut statement = connection.prepare_cached(query)?;
        Ok(statement.query_row([scope.account.as_str(), scope.region.as_str()], |row| row.get(0))?)
    }

    pub(in crate::kms) fn insert(&self, connection: &Connection) -> Result<(), Fault> {
        let Key { account, region, id, .. } = &self.key;
        connection
            .prepare_cached(
                "INSERT INTO key (arn, account, region, id, about, policy) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                self.key.arn(),
                account,
                region,
                id.as_str(),
                serde_json::to_string(&self.key)?,
                self.policy
            ])?;
        self.update(connection)
    }

    /// Writes what may change.
    pub(in crate::kms) fn update(&self, connection: &Connection) -> Result<(), Fault> {
        let gone = self.key.deletion.and_then(|deletion| deletion.gone);
        // While it cannot be used, nothing is due, however late it is. Source: KMS developer guide, "Rotate AWS KMS
        // keys": what was missed while it was disabled or pending deletion is made up for as soon as it is neither.
        let is_rotated = self.key.enabled && self.key.deletion.is_none();
        let due = self.key.rotation.filter(|_| is_rotated).map(|rotation| rotation.next);
        connection
            .prepare_cached("UPDATE key SET about = ?2, policy = ?3, gone = ?4, due = ?5 WHERE arn = ?1")?
            .execute(params![self.key.arn(), serde_json::to_string(&self.key)?, self.policy, gone, due])?;
        Ok(())
    }

    /// The key itself, and those in other Regions that have the same material.
    pub(in crate::kms) fn related(&self, connection: &Connection) -> Result<Vec<Self>, Fault> {
        if self.key.multi_region.is_none() {
            return Ok(vec![self.clone()]);
        }
        let query = "SELECT about, policy FROM key WHERE account = ?1 AND id = ?2 ORDER BY region";
        let mut statement = connection.prepare_cached(query)?;
        let rows = statement.query_map(params![self.key.account, self.key.id.as_str()], Self::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// An alias.
#[derive(Clone, Debug)]
pub(crate) struct Alias {
    /// With the `alias/` before it.
    pub(in crate::kms) name: String,
    /// The ARN of its key.
    pub(in crate::kms) key: String,
    pub(in crate::kms) created: i64,
    pub(in crate::kms) updated: i64,
}

const ALIAS: &str = "SELECT name, key, created, updated FROM alias WHERE account = ?1 AND region = ?2";

impl Alias {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { name: row.get(0)?, key: row.get(1)?, created: row.get(2)?, updated: row.get(3)? })
    }

    pub(in crate::kms) fn find(
        connection: &Connection, account: &str, region: &str, name: &str,
    ) -> Result<Option<Self>, Fault> {
        let mut statement = connection.prepare_cached(&format!("{ALIAS} AND name = ?3"))?;
        Ok(statement.query_row([account, region, name], Self::read).optional()?)
    }

    /// The aliases of an account in a Region that follow a name, in their order; those of one key if it is given.
    pub(in crate::kms) fn after(
        connection: &Connection, scope: &Scope, key: Option<&str>, after: &str, most: usize,
    ) -> Result<Vec<Self>, Fault> {
        let query = format!("{ALIAS} AND name > ?3 AND (?4 IS NULL OR key = ?4) ORDER BY name LIMIT ?5");
        let mut statement = connection.prepare_cached(&query)?;
        let place = params![scope.account.as_str(), scope.region.as_str(), after, key, limit(most)];
        let rows = statement.query_map(place, Self::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The names of the aliases of a key.
    pub(in crate::kms) fn names_of(connection: &Connection, key: &str) -> Result<Vec<String>, Fault> {
        let mut statement = connection.prepare_cached("SELECT name FROM alias WHERE key = ?1 ORDER BY name")?;
        let rows = statement.query_map([key], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(in crate::kms) fn write(&self, connection: &Connection, scope: &Scope) -> Result<(), Fault> {
        connection.prepare_cached("INSERT OR REPLACE INTO alias VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
            scope.account.as_str(),
            scope.region.as_str(),
            self.name,
            self.key,
            self.created,
            self.updated
        ])?;
        Ok(())
    }

    pub(in crate::kms) fn remove(connection: &Connection, scope: &Scope, name: &str) -> Result<bool, Fault> {
        let mut statement =
            connection.prepare_cached("DELETE FROM alias WHERE account = ?1 AND region = ?2 AND name = ?3")?;
        Ok(statement.execute([scope.account.as_str(), scope.region.as_str(), name])? > 0)
    }
}

impl Grant {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        json(row, 0)
    }

    /// The grants of a key to any of these principals.
    pub(in crate::kms) fn to(connection: &Connection, key: &str, grantees: &[String]) -> Result<Vec<Self>, Fault> {
        let mut found = Vec::new();
        let mut statement = connection.prepare_cached("SELECT about FROM grants WHERE key = ?1 AND grantee = ?2")?;
        for grantee in grantees {
            let rows = statement.query_map([key, grantee], Self::read)?;
            found.extend(rows.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(found)
    }

    pub(in crate::kms) fn find(connection: &Connection, key: &str, id: &str) -> Result<Option<Self>, Fault> {
        let mut statement = connection.prepare_cached("SELECT about FROM grants WHERE key = ?1 AND id = ?2")?;
        Ok(statement.query_row([key, id], Self::read).optional()?)
    }

    /// The grants of a key that follow an id, in the order of their ids; the one with an id, or those to somebody, if
    /// given.
    pub(in crate::kms) fn after(
        connection: &Connection, key: &str, (id, grantee): (Option<&str>, Option<&str>), after: &str, most: usize,
    ) -> Result<Vec<Self>, Fault> {
        let query = "SELECT about FROM grants WHERE key = ?1 AND (?2 IS NULL OR id = ?2)
            AND (?3 IS NULL OR grantee = ?3) AND id > ?4 ORDER BY id LIMIT ?5";
        let mut statement = connection.prepare_cached(query)?;
        let rows = statement.query_map(params![key, id, grantee, after, limit(most)], Self::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The grants that somebody may retire, of keys of any account in a Region, that follow an id, in the order of
    /// their ids.
    pub(in crate::kms) fn retirable(
        connection: &Connection, retiree: &str, region: &str, after: &str, most: usize,
    ) -> Result<Vec<Self>, Fault> {
        let query = "SELECT grants.about FROM grants JOIN key ON key.arn = grants.key
            WHERE retiree = ?1 AND key.region = ?2 AND grants.id > ?3 ORDER BY grants.id LIMIT ?4";
        let mut statement = connection.prepare_cached(query)?;
        let rows = statement.query_map(params![retiree, region, after, limit(most)], Self::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(in crate::kms) fn count(connection: &Connection, key: &str) -> Result<i64, Fault> {
        let mut statement = connection.prepare_cached("SELECT count(*) FROM grants WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0))?)
    }

    pub(in crate::kms) fn insert(&self, connection: &Connection) -> Result<(), Fault> {
        connection
            .prepare_cached("INSERT INTO grants (key, id, grantee, retiree, about) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![self.key, self.id, self.grantee, self.retiree, serde_json::to_string(self)?])?;
        Ok(())
    }

    pub(in crate::kms) fn remove(connection: &Connection, key: &str, id: &str) -> Result<(), Fault> {
        connection.execute("DELETE FROM grants WHERE key = ?1 AND id = ?2", [key, id])?;
        Ok(())
    }
}

/// Whether a key's time has come, for whatever it is.
pub(super) fn is_anything_due(connection: &Connection, now: i64) -> Result<bool, Fault> {
    let query = "SELECT EXISTS (SELECT 1 FROM key WHERE gone <= ?1) OR EXISTS (SELECT 1 FROM key WHERE due <= ?1)
        OR EXISTS (SELECT 1 FROM material WHERE expires <= ?1)";
    Ok(connection.prepare_cached(query)?.query_row([now], |row| row.get(0))?)
}

/// The keys that are to get new material.
pub(super) fn due_for_rotation(connection: &Connection, now: i64) -> Result<Vec<StoredKey>, Fault> {
    let mut statement = connection.prepare_cached("SELECT about, policy FROM key WHERE due <= ?1")?;
    let rows = statement.query_map([now], StoredKey::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Destroys the keys and the imported materials whose time has come, and tells whether there were any. A primary key
/// that waits for its replicas is counted down from when the last of them is gone.
pub(super) fn purge(connection: &Connection, now: i64) -> Result<bool, Fault> {
    let gone = connection.prepare_cached("DELETE FROM key WHERE gone <= ?1")?.execute([now])?;
    let expired = materials::expire(connection, now)?;
    if gone > 0 {
        forget_replicas(connection, now)?;
    }
    Ok(gone > 0 || expired)
}

/// Takes replicas that are gone out of what is known of multi-Region keys.
fn forget_replicas(connection: &Connection, now: i64) -> Result<(), Fault> {
    let query = "SELECT about, policy FROM key WHERE id LIKE 'mrk-%'";
    let rows = connection.prepare_cached(query)?.query_map([], StoredKey::read)?.collect::<Result<Vec<_>, _>>()?;
    for mut stored in rows {
        let related = stored.related(connection)?;
        let Some(own) = &mut stored.key.multi_region else { continue };
        let before = own.replicas.len();
        own.replicas.retain(|region| related.iter().any(|other| other.key.region == *region));
        if own.replicas.len() == before {
            continue;
        }
        let is_alone = own.replicas.is_empty();
        if let Some(deletion) = &mut stored.key.deletion
            && is_alone
            && deletion.gone.is_none()
        {
            deletion.gone = Some(now + i64::from(deletion.days) * DAY);
        }
        stored.update(connection)?;
    }
    Ok(())
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}
