//! The steps between states, carried out by a kernel that one can read.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use sidegate_model::{AddressFamily, IpRange, Ipv4Range};
use sidegate_plan::{Permit, Selector};

use super::super::fake::FakeKernel;
use super::super::objects::{Direction, FIRST_REDIRECTS, FIRST_TABLE, ForeignKind, LAST_METRIC, MTU, REDIRECTS_SHIFT};
use super::*;

fn link_name(number: u8) -> LinkName {
    LinkName::new(&format!("sg-{number}")).unwrap()
}

fn ends(number: u8, namespace: u8, settled: bool) -> LinkEnds {
    LinkEnds {
        namespace: format!("eni-{namespace}"),
        address: Ipv4Addr::new(10, 0, 0, number),
        secondary: BTreeSet::new(),
        ipv6: BTreeSet::new(),
        speaks_ipv6: false,
        prefix: 24,
        end: LinkName::new("eth0").unwrap(),
        gateway: Some(Ipv4Addr::new(10, 0, 0, 1)),
        mac: [2, 0, 0, 0, 0, number],
        mtu: MTU,
        settled,
    }
}

fn permit(group: u16, port: u16) -> Element {
    let selector = Selector::Ports { protocols: (6, 6), ports: (port, port) };
    let peers = IpRange::V4(Ipv4Range { first: 0, last: u32::MAX });
    Element::Permit(Direction::Ingress, group, Permit { peers, selector })
}

/// A state as a plan wants it: two route tables at most, four links, four endpoint addresses.
fn wanted() -> impl Strategy<Value = Objects> {
    let link = (0_u8..4, 0_u8..3, 1_u16..4, 1_u16..4);
    let links = prop::collection::vec(link, 0..4);
    let tables = prop::collection::btree_map(1_u16..4, any::<bool>(), 0..3);
    let endpoints = prop::collection::btree_set(20_u8..24, 0..3);
    let permits = prop::collection::btree_set((1_u16..4, 440_u16..444), 0..4);
    (links, tables, endpoints, permits, any::<bool>()).prop_map(|(links, tables, endpoints, permits, counts)| {
        let mut objects = Objects {
            loopback: true,
            ruleset: if counts { Ruleset::Counting } else { Ruleset::Current },
            rules: [Rule::Shared(AddressFamily::Ipv4)]
                .into_iter()
                .chain(tables.keys().map(|&index| Rule::Marked(AddressFamily::Ipv4, index)))
                .collect(),
            addresses: [Ipv4Addr::new(10, 0, 0, 1).into()].into(),
            ..Objects::default()
        };
        objects.sysctls.insert("net/ipv4/ip_forward", "1".into());
        for (number, namespace, table, group) in links {
            let (name, mut ends) = (link_name(number), ends(number, namespace, true));
            if group == 1 {
                ends.speaks_ipv6 = true;
                ends.ipv6.insert(Ipv6Addr::from_bits(u128::from(number)));
            }
            objects.elements.retain(|element| !is_of_link(element, name, ends.address.into()));
            objects.routes.retain(|_, kind| *kind != RouteKind::Link(name));
            for address in ends.addresses() {
                let key = RouteKey { table: SHARED_TABLE, destination: IpCidr::host(address), metric: 0 };
                objects.routes.insert(key, RouteKind::Link(name));
                objects.elements.extend([
                    Element::LinkGroup(AddressFamily::of(address), name, group),
                    Element::Source(name, address, table.into()),
                ]);
            }
            objects.elements.insert(Element::GroupOf(ends.address.into(), group));
            objects.links.insert(name, ends);
        }
        for (index, has_endpoint) in tables {
            let table = FIRST_TABLE + u32::from(index);
            let any = RouteKey { table, destination: IpCidr::any(AddressFamily::Ipv4), metric: LAST_METRIC };
            objects.routes.insert(any, RouteKind::Blackhole);
            let prefix = "198.18.0.0/20".parse().unwrap();
            let kind = if has_endpoint { RouteKind::Local } else { RouteKind::Blackhole };
            objects.routes.insert(RouteKey { table, destination: prefix, metric: 0 }, kind);
        }
        for number in endpoints {
            let address = Ipv4Addr::new(10, 0, 0, number).into();
            let key = RouteKey { table: SHARED_TABLE, destination: IpCidr::host(address), metric: 0 };
            objects.routes.insert(key, RouteKind::Local);
            objects.elements.insert(Element::GroupOf(address, 1));
        }
        objects.elements.extend(permits.into_iter().map(|(group, port)| permit(group, port)));
        objects
    })
}

