//! DeleteObject and DeleteObjects.

use std::sync::Arc;

use s3s::dto::{
    self, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    ObjectIdentifier,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::call::Call;
use super::fault::Fault;
use super::get::check_version;
use super::put::condition;
use super::requirement::Named;
use super::store::{Addressed, Condition, Store};
use crate::Authorized;

const MOST_KEYS: usize = 1000;

pub(super) async fn delete_object(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteObjectInput>,
) -> Result<S3Response<DeleteObjectOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_version("DeleteObject", &input.key, input.version_id.as_deref());
    let allowed = call.authorize_in(&named, "DeleteObject", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
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
    if input.delete.objects.is_empty() || input.delete.objects.len() > MOST_KEYS {
        return Err(Fault::new(
            S3ErrorCode::MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema",
        ));
    }
    let named = store.named(&call, &input.bucket, None).await?;
    let quiet = input.delete.quiet.unwrap_or(false);
    let Permitted { allowed, objects, mut errors } = permitted(&call, &named, input.delete.objects).await?;
    let Some(allowed) = allowed else {
        return Ok(answer(quiet, Vec::new(), errors));
    };
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;

    let mut accepted = Vec::new();
    for object in objects {
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
    Ok(answer(quiet, deleted, errors))
}

fn answer(quiet: bool, deleted: Vec<DeletedObject>, errors: Vec<dto::Error>) -> S3Response<DeleteObjectsOutput> {
    S3Response::new(DeleteObjectsOutput {
        deleted: (!quiet).then_some(deleted),
        errors: (!errors.is_empty()).then_some(errors),
        request_charged: None,
    })
}

/// The objects of a batch that the caller may delete.
struct Permitted {
    /// `None` if it is none of them.
    allowed: Option<Authorized>,
    objects: Vec<ObjectIdentifier>,
    errors: Vec<dto::Error>,
}

/// Asks for all at once, which is most often allowed, and otherwise for each: what is denied is an entry of the result.
async fn permitted(call: &Call, named: &Named, asked: Vec<ObjectIdentifier>) -> Result<Permitted, Fault> {
    let requirement =
        |object: &ObjectIdentifier| named.on_version("DeleteObject", &object.key, object.version_id.as_deref());
    let all: Vec<_> = asked.iter().map(requirement).collect();
    let denied = match call.authorize_in(named, "DeleteObjects", all).await {
        Ok(allowed) => return Ok(Permitted { allowed: Some(allowed), objects: asked, errors: Vec::new() }),
        Err(fault) => fault,
    };
    if !named.exists() || !denied.is_access_denied() {
        return Err(denied);
    }
    let mut permitted = Permitted { allowed: None, objects: Vec::new(), errors: Vec::new() };
    for object in asked {
        match call.authorize("DeleteObjects", [requirement(&object)]).await {
            Ok(allowed) => {
                permitted.allowed = Some(allowed);
                permitted.objects.push(object);
            }
            Err(fault) if fault.is_access_denied() => permitted.errors.push(error_of(object.key, fault)),
            Err(fault) => return Err(fault),
        }
    }
    Ok(permitted)
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
