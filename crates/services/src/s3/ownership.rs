//! To whom the objects of a bucket belong: PutBucketOwnershipControls, GetBucketOwnershipControls and
//! DeleteBucketOwnershipControls.
//!
//! Whatever is set, objects belong to the bucket's owner here; the setting tells whether requests may speak of ACLs.

use std::sync::Arc;

use s3s::dto::{
    DeleteBucketOwnershipControlsInput, DeleteBucketOwnershipControlsOutput, GetBucketOwnershipControlsInput,
    GetBucketOwnershipControlsOutput, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PutBucketOwnershipControlsInput, PutBucketOwnershipControlsOutput,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::call::Call;
use super::fault::Fault;
use super::store::{Addressed, Ownership, Store};

/// The ownership of this name.
pub(super) fn named(name: &str) -> Option<Ownership> {
    Ownership::ALL.into_iter().find(|ownership| ownership.as_str() == name)
}

pub(super) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketOwnershipControlsInput>,
) -> Result<S3Response<PutBucketOwnershipControlsOutput>, Fault> {
    let input = request.input;
    let target = store.named(&call, &input.bucket, None).await?;
    let requirement = target.on_bucket("PutBucketOwnershipControls");
    let allowed = call.authorize_in(&target, "PutBucketOwnershipControls", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = target.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let asked = match input.ownership_controls.rules.as_slice() {
        [rule] => named(rule.object_ownership.as_str()),
        _ => None,
    };
    let asked = asked.ok_or_else(Fault::malformed)?;
    if asked == Ownership::BucketOwnerEnforced && bucket.row.acl.is_some() {
        let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
        return Err(Fault::new(S3ErrorCode::InvalidBucketAclWithObjectOwnership, message));
    }
    store
        .run(move |store| {
            store.index.change_settings(bucket.name(), |settings| {
                settings.ownership = Some(asked);
                Ok(())
            })
        })
        .await?;
    Ok(S3Response::new(PutBucketOwnershipControlsOutput::default()))
}

pub(super) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketOwnershipControlsInput>,
) -> Result<S3Response<GetBucketOwnershipControlsOutput>, Fault> {
    let input = request.input;
    let target = store.named(&call, &input.bucket, None).await?;
    let requirement = target.on_bucket("GetBucketOwnershipControls");
    let allowed = call.authorize_in(&target, "GetBucketOwnershipControls", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = target.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let ownership = bucket.row.settings.ownership.ok_or_else(|| {
        let message = "The bucket ownership controls were not found";
        Fault::new(S3ErrorCode::OwnershipControlsNotFoundError, message).with("BucketName", bucket.name())
    })?;
    Ok(S3Response::new(GetBucketOwnershipControlsOutput {
        ownership_controls: Some(OwnershipControls {
            rules: vec![OwnershipControlsRule { object_ownership: ObjectOwnership::from_static(ownership.as_str()) }],
        }),
    }))
}

pub(super) async fn delete(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteBucketOwnershipControlsInput>,
) -> Result<S3Response<DeleteBucketOwnershipControlsOutput>, Fault> {
    let input = request.input;
    let target = store.named(&call, &input.bucket, None).await?;
    let requirement = target.on_bucket("PutBucketOwnershipControls");
    let allowed = call.authorize_in(&target, "DeleteBucketOwnershipControls", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = target.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    store
        .run(move |store| {
            store.index.change_settings(bucket.name(), |settings| {
                settings.ownership = None;
                Ok(())
            })
        })
        .await?;
    Ok(S3Response::new(DeleteBucketOwnershipControlsOutput::default()))
}
