//! Request ids, in the two forms that AWS gives them.

use std::fmt;

use crate::protocol::Protocol;

const S3_ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The id of a request, as it is returned in headers and bodies.
///
/// ```
/// use sidegate_wire::{protocol::Protocol, request_id::RequestId};
///
/// let id = RequestId::new(Protocol::Ec2Query, 1);
/// assert_eq!(id.to_string(), "00000000-0000-4000-8000-000000000001");
/// let id = RequestId::new(Protocol::RestXml, 1);
/// assert_eq!(id.as_str(), "1000000000000000");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// The id that a service of this protocol makes of something random.
    pub fn new(protocol: Protocol, random: u128) -> Self {
        match protocol {
            Protocol::RestXml => Self(s3(random)),
            _ => Self(uuid(random)),
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> Self {
        id.0
    }
}

/// Version 4 and variant 10 of RFC 9562.
fn uuid(random: u128) -> String {
    let bits = random & !(0xf << 76) & !(0b11 << 62) | (0x4 << 76) | (0b10 << 62);
    let (high, low) = ((bits >> 64) as u64, bits as u64);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff,
    )
}

/// Sixteen digits of base 36.
fn s3(mut random: u128) -> String {
    let digits = S3_ALPHABET.len() as u128;
    let next = |_| {
        let index = (random % digits) as usize;
        random /= digits;
        S3_ALPHABET.get(index).map_or('0', |byte| char::from(*byte))
    };
    (0..16).map(next).collect()
}
