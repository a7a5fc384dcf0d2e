//! What comes back from the server: of the headers those that answers of S3 have, errors with the ids of the request, and
//! nothing of what is between Sidegate and the server.

use std::collections::BTreeMap;

use http::header::{CONTENT_LENGTH, HeaderName, LOCATION, SERVER, VARY};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty};

use super::super::answer::{Asked, escaped};
use super::super::fault::Fault;
use super::super::plain::flat;
use super::unavailable;
use crate::upstream::{Unanswered, is_of_credentials};
use crate::{Body, whole};

/// The largest error that is read.
const LARGEST_ERROR: usize = 256 * 1024;

/// Headers of answers that do not begin with `x-amz-`.
const KEPT: [&str; 13] = [
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "retry-after",
];

/// Elements of an error that are about another request than the client's.
const OF_SERVER: [&str; 3] = ["HostId", "RequestId", "Resource"];

/// An answer as the client gets it. `is_cross_origin` is whether a browser has to know who else may see it.
pub(super) async fn answer(
    asked: &Asked<'_>, answer: Response<Body>, is_cross_origin: bool, made: Option<&str>,
) -> Result<Response<Body>, Fault> {
    let (mut head, body) = answer.into_parts();
    let names: Vec<HeaderName> = head.headers.keys().filter(|name| !is_kept(name, is_cross_origin)).cloned().collect();
    names.iter().for_each(|name| drop(head.headers.remove(name)));
    head.headers.insert(SERVER, HeaderValue::from_static("AmazonS3"));
    let status = head.status;
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        if let Some(Ok(place)) = made.map(|bucket| HeaderValue::try_from(format!("/{bucket}"))) {
            head.headers.insert(LOCATION, place);
        }
        return Ok(asked.identified(Response::from_parts(head, body)));
    }
    if !status.is_client_error() && !status.is_server_error() {
        return Err(unavailable(&Unanswered::because(format!("answers with status {status}, which leads elsewhere"))));
    }
    if *asked.method == Method::HEAD {
        head.headers.remove(CONTENT_LENGTH);
        return Ok(
            asked.identified(Response::from_parts(head, Empty::new().map_err(|never| match never {}).boxed_unsync()))
        );
    }
    let garbled = || unavailable(&Unanswered::because(format!("answers with status {status} and no error")));
    let document = whole::read(body, LARGEST_ERROR).await.map_err(|_| garbled())?;
    let elements = flat(&document, "Error").ok_or_else(garbled)?;
    let code = elements.iter().find(|(name, _)| name == "Code").map(|(_, code)| code.as_str()).unwrap_or_default();
    if code.is_empty() {
        return Err(garbled());
    }
    if is_of_credentials(code) {
        return Err(unavailable(&Unanswered::because(format!(
            "does not take the key that is configured for it ({code})"
        ))));
    }
    let own = elements.iter().filter(|(name, _)| !OF_SERVER.contains(&name.as_str()));
    let text: String = own.map(|(name, text)| format!("<{name}>{}</{name}>", escaped(text))).collect();
    head.headers.remove(CONTENT_LENGTH);
    let xml = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{text}</Error>");
    Ok(asked.finish(Response::from_parts(head, xml.into()), BTreeMap::new()))
}

fn is_kept(name: &HeaderName, is_cross_origin: bool) -> bool {
    let name_text = name.as_str();
    KEPT.contains(&name_text)
        || name_text.starts_with("x-amz-")
        || (is_cross_origin && (name_text.starts_with("access-control-") || *name == VARY))
}
