//! CompleteMultipartUpload: the parts become the pieces of an object. Not a byte is moved.

use std::collections::HashMap;
use std::sync::Arc;

use http::HeaderMap;
use s3s::dto::{CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart, ETag};
use s3s::{S3ErrorCode, S3Request, S3Response};
use sidegate_model::Region;

use super::super::answer::Spelling;
use super::super::attributes::text;
use super::super::call::Call;
use super::super::checksum::{Algorithm, Checksum, Kind, PartSum, combine};
use super::super::encryption::{Encryption, Whose, opening, shown};
use super::super::event::{Happening, Origin};
use super::super::fault::Fault;
use super::super::get::number;
use super::super::put::condition;
use super::super::store::{
    Addressed, AllowedBucket, Checksums, Condition, Object, ObjectPut, Part, Piece, Put, Store, Upload, random_name,
};
use super::super::version::VersionId;

/// The smallest part that is not the last.
const SMALLEST_PART: u64 = 5 << 20;

/// The largest object: 10,000 parts of 5 GiB, which are 48.8 TiB.
///
/// Source: S3 user guide, "Amazon S3 multipart upload limits".
const LARGEST_OBJECT: u64 = 10_000 * (5 << 30);

/// What a completion claims of the object.
struct Claimed {
    checksum: Option<(Algorithm, String)>,
    kind: Option<Kind>,
    size: Option<u64>,
}

pub(crate) async fn complete(
    store: &Arc<Store>, call: Call, request: S3Request<CompleteMultipartUploadInput>,
) -> Result<S3Response<CompleteMultipartUploadOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let named = store.named(&call, &input.bucket, None).await?;
    let requirements = named.completing(&headers, &input.key);
    let allowed = call.authorize_in(&named, "CompleteMultipartUpload", requirements).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let condition = condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let kind = text(&headers, "x-amz-checksum-type");
    let claimed = Claimed {
        checksum: Algorithm::ALL.into_iter().find_map(|a| text(&headers, a.header()).map(|value| (a, value))),
        kind: match kind {
            None => None,
            Some(name) => Some(
                Kind::parse(&name)
                    .ok_or_else(|| Fault::invalid_request("Value for x-amz-checksum-type header is invalid."))?,
            ),
        },
        size: match text(&headers, "x-amz-mp-object-size") {
            None => None,
            Some(size) => Some(
                size.parse()
                    .map_err(|_| Fault::invalid_request("Value for x-amz-mp-object-size header is invalid."))?,
            ),
        },
    };
    let listed = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    if listed.is_empty() {
        return Err(Fault::malformed());
    }
    let (origin, region) = (Origin::of(&call), call.caller.scope.region);
    let (bucket_name, upload_key, upload_id) = (bucket.name().to_owned(), input.key.clone(), input.upload_id.clone());
    let found = store
        .run(move |store| match store.index.parts(&bucket_name, &upload_key, &upload_id, 0, u32::MAX) {
            Err(fault) if fault.is_refusal() => {
                let completed = store.index.completed(&bucket_name, &upload_key, &upload_id)?;
                completed.map(|completed| Found::Completed(Box::new(completed))).ok_or(fault)
            }
            begun => begun.map(|begun| Found::Begun(Box::new(begun))),
        })
        .await?;
    let (upload, parts) = match found {
        Found::Begun(begun) => *begun,
        // Whoever missed the first answer gets it again.
        Found::Completed(completed) => {
            let (object, version) = *completed;
            return Ok(answer(input.bucket, region, object, version));
        }
    };
    if let Some(Encryption::Kms { .. }) = &upload.encryption {
        // Parts are read before they become an object, so whoever completes has to be allowed to.
        opening(store, &call, upload.encryption.as_ref(), &HeaderMap::new(), Whose::Upload).await?;
    }
    let (object, version) = store
        .run(move |store| {
            let parts = chosen(&upload, parts, &listed)?;
            place(store, &bucket, &upload, &parts, &claimed, &condition, &origin)
        })
        .await?;
    Ok(answer(input.bucket, region, object, version))
}

