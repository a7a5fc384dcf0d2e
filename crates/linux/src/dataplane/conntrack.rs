//! Forgetting tracked flows: whoever gets an address next must not inherit what its last owner was allowed.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

use super::netlink::{Attributes, Message, Refusal, Reply, Socket};
use super::rtnetlink::address_from;

/// `NFNL_SUBSYS_CTNETLINK`, and of its messages `IPCTNL_MSG_CT_GET` and `_DELETE`.
const SUBSYSTEM: u16 = 1;
const GET: u16 = 1;
const DELETE: u16 = 2;

/// `struct nfgenmsg` for IPv4 and for IPv6.
const HEADERS: [[u8; HEADER]; 2] = [[2, 0, 0, 0], [10, 0, 0, 0]];
const HEADER: usize = 4;

/// `CTA_TUPLE_ORIG`, `CTA_TUPLE_REPLY`, `CTA_ID`; in a tuple `CTA_TUPLE_IP`; in that `CTA_IP_V4_SRC`, `_DST`,
/// `CTA_IP_V6_SRC`, `_DST`.
const ORIGINAL: u16 = 1;
const REPLY: u16 = 2;
const ID: u16 = 12;
const IP: u16 = 1;
const ADDRESSES: [u16; 4] = [1, 2, 3, 4];

/// Forgets each flow from or to one of the addresses, and says how many.
pub(super) fn forget(socket: &mut Socket, addresses: &BTreeSet<IpAddr>) -> io::Result<usize> {
    let mut count = 0;
    let concerned = [addresses.iter().any(IpAddr::is_ipv4), addresses.iter().any(IpAddr::is_ipv6)];
    for (header, _) in HEADERS.into_iter().zip(concerned).filter(|(_, concerned)| *concerned) {
        let flows = socket.dump(&Message::new(SUBSYSTEM << 8 | GET, 0, &header))?;
        let concerned = flows.iter().filter(|flow| concerns(flow, addresses));
        let messages: Vec<Message> = concerned.filter_map(|flow| delete(header, flow)).collect();
        count += messages.len();
        // A flow may end by itself meanwhile.
        socket.carry_out_but(messages, &[libc::ENOENT]).map_err(|Refusal { error, .. }| error)?;
    }
    Ok(count)
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
