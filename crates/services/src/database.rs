//! An SQLite file of a service's own that holds what is secret: one connection that writes, and some that read beside it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::reserve::Reserve;
use crate::vault::{self, KeyError, Vault, VaultError, private_file};

/// How many idle reading connections are kept.
const READERS: usize = 8;

/// Why a service's database cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Its directory cannot be read or written.
    #[error("cannot use the directory of the {of}")]
    Directory {
        /// What it holds.
        of: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// The database itself cannot be opened.
    #[error("cannot open the database of the {of}")]
    Database {
        /// What it holds.
        of: &'static str,
        /// What is wrong.
        source: rusqlite::Error,
    },
    /// It is from a later version of Sidegate.
    #[error("the database of the {of} has layout {found}, and this version of Sidegate knows {known}")]
    Layout {
        /// What it holds.
        of: &'static str,
        /// The layout that it has.
        found: i64,
        /// The latest that is known.
        known: i64,
    },
    /// There is no key to encrypt with.
    #[error("there is no key for the {of}")]
    Key {
        /// What it encrypts.
        of: &'static str,
        /// What is wrong.
        source: KeyError,
    },
    /// What it holds is not what was written.
    #[error("the database of the {of} holds something that cannot be read: {reason}")]
    Broken {
        /// What it holds.
        of: &'static str,
        /// What is wrong.
        reason: String,
    },
}

/// The database of a service in its directory: the files `NAME.sqlite` and `NAME.key`, and the layouts it has had.
#[derive(Debug)]
pub(crate) struct Form {
    /// The files' name.
    pub(crate) name: &'static str,
    /// What it holds, for messages.
    pub(crate) of: &'static str,
    /// The statements that lead from each layout to the next one. The first makes an empty file one of layout 1.
    pub(crate) steps: &'static [&'static str],
}

impl Form {
    /// Opens it, with what is encrypted in it; makes or renews it where it is missing or of an earlier layout.
    pub(crate) fn open(&self, directory: &Path, reserve: Arc<Reserve>) -> Result<(Database, Vault), OpenError> {
        let of = self.of;
        let refused = |source| OpenError::Database { of, source };
        let path = directory.join(self.name).with_extension("sqlite");
        private_file(directory, &path).map_err(|source| OpenError::Directory { of, source })?;
        let database = Database::open(path, reserve).map_err(refused)?;
        let writer = database.writer();
        self.renew(&writer)?;
        let key = directory.join(self.name).with_extension("key");
        let vault = Vault::of(&writer, &key).map_err(|error| match error {
            VaultError::Key(source) => OpenError::Key { of, source },
            VaultError::Database(source) => refused(source),
        })?;
        drop(writer);
        Ok((database, vault))
    }

    /// Takes the steps that are left to the latest layout, all or none. Nothing is written where none is left, so that a full
    /// disk does not keep it from being opened.
    fn renew(&self, writer: &Connection) -> Result<(), OpenError> {
        let of = self.of;
        let refused = |source| OpenError::Database { of, source };
        let found: i64 = writer.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(refused)?;
        let known = self.steps.len();
        let newer = || OpenError::Layout { of, found, known: i64::try_from(known).unwrap_or(i64::MAX) };
        let left = usize::try_from(found).ok().and_then(|found| self.steps.get(found..)).ok_or_else(newer)?;
        if left.is_empty() {
            return Ok(());
        }
        let (steps, vault) = (left.concat(), vault::SCHEMA);
        let all = format!("BEGIN IMMEDIATE; {steps} {vault} PRAGMA user_version = {known}; COMMIT;");
        writer.execute_batch(&all).map_err(refused)
    }
}

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

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}
