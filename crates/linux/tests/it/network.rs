//! A small world for the tests of the data plane: plans written by hand, an edge that tells what it sees, and probes that
//! run in the programs' namespaces.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sidegate_linux::dataplane::{Applied, Dataplane, Objects, mark_of, render};
use sidegate_linux::holder::{self, Client};
use sidegate_linux::netns::NetNs;
use sidegate_model::{IpCidr, Ipv4Range, NetworkInterfaceId, Scope, VpcEndpointId, VpcId};
use sidegate_plan::{
    AclRules, EndpointAddress, FIRST_PASSAGE_TABLE, LINK_LOCAL_RESOLVER, Link, METADATA_ADDRESS, OPEN_GROUP, Passage,
    PassageLink, Permit, Plan, Route, RouteTarget, Selector, TablePlan, VpcPlan,
};

use super::sandbox::helper;

/// How long a probe waits: much longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_millis(400);

/// How long an answer may take that is expected.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// The block of the service with gateway endpoints.
pub(crate) const PREFIX: &str = "198.18.0.0/20";

/// An address in it.
pub(crate) const PUBLIC: Ipv4Addr = Ipv4Addr::new(198, 18, 4, 16);

pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;

pub(crate) fn cidr(text: &str) -> IpCidr {
    text.parse().unwrap()
}

/// `10.0.S.H`.
pub(crate) fn at(subnet: u8, host: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, subnet, host)
}

/// The namespace of a program.
pub(crate) fn eni(number: u32) -> String {
    format!("eni-{number:017x}")
}

pub(crate) fn vpc_id(number: u32) -> VpcId {
    format!("vpc-{number:017x}").parse().unwrap()
}

/// A VPC 10.0.0.0/16 with nothing in it.
pub(crate) fn vpc(number: u32) -> VpcPlan {
    VpcPlan {
        vpc: vpc_id(number),
        scope: Scope { account: "123456789012".parse().unwrap(), region: "eu-west-1".parse().unwrap() },
        cidrs: vec![cidr("10.0.0.0/16")],
        router: [at(0, 2), LINK_LOCAL_RESOLVER, METADATA_ADDRESS].map(IpAddr::from).into(),
        resolver: Some(at(0, 2)),
        links: BTreeMap::new(),
        passages: BTreeMap::new(),
        acls: BTreeMap::new(),
        tables: BTreeMap::new(),
        redirects: BTreeMap::new(),
        groups: BTreeMap::new(),
        endpoint_addresses: BTreeMap::new(),
        gateway_prefixes: [cidr(PREFIX)].into(),
        endpoints: BTreeMap::new(),
        zones: Vec::new(),
        service_names: sidegate_plan::Names::new(),
        named_peers: BTreeSet::new(),
        metadata: BTreeMap::new(),
        watched: BTreeMap::new(),
    }
}

/// Additions to a plan, in the words of a test.
pub(crate) trait Build: Sized {
    /// A program at `10.0.S.H`, whose namespace has this number.
    fn program(self, number: u32, address: Ipv4Addr, table: u16, group: u16) -> Self;
    /// A route table, with or without a gateway endpoint.
    fn table(self, index: u16, has_endpoint: bool) -> Self;
    /// A combination of groups without any rule.
    fn group(self, number: u16) -> Self;
    fn ingress(self, group: u16, permit: Permit) -> Self;
    fn egress(self, group: u16, permit: Permit) -> Self;
    /// An interface endpoint.
    fn endpoint(self, address: Ipv4Addr, group: u16) -> Self;
    /// A network ACL of a subnet, with what it lets in and out, for the programs and endpoints that are there already.
    fn acl(self, subnet: u8, ingress: &[Permit], egress: &[Permit]) -> Self;
    /// A link to a passage.
    fn passage(self, name: &str, end: &str, peer: Option<VpcId>) -> Self;
    /// A route of a table.
    fn route(self, table: u16, destination: &str, target: RouteTarget) -> Self;
    /// A route of a table to a program.
    fn route_to_program(self, table: u16, destination: &str, number: u32) -> Self;
    /// Makes a program one that forwards.
    fn forwarding(self, number: u32) -> Self;
}

