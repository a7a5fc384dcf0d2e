//! What AWS answers for a bucket that nobody configured. Nothing here can be changed: the operations that would change
//! it answer that they are not implemented.

use std::sync::Arc;

use s3s::dto::{
    GetBucketAccelerateConfigurationInput, GetBucketAccelerateConfigurationOutput, GetBucketCorsInput,
    GetBucketCorsOutput, GetBucketEncryptionInput, GetBucketEncryptionOutput, GetBucketLifecycleConfigurationInput,
    GetBucketLifecycleConfigurationOutput, GetBucketLoggingInput, GetBucketLoggingOutput,
    GetBucketNotificationConfigurationInput, GetBucketNotificationConfigurationOutput, GetBucketReplicationInput,
    GetBucketReplicationOutput, GetBucketRequestPaymentInput, GetBucketRequestPaymentOutput, GetBucketWebsiteInput,
    GetBucketWebsiteOutput, Payer, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
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
    accelerate,
    "GetBucketAccelerateConfiguration",
    "GetAccelerateConfiguration",
    GetBucketAccelerateConfigurationInput,
    GetBucketAccelerateConfigurationOutput,
    |_| Ok(GetBucketAccelerateConfigurationOutput::default())
);

unconfigured!(logging, "GetBucketLogging", "GetBucketLogging", GetBucketLoggingInput, GetBucketLoggingOutput, |_| Ok(
    GetBucketLoggingOutput::default()
));

unconfigured!(
    notification,
    "GetBucketNotificationConfiguration",
    "GetBucketNotification",
    GetBucketNotificationConfigurationInput,
    GetBucketNotificationConfigurationOutput,
    |_| Ok(GetBucketNotificationConfigurationOutput::default())
);

unconfigured!(
    request_payment,
    "GetBucketRequestPayment",
    "GetBucketRequestPayment",
    GetBucketRequestPaymentInput,
    GetBucketRequestPaymentOutput,
    |_| Ok(GetBucketRequestPaymentOutput { payer: Some(Payer::from_static(Payer::BUCKET_OWNER)) })
);

unconfigured!(
    encryption,
    "GetBucketEncryption",
    "GetEncryptionConfiguration",
    GetBucketEncryptionInput,
    GetBucketEncryptionOutput,
    |_| Ok(GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(ServerSideEncryptionConfiguration {
            rules: vec![ServerSideEncryptionRule {
                apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
                    kms_master_key_id: None,
                    sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
                }),
                bucket_key_enabled: Some(false),
            }],
        }),
    })
);

unconfigured!(cors, "GetBucketCors", "GetBucketCORS", GetBucketCorsInput, GetBucketCorsOutput, |bucket| missing(
    bucket,
    S3ErrorCode::NoSuchCORSConfiguration,
    "The CORS configuration does not exist"
));

unconfigured!(
    lifecycle,
    "GetBucketLifecycleConfiguration",
    "GetLifecycleConfiguration",
    GetBucketLifecycleConfigurationInput,
    GetBucketLifecycleConfigurationOutput,
    |bucket| {
        missing(bucket, S3ErrorCode::NoSuchLifecycleConfiguration, "The lifecycle configuration does not exist")
    }
);

unconfigured!(
    website,
    "GetBucketWebsite",
    "GetBucketWebsite",
    GetBucketWebsiteInput,
    GetBucketWebsiteOutput,
    |bucket| {
        let message = "The specified bucket does not have a website configuration";
        missing(bucket, S3ErrorCode::NoSuchWebsiteConfiguration, message)
    }
);

unconfigured!(
    replication,
    "GetBucketReplication",
    "GetReplicationConfiguration",
    GetBucketReplicationInput,
    GetBucketReplicationOutput,
    |bucket| {
        let message = "The replication configuration was not found";
        missing(bucket, S3ErrorCode::ReplicationConfigurationNotFoundError, message)
    }
);
