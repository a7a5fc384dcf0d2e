//! A bare link between two namespaces, without router and filter: what a path of the data plane is measured against.

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::AsFd;

use super::netlink::{Family, Message, Refusal, Socket};
use super::objects::MTU;
use super::{rtnetlink, sysctl};
use crate::netns::{NetNs, NetNsError};

/// One end of a bare link.
#[derive(Clone, Copy, Debug)]
pub struct BareEnd<'a> {
    /// The namespace that it lies in.
    pub namespace: &'a NetNs,
    /// How it is called there, at most 15 characters.
    pub name: &'a str,
    /// Its address; both ends lie in one /30.
    pub address: Ipv4Addr,
}

/// The length of the prefix that both ends share.
const PREFIX: u8 = 30;

/// Joins two namespaces by a link with the transmission unit of the data plane's own links.
///
/// # Errors
/// If a namespace cannot be entered, or the kernel refuses, as where a link of that name exists.
pub fn join(one: BareEnd<'_>, other: BareEnd<'_>) -> Result<io::Result<()>, NetNsError> {
    let [a, b, c, d] = other.address.octets();
    let mac = [0x02, 0xbe, a, b, c, d];
    let pair = rtnetlink::add_veth(one.name, MTU, other.name, mac, other.namespace.as_fd());
    let made = one.namespace.run(|| carry_out(vec![pair]))?;
    if made.is_err() {
        return Ok(made);
    }
    for end in [one, other] {
        let settled = end.namespace.run(|| settle(end.name, end.address))?;
        if settled.is_err() {
            return Ok(settled);
        }
    }
    Ok(Ok(()))
}

fn settle(name: &str, address: Ipv4Addr) -> io::Result<()> {
    // Neighbour discovery would be among what is measured.
    sysctl::Settings::open()?.set("net/ipv6/conf/all/disable_ipv6", "1")?;
    let index = nix::net::if_::if_nametoindex(name)?;
    carry_out(vec![rtnetlink::raise("lo"), rtnetlink::add_address(index, address, PREFIX), rtnetlink::raise(name)])
}

fn carry_out(messages: Vec<Message>) -> io::Result<()> {
    let mut socket = Socket::open(Family::Route)?;
    socket.carry_out(messages).map_err(|Refusal { error, .. }| error)
}
