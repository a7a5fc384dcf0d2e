//! Bodies that are held whole, as the services need them whose requests and answers are single documents.

use bytes::{Bytes, BytesMut};
use http::{Method, Request, Response};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full};
use sidegate_wire::aws_json::{self, JsonError, Target};
use sidegate_wire::protocol::Failure;
use sidegate_wire::query::{MAX_BYTES, Params};

use crate::{Body, BoxError};

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is longer than allowed.
    #[error("the body is too long")]
    TooLong,
    /// The client stopped sending it.
    #[error("the body was not received")]
    Broken(#[source] BoxError),
}

/// Reads a body of at most so many bytes. One that is in memory already is not copied.
///
/// # Errors
/// [`ReadError`] if it is longer or does not arrive.
pub async fn read(mut body: Body, most: usize) -> Result<Bytes, ReadError> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(ReadError::Broken)?.into_data() else { continue };
        if data.len() > most - whole.len() {
            return Err(ReadError::TooLong);
        }
        if whole.is_empty() && body.is_end_stream() {
            return Ok(data);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// Why a request of the awsJson protocol has no document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is not one of the protocol, or not for this service, or too large.
    #[error(transparent)]
    Refused(#[from] JsonError),
    /// The client stopped sending it.
    #[error("the body was not received")]
    Broken,
}

/// The operation that a request of the awsJson protocol names, and its document. `service` is the name before the dot in
/// its target.
///
/// # Errors
/// [`DocumentError`] if it is no such request or does not arrive.
pub async fn document(request: Request<Body>, service: &str) -> Result<(String, Bytes), DocumentError> {
    document_within(request, service, aws_json::MAX_BYTES).await
}

/// The same of a service whose documents may have so many bytes.
///
/// # Errors
/// [`DocumentError`] if it is no such request or does not arrive.
pub async fn document_within(
    request: Request<Body>, service: &str, most: usize,
) -> Result<(String, Bytes), DocumentError> {
    let (head, body) = request.into_parts();
    let target = Target::parse(&head.headers)?;
    if head.method != Method::POST || target.service != service {
        return Err(JsonError::NoTarget.into());
    }
    let body = read(body, most).await.map_err(|error| match error {
        ReadError::TooLong => JsonError::TooLarge.into(),
        ReadError::Broken(_) => DocumentError::Broken,
    })?;
    Ok((target.operation.to_owned(), body))
}

/// The parameters of a request of a query protocol: those of the form that was posted, or else of the URL.
///
/// # Errors
/// `MalformedQueryString` for what is no query or too long, `InvalidAction` for other methods than POST and GET.
pub async fn query(request: Request<Body>) -> Result<Params, Failure> {
    let (head, body) = request.into_parts();
    let form = match head.method {
        Method::POST => {
            read(body, MAX_BYTES).await.map_err(|e| Failure::refused("MalformedQueryString", e.to_string()))?
        }
        Method::GET => Bytes::new(),
        _ => return Err(Failure::refused("InvalidAction", "The query protocol takes POST and GET requests.")),
    };
    let encoded = if form.is_empty() { head.uri.query().unwrap_or_default().as_bytes() } else { &form };
    Params::parse(encoded).map_err(|error| Failure::refused(error.code(), error.to_string()))
}

/// An answer with a body.
pub fn answer(response: Response<Vec<u8>>) -> Response<Body> {
    response.map(|bytes| Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed_unsync())
}
