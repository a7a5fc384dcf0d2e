//! Events of asynchronous invocations: they wait on disk, are tried again where they fail, and what comes of them goes to
//! the destinations of the function.
//!
//! A failed event is tried again twice, after [`Pace::FIRST`] and [`Pace::SECOND`], a tenth of what AWS waits. One for
//! which there is no room, or that the machine could not handle, is tried again after a second, and then ever later.
//!
//! Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation", "Capturing records
//! of Lambda asynchronous invocations".

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use sidegate_model::Scope;
use tokio::sync::Notify;

use super::Inner;
use super::event_invoke::{AGE, RETRIES, key_of};
use super::fault::Fault;
use super::function::{EventInvoke, Function};
use super::invoke::{Invoked, Target};
use super::name::{Named, Place, Qualifier};
use super::operation::requirement;
use super::store::{Store, Waiting};
use crate::Authorized;
use crate::random::uuid;

/// How many events are handled at once.
const AT_ONCE: usize = 200;
/// How long the queue sleeps at most.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// The longest that an event without room waits to be tried again, in milliseconds.
const LONGEST_BACKOFF: i64 = 300_000;
/// How many functions may hand an event on to the next one. AWS stops a loop after about as many.
///
/// Source: Lambda developer guide, "Use Lambda recursive loop detection to prevent infinite loops".
const MOST_HOPS: u32 = 16;
/// What becomes of an event for which its function has set nothing aside: it is not tried, and does not wait.
///
/// Source: Lambda developer guide, "Capturing records of Lambda asynchronous invocations"; LocalStack for the count.
const NO_CONCURRENCY: &str = "ZeroReservedConcurrency";

/// How long a failed event waits until it is tried again, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    first: i64,
    second: i64,
}

impl Pace {
    const FIRST: i64 = 6_000;
    const SECOND: i64 = 12_000;

    fn after(self, failures: u32) -> i64 {
        if failures <= 1 { self.first } else { self.second }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self { first: Self::FIRST, second: Self::SECOND }
    }
}

/// The queue of all functions.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Told when an event comes.
    wake: Notify,
    /// Those that are being handled.
    handled: Mutex<BTreeSet<String>>,
    pub(super) pace: std::sync::OnceLock<Pace>,
}

/// Unix time in milliseconds.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// What came of an event at last.
struct Outcome<'a> {
    condition: &'static str,
    invoked: Option<&'a Invoked>,
}

