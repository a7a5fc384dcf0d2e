//! Multi-Region keys: `ReplicateKey` and `UpdatePrimaryRegion`
//!
//! A replica has the id and the materials of its primary key; all else is its own.
//!
//! Source: KMS developer guide, "Multi-Region keys in AWS KMS"; API reference.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sidegate_model::{Region, Scope};

use super::create::{LONGEST_DESCRIPTION, check_count, to_create};
use super::describe::Metadata;
use super::fault::Fault;
use super::key::{Key, Tags};
use super::operation::{Done, Operation, Prepared};
use super::policy::{checked, default_document};
use super::spec::Origin;
use super::store::{MaterialRow, Store, StoredKey};
use super::subject::Subject;
use super::tags::{TagInput, TagOutput, checked as checked_tags};
use crate::constraint::{length, required};
use crate::{Authorized, Caller};

/// A Region that a request gives.
fn region(member: &'static str, given: Option<String>) -> Result<Region, Fault> {
    let name = required(member, given)?;
    length(member, &name, 1, 32)?;
    name.parse().map_err(|_| Fault::Validation(format!("{name} is not a valid Region.")))
}

/// Checks that a key is the primary one of its kind.
fn check_primary(key: &Key, operation: &'static str) -> Result<(), Fault> {
    if key.is_primary() {
        return Ok(());
    }
    Err(Fault::Unsupported(format!(
        "{} is not a multi-Region primary key, for which alone {operation} is valid.",
        key.arn()
    )))
}

/// `ReplicateKey`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReplicateKey {
    key_id: Option<String>,
    replica_region: Option<String>,
    policy: Option<String>,
    bypass_policy_lockout_safety_check: Option<bool>,
    description: Option<String>,
    tags: Option<Vec<TagInput>>,
}

/// A replica to make.
pub(super) struct NewReplica {
    subject: Subject,
    region: Region,
    policy: Option<String>,
    bypass: bool,
    description: String,
    tags: Tags,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Replica {
    replica_key_metadata: Metadata,
    replica_policy: String,
    replica_tags: Vec<TagOutput>,
}

impl Operation for ReplicateKey {
    const NAME: &'static str = "ReplicateKey";
    type Ready = NewReplica;
    type Answer = Replica;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<NewReplica>, Fault> {
        let region = region("replicaRegion", self.replica_region)?;
        let description = self.description.unwrap_or_default();
        length("description", &description, 0, LONGEST_DESCRIPTION)?;
        let tags = checked_tags(self.tags.unwrap_or_default())?;
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let bypass = self.bypass_policy_lockout_safety_check;
        let replication = subject.requirement_at_home(caller, Self::NAME).with("kms:ReplicaRegion", region.as_str());
        let mut requirements = vec![replication];
        if let Some(primary) = subject.found() {
            let key = Key { region: region.to_string(), tags: tags.clone(), ..primary.clone() };
            let creation = to_create(&key, &subject.scope.account, caller, bypass);
            requirements.extend(creation.into_iter().map(|own| own.with("aws:RequestedRegion", region.as_str())));
        }
        let bypass = bypass.unwrap_or(false);
        Ok(Prepared {
            ready: NewReplica { subject, region, policy: self.policy, bypass, description, tags },
            requirements,
        })
    }

