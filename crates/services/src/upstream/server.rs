//! A server, as requests are sent to it.

use std::fmt;
use std::time::Duration;

use http::header::HeaderValue;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, Request, Response, Uri, Version};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value as Json;
use sidegate_iam::Principal;
use sidegate_model::Scope;
use sidegate_wire::protocol::JsonVersion;
use sidegate_wire::sigv4::{PayloadHash, Signer};

use super::connector::Connector;
use super::forwarding::{ERROR_TYPE, is_kept, of_credentials};
use super::hosted_call::{self, Hosted};
use super::origin::Origin;
use super::patience::{Arriving, Progress, Sending};
use super::place::Place;
use super::remote_call::RemoteCall;
use crate::{Authorized, Body, Caller, whole};

/// The largest document that is read of what a server tells Sidegate itself.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// The largest body that is signed: what the front door has read of a request that was.
const LARGEST_SIGNED: usize = 6 * 1024 * 1024;

/// A server, with the connections to it.
pub(crate) struct Server {
    origin: Origin,
    /// The service's name in signatures.
    signing: &'static str,
    client: Client<Connector, Body>,
}

/// That a server did not answer, or not with what was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the server that answers in place of the service {reason}")]
pub(crate) struct Unanswered {
    reason: String,
    is_late: bool,
}

impl Unanswered {
    /// One for what is written here, which is for the log and not for the client.
    pub(crate) fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_late: false }
    }

    /// One that was waited for in vain.
    fn late() -> Self {
        Self { reason: "does not answer in time".to_owned(), is_late: true }
    }

    /// Why, with all that led to it.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether the server may only have been too slow.
    pub(crate) fn is_late(&self) -> bool {
        self.is_late
    }
}

/// What a server told.
pub(crate) enum Answer {
    /// What was asked for.
    Document(Json),
    /// That it will not, by the code of the error.
    Refused(String),
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.origin.fmt(f)
    }
}

impl Server {
    /// A server. No connection is made before there is a request.
    pub(crate) fn new(origin: Origin, signing: &'static str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build(Connector::new(origin.tls.clone()));
        Self { origin, signing, client }
    }

    /// The same with how long an answer may take to begin.
    pub(crate) fn answering_within(mut self, patience: Duration) -> Self {
        self.origin = self.origin.answering_within(patience);
        self
    }

