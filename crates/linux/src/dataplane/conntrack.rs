//! Tracked flows: which there are, and forgetting them, since whoever gets an address next must not inherit what its last
//! owner was allowed.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr};

use sidegate_model::AddressFamily;

use super::address::{address_from, number_of};
use super::netlink::{Attributes, Message, Refusal, Reply, Socket};

/// `NFNL_SUBSYS_CTNETLINK`, and of its messages `IPCTNL_MSG_CT_GET`, `_DELETE` and `_GET_STATS`.
const SUBSYSTEM: u16 = 1;
const GET: u16 = 1;
const DELETE: u16 = 2;
const STATISTICS: u16 = 5;

/// `CTA_STATS_GLOBAL_ENTRIES`: how many flows the namespace has, in network order.
const ENTRIES: u16 = 1;

/// The length of `struct nfgenmsg`.
const HEADER: usize = 4;

/// `CTA_TUPLE_ORIG`, `CTA_TUPLE_REPLY`, `CTA_ID`; in a tuple `CTA_TUPLE_IP`; in that `CTA_IP_V4_SRC`, `_DST`,
/// `CTA_IP_V6_SRC`, `_DST`.
const ORIGINAL: u16 = 1;
const REPLY: u16 = 2;
const ID: u16 = 12;
const IP: u16 = 1;
const ADDRESSES: [u16; 4] = [1, 2, 3, 4];
const IPV4_DESTINATION: u16 = 2;

/// `CTA_PROTOINFO`; in it `CTA_PROTOINFO_TCP`; in that `CTA_PROTOINFO_TCP_STATE`.
const PROTOCOL: u16 = 4;
const TCP: u16 = 1;
const TCP_STATE: u16 = 1;

/// `TCP_CONNTRACK_TIME_WAIT` and `TCP_CONNTRACK_CLOSE`: the connection has ended.
const ENDED: [u8; 2] = [7, 8];

/// Forgets each flow from or to one of the addresses, and says how many.
///
/// To list the flows of a namespace, the kernel goes through a table that all of the machine have in common. So it is
/// asked for their number first: most namespaces that change have none.
pub(super) fn forget(socket: &mut Socket, addresses: &BTreeSet<IpAddr>) -> io::Result<usize> {
    let families: BTreeSet<AddressFamily> = addresses.iter().map(|address| AddressFamily::of(*address)).collect();
    families
        .into_iter()
        .try_fold(0, |count, family| Ok(count + forget_those(socket, family, |flow| concerns(flow, addresses))?))
}

/// Forgets each flow that goes out under another address than these, in a namespace that translates sources, and says how
/// many.
pub(super) fn forget_others(socket: &mut Socket, kept: &BTreeSet<Ipv4Addr>) -> io::Result<usize> {
    let is_other = |flow: &Reply| lent_address(flow).is_some_and(|address| !kept.contains(&address));
    forget_those(socket, AddressFamily::Ipv4, is_other)
}

/// The addresses under which flows go out, in a namespace that translates sources. A flow of TCP that has ended is none.
pub(super) fn lent_addresses(socket: &mut Socket) -> io::Result<BTreeSet<Ipv4Addr>> {
    let flows = flows(socket, header(AddressFamily::Ipv4))?;
    Ok(flows.iter().filter(|flow| !has_ended(flow)).filter_map(lent_address).collect())
}

/// Whither the flows of IPv4 go that began here or passed.
pub(super) fn destinations(socket: &mut Socket) -> io::Result<BTreeSet<IpAddr>> {
    let flows = flows(socket, header(AddressFamily::Ipv4))?;
    let destination = |flow: &Reply| {
        let ip = Attributes::after(&flow.body, HEADER).inside(ORIGINAL)?.inside(IP)?;
        address_from(ip.find(IPV4_DESTINATION)?)
    };
    Ok(flows.iter().filter_map(destination).collect())
}

fn forget_those(
    socket: &mut Socket, family: AddressFamily, is_concerned: impl Fn(&Reply) -> bool,
) -> io::Result<usize> {
    let header = header(family);
    let flows = flows(socket, header)?;
    let concerned = flows.iter().filter(|flow| is_concerned(flow));
    let messages: Vec<Message> = concerned.filter_map(|flow| delete(header, flow)).collect();
    let count = messages.len();
    // A flow may end by itself meanwhile.
    socket.carry_out_but(messages, &[libc::ENOENT]).map_err(|Refusal { error, .. }| error)?;
    Ok(count)
}

fn header(family: AddressFamily) -> [u8; HEADER] {
    [number_of(family), 0, 0, 0]
}

/// The flows of the namespace.
fn flows(socket: &mut Socket, header: [u8; HEADER]) -> io::Result<Vec<Reply>> {
    if entries(socket)? == Some(0) {
        return Ok(Vec::new());
    }
    socket.dump(&Message::new(SUBSYSTEM << 8 | GET, 0, &header))
}

/// Where the replies of a flow come back to: the source that it has outside.
fn lent_address(flow: &Reply) -> Option<Ipv4Addr> {
    let ip = Attributes::after(&flow.body, HEADER).inside(REPLY)?.inside(IP)?;
    match address_from(ip.find(IPV4_DESTINATION)?)? {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}

fn has_ended(flow: &Reply) -> bool {
    let tcp = Attributes::after(&flow.body, HEADER).inside(PROTOCOL).and_then(|protocol| protocol.inside(TCP));
    let state = tcp.and_then(|tcp| tcp.find(TCP_STATE).and_then(|state| state.first().copied()));
    state.is_some_and(|state| ENDED.contains(&state))
}

/// How many flows the namespace has; none where the kernel does not say.
fn entries(socket: &mut Socket) -> io::Result<Option<u32>> {
    let reply = socket.ask(Message::new(SUBSYSTEM << 8 | STATISTICS, 0, &[0; HEADER]))?;
    let count = reply.as_ref().and_then(|reply| Attributes::after(&reply.body, HEADER).find(ENTRIES));
    Ok(count.and_then(|count| Some(u32::from_be_bytes(count.try_into().ok()?))))
}

fn concerns(flow: &Reply, addresses: &BTreeSet<IpAddr>) -> bool {
    let attributes = Attributes::after(&flow.body, HEADER);
    [ORIGINAL, REPLY].iter().any(|&tuple| {
        let ip = attributes.inside(tuple).and_then(|tuple| tuple.inside(IP));
        ip.is_some_and(|ip| {
            let named = ADDRESSES.iter().filter_map(|&kind| ip.find(kind)).filter_map(address_from);
            named.into_iter().any(|address| addresses.contains(&address))
        })
    })
}

fn delete(header: [u8; HEADER], flow: &Reply) -> Option<Message> {
    const NESTED: u16 = 0x8000;
    let attributes = Attributes::after(&flow.body, HEADER);
    let message = Message::new(SUBSYSTEM << 8 | DELETE, 0, &header);
    let message = message.attribute(ORIGINAL | NESTED, attributes.find(ORIGINAL)?);
    Some(match attributes.find(ID) {
        Some(id) => message.attribute(ID, id),
        None => message,
    })
}
