//! DeleteObject and DeleteObjects.

use std::sync::Arc;

use s3s::dto::{
    self, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    ObjectIdentifier,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::call::{Call, on_object};
use super::fault::Fault;
use super::get::check_version;
use super::put::condition;
use super::store::{Addressed, Condition, Store};

const MOST_KEYS: usize = 1000;

pub(super) async fn delete_object(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteObjectInput>,
) -> Result<S3Response<DeleteObjectOutput>, Fault> {
    let input = request.input;
    let requirement = on_object(action(input.version_id.as_deref()), &input.bucket, &input.key);
    let allowed = call.authorize("DeleteObject", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = store.bucket(&allowed, &call, &input.bucket, owner, Addressed::InItsRegion).await?;
    check_version(input.version_id.as_deref())?;
    if input.if_match_size.is_some() || input.if_match_last_modified_time.is_some() {
        return Err(Fault::not_implemented("A header you provided implies functionality that is not implemented"));
    }
    let condition = condition(input.if_match.as_ref(), None)?;
    let keys = vec![(input.key, condition)];
    store
        .run(move |store| {
            for outcome in store.index.remove_objects(bucket.name(), &keys)? {
                store.release(outcome?);
            }
            Ok(())
        })
        .await?;
    Ok(S3Response::new(DeleteObjectOutput::default()))
}

pub(super) async fn delete_objects(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteObjectsInput>,
) -> Result<S3Response<DeleteObjectsOutput>, Fault> {
    let input = request.input;
    let requirements: Vec<_> = input
        .delete
        .objects
        .iter()
        .map(|object| on_object(action(object.version_id.as_deref()), &input.bucket, &object.key))
        .collect();
    if requirements.is_empty() || requirements.len() > MOST_KEYS {
        return Err(Fault::new(
            S3ErrorCode::MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema",
        ));
    }
    let allowed = call.authorize("DeleteObjects", requirements).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = store.bucket(&allowed, &call, &input.bucket, owner, Addressed::InItsRegion).await?;

    let mut errors = Vec::new();
    let mut accepted = Vec::new();
    for object in input.delete.objects {
        match acceptable(&object) {
            Ok(condition) => accepted.push((object.key, condition)),
            Err(fault) => errors.push(error_of(object.key, fault)),
        }
    }
    let outcomes = store
        .run(move |store| {
            let outcomes = store.index.remove_objects(bucket.name(), &accepted)?;
            let outcomes = outcomes.into_iter().map(|outcome| outcome.map(|replaced| store.release(replaced)));
            Ok(accepted.into_iter().map(|(key, _)| key).zip(outcomes.collect::<Vec<_>>()).collect::<Vec<_>>())
        })
        .await?;
    let mut deleted = Vec::new();
    for (key, outcome) in outcomes {
        match outcome {
            Ok(()) => deleted.push(DeletedObject { key: Some(key), ..DeletedObject::default() }),
            Err(fault) => errors.push(error_of(key, fault)),
        }
    }
    let quiet = input.delete.quiet.unwrap_or(false);
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: (!quiet).then_some(deleted),
        errors: (!errors.is_empty()).then_some(errors),
        request_charged: None,
    }))
}

fn action(version: Option<&str>) -> &'static str {
    if version.is_some() { "DeleteObjectVersion" } else { "DeleteObject" }
}

fn acceptable(object: &ObjectIdentifier) -> Result<Condition, Fault> {
    check_version(object.version_id.as_deref())?;
    if object.key.len() > 1024 {
        return Err(Fault::new(S3ErrorCode::KeyTooLongError, "Your key is too long"));
    }
    if object.size.is_some() || object.last_modified_time.is_some() {
        return Err(Fault::not_implemented("A condition on the size or the time of an object is not implemented"));
    }
    Ok(Condition { absent: false, etag: object.e_tag.as_ref().map(|etag| etag.value().to_owned()) })
}

fn error_of(key: String, fault: Fault) -> dto::Error {
    let (error, _) = fault.into_parts();
    dto::Error {
        code: Some(error.code().as_str().to_owned()),
        message: error.message().map(str::to_owned),
        key: Some(key),
        version_id: None,
    }
}
