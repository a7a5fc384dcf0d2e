//! Whether a bucket policy is public.
//!
//! Source: S3 user guide, "Blocking public access to your Amazon S3 storage", "The meaning of 'public'": a policy is
//! public unless it grants access only to fixed values, which have no wildcard and no policy variable, of principals or
//! of certain condition keys.

use std::net::IpAddr;

use serde_json::Value;
use sidegate_iam::Policy;

use crate::public_policy::{self, is_fixed};

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
    public_policy::is_public(&document, |operator, key, values| {
        let values: Vec<&str> = values.iter().filter_map(|value| value.as_str()).collect();
        BINDING.contains(&operator) && !values.is_empty() && values.iter().all(|value| is_narrow(operator, key, value))
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
