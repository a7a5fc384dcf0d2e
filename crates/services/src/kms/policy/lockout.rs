//! Whether a policy would keep its author from putting another.
//!
//! Of the author's call only a part is known here. A condition on the rest may hold: no policy is refused that would
//! allow the next one to be put by a call like this one.

use serde_json::{Value, json};
use sidegate_iam::{Attached, Context, Policies, Policy, PolicyType, Request, Requirement, decide};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::PutKeyPolicy;
use crate::Caller;
use crate::kms::operation::Operation as _;
use crate::kms::subject::Subject;

/// What follows from the principal, the key and the path of a call, beside the condition keys of KMS: one of these
/// that has no value has none in the call either.
const KNOWN: [&str; 14] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:userid",
    "aws:username",
    "aws:resourceaccount",
    "aws:viaawsservice",
    "aws:tagkeys",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
];

/// Whether the author of a policy could not put another under it, even if the author's own policies allow everything.
pub(super) fn locks_out(caller: &Caller, subject: &Subject, policy: &Policy) -> bool {
    let context = context(caller);
    let requirement = subject.bare(caller, PutKeyPolicy::NAME);
    let Some(assumed) = assume(policy, |key| is_known(key, &requirement, &context)) else { return true };
    let requirement = requirement.under(assumed);
    let all =
        Policy::parse(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#, PolicyType::Identity);
    let policies = Policies { identity: all.into_iter().map(Attached::from).collect(), ..Policies::default() };
    let request = Request { principal: &caller.principal, context: &context, requirement: &requirement };
    !decide(&request, &policies).is_allowed()
}

/// What is known of the call.
fn context(caller: &Caller) -> Context {
    let seconds = caller.now / 1000;
    let context = caller
        .path
        .context()
        .with("aws:RequestedRegion", caller.scope.region.as_str())
        .with("aws:EpochTime", seconds.to_string());
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(&Rfc3339).ok());
    match time {
        Some(time) => context.with("aws:CurrentTime", time),
        None => context,
    }
}

/// Whether it is known which value a condition key has, if any.
fn is_known(key: &str, requirement: &Requirement, context: &Context) -> bool {
    let key = key.to_lowercase();
    let is_ours = ["kms:", "aws:resourcetag/", "aws:requesttag/"].iter().any(|prefix| key.starts_with(prefix));
    is_ours
        || KNOWN.contains(&key.as_str())
        || requirement.context.values(&key).is_some()
        || context.values(&key).is_some()
}

/// A policy without the conditions that may hold, and without the denials that may not apply; `None` if nothing is
/// left.
fn assume(policy: &Policy, is_known: impl Fn(&str) -> bool) -> Option<Policy> {
    let statements = (0..policy.statement_count()).filter_map(|at| {
        let statement = serde_json::from_str(&policy.statement_text(at)?).ok()?;
        settled(statement, &is_known)
    });
    let statements: Vec<Value> = statements.collect();
    let version = if policy.is_of_newer_version() { "2012-10-17" } else { "2008-10-17" };
    Policy::parse(&json!({"Version": version, "Statement": statements}).to_string(), PolicyType::Key).ok()
}

fn settled(mut statement: Value, is_known: &impl Fn(&str) -> bool) -> Option<Value> {
    let is_denial = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    let Some(operators) = statement.get_mut("Condition").and_then(Value::as_object_mut) else { return Some(statement) };
    let mut is_certain = true;
    for tests in operators.values_mut().filter_map(Value::as_object_mut) {
        let before = tests.len();
        tests.retain(|key, values| is_known(key) && variables(values).iter().all(|name| is_known(name)));
        is_certain &= tests.len() == before;
    }
    operators.retain(|_, tests| tests.as_object().is_none_or(|tests| !tests.is_empty()));
    let is_bare = operators.is_empty();
    if is_denial && !is_certain {
        return None;
    }
    if is_bare && let Some(statement) = statement.as_object_mut() {
        statement.remove("Condition");
    }
    Some(statement)
}

/// The condition keys that stand in values, as in `${aws:username}`.
fn variables(values: &Value) -> Vec<&str> {
    let texts: Vec<&str> = match values {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    };
    let names = texts.iter().flat_map(|text| text.split("${").skip(1));
    let names = names.filter_map(|rest| rest.split(['}', ',']).next().map(str::trim));
    names.filter(|name| !matches!(*name, "*" | "?" | "$")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assumed(statement: &str) -> Option<Value> {
        settled(serde_json::from_str(statement).unwrap(), &|key| key != "aws:PrincipalOrgID")
    }

    #[test]
    fn what_is_not_known_of_a_call_is_assumed_to_be_in_its_favour() {
        let allowing = r#"{"Effect": "Allow", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a"},
            "Bool": {"kms:X": "true"}}}"#;
        assert_eq!(assumed(allowing), Some(json!({"Effect": "Allow", "Condition": {"Bool": {"kms:X": "true"}}})));
        let bare =
            r#"{"Effect": "Allow", "Condition": {"StringEquals": {"kms:X": ["a", "${aws:PrincipalOrgID, 'b'}"]}}}"#;
        assert_eq!(assumed(bare), Some(json!({"Effect": "Allow"})));
        assert_eq!(assumed(&allowing.replace("Allow", "Deny")), None);
        let known = r#"{"Effect": "Deny", "Condition": {"StringLike": {"kms:X": "${*}a"}}}"#;
        assert_eq!(assumed(known), serde_json::from_str(known).ok());
    }
}
