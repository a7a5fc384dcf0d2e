//! The other end of a link: `eth0` in a program's own namespace, with its address and default route; or an end in the
//! namespace of a passage, which has routes of its own.

use std::io;
use std::net::Ipv4Addr;

use super::netlink::{Family, Refusal, Socket};
use super::objects::{LinkEnds, LinkName};
use super::sysctl::Settings;
use super::{rtnetlink, sysctl};
use crate::netns::{NetNs, NetNsError, run_in_each};

/// How a program's end is called.
const NAME: &str = "eth0";

/// The same, as the name of a link.
pub(super) fn name() -> LinkName {
    LinkName::new(NAME).unwrap_or_default()
}

/// The program's end as it was found.
#[derive(Debug)]
pub(super) struct ProgramEnd {
    pub(super) link: rtnetlink::LinkState,
    pub(super) addresses: Vec<(Ipv4Addr, u8)>,
    pub(super) gateway: Option<Ipv4Addr>,
    /// Whether it and its namespace are set as they must be.
    pub(super) settled: bool,
}

/// What each program's namespace has, if it has an end at all.
///
/// `peers` tells each end by its number.
pub(super) fn read(
    namespaces: &[&NetNs], peers: &[Option<u32>],
) -> Result<Vec<io::Result<Option<ProgramEnd>>>, NetNsError> {
    let settings = Settings::open();
    run_in_each(namespaces, |place| read_here(settings.as_ref().map_err(again)?, peers.get(place).copied().flatten()))
}

fn read_here(settings: &Settings, peer: Option<u32>) -> io::Result<Option<ProgramEnd>> {
    let mut socket = Socket::open(Family::Route)?;
    let links: Vec<_> = socket.dump(&rtnetlink::links())?.iter().filter_map(rtnetlink::link_of).collect();
    let Some(link) = links.iter().find(|link| Some(link.index) == peer) else {
        return Ok(None);
    };
    let addresses = socket.dump(&rtnetlink::addresses())?;
    let addresses = addresses.iter().filter_map(rtnetlink::address_of).filter(|found| found.link == link.index);
    let routes = socket.dump(&rtnetlink::routes())?;
    let default = routes.iter().filter_map(rtnetlink::route_of).find(|route| {
        route.key.destination.length() == 0
            && route.key.table == rtnetlink::MAIN_TABLE
            && route.kind == rtnetlink::UNICAST
            && route.link == Some(link.index)
    });
    let loopback = links.iter().any(|link| link.index == rtnetlink::LOOPBACK && link.up);
    let mut settled = loopback && link.up;
    for (path, value) in sysctl::of_end(&link.name) {
        settled &= settings.read(&path)? == value;
    }
    Ok(Some(ProgramEnd {
        link: link.clone(),
        addresses: addresses.map(|found| (found.address, found.prefix)).collect(),
        gateway: default.and_then(|route| route.gateway),
        settled,
    }))
}

/// Sets each end up as it must be.
pub(super) fn settle(namespaces: &[&NetNs], ends: &[&LinkEnds]) -> Result<Vec<io::Result<()>>, NetNsError> {
    let settings = Settings::open();
    run_in_each(namespaces, |place| {
        let settings = settings.as_ref().map_err(again)?;
        ends.get(place).map_or(Ok(()), |ends| settle_here(settings, ends))
    })
}

fn settle_here(settings: &Settings, ends: &LinkEnds) -> io::Result<()> {
    // Before the end is up: then IPv6 never says a word on it.
    for (path, value) in sysctl::of_end(ends.end.as_str()) {
        settings.set(&path, value)?;
    }
    let index = nix::net::if_::if_nametoindex(ends.end.as_str())?;
    let mut messages = vec![
        rtnetlink::raise("lo"),
        rtnetlink::add_address(index, ends.address, ends.prefix),
        rtnetlink::raise(ends.end.as_str()),
    ];
    // Each on its own: with the subnet's prefix the kernel would take them for dependants of the first.
    messages.extend(ends.secondary.iter().map(|address| rtnetlink::add_address(index, *address, 32)));
    messages.extend(ends.gateway.map(|gateway| rtnetlink::set_default_route(index, gateway)));
    let mut socket = Socket::open(Family::Route)?;
    let present = socket.dump(&rtnetlink::addresses())?;
    let lost = present
        .iter()
        .filter_map(rtnetlink::address_of)
        .filter(|found| {
            found.link == index && found.address != ends.address && !ends.secondary.contains(&found.address)
        })
        .map(|found| rtnetlink::remove_address(index, found.address, found.prefix));
    messages.extend(lost);
    socket.carry_out(messages).map_err(|Refusal { error, .. }| error)
}

/// The same error for one more namespace.
fn again(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

/// Removes an end that is in the way of a new one.
pub(super) fn remove(namespace: &NetNs, end: LinkName) -> Result<io::Result<()>, NetNsError> {
    namespace.run(|| {
        let mut socket = Socket::open(Family::Route)?;
        socket
            .carry_out_but(vec![rtnetlink::remove_link(end.as_str())], &[libc::ENODEV])
            .map_err(|Refusal { error, .. }| error)
    })
}
