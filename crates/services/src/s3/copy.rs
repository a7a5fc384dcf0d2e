//! CopyObject. Where both are encrypted with keys of S3's own, the copy names the same bytes on the disk by hard links, and
//! shares the data key; they are read only where a checksum has to be computed anew. Elsewhere they are encrypted anew.

use std::sync::Arc;

use futures::StreamExt as _;
use http::HeaderMap;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETag, ETagCondition, MetadataDirective,
    TaggingDirective,
};
use s3s::{S3ErrorCode, S3Request, S3Response};
use sidegate_iam::Requirement;

use super::acl::Bearing;
use super::answer::Spelling;
use super::attributes::{attributes, refuse_unsupported, storage_class, tags_of_header, text, website_redirect};
use super::call::{Call, timestamp};
use super::checksum::{Algorithm, Checksum, Kind, unsupported};
use super::conditions::Preconditions;
use super::configuration::encryption::default_of;
use super::encryption::{Encrypting, Encryption, Place, Wanted, Whose, encrypting, opening, shown};
use super::event::{Happening, Origin};
use super::fault::Fault;
use super::lock;
use super::put::condition;
use super::receive::LARGEST_BODY;
use super::requirement::{Makes, Named};
use super::restore::require_copyable;
use super::store::{
    Addressed, AllowedBucket, Condition, DataKey, Found, Lock, Object, ObjectPut, Piece, Published, Store, random_name,
    single_piece,
};
use super::tagging::shown_version;
use super::version::VersionId;

/// Where a copy comes from.
pub(super) struct Source {
    pub(super) bucket: String,
    pub(super) key: String,
    version: Option<String>,
}

impl Source {
    pub(super) fn of(source: CopySource) -> Result<Self, Fault> {
        match source {
            CopySource::Bucket { bucket, key, version_id } => {
                Ok(Self { bucket: bucket.into(), key: key.into(), version: version_id.map(Into::into) })
            }
            CopySource::AccessPoint { .. } | CopySource::Outpost { .. } => {
                Err(Fault::not_implemented("Copying from an access point is not implemented"))
            }
        }
    }

    pub(super) async fn named(&self, store: &Arc<Store>, call: &Call) -> Result<Named, Fault> {
        store.named_version(call, &self.bucket, Some(&self.key), self.version.as_deref()).await
    }

    pub(super) fn requirement(&self, named: &Named) -> Requirement {
        named.on_version("GetObject", &self.key, self.version.as_deref())
    }

    pub(super) async fn find(&self, store: &Arc<Store>, bucket: &AllowedBucket) -> Result<Found, Fault> {
        store.find(bucket, &self.key, self.version.as_deref()).await.map_err(|fault| {
            if !fault.is_method_not_allowed() {
                return fault;
            }
            Fault::invalid_request(
                "The source of a copy request may not specifically refer to a delete marker by version id.",
            )
        })
    }

    /// Holds the conditions against what was found.
    pub(super) fn check(&self, conditions: &Preconditions, found: &Found) -> Result<(), Fault> {
        match conditions.failing(&found.object) {
            None => Ok(()),
            Some(condition) => Err(Fault::precondition(copy_condition(condition))),
        }
    }
}

