//! Whether the records of flow logs arrive where they should.
//!
//! It is known while the daemon runs and not stored: a change of it changes nothing that the plan is made of, and after
//! a start the next delivery tells it anew. A flow log of which nothing is known delivers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sidegate_model::{DeliveryError, FlowLogId};

/// What is known of the deliveries of all flow logs. Copies of it are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deliveries(Arc<Mutex<BTreeMap<FlowLogId, DeliveryError>>>);

impl Deliveries {
    /// Notes how the newest delivery of a flow log went.
    #[cfg_attr(not(test), expect(dead_code, reason = "what delivers records calls it"))]
    pub(crate) fn note(&self, id: &FlowLogId, outcome: Result<(), DeliveryError>) {
        let mut failed = self.failed();
        match outcome {
            Ok(()) => drop(failed.remove(id)),
            Err(error) => drop(failed.insert(id.clone(), error)),
        }
    }

    /// Forgets flow logs that are gone.
    pub(crate) fn forget(&self, ids: &[FlowLogId]) {
        let mut failed = self.failed();
        ids.iter().for_each(|id| drop(failed.remove(id)));
    }

    /// Why the newest delivery of a flow log failed, if it did.
    pub(crate) fn failure(&self, id: &FlowLogId) -> Option<DeliveryError> {
        self.failed().get(id).copied()
    }

    fn failed(&self) -> MutexGuard<'_, BTreeMap<FlowLogId, DeliveryError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
