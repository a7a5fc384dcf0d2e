//! GetObject, HeadObject and GetObjectAttributes.

use std::ops::Range;
use std::sync::Arc;

use http::header::EXPIRES;
use http::{HeaderMap, HeaderValue, Uri};
use s3s::dto::{
    self, ETag, GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts, GetObjectInput,
    GetObjectOutput, HeadObjectInput, HeadObjectOutput, ObjectPart, StorageClass, StreamingBlob,
};
use s3s::{S3ErrorCode, S3Request, S3Response};
use sidegate_iam::Principal;

use super::answer::Spelling;
use super::attributes::text;
use super::call::{Call, timestamp};
use super::checksum::{Checksum, value_dto};
use super::conditions::Preconditions;
use super::encryption::{Whose, opening, show_key, shown};
use super::fault::Fault;
use super::lock;
use super::parameters::attribute_names;
use super::requirement::Named;
use super::restore::{self, require_readable};
use super::store::{Addressed, AllowedBucket, Found, Object, Piece, Store};
use super::tagging::shown_version;
use crate::upstream::parameters;

const MOST_PARTS_LISTED: i32 = 1000;

pub(super) async fn get_object(
    store: &Arc<Store>, call: Call, request: S3Request<GetObjectInput>,
) -> Result<S3Response<GetObjectOutput>, Fault> {
    let S3Request { input, headers, uri, .. } = request;
    refuse_encryption(&headers)?;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirement = named.on_version("GetObject", &input.key, version);
    let allowed = call.authorize_in(&named, "GetObject", [requirement]).await?;
    refuse_shaping(&call, &uri)?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let found = call.found(&named, "GetObject", store.find(&bucket, &input.key, version).await).await?;
    Preconditions::of(&headers).check(&found.object)?;
    require_readable(&found.object, call.caller.now)?;
    let section = Section::of(&found, input.range, input.part_number)?;
    let encryption = found.object.encryption.as_ref();
    let key = opening(store, &call, encryption, &headers, Whose::Object).await?;
    let privy = Privy::of(&call, &named, "GetObject", &found.object, version).await;
    let mut output = output(&bucket, &found, &section, input.checksum_mode.is_some(), privy);
    let range = section.range;
    let spelling = Spelling::of(found.object.checksum.as_ref().map(|checksum| checksum.algorithm));
    let expires = expires_text(&found.object).filter(|_| input.response_expires.is_none());
    output.body = Some(StreamingBlob::new(store.read(found, key, range)));
    let mut answer = spelling.on(output);
    answer.headers.extend(expires.map(|expires| (EXPIRES, expires)));
    Ok(answer)
}

pub(super) async fn head_object(
    store: &Arc<Store>, call: Call, request: S3Request<HeadObjectInput>,
) -> Result<S3Response<HeadObjectOutput>, Fault> {
    let S3Request { input, headers, uri, .. } = request;
    refuse_encryption(&headers)?;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirement = named.on_version("GetObject", &input.key, version);
    let allowed = call.authorize_in(&named, "HeadObject", [requirement]).await?;
    refuse_shaping(&call, &uri)?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let found = call.found(&named, "HeadObject", store.find(&bucket, &input.key, version).await).await?;
    Preconditions::of(&headers).check(&found.object)?;
    let section = Section::of(&found, input.range, input.part_number)?;
    show_key(store, &call, found.object.encryption.as_ref(), &headers).await?;
    let privy = Privy::of(&call, &named, "HeadObject", &found.object, version).await;
    let all = output(&bucket, &found, &section, input.checksum_mode.is_some(), privy);
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("cache-control", &input.response_cache_control),
        ("content-disposition", &input.response_content_disposition),
        ("content-encoding", &input.response_content_encoding),
        ("content-language", &input.response_content_language),
        ("content-type", &input.response_content_type),
    ] {
        if let Some(value) = value {
            let value = HeaderValue::from_str(value)
                .map_err(|_| Fault::invalid_argument(name, value.as_str(), "Header value is not allowed"))?;
            headers.insert(name, value);
        }
    }
    if let Some(expires) = expires_text(&found.object).filter(|_| input.response_expires.is_none()) {
        headers.insert(EXPIRES, expires);
    }
    if let Some(count) = all.tag_count {
        headers.insert("x-amz-tagging-count", HeaderValue::from(count));
    }
    let spelling = Spelling::of(found.object.checksum.as_ref().map(|checksum| checksum.algorithm));
    let mut answer = spelling.on(head_of(all));
    answer.headers = headers;
    Ok(answer)
}

