//! Passages, judged by packets: internet gateways, NAT gateways, peering connections, programs that forward.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sidegate_plan::{Passage, RouteTarget, VpcPlan};

use super::dataplane::tamper;
use super::network::{
    Build, Network, Outcome, PUBLIC, Server, TCP, all, at, by_table, cidr, eni, port, tell_peer, vpc, vpc_id,
};
use super::sandbox::need_root;
use Outcome::Silence;

/// A host on the internet, and public addresses of a VPC.
const HOST: Ipv4Addr = Ipv4Addr::new(198, 19, 255, 1);
const OF_PROGRAM: Ipv4Addr = Ipv4Addr::new(198, 18, 12, 5);
const OF_NAT: Ipv4Addr = Ipv4Addr::new(198, 18, 12, 6);

/// The internet gateway and the number of the NAT gateway's interface.
const GATEWAY: &str = "igw-0000000000000000a";
const NAT: u32 = 9;

/// How long anything may take that must happen.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// An egress-only internet gateway.
const EGRESS_ONLY: &str = "eigw-0000000000000000b";

fn from(address: Ipv4Addr) -> Outcome {
    Outcome::Answer(format!("from {address}"))
}

fn internet_gateway(public: &[(Ipv4Addr, Ipv4Addr)]) -> Arc<Passage> {
    let public = public.iter().copied().collect();
    Arc::new(Passage::InternetGateway { cidrs: vec![cidr("10.0.0.0/16")], public, ipv6: BTreeSet::new() })
}

/// A public subnet with two programs, of which the first has a public address, and a NAT gateway; a private one with a
/// program; one with a gateway endpoint besides.
fn public_and_private() -> VpcPlan {
    let to_gateway = || RouteTarget::Passage(GATEWAY.to_owned());
    vpc(1)
        .table(1, false)
        .table(2, false)
        .table(3, true)
        .program(1, at(1, 10), 1, 1)
        .program(2, at(1, 11), 1, 1)
        .program(3, at(2, 10), 2, 1)
        .program(4, at(3, 10), 3, 1)
        .program(NAT, at(1, 9), 1, 0)
        .forwarding(NAT)
        .passage(GATEWAY, "eth0", None)
        .route(1, "0.0.0.0/0", to_gateway())
        .route_to_program(2, "0.0.0.0/0", NAT)
        .route_to_program(3, "0.0.0.0/0", NAT)
        .egress(1, all())
}

fn with_passages(network: &mut Network) {
    let public = [(at(1, 10), OF_PROGRAM), (at(1, 9), OF_NAT)];
    network.passages.insert(GATEWAY.to_owned(), internet_gateway(&public));
    network.passages.insert(eni(NAT), Arc::new(Passage::NatGateway { addresses: vec![at(1, 9)], draining: vec![] }));
}

#[test]
fn the_internet_sees_public_addresses_and_private_ones_do_not_get_there() {
    need_root!();
    let mut network = Network::new();
    with_passages(&mut network);
    network.set(&[&public_and_private()]);
    let _host = network.teller("internet", 8080);
    let services = network.dataplane.internet_listeners().unwrap();
    let _services = Server::of(services.tls.into_iter().chain(services.http).collect(), tell_peer);
    let _edge = network.edge(&vpc_id(1));
    let nobody = Ipv4Addr::new(198, 18, 12, 99);
    network.expect(&[
        (1, HOST, 8080, from(OF_PROGRAM)),
        (1, PUBLIC, 443, from(OF_PROGRAM)),
        (1, PUBLIC, 8080, Silence),
        (1, nobody, 443, Silence),
        // Without a public address, the gateway takes nothing.
        (2, HOST, 8080, Silence),
        (2, PUBLIC, 443, Silence),
        (3, HOST, 8080, from(OF_NAT)),
        (3, PUBLIC, 443, from(OF_NAT)),
        // The prefix is longer than that of the route to the NAT gateway.
        (4, PUBLIC, 443, by_table(PUBLIC, 3)),
        (4, HOST, 8080, from(OF_NAT)),
        // The router and the resolver are no way out, nor is there one to the machine.
        (1, Ipv4Addr::new(169, 254, 174, 1), 443, Silence),
        (1, Ipv4Addr::new(169, 254, 175, 1), 443, Silence),
    ]);
}

