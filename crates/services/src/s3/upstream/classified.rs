//! A request as it was understood: its operation, what it is about, and of its parameters and headers those that belong to
//! the operation. Decisions and what is sent on are made of these, and of nothing else.

use std::collections::BTreeMap;

use http::header::{CONTENT_LENGTH, ORIGIN, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use percent_encoding::percent_decode_str;
use s3s::S3ErrorCode;
use s3s::dto::CopySource;

use super::super::attributes::text;
use super::super::fault::Fault;
use super::super::form::is_form;
use super::super::mended::hoisted;
use super::super::resource::{self, Level};
use super::super::{parameters, range};
use super::operation::{Content, Kind, Operation};
use super::target::Target;

pub(super) const COPY_SOURCE: &str = "x-amz-copy-source";
pub(super) const BYPASS: &str = "x-amz-bypass-governance-retention";
pub(super) const OWNERS: [&str; 2] = ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"];

/// Headers that are looked at whatever the operation is.
const OF_ALL: [&str; 8] = [
    BYPASS,
    "x-amz-content-sha256",
    "x-amz-decoded-content-length",
    "x-amz-expected-bucket-owner",
    "x-amz-request-payer",
    "x-amz-source-expected-bucket-owner",
    "x-amz-trailer",
    COPY_SOURCE,
];

/// Headers that may come several times and mean a list.
const LISTS: [&str; 7] = [
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-object-attributes",
    "x-amz-optional-object-attributes",
];

/// Headers without which a request would be another one, and that S3 does not serve here.
const UNKNOWN: [&str; 3] = ["x-amz-if-match-last-modified-time", "x-amz-if-match-size", "x-amz-write-offset-bytes"];

/// A request that was understood.
pub(super) struct Classified {
    pub(super) operation: Operation,
    pub(super) method: Method,
    /// None where it is about all buckets.
    pub(super) target: Option<Target>,
    /// What is copied, and the version of it.
    pub(super) source: Option<(Target, Option<String>)>,
    /// The parameters, decoded.
    pub(super) query: BTreeMap<String, String>,
    /// The headers, each with one value.
    pub(super) headers: HeaderMap,
}

impl Classified {
    /// What the head of a request says.
    pub(super) fn of(mut head: Parts) -> Result<Self, Fault> {
        if is_form(&head.method, &head.headers) {
            return Err(Fault::not_implemented("Forms of browsers are not sent on to another server"));
        }
        range::ignored(&mut head);
        for (name, value) in &hoisted(&head.uri) {
            head.headers.entry(name).or_insert_with(|| value.clone());
        }
        if UNKNOWN.iter().any(|name| head.headers.contains_key(*name)) {
            let message = "A header you provided implies functionality that is not implemented";
            return Err(Fault::not_implemented(message));
        }
        resource::check(&head).and_then(|()| parameters::check(&head))?;
        let query = query(&head.uri)?;
        let target = Target::of(&head)?;
        let level = match &target {
            None => Level::Service,
            Some(target) if target.key.is_empty() => Level::Bucket,
            Some(_) => Level::Object,
        };
        if level != Level::of(&head.uri, &head.headers) {
            return Err(Fault::new(S3ErrorCode::InvalidURI, "Couldn't parse the specified URI."));
        }
        let copies = level == Level::Object && text(&head.headers, COPY_SOURCE).is_some();
        let operation = Operation::of(&head.method, level, &query, copies)?;
        let headers = own_headers(&operation, &head.headers)?;
        let copies = matches!(operation.kind, Kind::Copy | Kind::Part).then(|| text(&headers, COPY_SOURCE)).flatten();
        let source = copies.map(|source| of_source(&source)).transpose()?;
        if query.get("versionId").is_some_and(String::is_empty) {
            return Err(Fault::invalid_argument("versionId", "", "Version id cannot be the empty string"));
        }
        Ok(Self { operation, method: head.method, target, source, query, headers })
    }

    /// A parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The bucket, of what is about one.
    pub(super) fn bucket(&self) -> &str {
        self.target.as_ref().map(|target| target.bucket.as_str()).unwrap_or_default()
    }

    /// The key, of what is about an object.
    pub(super) fn key(&self) -> &str {
        self.target.as_ref().map(|target| target.key.as_str()).unwrap_or_default()
    }
}

/// The parameters of a query. One that is there twice could be either to others, and what a URL has for its signature is
/// none.
fn query(uri: &Uri) -> Result<BTreeMap<String, String>, Fault> {
    let mut all = BTreeMap::new();
    for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name)?, decoded(value)?);
        if name.to_ascii_lowercase().starts_with("x-amz-") {
            continue;
        }
        if all.contains_key(&name) {
            let message = format!("The query parameter {name} may be there once");
            return Err(Fault::invalid_argument("QueryParameter", name, message));
        }
        all.insert(name, value);
    }
    Ok(all)
}