/// What there is of an upload.
enum Found {
    Begun(Box<(Upload, Vec<Part>)>),
    Completed(Box<(Object, Option<VersionId>)>),
}

fn answer(
    bucket: String, region: Region, object: Object, version: Option<VersionId>,
) -> S3Response<CompleteMultipartUploadOutput> {
    let shown = shown(object.encryption.as_ref());
    let algorithm = object.checksum.as_ref().map(|checksum| checksum.algorithm);
    let checksum = object.checksum.as_ref().map(Checksum::dto).unwrap_or_default();
    Spelling::of(algorithm).on(CompleteMultipartUploadOutput {
        location: Some(format!("https://{bucket}.s3.{region}.amazonaws.com/{}", object.key)),
        bucket: Some(bucket),
        key: Some(object.key),
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        checksum_type: checksum.checksum_type,
        e_tag: Some(ETag::Strong(object.etag)),
        server_side_encryption: shown.algorithm,
        ssekms_key_id: shown.key_id,
        bucket_key_enabled: shown.bucket_key,
        version_id: version.map(|version| version.as_str().to_owned()),
        ..CompleteMultipartUploadOutput::default()
    })
}

/// The parts that the request lists, if they are as it says.
fn chosen(upload: &Upload, parts: Vec<Part>, listed: &[CompletedPart]) -> Result<Vec<Part>, Fault> {
    let mut known: HashMap<i32, Part> = parts.into_iter().map(|part| (number(part.number), part)).collect();
    let mut chosen: Vec<Part> = Vec::with_capacity(listed.len());
    let mut previous = 0;
    for entry in listed {
        let asked = entry.part_number.unwrap_or(0);
        if asked <= previous {
            return Err(Fault::new(
                S3ErrorCode::InvalidPartOrder,
                "The list of parts was not in ascending order. Parts must be ordered by part number.",
            )
            .with("UploadId", &upload.id));
        }
        previous = asked;
        let etag = entry.e_tag.as_ref().map(|etag| etag.value().to_owned()).unwrap_or_default();
        let part = known.remove(&asked).filter(|part| part.md5 == etag);
        let part = part.ok_or_else(|| invalid_part(upload, asked, &etag))?;
        check_part_sum(upload, entry, &part)?;
        chosen.push(part);
    }
    for part in chosen.iter().rev().skip(1) {
        if part.size < SMALLEST_PART {
            return Err(Fault::new(
                S3ErrorCode::EntityTooSmall,
                "Your proposed upload is smaller than the minimum allowed size",
            )
            .with("ProposedSize", part.size.to_string())
            .with("MinSizeAllowed", SMALLEST_PART.to_string())
            .with("PartNumber", part.number.to_string())
            .with("ETag", &part.md5));
        }
    }
    Ok(chosen)
}

fn invalid_part(upload: &Upload, number: i32, etag: &str) -> Fault {
    Fault::new(
        S3ErrorCode::InvalidPart,
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified \
         entity tag may not match the part's entity tag.",
    )
    .with("UploadId", &upload.id)
    .with("PartNumber", number.to_string())
    .with("ETag", etag)
}

/// Holds a part against the checksum that the request says it has. A composite checksum needs all of them said.
fn check_part_sum(upload: &Upload, entry: &CompletedPart, part: &Part) -> Result<(), Fault> {
    let algorithm = upload.kept().algorithm;
    let said = match algorithm {
        Algorithm::Crc32 => &entry.checksum_crc32,
        Algorithm::Crc32c => &entry.checksum_crc32c,
        Algorithm::Crc64Nvme => &entry.checksum_crc64nvme,
        Algorithm::Sha1 => &entry.checksum_sha1,
        // Those that s3s does not know stand in the place of this one.
        _ => &entry.checksum_sha256,
    };
    match said {
        Some(value) if *value != part.checksum => Err(invalid_part(upload, number(part.number), &part.md5)),
        None if upload.checksums.is_some_and(|c| c.kind == Kind::Composite) => Err(Fault::invalid_request(format!(
            "The upload was created using a {} checksum. The complete request must include the checksum for each part. \
             It was missing for part {} in the request.",
            algorithm.as_str().to_ascii_lowercase(),
            part.number
        ))),
        _ => Ok(()),
    }
}

