//! The versions of objects that are not the current ones, and delete markers.
//!
//! The newest version of a key stands among the objects, unless it is a delete marker. All others stand here, each with an
//! age: the smaller, the newer. So an object that is overwritten moves here, and one that has become the newest again moves
//! back.
//!
//! Source: S3 user guide, "How S3 Versioning works", "Working with delete markers".

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::objects::{COLUMNS, Condition, Replaced, Step, current_etag, end_of, forget, object};
use super::{Index, Lock, Object, Versioning, from_json};
use crate::s3::event::{Event, Happening, Origin};
use crate::s3::fault::Fault;
use crate::s3::version::VersionId;

/// The age of the objects in a walk through all versions.
const NEWEST: i64 = i64::MIN;

/// An object, or a version of one, that is to be removed.
#[derive(Clone, Debug)]
pub(crate) struct Removal {
    pub(crate) key: String,
    /// The version to remove for good.
    pub(crate) version: Option<VersionId>,
    pub(crate) condition: Condition,
    /// The id of the delete marker, where there will be one.
    pub(crate) marker: VersionId,
    /// Whether a retention in governance mode does not count.
    pub(crate) bypass: bool,
}

/// What a removal did.
#[derive(Debug)]
pub(crate) struct Removed {
    pub(crate) replaced: Option<Replaced>,
    /// The version that was removed, or the delete marker that was made; `None` where the bucket has no versions.
    pub(crate) version: Option<VersionId>,
    /// Whether a delete marker was made or removed.
    pub(crate) marker: bool,
}

impl Removed {
    /// What it tells of; nothing if there was nothing to remove.
    pub(super) fn event<'a>(&'a self, removal: &'a Removal, origin: &'a Origin) -> Option<Event<'a>> {
        let happening = match (self.marker, &removal.version) {
            (true, None) => Happening::Marked,
            (false, _) if self.replaced.is_none() => return None,
            _ => Happening::Deleted,
        };
        let (key, version) = (removal.key.as_str(), self.version.as_ref());
        Some(Event { happening, origin, key, size: None, etag: None, version })
    }
}

/// A version, as a listing shows it.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) object: Object,
    pub(crate) is_marker: bool,
    pub(crate) is_latest: bool,
}

/// Where a listing of versions goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum VersionPosition {
    /// At the newest version of the first key that is not before this one.
    From(String),
    /// After all versions of a key.
    After(String),
    /// After all keys with a prefix.
    Beyond(String),
    /// After a version of a key.
    Amid(String, VersionId),
}

impl Index {
    /// Walks the versions of the objects with a prefix, in the order of their keys and the newest first.
    pub(crate) fn walk_versions(
        &self, bucket: &str, prefix: &str, start: &VersionPosition, mut visit: impl FnMut(Listed) -> Step,
    ) -> Result<(), Fault> {
        self.read(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            let mut statement = snapshot.prepare_cached(&format!(
                "SELECT {COLUMNS}, {NEWEST} AS age, 0 AS marker FROM object
                 WHERE bucket = ?1 AND key >= ?2 AND (key > ?2 OR ?5) AND key >= ?3 AND key < ?4
                 UNION ALL
                 SELECT {COLUMNS}, age, marker FROM past
                 WHERE bucket = ?1 AND key >= ?2 AND (key > ?2 OR age > ?6) AND key >= ?3 AND key < ?4
                 ORDER BY key, age"
            ))?;
            let mut bound = start.bound(&snapshot, bucket)?;
            loop {
                let (first, with_newest, age) = &bound;
                let bounds = params![bucket, first, prefix.as_bytes(), end_of(prefix), with_newest, age];
                let mut seen = (!with_newest).then(|| first.clone());
                let mut rows = statement.query(bounds)?;
                let moved = loop {
                    let Some(row) = rows.next()? else { return Ok(()) };
                    let key = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
                    let is_latest = seen.as_deref() != Some(key);
                    seen = Some(key.to_owned());
                    match visit(Listed { object: object(row)?, is_marker: row.get("marker")?, is_latest }) {
                        Step::Next => {}
                        Step::Stop => return Ok(()),
                        Step::Skip(prefix) => break end_of(&prefix),
                    }
                };
                bound = (moved, false, i64::MAX);
            }
        })
    }
}

