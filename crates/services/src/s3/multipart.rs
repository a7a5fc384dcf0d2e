//! Multipart uploads: creation, parts, abortion, and their listings. Completion stands in [`complete`].

pub(super) mod complete;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::StreamExt as _;
use http::HeaderMap;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, CopyPartResult,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, ETag, Initiator, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, ListPartsInput, ListPartsOutput, MultipartUpload, Range, StorageClass,
    UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3ErrorCode, S3Request, S3Response, dto};
use sidegate_iam::Principal;

use super::acl::Bearing;
use super::answer::Spelling;
use super::attributes::{attributes, refuse_unsupported, tags_of_header, text};
use super::bucket::owner;
use super::call::{Call, timestamp};
use super::checksum::{Algorithm, Digested, Kind, unsupported, value_dto};
use super::conditions::Preconditions;
use super::configuration::encryption::default_of;
use super::copy::Source;
use super::encryption::{Place, Wanted, Whose, encrypting, opening, shown};
use super::fault::Fault;
use super::get::{number, signed};
use super::list::Encoding;
use super::lock;
use super::receive::{Claims, LARGEST_BODY, receive};
use super::requirement::Makes;
use super::restore::require_copyable;
use super::store::{
    Addressed, AllowedBucket, Attributes, Checksums, DataKey, Part, Published, Store, Upload, random_name,
};
use super::tagging::shown_version;

const MOST_PARTS: i32 = 10_000;
const MOST_LISTED: i32 = 1000;

pub(super) async fn create(
    store: &Arc<Store>, call: Call, request: S3Request<CreateMultipartUploadInput>,
) -> Result<S3Response<CreateMultipartUploadOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let named = store.named(&call, &input.bucket, Some(&input.key)).await?;
    if call.caller.principal == Principal::Anonymous {
        return Err(Fault::new(
            S3ErrorCode::AccessDenied,
            "Anonymous users cannot initiate multipart uploads.  Please authenticate.",
        ));
    }
    let requirements = named.writing(&headers, &input.key, Makes::Upload);
    let allowed = call.authorize_in(&named, "CreateMultipartUpload", requirements).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let (row, settings) = (&bucket.row, &bucket.row.settings);
    let acl = Bearing { call: &call, bucket: row, operation: "PutObject", key: Some(&input.key) }.acl(&headers)?;
    refuse_unsupported(&headers)?;
    let wanted = Wanted::by(&headers, &default_of(bucket.row.encryption.as_deref())?)?;
    let checksums = checksums(&headers)?;
    let lock = lock::asked(&headers, settings, call.caller.now)?;
    let place = Place { bucket: bucket.name(), key: &input.key };
    let upload = Upload {
        id: random_name()?,
        key: input.key.clone(),
        created: call.caller.now,
        checksums,
        attributes: Attributes { acl, ..attributes(&headers, input.metadata)? },
        tags: tags_of_header(&headers)?,
        encryption: Some(encrypting(store, &call, wanted, place).await?.encryption),
        lock,
    };
    let shown = shown(upload.encryption.as_ref());
    let id = upload.id.clone();
    store.run(move |store| store.index.add_upload(bucket.name(), &upload)).await?;
    Ok(S3Response::new(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        checksum_algorithm: checksums.map(|c| ChecksumAlgorithm::from_static(c.algorithm.as_str())),
        checksum_type: checksums.map(|c| c.kind.dto()),
        key: Some(input.key),
        bucket_key_enabled: shown.bucket_key,
        server_side_encryption: shown.algorithm,
        sse_customer_algorithm: shown.customer_algorithm,
        sse_customer_key_md5: shown.customer_md5,
        ssekms_encryption_context: shown.context,
        ssekms_key_id: shown.key_id,
        upload_id: Some(id),
        ..CreateMultipartUploadOutput::default()
    }))
}

