//! `TransactGetItems` and `TransactWriteItems`

use std::sync::Arc;

use dynoxide::actions::{transact_get_items, transact_write_items};
use pollster::block_on;
use serde_json::{Map, Value, json};
use sidegate_iam::Requirement;

use super::access::Access;
use super::encryption::WrappedKey;
use super::engine;
use super::fault::Fault;
use super::name::TableName;
use super::operation::{Asked, Prepared, Use, act};
use super::place::{Place, Room};
use super::table::Table;
use super::token::{self, Once};

/// The parts of a transaction, and the action that each needs.
const ACTIONS: [(&str, &str); 5] = [
    ("Get", "GetItem"),
    ("Put", "PutItem"),
    ("Update", "UpdateItem"),
    ("Delete", "DeleteItem"),
    ("ConditionCheck", "ConditionCheckItem"),
];

/// What a transaction asks for.
#[derive(Default)]
struct Items {
    requirements: Vec<Requirement>,
    keys: Vec<WrappedKey>,
    place: Option<Arc<Place>>,
}

impl Items {
    /// Reads `TransactItems`, in which tables are called by their names from now on. `None` where one of them names no table
    /// that there could be.
    fn read(asked: &mut Asked) -> Result<Option<Self>, Fault> {
        let mut read = Self::default();
        let Some(items) = asked.document.get_mut("TransactItems").map(Value::take) else { return Ok(None) };
        let mut items = items;
        let mut account = None;
        let mut is_complete = true;
        for part in items.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            let Some((action, part)) = action(part) else { continue };
            let name = part.get("TableName").and_then(Value::as_str);
            let Some(name) = name.map(|name| TableName::read(asked.scope(), name)).transpose()?.flatten() else {
                is_complete = false;
                continue;
            };
            if account.get_or_insert_with(|| name.account.clone()) != &name.account {
                let message = "A transaction cannot be about tables of several accounts.";
                return Err(Fault::Validation(message.to_owned()));
            }
            if let Some(member) = part.get_mut("TableName") {
                *member = name.name.as_str().into();
            }
            let table = Table::find(&asked.places, name)?;
            let access = match action {
                "GetItem" => Access::reading_item(part, &table),
                _ => Access::to_item(part, &table),
            };
            let access = access.enclosed_by(asked.operation).in_request(&asked.document);
            read.requirements.push(access.asked_of(table.requirement(action)));
            read.keys.extend(WrappedKey::of(&table));
            read.place = Some(table.place);
        }
        if let Some(member) = asked.document.get_mut("TransactItems") {
            *member = items;
        }
        Ok(is_complete.then_some(read))
    }
}

fn action(item: &mut Map<String, Value>) -> Option<(&'static str, &mut Value)> {
    let (member, action) = ACTIONS.iter().find(|(member, _)| item.get(*member).is_some_and(Value::is_object))?;
    item.get_mut(*member).map(|part| (*action, part))
}

/// `TransactGetItems`
pub(super) fn get(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(Items { requirements, keys, place: Some(place) }) = Items::read(&mut asked)? else {
        return Err(asked.refused(|storage, request| block_on(transact_get_items::execute(storage, request))));
    };
    let request = asked.requests(Use::Read)?;
    let mut prepared = Prepared::new(requirements, move |allowed| {
        act(&place, allowed, Use::Read, request, |storage, request| {
            block_on(transact_get_items::execute(storage, request))
        })
    });
    prepared.keys = keys;
    Ok(prepared)
}

/// `TransactWriteItems`
pub(super) fn write(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(Items { requirements, keys, place: Some(place) }) = Items::read(&mut asked)? else {
        return Err(asked.refused(|storage, request| block_on(transact_write_items::execute(storage, request))));
    };
    let once = Once::of(&asked, "TransactItems");
    let frees = |item: &Value| item.get("Put").is_none() && item.get("Update").is_none();
    let items = asked.document.get("TransactItems").and_then(Value::as_array);
    let room = if items.into_iter().flatten().all(frees) { Room::Freed } else { Room::Taken };
    let document = asked.document;
    engine::request::<transact_write_items::TransactWriteItemsRequest>(document.clone())?;
    let mut prepared = Prepared::new(requirements, move |allowed| {
        place.write(allowed, room, |storage| {
            if token::known(storage, once.as_ref())?.is_some() {
                return again(storage, &document);
            }
            let request = engine::request(document.clone())?;
            let answer = engine::answer(&block_on(transact_write_items::execute(storage, request))?)?;
            token::note(storage, once.as_ref(), &answer)?;
            Ok(answer)
        })
    });
    prepared.keys = keys;
    Ok(prepared)
}

/// The answer to a transaction that was carried out before: what it would cost to read its items, where that is asked for.
///
/// Source: API reference, "TransactWriteItems", `ClientRequestToken`.
fn again(storage: &dynoxide::storage::Storage, document: &Value) -> Result<String, Fault> {
    let Some(mode @ ("TOTAL" | "INDEXES")) = document.get("ReturnConsumedCapacity").and_then(Value::as_str) else {
        return Ok("{}".to_owned());
    };
    let mut gets = Vec::new();
    for item in document.get("TransactItems").and_then(Value::as_array).into_iter().flatten() {
        let Some(part) = item.as_object().and_then(|item| item.values().find(|part| part.is_object())) else {
            continue;
        };
        let Some(table) = part.get("TableName").and_then(Value::as_str) else { continue };
        let key = match (part.get("Key"), part.get("Item")) {
            (Some(key), _) => key.clone(),
            (None, Some(item)) => key_of(storage, table, item)?,
            (None, None) => continue,
        };
        gets.push(json!({ "Get": { "TableName": table, "Key": key } }));
    }
    let request = json!({ "TransactItems": gets, "ReturnConsumedCapacity": mode });
    let read = block_on(transact_get_items::execute(storage, engine::request(request)?))?;
    let read: Value = serde_json::from_str(&engine::answer(&read)?)?;
    Ok(json!({ "ConsumedCapacity": read.get("ConsumedCapacity") }).to_string())
}

/// The key of an item of a table.
fn key_of(storage: &dynoxide::storage::Storage, table: &str, item: &Value) -> Result<Value, Fault> {
    let meta = storage.get_table_metadata(table)?.ok_or_else(|| Fault::no_table(table))?;
    let schema: Value = serde_json::from_str(&meta.key_schema)?;
    let names = schema.as_array().into_iter().flatten().filter_map(|element| element.get("AttributeName")?.as_str());
    Ok(names.filter_map(|name| Some((name.to_owned(), item.get(name)?.clone()))).collect::<Map<_, _>>().into())
}
