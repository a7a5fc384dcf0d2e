//! The rows of materials. Every function here runs in the transaction that it is given.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::rows::StoredKey;
use crate::kms::fault::Fault;
use crate::kms::id::MaterialId;
use crate::kms::key::Key;

/// What made a material the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RotationType {
    Automatic,
    OnDemand,
}

impl RotationType {
    pub(in crate::kms) fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "AUTOMATIC",
            Self::OnDemand => "ON_DEMAND",
        }
    }
}

/// The secret of a material as it is encrypted, and its public key.
pub(super) struct SealedMaterial {
    pub(super) secret: Vec<u8>,
    pub(super) public: Option<Vec<u8>>,
}

/// A material, without the secret.
#[derive(Clone, Debug)]
pub(crate) struct MaterialRow {
    pub(in crate::kms) arn: String,
    pub(in crate::kms) id: MaterialId,
    pub(in crate::kms) created: i64,
    /// When it took the place of another, and why.
    pub(in crate::kms) rotated: Option<(i64, RotationType)>,
    /// Of imported material.
    pub(in crate::kms) expires: Option<i64>,
    /// Of imported material.
    pub(in crate::kms) description: Option<String>,
    /// Whether the secret is there.
    pub(in crate::kms) is_there: bool,
}

const MATERIAL: &str = "SELECT arn, id, created, rotated, kind, expires, description, sealed IS NOT NULL FROM material";

impl MaterialRow {
    pub(in crate::kms) fn new(arn: &str, id: MaterialId, now: i64) -> Self {
        Self { arn: arn.to_owned(), id, created: now, rotated: None, expires: None, description: None, is_there: true }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let kind: Option<String> = row.get(4)?;
        let kind = if kind.as_deref() == Some("ON_DEMAND") { RotationType::OnDemand } else { RotationType::Automatic };
        Ok(Self {
            arn: row.get(0)?,
            id: MaterialId::stored(row.get(1)?),
            created: row.get(2)?,
            rotated: row.get::<_, Option<i64>>(3)?.map(|time| (time, kind)),
            expires: row.get(5)?,
            description: row.get(6)?,
            is_there: row.get(7)?,
        })
    }

