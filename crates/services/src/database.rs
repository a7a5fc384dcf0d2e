//! An SQLite file of a service's own that holds what is secret: one connection that writes, and some that read beside it.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::reserve::Reserve;

/// How many idle reading connections are kept.
const READERS: usize = 8;

/// A database that is open.
#[derive(Debug)]
pub(crate) struct Database {
    /// `None` where it is in memory and has one connection.
    path: Option<PathBuf>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    reserve: Arc<Reserve>,
    /// Whether the log may hold what was destroyed.
    erasing: AtomicBool,
}

impl Drop for Database {
    fn drop(&mut self) {
        lock(&self.readers).clear();
        empty_log(&self.writer());
    }
}

impl Database {
    /// Opens a file, and makes it if there is none.
    pub(crate) fn open(path: PathBuf, reserve: Arc<Reserve>) -> rusqlite::Result<Self> {
        let writer = connect(&path)?;
        // What a crash has left in the log may have been destroyed since.
        empty_log(&writer);
        Ok(Self::with(Some(path), writer, reserve))
    }

    /// One that is in memory, for what is forgotten when it is dropped.
    pub(crate) fn in_memory() -> rusqlite::Result<Self> {
        let writer = Connection::open_in_memory()?;
        writer.pragma_update(None, "foreign_keys", true)?;
        Ok(Self::with(None, writer, Reserve::none()))
    }

    fn with(path: Option<PathBuf>, writer: Connection, reserve: Arc<Reserve>) -> Self {
        let erasing = AtomicBool::new(false);
        Self { path, writer: Mutex::new(writer), readers: Mutex::default(), reserve, erasing }
    }

    /// Notes that the transaction that is running destroys what is secret. Pages are overwritten (`secure_delete`),
    /// but the log keeps earlier ones until it is emptied, which is done when the transaction has been committed; if
    /// somebody is reading an earlier state just then, after the next one.
    pub(crate) fn erasing(&self) {
        self.erasing.store(true, Ordering::Release);
    }

    /// The connection that writes, when its turn comes. Blocks.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Connection> {
        lock(&self.writer)
    }

    /// Whether there is room for what adds.
    pub(crate) fn require(&self) -> io::Result<()> {
        self.reserve.require()
    }

    /// Reads one state of it, beside whoever writes. Blocks.
    pub(crate) fn read<T, E: From<rusqlite::Error>>(
        &self, read: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(path) = &self.path else { return read(&self.writer().transaction()?) };
        let idle = lock(&self.readers).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => connect(path)?,
        };
        let outcome = read(&connection.transaction()?);
        let mut readers = lock(&self.readers);
        if readers.len() < READERS {
            readers.push(connection);
        }
        outcome
    }

    /// Writes in one transaction, which is durable when this returns. Blocks.
    pub(crate) fn transact<T, E: From<rusqlite::Error>>(
        &self, write: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = write(&transaction)?;
        transaction.commit()?;
        if self.erasing.swap(false, Ordering::AcqRel) && !empty_log(&writer) {
            self.erasing();
        }
        Ok(outcome)
    }

    /// Takes something away in the same way, also where the disk is full, as `is_full` tells. What `write` finds is as it
    /// was if it is called a second time. Blocks.
    pub(crate) fn free<T, E: From<rusqlite::Error>>(
        &self, write: impl Fn(&Transaction<'_>) -> Result<T, E>, is_full: impl Fn(&E) -> bool,
    ) -> Result<T, E> {
        let settle = || {
            empty_log(&self.writer());
        };
        self.reserve.freeing(|| self.transact(&write), is_full, settle)
    }
}

/// Moves what is in the log into the file and empties the log; tells whether that was done.
fn empty_log(writer: &Connection) -> bool {
    writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).is_ok_and(|busy| busy == 0)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(path: &std::path::Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}
