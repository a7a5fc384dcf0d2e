//! A secret that must be known again: of an access key or a session.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The secret of an access key, or a session's token. Its text appears neither in logs nor in `Debug`; the store
/// encrypts the rows that have one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
