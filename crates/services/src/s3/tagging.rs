//! The tags of objects and of buckets.

use std::sync::Arc;

use s3s::dto::{
    DeleteBucketTaggingInput, DeleteBucketTaggingOutput, DeleteObjectTaggingInput, DeleteObjectTaggingOutput,
    GetBucketTaggingInput, GetBucketTaggingOutput, GetObjectTaggingInput, GetObjectTaggingOutput,
    PutBucketTaggingInput, PutBucketTaggingOutput, PutObjectTaggingInput, PutObjectTaggingOutput,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::attributes::{bucket_tags, object_tags, pairs_of_set, set_of_tags};
use super::call::Call;
use super::document::require_digest;
use super::event::{Happening, Origin};
use super::fault::Fault;
use super::requirement::with_request_tags;
use super::store::{Addressed, AllowedBucket, Store, Tags};
use super::version::VersionId;

pub(super) async fn get_object_tagging(
    store: &Arc<Store>, call: Call, request: S3Request<GetObjectTaggingInput>,
) -> Result<S3Response<GetObjectTaggingOutput>, Fault> {
    let input = request.input;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirement = named.on_version("GetObjectTagging", &input.key, version);
    let allowed = call.authorize_in(&named, "GetObjectTagging", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let object = call.found(&named, "GetObjectTagging", store.object(&bucket, &input.key, version).await).await?;
    Ok(S3Response::new(GetObjectTaggingOutput {
        tag_set: set_of_tags(&object.tags),
        version_id: shown_version(&bucket, &object.version),
    }))
}

pub(super) async fn put_object_tagging(
    store: &Arc<Store>, call: Call, request: S3Request<PutObjectTaggingInput>,
) -> Result<S3Response<PutObjectTaggingOutput>, Fault> {
    let input = request.input;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirement = named.on_version("PutObjectTagging", &input.key, version);
    let asked = pairs_of_set(input.tagging.tag_set.clone()).collect();
    let requirement = with_request_tags(requirement, &asked);
    let allowed = call.authorize_in(&named, "PutObjectTagging", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let tags = object_tags(pairs_of_set(input.tagging.tag_set))?;
    let told = (Happening::Tagged, Origin::of(&call));
    let version_id = set_object_tags(store, bucket, input.key, version, tags, told).await?;
    Ok(S3Response::new(PutObjectTaggingOutput { version_id }))
}

pub(super) async fn delete_object_tagging(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteObjectTaggingInput>,
) -> Result<S3Response<DeleteObjectTaggingOutput>, Fault> {
    let input = request.input;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirement = named.on_version("DeleteObjectTagging", &input.key, version);
    let allowed = call.authorize_in(&named, "DeleteObjectTagging", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let told = (Happening::Untagged, Origin::of(&call));
    let version_id = set_object_tags(store, bucket, input.key, version, Tags::new(), told).await?;
    Ok(S3Response::new(DeleteObjectTaggingOutput { version_id }))
}

/// Sets the tags of an object or a version of it, and returns the version as answers show it.
async fn set_object_tags(
    store: &Arc<Store>, bucket: AllowedBucket, key: String, version: Option<&str>, tags: Tags,
    told: (Happening, Origin),
) -> Result<Option<String>, Fault> {
    let version = VersionId::asked(version)?;
    store
        .run(move |store| {
            let told = (told.0, &told.1);
            let version = store.index.set_object_tags(bucket.name(), &key, version.as_ref(), &tags, told)?;
            Ok(shown_version(&bucket, &version))
        })
        .await
}

/// The version of an object as answers show it: not at all where the bucket never had any.
pub(super) fn shown_version(bucket: &AllowedBucket, version: &VersionId) -> Option<String> {
    bucket.row.settings.has_versions().then(|| version.as_str().to_owned())
}

pub(super) async fn get_bucket_tagging(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketTaggingInput>,
) -> Result<S3Response<GetBucketTaggingOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let allowed = call.authorize_in(&named, "GetBucketTagging", [named.on_bucket("GetBucketTagging")]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    if bucket.row.tags.is_empty() {
        return Err(
            Fault::new(S3ErrorCode::NoSuchTagSet, "The TagSet does not exist").with("BucketName", bucket.name())
        );
    }
    Ok(S3Response::new(GetBucketTaggingOutput { tag_set: set_of_tags(&bucket.row.tags) }))
}

pub(super) async fn put_bucket_tagging(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketTaggingInput>,
) -> Result<S3Response<PutBucketTaggingOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let named = store.named(&call, &input.bucket, None).await?;
    let allowed = call.authorize_in(&named, "PutBucketTagging", [named.on_bucket("PutBucketTagging")]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    require_digest(&headers)?;
    let tags = bucket_tags(pairs_of_set(input.tagging.tag_set))?;
    store.run(move |store| store.index.set_bucket_tags(bucket.name(), &tags)).await?;
    Ok(S3Response::new(PutBucketTaggingOutput::default()))
}

pub(super) async fn delete_bucket_tagging(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteBucketTaggingInput>,
) -> Result<S3Response<DeleteBucketTaggingOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let allowed = call.authorize_in(&named, "DeleteBucketTagging", [named.on_bucket("PutBucketTagging")]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    store.run(move |store| store.index.set_bucket_tags(bucket.name(), &Tags::new())).await?;
    Ok(S3Response::new(DeleteBucketTaggingOutput::default()))
}
