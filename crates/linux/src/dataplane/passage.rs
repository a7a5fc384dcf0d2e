//! Passages: what stands between networks, each in a namespace of its own with a few routes and a filter.
//!
//! They are set as a whole, and that is idempotent: the filter is one transaction, and flows that it still lets through
//! go on meanwhile.

pub(super) mod function_uplink;
mod meter;
mod nat_gateway;

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::AsFd;

use sidegate_model::{AddressFamily, IpCidr, Ipv4Cidr, Ipv6Cidr, Region, Service};
use sidegate_plan::{Passage, SERVICE_PORTS, link_local};

use super::error::VpcError;
use super::listeners::Listeners;
use super::netlink::{Family, Message, Refusal, Socket};
use super::objects::{
    FIRST_TABLE, LAST_METRIC, LinkName, MTU, ROUTE_PROTOCOL, RouteKey, RouteKind, Rule, first_metric,
};
use super::sysctl::Settings;
use super::{conntrack, rtnetlink, ruleset};
use crate::holder::Client;
use crate::netns::NetNs;

pub use meter::Reading;

/// The namespace of the emulated internet.
pub const INTERNET: &str = "internet";

/// The addresses on the internet that belong to programs which run there. Connections that they begin come from the second.
pub const INTERNET_HOSTS: Ipv4Cidr = Ipv4Cidr::new(Ipv4Addr::new(198, 19, 255, 0), 24);

/// The address of the resolver on the internet.
pub const INTERNET_RESOLVER: Ipv4Addr = Ipv4Addr::new(198, 19, 255, 53);

/// The addresses of IPv6 of programs on the internet, of which the first is where the connections come from that they
/// begin. They lie in 2001:2::/48, the range that RFC 5180 sets aside for tests.
pub const INTERNET_HOSTS_IPV6: Ipv6Cidr = Ipv6Cidr::new(Ipv6Addr::new(0x2001, 2, 0, 0xffff, 0, 0, 0, 0), 64);

/// The address under which internet gateways know the internet.
const INTERNET_ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 175, 1);

/// The MAC address of the internet's end of a gateway's link.
const INTERNET_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];

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
    ("net/ipv6/conf/all/forwarding", "1"),
    ("net/ipv6/conf/default/accept_ra", "0"),
    ("net/ipv6/conf/default/dad_transmits", "0"),
    ("net/ipv6/conf/all/accept_redirects", "0"),
    ("net/ipv6/conf/default/accept_redirects", "0"),
    ("net/ipv6/conf/all/accept_source_route", "0"),
];

/// Makes a passage's namespace what the plan says, and returns it, with that of the internet if it leads there.
pub(super) fn set(holder: &Client, name: &str, passage: &Passage) -> Result<Vec<NetNs>, VpcError> {
    let (namespace, _) = holder.ensure(name)?;
    match passage {
        Passage::InternetGateway { cidrs, public, ipv6 } => {
            let out = Out {
                filter: internet_gateway_filter(public, ipv6) + &meter::commands(passage),
                cidrs,
                public: public.values().copied().collect(),
            };
            return lead_out(holder, name, namespace, &out, ipv6, first_metric(AddressFamily::Ipv6));
        }
        Passage::EgressOnlyInternetGateway { cidrs, ipv6 } => {
            let mut filter = include_str!("passage/egress_only_internet_gateway.nft").to_owned();
            add_elements(&mut filter, "senders6", ipv6);
            filter += &meter::commands(passage);
            let out = Out { filter, cidrs, public: BTreeSet::new() };
            // What an internet gateway of the VPC leads to as well is reached over that.
            return lead_out(holder, name, namespace, &out, ipv6, LAST_METRIC);
        }
        Passage::NatGateway { addresses, draining } => {
            let meter = meter::commands(passage);
            namespace.run(|| nat_gateway::set(addresses, draining, &meter))?.map_err(failed(name))?;
        }
        Passage::Peering { requester, accepter } => {
            namespace.run(|| set_peering(requester, accepter))?.map_err(failed(name))?;
        }
    }
    Ok(vec![namespace])
}

