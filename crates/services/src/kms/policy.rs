//! Key policies: `GetKeyPolicy`, `PutKeyPolicy` and `ListKeyPolicies`.
//!
//! A policy is stored as it was put, but for the users and roles that it names.
//!
//! Source: API reference; KMS developer guide, "Key policies in AWS KMS", "Default key policy".

mod lockout;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sidegate_iam::{Fault as Flaw, Policy, PolicyError, PolicyType, Requirement};
use sidegate_model::AccountId;

use super::fault::Fault;
use super::operation::{Done, Operation, Prepared};
use super::page::limit;
use super::store::Store;
use super::subject::{Subject, made, root_arn};
use crate::asked::with_given;
use crate::constraint::{characters, length, required};
use crate::{Authorized, Caller};
use lockout::locks_out;

/// The name of the only policy that a key has.
const DEFAULT: &str = "default";

/// The longest policy, in bytes.
const LONGEST: usize = 32_768;

const PRINCIPALS: &str = "Policy contains a statement with one or more invalid principals.";
const JSON: &str = "This policy contains invalid Json";
const SYNTAX: &str = "Syntax errors in policy.";
const LOCKOUT: &str = "The new key policy will not allow you to update the key policy in the future.";

const LENIENT_CONTEXT: &str = "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued \
    condition key matches requests without the specified encryption context or with an unspecified encryption context. To \
    fix, remove ForAllValues.";
const LENIENT_TAG: &str = "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition \
    key matches requests without the specified tag or with an unspecified tag. To fix, remove ForAllValues.";

/// The policy of a key that is made without one: it leaves it to the account.
pub(super) fn default_document(account: &AccountId) -> String {
    let root = root_arn(account);
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "{root}"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}

/// A policy that leaves everything to the account.
pub(super) fn delegating(account: &AccountId) -> Policy {
    made(&default_document(account))
}

/// The policy of a text that is stored. One that is none any longer denies all but what puts another in its place.
pub(super) fn kept(text: &str) -> Arc<Policy> {
    const LOCKED: &str = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Resource": "*",
        "NotAction": ["kms:GetKeyPolicy", "kms:PutKeyPolicy"]}}"#;
    let parsed = Policy::parse(text, PolicyType::Key).unwrap_or_else(|error| {
        tracing::error!(%error, "a key's policy that is stored cannot be read, and so denies everything");
        made(LOCKED)
    });
    Arc::new(parsed)
}

/// What decides who may retire a grant of a key, beside whom the grant names: what the key's policy denies, and the account.
pub(super) fn retiring(policy: &Policy, account: &AccountId) -> Arc<Policy> {
    let mut statements: Vec<Value> = (0..policy.statement_count())
        .filter_map(|at| serde_json::from_str(&policy.statement_text(at)?).ok())
        .filter(|statement: &Value| statement.get("Effect").and_then(Value::as_str) == Some("Deny"))
        .collect();
    statements.push(json!({
        "Effect": "Allow", "Principal": {"AWS": root_arn(account)}, "Action": "kms:RetireGrant", "Resource": "*",
    }));
    Arc::new(made(&json!({"Version": "2012-10-17", "Statement": statements}).to_string()))
}

/// A policy for a key, as it is kept, of which it was made sure that its author can change it again.
pub(super) fn checked(
    caller: &Caller, store: &Store, subject: &Subject, document: &str, bypass: bool,
) -> Result<String, Fault> {
    length("policy", document, 1, 131_072)?;
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    characters("policy", document, "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+", allowed)?;
    if document.len() > LONGEST {
        return Err(Fault::LimitExceeded(format!("A key policy can have at most {LONGEST} bytes.")));
    }
    let policy = Policy::parse(document, PolicyType::Key).map_err(|error| {
        Fault::MalformedPolicy(match error {
            PolicyError::Grammar { fault: Flaw::Principal { .. } | Flaw::PrincipalKind { .. }, .. } => PRINCIPALS,
            PolicyError::Grammar { .. } | PolicyError::TooLong { .. } => SYNTAX,
            _ => JSON,
        })
    })?;
    let kept = store.names.keep(&subject.scope.account, document).map_err(|_| Fault::MalformedPolicy(PRINCIPALS))?;
    check_conditions(&policy)?;
    if !bypass && locks_out(caller, subject, &policy) {
        return Err(Fault::MalformedPolicy(LOCKOUT));
    }
    Ok(kept)
}

