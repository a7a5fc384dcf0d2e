//! nftables over netlink: what a table consists of, and the elements of its sets as bytes.
//!
//! The fixed part of the filter is loaded by the program `nft` ([`super::ruleset`]); elements are added and removed here,
//! since `nft` reads a whole table before it changes anything in it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sidegate_model::{AddressFamily, IpRange, Ipv4Range, Ipv6Range};
use sidegate_plan::{Permit, Selector};

use super::address::{address_from, number_of, octets};
use super::netlink::{Attributes, CREATE, Message, Reply, u32_of};
use super::objects::{Direction, Element, LinkName, Ruleset, group_class, group_of_class};

/// The name of our tables, of which each family has one.
pub(super) const TABLE: &str = "sidegate";

/// What `nft` calls a family.
pub(super) fn family_word(family: AddressFamily) -> &'static str {
    match family {
        AddressFamily::Ipv4 => "ip",
        AddressFamily::Ipv6 => "ip6",
    }
}

/// `NFNL_SUBSYS_NFTABLES`, the upper byte of a message's type.
const SUBSYSTEM: u16 = 10;

/// The length of `struct nfgenmsg`.
pub(super) const HEADER: usize = 4;

/// How many elements one message holds: it must stay below 64 KiB.
const ELEMENTS_IN_MESSAGE: usize = 400;

/// The lower bytes of messages' types (`enum nf_tables_msg_types`).
const GET_TABLE: u16 = 1;
const DELETE_TABLE: u16 = 2;
const GET_CHAIN: u16 = 4;
const GET_RULE: u16 = 7;
const GET_SET: u16 = 10;
const NEW_ELEMENT: u16 = 12;
const GET_ELEMENT: u16 = 13;
const DELETE_ELEMENT: u16 = 14;

/// `NFTA_TABLE_NAME`, and what else is the same at the head of all attribute lists.
const TABLE_NAME: u16 = 1;

/// `NFTA_SET_ELEM_LIST_SET`, `_ELEMENTS`, and `NFTA_LIST_ELEM`.
const LIST_SET: u16 = 2;
const LIST_ELEMENTS: u16 = 3;
const LIST_ELEMENT: u16 = 1;

/// `NFTA_SET_ELEM_KEY`, `_DATA`, `_FLAGS`, `_KEY_END`, and `NFTA_DATA_VALUE`.
const KEY: u16 = 1;
const DATA: u16 = 2;
const FLAGS: u16 = 3;
const KEY_END: u16 = 10;
const VALUE: u16 = 1;

/// `NFT_SET_ELEM_INTERVAL_END`.
const INTERVAL_END: u32 = 1;

/// How far the number of a watched interface is shifted in what flows are counted by, so that there is room for what
/// became of the packet.
pub(super) const CODE_BITS: u32 = 6;

/// How many keys one message holds at most: with the largest ones it must stay below 64 KiB.
pub(super) const KEYS_AT_ONCE: usize = 500;

/// The length of a link's name in a key.
const NAME: usize = libc::IFNAMSIZ;

/// The sets and maps of our table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Set {
    Programs,
    LinkGroup,
    Sources,
    Guarded,
    LinkAcl,
    EndpointAcl,
    Unchecked,
    Leading,
    Lost,
    Tracked,
    Answering,
    Prefixes,
    ServicePorts,
    Platform,
    GroupOf,
    EgressAny,
    IngressPorts,
    EgressPorts,
    IngressIcmp,
    EgressIcmp,
    AclIngress,
    AclEgress,
    AclIngressIcmp,
    AclEgressIcmp,
    Watched,
    WatchedHere,
    Unlogged,
}

impl Set {
    const ALL: [Self; 24] = [
        Self::Programs,
        Self::LinkGroup,
        Self::Sources,
        Self::Guarded,
        Self::LinkAcl,
        Self::EndpointAcl,
        Self::Unchecked,
        Self::Leading,
        Self::Lost,
        Self::Tracked,
        Self::Answering,
        Self::Prefixes,
        Self::ServicePorts,
        Self::Platform,
        Self::GroupOf,
        Self::EgressAny,
        Self::IngressPorts,
        Self::EgressPorts,
        Self::IngressIcmp,
        Self::EgressIcmp,
        Self::AclIngress,
        Self::AclEgress,
        Self::AclIngressIcmp,
        Self::AclEgressIcmp,
    ];

