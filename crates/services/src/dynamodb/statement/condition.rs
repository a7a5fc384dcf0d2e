//! Which partition keys the items have that a condition of PartiQL speaks of.

use std::collections::BTreeSet;

/// A condition, as far as it tells of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// An attribute has one of these values.
    Given(String, BTreeSet<String>),
    /// All of them hold.
    All(Vec<Condition>),
    /// One of them holds.
    Any(Vec<Condition>),
    /// What it says of keys, if anything, is not told apart.
    Other,
}

impl Condition {
    /// The values that the attribute of a partition key may have; `None` where it may be any. What is given twice counts
    /// twice: whichever of them is taken, it is among those that are asked about. Each alternative has to give one.
    pub(super) fn keys(&self, attribute: &str) -> Option<BTreeSet<String>> {
        match self {
            Self::Given(name, values) => (name == attribute).then(|| values.clone()),
            Self::All(parts) => {
                let mut given = parts.iter().filter_map(|part| part.keys(attribute)).peekable();
                given.peek().is_some().then(|| given.flatten().collect())
            }
            Self::Any(parts) => {
                let keys: Option<Vec<_>> = parts.iter().map(|part| part.keys(attribute)).collect();
                keys.map(|keys| keys.into_iter().flatten().collect())
            }
            Self::Other => None,
        }
    }
}
