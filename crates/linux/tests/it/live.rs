//! A planned network on which everybody answers, and connections that tell what they met.
//!
//! Each program's namespace has listeners that say whose they are, the edge's listeners say which VPC, address and mark a
//! connection came by. All sockets are non-blocking and driven by the thread of the test, so that a round of connections
//! costs hardly more time than the silence that it listens to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockProtocol, SockType, SockaddrStorage, bind, connect, setsockopt, socket,
    sockopt,
};
use sidegate_linux::dataplane::{Applied, Dataplane, Listeners, Objects, diff, mark_of, render};
use sidegate_linux::netns::NetNs;
use sidegate_model::{NetworkInterfaceId, VpcEndpointId, VpcId};
use sidegate_plan::{IPV6_METADATA_ADDRESS, METADATA_ADDRESS, Passage, Plan, VpcPlan};

use super::naive::{Flow, ICMP, ICMPV6, Outcome, TCP, UDP};
use super::network::Network;

/// A protocol without ports that some rules are about.
pub(crate) const ESP: u8 = 50;

/// An ICMP echo request, as the port of a flow.
pub(crate) const ECHO: u16 = 8 << 8;

/// The same of ICMPv6.
pub(crate) const ECHO_IPV6: u16 = 128 << 8;

/// How long one listens to silence once everything that must answer has answered. What gets through does so within
/// microseconds, most of it before the call that sends it returns.
const QUIET: Duration = Duration::from_millis(100);

/// How long what must answer may take.
const LIMIT: Duration = Duration::from_secs(8);

/// Where nobody listens in a program's namespace, though others may have a rule for it.
const CLOSED: [(u8, u16); 2] = [(TCP, 22), (UDP, 443)];

/// What a connection met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// The listener of the program behind this interface.
    Program(NetworkInterfaceId),
    /// The system of a program, which says that nobody listens.
    Closed,
    /// An answer to an echo request.
    Echo,
    /// The edge, as this endpoint, to which it came from this address.
    Endpoint(VpcEndpointId, IpAddr),
    Resolver,
    Metadata,
    /// A service on the internet, to which it came from this address.
    Internet(IpAddr),
    Silence,
    /// What never should be.
    Amiss(String),
}

impl Met {
    /// What a connection must meet.
    fn wanted(flow: &Flow, outcome: Outcome) -> Self {
        match outcome {
            // Nobody is at an address of the internet that is no service's.
            Outcome::Refused | Outcome::Outside(_) => Self::Silence,
            Outcome::Interface(_) if [ICMP, ICMPV6].contains(&flow.protocol) => Self::Echo,
            Outcome::Interface(_) if CLOSED.contains(&(flow.protocol, flow.port)) => Self::Closed,
            Outcome::Interface(id) => Self::Program(id),
            Outcome::Endpoint(id, from) => Self::Endpoint(id, from),
            Outcome::Resolver => Self::Resolver,
            Outcome::Metadata => Self::Metadata,
            Outcome::Internet(public) => Self::Internet(public),
        }
    }

    /// In one word.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Program(_) => "program",
            Self::Closed => "closed port",
            Self::Echo => "echo",
            Self::Endpoint(..) => "endpoint",
            Self::Resolver => "resolver",
            Self::Metadata => "metadata",
            Self::Internet(_) => "internet",
            Self::Silence => "silence",
            Self::Amiss(_) => "amiss",
        }
    }
}

/// A network that follows plans.
pub(crate) struct Live {
    network: Network,
    plan: Plan,
    programs: BTreeMap<NetworkInterfaceId, Program>,
    edges: BTreeMap<VpcId, Listeners>,
    /// The services on the internet, once something leads there.
    internet: Option<Listeners>,
    /// Pairs that have exchanged packets without ports, of one VPC or of several: their flow is tracked from then on,
    /// whatever the rules say.
    acquainted: BTreeSet<(Option<VpcId>, IpAddr, IpAddr)>,
    /// Makes ports, echo ids and tokens that no earlier flow had.
    fresh: u16,
}

impl Live {
    pub(crate) fn new() -> Self {
        Self {
            network: Network::new(),
            plan: Plan::default(),
            programs: BTreeMap::new(),
            edges: BTreeMap::new(),
            internet: None,
            acquainted: BTreeSet::new(),
            fresh: 20_000,
        }
    }