    /// Those that only the form has that counts.
    const COUNTING: [Self; 3] = [Self::Watched, Self::WatchedHere, Self::Unlogged];

    /// Those of a form.
    fn of(ruleset: Ruleset) -> impl Iterator<Item = Self> {
        let counting: &[Self] = if ruleset == Ruleset::Counting { &Self::COUNTING } else { &[] };
        Self::ALL.iter().chain(counting).copied()
    }

    /// Its name in the table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Programs => "programs",
            Self::LinkGroup => "link_group",
            Self::Sources => "sources",
            Self::Guarded => "guarded",
            Self::LinkAcl => "link_acl",
            Self::EndpointAcl => "endpoint_acl",
            Self::Unchecked => "unchecked",
            Self::Leading => "leading",
            Self::Lost => "lost",
            Self::Tracked => "tracked",
            Self::Answering => "answering",
            Self::Prefixes => "prefixes",
            Self::ServicePorts => "service_ports",
            Self::Platform => "platform",
            Self::GroupOf => "group_of",
            Self::EgressAny => "egress_any",
            Self::IngressPorts => "ingress_ports",
            Self::EgressPorts => "egress_ports",
            Self::IngressIcmp => "ingress_icmp",
            Self::EgressIcmp => "egress_icmp",
            Self::AclIngress => "acl_ingress",
            Self::AclEgress => "acl_egress",
            Self::AclIngressIcmp => "acl_ingress_icmp",
            Self::AclEgressIcmp => "acl_egress_icmp",
            Self::Watched => "watched",
            Self::WatchedHere => "watched_here",
            Self::Unlogged => "unlogged",
        }
    }

    fn holding(element: &Element) -> Self {
        match element {
            Element::Program(_) => Self::Programs,
            Element::LinkGroup(..) => Self::LinkGroup,
            Element::Source(..) => Self::Sources,
            Element::Guarded(..) => Self::Guarded,
            Element::LinkAcl(..) => Self::LinkAcl,
            Element::EndpointAcl(..) => Self::EndpointAcl,
            Element::Crossing(direction, _, permit) => match (direction, permit.selector) {
                (Direction::Ingress, Selector::Ports { .. }) => Self::AclIngress,
                (Direction::Egress, Selector::Ports { .. }) => Self::AclEgress,
                (Direction::Ingress, Selector::Icmp { .. }) => Self::AclIngressIcmp,
                (Direction::Egress, Selector::Icmp { .. }) => Self::AclEgressIcmp,
            },
            Element::Unchecked(..) => Self::Unchecked,
            Element::Watched(..) => Self::Watched,
            Element::WatchedHere(..) => Self::WatchedHere,
            Element::Unlogged(_) => Self::Unlogged,
            Element::Leading(..) => Self::Leading,
            Element::Lost(..) => Self::Lost,
            Element::Tracked(..) => Self::Tracked,
            Element::Answering(..) => Self::Answering,
            Element::Prefix(_) => Self::Prefixes,
            Element::ServicePort(..) => Self::ServicePorts,
            Element::Platform(..) => Self::Platform,
            Element::GroupOf(..) => Self::GroupOf,
            Element::Permit(Direction::Egress, _, Permit::ANY | Permit::ANY_IPV6) => Self::EgressAny,
            Element::Permit(direction, _, permit) => match (direction, permit.selector) {
                (Direction::Ingress, Selector::Ports { .. }) => Self::IngressPorts,
                (Direction::Egress, Selector::Ports { .. }) => Self::EgressPorts,
                (Direction::Ingress, Selector::Icmp { .. }) => Self::IngressIcmp,
                (Direction::Egress, Selector::Icmp { .. }) => Self::EgressIcmp,
            },
        }
    }
}

/// An element as the kernel has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Raw {
    key: Vec<u8>,
    key_end: Option<Vec<u8>>,
    /// Whether it is the end of an interval, which stands for itself in sets of one field.
    is_end: bool,
    data: Option<Vec<u8>>,
}

fn header(family: AddressFamily, kind: u16, flags: u16) -> Message {
    Message::new(SUBSYSTEM << 8 | kind, flags, &[number_of(family), 0, 0, 0])
}

