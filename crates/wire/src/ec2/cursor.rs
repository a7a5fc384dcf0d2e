//! Reading request structures from dotted parameter names: `Filter.1.Value.2=available`.

use std::collections::BTreeSet;

use super::Timestamp;
use crate::query::Params;

/// The most members that a list in a request may have.
pub const MAX_LIST: usize = 1000;

/// Parameters of the protocol and of the signature; no action has them in its model.
const COMMON: &[&str] = &[
    "AWSAccessKeyId",
    "Action",
    "Expires",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

/// A value that can be read from the parameters at and below a name.
pub trait FromQuery: Sized {
    /// Reads the value at the cursor; whoever calls has seen that it is there.
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError>;
}

/// A place among the parameters: the whole request, or all that begins with one dotted name.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    params: &'a Params,
    /// The dotted name, empty for the whole request.
    path: String,
}

impl<'a> Cursor<'a> {
    /// The whole request.
    pub fn root(params: &'a Params) -> Self {
        Self { params, path: String::new() }
    }

    /// Refuses parameters that are none of `members`, which are sorted.
    pub fn allow_only(&self, members: &[&str]) -> Result<(), ParseError> {
        if self.value().is_some_and(|value| !value.is_empty()) {
            return Err(ParseError::unknown(&self.path));
        }
        let below = self.below();
        for (name, _) in self.params.starting_with(&below) {
            let member = first_segment(name, &below);
            let known = members.binary_search(&member).is_ok()
                || (below.is_empty() && (COMMON.contains(&member) || member.starts_with("X-Amz-")));
            if !known {
                return Err(ParseError::unknown(name));
            }
        }
        Ok(())
    }

    /// The member of this name, if the request has it.
    pub fn optional<T: FromQuery>(&self, name: &str) -> Result<Option<T>, ParseError> {
        let member = self.member(name);
        if member.is_present() { T::from_query(&member).map(Some) } else { Ok(None) }
    }

    /// The member of this name; never `None`, for it is an error that it is missing.
    pub fn required<T: FromQuery>(&self, name: &str) -> Result<Option<T>, ParseError> {
        match self.optional(name)? {
            Some(value) => Ok(Some(value)),
            None => Err(ParseError::missing(&self.member(name).path)),
        }
    }

    /// The members of the list of this name, by ascending index; gaps do not matter.
    pub fn list<T: FromQuery>(&self, name: &str) -> Result<Vec<T>, ParseError> {
        let list = self.member(name);
        if list.value().is_some_and(|value| !value.is_empty()) {
            return Err(ParseError::unknown(&list.path));
        }
        let below = list.below();
        let mut indices = BTreeSet::new();
        for (parameter, _) in list.params.starting_with(&below) {
            let index = parse_index(first_segment(parameter, &below)).ok_or_else(|| ParseError::unknown(parameter))?;
            indices.insert(index);
            if indices.len() > MAX_LIST {
                return Err(ParseError::list_too_long(&list.path));
            }
        }
        indices.into_iter().map(|index| T::from_query(&list.member(&index.to_string()))).collect()
    }

    /// The members of the list of this name, of which there must be at least one.
    pub fn required_list<T: FromQuery>(&self, name: &str) -> Result<Vec<T>, ParseError> {
        let members = self.list(name)?;
        if members.is_empty() {
            return Err(ParseError::missing(&self.member(name).path));
        }
        Ok(members)
    }

    fn member(&self, name: &str) -> Self {
        Self { params: self.params, path: format!("{}{name}", self.below()) }
    }

    fn below(&self) -> String {
        if self.path.is_empty() { String::new() } else { format!("{}.", self.path) }
    }

    fn value(&self) -> Option<&'a str> {
        self.params.get(&self.path)
    }

    fn is_present(&self) -> bool {
        self.value().is_some() || self.params.starting_with(&self.below()).next().is_some()
    }

    /// The value of a parameter that has nothing below it.
    fn scalar(&self) -> Result<&'a str, ParseError> {
        if let Some((name, _)) = self.params.starting_with(&self.below()).next() {
            return Err(ParseError::unknown(name));
        }
        self.value().ok_or_else(|| ParseError::missing(&self.path))
    }

    fn parsed<T>(&self, parse: impl FnOnce(&str) -> Option<T>, rule: &str) -> Result<T, ParseError> {
        let value = self.scalar()?;
        parse(value).ok_or_else(|| ParseError {
            code: "InvalidParameterValue",
            message: format!("Invalid value '{value}' for {}. {rule}", self.path),
        })
    }
}

/// The part of `name` between `below` and the next dot.
fn first_segment<'n>(name: &'n str, below: &str) -> &'n str {
    let rest = name.strip_prefix(below).unwrap_or(name);
    rest.split_once('.').map_or(rest, |(first, _)| first)
}

/// A list index without sign or leading zeros, so that no two names mean the same member.
fn parse_index(digits: &str) -> Option<u32> {
    let canonical = digits == "0" || digits.starts_with(|first| matches!(first, '1'..='9'));
    if canonical { digits.parse().ok() } else { None }
}

impl FromQuery for String {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.scalar().map(str::to_owned)
    }
}

impl FromQuery for bool {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        let parse = |value: &str| match value {
            _ if value.eq_ignore_ascii_case("true") => Some(true),
            _ if value.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        };
        at.parsed(parse, "The value must be `true` or `false`.")
    }
}

impl FromQuery for i32 {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.parsed(|value| value.parse().ok(), "The value must be an integer.")
    }
}

impl FromQuery for i64 {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.parsed(|value| value.parse().ok(), "The value must be an integer.")
    }
}

impl FromQuery for f64 {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.parsed(|value| value.parse().ok(), "The value must be a number.")
    }
}

impl FromQuery for Timestamp {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.parsed(|value| value.parse().ok(), "The value must be a timestamp such as 2026-11-24T10:00:00Z.")
    }
}

/// Why a request cannot be read, in the words of the API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ParseError {
    /// The AWS error code, such as `MissingParameter`.
    pub code: &'static str,
    /// The message for the caller.
    pub message: String,
}

impl ParseError {
    fn unknown(name: &str) -> Self {
        Self { code: "UnknownParameter", message: format!("The parameter `{name}` is not recognized") }
    }

    fn missing(name: &str) -> Self {
        Self { code: "MissingParameter", message: format!("The request must contain the parameter {name}") }
    }

    fn list_too_long(name: &str) -> Self {
        Self { code: "InvalidParameterValue", message: format!("The list {name} has more than {MAX_LIST} members") }
    }
}
