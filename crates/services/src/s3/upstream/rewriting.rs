//! The request that is sent on, which is written from what was decided about: in path style, and signed anew.

use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Empty, Full};
use percent_encoding::utf8_percent_encode;
use s3s::crypto::{Checksum as _, Md5, Sha256};
use sidegate_wire::sigv4::PayloadHash;

use super::super::attributes::text;
use super::super::chunked;
use super::super::fault::Fault;
use super::classified::{BYPASS, COPY_SOURCE, Classified};
use super::operation::{Content, Kind};
use super::target::{RESERVED, Target};
use crate::Body;
use crate::upstream::Server;

const CONTENT_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const UNSIGNED: HeaderValue = HeaderValue::from_static("UNSIGNED-PAYLOAD");

/// What is sent as the body.
pub(super) enum Sent {
    Nothing,
    Bytes(Body),
    Document(Bytes),
}

/// The request for the server. `bypasses` is whether a retention in governance mode may be passed by.
pub(super) fn rewritten(
    classified: &Classified, sent: Sent, bypasses: bool, server: &Server, now: i64,
) -> Result<Request<Body>, Fault> {
    let mut request = Request::new(());
    *request.method_mut() = classified.method.clone();
    *request.uri_mut() =
        server.uri(&path(classified)).map_err(|_| Fault::invalid_request("The request cannot be sent on"))?;
    let mut headers = headers(classified)?;
    if bypasses {
        headers.insert(BYPASS, HeaderValue::from_static("true"));
    }
    let body = match sent {
        Sent::Nothing => {
            headers.insert(CONTENT_HASH, value(hex::encode(Sha256::checksum(b"")))?);
            if classified.method == Method::PUT || classified.method == Method::POST {
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            Empty::new().map_err(|never| match never {}).boxed_unsync()
        }
        Sent::Bytes(body) => {
            of_bytes(classified, &mut headers);
            body
        }
        Sent::Document(document) => of_document(classified, &mut headers, document)?,
    };
    *request.headers_mut() = headers;
    let (mut parts, ()) = request.into_parts();
    server.sign(&mut parts, PayloadHash::Header, now).map_err(|error| super::unavailable(&error))?;
    Ok(Request::from_parts(parts, body))
}

/// The path with the query.
fn path(classified: &Classified) -> String {
    let mut path = classified.target.as_ref().map_or_else(|| "/".to_owned(), Target::path);
    let mut next = '?';
    if !classified.operation.marker.is_empty() {
        path.push(next);
        path.push_str(classified.operation.marker);
        next = '&';
    }
    for name in classified.operation.parameters {
        if let Some(value) = classified.parameter(name) {
            // Writing to a string does not fail.
            let _ = write!(path, "{next}{name}={}", utf8_percent_encode(value, RESERVED));
            next = '&';
        }
    }
    path
}

/// The headers of the operation, without those that are about the body.
fn headers(classified: &Classified) -> Result<HeaderMap, Fault> {
    let operation = &classified.operation;
    let passes =
        |name: &HeaderName| operation.has_header(name.as_str()) || *name == USER_AGENT || name == "x-amz-request-payer";
    let own = classified.headers.iter().filter(|(name, _)| passes(name));
    let mut headers: HeaderMap = own.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(origin) = classified.headers.get("origin") {
        headers.insert("origin", origin.clone());
    }
    if let Some((source, version)) = &classified.source {
        let mut text = source.path();
        if let Some(version) = version {
            let _ = write!(text, "?versionId={}", utf8_percent_encode(version, RESERVED));
        }
        headers.insert(COPY_SOURCE, value(text)?);
    }
    Ok(headers)
}

/// What is said of a body that streams.
fn of_bytes(classified: &Classified, headers: &mut HeaderMap) {
    let came = &classified.headers;
    let hash = text(came, CONTENT_HASH.as_str());
    let is_hash = |hash: &String| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let chunked = chunked::form(came).is_some();
    let hash = came.get(CONTENT_HASH).filter(|_| chunked || hash.as_ref().is_some_and(is_hash));
    headers.insert(CONTENT_HASH, hash.cloned().unwrap_or(UNSIGNED));
    let others = ["x-amz-decoded-content-length", "x-amz-trailer"].iter().filter(|_| chunked);
    for name in others.copied().chain([CONTENT_LENGTH.as_str()]) {
        if let Some(value) = came.get(name) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
}

/// What is said of a document, which is not always the one that came.
fn of_document(classified: &Classified, headers: &mut HeaderMap, document: Bytes) -> Result<Body, Fault> {
    let completes = classified.operation.kind == Kind::Complete;
    let digests: Vec<HeaderName> =
        headers.keys().filter(|name| !completes && name.as_str().starts_with("x-amz-checksum-")).cloned().collect();
    digests.iter().for_each(|name| drop(headers.remove(name)));
    headers.remove("x-amz-sdk-checksum-algorithm");
    headers.remove("content-md5");
    headers.insert(CONTENT_HASH, value(hex::encode(Sha256::checksum(&document)))?);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(document.len()));
    if !document.is_empty() {
        let kind = if classified.operation.content == Content::Json { "application/json" } else { "application/xml" };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        use base64::Engine as _;
        let md5 = base64::engine::general_purpose::STANDARD.encode(Md5::checksum(&document));
        headers.insert("content-md5", value(md5)?);
    }
    Ok(Full::new(document).map_err(|never| match never {}).boxed_unsync())
}

fn value(text: String) -> Result<HeaderValue, Fault> {
    HeaderValue::try_from(text).map_err(|_| Fault::invalid_request("The request cannot be sent on"))
}