    fn act(new: NewReplica, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Replica, Fault> {
        let NewReplica { subject, region, policy, bypass, description, tags } = new;
        let scope = Scope { account: subject.scope.account.clone(), region };
        let policy = match policy {
            // The next policy would be put in the replica's Region.
            Some(document) => {
                let there = Caller { scope: scope.clone(), ..caller.clone() };
                checked(&there, store, &subject, &document, bypass)?
            }
            None => default_document(&scope.account),
        };
        store.write(allowed, caller.now, |transaction| {
            let mut primary = subject.key(allowed, caller, transaction)?;
            check_primary(&primary.key, Self::NAME)?;
            primary.key.check_usable(caller.now)?;
            let arn = primary.key.arn_in(region.as_str());
            if StoredKey::by_arn(transaction, caller.now, &arn)?.is_some() {
                return Err(Fault::AlreadyExists(format!("{arn} already exists.")));
            }
            check_count(transaction, &scope)?;
            let is_external = primary.key.origin == Origin::External;
            let key = Key {
                region: region.to_string(),
                created: caller.now,
                description: description.clone(),
                tags: tags.clone(),
                rotation: None,
                enabled: true,
                // Imported material has to be imported into the replica as well.
                misses_material: is_external,
                valid_to: None,
                ..primary.key.clone()
            };
            let replica = StoredKey { key, policy: policy.clone() };
            replica.insert(transaction)?;
            if is_external {
                expect_materials(transaction, &primary.key, &arn)?;
            } else {
                copy_materials(store, allowed, transaction, &primary.key, &arn, caller.now)?;
            }
            if let Some(own) = &mut primary.key.multi_region {
                own.replicas.push(region.to_string());
                own.replicas.sort();
            }
            primary.update(transaction)?;
            let related = share(transaction, &primary)?;
            let replica = related.into_iter().find(|own| own.key.arn() == arn).unwrap_or(replica);
            let output =
                |(key, value): (&String, &String)| TagOutput { tag_key: key.clone(), tag_value: value.clone() };
            Ok(Replica {
                replica_key_metadata: Metadata::of(&replica.key, caller.now),
                replica_policy: store.names.show(&replica.policy).into_owned(),
                replica_tags: tags.iter().map(output).collect(),
            })
        })
    }
}

/// Gives a replica the materials of its primary key.
fn copy_materials(
    store: &Store, allowed: &Authorized, connection: &Connection, from: &Key, to: &str, now: i64,
) -> Result<(), Fault> {
    let arn = from.arn();
    for row in MaterialRow::all(connection, &arn)? {
        let Some(material) = store.material(allowed, connection, &arn, &row.id, now)? else { continue };
        let sealed = store.seal(to, &row.id, &material)?;
        row.copy_to(to).insert(connection, Some(&sealed), material.public.as_deref())?;
    }
    Ok(())
}

/// Notes which materials are to be imported into a replica: all but what waits for its turn.
fn expect_materials(connection: &Connection, from: &Key, to: &str) -> Result<(), Fault> {
    let rows = MaterialRow::all(connection, &from.arn())?;
    let pending = MaterialRow::pending(&rows, from).map(|row| &row.id);
    for row in rows.iter().filter(|row| pending != Some(&row.id)) {
        row.expected_by(to).insert(connection, None, None)?;
    }
    Ok(())
}

/// Has a key that becomes the primary one know the material that waits for its turn in the one that was.
fn hand_on_pending(connection: &Connection, from: &Key, to: &Key) -> Result<(), Fault> {
    let (rows, known) = (MaterialRow::all(connection, &from.arn())?, MaterialRow::all(connection, &to.arn())?);
    match MaterialRow::pending(&rows, from) {
        Some(row) if known.iter().all(|own| own.id != row.id) => {
            row.expected_by(&to.arn()).insert(connection, None, None)
        }
        _ => Ok(()),
    }
}

/// Has all related keys say the same of each other as this one.
fn share(connection: &Connection, stored: &StoredKey) -> Result<Vec<StoredKey>, Fault> {
    let mut related = stored.related(connection)?;
    for own in &mut related {
        own.key.multi_region.clone_from(&stored.key.multi_region);
        own.update(connection)?;
    }
    Ok(related)
}

/// `UpdatePrimaryRegion`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdatePrimaryRegion {
    key_id: Option<String>,
    primary_region: Option<String>,
}

impl Operation for UpdatePrimaryRegion {
    const NAME: &'static str = "UpdatePrimaryRegion";
    type Ready = (Subject, Region);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let region = region("primaryRegion", self.primary_region)?;
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let mut requirements = vec![subject.requirement_at_home(caller, Self::NAME)];
        if let Some(key) = subject.found() {
            let scope = Scope { account: subject.scope.account.clone(), region };
            let there = store.read(|connection| Subject::of_id(caller, connection, scope, &key.id))?;
            if there.is_there() {
                requirements.push(there.requirement_at_home(caller, Self::NAME));
            }
        }
        let requirements = requirements.into_iter().map(|own| own.with("kms:PrimaryRegion", region.as_str())).collect();
        Ok(Prepared { ready: (subject, region), requirements })
    }

    fn act(
        (subject, region): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Done, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            check_primary(&stored.key, Self::NAME)?;
            stored.key.check_usable(caller.now)?;
            let arn = stored.key.arn_in(region.as_str());
            let mut next = StoredKey::by_arn(transaction, caller.now, &arn)?.ok_or(Fault::NoKey(arn))?;
            if next.key.region == stored.key.region {
                return Err(Fault::Unsupported(format!("{} is the primary key already.", stored.key.arn())));
            }
            next.key.check_usable(caller.now)?;
            hand_on_pending(transaction, &stored.key, &next.key)?;
            next.key.rotation = stored.key.rotation.take();
            if let Some(own) = &mut stored.key.multi_region {
                own.replicas.retain(|replica| *replica != next.key.region);
                own.replicas.push(stored.key.region.clone());
                own.replicas.sort();
                own.primary.clone_from(&next.key.region);
            }
            next.update(transaction)?;
            stored.update(transaction)?;
            share(transaction, &stored)?;
            Ok(Done {})
        })
    }
}
