//! Whether the records of flow logs arrive where they should, and which buckets they can go to.
//!
//! It is no part of the world: a change of it changes nothing that the plan is made of. Of which flow logs the newest delivery
//! failed, is kept in a file of the state directory. A flow log of which nothing is known delivers.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sidegate_model::{DeliveryError, FlowLogId, S3Folder, S3Partitions};
use sidegate_services::{Authorizer, Caller};

use crate::flow_logs::{Buckets, NotAdmitted, read_json, write_json};

/// What is known of the deliveries of all flow logs. Copies of it are the same.
#[derive(Clone, Default)]
pub(crate) struct Deliveries {
    failed: Arc<Mutex<BTreeMap<FlowLogId, DeliveryError>>>,
    /// Where it is kept.
    file: Option<PathBuf>,
    /// The buckets, once it is known where they are.
    buckets: Arc<OnceLock<Buckets>>,
}

impl Deliveries {
    /// What is known in a file, which is kept as it changes.
    pub(crate) fn kept_in(file: PathBuf) -> Self {
        let failed: BTreeMap<FlowLogId, DeliveryError> = read_json(&file).unwrap_or_default();
        Self { failed: Arc::new(Mutex::new(failed)), file: Some(file), ..Self::default() }
    }

    /// Notes how the newest delivery of a flow log went, if there is that flow log still.
    pub(crate) fn note(&self, id: &FlowLogId, outcome: Result<(), DeliveryError>, is_there: impl FnOnce() -> bool) {
        let mut failed = self.failed();
        // Asked while nothing can be forgotten: what is forgotten is gone before.
        let outcome = if is_there() { outcome } else { Ok(()) };
        let before = match outcome {
            Ok(()) => failed.remove(id),
            Err(error) => failed.insert(id.clone(), error),
        };
        if before != outcome.err() {
            self.keep(&failed);
        }
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
        &self, caller: &Caller, authorizer: &dyn Authorizer, folder: &S3Folder, partitions: S3Partitions,
    ) -> Result<(), NotAdmitted> {
        match self.buckets.get() {
            Some(buckets) => buckets.admit(caller, authorizer, folder, partitions).await,
            None => Ok(()),
        }
    }

    /// Forgets flow logs that are gone.
    pub(crate) fn forget(&self, ids: &[FlowLogId]) {
        let mut failed = self.failed();
        let before = failed.len();
        failed.retain(|id, _| !ids.contains(id));
        if failed.len() != before {
            self.keep(&failed);
        }
    }

    /// Why the newest delivery of a flow log failed, if it did.
    pub(crate) fn failure(&self, id: &FlowLogId) -> Option<DeliveryError> {
        self.failed().get(id).copied()
    }

    fn keep(&self, failed: &BTreeMap<FlowLogId, DeliveryError>) {
        let Some(file) = &self.file else { return };
        if let Err(error) = write_json(file, failed) {
            tracing::warn!(%error, path = %file.display(), "how deliveries of flow logs went is not kept");
        }
    }

    fn failed(&self) -> MutexGuard<'_, BTreeMap<FlowLogId, DeliveryError>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_known_after_a_restart_and_what_is_gone_is_not_noted() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("failed.json");
        let [one, two] = ["fl-1234abcd1234abcd1", "fl-1234abcd1234abcd2"].map(|id| id.parse::<FlowLogId>().unwrap());
        let deliveries = Deliveries::kept_in(file.clone());
        deliveries.note(&one, Err(DeliveryError::Access), || true);
        deliveries.note(&two, Err(DeliveryError::Access), || false);
        let again = Deliveries::kept_in(file.clone());
        assert_eq!([&one, &two].map(|id| again.failure(id)), [Some(DeliveryError::Access), None]);
        again.note(&one, Ok(()), || true);
        assert_eq!(Deliveries::kept_in(file.clone()).failure(&one), None);
        deliveries.note(&two, Err(DeliveryError::Unknown), || true);
        deliveries.forget(std::slice::from_ref(&two));
        assert_eq!(Deliveries::kept_in(file).failure(&two), None);
    }
}
