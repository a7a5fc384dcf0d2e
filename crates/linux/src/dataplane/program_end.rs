//! The program's end of a link: `eth0` in the program's own namespace, with its address and default route.

use std::io;
use std::net::Ipv4Addr;

use super::netlink::{Family, Refusal, Socket};
use super::objects::LinkEnds;
use super::{rtnetlink, sysctl};
use crate::netns::{NetNs, NetNsError};

/// How the program's end is called.
pub(super) const NAME: &str = "eth0";

/// The program's end as it was found.
#[derive(Debug)]
pub(super) struct ProgramEnd {
    pub(super) link: rtnetlink::LinkState,
    pub(super) addresses: Vec<(Ipv4Addr, u8)>,
    pub(super) gateway: Option<Ipv4Addr>,
    /// Whether it and its namespace are set as they must be.
    pub(super) settled: bool,
}

/// What a program's namespace has, if it has an end at all.
pub(super) fn read(namespace: &NetNs) -> Result<io::Result<Option<ProgramEnd>>, NetNsError> {
    namespace.run(read_here)
}

fn read_here() -> io::Result<Option<ProgramEnd>> {
    let mut socket = Socket::open(Family::Route)?;
    let links: Vec<_> = socket.dump(&rtnetlink::links())?.iter().filter_map(rtnetlink::link_of).collect();
    let Some(link) = links.iter().find(|link| link.name == NAME) else {
        return Ok(None);
    };
    let addresses = socket.dump(&rtnetlink::addresses())?;
    let addresses = addresses.iter().filter_map(rtnetlink::address_of).filter(|found| found.link == link.index);
    let routes = socket.dump(&rtnetlink::routes())?;
    let default = routes.iter().filter_map(rtnetlink::route_of).find(|route| {
        route.key.destination.length() == 0 && route.kind == rtnetlink::UNICAST && route.link == Some(link.index)
    });
    let loopback = links.iter().any(|link| link.index == rtnetlink::LOOPBACK && link.up);
    let mut settled = loopback && link.up;
    for (path, value) in sysctl::PROGRAM {
        settled &= sysctl::read(path)? == *value;
    }
    Ok(Some(ProgramEnd {
        link: link.clone(),
        addresses: addresses.map(|found| (found.address, found.prefix)).collect(),
        gateway: default.and_then(|route| route.gateway),
        settled,
    }))
}

/// Sets the end up as `ends` says.
pub(super) fn settle(namespace: &NetNs, ends: &LinkEnds) -> Result<io::Result<()>, NetNsError> {
    namespace.run(|| {
        // Before the end is up: then IPv6 never says a word on it.
        for (path, value) in sysctl::PROGRAM {
            sysctl::set(path, value)?;
        }
        let index = nix::net::if_::if_nametoindex(NAME)?;
        let messages = vec![
            rtnetlink::raise("lo"),
            rtnetlink::add_address(index, ends.address, ends.prefix),
            rtnetlink::raise(NAME),
            rtnetlink::set_default_route(index, ends.gateway),
        ];
        let mut socket = Socket::open(Family::Route)?;
        socket.carry_out(messages).map_err(|Refusal { error, .. }| error)
    })
}

/// Removes an end that is in the way of a new one.
pub(super) fn remove(namespace: &NetNs) -> Result<io::Result<()>, NetNsError> {
    namespace.run(|| {
        let mut socket = Socket::open(Family::Route)?;
        socket.carry_out_but(vec![rtnetlink::remove_link(NAME)], &[libc::ENODEV]).map_err(|Refusal { error, .. }| error)
    })
}