/// The checksums that an upload asks for.
fn checksums(headers: &HeaderMap) -> Result<Option<Checksums>, Fault> {
    let kind = match text(headers, "x-amz-checksum-type") {
        None => None,
        Some(name) => Some(
            Kind::parse(&name)
                .ok_or_else(|| Fault::invalid_request("Value for x-amz-checksum-type header is invalid."))?,
        ),
    };
    let Some(name) = text(headers, "x-amz-checksum-algorithm") else {
        return match kind {
            None => Ok(None),
            Some(_) => Err(Fault::invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )),
        };
    };
    let algorithm = Algorithm::parse(&name).ok_or_else(unsupported)?;
    let kind = algorithm.kind_of_upload(kind).ok_or_else(|| {
        let asked = kind.map(Kind::as_str).unwrap_or_default();
        Fault::invalid_request(format!(
            "The {asked} checksum type cannot be used with the {} checksum algorithm.",
            algorithm.as_str().to_ascii_lowercase()
        ))
    })?;
    Ok(Some(Checksums { algorithm, kind }))
}

pub(super) async fn upload_part(
    store: &Arc<Store>, call: Call, request: S3Request<UploadPartInput>,
) -> Result<S3Response<UploadPartOutput>, Fault> {
    let S3Request { input, headers, trailing_headers, .. } = request;
    let named = store.named(&call, &input.bucket, None).await?;
    let allowed = call.authorize_in(&named, "UploadPart", [named.step(&input.key, Makes::Upload)]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let slot = Slot::find(store, bucket, input.key, input.upload_id, input.part_number).await?;
    let claims = Claims::of(&call, &headers, trailing_headers)?;
    slot.check_algorithm(claims.algorithm())?;
    let kept = slot.upload.kept().algorithm;
    let told = claims.algorithm().unwrap_or(kept);
    let shown = shown(slot.upload.encryption.as_ref());
    let key = opening(store, &call, slot.upload.encryption.as_ref(), &headers, Whose::Upload).await?;
    let received = receive(store, input.body, claims, &[kept], key.clone()).await?;
    let now = call.caller.now;
    let (etag, sum) = store
        .run(move |store| {
            let (file, digested) = received.settle()?;
            let sum = digested.checksum(told).map(|bytes| BASE64.encode(bytes)).unwrap_or_default();
            Ok((slot.fill(store, file, &digested, key.as_ref(), now)?, sum))
        })
        .await?;
    let checksum = value_dto(told, sum);
    Ok(Spelling::of(told).on(UploadPartOutput {
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        e_tag: Some(ETag::Strong(etag)),
        bucket_key_enabled: shown.bucket_key,
        server_side_encryption: shown.algorithm,
        sse_customer_algorithm: shown.customer_algorithm,
        sse_customer_key_md5: shown.customer_md5,
        ssekms_key_id: shown.key_id,
        ..UploadPartOutput::default()
    }))
}

/// Where a part goes.
struct Slot {
    bucket: AllowedBucket,
    upload: Upload,
    number: u32,
}

impl Slot {
    async fn find(
        store: &Arc<Store>, bucket: AllowedBucket, key: String, upload: String, asked: i32,
    ) -> Result<Self, Fault> {
        let number = u32::try_from(asked).ok().filter(|_| (1..=MOST_PARTS).contains(&asked)).ok_or_else(|| {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            Fault::invalid_argument("partNumber", asked.to_string(), message)
        })?;
        store
            .run(move |store| {
                let upload = store.index.upload(bucket.name(), &key, &upload)?;
                Ok(Self { bucket, upload, number })
            })
            .await
    }

    /// Whether a part may come with a checksum of this algorithm, or with none.
    fn check_algorithm(&self, claimed: Option<Algorithm>) -> Result<(), Fault> {
        let Some(Checksums { algorithm, kind }) = self.upload.checksums else {
            return Ok(());
        };
        let fits = match claimed {
            Some(claimed) => claimed == algorithm,
            None => kind == Kind::FullObject,
        };
        if fits {
            return Ok(());
        }
        let name = |algorithm: Algorithm| algorithm.as_str().to_ascii_lowercase();
        Err(Fault::invalid_request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            name(algorithm),
            claimed.map_or_else(|| "null".to_owned(), name)
        )))
    }

    /// Commits the part, and returns its ETag. Blocks.
    fn fill(
        &self, store: &Store, file: Published, digested: &Digested, key: Option<&DataKey>, now: i64,
    ) -> Result<String, Fault> {
        let etag = match (&self.upload.encryption, key) {
            (Some(encryption), Some(key)) => encryption.etag(key, digested.etag())?,
            _ => digested.etag(),
        };
        let checksum = digested.checksum(self.upload.kept().algorithm);
        let part = Part {
            number: self.number,
            file: file.name().to_owned(),
            size: digested.size,
            md5: etag.clone(),
            checksum: checksum.map(|bytes| BASE64.encode(bytes)).unwrap_or_default(),
            modified: now,
        };
        let done = store.index.put_part(self.bucket.name(), &self.upload.key, &self.upload.id, &part);
        let replaced = super::store::kept_if_done(done, vec![file])?;
        store.bodies.remove(replaced.as_slice());
        Ok(etag)
    }
}

