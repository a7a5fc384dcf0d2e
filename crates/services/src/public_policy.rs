//! Policies of resources that let in whoever comes. Which conditions narrow a grant down is a matter of each service.

use serde_json::Value;

/// Whether a statement of a policy's document allows something to everyone under no condition that is narrow. `is_narrow` is
/// told a condition's operator without `ForAnyValue` and its key, both in lower case, and its values.
pub(crate) fn is_public(document: &Value, is_narrow: impl Fn(&str, &str, &[&Value]) -> bool) -> bool {
    list(document.get("Statement")).into_iter().any(|statement| {
        let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
        allows && names_everyone(statement) && !is_narrowed(statement, &is_narrow)
    })
}

/// An element that may be one or a list.
pub(crate) fn list(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None => Vec::new(),
        Some(Value::Array(all)) => all.iter().collect(),
        Some(one) => vec![one],
    }
}

/// Whether a value has neither wildcards nor policy variables.
pub(crate) fn is_fixed(value: &str) -> bool {
    !value.contains(['*', '?']) && !value.contains("${")
}

fn names_everyone(statement: &Value) -> bool {
    match statement.get("Principal") {
        Some(Value::Object(kinds)) => {
            kinds.values().flat_map(|own| list(Some(own))).filter_map(Value::as_str).any(|own| !is_fixed(own))
        }
        // `NotPrincipal` allows everyone else.
        _ => true,
    }
}

fn is_narrowed(statement: &Value, is_narrow: impl Fn(&str, &str, &[&Value]) -> bool) -> bool {
    let Some(conditions) = statement.get("Condition").and_then(Value::as_object) else { return false };
    conditions.iter().any(|(operator, keys)| {
        let operator = operator.to_ascii_lowercase();
        // `ForAllValues` and `IfExists` hold without the key.
        let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
        let mut keys = keys.as_object().into_iter().flatten();
        keys.any(|(key, values)| is_narrow(operator, &key.to_ascii_lowercase(), &list(Some(values))))
    })
}
