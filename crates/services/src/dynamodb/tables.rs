//! Operations on tables: `CreateTable`, `DescribeTable`, `UpdateTable`, `DeleteTable` and `ListTables`.

use dynoxide::DynoxideError;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::actions::{create_table, delete_table, describe_table, list_tables, update_table};
use dynoxide::storage::Storage;
use pollster::block_on;
use serde_json::{Value, json};
use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::encryption::Wanted;
use super::engine;
use super::fault::Fault;
use super::operation::{Asked, Prepared};
use super::place::{Room, in_transaction};
use super::policy;
use super::retired;
use super::table::{self, Table, TableKey};
use super::tags;
use super::throughput;
use super::view;
use crate::asked::{seconds, with_request_tags};

/// What a request may ask of a table that is not served. What says nothing is let through.
const UNSERVED: [(&str, &str); 6] = [
    ("ReplicaUpdates", "global tables"),
    ("MultiRegionConsistency", "global tables"),
    ("GlobalTableWitnessUpdates", "global tables"),
    ("GlobalTableSettingsReplicationMode", "global tables"),
    ("GlobalTableSourceArn", "global tables"),
    ("WarmThroughput", "warm throughput"),
];

/// What the engine tells of a key both attributes of which have the same name, and what DynamoDB tells.
const NO_DEFINITION: &str = "Invalid KeySchema: Some index key attribute have no definition";
const SAME_NAME: &str = "Both the Hash Key and the Range Key element in the KeySchema have the same name";

/// Source: API reference, "UpdateTable": "You can create or delete only one global secondary index per `UpdateTable`
/// operation."
const ONE_INDEX: &str =
    "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table";

/// Names under which the engine keeps things of its own.
const RESERVED: [&str; 3] = ["_config", "_tables", "_stream_records"];

fn check_served(asked: &Asked) -> Result<(), Fault> {
    let given = |member: &str| {
        asked.document.get(member).is_some_and(|value| !value.is_null() && value != &json!([]) && value != &json!({}))
    };
    match UNSERVED.iter().find(|(member, _)| given(member)) {
        Some((_, what)) => Err(Fault::Unserved((*what).to_owned())),
        None => Ok(()),
    }
}

/// What is ours of a table, as its description has it.
struct Ours {
    id: String,
    key: Option<TableKey>,
    /// The images of its stream.
    view: Option<String>,
    /// Since when it is billed by requests, if it was not made so.
    on_demand_since: Option<f64>,
    /// The label of the stream that it had last, if it has none now.
    last_stream: Option<String>,
}

impl Ours {
    fn read(storage: &Storage, name: &str) -> Result<Self, Fault> {
        let meta = storage.get_table_metadata(name)?.ok_or_else(|| Fault::no_table(name))?;
        let id = table::id_of(&meta);
        let key = table::key_of(storage, &id)?;
        let view = table::view_of(storage, name)?;
        let on_demand_since = table::on_demand_since(storage, &id)?;
        let last_stream = if meta.stream_enabled { None } else { retired::last(storage, name, &id)? };
        Ok(Self { id, key, view, on_demand_since, last_stream })
    }
}

