//! The data plane, judged by packets: what a plan allows gets through, and nothing else.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, recv, sendto, setsockopt, socket, sockopt,
};
use sidegate_linux::dataplane::{Dataplane, DataplaneError, Element, Listeners, Ruleset, render};
use sidegate_model::Ipv4Range;
use sidegate_plan::{LINK_LOCAL_RESOLVER, METADATA_ADDRESS, Plan, VpcPlan};

use super::network::{
    Build, Network, Outcome, PATIENCE, PUBLIC, TCP, UDP, all, assert_same, at, by_table, datagram, echo, eni, port,
    ports, vpc, vpc_id,
};
use super::sandbox::need_root;
use Outcome::Silence;

/// Two programs in subnets with a gateway endpoint each, and one in a subnet without.
fn three_subnets() -> VpcPlan {
    vpc(1)
        .table(1, true)
        .table(2, true)
        .table(3, false)
        .program(1, at(1, 10), 1, 1)
        .program(2, at(2, 10), 2, 1)
        .program(3, at(3, 10), 3, 1)
        .egress(1, all())
}

#[test]
fn a_gateway_endpoint_is_reached_from_its_route_tables_alone_and_tells_by_which() {
    need_root!();
    let mut network = Network::new();
    network.set(&[&three_subnets()]);
    let _edge = network.edge(&vpc_id(1));
    network.expect(&[
        (1, PUBLIC, 443, by_table(PUBLIC, 1)),
        (1, PUBLIC, 80, by_table(PUBLIC, 1)),
        (2, PUBLIC, 443, by_table(PUBLIC, 2)),
        // Not the service's ports; no route; the router's own addresses; addresses of nobody.
        (1, PUBLIC, 8080, Silence),
        (3, PUBLIC, 443, Silence),
        (3, PUBLIC, 80, Silence),
        (1, at(1, 1), 443, Silence),
        (3, at(3, 1), 80, Silence),
        (1, LINK_LOCAL_RESOLVER, 443, Silence),
        (1, METADATA_ADDRESS, 443, Silence),
        (1, at(9, 9), 443, Silence),
        (1, Ipv4Addr::new(198, 19, 0, 1), 443, Silence),
        (1, Ipv4Addr::new(127, 0, 0, 1), 443, Outcome::Error(std::io::ErrorKind::ConnectionRefused)),
        // Metadata is there for everyone.
        (3, METADATA_ADDRESS, 80, by_table(METADATA_ADDRESS, 3)),
    ]);
}

#[test]
fn a_gateway_endpoint_wants_egress_to_its_prefix() {
    need_root!();
    let mut network = Network::new();
    let plan = vpc(1)
        .table(1, true)
        .program(1, at(1, 10), 1, 1)
        .program(2, at(1, 11), 1, 2)
        .program(3, at(1, 12), 1, 3)
        .egress(1, port(TCP, "198.18.0.0/20", 443))
        .egress(2, port(TCP, "10.0.0.0/16", 443))
        .group(3);
    network.set(&[&plan]);
    let _edge = network.edge(&vpc_id(1));
    network.expect(&[
        (1, PUBLIC, 443, by_table(PUBLIC, 1)),
        (1, PUBLIC, 80, Silence),
        (2, PUBLIC, 443, Silence),
        (3, PUBLIC, 443, Silence),
        (3, METADATA_ADDRESS, 80, by_table(METADATA_ADDRESS, 1)),
    ]);
}

#[test]
fn an_interface_endpoint_is_guarded_by_its_groups() {
    need_root!();
    let mut network = Network::new();
    let (endpoint, other) = (at(1, 50), at(2, 50));
    let plan = vpc(1)
        .table(1, false)
        .table(2, false)
        .program(1, at(1, 10), 1, 1)
        .program(2, at(2, 10), 2, 1)
        // Its groups have the number of its route table: no mark may be taken for the other.
        .program(3, at(2, 11), 2, 2)
        .endpoint(endpoint, 2)
        .endpoint(other, 3)
        .egress(1, all())
        .egress(2, port(TCP, "10.0.2.0/24", 443))
        .ingress(2, port(TCP, "10.0.1.0/24", 443))
        .ingress(3, all());
    network.set(&[&plan]);
    let _edge = network.edge(&vpc_id(1));
    network.expect(&[
        (1, endpoint, 443, by_table(endpoint, 1)),
        (1, endpoint, 80, Silence),
        (2, endpoint, 443, Silence),
        (3, endpoint, 443, Silence),
        // It answers by the table of its own subnet.
        (3, other, 443, by_table(other, 1)),
        (1, other, 80, by_table(other, 1)),
        (1, other, 53, Silence),
    ]);
}

