//! Multipart uploads and their parts in the index.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::objects::{self, ObjectPut, Put};
use super::{Attributes, Index, Lock, Object, Tags, from_json, key_of, require_bucket, signed, to_json, unsigned};
use crate::s3::checksum::{Algorithm, Kind};
use crate::s3::encryption::Encryption;
use crate::s3::fault::Fault;
use crate::s3::version::VersionId;

/// An upload that has neither been completed nor aborted.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) id: String,
    pub(crate) key: String,
    /// Unix milliseconds.
    pub(crate) created: i64,
    /// The checksums that the client asked for.
    pub(crate) checksums: Option<Checksums>,
    pub(crate) attributes: Attributes,
    pub(crate) tags: Tags,
    pub(crate) encryption: Option<Encryption>,
    /// What the object will be kept by.
    pub(crate) lock: Lock,
}

/// In which algorithm, and of which kind.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Checksums {
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: Kind,
}

impl Upload {
    /// The checksums that the upload keeps, whether it was asked for them or not.
    pub(crate) fn kept(&self) -> Checksums {
        self.checksums.unwrap_or(Checksums { algorithm: Algorithm::DEFAULT, kind: Kind::FullObject })
    }
}

/// A part that has been uploaded.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) number: u32,
    pub(crate) file: String,
    pub(crate) size: u64,
    /// In hexadecimal digits.
    pub(crate) md5: String,
    /// In base64.
    pub(crate) checksum: String,
    /// Unix milliseconds.
    pub(crate) modified: i64,
}

impl Index {
    pub(crate) fn add_upload(&self, bucket: &str, upload: &Upload) -> Result<(), Fault> {
        self.write(|transaction| {
            require_bucket(transaction, bucket)?;
            transaction.execute(
                "INSERT INTO upload (bucket, key, id, created, algorithm, attributes, tags, encryption, lock)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    bucket,
                    upload.key.as_bytes(),
                    upload.id,
                    upload.created,
                    to_json(&upload.checksums),
                    to_json(&upload.attributes),
                    to_json(&upload.tags),
                    to_json(&upload.encryption),
                    to_json(&upload.lock),
                ],
            )?;
            Ok(())
        })
    }

    pub(crate) fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<Upload, Fault> {
        self.read(|connection| find(connection, bucket, key, id))
    }

    /// Adds a part, or replaces it and returns the file that it had.
    pub(crate) fn put_part(&self, bucket: &str, key: &str, id: &str, part: &Part) -> Result<Option<String>, Fault> {
        self.write(|transaction| {
            find(transaction, bucket, key, id)?;
            let replaced = transaction
                .prepare_cached("DELETE FROM part WHERE upload = ?1 AND number = ?2 RETURNING file")?
                .query_row(params![id, part.number], |row| row.get(0))
                .optional()?;
            transaction
                .prepare_cached(
                    "INSERT INTO part (upload, number, file, size, md5, checksum, modified)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    id,
                    part.number,
                    part.file,
                    signed(part.size),
                    part.md5,
                    part.checksum,
                    part.modified,
                ])?;
            Ok(replaced)
        })
    }

    /// An upload, and its parts after a number.
    pub(crate) fn parts(
        &self, bucket: &str, key: &str, id: &str, after: u32, limit: u32,
    ) -> Result<(Upload, Vec<Part>), Fault> {
        self.read(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            let upload = find(&snapshot, bucket, key, id)?;
            Ok((upload, parts(&snapshot, id, after, limit)?))
        })
    }

    /// Makes an object of an upload, and returns what it replaced and the files of the parts that it does not use.
    pub(crate) fn complete(&self, id: &str, parts: &[Part], put: &ObjectPut<'_>) -> Result<(Put, Vec<String>), Fault> {
        self.free(|transaction| {
            find(transaction, put.bucket, &put.object.key, id)?;
            let mut unused: HashSet<String> =
                remove(transaction, put.bucket, &put.object.key, id)?.into_iter().collect();
            if !parts.iter().all(|part| unused.remove(&part.file)) {
                // A part was replaced after the parts were looked at.
                return Err(Fault::no_such_upload(id));
            }
            let made = objects::put_object(transaction, put)?;
            remember(transaction, id, put, made.version.as_ref())?;
            Ok((made, unused.into_iter().collect()))
        })
    }

    /// The object that an upload has become, if it is still there. Whoever missed the answer asks again.
    pub(crate) fn completed(
        &self, bucket: &str, key: &str, id: &str,
    ) -> Result<Option<(Object, Option<VersionId>)>, Fault> {
        self.read(|connection| {
            let row: Option<(Option<String>, String)> = connection
                .prepare_cached("SELECT version, body FROM completed WHERE id = ?1 AND bucket = ?2 AND key = ?3")?
                .query_row(params![id, bucket, key.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((version, body)) = row else { return Ok(None) };
            let version = version.map(VersionId::stored);
            match objects::find(connection, bucket, key, version.as_ref()) {
                Ok(object) if object.body == body => Ok(Some((object, version))),
                Err(fault) if !fault.is_refusal() => Err(fault),
                _ => Ok(None),
            }
        })
    }

    /// Forgets an upload, and returns the files of its parts.
    pub(crate) fn abort(&self, bucket: &str, key: &str, id: &str) -> Result<Vec<String>, Fault> {
        self.free(|transaction| {
            find(transaction, bucket, key, id)?;
            remove(transaction, bucket, key, id)
        })
    }

    /// The uploads of a bucket with a prefix, in the order of their keys and ids, after one of them.
    pub(crate) fn uploads(
        &self, bucket: &str, prefix: &str, after: (&str, Option<&str>), mut visit: impl FnMut(Upload) -> bool,
    ) -> Result<(), Fault> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, key, created, algorithm, attributes, tags, encryption, lock FROM upload
                 WHERE bucket = ?1 AND substr(key, 1, length(?2)) = ?2 AND (key > ?3 OR (key = ?3 AND id > ?4))
                 ORDER BY key, id",
            )?;
            // Without an id, all uploads of the key itself are passed over: no id is greater than this one.
            let (key, id) = (after.0.as_bytes(), after.1.unwrap_or("~"));
            let mut rows = statement.query(params![bucket, prefix.as_bytes(), key, id])?;
            while let Some(row) = rows.next()? {
                if !visit(upload(row)?) {
                    break;
                }
            }
            Ok(())
        })
    }
}

