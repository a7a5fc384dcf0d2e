//! `FilterLogEvents`
//!
//! Events are found in the order of their times. A page ends as well where enough was searched for it; then it may
//! have few events or none, and a token all the same.

use std::collections::HashMap;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::event_id::EventId;
use super::fault::Fault;
use super::get::{PAGE_BYTES, PAGE_EVENTS, time};
use super::id::{GroupId, plain_name};
use super::key::{DataKeys, KeyUse};
use super::operation::{Act, Operation, Prepared, Subject};
use super::page;
use super::pattern::Pattern;
use super::store::{Event, Group, OVERHEAD, Scan, Store, Stream};
use crate::Caller;
use crate::constraint::{length, size};

/// How many events are searched for one page at most, and how many bytes of them.
const SEARCHED_EVENTS: usize = 100_000;
const SEARCHED_BYTES: usize = 32 << 20;

/// `FilterLogEvents`
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FilterLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    start_from_head: Option<bool>,
    #[serde(skip_serializing)]
    next_token: Option<String>,
    #[serde(skip_serializing)]
    limit: Option<i64>,
}

/// Which streams are searched.
enum Streams {
    All,
    Named(Vec<String>),
    Prefix(String),
}

/// Which events are asked for.
pub(super) struct Wanted {
    subject: Subject,
    streams: Streams,
    start: i64,
    end: i64,
    pattern: Option<Pattern>,
    limit: usize,
    /// Whether the newest events come first.
    backward: bool,
    /// The event that the page before ended with.
    after: Option<EventId>,
    context: String,
}

/// A page of events.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    events: Vec<Shown>,
    /// Always empty, as AWS has it since May 2020.
    searched_log_streams: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    log_stream_name: String,
    timestamp: i64,
    message: String,
    ingestion_time: i64,
    event_id: String,
}

/// The pattern that a request gives, checked; `None` where everything matches.
pub(super) fn pattern(given: Option<&str>) -> Result<Option<Pattern>, Fault> {
    let Some(text) = given else { return Ok(None) };
    length("filterPattern", text, 0, 1024)?;
    Ok(Some(Pattern::parse(text)?))
}

impl Operation for FilterLogEvents {
    const NAME: &'static str = "FilterLogEvents";
    type Ready = Wanted;
    type Answer = Found;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Wanted>, Fault> {
        let identifier = self.log_group_identifier.as_deref();
        let id = GroupId::either(&caller.scope, self.log_group_name.clone(), identifier)?;
        let (start, end) = (time("startTime", self.start_time)?, time("endTime", self.end_time)?);
        let pattern = pattern(self.filter_pattern.as_deref())?;
        let limit = page::limit(self.limit, PAGE_EVENTS, PAGE_EVENTS)?;
        let context = format!("{} {} {}", Self::NAME, id.arn(), serde_json::to_string(&self)?);
        let after = self.next_token.as_deref();
        let after = after.map(|token| page::open(&store.vault, &context, caller.now, token)).transpose()?;
        let after = after.map(|(at, sequence)| EventId { at, sequence });
        let streams = streams(self.log_stream_names, self.log_stream_name_prefix)?;
        let subject = Subject::find(store, id)?;
        let requirements = vec![subject.requirement(Self::NAME)];
        let (start, end) = (start.unwrap_or(0), end.unwrap_or(i64::MAX));
        let backward = self.start_from_head == Some(false);
        let ready = Wanted { subject, streams, start, end, pattern, limit, backward, after, context };
        Ok(Prepared { ready, requirements })
    }

    fn key_use(ready: &Wanted, store: &Store) -> Result<KeyUse, Fault> {
        ready.subject.key_use(store)
    }

    fn act(wanted: Wanted, act: &Act<'_>) -> Result<Found, Fault> {
        let (events, end) = act.store.read(|connection| {
            let group = wanted.subject.group(act.allowed, connection)?;
            wanted.search(connection, &group, act.keys, act.caller.now)
        })?;
        let seal = |id: EventId| page::seal(&act.store.vault, &wanted.context, act.caller.now, &(id.at, id.sequence));
        Ok(Found { events, searched_log_streams: [], next_token: end.map(seal).transpose()? })
    }
}

