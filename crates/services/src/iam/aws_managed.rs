//! Some of the policies that AWS manages, with AWS's own documents in the version that is named in the data.
//!
//! `aws_managed.json` was taken from what `GetPolicyVersion` gives in AWS, in the state of May 2026. It has a policy in each
//! line, beginning with its name and its path, so that a policy is found without reading the others, and read when it is
//! first asked for.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::policy::Policy;

const DATA: &str = include_str!("aws_managed.json");

/// The path of the policies that none but the role of their service may have.
///
/// Source: IAM API reference, "AttachRolePolicy", `PolicyNotAttachable`.
const OF_SERVICES: &str = "/aws-service-role/";

/// A policy in the data.
#[derive(Deserialize)]
struct Known {
    name: String,
    path: String,
    version: String,
    created: String,
    updated: String,
    document: serde_json::Value,
}

/// The place of a policy in the data.
struct Entry {
    line: &'static str,
    /// The policy, once it was read.
    policy: OnceLock<Option<Policy>>,
}

impl Entry {
    fn policy(&self) -> Option<&Policy> {
        self.policy.get_or_init(|| serde_json::from_str(self.line).ok().map(policy)).as_ref()
    }
}

/// By their ARNs.
static POLICIES: LazyLock<BTreeMap<String, Entry>> = LazyLock::new(|| DATA.lines().filter_map(entry).collect());

fn entry(line: &'static str) -> Option<(String, Entry)> {
    let line = line.strip_suffix(',').unwrap_or(line);
    let (name, rest) = line.strip_prefix(r#"{"name":""#)?.split_once(r#"","path":""#)?;
    let (path, _) = rest.split_once('"')?;
    Some((arn(path, name), Entry { line, policy: OnceLock::new() }))
}

fn arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::aws:policy{path}{name}")
}

fn policy(known: Known) -> Policy {
    let Known { name, path, version, created, updated, document } = known;
    // Its unique id is AWS's secret, so one follows from the ARN: the same in every state directory.
    let digits = hex::encode_upper(digest(&SHA256, arn(&path, &name).as_bytes()));
    let id = format!("ANPA{}", digits.get(..17).unwrap_or_default());
    let number = version.trim_start_matches('v').parse().unwrap_or(1);
    let mut policy = Policy::new(name, path, id, milliseconds(&updated), number, document.to_string().into());
    policy.created = milliseconds(&created);
    policy
}

fn milliseconds(time: &str) -> i64 {
    OffsetDateTime::parse(time, &Rfc3339).map_or(0, |time| time.unix_timestamp() * 1000)
}

/// The policy with an ARN.
pub(super) fn find(arn: &str) -> Option<&'static Policy> {
    POLICIES.get(arn).and_then(Entry::policy)
}

/// The ARNs of all.
pub(super) fn arns() -> impl Iterator<Item = &'static str> {
    POLICIES.keys().map(String::as_str)
}

/// The ARN of the policy of this name that a service's role has.
pub(super) fn of_service(name: &str) -> String {
    arn(OF_SERVICES, name)
}

/// Whether the ARN is one of a policy for the role of a service.
pub(super) fn is_of_service(arn: &str) -> bool {
    arn.strip_prefix("arn:aws:iam::aws:policy").is_some_and(|rest| rest.starts_with(OF_SERVICES))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use sidegate_iam::{
        Attached, Context, Decision, Policies, Policy as Parsed, PolicyKind, PolicyType, Principal, Request,
        Requirement, decide,
    };
    use sidegate_model::AccountId;

    use super::*;

    /// What an element is that may be one text or a list of them.
    fn texts(element: &Value) -> Vec<&str> {
        element.as_str().into_iter().chain(element.as_array().into_iter().flatten().filter_map(Value::as_str)).collect()
    }

    /// What each statement allows that has no conditions, as an action on a resource that its first patterns match.
    fn allowed(document: &Value) -> Vec<Requirement> {
        let statements: Vec<&Value> = match &document["Statement"] {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        let plain = statements.into_iter().filter(|own| own["Effect"] == "Allow" && own["Condition"].is_null());
        let first = |element: &Value| {
            let known = |text: &&&str| !text.contains("${");
            texts(element).iter().find(known).map(|text| text.replace('*', "x"))
        };
        plain.filter_map(|own| Some(Requirement::new(first(&own["Action"])?, first(&own["Resource"])?))).collect()
    }

    #[test]
    fn the_data_is_whole() {
        assert_eq!(arns().count(), DATA.lines().count() - 2);
        for arn in arns() {
            let policy = find(arn).unwrap_or_else(|| panic!("{arn} cannot be read"));
            assert_eq!(super::arn(&policy.path, &policy.name), arn);
            assert!(policy.created > 0 && policy.created <= policy.updated, "{arn}");
        }
        let policy = find("arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole").unwrap();
        assert!(policy.document().unwrap().contains("ec2:CreateNetworkInterface"));
        assert_eq!(policy.default, 3);
    }
    #[test]
    fn the_engine_takes_every_document_and_decides_by_it() {
        let account: AccountId = "111122223333".parse().unwrap();
        let (principal, context) = (Principal::user(account, "/", "alice"), Context::new());
        let mut decided = 0;
        for arn in arns() {
            let text = find(arn).unwrap().document().unwrap();
            let parsed = Parsed::parse(text, PolicyType::AwsManaged);
            let policy = parsed.unwrap_or_else(|error| panic!("{arn}: {error}"));
            let policies = Policies { identity: vec![Attached::from(policy)], ..Policies::default() };
            for mut requirement in allowed(&serde_json::from_str(text).unwrap()) {
                // What is another account's also wants a policy of the resource.
                requirement.resource_account = principal.account().cloned();
                let request = Request { principal: &principal, context: &context, requirement: &requirement };
                match decide(&request, &policies) {
                    Decision::Allowed(_) | Decision::ExplicitlyDenied { .. } => decided += 1,
                    // The policy of a key and the trust of a role have their say as well.
                    Decision::ImplicitlyDenied { kind: PolicyKind::Resource | PolicyKind::RoleTrust } => {}
                    Decision::ImplicitlyDenied { .. } => panic!("{arn} does not allow {requirement:?}"),
                }
            }
        }
        assert!(decided > 1000, "{decided}");
    }
}
