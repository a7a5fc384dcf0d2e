//! Denials in the form of EC2, with a message for those who may decode it.
//!
//! Source: EC2 user guide, "Troubleshoot access"; STS API reference, "DecodeAuthorizationMessage".

use http::StatusCode;
use serde_json::{Value, json};
use sidegate_iam::{Denial, Requirement};
use sidegate_services::iam::Directory;
use sidegate_services::sts;
use sidegate_wire::protocol::Failure;

/// The longest message that can be decoded again.
const LONGEST: usize = 10_240;

/// The failure of a denial. An action without a resource names none, and has nothing to decode. The keys of the directory
/// of identities encode.
pub(super) fn failure(directory: &Directory, denial: &Denial, requirements: &[Requirement]) -> Failure {
    let told = denial.to_string().replace(" on resource: *", "");
    let mut message = format!("You are not authorized to perform this operation. {told}");
    if denial.resource != "*"
        && let Some(encoded) = encoded(directory, denial, requirements)
    {
        message.push_str(&format!(". Encoded authorization failure message: {encoded}"));
    }
    Failure::new(StatusCode::FORBIDDEN, "UnauthorizedOperation", message)
}

fn encoded(directory: &Directory, denial: &Denial, requirements: &[Requirement]) -> Option<String> {
    let encoded = sts::encode(directory, &decoded(denial, requirements).to_string());
    encoded.ok().filter(|encoded| encoded.len() <= LONGEST)
}

/// What the message says: whether a statement denies, and what was asked for by whom.
fn decoded(denial: &Denial, requirements: &[Requirement]) -> Value {
    let is_denied = |own: &&Requirement| own.action == denial.action && own.resource == denial.resource;
    let context = requirements.iter().find(is_denied).map(|requirement| &requirement.context);
    let value = |text: &str| json!({"value": text});
    let condition = |(key, values): (&str, &sidegate_iam::Values)| {
        let values: Vec<Value> = values.as_slice().iter().map(|text| value(text)).collect();
        json!({"key": key, "values": {"items": values}})
    };
    let conditions: Vec<Value> = context.into_iter().flat_map(|context| context.iter()).map(condition).collect();
    json!({
        "allowed": false,
        "explicitDeny": denial.statement.is_some(),
        "matchedStatements": {"items": []},
        "failures": {"items": []},
        "context": {
            "principal": {"arn": denial.principal.to_string()},
            "action": denial.action,
            "resource": denial.resource,
            "conditions": {"items": conditions},
        },
    })
}
