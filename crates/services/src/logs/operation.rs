//! What an operation is, and what operations on one log group have in common.

use rusqlite::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::id::GroupId;
use super::key::{DataKeys, KeyUse};
use super::metrics::MetricSink;
use super::store::{Group, Store, Tags};
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

    /// What it needs of KMS. Blocks.
    fn key_use(_ready: &Self::Ready, _store: &Store) -> Result<KeyUse, Fault> {
        Ok(KeyUse::default())
    }

    /// Does it. Blocks.
    fn act(ready: Self::Ready, act: &Act<'_>) -> Result<Self::Answer, Fault>;
}

/// An operation that waits to be allowed.
pub(super) struct Prepared<R> {
    pub(super) ready: R,
    pub(super) requirements: Vec<Requirement>,
}

/// What an operation that is allowed acts with.
pub(super) struct Act<'a> {
    pub(super) allowed: &'a Authorized,
    pub(super) caller: &'a Caller,
    pub(super) store: &'a Store,
    pub(super) keys: &'a DataKeys,
    pub(super) sink: &'a dyn MetricSink,
}

/// The answer of an operation that has nothing to say.
#[derive(Serialize)]
pub(super) struct Done {}

/// The log group that a request speaks of, as it was found before anybody was asked.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) id: GroupId,
    tags: Tags,
}

impl Subject {
    pub(super) fn find(store: &Store, id: GroupId) -> Result<Self, Fault> {
        let found = store.read(|connection| Group::find(connection, &id))?;
        Ok(Self { id, tags: found.map(|group| group.tags).unwrap_or_default() })
    }

    /// What has to be allowed for an operation on the group.
    ///
    /// Source: Service authorization reference, "Actions, resources, and condition keys for Amazon CloudWatch Logs".
    pub(super) fn requirement(&self, operation: &str) -> Requirement {
        self.stream_requirement(operation, "")
    }

    /// What has to be allowed for an operation on a stream of it.
    pub(super) fn stream_requirement(&self, operation: &str, stream: &str) -> Requirement {
        self.about(operation, self.id.stream_arn(stream))
    }

    fn about(&self, operation: &str, resource: String) -> Requirement {
        let account = self.id.scope.account.clone();
        let requirement = Requirement::new(format!("logs:{operation}"), resource).owned_by(account);
        with_resource_tags(requirement, &self.tags)
    }

    /// The group as it is now.
    pub(super) fn group(&self, _allowed: &Authorized, connection: &Connection) -> Result<Group, Fault> {
        Group::existing(connection, &self.id)
    }

    /// What its events may be encrypted with.
    pub(super) fn key_use(&self, store: &Store) -> Result<KeyUse, Fault> {
        let open = store.read(|connection| match Group::find(connection, &self.id)? {
            Some(group) => group.data_keys(connection),
            None => Ok(Vec::new()),
        })?;
        Ok(KeyUse { group: Some(self.id.clone()), new: None, open })
    }
}

/// With the tags of a resource.
pub(super) fn with_resource_tags(mut requirement: Requirement, tags: &Tags) -> Requirement {
    for (key, value) in tags {
        requirement = requirement.with(&format!("aws:ResourceTag/{key}"), value.as_str());
    }
    requirement
}
