//! The canonical request, whose digest is signed.
//!
//! Paths and queries have two canonical forms here. botocore signs them as they are sent, once
//! they are encoded; AWS decodes what arrives and encodes it again, so that a client which sends
//! `a+b` or `%2f` and signs `a%20b` or `%2F` is right as well. Requests of one form decode to the
//! same path and query as those of the other, so that to accept both proves no less.

use aws_lc_rs::digest::{SHA256, digest};
use http::{HeaderMap, request::Parts};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use super::S3;

/// What is encoded in queries, and in the segments of paths: all but the unreserved characters.
pub(super) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is encoded in a path as a whole.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// Which canonical form the path and the query have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As they were sent.
    AsSent,
    /// Decoded and encoded again.
    Reencoded,
}

/// What of a request is signed, besides the request itself.
pub(super) struct Signed<'a> {
    /// The value that `host` has.
    pub(super) host: &'a [u8],
    /// The signed headers' names, lower-case and sorted.
    pub(super) headers: &'a [String],
    /// The last line.
    pub(super) payload: &'a str,
    pub(super) service: &'a str,
    /// Whether the signature is a parameter of the query, which it does not sign.
    pub(super) presigned: bool,
}

/// The SHA-256 of the canonical request, in hexadecimal.
pub(super) fn request_digest(parts: &Parts, signed: &Signed<'_>, form: Form) -> String {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(parts.method.as_str().as_bytes());
    out.push(b'\n');
    out.extend_from_slice(path(parts.uri.path(), signed.service, form).as_bytes());
    out.push(b'\n');
    let sent = parts.uri.query().unwrap_or_default();
    out.extend_from_slice(query(sent, signed.presigned, form).as_bytes());
    out.push(b'\n');
    for name in signed.headers {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        if name == "host" {
            trimmed(signed.host, &mut out);
        } else {
            header_values(&parts.headers, name, &mut out);
        }
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(signed.headers.join(";").as_bytes());
    out.push(b'\n');
    out.extend_from_slice(signed.payload.as_bytes());
    hex::encode(digest(&SHA256, &out))
}

/// The host that a request is for: its `Host` header, or the authority of HTTP/2 and proxies.
pub(super) fn host(parts: &Parts) -> &[u8] {
    let authority = || {
        let authority = parts.uri.authority()?.as_str();
        Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
    };
    match parts.headers.get(http::header::HOST) {
        Some(host) => host.as_bytes(),
        None => authority().unwrap_or_default().as_bytes(),
    }
}

/// The path that a signature for another service than S3 covers: without empty segments and dots.
///
/// Whoever routes such a request by its path has to take this one. The path as it was sent may
/// have been changed on the way to another one of the same normal form.
///
/// ```
/// use sidegate_wire::sigv4::normalized_path;
///
/// assert_eq!(normalized_path("/functions//a/../b/"), "/functions/b/");
/// ```
pub fn normalized_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let last = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("/{}{last}", segments.join("/"))
}

fn path(sent: &str, service: &str, form: Form) -> String {
    let path = match service {
        S3 if sent.is_empty() => "/".to_owned(),
        S3 => sent.to_owned(),
        _ => normalized_path(sent),
    };
    let path = match form {
        Form::AsSent => path,
        // Segment by segment, so that an encoded slash stays one.
        Form::Reencoded => path
            .split('/')
            .map(|segment| encode(&percent_decode_str(segment).collect::<Vec<u8>>()))
            .collect::<Vec<_>>()
            .join("/"),
    };
    match service {
        S3 => path,
        _ => percent_encode(path.as_bytes(), RESERVED_IN_PATH).to_string(),
    }
}

fn query(sent: &str, presigned: bool, form: Form) -> String {
    if sent.is_empty() {
        return String::new();
    }
    let mut pairs: Vec<(String, String)> = sent
        .split('&')
        .filter(|pair| form == Form::AsSent || !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(name, _)| !(presigned && form_decode(name) == b"X-Amz-Signature"))
        .map(|(name, value)| match form {
            Form::AsSent => (name.to_owned(), value.to_owned()),
            Form::Reencoded => (encode(&form_decode(name)), encode(&form_decode(value))),
        })
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn encode(bytes: &[u8]) -> String {
    percent_encode(bytes, RESERVED).to_string()
}

/// Decodes a name or a value of a query.
pub(super) fn form_decode(encoded: &str) -> Vec<u8> {
    let spaced = encoded.replace('+', " ");
    percent_decode_str(&spaced).collect()
}

fn header_values(headers: &HeaderMap, name: &str, out: &mut Vec<u8>) {
    for (index, value) in headers.get_all(name).iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        trimmed(value.as_bytes(), out);
    }
}

/// Writes a value without the space around it, and with one space for each run within.
fn trimmed(value: &[u8], out: &mut Vec<u8>) {
    let words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}
