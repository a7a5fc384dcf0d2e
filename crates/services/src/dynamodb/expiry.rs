//! Items whose time to live is over.
//!
//! The engine's own round deletes items however long they are over. DynamoDB leaves those alone that are over for more than
//! five years, so that what is no date deletes nothing.
//!
//! Source: developer guide, "Using time to live (TTL) in DynamoDB", "Formatting an item's TTL attribute": "no more than five
//! years in the past".

use dynoxide::TableMetadata;
use dynoxide::actions::delete_item::{self, DeleteItemRequest};
use dynoxide::storage::{ScanParams, Storage};
use dynoxide::streams::extract_keys;
use dynoxide::types::{AttributeValue, Item};
use pollster::block_on;

use super::fault::Fault;

/// Five years, in seconds, with a leap day each four.
const LONGEST_OVER: i64 = (5 * 365 + 1) * 24 * 60 * 60;
/// How many items are read at once.
const PAGE: usize = 100;

/// What has the records of deletions tell that it was DynamoDB, as the engine spells it. It is the connection's alone.
const MARK: &str = r#"CREATE TEMP TRIGGER "sidegate:expiry" AFTER INSERT ON main._stream_records BEGIN
    UPDATE _stream_records SET user_identity = '{"type":"Service","principalId":"dynamodb.amazonaws.com"}'
    WHERE id = NEW.id; END"#;
const UNMARK: &str = r#"DROP TRIGGER IF EXISTS temp."sidegate:expiry""#;

/// As long as it lives, DynamoDB itself is who deletes.
struct InOwnName<'a>(&'a Storage);

impl<'a> InOwnName<'a> {
    fn of(storage: &'a Storage) -> Result<Self, Fault> {
        // One that stayed would tell of everybody's deletions, and let no other one come.
        storage.conn().execute_batch(&format!("{UNMARK}; {MARK}"))?;
        Ok(Self(storage))
    }
}

impl Drop for InOwnName<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.0.conn().execute_batch(UNMARK) {
            tracing::error!(%error, "what is deleted may be told as expired");
        }
    }
}

/// Deletes the items whose time is over. `now` is in seconds since 1970.
pub(super) fn delete(storage: &Storage, now: i64) -> Result<(), Fault> {
    let tables = storage.list_ttl_enabled_tables()?;
    if tables.is_empty() {
        return Ok(());
    }
    let _own = InOwnName::of(storage)?;
    tables.iter().try_for_each(|table| delete_of(storage, table, now))
}

fn delete_of(storage: &Storage, table: &TableMetadata, now: i64) -> Result<(), Fault> {
    let Some(attribute) = table.ttl_attribute.as_deref() else { return Ok(()) };
    let mut after: Option<(String, String)> = None;
    loop {
        let (pk, sk) = after.as_ref().map(|(pk, sk)| (pk.as_str(), sk.as_str())).unzip();
        let page =
            ScanParams { limit: Some(PAGE), exclusive_start_pk: pk, exclusive_start_sk: sk, ..ScanParams::default() };
        let rows = storage.scan_items(&table.table_name, &page)?;
        for (.., document) in &rows {
            let item: Item = serde_json::from_str(document)?;
            if is_over(&item, attribute, now) {
                let key = extract_keys(&item, &table.key_schema);
                let table_name = table.table_name.clone();
                block_on(delete_item::execute(storage, DeleteItemRequest { table_name, key, ..Default::default() }))?;
            }
        }
        if rows.len() < PAGE {
            return Ok(());
        }
        after = rows.into_iter().next_back().map(|(pk, sk, _)| (pk, sk));
    }
}

/// Whether an item's time is over, and not for too long.
fn is_over(item: &Item, attribute: &str, now: i64) -> bool {
    let Some(AttributeValue::N(number)) = item.get(attribute) else { return false };
    number.parse().is_ok_and(|time: i64| time < now && time >= now - LONGEST_OVER)
}
