//! Filter patterns: what of an event's message a pattern looks for. Pure: no store, no clock.
//!
//! A pattern is one of three languages, which its first character tells apart: conditions on a JSON document (`{`),
//! on fields that spaces separate (`[`), or terms that the text contains.
//!
//! Source: CloudWatch Logs user guide, "Filter pattern syntax for metric filters, subscription filters, filter log
//! events, and Live Tail".

mod cursor;
mod expression;
mod fields;
mod json;
mod operand;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use fields::Fields;
use json::JsonPattern;
use terms::Terms;

/// How deep conditions may be nested in parentheses.
const MAX_DEPTH: usize = 32;

/// The most regular expressions of a pattern of JSON or of fields.
const MAX_EXPRESSIONS: usize = 2;

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatternError {
    /// A term without quotes has characters that only a quoted one may have.
    #[error("Invalid character(s) in term '{0}'")]
    Characters(String),
    /// It begins as a pattern of one kind and does not end as one.
    #[error("If a filter pattern starts with '{open}' it must end with '{close}'")]
    Unclosed { open: char, close: char },
    /// Too many regular expressions.
    #[error("Invalid filter pattern: it has more than {MAX_EXPRESSIONS} regular expressions")]
    Expressions,
    /// Anything else.
    #[error("Invalid filter pattern")]
    Malformed,
}

/// A pattern.
#[derive(Debug)]
pub(crate) struct Pattern(Kind);

#[derive(Debug)]
enum Kind {
    Terms(Terms),
    Json(JsonPattern),
    Fields(Fields),
}

/// A message that a pattern matches, as the pattern reads it.
#[derive(Debug)]
pub(crate) struct Match<'p, 'm>(Reading<'p, 'm>);

#[derive(Debug)]
enum Reading<'p, 'm> {
    Text,
    Json(&'p JsonPattern, serde_json::Value),
    Fields(&'p Fields, Vec<&'m str>),
}

impl Pattern {
    /// Reads a pattern. One of nothing but spaces matches everything.
    pub(crate) fn parse(text: &str) -> Result<Self, PatternError> {
        let trimmed = text.trim();
        let kind = match trimmed.chars().next() {
            Some('{') => Kind::Json(JsonPattern::parse(trimmed)?),
            Some('[') => Kind::Fields(Fields::parse(trimmed)?),
            _ => Kind::Terms(Terms::parse(trimmed)?),
        };
        Ok(Self(kind))
    }

    /// Whether it has regular expressions, of which a log group may have five patterns.
    pub(crate) fn has_expressions(&self) -> bool {
        match &self.0 {
            Kind::Terms(terms) => terms.expressions() > 0,
            Kind::Json(json) => json.expressions() > 0,
            Kind::Fields(fields) => fields.expressions() > 0,
        }
    }

    /// Whether values can be taken from what it matches.
    pub(crate) fn has_values(&self) -> bool {
        !matches!(self.0, Kind::Terms(_))
    }

    /// Whether a text names a value of what it matches: `$.latency` of JSON, `$bytes` or `$7` of fields.
    pub(crate) fn names(&self, selector: &str) -> bool {
        match &self.0 {
            Kind::Terms(_) => false,
            Kind::Json(_) => json::Selector::whole(selector).is_ok_and(|selector| !selector.has_wildcard()),
            Kind::Fields(fields) => fields.names(selector),
        }
    }

    /// Whether a message matches.
    pub(crate) fn matches(&self, message: &str) -> bool {
        self.read(message).is_some()
    }

    /// Reads a message, if it matches.
    pub(crate) fn read<'p, 'm>(&'p self, message: &'m str) -> Option<Match<'p, 'm>> {
        match &self.0 {
            Kind::Terms(terms) => terms.matches(message).then_some(Match(Reading::Text)),
            Kind::Json(json) => json.read(message).map(|document| Match(Reading::Json(json, document))),
            Kind::Fields(fields) => fields.read(message).map(|values| Match(Reading::Fields(fields, values))),
        }
    }
}

impl Match<'_, '_> {
    /// The value that a selector names.
    pub(crate) fn value(&self, selector: &str) -> Option<String> {
        match &self.0 {
            Reading::Text => None,
            Reading::Json(_, document) => json::Selector::whole(selector).ok()?.text(document),
            Reading::Fields(fields, values) => fields.value(values, selector).map(str::to_owned),
        }
    }

    /// The values of all that the pattern names.
    pub(crate) fn extracted(&self) -> BTreeMap<String, String> {
        match &self.0 {
            Reading::Text => BTreeMap::new(),
            Reading::Json(json, document) => json.extracted(document),
            Reading::Fields(fields, values) => fields.extracted(values),
        }
    }
}
