//! GetObject, HeadObject and GetObjectAttributes.

use std::ops::Range;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use s3s::dto::{
    self, ETag, ETagCondition, GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts,
    GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, ObjectPart, StorageClass, StreamingBlob,
    Timestamp,
};
use s3s::{S3ErrorCode, S3Request, S3Response};
use sidegate_iam::Principal;

use super::call::{Call, timestamp};
use super::checksum::{Checksum, value_dto};
use super::encryption::{Whose, opening, show_key, shown};
use super::fault::Fault;
use super::lock;
use super::store::{Addressed, AllowedBucket, Found, Object, Piece, Store};
use super::tagging::shown_version;

const MOST_PARTS_LISTED: i32 = 1000;

pub(super) async fn get_object(
    store: &Arc<Store>, call: Call, request: S3Request<GetObjectInput>,
) -> Result<S3Response<GetObjectOutput>, Fault> {
    let S3Request { input, headers, uri, .. } = request;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirement = named.on_version("GetObject", &input.key, version);
    let allowed = call.authorize_in(&named, "GetObject", [requirement]).await?;
    let shapes_answer = uri.query().unwrap_or_default().split('&').any(|pair| pair.starts_with("response-"));
    if shapes_answer && call.caller.principal == Principal::Anonymous {
        return Err(Fault::invalid_request(
            "Request specific response headers cannot be used for anonymous GET requests.",
        ));
    }
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let found = call.found(&named, "GetObject", store.find(&bucket, &input.key, version).await).await?;
    Preconditions {
        if_match: input.if_match.as_ref(),
        if_none_match: input.if_none_match.as_ref(),
        if_modified_since: input.if_modified_since.as_ref(),
        if_unmodified_since: input.if_unmodified_since.as_ref(),
    }
    .check(&found.object)?;
    let section = Section::of(&found, input.range, input.part_number)?;
    let encryption = found.object.encryption.as_ref();
    let key = opening(store, &call, encryption, &headers, Whose::Object).await?;
    let lock = lock::shown(&call, &named, "GetObject", &found.object).await;
    let mut output = output(&bucket, &found, &section, input.checksum_mode.is_some(), lock);
    let range = section.range;
    output.body = Some(StreamingBlob::new(store.read(found, key, range)));
    Ok(S3Response::new(output))
}

pub(super) async fn head_object(
    store: &Arc<Store>, call: Call, request: S3Request<HeadObjectInput>,
) -> Result<S3Response<HeadObjectOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirement = named.on_version("GetObject", &input.key, version);
    let allowed = call.authorize_in(&named, "HeadObject", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let found = call.found(&named, "HeadObject", store.find(&bucket, &input.key, version).await).await?;
    Preconditions {
        if_match: input.if_match.as_ref(),
        if_none_match: input.if_none_match.as_ref(),
        if_modified_since: input.if_modified_since.as_ref(),
        if_unmodified_since: input.if_unmodified_since.as_ref(),
    }
    .check(&found.object)?;
    let section = Section::of(&found, input.range, input.part_number)?;
    show_key(store, &call, found.object.encryption.as_ref(), &headers).await?;
    let lock = lock::shown(&call, &named, "HeadObject", &found.object).await;
    let all = output(&bucket, &found, &section, input.checksum_mode.is_some(), lock);
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
    if let Some(count) = all.tag_count {
        headers.insert("x-amz-tagging-count", HeaderValue::from(count));
    }
    Ok(S3Response::with_headers(head_of(all), headers))
}

/// The object as GetObject tells it, without its bytes.
fn output(
    bucket: &AllowedBucket, found: &Found, section: &Section, with_checksum: bool, lock: lock::Shown,
) -> GetObjectOutput {
    let object = &found.object;
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
        server_side_encryption: encryption.algorithm,
        sse_customer_algorithm: encryption.customer_algorithm,
        sse_customer_key_md5: encryption.customer_md5,
        ssekms_key_id: encryption.key_id,
        storage_class: attributes.storage_class.map(StorageClass::from),
        tag_count: (!object.tags.is_empty()).then(|| i32::try_from(object.tags.len()).unwrap_or(i32::MAX)),
        version_id: shown_version(bucket, &object.version),
        website_redirect_location: attributes.website_redirect,
        ..GetObjectOutput::default()
    }
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

/// The conditions of a read.
///
/// Source: S3 API reference, GetObject: If-Match outweighs If-Unmodified-Since, If-None-Match If-Modified-Since.
pub(super) struct Preconditions<'a> {
    pub(super) if_match: Option<&'a ETagCondition>,
    pub(super) if_none_match: Option<&'a ETagCondition>,
    pub(super) if_modified_since: Option<&'a Timestamp>,
    pub(super) if_unmodified_since: Option<&'a Timestamp>,
}

impl Preconditions<'_> {
    pub(super) fn check(&self, object: &Object) -> Result<(), Fault> {
        match self.failing(object) {
            None => Ok(()),
            Some("If-None-Match" | "If-Modified-Since") => Err(Fault::not_modified(&object.etag, object.modified)),
            Some(condition) => Err(Fault::precondition(condition)),
        }
    }

    /// The first condition that does not hold.
    pub(super) fn failing(&self, object: &Object) -> Option<&'static str> {
        let matches = |condition: &ETagCondition| condition.as_etag().is_none_or(|etag| etag.value() == object.etag);
        // Dates in headers have no fractions of seconds.
        let modified = timestamp(object.modified - object.modified.rem_euclid(1000));
        if let Some(condition) = self.if_match {
            if !matches(condition) {
                return Some("If-Match");
            }
        } else if self.if_unmodified_since.is_some_and(|date| modified > *date) {
            return Some("If-Unmodified-Since");
        }
        if let Some(condition) = self.if_none_match {
            matches(condition).then_some("If-None-Match")
        } else {
            self.if_modified_since.is_some_and(|date| modified <= *date).then_some("If-Modified-Since")
        }
    }
}

pub(super) async fn get_object_attributes(
    store: &Arc<Store>, call: Call, request: S3Request<GetObjectAttributesInput>,
) -> Result<S3Response<GetObjectAttributesOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirements = ["GetObject", "GetObjectAttributes"].map(|action| named.on_version(action, &input.key, version));
    let allowed = call.authorize_in(&named, "GetObjectAttributes", requirements).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let found = call.found(&named, "GetObjectAttributes", store.find(&bucket, &input.key, version).await).await?;
    let object = &found.object;
    show_key(store, &call, object.encryption.as_ref(), &headers).await?;
    // s3s gives a header of several names as one value.
    let asked: Vec<&str> =
        input.object_attributes.iter().flat_map(|list| list.as_str().split(',')).map(str::trim).collect();
    let asks = |name: &str| asked.contains(&name);
    Ok(S3Response::new(GetObjectAttributesOutput {
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
    }))
}

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
        parts: Some(listed),
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
