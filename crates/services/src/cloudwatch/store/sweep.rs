//! Merging what is old into longer stretches, and removing what is too old.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::super::fault::Fault;
use super::super::retention::{LONGEST, tiers};
use super::data::{self, Datum};

/// How many rows are worked on in one transaction.
const PART: usize = 5_000;

/// For how long the history of alarms is kept, in milliseconds.
///
/// Source: API reference, "DescribeAlarmHistory" (30 days).
const HISTORY: i64 = 30 * 24 * 60 * 60 * 1000;

/// Works on a part of what is old, and says whether there may be more.
pub(super) fn part(connection: &Connection, now: i64) -> Result<bool, Fault> {
    let seconds = now.div_euclid(1000);
    let mut finer = 1;
    // From the newest tier to the oldest, so that nothing has to wait for the next time.
    for (age, resolution) in tiers().collect::<Vec<_>>().into_iter().rev() {
        // A whole stretch has to be old, so that what is merged does not reach into a younger tier.
        let before = (seconds - age).div_euclid(resolution) * resolution;
        let rows = data::oldest(connection, finer, before, PART)?;
        if !rows.is_empty() {
            merge(connection, &rows, resolution)?;
            return Ok(true);
        }
        finer = resolution;
    }
    let query = "DELETE FROM datum WHERE (metric, start, resolution, unit) IN
        (SELECT metric, start, resolution, unit FROM datum WHERE resolution = 3600 AND start < ?1 LIMIT ?2)";
    let removed = connection.prepare_cached(query)?.execute(params![seconds - LONGEST, PART])?;
    let query = "DELETE FROM metric WHERE reported < ?1 AND NOT EXISTS (SELECT 1 FROM datum WHERE metric = metric.id)";
    connection.prepare_cached(query)?.execute([now - LONGEST * 1000])?;
    connection.prepare_cached("DELETE FROM history WHERE at < ?1")?.execute([now - HISTORY])?;
    Ok(removed == PART)
}

/// Replaces data points by those of the stretches that they lie in.
fn merge(connection: &Connection, rows: &[Datum], resolution: i64) -> Result<(), Fault> {
    let mut merged: BTreeMap<(i64, i64, &str), Datum> = BTreeMap::new();
    for row in rows {
        data::remove(connection, row)?;
        let start = row.start.div_euclid(resolution) * resolution;
        merged
            .entry((row.metric, start, row.unit))
            .and_modify(|there| there.aggregate.merge(&row.aggregate))
            .or_insert_with(|| Datum { start, resolution, ..row.clone() });
    }
    merged.values().try_for_each(|datum| data::add(connection, datum))
}