/// A request about what is of both families in one.
pub(super) fn inet(kind: u16) -> Message {
    const INET: u8 = 1;
    Message::new(SUBSYSTEM << 8 | kind, 0, &[INET, 0, 0, 0])
}

/// The first and the last message of a transaction.
pub(super) fn transaction() -> (Message, Message) {
    const BEGIN: u16 = 16;
    const END: u16 = 17;
    let [high, low] = SUBSYSTEM.to_be_bytes();
    let family_header = [0, 0, high, low];
    (Message::new(BEGIN, 0, &family_header), Message::new(END, 0, &family_header))
}

/// Adds elements.
pub(super) fn add<'a>(elements: impl IntoIterator<Item = &'a Element>) -> Vec<Message> {
    messages(NEW_ELEMENT, CREATE, elements)
}

/// Removes elements.
pub(super) fn remove<'a>(elements: impl IntoIterator<Item = &'a Element>) -> Vec<Message> {
    messages(DELETE_ELEMENT, 0, elements)
}

/// Removes whatever the set of a family holds.
pub(super) fn empty(family: AddressFamily, set: Set) -> Message {
    header(family, DELETE_ELEMENT, 0).text(TABLE_NAME, TABLE).text(LIST_SET, set.name())
}

fn messages<'a>(kind: u16, flags: u16, elements: impl IntoIterator<Item = &'a Element>) -> Vec<Message> {
    let mut by_set: BTreeMap<(AddressFamily, Set), Vec<Raw>> = BTreeMap::new();
    for element in elements {
        by_set.entry((element.family(), Set::holding(element))).or_default().extend(encode(element));
    }
    by_set
        .iter()
        .flat_map(|(&(family, set), raw)| {
            raw.chunks(ELEMENTS_IN_MESSAGE).map(move |chunk| message(kind, flags, (family, set), chunk))
        })
        .collect()
}

fn message(kind: u16, flags: u16, (family, set): (AddressFamily, Set), elements: &[Raw]) -> Message {
    let value = |kind, bytes: &[u8], message: Message| message.nested(kind, |m| m.attribute(VALUE, bytes));
    header(family, kind, flags).text(TABLE_NAME, TABLE).text(LIST_SET, set.name()).nested(LIST_ELEMENTS, |list| {
        elements.iter().fold(list, |list, raw| {
            list.nested(LIST_ELEMENT, |mut element| {
                if raw.is_end {
                    element.push(FLAGS, &INTERVAL_END.to_be_bytes());
                }
                element = value(KEY, &raw.key, element);
                if let Some(end) = &raw.key_end {
                    element = value(KEY_END, end, element);
                }
                match &raw.data {
                    Some(data) => value(DATA, data, element),
                    None => element,
                }
            })
        })
    })
}

