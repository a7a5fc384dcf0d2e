//! The databases of the tables: one SQLite file for each account and Region, kept by the engine's own storage.
//!
//! One connection writes; readers beside it see what is committed. What tables there are changes while nobody reads or
//! writes: a connection remembers the descriptions of tables, so that those that read are opened anew afterwards.
//!
//! What the engine does not keep lies in tables of our own in the same file. Their names have a colon, which no name of a
//! table of DynamoDB has.

use std::collections::HashMap;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use sidegate_model::{AccountId, Region, Scope};
use tokio::sync::watch;

use super::fault::Fault;
use crate::Authorized;
use crate::reserve::Reserve;
use crate::vault::private_file;

/// How many idle reading connections are kept of a place.
const READERS: usize = 8;

/// What the names of the files end with.
const EXTENSION: &str = "sqlite";

/// What is ours in each database: policies of tables and streams, keys of tables, the tokens of transactions, and what the
/// engine does not know of streams and of on-demand tables.
///
/// The triggers belong to the engine's writes. It makes a record of a write that changes nothing, which DynamoDB does not
/// (developer guide, "Change data capture for DynamoDB Streams"); to tell, it has to be given both images, of which those are
/// taken away again that the stream's view does not have. The order of members in a document says nothing.
const SCHEMA: &str = r#"
CREATE TABLE IF NOT EXISTS "sidegate:policy" (
    table_id TEXT NOT NULL,
    -- The label of a stream; empty for the table itself.
    stream TEXT NOT NULL,
    document TEXT NOT NULL,
    revision TEXT NOT NULL,
    PRIMARY KEY (table_id, stream)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "sidegate:key" (
    table_id TEXT PRIMARY KEY,
    -- The ARN of the key of KMS, and the data key of the table, encrypted under it.
    arn TEXT NOT NULL,
    wrapped BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "sidegate:token" (
    operation TEXT NOT NULL,
    token TEXT NOT NULL,
    -- Of what was asked for.
    digest BLOB NOT NULL,
    answer TEXT NOT NULL,
    -- Unix milliseconds.
    at INTEGER NOT NULL,
    PRIMARY KEY (operation, token)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS "sidegate:token:at" ON "sidegate:token" (at);
CREATE TABLE IF NOT EXISTS "sidegate:view" (
    table_name TEXT PRIMARY KEY,
    -- The images that records of the table's stream have.
    view TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "sidegate:retired" (
    -- A stream that was switched off, or whose table is gone.
    table_name TEXT NOT NULL,
    label TEXT NOT NULL,
    table_id TEXT NOT NULL,
    view TEXT NOT NULL,
    key_schema TEXT NOT NULL,
    -- Since when there was the table, and since when the stream records no more, in seconds since 1970.
    created REAL NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (table_name, label)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "sidegate:on-demand" (
    table_id TEXT PRIMARY KEY,
    -- Since when the table is billed by requests, in seconds since 1970.
    at REAL NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS "sidegate:unchanged" BEFORE INSERT ON _stream_records
WHEN NEW.event_name = 'MODIFY' AND NEW.old_image IS NOT NULL AND NEW.new_image IS NOT NULL
BEGIN
    SELECT RAISE(IGNORE) WHERE
        (SELECT group_concat(quote(fullkey) || type || quote(atom), char(10)) FROM
            (SELECT fullkey, type, atom FROM json_tree(NEW.old_image) ORDER BY fullkey)) =
        (SELECT group_concat(quote(fullkey) || type || quote(atom), char(10)) FROM
            (SELECT fullkey, type, atom FROM json_tree(NEW.new_image) ORDER BY fullkey));
END;
CREATE TRIGGER IF NOT EXISTS "sidegate:viewed" AFTER INSERT ON _stream_records
WHEN EXISTS (SELECT 1 FROM "sidegate:view" WHERE table_name = NEW.table_name)
BEGIN
    UPDATE _stream_records SET
        new_image = CASE (SELECT view FROM "sidegate:view" WHERE table_name = NEW.table_name)
            WHEN 'NEW_IMAGE' THEN new_image END,
        old_image = CASE (SELECT view FROM "sidegate:view" WHERE table_name = NEW.table_name)
            WHEN 'OLD_IMAGE' THEN old_image END
    WHERE id = NEW.id;
END;
"#;

/// The databases of all accounts and Regions.
pub(super) struct Places {
    directory: PathBuf,
    reserve: Arc<Reserve>,
    open: Mutex<HashMap<Scope, Arc<Slot>>>,
    /// Told of what is written anywhere.
    writes: Writes,
    /// Stands for a database that nobody has made a table in.
    nothing: Arc<Place>,
}

/// Who tells of what is written.
type Writes = Arc<watch::Sender<()>>;

/// A place that is open, or will be.
type Slot = Mutex<Option<Arc<Place>>>;

impl Places {
    pub(super) fn open(directory: &Path, reserve: Arc<Reserve>) -> Result<Arc<Self>, Fault> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(Fault::Full)?;
        let nothing = Arc::new(Place::in_memory()?);
        let (open, writes) = (Mutex::default(), Writes::default());
        let places = Self { directory: directory.to_owned(), reserve, open, writes, nothing };
        Ok(Arc::new(places))
    }

    /// The database of an account and a Region; an empty one where there is none. Blocks.
    pub(super) fn find(&self, account: &AccountId, region: Region) -> Result<Arc<Place>, Fault> {
        let scope = Scope { account: account.clone(), region };
        let found = self.opened(&scope, false)?;
        Ok(found.unwrap_or_else(|| Arc::clone(&self.nothing)))
    }

    /// The same, which is made if there is none. Blocks.
    pub(super) fn make(&self, scope: &Scope) -> Result<Arc<Place>, Fault> {
        self.opened(scope, true)?.ok_or(Fault::Interrupted)
    }

    /// Tells whenever something is written.
    pub(super) fn writes(&self) -> watch::Receiver<()> {
        self.writes.subscribe()
    }

    /// The database that has no tables, for requests that name none that there could be.
    pub(super) fn nothing(&self) -> Arc<Place> {
        Arc::clone(&self.nothing)
    }

    /// All that there are, as far as they can be opened. Blocks.
    pub(super) fn all(&self) -> Result<Vec<Arc<Place>>, Fault> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.directory).map_err(Fault::Full)? {
            let path = entry.map_err(Fault::Full)?.path();
            let Some(scope) = scope_of(&path) else { continue };
            match self.opened(&scope, false) {
                Ok(Some(place)) => all.push(place),
                Ok(None) => {}
                // One that cannot be opened keeps nobody from the others.
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, %scope.account, %scope.region, "the tables cannot be opened");
                }
            }
        }
        Ok(all)
    }

    fn opened(&self, scope: &Scope, makes: bool) -> Result<Option<Arc<Place>>, Fault> {
        let path = self.directory.join(format!("{}-{}.{EXTENSION}", scope.account, scope.region));
        let slot = {
            let mut open = lock(&self.open);
            if !open.contains_key(scope) && !makes && !path.exists() {
                return Ok(None);
            }
            Arc::clone(open.entry(scope.clone()).or_default())
        };
        // Whoever opens a file keeps nobody waiting who is about another one.
        let mut slot = lock(&slot);
        if let Some(place) = &*slot {
            return Ok(Some(Arc::clone(place)));
        }
        if !makes && !path.exists() {
            return Ok(None);
        }
        private_file(&self.directory, &path).map_err(Fault::Full)?;
        let place = Arc::new(Place::open(path, Arc::clone(&self.reserve), Arc::clone(&self.writes))?);
        *slot = Some(Arc::clone(&place));
        Ok(Some(place))
    }
}

impl std::fmt::Debug for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Places").field("directory", &self.directory).finish_non_exhaustive()
    }
}

