//! The default encryption of a bucket. [`default_of`] is what it is for new objects.
//!
//! Source: S3 API reference, PutBucketEncryption, ServerSideEncryptionByDefault.

use std::sync::Arc;

use s3s::dto::{
    DeleteBucketEncryptionInput, DeleteBucketEncryptionOutput, GetBucketEncryptionInput, GetBucketEncryptionOutput,
    PutBucketEncryptionInput, PutBucketEncryptionOutput, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use s3s::{S3Request, S3Response};

use super::super::encryption::{DefaultEncryption, Layers};
use super::{Asked, Call, Configuration, Fault, Store, parse, read, remove, require, write};

impl Configuration for ServerSideEncryptionConfiguration {
    const KIND: &'static str = "encryption";
}

pub(in crate::s3) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketEncryptionInput>,
) -> Result<S3Response<PutBucketEncryptionOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "PutBucketEncryption",
        action: "PutEncryptionConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let configuration = checked(input.server_side_encryption_configuration)?;
    write(store, bucket, &configuration).await?;
    Ok(S3Response::new(PutBucketEncryptionOutput::default()))
}

/// A configuration with one rule, which says whether there is a bucket key.
fn checked(configuration: ServerSideEncryptionConfiguration) -> Result<ServerSideEncryptionConfiguration, Fault> {
    let mut rules = configuration.rules;
    let rule = rules.pop().filter(|_| rules.is_empty()).ok_or_else(Fault::malformed)?;
    let default = match rule.apply_server_side_encryption_by_default {
        Some(default) => default,
        None => aes256(),
    };
    let algorithm = default.sse_algorithm.as_str();
    let known = [ServerSideEncryption::AES256, ServerSideEncryption::AWS_KMS, ServerSideEncryption::AWS_KMS_DSSE];
    require(known.contains(&algorithm))?;
    if default.kms_master_key_id.is_some() && algorithm == ServerSideEncryption::AES256 {
        return Err(Fault::invalid_argument(
            "ApplyServerSideEncryptionByDefault",
            "null",
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
        ));
    }
    let bucket_key_enabled = Some(rule.bucket_key_enabled.unwrap_or(false));
    let apply_server_side_encryption_by_default = Some(default);
    let rule = ServerSideEncryptionRule { apply_server_side_encryption_by_default, bucket_key_enabled };
    Ok(ServerSideEncryptionConfiguration { rules: vec![rule] })
}

fn aes256() -> ServerSideEncryptionByDefault {
    ServerSideEncryptionByDefault {
        kms_master_key_id: None,
        sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
    }
}

/// What new objects get that say nothing of it, by the document that a bucket keeps.
pub(in crate::s3) fn default_of(document: Option<&str>) -> Result<DefaultEncryption, Fault> {
    let Some(document) = document else { return Ok(DefaultEncryption::default()) };
    let kept: ServerSideEncryptionConfiguration = parse(document).ok_or(Fault::Interrupted)?;
    let Some(rule) = kept.rules.into_iter().next() else { return Ok(DefaultEncryption::default()) };
    let default = rule.apply_server_side_encryption_by_default.unwrap_or_else(aes256);
    let kms = match default.sse_algorithm.as_str() {
        ServerSideEncryption::AWS_KMS => Some(Layers::One),
        ServerSideEncryption::AWS_KMS_DSSE => Some(Layers::Two),
        _ => None,
    };
    Ok(DefaultEncryption { kms, key: default.kms_master_key_id, bucket_key: rule.bucket_key_enabled.unwrap_or(false) })
}

/// What holds for a bucket that nobody configured.
///
/// Source: S3 user guide, "Default settings for new S3 buckets FAQ".
fn unconfigured() -> ServerSideEncryptionConfiguration {
    let rule = ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(aes256()),
        bucket_key_enabled: Some(false),
    };
    ServerSideEncryptionConfiguration { rules: vec![rule] }
}

pub(in crate::s3) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketEncryptionInput>,
) -> Result<S3Response<GetBucketEncryptionOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "GetBucketEncryption",
        action: "GetEncryptionConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let kept = read(store, &bucket).await?.unwrap_or_else(unconfigured);
    Ok(S3Response::new(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(kept) }))
}

pub(in crate::s3) async fn delete(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteBucketEncryptionInput>,
) -> Result<S3Response<DeleteBucketEncryptionOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "DeleteBucketEncryption",
        action: "PutEncryptionConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    remove::<ServerSideEncryptionConfiguration>(store, bucket).await?;
    Ok(S3Response::new(DeleteBucketEncryptionOutput::default()))
}
