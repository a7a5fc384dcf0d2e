//! How secrets are rotated, and the rotations that are going on. Every function here runs in the transaction that it is
//! given.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sidegate_model::Scope;

use crate::secretsmanager::fault::Fault;
use crate::secretsmanager::id::VersionId;
use crate::secretsmanager::rotation::{Rules, Window};

/// What layout 4 has and layout 3 has not.
pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS rotation (
    arn TEXT PRIMARY KEY REFERENCES secret (arn) ON DELETE CASCADE, enabled INTEGER NOT NULL, function TEXT NOT NULL,
    rules TEXT, days INTEGER, last INTEGER, opens INTEGER, closes INTEGER,
    version TEXT, test INTEGER, token TEXT, attempts INTEGER, due INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rotation_due ON rotation (due) WHERE due IS NOT NULL;
";

/// How a secret is rotated. Times are Unix milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    /// Whether it is.
    pub(crate) enabled: bool,
    /// The ARN of the function that does it.
    pub(crate) function: String,
    pub(crate) rules: Option<Rules>,
    /// The days between rotations, as they were calculated after the last one.
    pub(crate) days: Option<i64>,
    pub(crate) last: Option<i64>,
    pub(crate) next: Option<Window>,
    pub(crate) going_on: Option<GoingOn>,
    /// When something has to be done next.
    pub(crate) due: Option<i64>,
}

/// A rotation that is going on.
#[derive(Clone, Debug)]
pub(crate) struct GoingOn {
    pub(crate) version: VersionId,
    /// Whether the function is only tested, and the version taken away.
    pub(crate) is_test: bool,
    /// By which a function that calls back shows where it comes from.
    pub(crate) token: String,
    /// How often it was tried.
    pub(crate) attempts: i64,
}

const ROTATION: &str = "SELECT arn, enabled, function, rules, days, last, opens, closes, version, test, token, attempts, due FROM rotation";

impl Rotation {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let rules = match row.get_ref(3)?.as_str_or_null()? {
            None => None,
            Some(text) => Some(serde_json::from_str(text).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Text, Box::new(error))
            })?),
        };
        let next = match (row.get(6)?, row.get(7)?) {
            (Some(opens), Some(closes)) => Some(Window { opens, closes }),
            _ => None,
        };
        let going_on = match (row.get(8)?, row.get(9)?, row.get(10)?, row.get(11)?) {
            (Some(version), Some(is_test), Some(token), Some(attempts)) => {
                Some(GoingOn { version: VersionId::stored(version), is_test, token, attempts })
            }
            _ => None,
        };
        Ok(Self {
            enabled: row.get(1)?,
            function: row.get(2)?,
            rules,
            days: row.get(4)?,
            last: row.get(5)?,
            next,
            going_on,
            due: row.get(12)?,
        })
    }

    pub(crate) fn read(connection: &Connection, arn: &str) -> Result<Option<Self>, Fault> {
        let mut statement = connection.prepare_cached(&format!("{ROTATION} WHERE arn = ?1"))?;
        Ok(statement.query_row([arn], Self::of).optional()?)
    }

    /// Those of every secret of an account in a Region, by ARN.
    pub(crate) fn read_all(connection: &Connection, scope: &Scope) -> Result<HashMap<String, Self>, Fault> {
        let query = format!("{ROTATION} WHERE arn IN (SELECT arn FROM secret WHERE account = ?1 AND region = ?2)");
        let mut statement = connection.prepare_cached(&query)?;
        let place = [scope.account.as_str(), scope.region.as_str()];
        let rows = statement.query_map(place, |row| Ok((row.get(0)?, Self::of(row)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn write(&self, connection: &Connection, arn: &str) -> Result<(), Fault> {
        let rules = self.rules.as_ref().map(serde_json::to_string).transpose()?;
        let on = self.going_on.as_ref();
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO rotation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                arn,
                self.enabled,
                self.function,
                rules,
                self.days,
                self.last,
                self.next.map(|window| window.opens),
                self.next.map(|window| window.closes),
                on.map(|on| on.version.as_str()),
                on.map(|on| on.is_test),
                on.map(|on| on.token.as_str()),
                on.map(|on| on.attempts),
                self.due,
            ])?;
        Ok(())
    }

    /// The ARNs of secrets for which something has to be done by now, those that wait longest first.
    pub(crate) fn due(connection: &Connection, now: i64, most: usize) -> Result<Vec<String>, Fault> {
        let query = "SELECT arn FROM rotation JOIN secret USING (arn)
            WHERE due <= ?1 AND enabled AND deleted IS NULL ORDER BY due, arn LIMIT ?2";
        let mut statement = connection.prepare_cached(query)?;
        let rows = statement.query_map(params![now, most as i64], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
