//! The metrics that data was reported for.

use rusqlite::{Connection, OptionalExtension as _, params};
use sidegate_model::Scope;

use super::super::fault::Fault;
use super::super::metric::Metric;

/// A metric that is stored.
#[derive(Debug)]
pub(in super::super) struct Stored {
    pub(in super::super) id: i64,
    pub(in super::super) metric: Metric,
}

/// Which metrics are looked for.
#[derive(Debug, Default)]
pub(in super::super) struct Filter {
    pub(in super::super) namespace: Option<String>,
    pub(in super::super) name: Option<String>,
    /// Names of dimensions, with their values where those matter.
    pub(in super::super) dimensions: Vec<(String, Option<String>)>,
    /// Reported since then, in Unix milliseconds.
    pub(in super::super) since: i64,
}

/// The number of a metric, which is made if there is none.
pub(in super::super) fn note(connection: &Connection, scope: &Scope, metric: &Metric, now: i64) -> Result<i64, Fault> {
    let query = "INSERT INTO metric (account, region, namespace, name, dimensions, reported)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT DO UPDATE SET reported = max(reported, excluded.reported) RETURNING id";
    let dimensions = serde_json::to_string(&metric.dimensions)?;
    let (account, region) = (scope.account.as_str(), scope.region.as_str());
    let values = params![account, region, metric.namespace, metric.name, dimensions, now];
    Ok(connection.prepare_cached(query)?.query_row(values, |row| row.get(0))?)
}

/// The number of a metric, if data was reported for it.
pub(in super::super) fn find(connection: &Connection, scope: &Scope, metric: &Metric) -> Result<Option<i64>, Fault> {
    let query = "SELECT id FROM metric
        WHERE account = ?1 AND region = ?2 AND namespace = ?3 AND name = ?4 AND dimensions = ?5";
    let dimensions = serde_json::to_string(&metric.dimensions)?;
    let (account, region) = (scope.account.as_str(), scope.region.as_str());
    let values = params![account, region, metric.namespace, metric.name, dimensions];
    Ok(connection.prepare_cached(query)?.query_row(values, |row| row.get(0)).optional()?)
}

/// The metrics that a filter lets through whose numbers are greater than one, in the order of their numbers, at most so
/// many.
pub(in super::super) fn list(
    connection: &Connection, scope: &Scope, filter: &Filter, after: i64, most: usize,
) -> Result<Vec<Stored>, Fault> {
    let query = "SELECT id, namespace, name, dimensions FROM metric
        WHERE account = ?1 AND region = ?2 AND id > ?3 AND reported >= ?4
            AND (?5 IS NULL OR namespace = ?5) AND (?6 IS NULL OR name = ?6)
        ORDER BY id";
    let mut statement = connection.prepare_cached(query)?;
    let (account, region) = (scope.account.as_str(), scope.region.as_str());
    let mut rows = statement.query(params![account, region, after, filter.since, filter.namespace, filter.name])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let dimensions: String = row.get(3)?;
        let dimensions = serde_json::from_str(&dimensions)?;
        let metric = Metric { namespace: row.get(1)?, name: row.get(2)?, dimensions };
        if filter.lets_through(&metric) {
            found.push(Stored { id: row.get(0)?, metric });
        }
        if found.len() == most {
            break;
        }
    }
    Ok(found)
}

impl Filter {
    /// Whether a metric has the dimensions.
    fn lets_through(&self, metric: &Metric) -> bool {
        self.dimensions.iter().all(|(name, wanted)| {
            let own = metric.dimensions.get(name);
            own.is_some_and(|own| wanted.as_ref().is_none_or(|wanted| wanted == own))
        })
    }
}
