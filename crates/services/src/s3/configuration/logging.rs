//! Server access logging: where the logs of a bucket would go. None are written.
//!
//! Sources: S3 API reference, PutBucketLogging; S3 user guide, "Enabling Amazon S3 server access logging".

use std::sync::Arc;

use s3s::dto::{
    BucketLoggingStatus, BucketLogsPermission, GetBucketLoggingInput, GetBucketLoggingOutput, LoggingEnabled,
    PartitionDateSource, PutBucketLoggingInput, PutBucketLoggingOutput,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::rules::check_prefix;
use super::{AllowedBucket, Asked, Call, Configuration, Fault, Store, read, remove, require, write};

impl Configuration for BucketLoggingStatus {
    const KIND: &'static str = "logging";
}

pub(in crate::s3) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketLoggingInput>,
) -> Result<S3Response<PutBucketLoggingOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "PutBucketLogging",
        action: "PutBucketLogging",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let status = input.bucket_logging_status;
    match &status.logging_enabled {
        None => remove::<BucketLoggingStatus>(store, bucket).await?,
        Some(logging) => {
            check(logging)?;
            check_target(store, &bucket, logging.target_bucket.clone()).await?;
            write(store, bucket, &status).await?;
        }
    }
    Ok(S3Response::new(PutBucketLoggingOutput::default()))
}

fn check(logging: &LoggingEnabled) -> Result<(), Fault> {
    check_prefix(Some(&logging.target_prefix))?;
    for grant in logging.target_grants.iter().flatten() {
        let permission = grant.permission.as_ref().map(BucketLogsPermission::as_str);
        let known = [BucketLogsPermission::FULL_CONTROL, BucketLogsPermission::READ, BucketLogsPermission::WRITE];
        require(grant.grantee.is_some() && permission.is_some_and(|permission| known.contains(&permission)))?;
    }
    if let Some(format) = &logging.target_object_key_format {
        require(format.partitioned_prefix.is_some() != format.simple_prefix.is_some())?;
        let source = format.partitioned_prefix.as_ref().map(|partitioned| partitioned.partition_date_source.as_ref());
        let known = [PartitionDateSource::EVENT_TIME, PartitionDateSource::DELIVERY_TIME];
        require(source.flatten().is_none_or(|source| known.contains(&source.as_str())))?;
    }
    Ok(())
}

/// The logs go to a bucket of the same owner in the same Region.
async fn check_target(store: &Arc<Store>, bucket: &AllowedBucket, target: String) -> Result<(), Fault> {
    let name = target.clone();
    let (found, _) = store.run(move |store| store.index.bucket(&name, None, None)).await?;
    let refused = |message| {
        let code = S3ErrorCode::InvalidTargetBucketForLogging;
        Err(Fault::new(code, message).with("TargetBucket", &target))
    };
    match found {
        None => refused("The target bucket for logging does not exist"),
        Some(found) if found.account != bucket.row.account => {
            refused("The owner for the bucket to be logged and the target bucket must be the same.")
        }
        Some(found) if found.region != bucket.row.region => {
            Err(Fault::new(S3ErrorCode::CrossLocationLoggingProhibited, "Cross S3 location logging not allowed. ")
                .with("SourceBucketLocation", &bucket.row.region)
                .with("TargetBucketLocation", &found.region))
        }
        Some(_) => Ok(()),
    }
}

pub(in crate::s3) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketLoggingInput>,
) -> Result<S3Response<GetBucketLoggingOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "GetBucketLogging",
        action: "GetBucketLogging",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let kept: Option<BucketLoggingStatus> = read(store, &bucket).await?;
    let logging_enabled = kept.and_then(|kept| kept.logging_enabled);
    Ok(S3Response::new(GetBucketLoggingOutput { logging_enabled }))
}
