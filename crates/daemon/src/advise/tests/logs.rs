//! Flow logs: what is recorded at more than one interface, who is outside, and what is told.

use sidegate_advise::{Network, Volume};
use sidegate_model::{Attachment, NetworkInterface, VpcId};

use super::ways::{RANGES, line};
use super::*;

/// The VPC of a world with what logs tell, and all that is to be known of it.
fn seen(world: &World, vpc: &VpcId, log: &[String]) -> (Network, String) {
    let (ranges, _) = Ranges::read("ip-ranges.json", RANGES.as_bytes()).unwrap();
    let mut logs = FlowLogs::new(world, ranges, Limits::default());
    logs.read_stream("log", log.concat().as_bytes(), &mut |_| {});
    let (seen, mut remarks) = logged(&logs.finish(), world, None);
    let mut all = workloads(world, true);
    remarks.extend(seen.apply(world, &mut all, true));
    let mut networks = all.into_iter().flat_map(|workload| workload.networks);
    (networks.find(|network| network.id.as_ref() == Some(vpc)).unwrap(), remarks.join("\n"))
}

/// The VPC of logs alone, in us-east-1, and all that is to be known of it.
fn alone(ranges: &str, log: &str) -> (Network, String) {
    let (ranges, _) = Ranges::read("ip-ranges.json", ranges.as_bytes()).unwrap();
    let (world, region) = (World::default(), "us-east-1".parse().unwrap());
    let mut logs = FlowLogs::new(&world, ranges, Limits::default());
    logs.read_stream("log", log.as_bytes(), &mut |_| {});
    let observed = logs.finish();
    assert_eq!(observed.malformed, 0, "{:?}", observed.findings);
    let (seen, mut remarks) = logged(&observed, &world, Some(region));
    let (workload, told) = apart(&seen, region, 1, false);
    remarks.extend(told);
    (workload.networks.into_iter().next().unwrap(), remarks.join("\n"))
}

/// Services with the gigabytes of clients in the VPC, on premises and in peered VPCs.
fn needs(network: &Network) -> Vec<(&str, u64, u64, u64)> {
    let gb = |volume: Volume| volume.total() / GB;
    let all = network.needs.iter();
    all.map(|need| (need.service.name, gb(need.inside()), gb(need.on_premises), gb(need.peered))).collect()
}

fn interface<'w>(world: &'w World, vpc: &VpcId, is_it: impl Fn(&NetworkInterface) -> bool) -> &'w NetworkInterface {
    world.interfaces.of_vpc(vpc).find(|interface| is_it(interface)).unwrap()
}

fn is_nat(interface: &NetworkInterface) -> bool {
    matches!(interface.attachment, Attachment::NatGateway(_))
}

/// There and back between an interface and an address, so many gigabytes each.
fn both(own: &NetworkInterface, other: &str, sent: u64, received: u64) -> String {
    let (id, at) = (own.id.as_str(), own.address.to_string());
    line(id, &at, other, sent * GB) + &line(id, other, &at, received * GB)
}

const DYNAMODB: &str = "52.94.0.9";

#[test]
fn what_a_nat_gateway_had_counts_whoever_else_is_in_the_log() {
    let (mut built, vpc, _) = with_nat();
    let public = built.world.nat_gateways.iter().next().unwrap().subnet.clone();
    let group = built.group(&vpc, "bastion");
    let bastion = built.program(&public, &[&group]);
    let world = &built.world;
    let (nat, bastion) = (interface(world, &vpc, is_nat), world.interfaces.get(&bastion).unwrap());
    let log = [both(nat, DYNAMODB, 100, 400), both(nat, "9.9.9.9", 50, 0)];
    let expected = (vec![("dynamodb", 500, 0, 0)], 50 * GB);
    let (network, _) = seen(world, &vpc, &log);
    assert_eq!((needs(&network), network.other), expected);
    let ssh = line(bastion.id.as_str(), "10.0.1.77", &bastion.address.to_string(), 5000);
    let foreign = line("eni-0123456789abcdef0", "10.0.1.77", "10.0.3.99", 5000);
    let (network, told) = seen(world, &vpc, &[log.concat(), ssh, foreign]);
    assert_eq!((needs(&network), network.other), expected, "{told}");
}

