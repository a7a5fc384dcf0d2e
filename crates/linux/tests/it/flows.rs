//! What the filter counts at the interfaces that flow logs watch.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use sidegate_linux::dataplane::{Direction, Element, FlowCount, Ruleset};
use sidegate_model::NetworkInterfaceId;
use sidegate_plan::{METADATA_ADDRESS, VpcPlan};

use super::dataplane::pings;
use super::network::{Build, Network, Outcome, PATIENCE, PUBLIC, TCP, UDP, all, at, by_table, eni, port, vpc, vpc_id};
use super::sandbox::need_root;
use Direction::{Egress, Ingress};
use Outcome::Silence;

/// The plan in which flow logs watch everything.
fn watched(mut plan: VpcPlan) -> VpcPlan {
    let endpoints = plan.endpoint_addresses.values().map(|address| &address.interface);
    plan.watched = plan.links.keys().chain(endpoints).cloned().zip(1..).collect();
    plan
}

/// Three programs, of which the third lets nothing in and the second lets in one port; and endpoints of both kinds.
fn plan() -> VpcPlan {
    vpc(1)
        .table(1, true)
        .program(1, at(1, 10), 1, 1)
        .program(2, at(1, 20), 1, 2)
        .program(3, at(2, 10), 1, 3)
        .endpoint(at(3, 50), 1)
        .endpoint(at(3, 60), 3)
        .egress(1, all())
        .ingress(1, all())
        .egress(2, port(TCP, "10.0.1.0/24", 5000))
        .ingress(2, port(TCP, "10.0.0.0/8", 443))
        .group(3)
}

/// What was counted, by interface, direction, outcome, protocol and the addresses with the ports that are known: packets,
/// bytes and flags together.
type Counts = BTreeMap<(String, Direction, bool, u8, String, String), (u64, u64, u8)>;

fn take(network: &mut Network) -> Counts {
    let mut counts = Counts::new();
    let taken = network.dataplane.take_flows();
    assert!(taken.iter().all(|(plan, counts)| plan.vpc == vpc_id(1) && counts.skipped.is_empty()));
    let flows = taken.into_iter().flat_map(|(_, counts)| counts.flows);
    for FlowCount { interface, direction, accepted, source, destination, protocol, ports, flags, packets, bytes } in
        flows
    {
        // Ports of clients are not known.
        let with = |address, port: u16| match port {
            0 | 10_000.. => format!("{address}"),
            port => format!("{address}:{port}"),
        };
        let key = (with(source, ports.0), with(destination, ports.1));
        let sum = counts.entry((interface.to_string(), direction, accepted, protocol, key.0, key.1)).or_default();
        *sum = (sum.0 + packets, sum.1 + bytes, sum.2 | flags);
    }
    counts
}

fn key(
    who: &str, way: Direction, accepted: bool, protocol: u8, from: &str, to: &str,
) -> (String, Direction, bool, u8, String, String) {
    (who.to_owned(), way, accepted, protocol, from.to_owned(), to.to_owned())
}

/// The interface of an endpoint.
fn of_endpoint(address: Ipv4Addr) -> String {
    format!("eni-{:017x}", address.to_bits())
}

const SYN: u8 = 2;
const FIN: u8 = 1;

