//! Public addresses, by what programs reach with them and who reaches programs by them.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use crate::harness::{Daemon, Network, TIMED_OUT, need_root, text};

/// A service that no endpoint leads to.
const STS: &str = "https://sts.us-east-1.amazonaws.com/";

/// A program that lives in a subnet, and carries out what it is told, a line of the shell at a time. Nobody listens where
/// it is: who reaches it is refused.
struct Host {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    interface: String,
    address: String,
}

impl Host {
    fn start(daemon: &Daemon, subnet: &str, group: &str) -> Self {
        let script = r#"hostname -I; while read -r line; do sh -c "$line" 2>/dev/null | tr '\n' ' '; echo; done"#;
        let mut command = daemon.exec(subnet, &[group], &["sh", "-c", script]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.next().unwrap().unwrap().trim().to_owned();
        let at = [("Filter.1.Name", "private-ip-address"), ("Filter.1.Value.1", address.as_str())];
        let interface = daemon.make("DescribeNetworkInterfaces", &at, "networkInterfaceId");
        Self { child, input, lines, interface, address }
    }

    fn does(&mut self, line: &str) -> String {
        writeln!(self.input, "{line}").unwrap();
        self.lines.next().unwrap().unwrap().trim().to_owned()
    }

    /// The source by which STS saw a request, as policies see it in `aws:SourceIp`; `None` if there was silence.
    fn seen(&mut self, daemon: &Daemon) -> Option<String> {
        let status = self.does(&format!("curl -sS -o /dev/null --connect-timeout 1.5 -m 20 -w '%{{http_code}}' {STS}"));
        if status == "000" {
            return None;
        }
        let event = daemon.events().pop().unwrap();
        assert_eq!(event["service"], "sts", "{event}");
        Some(event["path"]["source"].as_str().unwrap_or_else(|| panic!("{event}")).to_owned())
    }

    /// What its interface shows of its public address.
    fn shown(&self, daemon: &Daemon, element: &str) -> Option<String> {
        let own = [("NetworkInterfaceId.1", self.interface.as_str())];
        let shown = daemon.ec2("DescribeNetworkInterfaces", &own).unwrap();
        text(&shown, element).map(str::to_owned)
    }

    fn ends(self) {
        let Self { mut child, input, .. } = self;
        drop(input);
        child.wait().unwrap();
    }
}

/// What becomes of a connection from the internet to a port where nobody listens: who is reached refuses it. An address
/// that is nobody's is in a black hole there, of which the client's own system tells at once.
fn met(daemon: &Daemon, address: &str) -> &'static str {
    let ask = format!("curl -sv -o /dev/null --connect-timeout 1.5 http://{address}:8080/");
    let output = daemon.command("exec").args(["--internet", "--", "sh", "-c", &ask]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(7) if said.contains("Connection refused") => "refusal",
        Some(7) if said.contains("Invalid argument") => "silence",
        Some(TIMED_OUT) => "silence",
        other => panic!("curl ended with {other:?}: {said}"),
    }
}

fn map_public(daemon: &Daemon, subnet: &str) {
    daemon.ec2("ModifySubnetAttribute", &[("SubnetId", subnet), ("MapPublicIpOnLaunch.Value", "true")]).unwrap();
}

/// Lets everyone in on port 8080.
fn admit(daemon: &Daemon, group: &str) {
    let rule = [
        ("GroupId", group),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "8080"),
        ("IpPermissions.1.ToPort", "8080"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
    ];
    daemon.ec2("AuthorizeSecurityGroupIngress", &rule).unwrap();
}

pub(crate) fn attach(daemon: &Daemon, vpc: &str) -> String {
    let gateway = daemon.make("CreateInternetGateway", &[], "internetGatewayId");
    daemon.ec2("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", vpc)]).unwrap();
    gateway
}

/// Routes everything to a gateway, which `kind` is the parameter of.
pub(crate) fn route(daemon: &Daemon, table: &str, kind: &str, gateway: &str) {
    let wanted = [("RouteTableId", table), ("DestinationCidrBlock", "0.0.0.0/0"), (kind, gateway)];
    daemon.ec2("CreateRoute", &wanted).unwrap();
}