/// The description of a table, with what is ours of it.
fn described(answer: &mut Value, member: &str, ours: &Ours) {
    let Some(table) = answer.get_mut(member).and_then(Value::as_object_mut) else { return };
    table.remove("SSEDescription");
    if let (Some(view), Some(stream)) =
        (&ours.view, table.get_mut("StreamSpecification").and_then(Value::as_object_mut))
    {
        stream.insert("StreamViewType".to_owned(), view.as_str().into());
    }
    // A stream that is switched off is still the latest one.
    if let (Some(label), Some(arn)) = (&ours.last_stream, table.get("TableArn").and_then(Value::as_str)) {
        let arn = format!("{arn}/stream/{label}");
        table.insert("LatestStreamArn".to_owned(), arn.into());
        table.insert("LatestStreamLabel".to_owned(), label.as_str().into());
    }
    let since = ours.on_demand_since.map(Value::from).or_else(|| table.get("CreationDateTime").cloned());
    for summary in ["BillingModeSummary", "TableThroughputModeSummary"] {
        if let (Some(since), Some(summary)) = (&since, table.get_mut(summary).and_then(Value::as_object_mut)) {
            summary.insert("LastUpdateToPayPerRequestDateTime".to_owned(), since.clone());
        }
    }
    if let Some(key) = &ours.key {
        let description = json!({ "Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key.arn });
        table.insert("SSEDescription".to_owned(), description);
    }
}

/// `CreateTable`
pub(super) fn create(mut asked: Asked) -> Result<Prepared, Fault> {
    check_served(&asked)?;
    let Some(table) = asked.table()? else {
        return Err(asked.refused(|storage, request| block_on(create_table::execute(storage, request))));
    };
    if table.name.account != asked.scope().account {
        return Err(Fault::Validation("A table can be made in one's own account alone.".to_owned()));
    }
    let wanted = Wanted::take(&mut asked, &table.name)?;
    let policy = asked.document.as_object_mut().and_then(|document| document.remove("ResourcePolicy"));
    let policy = policy.as_ref().and_then(Value::as_str).filter(|text| !text.is_empty());
    let policy = policy.map(|text| policy::checked(&asked.names, &table.name, text)).transpose()?;
    // The tags and the policy of a table that is there already are not asked about.
    let table = table.absent();
    let tags = tags::given(&asked.document);
    let mut requirements = vec![with_request_tags(table.requirement("CreateTable"), &tags)];
    if !tags.is_empty() {
        requirements.push(with_request_tags(table.requirement("TagResource"), &tags));
    }
    if policy.is_some() {
        requirements.push(table.requirement("PutResourcePolicy"));
    }
    check_throughput(&mut asked);
    let view = view::take(
        &mut asked,
        "Table is being created with a stream enabled, UpdateViewType is required",
        "Table is being created with a stream disabled, UpdateViewType should not be specified",
    )?;
    engine::request::<create_table::CreateTableRequest>(asked.document.clone())
        .map_err(|fault| twice_named(&asked.document, fault))?;
    let sealing = match wanted {
        Wanted::Key(sealing) => Some(sealing),
        Wanted::Unsaid | Wanted::Owned => None,
    };
    let Asked { document, caller, places, .. } = asked;
    let name = table.name.name;
    let mut prepared = Prepared::new(requirements, |_| Err(Fault::Interrupted));
    prepared.sealing = sealing;
    prepared.work = Box::new(move |allowed, key| {
        let place = places.make(&caller.scope)?;
        place.change(allowed, Room::Taken, |storage| {
            in_transaction(storage, || {
                check_name(storage, &name)?;
                let request = engine::request(document.clone())?;
                let answer = block_on(create_table::execute(storage, request))
                    .map_err(|error| twice_named(&document, error.into()))?;
                throughput::check_new(&document)?;
                table::set_view(storage, &name, view.as_deref())?;
                let mut ours = Ours::read(storage, &name)?;
                table::set_key(storage, &ours.id, key.as_ref())?;
                if let Some(policy) = &policy {
                    policy::write(storage, &ours.id, "", policy)?;
                }
                ours.key.clone_from(&key);
                let mut answer = engine::localized(&answer, &caller.scope)?;
                described(&mut answer, "TableDescription", &ours);
                Ok(answer.to_string())
            })
        })
    });
    Ok(prepared)
}

/// What is told of a key whose attributes have the same name. Where no other one is defined, DynamoDB tells what the engine
/// does.
///
/// Source: tests of others against DynamoDB.
fn twice_named(document: &Value, fault: Fault) -> Fault {
    let is_told =
        matches!(&fault, Fault::Engine(DynoxideError::ValidationException(message)) if message == NO_DEFINITION);
    let defined = attributes_of(document, "AttributeDefinitions");
    match attributes_of(document, "KeySchema").as_slice() {
        [first, second] if is_told && first == second && defined.len() > 1 && defined.contains(first) => {
            Fault::Validation(SAME_NAME.to_owned())
        }
        _ => fault,
    }
}

/// The names of attributes that a member lists.
fn attributes_of<'a>(document: &'a Value, member: &str) -> Vec<&'a str> {
    let listed = document.get(member).and_then(Value::as_array).into_iter().flatten();
    listed.filter_map(|element| element.get("AttributeName")?.as_str()).collect()
}

/// A table that says nothing of how it is billed has provisioned capacity, which it has to give.
///
/// Source: API reference, "CreateTable", `BillingMode`, `ProvisionedThroughput`.
fn check_throughput(asked: &mut Asked) {
    let is_given = |member: &str| asked.document.get(member).is_some_and(|value| !value.is_null());
    if !is_given("BillingMode")
        && !is_given("ProvisionedThroughput")
        && let Some(document) = asked.document.as_object_mut()
    {
        document.insert("BillingMode".to_owned(), "PROVISIONED".into());
    }
}

