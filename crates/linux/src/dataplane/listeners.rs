//! The sockets of a VPC's namespace, on which the edge listens.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};

use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockProtocol, SockType, SockaddrStorage, bind, getsockopt, listen, setsockopt,
    socket, sockopt,
};

use sidegate_plan::{SMTP_PORTS, SMTPS_PORTS};

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
    /// TLS, on all addresses of a family: of IPv4, and of IPv6 where that is spoken.
    pub tls: Vec<TcpListener>,
    /// Plain HTTP, likewise: services that have it, and the metadata service.
    pub http: Vec<TcpListener>,
    /// SMTP, likewise, where an endpoint leads to the service of mail: on the ports that begin without TLS.
    pub smtp: Vec<TcpListener>,
    /// The same on the ports that begin with TLS.
    pub smtps: Vec<TcpListener>,
    /// DNS over UDP, by the resolver's address.
    pub dns_udp: Vec<(IpAddr, UdpSocket)>,
    /// DNS over TCP, by the resolver's address.
    pub dns_tcp: Vec<(IpAddr, TcpListener)>,
}

impl Listeners {
    /// Opens them in the namespace of this thread. IPv6 and SMTP are spoken where it is said so.
    pub(super) fn open(resolvers: &[IpAddr], ipv6: bool, mail: bool) -> Result<Self, VpcError> {
        let mut dns_udp = Vec::with_capacity(resolvers.len());
        let mut dns_tcp = Vec::with_capacity(resolvers.len());
        for &resolver in resolvers {
            dns_udp.push((resolver, named(resolver, DNS, udp)?));
            dns_tcp.push((resolver, named(resolver, DNS, tcp)?));
        }
        let everywhere = || {
            let ipv6 = ipv6.then_some(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
            [IpAddr::V4(Ipv4Addr::UNSPECIFIED)].into_iter().chain(ipv6)
        };
        let tls = everywhere().map(|address| named(address, HTTPS, tcp)).collect::<Result<_, _>>()?;
        let http = everywhere().map(|address| named(address, HTTP, tcp)).collect::<Result<_, _>>()?;
        let on = |ports: &[u16]| {
            let ports = ports.iter().filter(|_| mail);
            let all = ports.flat_map(|port| everywhere().map(|address| named(address, *port, tcp)));
            all.collect::<Result<Vec<_>, _>>()
        };
        let (smtp, smtps) = (on(&SMTP_PORTS)?, on(&SMTPS_PORTS)?);
        Ok(Self { tls, http, smtp, smtps, dns_udp, dns_tcp })
    }
}

/// The mark of an accepted socket, which is that of the packet that opened the connection: in its lower 16 bits the
/// route table that led here.
pub fn mark_of(socket: &impl AsFd) -> io::Result<u32> {
    Ok(getsockopt(&socket.as_fd(), sockopt::Mark)?)
}

fn named<T>(address: IpAddr, port: u16, open: impl FnOnce(SocketAddr) -> io::Result<T>) -> Result<T, VpcError> {
    let address = SocketAddr::new(address, port);
    open(address).map_err(|reason| VpcError::Listen { address: address.to_string(), reason })
}

fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
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

fn udp(address: SocketAddr) -> io::Result<UdpSocket> {
    Ok(bound(address, SockType::Datagram, SockProtocol::Udp)?.into())
}

fn bound(address: SocketAddr, kind: SockType, protocol: SockProtocol) -> io::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let socket = socket(family, kind, flags, protocol)?;
    setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    // Of IPv6 too: the kernel keeps one flag for both.
    setsockopt(&socket, sockopt::IpTransparent, &true)?;
    if address.is_ipv6() {
        setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
    }
    bind(std::os::fd::AsRawFd::as_raw_fd(&socket), &SockaddrStorage::from(address))?;
    Ok(socket)
}
