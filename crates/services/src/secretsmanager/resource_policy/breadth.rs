//! Whether a policy lets in whoever comes.
//!
//! Source: S3 user guide, "The meaning of public", to which the user guide of Secrets Manager refers: a grant to everyone
//! is not public where a condition holds it to fixed values of certain keys.

use serde_json::Value;
use sidegate_iam::{Policy, PolicyType};

/// The keys whose fixed values hold a grant to known callers, in lower case.
const NARROWING: [&str; 14] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "aws:vpcsourceip",
];

/// The operators that hold a key to the values beside it, in lower case.
const HOLDING: [&str; 7] = [
    "arnequals",
    "arnlike",
    "ipaddress",
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
    "foranyvalue:stringequals",
];

/// Whether a statement of the policy allows something to everyone.
pub(super) fn is_broad(document: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(document) else { return false };
    statements(&policy).any(|statement| {
        let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
        allows && names_everyone(statement) && !is_narrowed(statement)
    })
}

/// The statements of the policy that have no condition, as a policy; `None` if there is none.
pub(super) fn without_conditions(document: &str) -> Option<Policy> {
    let mut policy: Value = serde_json::from_str(document).ok()?;
    let plain: Vec<Value> = statements(&policy).filter(|own| own.get("Condition").is_none()).cloned().collect();
    *policy.get_mut("Statement")? = Value::Array(plain);
    Policy::parse(&policy.to_string(), PolicyType::Secret).ok()
}

fn statements(policy: &Value) -> impl Iterator<Item = &Value> {
    one_or_many(policy.get("Statement"))
}

fn one_or_many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (one, many) = match value {
        Some(Value::Array(many)) => (None, many.as_slice()),
        other => (other, [].as_slice()),
    };
    one.into_iter().chain(many)
}

fn names_everyone(statement: &Value) -> bool {
    let is_star = |value: &Value| value.as_str() == Some("*");
    match statement.get("Principal") {
        Some(Value::Object(kinds)) => kinds.values().any(|named| one_or_many(Some(named)).any(is_star)),
        Some(principal) => is_star(principal),
        None => statement.get("NotPrincipal").is_some(),
    }
}

fn is_narrowed(statement: &Value) -> bool {
    let Some(Value::Object(operators)) = statement.get("Condition") else { return false };
    let holding = operators.iter().filter(|(name, _)| HOLDING.contains(&&*name.to_ascii_lowercase()));
    holding
        .filter_map(|(_, keys)| keys.as_object())
        .flatten()
        .any(|(key, values)| NARROWING.contains(&&*key.to_ascii_lowercase()) && one_or_many(Some(values)).all(is_fixed))
}

fn is_fixed(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.contains(['*', '?']) && !text.contains("${") && !is_wide(text))
}

/// Whether a range of addresses is wider than what counts as known callers.
fn is_wide(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let least = if address.contains(':') { 32 } else { 8 };
    address.parse::<std::net::IpAddr>().is_ok() && length.parse().is_ok_and(|length: u8| length < least)
}
