//! Texts of the API: ARNs, times, and policy documents as answers have them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sidegate_model::AccountId;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What RFC 3986 does not call unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The ARN of something in an account. The path begins and ends with a slash.
pub(super) fn arn(account: &AccountId, kind: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:{kind}{path}{name}")
}

/// The key under which a name is kept: names that differ in case alone are the same.
///
/// Source: IAM user guide, "IAM and AWS STS quotas", names.
pub(super) fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// A time in milliseconds as AWS writes it in XML.
pub(crate) fn date(milliseconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(milliseconds.div_euclid(1000))
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// A policy document, as every answer has it: encoded by RFC 3986.
pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_encoded_as_rfc_3986_says() {
        assert_eq!(encoded(r#"{"a": "b-c_d.e~f*"}"#), "%7B%22a%22%3A%20%22b-c_d.e~f%2A%22%7D");
    }

    #[test]
    fn a_time_has_whole_seconds() {
        assert_eq!(date(1_750_000_000_123), "2025-06-15T15:06:40Z");
    }
}
