//! What an operation on items does, as condition keys have it: whose items, which attributes, what is returned.
//!
//! Sources: developer guide, "Using IAM policy conditions for fine-grained access control"; Service authorization reference,
//! "Actions, resources, and condition keys for Amazon DynamoDB". What they leave open is in docs/claims.md.

use std::collections::BTreeSet;

use serde_json::Value;
use sidegate_iam::Requirement;

use super::expression::{Names, attributes, equal_to};
use super::table::Table;
use crate::asked::with_given;

/// The members of requests that are expressions.
const EXPRESSIONS: [&str; 6] = [
    "ProjectionExpression",
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "SearchConditionExpression",
    "UpdateExpression",
];

/// The members of requests whose members are attributes of the item.
const BY_ATTRIBUTE: [&str; 7] =
    ["Key", "Item", "Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter"];

/// The types of attributes that a key can have.
const OF_KEYS: [&str; 3] = ["S", "N", "B"];

/// The longest partition key, in bytes.
///
/// Source: developer guide, "Quotas in Amazon DynamoDB".
const LONGEST_KEY: usize = 2048;

/// What a part of a request does to the items of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Access {
    attributes: BTreeSet<String>,
    /// The partition keys of the items; `None` where it may be any.
    leading: Option<BTreeSet<String>>,
    select: Option<String>,
    return_values: Option<String>,
    consumed_capacity: Option<String>,
    enclosing: Option<&'static str>,
    full_scan: Option<bool>,
}

impl Access {
    /// What a document does that has a `Key` or an `Item`.
    pub(super) fn to_item(document: &Value, table: &Table) -> Self {
        let mut access = Self::of(document);
        access.add_key(document.get("Key").or_else(|| document.get("Item")), table);
        access
    }

    /// What a document does that reads an item.
    pub(super) fn reading_item(document: &Value, table: &Table) -> Self {
        Self { select: Some(selection(document, None)), ..Self::to_item(document, table) }
    }

    /// What a query does.
    pub(super) fn by_query(document: &Value, table: &Table) -> Self {
        let index = document.get("IndexName").and_then(Value::as_str);
        let mut access = Self { select: Some(selection(document, index)), ..Self::of(document) };
        // Without one there is no query; it is not to be taken for one that gives all.
        let given = table.partition_key(index).map(|key| queried(document, key)).unwrap_or_default();
        access.leading = Some(if given.is_empty() { BTreeSet::from([String::new()]) } else { given });
        access
    }

    /// What a scan does, which is about no key.
    pub(super) fn by_scan(document: &Value) -> Self {
        let index = document.get("IndexName").and_then(Value::as_str);
        Self { select: Some(selection(document, index)), ..Self::of(document) }
    }

    /// What `BatchGetItem` does to a table.
    pub(super) fn reading_items(document: &Value, table: &Table) -> Self {
        let mut access = Self { select: Some(selection(document, None)), ..Self::of(document) };
        for key in document.get("Keys").and_then(Value::as_array).into_iter().flatten() {
            access.add_attributes(key);
            access.add_key(Some(key), table);
        }
        access
    }

    /// What `BatchWriteItem` does to a table.
    pub(super) fn writing_items(requests: &Value, table: &Table) -> Self {
        let mut access = Self::default();
        for request in requests.as_array().into_iter().flatten() {
            let item = request.pointer("/PutRequest/Item").or_else(|| request.pointer("/DeleteRequest/Key"));
            if let Some(item) = item {
                access.add_attributes(item);
            }
            access.add_key(item, table);
        }
        access
    }

    /// What a statement does.
    pub(super) fn by_statement(attributes: BTreeSet<String>, leading: Option<BTreeSet<String>>) -> Self {
        Self { attributes, leading, ..Self::default() }
    }

    /// With whether it reads all of the table.
    pub(super) fn scanning(mut self, is_full: bool) -> Self {
        self.full_scan = Some(is_full);
        self
    }

