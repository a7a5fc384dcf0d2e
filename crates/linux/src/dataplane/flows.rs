//! What the filter has counted at watched interfaces, taken out of the kernel so that nothing is counted twice or lost.
//!
//! An element is read and removed in one step: the kernel tells it as it was when it was removed. So what is in the sets
//! is what nobody has been told yet, across restarts of the daemon too.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::IpAddr;

use sidegate_model::{AddressFamily, NetworkInterfaceId};
use sidegate_plan::{VpcPlan, WatchNumber};

use super::address::address_from;
use super::netlink::{Family, Refusal, Socket, u32_of};
use super::nftables::{self, CODE_BITS, Counted, KEYS_AT_ONCE};
use super::objects::Direction;

/// What was counted of one flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowCount {
    /// The interface at which it was.
    pub interface: NetworkInterfaceId,
    /// Which way it went there.
    pub direction: Direction,
    /// Whether the interface's groups and the network ACL of its subnet let it through.
    pub accepted: bool,
    /// Where the packets came from.
    pub source: IpAddr,
    /// Where they went.
    pub destination: IpAddr,
    /// The number of the protocol.
    pub protocol: u8,
    /// The ports of source and destination; 0 where the protocol has none.
    pub ports: (u16, u16),
    /// The flags of TCP that one of them had at least, as a header has them.
    pub flags: u8,
    /// How many packets: as this machine passes them on, which may be larger than a wire would take.
    pub packets: u64,
    /// How many bytes, with the headers of IP and what is in it.
    pub bytes: u64,
}

/// What was counted since it was taken last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowCounts {
    /// Of each flow; there may be several of one.
    pub flows: Vec<FlowCount>,
    /// The interfaces of which some packets were not counted, since there was no room.
    pub skipped: BTreeSet<NetworkInterfaceId>,
}

impl FlowCounts {
    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty() && self.skipped.is_empty()
    }
}

/// The sets that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counter {
    Tcp,
    Udp,
    Portless,
    Skipped,
}

impl Counter {
    const ALL: [Self; 4] = [Self::Tcp, Self::Udp, Self::Portless, Self::Skipped];

    fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp_flows",
            Self::Udp => "udp_flows",
            Self::Portless => "portless_flows",
            Self::Skipped => "skipped_flows",
        }
    }
}

/// The protocol numbers of TCP and UDP.
const TCP: u8 = 6;
const UDP: u8 = 17;

/// What a code says beside the number of an interface.
const REFUSED: u32 = 1;
const INWARD: u32 = 2;

/// The flags of TCP that it tells, each with its bit in a header: FIN, SYN, RST, ACK.
const FLAGS: [(u32, u8); 4] = [(4, 1), (8, 2), (16, 4), (32, 16)];

/// Opens a socket for it in the namespace of this thread.
pub(super) fn open() -> io::Result<Socket> {
    let socket = Socket::open(Family::Netfilter)?;
    socket.expect_much()?;
    Ok(socket)
}

/// Takes out what was counted. What is of an interface that the plan does not watch is dropped. Where the kernel does not tell
/// all of it, what it has told is here all the same, and something was skipped at every interface.
pub(super) fn take(socket: &mut Socket, plan: &VpcPlan) -> (FlowCounts, io::Result<()>) {
    let mut counts = FlowCounts::default();
    let interfaces: BTreeMap<WatchNumber, &NetworkInterfaceId> =
        plan.watched.iter().map(|(interface, &number)| (number, interface)).collect();
    let families = AddressFamily::ALL.into_iter().filter(|family| *family == AddressFamily::Ipv4 || plan.has_ipv6());
    for (family, counter) in families.flat_map(|family| Counter::ALL.map(|counter| (family, counter))) {
        let mut all = Vec::new();
        let taken = take_set(socket, family, counter.name(), &mut all);
        for counted in &all {
            counts.enter(family, counter, counted, &interfaces);
        }
        if let Err(error) = taken {
            // Before the filter has the form there is nothing to be told.
            if error.kind() != io::ErrorKind::NotFound {
                counts.skipped.extend(plan.watched.keys().cloned());
            }
            return (counts, Err(error));
        }
    }
    (counts, Ok(()))
}

