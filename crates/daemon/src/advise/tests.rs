//! Files, worlds and traffic as workloads, and what is told of them.

mod described;
mod files;
mod logs;
mod ways;

use sidegate_advise::{Choice, Egress, Workload, advise, terraform};
use sidegate_cost::Prices;
use sidegate_edge::events::{EndpointType, Event, EventPath};
use sidegate_import::flow_logs::{FlowLogs, Limits, Ranges};
use sidegate_model::{Destination, RouteTarget, World};

use super::*;
use crate::explain::built::Built;

const EXAMPLE: &str = include_str!("../../../../examples/document-qa/workload.toml");

const GB: u64 = 1 << 30;

fn example() -> Workload {
    let (file, findings) = read("workload.toml", EXAMPLE, None);
    assert_eq!(findings, []);
    file.workload().unwrap()
}

fn advice(workload: Workload) -> (Workload, sidegate_advise::Advice) {
    let advice = advise(&workload, &Prices::known().unwrap());
    (workload, advice)
}

#[test]
fn every_row_of_the_demos_workload_is_as_it_was_computed_by_hand() {
    let parts = report(&[advice(example())], &[]);
    let rows = parts.iter().find_map(|part| match part {
        report::Part::Table { rows, .. } => Some(rows),
        _ => None,
    });
    let paid = "it has no gateway endpoint; the VPC has no other way to it";
    let free = "a gateway endpoint costs nothing";
    // 2 · 7.30 and 0.01 for each gigabyte, and 0.045 for each over NAT gateways; 14.60 / 0.035 is 417.14.
    let expected = [
        ["s3", "gateway", free, "$0.00", "NAT traffic $22.50", "any volume"],
        ["dynamodb", "gateway", free, "$0.00", "NAT traffic $0.90", "any volume"],
        ["bedrock-runtime", "interface", paid, "$15.00", "NAT traffic $1.80", "from 418 GB"],
        ["secretsmanager", "interface", paid, "$14.61", "NAT traffic $0.05", "from 418 GB"],
        ["logs", "interface", paid, "$14.70", "NAT traffic $0.45", "from 418 GB"],
        ["kms", "interface", paid, "$14.61", "NAT traffic $0.05", "from 418 GB"],
    ];
    assert_eq!(*rows.unwrap(), expected);
}

#[test]
fn the_demos_workload_is_told_on_a_screen() {
    insta::assert_snapshot!(text(&report(&[advice(example())], &[]), 120));
}

#[test]
fn the_demos_workload_is_told_on_a_page() {
    insta::assert_snapshot!(markdown(&report(&[advice(example())], &[])));
}

#[test]
fn the_demos_terraform_is_as_it_was_read() {
    let (workload, advice) = advice(example());
    insta::assert_snapshot!(terraform(&workload, &advice));
}

