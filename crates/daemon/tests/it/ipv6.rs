//! IPv6, by what real programs reach with it: each other, endpoints of both kinds, the metadata service, and the internet
//! over gateways of both kinds.

use std::net::Ipv6Addr;

use crate::harness::{Daemon, Network, TIMED_OUT, announced, need_root, text};
use crate::interfaces::{inside, until};

/// A VPC with a block of IPv6, and the same subnets as the network that it is made of.
pub(crate) struct DualStack {
    pub(crate) network: Network,
    /// The blocks of the subnets.
    pub(crate) blocks: Vec<String>,
}

impl DualStack {
    pub(crate) fn build(daemon: &Daemon) -> Self {
        let network = Network::build(daemon);
        let vpc = [("VpcId", network.vpc.as_str()), ("AmazonProvidedIpv6CidrBlock", "true")];
        daemon.ec2("AssociateVpcCidrBlock", &vpc).unwrap();
        let block = daemon.make("DescribeVpcs", &[("VpcId.1", &network.vpc)], "ipv6CidrBlock");
        // A block may end in zeros, which its text leaves out.
        let stem = u128::from(block.strip_suffix("/56").unwrap().parse::<Ipv6Addr>().unwrap());
        let mut blocks = Vec::new();
        for (number, subnet) in (0_u128..).zip(&network.subnets) {
            let own = format!("{}/64", Ipv6Addr::from(stem | number << 64));
            daemon.ec2("AssociateSubnetCidrBlock", &[("SubnetId", subnet), ("Ipv6CidrBlock", &own)]).unwrap();
            let automatic = [("SubnetId", subnet.as_str()), ("AssignIpv6AddressOnCreation.Value", "true")];
            daemon.ec2("ModifySubnetAttribute", &automatic).unwrap();
            blocks.push(own);
        }
        // A group that was made before the VPC had a block lets nothing of IPv6 out by itself.
        daemon.ec2("AuthorizeSecurityGroupEgress", &everybody(&network.group)).unwrap();
        Self { network, blocks }
    }

    /// What a line of the shell says in a subnet, and how it ends.
    fn does(&self, daemon: &Daemon, subnet: usize, line: &str) -> (String, Option<i32>) {
        let output = daemon.exec(&self.network.subnets[subnet], &[&self.network.group], &["sh", "-c", line]).output();
        let output = output.unwrap();
        (String::from_utf8_lossy(&output.stdout).trim().to_owned(), output.status.code())
    }

    /// What becomes of a request over IPv6.
    fn met(&self, daemon: &Daemon, subnet: usize, url: &str) -> &'static str {
        let ask = format!("curl -6 -sS -o /dev/null --connect-timeout 1.5 --max-time 20 '{url}'");
        met(self.does(daemon, subnet, &ask).1)
    }
}

pub(crate) fn met(code: Option<i32>) -> &'static str {
    match code {
        Some(0) => "answer",
        Some(7) => "refusal",
        Some(TIMED_OUT) => "silence",
        Some(6) => "no address",
        other => panic!("curl ended with {other:?}"),
    }
}

/// A line of the shell that says whether an address answers a ping.
fn echo(address: &str) -> String {
    let script = "import socket, sys\n\
                  s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6)\n\
                  s.settimeout(1.5)\n\
                  s.sendto(bytes([128, 0, 0, 0, 0, 0, 0, 1]), (sys.argv[1], 0))\n\
                  try: print('echo' if s.recv(64)[0] == 129 else 'amiss')\n\
                  except TimeoutError: print('silence')";
    format!("python3 -c \"{script}\" {address}")
}

/// A rule for everything of everybody over IPv6.
pub(crate) fn everybody(group: &str) -> [(&str, &str); 3] {
    [("GroupId", group), ("IpPermissions.1.IpProtocol", "-1"), ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "::/0")]
}

