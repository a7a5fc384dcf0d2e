//! Links, addresses, routes and rules as netlink messages (rtnetlink(7)).

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, BorrowedFd};

use sidegate_model::{AddressFamily, IpCidr};

use super::address::{address_from, number_of, octets};
use super::netlink::{Attributes, Message, NEW, REPLACE, Reply, Socket, text_of, u32_of};
use super::objects::{
    FIRST_REDIRECTS, FIRST_TABLE, REDIRECTS_MASK, ROUTE_PROTOCOL, RouteKey, RouteKind, Rule, first_metric,
};

/// The family of what the kernel describes.
fn family_of(body: &[u8]) -> Option<AddressFamily> {
    AddressFamily::ALL.into_iter().find(|family| body.first() == Some(&number_of(*family)))
}

/// What the kernel describes of each family. One that has not the family asked for describes all that it has, which is
/// left out.
pub(super) fn of_all_families(socket: &mut Socket, request: fn(AddressFamily) -> Message) -> io::Result<Vec<Reply>> {
    let mut all = Vec::new();
    for family in AddressFamily::ALL {
        let found = socket.dump(&request(family))?;
        all.extend(found.into_iter().filter(|reply| family_of(&reply.body) == Some(family)));
    }
    Ok(all)
}

/// The lengths of `struct ifinfomsg`, `ifaddrmsg`, `rtmsg`, `fib_rule_hdr`.
const LINK_HEADER: usize = 16;
const ADDRESS_HEADER: usize = 8;
const ROUTE_HEADER: usize = 12;
const RULE_HEADER: usize = 12;

/// `IFF_UP`.
const UP: u32 = 1;

/// The index of `lo` in every namespace.
pub(super) const LOOPBACK: u32 = 1;

/// The kernel's own tables: that of its local addresses, the main one, and the unused default.
pub(super) const LOCAL_TABLE: u32 = 255;
pub(super) const MAIN_TABLE: u32 = 254;
const DEFAULT_TABLE: u32 = 253;

/// `VETH_INFO_PEER`.
const VETH_PEER: u16 = 1;

/// `NETNSA_NSID` and `NETNSA_FD`.
const NSID: u16 = 1;
const NSID_FD: u16 = 3;

/// Attributes of rules (`linux/fib_rules.h`).
const RULE_SOURCE: u16 = 2;
const RULE_LINK: u16 = 3;
const RULE_PRIORITY: u16 = 6;
const RULE_MARK: u16 = 10;
const RULE_SUPPRESS_PREFIX: u16 = 14;
const RULE_TABLE: u16 = 15;
const RULE_MASK: u16 = 16;
const RULE_PROTOCOL: u16 = 21;

/// `FR_ACT_TO_TBL`.
const LOOK_UP: u8 = 1;

/// A link as the kernel describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LinkState {
    pub(super) index: u32,
    pub(super) name: String,
    pub(super) alias: String,
    pub(super) is_veth: bool,
    pub(super) up: bool,
    pub(super) mtu: u32,
    pub(super) mac: [u8; 6],
    /// The index of its peer, in the peer's namespace.
    pub(super) peer: Option<u32>,
    /// The number by which this namespace knows the peer's.
    pub(super) peer_namespace: Option<u32>,
}

/// An address as the kernel describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AddressState {
    pub(super) link: u32,
    pub(super) address: IpAddr,
    pub(super) prefix: u8,
    /// Whether it reaches beyond its link.
    pub(super) is_global: bool,
}

/// A route as the kernel describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RouteState {
    pub(super) key: RouteKey,
    pub(super) kind: u8,
    pub(super) protocol: u8,
    pub(super) link: Option<u32>,
    pub(super) gateway: Option<IpAddr>,
    /// Whether it has anything more, such as several next hops or a source prefix.
    pub(super) is_plain: bool,
}

