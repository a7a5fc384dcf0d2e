//! The resolver, from the bytes of a query to those of its answer.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, RecordType};
use proptest::prelude::*;
use sidegate_edge::resolver::{Transport, answer, answer_publicly};
use sidegate_model::{Catalog, Region, Scope, Service};
use sidegate_plan::{DnsZone, Domains, Names, Plan, PublicName, VpcPlan};

const ENDPOINT: &str = "vpce-0a1b2c3d4e5f60718-9f8e7d6c";

/// A VPC of 10.0.0.0/16 in us-east-1 without anything in it.
pub(crate) fn vpc() -> VpcPlan {
    VpcPlan {
        passages: BTreeMap::new(),
        acls: BTreeMap::new(),
        vpc: "vpc-0123456789abcdef0".parse().unwrap(),
        scope: Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() },
        cidrs: vec!["10.0.0.0/16".parse().unwrap(), "10.9.0.0/20".parse().unwrap()],
        router: BTreeSet::new(),
        resolver: Some(Ipv4Addr::new(10, 0, 0, 2)),
        links: BTreeMap::new(),
        tables: BTreeMap::new(),
        redirects: BTreeMap::new(),
        groups: BTreeMap::new(),
        endpoint_addresses: BTreeMap::new(),
        gateway_prefixes: BTreeSet::new(),
        endpoints: BTreeMap::new(),
        zones: Vec::new(),
        service_names: sidegate_plan::Names::new(),
        named_peers: BTreeSet::new(),
        metadata: BTreeMap::new(),
        watched: BTreeMap::new(),
    }
}