pub(super) async fn upload_part_copy(
    store: &Arc<Store>, call: Call, request: S3Request<UploadPartCopyInput>,
) -> Result<S3Response<UploadPartCopyOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let source = Source::of(input.copy_source.clone())?;
    let named = store.named(&call, &input.bucket, None).await?;
    let source_named = source.named(store, &call).await?;
    let requirements = [source.requirement(&source_named), named.step(&input.key, Makes::Upload)];
    let allowed = call.authorize_in(&named, "UploadPartCopy", requirements).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let slot = Slot::find(store, bucket, input.key, input.upload_id, input.part_number).await?;
    let conditions = Preconditions::of_source(&headers);
    let source_owner = input.expected_source_bucket_owner.as_deref();
    let source_bucket = source_named.open(&allowed, &call, source_owner, Addressed::Anywhere)?;
    let found = call.found(&source_named, "UploadPartCopy", source.find(store, &source_bucket).await).await?;
    source.check(&conditions, &found)?;
    require_copyable(&found.object, call.caller.now)?;
    let range = copied_range(input.copy_source_range.as_deref(), found.object.size)?;
    if range.end - range.start > LARGEST_BODY {
        return Err(Fault::too_large(range.end - range.start, LARGEST_BODY));
    }
    let kept = slot.upload.kept().algorithm;
    let source_version = shown_version(&source_bucket, &found.object.version);
    let shown = shown(slot.upload.encryption.as_ref());
    let source_key = opening(store, &call, found.object.encryption.as_ref(), &headers, Whose::Source).await?;
    let key = opening(store, &call, slot.upload.encryption.as_ref(), &headers, Whose::Upload).await?;
    let mut writing = store.write(&[kept], key.clone()).await?;
    let mut reading = store.read(found, source_key, range);
    while let Some(bytes) = reading.next().await {
        writing.push(bytes.map_err(std::io::Error::other)?).await?;
    }
    let written = writing.end().await?;
    let now = call.caller.now;
    let (etag, sum) = store
        .run(move |store| {
            let (file, digested) = written.finish()?.publish()?;
            let sum = digested.checksum(kept).map(|bytes| BASE64.encode(bytes)).unwrap_or_default();
            Ok((slot.fill(store, file, &digested, key.as_ref(), now)?, sum))
        })
        .await?;
    let checksum = value_dto(kept, sum);
    Ok(Spelling::of(kept).on(UploadPartCopyOutput {
        copy_part_result: Some(CopyPartResult {
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            e_tag: Some(ETag::Strong(etag)),
            last_modified: Some(timestamp(now)),
        }),
        bucket_key_enabled: shown.bucket_key,
        copy_source_version_id: source_version,
        server_side_encryption: shown.algorithm,
        sse_customer_algorithm: shown.customer_algorithm,
        sse_customer_key_md5: shown.customer_md5,
        ssekms_key_id: shown.key_id,
        ..UploadPartCopyOutput::default()
    }))
}