#[test]
fn programs_meet_where_the_groups_of_both_say_so() {
    need_root!();
    let mut network = Network::new();
    let (client, server, mute) = (at(1, 10), at(1, 20), at(2, 10));
    let plan = vpc(1)
        .table(1, false)
        .program(1, client, 1, 1)
        .program(2, server, 1, 2)
        .program(3, mute, 1, 3)
        .egress(1, all())
        .ingress(2, port(TCP, "10.0.1.10/32", 5000))
        .ingress(3, all());
    network.set(&[&plan]);
    let _servers: Vec<_> =
        [(1, 5000), (2, 5000), (2, 5001), (3, 5000)].map(|(program, port)| network.server(program, port)).into();
    network.expect(&[
        (1, server, 5000, by_table(server, 0)),
        (1, mute, 5000, by_table(mute, 0)),
        // Ingress of the server; egress of the server; egress of the mute, and ingress of the client.
        (1, server, 5001, Silence),
        (2, client, 5000, Silence),
        (2, mute, 5000, Silence),
        (3, server, 5000, Silence),
        (3, client, 5000, Silence),
    ]);
}

#[test]
fn the_resolver_answers_every_program_over_both_protocols() {
    need_root!();
    let mut network = Network::new();
    let mut plan = vpc(1).table(1, false).program(1, at(1, 10), 1, 1).group(1);
    network.set(&[&plan]);
    let listeners = network.dataplane.listeners(&vpc_id(1)).unwrap();
    let addresses: Vec<_> = listeners.dns_udp.iter().map(|(address, _)| *address).collect();
    assert_eq!(addresses, [at(0, 2), LINK_LOCAL_RESOLVER]);
    let program = network.udp(1, 0);
    for (address, socket) in &listeners.dns_udp {
        socket.set_nonblocking(false).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        program.send_to(b"ask", (*address, 53)).unwrap();
        let (question, from) = datagram(socket).unwrap();
        assert_eq!((question.as_str(), from.ip()), ("ask", at(1, 10).into()));
        socket.send_to(b"answer", from).unwrap();
        assert_eq!(datagram(&program).unwrap(), ("answer".to_owned(), SocketAddr::from((*address, 53))));
    }
    let (address, resolver) = &listeners.dns_tcp[0];
    network.inside(1, || TcpStream::connect_timeout(&(*address, 53).into(), PATIENCE)).unwrap();
    resolver.accept().unwrap();

    // Without DNS support nothing gets there.
    plan.resolver = None;
    network.set(&[&plan]);
    let program = network.udp(1, 0);
    program.send_to(b"ask", (at(0, 2), 53)).unwrap();
    assert_eq!(datagram(&listeners.dns_udp[0].1), None);
}

#[test]
fn a_packet_with_somebody_elses_address_is_dropped() {
    need_root!();
    let mut network = Network::new();
    let plan = vpc(1).table(1, false).program(1, at(1, 10), 1, 1).program(2, at(1, 20), 1, 1).egress(1, all());
    network.set(&[&plan.ingress(1, all())]);
    let receiver = network.udp(2, 5000);
    let send = |source: Ipv4Addr, text: &str| {
        network.inside(1, || {
            let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::empty(), SockProtocol::Udp).unwrap();
            setsockopt(&socket, sockopt::IpTransparent, &true).unwrap();
            nix::sys::socket::bind(
                socket.as_raw_fd(),
                &SockaddrIn::new(source.octets()[0], source.octets()[1], source.octets()[2], source.octets()[3], 0),
            )
            .unwrap();
            UdpSocket::from(socket).send_to(text.as_bytes(), (at(1, 20), 5000)).unwrap();
        });
    };
    send(at(1, 99), "forged");
    send(Ipv4Addr::new(8, 8, 8, 8), "forged");
    send(at(1, 10), "own");
    let (text, from) = datagram(&receiver).unwrap();
    assert_eq!((text.as_str(), from.ip()), ("own", at(1, 10).into()));
    assert_eq!(datagram(&receiver), None);
}

/// Whether an echo request of a program is answered.
pub(crate) fn pings(network: &Network, program: u32, to: Ipv4Addr) -> bool {
    network.inside(program, || {
        let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::empty(), SockProtocol::Icmp).unwrap();
        setsockopt(&socket, sockopt::ReceiveTimeout, &nix::sys::time::TimeVal::new(0, 300_000)).unwrap();
        let [a, b, c, d] = to.octets();
        sendto(socket.as_raw_fd(), &[8, 0, 0, 0, 0, 0, 0, 1], &SockaddrIn::new(a, b, c, d, 0), MsgFlags::empty())
            .unwrap();
        recv(socket.as_raw_fd(), &mut [0; 64], MsgFlags::empty()).is_ok()
    })
}