// enforces: ec2:AssociateVpcCidrBlock, ec2:AssociateSubnetCidrBlock (positive)
#[test]
fn programs_of_a_dual_stack_subnet_have_addresses_of_both_families_and_meet_where_groups_let_them() {
    need_root!();
    let daemon = Daemon::start();
    let dual = DualStack::build(&daemon);
    let group = &dual.network.group;
    let own = dual.blocks[0].strip_suffix(":/64").unwrap();

    // An address alone on its link, a route to the router of the link, and the loopback.
    let (shown, _) =
        dual.does(&daemon, 0, &format!("ip -6 -o address show scope global; ip -6 route; {}", echo("::1")));
    assert!(shown.contains(own) && shown.contains("/128") && shown.contains("default via fe80::"), "{shown}");
    assert!(shown.ends_with("echo"), "{shown}");

    // A program that listens on both families, in the other subnet.
    let script = "hostname -I; python3 -m http.server --bind :: 8080 >/dev/null 2>&1";
    let (mut listening, addresses) = announced(daemon.exec(&dual.network.subnets[1], &[group], &["sh", "-c", script]));
    let address = addresses.split_whitespace().find(|address| address.contains(':')).unwrap().to_owned();
    let url = format!("http://[{address}]:8080/");
    assert_eq!(dual.met(&daemon, 0, &url), "silence");
    daemon.ec2("AuthorizeSecurityGroupIngress", &everybody(group)).unwrap();
    let ask = format!(
        "for i in $(seq 20); do curl -6 -sf -o /dev/null --max-time 5 '{url}' && exit 0; sleep 0.3; done; exit 1"
    );
    assert_eq!(dual.does(&daemon, 0, &ask).1, Some(0));
    assert_eq!(dual.does(&daemon, 0, &echo(&address)).0, "echo");
    daemon.ec2("RevokeSecurityGroupIngress", &everybody(group)).unwrap();
    assert_eq!(dual.met(&daemon, 0, &url), "silence");
    assert_eq!(dual.does(&daemon, 0, &echo(&address)).0, "silence");
    listening.kill().unwrap();
    listening.wait().unwrap();
}

// enforces: ec2:ModifyVpcEndpoint (positive)
#[test]
fn endpoints_of_both_kinds_are_reached_over_ipv6_while_they_are_dual_stack() {
    need_root!();
    let daemon = Daemon::start();
    let dual = DualStack::build(&daemon);
    let Network { vpc, subnets, group, tables } = &dual.network;
    daemon.ec2("AuthorizeSecurityGroupIngress", &everybody(group)).unwrap();
    let table = &tables[0];

    // An interface endpoint: its private names have AAAA records where that is asked for.
    let wanted = [
        ("VpcId", vpc.as_str()),
        ("ServiceName", "com.amazonaws.us-east-1.secretsmanager"),
        ("VpcEndpointType", "Interface"),
        ("SubnetId.1", &subnets[0]),
        ("SecurityGroupId.1", group),
        ("IpAddressType", "dualstack"),
        ("DnsOptions.DnsRecordIpType", "dualstack"),
    ];
    let endpoint = daemon.make("CreateVpcEndpoint", &wanted, "vpcEndpointId");
    let secrets = "https://secretsmanager.us-east-1.amazonaws.com/";
    assert_eq!(dual.met(&daemon, 0, secrets), "answer");
    let event = daemon.events().pop().unwrap();
    assert_eq!(event["path"]["endpoint"], endpoint.as_str(), "{event}");
    assert!(event["path"]["source"].as_str().unwrap().starts_with("2001:db8:"), "{event}");
    let narrow =
        [("VpcEndpointId", endpoint.as_str()), ("IpAddressType", "ipv4"), ("DnsOptions.DnsRecordIpType", "ipv4")];
    daemon.ec2("ModifyVpcEndpoint", &narrow).unwrap();
    let (records, _) = dual.does(&daemon, 0, "getent ahostsv4 secretsmanager.us-east-1.amazonaws.com | wc -l");
    assert_ne!(records, "0");
    assert_ne!(dual.met(&daemon, 0, secrets), "answer");

    // A gateway endpoint, by the dual-stack name of S3.
    let wanted = [
        ("VpcId", vpc.as_str()),
        ("ServiceName", "com.amazonaws.us-east-1.s3"),
        ("RouteTableId.1", table),
        ("IpAddressType", "dualstack"),
    ];
    let gateway = daemon.make("CreateVpcEndpoint", &wanted, "vpcEndpointId");
    let s3 = "https://s3.dualstack.us-east-1.amazonaws.com/";
    assert_eq!(dual.met(&daemon, 0, s3), "answer");
    let event = daemon.events().pop().unwrap();
    assert_eq!(event["path"]["endpoint"], gateway.as_str(), "{event}");
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &gateway), ("IpAddressType", "ipv4")]).unwrap();
    assert_eq!(dual.met(&daemon, 0, s3), "silence");
}

