//! The data points of metrics.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::aggregate::Aggregate;
use super::super::distribution::Distribution;
use super::super::fault::Fault;
use super::super::metric::{Unit, stored_unit};

/// A row.
#[derive(Clone, Debug)]
pub(in super::super) struct Datum {
    pub(in super::super) metric: i64,
    /// When its stretch begins, in Unix seconds.
    pub(in super::super) start: i64,
    /// How long it is, in seconds.
    pub(in super::super) resolution: i64,
    pub(in super::super) unit: Unit,
    pub(in super::super) aggregate: Aggregate,
}

const COLUMNS: &str = "metric, start, resolution, unit, count, sum, minimum, maximum, distribution";

/// Merges a data point into what is there of its stretch.
pub(in super::super) fn add(connection: &Connection, datum: &Datum) -> Result<(), Fault> {
    let query =
        format!("SELECT {COLUMNS} FROM datum WHERE metric = ?1 AND start = ?2 AND resolution = ?3 AND unit = ?4");
    let key = params![datum.metric, datum.start, datum.resolution, datum.unit];
    let there = connection.prepare_cached(&query)?.query_row(key, |row| read(row, true)).optional()?;
    let aggregate = match there {
        None => datum.aggregate.clone(),
        Some(mut there) => {
            there.aggregate.merge(&datum.aggregate);
            there.aggregate
        }
    };
    let insert = format!("INSERT OR REPLACE INTO datum ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    connection.prepare_cached(&insert)?.execute(params![
        datum.metric,
        datum.start,
        datum.resolution,
        datum.unit,
        aggregate.count,
        aggregate.sum,
        aggregate.minimum,
        aggregate.maximum,
        aggregate.distribution.as_ref().map(Distribution::to_bytes)
    ])?;
    Ok(())
}

/// The data points of a metric in a stretch of time, in Unix seconds, in their order. Distributions are read only if they
/// are wanted.
pub(in super::super) fn each(
    connection: &Connection, metric: i64, (from, to): (i64, i64), with_distributions: bool, mut see: impl FnMut(Datum),
) -> Result<(), Fault> {
    let distribution = if with_distributions { "distribution" } else { "NULL" };
    let query = format!(
        "SELECT metric, start, resolution, unit, count, sum, minimum, maximum, {distribution} FROM datum
            WHERE metric = ?1 AND start >= ?2 AND start < ?3 ORDER BY start"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query(params![metric, from, to])?;
    while let Some(row) = rows.next()? {
        see(read(row, with_distributions)?);
    }
    Ok(())
}

/// The oldest data points of a resolution that begin before a time, at most so many.
pub(super) fn oldest(connection: &Connection, resolution: i64, before: i64, most: usize) -> Result<Vec<Datum>, Fault> {
    let query = format!("SELECT {COLUMNS} FROM datum WHERE resolution = ?1 AND start < ?2 ORDER BY start LIMIT ?3");
    let mut statement = connection.prepare_cached(&query)?;
    let rows = statement.query_map(params![resolution, before, most], |row| read(row, true))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Removes a data point.
pub(super) fn remove(connection: &Connection, datum: &Datum) -> Result<(), Fault> {
    let query = "DELETE FROM datum WHERE metric = ?1 AND start = ?2 AND resolution = ?3 AND unit = ?4";
    let key = params![datum.metric, datum.start, datum.resolution, datum.unit];
    connection.prepare_cached(query)?.execute(key)?;
    Ok(())
}

fn read(row: &rusqlite::Row<'_>, with_distribution: bool) -> rusqlite::Result<Datum> {
    let unit = row.get_ref(3)?.as_str().map(stored_unit)?;
    let distribution = if with_distribution { row.get_ref(8)?.as_blob_or_null()? } else { None };
    Ok(Datum {
        metric: row.get(0)?,
        start: row.get(1)?,
        resolution: row.get(2)?,
        unit,
        aggregate: Aggregate {
            count: row.get(4)?,
            sum: row.get(5)?,
            minimum: row.get(6)?,
            maximum: row.get(7)?,
            distribution: distribution.map(Distribution::from_bytes),
        },
    })
}