impl Queue {
    /// Takes an event. It is on disk when this returns.
    pub(super) async fn put(&self, store: &Arc<Store>, _allowed: &Authorized, waiting: Waiting) -> Result<(), Fault> {
        store.put_event(waiting).await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Says how long failed events wait, once.
    pub(super) fn go(&self, first: Duration, second: Duration) {
        let milliseconds = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let _ = self.pace.set(Pace { first: milliseconds(first), second: milliseconds(second) });
    }

    fn handled(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.handled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Handles events as they become due, for ever.
    pub(super) async fn handle_events(self: Arc<Self>) {
        loop {
            let handled = self.queue.handled().clone();
            let room = AT_ONCE.saturating_sub(handled.len());
            let sleep = match self.store.due_events(now(), handled, room).await {
                Ok((due, next)) => {
                    for waiting in due {
                        self.queue.handled().insert(waiting.id.clone());
                        let inner = Arc::clone(&self);
                        tokio::spawn(async move {
                            let id = waiting.id.clone();
                            if let Err(error) = inner.handle_event(waiting).await {
                                tracing::error!(
                                    error = &error as &dyn std::error::Error,
                                    id,
                                    "an event was not handled"
                                );
                            }
                            inner.queue.handled().remove(&id);
                            inner.queue.wake.notify_one();
                        });
                    }
                    let until = next.map(|next| Duration::from_millis((next - now()).max(0).unsigned_abs()));
                    // Where there is no room, the end of an event wakes it.
                    if room == 0 { LONGEST_SLEEP } else { until.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP) }
                }
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "the events cannot be read");
                    Duration::from_secs(1)
                }
            };
            // However many wait, others get their turn.
            let sleep = sleep.max(Duration::from_millis(2));
            let _ = tokio::time::timeout(sleep, self.queue.wake.notified()).await;
        }
    }

    async fn handle_event(self: &Arc<Self>, mut waiting: Waiting) -> Result<(), Fault> {
        let place = Place { scope: waiting.scope.clone(), name: waiting.function.clone() };
        let qualifier = waiting.qualifier.as_deref().map(|text| Qualifier::parse("qualifier", text)).transpose()?;
        let named = Named { place: place.clone(), qualifier };
        let Some(function) = self.store.function(&place) else {
            tracing::warn!(
                function = named.arn(),
                id = waiting.id,
                "the function of an event is gone, and so is the event"
            );
            return self.store.remove_event(&waiting.id).await;
        };
        let config = function.head.event_invoke.get(&key_of(named.qualifier.as_ref())).cloned().unwrap_or_default();
        let age = i64::from(config.age.unwrap_or(AGE)) * 1000;
        if now() - waiting.since > age {
            let outcome = Outcome { condition: "EventAgeExceeded", invoked: None };
            return self.conclude(&named, &function, &config, &waiting, &outcome).await;
        }
        if function.head.reserved == Some(0) {
            let outcome = Outcome { condition: NO_CONCURRENCY, invoked: None };
            return self.conclude(&named, &function, &config, &waiting, &outcome).await;
        }
        let attempt = match Target::of(&named, Some(&function)) {
            Ok(target) => match self.enter(&target) {
                Ok(slot) => {
                    let (payload, context) = (waiting.payload.clone(), waiting.client_context.clone());
                    let event = Self::event(&target, &waiting.id, payload, context, waiting.trace_id.clone());
                    self.run(target, event, slot).await
                }
                Err(fault) => Err(fault),
            },
            Err(fault) => Err(fault),
        };
        match attempt {
            Ok(invoked) if invoked.error.is_none() => {
                let outcome = Outcome { condition: "Success", invoked: Some(&invoked) };
                self.conclude(&named, &function, &config, &waiting, &outcome).await
            }
            Ok(invoked) => {
                waiting.failures += 1;
                if waiting.failures > config.retries.unwrap_or(RETRIES) {
                    let outcome = Outcome { condition: "RetriesExhausted", invoked: Some(&invoked) };
                    return self.conclude(&named, &function, &config, &waiting, &outcome).await;
                }
                let pace = self.queue.pace.get().copied().unwrap_or_default();
                waiting.due = now() + pace.after(waiting.failures);
                self.store.put_event(waiting).await
            }
            Err(fault) => {
                tracing::info!(reason = %fault, function = named.arn(), id = waiting.id, "an event has to wait");
                let backoff = 1000_i64.checked_shl(waiting.throttles).unwrap_or(LONGEST_BACKOFF);
                waiting.throttles = (waiting.throttles + 1).min(16);
                waiting.due = now() + backoff.clamp(1000, LONGEST_BACKOFF);
                self.store.put_event(waiting).await
            }
        }
    }

    /// Sends the record of an event to where it is to go, and forgets the event.
    async fn conclude(
        self: &Arc<Self>, named: &Named, function: &Function, config: &EventInvoke, waiting: &Waiting,
        outcome: &Outcome<'_>,
    ) -> Result<(), Fault> {
        let is_success = outcome.condition == "Success";
        let destination = if is_success { &config.on_success } else { &config.on_failure };
        if let Some(arn) = destination {
            let record = record(named, waiting, outcome);
            self.send(named, function, waiting, arn, &record).await?;
        }
        let version = function.qualified(named.qualifier.as_ref());
        if let (false, Some(target)) = (is_success, version.and_then(|version| version.dead_letter.as_deref())) {
            untold(named, waiting, target, "the dead letter queue");
        }
        if !is_success && destination.is_none() {
            tracing::warn!(
                function = named.arn(),
                id = waiting.id,
                condition = outcome.condition,
                "an event of a function failed for good"
            );
        }
        self.store.remove_event(&waiting.id).await
    }

    /// Sends a record to another function, if the execution role may call it. Where else it should go is not emulated.
    async fn send(
        self: &Arc<Self>, named: &Named, function: &Function, waiting: &Waiting, arn: &str, record: &Value,
    ) -> Result<(), Fault> {
        if arn.split(':').nth(2) != Some("lambda") {
            untold(named, waiting, arn, "the destination");
            return Ok(());
        }
        if waiting.hops >= MOST_HOPS && !function.head.allows_loops {
            tracing::warn!(function = named.arn(), id = waiting.id, "a loop of destinations is stopped");
            return Ok(());
        }
        let scope: &Scope = &named.place.scope;
        let target = Named::parse_in(scope, arn)?;
        let there = self.store.function(&target.place);
        let needed = requirement("Invoke", &target, there.as_deref());
        let role = function.qualified(named.qualifier.as_ref()).map(|version| version.role.clone()).unwrap_or_default();
        if !self.pools.environments().may(scope, &role, &needed).await {
            tracing::warn!(
                function = named.arn(),
                destination = arn,
                "the execution role may not call the destination"
            );
            return Ok(());
        }
        let next = Waiting {
            id: uuid()?,
            scope: target.place.scope.clone(),
            function: target.place.name.clone(),
            qualifier: target.qualifier.as_ref().map(ToString::to_string),
            payload: record.to_string().into_bytes(),
            client_context: None,
            trace_id: waiting.trace_id.clone(),
            since: now(),
            failures: 0,
            throttles: 0,
            hops: waiting.hops + 1,
            due: now(),
        };
        self.store.put_event(next).await?;
        self.queue.wake.notify_one();
        Ok(())
    }
}

/// Says in the log that something cannot be told to whom it should be.
fn untold(named: &Named, waiting: &Waiting, arn: &str, what: &str) {
    tracing::warn!(
        function = named.arn(),
        id = waiting.id,
        to = arn,
        "{what} of an event is not of a service that is emulated, so that nothing arrives there"
    );
}

/// The record of an event.
fn record(named: &Named, waiting: &Waiting, outcome: &Outcome<'_>) -> Value {
    let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_else(|_| json!({}));
    let arn = match &named.qualifier {
        Some(_) => named.arn(),
        None => named.place.qualified_arn("$LATEST"),
    };
    let attempts = match outcome.condition {
        "Success" => waiting.failures + 1,
        NO_CONCURRENCY => 0,
        _ => waiting.failures,
    };
    let mut record = json!({
        "version": "1.0",
        "timestamp": super::function::timestamp(now()).replace("+0000", "Z"),
        "requestContext": {
            "requestId": waiting.id,
            "functionArn": arn,
            "condition": outcome.condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": parsed(&waiting.payload),
    });
    if let (Some(invoked), Some(record)) = (outcome.invoked, record.as_object_mut()) {
        let mut context = json!({"statusCode": 200, "executedVersion": invoked.version});
        if let (true, Some(context)) = (invoked.error.is_some(), context.as_object_mut()) {
            context.insert("functionError".to_owned(), "Unhandled".into());
        }
        record.insert("responseContext".to_owned(), context);
        record.insert("responsePayload".to_owned(), parsed(&invoked.payload));
    }
    record
}
