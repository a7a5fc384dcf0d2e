//! The other end of a link: `eth0` in a program's own namespace, with its address and default route; `eth1` and so on, with
//! a default route for what goes out from their own addresses; or an end in the namespace of a passage, which has routes
//! of its own.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sidegate_model::AddressFamily;
use sidegate_plan::link_local;

use super::netlink::{Family, Refusal, Socket};
use super::objects::{LinkEnds, LinkName};
use super::sysctl::Settings;
use super::{rtnetlink, sysctl};
use crate::netns::{NetNs, NetNsError, run_in_each};

/// How the ends of a program are called, with a number behind.
const NAME: &str = "eth";

/// The first routing table of further interfaces, less one.
const TABLES: u32 = 100;

/// The name of an interface of a program.
pub(super) fn name(device: u32) -> LinkName {
    LinkName::new(&format!("{NAME}{device}")).unwrap_or_default()
}

/// The table that has the default route of an end: that of the first is everybody's.
fn table_of(end: &str) -> u32 {
    let device = end.strip_prefix(NAME).and_then(|device| device.parse::<u32>().ok());
    device.filter(|device| *device > 0).map_or(rtnetlink::MAIN_TABLE, |device| TABLES.saturating_add(device))
}

/// The program's end as it was found.
#[derive(Debug)]
pub(super) struct ProgramEnd {
    pub(super) link: rtnetlink::LinkState,
    pub(super) addresses: Vec<(Ipv4Addr, u8)>,
    pub(super) ipv6: BTreeSet<Ipv6Addr>,
    pub(super) speaks_ipv6: bool,
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
    let found = socket.dump(&rtnetlink::addresses())?;
    let found = found.iter().filter_map(rtnetlink::address_of).filter(|found| found.link == link.index);
    let (mut addresses, mut ipv6) = (Vec::new(), BTreeSet::new());
    let mut settled = link.up && links.iter().any(|link| link.index == rtnetlink::LOOPBACK && link.up);
    for found in found {
        match found.address {
            IpAddr::V4(address) => addresses.push((address, found.prefix)),
            IpAddr::V6(address) if found.is_global => {
                ipv6.insert(address);
                settled &= found.prefix == 128;
            }
            IpAddr::V6(_) => {}
        }
    }
    let table = table_of(&link.name);
    let gateway = match default_route(&mut socket, AddressFamily::Ipv4, table, link.index)? {
        Some(IpAddr::V4(gateway)) => Some(gateway),
        _ => None,
    };
    let speaks_ipv6 = settings.read(&sysctl::disable_ipv6(&link.name))? == "0";
    for (path, value) in sysctl::of_end(&link.name, speaks_ipv6) {
        settled &= settings.read(&path)? == value;
    }
    if gateway.is_some() && !ipv6.is_empty() {
        settled &= default_route(&mut socket, AddressFamily::Ipv6, table, link.index)? == Some(router());
    }
    if gateway.is_some() && table != rtnetlink::MAIN_TABLE {
        let rules = source_rules(&mut socket, table)?;
        let ipv4 = addresses.iter().map(|(address, _)| IpAddr::from(*address));
        settled &= ipv4.chain(ipv6.iter().copied().map(IpAddr::from)).all(|address| rules.contains(&address));
    }
    Ok(Some(ProgramEnd { link: link.clone(), addresses, ipv6, speaks_ipv6, gateway, settled }))
}

/// The router's address of IPv6 on every link.
fn router() -> IpAddr {
    link_local(rtnetlink::ROUTER_MAC).into()
}

/// Where the default route of a table leads over a link.
fn default_route(socket: &mut Socket, family: AddressFamily, table: u32, link: u32) -> io::Result<Option<IpAddr>> {
    let routes = socket.dump(&rtnetlink::routes(family))?;
    let default = routes.iter().filter_map(rtnetlink::route_of).find(|route| {
        route.key.destination.length() == 0
            && route.key.table == table
            && route.kind == rtnetlink::UNICAST
            && route.link == Some(link)
    });
    Ok(default.and_then(|route| route.gateway))
}

/// The addresses whose packets look up a table of a further interface.
fn source_rules(socket: &mut Socket, table: u32) -> io::Result<Vec<IpAddr>> {
    let rules = rtnetlink::of_all_families(socket, rtnetlink::rules)?;
    let found = rules.iter().filter_map(rtnetlink::source_rule_of).filter(|(_, found)| *found == table);
    Ok(found.map(|(address, _)| address).collect())
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
    // Before the end is up: then IPv6 never says a word on one that does not speak it.
    for (path, value) in sysctl::of_end(ends.end.as_str(), ends.speaks_ipv6) {
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
    messages.extend(ends.ipv6.iter().map(|address| rtnetlink::add_address(index, *address, 128)));
    let table = table_of(ends.end.as_str());
    if let Some(gateway) = ends.gateway {
        messages.push(rtnetlink::set_default_route(index, gateway.into(), table));
        messages.extend(ends.ipv6.first().map(|_| rtnetlink::set_default_route(index, router(), table)));
    }
    let wanted: BTreeSet<IpAddr> = ends.addresses().collect();
    let mut socket = Socket::open(Family::Route)?;
    let present = socket.dump(&rtnetlink::addresses())?;
    let lost = present
        .iter()
        .filter_map(rtnetlink::address_of)
        .filter(|found| found.link == index && found.is_global && !wanted.contains(&found.address))
        .map(|found| rtnetlink::remove_address(index, found.address, found.prefix));
    messages.extend(lost);
    if ends.gateway.is_some() && table != rtnetlink::MAIN_TABLE {
        let rules = source_rules(&mut socket, table)?;
        let old = rules.iter().filter(|address| !wanted.contains(address));
        messages.extend(old.map(|address| rtnetlink::remove_source_rule(*address, table)));
        let new = wanted.iter().filter(|address| !rules.contains(address));
        messages.extend(new.map(|address| rtnetlink::add_source_rule(*address, table)));
    }
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
