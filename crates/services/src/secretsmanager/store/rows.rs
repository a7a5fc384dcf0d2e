//! The rows of the database. Every function here runs in the transaction that it is given.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sidegate_model::Scope;

use crate::secretsmanager::fault::Fault;
use crate::secretsmanager::id::VersionId;
use crate::secretsmanager::labels::Labels;

/// How many versions are kept, if they are older than a day.
///
/// Source: API reference, "PutSecretValue".
const KEPT_VERSIONS: i64 = 100;
const DAY: i64 = 86_400_000;

/// Tags, in the order of their keys.
pub(crate) type Tags = BTreeMap<String, String>;

/// A secret. Times are Unix milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) tags: Tags,
    pub(crate) created: i64,
    pub(crate) changed: i64,
    /// The day on which a value was last read.
    pub(crate) accessed: Option<i64>,
    pub(crate) deletion: Option<Deletion>,
    /// The key of KMS, as it was given; `None` for the default one.
    pub(crate) key: Option<String>,
}

/// When a secret was deleted, and when it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deletion {
    pub(crate) asked: i64,
    pub(crate) gone: i64,
}

/// A version.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    /// Grows with every version of any secret.
    pub(crate) number: i64,
    pub(crate) id: VersionId,
    pub(crate) created: i64,
    pub(crate) accessed: Option<i64>,
    pub(crate) sealed: Vec<u8>,
    /// The data key; `None` of a version from before there were keys.
    pub(crate) key: Option<VersionKey>,
    /// Whether it has a value; the version of a rotation gets one later.
    pub(crate) has_value: bool,
}

/// An encrypted value.
pub(crate) struct SealedValue {
    pub(crate) sealed: Vec<u8>,
    pub(crate) key: Option<VersionKey>,
}

/// The data key of a version.
#[derive(Clone, Debug)]
pub(crate) struct VersionKey {
    /// The ARN of the key of KMS that it is encrypted under.
    pub(crate) arn: String,
    pub(crate) wrapped: Vec<u8>,
}

const SECRET: &str =
    "SELECT arn, name, description, tags, created, changed, accessed, deleted, gone, kms_key FROM secret
    WHERE (gone IS NULL OR gone > ?1)";

