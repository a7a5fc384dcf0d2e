//! The sockets of a VPC's namespace, on which the edge listens.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};

use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockProtocol, SockType, SockaddrIn, bind, getsockopt, listen, setsockopt, socket,
    sockopt,
};

use super::error::VpcError;

/// How many connections may wait to be accepted. The kernel's own limit (`net.core.somaxconn`) is the same.
const BACKLOG: i32 = 4096;

/// The congestion controls to choose from, the best first. The machine's default may be bbr, which paces, and gives a
/// third of the others' throughput between namespaces.
const CONGESTION_CONTROLS: [&str; 2] = ["cubic", "reno"];

/// The ports of TLS, plain HTTP (that of the metadata service too) and DNS.
const HTTPS: u16 = 443;
const HTTP: u16 = 80;
const DNS: u16 = 53;

/// The sockets of a VPC's namespace: non-blocking, and of the kind that an async runtime takes over.
///
/// Those on all addresses are transparent, since an endpoint's addresses are none of this machine; an accepted socket's
/// own address tells which it was, and its [mark](mark_of) the route table.
#[derive(Debug)]
pub struct Listeners {
    /// TLS, on all addresses.
    pub tls: TcpListener,
    /// Plain HTTP, on all addresses: services that have it, and the metadata service.
    pub http: TcpListener,
    /// DNS over UDP, by the resolver's address.
    pub dns_udp: Vec<(Ipv4Addr, UdpSocket)>,
    /// DNS over TCP, by the resolver's address.
    pub dns_tcp: Vec<(Ipv4Addr, TcpListener)>,
}

impl Listeners {
    /// Opens them in the namespace of this thread.
    pub(super) fn open(resolvers: &[Ipv4Addr]) -> Result<Self, VpcError> {
        let mut dns_udp = Vec::with_capacity(resolvers.len());
        let mut dns_tcp = Vec::with_capacity(resolvers.len());
        for &resolver in resolvers {
            dns_udp.push((resolver, named(resolver, DNS, udp)?));
            dns_tcp.push((resolver, named(resolver, DNS, tcp)?));
        }
        let tls = named(Ipv4Addr::UNSPECIFIED, HTTPS, tcp)?;
        let http = named(Ipv4Addr::UNSPECIFIED, HTTP, tcp)?;
        Ok(Self { tls, http, dns_udp, dns_tcp })
    }
}

/// The mark of an accepted socket, which is that of the packet that opened the connection: in its lower 16 bits the
/// route table that led here.
pub fn mark_of(socket: &impl AsFd) -> io::Result<u32> {
    Ok(getsockopt(&socket.as_fd(), sockopt::Mark)?)
}

fn named<T>(address: Ipv4Addr, port: u16, open: impl FnOnce(SocketAddrV4) -> io::Result<T>) -> Result<T, VpcError> {
    let address = SocketAddrV4::new(address, port);
    open(address).map_err(|reason| VpcError::Listen { address: address.to_string(), reason })
}

fn tcp(address: SocketAddrV4) -> io::Result<TcpListener> {
    let socket = bound(address, SockType::Stream, SockProtocol::Tcp)?;
    choose_congestion_control(&socket)?;
    listen(&socket, Backlog::new(BACKLOG)?)?;
    Ok(socket.into())
}

/// Gives a socket a congestion control that suits links within one machine.
pub(crate) fn choose_congestion_control(socket: &impl AsFd) -> io::Result<()> {
    for name in CONGESTION_CONTROLS {
        match setsockopt(socket, sockopt::TcpCongestion, &name.into()) {
            // Not every kernel has it.
            Err(nix::Error::ENOENT) => {}
            result => return Ok(result?),
        }
    }
    Ok(())
}

fn udp(address: SocketAddrV4) -> io::Result<UdpSocket> {
    Ok(bound(address, SockType::Datagram, SockProtocol::Udp)?.into())
}

fn bound(address: SocketAddrV4, kind: SockType, protocol: SockProtocol) -> io::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(AddressFamily::Inet, kind, flags, protocol)?;
    setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    setsockopt(&socket, sockopt::IpTransparent, &true)?;
    bind(std::os::fd::AsRawFd::as_raw_fd(&socket), &SockaddrIn::from(address))?;
    Ok(socket)
}
