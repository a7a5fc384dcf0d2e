//! What differs between two plans of a VPC, so that one change costs the same in a large VPC as in a small one.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use sidegate_plan::VpcPlan;

use super::objects::Objects;
use super::render::{RenderError, render};

/// The objects of both plans without those that come from equal links, groups and endpoint addresses.
///
/// Each of these makes objects of its own, which no other makes too; so what they make is in both or in neither, and makes
/// no difference.
pub(super) fn of_both(old: &VpcPlan, new: &VpcPlan) -> Result<(Objects, Objects), RenderError> {
    // With the first network ACL every link becomes guarded, and with the last one it stops being so. Redirects are about
    // the addresses of endpoints too, and ports about all of those.
    let is_whole = old.acls.is_empty() != new.acls.is_empty()
        || old.redirects != new.redirects
        || old.service_ports() != new.service_ports();
    if is_whole {
        return Ok((render(old)?, render(new)?));
    }
    let (mut old_links, mut new_links) = differing(&old.links, &new.links);
    let (old_groups, new_groups) = differing(&old.groups, &new.groups);
    let (mut old_addresses, mut new_addresses) = differing(&old.endpoint_addresses, &new.endpoint_addresses);
    // What is watched from now on, or no longer, makes other objects.
    let (unwatched, watched) = differing(&old.watched, &new.watched);
    let changed: BTreeSet<_> = unwatched.into_keys().chain(watched.into_keys()).collect();
    if !changed.is_empty() {
        for (of, links, addresses) in
            [(old, &mut old_links, &mut old_addresses), (new, &mut new_links, &mut new_addresses)]
        {
            let of_changed = changed.iter().filter_map(|interface| of.links.get_key_value(interface));
            links.extend(of_changed.map(|(interface, link)| (interface.clone(), link.clone())));
            let of_changed = of.endpoint_addresses.iter().filter(|(_, address)| changed.contains(&address.interface));
            addresses.extend(of_changed.map(|(&at, address)| (at, address.clone())));
        }
    }
    let part = |of: &VpcPlan, links, groups, endpoint_addresses| VpcPlan {
        vpc: of.vpc.clone(),
        scope: of.scope.clone(),
        cidrs: of.cidrs.clone(),
        router: of.router.clone(),
        resolver: of.resolver,
        links,
        passages: of.passages.clone(),
        acls: of.acls.clone(),
        tables: of.tables.clone(),
        redirects: of.redirects.clone(),
        groups,
        endpoint_addresses,
        gateway_prefixes: of.gateway_prefixes.clone(),
        endpoints: BTreeMap::new(),
        zones: Vec::new(),
        service_names: sidegate_plan::Names::new(),
        named_peers: BTreeSet::new(),
        metadata: BTreeMap::new(),
        watched: of.watched.clone(),
    };
    Ok((
        render(&part(old, old_links, old_groups, old_addresses))?,
        render(&part(new, new_links, new_groups, new_addresses))?,
    ))
}