pub(crate) fn allocated(daemon: &Daemon) -> (String, String) {
    let made = daemon.ec2("AllocateAddress", &[]).unwrap();
    (text(&made, "allocationId").unwrap().to_owned(), text(&made, "publicIp").unwrap().to_owned())
}

pub(crate) fn associated(daemon: &Daemon, allocation: &str, interface: &str) -> String {
    let wanted = [("AllocationId", allocation), ("NetworkInterfaceId", interface)];
    daemon.make("AssociateAddress", &wanted, "associationId")
}

// enforces: ec2:AttachInternetGateway (positive)
// enforces: ec2:AttachInternetGateway (negative)
#[test]
fn a_program_in_a_public_subnet_goes_out_by_its_automatic_address_and_is_reached_by_it() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let [public, other] = &network.subnets;
    map_public(&daemon, public);
    let mut host = Host::start(&daemon, public, &network.group);
    let address = host.shown(&daemon, "publicIp").unwrap();
    assert_eq!(host.shown(&daemon, "ipOwnerId").as_deref(), Some("amazon"));
    assert!(address.starts_with("198.18."), "{address}");
    admit(&daemon, &network.group);
    assert_eq!(host.seen(&daemon), None, "there is no gateway");
    assert_eq!(met(&daemon, &address), "silence");
    let gateway = attach(&daemon, &network.vpc);
    assert_eq!(host.seen(&daemon), None, "no route leads there");
    assert_eq!(met(&daemon, &address), "silence");
    for table in &network.tables {
        route(&daemon, table, "GatewayId", &gateway);
    }
    assert_eq!(host.seen(&daemon), Some(address.clone()));
    assert_eq!(met(&daemon, &address), "refusal");
    // Between the addresses of services is nobody.
    let nobody = host.does("curl -sS -o /dev/null --connect-timeout 1.5 https://198.18.0.77/ || echo $?");
    assert_eq!(nobody, TIMED_OUT.to_string());
    let told = host.does(
        "token=$(curl -sS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token); \
         curl -sS -H \"X-aws-ec2-metadata-token: $token\" http://169.254.169.254/latest/meta-data/public-ipv4",
    );
    assert_eq!(told, address);
    // Beside it, what has no public address has no way out.
    let mut hidden = Host::start(&daemon, other, &network.group);
    assert_eq!((hidden.shown(&daemon, "publicIp"), hidden.seen(&daemon)), (None, None));
    hidden.ends();
    // The groups are asked of what comes in.
    let closed = Host::start(&daemon, public, &default_group(&daemon, &network.vpc));
    let at = closed.shown(&daemon, "publicIp").unwrap();
    assert_ne!(at, address);
    assert_eq!(met(&daemon, &at), "silence");
    closed.ends();
    host.ends();
    assert_eq!(met(&daemon, &address), "silence", "nobody has it any more");
}

fn default_group(daemon: &Daemon, vpc: &str) -> String {
    let wanted = [
        ("Filter.1.Name", "vpc-id"),
        ("Filter.1.Value.1", vpc),
        ("Filter.2.Name", "group-name"),
        ("Filter.2.Value.1", "default"),
    ];
    daemon.make("DescribeSecurityGroups", &wanted, "groupId")
}

