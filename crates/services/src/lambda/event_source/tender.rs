//! A mapping at work: it reads the shards of its stream, hands what it reads to the function, and notes how far it has come.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::batch::{LARGEST_EVENT, Record, lanes};
use super::feeder::{CALL_FAILED, Feeder};
use super::filter::Pattern;
use super::mapping::{Mapping, Position};
use super::stream::{ReadError, Stream};
use crate::lambda::Inner;
use crate::lambda::fault::Fault;

/// How long a task rests at least between two looks at a stream that has nothing new.
const REST: Duration = Duration::from_millis(100);
/// How long where nobody tells of writes. Source: "Polling and batching streams": "4 times per second".
const UNTOLD_REST: Duration = Duration::from_millis(250);
/// How long at most, and how long the shards of a stream are taken to be the same.
const LONGEST_REST: Duration = Duration::from_secs(10);

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

/// A mapping at work, in the form that it has now.
pub(crate) struct Tender {
    feeder: Feeder,
    patterns: Vec<Pattern>,
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
            writes: inner.pump.writes.get().cloned(),
            feeder: Feeder { inner: Arc::clone(inner), mapping, changes: inner.store.mapping_changes() },
            shards: Vec::new(),
            described: None,
            positions,
            iterators: BTreeMap::new(),
        })
    }

    fn stream(&self) -> Result<Stream, Trouble> {
        let role = self.feeder.role().ok_or(Trouble::NoFunction)?;
        let environments = self.feeder.inner.pools.environments();
        Ok(Stream::new(environments, self.feeder.mapping.scope.clone(), &role, &self.feeder.mapping.source))
    }

    /// Reads and hands on, until the mapping changes.
    pub(crate) async fn run(&mut self) -> Result<(), Fault> {
        let mut troubles = 0;
        while self.feeder.is_current() {
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
                        Trouble::Read(error) => self.feeder.note(&format!("PROBLEM: {error}")).await?,
                        Trouble::NoFunction => self.feeder.note(CALL_FAILED).await?,
                        Trouble::Fault(fault) => return Err(fault),
                    }
                    self.feeder.pause(troubles).await;
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
        let settings = &self.feeder.mapping.settings;
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
                let event = Record::event(told, &self.feeder.mapping.source);
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
                if gathered.records.is_empty() || Instant::now() >= until || !self.feeder.is_current() {
                    return Ok(gathered);
                }
                let next = until.min(Instant::now() + UNTOLD_REST);
                sleep_until(next).await;
            }
        }
    }

    /// Hands records to the function, and says whether all of them are done with: the mapping may have changed.
    async fn hand_on(&mut self, shard: &str, records: Vec<Record>) -> Result<bool, Fault> {
        let lanes = lanes(records, &self.feeder.mapping.settings);
        if let [_] = lanes.as_slice() {
            let mut is_done = true;
            for lane in lanes {
                let (lane_done, position) = self.feeder.lane(shard, lane, true).await?;
                is_done &= lane_done;
                if let Some(position) = position {
                    self.positions.insert(shard.to_owned(), position);
                }
            }
            return Ok(is_done);
        }
        let own = &*self;
        let all = join_all(lanes.into_iter().map(|lane| own.feeder.lane(shard, lane, false))).await;
        let mut is_done = true;
        for lane in all {
            is_done &= lane?.0;
        }
        Ok(is_done)
    }

    /// Notes how far a shard has been read.
    async fn keep(&mut self, shard: &str, position: Position) -> Result<(), Fault> {
        if self.positions.get(shard) != Some(&position) {
            self.feeder.inner.store.put_position(&self.feeder.mapping.id, shard, &position).await?;
            self.positions.insert(shard.to_owned(), position);
        }
        Ok(())
    }

    /// Rests until something is written or the mapping changes, for a while at least.
    async fn rest(&mut self, since: Instant) {
        let Self { writes, feeder: Feeder { changes, .. }, .. } = self;
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
}
