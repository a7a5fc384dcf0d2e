//! Members of the wrong type: a request that has one is not read at all, whatever else is wrong with it.
//!
//! Source: what DynamoDB was seen to answer, as the authors of dynalite and of the engine recorded it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::fault::Fault;
use super::shapes::{Member, OF_EXPRESSIONS, OF_VALUES, ON_ITEMS, ON_TABLES, Shape};

/// What stands before the names of the types of structures.
const CLASSES: &str = "com.amazonaws.dynamodb.v20120810";

const STRUCTURE: &str = "Start of structure or map found where not expected";
const MEMBER: &str = "Unexpected field type";
const ELEMENT: &str = "Unexpected value type in payload";

/// What is told where a list or a map was to be inside another.
const CAST: &str = "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class \
                    (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base \
                    of loader 'bootstrap')";

/// The texts that are taken for a flag, in any case.
const FLAGS: [&str; 10] = ["true", "t", "yes", "y", "1", "false", "f", "no", "n", "0"];

/// Where a value is: a member of a structure, or an element of a list or a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Member,
    Element,
}

/// Refuses a request with a member of the wrong type.
///
/// # Errors
/// The first of them, those that hold others first.
pub(super) fn check(operation: &str, document: &Value) -> Result<(), Fault> {
    let on_items = ON_ITEMS.iter().find(|(name, _)| *name == operation);
    let Some((_, members)) = on_items.or_else(|| ON_TABLES.iter().find(|(name, _)| *name == operation)) else {
        return Ok(());
    };
    let Some(document) = document.as_object() else { return Ok(()) };
    let of_expressions = if operation == "SearchVectors" { &[][..] } else { &OF_EXPRESSIONS };
    match of_members(document, members).or_else(|| of_members(document, of_expressions)) {
        Some(told) => Err(Fault::Serialization(Some(told.into_owned()))),
        None => Ok(()),
    }
}

/// What is told of the first member that is of the wrong type.
fn of_members(document: &Map<String, Value>, members: &[Member]) -> Option<Cow<'static, str>> {
    members.iter().find_map(|(name, shape)| told(document.get(*name)?, shape, Place::Member))
}

/// What is told of a value that is not what it is to be.
fn told(value: &Value, shape: &Shape, place: Place) -> Option<Cow<'static, str>> {
    let misplaced = if place == Place::Member { MEMBER } else { ELEMENT };
    match (shape, value) {
        (Shape::Any, _) | (_, Value::Null) => None,
        (Shape::Text, value) => scalar("java.lang", "String", value, Value::is_string),
        (Shape::Flag, value) => scalar("java.lang", "Boolean", value, is_flag),
        (Shape::Integer, value) => scalar("java.lang", "Integer", value, Value::is_number),
        (Shape::Long, value) => scalar("java.lang", "Long", value, Value::is_number),
        (Shape::Blob, value) => scalar("java.nio", "ByteBuffer", value, Value::is_string),
        (Shape::Structure(_, members), Value::Object(document)) => of_members(document, members),
        (Shape::Value, Value::Object(document)) => of_members(document, &OF_VALUES),
        (Shape::Structure(class, _), Value::Array(_)) => Some(collection(&format!("class {CLASSES}.{class}"))),
        (Shape::Value, Value::Array(_)) => Some(collection(&format!("class {CLASSES}.AttributeValue"))),
        (Shape::Structure(..) | Shape::Value, _) => Some(misplaced.into()),
        (Shape::List(element), Value::Array(elements)) => {
            // What an element is, is looked at before what is in it.
            elements
                .iter()
                .find_map(|value| is_other(value, element))
                .or_else(|| elements.iter().find_map(|value| told(value, element, Place::Element)))
        }
        (Shape::Map(_, element), Value::Object(members)) => {
            members.values().find_map(|value| told(value, element, Place::Element))
        }
        (Shape::List(_) | Shape::Map(..), _) if place == Place::Element => Some(CAST.into()),
        (Shape::List(_), Value::Object(_)) => Some(STRUCTURE.into()),
        (Shape::Map(class, _), Value::Array(_)) => {
            Some(collection(&format!("java.util.Map<java.lang.String, {class}>")))
        }
        (Shape::List(_) | Shape::Map(..), _) => Some(MEMBER.into()),
    }
}

/// What is told of an element that is to be a structure and is none.
fn is_other(value: &Value, shape: &Shape) -> Option<Cow<'static, str>> {
    let is_structure = matches!(shape, Shape::Structure(..) | Shape::Value);
    (is_structure && !value.is_object()).then(|| told(value, shape, Place::Element)).flatten()
}

fn collection(class: &str) -> Cow<'static, str> {
    format!("Unrecognized collection type {class}").into()
}