/// The entries that are not in both.
pub(super) fn differing<K: Ord + Clone, V: PartialEq + Clone>(
    old: &BTreeMap<K, V>, new: &BTreeMap<K, V>,
) -> (BTreeMap<K, V>, BTreeMap<K, V>) {
    let (mut only_old, mut only_new) = (BTreeMap::new(), BTreeMap::new());
    let (mut olds, mut news) = (old.iter().peekable(), new.iter().peekable());
    let keep = |into: &mut BTreeMap<K, V>, entry: Option<(&K, &V)>| {
        into.extend(entry.map(|(key, value)| (key.clone(), value.clone())));
    };
    loop {
        let order = match (olds.peek(), news.peek()) {
            (None, None) => return (only_old, only_new),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((old, _)), Some((new, _))) => old.cmp(new),
        };
        match order {
            Ordering::Less => keep(&mut only_old, olds.next()),
            Ordering::Greater => keep(&mut only_new, news.next()),
            Ordering::Equal => {
                let (old, new) = (olds.next(), news.next());
                if old != new {
                    keep(&mut only_old, old);
                    keep(&mut only_new, new);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;
    use sidegate_model::{IpRange, Ipv4Range, NetworkInterfaceId, Scope};
    use sidegate_plan::{EndpointAddress, GroupRules, Link, Permit, Route, RouteTarget, Selector, TablePlan};

    use super::super::diff::diff;
    use super::*;

    /// Who has an address. Nobody has two at a time, but both may go to somebody else.
    #[derive(Clone, Debug)]
    enum Owner {
        Nobody,
        Program { number: u8, table: u16, group: u16 },
        Endpoint { group: u16 },
    }

    fn owner() -> impl Strategy<Value = Owner> {
        prop_oneof![
            Just(Owner::Nobody),
            (0_u8..5, 1_u16..4, 1_u16..4).prop_map(|(number, table, group)| Owner::Program { number, table, group }),
            (1_u16..4).prop_map(|group| Owner::Endpoint { group }),
        ]
    }

    fn permits() -> impl Strategy<Value = Vec<Permit>> {
        let permit = (0_u16..3, 0_u32..2).prop_map(|(port, first)| Permit {
            peers: IpRange::V4(Ipv4Range { first, last: 2 }),
            selector: Selector::Ports { protocols: (6, 6), ports: (port, port) },
        });
        prop::collection::vec(permit, 0..3)
    }

    fn table() -> impl Strategy<Value = TablePlan> {
        let target = prop_oneof![
            (0_u8..2).prop_map(|n| RouteTarget::GatewayEndpoint(format!("vpce-{n:017x}").parse().unwrap())),
            Just(RouteTarget::Blackhole),
            (0_u8..5).prop_map(|number| RouteTarget::Interface {
                interface: format!("eni-{number:017x}").parse().unwrap(),
                link: format!("sg-{number}"),
                address: Ipv4Addr::new(10, 0, 1, number).into(),
            }),
        ];
        let route = target.prop_map(|target| Route { target, named: "pl-1".to_owned() });
        let routes = prop::collection::btree_map(Just("198.18.0.0/20".parse().unwrap()), route, 0..2);
        routes.prop_map(|routes| TablePlan { id: "rtb-00000000000000001".parse().unwrap(), routes })
    }

    fn link(number: u8, host: u8, table: u16, group: u16) -> Link {
        Link {
            name: format!("sg-{number}"),
            namespace: format!("eni-{number:017x}"),
            subnet: "subnet-00000000000000001".parse().unwrap(),
            address: Ipv4Addr::new(10, 0, 1, host),
            device: 0,
            secondary: Vec::new(),
            ipv6: (number > 2).then(|| std::net::Ipv6Addr::from_bits(u128::from(host))).into_iter().collect(),
            prefix: 24,
            gateway: Ipv4Addr::new(10, 0, 1, 1),
            mac: [2, 0, 0, 0, 0, number],
            table,
            group,
            acl: None,
            redirects: None,
            forwards: false,
        }
    }

    prop_compose! {
        fn plan()(
            owners in prop::collection::vec(owner(), 5),
            tables in prop::collection::btree_map(1_u16..4, table(), 0..4),
            groups in prop::collection::btree_map(1_u16..4, (permits(), permits()), 0..4),
            has_resolver in any::<bool>(),
            prefixes in prop::sample::subsequence(vec!["198.18.0.0/20", "198.18.0.0/24", "198.18.16.0/20"], 0..=3),
            blocks in prop::sample::subsequence(vec!["10.0.0.0/16", "10.1.0.0/16", "2001:db8::/56"], 1..=3),
            watched in prop::collection::btree_map(0_u8..5, 1_u32..3, 0..4),
        ) -> VpcPlan {
            let mut plan = VpcPlan {
                passages: BTreeMap::new(),
                acls: BTreeMap::new(),
                vpc: "vpc-00000000000000001".parse().unwrap(),
                scope: Scope { account: "123456789012".parse().unwrap(), region: "eu-west-1".parse().unwrap() },
                cidrs: blocks.iter().map(|block| block.parse().unwrap()).collect(),
                router: [Ipv4Addr::new(10, 0, 1, 1).into()].into(),
                resolver: has_resolver.then_some(Ipv4Addr::new(10, 0, 0, 2)),
                links: BTreeMap::new(),
                tables,
                redirects: BTreeMap::new(),
                groups: groups.into_iter().map(|(n, (ingress, egress))| (n, GroupRules { ingress, egress, ..GroupRules::default() })).collect(),
                endpoint_addresses: BTreeMap::new(),
                gateway_prefixes: prefixes.iter().map(|prefix| prefix.parse().unwrap()).collect(),
                endpoints: BTreeMap::new(),
                zones: Vec::new(),
                service_names: sidegate_plan::Names::new(),
                named_peers: BTreeSet::new(),
                metadata: BTreeMap::new(),
                watched: watched
                    .iter()
                    // Of programs and of endpoints.
                    .map(|(&n, &number)| (if n < 3 { format!("eni-{n:017x}") } else { format!("eni-{:017x}", 0x107 + u32::from(n)) }, number))
                    .map(|(interface, number)| (interface.parse().unwrap(), number))
                    .collect(),
            };
            for (host, owner) in (10..).zip(owners) {
                let address = Ipv4Addr::new(10, 0, 1, host);
                match owner {
                    Owner::Nobody => {}
                    Owner::Program { number, table, group } => {
                        let interface: NetworkInterfaceId = format!("eni-{number:017x}").parse().unwrap();
                        plan.links.entry(interface).or_insert_with(|| link(number, host, table, group));
                    }
                    Owner::Endpoint { group } => {
                        let endpoint = "vpce-00000000000000009".parse().unwrap();
                        let interface = format!("eni-{:017x}", 0x100 + u32::from(host)).parse().unwrap();
                        plan.endpoint_addresses.insert(address.into(), EndpointAddress { endpoint, interface, group, table: 1, acl: None });
                    }
                }
            }
            plan
        }
    }

    proptest! {
        #[test]
        fn the_difference_of_the_parts_is_that_of_the_wholes(old in plan(), new in plan(), mixed in any::<[bool; 3]>()) {
            // Two plans with nothing in common say little: a part of the new one is as it was.
            let mut new = new;
            let [links, tables, groups] = mixed;
            if links {
                (new.links, new.endpoint_addresses) = (old.links.clone(), old.endpoint_addresses.clone());
            }
            if tables {
                new.tables = old.tables.clone();
            }
            if groups {
                new.groups = old.groups.clone();
            }
            let whole = diff(&render(&old).unwrap(), &render(&new).unwrap());
            let (old, new) = of_both(&old, &new).unwrap();
            prop_assert_eq!(diff(&old, &new), whole);
        }
    }

    #[test]
    fn entries_that_are_equal_in_both_are_left_out() {
        let map = |entries: &[(u8, u8)]| entries.iter().copied().collect::<BTreeMap<_, _>>();
        let old = map(&[(1, 1), (2, 2), (3, 3), (5, 5)]);
        let new = map(&[(0, 0), (2, 2), (3, 4), (6, 6), (7, 7)]);
        let expected = (map(&[(1, 1), (3, 3), (5, 5)]), map(&[(0, 0), (3, 4), (6, 6), (7, 7)]));
        assert_eq!(differing(&old, &new), expected);
        assert_eq!(differing(&old, &old), (map(&[]), map(&[])));
    }
}
