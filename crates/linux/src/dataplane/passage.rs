//! Passages: what stands between networks, each in a namespace of its own with a few routes and a filter.
//!
//! They are set as a whole, and that is idempotent: the filter is one transaction, and flows that it still lets through
//! go on meanwhile.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::AsFd;

use sidegate_model::{Ipv4Cidr, Region};
use sidegate_plan::{Passage, SERVICE_PORTS};

use super::error::VpcError;
use super::listeners::Listeners;
use super::netlink::{Family, Message, Refusal, Socket};
use super::objects::{FIRST_TABLE, LinkName, MTU, ROUTE_PROTOCOL, RouteKey, RouteKind, Rule};
use super::sysctl::Settings;
use super::{conntrack, rtnetlink, ruleset};
use crate::holder::Client;
use crate::netns::NetNs;

/// The namespace of the emulated internet.
pub const INTERNET: &str = "internet";

/// The addresses on the internet that belong to programs which run there. Connections that they begin come from the second.
pub const INTERNET_HOSTS: Ipv4Cidr = Ipv4Cidr::new(Ipv4Addr::new(198, 19, 255, 0), 24);

/// The address of the resolver on the internet.
pub const INTERNET_RESOLVER: Ipv4Addr = Ipv4Addr::new(198, 19, 255, 53);

/// The address under which internet gateways know the internet.
const INTERNET_ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 175, 1);

/// Where public addresses are.
const PUBLIC: Ipv4Cidr = Ipv4Cidr::new(Ipv4Addr::new(198, 18, 0, 0), 15);

/// The end of an internet gateway that leads to the internet, and the two ends that lead to VPCs.
const UP: &str = "up";
const LEGS: [&str; 2] = ["eth0", "eth1"];

/// The settings of each passage.
const SETTINGS: &[(&str, &str)] = &[
    ("net/ipv4/ip_forward", "1"),
    ("net/ipv4/conf/all/rp_filter", "0"),
    ("net/ipv4/conf/default/rp_filter", "0"),
    ("net/ipv4/conf/all/send_redirects", "0"),
    ("net/ipv4/conf/default/send_redirects", "0"),
    ("net/ipv4/conf/all/accept_redirects", "0"),
    ("net/ipv6/conf/all/disable_ipv6", "1"),
    ("net/ipv6/conf/default/disable_ipv6", "1"),
];

/// Makes a passage's namespace what the plan says, and returns it, with that of the internet if it leads there.
pub(super) fn set(holder: &Client, name: &str, passage: &Passage) -> Result<Vec<NetNs>, VpcError> {
    let (namespace, _) = holder.ensure(name)?;
    match passage {
        Passage::InternetGateway { cidrs, public } => {
            let internet = open_internet(holder)?;
            let addresses: BTreeSet<Ipv4Addr> = public.values().copied().collect();
            let link = LinkName::new(&uplink(name)).unwrap_or_default();
            namespace.run(|| set_internet_gateway(&internet, link, cidrs, passage))?.map_err(failed(name))?;
            internet.run(|| lead_to(link, &addresses))?.map_err(failed(INTERNET))?;
            return Ok(vec![namespace, internet]);
        }
        Passage::NatGateway { .. } => {
            let filter = include_str!("passage/nat_gateway.nft");
            namespace.run(|| prepare(&LEGS[..1]).and_then(|()| ruleset::keep_text(filter)))?.map_err(failed(name))?;
        }
        Passage::Peering { requester, accepter } => {
            namespace.run(|| set_peering(requester, accepter))?.map_err(failed(name))?;
        }
    }
    Ok(vec![namespace])
}

/// Lets nothing pass any more.
pub(super) fn close(holder: &Client, name: &str) -> Result<(), VpcError> {
    let Some(namespace) = holder.get(name)? else { return Ok(()) };
    let closed = "table inet sidegate { chain forward { type filter hook forward priority filter; policy drop; } }";
    namespace.run(|| ruleset::load_text(closed))?.map_err(failed(name))
}

/// Opens the sockets on which services are reached over the internet, and returns that with them.
pub(super) fn listeners(holder: &Client) -> Result<(NetNs, Listeners), VpcError> {
    let internet = open_internet(holder)?;
    let listeners = internet.run(|| Listeners::open(&[INTERNET_RESOLVER]))??;
    Ok((internet, listeners))
}

/// The emulated internet, which is made when it is first needed.
pub(super) fn open_internet(holder: &Client) -> Result<NetNs, VpcError> {
    let (internet, _) = holder.ensure(INTERNET)?;
    internet.run(set_internet)?.map_err(failed(INTERNET))?;
    Ok(internet)
}

fn failed(name: &str) -> impl FnOnce(io::Error) -> VpcError {
    let step = format!("set the passage {name}");
    |reason| VpcError::Apply { step, reason }
}

