//! The networks of Lambda's execution environments, each a namespace of its own that leads to an uplink: the namespace of
//! the network interface that functions share in a subnet, or one that stands on the emulated internet. The uplink lends
//! its address to all of them, and keeps them apart.
//!
//! Source: Lambda developer guide, "Understanding Hyperplane Elastic Network Interfaces (ENIs)".

use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::AsFd;

use sidegate_model::{AddressFamily, IpCidr, Ipv4Cidr};

use super::super::error::VpcError;
use super::super::netlink::{Family, Socket};
use super::super::objects::{LinkName, MTU, RouteKind};
use super::super::sysctl::Settings;
use super::super::{rtnetlink, ruleset};
use super::{INTERNET_ADDRESS, INTERNET_HOSTS, carry_out, failed, main_route, prepare};
use crate::netns::NetNs;

/// The addresses of environments, which nobody sees but themselves; the first is their uplink's.
const ENVIRONMENTS: Ipv4Cidr = Ipv4Cidr::new(Ipv4Addr::new(169, 254, 64, 0), 18);

/// How many environments an uplink can have at a time.
pub const MOST_ENVIRONMENTS: u32 = 16_000;

/// The uplink's end that leads out, and the environment's only one.
const OUT: &str = "eth0";

/// The internet's end of its link to the uplink of functions without a VPC.
const TO_FUNCTIONS: &str = "functions";

/// Whose address on the internet functions without a VPC have.
const HOST: u32 = 2;

/// The port of the Runtime API, which is the same in every environment since each has a `127.0.0.1` of its own.
pub const RUNTIME_API: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9001);

/// The network of an execution environment.
#[derive(Debug)]
pub struct FunctionNetwork {
    /// The namespace.
    pub namespace: NetNs,
    /// Where its Runtime API is asked; non-blocking.
    pub runtime_api: TcpListener,
    /// Its own address.
    pub address: Ipv4Addr,
}

/// The address that functions without a VPC have on the emulated internet.
pub fn address_on_internet() -> Ipv4Addr {
    INTERNET_HOSTS.nth(HOST).unwrap_or(INTERNET_ADDRESS)
}

/// Makes the namespace of a network interface an uplink that lends the interface's address. It may be one already.
///
/// # Errors
/// If the kernel refuses.
pub fn make_function_uplink(interface: &NetNs, address: Ipv4Addr) -> Result<(), VpcError> {
    interface.run(|| set_uplink(address))?.map_err(failed("uplink of functions"))
}

/// Makes an uplink that stands on the emulated internet, whose namespace is given. It is there for as long as it is kept.
///
/// # Errors
/// If the kernel refuses.
pub fn function_uplink_on_internet(internet: &NetNs) -> Result<NetNs, VpcError> {
    let uplink = NetNs::create()?;
    let address = address_on_internet();
    internet.run(|| join_internet(&uplink, address))?.map_err(failed("internet's link to functions"))?;
    uplink.run(|| stand_on_internet(address))?.map_err(failed("uplink of functions on the internet"))?;
    make_function_uplink(&uplink, address)?;
    Ok(uplink)
}

/// Makes the network of an environment behind an uplink. It ends with the last process in it, and what is open of it.
/// `number` is below [`MOST_ENVIRONMENTS`], and that of no other environment of the uplink which lives.
///
/// # Errors
/// If the kernel refuses.
pub fn function_network(uplink: &NetNs, number: u32) -> Result<FunctionNetwork, VpcError> {
    let address = ENVIRONMENTS.nth(number.saturating_add(2)).unwrap_or(Ipv4Addr::UNSPECIFIED);
    let namespace = NetNs::create()?;
    uplink.run(|| lead_to_environment(&namespace, number, address))?.map_err(failed("link to an environment"))?;
    let runtime_api = namespace.run(|| settle_environment(address))?.map_err(failed("network of an environment"))?;
    Ok(FunctionNetwork { namespace, runtime_api, address })
}

/// The uplink's own address, by which environments know it.
fn gateway() -> Ipv4Addr {
    ENVIRONMENTS.nth(1).unwrap_or(Ipv4Addr::UNSPECIFIED)
}