/// Checks that no condition that a request meets without its key looks like one that asks for it.
///
/// Source: KMS developer guide, "AWS KMS condition keys", "Using condition keys with set operators".
fn check_conditions(policy: &Policy) -> Result<(), Fault> {
    for statement in (0..policy.statement_count()).filter_map(|at| policy.statement_text(at)) {
        let statement: Value = serde_json::from_str(&statement)?;
        let operators = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
        let lenient = operators.filter(|(name, _)| name.to_ascii_lowercase().starts_with("forallvalues:"));
        let keys = lenient.filter_map(|(_, tests)| tests.as_object()).flat_map(|tests| tests.keys());
        for key in keys.map(|key| key.to_lowercase()) {
            if key.starts_with("kms:encryptioncontext:") {
                return Err(Fault::MalformedPolicy(LENIENT_CONTEXT));
            }
            if key.starts_with("aws:requesttag/") {
                return Err(Fault::MalformedPolicy(LENIENT_TAG));
            }
        }
    }
    Ok(())
}

/// The requirement of an operation that puts a policy.
pub(super) fn with_bypass(requirement: Requirement, bypass: Option<bool>) -> Requirement {
    with_given(requirement, "kms:BypassPolicyLockoutSafetyCheck", bypass)
}

fn check_name(name: Option<&str>) -> Result<(), Fault> {
    let Some(name) = name else { return Ok(()) };
    length("policyName", name, 1, 128)?;
    characters("policyName", name, "[\\w]+", |c| c.is_ascii_alphanumeric() || c == '_')?;
    if name == DEFAULT { Ok(()) } else { Err(Fault::NoPolicy) }
}

/// `GetKeyPolicy`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetKeyPolicy {
    key_id: Option<String>,
    policy_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Found {
    policy: String,
    policy_name: &'static str,
}

impl Operation for GetKeyPolicy {
    const NAME: &'static str = "GetKeyPolicy";
    type Ready = (Subject, Option<String>);
    type Answer = Found;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        Ok(Prepared::one((subject, self.policy_name), requirement))
    }

    fn act((subject, name): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Found, Fault> {
        check_name(name.as_deref())?;
        let stored = store.read(|connection| subject.key(allowed, caller, connection))?;
        Ok(Found { policy: store.names.show(&stored.policy).into_owned(), policy_name: DEFAULT })
    }
}

/// `PutKeyPolicy`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutKeyPolicy {
    key_id: Option<String>,
    policy_name: Option<String>,
    policy: Option<String>,
    bypass_policy_lockout_safety_check: Option<bool>,
}

impl Operation for PutKeyPolicy {
    const NAME: &'static str = "PutKeyPolicy";
    type Ready = (Subject, Self);
    type Answer = Done;

    fn prepare(mut self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let document = required("policy", self.policy.take())?;
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        self.policy = Some(document);
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        let requirement = with_bypass(requirement, self.bypass_policy_lockout_safety_check);
        Ok(Prepared::one((subject, self), requirement))
    }

    fn act((subject, asked): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        check_name(asked.policy_name.as_deref())?;
        let bypass = asked.bypass_policy_lockout_safety_check.unwrap_or(false);
        let document = asked.policy.unwrap_or_default();
        if !subject.is_there() {
            return Err(Fault::NoKey(subject.arn().to_owned()));
        }
        let kept = checked(caller, store, &subject, &document, bypass)?;
        store.write(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            stored.key.check_own()?;
            stored.policy = kept;
            stored.update(transaction)?;
            Ok(Done {})
        })
    }
}

/// `ListKeyPolicies`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListKeyPolicies {
    key_id: Option<String>,
    limit: Option<i64>,
    marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyNames {
    policy_names: [&'static str; 1],
    truncated: bool,
}

impl Operation for ListKeyPolicies {
    const NAME: &'static str = "ListKeyPolicies";
    type Ready = (Subject, Option<String>);
    type Answer = PolicyNames;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        limit(self.limit, 1000, 100)?;
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        Ok(Prepared::one((subject, self.marker), requirement))
    }

    fn act(
        (subject, marker): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<PolicyNames, Fault> {
        store.read(|connection| subject.key(allowed, caller, connection))?;
        match marker {
            // There is one name, and so no second page.
            Some(_) => Err(Fault::InvalidMarker),
            None => Ok(PolicyNames { policy_names: [DEFAULT], truncated: false }),
        }
    }
}

#[cfg(test)]
mod tests {
    use sidegate_iam::{Context, Policies, Principal, Request, decide};

    use super::*;

    #[test]
    fn a_stored_policy_that_is_none_any_longer_denies_all_but_what_replaces_it() {
        let policy = kept("{");
        let principal = Principal::Root("111122223333".parse().unwrap());
        let arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let outcome = |action: &str| {
            let requirement = Requirement::new(format!("kms:{action}"), arn).under(Arc::clone(&policy));
            let context = Context::new();
            let request = Request { principal: &principal, context: &context, requirement: &requirement };
            decide(&request, &Policies::default()).outcome().as_str()
        };
        assert_eq!(outcome("Decrypt"), "ExplicitlyDenied");
        assert_eq!(outcome("PutKeyPolicy"), "ImplicitlyDenied");
    }
}
