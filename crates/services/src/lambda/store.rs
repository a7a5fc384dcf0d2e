//! The store: functions, layers and event source mappings are values in memory, with a row for each version, and events
//! that wait to be handled.
//!
//! All rows are encrypted: variables of functions and events may be secrets.

mod mappings;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::Transaction;
use sidegate_model::Scope;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

pub(super) use mappings::Mappings;
pub(super) use rows::{Kept, Kind, Numbered, Waiting};

use super::fault::Fault;
use super::function::{Function, Version};
use super::layer::{Layer, LayerVersion};
use super::name::Place;
use crate::Authorized;
use crate::database::{Database, Form, OpenError};
use crate::iam::Names;
use crate::reserve::Reserve;
use crate::vault::Vault;

/// Part 0 of an entity is its head, the others are its versions.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS entity (
    kind INTEGER NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, part INTEGER NOT NULL,
    sealed BLOB NOT NULL, PRIMARY KEY (kind, account, region, name, part)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (id TEXT PRIMARY KEY, due INTEGER NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS event_due ON event (due);
";

const FORM: Form = Form { name: "lambda", of: "functions", steps: &[SCHEMA, mappings::SCHEMA, rows::NUMBERS] };

/// The functions, layers and event source mappings of all accounts and Regions.
#[derive(Debug)]
pub(super) struct Store {
    database: Database,
    pub(super) vault: Vault,
    /// The names that policies of functions use.
    pub(super) names: Names,
    functions: RwLock<BTreeMap<Place, Arc<Function>>>,
    layers: RwLock<BTreeMap<Place, Arc<Layer>>>,
    mappings: RwLock<Mappings>,
    mapping_changes: watch::Sender<()>,
    /// Held by who writes.
    turn: Mutex<()>,
}

impl Store {
    pub(super) fn open(directory: &Path, reserve: Arc<Reserve>, names: Names) -> Result<Arc<Self>, OpenError> {
        let (database, vault) = FORM.open(directory, reserve)?;
        let broken = |fault: Fault| OpenError::Broken { of: FORM.of, reason: fault.to_string() };
        let writer = database.writer();
        let functions = rows::read_all(&writer, &vault, Kind::Function).map_err(broken)?;
        let layers = rows::read_all(&writer, &vault, Kind::Layer).map_err(broken)?;
        let mappings = mappings::read_all(&writer, &vault).map_err(broken)?;
        drop(writer);
        let (functions, layers, mappings) = (RwLock::new(functions), RwLock::new(layers), RwLock::new(mappings));
        let (mapping_changes, turn) = (watch::Sender::default(), Mutex::default());
        Ok(Arc::new(Self { database, vault, names, functions, layers, mappings, mapping_changes, turn }))
    }

    /// A function as it is now.
    pub(super) fn function(&self, place: &Place) -> Option<Arc<Function>> {
        read(&self.functions).get(place).cloned()
    }

    /// The number that the first version of a function gets which is made now. It is for a change of the function: only
    /// while one is made, no other one makes or removes it.
    pub(super) fn first_number(&self, place: &Place) -> Result<u64, Fault> {
        self.database.read(|connection| rows::first_number(connection, Kind::Function, place))
    }

    /// The functions of an account in a Region, by their names.
    pub(super) fn functions(&self, scope: &Scope) -> Vec<Arc<Function>> {
        let first = Place { scope: scope.clone(), name: String::new() };
        let functions = read(&self.functions);
        functions
            .range(first..)
            .take_while(|(place, _)| place.scope == *scope)
            .map(|(_, own)| Arc::clone(own))
            .collect()
    }

    /// The functions of all accounts and Regions.
    pub(super) fn all_functions(&self) -> Vec<(Place, Arc<Function>)> {
        read(&self.functions).iter().map(|(place, own)| (place.clone(), Arc::clone(own))).collect()
    }

    /// A layer as it is now.
    pub(super) fn layer(&self, place: &Place) -> Option<Arc<Layer>> {
        read(&self.layers).get(place).cloned()
    }

    /// The layers of an account in a Region, by their names.
    pub(super) fn layers(&self, scope: &Scope) -> Vec<(Place, Arc<Layer>)> {
        let first = Place { scope: scope.clone(), name: String::new() };
        let layers = read(&self.layers);
        let own = layers.range(first..).take_while(|(place, _)| place.scope == *scope);
        own.map(|(place, layer)| (place.clone(), Arc::clone(layer))).collect()
    }

    /// The digests of all packages that a function or a layer has.
    pub(super) fn digests(&self) -> BTreeSet<String> {
        let mut digests = BTreeSet::new();
        for function in read(&self.functions).values() {
            let versions = function.versions.values().map(Arc::as_ref);
            for version in std::iter::once(&function.head.latest).chain(versions) {
                digests.insert(version.package.digest.clone());
                digests.extend(version.layers.iter().map(|layer| layer.digest.clone()));
            }
        }
        for layer in read(&self.layers).values() {
            digests.extend(layer.versions.values().map(|version| version.package.digest.clone()));
        }
        digests
    }

    /// Changes a function, makes it or removes it, in one transaction that is durable when this returns. `change` gets the
    /// function as it is.
    pub(super) async fn change_function<T: Send + 'static>(
        self: &Arc<Self>, _allowed: &Authorized, place: &Place,
        change: impl FnOnce(Option<Function>) -> Result<(Option<Function>, T), Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.write_function(place, change).await
    }

    /// Changes a function that is there; `None` if it is not there any more.
    pub(super) async fn settle_function<T: Send + 'static>(
        self: &Arc<Self>, place: &Place, change: impl FnOnce(&mut Function) -> Result<T, Fault> + Send + 'static,
    ) -> Result<Option<T>, Fault> {
        let settle = move |function: Option<Function>| {
            let Some(mut function) = function else { return Ok((None, None)) };
            let value = change(&mut function)?;
            Ok((Some(function), Some(value)))
        };
        self.write_function(place, settle).await
    }

    async fn write_function<T: Send + 'static>(
        self: &Arc<Self>, place: &Place,
        change: impl FnOnce(Option<Function>) -> Result<(Option<Function>, T), Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (store, place) = (Arc::clone(self), place.clone());
        blocking(move || store.write::<_, Version, _>(Kind::Function, &store.functions, place, change)).await
    }

    /// Changes a layer in the same way.
    pub(super) async fn change_layer<T: Send + 'static>(
        self: &Arc<Self>, _allowed: &Authorized, place: &Place,
        change: impl FnOnce(Option<Layer>) -> Result<(Option<Layer>, T), Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (store, place) = (Arc::clone(self), place.clone());
        blocking(move || store.write::<_, LayerVersion, _>(Kind::Layer, &store.layers, place, change)).await
    }

    fn write<H: rows::Row + Numbered, V: rows::Row, T>(
        &self, kind: Kind, table: &RwLock<BTreeMap<Place, Arc<Kept<H, V>>>>, place: Place,
        change: impl FnOnce(Option<Kept<H, V>>) -> Result<(Option<Kept<H, V>>, T), Fault>,
    ) -> Result<T, Fault> {
        let _turn = lock(&self.turn);
        let before = read(table).get(&place).cloned();
        let (after, value) = change(before.as_deref().cloned())?;
        let write = |transaction: &Transaction<'_>| {
            rows::write(transaction, &self.vault, kind, &place, before.as_deref(), after.as_ref())
        };
        if after.is_some() {
            self.database.require().map_err(Fault::Full)?;
            self.database.transact(write)?;
        } else {
            self.database.free(write, Fault::is_disk_full)?;
        }
        let mut table = table.write().unwrap_or_else(PoisonError::into_inner);
        match after {
            Some(after) => table.insert(place, Arc::new(after)),
            None => table.remove(&place),
        };
        Ok(value)
    }

    /// Keeps an event that waits. It is on disk when this returns.
    pub(super) async fn put_event(self: &Arc<Self>, waiting: Waiting) -> Result<(), Fault> {
        let store = Arc::clone(self);
        blocking(move || {
            store.database.require().map_err(Fault::Full)?;
            store.database.transact(|transaction| waiting.write(transaction, &store.vault))
        })
        .await
    }

    /// Forgets an event.
    pub(super) async fn remove_event(self: &Arc<Self>, id: &str) -> Result<(), Fault> {
        let (store, id) = (Arc::clone(self), id.to_owned());
        blocking(move || store.database.free(|transaction| Waiting::remove(transaction, &id), Fault::is_disk_full))
            .await
    }

    /// The events that are due first, but for those that are handled now, and when the next one is.
    pub(super) async fn due_events(
        self: &Arc<Self>, now: i64, handled: BTreeSet<String>, most: usize,
    ) -> Result<(Vec<Waiting>, Option<i64>), Fault> {
        let store = Arc::clone(self);
        blocking(move || store.database.read(|connection| Waiting::due(connection, &store.vault, now, &handled, most)))
            .await
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does what blocks where it may.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    spawn_blocking(work).await.map_err(|_| Fault::Interrupted)?
}
