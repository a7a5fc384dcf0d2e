//! Where the records of a failed batch go: the document about it, and who gets it.
//!
//! Source: Lambda developer guide, "Retain discarded records for a DynamoDB event source in Lambda".

use serde_json::{Map, Value, json};

use super::batch::Batch;
use super::mapping::Mapping;
use crate::lambda::Inner;
use crate::lambda::fault::Fault;
use crate::lambda::function::timestamp;
use crate::lambda::queue::now;
use crate::parcel::{Parcel, service_of};
use crate::random::uuid;

/// The function returned an error as often as it is tried.
pub(crate) const RETRIES: &str = "RetryAttemptsExhausted";
/// The records are too old.
pub(crate) const AGE: &str = "RecordAgeExceeded";

/// The last invocation of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Last {
    pub(crate) request_id: String,
    /// The version that did it.
    pub(crate) version: String,
    /// Whether it ended with an error, and not with a report of what failed.
    pub(crate) is_error: bool,
}

/// A batch that is not tried any more.
#[derive(Debug)]
pub(crate) struct Failure<'a> {
    pub(crate) mapping: &'a Mapping,
    pub(crate) shard: &'a str,
    pub(crate) batch: &'a Batch,
    pub(crate) condition: &'static str,
    pub(crate) last: Option<&'a Last>,
}

/// A time as these documents have it; those of records without milliseconds.
fn time(milliseconds: i64, is_exact: bool) -> String {
    let time = timestamp(milliseconds).replace("+0000", "Z");
    match time.split_once('.') {
        Some((seconds, _)) if !is_exact => format!("{seconds}Z"),
        _ => time,
    }
}

impl Failure<'_> {
    /// The document, for a request that has this id if the function never had the batch.
    fn document(&self, id: &str, now: i64) -> Value {
        let Self { mapping, shard, batch, condition, last } = self;
        let (first, end) = (batch.records.first(), batch.records.last());
        let mut document = Map::new();
        let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
        put(
            "requestContext",
            json!({
                "requestId": last.map_or(id, |last| last.request_id.as_str()),
                "functionArn": mapping.function,
                "condition": condition,
                "approximateInvokeCount": batch.invocations,
            }),
        );
        if let Some(last) = last {
            let mut context = json!({"statusCode": 200, "executedVersion": last.version});
            if let (true, Some(context)) = (last.is_error, context.as_object_mut()) {
                context.insert("functionError".to_owned(), "Unhandled".into());
            }
            put("responseContext", context);
        }
        put("version", "1.0".into());
        put("timestamp", time(now, true).into());
        put(
            "DDBStreamBatchInfo",
            json!({
                "shardId": shard,
                "startSequenceNumber": first.map(|record| record.sequence.as_str()),
                "endSequenceNumber": end.map(|record| record.sequence.as_str()),
                "approximateArrivalOfFirstRecord": first.map(|record| time(record.at, false)),
                "approximateArrivalOfLastRecord": end.map(|record| time(record.at, false)),
                "batchSize": batch.records.len(),
                "streamArn": mapping.source,
            }),
        );
        Value::Object(document)
    }

    /// What brings it to a destination. `None` where nothing can.
    fn parcel(&self, destination: &str, ids: [&str; 2], now: i64) -> Option<Parcel> {
        let own = self.mapping.scope.region.as_str();
        let region = destination.split(':').nth(3).filter(|region| !region.is_empty()).unwrap_or(own);
        let mut document = self.document(ids[0], now);
        match service_of(destination) {
            "sqs" => Parcel::message(region, destination, &document.to_string(), &json!({})),
            "sns" => Parcel::publication(region, destination, None, &document.to_string(), &[]),
            "s3" => {
                // A bucket gets the records as well.
                let payload = String::from_utf8_lossy(&self.batch.event()).into_owned();
                if let Some(document) = document.as_object_mut() {
                    document.insert("payload".to_owned(), payload.into());
                }
                let time = timestamp(now);
                let (day, clock) = (time.get(..10).unwrap_or_default(), time.get(11..19).unwrap_or_default());
                let (path, clock) = (day.replace('-', "/"), clock.replace(':', "."));
                let key = format!("aws/lambda/{}/{}/{path}/{day}T{clock}-{}", self.mapping.id, self.shard, ids[1]);
                let bucket = destination.rsplit(':').next().unwrap_or_default();
                Parcel::put(region, &format!("/{bucket}/{key}"), document.to_string())
            }
            _ => None,
        }
    }
}

impl Inner {
    /// Sends what is told of a batch that is given up to the destination of its mapping, in the name of the execution role.
    /// What is not taken is lost, as on AWS, and told in the log.
    pub(crate) async fn give_up(&self, failure: &Failure<'_>, role: &str) -> Result<(), Fault> {
        let Mapping { id, scope, settings, .. } = failure.mapping;
        let records = failure.batch.records.len();
        tracing::warn!(mapping = id, condition = failure.condition, records, "records of a stream are given up");
        let Some(destination) = settings.on_failure.as_deref() else { return Ok(()) };
        let lost = |reason: &str| {
            tracing::warn!(
                mapping = id,
                to = destination,
                reason,
                "the destination of records that are given up gets nothing"
            );
        };
        let ids = [uuid()?, uuid()?];
        let Some(Parcel { service, request }) = failure.parcel(destination, [&ids[0], &ids[1]], now()) else {
            lost("nothing can be sent there");
            return Ok(());
        };
        match self.pools.environments().call(scope, role, service, request).await {
            Some(answer) if answer.status().is_success() => {}
            Some(answer) => lost(&format!("the service answers with {}", answer.status())),
            None => lost("the service is not emulated, and no other server answers for it"),
        }
        Ok(())
    }
}
