//! What is stored for the bill, beside the world and in the same transactions: since when and until when something stood,
//! and how many bytes went over it in each hour.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};
use sidegate_model::World;

use super::standing::{self, Key, Standing, Turnover, turnover};
use crate::store::{Store, StoreError};

/// An hour in milliseconds.
pub(crate) const HOUR: i64 = 3_600_000;

/// The tables. They are made where they are not there, so that the state of an earlier version gets them.
///
/// A point is what bytes are counted by. The last reading of each counter of the kernel stands beside the sums that it went
/// into, so that it counts once whenever the daemon ends.
pub(crate) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS stood (
    kind TEXT NOT NULL, resource TEXT NOT NULL, point TEXT NOT NULL, body TEXT NOT NULL, began INTEGER NOT NULL,
    ended INTEGER
);
CREATE INDEX IF NOT EXISTS stood_now ON stood (resource, point) WHERE ended IS NULL;
CREATE TABLE IF NOT EXISTS passed (
    hour INTEGER NOT NULL, point TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (hour, point)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (
    passage TEXT PRIMARY KEY, namespace TEXT NOT NULL, bytes INTEGER NOT NULL
) WITHOUT ROWID;
";

/// From when until when something stood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Interval {
    /// What.
    pub(crate) standing: Standing,
    /// From when: Unix time in milliseconds.
    pub(crate) began: i64,
    /// Until when. `None` if it still does.
    pub(crate) ended: Option<i64>,
}

/// What was used in some time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Records {
    /// What stood then, or has bytes of then; of interface endpoints that did what stood before, too: since when an endpoint
    /// is in a zone says when its hours begin.
    pub(crate) intervals: Vec<Interval>,
    /// The bytes of then, by point.
    pub(crate) bytes: BTreeMap<String, u64>,
}

/// A time: from when until when, in Unix milliseconds. What still goes on ends at the largest number.
pub(super) type Span = (i64, i64);

/// Bytes, by the hour in which they were counted (the Unix time of its beginning, in milliseconds) and by point.
pub(crate) type Bytes = BTreeMap<(i64, String), u64>;

/// What counters of the kernel said last: the namespace that each is in, and its bytes.
pub(crate) type Counters = BTreeMap<String, (String, u64)>;

impl Interval {
    /// Its time.
    pub(super) fn span(&self) -> Span {
        (self.began, self.ended.unwrap_or(i64::MAX))
    }
}

/// The times in which any of these goes on. Where one ends as the next begins, that is one time: an endpoint that gets another
/// network interface in a zone, by one change, has not left it.
pub(super) fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut union: Vec<Span> = Vec::new();
    for (began, ended) in spans {
        match union.last_mut() {
            Some((_, last)) if began <= *last => *last = ended.max(*last),
            _ => union.push((began, ended)),
        }
    }
    union
}

/// Notes what a change at this time begins and ends.
pub(crate) fn record(transaction: &Transaction<'_>, old: &World, new: &World, at: i64) -> Result<(), StoreError> {
    let Turnover { began, ended } = turnover(old, new);
    // First: what only looks different ends as what it was.
    for standing in &ended {
        end(transaction, &standing.key(), at)?;
    }
    for standing in &began {
        begin(transaction, standing, at)?;
    }
    Ok(())
}

/// Takes back what [`record`] noted of a change at this time, which has not happened then.
pub(crate) fn take_back(transaction: &Transaction<'_>, old: &World, new: &World, at: i64) -> Result<(), StoreError> {
    let Turnover { began, ended } = turnover(old, new);
    for (kind, resource, point) in began.iter().map(Standing::key) {
        transaction
            .prepare_cached(
                "DELETE FROM stood WHERE ended IS NULL AND began = ?1 AND kind = ?2 AND resource = ?3 AND point = ?4",
            )?
            .execute(params![at, kind.as_str(), resource, point])?;
    }
    for (kind, resource, point) in ended.iter().map(Standing::key) {
        transaction
            .prepare_cached(
                "UPDATE stood SET ended = NULL
                 WHERE ended = max(began, ?1) AND kind = ?2 AND resource = ?3 AND point = ?4",
            )?
            .execute(params![at, kind.as_str(), resource, point])?;
    }
    Ok(())
}

fn begin(transaction: &Transaction<'_>, standing: &Standing, at: i64) -> Result<(), StoreError> {
    let body = serde_json::to_string(standing).map_err(|reason| unreadable(&standing.resource, reason))?;
    let statement = "INSERT INTO stood (kind, resource, point, body, began) VALUES (?1, ?2, ?3, ?4, ?5)";
    let Standing { kind, resource, point, .. } = standing;
    transaction.prepare_cached(statement)?.execute(params![kind.as_str(), resource, point, body, at])?;
    Ok(())
}

