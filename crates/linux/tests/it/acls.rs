//! Network ACLs, judged by packets: no state, both directions, at the border of a subnet and nowhere else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use sidegate_model::{Ipv4Cidr, Ipv4Range};
use sidegate_plan::{METADATA_ADDRESS, Permit, VpcPlan};

use super::dataplane::pings;
use super::network::{
    Build, Network, Outcome, PATIENCE, PUBLIC, TCP, UDP, all, at, by_table, datagram, echo, port, ports, vpc, vpc_id,
};
use super::sandbox::need_root;
use Outcome::Silence;

/// Where replies go.
fn replies(peers: &str) -> Permit {
    ports(TCP, range(peers), (1024, 65535))
}

fn range(peers: &str) -> Ipv4Range {
    peers.parse::<Ipv4Cidr>().unwrap().range()
}

/// Two subnets with two programs in the first and one in the second, a gateway endpoint in their table, an interface
/// endpoint in a third subnet, and groups that let everything through.
fn open() -> VpcPlan {
    vpc(1)
        .table(1, true)
        .program(1, at(1, 10), 1, 1)
        .program(2, at(1, 20), 1, 1)
        .program(3, at(2, 10), 1, 1)
        .endpoint(at(3, 50), 1)
        .egress(1, all())
        .ingress(1, all())
}

#[test]
fn a_network_acl_asks_packets_in_both_directions_and_knows_no_connection() {
    need_root!();
    let mut network = Network::new();
    let endpoint = at(3, 50);
    let met = |plan: VpcPlan, network: &mut Network, outcomes: [bool; 3]| {
        network.set(&[&plan]);
        let _edge = network.edge(&vpc_id(1));
        let _server = network.server(3, 443);
        let wanted = |yes, outcome: Outcome| if yes { outcome } else { Silence };
        let [to_endpoint, to_gateway, to_program] = outcomes;
        network.expect(&[
            (1, endpoint, 443, wanted(to_endpoint, by_table(endpoint, 1))),
            (1, PUBLIC, 443, wanted(to_gateway, by_table(PUBLIC, 1))),
            (1, at(2, 10), 443, wanted(to_program, by_table(at(2, 10), 0))),
        ]);
    };
    let out = port(TCP, "0.0.0.0/0", 443);
    met(open(), &mut network, [true, true, true]);
    met(open().acl(1, &[replies("0.0.0.0/0")], &[out]), &mut network, [true, true, true]);
    // The way out is closed for one, then the way of the replies.
    met(open().acl(1, &[all()], &[port(TCP, "10.0.0.0/16", 443)]), &mut network, [true, false, true]);
    met(open().acl(1, &[replies("198.18.0.0/15")], &[out]), &mut network, [false, true, false]);
    met(open().acl(1, &[], &[all()]), &mut network, [false, false, false]);
    // The same at the other end, which a gateway endpoint has not.
    met(open().acl(3, &[out], &[replies("10.0.1.0/24")]), &mut network, [true, true, true]);
    met(open().acl(3, &[out], &[]), &mut network, [false, true, true]);
    met(open().acl(3, &[], &[all()]), &mut network, [false, true, true]);
    met(open().acl(2, &[out], &[replies("10.0.1.0/24")]), &mut network, [true, true, true]);
    met(open().acl(2, &[out], &[port(TCP, "0.0.0.0/0", 443)]), &mut network, [true, true, false]);
    met(open().acl(2, &[all()], &[all()]).acl(3, &[], &[]), &mut network, [false, true, true]);
    met(open(), &mut network, [true, true, true]);
}

#[test]
fn a_network_acl_stops_live_connections_and_lets_what_stays_in_a_subnet_and_the_platform_be() {
    need_root!();
    let mut network = Network::new();
    let closed = open().acl(1, &[], &[]);
    network.set(&[&open()]);
    let listener = network.dataplane.listeners(&vpc_id(1)).unwrap().tls.remove(0);
    listener.set_nonblocking(false).unwrap();
    let endpoint = at(3, 50);
    let mut client = network.inside(1, || TcpStream::connect_timeout(&(endpoint, 443).into(), PATIENCE)).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    for stream in [&client, &server] {
        stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    }
    client.write_all(b"there").unwrap();
    server.read_exact(&mut [0; 5]).unwrap();
    network.set(&[&closed]);
    client.write_all(b"there").unwrap();
    assert!(server.read_exact(&mut [0; 5]).is_err());
    // What is sent again gets through when the border is open again.
    network.set(&[&open()]);
    server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    server.read_exact(&mut [0; 5]).unwrap();
    drop((client, server, listener));
    network.set(&[&closed]);
    let _edge = network.edge(&vpc_id(1));
    let _server = network.server(2, 5000);
    network.expect(&[
        (1, at(1, 20), 5000, by_table(at(1, 20), 0)),
        (1, METADATA_ADDRESS, 80, by_table(METADATA_ADDRESS, 1)),
    ]);
}

#[test]
fn the_resolver_answers_through_every_network_acl() {
    need_root!();
    let mut network = Network::new();
    network.set(&[&open().acl(1, &[], &[])]);
    let listeners = network.dataplane.listeners(&vpc_id(1)).unwrap();
    let (resolver, socket) = &listeners.dns_udp[0];
    socket.set_nonblocking(false).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let program = network.udp(1, 0);
    program.send_to(b"ask", (*resolver, 53)).unwrap();
    let (text, from) = datagram(socket).unwrap();
    assert_eq!(text, "ask");
    socket.send_to(b"answer", from).unwrap();
    assert_eq!(datagram(&program).unwrap().0, "answer");
}

#[test]
fn a_network_acl_tells_protocols_and_messages_apart() {
    need_root!();
    let mut network = Network::new();
    let to_second = "10.0.2.0/24";
    network.set(&[&open().acl(1, &[echo_reply()], &[echo(to_second), port(UDP, to_second, 5000)])]);
    assert!(pings(&network, 1, at(2, 10)));
    assert!(!pings(&network, 3, at(1, 10)));
    let receiver = network.udp(3, 5000);
    let (sender, other) = (network.udp(1, 0), network.udp(3, 5001));
    sender.send_to(b"right", (at(2, 10), 5000)).unwrap();
    sender.send_to(b"wrong", (at(2, 10), 5001)).unwrap();
    assert_eq!(datagram(&receiver).unwrap().0, "right");
    assert_eq!(datagram(&other), None);
}

/// Answers to pings.
fn echo_reply() -> Permit {
    let selector = sidegate_plan::Selector::Icmp { types: (0, 0), codes: (0, 255) };
    Permit { peers: Permit::ANY.peers, selector }
}
