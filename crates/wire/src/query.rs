//! The parameters of an AWS query request: an `application/x-www-form-urlencoded` body or a URL's
//! query, decoded, bounded and kept in the order of the names.
//!
//! What the names mean is the business of the protocol that reads them (see [`crate::ec2`]).

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ops::Bound,
};

/// The largest encoded query that is read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// The largest number of parameters that is read.
pub const MAX_PARAMETERS: usize = 10_000;

/// The decoded parameters of one request, at most one value a name.
///
/// ```
/// use sidegate_wire::query::Params;
///
/// let params = Params::parse(b"Action=CreateVpc&CidrBlock=10.0.0.0%2F16")?;
/// assert_eq!(params.get("CidrBlock"), Some("10.0.0.0/16"));
/// # Ok::<(), sidegate_wire::query::QueryError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    values: BTreeMap<String, String>,
}

impl Params {
    /// Decodes a form body or the part of a URL after its `?`.
    ///
    /// Empty parts (`a=1&&b=2`) are skipped and a name without `=` has an empty value. A name that
    /// occurs twice is refused: which of the values counts would be a guess.
    pub fn parse(encoded: &[u8]) -> Result<Self, QueryError> {
        Self::parse_up_to(encoded, MAX_PARAMETERS)
    }

    /// The same with another bound of how many parameters there may be, for actions that take long lists.
    pub fn parse_up_to(encoded: &[u8], most: usize) -> Result<Self, QueryError> {
        if encoded.len() > MAX_BYTES {
            return Err(QueryError::TooLarge { bytes: encoded.len() });
        }
        let mut values = BTreeMap::new();
        for part in encoded.split(|byte| *byte == b'&') {
            if part.is_empty() {
                continue;
            }
            let (name, value) = match part.iter().position(|byte| *byte == b'=') {
                Some(at) => {
                    let (name, rest) = part.split_at(at);
                    (name, rest.get(1..).unwrap_or_default())
                }
                None => (part, &[][..]),
            };
            let name = decode(name)?;
            if name.is_empty() {
                return Err(QueryError::NoName);
            }
            let value = decode(value)?;
            if values.len() == most {
                return Err(QueryError::TooMany { most });
            }
            match values.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(entry) => {
                    return Err(QueryError::Duplicate { name: entry.key().clone() });
                }
            }
        }
        Ok(Self { values })
    }

    /// The value of the parameter with exactly this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// All parameters, in the byte order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The parameters whose names begin with `prefix`, in the byte order of their names.
    pub fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.values
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .take_while(move |(name, _)| name.starts_with(prefix))
    }

    /// How many parameters there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no parameters.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Why a query cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The encoded query is longer than [`MAX_BYTES`].
    #[error("the query string has {bytes} bytes, more than {MAX_BYTES}")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// There are more parameters than may be.
    #[error("the query string has more than {most} parameters")]
    TooMany {
        /// How many there may be.
        most: usize,
    },
    /// A `%` is not followed by two hexadecimal digits.
    #[error("the query string has a `%` that is not followed by two hexadecimal digits")]
    Escape,
    /// A decoded name or value is not UTF-8.
    #[error("the query string is not UTF-8")]
    NotUtf8,
    /// A value has an empty name.
    #[error("the query string has a value without a name")]
    NoName,
    /// One name occurs twice.
    #[error("the query string has the parameter `{name}` more than once")]
    Duplicate {
        /// The repeated name.
        name: String,
    },
}

impl QueryError {
    /// The AWS error code.
    pub fn code(&self) -> &'static str {
        "MalformedQueryString"
    }
}

fn decode(encoded: &[u8]) -> Result<String, QueryError> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.iter();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = hex_digit(bytes.next())?;
                let low = hex_digit(bytes.next())?;
                high << 4 | low
            }
            other => *other,
        });
    }
    String::from_utf8(decoded).map_err(|_| QueryError::NotUtf8)
}

fn hex_digit(byte: Option<&u8>) -> Result<u8, QueryError> {
    match byte {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        _ => Err(QueryError::Escape),
    }
}