fn copy_condition(condition: &'static str) -> &'static str {
    match condition {
        "If-Match" => "x-amz-copy-source-If-Match",
        "If-None-Match" => "x-amz-copy-source-If-None-Match",
        "If-Modified-Since" => "x-amz-copy-source-If-Modified-Since",
        _ => "x-amz-copy-source-If-Unmodified-Since",
    }
}

pub(super) async fn copy_object(
    store: &Arc<Store>, call: Call, request: S3Request<CopyObjectInput>,
) -> Result<S3Response<CopyObjectOutput>, Fault> {
    let S3Request { input, headers, .. } = request;
    let source = Source::of(input.copy_source.clone())?;
    let source_named = source.named(store, &call).await?;
    let named = store.named(&call, &input.bucket, Some(&input.key)).await?;
    let requirements = requirements(&input, &headers, &source, &source_named, &named);
    let allowed = call.authorize_in(&named, "CopyObject", requirements).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let (row, settings) = (&bucket.row, &bucket.row.settings);
    let acl = Bearing { call: &call, bucket: row, operation: "CopyObject", key: Some(&input.key) }.acl(&headers)?;
    refuse_unsupported(&headers)?;
    let wanted = Wanted::by(&headers, &default_of(bucket.row.encryption.as_deref())?)?;
    let conditions = Preconditions::of_source(&headers);
    let source_owner = input.expected_source_bucket_owner.as_deref();
    let source_bucket = source_named.open(&allowed, &call, source_owner, Addressed::Anywhere)?;
    let found = call.found(&source_named, "CopyObject", source.find(store, &source_bucket).await).await?;
    source.check(&conditions, &found)?;
    require_copyable(&found.object, call.caller.now)?;
    refuse_large(&found.object)?;
    let mut target = target(&input, &headers, &found.object, &source, call.caller.now)?;
    target.attributes.acl = acl;
    target.attributes.restored = None;
    target.lock = lock::asked(&headers, settings, call.caller.now)?;
    let algorithm = match text(&headers, "x-amz-checksum-algorithm") {
        None => None,
        Some(name) => Some(Algorithm::parse(&name).ok_or_else(unsupported)?),
    };
    let condition = target_condition(&headers)?;
    let making = Making { object: target, algorithm, condition, origin: Origin::of(&call) };
    let source_version = shown_version(&source_bucket, &found.object.version);
    let key = opening(store, &call, found.object.encryption.as_ref(), &headers, Whose::Source).await?;
    let linked = matches!((&found.object.encryption, &wanted), (Some(Encryption::Own { .. }), Wanted::Own));
    let (object, version) = if linked {
        store.run(move |store| place(store, &bucket, &found, key.as_ref(), making)).await?
    } else {
        let to = Place { bucket: bucket.name(), key: &making.object.key };
        let encrypting = encrypting(store, &call, wanted, to).await?;
        rewrite(store, bucket, Rewriting { found, key, encrypting, making }).await?
    };

    let shown = shown(object.encryption.as_ref());
    let algorithm = object.checksum.as_ref().map(|checksum| checksum.algorithm);
    let checksum = object.checksum.as_ref().map(Checksum::dto).unwrap_or_default();
    Ok(Spelling::of(algorithm).on(CopyObjectOutput {
        copy_object_result: Some(CopyObjectResult {
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            checksum_type: checksum.checksum_type,
            e_tag: Some(ETag::Strong(object.etag)),
            last_modified: Some(timestamp(object.modified)),
        }),
        bucket_key_enabled: shown.bucket_key,
        copy_source_version_id: source_version,
        server_side_encryption: shown.algorithm,
        sse_customer_algorithm: shown.customer_algorithm,
        sse_customer_key_md5: shown.customer_md5,
        ssekms_encryption_context: shown.context,
        ssekms_key_id: shown.key_id,
        version_id: version.map(|version| version.as_str().to_owned()),
        ..CopyObjectOutput::default()
    }))
}

/// What a copy requires: that its source may be read and its target written, and where tags come with it, that they
/// may be read and written too.
///
/// Source: S3 user guide, "Required permissions for Amazon S3 API operations"; AWS knowledge center on copying objects
/// that have tags.
fn requirements(
    input: &CopyObjectInput, headers: &HeaderMap, source: &Source, from: &Named, to: &Named,
) -> Vec<Requirement> {
    let mut requirements = vec![source.requirement(from)];
    requirements.extend(to.writing(headers, &input.key, Makes::Object));
    let replaces = input.tagging_directive.as_ref().is_some_and(|d| d.as_str() == TaggingDirective::REPLACE);
    if from.has_tags() && !replaces {
        requirements.push(from.on_version("GetObjectTagging", &source.key, source.version.as_deref()));
        if text(headers, "x-amz-tagging").is_none() {
            requirements.push(to.on_object("PutObjectTagging", &input.key));
        }
    }
    requirements
}

fn refuse_large(object: &Object) -> Result<(), Fault> {
    if object.size > LARGEST_BODY {
        return Err(Fault::invalid_request(format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: {LARGEST_BODY}"
        )));
    }
    Ok(())
}

/// The conditions on the object that the copy replaces. s3s does not read these headers for a copy.
fn target_condition(headers: &HeaderMap) -> Result<Condition, Fault> {
    let parse = |name| match text(headers, name) {
        None => Ok(None),
        Some(value) => ETagCondition::parse_http_header(value.as_bytes())
            .map(Some)
            .map_err(|_| Fault::invalid_argument(name, value, "Invalid value for the header")),
    };
    condition(parse("if-match")?.as_ref(), parse("if-none-match")?.as_ref())
}

/// The object that the copy makes, its bytes apart.
fn target(
    input: &CopyObjectInput, headers: &HeaderMap, from: &Object, source: &Source, now: i64,
) -> Result<Object, Fault> {
    let replaces = match input.metadata_directive.as_ref().map(MetadataDirective::as_str) {
        None | Some(MetadataDirective::COPY) => false,
        Some(MetadataDirective::REPLACE) => true,
        Some(other) => {
            return Err(Fault::invalid_argument("x-amz-metadata-directive", other, "Unknown metadata directive."));
        }
    };
    let replaces_tags = match input.tagging_directive.as_ref().map(TaggingDirective::as_str) {
        None | Some(TaggingDirective::COPY) => false,
        Some(TaggingDirective::REPLACE) => true,
        Some(other) => {
            return Err(Fault::invalid_argument("x-amz-tagging-directive", other, "Unknown tagging directive."));
        }
    };
    let mut wanted = if replaces { attributes(headers, input.metadata.clone())? } else { from.attributes.clone() };
    // The class and the redirection of the source are not copied with its metadata.
    wanted.storage_class = storage_class(headers)?;
    wanted.website_redirect = website_redirect(headers)?;
    let onto_itself = source.bucket == input.bucket && source.key == input.key && source.version.is_none();
    let encrypts = |name: &http::HeaderName| name.as_str().starts_with("x-amz-server-side-encryption");
    let unchanged = !replaces
        && wanted.storage_class == from.attributes.storage_class
        && wanted.website_redirect == from.attributes.website_redirect
        && !headers.keys().any(encrypts);
    if onto_itself && unchanged {
        return Err(Fault::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the \
             object's metadata, storage class, website redirect location or encryption attributes.",
        ));
    }
    Ok(Object {
        key: input.key.clone(),
        body: random_name()?,
        size: from.size,
        etag: String::new(),
        modified: now,
        checksum: None,
        parts: 0,
        attributes: wanted,
        tags: if replaces_tags { tags_of_header(headers)? } else { from.tags.clone() },
        version: VersionId::random()?,
        encryption: None,
        lock: Lock::default(),
    })
}

