//! What keeps mappings going: one task for each that reads or is being changed.
//!
//! A task reads the shards of its stream in order, hands batches to the function and notes how far it has come
//! (`tender`), so that it goes on from there after a stop: what was handled and not noted yet is handled again. It is woken
//! by writes to tables; where nobody tells of those, it asks four times a second.
//!
//! Source: Lambda developer guide, "Process DynamoDB records with Lambda", "Polling and batching streams".

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::mapping::{Mapping, Step};
use super::tender::Tender;
use crate::lambda::Inner;

/// The tasks of all mappings.
#[derive(Debug, Default)]
pub(crate) struct Pump {
    /// The mappings that have one.
    tended: Mutex<BTreeSet<String>>,
    /// Told when a task ends.
    ended: Notify,
    /// Told when something is written to a table.
    pub(super) writes: OnceLock<watch::Receiver<()>>,
}

impl Pump {
    /// Says who tells of writes to tables, once.
    pub(crate) fn wake_on(&self, writes: watch::Receiver<()>) {
        let _ = self.writes.set(writes);
    }

    fn tended(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.tended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A mapping that has a task, for as long as the task is there.
struct Tended {
    inner: Arc<Inner>,
    id: String,
}

impl Drop for Tended {
    fn drop(&mut self) {
        self.inner.pump.tended().remove(&self.id);
        self.inner.pump.ended.notify_one();
    }
}

impl Inner {
    /// Keeps all mappings going, for ever.
    pub(crate) async fn tend_mappings(self: Arc<Self>) {
        let mut changes = self.store.mapping_changes();
        let mut tasks = JoinSet::new();
        loop {
            changes.mark_unchanged();
            for mapping in self.store.all_mappings() {
                let has_work = mapping.is_reading() || mapping.step != Step::Settled;
                if has_work && self.pump.tended().insert(mapping.id.clone()) {
                    let tended = Tended { inner: Arc::clone(&self), id: mapping.id.clone() };
                    tasks.spawn(async move { tended.inner.tend(&tended.id).await });
                }
            }
            tokio::select! {
                _ = changes.changed() => {}
                () = self.pump.ended.notified() => {}
            }
            while tasks.try_join_next().is_some() {}
        }
    }

    /// Does what a mapping is to do, until there is nothing.
    async fn tend(self: &Arc<Self>, id: &str) {
        while let Some(mapping) = self.store.mapping(id) {
            let outcome = match mapping.step {
                Step::Settled if !mapping.is_enabled => return,
                Step::Settled => match Tender::of(self, mapping).await {
                    Ok(mut tender) => tender.run().await,
                    Err(fault) => Err(fault),
                },
                Step::Deleting => self.store.remove_mapping(id).await,
                step => {
                    let settle = move |mapping: &mut Mapping| {
                        // It may be on to something else.
                        if mapping.step == step {
                            mapping.step = Step::Settled;
                        }
                    };
                    self.store.settle_mapping(id, settle).await
                }
            };
            if let Err(fault) = outcome {
                tracing::error!(error = &fault as &dyn std::error::Error, id, "an event source mapping does not go on");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
