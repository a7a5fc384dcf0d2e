//! Forgetting tracked flows: whoever gets an address next must not inherit what its last owner was allowed.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

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

/// Forgets each flow from or to one of the addresses, and says how many.
///
/// To list the flows of a namespace, the kernel goes through a table that all of the machine have in common. So it is
/// asked for their number first: most namespaces that change have none.
pub(super) fn forget(socket: &mut Socket, addresses: &BTreeSet<IpAddr>) -> io::Result<usize> {
    if entries(socket)? == Some(0) {
        return Ok(0);
    }
    let mut count = 0;
    let families: BTreeSet<AddressFamily> = addresses.iter().map(|address| AddressFamily::of(*address)).collect();
    for family in families {
        let header = [number_of(family), 0, 0, 0];
        let flows = socket.dump(&Message::new(SUBSYSTEM << 8 | GET, 0, &header))?;
        let concerned = flows.iter().filter(|flow| concerns(flow, addresses));
        let messages: Vec<Message> = concerned.filter_map(|flow| delete(header, flow)).collect();
        count += messages.len();
        // A flow may end by itself meanwhile.
        socket.carry_out_but(messages, &[libc::ENOENT]).map_err(|Refusal { error, .. }| error)?;
    }
    Ok(count)
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
