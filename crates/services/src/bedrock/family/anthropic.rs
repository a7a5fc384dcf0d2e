//! The Messages API of Anthropic Claude.
//!
//! Sources: Bedrock user guide, "Anthropic Claude Messages API"; Anthropic API reference, "Messages", "Streaming
//! Messages"; the words of refusals are those that users quote, see docs/claims.md.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::bedrock::catalog::Model;
use crate::bedrock::converse::check_thinking;
use crate::bedrock::document;
use crate::bedrock::engine::{End, Reason, Whole};
use crate::bedrock::fault::Fault;
use crate::bedrock::prompt::{Document, Part, Prompt, Role, Settings, Turn};
use crate::bedrock::schema::{Object, expected};
use crate::bedrock::stream::ChunkForm;

/// The only version of the API.
const VERSION: &str = "bedrock-2023-05-31";

/// The most stop sequences.
const MOST_STOP_SEQUENCES: usize = 8191;

const KEYS: [&str; 11] = [
    "anthropic_version",
    "anthropic_beta",
    "max_tokens",
    "messages",
    "metadata",
    "stop_sequences",
    "system",
    "temperature",
    "thinking",
    "top_k",
    "top_p",
];

/// The name of a model in the API's own words: `claude-3-haiku-20240307`.
fn own_name(model: &Model) -> &str {
    let name = model.id.strip_prefix("anthropic.").unwrap_or(model.id);
    name.rsplit_once("-v").map_or(name, |(name, _)| name)
}

pub(super) fn read(model: &Model, body: &Json) -> Result<Prompt, Fault> {
    let root = Object::root(body)?;
    if root.member("prompt").is_some() && root.member("messages").is_none() {
        return Err(Fault::Validation(format!(
            "\"{}\" is not supported on this API. Please use the Messages API instead.",
            own_name(model)
        )));
    }
    if root.member("tools").is_some() || root.member("tool_choice").is_some() {
        return Err(Fault::Validation("This model doesn't support tool use.".to_owned()));
    }
    check_thinking(&root)?;
    root.allows(&KEYS)?;
    if root.required_text("anthropic_version")? != VERSION {
        return Err(Fault::Validation(format!("anthropic_version: the only version is {VERSION}.")));
    }
    root.required("max_tokens")?;
    let max_tokens = root.integer("max_tokens", 1, u32::MAX)?;
    if let Some(given) = max_tokens.filter(|given| *given > model.most_output) {
        return Err(Fault::Validation(format!(
            "max_tokens: {given} > {}, which is the maximum allowed number of output tokens for {}",
            model.most_output,
            own_name(model)
        )));
    }
    let stop = root.texts("stop_sequences", MOST_STOP_SEQUENCES)?;
    let settings = Settings {
        max_tokens,
        temperature: root.number("temperature", 0.0, 1.0)?,
        top_p: root.number("top_p", 0.0, 1.0)?,
        top_k: root.integer("top_k", 0, 500)?,
        stop,
    };
    Ok(Prompt { system: system(&root)?, turns: turns(&root)?, settings })
}

/// What a model says against a prompt.
pub(super) fn refusal(model: &Model, prompt: &Prompt) -> Option<&'static str> {
    let Prompt { turns, settings, .. } = prompt;
    if settings.stop.iter().any(|sequence| sequence.trim().is_empty()) {
        return Some("stop_sequences: each stop sequence must contain non-whitespace");
    }
    if model.samples_in_one_way() && settings.temperature.is_some() && settings.top_p.is_some() {
        return Some("`temperature` and `top_p` cannot both be specified for this model. Please use only one.");
    }
    let begun = turns.last().filter(|turn| turn.role == Role::Assistant).and_then(|turn| turn.parts.last());
    if matches!(begun, Some(Part::Text(text)) if text.ends_with(char::is_whitespace)) {
        return Some("messages: final assistant content cannot end with trailing whitespace");
    }
    None
}

fn system(root: &Object<'_>) -> Result<Vec<String>, Fault> {
    match root.member("system") {
        None => Ok(Vec::new()),
        Some(Json::String(text)) => Ok(vec![text.clone()]),
        Some(Json::Array(blocks)) => {
            let text = |(at, block)| {
                let block = Object::at(format!("#/system/{at}"), block)?;
                Ok(block.required_text("text")?.to_owned())
            };
            blocks.iter().enumerate().map(text).collect()
        }
        Some(other) => Err(expected("#/system", "String", other)),
    }
}

fn turns(root: &Object<'_>) -> Result<Vec<Turn>, Fault> {
    root.required("messages")?;
    let mut turns: Vec<Turn> = Vec::new();
    let messages = root.list("messages")?.unwrap_or_default();
    for (at, message) in messages.iter().enumerate() {
        let message = Object::at(format!("#/messages/{at}"), message)?;
        let role = match message.required_text("role")? {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            other => {
                let place = message.place("role");
                return Err(Fault::malformed(format!("{place}: {other} is not a valid enum value")));
            }
        };
        // What the answer is to begin with may be nothing.
        if role == Role::Assistant && at > 0 && at + 1 == messages.len() && is_empty(message.member("content")) {
            break;
        }
        let parts = parts(&message, role, at)?;
        match turns.last_mut() {
            // Source: Anthropic API reference, "Messages": turns of one role in a row are put together.
            Some(last) if last.role == role => last.parts.extend(parts),
            None if role == Role::Assistant => {
                return Err(Fault::Validation("messages: first message must use the \"user\" role".to_owned()));
            }
            _ => turns.push(Turn { role, parts }),
        }
    }
    if turns.is_empty() {
        return Err(Fault::Validation("messages: at least one message is required".to_owned()));
    }
    Ok(turns)
}

