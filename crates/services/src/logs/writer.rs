//! Writing without a request: for what the machine itself logs, such as flow logs and the output of functions.

use std::sync::Arc;

use sidegate_model::Scope;
use tokio::task::spawn_blocking;

use super::fault::{Fault, Kind};
use super::id::{GroupId, group_name, plain_name};
use super::key::DataKeys;
use super::metrics::MetricSink;
use super::put::{key_use, write};
use super::store::{Class, Group, NewEvent, Store, Stream, Tags};
use crate::kms::Keys;

/// Writes events of the machine itself. Copies of it are the same. Nobody is asked for a permission: whoever has it
/// decides what may be written.
#[derive(Clone, Debug)]
pub struct Writer {
    pub(super) store: Arc<Store>,
    pub(super) keys: Option<Keys>,
    pub(super) sink: Arc<dyn MetricSink>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// When it happened: Unix milliseconds.
    pub timestamp: i64,
    /// What happened. An event of no text is left out.
    pub message: String,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// There is no such log group.
    #[error("there is no such log group")]
    NoGroup,
    /// There is no such log stream.
    #[error("there is no such log stream")]
    NoStream,
    /// A name that no group or stream can have, or a key that cannot be used.
    #[error("{0}")]
    Refused(String),
    /// The store failed.
    #[error("the logs cannot be written: {0}")]
    Failed(String),
}

impl From<Fault> for WriteError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::None(Kind::LogGroup) => Self::NoGroup,
            Fault::None(_) => Self::NoStream,
            other if other.failure().status.is_server_error() => {
                tracing::error!(
                    error = &other as &dyn std::error::Error,
                    "events of the machine itself were not written"
                );
                Self::Failed(other.to_string())
            }
            other => Self::Refused(other.to_string()),
        }
    }
}

impl Writer {
    /// Makes a log group of the standard class if there is none of its name.
    ///
    /// # Errors
    /// [`WriteError`] if it can have no such name, or the store fails.
    pub async fn ensure_group(&self, scope: &Scope, group: &str, now: i64) -> Result<(), WriteError> {
        let id = group_id(scope, group)?;
        self.blocking(move |store| {
            if store.read(|connection| Group::find(connection, &id))?.is_some() {
                return Ok(());
            }
            let new = Group {
                number: 0,
                id,
                created: now,
                class: Class::Standard,
                retention: None,
                key: None,
                is_protected: false,
                tags: Tags::new(),
                stored: 0,
                arrivals: 0,
            };
            there(store.add(now, |transaction| new.insert(transaction)).map(drop))
        })
        .await
    }

    /// Makes a log stream if its group has none of its name.
    ///
    /// # Errors
    /// [`WriteError`] if there is no such group, it can have no such name, or the store fails.
    pub async fn ensure_stream(&self, scope: &Scope, group: &str, stream: &str, now: i64) -> Result<(), WriteError> {
        let id = group_id(scope, group)?;
        plain_name("logStreamName", stream)?;
        let stream = stream.to_owned();
        self.blocking(move |store| {
            let group = store.read(|connection| Group::existing(connection, &id))?.number;
            if store.read(|connection| Stream::find(connection, group, &stream))?.is_some() {
                return Ok(());
            }
            there(store.add(now, |transaction| {
                let group = Group::existing(transaction, &id)?;
                Stream::insert(transaction, group.number, &stream, now)
            }))
        })
        .await
    }

    /// Writes events to a stream, in one transaction, which is durable when this returns, and says how many were
    /// kept: not those that are older or newer than an upload could have, or than the group keeps. They need be in no
    /// order.
    ///
    /// # Errors
    /// [`WriteError`] if there is no such group or stream, its key cannot be used, or the store fails.
    pub async fn put(
        &self, scope: &Scope, group: &str, stream: &str, events: Vec<LogEvent>, now: i64,
    ) -> Result<usize, WriteError> {
        let id = group_id(scope, group)?;
        let mut events: Vec<NewEvent> = events
            .into_iter()
            .filter(|event| !event.message.is_empty() && event.timestamp >= 0)
            .map(|event| NewEvent { at: event.timestamp, message: event.message })
            .collect();
        events.sort_by_key(|event| event.at);
        let named = id.clone();
        let wanted = self.blocking(move |store| key_use(&named, store)).await?;
        let keys = DataKeys::ask(self.keys.as_ref(), wanted, now).await?;
        let (stream, sink, scope) = (stream.to_owned(), Arc::clone(&self.sink), scope.clone());
        self.blocking(move |store| {
            let written = store.add(now, |transaction| {
                let group = Group::existing(transaction, &id)?;
                let stream = Stream::existing(transaction, group.number, &stream)?;
                write(store, transaction, &keys, now, (&group, stream), &events)
            })?;
            if !written.data.is_empty() {
                sink.publish(&scope, written.data);
            }
            Ok(written.kept)
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self, work: impl FnOnce(&Store) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, WriteError> {
        let store = Arc::clone(&self.store);
        let done = spawn_blocking(move || work(&store)).await.map_err(|_| Fault::Interrupted)?;
        Ok(done?)
    }
}

/// What somebody else has made in the meantime is there.
fn there(made: Result<(), Fault>) -> Result<(), Fault> {
    match made {
        Err(Fault::Exists(_)) => Ok(()),
        made => made,
    }
}

fn group_id(scope: &Scope, name: &str) -> Result<GroupId, Fault> {
    group_name("logGroupName", name)?;
    Ok(GroupId { scope: scope.clone(), name: name.to_owned() })
}
