//! Streams that were switched off, or whose tables are gone: what they recorded can be read for a day.
//!
//! The engine keeps records by the name of the table alone. Those of such a stream are moved to a name that no table has, and
//! are read from there.
//!
//! Source: developer guide, "Change data capture for DynamoDB Streams": "If you disable a stream, the data in the stream will
//! continue to be readable for 24 hours"; API reference, "DescribeStream", `StreamStatus`.

use dynoxide::TableMetadata;
use dynoxide::storage::Storage;
use dynoxide::types::Item;
use rusqlite::{OptionalExtension as _, Row, params};
use serde_json::{Value, json};

use super::engine::shown_label;
use super::fault::Fault;
use super::streams::{RETENTION, identity_of, size_of};
use super::table::{id_of, view_of};

/// What public sequence numbers add to those that are stored, as the engine has it.
const OFFSET: u128 = 100_000_000_000_000_000_000;

/// A stream that records no more.
pub(super) struct Retired {
    pub(super) table: String,
    /// As it is shown.
    pub(super) label: String,
    /// The unique id of the table that it was of.
    pub(super) id: String,
    view: String,
    key_schema: String,
    /// Of its table, in seconds since 1970.
    created: f64,
}

/// Records that were read, and the position behind them; none if there is nothing more.
pub(super) type Page = (Vec<Value>, Option<i64>);

const COLUMNS: &str = "table_name, label, table_id, view, key_schema, created";