/// Remembers what an upload has become, for a day.
fn remember(
    transaction: &Transaction<'_>, id: &str, put: &ObjectPut<'_>, version: Option<&VersionId>,
) -> Result<(), Fault> {
    const DAY: i64 = 86_400_000;
    let ObjectPut { bucket, object, .. } = put;
    transaction.execute("DELETE FROM completed WHERE at < ?1", [object.modified - DAY])?;
    transaction
        .prepare_cached("INSERT INTO completed (id, bucket, key, version, body, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            id,
            bucket,
            object.key.as_bytes(),
            version.map(VersionId::as_str),
            object.body,
            object.modified
        ])?;
    Ok(())
}

/// Removes all uploads of a bucket, and returns the files of their parts.
pub(super) fn remove_all(transaction: &Transaction<'_>, bucket: &str) -> Result<Vec<String>, Fault> {
    let mut statement = transaction
        .prepare_cached("DELETE FROM part WHERE upload IN (SELECT id FROM upload WHERE bucket = ?1) RETURNING file")?;
    let files = statement.query_map([bucket], |row| row.get(0))?.collect::<Result<_, _>>()?;
    transaction.execute("DELETE FROM upload WHERE bucket = ?1", [bucket])?;
    Ok(files)
}

fn remove(transaction: &Transaction<'_>, bucket: &str, key: &str, id: &str) -> Result<Vec<String>, Fault> {
    let mut statement = transaction.prepare_cached("DELETE FROM part WHERE upload = ?1 RETURNING file")?;
    let files = statement.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    transaction.execute(
        "DELETE FROM upload WHERE bucket = ?1 AND key = ?2 AND id = ?3",
        params![bucket, key.as_bytes(), id],
    )?;
    Ok(files)
}

fn find(connection: &Connection, bucket: &str, key: &str, id: &str) -> Result<Upload, Fault> {
    connection
        .prepare_cached(
            "SELECT id, key, created, algorithm, attributes, tags, encryption, lock FROM upload
             WHERE bucket = ?1 AND key = ?2 AND id = ?3",
        )?
        .query_row(params![bucket, key.as_bytes(), id], upload)
        .optional()?
        .ok_or_else(|| Fault::no_such_upload(id))
}

fn parts(connection: &Connection, id: &str, after: u32, limit: u32) -> Result<Vec<Part>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT number, file, size, md5, checksum, modified FROM part
         WHERE upload = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
    )?;
    let rows = statement.query_map(params![id, after, limit], |row| {
        Ok(Part {
            number: row.get(0)?,
            file: row.get(1)?,
            size: unsigned(row, 2)?,
            md5: row.get(3)?,
            checksum: row.get(4)?,
            modified: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn upload(row: &Row<'_>) -> rusqlite::Result<Upload> {
    Ok(Upload {
        id: row.get(0)?,
        key: key_of(row, 1)?,
        created: row.get(2)?,
        checksums: from_json(row, 3)?,
        attributes: from_json(row, 4)?,
        tags: from_json(row, 5)?,
        encryption: from_json(row, 6)?,
        lock: from_json(row, 7)?,
    })
}
