//! `TransactGetItems` and `TransactWriteItems`

use std::sync::Arc;

use dynoxide::DynoxideError;
use dynoxide::actions::{transact_get_items, transact_write_items};
use dynoxide::errors::CancellationReason;
use dynoxide::storage::Storage;
use pollster::block_on;
use serde_json::{Map, Value};
use sidegate_iam::Requirement;

use super::access::Access;
use super::encryption::WrappedKey;
use super::engine;
use super::expression::{self, Names, updated};
use super::fault::Fault;
use super::members;
use super::name::TableName;
use super::operation::{Act, Asked, Prepared, Use, act};
use super::place::{Place, Room};
use super::replay::{Images, Item};
use super::table::Table;
use super::token::{self, Once};

/// A part of a transaction: what it is called, the action that it needs, and its members but for those of expressions.
type Part = (&'static str, &'static str, &'static [&'static str]);

const OF_GET: [Part; 1] = [("Get", "GetItem", &["TableName", "Key", "ProjectionExpression"])];

const OF_WRITE: [Part; 4] = [
    ("ConditionCheck", "ConditionCheckItem", &["TableName", "Key", "ConditionExpression", ON_FAILURE]),
    ("Delete", "DeleteItem", &["TableName", "Key", "ConditionExpression", ON_FAILURE]),
    ("Put", "PutItem", &["TableName", "Item", "ConditionExpression", ON_FAILURE]),
    ("Update", "UpdateItem", &["TableName", "Key", "ConditionExpression", "UpdateExpression", ON_FAILURE]),
];

const RUN: Act<transact_write_items::TransactWriteItemsRequest, transact_write_items::TransactWriteItemsResponse> =
    |storage, request| block_on(transact_write_items::execute(storage, request));

const ON_FAILURE: &str = "ReturnValuesOnConditionCheckFailure";

/// What a transaction asks for.
#[derive(Default)]
struct Items {
    requirements: Vec<Requirement>,
    keys: Vec<WrappedKey>,
    place: Option<Arc<Place>>,
}