#[test]
fn programs_answer_pings_where_groups_allow_them_and_the_router_and_endpoints_never_do() {
    need_root!();
    let mut network = Network::new();
    let plan = vpc(1)
        .table(1, true)
        .program(1, at(1, 10), 1, 1)
        .program(2, at(1, 20), 1, 2)
        .program(3, at(1, 30), 1, 3)
        .endpoint(at(1, 50), 1)
        .egress(1, all())
        .ingress(1, all())
        .ingress(2, echo("10.0.1.0/24"))
        .egress(3, echo("10.0.1.20/32"));
    network.set(&[&plan]);
    let met = [(1, at(1, 20)), (3, at(1, 20)), (3, at(1, 10)), (2, at(1, 10)), (1, at(1, 30))];
    let met = met.map(|(program, to)| pings(&network, program, to));
    assert_eq!(met, [true, true, false, false, false]);
    for silent in [at(1, 1), at(1, 50), at(0, 2), METADATA_ADDRESS, LINK_LOCAL_RESOLVER, PUBLIC] {
        assert!(!pings(&network, 1, silent), "{silent} answered");
    }
}

#[test]
fn replies_of_the_metadata_service_travel_as_far_as_its_socket_says() {
    need_root!();
    let mut network = Network::new();
    network.set(&[&vpc(1).table(1, false).program(1, at(1, 10), 1, 1).group(1)]);
    let listeners = network.dataplane.listeners(&vpc_id(1)).unwrap();
    let http = &listeners.http[0];
    http.set_nonblocking(false).unwrap();
    for limit in [1, 2, 64] {
        let heard = network.inside(1, || {
            let raw = socket(AddressFamily::Inet, SockType::Raw, SockFlag::empty(), SockProtocol::Tcp).unwrap();
            setsockopt(&raw, sockopt::ReceiveTimeout, &nix::sys::time::TimeVal::new(2, 0)).unwrap();
            let mut client = TcpStream::connect_timeout(&(METADATA_ADDRESS, 80).into(), PATIENCE).unwrap();
            client.set_read_timeout(Some(PATIENCE)).unwrap();
            let (mut stream, _) = http.accept().unwrap();
            stream.set_ttl(limit).unwrap();
            stream.write_all(b"token").unwrap();
            client.read_exact(&mut [0; 5]).unwrap();
            // The first is that of the handshake, before anybody could say how far it may go.
            let mut packet = [0; 128];
            while !packet.windows(5).any(|words| words == b"token") {
                recv(raw.as_raw_fd(), &mut packet, MsgFlags::empty()).unwrap();
            }
            packet
        });
        assert_eq!((&heard[12..16], u32::from(heard[8])), (&METADATA_ADDRESS.octets()[..], limit));
    }
}

#[test]
fn what_is_removed_is_silent_and_what_is_reassociated_changes_its_endpoint() {
    need_root!();
    let mut network = Network::new();
    let base = vpc(1).table(1, true).table(3, false).program(1, at(1, 10), 1, 1).egress(1, all()).ingress(1, all());
    network.set(&[&base.clone().endpoint(at(1, 50), 1)]);
    let _edge = network.edge(&vpc_id(1));
    network.expect(&[(1, PUBLIC, 443, by_table(PUBLIC, 1)), (1, at(1, 50), 443, by_table(at(1, 50), 1))]);
    // Both endpoints go; then the gateway endpoint comes back by another table.
    network.set(&[&base.clone().table(1, false)]);
    network.expect(&[(1, PUBLIC, 443, Silence), (1, at(1, 50), 443, Silence)]);
    network.set(&[&base.clone().table(2, true).program(1, at(1, 10), 2, 1)]);
    network.expect(&[(1, PUBLIC, 443, by_table(PUBLIC, 2))]);
    network.set(&[&base.clone().program(1, at(1, 10), 3, 1)]);
    network.expect(&[(1, PUBLIC, 443, Silence)]);
}

#[test]
fn a_withdrawn_rule_stops_new_connections_and_leaves_live_ones() {
    need_root!();
    let mut network = Network::new();
    let base = vpc(1).table(1, false).program(1, at(1, 10), 1, 1).program(2, at(2, 10), 1, 2).egress(1, all());
    let open = base.clone().ingress(2, port(TCP, "10.0.1.0/24", 5000));
    network.set(&[&open]);
    let listener = network.inside(2, || TcpListener::bind(("0.0.0.0", 5000))).unwrap();
    let mut client = network.inside(1, || TcpStream::connect_timeout(&(at(2, 10), 5000).into(), PATIENCE)).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    network.set(&[&base.clone().group(2)]);
    network.expect(&[(1, at(2, 10), 5000, Silence)]);
    client.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    server.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    client.write_all(b"there").unwrap();
    server.read_exact(&mut [0; 5]).unwrap();
    server.write_all(b"back").unwrap();
    client.read_exact(&mut [0; 4]).unwrap();
}

