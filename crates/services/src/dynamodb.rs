//! DynamoDB and DynamoDB Streams: tables, items, indexes, transactions, PartiQL and streams, in one SQLite file for each
//! account and Region.
//!
//! What a request means is the business of an engine, dynoxide: it checks and carries out what is allowed. Here is what goes
//! before and around it. `prepare` reads the request and finds out what it does to which tables; the authorizer is asked
//! once; only with its token does a `place` read or write. Policies of tables and streams, keys of KMS and the tokens of
//! transactions lie beside the engine's tables.
//!
//! Global tables, backups, exports and imports, contributor insights and streams to Kinesis are not served; lists of them
//! are empty.

mod access;
mod account;
mod attribute_names;
mod batch;
mod defaults;
mod encryption;
mod engine;
mod expiry;
mod expression;
mod fault;
mod items;
mod members;
mod name;
mod nesting;
mod numbers;
mod operation;
mod partiql;
mod place;
mod policy;
mod replay;
mod required;
mod retired;
mod search;
mod shapes;
mod statement;
mod streams;
mod suppose;
mod table;
mod tables;
mod tags;
mod throughput;
mod time_to_live;
mod token;
mod transaction;
mod types;
mod view;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use crc_fast::CrcAlgorithm;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Request, Response, StatusCode};
use sidegate_wire::aws_json::{self, JsonError};
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use crate::iam::Names;
use crate::kms::Keys;
use crate::reserve::Reserve;
use crate::whole::DocumentError;
use crate::{Authorized, Authorizer, Body, Caller, Service, Supposed, whole};
use encryption::Kms;
use fault::Fault;
use operation::{Asked, Prepared};
use place::Places;
pub(crate) use streams::{NotOurs, position_of};

/// The names before the dot in the targets of requests.
const TARGET: &str = "DynamoDB_20120810";
const STREAMS_TARGET: &str = "DynamoDBStreams_20120810";

/// The operations whose documents have items to write in them, of which `BatchWriteItem` may have 16 MB.
///
/// Source: API reference, "BatchWriteItem", "TransactWriteItems".
const WRITING: [&str; 7] = [
    "BatchExecuteStatement",
    "BatchWriteItem",
    "ExecuteStatement",
    "ExecuteTransaction",
    "PutItem",
    "TransactWriteItems",
    "UpdateItem",
];

/// The operations that DynamoDB has and that are not served.
const UNSERVED: [&str; 14] = [
    "CreateBackup",
    "CreateGlobalTable",
    "DescribeTableReplicaAutoScaling",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "ExportTableToPointInTime",
    "ImportTable",
    "ListContributorInsights",
    "RestoreTableToPointInTime",
    "UpdateContributorInsights",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateKinesisStreamingDestination",
    "UpdateTableReplicaAutoScaling",
];

/// The DynamoDB service of all accounts and Regions.
#[derive(Clone, Debug)]
pub struct DynamoDb {
    places: Arc<Places>,
    keys: Option<Keys>,
    names: Names,
}