/// Commits the object. Blocks.
fn place(
    store: &Store, bucket: &AllowedBucket, upload: &Upload, parts: &[Part], claimed: &Claimed, condition: &Condition,
    origin: &Origin,
) -> Result<(Object, Option<VersionId>), Fault> {
    let Checksums { algorithm, kind } = upload.kept();
    let sums: Vec<_> =
        parts.iter().map(|part| PartSum { size: part.size, md5: &part.md5, checksum: &part.checksum }).collect();
    let combined = combine(algorithm, kind, &sums);
    let mut pieces = Vec::with_capacity(parts.len());
    let mut size = 0;
    for part in parts {
        pieces.push(Piece {
            number: part.number,
            start: size,
            size: part.size,
            file: part.file.clone(),
            checksum: part.checksum.clone(),
        });
        size += part.size;
    }
    if size > LARGEST_OBJECT {
        return Err(Fault::too_large(size, LARGEST_OBJECT));
    }
    claimed.check(upload, combined.checksum.as_ref(), size)?;
    let object = Object {
        key: upload.key.clone(),
        body: random_name()?,
        size,
        etag: combined.etag,
        modified: origin.time,
        checksum: combined.checksum,
        parts: u32::try_from(parts.len()).unwrap_or(u32::MAX),
        attributes: upload.attributes.clone(),
        tags: upload.tags.clone(),
        version: VersionId::random()?,
        encryption: upload.encryption.clone(),
        lock: upload.lock,
    };
    let put = ObjectPut {
        bucket: bucket.name(),
        object: &object,
        pieces: &pieces,
        condition,
        happening: Happening::Completed,
        origin,
    };
    let (Put { replaced, version }, unused) = store.index.complete(&upload.id, parts, &put)?;
    store.release(replaced);
    store.bodies.remove(&unused);
    Ok((object, version))
}

impl Claimed {
    fn check(&self, upload: &Upload, checksum: Option<&Checksum>, size: u64) -> Result<(), Fault> {
        if self.size.is_some_and(|claimed| claimed != size) {
            return Err(Fault::invalid_request(format!(
                "The provided 'x-amz-mp-object-size' header does not match what was computed: {size}"
            )));
        }
        let kept = upload.kept();
        if self.kind.is_some_and(|kind| kind != kept.kind) {
            return Err(Fault::invalid_request(format!(
                "The upload was created using the {} checksum mode. The complete request must use the same checksum \
                 mode.",
                kept.kind.as_str()
            )));
        }
        let Some((algorithm, value)) = &self.checksum else {
            return Ok(());
        };
        match checksum {
            // Of an upload that keeps another algorithm, the claimed sum is not known.
            _ if *algorithm != kept.algorithm => Err(Fault::invalid_request(format!(
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                kept.algorithm.as_str().to_ascii_lowercase(),
                algorithm.as_str().to_ascii_lowercase()
            ))),
            Some(checksum) if same_sum(value, &checksum.value) => Ok(()),
            _ => Err(Fault::new(
                S3ErrorCode::BadDigest,
                format!("The {} you specified did not match the calculated checksum.", algorithm.as_str()),
            )),
        }
    }
}

/// A composite checksum may be given with or without the number of parts.
fn same_sum(claimed: &str, computed: &str) -> bool {
    claimed == computed || computed.split_once('-').is_some_and(|(sum, _)| claimed == sum)
}
