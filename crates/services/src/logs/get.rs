//! `GetLogEvents`
//!
//! A token is a place between events: `f/` before what is newer, `b/` after what is older. A page that is empty has
//! the token that it was asked for by.

use serde::{Deserialize, Serialize};

use super::event_id::EventId;
use super::fault::Fault;
use super::id::{GroupId, required_name};
use super::key::KeyUse;
use super::operation::{Act, Operation, Prepared, Subject};
use super::page;
use super::store::{Event, Group, OVERHEAD, Scan, Store, Stream};
use crate::Caller;
use crate::constraint::within;

/// How many bytes of events a page has at most.
pub(super) const PAGE_BYTES: usize = 1 << 20;

/// How many events a page has at most.
pub(super) const PAGE_EVENTS: i64 = 10_000;

/// `GetLogEvents`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

/// Where a page begins, and in which direction it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// From the first event on.
    Head,
    /// Back from the last event.
    Tail,
    /// What is newer than an event.
    After(EventId),
    /// What is older than an event.
    Before(EventId),
}

impl Place {
    fn parse(token: &str) -> Result<Self, Fault> {
        let (direction, digits) = token.split_once('/').ok_or(Fault::InvalidNextToken)?;
        let id = EventId::parse(digits).ok_or(Fault::InvalidNextToken)?;
        match direction {
            "f" => Ok(Self::After(id)),
            "b" => Ok(Self::Before(id)),
            _ => Err(Fault::InvalidNextToken),
        }
    }

    fn is_backward(self) -> bool {
        matches!(self, Self::Tail | Self::Before(_))
    }
}

/// Which events are asked for.
pub(super) struct Wanted {
    subject: Subject,
    stream: String,
    start: i64,
    end: i64,
    place: Place,
    limit: usize,
}

/// A page of events.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventsPage {
    events: Vec<Shown>,
    next_forward_token: String,
    next_backward_token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    timestamp: i64,
    message: String,
    ingestion_time: i64,
}

/// Checks a time of a request.
pub(super) fn time(member: &'static str, given: Option<i64>) -> Result<Option<i64>, Fault> {
    given.map_or(Ok(()), |given| within(member, given, 0, i64::MAX))?;
    Ok(given)
}

impl Operation for GetLogEvents {
    const NAME: &'static str = "GetLogEvents";
    type Ready = Wanted;
    type Answer = EventsPage;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Wanted>, Fault> {
        let id = GroupId::either(&caller.scope, self.log_group_name, self.log_group_identifier.as_deref())?;
        let stream = required_name("logStreamName", self.log_stream_name)?;
        let start = time("startTime", self.start_time)?.unwrap_or(0);
        let end = time("endTime", self.end_time)?.unwrap_or(i64::MAX);
        let limit = page::limit(self.limit, PAGE_EVENTS, PAGE_EVENTS)?;
        let place = match self.next_token.as_deref().map(Place::parse).transpose()? {
            Some(place) => place,
            None if self.start_from_head.unwrap_or(false) => Place::Head,
            None => Place::Tail,
        };
        let subject = Subject::find(store, id)?;
        let requirements = vec![subject.stream_requirement(Self::NAME, &stream)];
        Ok(Prepared { ready: Wanted { subject, stream, start, end, place, limit }, requirements })
    }

    fn key_use(ready: &Wanted, store: &Store) -> Result<KeyUse, Fault> {
        ready.subject.key_use(store)
    }

    fn act(wanted: Wanted, act: &Act<'_>) -> Result<EventsPage, Fault> {
        let (group, events) = act.store.read(|connection| {
            let group = wanted.subject.group(act.allowed, connection)?;
            let stream = Stream::existing(connection, group.number, &wanted.stream)?;
            let events = wanted.read(connection, &group, stream.number, act.caller.now)?;
            Ok((group, events))
        })?;
        let edge = |event: Option<&Event>| event.map(|event| event.id);
        let (first, last) = (edge(events.first()), edge(events.last()));
        let here = match wanted.place {
            Place::After(id) | Place::Before(id) => id,
            Place::Head | Place::Tail => EventId::FIRST,
        };
        let show = |event: Event| {
            let vault = event.data_key.map(|number| act.keys.vault(number)).transpose()?;
            let (timestamp, ingestion_time) = (event.id.at, event.ingested);
            Ok(Shown { timestamp, message: event.text(group.number, vault)?, ingestion_time })
        };
        Ok(EventsPage {
            events: events.into_iter().map(show).collect::<Result<_, Fault>>()?,
            next_forward_token: format!("f/{}", last.unwrap_or(here).digits()),
            next_backward_token: format!("b/{}", first.unwrap_or(here).digits()),
        })
    }
}

impl Wanted {
    /// The events of the page, in the order of their times.
    fn read(
        &self, connection: &rusqlite::Connection, group: &Group, stream: i64, now: i64,
    ) -> Result<Vec<Event>, Fault> {
        // Numbers of arrival begin with 1, so that the place before a time is after all that is older.
        let mut after = EventId::before(self.start.max(group.horizon(now)));
        let mut before = EventId::before(self.end);
        match self.place {
            Place::After(id) => after = after.max(id),
            Place::Before(id) => before = before.min(id),
            Place::Head | Place::Tail => {}
        }
        let (mut events, mut bytes) = (Vec::new(), 0);
        let backward = self.place.is_backward();
        Event::each(
            connection,
            Scan::Stream(stream),
            (after, before),
            backward,
            |_| Ok(true),
            |_, event| {
                let Some(event) = event else { return Ok(true) };
                bytes += event.message.len() + OVERHEAD;
                if bytes > PAGE_BYTES && !events.is_empty() {
                    return Ok(false);
                }
                events.push(event);
                Ok(events.len() < self.limit)
            },
        )?;
        if backward {
            events.reverse();
        }
        Ok(events)
    }
}
