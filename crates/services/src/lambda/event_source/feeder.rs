//! What hands the records of a mapping to its function.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::batch::{Batch, Next, Outcome, reported};
use super::failure::{AGE, Failure, Last, RETRIES};
use super::mapping::{Mapping, Position};
use crate::lambda::Inner;
use crate::lambda::fault::Fault;
use crate::lambda::invoke::{Target, trace_id};
use crate::lambda::queue::now;
use crate::random::uuid;

/// How long a batch waits that failed the first time, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What went well.
const OK: &str = "OK";
/// What did not. Source: what users quote, see docs/claims.md.
pub(super) const CALL_FAILED: &str = "PROBLEM: Function call failed";

/// What came of an invocation.
enum Tried {
    /// There was none.
    Not,
    Done(Outcome, Last),
}

/// The batches of a lane, which are handled in their order.
struct Lane<'a> {
    shard: &'a str,
    batches: VecDeque<Batch>,
    /// How often the first one could not be handed on.
    waits: u32,
    /// The last invocation, where what it was for is not done with.
    last: Option<Last>,
}

/// Hands records to the function of a mapping, in the form that the mapping has now.
pub(super) struct Feeder {
    pub(super) inner: Arc<Inner>,
    pub(super) mapping: Arc<Mapping>,
    pub(super) changes: watch::Receiver<()>,
}

impl Feeder {
    /// Whether the mapping still is what this was made for.
    pub(super) fn is_current(&self) -> bool {
        self.inner.store.mapping(&self.mapping.id).is_some_and(|now| now.does_as(&self.mapping))
    }

    /// The execution role of the function.
    pub(super) fn role(&self) -> Option<String> {
        let named = self.mapping.named().ok()?;
        let function = self.inner.store.function(&named.place)?;
        function.qualified(named.qualifier.as_ref()).map(|version| version.role.clone())
    }

    /// Handles batches in order, and says whether all are done with: the mapping may have changed. Where it is the only lane of
    /// its shard, it notes how far it comes, and says so.
    pub(super) async fn lane(
        &self, shard: &str, batches: VecDeque<Batch>, keeps: bool,
    ) -> Result<(bool, Option<Position>), Fault> {
        let mut lane = Lane { shard, batches, waits: 0, last: None };
        let mut position = None;
        while let Some(batch) = lane.batches.pop_front() {
            if !self.is_current() {
                return Ok((false, position));
            }
            let done = self.batch(&mut lane, batch).await?;
            if let (true, Some(sequence)) = (keeps, done) {
                let reached = Position::After(sequence);
                self.inner.store.put_position(&self.mapping.id, shard, &reached).await?;
                position = Some(reached);
            }
        }
        Ok((true, position))
    }

    /// Handles a batch once, and says which record is the last one that is done with by that. What is left of it is put back.
    async fn batch(&self, lane: &mut Lane<'_>, mut batch: Batch) -> Result<Option<String>, Fault> {
        let mut done = None;
        if let Some(old) = batch.expired(&self.mapping.settings, now()) {
            self.give_up(lane.shard, &old, AGE, lane.last.as_ref()).await?;
            done = old.records.last().map(|record| record.sequence.clone());
        }
        if batch.records.is_empty() {
            return Ok(done);
        }
        match self.invoke(&batch).await? {
            Tried::Not => {
                self.note(CALL_FAILED).await?;
                lane.batches.push_front(batch);
                self.pause(lane.waits).await;
                lane.waits += 1;
                Ok(done)
            }
            Tried::Done(outcome, invocation) => {
                lane.waits = 0;
                lane.last = Some(invocation);
                batch.invocations += 1;
                Ok(self.follow(lane, batch, &outcome).await?.or(done))
            }
        }
    }

    /// Does what follows from how an invocation ended.
    async fn follow(&self, lane: &mut Lane<'_>, batch: Batch, outcome: &Outcome) -> Result<Option<String>, Fault> {
        self.note(if *outcome == Outcome::Succeeded { OK } else { CALL_FAILED }).await?;
        let sequences: Vec<String> = batch.records.iter().map(|record| record.sequence.clone()).collect();
        match batch.after(outcome, &self.mapping.settings) {
            Next::Done => {
                lane.last = None;
                Ok(sequences.last().cloned())
            }
            Next::GivenUp(rest) => {
                let last = lane.last.take();
                self.give_up(lane.shard, &rest, RETRIES, last.as_ref()).await?;
                Ok(sequences.last().cloned())
            }
            Next::Again(more) => {
                let first = more.first().and_then(|batch| batch.records.first());
                let left = first.and_then(|first| sequences.iter().position(|own| *own == first.sequence));
                let failures = more.first().map_or(0, |batch| batch.failures);
                more.into_iter().rev().for_each(|batch| lane.batches.push_front(batch));
                if let Some(failures) = failures.checked_sub(1) {
                    self.pause(failures).await;
                }
                Ok(left.and_then(|at| sequences.get(at.checked_sub(1)?)).cloned())
            }
        }
    }

    /// Has the function handle a batch.
    async fn invoke(&self, batch: &Batch) -> Result<Tried, Fault> {
        let inner = &self.inner;
        let named = self.mapping.named()?;
        let function = inner.store.function(&named.place);
        let begun = Target::of(&named, function.as_deref()).and_then(|target| Ok((inner.enter(&target)?, target)));
        let (slot, target) = match begun {
            Ok(begun) => begun,
            Err(fault) => return Ok(self.not_tried(&fault)),
        };
        let id = uuid()?;
        let event = Inner::event(&target, &id, batch.event(), None, &trace_id(now())?, 0);
        let invoked = match inner.run(target, event, slot).await {
            Ok(invoked) => invoked,
            Err(fault) => return Ok(self.not_tried(&fault)),
        };
        let is_error = invoked.error.is_some();
        if is_error && inner.pools.is_closed() {
            // The end of the daemon is no failure of the function.
            return Ok(Tried::Not);
        }
        let outcome = if is_error {
            Outcome::Failed
        } else if self.mapping.settings.reports {
            reported(&invoked.payload)
        } else {
            Outcome::Succeeded
        };
        Ok(Tried::Done(outcome, Last { request_id: id, version: invoked.version, is_error }))
    }

    fn not_tried(&self, fault: &Fault) -> Tried {
        tracing::info!(reason = %fault, mapping = self.mapping.id, "records of a stream have to wait");
        Tried::Not
    }

    async fn give_up(
        &self, shard: &str, batch: &Batch, condition: &'static str, last: Option<&Last>,
    ) -> Result<(), Fault> {
        let failure = Failure { mapping: &self.mapping, shard, batch, condition, last };
        self.inner.give_up(&failure, &self.role().unwrap_or_default()).await
    }

    /// Notes what came of what it did last.
    pub(super) async fn note(&self, result: &str) -> Result<(), Fault> {
        let store = &self.inner.store;
        if store.mapping(&self.mapping.id).is_none_or(|mapping| mapping.result == result) {
            return Ok(());
        }
        let result = result.to_owned();
        store.settle_mapping(&self.mapping.id, move |mapping| mapping.result = result).await
    }

    /// Waits ever longer, the more often it had to; but not beyond a change of the mapping.
    pub(super) async fn pause(&self, times: u32) {
        let length = FIRST_PAUSE.saturating_mul(1 << times.min(16)).min(LONGEST_PAUSE);
        let until = Instant::now() + length;
        let mut changes = self.changes.clone();
        loop {
            tokio::select! {
                () = sleep_until(until) => return,
                changed = changes.changed() => {
                    if changed.is_err() || !self.is_current() {
                        return;
                    }
                }
            }
        }
    }
}