#[test]
fn each_flow_is_counted_where_it_is_judged() {
    need_root!();
    let mut network = Network::new();
    network.set(&[&watched(plan())]);
    let (_edge, _server) = (network.edge(&vpc_id(1)), network.server(2, 443));
    network.expect(&[
        (1, at(1, 20), 443, by_table(at(1, 20), 0)),
        (1, at(3, 50), 443, by_table(at(3, 50), 1)),
        (1, PUBLIC, 443, by_table(PUBLIC, 1)),
        (1, METADATA_ADDRESS, 80, by_table(METADATA_ADDRESS, 1)),
        (1, at(3, 60), 443, Silence),
        (1, at(1, 20), 444, Silence),
        (2, at(3, 50), 443, Silence),
        (3, at(1, 10), 443, Silence),
    ]);
    let counts = take(&mut network);
    let (first, second, third) = (eni(1), eni(2), eni(3));
    let (near, closed) = (of_endpoint(at(3, 50)), of_endpoint(at(3, 60)));
    let wanted = [
        // A program, its answer, both at both ends.
        key(&first, Egress, true, TCP, "10.0.1.10", "10.0.1.20:443"),
        key(&second, Ingress, true, TCP, "10.0.1.10", "10.0.1.20:443"),
        key(&second, Egress, true, TCP, "10.0.1.20:443", "10.0.1.10"),
        key(&first, Ingress, true, TCP, "10.0.1.20:443", "10.0.1.10"),
        // The same of an interface endpoint.
        key(&first, Egress, true, TCP, "10.0.1.10", "10.0.3.50:443"),
        key(&near, Ingress, true, TCP, "10.0.1.10", "10.0.3.50:443"),
        key(&near, Egress, true, TCP, "10.0.3.50:443", "10.0.1.10"),
        key(&first, Ingress, true, TCP, "10.0.3.50:443", "10.0.1.10"),
        // A gateway endpoint has no interface.
        key(&first, Egress, true, TCP, "10.0.1.10", &format!("{PUBLIC}:443")),
        key(&first, Ingress, true, TCP, &format!("{PUBLIC}:443"), "10.0.1.10"),
        // The receiver's groups refuse.
        key(&first, Egress, true, TCP, "10.0.1.10", "10.0.3.60:443"),
        key(&closed, Ingress, false, TCP, "10.0.1.10", "10.0.3.60:443"),
        key(&first, Egress, true, TCP, "10.0.1.10", "10.0.1.20:444"),
        key(&second, Ingress, false, TCP, "10.0.1.10", "10.0.1.20:444"),
        // The sender's do.
        key(&second, Egress, false, TCP, "10.0.1.20", "10.0.3.50:443"),
        key(&third, Egress, false, TCP, "10.0.2.10", "10.0.1.10:443"),
    ];
    let found: Vec<_> = counts.keys().cloned().collect();
    let mut wanted: Vec<_> = wanted.into();
    wanted.sort();
    assert_eq!(found, wanted);
    for (key, (packets, bytes, flags)) in counts {
        assert!(flags & SYN != 0 && (flags & FIN != 0) == (key.2 && packets > 2), "{key:?} {flags}");
        assert!(packets > 0 && bytes >= 40 * packets, "{key:?} {packets} {bytes}");
    }
    assert_eq!(take(&mut network), Counts::new());
}

#[test]
fn every_byte_is_counted_once_whenever_counts_are_taken() {
    const SENT: usize = 20_000_000;
    need_root!();
    let mut network = Network::new();
    let plan = watched(plan());
    network.set(&[&plan]);
    let listener = network.inside(2, || TcpListener::bind((at(1, 20), 443))).unwrap();
    let receive = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = vec![0; 65_536];
        while stream.read(&mut buffer).unwrap() > 0 {}
    });
    let mut client = network.inside(1, || TcpStream::connect_timeout(&(at(1, 20), 443).into(), PATIENCE)).unwrap();
    let send = thread::spawn(move || {
        // With pauses, so that counts are taken meanwhile also where all of it would pass at once.
        for part in vec![7; SENT].chunks(SENT / 50) {
            client.write_all(part).unwrap();
            thread::sleep(Duration::from_millis(4));
        }
    });
    let (mut sent, mut received, mut rounds) = (0, 0, 0);
    let mut count = |network: &mut Network| {
        for ((who, way, ..), (_, bytes, _)) in take(network) {
            match way {
                Egress if who == eni(1) => sent += bytes,
                Ingress if who == eni(2) => received += bytes,
                _ => {}
            }
        }
    };
    while !receive.is_finished() {
        count(&mut network);
        // A change of what is watched takes place meanwhile, and one of something else.
        rounds += 1;
        let mut next = plan.clone();
        next.watched
            .retain(|interface, _| rounds % 3 > 0 || *interface != eni(3).parse::<NetworkInterfaceId>().unwrap());
        network.set(&[&next]);
        thread::sleep(Duration::from_millis(2));
    }
    send.join().unwrap();
    receive.join().unwrap();
    thread::sleep(Duration::from_millis(50));
    count(&mut network);
    assert!(rounds > 2, "{rounds}");
    assert_eq!(sent, received);
    let sent = usize::try_from(sent).unwrap();
    assert!((SENT + 52..SENT + SENT / 50).contains(&sent), "{sent} in {rounds} rounds");
}

