//! Taking away the events of deleted groups and streams, and those that have expired, piece by piece.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::Store;
use super::events::OVERHEAD;
use crate::logs::fault::Fault;

/// How long nothing is swept after all was found clean, in milliseconds.
const PAUSE: i64 = 60_000;

/// How many events are taken away at once.
const PIECE: i64 = 2_000;

/// How many groups are looked at for expired events at once.
const GROUPS: i64 = 200;

impl Store {
    /// Sweeps a piece, unless everything was clean a moment ago.
    pub(super) fn sweep_if_due(&self, transaction: &Transaction<'_>, now: i64) -> Result<(), Fault> {
        if (0..PAUSE).contains(&now.saturating_sub(self.swept.load(Ordering::Relaxed))) {
            return Ok(());
        }
        if self.sweep(transaction, now)? {
            self.swept.store(now, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Sweeps a number of pieces, each in a transaction of its own, so that others can write between them. What fails
    /// is tried again by what is written later.
    pub(crate) fn sweep_some(&self, now: i64, pieces: usize) {
        for _ in 0..pieces {
            let swept = self.database.free(|transaction| self.sweep(transaction, now), Fault::is_disk_full);
            match swept {
                Ok(false) => {}
                Ok(true) => break,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "what is deleted of the logs is not swept"
                    );
                    break;
                }
            }
        }
    }

    /// Takes away a piece, and says whether nothing is left.
    fn sweep(&self, transaction: &Transaction<'_>, now: i64) -> Result<bool, Fault> {
        Ok(sweep_group(transaction)? && sweep_stream(transaction)? && self.sweep_expired(transaction, now)?)
    }

    fn sweep_expired(&self, transaction: &Transaction<'_>, now: i64) -> Result<bool, Fault> {
        let from = self.swept_group.load(Ordering::Relaxed);
        let groups: Vec<(i64, i64)> = transaction
            .prepare_cached(
                "SELECT id, retention FROM grp WHERE retention IS NOT NULL AND id > ?1 ORDER BY id LIMIT ?2",
            )?
            .query_map([from, GROUPS], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut left = PIECE;
        for (group, retention) in &groups {
            left -= expire(transaction, *group, now - retention * 86_400_000, left)?;
            if left <= 0 {
                return Ok(false);
            }
            self.swept_group.store(*group, Ordering::Relaxed);
        }
        let is_all = i64::try_from(groups.len()).unwrap_or(GROUPS) < GROUPS;
        if is_all {
            self.swept_group.store(0, Ordering::Relaxed);
        }
        Ok(is_all)
    }
}

/// Takes away events of a group from before a time, at most so many, and says how many.
fn expire(transaction: &Transaction<'_>, group: i64, before: i64, most: i64) -> Result<i64, Fault> {
    let expired: Vec<(i64, i64, i64, i64)> = transaction
        .prepare_cached(
            "SELECT at, arrival, stream, octet_length(message) - CASE WHEN data_key IS NULL THEN 0 ELSE 28 END
            FROM event WHERE grp = ?1 AND at < ?2 ORDER BY at, arrival LIMIT ?3",
        )?
        .query_map([group, before, most], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    let Some((at, arrival, ..)) = expired.last() else { return Ok(0) };
    transaction
        .prepare_cached("DELETE FROM event WHERE grp = ?1 AND (at, arrival) <= (?2, ?3)")?
        .execute([group, *at, *arrival])?;
    let mut streams = BTreeMap::<i64, i64>::new();
    for (_, _, stream, length) in &expired {
        *streams.entry(*stream).or_default() += length + i64::try_from(OVERHEAD).unwrap_or_default();
    }
    for (stream, bytes) in streams {
        // Nothing is counted of a stream that was deleted.
        let first: Option<i64> = transaction
            .prepare_cached("SELECT at FROM event WHERE stream = ?1 ORDER BY at LIMIT 1")?
            .query_row([stream], |row| row.get(0))
            .optional()?;
        let counted = transaction
            .prepare_cached("UPDATE stream SET bytes = max(0, bytes - ?2), first = ?3 WHERE id = ?1")?
            .execute(params![stream, bytes, first])?;
        if counted > 0 {
            transaction
                .prepare_cached("UPDATE grp SET stored = max(0, stored - ?2) WHERE id = ?1")?
                .execute([group, bytes])?;
        }
    }
    Ok(i64::try_from(expired.len()).unwrap_or(most))
}

/// Takes away events of a deleted group, and says whether none are left.
fn sweep_group(transaction: &Transaction<'_>) -> Result<bool, Fault> {
    let gone = transaction.prepare_cached("SELECT grp FROM gone_grp LIMIT 1")?.query_row([], |row| row.get(0));
    let Some(group): Option<i64> = gone.optional()? else { return Ok(true) };
    let last: Option<(i64, i64)> = transaction
        .prepare_cached("SELECT at, arrival FROM event WHERE grp = ?1 ORDER BY at, arrival LIMIT 1 OFFSET ?2")?
        .query_row([group, PIECE], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match last {
        Some((at, arrival)) => {
            let delete = "DELETE FROM event WHERE grp = ?1 AND (at, arrival) < (?2, ?3)";
            transaction.prepare_cached(delete)?.execute([group, at, arrival])?;
        }
        None => {
            transaction.prepare_cached("DELETE FROM event WHERE grp = ?1")?.execute([group])?;
            transaction.prepare_cached("DELETE FROM gone_grp WHERE grp = ?1")?.execute([group])?;
        }
    }
    Ok(false)
}

/// Takes away events of a deleted stream, and says whether none are left.
fn sweep_stream(transaction: &Transaction<'_>) -> Result<bool, Fault> {
    let gone = transaction.prepare_cached("SELECT stream FROM gone_stream LIMIT 1")?.query_row([], |row| row.get(0));
    let Some(stream): Option<i64> = gone.optional()? else { return Ok(true) };
    let found: Vec<(i64, i64, i64)> = transaction
        .prepare_cached("SELECT grp, at, arrival FROM event WHERE stream = ?1 ORDER BY at, arrival LIMIT ?2")?
        .query_map([stream, PIECE], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let mut delete = transaction.prepare_cached("DELETE FROM event WHERE grp = ?1 AND at = ?2 AND arrival = ?3")?;
    for (group, at, arrival) in &found {
        delete.execute([group, at, arrival])?;
    }
    if i64::try_from(found.len()).unwrap_or(PIECE) < PIECE {
        transaction.prepare_cached("DELETE FROM gone_stream WHERE stream = ?1")?.execute([stream])?;
    }
    Ok(false)
}
