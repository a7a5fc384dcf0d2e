//! Which end of a flow is the interface's own, where the log does not tell the direction.

use std::net::IpAddr;

use sidegate_model::Catalog;

use super::peer::{Direction, translated};
use super::places::Places;
use super::ranges::Ranges;
use super::record::Record;

/// The direction of a flow, by the interface's own addresses, or else by which end is private.
#[inline]
pub(super) fn direction(own: &[IpAddr], source: IpAddr, destination: IpAddr) -> Option<Direction> {
    match (own.contains(&source), own.contains(&destination)) {
        (true, false) => return Some(Direction::Egress),
        (false, true) => return Some(Direction::Ingress),
        _ => {}
    }
    match (is_private(source), is_private(destination)) {
        (true, false) => Some(Direction::Egress),
        (false, true) => Some(Direction::Ingress),
        _ => None,
    }
}

/// The direction of a flow between two private addresses, by the packets' own: the interface stands in the place of an end
/// that they are not from, or not for.
pub(super) fn by_packets(record: &Record<'_>) -> Option<Direction> {
    let differ = |at: Option<IpAddr>, end: Option<IpAddr>| at.is_some() && end.is_some() && at != end;
    if differ(record.destination, record.packet_destination) {
        return Some(Direction::Ingress);
    }
    differ(record.source, record.packet_source).then_some(Direction::Egress)
}

/// Whether a flow passes its interface on the way to somebody else: packets that come in are not for the interface, or those
/// that go out not from it, and not for or from another private address, such as one more of the interface's own.
///
/// Source: VPC user guide, "Flow log record examples", "Traffic through a NAT gateway".
#[inline]
pub(super) fn is_between(record: &Record<'_>, direction: Option<Direction>) -> bool {
    let ends = match direction {
        Some(Direction::Ingress) => (record.destination, record.packet_destination),
        Some(Direction::Egress) => (record.source, record.packet_source),
        None => return false,
    };
    match ends {
        (Some(at @ IpAddr::V4(_)), Some(end @ IpAddr::V4(_))) => at != end && is_private(at) && !is_private(end),
        _ => false,
    }
}

/// How likely an address is that of a service and not of a client: the lowest is an address in a VPC.
pub(super) fn rank(places: &Places, ranges: &Ranges, address: IpAddr) -> u8 {
    if places.has(address) {
        return 0;
    }
    let address = translated(address).map_or(address, IpAddr::V4);
    if emulated(address).is_some() {
        return 4;
    }
    match ranges.label(address).map(|label| label.service.as_str()) {
        // The addresses of instances, those of IPv6 that VPCs have among them.
        Some("EC2") => 1,
        None => 2,
        Some("AMAZON") => 3,
        Some(_) => 4,
    }
}

/// The service and its Region that have an emulated address.
pub(super) fn emulated(address: IpAddr) -> Option<(sidegate_model::Region, &'static sidegate_model::Service)> {
    match address {
        IpAddr::V4(address) => Catalog::at(address),
        IpAddr::V6(address) => Catalog::at_ipv6(address),
    }
}

/// Whether an address is one of private networks: RFC 1918, RFC 6598, RFC 4193.
#[inline]
pub(super) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.to_bits() & 0xffc0_0000 == 0x6440_0000,
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

/// Whether an address is of the link, of a group, or of nobody.
pub(super) fn is_local(address: IpAddr) -> bool {
    let is_link = match address {
        IpAddr::V4(address) => address.is_link_local() || address.is_broadcast(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    is_link || address.is_multicast() || address.is_loopback() || address.is_unspecified()
}
