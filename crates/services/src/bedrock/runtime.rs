//! The service `bedrock-runtime`: prompts in, answers out.
//!
//! A request goes in three steps: its path and body are checked, the authorizer is asked once, and only then the engine.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sidegate_iam::Requirement;
use tokio::task::spawn_blocking;

use super::converse::{self, Checked, ConverseRequest};
use super::engine::{Asked, AskedVector, Embedded, Engine};
use super::family::{self, AskedEmbedding};
use super::fault::Fault;
use super::model_id::Target;
use super::openai::ChatServer;
use super::prompt::Prompt;
use super::route::{Unserved, unserved};
use super::schema;
use super::stream::{self, Chunks, Latency};
use crate::constraint::Constraint;
use crate::{Authorized, Authorizer, Body, Caller, Service, whole};

/// The largest body, in bytes.
///
/// Source: the API model of `bedrock-runtime`: `Body`. That those of Converse may not be larger either is a row of
/// docs/claims.md.
const LARGEST: usize = 25_000_000;

/// How much of a guardrail's work is told.
///
/// Source: the API model of `bedrock-runtime`: `Trace`.
const TRACES: [&str; 3] = ["ENABLED", "DISABLED", "ENABLED_FULL"];

/// The operations that are served, by the end of their paths.
const OPERATIONS: [(&str, &str); 5] = [
    ("Converse", "/converse"),
    ("ConverseStream", "/converse-stream"),
    ("CountTokens", "/count-tokens"),
    ("InvokeModel", "/invoke"),
    ("InvokeModelWithResponseStream", "/invoke-with-response-stream"),
];

/// The operations that the service has and that are not served.
const UNSERVED: [Unserved; 5] = [
    unserved("ApplyGuardrail", "POST /guardrail/{}/version/{}/apply"),
    unserved("GetAsyncInvoke", "GET /async-invoke/{}"),
    unserved("InvokeModelWithBidirectionalStream", "POST /model/{}/invoke-with-bidirectional-stream"),
    unserved("ListAsyncInvokes", "GET /async-invoke"),
    unserved("StartAsyncInvoke", "POST /async-invoke"),
];

/// Tells in answers to whom they are owed: no answer of Sidegate's own models passes for one of another model.
const ANSWERED_BY: &str = "x-sidegate-model";

/// The Bedrock runtime of all accounts and Regions.
pub struct BedrockRuntime {
    engine: Arc<dyn Engine>,
}

impl fmt::Debug for BedrockRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BedrockRuntime").finish_non_exhaustive()
    }
}

impl Default for BedrockRuntime {
    fn default() -> Self {
        Self::new()
    }
}

impl BedrockRuntime {
    /// One in which Sidegate's own models answer for all others.
    pub fn new() -> Self {
        Self { engine: Arc::new(Embedded) }
    }

    /// One in which a server answers for the models that it is named for. Sidegate's own go on answering for themselves.
    pub fn answered_by(server: ChatServer) -> Self {
        Self { engine: Arc::new(server.into_engine()) }
    }

    /// What answers.
    pub(super) fn engine(&self) -> Arc<dyn Engine> {
        Arc::clone(&self.engine)
    }

