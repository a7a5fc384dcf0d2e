//! A key as it is kept, without its material, and the states that it can be in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sidegate_model::{AccountId, Region, Scope};

use super::fault::Fault;
use super::id::{KeyId, MaterialId};
use super::spec::{KeySpec, KeyUsage, Origin};

/// Tags, in the order of their keys.
pub(super) type Tags = BTreeMap<String, String>;

/// A day, in milliseconds.
pub(super) const DAY: i64 = 86_400_000;

/// A key. Times are Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) id: KeyId,
    pub(super) created: i64,
    pub(super) description: String,
    pub(super) spec: KeySpec,
    pub(super) usage: KeyUsage,
    pub(super) origin: Origin,
    /// The service whose key it is, if it is AWS that manages it.
    pub(super) managed_by: Option<String>,
    pub(super) enabled: bool,
    pub(super) deletion: Option<Deletion>,
    pub(super) rotation: Option<Rotation>,
    pub(super) multi_region: Option<MultiRegion>,
    pub(super) tags: Tags,
    /// The material that encrypts. A key without imported material has none.
    pub(super) material: Option<MaterialId>,
    /// Whether there is imported material that is to be there for all that was encrypted to be decrypted, and is not.
    #[serde(default)]
    pub(super) misses_material: bool,
    /// When the imported material expires, where it does.
    #[serde(default)]
    pub(super) valid_to: Option<i64>,
    /// When the rotation that was asked for began, and how many there were.
    #[serde(default)]
    pub(super) on_demand: u32,
}

/// When a key is gone, and how long after it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Deletion {
    /// `None` while the key has replicas: the days are counted from when the last is gone.
    pub(super) gone: Option<i64>,
    pub(super) days: u32,
}

/// That a key's material is changed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rotation {
    pub(super) days: u32,
    pub(super) next: i64,
}

/// In which Regions there are keys of the same material.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MultiRegion {
    pub(super) primary: String,
    /// In the order of their names.
    pub(super) replicas: Vec<String>,
}

/// The state of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Enabled,
    Disabled,
    PendingImport,
    PendingDeletion,
    PendingReplicaDeletion,
}

impl State {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingImport => "PendingImport",
            Self::PendingDeletion => "PendingDeletion",
            Self::PendingReplicaDeletion => "PendingReplicaDeletion",
        }
    }
}

impl Key {
    /// Whose key it is, and where it is.
    pub(super) fn scope(&self) -> Result<Scope, Fault> {
        let account: AccountId = self.account.parse().map_err(|_| Fault::Material)?;
        let region: Region = self.region.parse().map_err(|_| Fault::Material)?;
        Ok(Scope { account, region })
    }

    pub(super) fn arn(&self) -> String {
        self.arn_in(&self.region)
    }

    /// The ARN of the related key in a Region.
    pub(super) fn arn_in(&self, region: &str) -> String {
        format!("arn:aws:kms:{region}:{}:key/{}", self.account, self.id)
    }

    pub(super) fn state(&self, now: i64) -> State {
        match self.deletion {
            Some(Deletion { gone: None, .. }) => State::PendingReplicaDeletion,
            Some(_) => State::PendingDeletion,
            None if self.material.is_none() || self.misses_material || self.is_expired(now) => State::PendingImport,
            None if self.enabled => State::Enabled,
            None => State::Disabled,
        }
    }

    /// Whether the imported material's time is over.
    pub(super) fn is_expired(&self, now: i64) -> bool {
        self.valid_to.is_some_and(|time| time <= now)
    }

    fn refuse(&self, state: State) -> Fault {
        let arn = self.arn();
        match state {
            State::Enabled | State::Disabled => Fault::Disabled(arn),
            State::PendingImport => Fault::PendingImport(arn),
            State::PendingDeletion => Fault::PendingDeletion(arn),
            State::PendingReplicaDeletion => Fault::PendingReplicaDeletion(arn),
        }
    }

    /// Checks that the key can be used.
    pub(super) fn check_usable(&self, now: i64) -> Result<(), Fault> {
        match self.state(now) {
            State::Enabled => Ok(()),
            state => Err(self.refuse(state)),
        }
    }

    /// Checks that the key is not about to be deleted.
    pub(super) fn check_kept(&self, now: i64) -> Result<(), Fault> {
        match self.state(now) {
            state @ (State::PendingDeletion | State::PendingReplicaDeletion) => Err(self.refuse(state)),
            _ => Ok(()),
        }
    }

    /// Checks that the key is there, whether or not it is enabled.
    pub(super) fn check_switchable(&self, now: i64) -> Result<(), Fault> {
        match self.state(now) {
            State::Enabled | State::Disabled => Ok(()),
            state => Err(self.refuse(state)),
        }
    }

    /// Checks that the key is for an operation.
    pub(super) fn check_usage(&self, usage: KeyUsage, operation: &'static str) -> Result<(), Fault> {
        if self.usage == usage {
            return Ok(());
        }
        Err(Fault::WrongUsage { arn: self.arn(), usage: self.usage.as_str(), operation })
    }

    /// Checks that AWS does not manage the key.
    pub(super) fn check_own(&self) -> Result<(), Fault> {
        match self.managed_by {
            None => Ok(()),
            Some(_) => Err(Fault::NotAuthorized(format!("{} is managed by AWS and cannot be changed.", self.arn()))),
        }
    }

    /// Checks the origin of the material.
    pub(super) fn check_origin(&self, origin: Origin) -> Result<(), Fault> {
        if self.origin == origin {
            return Ok(());
        }
        Err(Fault::WrongOrigin { arn: self.arn(), origin: self.origin.as_str() })
    }

    /// Whether it is a multi-Region key whose primary key is in another Region.
    pub(super) fn is_replica(&self) -> bool {
        self.multi_region.is_some() && !self.is_primary()
    }

    pub(super) fn is_primary(&self) -> bool {
        self.multi_region.as_ref().is_some_and(|own| own.primary == self.region)
    }
}
