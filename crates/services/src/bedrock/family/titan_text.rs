//! Amazon Titan Text.
//!
//! Source: Bedrock user guide, "Amazon Titan Text models".

use serde_json::{Value as Json, json};

use crate::bedrock::catalog::Model;
use crate::bedrock::engine::{End, Reason, Whole};
use crate::bedrock::fault::Fault;
use crate::bedrock::prompt::{Part, Prompt, Role, Settings, Turn};
use crate::bedrock::schema::Object;
use crate::bedrock::stream::ChunkForm;
use crate::bedrock::tokens;

/// How many tokens an answer has at most if the request does not say it.
const USUAL: u32 = 512;

/// How the turns of a conversation begin.
const USER: &str = "User:";
const BOT: &str = "Bot:";

pub(super) fn read(model: &Model, body: &Json) -> Result<Prompt, Fault> {
    let root = Object::root(body)?;
    root.allows(&["inputText", "textGenerationConfig"])?;
    let text = root.required_text("inputText")?;
    if text.is_empty() {
        return Err(Fault::malformed("#/inputText: expected minLength: 1, actual: 0"));
    }
    let mut settings = Settings { max_tokens: Some(USUAL), ..Settings::default() };
    if let Some(config) = root.object("textGenerationConfig")? {
        config.allows(&["maxTokenCount", "stopSequences", "temperature", "topP"])?;
        settings.max_tokens = config.integer("maxTokenCount", 0, model.most_output)?.or(Some(USUAL));
        settings.temperature = config.number("temperature", 0.0, 1.0)?;
        settings.top_p = config.number("topP", 0.0, 1.0)?;
        settings.stop = config.texts("stopSequences", usize::MAX)?;
    }
    Ok(Prompt { turns: turns(text), settings, ..Prompt::default() })
}

/// The turns of a conversation in the style of `User: …`, `Bot: …`, or the one that the text is.
fn turns(text: &str) -> Vec<Turn> {
    let whole = || vec![Turn { role: Role::User, parts: vec![Part::Text(text.to_owned())] }];
    if !text.trim_start().starts_with(USER) {
        return whole();
    }
    let mut turns: Vec<(Role, String)> = Vec::new();
    for line in text.lines() {
        let begun = line.strip_prefix(USER).map(|rest| (Role::User, rest));
        let begun = begun.or_else(|| line.strip_prefix(BOT).map(|rest| (Role::Assistant, rest)));
        match (begun, turns.last_mut()) {
            (Some((role, rest)), _) => turns.push((role, rest.trim().to_owned())),
            (None, Some((_, open))) => {
                open.push('\n');
                open.push_str(line);
            }
            (None, None) => {}
        }
    }
    turns.retain(|(_, text)| !text.trim().is_empty());
    if turns.last().is_none_or(|(role, _)| *role != Role::User) {
        return whole();
    }
    turns.into_iter().map(|(role, text)| Turn { role, parts: vec![Part::Text(text)] }).collect()
}

fn completion_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::EndTurn => "FINISH",
        Reason::MaxTokens => "LENGTH",
        Reason::StopSequence => "STOP_CRITERIA_MET",
        Reason::ContentFiltered => "CONTENT_FILTERED",
    }
}

pub(super) fn answer(whole: &Whole) -> Json {
    json!({
        "inputTextTokenCount": whole.end.input_tokens,
        "results": [{
            "tokenCount": whole.end.output_tokens,
            "outputText": whole.text,
            "completionReason": completion_reason(whole.end.reason),
        }],
    })
}

/// The chunks of a stream.
#[derive(Default)]
pub(super) struct Chunks {
    input_tokens: u64,
    output_tokens: u64,
}

impl ChunkForm for Chunks {
    fn start(&mut self, input_tokens: u64) -> Vec<Json> {
        self.input_tokens = input_tokens;
        Vec::new()
    }

    fn text(&mut self, text: &str) -> Vec<Json> {
        self.output_tokens += tokens::count(text);
        vec![json!({
            "outputText": text,
            "index": 0,
            "totalOutputTextTokenCount": self.output_tokens,
            "completionReason": null,
            "inputTextTokenCount": self.input_tokens,
        })]
    }

    fn end(&mut self, end: &End) -> Vec<Json> {
        vec![json!({
            "outputText": "",
            "index": 0,
            "totalOutputTextTokenCount": end.output_tokens,
            "completionReason": completion_reason(end.reason),
            "inputTextTokenCount": end.input_tokens,
        })]
    }
}
