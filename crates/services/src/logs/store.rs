//! The store: log groups, streams, events and what belongs to them, in one SQLite file.
//!
//! An event's row lies by its group, its time and its arrival, so that a group is read in the order in which its
//! events are shown, and so that what has expired lies together; an index finds those of one stream. What is deleted
//! with its group or stream, or has expired, is not found any more at once, and is swept away piece by piece by what
//! is written later.

mod events;
mod filters;
mod group;
mod stream;
mod sweep;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};

use rusqlite::Transaction;

pub(super) use events::{Event, NewEvent, OVERHEAD, Scan};
pub(super) use filters::{
    Destination, Filter, FilterPlace, MetricFilter, Named, ResourcePolicy, SubscriptionFilter, Transformation,
};
pub(super) use group::{Class, Group, StoredKey, Tags};
pub(super) use stream::{Stream, StreamPlace};

use super::fault::Fault;
use super::metrics::Compiled;
use crate::Authorized;
use crate::database::{Database, Form, OpenError};
use crate::reserve::Reserve;
use crate::vault::Vault;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS grp (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
    created INTEGER NOT NULL, class TEXT NOT NULL, retention INTEGER, kms_key TEXT, data_key INTEGER,
    protected INTEGER NOT NULL, tags TEXT NOT NULL, stored INTEGER NOT NULL, arrivals INTEGER NOT NULL,
    UNIQUE (account, region, name)
);
CREATE INDEX IF NOT EXISTS grp_retention ON grp (id) WHERE retention IS NOT NULL;
CREATE TABLE IF NOT EXISTS data_key (
    id INTEGER PRIMARY KEY AUTOINCREMENT, grp INTEGER NOT NULL REFERENCES grp (id) ON DELETE CASCADE,
    kms_key TEXT NOT NULL, wrapped BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS data_key_grp ON data_key (grp);
CREATE TABLE IF NOT EXISTS stream (
    id INTEGER PRIMARY KEY AUTOINCREMENT, grp INTEGER NOT NULL REFERENCES grp (id) ON DELETE CASCADE,
    name TEXT NOT NULL, created INTEGER NOT NULL, first INTEGER, last INTEGER NOT NULL, ingested INTEGER,
    bytes INTEGER NOT NULL, uploads INTEGER NOT NULL, UNIQUE (grp, name)
);
CREATE INDEX IF NOT EXISTS stream_last ON stream (grp, last, name);
CREATE TABLE IF NOT EXISTS event (
    grp INTEGER NOT NULL, at INTEGER NOT NULL, arrival INTEGER NOT NULL, stream INTEGER NOT NULL,
    ingested INTEGER NOT NULL, data_key INTEGER, message NOT NULL, PRIMARY KEY (grp, at, arrival)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS event_stream ON event (stream, at, arrival);
CREATE TABLE IF NOT EXISTS gone_grp (grp INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS gone_stream (stream INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS metric_filter (
    grp INTEGER NOT NULL REFERENCES grp (id) ON DELETE CASCADE, name TEXT NOT NULL, created INTEGER NOT NULL,
    document TEXT NOT NULL, PRIMARY KEY (grp, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subscription_filter (
    grp INTEGER NOT NULL REFERENCES grp (id) ON DELETE CASCADE, name TEXT NOT NULL, created INTEGER NOT NULL,
    document TEXT NOT NULL, PRIMARY KEY (grp, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS destination (
    account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, target TEXT NOT NULL,
    role TEXT NOT NULL, policy TEXT, tags TEXT NOT NULL, PRIMARY KEY (account, region, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS resource_policy (
    account TEXT NOT NULL, region TEXT NOT NULL, grp INTEGER NOT NULL, name TEXT NOT NULL, updated INTEGER NOT NULL,
    document TEXT NOT NULL, revision TEXT, PRIMARY KEY (account, region, grp, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS resource_policy_grp ON resource_policy (grp);
";

const FORM: Form = Form { name: "logs", of: "logs", steps: &[SCHEMA] };

/// The store of all accounts and Regions.
#[derive(Debug)]
pub(super) struct Store {
    database: Database,
    /// Encrypts the tokens of pages.
    pub(super) vault: Vault,
    /// The metric filters of groups that have some, ready to be used.
    pub(super) filters: Mutex<HashMap<i64, Arc<[Compiled]>>>,
    /// When was swept last, and up to which group.
    swept: AtomicI64,
    swept_group: AtomicI64,
}

impl Store {
    pub(super) fn open(directory: &Path, reserve: Arc<Reserve>) -> Result<Arc<Self>, OpenError> {
        let (database, vault) = FORM.open(directory, reserve)?;
        Ok(Arc::new(Self::with(database, vault)))
    }

    /// One that knows nothing, and forgets what it is told when it is dropped.
    pub(super) fn empty() -> Result<Arc<Self>, Fault> {
        let database = Database::in_memory()?;
        database.writer().execute_batch(SCHEMA)?;
        Ok(Arc::new(Self::with(database, Vault::passing()?)))
    }

    fn with(database: Database, vault: Vault) -> Self {
        Self { database, vault, filters: Mutex::default(), swept: AtomicI64::new(0), swept_group: AtomicI64::new(0) }
    }

    /// Reads one state of the database, beside whoever writes. Blocks.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.database.read(read)
    }

    /// Writes in one transaction, which is durable when this returns. Blocks.
    pub(super) fn write<T>(
        &self, _allowed: &Authorized, now: i64, write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.add(now, write)
    }

    /// The same for what the machine itself writes.
    pub(super) fn add<T>(
        &self, now: i64, write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.database.require().map_err(Fault::Full)?;
        self.database.transact(|transaction| {
            self.sweep_if_due(transaction, now)?;
            write(transaction)
        })
    }

    /// Takes something away in the same way, also where the disk is full. What `write` finds is as it was if it is
    /// called a second time. Blocks.
    pub(super) fn free<T>(
        &self, _allowed: &Authorized, write: impl Fn(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.database.free(write, Fault::is_disk_full)
    }
}
