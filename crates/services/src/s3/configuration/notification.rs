//! Whom a bucket tells of what happens in it: functions of Lambda, and queues, topics and Amazon EventBridge where another
//! server answers for them. A configuration that names others is refused, unless it says that they are not to be looked
//! for.
//!
//! Source: S3 API reference, PutBucketNotificationConfiguration, GetBucketNotificationConfiguration.

mod check;
mod post;
mod told;

use std::sync::Arc;

use http::StatusCode;
use s3s::S3ErrorCode;
use s3s::dto::{
    GetBucketNotificationConfigurationInput, GetBucketNotificationConfigurationOutput, NotificationConfiguration,
    PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput,
};
use s3s::{S3Request, S3Response};

pub(in crate::s3) use post::{bus, parcel};

use super::{Asked, Call, Configuration, Fault, Store, read, remove, write};
use crate::functions::Invocation;
use crate::s3::store::Bucket;
use told::Told;

/// Who calls the functions, and sends to other destinations.
pub(in crate::s3) const PRINCIPAL: &str = "s3.amazonaws.com";

/// The elements in which AWS tells the destinations that it refuses, and why. Of more than these only the first are told.
const ARGUMENTS: [(&str, &str); 8] = [
    ("ArgumentName1", "ArgumentValue1"),
    ("ArgumentName2", "ArgumentValue2"),
    ("ArgumentName3", "ArgumentValue3"),
    ("ArgumentName4", "ArgumentValue4"),
    ("ArgumentName5", "ArgumentValue5"),
    ("ArgumentName6", "ArgumentValue6"),
    ("ArgumentName7", "ArgumentValue7"),
    ("ArgumentName8", "ArgumentValue8"),
];

impl Configuration for NotificationConfiguration {
    const KIND: &'static str = "notification";
}

/// A destination that is told of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::s3) struct Destination<'a> {
    /// The id of the notification.
    pub(in crate::s3) id: &'a str,
    pub(in crate::s3) arn: &'a str,
}

/// Those who are told of an event of a key, by the event's name in records.
pub(in crate::s3) fn destinations<'a>(
    configuration: &'a NotificationConfiguration, event: &str, key: &str,
) -> Vec<Destination<'a>> {
    let event = format!("s3:{event}");
    let told = Told::all(configuration).into_iter().filter(|told| told.tells(&event, key));
    told.map(|told| Destination { id: told.id, arn: told.arn }).collect()
}

/// The call of a function for a bucket; `None` if the ARN is that of no function.
pub(in crate::s3) fn invocation(account: &str, bucket: &str, arn: &str) -> Option<Invocation> {
    let is_function = arn.split(':').nth(2) == Some("lambda");
    Some(Invocation {
        function: is_function.then(|| arn.to_owned())?,
        principal: PRINCIPAL,
        source_account: account.parse().ok()?,
        source_arn: format!("arn:aws:s3:::{bucket}"),
    })
}

pub(in crate::s3) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketNotificationConfigurationInput>,
) -> Result<S3Response<PutBucketNotificationConfigurationOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "PutBucketNotificationConfiguration",
        action: "PutBucketNotification",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let mut configuration = input.notification_configuration;
    let is_any = check::check(&mut configuration, &bucket.row.region)?;
    if !input.skip_destination_validation.unwrap_or(false) {
        test(&call, &bucket.row, &configuration).await?;
    }
    if is_any {
        write(store, bucket, &configuration).await?;
    } else {
        remove::<NotificationConfiguration>(store, bucket).await?;
    }
    Ok(S3Response::new(PutBucketNotificationConfigurationOutput::default()))
}

/// Refuses destinations that are not there, or that do not let S3 in for this bucket.
///
/// Source: S3 API reference, PutBucketNotificationConfiguration; bodies of refusals that users quote, see docs/claims.md.
async fn test(call: &Call, bucket: &Bucket, configuration: &NotificationConfiguration) -> Result<(), Fault> {
    let mut refused = Vec::new();
    for told in Told::all(configuration) {
        let arn = told.arn;
        let why = match told.service {
            "lambda" => {
                let lets_in = match invocation(&bucket.account, &bucket.name, arn) {
                    Some(invocation) => call.test(invocation).await?.is_ok(),
                    None => false,
                };
                if lets_in {
                    continue;
                }
                (format!("{arn}, null"), format!("Not authorized to invoke function [{arn}]"))
            }
            service => {
                let what = if service == "sqs" { "queue" } else { "topic" };
                match call.send(bucket, parcel(arn, &post::test_event(call, &bucket.name))).await? {
                    Some(status) if status.is_success() => continue,
                    Some(StatusCode::FORBIDDEN) => (
                        arn.to_owned(),
                        format!(
                            "Permissions on the destination {what} do not allow S3 to publish notifications from this \
                             bucket"
                        ),
                    ),
                    _ => (arn.to_owned(), format!("The destination {what} does not exist")),
                }
            }
        };
        refused.push(why);
    }
    let bus = bus(&bucket.account, &bucket.region);
    if configuration.event_bridge_configuration.is_some()
        && !call.send(bucket, post::question(&bus)).await?.is_some_and(|status| status.is_success())
    {
        refused.push(("EventBridgeConfiguration".to_owned(), "The destination event bus does not exist".to_owned()));
    }
    if refused.is_empty() {
        return Ok(());
    }
    let message = "Unable to validate the following destination configurations";
    let fault = Fault::new(S3ErrorCode::InvalidArgument, message);
    let told = ARGUMENTS.into_iter().zip(refused);
    Err(told.fold(fault, |fault, ((name, value), (arn, why))| fault.with(name, arn).with(value, why)))
}

pub(in crate::s3) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketNotificationConfigurationInput>,
) -> Result<S3Response<GetBucketNotificationConfigurationOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "GetBucketNotificationConfiguration",
        action: "GetBucketNotification",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let NotificationConfiguration {
        event_bridge_configuration,
        lambda_function_configurations,
        queue_configurations,
        topic_configurations,
    } = read(store, &bucket).await?.unwrap_or_default();
    Ok(S3Response::new(GetBucketNotificationConfigurationOutput {
        event_bridge_configuration,
        lambda_function_configurations,
        queue_configurations,
        topic_configurations,
    }))
}
