//! A table as decisions see it: its keys and indexes, its tags, its policy and its key of KMS.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use dynoxide::storage::{Storage, TableMetadata};
use rusqlite::OptionalExtension as _;
use serde::Deserialize;
use sidegate_iam::{Policy, PolicyType, Requirement};

use super::engine::shown_label;
use super::fault::Fault;
use super::name::TableName;
use super::place::{Place, Places};

/// How many parsed policies are kept.
const KEPT: usize = 256;

/// A table that a request speaks of, as it was found before anybody was asked.
pub(super) struct Table {
    pub(super) name: TableName,
    pub(super) place: Arc<Place>,
    facts: Option<Facts>,
}

/// What decisions about a table that exists rest on.
struct Facts {
    /// The attributes of its key, that of the partition first.
    key: Vec<String>,
    indexes: BTreeMap<String, Index>,
    /// The label of the stream, as it is shown.
    stream: Option<String>,
    tags: BTreeMap<String, String>,
    policy: Option<Arc<Policy>>,
    stream_policy: Option<Arc<Policy>>,
    table_key: Option<TableKey>,
}

/// An index of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) is_local: bool,
    /// The attributes of its key, that of the partition first.
    pub(super) key: Vec<String>,
    /// The attributes that it has of an item; `None` if it has all.
    pub(super) projected: Option<BTreeSet<String>>,
}