/// `RTN_UNICAST`, `RTN_LOCAL`, `RTN_BLACKHOLE`, `RTN_THROW`.
pub(super) const UNICAST: u8 = 1;
pub(super) const LOCAL: u8 = 2;
pub(super) const BLACKHOLE: u8 = 6;
pub(super) const THROW: u8 = 9;

/// `RTPROT_KERNEL`.
pub(super) const KERNEL_PROTOCOL: u8 = 2;

fn link_header(index: u32, flags: u32, change: u32) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    for part in [index, flags, change] {
        bytes.extend_from_slice(&part.to_ne_bytes());
    }
    bytes
}

/// All links.
pub(super) fn links() -> Message {
    Message::new(libc::RTM_GETLINK, 0, &link_header(0, 0, 0))
}

/// A link from the kernel's answer.
pub(super) fn link_of(reply: &Reply) -> Option<LinkState> {
    let body = &reply.body;
    let attributes = Attributes::after(body, LINK_HEADER);
    let text = |kind| attributes.find(kind).map(text_of).unwrap_or_default();
    let number = |kind| attributes.find(kind).and_then(u32_of);
    let kind = attributes.inside(libc::IFLA_LINKINFO).and_then(|info| info.find(libc::IFLA_INFO_KIND)).map(text_of);
    Some(LinkState {
        index: body.get(4..8).and_then(u32_of)?,
        name: text(libc::IFLA_IFNAME),
        alias: text(libc::IFLA_IFALIAS),
        is_veth: kind.as_deref() == Some("veth"),
        up: body.get(8..12).and_then(u32_of)? & UP != 0,
        mtu: number(libc::IFLA_MTU)?,
        mac: attributes.find(libc::IFLA_ADDRESS).and_then(|mac| mac.try_into().ok()).unwrap_or_default(),
        peer: number(libc::IFLA_LINK),
        peer_namespace: number(libc::IFLA_LINK_NETNSID),
    })
}

/// How many packets came in by a link and went out by it, from the kernel's answer: the first two numbers of
/// `rtnl_link_stats64`.
pub(super) fn packets_of(reply: &Reply) -> Option<(u64, u64)> {
    let counters = Attributes::after(&reply.body, LINK_HEADER).find(libc::IFLA_STATS64)?;
    let number = |at: usize| Some(u64::from_ne_bytes(counters.get(at..at + 8)?.try_into().ok()?));
    Some((number(0)?, number(8)?))
}

/// The MAC address of the router's end of each link: locally administered, and the same for all, so that every neighbour
/// knows the router by the same link-local address.
pub(super) const ROUTER_MAC: [u8; 6] = [2, 0, 0, 0, 0, 0xfe];

/// Makes a pair of links, one end here and one in another namespace.
pub(super) fn add_veth(name: &str, mtu: u32, peer: &str, peer_mac: [u8; 6], peer_namespace: BorrowedFd<'_>) -> Message {
    let mtu = mtu.to_ne_bytes();
    Message::new(libc::RTM_NEWLINK, NEW, &link_header(0, 0, 0))
        .text(libc::IFLA_IFNAME, name)
        .attribute(libc::IFLA_MTU, &mtu)
        .attribute(libc::IFLA_ADDRESS, &ROUTER_MAC)
        .nested(libc::IFLA_LINKINFO, |info| {
            info.text(libc::IFLA_INFO_KIND, "veth").nested(libc::IFLA_INFO_DATA, |data| {
                data.nested(VETH_PEER, |end| {
                    end.raw(&link_header(0, 0, 0))
                        .text(libc::IFLA_IFNAME, peer)
                        .attribute(libc::IFLA_MTU, &mtu)
                        .attribute(libc::IFLA_ADDRESS, &peer_mac)
                        .attribute(libc::IFLA_NET_NS_FD, &peer_namespace.as_raw_fd().to_ne_bytes())
                })
            })
        })
}

/// Names the alias of a link.
pub(super) fn set_alias(name: &str, alias: &str) -> Message {
    Message::new(libc::RTM_NEWLINK, 0, &link_header(0, 0, 0))
        .text(libc::IFLA_IFNAME, name)
        .text(libc::IFLA_IFALIAS, alias)
}

