//! Object Lock: retentions and legal holds on versions, and what a bucket gives to new ones.
//!
//! Source: S3 user guide, "Locking objects with Object Lock"; S3 API reference, "PutObjectRetention", "PutObjectLegalHold",
//! "PutObjectLockConfiguration".

mod configuration;

use std::sync::Arc;

use http::HeaderMap;
use s3s::dto::{
    GetObjectLegalHoldInput, GetObjectLegalHoldOutput, GetObjectRetentionInput, GetObjectRetentionOutput,
    ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockRetention, ObjectLockRetentionMode,
    PutObjectLegalHoldInput, PutObjectLegalHoldOutput, PutObjectRetentionInput, PutObjectRetentionOutput, Timestamp,
    TimestampFormat,
};
use s3s::{S3ErrorCode, S3Request, S3Response};
use sidegate_iam::Requirement;
use time::OffsetDateTime;

pub(super) use configuration::{get as get_configuration, put as put_configuration};

use super::attributes::text;
use super::call::{Call, timestamp};
use super::document::require_digest;
use super::fault::Fault;
use super::receive::Claims;
use super::requirement::Named;
use super::store::{Addressed, AllowedBucket, Lock, LockMode, Locking, Object, Retention, Settings, Store};
use super::version::VersionId;

const DAY: i64 = 86_400_000;

/// What a request asks to keep its new object by, or what its bucket gives to it.
pub(super) fn asked(headers: &HeaderMap, settings: &Settings, now: i64) -> Result<Lock, Fault> {
    let mode = text(headers, "x-amz-object-lock-mode");
    let until = text(headers, "x-amz-object-lock-retain-until-date");
    let hold = text(headers, "x-amz-object-lock-legal-hold");
    let Some(Locking { default }) = settings.lock else {
        return if mode.is_some() || until.is_some() || hold.is_some() {
            Err(no_configuration())
        } else {
            Ok(Lock::default())
        };
    };
    let retention = match (mode, until) {
        (None, None) => default.map(|default| default.from(now)),
        (Some(mode), Some(until)) => {
            let mode = LockMode::parse(&mode).ok_or_else(|| {
                Fault::invalid_argument("x-amz-object-lock-mode", mode, "Unknown wormMode directive.")
            })?;
            let parsed = Timestamp::parse(TimestampFormat::DateTime, &until).map_err(|_| {
                let name = "x-amz-object-lock-retain-until-date";
                Fault::invalid_argument(name, until, "The retain until date must be provided in ISO 8601 format")
            })?;
            Some(Retention { mode, until: future(parsed, now)? })
        }
        _ => {
            return Err(Fault::new(
                S3ErrorCode::InvalidArgument,
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
            )
            .with("ArgumentName", "x-amz-object-lock-retain-until-date"));
        }
    };
    Ok(Lock { retention, hold: hold.map(|hold| is_on(&hold)).transpose()? })
}

/// Whether a request says how its object is to be kept.
pub(super) fn is_asked(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| name.as_str().starts_with("x-amz-object-lock-"))
}

/// Refuses an object that is to be kept, by its own headers or by its bucket's default, without a digest of its bytes.
///
/// Source: S3 API reference, "PutObject" (`Content-MD5`); aws/aws-sdk-php, issue 1694 (the default of a bucket).
pub(super) fn require_digest_of(claims: &Claims) -> Result<(), Fault> {
    if claims.has_digest() {
        return Ok(());
    }
    Err(Fault::invalid_request(
        "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
    ))
}

/// What the making of an object with such headers requires besides.
///
/// Source: S3 API reference, "PutObject" (Permissions).
pub(super) fn requirements(named: &Named, headers: &HeaderMap, key: &str) -> Vec<Requirement> {
    let retained = text(headers, "x-amz-object-lock-mode").is_some();
    let held = text(headers, "x-amz-object-lock-legal-hold").is_some();
    let with_keys = |requirement| with_keys(requirement, headers, named.now());
    let retention = retained.then(|| with_keys(named.on_object("PutObjectRetention", key)));
    let hold = held.then(|| with_keys(named.on_object("PutObjectLegalHold", key)));
    retention.into_iter().chain(hold).collect()
}

