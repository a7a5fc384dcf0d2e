//! DeleteObject and DeleteObjects.

use std::sync::Arc;

use s3s::dto::{
    self, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETag,
    ObjectIdentifier,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::attributes::text;
use super::call::Call;
use super::document::require_digest;
use super::event::Origin;
use super::fault::Fault;
use super::lock::may_bypass;
use super::put::condition;
use super::requirement::Named;
use super::store::{Addressed, Condition, Removal, Removed, Store};
use super::version::VersionId;
use crate::Authorized;

/// The largest number of objects in a batch.
pub(super) const MOST_KEYS: usize = 1000;

pub(super) async fn delete_object(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteObjectInput>,
) -> Result<S3Response<DeleteObjectOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let version = input.version_id.as_deref();
    let bypass = input.bypass_governance_retention.unwrap_or(false);
    let tagged = Some(input.key.as_str()).filter(|_| version.is_some());
    let named = store.named_version(&call, &input.bucket, tagged, version).await?;
    let requirement = named.on_version("DeleteObject", &input.key, version);
    let requirements = named.removing(requirement, &input.key, text(&headers, "if-match").as_deref());
    let allowed = call.authorize_in(&named, "DeleteObject", requirements).await?;
    let bypass = may_bypass(&call, &named, "DeleteObject", &input.key, bypass).await;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    if input.if_match_size.is_some() || input.if_match_last_modified_time.is_some() {
        return Err(Fault::not_implemented("A header you provided implies functionality that is not implemented"));
    }
    let removal = Removal {
        version: VersionId::asked(version)?,
        key: input.key,
        condition: condition(input.if_match.as_ref(), None)?,
        marker: VersionId::random()?,
        bypass,
    };
    let origin = Origin::of(&call);
    let removed = store
        .run(move |store| {
            let outcomes = store.index.remove_objects(bucket.name(), &[removal], &origin)?;
            let Removed { replaced, version, marker } = outcomes.into_iter().next().ok_or(Fault::Interrupted)??;
            store.release(replaced);
            Ok((version, marker))
        })
        .await?;
    let (version, marker) = removed;
    Ok(S3Response::new(DeleteObjectOutput {
        delete_marker: marker.then_some(true),
        version_id: version.map(|version| version.as_str().to_owned()),
        request_charged: None,
    }))
}

pub(super) async fn delete_objects(
    store: &Arc<Store>, call: Call, request: S3Request<DeleteObjectsInput>,
) -> Result<S3Response<DeleteObjectsOutput>, Fault> {
    require_digest(&request.headers)?;
    let input = request.input;
    if input.delete.objects.is_empty() || input.delete.objects.len() > MOST_KEYS {
        return Err(Fault::malformed());
    }
    let named = store.named(&call, &input.bucket, None).await?;
    let quiet = input.delete.quiet.unwrap_or(false);
    let bypass = input.bypass_governance_retention.unwrap_or(false);
    let Permitted { allowed, objects, mut errors } = permitted(&call, &named, input.delete.objects).await?;
    let Some(allowed) = allowed else {
        return Ok(answer(quiet, Vec::new(), errors));
    };
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;

    let mut accepted = Vec::new();
    for object in objects {
        let bypass = may_bypass(&call, &named, "DeleteObjects", &object.key, bypass).await;
        match removal(&object, bypass) {
            Ok(removal) => accepted.push(removal),
            Err(fault) => errors.push(error_of(object.key, object.version_id, fault)),
        }
    }
    let origin = Origin::of(&call);
    let outcomes = store
        .run(move |store| {
            let outcomes = store.index.remove_objects(bucket.name(), &accepted, &origin)?;
            let outcomes = outcomes.into_iter().map(|outcome| {
                outcome.map(|Removed { replaced, version, marker }| {
                    store.release(replaced);
                    (version, marker)
                })
            });
            Ok(accepted.into_iter().zip(outcomes.collect::<Vec<_>>()).collect::<Vec<_>>())
        })
        .await?;
    let mut deleted = Vec::new();
    for (removal, outcome) in outcomes {
        let named = removal.version.map(|version| version.as_str().to_owned());
        match outcome {
            Ok((version, marker)) => deleted.push(DeletedObject {
                delete_marker: marker.then_some(true),
                delete_marker_version_id: version.filter(|_| marker).map(|version| version.as_str().to_owned()),
                key: Some(removal.key),
                version_id: named,
            }),
            Err(fault) => errors.push(error_of(removal.key, named, fault)),
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
    let requirements = |object: &ObjectIdentifier| {
        let requirement = named.on_version("DeleteObject", &object.key, object.version_id.as_deref());
        named.removing(requirement, &object.key, object.e_tag.as_ref().map(ETag::value))
    };
    let all: Vec<_> = asked.iter().flat_map(requirements).collect();
    let denied = match call.authorize_in(named, "DeleteObjects", all).await {
        Ok(allowed) => return Ok(Permitted { allowed: Some(allowed), objects: asked, errors: Vec::new() }),
        Err(fault) => fault,
    };
    if !named.exists() || !denied.is_access_denied() {
        return Err(denied);
    }
    let mut permitted = Permitted { allowed: None, objects: Vec::new(), errors: Vec::new() };
    for object in asked {
        match call.authorize("DeleteObjects", requirements(&object)).await {
            Ok(allowed) => {
                permitted.allowed = Some(allowed);
                permitted.objects.push(object);
            }
            Err(fault) if fault.is_access_denied() => {
                permitted.errors.push(error_of(object.key, object.version_id, fault));
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(permitted)
}

/// Refuses an object of a batch that cannot be deleted as it is asked.
pub(super) fn refuse_unsupported(object: &ObjectIdentifier) -> Result<(), Fault> {
    if object.key.len() > 1024 {
        return Err(Fault::new(S3ErrorCode::KeyTooLongError, "Your key is too long"));
    }
    if object.size.is_some() || object.last_modified_time.is_some() {
        return Err(Fault::not_implemented("A condition on the size or the time of an object is not implemented"));
    }
    Ok(())
}

fn removal(object: &ObjectIdentifier, bypass: bool) -> Result<Removal, Fault> {
    refuse_unsupported(object)?;
    Ok(Removal {
        key: object.key.clone(),
        version: VersionId::asked(object.version_id.as_deref())?,
        condition: Condition { absent: false, etag: object.e_tag.as_ref().map(|etag| any_or(etag.value())) },
        marker: VersionId::random()?,
        bypass,
    })
}

/// The ETag of a condition, which is empty where any will do.
fn any_or(etag: &str) -> String {
    if etag == "*" { String::new() } else { etag.to_owned() }
}

fn error_of(key: String, version_id: Option<String>, fault: Fault) -> dto::Error {
    let (error, _) = fault.into_parts();
    dto::Error {
        code: Some(error.code().as_str().to_owned()),
        message: error.message().map(str::to_owned),
        key: Some(key),
        version_id,
    }
}
