//! S3 that another server answers. A request is understood as S3 itself understands it, and what its operation requires is
//! asked of the authorizer. Then another request is written from what was decided about, and that one is sent on, signed
//! with the key of that server.
//!
//! What the server knows of its buckets is not known here: bucket policies, owners and tags of objects take no part in the
//! decision. Policies of identities, endpoints, organizations and sessions do. A service of AWS has none of these; whether
//! it may is told by the bucket's policy alone, which the server is asked for.

mod batch;
mod classified;
mod content;
mod decision;
mod keys;
mod operation;
mod preflight;
mod returned;
mod rewriting;
mod target;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::ORIGIN;
use http::{Extensions, HeaderMap, Method, Request, Response};
use s3s::S3ErrorCode;
use sidegate_iam::{Policy, PolicyType, Principal};
use sidegate_wire::sigv4::Presented;

use super::attributes::text;
use super::call::{Beside, Call, refuse_exposed_key};
use super::fault::Fault;
use super::lock::may_bypass;
use super::receive::fault_of_text;
use super::requirement::Named;
use super::{Secrets, answer, plain};
use crate::upstream::{Origin, Server, Unanswered};
use crate::{Authorized, Authorizer, Body, Budget, Caller, Service, whole};
use classified::Classified;
use content::{Document, Prover};
use operation::{Content, Kind, Operation};
use rewriting::{Sent, rewritten};
use target::Target;

/// The largest policy of a bucket is of 20 KB.
const LARGEST_POLICY: usize = 64 * 1024;

/// The S3 of all accounts and Regions, where another server has it.
pub struct Upstream {
    server: Server,
    /// The secrets that the front door verifies with.
    secrets: Secrets,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("server", &self.server).finish_non_exhaustive()
    }
}

/// A request that was allowed, and what is sent with it.
struct Allowed {
    proof: Authorized,
    sent: Sent,
    /// Whether a retention in governance mode may be passed by.
    bypasses: bool,
}

impl Upstream {
    /// Sends requests to this server. No connection is made before there is a request. `secrets` has to give the secrets
    /// that the front door verifies with.
    pub fn new(origin: Origin, secrets: Secrets) -> Self {
        Self { server: Server::new(origin, "s3"), secrets }
    }

    /// Decides about a request, and sends on what was decided about.
    async fn forward(
        &self, mut call: Call, request: Request<Body>, asked: &answer::Asked<'_>,
    ) -> Result<Response<Body>, Fault> {
        let (head, body) = request.into_parts();
        let presented = Presented::parse(&head).ok();
        let signature = presented.as_ref().and_then(Presented::signature);
        let budget = head.extensions.get::<Budget>().cloned();
        let extensions = head.extensions.clone();
        let mut classified = Classified::of(head)?;
        self.refuse_exposed_key(&classified.headers, &extensions)?;
        call.content_hash = text(&classified.headers, "x-amz-content-sha256");
        let named = self.named(&call, classified.bucket()).await?;
        let prover = Prover { secrets: &self.secrets, call: &call, signature };
        let (allowed, _share) = match classified.operation.content {
            Content::None => (self.decide(&call, &mut classified, &named, Document::none()).await?, None),
            Content::Bytes => {
                let allowed = self.decide(&call, &mut classified, &named, Document::none()).await?;
                let sent = Sent::Bytes(prover.bytes(&mut classified, body)?);
                (Allowed { sent, ..allowed }, None)
            }
            Content::Json | Content::Xml(_) | Content::OptionalXml(_) => {
                let (document, share) = prover.document(&mut classified, body, budget).await?;
                if let Document::Batch(batch) = document {
                    return self.forward_batch(&call, classified, &named, batch, asked).await;
                }
                (self.decide(&call, &mut classified, &named, document).await?, share)
            }
        };
        let answer = self.send(&classified, allowed, call.caller.now).await?;
        self.returned(&call, &classified, asked, answer).await
    }

    /// Asks for what a request requires.
    async fn decide(
        &self, call: &Call, classified: &mut Classified, named: &Named, document: Document,
    ) -> Result<Allowed, Fault> {
        let Operation { name, content, .. } = classified.operation;
        let requirements = decision::requirements(classified, named, call, &document)?;
        let proof = call.authorize_in(named, name, requirements).await?;
        let bypasses = match classified.operation.kind {
            Kind::Delete | Kind::Retention => {
                let asks = decision::asks_to_bypass(&classified.headers);
                may_bypass(call, named, name, classified.key(), asks).await
            }
            _ => false,
        };
        decision::settle(classified, call)?;
        keys::of_new_object(&self.server, call, classified).await?;
        let sent = if content == Content::None { Sent::Nothing } else { Sent::Document(document.sent()) };
        Ok(Allowed { proof, sent, bypasses })
    }

