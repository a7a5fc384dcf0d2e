//! Formats, directions, ways, and who is at the other end.

use sidegate_model::{Context, CreateVpcEndpoint, Ipv4Cidr, Scope};

use super::*;

/// The only row of a log.
fn row(text: &str) -> Row {
    let observed = observed(text);
    assert_eq!(told(&observed), Vec::<String>::new());
    assert_eq!(observed.rows.len(), 1, "{:?}", observed.rows);
    observed.rows[0].clone()
}

fn s3_peer() -> Peer {
    Peer::Service { service: "s3".to_owned(), region: Some("us-east-1".to_owned()) }
}

#[test]
fn a_file_without_names_is_of_version_2_and_may_have_been_exported_with_times() {
    let line = "2 1 eni-1 10.0.0.1 52.216.0.1 1 443 6 3 100 1 2 ACCEPT OK\n";
    for text in [line.to_owned(), format!("2026-11-29T12:00:00.000Z {line}"), line.trim_end().to_owned()] {
        let row = row(&text);
        assert_eq!((row.peer, row.totals), (s3_peer(), Totals { bytes: 100, packets: 3, flows: 1 }));
        assert_eq!((row.direction, row.path, row.accepted), (Some(Direction::Egress), None, true));
    }
    let both = format!("{HEAD}{line}{HEAD}{line}");
    assert_eq!(row(&both).totals.bytes, 200, "names may come again, as where files are joined");
}

#[test]
fn a_format_can_be_said_where_the_file_does_not() {
    let format: LogFormat = "${bytes} ${pkt-dstaddr} ${pkt-srcaddr}".parse().unwrap();
    let mut logs = logs().with_format(format);
    read(&mut logs, "a.log", "17 52.94.0.1 10.0.0.1\n");
    let observed = logs.finish();
    assert_eq!(observed.rows[0].totals.bytes, 17);
    assert!(matches!(&observed.rows[0].peer, Peer::Service { service, .. } if service == "dynamodb"));
    assert_eq!(observed.rows[0].interface.id, "-");
}

#[test]
fn a_custom_format_tells_subnet_service_direction_and_way() {
    let head = "interface-id subnet-id vpc-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr pkt-src-aws-service \
                pkt-dst-aws-service flow-direction traffic-path packets bytes start end action log-status\n";
    let out = "eni-1 subnet-1 vpc-1 10.0.0.1 52.216.0.1 10.0.0.1 52.216.0.1 - S3 egress 7 2 50 1 2 ACCEPT OK\n";
    let row_out = row(&format!("{head}{out}"));
    assert_eq!((row_out.direction, row_out.path), (Some(Direction::Egress), Some(Path::GatewayEndpoint)));
    assert_eq!((row_out.peer, row_out.interface.subnet.as_deref()), (s3_peer(), Some("subnet-1")));
    let back = "eni-1 subnet-1 vpc-1 52.216.0.1 10.0.0.1 52.216.0.1 10.0.0.1 S3 - ingress - 2 5000 1 2 ACCEPT OK\n";
    let row_back = row(&format!("{head}{back}"));
    assert_eq!((row_back.direction, row_back.path, row_back.peer), (Some(Direction::Ingress), None, s3_peer()));
    // What is named is believed even where no range has the address.
    let named = "eni-1 - - 10.0.0.1 9.9.9.9 10.0.0.1 9.9.9.9 - API_GATEWAY egress 8 2 50 1 2 ACCEPT OK\n";
    let peer = row(&format!("{head}{named}")).peer;
    assert_eq!(peer, Peer::Service { service: "API_GATEWAY".to_owned(), region: None });
    let paths = [
        (1, Path::SameVpc),
        (2, Path::InternetGatewayOrEndpoint),
        (3, Path::VirtualPrivateGateway),
        (4, Path::Peering),
        (5, Path::PeeringBetweenRegions),
        (6, Path::LocalGateway),
        (8, Path::InternetGateway),
        (99, Path::Other),
    ];
    for (number, path) in paths {
        let line = out.replace("egress 7", &format!("egress {number}"));
        assert_eq!(row(&format!("{head}{line}")).path, Some(path));
    }
}

