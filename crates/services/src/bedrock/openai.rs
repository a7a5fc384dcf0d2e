//! A server that answers in place of models, and speaks OpenAI's protocol: Ollama, vLLM, llama.cpp and others.
//!
//! It is named for each model that it answers for. What it is told is the prompt alone: who asks, and with which
//! permissions, was decided before.
//!
//! Source: OpenAI API reference, "Chat", "Embeddings"; the documentation of the servers on how they differ.

mod bounds;
mod chat;
mod embedding;
mod refusal;
mod sse;
mod streaming;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value as Json;
use sidegate_model::Region;
use sidegate_wire::sigv4::SecretKey;
use tokio::time::timeout;

use super::catalog::{Model, Profile};
use super::engine::{Asked, AskedVector, Embedded, Engine, Generation, Vector};
use super::fault::Fault;
use super::model_id::Target;
use super::prompt::Prompt;
use crate::upstream::{NoOrigin, Origin, Server, Stopped};
use crate::whole::ReadError;
use crate::{Body, whole};
use chat::{chat, whole_answer};
use embedding::{embedding, vector};
use refusal::{garbled, refused, unanswered};
use streaming::streaming;

/// The largest answer that is read whole, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

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
    /// It answers for a model whose bodies are not understood here.
    #[error("`{0}` is of a family whose requests Sidegate does not read, so that no server can answer for it")]
    Family(String),
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
                Some(_) => return Err(NoChatServer::Family(id.clone())),
                None => return Err(NoChatServer::Model(id.clone())),
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
        if asked.streams && is_event_stream(&response) {
            return Ok(streaming(Arc::clone(&self.0), name, response.into_body(), &asked.prompt));
        }
        whole_answer(name, &self.0.document(response).await?, &asked.prompt)
    }

    async fn embed(&self, asked: AskedVector) -> Result<Vector, Fault> {
        if asked.target.model.is_own() {
            return Embedded.embed(asked).await;
        }
        let name = self.0.name_of(&asked.target).ok_or(Fault::NoAccess)?.to_owned();
        let response = self.0.post("/embeddings", &embedding(&name, &asked)).await?;
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

fn is_event_stream(response: &Response<Body>) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
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
        for other in ["mistral.mistral-7b-instruct-v0:2", "us.deepseek.r1-v1:0"] {
            assert!(matches!(server(&[(other, "a")]), Err(NoChatServer::Family(_))), "{other}");
        }
        assert!(matches!(server(&[("sidegate.extractive-reader-v1:0", "a")]), Err(NoChatServer::Own(_))));
    }
}
