//! What brings a document to a queue, a topic or the event bus of an account.
//!
//! Source: S3 user guide, "Event notification types and destinations", "Using EventBridge".

use serde_json::json;

use crate::parcel::{Parcel, service_of};
use crate::s3::call::Call;
use crate::s3::event::date;

/// The subject of what topics get.
const SUBJECT: &str = "Amazon S3 Notification";

/// The request that brings a document to a destination; `None` for one that gets no documents by requests.
pub(in crate::s3) fn parcel(arn: &str, document: &str) -> Option<Parcel> {
    let region = arn.split(':').nth(3)?;
    match service_of(arn) {
        "sqs" => Parcel::message(region, arn, document, &json!({})),
        "sns" => Parcel::publication(region, arn, Some(SUBJECT), document, &[]),
        "events" => {
            let entry: serde_json::Value = serde_json::from_str(document).ok()?;
            Parcel::json("events", region, "1.1", "AWSEvents.PutEvents", &json!({"Entries": [entry]}))
        }
        _ => None,
    }
}

/// What asks whether there is an event bus.
pub(super) fn question(bus: &str) -> Option<Parcel> {
    Parcel::json("events", bus.split(':').nth(3)?, "1.1", "AWSEvents.DescribeEventBus", &json!({}))
}

/// The event bus of an account that gets the events of buckets.
pub(in crate::s3) fn bus(account: &str, region: &str) -> String {
    format!("arn:aws:events:{region}:{account}:event-bus/default")
}

/// What a destination gets when a bucket is configured to tell it.
pub(super) fn test_event(call: &Call, bucket: &str) -> String {
    let caller = &call.caller;
    let document = json!({
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": date(caller.now),
        "Bucket": bucket,
        "RequestId": caller.request_id,
        "HostId": crate::s3::event::host_id(&caller.request_id),
    });
    document.to_string()
}