impl Build for VpcPlan {
    fn program(mut self, number: u32, address: Ipv4Addr, table: u16, group: u16) -> Self {
        let [.., subnet, host] = address.octets();
        let gateway = at(subnet, 1);
        self.router.insert(gateway.into());
        let link = Link {
            name: format!("sg-{number}"),
            namespace: eni(number),
            subnet: format!("subnet-{subnet:017x}").parse().unwrap(),
            address,
            device: 0,
            secondary: Vec::new(),
            ipv6: Vec::new(),
            prefix: 24,
            gateway,
            mac: [2, 0, 0, 0, subnet, host],
            table,
            group,
            acl: None,
            redirects: None,
            forwards: false,
        };
        let interface: NetworkInterfaceId = eni(number).parse().unwrap();
        self.links.insert(interface, link);
        self
    }

    fn table(mut self, index: u16, has_endpoint: bool) -> Self {
        let endpoint: VpcEndpointId = format!("vpce-{index:017x}").parse().unwrap();
        let route = Route { target: RouteTarget::GatewayEndpoint(endpoint), named: "pl-1".to_owned() };
        let routes = has_endpoint.then(|| (cidr(PREFIX), route)).into_iter().collect();
        self.tables.insert(index, TablePlan { id: format!("rtb-{index:017x}").parse().unwrap(), routes });
        self
    }

    fn group(mut self, number: u16) -> Self {
        self.groups.entry(number).or_default();
        self
    }

    fn ingress(mut self, group: u16, permit: Permit) -> Self {
        self.groups.entry(group).or_default().ingress.push(permit);
        self
    }

    fn egress(mut self, group: u16, permit: Permit) -> Self {
        self.groups.entry(group).or_default().egress.push(permit);
        self
    }

    fn endpoint(mut self, address: Ipv4Addr, group: u16) -> Self {
        let endpoint: VpcEndpointId = format!("vpce-{:017x}", address.to_bits()).parse().unwrap();
        let interface: NetworkInterfaceId = format!("eni-{:017x}", address.to_bits()).parse().unwrap();
        self.endpoint_addresses
            .insert(address.into(), EndpointAddress { endpoint, interface, group, table: 1, acl: None });
        self
    }

    fn acl(mut self, subnet: u8, ingress: &[Permit], egress: &[Permit]) -> Self {
        let number = u16::from(subnet);
        let within = permit(&format!("10.0.{subnet}.0/24"), ALL);
        let rules = AclRules {
            acl: format!("acl-{subnet:017x}").parse().unwrap(),
            subnet: format!("subnet-{subnet:017x}").parse().unwrap(),
            ingress: ingress.iter().copied().chain([within]).collect(),
            egress: egress.iter().copied().chain([within]).collect(),
        };
        self.acls.insert(number, rules);
        let there = |address: IpAddr| cidr(&format!("10.0.{subnet}.0/24")).contains(address);
        for link in self.links.values_mut().filter(|link| there(link.address.into())) {
            link.acl = Some(number);
        }
        for (_, endpoint) in self.endpoint_addresses.iter_mut().filter(|(address, _)| there(**address)) {
            endpoint.acl = Some(number);
        }
        self
    }

    fn passage(mut self, name: &str, end: &str, peer: Option<VpcId>) -> Self {
        let index = u16::try_from(self.passages.len()).unwrap();
        let table = FIRST_PASSAGE_TABLE - index;
        let link = PassageLink { name: format!("p-{index}"), end: end.to_owned(), table, redirects: None, peer };
        self.passages.insert(name.to_owned(), link);
        self
    }

    fn route(mut self, table: u16, destination: &str, target: RouteTarget) -> Self {
        let route = Route { target, named: destination.to_owned() };
        self.tables.get_mut(&table).unwrap().routes.insert(cidr(destination), route);
        self
    }

    fn route_to_program(self, table: u16, destination: &str, number: u32) -> Self {
        let interface: NetworkInterfaceId = eni(number).parse().unwrap();
        let Link { name, address, .. } = self.links[&interface].clone();
        self.route(table, destination, RouteTarget::Interface { interface, link: name, address: address.into() })
    }

    fn forwarding(mut self, number: u32) -> Self {
        let link = self.links.get_mut(&eni(number).parse::<NetworkInterfaceId>().unwrap()).unwrap();
        link.forwards = true;
        if link.group == 0 {
            link.group = OPEN_GROUP;
        }
        self
    }
}

