//! Encryption contexts: what a ciphertext is bound to besides its key.
//!
//! Source: KMS developer guide, "Encryption context".

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use super::fault::Fault;

/// The most bytes that all keys and values have together.
///
/// Source: API reference, "Encrypt" (the limit is that of a document of 8,192 bytes).
const LONGEST: usize = 8192;

/// An encryption context. Keys and values are case-sensitive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EncryptionContext(pub(super) BTreeMap<String, String>);

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for EncryptionContext {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl EncryptionContext {
    /// Checks that it is not too long, and that no two keys are told apart by their case alone.
    ///
    /// AWS advises against such keys and does not say what becomes of them. Condition keys are the same in any case,
    /// so that `kms:EncryptionContext:…` would have to stand for both values: a policy that denies by the one or asks
    /// for the other could be evaded by adding a second pair, whichever of them was taken, and also if both were.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if let Some(key) = twin(self.0.keys()) {
            return Err(Fault::Validation(format!(
                "The encryption context has several keys that differ only in case from '{key}'."
            )));
        }
        let length: usize = self.0.iter().map(|(key, value)| key.len() + value.len()).sum();
        if length > LONGEST {
            return Err(Fault::Validation(format!("The encryption context is longer than {LONGEST} bytes.")));
        }
        Ok(())
    }

    /// The same bytes for the same context, and other bytes for any other.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for text in self.0.iter().flat_map(|(key, value)| [key, value]) {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }

    /// How many pairs it has.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Its values.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// Whether all pairs of a constraint are in it. The case of keys does not matter there.
    ///
    /// Source: API reference, "GrantConstraints".
    pub(super) fn contains(&self, other: &Self) -> bool {
        let is_here = |(wanted, value): (&String, &String)| {
            let wanted = wanted.to_lowercase();
            self.0.iter().any(|(key, own)| own == value && key.to_lowercase() == wanted)
        };
        other.0.iter().all(is_here)
    }

    /// Whether a constraint has the same pairs. The case of keys does not matter there.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.len() == other.len() && self.contains(other)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// With the condition keys of this context.
    pub(super) fn add_to(&self, mut requirement: Requirement) -> Requirement {
        for (key, value) in &self.0 {
            requirement = requirement.with(&format!("kms:EncryptionContext:{key}"), value.as_str());
        }
        if self.is_empty() {
            return requirement;
        }
        requirement.with_many("kms:EncryptionContextKeys", self.0.keys().map(String::as_str))
    }
}

/// A name of which there is another that differs only in case.
pub(super) fn twin<'a>(names: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    names.map(String::as_str).find(|name| !seen.insert(name.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_that_are_not_equal_have_other_bytes() {
        let of = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<EncryptionContext>();
        let several = [of(&[]), of(&[("a", "b")]), of(&[("ab", "")]), of(&[("", "ab")]), of(&[("a", ""), ("b", "")])];
        for (at, one) in several.iter().enumerate() {
            for other in several.iter().skip(at + 1) {
                assert_ne!(one.to_bytes(), other.to_bytes(), "{one:?} {other:?}");
            }
        }
        let both = of(&[("b", "2"), ("a", "1")]);
        assert_eq!(both.to_bytes(), of(&[("a", "1"), ("b", "2")]).to_bytes());
        assert!(both.contains(&of(&[("A", "1")])) && !both.contains(&of(&[("a", "2")])));
        assert!(both.is_like(&of(&[("A", "1"), ("B", "2")])) && !both.is_like(&of(&[("a", "1")])));
    }
}
