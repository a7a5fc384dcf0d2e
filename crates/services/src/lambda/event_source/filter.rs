//! Patterns of event source mappings: which records a function gets.
//!
//! A pattern is an object as the event is; where it has a list, one of the tests in it has to hold of the value there. What
//! EventBridge's language has beyond what Lambda documents (`wildcard`, `cidr`) is refused.
//!
//! Source: Lambda developer guide, "Control which events Lambda sends to your function"; EventBridge user guide, "Comparison
//! operators for use in event patterns".

use serde_json::{Map, Value};

/// The largest amount of a number in a pattern. Source: EventBridge user guide, "Numeric matching".
const LARGEST_NUMBER: f64 = 5.0e9;
/// How deep patterns go at most, in our reading of them.
const DEEPEST: usize = 64;

/// A pattern that can be matched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern(Object);

/// What has to hold of an object, all of it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Object {
    members: Vec<(String, Rule)>,
    /// Lists of objects of which one each has to hold: `$or`.
    alternatives: Vec<Vec<Object>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    /// Of the object there.
    Inner(Object),
    /// Of the value there: one of these.
    AnyOf(Vec<Test>),
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Equals(Value),
    IgnoresCase(String),
    Begins(Text),
    Ends(Text),
    /// None of these.
    AnythingBut(Vec<Test>),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
}

/// A text that is compared with or without regard to case.
#[derive(Clone, Debug, PartialEq)]
enum Text {
    Exact(String),
    /// In small letters.
    Any(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A pattern that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid filter pattern definition.")]
pub(crate) struct NoPattern;

impl Pattern {
    /// Reads one.
    ///
    /// # Errors
    /// [`NoPattern`] if it is not an object of the language.
    pub(crate) fn parse(text: &str) -> Result<Self, NoPattern> {
        match serde_json::from_str(text) {
            Ok(Value::Object(members)) => Object::of(&members, DEEPEST).map(Self),
            _ => Err(NoPattern),
        }
    }

    /// Whether it holds of an event.
    pub(crate) fn matches(&self, event: &Value) -> bool {
        self.0.holds(event)
    }
}

impl Object {
    fn of(members: &Map<String, Value>, depth: usize) -> Result<Self, NoPattern> {
        let depth = depth.checked_sub(1).ok_or(NoPattern)?;
        let mut object = Self::default();
        for (name, value) in members {
            match value {
                Value::Array(items) if name == "$or" && items.len() > 1 && items.iter().all(Value::is_object) => {
                    let of = |item: &Value| Self::of(item.as_object().ok_or(NoPattern)?, depth);
                    object.alternatives.push(items.iter().map(of).collect::<Result<_, _>>()?);
                }
                Value::Array(items) if !items.is_empty() => {
                    let tests = items.iter().map(Test::of).collect::<Result<_, _>>()?;
                    object.members.push((name.clone(), Rule::AnyOf(tests)));
                }
                Value::Object(inner) if !inner.is_empty() => {
                    object.members.push((name.clone(), Rule::Inner(Self::of(inner, depth)?)));
                }
                _ => return Err(NoPattern),
            }
        }
        Ok(object)
    }

    /// Whether it holds of an object, or of one in a list.
    fn holds(&self, event: &Value) -> bool {
        if let Value::Array(items) = event {
            return items.iter().any(|item| self.holds(item));
        }
        let members = self.members.iter().all(|(name, rule)| rule.holds(event.get(name)));
        members && self.alternatives.iter().all(|any| any.iter().any(|object| object.holds(event)))
    }
}

impl Rule {
    fn holds(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            // Something below may be there not to be.
            (Self::Inner(object), None) => object.holds(&Value::Null),
            (Self::Inner(object), Some(value)) => object.holds(value),
            (Self::AnyOf(tests), value) => tests.iter().any(|test| test.holds(value)),
        }
    }
}

impl Test {
    fn of(value: &Value) -> Result<Self, NoPattern> {
        match value {
            Value::Object(members) => {
                let mut members = members.iter();
                match (members.next(), members.next()) {
                    (Some((name, given)), None) => Self::named(name, given),
                    _ => Err(NoPattern),
                }
            }
            Value::Array(_) => Err(NoPattern),
            Value::Number(_) => number(value).map(|_| Self::Equals(value.clone())),
            plain => Ok(Self::Equals(plain.clone())),
        }
    }

    fn named(name: &str, given: &Value) -> Result<Self, NoPattern> {
        Ok(match name {
            "prefix" => Self::Begins(Text::of(given)?),
            "suffix" => Self::Ends(Text::of(given)?),
            "equals-ignore-case" => Self::IgnoresCase(given.as_str().ok_or(NoPattern)?.to_lowercase()),
            "exists" => Self::Exists(given.as_bool().ok_or(NoPattern)?),
            "numeric" => Self::Numeric(comparisons(given.as_array().ok_or(NoPattern)?)?),
            "anything-but" => Self::AnythingBut(excepted(given)?),
            _ => return Err(NoPattern),
        })
    }

