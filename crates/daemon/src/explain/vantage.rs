//! The network that a flow is looked at from: that of the source's own interface, or of one that is attached for it.
//!
//! What is opened there are sockets of the daemon's own. No program is started, and none of the source's is touched.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use sidegate_linux::dataplane::{INTERNET, INTERNET_HOSTS, INTERNET_RESOLVER};
use sidegate_linux::netns::NetNs;
use sidegate_model::{NameServer, NetworkInterfaceId, SecurityGroupId, SubnetId, World};
use sidegate_plan::Link;
use sidegate_plan::analyze::Source;
use tokio::net::{TcpSocket, TcpStream, UdpSocket};

use super::Grounds;
use crate::programs::ProgramError;

/// Where every VPC has its resolver, beside its base + 2.
///
/// Source: VPC user guide, "DNS attributes for your VPC".
const RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);

/// The port of the resolver.
const DNS: u16 = 53;

/// A place to look from.
pub(super) struct Vantage {
    namespace: NetNs,
    /// The interface; `None` on the internet.
    pub(super) interface: Option<NetworkInterfaceId>,
    /// Its addresses, of which connections come.
    pub(super) addresses: Vec<IpAddr>,
    /// Whether the interface was attached for this alone, and is to be taken away.
    pub(super) is_supposed: bool,
    /// The first name server that it asks.
    resolver: IpAddr,
    /// The ports that connections come from; the system's if there are none.
    ports: Option<(u16, u16)>,
}

/// Why it cannot be looked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LiveError {
    /// Nothing has a network there.
    #[error("nothing runs behind `{0}` at the moment, so that nothing can be seen from there; start it and ask again")]
    NothingRuns(String),
    /// No interface can be attached.
    #[error("no interface can be attached to look from ({0})")]
    NotAttached(#[from] ProgramError),
    /// The network cannot be entered.
    #[error("the network of the source cannot be entered ({0})")]
    Network(String),
    /// The look was broken off.
    #[error("the look was broken off")]
    Interrupted,
}

impl Vantage {
    /// Where a source looks from. `interface` is the one that a trace tells. Whatever comes of it, [`Vantage::leave`] is
    /// called next.
    pub(super) async fn of(
        grounds: &Grounds, source: &Source, interface: Option<&NetworkInterfaceId>, ports: Option<(u16, u16)>,
    ) -> Result<Self, LiveError> {
        let from = match (source, interface) {
            (Source::Internet(_), _) => return Self::on_internet(grounds, ports).await,
            (Source::Subnet { subnet, groups }, _) => {
                return Self::attached(grounds, subnet, groups.clone(), ports).await;
            }
            (_, Some(id)) => id,
            (Source::Interface(id) | Source::Address { interface: id, .. }, None) => id,
            (Source::Instance(id), None) => return Err(LiveError::NothingRuns(id.to_string())),
            (Source::Function(arn), None) => return Err(LiveError::NothingRuns(arn.clone())),
        };
        // What functions share lets out nothing but what their environments send, and these are theirs alone.
        let shared = grounds.engine.world().interfaces.get(from).filter(|own| own.functions().is_some()).cloned();
        if let Some(own) = shared {
            return Self::attached(grounds, &own.subnet, own.groups, ports).await;
        }
        match Self::behind(grounds, from, ports).await? {
            Some(vantage) => Ok(vantage.at(source)),
            None => Err(LiveError::NothingRuns(from.to_string())),
        }
    }

    /// The same, where the address is first that a source says.
    fn at(mut self, source: &Source) -> Self {
        if let Source::Address { address, .. } = source {
            self.addresses.retain(|own| own != address);
            self.addresses.insert(0, *address);
        }
        self
    }

    /// Behind an interface that is there; `None` if nothing has its network.
    async fn behind(
        grounds: &Grounds, id: &NetworkInterfaceId, ports: Option<(u16, u16)>,
    ) -> Result<Option<Self>, LiveError> {
        let plan = grounds.engine.plan().borrow().clone();
        let world = grounds.engine.world();
        let vpc = world.interfaces.get(id).and_then(|own| plan.vpcs.get(&own.vpc));
        let Some(link) = vpc.and_then(|vpc| vpc.links.get(id)) else { return Ok(None) };
        let Some(namespace) = namespace(grounds, &link.namespace).await? else { return Ok(None) };
        Ok(Some(Self {
            namespace,
            interface: Some(id.clone()),
            addresses: addresses(link),
            is_supposed: false,
            resolver: resolver(&world, id),
            ports,
        }))
    }

    /// Behind an interface that is attached to a subnet for this, as for a program of `sidegate exec`.
    async fn attached(
        grounds: &Grounds, subnet: &SubnetId, groups: Vec<SecurityGroupId>, ports: Option<(u16, u16)>,
    ) -> Result<Self, LiveError> {
        let attached = grounds.programs.attach(subnet, groups, None).await?;
        let id = attached.interface;
        match Self::behind(grounds, &id, ports).await {
            Ok(Some(vantage)) => Ok(Self { is_supposed: true, ..vantage }),
            other => {
                grounds.programs.detach(&id).await;
                other.and_then(|_| Err(LiveError::NothingRuns(id.to_string())))
            }
        }
    }

