//! From the request that came to the one that is sent on: in path style, without what proved the caller, signed anew.

use http::Request;
use http::request::Parts;
use sidegate_wire::sigv4::PayloadHash;

use super::super::fault::Fault;
use super::operation::Operation;
use crate::upstream::{Server, kept_headers, kept_query};
use crate::{Body, Caller};

/// The request for the server.
pub(super) fn rewritten(
    head: Parts, body: Body, operation: &Operation, server: &Server, caller: &Caller,
) -> Result<Request<Body>, Fault> {
    let path = format!("{}{}", operation.path(), kept_query(head.uri.query()));
    let mut request = Request::new(());
    *request.method_mut() = head.method;
    *request.uri_mut() =
        server.uri(&path).map_err(|_| Fault::invalid_request("The path of the request cannot be sent on"))?;
    *request.headers_mut() = kept_headers(&head.headers);
    let (mut parts, ()) = request.into_parts();
    server.sign(&mut parts, PayloadHash::Header, caller.now).map_err(|error| super::unavailable(&error))?;
    Ok(Request::from_parts(parts, body))
}
