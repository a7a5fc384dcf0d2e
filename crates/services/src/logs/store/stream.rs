//! Rows of log streams.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::logs::fault::{Fault, Kind};

/// A log stream. Times are Unix milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    /// No other one ever has this number.
    pub(crate) number: i64,
    pub(crate) name: String,
    pub(crate) created: i64,
    pub(crate) first: Option<i64>,
    pub(crate) last: Option<i64>,
    pub(crate) ingested: Option<i64>,
    pub(crate) bytes: i64,
    /// How often something was written to it.
    pub(crate) uploads: i64,
}

/// Where a stream stands in a list: the time of its last event, where that orders the list, and its name.
pub(crate) type StreamPlace = (i64, String);

const STREAM: &str = "SELECT id, name, created, first, last, ingested, bytes, uploads FROM stream WHERE grp = ?1";

impl Stream {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            name: row.get(1)?,
            created: row.get(2)?,
            first: row.get(3)?,
            // No event has the time 0: where there is none, it orders the streams.
            last: row.get(4).map(|last| Some(last).filter(|last| *last > 0))?,
            ingested: row.get(5)?,
            bytes: row.get(6)?,
            uploads: row.get(7)?,
        })
    }

    pub(crate) fn find(connection: &Connection, group: i64, name: &str) -> Result<Option<Self>, Fault> {
        let mut statement = connection.prepare_cached(&format!("{STREAM} AND name = ?2"))?;
        Ok(statement.query_row(params![group, name], Self::read).optional()?)
    }

    /// The one that has to be there.
    pub(crate) fn existing(connection: &Connection, group: i64, name: &str) -> Result<Self, Fault> {
        Self::find(connection, group, name)?.ok_or(Fault::None(Kind::LogStream))
    }

    /// The name of a stream by its number, if it is still there.
    pub(crate) fn name_of(connection: &Connection, number: i64) -> Result<Option<String>, Fault> {
        let mut statement = connection.prepare_cached("SELECT name FROM stream WHERE id = ?1")?;
        Ok(statement.query_row([number], |row| row.get(0)).optional()?)
    }

    /// Streams of a group by their names.
    pub(crate) fn by_name(
        connection: &Connection, group: i64, prefix: &str, after: Option<&str>, descending: bool, limit: usize,
    ) -> Result<Vec<Self>, Fault> {
        // The prefix with the greatest character behind it is beyond all that begin with it.
        let end = format!("{prefix}{}", char::MAX);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = match descending {
            false => format!("{STREAM} AND name >= ?2 AND name < ?3 AND name > ?4 ORDER BY name LIMIT ?5"),
            true => {
                format!("{STREAM} AND name >= ?2 AND name < ?3 AND (?4 = '' OR name < ?4) ORDER BY name DESC LIMIT ?5")
            }
        };
        let mut statement = connection.prepare_cached(&query)?;
        let after = after.unwrap_or_default();
        let streams = statement.query_map(params![group, prefix, end, after, limit], Self::read)?;
        Ok(streams.collect::<Result<_, _>>()?)
    }

    /// Streams of a group by the time of their last event.
    pub(crate) fn by_time(
        connection: &Connection, group: i64, after: Option<&StreamPlace>, descending: bool, limit: usize,
    ) -> Result<Vec<Self>, Fault> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (query, at, name) = match (descending, after) {
            (false, after) => {
                let (at, name) = after.map_or((-1, ""), |(at, name)| (*at, name.as_str()));
                let order = "AND (last, name) > (?2, ?3) ORDER BY last, name LIMIT ?4";
                (format!("{STREAM} {order}"), at, name)
            }
            (true, after) => {
                let (at, name) = after.map_or((i64::MAX, ""), |(at, name)| (*at, name.as_str()));
                let order = "AND (last, name) < (?2, ?3) ORDER BY last DESC, name DESC LIMIT ?4";
                (format!("{STREAM} {order}"), at, name)
            }
        };
        let mut statement = connection.prepare_cached(&query)?;
        let streams = statement.query_map(params![group, at, name, limit], Self::read)?;
        Ok(streams.collect::<Result<_, _>>()?)
    }

    /// Makes a new one.
    pub(crate) fn insert(connection: &Connection, group: i64, name: &str, now: i64) -> Result<(), Fault> {
        let made = connection
            .prepare_cached(
                "INSERT INTO stream (grp, name, created, last, bytes, uploads) VALUES (?1, ?2, ?3, 0, 0, 0)
                ON CONFLICT DO NOTHING",
            )?
            .execute(params![group, name, now])?;
        if made == 0 { Err(Fault::Exists(Kind::LogStream)) } else { Ok(()) }
    }

    /// Removes it. Its events are not found any more, and are swept away later.
    pub(crate) fn remove(&self, connection: &Connection, group: i64) -> Result<(), Fault> {
        connection.execute("INSERT INTO gone_stream (stream) VALUES (?1)", [self.number])?;
        connection.execute("DELETE FROM stream WHERE id = ?1", [self.number])?;
        connection.execute("UPDATE grp SET stored = max(0, stored - ?2) WHERE id = ?1", [group, self.bytes])?;
        Ok(())
    }
}
