//! A mapping at work: it reads the shards of its stream, hands what it reads to the function, and notes how far it has come.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::batch::{Batch, LARGEST_EVENT, Next, Outcome, Record, lanes, reported};
use super::failure::{AGE, Failure, Last, RETRIES};
use super::filter::Pattern;
use super::mapping::{Mapping, Position};
use super::stream::{ReadError, Stream};
use crate::lambda::Inner;
use crate::lambda::fault::Fault;
use crate::lambda::invoke::{Target, trace_id};
use crate::lambda::queue::now;
use crate::random::uuid;

/// How long a task rests at least between two looks at a stream that has nothing new.
const REST: Duration = Duration::from_millis(100);
/// How long where nobody tells of writes. Source: "Polling and batching streams": "4 times per second".
const UNTOLD_REST: Duration = Duration::from_millis(250);
/// How long at most, and how long the shards of a stream are taken to be the same.
const LONGEST_REST: Duration = Duration::from_secs(10);
/// How long a batch waits that failed the first time, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What went well.
const OK: &str = "OK";
/// What did not. Source: what users quote, see docs/claims.md.
const CALL_FAILED: &str = "PROBLEM: Function call failed";

/// Why a look at a stream came to nothing.
enum Trouble {
    /// There is no function, and so no role to read with.
    NoFunction,
    Read(ReadError),
    Fault(Fault),
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What was read of a shard.
#[derive(Default)]
struct Gathered {
    /// Those that the function is to have.
    records: Vec<Record>,
    /// Behind all that was read, others included.
    position: Option<Position>,
}

/// What came of an invocation.
enum Tried {
    /// There was none.
    Not,
    Done(Outcome, Last),
}

/// A mapping at work, in the form that it has now.
pub(crate) struct Tender {
    inner: Arc<Inner>,
    mapping: Arc<Mapping>,
    patterns: Vec<Pattern>,
    changes: watch::Receiver<()>,
    writes: Option<watch::Receiver<()>>,
    shards: Vec<String>,
    /// When they were asked for.
    described: Option<Instant>,
    positions: BTreeMap<String, Position>,
    iterators: BTreeMap<String, String>,
}

impl Tender {
    /// One that goes on where the mapping was.
    pub(crate) async fn of(inner: &Arc<Inner>, mapping: Arc<Mapping>) -> Result<Self, Fault> {
        let mut positions = mapping.begins.clone();
        positions.extend(inner.store.positions(&mapping.id).await?);
        Ok(Self {
            patterns: mapping.settings.patterns(),
            changes: inner.store.mapping_changes(),
            writes: inner.pump.writes.get().cloned(),
            inner: Arc::clone(inner),
            mapping,
            shards: Vec::new(),
            described: None,
            positions,
            iterators: BTreeMap::new(),
        })
    }

    /// Whether the mapping still is what this was made for.
    fn is_current(&self) -> bool {
        self.inner.store.mapping(&self.mapping.id).is_some_and(|now| now.does_as(&self.mapping))
    }

    /// The execution role of the function.
    fn role(&self) -> Option<String> {
        let named = self.mapping.named().ok()?;
        let function = self.inner.store.function(&named.place)?;
        function.qualified(named.qualifier.as_ref()).map(|version| version.role.clone())
    }

    fn stream(&self) -> Result<Stream, Trouble> {
        let role = self.role().ok_or(Trouble::NoFunction)?;
        let environments = self.inner.pools.environments();
        Ok(Stream::new(environments, self.mapping.scope.clone(), &role, &self.mapping.source))
    }