/// One element, or the two ends of an interval.
fn encode(element: &Element) -> Vec<Raw> {
    let one = |key: Vec<u8>, data: Option<u32>| {
        vec![Raw { key, data: data.map(|mark| mark.to_ne_bytes().to_vec()), ..Raw::default() }]
    };
    match *element {
        Element::Program(address) | Element::Tracked(address) | Element::Unlogged(address) => {
            one(octets(address), None)
        }
        Element::Watched(_, link, number) => one(name_field(link), Some(number << CODE_BITS)),
        Element::WatchedHere(address, number) => one(octets(address), Some(number << CODE_BITS)),
        Element::LinkGroup(_, link, group) => one(name_field(link), Some(group_class(group))),
        Element::Source(link, address, mark) | Element::Guarded(link, address, mark) => {
            one([name_field(link), octets(address)].concat(), Some(mark))
        }
        Element::Unchecked(_, link, mark) => one(name_field(link), Some(mark)),
        Element::Leading(_, mark) => one(mark.to_ne_bytes().to_vec(), None),
        Element::Lost(mark, address) => one([mark.to_ne_bytes().to_vec(), octets(address)].concat(), None),
        Element::Answering(address, mark) => one(octets(address), Some(mark)),
        Element::LinkAcl(_, link, acl) => one(name_field(link), Some(group_class(acl))),
        Element::EndpointAcl(address, acl) => one(octets(address), Some(group_class(acl))),
        Element::ServicePort(_, port) => one(port.to_be_bytes().to_vec(), None),
        Element::Platform(address, protocol, port) => {
            one([octets(address), byte_field(protocol).to_vec(), port_field(port).to_vec()].concat(), None)
        }
        Element::GroupOf(address, group) => one(octets(address), Some(group_class(group))),
        Element::Prefix(range) => {
            let (first, _) = ends_of(range);
            let mut ends = one(first, None);
            // An interval that reaches the end of all addresses has no end of its own.
            if let Some(key) = behind(range) {
                ends.push(Raw { key, is_end: true, ..Raw::default() });
            }
            ends
        }
        Element::Permit(Direction::Egress, group, Permit::ANY | Permit::ANY_IPV6) => {
            one(group_class(group).to_ne_bytes().to_vec(), None)
        }
        Element::Permit(_, group, Permit { peers, selector })
        | Element::Crossing(_, group, Permit { peers, selector }) => {
            let key = |peer: Vec<u8>, [third, fourth]: [[u8; 4]; 2]| {
                [group_class(group).to_ne_bytes().to_vec(), peer, third.to_vec(), fourth.to_vec()].concat()
            };
            let (from, to) = match selector {
                Selector::Ports { protocols, ports } => {
                    ([byte_field(protocols.0), port_field(ports.0)], [byte_field(protocols.1), port_field(ports.1)])
                }
                Selector::Icmp { types, codes } => {
                    ([byte_field(types.0), byte_field(codes.0)], [byte_field(types.1), byte_field(codes.1)])
                }
            };
            let (first, last) = ends_of(peers);
            vec![Raw { key: key(first, from), key_end: Some(key(last, to)), ..Raw::default() }]
        }
    }
}

/// The first and the last address of a range.
fn ends_of(range: IpRange) -> (Vec<u8>, Vec<u8>) {
    match range {
        IpRange::V4(Ipv4Range { first, last }) => (first.to_be_bytes().to_vec(), last.to_be_bytes().to_vec()),
        IpRange::V6(Ipv6Range { first, last }) => (first.octets().to_vec(), last.octets().to_vec()),
    }
}

/// The address behind the last one of a range, if there is one.
fn behind(range: IpRange) -> Option<Vec<u8>> {
    Some(match range {
        IpRange::V4(range) => range.last.checked_add(1)?.to_be_bytes().to_vec(),
        IpRange::V6(range) => range.last.to_bits().checked_add(1)?.to_be_bytes().to_vec(),
    })
}

/// Fields of a key are padded to four bytes.
fn byte_field(value: u8) -> [u8; 4] {
    [value, 0, 0, 0]
}

fn port_field(port: u16) -> [u8; 4] {
    let [high, low] = port.to_be_bytes();
    [high, low, 0, 0]
}

fn name_field(link: LinkName) -> Vec<u8> {
    let mut bytes = link.as_str().as_bytes().to_vec();
    bytes.resize(NAME, 0);
    bytes
}

/// The requests for what each set of each family holds, in a form of the filter.
pub(super) fn dumps(ruleset: Ruleset) -> impl Iterator<Item = (AddressFamily, Set, Message)> {
    AddressFamily::ALL
        .into_iter()
        .flat_map(move |family| Set::of(ruleset).map(move |set| (family, set, dump(family, set.name()))))
}

/// The request for what a set holds.
pub(super) fn dump(family: AddressFamily, set: &str) -> Message {
    header(family, GET_ELEMENT, 0).text(TABLE_NAME, TABLE).text(LIST_SET, set)
}

/// Removes elements by their keys, of which there are at most [`KEYS_AT_ONCE`]; the kernel tells each as it was at the
/// end.
pub(super) fn take<'a>(family: AddressFamily, set: &str, keys: impl IntoIterator<Item = &'a [u8]>) -> Message {
    const ECHO: u16 = 0x8;
    header(family, DELETE_ELEMENT, ECHO).text(TABLE_NAME, TABLE).text(LIST_SET, set).nested(LIST_ELEMENTS, |list| {
        keys.into_iter().fold(list, |list, key| {
            list.nested(LIST_ELEMENT, |element| element.nested(KEY, |value| value.attribute(VALUE, key)))
        })
    })
}