fn decoded(text: &str) -> Result<String, Fault> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    let invalid = |_| Fault::new(S3ErrorCode::InvalidURI, "Couldn't parse the specified URI.");
    decoded.map(std::borrow::Cow::into_owned).map_err(invalid)
}

/// The headers that belong to an operation. `Connection` has no say in this.
fn own_headers(operation: &Operation, came: &HeaderMap) -> Result<HeaderMap, Fault> {
    let has_body = operation.content != Content::None;
    let document = has_body && operation.content != Content::Bytes;
    let is_own = |name: &HeaderName| {
        let digest = || {
            name == "content-md5"
                || name == "x-amz-sdk-checksum-algorithm"
                || name.as_str().starts_with("x-amz-checksum-")
        };
        OF_ALL.contains(&name.as_str())
            || *name == USER_AGENT
            || *name == ORIGIN
            || (has_body && *name == CONTENT_LENGTH)
            || (document && digest())
            || operation.has_header(name.as_str())
    };
    let mut own = HeaderMap::new();
    for name in came.keys().filter(|name| is_own(name)) {
        let values: Vec<&HeaderValue> = came.get_all(name).iter().collect();
        let meta = name.as_str().starts_with("x-amz-meta-");
        let value = match values.as_slice() {
            [value] => (*value).clone(),
            several if meta || LISTS.contains(&name.as_str()) => {
                let joined = several.iter().map(|value| value.as_bytes()).collect::<Vec<_>>().join(&b","[..]);
                HeaderValue::from_bytes(&joined).map_err(|_| invalid(name))?
            }
            _ => {
                let fault = Fault::new(S3ErrorCode::InvalidArgument, "Only one value may be specified.");
                return Err(fault.with("ArgumentName", name.as_str()));
            }
        };
        if !meta && name.as_str().starts_with("x-amz-") && value.to_str().is_err() {
            return Err(invalid(name));
        }
        // Without a value it says nothing here, and could say something elsewhere.
        if meta || !value.is_empty() {
            own.insert(name, value);
        }
    }
    Ok(own)
}

fn invalid(name: &HeaderName) -> Fault {
    Fault::invalid_request(format!("The value of the header {name} is invalid."))
}

/// What is copied.
fn of_source(header: &str) -> Result<(Target, Option<String>), Fault> {
    let invalid = || Fault::invalid_argument(COPY_SOURCE, header, "Invalid copy source object key");
    match CopySource::parse(header).map_err(|_| invalid())? {
        CopySource::Bucket { bucket, key, version_id } => {
            // A second query, or a fragment, would be part of the key here and perhaps nowhere else.
            let plain = header.split_once("?versionId=").map_or(header, |(path, _)| path);
            let version = version_id.map(String::from);
            if key.is_empty() || plain.contains(['?', '#']) || version.as_deref().is_some_and(is_no_version) {
                return Err(invalid());
            }
            Ok((Target::new(bucket.into(), key.into())?, version))
        }
        CopySource::AccessPoint { .. } | CopySource::Outpost { .. } => {
            Err(Fault::not_implemented("Copying from an access point is not implemented"))
        }
    }
}

fn is_no_version(version: &str) -> bool {
    version.is_empty() || version.contains(['?', '#', '&', '/'])
}