    /// Reads and hands on, until the mapping changes.
    pub(crate) async fn run(&mut self) -> Result<(), Fault> {
        let mut troubles = 0;
        while self.is_current() {
            let looked = Instant::now();
            if let Some(writes) = &mut self.writes {
                writes.mark_unchanged();
            }
            match self.look().await {
                Ok(has_found) => {
                    troubles = 0;
                    if !has_found {
                        self.rest(looked).await;
                    }
                }
                Err(trouble) => {
                    // A new iterator may do where an old one does not.
                    self.iterators.clear();
                    self.described = None;
                    match trouble {
                        Trouble::Read(ReadError::Expired) => {}
                        Trouble::Read(error) => self.note(&format!("PROBLEM: {error}")).await?,
                        Trouble::NoFunction => self.note(CALL_FAILED).await?,
                        Trouble::Fault(fault) => return Err(fault),
                    }
                    self.pause(troubles).await;
                    troubles += 1;
                }
            }
        }
        Ok(())
    }

    /// Goes through all shards once, and says whether there was something.
    async fn look(&mut self) -> Result<bool, Trouble> {
        let stream = self.stream()?;
        if self.described.is_none_or(|at| at.elapsed() >= LONGEST_REST) {
            self.shards = stream.shards().await?;
            self.described = Some(Instant::now());
        }
        let mut has_found = false;
        for shard in self.shards.clone() {
            let gathered = self.gather(&stream, &shard).await?;
            let Some(position) = gathered.position else { continue };
            has_found = true;
            if !gathered.records.is_empty() && !self.hand_on(&shard, gathered.records).await? {
                // What is left of it is read again.
                self.iterators.clear();
                return Ok(true);
            }
            self.keep(&shard, position).await?;
        }
        Ok(has_found)
    }

    /// Reads of a shard what is there, or as much as makes full batches.
    async fn gather(&mut self, stream: &Stream, shard: &str) -> Result<Gathered, Trouble> {
        let settings = &self.mapping.settings;
        let most = usize::try_from(u64::from(settings.batch) * u64::from(settings.factor)).unwrap_or(usize::MAX);
        let window = Duration::from_secs(settings.window.into());
        let (mut gathered, mut size, mut until) = (Gathered::default(), 0, None);
        loop {
            let iterator = match self.iterators.remove(shard) {
                Some(iterator) => iterator,
                None => {
                    let kept = gathered.position.as_ref().or_else(|| self.positions.get(shard));
                    match stream.iterator(shard, kept.unwrap_or(&Position::Horizon)).await? {
                        Some(iterator) => iterator,
                        None => return Ok(gathered),
                    }
                }
            };
            let page = stream.read(&iterator, most - gathered.records.len()).await?;
            let is_empty = page.records.is_empty();
            for told in page.records {
                let event = Record::event(told, &self.mapping.source);
                let Some(record) = Record::of(&event) else { continue };
                gathered.position = Some(Position::After(record.sequence.clone()));
                if self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.matches(&event)) {
                    size += record.text.len();
                    gathered.records.push(record);
                }
            }
            match page.next {
                Some(next) => self.iterators.insert(shard.to_owned(), next),
                None => {
                    gathered.position = Some(Position::End);
                    return Ok(gathered);
                }
            };
            if gathered.records.len() >= most || size >= LARGEST_EVENT {
                return Ok(gathered);
            }
            if is_empty {
                // Records that are there wait for more, if they may.
                let until = *until.get_or_insert_with(|| Instant::now() + window);
                if gathered.records.is_empty() || Instant::now() >= until || !self.is_current() {
                    return Ok(gathered);
                }
                let next = until.min(Instant::now() + UNTOLD_REST);
                sleep_until(next).await;
            }
        }
    }

    /// Hands records to the function, and says whether all of them are done with: the mapping may have changed.
    async fn hand_on(&mut self, shard: &str, records: Vec<Record>) -> Result<bool, Fault> {
        let lanes = lanes(records, &self.mapping.settings);
        if let [_] = lanes.as_slice() {
            let mut is_done = true;
            for lane in lanes {
                let (lane_done, position) = self.lane(shard, lane, true).await?;
                is_done &= lane_done;
                if let Some(position) = position {
                    self.positions.insert(shard.to_owned(), position);
                }
            }
            return Ok(is_done);
        }
        let own = &*self;
        let all = join_all(lanes.into_iter().map(|lane| own.lane(shard, lane, false))).await;
        let mut is_done = true;
        for lane in all {
            is_done &= lane?.0;
        }
        Ok(is_done)
    }