/// An element that counts: its key, and the packets and bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) key: Vec<u8>,
    pub(super) packets: u64,
    pub(super) bytes: u64,
}

/// What the kernel tells of elements that count, and of which set.
pub(super) fn counted(reply: &Reply) -> (Option<String>, Vec<Counted>) {
    let attributes = Attributes::after(&reply.body, HEADER);
    let set = attributes.find(LIST_SET).map(super::netlink::text_of);
    let list = attributes.inside(LIST_ELEMENTS).into_iter().flatten();
    (set, list.filter_map(|(_, element)| counted_element(Attributes::new(element))).collect())
}

fn counted_element(element: Attributes<'_>) -> Option<Counted> {
    // `NFTA_SET_ELEM_EXPR`; `NFTA_EXPR_DATA`; `NFTA_COUNTER_BYTES`, `_PACKETS`.
    const EXPRESSION: u16 = 7;
    const EXPRESSION_DATA: u16 = 2;
    const BYTES: u16 = 1;
    const PACKETS: u16 = 2;
    let counter = element.inside(EXPRESSION)?.inside(EXPRESSION_DATA)?;
    let number = |kind| Some(u64::from_be_bytes(counter.find(kind)?.try_into().ok()?));
    let key = element.inside(KEY)?.find(VALUE)?.to_vec();
    Some(Counted { key, packets: number(PACKETS)?, bytes: number(BYTES)? })
}

/// The number of a watched interface that a map has.
fn number_of_watch(value: u32) -> Option<u32> {
    (value & ((1 << CODE_BITS) - 1) == 0 && value != 0).then_some(value >> CODE_BITS)
}

/// The elements of a set from the answers. `None` if one of them is nothing that this program would add.
pub(super) fn decode(family: AddressFamily, set: Set, replies: &[Reply]) -> Option<BTreeSet<Element>> {
    let mut raw = Vec::new();
    for reply in replies {
        let list = Attributes::after(&reply.body, HEADER).inside(LIST_ELEMENTS);
        for (_, element) in list.into_iter().flatten() {
            raw.push(decode_raw(Attributes::new(element))?);
        }
    }
    if set == Set::Prefixes {
        return intervals(family, raw);
    }
    raw.iter().map(|raw| decode_element(family, set, raw)).collect()
}

fn decode_raw(element: Attributes<'_>) -> Option<Raw> {
    const EXPECTED: [u16; 5] = [KEY, DATA, FLAGS, KEY_END, 6 /* comments of nft */];
    let mut attributes = element;
    if !attributes.all(|(kind, _)| EXPECTED.contains(&kind)) {
        return None;
    }
    let value = |kind| element.inside(kind).and_then(|inside| inside.find(VALUE)).map(<[u8]>::to_vec);
    let flags = element.find(FLAGS).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes);
    let is_end = flags == INTERVAL_END;
    (is_end || flags == 0).then_some(Raw { key: value(KEY)?, key_end: value(KEY_END), is_end, data: value(DATA) })
}

/// Pairs the ends of intervals.
fn intervals(family: AddressFamily, mut raw: Vec<Raw>) -> Option<BTreeSet<Element>> {
    // Where one ends and another begins at the same address, the end comes first.
    raw.sort_by(|a, b| (&a.key, !a.is_end).cmp(&(&b.key, !b.is_end)));
    let mut found = BTreeSet::new();
    let mut open: Option<IpAddr> = None;
    for Raw { key, is_end, .. } in raw {
        let at = address_of(family, &key, 0)?;
        match (open.take(), is_end) {
            (None, false) => open = Some(at),
            (Some(first), true) => {
                found.insert(Element::Prefix(range_of(first, before(at)?)?));
            }
            // `nft` puts an end at the beginning of all addresses.
            (None, true) if at.is_unspecified() => {}
            (Some(_), false) | (None, true) => return None,
        }
    }
    let last = match family {
        AddressFamily::Ipv4 => IpAddr::V4(Ipv4Addr::BROADCAST),
        AddressFamily::Ipv6 => IpAddr::V6(Ipv6Addr::from_bits(u128::MAX)),
    };
    if let Some(first) = open {
        found.insert(Element::Prefix(range_of(first, last)?));
    }
    Some(found)
}

