//! Some of the policies that AWS manages, with AWS's own documents in the version that is named in the data.
//!
//! `aws_managed.json` was taken from what `GetPolicyVersion` gives in AWS, in the state of May 2026.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::policy::Policy;

const DATA: &str = include_str!("aws_managed.json");

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

static POLICIES: LazyLock<BTreeMap<String, Policy>> = LazyLock::new(|| {
    let known: Vec<Known> = serde_json::from_str(DATA).unwrap_or_default();
    known.into_iter().map(policy).collect()
});

fn policy(known: Known) -> (String, Policy) {
    let Known { name, path, version, created, updated, document } = known;
    let arn = format!("arn:aws:iam::aws:policy{path}{name}");
    // Its unique id is AWS's secret, so one follows from the ARN: the same in every state directory.
    let digits = hex::encode_upper(digest(&SHA256, arn.as_bytes()));
    let id = format!("ANPA{}", digits.get(..17).unwrap_or_default());
    let number = version.trim_start_matches('v').parse().unwrap_or(1);
    let mut policy = Policy::new(name, path, id, milliseconds(&updated), number, document.to_string().into());
    policy.created = milliseconds(&created);
    (arn, policy)
}

fn milliseconds(time: &str) -> i64 {
    OffsetDateTime::parse(time, &Rfc3339).map_or(0, |time| time.unix_timestamp() * 1000)
}

/// The policy with an ARN.
pub(super) fn find(arn: &str) -> Option<&'static Policy> {
    POLICIES.get(arn)
}

/// All, with their ARNs.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static Policy)> {
    POLICIES.iter().map(|(arn, policy)| (arn.as_str(), policy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_whole() {
        assert_eq!(all().count(), 26);
        let policy = find("arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole").unwrap();
        assert!(policy.document().unwrap().contains("ec2:CreateNetworkInterface"));
        assert_eq!(policy.default, 3);
        assert!(all().all(|(_, policy)| policy.created > 0 && policy.document().is_some_and(|text| text.len() > 2)));
    }
}
