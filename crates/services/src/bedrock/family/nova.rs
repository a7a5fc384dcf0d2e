//! Amazon Nova.
//!
//! Source: Amazon Nova user guide, "Complete request schema"; Bedrock user guide, "Amazon Nova models".

use serde_json::{Value as Json, json};

use crate::bedrock::catalog::Model;
use crate::bedrock::converse::{Features, Message, turns};
use crate::bedrock::engine::{End, Reason, Whole};
use crate::bedrock::fault::Fault;
use crate::bedrock::prompt::{Prompt, Settings};
use crate::bedrock::schema::Object;
use crate::bedrock::stream::ChunkForm;

/// The blocks of a message. Documents are for the Converse API alone.
///
/// Source: Amazon Nova user guide, "Invoking Amazon Nova understanding models", "Complete request schema".
const BLOCKS: [&str; 8] =
    ["text", "image", "video", "audio", "toolUse", "toolResult", "cachePoint", "reasoningContent"];

pub(super) fn read(model: &Model, body: &Json) -> Result<Prompt, Fault> {
    let root = Object::root(body)?;
    if root.member("toolConfig").is_some() {
        return Err(Fault::Validation("This model doesn't support tool use.".to_owned()));
    }
    root.allows(&["schemaVersion", "messages", "system", "inferenceConfig"])?;
    if let Some(version) = root.text("schemaVersion")?.filter(|version| *version != "messages-v1") {
        return Err(Fault::malformed(format!("#/schemaVersion: {version} is not a valid enum value")));
    }
    let mut system = Vec::new();
    for (at, block) in root.list("system")?.unwrap_or_default().iter().enumerate() {
        system.push(Object::at(format!("#/system/{at}"), block)?.required_text("text")?.to_owned());
    }
    root.required("messages")?;
    let mut messages = Vec::new();
    for (at, message) in root.list("messages")?.unwrap_or_default().iter().enumerate() {
        let object = Object::at(format!("#/messages/{at}"), message)?;
        object.allows(&["role", "content"])?;
        object.text("role")?;
        for (number, block) in object.list("content")?.unwrap_or_default().iter().enumerate() {
            let block = Object::at(format!("#/messages/{at}/content/{number}"), block)?;
            // Sidegate's own reader has no other form.
            if !model.is_own() {
                block.allows(&BLOCKS)?;
            }
        }
        let mut message = message.clone();
        message.get_mut("content").and_then(Json::as_array_mut).into_iter().flatten().for_each(without_cache_point);
        let read: Result<Message, _> = serde_json::from_value(message);
        messages.push(read.map_err(|_| Fault::malformed(format!("#/messages/{at}: it is of another form")))?);
    }
    let settings = root.object("inferenceConfig")?.map(|config| settings(&config, model)).transpose()?;
    let turns = turns(&messages, Features::of(model))?;
    Ok(Prompt { system, turns, settings: settings.unwrap_or_default() })
}

/// The mark up to which a prompt is to be kept stands in the block that it ends with. Nothing is kept here.
///
/// Source: Bedrock user guide, "Prompt caching for faster model inference".
fn without_cache_point(block: &mut Json) {
    if let Some(members) = block.as_object_mut().filter(|members| members.len() > 1) {
        members.remove("cachePoint");
    }
}

fn settings(config: &Object<'_>, model: &Model) -> Result<Settings, Fault> {
    config.allows(&[
        "maxTokens",
        "max_new_tokens",
        "temperature",
        "topP",
        "top_p",
        "topK",
        "top_k",
        "stopSequences",
    ])?;
    let most = model.most_output;
    let either = |a: Option<f64>, b: Option<f64>| a.or(b);
    Ok(Settings {
        max_tokens: config.integer("maxTokens", 1, most)?.or(config.integer("max_new_tokens", 1, most)?),
        temperature: config.number("temperature", 0.0, 1.0)?,
        top_p: either(config.number("topP", 0.0, 1.0)?, config.number("top_p", 0.0, 1.0)?),
        top_k: config.integer("topK", 1, 128)?.or(config.integer("top_k", 1, 128)?),
        stop: config.texts("stopSequences", 4)?,
    })
}

fn stop_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::EndTurn => "end_turn",
        Reason::MaxTokens => "max_tokens",
        Reason::StopSequence => "stop_sequence",
        Reason::ContentFiltered => "content_filtered",
    }
}

fn usage(end: &End) -> Json {
    json!({
        "inputTokens": end.input_tokens,
        "outputTokens": end.output_tokens,
        "totalTokens": end.input_tokens + end.output_tokens,
        "cacheReadInputTokenCount": 0,
        "cacheWriteInputTokenCount": 0,
    })
}

pub(super) fn answer(whole: &Whole) -> Json {
    json!({
        "output": {"message": {"content": [{"text": whole.text}], "role": "assistant"}},
        "stopReason": stop_reason(whole.end.reason),
        "usage": usage(&whole.end),
    })
}

/// The events of a stream.
pub(super) struct Events;

impl ChunkForm for Events {
    fn start(&mut self, _: u64) -> Vec<Json> {
        vec![json!({"messageStart": {"role": "assistant"}})]
    }

    fn text(&mut self, text: &str) -> Vec<Json> {
        vec![json!({"contentBlockDelta": {"delta": {"text": text}, "contentBlockIndex": 0}})]
    }

    fn end(&mut self, end: &End) -> Vec<Json> {
        vec![
            json!({"contentBlockStop": {"contentBlockIndex": 0}}),
            json!({"messageStop": {"stopReason": stop_reason(end.reason)}}),
            json!({"metadata": {"usage": usage(end), "metrics": {}, "trace": {}}}),
        ]
    }
}
