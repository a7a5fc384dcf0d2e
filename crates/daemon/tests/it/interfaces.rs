//! Network interfaces and the power of instances, by what they do to packets.

use std::time::{Duration, Instant};

use base64::Engine as _;

use crate::harness::{Daemon, Network, TIMED_OUT, need_root, text, texts};

/// The parameters of an interface in one of the network's subnets, with the group of its programs.
fn place<'a>(network: &'a Network, subnet: usize, address: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("SubnetId", network.subnets[subnet].as_str()),
        ("SecurityGroupId.1", network.group.as_str()),
        ("PrivateIpAddress", address),
    ]
}

/// Launches an instance that serves on port 8000 of all its addresses: its id.
pub(crate) fn server(daemon: &Daemon, more: &[(&str, &str)]) -> String {
    let serve =
        "#!/bin/sh\necho kept > /etc/was-here\nexec /usr/bin/python3 -m http.server 8000 --directory /etc/ssl\n";
    let serve = base64::engine::general_purpose::STANDARD.encode(serve);
    let base = [
        ("ImageId", "ami-51de6a7e"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("InstanceType", "t3.small"),
        ("UserData", serve.as_str()),
    ];
    let id = daemon.make("RunInstances", &[&base, more].concat(), "instanceId");
    until(daemon, &id, "running");
    id
}

/// Waits until an instance is in a state.
pub(crate) fn until(daemon: &Daemon, id: &str, state: &str) {
    let limit = Instant::now() + Duration::from_secs(30);
    loop {
        let described = daemon.ec2("DescribeInstances", &[("InstanceId.1", id)]).unwrap();
        if described.contains(&format!("<name>{state}</name>")) {
            return;
        }
        assert!(Instant::now() < limit, "{id} is not {state}: {described}\n{}", daemon.log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What a script prints inside an instance.
pub(crate) fn inside(daemon: &Daemon, instance: &str, script: &str) -> String {
    let mut command = daemon.command("exec");
    command.arg(instance).args(["--", "sh", "-c", script]);
    texts(&command.output().unwrap()).0
}

pub(crate) fn interface_of(daemon: &Daemon, id: &str) -> String {
    let described = daemon.ec2("DescribeInstances", &[("InstanceId.1", id)]).unwrap();
    text(&described, "networkInterfaceId").unwrap().to_owned()
}

/// What a curl from the second subnet ends with. A server that is not there yet is waited for.
pub(crate) fn ask(daemon: &Daemon, network: &Network, address: &str, retries: u32) -> i32 {
    let script = format!(
        "curl -s -o /dev/null --connect-timeout 2 --retry {retries} --retry-delay 1 --retry-connrefused http://{address}:8000/"
    );
    let mut command = daemon.exec(&network.subnets[1], &[&network.group], &["sh", "-c", &script]);
    command.output().unwrap().status.code().unwrap()
}

// enforces: ec2:AssignPrivateIpAddresses (positive)
// enforces: ec2:AssignPrivateIpAddresses, ec2:UnassignPrivateIpAddresses (negative)
#[test]
fn a_secondary_address_is_reached_only_while_the_interface_has_it() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let instance = server(&daemon, &place(&network, 0, "10.77.1.50"));
    let interface = interface_of(&daemon, &instance);
    assert_eq!(ask(&daemon, &network, "10.77.1.50", 10), 0, "{}", daemon.log());
    assert_eq!(ask(&daemon, &network, "10.77.1.60", 0), TIMED_OUT, "nobody has it");
    let address = [("NetworkInterfaceId", interface.as_str()), ("PrivateIpAddress.1", "10.77.1.60")];
    daemon.ec2("AssignPrivateIpAddresses", &address).unwrap();
    assert_eq!(ask(&daemon, &network, "10.77.1.60", 0), 0, "{}", daemon.log());
    // It is the instance's own to send from as well, and has a name.
    let script = "ip -4 -o addr show dev eth0; getent ahostsv4 ip-10-77-1-60.ec2.internal";
    let said = inside(&daemon, &instance, script);
    assert!(said.contains("inet 10.77.1.50/24") && said.contains("inet 10.77.1.60/32"), "{said}");
    assert!(said.contains("10.77.1.60 "), "{said}");
    daemon.ec2("UnassignPrivateIpAddresses", &address).unwrap();
    assert_eq!(ask(&daemon, &network, "10.77.1.60", 0), TIMED_OUT);
    assert_eq!(ask(&daemon, &network, "10.77.1.50", 0), 0);
}

// enforces: ec2:ModifyInstanceMetadataOptions (positive)
// enforces: ec2:ModifyInstanceMetadataOptions (negative)
#[test]
fn an_instance_is_told_its_tags_and_anything_at_all_only_while_its_metadata_options_say_so() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let instance = server(&daemon, &place(&network, 0, "10.77.1.50"));
    let set = |option: &str, value: &str| {
        daemon.ec2("ModifyInstanceMetadataOptions", &[("InstanceId", &instance), (option, value)]).unwrap();
    };
    let tag = |value: &str| {
        daemon
            .ec2("CreateTags", &[("ResourceId.1", &instance), ("Tag.1.Key", "team"), ("Tag.1.Value", value)])
            .unwrap();
    };
    let told = || {
        let script = "at=http://169.254.169.254/latest; \
             t=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $at/api/token); \
             curl -s -w ' %{http_code}' -H \"X-aws-ec2-metadata-token: $t\" $at/meta-data/tags/instance/team";
        inside(&daemon, &instance, script)
    };
    tag("blue");
    assert!(told().ends_with(" 404"), "{}", told());
    set("InstanceMetadataTags", "enabled");
    assert_eq!(told(), "blue 200");
    tag("green");
    assert_eq!(told(), "green 200");
    set("HttpEndpoint", "disabled");
    assert!(told().ends_with(" 403"), "{}", told());
    set("HttpEndpoint", "enabled");
    assert_eq!(told(), "green 200");
}

// enforces: ec2:ModifyInstanceAttribute, ec2:ModifyNetworkInterfaceAttribute (positive)
// enforces: ec2:ModifyInstanceAttribute, ec2:ResetNetworkInterfaceAttribute (negative)
#[test]
fn a_route_leads_to_an_instance_only_while_it_checks_no_addresses() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let instance = server(&daemon, &place(&network, 0, "10.77.1.50"));
    let interface = interface_of(&daemon, &instance);
    assert_eq!(ask(&daemon, &network, "10.77.1.50", 10), 0, "{}", daemon.log());
    // An address of elsewhere behind the instance, as an appliance has it.
    let shim = std::fs::read_to_string(daemon.state().join("instances").join(&instance).join("pid")).unwrap();
    let shim = shim.trim();
    let children = std::fs::read_to_string(format!("/proc/{shim}/task/{shim}/children")).unwrap();
    let added = std::process::Command::new("nsenter")
        .args([
            "-t",
            children.split_whitespace().next().unwrap(),
            "-n",
            "ip",
            "addr",
            "add",
            "192.0.2.9/32",
            "dev",
            "lo",
        ])
        .status()
        .unwrap();
    assert!(added.success());
    let route = [
        ("RouteTableId", network.tables[1].as_str()),
        ("DestinationCidrBlock", "192.0.2.0/24"),
        ("NetworkInterfaceId", interface.as_str()),
    ];
    daemon.ec2("CreateRoute", &route).unwrap();
    let there = || ask(&daemon, &network, "192.0.2.9", 0);
    assert_eq!(there(), TIMED_OUT, "the check is on");
    let check = |on: &str| {
        let wanted = [("InstanceId", instance.as_str()), ("SourceDestCheck.Value", on)];
        daemon.ec2("ModifyInstanceAttribute", &wanted).unwrap();
    };
    check("false");
    assert_eq!(there(), 0, "{}", daemon.log());
    check("true");
    assert_eq!(there(), TIMED_OUT);
    let wanted = [("NetworkInterfaceId", interface.as_str()), ("SourceDestCheck.Value", "false")];
    daemon.ec2("ModifyNetworkInterfaceAttribute", &wanted).unwrap();
    assert_eq!(there(), 0, "{}", daemon.log());
    let wanted = [("NetworkInterfaceId", interface.as_str()), ("SourceDestCheck", "")];
    daemon.ec2("ResetNetworkInterfaceAttribute", &wanted).unwrap();
    assert_eq!(there(), TIMED_OUT);
}

// enforces: ec2:CreateNetworkInterface (positive)
// enforces: ec2:StartInstances, ec2:RebootInstances (positive)
// enforces: ec2:StopInstances, ec2:RebootInstances (negative)
#[test]
fn an_instance_is_silent_while_it_is_stopped_and_keeps_its_interface_and_files() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let wanted = place(&network, 0, "10.77.1.70");
    let interface = daemon.make("CreateNetworkInterface", &wanted, "networkInterfaceId");
    assert_eq!(ask(&daemon, &network, "10.77.1.70", 0), TIMED_OUT, "nothing is behind it");
    let launch = |daemon: &Daemon| {
        let first = [("NetworkInterface.1.DeviceIndex", "0"), ("NetworkInterface.1.NetworkInterfaceId", &*interface)];
        server(daemon, &first)
    };
    let instance = launch(&daemon);
    assert_eq!(ask(&daemon, &network, "10.77.1.70", 10), 0, "{}", daemon.log());
    daemon.ec2("StopInstances", &[("InstanceId.1", &instance)]).unwrap();
    until(&daemon, &instance, "stopped");
    assert_eq!(ask(&daemon, &network, "10.77.1.70", 0), TIMED_OUT);
    daemon.ec2("StartInstances", &[("InstanceId.1", &instance)]).unwrap();
    until(&daemon, &instance, "running");
    let inside = |script: &str| inside(&daemon, &instance, script);
    assert_eq!(inside("cat /etc/was-here"), "kept\n", "its files are there, and its user data did not run again");
    server(&daemon, &place(&network, 1, "10.77.2.80"));
    let out = "curl -s -o /dev/null -w '%{http_code}' --connect-timeout 2 --retry 10 --retry-delay 1 --retry-connrefused http://10.77.2.80:8000/";
    assert_eq!(inside(out), "200", "it sends from its address again");

    // A reboot ends what runs in it, and lets it run again.
    let marker = "touch /dev/shm/marker; ls /dev/shm/marker";
    assert_eq!(inside(marker), "/dev/shm/marker\n");
    daemon.ec2("RebootInstances", &[("InstanceId.1", &instance)]).unwrap();
    let limit = Instant::now() + Duration::from_secs(30);
    while inside("ls /dev/shm/marker 2>/dev/null || echo gone") != "gone\n" {
        assert!(Instant::now() < limit, "it did not reboot\n{}", daemon.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(inside(out), "200");

    daemon.ec2("TerminateInstances", &[("InstanceId.1", &instance)]).unwrap();
    until(&daemon, &instance, "terminated");
    assert_eq!(ask(&daemon, &network, "10.77.1.70", 0), TIMED_OUT);
    launch(&daemon);
    assert_eq!(ask(&daemon, &network, "10.77.1.70", 10), 0, "the next instance has the interface and its address");
}

// enforces: ec2:AttachNetworkInterface (positive)
// enforces: ec2:AttachNetworkInterface, ec2:DetachNetworkInterface (negative)
#[test]
fn a_second_interface_is_reached_only_while_an_instance_has_it_and_has_groups_of_its_own() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let closed = [("VpcId", network.vpc.as_str()), ("GroupName", "closed"), ("GroupDescription", "closed")];
    let closed = daemon.make("CreateSecurityGroup", &closed, "groupId");
    let first = [("SubnetId", network.subnets[0].as_str()), ("SecurityGroupId.1", closed.as_str())];
    let instance = server(&daemon, &first);
    let wanted = place(&network, 0, "10.77.1.90");
    let second = daemon.make("CreateNetworkInterface", &wanted, "networkInterfaceId");
    assert_eq!(ask(&daemon, &network, "10.77.1.90", 0), TIMED_OUT, "nothing is behind it");
    let attach = || {
        let wanted = [("NetworkInterfaceId", second.as_str()), ("InstanceId", &*instance), ("DeviceIndex", "1")];
        daemon.make("AttachNetworkInterface", &wanted, "attachmentId")
    };
    let attachment = attach();
    // The first interface's group admits nobody: what is answered comes over the second, both ways.
    assert_eq!(ask(&daemon, &network, "10.77.1.90", 10), 0, "{}", daemon.log());
    daemon.ec2("DetachNetworkInterface", &[("AttachmentId", &attachment)]).unwrap();
    assert_eq!(ask(&daemon, &network, "10.77.1.90", 0), TIMED_OUT);

    // An instance that starts again has both.
    attach();
    daemon.ec2("StopInstances", &[("InstanceId.1", &instance)]).unwrap();
    until(&daemon, &instance, "stopped");
    daemon.ec2("StartInstances", &[("InstanceId.1", &instance)]).unwrap();
    until(&daemon, &instance, "running");
    let script = "ip -4 -o addr show dev eth1; ip rule; ip route show table 101";
    let said = inside(&daemon, &instance, script);
    assert!(said.contains("inet 10.77.1.90/24") && said.contains("from 10.77.1.90 lookup 101"), "{said}");
    assert!(said.contains("default via 10.77.1.1 dev eth1"), "{said}");
}
