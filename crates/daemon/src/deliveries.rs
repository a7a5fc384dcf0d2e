//! Whether the records of flow logs arrive where they should, and which buckets they can go to.
//!
//! It is known while the daemon runs and not stored: a change of it changes nothing that the plan is made of, and after
//! a start the next delivery tells it anew. A flow log of which nothing is known delivers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sidegate_model::{DeliveryError, FlowLogId, S3Folder};
use sidegate_services::{Authorizer, Caller};

use crate::flow_logs::{Buckets, NotAdmitted};

/// What is known of the deliveries of all flow logs. Copies of it are the same.
#[derive(Clone, Default)]
pub(crate) struct Deliveries {
    failed: Arc<Mutex<BTreeMap<FlowLogId, DeliveryError>>>,
    /// The buckets, once it is known where they are.
    buckets: Arc<OnceLock<Buckets>>,
}

impl Deliveries {
    /// Notes how the newest delivery of a flow log went.
    pub(crate) fn note(&self, id: &FlowLogId, outcome: Result<(), DeliveryError>) {
        let mut failed = self.failed();
        match outcome {
            Ok(()) => failed.remove(id),
            Err(error) => failed.insert(id.clone(), error),
        };
    }

    /// Says where the buckets are, once.
    pub(crate) fn go_to(&self, buckets: Buckets) {
        // Others would be other buckets.
        let _ = self.buckets.set(buckets);
    }

    /// Lets deliveries into a bucket, as far as whoever makes a flow log may.
    ///
    /// # Errors
    /// Why they are not let in.
    pub(crate) async fn admit(
        &self, caller: &Caller, authorizer: &dyn Authorizer, folder: &S3Folder,
    ) -> Result<(), NotAdmitted> {
        match self.buckets.get() {
            Some(buckets) => buckets.admit(caller, authorizer, folder).await,
            None => Ok(()),
        }
    }

    /// Forgets flow logs that are gone.
    pub(crate) fn forget(&self, ids: &[FlowLogId]) {
        let mut failed = self.failed();
        failed.retain(|id, _| !ids.contains(id));
    }

    /// Why the newest delivery of a flow log failed, if it did.
    pub(crate) fn failure(&self, id: &FlowLogId) -> Option<DeliveryError> {
        self.failed().get(id).copied()
    }

    fn failed(&self) -> MutexGuard<'_, BTreeMap<FlowLogId, DeliveryError>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