    /// On the emulated internet, where `sidegate exec --internet` is.
    async fn on_internet(grounds: &Grounds, ports: Option<(u16, u16)>) -> Result<Self, LiveError> {
        let namespace = namespace(grounds, INTERNET).await?;
        Ok(Self {
            namespace: namespace.ok_or_else(|| LiveError::NothingRuns(INTERNET.to_owned()))?,
            interface: None,
            addresses: INTERNET_HOSTS.nth(1).map(IpAddr::from).into_iter().collect(),
            is_supposed: false,
            resolver: INTERNET_RESOLVER.into(),
            ports,
        })
    }

    /// Takes away what was attached for the look.
    pub(super) async fn leave(self, grounds: &Grounds) {
        let Self { interface, is_supposed, namespace, .. } = self;
        drop(namespace);
        if let Some(id) = interface.filter(|_| is_supposed) {
            grounds.programs.detach(&id).await;
        }
    }

    /// A connection that is made there.
    pub(super) async fn connect(&self, to: SocketAddr) -> io::Result<TcpStream> {
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        for from in self.sources(to.ip())? {
            let socket = self.inside(|| {
                let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
                socket.bind(from)?;
                Ok(socket)
            });
            match socket {
                Ok(socket) => return socket.connect(to).await,
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// A socket for datagrams to an address, from there.
    pub(super) fn datagrams(&self, to: SocketAddr) -> io::Result<UdpSocket> {
        let from = self.sources(to.ip())?.into_iter().next().unwrap_or_else(|| SocketAddr::new(to.ip(), 0));
        let socket = self.inside(|| {
            let socket = std::net::UdpSocket::bind(from)?;
            socket.set_nonblocking(true)?;
            socket.connect(to)?;
            Ok(socket)
        })?;
        UdpSocket::from_std(socket)
    }

    /// A socket for messages of ICMP to an address, from there.
    pub(super) fn messages(&self, to: IpAddr) -> io::Result<UdpSocket> {
        UdpSocket::from_std(self.inside(|| sidegate_edge::visit::icmp_socket(to))?)
    }

    /// The way to its resolver.
    pub(super) fn resolver(&self) -> io::Result<UdpSocket> {
        let to = SocketAddr::new(self.resolver, DNS);
        let any: IpAddr = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = self.inside(|| {
            let socket = std::net::UdpSocket::bind((any, 0))?;
            socket.set_nonblocking(true)?;
            socket.connect(to)?;
            Ok(socket)
        })?;
        UdpSocket::from_std(socket)
    }

    /// Whether it has an address of the family.
    pub(super) fn has_family_of(&self, address: IpAddr) -> bool {
        self.interface.is_none() || self.addresses.iter().any(|own| own.is_ipv4() == address.is_ipv4())
    }

    /// The addresses and ports to come from, in the order in which they are tried.
    fn sources(&self, to: IpAddr) -> io::Result<Vec<SocketAddr>> {
        /// How many ports are tried, if the system may not pick one.
        const TRIES: u16 = 16;
        let own = self.addresses.iter().copied().find(|own| own.is_ipv4() == to.is_ipv4());
        let unspecified = if to.is_ipv4() { IpAddr::from([0; 4]) } else { IpAddr::from([0_u16; 8]) };
        let own = match (own, &self.interface) {
            (Some(own), _) => own,
            (None, None) => unspecified,
            (None, Some(_)) => return Err(io::Error::from(io::ErrorKind::AddrNotAvailable)),
        };
        let ports = match self.ports {
            None => 0..=0,
            Some((first, last)) => first..=last.min(first.saturating_add(TRIES)),
        };
        Ok(ports.map(|port| SocketAddr::new(own, port)).collect())
    }

    /// Runs what makes a socket in the namespace.
    fn inside<T: Send>(&self, make: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        self.namespace.run(make).map_err(io::Error::other)?
    }
}

/// The first name server that what runs behind an interface learns of; itself, where that is none.
fn resolver(world: &World, interface: &NetworkInterfaceId) -> IpAddr {
    let vpc = world.interfaces.get(interface).and_then(|own| world.vpcs.get(&own.vpc));
    let options = vpc.and_then(|vpc| world.dhcp_options_of(vpc)).unwrap_or_default();
    match options.domain_name_servers.first() {
        Some(NameServer::AmazonProvided) => RESOLVER.into(),
        Some(NameServer::Address(address)) => *address,
        None => Ipv4Addr::LOCALHOST.into(),
    }
}

fn addresses(link: &Link) -> Vec<IpAddr> {
    std::iter::once(IpAddr::from(link.address)).chain(link.ipv6.iter().map(|own| IpAddr::from(*own))).collect()
}

async fn namespace(grounds: &Grounds, name: &str) -> Result<Option<NetNs>, LiveError> {
    let (holder, name) = (grounds.holder.clone(), name.to_owned());
    let found = tokio::task::spawn_blocking(move || holder.get(&name)).await;
    found.map_err(|_| LiveError::Interrupted)?.map_err(|error| LiveError::Network(error.to_string()))
}
