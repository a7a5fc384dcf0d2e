//! IPv6 CIDR blocks.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An IPv6 CIDR block in canonical form: no bit is set behind the prefix.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ipv6Cidr {
    base: u128,
    length: u8,
}

impl Ipv6Cidr {
    /// Every address, `::/0`.
    pub const ANY: Self = Self { base: 0, length: 0 };

    /// The block of `length` bits that holds `address`; bits behind the prefix are cleared. A length over 128 counts as
    /// 128.
    pub const fn new(address: Ipv6Addr, length: u8) -> Self {
        let length = if length > 128 { 128 } else { length };
        Self { base: address.to_bits() & Self::mask(length), length }
    }

    /// The block of one address, `/128`.
    pub const fn host(address: Ipv6Addr) -> Self {
        Self::new(address, 128)
    }

    const fn mask(length: u8) -> u128 {
        if length == 0 { 0 } else { u128::MAX << (128 - length) }
    }

    /// The first address.
    pub const fn first(self) -> Ipv6Addr {
        Ipv6Addr::from_bits(self.base)
    }

    /// The last address.
    pub const fn last(self) -> Ipv6Addr {
        Ipv6Addr::from_bits(self.base | !Self::mask(self.length))
    }

    /// The number of bits of the prefix, 0 to 128.
    pub const fn length(self) -> u8 {
        self.length
    }

    /// The address at this offset from the first, or `None` behind the last.
    pub fn nth(self, offset: u128) -> Option<Ipv6Addr> {
        let behind = !Self::mask(self.length);
        (offset <= behind).then(|| Ipv6Addr::from_bits(self.base | offset))
    }

    /// Whether the address lies in the block.
    pub const fn contains(self, address: Ipv6Addr) -> bool {
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

    /// The block as a range.
    pub const fn range(self) -> Ipv6Range {
        Ipv6Range { first: self.first(), last: self.last() }
    }

    /// Parses a block and tells whether it was canonical, since AWS refuses bits behind the prefix in some places and
    /// clears them in others.
    pub fn parse(text: &str) -> Option<(Self, bool)> {
        let (address, length) = text.split_once('/')?;
        let leading_zero = length.len() > 1 && length.starts_with('0');
        if leading_zero || !length.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let length: u8 = length.parse().ok().filter(|l| *l <= 128)?;
        let address: Ipv6Addr = address.parse().ok()?;
        let block = Self::new(address, length);
        Some((block, block.first() == address))
    }
}

impl FromStr for Ipv6Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text).map(|(block, _)| block).ok_or_else(|| format!("`{text}` is not an IPv6 CIDR block"))
    }
}

impl TryFrom<String> for Ipv6Cidr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Ipv6Cidr> for String {
    fn from(block: Ipv6Cidr) -> Self {
        block.to_string()
    }
}

impl fmt::Display for Ipv6Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first(), self.length)
    }
}

impl fmt::Debug for Ipv6Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A range of IPv6 addresses, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ipv6Range {
    /// The first address.
    pub first: Ipv6Addr,
    /// The last address.
    pub last: Ipv6Addr,
}

impl Ipv6Range {
    /// Sorts ranges and joins those that overlap or touch.
    pub fn union(mut ranges: Vec<Self>) -> Vec<Self> {
        ranges.sort_unstable();
        let mut joined: Vec<Self> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(previous) if range.first.to_bits() <= previous.last.to_bits().saturating_add(1) => {
                    previous.last = previous.last.max(range.last);
                }
                _ => joined.push(range),
            }
        }
        joined
    }
}

impl fmt::Display for Ipv6Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if first == last { write!(f, "{first}") } else { write!(f, "{first}-{last}") }
    }
}

impl fmt::Debug for Ipv6Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_canonical_and_knows_its_addresses() {
        let (block, canonical) = Ipv6Cidr::parse("2001:DB8:0:1::5/56").unwrap();
        assert_eq!((block.to_string().as_str(), canonical), ("2001:db8::/56", false));
        assert_eq!(block.nth(1 << 64), Some("2001:db8:0:1::".parse().unwrap()));
        assert_eq!(block.nth(1 << 72), None);
        assert_eq!(block.last(), "2001:db8:0:ff:ffff:ffff:ffff:ffff".parse::<Ipv6Addr>().unwrap());
        assert_eq!(Ipv6Cidr::ANY.nth(u128::MAX), Some(Ipv6Addr::from_bits(u128::MAX)));
    }

    #[test]
    fn blocks_that_share_an_address_overlap() {
        let block = |text: &str| text.parse::<Ipv6Cidr>().unwrap();
        assert!(block("2001:db8::/32").covers(block("2001:db8:1::/64")));
        assert!(block("2001:db8:1::/64").overlaps(block("2001:db8::/32")));
        assert!(!block("2001:db8:1::/64").overlaps(block("2001:db8:2::/64")));
        assert!(Ipv6Cidr::ANY.covers(Ipv6Cidr::host(Ipv6Addr::LOCALHOST)));
    }

    #[test]
    fn ranges_that_overlap_or_touch_are_one() {
        let range =
            |first: u128, last: u128| Ipv6Range { first: Ipv6Addr::from_bits(first), last: Ipv6Addr::from_bits(last) };
        let top = u128::MAX;
        assert_eq!(
            Ipv6Range::union(vec![range(top, top), range(5, 9), range(0, 4), range(11, 12), range(12, top - 1)]),
            [range(0, 9), range(11, top)]
        );
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for text in ["", "::", "::/129", "::/01", "::/-1", "10.0.0.0/8", ":::/64", "g::/64", "::/+1"] {
            assert!(text.parse::<Ipv6Cidr>().is_err(), "{text}");
        }
    }
}
