//! Bytes in documents: base64, and nothing of them in logs.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::constraint::{Constraint, size};

/// A member that holds bytes.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Blob(pub(super) Vec<u8>);

impl Blob {
    /// The bytes, of which there have to be so many.
    pub(super) fn within(self, member: &'static str, most: usize) -> Result<Vec<u8>, Constraint> {
        size(member, self.0.len(), 1, most)?;
        Ok(self.0)
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blob(..)")
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The error of the decoder would show a character of what may be a plaintext.
        STANDARD.decode(text).map(Self).map_err(|_| D::Error::custom("a member is not in base64"))
    }
}
