//! Forgetting tracked flows: whoever gets an address next must not inherit what its last owner was allowed.

use std::collections::BTreeSet;
use std::io;
use std::net::Ipv4Addr;

use super::netlink::{Attributes, Message, Refusal, Reply, Socket};

/// `NFNL_SUBSYS_CTNETLINK`, and of its messages `IPCTNL_MSG_CT_GET` and `_DELETE`.
const SUBSYSTEM: u16 = 1;
const GET: u16 = 1;
const DELETE: u16 = 2;

/// `struct nfgenmsg` for IPv4.
const HEADER: [u8; 4] = [2, 0, 0, 0];

/// `CTA_TUPLE_ORIG`, `CTA_TUPLE_REPLY`, `CTA_ID`; in a tuple `CTA_TUPLE_IP`; in that `CTA_IP_V4_SRC`, `CTA_IP_V4_DST`.
const ORIGINAL: u16 = 1;
const REPLY: u16 = 2;
const ID: u16 = 12;
const IP: u16 = 1;
const ADDRESSES: [u16; 2] = [1, 2];

/// Forgets each flow from or to one of the addresses, and says how many.
pub(super) fn forget(socket: &mut Socket, addresses: &BTreeSet<Ipv4Addr>) -> io::Result<usize> {
    let flows = socket.dump(&Message::new(SUBSYSTEM << 8 | GET, 0, &HEADER))?;
    let concerned = flows.iter().filter(|flow| concerns(flow, addresses));
    let messages: Vec<Message> = concerned.filter_map(delete).collect();
    let count = messages.len();
    // A flow may end by itself meanwhile.
    socket.carry_out_but(messages, &[libc::ENOENT]).map_err(|Refusal { error, .. }| error)?;
    Ok(count)
}

fn concerns(flow: &Reply, addresses: &BTreeSet<Ipv4Addr>) -> bool {
    let attributes = Attributes::after(&flow.body, HEADER.len());
    [ORIGINAL, REPLY].iter().any(|&tuple| {
        let ip = attributes.inside(tuple).and_then(|tuple| tuple.inside(IP));
        ip.is_some_and(|ip| {
            ADDRESSES.iter().any(|&kind| {
                let octets: Option<[u8; 4]> = ip.find(kind).and_then(|bytes| bytes.try_into().ok());
                octets.is_some_and(|octets| addresses.contains(&octets.into()))
            })
        })
    })
}

fn delete(flow: &Reply) -> Option<Message> {
    const NESTED: u16 = 0x8000;
    let attributes = Attributes::after(&flow.body, HEADER.len());
    let message = Message::new(SUBSYSTEM << 8 | DELETE, 0, &HEADER);
    let message = message.attribute(ORIGINAL | NESTED, attributes.find(ORIGINAL)?);
    Some(match attributes.find(ID) {
        Some(id) => message.attribute(ID, id),
        None => message,
    })
}