    /// Handles batches in order. Where it is the only lane of its shard, it notes how far it comes, and says so.
    async fn lane(
        &self, shard: &str, mut lane: VecDeque<Batch>, keeps: bool,
    ) -> Result<(bool, Option<Position>), Fault> {
        let settings = &self.mapping.settings;
        let mut position = None;
        let (mut waits, mut last) = (0, None);
        while let Some(mut batch) = lane.pop_front() {
            if !self.is_current() {
                return Ok((false, position));
            }
            let mut done = None;
            if let Some(old) = batch.expired(settings, now()) {
                self.give_up(shard, &old, AGE, last.as_ref()).await?;
                done = old.records.last().map(|record| record.sequence.clone());
            }
            if !batch.records.is_empty() {
                let sequences: Vec<String> = batch.records.iter().map(|record| record.sequence.clone()).collect();
                match self.invoke(&batch).await? {
                    Tried::Not => {
                        self.note(CALL_FAILED).await?;
                        lane.push_front(batch);
                        self.pause(waits).await;
                        waits += 1;
                    }
                    Tried::Done(outcome, invocation) => {
                        waits = 0;
                        batch.invocations += 1;
                        self.note(if outcome == Outcome::Succeeded { OK } else { CALL_FAILED }).await?;
                        last = Some(invocation);
                        match batch.after(&outcome, settings) {
                            Next::Done => {
                                last = None;
                                done = sequences.last().cloned();
                            }
                            Next::GivenUp(rest) => {
                                self.give_up(shard, &rest, RETRIES, last.take().as_ref()).await?;
                                done = sequences.last().cloned();
                            }
                            Next::Again(more) => {
                                let first = more.first().and_then(|batch| batch.records.first());
                                let left =
                                    first.and_then(|first| sequences.iter().position(|own| *own == first.sequence));
                                let before = left.and_then(|at| sequences.get(at.checked_sub(1)?));
                                done = before.cloned().or(done);
                                let failures = more.first().map_or(0, |batch| batch.failures);
                                more.into_iter().rev().for_each(|batch| lane.push_front(batch));
                                if let Some(failures) = failures.checked_sub(1) {
                                    self.pause(failures).await;
                                }
                            }
                        }
                    }
                }
            }
            if let (true, Some(sequence)) = (keeps, done) {
                let reached = Position::After(sequence);
                self.inner.store.put_position(&self.mapping.id, shard, &reached).await?;
                position = Some(reached);
            }
        }
        Ok((true, position))
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
        let event = Inner::event(&target, &id, batch.event(), None, trace_id(now())?);
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

    /// Notes how far a shard has been read.
    async fn keep(&mut self, shard: &str, position: Position) -> Result<(), Fault> {
        if self.positions.get(shard) != Some(&position) {
            self.inner.store.put_position(&self.mapping.id, shard, &position).await?;
            self.positions.insert(shard.to_owned(), position);
        }
        Ok(())
    }

    /// Notes what came of what it did last.
    async fn note(&self, result: &str) -> Result<(), Fault> {
        let store = &self.inner.store;
        if store.mapping(&self.mapping.id).is_none_or(|mapping| mapping.result == result) {
            return Ok(());
        }
        let result = result.to_owned();
        store.settle_mapping(&self.mapping.id, move |mapping| mapping.result = result).await
    }

    /// Rests until something is written or the mapping changes, for a while at least.
    async fn rest(&mut self, since: Instant) {
        let Self { writes, changes, .. } = self;
        let told = async {
            // Who told may be gone, or never have been.
            let is_told = match writes {
                Some(writes) => writes.changed().await.is_ok(),
                None => false,
            };
            if is_told { sleep_until(since + REST).await } else { sleep(UNTOLD_REST).await }
        };
        tokio::select! {
            () = told => {}
            _ = changes.changed() => {}
            () = sleep(LONGEST_REST) => {}
        }
    }

    /// Waits ever longer, the more often it had to; but not beyond a change of the mapping.
    async fn pause(&self, times: u32) {
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
