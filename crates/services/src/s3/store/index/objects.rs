//! Objects in the index. The current version of each key stands in a table of its own, so that what asks for objects
//! costs the same beside any number of versions; the others are in [`past`].

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::events::Listeners;
use super::past::{self, Removal, Removed};
use super::{
    Attributes, Index, Known, Object, Piece, Restored, Tags, Versioning, find_bucket, from_json, key_of, signed,
    to_json, unsigned,
};
use crate::s3::event::{Event, Happening, Origin};
use crate::s3::fault::Fault;
use crate::s3::restore::archive_class;
use crate::s3::version::VersionId;

/// What both tables of versions have.
pub(super) const COLUMNS: &str =
    "key, body, size, etag, modified, checksum, parts, attributes, tags, version, encryption, lock";

/// A condition on the object that a write replaces or removes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    /// `If-None-Match: *`: there must be none.
    pub(crate) absent: bool,
    /// `If-Match`: there must be one, with this ETag; an empty one matches any.
    pub(crate) etag: Option<String>,
}

impl Condition {
    pub(super) fn check(&self, key: &str, existing: Option<&str>) -> Result<(), Fault> {
        if self.absent && existing.is_some() {
            return Err(Fault::precondition("If-None-Match"));
        }
        match (&self.etag, existing) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(Fault::no_such_key(key)),
            (Some(wanted), Some(etag)) if wanted.is_empty() || wanted == etag => Ok(()),
            (Some(_), Some(_)) => Err(Fault::precondition("If-Match")),
        }
    }
}

/// A new object with its pieces. Its version counts where the bucket keeps versions; elsewhere it is the one without id.
#[derive(Debug)]
pub(crate) struct ObjectPut<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) object: &'a Object,
    pub(crate) pieces: &'a [Piece],
    pub(crate) condition: &'a Condition,
    /// In which way it is made, which events tell.
    pub(crate) happening: Happening,
    pub(crate) origin: &'a Origin,
}

/// An object that is there now.
#[derive(Debug)]
pub(crate) struct Put {
    /// What it took the place of.
    pub(crate) replaced: Option<Replaced>,
    /// Its version; `None` where the bucket never had any.
    pub(crate) version: Option<VersionId>,
}

/// A body that has no object any longer, and its files.
#[derive(Debug)]
pub(crate) struct Replaced {
    pub(crate) body: String,
    pub(crate) files: Vec<String>,
}

/// Where a listing goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// At the first key that has the prefix.
    Start,
    /// After a key.
    After(String),
    /// After all keys with a prefix.
    Beyond(String),
}

impl Position {
    /// The bound that keys must be greater than. No key contains the byte 0xFF, since keys are UTF-8.
    pub(super) fn bound(&self) -> Vec<u8> {
        match self {
            Self::Start => Vec::new(),
            Self::After(key) => key.clone().into_bytes(),
            Self::Beyond(prefix) => end_of(prefix),
        }
    }
}

pub(super) fn end_of(prefix: &str) -> Vec<u8> {
    let mut end = prefix.as_bytes().to_vec();
    end.push(0xFF);
    end
}

