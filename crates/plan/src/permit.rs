//! What security groups let through, as boxes that never overlap.

use std::fmt;

use sidegate_model::{IpProtocol, Ipv4Range};

/// Traffic with peers in one range of addresses that is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permit {
    /// The peers' addresses.
    pub peers: Ipv4Range,
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
    /// ICMP messages of these types and codes.
    Icmp {
        /// The types.
        types: (u8, u8),
        /// The codes.
        codes: (u8, u8),
    },
}

impl Permit {
    /// All traffic with everybody: the rule that AWS gives every new group for what goes out.
    pub const ANY: Self = Self {
        peers: Ipv4Range { first: 0, last: u32::MAX },
        selector: Selector::Ports { protocols: (0, u8::MAX), ports: (0, u16::MAX) },
    };

    /// Whether some traffic is let through by both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.peers.first <= other.peers.last
            && other.peers.first <= self.peers.last
            && self.selector.overlaps(&other.selector)
    }
}

impl Selector {
    /// Whether some traffic is selected by both.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ports { protocols: a, ports: p }, Self::Ports { protocols: b, ports: q }) => {
                meet(*a, *b) && meet(*p, *q)
            }
            (Self::Icmp { types: a, codes: p }, Self::Icmp { types: b, codes: q }) => meet(*a, *b) && meet(*p, *q),
            (Self::Ports { protocols, .. }, Self::Icmp { .. }) | (Self::Icmp { .. }, Self::Ports { protocols, .. }) => {
                meet(*protocols, (ICMP, ICMP))
            }
        }
    }
}

/// The number of ICMP.
const ICMP: u8 = 1;

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