    /// Sets a plan, and checks that it is applied as a fresh start would apply it.
    pub(crate) fn set(&mut self, plan: &Plan) -> Result<(), String> {
        let applied = self.network.dataplane.set(plan).map_err(|e| format!("the plan is not applied: {e}"))?;
        self.plan = plan.clone();
        let mut fresh = Dataplane::new(self.network.client.clone());
        for vpc in plan.vpcs.values() {
            for dataplane in [&mut self.network.dataplane, &mut fresh] {
                check(vpc, dataplane.read(&vpc.vpc).map_err(|e| e.to_string())?)?;
            }
        }
        let again = fresh.set(plan).map_err(|e| e.to_string())?;
        if again != Applied::default() {
            return Err(format!("a fresh start changes what was applied: {again:?}"));
        }
        self.follow(&applied);
        Ok(())
    }

    /// Opens and closes the sockets of programs and of the edge.
    fn follow(&mut self, applied: &Applied) {
        let Self { network, plan, programs, edges, internet, .. } = self;
        let leads_out = plan.passages.values().any(|passage| {
            matches!(**passage, Passage::InternetGateway { .. } | Passage::EgressOnlyInternetGateway { .. })
        });
        if leads_out && internet.is_none() {
            *internet = Some(network.dataplane.internet_listeners().unwrap());
        }
        let links: BTreeMap<_, _> = plan.vpcs.values().flat_map(|vpc| &vpc.links).collect();
        programs.retain(|id, _| links.contains_key(id) && !applied.namespaces.contains(&id.to_string()));
        for (&id, link) in &links {
            programs.entry(id.clone()).or_insert_with(|| Program::open(id, network.namespace(&link.namespace)));
        }
        let is_inhabited = |id: &VpcId| plan.vpcs.get(id).is_some_and(|vpc| vpc.is_inhabited());
        // With IPv6 there are more of them, and the old ones have the ports.
        let speaks_ipv6 = |id: &VpcId| plan.vpcs.get(id).is_some_and(|vpc| vpc.has_ipv6());
        edges.retain(|id, listeners| {
            let is_as_before = (listeners.tls.len() > 1) == speaks_ipv6(id);
            is_inhabited(id) && is_as_before && !applied.namespaces.contains(&id.to_string())
        });
        for id in plan.vpcs.keys().filter(|id| is_inhabited(id)) {
            edges.entry(id.clone()).or_insert_with(|| network.dataplane.listeners(id).unwrap());
        }
    }

    /// Lets go of the namespaces that the plan does not name.
    pub(crate) fn sweep(&mut self) -> Result<(), String> {
        let swept = self.network.dataplane.sweep(&self.plan).map_err(|e| e.to_string())?;
        let named = |name: &String| {
            let of_program = self.programs.keys().any(|id| id.as_str() == name);
            of_program || self.edges.keys().any(|id| id.as_str() == name)
        };
        match swept.iter().find(|name| named(name)) {
            Some(name) => Err(format!("{name} was swept, which is in the plan")),
            None => Ok(()),
        }
    }

