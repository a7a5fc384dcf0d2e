//! ListObjectsV2 and ListObjects. ListObjectVersions stands in [`versions`].

mod versions;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::crypto::{Checksum as _, Sha256};
use s3s::dto::{
    ChecksumAlgorithm, CommonPrefix, ETag, EncodingType, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, ObjectStorageClass, Owner, RestoreStatus,
};
use s3s::{S3Request, S3Response, dto};

pub(super) use versions::list_object_versions;

use super::bucket::owner;
use super::call::{Call, timestamp};
use super::fault::Fault;
use super::get::signed;
use super::restore;
use super::store::{Addressed, AllowedBucket, Object, Position, Step, Store};

/// The most keys and prefixes of one answer.
const MOST_KEYS: i32 = 1000;

/// What `encoding-type=url` leaves alone.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'~');

/// What is to be listed.
struct Query {
    prefix: String,
    /// Empty is none.
    delimiter: String,
    position: Position,
    limit: usize,
}

/// What one answer holds.
#[derive(Default)]
struct Page {
    objects: Vec<Object>,
    prefixes: Vec<String>,
    /// The last thing in the page, where there is more after it.
    more_after: Option<Position>,
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
        store.index.walk(bucket, &self.prefix, &self.position, |object| {
            if page.objects.len() + page.prefixes.len() >= self.limit {
                page.more_after = last.take();
                return Step::Stop;
            }
            match self.common_prefix(&object.key) {
                Some(prefix) => {
                    last = Some(Position::Beyond(prefix.to_owned()));
                    page.prefixes.push(prefix.to_owned());
                    Step::Skip(prefix.to_owned())
                }
                None => {
                    last = Some(Position::After(object.key.clone()));
                    page.objects.push(object.clone());
                    Step::Next
                }
            }
        })?;
        Ok(page)
    }

    fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        common_prefix(&self.prefix, &self.delimiter, key)
    }

    /// Goes on after a marker, which is a key or, where a listing with a delimiter gave it, a common prefix.
    fn after_marker(&mut self, marker: &str) {
        if marker.is_empty() {
            return;
        }
        let whole = marker.starts_with(&self.prefix) && self.common_prefix(marker) == Some(marker);
        self.position = if whole { Position::Beyond(marker.to_owned()) } else { Position::After(marker.to_owned()) };
    }
}

/// The part of a key up to the first delimiter after the prefix.
fn common_prefix<'k>(prefix: &str, delimiter: &str, key: &'k str) -> Option<&'k str> {
    if delimiter.is_empty() {
        return None;
    }
    let rest = key.get(prefix.len()..)?;
    let at = rest.find(delimiter)?;
    key.get(..prefix.len() + at + delimiter.len())
}

fn query(prefix: Option<String>, delimiter: Option<String>, most: Option<i32>) -> Result<(Query, i32), Fault> {
    let most = most.unwrap_or(MOST_KEYS);
    let limit = usize::try_from(most.min(MOST_KEYS)).map_err(|_| {
        Fault::invalid_argument(
            "max-keys",
            most.to_string(),
            "Argument maxKeys must be an integer between 0 and 2147483647",
        )
    })?;
    let query = Query {
        prefix: prefix.unwrap_or_default(),
        delimiter: delimiter.unwrap_or_default(),
        position: Position::Start,
        limit,
    };
    Ok((query, most.min(MOST_KEYS)))
}

/// How names stand in the answer.
#[derive(Clone, Copy)]
pub(super) struct Encoding(bool);

impl Encoding {
    pub(super) fn of(asked: Option<&EncodingType>) -> Result<Self, Fault> {
        match asked.map(EncodingType::as_str) {
            None => Ok(Self(false)),
            Some(EncodingType::URL) => Ok(Self(true)),
            Some(other) => {
                Err(Fault::invalid_argument("encoding-type", other, "Invalid Encoding Method specified in Request"))
            }
        }
    }