fn address(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

fn records(entries: &[(&str, &[&str])]) -> Names {
    let leads_to = |a: &[&str]| a.iter().map(|a| a.parse().unwrap()).collect::<Vec<IpAddr>>();
    entries.iter().map(|(n, a)| ((*n).to_owned(), leads_to(a))).collect()
}

fn zone(name: &str, entries: &[(&str, &[&str])]) -> DnsZone {
    DnsZone { name: name.to_owned(), records: records(entries) }
}

/// The VPC with host names, and with private DNS for Secrets Manager, ECR and S3.
fn furnished() -> VpcPlan {
    let mut vpc = vpc();
    vpc.zones = vec![
        zone("ec2.internal", &[("ip-10-0-1-5.ec2.internal", &["10.0.1.5"]), ("i-0abc.ec2.internal", &["10.0.1.5"])]),
        zone(
            "secretsmanager.us-east-1.amazonaws.com",
            &[("secretsmanager.us-east-1.amazonaws.com", &["10.0.1.20", "10.0.2.20", "10.0.3.20"])],
        ),
        zone("dkr.ecr.us-east-1.amazonaws.com", &[("*.dkr.ecr.us-east-1.amazonaws.com", &["10.0.1.21"])]),
        zone(
            "s3.us-east-1.amazonaws.com",
            &[("s3.us-east-1.amazonaws.com", &["10.0.1.22"]), ("*.s3.us-east-1.amazonaws.com", &["10.0.1.22"])],
        ),
        zone("special.s3.us-east-1.amazonaws.com", &[("a.b.special.s3.us-east-1.amazonaws.com", &["10.0.1.23"])]),
    ];
    vpc
}

/// What is in public DNS beside services: the names of two endpoints.
fn endpoint_names() -> Plan {
    let names = records(&[
        (&format!("{ENDPOINT}.secretsmanager.us-east-1.vpce.amazonaws.com"), &["10.0.1.20", "10.0.2.20"]),
        (&format!("{ENDPOINT}-us-east-1a.secretsmanager.us-east-1.vpce.amazonaws.com"), &["10.0.1.20"]),
        (&format!("*.{ENDPOINT}.s3.us-east-1.vpce.amazonaws.com"), &["10.0.1.22"]),
    ]);
    Plan { domains: Arc::new(Domains::of(names.keys())), endpoint_names: Arc::new(names), ..Plan::default() }
}

fn query(name: &str, kind: RecordType) -> Message {
    let mut message = Message::new(0x1234, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(Name::from_ascii(format!("{name}.")).unwrap(), kind));
    message
}

fn ask_with(message: &Message, transport: Transport, vpc: &VpcPlan, names: &Plan) -> Message {
    let bytes = answer(&message.to_vec().unwrap(), transport, vpc, names).expect("an answer");
    Message::from_vec(&bytes).expect("an answer that parses")
}

fn ask(name: &str, kind: RecordType) -> Message {
    ask_with(&query(name, kind), Transport::Udp, &furnished(), &endpoint_names())
}

fn addresses(message: &Message) -> Vec<Ipv4Addr> {
    let mut found: Vec<_> = message
        .answers
        .iter()
        .map(|r| match &r.data {
            RData::A(a) => a.0,
            other => panic!("{other:?}"),
        })
        .collect();
    found.sort();
    found
}

fn addresses_of(name: &str) -> Vec<Ipv4Addr> {
    let reply = ask(name, RecordType::A);
    assert_eq!(reply.metadata.response_code, ResponseCode::NoError, "{name}");
    assert!(!reply.answers.is_empty(), "{name}");
    addresses(&reply)
}

/// Asserts a denial with this code by this zone.
fn assert_denied(reply: &Message, code: ResponseCode, zone: &str) {
    assert_eq!(reply.metadata.response_code, code);
    assert!(reply.answers.is_empty());
    let [soa] = &reply.authorities[..] else { panic!("one SOA record: {reply}") };
    assert_eq!(soa.record_type(), RecordType::SOA);
    assert_eq!(soa.name.to_ascii(), format!("{zone}."));
    assert!(soa.ttl <= 60);
}

#[test]
fn private_dns_leads_the_public_name_to_the_interfaces_of_the_endpoint() {
    let expected = ["10.0.1.20", "10.0.2.20", "10.0.3.20"].map(address);
    assert_eq!(addresses_of("secretsmanager.us-east-1.amazonaws.com"), expected);
    assert_eq!(addresses_of("123456789012.dkr.ecr.us-east-1.amazonaws.com"), [address("10.0.1.21")]);
    assert_eq!(addresses_of("my.bucket.s3.us-east-1.amazonaws.com"), [address("10.0.1.22")]);
}

#[test]
fn without_private_dns_the_public_name_leads_to_the_public_address() {
    let expected = Catalog::named("secretsmanager").unwrap().public_addresses("us-east-1".parse().unwrap());
    let reply = ask_with(
        &query("secretsmanager.us-east-1.amazonaws.com", RecordType::A),
        Transport::Udp,
        &vpc(),
        &endpoint_names(),
    );
    assert_eq!(addresses(&reply), expected);
}

#[test]
fn a_private_zone_denies_what_it_lacks_and_never_asks_public_dns() {
    // The apex of a wildcard-only zone exists without records.
    let apex = ask("dkr.ecr.us-east-1.amazonaws.com", RecordType::A);
    assert_denied(&apex, ResponseCode::NoError, "dkr.ecr.us-east-1.amazonaws.com");
    // Public DNS has every name below s3.us-east-1.amazonaws.com; this zone stands in between and lacks it.
    let name = "other.special.s3.us-east-1.amazonaws.com";
    assert_denied(&ask(name, RecordType::A), ResponseCode::NXDomain, "special.s3.us-east-1.amazonaws.com");
    let below = ask("x.secretsmanager.us-east-1.amazonaws.com", RecordType::A);
    assert_denied(&below, ResponseCode::NXDomain, "secretsmanager.us-east-1.amazonaws.com");
}

#[test]
fn a_name_with_names_below_it_exists() {
    let between = ask("b.special.s3.us-east-1.amazonaws.com", RecordType::A);
    assert_denied(&between, ResponseCode::NoError, "special.s3.us-east-1.amazonaws.com");
    let regional = ask("us-east-1.amazonaws.com", RecordType::A);
    assert_denied(&regional, ResponseCode::NoError, "amazonaws.com");
    let stem = ask(&format!("{ENDPOINT}.s3.us-east-1.vpce.amazonaws.com"), RecordType::A);
    assert_denied(&stem, ResponseCode::NoError, "vpce.amazonaws.com");
}

#[test]
fn the_longest_private_zone_wins() {
    assert_eq!(addresses_of("a.b.special.s3.us-east-1.amazonaws.com"), [address("10.0.1.23")]);
    assert_eq!(addresses_of("notspecial.s3.us-east-1.amazonaws.com"), [address("10.0.1.22")]);
}

#[test]
fn the_global_name_of_s3_is_public_even_beside_private_dns() {
    let expected = Catalog::named("s3").unwrap().public_addresses("us-east-1".parse().unwrap());
    assert_eq!(addresses_of("s3.amazonaws.com"), expected);
    assert_eq!(addresses_of("bucket.s3.amazonaws.com"), expected);
}

#[test]
fn the_own_names_of_endpoints_lead_to_private_addresses_from_everywhere() {
    let names = endpoint_names();
    let ask = |name: String| addresses(&ask_with(&query(&name, RecordType::A), Transport::Udp, &vpc(), &names));
    let domain = "us-east-1.vpce.amazonaws.com";
    assert_eq!(ask(format!("{ENDPOINT}.secretsmanager.{domain}")), ["10.0.1.20", "10.0.2.20"].map(address));
    assert_eq!(ask(format!("{ENDPOINT}-us-east-1a.secretsmanager.{domain}")), [address("10.0.1.20")]);
    assert_eq!(ask(format!("mybucket.bucket.{ENDPOINT}.s3.{domain}")), [address("10.0.1.22")]);
    let unknown = ask_with(&query(&format!("vpce-0.kms.{domain}"), RecordType::A), Transport::Udp, &vpc(), &names);
    assert_denied(&unknown, ResponseCode::NXDomain, "vpce.amazonaws.com");
}

#[test]
fn every_public_name_of_every_service_in_every_region_resolves() {
    let (vpc, names) = (vpc(), Plan::default());
    for region in Region::all() {
        for service in Service::public_in(region) {
            for pattern in service.public_names(region) {
                let name = pattern.replace('*', "some-name");
                let reply = ask_with(&query(&name, RecordType::A), Transport::Udp, &vpc, &names);
                let mut expected = service.public_addresses(region);
                expected.sort();
                assert_eq!(addresses(&reply), expected, "{name}");
                assert!(reply.answers.iter().all(|r| (5..=60).contains(&r.ttl)));
            }
        }
    }
}

#[test]
fn a_name_without_ipv6_addresses_exists_all_the_same() {
    let zone = "secretsmanager.us-east-1.amazonaws.com";
    assert_denied(&ask(zone, RecordType::AAAA), ResponseCode::NoError, zone);
    let public = ask("kms.eu-west-1.amazonaws.com", RecordType::AAAA);
    assert_denied(&public, ResponseCode::NoError, "amazonaws.com");
    let own = ask(&format!("{ENDPOINT}.secretsmanager.us-east-1.vpce.amazonaws.com"), RecordType::AAAA);
    assert_denied(&own, ResponseCode::NoError, "vpce.amazonaws.com");
    assert_denied(&ask("monitoring.us-east-1.api.aws", RecordType::TXT), ResponseCode::NoError, "api.aws");
}

#[test]
fn what_is_not_of_aws_does_not_exist() {
    assert_denied(&ask("example.com", RecordType::A), ResponseCode::NXDomain, "");
    assert_denied(&ask("nosuch.us-east-1.amazonaws.com", RecordType::A), ResponseCode::NXDomain, "amazonaws.com");
    assert_denied(&ask("ip-10-0-1-6.ec2.internal", RecordType::A), ResponseCode::NXDomain, "ec2.internal");
}

#[test]
fn names_are_found_in_any_case_and_given_back_as_they_were_asked_for() {
    let reply = ask("SecretsManager.US-east-1.AmazonAWS.com", RecordType::A);
    assert_eq!(addresses(&reply).len(), 3);
    let asked = "SecretsManager.US-east-1.AmazonAWS.com.";
    assert_eq!(reply.queries[0].name.to_ascii(), asked);
    assert!(reply.answers.iter().all(|r| r.name.to_ascii() == asked));
}

#[test]
fn a_dot_inside_a_label_is_not_a_dot_between_two() {
    let mut message = query("x", RecordType::A);
    let labels: [&[u8]; 4] = [b"bucket.s3", b"us-east-1", b"amazonaws", b"com"];
    message.queries[0].name = Name::from_labels(labels).unwrap();
    let reply = ask_with(&message, Transport::Udp, &furnished(), &endpoint_names());
    assert_eq!(reply.metadata.response_code, ResponseCode::NXDomain);
}

#[test]
fn the_address_of_a_host_leads_back_to_its_name() {
    let reply = ask("5.1.0.10.in-addr.arpa", RecordType::PTR);
    let [record] = &reply.answers[..] else { panic!("one record: {reply}") };
    let RData::PTR(target) = &record.data else { panic!("{record}") };
    assert_eq!(target.0.to_ascii(), "ip-10-0-1-5.ec2.internal.");
}

#[test]
fn an_address_without_a_host_has_no_name_and_neither_has_one_outside_of_the_vpc() {
    for name in ["6.1.0.10.in-addr.arpa", "8.8.8.8.in-addr.arpa", "1.2.3.4.5.in-addr.arpa"] {
        assert_denied(&ask(name, RecordType::PTR), ResponseCode::NXDomain, "in-addr.arpa");
    }
    for name in ["1.0.10.in-addr.arpa", "9.10.in-addr.arpa", "in-addr.arpa"] {
        assert_denied(&ask(name, RecordType::PTR), ResponseCode::NoError, "in-addr.arpa");
    }
}

#[test]
fn localhost_is_this_machine() {
    assert_eq!(addresses_of("localhost"), [Ipv4Addr::LOCALHOST]);
    assert_eq!(addresses_of("a.localhost"), [Ipv4Addr::LOCALHOST]);
    assert_eq!(ask("localhost", RecordType::AAAA).answers.len(), 1);
    assert_eq!(ask("1.0.0.127.in-addr.arpa", RecordType::PTR).answers.len(), 1);
}

#[test]
fn the_zone_tells_of_itself() {
    let reply = ask("ec2.internal", RecordType::SOA);
    assert_eq!(reply.answers.len(), 1);
    assert!(reply.authorities.is_empty());
}

#[test]
fn recursion_is_offered_and_the_wish_for_it_echoed() {
    let reply = ask("localhost", RecordType::A);
    assert_eq!(reply.metadata.id, 0x1234);
    assert_eq!(reply.metadata.message_type, MessageType::Response);
    assert!(reply.metadata.recursion_available && reply.metadata.recursion_desired && !reply.metadata.authoritative);
    let mut message = query("localhost", RecordType::A);
    message.metadata.recursion_desired = false;
    let reply = ask_with(&message, Transport::Udp, &vpc(), &Plan::default());
    assert!(reply.metadata.recursion_available && !reply.metadata.recursion_desired);
}

#[test]
fn the_order_of_several_addresses_follows_the_id_of_the_query() {
    let mut firsts = BTreeSet::new();
    for id in 0..3 {
        let mut message = query("secretsmanager.us-east-1.amazonaws.com", RecordType::A);
        message.metadata.id = id;
        let reply = ask_with(&message, Transport::Udp, &furnished(), &Plan::default());
        assert_eq!(addresses(&reply).len(), 3);
        firsts.insert(reply.answers[0].data.to_string());
    }
    assert_eq!(firsts.len(), 3);
}

/// A VPC with a name of so many addresses.
fn crowded(count: u32) -> VpcPlan {
    let mut vpc = vpc();
    let addresses: Vec<_> = (0..count).map(|i| IpAddr::from(Ipv4Addr::from_bits(0x0a00_0100 + i))).collect();
    let records = Names::from_iter([("all.ec2.internal".to_owned(), addresses)]);
    vpc.zones = vec![DnsZone { name: "ec2.internal".to_owned(), records }];
    vpc
}

#[test]
fn an_answer_that_is_too_long_for_a_datagram_says_so_and_fits_a_connection() {
    let (vpc, message) = (crowded(100), query("all.ec2.internal", RecordType::A));
    let bytes = answer(&message.to_vec().unwrap(), Transport::Udp, &vpc, &Plan::default()).unwrap();
    let reply = Message::from_vec(&bytes).unwrap();
    assert!(bytes.len() <= 512 && reply.metadata.truncation && reply.queries.len() == 1);
    let reply = ask_with(&message, Transport::Tcp, &vpc, &Plan::default());
    assert!(!reply.metadata.truncation);
    assert_eq!(reply.answers.len(), 100);
}

#[test]
fn a_client_that_takes_longer_datagrams_gets_them_up_to_what_never_fragments() {
    let mut message = query("all.ec2.internal", RecordType::A);
    let mut edns = Edns::new();
    let cases = [(1232, 60, true), (4096, 60, true), (900, 60, false), (4096, 100, false), (0, 20, true)];
    for (offered, hosts, whole) in cases {
        edns.set_max_payload(offered);
        message.set_edns(edns.clone());
        let reply = ask_with(&message, Transport::Udp, &crowded(hosts), &Plan::default());
        assert_eq!(!reply.metadata.truncation, whole, "{offered} octets, {hosts} addresses");
        assert_eq!(reply.edns.as_ref().unwrap().max_payload(), 1232);
    }
}

#[test]
fn edns_is_answered_with_edns_and_only_then() {
    let mut message = query("localhost", RecordType::A);
    assert!(ask_with(&message, Transport::Udp, &vpc(), &Plan::default()).edns.is_none());
    let mut edns = Edns::new();
    edns.set_dnssec_ok(true).set_version(1);
    message.set_edns(edns);
    let reply = ask_with(&message, Transport::Udp, &vpc(), &Plan::default());
    // BADVERS; hickory reads the same number as BADSIG.
    assert_eq!(u16::from(reply.metadata.response_code), 16);
    assert!(reply.answers.is_empty());
    assert!(reply.edns.unwrap().flags().dnssec_ok);
}

#[test]
fn what_is_no_query_meets_silence() {
    let mut response = query("localhost", RecordType::A);
    response.metadata.message_type = MessageType::Response;
    let response = response.to_vec().unwrap();
    for bytes in [&[][..], &[0; 11], &response, &[0; 70_000]] {
        assert_eq!(answer(bytes, Transport::Udp, &vpc(), &Plan::default()), None);
    }
}

#[test]
fn a_query_that_cannot_be_read_is_a_format_error() {
    let code = |bytes: &[u8]| {
        let reply = answer(bytes, Transport::Udp, &vpc(), &Plan::default()).expect("an answer");
        let reply = Message::from_vec(&reply).unwrap();
        assert_eq!(reply.metadata.id, 0x1234);
        assert!(reply.queries.is_empty() && reply.answers.is_empty());
        reply.metadata.response_code
    };
    let whole = query("localhost", RecordType::A).to_vec().unwrap();
    assert_eq!(code(&whole[..whole.len() - 1]), ResponseCode::FormErr);
    let mut none = whole.clone();
    none[5] = 0;
    assert_eq!(code(&none), ResponseCode::FormErr);
    let mut many = whole.clone();
    many[4..6].fill(0xff);
    assert_eq!(code(&many), ResponseCode::FormErr);
    let mut with_answers = whole.clone();
    with_answers[7] = 1;
    assert_eq!(code(&with_answers), ResponseCode::FormErr);
    let mut update = whole;
    update[2] = 5 << 3;
    assert_eq!(code(&update), ResponseCode::NotImp);
}

#[test]
fn other_classes_and_transfers_are_refused() {
    let mut chaos = query("version.bind", RecordType::TXT);
    chaos.queries[0].query_class = DNSClass::CH;
    for message in [chaos, query("ec2.internal", RecordType::AXFR)] {
        let reply = ask_with(&message, Transport::Tcp, &furnished(), &Plan::default());
        assert_eq!(reply.metadata.response_code, ResponseCode::Refused);
        assert_eq!(reply.queries, message.queries);
    }
}

fn check(bytes: &[u8]) {
    let (vpc, names) = (furnished(), endpoint_names());
    for (transport, limit) in [(Transport::Udp, 1232), (Transport::Tcp, 65_535)] {
        if let Some(reply) = answer(bytes, transport, &vpc, &names) {
            assert!(reply.len() <= limit);
            assert_eq!(reply[..2], bytes[..2]);
            assert!(bytes[2] & 0x80 == 0 && reply[2] & 0x80 != 0);
            Message::from_vec(&reply).expect("an answer that parses");
        } else {
            assert!(bytes.len() < 12 || bytes[2] & 0x80 != 0, "silence for a query");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_at_all_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes);
    }

    #[test]
    fn any_bytes_behind_a_plain_header_are_survived(
        body in prop::collection::vec(any::<u8>(), 0..300),
        more in 0_u8..3,
    ) {
        let mut bytes = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, more];
        bytes.extend(body);
        check(&bytes);
    }

    #[test]
    fn a_query_with_some_bytes_changed_is_survived(
        labels in "(([a-zA-Z0-9]{1,20}|\\*)\\.){0,4}",
        domain in "s3\\.us-east-1\\.amazonaws\\.com|in-addr\\.arpa|ec2\\.internal|localhost",
        kind in 0_u16..300,
        edns in any::<Option<u16>>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in 0_usize..3,
    ) {
        let mut message = query(&format!("{labels}{domain}"), RecordType::from(kind));
        if let Some(payload) = edns {
            let mut edns = Edns::new();
            edns.set_max_payload(payload);
            message.set_edns(edns);
        }
        let mut bytes = message.to_vec().unwrap();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        bytes.truncate(bytes.len() - cut);
        check(&bytes);
    }

    #[test]
    fn any_labels_whatsoever_are_survived(
        labels in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..63), 0..6),
    ) {
        let mut bytes = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in &labels {
            bytes.push(u8::try_from(label.len()).unwrap());
            bytes.extend(label);
        }
        bytes.extend([0, 0, 1, 0, 1]);
        check(&bytes);
    }
}

