//! The provisioned throughput of global secondary indexes, which the engine neither asks for nor keeps when a table changes.
//!
//! Source: API reference, "GlobalSecondaryIndex", "CreateGlobalSecondaryIndexAction", `ProvisionedThroughput`; "UpdateTable".

use dynoxide::storage::Storage;
use serde_json::{Map, Value};

use super::fault::Fault;

/// How a table is billed that is billed by requests.
const ON_DEMAND: &str = "PAY_PER_REQUEST";

/// The indexes of a new table have throughput where the table has.
pub(super) fn check_new(document: &Value) -> Result<(), Fault> {
    if text(document, "BillingMode") == Some(ON_DEMAND) {
        return Ok(());
    }
    let indexes = document.get("GlobalSecondaryIndexes").and_then(Value::as_array).into_iter().flatten();
    indexes.into_iter().find(|index| throughput(index).is_none()).map_or(Ok(()), |index| Err(lacking(index)))
}

/// A new index has throughput where the table has, and each index gets one when the table begins to have it.
pub(super) fn check_change(storage: &Storage, name: &str, document: &Value) -> Result<(), Fault> {
    let Some(meta) = storage.get_table_metadata(name)? else { return Ok(()) };
    let asked = text(document, "BillingMode");
    let is_on_demand = asked.or(meta.billing_mode.as_deref()) == Some(ON_DEMAND);
    let of = |action: &'static str| updates(document).filter_map(move |update| update.get(action));
    if let Some(index) = of("Create").find(|index| throughput(index).is_some() == is_on_demand && !index.is_null()) {
        return Err(if is_on_demand { needless(index) } else { lacking(index) });
    }
    let begins = asked.is_some() && !is_on_demand && meta.billing_mode.as_deref() == Some(ON_DEMAND);
    if !begins {
        return Ok(());
    }
    let known = definitions(meta.gsi_definitions.as_deref())?;
    let is_told = |index: &&Value| {
        let is_it = |other: &Value| text(other, "IndexName") == text(index, "IndexName");
        of("Delete").any(&is_it) || of("Update").any(|update| is_it(update) && throughput(update).is_some())
    };
    known.iter().find(|index| !is_told(index)).map_or(Ok(()), |index| Err(lacking(index)))
}

/// Keeps what a change says of the throughput of indexes, or that it is over. Says whether anything has changed.
pub(super) fn keep(storage: &Storage, name: &str, document: &Value) -> Result<bool, Fault> {
    let Some(meta) = storage.get_table_metadata(name)? else { return Ok(false) };
    let mut known = definitions(meta.gsi_definitions.as_deref())?;
    let before = known.clone();
    let is_on_demand = meta.billing_mode.as_deref() == Some(ON_DEMAND);
    for index in known.iter_mut().filter_map(Value::as_object_mut) {
        let wanted = updates(document)
            .flat_map(|update| [update.get("Create"), update.get("Update")])
            .flatten()
            .find(|update| text(update, "IndexName") == index.get("IndexName").and_then(Value::as_str));
        match wanted.and_then(throughput) {
            _ if is_on_demand => drop(index.remove("ProvisionedThroughput")),
            Some(wanted) => drop(index.insert("ProvisionedThroughput".to_owned(), Value::Object(wanted.clone()))),
            None => {}
        }
    }
    if known == before {
        return Ok(false);
    }
    let definitions = serde_json::to_string(&known)?;
    storage.update_table_metadata(name, &meta.attribute_definitions, Some(&definitions))?;
    Ok(true)
}

fn definitions(text: Option<&str>) -> Result<Vec<Value>, Fault> {
    Ok(text.map(serde_json::from_str).transpose()?.unwrap_or_default())
}

fn updates(document: &Value) -> impl Iterator<Item = &Value> {
    document.get("GlobalSecondaryIndexUpdates").and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(document: &'a Value, member: &str) -> Option<&'a str> {
    document.get(member).and_then(Value::as_str)
}

fn throughput(index: &Value) -> Option<&Map<String, Value>> {
    index.get("ProvisionedThroughput").and_then(Value::as_object)
}

fn lacking(index: &Value) -> Fault {
    let name = text(index, "IndexName").unwrap_or_default();
    Fault::Validation(format!(
        "One or more parameter values were invalid: ProvisionedThroughput must be specified for index: {name}"
    ))
}

fn needless(index: &Value) -> Fault {
    let name = text(index, "IndexName").unwrap_or_default();
    Fault::Validation(format!(
        "One or more parameter values were invalid: ProvisionedThroughput should not be specified for index: {name} when \
         BillingMode is PAY_PER_REQUEST"
    ))
}
