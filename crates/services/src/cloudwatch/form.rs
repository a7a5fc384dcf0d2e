//! The three protocols that CloudWatch speaks: each turns a request into the same document, and the same answer into
//! bytes.
//!
//! Source: the API's model, as botocore has it (`protocols`, `awsQueryCompatible`).

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, HeaderMap};
use http::request::Parts;
use http::{Method, Request, Response};
use serde_json::Value as Json;
use sidegate_wire::aws_json::{self, Target};
use sidegate_wire::aws_query::{self, CLOUDWATCH, tell_code};
use sidegate_wire::document::Value;
use sidegate_wire::protocol::JsonVersion;
use sidegate_wire::query::Params;
use sidegate_wire::rpc_v2_cbor;

use super::fault::Fault;
use crate::Body;
use crate::whole::{ReadError, read};

/// CloudWatch's name in targets and paths.
pub(super) const TARGET: &str = "GraniteServiceVersion20100801";

/// The version of the query API.
const VERSION: &str = "2010-08-01";

/// The largest request, in bytes, also once it is unpacked.
///
/// Source: API reference, "PutMetricData" (1 MB). That it holds for what was unpacked as well is assumed.
const MAX_BYTES: usize = 1024 * 1024;

/// The most parameters of a query: those of 1,000 metrics with 30 dimensions each would not fit into its bytes.
const MAX_PARAMETERS: usize = 100_000;

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Cbor,
    Json,
    Query,
}

impl Form {
    /// The one that a request is in.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        if rpc_v2_cbor::is_spoken(headers) {
            Self::Cbor
        } else if headers.contains_key("x-amz-target") {
            Self::Json
        } else {
            Self::Query
        }
    }

    /// The operation that a request names, and its document.
    pub(super) async fn read(self, request: Request<Body>) -> Result<(String, Json), Fault> {
        let (head, body) = request.into_parts();
        let body = plain(&head.headers, body).await?;
        self.parse(&head, &body)
    }

    /// The same of a body that was read.
    pub(super) fn parse(self, head: &Parts, body: &[u8]) -> Result<(String, Json), Fault> {
        match self {
            Self::Cbor => cbor(head, body),
            Self::Json => json(head, body),
            Self::Query => query(head, body),
        }
    }

    /// The answer to an operation that succeeded, with its result if it has one.
    pub(super) fn answer(
        self, operation: &str, result: Option<&Value>, request_id: &str,
    ) -> Result<Response<Vec<u8>>, Fault> {
        Ok(match (self, result) {
            (Self::Cbor, result) => rpc_v2_cbor::response(result, request_id),
            (Self::Json, result) => {
                let document = result.map_or_else(|| Json::Object(serde_json::Map::new()), Value::to_json);
                aws_json::response(JsonVersion::V1_0, &document, request_id)?
            }
            (Self::Query, Some(result)) => aws_query::response(CLOUDWATCH, operation, &result.to_xml(), request_id),
            (Self::Query, None) => aws_query::empty(CLOUDWATCH, operation, request_id),
        })
    }

    /// The answer that tells an error.
    pub(super) fn error(self, fault: &Fault, request_id: &str) -> Response<Vec<u8>> {
        let code = fault.query_failure();
        let mut response = match self {
            Self::Query => return aws_query::error_in(CLOUDWATCH, &code, request_id),
            Self::Cbor => rpc_v2_cbor::error(&fault.failure(), request_id),
            Self::Json => aws_json::error(JsonVersion::V1_0, &fault.failure(), request_id),
        };
        tell_code(&mut response, &code.code);
        response
    }
}

/// A body as a whole, as it was before it was packed.
pub(super) async fn plain(headers: &HeaderMap, body: Body) -> Result<Bytes, Fault> {
    let body = read(body, MAX_BYTES).await.map_err(|error| match error {
        ReadError::TooLong => Fault::TooLarge(MAX_BYTES),
        ReadError::Broken(_) => malformed("SerializationException", "The request's body was not received."),
    })?;
    unpacked(headers, body)
}

fn malformed(code: &'static str, message: impl Into<String>) -> Fault {
    Fault::Malformed { code, message: message.into() }
}

fn cbor(head: &Parts, body: &[u8]) -> Result<(String, Json), Fault> {
    let unknown = || malformed("UnknownOperationException", "The request's path names no operation of CloudWatch.");
    let (_, operation) = rpc_v2_cbor::operation(head.uri.path())
        .filter(|(service, _)| *service == TARGET && head.method == Method::POST)
        .ok_or_else(unknown)?;
    let document = rpc_v2_cbor::parse(body).map_err(|error| malformed("SerializationException", error.to_string()))?;
    Ok((operation.to_owned(), document))
}

fn json(head: &Parts, body: &[u8]) -> Result<(String, Json), Fault> {
    let refused = |error: aws_json::JsonError| malformed("SerializationException", error.to_string());
    let unknown = || malformed("UnknownOperationException", "The request's target is no operation of CloudWatch.");
    let target = Target::parse(&head.headers).ok().filter(|target| target.service == TARGET);
    let target = target.filter(|_| head.method == Method::POST).ok_or_else(unknown)?;
    Ok((target.operation.to_owned(), aws_json::parse(body).map_err(refused)?))
}

fn query(head: &Parts, body: &[u8]) -> Result<(String, Json), Fault> {
    let encoded = match head.method {
        Method::POST if !body.is_empty() => body,
        Method::POST | Method::GET => head.uri.query().unwrap_or_default().as_bytes(),
        _ => return Err(malformed("InvalidAction", "The query protocol takes POST and GET requests.")),
    };
    let params = Params::parse_up_to(encoded, MAX_PARAMETERS)
        .map_err(|error| malformed("MalformedQueryString", error.to_string()))?;
    let action = params.get("Action").ok_or_else(|| malformed("MissingAction", "The request names no action."))?;
    if params.get("Version").is_some_and(|version| version != VERSION) {
        return Err(malformed("InvalidAction", format!("Could not find operation {action} for that version.")));
    }
    let document = aws_query::document(&params)
        .ok_or_else(|| malformed("MalformedQueryString", "The parameters contradict each other."))?;
    Ok((action.to_owned(), document))
}

/// The body as it was before it was packed.
///
/// Source: API reference, "PutMetricData" (`requestCompression` with gzip).
fn unpacked(headers: &HeaderMap, body: Bytes) -> Result<Bytes, Fault> {
    let encoding = headers.get(CONTENT_ENCODING).map(|value| value.as_bytes());
    match encoding {
        None => Ok(body),
        Some(encoding) if encoding.is_empty() || encoding.eq_ignore_ascii_case(b"identity") => Ok(body),
        Some(encoding) if encoding.eq_ignore_ascii_case(b"gzip") => {
            let mut plain = Vec::new();
            // One byte more than is allowed tells that there is more.
            let bounded = MultiGzDecoder::new(body.as_ref()).take(MAX_BYTES as u64 + 1).read_to_end(&mut plain);
            match bounded {
                Ok(_) if plain.len() <= MAX_BYTES => Ok(plain.into()),
                Ok(_) => Err(Fault::TooLarge(MAX_BYTES)),
                Err(_) => Err(malformed("SerializationException", "The request's body is no gzip.")),
            }
        }
        Some(_) => Err(malformed("SerializationException", "The request's body has an encoding other than gzip.")),
    }
}
