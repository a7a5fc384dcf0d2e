//! DynamoDB Streams: `ListStreams`, `DescribeStream`, `GetShardIterator` and `GetRecords`.
//!
//! The engine has one stream for a table, and does not look at its label; here a stream is what the ARN names, and is gone
//! when it is switched off.
//!
//! Source: API reference, "Amazon DynamoDB Streams".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crc_fast::CrcAlgorithm;
use dynoxide::actions::{describe_stream, get_records, get_shard_iterator, list_streams};
use dynoxide::storage::Storage;
use dynoxide::streams::{shard_id, stream_arn};
use pollster::block_on;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::engine::{self, shown_label};
use super::fault::Fault;
use super::name::{Part, Resource, TableName};
use super::operation::{Asked, Prepared};
use super::table::{Table, id_of};

/// For how long an iterator can be used, in milliseconds.
///
/// Source: API reference, "GetShardIterator": "A shard iterator expires 15 minutes after it is returned".
const LIFETIME: i64 = 15 * 60 * 1000;

/// For how long records are kept, in seconds.
///
/// Source: developer guide, "Change data capture for DynamoDB Streams".
const RETENTION: i64 = 24 * 60 * 60;

/// An iterator as clients have it.
#[derive(Serialize, Deserialize)]
struct Iterator {
    /// The ARN of the stream.
    stream: String,
    /// The unique id of the table: another one of the same name has other records.
    table: String,
    /// That of the engine.
    engine: String,
    /// Unix milliseconds.
    at: i64,
}

impl Iterator {
    fn write(&self) -> Result<String, Fault> {
        Ok(format!("{}|1|{}", self.stream, URL_SAFE_NO_PAD.encode(serde_json::to_vec(self)?)))
    }

    fn read(text: &str) -> Option<Self> {
        let (_, encoded) = text.rsplit_once("|1|")?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
    }
}

/// The stream that an ARN names, with its table.
struct Stream {
    arn: String,
    table: Table,
    label: String,
}

impl Stream {
    fn of(asked: &Asked, arn: &str) -> Result<Self, Fault> {
        let read = Resource::read(arn).filter(|resource| resource.table.region == asked.scope().region);
        let Some(Resource { table, part: Part::Stream(label) }) = read else {
            return Err(Fault::Validation(format!("Invalid StreamArn: {arn}")));
        };
        let table = Table::find(&asked.places, table)?;
        Ok(Self { arn: arn.to_owned(), table, label })
    }

    /// The id of its one shard as clients know it: a time of 20 digits and eight more for the table, since the engine's may
    /// be shorter than an id of a shard can be.
    ///
    /// Source: API reference, "Shard", `ShardId`: at least 28 characters.
    fn shard(&self) -> String {
        let time: String = self.label.chars().filter(char::is_ascii_digit).collect();
        let table = crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, self.table.name.name.as_bytes());
        format!("shardId-{time:0>20}-{table:08x}")
    }

    /// The ARN that the engine has for it, and the unique id of its table.
    fn now(&self, storage: &Storage) -> Result<(String, String), Fault> {
        let name = &self.table.name.name;
        let meta = storage.get_table_metadata(name)?.filter(|meta| meta.stream_enabled);
        let label = meta.as_ref().and_then(|meta| meta.stream_label.as_deref());
        match (&meta, label.filter(|label| shown_label(label) == self.label)) {
            (Some(meta), Some(label)) => Ok((stream_arn(name, label), id_of(meta))),
            _ => Err(Fault::NotFound(format!("Requested resource not found: Stream: {} not found", self.arn))),
        }
    }
}

/// `ListStreams`
pub(super) fn list(mut asked: Asked) -> Result<Prepared, Fault> {
    let table = asked.table()?;
    let name = table.map(|table| table.name);
    let scope = name.as_ref().map_or_else(
        || asked.scope().clone(),
        |TableName { account, region, .. }| Scope { account: account.clone(), region: *region },
    );
    let place = asked.places.find(&scope.account, scope.region)?;
    let mut document = asked.document;
    let start = document.as_object_mut().and_then(|document| document.remove("ExclusiveStartStreamArn"));
    let start = start.as_ref().and_then(Value::as_str).map(str::to_owned);
    let requirements = vec![Requirement::new("dynamodb:ListStreams", "*").owned_by(scope.account.clone())];
    Ok(Prepared::new(requirements, move |_| {
        place.read(|storage| {
            if let (Some(start), Some(document)) = (start, document.as_object_mut())
                && let Some(arn) = engine_arn(storage, &start)?
            {
                document.insert("ExclusiveStartStreamArn".to_owned(), arn.into());
            }
            let answer = block_on(list_streams::execute(storage, engine::request(document)?))?;
            Ok(engine::localized(&answer, &scope)?.to_string())
        })
    }))
}

/// The ARN that the engine has for a stream, if the stream is there.
fn engine_arn(storage: &Storage, arn: &str) -> Result<Option<String>, Fault> {
    let Some(Resource { table, .. }) = Resource::read(arn) else { return Ok(None) };
    let label = storage.get_table_metadata(&table.name)?.and_then(|meta| meta.stream_label);
    Ok(label.map(|label| stream_arn(&table.name, &label)))
}

