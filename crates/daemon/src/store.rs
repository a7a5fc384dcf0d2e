//! The state of the daemon in one SQLite file: each entity of the world is a row, and so is each access key.
//!
//! A write is one transaction, on disk when it returns. Only what changed is written.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use sidegate_model::{Change, Entity, Table, World};
use sidegate_services::reserve::{self, Reserve};

use crate::billing;

/// The layout that this program writes.
const LAYOUT: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS entity (
    kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS access_key (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, secret TEXT NOT NULL, created INTEGER NOT NULL
) WITHOUT ROWID;
";

/// Why the state cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The database refuses.
    #[error("cannot use the database of the state directory ({0}); see whether its disk is full or broken")]
    Database(#[from] rusqlite::Error),
    /// There is no room for more.
    #[error(
        "the disk of the state directory is full ({0}); delete objects, secrets or networks, which goes on, or make room on it"
    )]
    Full(#[source] std::io::Error),
    /// A row is not what this program writes.
    #[error("the {kind} `{id}` in the database cannot be read ({reason}); the file may be of another version")]
    Row {
        /// The kind of entity.
        kind: &'static str,
        /// Its id.
        id: String,
        /// What is wrong.
        reason: serde_json::Error,
    },
    /// The database is of a later version.
    #[error(
        "the database has layout {found}, and this version of Sidegate knows {LAYOUT}: use the version that wrote it"
    )]
    Layout {
        /// The layout that it has.
        found: i64,
    },
}

impl StoreError {
    /// Whether it says that the disk has no room, or may mean it.
    pub(crate) fn is_disk_full(&self) -> bool {
        match self {
            Self::Database(error) => reserve::database_is_full(error),
            Self::Full(_) => true,
            Self::Row { .. } | Self::Layout { .. } => false,
        }
    }
}

/// An access key with its secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) secret: String,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).field("account", &self.account).finish_non_exhaustive()
    }
}

/// The open database.
pub(crate) struct Store {
    connection: Mutex<Connection>,
    reserve: Arc<Reserve>,
}

/// Does the same for the table of each kind of entity.
macro_rules! each_table {
    ($do:ident) => {
        $do!(
            vpcs,
            subnets,
            subnet_cidr_reservations,
            route_tables,
            opened_regions,
            dhcp_options,
            network_acls,
            security_groups,
            interfaces,
            endpoints,
            instances,
            volumes,
            key_pairs,
            internet_gateways,
            egress_only_internet_gateways,
            vpn_gateways,
            nat_gateways,
            elastic_ips,
            flow_logs,
            network_insights_paths,
            network_insights_analyses,
            peerings,
            prefix_lists,
            prefix_list_versions,
            observed_prefix_lists,
            tags,
            tokens
        )
    };
}