/// The address before another.
fn before(address: IpAddr) -> Option<IpAddr> {
    Some(match address {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits().checked_sub(1)?).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits().checked_sub(1)?).into(),
    })
}

fn range_of(first: IpAddr, last: IpAddr) -> Option<IpRange> {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            Some(IpRange::V4(Ipv4Range { first: first.to_bits(), last: last.to_bits() }))
        }
        (IpAddr::V6(first), IpAddr::V6(last)) => Some(IpRange::V6(Ipv6Range { first, last })),
        _ => None,
    }
}

/// How long an address of a family is.
fn length_of(family: AddressFamily) -> usize {
    match family {
        AddressFamily::Ipv4 => 4,
        AddressFamily::Ipv6 => 16,
    }
}

/// The address that stands in a key.
fn address_of(family: AddressFamily, key: &[u8], at: usize) -> Option<IpAddr> {
    address_from(key.get(at..at + length_of(family))?)
}

fn field(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    bytes.get(at..at + 4)?.try_into().ok()
}

fn decode_element(family: AddressFamily, set: Set, raw: &Raw) -> Option<Element> {
    let value = || u32_of(raw.data.as_ref()?);
    let key = &raw.key;
    let address = |at| address_of(family, key, at);
    match set {
        Set::Programs => Some(Element::Program(address(0)?)),
        Set::Watched => Some(Element::Watched(family, decode_name(key)?, number_of_watch(value()?)?)),
        Set::WatchedHere => Some(Element::WatchedHere(address(0)?, number_of_watch(value()?)?)),
        Set::Unlogged => Some(Element::Unlogged(address(0)?)),
        Set::LinkGroup => Some(Element::LinkGroup(family, decode_name(key)?, group_of_class(value()?)?)),
        Set::Sources => Some(Element::Source(decode_name(key)?, address(NAME)?, value()?)),
        Set::Guarded => Some(Element::Guarded(decode_name(key)?, address(NAME)?, value()?)),
        Set::Unchecked => Some(Element::Unchecked(family, decode_name(key)?, value()?)),
        Set::Leading => Some(Element::Leading(family, u32_of(key)?)),
        Set::Tracked => Some(Element::Tracked(address(0)?)),
        Set::Lost => Some(Element::Lost(u32_of(key.get(..4)?)?, address(4)?)),
        Set::Answering => Some(Element::Answering(address(0)?, value()?)),
        Set::LinkAcl => Some(Element::LinkAcl(family, decode_name(key)?, group_of_class(value()?)?)),
        Set::EndpointAcl => Some(Element::EndpointAcl(address(0)?, group_of_class(value()?)?)),
        Set::ServicePorts => Some(Element::ServicePort(family, u16::from_be_bytes(key.get(..2)?.try_into().ok()?))),
        Set::Platform => {
            let behind = length_of(family);
            Some(Element::Platform(address(0)?, byte_of(field(key, behind)?), port_of(field(key, behind + 4)?)))
        }
        Set::GroupOf => Some(Element::GroupOf(address(0)?, group_of_class(value()?)?)),
        Set::Prefixes => None,
        Set::EgressAny => Some(Element::Permit(Direction::Egress, group_of_class(u32_of(key)?)?, Permit::any(family))),
        Set::IngressPorts | Set::EgressPorts | Set::IngressIcmp | Set::EgressIcmp => {
            let (direction, group, permit) = decode_permit(family, set, raw)?;
            Some(Element::Permit(direction, group, permit))
        }
        Set::AclIngress | Set::AclEgress | Set::AclIngressIcmp | Set::AclEgressIcmp => {
            let (direction, acl, permit) = decode_permit(family, set, raw)?;
            Some(Element::Crossing(direction, acl, permit))
        }
    }
}

