//! Policies of endpoints: whether one has an effect, and what stands there.

use serde::Serialize;
use serde_json::Value;
use sidegate_model::{Endpoint, Service};

/// How much of a document is shown among other things, in characters.
const SHOWN: usize = 240;

/// The policy of an endpoint.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Policy {
    /// Whether policies of endpoints to the service have any effect.
    supported: bool,
    /// What stands there; `None` for the default one, which allows everything.
    document: Option<Value>,
}

impl Policy {
    pub(super) fn of(endpoint: &Endpoint, service: &Service) -> Self {
        let document = endpoint.policy.as_ref();
        let document = document.map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str())));
        Self { supported: service.policy, document }
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let supported = if self.supported { "supported" } else { "not supported: one is kept and has no effect" };
        let stands = match &self.document {
            None => "the default one, which allows everything".to_owned(),
            Some(document) => shortened(&in_a_line(document)),
        };
        vec![supported.to_owned(), stands]
    }
}

/// A document with blanks where a line may end.
fn in_a_line(document: &Value) -> String {
    let pretty = serde_json::to_string_pretty(document).unwrap_or_else(|_| document.to_string());
    pretty.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a text, with a sign if there is more.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.split_at(end).0),
        None => text.to_owned(),
    }
}
