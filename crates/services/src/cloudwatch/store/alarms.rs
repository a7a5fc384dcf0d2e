//! Alarms, and their history.

use rusqlite::{Connection, OptionalExtension as _, params};
use sidegate_model::Scope;

use super::super::alarm::Alarm;
use super::super::fault::Fault;

/// Something that happened to an alarm.
#[derive(Debug)]
pub(in super::super) struct Event {
    pub(in super::super) alarm: String,
    /// Unix milliseconds.
    pub(in super::super) at: i64,
    pub(in super::super) kind: String,
    pub(in super::super) summary: String,
    pub(in super::super) data: String,
}

/// The alarm with a name.
pub(in super::super) fn find(connection: &Connection, scope: &Scope, name: &str) -> Result<Option<Alarm>, Fault> {
    let query = "SELECT document FROM alarm WHERE account = ?1 AND region = ?2 AND name = ?3";
    let key = params![scope.account.as_str(), scope.region.as_str(), name];
    let document: Option<String> = connection.prepare_cached(query)?.query_row(key, |row| row.get(0)).optional()?;
    document.map(|document| Ok(serde_json::from_str(&document)?)).transpose()
}

/// The alarms of an account in a Region, by their names.
pub(in super::super) fn all(connection: &Connection, scope: &Scope) -> Result<Vec<Alarm>, Fault> {
    let query = "SELECT document FROM alarm WHERE account = ?1 AND region = ?2 ORDER BY name";
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query(params![scope.account.as_str(), scope.region.as_str()])?;
    let mut alarms = Vec::new();
    while let Some(row) = rows.next()? {
        alarms.push(serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
    }
    Ok(alarms)
}

/// How many alarms an account has in a Region.
pub(in super::super) fn count(connection: &Connection, scope: &Scope) -> Result<i64, Fault> {
    let query = "SELECT count(*) FROM alarm WHERE account = ?1 AND region = ?2";
    let key = [scope.account.as_str(), scope.region.as_str()];
    Ok(connection.prepare_cached(query)?.query_row(key, |row| row.get(0))?)
}

/// The accounts and Regions that have alarms.
pub(in super::super) fn scopes(connection: &Connection) -> Result<Vec<Scope>, Fault> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT account, region FROM alarm")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
    let scope = |(account, region): (String, String)| {
        Some(Scope { account: account.parse().ok()?, region: region.parse().ok()? })
    };
    Ok(rows.into_iter().filter_map(scope).collect())
}

/// Writes an alarm in the place of what it was before.
pub(in super::super) fn put(connection: &Connection, scope: &Scope, alarm: &Alarm) -> Result<(), Fault> {
    let document = serde_json::to_string(alarm)?;
    let values = params![scope.account.as_str(), scope.region.as_str(), alarm.name, document];
    connection.prepare_cached("INSERT OR REPLACE INTO alarm VALUES (?1, ?2, ?3, ?4)")?.execute(values)?;
    Ok(())
}

/// Removes an alarm.
pub(in super::super) fn remove(connection: &Connection, scope: &Scope, name: &str) -> Result<(), Fault> {
    let query = "DELETE FROM alarm WHERE account = ?1 AND region = ?2 AND name = ?3";
    connection.prepare_cached(query)?.execute(params![scope.account.as_str(), scope.region.as_str(), name])?;
    Ok(())
}

/// Writes down what happened.
pub(in super::super) fn note(connection: &Connection, scope: &Scope, event: &Event) -> Result<(), Fault> {
    let query =
        "INSERT INTO history (account, region, alarm, at, kind, summary, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let Event { alarm, at, kind, summary, data } = event;
    // Source: API reference, "AlarmHistoryItem" (4095 characters).
    let data = data.get(..data.floor_char_boundary(4095)).unwrap_or_default();
    let values = params![scope.account.as_str(), scope.region.as_str(), alarm, at, kind, summary, data];
    connection.prepare_cached(query)?.execute(values)?;
    Ok(())
}

/// What happened within bounds, with its number, the oldest first.
pub(in super::super) fn history(
    connection: &Connection, scope: &Scope, alarm: Option<&str>, kind: Option<&str>, (from, to): (i64, i64),
) -> Result<Vec<(i64, Event)>, Fault> {
    let query = "SELECT id, alarm, at, kind, summary, data FROM history
        WHERE account = ?1 AND region = ?2 AND (?3 IS NULL OR alarm = ?3) AND (?4 IS NULL OR kind = ?4)
            AND at >= ?5 AND at <= ?6 ORDER BY id";
    let mut statement = connection.prepare_cached(query)?;
    let values = params![scope.account.as_str(), scope.region.as_str(), alarm, kind, from, to];
    let rows = statement.query_map(values, |row| {
        let (alarm, at, kind) = (row.get(1)?, row.get(2)?, row.get(3)?);
        Ok((row.get(0)?, Event { alarm, at, kind, summary: row.get(4)?, data: row.get(5)? }))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