/// A permit of one of the sets that have intervals: which way, the number of whom it is of, and the permit.
fn decode_permit(family: AddressFamily, set: Set, raw: &Raw) -> Option<(Direction, u16, Permit)> {
    let key = &raw.key;
    let end = raw.key_end.as_ref().unwrap_or(key);
    let number = group_of_class(u32_of(key.get(..4)?)?)?;
    if key.get(..4) != end.get(..4) {
        return None;
    }
    let peers = range_of(address_of(family, key, 4)?, address_of(family, end, 4)?)?;
    let behind = 4 + length_of(family);
    let (third, fourth) =
        ((field(key, behind)?, field(end, behind)?), (field(key, behind + 4)?, field(end, behind + 4)?));
    let bytes = |(from, to)| (byte_of(from), byte_of(to));
    let selector = match set {
        Set::IngressPorts | Set::EgressPorts | Set::AclIngress | Set::AclEgress => {
            Selector::Ports { protocols: bytes(third), ports: (port_of(fourth.0), port_of(fourth.1)) }
        }
        _ => Selector::Icmp { types: bytes(third), codes: bytes(fourth) },
    };
    let direction = match set {
        Set::IngressPorts | Set::IngressIcmp | Set::AclIngress | Set::AclIngressIcmp => Direction::Ingress,
        _ => Direction::Egress,
    };
    Some((direction, number, Permit { peers, selector }))
}

fn byte_of([value, ..]: [u8; 4]) -> u8 {
    value
}

fn port_of([high, low, ..]: [u8; 4]) -> u16 {
    u16::from_be_bytes([high, low])
}

fn decode_name(key: &[u8]) -> Option<LinkName> {
    LinkName::new(&super::netlink::text_of(key.get(..NAME)?))
}

/// The request for all tables of all families.
pub(super) fn tables() -> Message {
    Message::new(SUBSYSTEM << 8 | GET_TABLE, 0, &[0; HEADER])
}

/// A table's family and name.
pub(super) fn table_of(reply: &Reply) -> Option<(u8, String)> {
    let name = Attributes::after(&reply.body, HEADER).find(TABLE_NAME)?;
    Some((*reply.body.first()?, super::netlink::text_of(name)))
}

/// Whether a table is ours.
pub(super) fn is_ours(family: u8, name: &str) -> bool {
    AddressFamily::ALL.into_iter().any(|ours| number_of(ours) == family) && name == TABLE
}

/// Deletes a table by the kernel's description of it.
pub(super) fn delete_table(described: &[u8]) -> Option<Message> {
    let header = described.get(..HEADER)?;
    let name = Attributes::after(described, HEADER).find(TABLE_NAME)?;
    Some(Message::new(SUBSYSTEM << 8 | DELETE_TABLE, 0, header).attribute(TABLE_NAME, name))
}