#[test]
fn a_program_reaches_the_internet_also_where_another_one_was_the_last_in_its_vpc_before_and_had_its_address() {
    need_root!();
    let mut network = Network::new();
    let empty = vpc(1)
        .table(1, false)
        .passage(GATEWAY, "eth0", None)
        .route(1, "0.0.0.0/0", RouteTarget::Passage(GATEWAY.to_owned()))
        .egress(1, all());
    let inhabited = empty.clone().program(1, at(1, 10), 1, 1);
    network.passages.insert(GATEWAY.to_owned(), internet_gateway(&[(at(1, 10), OF_PROGRAM)]));
    for _ in 0..3 {
        network.set(&[&inhabited]);
        let _host = network.teller("internet", 8080);
        network.expect(&[(1, HOST, 8080, from(OF_PROGRAM))]);
        network.set(&[&empty]);
        network.dataplane.release().unwrap();
    }
}

/// The addresses that a host on the internet sees of many connections of a program, one after the other.
fn seen(network: &Network, program: u32) -> BTreeSet<String> {
    let text = |outcome| match outcome {
        Outcome::Answer(text) => text,
        other => panic!("{other:?}"),
    };
    (0..12).map(|_| text(network.connect(program, HOST, 8080))).collect()
}

#[test]
fn a_nat_gateway_lends_all_its_addresses_but_those_that_drain_which_keep_their_connections_till_they_go() {
    need_root!();
    const SECOND: Ipv4Addr = Ipv4Addr::new(198, 18, 12, 7);
    let mut network = Network::new();
    let mut plan = public_and_private();
    let nat = eni(NAT).parse().unwrap();
    let lends = |network: &mut Network, plan: &mut VpcPlan, addresses: &[Ipv4Addr], draining: &[Ipv4Addr]| {
        let (addresses, draining) = (addresses.to_vec(), draining.to_vec());
        let all: Vec<_> = addresses.iter().chain(&draining).copied().collect();
        let public = [(at(1, 9), OF_NAT), (at(1, 20), SECOND)].into_iter().filter(|(own, _)| all.contains(own));
        network.passages.insert(GATEWAY.to_owned(), internet_gateway(&public.collect::<Vec<_>>()));
        plan.links.get_mut(&nat).unwrap().secondary = all.into_iter().filter(|own| *own != at(1, 9)).collect();
        network.passages.insert(eni(NAT), Arc::new(Passage::NatGateway { addresses, draining }));
        network.set(&[plan]);
    };
    let both = BTreeSet::from([OF_NAT, SECOND].map(|public| format!("from {public}")));
    let first = BTreeSet::from([format!("from {OF_NAT}")]);
    lends(&mut network, &mut plan, &[at(1, 9)], &[]);
    let host = network.namespace("internet").run(|| TcpListener::bind((HOST, 9090)).unwrap()).unwrap();
    let _host = network.teller("internet", 8080);
    assert_eq!(seen(&network, 3), first);
    lends(&mut network, &mut plan, &[at(1, 9), at(1, 20)], &[]);
    assert_eq!(seen(&network, 3), both);

    // Two connections that last, one by each address.
    let mut open: Vec<_> = (0..2)
        .map(|_| {
            let inner = network.inside(3, || TcpStream::connect((HOST, 9090)).unwrap());
            inner.set_read_timeout(Some(ANSWERED_WITHIN)).unwrap();
            let (outer, from) = host.accept().unwrap();
            (inner, outer, from.ip())
        })
        .collect();
    open.sort_by_key(|(.., from)| *from);
    assert_eq!(open.iter().map(|(.., from)| *from).collect::<Vec<_>>(), [OF_NAT, SECOND]);
    let lives = |(inner, outer, _): &mut (TcpStream, TcpStream, IpAddr)| {
        inner.write_all(b"?").unwrap();
        outer.write_all(b"!").unwrap();
        inner.read_exact(&mut [0]).is_ok()
    };
    let lent = |network: &Network| network.dataplane.lent_addresses(&eni(NAT)).unwrap().unwrap();
    assert_eq!(lent(&network), [at(1, 9), at(1, 20)].into());
    lends(&mut network, &mut plan, &[at(1, 9)], &[at(1, 20)]);
    assert_eq!(seen(&network, 3), first);
    assert!(open.iter_mut().all(lives));
    assert_eq!(lent(&network), [at(1, 9), at(1, 20)].into());
    // Neither does a driver that knows nothing end it.
    network.restart();
    lends(&mut network, &mut plan, &[at(1, 9)], &[at(1, 20)]);
    assert!(open.iter_mut().all(lives));

    lends(&mut network, &mut plan, &[at(1, 9)], &[]);
    assert_eq!(lent(&network), [at(1, 9)].into());
    assert!(lives(&mut open[0]));
    // Who goes on with a connection that has lost its address is told.
    let (inner, ..) = &mut open[1];
    inner.write_all(b"?").unwrap();
    assert_eq!(inner.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    drop(open);
    let limit = Instant::now() + ANSWERED_WITHIN;
    while !lent(&network).is_empty() {
        assert!(Instant::now() < limit, "a connection that has ended still counts");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn connections_from_the_internet_reach_public_addresses_where_groups_allow_it_and_never_those_behind_nat() {
    need_root!();
    let mut network = Network::new();
    with_passages(&mut network);
    let plan = public_and_private();
    network.set(&[&plan.clone().ingress(1, port(TCP, "198.19.255.0/24", 5000))]);
    let _servers = [network.teller(&eni(1), 5000), network.teller(&eni(1), 5001), network.teller(&eni(3), 5000)];
    assert_eq!(network.connect_from("internet", OF_PROGRAM, 5000), from(HOST));
    for (address, port) in [(OF_PROGRAM, 5001), (OF_NAT, 5000)] {
        assert_eq!(network.connect_from("internet", address, port), Silence, "{address}:{port}");
    }
    for private in [at(1, 10), at(2, 10)] {
        assert!(matches!(network.connect_from("internet", private, 5000), Outcome::Error(_)), "{private}");
    }
    // The same by way of the internet from one program to the other's public address.
    network.set(&[&plan.clone().ingress(1, port(TCP, &format!("{OF_NAT}/32"), 5000))]);
    network.expect(&[(3, OF_PROGRAM, 5000, from(OF_NAT)), (1, OF_PROGRAM, 5000, Silence)]);
}

#[test]
fn a_route_to_a_nat_gateway_that_is_deleted_leads_nowhere_any_more() {
    need_root!();
    let mut network = Network::new();
    with_passages(&mut network);
    let mut plan = public_and_private();
    network.set(&[&plan]);
    let _host = network.teller("internet", 8080);
    network.expect(&[(3, HOST, 8080, from(OF_NAT)), (4, HOST, 8080, from(OF_NAT))]);
    plan.tables.get_mut(&2).unwrap().routes.remove(&cidr("0.0.0.0/0"));
    network.set(&[&plan]);
    network.expect(&[(3, HOST, 8080, Silence), (4, HOST, 8080, from(OF_NAT))]);
}

#[test]
fn what_somebody_put_into_the_filter_of_a_passage_is_gone_after_a_restart() {
    need_root!();
    let mut network = Network::new();
    with_passages(&mut network);
    let egress_only = Passage::EgressOnlyInternetGateway { cidrs: vec![cidr("10.0.0.0/16")], ipv6: BTreeSet::new() };
    network.passages.insert(EGRESS_ONLY.to_owned(), Arc::new(egress_only));
    let plan = public_and_private().passage(EGRESS_ONLY, "eth0", None);
    network.set(&[&plan]);
    let _host = network.teller("internet", 8080);
    let mapped = [GATEWAY, EGRESS_ONLY, &eni(NAT), "internet"];
    let filters = |network: &Network| mapped.map(|name| filter_of(network, name));
    let clean = filters(&network);
    assert!(clean.iter().all(|filter| filter.contains("hook forward")), "{clean:?}");
    for name in mapped {
        tamper(&network, name, "nft insert rule inet sidegate forward accept");
        tamper(&network, name, "nft add chain inet sidegate foreign");
    }
    // The gateway gives a program an address that is nobody's.
    tamper(&network, GATEWAY, "nft add element inet sidegate senders { 10.0.1.11 }");
    tamper(&network, GATEWAY, "nft add element inet sidegate public_of { 10.0.1.11 : 198.18.12.5 }");
    network.expect(&[(2, HOST, 8080, from(OF_PROGRAM))]);
    assert!(filters(&network).iter().zip(&clean).all(|(tampered, clean)| tampered != clean));
    network.restart();
    network.set(&[&plan]);
    assert_eq!(filters(&network), clean);
    network.expect(&[(1, HOST, 8080, from(OF_PROGRAM)), (2, HOST, 8080, Silence), (3, HOST, 8080, from(OF_NAT))]);
}

/// Our table in a namespace, as `nft` lists it.
fn filter_of(network: &Network, namespace: &str) -> String {
    let list = || Command::new("nft").args(["list", "table", "inet", "sidegate"]).output();
    let output = network.namespace(namespace).run(list).unwrap().unwrap();
    assert!(output.status.success(), "{namespace}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_address_that_is_taken_away_ends_its_connections_and_goes_elsewhere() {
    need_root!();
    let mut network = Network::new();
    with_passages(&mut network);
    network.set(&[&public_and_private()]);
    let _host = network.teller("internet", 8080);
    network.expect(&[(1, HOST, 8080, from(OF_PROGRAM)), (2, HOST, 8080, Silence)]);
    let public = [(at(1, 11), OF_PROGRAM), (at(1, 9), OF_NAT)];
    network.passages.insert(GATEWAY.to_owned(), internet_gateway(&public));
    network.set(&[&public_and_private()]);
    network.expect(&[(1, HOST, 8080, Silence), (2, HOST, 8080, from(OF_PROGRAM)), (3, HOST, 8080, from(OF_NAT))]);
    // The gateway is detached: its routes lead nowhere.
    network.passages.remove(GATEWAY);
    let mut detached = public_and_private();
    detached.passages.clear();
    let detached = detached.route(1, "0.0.0.0/0", RouteTarget::Blackhole);
    network.set(&[&detached]);
    network.expect(&[(2, HOST, 8080, Silence), (3, HOST, 8080, Silence)]);
    assert!(network.dataplane.release().unwrap().contains(&GATEWAY.to_owned()));
    // And comes back, to a driver that knows nothing.
    network.restart();
    with_passages(&mut network);
    network.set(&[&public_and_private()]);
    network.expect(&[(1, HOST, 8080, from(OF_PROGRAM)), (3, HOST, 8080, from(OF_NAT))]);
    network.restart();
    assert_eq!(network.set(&[&public_and_private()]), Default::default());
    network.expect(&[(1, HOST, 8080, from(OF_PROGRAM)), (3, HOST, 8080, from(OF_NAT))]);
}

#[test]
fn peered_vpcs_meet_where_routes_and_groups_of_both_say_so_and_reach_interface_endpoints_but_no_gateways() {
    need_root!();
    const PEERING: &str = "pcx-0000000000000000a";
    let mut network = Network::new();
    network.passages.insert(
        PEERING.to_owned(),
        Arc::new(Passage::Peering { requester: vec![cidr("10.0.0.0/16")], accepter: vec![cidr("10.1.0.0/16")] }),
    );
    let over = || RouteTarget::Passage(PEERING.to_owned());
    let endpoint = Ipv4Addr::new(10, 1, 1, 50);
    let peer = Ipv4Addr::new(10, 1, 1, 10);
    let left = vpc(1)
        .table(1, false)
        .table(2, false)
        .program(1, at(1, 10), 1, 1)
        .program(2, at(2, 10), 2, 1)
        .passage(PEERING, "eth0", Some(vpc_id(2)))
        .route(1, "10.1.0.0/16", over())
        .route(1, "198.18.0.0/20", over())
        .egress(1, all());
    let mut right = vpc(2);
    right.cidrs = vec![cidr("10.1.0.0/16")];
    right.router = [Ipv4Addr::new(10, 1, 0, 2), sidegate_plan::LINK_LOCAL_RESOLVER, sidegate_plan::METADATA_ADDRESS]
        .map(std::net::IpAddr::from)
        .into();
    right.resolver = Some(Ipv4Addr::new(10, 1, 0, 2));
    let mut right = right
        .table(1, true)
        .program(3, at(1, 10), 1, 1)
        .endpoint(endpoint, 2)
        .passage(PEERING, "eth1", Some(vpc_id(1)))
        .route(1, "10.0.0.0/16", over())
        .ingress(1, port(TCP, "10.0.1.0/24", 5000))
        .ingress(2, port(TCP, "10.0.1.0/24", 443))
        .egress(1, all());
    for link in right.links.values_mut() {
        (link.address, link.gateway) = (peer, Ipv4Addr::new(10, 1, 1, 1));
    }
    right.router.insert(Ipv4Addr::new(10, 1, 1, 1).into());
    network.set(&[&left, &right]);
    let _servers = [network.teller(&eni(3), 5000), network.teller(&eni(3), 5001), network.teller(&eni(1), 5000)];
    let _edges = [network.edge(&vpc_id(1)), network.edge(&vpc_id(2))];
    network.expect(&[
        (1, peer, 5000, from(at(1, 10))),
        (1, peer, 5001, Silence),
        (2, peer, 5000, Silence),
        (1, endpoint, 443, by_table(endpoint, 1)),
        (2, endpoint, 443, Silence),
        // Its own gateway endpoint is reached from there, and not from here.
        (3, PUBLIC, 443, by_table(PUBLIC, 1)),
        (1, PUBLIC, 443, Silence),
        (3, at(1, 10), 5000, Silence),
    ]);
    // Without the way back there is none.
    right.tables.get_mut(&1).unwrap().routes.remove(&cidr("10.0.0.0/16"));
    network.set(&[&left, &right]);
    network.expect(&[(1, peer, 5000, Silence), (1, endpoint, 443, Silence)]);
}

#[test]
fn a_program_forwards_where_its_check_of_addresses_is_off_and_not_where_it_is_on() {
    need_root!();
    let mut network = Network::new();
    let plan = vpc(1)
        .table(1, false)
        .table(2, false)
        .program(1, at(1, 10), 1, 1)
        .program(2, at(2, 10), 2, 2)
        .program(3, at(2, 20), 2, 2)
        .route_to_program(1, "192.168.7.0/24", 2)
        .egress(1, all())
        .egress(2, all())
        .ingress(2, all())
        .ingress(1, all());
    network.set(&[&plan.clone().forwarding(2)]);
    // The program has the address itself, as an appliance or a VPN would have it.
    network.inside(2, || {
        let added = std::process::Command::new("ip").args(["addr", "add", "192.168.7.7/32", "dev", "lo"]).status();
        assert!(added.unwrap().success());
    });
    let _server = network.teller(&eni(2), 5000);
    let behind = Ipv4Addr::new(192, 168, 7, 7);
    network.expect(&[(1, behind, 5000, from(at(1, 10))), (3, behind, 5000, Silence)]);
    network.set(&[&plan]);
    network.expect(&[(1, behind, 5000, Silence), (1, at(2, 10), 5000, from(at(1, 10)))]);
}
