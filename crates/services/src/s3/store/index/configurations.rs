//! The configurations of buckets, one row each: the document that was put, in the form of the API.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{Index, require_bucket};
use crate::s3::fault::Fault;

/// What the third layout has more than the second.
pub(super) const TABLE: &str = "
CREATE TABLE IF NOT EXISTS configuration (
    bucket TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (bucket, kind, id)
) WITHOUT ROWID;
";

/// Which configuration of a bucket: those of which there may be several have ids.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Which<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) id: &'a str,
}

impl Index {
    /// The document of a configuration.
    pub(crate) fn configuration(&self, which: Which<'_>) -> Result<Option<String>, Fault> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT body FROM configuration WHERE bucket = ?1 AND kind = ?2 AND id = ?3")?;
            Ok(statement.query_row(params![which.bucket, which.kind, which.id], |row| row.get(0)).optional()?)
        })
    }

    /// The documents of one kind whose ids come after this one, in the order of their ids.
    pub(crate) fn configurations(&self, after: Which<'_>, limit: u32) -> Result<Vec<(String, String)>, Fault> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, body FROM configuration WHERE bucket = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4",
            )?;
            let rows = statement
                .query_map(params![after.bucket, after.kind, after.id, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Puts a configuration in the place of the one that was there, unless there are as many of its kind as there may
    /// be: then it says `false`.
    pub(crate) fn put_configuration(&self, which: Which<'_>, body: &str, most: u32) -> Result<bool, Fault> {
        self.write(|transaction| {
            require_bucket(transaction, which.bucket)?;
            let others: u32 = transaction
                .prepare_cached("SELECT count(*) FROM configuration WHERE bucket = ?1 AND kind = ?2 AND id <> ?3")?
                .query_row(params![which.bucket, which.kind, which.id], |row| row.get(0))?;
            if others >= most {
                return Ok(false);
            }
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO configuration (bucket, kind, id, body) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![which.bucket, which.kind, which.id, body])?;
            Ok(true)
        })
    }

    /// Takes a configuration away, and says whether there was one.
    pub(crate) fn remove_configuration(&self, which: Which<'_>) -> Result<bool, Fault> {
        self.free(|transaction| {
            let removed = transaction
                .prepare_cached("DELETE FROM configuration WHERE bucket = ?1 AND kind = ?2 AND id = ?3")?
                .execute(params![which.bucket, which.kind, which.id])?;
            Ok(removed > 0)
        })
    }
}

/// Takes all configurations of a bucket away.
pub(super) fn remove_all(transaction: &Transaction<'_>, bucket: &str) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM configuration WHERE bucket = ?1", [bucket]).map(drop)
}