/// The requests for what our table of a family consists of but its elements, each with the attributes that make it what it is:
/// handles and counts differ from one time to the next.
pub(super) fn structure(family: AddressFamily) -> [(Message, &'static [u16]); 4] {
    // Table: name, flags. Chain: name, hook, policy, type, flags. Set: name, flags, types and lengths of key and data,
    // description, time-out. Rule: chain, expressions.
    let of_table = |kind| header(family, kind, 0).text(TABLE_NAME, TABLE);
    [
        (header(family, GET_TABLE, 0), &[1, 2]),
        (of_table(GET_CHAIN), &[1, 3, 4, 5, 7, 10]),
        (of_table(GET_SET), &[1, 2, 3, 4, 5, 6, 7, 9, 11]),
        (of_table(GET_RULE), &[1, 2, 4]),
    ]
}

/// Whether a request is for rules, of which the order counts.
pub(super) fn asks_for_rules(request: &Message) -> bool {
    request.kind() == Some(SUBSYSTEM << 8 | GET_RULE)
}

/// The chain of a rule, by whose order alone rules are told apart: tables, chains and sets are in the order in which they were
/// made.
pub(super) fn chain_of(reply: &Reply) -> Vec<u8> {
    const CHAIN: u16 = 2;
    Attributes::after(&reply.body, HEADER).find(CHAIN).unwrap_or_default().to_vec()
}

/// The lasting attributes of an object of our table, as bytes. `None` if it is not of our table.
pub(super) fn lasting(reply: &Reply, kinds: &[u16]) -> Option<Vec<u8>> {
    let (family, table) = table_of(reply)?;
    let attributes = Attributes::after(&reply.body, HEADER).by_kind();
    let lasting = kinds.iter().filter_map(|kind| Some((kind, attributes.get(kind)?)));
    let bytes = lasting.flat_map(|(kind, value)| [&kind.to_ne_bytes(), *value].concat());
    is_ours(family, &table).then(|| [family].into_iter().chain(bytes).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_reads_the_same_in_both_byte_orders_and_is_never_zero() {
        for group in [1, 2, 255, 256, 0x1234, u16::MAX] {
            let class = group_class(group);
            assert_eq!(class.to_be_bytes(), class.to_le_bytes());
            assert_ne!(class, 0);
            assert_eq!(group_of_class(class), Some(group));
        }
        assert_eq!(group_of_class(0x0001_0000), None);
    }

    #[test]
    fn every_element_is_read_back_as_it_was_written() {
        let ipv4 = |first: u32, last: u32| IpRange::V4(Ipv4Range { first, last });
        let ipv6 = |first: u128, last: u128| {
            IpRange::V6(Ipv6Range { first: Ipv6Addr::from_bits(first), last: Ipv6Addr::from_bits(last) })
        };
        let cases = [
            (AddressFamily::Ipv4, "10.1.2.3", [ipv4(0, 9), ipv4(10, 10), ipv4(u32::MAX - 3, u32::MAX)]),
            (AddressFamily::Ipv6, "2001:db8::a:3", [ipv6(0, 9), ipv6(10, 10), ipv6(u128::MAX - 3, u128::MAX)]),
        ];
        for (family, address, ranges) in cases {
            let elements = elements(family, address.parse().unwrap(), ranges);
            let mut found = BTreeSet::new();
            for set in Set::of(Ruleset::Counting) {
                let raw: Vec<Raw> = elements.iter().filter(|e| Set::holding(e) == set).flat_map(encode).collect();
                if set == Set::Prefixes {
                    found.extend(intervals(family, raw).unwrap());
                } else {
                    found.extend(raw.iter().map(|raw| decode_element(family, set, raw).unwrap()));
                }
            }
            assert!(elements.iter().all(|element| element.family() == family));
            assert_eq!(found, elements.into());
        }
    }

    fn elements(family: AddressFamily, address: IpAddr, ranges: [IpRange; 3]) -> [Element; 26] {
        let link = LinkName::new("sg-0123456789ab").unwrap();
        let [first, second, last] = ranges;
        let any = Permit::any(family);
        let permit = |direction, selector| Element::Permit(direction, 0x1234, Permit { peers: first, selector });
        [
            Element::Program(address),
            Element::LinkGroup(family, link, 8),
            Element::Source(link, address, 7),
            Element::Guarded(link, address, 7),
            Element::Answering(address, 0x1_0007),
            Element::LinkAcl(family, link, 5),
            Element::EndpointAcl(address, 6),
            Element::Crossing(Direction::Ingress, 5, any),
            Element::Crossing(
                Direction::Egress,
                5,
                Permit { peers: second, selector: Selector::Icmp { types: (8, 8), codes: (0, 255) } },
            ),
            Element::Watched(family, link, 1),
            Element::WatchedHere(address, (1 << 26) - 1),
            Element::Unlogged(address),
            Element::Unchecked(family, link, 0x1_0003),
            Element::Leading(family, 7),
            Element::Prefix(first),
            Element::Prefix(second),
            Element::Prefix(last),
            Element::ServicePort(family, 443),
            Element::Platform(address, 17, 53),
            Element::GroupOf(address, 258),
            permit(Direction::Ingress, Selector::Ports { protocols: (6, 6), ports: (80, 443) }),
            permit(Direction::Egress, Selector::Ports { protocols: (0, 255), ports: (0, 65535) }),
            Element::Permit(Direction::Ingress, 0x1234, any),
            Element::Permit(Direction::Egress, 0x1234, any),
            permit(Direction::Ingress, Selector::Icmp { types: (8, 8), codes: (0, 255) }),
            permit(Direction::Egress, Selector::Icmp { types: (0, 255), codes: (3, 4) }),
        ]
    }

    #[test]
    fn intervals_without_their_ends_are_no_prefixes() {
        let raw = |at: u32, is_end| Raw { key: at.to_be_bytes().to_vec(), is_end, ..Raw::default() };
        assert_eq!(intervals(AddressFamily::Ipv4, vec![raw(1, false), raw(2, false)]), None);
        assert_eq!(intervals(AddressFamily::Ipv4, vec![raw(1, true)]), None);
        assert_eq!(intervals(AddressFamily::Ipv4, vec![raw(0, true)]), Some(BTreeSet::new()));
    }
}