fn is_of_link(element: &Element, name: LinkName, address: IpAddr) -> bool {
    match element {
        Element::LinkGroup(_, link, _) | Element::Source(link, ..) => *link == name,
        Element::GroupOf(of, _) => *of == address,
        _ => false,
    }
}

/// A state as it may be found: with things missing, changed and foreign.
fn found() -> impl Strategy<Value = Objects> {
    (wanted(), any::<[bool; 8]>()).prop_map(|(mut objects, faults)| {
        let [loopback, absent, other, rule, settled, foreign, element, sysctl] = faults;
        objects.loopback &= loopback;
        if sysctl {
            objects.sysctls.clear();
        }
        if absent || other {
            objects.ruleset = if absent { Ruleset::Absent } else { Ruleset::Other };
            objects.elements.clear();
        }
        if rule {
            objects.rules.pop_first();
        }
        if element {
            objects.elements.pop_last();
        }
        if !settled && let Some(mut entry) = objects.links.first_entry() {
            entry.get_mut().settled = false;
            let name = *entry.key();
            objects.routes.retain(|_, kind| *kind != RouteKind::Link(name));
        }
        if foreign {
            // One that has the name of ours, and its routes.
            let name = objects.links.pop_last().map_or("docker0".to_owned(), |(name, _)| name.to_string());
            objects.foreign.insert(Foreign { kind: ForeignKind::Link, name, message: Vec::new() });
        }
        objects
    })
}

fn everyone(objects: &Objects) -> BTreeSet<IpAddr> {
    owners(objects).into_keys().collect()
}

proptest! {
    #[test]
    fn carrying_out_the_steps_from_any_state_leads_to_any_state(old in found(), new in wanted()) {
        let mut kernel = FakeKernel { tracked: everyone(&old), objects: old.clone() };
        for step in diff(&old, &new).steps {
            kernel.carry_out(&step).unwrap();
        }
        prop_assert_eq!(&kernel.objects, &new);
        prop_assert_eq!(diff(&new, &new).steps, []);
    }

    #[test]
    fn nothing_is_granted_before_everything_is_revoked(old in found(), new in wanted()) {
        let difference = diff(&old, &new);
        let mut kernel = FakeKernel { tracked: everyone(&old), objects: old.clone() };
        for step in &difference.steps[..difference.revoking] {
            kernel.carry_out(step).unwrap();
        }
        // The filter is the new one, and no link, route, address or flow is left that shall not be.
        let left = &kernel.objects;
        prop_assert_eq!((&left.ruleset, &left.elements), (&new.ruleset, &new.elements));
        prop_assert!(left.foreign.is_empty());
        prop_assert!(left.rules.is_subset(&new.rules));
        prop_assert!(left.addresses.is_subset(&new.addresses));
        prop_assert!(left.routes.iter().all(|(key, kind)| new.routes.get(key) == Some(kind)));
        prop_assert!(left.links.iter().all(|(name, link)| new.links.get(name).is_some_and(|new| new.is_same_link(link))));
        prop_assert!(kernel.tracked.is_disjoint(&lost_addresses(&old, &new)));
    }

    #[test]
    fn no_link_comes_up_before_the_filter_knows_it(old in found(), new in wanted()) {
        let mut kernel = FakeKernel { objects: old.clone(), ..FakeKernel::default() };
        for step in diff(&old, &new).steps {
            kernel.carry_out(&step).unwrap();
            if let Step::SettleLink(name, ends) = step {
                let knows = |e: &Element| matches!(e, Element::Source(link, address, _) if (*link, *address) == (name, IpAddr::from(ends.address)));
                prop_assert!(kernel.objects.elements.iter().any(knows));
                prop_assert!(kernel.objects.elements == new.elements);
            }
        }
    }
}

fn lines(old: &Objects, new: &Objects) -> String {
    diff(old, new).to_string()
}

fn with_link(namespace: u8) -> Objects {
    let (name, ends) = (link_name(5), ends(5, namespace, true));
    let key = RouteKey { table: SHARED_TABLE, destination: IpCidr::host(ends.address.into()), metric: 0 };
    Objects {
        ruleset: Ruleset::Current,
        elements: [Element::Source(name, ends.address.into(), 1)].into(),
        routes: [(key, RouteKind::Link(name))].into(),
        links: [(name, ends)].into(),
        ..Objects::default()
    }
}

#[test]
fn a_link_is_known_to_the_filter_before_it_comes_and_unknown_before_it_goes() {
    let none = Objects { ruleset: Ruleset::Current, ..Objects::default() };
    let one = with_link(1);
    assert_eq!(
        lines(&none, &one),
        "filter: add sources sg-5 10.0.0.5 : 0x1\n\
         add link sg-5 into eni-1 as eth0 address 10.0.0.5/24 via 10.0.0.1 mac 02:00:00:00:00:05 mtu 9001\n\
         settle link sg-5\n\
         add route table 100 10.0.0.5/32 dev sg-5\n"
    );
    assert_eq!(
        lines(&one, &none),
        "filter: remove sources sg-5 10.0.0.5 : 0x1\n\
         remove route table 100 10.0.0.5/32 dev sg-5\n\
         remove link sg-5\n\
         forget the flows of 10.0.0.5\n"
    );
}

