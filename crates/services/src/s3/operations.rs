//! The operations that are served, and where each is implemented. Every other answers `NotImplemented`, which is what
//! s3s's trait does by itself.

use std::sync::Arc;

use async_trait::async_trait;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result};

use super::call::run;
use super::multipart::complete;
use super::store::Store;
use super::{
    acl, bucket, copy, defaults, delete, get, list, lock, multipart, ownership, policy, public_access, put, tagging,
    versioning,
};

/// The operations on a store.
pub(super) struct Operations(pub(super) Arc<Store>);

/// Writes the methods of s3s's trait, each of which runs a function on the store.
macro_rules! operations {
    ($($method:ident($input:ty) -> $output:ty = $function:path;)*) => {
        #[async_trait]
        impl s3s::S3 for Operations {
            $(
                async fn $method(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                    run(request, |call, request| $function(&self.0, call, request)).await
                }
            )*
        }
    };
}

operations! {
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput = multipart::abort;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput = complete::complete;
    copy_object(CopyObjectInput) -> CopyObjectOutput = copy::copy_object;
    create_bucket(CreateBucketInput) -> CreateBucketOutput = bucket::create_bucket;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput = multipart::create;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = bucket::delete_bucket;
    delete_bucket_ownership_controls(DeleteBucketOwnershipControlsInput)
        -> DeleteBucketOwnershipControlsOutput = ownership::delete;
    delete_bucket_policy(DeleteBucketPolicyInput) -> DeleteBucketPolicyOutput = policy::delete;
    delete_bucket_tagging(DeleteBucketTaggingInput) -> DeleteBucketTaggingOutput = tagging::delete_bucket_tagging;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = delete::delete_object;
    delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput = tagging::delete_object_tagging;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = delete::delete_objects;
    delete_public_access_block(DeletePublicAccessBlockInput) -> DeletePublicAccessBlockOutput = public_access::delete;
    get_bucket_accelerate_configuration(GetBucketAccelerateConfigurationInput)
        -> GetBucketAccelerateConfigurationOutput = defaults::accelerate;
    get_bucket_acl(GetBucketAclInput) -> GetBucketAclOutput = acl::get_bucket;
    get_bucket_cors(GetBucketCorsInput) -> GetBucketCorsOutput = defaults::cors;
    get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput = defaults::encryption;
    get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInput)
        -> GetBucketLifecycleConfigurationOutput = defaults::lifecycle;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = bucket::get_bucket_location;
    get_bucket_logging(GetBucketLoggingInput) -> GetBucketLoggingOutput = defaults::logging;
    get_bucket_notification_configuration(GetBucketNotificationConfigurationInput)
        -> GetBucketNotificationConfigurationOutput = defaults::notification;
    get_bucket_ownership_controls(GetBucketOwnershipControlsInput)
        -> GetBucketOwnershipControlsOutput = ownership::get;
    get_bucket_policy(GetBucketPolicyInput) -> GetBucketPolicyOutput = policy::get;
    get_bucket_policy_status(GetBucketPolicyStatusInput) -> GetBucketPolicyStatusOutput = policy::status;
    get_bucket_replication(GetBucketReplicationInput) -> GetBucketReplicationOutput = defaults::replication;
    get_bucket_request_payment(GetBucketRequestPaymentInput)
        -> GetBucketRequestPaymentOutput = defaults::request_payment;
    get_bucket_tagging(GetBucketTaggingInput) -> GetBucketTaggingOutput = tagging::get_bucket_tagging;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = versioning::get;
    get_bucket_website(GetBucketWebsiteInput) -> GetBucketWebsiteOutput = defaults::website;
    get_object(GetObjectInput) -> GetObjectOutput = get::get_object;
    get_object_acl(GetObjectAclInput) -> GetObjectAclOutput = acl::get_object;
    get_object_attributes(GetObjectAttributesInput) -> GetObjectAttributesOutput = get::get_object_attributes;
    get_object_legal_hold(GetObjectLegalHoldInput) -> GetObjectLegalHoldOutput = lock::get_legal_hold;
    get_object_lock_configuration(GetObjectLockConfigurationInput)
        -> GetObjectLockConfigurationOutput = lock::get_configuration;
    get_object_retention(GetObjectRetentionInput) -> GetObjectRetentionOutput = lock::get_retention;
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput = tagging::get_object_tagging;
    get_public_access_block(GetPublicAccessBlockInput) -> GetPublicAccessBlockOutput = public_access::get;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = bucket::head_bucket;
    head_object(HeadObjectInput) -> HeadObjectOutput = get::head_object;
    list_buckets(ListBucketsInput) -> ListBucketsOutput = bucket::list_buckets;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput = multipart::list_uploads;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput = list::list_object_versions;
    list_objects(ListObjectsInput) -> ListObjectsOutput = list::list_objects;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = list::list_objects_v2;
    list_parts(ListPartsInput) -> ListPartsOutput = multipart::list_parts;
    put_bucket_acl(PutBucketAclInput) -> PutBucketAclOutput = acl::put_bucket;
    put_bucket_ownership_controls(PutBucketOwnershipControlsInput)
        -> PutBucketOwnershipControlsOutput = ownership::put;
    put_bucket_policy(PutBucketPolicyInput) -> PutBucketPolicyOutput = policy::put;
    put_bucket_tagging(PutBucketTaggingInput) -> PutBucketTaggingOutput = tagging::put_bucket_tagging;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput = versioning::put;
    put_object(PutObjectInput) -> PutObjectOutput = put::put_object;
    put_object_acl(PutObjectAclInput) -> PutObjectAclOutput = acl::put_object;
    put_object_legal_hold(PutObjectLegalHoldInput) -> PutObjectLegalHoldOutput = lock::put_legal_hold;
    put_object_lock_configuration(PutObjectLockConfigurationInput)
        -> PutObjectLockConfigurationOutput = lock::put_configuration;
    put_object_retention(PutObjectRetentionInput) -> PutObjectRetentionOutput = lock::put_retention;
    put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput = tagging::put_object_tagging;
    put_public_access_block(PutPublicAccessBlockInput) -> PutPublicAccessBlockOutput = public_access::put;
    upload_part(UploadPartInput) -> UploadPartOutput = multipart::upload_part;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = multipart::upload_part_copy;
}