    /// Opens a connection for each flow, and compares what it meets with what it may meet: one of these outcomes, of which
    /// there are several if a NAT gateway with several addresses is on the way. What they met is returned.
    pub(crate) fn probe(&mut self, flows: Vec<(Flow, Vec<Outcome>)>) -> Result<Vec<(Flow, Met)>, String> {
        // Who asked for an address before something had it gives up all that waits for it seconds later, this probe's too.
        for id in self.plan.vpcs.values().flat_map(|vpc| vpc.links.keys()) {
            self.programs[id].forget_unanswered_neighbours();
        }
        let mut trials = self.open(flows);
        let started = Instant::now();
        let mut settled = None;
        loop {
            let mut busy = self.serve();
            for trial in &mut trials {
                if trial.met.is_none() {
                    trial.met = trial.socket.look().map(|said| self.understand(&trial.flow, said));
                    busy |= trial.met.is_some();
                }
            }
            let all_answered = trials.iter().all(|t| t.met.is_some() || t.wanted.contains(&Met::Silence));
            if all_answered && settled.is_none() {
                settled = Some(Instant::now());
            }
            if settled.is_some_and(|at| at.elapsed() > QUIET) || started.elapsed() > LIMIT {
                break;
            }
            if !busy {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        let mut wrong: Vec<String> = Vec::new();
        let mut all = Vec::new();
        for Trial { flow, wanted, met, .. } in trials {
            let met = met.unwrap_or(Met::Silence);
            if !wanted.contains(&met) {
                wrong.push(format!("{flow:?}\n  should meet one of {wanted:?}\n  and met     {met:?}"));
            }
            all.push((flow, met));
        }
        wrong.extend(self.unanswered());
        if wrong.is_empty() { Ok(all) } else { Err(format!("{}\n{}", wrong.join("\n"), self.plan)) }
    }

    /// Who asked for the place of an address that something has, and got no answer. For an address that nothing has
    /// nobody answers, as on AWS: seconds later the program's own system gives up.
    fn unanswered(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for vpc in self.plan.vpcs.values() {
            for id in vpc.links.keys() {
                let unanswered = self.programs[id].unanswered_neighbours().into_iter().filter(|at| has(vpc, *at));
                wrong.extend(unanswered.map(|at| format!("nobody tells {id} where {at} is")));
            }
        }
        wrong
    }

    fn open(&mut self, flows: Vec<(Flow, Vec<Outcome>)>) -> Vec<Trial> {
        let mut by_source: BTreeMap<NetworkInterfaceId, Vec<(Flow, Vec<Outcome>, u16)>> = BTreeMap::new();
        for (flow, outcomes) in flows {
            // What no program is behind cannot send. An error about no flow, and ICMPv6 over IPv4, connection tracking
            // holds for invalid.
            let is_ipv4 = flow.destination.is_ipv4();
            let is_sent = match (flow.protocol, flow.port) {
                (TCP | UDP | ESP, _) => true,
                (ICMP, ECHO) => is_ipv4,
                (ICMPV6, ECHO_IPV6) => !is_ipv4,
                _ => false,
            };
            // That a datagram's port is closed is told by ICMP, of which network ACLs have their own opinion.
            let is_told =
                (flow.protocol, flow.port) != (UDP, 443) || self.plan.vpcs.values().all(|vpc| vpc.acls.is_empty());
            if is_sent
                && is_told
                && self.programs.contains_key(&flow.source)
                && (flow.protocol != ESP || (self.is_untranslated(&flow) && self.is_new_pair(&flow)))
            {
                self.fresh += 1;
                by_source.entry(flow.source.clone()).or_default().push((flow, outcomes, self.fresh));
            }
        }
        let mut trials = Vec::new();
        for (source, flows) in by_source {
            let open = || flows.into_iter().map(|(flow, outcomes, fresh)| Trial::open(flow, outcomes, fresh));
            trials.extend(self.programs[&source].netns.run(|| open().collect::<Vec<_>>()).unwrap());
        }
        trials
    }

    /// Whether no NAT gateway can be on the way: its addresses are lent to all, and such packets have no ports to tell flows
    /// apart by.
    fn is_untranslated(&self, flow: &Flow) -> bool {
        let home = self.home(flow).0;
        let is_near = home.cidrs.iter().any(|block| block.contains(flow.destination)) && home.redirects.is_empty();
        is_near || self.plan.passages.values().all(|passage| !matches!(**passage, Passage::NatGateway { .. }))
    }

    fn is_new_pair(&mut self, flow: &Flow) -> bool {
        let (vpc, from) = self.home(flow);
        let (to, Some(from)) = (flow.destination, from) else { return true };
        let vpc = vpc.cidrs.iter().any(|block| block.contains(to)).then(|| vpc.vpc.clone());
        self.acquainted.insert((vpc, from.min(to), from.max(to)))
    }

    /// The VPC that a flow comes from, and its address of the family there.
    fn home(&self, flow: &Flow) -> (&VpcPlan, Option<IpAddr>) {
        let home = |vpc: &'_ std::sync::Arc<VpcPlan>| {
            let link = vpc.links.get(&flow.source)?;
            Some(match flow.destination {
                IpAddr::V4(_) => Some(link.address.into()),
                IpAddr::V6(_) => link.ipv6.first().map(|own| (*own).into()),
            })
        };
        self.plan.vpcs.values().find_map(|vpc| Some((&**vpc, home(vpc)?))).unwrap()
    }

    /// Answers whatever waits for an answer; whether anything did.
    fn serve(&self) -> bool {
        let programs = self.programs.values().filter(|program| program.serve()).count();
        let services = self.internet.iter().flat_map(|open| open.tls.iter().chain(&open.http));
        let on_the_internet = accept_all(services, |_, from| format!("internet {from}"));
        usize::from(on_the_internet)
            + programs
            + self.edges.iter().filter(|(vpc, listeners)| serve_edge(vpc, listeners)).count()
            > 0
    }

    /// What an answer means to who asked.
    fn understand(&self, flow: &Flow, said: Said) -> Met {
        let text = match said {
            Said::Text(text) => text,
            Said::Echo => return Met::Echo,
            Said::Failed(ErrorKind::ConnectionRefused) => return Met::Closed,
            // The program's own system gives up, if the machine is so slow: nobody has said where the address is.
            Said::Failed(ErrorKind::HostUnreachable) if !has(self.home(flow).0, flow.destination) => {
                return Met::Silence;
            }
            // Without an address of the family there is no way out of the program's own system.
            Said::Failed(_) if self.home(flow).1.is_none() => return Met::Silence,
            Said::Failed(kind) => return Met::Amiss(kind.to_string()),
        };
        let (vpc, Some(from)) = self.home(flow) else { return Met::Amiss(text) };
        let words: Vec<_> = text.split(' ').collect();
        // A NAT gateway of the VPC may have lent its address.
        let is_nat = |by: &str| {
            let at = by.parse().ok().and_then(|address| vpc.link_at(address));
            at.is_some_and(|(_, link)| self.plan.passages.contains_key(&link.namespace))
        };
        let peer = from.to_string();
        let is_peer = |by: &str| by == peer || is_nat(by);
        match words[..] {
            ["internet", by] => Met::Internet(by.parse().unwrap()),
            ["program", id, by] if is_peer(by) => Met::Program(id.parse().unwrap()),
            ["resolver", id, by] if by == peer && id == vpc.vpc.as_str() => Met::Resolver,
            ["edge", id, to, mark, by] if is_peer(by) => {
                let to: IpAddr = to.parse().unwrap();
                let id: VpcId = id.parse().unwrap();
                let there = &self.plan.vpcs[&id];
                let is_near =
                    id == vpc.vpc || vpc.peers().any(|peer| *peer == id) && there.endpoint_addresses.contains_key(&to);
                match there.classify(to, mark.parse().unwrap()) {
                    _ if to != flow.destination || !is_near => Met::Amiss(text),
                    Some(endpoint) => Met::Endpoint(endpoint.clone(), by.parse().unwrap()),
                    None if to == METADATA_ADDRESS || to == IPV6_METADATA_ADDRESS => Met::Metadata,
                    None => Met::Amiss(text),
                }
            }
            _ => Met::Amiss(text),
        }
    }
}

/// Whether something in a VPC has an address.
fn has(vpc: &VpcPlan, address: IpAddr) -> bool {
    let of_platform = vpc.router.contains(&address) || vpc.endpoint_addresses.contains_key(&address);
    of_platform || vpc.link_at(address).is_some()
}

/// Whether what the kernel has is what a plan wants.
fn check(vpc: &VpcPlan, found: Option<Objects>) -> Result<(), String> {
    let wanted = render(vpc).map_err(|e| e.to_string())?;
    match found {
        Some(found) if found != wanted => {
            Err(format!("the kernel differs from the plan of {}:\n{}", vpc.vpc, diff(&found, &wanted)))
        }
        None if vpc.is_inhabited() => Err(format!("{} has no namespace", vpc.vpc)),
        _ => Ok(()),
    }
}

/// A program's namespace and those who answer in it.
struct Program {
    id: NetworkInterfaceId,
    netns: NetNs,
    tcp: Vec<TcpListener>,
    udp: Vec<UdpSocket>,
    other: Vec<UdpSocket>,
}

impl Program {
    fn open(id: &NetworkInterfaceId, netns: NetNs) -> Self {
        let (tcp, udp, other) = netns
            .run(|| {
                // Every closed port says so, however often it is asked.
                std::fs::write("/proc/sys/net/ipv4/icmp_ratemask", "0").unwrap();
                std::fs::write("/proc/sys/net/ipv6/icmp/ratemask", "").unwrap();
                let tcp = EVERYWHERE
                    .into_iter()
                    .flat_map(|everywhere| [53, 80, 443, 65_535].map(|port| listen(everywhere, port)));
                let udp = EVERYWHERE.map(|everywhere| datagrams(everywhere, 53).unwrap());
                let other = EVERYWHERE.map(|everywhere| raw(everywhere, ESP));
                (tcp.collect(), Vec::from(udp), Vec::from(other))
            })
            .unwrap();
        Self { id: id.clone(), netns, tcp, udp, other }
    }

