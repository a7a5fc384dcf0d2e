//! Whether a bucket keeps the versions of its objects.
//!
//! Source: S3 API reference, "PutBucketVersioning", "GetBucketVersioning".

use std::sync::Arc;

use http::StatusCode;
use s3s::dto::{
    BucketVersioningStatus, GetBucketVersioningInput, GetBucketVersioningOutput, MFADelete, PutBucketVersioningInput,
    PutBucketVersioningOutput, VersioningConfiguration,
};
use s3s::{S3Request, S3Response};

use super::call::Call;
use super::fault::Fault;
use super::store::{Addressed, Store, Versioning};

pub(super) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketVersioningInput>,
) -> Result<S3Response<PutBucketVersioningOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_bucket("PutBucketVersioning");
    let allowed = call.authorize_in(&named, "PutBucketVersioning", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let next = wanted(&input.versioning_configuration)?;
    store
        .run(move |store| {
            store.index.change_settings(bucket.name(), |settings| {
                if settings.lock.is_some() && next == Versioning::Suspended {
                    return Err(Fault::coded(
                        "InvalidBucketState",
                        StatusCode::CONFLICT,
                        "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
                    ));
                }
                settings.versioning = next;
                Ok(())
            })
        })
        .await?;
    Ok(S3Response::new(PutBucketVersioningOutput::default()))
}

fn wanted(configuration: &VersioningConfiguration) -> Result<Versioning, Fault> {
    match configuration.mfa_delete.as_ref().map(MFADelete::as_str) {
        None | Some(MFADelete::DISABLED) => {}
        Some(MFADelete::ENABLED) => return Err(Fault::not_implemented("MFA delete is not implemented")),
        Some(_) => return Err(Fault::malformed()),
    }
    match configuration.status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => Ok(Versioning::Enabled),
        Some(BucketVersioningStatus::SUSPENDED) => Ok(Versioning::Suspended),
        None if configuration.mfa_delete.is_none() => Err(Fault::coded(
            "IllegalVersioningConfigurationException",
            StatusCode::BAD_REQUEST,
            "The Versioning element must be specified",
        )),
        _ => Err(Fault::malformed()),
    }
}

pub(super) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketVersioningInput>,
) -> Result<S3Response<GetBucketVersioningOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_bucket("GetBucketVersioning");
    let allowed = call.authorize_in(&named, "GetBucketVersioning", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let status = match bucket.row.settings.versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some(BucketVersioningStatus::from_static(BucketVersioningStatus::ENABLED)),
        Versioning::Suspended => Some(BucketVersioningStatus::from_static(BucketVersioningStatus::SUSPENDED)),
    };
    Ok(S3Response::new(GetBucketVersioningOutput { mfa_delete: None, status }))
}
