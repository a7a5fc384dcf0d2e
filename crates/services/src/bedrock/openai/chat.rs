//! Chats: how a prompt is asked, and answers that come whole.
//!
//! Source: OpenAI API reference, "Chat".

use futures::StreamExt as _;
use futures::stream;
use serde_json::{Value as Json, json};

use super::refusal::{error_of, garbled};
use crate::bedrock::engine::{Asked, End, Generation, Piece, Reason};
use crate::bedrock::fault::Fault;
use crate::bedrock::prompt::Part;
use crate::bedrock::tokens;

/// The request for an answer.
pub(super) fn chat(name: &str, asked: &Asked) -> Json {
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

/// Why an answer ended, as it was told, with the stop sequence where the server names it.
pub(super) fn reason(choice: &Json) -> Option<(Reason, Option<String>)> {
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
pub(super) fn usage(document: &Json) -> (Option<u64>, Option<u64>) {
    let count = |key: &str| document.get("usage").and_then(|own| own.get(key)).and_then(Json::as_u64);
    (count("prompt_tokens"), count("completion_tokens"))
}

/// An answer that came whole. What the server does not count is counted here.
pub(super) fn whole_answer(name: String, document: &Json, input: u64) -> Result<Generation, Fault> {
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
