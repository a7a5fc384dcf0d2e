//! The document of a bucket policy: the grammar of policies, and what S3 demands besides.
//!
//! Source of the wordings: messages of `MalformedPolicy` that users of S3 quote.

use s3s::S3ErrorCode;
use serde_json::Value;
use sidegate_iam::PolicyError;

use super::BucketPolicy;
use super::actions::{Level, covered};
use super::condition_keys;
use crate::iam::UnknownPrincipal;
use crate::public_policy::list;
use crate::s3::fault::Fault;

const SYNTAX: &str = "Invalid policy syntax.";
const PRINCIPAL: &str = "Invalid principal in policy";
const CONDITION_KEY: &str = "Policy has an invalid condition key";
const RESOURCE: &str = "Policy has invalid resource";

/// Parses a policy that is to be put on a bucket.
pub(super) fn parse(text: &str, bucket: &str) -> Result<BucketPolicy, Fault> {
    if !text.starts_with('{') {
        return Err(malformed("Policies must be valid JSON and the first byte must be '{'"));
    }
    let policy = BucketPolicy::parse(text).map_err(|error| fault_of(text, &error))?;
    let document: Value = serde_json::from_str(&policy.policy.to_string()).unwrap_or_default();
    for (at, statement) in list(document.get("Statement")).into_iter().enumerate() {
        check(statement, at, bucket)?;
    }
    Ok(policy)
}

fn malformed(message: impl Into<std::borrow::Cow<'static, str>>) -> Fault {
    Fault::new(S3ErrorCode::MalformedPolicy, message)
}

/// The error in S3's words.
fn fault_of(text: &str, error: &PolicyError) -> Fault {
    use sidegate_iam::Fault as Kind;
    let (kind, element) = match error {
        PolicyError::TooLong { limit, .. } => {
            return malformed(format!("Normalized bucket policy exceeds the maximum allowed size of {limit} bytes"));
        }
        PolicyError::Grammar { fault, element, .. } => (fault, element),
        _ => return malformed("This policy contains invalid Json"),
    };
    let detail = error.to_string();
    let fault = match kind {
        Kind::Missing { element: "Statement" } if has_statements(text) => {
            malformed("Could not parse the policy: Statement is empty!")
        }
        Kind::Missing { element } => malformed(format!("Missing required field {element}")),
        Kind::UnknownElement { element } => malformed(format!("Unknown field {element}")),
        Kind::UnknownVersion { .. } => malformed("The policy must contain a valid version string"),
        Kind::Effect { effect } => malformed(format!("Invalid effect: {effect}")),
        Kind::Principal { principal, .. } => return no_principal(principal),
        Kind::PrincipalKind { .. } => malformed(PRINCIPAL),
        Kind::NoVendor { .. } | Kind::Vendor { .. } if element.starts_with("Condition") => malformed(CONDITION_KEY),
        Kind::NoVendor { .. } | Kind::Vendor { .. } => malformed("Policy has invalid action"),
        Kind::Resource { .. } | Kind::ResourcePartition { .. } => malformed(RESOURCE),
        _ => malformed(SYNTAX),
    };
    fault.with("Detail", detail)
}

/// A policy that names a user or a role that there is not.
pub(super) fn unknown(UnknownPrincipal(principal): UnknownPrincipal) -> Fault {
    no_principal(&principal)
}

fn no_principal(principal: &str) -> Fault {
    malformed(PRINCIPAL).with("Detail", format!("\"AWS\" : \"{principal}\""))
}

fn has_statements(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|document| document.get("Statement").is_some())
}

/// Holds a statement against what the bucket, S3's actions and their condition keys allow.
fn check(statement: &Value, at: usize, bucket: &str) -> Result<(), Fault> {
    let mut present = Vec::new();
    for resource in texts(statement, "Resource").chain(texts(statement, "NotResource")) {
        present
            .extend(levels_of_resource(resource, bucket).ok_or_else(|| malformed(RESOURCE).with("Detail", resource))?);
    }
    let keys = condition_keys_of(statement);
    if let Some(unknown) = keys.iter().find(|key| !condition_keys::is_known(key)) {
        return Err(malformed(CONDITION_KEY).with("Detail", unknown.to_string()));
    }
    let name = || {
        let sid = statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty());
        sid.map_or_else(|| format!("NO_ID-{at}"), str::to_owned)
    };
    let excepts_resources = statement.get("NotResource").is_some();
    for action in texts(statement, "Action") {
        let mut covered = covered_by(action)?;
        covered.retain(|(_, level)| excepts_resources || present.contains(level));
        if covered.is_empty() {
            return Err(malformed("Action does not apply to any resource(s) in statement")
                .with("Detail", format!("Action \"{action}\" in Statement \"{}\"", name())));
        }
        let lacks = |key: &&&str| !covered.iter().any(|(action, _)| condition_keys::has(action, key));
        if let Some(key) = keys.iter().find(lacks) {
            return Err(malformed("Conditions do not apply to combination of actions and resources in statement")
                .with("Detail", format!("Condition \"{key}\" and action \"{action}\" in Statement \"{}\"", name())));
        }
    }
    texts(statement, "NotAction").try_for_each(|action| covered_by(action).map(drop))
}

fn covered_by(action: &str) -> Result<Vec<(&'static str, Level)>, Fault> {
    let covered = covered(action);
    if covered.is_empty() { Err(malformed("Policy has invalid action").with("Detail", action)) } else { Ok(covered) }
}

/// The keys of a statement's conditions.
fn condition_keys_of(statement: &Value) -> Vec<&str> {
    let operators = statement.get("Condition").and_then(Value::as_object);
    let keys = operators.into_iter().flat_map(|operators| operators.values()).filter_map(Value::as_object);
    keys.flat_map(|keys| keys.keys()).map(String::as_str).collect()
}

/// Which levels a resource covers, if it is the bucket, or objects in it.
fn levels_of_resource(resource: &str, bucket: &str) -> Option<&'static [Level]> {
    let (partition, rest) = resource.strip_prefix("arn:")?.split_once(":s3:::")?;
    if partition.contains(':') {
        return None;
    }
    match rest.strip_prefix(bucket)?.chars().next() {
        None => Some(&[Level::Bucket]),
        Some('/') => Some(&[Level::Object]),
        Some('*' | '?') => Some(&[Level::Bucket, Level::Object]),
        Some(_) => None,
    }
}

fn texts<'a>(statement: &'a Value, element: &str) -> impl Iterator<Item = &'a str> {
    list(statement.get(element)).into_iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests;