impl Store {
    /// Opens the database at a path, and makes it if there is none.
    #[cfg(test)]
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_beside(path, Reserve::none())
    }

    /// The same on a disk on which room is set aside for deletions.
    pub(crate) fn open_beside(path: &Path, reserve: Arc<Reserve>) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(30))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // In WAL mode only FULL puts a commit on disk before it returns.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.set_prepared_statement_cache_capacity(16);
        match connection.pragma_query_value(None, "user_version", |row| row.get(0))? {
            // Nothing is written, so that a full disk does not keep it from being opened.
            LAYOUT => {}
            0 => {
                connection.execute_batch(SCHEMA)?;
                connection.pragma_update(None, "user_version", LAYOUT)?;
            }
            found => return Err(StoreError::Layout { found }),
        }
        // Writes nothing where they are there.
        connection.execute_batch(billing::SCHEMA)?;
        Ok(Self { connection: Mutex::new(connection), reserve })
    }

    /// The world that is stored.
    pub(crate) fn world(&self) -> Result<World, StoreError> {
        let connection = self.lock();
        let mut world = World::default();
        macro_rules! load {
            ($($table:ident),*) => { $(load(&connection, &mut world.$table)?;)* };
        }
        each_table!(load);
        world.complete();
        Ok(world)
    }

    /// Stores what differs between two worlds, in one transaction, and with it what the change, which is of the time `at`,
    /// begins and ends in the ledger of the bill. Where the disk is full, only what adds no entity is stored.
    pub(crate) fn write(&self, old: &World, new: &World, at: i64) -> Result<(), StoreError> {
        let mut adds = false;
        macro_rules! compare {
            ($($table:ident),*) => { $(adds |= new.$table.len() > old.$table.len();)* };
        }
        each_table!(compare);
        if adds {
            self.reserve.require().map_err(StoreError::Full)?;
            return self.transact(old, new, |transaction| billing::record(transaction, old, new, at));
        }
        self.freeing(|| self.transact(old, new, |transaction| billing::record(transaction, old, new, at)))
    }

    /// Takes back what was stored of a change of the time `at`, that from `to` to `from`, in one transaction, also where the
    /// disk is full: what it takes is what was set aside for that.
    pub(crate) fn write_back(&self, from: &World, to: &World, at: i64) -> Result<(), StoreError> {
        self.freeing(|| self.transact(from, to, |transaction| billing::take_back(transaction, to, from, at)))
    }

    /// Does what may use the room that is set aside where the disk is full.
    pub(crate) fn freeing(&self, transact: impl FnMut() -> Result<(), StoreError>) -> Result<(), StoreError> {
        let settle = || drop(self.lock().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        self.reserve.freeing(transact, StoreError::is_disk_full, settle)
    }

    fn transact(
        &self, old: &World, new: &World, enter: impl Fn(&Transaction<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        macro_rules! save {
            ($($table:ident),*) => { $(save(&transaction, &old.$table, &new.$table)?;)* };
        }
        each_table!(save);
        enter(&transaction)?;
        transaction.commit()?;
        Ok(())
    }

    /// A setting.
    pub(crate) fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let query = "SELECT value FROM setting WHERE name = ?1";
        Ok(self.lock().query_row(query, [name], |row| row.get(0)).optional()?)
    }

    /// Sets a setting.
    pub(crate) fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.lock().execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)", [name, value])?;
        Ok(())
    }

    /// All access keys.
    pub(crate) fn access_keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        let connection = self.lock();
        let mut query = connection.prepare("SELECT id, account, secret FROM access_key ORDER BY created, id")?;
        let keys =
            query.query_map([], |row| Ok(AccessKey { id: row.get(0)?, account: row.get(1)?, secret: row.get(2)? }))?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// Makes an access key the administrator's, in the place of the one that was.
    pub(crate) fn put_administrator(&self, key: &AccessKey, now: i64) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "DELETE FROM access_key WHERE id = (SELECT value FROM setting WHERE name = 'administrator')",
            [],
        )?;
        transaction.execute(
            "INSERT OR REPLACE INTO access_key (id, account, secret, created) VALUES (?1, ?2, ?3, ?4)",
            params![key.id, key.account, key.secret, now],
        )?;
        let statement = "INSERT OR REPLACE INTO setting (name, value) VALUES ('administrator', ?1)";
        transaction.execute(statement, [&key.id])?;
        transaction.commit()?;
        Ok(())
    }

    /// Stores a further access key.
    pub(crate) fn put_access_key(&self, key: &AccessKey, now: i64) -> Result<(), StoreError> {
        self.lock().execute(
            "INSERT INTO access_key (id, account, secret, created) VALUES (?1, ?2, ?3, ?4)",
            params![key.id, key.account, key.secret, now],
        )?;
        Ok(())
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load<T: Entity>(connection: &Connection, table: &mut Table<T>) -> Result<(), StoreError> {
    let mut query = connection.prepare("SELECT id, body FROM entity WHERE kind = ?1")?;
    let mut rows = query.query([T::KIND])?;
    while let Some(row) = rows.next()? {
        let body: String = row.get(1)?;
        let entity: T = match serde_json::from_str(&body) {
            Ok(entity) => entity,
            Err(reason) => return Err(StoreError::Row { kind: T::KIND, id: row.get(0)?, reason }),
        };
        table.insert(entity);
    }
    Ok(())
}

fn save<T: Entity>(transaction: &Transaction<'_>, old: &Table<T>, new: &Table<T>) -> Result<(), StoreError> {
    for change in old.changes(new) {
        match change {
            Change::Put(entity) => {
                let body = serde_json::to_string(&*entity).map_err(|reason| StoreError::Row {
                    kind: T::KIND,
                    id: entity.key(),
                    reason,
                })?;
                transaction
                    .prepare_cached("INSERT OR REPLACE INTO entity (kind, id, body) VALUES (?1, ?2, ?3)")?
                    .execute(params![T::KIND, entity.key(), body])?;
            }
            Change::Removed(entity) => {
                transaction
                    .prepare_cached("DELETE FROM entity WHERE kind = ?1 AND id = ?2")?
                    .execute(params![T::KIND, entity.key()])?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sidegate_model::{Context, Scope};

    use super::*;

    #[test]
    fn a_world_is_read_as_it_was_written_and_a_removed_entity_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.sqlite");
        let store = Store::open(&path).unwrap();
        let empty = World::default();
        let mut full = empty.clone();
        let scope = Scope { account: "123456789012".parse().unwrap(), region: "us-east-1".parse().unwrap() };
        let mut last = 0_u64;
        let mut entropy = || {
            last = last.wrapping_add(0x9e37_79b9_7f4a_7c15);
            last
        };
        let mut context = Context { scope, now: 1, entropy: &mut entropy };
        full.create_vpc(&mut context, "10.77.0.0/16".parse().unwrap(), "default").unwrap();
        store.write(&empty, &full, 1).unwrap();
        drop(store);
        let store = Store::open(&path).unwrap();
        assert_eq!(store.world().unwrap(), full);
        store.write(&full, &empty, 2).unwrap();
        assert_eq!(store.world().unwrap(), empty);
    }

    #[test]
    fn a_database_of_a_later_version_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.sqlite");
        drop(Store::open(&path).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", LAYOUT + 1).unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::Layout { found: 2 })));
    }
}
