//! The log of one execution environment: a stream of CloudWatch Logs, written by calls in the name of the execution role,
//! which its policies must let in. The function's network has no part in it.
//!
//! Source: Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs", "Working with CloudWatch log groups
//! and streams".

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, Request};
use serde_json::{Value, json};
use sidegate_edge::gate::{Credential, Credentials as _};
use sidegate_model::Scope;
use sidegate_services::Service;
use sidegate_services::lambda::environment::LOG_TAIL;
use time::OffsetDateTime;
use tokio::sync::Notify;

use super::Live;
use super::level::Level;
use super::roles::Roles;
use crate::asker::{Answer, Asker};
use crate::clock;
use crate::identities::Identities;
use crate::log_uploads::{Event, uploads};

/// How long events are gathered for an upload.
const GATHERING: Duration = Duration::from_millis(100);

/// The most bytes that wait; then what the function writes is not read.
const MOST_WAITING: usize = 2 * 1024 * 1024;

/// What an event counts for beside its text, as it does for CloudWatch Logs; many short lines take memory too.
const EVENT_BYTES: usize = 26;

/// The most bytes of one event. A longer line becomes several (`output/line.rs`).
pub(super) const LONGEST_EVENT: usize = 256 * 1024 - 64;

/// Where events go, and who says so.
pub(super) struct Destination {
    pub(super) logs: Arc<dyn Service>,
    pub(super) identities: Identities,
    pub(super) roles: Arc<Roles>,
    pub(super) scope: Scope,
    /// The ARN of the execution role, and the name of its session.
    pub(super) role: String,
    pub(super) function: String,
    pub(super) group: String,
    pub(super) stream: String,
    /// Counted until everything is written.
    pub(super) _open: Live,
}

/// A log that is being written.
pub(super) struct LogStream {
    /// What the function itself writes of a lower level is left out.
    least: Option<Level>,
    waiting: Mutex<Waiting>,
    news: Notify,
    room: Notify,
}

#[derive(Default)]
struct Waiting {
    events: Vec<Event>,
    bytes: usize,
    /// The end of what was logged since the tail was begun.
    tail: Option<Vec<u8>>,
    is_closed: bool,
}

/// The name of a new stream: the day, the version, and 128 random bits.
pub(super) fn stream_name(version: &str) -> String {
    let mut random = [0_u8; 16];
    // Without randomness, which never fails, streams are told apart by the time.
    if aws_lc_rs::rand::fill(&mut random).is_err() {
        random = u128::from(clock::now_ms().unsigned_abs()).to_be_bytes();
    }
    let day = OffsetDateTime::now_utc().date();
    let (year, month, day) = (day.year(), u8::from(day.month()), day.day());
    format!("{year}/{month:02}/{day:02}/[{version}]{:032x}", u128::from_be_bytes(random))
}

impl LogStream {
    /// Begins a log. It is written until it has been closed and everything is there, or was refused.
    pub(super) fn begin(destination: Destination, least: Option<Level>) -> Arc<Self> {
        let log = Arc::new(Self::new(least));
        tokio::spawn(Arc::clone(&log).run(destination));
        log
    }

    fn new(least: Option<Level>) -> Self {
        Self { least, waiting: Mutex::default(), news: Notify::new(), room: Notify::new() }
    }

    /// Whether a line that the function wrote is of a level that is logged.
    pub(super) fn takes(&self, line: &str) -> bool {
        self.least.is_none_or(|least| Level::of(line) >= least)
    }

    /// Whether a line of which this is the beginning may be of a level that is logged.
    pub(super) fn takes_beginning(&self, line: &str) -> bool {
        self.least.is_none_or(|least| Level::at_most(line) >= least)
    }

    /// Logs something, at this time.
    pub(super) fn write(&self, text: String) {
        let mut waiting = self.waiting();
        if let Some(tail) = &mut waiting.tail {
            tail.extend_from_slice(text.as_bytes());
            tail.push(b'\n');
            let surplus = tail.len().saturating_sub(LOG_TAIL);
            tail.drain(..surplus);
        }
        waiting.bytes += text.len() + EVENT_BYTES;
        // As AWS has them, with the end of the line.
        waiting.events.push((clock::now_ms(), text + "\n"));
        drop(waiting);
        self.news.notify_one();
    }

    /// Waits until more may be written.
    pub(super) async fn room(&self) {
        loop {
            let room = self.room.notified();
            if self.waiting().bytes < MOST_WAITING {
                return;
            }
            room.await;
        }
    }

    /// Keeps the end of what is logged from now on.
    pub(super) fn begin_tail(&self) {
        self.waiting().tail = Some(Vec::new());
    }

    /// The end of what was logged since [`LogStream::begin_tail`], of whole characters.
    pub(super) fn end_tail(&self) -> Vec<u8> {
        let tail = self.waiting().tail.take().unwrap_or_default();
        let cut = tail.iter().take(4).take_while(|byte| **byte & 0xC0 == 0x80).count();
        tail.get(cut..).unwrap_or_default().to_vec()
    }

    /// Says that nothing more will be logged.
    pub(super) fn close(&self) {
        self.waiting().is_closed = true;
        self.news.notify_one();
    }

