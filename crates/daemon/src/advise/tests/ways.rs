//! What leads out, and traffic by its way.

use sidegate_model::Attachment;

use super::*;

pub(super) const RANGES: &str = r#"{"prefixes": [{"ip_prefix": "52.216.0.0/15", "region": "us-east-1", "service": "S3"},
    {"ip_prefix": "52.94.0.0/22", "region": "us-east-1", "service": "DYNAMODB"}]}"#;

/// The workloads of a world with what logs tell, and what is to be known of it.
fn with_log(world: &World, log: &str, nat_may_go: bool) -> (Vec<Workload>, Vec<String>) {
    let (ranges, _) = Ranges::read("ip-ranges.json", RANGES.as_bytes()).unwrap();
    let mut logs = FlowLogs::new(world, ranges, Limits::default());
    logs.read_stream("log", log.as_bytes(), &mut |_| {});
    let (seen, _) = logged(&logs.finish(), world, None);
    let mut all = workloads(world, nat_may_go);
    let told = seen.apply(world, &mut all, nat_may_go);
    (considered(all), told)
}

pub(super) fn line(interface: &str, from: &str, to: &str, bytes: u64) -> String {
    format!("2 123456789012 {interface} {from} {to} 40000 443 6 10 {bytes} 1790000000 1790000060 ACCEPT OK\n")
}

#[test]
fn traffic_over_an_internet_gateway_is_none_of_the_nat_gateways_and_does_not_keep_them() {
    let (mut built, vpc, private) = with_nat();
    let public = built.world.nat_gateways.iter().next().unwrap().subnet.clone();
    let group = built.group(&vpc, "public");
    let interface = built.program(&public, &[&group]);
    let world = &built.world;
    let own = world.interfaces.iter().find(|one| one.id == interface).unwrap();
    let is_client =
        |one: &&sidegate_model::NetworkInterface| one.subnet == private[0] && one.attachment == Attachment::Program;
    let client = world.interfaces.of_vpc(&vpc).find(is_client).unwrap();
    let (own, at) = (own.id.to_string(), own.address.to_string());
    let (client, from) = (client.id.to_string(), client.address.to_string());
    let log = [
        line(&client, &from, "52.216.1.1", 3 * GB),
        line(&own, &at, "52.94.0.9", 2 * GB),
        line(&own, &at, "93.184.216.34", 10_000 * GB),
        line(&own, "93.184.216.34", &at, 5 * GB),
    ];
    let (all, told) = with_log(world, &log.concat(), true);
    let network = &all[0].networks[0];
    let needs: Vec<_> = network.needs.iter().map(|need| (need.service.name, need.inside().total() / GB)).collect();
    assert_eq!((needs, network.other), (vec![("s3", 3)], 0));
    assert!(matches!(network.egress, Egress::Nat(nat) if !nat.stay), "{network:?}");
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert!(told.contains("10,007 GB with dynamodb and the internet went over the internet gateway"), "{told}");
    let [remark] = ways_out(world, &all).try_into().unwrap();
    assert!(remark.contains("have NAT gateways") && remark.contains("have an internet gateway"), "{remark}");
    let (_, advice) = advice(all[0].clone());
    assert!(advice.vpcs[0].rest.as_ref().unwrap().can_go, "{advice:?}");
}

#[test]
fn the_log_says_itself_what_went_through_an_internet_gateway() {
    let (ranges, _) = Ranges::read("ip-ranges.json", RANGES.as_bytes()).unwrap();
    let head = "interface-id vpc-id srcaddr dstaddr flow-direction traffic-path bytes\n";
    let line = |interface: &str, vpc: &str, ends: &str, path: &str, gb: u64| {
        format!("{interface} {vpc} {ends} {path} {}\n", gb * GB)
    };
    let (out, back) = ("10.0.0.5 52.216.1.1 egress", "52.216.1.1 10.0.0.5 ingress");
    let log = [
        head.to_owned(),
        line("eni-0a", "vpc-0a", out, "8", 1),
        line("eni-0a", "vpc-0a", back, "-", 2),
        line("eni-0b", "vpc-0b", out, "1", 4),
        line("eni-0c", "vpc-0b", out, "8", 8),
    ];
    let world = World::default();
    let mut logs = FlowLogs::new(&world, ranges, Limits::default());
    logs.read_stream("log", log.concat().as_bytes(), &mut |_| {});
    let (seen, _) = logged(&logs.finish(), &world, None);
    let (workload, told) = apart(&seen, "us-east-1".parse().unwrap(), 2, true);
    let [public, mixed] = workload.networks.as_slice() else { panic!("{workload:?}") };
    assert_eq!((public.egress, public.needs[0].inside().total() / GB), (Egress::InternetGateway, 3));
    assert!(matches!(mixed.egress, Egress::Nat(nat) if !nat.stay), "{mixed:?}");
    assert_eq!(mixed.needs[0].inside().total() / GB, 4);
    assert!(told.len() == 1 && told[0].starts_with("vpc-0b: 8 GB with s3"), "{told:?}");
}

#[test]
fn a_way_out_of_which_nothing_is_known_is_told() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let main = built.main_table(&vpc);
    let internet = built.internet_gateway(&vpc);
    built.route(&main, "0.0.0.0/0", RouteTarget::InternetGateway(internet));
    let group = built.group(&vpc, "programs");
    built.interface(&vpc, "kms", &[&subnet], &[&group]);
    let all = considered(workloads(&built.world, false));
    assert_eq!((all[0].networks[0].egress, ways_out(&built.world, &all).len()), (Egress::InternetGateway, 0));
    built.world.route_tables.update(&main, |table| {
        for route in &mut table.routes {
            route.target = RouteTarget::unknown("tgw-0a");
        }
    });
    let all = considered(workloads(&built.world, false));
    assert_eq!(all[0].networks[0].egress, Egress::Closed);
    let told = ways_out(&built.world, &all);
    assert!(told.len() == 1 && told[0].contains("it is not known whether it leads"), "{told:?}");
}