#[test]
fn a_withdrawn_rule_stops_new_connections_to_an_endpoint_and_leaves_live_ones() {
    need_root!();
    let mut network = Network::new();
    let endpoint = at(1, 50);
    let base = vpc(1).table(1, false).program(1, at(1, 10), 1, 1).endpoint(endpoint, 2);
    network.set(&[&base.clone().egress(1, all()).ingress(2, port(TCP, "10.0.1.0/24", 443))]);
    let listener = network.dataplane.listeners(&vpc_id(1)).unwrap().tls.remove(0);
    listener.set_nonblocking(false).unwrap();
    let mut client = network.inside(1, || TcpStream::connect_timeout(&(endpoint, 443).into(), PATIENCE)).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    // What may come in goes, and then what may go out.
    for withdrawn in [base.clone().egress(1, all()).group(2), base.clone().group(1).group(2)] {
        network.set(&[&withdrawn]);
        network.expect(&[(1, endpoint, 443, Silence)]);
        for stream in [&client, &server] {
            stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        }
        client.write_all(b"there").unwrap();
        server.read_exact(&mut [0; 5]).unwrap();
        server.write_all(b"back").unwrap();
        client.read_exact(&mut [0; 4]).unwrap();
    }
}

/// Sends a TCP segment without any payload, and tells the flags of the answer.
fn segment(network: &Network, program: u32, to: Ipv4Addr, port: u16, flags: u8) -> Option<u8> {
    const FROM: u16 = 40_000;
    network.inside(program, || {
        let raw = socket(AddressFamily::Inet, SockType::Raw, SockFlag::empty(), SockProtocol::Tcp).unwrap();
        setsockopt(&raw, sockopt::ReceiveTimeout, &nix::sys::time::TimeVal::new(0, 300_000)).unwrap();
        let [a, b, c, d] = to.octets();
        let to = SockaddrIn::new(a, b, c, d, 0);
        // The route tells the source, which the checksum wants.
        let route = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        route.connect((Ipv4Addr::new(a, b, c, d), port)).unwrap();
        let IpAddr::V4(source) = route.local_addr().unwrap().ip() else { unreachable!("the socket is of IPv4") };
        let mut words = [FROM, port, 0, 1, 0, 2, 0x5000 | u16::from(flags), 1000, 0, 0];
        let pseudo = source.octets().into_iter().chain([a, b, c, d, 0, TCP, 0, 20]).collect::<Vec<u8>>();
        let pseudo = pseudo.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
        let mut sum: u32 = words.iter().copied().map(u32::from).chain(pseudo).sum();
        sum = (sum & 0xffff) + (sum >> 16);
        words[8] = !u16::try_from((sum & 0xffff) + (sum >> 16)).unwrap();
        let bytes = words.into_iter().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        sendto(raw.as_raw_fd(), &bytes, &to, MsgFlags::empty()).unwrap();
        let mut packet = [0; 128];
        while recv(raw.as_raw_fd(), &mut packet, MsgFlags::empty()).is_ok() {
            if packet[12..16] == [a, b, c, d] && packet[22..24] == FROM.to_be_bytes() {
                return Some(packet[33]);
            }
        }
        None
    })
}

#[test]
fn a_segment_of_no_connection_is_judged_like_one_that_begins_it() {
    need_root!();
    const SYN: u8 = 2;
    const RESET: u8 = 4;
    const ACK: u8 = 16;
    let mut network = Network::new();
    let endpoint = at(1, 50);
    let plan = vpc(1)
        .table(1, true)
        .table(2, false)
        .program(1, at(1, 10), 1, 1)
        .program(2, at(1, 20), 2, 1)
        .program(3, at(2, 30), 1, 3)
        .endpoint(endpoint, 2)
        .egress(1, all())
        .ingress(2, port(TCP, "10.0.1.10/32", 443))
        .group(3);
    network.set(&[&plan]);
    let _edge = network.edge(&vpc_id(1));
    // The host behind an address answers what belongs to nothing with a reset, where it may be reached at all.
    for flags in [ACK, SYN | ACK, 1 | ACK] {
        for (program, to, answer) in [
            (1, endpoint, Some(RESET)),
            (1, PUBLIC, Some(RESET)),
            (2, endpoint, None),
            (2, PUBLIC, None),
            (3, PUBLIC, None),
        ] {
            let met = segment(&network, program, to, 443, flags).map(|flags| flags & RESET);
            assert_eq!(met, answer, "program {program} to {to}, flags {flags}");
        }
        for silent in [(endpoint, 22), (PUBLIC, 8080), (at(1, 1), 443), (at(0, 2), 80), (METADATA_ADDRESS, 443)] {
            assert_eq!(segment(&network, 1, silent.0, silent.1, flags), None, "{silent:?}, flags {flags}");
        }
    }
}

