//! Objects in the index.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::{Index, Object, Piece, Tags, from_json, key_of, require_bucket, signed, to_json, unsigned};
use crate::s3::fault::Fault;

const COLUMNS: &str = "key, body, size, etag, modified, checksum, parts, attributes, tags";

/// A condition on the object that a write replaces or removes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    /// `If-None-Match: *`: there must be none.
    pub(crate) absent: bool,
    /// `If-Match`: there must be one, with this ETag; an empty one matches any.
    pub(crate) etag: Option<String>,
}

impl Condition {
    fn check(&self, key: &str, existing: Option<&str>) -> Result<(), Fault> {
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

/// A new object with its pieces.
#[derive(Debug)]
pub(crate) struct ObjectPut<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) object: &'a Object,
    pub(crate) pieces: &'a [Piece],
    pub(crate) condition: &'a Condition,
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
    fn bound(&self) -> Vec<u8> {
        match self {
            Self::Start => Vec::new(),
            Self::After(key) => key.clone().into_bytes(),
            Self::Beyond(prefix) => end_of(prefix),
        }
    }
}

fn end_of(prefix: &str) -> Vec<u8> {
    let mut end = prefix.as_bytes().to_vec();
    end.push(0xFF);
    end
}

impl Index {
    pub(crate) fn object(&self, bucket: &str, key: &str) -> Result<Object, Fault> {
        self.read(|connection| find(connection, bucket, key)?.ok_or_else(|| Fault::no_such_key(key)))
    }

    /// An object and its pieces, as of one moment.
    pub(crate) fn object_with_pieces(&self, bucket: &str, key: &str) -> Result<(Object, Vec<Piece>), Fault> {
        self.read(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            let object = find(&snapshot, bucket, key)?.ok_or_else(|| Fault::no_such_key(key))?;
            let pieces = pieces(&snapshot, &object.body)?;
            Ok((object, pieces))
        })
    }

    pub(crate) fn put_object(&self, put: &ObjectPut<'_>) -> Result<Option<Replaced>, Fault> {
        self.write(|transaction| put_object(transaction, put))
    }

    /// Removes objects; those that do not exist are no error, unless a condition demands them.
    pub(crate) fn remove_objects(
        &self, bucket: &str, keys: &[(String, Condition)],
    ) -> Result<Vec<Result<Option<Replaced>, Fault>>, Fault> {
        self.free(|transaction| {
            let mut outcomes = Vec::with_capacity(keys.len());
            for (key, condition) in keys {
                let existing = find_etag(transaction, bucket, key)?;
                outcomes.push(match condition.check(key, existing.as_deref()) {
                    Ok(()) => Ok(remove(transaction, bucket, key)?),
                    Err(fault) => Err(fault),
                });
            }
            Ok(outcomes)
        })
    }

    pub(crate) fn set_object_tags(&self, bucket: &str, key: &str, tags: &Tags) -> Result<(), Fault> {
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE object SET tags = ?3 WHERE bucket = ?1 AND key = ?2",
                params![bucket, key.as_bytes(), to_json(tags)],
            )?;
            if changed == 0 { Err(Fault::no_such_key(key)) } else { Ok(()) }
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

pub(super) fn put_object(transaction: &Transaction<'_>, put: &ObjectPut<'_>) -> Result<Option<Replaced>, Fault> {
    let ObjectPut { bucket, object, pieces, condition } = put;
    require_bucket(transaction, bucket)?;
    condition.check(&object.key, find_etag(transaction, bucket, &object.key)?.as_deref())?;
    let replaced = remove(transaction, bucket, &object.key)?;
    transaction
        .prepare_cached(
            "INSERT INTO object (bucket, key, body, size, etag, modified, checksum, parts, attributes, tags)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
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
        ])?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO piece (body, number, start, size, file, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for piece in *pieces {
        let (start, size) = (signed(piece.start), signed(piece.size));
        insert.execute(params![object.body, piece.number, start, size, piece.file, piece.checksum])?;
    }
    Ok(replaced)
}

fn find(connection: &Connection, bucket: &str, key: &str) -> Result<Option<Object>, Fault> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM object WHERE bucket = ?1 AND key = ?2"))?;
    Ok(statement.query_row(params![bucket, key.as_bytes()], object).optional()?)
}

/// The tags of an object.
pub(super) fn tags(connection: &Connection, bucket: &str, key: &str) -> rusqlite::Result<Option<Tags>> {
    let mut statement = connection.prepare_cached("SELECT tags FROM object WHERE bucket = ?1 AND key = ?2")?;
    statement.query_row(params![bucket, key.as_bytes()], |row| from_json(row, 0)).optional()
}

fn find_etag(transaction: &Transaction<'_>, bucket: &str, key: &str) -> Result<Option<String>, Fault> {
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

fn remove(transaction: &Transaction<'_>, bucket: &str, key: &str) -> Result<Option<Replaced>, Fault> {
    let body: Option<String> = transaction
        .prepare_cached("DELETE FROM object WHERE bucket = ?1 AND key = ?2 RETURNING body")?
        .query_row(params![bucket, key.as_bytes()], |row| row.get(0))
        .optional()?;
    let Some(body) = body else { return Ok(None) };
    let mut statement = transaction.prepare_cached("DELETE FROM piece WHERE body = ?1 RETURNING file")?;
    let files = statement.query_map([&body], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(Some(Replaced { body, files }))
}

fn object(row: &Row<'_>) -> rusqlite::Result<Object> {
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
    })
}
