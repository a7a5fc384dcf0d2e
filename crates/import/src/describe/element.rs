//! A value of a document that knows where it stands, so that what is wrong with it can be said.

use std::fmt::Display;
use std::str::FromStr;

use serde_json::Value;

/// How many characters of a file are shown at the most where something is wrong with them.
const SHOWN: usize = 80;

/// The most values of a list in an element. AWS has no thousand of anything in one.
const LIST_LIMIT: usize = 5_000;

/// What is wrong with a value, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Its path in the document, such as `Vpcs[3].CidrBlock`.
    pub(super) path: String,
    /// What is wrong.
    pub(super) message: String,
}

/// An object of a document.
#[derive(Clone, Debug)]
pub(super) struct Element<'a> {
    value: &'a Value,
    path: String,
}

/// The beginning of a text that may be long.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl<'a> Element<'a> {
    /// The value at this path.
    pub(super) fn new(value: &'a Value, path: String) -> Self {
        Self { value, path }
    }

    /// The value itself.
    pub(super) fn value(&self) -> &'a Value {
        self.value
    }

    /// Where it stands.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Something that is wrong with it as a whole.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault { path: self.path.clone(), message: message.into() }
    }

    /// Something that is wrong with one of its members.
    pub(super) fn fault_at(&self, key: &str, message: impl Into<String>) -> Fault {
        Fault { path: format!("{}.{key}", self.path), message: message.into() }
    }

    /// A member; nothing if it is absent or null.
    fn member(&self, key: &str) -> Option<&'a Value> {
        self.value.get(key).filter(|value| !value.is_null())
    }

    /// Whether it has a member that says something.
    pub(super) fn has(&self, key: &str) -> bool {
        self.member(key).is_some_and(|value| value.as_str() != Some(""))
    }

    /// A member that is text; nothing if it is absent or empty.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, Fault> {
        match self.member(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(self.fault_at(key, "is no text")),
        }
    }

    /// A member that is a text of a certain form; nothing if it is absent or empty.
    pub(super) fn optional<T: FromStr<Err: Display>>(&self, key: &str) -> Result<Option<T>, Fault> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        text.parse().map(Some).map_err(|error: T::Err| self.fault_at(key, shown(&error.to_string())))
    }

    /// The same of a member that has to be there.
    pub(super) fn required<T: FromStr<Err: Display>>(&self, key: &str) -> Result<T, Fault> {
        self.optional(key)?.ok_or_else(|| self.fault_at(key, "is missing"))
    }

    /// A member that is true or false.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Fault> {
        match self.member(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.fault_at(key, "is neither true nor false")),
        }
    }

    /// A member that is a whole number, and one of the type.
    pub(super) fn number<T: TryFrom<i64>>(&self, key: &str) -> Result<Option<T>, Fault> {
        let Some(value) = self.member(key) else { return Ok(None) };
        let number = value.as_i64().and_then(|number| T::try_from(number).ok());
        number.map(Some).ok_or_else(|| self.fault_at(key, "is no whole number that it can be"))
    }

    /// A member that is an object.
    pub(super) fn object(&self, key: &str) -> Result<Option<Element<'a>>, Fault> {
        match self.member(key) {
            None => Ok(None),
            Some(value @ Value::Object(_)) => Ok(Some(Self::new(value, format!("{}.{key}", self.path)))),
            Some(_) => Err(self.fault_at(key, "is no object")),
        }
    }

    /// The values of a member that is a list; none if it is absent.
    pub(super) fn list(&self, key: &str) -> Result<Vec<Element<'a>>, Fault> {
        match self.member(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) if values.len() > LIST_LIMIT => {
                Err(self.fault_at(key, format!("has {} values, and at most {LIST_LIMIT} are read", values.len())))
            }
            Some(Value::Array(values)) => {
                let path = |index| format!("{}.{key}[{index}]", self.path);
                Ok(values.iter().enumerate().map(|(index, value)| Self::new(value, path(index))).collect())
            }
            Some(_) => Err(self.fault_at(key, "is no list")),
        }
    }

    /// The values of a member that AWS always tells, if only as an empty list: without it, it is not known what it would say.
    pub(super) fn told_list(&self, key: &str) -> Result<Vec<Element<'a>>, Fault> {
        if self.member(key).is_none() {
            return Err(self.fault_at(key, "is missing"));
        }
        self.list(key)
    }

    /// The texts of a member that is a list of texts of a certain form.
    pub(super) fn texts<T: FromStr<Err: Display>>(&self, key: &str) -> Result<Vec<T>, Fault> {
        let text = |element: Element<'a>| match element.value {
            Value::String(text) => text.parse().map_err(|error: T::Err| element.fault(shown(&error.to_string()))),
            _ => Err(element.fault("is no text")),
        };
        self.list(key)?.into_iter().map(text).collect()
    }

    /// A moment, in Unix time in milliseconds; that of a form which is not known is 0, since it decides about nothing.
    pub(super) fn moment(&self, key: &str) -> i64 {
        match self.member(key) {
            Some(Value::String(text)) => super::moment::parse(text).unwrap_or_default(),
            Some(Value::Number(seconds)) => seconds.as_i64().unwrap_or_default().saturating_mul(1000),
            _ => 0,
        }
    }
}
