//! Rows of log groups and of their data keys.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sidegate_model::Scope;

use crate::logs::fault::{Fault, Kind};
use crate::logs::id::GroupId;

/// Tags, in the order of their keys.
pub(crate) type Tags = BTreeMap<String, String>;

/// What can be done with a log group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Standard,
    InfrequentAccess,
    Delivery,
}

impl Class {
    const ALL: [Self; 3] = [Self::Standard, Self::InfrequentAccess, Self::Delivery];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::InfrequentAccess => "INFREQUENT_ACCESS",
            Self::Delivery => "DELIVERY",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == text)
    }
}

/// A log group. Times are Unix milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// No other one ever has this number.
    pub(crate) number: i64,
    pub(crate) id: GroupId,
    pub(crate) created: i64,
    pub(crate) class: Class,
    pub(crate) retention: Option<i64>,
    /// The key of KMS that events are encrypted under from now on, and the number of their data key.
    pub(crate) key: Option<(String, i64)>,
    pub(crate) is_protected: bool,
    pub(crate) tags: Tags,
    pub(crate) stored: i64,
    /// The number of the event that arrived last.
    pub(crate) arrivals: i64,
}

/// A data key, encrypted.
#[derive(Clone, Debug)]
pub(crate) struct StoredKey {
    pub(crate) number: i64,
    pub(crate) wrapped: Vec<u8>,
}

const GROUP: &str = "SELECT id, name, created, class, retention, kms_key, data_key, protected, tags, stored, arrivals
    FROM grp WHERE account = ?1 AND region = ?2";

impl Group {
    fn read(row: &Row<'_>, scope: &Scope) -> Result<Self, Fault> {
        let (class, tags): (String, String) = (row.get(3)?, row.get(8)?);
        let key = match (row.get(5)?, row.get(6)?) {
            (Some(key), Some(data_key)) => Some((key, data_key)),
            _ => None,
        };
        Ok(Self {
            number: row.get(0)?,
            id: GroupId { scope: scope.clone(), name: row.get(1)? },
            created: row.get(2)?,
            class: Class::parse(&class).ok_or(Fault::Unreadable)?,
            retention: row.get(4)?,
            key,
            is_protected: row.get(7)?,
            tags: serde_json::from_str(&tags)?,
            stored: row.get(9)?,
            arrivals: row.get(10)?,
        })
    }

    pub(crate) fn find(connection: &Connection, id: &GroupId) -> Result<Option<Self>, Fault> {
        let mut statement = connection.prepare_cached(&format!("{GROUP} AND name = ?3"))?;
        let mut rows =
            statement.query(params![id.scope.account.as_str(), id.scope.region.as_str(), id.name.as_str()])?;
        rows.next()?.map(|row| Self::read(row, &id.scope)).transpose()
    }

    /// The one that has to be there.
    pub(crate) fn existing(connection: &Connection, id: &GroupId) -> Result<Self, Fault> {
        Self::find(connection, id)?.ok_or(Fault::None(Kind::LogGroup))
    }

    /// Goes through the groups of an account in a Region in the order of their names: those after a name whose names
    /// begin in a certain way, until `visit` says that it has enough.
    pub(crate) fn each(
        connection: &Connection, scope: &Scope, after: &str, prefix: &str,
        mut visit: impl FnMut(Self) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        let mut statement =
            connection.prepare_cached(&format!("{GROUP} AND name > ?3 AND name >= ?4 ORDER BY name"))?;
        let mut rows = statement.query(params![scope.account.as_str(), scope.region.as_str(), after, prefix])?;
        while let Some(row) = rows.next()? {
            let group = Self::read(row, scope)?;
            if !group.id.name.starts_with(prefix) || !visit(group)? {
                break;
            }
        }
        Ok(())
    }

    /// Makes a new one, and gives its number.
    pub(crate) fn insert(&self, connection: &Connection) -> Result<i64, Fault> {
        let made = connection
            .prepare_cached(
                "INSERT INTO grp (account, region, name, created, class, retention, protected, tags, stored, arrivals)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                self.id.scope.account.as_str(),
                self.id.scope.region.as_str(),
                self.id.name,
                self.created,
                self.class.as_str(),
                self.retention,
                self.is_protected,
                serde_json::to_string(&self.tags)?,
            ])?;
        if made == 0 { Err(Fault::Exists(Kind::LogGroup)) } else { Ok(connection.last_insert_rowid()) }
    }

    /// Writes what may change, apart from what its events change.
    pub(crate) fn update(&self, connection: &Connection) -> Result<(), Fault> {
        let (kms_key, data_key) = self.key.clone().unzip();
        connection
            .prepare_cached(
                "UPDATE grp SET retention = ?2, kms_key = ?3, data_key = ?4, protected = ?5, tags = ?6 WHERE id = ?1",
            )?
            .execute(params![
                self.number,
                self.retention,
                kms_key,
                data_key,
                self.is_protected,
                serde_json::to_string(&self.tags)?,
            ])?;
        Ok(())
    }

    /// Removes it with its streams and filters. Its events are swept away later.
    pub(crate) fn remove(&self, connection: &Connection) -> Result<(), Fault> {
        connection.execute("INSERT INTO gone_grp (grp) VALUES (?1)", [self.number])?;
        // What streams that were deleted before had is swept with the group.
        connection.execute("DELETE FROM resource_policy WHERE grp = ?1", [self.number])?;
        connection.execute("DELETE FROM grp WHERE id = ?1", [self.number])?;
        Ok(())
    }

    /// The time before which its events have expired.
    pub(crate) fn horizon(&self, now: i64) -> i64 {
        self.retention.map_or(0, |days| now.saturating_sub(days.saturating_mul(86_400_000)).max(0))
    }

    pub(crate) fn metric_filters(&self, connection: &Connection) -> Result<i64, Fault> {
        let mut statement = connection.prepare_cached("SELECT count(*) FROM metric_filter WHERE grp = ?1")?;
        Ok(statement.query_row([self.number], |row| row.get(0))?)
    }

    /// Every data key that events of it may be encrypted with.
    pub(crate) fn data_keys(&self, connection: &Connection) -> Result<Vec<StoredKey>, Fault> {
        let mut statement = connection.prepare_cached("SELECT id, wrapped FROM data_key WHERE grp = ?1")?;
        let read = |row: &Row<'_>| Ok(StoredKey { number: row.get(0)?, wrapped: row.get(1)? });
        let keys = statement.query_map([self.number], read)?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// The data key that new events are encrypted with.
    pub(crate) fn data_key(&self, connection: &Connection) -> Result<Option<StoredKey>, Fault> {
        let Some((_, number)) = self.key else { return Ok(None) };
        let mut statement = connection.prepare_cached("SELECT id, wrapped FROM data_key WHERE id = ?1")?;
        let read = |row: &Row<'_>| Ok(StoredKey { number: row.get(0)?, wrapped: row.get(1)? });
        Ok(statement.query_row([number], read).optional()?)
    }

    /// Keeps a data key for it, and gives its number.
    pub(crate) fn insert_data_key(
        connection: &Connection, group: i64, kms_key: &str, wrapped: &[u8],
    ) -> Result<i64, Fault> {
        connection.execute(
            "INSERT INTO data_key (grp, kms_key, wrapped) VALUES (?1, ?2, ?3)",
            params![group, kms_key, wrapped],
        )?;
        Ok(connection.last_insert_rowid())
    }
}
