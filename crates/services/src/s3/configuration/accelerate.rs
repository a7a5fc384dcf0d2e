//! Transfer Acceleration: that it is asked for is kept, and there are no edge locations here.

use std::sync::Arc;

use s3s::dto::{
    AccelerateConfiguration, BucketAccelerateStatus, GetBucketAccelerateConfigurationInput,
    GetBucketAccelerateConfigurationOutput, PutBucketAccelerateConfigurationInput,
    PutBucketAccelerateConfigurationOutput,
};
use s3s::{S3Request, S3Response};

use super::{Asked, Call, Configuration, Fault, Store, read, write};

impl Configuration for AccelerateConfiguration {
    const KIND: &'static str = "accelerate";
}

pub(in crate::s3) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketAccelerateConfigurationInput>,
) -> Result<S3Response<PutBucketAccelerateConfigurationOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "PutBucketAccelerateConfiguration",
        action: "PutAccelerateConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let status = input.accelerate_configuration.status.as_ref().map(BucketAccelerateStatus::as_str);
    if !matches!(status, Some(BucketAccelerateStatus::ENABLED | BucketAccelerateStatus::SUSPENDED)) {
        return Err(Fault::malformed());
    }
    if bucket.name().contains('.') {
        return Err(Fault::invalid_request(
            "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
        ));
    }
    write(store, bucket, &input.accelerate_configuration).await?;
    Ok(S3Response::new(PutBucketAccelerateConfigurationOutput::default()))
}

pub(in crate::s3) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketAccelerateConfigurationInput>,
) -> Result<S3Response<GetBucketAccelerateConfigurationOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "GetBucketAccelerateConfiguration",
        action: "GetAccelerateConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let kept: Option<AccelerateConfiguration> = read(store, &bucket).await?;
    let status = kept.and_then(|kept| kept.status);
    Ok(S3Response::new(GetBucketAccelerateConfigurationOutput { status, ..Default::default() }))
}
