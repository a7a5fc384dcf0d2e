//! Event source mappings in the store: values in memory with rows on disk, and how far each has read its shards.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use rusqlite::{Connection, Transaction, params};
use sidegate_model::Scope;
use tokio::sync::watch;

use super::rows::opened;
use super::{Store, blocking, lock, read};
use crate::Authorized;
use crate::lambda::event_source::{Mapping, Position};
use crate::lambda::fault::Fault;
use crate::vault::Vault;

/// The row of a mapping has no shard; those of its positions have.
pub(crate) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS mapping (
    id TEXT NOT NULL, shard TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (id, shard)
) WITHOUT ROWID;
";

/// All mappings, by their ids.
pub(crate) type Mappings = BTreeMap<String, Arc<Mapping>>;

fn bound_to(id: &str, shard: &str) -> String {
    format!("mapping/{id}/{shard}")
}

/// Reads all.
pub(crate) fn read_all(connection: &Connection, vault: &Vault) -> Result<Mappings, Fault> {
    let mut statement = connection.prepare("SELECT id, sealed FROM mapping WHERE shard = ''")?;
    let mut rows = statement.query([])?;
    let mut all = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        let mapping = opened(vault, &bound_to(&id, ""), row.get(1)?)?;
        all.insert(id, Arc::new(mapping));
    }
    Ok(all)
}

fn put(connection: &Connection, vault: &Vault, id: &str, shard: &str, plain: Vec<u8>) -> Result<(), Fault> {
    let sealed = vault.seal(&bound_to(id, shard), plain)?;
    let query = "INSERT INTO mapping VALUES (?1, ?2, ?3) ON CONFLICT (id, shard) DO UPDATE SET sealed = ?3";
    connection.prepare_cached(query)?.execute(params![id, shard, sealed])?;
    Ok(())
}

impl Store {
    /// A mapping as it is now.
    pub(crate) fn mapping(&self, id: &str) -> Option<Arc<Mapping>> {
        read(&self.mappings).get(id).cloned()
    }

    /// The mappings of all accounts and Regions, in the order of their ids.
    pub(crate) fn all_mappings(&self) -> Vec<Arc<Mapping>> {
        read(&self.mappings).values().cloned().collect()
    }

    /// The mappings of an account in a Region.
    pub(crate) fn mappings(&self, scope: &Scope) -> Vec<Arc<Mapping>> {
        read(&self.mappings).values().filter(|mapping| mapping.scope == *scope).cloned().collect()
    }

    /// Tells whenever a mapping is made, changed or removed.
    pub(crate) fn mapping_changes(&self) -> watch::Receiver<()> {
        self.mapping_changes.subscribe()
    }

    /// Makes or changes a mapping, in one transaction that is durable when this returns. `change` gets all that there are.
    pub(crate) async fn change_mapping<T: Send + 'static>(
        self: &Arc<Self>, _allowed: &Authorized,
        change: impl FnOnce(&Mappings) -> Result<(Mapping, T), Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let store = Arc::clone(self);
        blocking(move || {
            let _turn = lock(&store.turn);
            let (after, value) = change(&read(&store.mappings))?;
            store.put_mapping(after)?;
            Ok(value)
        })
        .await
    }

    /// Changes a mapping that is there, in nobody's name.
    pub(crate) async fn settle_mapping(
        self: &Arc<Self>, id: &str, change: impl FnOnce(&mut Mapping) + Send + 'static,
    ) -> Result<(), Fault> {
        let (store, id) = (Arc::clone(self), id.to_owned());
        blocking(move || {
            let _turn = lock(&store.turn);
            let Some(before) = store.mapping(&id) else { return Ok(()) };
            let mut after = Mapping::clone(&before);
            change(&mut after);
            if after == *before { Ok(()) } else { store.put_mapping(after) }
        })
        .await
    }

    fn put_mapping(&self, mapping: Mapping) -> Result<(), Fault> {
        let plain = serde_json::to_vec(&mapping)?;
        let write = |transaction: &Transaction<'_>| put(transaction, &self.vault, &mapping.id, "", plain.clone());
        if mapping.step == crate::lambda::event_source::Step::Deleting {
            // It leads to less, and so it happens on a full disk too.
            self.database.free(write, Fault::is_disk_full)?;
        } else {
            self.database.require().map_err(Fault::Full)?;
            self.database.transact(write)?;
        }
        self.mappings.write().unwrap_or_else(PoisonError::into_inner).insert(mapping.id.clone(), Arc::new(mapping));
        self.mapping_changes.send_replace(());
        Ok(())
    }

    /// Forgets a mapping, and how far it has read.
    pub(crate) async fn remove_mapping(self: &Arc<Self>, id: &str) -> Result<(), Fault> {
        let (store, id) = (Arc::clone(self), id.to_owned());
        blocking(move || {
            let _turn = lock(&store.turn);
            let write = |transaction: &Transaction<'_>| {
                transaction.prepare_cached("DELETE FROM mapping WHERE id = ?1")?.execute([&id])?;
                Ok(())
            };
            store.database.free(write, Fault::is_disk_full)?;
            store.mappings.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
            store.mapping_changes.send_replace(());
            Ok(())
        })
        .await
    }

    /// How far a mapping has read the shards that it has begun with.
    pub(crate) async fn positions(self: &Arc<Self>, id: &str) -> Result<BTreeMap<String, Position>, Fault> {
        let (store, id) = (Arc::clone(self), id.to_owned());
        blocking(move || {
            store.database.read(|connection| {
                let query = "SELECT shard, sealed FROM mapping WHERE id = ?1 AND shard <> ''";
                let mut statement = connection.prepare_cached(query)?;
                let mut rows = statement.query([&id])?;
                let mut positions = BTreeMap::new();
                while let Some(row) = rows.next()? {
                    let shard: String = row.get(0)?;
                    let position = opened(&store.vault, &bound_to(&id, &shard), row.get(1)?)?;
                    positions.insert(shard, position);
                }
                Ok(positions)
            })
        })
        .await
    }

    /// Keeps how far a mapping has read a shard. It is on disk when this returns.
    pub(crate) async fn put_position(
        self: &Arc<Self>, id: &str, shard: &str, position: &Position,
    ) -> Result<(), Fault> {
        let (store, id, shard) = (Arc::clone(self), id.to_owned(), shard.to_owned());
        let plain = serde_json::to_vec(position)?;
        blocking(move || {
            let _turn = lock(&store.turn);
            // One that is gone meanwhile leaves nothing behind.
            if store.mapping(&id).is_none() {
                return Ok(());
            }
            store.database.require().map_err(Fault::Full)?;
            store.database.transact(|transaction| put(transaction, &store.vault, &id, &shard, plain))
        })
        .await
    }
}