    /// With what is selected.
    pub(super) fn selecting(mut self, select: &str) -> Self {
        self.select = Some(select.to_owned());
        self
    }

    /// With what is returned of the items that it writes, and whether one is that does not meet the condition.
    pub(super) fn returning(mut self, values: Option<&str>, returns_failed: bool) -> Self {
        self.return_values = shown(values, returns_failed).map(str::to_owned);
        self
    }

    /// As a part of a transaction.
    pub(super) fn enclosed_by(mut self, operation: &'static str) -> Self {
        self.enclosing = Some(operation);
        self
    }

    /// With what the whole request asks for.
    pub(super) fn in_request(mut self, request: &Value) -> Self {
        let given = |name: &str| request.get(name).and_then(Value::as_str).map(str::to_owned);
        self.consumed_capacity = self.consumed_capacity.or_else(|| given("ReturnConsumedCapacity"));
        self
    }

    /// A requirement with the condition keys.
    pub(super) fn asked_of(self, requirement: Requirement) -> Requirement {
        let requirement = with_given(requirement, "dynamodb:Select", self.select);
        let requirement = with_given(requirement, "dynamodb:ReturnValues", self.return_values);
        let requirement = with_given(requirement, "dynamodb:ReturnConsumedCapacity", self.consumed_capacity);
        let requirement = with_given(requirement, "dynamodb:EnclosingOperation", self.enclosing);
        let mut requirement = with_given(requirement, "dynamodb:FullTableScan", self.full_scan);
        if let Some(leading) = self.leading {
            let told = leading.into_iter().map(|key| if key.is_empty() { no_key() } else { key });
            requirement = requirement.with_many("dynamodb:LeadingKeys", told);
        }
        if self.attributes.is_empty() {
            return requirement;
        }
        requirement.with_many("dynamodb:Attributes", self.attributes)
    }

    fn of(document: &Value) -> Self {
        let mut access = Self::default();
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        let names = Names::of(document);
        for expression in EXPRESSIONS.into_iter().filter_map(text) {
            access.attributes.extend(attributes(expression, names).into_iter().map(str::to_owned));
        }
        BY_ATTRIBUTE.into_iter().filter_map(|name| document.get(name)).for_each(|part| access.add_attributes(part));
        let named = document.get("AttributesToGet").and_then(Value::as_array).into_iter().flatten();
        access.attributes.extend(named.filter_map(Value::as_str).map(str::to_owned));
        access.return_values = shown(text("ReturnValues"), returned_at_last(document)).map(str::to_owned);
        access.consumed_capacity = text("ReturnConsumedCapacity").map(str::to_owned);
        access
    }

    fn add_attributes(&mut self, part: &Value) {
        self.attributes.extend(part.as_object().into_iter().flat_map(|part| part.keys().cloned()));
    }

    fn add_key(&mut self, item: Option<&Value>, table: &Table) {
        let Some(attribute) = table.partition_key(None) else { return };
        // An item without a key is refused; it is not to be taken for one that has any.
        let key = item.and_then(|item| item.get(attribute)).and_then(key_text).unwrap_or_default();
        self.leading.get_or_insert_default().insert(key);
    }
}

/// What a request selects, given or not.
///
/// Source: API reference, "Query", `Select`.
fn selection(document: &Value, index: Option<&str>) -> String {
    let is_given = |name: &str| document.get(name).is_some_and(|value| !value.is_null());
    match document.get("Select").and_then(Value::as_str) {
        Some(select) => select,
        None if is_given("ProjectionExpression") || is_given("AttributesToGet") => "SPECIFIC_ATTRIBUTES",
        None if index.is_some() => "ALL_PROJECTED_ATTRIBUTES",
        None => "ALL_ATTRIBUTES",
    }
    .to_owned()
}

/// What `dynamodb:ReturnValues` says. An item that comes back because it does not meet a condition is all of the old one; who
/// sees all of the new one sees no less.
fn shown(values: Option<&str>, returns_failed: bool) -> Option<&str> {
    if returns_failed && values != Some("ALL_NEW") { Some("ALL_OLD") } else { values }
}