impl Index {
    /// An object: its current version, or the one of an id.
    pub(crate) fn object(&self, bucket: &str, key: &str, version: Option<&VersionId>) -> Result<Object, Fault> {
        self.read(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            find(&snapshot, bucket, key, version)
        })
    }

    /// An object and its pieces, as of one moment.
    pub(crate) fn object_with_pieces(
        &self, bucket: &str, key: &str, version: Option<&VersionId>,
    ) -> Result<(Object, Vec<Piece>), Fault> {
        self.read(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            let object = find(&snapshot, bucket, key, version)?;
            let pieces = pieces(&snapshot, &object.body)?;
            Ok((object, pieces))
        })
    }

    pub(crate) fn put_object(&self, put: &ObjectPut<'_>) -> Result<Put, Fault> {
        self.write(|transaction| put_object(transaction, put))
    }

    /// Removes objects, or versions of them; those that do not exist are no error, unless a condition demands them.
    pub(crate) fn remove_objects(
        &self, bucket: &str, removals: &[Removal], origin: &Origin,
    ) -> Result<Vec<Result<Removed, Fault>>, Fault> {
        self.free(|transaction| {
            let settings = find_bucket(transaction, bucket)?.ok_or_else(|| Fault::no_such_bucket(bucket))?.settings;
            let listeners = Listeners::of(transaction, bucket)?;
            let mut outcomes = Vec::with_capacity(removals.len());
            for removal in removals {
                let outcome = past::remove(transaction, bucket, settings.versioning, removal, origin.time);
                match &outcome {
                    Err(fault) if !fault.is_refusal() => return outcome.map(|_| Vec::new()),
                    Err(_) => {}
                    Ok(removed) => {
                        if let (Some(listeners), Some(event)) = (&listeners, removed.event(removal, origin)) {
                            listeners.tell(transaction, &event)?;
                        }
                    }
                }
                outcomes.push(outcome);
            }
            Ok(outcomes)
        })
    }

    /// Sets the tags of an object or a version of it, which is returned.
    pub(crate) fn set_object_tags(
        &self, bucket: &str, key: &str, version: Option<&VersionId>, tags: &Tags, told: (Happening, &Origin),
    ) -> Result<VersionId, Fault> {
        self.change(bucket, key, version, ("tags", Some(told)), |_| Ok(to_json(tags)))
    }

    /// Restores an archived object or a version of it, and says whether it was already. That it begins is told at once, and
    /// that it is done once it is.
    pub(crate) fn restore(
        &self, bucket: &str, key: &str, version: Option<&VersionId>, origin: &Origin,
        restore: impl FnOnce(&Attributes) -> Result<(Restored, bool), Fault>,
    ) -> Result<bool, Fault> {
        self.write(|transaction| {
            let found = find(transaction, bucket, key, version)?;
            let (restored, already) = restore(&found.attributes)?;
            let listeners = if already { None } else { Listeners::of(transaction, bucket)? };
            if let (Some(listeners), Some(class)) = (listeners, archive_class(&found.attributes)) {
                let done = origin.of_s3_at(restored.ready);
                let all = [(Happening::Restoring(class), origin), (Happening::Restored(class, restored.until), &done)];
                for (happening, origin) in all {
                    let (size, etag, version) = (Some(found.size), Some(found.etag.as_str()), Some(&found.version));
                    listeners.tell(transaction, &Event { happening, origin, key, size, etag, version })?;
                }
            }
            let attributes = Attributes { restored: Some(restored), ..found.attributes };
            set(transaction, bucket, key, &found.version, ("attributes", &to_json(&attributes)))?;
            Ok(already)
        })
    }

    /// Changes a column of an object or a version of it, which is returned. It is told where there is something to tell
    /// and the attributes do not stay as they are.
    pub(super) fn change(
        &self, bucket: &str, key: &str, version: Option<&VersionId>,
        (column, told): (&'static str, Option<(Happening, &Origin)>),
        change: impl FnOnce(&Object) -> Result<String, Fault>,
    ) -> Result<VersionId, Fault> {
        self.write(|transaction| {
            let found = find(transaction, bucket, key, version)?;
            let value = change(&found)?;
            if let Some((happening, origin)) = told.filter(|_| value != to_json(&found.attributes))
                && let Some(listeners) = Listeners::of(transaction, bucket)?
            {
                let (etag, version) = (Some(found.etag.as_str()), Some(&found.version));
                listeners.tell(transaction, &Event { happening, origin, key, size: None, etag, version })?;
            }
            set(transaction, bucket, key, &found.version, (column, &value))?;
            Ok(found.version)
        })
    }

    /// Walks the objects with a prefix in the order of their keys, until `visit` returns `false`. It may move the
    /// position, which skips keys without reading them.
    pub(crate) fn walk(
        &self, bucket: &str, prefix: &str, start: &Position, mut visit: impl FnMut(&Object) -> Step,
    ) -> Result<(), Fault> {
        self.read(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            let mut statement = snapshot.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM object WHERE bucket = ?1 AND key > ?2 AND key >= ?3 AND key < ?4 ORDER BY key"
            ))?;
            let mut position = start.clone();
            loop {
                let bounds = params![bucket, position.bound(), prefix.as_bytes(), end_of(prefix)];
                let mut rows = statement.query(bounds)?;
                let moved = loop {
                    let Some(row) = rows.next()? else { return Ok(()) };
                    match visit(&object(row)?) {
                        Step::Next => {}
                        Step::Stop => return Ok(()),
                        Step::Skip(prefix) => break Position::Beyond(prefix),
                    }
                };
                position = moved;
            }
        })
    }
}

/// Sets a column of a version, wherever it stands.
fn set(
    transaction: &Transaction<'_>, bucket: &str, key: &str, version: &VersionId, (column, value): (&'static str, &str),
) -> rusqlite::Result<()> {
    for table in ["object", "past"] {
        transaction.execute(
            &format!("UPDATE {table} SET {column} = ?4 WHERE bucket = ?1 AND key = ?2 AND version = ?3"),
            params![bucket, key.as_bytes(), version.as_str(), value],
        )?;
    }
    Ok(())
}

/// How a walk goes on.
#[derive(Debug)]
pub(crate) enum Step {
    /// With the next key.
    Next,
    /// After the keys with this prefix.
    Skip(String),
    /// Not at all.
    Stop,
}

