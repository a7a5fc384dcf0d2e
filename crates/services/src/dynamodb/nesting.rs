//! Values that are nested more deeply than an attribute may be.
//!
//! Up to some depth the engine refuses them itself. Beyond it no reader of JSON follows, where DynamoDB still tells what is
//! wrong: what lies too deep is cut off before the document is read, and what is told is found out here. So is what is told of
//! a transaction first, whose parts DynamoDB looks at one after the other.
//!
//! Source: developer guide, "Quotas in Amazon DynamoDB", "Attributes"; the words and their order are what DynamoDB was seen to
//! answer, in the public suite dynamodb-conformance.

mod document;
mod parameters;

use dynoxide::actions::{
    batch_get_item, batch_write_item, delete_item, get_item, put_item, query, scan, transact_get_items,
    transact_write_items, update_item,
};
use pollster::block_on;
use serde_json::{Map, Value, json};

use super::engine;
use super::fault::Fault;
use super::operation::Asked;
use super::shapes::{Member, OF_EXPRESSIONS, ON_ITEMS, Shape};
use document::READ;
pub(super) use document::{Document, read};

/// The most levels of an attribute: a value may lie in 31 maps and lists, and not in 32.
const MOST: usize = 32;

/// What the values of expressions of a transaction, and the parameters of a statement, may have more.
const MORE: usize = MOST + 1;

const TOO_DEEP: &str =
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";

/// The operations whose parameters the engine looks at, each at its place.
const OF_STATEMENTS: [&str; 3] = ["BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"];

/// What the members of a request that is nested beyond reading are told to be, in the order in which DynamoDB tells them.
const OPERATORS: [&str; 2] = ["OR", "AND"];
const RETURNED: [&str; 5] = ["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"];

/// Refuses a request in which a value is nested too deeply, where the engine would not, or not at this place.
///
/// # Errors
/// What DynamoDB tells of it first.
pub(super) fn check(asked: &mut Asked, is_cut: bool) -> Result<(), Fault> {
    if OF_STATEMENTS.contains(&asked.operation) {
        parameters::check(asked.operation, &mut asked.document);
        return if is_cut { check_rest(&asked.document) } else { Ok(()) };
    }
    if asked.operation == "TransactWriteItems" {
        return check_parts(asked, is_cut);
    }
    if !is_cut {
        return Ok(());
    }
    let told = replaced(asked.operation, &mut asked.document, MOST).ok_or(Fault::Serialization(None))?;
    check_rest(&asked.document)?;
    check_members(asked)?;
    Err(Fault::Validation(told))
}

/// What is nested as deeply and is no value, is not read.
fn check_rest(document: &Value) -> Result<(), Fault> {
    if depth(document) < READ { Ok(()) } else { Err(Fault::Serialization(None)) }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        Value::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// In how many maps and lists the deepest part of a value lies.
fn levels(value: &Value) -> usize {
    let map = value.get("M").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let list = value.get("L").and_then(Value::as_array).into_iter().flatten();
    map.chain(list).map(|value| 1 + levels(value)).max().unwrap_or_default()
}

/// Where a value is, as far as what is told depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    /// In the values of expressions, by this name.
    Named(String),
    StartKey,
    Other,
}

impl At {
    fn told(&self) -> String {
        match self {
            Self::Named(name) => {
                format!("ExpressionAttributeValues contains invalid value: {TOO_DEEP} for key {name}")
            }
            Self::StartKey => format!("The provided starting key is invalid: {TOO_DEEP}"),
            Self::Other => TOO_DEEP.to_owned(),
        }
    }

    /// The most levels of a value here, if at most so many are given elsewhere.
    fn least(&self, least: usize, is_transaction: bool) -> usize {
        if is_transaction && matches!(self, Self::Named(_)) { MORE } else { least }
    }
}

/// Puts a flat value of the same kind for each that has as many levels, and tells of the first.
fn replaced(operation: &str, document: &mut Value, least: usize) -> Option<String> {
    let mut first = None;
    let is_transaction = operation == "TransactWriteItems";
    each_value(operation, document, &mut |value, at| {
        if levels(value) >= at.least(least, is_transaction) {
            first.get_or_insert_with(|| at.told());
            *value = flat(value);
        }
    });
    first
}

