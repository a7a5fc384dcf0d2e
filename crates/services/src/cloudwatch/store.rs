//! The store: metrics, their data, alarms and dashboards in one SQLite file.
//!
//! A data point is a row: a statistic set of a metric's values in a stretch of time, with how they are distributed where
//! that is known. What was reported for the same stretch is merged into it, and older rows are merged into longer
//! stretches, so that the rows of a metric are bounded.

pub(super) mod alarms;
pub(super) mod batch;
pub(super) mod dashboards;
pub(super) mod data;
pub(super) mod metrics;
pub(super) mod sweep;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::Transaction;

use super::fault::Fault;
use crate::Authorized;
use crate::database::{Database, Form, OpenError};
use crate::reserve::Reserve;
use crate::vault::Vault;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS metric (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, namespace TEXT NOT NULL,
    name TEXT NOT NULL, dimensions TEXT NOT NULL, reported INTEGER NOT NULL,
    UNIQUE (account, region, namespace, name, dimensions)
);
CREATE TABLE IF NOT EXISTS datum (
    metric INTEGER NOT NULL REFERENCES metric (id) ON DELETE CASCADE, start INTEGER NOT NULL,
    resolution INTEGER NOT NULL, unit TEXT NOT NULL, count REAL NOT NULL, sum REAL NOT NULL, minimum REAL NOT NULL,
    maximum REAL NOT NULL, distribution BLOB, PRIMARY KEY (metric, start, resolution, unit)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS datum_age ON datum (resolution, start);
CREATE TABLE IF NOT EXISTS alarm (
    account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (account, region, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, alarm TEXT NOT NULL,
    at INTEGER NOT NULL, kind TEXT NOT NULL, summary TEXT NOT NULL, data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS history_of ON history (account, region, at);
CREATE INDEX IF NOT EXISTS history_age ON history (at);
CREATE TABLE IF NOT EXISTS dashboard (
    account TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, changed INTEGER NOT NULL, tags TEXT NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
";

/// How often what is old is swept at most, in milliseconds.
const SWEEP_EVERY: i64 = 5 * 60 * 1000;

const FORM: Form = Form { name: "cloudwatch", of: "metrics", steps: &[SCHEMA] };

/// The store of all accounts and Regions.
#[derive(Debug)]
pub(super) struct Store {
    database: Database,
    /// For the tokens of pages.
    pub(super) vault: Vault,
    /// When it was swept last, in Unix milliseconds.
    swept: AtomicI64,
}

impl Store {
    pub(super) fn open(directory: &Path, reserve: Arc<Reserve>) -> Result<Arc<Self>, OpenError> {
        let (database, vault) = FORM.open(directory, reserve)?;
        Ok(Arc::new(Self { database, vault, swept: AtomicI64::new(i64::MIN) }))
    }

    /// One that knows nothing, and forgets what it is told when it is dropped.
    pub(super) fn empty() -> Result<Arc<Self>, Fault> {
        let database = Database::in_memory()?;
        database.writer().execute_batch(SCHEMA)?;
        Ok(Arc::new(Self { database, vault: Vault::passing()?, swept: AtomicI64::new(i64::MIN) }))
    }

    /// Reads one state of the database, beside whoever writes. Blocks.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.database.read(read)
    }

    /// Writes in one transaction, which is durable when this returns. Blocks.
    pub(super) fn write<T>(
        &self, _allowed: &Authorized, write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.note(write)
    }

    /// Writes what nobody asked for: what Sidegate itself measures, and the states of alarms. Blocks.
    pub(super) fn note<T>(&self, write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.database.require().map_err(Fault::Full)?;
        self.database.transact(write)
    }

    /// Takes something away, also where the disk is full. Blocks.
    pub(super) fn free<T>(
        &self, _allowed: &Authorized, write: impl Fn(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.database.free(write, Fault::is_disk_full)
    }

    /// Merges and removes what is old, in parts, so that nobody waits for long. Blocks.
    pub(super) fn sweep(&self, now: i64) -> Result<(), Fault> {
        while self.database.free(|transaction| sweep::part(transaction, now), Fault::is_disk_full)? {}
        Ok(())
    }

    /// The same if it is some time ago.
    pub(super) fn sweep_sometimes(&self, now: i64) -> Result<(), Fault> {
        let last = self.swept.load(Ordering::Relaxed);
        let is_due = now >= last.saturating_add(SWEEP_EVERY);
        if is_due && self.swept.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.sweep(now)?;
        }
        Ok(())
    }
}