/// Refuses what only those who sign their requests may ask: other headers than the object's own.
///
/// Source: S3 API reference, GetObject, "Overriding response header values through the request".
fn refuse_shaping(call: &Call, uri: &Uri) -> Result<(), Fault> {
    let shapes = parameters(uri.query().unwrap_or_default()).any(|(_, name, _)| name.starts_with("response-"));
    if shapes && call.caller.principal == Principal::Anonymous {
        return Err(Fault::invalid_request(
            "Request specific response headers cannot be used for anonymous GET requests.",
        ));
    }
    Ok(())
}

/// Refuses headers that say how an object is to be encrypted, which is not for a read to say.
///
/// Source: S3 API reference, GetObject, "Encryption".
fn refuse_encryption(headers: &HeaderMap) -> Result<(), Fault> {
    for name in [
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-context",
        "x-amz-server-side-encryption-bucket-key-enabled",
    ] {
        if let Some(value) = text(headers, name) {
            let message = format!("{name} header is not supported for this operation.");
            return Err(Fault::invalid_argument(name, value, message));
        }
    }
    Ok(())
}

/// What an answer says of an object to those who may ask for it.
struct Privy {
    lock: lock::Shown,
    tag_count: Option<i32>,
    restore: Option<String>,
}

impl Privy {
    async fn of(call: &Call, named: &Named, operation: &'static str, object: &Object, version: Option<&str>) -> Self {
        let lock = lock::shown(call, named, operation, object).await;
        let count = i32::try_from(object.tags.len()).unwrap_or(i32::MAX);
        let requirement = named.on_version("GetObjectTagging", &object.key, version);
        // Source: S3 API reference, "GetObject" (x-amz-tagging-count).
        let may = count > 0 && call.authorize(operation, [requirement]).await.is_ok();
        Self { lock, tag_count: may.then_some(count), restore: restore::shown(object, call.caller.now) }
    }
}

/// The object as GetObject tells it, without its bytes.
fn output(
    bucket: &AllowedBucket, found: &Found, section: &Section, with_checksum: bool, privy: Privy,
) -> GetObjectOutput {
    let object = &found.object;
    let Privy { lock, tag_count, restore } = privy;
    let encryption = shown(object.encryption.as_ref());
    let attributes = object.attributes.clone();
    let checksum = if with_checksum { section.checksum(object).unwrap_or_default() } else { dto::Checksum::default() };
    GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: attributes.cache_control,
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        checksum_type: checksum.checksum_type,
        content_disposition: attributes.content_disposition,
        content_encoding: attributes.content_encoding,
        content_language: attributes.content_language,
        content_length: Some(signed(section.range.end - section.range.start)),
        content_range: section.header(object.size),
        content_type: Some(attributes.content_type.unwrap_or_else(|| "binary/octet-stream".to_owned())),
        e_tag: Some(ETag::Strong(object.etag.clone())),
        expires: attributes.expires.map(timestamp),
        last_modified: Some(timestamp(object.modified)),
        metadata: Some(attributes.metadata.into_iter().collect()),
        object_lock_legal_hold_status: lock.hold,
        object_lock_mode: lock.mode.map(Into::into),
        object_lock_retain_until_date: lock.until,
        parts_count: section.part.as_ref().and_then(|_| (object.parts > 0).then(|| number(object.parts))),
        bucket_key_enabled: encryption.bucket_key,
        restore,
        server_side_encryption: encryption.algorithm,
        sse_customer_algorithm: encryption.customer_algorithm,
        sse_customer_key_md5: encryption.customer_md5,
        ssekms_key_id: encryption.key_id,
        storage_class: attributes.storage_class.map(StorageClass::from),
        tag_count,
        version_id: shown_version(bucket, &object.version),
        website_redirect_location: attributes.website_redirect,
        ..GetObjectOutput::default()
    }
}

