//! Patterns of conditions on a JSON document: `{ $.latency > 100 && $.user.name = "a*" }`.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use serde_json::Value;

use super::cursor::Cursor;
use super::expression::Expression;
use super::operand::Test;
use super::{MAX_EXPRESSIONS, PatternError};

/// The most selectors with a wildcard in one pattern.
const MAX_WILDCARDS: usize = 3;

/// A pattern of conditions on a document.
#[derive(Debug)]
pub(super) struct JsonPattern(Expression<Condition>);

#[derive(Debug)]
struct Condition {
    selector: Selector,
    demand: Demand,
}

#[derive(Debug)]
enum Demand {
    Test(Test),
    IsNull,
    Is(bool),
    NotExists,
}

/// A path into a document.
#[derive(Debug)]
pub(super) struct Selector {
    /// As it was written.
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Entry(usize),
    /// Every member, or every entry.
    Every,
}

impl JsonPattern {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let inner = inner.ok_or(PatternError::Unclosed { open: '{', close: '}' })?;
        let mut cursor = Cursor::new(inner);
        let expression = Expression::parse(&mut cursor, &Condition::parse)?;
        if !cursor.is_done() {
            return Err(PatternError::Malformed);
        }
        let pattern = Self(expression);
        let mut wildcards = 0;
        pattern.0.each(&mut |condition| wildcards += usize::from(condition.selector.has_wildcard()));
        match (wildcards <= MAX_WILDCARDS, pattern.expressions() <= MAX_EXPRESSIONS) {
            (true, true) => Ok(pattern),
            (_, false) => Err(PatternError::Expressions),
            _ => Err(PatternError::Malformed),
        }
    }

    pub(super) fn expressions(&self) -> usize {
        let mut count = 0;
        self.0.each(&mut |condition| {
            count += usize::from(matches!(&condition.demand, Demand::Test(test) if test.is_expression()));
        });
        count
    }

    /// The document, if it is one and matches.
    pub(super) fn read(&self, message: &str) -> Option<Value> {
        // Most of what is no document need not be read to know that.
        if !message.trim_start().starts_with(['{', '[']) {
            return None;
        }
        let document = serde_json::from_str(message).ok()?;
        self.0.holds(&|condition: &Condition| condition.holds(&document)).then_some(document)
    }

    /// What the selectors of the pattern lead to.
    pub(super) fn extracted(&self, document: &Value) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        self.0.each(&mut |condition| {
            // Where a selector leads to several values, it is the one that met the condition.
            let values = condition.selector.find(document);
            let value = values.iter().find(|value| condition.demand.is_met_by(value)).or(values.first());
            if let Some(text) = value.and_then(|value| text(value)) {
                found.insert(condition.selector.text.clone(), text);
            }
        });
        found
    }
}

impl Condition {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let selector = Selector::parse(cursor)?;
        cursor.space();
        let demand = if cursor.take_word("IS") {
            cursor.space();
            if cursor.take_word("NULL") {
                Demand::IsNull
            } else if cursor.take_word("TRUE") {
                Demand::Is(true)
            } else if cursor.take_word("FALSE") {
                Demand::Is(false)
            } else {
                return Err(PatternError::Malformed);
            }
        } else if cursor.take_word("NOT") {
            cursor.space();
            if !cursor.take_word("EXISTS") {
                return Err(PatternError::Malformed);
            }
            Demand::NotExists
        } else {
            let bare = |c: char| c.is_ascii_alphanumeric() || "_-.*+:/#".contains(c);
            Demand::Test(Test::parse(cursor, bare)?)
        };
        Ok(Self { selector, demand })
    }

    fn holds(&self, document: &Value) -> bool {
        let found = self.selector.find(document);
        match &self.demand {
            Demand::NotExists => found.is_empty(),
            demand => found.iter().any(|value| demand.is_met_by(value)),
        }
    }
}

impl Demand {
    /// Whether a value that is there meets it.
    fn is_met_by(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::NotExists, _) => false,
            (Self::IsNull, value) => value.is_null(),
            (Self::Is(wanted), value) => value.as_bool() == Some(*wanted),
            (Self::Test(test), Value::String(text)) => test.passes(text, None),
            (Self::Test(test), Value::Number(number)) => test.passes(&number.to_string(), number.as_f64()),
            (Self::Test(test), Value::Bool(flag)) => test.passes(if *flag { "true" } else { "false" }, None),
            // A condition on an array, an object or null holds in neither sense.
            (Self::Test(_), Value::Null | Value::Array(_) | Value::Object(_)) => false,
        }
    }
}

/// A value as text; null has none.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        value => Some(value.to_string()),
    }
}

impl Selector {
    /// A text that is one selector.
    pub(super) fn whole(text: &str) -> Result<Self, PatternError> {
        let mut cursor = Cursor::new(text);
        let selector = Self::parse(&mut cursor)?;
        if cursor.is_done() { Ok(selector) } else { Err(PatternError::Malformed) }
    }

    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let before = cursor.rest();
        cursor.expect("$")?;
        let mut steps = Vec::new();
        loop {
            if cursor.take("[") {
                steps.push(bracketed(cursor)?);
            } else if cursor.take(".") {
                steps.push(if cursor.take("[") {
                    bracketed(cursor)?
                } else if cursor.take("*") {
                    Step::Every
                } else {
                    match cursor.take_while(|c| c.is_alphanumeric() || c == '_' || c == '-') {
                        "" => return Err(PatternError::Malformed),
                        name => Step::Member(name.to_owned()),
                    }
                });
            } else {
                break;
            }
        }
        let text = before.strip_suffix(cursor.rest()).unwrap_or_default().to_owned();
        let selector = Self { text, steps };
        // One wildcard a selector.
        let wildcards = selector.steps.iter().filter(|step| **step == Step::Every).count();
        if selector.steps.is_empty() || wildcards > 1 { Err(PatternError::Malformed) } else { Ok(selector) }
    }

    pub(super) fn has_wildcard(&self) -> bool {
        self.steps.contains(&Step::Every)
    }

    fn find<'d>(&self, document: &'d Value) -> Vec<&'d Value> {
        let mut found = vec![document];
        for step in &self.steps {
            found = found.into_iter().flat_map(|value| step.from(value)).collect();
        }
        found
    }

    /// The text of the first value that it leads to.
    pub(super) fn text(&self, document: &Value) -> Option<String> {
        text(self.find(document).first()?)
    }
}

impl Step {
    fn from<'d>(&self, value: &'d Value) -> Vec<&'d Value> {
        match (self, value) {
            (Self::Member(name), Value::Object(members)) => members.get(name).into_iter().collect(),
            (Self::Entry(at), Value::Array(entries)) => entries.get(*at).into_iter().collect(),
            (Self::Every, Value::Array(entries)) => entries.iter().collect(),
            (Self::Every, Value::Object(members)) => members.values().collect(),
            _ => Vec::new(),
        }
    }
}

/// What stands in brackets, after the opening one: a number, an asterisk, or a name in quotes.
fn bracketed(cursor: &mut Cursor<'_>) -> Result<Step, PatternError> {
    let step = if cursor.take("'") {
        Step::Member(cursor.quoted('\'')?)
    } else if cursor.take("\"") {
        Step::Member(cursor.quoted('"')?)
    } else if cursor.take("*") {
        Step::Every
    } else {
        let digits = cursor.take_while(|c| c.is_ascii_digit());
        Step::Entry(usize::from_str(digits).map_err(|_| PatternError::Malformed)?)
    };
    cursor.expect("]")?;
    Ok(step)
}