    /// Whether it holds of a value, or of one in a list.
    fn holds(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Exists(wanted), value) => value.is_some_and(is_leaf) == *wanted,
            (_, None) => false,
            (_, Some(Value::Array(items))) => items.iter().any(|item| self.holds_of(item)),
            (_, Some(value)) => self.holds_of(value),
        }
    }

    fn holds_of(&self, value: &Value) -> bool {
        match self {
            Self::Equals(wanted) => match (wanted.as_f64(), value.as_f64()) {
                (Some(wanted), Some(own)) => wanted.total_cmp(&own).is_eq(),
                _ => wanted == value,
            },
            Self::IgnoresCase(wanted) => value.as_str().is_some_and(|own| own.to_lowercase() == *wanted),
            Self::Begins(text) => {
                value.as_str().is_some_and(|own| text.compared(own, |own, text| own.starts_with(text)))
            }
            Self::Ends(text) => value.as_str().is_some_and(|own| text.compared(own, |own, text| own.ends_with(text))),
            Self::AnythingBut(tests) => !value.is_object() && !tests.iter().any(|test| test.holds_of(value)),
            Self::Numeric(all) => {
                value.as_f64().is_some_and(|own| all.iter().all(|(comparison, bound)| comparison.holds(own, *bound)))
            }
            Self::Exists(wanted) => is_leaf(value) == *wanted,
        }
    }
}

/// Source: EventBridge user guide, "Exists matching": it "only works on leaf nodes in the event data".
fn is_leaf(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(items) => items.iter().any(is_leaf),
        _ => true,
    }
}

/// What a value must not be: texts or numbers, or what they begin or end with.
fn excepted(given: &Value) -> Result<Vec<Test>, NoPattern> {
    match given {
        Value::Array(items) if !items.is_empty() && items.iter().all(|item| item.is_string() || item.is_number()) => {
            items.iter().map(Test::of).collect()
        }
        Value::String(_) | Value::Number(_) => Ok(vec![Test::of(given)?]),
        Value::Object(members) => {
            let mut members = members.iter();
            let (Some((name, given)), None) = (members.next(), members.next()) else { return Err(NoPattern) };
            if !["prefix", "suffix", "equals-ignore-case"].contains(&name.as_str()) {
                return Err(NoPattern);
            }
            match given {
                Value::Array(items) if !items.is_empty() => items.iter().map(|item| Test::named(name, item)).collect(),
                one => Ok(vec![Test::named(name, one)?]),
            }
        }
        _ => Err(NoPattern),
    }
}

fn number(value: &Value) -> Result<f64, NoPattern> {
    value.as_f64().filter(|number| number.abs() <= LARGEST_NUMBER).ok_or(NoPattern)
}

/// One comparison, or two that bound a range.
fn comparisons(items: &[Value]) -> Result<Vec<(Comparison, f64)>, NoPattern> {
    let mut all = Vec::new();
    for pair in items.chunks(2) {
        let [sign, bound] = pair else { return Err(NoPattern) };
        all.push((Comparison::of(sign.as_str().ok_or(NoPattern)?)?, number(bound)?));
    }
    let is_lower = |comparison: Comparison| matches!(comparison, Comparison::More | Comparison::AtLeast);
    let is_upper = |comparison: Comparison| matches!(comparison, Comparison::Less | Comparison::AtMost);
    match all.as_slice() {
        [_] => Ok(all),
        [(lower, from), (upper, to)] if is_lower(*lower) && is_upper(*upper) && from < to => Ok(all),
        _ => Err(NoPattern),
    }
}

impl Comparison {
    fn of(sign: &str) -> Result<Self, NoPattern> {
        Ok(match sign {
            "=" => Self::Equal,
            "<" => Self::Less,
            "<=" => Self::AtMost,
            ">" => Self::More,
            ">=" => Self::AtLeast,
            _ => return Err(NoPattern),
        })
    }

    fn holds(self, own: f64, bound: f64) -> bool {
        match self {
            Self::Equal => own.total_cmp(&bound).is_eq(),
            Self::Less => own < bound,
            Self::AtMost => own <= bound,
            Self::More => own > bound,
            Self::AtLeast => own >= bound,
        }
    }
}

impl Text {
    /// A text, or an object that says that case does not matter.
    fn of(given: &Value) -> Result<Self, NoPattern> {
        match given {
            Value::String(text) => Ok(Self::Exact(text.clone())),
            Value::Object(members) if members.len() == 1 => {
                let text = members.get("equals-ignore-case").and_then(Value::as_str);
                text.map(|text| Self::Any(text.to_lowercase())).ok_or(NoPattern)
            }
            _ => Err(NoPattern),
        }
    }

    fn compared(&self, own: &str, by: impl Fn(&str, &str) -> bool) -> bool {
        match self {
            Self::Exact(text) => by(own, text),
            Self::Any(text) => by(&own.to_lowercase(), text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a pattern, an event and whether the one holds of the other, or of a pattern that is none.
    const CASES: &str = include_str!("filters.jsonl");

    #[test]
    fn patterns_hold_of_the_events_that_they_describe_and_of_no_others() {
        let mut counted = 0;
        for (at, line) in CASES.lines().enumerate() {
            let case: Value = serde_json::from_str(line).unwrap();
            let pattern = Pattern::parse(&case["pattern"].to_string());
            match case["holds"].as_bool() {
                Some(holds) => assert_eq!(pattern.unwrap().matches(&case["event"]), holds, "line {}: {line}", at + 1),
                None => assert_eq!(pattern, Err(NoPattern), "line {}: {line}", at + 1),
            }
            counted += 1;
        }
        assert!(counted > 60, "{counted}");
    }

    #[test]
    fn what_is_no_object_is_no_pattern() {
        for text in ["", "single-string", "[]", "1", r#"{"eventName": ["INSERT"=123}"#, "{} {}"] {
            assert_eq!(Pattern::parse(text), Err(NoPattern), "{text}");
        }
        let deep = format!("{}[1]{}", r#"{"a":"#.repeat(100), "}".repeat(100));
        assert_eq!(Pattern::parse(&deep), Err(NoPattern));
    }
}