    fn serve(&self) -> bool {
        let mut busy = accept_all(&self.tcp, |_, from| format!("program {} {from}", self.id));
        for udp in &self.udp {
            busy |= answer_all(udp, |_, from| Some(format!("program {} {from}", self.id)));
        }
        for other in &self.other {
            busy |= answer_all(other, |packet, from| {
                let token = payload(packet, from).strip_prefix("ask ")?;
                Some(format!("told {token} program {} {from}", self.id))
            });
        }
        busy
    }

    /// Addresses for which nobody said where they are.
    fn forget_unanswered_neighbours(&self) {
        if self.unanswered_neighbours().is_empty() {
            return;
        }
        let flush = || {
            let mut ip = Command::new("ip");
            ip.args(["-4", "neigh", "flush", "dev", "eth0", "nud", "incomplete", "nud", "failed"]).output().unwrap()
        };
        let output = self.netns.run(flush).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn unanswered_neighbours(&self) -> Vec<IpAddr> {
        let table = self.netns.run(|| std::fs::read_to_string("/proc/thread-self/net/arp")).unwrap().unwrap();
        let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
        rows.filter(|row| row[2] == "0x0").map(|row| row[0].parse().unwrap()).collect()
    }
}

fn serve_edge(vpc: &VpcId, listeners: &Listeners) -> bool {
    let mut busy = accept_all(listeners.tls.iter().chain(&listeners.http), |stream, from| {
        format!("edge {vpc} {} {} {from}", stream.local_addr().unwrap().ip(), mark_of(stream).unwrap())
    });
    busy |=
        accept_all(listeners.dns_tcp.iter().map(|(_, listener)| listener), |_, from| format!("resolver {vpc} {from}"));
    for (_, socket) in &listeners.dns_udp {
        busy |= answer_all(socket, |_, from| Some(format!("resolver {vpc} {from}")));
    }
    busy
}

fn accept_all<'a>(
    listeners: impl IntoIterator<Item = &'a TcpListener>, text: impl Fn(&TcpStream, IpAddr) -> String,
) -> bool {
    let mut busy = false;
    for listener in listeners {
        while let Ok((mut stream, from)) = listener.accept() {
            // Who asked may be gone.
            let _ = stream.write_all(text(&stream, from.ip()).as_bytes());
            busy = true;
        }
    }
    busy
}

fn answer_all(socket: &UdpSocket, text: impl Fn(&[u8], IpAddr) -> Option<String>) -> bool {
    let mut busy = false;
    let mut buffer = [0; 256];
    while let Ok((length, from)) = socket.recv_from(&mut buffer) {
        if let Some(text) = text(&buffer[..length], from.ip()) {
            let _ = socket.send_to(text.as_bytes(), from);
        }
        busy = true;
    }
    busy
}

/// A connection on its way.
struct Trial {
    flow: Flow,
    /// What it may meet.
    wanted: Vec<Met>,
    met: Option<Met>,
    socket: Socket,
}

/// What came back.
enum Said {
    Text(String),
    Echo,
    Failed(ErrorKind),
}

enum Socket {
    Stream(TcpStream),
    Datagrams(UdpSocket),
    /// ICMP, with the id of the echo request.
    Echo(UdpSocket, u16),
    /// Packets of another protocol, and what the answer begins with.
    Packets(UdpSocket, String),
    /// It could not even be sent.
    Failed(ErrorKind),
}

impl Trial {
    /// Sends the first packet of a flow from the namespace of this thread.
    fn open(flow: Flow, outcomes: Vec<Outcome>, fresh: u16) -> Self {
        let socket = Socket::open(&flow, fresh).unwrap_or_else(|error| Socket::Failed(error.kind()));
        let wanted = outcomes.into_iter().map(|outcome| Met::wanted(&flow, outcome)).collect();
        Self { wanted, flow, met: None, socket }
    }
}

impl Socket {
    fn open(flow: &Flow, fresh: u16) -> std::io::Result<Self> {
        let to = SocketAddr::new(flow.destination, if matches!(flow.protocol, TCP | UDP) { flow.port } else { 0 });
        let [ipv4, ipv6] = EVERYWHERE;
        let everywhere = if to.is_ipv4() { ipv4 } else { ipv6 };
        match flow.protocol {
            TCP => {
                let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
                let family = if to.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
                let stream = socket(family, SockType::Stream, flags, SockProtocol::Tcp)?;
                match connect(stream.as_raw_fd(), &SockaddrStorage::from(to)) {
                    Ok(()) | Err(nix::Error::EINPROGRESS) => Ok(Self::Stream(stream.into())),
                    Err(error) => Err(error.into()),
                }
            }
            UDP => {
                let socket = datagrams(everywhere, fresh)?;
                socket.connect(to)?;
                socket.send(b"ask")?;
                Ok(Self::Datagrams(socket))
            }
            ICMP => {
                let socket = raw(everywhere, ICMP);
                socket.connect(to)?;
                let [high, low] = fresh.to_be_bytes();
                // The checksum over type, id and sequence number.
                let [c0, c1] = (!(0x0800_u16.wrapping_add(fresh))).to_be_bytes();
                socket.send(&[8, 0, c0, c1, high, low, 0, 0])?;
                Ok(Self::Echo(socket, fresh))
            }
            ICMPV6 => {
                let socket = raw(everywhere, ICMPV6);
                socket.connect(to)?;
                let [high, low] = fresh.to_be_bytes();
                // The kernel fills in the checksum, which is over addresses too.
                socket.send(&[128, 0, 0, 0, high, low, 0, 0])?;
                Ok(Self::Echo(socket, fresh))
            }
            protocol => {
                let socket = raw(everywhere, protocol);
                socket.connect(to)?;
                socket.send(format!("ask {fresh}").as_bytes())?;
                Ok(Self::Packets(socket, format!("told {fresh} ")))
            }
        }
    }

