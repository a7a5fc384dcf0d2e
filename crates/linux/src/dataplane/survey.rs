//! What leads out of a namespace, as the kernel has it: for whoever wants to see that without knowing the plan.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::AsFd as _;

use sidegate_model::IpCidr;

use super::conntrack;
use super::error::VpcError;
use super::netlink::{Family, Socket};
use super::rtnetlink::{self, LinkState};
use crate::netns::NetNs;

/// The links, the addresses and the routes of a namespace, and with whom it speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// All links but the loopback one.
    pub links: Vec<SurveyedLink>,
    /// All routes but those that the kernel itself makes for a namespace's own addresses.
    pub routes: Vec<SurveyedRoute>,
    /// Its addresses, but for those that only mean the namespace itself or a link.
    pub addresses: BTreeSet<IpAddr>,
    /// Whither the flows of IPv4 go that the kernel tracks here. It forgets one some time after its end.
    pub flows: BTreeSet<IpAddr>,
    /// The other ends of the connected sockets of TCP and UDP.
    pub connected: BTreeSet<IpAddr>,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedLink {
    /// Its name.
    pub name: String,
    /// What its alias says: the namespace at its other end, by the name that the holder knows it by. Empty if it says
    /// nothing.
    pub leads_to: String,
    /// The name of the namespace in which its other end is, if it is one of those that were given.
    pub ends_in: Option<String>,
    /// Packets that came in by it.
    pub received: u64,
    /// Packets that went out by it.
    pub sent: u64,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedRoute {
    /// For what.
    pub destination: IpCidr,
    /// Where it leads.
    pub lead: Lead,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead {
    /// To this namespace itself.
    Here,
    /// Out by a link, of this name.
    Link(String),
    /// Nowhere: what it takes is dropped, or left to the next table.
    Nowhere,
    /// Somewhere that none of our routes leads.
    Elsewhere,
}

/// Reads what a namespace leads to. Where its links end is told by the kernel, for namespaces that are `known` by a name.
///
/// # Errors
/// If it cannot be entered or read.
pub fn survey(namespace: &NetNs, known: &[(&str, &NetNs)]) -> Result<Survey, VpcError> {
    namespace.run(|| {
        let mut socket = Socket::open(Family::Route).map_err(VpcError::read("routes"))?;
        let mut found = Survey::default();
        let links = read_links(&mut socket, known, &mut found)?;
        let routes = rtnetlink::of_all_families(&mut socket, rtnetlink::routes).map_err(VpcError::read("routes"))?;
        for state in routes.iter().filter_map(rtnetlink::route_of) {
            if state.key.table == rtnetlink::LOCAL_TABLE && state.protocol == rtnetlink::KERNEL_PROTOCOL {
                continue;
            }
            let link = links.iter().find(|link| Some(link.index) == state.link);
            let lead = match (state.kind, link) {
                (rtnetlink::LOCAL, _) => Lead::Here,
                (rtnetlink::BLACKHOLE | rtnetlink::THROW, _) => Lead::Nowhere,
                // What the kernel makes for the block of an address has a preferred source.
                (rtnetlink::UNICAST, Some(link)) if state.is_plain || state.protocol == rtnetlink::KERNEL_PROTOCOL => {
                    Lead::Link(link.name.clone())
                }
                _ => Lead::Elsewhere,
            };
            found.routes.push(SurveyedRoute { destination: state.key.destination, lead });
        }
        let addresses = socket.dump(&rtnetlink::addresses()).map_err(VpcError::read("addresses"))?;
        let addresses = addresses.iter().filter_map(rtnetlink::address_of);
        found.addresses = addresses.filter(|own| own.is_global).map(|own| own.address).collect();
        let mut tracking = Socket::open(Family::Netfilter).map_err(VpcError::read("tracked flows"))?;
        found.flows = conntrack::destinations(&mut tracking).map_err(VpcError::read("tracked flows"))?;
        found.connected = connected().map_err(VpcError::read("sockets"))?;
        Ok(found)
    })?
}

fn read_links(socket: &mut Socket, known: &[(&str, &NetNs)], found: &mut Survey) -> Result<Vec<LinkState>, VpcError> {
    let replies = socket.dump(&rtnetlink::links()).map_err(VpcError::read("links"))?;
    let mut numbers = Vec::new();
    for (name, namespace) in known {
        let number = socket.ask(rtnetlink::namespace_number(namespace.as_fd())).map_err(VpcError::read("links"))?;
        let number = number.as_ref().and_then(rtnetlink::namespace_number_of).filter(|number| *number != NO_NUMBER);
        numbers.extend(number.map(|number| (number, *name)));
    }
    for (reply, link) in replies.iter().filter_map(|reply| Some((reply, rtnetlink::link_of(reply)?))) {
        if link.index != rtnetlink::LOOPBACK {
            let (received, sent) = rtnetlink::packets_of(reply).unwrap_or_default();
            let end = numbers.iter().find(|(number, _)| Some(*number) == link.peer_namespace);
            let ends_in = end.map(|(_, name)| (*name).to_owned());
            found.links.push(SurveyedLink { name: link.name, leads_to: link.alias, ends_in, received, sent });
        }
    }
    Ok(replies.iter().filter_map(rtnetlink::link_of).collect())
}

/// `NETNSA_NSID_NOT_ASSIGNED`: no link leads from here to there.
const NO_NUMBER: u32 = u32::MAX;

/// The other ends of the sockets of the namespace of this thread.
fn connected() -> std::io::Result<BTreeSet<IpAddr>> {
    let mut found = BTreeSet::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        match fs::read_to_string(format!("/proc/thread-self/net/{table}")) {
            Ok(text) => found.extend(text.lines().skip(1).filter_map(other_end)),
            // A kernel without IPv6 has no table of it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// The address at the other end, from a line of a table of sockets; none if there is no other end.
///
/// Source: proc_pid_net(5): in hexadecimal, each four bytes in the order of this machine.
fn other_end(line: &str) -> Option<IpAddr> {
    let (address, port) = line.split_whitespace().nth(2)?.split_once(':')?;
    let mut bytes = Vec::new();
    for at in (0..address.len()).step_by(8) {
        bytes.extend(u32::from_str_radix(address.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    }
    let address = match bytes.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        _ => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)).to_canonical(),
    };
    Some(address).filter(|address| port != "0000" && !address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn the_other_end_of_a_socket_is_read_from_its_line() {
        let line = |remote: &str| other_end(&format!("   0: 0100007F:2329 {remote} 01 00000000:00000000 00:00000000"));
        assert_eq!(line("050A4F0A:01BB"), Some("10.79.10.5".parse().unwrap()));
        assert_eq!(line("0000000000000000FFFF00000A014F0A:01BB"), Some("10.79.1.10".parse().unwrap()));
        assert_eq!(line("00000000:0000"), None, "it listens");
        assert_eq!(other_end("sl local"), None);
    }
}