/// Sets a link up.
pub(super) fn raise(name: &str) -> Message {
    Message::new(libc::RTM_NEWLINK, 0, &link_header(0, UP, UP)).text(libc::IFLA_IFNAME, name)
}

/// Sets the router's end of a link up, with its MAC address.
pub(super) fn raise_router_end(name: &str) -> Message {
    raise(name).attribute(libc::IFLA_ADDRESS, &ROUTER_MAC)
}

/// Sets a link down.
pub(super) fn lower(name: &str) -> Message {
    Message::new(libc::RTM_NEWLINK, 0, &link_header(0, 0, UP)).text(libc::IFLA_IFNAME, name)
}

/// Removes a link by its name.
pub(super) fn remove_link(name: &str) -> Message {
    Message::new(libc::RTM_DELLINK, 0, &link_header(0, 0, 0)).text(libc::IFLA_IFNAME, name)
}

/// Removes a link by the kernel's description of it.
pub(super) fn remove_described_link(described: &[u8]) -> Option<Message> {
    let index = described.get(4..8).and_then(u32_of)?;
    Some(Message::new(libc::RTM_DELLINK, 0, &link_header(index, 0, 0)))
}

/// The number by which this namespace knows another.
pub(super) fn namespace_number(namespace: BorrowedFd<'_>) -> Message {
    Message::new(libc::RTM_GETNSID, 0, &[0]).attribute(NSID_FD, &namespace.as_raw_fd().to_ne_bytes())
}

/// The number from the kernel's answer.
pub(super) fn namespace_number_of(reply: &Reply) -> Option<u32> {
    Attributes::after(&reply.body, 1).find(NSID).and_then(u32_of)
}

/// All addresses.
pub(super) fn addresses() -> Message {
    Message::new(libc::RTM_GETADDR, 0, &[0; ADDRESS_HEADER])
}

/// An address from the kernel's answer.
pub(super) fn address_of(reply: &Reply) -> Option<AddressState> {
    let body = &reply.body;
    family_of(body)?;
    let attributes = Attributes::after(body, ADDRESS_HEADER);
    let address = address_from(attributes.find(libc::IFA_LOCAL).or(attributes.find(libc::IFA_ADDRESS))?)?;
    Some(AddressState {
        link: body.get(4..8).and_then(u32_of)?,
        address,
        prefix: *body.get(1)?,
        is_global: *body.get(3)? == libc::RT_SCOPE_UNIVERSE,
    })
}

/// Gives a link an address.
pub(super) fn add_address(link: u32, address: impl Into<IpAddr>, prefix: u8) -> Message {
    address_message(libc::RTM_NEWADDR, REPLACE, link, address.into(), prefix)
}

/// Takes an address from a link.
pub(super) fn remove_address(link: u32, address: impl Into<IpAddr>, prefix: u8) -> Message {
    address_message(libc::RTM_DELADDR, 0, link, address.into(), prefix)
}

/// `IFA_F_NODAD`: nobody else can have it.
const UNIQUE: u8 = 2;

fn address_message(kind: u16, flags: u16, link: u32, address: IpAddr, prefix: u8) -> Message {
    let family = AddressFamily::of(address);
    let unique = if family == AddressFamily::Ipv6 { UNIQUE } else { 0 };
    let mut header = vec![number_of(family), prefix, unique, 0];
    header.extend_from_slice(&link.to_ne_bytes());
    let octets = octets(address);
    Message::new(kind, flags, &header).attribute(libc::IFA_LOCAL, &octets).attribute(libc::IFA_ADDRESS, &octets)
}

/// `RTNH_F_ONLINK`: the neighbour is there, whatever subnet the link has.
const ONLINK: u32 = 4;

/// All routes of a family, of all tables.
pub(super) fn routes(family: AddressFamily) -> Message {
    let mut header = [0; ROUTE_HEADER];
    header[0] = number_of(family);
    Message::new(libc::RTM_GETROUTE, 0, &header)
}