    /// Decides about each key of a batch, sends those on that may be deleted, and adds the others to the answer.
    async fn forward_batch(
        &self, call: &Call, mut classified: Classified, named: &Named, batch: s3s::dto::Delete,
        asked: &answer::Asked<'_>,
    ) -> Result<Response<Body>, Fault> {
        let mut decided = batch::decide(call, named, &classified.headers, batch).await?;
        let Some(proof) = decided.allowed.take() else {
            return Ok(asked.identified(decided.answer_of_none()));
        };
        decision::settle(&mut classified, call)?;
        let allowed =
            Allowed { proof, sent: Sent::Document(content::written(&decided.batch)?), bypasses: decided.bypasses };
        let answer = self.send(&classified, allowed, call.caller.now).await?;
        let answer = self.returned(call, &classified, asked, answer).await?;
        decided.added_to(answer).await
    }

    /// What is known of a bucket. Its policy is asked for where nothing else could let the caller in.
    async fn named(&self, call: &Call, bucket: &str) -> Result<Named, Fault> {
        let policy = match call.caller.principal {
            Principal::Service(_) if !bucket.is_empty() => self.policy(bucket, call.caller.now).await?,
            _ => None,
        };
        Ok(Named::elsewhere(call, bucket, policy))
    }

    /// The policy that the server has for a bucket.
    async fn policy(&self, bucket: &str, now: i64) -> Result<Option<Arc<Policy>>, Fault> {
        let asking = Classified {
            operation: Operation::of(
                &Method::GET,
                super::resource::Level::Bucket,
                &BTreeMap::from([("policy".to_owned(), String::new())]),
                false,
            )?,
            method: Method::GET,
            target: Some(Target::new(bucket.to_owned(), String::new())?),
            source: None,
            query: BTreeMap::new(),
            headers: HeaderMap::new(),
        };
        let request = rewritten(&asking, Sent::Nothing, false, &self.server, now)?;
        let (head, body) = self.server.send(request).await.map_err(|error| unavailable(&error))?.into_parts();
        let untold =
            || unavailable(&Unanswered::because(format!("does not tell the policy of a bucket ({})", head.status)));
        let text = whole::read(body, LARGEST_POLICY).await.map_err(|_| untold())?;
        if head.status.is_success() {
            let text = std::str::from_utf8(&text).map_err(|_| untold())?;
            let policy = Policy::parse(text, PolicyType::Bucket).unwrap_or_else(|_| Policy::denying());
            return Ok(Some(Arc::new(policy)));
        }
        let elements = plain::flat(&text, "Error").unwrap_or_default();
        let code = elements.iter().find(|(name, _)| name == "Code").map(|(_, code)| code.as_str());
        match code {
            Some("NoSuchBucketPolicy") => Ok(None),
            Some("NoSuchBucket") => Err(Fault::no_such_bucket(bucket)),
            _ => Err(untold()),
        }
    }

    /// Refuses a key of the customer that came in the clear, or would be sent so.
    fn refuse_exposed_key(&self, headers: &HeaderMap, extensions: &Extensions) -> Result<(), Fault> {
        let mut extensions = extensions.clone();
        if !self.server.is_secure() {
            extensions.insert(crate::Insecure);
        }
        refuse_exposed_key(headers, &extensions)
    }

    /// Sends on what was allowed.
    async fn send(&self, classified: &Classified, allowed: Allowed, now: i64) -> Result<Response<Body>, Fault> {
        let Allowed { proof: _proof, sent, bypasses } = allowed;
        let request = rewritten(classified, sent, bypasses, &self.server, now)?;
        self.server.send(request).await.map_err(|error| {
            // What was wrong with the body is told as such.
            fault_of_text(error.reason()).unwrap_or_else(|| unavailable(&error))
        })
    }

    /// The answer of the server, as the client gets it.
    async fn returned(
        &self, call: &Call, classified: &Classified, asked: &answer::Asked<'_>, answer: Response<Body>,
    ) -> Result<Response<Body>, Fault> {
        let (status, headers) = (answer.status(), answer.headers().clone());
        keys::of_read_object(&self.server, call, classified, status, &headers).await?;
        let made = (classified.operation.kind == Kind::Create).then(|| classified.bucket());
        returned::answer(asked, answer, classified.headers.contains_key(ORIGIN), made).await
    }
}

impl Document {
    fn none() -> Self {
        Self::Other(Bytes::new())
    }
}

/// That the server did not answer.
fn unavailable(reason: &Unanswered) -> Fault {
    tracing::warn!(%reason, "a request of S3 was not answered");
    Fault::new(S3ErrorCode::ServiceUnavailable, "Service is unable to handle request.")
}

#[async_trait]
impl Service for Upstream {
    fn name(&self) -> &'static str {
        "s3"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let asked = answer::Asked { caller, method: &method, path: &path };
        if method == Method::OPTIONS {
            let answer = preflight::passed_on(&self.server, request, &asked).await;
            return answer.unwrap_or_else(|fault| asked.refuse_with(fault));
        }
        let (call, mut gate) = Call::new(caller.clone());
        match gate.attend(authorizer, &Beside::default(), self.forward(call, request, &asked)).await {
            Ok(answer) => answer,
            Err(fault) => asked.refuse_with(fault),
        }
    }
}