impl FlowCounts {
    fn enter(
        &mut self, family: AddressFamily, counter: Counter, counted: &Counted,
        interfaces: &BTreeMap<WatchNumber, &NetworkInterfaceId>,
    ) {
        let Counted { key, packets, bytes } = counted;
        let Some((code, flow)) = decode(family, counter, key) else { return };
        let Some(&interface) = interfaces.get(&(code >> CODE_BITS)) else { return };
        let Some((source, destination, protocol, ports)) = flow else {
            self.skipped.insert(interface.clone());
            return;
        };
        self.flows.push(FlowCount {
            interface: interface.clone(),
            direction: if code & INWARD == 0 { Direction::Egress } else { Direction::Ingress },
            accepted: code & REFUSED == 0,
            source,
            destination,
            protocol,
            ports,
            flags: FLAGS.iter().filter(|(bit, _)| code & bit != 0).fold(0, |flags, (_, flag)| flags | flag),
            packets: *packets,
            bytes: *bytes,
        });
    }
}

/// Takes all that a set holds, and adds it to `all` as it comes.
fn take_set(socket: &mut Socket, family: AddressFamily, set: &str, all: &mut Vec<Counted>) -> io::Result<()> {
    let replies = socket.dump(&nftables::dump(family, set))?;
    // While a set grows, an element may be told twice.
    let keys: BTreeSet<Vec<u8>> =
        replies.iter().flat_map(|reply| nftables::counted(reply).1).map(|counted| counted.key).collect();
    drop(replies);
    let keys: Vec<_> = keys.into_iter().collect();
    all.reserve(keys.len());
    for some in keys.chunks(KEYS_AT_ONCE) {
        let (begin, end) = nftables::transaction();
        let removal = nftables::take(family, set, some.iter().map(Vec::as_slice));
        let told = socket.transact_told(begin, vec![removal], end);
        let told = told.map_err(|Refusal { error, .. }| error)?;
        let ours = told.iter().map(nftables::counted).filter(|(of, _)| of.as_deref() == Some(set));
        all.extend(ours.flat_map(|(_, counted)| counted));
    }
    if all.len() < keys.len() {
        tracing::warn!(set, taken = all.len(), removed = keys.len(), "the kernel did not tell all that it had counted");
        return Err(io::Error::other("some of what was removed was not told"));
    }
    Ok(())
}

type Decoded = (IpAddr, IpAddr, u8, (u16, u16));

/// What a key says: the code, and the flow; of what was skipped, the code alone.
fn decode(family: AddressFamily, counter: Counter, key: &[u8]) -> Option<(u32, Option<Decoded>)> {
    let code = u32_of(key.get(..4)?)?;
    if counter == Counter::Skipped {
        return Some((code, None));
    }
    let length = match family {
        AddressFamily::Ipv4 => 4,
        AddressFamily::Ipv6 => 16,
    };
    let address = |at: usize| address_from(key.get(at..at + length)?);
    let rest = key.get(4 + 2 * length..)?;
    let port = |at: usize| Some(u16::from_be_bytes(rest.get(at..at + 2)?.try_into().ok()?));
    let (protocol, ports) = match counter {
        Counter::Tcp => (TCP, (port(0)?, port(4)?)),
        Counter::Udp => (UDP, (port(0)?, port(4)?)),
        Counter::Portless | Counter::Skipped => (rest.first().copied()?, (0, 0)),
    };
    Some((code, Some((address(4)?, address(4 + length)?, protocol, ports))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_the_filter_writes_it() {
        let code = (5 << CODE_BITS | INWARD).to_ne_bytes();
        let four = [&code[..], &[10, 0, 0, 1], &[10, 0, 0, 2]].concat();
        let with = |rest: &[u8]| [&four[..], rest].concat();
        let flow = |protocol, ports| {
            let addresses = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
            Some((5 << CODE_BITS | INWARD, Some((addresses.0, addresses.1, protocol, ports))))
        };
        let ports = with(&[1, 0, 0, 0, 0, 53, 0, 0]);
        assert_eq!(decode(AddressFamily::Ipv4, Counter::Udp, &ports), flow(17, (256, 53)));
        assert_eq!(decode(AddressFamily::Ipv4, Counter::Tcp, &ports), flow(6, (256, 53)));
        assert_eq!(decode(AddressFamily::Ipv4, Counter::Portless, &with(&[1, 0, 0, 0])), flow(1, (0, 0)));
        let of_six = [&code[..], &[1; 16], &[2; 16], &[58, 0, 0, 0]].concat();
        let (_, found) = decode(AddressFamily::Ipv6, Counter::Portless, &of_six).unwrap();
        assert_eq!(found.unwrap().1, IpAddr::from([2; 16]));
        for length in 0..four.len() {
            assert_eq!(decode(AddressFamily::Ipv4, Counter::Tcp, &ports[..length]), None, "{length}");
        }
    }
}
