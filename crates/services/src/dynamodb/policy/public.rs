//! Whether a policy lets in whoever comes, which Block Public Access keeps from every table.
//!
//! Source: developer guide, "Blocking public access with resource-based policies in DynamoDB": a grant to everyone is not
//! public where a condition holds one of these keys to values without wildcards and variables.

use serde_json::Value;
use sidegate_iam::Policy;

use crate::public_policy::{self, is_fixed};

/// The keys, in lower case. `aws:PrincipalIsAWSService` stands apart: its value has to be true.
const NARROWING: [&str; 14] = [
    "aws:ec2instancesourcevpc",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
];

/// Operators that hold only if the key is there and has one of the values.
const BINDING: [&str; 5] = ["arnequals", "arnlike", "stringequals", "stringequalsignorecase", "stringlike"];

/// Whether a statement of the policy allows something to everyone.
pub(super) fn is_public(policy: &Policy) -> bool {
    // What is no JSON is no policy either, and counts as the worst.
    let Ok(document) = serde_json::from_str::<Value>(&policy.to_string()) else { return true };
    public_policy::is_public(&document, |operator, key, values| {
        !values.is_empty() && values.iter().all(|value| is_narrow(operator, key, value))
    })
}

fn is_narrow(operator: &str, key: &str, value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value && operator == "bool" && key == "aws:principalisawsservice",
        Value::String(value) if operator == "bool" => {
            value.eq_ignore_ascii_case("true") && key == "aws:principalisawsservice"
        }
        Value::String(value) => BINDING.contains(&operator) && NARROWING.contains(&key) && is_fixed(value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sidegate_iam::PolicyType;

    use super::*;

    fn of(principal: Value, condition: Option<Value>) -> bool {
        let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": "dynamodb:*", "Resource": "*"});
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        is_public(&Policy::parse(&text, PolicyType::Resource).unwrap())
    }

    #[test]
    fn a_grant_to_everyone_is_public_unless_a_condition_names_who_is_meant() {
        assert!(of(json!("*"), None) && of(json!({"AWS": "*"}), None));
        assert!(!of(json!({"AWS": "111122223333"}), None));
        let with = |condition: Value| of(json!("*"), Some(condition));
        assert!(!with(json!({"StringEquals": {"aws:SourceVpce": "vpce-1a"}})));
        assert!(!with(json!({"ArnLike": {"AWS:PrincipalArn": "arn:aws:iam::111122223333:user/John"}})));
        assert!(!with(json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a/r-b/"}})));
        assert!(!with(json!({"Bool": {"aws:PrincipalIsAWSService": "true"}})));
        for public in [
            json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/John"}}),
            json!({"StringEquals": {"aws:PrincipalOrgID": ["o-a", "${aws:PrincipalOrgID}"]}}),
            json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1a"}}),
            json!({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1a"}}),
            json!({"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-1a"}}),
            json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            json!({"StringEquals": {"dynamodb:LeadingKeys": "a"}}),
            json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}),
        ] {
            assert!(with(public.clone()), "{public}");
        }
    }
}
