//! Secret values. They never appear in logs or in errors.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fault::Fault;
use crate::constraint::Constraint;

/// The largest value, in bytes.
const LARGEST: usize = 65_536;

/// A member that holds text which must not be shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Text(String);

/// A member that holds bytes which must not be shown, in base64.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Binary(Vec<u8>);

/// The value of a version.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum SecretValue {
    Text(Text),
    Binary(Binary),
}

impl SecretValue {
    /// The value that a request gives, if it gives one.
    pub(super) fn given(text: Option<Text>, binary: Option<Binary>) -> Result<Option<Self>, Fault> {
        let value = match (text, binary) {
            (Some(_), Some(_)) => {
                return Err(Fault::InvalidParameter(
                    "You can't specify both a binary secret value and a string secret value in the same secret.".into(),
                ));
            }
            (None, None) => return Ok(None),
            (Some(text), None) => Self::Text(text),
            (None, Some(binary)) => Self::Binary(binary),
        };
        let (member, size) = match &value {
            Self::Text(text) => ("secretString", text.0.len()),
            Self::Binary(binary) => ("secretBinary", binary.0.len()),
        };
        let bound = match size {
            0 => "greater than or equal to 1".to_owned(),
            size if size > LARGEST => format!("less than or equal to {LARGEST}"),
            _ => return Ok(Some(value)),
        };
        Err(Constraint::hidden(member, format!("Member must have length {bound}")).into())
    }

    /// The bytes that are encrypted: which kind of value it is, and the value.
    pub(super) fn to_plain(&self) -> Vec<u8> {
        let (kind, bytes) = match self {
            Self::Text(text) => (b't', text.0.as_bytes()),
            Self::Binary(binary) => (b'b', binary.0.as_slice()),
        };
        let mut plain = Vec::with_capacity(bytes.len() + 1);
        plain.push(kind);
        plain.extend_from_slice(bytes);
        plain
    }

    pub(super) fn from_plain(plain: &[u8]) -> Option<Self> {
        match plain.split_first()? {
            (b't', text) => Some(Self::Text(Text(String::from_utf8(text.to_vec()).ok()?))),
            (b'b', bytes) => Some(Self::Binary(Binary(bytes.to_vec()))),
            _ => None,
        }
    }

    /// The value as the members `SecretString` and `SecretBinary`, of which one is there.
    pub(super) fn into_members(self) -> (Option<Text>, Option<Binary>) {
        match self {
            Self::Text(text) => (Some(text), None),
            Self::Binary(binary) => (None, Some(binary)),
        }
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(..)")
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Binary(..)")
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The error of the decoder would show a character of the value.
        STANDARD.decode(text).map(Self).map_err(|_| D::Error::custom("SecretBinary is not in base64"))
    }
}
