//! What of a request goes on to another server, and what of an answer comes back from it.

use http::header::{
    AUTHORIZATION, CONNECTION, DATE, EXPECT, HOST, HeaderName, HeaderValue, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, Response};
use percent_encoding::percent_decode_str;

/// Headers that are between a client and whom it speaks to, or prove who it is.
///
/// Source: RFC 9110, 7.6.1.
const LEFT_OUT: [HeaderName; 9] =
    [AUTHORIZATION, CONNECTION, DATE, EXPECT, HOST, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE];

/// The same that have no constant.
const LEFT_OUT_BY_NAME: [&str; 4] = ["keep-alive", "x-amz-date", "x-amz-security-token", "proxy-connection"];

/// Headers of answers that are between a server and whom it speaks to.
const HOP_BY_HOP: [HeaderName; 4] = [CONNECTION, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// The same that have no constant.
const HOP_BY_HOP_BY_NAME: [&str; 2] = ["keep-alive", "proxy-connection"];

/// Parameters of presigned URLs.
const PROOFS: [&str; 10] = [
    "awsaccesskeyid",
    "expires",
    "signature",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// The headers that go on.
pub(crate) fn kept_headers(came: &HeaderMap<HeaderValue>) -> HeaderMap<HeaderValue> {
    let named = named_by_connection(came);
    let mut kept = HeaderMap::new();
    for (name, value) in came {
        let left_out = LEFT_OUT.contains(name) || LEFT_OUT_BY_NAME.contains(&name.as_str());
        if !left_out && !named.iter().any(|other| name == other.as_str()) {
            kept.append(name, value.clone());
        }
    }
    kept
}

/// Takes off an answer what was between the server and Sidegate.
pub(crate) fn without_hops<B>(answer: &mut Response<B>) {
    let headers = answer.headers_mut();
    let named = named_by_connection(headers);
    HOP_BY_HOP.iter().for_each(|name| drop(headers.remove(name)));
    let others = HOP_BY_HOP_BY_NAME.iter().copied().chain(named.iter().map(String::as_str));
    others.for_each(|name| drop(headers.remove(name)));
}

/// What `Connection` says is between the two ends of it as well.
fn named_by_connection(headers: &HeaderMap<HeaderValue>) -> Vec<String> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// The parameters of a query: as they came, and decoded.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (&str, String, String)> {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (pair, decoded(name), decoded(value))
    })
}

/// The query that goes on, with what is before it, or nothing.
pub(crate) fn kept_query(query: Option<&str>) -> String {
    let mut kept = String::new();
    for (raw, name, _) in parameters(query.unwrap_or_default()) {
        if !PROOFS.contains(&name.to_ascii_lowercase().as_str()) {
            kept.push(if kept.is_empty() { '?' } else { '&' });
            kept.push_str(raw);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proved_the_caller_and_what_is_of_one_connection_does_not_go_on() {
        let mut came = HeaderMap::new();
        for (name, value) in [
            ("authorization", "AWS4-HMAC-SHA256 …"),
            ("connection", "close, X-Of-This-Hop"),
            ("x-of-this-hop", "1"),
            ("x-amz-security-token", "t"),
            ("x-amz-date", "20250101T000000Z"),
            ("host", "kms.us-east-1.amazonaws.com"),
            ("x-amz-target", "TrentService.Encrypt"),
            ("content-type", "application/x-amz-json-1.1"),
        ] {
            came.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let kept = kept_headers(&came);
        let names: Vec<_> = kept.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["x-amz-target", "content-type"]);
        let query = "Action=ListMetrics&X-Amz-Signature=a&X-Amz-Credential=b&x-amz-expires=1&A=b%26";
        assert_eq!(kept_query(Some(query)), "?Action=ListMetrics&A=b%26");
        assert_eq!(kept_query(Some("Signature=a")), "");
        assert_eq!(kept_query(None), "");
        let mut answer = Response::builder()
            .header("connection", "x-hop")
            .header("x-hop", "1")
            .header("keep-alive", "timeout=5")
            .header("content-type", "a")
            .body(())
            .unwrap();
        without_hops(&mut answer);
        assert_eq!(answer.headers().keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["content-type"]);
    }
}
