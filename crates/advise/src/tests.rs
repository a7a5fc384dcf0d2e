//! The rules, against costs computed by hand and against random workloads.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sidegate_cost::{HOURS_PER_MONTH, Prices, Usage, Way};
use sidegate_model::{Catalog, Region, Zone};

use crate::*;

const GB: u64 = 1 << 30;

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn home() -> Region {
    region("us-east-1")
}

fn prices() -> Prices {
    Prices::known().unwrap()
}

fn need(service: &str, gigabytes: u64) -> Need {
    let volume = Volume { sent: gigabytes * GB, received: 0 };
    Need::here(Catalog::named(service).unwrap(), home(), Some(volume))
}

fn network(zones: usize, egress: Egress, needs: Vec<Need>) -> Network {
    let subnet = |zone: Zone| Subnet { id: None, zone, table: None };
    Network {
        name: "workload".to_owned(),
        id: None,
        blocks: Vec::new(),
        count: 1,
        subnets: home().zones().take(zones).map(subnet).collect(),
        egress,
        needs,
        other: 0,
        unnamed: 0,
        endpoints: Vec::new(),
        further_nat: Vec::new(),
        has_dns: true,
        joined: Vec::new(),
    }
}

fn nat(gateways: u32, stay: bool) -> Egress {
    Egress::Nat(Nat { gateways, exist: true, stay, crosses_zones: false })
}

fn workload(networks: Vec<Network>) -> Workload {
    Workload { region: home(), networks, is_attached: false }
}

fn of(network: Network) -> VpcAdvice {
    advise(&workload(vec![network]), &prices()).vpcs.remove(0)
}

fn told(advice: &VpcAdvice) -> Vec<(&'static str, &'static str, String)> {
    let cost = |one: &Recommendation| one.cost.as_ref().unwrap().to_string();
    advice.recommendations.iter().map(|one| (one.service.name, one.choice.as_str(), cost(one))).collect()
}

fn codes(advice: &VpcAdvice) -> Vec<&'static str> {
    advice.exceptions.iter().map(Exception::code).collect()
}

#[test]
fn a_private_workload_has_gateways_for_s3_and_dynamodb_and_interfaces_for_all_else() {
    let needs =
        [("s3", 500), ("dynamodb", 20), ("bedrock-runtime", 40), ("secretsmanager", 1), ("logs", 10), ("kms", 1)];
    let network = network(2, Egress::Closed, needs.map(|(service, gb)| need(service, gb)).to_vec());
    let advice = advise(&workload(vec![network]), &prices());
    let expected = [
        ("s3", "gateway", "0"),
        ("dynamodb", "gateway", "0"),
        // 2 · 7.30 and 0.01 for each gigabyte
        ("bedrock-runtime", "interface", "15"),
        ("secretsmanager", "interface", "14.61"),
        ("logs", "interface", "14.7"),
        ("kms", "interface", "14.61"),
    ];
    let [own] = advice.vpcs.as_slice() else { panic!("{advice:?}") };
    assert_eq!(told(own), expected.map(|(a, b, c)| (a, b, c.to_owned())));
    let kms = own.recommendations.last().unwrap();
    assert_eq!(kms.why, [Reason::OnlyInterface, Reason::NoWayOut]);
    let over_nat = kms.instead.as_ref().unwrap();
    assert_eq!((over_nat.choice, over_nat.cost.as_ref().unwrap().to_string()), (Choice::Nat, "0.045".to_owned()));
    // 2 · 7.30 / 0.035
    assert_eq!(range(kms.break_even.as_ref().unwrap()), "from 418 GB");
    assert_eq!(range(own.recommendations[0].break_even.as_ref().unwrap()), "any volume");
    // 2 NAT gateways: 65.70, and 7.30 for their addresses, and 572 · 0.045
    assert_eq!(advice.totals.before_is, Before::OverNat);
    assert_eq!(advice.totals.before.as_ref().unwrap().total.to_string(), "98.74");
    // 8 · 7.30, and 52 · 0.01
    assert_eq!(advice.totals.after.as_ref().unwrap().total.to_string(), "58.92");
    let together = own.together.as_ref().unwrap();
    assert_eq!((together.endpoints, together.zones, together.gateways), (4, 2, 2));
    assert_eq!((together.cost.to_string(), together.nat.to_string()), ("58.92".to_owned(), "98.74".to_owned()));
    assert!(together.break_even.is_always(), "58.40 is less than 73, and so is 0.01 than 0.045");
    assert_eq!(own.exceptions, []);
}

