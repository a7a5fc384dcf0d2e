//! The ids of versions.

use std::io;

use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// The length of the ids that are made here, in characters.
const LENGTH: usize = 32;

/// What ids are made of; each is safe in a URL.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/// The id of a version of an object, or `null` for the one that was written without versioning.
///
/// Source: S3 user guide, "Retaining multiple versions of objects with S3 Versioning".
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct VersionId(String);

impl VersionId {
    /// The version of what is written without versioning.
    pub(crate) fn null() -> Self {
        Self("null".to_owned())
    }

    /// A new id, which cannot be guessed.
    pub(crate) fn random() -> io::Result<Self> {
        let mut bytes = [0_u8; LENGTH];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::Error::other("the system has no randomness"))?;
        Ok(Self(bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 64))).map(|c| char::from(*c)).collect()))
    }

    /// An id that is stored.
    pub(super) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The id that a request names, in the parameter `name`.
    pub(super) fn parse(name: &'static str, text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::invalid_argument(name, text, "Version id cannot be the empty string"));
        }
        let well_formed = text.len() == LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte));
        if text != "null" && !well_formed {
            return Err(Fault::invalid_argument(name, text, "Invalid version id specified"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id that a request for an object names, if it names one.
    pub(super) fn asked(text: Option<&str>) -> Result<Option<Self>, Fault> {
        text.map(|text| Self::parse("versionId", text)).transpose()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_null(&self) -> bool {
        self.0 == "null"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_was_made_is_one_that_can_be_asked_for() {
        let id = VersionId::random().unwrap();
        assert_eq!(VersionId::parse("versionId", id.as_str()).unwrap(), id);
        assert!(!id.is_null());
        assert!(VersionId::parse("versionId", "null").unwrap().is_null());
        for none in ["", "nul", "0123456789012345678901234567890", "0123456789012345678901234567890/"] {
            assert!(VersionId::parse("versionId", none).is_err(), "{none}");
        }
    }
}
