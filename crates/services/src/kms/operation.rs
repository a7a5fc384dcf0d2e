//! What an operation is, and what the answers of operations have in common.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::store::Store;
use crate::{Authorized, Caller};

/// An operation, in the form of its document.
pub(super) trait Operation: DeserializeOwned + Send + 'static {
    /// Its name.
    const NAME: &'static str;
    /// The operation, checked, with the facts that its requirements rest on.
    type Ready: Send + 'static;
    /// The document that answers it.
    type Answer: Serialize + Send + 'static;

    /// Checks the document, and finds out what has to be allowed. Blocks.
    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault>;

    /// Does it. Blocks.
    fn act(ready: Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Self::Answer, Fault>;
}

/// An operation that waits to be allowed.
pub(super) struct Prepared<R> {
    pub(super) ready: R,
    pub(super) requirements: Vec<Requirement>,
}

impl<R> Prepared<R> {
    /// One that requires one thing.
    pub(super) fn one(ready: R, requirement: Requirement) -> Self {
        Self { ready, requirements: vec![requirement] }
    }
}

/// The answer of an operation that has nothing to say. It has no body.
#[derive(Serialize)]
pub(super) struct Done {}

/// The answer of an operation that only names the key.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    pub(super) key_id: String,
}

/// Ends an operation that was asked for to see whether it would be done.
pub(super) fn end_if_dry(dry_run: Option<bool>) -> Result<(), Fault> {
    if dry_run == Some(true) { Err(Fault::DryRun) } else { Ok(()) }
}