/// The range of a source. Unlike that of a read it has to lie within the source, and to name both ends.
fn copied_range(asked: Option<&str>, size: u64) -> Result<std::ops::Range<u64>, Fault> {
    let Some(text) = asked else {
        return Ok(0..size);
    };
    match Range::parse(text) {
        Ok(Range::Int { first, last: Some(last) }) if last < size => Ok(first..last + 1),
        Ok(Range::Int { last: Some(_), .. }) => Err(Fault::invalid_argument(
            "x-amz-copy-source-range",
            text,
            "Range specified is not valid for source object",
        )),
        _ => Err(Fault::invalid_argument(
            "x-amz-copy-source-range",
            text,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the \
             zero-based offsets of the first and last bytes to copy",
        )),
    }
}

pub(super) async fn abort(
    store: &Arc<Store>, call: Call, request: S3Request<AbortMultipartUploadInput>,
) -> Result<S3Response<AbortMultipartUploadOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_object("AbortMultipartUpload", &input.key);
    let allowed = call.authorize_in(&named, "AbortMultipartUpload", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    store
        .run(move |store| {
            let files = store.index.abort(bucket.name(), &input.key, &input.upload_id)?;
            store.bodies.remove(&files);
            Ok(())
        })
        .await?;
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

pub(super) async fn list_parts(
    store: &Arc<Store>, call: Call, request: S3Request<ListPartsInput>,
) -> Result<S3Response<ListPartsOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_object("ListMultipartUploadParts", &input.key);
    let allowed = call.authorize_in(&named, "ListParts", [requirement]).await?;
    let expected = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, expected, Addressed::InItsRegion)?;
    let most = input.max_parts.unwrap_or(MOST_LISTED).clamp(0, MOST_LISTED);
    let marker = input.part_number_marker.unwrap_or(0).max(0);
    let owned_by = owner(&bucket.row.account);
    let (key, id) = (input.key.clone(), input.upload_id.clone());
    let (upload, mut parts) = store
        .run(move |store| store.index.parts(bucket.name(), &key, &id, marker.unsigned_abs(), most.unsigned_abs() + 1))
        .await?;
    let limit = usize::try_from(most).unwrap_or(0);
    let more = parts.len() > limit && limit > 0;
    parts.truncate(limit);
    let algorithm = upload.kept().algorithm;
    Ok(Spelling::of(algorithm).on(ListPartsOutput {
        bucket: Some(input.bucket),
        checksum_algorithm: upload.checksums.map(|c| ChecksumAlgorithm::from_static(c.algorithm.as_str())),
        checksum_type: upload.checksums.map(|c| c.kind.dto()),
        initiator: Some(Initiator { display_name: None, id: owned_by.id.clone() }),
        is_truncated: Some(more),
        key: Some(input.key),
        max_parts: Some(most),
        next_part_number_marker: Some(parts.last().map_or(0, |part| number(part.number))),
        owner: Some(owned_by),
        part_number_marker: Some(marker),
        parts: Some(parts.into_iter().map(|part| listed(part, algorithm)).collect()),
        storage_class: Some(class_of(&upload)),
        upload_id: Some(input.upload_id),
        ..ListPartsOutput::default()
    }))
}

fn listed(part: Part, algorithm: Algorithm) -> dto::Part {
    let checksum = value_dto(algorithm, part.checksum);
    dto::Part {
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        e_tag: Some(ETag::Strong(part.md5)),
        last_modified: Some(timestamp(part.modified)),
        part_number: Some(number(part.number)),
        size: Some(signed(part.size)),
    }
}

fn class_of(upload: &Upload) -> StorageClass {
    let class = upload.attributes.storage_class.clone();
    StorageClass::from(class.unwrap_or_else(|| StorageClass::STANDARD.to_owned()))
}

