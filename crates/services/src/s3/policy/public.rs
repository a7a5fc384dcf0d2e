//! Whether a bucket policy is public.
//!
//! Source: S3 user guide, "Blocking public access to your Amazon S3 storage", "The meaning of 'public'": a policy is
//! public unless it grants access only to fixed values, which have no wildcard and no policy variable, of principals or
//! of certain condition keys.

use std::net::IpAddr;

use serde_json::Value;
use sidegate_iam::Policy;

use super::document::list;

/// Condition keys whose fixed values make a grant to everyone one that is not public. `aws:SourceIp` stands apart.
const NARROWING: [&str; 14] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];

/// Operators that hold only if the key is there and has one of the values.
const BINDING: [&str; 6] =
    ["arnequals", "arnlike", "stringequals", "stringequalsignorecase", "stringlike", "ipaddress"];

/// Whether a policy is public.
pub(super) fn is_public(policy: &Policy) -> bool {
    // What is no JSON is no policy either, and counts as the worst.
    let Ok(document) = serde_json::from_str::<Value>(&policy.to_string()) else { return true };
    list(document.get("Statement")).into_iter().any(grants_to_the_public)
}

fn grants_to_the_public(statement: &Value) -> bool {
    let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
    allows && names_everyone(statement) && !is_narrowed(statement)
}

fn names_everyone(statement: &Value) -> bool {
    match statement.get("Principal") {
        Some(Value::Object(kinds)) => {
            kinds.values().flat_map(|own| list(Some(own))).filter_map(Value::as_str).any(|own| !is_fixed(own))
        }
        // `NotPrincipal` allows everyone else.
        _ => true,
    }
}

fn is_narrowed(statement: &Value) -> bool {
    let Some(conditions) = statement.get("Condition").and_then(Value::as_object) else { return false };
    conditions.iter().any(|(operator, keys)| {
        let operator = operator.to_ascii_lowercase();
        // `ForAllValues` and `IfExists` hold without the key.
        let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
        let Some(keys) = keys.as_object().filter(|_| BINDING.contains(&operator)) else { return false };
        keys.iter().any(|(key, values)| {
            let values: Vec<&str> = list(Some(values)).into_iter().filter_map(Value::as_str).collect();
            !values.is_empty() && values.iter().all(|value| is_narrow(operator, &key.to_ascii_lowercase(), value))
        })
    })
}

fn is_narrow(operator: &str, key: &str, value: &str) -> bool {
    match (operator, key) {
        ("ipaddress", "aws:sourceip") => is_narrow_block(value),
        ("ipaddress", _) | (_, "aws:sourceip") => false,
        // The name of an access point may be a pattern where its account is fixed.
        (_, "s3:dataaccesspointarn") => {
            let mut parts = value.splitn(6, ':');
            parts.nth(4).is_some_and(|account| !account.is_empty() && is_fixed(account))
        }
        (_, key) => NARROWING.contains(&key) && is_fixed(value),
    }
}

fn is_fixed(value: &str) -> bool {
    !value.contains(['*', '?']) && !value.contains("${")
}

/// Whether a block of addresses is no broader than /8, or /32 of IPv6.
fn is_narrow_block(block: &str) -> bool {
    let (address, length) = block.split_once('/').map_or((block, None), |(address, length)| (address, Some(length)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let (least, whole) = if address.is_ipv4() { (8, 32) } else { (32, 128) };
    match length.map(str::parse::<u8>) {
        None => true,
        Some(Ok(length)) => (least..=whole).contains(&length),
        Some(Err(_)) => false,
    }
}

#[cfg(test)]
mod tests;
