//! Denials in the form of EC2, with a message for those who may decode it.
//!
//! Source: EC2 user guide, "Troubleshoot access"; STS API reference, "DecodeAuthorizationMessage".

use http::StatusCode;
use serde_json::{Value, json};
use sidegate_iam::{Denial, Principal};
use sidegate_services::iam::Directory;
use sidegate_services::sts;
use sidegate_wire::protocol::Failure;

/// The longest message that can be decoded again.
const LONGEST: usize = 10_240;

/// The failure of a denial. An action without a resource names none, and has nothing to decode. The keys of the directory
/// of identities encode.
pub(super) fn failure(directory: &Directory, denial: &Denial) -> Failure {
    let told = denial.to_string().replace(" on resource: *", "");
    let mut message = format!("You are not authorized to perform this operation. {told}");
    if denial.resource != "*"
        && let Some(encoded) = encoded(directory, denial)
    {
        message.push_str(&format!(". Encoded authorization failure message: {encoded}"));
    }
    Failure::new(StatusCode::FORBIDDEN, "UnauthorizedOperation", message)
}

fn encoded(directory: &Directory, denial: &Denial) -> Option<String> {
    let encoded = sts::encode(directory, &decoded(denial).to_string());
    encoded.ok().filter(|encoded| encoded.len() <= LONGEST)
}

/// What the message says: whether a statement denies, and which, and what was asked for by whom.
fn decoded(denial: &Denial) -> Value {
    let statement = denial.matched.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let conditions = denial.context.iter().map(|(key, values)| condition(key, values.as_slice().iter().map(|v| &**v)));
    json!({
        "allowed": false,
        "explicitDeny": denial.statement.is_some(),
        "matchedStatements": items(statement.iter().map(matched)),
        "failures": items([]),
        "context": {
            "principal": principal(&denial.principal),
            "action": denial.action,
            "resource": denial.resource,
            "conditions": items(conditions),
        },
    })
}

fn items(items: impl IntoIterator<Item = Value>) -> Value {
    json!({"items": items.into_iter().collect::<Vec<_>>()})
}

fn condition<'a>(key: &str, values: impl Iterator<Item = &'a str>) -> Value {
    json!({"key": key, "values": items(values.map(|text| json!({"value": text})))})
}

/// Who asked: by the unique id as well, and a user by its name.
fn principal(principal: &Principal) -> Value {
    let mut told = serde_json::Map::from_iter([("arn".to_owned(), json!(principal.to_string()))]);
    let (id, name) = match principal {
        Principal::User { id, name, .. } => (id.clone(), Some(name)),
        Principal::AssumedRole { role_id, session, .. } => (role_id.as_ref().map(|id| format!("{id}:{session}")), None),
        Principal::Root(account) => (Some(account.id.to_string()), None),
        _ => (None, None),
    };
    told.extend(id.map(|id| ("id".to_owned(), json!(id))));
    told.extend(name.map(|name| ("name".to_owned(), json!(name))));
    Value::Object(told)
}

/// The statement that denied.
fn matched(statement: &Value) -> Value {
    let listed = |element: &str| {
        let values = match statement.get(element) {
            Some(Value::Array(many)) => many.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        items(values.into_iter().map(|value| json!({"value": value})))
    };
    let operators = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    let keys = operators.filter_map(|(_, keys)| keys.as_object()).flatten();
    let conditions = keys.map(|(key, values)| {
        let values = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
        condition(key, values.iter().filter_map(Value::as_str))
    });
    json!({
        "statementId": statement.get("Sid").and_then(Value::as_str).unwrap_or_default(),
        "effect": "DENY",
        "principals": items([]),
        "principalGroups": items([]),
        "actions": listed("Action"),
        "resources": listed("Resource"),
        "conditions": items(conditions),
    })
}