/// All protocols and ports.
const ALL: Selector = Selector::Ports { protocols: (0, 255), ports: (0, 65535) };

fn permit(peers: &str, selector: Selector) -> Permit {
    Permit { peers: cidr(peers).range(), selector }
}

/// Everything, as the group that one gets by default lets out.
pub(crate) fn all() -> Permit {
    permit("0.0.0.0/0", ALL)
}

pub(crate) fn port(protocol: u8, peers: &str, port: u16) -> Permit {
    permit(peers, Selector::Ports { protocols: (protocol, protocol), ports: (port, port) })
}

pub(crate) fn ports(protocol: u8, peers: Ipv4Range, ports: (u16, u16)) -> Permit {
    Permit { peers: peers.into(), selector: Selector::Ports { protocols: (protocol, protocol), ports } }
}

pub(crate) fn echo(peers: &str) -> Permit {
    permit(peers, Selector::Icmp { types: (8, 8), codes: (0, 255) })
}

/// What a probe met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What the other side said.
    Answer(String),
    Silence,
    Error(ErrorKind),
}

/// A state directory with its holder, and a driver.
pub(crate) struct Network {
    dir: tempfile::TempDir,
    pub(crate) client: Client,
    pub(crate) dataplane: Dataplane,
    /// The passages of the plans that are set, by the names of their namespaces.
    pub(crate) passages: BTreeMap<String, Arc<Passage>>,
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.client.stop();
    }
}

impl Network {
    pub(crate) fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("sidegate-dataplane-").tempdir().unwrap();
        let client = holder::spawn(dir.path(), &helper()).unwrap();
        Self { dataplane: Dataplane::new(client.clone()), dir, client, passages: BTreeMap::new() }
    }

    /// Another driver of the same namespaces, as after a restart.
    pub(crate) fn restart(&mut self) {
        assert!(self.dir.path().exists());
        self.dataplane = Dataplane::new(self.client.clone());
    }

    /// Ends the holder, and starts another one.
    pub(crate) fn replace_holder(&self) {
        self.client.stop().unwrap();
        holder::spawn(self.dir.path(), &helper()).unwrap();
    }

    /// Sets the plan of these VPCs, and checks that the kernel has what it says.
    pub(crate) fn set(&mut self, vpcs: &[&VpcPlan]) -> Applied {
        let vpcs = vpcs.iter().map(|&vpc| (vpc.vpc.clone(), Arc::new(vpc.clone()))).collect();
        let plan = Plan { vpcs, passages: self.passages.clone().into(), ..Plan::default() };
        let applied = self.dataplane.set(&plan).unwrap();
        for vpc in plan.vpcs.values().filter(|vpc| !vpc.links.is_empty()) {
            assert_same(&self.read(&vpc.vpc), &render(vpc).unwrap());
        }
        applied
    }

    pub(crate) fn read(&mut self, vpc: &VpcId) -> Objects {
        self.dataplane.read(vpc).unwrap().expect("the VPC has a namespace")
    }

    pub(crate) fn namespace(&self, name: &str) -> NetNs {
        self.client.get(name).unwrap().unwrap_or_else(|| panic!("there is no namespace {name}"))
    }

    /// Runs code in the namespace of a program.
    pub(crate) fn inside<T: Send>(&self, program: u32, work: impl FnOnce() -> T + Send) -> T {
        self.namespace(&eni(program)).run(work).unwrap()
    }

    /// Opens a TCP connection from a program and reads what the other side says.
    pub(crate) fn connect(&self, program: u32, to: Ipv4Addr, port: u16) -> Outcome {
        self.connect_within(PATIENCE, program, to, port)
    }

    fn connect_within(&self, patience: Duration, program: u32, to: Ipv4Addr, port: u16) -> Outcome {
        self.inside(program, || connect_here(patience, to, port))
    }

    /// The same from any namespace.
    pub(crate) fn connect_from(&self, namespace: &str, to: Ipv4Addr, port: u16) -> Outcome {
        self.namespace(namespace).run(|| connect_here(PATIENCE, to, port)).unwrap()
    }

    /// Many at once: each from a program to an address and port, with what is expected.
    pub(crate) fn expect(&self, probes: &[(u32, Ipv4Addr, u16, Outcome)]) {
        let wrong: Vec<_> = thread::scope(|scope| {
            let running: Vec<_> = probes
                .iter()
                .map(|(program, to, port, wanted)| {
                    // An answer may take a second attempt of the kernel's, on a machine that is busy.
                    let patience = if *wanted == Outcome::Silence { PATIENCE } else { ANSWERED_WITHIN };
                    scope.spawn(move || self.connect_within(patience, *program, *to, *port))
                })
                .collect();
            let met = running.into_iter().map(|probe| probe.join().unwrap());
            probes.iter().zip(met).filter(|((.., wanted), met)| wanted != met).collect()
        });
        assert!(wrong.is_empty(), "wanted, met: {wrong:#?}");
    }

    /// Listens as the edge does, and tells each connection what its socket knows.
    pub(crate) fn edge(&self, vpc: &VpcId) -> Server {
        let listeners = self.dataplane.listeners(vpc).unwrap();
        Server::of(listeners.tls.into_iter().chain(listeners.http).collect(), tell)
    }

    /// Listens in the namespace of a program.
    pub(crate) fn server(&self, program: u32, port: u16) -> Server {
        Server::of(vec![self.inside(program, || TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap())], tell)
    }

    /// Listens in any namespace, and tells each connection whom it comes from.
    pub(crate) fn teller(&self, namespace: &str, port: u16) -> Server {
        let listen = || TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap();
        Server::of(vec![self.namespace(namespace).run(listen).unwrap()], tell_peer)
    }

    /// A UDP socket of a program.
    pub(crate) fn udp(&self, program: u32, port: u16) -> UdpSocket {
        let socket = self.inside(program, || UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap());
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    }
}

