//! Meta Llama.
//!
//! Sources: Bedrock user guide, "Meta Llama models"; Meta, "Model cards and prompt formats": Llama 2 and Llama 3.

use serde_json::{Value as Json, json};

use crate::bedrock::catalog::Model;
use crate::bedrock::engine::{End, Reason, Whole};
use crate::bedrock::fault::Fault;
use crate::bedrock::prompt::{Part, Prompt, Role, Settings, Turn};
use crate::bedrock::schema::Object;
use crate::bedrock::stream::ChunkForm;

/// How many tokens an answer has at most if the request does not say it.
const USUAL: u32 = 512;

pub(super) fn read(model: &Model, body: &Json) -> Result<Prompt, Fault> {
    let root = Object::root(body)?;
    if root.member("images").is_some() {
        return Err(Fault::unsupported("images"));
    }
    root.allows(&["prompt", "temperature", "top_p", "max_gen_len"])?;
    let text = root.required_text("prompt")?;
    if text.is_empty() {
        return Err(Fault::malformed("#/prompt: expected minLength: 1, actual: 0"));
    }
    let settings = Settings {
        max_tokens: root.integer("max_gen_len", 1, model.most_output)?.or(Some(USUAL)),
        temperature: root.number("temperature", 0.0, 1.0)?,
        top_p: root.number("top_p", 0.0, 1.0)?,
        ..Settings::default()
    };
    let (system, turns) = conversation(text);
    Ok(Prompt { system, turns, settings })
}

/// The system prompts and the turns of a prompt that is marked up for Llama 3 or Llama 2, or the one turn that it is.
fn conversation(text: &str) -> (Vec<String>, Vec<Turn>) {
    let read = if text.contains("<|start_header_id|>") {
        of_llama3(text)
    } else if text.contains("[INST]") {
        of_llama2(text)
    } else {
        Vec::new()
    };
    let mut system = Vec::new();
    let mut turns: Vec<Turn> = Vec::new();
    for (role, text) in read.into_iter().filter(|(_, text)| !text.is_empty()) {
        let parts = vec![Part::Text(text.clone())];
        match (role, turns.last_mut()) {
            (None, _) => system.push(text),
            (Some(role), Some(last)) if last.role == role => last.parts.extend(parts),
            (Some(role), _) => turns.push(Turn { role, parts }),
        }
    }
    if turns.last().is_none_or(|last| last.role != Role::User) {
        return (Vec::new(), vec![Turn { role: Role::User, parts: vec![Part::Text(text.to_owned())] }]);
    }
    (system, turns)
}

/// The messages of a prompt, where `None` speaks for the system.
fn of_llama3(text: &str) -> Vec<(Option<Role>, String)> {
    let messages = text.split("<|start_header_id|>").skip(1);
    let message = |message: &str| {
        let (role, text) = message.split_once("<|end_header_id|>")?;
        let text = text.split("<|eot_id|>").next().unwrap_or_default().trim().to_owned();
        match role.trim() {
            "system" => Some((None, text)),
            "user" => Some((Some(Role::User), text)),
            "assistant" => Some((Some(Role::Assistant), text)),
            _ => None,
        }
    };
    messages.filter_map(message).collect()
}

fn of_llama2(text: &str) -> Vec<(Option<Role>, String)> {
    let mut messages = Vec::new();
    for turn in text.split("[INST]").skip(1) {
        let (mut asked, answered) = turn.split_once("[/INST]").unwrap_or((turn, ""));
        if let Some((system, rest)) = asked.split_once("<<SYS>>").and_then(|(_, rest)| rest.split_once("<</SYS>>")) {
            messages.push((None, system.trim().to_owned()));
            asked = rest;
        }
        messages.push((Some(Role::User), asked.trim().to_owned()));
        let answered = answered.replace("<s>", "").replace("</s>", "");
        messages.push((Some(Role::Assistant), answered.trim().to_owned()));
    }
    messages
}

fn stop_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::MaxTokens => "length",
        _ => "stop",
    }
}

pub(super) fn answer(whole: &Whole) -> Json {
    json!({
        "generation": whole.text,
        "prompt_token_count": whole.end.input_tokens,
        "generation_token_count": whole.end.output_tokens,
        "stop_reason": stop_reason(whole.end.reason),
    })
}

/// The chunks of a stream.
#[derive(Default)]
pub(super) struct Chunks {
    input_tokens: Option<u64>,
    output_tokens: u64,
}

impl ChunkForm for Chunks {
    fn start(&mut self, input_tokens: u64) -> Vec<Json> {
        self.input_tokens = Some(input_tokens);
        Vec::new()
    }

    fn text(&mut self, text: &str) -> Vec<Json> {
        self.output_tokens += crate::bedrock::tokens::count(text);
        // Only the first one tells how long the prompt is.
        vec![json!({
            "generation": text,
            "prompt_token_count": self.input_tokens.take(),
            "generation_token_count": self.output_tokens,
            "stop_reason": null,
        })]
    }

    fn end(&mut self, end: &End) -> Vec<Json> {
        vec![json!({
            "generation": "",
            "prompt_token_count": null,
            "generation_token_count": end.output_tokens,
            "stop_reason": stop_reason(end.reason),
        })]
    }
}
