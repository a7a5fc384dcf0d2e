//! A CIDR block of either family.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Ipv4Cidr, Ipv6Cidr};

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