pub(super) async fn list_uploads(
    store: &Arc<Store>, call: Call, request: S3Request<ListMultipartUploadsInput>,
) -> Result<S3Response<ListMultipartUploadsOutput>, Fault> {
    let input = request.input;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirement = named.on_bucket("ListBucketMultipartUploads");
    let allowed = call.authorize_in(&named, "ListMultipartUploads", [requirement]).await?;
    let expected = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, expected, Addressed::InItsRegion)?;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let most = input.max_uploads.unwrap_or(MOST_LISTED).clamp(0, MOST_LISTED);
    let owned_by = owner(&bucket.row.account);
    let mut page = UploadPage {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        limit: usize::try_from(most).unwrap_or(0),
        ..UploadPage::default()
    };
    let (marker, id_marker) = (input.key_marker.clone().unwrap_or_default(), input.upload_id_marker.clone());
    // An upload id only counts together with a key.
    let id_marker = id_marker.filter(|id| !marker.is_empty() && !id.is_empty());
    let after = (marker.clone(), id_marker.clone());
    let page = store
        .run(move |store| {
            let after = (after.0.as_str(), after.1.as_deref());
            let prefix = page.prefix.clone();
            store.index.uploads(bucket.name(), &prefix, after, |upload| page.take(upload, after.0))?;
            Ok(page)
        })
        .await?;
    let uploads = page.uploads.iter().map(|upload| MultipartUpload {
        checksum_algorithm: upload.checksums.map(|c| ChecksumAlgorithm::from_static(c.algorithm.as_str())),
        checksum_type: upload.checksums.map(|c| c.kind.dto()),
        initiated: Some(timestamp(upload.created)),
        initiator: Some(Initiator { display_name: None, id: owned_by.id.clone() }),
        key: Some(encoding.name(&upload.key)),
        owner: Some(owned_by.clone()),
        storage_class: Some(class_of(upload)),
        upload_id: Some(upload.id.clone()),
    });
    let last = page.last.filter(|_| page.more);
    Ok(S3Response::new(ListMultipartUploadsOutput {
        common_prefixes: encoding.prefixes(&page.prefixes),
        delimiter: encoding.optional(input.delimiter.as_deref()),
        encoding_type: input.encoding_type,
        is_truncated: Some(page.more),
        key_marker: Some(encoding.name(&marker)),
        max_uploads: Some(most),
        next_key_marker: last.as_ref().map(|(key, _)| encoding.name(key)),
        next_upload_id_marker: last.map(|(_, id)| id),
        prefix: Some(encoding.name(input.prefix.as_deref().unwrap_or_default())),
        upload_id_marker: id_marker,
        uploads: (!page.uploads.is_empty()).then(|| uploads.collect()),
        bucket: Some(input.bucket),
        request_charged: None,
    }))
}

/// A page of uploads that is being filled.
#[derive(Default)]
struct UploadPage {
    prefix: String,
    delimiter: String,
    limit: usize,
    uploads: Vec<Upload>,
    prefixes: Vec<String>,
    more: bool,
    /// The key and the id after which the next page begins.
    last: Option<(String, String)>,
}

impl UploadPage {
    /// Takes an upload, and says whether there is room for more.
    fn take(&mut self, upload: Upload, marker: &str) -> bool {
        let common = self.common_prefix(&upload.key);
        if common.as_ref().is_some_and(|prefix| prefix == marker || self.prefixes.last() == Some(prefix)) {
            return true;
        }
        if self.uploads.len() + self.prefixes.len() >= self.limit {
            self.more = self.limit > 0;
            return false;
        }
        match common {
            Some(prefix) => {
                self.last = Some((prefix.clone(), String::new()));
                self.prefixes.push(prefix);
            }
            None => {
                self.last = Some((upload.key.clone(), upload.id.clone()));
                self.uploads.push(upload);
            }
        }
        true
    }

    fn common_prefix(&self, key: &str) -> Option<String> {
        let rest = key.get(self.prefix.len()..).filter(|_| !self.delimiter.is_empty())?;
        let at = rest.find(&self.delimiter)?;
        key.get(..self.prefix.len() + at + self.delimiter.len()).map(str::to_owned)
    }
}