// enforces: ec2:AssociateAddress, ec2:DisassociateAddress (positive)
// enforces: ec2:AssociateAddress, ec2:DisassociateAddress (negative)
#[test]
fn an_elastic_address_leads_out_and_in_while_it_is_associated_and_then_elsewhere() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let subnet = &network.subnets[0];
    admit(&daemon, &network.group);
    let gateway = attach(&daemon, &network.vpc);
    route(&daemon, &network.tables[0], "GatewayId", &gateway);
    let [mut one, mut two] = [(); 2].map(|()| Host::start(&daemon, subnet, &network.group));
    let (allocation, public) = allocated(&daemon);
    assert_eq!((one.seen(&daemon), met(&daemon, &public)), (None, "silence"), "it is nobody's yet");
    let association = associated(&daemon, &allocation, &one.interface);
    assert_eq!((one.seen(&daemon), met(&daemon, &public)), (Some(public.clone()), "refusal"));
    assert_eq!(two.seen(&daemon), None);
    daemon.ec2("DisassociateAddress", &[("AssociationId", &association)]).unwrap();
    assert_eq!((one.seen(&daemon), met(&daemon, &public)), (None, "silence"));
    // It is free for the other one, whose automatic address it replaces for as long as it is there.
    let wanted = [
        ("AllocationId", allocation.as_str()),
        ("NetworkInterfaceId", &two.interface),
        ("AllowReassociation", "false"),
    ];
    let association = daemon.make("AssociateAddress", &wanted, "associationId");
    assert_eq!((two.seen(&daemon), met(&daemon, &public)), (Some(public.clone()), "refusal"));
    assert_eq!(one.seen(&daemon), None);
    map_public(&daemon, subnet);
    let mut third = Host::start(&daemon, subnet, &network.group);
    let automatic = third.shown(&daemon, "publicIp").unwrap();
    assert_eq!(third.seen(&daemon), Some(automatic.clone()));
    let moved = associated(&daemon, &allocation, &third.interface);
    assert_ne!(moved, association);
    assert_eq!((third.seen(&daemon), met(&daemon, &automatic)), (Some(public.clone()), "silence"));
    daemon.ec2("DisassociateAddress", &[("AssociationId", &moved)]).unwrap();
    let again = third.shown(&daemon, "publicIp").unwrap();
    assert!(again != automatic && again != public, "{again}");
    assert_eq!((third.seen(&daemon), met(&daemon, &again)), (Some(again.clone()), "refusal"));
    [one, two, third].into_iter().for_each(Host::ends);
}

// enforces: ec2:CreateNatGateway, ec2:DeleteNatGateway, ec2:DetachInternetGateway (positive)
// enforces: ec2:CreateNatGateway, ec2:DeleteNatGateway, ec2:DetachInternetGateway (negative)
// enforces: ec2:DeleteRoute (negative)
#[test]
fn a_nat_gateway_leads_out_and_nothing_in_and_gateways_that_go_leave_their_place_to_others() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let [public, private] = &network.subnets;
    admit(&daemon, &network.group);
    let gateway = attach(&daemon, &network.vpc);
    route(&daemon, &network.tables[0], "GatewayId", &gateway);
    let mut host = Host::start(&daemon, private, &network.group);
    assert_eq!(host.seen(&daemon), None);
    let (allocation, address) = allocated(&daemon);
    let nat = daemon.make("CreateNatGateway", &[("SubnetId", public), ("AllocationId", &allocation)], "natGatewayId");
    assert_eq!(host.seen(&daemon), None, "no route leads there");
    route(&daemon, &network.tables[1], "NatGatewayId", &nat);
    assert_eq!(host.seen(&daemon), Some(address.clone()));
    assert_eq!(met(&daemon, &address), "silence", "nothing comes in by it");
    let routed = [("RouteTableId", network.tables[1].as_str()), ("DestinationCidrBlock", "0.0.0.0/0")];
    daemon.ec2("DeleteRoute", &routed).unwrap();
    assert_eq!(host.seen(&daemon), None, "the route is gone");
    route(&daemon, &network.tables[1], "NatGatewayId", &nat);
    assert_eq!(host.seen(&daemon), Some(address.clone()));
    let mut other = Host::start(&daemon, public, &network.group);
    let taken = [("AllocationId", allocation.as_str()), ("NetworkInterfaceId", &other.interface)];
    assert!(daemon.ec2("AssociateAddress", &taken).is_err(), "the gateway's address is not the account's to move");

    daemon.ec2("DeleteNatGateway", &[("NatGatewayId", &nat)]).unwrap();
    assert_eq!((host.seen(&daemon), other.seen(&daemon)), (None, None));
    let association = associated(&daemon, &allocation, &other.interface);
    assert_eq!((other.seen(&daemon), met(&daemon, &address)), (Some(address.clone()), "refusal"));

    let detach = [("InternetGatewayId", gateway.as_str()), ("VpcId", &network.vpc)];
    assert!(daemon.ec2("DetachInternetGateway", &detach).is_err(), "an address is mapped");
    daemon.ec2("DisassociateAddress", &[("AssociationId", &association)]).unwrap();
    daemon.ec2("DetachInternetGateway", &detach).unwrap();
    assert_eq!((other.seen(&daemon), met(&daemon, &address)), (None, "silence"));

    // Another VPC may have the gateway now.
    let vpc = daemon.make("CreateVpc", &[("CidrBlock", "10.78.0.0/16")], "vpcId");
    let subnet = daemon.make("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.78.1.0/24")], "subnetId");
    map_public(&daemon, &subnet);
    daemon.ec2("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]).unwrap();
    let of_vpc = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc.as_str())];
    route(&daemon, &daemon.make("DescribeRouteTables", &of_vpc, "routeTableId"), "GatewayId", &gateway);
    let mut far = Host::start(&daemon, &subnet, &default_group(&daemon, &vpc));
    let seen = far.seen(&daemon);
    assert!(seen.is_some() && seen == far.shown(&daemon, "publicIp"), "{seen:?}");
    [host, other, far].into_iter().for_each(Host::ends);
}