/// An `Expires` that is no date.
fn expires_text(object: &Object) -> Option<HeaderValue> {
    object.attributes.expires_text.as_ref().and_then(|text| HeaderValue::from_bytes(text.as_bytes()).ok())
}

fn head_of(all: GetObjectOutput) -> HeadObjectOutput {
    HeadObjectOutput {
        accept_ranges: all.accept_ranges,
        cache_control: all.cache_control,
        checksum_crc32: all.checksum_crc32,
        checksum_crc32c: all.checksum_crc32c,
        checksum_crc64nvme: all.checksum_crc64nvme,
        checksum_sha1: all.checksum_sha1,
        checksum_sha256: all.checksum_sha256,
        checksum_type: all.checksum_type,
        content_disposition: all.content_disposition,
        content_encoding: all.content_encoding,
        content_language: all.content_language,
        content_length: all.content_length,
        content_range: all.content_range,
        content_type: all.content_type,
        e_tag: all.e_tag,
        expires: all.expires,
        last_modified: all.last_modified,
        metadata: all.metadata,
        object_lock_legal_hold_status: all.object_lock_legal_hold_status,
        object_lock_mode: all.object_lock_mode,
        object_lock_retain_until_date: all.object_lock_retain_until_date,
        parts_count: all.parts_count,
        bucket_key_enabled: all.bucket_key_enabled,
        restore: all.restore,
        server_side_encryption: all.server_side_encryption,
        sse_customer_algorithm: all.sse_customer_algorithm,
        sse_customer_key_md5: all.sse_customer_key_md5,
        ssekms_key_id: all.ssekms_key_id,
        storage_class: all.storage_class,
        version_id: all.version_id,
        website_redirect_location: all.website_redirect_location,
        ..HeadObjectOutput::default()
    }
}

/// The bytes of an object that are asked for.
struct Section {
    range: Range<u64>,
    whole: bool,
    /// The part, where one was asked for.
    part: Option<Piece>,
}

impl Section {
    fn of(found: &Found, range: Option<dto::Range>, part: Option<i32>) -> Result<Self, Fault> {
        let size = found.object.size;
        match (range, part) {
            (Some(_), Some(_)) => {
                Err(Fault::invalid_request("Cannot specify both Range header and partNumber query parameter"))
            }
            (None, None) => Ok(Self { range: 0..size, whole: true, part: None }),
            (Some(asked), None) => {
                let range = asked.check(size).ok().filter(|range| !range.is_empty());
                let range = range.ok_or_else(|| Fault::range(&asked.to_header_string(), size))?;
                Ok(Self { range, whole: false, part: None })
            }
            (None, Some(asked)) => {
                let piece = part_of(found, asked)?;
                Ok(Self { range: piece.start..piece.start + piece.size, whole: false, part: Some(piece) })
            }
        }
    }

    /// The Content-Range header. A part without a byte has none, since it cannot be written.
    fn header(&self, size: u64) -> Option<String> {
        let Range { start, end } = self.range;
        (!self.whole && start < end).then(|| format!("bytes {start}-{}/{size}", end - 1))
    }

    /// The checksum that a client can hold against these bytes.
    fn checksum(&self, object: &Object) -> Option<dto::Checksum> {
        let checksum = object.checksum.as_ref()?;
        match &self.part {
            None => self.whole.then(|| checksum.dto()),
            Some(piece) if piece.checksum.is_empty() => Some(checksum.dto()),
            Some(piece) => {
                let mut part = value_dto(checksum.algorithm, piece.checksum.clone());
                part.checksum_type = Some(checksum.kind.dto());
                Some(part)
            }
        }
    }
}

