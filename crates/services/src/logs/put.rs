//! `PutLogEvents`, and what it has in common with those who write without a request.

use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::batch::{self, Rejected};
use super::fault::Fault;
use super::id::{GroupId, required_name};
use super::key::{DataKeys, KeyUse};
use super::metrics::{Compiled, MetricDatum};
use super::operation::{Act, Operation, Prepared, Subject};
use super::store::{Event, Group, NewEvent, Store, Stream};
use crate::Caller;
use crate::constraint::{length, required, size};

/// `PutLogEvents`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutLogEvents {
    log_group_name: Option<String>,
    log_stream_name: Option<String>,
    log_events: Option<Vec<InputEvent>>,
    sequence_token: Option<String>,
    entity: Option<Entity>,
}

/// An event, as it is given.
#[derive(Deserialize)]
struct InputEvent {
    timestamp: Option<i64>,
    message: Option<String>,
}

/// What the events come from. It is checked and not kept: nothing that is served shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    key_attributes: Option<serde_json::Map<String, Value>>,
    attributes: Option<serde_json::Map<String, Value>>,
}

impl Entity {
    fn check(&self) -> Result<(), Fault> {
        if let Some(keys) = &self.key_attributes {
            size("entity.keyAttributes", keys.len(), 2, 4)?;
        }
        Ok(size("entity.attributes", self.attributes.as_ref().map_or(0, serde_json::Map::len), 0, 10)?)
    }

    /// Why it would be rejected.
    fn rejection(&self) -> Option<RejectedEntity> {
        let keys = self.key_attributes.as_ref();
        let has = |name: &str| keys.is_some_and(|keys| keys.get(name).is_some_and(Value::is_string));
        let error_type = match (has("Type"), keys) {
            (_, None) => "MissingRequiredFields",
            (false, Some(_)) => "InvalidKeyAttributes",
            (true, Some(_)) => return None,
        };
        Some(RejectedEntity { error_type })
    }
}

/// An upload that was checked.
pub(super) struct Upload {
    subject: Subject,
    stream: String,
    events: Vec<NewEvent>,
    rejected_entity: Option<RejectedEntity>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RejectedEntity {
    error_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accepted {
    next_sequence_token: String,
    #[serde(skip_serializing_if = "Rejected::is_none")]
    rejected_log_events_info: Rejected,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_entity_info: Option<RejectedEntity>,
}

/// The token that the next upload to a stream may bear. Nothing depends on it.
pub(super) fn sequence_token(stream: &Stream) -> String {
    format!("49{:054}", u128::from(stream.number.unsigned_abs()) << 64 | u128::from(stream.uploads.unsigned_abs()))
}

impl Operation for PutLogEvents {
    const NAME: &'static str = "PutLogEvents";
    type Ready = Upload;
    type Answer = Accepted;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Upload>, Fault> {
        let id = GroupId::named(&caller.scope, self.log_group_name)?;
        let stream = required_name("logStreamName", self.log_stream_name)?;
        if let Some(token) = &self.sequence_token {
            length("sequenceToken", token, 1, usize::MAX)?;
        }
        let given = required("logEvents", self.log_events)?;
        let event = |event: InputEvent| -> Result<NewEvent, Fault> {
            let at = required("logEvents.member.timestamp", event.timestamp)?;
            Ok(NewEvent { at, message: required("logEvents.member.message", event.message)? })
        };
        let events = given.into_iter().map(event).collect::<Result<Vec<_>, _>>()?;
        batch::check(&events, caller.now)?;
        self.entity.as_ref().map(Entity::check).transpose()?;
        let rejected_entity = self.entity.as_ref().and_then(Entity::rejection);
        let subject = Subject::find(store, id)?;
        let requirements = vec![subject.stream_requirement(Self::NAME, &stream)];
        Ok(Prepared { ready: Upload { subject, stream, events, rejected_entity }, requirements })
    }

    fn key_use(ready: &Upload, store: &Store) -> Result<KeyUse, Fault> {
        key_use(&ready.subject.id, store)
    }

    fn act(ready: Upload, act: &Act<'_>) -> Result<Accepted, Fault> {
        let Upload { subject, stream, events, rejected_entity } = ready;
        let (now, scope) = (act.caller.now, &subject.id.scope);
        let written = act.store.write(act.allowed, now, |transaction| {
            let group = subject.group(act.allowed, transaction)?;
            let stream = Stream::existing(transaction, group.number, &stream)?;
            write(act.store, transaction, act.keys, now, (&group, stream), &events)
        })?;
        if !written.data.is_empty() {
            act.sink.publish(scope, written.data);
        }
        Ok(Accepted {
            next_sequence_token: written.token,
            rejected_log_events_info: written.rejected,
            rejected_entity_info: rejected_entity,
        })
    }
}

/// What writing to a group needs of KMS.
pub(super) fn key_use(id: &GroupId, store: &Store) -> Result<KeyUse, Fault> {
    let open = store.read(|connection| match Group::find(connection, id)? {
        Some(group) => group.data_key(connection),
        None => Ok(None),
    })?;
    Ok(KeyUse { group: Some(id.clone()), new: None, open: open.into_iter().collect() })
}

/// What became of events.
pub(super) struct Written {
    token: String,
    pub(super) rejected: Rejected,
    /// How many were kept.
    pub(super) kept: usize,
    /// What metric filters made of them.
    pub(super) data: Vec<MetricDatum>,
}

/// Keeps those of the events that are neither too old nor too new.
pub(super) fn write(
    store: &Store, transaction: &Transaction<'_>, keys: &DataKeys, now: i64, (group, mut stream): (&Group, Stream),
    events: &[NewEvent],
) -> Result<Written, Fault> {
    let (range, rejected) = batch::accepted(events, now, group.horizon(now));
    let kept = events.get(range).unwrap_or_default();
    let mut data = Vec::new();
    if !kept.is_empty() {
        let sealing =
            group.key.as_ref().map(|(_, number)| Ok::<_, Fault>((*number, keys.vault(*number)?))).transpose()?;
        Event::insert(transaction, group, &stream, now, kept, sealing)?;
        stream.uploads += 1;
        let filters = Compiled::of(store, transaction, group)?;
        Compiled::keep(store, group.number, &filters);
        filters.iter().for_each(|filter| filter.apply(kept, &mut data));
    }
    Ok(Written { token: sequence_token(&stream), rejected, kept: kept.len(), data })
}