#[test]
fn connections_to_endpoints_take_no_place_among_tracked_flows() {
    need_root!();
    let mut network = Network::new();
    let plan = vpc(1).table(1, true).program(1, at(1, 10), 1, 1).program(2, at(1, 20), 1, 1).endpoint(at(1, 50), 1);
    network.set(&[&plan.egress(1, all()).ingress(1, all())]);
    let (_edge, _server) = (network.edge(&vpc_id(1)), network.server(2, 5000));
    let namespace = network.namespace(vpc_id(1).as_str());
    let tracked = || {
        let count = namespace.run(|| Command::new("cat").arg("/proc/sys/net/netfilter/nf_conntrack_count").output());
        String::from_utf8(count.unwrap().unwrap().stdout).unwrap().trim().parse::<u32>().unwrap()
    };
    network.expect(&[(1, PUBLIC, 443, by_table(PUBLIC, 1)), (1, at(1, 50), 443, by_table(at(1, 50), 1))]);
    assert_eq!(tracked(), 0);
    network.expect(&[(1, at(1, 20), 5000, by_table(at(1, 20), 0))]);
    assert_eq!(tracked(), 1);
}

#[test]
fn the_next_owner_of_an_address_inherits_no_flow() {
    need_root!();
    let mut network = Network::new();
    let base = vpc(1).table(1, false).program(1, at(1, 10), 1, 1).egress(1, all()).ingress(2, all());
    network.set(&[&base.clone().program(2, at(1, 20), 1, 2).group(3)]);
    let (client, first) = (network.udp(1, 4000), network.udp(2, 5000));
    client.send_to(b"one", (at(1, 20), 5000)).unwrap();
    let (_, from) = datagram(&first).unwrap();
    first.send_to(b"reply", from).unwrap();
    assert!(datagram(&client).is_some());
    // The address goes to another program, in one step, whose groups let nobody in.
    network.set(&[&base.clone().program(3, at(1, 20), 1, 3).group(3)]);
    let second = network.udp(3, 5000);
    client.send_to(b"two", (at(1, 20), 5000)).unwrap();
    assert_eq!(datagram(&second), None);
    assert_eq!(datagram(&first), None);
}

#[test]
fn vpcs_with_the_same_block_never_meet() {
    need_root!();
    let mut network = Network::new();
    let plan = |number: u32| {
        vpc(number)
            .table(1, true)
            .program(10 * number, at(1, 10), 1, 1)
            .program(10 * number + 1, at(1, 20), 1, 1)
            .egress(1, all())
            .ingress(1, all())
    };
    network.set(&[&plan(1), &plan(2)]);
    let _edge = network.edge(&vpc_id(1));
    let _server = network.server(11, 5000);
    let closed = Outcome::Error(std::io::ErrorKind::ConnectionRefused);
    network.expect(&[
        (10, at(1, 20), 5000, by_table(at(1, 20), 0)),
        (20, at(1, 20), 5000, closed),
        (10, PUBLIC, 443, by_table(PUBLIC, 1)),
        // The other VPC has an endpoint too, but nobody listens there: a client tries again until somebody does.
        (20, PUBLIC, 443, Silence),
    ]);
}

#[test]
fn setting_the_same_again_changes_nothing() {
    need_root!();
    let mut network = Network::new();
    let plan = three_subnets().endpoint(at(1, 50), 1);
    let applied = network.set(&[&plan]);
    assert_eq!(applied.namespaces, [vpc_id(1).to_string(), eni(1), eni(2), eni(3)]);
    assert!(applied.changes[&vpc_id(1)] > 40);
    assert_eq!(network.set(&[&plan]), Default::default());
    network.restart();
    assert_eq!(network.set(&[&plan]), Default::default());
    // One permit more is one change.
    let applied = network.set(&[&plan.clone().ingress(1, port(TCP, "10.0.0.0/16", 443))]);
    assert_eq!(applied.changes[&vpc_id(1)], 1);
}