#[test]
fn at_a_nat_gateway_the_ends_of_the_packets_are_who_talks() {
    let head = "interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr flow-direction bytes\n";
    // The answer of the internet, on its way from the gateway's interface to the client.
    let line = "eni-nat 10.0.1.5 10.0.0.9 52.216.0.1 10.0.0.9 egress 5\n";
    assert_eq!(row(&format!("{head}{line}")).peer, Peer::Private);
    let line = "eni-nat 10.0.0.9 10.0.1.5 10.0.0.9 52.216.0.1 ingress 5\n";
    assert_eq!(row(&format!("{head}{line}")).peer, Peer::Private);
}

/// What interfaces had with services and the internet, and whether they belong to something on the way of others.
fn outward(text: &str) -> Vec<(String, bool, u64)> {
    let observed = observed(text);
    assert_eq!(told(&observed), Vec::<String>::new());
    let mut all: Vec<(String, bool, u64)> = Vec::new();
    for row in &observed.rows {
        let is_outward = matches!(row.peer, Peer::Service { .. } | Peer::Internet);
        let bytes = if is_outward { row.totals.bytes } else { 0 };
        let is_between = row.interface.owner == Some(Owner::Intermediate);
        match all.iter_mut().find(|(id, ..)| *id == row.interface.id) {
            Some((_, _, sum)) => *sum += bytes,
            None => all.push((row.interface.id.clone(), is_between, bytes)),
        }
    }
    all.sort();
    all
}

#[test]
fn the_packets_ends_tell_what_is_on_the_way_of_others_with_and_without_directions() {
    let expected = [("eni-a".to_owned(), false, 40), ("eni-nat".to_owned(), true, 40)];
    let ends = [
        "eni-a 10.0.1.5 52.216.1.1 10.0.1.5 52.216.1.1 10 egress",
        "eni-a 52.216.1.1 10.0.1.5 52.216.1.1 10.0.1.5 30 ingress",
        "eni-nat 10.0.1.5 10.0.0.220 10.0.1.5 52.216.1.1 10 ingress",
        "eni-nat 10.0.0.220 52.216.1.1 10.0.0.220 52.216.1.1 10 egress",
        "eni-nat 52.216.1.1 10.0.0.220 52.216.1.1 10.0.0.220 30 ingress",
        "eni-nat 10.0.0.220 10.0.1.5 52.216.1.1 10.0.1.5 30 egress",
    ];
    let head = "interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr bytes flow-direction";
    let cut = |line: &str| line.rsplit_once(' ').unwrap().0.to_owned();
    let untold: Vec<String> = ends.iter().map(|line| cut(line)).collect();
    assert_eq!(outward(&format!("{head}\n{}\n", ends.join("\n"))), expected);
    assert_eq!(outward(&format!("{}\n{}\n", cut(head), untold.join("\n"))), expected);
    // An answer at the client that names the gateway as its source is the client's all the same.
    let other = untold[1].replacen("52.216.1.1", "10.0.0.220", 1);
    let lines = [&untold[..1], &[other], &untold[2..]].concat();
    assert_eq!(outward(&format!("{}\n{}\n", cut(head), lines.join("\n"))), expected);
    // One more address of an interface is its own.
    let second = "eni-a 10.0.1.5 52.216.1.1 10.0.1.77 52.216.1.1 10 egress\neni-a 10.0.1.9 10.0.1.5 10.0.1.9 10.0.1.77 7 ingress\n";
    assert_eq!(outward(&format!("{head}\n{second}")), [("eni-a".to_owned(), false, 10)]);
}