    /// What came back, if anything did.
    fn look(&mut self) -> Option<Said> {
        let mut buffer = [0; 256];
        let read = match self {
            Self::Failed(kind) => return Some(Said::Failed(*kind)),
            Self::Stream(stream) => stream.read(&mut buffer),
            Self::Datagrams(socket) | Self::Echo(socket, _) | Self::Packets(socket, _) => socket.recv(&mut buffer),
        };
        let bytes = match read {
            Ok(length) => &buffer[..length],
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) => return Some(Said::Failed(error.kind())),
        };
        match self {
            // Raw sockets hear everything from the other side.
            Self::Echo(socket, id) => {
                let (header, reply) =
                    if socket.local_addr().is_ok_and(|own| own.is_ipv4()) { (20, 0) } else { (0, 129) };
                let answer = bytes.get(header..).unwrap_or_default();
                let is_answer = answer.first() == Some(&reply) && answer.get(4..6) == Some(&id.to_be_bytes()[..]);
                is_answer.then_some(Said::Echo)
            }
            Self::Packets(socket, begin) => {
                let text = payload(bytes, socket.local_addr().ok()?.ip());
                text.strip_prefix(begin.as_str()).map(|text| Said::Text(text.to_owned()))
            }
            _ => Some(Said::Text(String::from_utf8_lossy(bytes).into_owned())),
        }
    }
}

