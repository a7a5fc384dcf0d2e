//! Answers that come piece by piece.
//!
//! Source: OpenAI API reference, "Chat", "Streaming".

use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream;
use http_body_util::BodyExt as _;
use serde_json::Value as Json;
use tokio::time::timeout;

use super::ChatServer;
use super::chat::{reason, usage};
use super::refusal::{error_of, garbled};
use super::sse::Lines;
use crate::Body;
use crate::bedrock::engine::{End, Generation, Piece, Reason, no_end};
use crate::bedrock::fault::Fault;
use crate::bedrock::tokens;
use crate::upstream::Stopped;

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

/// The answer that a body streams, to a prompt of so many tokens by the count that is made here.
pub(super) fn streaming(chat: Arc<ChatServer>, name: String, body: Body, input: u64) -> Generation {
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
