//! Whether the records of flow logs arrive where they should, and who lets them into buckets.
//!
//! It is known while the daemon runs and not stored: a change of it changes nothing that the plan is made of, and after
//! a start the next delivery tells it anew. A flow log of which nothing is known delivers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sidegate_model::{DeliveryError, FlowLogId, S3Folder};
use sidegate_services::{Authorizer, Caller, Service};

use crate::flow_logs;

/// What is known of the deliveries of all flow logs. Copies of it are the same.
#[derive(Clone, Default)]
pub(crate) struct Deliveries {
    failed: Arc<Mutex<BTreeMap<FlowLogId, DeliveryError>>>,
    /// The service that has the buckets, once it is there.
    buckets: Arc<OnceLock<Arc<dyn Service>>>,
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

    /// Says which service has the buckets, once.
    pub(crate) fn go_to(&self, s3: Arc<dyn Service>) {
        // Another one would have other buckets.
        let _ = self.buckets.set(s3);
    }

    /// Lets deliveries into a bucket, as far as whoever makes a flow log may.
    pub(crate) async fn permit(&self, caller: &Caller, authorizer: &dyn Authorizer, folder: &S3Folder) {
        if let Some(s3) = self.buckets.get() {
            flow_logs::permit(s3, caller, authorizer, folder).await;
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
