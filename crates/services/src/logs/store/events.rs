//! Rows of events.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

use super::{Group, Stream};
use crate::logs::event_id::EventId;
use crate::logs::fault::Fault;
use crate::vault::Vault;

/// What is counted of each event beside its message.
///
/// Source: API reference, "PutLogEvents".
pub(crate) const OVERHEAD: usize = 26;

/// An event that is to be kept.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent {
    pub(crate) at: i64,
    pub(crate) message: String,
}

/// A row of an event.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: EventId,
    pub(crate) stream: i64,
    pub(crate) ingested: i64,
    /// The data key that the message is encrypted with.
    pub(crate) data_key: Option<i64>,
    pub(crate) message: Vec<u8>,
}

/// A data key with its number.
pub(crate) type Sealing<'a> = (i64, &'a Vault);

/// Which events are read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scan {
    /// Those of a group.
    Group(i64),
    /// Those of a stream.
    Stream(i64),
}

impl Event {
    /// Keeps events of a stream, in the order in which they are given.
    pub(crate) fn insert(
        connection: &Connection, group: &Group, stream: &Stream, now: i64, events: &[NewEvent],
        sealing: Option<Sealing<'_>>,
    ) -> Result<(), Fault> {
        let mut insert = connection.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
        let (mut arrival, mut bytes) = (group.arrivals, 0);
        for event in events {
            arrival += 1;
            bytes += i64::try_from(event.message.len() + OVERHEAD).unwrap_or(i64::MAX);
            let place = (group.number, event.at, arrival, stream.number, now);
            let (group, at, arrival, stream, now) = place;
            match sealing {
                None => insert.execute(params![group, at, arrival, stream, now, None::<i64>, event.message])?,
                Some((key, vault)) => {
                    let sealed = vault.seal(&bound_to(group, stream), event.message.clone().into_bytes())?;
                    insert.execute(params![group, at, arrival, stream, now, key, sealed])?
                }
            };
        }
        let times = || events.iter().map(|event| event.at);
        connection
            .prepare_cached(
                "UPDATE stream SET first = min(coalesce(first, ?2), ?2), last = max(last, ?3),
                ingested = ?4, bytes = bytes + ?5, uploads = uploads + 1 WHERE id = ?1",
            )?
            .execute(params![stream.number, times().min(), times().max(), now, bytes])?;
        connection
            .prepare_cached("UPDATE grp SET stored = stored + ?2, arrivals = ?3 WHERE id = ?1")?
            .execute(params![group.number, bytes, arrival])?;
        Ok(())
    }

    /// Goes through events after a place and before another, forward or backward, until `visit` has enough. The
    /// message is read only of those whose streams `wants` wants.
    pub(crate) fn each(
        connection: &Connection, scan: Scan, (after, before): (EventId, EventId), backward: bool,
        mut wants: impl FnMut(i64) -> Result<bool, Fault>,
        mut visit: impl FnMut(EventId, Option<Self>) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        let (column, number) = match scan {
            Scan::Group(number) => ("grp", number),
            Scan::Stream(number) => ("stream", number),
        };
        let order = if backward { "at DESC, arrival DESC" } else { "at, arrival" };
        let mut statement = connection.prepare_cached(&format!(
            "SELECT at, arrival, stream, ingested, data_key, message FROM event
            WHERE {column} = ?1 AND (at, arrival) > (?2, ?3) AND (at, arrival) < (?4, ?5) ORDER BY {order}"
        ))?;
        let mut rows = statement.query(params![number, after.at, after.sequence, before.at, before.sequence])?;
        while let Some(row) = rows.next()? {
            let (id, stream) = (EventId { at: row.get(0)?, sequence: row.get(1)? }, row.get(2)?);
            let event = if wants(stream)? { Some(Self::read(row, id, stream)?) } else { None };
            if !visit(id, event)? {
                break;
            }
        }
        Ok(())
    }

    fn read(row: &Row<'_>, id: EventId, stream: i64) -> Result<Self, Fault> {
        let message = match row.get_ref(5)? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
            _ => return Err(Fault::Unreadable),
        };
        Ok(Self { id, stream, ingested: row.get(3)?, data_key: row.get(4)?, message })
    }

    /// Its message, decrypted with its data key if it has one.
    pub(crate) fn text(self, group: i64, vault: Option<&Vault>) -> Result<String, Fault> {
        let plain = match vault {
            Some(vault) => vault.open_sealed(&bound_to(group, self.stream), self.message).ok_or(Fault::Unreadable)?,
            None => self.message,
        };
        String::from_utf8(plain).map_err(|_| Fault::Unreadable)
    }
}

/// What a message is encrypted for: one that is moved to another stream does not decrypt.
fn bound_to(group: i64, stream: i64) -> String {
    format!("{group}/{stream}")
}
