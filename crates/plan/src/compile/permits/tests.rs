use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use proptest::prelude::*;
use sidegate_model::Ipv4Cidr;

use super::*;

const TCP: u8 = 6;

fn block(text: &str) -> Vec<Ipv4Range> {
    vec![text.parse::<Ipv4Cidr>().unwrap().range()]
}

fn tcp(first: u16, last: u16) -> Traffic {
    Traffic::Ports { protocol: TCP, ports: (first, last) }
}

fn lines(grants: &[(Traffic, Vec<Ipv4Range>)]) -> Vec<String> {
    permits(grants.iter().map(|(t, p)| (*t, p.as_slice()))).iter().map(ToString::to_string).collect()
}

#[test]
fn a_box_goes_on_where_only_others_begin_and_end() {
    let grants = [(tcp(443, 443), block("10.0.0.0/8")), (tcp(22, 22), block("10.0.0.5/32"))];
    assert_eq!(lines(&grants), ["10.0.0.0-10.255.255.255 tcp port 443", "10.0.0.5 tcp port 22"]);
}

#[test]
fn neighbouring_blocks_and_ports_are_one() {
    let grants = [
        (tcp(80, 80), block("10.0.0.0/9")),
        (tcp(81, 90), block("10.0.0.0/9")),
        (tcp(80, 90), block("10.128.0.0/9")),
        (tcp(85, 88), block("10.3.0.0/16")),
    ];
    assert_eq!(lines(&grants), ["10.0.0.0-10.255.255.255 tcp port 80-90"]);
}

#[test]
fn everything_swallows_the_rest_where_it_holds() {
    let grants = [
        (Traffic::All, block("10.0.0.0/24")),
        (tcp(443, 443), block("10.0.0.0/23")),
        (Traffic::Icmp { types: (8, 8), codes: (0, 255) }, block("10.0.0.0/23")),
    ];
    assert_eq!(
        lines(&grants),
        ["10.0.0.0-10.0.0.255 all", "10.0.1.0-10.0.1.255 tcp port 443", "10.0.1.0-10.0.1.255 icmp type 8 code 0-255"]
    );
}

#[test]
fn every_address_means_also_the_last_one() {
    assert_eq!(lines(&[(Traffic::All, block("0.0.0.0/0"))]), ["0.0.0.0-255.255.255.255 all"]);
    assert_eq!(lines(&[(tcp(1, 1), block("255.255.255.255/32"))]), ["255.255.255.255 tcp port 1"]);
}

#[test]
fn protocols_with_the_same_ports_are_one_box_where_their_numbers_touch() {
    let all = |protocol| (Traffic::Ports { protocol, ports: PORTS }, block("10.0.0.0/8"));
    assert_eq!(lines(&[all(50), all(51), all(53)]), ["10.0.0.0-10.255.255.255 50-51", "10.0.0.0-10.255.255.255 53"]);
}

#[test]
fn sixty_rules_over_five_thousand_scattered_addresses_stay_a_matter_of_their_sum() {
    let scattered: Vec<_> =
        (0..5_000_u32).map(|n| Ipv4Cidr::host(Ipv4Addr::from_bits(0x0a00_0000 + n * 2)).range()).collect();
    let mut grants: Vec<_> = (0..59_u16).map(|n| (tcp(n * 10, n * 10 + 5), block(&format!("10.{n}.0.0/15")))).collect();
    grants.push((tcp(2, 600), scattered));
    let permits = permits(grants.iter().map(|(t, p)| (*t, p.as_slice())));
    // Each of the addresses has the boxes of the group, and in between those of the block go on.
    assert!((5_000..40_000).contains(&permits.len()), "{}", permits.len());
}

/// Few values, so that borders meet.
fn grant() -> impl Strategy<Value = (Traffic, Vec<Ipv4Range>)> {
    let span = |limit: u16| (0..limit, 0..limit).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let traffic = prop_oneof![
        1 => Just(Traffic::All),
        6 => (2_u8..5, span(6)).prop_map(|(protocol, ports)| Traffic::Ports { protocol, ports }),
        1 => (2_u8..5).prop_map(|protocol| Traffic::Ports { protocol, ports: PORTS }),
        1 => Just(Traffic::Icmp { types: BYTES, codes: BYTES }),
        2 => (0_u8..3).prop_map(|t| Traffic::Icmp { types: (t, t), codes: BYTES }),
        2 => (0_u8..3, 0_u8..3).prop_map(|(t, c)| Traffic::Icmp { types: (t, t), codes: (c, c) }),
    ];
    let range = span(8).prop_map(|(first, last)| Ipv4Range { first: first.into(), last: last.into() });
    (traffic, prop::collection::vec(range, 0..3))
}

/// A packet: protocol, and port or type and code.
type Packet = (u8, u16, u8, u8);

fn granted(traffic: &Traffic, (protocol, port, kind, code): Packet) -> bool {
    match *traffic {
        Traffic::All => true,
        Traffic::Ports { protocol: p, ports: (a, b) } => protocol == p && (a..=b).contains(&port),
        Traffic::Icmp { types: (a, b), codes: (c, d) } => {
            protocol == 1 && (a..=b).contains(&kind) && (c..=d).contains(&code)
        }
    }
}

fn selected(selector: &Selector, (protocol, port, kind, code): Packet) -> bool {
    match *selector {
        Selector::Ports { protocols: (a, b), ports: (c, d) } => (a..=b).contains(&protocol) && (c..=d).contains(&port),
        Selector::Icmp { types: (a, b), codes: (c, d) } => {
            protocol == 1 && (a..=b).contains(&kind) && (c..=d).contains(&code)
        }
    }
}

proptest! {
    #[test]
    fn permits_let_through_what_some_rule_grants_each_packet_by_one(grants in prop::collection::vec(grant(), 0..8)) {
        let permits = permits(grants.iter().map(|(t, p)| (*t, p.as_slice())));
        prop_assert!(permits.is_sorted());
        let packets = (0..6_u8).flat_map(|protocol| (0..4).flat_map(move |kind| {
            (0..4).flat_map(move |code| (0..7).map(move |port| (protocol, port, kind, code)))
        }));
        for (packet, peer) in packets.flat_map(|packet| (0..9_u32).map(move |peer| (packet, peer))) {
            let holds = |range: &Ipv4Range| (range.first..=range.last).contains(&peer);
            let wanted = grants.iter().any(|(t, peers)| peers.iter().any(holds) && granted(t, packet));
            let count = permits.iter().filter(|p| p.peers.contains(Ipv4Addr::from_bits(peer).into()) && selected(&p.selector, packet)).count();
            prop_assert_eq!(count, usize::from(wanted), "packet {:?} of peer {}", packet, peer);
        }
    }

    #[test]
    fn the_same_union_gives_the_same_permits_in_whatever_order_rules_stand(
        grants in prop::collection::vec(grant(), 0..8),
    ) {
        let all = |grants: &[(Traffic, Vec<Ipv4Range>)]| permits(grants.iter().map(|(t, p)| (*t, p.as_slice())));
        let mut turned = grants.clone();
        turned.reverse();
        turned.extend(grants.clone());
        prop_assert_eq!(all(&grants), all(&turned));
        let distinct: BTreeSet<_> = all(&grants).into_iter().collect();
        prop_assert_eq!(distinct.len(), all(&grants).len());
    }
}
