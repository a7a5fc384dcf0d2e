//! Why a request does not reach its service, and how the client is told.

use http::{Response, StatusCode};
use sidegate_services::spoken::ErrorForm;
use sidegate_services::{BoxError, Exhausted};
use sidegate_wire::aws_json::JsonError;
use sidegate_wire::protocol::{Failure, Protocol};
use sidegate_wire::sigv4::AuthError;

use super::{LONGEST_URI, MOST_HEADERS};

/// Why a request does not reach its service.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the URI has {0} bytes, more than {LONGEST_URI}")]
    UriTooLong(usize),
    #[error("the request has {0} headers, more than {MOST_HEADERS}")]
    TooManyHeaders(usize),
    #[error("the request's headers have {bytes} bytes, more than {most}")]
    HeadTooLarge { bytes: usize, most: usize },
    #[error("the request has no Host header, which HTTP/1.1 requires")]
    NoHost,
    #[error("the target `*` names no resource of a service")]
    Asterisk,
    #[error("the method CONNECT has no meaning here")]
    Connect,
    #[error(
        "this endpoint does not serve {}: it leads to {service} in {region}, under the names {}",
        host.as_deref().map_or_else(|| "a request without one host".to_owned(), |host| format!("the host `{host}`")),
        hosts.join(", ")
    )]
    Misdirected { host: Option<String>, service: &'static str, region: &'static str, hosts: Vec<String> },
    #[error("Sidegate does not have the service `{0}`")]
    UnknownService(String),
    #[error("Sidegate does not emulate {0} yet")]
    Unserved(&'static str),
    #[error(transparent)]
    Authentication(#[from] AuthError),
    /// An API key, with what is told of it.
    #[error("{0}")]
    ApiKey(&'static str),
    #[error("the body is larger than {0} bytes")]
    BodyTooLarge(usize),
    #[error("the body took longer than {0} seconds to arrive")]
    BodyTooSlow(u64),
    #[error(transparent)]
    NoRoom(#[from] Exhausted),
    #[error("the body was not received")]
    BodyBroken(#[source] BoxError),
}

impl Refusal {
    /// The error as the client is told it.
    pub(super) fn failure(&self, protocol: Protocol) -> Failure {
        let (status, code) = match self {
            Self::Authentication(error) => return error.failure(protocol),
            Self::ApiKey(message) => return Failure::new(StatusCode::FORBIDDEN, "AccessDeniedException", *message),
            Self::BodyTooLarge(_) if is_document(protocol) => return JsonError::TooLarge.failure(),
            Self::UriTooLong(_) => (StatusCode::URI_TOO_LONG, "RequestURITooLong"),
            Self::TooManyHeaders(_) | Self::HeadTooLarge { .. } => {
                (head_status(protocol), "RequestHeaderSectionTooLarge")
            }
            Self::NoHost => (StatusCode::BAD_REQUEST, "InvalidRequest"),
            Self::Asterisk => (StatusCode::BAD_REQUEST, "InvalidURI"),
            Self::Connect => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
            Self::Misdirected { .. } => (StatusCode::MISDIRECTED_REQUEST, "MisdirectedRequest"),
            Self::UnknownService(_) | Self::Unserved(_) => (StatusCode::NOT_IMPLEMENTED, "NotImplemented"),
            // Source: what others were told by Lambda.
            Self::BodyTooLarge(most) if protocol == Protocol::RestJson => {
                let message = format!("Request must be smaller than {most} bytes for the operation");
                return Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", message);
            }
            Self::BodyTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
            Self::BodyTooSlow(_) => (StatusCode::REQUEST_TIMEOUT, "RequestTimeout"),
            Self::NoRoom(_) => throttling(protocol),
            Self::BodyBroken(_) => (StatusCode::BAD_REQUEST, "IncompleteBody"),
        };
        let mut message = self.to_string();
        if let Some(first) = message.get(..1).map(str::to_ascii_uppercase) {
            message.replace_range(..1, &first);
        }
        message.push('.');
        let mut failure = Failure::new(status, code, message);
        if let Self::HeadTooLarge { most, .. } = self {
            failure.details.push(("MaxSizeAllowed", most.to_string()));
        }
        failure
    }
}

/// Whether the parameters of a protocol are one document.
fn is_document(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::AwsJson(_) | Protocol::AwsCbor | Protocol::RpcV2Cbor)
}

/// S3 answers 400 to a head that is too large; for the others there is a status of HTTP.
///
/// Source: S3 API reference, "Error responses"; RFC 6585, 5.
fn head_status(protocol: Protocol) -> StatusCode {
    match protocol {
        Protocol::RestXml => StatusCode::BAD_REQUEST,
        _ => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    }
}

/// How a service says that it has more requests than it can take, so that its clients wait and try again.
///
/// Sources: EC2 API reference, "Error codes"; STS API reference, "Common Errors"; S3 API reference, "Error responses";
/// botocore, `data/_retry.json`.
fn throttling(protocol: Protocol) -> (StatusCode, &'static str) {
    match protocol {
        Protocol::Ec2Query => (StatusCode::SERVICE_UNAVAILABLE, "RequestLimitExceeded"),
        Protocol::AwsQuery => (StatusCode::BAD_REQUEST, "Throttling"),
        Protocol::AwsJson(_) | Protocol::AwsCbor | Protocol::RpcV2Cbor => {
            (StatusCode::BAD_REQUEST, "ThrottlingException")
        }
        Protocol::RestJson => (StatusCode::TOO_MANY_REQUESTS, "ThrottlingException"),
        Protocol::RestXml => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
    }
}

/// The answer that tells a failure.
pub(super) fn render(form: ErrorForm, failure: &Failure, request_id: &str, path: &str) -> Response<Vec<u8>> {
    let mut response = form.render(failure, request_id, path);
    if form.protocol == Protocol::RestXml {
        response.headers_mut().insert(http::header::SERVER, http::HeaderValue::from_static("AmazonS3"));
    }
    response
}
