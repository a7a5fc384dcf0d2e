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
use super::bounds::Bounds;
use super::chat::{content, reason, usage};
use super::refusal::{error_of, garbled};
use super::sse::Lines;
use crate::Body;
use crate::bedrock::engine::{End, Generation, Piece, Reason, no_end};
use crate::bedrock::fault::Fault;
use crate::bedrock::prompt::Prompt;
use crate::bedrock::tokens;
use crate::upstream::Stopped;

/// An answer that comes piece by piece.
struct Streaming {
    chat: Arc<ChatServer>,
    body: Body,
    lines: Lines,
    bounds: Bounds,
    /// Why it ended, once it was told.
    ended: Option<(Reason, Option<String>)>,
    /// The tokens of the prompt and of the answer: counted here until the server tells.
    counted: (u64, u64),
    told: (Option<u64>, Option<u64>),
    /// Whether all of the text was told.
    is_told: bool,
    is_over: bool,
}

/// The answer that a body streams. What the server counts it tells at the end, so that at the start the tokens of the prompt
/// are those that are counted here.
pub(super) fn streaming(chat: Arc<ChatServer>, name: String, body: Body, prompt: &Prompt) -> Generation {
    let input_tokens = prompt.tokens();
    let state = Streaming {
        chat,
        body,
        lines: Lines::default(),
        bounds: Bounds::of(&prompt.settings),
        ended: None,
        counted: (input_tokens, 0),
        told: (None, None),
        is_told: false,
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
    Generation { answered_by: name, input_tokens, pieces: pieces.boxed() }
}

impl Streaming {
    async fn next(&mut self) -> Result<Piece, Fault> {
        loop {
            // Of what has come already, too.
            while !self.bounds.is_over() && !self.is_told {
                let Some(data) = self.lines.next() else { break };
                if data == "[DONE]" {
                    return self.end();
                }
                if let Some(text) = self.take(&data)? {
                    return Ok(Piece::Text(text));
                }
            }
            if self.bounds.is_over() || self.is_told {
                return self.end();
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

    /// The text of an event, if it has any that may be told now.
    fn take(&mut self, data: &str) -> Result<Option<String>, Fault> {
        let document: Json = serde_json::from_str(data).map_err(|_| garbled("an event is no JSON"))?;
        if let Some(message) = error_of(&document) {
            return Err(Fault::Model { message, status: None });
        }
        let (input, output) = usage(&document);
        self.told = (input.or(self.told.0), output.or(self.told.1));
        let Some(choice) = document.get("choices").and_then(|own| own.get(0)) else { return Ok(None) };
        self.ended = reason(choice).or_else(|| self.ended.take());
        let text = choice.get("delta").map(content).transpose()?.flatten().unwrap_or_default();
        let text = self.bounds.take(&text);
        Ok(self.counted(text))
    }

    /// A text that is told, if there is any.
    fn counted(&mut self, text: String) -> Option<String> {
        self.counted.1 += tokens::count(&text);
        Some(text).filter(|text| !text.is_empty())
    }

    /// The end, if the server told that it is one, or if it is where the server should have ended; before it what was held
    /// back.
    fn end(&mut self) -> Result<Piece, Fault> {
        if self.ended.is_none() && !self.bounds.is_over() {
            return Err(no_end());
        }
        self.is_told = true;
        let rest = self.bounds.rest();
        if let Some(text) = self.counted(rest) {
            return Ok(Piece::Text(text));
        }
        let cut = self.bounds.ended();
        let answered = self.told.1.filter(|_| cut.is_none());
        let (reason, sequence) = cut.or_else(|| self.ended.take()).ok_or_else(no_end)?;
        let input_tokens = self.told.0.unwrap_or(self.counted.0);
        let output_tokens = answered.unwrap_or_else(|| self.bounds.count(self.counted.1));
        Ok(Piece::End(End { reason, sequence, input_tokens, output_tokens }))
    }
}