    async fn answer(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Body>, Fault> {
        let (head, body) = request.into_parts();
        let (operation, identifier) = route(&head)?;
        let body = whole::read(body, LARGEST).await.map_err(|error| match error {
            whole::ReadError::TooLong => {
                let bound = format!("Member must have length less than or equal to {LARGEST}");
                Constraint::hidden("body", bound).into()
            }
            whole::ReadError::Broken(_) => Fault::Serialization("The request's body was not received.".to_owned()),
        })?;
        let call = Call { runtime: self, operation, head: &head, caller, authorizer, began: Instant::now() };
        match operation {
            "CountTokens" => call.count(&identifier, body).await,
            "Converse" | "ConverseStream" => call.converse(&identifier, body).await,
            _ => call.invoke(&identifier, body).await,
        }
    }
}

/// The operation and the model that a request names.
fn route(head: &Parts) -> Result<(&'static str, String), Fault> {
    let path = head.uri.path();
    if let Some(rest) = path.strip_prefix("/model/").filter(|_| head.method == Method::POST) {
        let named = OPERATIONS.iter().find_map(|(name, end)| Some((*name, rest.strip_suffix(end)?)));
        if let Some((name, model)) = named.filter(|(_, model)| !model.is_empty()) {
            let model = percent_decode_str(model).decode_utf8().map_err(|_| Fault::no_model())?;
            return Ok((name, model.into_owned()));
        }
    }
    match UNSERVED.iter().find(|own| own.is_asked(&head.method, path)) {
        Some(own) => Err(Fault::Unserved(own.name)),
        None => Err(Fault::UnknownOperation),
    }
}

/// A request whose operation is known.
struct Call<'a> {
    runtime: &'a BedrockRuntime,
    operation: &'static str,
    head: &'a Parts,
    caller: &'a Caller,
    authorizer: &'a dyn Authorizer,
    began: Instant,
}

/// The document of CountTokens: a union.
#[derive(Deserialize)]
struct CountTokens {
    input: Option<CountedInput>,
}

#[derive(Deserialize)]
struct CountedInput {
    #[serde(rename = "invokeModel")]
    invoke_model: Option<CountedBody>,
    converse: Option<Json>,
}

#[derive(Deserialize)]
struct CountedBody {
    body: Option<String>,
}

