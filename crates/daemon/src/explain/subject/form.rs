//! Forms: addresses with ports, URLs and ARNs, as they are typed.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;

use super::SubjectError;

/// A host with what stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// The host: an address or a name.
    pub(super) host: &'a str,
    /// The port, if one is said.
    pub(super) port: Option<u16>,
}

/// A URL, as far as a path is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url<'a> {
    /// The scheme, as it stands there.
    pub(super) scheme: &'a str,
    /// The host and its port.
    pub(super) place: Place<'a>,
    /// What follows the host, without its first slash.
    pub(super) path: &'a str,
}

/// An ARN's parts that tell whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    /// The service.
    pub(super) service: &'a str,
    /// The Region; empty where the service's ARNs have none.
    pub(super) region: &'a str,
    /// The rest.
    pub(super) resource: &'a str,
}

/// Takes a port from the end, if there is one: `10.0.0.1:5432`, `[2001:db8::1]:5432`, `web:80`.
pub(super) fn place(text: &str) -> Result<Place<'_>, SubjectError> {
    let wrong = |reason: &str| SubjectError::Form { text: text.to_owned(), reason: reason.to_owned() };
    if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or_else(|| wrong("the `[` is not closed"))?;
        if !matches!(host.parse(), Ok(IpAddr::V6(_))) {
            return Err(wrong("an IPv6 address stands in brackets"));
        }
        return match after.strip_prefix(':') {
            Some(port) => Ok(Place { host, port: Some(port_of(text, port)?) }),
            None if after.is_empty() => Ok(Place { host, port: None }),
            None => Err(wrong("`:PORT` follows the bracket")),
        };
    }
    match text.split_once(':') {
        // Of an IPv6 address the colons are its own.
        Some((host, port)) if !port.contains(':') && !host.is_empty() && is_number(port) => {
            Ok(Place { host, port: Some(port_of(text, port)?) })
        }
        _ => Ok(Place { host: text, port: None }),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn port_of(text: &str, port: &str) -> Result<u16, SubjectError> {
    let parsed = port.parse().ok().filter(|port| *port != 0);
    parsed
        .ok_or_else(|| SubjectError::Form { text: text.to_owned(), reason: format!("`{port}` is no port: 1 to 65535") })
}

/// The URL that stands there, if one does.
pub(super) fn url(text: &str) -> Result<Option<Url<'_>>, SubjectError> {
    let Some((scheme, rest)) = text.split_once("://") else { return Ok(None) };
    let wrong = |reason: &str| SubjectError::Form { text: text.to_owned(), reason: reason.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('@') {
        return Err(wrong("a user or a password in a URL is nothing that a path depends on; leave it out"));
    }
    if authority.is_empty() {
        return Err(wrong("the URL has no host"));
    }
    let path = path.strip_prefix('/').unwrap_or_default();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    Ok(Some(Url { scheme, place: place(authority)?, path }))
}

/// The ARN that stands there, if one does.
pub(super) fn arn(text: &str) -> Result<Option<Arn<'_>>, SubjectError> {
    if !text.starts_with("arn:") {
        return Ok(None);
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        [_, _, service, region, _, resource] if !service.is_empty() && !resource.is_empty() => {
            Ok(Some(Arn { service, region, resource }))
        }
        _ => Err(SubjectError::Form {
            text: text.to_owned(),
            reason: "an ARN is `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`".to_owned(),
        }),
    }
}

/// The ARN of the bucket or object that a URL of S3 is about: the bucket stands in front of the host, or first in the path.
pub(super) fn s3_resource(host: &str, path: &str) -> Option<String> {
    let host = host.strip_suffix(".amazonaws.com")?;
    let labels: Vec<&str> = host.split('.').collect();
    let at = labels.iter().position(|label| *label == "s3")?;
    let before = labels.get(..at)?;
    // An endpoint's own name: `BUCKET.bucket.vpce-….s3.REGION.vpce.amazonaws.com`.
    let before = match before {
        [rest @ .., "bucket", vpce] if vpce.starts_with("vpce-") => rest,
        other => other,
    };
    let path = percent_decode_str(path).decode_utf8_lossy();
    if before.is_empty() { s3_arn(&path) } else { s3_arn(&format!("{}/{path}", before.join("."))) }
}

/// The ARN of a bucket with or without a key.
pub(super) fn s3_arn(bucket_and_key: &str) -> Option<String> {
    let trimmed = bucket_and_key.strip_suffix('/').filter(|bucket| !bucket.contains('/')).unwrap_or(bucket_and_key);
    (!trimmed.is_empty()).then(|| format!("arn:aws:s3:::{trimmed}"))
}

/// Whether it has the form of a DNS name with a dot.
pub(super) fn is_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label)
}
