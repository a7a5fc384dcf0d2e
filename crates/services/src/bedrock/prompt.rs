//! A prompt, whatever the form in which it came: what models are asked.

use super::catalog::Model;
use super::tokens;

/// What a model is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Prompt {
    /// What is said to the model before the conversation.
    pub(super) system: Vec<String>,
    pub(super) turns: Vec<Turn>,
    pub(super) settings: Settings,
}

/// How it is to answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Settings {
    /// The most tokens of the answer.
    pub(super) max_tokens: Option<u32>,
    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    pub(super) top_k: Option<u32>,
    /// The answer ends before the first of these.
    pub(super) stop: Vec<String>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    User,
    Assistant,
}

impl Role {
    /// Its name, which is the same everywhere.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Turn {
    pub(super) role: Role,
    pub(super) parts: Vec<Part>,
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Text(String),
    Document(Document),
}

/// A document that came with a message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Document {
    pub(super) title: String,
    pub(super) text: String,
}

impl Part {
    fn tokens(&self) -> u64 {
        match self {
            Self::Text(text) => tokens::count(text),
            Self::Document(document) => tokens::count(&document.title) + tokens::count(&document.text),
        }
    }
}

impl Prompt {
    /// A prompt that is one text.
    #[cfg(test)]
    pub(super) fn of_text(text: &str, settings: Settings) -> Self {
        let turn = Turn { role: Role::User, parts: vec![Part::Text(text.to_owned())] };
        Self { system: Vec::new(), turns: vec![turn], settings }
    }

    /// How many tokens it has.
    pub(super) fn tokens(&self) -> u64 {
        let system: u64 = self.system.iter().map(|text| tokens::count(text)).sum();
        let parts = self.turns.iter().flat_map(|turn| &turn.parts);
        system + parts.map(Part::tokens).sum::<u64>()
    }

    /// Whether a model has room for it.
    pub(super) fn fits(&self, model: &Model) -> bool {
        self.tokens() <= u64::from(model.context)
    }
}