pub(super) fn put_object(transaction: &Transaction<'_>, put: &ObjectPut<'_>) -> Result<Put, Fault> {
    let ObjectPut { bucket, object, pieces, condition, happening, origin } = put;
    let versioning =
        find_bucket(transaction, bucket)?.ok_or_else(|| Fault::no_such_bucket(bucket))?.settings.versioning;
    condition.check(&object.key, current_etag(transaction, bucket, &object.key)?.as_deref())?;
    let replaced = past::make_way(transaction, bucket, &object.key, versioning)?;
    let version = if versioning == Versioning::Enabled { object.version.clone() } else { VersionId::null() };
    transaction
        .prepare_cached(&format!(
            "INSERT INTO object (bucket, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        ))?
        .execute(params![
            bucket,
            object.key.as_bytes(),
            object.body,
            signed(object.size),
            object.etag,
            object.modified,
            to_json(&object.checksum),
            object.parts,
            to_json(&object.attributes),
            to_json(&object.tags),
            version.as_str(),
            to_json(&object.encryption),
            to_json(&object.lock),
        ])?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO piece (body, number, start, size, file, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for piece in *pieces {
        let (start, size) = (signed(piece.start), signed(piece.size));
        insert.execute(params![object.body, piece.number, start, size, piece.file, piece.checksum])?;
    }
    if let Some(listeners) = Listeners::of(transaction, bucket)? {
        let (size, etag, version) = (Some(object.size), Some(object.etag.as_str()), Some(&version));
        let event = Event { happening: *happening, origin, key: &object.key, size, etag, version };
        listeners.tell(transaction, &event)?;
    }
    Ok(Put { replaced, version: (versioning != Versioning::Never).then_some(version) })
}

/// The current version of an object, or the one of an id. One that has been deleted is not there.
pub(super) fn find(
    connection: &Connection, bucket: &str, key: &str, version: Option<&VersionId>,
) -> Result<Object, Fault> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM object WHERE bucket = ?1 AND key = ?2 AND (?3 IS NULL OR version = ?3)"
    ))?;
    let id = version.map(VersionId::as_str);
    match statement.query_row(params![bucket, key.as_bytes(), id], object).optional()? {
        Some(object) => Ok(object),
        None => past::find(connection, bucket, key, version),
    }
}

/// What is known of an object or a version of it, if it is there.
pub(super) fn known(
    connection: &Connection, bucket: &str, key: &str, version: Option<&str>,
) -> rusqlite::Result<Option<Known>> {
    let mut statement = connection.prepare_cached(
        "SELECT tags, attributes FROM object WHERE bucket = ?1 AND key = ?2 AND (?3 IS NULL OR version = ?3)
         UNION ALL SELECT tags, attributes FROM past WHERE bucket = ?1 AND key = ?2 AND version = ?3 LIMIT 1",
    )?;
    let found = |row: &Row<'_>| {
        let attributes: Attributes = from_json(row, 1)?;
        Ok(Known { tags: from_json(row, 0)?, acl: attributes.acl })
    };
    statement.query_row(params![bucket, key.as_bytes(), version], found).optional()
}

pub(super) fn current_etag(transaction: &Transaction<'_>, bucket: &str, key: &str) -> Result<Option<String>, Fault> {
    let mut statement = transaction.prepare_cached("SELECT etag FROM object WHERE bucket = ?1 AND key = ?2")?;
    Ok(statement.query_row(params![bucket, key.as_bytes()], |row| row.get(0)).optional()?)
}

fn pieces(connection: &Connection, body: &str) -> Result<Vec<Piece>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT number, start, size, file, checksum FROM piece WHERE body = ?1 ORDER BY number")?;
    let rows = statement.query_map([body], |row| {
        Ok(Piece {
            number: row.get(0)?,
            start: unsigned(row, 1)?,
            size: unsigned(row, 2)?,
            file: row.get(3)?,
            checksum: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Forgets a body whose object has been removed.
pub(super) fn forget(transaction: &Transaction<'_>, body: String) -> Result<Replaced, Fault> {
    let mut statement = transaction.prepare_cached("DELETE FROM piece WHERE body = ?1 RETURNING file")?;
    let files = statement.query_map([&body], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(Replaced { body, files })
}

/// The object of a row that begins with the columns of both tables.
pub(super) fn object(row: &Row<'_>) -> rusqlite::Result<Object> {
    Ok(Object {
        key: key_of(row, 0)?,
        body: row.get(1)?,
        size: unsigned(row, 2)?,
        etag: row.get(3)?,
        modified: row.get(4)?,
        checksum: from_json(row, 5)?,
        parts: row.get(6)?,
        attributes: from_json(row, 7)?,
        tags: from_json(row, 8)?,
        version: VersionId::stored(row.get(9)?),
        encryption: from_json(row, 10)?,
        lock: from_json(row, 11)?,
    })
}
