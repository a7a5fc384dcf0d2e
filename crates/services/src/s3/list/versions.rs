//! ListObjectVersions: all versions and delete markers, in the order of their keys and the newest first.

use std::sync::Arc;

use s3s::dto::{
    DeleteMarkerEntry, ETag, ListObjectVersionsInput, ListObjectVersionsOutput, ObjectVersion,
    ObjectVersionStorageClass, Owner, RestoreStatus,
};
use s3s::{S3Request, S3Response};

use super::super::bucket::owner;
use super::super::call::{Call, timestamp};
use super::super::fault::Fault;
use super::super::get::signed;
use super::super::restore;
use super::super::store::{Addressed, AllowedBucket, Listed, Object, Step, Store, VersionPosition};
use super::super::version::VersionId;
use super::{Encoding, algorithms, common_prefix, query};

/// What is to be listed.
struct Query {
    prefix: String,
    /// Empty is none.
    delimiter: String,
    position: VersionPosition,
    limit: usize,
}

/// What one answer holds.
#[derive(Default)]
struct Page {
    versions: Vec<Listed>,
    prefixes: Vec<String>,
    /// The last thing in the page, where there is more after it.
    more_after: Option<VersionPosition>,
}

pub(in crate::s3) async fn list_object_versions(
    store: &Arc<Store>, call: Call, request: S3Request<ListObjectVersionsInput>,
) -> Result<S3Response<ListObjectVersionsOutput>, Fault> {
    let (input, now) = (request.input, call.caller.now);
    let named = store.named(&call, &input.bucket, None).await?;
    let (prefix, delimiter) = (input.prefix.as_deref(), input.delimiter.as_deref());
    let requirement = named.listing("ListBucketVersions", prefix, delimiter, input.max_keys);
    let allowed = call.authorize_in(&named, "ListObjectVersions", [requirement]).await?;
    let owner_id = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner_id, Addressed::InItsRegion)?;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let (plain, most) = query(input.prefix.clone(), input.delimiter.clone(), input.max_keys)?;
    let marker = input.key_marker.clone().unwrap_or_default();
    let position = position(&plain.prefix, &plain.delimiter, &marker, input.version_id_marker.as_deref())?;
    let query = Query { prefix: plain.prefix, delimiter: plain.delimiter, position, limit: plain.limit };
    let owned_by = owner(&bucket.row.account);
    let restoration = |object: &Object| restore::listed(object, input.optional_object_attributes.as_deref(), now);
    let page = query.page(store, bucket).await?;
    let next = page.more_after.as_ref();
    Ok(S3Response::new(ListObjectVersionsOutput {
        common_prefixes: encoding.prefixes(&page.prefixes),
        delete_markers: Some(markers(&page.versions, encoding, &owned_by)),
        delimiter: encoding.optional(input.delimiter.as_deref()),
        encoding_type: input.encoding_type,
        is_truncated: Some(next.is_some()),
        key_marker: Some(encoding.name(&marker)),
        max_keys: Some(most),
        next_key_marker: next.map(|position| encoding.name(position.name())),
        next_version_id_marker: next.and_then(VersionPosition::version),
        prefix: Some(encoding.name(input.prefix.as_deref().unwrap_or_default())),
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        versions: Some(versions(&page.versions, encoding, &owned_by, &restoration)),
        name: Some(input.bucket),
        request_charged: None,
    }))
}

/// Where a listing goes on after its markers.
fn position(prefix: &str, delimiter: &str, key: &str, version: Option<&str>) -> Result<VersionPosition, Fault> {
    let version = match version {
        None | Some("") => None,
        Some(_) if key.is_empty() => {
            let message = "A version-id marker cannot be specified without a key marker.";
            return Err(Fault::invalid_argument("version-id-marker", version.unwrap_or_default(), message));
        }
        Some(version) => Some(VersionId::parse("version-id-marker", version)?),
    };
    let key = key.to_owned();
    Ok(match version {
        _ if key.is_empty() => VersionPosition::From(key),
        Some(version) => VersionPosition::Amid(key, version),
        None if key.starts_with(prefix) && common_prefix(prefix, delimiter, &key) == Some(&key) => {
            VersionPosition::Beyond(key)
        }
        None => VersionPosition::After(key),
    })
}

impl Query {
    async fn page(self, store: &Arc<Store>, bucket: AllowedBucket) -> Result<Page, Fault> {
        store.run(move |store| self.page_now(store, bucket.name())).await
    }

    fn page_now(self, store: &Store, bucket: &str) -> Result<Page, Fault> {
        let mut page = Page::default();
        let mut last = None;
        if self.limit == 0 {
            return Ok(page);
        }
        store.index.walk_versions(bucket, &self.prefix, &self.position, |listed| {
            if page.versions.len() + page.prefixes.len() >= self.limit {
                page.more_after = last.take();
                return Step::Stop;
            }
            match common_prefix(&self.prefix, &self.delimiter, &listed.object.key) {
                Some(prefix) => {
                    let prefix = prefix.to_owned();
                    last = Some(VersionPosition::Beyond(prefix.clone()));
                    page.prefixes.push(prefix.clone());
                    Step::Skip(prefix)
                }
                None => {
                    last = Some(VersionPosition::Amid(listed.object.key.clone(), listed.object.version.clone()));
                    page.versions.push(listed);
                    Step::Next
                }
            }
        })?;
        Ok(page)
    }
}

impl VersionPosition {
    fn name(&self) -> &str {
        match self {
            Self::From(name) | Self::After(name) | Self::Beyond(name) | Self::Amid(name, _) => name,
        }
    }

    fn version(&self) -> Option<String> {
        match self {
            Self::Amid(_, version) => Some(version.as_str().to_owned()),
            Self::From(_) | Self::After(_) | Self::Beyond(_) => None,
        }
    }
}

fn versions(
    all: &[Listed], encoding: Encoding, owned_by: &Owner, restoration: &dyn Fn(&Object) -> Option<RestoreStatus>,
) -> Vec<ObjectVersion> {
    let versions = all.iter().filter(|listed| !listed.is_marker).map(|Listed { object, is_latest, .. }| {
        let class = object.attributes.storage_class.clone();
        ObjectVersion {
            checksum_algorithm: algorithms(object),
            checksum_type: object.checksum.as_ref().map(|c| c.kind.dto()),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            is_latest: Some(*is_latest),
            key: Some(encoding.name(&object.key)),
            last_modified: Some(timestamp(object.modified)),
            owner: Some(owned_by.clone()),
            restore_status: restoration(object),
            size: Some(signed(object.size)),
            storage_class: Some(ObjectVersionStorageClass::from(
                class.unwrap_or_else(|| ObjectVersionStorageClass::STANDARD.to_owned()),
            )),
            version_id: Some(object.version.as_str().to_owned()),
        }
    });
    versions.collect()
}

fn markers(all: &[Listed], encoding: Encoding, owned_by: &Owner) -> Vec<DeleteMarkerEntry> {
    let markers =
        all.iter().filter(|listed| listed.is_marker).map(|Listed { object, is_latest, .. }| DeleteMarkerEntry {
            is_latest: Some(*is_latest),
            key: Some(encoding.name(&object.key)),
            last_modified: Some(timestamp(object.modified)),
            owner: Some(owned_by.clone()),
            version_id: Some(object.version.as_str().to_owned()),
        });
    markers.collect()
}