fn streams(names: Option<Vec<String>>, prefix: Option<String>) -> Result<Streams, Fault> {
    match (names, prefix) {
        (Some(_), Some(_)) => {
            Err(Fault::invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters."))
        }
        (Some(names), None) => {
            size("logStreamNames", names.len(), 1, 100)?;
            names.iter().try_for_each(|name| plain_name("logStreamNames", name))?;
            Ok(Streams::Named(names))
        }
        (None, Some(prefix)) => {
            plain_name("logStreamNamePrefix", &prefix)?;
            Ok(Streams::Prefix(prefix))
        }
        (None, None) => Ok(Streams::All),
    }
}

/// The names of streams by their numbers, as far as they were looked up; `None` of those that are not searched.
struct Known<'a> {
    connection: &'a Connection,
    streams: &'a Streams,
    names: HashMap<i64, Option<String>>,
}

impl Known<'_> {
    fn name(&mut self, stream: i64) -> Result<Option<&String>, Fault> {
        if !self.names.contains_key(&stream) {
            // The events of a deleted stream may not be swept yet.
            let name = Stream::name_of(self.connection, stream)?;
            let searched = |name: &String| match self.streams {
                Streams::All => true,
                Streams::Named(names) => names.contains(name),
                Streams::Prefix(prefix) => name.starts_with(prefix),
            };
            self.names.insert(stream, name.filter(searched));
        }
        Ok(self.names.get(&stream).and_then(Option::as_ref))
    }
}

impl Wanted {
    /// The events of the page, and where it ends if it is not the last one.
    fn search(
        &self, connection: &Connection, group: &Group, keys: &DataKeys, now: i64,
    ) -> Result<(Vec<Shown>, Option<EventId>), Fault> {
        let scan = self.scan(connection, group)?;
        let start = EventId::before(self.start.max(group.horizon(now)));
        // The end belongs to it.
        let end = EventId::before(self.end.saturating_add(1));
        let (after, before) = match (self.after, self.backward) {
            (None, _) => (start, end),
            (Some(last), false) => (last.max(start), end),
            (Some(last), true) => (start, last.min(end)),
        };
        let known = Known { connection, streams: &self.streams, names: HashMap::new() };
        let known = std::cell::RefCell::new(known);
        let (mut events, mut end) = (Vec::new(), None);
        let (mut bytes, mut searched, mut searched_bytes) = (0, 0, 0);
        let wants = |stream| Ok(known.borrow_mut().name(stream)?.is_some());
        let mut last = if self.backward { before } else { after };
        Event::each(connection, scan, (after, before), self.backward, wants, |id, event| {
            if searched >= SEARCHED_EVENTS || searched_bytes >= SEARCHED_BYTES || events.len() >= self.limit {
                end = Some(last);
                return Ok(false);
            }
            searched += 1;
            if let Some(event) = event {
                searched_bytes += event.message.len();
                if let Some(shown) = self.shown(event, group, keys, &known)? {
                    bytes += shown.message.len() + OVERHEAD;
                    if bytes > PAGE_BYTES && !events.is_empty() {
                        end = Some(last);
                        return Ok(false);
                    }
                    events.push(shown);
                }
            }
            last = id;
            Ok(true)
        })?;
        Ok((events, end))
    }

    /// One stream is read by itself; more are found among all of the group.
    fn scan(&self, connection: &Connection, group: &Group) -> Result<Scan, Fault> {
        let Streams::Named(names) = &self.streams else { return Ok(Scan::Group(group.number)) };
        let mut numbers = Vec::new();
        for name in names {
            numbers.push(Stream::existing(connection, group.number, name)?.number);
        }
        numbers.sort_unstable();
        numbers.dedup();
        match numbers.as_slice() {
            [only] => Ok(Scan::Stream(*only)),
            _ => Ok(Scan::Group(group.number)),
        }
    }

    /// An event, if it matches.
    fn shown(
        &self, event: Event, group: &Group, keys: &DataKeys, known: &std::cell::RefCell<Known<'_>>,
    ) -> Result<Option<Shown>, Fault> {
        let vault = event.data_key.map(|number| keys.vault(number)).transpose()?;
        let (id, stream, ingestion_time) = (event.id, event.stream, event.ingested);
        let message = event.text(group.number, vault)?;
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.matches(&message)) {
            return Ok(None);
        }
        let log_stream_name = known.borrow_mut().name(stream)?.cloned().unwrap_or_default();
        Ok(Some(Shown { log_stream_name, timestamp: id.at, message, ingestion_time, event_id: id.digits() }))
    }
}