/// Whether a document asks for the item that does not meet its condition.
pub(super) fn returned_at_last(document: &Value) -> bool {
    document.get("ReturnValuesOnConditionCheckFailure").and_then(Value::as_str) == Some("ALL_OLD")
}

/// What is told where there must be a key and none was read: something that no key can be, and that is not empty, since an
/// empty text is no value to `ForAllValues`.
fn no_key() -> String {
    "no key ".repeat(LONGEST_KEY / 7 + 1)
}

/// The partition keys that a query gives: one, unless it is refused.
fn queried(document: &Value, attribute: &str) -> BTreeSet<String> {
    if let Some(condition) = document.get("KeyConditionExpression").and_then(Value::as_str) {
        let of_value = |value| key_text(document.get("ExpressionAttributeValues")?.get(value)?);
        let given = equal_to(condition, Names::of(document), attribute);
        return given.map(|value| of_value(value).unwrap_or_default()).collect();
    }
    let given = || document.get("KeyConditions")?.get(attribute)?.get("AttributeValueList")?.as_array();
    given().into_iter().flatten().map(|value| key_text(value).unwrap_or_default()).collect()
}

/// The value of a key as text. Numbers that are equal have the same. A member that is null counts for nothing, as with
/// DynamoDB, and so does one that is no type.
pub(super) fn key_text(value: &Value) -> Option<String> {
    let mut given =
        OF_KEYS.into_iter().filter_map(|kind| Some((kind, value.get(kind).filter(|value| !value.is_null())?)));
    let (kind, text) = given.next()?;
    let text = text.as_str().filter(|_| given.next().is_none())?;
    Some(if kind == "N" { number(text) } else { text.to_owned() })
}

/// A number as it is written without an exponent and without needless zeros.
pub(super) fn number(text: &str) -> String {
    let text = text.trim();
    let plain = || {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let exponent = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        let significant = digits.trim_start_matches('0');
        let short = significant.trim_end_matches('0');
        if short.is_empty() {
            return Some("0".to_owned());
        }
        let exponent = exponent.checked_add(i32::try_from(significant.len() - short.len()).ok()?)?;
        // DynamoDB's numbers have magnitudes of up to 126.
        let zeros = usize::try_from(exponent.unsigned_abs()).ok().filter(|zeros| *zeros <= 200)?;
        Some(match exponent {
            0.. => format!("{sign}{short}{}", "0".repeat(zeros)),
            _ if zeros < short.len() => {
                let (whole, fraction) = short.split_at(short.len() - zeros);
                format!("{sign}{whole}.{fraction}")
            }
            _ => format!("{sign}0.{}{short}", "0".repeat(zeros - short.len())),
        })
    };
    plain().unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_the_value_has_of_the_types_of_keys() {
        let text = |value: Value| key_text(&value);
        assert_eq!(text(serde_json::json!({"S": "a"})).as_deref(), Some("a"));
        assert_eq!(text(serde_json::json!({"A": "mine", "S": "other"})).as_deref(), Some("other"));
        assert_eq!(text(serde_json::json!({"B": null, "N": "1.0"})).as_deref(), Some("1"));
        assert_eq!(text(serde_json::json!({"S": "a", "N": "1"})), None);
        assert!(no_key().len() > LONGEST_KEY);
    }

    #[test]
    fn equal_numbers_are_written_alike() {
        for (given, expected) in [
            ("1", "1"),
            ("1.0", "1"),
            ("001", "1"),
            ("+1", "1"),
            ("1e2", "100"),
            ("10E-1", "1"),
            ("-0.50", "-0.5"),
            ("1.25e-3", "0.00125"),
            ("0.0", "0"),
            ("-0", "0"),
            ("1e500", "1e500"),
            ("x", "x"),
        ] {
            assert_eq!(number(given), expected, "{given}");
        }
    }
}
