//! The statements of a policy, as far as they tell without a request what is denied.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sidegate_iam::{Policy, Principal};

use super::request::has_wildcard;

/// The condition keys, in lower case, of which the ways bear each value that there is, so that a statement which asks for no
/// others is decided by the way alone.
const OF_WAYS: [&str; 5] =
    ["aws:sourcevpce", "aws:sourcevpc", "aws:securetransport", "aws:viaawsservice", "aws:principalisawsservice"];

/// The condition keys, in lower case, that real requests bear, and of whose values nobody here knows.
///
/// Source: IAM user guide, "AWS global condition context keys"; S3 user guide, "Amazon S3 Signature Version 4
/// authentication specific policy keys".
const ALWAYS: [&str; 17] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:useragent",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
    "aws:username",
    "aws:requestedregion",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:tokenissuetime",
    "s3:authtype",
    "s3:signatureversion",
];

/// A statement, and the condition keys that it asks for, in lower case.
struct Statement {
    json: Value,
    keys: BTreeSet<String>,
}

fn statements(policy: &Policy) -> Vec<Statement> {
    let all = (0..policy.statement_count()).filter_map(|at| {
        let json: Value = serde_json::from_str(&policy.statement_text(at)?).ok()?;
        let alone = built(policy, vec![json.clone()])?;
        let keys = alone.context_keys().into_iter().map(str::to_ascii_lowercase).collect();
        Some(Statement { json, keys })
    });
    all.collect()
}

/// A policy of the same version and type.
fn built(policy: &Policy, statements: Vec<Value>) -> Option<Policy> {
    let version = if policy.is_of_newer_version() { "2012-10-17" } else { "2008-10-17" };
    let text = json!({ "Version": version, "Statement": statements }).to_string();
    Policy::parse(&text, policy.kind()).ok()
}

/// The texts that stand in a policy.
pub(super) fn literals(policy: &Policy) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for text in (0..policy.statement_count()).filter_map(|at| policy.statement_text(at)) {
        gather(&serde_json::from_str(&text).unwrap_or(Value::Null), &mut all);
    }
    all
}

fn gather(value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(all.insert(text.clone())),
        Value::Array(many) => many.iter().for_each(|own| gather(own, all)),
        Value::Object(members) => members.values().for_each(|own| gather(own, all)),
        _ => {}
    }
}

/// The patterns of actions of a policy, in lower case.
pub(super) fn action_patterns(policy: &Policy) -> Vec<String> {
    let texts = (0..policy.statement_count()).filter_map(|at| policy.statement_text(at));
    let statements = texts.filter_map(|text| serde_json::from_str::<Value>(&text).ok());
    let actions = statements.flat_map(|own| {
        let mut all = texts_of(&own, "Action");
        all.extend(texts_of(&own, "NotAction"));
        all
    });
    actions.map(|own| own.to_ascii_lowercase()).collect()
}

/// The texts of an element.
fn texts_of(statement: &Value, element: &str) -> Vec<String> {
    let mut all = BTreeSet::new();
    gather(statement.get(element).unwrap_or(&Value::Null), &mut all);
    all.into_iter().collect()
}

fn denies(statement: &Value) -> bool {
    statement.get("Effect").and_then(Value::as_str) == Some("Deny")
}

/// The policy, in which what nobody knows of requests makes statements deny and does not make them allow: what this lets in
/// is let in for certain.
pub(super) fn firm(policy: &Policy) -> Policy {
    let all = statements(policy);
    let is_open = |own: &Statement| own.keys.iter().any(|key| ALWAYS.contains(&&**key));
    if !all.iter().any(is_open) {
        return policy.clone();
    }
    let kept = all.into_iter().filter(|own| denies(&own.json) || !is_open(own)).map(|own| match is_open(&own) {
        true => without_unknown(own.json),
        false => own.json,
    });
    built(policy, kept.collect()).unwrap_or_else(Policy::denying)
}

/// A statement that denies, without the conditions and patterns of which nobody can say whether they match.
fn without_unknown(mut statement: Value) -> Value {
    let has_variable = |value: &Value| value.to_string().contains("${");
    if let Some(operators) = statement.get_mut("Condition").and_then(Value::as_object_mut) {
        for keys in operators.values_mut().filter_map(Value::as_object_mut) {
            keys.retain(|key, value| !ALWAYS.contains(&&*key.to_ascii_lowercase()) && !has_variable(value));
        }
        operators.retain(|_, keys| keys.as_object().is_some_and(|keys| !keys.is_empty()));
    }
    if let Some(members) = statement.as_object_mut() {
        if members.get("Condition").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
            members.remove("Condition");
        }
        if ["Resource", "NotResource"].iter().filter_map(|own| members.get(*own)).any(has_variable) {
            members.remove("NotResource");
            members.insert("Resource".to_owned(), json!("*"));
        }
    }
    statement
}

/// What a policy denies whoever asks, whatever of the bucket is asked for, as far as the way decides it.
pub(super) struct Sure {
    /// Allows everyone everything that is not denied so.
    pub(super) policy: Policy,
    is_for_everyone: bool,
    is_for_services: bool,
}

