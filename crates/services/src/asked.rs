//! What a request gives, as the requirements and the answers of JSON services have it.

use std::collections::BTreeMap;

use sidegate_iam::Requirement;

/// With the tags that a request gives.
pub(crate) fn with_request_tags(mut requirement: Requirement, tags: &BTreeMap<String, String>) -> Requirement {
    for (key, value) in tags {
        requirement = requirement.with(&format!("aws:RequestTag/{key}"), value.as_str());
    }
    if tags.is_empty() { requirement } else { requirement.with_many("aws:TagKeys", tags.keys().map(String::as_str)) }
}

/// With what a request gives for a condition key.
pub(crate) fn with_given<T: ToString>(requirement: Requirement, key: &str, given: Option<T>) -> Requirement {
    match given {
        Some(value) => requirement.with(key, value.to_string()),
        None => requirement,
    }
}

/// A time as AWS writes it in JSON: seconds since 1970.
pub(crate) fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}