#[test]
fn network_acls_and_protocols_without_ports_are_counted_too() {
    need_root!();
    let mut network = Network::new();
    let ways = |plan: VpcPlan, network: &mut Network| {
        network.set(&[&watched(plan)]);
        let _edge = network.edge(&vpc_id(1));
        network.expect(&[(1, at(3, 50), 443, Silence)]);
        let udp = network.udp(1, 0);
        udp.send_to(b"there", (at(1, 20), 7)).unwrap();
        assert!(!pings(network, 1, at(1, 20)));
        take(network)
    };
    let [to, back] = [("10.0.1.10", "10.0.3.50:443"), ("10.0.3.50:443", "10.0.1.10")];
    let (first, second, near) = (eni(1), eni(2), of_endpoint(at(3, 50)));
    let counts = ways(plan().acl(1, &[], &[]), &mut network);
    assert!(counts.contains_key(&key(&first, Egress, false, TCP, to.0, to.1)));
    assert!(!counts.keys().any(|key| key.0 == near));
    let counts = ways(plan().acl(3, &[], &[]), &mut network);
    assert!(counts.contains_key(&key(&first, Egress, true, TCP, to.0, to.1)));
    assert!(counts.contains_key(&key(&near, Ingress, false, TCP, to.0, to.1)));
    assert!(!counts.keys().any(|key| key.0 == near && key.1 == Egress));
    // A security group lets the answer out, and its subnet's ACL does not: two records.
    let counts = ways(plan().acl(3, &[port(TCP, "10.0.1.0/24", 443)], &[]), &mut network);
    assert!(counts.contains_key(&key(&near, Ingress, true, TCP, to.0, to.1)));
    assert!(counts.contains_key(&key(&near, Egress, false, TCP, back.0, back.1)));
    assert!(!counts.contains_key(&key(&first, Ingress, true, TCP, back.0, back.1)));
    let counts = ways(plan().acl(1, &[], &[port(TCP, "10.0.3.0/24", 443)]), &mut network);
    assert!(counts.contains_key(&key(&near, Egress, true, TCP, back.0, back.1)));
    assert!(counts.contains_key(&key(&first, Ingress, false, TCP, back.0, back.1)));
    const ICMP: u8 = 1;
    for (protocol, to, bytes) in [(UDP, "10.0.1.20:7", 33), (ICMP, "10.0.1.20", 28)] {
        assert_eq!(counts[&key(&first, Egress, true, protocol, "10.0.1.10", to)], (1, bytes, 0));
        assert_eq!(counts[&key(&second, Ingress, false, protocol, "10.0.1.10", to)], (1, bytes, 0));
    }
}

#[test]
fn a_vpc_without_flow_logs_has_nothing_of_this_and_a_change_holds_nothing_up() {
    need_root!();
    let mut network = Network::new();
    network.set(&[&plan()]);
    let plain = network.read(&vpc_id(1));
    let is_counting = |e: &Element| matches!(e, Element::Watched(..) | Element::WatchedHere(..) | Element::Unlogged(_));
    assert!(plain.ruleset == Ruleset::Current && !plain.elements.iter().any(is_counting));
    let _server = network.server(2, 443);
    let met = by_table(at(1, 20), 0);
    network.expect(&[(1, at(1, 20), 443, met.clone())]);
    assert_eq!(take(&mut network), Counts::new());
    network.set(&[&watched(plan())]);
    assert_eq!(network.read(&vpc_id(1)).ruleset, Ruleset::Counting);
    network.expect(&[(1, at(1, 20), 443, met.clone())]);
    // What was counted until then is not lost with the last flow log.
    network.set(&[&plan()]);
    assert_eq!(network.read(&vpc_id(1)), plain);
    assert_eq!(take(&mut network).len(), 4);
    // Nor with the driver.
    network.set(&[&watched(plan())]);
    network.expect(&[(1, at(1, 20), 443, met)]);
    network.restart();
    network.set(&[&watched(plan())]);
    assert_eq!(take(&mut network).len(), 4);
}