/// With the condition keys of what the headers ask for the lock of a new object.
///
/// Source: S3 user guide, "Object Lock considerations", "Limiting retention periods".
pub(super) fn with_keys(mut requirement: Requirement, headers: &HeaderMap, now: i64) -> Requirement {
    for (header, key) in [
        ("x-amz-object-lock-mode", "s3:object-lock-mode"),
        ("x-amz-object-lock-legal-hold", "s3:object-lock-legal-hold"),
        ("x-amz-object-lock-retain-until-date", "s3:object-lock-retain-until-date"),
    ] {
        if let Some(value) = text(headers, header) {
            requirement = requirement.with(key, value);
        }
    }
    let until = text(headers, "x-amz-object-lock-retain-until-date")
        .and_then(|until| Timestamp::parse(TimestampFormat::DateTime, &until).ok());
    match until {
        Some(date) => requirement.with("s3:object-lock-remaining-retention-days", remaining_days(date, now)),
        None => requirement,
    }
}

/// For how many days more something is kept.
fn remaining_days(until: Timestamp, now: i64) -> String {
    let until = OffsetDateTime::from(until).unix_timestamp().saturating_mul(1000);
    until.saturating_sub(now).div_euclid(DAY).to_string()
}

fn future(date: Timestamp, now: i64) -> Result<i64, Fault> {
    let milliseconds = OffsetDateTime::from(date).unix_timestamp_nanos() / 1_000_000;
    let until = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    if until <= now {
        return Err(Fault::new(S3ErrorCode::InvalidArgument, "The retain until date must be in the future!"));
    }
    Ok(until)
}

fn is_on(hold: &str) -> Result<bool, Fault> {
    match hold {
        ObjectLockLegalHoldStatus::ON => Ok(true),
        ObjectLockLegalHoldStatus::OFF => Ok(false),
        other => Err(Fault::invalid_argument(
            "x-amz-object-lock-legal-hold",
            other,
            "Legal Hold must be either of 'ON' or 'OFF'",
        )),
    }
}

fn status_of(hold: bool) -> &'static str {
    if hold { ObjectLockLegalHoldStatus::ON } else { ObjectLockLegalHoldStatus::OFF }
}

fn no_configuration() -> Fault {
    Fault::invalid_request("Bucket is missing Object Lock Configuration")
}

fn no_lock() -> Fault {
    Fault::new(
        S3ErrorCode::NoSuchObjectLockConfiguration,
        "The specified object does not have a ObjectLock configuration",
    )
}

fn require_configuration(bucket: &AllowedBucket) -> Result<(), Fault> {
    if bucket.row.settings.lock.is_some() { Ok(()) } else { Err(no_configuration()) }
}

/// Whether a request that asks to pass a retention in governance mode by may do so. One that may not is as one that does
/// not ask.
///
/// Source: S3 user guide, "Locking objects with Object Lock", "Governance mode".
pub(super) async fn may_bypass(call: &Call, named: &Named, operation: &'static str, key: &str, asked: bool) -> bool {
    asked
        && named.has_locks()
        && call.authorize(operation, [named.on_object("BypassGovernanceRetention", key)]).await.is_ok()
}

/// What PutObjectRetention requires.
pub(super) fn retaining(named: &Named, key: &str, version: Option<&str>, asked: &ObjectLockRetention) -> Requirement {
    let mut requirement = named.on_lock("PutObjectRetention", key, version);
    if let Some(mode) = &asked.mode {
        requirement = requirement.with("s3:object-lock-mode", mode.as_str());
    }
    if let Some(date) = &asked.retain_until_date {
        let days = remaining_days(date.clone(), named.now());
        requirement = requirement.with("s3:object-lock-remaining-retention-days", days);
    }
    requirement
}

/// What PutObjectLegalHold requires.
pub(super) fn holding(
    named: &Named, key: &str, version: Option<&str>, status: Option<&ObjectLockLegalHoldStatus>,
) -> Requirement {
    let requirement = named.on_lock("PutObjectLegalHold", key, version);
    match status {
        Some(status) => requirement.with("s3:object-lock-legal-hold", status.as_str()),
        None => requirement,
    }
}

/// What answers say of a lock.
pub(super) struct Shown {
    pub(super) mode: Option<String>,
    pub(super) until: Option<Timestamp>,
    pub(super) hold: Option<ObjectLockLegalHoldStatus>,
}

/// What an answer says of an object's lock: only to those who may ask for it.
///
/// Source: S3 API reference, "GetObject" (x-amz-object-lock-mode).
pub(super) async fn shown(call: &Call, named: &Named, operation: &'static str, object: &Object) -> Shown {
    let Lock { retention, hold } = object.lock;
    let version = (!object.version.is_null()).then(|| object.version.as_str());
    let mut shown = Shown { mode: None, until: None, hold: None };
    if let Some(retention) = retention
        && call.authorize(operation, [named.on_lock("GetObjectRetention", &object.key, version)]).await.is_ok()
    {
        shown.mode = Some(retention.mode.as_str().to_owned());
        shown.until = Some(timestamp(retention.until));
    }
    if let Some(hold) = hold
        && call.authorize(operation, [named.on_lock("GetObjectLegalHold", &object.key, version)]).await.is_ok()
    {
        shown.hold = Some(ObjectLockLegalHoldStatus::from_static(status_of(hold)));
    }
    shown
}