    pub(super) fn name(self, name: &str) -> String {
        if self.0 { utf8_percent_encode(name, KEPT).to_string() } else { name.to_owned() }
    }

    pub(super) fn optional(self, name: Option<&str>) -> Option<String> {
        name.filter(|name| !name.is_empty()).map(|name| self.name(name))
    }

    pub(super) fn prefixes(self, prefixes: &[String]) -> Option<Vec<CommonPrefix>> {
        (!prefixes.is_empty())
            .then(|| prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(self.name(prefix)) }).collect())
    }
}

pub(super) async fn list_objects_v2(
    store: &Arc<Store>, call: Call, request: S3Request<ListObjectsV2Input>,
) -> Result<S3Response<ListObjectsV2Output>, Fault> {
    let (input, now) = (request.input, call.caller.now);
    let named = store.named(&call, &input.bucket, None).await?;
    let (prefix, delimiter) = (input.prefix.as_deref(), input.delimiter.as_deref());
    let requirement = named.listing("ListBucket", prefix, delimiter, input.max_keys);
    let allowed = call.authorize_in(&named, "ListObjectsV2", [requirement]).await?;
    let owner_id = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner_id, Addressed::InItsRegion)?;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let (mut query, most) = query(input.prefix.clone(), input.delimiter.clone(), input.max_keys)?;
    match (&input.continuation_token, &input.start_after) {
        (Some(token), _) => query.position = open_token(&input.bucket, token)?,
        (None, Some(key)) => query.after_marker(key),
        (None, None) => {}
    }
    let owned_by = input.fetch_owner.unwrap_or(false).then(|| owner(&bucket.row.account));
    let restoration = |object: &Object| restore::listed(object, input.optional_object_attributes.as_deref(), now);
    let page = query.page(store, bucket).await?;
    let count = page.objects.len() + page.prefixes.len();
    Ok(S3Response::new(ListObjectsV2Output {
        common_prefixes: encoding.prefixes(&page.prefixes),
        contents: contents(&page.objects, encoding, owned_by.as_ref(), &restoration),
        continuation_token: input.continuation_token,
        delimiter: encoding.optional(input.delimiter.as_deref()),
        encoding_type: input.encoding_type,
        is_truncated: Some(page.more_after.is_some()),
        key_count: Some(i32::try_from(count).unwrap_or(MOST_KEYS)),
        max_keys: Some(most),
        next_continuation_token: page.more_after.as_ref().map(|position| seal_token(&input.bucket, position)),
        prefix: Some(encoding.name(input.prefix.as_deref().unwrap_or_default())),
        start_after: encoding.optional(input.start_after.as_deref()),
        name: Some(input.bucket),
        request_charged: None,
    }))
}

pub(super) async fn list_objects(
    store: &Arc<Store>, call: Call, request: S3Request<ListObjectsInput>,
) -> Result<S3Response<ListObjectsOutput>, Fault> {
    let (input, now) = (request.input, call.caller.now);
    let named = store.named(&call, &input.bucket, None).await?;
    let (prefix, delimiter) = (input.prefix.as_deref(), input.delimiter.as_deref());
    let requirement = named.listing("ListBucket", prefix, delimiter, input.max_keys);
    let allowed = call.authorize_in(&named, "ListObjects", [requirement]).await?;
    let owner_id = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner_id, Addressed::InItsRegion)?;
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let (mut query, most) = query(input.prefix.clone(), input.delimiter.clone(), input.max_keys)?;
    let marker = input.marker.clone().unwrap_or_default();
    query.after_marker(&marker);
    let delimited = !query.delimiter.is_empty();
    let owned_by = owner(&bucket.row.account);
    let restoration = |object: &Object| restore::listed(object, input.optional_object_attributes.as_deref(), now);
    let page = query.page(store, bucket).await?;
    Ok(S3Response::new(ListObjectsOutput {
        common_prefixes: encoding.prefixes(&page.prefixes),
        contents: contents(&page.objects, encoding, Some(&owned_by), &restoration),
        delimiter: encoding.optional(input.delimiter.as_deref()),
        encoding_type: input.encoding_type,
        is_truncated: Some(page.more_after.is_some()),
        marker: Some(encoding.name(&marker)),
        max_keys: Some(most),
        // Without a delimiter the last key of the page serves, and AWS says nothing more.
        next_marker: page.more_after.filter(|_| delimited).map(|position| encoding.name(position.name())),
        prefix: Some(encoding.name(input.prefix.as_deref().unwrap_or_default())),
        name: Some(input.bucket),
        request_charged: None,
    }))
}

