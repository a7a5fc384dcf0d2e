//! The store: every organization in memory as one immutable value, and on disk as a row for each entity.
//!
//! A change is made on a copy. What differs is written in one transaction, and only when that is durable does the copy
//! become what readers see, so that nobody is answered what a crash could take back.

mod rows;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rusqlite::Connection;

use super::fault::Fault;
use super::world::World;
use crate::Authorized;
use crate::reserve::Reserve;
use crate::vault::private_file;

/// The layout that this program writes.
const LAYOUT: i64 = 1;

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Its directory cannot be read or written.
    #[error("cannot use the directory of the organizations")]
    Directory(#[from] io::Error),
    /// Its database cannot be opened.
    #[error("cannot open the database of the organizations")]
    Database(#[from] rusqlite::Error),
    /// Its database is from a later version of Sidegate.
    #[error("the database of the organizations has layout {found}, and this version of Sidegate knows {LAYOUT}")]
    Layout {
        /// The layout that it has.
        found: i64,
    },
    /// A row is not what was written.
    #[error("the database of the organizations has a row of kind `{kind}` that cannot be read")]
    Row {
        /// What the row is of.
        kind: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// The store of all organizations.
#[derive(Debug)]
pub(super) struct Store {
    world: RwLock<Arc<World>>,
    writer: Mutex<Connection>,
    reserve: Arc<Reserve>,
}

impl Store {
    /// Opens the store in a directory. Blocks.
    pub(super) fn open(directory: &Path, reserve: Arc<Reserve>) -> Result<Arc<Self>, OpenError> {
        let path = directory.join("organizations.sqlite");
        private_file(directory, &path)?;
        let connection = Connection::open(&path)?;
        connection.busy_timeout(std::time::Duration::from_secs(30))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        match connection.pragma_query_value(None, "user_version", |row| row.get(0))? {
            // Nothing is written, so that a full disk does not keep it from being opened.
            LAYOUT => {}
            0 => {
                connection.execute_batch(rows::SCHEMA)?;
                connection.pragma_update(None, "user_version", LAYOUT)?;
            }
            found => return Err(OpenError::Layout { found }),
        }
        let world = rows::load(&connection)?;
        Ok(Arc::new(Self { world: RwLock::new(Arc::new(world)), writer: Mutex::new(connection), reserve }))
    }

    /// Everything as it is now.
    pub(super) fn world(&self) -> Arc<World> {
        Arc::clone(&self.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes something. It is durable when this returns. Blocks.
    pub(super) fn write<T>(
        &self, _allowed: &Authorized, change: impl FnOnce(&mut World) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.reserve.require().map_err(Fault::Full)?;
        self.transact(change, rows::store)
    }

    /// Takes something away in the same way, also where the disk is full. Blocks.
    pub(super) fn free<T>(
        &self, _allowed: &Authorized, change: impl FnOnce(&mut World) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.transact(change, |connection, old, new| {
            let settle = || drop(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
            self.reserve.freeing(|| rows::store(connection, old, new), Fault::is_disk_full, settle)
        })
    }

    fn transact<T>(
        &self, change: impl FnOnce(&mut World) -> Result<T, Fault>,
        store: impl FnOnce(&Connection, &World, &World) -> Result<(), Fault>,
    ) -> Result<T, Fault> {
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.world();
        let mut new = World::clone(&old);
        let outcome = change(&mut new)?;
        if new != *old {
            store(&connection, &old, &new)?;
            *self.world.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        }
        Ok(outcome)
    }
}
