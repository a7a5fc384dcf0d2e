//! A service that Sidegate does not emulate, and that another server answers.
//!
//! Nobody here knows what its operations require. So what a request says of itself is all that is decided about: the
//! operation, where the protocol names it, and else that it is one of the service; always on any resource. Statements
//! that allow count only if they allow all of that, and those that deny count if they deny any of it.

use async_trait::async_trait;
use bytes::Bytes;
use http::header::UPGRADE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use sidegate_iam::Requirement;
use sidegate_model::Service as Entry;
use sidegate_wire::aws_json::CBOR_MEDIA_TYPE;
use sidegate_wire::protocol::{Failure, Protocol};
use sidegate_wire::query::Params;
use sidegate_wire::rpc_v2_cbor;

use super::forwarding::{kept_query, parameters};
use super::hosted_call::Hosted;
use super::origin::Origin;
use super::remote_call::RemoteCall;
use super::server::{Server, Unanswered};
use crate::hosted::{self, Asked};
use crate::spoken::{self, ErrorForm, REGISTRY};
use crate::whole::{self, ReadError};
use crate::{Authorized, Authorizer, Body, Caller, Service};

/// The largest body that is sent on, in bytes: as much as the front door reads of a request of such a service.
const LARGEST: usize = 6 * 1024 * 1024;

/// The name of an operation where a request does not tell it.
const UNTOLD: &str = "*";

/// A service that another server answers, and whose operations nobody knows here.
#[derive(Debug)]
pub struct Relay {
    entry: &'static Entry,
    server: Server,
}

/// A request that was read as far as its protocol tells.
struct Told {
    /// The operation, or [`UNTOLD`].
    operation: String,
    call: RemoteCall,
}

impl Relay {
    /// Sends requests for a service to this server. No connection is made before there is a request.
    pub fn new(entry: &'static Entry, origin: Origin) -> Self {
        Self { entry, server: Server::new(origin, entry.signing) }
    }

    async fn forward(
        &self, request: Request<Body>, protocol: Protocol, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Body>, Failure> {
        if hosted::is_hosted(self.entry.name) {
            return self.forward_hosted(request, caller, authorizer).await;
        }
        let (head, body) = request.into_parts();
        let body = whole::read(body, LARGEST).await.map_err(|error| match error {
            ReadError::TooLong => {
                Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", error.to_string())
            }
            ReadError::Broken(_) => Failure::refused("IncompleteBody", error.to_string()),
        })?;
        let Told { operation, call } = self.read(&head, body, protocol)?;
        let requirement = Requirement::open(format!("{}:{operation}", self.entry.action_prefix()));
        let allowed = Authorized::by(authorizer, &operation, &[requirement])
            .map_err(|denial| Failure::new(StatusCode::FORBIDDEN, denied(protocol), denial.to_string()))?;
        self.server.pass_on(&allowed, call, caller).await.map_err(|reason| self.unanswered(&reason))
    }

    /// The same of a service whose requests name a resource by their host, and prove their sender to it as they like. They go
    /// on as they came, but for what proved the caller to Sidegate.
    async fn forward_hosted(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Body>, Failure> {
        let (head, body) = request.into_parts();
        // What else is offered, such as HTTP/2, a server need not take up (RFC 9110, 7.8).
        let offers =
            |value: &HeaderValue| value.to_str().is_ok_and(|text| text.to_ascii_lowercase().contains("websocket"));
        if head.headers.get_all(UPGRADE).iter().any(offers) {
            let message = "Sidegate does not send WebSocket on.";
            return Err(Failure::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message));
        }
        if hosted::goes_up(head.uri.path()) {
            return Err(Failure::refused("BadRequestException", "the path has a segment that leads elsewhere"));
        }
        let asked = Asked::read(self.entry.name, self.entry.action_prefix(), &caller.scope, &head);
        let Asked { operation, requirements, host } = asked.by(&caller.principal);
        let allowed = Authorized::by(authorizer, operation, &requirements).map_err(|denial| {
            let code = if self.entry.name == REGISTRY { "DENIED" } else { "AccessDeniedException" };
            Failure::new(StatusCode::FORBIDDEN, code, denial.to_string())
        })?;
        let hosted = Hosted { head, body, host };
        self.server.pass_hosted(&allowed, hosted, caller).await.map_err(|reason| self.unanswered(&reason))
    }

    fn unanswered(&self, reason: &Unanswered) -> Failure {
        tracing::warn!(%reason, service = self.entry.name, "a request was not answered");
        let message = "The service did not answer.";
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
    }

    /// What a request says of itself, and the request as it goes on: nothing of it that could say something else.
    fn read(&self, head: &Parts, body: Bytes, protocol: Protocol) -> Result<Told, Failure> {
        match protocol {
            Protocol::AwsJson(version) => self.targeted(head, version.content_type(), body),
            Protocol::AwsCbor => self.targeted(head, CBOR_MEDIA_TYPE, body),
            Protocol::RpcV2Cbor => {
                let path = rpc_v2_cbor::operation(head.uri.path());
                let (service, operation) = path.filter(|_| head.method == Method::POST).ok_or_else(untold)?;
                let known = self.entry.target.is_empty() || service == self.entry.target;
                let operation = plain(operation).filter(|_| known).ok_or_else(untold)?;
                let call = RemoteCall::cbor(&head.headers, service, operation, body);
                Ok(Told { operation: operation.to_owned(), call })
            }
            Protocol::AwsQuery | Protocol::Ec2Query => {
                let operation = action(head, &body)?;
                let mut call = RemoteCall::query(&head.headers, head.uri.query(), body);
                // A queue is named by the path.
                if self.entry.name == "sqs" {
                    call.path = format!("{}{}", head.uri.path(), call.path.trim_start_matches('/'));
                }
                Ok(Told { operation, call })
            }
            Protocol::RestJson | Protocol::RestXml => {
                let headers = told_headers(&head.headers);
                let path = format!("{}{}", head.uri.path(), kept_query(head.uri.query()));
                let call = RemoteCall { method: head.method.clone(), path, headers, body };
                Ok(Told { operation: UNTOLD.to_owned(), call })
            }
        }
    }

    fn targeted(&self, head: &Parts, content_type: &'static str, body: Bytes) -> Result<Told, Failure> {
        let target = self.target(head).ok_or_else(untold)?;
        let full = format!("{}.{target}", self.entry.target);
        let call = RemoteCall::document(&head.headers, content_type, &full, body);
        Ok(Told { operation: target.to_owned(), call })
    }

    /// The operation in the target, if it is one of this service.
    fn target<'h>(&self, head: &'h Parts) -> Option<&'h str> {
        let mut values = head.headers.get_all("x-amz-target").iter();
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        let (service, operation) = value.to_str().ok()?.rsplit_once('.')?;
        let known = head.method == Method::POST && !service.is_empty() && service == self.entry.target;
        plain(operation).filter(|_| known)
    }
}

