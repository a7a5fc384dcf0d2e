//! Rows of metric filters, subscription filters, destinations and resource policies.

use rusqlite::{Connection, Row, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sidegate_model::Scope;

use super::Tags;
use crate::logs::fault::Fault;

/// What a metric filter consists of beside its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MetricFilter {
    pub(crate) filter_pattern: String,
    pub(crate) metric_transformations: Vec<Transformation>,
}

/// What becomes of an event that a metric filter matches.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Transformation {
    pub(crate) metric_name: String,
    pub(crate) metric_namespace: String,
    pub(crate) metric_value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dimensions: Option<Tags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<String>,
}

/// What a subscription filter consists of beside its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionFilter {
    pub(crate) filter_pattern: String,
    pub(crate) destination_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role_arn: Option<String>,
    pub(crate) distribution: String,
}

/// A filter of a group with its name and the time when it was made.
#[derive(Clone, Debug)]
pub(crate) struct Named<F> {
    pub(crate) name: String,
    pub(crate) created: i64,
    pub(crate) filter: F,
}

/// Where a filter stands among those of all groups: its name, and that of its group.
pub(crate) type FilterPlace = (String, String);

/// What is kept by groups and names, in a table.
pub(crate) trait Filter: Serialize + DeserializeOwned {
    const TABLE: &'static str;

    /// Those of a group in the order of their names.
    fn all(connection: &Connection, group: i64) -> Result<Vec<Named<Self>>, Fault> {
        let query = format!("SELECT name, created, document FROM {} WHERE grp = ?1 ORDER BY name", Self::TABLE);
        let mut statement = connection.prepare_cached(&query)?;
        let mut rows = statement.query([group])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let document: String = row.get(2)?;
            let filter = serde_json::from_str(&document)?;
            found.push(Named { name: row.get(0)?, created: row.get(1)?, filter });
        }
        Ok(found)
    }

    /// Goes through those of all groups of an account in a Region, with the names of their groups, by their own
    /// names: those after a place, until `visit` has enough.
    fn each(
        connection: &Connection, scope: &Scope, after: &FilterPlace,
        mut visit: impl FnMut(String, Named<Self>) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        let query = format!(
            "SELECT f.name, f.created, f.document, grp.name FROM {} f JOIN grp ON grp.id = f.grp
            WHERE account = ?1 AND region = ?2 AND (f.name, grp.name) > (?3, ?4) ORDER BY f.name, grp.name",
            Self::TABLE
        );
        let mut statement = connection.prepare_cached(&query)?;
        let (name, group) = after;
        let mut rows = statement.query(params![scope.account.as_str(), scope.region.as_str(), name, group])?;
        while let Some(row) = rows.next()? {
            let document: String = row.get(2)?;
            let filter = serde_json::from_str(&document)?;
            if !visit(row.get(3)?, Named { name: row.get(0)?, created: row.get(1)?, filter })? {
                break;
            }
        }
        Ok(())
    }

    /// Keeps it, in place of the one of its name.
    fn put(&self, connection: &Connection, group: i64, name: &str, now: i64) -> Result<(), Fault> {
        let query = format!(
            "INSERT INTO {} VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET document = excluded.document",
            Self::TABLE
        );
        connection.prepare_cached(&query)?.execute(params![group, name, now, serde_json::to_string(self)?])?;
        Ok(())
    }

    /// Whether there was one to remove.
    fn remove(connection: &Connection, group: i64, name: &str) -> Result<bool, Fault> {
        let query = format!("DELETE FROM {} WHERE grp = ?1 AND name = ?2", Self::TABLE);
        Ok(connection.prepare_cached(&query)?.execute(params![group, name])? > 0)
    }
}

impl Filter for MetricFilter {
    const TABLE: &'static str = "metric_filter";
}

impl Filter for SubscriptionFilter {
    const TABLE: &'static str = "subscription_filter";
}

/// A destination for the subscriptions of other accounts.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) name: String,
    pub(crate) created: i64,
    pub(crate) target: String,
    pub(crate) role: String,
    pub(crate) policy: Option<String>,
    pub(crate) tags: Tags,
}

const DESTINATION: &str =
    "SELECT name, created, target, role, policy, tags FROM destination WHERE account = ?1 AND region = ?2";