pub(super) async fn put_retention(
    store: &Arc<Store>, call: Call, request: S3Request<PutObjectRetentionInput>,
) -> Result<S3Response<PutObjectRetentionOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let named = store.named(&call, &input.bucket, None).await?;
    let now = call.caller.now;
    let bypass = input.bypass_governance_retention.unwrap_or(false);
    let asked = input.retention.unwrap_or_default();
    let requirement = retaining(&named, &input.key, input.version_id.as_deref(), &asked);
    let allowed = call.authorize_in(&named, "PutObjectRetention", [requirement]).await?;
    let bypass = may_bypass(&call, &named, "PutObjectRetention", &input.key, bypass).await;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    require_digest(&headers)?;
    require_configuration(&bucket)?;
    let next = match (asked.mode.as_ref().map(ObjectLockRetentionMode::as_str), asked.retain_until_date) {
        (None, None) => None,
        (Some(mode), Some(date)) => {
            let mode = LockMode::parse(mode).ok_or_else(Fault::malformed)?;
            Some(Retention { mode, until: future(date, now)? })
        }
        _ => return Err(Fault::malformed()),
    };
    let version = VersionId::asked(input.version_id.as_deref())?;
    let key = input.key;
    store.run(move |store| store.index.set_retention(bucket.name(), &key, version.as_ref(), next, now, bypass)).await?;
    Ok(S3Response::new(PutObjectRetentionOutput::default()))
}

pub(super) async fn get_retention(
    store: &Arc<Store>, call: Call, request: S3Request<GetObjectRetentionInput>,
) -> Result<S3Response<GetObjectRetentionOutput>, Fault> {
    let input = request.input;
    let version = input.version_id.as_deref();
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_lock("GetObjectRetention", &input.key, version);
    let allowed = call.authorize_in(&named, "GetObjectRetention", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    require_configuration(&bucket)?;
    let object = call.found(&named, "GetObjectRetention", store.object(&bucket, &input.key, version).await).await?;
    let retention = object.lock.retention.ok_or_else(no_lock)?;
    Ok(S3Response::new(GetObjectRetentionOutput {
        retention: Some(ObjectLockRetention {
            mode: Some(ObjectLockRetentionMode::from_static(retention.mode.as_str())),
            retain_until_date: Some(timestamp(retention.until)),
        }),
    }))
}

pub(super) async fn put_legal_hold(
    store: &Arc<Store>, call: Call, request: S3Request<PutObjectLegalHoldInput>,
) -> Result<S3Response<PutObjectLegalHoldOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let named = store.named(&call, &input.bucket, None).await?;
    let status = input.legal_hold.and_then(|hold| hold.status);
    let requirement = holding(&named, &input.key, input.version_id.as_deref(), status.as_ref());
    let allowed = call.authorize_in(&named, "PutObjectLegalHold", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    require_digest(&headers)?;
    require_configuration(&bucket)?;
    let hold = status.as_ref().and_then(|status| is_on(status.as_str()).ok()).ok_or_else(Fault::malformed)?;
    let version = VersionId::asked(input.version_id.as_deref())?;
    let key = input.key;
    store.run(move |store| store.index.set_hold(bucket.name(), &key, version.as_ref(), hold)).await?;
    Ok(S3Response::new(PutObjectLegalHoldOutput::default()))
}

pub(super) async fn get_legal_hold(
    store: &Arc<Store>, call: Call, request: S3Request<GetObjectLegalHoldInput>,
) -> Result<S3Response<GetObjectLegalHoldOutput>, Fault> {
    let input = request.input;
    let version = input.version_id.as_deref();
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_lock("GetObjectLegalHold", &input.key, version);
    let allowed = call.authorize_in(&named, "GetObjectLegalHold", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    require_configuration(&bucket)?;
    let object = call.found(&named, "GetObjectLegalHold", store.object(&bucket, &input.key, version).await).await?;
    let status = object.lock.hold.map(status_of).ok_or_else(no_lock)?;
    Ok(S3Response::new(GetObjectLegalHoldOutput {
        legal_hold: Some(ObjectLockLegalHold { status: Some(ObjectLockLegalHoldStatus::from_static(status)) }),
    }))
}
