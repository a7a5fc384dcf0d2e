//! Answers as event streams, piece by piece as they are made.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use http::{HeaderValue, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use serde_json::{Value as Json, json};
use sidegate_wire::event_stream::{MEDIA_TYPE, Message};

use super::engine::{End, Generation, Piece, no_end};
use super::fault::Fault;
use crate::{Body, BoxError};

/// How long an answer took, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Latency {
    /// To its first piece.
    pub(super) first: u64,
    /// To its end.
    pub(super) whole: u64,
}

impl Latency {
    /// Of an answer that came whole.
    pub(super) fn since(began: Instant) -> Self {
        let whole = milliseconds(began);
        Self { first: whole, whole }
    }
}

fn milliseconds(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The form in which pieces are told.
pub(super) trait Rendering: Send + 'static {
    /// Whether the stream has an error of its own for a model that is too slow.
    const TIMES_OUT: bool;

    /// What comes before the first piece.
    fn start(&mut self, input_tokens: u64) -> Vec<Message>;

    /// A piece of text.
    fn text(&mut self, text: &str) -> Vec<Message>;

    /// What comes at the end.
    fn end(&mut self, end: &End, latency: Latency) -> Vec<Message>;
}

/// The chunks of a family's own form, of which the last bears what the invocation took.
pub(super) struct Chunks(pub(super) Box<dyn ChunkForm>);

/// A family's own form of a stream, in JSON.
pub(super) trait ChunkForm: Send + 'static {
    /// What comes before the first piece.
    fn start(&mut self, _input_tokens: u64) -> Vec<Json> {
        Vec::new()
    }

    /// A piece of text.
    fn text(&mut self, text: &str) -> Vec<Json>;

    /// What comes at the end; at least one.
    fn end(&mut self, end: &End) -> Vec<Json>;
}

/// A chunk, whose bytes are JSON themselves.
fn chunk(document: &Json) -> Message {
    let bytes = STANDARD.encode(document.to_string());
    Message::event("chunk", json!({"bytes": bytes}).to_string().into_bytes())
}

impl Rendering for Chunks {
    const TIMES_OUT: bool = true;

    fn start(&mut self, input_tokens: u64) -> Vec<Message> {
        self.0.start(input_tokens).iter().map(chunk).collect()
    }

    fn text(&mut self, text: &str) -> Vec<Message> {
        self.0.text(text).iter().map(chunk).collect()
    }

    fn end(&mut self, end: &End, latency: Latency) -> Vec<Message> {
        let mut documents = self.0.end(end);
        if let Some(last) = documents.last_mut().and_then(Json::as_object_mut) {
            let metrics = json!({
                "inputTokenCount": end.input_tokens,
                "outputTokenCount": end.output_tokens,
                "invocationLatency": latency.whole,
                "firstByteLatency": latency.first,
            });
            last.insert("amazon-bedrock-invocationMetrics".to_owned(), metrics);
        }
        documents.iter().map(chunk).collect()
    }
}

/// A stream that is being told.
struct Telling<R> {
    pieces: BoxStream<'static, Result<Piece, Fault>>,
    rendering: R,
    began: Instant,
    first: Option<u64>,
    /// What comes before the first piece, until it was told.
    start: Option<Vec<Message>>,
    is_over: bool,
}

impl<R: Rendering> Telling<R> {
    /// The next messages, as bytes.
    async fn next(mut self) -> Option<(Result<Frame<Bytes>, BoxError>, Self)> {
        if self.is_over {
            return None;
        }
        let messages = match self.start.take() {
            Some(messages) => messages,
            None => self.tell().await,
        };
        let mut bytes = Vec::new();
        for message in &messages {
            match message.encode() {
                Ok(encoded) => bytes.extend_from_slice(&encoded),
                Err(error) => return Some((Err(error.into()), Self { is_over: true, ..self })),
            }
        }
        Some((Ok(Frame::data(bytes.into())), self))
    }

    async fn tell(&mut self) -> Vec<Message> {
        let piece = self.pieces.next().await.unwrap_or_else(|| Err(no_end()));
        let now = milliseconds(self.began);
        let first = *self.first.get_or_insert(now);
        match piece {
            Ok(Piece::Text(text)) => self.rendering.text(&text),
            Ok(Piece::End(end)) => {
                self.is_over = true;
                self.rendering.end(&end, Latency { first, whole: now })
            }
            Err(fault) => {
                self.is_over = true;
                tracing::warn!(error = %fault, "an answer of a model broke off");
                vec![fault.message(R::TIMES_OUT)]
            }
        }
    }
}

/// The answer that streams, from when the request began.
pub(super) fn response<R: Rendering>(
    generation: Generation, mut rendering: R, began: Instant, request_id: &str,
) -> Response<Body> {
    let start = Some(rendering.start(generation.input_tokens)).filter(|messages| !messages.is_empty());
    let telling = Telling { pieces: generation.pieces, rendering, began, first: None, start, is_over: false };
    let body = StreamBody::new(stream::unfold(telling, Telling::next)).boxed_unsync();
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(MEDIA_TYPE));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
