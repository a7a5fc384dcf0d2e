//! The program's end of a link: `eth0` in the program's own namespace, with its address and default route.

use std::io;
use std::net::Ipv4Addr;

use super::netlink::{Family, Refusal, Socket};
use super::objects::LinkEnds;
use super::sysctl::Settings;
use super::{rtnetlink, sysctl};
use crate::netns::{NetNs, NetNsError, run_in_each};

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

/// What each program's namespace has, if it has an end at all.
pub(super) fn read(namespaces: &[&NetNs]) -> Result<Vec<io::Result<Option<ProgramEnd>>>, NetNsError> {
    let settings = Settings::open();
    run_in_each(namespaces, |_| read_here(settings.as_ref().map_err(again)?))
}

fn read_here(settings: &Settings) -> io::Result<Option<ProgramEnd>> {
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
        settled &= settings.read(path)? == *value;
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
    for (path, value) in sysctl::PROGRAM {
        settings.set(path, value)?;
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
}

/// The same error for one more namespace.
fn again(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

/// Removes an end that is in the way of a new one.
pub(super) fn remove(namespace: &NetNs) -> Result<io::Result<()>, NetNsError> {
    namespace.run(|| {
        let mut socket = Socket::open(Family::Route)?;
        socket.carry_out_but(vec![rtnetlink::remove_link(NAME)], &[libc::ENODEV]).map_err(|Refusal { error, .. }| error)
    })
}