#[test]
fn few_gigabytes_stay_on_a_nat_gateway_that_stays_and_many_do_not() {
    // One zone: 7.30 / 0.035 = 208.57.
    for (gigabytes, choice) in
        [(0, Choice::Nat), (208, Choice::Nat), (209, Choice::Interface), (5_000, Choice::Interface)]
    {
        let advice = of(network(1, nat(1, true), vec![need("kms", gigabytes), need("s3", 1)]));
        let [kms, s3] = advice.recommendations.as_slice() else { panic!("{advice:?}") };
        assert_eq!((kms.choice, s3.choice), (choice, Choice::Gateway), "{gigabytes}");
        assert_eq!(range(kms.break_even.as_ref().unwrap()), "from 209 GB");
        let rest = advice.rest.as_ref().unwrap();
        assert!(!rest.can_go);
        assert_eq!(rest.hours.as_ref().unwrap().to_string(), "36.5", "32.85, and 3.65 for its address");
        assert_eq!(codes(&advice), if choice == Choice::Nat { vec!["stays-on-nat"] } else { vec![] });
    }
    let advice = of(network(1, nat(1, true), vec![need("kms", 1000)]));
    assert_eq!(advice.recommendations[0].why[1].to_string(), "it saves $27.70 against NAT", "45 less 17.30");
}

#[test]
fn nat_gateways_go_where_all_endpoints_together_cost_less() {
    // Five endpoints in one zone are 36.50, as is the gateway with its address; six are 43.80, and pay from 7.30 / 0.035 on.
    let services = ["kms", "logs", "sts", "secretsmanager", "sqs", "sns"];
    let advice = of(network(1, nat(1, false), services[..5].iter().map(|one| need(one, 1)).collect()));
    assert!(advice.recommendations.iter().all(|one| one.choice == Choice::Interface));
    assert!(advice.rest.as_ref().unwrap().can_go);
    assert_eq!(advice.recommendations[0].why.last(), Some(&Reason::NatGoes { gateways: 1 }));
    for (gigabytes, choice) in [(34, Choice::Nat), (35, Choice::Interface)] {
        let advice = of(network(1, nat(1, false), services.iter().map(|one| need(one, gigabytes)).collect()));
        assert!(advice.recommendations.iter().all(|one| one.choice == choice), "{gigabytes}: {advice:?}");
        assert_eq!(advice.rest.as_ref().unwrap().can_go, choice == Choice::Interface);
    }
    let mut with_internet = network(1, nat(1, false), vec![need("kms", 1)]);
    with_internet.other = GB;
    assert_eq!(of(with_internet).recommendations[0].choice, Choice::Nat);
}

#[test]
fn clients_outside_of_the_vpc_have_an_interface_endpoint_beside_the_gateway_endpoint() {
    let mut s3 = need("s3", 500);
    s3.on_premises = Volume { sent: 0, received: 100 * GB };
    let mut dynamodb = need("dynamodb", 10);
    dynamodb.peered = Volume { sent: GB, received: 0 };
    let advice = of(network(2, Egress::Closed, vec![s3.clone(), dynamodb]));
    // 14.60 and 0.01 for what comes from outside
    let expected = [("s3", "gateway + interface", "15.6"), ("dynamodb", "gateway + interface", "14.61")];
    assert_eq!(told(&advice), expected.map(|(a, b, c)| (a, b, c.to_owned())));
    assert_eq!(codes(&advice), ["on-premises", "inbound-resolver-only", "peered", "no-private-dns"]);
    let dns: Vec<_> = advice.additions.iter().map(|one| one.added.clone()).collect();
    let interface = |private_dns| Added::Interface { private_dns };
    assert_eq!(dns, [Added::Gateway, interface(PrivateDns::InboundOnly), Added::Gateway, interface(PrivateDns::Off)]);
    let mut express = need("s3express", 1);
    express.on_premises = s3.on_premises;
    assert_eq!(codes(&of(network(1, Egress::Closed, vec![express]))), ["outside-has-no-way"]);
}

#[test]
fn a_service_of_another_region_has_no_gateway_endpoint() {
    let abroad = |service: &str, egress| {
        let mut need = need(service, 100);
        need.region = region("us-west-2");
        of(network(1, egress, vec![need]))
    };
    // 7.30, 100 · 0.01 and 100 · 0.02
    let s3 = abroad("s3", Egress::Closed);
    assert_eq!(told(&s3), [("s3", "interface", "10.3".to_owned())]);
    assert!(codes(&s3).contains(&"cross-region"), "{s3:?}");
    assert_eq!(told(&abroad("sqs", Egress::Closed)), [("sqs", "interface, over peering", "10.3".to_owned())]);
    // 100 · 0.045 and 100 · 0.02
    assert_eq!(told(&abroad("sqs", nat(1, true))), [("sqs", "none: NAT gateway", "6.5".to_owned())]);
    assert_eq!(abroad("s3express", Egress::Closed).recommendations[0].choice, Choice::Nothing);
}

#[test]
fn what_no_endpoint_of_the_region_leads_to_stays_where_it_is() {
    let codecatalyst = || vec![need("codecatalyst", 1)];
    let closed = of(network(1, Egress::Closed, codecatalyst()));
    assert_eq!((closed.recommendations[0].choice, codes(&closed)), (Choice::Nothing, vec!["not-in-region"]));
    assert_eq!(closed.additions, []);
    let open = of(network(1, nat(1, false), codecatalyst()));
    assert_eq!(open.recommendations[0].choice, Choice::Nat);
    assert!(!open.rest.unwrap().can_go);
    assert_eq!(crate::home(Catalog::named("iam").unwrap(), region("eu-west-1")), home());
    assert_eq!(crate::home(Catalog::named("kms").unwrap(), region("eu-west-1")), region("eu-west-1"));
}