/// The algorithm of the checksum of a copy.
fn algorithm_of_copy(from: &Object, asked: Option<Algorithm>) -> Algorithm {
    asked.or(from.checksum.as_ref().map(|known| known.algorithm)).unwrap_or(Algorithm::DEFAULT)
}

/// A copy that is being made.
struct Making {
    /// What it will be.
    object: Object,
    /// The algorithm of the checksum that was asked for.
    algorithm: Option<Algorithm>,
    condition: Condition,
    origin: Origin,
}

impl Making {
    /// Commits the copy with its files. Blocks.
    fn commit(
        self, store: &Store, bucket: &AllowedBucket, pieces: &[Piece], files: Vec<Published>,
    ) -> Result<(Object, Option<VersionId>), Fault> {
        let Self { object, condition, origin, .. } = self;
        let put = ObjectPut {
            bucket: bucket.name(),
            object: &object,
            pieces,
            condition: &condition,
            happening: Happening::Copied,
            origin: &origin,
        };
        let version = store.commit(&put, files)?;
        Ok((object, version))
    }
}

/// Makes a copy of the same files. Blocks.
fn place(
    store: &Store, bucket: &AllowedBucket, found: &Found, key: Option<&DataKey>, mut making: Making,
) -> Result<(Object, Option<VersionId>), Fault> {
    let from = &found.object;
    let object = &mut making.object;
    object.encryption.clone_from(&from.encryption);
    let known = from.checksum.as_ref();
    let algorithm = algorithm_of_copy(from, making.algorithm);
    let same = known.filter(|c| c.algorithm == algorithm && c.kind == Kind::FullObject && from.parts == 0);
    if let Some(same) = same {
        object.etag.clone_from(&from.etag);
        object.checksum = Some(same.clone());
    } else {
        // A copy is one object in one part, whatever its source was: its ETag is the MD5 of its bytes.
        let digested = store.digest(found, key, &[algorithm])?;
        if digested.size != from.size {
            return Err(Fault::new(S3ErrorCode::InternalError, "The source is not as long as it should be"));
        }
        object.etag = digested.etag();
        object.checksum = digested.checksum(algorithm).map(|bytes| Checksum::full(algorithm, bytes));
    }
    let mut files = Vec::with_capacity(found.pieces.len());
    let mut pieces = Vec::with_capacity(found.pieces.len());
    for piece in &found.pieces {
        let file = store.bodies.link(&piece.file)?;
        pieces.push(Piece { file: file.name().to_owned(), checksum: String::new(), ..piece.clone() });
        files.push(file);
    }
    making.commit(store, bucket, &pieces, files)
}

/// A copy that is encrypted otherwise than its source.
struct Rewriting {
    found: Found,
    /// The data key of the source.
    key: Option<DataKey>,
    encrypting: Encrypting,
    making: Making,
}

/// Makes a copy whose bytes are encrypted anew.
async fn rewrite(
    store: &Arc<Store>, bucket: AllowedBucket, rewriting: Rewriting,
) -> Result<(Object, Option<VersionId>), Fault> {
    let Rewriting { found, key, encrypting, mut making } = rewriting;
    let Encrypting { key: new_key, encryption } = encrypting;
    let (algorithm, size) = (algorithm_of_copy(&found.object, making.algorithm), found.object.size);
    let mut writing = store.write(&[algorithm], Some(new_key.clone())).await?;
    let mut reading = store.read(found, key, 0..size);
    while let Some(bytes) = reading.next().await {
        writing.push(bytes.map_err(std::io::Error::other)?).await?;
    }
    let written = writing.end().await?;
    store
        .run(move |store| {
            let (file, digested) = written.finish()?.publish()?;
            let object = &mut making.object;
            object.etag = encryption.etag(&new_key, digested.etag())?;
            object.encryption = Some(encryption);
            object.checksum = digested.checksum(algorithm).map(|bytes| Checksum::full(algorithm, bytes));
            let pieces = single_piece(file.name(), object.size);
            making.commit(store, &bucket, &pieces, vec![file])
        })
        .await
}