/// The one action of a query or a form.
fn action(head: &Parts, body: &[u8]) -> Result<String, Failure> {
    let malformed = |message: String| Failure::refused("MalformedQueryString", message);
    let encoded = match (&head.method, body.is_empty()) {
        (&Method::POST, false) => std::str::from_utf8(body).map_err(|error| malformed(error.to_string()))?,
        (&Method::POST | &Method::GET, true) => head.uri.query().unwrap_or_default(),
        _ => return Err(untold()),
    };
    Params::parse(encoded.as_bytes()).map_err(|error| malformed(error.to_string()))?;
    let mut actions = parameters(encoded).filter(|(_, name, _)| name.eq_ignore_ascii_case("Action"));
    match (actions.next(), actions.next()) {
        (Some((_, name, action)), None) if name == "Action" && plain(&action).is_some() => Ok(action),
        _ => Err(untold()),
    }
}

/// The headers of a REST request that may say something of what is asked for. None proves the caller or is of one
/// connection, and none names another operation, or another service, to a server that looks at it.
fn told_headers(came: &HeaderMap) -> HeaderMap {
    const OTHERS: [&str; 9] = [
        "accept",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-md5",
        "content-type",
        "range",
        "user-agent",
    ];
    const LEFT_OUT: [&str; 5] =
        ["x-amz-content-sha256", "x-amz-date", "x-amz-region-set", "x-amz-security-token", "x-amz-target"];
    let is_told = |name: &str| {
        let is_own = name.starts_with("x-amz-") && !LEFT_OUT.contains(&name);
        is_own || name.starts_with("if-") || OTHERS.contains(&name)
    };
    let told = came.iter().filter(|(name, _)| is_told(name.as_str()));
    told.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A name that is one word.
fn plain(name: &str) -> Option<&str> {
    let word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    word.then_some(name)
}

fn untold() -> Failure {
    Failure::refused("UnknownOperationException", "the request does not name one operation of the service")
}

/// The code with which services of a protocol deny.
fn denied(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Ec2Query => "UnauthorizedOperation",
        Protocol::AwsQuery | Protocol::RestXml => "AccessDenied",
        Protocol::AwsJson(_) | Protocol::AwsCbor | Protocol::RestJson | Protocol::RpcV2Cbor => "AccessDeniedException",
    }
}

#[async_trait]
impl Service for Relay {
    fn name(&self) -> &'static str {
        self.entry.name
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let protocol = spoken::protocol(self.entry, request.headers());
        let form = ErrorForm::new(protocol, self.entry.name);
        let path = request.uri().path().to_owned();
        self.forward(request, protocol, caller, authorizer)
            .await
            .unwrap_or_else(|failure| whole::answer(form.render(&failure, &caller.request_id, &path)))
    }
}