#[test]
fn where_a_price_is_missing_the_rule_of_thumb_decides_and_the_price_is_named() {
    let region = region("af-south-1");
    let mut needs = vec![need("s3", 5), need("kms", 5)];
    needs.iter_mut().for_each(|need| need.region = region);
    let mut own = network(1, nat(1, true), needs);
    own.subnets = vec![Subnet { id: None, zone: region.zones().next().unwrap(), table: None }];
    let advice = advise(&Workload { region, networks: vec![own], is_attached: false }, &prices());
    let made = &advice.vpcs[0].recommendations;
    assert_eq!((made[0].choice, made[1].choice), (Choice::Gateway, Choice::Interface));
    assert_eq!(made[1].why.last(), Some(&Reason::PriceUnknown));
    assert_eq!(advice.totals.after, None);
    assert!(advice.missing.iter().any(|(item, at)| item.as_str() == "interface-endpoint-hour" && *at == region));
}

#[test]
fn what_is_there_is_kept_completed_or_told_to_be_superfluous() {
    let zones: Vec<Zone> = home().zones().take(2).collect();
    let mut own = network(0, nat(1, true), vec![need("s3", 10), need("kms", 5_000), need("logs", 1)]);
    own.id = Some("vpc-0a".parse().unwrap());
    own.subnets = zones
        .iter()
        .zip(["subnet-0a", "subnet-0b"])
        .map(|(zone, id)| Subnet { id: Some(id.parse().unwrap()), zone: *zone, table: Some("rtb-0a".parse().unwrap()) })
        .collect();
    let interface = |id: &str, service: &str, zones: &[Zone]| Present {
        id: id.parse().unwrap(),
        service: Catalog::named(service).unwrap(),
        kind: PresentKind::Interface { zones: zones.iter().copied().collect(), takes_names: true, is_seen: false },
    };
    own.endpoints = vec![
        interface("vpce-0a", "kms", &zones[..1]),
        interface("vpce-0b", "logs", &zones),
        interface("vpce-0c", "sts", &zones),
        interface("vpce-0d", "s3", &zones[..1]),
    ];
    let advice = advise(&workload(vec![own]), &prices());
    let vpc = &advice.vpcs[0];
    let states: Vec<_> = vpc.recommendations.iter().map(|one| (one.choice, one.state)).collect();
    assert_eq!(
        states,
        [(Choice::Gateway, State::New), (Choice::Interface, State::Extended), (Choice::Nat, State::Kept)]
    );
    let added = vpc.additions.iter().map(|one| one.added.clone()).collect::<Vec<_>>();
    let subnets = Added::Subnets { endpoint: "vpce-0a".parse().unwrap(), subnets: vec!["subnet-0b".parse().unwrap()] };
    assert_eq!(added, [Added::Gateway, subnets]);
    assert_eq!(codes(vpc), ["stays-on-nat", "superfluous", "superfluous", "interface-takes-over"]);
    // NAT 36.50; kms 7.30 + 50, logs 14.60 + 0.01, sts 14.60, s3 7.30 + 0.10
    assert_eq!(advice.totals.before.as_ref().unwrap().total.to_string(), "130.41");
    assert_eq!(advice.totals.before_is, Before::Today);
    // NAT 36.50; kms 14.60 + 50, logs 0.045
    assert_eq!(advice.totals.after.as_ref().unwrap().total.to_string(), "101.145");
}

#[test]
fn a_hub_is_weighed_against_one_set_in_each_vpc() {
    let mut own = network(2, Egress::Closed, vec![need("kms", 10), need("logs", 90)]);
    own.count = 5;
    let advice = advise(&workload(vec![own]), &prices());
    let hub = advice.hub.unwrap();
    assert_eq!((hub.vpcs, hub.endpoints, hub.zones, hub.bytes), (5, 2, 2, 500 * GB));
    // 5 · 2 · 2 · 7.30 + 500 · 0.01; 29.20 + 6 · 36.50 + 500 · 0.03; 29.20 + 500 · 0.01
    assert_eq!(hub.local.to_string(), "151");
    assert_eq!(hub.transit_gateway.cost.to_string(), "263.2");
    assert_eq!(hub.peering.cost.to_string(), "34.2");
    assert!(hub.transit_gateway.break_even.is_never() && hub.peering.break_even.is_always());
    let zones = advice.vpcs[0].zones.as_ref().unwrap();
    // Two endpoints of five VPCs; half of 500 GB, which costs nothing.
    assert_eq!((zones.in_each.to_string(), zones.in_one.to_string()), ("146".to_owned(), "73".to_owned()));
    assert_eq!(zones.crossing, 250 * GB);
    assert_eq!((hub.recommended, hub.peerings), (hub.local, Peerings::WithinQuota));
}