/// The addresses that a name has for a program of a VPC.
fn seen_from(vpc: &VpcPlan, plan: &Plan, name: &str) -> Vec<Ipv4Addr> {
    addresses(&ask_with(&query(name, RecordType::A), Transport::Udp, vpc, plan))
}

#[test]
fn the_name_of_a_public_address_leads_to_the_private_one_where_that_is_near() {
    let name = "ec2-198-18-15-254.compute-1.amazonaws.com";
    let (public, private) = (address("198.18.15.254"), address("10.0.1.5"));
    let leads = |private: Option<Ipv4Addr>| PublicName {
        vpc: vpc().vpc,
        public: public.into(),
        private: private.map(IpAddr::from),
    };
    let plan = |private| {
        let names = std::iter::once((name.to_owned(), leads(private)));
        let domains = Arc::new(Domains::of(std::iter::once(&name.to_owned())));
        Plan { public_names: Arc::new(names.collect()), domains, ..Plan::default() }
    };
    let near = plan(Some(private));
    assert_eq!(seen_from(&vpc(), &near, name), [private]);
    let stranger = VpcPlan { vpc: "vpc-0fedcba9876543210".parse().unwrap(), ..vpc() };
    assert_eq!(seen_from(&stranger, &near, name), [public]);
    let peer = VpcPlan { named_peers: BTreeSet::from([vpc().vpc]), ..stranger };
    assert_eq!(seen_from(&peer, &near, name), [private]);
    assert_eq!(seen_from(&peer, &plan(None), name), [public]);
    let asked = query(name, RecordType::A).to_vec().unwrap();
    let reply = Message::from_vec(&answer_publicly(&asked, Transport::Udp, &near).unwrap()).unwrap();
    assert_eq!(addresses(&reply), [public]);
    // The domain above it is there and has no address; its neighbour is not there.
    let above = ask_with(&query("compute-1.amazonaws.com", RecordType::A), Transport::Udp, &vpc(), &near);
    assert_denied(&above, ResponseCode::NoError, "amazonaws.com");
    let other = query("ec2-198-18-15-253.compute-1.amazonaws.com", RecordType::A);
    assert_denied(&ask_with(&other, Transport::Udp, &vpc(), &near), ResponseCode::NXDomain, "amazonaws.com");
}