/// The first address of a name, as a program's own system finds it; empty if there is none.
fn found(name: &str) -> String {
    format!("getent ahostsv4 {name} | head -n 1 | cut -d' ' -f1")
}

// enforces: ec2:ModifyVpcPeeringConnectionOptions (positive)
// enforces: ec2:ModifyVpcPeeringConnectionOptions (negative)
#[test]
fn a_public_name_leads_to_the_private_address_at_home_and_to_peers_that_may_see_it_and_else_to_the_public_one() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    map_public(&daemon, &network.subnets[0]);
    let mut host = Host::start(&daemon, &network.subnets[0], &network.group);
    let (public, name) = (host.shown(&daemon, "publicIp").unwrap(), host.shown(&daemon, "publicDnsName").unwrap());
    assert_eq!(name, format!("ec2-{}.compute-1.amazonaws.com", public.replace('.', "-")));
    let private = host.address.clone();
    assert_eq!(host.does(&found(&name)), private);
    let outside = |name: &str| {
        let mut command = daemon.command("exec");
        let output = command.args(["--internet", "--", "sh", "-c", &found(name)]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    assert_eq!(outside(&name), public);

    let vpc = daemon.make("CreateVpc", &[("CidrBlock", "10.78.0.0/16")], "vpcId");
    daemon.ec2("ModifyVpcAttribute", &[("VpcId", &vpc), ("EnableDnsHostnames.Value", "true")]).unwrap();
    let subnet = daemon.make("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.78.1.0/24")], "subnetId");
    let mut peer = Host::start(&daemon, &subnet, &default_group(&daemon, &vpc));
    let ask = [("VpcId", vpc.as_str()), ("PeerVpcId", &network.vpc)];
    let peering = daemon.make("CreateVpcPeeringConnection", &ask, "vpcPeeringConnectionId");
    daemon.ec2("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &peering)]).unwrap();
    assert_eq!(peer.does(&found(&name)), public);
    let allow = |side: &str, on: &str| {
        let option = format!("{side}PeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc");
        let wanted = [("VpcPeeringConnectionId", peering.as_str()), (option.as_str(), on)];
        daemon.ec2("ModifyVpcPeeringConnectionOptions", &wanted).unwrap();
    };
    allow("Requester", "true");
    assert_eq!(peer.does(&found(&name)), public, "this side's names are not asked for");
    allow("Accepter", "true");
    assert_eq!(peer.does(&found(&name)), private);
    assert_eq!(outside(&name), public);
    allow("Accepter", "false");
    assert_eq!(peer.does(&found(&name)), public);

    daemon.ec2("ModifyVpcAttribute", &[("VpcId", &network.vpc), ("EnableDnsHostnames.Value", "false")]).unwrap();
    assert_eq!(host.shown(&daemon, "publicDnsName").unwrap_or_default(), "");
    assert_eq!((host.does(&found(&name)), outside(&name)), (String::new(), String::new()));
    [host, peer].into_iter().for_each(Host::ends);
}