impl Call<'_> {
    /// Whether the answer streams.
    fn streams(&self) -> bool {
        matches!(self.operation, "ConverseStream" | "InvokeModelWithResponseStream")
    }

    /// Asks whether the caller may do this, and whether there is somebody to answer.
    fn authorize(&self, target: &Target, action: &str, tier: Option<&str>) -> Result<Authorized, Fault> {
        let scope = &self.caller.scope;
        let mut requirements = target.requirements(&format!("bedrock:{action}"), scope);
        if let Some(tier) = tier {
            requirements =
                requirements.into_iter().map(|own: Requirement| own.with("bedrock:ServiceTier", tier)).collect();
        }
        let allowed = Authorized::by(self.authorizer, self.operation, &requirements);
        let allowed = allowed.map_err(|denial| Fault::Denied(Box::new(denial)))?;
        if self.runtime.engine.answers(target) { Ok(allowed) } else { Err(Fault::NoAccess) }
    }

    /// The action that asking a model needs.
    ///
    /// Source: Bedrock API reference, "Converse", "ConverseStream": the actions of InvokeModel.
    fn action(&self) -> &'static str {
        if self.streams() { "InvokeModelWithResponseStream" } else { "InvokeModel" }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty())
    }

    /// The tier of service that goes with the body of InvokeModel.
    fn tier(&self) -> Option<&str> {
        self.header("x-amzn-bedrock-service-tier")
    }

    async fn converse(self, identifier: &str, body: Bytes) -> Result<Response<Body>, Fault> {
        let target = Target::parse(identifier, &self.caller.scope)?;
        let Checked { prompt, response_fields, tier, repeated } =
            blocking(move || ConverseRequest::read(&body)?.check(target.model)).await?;
        let _allowed = self.authorize(&target, self.action(), tier.as_deref())?;
        let asked = Asked { target, prompt, streams: self.streams() };
        let generation = self.runtime.engine.generate(asked).await?;
        let name = generation.answered_by.clone();
        if self.streams() {
            let (model, text) = (target.model, String::new());
            let (answered_by, id) = (name.clone(), random_id()?);
            let events = converse::Events { response_fields, repeated, model, answered_by, id, text };
            let response = stream::response(generation, events, self.began, &self.caller.request_id);
            return Ok(named(response, &name));
        }
        let whole = generation.whole().await?;
        let own = family::answer(target.model, &whole, &random_id()?);
        let latency = Latency::since(self.began);
        let document = converse::answer(target.model, &whole, &own, &response_fields, repeated, latency);
        Ok(named(self.document(&document), &name))
    }

    async fn invoke(self, identifier: &str, body: Bytes) -> Result<Response<Body>, Fault> {
        let target = Target::parse(identifier, &self.caller.scope)?;
        self.check_headers(&target)?;
        let read = blocking(move || family::read(target.model, &schema::parse(&body)?)).await?;
        let prompt = match read {
            family::Body::Text(prompt) => prompt,
            family::Body::Vector(asked) => return self.embed(target, asked).await,
        };
        let _allowed = self.authorize(&target, self.action(), self.tier())?;
        let asked = Asked { target, prompt, streams: self.streams() };
        let generation = self.runtime.engine.generate(asked).await?;
        let (answered_by, id) = (generation.answered_by.clone(), random_id()?);
        if self.streams() {
            let chunks = Chunks(family::chunks(target.model, &answered_by, id));
            let mut response = stream::response(generation, chunks, self.began, &self.caller.request_id);
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert("x-amzn-bedrock-content-type", json);
            self.repeat(response.headers_mut());
            return Ok(named(response, &answered_by));
        }
        let whole = generation.whole().await?;
        let mut response = self.document(&family::answer(target.model, &whole, &id));
        self.tell_usage(response.headers_mut(), whole.end.input_tokens, Some(whole.end.output_tokens));
        self.repeat(response.headers_mut());
        Ok(named(response, &answered_by))
    }

    async fn embed(self, target: Target, asked: AskedEmbedding) -> Result<Response<Body>, Fault> {
        if self.streams() {
            // Source: errors that users quote, see docs/claims.md.
            return Err(Fault::Validation("The model is unsupported for streaming.".to_owned()));
        }
        let _allowed = self.authorize(&target, self.action(), self.tier())?;
        let AskedEmbedding { text, dimensions, usual, normalized, types } = asked;
        let vector = self.runtime.engine.embed(AskedVector { target, text, dimensions, usual, normalized }).await?;
        let mut response = self.document(&family::vector(target.model, &vector, &types));
        self.tell_usage(response.headers_mut(), vector.input_tokens, None);
        self.repeat(response.headers_mut());
        Ok(named(response, &vector.answered_by))
    }

    async fn count(self, identifier: &str, body: Bytes) -> Result<Response<Body>, Fault> {
        let target = Target::counted(identifier, &self.caller.scope)?;
        let prompt = blocking(move || counted(&target, &body)).await?;
        let _allowed = self.authorize(&target, "CountTokens", None)?;
        match self.runtime.engine.count(&target, &prompt) {
            Some(count) => Ok(self.document(&json!({"inputTokens": count}))),
            None => Err(Fault::uncounted()),
        }
    }

    /// Checks the headers that go with the body of InvokeModel.
    fn check_headers(&self, target: &Target) -> Result<(), Fault> {
        let media_type = |name: &str| self.header(name).and_then(|value| value.split(';').next()).map(str::trim);
        if let Some(other) = media_type("content-type").filter(|own| *own != "application/json") {
            return Err(Fault::Validation(format!(
                "The provided Content Type {other} is invalid or not supported for this model."
            )));
        }
        let accepted = if self.streams() { "x-amzn-bedrock-accept" } else { "accept" };
        if let Some(other) = media_type(accepted).filter(|own| !matches!(*own, "application/json" | "*/*")) {
            return Err(Fault::Validation(format!(
                "The provided Accept Type {other} is invalid or not supported for this model."
            )));
        }
        if let Some(trace) = self.header("x-amzn-bedrock-trace").filter(|own| !TRACES.contains(own)) {
            let constraint = format!("Member must satisfy enum value set: [{}]", TRACES.join(", "));
            return Err(Constraint::of(trace, "trace", constraint).into());
        }
        if self.header("x-amzn-bedrock-guardrailidentifier").is_some() {
            return Err(converse::no_guardrail());
        }
        if let Some(latency) = self.header("x-amzn-bedrock-performanceconfig-latency") {
            converse::check_latency(latency, target.model)?;
        }
        match self.tier() {
            Some(tier) => converse::check_tier(tier, target.model),
            None => Ok(()),
        }
    }

    /// The answer to InvokeModel repeats the latency and the tier that were asked for.
    fn repeat(&self, headers: &mut HeaderMap) {
        for name in ["x-amzn-bedrock-performanceconfig-latency", "x-amzn-bedrock-service-tier"] {
            if let Some(value) = self.head.headers.get(name) {
                headers.insert(name, value.clone());
            }
        }
    }

    fn document(&self, document: &Json) -> Response<Body> {
        let mut response = Response::new(document.to_string().into_bytes());
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        if let Ok(id) = HeaderValue::from_str(&self.caller.request_id) {
            response.headers_mut().insert("x-amzn-requestid", id);
        }
        whole::answer(response)
    }

    /// What the invocation took, as the answers to InvokeModel tell it.
    fn tell_usage(&self, headers: &mut HeaderMap, input: u64, output: Option<u64>) {
        headers.insert("x-amzn-bedrock-input-token-count", input.into());
        if let Some(output) = output {
            headers.insert("x-amzn-bedrock-output-token-count", output.into());
        }
        headers.insert("x-amzn-bedrock-invocation-latency", Latency::since(self.began).whole.into());
    }
}

