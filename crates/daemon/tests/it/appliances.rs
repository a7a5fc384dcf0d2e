//! Routes to parts of a VPC: what leaves a subnet gets to another by way of an instance that forwards.

use std::process::Command;

use crate::harness::{Daemon, Network, TIMED_OUT, need_root};
use crate::interfaces::{ask, interface_of, server};
use crate::settings::interface_endpoint;

/// An instance that may forward.
pub(crate) struct Appliance {
    pub(crate) instance: String,
    pub(crate) interface: String,
    /// A process in its namespace.
    pid: String,
}

impl Appliance {
    /// One in a subnet of its own, whose address is 10.77.3.50.
    pub(crate) fn build(daemon: &Daemon, network: &Network) -> Self {
        let subnet = [("VpcId", network.vpc.as_str()), ("CidrBlock", "10.77.3.0/24")];
        let subnet = daemon.make("CreateSubnet", &subnet, "subnetId");
        let place = [
            ("SubnetId", subnet.as_str()),
            ("SecurityGroupId.1", network.group.as_str()),
            ("PrivateIpAddress", "10.77.3.50"),
        ];
        Self::at(daemon, &place)
    }

    pub(crate) fn at(daemon: &Daemon, place: &[(&str, &str)]) -> Self {
        let instance = server(daemon, place);
        let interface = interface_of(daemon, &instance);
        let shim = std::fs::read_to_string(daemon.state().join("instances").join(&instance).join("pid")).unwrap();
        let shim = shim.trim();
        let children = std::fs::read_to_string(format!("/proc/{shim}/task/{shim}/children")).unwrap();
        let pid = children.split_whitespace().next().unwrap().to_owned();
        Self { instance, interface, pid }
    }

    /// What a line of the shell prints with the instance's network, as its root.
    pub(crate) fn does(&self, line: &str) -> String {
        let output = Command::new("nsenter").args(["-t", &self.pid, "-n", "sh", "-c", line]).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn forwards(&self, on: bool) {
        let number = u8::from(on);
        self.does(&format!("cd /proc/sys/net/ipv4; echo 0 > conf/eth0/send_redirects; echo {number} > ip_forward"));
    }

    /// How many packets it has forwarded.
    pub(crate) fn forwarded(&self) -> u64 {
        let counters = self.does("grep ^Ip: /proc/net/snmp");
        let lines: Vec<Vec<&str>> = counters.lines().map(|line| line.split_whitespace().collect()).collect();
        let at = lines[0].iter().position(|name| *name == "ForwDatagrams").unwrap();
        lines[1][at].parse().unwrap()
    }

    pub(crate) fn checks(&self, daemon: &Daemon, on: bool) {
        let on = on.to_string();
        let wanted = [("NetworkInterfaceId", self.interface.as_str()), ("SourceDestCheck.Value", &on)];
        daemon.ec2("ModifyNetworkInterfaceAttribute", &wanted).unwrap();
    }

    /// Does something to the route of a table to a block, which leads to this instance.
    pub(crate) fn route(&self, daemon: &Daemon, action: &str, table: &str, block: &str) {
        let route =
            [("RouteTableId", table), ("DestinationCidrBlock", block), ("NetworkInterfaceId", self.interface.as_str())];
        daemon.ec2(action, &route).unwrap();
    }
}

pub(crate) fn delete_route(daemon: &Daemon, table: &str, block: &str) {
    daemon.ec2("DeleteRoute", &[("RouteTableId", table), ("DestinationCidrBlock", block)]).unwrap();
}

/// The parameters of an interface of a server.
fn place<'a>(network: &'a Network, subnet: usize, address: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("SubnetId", network.subnets[subnet].as_str()),
        ("SecurityGroupId.1", network.group.as_str()),
        ("PrivateIpAddress", address),
    ]
}