impl Destination {
    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let tags: String = row.get(5)?;
        Ok(Self {
            name: row.get(0)?,
            created: row.get(1)?,
            target: row.get(2)?,
            role: row.get(3)?,
            policy: row.get(4)?,
            tags: serde_json::from_str(&tags)?,
        })
    }

    pub(crate) fn find(connection: &Connection, scope: &Scope, name: &str) -> Result<Option<Self>, Fault> {
        let mut statement = connection.prepare_cached(&format!("{DESTINATION} AND name = ?3"))?;
        let mut rows = statement.query(params![scope.account.as_str(), scope.region.as_str(), name])?;
        rows.next()?.map(Self::read).transpose()
    }

    /// Those after a name that begin in a certain way, in the order of their names.
    pub(crate) fn page(
        connection: &Connection, scope: &Scope, after: &str, prefix: &str, limit: usize,
    ) -> Result<Vec<Self>, Fault> {
        let query = format!("{DESTINATION} AND name > ?3 AND name >= ?4 ORDER BY name");
        let mut statement = connection.prepare_cached(&query)?;
        let mut rows = statement.query(params![scope.account.as_str(), scope.region.as_str(), after, prefix])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let destination = Self::read(row)?;
            if found.len() == limit || !destination.name.starts_with(prefix) {
                break;
            }
            found.push(destination);
        }
        Ok(found)
    }

    pub(crate) fn put(&self, connection: &Connection, scope: &Scope) -> Result<(), Fault> {
        connection
            .prepare_cached("INSERT OR REPLACE INTO destination VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
            .execute(params![
                scope.account.as_str(),
                scope.region.as_str(),
                self.name,
                self.created,
                self.target,
                self.role,
                self.policy,
                serde_json::to_string(&self.tags)?
            ])?;
        Ok(())
    }

    /// Whether there was one to remove.
    pub(crate) fn remove(connection: &Connection, scope: &Scope, name: &str) -> Result<bool, Fault> {
        let query = "DELETE FROM destination WHERE account = ?1 AND region = ?2 AND name = ?3";
        let place = params![scope.account.as_str(), scope.region.as_str(), name];
        Ok(connection.prepare_cached(query)?.execute(place)? > 0)
    }
}

/// A policy of an account in a Region, or of one of its log groups.
#[derive(Clone, Debug)]
pub(crate) struct ResourcePolicy {
    /// The number of the log group; 0 where it is the account's.
    pub(crate) group: i64,
    pub(crate) name: String,
    pub(crate) updated: i64,
    pub(crate) document: String,
    /// Only that of a log group has one.
    pub(crate) revision: Option<String>,
}

impl ResourcePolicy {
    /// Those of an account, or those of a log group, in the order of their names.
    pub(crate) fn all(connection: &Connection, scope: &Scope, group: i64) -> Result<Vec<Self>, Fault> {
        let query = "SELECT grp, name, updated, document, revision FROM resource_policy
            WHERE account = ?1 AND region = ?2 AND grp = ?3 ORDER BY name";
        let read = |row: &Row<'_>| {
            Ok(Self {
                group: row.get(0)?,
                name: row.get(1)?,
                updated: row.get(2)?,
                document: row.get(3)?,
                revision: row.get(4)?,
            })
        };
        let mut statement = connection.prepare_cached(query)?;
        let rows = statement.query_map(params![scope.account.as_str(), scope.region.as_str(), group], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn put(&self, connection: &Connection, scope: &Scope) -> Result<(), Fault> {
        let Self { group, name, updated, document, revision } = self;
        let (account, region) = (scope.account.as_str(), scope.region.as_str());
        connection
            .prepare_cached("INSERT OR REPLACE INTO resource_policy VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![account, region, group, name, updated, document, revision])?;
        Ok(())
    }

    pub(crate) fn remove(&self, connection: &Connection, scope: &Scope) -> Result<(), Fault> {
        let query = "DELETE FROM resource_policy WHERE account = ?1 AND region = ?2 AND grp = ?3 AND name = ?4";
        let place = params![scope.account.as_str(), scope.region.as_str(), self.group, self.name];
        connection.prepare_cached(query)?.execute(place)?;
        Ok(())
    }
}
