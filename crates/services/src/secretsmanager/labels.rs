//! Staging labels: which version each of them is on.
//!
//! Source: Secrets Manager user guide, "What's in a Secrets Manager secret?"; API reference, "UpdateSecretVersionStage".

use std::collections::BTreeMap;

use super::fault::Fault;
use super::id::VersionId;
use crate::constraint::length;

/// The version that is used unless another is asked for.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// The version that was current before.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";
/// The version that a rotation makes.
pub(super) const PENDING: &str = "AWSPENDING";

/// How many labels a secret may have.
const MOST: usize = 20;

/// The labels of a secret, each on one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels(BTreeMap<String, VersionId>);

impl Labels {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &VersionId)> {
        self.0.iter().map(|(label, version)| (label.as_str(), version))
    }

    /// The version that has a label.
    pub(super) fn version(&self, label: &str) -> Option<&VersionId> {
        self.0.get(label)
    }

    /// The labels of a version, in their order.
    pub(super) fn of(&self, version: &VersionId) -> Vec<String> {
        self.iter().filter(|(_, on)| *on == version).map(|(label, _)| label.to_owned()).collect()
    }

    /// The versions that have labels, with them.
    pub(super) fn by_version(&self) -> BTreeMap<String, Vec<String>> {
        let mut versions = BTreeMap::<String, Vec<String>>::new();
        for (label, version) in self.iter() {
            versions.entry(version.as_str().to_owned()).or_default().push(label.to_owned());
        }
        versions
    }

    /// Adds what a row says.
    pub(super) fn insert_stored(&mut self, label: String, version: VersionId) {
        self.0.insert(label, version);
    }

    /// Puts labels on a new version.
    ///
    /// Where AWSCURRENT comes from a version that is AWSPENDING too, its rotation is over: AWS takes that label away.
    pub(super) fn put_on_new(&mut self, version: &VersionId, labels: &[String]) -> Result<(), Fault> {
        let has = |label: &str| labels.iter().any(|own| own == label);
        if has(CURRENT) && has(PREVIOUS) {
            return Err(Fault::InvalidParameter(format!(
                "A version can't have both {CURRENT} and {PREVIOUS}: the latter goes to the version before it."
            )));
        }
        for label in labels.iter().filter(|label| *label != CURRENT) {
            self.0.insert(label.clone(), version.clone());
        }
        if labels.iter().any(|label| label == CURRENT)
            && let Some(before) = self.make_current(version)
            && self.version(PENDING) == Some(&before)
        {
            self.0.remove(PENDING);
        }
        self.check()
    }

    /// Moves, adds or removes a label.
    pub(super) fn change(
        &mut self, label: &str, from: Option<&VersionId>, to: Option<&VersionId>,
    ) -> Result<(), Fault> {
        let on = self.version(label).cloned();
        if on.is_some() && on.as_ref() == to && from.is_none() {
            return Ok(());
        }
        match (&on, from) {
            (Some(on), Some(from)) if on == from => {}
            (None, None) => {}
            (Some(on), Some(_)) => {
                return Err(Fault::InvalidParameter(format!(
                    "Staging label {label} is currently attached to version {}, not to the one in RemoveFromVersionId.",
                    on.as_str()
                )));
            }
            (Some(on), None) => {
                return Err(Fault::InvalidParameter(format!(
                    "The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to \
                     version {}, so you must explicitly reference that version in RemoveFromVersionId.",
                    on.as_str()
                )));
            }
            (None, Some(from)) => {
                return Err(Fault::InvalidParameter(format!(
                    "Staging label {label} is not attached to version {}.",
                    from.as_str()
                )));
            }
        }
        match to {
            Some(to) if label == CURRENT => {
                self.make_current(to);
            }
            Some(to) => {
                self.0.insert(label.to_owned(), to.clone());
            }
            None if label == CURRENT => {
                return Err(Fault::InvalidParameter(
                    "You can only move staging label AWSCURRENT to a different secret version. It can't be completely \
                     removed."
                        .to_owned(),
                ));
            }
            None => {
                self.0.remove(label);
            }
        }
        self.check()
    }

    /// Makes a version the current one, and the one that was it the previous one, which is returned.
    fn make_current(&mut self, version: &VersionId) -> Option<VersionId> {
        let before = self.0.insert(CURRENT.to_owned(), version.clone()).filter(|before| before != version)?;
        self.0.insert(PREVIOUS.to_owned(), before.clone());
        Some(before)
    }

    /// Takes a label off a version, if that has it.
    pub(super) fn take_off(&mut self, label: &str, version: &VersionId) {
        if self.version(label) == Some(version) {
            self.0.remove(label);
        }
    }

    fn check(&self) -> Result<(), Fault> {
        if self.0.len() <= MOST {
            return Ok(());
        }
        Err(Fault::LimitExceeded(format!("A secret can have at most {MOST} staging labels on all its versions.")))
    }
}

/// Checks the text of a label.
pub(super) fn check_label(label: &str) -> Result<(), Fault> {
    Ok(length("versionStage", label, 1, 256)?)
}