    async fn run(self: Arc<Self>, destination: Destination) {
        loop {
            // Who reads the last of an output still has it when it is closed.
            let is_over = self.waiting().is_closed && Arc::strong_count(&self) == 1;
            if !self.waiting().is_closed {
                self.news.notified().await;
            }
            tokio::time::sleep(GATHERING).await;
            let events = {
                let mut waiting = self.waiting();
                waiting.bytes = 0;
                std::mem::take(&mut waiting.events)
            };
            self.room.notify_waiters();
            for upload in uploads(&events) {
                destination.put(upload).await;
            }
            if is_over {
                return;
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Destination {
    /// Puts events into the stream, which is made if there is none. What the role may not write is lost, as on AWS.
    async fn put(&self, upload: &[Event]) {
        let events: Vec<_> = upload.iter().map(|(at, text)| json!({"timestamp": at, "message": text})).collect();
        let input = json!({"logGroupName": self.group, "logStreamName": self.stream, "logEvents": events});
        let Some(answer) = self.ask("PutLogEvents", &input).await else { return };
        if answer.status.is_success() {
            return;
        }
        if is_fault(&answer, "ResourceNotFoundException") && self.make_stream().await {
            let again = self.ask("PutLogEvents", &input).await;
            if again.is_some_and(|answer| answer.status.is_success()) {
                return;
            }
        }
        tracing::debug!(function = self.function, group = self.group, "what a function logs is not taken");
    }

    /// Makes the stream, and the group if there is none.
    async fn make_stream(&self) -> bool {
        let stream = json!({"logGroupName": self.group, "logStreamName": self.stream});
        if self.make("CreateLogStream", &stream).await {
            return true;
        }
        self.make("CreateLogGroup", &json!({"logGroupName": self.group})).await
            && self.make("CreateLogStream", &stream).await
    }

    async fn make(&self, operation: &str, input: &Value) -> bool {
        let answer = self.ask(operation, input).await;
        // What another environment has made is there.
        answer.is_some_and(|answer| answer.status.is_success() || is_fault(&answer, "ResourceAlreadyExistsException"))
    }

    async fn ask(&self, operation: &str, input: &Value) -> Option<Answer> {
        let now = clock::now_ms();
        let roles = Arc::clone(&self.roles);
        let (scope, role, function) = (self.scope.clone(), self.role.clone(), self.function.clone());
        let session = tokio::task::spawn_blocking(move || roles.session(&scope, &role, &function)).await.ok()?.ok()?;
        let Credential { principal, grants, .. } = self.identities.credential(&session.access_key, now).ok()?;
        let asker = Asker {
            identities: &self.identities,
            principal,
            context: grants.context,
            policies: grants.policies,
            access_key: Some(session.access_key),
            scope: self.scope.clone(),
            errand: "function-log",
            now,
        };
        let request = Request::builder()
            .method(Method::POST)
            .uri("/")
            .header("host", format!("logs.{}.amazonaws.com", self.scope.region))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("Logs_20140328.{operation}"));
        Some(asker.call(&self.logs, request, input.to_string().into_bytes()).await)
    }
}

fn is_fault(answer: &Answer, code: &str) -> bool {
    !answer.status.is_success() && answer.text().contains(code)
}

#[cfg(test)]
impl LogStream {
    /// One that goes nowhere.
    pub(super) fn unsent(least: Option<Level>) -> Self {
        Self::new(least)
    }

    /// The events that wait, each without the end of its line.
    pub(super) fn written(&self) -> Vec<String> {
        self.waiting().events.iter().map(|(_, text)| text.trim_end_matches('\n').to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_by_day_version_and_chance() {
        let (one, other) = (stream_name("$LATEST"), stream_name("$LATEST"));
        assert_ne!(one, other);
        let (day, rest) = one.split_at(11);
        assert!(day.starts_with("20") && rest.starts_with("[$LATEST]") && rest.len() == 9 + 32, "{one}");
    }

    #[test]
    fn what_a_function_writes_below_the_level_is_left_out_and_nothing_that_lambda_writes() {
        let debug = r#"{"level": "debug", "msg": "my debug log", "timestamp": "2024-11-02T16:51:31.587199Z"}"#;
        let error = debug.replace("debug", "error");
        for (least, expected) in [
            (None, vec![debug, "plain", &error, "START"]),
            (Some(Level::Info), vec!["plain", &error, "START"]),
            (Some(Level::Error), vec![&error, "START"]),
        ] {
            let log = LogStream::unsent(least);
            for line in [debug, "plain", &error].into_iter().filter(|line| log.takes(line)) {
                log.write(line.to_owned());
            }
            log.write("START".to_owned());
            assert_eq!(log.written(), expected, "{least:?}");
        }
    }

    #[test]
    fn a_tail_is_the_end_of_what_was_logged_since_it_was_begun() {
        let log = LogStream::unsent(None);
        log.write("before".to_owned());
        log.begin_tail();
        log.write("one".to_owned());
        log.write("ä".repeat(LOG_TAIL));
        let tail = String::from_utf8(log.end_tail()).unwrap();
        assert!(tail.len() <= LOG_TAIL && tail.ends_with("ä\n") && !tail.contains("one"));
        assert_eq!(log.end_tail(), b"");
    }
}