/// A route from the kernel's answer.
pub(super) fn route_of(reply: &Reply) -> Option<RouteState> {
    const CACHE: u16 = libc::RTA_CACHEINFO;
    /// `RTA_PREF`, which a route of IPv6 always has.
    const PREFERENCE: u16 = 20;
    const PLAIN: [u16; 7] =
        [libc::RTA_TABLE, libc::RTA_DST, libc::RTA_PRIORITY, libc::RTA_OIF, libc::RTA_GATEWAY, CACHE, PREFERENCE];
    let body = &reply.body;
    let family = family_of(body)?;
    let attributes = Attributes::after(body, ROUTE_HEADER);
    let number = |kind| attributes.find(kind).and_then(u32_of);
    let address = |kind| attributes.find(kind).and_then(address_from);
    let (length, source_length, tos) = (*body.get(1)?, *body.get(2)?, *body.get(3)?);
    Some(RouteState {
        key: RouteKey {
            table: number(libc::RTA_TABLE).unwrap_or(u32::from(*body.get(4)?)),
            destination: IpCidr::new(address(libc::RTA_DST).unwrap_or(IpCidr::any(family).first()), length),
            metric: number(libc::RTA_PRIORITY).unwrap_or_default(),
        },
        kind: *body.get(7)?,
        protocol: *body.get(5)?,
        link: number(libc::RTA_OIF),
        gateway: address(libc::RTA_GATEWAY),
        is_plain: source_length == 0 && tos == 0 && attributes.clone().all(|(kind, _)| PLAIN.contains(&kind)),
    })
}

/// Adds a route; `link` is the index of the link that a [`RouteKind::Link`] names.
pub(super) fn add_route(key: &RouteKey, kind: RouteKind, link: Option<u32>) -> Message {
    route_message(libc::RTM_NEWROUTE, NEW, key, kind, link)
}

/// Adds a route, in the place of one to the same destination.
pub(super) fn set_route(key: &RouteKey, kind: RouteKind, link: Option<u32>) -> Message {
    route_message(libc::RTM_NEWROUTE, REPLACE, key, kind, link)
}

/// Removes a route. Without the number of its link, that over any.
pub(super) fn remove_route(key: &RouteKey, kind: RouteKind, link: Option<u32>) -> Message {
    route_message(libc::RTM_DELROUTE, 0, key, kind, link)
}

fn route_message(message: u16, flags: u16, key: &RouteKey, kind: RouteKind, link: Option<u32>) -> Message {
    let neighbour = match kind {
        RouteKind::Via(_, neighbour) => Some(neighbour),
        _ => None,
    };
    let (kind, scope, link) = match kind {
        RouteKind::Local => (LOCAL, libc::RT_SCOPE_HOST, Some(LOOPBACK)),
        RouteKind::Link(_) => (UNICAST, libc::RT_SCOPE_LINK, link),
        RouteKind::Via(..) => (UNICAST, libc::RT_SCOPE_UNIVERSE, link),
        RouteKind::Throw => (THROW, libc::RT_SCOPE_UNIVERSE, None),
        RouteKind::Blackhole => (BLACKHOLE, libc::RT_SCOPE_UNIVERSE, None),
    };
    // The neighbour has no address in a subnet of ours.
    let [a, b, c, d] = if neighbour.is_some() { ONLINK.to_ne_bytes() } else { [0; 4] };
    let family = number_of(key.destination.family());
    let header = [family, key.destination.length(), 0, 0, 0, ROUTE_PROTOCOL, scope, kind, a, b, c, d];
    let mut message = Message::new(message, flags, &header)
        .attribute(libc::RTA_TABLE, &key.table.to_ne_bytes())
        .attribute(libc::RTA_PRIORITY, &key.metric.to_ne_bytes());
    if key.destination.length() > 0 {
        message.push(libc::RTA_DST, &octets(key.destination.first()));
    }
    if let Some(link) = link {
        message.push(libc::RTA_OIF, &link.to_ne_bytes());
    }
    if let Some(neighbour) = neighbour {
        message.push(libc::RTA_GATEWAY, &octets(neighbour));
    }
    message
}

