//! The rows of the database: one for each entity, with key and value as a JSON document.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::OpenError;
use crate::organizations::fault::Fault;
use crate::organizations::id::OrganizationId;
use crate::organizations::organization::{Head, Organization};
use crate::organizations::world::World;

/// Heads come first when rows are read in the order of the key.
pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS entity (
    organization TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (organization, kind, key)
) WITHOUT ROWID;
";

/// The row that an organization exists by.
const HEAD: &str = "head";

/// What the rows of accounts belong to that are in no organization.
const NOBODY: &str = "";

/// Runs a macro or function for each table of an organization: its kind, and its field.
macro_rules! tables {
    ($each:ident) => {
        $each!("unit", units);
        $each!("account", accounts);
        $each!("policy", policies);
        $each!("attachment", attachments);
        $each!("handshake", handshakes);
        $each!("request", requests);
        $each!("service", services);
        $each!("delegate", delegates);
        $each!("resource_policy", resource_policy);
    };
}

/// Reads everything.
pub(super) fn load(connection: &Connection) -> Result<World, OpenError> {
    let mut organizations = BTreeMap::<String, Organization>::new();
    let mut contacts = BTreeMap::new();
    let mut statement =
        connection.prepare("SELECT organization, kind, body FROM entity ORDER BY organization, kind != 'head'")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (owner, kind, body): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let unreadable = |source| OpenError::Row { kind: kind.clone(), source };
        if kind == HEAD {
            let (_, head): (String, Head) = serde_json::from_str(&body).map_err(unreadable)?;
            organizations.insert(owner, Organization::of(head));
            continue;
        }
        if owner == NOBODY {
            insert(&mut contacts, &body).map_err(unreadable)?;
            continue;
        }
        let Some(organization) = organizations.get_mut(&owner) else { continue };
        macro_rules! read {
            ($kind:literal, $field:ident) => {
                if kind == $kind {
                    insert(&mut organization.$field, &body).map_err(unreadable)?;
                }
            };
        }
        tables!(read);
    }
    let organizations =
        organizations.into_values().map(|organization| (organization.head.id.clone(), Arc::new(organization)));
    Ok(World::of(organizations.collect(), contacts))
}

fn insert<K: DeserializeOwned + Ord, V: DeserializeOwned>(
    table: &mut BTreeMap<K, V>, body: &str,
) -> Result<(), serde_json::Error> {
    let (key, value) = serde_json::from_str(body)?;
    table.insert(key, value);
    Ok(())
}

/// Writes what differs between two worlds, in one transaction.
pub(super) fn store(connection: &Connection, old: &World, new: &World) -> Result<(), Fault> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    table(&transaction, NOBODY, "contact", &old.contacts, &new.contacts)?;
    for id in old.organizations.keys().filter(|id| !new.organizations.contains_key(id)) {
        transaction.execute("DELETE FROM entity WHERE organization = ?1", [id.to_string()])?;
    }
    for (id, organization) in &new.organizations {
        match old.organizations.get(id) {
            Some(before) if Arc::ptr_eq(before, organization) => {}
            before => store_organization(&transaction, id, before.map(|before| &**before), organization)?,
        }
    }
    Ok(transaction.commit()?)
}

fn store_organization(
    connection: &Connection, id: &OrganizationId, old: Option<&Organization>, new: &Organization,
) -> Result<(), Fault> {
    let owner = id.to_string();
    let head = |organization: &Organization| BTreeMap::from([(HEAD, organization.head.clone())]);
    table(connection, &owner, HEAD, &old.map(head).unwrap_or_default(), &head(new))?;
    macro_rules! write {
        ($kind:literal, $field:ident) => {
            let none = BTreeMap::new();
            table(connection, &owner, $kind, old.map_or(&none, |old| &old.$field), &new.$field)?;
        };
    }
    tables!(write);
    Ok(())
}

/// Writes what differs between two states of a table.
fn table<K: Serialize + Ord, V: Serialize + PartialEq>(
    connection: &Connection, owner: &str, kind: &str, old: &BTreeMap<K, V>, new: &BTreeMap<K, V>,
) -> Result<(), Fault> {
    for key in old.keys().filter(|key| !new.contains_key(key)) {
        connection
            .prepare_cached("DELETE FROM entity WHERE organization = ?1 AND kind = ?2 AND key = ?3")?
            .execute(params![owner, kind, serde_json::to_string(key)?])?;
    }
    for (key, value) in new.iter().filter(|(key, value)| old.get(key) != Some(value)) {
        let body = serde_json::to_string(&(key, value))?;
        connection.prepare_cached("INSERT OR REPLACE INTO entity VALUES (?1, ?2, ?3, ?4)")?.execute(params![
            owner,
            kind,
            serde_json::to_string(key)?,
            body
        ])?;
    }
    Ok(())
}