#[test]
fn a_hub_is_weighed_where_each_vpc_by_itself_goes_over_nat_gateways() {
    let of = |vpcs: u32, stay: bool| {
        let mut own = network(2, nat(2, stay), vec![need("kms", 150), need("logs", 150)]);
        own.count = vpcs;
        own.other = if stay { GB } else { 0 };
        let advice = advise(&workload(vec![own]), &prices());
        assert!(
            advice.vpcs[0]
                .recommendations
                .iter()
                .all(|one| one.choice == if stay { Choice::Nat } else { Choice::Interface })
        );
        advice.hub.unwrap()
    };
    let hub = of(50, true);
    // 50 · 300 · 0.045; 50 · 2 · 2 · 7.30 + 15,000 · 0.01; 29.20 + 51 · 36.50 + 15,000 · 0.03; 29.20 + 15,000 · 0.01
    assert_eq!((hub.endpoints, hub.zones, hub.bytes), (2, 2, 15_000 * GB));
    assert_eq!(hub.recommended.to_string(), "675");
    assert_eq!(hub.local.to_string(), "1610");
    assert_eq!(hub.transit_gateway.cost.to_string(), "2340.7");
    assert_eq!(hub.peering.cost.to_string(), "179.2");
    for (vpcs, peerings) in [
        (50, Peerings::WithinQuota),
        (51, Peerings::QuotaToRaise),
        (125, Peerings::QuotaToRaise),
        (126, Peerings::TooMany),
    ] {
        assert_eq!(of(vpcs, true).peerings, peerings, "{vpcs}");
    }
    // Two endpoints are 29.20 against 73 of the gateways, which go.
    assert_eq!(of(50, false).recommended, of(50, false).local);
}

#[test]
fn a_hub_is_not_weighed_for_what_costs_less_over_nat_gateways_in_all_vpcs() {
    // 2 · 10 · 0.045 are less than 7.30.
    let mut own = network(1, nat(1, true), vec![need("kms", 10)]);
    own.count = 2;
    assert_eq!(advise(&workload(vec![own.clone()]), &prices()).hub, None);
    // Beside a service with endpoints of its own, 20 GB of another stay where they are.
    own.needs.push(need("logs", 1_000));
    let hub = advise(&workload(vec![own]), &prices()).hub.unwrap();
    assert_eq!((hub.endpoints, hub.bytes), (1, 2_000 * GB));
}

#[test]
fn nat_gateways_that_a_hub_lets_go_are_counted() {
    // Six endpoints in one zone are 43.80 and 6 · 34 · 0.01 in each VPC, more than 36.50 and 6 · 34 · 0.045. All of them in a
    // central VPC let the gateways go.
    let services = ["kms", "logs", "sts", "secretsmanager", "sqs", "sns"];
    let mut own = network(1, nat(1, false), services.iter().map(|one| need(one, 34)).collect());
    own.count = 10;
    let hub = advise(&workload(vec![own]), &prices()).hub.unwrap();
    // 10 · (36.50 + 204 · 0.045); 43.80 + 2,040 · 0.01
    assert_eq!(hub.recommended.to_string(), "456.8");
    assert_eq!(hub.peering.cost.to_string(), "64.2");
}

#[test]
fn the_break_even_of_vpcs_that_are_alike_is_that_of_one() {
    // 14.60 / 0.035 is 417.14. 10,000 VPCs reach the next tier together: 36,700.16 of 146,000 are saved in the first PB, and
    // all else at 0.039, so that 3,851,136 GB are the fewest.
    for (count, from) in [(1, "from 418 GB"), (50, "from 418 GB"), (10_000, "from 386 GB")] {
        let mut own = network(2, nat(2, true), vec![need("kms", 385)]);
        own.count = count;
        let advice = of(own);
        assert_eq!(range(advice.recommendations[0].break_even.as_ref().unwrap()), from, "{count}");
        let few = format!(
            "kms: 385 GB a month are few, and cost less over the NAT gateways that stay. An endpoint pays {from}."
        );
        assert_eq!(advice.exceptions[0].to_string(), few);
    }
}

#[test]
fn an_endpoint_in_zones_without_clients_costs_and_pays_by_all_its_zones() {
    let zones: BTreeSet<Zone> = home().zones().take(3).collect();
    let mut own = network(1, nat(1, true), vec![need("kms", 1_000)]);
    own.endpoints = vec![Present {
        id: "vpce-0a".parse().unwrap(),
        service: Catalog::named("kms").unwrap(),
        kind: PresentKind::Interface { zones, takes_names: true, is_seen: false },
    }];
    let advice = of(own);
    let kms = &advice.recommendations[0];
    // 3 · 7.30 and 10; 21.90 / 0.035 is 625.71.
    assert_eq!((kms.choice, kms.cost.as_ref().unwrap().to_string()), (Choice::Interface, "31.9".to_owned()));
    assert_eq!(range(kms.break_even.as_ref().unwrap()), "from 626 GB");
    let told = advice.exceptions.iter().find(|one| one.code() == "idle-zones").unwrap().to_string();
    let expected = "kms: vpce-0a is in us-east-1b and us-east-1c too, where no clients are; without that it costs $14.60 a month less.";
    assert_eq!(told, expected);
}