/// Puts the stream of a table aside, if it has one that is switched on. `now` is in seconds since 1970.
pub(super) fn retire(storage: &Storage, meta: &TableMetadata, now: i64) -> Result<(), Fault> {
    let Some(label) = meta.stream_label.as_deref().filter(|_| meta.stream_enabled).map(shown_label) else {
        return Ok(());
    };
    let name = meta.table_name.as_str();
    let view = match view_of(storage, name)? {
        Some(view) => view,
        None => meta.stream_view_type.clone().unwrap_or_else(|| "NEW_AND_OLD_IMAGES".to_owned()),
    };
    storage.conn().execute(
        &format!(r#"INSERT OR REPLACE INTO "sidegate:retired" ({COLUMNS}, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"#),
        params![name, label, id_of(meta), view, meta.key_schema, meta.created_at as f64, now],
    )?;
    storage.conn().execute(
        "UPDATE _stream_records SET table_name = ?1 WHERE table_name = ?2",
        [moved(name, &label).as_str(), name],
    )?;
    Ok(())
}

/// The name to which records are moved. A colon is in no name of a table.
fn moved(table: &str, label: &str) -> String {
    format!("{table}:{label}")
}

fn read(row: &Row<'_>) -> rusqlite::Result<Retired> {
    Ok(Retired {
        table: row.get(0)?,
        label: row.get(1)?,
        id: row.get(2)?,
        view: row.get(3)?,
        key_schema: row.get(4)?,
        created: row.get(5)?,
    })
}

/// The one of a table with a label.
pub(super) fn find(storage: &Storage, table: &str, label: &str) -> Result<Option<Retired>, Fault> {
    let query = format!(r#"SELECT {COLUMNS} FROM "sidegate:retired" WHERE table_name = ?1 AND label = ?2"#);
    Ok(storage.conn().prepare_cached(&query)?.query_row([table, label], read).optional()?)
}

/// The label of the last one that a table had, by the table's unique id.
pub(super) fn last(storage: &Storage, table: &str, id: &str) -> Result<Option<String>, Fault> {
    const QUERY: &str = r#"SELECT label FROM "sidegate:retired" WHERE table_name = ?1 AND table_id = ?2
        ORDER BY label DESC LIMIT 1"#;
    Ok(storage.conn().prepare_cached(QUERY)?.query_row([table, id], |row| row.get(0)).optional()?)
}

/// All, or those of a table.
pub(super) fn all(storage: &Storage, table: Option<&str>) -> Result<Vec<Retired>, Fault> {
    let query = format!(r#"SELECT {COLUMNS} FROM "sidegate:retired" WHERE ?1 IS NULL OR table_name = ?1"#);
    let mut statement = storage.conn().prepare_cached(&query)?;
    let found = statement.query_map([table], read)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Forgets those whose time is over. `now` is in seconds since 1970.
pub(super) fn trim(storage: &Storage, now: i64) -> Result<(), Fault> {
    storage.conn().execute(r#"DELETE FROM "sidegate:retired" WHERE at < ?1"#, [now - RETENTION])?;
    Ok(())
}

impl Retired {
    /// What is told of it, with its ARN and the id of its shard.
    pub(super) fn described(&self, storage: &Storage, arn: &str, shard: &str) -> Result<Value, Fault> {
        let range = self.range(storage)?.map(
            |(first, last)| json!({ "StartingSequenceNumber": shown(first), "EndingSequenceNumber": shown(last) }),
        );
        let key_schema: Value = serde_json::from_str(&self.key_schema)?;
        Ok(json!({
            "StreamArn": arn,
            "StreamLabel": self.label,
            "StreamStatus": "DISABLED",
            "StreamViewType": self.view,
            "CreationRequestDateTime": self.created,
            "TableName": self.table,
            "KeySchema": key_schema,
            "Shards": [{ "ShardId": shard, "SequenceNumberRange": range.unwrap_or_else(|| json!({})) }],
        }))
    }

    fn range(&self, storage: &Storage) -> Result<Option<(i64, i64)>, Fault> {
        const QUERY: &str = "SELECT MIN(CAST(sequence_number AS INTEGER)), MAX(CAST(sequence_number AS INTEGER))
            FROM _stream_records WHERE table_name = ?1";
        let mut statement = storage.conn().prepare_cached(QUERY)?;
        let range = statement.query_row([moved(&self.table, &self.label)], |row| {
            Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?))
        })?;
        Ok(range.0.zip(range.1))
    }

    /// The position that a request for an iterator names.
    pub(super) fn position(&self, storage: &Storage, asked: &Value) -> Result<i64, Fault> {
        let text = |name: &str| asked.get(name).and_then(Value::as_str);
        let number = || {
            let public = text("SequenceNumber").and_then(|number| number.parse::<u128>().ok());
            let stored = public.and_then(|public| i64::try_from(public.checked_sub(OFFSET)?).ok());
            stored.ok_or_else(|| Fault::Validation("Invalid SequenceNumber for the shard".to_owned()))
        };
        match text("ShardIteratorType").unwrap_or_default() {
            "TRIM_HORIZON" => Ok(0),
            "LATEST" => Ok(self.range(storage)?.map_or(0, |(_, last)| last)),
            "AT_SEQUENCE_NUMBER" => number().map(|number| number - 1),
            "AFTER_SEQUENCE_NUMBER" => number(),
            other => Err(Fault::Validation(format!("Invalid ShardIteratorType: {other}"))),
        }
    }

    /// The records behind a position.
    pub(super) fn records(&self, storage: &Storage, position: i64, most: usize, region: &str) -> Result<Page, Fault> {
        const QUERY: &str =
            "SELECT CAST(sequence_number AS INTEGER), event_id, event_name, keys_json, new_image, old_image,
            created_at, user_identity FROM _stream_records
            WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2 ORDER BY 1 LIMIT ?3";
        let mut statement = storage.conn().prepare_cached(QUERY)?;
        let mut rows = statement.query(params![
            moved(&self.table, &self.label),
            position,
            i64::try_from(most).unwrap_or(i64::MAX)
        ])?;
        let (mut records, mut last) = (Vec::new(), position);
        while let Some(row) = rows.next()? {
            last = row.get(0)?;
            records.push(self.record(row, last, region)?);
        }
        let is_over = self.range(storage)?.is_none_or(|(_, end)| end <= last);
        Ok((records, (!is_over).then_some(last)))
    }

    fn record(&self, row: &Row<'_>, number: i64, region: &str) -> Result<Value, Fault> {
        let text = |at: usize| row.get::<_, Option<String>>(at);
        let (keys, new, old) = (text(3)?.unwrap_or_default(), text(4)?, text(5)?);
        let parts = [Some(&keys), new.as_ref(), old.as_ref()].into_iter().flatten();
        let parts: Vec<Item> = parts.map(|part| serde_json::from_str(part)).collect::<Result<_, _>>()?;
        let size = size_of(&parts);
        let keys: Value = serde_json::from_str(&keys)?;
        let mut change = json!({
            "ApproximateCreationDateTime": row.get::<_, i64>(6)? as f64,
            "Keys": keys,
            "SequenceNumber": shown(number),
            "SizeBytes": size,
            "StreamViewType": self.view,
        });
        for (name, image) in [("NewImage", new), ("OldImage", old)] {
            if let (Some(image), Some(change)) = (image, change.as_object_mut()) {
                change.insert(name.to_owned(), serde_json::from_str(&image)?);
            }
        }
        let mut record = json!({
            "awsRegion": region,
            "dynamodb": change,
            "eventID": text(1)?.unwrap_or_else(|| number.to_string()),
            "eventName": text(2)?,
            "eventSource": "aws:dynamodb",
            "eventVersion": "1.1",
        });
        if let (Some(identity), Some(record)) = (text(7)?, record.as_object_mut()) {
            record.insert("userIdentity".to_owned(), identity_of(&serde_json::from_str(&identity)?));
        }
        Ok(record)
    }
}

/// A sequence number as it is shown.
pub(super) fn shown(stored: i64) -> String {
    (OFFSET + u128::try_from(stored).unwrap_or_default()).to_string()
}
