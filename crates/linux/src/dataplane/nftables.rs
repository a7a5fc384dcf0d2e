//! nftables over netlink: what a table consists of, and the elements of its sets as bytes.
//!
//! The fixed part of the filter is loaded by the program `nft` ([`super::ruleset`]); elements are added and removed here,
//! since `nft` reads a whole table before it changes anything in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::Ipv4Addr;

use sidegate_model::Ipv4Range;
use sidegate_plan::{Permit, Selector};

use super::netlink::{Attributes, CREATE, Message, Reply, Socket, u32_of};
use super::objects::{Direction, Element, GUARDED, LinkName, group_class, group_of_class};

/// The name of our table, in the `inet` family.
pub(super) const TABLE: &str = "sidegate";

/// `NFPROTO_INET`.
const INET: u8 = 1;

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

/// `NFTA_TABLE_USERDATA`, and `NFTNL_UDATA_TABLE_COMMENT`.
const TABLE_USERDATA: u16 = 6;
const TABLE_COMMENT: u8 = 0;

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
}

impl Set {
    const ALL: [Self; 22] = [
        Self::Programs,
        Self::LinkGroup,
        Self::Sources,
        Self::Guarded,
        Self::LinkAcl,
        Self::EndpointAcl,
        Self::Unchecked,
        Self::Leading,
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
            Element::Leading(_) => Self::Leading,
            Element::Answering(..) => Self::Answering,
            Element::Prefix(_) => Self::Prefixes,
            Element::ServicePort(_) => Self::ServicePorts,
            Element::Platform(..) => Self::Platform,
            Element::GroupOf(..) => Self::GroupOf,
            Element::Permit(Direction::Egress, _, Permit::ANY) => Self::EgressAny,
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

fn header(kind: u16, flags: u16) -> Message {
    Message::new(SUBSYSTEM << 8 | kind, flags, &[INET, 0, 0, 0])
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

/// Removes whatever a set holds.
pub(super) fn empty(set: Set) -> Message {
    header(DELETE_ELEMENT, 0).text(TABLE_NAME, TABLE).text(LIST_SET, set.name())
}

fn messages<'a>(kind: u16, flags: u16, elements: impl IntoIterator<Item = &'a Element>) -> Vec<Message> {
    let mut by_set: BTreeMap<Set, Vec<Raw>> = BTreeMap::new();
    for element in elements {
        by_set.entry(Set::holding(element)).or_default().extend(encode(element));
    }
    by_set
        .iter()
        .flat_map(|(&set, raw)| raw.chunks(ELEMENTS_IN_MESSAGE).map(move |chunk| message(kind, flags, set, chunk)))
        .collect()
}

fn message(kind: u16, flags: u16, set: Set, elements: &[Raw]) -> Message {
    let value = |kind, bytes: &[u8], message: Message| message.nested(kind, |m| m.attribute(VALUE, bytes));
    header(kind, flags).text(TABLE_NAME, TABLE).text(LIST_SET, set.name()).nested(LIST_ELEMENTS, |list| {
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
        Element::Program(address) => one(address.octets().to_vec(), None),
        Element::LinkGroup(link, group) => one(name_field(link), Some(group_class(group))),
        Element::Source(link, address, table) => {
            one([name_field(link), address.octets().to_vec()].concat(), Some(u32::from(table)))
        }
        Element::Guarded(link, address, table) => {
            one([name_field(link), address.octets().to_vec()].concat(), Some(u32::from(table) | GUARDED))
        }
        Element::Unchecked(link, mark) => one(name_field(link), Some(mark)),
        Element::Leading(mark) => one(mark.to_ne_bytes().to_vec(), None),
        Element::Answering(address, mark) => one(address.octets().to_vec(), Some(mark)),
        Element::LinkAcl(link, acl) => one(name_field(link), Some(group_class(acl))),
        Element::EndpointAcl(address, acl) => one(address.octets().to_vec(), Some(group_class(acl))),
        Element::ServicePort(port) => one(port.to_be_bytes().to_vec(), None),
        Element::Platform(address, protocol, port) => {
            one([address.octets(), byte_field(protocol), port_field(port)].concat(), None)
        }
        Element::GroupOf(address, group) => one(address.octets().to_vec(), Some(group_class(group))),
        Element::Prefix(range) => {
            let mut ends = one(range.first.to_be_bytes().to_vec(), None);
            // An interval that reaches the end of all addresses has no end of its own.
            if let Some(after) = range.last.checked_add(1) {
                ends.push(Raw { key: after.to_be_bytes().to_vec(), is_end: true, ..Raw::default() });
            }
            ends
        }
        Element::Permit(Direction::Egress, group, Permit::ANY) => one(group_class(group).to_ne_bytes().to_vec(), None),
        Element::Permit(_, group, Permit { peers, selector })
        | Element::Crossing(_, group, Permit { peers, selector }) => {
            let key = |peer: u32, [third, fourth]: [[u8; 4]; 2]| {
                [group_class(group).to_ne_bytes(), peer.to_be_bytes(), third, fourth].concat()
            };
            let (from, to) = match selector {
                Selector::Ports { protocols, ports } => {
                    ([byte_field(protocols.0), port_field(ports.0)], [byte_field(protocols.1), port_field(ports.1)])
                }
                Selector::Icmp { types, codes } => {
                    ([byte_field(types.0), byte_field(codes.0)], [byte_field(types.1), byte_field(codes.1)])
                }
            };
            vec![Raw { key: key(peers.first, from), key_end: Some(key(peers.last, to)), ..Raw::default() }]
        }
    }
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

/// The requests for what each set holds.
pub(super) fn dumps() -> impl Iterator<Item = (Set, Message)> {
    Set::ALL.into_iter().map(|set| (set, header(GET_ELEMENT, 0).text(TABLE_NAME, TABLE).text(LIST_SET, set.name())))
}

/// The elements of a set from the answers. `None` if one of them is nothing that this program would add.
pub(super) fn decode(set: Set, replies: &[Reply]) -> Option<BTreeSet<Element>> {
    let mut raw = Vec::new();
    for reply in replies {
        let list = Attributes::after(&reply.body, HEADER).inside(LIST_ELEMENTS);
        for (_, element) in list.into_iter().flatten() {
            raw.push(decode_raw(Attributes::new(element))?);
        }
    }
    if set == Set::Prefixes {
        return intervals(raw);
    }
    raw.iter().map(|raw| decode_element(set, raw)).collect()
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
fn intervals(mut raw: Vec<Raw>) -> Option<BTreeSet<Element>> {
    // Where one ends and another begins at the same address, the end comes first.
    raw.sort_by(|a, b| (&a.key, !a.is_end).cmp(&(&b.key, !b.is_end)));
    let mut found = BTreeSet::new();
    let mut open: Option<u32> = None;
    for Raw { key, is_end, .. } in raw {
        let at = u32::from_be_bytes(key.try_into().ok()?);
        match (open.take(), is_end) {
            (None, false) => open = Some(at),
            (Some(first), true) => {
                found.insert(Element::Prefix(Ipv4Range { first, last: at.checked_sub(1)? }));
            }
            // `nft` puts an end at the beginning of all addresses.
            (None, true) if at == 0 => {}
            (Some(_), false) | (None, true) => return None,
        }
    }
    found.extend(open.map(|first| Element::Prefix(Ipv4Range { first, last: u32::MAX })));
    Some(found)
}

fn decode_element(set: Set, raw: &Raw) -> Option<Element> {
    let value = || u32_of(raw.data.as_ref()?);
    let field = |bytes: &[u8], at: usize| -> Option<[u8; 4]> { bytes.get(at..at + 4)?.try_into().ok() };
    let address = |at| Some(Ipv4Addr::from(field(&raw.key, at)?));
    let key = &raw.key;
    match set {
        Set::Programs => Some(Element::Program(address(0)?)),
        Set::LinkGroup => Some(Element::LinkGroup(decode_name(key)?, group_of_class(value()?)?)),
        Set::Sources => Some(Element::Source(decode_name(key)?, address(NAME)?, index_of(value()?)?)),
        Set::Guarded => {
            let mark = value()?;
            let table = index_of(mark & !GUARDED).filter(|_| mark & GUARDED != 0)?;
            Some(Element::Guarded(decode_name(key)?, address(NAME)?, table))
        }
        Set::Unchecked => Some(Element::Unchecked(decode_name(key)?, value()?)),
        Set::Leading => Some(Element::Leading(u32_of(key)?)),
        Set::Answering => Some(Element::Answering(address(0)?, value()?)),
        Set::LinkAcl => Some(Element::LinkAcl(decode_name(key)?, group_of_class(value()?)?)),
        Set::EndpointAcl => Some(Element::EndpointAcl(address(0)?, group_of_class(value()?)?)),
        Set::ServicePorts => Some(Element::ServicePort(u16::from_be_bytes(key.get(..2)?.try_into().ok()?))),
        Set::Platform => Some(Element::Platform(address(0)?, byte_of(field(key, 4)?), port_of(field(key, 8)?))),
        Set::GroupOf => Some(Element::GroupOf(address(0)?, group_of_class(value()?)?)),
        Set::Prefixes => None,
        Set::EgressAny => Some(Element::Permit(Direction::Egress, group_of_class(u32_of(key)?)?, Permit::ANY)),
        Set::IngressPorts | Set::EgressPorts | Set::IngressIcmp | Set::EgressIcmp => {
            let (direction, group, permit) = decode_permit(set, raw)?;
            Some(Element::Permit(direction, group, permit))
        }
        Set::AclIngress | Set::AclEgress | Set::AclIngressIcmp | Set::AclEgressIcmp => {
            let (direction, acl, permit) = decode_permit(set, raw)?;
            Some(Element::Crossing(direction, acl, permit))
        }
    }
}

/// A permit of one of the sets that have intervals: which way, the number of whom it is of, and the permit.
fn decode_permit(set: Set, raw: &Raw) -> Option<(Direction, u16, Permit)> {
    let field = |bytes: &[u8], at: usize| -> Option<[u8; 4]> { bytes.get(at..at + 4)?.try_into().ok() };
    let key = &raw.key;
    let end = raw.key_end.as_ref().unwrap_or(key);
    let number = group_of_class(u32_of(key.get(..4)?)?)?;
    if key.get(..4) != end.get(..4) {
        return None;
    }
    let peers = Ipv4Range { first: u32::from_be_bytes(field(key, 4)?), last: u32::from_be_bytes(field(end, 4)?) };
    let (third, fourth) = ((field(key, 8)?, field(end, 8)?), (field(key, 12)?, field(end, 12)?));
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

fn index_of(mark: u32) -> Option<u16> {
    u16::try_from(mark).ok().filter(|&table| table != 0)
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
    family == INET && name == TABLE
}

/// Deletes a table by the kernel's description of it.
pub(super) fn delete_table(described: &[u8]) -> Option<Message> {
    let header = described.get(..HEADER)?;
    let name = Attributes::after(described, HEADER).find(TABLE_NAME)?;
    Some(Message::new(SUBSYSTEM << 8 | DELETE_TABLE, 0, header).attribute(TABLE_NAME, name))
}

/// The requests for what our table consists of but its elements, each with the attributes that make it what it is:
/// handles and counts differ from one time to the next.
pub(super) fn structure() -> [(Message, &'static [u16]); 4] {
    // Table: name, flags. Chain: name, hook, policy, type, flags. Set: name, flags, types and lengths of key and data,
    // description, time-out. Rule: chain, expressions.
    let of_table = |kind| header(kind, 0).text(TABLE_NAME, TABLE);
    [
        (header(GET_TABLE, 0), &[1, 2]),
        (of_table(GET_CHAIN), &[1, 3, 4, 5, 7, 10]),
        (of_table(GET_SET), &[1, 2, 3, 4, 5, 6, 7, 9, 11]),
        (of_table(GET_RULE), &[1, 2, 4]),
    ]
}

/// Whether the namespace of a socket has our table, with this comment.
pub(super) fn is_marked(socket: &mut Socket, mark: &str) -> io::Result<bool> {
    // Source: libnftnl, `NFTNL_UDATA_TABLE_COMMENT`: type, length, and a text that ends with a zero byte.
    let comment = [&[TABLE_COMMENT, u8::try_from(mark.len() + 1).unwrap_or(u8::MAX)], mark.as_bytes(), &[0]].concat();
    let ours = |reply: &Reply| table_of(reply).is_some_and(|(family, table)| is_ours(family, &table));
    let marked = |reply: &Reply| Attributes::after(&reply.body, HEADER).find(TABLE_USERDATA) == Some(&*comment);
    match socket.dump(&header(GET_TABLE, 0)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        replies => Ok(replies?.iter().any(|reply| ours(reply) && marked(reply))),
    }
}

/// The lasting attributes of an object of our table, as bytes. `None` if it is not of our table.
pub(super) fn lasting(reply: &Reply, kinds: &[u16]) -> Option<Vec<u8>> {
    let (family, table) = table_of(reply)?;
    let attributes = Attributes::after(&reply.body, HEADER).by_kind();
    let lasting = kinds.iter().filter_map(|kind| Some((kind, attributes.get(kind)?)));
    is_ours(family, &table).then(|| lasting.flat_map(|(kind, value)| [&kind.to_ne_bytes(), *value].concat()).collect())
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
        let link = LinkName::new("sg-0123456789ab").unwrap();
        let address = Ipv4Addr::new(10, 1, 2, 3);
        let range = |first, last| Ipv4Range { first, last };
        let permit = |direction, selector| {
            Element::Permit(direction, 0x1234, Permit { peers: range(0x0a00_0000, 0x0aff_ffff), selector })
        };
        let elements = [
            Element::Program(address),
            Element::LinkGroup(link, 8),
            Element::Source(link, address, 7),
            Element::Guarded(link, address, 7),
            Element::Answering(address, 0x1_0007),
            Element::LinkAcl(link, 5),
            Element::EndpointAcl(address, 6),
            Element::Crossing(Direction::Ingress, 5, Permit::ANY),
            Element::Crossing(
                Direction::Egress,
                5,
                Permit { peers: range(1, 2), selector: Selector::Icmp { types: (8, 8), codes: (0, 255) } },
            ),
            Element::Unchecked(link, 0x1_0003),
            Element::Leading(7),
            Element::Prefix(range(0, 9)),
            Element::Prefix(range(10, 10)),
            Element::Prefix(range(u32::MAX - 3, u32::MAX)),
            Element::ServicePort(443),
            Element::Platform(address, 17, 53),
            Element::GroupOf(address, 258),
            permit(Direction::Ingress, Selector::Ports { protocols: (6, 6), ports: (80, 443) }),
            permit(Direction::Egress, Selector::Ports { protocols: (0, 255), ports: (0, 65535) }),
            Element::Permit(Direction::Ingress, 0x1234, Permit::ANY),
            Element::Permit(Direction::Egress, 0x1234, Permit::ANY),
            permit(Direction::Ingress, Selector::Icmp { types: (8, 8), codes: (0, 255) }),
            permit(Direction::Egress, Selector::Icmp { types: (0, 255), codes: (3, 4) }),
        ];
        let mut found = BTreeSet::new();
        for set in Set::ALL {
            let raw: Vec<Raw> = elements.iter().filter(|e| Set::holding(e) == set).flat_map(encode).collect();
            if set == Set::Prefixes {
                found.extend(intervals(raw).unwrap());
            } else {
                found.extend(raw.iter().map(|raw| decode_element(set, raw).unwrap()));
            }
        }
        assert_eq!(found, elements.into());
    }

    #[test]
    fn intervals_without_their_ends_are_no_prefixes() {
        let raw = |at: u32, is_end| Raw { key: at.to_be_bytes().to_vec(), is_end, ..Raw::default() };
        assert_eq!(intervals(vec![raw(1, false), raw(2, false)]), None);
        assert_eq!(intervals(vec![raw(1, true)]), None);
        assert_eq!(intervals(vec![raw(0, true)]), Some(BTreeSet::new()));
    }
}
