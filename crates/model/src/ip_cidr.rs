//! CIDR blocks, and ranges of addresses, of either family.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Ipv4Cidr, Ipv4Range, Ipv6Cidr, Ipv6Range};

/// A family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AddressFamily {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl AddressFamily {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ipv4, Self::Ipv6];

    /// The family of an address.
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Ipv4,
            IpAddr::V6(_) => Self::Ipv6,
        }
    }

    /// The family's name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        }
    }
}

/// An IPv4 or an IPv6 CIDR block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum IpCidr {
    /// An IPv4 block.
    V4(Ipv4Cidr),
    /// An IPv6 block.
    V6(Ipv6Cidr),
}

impl IpCidr {
    /// Whether it is an IPv6 block.
    pub const fn is_ipv6(self) -> bool {
        matches!(self, Self::V6(_))
    }

    /// The block of one address.
    pub const fn host(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(Ipv4Cidr::host(address)),
            IpAddr::V6(address) => Self::V6(Ipv6Cidr::host(address)),
        }
    }

    /// The block of this length that holds an address. A length beyond that of an address means the address alone.
    pub const fn new(address: IpAddr, length: u8) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(Ipv4Cidr::new(address, length)),
            IpAddr::V6(address) => Self::V6(Ipv6Cidr::new(address, length)),
        }
    }

    /// All addresses of a family.
    pub const fn any(family: AddressFamily) -> Self {
        match family {
            AddressFamily::Ipv4 => Self::V4(Ipv4Cidr::ANY),
            AddressFamily::Ipv6 => Self::V6(Ipv6Cidr::ANY),
        }
    }

    /// The family of its addresses.
    pub const fn family(self) -> AddressFamily {
        match self {
            Self::V4(_) => AddressFamily::Ipv4,
            Self::V6(_) => AddressFamily::Ipv6,
        }
    }

    /// The first address.
    pub const fn first(self) -> IpAddr {
        match self {
            Self::V4(block) => IpAddr::V4(block.first()),
            Self::V6(block) => IpAddr::V6(block.first()),
        }
    }

    /// How many bits all addresses in it share.
    pub const fn length(self) -> u8 {
        match self {
            Self::V4(block) => block.length(),
            Self::V6(block) => block.length(),
        }
    }

    /// Whether it is one address.
    pub const fn is_host(self) -> bool {
        match self {
            Self::V4(block) => block.length() == 32,
            Self::V6(block) => block.length() == 128,
        }
    }

    /// Whether an address lies in it.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4(block), IpAddr::V4(address)) => block.contains(address),
            (Self::V6(block), IpAddr::V6(address)) => block.contains(address),
            _ => false,
        }
    }

    /// Whether all of another block lies in it.
    pub fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::V4(block), Self::V4(other)) => block.covers(other),
            (Self::V6(block), Self::V6(other)) => block.covers(other),
            _ => false,
        }
    }

    /// The block as a range.
    pub const fn range(self) -> IpRange {
        match self {
            Self::V4(block) => IpRange::V4(block.range()),
            Self::V6(block) => IpRange::V6(block.range()),
        }
    }
}

impl From<Ipv4Cidr> for IpCidr {
    fn from(block: Ipv4Cidr) -> Self {
        Self::V4(block)
    }
}

impl From<Ipv6Cidr> for IpCidr {
    fn from(block: Ipv6Cidr) -> Self {
        Self::V6(block)
    }
}

impl FromStr for IpCidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ipv4 = text.parse().map(Self::V4);
        ipv4.or_else(|_: String| text.parse().map(Self::V6))
            .map_err(|_: String| format!("`{text}` is not a CIDR block"))
    }
}

impl TryFrom<String> for IpCidr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<IpCidr> for String {
    fn from(block: IpCidr) -> Self {
        block.to_string()
    }
}

impl fmt::Display for IpCidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(block) => fmt::Display::fmt(block, f),
            Self::V6(block) => fmt::Display::fmt(block, f),
        }
    }
}

impl fmt::Debug for IpCidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A range of addresses of either family, both ends included. Those of IPv4 come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IpRange {
    /// Of IPv4.
    V4(Ipv4Range),
    /// Of IPv6.
    V6(Ipv6Range),
}

impl IpRange {
    /// The family of its addresses.
    pub const fn family(self) -> AddressFamily {
        match self {
            Self::V4(_) => AddressFamily::Ipv4,
            Self::V6(_) => AddressFamily::Ipv6,
        }
    }

    /// Whether it holds an address.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4(range), IpAddr::V4(address)) => (range.first..=range.last).contains(&address.to_bits()),
            (Self::V6(range), IpAddr::V6(address)) => (range.first..=range.last).contains(&address),
            _ => false,
        }
    }

    /// Whether some address is in both.
    pub fn overlaps(self, other: Self) -> bool {
        match (self, other) {
            (Self::V4(a), Self::V4(b)) => a.first <= b.last && b.first <= a.last,
            (Self::V6(a), Self::V6(b)) => a.first <= b.last && b.first <= a.last,
            _ => false,
        }
    }
}

impl From<Ipv4Range> for IpRange {
    fn from(range: Ipv4Range) -> Self {
        Self::V4(range)
    }
}

impl From<Ipv6Range> for IpRange {
    fn from(range: Ipv6Range) -> Self {
        Self::V6(range)
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(range) => fmt::Display::fmt(range, f),
            Self::V6(range) => fmt::Display::fmt(range, f),
        }
    }
}

impl fmt::Debug for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
