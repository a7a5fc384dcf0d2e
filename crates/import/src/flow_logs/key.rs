//! Keys of what is counted, made to be compared and mixed fast.

use std::net::IpAddr;

use super::peer::{Direction, Family, Path};

/// Who is at the other end, as records say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Other {
    /// The first of the interfaces that see the same peers as the one that sees it.
    pub(super) sight: u32,
    pub(super) address: Option<IpAddr>,
    pub(super) service: u16,
}

/// What makes a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RowKey {
    pub(super) interface: u32,
    pub(super) peer: u32,
    pub(super) direction: Option<Direction>,
    pub(super) family: Family,
    pub(super) path: Option<Path>,
    pub(super) accepted: bool,
}

/// What a record says of the ends of a flow: enough to tell its row and its talker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) interface: u32,
    pub(super) address: Option<IpAddr>,
    /// The service that the log names, by its place from 1; 0 for none.
    pub(super) service: u16,
    pub(super) direction: Option<Direction>,
    pub(super) path: Option<u8>,
    pub(super) accepted: bool,
    /// Whether it passes the interface on the way to somebody else.
    pub(super) is_between: bool,
}

impl Ends {
    /// Its bits, mixed.
    #[inline]
    pub(super) fn bits(&self) -> u64 {
        let way =
            u64::from(self.service) << 13 | u64::from(self.path.unwrap_or(0)) << 5 | u64::from(self.accepted) << 2;
        let way = way | u64::from(self.is_between) << 3;
        let direction = self.direction.map_or(0, |direction| direction as u64 + 1);
        address_bits(self.address) ^ (u64::from(self.interface) << 32) ^ way ^ direction
    }
}

/// The bits of an address, mixed.
#[inline]
pub(super) fn address_bits(address: Option<IpAddr>) -> u64 {
    let bits = match address {
        Some(IpAddr::V4(address)) => address.to_bits().into(),
        Some(IpAddr::V6(address)) => {
            let bits = address.to_bits();
            (bits >> 64) as u64 ^ (bits as u64).rotate_left(17)
        }
        None => 0,
    };
    bits.wrapping_mul(0xff51_afd7_ed55_8ccd)
}

/// A short text as numbers. `None` for a longer one, or an empty one.
#[inline]
pub(super) fn short(text: &[u8]) -> Option<[u64; 3]> {
    if text.is_empty() || text.len() > 24 {
        return None;
    }
    let mut bytes = [0; 24];
    bytes.get_mut(..text.len())?.copy_from_slice(text);
    let (words, _) = bytes.as_chunks::<8>();
    let mut numbers = [0; 3];
    for (number, word) in numbers.iter_mut().zip(words) {
        *number = u64::from_le_bytes(*word);
    }
    Some(numbers)
}