/// `DescribeStream`
pub(super) fn describe(asked: Asked) -> Result<Prepared, Fault> {
    let stream = Stream::of(&asked, asked.text("StreamArn").unwrap_or_default())?;
    let requirements = vec![stream.table.on_stream("DescribeStream", &stream.label)];
    let mut document = asked.document;
    Ok(Prepared::new(requirements, move |_| {
        stream.table.place.read(|storage| {
            let (arn, _) = stream.now(storage)?;
            if let Some(member) = document.get_mut("StreamArn") {
                *member = arn.into();
            }
            let answer = block_on(describe_stream::execute(storage, engine::request(document)?))?;
            let TableName { account, region, name } = &stream.table.name;
            let mut answer = engine::localized(&answer, &Scope { account: account.clone(), region: *region })?;
            if let Some(description) = answer.get_mut("StreamDescription").and_then(Value::as_object_mut) {
                let meta = storage.get_table_metadata(name)?;
                let schema = meta.map(|meta| serde_json::from_str(&meta.key_schema)).transpose()?;
                description.insert("KeySchema".to_owned(), schema.unwrap_or(Value::Null));
                shown_shards(description.get_mut("Shards"), &stream.shard());
            }
            Ok(answer.to_string())
        })
    }))
}

/// The one shard, under the id that clients know. It is open for as long as the stream is there: it has no last record.
fn shown_shards(shards: Option<&mut Value>, id: &str) {
    for shard in shards.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(shard) = shard.as_object_mut() {
            shard.insert("ShardId".to_owned(), id.into());
        }
        if let Some(range) = shard.get_mut("SequenceNumberRange").and_then(Value::as_object_mut) {
            range.remove("EndingSequenceNumber");
        }
    }
}

/// `GetShardIterator`
pub(super) fn iterator(asked: Asked) -> Result<Prepared, Fault> {
    let stream = Stream::of(&asked, asked.text("StreamArn").unwrap_or_default())?;
    let requirements = vec![stream.table.on_stream("GetShardIterator", &stream.label)];
    let now = asked.caller.now;
    let mut document = asked.document;
    engine::request::<get_shard_iterator::GetShardIteratorRequest>(document.clone())?;
    Ok(Prepared::new(requirements, move |_| {
        stream.table.place.read(|storage| {
            let (arn, table) = stream.now(storage)?;
            let given = document.get("ShardId").and_then(Value::as_str).unwrap_or_default();
            if given != stream.shard() {
                let message =
                    format!("Requested resource not found: Shard does not exist: {given} in stream {}", stream.arn);
                return Err(Fault::NotFound(message));
            }
            if let Some(document) = document.as_object_mut() {
                document.insert("StreamArn".to_owned(), arn.into());
                document.insert("ShardId".to_owned(), shard_id(&stream.table.name.name).into());
            }
            let made = block_on(get_shard_iterator::execute(storage, engine::request(document)?))?;
            let engine = made.shard_iterator.ok_or(Fault::Interrupted)?;
            let iterator = Iterator { stream: stream.arn.clone(), table, engine, at: now }.write()?;
            Ok(serde_json::json!({ "ShardIterator": iterator }).to_string())
        })
    }))
}

/// `GetRecords`
pub(super) fn records(asked: Asked) -> Result<Prepared, Fault> {
    let invalid = || Fault::Validation("Invalid ShardIterator".to_owned());
    let given = Iterator::read(asked.text("ShardIterator").unwrap_or_default()).ok_or_else(invalid)?;
    let stream = Stream::of(&asked, &given.stream)?;
    let requirements = vec![stream.table.on_stream("GetRecords", &stream.label)];
    let now = asked.caller.now;
    let mut document = asked.document;
    if let Some(member) = document.get_mut("ShardIterator") {
        *member = given.engine.as_str().into();
    }
    let request: get_records::GetRecordsRequest = engine::request(document)?;
    if request.limit.is_some_and(|limit| limit == 0 || limit > 1000) {
        let message = "1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value \
                       between 1 and 1000";
        return Err(Fault::Validation(message.to_owned()));
    }
    Ok(Prepared::new(requirements, move |_| {
        if now - given.at > LIFETIME {
            return Err(Fault::ExpiredIterator);
        }
        stream.table.place.read(|storage| {
            let (_, table) = stream.now(storage)?;
            if table != given.table {
                return Err(invalid());
            }
            let mut answer = block_on(get_records::execute(storage, request))?;
            for record in &mut answer.records {
                record.aws_region = stream.table.name.region.to_string();
            }
            answer.next_shard_iterator = match answer.next_shard_iterator.take() {
                Some(engine) => Some(Iterator { engine, at: now, ..given }.write()?),
                None => None,
            };
            engine::answer(&answer)
        })
    }))
}

/// Takes away the records whose time is over.
pub(super) fn trim(storage: &Storage, now: i64) -> Result<(), Fault> {
    storage.conn().execute("DELETE FROM _stream_records WHERE created_at < ?1", [now / 1000 - RETENTION])?;
    Ok(())
}