/// The prompt whose tokens are to be counted.
fn counted(target: &Target, body: &[u8]) -> Result<Prompt, Fault> {
    let document: Json = serde_json::from_slice(body).map_err(|error| Fault::Serialization(error.to_string()))?;
    let is_structure = |value: Option<&Json>| value.is_none_or(|value| value.is_object() || value.is_null());
    let input = document.get("input");
    if !document.is_object() || !is_structure(input) || !is_structure(input.and_then(|own| own.get("invokeModel"))) {
        return Err(Fault::Serialization("what is no structure stands for one".to_owned()));
    }
    let document: CountTokens =
        serde_json::from_value(document).map_err(|error| Fault::Serialization(error.to_string()))?;
    let input = crate::constraint::required("input", document.input)?;
    match (input.invoke_model, input.converse) {
        (Some(inner), None) => {
            let body = STANDARD.decode(crate::constraint::required("input.invokeModel.body", inner.body)?);
            let body = body.map_err(|_| Fault::Serialization("the body is no Base64".to_owned()))?;
            match family::read(target.model, &schema::parse(&body)?)? {
                family::Body::Text(prompt) => Ok(prompt),
                family::Body::Vector(_) => Err(Fault::uncounted()),
            }
        }
        (None, Some(document)) => Ok(ConverseRequest::of(document)?.check(target.model)?.prompt),
        _ => Err(Fault::Validation("Exactly one of the members of input must be set.".to_owned())),
    }
}

/// With the name of who answered.
fn named(mut response: Response<Body>, answered_by: &str) -> Response<Body> {
    if let Ok(name) = HeaderValue::from_str(answered_by) {
        response.headers_mut().insert(ANSWERED_BY, name);
    }
    response
}

/// What the id of a message ends with.
fn random_id() -> Result<String, Fault> {
    let bytes: [u8; 12] = crate::random::bytes().map_err(|_| Fault::Internal)?;
    Ok(hex::encode(bytes))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    spawn_blocking(work).await.map_err(|_| Fault::Internal)?
}

#[async_trait]
impl Service for BedrockRuntime {
    fn name(&self) -> &'static str {
        "bedrock-runtime"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        self.answer(request, caller, authorizer).await.unwrap_or_else(|fault| {
            if matches!(fault, Fault::Internal | Fault::Unavailable | Fault::TimedOut | Fault::Model { .. }) {
                tracing::warn!(error = %fault, code = fault.code(), "a request of the Bedrock runtime failed");
            }
            whole::answer(fault.response(&caller.request_id))
        })
    }
}