impl VersionPosition {
    /// The key from which on, whether with its newest version, and after which age of the others.
    fn bound(&self, connection: &Connection, bucket: &str) -> Result<(Vec<u8>, bool, i64), Fault> {
        Ok(match self {
            Self::From(key) => (key.clone().into_bytes(), true, NEWEST),
            Self::After(key) => (key.clone().into_bytes(), false, i64::MAX),
            Self::Beyond(prefix) => (end_of(prefix), false, i64::MAX),
            Self::Amid(key, version) => {
                let age = connection
                    .prepare_cached(&format!(
                        "SELECT {NEWEST} FROM object WHERE bucket = ?1 AND key = ?2 AND version = ?3
                         UNION ALL SELECT age FROM past WHERE bucket = ?1 AND key = ?2 AND version = ?3"
                    ))?
                    .query_row(params![bucket, key.as_bytes(), version.as_str()], |row| row.get(0))
                    .optional()?;
                // Whoever empties a bucket page by page has removed it by now.
                (key.clone().into_bytes(), age.is_none(), age.unwrap_or(NEWEST))
            }
        })
    }
}

/// A version that is not among the objects.
pub(super) fn find(
    connection: &Connection, bucket: &str, key: &str, version: Option<&VersionId>,
) -> Result<Object, Fault> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, marker FROM past WHERE bucket = ?1 AND key = ?2 AND (?3 IS NULL OR version = ?3)
         ORDER BY age LIMIT 1"
    ))?;
    let id = version.map(VersionId::as_str);
    let found = statement
        .query_row(params![bucket, key.as_bytes(), id], |row| Ok((object(row)?, row.get::<_, bool>("marker")?)))
        .optional()?;
    match (found, version) {
        (Some((object, false)), Some(_)) => Ok(object),
        (Some((marker, true)), Some(_)) => Err(Fault::is_delete_marker(key, &marker.version, marker.modified)),
        (Some((marker, _)), None) => Err(Fault::deleted(key, &marker.version)),
        (None, Some(version)) => Err(Fault::no_such_version(key, version)),
        (None, None) => Err(Fault::no_such_key(key)),
    }
}

/// Moves out of the way what a new version takes the place of, and removes what it replaces for good.
pub(super) fn make_way(
    transaction: &Transaction<'_>, bucket: &str, key: &str, versioning: Versioning,
) -> Result<Option<Replaced>, Fault> {
    if versioning == Versioning::Enabled {
        shelve(transaction, bucket, key)?;
        return Ok(None);
    }
    // There is one version without id at most; a new one replaces it, wherever it is.
    let null = VersionId::null();
    let replaced = take_current(transaction, bucket, key, &null)?;
    if versioning == Versioning::Never || replaced.is_some() {
        return Ok(replaced);
    }
    shelve(transaction, bucket, key)?;
    Ok(take_past(transaction, bucket, key, &null)?.and_then(|(body, _)| body))
}

/// Removes an object, as the versioning of its bucket has it.
pub(super) fn remove(
    transaction: &Transaction<'_>, bucket: &str, versioning: Versioning, removal: &Removal, now: i64,
) -> Result<Removed, Fault> {
    let Removal { key, version, condition, marker, .. } = removal;
    if let Some(version) = version {
        return remove_version(transaction, bucket, removal, version, now);
    }
    condition.check(key, current_etag(transaction, bucket, key)?.as_deref())?;
    let replaced = make_way(transaction, bucket, key, versioning)?;
    let marker = match versioning {
        Versioning::Never => return Ok(Removed { replaced, version: None, marker: false }),
        Versioning::Enabled => marker.clone(),
        Versioning::Suspended => VersionId::null(),
    };
    transaction
        .prepare_cached(&format!(
            "INSERT INTO past (bucket, age, marker, {COLUMNS})
             VALUES (?1, {}, 1, ?2, '', 0, '', ?3, 'null', 0, '{{}}', '{{}}', ?4, 'null', '{{}}')",
            next_age()
        ))?
        .execute(params![bucket, key.as_bytes(), now, marker.as_str()])?;
    Ok(Removed { replaced, version: Some(marker), marker: true })
}