impl Items {
    /// Reads `TransactItems`, in which each item has its one part alone and tables are called by their names from now on.
    /// `None` where one of them names no table that there could be.
    fn read(asked: &mut Asked, parts: &[Part]) -> Result<Option<Self>, Fault> {
        let mut read = Self::default();
        let Some(items) = asked.document.get_mut("TransactItems").map(Value::take) else { return Ok(None) };
        let mut items = items;
        let mut account = None;
        let mut is_complete = true;
        for item in items.as_array_mut().into_iter().flatten() {
            let Some((action, part)) = item.as_object_mut().map(|item| one(item, parts)).transpose()?.flatten() else {
                is_complete = false;
                continue;
            };
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
            expression::check(part)?;
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

/// The one part of an item, without what is no member of it. `None` where it has none that is an object, which the engine
/// refuses.
fn one<'a>(item: &'a mut Map<String, Value>, parts: &[Part]) -> Result<Option<(&'static str, &'a mut Value)>, Fault> {
    let names: Vec<&str> = parts.iter().map(|(name, ..)| *name).collect();
    let several = "TransactItems can only contain one of Check, Put, Update or Delete";
    let Some(name) = members::one(item, &names, several)? else { return Ok(None) };
    let Some((_, action, members)) = parts.iter().find(|(own, ..)| *own == name) else { return Ok(None) };
    let Some(part) = item.get_mut(name) else { return Ok(None) };
    let Some(object) = part.as_object_mut() else { return Ok(None) };
    members::only(object, members);
    Ok(Some((*action, part)))
}

/// An update may not change an attribute of the key, which the engine lets pass in a transaction.
///
/// Source: API reference, "TransactWriteItems", `CancellationReasons`; the words are those of `UpdateItem`.
fn check_updates(storage: &Storage, document: &Value) -> Result<(), Fault> {
    let refused = |item: &Value| {
        let Some(update) = item.get("Update") else { return Ok::<_, Fault>(None) };
        let text = |name: &str| update.get(name).and_then(Value::as_str).unwrap_or_default();
        // Of a table that is not there the engine tells.
        let Ok(key) = key_schema(storage, text("TableName")) else { return Ok(None) };
        let names = Names::of(update);
        let changed =
            updated(text("UpdateExpression"), names).into_iter().find(|name| key.iter().any(|own| own == name));
        Ok(changed.map(|name| {
            format!(
                "One or more parameter values were invalid: Cannot update attribute {name}. This attribute is part of the \
                 key"
            )
        }))
    };
    let items = document.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
    let messages: Vec<Option<String>> = items.map(refused).collect::<Result<_, _>>()?;
    if messages.iter().all(Option::is_none) {
        return Ok(());
    }
    let code = |message: &Option<String>| if message.is_some() { "ValidationError" } else { "None" };
    let codes: Vec<_> = messages.iter().map(code).collect();
    let text =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    let reason = |message: Option<String>| CancellationReason { code: code(&message).to_owned(), message, item: None };
    let reasons = messages.into_iter().map(reason).collect();
    Err(DynoxideError::TransactionCanceledException(text, reasons).into())
}

/// `TransactGetItems`
pub(super) fn get(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(Items { requirements, keys, place: Some(place) }) = Items::read(&mut asked, &OF_GET)? else {
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
    let Some(Items { requirements, keys, place: Some(place) }) = Items::read(&mut asked, &OF_WRITE)? else {
        return Err(asked.refused(RUN));
    };
    let once = Once::of(&asked, "TransactItems");
    let frees = |item: &Value| item.get("Put").is_none() && item.get("Update").is_none();
    let items = asked.document.get("TransactItems").and_then(Value::as_array);
    let room = if items.into_iter().flatten().all(frees) { Room::Freed } else { Room::Taken };
    let nothing = asked.places.nothing();
    let document = asked.document;
    engine::request::<transact_write_items::TransactWriteItemsRequest>(document.clone())?;
    let mut prepared = Prepared::new(requirements, move |allowed| {
        place.write(allowed, room, |storage| {
            let run = || {
                check_updates(storage, &document)?;
                engine::answer(&RUN(storage, engine::request(document.clone())?)?)
            };
            let Some(once) = &once else { return run() };
            if let Some(known) = token::known(storage, once)? {
                engine::check_members(&nothing, &document, RUN)?;
                return known.again(&document);
            }
            let images = Images::before(storage, written(storage, &document)?);
            let answer = run()?;
            token::note(storage, once, &answer, images.read(storage))?;
            Ok(answer)
        })
    });
    prepared.keys = keys;
    Ok(prepared)
}

/// The items that a transaction is about.
fn written(storage: &Storage, document: &Value) -> Result<Vec<Item>, Fault> {
    let items = document.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
    let parts = items.filter_map(|item| item.as_object()?.values().find(|part| part.is_object()));
    let item = |part: &Value| {
        let table = part.get("TableName").and_then(Value::as_str).unwrap_or_default();
        let key = match (part.get("Key"), part.get("Item")) {
            (None, Some(item)) => key_of(storage, table, item)?,
            (key, _) => key.cloned(),
        };
        Ok((table.to_owned(), key))
    };
    parts.map(item).collect()
}

/// The key of an item of a table, if there is such a table.
fn key_of(storage: &Storage, table: &str, item: &Value) -> Result<Option<Value>, Fault> {
    if storage.get_table_metadata(table)?.is_none() {
        return Ok(None);
    }
    let names = key_schema(storage, table)?.into_iter();
    Ok(Some(names.filter_map(|name| Some((name.clone(), item.get(name)?.clone()))).collect::<Map<_, _>>().into()))
}

/// The attributes of a table's key.
fn key_schema(storage: &Storage, table: &str) -> Result<Vec<String>, Fault> {
    let meta = storage.get_table_metadata(table)?.ok_or_else(|| Fault::no_table(table))?;
    let schema: Value = serde_json::from_str(&meta.key_schema)?;
    let names = schema.as_array().into_iter().flatten().filter_map(|element| element.get("AttributeName")?.as_str());
    Ok(names.map(str::to_owned).collect())
}
