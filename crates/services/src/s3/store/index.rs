//! The index: buckets, objects, uploads and their parts, in one SQLite file.
//!
//! Keys are stored as bytes, so that SQLite orders them as S3 does, by their UTF-8. Every function here blocks.

mod acls;
mod configurations;
mod events;
mod lock;
mod objects;
mod past;
mod settings;
mod uploads;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use acls::ACL;
pub(crate) use configurations::Which;
pub(crate) use events::{Settled, Waiting};
pub(crate) use lock::{DefaultRetention, Lock, LockMode, Locking, Period, Retention};
pub(crate) use objects::{Condition, ObjectPut, Position, Put, Replaced, Step};
pub(crate) use past::{Listed, Removal, Removed, VersionPosition};
pub(crate) use settings::{Ownership, PublicAccess, Settings, Versioning};
pub(crate) use uploads::{Checksums, Part, Upload};

use super::OpenError;
use super::bodies::parse_name;
use crate::reserve::Reserve;
use crate::s3::acl::Acl;
use crate::s3::checksum::Checksum;
use crate::s3::encryption::Encryption;
use crate::s3::fault::Fault;
use crate::s3::version::VersionId;
use crate::vault::{self, Vault, VaultError};

/// The layout that this program writes.
pub(super) const LAYOUT: i64 = 4;

/// What makes the second layout of the first, which knew no policies and settings of buckets.
const FROM_FIRST: &str = "
ALTER TABLE bucket ADD COLUMN policy TEXT;
ALTER TABLE bucket ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
";

