//! Settings of VPCs, routes and interfaces, by what they do to packets and names.

use crate::harness::{Daemon, Network, TIMED_OUT, need_root, text, texts};

/// What a curl to S3 ends with; an anonymous request is answered, and that is enough.
fn s3(daemon: &Daemon, network: &Network, subnet: usize) -> i32 {
    let ask = "curl -sS -o /dev/null --connect-timeout 2 https://s3.us-east-1.amazonaws.com/";
    let mut command = daemon.exec(&network.subnets[subnet], &[&network.group], &["sh", "-c", ask]);
    command.output().unwrap().status.code().unwrap()
}

pub(crate) fn interface_endpoint(daemon: &Daemon, network: &Network, service: &str, more: &[(&str, &str)]) -> String {
    let service = format!("com.amazonaws.us-east-1.{service}");
    let mut wanted = vec![
        ("VpcId", network.vpc.as_str()),
        ("VpcEndpointType", "Interface"),
        ("ServiceName", service.as_str()),
        ("SubnetId.1", network.subnets[0].as_str()),
        ("SecurityGroupId.1", network.group.as_str()),
    ];
    wanted.extend(more);
    daemon.make("CreateVpcEndpoint", &wanted, "vpcEndpointId")
}

// enforces: ec2:DeleteRoute (positive)
// enforces: ec2:CreateRoute (negative)
#[test]
fn a_more_specific_route_of_the_users_own_wins_over_the_endpoint() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    network.open(&daemon);
    interface_endpoint(&daemon, &network, "sts", &[("PrivateDnsEnabled", "false")]);
    let target = daemon.make("DescribeNetworkInterfaces", &[], "networkInterfaceId");
    assert_eq!(s3(&daemon, &network, 0), 0);
    for block in ["198.18.0.16/32", "198.18.4.16/32"] {
        let route = [
            ("RouteTableId", network.tables[0].as_str()),
            ("DestinationCidrBlock", block),
            ("NetworkInterfaceId", target.as_str()),
        ];
        daemon.ec2("CreateRoute", &route).unwrap();
    }
    assert_eq!(s3(&daemon, &network, 0), TIMED_OUT, "both of S3's addresses lead elsewhere now");
    let gone = [("RouteTableId", network.tables[0].as_str()), ("DestinationCidrBlock", "198.18.0.16/32")];
    daemon.ec2("DeleteRoute", &gone).unwrap();
    let gone = [("RouteTableId", network.tables[0].as_str()), ("DestinationCidrBlock", "198.18.4.16/32")];
    daemon.ec2("DeleteRoute", &gone).unwrap();
    assert_eq!(s3(&daemon, &network, 0), 0);
}

// enforces: ec2:ModifyVpcAttribute (positive)
// enforces: ec2:ModifyVpcAttribute (negative)
#[test]
fn without_dns_support_the_resolver_is_silent() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let resolve = |name: &str| {
        let script = format!("getent ahostsv4 {name} | head -n 1 | cut -d' ' -f1");
        daemon.inside(&network.subnets[0], &[&network.group], &["sh", "-c", &script]).trim().to_owned()
    };
    assert!(resolve("s3.us-east-1.amazonaws.com").starts_with("198.18."));
    daemon.ec2("ModifyVpcAttribute", &[("VpcId", &network.vpc), ("EnableDnsSupport.Value", "false")]).unwrap();
    // The resolver's address takes no query: with one attempt of one second, the lookup fails.
    let script = "RES_OPTIONS='timeout:1 attempts:1' getent ahostsv4 s3.us-east-1.amazonaws.com || echo none";
    let answer = daemon.inside(&network.subnets[0], &[&network.group], &["sh", "-c", script]);
    assert_eq!(answer.trim(), "none");
    daemon.ec2("ModifyVpcAttribute", &[("VpcId", &network.vpc), ("EnableDnsSupport.Value", "true")]).unwrap();
    assert!(resolve("s3.us-east-1.amazonaws.com").starts_with("198.18."));
}

