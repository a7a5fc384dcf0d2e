//! The awsJson protocols: the operation in `X-Amz-Target`, the parameters as a JSON document.
//!
//! See <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>.

mod strict;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};
use serde::{Serialize, de::DeserializeOwned};

use crate::protocol::{Failure, JsonVersion, answer};
use crate::rpc_v2_cbor;
use strict::Strict;

/// The largest document that is read of a service that names no other bound, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// The largest document of CloudWatch Logs. What `PutLogEvents` counts of an upload may be 1 MiB; as JSON it is longer.
pub const MAX_LOGS_BYTES: usize = 8 * 1024 * 1024;

/// The largest document of DynamoDB: `BatchWriteItem` takes 16 MB.
pub const MAX_DYNAMODB_BYTES: usize = 16 * 1024 * 1024;

/// How deep a document may be nested.
pub const MAX_DEPTH: usize = 64;

/// The content type of requests and answers whose documents are in CBOR.
///
/// Source: AWS SDK for Java 2, `AwsCborProtocolFactory`.
pub const CBOR_MEDIA_TYPE: &str = "application/x-amz-cbor-1.1";

/// The longest target that is read, in bytes.
const MAX_TARGET: usize = 256;

/// The operation that a request is for.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use sidegate_wire::aws_json::Target;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-amz-target", HeaderValue::from_static("secretsmanager.CreateSecret"));
/// let target = Target::parse(&headers)?;
/// assert_eq!((target.service, target.operation), ("secretsmanager", "CreateSecret"));
/// # Ok::<(), sidegate_wire::aws_json::JsonError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The name before the dot, which each service has its own of: `DynamoDB_20120810`.
    pub service: &'a str,
    /// The operation's name.
    pub operation: &'a str,
}

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// There is no target, or none that names an operation.
    #[error(
        "the request has no `X-Amz-Target` that names an operation of this service, in the form `Service.Operation`"
    )]
    NoTarget,
    /// The document is larger than it may be.
    #[error("the document is larger than it may be")]
    TooLarge,
    /// The document is nested deeper than [`MAX_DEPTH`].
    #[error("the document is nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// The document is not JSON, or not what the operation takes.
    #[error("the document cannot be read: {detail}")]
    Document {
        /// What is wrong, without any value of the document: those may be secrets.
        detail: String,
    },
}

impl JsonError {
    /// The error as the client is told it.
    pub fn failure(&self) -> Failure {
        let code = match self {
            Self::NoTarget => "UnknownOperationException",
            _ => "SerializationException",
        };
        Failure::new(StatusCode::BAD_REQUEST, code, self.to_string())
    }
}

impl<'a> Target<'a> {
    /// Reads the `X-Amz-Target` header.
    ///
    /// # Errors
    /// [`JsonError::NoTarget`].
    pub fn parse(headers: &'a HeaderMap) -> Result<Self, JsonError> {
        let mut values = headers.get_all("x-amz-target").iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(JsonError::NoTarget);
        };
        let word = |text: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            !text.is_empty() && text.bytes().all(plain)
        };
        value
            .to_str()
            .ok()
            .filter(|value| value.len() <= MAX_TARGET)
            .and_then(|value| value.rsplit_once('.'))
            .filter(|(service, operation)| service.split('.').all(word) && word(operation))
            .map(|(service, operation)| Self { service, operation })
            .ok_or(JsonError::NoTarget)
    }
}

/// Reads a request's document. No document is the same as one without members. A structure is an object at any depth,
/// and no list of what its members are.
///
/// ```
/// use serde_json::Value;
/// use sidegate_wire::aws_json;
///
/// let request: Value = aws_json::parse(br#"{"SecretId":"a"}"#)?;
/// assert_eq!(request["SecretId"], "a");
/// assert!(aws_json::parse::<Value>(b"{").is_err());
/// # Ok::<(), aws_json::JsonError>(())
/// ```
///
/// # Errors
/// When the document is too large, nested too deep, or not what `T` takes.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, JsonError> {
    parse_within(body, MAX_BYTES)
}

