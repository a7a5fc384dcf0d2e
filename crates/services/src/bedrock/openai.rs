//! A server that answers in place of models, and speaks OpenAI's protocol: Ollama, vLLM, llama.cpp and others.
//!
//! It is named for each model that it answers for. What it is told is the prompt alone: who asks, and with which
//! permissions, was decided before.
//!
//! Source: OpenAI API reference, "Chat", "Embeddings"; the documentation of the servers on how they differ.

mod sse;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value as Json, json};
use sidegate_model::Region;
use sidegate_wire::sigv4::SecretKey;
use tokio::time::timeout;

use super::catalog::{Model, Profile};
use super::engine::{Asked, AskedVector, Embedded, End, Engine, Generation, Piece, Reason, Vector, no_end};
use super::fault::Fault;
use super::model_id::Target;
use super::prompt::{Part, Prompt};
use super::tokens;
use crate::upstream::{NoOrigin, Origin, Server, Stopped, Unanswered};
use crate::whole::ReadError;
use crate::{Body, whole};
use sse::Lines;

/// The largest answer that is read whole, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

/// How much of an error's text is repeated to the client, in characters.
const LONGEST_ERROR: usize = 300;

/// How long an answer, or its next piece, is waited for if nothing else is said.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that answers for models.
pub struct ChatServer {
    server: Server,
    /// What the paths begin with, such as `/v1`.
    base: String,
    key: Option<SecretKey>,
    /// The server's names of models, by those that they stand for.
    models: BTreeMap<String, String>,
    patience: Duration,
}

impl fmt::Debug for ChatServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatServer").field("server", &self.server).field("models", &self.models).finish_non_exhaustive()
    }
}

/// What is no server that can answer for models.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoChatServer {
    /// It is no server.
    #[error(transparent)]
    Origin(#[from] NoOrigin),
    /// It answers for a model that is not known.
    #[error("`{0}` is no model or inference profile that is known; `aws bedrock list-foundation-models` lists them")]
    Model(String),
    /// It answers for a model of Sidegate's own.
    #[error("`{0}` is Sidegate's own model, which no other server can be")]
    Own(String),
    /// It answers for none.
    #[error("no model is named; give `[service.bedrock-runtime.models]` with the server's name for each")]
    NoModels,
    /// Its key cannot be in a header.
    #[error("the API key has characters that no header can have")]
    Key,
}

impl ChatServer {
    /// The server of a URL, whose path is that before `/chat/completions`, and `/v1` if there is none. `models` has the
    /// server's names of models, by ids of foundation models or inference profiles.
    ///
    /// # Errors
    /// [`NoChatServer`] if the URL or a model is none that can be used.
    pub fn new(
        url: &str, key: Option<SecretKey>, ca_file: Option<&Path>, models: BTreeMap<String, String>,
    ) -> Result<Self, NoChatServer> {
        let (origin, base) = split(url);
        let origin = Origin::new(origin, String::new(), SecretKey::new(""), "us-east-1".to_owned(), ca_file)?;
        if key.as_ref().is_some_and(|key| bearer(key).is_none()) {
            return Err(NoChatServer::Key);
        }
        if models.is_empty() {
            return Err(NoChatServer::NoModels);
        }
        for id in models.keys() {
            let profile = || Region::all().find_map(|region| Profile::find(region, id)).map(|profile| profile.model);
            match Model::find(id).or_else(profile) {
                Some(model) if model.is_own() => return Err(NoChatServer::Own(id.clone())),
                Some(model) if model.family.is_understood() => {}
                Some(_) | None => return Err(NoChatServer::Model(id.clone())),
            }
        }
        let server = Server::new(origin.answering_within(PATIENCE), "bedrock");
        Ok(Self { server, base, key, models, patience: PATIENCE })
    }

    /// With how long an answer may take to begin, and each piece of it.
    #[must_use]
    pub fn answering_within(mut self, patience: Duration) -> Self {
        self.server = self.server.answering_within(patience);
        self.patience = patience;
        self
    }