// enforces: sts:GetCallerIdentity (positive)
// enforces: sts:GetCallerIdentity (negative)
#[test]
fn an_interface_endpoint_captures_its_private_name_in_the_whole_vpc_and_has_its_policy() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let endpoint = interface_endpoint(&daemon, &network, "sts", &[("PrivateDnsEnabled", "true")]);
    let aws = crate::harness::tool("aws");
    let aws = aws.to_str().unwrap();
    let who = |subnet: usize| {
        let program = [aws, "sts", "get-caller-identity", "--output", "text", "--query", "Arn"];
        let output = daemon.exec(&network.subnets[subnet], &[&network.group], &program).output().unwrap();
        let (out, err) = texts(&output);
        format!("{out}{err}")
    };
    // The second subnet's zone has no interface of the endpoint: its programs use the other zone's.
    assert_eq!(who(1).trim(), "arn:aws:iam::000000000000:root");
    let nobody = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*"}]}"#;
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("PolicyDocument", nobody)]).unwrap();
    assert!(who(0).contains("with an explicit deny in a VPC endpoint policy"), "{}", who(0));
}

#[test]
fn iam_and_organizations_are_reached_from_a_subnet_through_their_endpoints_alone() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let aws = crate::harness::tool("aws");
    let ask = |arguments: &str| {
        let program = format!("{} --cli-connect-timeout 2 {arguments}", aws.display());
        let program = ["sh", "-c", &program].map(str::to_owned);
        let mut command = daemon.exec(&network.subnets[0], &[&network.group], &program.each_ref().map(String::as_str));
        let (out, err) = texts(&command.env("AWS_MAX_ATTEMPTS", "1").output().unwrap());
        format!("{out}{err}")
    };
    assert!(ask("iam list-users").contains("Connect timeout"), "{}", ask("iam list-users"));
    let reads = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"iam:List*","Resource":"*"}]}"#;
    for (service, policy) in [("com.amazonaws.iam", reads), ("com.amazonaws.us-east-1.organizations", "")] {
        let subnet = ("SubnetId.1", network.subnets[0].as_str());
        let wanted =
            [("VpcId", network.vpc.as_str()), ("ServiceName", service), ("VpcEndpointType", "Interface"), subnet];
        let group = ("SecurityGroupId.1", network.group.as_str());
        let wanted = [&wanted[..], &[("PrivateDnsEnabled", "true"), group, ("PolicyDocument", policy)]].concat();
        let wanted: Vec<_> = wanted.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        daemon.ec2("CreateVpcEndpoint", &wanted).unwrap();
    }
    assert!(ask("iam list-users").contains(r#""Users": []"#), "{}", ask("iam list-users"));
    let denied = "because no VPC endpoint policy allows the iam:CreateUser action";
    assert!(ask("iam create-user --user-name ana").contains(denied), "{}", ask("iam create-user --user-name ana"));
    let none = "AWSOrganizationsNotInUseException";
    assert!(
        ask("organizations describe-organization").contains(none),
        "{}",
        ask("organizations describe-organization")
    );
}

// enforces: ec2:ModifyNetworkInterfaceAttribute (positive)
// enforces: ec2:ModifyNetworkInterfaceAttribute, ec2:RunInstances (negative)
// enforces: ec2:TerminateInstances (positive)
#[test]
fn an_instance_gets_other_groups_and_its_address_goes_to_the_next_one() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let closed = [("VpcId", network.vpc.as_str()), ("GroupName", "closed"), ("GroupDescription", "closed")];
    let closed = daemon.make("CreateSecurityGroup", &closed, "groupId");
    network.open(&daemon);
    let run = |group: &str| {
        use base64::Engine as _;
        let serve = "#!/bin/sh\nexec /usr/bin/python3 -m http.server 8000 --directory /etc/ssl\n";
        let serve = base64::engine::general_purpose::STANDARD.encode(serve);
        let wanted = [
            ("ImageId", "ami-51de6a7e"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", network.subnets[0].as_str()),
            ("SecurityGroupId.1", group),
            ("PrivateIpAddress", "10.77.1.50"),
            ("UserData", serve.as_str()),
        ];
        daemon.make("RunInstances", &wanted, "instanceId")
    };
    let first = run(&closed);
    let ask = |patience: &str| {
        let script = format!(
            "curl -s -o /dev/null --connect-timeout 2 --retry {patience} --retry-delay 1 --retry-connrefused http://10.77.1.50:8000/"
        );
        let mut command = daemon.exec(&network.subnets[1], &[&network.group], &["sh", "-c", &script]);
        command.output().unwrap().status.code().unwrap()
    };
    assert_eq!(ask("0"), TIMED_OUT, "the group admits nobody");
    let described = daemon.ec2("DescribeInstances", &[("InstanceId.1", &first)]).unwrap();
    let interface = text(&described, "networkInterfaceId").unwrap().to_owned();
    let groups = |group: &str| {
        let wanted = [("NetworkInterfaceId", interface.as_str()), ("SecurityGroupId.1", group)];
        daemon.ec2("ModifyNetworkInterfaceAttribute", &wanted).unwrap();
    };
    groups(&network.group);
    assert_eq!(ask("10"), 0, "{}", daemon.log());
    groups(&closed);
    assert_eq!(ask("0"), TIMED_OUT);

    daemon.ec2("TerminateInstances", &[("InstanceId.1", &first)]).unwrap();
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while daemon.ec2("DescribeNetworkInterfaces", &[]).unwrap().contains(&interface) {
        assert!(std::time::Instant::now() < limit, "the interface goes with its instance");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    run(&network.group);
    assert_eq!(ask("10"), 0, "the next owner of the address is reached, by its own groups");
}

// enforces: ec2:CreateDhcpOptions, ec2:AssociateDhcpOptions (positive)
// enforces: ec2:CreateDhcpOptions, ec2:AssociateDhcpOptions (negative)
#[test]
fn a_program_asks_the_name_servers_of_its_vpcs_dhcp_options() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let script = "cat /etc/resolv.conf; RES_OPTIONS='timeout:1 attempts:1' getent ahostsv4 s3.us-east-1.amazonaws.com";
    let ask = || daemon.inside(&network.subnets[0], &[&network.group], &["sh", "-c", &format!("{script} || true")]);
    let options = |servers: &str| {
        let wanted = [
            ("DhcpConfiguration.1.Key", "domain-name-servers"),
            ("DhcpConfiguration.1.Value.1", servers),
            ("DhcpConfiguration.2.Key", "domain-name"),
            ("DhcpConfiguration.2.Value.1", "corp.example"),
        ];
        let set = daemon.make("CreateDhcpOptions", &wanted, "dhcpOptionsId");
        daemon.ec2("AssociateDhcpOptions", &[("VpcId", &network.vpc), ("DhcpOptionsId", &set)]).unwrap();
    };
    assert!(ask().contains("198.18."));
    options("10.77.1.99");
    let said = ask();
    assert!(said.contains("nameserver 10.77.1.99\n") && said.contains("search corp.example\n"), "{said}");
    assert!(!said.contains("198.18."), "nobody answers there: {said}");
    options("AmazonProvidedDNS");
    let said = ask();
    assert!(said.contains("nameserver 10.77.0.2\n") && said.contains("198.18."), "{said}");
    let name = daemon.inside(&network.subnets[0], &[&network.group], &["cat", "/etc/hostname"]);
    assert!(name.trim().ends_with(".corp.example"), "{name}");
}

// enforces: ec2:AssociateVpcCidrBlock (positive)
#[test]
fn a_further_block_of_a_vpc_is_reached_as_the_first_one() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let block = [("VpcId", network.vpc.as_str()), ("CidrBlock", "10.78.0.0/16")];
    let association = daemon.make("AssociateVpcCidrBlock", &block, "associationId");
    let subnet = [("VpcId", network.vpc.as_str()), ("CidrBlock", "10.78.1.0/24")];
    let subnet = daemon.make("CreateSubnet", &subnet, "subnetId");
    // An endpoint's address in the first block answers a program in the second.
    interface_endpoint(&daemon, &network, "sts", &[]);
    let rule = [
        ("GroupId", network.group.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "10.78.0.0/16"),
    ];
    daemon.ec2("AuthorizeSecurityGroupIngress", &rule).unwrap();
    let ask = "curl -sS -o /dev/null --connect-timeout 2 https://sts.us-east-1.amazonaws.com/; ip -4 -o addr show";
    let said = daemon.inside(&subnet, &[&network.group], &["sh", "-c", ask]);
    assert!(said.contains("inet 10.78.1.4/24"), "{said}");
    let ask = "curl -sS -o /dev/null -w '%{http_code}' --connect-timeout 2 https://sts.us-east-1.amazonaws.com/";
    let code = daemon.inside(&subnet, &[&network.group], &["sh", "-c", ask]);
    assert!(code.starts_with('4') || code.starts_with('2') || code.starts_with('3'), "{code}");
    daemon.ec2("DeleteSubnet", &[("SubnetId", &subnet)]).unwrap();
    daemon.ec2("DisassociateVpcCidrBlock", &[("AssociationId", &association)]).unwrap();
    let refused = daemon.ec2("CreateSubnet", &[("VpcId", &network.vpc), ("CidrBlock", "10.78.1.0/24")]).unwrap_err();
    assert!(refused.contains("InvalidSubnet.Range"), "{refused}");
}
