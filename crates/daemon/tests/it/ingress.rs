//! The route table of an internet gateway: what comes in from the internet gets to a subnet by way of an instance that
//! forwards.

use crate::appliances::{Appliance, delete_route};
use crate::harness::{Daemon, Network, TIMED_OUT, announced, need_root, text};
use crate::interfaces::{inside, interface_of, server};
use crate::internet::{allocated, associated, attach, route};
use crate::ipv6::{DualStack, everybody, met};

/// The block of the subnet whose traffic is led aside.
const ASIDE: &str = "10.77.1.0/24";

/// What a curl on the internet ends with.
fn ask(daemon: &Daemon, address: &str) -> i32 {
    let line = format!("curl -s -o /dev/null --connect-timeout 2 http://{address}:8000/");
    let output = daemon.command("exec").args(["--internet", "--", "sh", "-c", &line]).output().unwrap();
    output.status.code().unwrap()
}

/// A route table for what comes in over a gateway, and its association.
fn edge(daemon: &Daemon, vpc: &str, gateway: &str) -> (String, String) {
    let table = daemon.make("CreateRouteTable", &[("VpcId", vpc)], "routeTableId");
    let wanted = [("RouteTableId", table.as_str()), ("GatewayId", gateway)];
    let association = daemon.make("AssociateRouteTable", &wanted, "associationId");
    (table, association)
}

/// Lets everybody in.
fn admit(daemon: &Daemon, group: &str) {
    let rule =
        [("GroupId", group), ("IpPermissions.1.IpProtocol", "-1"), ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0")];
    daemon.ec2("AuthorizeSecurityGroupIngress", &rule).unwrap();
}

#[test]
fn what_comes_in_over_an_internet_gateway_gets_to_a_subnet_only_by_way_of_the_instance_that_its_table_names() {
    need_root!();
    let mut daemon = Daemon::start();
    let network = Network::build(&daemon);
    admit(&daemon, &network.group);
    let place = [
        ("SubnetId", network.subnets[0].as_str()),
        ("SecurityGroupId.1", network.group.as_str()),
        ("PrivateIpAddress", "10.77.1.50"),
    ];
    let web = server(&daemon, &place);
    let appliance = Appliance::build(&daemon, &network);
    let gateway = attach(&daemon, &network.vpc);
    // The table of the subnet of the appliance is the main one.
    let main = [
        ("Filter.1.Name", "association.main"),
        ("Filter.1.Value.1", "true"),
        ("Filter.2.Name", "vpc-id"),
        ("Filter.2.Value.1", &network.vpc),
    ];
    let main = daemon.make("DescribeRouteTables", &main, "routeTableId");
    route(&daemon, &main, "GatewayId", &gateway);
    route(&daemon, &network.tables[0], "GatewayId", &gateway);
    let (allocation, address) = allocated(&daemon);
    associated(&daemon, &allocation, &interface_of(&daemon, &web));
    let outward = || {
        let line = "curl -s -o /dev/null --connect-timeout 2 https://sts.us-east-1.amazonaws.com/; echo $?";
        inside(&daemon, &web, line).trim().parse::<i32>().unwrap()
    };
    let waited = (0..20).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        ask(&daemon, &address) == 0
    });
    assert!(waited, "{}", daemon.log());
    assert_eq!(outward(), 0, "{}", daemon.log());
    let (edge, association) = edge(&daemon, &network.vpc, &gateway);
    assert_eq!((ask(&daemon, &address), outward()), (0, 0), "it has its local route alone: {}", daemon.log());

    appliance.forwards(true);
    appliance.route(&daemon, "CreateRoute", &edge, ASIDE);
    assert_eq!((ask(&daemon, &address), outward()), (TIMED_OUT, TIMED_OUT), "it checks addresses");
    appliance.checks(&daemon, false);
    assert_eq!((ask(&daemon, &address), outward()), (TIMED_OUT, TIMED_OUT), "it has no public address");
    let (second, own) = allocated(&daemon);
    let public = associated(&daemon, &second, &appliance.interface);
    let before = appliance.forwarded();
    assert_eq!(ask(&daemon, &address), 0, "{}", daemon.log());
    let one_way = appliance.forwarded() - before;
    assert!(one_way > 2, "{one_way}");
    // Answers to what goes out come in the same way.
    assert_eq!(outward(), 0, "{}", daemon.log());
    assert!(appliance.forwarded() > before + one_way + 2);
    // What is for the appliance itself it takes.
    assert_eq!(ask(&daemon, &own), 0, "{}", daemon.log());
    appliance.forwards(false);
    assert_eq!((ask(&daemon, &address), outward()), (TIMED_OUT, TIMED_OUT), "it does not forward");
    assert_eq!(ask(&daemon, &own), 0);
    appliance.forwards(true);

    // Both ways by the appliance, as AWS's example has it.
    appliance.route(&daemon, "ReplaceRoute", &network.tables[0], "0.0.0.0/0");
    let before = appliance.forwarded();
    assert_eq!(ask(&daemon, &address), 0, "{}", daemon.log());
    let both_ways = appliance.forwarded() - before;
    assert!(both_ways > one_way + 2, "{both_ways} and {one_way}");
    assert_eq!(outward(), 0, "{}", daemon.log());
    // So it is after a restart.
    daemon.kill();
    daemon.run();
    let before = appliance.forwarded();
    assert_eq!(ask(&daemon, &address), 0, "{}", daemon.log());
    assert!(appliance.forwarded() > before + one_way);

    // The local route itself.
    delete_route(&daemon, &edge, ASIDE);
    let before = appliance.forwarded();
    assert_eq!(ask(&daemon, &address), 0, "{}", daemon.log());
    let answers = appliance.forwarded() - before;
    appliance.route(&daemon, "ReplaceRoute", &edge, "10.77.0.0/16");
    let before = appliance.forwarded();
    assert_eq!(ask(&daemon, &address), 0, "{}", daemon.log());
    assert!(appliance.forwarded() - before > answers + 2, "{answers}");
    daemon.ec2("DisassociateAddress", &[("AssociationId", &public)]).unwrap();
    assert_eq!(ask(&daemon, &address), TIMED_OUT);

    // Without an association, the local route holds.
    let gateway_of = |daemon: &Daemon| {
        let described = daemon.ec2("DescribeRouteTables", &[("RouteTableId.1", &edge)]).unwrap();
        text(&described, "associationSet").map(|set| set.contains(&gateway))
    };
    assert_eq!(gateway_of(&daemon), Some(true));
    daemon.ec2("DisassociateRouteTable", &[("AssociationId", &association)]).unwrap();
    assert_ne!(gateway_of(&daemon), Some(true));
    assert_eq!(ask(&daemon, &address), 0, "{}", daemon.log());
}