#[test]
fn an_address_that_changes_hands_loses_its_flows_and_its_link() {
    assert_eq!(
        lines(&with_link(1), &with_link(2)),
        "remove route table 100 10.0.0.5/32 dev sg-5\n\
         remove link sg-5\n\
         forget the flows of 10.0.0.5\n\
         add link sg-5 into eni-2 as eth0 address 10.0.0.5/24 via 10.0.0.1 mac 02:00:00:00:00:05 mtu 9001\n\
         settle link sg-5\n\
         add route table 100 10.0.0.5/32 dev sg-5\n"
    );
}

#[test]
fn a_withdrawn_permit_leaves_tracked_flows_alone() {
    let mut before = with_link(1);
    before.elements.insert(permit(1, 443));
    assert_eq!(
        lines(&before, &with_link(1)),
        "filter: remove ingress group 1 peers 0.0.0.0-255.255.255.255 protocol 6 port 443\n"
    );
}

#[test]
fn a_new_route_table_is_ready_before_a_subnet_is_led_to_it() {
    let name = link_name(5);
    let before = with_link(1);
    let address = Ipv4Addr::new(10, 0, 0, 5).into();
    let mut after = with_link(1);
    after.elements = [Element::Source(name, address, 2)].into();
    after.rules.insert(Rule::Marked(AddressFamily::Ipv4, 2));
    let key = RouteKey { table: FIRST_TABLE + 2, destination: "198.18.0.0/20".parse().unwrap(), metric: 0 };
    after.routes.insert(key, RouteKind::Local);
    assert_eq!(
        lines(&before, &after),
        "add route table 1002 198.18.0.0/20 local dev lo\n\
         add rule 1000 fwmark 0x2/0xffff table 1002\n\
         filter: remove sources sg-5 10.0.0.5 : 0x1; add sources sg-5 10.0.0.5 : 0x2\n"
    );
}

/// A subnet with the number 7 whose packets to another one take this way.
fn redirected(way: RouteKind) -> Objects {
    let name = link_name(5);
    let mut objects = with_link(1);
    objects.elements = [Element::Source(name, Ipv4Addr::new(10, 0, 0, 5).into(), 7 << REDIRECTS_SHIFT | 1)].into();
    objects.rules.insert(Rule::Redirected(AddressFamily::Ipv4, 7));
    let key = |metric| RouteKey { table: FIRST_REDIRECTS + 7, destination: "10.0.2.0/24".parse().unwrap(), metric };
    objects.routes.extend([(key(0), way), (key(LAST_METRIC), RouteKind::Blackhole)]);
    objects
}

#[test]
fn redirects_are_there_before_packets_ask_for_them_and_as_long_as_they_do() {
    let way = RouteKind::Via(link_name(5), Ipv4Addr::new(10, 0, 0, 5).into());
    let steps = "add route table 100007 10.0.2.0/24 via 10.0.0.5 dev sg-5\n\
                 add route table 100007 10.0.2.0/24 metric 4096 blackhole\n\
                 add rule 90 fwmark 0xe0000/0xfffe0000 table 100007\n\
                 filter: remove sources sg-5 10.0.0.5 : 0x1; add sources sg-5 10.0.0.5 : 0xe0001\n";
    assert_eq!(lines(&with_link(1), &redirected(way)), steps);
    let steps = "filter: remove sources sg-5 10.0.0.5 : 0xe0001; add sources sg-5 10.0.0.5 : 0x1\n\
                 remove rule 90 fwmark 0xe0000/0xfffe0000 table 100007\n\
                 remove route table 100007 10.0.2.0/24 via 10.0.0.5 dev sg-5\n\
                 remove route table 100007 10.0.2.0/24 metric 4096 blackhole\n";
    assert_eq!(lines(&redirected(way), &with_link(1)), steps);
    // Between two ways there is none, and the local route does not hold.
    let other = RouteKind::Via(link_name(5), Ipv4Addr::new(10, 0, 0, 6).into());
    let steps = "remove route table 100007 10.0.2.0/24 via 10.0.0.5 dev sg-5\n\
                 add route table 100007 10.0.2.0/24 via 10.0.0.6 dev sg-5\n";
    assert_eq!(lines(&redirected(way), &redirected(other)), steps);
}