    /// Whose the ARNs of the server are for a caller.
    pub(crate) fn place<'a>(&'a self, vendor: &'static str, scope: &'a Scope) -> Place<'a> {
        Place::of(&self.origin, vendor, scope)
    }

    /// What policies know a key of KMS by that a request or the server names; `None` for an alias, of which only the server
    /// knows what it stands for.
    pub(crate) fn key_arn(&self, scope: &Scope, key: &str) -> Option<String> {
        let name = key.rsplit_once(':').map_or(key, |(_, name)| name);
        if name.starts_with("alias/") {
            return None;
        }
        if key.matches(':').count() == 5 && name.starts_with("key/") {
            return Some(self.place("kms", scope).here(key));
        }
        Some(format!("arn:aws:kms:{}:{}:key/{}", scope.region, scope.account, name.trim_start_matches("key/")))
    }

    /// The Region that is signed for.
    pub(crate) fn region(&self) -> &str {
        &self.origin.region
    }

    /// The URL of a path.
    pub(crate) fn uri(&self, path: &str) -> Result<Uri, http::Error> {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.origin.scheme.clone());
        parts.authority = Some(self.origin.authority.clone());
        parts.path_and_query = Some(path.parse::<PathAndQuery>()?);
        Ok(Uri::from_parts(parts)?)
    }

    /// Signs a request with the key that the server knows. `now` is in Unix milliseconds.
    pub(crate) fn sign(&self, parts: &mut Parts, payload: PayloadHash<'_>, now: i64) -> Result<(), Unanswered> {
        let signer = Signer {
            access_key: &self.origin.access_key,
            secret: &self.origin.secret,
            session_token: None,
            region: &self.origin.region,
            service: self.signing,
        };
        signer.sign(parts, payload, now / 1000).map_err(|_| Unanswered::because("has a key that cannot be sent"))
    }

    /// Whether what is sent is encrypted on its way.
    pub(crate) fn is_secure(&self) -> bool {
        self.origin.tls.is_some()
    }

    /// Sends what is signed. The body of the answer streams. However long bodies are, each side of them has to go on.
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Unanswered> {
        let (patience, progress) = (self.origin.patience, Progress::new());
        let request = request.map(|body| Sending { body, progress: progress.clone() }.boxed_unsync());
        let answered = tokio::select! {
            answered = self.client.request(request) => answered,
            () = progress.stalls(patience) => return Err(Unanswered::late()),
        };
        match answered {
            Ok(answer) => Ok(answer.map(|body| Arriving::new(body, patience).boxed_unsync())),
            Err(error) => Err(Unanswered::because(format!("does not answer: {}", causes(&error)))),
        }
    }

    /// Sends a call on that is allowed, and gives its answer the id of the request.
    pub(crate) async fn pass_on(
        &self, _allowed: &Authorized, call: RemoteCall, caller: &Caller,
    ) -> Result<Response<Body>, Unanswered> {
        let mut answer = self.returned(self.call(call, caller.now).await?).await?;
        if let Ok(id) = HeaderValue::from_str(&caller.request_id) {
            answer.headers_mut().insert("x-amzn-requestid", id);
        }
        Ok(answer)
    }

    /// Sends on, as it came, a request of a service that judges proofs of its own. One that was signed is signed anew.
    pub(super) async fn pass_hosted(
        &self, _allowed: &Authorized, hosted: Hosted, caller: &Caller,
    ) -> Result<Response<Body>, Unanswered> {
        let is_signed = caller.principal != Principal::Anonymous;
        let (mut parts, body) = hosted.sent_by(caller, is_signed);
        parts.uri = self.uri(&parts.uri.to_string()).map_err(|_| Unanswered::because("cannot be sent the path"))?;
        parts.version = Version::default();
        let body = if is_signed {
            let whole = whole::read(body, LARGEST_SIGNED).await;
            let whole = whole.map_err(|_| Unanswered::because("was not sent the whole of a body"))?;
            self.sign(&mut parts, PayloadHash::OfBody(&whole), caller.now)?;
            Full::new(whole).map_err(|never| match never {}).boxed_unsync()
        } else {
            body
        };
        let mut answer = self.send(Request::from_parts(parts, body)).await?;
        let code = answer.headers().get(ERROR_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        if let Some(code) = of_credentials(code).filter(|_| is_signed) {
            return Err(Unanswered::because(format!("does not take the key that is configured for it ({code})")));
        }
        hosted_call::take_off_hops(answer.headers_mut());
        if let Ok(id) = HeaderValue::from_str(&caller.request_id) {
            answer.headers_mut().insert("x-amzn-requestid", id);
        }
        Ok(answer)
    }

    /// An answer without what is between Sidegate and the server. What is wrong with the key is not the client's fault.
    async fn returned(&self, answer: Response<Body>) -> Result<Response<Body>, Unanswered> {
        let (mut head, body) = answer.into_parts();
        let names: Vec<_> = head.headers.keys().filter(|name| !is_kept(name)).cloned().collect();
        names.iter().for_each(|name| drop(head.headers.remove(name)));
        if head.status.is_success() {
            return Ok(Response::from_parts(head, body));
        }
        if head.status.is_redirection() {
            return Err(Unanswered::because(format!("answers with status {}, which leads elsewhere", head.status)));
        }
        let body = whole::read(body, LARGEST_ANSWER).await;
        let body = body.map_err(|_| Unanswered::because(format!("breaks off an error ({})", head.status)))?;
        let code = head.headers.get(ERROR_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        if let Some(code) = of_credentials(code).or_else(|| of_credentials(&body)) {
            return Err(Unanswered::because(format!("does not take the key that is configured for it ({code})")));
        }
        Ok(Response::from_parts(head, Full::new(body).map_err(|never| match never {}).boxed_unsync()))
    }

    /// Asks for what Sidegate itself wants to know before it decides, in the awsJson protocol.
    pub(crate) async fn ask(&self, target: &str, document: &Json, now: i64) -> Result<Answer, Unanswered> {
        let call = RemoteCall::json(&HeaderMap::new(), JsonVersion::V1_1, target, document);
        let (head, body) = self.call(call, now).await?.into_parts();
        let read = tokio::time::timeout(self.origin.patience, whole::read(body, LARGEST_ANSWER)).await;
        let operation = target.split('.').next_back().unwrap_or_default();
        let garbled = |why: &str| Unanswered::because(format!("answers {operation} with {why} ({})", head.status));
        let body = read.map_err(|_| garbled("a body that does not end"))?;
        let body = body.map_err(|_| garbled("a body that breaks off or is too long"))?;
        let document: Json = serde_json::from_slice(&body).map_err(|_| garbled("no document"))?;
        if head.status.is_success() {
            return Ok(Answer::Document(document));
        }
        let named = head.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
        let code = document.get("__type").and_then(Json::as_str).or(named).ok_or_else(|| garbled("no error"))?;
        // Source: Smithy, awsJson1_1, "Operation error serialization": what may stand around the name.
        let code = code.split(':').next().unwrap_or_default();
        Ok(Answer::Refused(code.rsplit('#').next().unwrap_or_default().to_owned()))
    }

    async fn call(&self, call: RemoteCall, now: i64) -> Result<Response<Body>, Unanswered> {
        let RemoteCall { method, path, headers, body } = call;
        let mut request = Request::new(());
        *request.method_mut() = method;
        *request.uri_mut() = self.uri(&path).map_err(|_| Unanswered::because("cannot be sent the path"))?;
        *request.headers_mut() = headers;
        let (mut parts, ()) = request.into_parts();
        self.sign(&mut parts, PayloadHash::OfBody(&body), now)?;
        let body = Full::new(body).map_err(|never| match never {}).boxed_unsync();
        self.send(Request::from_parts(parts, body)).await
    }
}

/// An error with its causes: hyper's own text does not say why.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
