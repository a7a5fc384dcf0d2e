//! The policy of a form: until when it holds, and what it says of the fields.
//!
//! Source: S3 API reference, "Creating a POST Policy".

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::S3ErrorCode;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Fault;

/// A policy.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Policy {
    /// Unix milliseconds.
    expires: i128,
    conditions: Vec<Condition>,
    /// The sizes that the file may have.
    pub(super) sizes: Option<RangeInclusive<u64>>,
}

/// What a policy says of a field, by its name in lower case.
#[derive(Debug, PartialEq, Eq)]
struct Condition {
    field: String,
    value: String,
    is_prefix: bool,
}

impl Condition {
    fn holds(&self, value: &str) -> bool {
        match self.is_prefix {
            false => value == self.value,
            // Of several types each has to begin so.
            true if self.field == "content-type" => {
                value.split(',').all(|value| value.trim_start().starts_with(&self.value))
            }
            true => value.starts_with(&self.value),
        }
    }

    /// As S3 shows it.
    fn shown(&self) -> String {
        let kind = if self.is_prefix { "starts-with" } else { "eq" };
        let quoted = |text: &str| Value::from(text).to_string();
        format!("[\"{kind}\", {}, {}]", quoted(&format!("${}", self.field)), quoted(&self.value))
    }
}

fn invalid(why: &str) -> Fault {
    Fault::new(S3ErrorCode::InvalidPolicyDocument, format!("Invalid Policy: {why}"))
}

fn violated(why: &str) -> Fault {
    Fault::new(S3ErrorCode::AccessDenied, format!("Invalid according to Policy: {why}"))
}

impl Policy {
    /// The policy of a field, which is JSON in base64.
    pub(super) fn parse(encoded: &str) -> Result<Self, Fault> {
        // Browsers may break lines.
        let packed: String = encoded.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        let bytes = BASE64.decode(packed).map_err(|_| invalid("Invalid Base64."))?;
        let text = String::from_utf8(bytes).map_err(|_| invalid("Invalid JSON."))?;
        let document: Value = serde_json::from_str(&unescaped(&text)).map_err(|_| invalid("Invalid JSON."))?;
        let members = document.as_object().ok_or_else(|| invalid("Invalid JSON."))?;
        if let Some(unknown) = members.keys().find(|name| !["expiration", "conditions"].contains(&name.as_str())) {
            return Err(invalid(&format!("Unexpected: '{unknown}'.")));
        }
        let expiration = members.get("expiration").ok_or_else(|| invalid("Policy missing expiration."))?;
        let expiration = expiration.as_str().unwrap_or_default();
        let expires = OffsetDateTime::parse(expiration, &Rfc3339).ok().filter(|_| expiration.ends_with('Z'));
        let expires = expires.ok_or_else(|| invalid(&format!("Invalid 'expiration' value: '{expiration}'")))?;
        let conditions = members.get("conditions").ok_or_else(|| invalid("Policy missing conditions."))?;
        let conditions = conditions.as_array().ok_or_else(|| invalid("Invalid 'conditions' value: must be a List."))?;
        let expires = expires.unix_timestamp_nanos() / 1_000_000;
        let mut policy = Self { expires, conditions: Vec::new(), sizes: None };
        conditions.iter().try_for_each(|condition| policy.add(condition))?;
        Ok(policy)
    }

    fn add(&mut self, condition: &Value) -> Result<(), Fault> {
        match condition {
            Value::Object(members) => {
                let mut members = members.iter();
                let (Some((name, value)), None) = (members.next(), members.next()) else {
                    return Err(invalid(
                        "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
                    ));
                };
                let value =
                    value.as_str().ok_or_else(|| invalid("Invalid Simple-Condition: value must be a string."))?;
                self.conditions.push(Condition {
                    field: name.to_ascii_lowercase(),
                    value: value.to_owned(),
                    is_prefix: false,
                });
                Ok(())
            }
            Value::Array(members) => self.add_list(members),
            _ => Err(invalid("Invalid Condition: must be a List or an Object.")),
        }
    }

    fn add_list(&mut self, members: &[Value]) -> Result<(), Fault> {
        let operator = members.first().and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        let wrong = |why: &str| invalid(&format!("Invalid {operator}: {why}"));
        let [_, second, third] = members else {
            return Err(wrong(&format!("wrong number of arguments: {}.", members.len().saturating_sub(1))));
        };
        match operator.as_str() {
            "content-length-range" => {
                let number = |value: &Value| match value {
                    Value::Number(number) => number.as_u64(),
                    Value::String(text) => text.parse().ok(),
                    _ => None,
                };
                let (Some(least), Some(most)) = (number(second), number(third)) else {
                    return Err(wrong("arguments must be non-negative integers."));
                };
                // Each range that a policy has holds.
                let (own_least, own_most) = self.sizes.as_ref().map_or((0, u64::MAX), |own| (*own.start(), *own.end()));
                self.sizes = Some(least.max(own_least)..=most.min(own_most));
                Ok(())
            }
            "eq" | "starts-with" => {
                let name = second.as_str().and_then(|name| name.strip_prefix('$'));
                let (Some(name), Some(value)) = (name, third.as_str()) else {
                    return Err(wrong("arguments must be a field, with a dollar sign before it, and a string."));
                };
                let is_prefix = operator == "starts-with";
                let (field, value) = (name.to_ascii_lowercase(), value.to_owned());
                self.conditions.push(Condition { field, value, is_prefix });
                Ok(())
            }
            _ => Err(invalid(&format!("Invalid Condition: unknown operation '{operator}'."))),
        }
    }

