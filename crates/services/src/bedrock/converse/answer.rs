//! Answers of the Converse API.

use serde_json::{Value as Json, json};
use sidegate_wire::event_stream::Message;

use crate::bedrock::engine::{End, Reason};
use crate::bedrock::stream::{Latency, Rendering};

/// Why the model stopped, in the words of the API.
fn stop_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::EndTurn => "end_turn",
        Reason::MaxTokens => "max_tokens",
        Reason::StopSequence => "stop_sequence",
        Reason::ContentFiltered => "content_filtered",
    }
}

fn usage(end: &End) -> Json {
    let total = end.input_tokens + end.output_tokens;
    json!({"inputTokens": end.input_tokens, "outputTokens": end.output_tokens, "totalTokens": total})
}

/// The fields of the model's own answer that are wanted as well and that there are.
///
/// Source: Bedrock API reference, "Converse", `additionalModelResponseFieldPaths`.
fn more(wanted: &[String], end: &End) -> Option<Json> {
    let asked = wanted.iter().any(|pointer| pointer == "/stop_sequence");
    asked.then(|| json!({"stop_sequence": end.sequence}))
}

/// The document of a whole answer.
pub(in crate::bedrock) fn answer(text: &str, end: &End, wanted: &[String], latency: Latency) -> Json {
    let mut document = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": stop_reason(end.reason),
        "usage": usage(end),
        "metrics": {"latencyMs": latency.whole},
    });
    if let (Some(more), Some(members)) = (more(wanted, end), document.as_object_mut()) {
        members.insert("additionalModelResponseFields".to_owned(), more);
    }
    document
}

/// The events of an answer.
pub(in crate::bedrock) struct Events {
    pub(in crate::bedrock) response_fields: Vec<String>,
}

fn event(name: &str, document: &Json) -> Message {
    Message::event(name, document.to_string().into_bytes())
}

impl Rendering for Events {
    const TIMES_OUT: bool = false;

    fn start(&mut self, _: Option<u64>) -> Vec<Message> {
        vec![event("messageStart", &json!({"role": "assistant"}))]
    }

    fn text(&mut self, text: &str) -> Vec<Message> {
        vec![event("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"text": text}}))]
    }

    fn end(&mut self, end: &End, latency: Latency) -> Vec<Message> {
        let mut stop = json!({"stopReason": stop_reason(end.reason)});
        if let (Some(more), Some(members)) = (more(&self.response_fields, end), stop.as_object_mut()) {
            members.insert("additionalModelResponseFields".to_owned(), more);
        }
        vec![
            event("contentBlockStop", &json!({"contentBlockIndex": 0})),
            event("messageStop", &stop),
            event("metadata", &json!({"usage": usage(end), "metrics": {"latencyMs": latency.whole}})),
        ]
    }
}