#[test]
fn what_comes_in_over_ipv6_is_led_by_the_gateways_table_too() {
    need_root!();
    let daemon = Daemon::start();
    let dual = DualStack::build(&daemon);
    let Network { vpc, subnets, group, tables } = &dual.network;
    daemon.ec2("AuthorizeSecurityGroupIngress", &everybody(group)).unwrap();
    let gateway = attach(&daemon, vpc);
    let everywhere = |table: &str, kind: &str, target: &str| {
        let wanted = [("RouteTableId", table), ("DestinationIpv6CidrBlock", "::/0"), (kind, target)];
        daemon.ec2("CreateRoute", &wanted).unwrap();
    };
    everywhere(&tables[1], "GatewayId", &gateway);
    let appliance = Appliance::at(&daemon, &[("SubnetId", &subnets[1]), ("SecurityGroupId.1", group)]);
    appliance.checks(&daemon, false);
    let forwards = |on: bool| {
        appliance.does(&format!("echo {} > /proc/sys/net/ipv6/conf/all/forwarding", u8::from(on)));
    };
    forwards(true);
    // The other subnet has no way out but by the appliance.
    everywhere(&tables[0], "NetworkInterfaceId", &appliance.interface);
    let script = "hostname -I; python3 -m http.server --bind :: 8000 >/dev/null 2>&1";
    let (mut listening, addresses) = announced(daemon.exec(&subnets[0], &[group], &["sh", "-c", script]));
    let address = addresses.split_whitespace().find(|address| address.contains(':')).unwrap().to_owned();
    let ask = || {
        let line = format!("curl -6 -s -o /dev/null --connect-timeout 2 'http://[{address}]:8000/'");
        let output = daemon.command("exec").args(["--internet", "--", "sh", "-c", &line]).output().unwrap();
        output.status.code()
    };
    let (edge, _) = edge(&daemon, vpc, &gateway);
    assert_ne!(ask(), Some(0), "the internet does not know it");
    let aside = [
        ("RouteTableId", edge.as_str()),
        ("DestinationIpv6CidrBlock", &dual.blocks[0]),
        ("NetworkInterfaceId", &appliance.interface),
    ];
    daemon.ec2("CreateRoute", &aside).unwrap();
    let waited = (0..20).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        met(ask()) == "answer"
    });
    assert!(waited, "{}", daemon.log());
    forwards(false);
    assert_eq!(met(ask()), "silence");
    forwards(true);
    appliance.checks(&daemon, true);
    assert_ne!(ask(), Some(0), "it checks addresses");
    listening.kill().unwrap();
    listening.wait().unwrap();
}
