//! What a bucket says of Object Lock.

use std::sync::Arc;

use http::StatusCode;
use s3s::dto::{
    self, GetObjectLockConfigurationInput, GetObjectLockConfigurationOutput, ObjectLockConfiguration,
    ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule, PutObjectLockConfigurationInput,
    PutObjectLockConfigurationOutput,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::super::call::Call;
use super::super::document::require_digest;
use super::super::fault::Fault;
use super::super::store::{Addressed, DefaultRetention, LockMode, Locking, Period, Store, Versioning};

/// The longest retention that a bucket gives, in days and in years.
const LONGEST: (i32, i32) = (36_500, 100);

pub(in crate::s3) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutObjectLockConfigurationInput>,
) -> Result<S3Response<PutObjectLockConfigurationOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_bucket("PutBucketObjectLockConfiguration");
    let allowed = call.authorize_in(&named, "PutObjectLockConfiguration", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    require_digest(&headers)?;
    let default = default_of(input.object_lock_configuration)?;
    store
        .run(move |store| {
            store.index.change_settings(bucket.name(), |settings| {
                if settings.versioning != Versioning::Enabled {
                    return Err(Fault::coded(
                        "InvalidBucketState",
                        StatusCode::CONFLICT,
                        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
                    ));
                }
                settings.lock = Some(Locking { default });
                Ok(())
            })
        })
        .await?;
    Ok(S3Response::new(PutObjectLockConfigurationOutput::default()))
}

fn default_of(configuration: Option<ObjectLockConfiguration>) -> Result<Option<DefaultRetention>, Fault> {
    let configuration = configuration.ok_or_else(Fault::malformed)?;
    if configuration.object_lock_enabled.as_ref().map(ObjectLockEnabled::as_str) != Some(ObjectLockEnabled::ENABLED) {
        return Err(Fault::malformed());
    }
    let Some(rule) = configuration.rule else { return Ok(None) };
    let asked = rule.default_retention.ok_or_else(Fault::malformed)?;
    let mode = asked.mode.as_ref().and_then(|mode| LockMode::parse(mode.as_str())).ok_or_else(Fault::malformed)?;
    let (period, length, longest) = match (asked.days, asked.years) {
        (Some(days), None) => (Period::Days(days), days, LONGEST.0),
        (None, Some(years)) => (Period::Years(years), years, LONGEST.1),
        _ => return Err(Fault::malformed()),
    };
    if length <= 0 {
        let message = "Default retention period must be a positive integer value.";
        return Err(Fault::new(S3ErrorCode::InvalidArgument, message));
    }
    if length > longest {
        return Err(Fault::new(S3ErrorCode::InvalidArgument, "Default retention period is too large."));
    }
    Ok(Some(DefaultRetention { mode, period }))
}

pub(in crate::s3) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetObjectLockConfigurationInput>,
) -> Result<S3Response<GetObjectLockConfigurationOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_bucket("GetBucketObjectLockConfiguration");
    let allowed = call.authorize_in(&named, "GetObjectLockConfiguration", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let Some(Locking { default }) = bucket.row.settings.lock else {
        let message = "Object Lock configuration does not exist for this bucket";
        return Err(
            Fault::new(S3ErrorCode::ObjectLockConfigurationNotFoundError, message).with("BucketName", bucket.name())
        );
    };
    let rule = default.map(|default| {
        let (days, years) = match default.period {
            Period::Days(days) => (Some(days), None),
            Period::Years(years) => (None, Some(years)),
        };
        let mode = Some(ObjectLockRetentionMode::from_static(default.mode.as_str()));
        ObjectLockRule { default_retention: Some(dto::DefaultRetention { days, mode, years }) }
    });
    Ok(S3Response::new(GetObjectLockConfigurationOutput {
        object_lock_configuration: Some(ObjectLockConfiguration {
            object_lock_enabled: Some(ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED)),
            rule,
        }),
    }))
}
