//! S3 that another server answers. What a request is for is read from its method, path and query, what that requires is
//! asked of the authorizer, and only then the request is sent on, signed with the key of that server.
//!
//! What the server knows of its buckets is not known here: bucket policies, owners and tags of objects take no part in the
//! decision. Policies of identities, endpoints, organizations and sessions do.

mod operation;
mod origin;
mod rewriting;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use s3s::S3ErrorCode;
use sidegate_wire::sigv4::{ChunkChain, Presented, SecretKey};

pub use origin::{NoOrigin, Origin};

use super::attributes::{text, without_chunking};
use super::fault::Fault;
use super::receive::fault_of_text;
use super::{LARGEST_XML, Secrets, answer, chunked, range};
use crate::whole::{self, ReadError};
use crate::{Authorized, Authorizer, Body, Caller, Service};
use operation::Operation;
pub(super) use operation::parameters;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an answer may take to begin, once the request has been sent.
const ANSWER: Duration = Duration::from_secs(60);

/// The S3 of all accounts and Regions, where another server has it.
pub struct Upstream {
    origin: Origin,
    /// The secrets that the front door verifies with.
    secrets: Secrets,
    client: Client<HttpConnector, Body>,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Upstream {
    /// Sends requests to this server. No connection is made before there is a request. `secrets` has to give the secrets
    /// that the front door verifies with.
    pub fn new(origin: Origin, secrets: Secrets) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        Self { origin, secrets, client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// Decides about a request, and sends it on.
    async fn forward(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Body>, Fault> {
        let (mut head, body) = request.into_parts();
        let operation = Operation::of(&head)?;
        let (body, document) = if operation.has_keys_in_its_document() {
            let document = document(body).await?;
            (Full::new(document.clone()).map_err(|never| match never {}).boxed_unsync(), document)
        } else {
            (body, Bytes::new())
        };
        let requirements = operation.requirements(&head.headers, &document, caller.now)?;
        Authorized::by(authorizer, operation.name(), &requirements).map_err(|denial| Fault::denied(&denial))?;
        let body = self.proved(&mut head, body, caller)?;
        let request = rewriting::rewritten(head, body, &operation, &self.origin, caller)?;
        self.send(request).await
    }

    /// The body as it is sent on: one whose chunks are signed loses its frames, and each chunk is proved before.
    fn proved(&self, head: &mut Parts, body: Body, caller: &Caller) -> Result<Body, Fault> {
        if !matches!(chunked::form(&head.headers), Some(chunked::Form::Signed)) {
            return Ok(body);
        }
        if head.headers.contains_key("x-amz-trailer") {
            return Err(Fault::not_implemented(
                "A body with signed chunks and a trailer is not sent on to another server: let its trailer be unsigned",
            ));
        }
        let secret = caller.access_key.as_deref().and_then(|key| (self.secrets)(key));
        let presented = Presented::parse(head).ok();
        let chain = presented.as_ref().and_then(Presented::signature).zip(secret);
        let Some((signature, secret)) = chain else {
            return Err(Fault::new(S3ErrorCode::AccessDenied, "Chunks that are signed want a signed request"));
        };
        let chain = ChunkChain::new(signature, &SecretKey::new(secret.0));
        let kept = text(&head.headers, CONTENT_ENCODING.as_str()).and_then(|encodings| without_chunking(&encodings));
        head.headers.remove(CONTENT_ENCODING);
        if let Some(Ok(kept)) = kept.map(HeaderValue::try_from) {
            head.headers.insert(CONTENT_ENCODING, kept);
        }
        Ok(chunked::proved(&mut head.headers, body, chain))
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Fault> {
        let unavailable = |reason: &dyn fmt::Display| {
            tracing::warn!(origin = %self.origin, %reason, "the server of S3 does not answer");
            Fault::new(S3ErrorCode::ServiceUnavailable, "Service is unable to handle request.")
        };
        match tokio::time::timeout(ANSWER, self.client.request(request)).await {
            Ok(Ok(answer)) => Ok(answer.map(|body| body.map_err(Into::into).boxed_unsync())),
            Ok(Err(error)) => {
                let causes = causes(&error);
                Err(fault_of_text(&causes).unwrap_or_else(|| unavailable(&causes)))
            }
            Err(_) => Err(unavailable(&"it took too long")),
        }
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

/// A document, as a whole.
async fn document(body: Body) -> Result<Bytes, Fault> {
    whole::read(body, LARGEST_XML).await.map_err(|error| match error {
        ReadError::TooLong => Fault::malformed(),
        ReadError::Broken(_) => Fault::new(S3ErrorCode::IncompleteBody, "The body did not arrive"),
    })
}

#[async_trait]
impl Service for Upstream {
    fn name(&self) -> &'static str {
        "s3"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let (mut head, body) = request.into_parts();
        let (method, path) = (head.method.clone(), head.uri.path().to_owned());
        let asked = answer::Asked { caller, method: &method, path: &path };
        range::ignored(&mut head);
        match self.forward(Request::from_parts(head, body), caller, authorizer).await {
            Ok(answer) => asked.passed_on(answer),
            Err(fault) => asked.refuse_with(fault),
        }
    }
}
