//! `BatchGetItem` and `BatchWriteItem`: items of several tables, also of several accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dynoxide::actions::{batch_get_item, batch_write_item};
use pollster::block_on;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::access::{Access, key_text};
use super::engine;
use super::expression;
use super::fault::Fault;
use super::members;
use super::name::TableName;
use super::numbers;
use super::operation::{Act, Asked, Prepared, Use, act};
use super::place::{Place, Room};
use super::table::Table;

/// The most items that a request may get, and that it may write.
const MOST: [(&str, usize); 2] = [("BatchGetItem", 100), ("BatchWriteItem", 25)];

/// What a request is told that would put and delete at once.
///
/// Source: tests of others against DynamoDB.
const SEVERAL: &str =
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";

pub(super) fn get(mut asked: Asked) -> Result<Prepared, Fault> {
    for part in parts(&mut asked).filter_map(Value::as_object_mut) {
        members::only(part, &["Keys", "AttributesToGet", "ConsistentRead", "ProjectionExpression"]);
    }
    let count = |part: &Value| part.get("Keys").and_then(Value::as_array).map_or(0, Vec::len);
    on_tables(asked, Use::Read, Access::reading_items, count, |storage, request| {
        block_on(batch_get_item::execute(storage, request))
    })
}

pub(super) fn write(mut asked: Asked) -> Result<Prepared, Fault> {
    for request in parts(&mut asked).filter_map(Value::as_array_mut).flatten() {
        let Some(members) = request.as_object_mut() else { continue };
        members::one(members, &["PutRequest", "DeleteRequest"], SEVERAL)?;
        let parts = [request.pointer("/PutRequest/Item"), request.pointer("/DeleteRequest/Key")];
        let attributes = parts.into_iter().flatten().filter_map(Value::as_object).flat_map(Map::values);
        attributes.into_iter().try_for_each(numbers::check)?;
    }
    let requests = asked.document.get("RequestItems").and_then(Value::as_object);
    let requests = || requests.into_iter().flat_map(Map::values).filter_map(Value::as_array).flatten();
    let is_deletion = requests().all(|request| request.get("PutRequest").is_none());
    let used = Use::Write(if is_deletion { Room::Freed } else { Room::Taken });
    let count = |part: &Value| part.as_array().map_or(0, Vec::len);
    on_tables(asked, used, Access::writing_items, count, |storage, request| {
        block_on(batch_write_item::execute(storage, request))
    })
}

/// What a request has for each table.
fn parts(asked: &mut Asked) -> impl Iterator<Item = &mut Value> {
    let tables = asked.document.get_mut("RequestItems").and_then(Value::as_object_mut);
    tables.into_iter().flat_map(Map::values_mut)
}

/// The part of a batch that is in one place.
struct Part {
    place: Arc<Place>,
    /// What the document has for each table, by its name.
    items: Map<String, Value>,
}

fn on_tables<R: DeserializeOwned + Send + 'static, A: Serialize + 'static>(
    mut asked: Asked, used: Use, access: fn(&Value, &Table) -> Access, count: fn(&Value) -> usize, run: Act<R, A>,
) -> Result<Prepared, Fault> {
    let Some(Value::Object(given)) = asked.document.get("RequestItems").cloned() else {
        return Err(asked.refused(run));
    };
    let together: usize = given.values().map(count).sum();
    let mut parts: BTreeMap<_, Part> = BTreeMap::new();
    let (mut requirements, mut keys) = (Vec::new(), Vec::new());
    // What tables are called in the answer where that is not their name.
    let mut called = BTreeMap::new();
    for (text, items) in given {
        let Some(name) = TableName::read(asked.scope(), &text)? else { return Err(asked.refused(run)) };
        let table = Table::find(&asked.places, name)?;
        expression::check(&items)?;
        check_repetition(&items)?;
        let access = access(&items, &table).in_request(&asked.document);
        requirements.push(access.asked_of(table.requirement(asked.operation)));
        let (account, name) = (table.name.account.clone(), table.name.name.clone());
        if text != name {
            called.insert((account.clone(), name.clone()), text);
        }
        let part = parts.entry(account).or_insert_with(|| Part { place: Arc::clone(&table.place), items: Map::new() });
        if part.items.insert(name, items).is_some() {
            return Err(Fault::Validation("The request names a table twice.".to_owned()));
        }
        keys.extend(super::encryption::WrappedKey::of(&table));
    }
    if parts.is_empty() {
        return Err(asked.refused(run));
    }
    check_count(&asked, together, parts.len())?;
    let mut work = Vec::new();
    for (account, Part { place, items }) in parts {
        if let Some(member) = asked.document.get_mut("RequestItems") {
            *member = Value::Object(items);
        }
        let document = asked.document.clone();
        engine::request::<R>(document.clone())?;
        work.push((account, place, document));
    }
    let mut prepared = Prepared::new(requirements, move |allowed| {
        let mut whole = Map::new();
        let is_one = work.len() == 1 && called.is_empty();
        for (account, place, document) in work {
            let answer = act(&place, allowed, used, || engine::request(document.clone()), run)?;
            if is_one {
                return Ok(answer);
            }
            let call =
                |name: &str| called.get(&(account.clone(), name.to_owned())).map_or(name, String::as_str).to_owned();
            merge(&mut whole, serde_json::from_str(&answer)?, call);
        }
        Ok(Value::Object(whole).to_string())
    });
    prepared.keys = keys;
    Ok(prepared)
}

/// A key that is there twice, with its numbers written in other ways.
///
/// Source: API reference, "BatchGetItem": "`Keys`"; the words are those of the engine.
fn check_repetition(part: &Value) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    let of_key = |key: &Map<String, Value>| -> BTreeMap<String, Option<String>> {
        key.iter().map(|(name, value)| (name.clone(), key_text(value))).collect()
    };
    let keys = part.get("Keys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    for key in keys.map(of_key) {
        // What is no key the engine refuses.
        if key.values().all(Option::is_some) && !key.is_empty() && !seen.insert(key) {
            return Err(Fault::Validation("Provided list of item keys contains duplicates".to_owned()));
        }
    }
    Ok(())
}

/// The engine counts the items of one place alone.
fn check_count(asked: &Asked, together: usize, places: usize) -> Result<(), Fault> {
    let most = MOST.iter().find(|(operation, _)| *operation == asked.operation).map_or(usize::MAX, |(_, most)| *most);
    if places > 1 && together > most {
        let message = format!("Too many items requested for the {} call", asked.operation);
        return Err(Fault::Validation(message));
    }
    Ok(())
}

/// Adds the answer of one place to that of all, with the tables as they were called.
fn merge(whole: &mut Map<String, Value>, part: Value, called: impl Fn(&str) -> String) {
    let Value::Object(part) = part else { return };
    for (member, value) in part {
        match value {
            Value::Object(tables) => {
                let all = whole.entry(member).or_insert_with(|| json!({}));
                if let Some(all) = all.as_object_mut() {
                    all.extend(tables.into_iter().map(|(name, items)| (called(&name), items)));
                }
            }
            Value::Array(capacities) => {
                let all = whole.entry(member).or_insert_with(|| json!([]));
                if let Some(all) = all.as_array_mut() {
                    all.extend(capacities);
                }
            }
            value => drop(whole.insert(member, value)),
        }
    }
}
