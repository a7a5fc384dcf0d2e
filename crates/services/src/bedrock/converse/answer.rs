//! Answers of the Converse API.

use serde_json::{Map, Value as Json, json};
use sidegate_wire::event_stream::Message;

use crate::bedrock::catalog::Model;
use crate::bedrock::engine::{End, Reason, Whole};
use crate::bedrock::family;
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

fn usage(end: &End, model: &Model) -> Json {
    let total = end.input_tokens.saturating_add(end.output_tokens);
    let mut told = json!({"inputTokens": end.input_tokens, "outputTokens": end.output_tokens, "totalTokens": total});
    if let Some(members) = told.as_object_mut().filter(|_| model.caches()) {
        members.extend([("cacheReadInputTokens".to_owned(), 0.into()), ("cacheWriteInputTokens".to_owned(), 0.into())]);
    }
    told
}

/// The fields of the model's own answer, as InvokeModel gives it, that are wanted as well and that there are, each where it is
/// there.
///
/// Source: Bedrock API reference, "Converse", `additionalModelResponseFieldPaths`.
fn more(wanted: &[String], own: &Json) -> Option<Json> {
    let mut fields = Map::new();
    for pointer in wanted {
        let Some(value) = own.pointer(pointer) else { continue };
        let names: Vec<String> =
            pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
        put(&mut fields, &names, value);
    }
    (!fields.is_empty()).then_some(Json::Object(fields))
}

fn put(fields: &mut Map<String, Json>, path: &[String], value: &Json) {
    match path {
        [] => {}
        [name] => drop(fields.insert(name.clone(), value.clone())),
        [name, rest @ ..] => {
            let inner = fields.entry(name.clone()).or_insert_with(|| json!({}));
            if let Some(inner) = inner.as_object_mut() {
                put(inner, rest, value);
            }
        }
    }
}

/// The document of a whole answer of a model. `own` is that of InvokeModel.
pub(in crate::bedrock) fn answer(
    model: &Model, whole: &Whole, own: &Json, wanted: &[String], repeated: Map<String, Json>, latency: Latency,
) -> Json {
    let Whole { text, end, .. } = whole;
    let mut document = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": stop_reason(end.reason),
        "usage": usage(end, model),
        "metrics": {"latencyMs": latency.whole},
    });
    let Some(members) = document.as_object_mut() else { return document };
    members.extend(repeated);
    if let Some(more) = more(wanted, own) {
        members.insert("additionalModelResponseFields".to_owned(), more);
    }
    document
}

/// The events of an answer.
pub(in crate::bedrock) struct Events {
    pub(in crate::bedrock) response_fields: Vec<String>,
    /// What of the request's settings the answer repeats.
    pub(in crate::bedrock) repeated: Map<String, Json>,
    pub(in crate::bedrock) model: &'static Model,
    pub(in crate::bedrock) answered_by: String,
    /// Random, for answers that have one.
    pub(in crate::bedrock) id: String,
    /// What was said so far, if fields of the whole answer are wanted.
    pub(in crate::bedrock) text: String,
}

fn event(name: &str, document: &Json) -> Message {
    Message::event(name, document.to_string().into_bytes())
}

impl Rendering for Events {
    const TIMES_OUT: bool = false;

    fn start(&mut self, _: u64) -> Vec<Message> {
        vec![event("messageStart", &json!({"role": "assistant"}))]
    }

    fn text(&mut self, text: &str) -> Vec<Message> {
        if !self.response_fields.is_empty() {
            self.text.push_str(text);
        }
        vec![event("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"text": text}}))]
    }

    fn end(&mut self, end: &End, latency: Latency) -> Vec<Message> {
        let mut stop = json!({"stopReason": stop_reason(end.reason)});
        let text = std::mem::take(&mut self.text);
        let whole = Whole { answered_by: self.answered_by.clone(), text, end: end.clone() };
        let own = family::answer(self.model, &whole, &self.id);
        if let (Some(more), Some(members)) = (more(&self.response_fields, &own), stop.as_object_mut()) {
            members.insert("additionalModelResponseFields".to_owned(), more);
        }
        let mut metadata = Map::new();
        metadata.insert("usage".to_owned(), usage(end, self.model));
        metadata.insert("metrics".to_owned(), json!({"latencyMs": latency.whole}));
        metadata.extend(std::mem::take(&mut self.repeated));
        vec![
            event("contentBlockStop", &json!({"contentBlockIndex": 0})),
            event("messageStop", &stop),
            event("metadata", &Json::Object(metadata)),
        ]
    }
}