impl Secret {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let deletion = match (row.get(7)?, row.get(8)?) {
            (Some(asked), Some(gone)) => Some(Deletion { asked, gone }),
            _ => None,
        };
        Ok(Self {
            arn: row.get(0)?,
            name: row.get(1)?,
            description: row.get(2)?,
            tags: tags(row, 3)?,
            created: row.get(4)?,
            changed: row.get(5)?,
            accessed: row.get(6)?,
            deletion,
            key: row.get(9)?,
        })
    }

    /// The secret with this ARN, if it is not gone by now.
    pub(crate) fn by_arn(connection: &Connection, now: i64, arn: &str) -> Result<Option<Self>, Fault> {
        let mut statement = connection.prepare_cached(&format!("{SECRET} AND arn = ?2"))?;
        Ok(statement.query_row(params![now, arn], Self::read).optional()?)
    }

    /// The secret with this name, if it is not gone by now.
    pub(crate) fn by_name(connection: &Connection, now: i64, scope: &Scope, name: &str) -> Result<Option<Self>, Fault> {
        let query = format!("{SECRET} AND account = ?2 AND region = ?3 AND name = ?4");
        let mut statement = connection.prepare_cached(&query)?;
        let place = params![now, scope.account.as_str(), scope.region.as_str(), name];
        Ok(statement.query_row(place, Self::read).optional()?)
    }

    /// The secrets of an account in a Region that are not gone by now.
    pub(crate) fn all(connection: &Connection, now: i64, scope: &Scope) -> Result<Vec<Self>, Fault> {
        let mut statement = connection.prepare_cached(&format!("{SECRET} AND account = ?2 AND region = ?3"))?;
        let place = params![now, scope.account.as_str(), scope.region.as_str()];
        let rows = statement.query_map(place, Self::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn insert(&self, connection: &Connection, scope: &Scope) -> Result<(), Fault> {
        connection
            .prepare_cached("INSERT INTO secret VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, NULL, NULL, ?9)")?
            .execute(params![
                self.arn,
                scope.account.as_str(),
                scope.region.as_str(),
                self.name,
                self.description,
                to_json(&self.tags)?,
                self.created,
                self.changed,
                self.key
            ])?;
        Ok(())
    }

    /// Writes what may change, apart from when it was read.
    pub(crate) fn update(&self, connection: &Connection) -> Result<(), Fault> {
        let query = "UPDATE secret SET description = ?2, tags = ?3, changed = ?4, deleted = ?5, gone = ?6, kms_key = ?7
                WHERE arn = ?1";
        connection.prepare_cached(query)?.execute(params![
            self.arn,
            self.description,
            to_json(&self.tags)?,
            self.changed,
            self.deletion.map(|deletion| deletion.asked),
            self.deletion.map(|deletion| deletion.gone),
            self.key
        ])?;
        Ok(())
    }

    /// Removes the secret with all its versions, which destroys their values.
    pub(crate) fn remove(connection: &Connection, arn: &str) -> Result<(), Fault> {
        connection.execute("DELETE FROM secret WHERE arn = ?1", [arn])?;
        Ok(())
    }

    /// Notes the day on which a value was read.
    pub(crate) fn touch(connection: &Connection, arn: &str, id: &VersionId, day: i64) -> Result<(), Fault> {
        connection.execute("UPDATE secret SET accessed = ?2 WHERE arn = ?1", params![arn, day])?;
        connection
            .execute("UPDATE version SET accessed = ?3 WHERE arn = ?1 AND id = ?2", params![arn, id.as_str(), day])?;
        Ok(())
    }
}

impl Version {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            id: VersionId::stored(row.get(1)?),
            created: row.get(2)?,
            accessed: row.get(3)?,
            sealed: row.get(4)?,
            key: match (row.get(5)?, row.get(6)?) {
                (Some(arn), Some(wrapped)) => Some(VersionKey { arn, wrapped }),
                _ => None,
            },
            has_value: row.get(7)?,
        })
    }

    /// A version that has a value.
    pub(crate) fn find(connection: &Connection, arn: &str, id: &VersionId) -> Result<Option<Self>, Fault> {
        let query = "SELECT number, id, created, accessed, sealed, key, wrapped, TRUE FROM version
            WHERE arn = ?1 AND id = ?2 AND sealed != x''";
        let mut statement = connection.prepare_cached(query)?;
        Ok(statement.query_row(params![arn, id.as_str()], Self::read).optional()?)
    }

    /// Whether there is a version, with or without a value.
    pub(crate) fn exists(connection: &Connection, arn: &str, id: &VersionId) -> Result<bool, Fault> {
        let mut statement = connection.prepare_cached("SELECT 1 FROM version WHERE arn = ?1 AND id = ?2")?;
        Ok(statement.exists(params![arn, id.as_str()])?)
    }

    /// The versions of a secret from the oldest on, without their values.
    pub(crate) fn all(connection: &Connection, arn: &str) -> Result<Vec<Self>, Fault> {
        let query = "SELECT number, id, created, accessed, x'', key, wrapped, sealed != x'' FROM version
            WHERE arn = ?1 ORDER BY number";
        let mut statement = connection.prepare_cached(query)?;
        let rows = statement.query_map([arn], Self::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Makes a version that gets its value later, from the rotation that it is for.
    pub(crate) fn insert_empty(connection: &Connection, arn: &str, id: &VersionId, now: i64) -> Result<(), Fault> {
        connection
            .prepare_cached("INSERT INTO version (arn, id, created, sealed) VALUES (?1, ?2, ?3, x'')")?
            .execute(params![arn, id.as_str(), now])?;
        Ok(())
    }

    /// Removes a version; tells whether there was one.
    pub(crate) fn remove(connection: &Connection, arn: &str, id: &VersionId) -> Result<bool, Fault> {
        let query = "DELETE FROM version WHERE arn = ?1 AND id = ?2";
        Ok(connection.prepare_cached(query)?.execute(params![arn, id.as_str()])? > 0)
    }

    /// Makes a version, or gives the one that has none its value.
    pub(crate) fn insert(
        connection: &Connection, arn: &str, id: &VersionId, now: i64, sealed: &SealedValue,
    ) -> Result<(), Fault> {
        let (key, wrapped) = sealed.key.as_ref().map(|key| (&key.arn, &key.wrapped)).unzip();
        connection
            .prepare_cached(
                "INSERT INTO version (arn, id, created, sealed, key, wrapped) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT (arn, id) DO UPDATE SET created = ?3, sealed = ?4, key = ?5, wrapped = ?6 WHERE sealed = x''",
            )?
            .execute(params![arn, id.as_str(), now, sealed.sealed, key, wrapped])?;
        Ok(())
    }

    /// Checks that a secret can have one more version.
    ///
    /// Source: user guide, "Secret quotas".
    pub(crate) fn check_count(connection: &Connection, arn: &str) -> Result<(), Fault> {
        let mut statement = connection.prepare_cached("SELECT count(*) FROM version WHERE arn = ?1")?;
        if statement.query_row([arn], |row| row.get::<_, i64>(0))? < KEPT_VERSIONS {
            return Ok(());
        }
        Err(Fault::LimitExceeded(format!(
            "A secret can have at most {KEPT_VERSIONS} versions. Those without staging labels are removed a day after \
             they were made."
        )))
    }

    /// Puts a version under another key of KMS, unless that has happened meanwhile.
    pub(crate) fn put_under(
        connection: &Connection, arn: &str, id: &VersionId, before: &[u8], key: &VersionKey,
    ) -> Result<(), Fault> {
        connection
            .prepare_cached("UPDATE version SET key = ?4, wrapped = ?5 WHERE arn = ?1 AND id = ?2 AND wrapped = ?3")?
            .execute(params![arn, id.as_str(), before, key.arn, key.wrapped])?;
        Ok(())
    }

    /// Removes versions without labels that are older than a day, where there are too many; tells whether it did.
    pub(crate) fn remove_outdated(connection: &Connection, arn: &str, now: i64) -> Result<bool, Fault> {
        let query = "DELETE FROM version WHERE arn = ?1 AND created < ?2
            AND id NOT IN (SELECT version FROM label WHERE arn = ?1)
            AND number NOT IN (SELECT number FROM version WHERE arn = ?1 ORDER BY number DESC LIMIT ?3)";
        Ok(connection.prepare_cached(query)?.execute(params![arn, now - DAY, KEPT_VERSIONS - 1])? > 0)
    }
}

impl Labels {
    pub(crate) fn read(connection: &Connection, arn: &str) -> Result<Self, Fault> {
        let mut labels = Self::default();
        let mut statement = connection.prepare_cached("SELECT label, version FROM label WHERE arn = ?1")?;
        let mut rows = statement.query([arn])?;
        while let Some(row) = rows.next()? {
            labels.insert_stored(row.get(0)?, VersionId::stored(row.get(1)?));
        }
        Ok(labels)
    }

    /// The labels of every secret of an account in a Region, by ARN.
    pub(crate) fn read_all(connection: &Connection, scope: &Scope) -> Result<HashMap<String, Self>, Fault> {
        let mut all = HashMap::<String, Self>::new();
        let query = "SELECT arn, label, version FROM label JOIN secret USING (arn) WHERE account = ?1 AND region = ?2";
        let mut statement = connection.prepare_cached(query)?;
        let mut rows = statement.query([scope.account.as_str(), scope.region.as_str()])?;
        while let Some(row) = rows.next()? {
            all.entry(row.get(0)?).or_default().insert_stored(row.get(1)?, VersionId::stored(row.get(2)?));
        }
        Ok(all)
    }

    pub(crate) fn write(&self, connection: &Connection, arn: &str) -> Result<(), Fault> {
        connection.execute("DELETE FROM label WHERE arn = ?1", [arn])?;
        let mut insert = connection.prepare_cached("INSERT INTO label (arn, label, version) VALUES (?1, ?2, ?3)")?;
        for (label, version) in self.iter() {
            insert.execute(params![arn, label, version.as_str()])?;
        }
        // A version without a value is there for its label alone.
        let query = "DELETE FROM version WHERE arn = ?1 AND sealed = x''
            AND id NOT IN (SELECT version FROM label WHERE arn = ?1)";
        connection.prepare_cached(query)?.execute([arn])?;
        Ok(())
    }
}

/// The resource policies of secrets, as they were given.
pub(crate) struct ResourcePolicy;

impl ResourcePolicy {
    pub(crate) fn read(connection: &Connection, arn: &str) -> Result<Option<String>, Fault> {
        let mut statement = connection.prepare_cached("SELECT document FROM policy WHERE arn = ?1")?;
        Ok(statement.query_row([arn], |row| row.get(0)).optional()?)
    }

    pub(crate) fn write(connection: &Connection, arn: &str, document: &str) -> Result<(), Fault> {
        connection.execute("INSERT OR REPLACE INTO policy (arn, document) VALUES (?1, ?2)", [arn, document])?;
        Ok(())
    }

    pub(crate) fn remove(connection: &Connection, arn: &str) -> Result<(), Fault> {
        connection.execute("DELETE FROM policy WHERE arn = ?1", [arn])?;
        Ok(())
    }
}

/// Removes the secrets whose time has come; tells whether there were any.
pub(super) fn purge(connection: &Connection, now: i64) -> Result<bool, Fault> {
    Ok(connection.prepare_cached("DELETE FROM secret WHERE gone <= ?1")?.execute([now])? > 0)
}

/// Whether there are secrets whose time has come.
pub(super) fn is_anything_gone(connection: &Connection, now: i64) -> Result<bool, Fault> {
    Ok(connection.prepare_cached("SELECT 1 FROM secret WHERE gone <= ?1")?.exists([now])?)
}

fn to_json(tags: &Tags) -> Result<String, Fault> {
    Ok(serde_json::to_string(tags)?)
}

fn tags(row: &Row<'_>, column: usize) -> rusqlite::Result<Tags> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}
