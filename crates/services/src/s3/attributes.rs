//! What a request says of the object that it makes: headers that are kept, and headers that ask for what is not done.

use std::collections::BTreeMap;

use http::HeaderMap;
use s3s::S3ErrorCode;
use s3s::dto::{Metadata, Tag, Timestamp, TimestampFormat};
use time::OffsetDateTime;

use super::fault::Fault;
use super::store::{Attributes, Tags};

/// What metadata may take, names and values together.
const LARGEST_METADATA: usize = 2048;

/// The longest place that a website sends somebody to, in bytes.
const LONGEST_REDIRECT: usize = 2048;

/// The classes. All but the last two, which are restored before they are read, differ from STANDARD only in their price.
const STORAGE_CLASSES: [&str; 8] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
];

/// A header as text; `None` if it is missing or empty.
pub(super) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.as_bytes();
    (!value.is_empty()).then(|| String::from_utf8_lossy(value).into_owned())
}

/// The attributes of an object that a request makes.
pub(super) fn attributes(headers: &HeaderMap, metadata: Option<Metadata>) -> Result<Attributes, Fault> {
    let metadata: BTreeMap<String, String> = metadata.unwrap_or_default().into_iter().collect();
    let size: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > LARGEST_METADATA {
        return Err(Fault::new(
            S3ErrorCode::MetadataTooLarge,
            "Your metadata headers exceed the maximum allowed metadata size",
        )
        .with("Size", size.to_string())
        .with("MaxSizeAllowed", LARGEST_METADATA.to_string()));
    }
    let expires = text(headers, "expires");
    Ok(Attributes {
        content_type: text(headers, "content-type"),
        cache_control: text(headers, "cache-control"),
        content_disposition: text(headers, "content-disposition"),
        content_encoding: text(headers, "content-encoding").and_then(|encodings| without_chunking(&encodings)),
        content_language: text(headers, "content-language"),
        expires: expires.as_deref().and_then(milliseconds),
        expires_text: expires.filter(|date| milliseconds(date).is_none()),
        website_redirect: website_redirect(headers)?,
        storage_class: storage_class(headers)?,
        acl: None,
        restored: None,
        metadata,
    })
}

/// `aws-chunked` is how the body travels, not how the object is encoded.
pub(super) fn without_chunking(encodings: &str) -> Option<String> {
    let kept: Vec<&str> = encodings
        .split(',')
        .map(str::trim)
        .filter(|e| !e.is_empty() && !e.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

/// An `Expires` header that is a date.
fn milliseconds(date: &str) -> Option<i64> {
    let parsed = Timestamp::parse(TimestampFormat::HttpDate, date).ok()?;
    Some(OffsetDateTime::from(parsed).unix_timestamp() * 1000)
}

/// Where a website sends those who ask for the object.
///
/// Source: S3 user guide, "(Optional) Configuring a webpage redirect"; S3 API reference, "Error responses"
/// (`InvalidRedirectLocation`).
pub(super) fn website_redirect(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let Some(location) = text(headers, "x-amz-website-redirect-location") else { return Ok(None) };
    let invalid = |message| Err(Fault::bad_request("InvalidRedirectLocation", message));
    if !["/", "http://", "https://"].iter().any(|start| location.starts_with(start)) {
        return invalid("The website redirect location must have a prefix of 'http://' or 'https://' or '/'.");
    }
    if location.len() > LONGEST_REDIRECT {
        return invalid("The length of website redirect location cannot exceed 2,048 characters.");
    }
    Ok(Some(location))
}

/// The storage class that a request asks for; `None` for STANDARD.
pub(super) fn storage_class(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    match text(headers, "x-amz-storage-class") {
        None => Ok(None),
        Some(class) if class == "STANDARD" => Ok(None),
        Some(class) if STORAGE_CLASSES.contains(&class.as_str()) => Ok(Some(class)),
        Some(class) if ["OUTPOSTS", "EXPRESS_ONEZONE", "SNOW"].contains(&class.as_str()) => {
            Err(Fault::not_implemented(format!("The storage class {class} is not implemented")))
        }
        Some(class) => {
            Err(Fault::new(S3ErrorCode::InvalidStorageClass, "The storage class you specified is not valid")
                .with("StorageClassRequested", class))
        }
    }
}

/// Refuses what a request asks for its new object and would not get.
pub(super) fn refuse_unsupported(headers: &HeaderMap) -> Result<(), Fault> {
    for name in headers.keys().map(http::HeaderName::as_str) {
        if name == "x-amz-write-offset-bytes" {
            return Err(Fault::not_implemented("Appending to an object is not implemented"));
        }
    }
    Ok(())
}

/// The tags of `x-amz-tagging`, which has the form of a query.
pub(super) fn tags_of_header(headers: &HeaderMap) -> Result<Tags, Fault> {
    let Some(header) = text(headers, "x-amz-tagging") else {
        return Ok(Tags::new());
    };
    let pairs = header.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(key), decoded(value))
    });
    object_tags(pairs)
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// The tags of a tag set.
pub(super) fn pairs_of_set(set: Vec<Tag>) -> impl Iterator<Item = (String, String)> {
    set.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
}

/// A tag set of tags.
pub(super) fn set_of_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

/// Tags within the limits of objects.
pub(super) fn object_tags(pairs: impl Iterator<Item = (String, String)>) -> Result<Tags, Fault> {
    limited_tags(pairs, 10, "Object tags cannot be greater than 10")
}

/// Tags within the limits of buckets.
pub(super) fn bucket_tags(pairs: impl Iterator<Item = (String, String)>) -> Result<Tags, Fault> {
    limited_tags(pairs, 50, "Bucket tag count cannot be greater than 50")
}

fn limited_tags(
    pairs: impl Iterator<Item = (String, String)>, limit: usize, too_many: &'static str,
) -> Result<Tags, Fault> {
    let mut tags = Tags::new();
    for (key, value) in pairs {
        if key.is_empty() || key.chars().count() > 128 {
            return Err(
                Fault::new(S3ErrorCode::InvalidTag, "The TagKey you have provided is invalid").with("TagKey", key)
            );
        }
        if value.chars().count() > 256 {
            return Err(Fault::new(S3ErrorCode::InvalidTag, "The TagValue you have provided is invalid")
                .with("TagKey", key)
                .with("TagValue", value));
        }
        let fits = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
        if !key.chars().all(fits) {
            return Err(
                Fault::new(S3ErrorCode::InvalidTag, "The TagKey you have provided is invalid").with("TagKey", key)
            );
        }
        if !value.chars().all(fits) {
            return Err(Fault::new(S3ErrorCode::InvalidTag, "The TagValue you have provided is invalid")
                .with("TagKey", key)
                .with("TagValue", value));
        }
        if key.starts_with("aws:") {
            return Err(Fault::new(S3ErrorCode::InvalidTag, "System tags cannot be added/updated by requester"));
        }
        if let Some(_twice) = tags.insert(key, value) {
            return Err(Fault::new(S3ErrorCode::InvalidTag, "Cannot provide multiple Tags with the same key"));
        }
    }
    if tags.len() > limit {
        return Err(Fault::bad_request("BadRequest", too_many));
    }
    Ok(tags)
}
