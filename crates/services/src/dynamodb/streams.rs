//! DynamoDB Streams: `ListStreams`, `DescribeStream`, `GetShardIterator` and `GetRecords`.
//!
//! The engine has one stream for a table, and does not look at its label; here a stream is what the ARN names. One that is
//! switched off is in `retired`.
//!
//! Source: API reference, "Amazon DynamoDB Streams".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crc_fast::CrcAlgorithm;
use dynoxide::actions::get_shard_iterator::{decode_shard_iterator, encode_shard_iterator};
use dynoxide::actions::{describe_stream, get_records, get_shard_iterator, list_streams};
use dynoxide::storage::Storage;
use dynoxide::streams::{shard_id, stream_arn};
use dynoxide::types::{Item, item_size};
use pollster::block_on;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::engine::{self, shown_label};
use super::fault::Fault;
use super::name::{Part, Resource, TableName};
use super::operation::{Asked, Prepared};
use super::retired::{self, Retired};
use super::table::{Table, id_of, view_of};

/// For how long an iterator can be used, in milliseconds.
///
/// Source: API reference, "GetShardIterator": "A shard iterator expires 15 minutes after it is returned".
const LIFETIME: i64 = 15 * 60 * 1000;

/// For how long records are kept, in seconds.
///
/// Source: developer guide, "Change data capture for DynamoDB Streams".
pub(super) const RETENTION: i64 = 24 * 60 * 60;

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

/// An iterator that is not one of this program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotOurs;

/// The sequence number behind which an iterator reads; `None` if it reads from the first record on.
///
/// # Errors
/// [`NotOurs`] if another server has made it.
pub(crate) fn position_of(iterator: &str) -> Result<Option<String>, NotOurs> {
    let own = Iterator::read(iterator).ok_or(NotOurs)?;
    let (_, _, position) = decode_shard_iterator(&own.engine).ok_or(NotOurs)?;
    Ok((position > 0).then(|| retired::shown(position)))
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

    /// It, as it is now.
    fn now(&self, storage: &Storage) -> Result<Now, Fault> {
        let name = &self.table.name.name;
        let meta = storage.get_table_metadata(name)?.filter(|meta| meta.stream_enabled);
        let label = meta.as_ref().and_then(|meta| meta.stream_label.as_deref());
        if let (Some(meta), Some(label)) = (&meta, label.filter(|label| shown_label(label) == self.label)) {
            return Ok(Now::Live { arn: stream_arn(name, label), table: id_of(meta) });
        }
        let retired = retired::find(storage, name, &self.label)?;
        retired
            .map(Now::Retired)
            .ok_or_else(|| Fault::NotFound(format!("Requested resource not found: Stream: {} not found", self.arn)))
    }
}

/// A stream that records, with the ARN that the engine has for it and the unique id of its table, or one that does no more.
enum Now {
    Live { arn: String, table: String },
    Retired(Retired),
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
    check_limit(&asked, 100)?;
    let mut document = asked.document;
    engine::request::<list_streams::ListStreamsRequest>(document.clone())?;
    let taken = |document: &mut Value, member: &str| document.as_object_mut().and_then(|own| own.remove(member));
    let start = taken(&mut document, "ExclusiveStartStreamArn");
    let start = start.as_ref().and_then(Value::as_str).map(str::to_owned);
    let most = taken(&mut document, "Limit").as_ref().and_then(Value::as_u64).unwrap_or(100);
    let requirements = vec![Requirement::new("dynamodb:ListStreams", "*").owned_by(scope.account.clone())];
    Ok(Prepared::new(requirements, move |_| {
        place.read(|storage| {
            let of = name.as_ref().map(|name| name.name.clone());
            let answer = block_on(list_streams::execute(storage, engine::request(document)?))?;
            let mut answer = engine::localized(&answer, &scope)?;
            let mut streams = match answer.get_mut("Streams").map(Value::take) {
                Some(Value::Array(streams)) => streams,
                _ => Vec::new(),
            };
            for Retired { table, label, .. } in retired::all(storage, of.as_deref())? {
                let table_name =
                    TableName { account: scope.account.clone(), region: scope.region, name: table.clone() };
                let arn = format!("{}/stream/{label}", table_name.arn());
                streams.push(json!({ "StreamArn": arn, "TableName": table, "StreamLabel": label }));
            }
            Ok(page(streams, start.as_deref(), usize::try_from(most).unwrap_or(usize::MAX)).to_string())
        })
    }))
}

/// Refuses a request for no records or streams, or for more than `most`.
fn check_limit(asked: &Asked, most: i64) -> Result<(), Fault> {
    let Some(limit) = asked.document.get("Limit").and_then(Value::as_i64) else { return Ok(()) };
    let bound = match limit {
        ..1 => "greater than or equal to 1".to_owned(),
        _ if limit > most => format!("less than or equal to {most}"),
        _ => return Ok(()),
    };
    Err(Fault::Validation(format!(
        "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value {bound}"
    )))
}

/// The bytes of the keys and images of a record.
///
/// Source: API reference, "GetRecords", the example: a key `Id` of 101 beside an image of it and of `Message`, "New item!",
/// are 26.
pub(super) fn size_of<'a>(parts: impl IntoIterator<Item = &'a Item>) -> usize {
    parts.into_iter().map(item_size).sum()
}