/// Removes a version for good. One that is not there is no error.
fn remove_version(
    transaction: &Transaction<'_>, bucket: &str, removal: &Removal, version: &VersionId, now: i64,
) -> Result<Removed, Fault> {
    let key = &removal.key;
    let named = params![bucket, key.as_bytes(), version.as_str()];
    let found: Option<(String, Lock)> = transaction
        .prepare_cached(
            "SELECT etag, lock FROM object WHERE bucket = ?1 AND key = ?2 AND version = ?3
             UNION ALL SELECT etag, lock FROM past WHERE bucket = ?1 AND key = ?2 AND version = ?3",
        )?
        .query_row(named, |row| Ok((row.get(0)?, from_json(row, 1)?)))
        .optional()?;
    let (etag, lock) = found.unzip();
    removal.condition.check(key, etag.as_deref())?;
    lock.unwrap_or_default().check_removal(now, removal.bypass)?;
    let current = take_current(transaction, bucket, key, version)?;
    let (replaced, marker) = match current {
        Some(replaced) => (Some(replaced), false),
        None => take_past(transaction, bucket, key, version)?.unwrap_or((None, false)),
    };
    promote(transaction, bucket, key)?;
    Ok(Removed { replaced, version: Some(version.clone()), marker })
}

/// The age that is newer than all others of a key.
fn next_age() -> &'static str {
    "(SELECT coalesce(min(age), 0) - 1 FROM past WHERE bucket = ?1 AND key = ?2)"
}

/// Makes the current version of a key one that is not, if it has one.
fn shelve(transaction: &Transaction<'_>, bucket: &str, key: &str) -> Result<(), Fault> {
    let named = params![bucket, key.as_bytes()];
    let moved = transaction
        .prepare_cached(&format!(
            "INSERT INTO past (bucket, age, marker, {COLUMNS})
             SELECT bucket, {}, 0, {COLUMNS} FROM object WHERE bucket = ?1 AND key = ?2",
            next_age()
        ))?
        .execute(named)?;
    if moved > 0 {
        transaction.prepare_cached("DELETE FROM object WHERE bucket = ?1 AND key = ?2")?.execute(named)?;
    }
    Ok(())
}

/// Makes the newest version of a key that has no current one its current one, unless it is a delete marker.
fn promote(transaction: &Transaction<'_>, bucket: &str, key: &str) -> Result<(), Fault> {
    let named = params![bucket, key.as_bytes()];
    if current_etag(transaction, bucket, key)?.is_some() {
        return Ok(());
    }
    let newest: Option<(i64, bool)> = transaction
        .prepare_cached("SELECT age, marker FROM past WHERE bucket = ?1 AND key = ?2 ORDER BY age LIMIT 1")?
        .query_row(named, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((age, false)) = newest else { return Ok(()) };
    let named = params![bucket, key.as_bytes(), age];
    transaction
        .prepare_cached(&format!(
            "INSERT INTO object (bucket, {COLUMNS})
             SELECT bucket, {COLUMNS} FROM past WHERE bucket = ?1 AND key = ?2 AND age = ?3"
        ))?
        .execute(named)?;
    transaction.prepare_cached("DELETE FROM past WHERE bucket = ?1 AND key = ?2 AND age = ?3")?.execute(named)?;
    Ok(())
}

/// Removes the current version of a key, if it is of this id.
fn take_current(
    transaction: &Transaction<'_>, bucket: &str, key: &str, version: &VersionId,
) -> Result<Option<Replaced>, Fault> {
    let body: Option<String> = transaction
        .prepare_cached("DELETE FROM object WHERE bucket = ?1 AND key = ?2 AND version = ?3 RETURNING body")?
        .query_row(params![bucket, key.as_bytes(), version.as_str()], |row| row.get(0))
        .optional()?;
    body.map(|body| forget(transaction, body)).transpose()
}

/// Removes a version that is not current, and says whether it was a delete marker.
fn take_past(
    transaction: &Transaction<'_>, bucket: &str, key: &str, version: &VersionId,
) -> Result<Option<(Option<Replaced>, bool)>, Fault> {
    let taken: Option<(String, bool)> = transaction
        .prepare_cached("DELETE FROM past WHERE bucket = ?1 AND key = ?2 AND version = ?3 RETURNING body, marker")?
        .query_row(params![bucket, key.as_bytes(), version.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match taken {
        None => Ok(None),
        Some((_, true)) => Ok(Some((None, true))),
        Some((body, false)) => Ok(Some((Some(forget(transaction, body)?), false))),
    }
}