/// A clock that was set back ends nothing before it began.
fn end(transaction: &Transaction<'_>, (kind, resource, point): &Key, at: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE stood SET ended = max(began, ?1)
             WHERE ended IS NULL AND kind = ?2 AND resource = ?3 AND point = ?4",
        )?
        .execute(params![at, kind.as_str(), resource, point])?;
    Ok(())
}

fn unreadable(id: &str, reason: serde_json::Error) -> StoreError {
    StoreError::Row { kind: "interval of the bill", id: id.to_owned(), reason }
}

/// The intervals of a query for body, beginning and end.
fn intervals(connection: &Connection, query: &str, of: &[&dyn rusqlite::ToSql]) -> Result<Vec<Interval>, StoreError> {
    let mut query = connection.prepare(query)?;
    let mut rows = query.query(of)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(0)?;
        let standing = serde_json::from_str(&body).map_err(|reason| unreadable(&body, reason))?;
        found.push(Interval { standing, began: row.get(1)?, ended: row.get(2)? });
    }
    Ok(found)
}

impl Store {
    /// Makes the ledger agree with the world, as at the start: a version before this one has kept none. What stands and is
    /// not in it begins when the world says that it was made, but not before it stood last; else now. What is in it and
    /// stands no more ends now.
    pub(crate) fn settle_ledger(&self, world: &World, now: i64) -> Result<(), StoreError> {
        // A full disk keeps no daemon from starting.
        self.freeing(|| self.settle(world, now))
    }

    fn settle(&self, world: &World, now: i64) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let open = intervals(&connection, "SELECT body, began, ended FROM stood WHERE ended IS NULL", &[])?;
        let mut open: BTreeMap<Key, Standing> =
            open.into_iter().map(|own| (own.standing.key(), own.standing)).collect();
        let missing: Vec<_> = standing::all(world)
            .into_iter()
            .filter(|(standing, _)| open.remove(&standing.key()).as_ref() != Some(standing))
            .collect();
        if missing.is_empty() && open.is_empty() {
            return Ok(());
        }
        let transaction = connection.transaction()?;
        for key in open.keys() {
            end(&transaction, key, now)?;
        }
        for (standing, created) in missing {
            let key = standing.key();
            // One of the same key that says something else.
            end(&transaction, &key, now)?;
            let (kind, resource, point) = key;
            let last: Option<i64> = transaction
                .prepare_cached("SELECT max(ended) FROM stood WHERE kind = ?1 AND resource = ?2 AND point = ?3")?
                .query_row(params![kind.as_str(), resource, point], |row| row.get(0))?;
            begin(&transaction, &standing, created.unwrap_or(now).max(last.unwrap_or(i64::MIN)))?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// What was used from one moment until another: Unix times in milliseconds, the first of them that of a full hour.
    pub(crate) fn records(&self, from: i64, until: i64) -> Result<Records, StoreError> {
        let connection = self.lock();
        let query = "SELECT body, began, ended FROM stood
                     WHERE began < ?2 AND (ended IS NULL OR ended > ?1)
                        OR point IN (SELECT point FROM passed WHERE hour >= ?1 AND hour < ?2)
                        OR began < ?2 AND kind = 'interface-endpoint' AND resource IN (
                            SELECT resource FROM stood
                            WHERE kind = 'interface-endpoint' AND began < ?2 AND (ended IS NULL OR ended > ?1)
                        )
                     ORDER BY began, kind, resource, point";
        let intervals = intervals(&connection, query, &[&from, &until])?;
        let mut query =
            connection.prepare("SELECT point, sum(bytes) FROM passed WHERE hour >= ?1 AND hour < ?2 GROUP BY point")?;
        let bytes = query.query_map([from, until], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
        Ok(Records { intervals, bytes: bytes.collect::<Result<_, _>>()? })
    }

    /// Adds bytes, with what the counters say now whose difference went into them; others there are none.
    pub(crate) fn add_bytes(&self, bytes: &Bytes, counters: &Counters) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        for ((hour, point), bytes) in bytes {
            transaction
                .prepare_cached(
                    "INSERT INTO passed (hour, point, bytes) VALUES (?1, ?2, ?3)
                     ON CONFLICT (hour, point) DO UPDATE SET bytes = bytes + excluded.bytes",
                )?
                .execute(params![hour, point, i64::try_from(*bytes).unwrap_or(i64::MAX)])?;
        }
        transaction.execute("DELETE FROM counter", [])?;
        for (passage, (namespace, bytes)) in counters {
            transaction
                .prepare_cached("INSERT INTO counter (passage, namespace, bytes) VALUES (?1, ?2, ?3)")?
                .execute(params![passage, namespace, i64::try_from(*bytes).unwrap_or(i64::MAX)])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// What the counters said when bytes were added last.
    pub(crate) fn counters(&self) -> Result<Counters, StoreError> {
        let connection = self.lock();
        let mut query = connection.prepare("SELECT passage, namespace, bytes FROM counter")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs()))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