#[test]
fn what_went_through_a_nat_gateway_counts_once_for_the_clients_that_are_watched_and_those_that_are_not() {
    let (mut built, vpc, private) = with_nat();
    // The second of the two has a NAT gateway of its own, which is not watched.
    let public = built.world.nat_gateways.iter().next().unwrap().subnet.clone();
    let second = built.public_nat(&public);
    let table = built.table_of(&vpc, &private[1]);
    built.route(&table, "0.0.0.0/0", RouteTarget::NatGateway(second.clone()));
    let world = &built.world;
    let is_of = |subnet: usize| {
        let subnet = private[subnet].clone();
        move |one: &NetworkInterface| one.subnet == subnet && one.attachment == Attachment::Program
    };
    let clients = [interface(world, &vpc, is_of(0)), interface(world, &vpc, is_of(1))];
    let is_first = |one: &NetworkInterface| match &one.attachment {
        Attachment::NatGateway(id) => *id != second,
        _ => false,
    };
    let nat = interface(world, &vpc, is_first);
    let at_client = both(clients[0], DYNAMODB, 100, 0);
    let inside = both(nat, &clients[0].address.to_string(), 0, 100);
    let at_nat = inside + &both(nat, DYNAMODB, 120, 380);
    let (network, told) = seen(world, &vpc, &[at_client.clone(), at_nat.clone()]);
    assert_eq!(needs(&network), [("dynamodb", 500, 0, 0)]);
    assert!(told.contains("100 GB were recorded at more than one interface"), "{told}");
    // A client of which nobody knows how it is routed may be behind each.
    let with_vpc = "vpc-id interface-id srcaddr dstaddr bytes\n".to_owned()
        + &format!("{vpc} {} {} {DYNAMODB} {}\n", nat.id, nat.address, 500 * GB)
        + &format!("{vpc} eni-0123456789abcdef0 10.0.1.99 {DYNAMODB} {}\n", 20 * GB);
    let (network, _) = seen(world, &vpc, &[with_vpc]);
    assert_eq!(needs(&network), [("dynamodb", 500, 0, 0)]);
    // The other client's is none of what the watched gateway had.
    let other = both(clients[1], DYNAMODB, 30, 40);
    let (network, _) = seen(world, &vpc, &[at_client, at_nat, other]);
    assert_eq!(needs(&network), [("dynamodb", 570, 0, 0)]);
}

#[test]
fn a_log_that_is_older_than_a_gateway_endpoint_counts_once_too() {
    let (mut built, vpc, private) = with_nat();
    built.gateway_of_main(&vpc, "dynamodb");
    let world = &built.world;
    let client = interface(world, &vpc, |one| one.attachment == Attachment::Program && one.subnet == private[0]);
    let nat = interface(world, &vpc, is_nat);
    let log = [both(client, DYNAMODB, 1, 3), both(nat, &client.address.to_string(), 3, 1), both(nat, DYNAMODB, 1, 3)];
    assert_eq!(needs(&seen(world, &vpc, &log).0), [("dynamodb", 4, 0, 0)]);
    // What the log says went through the endpoint is none of what went through the gateway.
    let head = "vpc-id subnet-id interface-id srcaddr dstaddr flow-direction traffic-path bytes\n";
    let at = |own: &NetworkInterface| format!("{vpc} {} {} {} {DYNAMODB} egress", own.subnet, own.id, own.address);
    let log = format!("{head}{} 7 {}\n{} 8 {}\n", at(client), 5 * GB, at(nat), 2 * GB);
    assert_eq!(needs(&seen(world, &vpc, &[log]).0), [("dynamodb", 7, 0, 0)]);
}