fn scope_of(path: &Path) -> Option<Scope> {
    let name = path.file_name()?.to_str()?.strip_suffix(EXTENSION)?.strip_suffix('.')?;
    let (account, region) = name.split_once('-')?;
    Some(Scope { account: account.parse().ok()?, region: region.parse().ok()? })
}

/// The tables of an account in a Region.
pub(super) struct Place {
    /// `None` where it is in memory and has one connection.
    path: Option<PathBuf>,
    /// How often it has changed what tables there are. Held shared by who reads or writes items.
    shape: RwLock<u64>,
    writer: Mutex<Storage>,
    readers: Mutex<Vec<(u64, Storage)>>,
    reserve: Arc<Reserve>,
    writes: Writes,
    pub(super) lifecycle: VectorIndexLifecycle,
}

/// What a change does to the room on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// It takes room.
    Taken,
    /// It gives room back, and happens on a full disk too.
    Freed,
}

impl Place {
    fn open(path: PathBuf, reserve: Arc<Reserve>, writes: Writes) -> Result<Self, Fault> {
        let writer = connect(&path)?;
        writer.conn().execute_batch(SCHEMA)?;
        Ok(Self::with(Some(path), writer, reserve, writes))
    }

    fn in_memory() -> Result<Self, Fault> {
        let writer = Storage::memory()?;
        writer.conn().execute_batch(SCHEMA)?;
        Ok(Self::with(None, writer, Reserve::none(), Writes::default()))
    }

