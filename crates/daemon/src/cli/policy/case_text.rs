//! The text of a case: what it is called even if it is broken, and why it is no case.

use std::error::Error;

use serde::Deserialize;
use serde_json::Value;
use sidegate_iam::{CaseError, Outcome, PolicyError, Position};

/// What a text says of itself, as far as it is JSON, whether or not it is a case.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Labels {
    id: Value,
    title: Value,
    source: Value,
    expect: Value,
}

impl Labels {
    pub(super) fn of(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The id, or where the case stands.
    pub(super) fn id_or(&self, place: &str) -> String {
        match &self.id {
            Value::String(id) if !id.is_empty() => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => place.to_owned(),
        }
    }

    pub(super) fn title(&self) -> Option<&str> {
        self.title.as_str()
    }

    /// The page that demands it.
    pub(super) fn source(&self) -> Option<&str> {
        self.source.as_str()
    }

    /// The outcome that is expected, if it is one.
    pub(super) fn expect(&self) -> Option<Outcome> {
        let known = [Outcome::Allowed, Outcome::ExplicitlyDenied, Outcome::ImplicitlyDenied];
        known.into_iter().find(|outcome| self.expect.as_str() == Some(outcome.as_str()))
    }
}

/// Where the fault of a text is, where it has a place.
pub(super) fn position(error: &CaseError) -> Option<Position> {
    match error {
        CaseError::Syntax { position, .. } => Some(*position),
        CaseError::Policy { source, .. } => source.position(),
        _ => None,
    }
}

/// Why a text is no case, in one line, with the place as the file has it that the text is of.
pub(super) fn reason(mut error: CaseError, in_file: impl Fn(&mut Position)) -> String {
    match &mut error {
        CaseError::Syntax { position, what } => {
            in_file(position);
            return format!("the case is not valid JSON at line {}, column {}: {what}", position.line, position.column);
        }
        CaseError::Policy { source, .. } => {
            if let PolicyError::Syntax { position, .. }
            | PolicyError::DuplicateKey { position, .. }
            | PolicyError::TooDeep { position }
            | PolicyError::Grammar { position, .. } = &mut **source
            {
                in_file(position);
            }
        }
        _ => {}
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}
