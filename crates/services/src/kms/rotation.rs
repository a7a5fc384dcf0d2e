//! `EnableKeyRotation`, `DisableKeyRotation`, `GetKeyRotationStatus`, `RotateKeyOnDemand` and `ListKeyRotations`
//!
//! What was encrypted under earlier materials stays decryptable: a ciphertext names its material.
//!
//! Source: KMS developer guide, "Rotate AWS KMS keys".

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::id::MaterialId;
use super::key::{DAY, Key, Rotation};
use super::operation::{Done, Named, Operation, Prepared};
use super::page::{Paging, limit};
use super::spec::{KeySpec, Origin};
use super::store::{MaterialRow, RotationType, Store, StoredKey};
use super::subject::Subject;
use crate::asked::{seconds, with_given};
use crate::constraint::{Constraint, within};
use crate::{Authorized, Caller};

/// After how many days a key gets new material, if nobody says.
const USUAL: i64 = 365;

/// How often a key can be rotated on demand.
///
/// Source: KMS developer guide, "Resource quotas".
const MOST_ON_DEMAND: u32 = 25;

/// Checks that a key is of the kind that is rotated.
fn check_kind(key: &Key, operation: &'static str) -> Result<(), Fault> {
    if key.spec == KeySpec::SymmetricDefault {
        return Ok(());
    }
    Err(Fault::WrongSpec { arn: key.arn(), spec: key.spec.as_str(), operation })
}

/// Checks that rotation is changed where the primary key is.
fn check_primary(key: &Key) -> Result<(), Fault> {
    if key.multi_region.is_none() || key.is_primary() {
        return Ok(());
    }
    Err(Fault::Unsupported(format!("{} is a replica key. Rotation is managed on the primary key.", key.arn())))
}

/// `EnableKeyRotation`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EnableKeyRotation {
    key_id: Option<String>,
    rotation_period_in_days: Option<i64>,
}

impl Operation for EnableKeyRotation {
    const NAME: &'static str = "EnableKeyRotation";
    type Ready = (Subject, Option<i64>);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        if let Some(days) = self.rotation_period_in_days {
            within("rotationPeriodInDays", days, 90, 2560)?;
        }
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        let requirement = with_given(requirement, "kms:RotationPeriodInDays", self.rotation_period_in_days);
        Ok(Prepared::one((subject, self.rotation_period_in_days), requirement))
    }

    fn act((subject, days): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            stored.key.check_own()?;
            check_kind(&stored.key, Self::NAME)?;
            stored.key.check_origin(Origin::AwsKms)?;
            check_primary(&stored.key)?;
            stored.key.check_usable(caller.now)?;
            // Without a period, one that there is goes on.
            if days.is_some() || stored.key.rotation.is_none() {
                let days = days.unwrap_or(USUAL);
                let next = caller.now + days * DAY;
                stored.key.rotation = Some(Rotation { days: u32::try_from(days).unwrap_or_default(), next });
            }
            stored.update(transaction)?;
            Ok(Done {})
        })
    }
}

/// `DisableKeyRotation`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DisableKeyRotation {
    key_id: Option<String>,
}

impl Operation for DisableKeyRotation {
    const NAME: &'static str = "DisableKeyRotation";
    type Ready = Subject;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        Ok(Prepared::one(subject, requirement))
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            stored.key.check_own()?;
            check_kind(&stored.key, Self::NAME)?;
            stored.key.check_origin(Origin::AwsKms)?;
            check_primary(&stored.key)?;
            stored.key.check_usable(caller.now)?;
            stored.key.rotation = None;
            stored.update(transaction)?;
            Ok(Done {})
        })
    }
}

/// `GetKeyRotationStatus`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetKeyRotationStatus {
    key_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Status {
    key_rotation_enabled: bool,
    key_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_period_in_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_rotation_date: Option<f64>,
}

impl Operation for GetKeyRotationStatus {
    const NAME: &'static str = "GetKeyRotationStatus";
    type Ready = Subject;
    type Answer = Status;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement(caller, Self::NAME);
        Ok(Prepared::one(subject, requirement))
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Status, Fault> {
        let (key, rotation) = store.read(|connection| {
            let key = subject.key(allowed, caller, connection)?.key;
            let primary = key.multi_region.as_ref().map(|own| key.arn_in(&own.primary));
            let rotation = match primary {
                Some(arn) => StoredKey::by_arn(connection, caller.now, &arn)?.and_then(|primary| primary.key.rotation),
                None => key.rotation,
            };
            Ok((key, rotation))
        })?;
        // Source: API reference, "GetKeyRotationStatus": a key that waits for its deletion is not rotated, and says so; of
        // keys that are never rotated by themselves the status is always false.
        let rotation = rotation.filter(|_| key.deletion.is_none());
        Ok(Status {
            key_rotation_enabled: rotation.is_some(),
            key_id: key.arn(),
            rotation_period_in_days: rotation.map(|own| own.days),
            next_rotation_date: rotation.map(|own| seconds(own.next)),
        })
    }
}

/// `RotateKeyOnDemand`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RotateKeyOnDemand {
    key_id: Option<String>,
}

