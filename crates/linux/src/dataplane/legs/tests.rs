//! What is kept from plan to plan must be what each plan says.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use sidegate_model::{NetworkInterfaceId, Scope, VpcId};
use sidegate_plan::{Link, Names, OPEN_GROUP, PassageLink, Plan, VpcPlan};

use super::Legs;

const INTERNET: &str = "igw-0000000000000000a";
const EGRESS_ONLY: &str = "eigw-0000000000000000b";
const PEERING: &str = "pcx-0000000000000000c";

fn id(number: u8) -> VpcId {
    format!("vpc-{number:017x}").parse().unwrap()
}

fn eni(number: u8) -> String {
    format!("eni-{number:017x}")
}

fn vpc(number: u8, passages: &[&str]) -> VpcPlan {
    let link =
        || PassageLink { name: "p-0".to_owned(), end: "eth0".to_owned(), table: 32_000, redirects: None, peer: None };
    VpcPlan {
        vpc: id(number),
        scope: Scope { account: "123456789012".parse().unwrap(), region: "eu-west-1".parse().unwrap() },
        cidrs: vec!["10.0.0.0/16".parse().unwrap()],
        router: BTreeSet::new(),
        resolver: None,
        links: BTreeMap::new(),
        passages: passages.iter().map(|name| ((*name).to_owned(), link())).collect(),
        tables: BTreeMap::new(),
        redirects: BTreeMap::new(),
        groups: BTreeMap::new(),
        acls: BTreeMap::new(),
        endpoint_addresses: BTreeMap::new(),
        gateway_prefixes: BTreeSet::new(),
        endpoints: BTreeMap::new(),
        zones: Vec::new(),
        service_names: Names::new(),
        named_peers: BTreeSet::new(),
        metadata: BTreeMap::new(),
        watched: BTreeMap::new(),
    }
}

/// The same with the interface of a program, or of what forwards.
fn with_link(mut vpc: VpcPlan, number: u8, forwards: bool) -> VpcPlan {
    let interface: NetworkInterfaceId = eni(number).parse().unwrap();
    let link = Link {
        name: format!("sg-{number}"),
        namespace: eni(number),
        subnet: "subnet-00000000000000001".parse().unwrap(),
        address: Ipv4Addr::new(10, 0, 1, number),
        device: 0,
        secondary: Vec::new(),
        ipv6: Vec::new(),
        prefix: 24,
        gateway: Ipv4Addr::new(10, 0, 1, 1),
        mac: [2, 0, 0, 0, 1, number],
        table: 1,
        group: OPEN_GROUP,
        acl: None,
        redirects: None,
        forwards,
    };
    vpc.links.insert(interface, link);
    vpc
}

fn plan(vpcs: &[&Arc<VpcPlan>]) -> Plan {
    let vpcs = vpcs.iter().map(|&vpc| (vpc.vpc.clone(), Arc::clone(vpc))).collect();
    Plan { vpcs, ..Plan::default() }
}

/// The numbers of the VPCs that lead to a passage.
fn legs(legs: &Legs, passage: &str) -> Vec<VpcId> {
    legs.of(passage).into_iter().flatten().cloned().collect()
}

#[test]
fn a_vpc_leads_to_gateways_of_both_kinds_to_peering_connections_and_to_nat_gateways_behind_its_links() {
    let first = Arc::new(with_link(with_link(vpc(1, &[INTERNET, EGRESS_ONLY, PEERING]), 4, false), 9, true));
    let second = Arc::new(with_link(vpc(2, &[PEERING]), 5, false));
    let mut known = Legs::default();
    known.follow(&plan(&[&first, &second]));
    for passage in [INTERNET, EGRESS_ONLY, &eni(9)] {
        assert_eq!(legs(&known, passage), [id(1)], "{passage}");
    }
    assert_eq!(legs(&known, PEERING), [id(1), id(2)]);
    assert_eq!(known.of(&eni(4)), None, "a program's namespace is no passage");
}

#[test]
fn a_vpc_without_a_namespace_leads_nowhere_until_it_gets_one() {
    let mut known = Legs::default();
    let empty = Arc::new(vpc(1, &[INTERNET, EGRESS_ONLY]));
    known.follow(&plan(&[&empty]));
    assert_eq!((known.of(INTERNET), known.of(EGRESS_ONLY)), (None, None));
    let inhabited = Arc::new(with_link(VpcPlan::clone(&empty), 4, false));
    known.follow(&plan(&[&inhabited]));
    assert_eq!((legs(&known, INTERNET), legs(&known, EGRESS_ONLY)), (vec![id(1)], vec![id(1)]));
    known.follow(&plan(&[&empty]));
    assert_eq!((known.of(INTERNET), known.of(EGRESS_ONLY)), (None, None));
}

#[test]
fn what_a_vpc_leads_to_no_more_is_forgotten_and_what_others_lead_to_stays() {
    let first = Arc::new(with_link(vpc(1, &[PEERING, EGRESS_ONLY]), 4, false));
    let second = Arc::new(with_link(vpc(2, &[PEERING]), 5, false));
    let mut known = Legs::default();
    known.follow(&plan(&[&first, &second]));
    let apart = Arc::new(with_link(vpc(1, &[INTERNET]), 4, false));
    known.follow(&plan(&[&apart, &second]));
    assert_eq!((legs(&known, PEERING), legs(&known, INTERNET)), (vec![id(2)], vec![id(1)]));
    assert_eq!(known.of(EGRESS_ONLY), None);
    // The second one is deleted.
    known.follow(&plan(&[&apart]));
    assert_eq!((legs(&known, INTERNET), known.of(PEERING)), (vec![id(1)], None));
    // A plan equal in everything but its place in memory changes nothing, and neither does the same again.
    for again in [&Arc::new(VpcPlan::clone(&apart)), &apart] {
        known.follow(&plan(&[again]));
        assert_eq!((legs(&known, INTERNET), known.by_passage.len()), (vec![id(1)], 1));
    }
}