/// Runs a command of nftables or iproute2 in a namespace.
pub(crate) fn tamper(network: &Network, namespace: &str, command: &str) {
    let words: Vec<_> = command.split(' ').collect();
    let output =
        network.namespace(namespace).run(|| Command::new(words[0]).args(&words[1..]).output()).unwrap().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_restarted_driver_repairs_what_somebody_changed() {
    need_root!();
    let mut network = Network::new();
    let plan = three_subnets().endpoint(at(1, 50), 1).ingress(1, port(TCP, "10.0.0.0/16", 443));
    network.set(&[&plan]);
    let vpc_name = vpc_id(1).to_string();
    let in_vpc = [
        "ip rule del pref 1000 fwmark 1/0xffff",
        "ip rule add pref 50 lookup main",
        "ip rule add pref 1000 fwmark 9 lookup 1009",
        "ip route del 198.18.0.0/20 table 1002",
        "ip route add unreachable 198.18.0.0/24 table 1001",
        "ip route add local 1.2.3.4 dev lo",
        "ip route replace blackhole 10.0.1.10/32 table 100",
        "ip addr del 10.0.2.1/32 dev lo",
        "ip addr add 10.9.9.9/24 dev lo",
        "ip link add docker0 type veth peer name docker1",
        "ip link set sg-2 down",
        "ip link del sg-3",
        "sysctl -qw net.ipv4.ip_forward=0",
        "sysctl -qw net.ipv4.conf.sg-1.rp_filter=1",
        "nft add table ip other",
        "nft flush map ip sidegate sources",
        "nft add element ip sidegate ingress_ports { 0x00020200 . 0.0.0.0/0 . tcp . 0-65535 }",
        "nft add rule ip sidegate endpoints accept",
        "nft add element ip sidegate group_of { 10.0.9.9 : 0x00020200 }",
    ];
    for command in in_vpc.iter().filter(|c| !c.starts_with("sysctl") || has_sysctl()) {
        tamper(&network, &vpc_name, command);
    }
    for command in ["ip addr add 10.0.1.99/24 dev eth0", "ip route del default"] {
        tamper(&network, &eni(1), command);
    }
    // One at a time and all together.
    network.restart();
    let applied = network.set(&[&plan]);
    assert!(applied.changes[&vpc_id(1)] > 15, "{applied:?}");
    for command in in_vpc.iter().filter(|c| !c.starts_with("sysctl") || has_sysctl()) {
        tamper(&network, &vpc_name, command);
        network.restart();
        assert!(network.set(&[&plan]).changes[&vpc_id(1)] > 0, "{command}");
    }
    let _edge = network.edge(&vpc_id(1));
    network.expect(&[
        (1, PUBLIC, 443, by_table(PUBLIC, 1)),
        (2, at(1, 50), 443, by_table(at(1, 50), 1)),
        (3, PUBLIC, 443, Silence),
    ]);
}

fn has_sysctl() -> bool {
    sidegate_linux::preflight::find_program("sysctl").is_some()
}

#[test]
fn a_link_that_is_not_recognised_any_more_is_made_anew_with_its_route() {
    need_root!();
    let mut network = Network::new();
    let plan = three_subnets();
    network.set(&[&plan]);
    tamper(&network, &eni(2), "ip addr add 10.0.2.99/24 dev eth0");
    network.restart();
    assert!(network.set(&[&plan]).changes[&vpc_id(1)] > 3);
    let _edge = network.edge(&vpc_id(1));
    network.expect(&[(2, PUBLIC, 443, by_table(PUBLIC, 2))]);
}

#[test]
fn a_change_that_meets_something_unexpected_is_made_after_reading_back() {
    need_root!();
    let mut network = Network::new();
    let plan = three_subnets();
    network.set(&[&plan]);
    let vpc_name = vpc_id(1).to_string();
    tamper(&network, &vpc_name, "nft delete element ip sidegate sources { sg-1 . 10.0.1.10 }");
    tamper(&network, &vpc_name, "ip route add blackhole 10.0.1.50 table 100");
    let mut next = plan.endpoint(at(1, 50), 1);
    next.links.retain(|interface, _| interface.as_str() != eni(1));
    network.set(&[&next]);
}

#[test]
fn a_program_whose_namespace_is_gone_leaves_nothing_behind() {
    need_root!();
    let mut network = Network::new();
    let plan = three_subnets();
    network.set(&[&plan]);
    network.client.drop_namespace(&eni(2)).unwrap();
    let mut next = plan.clone();
    next.links.retain(|interface, _| interface.as_str() != eni(2));
    network.set(&[&next]);
    // And it can come back.
    assert_eq!(network.set(&[&plan]).namespaces, [eni(2)]);
}

#[test]
fn namespaces_are_made_when_needed_and_swept_when_not() {
    need_root!();
    let mut network = Network::new();
    let empty = vpc(1).table(1, true);
    assert_eq!(network.set(&[&empty]), Default::default());
    assert!(matches!(network.dataplane.listeners(&vpc_id(1)), Err(DataplaneError::NoNamespace { .. })));
    let plan = three_subnets();
    network.set(&[&plan, &vpc(2).table(1, true).program(9, at(1, 10), 1, 1).group(1)]);
    network.client.ensure("eni-0000000000000dead").unwrap();
    let wanted = Plan { vpcs: [(vpc_id(1), Arc::new(plan.clone()))].into_iter().collect(), ..Plan::default() };
    network.restart();
    network.dataplane.set(&wanted).unwrap();
    // The second VPC is empty before it is swept.
    let left = network.read(&vpc_id(2));
    assert!(left.links.is_empty() && left.routes.is_empty() && left.elements.is_empty());
    assert_eq!(left.ruleset, Ruleset::Current);
    let swept = network.dataplane.sweep(&wanted).unwrap();
    assert_eq!(swept, [eni(9), "eni-0000000000000dead".to_owned(), vpc_id(2).to_string()]);
    assert_eq!(network.dataplane.sweep(&wanted).unwrap(), [""; 0]);
    assert_eq!(network.client.list().unwrap(), [eni(1), eni(2), eni(3), vpc_id(1).to_string()]);
    // It comes back as new.
    network.set(&[&plan, &vpc(2).table(1, true).program(9, at(1, 10), 1, 1).group(1)]);
}

#[test]
fn what_has_left_the_plan_is_let_go_of_while_the_driver_runs() {
    need_root!();
    let mut network = Network::new();
    let pair = vpc(1).table(1, true).program(1, at(1, 10), 1, 1).egress(1, all());
    let other = vpc(2).table(1, true).program(9, at(1, 10), 1, 1).group(1);
    for _ in 0..3 {
        network.set(&[&pair.clone().program(2, at(1, 11), 1, 1), &other]);
        assert_eq!(network.dataplane.release().unwrap(), [""; 0]);
        drop(network.edge(&vpc_id(1)));
        // One program of the two goes, and returns before anybody let go of it.
        network.set(&[&pair, &other]);
        network.set(&[&pair.clone().program(2, at(1, 11), 1, 1), &other]);
        assert_eq!(network.dataplane.release().unwrap(), [""; 0]);
        network.set(&[&pair, &other]);
        assert_eq!(network.dataplane.release().unwrap(), [eni(2)]);
        // The last one of a VPC goes, and the whole of the other VPC.
        network.set(&[&vpc(1).table(1, true)]);
        let released = [eni(1), eni(9), vpc_id(1).to_string(), vpc_id(2).to_string()];
        assert_eq!(network.dataplane.release().unwrap(), released);
        assert_eq!(network.client.list().unwrap(), [""; 0]);
        assert!(matches!(network.dataplane.listeners(&vpc_id(1)), Err(DataplaneError::NoNamespace { .. })));
        network.set(&[]);
        assert_eq!(network.dataplane.release().unwrap(), [""; 0]);
    }
}

#[test]
fn a_holder_that_replaces_another_is_given_the_namespaces() {
    need_root!();
    let mut network = Network::new();
    let plan = vpc(1).table(1, true).program(1, at(1, 10), 1, 1).egress(1, all());
    network.set(&[&plan]);
    let _edge = network.edge(&vpc_id(1));
    let id = network.namespace(&vpc_id(1).to_string()).id().unwrap();
    let programs = network.namespace(&eni(1));
    assert!(!network.dataplane.follow_holder().unwrap());
    for round in 0..2 {
        network.replace_holder();
        // Either it is asked, or a change has to ask it.
        if round == 0 {
            assert!(network.dataplane.follow_holder().unwrap());
        } else {
            let larger = plan.clone().program(2, at(1, 11), 1, 1);
            let vpcs = [(larger.vpc.clone(), Arc::new(larger))].into_iter().collect();
            network.dataplane.set(&Plan { vpcs, ..Plan::default() }).unwrap();
            assert_eq!(network.namespace(&eni(2)).run(|| ()).unwrap(), ());
        }
        assert!(!network.dataplane.follow_holder().unwrap());
        assert_eq!(network.namespace(&vpc_id(1).to_string()).id().unwrap(), id);
        // The program has not noticed.
        programs.run(|| TcpStream::connect_timeout(&(PUBLIC, 443).into(), PATIENCE).unwrap()).unwrap();
    }
}

#[test]
fn a_plan_that_no_kernel_can_carry_out_closes_its_vpc_and_no_other() {
    need_root!();
    let mut network = Network::new();
    let other = vpc(2).table(1, true).program(9, at(1, 10), 1, 1).egress(1, all());
    network.set(&[&three_subnets()]);
    let _edge = network.edge(&vpc_id(1));
    let vpcs = [three_subnets().program(4, at(1, 11), 0, 1), other.clone()];
    let vpcs = vpcs.into_iter().map(|vpc| (vpc.vpc.clone(), Arc::new(vpc))).collect();
    let error = network.dataplane.set(&Plan { vpcs, ..Plan::default() }).unwrap_err();
    let DataplaneError::Incomplete { applied, failures } = error else { panic!("{error}") };
    assert!(failures.contains_key(&vpc_id(1)) && failures.len() == 1);
    assert!(applied.namespaces.contains(&vpc_id(2).to_string()));
    network.expect(&[(1, PUBLIC, 443, Silence)]);
    assert_same(&network.read(&vpc_id(2)), &render(&other).unwrap());
    network.set(&[&three_subnets(), &other]);
    network.expect(&[(1, PUBLIC, 443, by_table(PUBLIC, 1))]);
}

#[test]
fn listeners_can_be_closed_and_opened_again() {
    need_root!();
    let mut network = Network::new();
    network.set(&[&three_subnets()]);
    drop(network.edge(&vpc_id(1)));
    let Listeners { tls, .. } = network.dataplane.listeners(&vpc_id(1)).unwrap();
    let congestion = nix::sys::socket::getsockopt(&tls[0], sockopt::TcpCongestion).unwrap();
    assert!(congestion.to_string_lossy().starts_with("cubic") || congestion.to_string_lossy().starts_with("reno"));
    drop(tls);
    let _edge = network.edge(&vpc_id(1));
    network.expect(&[(1, PUBLIC, 443, by_table(PUBLIC, 1))]);
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
}

fn random_plan(dice: &mut Dice) -> VpcPlan {
    let small = |dice: &mut Dice, limit| u8::try_from(dice.below(limit)).unwrap();
    let mut plan = vpc(1);
    for index in 1..=3 {
        if dice.coin() || index == 1 {
            plan = plan.table(index, dice.coin());
        }
    }
    let tables: Vec<u16> = plan.tables.keys().copied().collect();
    for number in 0..5_u8 {
        if dice.coin() {
            let table = tables[usize::from(small(dice, tables.len() as u64))];
            // Addresses are handed on from program to program.
            let address = at(1, 10 + (number + small(dice, 2)) % 5);
            if plan.links.values().all(|link| link.address != address) {
                plan = plan.program(u32::from(number), address, table, 1 + u16::from(small(dice, 3)));
            }
        }
    }
    for host in 50..53 {
        if dice.coin() {
            plan = plan.endpoint(at(1, host), 1 + u16::from(small(dice, 3)));
        }
    }
    for group in 1..=3 {
        plan = plan.group(group);
        // Ranges that touch and overlap those of the plan before, and never each other.
        let mut first = 0;
        while first < 200 {
            let last = first + 1 + u16::from(small(dice, 100));
            let peers = Ipv4Range { first: dice.below(4) as u32, last: 4 + dice.below(4) as u32 };
            if dice.coin() {
                plan = plan.ingress(group, ports(TCP, peers, (first, last)));
            }
            if dice.coin() {
                plan = plan.egress(group, ports(UDP, peers, (first, last)));
            }
            first = last + 1;
        }
        if dice.coin() {
            plan = plan.ingress(group, echo("10.0.0.0/8"));
        }
    }
    let blocks = ["198.18.0.0/20", "198.18.16.0/20", "198.18.0.0/24", "255.0.0.0/8", "0.0.0.0/8"];
    plan.gateway_prefixes = blocks.iter().filter(|_| dice.coin()).map(|block| block.parse().unwrap()).collect();
    if dice.coin() {
        plan.resolver = None;
    }
    plan
}

#[test]
fn after_any_change_the_kernel_has_what_a_fresh_start_would_make() {
    need_root!();
    let mut network = Network::new();
    network.set(&[&three_subnets()]);
    let mut dice = Dice(20);
    for round in 0..24 {
        let plan = random_plan(&mut dice);
        if round % 5 == 4 {
            network.restart();
        }
        network.set(&[&plan]);
        assert_same(&network.read(&vpc_id(1)), &render(&plan).unwrap());
    }
}

#[test]
fn a_filter_of_another_version_is_replaced_whole() {
    need_root!();
    let mut network = Network::new();
    network.set(&[&three_subnets()]);
    let vpc_name = vpc_id(1).to_string();
    for change in [
        "nft delete table ip sidegate",
        "nft add chain ip sidegate extra",
        "nft add rule ip sidegate forward accept",
        "nft chain ip sidegate forward { policy accept; }",
        "nft add set ip sidegate extra { type ipv4_addr; }",
        "nft add table ip sidegate { flags dormant; }",
    ] {
        let words: Vec<_> = change.splitn(6, ' ').collect();
        let run = network.namespace(&vpc_name).run(|| Command::new("nft").arg(words[1..].join(" ")).output());
        let output = run.unwrap().unwrap();
        assert!(output.status.success(), "{change}: {}", String::from_utf8_lossy(&output.stderr));
        assert_ne!(network.read(&vpc_id(1)).ruleset, Ruleset::Current, "{change}");
        network.dataplane = Dataplane::new(network.client.clone());
        network.set(&[&three_subnets()]);
        let elements = network.read(&vpc_id(1)).elements;
        assert!(elements.contains(&Element::ServicePort(sidegate_model::AddressFamily::Ipv4, 443)));
    }
}
