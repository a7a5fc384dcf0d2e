//! Lifecycle rules. They are kept, and nothing expires or moves.
//!
//! Source: S3 API reference, PutBucketLifecycleConfiguration, GetBucketLifecycleConfiguration, DeleteBucketLifecycle.

mod check;
mod transitions;

use std::sync::Arc;

use s3s::dto::{
    BucketLifecycleConfiguration, DeleteBucketLifecycleInput, DeleteBucketLifecycleOutput,
    GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput, PutBucketLifecycleConfigurationInput,
    PutBucketLifecycleConfigurationOutput, TransitionDefaultMinimumObjectSize,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::super::document::require_digest;
use super::{Asked, Call, Configuration, Fault, Store, Which, document, missing, parse};

impl Configuration for BucketLifecycleConfiguration {
    const KIND: &'static str = "lifecycle";
}

/// The kind of the row that says from which size on objects move, where nothing else is said.
const SMALLEST: &str = "lifecycle-smallest";

pub(in crate::s3) async fn put(
    store: &Arc<Store>, call: Call, request: S3Request<PutBucketLifecycleConfigurationInput>,
) -> Result<S3Response<PutBucketLifecycleConfigurationOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "PutBucketLifecycleConfiguration",
        action: "PutLifecycleConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    require_digest(&request.headers)?;
    let smallest = smallest(input.transition_default_minimum_object_size)?;
    let mut configuration = input.lifecycle_configuration.ok_or_else(Fault::malformed)?;
    check::check(&mut configuration.rules)?;
    let (body, kept) = (document(&configuration)?, smallest.as_str().to_owned());
    store
        .run(move |store| {
            let which = |kind| Which { bucket: bucket.name(), kind, id: "" };
            store.index.put_configuration(which(SMALLEST), &kept, u32::MAX)?;
            store.index.put_configuration(which(BucketLifecycleConfiguration::KIND), &body, u32::MAX)
        })
        .await?;
    Ok(S3Response::new(PutBucketLifecycleConfigurationOutput {
        transition_default_minimum_object_size: Some(smallest),
    }))
}

fn smallest(asked: Option<TransitionDefaultMinimumObjectSize>) -> Result<TransitionDefaultMinimumObjectSize, Fault> {
    type Size = TransitionDefaultMinimumObjectSize;
    match asked {
        None => Ok(Size::from_static(Size::ALL_STORAGE_CLASSES_128K)),
        Some(size) if [Size::ALL_STORAGE_CLASSES_128K, Size::VARIES_BY_STORAGE_CLASS].contains(&size.as_str()) => {
            Ok(size)
        }
        Some(size) => Err(Fault::invalid_argument(
            "x-amz-transition-default-minimum-object-size",
            size.as_str(),
            "The specified transition default minimum object size is not valid",
        )),
    }
}

pub(in crate::s3) async fn get(
    store: &Arc<Store>, call: Call, request: S3Request<GetBucketLifecycleConfigurationInput>,
) -> Result<S3Response<GetBucketLifecycleConfigurationOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "GetBucketLifecycleConfiguration",
        action: "GetLifecycleConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    let name = bucket.name().to_owned();
    let (body, size) = store
        .run(move |store| {
            let of = |kind| store.index.configuration(Which { bucket: &name, kind, id: "" });
            Ok((of(BucketLifecycleConfiguration::KIND)?, of(SMALLEST)?))
        })
        .await?;
    let kept: Option<BucketLifecycleConfiguration> = body.and_then(|body| parse(&body));
    let kept = kept.ok_or_else(|| {
        let message = "The lifecycle configuration does not exist";
        missing(&bucket, S3ErrorCode::NoSuchLifecycleConfiguration, message)
    })?;
    Ok(S3Response::new(GetBucketLifecycleConfigurationOutput {
        rules: Some(kept.rules),
        transition_default_minimum_object_size: size.map(TransitionDefaultMinimumObjectSize::from),
    }))
}

pub(in crate::s3) async fn delete(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteBucketLifecycleInput>,
) -> Result<S3Response<DeleteBucketLifecycleOutput>, Fault> {
    let input = request.input;
    let bucket = Asked {
        operation: "DeleteBucketLifecycle",
        action: "PutLifecycleConfiguration",
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
    }
    .open(store, &call)
    .await?;
    store
        .run(move |store| {
            for kind in [BucketLifecycleConfiguration::KIND, SMALLEST] {
                store.index.remove_configuration(Which { bucket: bucket.name(), kind, id: "" })?;
            }
            Ok(())
        })
        .await?;
    Ok(S3Response::new(DeleteBucketLifecycleOutput::default()))
}
