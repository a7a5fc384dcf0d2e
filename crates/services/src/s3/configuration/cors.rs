//! The rules for cross-origin requests: which there may be. `cross_origin.rs` applies them.
//!
//! Source: S3 API reference, PutBucketCors; S3 user guide, "Elements of a CORS configuration".

use std::sync::Arc;

use s3s::dto::{
    CORSConfiguration, CORSRule, DeleteBucketCorsInput, DeleteBucketCorsOutput, GetBucketCorsInput,
    GetBucketCorsOutput, PutBucketCorsInput, PutBucketCorsOutput,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::super::document::require_digest;
use super::{Asked, Call, Configuration, Fault, Store, argument, missing, read, remove, require, write};

/// How many rules there may be.
const MOST_RULES: usize = 100;

/// How large all of them may be.
const LARGEST: usize = 64 << 10;

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

impl Configuration for CORSConfiguration {
    const KIND: &'static str = "cors";
}

pub(in crate::s3) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketCorsInput>,
) -> Result<S3Response<PutBucketCorsOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "PutBucketCors",
        action: "PutBucketCORS",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    require_digest(&request.headers)?;
    check(&input.cors_configuration.cors_rules)?;
    write(store, bucket, &input.cors_configuration).await?;
    Ok(S3Response::new(PutBucketCorsOutput::default()))
}

fn check(rules: &[CORSRule]) -> Result<(), Fault> {
    require((1..=MOST_RULES).contains(&rules.len()))?;
    let size: usize = rules.iter().map(size).sum();
    if size > LARGEST {
        return Err(Fault::invalid_request("The CORS configuration is larger than 64 KB"));
    }
    rules.iter().try_for_each(check_rule)
}

/// How many bytes the values of a rule have.
fn size(rule: &CORSRule) -> usize {
    let lists = [Some(&rule.allowed_methods), Some(&rule.allowed_origins), rule.allowed_headers.as_ref()];
    let lists = lists.into_iter().chain([rule.expose_headers.as_ref()]).flatten();
    lists.flatten().map(|value| value.len() + 1).sum()
}

fn check_rule(rule: &CORSRule) -> Result<(), Fault> {
    require(!rule.allowed_methods.is_empty() && !rule.allowed_origins.is_empty())?;
    if rule.id.as_ref().is_some_and(|id| id.chars().count() > 255) {
        return Err(argument("ID length should not exceed allowed limit of 255"));
    }
    if let Some(method) = rule.allowed_methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
        return Err(Fault::invalid_request(format!(
            "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
        )));
    }
    let several = |value: &&String| value.matches('*').count() > 1;
    if let Some(origin) = rule.allowed_origins.iter().find(several) {
        return Err(Fault::invalid_request(format!("AllowedOrigin \"{origin}\" can not have more than one wildcard.")));
    }
    if let Some(header) = rule.allowed_headers.iter().flatten().find(several) {
        return Err(Fault::invalid_request(format!("AllowedHeader \"{header}\" can not have more than one wildcard.")));
    }
    if let Some(header) = rule.expose_headers.iter().flatten().find(|header| header.contains('*')) {
        return Err(Fault::invalid_request(format!(
            "ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
        )));
    }
    Ok(())
}

pub(in crate::s3) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketCorsInput>,
) -> Result<S3Response<GetBucketCorsOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "GetBucketCors",
        action: "GetBucketCORS",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let kept: Option<CORSConfiguration> = read(store, &bucket).await?;
    let kept = kept.ok_or_else(|| {
        missing(&bucket, S3ErrorCode::NoSuchCORSConfiguration, "The CORS configuration does not exist")
    })?;
    Ok(S3Response::new(GetBucketCorsOutput { cors_rules: Some(kept.cors_rules) }))
}

pub(in crate::s3) async fn delete(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteBucketCorsInput>,
) -> Result<S3Response<DeleteBucketCorsOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "DeleteBucketCors",
        action: "PutBucketCORS",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    remove::<CORSConfiguration>(store, bucket).await?;
    Ok(S3Response::new(DeleteBucketCorsOutput::default()))
}
