//! What AWS answers for a bucket that nobody configured, of what cannot be configured here: the operations that would
//! change it answer that they are not implemented.

use std::sync::Arc;

use s3s::dto::{
    GetBucketVersioningInput, GetBucketVersioningOutput, GetObjectLockConfigurationInput,
    GetObjectLockConfigurationOutput,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::call::Call;
use super::fault::Fault;
use super::store::{Addressed, AllowedBucket, Store};

/// Defines the read of a configuration: the operation, the action it requires, its types, and what a bucket without
/// that configuration answers.
macro_rules! unconfigured {
    ($name:ident, $operation:literal, $action:literal, $input:ty, $output:ty, $answer:expr) => {
        pub(super) async fn $name(
            store: &Arc<Store>, call: Call, request: S3Request<$input>,
        ) -> Result<S3Response<$output>, Fault> {
            let input = request.input;
            let named = store.named(&call, &input.bucket, None).await?;
            let allowed = call.authorize_in(&named, $operation, [named.on_bucket($action)]).await?;
            let owner = input.expected_bucket_owner.as_deref();
            let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
            let answer: fn(&AllowedBucket) -> Result<$output, Fault> = $answer;
            answer(&bucket).map(S3Response::new)
        }
    };
}

fn missing<T>(bucket: &AllowedBucket, code: S3ErrorCode, message: &'static str) -> Result<T, Fault> {
    Err(Fault::new(code, message).with("BucketName", bucket.name()))
}

unconfigured!(
    versioning,
    "GetBucketVersioning",
    "GetBucketVersioning",
    GetBucketVersioningInput,
    GetBucketVersioningOutput,
    |_| Ok(GetBucketVersioningOutput::default())
);

unconfigured!(
    object_lock,
    "GetObjectLockConfiguration",
    "GetBucketObjectLockConfiguration",
    GetObjectLockConfigurationInput,
    GetObjectLockConfigurationOutput,
    |bucket| {
        let message = "Object Lock configuration does not exist for this bucket";
        missing(bucket, S3ErrorCode::ObjectLockConfigurationNotFoundError, message)
    }
);