    fn with(path: Option<PathBuf>, writer: Storage, reserve: Arc<Reserve>, writes: Writes) -> Self {
        let (readers, shape, writer) = (Mutex::default(), RwLock::new(0), Mutex::new(writer));
        Self { path, shape, writer, readers, reserve, writes, lifecycle: VectorIndexLifecycle::new() }
    }

    /// Reads one state of it, beside whoever writes. Blocks.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Storage) -> Result<T, Fault>) -> Result<T, Fault> {
        let shape = self.shape.read().unwrap_or_else(PoisonError::into_inner);
        let Some(path) = &self.path else { return read(&lock(&self.writer)) };
        let idle = lock(&self.readers).pop();
        let (of, reader) = match idle {
            Some((of, reader)) if of == *shape => (of, reader),
            _ => (*shape, connect(path)?),
        };
        reader.conn().execute_batch("BEGIN")?;
        let outcome = read(&reader);
        // One that cannot end what it began is not used again.
        if reader.conn().execute_batch("COMMIT").is_ok() {
            let mut readers = lock(&self.readers);
            if readers.len() < READERS {
                readers.push((of, reader));
            }
        }
        outcome
    }

    /// Writes items. What the engine writes is durable when this returns. `write` may be called a second time where it
    /// gives room back and the disk was full. Blocks.
    pub(super) fn write<T>(
        &self, _allowed: &Authorized, room: Room, mut write: impl FnMut(&Storage) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let _shape = self.shape.read().unwrap_or_else(PoisonError::into_inner);
        let written = match room {
            Room::Taken => {
                self.reserve.require().map_err(Fault::Full)?;
                write(&*self.turn()?)
            }
            Room::Freed => self.reserve.freeing(|| write(&*self.turn()?), Fault::is_disk_full, || self.settle()),
        };
        self.writes.send_replace(());
        written
    }

    /// Writes what is due, in nobody's name. Blocks.
    pub(super) fn upkeep<T>(&self, write: impl FnOnce(&Storage) -> Result<T, Fault>) -> Result<T, Fault> {
        let _shape = self.shape.read().unwrap_or_else(PoisonError::into_inner);
        let written = write(&*self.turn()?);
        self.writes.send_replace(());
        written
    }

    /// Changes what tables there are or what is known of them, all of it or nothing. Blocks.
    pub(super) fn change<T>(
        &self, _allowed: &Authorized, room: Room, mut change: impl FnMut(&Storage) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut shape = self.shape.write().unwrap_or_else(PoisonError::into_inner);
        *shape += 1;
        lock(&self.readers).clear();
        let mut in_one = || {
            let mut writer = self.turn()?;
            let outcome = change(&writer);
            if outcome.is_err() || !writer.conn().is_autocommit() {
                self.forget(&mut writer)?;
            }
            outcome
        };
        match room {
            Room::Taken => {
                self.reserve.require().map_err(Fault::Full)?;
                in_one()
            }
            Room::Freed => self.reserve.freeing(in_one, Fault::is_disk_full, || self.settle()),
        }
    }

    /// The connection that writes, when its turn comes.
    fn turn(&self) -> Result<MutexGuard<'_, Storage>, Fault> {
        let mut writer = lock(&self.writer);
        if !writer.conn().is_autocommit() {
            // Somebody began and did not come to an end.
            self.forget(&mut writer)?;
        }
        Ok(writer)
    }

    /// Takes back what is not committed, and with the connection what it remembers of tables.
    fn forget(&self, writer: &mut Storage) -> Result<(), Fault> {
        if !writer.conn().is_autocommit() {
            writer.conn().execute_batch("ROLLBACK")?;
        }
        if let Some(path) = &self.path {
            *writer = connect(path)?;
        }
        Ok(())
    }

    fn settle(&self) {
        let writer = lock(&self.writer);
        if let Err(error) = writer.conn().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
            tracing::debug!(%error, "the log of a database of tables is not emptied");
        }
    }
}

/// In one transaction: the engine makes and deletes tables in several.
pub(super) fn in_transaction<T>(storage: &Storage, change: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    storage.begin_transaction()?;
    match change().and_then(|outcome| Ok(storage.commit().map(|()| outcome)?)) {
        Err(fault) => {
            if !storage.conn().is_autocommit() {
                storage.rollback()?;
            }
            Err(fault)
        }
        done => done,
    }
}

fn connect(path: &Path) -> Result<Storage, Fault> {
    let name = path.to_str().ok_or_else(|| Fault::Full(io::Error::from(io::ErrorKind::InvalidFilename)))?;
    let storage = Storage::new(name)?;
    storage.conn().pragma_update(None, "synchronous", "FULL")?;
    storage.conn().set_prepared_statement_cache_capacity(128);
    Ok(storage)
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