    /// The materials of a key from the oldest on.
    pub(in crate::kms) fn all(connection: &Connection, arn: &str) -> Result<Vec<Self>, Fault> {
        let mut statement = connection.prepare_cached(&format!("{MATERIAL} WHERE arn = ?1 ORDER BY number"))?;
        let rows = statement.query_map([arn], Self::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The secret as it is encrypted, and the public key.
    pub(super) fn sealed(
        connection: &Connection, arn: &str, id: &MaterialId, now: i64,
    ) -> Result<Option<SealedMaterial>, Fault> {
        let query = "SELECT sealed, public FROM material WHERE arn = ?1 AND id = ?2 AND sealed IS NOT NULL
            AND (expires IS NULL OR expires > ?3)";
        let mut statement = connection.prepare_cached(query)?;
        let place = params![arn, id.as_str(), now];
        Ok(statement
            .query_row(place, |row| Ok(SealedMaterial { secret: row.get(0)?, public: row.get(1)? }))
            .optional()?)
    }

    /// The public key alone.
    pub(in crate::kms) fn public(
        connection: &Connection, arn: &str, id: &MaterialId,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let mut statement = connection.prepare_cached("SELECT public FROM material WHERE arn = ?1 AND id = ?2")?;
        Ok(statement.query_row(params![arn, id.as_str()], |row| row.get(0)).optional()?.flatten())
    }

    pub(in crate::kms) fn insert(
        &self, connection: &Connection, sealed: Option<&[u8]>, public: Option<&[u8]>,
    ) -> Result<(), Fault> {
        let query = "INSERT INTO material (arn, id, created, rotated, kind, sealed, public, expires, description)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (arn, id) DO UPDATE SET sealed = ?6, public = ?7, expires = ?8,
            description = coalesce(?9, description)";
        connection.prepare_cached(query)?.execute(params![
            self.arn,
            self.id.as_str(),
            self.created,
            self.rotated.map(|(time, _)| time),
            self.rotated.map(|(_, kind)| kind.as_str()),
            sealed,
            public,
            self.expires,
            self.description
        ])?;
        Ok(())
    }

    /// Notes that the material became the current one.
    pub(in crate::kms) fn rotate(
        connection: &Connection, arn: &str, id: &MaterialId, now: i64, kind: RotationType,
    ) -> Result<(), Fault> {
        connection
            .prepare_cached("UPDATE material SET rotated = ?3, kind = ?4 WHERE arn = ?1 AND id = ?2")?
            .execute(params![arn, id.as_str(), now, kind.as_str()])?;
        Ok(())
    }

    /// Destroys the secret, and keeps what is known of it.
    pub(in crate::kms) fn destroy(connection: &Connection, arn: &str, id: &MaterialId) -> Result<(), Fault> {
        connection
            .prepare_cached("UPDATE material SET sealed = NULL, expires = NULL WHERE arn = ?1 AND id = ?2")?
            .execute(params![arn, id.as_str()])?;
        Ok(())
    }

    /// Takes away material that waits for its turn, with all that is known of it. With that of a primary key goes that
    /// of its replicas.
    ///
    /// Source: API reference, "RotationsListEntry" (such material is not permanently associated with the key),
    /// "DeleteImportedKeyMaterial".
    pub(in crate::kms) fn forget(connection: &Connection, stored: &StoredKey, id: &MaterialId) -> Result<(), Fault> {
        let keys = if stored.key.is_primary() { stored.related(connection)? } else { vec![stored.clone()] };
        let mut statement = connection.prepare_cached("DELETE FROM material WHERE arn = ?1 AND id = ?2")?;
        for own in keys {
            statement.execute(params![own.key.arn(), id.as_str()])?;
        }
        Ok(())
    }

    /// The same material of a related key, whose secret is encrypted anew.
    pub(in crate::kms) fn copy_to(&self, arn: &str) -> Self {
        Self { arn: arn.to_owned(), ..self.clone() }
    }

    /// What a related key knows of imported material that is yet to be imported into it.
    pub(in crate::kms) fn expected_by(&self, arn: &str) -> Self {
        Self { expires: None, description: None, is_there: false, ..self.copy_to(arn) }
    }

    /// The imported material of a key that waits for its turn, among all of the key.
    pub(in crate::kms) fn pending<'a>(rows: &'a [Self], key: &Key) -> Option<&'a Self> {
        let current = rows.iter().position(|row| Some(&row.id) == key.material.as_ref())?;
        rows.iter().skip(current + 1).find(|row| row.rotated.is_none())
    }

    /// The same material in a key, if its secret is there.
    pub(in crate::kms) fn in_key(&self, connection: &Connection, arn: &str) -> Result<Option<Self>, Fault> {
        Ok(Self::all(connection, arn)?.into_iter().find(|row| row.id == self.id && row.is_there))
    }
}

/// Destroys the imported materials whose time has come, and tells whether there were any. What waits for its turn is
/// forgotten: nothing was encrypted under it, so that the key goes on without it.
pub(super) fn expire(connection: &Connection, now: i64) -> Result<bool, Fault> {
    let keys = keys_of_expired(connection, now)?;
    for mut stored in keys.iter().cloned() {
        let arn = stored.key.arn();
        let rows = MaterialRow::all(connection, &arn)?;
        let pending = MaterialRow::pending(&rows, &stored.key).map(|row| &row.id);
        for row in rows.iter().filter(|row| row.expires.is_some_and(|time| time <= now)) {
            if pending == Some(&row.id) {
                MaterialRow::forget(connection, &stored, &row.id)?;
            } else {
                MaterialRow::destroy(connection, &arn, &row.id)?;
                stored.key.misses_material = true;
            }
        }
        stored.update(connection)?;
    }
    Ok(!keys.is_empty())
}

/// The keys of which imported material expires.
fn keys_of_expired(connection: &Connection, now: i64) -> Result<Vec<StoredKey>, Fault> {
    let query = "SELECT about, policy FROM key WHERE arn IN (SELECT arn FROM material WHERE expires <= ?1)";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([now], StoredKey::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