impl Sure {
    /// What is sure of a policy of a bucket, which is named by its ARN.
    pub(super) fn of(policy: &Policy, bucket: &str) -> Self {
        let all = statements(policy);
        let allows: Vec<&Value> = all.iter().map(|own| &own.json).filter(|own| !denies(own)).collect();
        let is_for_everyone = allows.iter().any(|own| is_for_everyone(own) || own.get("NotPrincipal").is_some());
        let names_service = |own: &&&Value| own.get("Principal").is_some_and(|own| own.get("Service").is_some());
        let is_for_services = is_for_everyone || allows.iter().any(|own| names_service(&own));
        let mut kept: Vec<Value> = all.into_iter().filter_map(|own| sure(own, bucket)).collect();
        kept.push(json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }));
        let policy = built(policy, kept).unwrap_or_else(Policy::nothing);
        Self { policy, is_for_everyone, is_for_services }
    }

    /// One of each kind of those who may be let in. An account's own users and roles need no statement that allows.
    pub(super) fn callers(&self) -> Vec<Principal> {
        let mut all: Vec<Principal> = Principal::parse("arn:aws:iam::111111111111:root").into_iter().collect();
        all.extend(self.is_for_everyone.then_some(Principal::Anonymous));
        all.extend(self.is_for_services.then(|| Principal::Service("logging.s3.amazonaws.com".to_owned())));
        all
    }
}

/// Whether a statement is about everyone.
fn is_for_everyone(statement: &Value) -> bool {
    let principal = statement.get("Principal").unwrap_or(&Value::Null);
    principal.as_str() == Some("*") || texts_of(principal, "AWS").iter().any(|own| own == "*")
}

/// A statement that denies, with those of its resources that surely are denied, if the way alone decides it.
fn sure(own: Statement, bucket: &str) -> Option<Value> {
    let Statement { mut json, keys } = own;
    let mut values = BTreeSet::new();
    gather(json.get("Condition").unwrap_or(&Value::Null), &mut values);
    let by_way = keys.iter().all(|key| OF_WAYS.contains(&&**key)) && !values.iter().any(|own| has_wildcard(own));
    if !denies(&json) || !is_for_everyone(&json) || !by_way {
        return None;
    }
    if json.get("NotResource").is_some() {
        return (!texts_of(&json, "NotResource").iter().any(|own| may_touch(own, bucket))).then_some(json);
    }
    let covered = texts_of(&json, "Resource").into_iter().filter(|own| own == bucket || covers_objects(own, bucket));
    let covered: Vec<String> = covered.collect();
    if covered.is_empty() {
        return None;
    }
    json.as_object_mut()?.insert("Resource".to_owned(), json!(covered));
    Some(json)
}

/// Whether a pattern covers each object of a bucket: without the `*` at its end it covers a beginning of their ARNs.
fn covers_objects(pattern: &str, bucket: &str) -> bool {
    let objects = format!("{bucket}/");
    pattern.strip_suffix('*').is_some_and(|before| {
        let cuts = objects.char_indices().map(|(at, _)| at).chain([objects.len()]);
        cuts.filter_map(|at| objects.get(..at)).any(|begin| sidegate_model::wildcard_covers(before, begin))
    })
}

/// Whether a pattern may cover a bucket or something in it.
fn may_touch(pattern: &str, bucket: &str) -> bool {
    let plain = pattern.split(['*', '?', '$']).next().unwrap_or_default();
    let objects = format!("{bucket}/");
    if plain == pattern {
        return pattern == bucket || pattern.starts_with(&objects);
    }
    objects.starts_with(plain) || plain.starts_with(&objects)
}

/// Whether an endpoint's policy may allow something on a bucket.
pub(super) fn may_allow(policy: &Policy, bucket: &str) -> bool {
    let all = statements(policy);
    all.len() != policy.statement_count()
        || all.iter().filter(|own| !denies(&own.json)).any(|own| {
            let resources = texts_of(&own.json, "Resource");
            own.json.get("NotResource").is_some() || resources.iter().any(|own| may_touch(own, bucket))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAKE: &str = "arn:aws:s3:::lake";

    #[test]
    fn a_pattern_covers_all_objects_of_a_bucket_or_not() {
        for pattern in ["*", "arn:aws:s3:::*", "arn:aws:s3:::lake*", "arn:*:s3:::lake/*", "arn:aws:s3:::l?ke/**"] {
            assert!(covers_objects(pattern, LAKE), "{pattern}");
        }
        for pattern in [LAKE, "arn:aws:s3:::lake/a*", "arn:aws:s3:::lake/*.txt", "arn:aws:s3:::lakes/*", "*/private/*"]
        {
            assert!(!covers_objects(pattern, LAKE), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_may_touch_a_bucket_or_not() {
        for pattern in
            ["*", LAKE, "arn:aws:s3:::la*", "arn:aws:s3:::lake/a*", "arn:aws:s3:::lake/k", "*/k", "arn:aws:s3:::${x}"]
        {
            assert!(may_touch(pattern, LAKE), "{pattern}");
        }
        for pattern in ["arn:aws:s3:::lakes", "arn:aws:s3:::lakes/*", "arn:aws:s3:::pond*", "arn:aws:dynamodb:*"] {
            assert!(!may_touch(pattern, LAKE), "{pattern}");
        }
    }
}
