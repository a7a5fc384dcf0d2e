//! A call of a service whose requests are documents, as it is sent to a server: made anew of what was read, so that the
//! server sees nothing that was not judged. Neither a second document, parameters beside it, nor a header that says
//! another method or protocol goes on.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method};
use serde_json::Value as Json;
use sidegate_wire::protocol::JsonVersion;
use sidegate_wire::rpc_v2_cbor;

use super::forwarding::kept_query;

/// Headers of a client that go on.
const KEPT: [HeaderName; 9] = [
    ACCEPT,
    ACCEPT_ENCODING,
    USER_AGENT,
    HeaderName::from_static("amz-sdk-invocation-id"),
    HeaderName::from_static("amz-sdk-request"),
    HeaderName::from_static("x-amz-user-agent"),
    HeaderName::from_static("x-amzn-logs-format"),
    HeaderName::from_static("x-amzn-query-mode"),
    HeaderName::from_static("x-amzn-trace-id"),
];

/// A call.
pub(crate) struct RemoteCall {
    pub(super) method: Method,
    /// With the query.
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl RemoteCall {
    /// One in an awsJson protocol.
    pub(crate) fn json(came: &HeaderMap, version: JsonVersion, target: &str, document: &Json) -> Self {
        Self::document(came, version.content_type(), target, document.to_string().into())
    }

    /// The same with a document as it came.
    pub(crate) fn document(came: &HeaderMap, content_type: &'static str, target: &str, document: Bytes) -> Self {
        let mut headers = kept(came, content_type);
        if let Ok(target) = HeaderValue::from_str(target) {
            headers.insert("x-amz-target", target);
        }
        Self { method: Method::POST, path: "/".to_owned(), headers, body: document }
    }

    /// One in the RPC v2 CBOR protocol.
    pub(crate) fn cbor(came: &HeaderMap, service: &str, operation: &str, body: Bytes) -> Self {
        let mut headers = kept(came, rpc_v2_cbor::MEDIA_TYPE);
        headers.insert(rpc_v2_cbor::HEADER, HeaderValue::from_static(rpc_v2_cbor::NAME));
        Self { method: Method::POST, path: format!("/service/{service}/operation/{operation}"), headers, body }
    }

    /// One in the query protocol, with the parameters of a form, or else those of a URL.
    pub(crate) fn query(came: &HeaderMap, query: Option<&str>, form: Bytes) -> Self {
        let mut headers = kept(came, "application/x-www-form-urlencoded; charset=utf-8");
        if !form.is_empty() {
            return Self { method: Method::POST, path: "/".to_owned(), headers, body: form };
        }
        headers.remove(CONTENT_TYPE);
        Self { method: Method::GET, path: format!("/{}", kept_query(query)), headers, body: form }
    }
}

fn kept(came: &HeaderMap, content_type: &'static str) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for (name, value) in came.iter().filter(|(name, _)| KEPT.contains(name)) {
        kept.append(name, value.clone());
    }
    kept.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_goes_on_that_would_make_it_another_call() {
        let mut came = HeaderMap::new();
        for (name, value) in [
            ("user-agent", "Boto3"),
            ("x-amz-target", "TrentService.ScheduleKeyDeletion"),
            ("x-http-method-override", "DELETE"),
            ("smithy-protocol", "rpc-v2-json"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("content-encoding", "gzip"),
            ("x-amz-security-token", "t"),
        ] {
            came.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let shown = |call: RemoteCall| {
            let headers = call.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
            format!("{} {} {}", call.method, call.path, headers.collect::<Vec<_>>().join(", "))
        };
        assert_eq!(
            shown(RemoteCall::json(&came, JsonVersion::V1_1, "TrentService.Encrypt", &json!({}))),
            "POST / user-agent: Boto3, content-type: application/x-amz-json-1.1, x-amz-target: TrentService.Encrypt"
        );
        assert_eq!(
            shown(RemoteCall::cbor(&came, "S", "O", Bytes::new())),
            "POST /service/S/operation/O user-agent: Boto3, content-type: application/cbor, smithy-protocol: rpc-v2-cbor"
        );
        assert_eq!(
            shown(RemoteCall::query(&came, Some("Action=DeleteAlarms"), Bytes::from_static(b"Action=ListMetrics"))),
            "POST / user-agent: Boto3, content-type: application/x-www-form-urlencoded; charset=utf-8"
        );
        let url = "Action=ListMetrics&X-Amz-Signature=a";
        assert_eq!(
            shown(RemoteCall::query(&came, Some(url), Bytes::new())),
            "GET /?Action=ListMetrics user-agent: Boto3"
        );
    }
}
