//! The condition keys that a simulation is given: `ContextEntries`.

use sidegate_iam::{Context, ValueType, Values};

use super::super::fault::Fault;
use super::super::form::{CONTEXT_KEY, Form, Part};

/// The types, in the order in which AWS's error lists them.
const TYPES: &[&str] = &[
    "binary",
    "ipList",
    "booleanList",
    "ip",
    "boolean",
    "numericList",
    "dateList",
    "numeric",
    "date",
    "stringList",
    "string",
    "binaryList",
];

/// A condition key with its values, as it was sent.
pub(super) struct ContextEntry {
    name: Option<String>,
    values: Vec<String>,
    kind: Option<&'static str>,
}

pub(super) fn read(form: &Form<'_>) -> Vec<ContextEntry> {
    let parts = form.parts("ContextEntries");
    let entry = |part: &Part<'_, '_>| ContextEntry {
        name: part.text("ContextKeyName", &CONTEXT_KEY),
        values: part.texts("ContextKeyValues"),
        kind: part.choice("ContextKeyType", TYPES),
    };
    parts.iter().map(entry).collect()
}

/// The keys with their values; those of a list are a set.
pub(super) fn values(entries: &[ContextEntry]) -> Result<Context, Fault> {
    let mut context = Context::new();
    for ContextEntry { name, values, kind } in entries {
        let invalid = |message: String| Err(Fault::InvalidInput(message));
        let Some(name) = name.as_deref().filter(|name| !name.is_empty()) else {
            return invalid("ContextKeyName cannot be null or empty.".to_owned());
        };
        if context.values(name).is_some() {
            return invalid(format!("Duplicate context key: {name}."));
        }
        let Some(kind) = *kind else { return invalid(format!("Context key {name} has invalid type null.")) };
        if values.is_empty() {
            return invalid(format!("Context values for context key {name} cannot be null or empty."));
        }
        let (scalar, is_list) = kind.strip_suffix("List").map_or((kind, false), |scalar| (scalar, true));
        let (value_type, format) = value_type(scalar);
        if !values.iter().all(|value| value_type.admits(value)) {
            return invalid(format!("Invalid context value for key {name}: expected {format}."));
        }
        let texts = || values.iter().map(|value| value.as_str().into()).collect();
        match values.as_slice() {
            [one] if !is_list => context.insert(name, Values::One(one.as_str().into())),
            _ if is_list => context.insert(name, Values::Many(texts())),
            // AWS names the type here, where it means the key.
            more => {
                return invalid(format!("Context key {kind} expected a single value, but received {}.", more.len()));
            }
        }
    }
    Ok(context)
}

/// A type, and what AWS says that it expects.
fn value_type(scalar: &str) -> (ValueType, &'static str) {
    match scalar {
        "numeric" => (ValueType::Numeric, "numeric format"),
        "boolean" => (ValueType::Boolean, "boolean format"),
        "ip" => (ValueType::Ip, "IP address"),
        "binary" => (ValueType::Binary, "base-64 encoded binary format"),
        "date" => (ValueType::Date, "DateTime format"),
        _ => (ValueType::String, "string"),
    }
}
