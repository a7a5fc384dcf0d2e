//! The instance metadata service: what a program learns of itself at 169.254.169.254, and at
//! fd00:ec2::254 where the instance has that turned on.
//!
//! Here stand tokens, the rules of who must show one, and the replies. What there is to tell is in `tree`, and the
//! credentials of roles are in `role`.

mod role;
mod tree;

use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use bytes::Bytes;
use http::header::{ACCEPT_RANGES, ALLOW, CONTENT_TYPE, SERVER};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use sidegate_model::NetworkInterfaceId;
use sidegate_plan::{Metadata, VpcPlan};

pub use self::role::{Bearer, FoundRole, NoSession, RoleCredentials, RoleSession};
use self::tree::Node;

/// The header that asks for a token of so many seconds, and that tells how many are left.
const TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");

/// The header that shows a token.
const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");

/// The header that a proxy sets, and that no request for a token may have.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How long a token may live, in seconds.
///
/// Source: EC2 user guide, "Use the Instance Metadata Service".
const LIFETIMES: std::ops::RangeInclusive<u64> = 1..=21_600;

/// Where tokens are had.
const TOKEN_PATH: [&str; 3] = ["latest", "api", "token"];

/// The names under which the tree can be had beside `latest`.
///
/// Source: EC2 user guide, "Instance metadata: get the available versions".
const VERSIONS: [&str; 28] = [
    "1.0",
    "2007-01-19",
    "2007-03-01",
    "2007-08-29",
    "2007-10-10",
    "2007-12-15",
    "2008-02-01",
    "2008-09-01",
    "2009-04-04",
    "2011-01-01",
    "2011-05-01",
    "2012-01-12",
    "2014-02-25",
    "2014-11-05",
    "2015-10-20",
    "2016-04-19",
    "2016-06-30",
    "2016-09-02",
    "2018-03-28",
    "2018-08-17",
    "2018-09-24",
    "2019-10-01",
    "2020-10-27",
    "2021-01-03",
    "2021-03-23",
    "2021-07-15",
    "2022-09-24",
    "2024-04-11",
];

/// The metadata service. It keeps no record of tokens: a token proves itself, and only from the interface that it was
/// given to.
pub struct Tokens {
    key: hmac::Key,
    roles: Arc<dyn RoleCredentials>,
}

impl Tokens {
    /// Makes the service with the key that signs its tokens. With the same key, tokens outlive a restart.
    pub fn new(key: &[u8; 32], roles: Arc<dyn RoleCredentials>) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), roles }
    }

    /// Whether the answer to a request may wait for a disk: credentials are stored when they are made.
    pub fn may_block(request: &Parts) -> bool {
        request.uri.path().contains("/security-credentials")
    }

    /// Answers a request of the program at `source`, at `now` seconds of Unix time. Requests have no body that matters.
    /// A source that is no interface of the VPC finds nothing.
    pub fn handle(&self, request: &Parts, vpc: &VpcPlan, source: IpAddr, now: u64) -> Response<Bytes> {
        let Some(metadata) = vpc.metadata_of(source) else { return failure(StatusCode::NOT_FOUND) };
        if !metadata.enabled {
            return failure(StatusCode::FORBIDDEN);
        }
        let path: Vec<&str> = request.uri.path().split('/').filter(|s| !s.is_empty()).collect();
        if path == TOKEN_PATH {
            return self.at_token_path(request, &metadata.interface, now);
        }
        if request.method != Method::GET && request.method != Method::HEAD {
            return not_allowed("GET, HEAD");
        }
        let left = match self.seconds_left(&request.headers, &metadata.interface, now) {
            Some(Some(left)) => Some(left),
            None if !metadata.tokens_required => None,
            _ => return failure(StatusCode::UNAUTHORIZED),
        };
        let mut reply = match path.split_first() {
            None => success(listing(VERSIONS.into_iter().chain(["latest"]))),
            Some((version, rest)) if *version == "latest" || VERSIONS.contains(version) => {
                self.told(rest, vpc, metadata, left.is_some(), now)
            }
            Some(_) => failure(StatusCode::NOT_FOUND),
        };
        if let Some(left) = left {
            reply.headers_mut().insert(TTL, HeaderValue::from(left));
        }
        reply
    }

    /// What stands at a path below a version.
    fn told(&self, path: &[&str], vpc: &VpcPlan, metadata: &Metadata, has_token: bool, now: u64) -> Response<Bytes> {
        let now = i64::try_from(now).unwrap_or_default().saturating_mul(1000);
        let account = &vpc.scope.account;
        let iam = metadata.role.as_ref().map(|source| role::tree(source, &self.roles.role(account, source), now));
        let root = tree::tree(vpc, metadata, iam);
        let Some(node) = find(path, &root) else { return failure(StatusCode::NOT_FOUND) };
        match (node, path.last(), &metadata.role) {
            (Node::Credentials, Some(name), Some(source)) => {
                let bearer = Bearer {
                    account,
                    region: vpc.scope.region,
                    vpc: &vpc.vpc,
                    interface: &metadata.interface,
                    instance: &metadata.instance,
                    address: metadata.address,
                    source,
                    has_token,
                };
                match self.roles.session(&bearer, now) {
                    Ok(session) => success(role::told(&session).into()),
                    Err(NoSession::Unauthorized) => success(role::refused(name, now).into()),
                    Err(NoSession::Unavailable) => failure(StatusCode::INTERNAL_SERVER_ERROR),
                }
            }
            _ => shown(node, path.is_empty()),
        }
    }

    fn at_token_path(&self, request: &Parts, interface: &NetworkInterfaceId, now: u64) -> Response<Bytes> {
        const ALLOWED: &str = "OPTIONS, PUT";
        if request.method == Method::OPTIONS {
            let mut reply = success(Bytes::new());
            reply.headers_mut().insert(ALLOW, HeaderValue::from_static(ALLOWED));
            return reply;
        }
        if request.method != Method::PUT {
            return not_allowed(ALLOWED);
        }
        if request.headers.contains_key(FORWARDED) {
            return failure(StatusCode::FORBIDDEN);
        }
        let Some(lifetime) = lifetime(&request.headers) else { return failure(StatusCode::BAD_REQUEST) };
        let mut reply = success(self.issue(interface, now.saturating_add(lifetime)).into());
        reply.headers_mut().insert(TTL, HeaderValue::from(lifetime));
        reply
    }

    /// A token: a version, the end of its life, and a code over both and the interface.
    fn issue(&self, interface: &NetworkInterfaceId, expiry: u64) -> String {
        let mut token = vec![TOKEN_VERSION];
        token.extend(expiry.to_be_bytes());
        token.extend(hmac::sign(&self.key, &signed(interface, expiry)).as_ref());
        URL_SAFE.encode(token)
    }

    /// How long the token that a request shows is still good: `None` if it shows none, `Some(None)` if what it shows is
    /// not good.
    fn seconds_left(&self, headers: &HeaderMap, interface: &NetworkInterfaceId, now: u64) -> Option<Option<u64>> {
        let shown = headers.get(TOKEN)?;
        Some(self.verify(shown.as_bytes(), interface, now))
    }

    fn verify(&self, token: &[u8], interface: &NetworkInterfaceId, now: u64) -> Option<u64> {
        let bytes = URL_SAFE.decode(token).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (expiry, code) = rest.split_first_chunk()?;
        let expiry = u64::from_be_bytes(*expiry);
        if *version != TOKEN_VERSION {
            return None;
        }
        hmac::verify(&self.key, &signed(interface, expiry), code).ok()?;
        expiry.checked_sub(now).filter(|left| *left > 0)
    }
}

