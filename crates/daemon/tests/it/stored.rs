//! The world of a daemon, in its database: read, or put there before it starts.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};
use sidegate_model::{Entity, Table, World};

use crate::harness::Daemon;
use crate::http::Key;

/// Does the same for the table of each kind of entity that tests have.
macro_rules! each_table {
    ($do:ident) => {
        $do!(
            vpcs,
            subnets,
            route_tables,
            network_acls,
            prefix_lists,
            prefix_list_versions,
            security_groups,
            interfaces,
            endpoints,
            instances,
            volumes,
            internet_gateways,
            egress_only_internet_gateways,
            vpn_gateways,
            nat_gateways,
            elastic_ips,
            peerings
        )
    };
}
pub(crate) use each_table;

/// The world that the daemon has stored.
pub(crate) fn world(daemon: &Daemon) -> World {
    fn load<T: Entity>(connection: &Connection, table: &mut Table<T>) {
        let mut query = connection.prepare_cached("SELECT body FROM entity WHERE kind = ?1").unwrap();
        let bodies = query.query_map([T::KIND], |row| row.get::<_, String>(0)).unwrap();
        bodies.for_each(|body| table.insert(serde_json::from_str(&body.unwrap()).unwrap()));
    }
    let path: &Path = &daemon.state().join("state.sqlite");
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    // One view of all tables.
    connection.execute_batch("BEGIN").unwrap();
    let mut world = World::default();
    macro_rules! load {
        ($($table:ident),*) => { $(load(&connection, &mut world.$table);)* };
    }
    each_table!(load);
    world
}

/// Puts a world into a state directory, and an access key for each account. The daemon adds what is not there, as at its
/// first start.
pub(crate) fn put(state: &Path, world: &World, keys: &[(String, Key<'_>)]) {
    fn save<T: Entity>(connection: &Connection, table: &Table<T>) {
        let insert = "INSERT INTO entity (kind, id, body) VALUES (?1, ?2, ?3)";
        let mut insert = connection.prepare_cached(insert).unwrap();
        for entity in table.iter() {
            insert.execute(params![T::KIND, entity.key(), serde_json::to_string(entity).unwrap()]).unwrap();
        }
    }
    let connection = Connection::open(state.join("state.sqlite")).unwrap();
    let tables = "
        CREATE TABLE entity (
            kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
        ) WITHOUT ROWID;
        CREATE TABLE access_key (
            id TEXT PRIMARY KEY, account TEXT NOT NULL, secret TEXT NOT NULL, created INTEGER NOT NULL
        ) WITHOUT ROWID;
        BEGIN";
    connection.execute_batch(tables).unwrap();
    macro_rules! save {
        ($($table:ident),*) => { $(save(&connection, &world.$table);)* };
    }
    each_table!(save);
    for (account, (id, secret)) in keys {
        let insert = "INSERT INTO access_key (id, account, secret, created) VALUES (?1, ?2, ?3, 0)";
        connection.execute(insert, [*id, account.as_str(), *secret]).unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
}
