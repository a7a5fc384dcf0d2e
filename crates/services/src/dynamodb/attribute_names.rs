//! How long the name of an attribute may be.
//!
//! Source: developer guide, "Quotas in Amazon DynamoDB", "Attributes"; the words are those of DynamoDB Local.

use serde_json::Value;

use super::fault::Fault;

/// The longest name, in bytes. No shorter document has a longer one.
pub(super) const LONGEST: usize = 65_535;

/// Refuses a document in which a name is too long.
pub(super) fn check(document: &Value) -> Result<(), Fault> {
    if has_longer(document, LONGEST) {
        return Err(Fault::Validation("Attribute name is too large, must be less than 65536 bytes".to_owned()));
    }
    Ok(())
}

/// Whether a member of it has a longer name, or stands in an expression for an attribute that has one.
fn has_longer(value: &Value, longest: usize) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, member)| {
            let is_alias = |member: &Value| member.as_str().is_some_and(|name| name.len() > longest);
            let aliases = member.as_object().filter(|_| name == "ExpressionAttributeNames");
            name.len() > longest
                || aliases.is_some_and(|aliases| aliases.values().any(is_alias))
                || has_longer(member, longest)
        }),
        Value::Array(items) => items.iter().any(|item| has_longer(item, longest)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_counted_in_bytes_wherever_they_are() {
        let (long, fine) = ("\u{e9}".repeat(15) + "x", "\u{e9}".repeat(15));
        let documents = |name: &str| {
            [
                json!({"Item": {name: {"S": "x"}}}),
                json!({"Item": {"m": {"M": {"l": {"L": [{"M": {name: {"S": "x"}}}]}}}}}),
                json!({"ExpressionAttributeNames": {"#a": name}}),
            ]
        };
        for document in documents(&long) {
            assert!(has_longer(&document, 30), "{document}");
        }
        for document in documents(&fine) {
            assert!(!has_longer(&document, 30), "{document}");
        }
        assert!(!has_longer(&json!({"Item": {"a": {"S": long}}}), 30));
    }
}
