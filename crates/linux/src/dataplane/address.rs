//! Families and addresses as netlink writes them, whichever of its families carries them.

use std::net::IpAddr;

use sidegate_model::AddressFamily;

/// `AF_INET` and `AF_INET6`, which are `NFPROTO_IPV4` and `NFPROTO_IPV6` too.
pub(super) fn number_of(family: AddressFamily) -> u8 {
    match family {
        AddressFamily::Ipv4 => 2,
        AddressFamily::Ipv6 => 10,
    }
}

/// The octets of an address.
pub(super) fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// An address from its octets.
pub(super) fn address_from(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => Some(<[u8; 4]>::try_from(octets).ok()?.into()),
        _ => Some(<[u8; 16]>::try_from(octets).ok()?.into()),
    }
}