#[test]
fn endpoints_in_place_of_nat_gateways_and_the_total_are_of_the_same_services() {
    let abroad = |service: &str, gigabytes: u64| {
        let mut need = need(service, gigabytes);
        need.region = region("us-west-2");
        need
    };
    let mut from_premises = need("s3", 500);
    from_premises.on_premises = Volume { sent: 0, received: 45 * GB };
    let mut dynamodb = need("dynamodb", 1);
    dynamodb.on_premises = Volume { sent: 0, received: 40 * GB };
    for (zones, needs, told, gigabytes, cost, over_nat) in [
        // 7.30 + 0.10; 7.30 + 10,000 · 0.03. 36.50 + 10,010 · 0.045 + 10,000 · 0.02
        (1, vec![need("kms", 10), abroad("s3", 10_000)], (2, 0), 10_010, "314.7", "686.95"),
        // 14.60 + 0.10; 14.60 + 0.10 + 0.20. 73 + 20 · 0.045 + 10 · 0.02
        (2, vec![need("kms", 10), abroad("kms", 10)], (2, 0), 20, "29.6", "74.1"),
        // 14.60 + 0.45; 14.60 + 0.40. 73 + 501 · 0.045, and both endpoints, which clients on premises need.
        (2, vec![from_premises, dynamodb], (2, 2), 586, "30.05", "125.595"),
        // 7.30 + 10 · 0.03 in the other Region. 36.50 + 10 · 0.065
        (1, vec![abroad("sqs", 10)], (1, 0), 10, "7.6", "37.15"),
    ] {
        let advice = advise(&workload(vec![network(zones, Egress::Closed, needs)]), &prices());
        let together = advice.vpcs[0].together.as_ref().unwrap();
        assert_eq!((together.endpoints, together.kept, together.bytes / GB), (told.0, told.1, gigabytes));
        assert_eq!((together.cost.to_string(), together.nat.to_string()), (cost.to_owned(), over_nat.to_owned()));
        assert_eq!(advice.totals.after.unwrap().total, together.cost);
        assert_eq!(advice.totals.before.unwrap().total, together.nat);
        assert!(together.break_even.is_always());
    }
}

#[test]
fn what_it_costs_today_has_nothing_that_is_not_there() {
    let endpoint = |service: &str, kind| Present {
        id: "vpce-0a".parse().unwrap(),
        service: Catalog::named(service).unwrap(),
        kind,
    };
    // One VPC has a NAT gateway, the other has nothing, and is not supposed to have a gateway.
    let open = network(1, nat(1, true), vec![need("kms", 300)]);
    let closed = network(1, Egress::Closed, vec![need("kms", 300)]);
    let totals = advise(&workload(vec![open, closed.clone()]), &prices()).totals;
    // 36.50 + 300 · 0.045
    assert_eq!((totals.before_is, totals.before.unwrap().total.to_string()), (Before::Today, "50".to_owned()));
    // A gateway endpoint does not lead to another Region.
    let mut s3 = need("s3", 100);
    s3.region = region("us-west-2");
    let mut own = network(1, nat(1, true), vec![s3]);
    own.endpoints = vec![endpoint("s3", PresentKind::Gateway { tables: BTreeSet::new() })];
    let totals = advise(&workload(vec![own.clone()]), &prices()).totals;
    // 36.50 + 100 · 0.045 + 100 · 0.02
    assert_eq!(totals.before.unwrap().total.to_string(), "43");
    // A NAT gateway that is to be made is not there beside endpoints that are.
    own.egress = Egress::Nat(Nat { gateways: 1, exist: false, stay: true, crosses_zones: false });
    let totals = advise(&workload(vec![own]), &prices()).totals;
    assert_eq!((totals.before_is, totals.before.unwrap().total.to_string()), (Before::Today, "0".to_owned()));
    assert_eq!(advise(&workload(vec![closed]), &prices()).totals.before_is, Before::OverNat);
}

#[test]
fn names_of_endpoints_tell_the_region_where_it_is_another_one() {
    let mut abroad = need("kms", 10);
    abroad.region = region("us-west-2");
    let workload = workload(vec![network(1, Egress::Closed, vec![need("kms", 10), abroad])]);
    let advice = advise(&workload, &prices());
    let text = terraform(&workload, &advice);
    for name in ["kms", "kms_us_west_2"] {
        assert_eq!(text.matches(&format!("resource \"aws_vpc_endpoint\" \"{name}\"")).count(), 1, "{text}");
    }
    let template = cloudformation(&workload, &advice);
    let resource = |name: &str| &template["Resources"][name]["Properties"];
    assert_eq!(resource("KmsInterfaceEndpoint")["ServiceName"], "com.amazonaws.us-east-1.kms");
    let abroad = resource("KmsInterfaceEndpointUsWest2");
    assert_eq!(
        (&abroad["ServiceName"], &abroad["ServiceRegion"]),
        (&"com.amazonaws.us-west-2.kms".into(), &"us-west-2".into())
    );
}