#[test]
fn what_a_nat_gateway_passes_on_for_clients_in_another_vpc_counts_there_alone() {
    let (mut built, vpc, _) = with_nat();
    let spoke = built.vpc_of("10.6.0.0/16");
    let subnet = built.subnet_of(&spoke, "10.6.1.0/24", "us-east-1a");
    let group = built.group(&spoke, "programs");
    let client = built.program(&subnet, &[&group]);
    let main = built.main_table(&spoke);
    let internet = built.internet_gateway(&spoke);
    built.route(&main, "0.0.0.0/0", RouteTarget::InternetGateway(internet));
    built.world.route_tables.update(&main, |table| {
        for route in table.routes.iter_mut().filter(|route| !matches!(route.target, RouteTarget::Local)) {
            route.target = RouteTarget::unknown("tgw-0a");
        }
    });
    let world = &built.world;
    let (nat, client) = (interface(world, &vpc, is_nat), world.interfaces.get(&client).unwrap());
    let log =
        [both(client, DYNAMODB, 10, 20), both(nat, &client.address.to_string(), 20, 10), both(nat, DYNAMODB, 15, 40)];
    assert_eq!(needs(&seen(world, &spoke, &log).0), [("dynamodb", 30, 0, 0)]);
    let (network, told) = seen(world, &vpc, &log);
    assert_eq!(needs(&network), [("dynamodb", 25, 0, 0)]);
    assert!(told.contains("30 GB were recorded at more than one interface"), "{told}");
}

#[test]
fn clients_at_an_endpoints_interface_are_in_the_vpc_in_a_peered_one_or_on_premises() {
    let (mut built, vpc, private) = with_nat();
    let peer = built.vpc_of("10.6.0.0/16");
    let subnet = built.subnet_of(&peer, "10.6.1.0/24", "us-east-1a");
    let group = built.group(&peer, "programs");
    let abroad = built.program(&subnet, &[&group]);
    let world = &built.world;
    let end = interface(world, &vpc, |one| matches!(one.attachment, Attachment::Endpoint(_)));
    let client = interface(world, &vpc, |one| one.attachment == Attachment::Program && one.subnet == private[0]);
    let abroad = world.interfaces.get(&abroad).unwrap();
    // At the endpoint's own interface what it received is what clients sent.
    let on_premises = both(end, "192.168.0.9", 500, 400);
    let (network, _) = seen(world, &vpc, std::slice::from_ref(&on_premises));
    assert_eq!(needs(&network), [("kms", 0, 900, 0)]);
    assert_eq!(network.needs[0].on_premises, Volume { sent: 400 * GB, received: 500 * GB });
    let at = end.address.to_string();
    let inside = both(client, &at, 100, 200) + &both(end, &client.address.to_string(), 200, 100);
    let peered = both(abroad, &at, 7, 0) + &both(end, &abroad.address.to_string(), 5, 7);
    let (network, told) = seen(world, &vpc, &[on_premises, inside, peered]);
    assert_eq!(needs(&network), [("kms", 300, 900, 12)]);
    assert!(told.contains("307 GB were recorded at more than one interface"), "{told}");
    let mut all = workloads(world, true);
    all.retain_mut(|workload| {
        workload.networks = vec![network.clone()];
        true
    });
    let (_, advice) = advice(all.remove(0));
    let kms = advice.vpcs[0].recommendations.iter().find(|one| one.service.name == "kms").unwrap();
    assert_eq!(kms.choice, Choice::Interface);
}

#[test]
fn ipv6_is_no_traffic_of_nat_gateways_and_does_not_keep_them() {
    let (built, vpc, private) = with_nat();
    let world = &built.world;
    let client = interface(world, &vpc, |one| one.attachment == Attachment::Program && one.subnet == private[0]);
    let own = "2600:1f18:1::5";
    let log = [
        line(client.id.as_str(), own, "2a00:1450::1", GB),
        line(client.id.as_str(), "2a00:1450::1", own, 300 * GB),
        line(client.id.as_str(), own, "64:ff9b::345e:9", 2 * GB),
    ];
    let (network, told) = seen(world, &vpc, &log);
    // What NAT64 translates is the gateway's.
    assert_eq!((needs(&network), network.other), (vec![("dynamodb", 2, 0, 0)], 0));
    assert!(told.contains("301 GB with the internet went over an internet or egress-only gateway"), "{told}");
    let mut all = workloads(world, true);
    all[0].networks = vec![network];
    let (_, advice) = advice(all.remove(0));
    assert!(advice.vpcs[0].rest.as_ref().is_none_or(|rest| rest.can_go), "{advice:?}");
}

