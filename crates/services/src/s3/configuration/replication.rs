//! Replication rules. They are kept, and nothing is replicated.
//!
//! Source: S3 API reference, PutBucketReplication, GetBucketReplication, DeleteBucketReplication.

mod check;

use std::sync::Arc;

use s3s::dto::{
    DeleteBucketReplicationInput, DeleteBucketReplicationOutput, GetBucketReplicationInput, GetBucketReplicationOutput,
    PutBucketReplicationInput, PutBucketReplicationOutput, ReplicationConfiguration,
};
use s3s::{S3ErrorCode, S3Request, S3Response};
use sidegate_iam::Requirement;

use super::super::document::require_digest;
use super::super::store::{Addressed, Bucket, Versioning};
use super::{AllowedBucket, Asked, Call, Configuration, Fault, Store, missing, read, remove, write};

impl Configuration for ReplicationConfiguration {
    const KIND: &'static str = "replication";
}

/// Whether objects of a bucket have versions.
fn versioning_enabled(bucket: &Bucket) -> bool {
    bucket.settings.versioning == Versioning::Enabled
}

pub(in crate::s3) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketReplicationInput>,
) -> Result<S3Response<PutBucketReplicationOutput>, Fault> {
    let input = request.input;
    let mut configuration = input.replication_configuration;
    let named = store.named(&call, &input.bucket, None).await?;
    let passing =
        Requirement::new("iam:PassRole", configuration.role.as_str()).with("iam:PassedToService", "s3.amazonaws.com");
    let requirements = [named.on_bucket("PutReplicationConfiguration"), passing];
    let allowed = call.authorize_in(&named, "PutBucketReplication", requirements).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    require_digest(&request.headers)?;
    let targets = check::check(&mut configuration)?;
    if !versioning_enabled(&bucket.row) {
        return Err(Fault::invalid_request(
            "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
        ));
    }
    check_targets(store, &bucket, targets).await?;
    write(store, bucket, &configuration).await?;
    Ok(S3Response::new(PutBucketReplicationOutput::default()))
}

/// The buckets that objects go to are other ones, and have versions.
async fn check_targets(store: &Arc<Store>, bucket: &AllowedBucket, targets: Vec<String>) -> Result<(), Fault> {
    if targets.iter().any(|target| target == bucket.name()) {
        return Err(Fault::invalid_request("Destination bucket cannot be the same as the source bucket."));
    }
    let found = store
        .run(move |store| {
            let found = targets.iter().map(|target| Ok(store.index.bucket(target, None, None)?.0));
            found.collect::<Result<Vec<Option<Bucket>>, Fault>>()
        })
        .await?;
    for target in found {
        match target {
            None => return Err(Fault::invalid_request("Destination bucket must exist.")),
            Some(target) if !versioning_enabled(&target) => {
                return Err(Fault::invalid_request("Destination bucket must have versioning enabled."));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

pub(in crate::s3) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketReplicationInput>,
) -> Result<S3Response<GetBucketReplicationOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "GetBucketReplication",
        action: "GetReplicationConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let kept = read(store, &bucket).await?.ok_or_else(|| {
        let message = "The replication configuration was not found";
        missing(&bucket, S3ErrorCode::ReplicationConfigurationNotFoundError, message)
    })?;
    Ok(S3Response::new(GetBucketReplicationOutput { replication_configuration: Some(kept) }))
}

pub(in crate::s3) async fn delete(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteBucketReplicationInput>,
) -> Result<S3Response<DeleteBucketReplicationOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "DeleteBucketReplication",
        action: "PutReplicationConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    remove::<ReplicationConfiguration>(store, bucket).await?;
    Ok(S3Response::new(DeleteBucketReplicationOutput::default()))
}