// enforces: ec2:CreateRoute, ec2:DeleteRoute, ec2:ReplaceRoute (positive)
// enforces: ec2:CreateRoute, ec2:ReplaceRoute (negative)
#[test]
fn a_program_reaches_another_subnet_only_by_way_of_the_instance_that_its_route_names() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let [answering, asking] = [network.tables[0].as_str(), network.tables[1].as_str()];
    let (there, near) = ("10.77.1.50", "10.77.2.50");
    server(&daemon, &place(&network, 0, there));
    server(&daemon, &place(&network, 1, near));
    let appliance = Appliance::build(&daemon, &network);
    let ask = |address| ask(&daemon, &network, address, 0);
    for address in [there, near, "10.77.3.50"] {
        assert_eq!(crate::interfaces::ask(&daemon, &network, address, 10), 0, "{address}: {}", daemon.log());
    }

    appliance.route(&daemon, "CreateRoute", asking, "10.77.1.0/24");
    appliance.forwards(true);
    assert_eq!(ask(there), TIMED_OUT, "it checks addresses");
    appliance.checks(&daemon, false);
    appliance.forwards(false);
    assert_eq!(ask(there), TIMED_OUT, "it does not forward");
    appliance.forwards(true);
    let before = appliance.forwarded();
    assert_eq!(ask(there), 0, "{}", daemon.log());
    let one_way = appliance.forwarded() - before;
    assert!(one_way > 2, "{one_way}");
    assert_eq!(ask(near), 0, "what stays in the subnet is not routed");
    assert_eq!(appliance.forwarded() - before, one_way);

    // The answers go by the table of who answers.
    appliance.route(&daemon, "CreateRoute", answering, "10.77.2.0/24");
    let before = appliance.forwarded();
    assert_eq!(ask(there), 0, "{}", daemon.log());
    let both_ways = appliance.forwarded() - before;
    assert!(both_ways > one_way + 2, "{both_ways} and {one_way}");
    appliance.checks(&daemon, true);
    assert_eq!(ask(there), TIMED_OUT);

    // The answers alone.
    delete_route(&daemon, asking, "10.77.1.0/24");
    assert_eq!(ask(there), TIMED_OUT, "the answers are lost");
    appliance.checks(&daemon, false);
    let before = appliance.forwarded();
    assert_eq!(ask(there), 0, "{}", daemon.log());
    assert!(appliance.forwarded() > before + 2);
    delete_route(&daemon, answering, "10.77.2.0/24");
    let before = appliance.forwarded();
    assert_eq!(ask(there), 0, "the local route holds again");
    assert_eq!(appliance.forwarded(), before);

    // The local route itself.
    appliance.route(&daemon, "ReplaceRoute", asking, "10.77.0.0/16");
    let before = appliance.forwarded();
    assert_eq!(ask(there), 0, "{}", daemon.log());
    assert!(appliance.forwarded() > before + 2);
    appliance.forwards(false);
    assert_eq!((ask(there), ask(near), ask("10.77.3.50")), (TIMED_OUT, 0, 0), "its own address it takes");
    let restored = [("RouteTableId", asking), ("DestinationCidrBlock", "10.77.0.0/16"), ("LocalTarget", "true")];
    daemon.ec2("ReplaceRoute", &restored).unwrap();
    assert_eq!(ask(there), 0, "{}", daemon.log());

    // A route to what is gone takes its packets all the same.
    appliance.route(&daemon, "CreateRoute", asking, "10.77.1.0/24");
    daemon.ec2("TerminateInstances", &[("InstanceId.1", &appliance.instance)]).unwrap();
    crate::interfaces::until(&daemon, &appliance.instance, "terminated");
    let described = daemon.ec2("DescribeRouteTables", &[("RouteTableId.1", asking)]).unwrap();
    assert!(described.contains("<state>blackhole</state>"), "{described}");
    assert_eq!(ask(there), TIMED_OUT);
    delete_route(&daemon, asking, "10.77.1.0/24");
    assert_eq!(ask(there), 0);
}

// enforces: ec2:CreateRoute (positive)
// enforces: ec2:CreateRoute (negative)
#[test]
fn an_interface_endpoint_is_asked_and_answers_by_way_of_an_instance_where_routes_say_so() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    interface_endpoint(&daemon, &network, "secretsmanager", &[("PrivateDnsEnabled", "true")]);
    let ask = || {
        let line = "curl -s -o /dev/null --connect-timeout 2 -m 10 https://secretsmanager.us-east-1.amazonaws.com/";
        let mut command = daemon.exec(&network.subnets[1], &[&network.group], &["sh", "-c", line]);
        command.output().unwrap().status.code().unwrap()
    };
    let appliance = Appliance::build(&daemon, &network);
    appliance.forwards(true);
    assert_eq!(ask(), 0, "{}", daemon.log());
    appliance.route(&daemon, "CreateRoute", &network.tables[1], "10.77.1.0/24");
    assert_eq!(ask(), TIMED_OUT, "it checks addresses");
    appliance.checks(&daemon, false);
    let before = appliance.forwarded();
    assert_eq!(ask(), 0, "{}", daemon.log());
    let one_way = appliance.forwarded() - before;
    assert!(one_way > 2, "{one_way}");
    appliance.route(&daemon, "CreateRoute", &network.tables[0], "10.77.2.0/24");
    let before = appliance.forwarded();
    assert_eq!(ask(), 0, "{}", daemon.log());
    let both_ways = appliance.forwarded() - before;
    assert!(both_ways > one_way + 2, "{both_ways} and {one_way}");
    delete_route(&daemon, &network.tables[1], "10.77.1.0/24");
    let before = appliance.forwarded();
    assert_eq!(ask(), 0, "the answers alone: {}", daemon.log());
    assert!(appliance.forwarded() > before + 2);
    appliance.checks(&daemon, true);
    assert_eq!(ask(), TIMED_OUT, "the answers are lost");
}