    /// Whether the policy still holds, its conditions hold for these fields, and it has a condition for each of them.
    pub(super) fn check(&self, fields: &[(String, String)], now: i64) -> Result<(), Fault> {
        if self.expires <= i128::from(now) {
            return Err(violated("Policy expired."));
        }
        for condition in &self.conditions {
            let value = fields.iter().find(|(name, _)| *name == condition.field).map(|(_, value)| value.as_str());
            if !value.is_some_and(|value| condition.holds(value)) {
                return Err(violated(&format!("Policy Condition failed: {}", condition.shown())));
            }
        }
        let extra: Vec<&str> = fields
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !is_free(name) && self.conditions.iter().all(|condition| condition.field != *name))
            .collect();
        if extra.is_empty() { Ok(()) } else { Err(violated(&format!("Extra input fields: {}", extra.join(", ")))) }
    }
}

/// Whether a field needs no condition.
fn is_free(name: &str) -> bool {
    matches!(name, "x-amz-signature" | "file" | "policy" | "awsaccesskeyid" | "signature")
        || name.starts_with("x-ignore-")
}

/// A policy may write characters that JSON does not: a dollar sign with a backslash before it, and `\v`.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('$') => plain.push('$'),
            Some('v') => plain.push_str("\\u000b"),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(fault: Fault) -> String {
        let (error, _) = fault.into_parts();
        format!("{}: {}", error.code().as_str(), error.message().unwrap_or_default())
    }

    fn parse(text: &str) -> Result<Policy, String> {
        Policy::parse(&BASE64.encode(text)).map_err(told)
    }

    fn check(conditions: &str, fields: &[(&str, &str)]) -> Result<(), String> {
        let policy = parse(&format!(r#"{{"expiration": "2030-01-01T00:00:00.000Z", "conditions": {conditions}}}"#))?;
        let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        policy.check(&fields, 1_750_000_000_000).map_err(told)
    }

    #[test]
    fn every_field_is_held_against_its_conditions_and_has_one() {
        let conditions = r#"[{"bUcKeT": "docs"}, ["StArTs-WiTh", "$KeY", "u/"], ["eq", "$acl", "private"]]"#;
        let good = [("bucket", "docs"), ("key", "u/a"), ("acl", "private"), ("x-ignore-a", "b"), ("policy", "p")];
        assert_eq!(check(conditions, &good), Ok(()));
        for (name, value, message) in [
            ("bucket", "other", r#"Policy Condition failed: ["eq", "$bucket", "docs"]"#),
            ("key", "v/a", r#"Policy Condition failed: ["starts-with", "$key", "u/"]"#),
            ("acl", "PRIVATE", r#"Policy Condition failed: ["eq", "$acl", "private"]"#),
            ("x-ignore-a", "", ""),
        ] {
            let changed = good.map(|(own, kept)| (own, if own == name { value } else { kept }));
            let expected = if message.is_empty() {
                Ok(())
            } else {
                Err(format!("AccessDenied: Invalid according to Policy: {message}"))
            };
            assert_eq!(check(conditions, &changed), expected);
        }
        let extra = [("bucket", "docs"), ("key", "u/"), ("acl", "private"), ("x-amz-meta-a", "b")];
        assert_eq!(
            check(conditions, &extra),
            Err("AccessDenied: Invalid according to Policy: Extra input fields: x-amz-meta-a".to_owned())
        );
        assert!(check(conditions, &good[..2]).is_err(), "a field with a condition may not be missing");
        assert_eq!(
            check(r#"[["starts-with", "$content-type", "image/"]]"#, &[("content-type", "image/a, image/b")]),
            Ok(())
        );
        assert!(
            check(r#"[["starts-with", "$content-type", "image/"]]"#, &[("content-type", "image/a,text/b")]).is_err()
        );
        assert_eq!(check(r#"[["eq", "$key", "\$a"]]"#, &[("key", "$a")]), Ok(()));
        assert_eq!(check(r#"[["eq", "$key", "\\$a"]]"#, &[("key", "\\$a")]), Ok(()));
    }

    #[test]
    fn a_policy_that_is_none_is_refused_as_such() {
        let with =
            |conditions: &str| format!(r#"{{"expiration": "2030-01-01T00:00:00Z", "conditions": {conditions}}}"#);
        for text in [
            "{".to_owned(),
            "[]".to_owned(),
            r#"{"conditions": []}"#.to_owned(),
            r#"{"expiration": "2030-01-01T00:00:00Z"}"#.to_owned(),
            r#"{"expiration": "2030-01-01 00:00:00", "conditions": []}"#.to_owned(),
            r#"{"EXPIRATION": "2030-01-01T00:00:00Z", "conditions": []}"#.to_owned(),
            with("{}"),
            with("[{}]"),
            with(r#"[{"a": "b", "c": "d"}]"#),
            with("[1]"),
            with("[[]]"),
            with(r#"[["content-length-range", 0]]"#),
            with(r#"[["content-length-range", -1, 0]]"#),
            with(r#"[["eq", "key", "a"]]"#),
            with(r#"[["like", "$key", "a"]]"#),
        ] {
            let refused = parse(&text).unwrap_err();
            assert!(refused.starts_with("InvalidPolicyDocument: Invalid Policy: "), "{text}: {refused}");
        }
        assert_eq!(parse(&with(r#"[["content-length-range", 1, "9"]]"#)).unwrap().sizes, Some(1..=9));
        let expired = parse(r#"{"expiration": "2020-01-01T00:00:00Z", "conditions": []}"#).unwrap();
        assert_eq!(
            expired.check(&[], 1_750_000_000_000).map_err(told),
            Err("AccessDenied: Invalid according to Policy: Policy expired.".to_owned())
        );
    }
}
