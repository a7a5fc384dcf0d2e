//! Operations on tables: `CreateTable`, `DescribeTable`, `UpdateTable`, `DeleteTable`, `ListTables`, `UpdateTimeToLive` and
//! `DescribeTimeToLive`.

use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::actions::{
    create_table, delete_table, describe_table, describe_time_to_live, list_tables, update_table, update_time_to_live,
};
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
use super::table::{self, Table, TableKey};
use super::tags;
use crate::asked::with_request_tags;

/// What a request may ask of a table that is not served. What says nothing is let through.
const UNSERVED: [(&str, &str); 8] = [
    ("ReplicaUpdates", "global tables"),
    ("MultiRegionConsistency", "global tables"),
    ("GlobalTableWitnessUpdates", "global tables"),
    ("GlobalTableSettingsReplicationMode", "global tables"),
    ("GlobalTableSourceArn", "global tables"),
    ("WarmThroughput", "warm throughput"),
    ("VectorIndexes", "vector indexes"),
    ("VectorIndexUpdates", "vector indexes"),
];

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

/// The description of a table, with what is ours of it.
fn described(answer: &mut Value, member: &str, key: Option<&TableKey>) {
    let Some(table) = answer.get_mut(member).and_then(Value::as_object_mut) else { return };
    table.remove("SSEDescription");
    if let Some(key) = key {
        let description = json!({ "Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key.arn });
        table.insert("SSEDescription".to_owned(), description);
    }
}

/// The unique id of a table, and its key of KMS.
fn key_now(storage: &Storage, name: &str) -> Result<(String, Option<TableKey>), Fault> {
    let meta = storage.get_table_metadata(name)?.ok_or_else(|| Fault::no_table(name))?;
    let id = table::id_of(&meta);
    let key = table::key_of(storage, &id)?;
    Ok((id, key))
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
    engine::request::<create_table::CreateTableRequest>(asked.document.clone())?;
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
                let answer = block_on(create_table::execute(storage, request))?;
                let (id, _) = key_now(storage, &name)?;
                table::set_key(storage, &id, key.as_ref())?;
                if let Some(policy) = &policy {
                    policy::write(storage, &id, "", policy)?;
                }
                let mut answer = engine::localized(&answer, &caller.scope)?;
                described(&mut answer, "TableDescription", key.as_ref());
                Ok(answer.to_string())
            })
        })
    });
    Ok(prepared)
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
            let (_, key) = key_now(storage, &name.name)?;
            let scope = Scope { account: name.account, region: name.region };
            let mut answer = engine::localized(&answer, &scope)?;
            described(&mut answer, "Table", key.as_ref());
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
    let requirements = vec![table.requirement("UpdateTable")];
    // With the encryption alone there is nothing for the engine to do.
    let changes_table = !changes_key || asked.document.as_object().is_some_and(|document| document.len() > 1);
    engine::request::<update_table::UpdateTableRequest>(asked.document.clone())?;
    let document = asked.document;
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
                let request = engine::request(document.clone())?;
                let label = |storage: &Storage| {
                    Ok::<_, Fault>(storage.get_table_metadata(&name.name)?.and_then(|meta| meta.stream_label))
                };
                let before = label(storage)?;
                let answer = block_on(update_table::execute(storage, request, &place.lifecycle))?;
                if label(storage)? != before {
                    table::forget_records(storage, &name.name)?;
                }
                engine::localized(&answer, &scope)?
            } else {
                let request = describe_table::DescribeTableRequest { table_name: name.name.clone() };
                let answer = block_on(describe_table::execute(storage, request, &place.lifecycle))?;
                json!({ "TableDescription": engine::localized(&answer.table, &scope)? })
            };
            let (id, mut now) = key_now(storage, &name.name)?;
            if changes_key {
                table::set_key(storage, &id, key.as_ref())?;
                now.clone_from(&key);
            }
            described(&mut answer, "TableDescription", now.as_ref());
            Ok(answer.to_string())
        })
    });
    Ok(prepared)
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
    let document = asked.document;
    let Table { name, place, .. } = table;
    Ok(Prepared::new(requirements, move |allowed| {
        place.change(allowed, Room::Freed, |storage| {
            in_transaction(storage, || {
                let (id, key) = key_now(storage, &name.name)?;
                let request = engine::request(document.clone())?;
                let answer = block_on(delete_table::execute(storage, request, &place.lifecycle))?;
                table::forget(storage, &name.name, &id)?;
                let scope = Scope { account: name.account.clone(), region: name.region };
                let mut answer = engine::localized(&answer, &scope)?;
                described(&mut answer, "TableDescription", key.as_ref());
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

/// `UpdateTimeToLive`
pub(super) fn update_time_to_live(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(table) = asked.table()? else {
        return Err(asked.refused(|storage, request| block_on(update_time_to_live::execute(storage, request))));
    };
    let requirements = vec![table.requirement("UpdateTimeToLive")];
    engine::request::<update_time_to_live::UpdateTimeToLiveRequest>(asked.document.clone())?;
    let (document, place) = (asked.document, table.place);
    Ok(Prepared::new(requirements, move |allowed| {
        place.change(allowed, Room::Taken, |storage| {
            let request = engine::request(document.clone())?;
            engine::answer(&block_on(update_time_to_live::execute(storage, request))?)
        })
    }))
}

/// `DescribeTimeToLive`
pub(super) fn describe_time_to_live(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(table) = asked.table()? else {
        return Err(asked.refused(|storage, request| block_on(describe_time_to_live::execute(storage, request))));
    };
    let requirements = vec![table.requirement("DescribeTimeToLive")];
    let request: describe_time_to_live::DescribeTimeToLiveRequest = engine::request(asked.document)?;
    let place = table.place;
    Ok(Prepared::new(requirements, move |_| {
        place.read(|storage| engine::answer(&block_on(describe_time_to_live::execute(storage, request))?))
    }))
}
