//! What security groups let through, as boxes that never overlap.

use std::fmt;
use std::net::Ipv6Addr;

use sidegate_model::{AddressFamily, IpProtocol, IpRange, Ipv4Range, Ipv6Range};

/// Traffic with peers in one range of addresses that is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permit {
    /// The peers' addresses.
    pub peers: IpRange,
    /// What of their traffic.
    pub selector: Selector,
}

/// Which traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// IP protocols from the first to the last, and of these the destination ports from the first to the last. A range
    /// that holds protocols without ports spans all ports.
    Ports {
        /// The protocols' numbers.
        protocols: (u8, u8),
        /// The destination ports.
        ports: (u16, u16),
    },
    /// Messages of these types and codes: of ICMP where the peers' addresses are of IPv4, else of ICMPv6.
    Icmp {
        /// The types.
        types: (u8, u8),
        /// The codes.
        codes: (u8, u8),
    },
}

impl Permit {
    /// All traffic with everybody over IPv4: the rule that AWS gives every new group for what goes out.
    pub const ANY: Self = Self {
        peers: IpRange::V4(Ipv4Range { first: 0, last: u32::MAX }),
        selector: Selector::Ports { protocols: (0, u8::MAX), ports: (0, u16::MAX) },
    };

    /// The same over IPv6.
    pub const ANY_IPV6: Self = Self {
        peers: IpRange::V6(Ipv6Range { first: Ipv6Addr::UNSPECIFIED, last: Ipv6Addr::from_bits(u128::MAX) }),
        ..Self::ANY
    };

    /// All traffic with everybody over a family.
    pub const fn any(family: AddressFamily) -> Self {
        match family {
            AddressFamily::Ipv4 => Self::ANY,
            AddressFamily::Ipv6 => Self::ANY_IPV6,
        }
    }

    /// The family that it is about.
    pub const fn family(&self) -> AddressFamily {
        self.peers.family()
    }

    /// Whether some traffic is let through by both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.peers.overlaps(other.peers) && self.selector.overlaps(&other.selector, icmp_of(self.family()))
    }
}

impl Selector {
    /// Whether some traffic is selected by both; `icmp` is the number of the protocol of messages.
    fn overlaps(&self, other: &Self, icmp: u8) -> bool {
        match (self, other) {
            (Self::Ports { protocols: a, ports: p }, Self::Ports { protocols: b, ports: q }) => {
                meet(*a, *b) && meet(*p, *q)
            }
            (Self::Icmp { types: a, codes: p }, Self::Icmp { types: b, codes: q }) => meet(*a, *b) && meet(*p, *q),
            (Self::Ports { protocols, .. }, Self::Icmp { .. }) | (Self::Icmp { .. }, Self::Ports { protocols, .. }) => {
                meet(*protocols, (icmp, icmp))
            }
        }
    }
}

/// The number of the protocol whose messages have types and codes.
pub(crate) const fn icmp_of(family: AddressFamily) -> u8 {
    match family {
        AddressFamily::Ipv4 => 1,
        AddressFamily::Ipv6 => 58,
    }
}

fn meet<T: PartialOrd>(a: (T, T), b: (T, T)) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

impl fmt::Display for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.peers, self.selector)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Ports { protocols: (0, u8::MAX), ports: (0, u16::MAX) } => f.write_str("all"),
            Self::Ports { protocols: (first, last), ports } => {
                if first == last {
                    write!(f, "{}", IpProtocol::Number(first))?;
                } else {
                    write!(f, "{first}-{last}")?;
                }
                if ports == (0, u16::MAX) { Ok(()) } else { write!(f, " port {}", span(ports)) }
            }
            Self::Icmp { types: (0, u8::MAX), codes: (0, u8::MAX) } => f.write_str("icmp"),
            Self::Icmp { types, codes } => write!(f, "icmp type {} code {}", span(types), span(codes)),
        }
    }
}

/// One number where both ends are the same.
fn span<T: PartialEq + fmt::Display>((first, last): (T, T)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}