/// What makes the third layout of the second, which knew neither versions nor encryption.
const FROM_SECOND: &str = "
ALTER TABLE object ADD COLUMN version TEXT NOT NULL DEFAULT 'null';
ALTER TABLE object ADD COLUMN encryption TEXT NOT NULL DEFAULT 'null';
ALTER TABLE object ADD COLUMN lock TEXT NOT NULL DEFAULT '{}';
ALTER TABLE upload ADD COLUMN encryption TEXT NOT NULL DEFAULT 'null';
ALTER TABLE upload ADD COLUMN lock TEXT NOT NULL DEFAULT '{}';
";

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS bucket (
    name TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, created INTEGER NOT NULL, tags TEXT NOT NULL,
    policy TEXT, settings TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS object (
    bucket TEXT NOT NULL, key BLOB NOT NULL, body TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified INTEGER NOT NULL, checksum TEXT NOT NULL, parts INTEGER NOT NULL, attributes TEXT NOT NULL,
    tags TEXT NOT NULL, version TEXT NOT NULL DEFAULT 'null', encryption TEXT NOT NULL DEFAULT 'null',
    lock TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS past (
    bucket TEXT NOT NULL, key BLOB NOT NULL, age INTEGER NOT NULL, marker INTEGER NOT NULL, body TEXT NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, checksum TEXT NOT NULL,
    parts INTEGER NOT NULL, attributes TEXT NOT NULL, tags TEXT NOT NULL, version TEXT NOT NULL,
    encryption TEXT NOT NULL, lock TEXT NOT NULL, PRIMARY KEY (bucket, key, age)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS completed (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key BLOB NOT NULL, version TEXT, body TEXT NOT NULL, at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS past_version ON past (bucket, key, version);
CREATE TABLE IF NOT EXISTS piece (
    body TEXT NOT NULL, number INTEGER NOT NULL, start INTEGER NOT NULL, size INTEGER NOT NULL, file TEXT NOT NULL,
    checksum TEXT NOT NULL, PRIMARY KEY (body, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (
    bucket TEXT NOT NULL, key BLOB NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, algorithm TEXT NOT NULL,
    attributes TEXT NOT NULL, tags TEXT NOT NULL, encryption TEXT NOT NULL DEFAULT 'null',
    lock TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (bucket, key, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
    upload TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, md5 TEXT NOT NULL,
    checksum TEXT NOT NULL, modified INTEGER NOT NULL, PRIMARY KEY (upload, number)
) WITHOUT ROWID;
";

/// Tags, in the order of their keys.
pub(crate) type Tags = BTreeMap<String, String>;

/// A bucket.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) created: i64,
    pub(crate) tags: Tags,
    /// The bucket policy, as it was put.
    pub(crate) policy: Option<Arc<str>>,
    pub(crate) settings: Settings,
    /// The document that says how new objects are encrypted that say nothing of it.
    pub(crate) encryption: Option<Arc<str>>,
    /// `None` where its owner alone has anything.
    pub(crate) acl: Option<Acl>,
}

const BUCKET_COLUMNS: &str = "name, account, region, created, tags, policy, settings";

/// What a client says of an object and gets back with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Attributes {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    /// Unix milliseconds.
    pub(crate) expires: Option<i64>,
    /// An `Expires` that is no date, as it was given.
    pub(crate) expires_text: Option<String>,
    pub(crate) website_redirect: Option<String>,
    /// `None` is STANDARD.
    pub(crate) storage_class: Option<String>,
    /// `None` where its owner alone has anything.
    pub(crate) acl: Option<Acl>,
    /// Where it is archived, and was restored.
    pub(crate) restored: Option<Restored>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// When an archived object can be read, in Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Restored {
    pub(crate) ready: i64,
    pub(crate) until: i64,
}

/// What is known of an object when it is decided who may do something to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) tags: Tags,
    pub(crate) acl: Option<Acl>,
}

/// An object.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) key: String,
    /// The id under which its pieces stand.
    pub(crate) body: String,
    pub(crate) size: u64,
    pub(crate) etag: String,
    /// Unix milliseconds.
    pub(crate) modified: i64,
    pub(crate) checksum: Option<Checksum>,
    /// How many parts it was uploaded in; 0 if it was not.
    pub(crate) parts: u32,
    pub(crate) attributes: Attributes,
    pub(crate) tags: Tags,
    pub(crate) version: VersionId,
    /// How its bytes are encrypted; those of a store from before there was encryption are not.
    pub(crate) encryption: Option<Encryption>,
    pub(crate) lock: Lock,
}

/// A file of a body, and where in the body it lies.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) number: u32,
    pub(crate) start: u64,
    pub(crate) size: u64,
    pub(crate) file: String,
    /// The part's checksum; empty for what was not uploaded in parts.
    pub(crate) checksum: String,
}

/// The connections: one that writes, and those that read beside it.
#[derive(Debug)]
pub(crate) struct Index {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    reserve: Arc<Reserve>,
    /// Told when there is an event more.
    pub(crate) happened: Notify,
    newest_event: AtomicI64,
}

/// How many idle reading connections are kept.
const READERS: usize = 8;

impl Index {
    /// Opens the index in a directory, and the vault whose key lies beside it.
    pub(crate) fn open(dir: &Path, reserve: Arc<Reserve>) -> Result<(Self, Vault), OpenError> {
        let path = dir.join("s3.sqlite");
        let writer = connect(&path)?;
        match writer.pragma_query_value(None, "user_version", |row| row.get(0))? {
            // Nothing is written, so that a full disk does not keep it from being opened.
            LAYOUT => {}
            0 => {
                writer.execute_batch(&format!("{SCHEMA}{}", later_tables()))?;
                writer.pragma_update(None, "user_version", LAYOUT)?;
            }
            found @ 1..LAYOUT => {
                let first = if found < 2 { FROM_FIRST } else { "" };
                let second = if found < 3 { FROM_SECOND } else { "" };
                let steps = format!("{first}{second}{SCHEMA}{}", later_tables());
                writer.execute_batch(&format!("BEGIN IMMEDIATE; {steps} PRAGMA user_version = {LAYOUT}; COMMIT;"))?;
            }
            found => return Err(OpenError::Layout { found }),
        }
        let vault = Vault::of(&writer, &dir.join("s3.key")).map_err(|error| match error {
            VaultError::Key(error) => OpenError::Key(error),
            VaultError::Database(error) => OpenError::Index(error),
        })?;
        let (writer, happened) = (Mutex::new(writer), Notify::new());
        let newest_event = AtomicI64::default();
        Ok((Self { path, writer, readers: Mutex::default(), reserve, happened, newest_event }, vault))
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads, beside whoever writes.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path)?,
        };
        let outcome = read(&connection);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(connection);
        }
        outcome
    }

    /// Adds or changes something in one transaction, which is durable when this returns.
    fn write<T>(&self, write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.reserve.require()?;
        self.transact(write)
    }

    /// Takes something away in one transaction, which is durable when this returns, also where the disk is full. What
    /// `write` finds is as it was if it is called a second time.
    fn free<T>(&self, write: impl Fn(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let settle = || drop(self.writer().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        self.reserve.freeing(|| self.transact(&write), Fault::may_be_disk_full, settle)
    }

    fn transact<T>(&self, write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = write(&transaction)?;
        let newest = events::newest(&transaction)?;
        transaction.commit()?;
        if self.newest_event.swap(newest, Ordering::Relaxed) != newest {
            self.happened.notify_one();
        }
        Ok(outcome)
    }

    /// The names of all files that a row names.
    pub(crate) fn files(&self) -> rusqlite::Result<HashSet<u128>> {
        let writer = self.writer();
        let mut files = HashSet::new();
        for query in ["SELECT file FROM piece", "SELECT file FROM part"] {
            let mut statement = writer.prepare(query)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                files.extend(parse_name(row.get_ref(0)?.as_str()?));
            }
        }
        Ok(files)
    }

    /// A bucket, and what is known of an object in it or of a version of one, where both are there.
    pub(crate) fn bucket(
        &self, name: &str, key: Option<&str>, version: Option<&str>,
    ) -> Result<(Option<Bucket>, Option<Known>), Fault> {
        self.read(|connection| {
            let found = find_bucket(connection, name)?;
            let known = match key.filter(|_| found.is_some()) {
                Some(key) => objects::known(connection, name, key, version)?,
                None => None,
            };
            Ok((found, known))
        })
    }

    /// Adds a bucket, or returns the one that already has its name.
    pub(crate) fn add_bucket(&self, new: &Bucket) -> Result<Option<Bucket>, Fault> {
        self.write(|transaction| {
            let existing = find_bucket(transaction, &new.name)?;
            if existing.is_none() {
                let (tags, settings) = (to_json(&new.tags), to_json(&new.settings));
                transaction.execute(
                    &format!("INSERT INTO bucket ({BUCKET_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
                    params![new.name, new.account, new.region, new.created, tags, new.policy.as_deref(), settings],
                )?;
                if let Some(acl) = &new.acl {
                    acls::put(transaction, &new.name, acl)?;
                }
            }
            Ok(existing)
        })
    }

    /// Removes an empty bucket with its uploads, and returns the files of their parts; `None` if it is not empty.
    pub(crate) fn remove_bucket(&self, name: &str) -> Result<Option<Vec<String>>, Fault> {
        self.free(|transaction| {
            let full: bool = transaction
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM object WHERE bucket = ?1) OR EXISTS (SELECT 1 FROM past WHERE bucket = ?1)",
                )?
                .query_row([name], |row| row.get(0))?;
            if full {
                return Ok(None);
            }
            let files = uploads::remove_all(transaction, name)?;
            configurations::remove_all(transaction, name)?;
            transaction.execute("DELETE FROM completed WHERE bucket = ?1", [name])?;
            transaction.execute("DELETE FROM bucket WHERE name = ?1", [name])?;
            Ok(Some(files))
        })
    }

    /// An account's buckets in the order of their names, after a name, with a prefix, in a Region. Their policies stay
    /// where they are.
    pub(crate) fn buckets(
        &self, account: &str, after: &str, prefix: &str, region: Option<&str>, limit: u32,
    ) -> Result<Vec<Bucket>, Fault> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT name, account, region, created, tags, NULL, settings, NULL, NULL FROM bucket
                 WHERE account = ?1 AND name > ?2 AND substr(name, 1, length(?3)) = ?3 AND (?4 IS NULL OR region = ?4)
                 ORDER BY name LIMIT ?5",
            )?;
            let rows = statement.query_map(params![account, after, prefix, region, limit], bucket)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    pub(crate) fn set_bucket_tags(&self, name: &str, tags: &Tags) -> Result<(), Fault> {
        self.write(|transaction| {
            let changed =
                transaction.execute("UPDATE bucket SET tags = ?2 WHERE name = ?1", params![name, to_json(tags)])?;
            if changed == 0 { Err(Fault::no_such_bucket(name)) } else { Ok(()) }
        })
    }
}

