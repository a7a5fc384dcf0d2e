//! Events of asynchronous invocations: they wait on disk, are tried again where they fail, and what comes of them goes to
//! the destinations of the function (`destination`).
//!
//! A failed event is tried again twice, after [`Pace::FIRST`] and [`Pace::SECOND`], a tenth of what AWS waits. One for
//! which there is no room, or that the machine could not handle, is tried again after a second at most, and then ever later;
//! chance takes up to half of the time off, so that what was refused together does not come back together.
//!
//! Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation", "Capturing records
//! of Lambda asynchronous invocations".

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use super::Inner;
use super::destination::{Letter, MOST_HOPS};
use super::event_invoke::{AGE, RETRIES, key_of};
use super::fault::Fault;
use super::function::{EventInvoke, Function};
use super::invoke::{Invoked, Target};
use super::lineage;
use super::name::{Named, Place, Qualifier};
use super::store::{Store, Waiting};
use crate::Authorized;
use crate::random::bytes;

/// How many events are handled at once.
const AT_ONCE: usize = 200;
/// How long the queue sleeps at most.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// The longest that an event without room waits to be tried again the first time, and ever, in milliseconds.
const FIRST_BACKOFF: i64 = 1_000;
const LONGEST_BACKOFF: i64 = 300_000;
/// How often a wait may have been doubled.
const MOST_DOUBLED: u32 = 16;
/// What becomes of an event for which its function has set nothing aside: it is not tried, and does not wait.
///
/// Source: Lambda developer guide, "Capturing records of Lambda asynchronous invocations"; LocalStack for the count.
pub(super) const NO_CONCURRENCY: &str = "ZeroReservedConcurrency";
/// What becomes of an event that has come by too many functions. The word is ours.
///
/// Source: AWS Compute blog, "Detecting and stopping recursive loops in AWS Lambda functions": "For asynchronous invokes,
/// Lambda sends the event to a dead-letter queue or on-failure destination".
pub(super) const LOOP: &str = "RecursiveInvocation";

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
    pub(super) wake: Notify,
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
pub(super) struct Outcome<'a> {
    pub(super) condition: &'static str,
    pub(super) invoked: Option<&'a Invoked>,
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
        if waiting.hops >= MOST_HOPS && !function.head.allows_loops {
            return self.stop_loop(&named, &function, &config, &waiting).await;
        }
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
                    let event = Self::event(&target, &waiting.id, payload, context, &waiting.trace_id, waiting.hops);
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
                // Without chance it waits for the whole time.
                let bits = bytes().map_or(u64::MAX, u64::from_ne_bytes);
                waiting.due = now() + backoff(waiting.throttles, bits);
                waiting.throttles = (waiting.throttles + 1).min(MOST_DOUBLED);
                self.store.put_event(waiting).await
            }
        }
    }

    /// Stops an event that has come by too many functions. What the record of a stopped one causes is told nobody: a
    /// destination could call the function again, without end.
    async fn stop_loop(
        self: &Arc<Self>, named: &Named, function: &Function, config: &EventInvoke, waiting: &Waiting,
    ) -> Result<(), Fault> {
        tracing::warn!(
            function = named.arn(),
            id = waiting.id,
            "a loop is stopped: functions have called functions too often"
        );
        if lineage::is_of_stopped(&waiting.trace_id) {
            return self.store.remove_event(&waiting.id).await;
        }
        self.conclude(named, function, config, waiting, &Outcome { condition: LOOP, invoked: None }).await
    }

    /// Sends the record of an event to where it is to go, and forgets the event.
    async fn conclude(
        self: &Arc<Self>, named: &Named, function: &Function, config: &EventInvoke, waiting: &Waiting,
        outcome: &Outcome<'_>,
    ) -> Result<(), Fault> {
        let is_success = outcome.condition == "Success";
        let destination = if is_success { &config.on_success } else { &config.on_failure };
        let version = function.qualified(named.qualifier.as_ref());
        let role = version.map(|version| version.role.as_str()).unwrap_or_default();
        let letter = Letter { named, role, allows_loops: function.head.allows_loops, waiting, outcome };
        if let Some(arn) = destination {
            self.deliver(&letter, arn).await?;
        }
        let dead_letter = version.and_then(|version| version.dead_letter.as_deref()).filter(|_| !is_success);
        if let Some(arn) = dead_letter {
            self.bury(&letter, arn).await?;
        }
        if !is_success && destination.is_none() && dead_letter.is_none() {
            tracing::warn!(
                function = named.arn(),
                id = waiting.id,
                condition = outcome.condition,
                "an event of a function failed for good"
            );
        }
        self.store.remove_event(&waiting.id).await
    }
}

/// How long an event waits that found no room so often before, in milliseconds: between a half and the whole of a time that
/// doubles, by random bits.
fn backoff(throttles: u32, bits: u64) -> i64 {
    let whole = (FIRST_BACKOFF << throttles.min(MOST_DOUBLED)).min(LONGEST_BACKOFF);
    let half = whole / 2;
    let share = i128::from(whole - half) * i128::from(bits) / i128::from(u64::MAX);
    half + i64::try_from(share).unwrap_or(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_without_room_waits_ever_longer_and_chance_takes_up_to_half_off() {
        assert_eq!(
            [0, 1, 2, 8, 9, u32::MAX].map(|throttles| backoff(throttles, u64::MAX)),
            [1_000, 2_000, 4_000, 256_000, 300_000, 300_000]
        );
        assert_eq!([0, 1, 9].map(|throttles| backoff(throttles, 0)), [500, 1_000, 150_000]);
        assert_eq!(backoff(0, u64::MAX / 4), 624);
    }

    #[test]
    fn events_that_were_refused_together_do_not_come_back_together() {
        let due: BTreeSet<i64> =
            (0..200_u64).map(|event| backoff(4, event.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
        assert!(due.len() > 190, "{} of 200", due.len());
        assert!(due.iter().all(|wait| (8_000..=16_000).contains(wait)));
    }
}