/// The streams behind one, by their ARNs, and no more than so many.
fn page(mut streams: Vec<Value>, start: Option<&str>, most: usize) -> Value {
    let arn = |stream: &Value| stream.get("StreamArn").and_then(Value::as_str).unwrap_or_default().to_owned();
    streams.sort_by_key(arn);
    streams.retain(|stream| start.is_none_or(|start| arn(stream).as_str() > start));
    let has_more = streams.len() > most;
    streams.truncate(most);
    let mut document = json!({ "Streams": streams });
    if let (true, Some(last), Some(members)) = (has_more, streams.last(), document.as_object_mut()) {
        members.insert("LastEvaluatedStreamArn".to_owned(), arn(last).into());
    }
    document
}

/// `DescribeStream`
pub(super) fn describe(asked: Asked) -> Result<Prepared, Fault> {
    let stream = Stream::of(&asked, asked.text("StreamArn").unwrap_or_default())?;
    let requirements = vec![stream.table.on_stream("DescribeStream", &stream.label)];
    let mut document = asked.document;
    Ok(Prepared::new(requirements, move |_| {
        stream.table.place.read(|storage| {
            let arn = match stream.now(storage)? {
                Now::Live { arn, .. } => arn,
                Now::Retired(retired) => {
                    let told = retired.described(storage, &stream.arn, &stream.shard())?;
                    return Ok(json!({ "StreamDescription": told }).to_string());
                }
            };
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
                if let Some(view) = view_of(storage, name)? {
                    description.insert("StreamViewType".to_owned(), view.into());
                }
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
            let now_is = stream.now(storage)?;
            let given = document.get("ShardId").and_then(Value::as_str).unwrap_or_default();
            if given != stream.shard() {
                let message =
                    format!("Requested resource not found: Shard does not exist: {given} in stream {}", stream.arn);
                return Err(Fault::NotFound(message));
            }
            let shard = shard_id(&stream.table.name.name);
            let (engine, table) = match now_is {
                Now::Live { arn, table } => {
                    if let Some(document) = document.as_object_mut() {
                        document.insert("StreamArn".to_owned(), arn.into());
                        document.insert("ShardId".to_owned(), shard.into());
                    }
                    let made = block_on(get_shard_iterator::execute(storage, engine::request(document)?))?;
                    (made.shard_iterator.ok_or(Fault::Interrupted)?, table)
                }
                Now::Retired(retired) => {
                    let position = retired.position(storage, &document)?;
                    (encode_shard_iterator(&retired.table, &shard, position), retired.id)
                }
            };
            let iterator = Iterator { stream: stream.arn.clone(), table, engine, at: now }.write()?;
            Ok(json!({ "ShardIterator": iterator }).to_string())
        })
    }))
}

/// `GetRecords`
pub(super) fn records(asked: Asked) -> Result<Prepared, Fault> {
    check_limit(&asked, 1000)?;
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
    Ok(Prepared::new(requirements, move |_| {
        if now - given.at > LIFETIME {
            return Err(Fault::ExpiredIterator);
        }
        stream.table.place.read(|storage| {
            let now_is = stream.now(storage)?;
            let (Now::Live { table, .. } | Now::Retired(Retired { id: table, .. })) = &now_is;
            if *table != given.table {
                return Err(invalid());
            }
            if let Now::Retired(retired) = now_is {
                let (table, shard, position) = decode_shard_iterator(&given.engine).ok_or_else(invalid)?;
                let most = request.limit.unwrap_or(1000);
                let region = stream.table.name.region;
                let (records, next) = retired.records(storage, position, most, region.as_str())?;
                let mut answer = json!({ "Records": records });
                // Its shard is closed: behind the last record there is no iterator.
                if let (Some(next), Some(members)) = (next, answer.as_object_mut()) {
                    let engine = encode_shard_iterator(&table, &shard, next);
                    members
                        .insert("NextShardIterator".to_owned(), Iterator { engine, at: now, ..given }.write()?.into());
                }
                return Ok(answer.to_string());
            }
            let mut answer = block_on(get_records::execute(storage, request))?;
            let view = view_of(storage, &stream.table.name.name)?;
            for record in &mut answer.records {
                record.aws_region = stream.table.name.region.to_string();
                let change = &mut record.dynamodb;
                let parts = [Some(&change.keys), change.new_image.as_ref(), change.old_image.as_ref()];
                change.size_bytes = i64::try_from(size_of(parts.into_iter().flatten())).unwrap_or(i64::MAX);
                if let Some(view) = &view {
                    record.dynamodb.stream_view_type.clone_from(view);
                }
            }
            answer.next_shard_iterator = match answer.next_shard_iterator.take() {
                Some(engine) => Some(Iterator { engine, at: now, ..given }.write()?),
                None => None,
            };
            let mut answer = serde_json::to_value(&answer)?;
            for record in answer.get_mut("Records").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(identity) = record.get_mut("userIdentity") {
                    *identity = identity_of(identity);
                }
            }
            Ok(answer.to_string())
        })
    }))
}

/// Who changed an item, from how the engine spells it, which is how events of functions have it.
///
/// Source: API reference, "Identity" of DynamoDB Streams.
pub(super) fn identity_of(stored: &Value) -> Value {
    json!({ "Type": stored.get("type"), "PrincipalId": stored.get("principalId") })
}

/// Takes away the records whose time is over.
pub(super) fn trim(storage: &Storage, now: i64) -> Result<(), Fault> {
    storage.conn().execute("DELETE FROM _stream_records WHERE created_at < ?1", [now / 1000 - RETENTION])?;
    retired::trim(storage, now / 1000)
}
