//! The rows of the database. Every function here runs in the transaction that it is given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sidegate_model::Scope;

use crate::lambda::fault::Fault;
use crate::lambda::name::Place;
use crate::vault::Vault;

/// What can stand in a row.
pub(crate) trait Row: Serialize + DeserializeOwned + Clone {}

impl<T: Serialize + DeserializeOwned + Clone> Row for T {}

/// What has numbered versions: they do not change often, so that each has a row.
#[derive(Clone, Debug)]
pub(crate) struct Kept<H, V> {
    pub(crate) head: H,
    pub(crate) versions: BTreeMap<u64, Arc<V>>,
}

/// What tells the number that the next version gets.
pub(crate) trait Numbered {
    fn next(&self) -> u64;
}

/// The numbers that versions of what is gone had: none is given again, also when it is made again under its name.
///
/// Source: Lambda developer guide, "Manage Lambda function versions".
pub(super) const NUMBERS: &str = "
CREATE TABLE IF NOT EXISTS numbering (
    kind INTEGER NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (kind, account, region, name)
) WITHOUT ROWID;
";

/// Which of those it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Function = 1,
    Layer = 2,
}

/// What a row is encrypted for: one that is moved elsewhere does not decrypt.
fn bound_to(kind: Kind, place: &Place, part: u64) -> String {
    let Place { scope: Scope { account, region }, name } = place;
    format!("{}/{account}/{region}/{name}/{part}", kind as i64)
}

pub(super) fn opened<T: DeserializeOwned>(vault: &Vault, bound_to: &str, sealed: Vec<u8>) -> Result<T, Fault> {
    let plain = vault.open_sealed(bound_to, sealed).ok_or_else(|| {
        tracing::error!(row = bound_to, "a row of the functions is not what was encrypted");
        Fault::Interrupted
    })?;
    Ok(serde_json::from_slice(&plain)?)
}

/// All of a kind.
pub(crate) fn read_all<H: Row, V: Row>(
    connection: &Connection, vault: &Vault, kind: Kind,
) -> Result<BTreeMap<Place, Arc<Kept<H, V>>>, Fault> {
    let mut statement = connection.prepare(
        "SELECT account, region, name, part, sealed FROM entity WHERE kind = ?1 ORDER BY account, region, name, part",
    )?;
    let mut rows = statement.query([kind as i64])?;
    let mut all: BTreeMap<Place, Kept<H, V>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (account, region): (String, String) = (row.get(0)?, row.get(1)?);
        let (Ok(account), Ok(region)) = (account.parse(), region.parse()) else {
            tracing::error!(account, region, "a function or a layer is nowhere");
            continue;
        };
        let place = Place { scope: Scope { account, region }, name: row.get(2)? };
        let part = row.get::<_, i64>(3)?.unsigned_abs();
        let (bound_to, sealed) = (bound_to(kind, &place, part), row.get(4)?);
        // The head comes first.
        match all.get_mut(&place) {
            None => {
                let head = opened(vault, &bound_to, sealed)?;
                all.insert(place, Kept { head, versions: BTreeMap::new() });
            }
            Some(kept) => {
                kept.versions.insert(part, Arc::new(opened(vault, &bound_to, sealed)?));
            }
        }
    }
    Ok(all.into_iter().map(|(place, kept)| (place, Arc::new(kept))).collect())
}

/// The number of the first version of what is made now.
pub(super) fn first_number(connection: &Connection, kind: Kind, place: &Place) -> Result<u64, Fault> {
    let Place { scope: Scope { account, region }, name } = place;
    let query = "SELECT next FROM numbering WHERE kind = ?1 AND account = ?2 AND region = ?3 AND name = ?4";
    let row = params![kind as i64, account.as_str(), region.as_str(), name];
    let next = connection.prepare_cached(query)?.query_row(row, |row| row.get::<_, i64>(0)).optional()?;
    Ok(next.map_or(1, i64::unsigned_abs))
}

