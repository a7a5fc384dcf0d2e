//! The protocols that AWS services speak, and how each of them tells an error.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::{aws_json, aws_query, ec2, rest_xml, rpc_v2_cbor};

/// A protocol of AWS services, as <https://smithy.io/2.0/aws/protocols/> names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// EC2's own form of the query protocol.
    Ec2Query,
    /// The query protocol, of STS among others.
    AwsQuery,
    /// JSON with the operation in a header, of Secrets Manager among others.
    AwsJson(JsonVersion),
    /// The same with its documents in CBOR, which Kinesis takes beside JSON.
    AwsCbor,
    /// JSON with the operation in method and path, of Lambda among others.
    RestJson,
    /// XML with the operation in method and path: S3.
    RestXml,
    /// CBOR with the operation in the path, of CloudWatch among others.
    RpcV2Cbor,
}

/// The version of a JSON protocol; only the content type tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonVersion {
    /// `application/x-amz-json-1.0`
    V1_0,
    /// `application/x-amz-json-1.1`
    V1_1,
}

impl JsonVersion {
    /// The content type of requests and answers.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::V1_0 => "application/x-amz-json-1.0",
            Self::V1_1 => "application/x-amz-json-1.1",
        }
    }
}

/// An error as AWS has it: what any protocol tells the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The status of the answer. From 500 on the fault is the service's.
    pub status: StatusCode,
    /// The error code, such as `InvalidVpcID.NotFound`.
    pub code: Cow<'static, str>,
    /// The message.
    pub message: String,
    /// More elements of S3's document. Other protocols leave them out.
    pub details: Vec<(&'static str, String)>,
}

impl Failure {
    /// An error without details.
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), details: Vec::new() }
    }

    /// A request that is at fault itself: an error without details and with status 400.
    pub fn refused(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }
}

impl Protocol {
    /// The answer that tells an error.
    ///
    /// `resource` is the path that was asked for; only S3 returns it.
    ///
    /// ```
    /// use http::StatusCode;
    /// use sidegate_wire::protocol::{Failure, JsonVersion, Protocol};
    ///
    /// let failure = Failure::new(StatusCode::BAD_REQUEST, "ResourceNotFoundException", "Gone.");
    /// let answer = Protocol::AwsJson(JsonVersion::V1_1).render_error(&failure, "req-1", "/");
    /// assert_eq!(answer.headers()["x-amzn-requestid"], "req-1");
    /// assert_eq!(answer.body(), br#"{"__type":"ResourceNotFoundException","Message":"Gone."}"#);
    /// ```
    pub fn render_error(self, failure: &Failure, request_id: &str, resource: &str) -> Response<Vec<u8>> {
        match self {
            Self::Ec2Query => {
                let body = ec2::error(&failure.code, &failure.message, request_id);
                answer(failure.status, "text/xml;charset=UTF-8", request_id, body.into_bytes())
            }
            Self::AwsQuery => aws_query::error(failure, request_id),
            Self::AwsJson(version) => aws_json::error(version, failure, request_id),
            Self::AwsCbor => aws_json::error_in_cbor(failure, request_id),
            Self::RestJson => rest_json(failure, request_id),
            Self::RestXml => rest_xml::error(failure, request_id, resource),
            Self::RpcV2Cbor => rpc_v2_cbor::error(failure, request_id),
        }
    }
}

/// An answer of any service but S3.
pub(crate) fn answer(
    status: StatusCode, content_type: &'static str, request_id: &str, body: Vec<u8>,
) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    set(response.headers_mut(), "content-type", content_type);
    set(response.headers_mut(), "x-amzn-requestid", request_id);
    response
}

/// Sets a header; a value that no header can have is left out.
pub(crate) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization>
fn rest_json(failure: &Failure, request_id: &str) -> Response<Vec<u8>> {
    let body = serde_json::json!({ "message": failure.message }).to_string();
    let mut response = answer(failure.status, "application/json", request_id, body.into_bytes());
    set(response.headers_mut(), "x-amzn-errortype", &failure.code);
    response
}