impl Operation for RotateKeyOnDemand {
    const NAME: &'static str = "RotateKeyOnDemand";
    type Ready = Subject;
    type Answer = Named;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        Ok(Prepared::one(subject, requirement))
    }

    fn act(subject: Subject, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Named, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            stored.key.check_own()?;
            check_kind(&stored.key, Self::NAME)?;
            check_primary(&stored.key)?;
            stored.key.check_usable(caller.now)?;
            if stored.key.on_demand >= MOST_ON_DEMAND {
                return Err(Fault::LimitExceeded(format!(
                    "A key can be rotated on demand at most {MOST_ON_DEMAND} times."
                )));
            }
            if stored.key.origin == Origin::External {
                to_imported(transaction, &mut stored, caller.now)?;
            } else {
                store.renew(transaction, &mut stored, RotationType::OnDemand, caller.now)?;
            }
            stored.key.on_demand += 1;
            stored.update(transaction)?;
            Ok(Named { key_id: stored.key.arn() })
        })
    }
}

/// Makes the material current that was imported to be the next, in all related keys.
fn to_imported(connection: &Connection, stored: &mut StoredKey, now: i64) -> Result<(), Fault> {
    let arn = stored.key.arn();
    let rows = MaterialRow::all(connection, &arn)?;
    let Some(next) = MaterialRow::pending(&rows, &stored.key).filter(|row| row.is_there) else {
        return Err(Fault::Conflict(format!("{arn} has no key material that is pending rotation.")));
    };
    for mut own in stored.related(connection)? {
        let there = own.key.arn();
        let Some(row) = next.in_key(connection, &there)? else {
            // Source: API reference, "ImportKeyMaterial": into every replica before RotateKeyOnDemand on the primary
            // key.
            return Err(Fault::Conflict(format!(
                "{arn} has key material that is pending import into {there} and rotation."
            )));
        };
        MaterialRow::rotate(connection, &there, &row.id, now, RotationType::OnDemand)?;
        (own.key.material, own.key.valid_to) = (Some(row.id), row.expires);
        if there == arn {
            stored.key = own.key;
        } else {
            own.update(connection)?;
        }
    }
    Ok(())
}

/// The state of the imported material of a key that waits for its turn, with its id.
fn pending(
    connection: &Connection, stored: &StoredKey, rows: &[MaterialRow],
) -> Result<Option<(MaterialId, &'static str)>, Fault> {
    let Some(row) = MaterialRow::pending(rows, &stored.key) else { return Ok(None) };
    for own in stored.related(connection)? {
        if row.in_key(connection, &own.key.arn())?.is_none() && stored.key.multi_region.is_some() {
            return Ok(Some((row.id.clone(), "PENDING_MULTI_REGION_IMPORT_AND_ROTATION")));
        }
    }
    Ok(Some((row.id.clone(), "PENDING_ROTATION")))
}

/// `ListKeyRotations`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListKeyRotations {
    key_id: Option<String>,
    include_key_material: Option<String>,
    limit: Option<i64>,
    marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rotations {
    rotations: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    key_id: String,
    key_material_id: MaterialId,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_material_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    import_state: Option<&'static str>,
    key_material_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_model: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_date: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_type: Option<&'static str>,
}

impl Entry {
    fn of(key: &Key, pending: Option<&(MaterialId, &'static str)>, row: MaterialRow) -> Self {
        let is_external = key.origin == Origin::External;
        Self {
            key_id: key.arn(),
            key_material_state: match pending {
                _ if key.material.as_ref() == Some(&row.id) => "CURRENT",
                Some((id, state)) if *id == row.id => state,
                _ => "NON_CURRENT",
            },
            key_material_id: row.id,
            key_material_description: row.description,
            import_state: is_external.then_some(if row.is_there { "IMPORTED" } else { "PENDING_IMPORT" }),
            expiration_model: is_external.then_some(match row.expires {
                Some(_) => "KEY_MATERIAL_EXPIRES",
                None => "KEY_MATERIAL_DOES_NOT_EXPIRE",
            }),
            valid_to: row.expires.map(seconds),
            rotation_date: row.rotated.map(|(time, _)| seconds(time)),
            rotation_type: row.rotated.map(|(_, kind)| kind.as_str()),
        }
    }
}

impl Operation for ListKeyRotations {
    const NAME: &'static str = "ListKeyRotations";
    type Ready = (Subject, Paging, bool);
    type Answer = Rotations;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let limit = limit(self.limit, 1000, 100)?;
        let all = match self.include_key_material.as_deref() {
            None | Some("ROTATIONS_ONLY") => false,
            Some("ALL_KEY_MATERIAL") => true,
            Some(other) => {
                let constraint = "Member must satisfy enum value set: [ALL_KEY_MATERIAL, ROTATIONS_ONLY]";
                return Err(Constraint::of(other, "includeKeyMaterial", constraint).into());
            }
        };
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let context = serde_json::to_string(&(Self::NAME, subject.arn(), all))?;
        let paging = Paging::of(&store.vault, context, limit, self.marker.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        Ok(Prepared::one((subject, paging, all), requirement))
    }

    fn act(
        (subject, paging, all): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Rotations, Fault> {
        let (key, rows, pending) = store.read(|connection| {
            let stored = subject.key(allowed, caller, connection)?;
            check_kind(&stored.key, Self::NAME)?;
            let rows = MaterialRow::all(connection, subject.arn())?;
            let pending = pending(connection, &stored, &rows)?;
            Ok((stored.key, rows, pending))
        })?;
        // A place is the position among all materials of the key.
        let numbered = rows.into_iter().enumerate().filter(|(_, row)| all || row.rotated.is_some());
        let placed = numbered.map(|(at, row)| (format!("{at:08}"), Entry::of(&key, pending.as_ref(), row))).collect();
        let page = paging.page_of_all(&store.vault, placed, |(place, _): &(String, Entry)| place.as_str())?;
        Ok(Rotations {
            truncated: page.next.is_some(),
            rotations: page.items.into_iter().map(|(_, entry)| entry).collect(),
            next_marker: page.next,
        })
    }
}