/// The key of KMS of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableKey {
    /// The ARN of the key.
    pub(super) arn: String,
    /// The data key of the table, encrypted under it.
    pub(super) wrapped: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyElement {
    attribute_name: String,
    key_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    index_name: String,
    key_schema: Vec<KeyElement>,
    #[serde(default)]
    projection: Projection,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Projection {
    projection_type: Option<String>,
    non_key_attributes: Option<Vec<String>>,
}

impl Definition {
    /// The index, of a table with this key, whose attributes it has too.
    fn index(self, of_table: &[String], is_local: bool) -> (String, Index) {
        let key = key(self.key_schema);
        let is_whole = self.projection.projection_type.is_none_or(|kind| kind == "ALL");
        let others = self.projection.non_key_attributes.into_iter().flatten();
        let projected = (!is_whole).then(|| key.iter().chain(of_table).cloned().chain(others).collect());
        (self.index_name, Index { is_local, key, projected })
    }
}

/// The attributes of a key, that of the partition first.
fn key(mut schema: Vec<KeyElement>) -> Vec<String> {
    schema.sort_by_key(|element| element.key_type != "HASH");
    schema.into_iter().map(|element| element.attribute_name).collect()
}

impl Table {
    /// Looks for a table. Blocks.
    pub(super) fn find(places: &Places, name: TableName) -> Result<Self, Fault> {
        let place = places.find(&name.account, name.region)?;
        let facts = place.read(|storage| Facts::read(storage, &name.name))?;
        Ok(Self { name, place, facts })
    }

    /// As if it were not there.
    pub(super) fn absent(self) -> Self {
        Self { facts: None, ..self }
    }

    /// Whether there is such a table.
    pub(super) fn is_there(&self) -> bool {
        self.facts.is_some()
    }

    /// Its key of KMS.
    pub(super) fn key(&self) -> Option<&TableKey> {
        self.facts.as_ref()?.table_key.as_ref()
    }

    /// The first attribute of its key, or of that of an index.
    pub(super) fn partition_key(&self, index: Option<&str>) -> Option<&str> {
        self.key_attributes(index).first().map(String::as_str)
    }

    /// The attributes of its key, or of that of an index.
    pub(super) fn key_attributes(&self, index: Option<&str>) -> &[String] {
        match (&self.facts, index) {
            (Some(facts), None) => facts.key.as_slice(),
            (Some(_), Some(index)) => self.index(index).map(|index| index.key.as_slice()).unwrap_or_default(),
            (None, _) => &[],
        }
    }

    /// Its index of this name.
    pub(super) fn index(&self, name: &str) -> Option<&Index> {
        self.facts.as_ref()?.indexes.get(name)
    }

    /// What has to be allowed for an action on the table.
    pub(super) fn requirement(&self, action: &str) -> Requirement {
        self.required(action, self.name.arn(), self.facts.as_ref().and_then(|facts| facts.policy.as_ref()))
    }

    /// What has to be allowed for an action on one of its indexes, of which the table's policy speaks as well.
    ///
    /// Source: API reference, "PutResourcePolicy", `ResourceArn`.
    pub(super) fn on_index(&self, action: &str, index: &str) -> Requirement {
        let policy = self.facts.as_ref().and_then(|facts| facts.policy.as_ref());
        self.required(action, format!("{}/index/{index}", self.name.arn()), policy)
    }

    /// What has to be allowed for an action on one of its streams, which has a policy of its own.
    pub(super) fn on_stream(&self, action: &str, label: &str) -> Requirement {
        let facts = self.facts.as_ref().filter(|facts| facts.stream.as_deref() == Some(label));
        let policy = facts.and_then(|facts| facts.stream_policy.as_ref());
        self.required(action, format!("{}/stream/{label}", self.name.arn()), policy)
    }

    fn required(&self, action: &str, arn: String, policy: Option<&Arc<Policy>>) -> Requirement {
        let mut requirement = Requirement::new(format!("dynamodb:{action}"), arn).owned_by(self.name.account.clone());
        for (key, value) in self.facts.iter().flat_map(|facts| &facts.tags) {
            requirement = requirement.with(&format!("aws:ResourceTag/{key}"), value.as_str());
        }
        match policy {
            Some(policy) => requirement.under(Arc::clone(policy)),
            None => requirement,
        }
    }
}

impl Facts {
    fn read(storage: &Storage, name: &str) -> Result<Option<Self>, Fault> {
        let Some(meta) = storage.get_table_metadata(name)? else { return Ok(None) };
        let id = id_of(&meta);
        let tags = storage.get_tags(name)?.into_iter().map(|tag| (tag.key, tag.value)).collect();
        let key = serde_json::from_str(&meta.key_schema).map(key).unwrap_or_default();
        let definitions = |text: &Option<String>| -> Vec<Definition> {
            text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        };
        let global = definitions(&meta.gsi_definitions).into_iter().map(|index| index.index(&key, false));
        let local = definitions(&meta.lsi_definitions).into_iter().map(|index| index.index(&key, true));
        let indexes = global.chain(local).collect();
        let stream = meta.stream_label.as_deref().filter(|_| meta.stream_enabled).map(shown_label);
        let policy = |stream: &str| Ok::<_, Fault>(policy_text(storage, &id, stream)?.map(|(text, _)| compiled(&text)));
        Ok(Some(Self {
            indexes,
            tags,
            policy: policy("")?,
            stream_policy: stream.as_deref().map(policy).transpose()?.flatten(),
            table_key: key_of(storage, &id)?,
            key,
            stream,
        }))
    }
}

/// The unique id of a table. Tables that this engine has made all have one.
pub(super) fn id_of(meta: &TableMetadata) -> String {
    meta.table_id.clone().unwrap_or_else(|| format!("{}@{}", meta.table_name, meta.created_at))
}

/// The policy of a table, or of its stream with this label, and its revision.
pub(super) fn policy_text(storage: &Storage, id: &str, stream: &str) -> Result<Option<(String, String)>, Fault> {
    const READ: &str = r#"SELECT document, revision FROM "sidegate:policy" WHERE table_id = ?1 AND stream = ?2"#;
    let mut statement = storage.conn().prepare_cached(READ)?;
    Ok(statement.query_row([id, stream], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// The key of KMS of a table.
pub(super) fn key_of(storage: &Storage, id: &str) -> Result<Option<TableKey>, Fault> {
    let mut statement =
        storage.conn().prepare_cached(r#"SELECT arn, wrapped FROM "sidegate:key" WHERE table_id = ?1"#)?;
    let key = statement.query_row([id], |row| Ok(TableKey { arn: row.get(0)?, wrapped: row.get(1)? }));
    Ok(key.optional()?)
}

/// Gives a table another key of KMS, or none.
pub(super) fn set_key(storage: &Storage, id: &str, key: Option<&TableKey>) -> Result<(), Fault> {
    match key {
        Some(TableKey { arn, wrapped }) => storage.conn().execute(
            r#"INSERT OR REPLACE INTO "sidegate:key" (table_id, arn, wrapped) VALUES (?1, ?2, ?3)"#,
            rusqlite::params![id, arn, wrapped],
        )?,
        None => storage.conn().execute(r#"DELETE FROM "sidegate:key" WHERE table_id = ?1"#, [id])?,
    };
    Ok(())
}

/// The images that records of a table's stream have, where they are fewer than the engine is given.
pub(super) fn view_of(storage: &Storage, name: &str) -> Result<Option<String>, Fault> {
    let mut statement = storage.conn().prepare_cached(r#"SELECT view FROM "sidegate:view" WHERE table_name = ?1"#)?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// Notes which images records of a table's stream have.
pub(super) fn set_view(storage: &Storage, name: &str, view: Option<&str>) -> Result<(), Fault> {
    match view {
        Some(view) => {
            const WRITE: &str = r#"INSERT OR REPLACE INTO "sidegate:view" (table_name, view) VALUES (?1, ?2)"#;
            storage.conn().execute(WRITE, [name, view])?
        }
        None => storage.conn().execute(r#"DELETE FROM "sidegate:view" WHERE table_name = ?1"#, [name])?,
    };
    Ok(())
}

/// Since when a table is billed by requests, if it was not made so.
pub(super) fn on_demand_since(storage: &Storage, id: &str) -> Result<Option<f64>, Fault> {
    let mut statement = storage.conn().prepare_cached(r#"SELECT at FROM "sidegate:on-demand" WHERE table_id = ?1"#)?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?)
}

/// Notes since when a table is billed by requests.
pub(super) fn set_on_demand(storage: &Storage, id: &str, at: Option<f64>) -> Result<(), Fault> {
    match at {
        Some(at) => storage.conn().execute(
            r#"INSERT OR REPLACE INTO "sidegate:on-demand" (table_id, at) VALUES (?1, ?2)"#,
            rusqlite::params![id, at],
        )?,
        None => storage.conn().execute(r#"DELETE FROM "sidegate:on-demand" WHERE table_id = ?1"#, [id])?,
    };
    Ok(())
}

/// Takes away the policy of a table, or of its stream with this label.
pub(super) fn remove_policy(storage: &Storage, id: &str, stream: &str) -> Result<(), Fault> {
    storage.conn().execute(r#"DELETE FROM "sidegate:policy" WHERE table_id = ?1 AND stream = ?2"#, [id, stream])?;
    Ok(())
}

/// Forgets the records of a table's stream. The engine keeps them by the name of the table alone, so that they would be those
/// of the next table, or of the next stream, as well.
pub(super) fn forget_records(storage: &Storage, name: &str) -> Result<(), Fault> {
    storage.conn().execute("DELETE FROM _stream_records WHERE table_name = ?1", [name])?;
    Ok(())
}

/// Forgets what is left of a table that is deleted.
pub(super) fn forget(storage: &Storage, name: &str, id: &str) -> Result<(), Fault> {
    forget_records(storage, name)?;
    set_view(storage, name, None)?;
    set_on_demand(storage, id, None)?;
    storage.conn().execute(r#"DELETE FROM "sidegate:policy" WHERE table_id = ?1"#, [id])?;
    set_key(storage, id, None)
}

/// The policy of a text that is stored. One that is none any longer denies all but what puts another in its place.
fn compiled(text: &str) -> Arc<Policy> {
    static COMPILED: Mutex<Option<HashMap<Box<str>, Arc<Policy>>>> = Mutex::new(None);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let compiled = compiled.get_or_insert_default();
    if let Some(known) = compiled.get(text) {
        return Arc::clone(known);
    }
    if compiled.len() >= KEPT {
        compiled.clear();
    }
    let policy = Arc::new(kept(text));
    compiled.insert(text.into(), Arc::clone(&policy));
    policy
}

fn kept(text: &str) -> Policy {
    const LOCKED: &str = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Resource": "*", "NotAction":
        ["dynamodb:DeleteResourcePolicy", "dynamodb:GetResourcePolicy", "dynamodb:PutResourcePolicy"]}}"#;
    let parse = |text| Policy::parse(text, PolicyType::Resource);
    parse(text)
        .or_else(|error| {
            tracing::error!(%error, "a table's policy that is stored cannot be read, and so denies everything");
            parse(LOCKED)
        })
        .unwrap_or_else(|_| Policy::denying())
}
