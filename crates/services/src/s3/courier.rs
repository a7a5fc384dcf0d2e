//! Tells functions, queues, topics and event buses of what happens in buckets. Events are taken from the store, handed over,
//! and forgotten; Lambda keeps those of functions and tries them again where the function fails. Whoever put the object does
//! not wait for any of this.
//!
//! An event is forgotten after it was handed over, so that one is told twice if a crash comes between, and none is lost.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::future::join_all;
use http::StatusCode;
use sidegate_model::Scope;

use super::call::Beside;
use super::configuration::notification::{invocation, parcel};
use super::fault::Fault;
use super::store::{Settled, Store, Waiting};
use crate::functions::InvokeError;

/// How many events are told at once.
const AT_ONCE: usize = 64;

/// How long it sleeps at most.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// How long an answer of a queue, a topic or an event bus is waited for. What is told together waits for it too.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest pause before an event that could not be handed over is tried again, in milliseconds.
const LONGEST_BACKOFF: i64 = 300_000;

/// How long an event is tried, in milliseconds.
const LONGEST_WAIT: i64 = 24 * 3_600_000;

/// Who tells.
pub(super) struct Courier {
    store: Arc<Store>,
    beside: Beside,
}

/// Unix time in milliseconds.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Courier {
    pub(super) fn new(store: &Arc<Store>, beside: &Beside) -> Self {
        Self { store: Arc::clone(store), beside: beside.clone() }
    }

    /// Tells of events as they come, for ever.
    pub(super) async fn run(self) {
        loop {
            let sleep = match self.round().await {
                Ok(next) => {
                    let until = next.map(|next| Duration::from_millis((next - now()).max(0).unsigned_abs()));
                    until.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP)
                }
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "events of buckets were not told");
                    Duration::from_secs(1)
                }
            };
            let _ = tokio::time::timeout(sleep, self.store.index.happened.notified()).await;
        }
    }

    /// Tells of what is due, and says when the next event is.
    async fn round(&self) -> Result<Option<i64>, Fault> {
        let (due, next) = self.store.run(|store| store.index.due_events(now(), AT_ONCE)).await?;
        if due.is_empty() {
            return Ok(next);
        }
        let settled = join_all(due.into_iter().map(|waiting| self.tell(waiting))).await;
        self.store.run(move |store| store.index.settle_events(&settled)).await?;
        // There may be more, and what has to wait is due at another time.
        Ok(Some(now()))
    }

    /// Hands an event over. One that nobody may have is lost, as on AWS.
    async fn tell(&self, waiting: Waiting) -> (i64, Settled) {
        let Waiting { number, account, bucket, destination, document, trace, since, attempts } = waiting;
        let told = match invocation(&account, &bucket, &destination) {
            Some(invocation) => {
                let sent = self.beside.functions.send(&invocation, document.into_bytes(), trace.as_deref()).await;
                sent.map_err(|error| (matches!(error, InvokeError::Unavailable(_)), error.to_string()))
            }
            None => self.send(&account, &destination, &document).await,
        };
        let lost = |reason: &str| {
            tracing::warn!(bucket, destination, number, reason, "an event of a bucket is not told");
            Settled::Done
        };
        let settled = match told {
            Ok(()) => Settled::Done,
            Err((true, reason)) if now() - since < LONGEST_WAIT => {
                tracing::info!(bucket, destination, number, reason, "an event of a bucket has to wait");
                let backoff = 1000_i64.checked_shl(attempts).unwrap_or(LONGEST_BACKOFF);
                Settled::Again(now() + backoff.clamp(1000, LONGEST_BACKOFF))
            }
            Err((_, reason)) => lost(&reason),
        };
        (number, settled)
    }

    /// Sends a document to what is no function. Where that fails, it says whether it may go better later, and why.
    async fn send(&self, account: &str, destination: &str, document: &str) -> Result<(), (bool, String)> {
        let region = destination.split(':').nth(3).and_then(|region| region.parse().ok());
        let (Some(parcel), Some(region), Ok(account)) = (parcel(destination, document), region, account.parse()) else {
            return Err((false, "nothing can be sent there".to_owned()));
        };
        let scope = Scope { account, region };
        match tokio::time::timeout(PATIENCE, self.beside.send(&scope, parcel)).await {
            Ok(Some(status)) if status.is_success() => Ok(()),
            Ok(Some(status)) => {
                let may_pass = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
                Err((may_pass, format!("the service answers with {status}")))
            }
            Ok(None) => Err((false, "no server answers for the service".to_owned())),
            Err(_) => Err((true, "the service does not answer in time".to_owned())),
        }
    }
}