/// A value that is to be a scalar of a class.
fn scalar(package: &str, class: &str, value: &Value, is: fn(&Value) -> bool) -> Option<Cow<'static, str>> {
    if is(value) {
        return None;
    }
    let kind = match value {
        Value::Array(_) => return Some(collection(&format!("class {package}.{class}"))),
        Value::Object(_) => return Some(STRUCTURE.into()),
        _ if class == "ByteBuffer" => return Some("only base-64-encoded strings are convertible to bytes".into()),
        Value::String(_) if class == "Boolean" => return Some("Unexpected token received from parser".into()),
        Value::String(_) => "STRING",
        Value::Number(number) if number.is_f64() => "DECIMAL",
        Value::Number(_) => "NUMBER",
        Value::Bool(true) => "TRUE",
        Value::Bool(false) | Value::Null => "FALSE",
    };
    Some(format!("{kind}_VALUE cannot be converted to {class}").into())
}

fn is_flag(value: &Value) -> bool {
    let is_read = |text: &str| FLAGS.iter().any(|flag| flag.eq_ignore_ascii_case(text));
    value.is_boolean() || value.as_str().is_some_and(is_read)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(operation: &str, document: &Value) -> Option<String> {
        check(operation, document).err().map(|fault| fault.to_string())
    }

    #[test]
    fn a_member_of_the_wrong_type_is_told_in_the_words_of_dynamodb() {
        let wrong = [
            ("CreateTable", json!({"KeySchema": "x"}), "Unexpected field type"),
            ("CreateTable", json!({"KeySchema": {}}), STRUCTURE),
            ("CreateTable", json!({"KeySchema": [1]}), "Unexpected value type in payload"),
            (
                "CreateTable",
                json!({"KeySchema": [[]]}),
                "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.KeySchemaElement",
            ),
            ("CreateTable", json!({"KeySchema": [{"KeyType": 1}]}), "NUMBER_VALUE cannot be converted to String"),
            (
                "UpdateTable",
                json!({"ProvisionedThroughput": {"ReadCapacityUnits": "5"}}),
                "STRING_VALUE cannot be converted to Long",
            ),
            ("UpdateTable", json!({"ProvisionedThroughput": ""}), "Unexpected field type"),
            (
                "UpdateTable",
                json!({"GlobalSecondaryIndexUpdates": [{"Create": []}]}),
                "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.CreateGlobalSecondaryIndexAction",
            ),
            ("CreateTable", json!({"DeletionProtectionEnabled": "x"}), "Unexpected token received from parser"),
            ("TagResource", json!({"Tags": ["x"]}), "Unexpected value type in payload"),
            ("ListTables", json!({"Limit": "5"}), "STRING_VALUE cannot be converted to Integer"),
            ("PutItem", json!({"Item": {"a": {"S": true}}}), "TRUE_VALUE cannot be converted to String"),
            ("PutItem", json!({"Item": {"a": {"L": [{"N": 1.5}]}}}), "DECIMAL_VALUE cannot be converted to String"),
            ("PutItem", json!({"Item": {"a": 1}}), "Unexpected value type in payload"),
            (
                "PutItem",
                json!({"Item": []}),
                "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>",
            ),
            ("PutItem", json!({"Item": {"a": {"B": 5}}}), "only base-64-encoded strings are convertible to bytes"),
            ("BatchGetItem", json!({"RequestItems": {"Music": {"Keys": ["x"]}}}), CAST),
            ("BatchWriteItem", json!({"RequestItems": {"Music": {}}}), CAST),
            ("Query", json!({"ConsistentRead": 0}), "NUMBER_VALUE cannot be converted to Boolean"),
            ("Query", json!({"ExpressionAttributeNames": {"#a": {}}}), STRUCTURE),
        ];
        for (operation, document, told) in wrong {
            assert_eq!(refused(operation, &document).as_deref(), Some(told), "{operation} {document}");
        }
    }

    #[test]
    fn what_is_of_its_type_or_not_there_or_no_member_is_let_through() {
        for (operation, document) in [
            ("CreateTable", json!({"KeySchema": null, "TableName": "Music", "Unknown": []})),
            ("Query", json!({"ConsistentRead": "YES", "Limit": 5, "ScanIndexForward": false})),
            ("PutItem", json!({"Item": {"a": {"M": {"S": {"NULL": true}}}, "b": {"S": null, "N": "1"}}})),
            ("SearchVectors", json!({"SearchVector": 1})),
            ("DescribeLimits", json!({"TableName": 1})),
        ] {
            assert_eq!(refused(operation, &document), None, "{operation} {document}");
        }
    }
}