fn connect_here(patience: Duration, to: Ipv4Addr, port: u16) -> Outcome {
    let address = SocketAddr::V4(SocketAddrV4::new(to, port));
    let text = TcpStream::connect_timeout(&address, patience).and_then(|mut stream| {
        stream.set_read_timeout(Some(patience))?;
        let mut text = String::new();
        stream.read_to_string(&mut text).map(|_| text)
    });
    match text {
        Ok(text) => Outcome::Answer(text),
        Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => Outcome::Silence,
        Err(error) => Outcome::Error(error.kind()),
    }
}

/// Fails with the lines that differ.
pub(crate) fn assert_same(found: &Objects, wanted: &Objects) {
    let (found_lines, wanted_lines) = (found.lines(), wanted.lines());
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|line| !those.contains(line)).cloned().collect()
    };
    if found != wanted {
        panic!("too much: {:#?}\nmissing: {:#?}", only(&found_lines, &wanted_lines), only(&wanted_lines, &found_lines));
    }
}

/// What the edge says to a connection.
pub(crate) fn by_table(to: Ipv4Addr, table: u16) -> Outcome {
    Outcome::Answer(format!("to {to} by {table}"))
}

/// Answers connections until it is dropped.
pub(crate) struct Server {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn of(listeners: Vec<TcpListener>, tell: fn(&TcpStream)) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = listeners.into_iter().map(|listener| {
            let stop = Arc::clone(&stop);
            listener.set_nonblocking(true).unwrap();
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    match listener.accept() {
                        Ok((stream, _)) => tell(&stream),
                        Err(_) => thread::sleep(Duration::from_millis(1)),
                    }
                }
            })
        });
        Self { threads: threads.collect(), stop }
    }
}

fn tell(mut stream: &TcpStream) {
    if let Ok(address) = stream.local_addr() {
        let _ = write!(stream, "to {} by {}", address.ip(), mark_of(&stream).unwrap() & 0xffff);
    }
}

/// Tells a connection whom it comes from.
pub(crate) fn tell_peer(mut stream: &TcpStream) {
    if let Ok(address) = stream.peer_addr() {
        let _ = write!(stream, "from {}", address.ip());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Waits for a datagram; `None` if none comes.
pub(crate) fn datagram(socket: &UdpSocket) -> Option<(String, SocketAddr)> {
    let mut buffer = [0; 64];
    let (length, from) = socket.recv_from(&mut buffer).ok()?;
    Some((String::from_utf8_lossy(&buffer[..length]).into_owned(), from))
}
