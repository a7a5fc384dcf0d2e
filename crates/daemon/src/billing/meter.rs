//! The meter: takes what the edge and the kernel have counted, every few seconds, and adds it to the ledger.
//!
//! What is taken and cannot be written stays here and is tried again. A counter of the kernel is read and never set back:
//! the ledger knows what it said last.

use std::sync::Arc;
use std::time::Duration;

use sidegate_edge::usage::Place;
use sidegate_linux::dataplane::Reading;
use tokio::sync::Mutex;

use super::Records;
use super::ledger::{Bytes, Counters, HOUR};
use crate::clock;
use crate::machine::Machine;
use crate::store::{Store, StoreError};

/// How often what was counted is written. A daemon that is killed loses what the edge has counted since.
const PAUSE: Duration = Duration::from_secs(5);

/// The meter. Cloning it gives another handle.
#[derive(Clone)]
pub(crate) struct Meter {
    store: Arc<Store>,
    machine: Machine,
    tally: Arc<Mutex<Tally>>,
}

/// What was counted and is not written yet.
#[derive(Debug, Default)]
pub(super) struct Tally {
    bytes: Bytes,
    counters: Counters,
    /// Whether the counters say something that is not written.
    has_read: bool,
    /// Whether it could not be written the last time, which was told then.
    is_stuck: bool,
}

impl Tally {
    /// One that goes on from where counters stood.
    pub(super) fn from(counters: Counters) -> Self {
        Self { counters, ..Self::default() }
    }

    /// Adds what the edge has counted, in the hour that has begun.
    pub(super) fn add(&mut self, hour: i64, taken: Vec<(Place, u64)>) {
        for (place, bytes) in taken {
            let point = place.interface.map_or_else(|| place.endpoint.to_string(), |interface| interface.to_string());
            *self.bytes.entry((hour, point)).or_default() += bytes;
        }
    }

    /// Adds by how much counters are beyond what they said before. One in another namespace began at nothing.
    pub(super) fn read(&mut self, hour: i64, readings: Vec<Reading>) {
        for Reading { passage, namespace, bytes, is_last } in readings {
            let before = self.counters.get(&passage).filter(|(known, _)| *known == namespace);
            let before = before.map_or(0, |(_, before)| *before);
            let more = bytes.checked_sub(before).unwrap_or(bytes);
            if more > 0 {
                *self.bytes.entry((hour, passage.clone())).or_default() += more;
            }
            self.has_read |= more > 0 || is_last;
            if is_last {
                self.counters.remove(&passage);
            } else {
                self.counters.insert(passage, (namespace, bytes));
            }
        }
    }

    /// Writes it, if there is anything to write.
    pub(super) fn write(&mut self, store: &Store) -> Result<(), StoreError> {
        if self.bytes.is_empty() && !self.has_read {
            return Ok(());
        }
        let written = store.add_bytes(&self.bytes, &self.counters);
        match &written {
            Ok(()) => *self = Self::from(std::mem::take(&mut self.counters)),
            Err(error) if !self.is_stuck => {
                self.is_stuck = true;
                tracing::error!(%error, "the bytes of the bill were not written; this is tried again");
            }
            Err(_) => {}
        }
        written
    }
}

impl Meter {
    /// A meter of this machine, which goes on from where the ledger stands.
    pub(crate) fn new(store: Arc<Store>, machine: Machine) -> Result<Self, StoreError> {
        let tally = Arc::new(Mutex::new(Tally::from(store.counters()?)));
        Ok(Self { store, machine, tally })
    }

    /// Writes for ever: every few seconds, and when counters of the kernel went.
    pub(crate) async fn run(self) {
        loop {
            let _ = tokio::time::timeout(PAUSE, self.machine.released()).await;
            self.flush().await;
        }
    }

    /// Writes what was counted until now. What cannot be written stays, and is tried again.
    pub(crate) async fn flush(&self) {
        let mut tally = Arc::clone(&self.tally).lock_owned().await;
        // Of what is counted while they are read, the next time tells.
        let readings = self.machine.readings().await;
        let hour = clock::now_ms().div_euclid(HOUR) * HOUR;
        tally.add(hour, self.machine.take_unbilled());
        tally.read(hour, readings);
        let store = Arc::clone(&self.store);
        // It has told of an error itself.
        let _ = tokio::task::spawn_blocking(move || tally.write(&store)).await;
    }

    /// What was used from one moment until another, up to now: what is counted and could not be written is in it.
    pub(crate) async fn records(&self, from: i64, until: i64) -> Result<Records, String> {
        self.flush().await;
        let tally = Arc::clone(&self.tally).lock_owned().await;
        let store = Arc::clone(&self.store);
        let read = tokio::task::spawn_blocking(move || {
            let mut records = store.records(from, until)?;
            for ((_, point), bytes) in tally.bytes.range((from, String::new())..(until, String::new())) {
                *records.bytes.entry(point.clone()).or_default() += bytes;
            }
            Ok::<_, StoreError>(records)
        });
        read.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }
}