/// The databases of tables cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the directory of the tables")]
pub struct OpenError(#[source] Fault);

/// Expired items were not deleted.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep the tables up")]
pub struct UpkeepError(#[source] Fault);

impl DynamoDb {
    /// Opens the directory of the databases, and makes it if it does not exist. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] if the directory cannot be used.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_beside(dir, Reserve::none(), Names::default())
    }

    /// The same on a disk on which room is set aside for deletions, with the names that policies of tables use.
    ///
    /// # Errors
    /// [`OpenError`] if the directory cannot be used.
    pub fn open_beside(dir: &Path, reserve: Arc<Reserve>, names: Names) -> Result<Self, OpenError> {
        let places = Places::open(dir, reserve).map_err(OpenError)?;
        Ok(Self { places, keys: None, names })
    }

    /// With keys of KMS. Without them a table cannot have one.
    #[must_use]
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Tells whenever something is written to a table, so that whoever reads a stream may look at once.
    pub fn writes(&self) -> watch::Receiver<()> {
        self.places.writes()
    }

    /// The service of the tables' streams.
    pub fn streams(&self) -> Streams {
        Streams(self.clone())
    }

    /// Deletes the items whose time to live is over, the records of streams that are older than a day, and what is no
    /// longer needed of transactions.
    ///
    /// # Errors
    /// [`UpkeepError`] if a database cannot be used.
    pub async fn keep(&self, now: i64) -> Result<(), UpkeepError> {
        let places = Arc::clone(&self.places);
        let keep = move || {
            let mut outcome = Ok(());
            for place in places.all()? {
                let kept = place.upkeep(|storage| {
                    token::forget(storage, now)?;
                    streams::trim(storage, now)?;
                    expiry::delete(storage, now / 1000)
                });
                outcome = outcome.and(kept);
            }
            outcome
        };
        blocking(keep).await.map_err(UpkeepError)
    }

    async fn answer(
        &self, request: Request<Body>, target: &str, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<String, Fault> {
        let (operation, body) = whole::document_within(request, target, aws_json::MAX_DYNAMODB_BYTES).await?;
        let (operation, prepare) = if target == TARGET { prepare(&operation)? } else { prepare_stream(&operation)? };
        if body.len() > aws_json::MAX_BYTES && !WRITING.contains(&operation) {
            return Err(DocumentError::Refused(JsonError::TooLarge).into());
        }
        self.carry_out(operation, prepare, body, caller, authorizer)
            .await
            .map_err(|fault| engine::of_operation(operation, fault))
    }

    async fn carry_out(
        &self, operation: &'static str, prepare: Prepare, body: Bytes, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<String, Fault> {
        let (places, names) = (Arc::clone(&self.places), self.names.clone());
        let asked = caller.clone();
        let prepared = blocking(move || {
            let nesting::Document { value: mut document, is_cut } = document(&body)?;
            if operation == "SearchVectors" {
                items::check_search(&body)?;
            }
            types::check(operation, &document)?;
            members::keep(operation, &mut document);
            required::check(operation, &document)?;
            if body.len() > attribute_names::LONGEST {
                attribute_names::check(&document)?;
            }
            let mut asked = Asked { operation, document, caller: asked, places, names };
            nesting::check(&mut asked, is_cut)?;
            prepare(asked)
        })
        .await?;
        let Prepared { requirements, keys, sealing, work } = prepared;
        let allowed =
            Authorized::by(authorizer, operation, &requirements).map_err(|denial| Fault::Denied(Box::new(denial)))?;
        let kms = Kms { keys: self.keys.as_ref(), caller, authorizer };
        kms.open(keys).await?;
        let key = match sealing {
            Some(sealing) => Some(kms.seal(sealing).await?),
            None => None,
        };
        blocking(move || work(&allowed, key)).await
    }

    async fn handle_as(
        &self, target: &str, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Response<Body> {
        let Some(content_type) = content_type(request.headers()) else {
            return whole::answer(unknown(&caller.request_id));
        };
        let (status, body) = match self.answer(request, target, caller, authorizer).await {
            Ok(body) => (StatusCode::OK, body),
            Err(fault) => {
                let told = fault.told();
                if told.status.is_server_error() && told.status != StatusCode::NOT_IMPLEMENTED {
                    tracing::error!(error = &fault as &dyn std::error::Error, "a request of DynamoDB failed");
                }
                (told.status, told.body)
            }
        };
        whole::answer(response(status, content_type, body, &caller.request_id))
    }
}

/// How an operation is read.
type Prepare = fn(Asked) -> Result<Prepared, Fault>;

/// The operation of this name.
fn prepare(operation: &str) -> Result<(&'static str, Prepare), Fault> {
    Ok(match operation {
        "BatchExecuteStatement" => ("BatchExecuteStatement", partiql::execute_batch),
        "BatchGetItem" => ("BatchGetItem", batch::get),
        "BatchWriteItem" => ("BatchWriteItem", batch::write),
        "CreateTable" => ("CreateTable", tables::create),
        "DeleteBackup" => ("DeleteBackup", defaults::backup),
        "DeleteItem" => ("DeleteItem", items::delete),
        "DeleteResourcePolicy" => ("DeleteResourcePolicy", policy::delete),
        "DeleteTable" => ("DeleteTable", tables::delete),
        "DescribeBackup" => ("DescribeBackup", defaults::backup),
        "DescribeContinuousBackups" => ("DescribeContinuousBackups", account::describe_backups),
        "DescribeContributorInsights" => ("DescribeContributorInsights", defaults::contributor_insights),
        "DescribeEndpoints" => ("DescribeEndpoints", account::endpoints),
        "DescribeExport" => ("DescribeExport", defaults::export),
        "DescribeGlobalTable" => ("DescribeGlobalTable", defaults::global_table),
        "DescribeGlobalTableSettings" => ("DescribeGlobalTableSettings", defaults::global_table),
        "DescribeImport" => ("DescribeImport", defaults::import),
        "DescribeKinesisStreamingDestination" => ("DescribeKinesisStreamingDestination", defaults::kinesis),
        "DescribeLimits" => ("DescribeLimits", account::limits),
        "DescribeTable" => ("DescribeTable", tables::describe),
        "DescribeTimeToLive" => ("DescribeTimeToLive", time_to_live::describe),
        "ExecuteStatement" => ("ExecuteStatement", partiql::execute),
        "ExecuteTransaction" => ("ExecuteTransaction", partiql::execute_transaction),
        "GetItem" => ("GetItem", items::get),
        "GetResourcePolicy" => ("GetResourcePolicy", policy::get),
        "ListBackups" => ("ListBackups", defaults::backups),
        "ListExports" => ("ListExports", defaults::exports),
        "ListGlobalTables" => ("ListGlobalTables", defaults::global_tables),
        "ListImports" => ("ListImports", defaults::imports),
        "ListTables" => ("ListTables", tables::list),
        "ListTagsOfResource" => ("ListTagsOfResource", tags::list),
        "PutItem" => ("PutItem", items::put),
        "PutResourcePolicy" => ("PutResourcePolicy", policy::put),
        "Query" => ("Query", search::query),
        "RestoreTableFromBackup" => ("RestoreTableFromBackup", defaults::backup),
        "Scan" => ("Scan", search::scan),
        "SearchVectors" => ("SearchVectors", items::search),
        "TagResource" => ("TagResource", tags::tag),
        "TransactGetItems" => ("TransactGetItems", transaction::get),
        "TransactWriteItems" => ("TransactWriteItems", transaction::write),
        "UntagResource" => ("UntagResource", tags::untag),
        "UpdateContinuousBackups" => ("UpdateContinuousBackups", account::update_backups),
        "UpdateItem" => ("UpdateItem", items::update),
        "UpdateTable" => ("UpdateTable", tables::update),
        "UpdateTimeToLive" => ("UpdateTimeToLive", time_to_live::update),
        other => {
            return Err(match UNSERVED.iter().find(|name| **name == other) {
                Some(name) => Fault::Unserved((*name).to_owned()),
                None => Fault::UnknownOperation,
            });
        }
    })
}

/// The operation of this name of DynamoDB Streams.
fn prepare_stream(operation: &str) -> Result<(&'static str, Prepare), Fault> {
    Ok(match operation {
        "DescribeStream" => ("DescribeStream", streams::describe),
        "GetRecords" => ("GetRecords", streams::records),
        "GetShardIterator" => ("GetShardIterator", streams::iterator),
        "ListStreams" => ("ListStreams", streams::list),
        _ => return Err(Fault::UnknownOperation),
    })
}

/// The document of a request. What is none is refused without a word, as DynamoDB does.
fn document(body: &[u8]) -> Result<nesting::Document, Fault> {
    nesting::read(body).filter(|document| document.value.is_object()).ok_or(Fault::Serialization(None))
}

/// The content types of requests, each of which is that of its answer.
const CONTENT_TYPES: [&str; 2] = ["application/x-amz-json-1.0", "application/json"];

/// What a request is that has another content type.
const UNKNOWN: &str = "<UnknownOperationException/>\n";

/// The content type of the answer to a request; `None` if it has one that DynamoDB does not take. One that has none is
/// answered as one of the protocol.
fn content_type(headers: &HeaderMap) -> Option<&'static str> {
    let Some(given) = headers.get(CONTENT_TYPE) else { return CONTENT_TYPES.first().copied() };
    let given = given.to_str().ok()?.split(';').next()?.trim();
    CONTENT_TYPES.into_iter().find(|own| own.eq_ignore_ascii_case(given))
}

/// The answer to what is no request of DynamoDB's protocol.
fn unknown(request_id: &str) -> Response<Vec<u8>> {
    let mut response = response(StatusCode::NOT_FOUND, "application/xml", UNKNOWN.to_owned(), request_id);
    response.headers_mut().remove(CONTENT_TYPE);
    response
}

/// An answer with the checksum that clients prove it by.
///
/// Source: developer guide, "DynamoDB low-level API": `x-amz-crc32`.
fn response(status: StatusCode, content_type: &'static str, body: String, request_id: &str) -> Response<Vec<u8>> {
    let checksum = crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, body.as_bytes());
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert("x-amz-crc32", HeaderValue::from(checksum));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    spawn_blocking(work).await.map_err(|_| Fault::Interrupted)?
}

#[async_trait]
impl Service for DynamoDb {
    fn name(&self) -> &'static str {
        "dynamodb"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        self.handle_as(TARGET, request, caller, authorizer).await
    }

    async fn suppose(&self, action: &str, resource: &str, _caller: &Caller) -> Result<Supposed, String> {
        let places = Arc::clone(&self.places);
        let (action, resource) = (action.to_owned(), resource.to_owned());
        let supposed = blocking(move || suppose::suppose(&places, &action, &resource)).await;
        supposed.map_err(|fault| fault.to_string())
    }
}

/// The service of the streams of all tables.
#[derive(Clone, Debug)]
pub struct Streams(DynamoDb);

#[async_trait]
impl Service for Streams {
    fn name(&self) -> &'static str {
        "dynamodb-streams"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        self.0.handle_as(STREAMS_TARGET, request, caller, authorizer).await
    }
}
