//! What keeps a bucket from being public: PutPublicAccessBlock, GetPublicAccessBlock and DeletePublicAccessBlock.
//!
//! The block of a whole account, which the API of S3 Control sets, is not here.

use std::sync::Arc;

use http::StatusCode;
use s3s::dto::{
    DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput, GetPublicAccessBlockInput, GetPublicAccessBlockOutput,
    PublicAccessBlockConfiguration, PutPublicAccessBlockInput, PutPublicAccessBlockOutput,
};
use s3s::{S3Request, S3Response};

use super::call::Call;
use super::fault::Fault;
use super::store::{Addressed, PublicAccess, Store};

pub(super) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutPublicAccessBlockInput>,
) -> Result<S3Response<PutPublicAccessBlockOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_bucket("PutBucketPublicAccessBlock");
    let allowed = call.authorize_in(&named, "PutPublicAccessBlock", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let asked = input.public_access_block_configuration;
    let block = PublicAccess {
        block_acls: asked.block_public_acls.unwrap_or(false),
        ignore_acls: asked.ignore_public_acls.unwrap_or(false),
        block_policy: asked.block_public_policy.unwrap_or(false),
        restrict: asked.restrict_public_buckets.unwrap_or(false),
    };
    store
        .run(move |store| {
            store.index.change_settings(bucket.name(), |settings| {
                settings.public_access = Some(block);
                Ok(())
            })
        })
        .await?;
    Ok(S3Response::new(PutPublicAccessBlockOutput::default()))
}

pub(super) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetPublicAccessBlockInput>,
) -> Result<S3Response<GetPublicAccessBlockOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_bucket("GetBucketPublicAccessBlock");
    let allowed = call.authorize_in(&named, "GetPublicAccessBlock", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let Some(block) = bucket.row.settings.public_access else {
        return Err(Fault::coded(
            "NoSuchPublicAccessBlockConfiguration",
            StatusCode::NOT_FOUND,
            "The public access block configuration was not found",
        )
        .with("BucketName", bucket.name()));
    };
    Ok(S3Response::new(GetPublicAccessBlockOutput {
        public_access_block_configuration: Some(PublicAccessBlockConfiguration {
            block_public_acls: Some(block.block_acls),
            block_public_policy: Some(block.block_policy),
            ignore_public_acls: Some(block.ignore_acls),
            restrict_public_buckets: Some(block.restrict),
        }),
    }))
}

pub(super) async fn delete(
    store: &Arc<Store>, call: Call, request: S3Request<DeletePublicAccessBlockInput>,
) -> Result<S3Response<DeletePublicAccessBlockOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_bucket("PutBucketPublicAccessBlock");
    let allowed = call.authorize_in(&named, "DeletePublicAccessBlock", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    store
        .run(move |store| {
            store.index.change_settings(bucket.name(), |settings| {
                settings.public_access = None;
                Ok(())
            })
        })
        .await?;
    Ok(S3Response::new(DeletePublicAccessBlockOutput::default()))
}
