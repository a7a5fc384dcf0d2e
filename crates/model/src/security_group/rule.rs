//! What a rule lets through: direction, protocol, ports and the other side.

use std::fmt;
use std::net::Ipv6Addr;

use serde::{Deserialize, Serialize};

use super::check_text;
use crate::{Error, Ipv4Cidr, PrefixListId, SecurityGroupId};

/// What a rule lets through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRule {
    /// Whether it is about what comes in or goes out.
    pub direction: Direction,
    /// The protocol.
    pub protocol: IpProtocol,
    /// The ports, or ICMP's type and code; `None` for protocols that have neither, and for all.
    pub ports: Option<PortRange>,
    /// The other side.
    pub peer: Peer,
    /// A note of the account's.
    pub description: Option<String>,
}

/// The direction of a rule, as seen by the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Direction {
    /// What comes in.
    Ingress,
    /// What goes out.
    Egress,
}

/// A protocol by its IANA number, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum IpProtocol {
    /// Every protocol: `-1`.
    All,
    /// One.
    Number(u8),
}

/// Ports from the first to the last; for ICMP the type and the code, where -1 stands for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PortRange {
    /// The first port, or ICMP's type.
    pub from: i32,
    /// The last port, or ICMP's code.
    pub to: i32,
}

/// The other side of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Peer {
    /// A block.
    Cidr(Ipv4Cidr),
    /// An IPv6 block. No VPC has IPv6 addresses yet, so it matches nothing.
    Cidr6(Ipv6Addr, u8),
    /// The private addresses of the interfaces that have this group.
    Group(SecurityGroupId),
    /// The blocks of a prefix list.
    PrefixList(PrefixListId),
}

impl IpProtocol {
    /// TCP.
    pub const TCP: Self = Self::Number(6);
    /// UDP.
    pub const UDP: Self = Self::Number(17);
    /// ICMP.
    pub const ICMP: Self = Self::Number(1);
    /// ICMPv6.
    pub const ICMPV6: Self = Self::Number(58);

    /// Parses a name or number as the API takes it: `tcp`, `6`, `-1`, …
    ///
    /// # Errors
    /// `InvalidParameterValue`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text.to_ascii_lowercase().as_str() {
            "tcp" => Ok(Self::TCP),
            "udp" => Ok(Self::UDP),
            "icmp" => Ok(Self::ICMP),
            "icmpv6" => Ok(Self::ICMPV6),
            "all" | "-1" => Ok(Self::All),
            other => other.parse().map(Self::Number).map_err(|_| {
                Error::InvalidParameterValue(format!("Invalid value '{text}' for IP protocol. Unknown protocol."))
            }),
        }
    }

    fn has_ports(self) -> bool {
        matches!(self, Self::TCP | Self::UDP)
    }

    fn is_icmp(self) -> bool {
        matches!(self, Self::ICMP | Self::ICMPV6)
    }
}

impl fmt::Display for IpProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::All => f.write_str("-1"),
            Self::TCP => f.write_str("tcp"),
            Self::UDP => f.write_str("udp"),
            Self::ICMP => f.write_str("icmp"),
            Self::ICMPV6 => f.write_str("icmpv6"),
            Self::Number(n) => write!(f, "{n}"),
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(cidr) => write!(f, "{cidr}"),
            Self::Cidr6(address, length) => write!(f, "{address}/{length}"),
            Self::Group(id) => write!(f, "{id}"),
            Self::PrefixList(id) => write!(f, "{id}"),
        }
    }
}

impl fmt::Display for NewRule {
    /// The rule in the words of `InvalidPermission.Duplicate`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "peer: {}, ", self.peer)?;
        match self.protocol {
            IpProtocol::All => f.write_str("ALL")?,
            protocol => f.write_str(&protocol.to_string().to_ascii_uppercase())?,
        }
        match self.ports {
            Some(PortRange { from, to }) if self.protocol.is_icmp() => write!(f, ", type: {from}, code: {to}")?,
            Some(PortRange { from, to }) => write!(f, ", from port: {from}, to port: {to}")?,
            None => {}
        }
        f.write_str(", ALLOW")
    }
}

impl NewRule {
    /// A rule with its ports checked and in their canonical form.
    ///
    /// # Errors
    /// `InvalidParameterValue` for ports that the protocol does not have or that are out of range.
    pub fn new(
        direction: Direction, protocol: IpProtocol, ports: Option<PortRange>, peer: Peer, description: Option<String>,
    ) -> Result<Self, Error> {
        if let Some(text) = &description {
            check_text(text, "rule description", "descriptions")?;
        }
        let ports = match ports {
            _ if !protocol.has_ports() && !protocol.is_icmp() => None,
            None if protocol.has_ports() => {
                return Err(Error::InvalidParameterValue(
                    "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.".to_owned(),
                ));
            }
            None => Some(PortRange { from: -1, to: -1 }),
            Some(range) => Some(range.check(protocol)?),
        };
        Ok(Self { direction, protocol, ports, peer, description })
    }

    /// Whether both let the same through, whatever is noted beside.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.direction, self.protocol, self.ports, &self.peer)
            == (other.direction, other.protocol, other.ports, &other.peer)
    }
}

impl PortRange {
    /// Whether the protocol, which is TCP, UDP or one of the two of ICMP, has these ports, or type and code.
    pub(crate) fn check(self, protocol: IpProtocol) -> Result<Self, Error> {
        let Self { from, to } = self;
        if protocol.is_icmp() {
            if !(-1..=255).contains(&from) || !(-1..=255).contains(&to) || (from == -1 && to != -1) {
                return Err(Error::InvalidParameterValue(format!(
                    "Invalid ICMP type/code: {from}, {to}. Both lie between -1 and 255, and the code is -1 where the type is."
                )));
            }
            return Ok(self);
        }
        for (end, port) in [("from", from), ("to", to)] {
            if !(0..=65_535).contains(&port) {
                return Err(Error::InvalidParameterValue(format!("TCP/UDP ({end}) port ({port}) out of range")));
            }
        }
        if from > to {
            return Err(Error::InvalidParameterValue(format!("Invalid TCP/UDP port range ({from}:{to})")));
        }
        Ok(self)
    }
}