#[test]
fn without_the_packets_ends_even_sides_tell_what_is_on_the_way_of_others() {
    let line = |interface: &str, from: &str, to: &str, packets: u64, bytes: u64| {
        format!("2 1 {interface} {from} {to} 40000 443 6 {packets} {bytes} 1 2 ACCEPT OK\n")
    };
    let (client, nat, s3) = ("10.0.1.5", "10.0.0.220", "52.216.1.1");
    let log = [
        HEAD.to_owned(),
        line("eni-a", client, s3, 20, 1000),
        line("eni-a", s3, client, 90, 99_000),
        line("eni-nat", client, nat, 20, 1000),
        line("eni-nat", nat, s3, 20, 990),
        line("eni-nat", s3, nat, 90, 99_000),
        line("eni-nat", nat, client, 90, 98_900),
        // A proxy that has as many bytes on both sides, in other packets.
        line("eni-p", "10.0.2.7", "10.0.2.8", 20, 1000),
        line("eni-p", "10.0.2.8", s3, 30, 1000),
    ];
    let expected =
        [("eni-a".to_owned(), false, 100_000), ("eni-nat".to_owned(), true, 99_990), ("eni-p".to_owned(), false, 1000)];
    assert_eq!(outward(&log.concat()), expected);
}

#[test]
fn of_two_public_addresses_the_service_is_the_other_end() {
    let ranges = r#"{"ipv6_prefixes": [
        {"ipv6_prefix": "2600:1fa0:8000::/39", "region": "us-east-1", "service": "S3"},
        {"ipv6_prefix": "2600:1f18::/33", "region": "us-east-1", "service": "EC2"},
        {"ipv6_prefix": "2600:1f18::/33", "region": "us-east-1", "service": "AMAZON"}]}"#;
    let (ranges, _) = Ranges::read("ranges", ranges.as_bytes()).unwrap();
    let mut logs = FlowLogs::new(&World::default(), ranges, Limits::default());
    let (own, s3) = ("2600:1f18:1::5", "2600:1fa0:8000::1");
    let line = |from: &str, to: &str, bytes: u64| format!("2 1 eni-a {from} {to} 1 443 6 1 {bytes} 1 2 ACCEPT OK\n");
    let host = "2a00:1450::1";
    let text = [HEAD.to_owned(), line(s3, own, 300), line(own, s3, 1), line(host, own, 70), line(own, host, 7)];
    read(&mut logs, "a.log", text.concat());
    let mut rows = logs.finish().rows;
    rows.sort_by_key(|row| row.totals.bytes);
    let told: Vec<_> = rows.iter().map(|row| (row.totals.bytes, row.direction.unwrap(), row.peer.clone())).collect();
    let expected = [
        (1, Direction::Egress, s3_peer()),
        (7, Direction::Egress, Peer::Internet),
        (70, Direction::Ingress, Peer::Internet),
        (300, Direction::Ingress, s3_peer()),
    ];
    assert_eq!(told, expected);
    assert!(rows.iter().all(|row| row.family == Family::Ipv6));
}

#[test]
fn an_address_that_nat64_translates_is_that_of_the_service_behind_it() {
    let row = row("interface-id srcaddr dstaddr bytes\neni-a 2600:1f18:1::5 64:ff9b::34d8:101 5\n");
    assert_eq!((row.direction, row.family, row.peer), (Some(Direction::Egress), Family::Translated, s3_peer()));
}

#[test]
fn addresses_that_are_no_services_are_private_local_or_of_the_internet() {
    let peer = |address: &str| {
        row(&format!("interface-id srcaddr dstaddr flow-direction bytes\ne 10.0.0.1 {address} egress 1\n")).peer
    };
    for address in ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1"] {
        assert_eq!(peer(address), Peer::Private, "{address}");
    }
    for address in ["169.254.1.1", "224.0.0.1", "fe80::1", "ff02::1", "255.255.255.255"] {
        assert_eq!(peer(address), Peer::Local, "{address}");
    }
    for address in ["8.8.8.8", "2606:4700::1111"] {
        assert_eq!(peer(address), Peer::Internet, "{address}");
    }
    assert_eq!(peer("-"), Peer::Untold);
    assert_eq!(peer("2600:1fa0:8000::5"), s3_peer());
    // Where nothing tells the direction, nothing is said of it.
    assert_eq!(row("srcaddr dstaddr bytes\n10.0.0.1 10.0.0.2 1\n").direction, None);
    assert_eq!(row("srcaddr dstaddr bytes\n8.8.8.8 10.0.0.2 1\n").direction, Some(Direction::Ingress));
}

