//! Dashboards. They are in no Region.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::super::fault::Fault;

/// A dashboard.
#[derive(Clone, Debug)]
pub(in super::super) struct Dashboard {
    pub(in super::super) name: String,
    pub(in super::super) body: String,
    /// Unix milliseconds.
    pub(in super::super) changed: i64,
    pub(in super::super) tags: BTreeMap<String, String>,
}

/// The dashboard with a name.
pub(in super::super) fn find(connection: &Connection, account: &str, name: &str) -> Result<Option<Dashboard>, Fault> {
    let query = "SELECT name, body, changed, tags FROM dashboard WHERE account = ?1 AND name = ?2";
    connection.prepare_cached(query)?.query_row([account, name], raw).optional()?.map(read).transpose()
}

/// The dashboards of an account whose names begin so and come after one, by their names, at most so many.
pub(in super::super) fn list(
    connection: &Connection, account: &str, prefix: &str, after: &str, most: usize,
) -> Result<Vec<Dashboard>, Fault> {
    let query = "SELECT name, body, changed, tags FROM dashboard
        WHERE account = ?1 AND substr(name, 1, length(?2)) = ?2 AND name > ?3 ORDER BY name LIMIT ?4";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map(params![account, prefix, after, most], raw)?;
    rows.map(|row| read(row?)).collect()
}

/// Writes a dashboard in the place of what it was before.
pub(in super::super) fn put(connection: &Connection, account: &str, dashboard: &Dashboard) -> Result<(), Fault> {
    let Dashboard { name, body, changed, tags } = dashboard;
    let query = "INSERT OR REPLACE INTO dashboard VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(query)?.execute(params![account, name, body, changed, serde_json::to_string(tags)?])?;
    Ok(())
}

/// Removes a dashboard.
pub(in super::super) fn remove(connection: &Connection, account: &str, name: &str) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM dashboard WHERE account = ?1 AND name = ?2")?.execute([account, name])?;
    Ok(())
}

type Raw = (String, String, i64, String);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn read((name, body, changed, tags): Raw) -> Result<Dashboard, Fault> {
    Ok(Dashboard { name, body, changed, tags: serde_json::from_str(&tags)? })
}
