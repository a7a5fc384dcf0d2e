//! PutObject.

use std::sync::Arc;

use s3s::dto::{ETag, ETagCondition, PutObjectInput, PutObjectOutput};
use s3s::{S3Request, S3Response};

use super::acl::Bearing;
use super::answer::Spelling;
use super::attributes::{attributes, refuse_unsupported, tags_of_header};
use super::call::Call;
use super::checksum::{Algorithm, Checksum};
use super::configuration::encryption::default_of;
use super::encryption::{Encrypting, Place, Wanted, encrypting};
use super::event::{Happening, Origin};
use super::fault::Fault;
use super::lock;
use super::receive::{Claims, receive};
use super::requirement::Makes;
use super::store::{Addressed, Attributes, Condition, Object, ObjectPut, Store, random_name, single_piece};
use super::version::VersionId;

pub(super) async fn put_object(
    store: &Arc<Store>, call: Call, request: S3Request<PutObjectInput>,
) -> Result<S3Response<PutObjectOutput>, Fault> {
    let S3Request { input, headers, trailing_headers, .. } = request;
    let named = store.named(&call, &input.bucket, Some(&input.key)).await?;
    let allowed = call.authorize_in(&named, "PutObject", named.writing(&headers, &input.key, Makes::Object)).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let (row, settings) = (&bucket.row, &bucket.row.settings);
    let acl = Bearing { call: &call, bucket: row, operation: "PutObject", key: Some(&input.key) }.acl(&headers)?;
    refuse_unsupported(&headers)?;
    let wanted = Wanted::by(&headers, &default_of(bucket.row.encryption.as_deref())?)?;
    let condition = condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let mut object = Object {
        key: input.key,
        body: random_name()?,
        size: 0,
        etag: String::new(),
        modified: call.caller.now,
        checksum: None,
        parts: 0,
        attributes: Attributes { acl, ..attributes(&headers, input.metadata)? },
        tags: tags_of_header(&headers)?,
        version: VersionId::random()?,
        encryption: None,
        lock: lock::asked(&headers, settings, call.caller.now)?,
    };
    let claims = Claims::of(&call, &headers, trailing_headers)?;
    if lock::is_asked(&headers) || object.lock.retention.is_some() {
        lock::require_digest_of(&claims)?;
    }
    let algorithm = claims.algorithm().unwrap_or(Algorithm::DEFAULT);
    let place = Place { bucket: bucket.name(), key: &object.key };
    let Encrypting { key, encryption } = encrypting(store, &call, wanted, place).await?;
    if call.rehearses {
        return Ok(S3Response::new(PutObjectOutput::default()));
    }
    let happening = if call.is_form { Happening::Post } else { Happening::Put };
    let origin = Origin::of(&call);
    let received = receive(store, input.body, claims, &[algorithm], Some(key.clone())).await?;
    let shown = encryption.shown();
    let (object, version) = store
        .run(move |store| {
            let (file, digested) = received.settle()?;
            object.size = digested.size;
            object.etag = encryption.etag(&key, digested.etag())?;
            object.encryption = Some(encryption);
            object.checksum = digested.checksum(algorithm).map(|bytes| Checksum::full(algorithm, bytes));
            let pieces = single_piece(file.name(), object.size);
            let put = ObjectPut {
                bucket: bucket.name(),
                object: &object,
                pieces: &pieces,
                condition: &condition,
                happening,
                origin: &origin,
            };
            let version = store.commit(&put, vec![file])?;
            Ok((object, version))
        })
        .await?;
    let object_algorithm = object.checksum.as_ref().map(|checksum| checksum.algorithm);
    let checksum = object.checksum.as_ref().map(Checksum::dto).unwrap_or_default();
    Ok(Spelling::of(object_algorithm).on(PutObjectOutput {
        e_tag: Some(ETag::Strong(object.etag)),
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        checksum_type: checksum.checksum_type,
        server_side_encryption: shown.algorithm,
        ssekms_key_id: shown.key_id,
        ssekms_encryption_context: shown.context,
        bucket_key_enabled: shown.bucket_key,
        sse_customer_algorithm: shown.customer_algorithm,
        sse_customer_key_md5: shown.customer_md5,
        version_id: version.map(|version| version.as_str().to_owned()),
        ..PutObjectOutput::default()
    }))
}

/// The conditions of a write.
pub(super) fn condition(
    if_match: Option<&ETagCondition>, if_none_match: Option<&ETagCondition>,
) -> Result<Condition, Fault> {
    let absent = match if_none_match {
        None => false,
        Some(ETagCondition::Any) => true,
        Some(ETagCondition::ETag(_)) => {
            return Err(Fault::not_implemented("A header you provided implies functionality that is not implemented")
                .with("Header", "If-None-Match"));
        }
    };
    if absent && if_match.is_some() {
        return Err(Fault::not_implemented("A header you provided implies functionality that is not implemented")
            .with("Header", "If-Match"));
    }
    Ok(Condition { absent, etag: if_match.map(|c| c.as_etag().map(|e| e.value().to_owned()).unwrap_or_default()) })
}
