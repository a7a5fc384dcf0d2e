//! A request of a service that judges proofs of its own, as it is sent to the server that answers for it: with all headers
//! that concern the two ends, and with the host by which the client named the resource.

use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderName, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Uri};
use sidegate_iam::Path;

use super::forwarding::parameters;
use crate::{Body, Caller};

/// Headers that concern one connection, and not what is asked.
///
/// Source: RFC 9110, 7.6.1 and 10.1.1.
const OF_A_HOP: [HeaderName; 10] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    EXPECT,
];

/// What proves a caller to Sidegate, beside `Authorization`.
const PROOFS: [&str; 4] = ["x-amz-content-sha256", "x-amz-date", "x-amz-region-set", "x-amz-security-token"];

/// Headers by which a server may take a request for another one than was decided about: for another operation, method,
/// path or API, or for one that came otherwise.
const MISLEADING: [&str; 8] = [
    "forwarded",
    "x-amz-target",
    "x-apigw-api-id",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];

/// Which host was asked, and over what. Servers behind a proxy make their absolute URLs of it.
const FORWARDED_HOST: &str = "x-forwarded-host";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
const FORWARDED_FOR: &str = "x-forwarded-for";

/// A request.
pub(super) struct Hosted {
    pub(super) head: Parts,
    pub(super) body: Body,
    /// The host that names the resource, if that of the request does not.
    pub(super) host: Option<String>,
}

impl Hosted {
    /// What is sent: the method, the path with its query, headers and the body. A signature that Sidegate proved is left
    /// out; other proofs are the server's to judge.
    pub(super) fn sent_by(self, caller: &Caller, is_signed: bool) -> (Parts, Body) {
        let Self { mut head, body, host } = self;
        let mut path = head.uri.path().to_owned();
        if let Some(query) = head.uri.query() {
            path.push_str(&if is_signed { unsigned_query(query) } else { format!("?{query}") });
        }
        if let Ok(uri) = path.parse::<Uri>() {
            head.uri = uri;
        }
        let asked = head.headers.get(HOST).cloned();
        take_off_hops(&mut head.headers);
        join_cookies(&mut head.headers);
        take_off_misleading(&mut head.headers);
        head.headers.remove(CONTENT_LENGTH);
        if is_signed {
            head.headers.remove(AUTHORIZATION);
            PROOFS.iter().for_each(|name| drop(head.headers.remove(*name)));
        }
        let named = host.and_then(|host| HeaderValue::from_str(&host).ok()).or_else(|| asked.clone());
        let (Path::Public { source } | Path::Endpoint { source, .. }) = &caller.path;
        let source = HeaderValue::from_str(&source.to_string()).ok();
        let told = [
            (HOST, named),
            (HeaderName::from_static(FORWARDED_HOST), asked),
            (HeaderName::from_static(FORWARDED_PROTO), Some(HeaderValue::from_static("https"))),
            (HeaderName::from_static(FORWARDED_FOR), source),
        ];
        for (name, value) in told {
            head.headers.remove(&name);
            head.headers.extend(value.map(|value| (name, value)));
        }
        (head, body)
    }
}

/// Takes off what concerns one connection, with what `Connection` names.
pub(super) fn take_off_hops(headers: &mut HeaderMap) {
    let named = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<HeaderName> =
        named.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse().ok()).collect();
    for name in named.into_iter().chain(OF_A_HOP) {
        headers.remove(name);
    }
}

/// Takes off what says something else than was decided about, and what proxies before this one would have said.
fn take_off_misleading(headers: &mut HeaderMap) {
    let is_misleading = |name: &str| name.starts_with("x-forwarded-") || MISLEADING.contains(&name);
    let misleading: Vec<_> = headers.keys().filter(|name| is_misleading(name.as_str())).cloned().collect();
    for name in misleading {
        headers.remove(name);
    }
}

/// Makes one header of the crumbs in which HTTP/2 may send cookies.
///
/// Source: RFC 9113, 8.2.3.
fn join_cookies(headers: &mut HeaderMap) {
    let crumbs: Vec<_> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() > 1
        && let Ok(whole) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..]))
    {
        headers.insert(COOKIE, whole);
    }
}

/// A query without what signed the request, with what is before it.
fn unsigned_query(query: &str) -> String {
    let kept = parameters(query).filter(|(_, name, _)| !name.to_ascii_lowercase().starts_with("x-amz-"));
    let kept: Vec<_> = kept.map(|(raw, ..)| raw).collect();
    if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) }
}