    /// What answers with it.
    pub(super) fn into_engine(self) -> impl Engine {
        Remote(Arc::new(self))
    }
}

/// The scheme, host and port of a URL, and its path.
fn split(url: &str) -> (&str, String) {
    let after = url.find("://").map_or(0, |at| at + 3);
    let host = url.get(after..).unwrap_or_default();
    let at = host.find('/').map_or(url.len(), |at| after + at);
    let (origin, path) = url.split_at_checked(at).unwrap_or((url, ""));
    match path.trim_end_matches('/') {
        "" => (origin, "/v1".to_owned()),
        path => (origin, path.to_owned()),
    }
}

/// The header that proves who asks the server.
fn bearer(key: &SecretKey) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A server as an engine.
struct Remote(Arc<ChatServer>);

#[async_trait]
impl Engine for Remote {
    fn answers(&self, target: &Target) -> bool {
        target.model.is_own() || self.0.name_of(target).is_some()
    }

    async fn generate(&self, asked: Asked) -> Result<Generation, Fault> {
        if asked.target.model.is_own() {
            return Embedded.generate(asked).await;
        }
        let name = self.0.name_of(&asked.target).ok_or(Fault::NoAccess)?.to_owned();
        let response = self.0.post("/chat/completions", &chat(&name, &asked)).await?;
        let input = asked.prompt.tokens();
        if asked.streams && is_event_stream(&response) {
            return Ok(streaming(Arc::clone(&self.0), name, response.into_body(), input));
        }
        whole_answer(name, &self.0.document(response).await?, input)
    }

    async fn embed(&self, asked: AskedVector) -> Result<Vector, Fault> {
        if asked.target.model.is_own() {
            return Embedded.embed(asked).await;
        }
        let name = self.0.name_of(&asked.target).ok_or(Fault::NoAccess)?.to_owned();
        let mut document = json!({"model": name, "input": asked.text, "encoding_format": "float"});
        if let (Some(dimensions), Some(members)) = (asked.dimensions, document.as_object_mut()) {
            members.insert("dimensions".to_owned(), json!(dimensions));
        }
        let response = self.0.post("/embeddings", &document).await?;
        let document = self.0.document(response).await?;
        vector(name, &document, &asked)
    }

    fn count(&self, target: &Target, prompt: &Prompt) -> Option<u64> {
        // The protocol has no question for it.
        target.model.is_own().then(|| prompt.tokens())
    }
}

impl ChatServer {
    /// The server's name of what is asked.
    fn name_of(&self, target: &Target) -> Option<&str> {
        target.names().iter().find_map(|name| self.models.get(name)).map(String::as_str)
    }