/// The tables that the first layouts did not have.
fn later_tables() -> String {
    [configurations::TABLE, events::TABLE, vault::SCHEMA].concat()
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn bucket(row: &Row<'_>) -> rusqlite::Result<Bucket> {
    Ok(Bucket {
        name: row.get(0)?,
        account: row.get(1)?,
        region: row.get(2)?,
        created: row.get(3)?,
        tags: from_json(row, 4)?,
        policy: row.get(5)?,
        settings: from_json(row, 6)?,
        encryption: row.get(7)?,
        acl: row.get::<_, Option<String>>(8)?.and_then(|acl| serde_json::from_str(&acl).ok()),
    })
}

fn find_bucket(connection: &Connection, name: &str) -> rusqlite::Result<Option<Bucket>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {BUCKET_COLUMNS}, (SELECT body FROM configuration WHERE bucket = ?1 AND kind = 'encryption' AND id = ''),
         (SELECT body FROM configuration WHERE bucket = ?1 AND kind = '{ACL}' AND id = '')
         FROM bucket WHERE name = ?1"
    ))?;
    statement.query_row([name], bucket).optional()
}

fn require_bucket(transaction: &Transaction<'_>, name: &str) -> Result<(), Fault> {
    let exists: bool = transaction
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM bucket WHERE name = ?1)")?
        .query_row([name], |row| row.get(0))?;
    if exists { Ok(()) } else { Err(Fault::no_such_bucket(name)) }
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

fn key_of(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    let bytes = row.get_ref(column)?.as_blob()?;
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// SQLite's integers are signed; no size here comes near that bound.
fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}