fn flat(value: &Value) -> Value {
    if value.get("L").is_some() { json!({ "L": [] }) } else { json!({ "M": {} }) }
}

/// Visits the values of a request in their order.
fn each_value(operation: &str, document: &mut Value, visit: &mut dyn FnMut(&mut Value, &At)) {
    let Some((_, members)) = ON_ITEMS.iter().find(|(name, _)| *name == operation) else { return };
    in_members(document, members, visit);
    in_members(document, &OF_EXPRESSIONS, visit);
}

fn in_members(document: &mut Value, members: &[Member], visit: &mut dyn FnMut(&mut Value, &At)) {
    for (name, value) in document.as_object_mut().into_iter().flatten() {
        let Some((_, shape)) = members.iter().find(|(own, _)| own == name) else { continue };
        let at = match name.as_str() {
            "ExpressionAttributeValues" => At::Named(String::new()),
            "ExclusiveStartKey" => At::StartKey,
            _ => At::Other,
        };
        in_shape(value, shape, &at, visit);
    }
}

fn in_shape(value: &mut Value, shape: &Shape, at: &At, visit: &mut dyn FnMut(&mut Value, &At)) {
    match shape {
        Shape::Value => visit(value, at),
        Shape::Structure(_, members) => in_members(value, members, visit),
        Shape::List(element) => {
            for value in value.as_array_mut().into_iter().flatten() {
                in_shape(value, element, at, visit);
            }
        }
        Shape::Map(_, element) => {
            for (name, value) in value.as_object_mut().into_iter().flatten() {
                let at = if matches!(at, At::Named(_)) { At::Named(name.clone()) } else { at.clone() };
                in_shape(value, element, &at, visit);
            }
        }
        _ => {}
    }
}

/// The parts of a transaction are looked at one after the other, and in each what is beside a value before what is in it.
fn check_parts(asked: &mut Asked, is_cut: bool) -> Result<(), Fault> {
    let mut is_deep = false;
    each_value(asked.operation, &mut asked.document, &mut |value, at| is_deep |= levels(value) >= at.least(MOST, true));
    if !is_deep {
        return if is_cut { Err(Fault::Serialization(None)) } else { Ok(()) };
    }
    let mut whole = asked.document.clone();
    replaced(asked.operation, &mut whole, MOST);
    check_rest(&whole)?;
    if let Some(fault) = refusal_of(asked, &whole).filter(engine::is_of_members) {
        return Err(fault);
    }
    let items = asked.document.get("TransactItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (count, item) in items.iter().enumerate() {
        let mut part = json!({ "TransactItems": [item] });
        let Some(told) = replaced(asked.operation, &mut part.clone(), MOST) else { continue };
        each_value(asked.operation, &mut part, &mut |value, _| {
            if levels(value) > 0 {
                *value = flat(value);
            }
        });
        let mut until = whole.clone();
        if let (Some(items), Some(Value::Array(part))) = (
            until.get_mut("TransactItems").and_then(Value::as_array_mut),
            part.get_mut("TransactItems").map(Value::take),
        ) {
            items.truncate(count);
            items.extend(part);
        }
        return Err(refusal_of(asked, &until).unwrap_or(Fault::Validation(told)));
    }
    Ok(())
}

/// What the engine refuses of a transaction, whatever tables there are.
fn refusal_of(asked: &Asked, document: &Value) -> Option<Fault> {
    let refused = engine::request(document.clone()).and_then(|request| {
        asked.places.nothing().read(|storage| Ok(block_on(transact_write_items::execute(storage, request))?))
    });
    refused.err().filter(engine::is_of_request)
}