/// The engine's tables are told apart by their names in SQL, which are the same in any case.
fn check_name(storage: &Storage, name: &str) -> Result<(), Fault> {
    let is_reserved = RESERVED.iter().any(|own| own.eq_ignore_ascii_case(name));
    if is_reserved || name.to_ascii_lowercase().starts_with("sqlite_") {
        return Err(Fault::Unserved(format!("tables of the name {name}")));
    }
    let alike = |other: &String| other != name && other.eq_ignore_ascii_case(name);
    match storage.list_table_names()?.iter().find(|other| alike(other)) {
        Some(other) => Err(Fault::Unserved(format!("a table {name} beside one that is called {other}"))),
        None => Ok(()),
    }
}

/// `DescribeTable`
pub(super) fn describe(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(table) = asked.table()? else {
        return Err(asked.refused(|storage, request| {
            block_on(describe_table::execute(storage, request, &VectorIndexLifecycle::new()))
        }));
    };
    let requirements = vec![table.requirement("DescribeTable")];
    let request: describe_table::DescribeTableRequest = engine::request(asked.document)?;
    let Table { name, place, .. } = table;
    Ok(Prepared::new(requirements, move |_| {
        place.read(|storage| {
            let answer = block_on(describe_table::execute(storage, request, &place.lifecycle))?;
            let ours = Ours::read(storage, &name.name)?;
            let scope = Scope { account: name.account, region: name.region };
            let mut answer = engine::localized(&answer, &scope)?;
            described(&mut answer, "Table", &ours);
            Ok(answer.to_string())
        })
    }))
}

/// `UpdateTable`
pub(super) fn update(mut asked: Asked) -> Result<Prepared, Fault> {
    check_served(&asked)?;
    let Some(table) = asked.table()? else {
        return Err(asked.refused(|storage, request| {
            block_on(update_table::execute(storage, request, &VectorIndexLifecycle::new()))
        }));
    };
    let wanted = Wanted::take(&mut asked, &table.name)?;
    let changes_key = !matches!(wanted, Wanted::Unsaid);
    let view = view::take(
        &mut asked,
        "If stream is being enabled then UpdateViewType is required",
        "If stream is being disabled, then UpdateViewType must not be specified",
    )?;
    let requirements = vec![table.requirement("UpdateTable")];
    // With the encryption alone there is nothing for the engine to do.
    let changes_table = !changes_key || asked.document.as_object().is_some_and(|document| document.len() > 1);
    engine::request::<update_table::UpdateTableRequest>(asked.document.clone())?;
    let (document, now) = (asked.document, asked.caller.now);
    let Table { name, place, .. } = table;
    let mut prepared = Prepared::new(requirements, |_| Err(Fault::Interrupted));
    prepared.sealing = match wanted {
        Wanted::Key(sealing) => Some(sealing),
        Wanted::Unsaid | Wanted::Owned => None,
    };
    prepared.work = Box::new(move |allowed, key| {
        place.change(allowed, Room::Taken, |storage| {
            let scope = Scope { account: name.account.clone(), region: name.region };
            let mut answer = if changes_table {
                // What is wrong with the request is told of a table that is not there as well.
                if storage.get_table_metadata(&name.name)?.is_none() {
                    let request = engine::request(document.clone())?;
                    block_on(update_table::execute(storage, request, &place.lifecycle))?;
                }
                check_update(storage, &name.name, &document)?;
                throughput::check_change(storage, &name.name, &document)?;
                let request = engine::request(document.clone())?;
                let meta = || storage.get_table_metadata(&name.name)?.ok_or_else(|| Fault::no_table(&name.name));
                let before = meta()?;
                let mut answer = block_on(update_table::execute(storage, request, &place.lifecycle))?;
                if throughput::keep(storage, &name.name, &document)? {
                    let request = describe_table::DescribeTableRequest { table_name: name.name.clone() };
                    answer.table_description =
                        block_on(describe_table::execute(storage, request, &place.lifecycle))?.table;
                }
                let after = meta()?;
                if before.stream_enabled && !after.stream_enabled {
                    retired::retire(storage, &before, now / 1000)?;
                }
                if after.stream_label != before.stream_label {
                    table::forget_records(storage, &name.name)?;
                    table::set_view(storage, &name.name, view.as_deref())?;
                }
                if after.billing_mode != before.billing_mode {
                    let since = (after.billing_mode.as_deref() == Some("PAY_PER_REQUEST")).then(|| seconds(now));
                    table::set_on_demand(storage, &table::id_of(&after), since)?;
                }
                engine::localized(&answer, &scope)?
            } else {
                let request = describe_table::DescribeTableRequest { table_name: name.name.clone() };
                let answer = block_on(describe_table::execute(storage, request, &place.lifecycle))?;
                json!({ "TableDescription": engine::localized(&answer.table, &scope)? })
            };
            let mut ours = Ours::read(storage, &name.name)?;
            if changes_key {
                table::set_key(storage, &ours.id, key.as_ref())?;
                ours.key.clone_from(&key);
            }
            described(&mut answer, "TableDescription", &ours);
            Ok(answer.to_string())
        })
    });
    Ok(prepared)
}

