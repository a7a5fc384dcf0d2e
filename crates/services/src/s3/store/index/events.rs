//! Events that wait to be told, one row for each destination. They are written with what they tell of, in the same
//! transaction, so that neither is there without the other.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use s3s::dto::NotificationConfiguration;
use serde_json::Value;

use super::{Bucket, Index, find_bucket};
use crate::s3::configuration::notification::{self, Destination};
use crate::s3::configuration::{Configuration as _, parse};
use crate::s3::event::Event;
use crate::s3::fault::Fault;

/// What the fourth layout has more than the third. A number is given once, and the later event has the greater one.
pub(super) const TABLE: &str = "
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, bucket TEXT NOT NULL, destination TEXT NOT NULL,
    document TEXT NOT NULL, trace TEXT, since INTEGER NOT NULL, attempts INTEGER NOT NULL, due INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS event_due ON event (due, number);
";

/// An event that waits to be told to a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) number: i64,
    /// The account of the bucket.
    pub(crate) account: String,
    pub(crate) bucket: String,
    /// The ARN of the destination.
    pub(crate) destination: String,
    pub(crate) document: String,
    pub(crate) trace: Option<String>,
    /// When it happened, in Unix milliseconds.
    pub(crate) since: i64,
    /// How often it was tried in vain.
    pub(crate) attempts: u32,
}

/// What comes of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It is not told again.
    Done,
    /// It is tried again, at this time in Unix milliseconds.
    Again(i64),
}

impl Index {
    /// The first events that are due, and when the next one is.
    pub(crate) fn due_events(&self, now: i64, most: usize) -> Result<(Vec<Waiting>, Option<i64>), Fault> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT number, account, bucket, destination, document, trace, since, attempts, due FROM event
                 ORDER BY due, number",
            )?;
            let mut rows = statement.query([])?;
            let mut due = Vec::new();
            while let Some(row) = rows.next()? {
                let at: i64 = row.get(8)?;
                if at > now || due.len() >= most {
                    return Ok((due, Some(at)));
                }
                due.push(Waiting {
                    number: row.get(0)?,
                    account: row.get(1)?,
                    bucket: row.get(2)?,
                    destination: row.get(3)?,
                    document: row.get(4)?,
                    trace: row.get(5)?,
                    since: row.get(6)?,
                    attempts: row.get(7)?,
                });
            }
            Ok((due, None))
        })
    }

    /// Keeps what came of events.
    pub(crate) fn settle_events(&self, settled: &[(i64, Settled)]) -> Result<(), Fault> {
        self.free(|transaction| {
            for (number, settled) in settled {
                match settled {
                    Settled::Done => {
                        transaction.prepare_cached("DELETE FROM event WHERE number = ?1")?.execute([number])?
                    }
                    Settled::Again(due) => transaction
                        .prepare_cached("UPDATE event SET attempts = attempts + 1, due = ?2 WHERE number = ?1")?
                        .execute([number, due])?,
                };
            }
            Ok(())
        })
    }
}

/// The number of the newest event that there ever was; 0 if there was none.
pub(super) fn newest(connection: &Connection) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'event'")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// Whom a bucket tells of what happens in it.
pub(super) struct Listeners {
    bucket: Bucket,
    configuration: NotificationConfiguration,
}

impl Listeners {
    /// Those of a bucket; `None` where nobody is told.
    pub(super) fn of(connection: &Connection, bucket: &str) -> Result<Option<Self>, Fault> {
        let body: Option<String> = connection
            .prepare_cached("SELECT body FROM configuration WHERE bucket = ?1 AND kind = ?2 AND id = ''")?
            .query_row(params![bucket, NotificationConfiguration::KIND], |row| row.get(0))
            .optional()?;
        let Some(configuration) = body.and_then(|body| parse(&body)) else { return Ok(None) };
        Ok(find_bucket(connection, bucket)?.map(|bucket| Self { bucket, configuration }))
    }

    /// Writes an event down for all who are to be told of it.
    pub(super) fn tell(&self, transaction: &Transaction<'_>, event: &Event<'_>) -> Result<(), Fault> {
        let told = notification::destinations(&self.configuration, event.happening.name(), event.key);
        for Destination { id, arn } in told {
            self.put(transaction, event, arn, |number| event.document(&self.bucket, id, number))?;
        }
        if self.configuration.event_bridge_configuration.is_some() {
            let bus = notification::bus(&self.bucket.account, &self.bucket.region);
            self.put(transaction, event, &bus, |number| event.entry(&self.bucket, &bus, number))?;
        }
        Ok(())
    }

    /// Writes down what a destination gets, which has a number of its own.
    fn put(
        &self, transaction: &Transaction<'_>, event: &Event<'_>, destination: &str, document: impl FnOnce(i64) -> Value,
    ) -> Result<(), Fault> {
        let number = newest(transaction)? + 1;
        let (document, time) = (document(number).to_string(), event.origin.time);
        let Bucket { account, name, .. } = &self.bucket;
        transaction
            .prepare_cached(
                "INSERT INTO event (number, account, bucket, destination, document, trace, since, attempts, due)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?7)",
            )?
            .execute(params![number, account, name, destination, document, event.origin.trace, time])?;
        Ok(())
    }
}
