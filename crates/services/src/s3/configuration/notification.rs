//! Whom a bucket would tell of what happens in it. Nobody is told.
//!
//! Source: S3 API reference, PutBucketNotificationConfiguration, GetBucketNotificationConfiguration.

mod check;

use std::sync::Arc;

use s3s::dto::{
    GetBucketNotificationConfigurationInput, GetBucketNotificationConfigurationOutput, NotificationConfiguration,
    PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput,
};
use s3s::{S3Request, S3Response};

use super::{Asked, Call, Configuration, Fault, Store, read, remove, write};

impl Configuration for NotificationConfiguration {
    const KIND: &'static str = "notification";
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
    if check::check(&mut configuration, &bucket.row.region)? {
        write(store, bucket, &configuration).await?;
    } else {
        remove::<NotificationConfiguration>(store, bucket).await?;
    }
    Ok(S3Response::new(PutBucketNotificationConfigurationOutput::default()))
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
