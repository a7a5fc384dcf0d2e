//! From the request that came to the one that is sent on: in path style, without what proved the caller, signed anew.

use http::header::{
    AUTHORIZATION, CONNECTION, DATE, EXPECT, HOST, HeaderName, HeaderValue, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING,
    UPGRADE,
};
use http::request::Parts;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, Request, Uri};
use sidegate_wire::sigv4::{PayloadHash, Signer};

use super::super::fault::Fault;
use super::operation::{Operation, parameters};
use super::origin::Origin;
use crate::{Body, Caller};

/// Headers that are between a client and whom it speaks to, or prove who it is.
const LEFT_OUT: [HeaderName; 9] =
    [AUTHORIZATION, CONNECTION, DATE, EXPECT, HOST, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE];

/// The same that have no constant.
const LEFT_OUT_BY_NAME: [&str; 4] = ["keep-alive", "x-amz-date", "x-amz-security-token", "proxy-connection"];

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

/// The request for the server.
pub(super) fn rewritten(
    head: Parts, body: Body, operation: &Operation, origin: &Origin, caller: &Caller,
) -> Result<Request<Body>, Fault> {
    let mut request = Request::new(());
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = uri(&head, operation, origin)?;
    *request.headers_mut() = headers(&head.headers);
    let (mut parts, ()) = request.into_parts();
    let signer = Signer {
        access_key: &origin.access_key,
        secret: &origin.secret,
        session_token: None,
        region: &origin.region,
        service: "s3",
    };
    signer
        .sign(&mut parts, PayloadHash::Header, caller.now / 1000)
        .map_err(|_| Fault::Storage(std::io::Error::other("the access key of the upstream cannot be sent")))?;
    Ok(Request::from_parts(parts, body))
}

fn uri(head: &Parts, operation: &Operation, origin: &Origin) -> Result<Uri, Fault> {
    let mut path = operation.path().to_owned();
    let mut separator = '?';
    for (raw, name, _) in parameters(head.uri.query().unwrap_or_default()) {
        if !PROOFS.contains(&name.to_ascii_lowercase().as_str()) {
            path.push(separator);
            path.push_str(raw);
            separator = '&';
        }
    }
    let unsendable = |_| Fault::invalid_request("The path of the request cannot be sent on");
    let path: PathAndQuery = path.parse().map_err(unsendable)?;
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(origin.authority.clone());
    parts.path_and_query = Some(path);
    Uri::from_parts(parts).map_err(|_| Fault::invalid_request("The path of the request cannot be sent on"))
}

fn headers(came: &HeaderMap<HeaderValue>) -> HeaderMap<HeaderValue> {
    let mut kept = HeaderMap::new();
    for (name, value) in came {
        if !LEFT_OUT.contains(name) && !LEFT_OUT_BY_NAME.contains(&name.as_str()) {
            kept.append(name, value.clone());
        }
    }
    kept
}