#[test]
fn blocks_of_clients_outside_are_asked_for() {
    let written = |on_premises: u64, peered: u64| {
        let mut s3 = need("s3", 10);
        s3.on_premises = Volume { sent: on_premises, received: 0 };
        s3.peered = Volume { sent: peered, received: 0 };
        let mut own = network(1, Egress::Closed, vec![s3, need("kms", 1)]);
        own.blocks = vec!["10.80.0.0/16".parse().unwrap()];
        let workload = workload(vec![own]);
        let advice = advise(&workload, &prices());
        let text = terraform(&workload, &advice);
        let variable =
            text.split("variable \"client_cidr_blocks\"").nth(1).unwrap().split('}').next().unwrap().to_owned();
        let template = cloudformation(&workload, &advice);
        let ingress = template["Resources"]["EndpointsGroup"]["Properties"]["SecurityGroupIngress"].clone();
        let blocks: Vec<String> = ingress.as_array().unwrap().iter().map(|one| one["CidrIp"].to_string()).collect();
        (variable, blocks, template["Parameters"].clone())
    };
    let (variable, blocks, _) = written(0, 0);
    assert!(variable.contains("default     = [\"10.80.0.0/16\"]"), "{variable}");
    assert_eq!(blocks, [r#""10.80.0.0/16""#]);
    for (on_premises, peered, whose, refs) in [
        (GB, 0, "in the VPC (10.80.0.0/16) and on premises", vec!["OnPremisesCidrBlock"]),
        (0, GB, "in the VPC (10.80.0.0/16) and in peered VPCs", vec!["PeeredCidrBlock"]),
        (
            GB,
            GB,
            "in the VPC (10.80.0.0/16), on premises and in peered VPCs",
            vec!["OnPremisesCidrBlock", "PeeredCidrBlock"],
        ),
    ] {
        let (variable, blocks, parameters) = written(on_premises, peered);
        assert!(variable.contains(whose) && !variable.contains("default"), "{variable}");
        let expected = refs.iter().map(|name| format!(r#"{{"Ref":"{name}"}}"#));
        assert_eq!(blocks[1..], expected.collect::<Vec<_>>());
        assert!(refs.iter().all(|name| parameters[name]["Default"].is_null() && parameters[name]["Type"] == "String"));
    }
}

#[test]
fn a_policy_of_s3_lets_the_layers_of_images_through() {
    let layers = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*";
    for (services, is_there) in [(["s3", "ecr.dkr"], true), (["s3", "kms"], false)] {
        let needs = services.iter().map(|one| need(one, 1)).collect();
        let workload = workload(vec![network(1, Egress::Closed, needs)]);
        let advice = advise(&workload, &prices());
        assert_eq!(terraform(&workload, &advice).matches(layers).count(), usize::from(is_there));
        let template = cloudformation(&workload, &advice);
        let policy = |name: &str| template["Resources"][name]["Properties"]["PolicyDocument"]["Statement"].clone();
        let statements = policy("S3GatewayEndpoint");
        assert_eq!(statements[0]["Action"], "s3:*");
        let of_layers =
            serde_json::json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": layers });
        assert_eq!(statements.get(1), is_there.then_some(&of_layers));
    }
}

#[test]
fn names_of_an_endpoint_in_a_peered_vpc_do_not_hold_here() {
    let abroad = |service: &str| {
        let mut need = need(service, 1);
        need.region = region("us-west-2");
        of(network(1, Egress::Closed, vec![need]))
    };
    assert_eq!(codes(&abroad("dynamodb")), ["cross-region", "no-private-dns"]);
    assert_eq!(codes(&abroad("sqs")), ["cross-region", "peered-names"]);
    assert_eq!(abroad("kms-fips").recommendations[0].choice, Choice::Interface, "it crosses Regions by itself");
}

#[test]
fn clients_outside_are_the_reason_for_an_endpoint_beside_an_internet_gateway() {
    let mut kms = need("kms", 1);
    kms.on_premises = Volume { sent: GB, received: 0 };
    let advice = of(network(1, Egress::InternetGateway, vec![kms]));
    let [kms] = advice.recommendations.as_slice() else { panic!("{advice:?}") };
    assert_eq!(
        (kms.choice, kms.why.as_slice()),
        (Choice::Interface, [Reason::OnlyInterface, Reason::OutsideIsServed].as_slice())
    );
}

fn egresses() -> impl Strategy<Value = Egress> {
    let nat = (1..7_u32, any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(gateways, exist, stay, crosses_zones)| Egress::Nat(Nat { gateways, exist, stay, crosses_zones }));
    prop_oneof![Just(Egress::Closed), Just(Egress::InternetGateway), nat]
}

fn needs() -> impl Strategy<Value = Vec<Need>> {
    let names = ["s3", "dynamodb", "s3express", "kms", "logs", "sts", "sqs", "iam", "codecatalyst", "ecr.api"];
    let gigabytes = || prop_oneof![Just(0), 0..2_000_u64, 0..3_000_000_u64];
    let one = (prop::sample::select(names.to_vec()), gigabytes(), gigabytes(), any::<[bool; 3]>());
    prop::collection::vec(one, 1..8).prop_map(|all| {
        let mut needs: Vec<Need> = Vec::new();
        for (name, sent, received, [abroad, outside, _]) in all {
            if needs.iter().any(|need| need.service.name == name) {
                continue;
            }
            let mut own = need(name, sent);
            own.volume = Some(Volume { sent: sent * GB, received: received * GB });
            if abroad {
                own.region = region("us-west-2");
            }
            if outside {
                own.on_premises = Volume { sent: GB, received: received * GB };
            }
            needs.push(own);
        }
        needs
    })
}

proptest! {
    #[test]
    fn the_chosen_ways_are_the_cheapest_of_those_that_are_allowed(egress in egresses(), needs in needs(), zones in 1..6_usize) {
        let own = network(zones, egress, needs);
        let advice = of(own.clone());
        let prices = prices();
        let total = |usage: &Usage| prices.bill(usage).unwrap().total;
        let price = |choice: Choice, need: &Need| {
            let mut usage = Usage::default();
            for (way, traffic) in choice.legs(home(), &own, need) {
                usage.add_all(&way.usage(&traffic, HOURS_PER_MONTH.into()).unwrap());
            }
            total(&usage)
        };
        let hours = |gateways: u32| {
            let mut usage = Usage::default();
            let hours = u64::from(gateways) * u64::from(HOURS_PER_MONTH);
            usage.add(home(), sidegate_cost::Item::NatGatewayHour, hours);
            usage.add(home(), sidegate_cost::Item::PublicAddressHour, hours);
            total(&usage)
        };
        // All that could be chosen, tried one after the other: a way for each service, with the hours of the NAT gateways if
        // they are used or stay.
        let allowed: Vec<Vec<Choice>> = own.needs.iter().map(|need| {
            Choice::private(home(), need).into_iter().chain(Choice::public(&own, home(), need)).collect()
        }).collect();
        for (made, (need, allowed)) in advice.recommendations.iter().zip(own.needs.iter().zip(&allowed)) {
            if allowed.is_empty() {
                prop_assert_eq!(made.choice, Choice::Nothing);
            } else {
                prop_assert!(allowed.contains(&made.choice));
                prop_assert_eq!(made.cost.clone().unwrap(), price(made.choice, need));
            }
        }
        let of_nat = |uses: bool| match egress {
            Egress::Nat(nat) if nat.stay || uses => hours(nat.gateways),
            _ => hours(0),
        };
        let chosen = &advice.recommendations.iter().map(|one| one.cost.clone().unwrap_or_else(|| hours(0))).sum::<sidegate_cost::Money>()
            + &of_nat(advice.recommendations.iter().any(|one| one.choice == Choice::Nat));
        let priced: Vec<Vec<(Choice, sidegate_cost::Money)>> = own
            .needs
            .iter()
            .zip(&allowed)
            .map(|(need, allowed)| allowed.iter().map(|choice| (*choice, price(*choice, need))).collect())
            .collect();
        let mut best = None;
        let count: usize = allowed.iter().map(|all| all.len().max(1)).product();
        for mut number in 0..count {
            let (mut sum, mut uses) = (hours(0), false);
            for priced in &priced {
                let at = number % priced.len().max(1);
                number /= priced.len().max(1);
                if let Some((choice, price)) = priced.get(at) {
                    sum = &sum + price;
                    uses |= *choice == Choice::Nat;
                }
            }
            let sum = &sum + &of_nat(uses);
            best = Some(best.map_or_else(|| sum.clone(), |best: sidegate_cost::Money| best.min(sum.clone())));
        }
        prop_assert_eq!(chosen, best.unwrap());
    }

    #[test]
    fn the_break_even_is_that_of_the_closed_formula(zones in 1..6_usize, gigabytes in 0..10_000_u64) {
        let advice = of(network(zones, nat(1, true), vec![need("kms", gigabytes)]));
        let made = &advice.recommendations[0];
        // zones · 0.01 · 730 / (0.045 − 0.01)
        let from = (zones as u128 * 7_300 * u128::from(GB)).div_ceil(35);
        prop_assert_eq!(made.break_even.as_ref().unwrap().from(), Some(from));
        let pays = u128::from(gigabytes) * u128::from(GB) >= from;
        prop_assert_eq!(made.choice, if pays { Choice::Interface } else { Choice::Nat });
        let way = Way::InterfaceEndpoints { endpoints: 1, zones: zones as u32, vpcs: 1 };
        prop_assert_eq!(Choice::Interface.legs(home(), &network(zones, Egress::Closed, vec![]), &need("kms", 1))[0].0, way);
    }
}

fn interface(id: &str, zones: &[usize], takes_names: bool) -> Present {
    let zones = zones.iter().map(|zone| home().zones().nth(*zone).unwrap()).collect();
    let kind = PresentKind::Interface { zones, takes_names, is_seen: false };
    Present { id: id.parse().unwrap(), service: Catalog::named("kms").unwrap(), kind }
}

fn sums(advice: &Advice) -> (String, String) {
    let total = |bill: &Option<sidegate_cost::Bill>| bill.as_ref().unwrap().total.to_string();
    (total(&advice.totals.before), total(&advice.totals.after))
}

#[test]
fn an_endpoint_past_which_the_names_lead_is_not_used_and_its_private_dns_is_to_be_turned_on() {
    let mut own = network(2, nat(1, true), vec![need("kms", 1_000)]);
    own.endpoints = vec![interface("vpce-0a", &[0, 1], false)];
    let advice = advise(&workload(vec![own.clone()]), &prices());
    // 36.50 for the gateway, 45 for what goes through it, 14.60 for the endpoint; then 10 in place of the 45.
    assert_eq!(sums(&advice), ("96.1".to_owned(), "61.1".to_owned()));
    let vpc = &advice.vpcs[0];
    assert_eq!((vpc.recommendations[0].choice, vpc.recommendations[0].state), (Choice::Interface, State::Extended));
    assert!(vpc.exceptions.iter().any(|one| one.code() == "names-lead-past"), "{:?}", vpc.exceptions);
    let text = terraform(&workload(vec![own.clone()]), &advice);
    assert!(text.contains("resource \"aws_vpc_endpoint_private_dns\" \"kms\""), "{text}");
    assert!(!text.contains("aws_security_group"), "{text}");
    // Without another way, clients must have named the endpoint itself.
    own.egress = Egress::Closed;
    assert_eq!(sums(&advise(&workload(vec![own.clone()]), &prices())), ("24.6".to_owned(), "24.6".to_owned()));
    // And where they were seen to, nothing is wrong.
    own.egress = nat(1, true);
    let PresentKind::Interface { is_seen, .. } = &mut own.endpoints[0].kind else { panic!("{own:?}") };
    *is_seen = true;
    let advice = advise(&workload(vec![own]), &prices());
    assert_eq!(sums(&advice), ("61.1".to_owned(), "61.1".to_owned()));
    assert_eq!(advice.vpcs[0].recommendations[0].state, State::Present);
}

#[test]
fn a_gateway_endpoint_that_no_client_is_routed_to_is_not_used() {
    let mut own = network(1, nat(1, true), vec![need("s3", 1_000)]);
    own.subnets[0].table = Some("rtb-0a".parse().unwrap());
    let tables = BTreeSet::from(["rtb-0b".parse().unwrap()]);
    let s3 = Catalog::named("s3").unwrap();
    own.endpoints =
        vec![Present { id: "vpce-0a".parse().unwrap(), service: s3, kind: PresentKind::Gateway { tables } }];
    let advice = advise(&workload(vec![own]), &prices());
    assert_eq!(sums(&advice), ("81.5".to_owned(), "36.5".to_owned()));
    let Added::Tables { tables, .. } = &advice.vpcs[0].additions[0].added else { panic!("{advice:?}") };
    assert_eq!(tables.iter().map(ToString::to_string).collect::<Vec<_>>(), ["rtb-0a"]);
}

#[test]
fn of_several_interface_endpoints_those_are_kept_that_zones_with_clients_need() {
    let mut own = network(2, nat(1, true), vec![need("kms", 1_000)]);
    own.endpoints = vec![interface("vpce-0a", &[0], true), interface("vpce-0b", &[1], false)];
    let advice = advise(&workload(vec![own.clone()]), &prices());
    assert!(advice.vpcs[0].additions.is_empty(), "{advice:?}");
    assert_eq!(sums(&advice), ("61.1".to_owned(), "61.1".to_owned()));
    own.endpoints.push(interface("vpce-0c", &[1], false));
    let advice = advise(&workload(vec![own]), &prices());
    assert_eq!(sums(&advice), ("68.4".to_owned(), "61.1".to_owned()));
    let told: Vec<String> = advice.vpcs[0].exceptions.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["kms: vpce-0c is there, and is not needed for what was told, and costs $7.30 a month."]);
}

#[test]
fn the_group_of_the_endpoints_lets_in_the_ports_of_their_services() {
    let own = network(1, Egress::Closed, vec![need("cassandra", 1), need("kms", 1)]);
    let workload = workload(vec![own]);
    let advice = advise(&workload, &prices());
    let text = terraform(&workload, &advice);
    assert!(text.contains("from_port         = 443\n") && text.contains("from_port         = 9142\n"), "{text}");
    let template = cloudformation(&workload, &advice);
    let group = template["Resources"]["EndpointsGroup"]["Properties"]["SecurityGroupIngress"].as_array().unwrap();
    assert_eq!(group.iter().map(|rule| rule["FromPort"].as_u64().unwrap()).collect::<Vec<_>>(), [443, 9142]);
}
