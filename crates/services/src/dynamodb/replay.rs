//! What a transaction is answered that was carried out before: what it was answered then, and what it would cost to read the
//! items, each as large as it was before or after, whichever is more.
//!
//! Source: API reference, "TransactWriteItems", `ClientRequestToken`; that the larger image counts was measured of DynamoDB by
//! the engine's authors.

use std::collections::HashMap;

use dynoxide::actions::transact_get_items;
use dynoxide::storage::Storage;
use dynoxide::types::{
    TRANSACTIONAL_CAPACITY_FACTOR, build_transactional_capacity, item_size, table_read_capacity_units,
    transactional_read_capacity,
};
use pollster::block_on;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::engine;
use super::fault::Fault;

/// An item of a transaction: its table, and its key if that is told.
pub(super) type Item = (String, Option<Value>);

/// How large the items of a transaction were, in bytes, before it and after it.
pub(super) struct Images {
    items: Vec<Item>,
    before: Vec<Option<usize>>,
}

impl Images {
    /// As they are before the transaction.
    pub(super) fn before(storage: &Storage, items: Vec<Item>) -> Self {
        let before = sizes(storage, &items);
        Self { items, before }
    }

    /// What it costs to read them, once the transaction is over, in capacity units for each table.
    pub(super) fn read(self, storage: &Storage) -> HashMap<String, f64> {
        let after = sizes(storage, &self.items);
        let mut units = HashMap::new();
        for (((table, _), before), after) in self.items.into_iter().zip(self.before).zip(after) {
            *units.entry(table).or_default() +=
                TRANSACTIONAL_CAPACITY_FACTOR * table_read_capacity_units(before, after);
        }
        units
    }
}

/// How large the items are that are there. A transaction whose items cannot be read fails, and tells itself of it.
fn sizes(storage: &Storage, items: &[Item]) -> Vec<Option<usize>> {
    let told =
        items.iter().filter_map(|(table, key)| Some(json!({ "Get": { "TableName": table, "Key": key.as_ref()? } })));
    let gets: Vec<Value> = told.collect();
    let read = || {
        let request = engine::request(json!({ "TransactItems": gets }))?;
        Ok::<_, Fault>(block_on(transact_get_items::execute(storage, request))?)
    };
    let read = if gets.is_empty() { None } else { read().ok() };
    let mut read = read.into_iter().flat_map(|answer| answer.responses);
    let size = |(_, key): &Item| key.as_ref().and_then(|_| read.next()?.item.as_ref().map(item_size));
    items.iter().map(size).collect()
}

/// The key of an item whose attributes are written so, each as its type in the table's description is.
///
/// # Errors
/// [`Fault`] if the database cannot be used.
pub(super) fn key(storage: &Storage, table: &str, written: &[(String, String)]) -> Result<Option<Value>, Fault> {
    let Some(meta) = storage.get_table_metadata(table)? else { return Ok(None) };
    let definitions: Value = serde_json::from_str(&meta.attribute_definitions)?;
    let kind = |name: &str| {
        let mut definitions = definitions.as_array().into_iter().flatten();
        definitions
            .find(|own| own.get("AttributeName").and_then(Value::as_str) == Some(name))?
            .get("AttributeType")?
            .as_str()
    };
    let attribute = |(name, text): &(String, String)| {
        let value: Map<String, Value> = [(kind(name)?.to_owned(), text.as_str().into())].into_iter().collect();
        Some((name.clone(), Value::Object(value)))
    };
    Ok(written.iter().map(attribute).collect::<Option<Map<_, _>>>().map(Value::Object))
}

/// What is known of a transaction that was carried out.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Outcome {
    /// What it was answered.
    pub(super) answer: Value,
    /// What it would cost to read its items, for each table.
    pub(super) units: HashMap<String, f64>,
}

impl Outcome {
    /// The answer to the same request once more, which says for itself whether its capacity is to be told.
    ///
    /// # Errors
    /// [`Fault`] if the answer cannot be written.
    pub(super) fn again(self, document: &Value) -> Result<String, Fault> {
        let Self { answer, units } = self;
        let mut answer = match answer {
            Value::Object(answer) => answer,
            _ => Map::new(),
        };
        answer.remove("ConsumedCapacity");
        let mode = document.get("ReturnConsumedCapacity").and_then(Value::as_str).map(str::to_owned);
        if let Some(capacity) = build_transactional_capacity(&units, &mode, transactional_read_capacity) {
            answer.insert("ConsumedCapacity".to_owned(), serde_json::to_value(capacity)?);
        }
        Ok(Value::Object(answer).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_again_costs_reading() {
        let outcome = || Outcome {
            answer: json!({"Responses": [], "ConsumedCapacity": [{"TableName": "Music", "CapacityUnits": 18.0}]}),
            units: [("Music".to_owned(), 6.0)].into_iter().collect(),
        };
        let again = |mode: Option<&str>| -> Value {
            serde_json::from_str(&outcome().again(&json!({ "ReturnConsumedCapacity": mode })).unwrap()).unwrap()
        };
        let read = json!({"TableName": "Music", "CapacityUnits": 6.0, "ReadCapacityUnits": 6.0});
        assert_eq!(again(Some("TOTAL")), json!({"Responses": [], "ConsumedCapacity": [read]}));
        assert_eq!(again(Some("INDEXES"))["ConsumedCapacity"][0]["Table"]["ReadCapacityUnits"], 6.0);
        assert_eq!(again(Some("NONE")), json!({"Responses": []}));
        assert_eq!(again(None), json!({"Responses": []}));
    }
}