/// The part of this number. What was not uploaded in parts has one.
fn part_of(found: &Found, asked: i32) -> Result<Piece, Fault> {
    if !(1..=10_000).contains(&asked) {
        let message = "Part number must be an integer between 1 and 10000, inclusive";
        return Err(Fault::invalid_argument("partNumber", asked.to_string(), message));
    }
    let object = &found.object;
    let piece = if object.parts == 0 {
        let whole = Piece { number: 1, start: 0, size: object.size, file: String::new(), checksum: String::new() };
        (asked == 1).then_some(whole)
    } else {
        found.pieces.iter().find(|piece| number(piece.number) == asked).cloned()
    };
    piece.ok_or_else(|| {
        Fault::new(S3ErrorCode::InvalidRange, "The requested partnumber is not satisfiable")
            .with("PartNumberRequested", asked.to_string())
            .with("ActualPartCount", object.parts.max(1).to_string())
    })
}

pub(super) async fn get_object_attributes(
    store: &Arc<Store>, call: Call, request: S3Request<GetObjectAttributesInput>,
) -> Result<S3Response<GetObjectAttributesOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    refuse_encryption(&headers)?;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirements = ["GetObject", "GetObjectAttributes"].map(|action| named.on_version(action, &input.key, version));
    let allowed = call.authorize_in(&named, "GetObjectAttributes", requirements).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let found = call.found(&named, "GetObjectAttributes", store.find(&bucket, &input.key, version).await).await?;
    let object = &found.object;
    show_key(store, &call, object.encryption.as_ref(), &headers).await?;
    let asked = attribute_names(&headers);
    let asks = |name: &str| asked.iter().any(|asked| asked == name);
    let output = GetObjectAttributesOutput {
        checksum: object.checksum.as_ref().filter(|_| asks("Checksum")).map(Checksum::dto),
        e_tag: asks("ETag").then(|| ETag::Strong(object.etag.clone())),
        last_modified: Some(timestamp(object.modified)),
        object_parts: (asks("ObjectParts") && object.parts > 0)
            .then(|| parts(&found, input.part_number_marker, input.max_parts)),
        object_size: asks("ObjectSize").then(|| signed(object.size)),
        storage_class: asks("StorageClass").then(|| {
            let class = object.attributes.storage_class.clone();
            StorageClass::from(class.unwrap_or_else(|| StorageClass::STANDARD.to_owned()))
        }),
        version_id: shown_version(&bucket, &object.version),
        ..GetObjectAttributesOutput::default()
    };
    let spelling = Spelling::of(object.checksum.as_ref().map(|checksum| checksum.algorithm));
    Ok(spelling.with_bare_etag().on(output))
}

/// The parts of an object. Each is told only where they have checksums.
///
/// Source: S3 API reference, "GetObjectAttributes" (`Parts`).
fn parts(found: &Found, marker: Option<i32>, most: Option<i32>) -> GetObjectAttributesParts {
    let most = most.unwrap_or(MOST_PARTS_LISTED).clamp(0, MOST_PARTS_LISTED);
    let marker = marker.unwrap_or(0);
    let checksum = found.object.checksum.as_ref();
    let after: Vec<&Piece> = found.pieces.iter().filter(|piece| number(piece.number) > marker).collect();
    let listed: Vec<ObjectPart> = after
        .iter()
        .take(usize::try_from(most).unwrap_or(0))
        .map(|piece| {
            let sum = checksum.map(|c| value_dto(c.algorithm, piece.checksum.clone())).unwrap_or_default();
            ObjectPart {
                checksum_crc32: sum.checksum_crc32,
                checksum_crc32c: sum.checksum_crc32c,
                checksum_crc64nvme: sum.checksum_crc64nvme,
                checksum_sha1: sum.checksum_sha1,
                checksum_sha256: sum.checksum_sha256,
                part_number: Some(number(piece.number)),
                size: Some(signed(piece.size)),
            }
        })
        .collect();
    GetObjectAttributesParts {
        is_truncated: Some(listed.len() < after.len()),
        max_parts: Some(most),
        next_part_number_marker: Some(listed.last().and_then(|part| part.part_number).unwrap_or(marker)),
        part_number_marker: Some(marker),
        parts: checksum.map(|_| listed),
        total_parts_count: Some(number(found.object.parts)),
    }
}

/// A size as s3s has it.
pub(super) fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// A small number as s3s has it.
pub(super) fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