    /// Sends a document. What is no success is a fault.
    async fn post(&self, path: &str, document: &Json) -> Result<Response<Body>, Fault> {
        let body = Full::new(Bytes::from(document.to_string())).map_err(|never| match never {}).boxed_unsync();
        let mut request = Request::new(body);
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.server.uri(&format!("{}{path}", self.base)).map_err(|_| Fault::Internal)?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(bearer) = self.key.as_ref().and_then(bearer) {
            request.headers_mut().insert(AUTHORIZATION, bearer);
        }
        let response = self.server.send(request).await.map_err(|error| unanswered(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let read = timeout(self.patience, whole::read(response.into_body(), LARGEST)).await;
        let body = read.ok().and_then(Result::ok).unwrap_or_default();
        Err(refused(status, &body))
    }

    /// The document of an answer.
    async fn document(&self, response: Response<Body>) -> Result<Json, Fault> {
        let read = timeout(self.patience, whole::read(response.into_body(), LARGEST)).await;
        let body = read.map_err(|_| Fault::TimedOut)?.map_err(|error| match error {
            ReadError::Broken(reason) if reason.is::<Stopped>() => Fault::TimedOut,
            other => garbled(&other.to_string()),
        })?;
        serde_json::from_slice(&body).map_err(|_| garbled("it is no JSON"))
    }
}

/// That a server was not heard.
fn unanswered(error: &Unanswered) -> Fault {
    tracing::warn!(reason = error.reason(), "the server that answers for models");
    if error.is_late() { Fault::TimedOut } else { Fault::Unavailable }
}

/// That a server said what is no answer.
fn garbled(why: &str) -> Fault {
    tracing::warn!(why, "the server that answers for models gave an answer that cannot be read");
    Fault::Model { message: "The model gave an answer that cannot be read.".to_owned(), status: None }
}

/// What a client is told of an error of the server.
fn refused(status: StatusCode, body: &[u8]) -> Fault {
    let document: Json = serde_json::from_slice(body).unwrap_or_default();
    let message = error_of(&document).unwrap_or_default();
    tracing::warn!(%status, message, "the server that answers for models refuses");
    match status.as_u16() {
        400 | 413 | 422 => Fault::Validation(format!("The model returned the following errors: {message}")),
        // The key of the configuration is at fault, and none of the caller's.
        401 | 403 => Fault::Internal,
        408 | 504 => Fault::TimedOut,
        429 => Fault::Throttled,
        503 => Fault::NotReady,
        status => {
            let message = format!("The model returned an error. {message}").trim_end().to_owned();
            Fault::Model { message, status: Some(status) }
        }
    }
}

/// The text of an error, of the forms in which servers tell one.
fn error_of(document: &Json) -> Option<String> {
    let error = document.get("error");
    let message = error.and_then(|own| own.get("message")).or(error).or_else(|| document.get("message"));
    let text = message.and_then(Json::as_str)?;
    Some(text.chars().take(LONGEST_ERROR).collect())
}

/// The request for an answer.
fn chat(name: &str, asked: &Asked) -> Json {
    let prompt = &asked.prompt;
    let mut messages: Vec<Json> = Vec::new();
    if !prompt.system.is_empty() {
        messages.push(json!({"role": "system", "content": prompt.system.join("\n\n")}));
    }
    for turn in &prompt.turns {
        let parts: Vec<String> = turn.parts.iter().map(text_of).collect();
        messages.push(json!({"role": turn.role.as_str(), "content": parts.join("\n\n")}));
    }
    let mut document = json!({"model": name, "messages": messages, "stream": asked.streams});
    let Some(members) = document.as_object_mut() else { return document };
    let settings = &prompt.settings;
    let mut set = |key: &str, value: Option<Json>| {
        if let Some(value) = value {
            members.insert(key.to_owned(), value);
        }
    };
    set("max_tokens", settings.max_tokens.map(Into::into));
    set("temperature", settings.temperature.map(Into::into));
    set("top_p", settings.top_p.map(Into::into));
    set("top_k", settings.top_k.map(Into::into));
    set("stop", Some(&settings.stop).filter(|own| !own.is_empty()).map(|own| json!(own)));
    set("stream_options", asked.streams.then(|| json!({"include_usage": true})));
    document
}

/// A part as text: a document is marked as one.
fn text_of(part: &Part) -> String {
    match part {
        Part::Text(text) => text.clone(),
        Part::Document(own) => format!("<document title=\"{}\">\n{}\n</document>", own.title, own.text),
    }
}

fn is_event_stream(response: &Response<Body>) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
}

/// Why an answer ended, as it was told, with the stop sequence where the server names it.
fn reason(choice: &Json) -> Option<(Reason, Option<String>)> {
    let sequence = choice.get("stop_reason").and_then(Json::as_str).map(str::to_owned);
    Some(match (choice.get("finish_reason").and_then(Json::as_str)?, sequence) {
        ("length", _) => (Reason::MaxTokens, None),
        ("content_filter", _) => (Reason::ContentFiltered, None),
        // vLLM tells which sequence it was; the others do not tell it from the end of the answer.
        (_, Some(sequence)) => (Reason::StopSequence, Some(sequence)),
        _ => (Reason::EndTurn, None),
    })
}

/// How many tokens the server counted, of the prompt and of the answer.
fn usage(document: &Json) -> (Option<u64>, Option<u64>) {
    let count = |key: &str| document.get("usage").and_then(|own| own.get(key)).and_then(Json::as_u64);
    (count("prompt_tokens"), count("completion_tokens"))
}

/// An answer that came whole. What the server does not count is counted here.
fn whole_answer(name: String, document: &Json, input: u64) -> Result<Generation, Fault> {
    if let Some(message) = error_of(document) {
        return Err(Fault::Model { message, status: None });
    }
    let choice = document.get("choices").and_then(|own| own.get(0)).ok_or_else(|| garbled("it has no choice"))?;
    let text = choice.get("message").and_then(|own| own.get("content")).and_then(Json::as_str).unwrap_or_default();
    let (reason, sequence) = reason(choice).ok_or_else(|| garbled("it does not say why it ended"))?;
    let (counted, answered) = usage(document);
    let input_tokens = counted.unwrap_or(input);
    let output_tokens = answered.unwrap_or_else(|| tokens::count(text));
    let end = End { reason, sequence, input_tokens, output_tokens };
    let pieces = [Piece::Text(text.to_owned()), Piece::End(end)];
    let pieces = stream::iter(pieces.into_iter().map(Ok)).boxed();
    Ok(Generation { answered_by: name, input_tokens: Some(input_tokens), pieces })
}

fn vector(name: String, document: &Json, asked: &AskedVector) -> Result<Vector, Fault> {
    let entries = document.get("data").and_then(|own| own.get(0)).and_then(|own| own.get("embedding"));
    let entries = entries.and_then(Json::as_array).ok_or_else(|| garbled("it has no embedding"))?;
    let numbers: Option<Vec<f64>> = entries.iter().map(Json::as_f64).collect();
    let mut numbers =
        numbers.filter(|own| !own.is_empty()).ok_or_else(|| garbled("its embedding is none of numbers"))?;
    if asked.dimensions.is_some_and(|wanted| wanted != numbers.len()) {
        return Err(Fault::Validation(format!("The embeddings of this model have {} dimensions.", numbers.len())));
    }
    let length = numbers.iter().map(|number| number * number).sum::<f64>().sqrt();
    if asked.normalized && length > 0.0 {
        numbers.iter_mut().for_each(|number| *number /= length);
    }
    let input_tokens = usage(document).0.unwrap_or_else(|| tokens::count(&asked.text));
    Ok(Vector { answered_by: name, numbers, input_tokens })
}

/// An answer that comes piece by piece.
struct Streaming {
    chat: Arc<ChatServer>,
    body: Body,
    lines: Lines,
    /// Why it ended, once it was told.
    ended: Option<(Reason, Option<String>)>,
    /// The tokens of the prompt and of the answer: counted here until the server tells.
    counted: (u64, u64),
    told: (Option<u64>, Option<u64>),
    is_over: bool,
}

fn streaming(chat: Arc<ChatServer>, name: String, body: Body, input: u64) -> Generation {
    let state = Streaming {
        chat,
        body,
        lines: Lines::default(),
        ended: None,
        counted: (input, 0),
        told: (None, None),
        is_over: false,
    };
    let pieces = stream::unfold(state, |mut state| async move {
        if state.is_over {
            return None;
        }
        let piece = state.next().await;
        state.is_over = !matches!(piece, Ok(Piece::Text(_)));
        Some((piece, state))
    });
    Generation { answered_by: name, input_tokens: None, pieces: pieces.boxed() }
}

impl Streaming {
    async fn next(&mut self) -> Result<Piece, Fault> {
        loop {
            while let Some(data) = self.lines.next() {
                if data == "[DONE]" {
                    return self.end();
                }
                if let Some(text) = self.take(&data)? {
                    return Ok(Piece::Text(text));
                }
            }
            let frame = timeout(self.chat.patience, self.body.frame()).await.map_err(|_| Fault::TimedOut)?;
            match frame {
                None => return self.end(),
                Some(Err(error)) if error.is::<Stopped>() => return Err(Fault::TimedOut),
                Some(Err(error)) => {
                    tracing::warn!(%error, "the server that answers for models broke off");
                    return Err(no_end());
                }
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        self.lines.push(data).map_err(|error| garbled(&error.to_string()))?;
                    }
                }
            }
        }
    }

    /// The text of an event, if it has any.
    fn take(&mut self, data: &str) -> Result<Option<String>, Fault> {
        let document: Json = serde_json::from_str(data).map_err(|_| garbled("an event is no JSON"))?;
        if let Some(message) = error_of(&document) {
            return Err(Fault::Model { message, status: None });
        }
        let (input, output) = usage(&document);
        self.told = (input.or(self.told.0), output.or(self.told.1));
        let Some(choice) = document.get("choices").and_then(|own| own.get(0)) else { return Ok(None) };
        self.ended = reason(choice).or_else(|| self.ended.take());
        let text = choice.get("delta").and_then(|own| own.get("content")).and_then(Json::as_str);
        let text = text.filter(|text| !text.is_empty());
        self.counted.1 += text.map_or(0, tokens::count);
        Ok(text.map(str::to_owned))
    }

    /// The end, if the server told that it is one.
    fn end(&mut self) -> Result<Piece, Fault> {
        let (reason, sequence) = self.ended.take().ok_or_else(no_end)?;
        let input_tokens = self.told.0.unwrap_or(self.counted.0);
        let output_tokens = self.told.1.unwrap_or(self.counted.1);
        Ok(Piece::End(End { reason, sequence, input_tokens, output_tokens }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_url_is_where_the_api_is() {
        assert_eq!(split("http://127.0.0.1:11434"), ("http://127.0.0.1:11434", "/v1".to_owned()));
        assert_eq!(split("https://h/"), ("https://h", "/v1".to_owned()));
        assert_eq!(split("https://h/api/v1/"), ("https://h", "/api/v1".to_owned()));
    }

    #[test]
    fn models_are_known_ones_and_none_of_sidegates_own() {
        let server = |models: &[(&str, &str)]| {
            let models = models.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect();
            ChatServer::new("http://127.0.0.1:1", Some(SecretKey::new("hidden")), None, models)
        };
        let told = format!("{:?}", server(&[("us.amazon.nova-lite-v1:0", "llama3.2")]).unwrap());
        assert!(told.contains("llama3.2") && !told.contains("hidden"), "{told}");
        assert!(matches!(server(&[]), Err(NoChatServer::NoModels)));
        assert!(matches!(server(&[("nobody.none", "a")]), Err(NoChatServer::Model(_))));
        assert!(matches!(server(&[("sidegate.extractive-reader-v1:0", "a")]), Err(NoChatServer::Own(_))));
    }

    #[test]
    fn errors_of_servers_are_those_that_a_client_expects() {
        let told = |status: u16, body: &str| {
            let fault = refused(StatusCode::from_u16(status).unwrap(), body.as_bytes());
            format!("{}: {fault}", fault.code())
        };
        let long = told(400, r#"{"error": {"message": "context length exceeded"}}"#);
        assert_eq!(long, "ValidationException: The model returned the following errors: context length exceeded");
        assert!(told(503, r#"{"error": {"message": "Loading model"}}"#).starts_with("ModelNotReadyException"));
        assert!(told(429, "").starts_with("ThrottlingException"));
        assert!(told(401, "").starts_with("InternalServerException"));
        assert!(told(504, "").starts_with("ModelTimeoutException"));
        assert_eq!(
            told(404, r#"{"error": "no such model"}"#),
            "ModelErrorException: The model returned an error. no such model"
        );
        assert_eq!(told(500, "<html>"), "ModelErrorException: The model returned an error.");
    }
}