fn contents(
    objects: &[Object], encoding: Encoding, owned_by: Option<&Owner>,
    restoration: &dyn Fn(&Object) -> Option<RestoreStatus>,
) -> Option<Vec<dto::Object>> {
    let all = objects.iter().map(|object| {
        let class = object.attributes.storage_class.clone();
        dto::Object {
            checksum_algorithm: algorithms(object),
            checksum_type: object.checksum.as_ref().map(|c| c.kind.dto()),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            key: Some(encoding.name(&object.key)),
            last_modified: Some(timestamp(object.modified)),
            owner: owned_by.cloned(),
            restore_status: restoration(object),
            size: Some(signed(object.size)),
            storage_class: Some(ObjectStorageClass::from(
                class.unwrap_or_else(|| ObjectStorageClass::STANDARD.to_owned()),
            )),
        }
    });
    (!objects.is_empty()).then(|| all.collect())
}

fn algorithms(object: &Object) -> Option<Vec<ChecksumAlgorithm>> {
    object.checksum.as_ref().map(|c| vec![ChecksumAlgorithm::from_static(c.algorithm.as_str())])
}

impl Position {
    fn name(&self) -> &str {
        match self {
            Self::Start => "",
            Self::After(name) | Self::Beyond(name) => name,
        }
    }

    fn mark(&self) -> u8 {
        match self {
            Self::Start => b's',
            Self::After(_) => b'a',
            Self::Beyond(_) => b'b',
        }
    }
}

/// A continuation token: the position, and a sum that ties it to the bucket, so that a token which is cut, altered or
/// used elsewhere is refused rather than misread.
fn seal_token(bucket: &str, position: &Position) -> String {
    let mut token = vec![position.mark()];
    token.extend(token_sum(bucket, position));
    token.extend(position.name().as_bytes());
    URL_SAFE_NO_PAD.encode(token)
}

fn open_token(bucket: &str, token: &str) -> Result<Position, Fault> {
    let invalid =
        || Fault::invalid_argument("continuation-token", token, "The continuation token provided is incorrect");
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
    let (mark, rest) = bytes.split_first().ok_or_else(invalid)?;
    let (sum, name) = rest.split_at_checked(8).ok_or_else(invalid)?;
    let name = String::from_utf8(name.to_vec()).map_err(|_| invalid())?;
    let position = match mark {
        b'a' => Position::After(name),
        b'b' => Position::Beyond(name),
        _ => return Err(invalid()),
    };
    if token_sum(bucket, &position) == sum { Ok(position) } else { Err(invalid()) }
}

fn token_sum(bucket: &str, position: &Position) -> Vec<u8> {
    let text = [bucket.as_bytes(), &[0, position.mark()], position.name().as_bytes()].concat();
    Sha256::checksum(&text).into_iter().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_only_for_the_bucket_that_gave_it() {
        let position = Position::Beyond("a/ä/".to_owned());
        let token = seal_token("docs", &position);
        assert_eq!(open_token("docs", &token).unwrap(), position);
        assert!(open_token("other", &token).is_err());
        assert!(open_token("docs", &token[1..]).is_err());
        assert!(open_token("docs", "").is_err());
    }
}