/// Refuses members that DynamoDB refuses before it looks at values.
fn check_members(asked: &Asked) -> Result<(), Fault> {
    let document = || asked.document.clone();
    check_choices(asked)?;
    match asked.operation {
        "PutItem" => engine::request::<put_item::PutItemRequest>(document()).map(drop),
        "GetItem" => engine::request::<get_item::GetItemRequest>(document()).map(drop),
        "DeleteItem" => engine::request::<delete_item::DeleteItemRequest>(document()).map(drop),
        "UpdateItem" => engine::request::<update_item::UpdateItemRequest>(document()).map(drop),
        "Query" => engine::request::<query::QueryRequest>(document()).map(drop),
        "Scan" => engine::request::<scan::ScanRequest>(document()).map(drop),
        "BatchGetItem" => engine::request::<batch_get_item::BatchGetItemRequest>(document()).map(drop),
        "TransactGetItems" => engine::request::<transact_get_items::TransactGetItemsRequest>(document()).map(drop),
        "BatchWriteItem" => {
            let fault = asked.refused(|storage, request| block_on(batch_write_item::execute(storage, request)));
            if engine::is_of_members(&fault) { Err(fault) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

/// What a request that is nested beyond reading is told of a choice that there is not, which is what each request was told
/// once.
fn check_choices(asked: &Asked) -> Result<(), Fault> {
    if !["PutItem", "UpdateItem", "DeleteItem"].contains(&asked.operation) {
        return Ok(());
    }
    let told = |member: &str, choices: &[&str]| {
        let given = asked.text(member).filter(|given| !choices.contains(given))?;
        let mut shown = member.to_owned();
        shown.get_mut(..1)?.make_ascii_lowercase();
        Some(format!(
            "Value '{given}' at '{shown}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
            choices.join(", ")
        ))
    };
    let choices = [told("ReturnValues", &RETURNED), told("ConditionalOperator", &OPERATORS)];
    let told: Vec<_> = choices.into_iter().flatten().collect();
    match told.len() {
        0 => {}
        1 => return Err(Fault::Validation(format!("1 validation error detected: {}", told.concat()))),
        count => return Err(Fault::Validation(format!("{count} validation errors detected: {}", told.join("; ")))),
    }
    let returned = asked.text("ReturnValues").unwrap_or("NONE");
    if asked.operation == "DeleteItem" && !["ALL_OLD", "NONE"].contains(&returned) {
        return Err(Fault::Validation("ReturnValues can only be ALL_OLD or NONE".to_owned()));
    }
    Ok(())
}

/// A value in so many maps.
#[cfg(test)]
fn nested(levels: usize) -> Value {
    (0..levels).fold(json!({ "S": "" }), |value, _| json!({ "M": { "n": value } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_a_value_depends_on_its_place() {
        let deep = nested(40);
        let first = |operation: &str, mut document: Value| {
            let told = replaced(operation, &mut document, MOST);
            assert!(depth(&document) < 12, "{document}");
            told
        };
        let named = format!("ExpressionAttributeValues contains invalid value: {TOO_DEEP} for key :d");
        let start = format!("The provided starting key is invalid: {TOO_DEEP}");
        for (operation, document, told) in [
            ("PutItem", json!({"Item": {"a": deep}}), TOO_DEEP),
            ("Scan", json!({"ExpressionAttributeValues": {":d": deep}}), &named),
            ("Scan", json!({"ExclusiveStartKey": {"pk": deep}}), &start),
            ("Scan", json!({"ScanFilter": {"a": {"AttributeValueList": [deep]}}}), TOO_DEEP),
            ("BatchGetItem", json!({"RequestItems": {"Item": {"Keys": [{"pk": deep}]}}}), TOO_DEEP),
            (
                "BatchWriteItem",
                json!({"RequestItems": {"Music": [{"DeleteRequest": {"Key": {"pk": deep}}}]}}),
                TOO_DEEP,
            ),
            (
                "TransactWriteItems",
                json!({"TransactItems": [{"Put": {"ExpressionAttributeValues": {":d": deep}, "Item": {"a": deep}}}]}),
                &named,
            ),
        ] {
            assert_eq!(first(operation, document.clone()).as_deref(), Some(told), "{operation} {document}");
        }
        assert_eq!(first("PutItem", json!({"Item": {"a": nested(3)}})), None);
        let most = json!({"TransactItems": [{"Put": {"ExpressionAttributeValues": {":d": nested(MOST)}}}]});
        assert_eq!(replaced("TransactWriteItems", &mut most.clone(), MOST), None, "the engine evaluates it");
    }
}
