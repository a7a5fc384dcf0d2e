//! Bodies in the forms of model families, and the words in which Bedrock tells that one is of another form.
//!
//! Source: errors that users quote, see docs/claims.md; their words are those of a validator of JSON Schema.

use serde_json::{Map, Value as Json};

use super::fault::Fault;

/// An object in a body, with its place in it.
#[derive(Clone, Debug)]
pub(super) struct Object<'a> {
    path: String,
    members: &'a Map<String, Json>,
}

/// A body, as JSON.
///
/// # Errors
/// A [`Fault`] if it is none.
pub(super) fn parse(body: &[u8]) -> Result<Json, Fault> {
    serde_json::from_slice(body)
        .map_err(|_| Fault::Validation("Malformed input request, please reformat your input and try again.".to_owned()))
}

impl<'a> Object<'a> {
    /// The body itself.
    pub(super) fn root(value: &'a Json) -> Result<Self, Fault> {
        Self::at("#".to_owned(), value)
    }

    /// The object at a place.
    pub(super) fn at(path: String, value: &'a Json) -> Result<Self, Fault> {
        match value {
            Json::Object(members) => Ok(Self { path, members }),
            other => Err(expected(&path, "JSONObject", other)),
        }
    }

    /// Where a member is.
    pub(super) fn place(&self, key: &str) -> String {
        format!("{}/{key}", self.path)
    }

    /// A member, unless it is null.
    pub(super) fn member(&self, key: &str) -> Option<&'a Json> {
        self.members.get(key).filter(|value| !value.is_null())
    }

    /// Checks that there are no members but these.
    pub(super) fn allows(&self, keys: &[&str]) -> Result<(), Fault> {
        match self.members.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(other) => Err(Fault::malformed(format!("{}: extraneous key [{other}] is not permitted", self.path))),
            None => Ok(()),
        }
    }

    /// A member that has to be there.
    pub(super) fn required(&self, key: &str) -> Result<&'a Json, Fault> {
        self.member(key).ok_or_else(|| Fault::malformed(format!("{}: required key [{key}] not found", self.path)))
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, Fault> {
        match self.member(key) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(other) => Err(expected(&self.place(key), "String", other)),
        }
    }

    /// A text that has to be there.
    pub(super) fn required_text(&self, key: &str) -> Result<&'a str, Fault> {
        self.required(key)?;
        Ok(self.text(key)?.unwrap_or_default())
    }

    /// A truth value.
    pub(super) fn boolean(&self, key: &str) -> Result<Option<bool>, Fault> {
        match self.member(key) {
            None => Ok(None),
            Some(Json::Bool(value)) => Ok(Some(*value)),
            Some(other) => Err(expected(&self.place(key), "Boolean", other)),
        }
    }

    /// A number within bounds.
    pub(super) fn number(&self, key: &str, least: f64, most: f64) -> Result<Option<f64>, Fault> {
        let Some(value) = self.member(key) else { return Ok(None) };
        let Some(number) = value.as_f64() else { return Err(expected(&self.place(key), "Number", value)) };
        let bound = |word: &str, bound: f64| {
            Err(Fault::malformed(format!("{}: {value} is not {word} or equal to {bound}", self.place(key))))
        };
        match number {
            number if number < least => bound("greater", least),
            number if number > most => bound("less", most),
            number => Ok(Some(number)),
        }
    }

    /// A whole number within bounds.
    pub(super) fn integer(&self, key: &str, least: u32, most: u32) -> Result<Option<u32>, Fault> {
        let Some(number) = self.number(key, f64::from(least), f64::from(most))? else { return Ok(None) };
        let whole = self.member(key).and_then(Json::as_u64).and_then(|number| u32::try_from(number).ok());
        match whole {
            Some(whole) => Ok(Some(whole)),
            None => Err(Fault::malformed(format!("{}: expected type: Integer, found: {number}", self.place(key)))),
        }
    }

    /// The entries of a list.
    pub(super) fn list(&self, key: &str) -> Result<Option<&'a [Json]>, Fault> {
        match self.member(key) {
            None => Ok(None),
            Some(Json::Array(entries)) => Ok(Some(entries)),
            Some(other) => Err(expected(&self.place(key), "JSONArray", other)),
        }
    }

    /// A list of texts that are not empty, with at most so many.
    pub(super) fn texts(&self, key: &str, most: usize) -> Result<Vec<String>, Fault> {
        let entries = self.list(key)?.unwrap_or_default();
        if entries.len() > most {
            let found = entries.len();
            let place = self.place(key);
            return Err(Fault::malformed(format!("{place}: expected maximum item count: {most}, found: {found}")));
        }
        let text = |(at, entry): (usize, &Json)| match entry {
            Json::String(text) if text.is_empty() => {
                let place = self.place(key);
                Err(Fault::malformed(format!("{place}/{at}: expected minLength: 1, actual: 0")))
            }
            Json::String(text) => Ok(text.clone()),
            other => Err(expected(&format!("{}/{at}", self.place(key)), "String", other)),
        };
        entries.iter().enumerate().map(text).collect()
    }

    /// An object.
    pub(super) fn object(&self, key: &str) -> Result<Option<Self>, Fault> {
        self.member(key).map(|value| Self::at(self.place(key), value)).transpose()
    }
}

/// A value of another type.
pub(super) fn expected(place: &str, wanted: &str, found: &Json) -> Fault {
    let found = match found {
        Json::Null => "Null",
        Json::Bool(_) => "Boolean",
        Json::Number(number) if number.is_f64() => "Double",
        Json::Number(_) => "Integer",
        Json::String(_) => "String",
        Json::Array(_) => "JSONArray",
        Json::Object(_) => "JSONObject",
    };
    Fault::malformed(format!("{place}: expected type: {wanted}, found: {found}"))
}