#[test]
fn a_world_tells_its_endpoints_vpcs_and_emulated_services() {
    let (mut world, mut bits) = (World::default(), 0_u64);
    let mut entropy = || {
        bits += 1;
        bits
    };
    let scope = Scope { account: "111111111111".parse().unwrap(), region: "us-east-1".parse().unwrap() };
    let mut context = Context { scope, now: 0, entropy: &mut entropy };
    let block = Ipv4Cidr::new([10, 0, 0, 0].into(), 16);
    let vpc = world.create_vpc(&mut context, block, "default").unwrap();
    world.modify_vpc_attribute(&context, &vpc, sidegate_model::VpcAttribute::DnsHostnames(true)).unwrap();
    let subnet = world.create_subnet(&mut context, &vpc, Ipv4Cidr::new([10, 0, 1, 0].into(), 24), None).unwrap();
    let create = CreateVpcEndpoint {
        vpc: Some(vpc.clone()),
        service: "com.amazonaws.us-east-1.secretsmanager".to_owned(),
        interface: true,
        subnets: vec![subnet.clone()],
        ..CreateVpcEndpoint::default()
    };
    let endpoint = world.create_vpc_endpoint(&mut context, create).unwrap();
    let program = world.attach_program(&mut context, &subnet, &[]).unwrap();
    let at = |id: &sidegate_model::NetworkInterfaceId| world.interfaces.get(id).unwrap().address;
    let ends: Vec<_> = world.interfaces.iter().filter(|interface| interface.id != program).collect();
    let [end] = *ends.as_slice() else { panic!("{ends:?}") };
    let emulated = sidegate_model::Catalog::named("kms").unwrap().public_addresses("us-east-1".parse().unwrap())[0];
    let mut logs = FlowLogs::new(&world, ranges(), Limits::default());
    let text = format!(
        "{HEAD}2 1 {program} {own} {there} 1 443 6 1 100 1 2 ACCEPT OK\n\
         2 unknown {eni} {own} {there} 1 443 6 1 100 1 2 ACCEPT OK\n\
         2 1 {program} {own} 10.0.77.1 1 443 6 1 10 1 2 ACCEPT OK\n\
         2 1 {program} {emulated} {own} 443 1 6 1 1 1 2 ACCEPT OK\n",
        own = at(&program),
        there = end.address,
        eni = end.id,
    );
    read(&mut logs, "a.log", text);
    let observed = logs.finish();
    assert_eq!(told(&observed), Vec::<String>::new());
    let find = |interface: &str, bytes: u64| {
        let found = observed.rows.iter().find(|row| row.interface.id == interface && row.totals.bytes == bytes);
        found.cloned().unwrap_or_else(|| panic!("{bytes}: {:?}", observed.rows))
    };
    let asked = find(program.as_str(), 100);
    assert_eq!(asked.peer, Peer::Endpoint { endpoint: endpoint.clone(), service: "secretsmanager".to_owned() });
    assert_eq!((asked.direction, asked.path), (Some(Direction::Egress), Some(Path::InterfaceEndpoint)));
    assert_eq!((asked.interface.subnet.as_deref(), asked.interface.owner), (Some(subnet.as_str()), None));
    let end_row = find(end.id.as_str(), 100);
    assert_eq!((end_row.direction, end_row.path), (Some(Direction::Ingress), Some(Path::InterfaceEndpoint)));
    assert_eq!(
        (end_row.peer, end_row.interface.owner),
        (Peer::Vpc { vpc: vpc.clone() }, Some(Owner::Endpoint(endpoint)))
    );
    assert_eq!(find(program.as_str(), 10).peer, Peer::Vpc { vpc });
    let kms = find(program.as_str(), 1);
    assert_eq!(kms.peer, Peer::Service { service: "kms".to_owned(), region: Some("us-east-1".to_owned()) });
    assert_eq!(kms.direction, Some(Direction::Ingress));
}