/// What a gateway into the internet consists of.
struct Out<'a> {
    filter: String,
    /// The blocks of its VPC.
    cidrs: &'a [IpCidr],
    /// The public addresses that are its own.
    public: BTreeSet<Ipv4Addr>,
}

/// Sets a gateway into the internet, and lets the internet lead its addresses over it.
fn lead_out(
    holder: &Client, name: &str, namespace: NetNs, out: &Out<'_>, ipv6: &BTreeSet<Ipv6Addr>, metric: u32,
) -> Result<Vec<NetNs>, VpcError> {
    let internet = open_internet(holder)?;
    let link = LinkName::new(&uplink(name)).unwrap_or_default();
    namespace.run(|| set_gateway(&internet, link, out))?.map_err(failed(name))?;
    let hosts = |(address, metric): (IpAddr, u32)| RouteKey { metric, ..main_route(IpCidr::host(address)) };
    let ipv4 = out.public.iter().map(|&address| (address.into(), first_metric(AddressFamily::Ipv4)));
    let ipv6 = ipv6.iter().map(|&address| (address.into(), metric));
    let routes: BTreeSet<RouteKey> = ipv4.chain(ipv6).map(hosts).collect();
    internet.run(|| lead_to(link, &routes))?.map_err(failed(INTERNET))?;
    Ok(vec![namespace, internet])
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
    let listeners = internet.run(|| Listeners::open(&[INTERNET_RESOLVER.into()], true, false))??;
    Ok((internet, listeners))
}

/// The addresses under which connections go out in the namespace of a NAT gateway that have not ended.
pub(super) fn lent_addresses(gateway: &NetNs) -> Result<BTreeSet<Ipv4Addr>, VpcError> {
    let read = gateway.run(|| conntrack::lent_addresses(&mut Socket::open(Family::Netfilter)?))?;
    read.map_err(VpcError::read("the connections of a NAT gateway"))
}

/// What was let through in a passage's namespace that is billed by the byte; `None` if nothing is.
pub(super) fn reading(name: &str, namespace: &NetNs, is_last: bool) -> Result<Option<Reading>, VpcError> {
    let read = meter::read(namespace)?;
    Ok(read.map(|(namespace, bytes)| Reading { passage: name.to_owned(), namespace, bytes, is_last }))
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
    let route = |destination: IpCidr, kind| rtnetlink::set_route(&main_route(destination), kind, None);
    let own = INTERNET_HOSTS.nth(1).into_iter().chain([INTERNET_ADDRESS, INTERNET_RESOLVER]).map(IpAddr::from);
    let own = own.chain(INTERNET_HOSTS_IPV6.nth(1).map(IpAddr::from));
    let mut messages: Vec<_> =
        own.map(|own| rtnetlink::add_address(rtnetlink::LOOPBACK, own, IpCidr::host(own).length())).collect();
    messages
        .extend(service_blocks().map(|block| from_host(AddressFamily::Ipv4, route(block.into(), RouteKind::Local))));
    let ipv6 = || Region::all().map(Region::public_ipv6_block);
    messages.extend(ipv6().map(|block| from_host(AddressFamily::Ipv6, route(block.into(), RouteKind::Local))));
    messages.extend([INTERNET_HOSTS.into(), INTERNET_HOSTS_IPV6.into()].map(|hosts| route(hosts, RouteKind::Local)));
    let nowhere = [PUBLIC.into(), IpCidr::any(AddressFamily::Ipv4), IpCidr::any(AddressFamily::Ipv6)];
    messages.extend(nowhere.map(|block| route(block, RouteKind::Blackhole)));
    carry_out(&mut Socket::open(Family::Route)?, messages, &[])?;
    let mut filter = include_str!("passage/internet.nft").to_owned();
    let services = || Region::all().flat_map(|region| Service::public_in(region).map(move |service| (region, service)));
    let ipv4 = services().flat_map(|(region, service)| service.public_addresses(region));
    add_elements(&mut filter, "services", ranges(ipv4, |own| own.to_bits().checked_add(1).map(Ipv4Addr::from_bits)));
    let ipv6 = services().filter_map(|(region, service)| service.public_ipv6(region));
    add_elements(&mut filter, "services6", ranges(ipv6, |own| own.to_bits().checked_add(1).map(Ipv6Addr::from_bits)));
    add_elements(&mut filter, "ports", SERVICE_PORTS);
    add_elements(&mut filter, "hosts", [INTERNET_HOSTS]);
    add_elements(&mut filter, "hosts6", [INTERNET_HOSTS_IPV6]);
    ruleset::load_text(&filter)
}

