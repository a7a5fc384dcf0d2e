//! VPC peering between two accounts, by what programs reach.

use std::io::Write as _;

use crate::harness::{Daemon, Network, TIMED_OUT, announced, need_root, text};
use crate::http;

/// The account of the other VPC.
const PEER: &str = "222222222222";

/// Another account, which calls the API for itself.
struct Other<'a> {
    daemon: &'a Daemon,
    key: (String, String),
}

impl Other<'_> {
    fn ec2(&self, action: &str, parameters: &[(&str, &str)]) -> Result<String, String> {
        http::ec2_with(&self.daemon.api, (&self.key.0, &self.key.1), action, parameters)
    }

    fn make(&self, action: &str, parameters: &[(&str, &str)], element: &str) -> String {
        let answer = self.ec2(action, parameters).unwrap_or_else(|e| panic!("{action}: {e}"));
        text(&answer, element).unwrap_or_else(|| panic!("{action}: no {element} in {answer}")).to_owned()
    }
}

/// What curl says of a URL in the first subnet: whether it was answered, refused or met silence.
fn met(daemon: &Daemon, network: &Network, url: &str) -> &'static str {
    let ask = format!("curl -sS -o /dev/null --connect-timeout 1.5 --max-time 20 {url}");
    let output = daemon.exec(&network.subnets[0], &[&network.group], &["sh", "-c", &ask]).output().unwrap();
    match output.status.code() {
        Some(0) => "answer",
        Some(7) => "refusal",
        Some(TIMED_OUT) => "silence",
        other => panic!("curl {url} ended with {other:?}: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// The parameters of a route over a peering connection.
fn over<'a>(table: &'a str, block: &'a str, peering: &'a str) -> [(&'a str, &'a str); 3] {
    [("RouteTableId", table), ("DestinationCidrBlock", block), ("VpcPeeringConnectionId", peering)]
}

// enforces: ec2:AcceptVpcPeeringConnection, ec2:CreateVpcPeeringConnection (positive)
// enforces: ec2:CreateVpcPeeringConnection, ec2:DeleteVpcPeeringConnection (negative)
#[test]
fn a_program_reaches_programs_and_interface_endpoints_of_a_peer_in_another_account_and_no_gateway_of_its() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let other = Other { daemon: &daemon, key: daemon.key_of(PEER) };
    assert_eq!(other.key, daemon.key_of(PEER), "one account has one key");

    let vpc = other.make("CreateVpc", &[("CidrBlock", "10.88.0.0/16")], "vpcId");
    let subnet = other.make("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.88.1.0/24")], "subnetId");
    let of_vpc = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc.as_str())];
    let table = other.make("DescribeRouteTables", &of_vpc, "routeTableId");
    let wanted = [("VpcId", vpc.as_str()), ("GroupName", "open"), ("GroupDescription", "open to its peer")];
    let group = other.make("CreateSecurityGroup", &wanted, "groupId");
    let secrets = [
        ("VpcId", vpc.as_str()),
        ("ServiceName", "com.amazonaws.us-east-1.secretsmanager"),
        ("VpcEndpointType", "Interface"),
        ("SubnetId.1", &subnet),
        ("SecurityGroupId.1", &group),
        ("PrivateDnsEnabled", "false"),
    ];
    let answer = other.ec2("CreateVpcEndpoint", &secrets).unwrap();
    let endpoint = text(&answer, "vpcEndpointId").unwrap().to_owned();
    let url = format!("https://{}/", text(&answer, "dnsName").unwrap());
    let s3 = [("VpcId", vpc.as_str()), ("ServiceName", "com.amazonaws.us-east-1.s3"), ("RouteTableId.1", &table)];
    other.ec2("CreateVpcEndpoint", &s3).unwrap();

    // A program that lives there; nobody listens where it is.
    let (mut neighbour, address) = announced(daemon.exec(&subnet, &[&group], &["sh", "-c", "hostname -I; read line"]));
    let at = format!("http://{address}:8080/");

    let ask = [("VpcId", network.vpc.as_str()), ("PeerVpcId", &vpc), ("PeerOwnerId", PEER)];
    let peering = daemon.make("CreateVpcPeeringConnection", &ask, "vpcPeeringConnectionId");
    let own = &network.tables[0];
    daemon.ec2("CreateRoute", &over(own, "10.88.0.0/16", &peering)).unwrap();
    let admit = |ports: &str| {
        let wanted = [
            ("GroupId", group.as_str()),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", ports),
            ("IpPermissions.1.ToPort", ports),
            ("IpPermissions.1.Groups.1.GroupId", network.group.as_str()),
            ("IpPermissions.1.Groups.1.UserId", "000000000000"),
        ];
        other.ec2("AuthorizeSecurityGroupIngress", &wanted)
    };
    assert!(admit("443").is_err(), "a group of a VPC that is no peer yet");
    assert_eq!(met(&daemon, &network, &url), "silence", "nobody has accepted");
    other.ec2("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &peering)]).unwrap();
    admit("443").unwrap();
    assert_eq!(met(&daemon, &network, &url), "silence", "there is no way back");
    other.ec2("CreateRoute", &over(&table, "10.77.0.0/16", &peering)).unwrap();
    assert_eq!(met(&daemon, &network, &url), "answer");
    let event = daemon.events().pop().unwrap();
    assert_eq!(event["path"]["endpoint"], endpoint.as_str(), "{event}");

    assert_eq!(met(&daemon, &network, &at), "silence", "the groups do not say so");
    admit("8080").unwrap();
    assert_eq!(met(&daemon, &network, &at), "refusal", "the program's system is reached");

    // Its gateway endpoint is no way to S3 from here, and neither is its resolver one to names.
    daemon.ec2("CreateRoute", &over(own, "198.18.0.0/15", &peering)).unwrap();
    assert_eq!(met(&daemon, &network, "https://s3.us-east-1.amazonaws.com/"), "silence");
    assert_eq!(met(&daemon, &network, "http://10.88.0.2:53/"), "silence");

    daemon.ec2("DeleteVpcPeeringConnection", &[("VpcPeeringConnectionId", &peering)]).unwrap();
    assert_eq!(met(&daemon, &network, &url), "silence");
    assert_eq!(met(&daemon, &network, &at), "silence");
    neighbour.stdin.take().unwrap().write_all(b"\n").unwrap();
    neighbour.wait().unwrap();
}