#[test]
fn flow_logs_alone_count_once_what_a_client_and_its_nat_gateway_had() {
    let line = |interface: &str, from: &str, to: &str, packets: u64, gb: u64| {
        let bytes = gb * GB;
        format!("2 1 {interface} {from} {to} 40000 443 6 {packets} {bytes} 1790000000 1790000060 ACCEPT OK\n")
    };
    let (client, nat, s3) = ("10.0.1.5", "10.0.0.220", "52.216.1.1");
    let v2 = [
        line("eni-a", client, s3, 10, 1),
        line("eni-a", s3, client, 30, 3),
        line("eni-nat", client, nat, 10, 1),
        line("eni-nat", nat, s3, 10, 1),
        line("eni-nat", s3, nat, 30, 3),
        line("eni-nat", nat, client, 30, 3),
    ];
    let volume = Volume { sent: GB, received: 3 * GB };
    let (network, told) = alone(RANGES, &v2.concat());
    assert_eq!((network.needs[0].inside(), network.other), (volume, 0));
    assert!(matches!(network.egress, Egress::Nat(_)), "{network:?}");
    assert!(told.contains("4 GB were recorded at more than one interface"), "{told}");
    assert!(!told.contains("internet gateway"), "{told}");
    let v5 = format!(
        "interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr bytes flow-direction traffic-path\n\
         eni-a 10.0.1.5 52.216.1.1 10.0.1.5 52.216.1.1 {GB} egress 1\n\
         eni-a 10.0.0.220 10.0.1.5 52.216.1.1 10.0.1.5 {three} ingress -\n\
         eni-nat 10.0.1.5 10.0.0.220 10.0.1.5 52.216.1.1 {GB} ingress -\n\
         eni-nat 10.0.0.220 52.216.1.1 10.0.0.220 52.216.1.1 {GB} egress 8\n\
         eni-nat 52.216.1.1 10.0.0.220 52.216.1.1 10.0.0.220 {three} ingress -\n\
         eni-nat 10.0.0.220 10.0.1.5 52.216.1.1 10.0.1.5 {three} egress 1\n",
        three = 3 * GB
    );
    let (network, told) = alone(RANGES, &v5);
    assert_eq!(network.needs[0].inside(), volume);
    assert!(!told.contains("internet gateway"), "{told}");
    // What is between private addresses is told.
    let (_, told) = alone(RANGES, &(v2.concat() + &line("eni-a", client, "10.0.9.9", 1, 9)));
    assert!(told.contains("9 GB went between private addresses"), "{told}");
}

#[test]
fn a_service_that_the_log_names_is_where_the_vpc_is_if_no_range_says_where() {
    let line = |to: &str, service: &str, gb: u64| format!("eni-a 10.0.1.5 {to} {} {service} - egress\n", gb * GB);
    let log = [
        "interface-id srcaddr dstaddr bytes pkt-dst-aws-service pkt-src-aws-service flow-direction\n".to_owned(),
        line("3.5.80.1", "S3", 100),
        line("14.1.1.1", "API_GATEWAY", 5),
        line("44.192.140.113", "EBS", 50),
        line("15.1.1.1", "CLOUDFRONT", 3),
        line("16.1.1.1", "S3", 7),
    ];
    let ranges = r#"{"prefixes": [{"ip_prefix": "44.192.140.112/28", "region": "eu-west-1", "service": "EBS"},
        {"ip_prefix": "15.0.0.0/8", "region": "GLOBAL", "service": "CLOUDFRONT"},
        {"ip_prefix": "16.0.0.0/8", "region": "mars-1", "service": "S3"}]}"#;
    let (network, told) = alone(ranges, &log.concat());
    assert_eq!(needs(&network), [("s3", 100, 0, 0), ("ebs", 50, 0, 0), ("execute-api", 5, 0, 0)]);
    let regions: Vec<_> = network.needs.iter().map(|need| need.region.as_str()).collect();
    assert_eq!((regions, network.other), (vec!["us-east-1", "eu-west-1", "us-east-1"], 10 * GB));
    assert!(told.contains("3 GB with addresses that AWS publishes as CLOUDFRONT"), "{told}");
    assert!(told.contains("7 GB with addresses that AWS publishes as s3 in mars-1"), "{told}");
}

#[test]
fn traffic_of_no_vpc_of_the_world_is_told() {
    let (built, vpc, _) = with_nat();
    let log = [line("eni-0123456789abcdef0", "10.0.1.5", DYNAMODB, 3 * GB)];
    let (network, told) = seen(&built.world, &vpc, &log);
    assert_eq!(needs(&network), []);
    assert!(told.contains("3 GB of interfaces of which neither the logs nor the world say the VPC"), "{told}");
}