/// What is received from a raw socket of the family of an address carries: of IPv4 that is a whole packet, which has no
/// options here.
fn payload(packet: &[u8], family: IpAddr) -> &str {
    let header = if family.is_ipv4() { 20 } else { 0 };
    packet.get(header..).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// All addresses of each family.
const EVERYWHERE: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];

/// A socket of one family alone, so that there may be one of each.
fn bound(address: SocketAddr, kind: SockType) -> std::io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let socket = socket(family, kind, SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK, None)?;
    setsockopt(&socket, sockopt::ReuseAddr, &(kind == SockType::Stream))?;
    if address.is_ipv6() {
        setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
    }
    bind(socket.as_raw_fd(), &SockaddrStorage::from(address))?;
    Ok(socket)
}

fn datagrams(everywhere: IpAddr, port: u16) -> std::io::Result<UdpSocket> {
    Ok(bound(SocketAddr::new(everywhere, port), SockType::Datagram)?.into())
}

fn listen(everywhere: IpAddr, port: u16) -> TcpListener {
    let socket = bound(SocketAddr::new(everywhere, port), SockType::Stream).unwrap();
    nix::sys::socket::listen(&socket, Backlog::new(128).unwrap()).unwrap();
    socket.into()
}

/// A raw socket of a family in the namespace of this thread: sends what a packet carries.
#[expect(unsafe_code, reason = "a raw socket of any protocol has no wrapper")]
fn raw(everywhere: IpAddr, protocol: u8) -> UdpSocket {
    let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    let family = if everywhere.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    // SAFETY: a call without pointers.
    let fd = unsafe { libc::socket(family, kind, i32::from(protocol)) };
    assert!(fd >= 0, "{}", std::io::Error::last_os_error());
    // SAFETY: the descriptor is new, and nobody else's.
    unsafe { OwnedFd::from_raw_fd(fd) }.into()
}