/// Addresses as ranges of those that follow each other. Where no service is in a block of theirs, nobody answers.
fn ranges<A: Copy + Ord + fmt::Display>(
    addresses: impl Iterator<Item = A>, next: impl Fn(A) -> Option<A>,
) -> Vec<String> {
    let mut ranges: Vec<(A, A)> = Vec::new();
    for address in addresses.collect::<BTreeSet<_>>() {
        match ranges.last_mut() {
            Some((_, last)) if next(*last) == Some(address) => *last = address,
            _ => ranges.push((address, address)),
        }
    }
    let shown = |(first, last): (A, A)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    ranges.into_iter().map(shown).collect()
}

/// A route by which programs on the internet begin connections: those come from the host's address.
fn from_host(family: AddressFamily, message: Message) -> Message {
    match family {
        AddressFamily::Ipv4 => {
            let host = INTERNET_HOSTS.nth(1).unwrap_or(INTERNET_ADDRESS);
            message.attribute(libc::RTA_PREFSRC, &host.octets())
        }
        AddressFamily::Ipv6 => {
            let host = INTERNET_HOSTS_IPV6.nth(1).unwrap_or(Ipv6Addr::UNSPECIFIED);
            message.attribute(libc::RTA_PREFSRC, &host.octets())
        }
    }
}

/// Adds elements to a set or map of a passage's filter.
fn add_elements(filter: &mut String, set: &str, elements: impl IntoIterator<Item = impl ToString>) {
    let elements: Vec<_> = elements.into_iter().map(|element| element.to_string()).collect();
    if !elements.is_empty() {
        let _ = writeln!(filter, "add element inet sidegate {set} {{ {} }}", elements.join(", "));
    }
}

/// A route of the main table.
fn main_route(destination: IpCidr) -> RouteKey {
    RouteKey { table: rtnetlink::MAIN_TABLE, destination, metric: first_metric(destination.family()) }
}

fn set_gateway(internet: &NetNs, link: LinkName, out: &Out<'_>) -> io::Result<()> {
    prepare(&LEGS[..1])?;
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
        let pair = rtnetlink::add_veth(UP, MTU, link.as_str(), INTERNET_MAC, internet.as_fd());
        carry_out(&mut socket, vec![pair], &[])?;
    }
    ruleset::load_text(&out.filter)?;
    let lost = set_addresses(&mut socket, &out.public)?;
    let up = nix::net::if_::if_nametoindex(UP)?;
    let mut messages = vec![rtnetlink::raise(UP)];
    if let Some(name) = LinkName::new(UP) {
        let via = [INTERNET_ADDRESS.into(), link_local(INTERNET_MAC).into()];
        messages.extend(via.map(|via: IpAddr| {
            let everywhere = main_route(IpCidr::any(AddressFamily::of(via)));
            rtnetlink::set_route(&everywhere, RouteKind::Via(name, via), Some(up))
        }));
    }
    if let (Ok(leg), Some(name)) = (nix::net::if_::if_nametoindex(LEGS[0]), LinkName::new(LEGS[0])) {
        let inside = out
            .cidrs
            .iter()
            .map(|&block| rtnetlink::set_route(&main_route(block), over(name, block.family()), Some(leg)));
        messages.extend(inside);
    }
    carry_out(&mut socket, messages, &[])?;
    // Connections end with the address that they go by.
    let lost = lost.into_iter().map(IpAddr::from).collect();
    conntrack::forget(&mut Socket::open(Family::Netfilter)?, &lost).map(drop)
}

/// Over a link to a router. Of IPv4 it answers for every neighbour; of IPv6 it has one address on every link.
fn over(link: LinkName, family: AddressFamily) -> RouteKind {
    match family {
        AddressFamily::Ipv4 => RouteKind::Link(link),
        AddressFamily::Ipv6 => RouteKind::Via(link, link_local(rtnetlink::ROUTER_MAC).into()),
    }
}