/// Writes what differs.
pub(crate) fn write<H: Row + Numbered, V: Row>(
    connection: &Connection, vault: &Vault, kind: Kind, place: &Place, before: Option<&Kept<H, V>>,
    after: Option<&Kept<H, V>>,
) -> Result<(), Fault> {
    let Place { scope: Scope { account, region }, name } = place;
    let (account, region) = (account.as_str(), region.as_str());
    let Some(after) = after else {
        let query = "DELETE FROM entity WHERE kind = ?1 AND account = ?2 AND region = ?3 AND name = ?4";
        connection.prepare_cached(query)?.execute(params![kind as i64, account, region, name])?;
        if let Some(next) = before.map(|before| before.head.next()).filter(|next| *next > 1) {
            let query = "INSERT OR REPLACE INTO numbering VALUES (?1, ?2, ?3, ?4, ?5)";
            let row = params![kind as i64, account, region, name, next.cast_signed()];
            connection.prepare_cached(query)?.execute(row)?;
        }
        return Ok(());
    };
    let put = |part: u64, plain: Vec<u8>| -> Result<(), Fault> {
        let sealed = vault.seal(&bound_to(kind, place, part), plain)?;
        let query = "INSERT INTO entity VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (kind, account, region, name, part) DO UPDATE SET sealed = ?6";
        let row = params![kind as i64, account, region, name, part.cast_signed(), sealed];
        connection.prepare_cached(query)?.execute(row)?;
        Ok(())
    };
    put(0, serde_json::to_vec(&after.head)?)?;
    let none = BTreeMap::new();
    let versions = before.map_or(&none, |before| &before.versions);
    for (number, version) in &after.versions {
        if !versions.get(number).is_some_and(|own| Arc::ptr_eq(own, version)) {
            put(*number, serde_json::to_vec(version.as_ref())?)?;
        }
    }
    for number in versions.keys().filter(|number| !after.versions.contains_key(number)) {
        let query = "DELETE FROM entity WHERE kind = ?1 AND account = ?2 AND region = ?3 AND name = ?4 AND part = ?5";
        let row = params![kind as i64, account, region, name, number.cast_signed()];
        connection.prepare_cached(query)?.execute(row)?;
    }
    Ok(())
}

/// An event that waits to be handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    /// The id of the request that brought it.
    pub(crate) id: String,
    pub(crate) scope: Scope,
    pub(crate) function: String,
    /// The version or alias that was called, if one was named.
    pub(crate) qualifier: Option<String>,
    pub(crate) payload: Vec<u8>,
    pub(crate) client_context: Option<String>,
    pub(crate) trace_id: String,
    /// When it was brought, in Unix milliseconds.
    pub(crate) since: i64,
    /// How often the function had it and failed.
    pub(crate) failures: u32,
    /// How often there was no room for it.
    pub(crate) throttles: u32,
    /// By how many functions, each the destination of the one before, it has come here.
    pub(crate) hops: u32,
    /// When it is handled at the earliest.
    pub(crate) due: i64,
}

impl Waiting {
    pub(crate) fn write(&self, connection: &Connection, vault: &Vault) -> Result<(), Fault> {
        let sealed = vault.seal(&format!("event/{}", self.id), serde_json::to_vec(self)?)?;
        let query = "INSERT INTO event VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET due = ?2, sealed = ?3";
        connection.prepare_cached(query)?.execute(params![self.id, self.due, sealed])?;
        Ok(())
    }

    pub(crate) fn remove(connection: &Connection, id: &str) -> Result<(), Fault> {
        connection.prepare_cached("DELETE FROM event WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    /// Those that are due, but for `handled`, and when the next one is.
    pub(crate) fn due(
        connection: &Connection, vault: &Vault, now: i64, handled: &BTreeSet<String>, most: usize,
    ) -> Result<(Vec<Self>, Option<i64>), Fault> {
        let mut statement = connection.prepare_cached("SELECT id, due, sealed FROM event ORDER BY due")?;
        let mut rows = statement.query([])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, at): (String, i64) = (row.get(0)?, row.get(1)?);
            if handled.contains(&id) {
                continue;
            }
            if at > now || due.len() >= most {
                return Ok((due, Some(at)));
            }
            match opened(vault, &format!("event/{id}"), row.get(2)?) {
                Ok(waiting) => due.push(waiting),
                Err(error) => tracing::error!(%error, id, "an event cannot be read, and is not handled"),
            }
        }
        Ok((due, None))
    }
}
