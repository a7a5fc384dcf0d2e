//! What keeps a version of an object from being removed.
//!
//! Source: S3 user guide, "How S3 Object Lock works".

use serde::{Deserialize, Serialize};

use super::{Index, to_json};
use crate::s3::fault::Fault;
use crate::s3::version::VersionId;

/// Whom a retention holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LockMode {
    /// All but those who may pass it by.
    Governance,
    /// Everyone.
    Compliance,
}

impl LockMode {
    /// The name in the API.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }

    /// The mode of a name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Governance, Self::Compliance].into_iter().find(|mode| mode.as_str() == name)
    }
}

/// Until when a version is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retention {
    pub(crate) mode: LockMode,
    /// Unix milliseconds.
    pub(crate) until: i64,
}

/// How long, in the words of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Period {
    Days(i32),
    Years(i32),
}

/// What a new object gets that says nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DefaultRetention {
    pub(crate) mode: LockMode,
    pub(crate) period: Period,
}

/// That objects may be locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Locking {
    pub(crate) default: Option<DefaultRetention>,
}

impl DefaultRetention {
    /// The retention of an object that is made now.
    pub(crate) fn from(self, now: i64) -> Retention {
        const DAY: i64 = 86_400_000;
        let days = match self.period {
            Period::Days(days) => i64::from(days),
            Period::Years(years) => i64::from(years) * 365,
        };
        Retention { mode: self.mode, until: now.saturating_add(days * DAY) }
    }
}

/// What keeps a version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Lock {
    pub(crate) retention: Option<Retention>,
    /// Whether there is a legal hold on it; `None` if nobody ever said.
    pub(crate) hold: Option<bool>,
}

impl Lock {
    /// Whether the version may be removed now. `bypass` passes a retention in governance mode by.
    pub(super) fn check_removal(self, now: i64, bypass: bool) -> Result<(), Fault> {
        let kept = self
            .retention
            .is_some_and(|retention| retention.until > now && (retention.mode == LockMode::Compliance || !bypass));
        if kept || self.hold == Some(true) { Err(Fault::locked()) } else { Ok(()) }
    }

    /// Whether its retention may become another one.
    fn check_retention(self, next: Option<Retention>, now: i64, bypass: bool) -> Result<(), Fault> {
        let Some(present) = self.retention.filter(|retention| retention.until > now) else { return Ok(()) };
        let is_longer = next.is_some_and(|next| {
            next.until >= present.until && (next.mode == present.mode || present.mode == LockMode::Governance && bypass)
        });
        let may_pass = present.mode == LockMode::Governance && bypass;
        if is_longer || may_pass { Ok(()) } else { Err(Fault::locked()) }
    }
}

impl Index {
    /// Sets the retention of a version, or takes it away.
    pub(crate) fn set_retention(
        &self, bucket: &str, key: &str, version: Option<&VersionId>, next: Option<Retention>, now: i64, bypass: bool,
    ) -> Result<VersionId, Fault> {
        self.change(bucket, key, version, ("lock", None), |object| {
            object.lock.check_retention(next, now, bypass)?;
            Ok(to_json(&Lock { retention: next, ..object.lock }))
        })
    }

    /// Sets the legal hold of a version, or takes it away.
    pub(crate) fn set_hold(
        &self, bucket: &str, key: &str, version: Option<&VersionId>, hold: bool,
    ) -> Result<VersionId, Fault> {
        self.change(bucket, key, version, ("lock", None), |object| {
            Ok(to_json(&Lock { hold: Some(hold), ..object.lock }))
        })
    }
}