#[test]
fn no_line_of_a_report_is_wider_than_the_screen() {
    let parts = report(&[advice(example())], &["a remark".to_owned()]);
    for width in [20, 40, 60, 79, 100, 200] {
        for line in text(&parts, width).lines() {
            assert!(crate::diagram::columns(line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line_and_the_rest_is_considered() {
    let file = r#"
region = "us-east-1"
zones = ["us-east-1a", "eu-west-1a"]
egress = "tunnel"
vpcs = 0
colour = "red"
[services]
s3 = 500
secretmanager = 1
kms = -3
logs = "10 GB"
sts = nan
sqs = 1e300
dynamodb = { gb = 5, hue = 1 }
sns = { gb = 1, region = "mars-1" }
"com.amazonaws.us-east-1.s3" = 2
"#;
    let (read, findings) = read("w.toml", file, None);
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let expected = [
        "w.toml:3: `eu-west-1a` is no zone of us-east-1",
        "w.toml:4: `tunnel` is no `egress`: none, nat or internet-gateway is expected",
        "w.toml:5: a whole number from 1 to 10000 is expected",
        "w.toml:6: `colour` means nothing here",
        "w.toml:9: `secretmanager` is no service that endpoints lead to; it is left out. Is it `secretsmanager`",
        "w.toml:10: `kms`: a volume is not negative; it is left out",
        "w.toml:11: `logs`: a number of gigabytes is expected, not a string; it is left out",
        "w.toml:12: `sts`: this is no volume; it is left out",
        "w.toml:13: `sqs`: this is more than an exabyte a month",
        "w.toml:14: `hue` means nothing here",
        "w.toml:15: `mars-1` is not a Region that Sidegate knows",
        "w.toml:16: `com.amazonaws.us-east-1.s3` is named before; this is left out",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}\n{expected}");
    }
    let names: Vec<_> = read.needs.iter().map(|need| (need.service.name, need.inside().total() / GB)).collect();
    assert_eq!(names, [("s3", 500), ("dynamodb", 5)]);
    assert_eq!(read.workload().unwrap().networks[0].zones().len(), 1);
}

#[test]
fn a_file_that_is_no_toml_is_told_and_what_can_be_read_of_it_is_considered() {
    let (read, findings) =
        read("w.toml", "region = \"us-east-1\"\nzones = 2\n[services]\ns3 = 5\nkms == 1\nsqs = 2\n", None);
    assert!(findings[0].to_string().starts_with("w.toml:5: "), "{findings:?}");
    let names: Vec<_> = read.needs.iter().map(|need| need.service.name).collect();
    assert!(names.contains(&"s3") && names.contains(&"sqs"), "{names:?}");
    for bad in ["", "\0", "region = 5", "[[[", "region = \"us-east-1\"\nservices = 1", "= = =\n", "\u{feff}x"] {
        let (file, findings) = super::read("w.toml", bad, None);
        assert!(!findings.is_empty(), "{bad:?}");
        assert!(file.needs.is_empty());
    }
}

#[test]
fn a_file_says_what_leads_out_and_who_is_outside() {
    let file = r#"
region = "eu-west-1"
vpcs = 4
vpc = "vpc-0a"
egress = "nat"
nat_gateways = 3
nat_stays = false
internet_gb = 7
transit_gateway = true
subnets = [
  { id = "subnet-0a", zone = "eu-west-1a", route_table = "rtb-0a" },
  { id = "subnet-0b", zone = "euw1-az2" },
]
[services]
s3 = { gb = 10, on_premises_gb = 1.5, peered_gb = 2 }
kms = { sent_gb = 1, received_gb = 2, region = "us-east-1" }
iam = 1
"#;
    let (read, findings) = read("w.toml", file, None);
    assert_eq!(findings, []);
    let workload = read.workload().unwrap();
    assert!(workload.is_attached);
    let [network] = workload.networks.as_slice() else { panic!("{workload:?}") };
    let Egress::Nat(nat) = network.egress else { panic!("{network:?}") };
    assert_eq!((nat.gateways, nat.stay, network.other / GB, network.count), (3, false, 7, 4));
    let zones: Vec<String> = network.zones().iter().map(|zone| zone.name()).collect();
    assert_eq!(zones, ["eu-west-1a", "eu-west-1b"]);
    let [s3, kms, iam] = network.needs.as_slice() else { panic!("{network:?}") };
    assert_eq!((s3.on_premises.total(), s3.peered.total()), (GB * 3 / 2, 2 * GB));
    assert_eq!((kms.inside().sent, kms.inside().received, kms.region.as_str()), (GB, 2 * GB, "us-east-1"));
    assert_eq!(iam.region.as_str(), "us-east-1", "IAM is in one Region alone");
}

/// A VPC with a program in a private subnet of each of two zones, and a NAT gateway in a public subnet of the first.
fn with_nat() -> (Built, sidegate_model::VpcId, [sidegate_model::SubnetId; 2]) {
    let mut built = Built::new();
    let vpc = built.vpc();
    let private = [built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1b")];
    let public = built.subnet(&vpc, 3, "us-east-1a");
    let internet = built.internet_gateway(&vpc);
    let table = built.table_of(&vpc, &public);
    built.route(&table, "0.0.0.0/0", RouteTarget::InternetGateway(internet));
    let nat = built.public_nat(&public);
    let main = built.main_table(&vpc);
    built.route(&main, "0.0.0.0/0", RouteTarget::NatGateway(nat));
    let group = built.group(&vpc, "programs");
    built.program(&private[0], &[&group]);
    built.program(&private[1], &[&group]);
    built.interface(&vpc, "kms", &[&private[0]], &[&group]);
    (built, vpc, private)
}

#[test]
fn a_world_says_what_is_there_and_its_endpoints_which_services_are_used() {
    let (built, vpc, private) = with_nat();
    let world = &built.world;
    let all = considered(workloads(world, false));
    let [own] = all.as_slice() else { panic!("{all:?}") };
    let [network] = own.networks.as_slice() else { panic!("{own:?}") };
    assert_eq!(network.id.as_ref(), Some(&vpc));
    let ids: Vec<_> = network.subnets.iter().filter_map(|subnet| subnet.id.clone()).collect();
    assert_eq!(ids, private);
    let Egress::Nat(nat) = network.egress else { panic!("{network:?}") };
    assert_eq!((nat.gateways, nat.exist, nat.stay, nat.crosses_zones), (1, true, true, true));
    let (workload, advice) = advice(own.clone());
    let [kms] = advice.vpcs[0].recommendations.as_slice() else { panic!("{advice:?}") };
    assert_eq!((kms.choice, kms.bytes), (Choice::Interface, None));
    let text = terraform(&workload, &advice);
    assert!(text.contains("aws_vpc_endpoint_subnet_association"), "{text}");
    assert!(text.contains(private[1].as_str()) && !text.contains(private[0].as_str()), "{text}");
}

#[test]
fn a_nat_gateway_that_not_all_clients_are_routed_by_is_in_both_totals_and_one_that_nothing_is_routed_by_in_the_first() {
    let (mut built, vpc, private) = with_nat();
    // One of the two has no way out, so that there is none for all.
    let alone = built.table_of(&vpc, &private[1]);
    let nat = built.world.nat_gateways.iter().next().unwrap().id.clone();
    let total = |bill: &Option<sidegate_cost::Bill>| bill.as_ref().unwrap().total.to_string();
    let advised = |built: &Built| advice(considered(workloads(&built.world, false)).remove(0));
    let (workload, used) = advised(&built);
    let network = &workload.networks[0];
    assert_eq!((network.egress, network.further_nat.len()), (Egress::Closed, 1), "{alone}");
    assert!(network.further_nat[0].is_used && network.further_nat[0].addresses == 1);
    // 730 hours of the gateway and its address, and those of an endpoint in one zone, then in two.
    assert_eq!((total(&used.totals.before), total(&used.totals.after)), ("43.8".to_owned(), "51.1".to_owned()));
    let main = built.main_table(&vpc);
    let everywhere = Destination::Cidr("0.0.0.0/0".parse().unwrap());
    built.with(|world, context| world.delete_route(context, &main, &everywhere));
    let (_, idle) = advised(&built);
    assert_eq!((total(&idle.totals.before), total(&idle.totals.after)), ("43.8".to_owned(), "14.6".to_owned()));
    let told = idle.vpcs[0].exceptions.iter().find(|one| one.code() == "idle-nat-gateway").unwrap().to_string();
    assert_eq!(told, format!("{nat} is there, and no subnet is routed by it, and costs $36.50 a month."));
}

/// An event as the line that is kept of it.
fn event(path: EventPath, service: &str, bytes: u64, time: i64) -> String {
    let event = Event {
        time,
        request_id: String::new(),
        path,
        host: None,
        method: "POST".to_owned(),
        uri_path: "/".to_owned(),
        service: Some(service.to_owned()),
        region: Some("us-east-1".to_owned()),
        operation: None,
        principal: None,
        requirements: Vec::new(),
        requirements_left_out: 0,
        status: Some(200),
        error: None,
        reason: None,
        explanation: None,
        bytes_in: bytes,
        bytes_out: 2 * bytes,
        duration_us: 1,
        aborted: false,
        probe: false,
    };
    serde_json::to_string(&event).unwrap()
}

#[test]
fn events_tell_the_traffic_of_the_vpc_from_which_it_came() {
    let (built, vpc, private) = with_nat();
    let world = &built.world;
    let nat = world.nat_gateways.iter().next().unwrap().addresses[0].public.unwrap();
    let kms = world.endpoints.iter().next().unwrap();
    let endpoint = |subnet: usize| EventPath::Endpoint {
        vpc: vpc.clone(),
        endpoint: kms.id.clone(),
        endpoint_type: EndpointType::Interface,
        endpoint_service: "kms".to_owned(),
        source: "10.0.1.9".parse().unwrap(),
        interface: "eni-0a".parse().unwrap(),
        subnet: private[subnet].clone(),
        destination: "10.0.1.8".parse().unwrap(),
        route_table: None,
    };
    let events = [
        event(endpoint(0), "kms", GB, 0),
        event(endpoint(1), "kms", GB, 7_200_000),
        event(EventPath::Public { source: nat.into() }, "s3", GB, 1),
        // From outside, and torn.
        event(EventPath::Public { source: "127.0.0.1".parse().unwrap() }, "s3", GB, 2),
        "{".to_owned(),
    ];
    let (seen, remarks) = happened(world, events.iter().map(String::as_str));
    assert!(remarks[0].contains("newest 3 requests") && remarks[0].contains("2 hours"), "{remarks:?}");
    let mut all = workloads(world, true);
    assert_eq!(seen.apply(world, &mut all, true), [""; 0]);
    let all = considered(all);
    let needs: Vec<_> =
        all[0].networks[0].needs.iter().map(|need| (need.service.name, need.inside().total() / GB)).collect();
    assert_eq!(needs, [("kms", 6), ("s3", 3)]);
    let (_, advice) = advice(all[0].clone());
    let made: Vec<_> = advice.vpcs[0].recommendations.iter().map(|one| one.choice).collect();
    // 14.60 are less than the 32.85 of the gateway.
    assert_eq!(made, [Choice::Interface, Choice::Gateway]);
    let told: Workload = serde_json::from_value(serde_json::to_value(&all[0]).unwrap()).unwrap();
    assert_eq!(told, all[0], "what the daemon answers is what is read");
}

#[test]
fn what_came_from_a_peered_vpc_is_outside_traffic_and_its_subnet_is_none_of_the_endpoints_vpc() {
    let (mut built, vpc, private) = with_nat();
    let peer = built.vpc();
    let subnet = built.subnet(&peer, 1, "us-east-1a");
    let gone: sidegate_model::SubnetId = "subnet-0a".parse().unwrap();
    let group = built.group(&vpc, "s3");
    let s3 = built.interface(&vpc, "s3", &[&private[0]], &[&group]);
    let from = |subnet: &sidegate_model::SubnetId, source: &str| EventPath::Endpoint {
        vpc: vpc.clone(),
        endpoint: s3.clone(),
        endpoint_type: EndpointType::Interface,
        endpoint_service: "s3".to_owned(),
        source: source.parse().unwrap(),
        interface: "eni-0a".parse().unwrap(),
        subnet: subnet.clone(),
        destination: "10.0.1.8".parse().unwrap(),
        route_table: None,
    };
    // The subnet tells it, whatever block the address is in, and the address where the subnet is gone.
    let own = built.world.vpcs.get(&vpc).unwrap().cidrs().next().unwrap().nth(300).unwrap().to_string();
    let events = [
        event(from(&subnet, &own), "s3", GB, 0),
        event(from(&gone, "172.30.9.9"), "s3", GB, 1),
        event(from(&gone, &own), "s3", 4 * GB, 2),
    ];
    let world = &built.world;
    let (seen, _) = happened(world, events.iter().map(String::as_str));
    let mut all = workloads(world, false);
    seen.apply(world, &mut all, false);
    let own = all.iter().flat_map(|one| &one.networks).find(|network| network.id.as_ref() == Some(&vpc)).unwrap();
    let ids: Vec<_> = own.subnets.iter().filter_map(|subnet| subnet.id.clone()).collect();
    assert_eq!(ids, private);
    assert!(matches!(own.egress, Egress::Nat(nat) if nat.gateways == 1), "{own:?}");
    let [need] = own.needs.as_slice() else { panic!("{own:?}") };
    assert_eq!((need.peered.total() / GB, need.inside().total() / GB, need.on_premises.total()), (6, 12, 0));
    let all = considered(all);
    let (_, advice) = advice(all[0].clone());
    let made = advice.vpcs[0].recommendations.iter().find(|one| one.service.name == "s3").unwrap();
    assert_eq!(made.choice, Choice::GatewayAndInterface);
    let codes: Vec<_> = advice.vpcs[0].exceptions.iter().map(|one| one.to_string()).collect();
    assert!(!codes.iter().any(|told| told.contains(s3.as_str()) && told.contains("not needed")), "{codes:?}");
}

#[test]
fn flow_logs_alone_have_a_vpc_for_each_that_they_name() {
    let ranges = r#"{"prefixes": [
        {"ip_prefix": "52.216.0.0/15", "region": "us-east-1", "service": "S3"},
        {"ip_prefix": "52.94.0.0/22", "region": "us-east-1", "service": "DYNAMODB"},
        {"ip_prefix": "54.239.0.0/16", "region": "us-east-1", "service": "AMAZON"},
        {"ip_prefix": "13.32.0.0/15", "region": "GLOBAL", "service": "CLOUDFRONT"}]}"#;
    let (ranges, findings) = Ranges::read("ip-ranges.json", ranges.as_bytes()).unwrap();
    assert_eq!(findings, []);
    let line = |from: &str, to: &str, bytes: u64| {
        format!("2 123456789012 eni-0a {from} {to} 40000 443 6 10 {bytes} 1790000000 1790000060 ACCEPT OK\n")
    };
    let own = "10.0.0.5";
    let log = [
        line(own, "52.216.1.1", 3 * GB),
        line("52.216.1.1", own, 4 * GB),
        line(own, "52.94.0.9", GB),
        line(own, "54.239.1.1", 2 * GB),
        line(own, "13.32.1.1", 5 * GB),
        line(own, "93.184.216.34", 6 * GB),
        "this is no record\n".to_owned(),
        line(own, "52.216.1.1", 9 * GB).replace("ACCEPT", "REJECT"),
    ];
    let world = World::default();
    let mut logs = FlowLogs::new(&world, ranges, Limits::default());
    logs.read_stream("log", log.concat().as_bytes(), &mut |_| {});
    let observed = logs.finish();
    assert_eq!(observed.malformed, 1);
    let (seen, remarks) = logged(&observed, &world, None);
    let (workload, _) = apart(&seen, "us-east-1".parse().unwrap(), 1, false);
    let [network] = workload.networks.as_slice() else { panic!("{workload:?}") };
    let needs: Vec<_> = network.needs.iter().map(|need| (need.service.name, need.inside())).collect();
    let volume = |sent, received| sidegate_advise::Volume { sent: sent * GB, received: received * GB };
    assert_eq!(needs, [("s3", volume(3, 4)), ("dynamodb", volume(1, 0))]);
    assert_eq!((network.other / GB, network.unnamed / GB), (11, 2));
    assert!(remarks.iter().any(|remark| remark.starts_with("5 GB") && remark.contains("CLOUDFRONT")), "{remarks:?}");
    let mut workloads = vec![workload];
    scale(&mut workloads, 30.0);
    let (_, advice) = advice(workloads.remove(0));
    let vpc = &advice.vpcs[0];
    assert!(vpc.recommendations.iter().all(|one| one.choice == Choice::Gateway));
    // 32.85, and 390 GB of NAT
    let rest = vpc.rest.as_ref().unwrap();
    assert_eq!((rest.other, rest.traffic.as_ref().unwrap().rounded(2)), (330 * GB, "17.55".to_owned()));
}
