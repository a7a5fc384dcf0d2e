//! The last hand on an answer: the headers that AWS puts on each, and the elements of an error's XML that s3s leaves
//! out.

mod spelling;
mod wording;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderName, HeaderValue, SERVER};
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::BodyExt as _;
use s3s::S3Error;
use s3s::crypto::{Checksum as _, Sha256};

pub(super) use spelling::{Spelling, element};

use super::fault::Fault;
use crate::{Body, Caller};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
const HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");

/// What is known of a request once it is answered.
pub(super) struct Asked<'a> {
    pub(super) caller: &'a Caller,
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
}

impl Asked<'_> {
    /// An answer in the form of this crate, with all that belongs on it.
    pub(super) fn finish(
        &self, answer: Response<s3s::Body>, details: BTreeMap<&'static str, String>,
    ) -> Response<Body> {
        let (mut head, body) = spelling::respelled(answer).into_parts();
        let host_id = BASE64.encode(Sha256::checksum(self.caller.request_id.as_bytes()));
        for (name, value) in [(REQUEST_ID, &self.caller.request_id), (HOST_ID, &host_id)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                head.headers.insert(name, value);
            }
        }
        head.headers.insert(SERVER, HeaderValue::from_static("AmazonS3"));
        let refused = head.status.as_u16() >= 300;
        let mut body = body;
        if refused {
            let xml = body.bytes().filter(|bytes| !bytes.is_empty());
            if let Some(xml) = xml {
                head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
                body = self.completed(&xml, &details, &host_id).into();
            }
        }
        if !refused && head.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/xml") {
            body = with_legible_ends_of_lines(body);
        }
        if *self.method == Method::HEAD && head.status == StatusCode::OK && head.headers.contains_key(CONTENT_RANGE) {
            // s3s has no partial answer to HEAD.
            head.status = StatusCode::PARTIAL_CONTENT;
        }
        if head.status == StatusCode::NOT_MODIFIED || (refused && *self.method == Method::HEAD) {
            body = s3s::Body::empty();
            head.headers.remove(CONTENT_LENGTH);
            if head.status == StatusCode::NOT_MODIFIED {
                head.headers.remove(CONTENT_TYPE);
            }
        }
        Response::from_parts(head, body.boxed_unsync())
    }

    /// An answer of another server, with the ids of this request.
    pub(super) fn identified(&self, mut answer: Response<Body>) -> Response<Body> {
        let host_id = BASE64.encode(Sha256::checksum(self.caller.request_id.as_bytes()));
        for (name, value) in [(REQUEST_ID, &self.caller.request_id), (HOST_ID, &host_id)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                answer.headers_mut().insert(name, value);
            }
        }
        answer
    }

    /// An error that came about outside of s3s.
    pub(super) fn refuse(&self, error: S3Error) -> Response<Body> {
        self.finish(document(error), BTreeMap::new())
    }

    /// The same for a fault of ours.
    pub(super) fn refuse_with(&self, fault: Fault) -> Response<Body> {
        let (error, details) = fault.into_parts();
        self.finish(document(error), details.into_iter().collect())
    }

    /// An answer that says yes and has no body.
    pub(super) fn allow(&self, headers: HeaderMap) -> Response<Body> {
        let mut answer = Response::new(s3s::Body::empty());
        answer.headers_mut().extend(headers);
        self.finish(answer, BTreeMap::new())
    }

    /// The XML of an error with the elements that are missing in it.
    fn completed(&self, xml: &Bytes, details: &BTreeMap<&'static str, String>, host_id: &str) -> Bytes {
        let text = String::from_utf8_lossy(xml);
        let Some(open) = text.strip_suffix("</Error>") else {
            return xml.clone();
        };
        let mut all = wording::of_aws(&legible(open));
        let mut element = |name: &str, value: &str| {
            // Writing to a string does not fail.
            let _ = write!(all, "<{name}>{}</{name}>", escaped(value));
        };
        for (name, value) in details {
            element(name, value);
        }
        element("Resource", self.path);
        element("RequestId", &self.caller.request_id);
        element("HostId", host_id);
        all.push_str("</Error>");
        all.into()
    }
}

/// The answer that s3s makes of an error.
fn document(error: S3Error) -> Response<s3s::Body> {
    error.to_http_response().unwrap_or_else(|_| {
        let mut answer = Response::new(s3s::Body::empty());
        *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        answer
    })
}

pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    legible(&escaped).into_owned()
}

/// A document whose carriage returns are written so that whoever reads it does not take them for ends of lines. s3s writes
/// them as they are.
///
/// Source: XML 1.0, 2.11 (End-of-Line Handling).
fn with_legible_ends_of_lines(body: s3s::Body) -> s3s::Body {
    match body.bytes() {
        Some(bytes) if bytes.contains(&b'\r') => String::from_utf8_lossy(&bytes).replace('\r', "&#13;").into(),
        Some(bytes) => bytes.into(),
        None => body,
    }
}

/// A text without the characters that XML 1.0 has no way to write, which s3s puts into messages as they came.
///
/// Source: XML 1.0, 2.2 (Characters).
fn legible(text: &str) -> Cow<'_, str> {
    let is_none =
        |c: char| (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if text.contains(is_none) { Cow::Owned(text.replace(is_none, "\u{FFFD}")) } else { Cow::Borrowed(text) }
}