/// The namespace of this thread lends an address to environments.
fn set_uplink(address: Ipv4Addr) -> io::Result<()> {
    prepare(&[])?;
    let mut filter = include_str!("function_uplink.nft").to_owned();
    let _ = writeln!(filter, "add rule inet sidegate postrouting oifname \"{OUT}\" snat ip to {address}");
    ruleset::load_text(&filter)?;
    let own = rtnetlink::add_address(rtnetlink::LOOPBACK, gateway(), 32);
    carry_out(&mut Socket::open(Family::Route)?, vec![own], &[])
}

/// In the internet's namespace: the way to the uplink.
fn join_internet(uplink: &NetNs, address: Ipv4Addr) -> io::Result<()> {
    let mut socket = Socket::open(Family::Route)?;
    // That of a daemon which has ended may be about to go.
    carry_out(&mut socket, vec![rtnetlink::remove_link(TO_FUNCTIONS)], &[libc::ENODEV])?;
    let mac = [2, 0, 0, 0, 0, 3];
    let pair = rtnetlink::add_veth(TO_FUNCTIONS, MTU, OUT, mac, uplink.as_fd());
    carry_out(&mut socket, vec![pair], &[])?;
    let index = nix::net::if_::if_nametoindex(TO_FUNCTIONS)?;
    let link = LinkName::new(TO_FUNCTIONS).unwrap_or_default();
    let way = rtnetlink::set_route(&main_route(IpCidr::host(address.into())), RouteKind::Link(link), Some(index));
    carry_out(&mut socket, vec![rtnetlink::raise(TO_FUNCTIONS), way], &[])?;
    Settings::open()?.set(&format!("net/ipv4/conf/{TO_FUNCTIONS}/rp_filter"), "1")
}

/// In the namespace of the uplink on the internet: its address, and the way out.
fn stand_on_internet(address: Ipv4Addr) -> io::Result<()> {
    let index = nix::net::if_::if_nametoindex(OUT)?;
    let messages = vec![
        rtnetlink::raise("lo"),
        rtnetlink::add_address(index, address, 32),
        rtnetlink::raise(OUT),
        everywhere_by(OUT, INTERNET_ADDRESS, index),
    ];
    carry_out(&mut Socket::open(Family::Route)?, messages, &[])
}

/// In an uplink's namespace: the way to an environment.
fn lead_to_environment(environment: &NetNs, number: u32, address: Ipv4Addr) -> io::Result<()> {
    let name = format!("f{number:x}");
    let mut socket = Socket::open(Family::Route)?;
    // That of an environment which had the number before may be about to go.
    carry_out(&mut socket, vec![rtnetlink::remove_link(&name)], &[libc::ENODEV])?;
    let [_, _, c, d] = address.octets();
    let pair = rtnetlink::add_veth(&name, MTU, OUT, [2, 0, 0, 1, c, d], environment.as_fd());
    carry_out(&mut socket, vec![pair], &[])?;
    let index = nix::net::if_::if_nametoindex(name.as_str())?;
    let link = LinkName::new(&name).unwrap_or_default();
    let way = rtnetlink::set_route(&main_route(IpCidr::host(address.into())), RouteKind::Link(link), Some(index));
    carry_out(&mut socket, vec![rtnetlink::raise(&name), way], &[])
}

/// In an environment's namespace: its address, the way out, and the Runtime API. It does not speak IPv6.
fn settle_environment(address: Ipv4Addr) -> io::Result<TcpListener> {
    let settings = Settings::open()?;
    for (path, value) in [
        ("net/ipv6/conf/all/disable_ipv6", "1"),
        ("net/ipv6/conf/default/disable_ipv6", "1"),
        ("net/ipv4/conf/all/rp_filter", "0"),
    ] {
        settings.set(path, value)?;
    }
    let index = nix::net::if_::if_nametoindex(OUT)?;
    let messages = vec![
        rtnetlink::raise("lo"),
        rtnetlink::add_address(index, address, 32),
        rtnetlink::raise(OUT),
        everywhere_by(OUT, gateway(), index),
    ];
    carry_out(&mut Socket::open(Family::Route)?, messages, &[])?;
    let listener = TcpListener::bind(RUNTIME_API)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn everywhere_by(link: &str, router: Ipv4Addr, index: u32) -> super::Message {
    let via = RouteKind::Via(LinkName::new(link).unwrap_or_default(), router.into());
    rtnetlink::set_route(&main_route(IpCidr::any(AddressFamily::Ipv4)), via, Some(index))
}
