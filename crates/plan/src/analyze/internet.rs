//! Which addresses there can be on the internet, whoever has them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sidegate_model::{Ipv4Cidr, Ipv6Cidr};

/// What nobody on the internet has.
///
/// Source: IANA, "IPv4 Special-Purpose Address Registry".
pub(super) const NEVER: [Ipv4Cidr; 8] = [
    Ipv4Cidr::new(Ipv4Addr::new(0, 0, 0, 0), 8),
    Ipv4Cidr::new(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Cidr::new(Ipv4Addr::new(100, 64, 0, 0), 10),
    Ipv4Cidr::new(Ipv4Addr::new(127, 0, 0, 0), 8),
    Ipv4Cidr::new(Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Cidr::new(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Cidr::new(Ipv4Addr::new(192, 168, 0, 0), 16),
    Ipv4Cidr::new(Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// Global unicast addresses: all that there are on the internet of IPv6.
///
/// Source: RFC 4291, section 2.4; IANA, "Internet Protocol Version 6 Address Space".
pub(super) const GLOBAL: Ipv6Cidr = Ipv6Cidr::new(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Whether somebody on the internet can have an address.
pub(super) fn is_on_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NEVER.iter().any(|block| block.contains(address)),
        IpAddr::V6(address) => GLOBAL.contains(address),
    }
}
