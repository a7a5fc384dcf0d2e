//! Virtual private gateways: what is routed to one is lost, and nothing else is.

use crate::harness::{Daemon, Network, need_root, text};

/// Two services that no endpoint leads to.
const STS: &str = "sts.us-east-1.amazonaws.com";
const SECRETS: &str = "secretsmanager.us-east-1.amazonaws.com";

const S3: &str = "s3.us-east-1.amazonaws.com";

/// Everything of IPv4.
const DEFAULT: &str = "0.0.0.0/0";

/// Whether a program in a subnet reaches a service.
fn reaches(daemon: &Daemon, subnet: &str, group: &str, service: &str) -> bool {
    let ask = format!(
        "curl -sS -o /dev/null --connect-timeout 1.5 -m 20 -w '%{{http_code}}' https://{service}/ 2>/dev/null; true"
    );
    daemon.inside(subnet, &[group], &["sh", "-c", &ask]).trim() != "000"
}

/// The blocks that are a service's public addresses and no more, as a program in a subnet learns them. A program takes any
/// of the addresses, so that what is to be lost has to be routed for all.
fn blocks_of(daemon: &Daemon, subnet: &str, group: &str, service: &str) -> Vec<String> {
    let ask = format!("getent ahostsv4 {service} | cut -d' ' -f1 | sort -u");
    let addresses = daemon.inside(subnet, &[group], &["sh", "-c", &ask]);
    addresses.lines().map(|address| format!("{address}/32")).collect()
}

/// A virtual private gateway that is attached to a VPC.
fn attached(daemon: &Daemon, vpc: &str) -> String {
    let gateway = daemon.make("CreateVpnGateway", &[("Type", "ipsec.1")], "vpnGatewayId");
    daemon.ec2("AttachVpnGateway", &[("VpnGatewayId", &gateway), ("VpcId", vpc)]).unwrap();
    gateway
}

fn route(daemon: &Daemon, action: &str, table: &str, to: &str, over: (&str, &str)) {
    daemon.ec2(action, &[("RouteTableId", table), ("DestinationCidrBlock", to), over]).unwrap();
}

fn routes(daemon: &Daemon, table: &str, to: &[String], over: (&str, &str)) {
    to.iter().for_each(|block| route(daemon, "CreateRoute", table, block, over));
}

fn delete_routes(daemon: &Daemon, table: &str, to: &[String]) {
    for block in to {
        daemon.ec2("DeleteRoute", &[("RouteTableId", table), ("DestinationCidrBlock", block)]).unwrap();
    }
}

/// Gives the first subnet a way out over an internet gateway, and the second over a NAT gateway. Returns both gateways.
fn lead_out(daemon: &Daemon, network: &Network) -> (String, String) {
    let [public, _] = &network.subnets;
    let internet = daemon.make("CreateInternetGateway", &[], "internetGatewayId");
    daemon.ec2("AttachInternetGateway", &[("InternetGatewayId", &internet), ("VpcId", &network.vpc)]).unwrap();
    daemon.ec2("ModifySubnetAttribute", &[("SubnetId", public), ("MapPublicIpOnLaunch.Value", "true")]).unwrap();
    let allocated = daemon.ec2("AllocateAddress", &[]).unwrap();
    let allocation = text(&allocated, "allocationId").unwrap();
    let nat = daemon.make("CreateNatGateway", &[("SubnetId", public), ("AllocationId", allocation)], "natGatewayId");
    route(daemon, "CreateRoute", &network.tables[0], DEFAULT, ("GatewayId", &internet));
    route(daemon, "CreateRoute", &network.tables[1], DEFAULT, ("NatGatewayId", &nat));
    (internet, nat)
}

// enforces: ec2:DeleteRoute, ec2:ReplaceRoute (positive)
// enforces: ec2:CreateRoute, ec2:ReplaceRoute (negative)
#[test]
fn what_a_route_takes_to_a_virtual_private_gateway_is_lost_and_everything_else_goes_its_way() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let (_, nat) = lead_out(&daemon, &network);
    let gateway = attached(&daemon, &network.vpc);
    let sts = blocks_of(&daemon, &network.subnets[0], &network.group, STS);
    let reached = |service: &str| network.subnets.each_ref().map(|s| reaches(&daemon, s, &network.group, service));
    assert_eq!((reached(STS), reached(SECRETS)), ([true; 2], [true; 2]));
    for table in &network.tables {
        routes(&daemon, table, &sts, ("GatewayId", &gateway));
    }
    assert_eq!((reached(STS), reached(SECRETS)), ([false; 2], [true; 2]));
    // A black hole is no way to the less specific route either.
    daemon.ec2("DetachVpnGateway", &[("VpnGatewayId", &gateway), ("VpcId", &network.vpc)]).unwrap();
    assert_eq!((reached(STS), reached(SECRETS)), ([false; 2], [true; 2]));
    for table in &network.tables {
        delete_routes(&daemon, table, &sts);
    }
    assert_eq!(reached(STS), [true; 2]);

    daemon.ec2("AttachVpnGateway", &[("VpnGatewayId", &gateway), ("VpcId", &network.vpc)]).unwrap();
    route(&daemon, "ReplaceRoute", &network.tables[1], DEFAULT, ("GatewayId", &gateway));
    assert_eq!((reached(STS), reached(SECRETS)), ([true, false], [true, false]));
    route(&daemon, "ReplaceRoute", &network.tables[1], DEFAULT, ("NatGatewayId", &nat));
    assert_eq!((reached(STS), reached(SECRETS)), ([true; 2], [true; 2]));
}

// enforces: ec2:DeleteRoute (positive)
// enforces: ec2:CreateRoute (negative)
#[test]
fn a_more_specific_route_to_a_virtual_private_gateway_takes_what_a_gateway_endpoint_would_have() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let [table, _] = &network.tables;
    let [subnet, _] = &network.subnets;
    network.s3_gateway(&daemon, &[table]);
    let gateway = attached(&daemon, &network.vpc);
    let s3 = blocks_of(&daemon, subnet, &network.group, S3);
    let reached = || reaches(&daemon, subnet, &network.group, S3);
    assert!(reached());
    route(&daemon, "CreateRoute", table, DEFAULT, ("GatewayId", &gateway));
    assert!(reached(), "the endpoint's route is the more specific one");
    routes(&daemon, table, &s3, ("GatewayId", &gateway));
    assert!(!reached());
    delete_routes(&daemon, table, &s3);
    assert!(reached());
}