/// The same of a service whose documents may have so many bytes.
///
/// # Errors
/// When the document is larger, nested too deep, or not what `T` takes.
pub fn parse_within<T: DeserializeOwned>(body: &[u8], most: usize) -> Result<T, JsonError> {
    if body.len() > most {
        return Err(JsonError::TooLarge);
    }
    if depth(body) > MAX_DEPTH {
        return Err(JsonError::TooDeep);
    }
    let body = if body.is_empty() { b"{}" } else { body };
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = T::deserialize(Strict(&mut reader)).and_then(|request| reader.end().map(|()| request));
    read.map_err(|error| JsonError::Document { detail: without_values(&error) })
}

/// The answer to an operation that succeeded.
///
/// # Errors
/// When the result has no form in JSON, such as a map whose keys are not text.
pub fn response(
    version: JsonVersion, result: &impl Serialize, request_id: &str,
) -> Result<Response<Vec<u8>>, serde_json::Error> {
    let body = serde_json::to_vec(result)?;
    Ok(answer(StatusCode::OK, version.content_type(), request_id, body))
}

/// The answer that tells an error.
pub fn error(version: JsonVersion, failure: &Failure, request_id: &str) -> Response<Vec<u8>> {
    error_with(version, failure, request_id, "Message")
}

/// The same for a service whose errors have their message in a member of another name, by its model.
pub fn error_with(version: JsonVersion, failure: &Failure, request_id: &str, message: &str) -> Response<Vec<u8>> {
    let body = serde_json::json!({ "__type": failure.code, message: failure.message });
    answer(failure.status, version.content_type(), request_id, body.to_string().into_bytes())
}

/// The same as a document in CBOR.
///
/// ```
/// use sidegate_wire::{aws_json::error_in_cbor, protocol::Failure};
///
/// let answer = error_in_cbor(&Failure::refused("A", "b"), "req-1");
/// assert_eq!(answer.headers()["content-type"], "application/x-amz-cbor-1.1");
/// assert_eq!(answer.body(), b"\xa2\x66__type\x61A\x67message\x61b");
/// ```
pub fn error_in_cbor(failure: &Failure, request_id: &str) -> Response<Vec<u8>> {
    answer(failure.status, CBOR_MEDIA_TYPE, request_id, rpc_v2_cbor::error_document(failure))
}

/// Whether a request says that its document is in CBOR.
pub fn is_in_cbor(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes() == CBOR_MEDIA_TYPE.as_bytes())
}

/// How deep the document is nested at most, whether or not it is JSON.
fn depth(document: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in document {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// serde quotes the value that it did not expect, before what it expected. What that is called in this program is nobody's
/// business.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let Some((_, expected)) = text.rsplit_once(", expected ") else { return text };
    let (what, place) = match expected.rfind(" at line ") {
        Some(at) => expected.split_at(at),
        None => (expected, ""),
    };
    let what = match what {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "an integer",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a map" => "an object",
        what if what.starts_with("struct ") || what.starts_with("internally tagged enum ") => "an object",
        what => what,
    };
    format!("expected {what}{place}")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[serde(rename = "Number")]
        _number: Option<i64>,
        #[serde(rename = "List")]
        _list: Option<Vec<String>>,
    }

    #[test]
    fn what_was_expected_is_told_without_the_names_of_types() {
        for (document, told) in [
            ("[]", "expected an object"),
            (r#"{"Number": "secret"}"#, "expected an integer"),
            (r#"{"List": "secret"}"#, "expected a list"),
            (r#"{"List": [1]}"#, "expected a string"),
        ] {
            let error = parse::<Inner>(document.as_bytes()).unwrap_err().to_string();
            let start = format!("the document cannot be read: {told} at line 1 column ");
            assert!(error.starts_with(&start), "{document}: {error}");
        }
    }
}