fn internet_gateway_filter(
    public: &std::collections::BTreeMap<Ipv4Addr, Ipv4Addr>, ipv6: &BTreeSet<Ipv6Addr>,
) -> String {
    let mut filter = include_str!("passage/internet_gateway.nft").to_owned();
    add_elements(&mut filter, "senders", public.keys());
    add_elements(&mut filter, "senders6", ipv6);
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
        .filter(|found| found.link == rtnetlink::LOOPBACK)
        .filter_map(|found| match found.address {
            IpAddr::V4(address) => Some(address).filter(|address| PUBLIC.contains(*address)),
            IpAddr::V6(_) => None,
        })
        .collect();
    let lost: BTreeSet<Ipv4Addr> = found.difference(wanted).copied().collect();
    let mut messages: Vec<_> =
        lost.iter().map(|&address| rtnetlink::remove_address(rtnetlink::LOOPBACK, address, 32)).collect();
    messages.extend(wanted.difference(&found).map(|&a| rtnetlink::add_address(rtnetlink::LOOPBACK, a, 32)));
    carry_out(socket, messages, &[])?;
    Ok(lost)
}

/// Leads these addresses, and no others, over the link of a gateway.
fn lead_to(link: LinkName, wanted: &BTreeSet<RouteKey>) -> io::Result<()> {
    let mut socket = Socket::open(Family::Route)?;
    let index = nix::net::if_::if_nametoindex(link.as_str())?;
    let mut messages = vec![rtnetlink::raise(link.as_str())];
    for family in AddressFamily::ALL {
        let replies = socket.dump(&rtnetlink::routes(family))?;
        let ours = replies.iter().filter_map(rtnetlink::route_of).filter(|route| {
            route.link == Some(index) && route.protocol == ROUTE_PROTOCOL && route.key.destination.is_host()
        });
        let stale = ours.filter(|route| !wanted.contains(&route.key));
        messages.extend(stale.map(|route| rtnetlink::remove_route(&route.key, over(link, family), Some(index))));
    }
    messages.extend(wanted.iter().map(|key| {
        let family = key.destination.family();
        from_host(family, rtnetlink::set_route(key, over(link, family), Some(index)))
    }));
    carry_out(&mut socket, messages, &[libc::ESRCH])?;
    // No sender on the internet has an address that does not lead back to it.
    Settings::open()?.set(&format!("net/ipv4/conf/{link}/rp_filter"), "1")
}

fn set_peering(requester: &[IpCidr], accepter: &[IpCidr]) -> io::Result<()> {
    prepare(&LEGS)?;
    let mut filter = include_str!("passage/peering.nft").to_owned();
    for (side, blocks) in [("requester", requester), ("accepter", accepter)] {
        add_elements(&mut filter, side, blocks.iter().filter(|block| !block.is_ipv6()));
        add_elements(&mut filter, &format!("{side}6"), blocks.iter().filter(|block| block.is_ipv6()));
    }
    ruleset::load_text(&filter)?;
    let mut messages = Vec::new();
    for (index, opposite) in [(1_u16, LEGS[1]), (2, LEGS[0])] {
        let table = FIRST_TABLE + u32::from(index);
        // A link does not speak what its VPC does not.
        let is_spoken = |family: &AddressFamily| {
            [requester, accepter].iter().all(|blocks| blocks.iter().any(|block| block.family() == *family))
        };
        for family in AddressFamily::ALL.into_iter().filter(is_spoken) {
            messages.push(rtnetlink::add_rule(Rule::Marked(family, index)));
            let key = RouteKey { table, ..main_route(IpCidr::any(family)) };
            if let (Ok(link), Some(name)) = (nix::net::if_::if_nametoindex(opposite), LinkName::new(opposite)) {
                messages.push(rtnetlink::set_route(&key, over(name, family), Some(link)));
            }
        }
    }
    carry_out(&mut Socket::open(Family::Route)?, messages, &[libc::EEXIST])
}
