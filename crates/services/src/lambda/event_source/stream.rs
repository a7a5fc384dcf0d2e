//! A stream of DynamoDB as Lambda reads it: by requests in the name of the function's execution role, which its policies
//! decide.
//!
//! Source: Amazon DynamoDB Streams API reference.

use std::sync::Arc;

use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::mapping::Position;
use crate::dynamodb::{NotOurs, position_of};
use crate::lambda::environment::Environments;
use crate::lambda::fault::Fault;

/// The service that has streams.
const SERVICE: &str = "dynamodb-streams";
/// The most records that are asked for at once.
const MOST: usize = 250;

/// A stream, and whose name it is read in.
#[derive(Clone)]
pub(crate) struct Stream {
    environments: Arc<dyn Environments>,
    scope: Scope,
    role: String,
    arn: String,
}

/// Why a stream was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReadError {
    /// The role may not.
    #[error(
        "Cannot access stream {0}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and \
         ListStreams Actions on your stream in IAM."
    )]
    Denied(String),
    /// There is no such stream, or no longer.
    #[error("Stream not found: {0}")]
    NoStream(String),
    /// The iterator is too old, or what it leads to is gone.
    #[error("the iterator cannot be used any more")]
    Expired,
    /// It could not be read now.
    #[error("Cannot read stream {0}.")]
    Failed(String),
}

/// Source: the errors that users of `CreateEventSourceMapping` quote, see docs/claims.md.
impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        Self::invalid(error.to_string())
    }
}

/// What was read, and how to go on. Without an iterator the shard has ended.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) records: Vec<Value>,
    pub(crate) next: Option<String>,
}

impl Stream {
    pub(crate) fn new(environments: Arc<dyn Environments>, scope: Scope, role: &str, arn: &str) -> Self {
        Self { environments, scope, role: role.to_owned(), arn: arn.to_owned() }
    }

    async fn ask(&self, operation: &str, input: &Value) -> Result<Value, ReadError> {
        let failed = || ReadError::Failed(self.arn.clone());
        let request = Request::builder()
            .method(Method::POST)
            .uri("/")
            .header("host", format!("streams.dynamodb.{}.amazonaws.com", self.scope.region))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("DynamoDBStreams_20120810.{operation}"))
            .body(input.to_string().into_bytes())
            .map_err(|_| failed())?;
        let answer = self.environments.call(&self.scope, &self.role, SERVICE, request).await.ok_or_else(failed)?;
        let document = serde_json::from_slice::<Value>(answer.body()).unwrap_or_default();
        if answer.status().is_success() {
            return Ok(document);
        }
        let code = document.get("__type").and_then(Value::as_str).unwrap_or_default();
        Err(match code.rsplit('#').next().unwrap_or_default() {
            "AccessDeniedException" => ReadError::Denied(self.arn.clone()),
            "ResourceNotFoundException" => ReadError::NoStream(self.arn.clone()),
            "ExpiredIteratorException" | "TrimmedDataAccessException" => ReadError::Expired,
            // Who may not even have the role is told without a document.
            _ if answer.status() == StatusCode::FORBIDDEN => ReadError::Denied(self.arn.clone()),
            _ => failed(),
        })
    }

    /// The ids of its shards, each behind its parent.
    pub(crate) async fn shards(&self) -> Result<Vec<String>, ReadError> {
        let mut ids = Vec::new();
        let mut input = json!({"StreamArn": self.arn});
        loop {
            let answer = self.ask("DescribeStream", &input).await?;
            let told = answer.get("StreamDescription");
            let shards = told.and_then(|told| told.get("Shards")?.as_array());
            ids.extend(
                shards.into_iter().flatten().filter_map(|shard| Some(shard.get("ShardId")?.as_str()?.to_owned())),
            );
            match told.and_then(|told| told.get("LastEvaluatedShardId")).filter(|last| last.is_string()) {
                Some(last) => input = json!({"StreamArn": self.arn, "ExclusiveStartShardId": last}),
                None => return Ok(ids),
            }
        }
    }

    async fn iterator_of(&self, input: &Value) -> Result<String, ReadError> {
        let answer = self.ask("GetShardIterator", input).await?;
        let iterator = answer.get("ShardIterator").and_then(Value::as_str);
        iterator.map(str::to_owned).ok_or_else(|| ReadError::Failed(self.arn.clone()))
    }

    /// An iterator that goes on behind a position.
    pub(crate) async fn iterator(&self, shard: &str, position: &Position) -> Result<Option<String>, ReadError> {
        let oldest = json!({"StreamArn": self.arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        match position {
            Position::End => Ok(None),
            Position::Horizon => self.iterator_of(&oldest).await.map(Some),
            Position::After(sequence) => {
                let after = json!({
                    "StreamArn": self.arn, "ShardId": shard, "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                    "SequenceNumber": sequence,
                });
                match self.iterator_of(&after).await {
                    // What it stood at is gone, and so is all before it.
                    Err(ReadError::Expired) => self.iterator_of(&oldest).await.map(Some),
                    other => other.map(Some),
                }
            }
        }
    }

    /// The position behind what a shard has now.
    pub(crate) async fn latest(&self, shard: &str) -> Result<Position, ReadError> {
        let latest = json!({"StreamArn": self.arn, "ShardId": shard, "ShardIteratorType": "LATEST"});
        let iterator = self.iterator_of(&latest).await?;
        match position_of(&iterator) {
            Ok(Some(sequence)) => Ok(Position::After(sequence)),
            Ok(None) => Ok(Position::Horizon),
            // Another server answers for streams, and does not tell where it stands.
            Err(NotOurs) => Err(ReadError::Failed(self.arn.clone())),
        }
    }

    /// Reads on. No more than so many records come.
    pub(crate) async fn read(&self, iterator: &str, most: usize) -> Result<Page, ReadError> {
        let mut limit = most.clamp(1, MOST);
        loop {
            let input = json!({"ShardIterator": iterator, "Limit": limit});
            match self.ask("GetRecords", &input).await {
                // So many may have been too long for an answer.
                Err(ReadError::Failed(_)) if limit > 1 => limit /= 2,
                Err(error) => return Err(error),
                Ok(mut answer) => {
                    let next = answer.get("NextShardIterator").and_then(Value::as_str).map(str::to_owned);
                    let records = match answer.get_mut("Records").map(Value::take) {
                        Some(Value::Array(records)) => records,
                        _ => Vec::new(),
                    };
                    return Ok(Page { records, next });
                }
            }
        }
    }

    /// The ids of its shards, if the role may do all that reading takes: it is tried, so that the policy of the stream counts.
    pub(crate) async fn check(&self) -> Result<Vec<String>, ReadError> {
        let listing = Requirement::new("dynamodb:ListStreams", self.arn.as_str()).owned_by(self.scope.account.clone());
        if !self.environments.may(&self.scope, &self.role, &listing).await {
            return Err(ReadError::Denied(self.arn.clone()));
        }
        let shards = self.shards().await?;
        for shard in &shards {
            if let Some(iterator) = self.iterator(shard, &Position::Horizon).await? {
                self.read(&iterator, 1).await?;
            }
        }
        Ok(shards)
    }
}