fn carry_out(socket: &mut Socket, messages: Vec<Message>, harmless: &[i32]) -> io::Result<()> {
    socket.carry_out_but(messages, harmless).map_err(|Refusal { error, .. }| error)
}

/// The name of the internet's end of a gateway's link: the end of its id, as with the links of interfaces.
fn uplink(name: &str) -> String {
    let digits: Vec<char> = name.chars().filter(char::is_ascii_hexdigit).collect();
    let tail = digits.iter().skip(digits.len().saturating_sub(14));
    ["i".to_owned(), tail.collect()].concat()
}

/// The settings of a passage. A packet may leave by the link that it came over, of which nobody is told.
fn prepare(legs: &[&str]) -> io::Result<()> {
    let settings = Settings::open()?;
    for (path, value) in SETTINGS {
        settings.set(path, value)?;
    }
    for leg in legs {
        match settings.set(&format!("net/ipv4/conf/{leg}/send_redirects"), "0") {
            // Its VPC has no program yet, and so no namespace.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    carry_out(&mut Socket::open(Family::Route)?, vec![rtnetlink::raise("lo")], &[])
}

/// The blocks of the services' public addresses: the first three quarters of each Region's. What is behind them is given
/// out to accounts.
fn service_blocks() -> impl Iterator<Item = Ipv4Cidr> {
    Region::all().flat_map(|region| {
        let first = region.public_block().first().to_bits();
        [Ipv4Cidr::new(Ipv4Addr::from_bits(first), 21), Ipv4Cidr::new(Ipv4Addr::from_bits(first + 0x800), 22)]
    })
}

fn set_internet() -> io::Result<()> {
    prepare(&[])?;
    let route = |destination, kind| rtnetlink::set_route(&main_route(destination), kind, None);
    let host = INTERNET_HOSTS.nth(1).unwrap_or(INTERNET_ADDRESS).octets();
    let from_host = |message: Message| message.attribute(libc::RTA_PREFSRC, &host);
    let own = INTERNET_HOSTS.nth(1).into_iter().chain([INTERNET_ADDRESS, INTERNET_RESOLVER]);
    let mut messages: Vec<_> = own.map(|own| rtnetlink::add_address(rtnetlink::LOOPBACK, own, 32)).collect();
    messages.extend(service_blocks().map(|block| from_host(route(block, RouteKind::Local))));
    messages.push(route(INTERNET_HOSTS, RouteKind::Local));
    messages.push(route(PUBLIC, RouteKind::Blackhole));
    messages.push(route(Ipv4Cidr::ANY, RouteKind::Blackhole));
    carry_out(&mut Socket::open(Family::Route)?, messages, &[])?;
    let mut filter = include_str!("passage/internet.nft").to_owned();
    add_elements(&mut filter, "services", service_blocks());
    add_elements(&mut filter, "ports", SERVICE_PORTS);
    add_elements(&mut filter, "hosts", [INTERNET_HOSTS]);
    ruleset::keep_text(&filter)
}

/// Adds elements to a set or map of a passage's filter.
fn add_elements(filter: &mut String, set: &str, elements: impl IntoIterator<Item = impl ToString>) {
    let elements: Vec<_> = elements.into_iter().map(|element| element.to_string()).collect();
    if !elements.is_empty() {
        let _ = writeln!(filter, "add element inet sidegate {set} {{ {} }}", elements.join(", "));
    }
}

/// A route of the main table.
fn main_route(destination: Ipv4Cidr) -> RouteKey {
    RouteKey { table: rtnetlink::MAIN_TABLE, destination, metric: 0 }
}

fn set_internet_gateway(internet: &NetNs, link: LinkName, cidrs: &[Ipv4Cidr], passage: &Passage) -> io::Result<()> {
    prepare(&LEGS[..1])?;
    let Passage::InternetGateway { public, .. } = passage else { return Ok(()) };
    let mut socket = Socket::open(Family::Route)?;
    if nix::net::if_::if_nametoindex(UP).is_err() {
        // One that was left half made is in the way.
        internet
            .run(|| {
                carry_out(
                    &mut Socket::open(Family::Route)?,
                    vec![rtnetlink::remove_link(link.as_str())],
                    &[libc::ENODEV],
                )
            })
            .map_err(io::Error::other)??;
        let mac = [2, 0, 0, 0, 0, 2];
        carry_out(&mut socket, vec![rtnetlink::add_veth(UP, MTU, link.as_str(), mac, internet.as_fd())], &[])?;
    }
    ruleset::keep_text(&internet_gateway_filter(public))?;
    let addresses: BTreeSet<Ipv4Addr> = public.values().copied().collect();
    let lost = set_addresses(&mut socket, &addresses)?;
    let up = nix::net::if_::if_nametoindex(UP)?;
    let mut messages = vec![rtnetlink::raise(UP)];
    let via = LinkName::new(UP).map(|name| RouteKind::Via(name, INTERNET_ADDRESS));
    messages.extend(via.map(|kind| rtnetlink::set_route(&main_route(Ipv4Cidr::ANY), kind, Some(up))));
    if let (Ok(leg), Some(name)) = (nix::net::if_::if_nametoindex(LEGS[0]), LinkName::new(LEGS[0])) {
        let inside =
            cidrs.iter().map(|&block| rtnetlink::set_route(&main_route(block), RouteKind::Link(name), Some(leg)));
        messages.extend(inside);
    }
    carry_out(&mut socket, messages, &[])?;
    // Connections end with the address that they go by.
    conntrack::forget(&mut Socket::open(Family::Netfilter)?, &lost).map(drop)
}

fn internet_gateway_filter(public: &std::collections::BTreeMap<Ipv4Addr, Ipv4Addr>) -> String {
    let mut filter = include_str!("passage/internet_gateway.nft").to_owned();
    add_elements(&mut filter, "senders", public.keys());
    add_elements(&mut filter, "public_of", public.iter().map(|(private, public)| format!("{private} : {public}")));
    add_elements(&mut filter, "private_of", public.iter().map(|(private, public)| format!("{public} : {private}")));
    filter
}

/// Gives `lo` these addresses and no others of ours, and returns those that it loses.
fn set_addresses(socket: &mut Socket, wanted: &BTreeSet<Ipv4Addr>) -> io::Result<BTreeSet<Ipv4Addr>> {
    let replies = socket.dump(&rtnetlink::addresses())?;
    let found: BTreeSet<Ipv4Addr> = replies
        .iter()
        .filter_map(rtnetlink::address_of)
        .filter(|found| found.link == rtnetlink::LOOPBACK && PUBLIC.contains(found.address))
        .map(|found| found.address)
        .collect();
    let lost: BTreeSet<Ipv4Addr> = found.difference(wanted).copied().collect();
    let mut messages: Vec<_> =
        lost.iter().map(|&address| rtnetlink::remove_address(rtnetlink::LOOPBACK, address, 32)).collect();
    messages.extend(wanted.difference(&found).map(|&a| rtnetlink::add_address(rtnetlink::LOOPBACK, a, 32)));
    carry_out(socket, messages, &[])?;
    Ok(lost)
}

/// Leads these public addresses, and no others, over the link of a gateway.
fn lead_to(link: LinkName, addresses: &BTreeSet<Ipv4Addr>) -> io::Result<()> {
    let mut socket = Socket::open(Family::Route)?;
    let index = nix::net::if_::if_nametoindex(link.as_str())?;
    let replies = socket.dump(&rtnetlink::routes())?;
    let ours = replies.iter().filter_map(rtnetlink::route_of).filter(|route| {
        route.link == Some(index) && route.protocol == ROUTE_PROTOCOL && route.key.destination.length() == 32
    });
    let host = INTERNET_HOSTS.nth(1).unwrap_or(INTERNET_ADDRESS);
    let stale = ours.filter(|route| !addresses.contains(&route.key.destination.first()));
    let mut messages: Vec<_> =
        stale.map(|route| rtnetlink::remove_route(&route.key, RouteKind::Link(link), Some(index))).collect();
    messages.push(rtnetlink::raise(link.as_str()));
    messages.extend(addresses.iter().map(|&address| {
        rtnetlink::set_route(&main_route(Ipv4Cidr::host(address)), RouteKind::Link(link), Some(index))
            .attribute(libc::RTA_PREFSRC, &host.octets())
    }));
    carry_out(&mut socket, messages, &[libc::ESRCH])?;
    // No sender on the internet has an address that does not lead back to it.
    Settings::open()?.set(&format!("net/ipv4/conf/{link}/rp_filter"), "1")
}

fn set_peering(requester: &[Ipv4Cidr], accepter: &[Ipv4Cidr]) -> io::Result<()> {
    prepare(&LEGS)?;
    let mut filter = include_str!("passage/peering.nft").to_owned();
    add_elements(&mut filter, "requester", requester);
    add_elements(&mut filter, "accepter", accepter);
    ruleset::keep_text(&filter)?;
    let mut messages = Vec::new();
    for (index, opposite) in [(1_u16, LEGS[1]), (2, LEGS[0])] {
        let table = FIRST_TABLE + u32::from(index);
        messages.push(rtnetlink::add_rule(Rule::Marked(index)));
        let key = RouteKey { table, destination: Ipv4Cidr::ANY, metric: 0 };
        if let (Ok(link), Some(name)) = (nix::net::if_::if_nametoindex(opposite), LinkName::new(opposite)) {
            messages.push(rtnetlink::set_route(&key, RouteKind::Link(name), Some(link)));
        }
    }
    carry_out(&mut Socket::open(Family::Route)?, messages, &[libc::EEXIST])
}
