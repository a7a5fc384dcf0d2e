//! What security groups let through, as boxes that never overlap.

use sidegate_model::Ipv4Range;

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