/// What the engine lets pass: a stream that is switched on or off twice, and the wrong name of a missing index.
///
/// Source: API reference, "UpdateTable", `StreamSpecification`: "You receive a `ValidationException` if you try to enable a
/// stream on a table that already has a stream, or if you try to disable a stream on a table that doesn't have a stream."
fn check_update(storage: &Storage, name: &str, document: &Value) -> Result<(), Fault> {
    let Some(meta) = storage.get_table_metadata(name)? else { return Ok(()) };
    match document.pointer("/StreamSpecification/StreamEnabled").and_then(Value::as_bool) {
        Some(true) if meta.stream_enabled => {
            return Err(Fault::Validation(format!("Table already has an enabled stream: TableName: {name}")));
        }
        Some(false) if !meta.stream_enabled => {
            return Err(Fault::Validation(format!("Table has no stream to disable: TableName: {name}")));
        }
        _ => {}
    }
    let known: Value = meta.gsi_definitions.as_deref().map_or(Ok(Value::Null), serde_json::from_str)?;
    let is_known = |index: &str| {
        known.as_array().into_iter().flatten().any(|own| own.get("IndexName").and_then(Value::as_str) == Some(index))
    };
    let updates = || document.get("GlobalSecondaryIndexUpdates").and_then(Value::as_array).into_iter().flatten();
    let makes_or_deletes = |update: &&Value| ["Create", "Delete"].iter().any(|action| !update[action].is_null());
    if updates().filter(makes_or_deletes).count() > 1 {
        return Err(Fault::Engine(DynoxideError::LimitExceededException(ONE_INDEX.to_owned())));
    }
    for index in updates().filter_map(|update| update.pointer("/Delete/IndexName")?.as_str()) {
        if !is_known(index) {
            let message = format!("Requested resource not found: Index {index} for table {name}");
            return Err(Fault::NotFound(message));
        }
    }
    Ok(())
}

/// `DeleteTable`
pub(super) fn delete(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(table) = asked.table()? else {
        return Err(asked.refused(|storage, request| {
            block_on(delete_table::execute(storage, request, &VectorIndexLifecycle::new()))
        }));
    };
    let requirements = vec![table.requirement("DeleteTable")];
    engine::request::<delete_table::DeleteTableRequest>(asked.document.clone())?;
    let (document, now) = (asked.document, asked.caller.now / 1000);
    let Table { name, place, .. } = table;
    Ok(Prepared::new(requirements, move |allowed| {
        place.change(allowed, Room::Freed, |storage| {
            in_transaction(storage, || {
                let ours = Ours::read(storage, &name.name)?;
                if let Some(meta) = storage.get_table_metadata(&name.name)? {
                    retired::retire(storage, &meta, now)?;
                }
                let request = engine::request(document.clone())?;
                let answer = block_on(delete_table::execute(storage, request, &place.lifecycle))?;
                table::forget(storage, &name.name, &ours.id)?;
                let scope = Scope { account: name.account.clone(), region: name.region };
                let mut answer = engine::localized(&answer, &scope)?;
                described(&mut answer, "TableDescription", &ours);
                Ok(answer.to_string())
            })
        })
    }))
}

/// `ListTables`
pub(super) fn list(asked: Asked) -> Result<Prepared, Fault> {
    let place = asked.places.find(&asked.scope().account, asked.scope().region)?;
    let request: list_tables::ListTablesRequest = engine::request(asked.document)?;
    let requirements = vec![Requirement::new("dynamodb:ListTables", "*")];
    Ok(Prepared::new(requirements, move |_| {
        place.read(|storage| engine::answer(&block_on(list_tables::execute(storage, request))?))
    }))
}