/// Puts the default route of a program in place, in this table.
pub(super) fn set_default_route(link: u32, gateway: IpAddr, table: u32) -> Message {
    let family = AddressFamily::of(gateway);
    let header = [number_of(family), 0, 0, 0, 0, ROUTE_PROTOCOL, libc::RT_SCOPE_UNIVERSE, UNICAST, 0, 0, 0, 0];
    Message::new(libc::RTM_NEWROUTE, REPLACE, &header)
        .attribute(libc::RTA_TABLE, &table.to_ne_bytes())
        .attribute(libc::RTA_PRIORITY, &first_metric(family).to_ne_bytes())
        .attribute(libc::RTA_GATEWAY, &octets(gateway))
        .attribute(libc::RTA_OIF, &link.to_ne_bytes())
}

/// The kernel's own description as a request to remove what it describes.
pub(super) fn remove_described(kind: u16, described: &[u8]) -> Message {
    Message::new(kind, 0, &[]).raw(described)
}

/// All rules of a family.
pub(super) fn rules(family: AddressFamily) -> Message {
    Message::new(libc::RTM_GETRULE, 0, &rule_header(family, 0, 0))
}

fn rule_header(family: AddressFamily, source: u8, action: u8) -> [u8; RULE_HEADER] {
    [number_of(family), 0, source, 0, 0, 0, 0, action, 0, 0, 0, 0]
}

/// What a rule of a namespace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuleState {
    /// Every namespace has it from the beginning.
    Kernels,
    Ours(Rule),
    /// By its preference.
    Foreign(u32),
}

/// A rule from the kernel's answer.
pub(super) fn rule_of(reply: &Reply) -> Option<RuleState> {
    const KNOWN: [u16; 8] =
        [RULE_SOURCE, RULE_LINK, RULE_PRIORITY, RULE_MARK, RULE_SUPPRESS_PREFIX, RULE_TABLE, RULE_MASK, RULE_PROTOCOL];
    let body = &reply.body;
    let family = family_of(body)?;
    let attributes = Attributes::after(body, RULE_HEADER);
    let number = |kind| attributes.find(kind).and_then(u32_of);
    let preference = number(RULE_PRIORITY).unwrap_or_default();
    let marked = (number(RULE_MARK).unwrap_or_default(), number(RULE_MASK).unwrap_or_default());
    let source = attributes.find(RULE_SOURCE).and_then(address_from);
    let source = source.and_then(|address| Some(IpCidr::new(address, *body.get(2)?)));
    let link = attributes.find(RULE_LINK).map(super::netlink::text_of);
    let is_plain = [*body.get(1)?, *body.get(3)?] == [0; 2]
        && *body.get(7)? == LOOK_UP
        && body.get(8..12)? == [0; 4]
        && number(RULE_SUPPRESS_PREFIX).is_none_or(|length| length == u32::MAX)
        && attributes.clone().all(|(kind, _)| KNOWN.contains(&kind));
    let table = number(RULE_TABLE).unwrap_or(u32::from(*body.get(4)?));
    let whose = match (source, link.as_deref()) {
        (None, None) => Some(None),
        (Some(source), Some(LOOPBACK_NAME)) => Some(Some(source)),
        _ => None,
    };
    let Some(answered) = whose.filter(|_| is_plain) else { return Some(RuleState::Foreign(preference)) };
    Some(match (preference, table) {
        (0, LOCAL_TABLE) | (32766, MAIN_TABLE) | (32767, DEFAULT_TABLE) if marked == (0, 0) && answered.is_none() => {
            RuleState::Kernels
        }
        _ => our_rule(family, (preference, table), marked, answered)
            .map_or(RuleState::Foreign(preference), RuleState::Ours),
    })
}

