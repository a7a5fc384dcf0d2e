//! Which material may be imported into a key now.

use rusqlite::Connection;

use crate::kms::fault::Fault;
use crate::kms::id::MaterialId;
use crate::kms::key::Key;
use crate::kms::spec::KeySpec;
use crate::kms::store::MaterialRow;

/// Checks that material is what may come now: the first, one that was there before, or the next.
pub(super) fn check(
    connection: &Connection, rows: &[MaterialRow], key: &Key, id: &MaterialId, is_new: bool,
) -> Result<(), Fault> {
    if key.is_replica() {
        return check_replica(connection, key, id, is_new);
    }
    let is_known = rows.iter().any(|row| row.id == *id);
    if rows.is_empty() || (is_known && !is_new) {
        return Ok(());
    }
    if !is_new {
        return Err(Fault::IncorrectKeyMaterial(
            "The key material in the request is not the same as the key material that was previously imported into \
             this KMS key.",
        ));
    }
    if key.spec != KeySpec::SymmetricDefault {
        return Err(Fault::WrongSpec {
            arn: key.arn(),
            spec: key.spec.as_str(),
            operation: "ImportKeyMaterial of NEW_KEY_MATERIAL",
        });
    }
    if is_known {
        return Err(Fault::IncorrectKeyMaterial("The key material in the request was imported before."));
    }
    if MaterialRow::pending(rows, key).is_some() {
        return Err(Fault::PendingRotation(key.arn()));
    }
    Ok(())
}

/// Checks that material is one of the primary key's.
///
/// Source: API reference, "ImportKeyMaterial": new material is imported into the primary key first, and cannot be
/// imported directly into a replica; "ReplicateKey": the same material as the primary key's.
fn check_replica(connection: &Connection, key: &Key, id: &MaterialId, is_new: bool) -> Result<(), Fault> {
    if is_new {
        return Err(Fault::Unsupported(format!(
            "{} is a replica key. New key material is imported into its primary key first.",
            key.arn()
        )));
    }
    let primary = key.multi_region.as_ref().map(|own| key.arn_in(&own.primary)).unwrap_or_default();
    if MaterialRow::all(connection, &primary)?.iter().any(|row| row.id == *id) {
        return Ok(());
    }
    Err(Fault::IncorrectKeyMaterial(
        "The key material in the request is not the same as the key material that was imported into the primary key.",
    ))
}