/// The form of our tokens.
const TOKEN_VERSION: u8 = 1;

/// What a token's code is over.
fn signed(interface: &NetworkInterfaceId, expiry: u64) -> Vec<u8> {
    format!("sidegate metadata token\n{TOKEN_VERSION}\n{interface}\n{expiry}").into_bytes()
}

/// The lifetime that a request for a token asks for.
fn lifetime(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(TTL)?.to_str().ok()?.trim();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|seconds| digits && LIFETIMES.contains(seconds))
}

/// What stands at a path below a version. A final slash makes no difference.
fn find<'t>(path: &[&str], root: &'t Node) -> Option<&'t Node> {
    let mut node = root;
    for segment in path {
        let Node::Directory(entries) = node else { return None };
        // A MAC address is a name in the tree, and clients may escape its colons.
        let wanted = segment.replace("%3A", ":").replace("%3a", ":");
        node = entries
            .iter()
            .find(|(name, _)| *name == wanted || number_of(name) == Some(&wanted))
            .map(|(_, node)| node)?;
    }
    Some(node)
}

/// What a place in the tree tells, credentials left out.
fn shown(node: &Node, is_top: bool) -> Response<Bytes> {
    match node {
        Node::Text(text) => success(Bytes::copy_from_slice(text.as_bytes())),
        Node::Bytes(bytes) => reply(StatusCode::OK, "application/octet-stream", bytes.clone()),
        // The top lists bare names, every other directory marks those below it.
        Node::Credentials => failure(StatusCode::NOT_FOUND),
        Node::Directory(entries) if is_top => success(listing(entries.iter().map(|(name, _)| name))),
        Node::Directory(entries) => success(listing(entries.iter().map(|(name, node)| match node {
            Node::Directory(_) if number_of(name).is_none() => format!("{name}/"),
            Node::Directory(_) | Node::Text(_) | Node::Bytes(_) | Node::Credentials => name.clone(),
        }))),
    }
}

/// The number of a key, whose name stands behind it.
fn number_of(name: &str) -> Option<&str> {
    name.split_once('=').map(|(number, _)| number)
}

fn listing(names: impl Iterator<Item = impl AsRef<str>>) -> Bytes {
    let mut text = String::new();
    for name in names {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(name.as_ref());
    }
    text.into()
}

fn success(body: Bytes) -> Response<Bytes> {
    reply(StatusCode::OK, "text/plain", body)
}

fn not_allowed(methods: &'static str) -> Response<Bytes> {
    let mut reply = reply(StatusCode::METHOD_NOT_ALLOWED, "text/plain", Bytes::new());
    reply.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    reply
}

/// The page of a refusal.
const PAGE: &str = r#"<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
         "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>REASON</title>
 </head>
 <body>
  <h1>REASON</h1>
 </body>
</html>
"#;

/// A refusal, as the service words it: a page that says the status.
fn failure(status: StatusCode) -> Response<Bytes> {
    let reason = format!("{} - {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
    reply(status, "text/html", PAGE.replace("REASON", &reason).into())
}

fn reply(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Bytes> {
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply.headers_mut().insert(ACCEPT_RANGES, HeaderValue::from_static("none"));
    reply.headers_mut().insert(SERVER, HeaderValue::from_static("EC2ws"));
    reply
}
