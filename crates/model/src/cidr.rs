//! IPv4 CIDR blocks and address ranges.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An IPv4 CIDR block in canonical form: no bit is set behind the prefix.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ipv4Cidr {
    base: u32,
    length: u8,
}

impl Ipv4Cidr {
    /// Every address, `0.0.0.0/0`.
    pub const ANY: Self = Self { base: 0, length: 0 };

    /// The block of `length` bits that holds `address`; bits behind the prefix are cleared. A length over 32 counts as
    /// 32.
    pub const fn new(address: Ipv4Addr, length: u8) -> Self {
        let length = if length > 32 { 32 } else { length };
        Self { base: address.to_bits() & Self::mask(length), length }
    }

    /// The block of one address, `/32`.
    pub const fn host(address: Ipv4Addr) -> Self {
        Self::new(address, 32)
    }

    const fn mask(length: u8) -> u32 {
        if length == 0 { 0 } else { u32::MAX << (32 - length) }
    }

    /// The first address.
    pub const fn first(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.base)
    }

    /// The last address.
    pub const fn last(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.base | !Self::mask(self.length))
    }

    /// The number of bits of the prefix, 0 to 32.
    pub const fn length(self) -> u8 {
        self.length
    }

    /// How many addresses the block has.
    pub const fn size(self) -> u64 {
        1 << (32 - self.length as u64)
    }

    /// The address at this offset from the first, or `None` behind the last.
    pub fn nth(self, offset: u32) -> Option<Ipv4Addr> {
        (u64::from(offset) < self.size()).then(|| Ipv4Addr::from_bits(self.base + offset))
    }

    /// Whether the address lies in the block.
    pub const fn contains(self, address: Ipv4Addr) -> bool {
        address.to_bits() & Self::mask(self.length) == self.base
    }

    /// Whether the other block lies wholly in this one.
    pub const fn covers(self, other: Self) -> bool {
        self.length <= other.length && self.contains(other.first())
    }

    /// Whether the blocks share an address.
    pub const fn overlaps(self, other: Self) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// The addresses as a range.
    pub const fn range(self) -> Ipv4Range {
        Ipv4Range { first: self.base, last: self.base | !Self::mask(self.length) }
    }

    /// Parses a block and tells whether it was canonical, since AWS refuses `10.0.0.1/16` in some places and corrects
    /// it in others.
    pub fn parse(text: &str) -> Option<(Self, bool)> {
        let (address, length) = text.split_once('/')?;
        let leading_zero = length.len() > 1 && length.starts_with('0');
        if leading_zero || !length.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let length: u8 = length.parse().ok().filter(|l| *l <= 32)?;
        let address: Ipv4Addr = address.parse().ok()?;
        let block = Self::new(address, length);
        Some((block, block.first() == address))
    }
}

impl FromStr for Ipv4Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text).map(|(block, _)| block).ok_or_else(|| format!("`{text}` is not an IPv4 CIDR block"))
    }
}

impl TryFrom<String> for Ipv4Cidr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Ipv4Cidr> for String {
    fn from(block: Ipv4Cidr) -> Self {
        block.to_string()
    }
}

impl fmt::Display for Ipv4Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first(), self.length)
    }
}

impl fmt::Debug for Ipv4Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A closed range of IPv4 addresses, as numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ipv4Range {
    /// The first address.
    pub first: u32,
    /// The last address, not before the first.
    pub last: u32,
}

impl Ipv4Range {
    /// Sorts ranges and joins those that overlap or touch.
    pub fn union(mut ranges: Vec<Self>) -> Vec<Self> {
        ranges.sort_unstable();
        let mut joined: Vec<Self> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(previous) if previous.last == u32::MAX || range.first <= previous.last + 1 => {
                    previous.last = previous.last.max(range.last);
                }
                _ => joined.push(range),
            }
        }
        joined
    }
}

impl fmt::Display for Ipv4Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (Ipv4Addr::from_bits(self.first), Ipv4Addr::from_bits(self.last));
        if first == last { write!(f, "{first}") } else { write!(f, "{first}-{last}") }
    }
}

impl fmt::Debug for Ipv4Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