/// Our rule of this place and table, for packets with this mark, or for answers from this block.
fn our_rule(family: AddressFamily, place: (u32, u32), marked: (u32, u32), answered: Option<IpCidr>) -> Option<Rule> {
    let index_behind = |first: u32| place.1.checked_sub(first).and_then(|index| u16::try_from(index).ok());
    let rule = match (answered, marked) {
        (Some(block), _) => Rule::Answered(block, index_behind(FIRST_REDIRECTS)?),
        (None, (0, 0)) => Rule::Shared(family),
        (None, (_, REDIRECTS_MASK)) => Rule::Redirected(family, index_behind(FIRST_REDIRECTS)?),
        (None, _) => Rule::Marked(family, index_behind(FIRST_TABLE)?),
    };
    let is_ours = (rule.preference(), rule.table()) == place && rule.mark().unwrap_or_default() == marked;
    (is_ours && ![FIRST_TABLE, FIRST_REDIRECTS].contains(&place.1)).then_some(rule)
}

/// The link that what is sent from here counts as having come by.
const LOOPBACK_NAME: &str = "lo";

/// The preference of rules by source address.
const BY_SOURCE: u32 = 1000;

/// A rule by source address: the address, and the table that it looks up.
pub(super) fn source_rule_of(reply: &Reply) -> Option<(IpAddr, u32)> {
    let attributes = Attributes::after(&reply.body, RULE_HEADER);
    let number = |kind| attributes.find(kind).and_then(u32_of);
    let address = address_from(attributes.find(RULE_SOURCE)?)?;
    (number(RULE_PRIORITY) == Some(BY_SOURCE)).then_some((address, number(RULE_TABLE)?))
}

/// Lets packets from an address look up a table.
pub(super) fn add_source_rule(address: IpAddr, table: u32) -> Message {
    source_rule(libc::RTM_NEWRULE, NEW, address, table)
}

/// The opposite.
pub(super) fn remove_source_rule(address: IpAddr, table: u32) -> Message {
    source_rule(libc::RTM_DELRULE, 0, address, table)
}

fn source_rule(kind: u16, flags: u16, address: IpAddr, table: u32) -> Message {
    let header = rule_header(AddressFamily::of(address), IpCidr::host(address).length(), LOOK_UP);
    Message::new(kind, flags, &header)
        .attribute(RULE_SOURCE, &octets(address))
        .attribute(RULE_PRIORITY, &BY_SOURCE.to_ne_bytes())
        .attribute(RULE_TABLE, &table.to_ne_bytes())
        .attribute(RULE_PROTOCOL, &[ROUTE_PROTOCOL])
}

/// Adds a rule.
pub(super) fn add_rule(rule: Rule) -> Message {
    rule_message(libc::RTM_NEWRULE, NEW, rule)
}

/// Removes a rule.
pub(super) fn remove_rule(rule: Rule) -> Message {
    rule_message(libc::RTM_DELRULE, 0, rule)
}

fn rule_message(kind: u16, flags: u16, rule: Rule) -> Message {
    let source = match rule {
        Rule::Answered(block, _) => Some(block),
        Rule::Redirected(..) | Rule::Shared(_) | Rule::Marked(..) => None,
    };
    let header = rule_header(rule.family(), source.map_or(0, IpCidr::length), LOOK_UP);
    let mut message = Message::new(kind, flags, &header)
        .attribute(RULE_PRIORITY, &rule.preference().to_ne_bytes())
        .attribute(RULE_TABLE, &rule.table().to_ne_bytes())
        .attribute(RULE_PROTOCOL, &[ROUTE_PROTOCOL]);
    if let Some(block) = source {
        message = message.attribute(RULE_SOURCE, &octets(block.first())).text(RULE_LINK, LOOPBACK_NAME);
    }
    if let Some((mark, mask)) = rule.mark() {
        message = message.attribute(RULE_MARK, &mark.to_ne_bytes()).attribute(RULE_MASK, &mask.to_ne_bytes());
    }
    message
}