// enforces: ec2:CreateEgressOnlyInternetGateway (positive)
// enforces: ec2:CreateEgressOnlyInternetGateway, ec2:DeleteEgressOnlyInternetGateway (negative)
#[test]
fn an_egress_only_gateway_leads_out_and_an_internet_gateway_both_ways() {
    need_root!();
    let daemon = Daemon::start();
    let dual = DualStack::build(&daemon);
    let Network { vpc, subnets, group, tables } = &dual.network;
    daemon.ec2("AuthorizeSecurityGroupIngress", &everybody(group)).unwrap();
    let table = &tables[0];
    let s3 = "https://s3.dualstack.us-east-1.amazonaws.com/";

    // A program that lives through all of it, where nobody listens.
    let (mut host, addresses) = announced(daemon.exec(&subnets[0], &[group], &["sh", "-c", "hostname -I; cat"]));
    let address = addresses.split_whitespace().find(|address| address.contains(':')).unwrap().to_owned();
    let from_outside = || {
        let ask = format!("curl -6 -s -o /dev/null --connect-timeout 1.5 'http://[{address}]:8080/'");
        let output = daemon.command("exec").args(["--internet", "--", "sh", "-c", &ask]).output().unwrap();
        match output.status.code() {
            Some(7) if String::from_utf8_lossy(&output.stderr).is_empty() => "refusal or no way",
            Some(TIMED_OUT) => "silence",
            other => panic!("curl ended with {other:?}"),
        }
    };

    assert_eq!(dual.met(&daemon, 0, s3), "silence");
    let egress = daemon.make("CreateEgressOnlyInternetGateway", &[("VpcId", vpc)], "egressOnlyInternetGatewayId");
    let everywhere = [("RouteTableId", table.as_str()), ("DestinationIpv6CidrBlock", "::/0")];
    let over = |key, gateway| [everywhere[0], everywhere[1], (key, gateway)];
    daemon.ec2("CreateRoute", &over("EgressOnlyInternetGatewayId", &egress)).unwrap();
    assert_eq!(dual.met(&daemon, 0, s3), "answer");
    let event = daemon.events().pop().unwrap();
    assert_eq!(event["path"]["over"], "public", "{event}");
    assert!(event["path"]["source"].as_str().unwrap().starts_with("2001:db8:"), "{event}");
    assert_eq!(from_outside(), "silence");

    let gateway = daemon.make("CreateInternetGateway", &[], "internetGatewayId");
    daemon.ec2("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", vpc)]).unwrap();
    daemon.ec2("ReplaceRoute", &over("GatewayId", &gateway)).unwrap();
    assert_eq!(dual.met(&daemon, 0, s3), "answer");
    assert_eq!(from_outside(), "refusal or no way");
    // Groups are asked of who comes in.
    daemon.ec2("RevokeSecurityGroupIngress", &everybody(group)).unwrap();
    assert_eq!(from_outside(), "silence");

    daemon.ec2("ReplaceRoute", &over("EgressOnlyInternetGatewayId", &egress)).unwrap();
    daemon.ec2("DeleteEgressOnlyInternetGateway", &[("EgressOnlyInternetGatewayId", &egress)]).unwrap();
    let shown = daemon.ec2("DescribeRouteTables", &[("RouteTableId.1", table)]).unwrap();
    assert!(shown.contains("<state>blackhole</state>"), "{shown}");
    assert_eq!(dual.met(&daemon, 0, s3), "silence");
    drop(host.stdin.take());
    host.wait().unwrap();
}

#[test]
fn an_instance_is_told_its_ipv6_address_over_ipv6_where_that_is_turned_on() {
    need_root!();
    let daemon = Daemon::start();
    let dual = DualStack::build(&daemon);
    let Network { subnets, group, .. } = &dual.network;
    let ask = "ask() { curl -g -sS --max-time 5 \"$@\" 2>/dev/null; }; at='http://[fd00:ec2::254]/latest'; \
               token=$(ask -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $at/api/token); \
               ask -H \"X-aws-ec2-metadata-token: $token\" $at/meta-data/ipv6; true";
    for mode in ["enabled", "disabled"] {
        let wanted = [
            ("ImageId", "ami-51de6a7e"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", &subnets[0]),
            ("SecurityGroupId.1", group),
            ("MetadataOptions.HttpProtocolIpv6", mode),
        ];
        let instance = daemon.make("RunInstances", &wanted, "instanceId");
        until(&daemon, &instance, "running");
        let shown = daemon.ec2("DescribeInstances", &[("InstanceId.1", &instance)]).unwrap();
        let address = text(&shown, "ipv6Address").unwrap_or_else(|| panic!("{shown}"));
        let told = inside(&daemon, &instance, ask);
        assert_eq!(told.trim(), if mode == "enabled" { address } else { "" });
    }
}