fn is_empty(content: Option<&Json>) -> bool {
    content.is_some_and(|content| content.as_str() == Some("") || content.as_array().is_some_and(Vec::is_empty))
}

fn parts(message: &Object<'_>, role: Role, at: usize) -> Result<Vec<Part>, Fault> {
    let blocks = match message.required("content")? {
        Json::String(text) if text.is_empty() => return Err(empty(at)),
        Json::String(text) if text.trim().is_empty() => return Err(blank()),
        Json::String(text) => return Ok(vec![Part::Text(text.clone())]),
        Json::Array(blocks) if blocks.is_empty() => return Err(empty(at)),
        Json::Array(blocks) => blocks,
        other => return Err(expected(&message.place("content"), "JSONArray", other)),
    };
    let part = |(number, block)| {
        let block = Object::at(format!("#/messages/{at}/content/{number}"), block)?;
        match block.required_text("type")? {
            "text" => match block.required_text("text")? {
                "" => Err(Fault::Validation("messages: text content blocks must be non-empty".to_owned())),
                text if text.trim().is_empty() => Err(blank()),
                text => Ok(Part::Text(text.to_owned())),
            },
            "document" if role == Role::User => attached(&block, number).map(Part::Document),
            "tool_use" | "tool_result" => Err(Fault::Validation("This model doesn't support tool use.".to_owned())),
            other => Err(Fault::unsupported(&format!("messages.{at}.content.{number}.{other}"))),
        }
    };
    blocks.iter().enumerate().map(part).collect()
}

fn blank() -> Fault {
    Fault::Validation("messages: text content blocks must contain non-whitespace text".to_owned())
}

fn empty(at: usize) -> Fault {
    Fault::Validation(format!(
        "messages.{at}: all messages must have non-empty content except for the optional final \
                               assistant message"
    ))
}

/// A document of plain text.
fn attached(block: &Object<'_>, number: usize) -> Result<Document, Fault> {
    if let Some(citations) = block.object("citations")?
        && citations.boolean("enabled")? == Some(true)
    {
        return Err(Fault::unsupported("citations"));
    }
    let title = block.text("title")?.map_or_else(|| format!("document {}", number + 1), str::to_owned);
    block.required("source")?;
    let Some(source) = block.object("source")? else { return Err(Fault::unsupported("source")) };
    let text = match source.required_text("type")? {
        "text" => source.required_text("data")?.to_owned(),
        "content" => match source.required("content")? {
            Json::String(text) => text.clone(),
            Json::Array(blocks) => {
                let texts = blocks.iter().filter_map(|block| block.get("text").and_then(Json::as_str));
                texts.collect::<Vec<_>>().join("\n\n")
            }
            other => return Err(expected(&source.place("content"), "JSONArray", other)),
        },
        "base64" => {
            let format = match source.required_text("media_type")? {
                "text/plain" => "txt",
                "application/pdf" => "pdf",
                other => return Err(Fault::Validation(format!("messages: the media type {other} is not supported"))),
            };
            let bytes = STANDARD.decode(source.required_text("data")?);
            document::text(format, &bytes.map_err(|_| Fault::Validation("messages: invalid base64 data".to_owned()))?)?
        }
        other => return Err(Fault::unsupported(&format!("source.{other}"))),
    };
    Ok(Document { title, text })
}

fn stop_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::EndTurn => "end_turn",
        Reason::MaxTokens => "max_tokens",
        Reason::StopSequence => "stop_sequence",
        Reason::ContentFiltered => "refusal",
    }
}

pub(super) fn answer(whole: &Whole, id: &str) -> Json {
    let Whole { answered_by, text, end } = whole;
    json!({
        "id": format!("msg_bdrk_{id}"),
        "type": "message",
        "role": "assistant",
        "model": answered_by,
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop_reason(end.reason),
        "stop_sequence": end.sequence,
        "usage": {"input_tokens": end.input_tokens, "output_tokens": end.output_tokens},
    })
}

/// The events of a stream.
pub(super) struct Events {
    model: String,
    id: String,
}

impl Events {
    pub(super) fn new(answered_by: &str, id: String) -> Self {
        Self { model: answered_by.to_owned(), id }
    }
}

impl ChunkForm for Events {
    fn start(&mut self, input_tokens: u64) -> Vec<Json> {
        let message = json!({
            "id": format!("msg_bdrk_{}", self.id),
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
            "usage": {"input_tokens": input_tokens, "output_tokens": 0},
        });
        vec![
            json!({"type": "message_start", "message": message}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        ]
    }

    fn text(&mut self, text: &str) -> Vec<Json> {
        vec![json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})]
    }

    fn end(&mut self, end: &End) -> Vec<Json> {
        let usage = json!({"input_tokens": end.input_tokens, "output_tokens": end.output_tokens});
        let delta = json!({"stop_reason": stop_reason(end.reason), "stop_sequence": end.sequence});
        vec![
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": delta, "usage": usage}),
            json!({"type": "message_stop"}),
        ]
    }
}
