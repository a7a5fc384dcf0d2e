//! Resources of every kind, as the clients tell of them.

use serde_json::{Value, json};
use sidegate_import::{How, Imported, Met};
use sidegate_model::{
    Attachment, Connectivity, Context, DnsRecordIpType, EndpointKind, InstanceState, NatGatewayState,
    NetworkInterfaceId, Peer, SecondaryAddresses, VpcId,
};
use sidegate_plan::{RouteTarget, compile, lint};

use crate::account::{longer, read, small, small_with, unknown_of, wrong};

/// A second subnet with another route table, an internet gateway, a NAT gateway and an interface endpoint.
fn network() -> Value {
    let mut document = longer(
        small(),
        json!({
            "Subnets": [{"SubnetId": "subnet-0b", "VpcId": "vpc-0a", "OwnerId": "111111111111", "CidrBlock": "10.0.2.0/24",
                "AvailabilityZone": "us-east-1f", "MapPublicIpOnLaunch": true,
                "Ipv6CidrBlockAssociationSet": [{"AssociationId": "subnet-cidr-assoc-0b",
                    "Ipv6CidrBlock": "2600:1f18:1:2::/64", "Ipv6CidrBlockState": {"State": "associated"}}]}],
            "RouteTables": [{"RouteTableId": "rtb-0b", "VpcId": "vpc-0a", "OwnerId": "111111111111",
                "Associations": [{"Main": false, "RouteTableAssociationId": "rtbassoc-0b", "SubnetId": "subnet-0b",
                    "AssociationState": {"State": "associated"}}],
                "Routes": [
                    {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"},
                    {"DestinationIpv6CidrBlock": "2600:1f18:1::/56", "GatewayId": "local", "State": "active"},
                    {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-0a", "State": "active"},
                    {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-0a", "State": "active"}]}],
            "InternetGateways": [{"InternetGatewayId": "igw-0a", "OwnerId": "111111111111",
                "Attachments": [{"State": "available", "VpcId": "vpc-0a"}]}],
            "EgressOnlyInternetGateways": [{"EgressOnlyInternetGatewayId": "eigw-0a",
                "Attachments": [{"State": "attached", "VpcId": "vpc-0a"}]}],
            "NatGateways": [{"NatGatewayId": "nat-0a", "VpcId": "vpc-0a", "SubnetId": "subnet-0b", "State": "available",
                "CreateTime": "2024-05-01T10:00:00+00:00", "ConnectivityType": "public",
                "NatGatewayAddresses": [{"AllocationId": "eipalloc-0a", "AssociationId": "eipassoc-0a", "IsPrimary": true,
                    "NetworkInterfaceId": "eni-0c", "PrivateIp": "10.0.2.30", "PublicIp": "198.51.100.7",
                    "Status": "succeeded"}]}],
            "Addresses": [{"AllocationId": "eipalloc-0a", "AssociationId": "eipassoc-0a", "Domain": "vpc",
                "NetworkInterfaceId": "eni-0c", "NetworkInterfaceOwnerId": "111111111111",
                "PrivateIpAddress": "10.0.2.30", "PublicIp": "198.51.100.7"}],
            "NetworkInterfaces": [
                {"NetworkInterfaceId": "eni-0d", "VpcId": "vpc-0a", "SubnetId": "subnet-0a", "OwnerId": "111111111111",
                    "AvailabilityZone": "us-east-1a", "PrivateIpAddress": "10.0.1.20", "Groups": [{"GroupId": "sg-0a"}],
                    "InterfaceType": "vpc_endpoint", "Status": "in-use", "RequesterManaged": true,
                    "Description": "VPC Endpoint Interface vpce-0d",
                    "Attachment": {"AttachmentId": "ela-attach-0d", "DeviceIndex": 1, "Status": "attached"}}],
            "VpcEndpoints": [{"VpcEndpointId": "vpce-0d", "VpcEndpointType": "Interface", "VpcId": "vpc-0a",
                "ServiceName": "com.amazonaws.us-east-1.secretsmanager", "State": "available", "OwnerId": "111111111111",
                "SubnetIds": ["subnet-0a"], "NetworkInterfaceIds": ["eni-0d"], "Groups": [{"GroupId": "sg-0a"}],
                "PrivateDnsEnabled": true, "IpAddressType": "ipv4", "DnsOptions": {"DnsRecordIpType": "ipv4"},
                "PolicyDocument": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
                "DnsEntries": [
                    {"DnsName": "vpce-0d-abcd1234.secretsmanager.us-east-1.vpce.amazonaws.com", "HostedZoneId": "Z7HUB22UULQXV"},
                    {"DnsName": "vpce-0d-abcd1234-us-east-1a.secretsmanager.us-east-1.vpce.amazonaws.com", "HostedZoneId": "Z7HUB22UULQXV"},
                    {"DnsName": "secretsmanager.us-east-1.amazonaws.com", "HostedZoneId": "ZONEIDPENDING"}]}],
        }),
    );
    document["Vpcs"][0]["Ipv6CidrBlockAssociationSet"] = json!([{"AssociationId": "vpc-cidr-assoc-0c",
        "Ipv6CidrBlock": "2600:1f18:1::/56", "Ipv6CidrBlockState": {"State": "associated"}}]);
    document["RouteTables"][0]["Routes"].as_array_mut().unwrap().extend([
        json!({"DestinationIpv6CidrBlock": "2600:1f18:1::/56", "GatewayId": "local", "State": "active"}),
        json!({"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-0a", "State": "active"}),
    ]);
    document["NetworkAcls"][0]["Associations"]
        .as_array_mut()
        .unwrap()
        .push(json!({"NetworkAclAssociationId": "aclassoc-0b", "SubnetId": "subnet-0b"}));
    document
}

#[test]
fn a_network_with_gateways_and_an_endpoint_is_whole() {
    let imported = read(&network());
    assert_eq!(wrong(&imported), Vec::<String>::new());
    let open: Vec<String> =
        imported.unknown().map(ToString::to_string).filter(|line| !line.contains("enableDns")).collect();
    assert_eq!(open, Vec::<String>::new());
    let plan = compile(imported.world());
    assert_eq!(lint(&plan), Vec::<String>::new());
    insta::assert_snapshot!(plan);
}

#[test]
fn another_interface_has_the_number_of_those_with_its_groups() {
    let imported = read(&network());
    let mut world = imported.world().clone();
    let like = world.interfaces.get(&"eni-0a".parse().unwrap()).unwrap().clone();
    let mut entropy = || 7;
    let mut context = Context { scope: like.scope.clone(), now: like.created, entropy: &mut entropy };
    let more = SecondaryAddresses::default();
    let made = world.create_network_interface(&mut context, &like.subnet, None, &like.groups, String::new(), &more);
    let number = |id: &NetworkInterfaceId| world.interfaces.get(id).unwrap().group_number;
    assert_ne!(number(&like.id), 0);
    assert_eq!(number(&made.unwrap()), number(&like.id));
    assert_eq!(number(&"eni-0d".parse().unwrap()), number(&like.id));
}

#[test]
fn a_nat_gateway_brings_its_interface_along() {
    let imported = read(&network());
    let nat = imported.world().nat_gateways.iter().next().unwrap();
    assert_eq!((nat.state.clone(), nat.connectivity), (NatGatewayState::Available, Connectivity::Public));
    assert_eq!(nat.created, 1_714_557_600_000);
    let interface = imported.world().interfaces.get(nat.interface.as_ref().unwrap()).unwrap();
    assert_eq!(interface.attachment, Attachment::NatGateway(nat.id.clone()));
    assert!(!interface.source_dest_check);
    let elastic = imported.world().elastic_ip_of(&interface.id, "10.0.2.30".parse().unwrap()).unwrap();
    assert_eq!(elastic.address.to_string(), "198.51.100.7");
}

#[test]
fn an_interface_endpoint_has_its_interfaces_and_names() {
    let imported = read(&network());
    let endpoint = imported.world().endpoints.iter().next().unwrap();
    let EndpointKind::Interface(interface) = &endpoint.kind else { panic!("it is an interface endpoint") };
    assert_eq!((endpoint.service.as_str(), interface.suffix.as_str()), ("secretsmanager", "abcd1234"));
    assert_eq!(endpoint.dns_record_ip_type, DnsRecordIpType::Ipv4);
    let own = imported.world().interfaces.get(interface.interfaces.values().next().unwrap()).unwrap();
    assert_eq!(own.attachment, Attachment::Endpoint(endpoint.id.clone()));
    let names = compile(imported.world()).endpoint_names;
    assert_eq!(names["vpce-0d-abcd1234.secretsmanager.us-east-1.vpce.amazonaws.com"][0].to_string(), "10.0.1.20");
}

#[test]
fn endpoints_of_other_types_services_and_states_are_open() {
    let with = |key: &str, value: &str| {
        let mut document = network();
        document["VpcEndpoints"][0][key] = json!(value);
        read(&document)
    };
    let interface =
        |imported: &Imported| imported.undetermined(None, [Met { resource: "eni-0d", how: How::Passed }]).len();
    assert_eq!(interface(&read(&network())), 0);
    assert_eq!(interface(&with("VpcEndpointType", "GatewayLoadBalancer")), 1);
    assert_eq!(interface(&with("ServiceName", "com.amazonaws.vpce.us-east-1.vpce-svc-0123")), 1);
    assert_eq!(interface(&with("State", "pendingAcceptance")), 1);
    assert_eq!(interface(&with("State", "failed")), 1);
    assert_eq!(interface(&with("State", "Available")), 0);
}

#[test]
fn rules_are_read_for_each_other_side_and_get_their_ids_from_their_own_list() {
    let mut document = longer(
        small(),
        json!({"SecurityGroupRules": [
            {"SecurityGroupRuleId": "sgr-0b", "GroupId": "sg-0a", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 443,
                "ToPort": 443, "CidrIpv6": "2001:db8::/32", "Tags": [{"Key": "Name", "Value": "web"}]},
            {"SecurityGroupRuleId": "sgr-0c", "GroupId": "sg-0a", "IsEgress": true, "IpProtocol": "-1", "FromPort": -1,
                "ToPort": -1, "CidrIpv4": "0.0.0.0/0"}]}),
    );
    document["SecurityGroups"][0]["IpPermissions"] = json!([
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
            "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "inside; \u{e9}"}],
            "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}], "UserIdGroupPairs": [{"GroupId": "sg-0a", "UserId": "111111111111"}]},
        {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]);
    let imported = read(&document);
    assert_eq!(wrong(&imported), Vec::<String>::new());
    let group = imported.world().security_groups.iter().next().unwrap();
    let rules: Vec<String> = group.rules.iter().map(|rule| format!("{} {}", rule.id, rule.rule)).collect();
    assert_eq!(
        rules,
        [
            "sgr-0a/ingress-1 peer: 10.0.0.0/8, TCP, from port: 443, to port: 443, ALLOW",
            "sgr-0b peer: 2001:db8::/32, TCP, from port: 443, to port: 443, ALLOW",
            "sgr-0a/ingress-3 peer: sg-0a, TCP, from port: 443, to port: 443, ALLOW",
            "sgr-0a/ingress-4 peer: 10.0.0.0/8, ICMP, type: 8, code: -1, ALLOW",
            "sgr-0c peer: 0.0.0.0/0, ALL, ALLOW",
        ]
    );
    assert_eq!(imported.world().tags("sgr-0b").collect::<Vec<_>>(), [("Name", "web")]);
    let other = json!({"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-0b", "GroupId": "sg-0a", "IsEgress": false,
        "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "10.0.0.0/8"}]});
    let imported = read(&longer(small(), other));
    assert_eq!(imported.undetermined(None, [Met { resource: "sg-0a", how: How::Passed }]).len(), 1);
}

#[test]
fn a_rule_names_a_group_beyond_a_peering_connection() {
    let mut document = small();
    document["SecurityGroups"][0]["IpPermissions"] = json!([{"IpProtocol": "-1", "UserIdGroupPairs": [
        {"GroupId": "sg-0b", "UserId": "222222222222", "VpcId": "vpc-0b", "VpcPeeringConnectionId": "pcx-0b",
            "PeeringStatus": "active"},
        {"GroupId": "sg-0c", "UserId": "222222222222", "VpcId": "vpc-0b"}]}]);
    let imported = read(&document);
    let group = imported.world().security_groups.iter().next().unwrap();
    let beyond: Vec<_> = group.rules.iter().filter_map(|rule| rule.beyond.as_ref()).collect();
    assert_eq!((beyond.len(), beyond[0].peering.as_str()), (1, "pcx-0b"));
    assert!(matches!(&group.rules[0].rule.peer, Peer::Group(id) if id.as_str() == "sg-0b"));
    let place = "account.json: SecurityGroups[0].IpPermissions[0].UserIdGroupPairs[1]: names a group of vpc-0b";
    assert!(wrong(&imported)[0].starts_with(place), "{imported}");
}

#[test]
fn interfaces_of_services_are_programs_and_those_that_lead_on_are_open() {
    let interface = |id: &str, kind: &str, status: &str, last: u8| {
        json!({"NetworkInterfaceId": id, "VpcId": "vpc-0a", "SubnetId": "subnet-0a", "OwnerId": "111111111111",
            "AvailabilityZone": "us-east-1a", "PrivateIpAddress": format!("10.0.1.{last}"), "Description": "RDSNetworkInterface",
            "Groups": [{"GroupId": "sg-0a"}], "InterfaceType": kind, "Status": status})
    };
    let mut function = interface("eni-0d", "lambda", "in-use", 13);
    function["Description"] = json!("AWS Lambda VPC ENI-q-a-8a6e1f2a-1111-2222-3333-444455556666");
    let imported = small_with(json!({"NetworkInterfaces": [
        interface("eni-0b", "interface", "in-use", 11), interface("eni-0c", "interface", "available", 12),
        function, interface("eni-0e", "network_load_balancer", "in-use", 14)]}));
    let kinds: Vec<Attachment> = imported.world().interfaces.iter().map(|own| own.attachment.clone()).skip(1).collect();
    let functions = Attachment::Functions(["arn:aws:lambda:us-east-1:111111111111:function:q-a".to_owned()].into());
    assert_eq!(kinds, [Attachment::Program, Attachment::None, functions, Attachment::Program]);
    let open = |id| imported.undetermined(None, [Met { resource: id, how: How::Passed }]).len();
    assert_eq!(["eni-0b", "eni-0c", "eni-0d", "eni-0e"].map(open), [0, 0, 0, 1]);
    let line = "eni-0b: what is behind it: it is of the type interface, described as `RDSNetworkInterface`";
    assert_eq!(unknown_of(&imported, "eni-0b"), [line]);
}

#[test]
fn public_addresses_are_aws_s_or_the_account_s_own() {
    let mut document = small();
    document["NetworkInterfaces"][0]["PrivateIpAddresses"] = json!([
        {"Primary": true, "PrivateIpAddress": "10.0.1.10", "Association": {"IpOwnerId": "amazon", "PublicIp": "18.206.223.222"}},
        {"Primary": false, "PrivateIpAddress": "10.0.1.11", "Association": {"IpOwnerId": "111111111111",
            "AllocationId": "eipalloc-0b", "AssociationId": "eipassoc-0b", "PublicIp": "198.51.100.9"}}]);
    let imported = read(&document);
    let interface = imported.world().interfaces.iter().next().unwrap();
    assert_eq!(interface.automatic.address.unwrap().to_string(), "18.206.223.222");
    assert_eq!(interface.secondary, ["10.0.1.11".parse::<std::net::Ipv4Addr>().unwrap()]);
    let elastic = imported.world().elastic_ip_of(&interface.id, "10.0.1.11".parse().unwrap()).unwrap();
    assert_eq!((elastic.id.as_str(), elastic.address.to_string().as_str()), ("eipalloc-0b", "198.51.100.9"));
    let other = json!({"Addresses": [{"AllocationId": "eipalloc-0b", "PublicIp": "198.51.100.9"}]});
    let imported = read(&longer(document, other));
    assert_eq!(imported.undetermined(None, [Met { resource: "eni-0a", how: How::Passed }]).len(), 1);
}

#[test]
fn instances_are_as_they_say_and_tell_of_their_interfaces_where_nobody_else_does() {
    let mut document = small();
    let mut interface = document["NetworkInterfaces"][0].clone();
    interface["Attachment"].as_object_mut().unwrap().shift_remove("InstanceId");
    let instance = &mut document["Reservations"][0]["Instances"][0];
    instance["NetworkInterfaces"] = json!([interface]);
    instance["IamInstanceProfile"] = json!({"Arn": "arn:aws:iam::111111111111:instance-profile/web", "Id": "AIPA"});
    instance["MetadataOptions"] =
        json!({"HttpTokens": "optional", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled"});
    instance["LaunchTime"] = json!("2020-05-09 05:01:39+00:00");
    let reservations = document["Reservations"].clone();
    document["NetworkInterfaces"] = json!([]);
    let imported = read(&document);
    assert_eq!(wrong(&imported), Vec::<String>::new());
    let instance = imported.world().instances.iter().next().unwrap();
    assert_eq!(instance.interface.as_ref().unwrap().as_str(), "eni-0a");
    assert_eq!((instance.state, instance.launched), (InstanceState::Running, 1_589_000_499_000));
    assert!(!instance.metadata.tokens_required && instance.metadata.hop_limit == 2);
    let judged = imported.undetermined(None, [Met { resource: "i-0a", how: How::Judged }]);
    assert_eq!(judged.len(), 1);
    assert_eq!(imported.undetermined(None, [Met { resource: "i-0a", how: How::Passed }]).len(), 0);
    let association =
        json!({"IamInstanceProfileAssociations": [{"AssociationId": "iip-assoc-0b", "InstanceId": "i-0a"}]});
    let imported = read(&longer(document, association));
    let profile = imported.world().instances.iter().next().unwrap().profile.clone().unwrap();
    assert_eq!((profile.id.as_str(), profile.profile.name()), ("iip-assoc-0b", "web"));
    // One that is gone has no subnet any more, and is nothing to tell of.
    let mut gone = small();
    gone["Reservations"] = reservations;
    gone["Reservations"][0]["Instances"][0] = json!({"InstanceId": "i-0b", "State": {"Name": "terminated"}});
    let imported = read(&gone);
    assert_eq!((imported.world().instances.len(), wrong(&imported).len()), (0, 1), "{imported}");
}

#[test]
fn what_comes_or_goes_is_open() {
    for (list, change, resource) in [
        ("NatGateways", json!({"State": "deleting"}), "nat-0a"),
        ("NatGateways", json!({"State": "pending"}), "nat-0a"),
        ("InternetGateways", json!({"Attachments": [{"State": "detaching", "VpcId": "vpc-0a"}]}), "igw-0a"),
        ("VpcEndpoints", json!({"State": "pending"}), "vpce-0d"),
        (
            "Vpcs",
            json!({"CidrBlockAssociationSet": [{"AssociationId": "vpc-cidr-assoc-0b", "CidrBlock": "10.5.0.0/16",
            "CidrBlockState": {"State": "disassociating"}}]}),
            "vpc-0a",
        ),
        ("Vpcs", json!({"BlockPublicAccessStates": {"InternetGatewayBlockMode": "block-bidirectional"}}), "igw-0a"),
    ] {
        let mut document = network();
        let element = document[list][0].as_object_mut().unwrap();
        let Value::Object(change) = change else { panic!("members are wanted") };
        element.extend(change.clone());
        let imported = read(&document);
        let open = imported.undetermined(None, [Met { resource, how: How::Passed }]);
        assert_eq!(open.len(), 1, "{list} {change:?}: {imported}");
    }
}

#[test]
fn a_region_that_blocks_public_access_leaves_its_internet_gateways_open() {
    let block =
        json!({"VpcBlockPublicAccessOptions": {"AwsRegion": "us-east-1", "InternetGatewayBlockMode": "block-ingress"}});
    let imported = read(&longer(network(), block));
    assert_eq!(imported.undetermined(None, [Met { resource: "igw-0a", how: How::Passed }]).len(), 1);
}

#[test]
fn a_virtual_private_gateway_keeps_what_goes_there_and_is_open() {
    let mut document = longer(
        small(),
        json!({"VpnGateways": [{"VpnGatewayId": "vgw-0a", "State": "available", "AmazonSideAsn": 7224,
            "VpcAttachments": [{"State": "attached", "VpcId": "vpc-0a"}]}]}),
    );
    document["RouteTables"][0]["PropagatingVgws"] = json!([{"GatewayId": "vgw-0a"}]);
    document["RouteTables"][0]["Routes"].as_array_mut().unwrap().push(json!(
        {"DestinationCidrBlock": "192.168.0.0/16", "GatewayId": "vgw-0a", "Origin": "EnableVgwRoutePropagation", "State": "active"}));
    let imported = read(&document);
    assert_eq!(wrong(&imported), Vec::<String>::new());
    let plan = compile(imported.world());
    let vpc = &plan.vpcs[&"vpc-0a".parse::<VpcId>().unwrap()];
    let route = vpc.tables.values().next().unwrap().lookup("192.168.1.1".parse().unwrap()).unwrap();
    assert_eq!(route.target, RouteTarget::Blackhole);
    assert_eq!(imported.undetermined(None, [Met { resource: "vgw-0a", how: How::Passed }]).len(), 1);
}

#[test]
fn the_names_of_an_endpoint_have_to_be_those_that_its_service_is_told_to_have() {
    let told = |name: &str| {
        let details = json!({"ServiceDetails": [{"ServiceName": "com.amazonaws.us-east-1.secretsmanager",
            "PrivateDnsName": name, "PrivateDnsNames": [{"PrivateDnsName": name}]}]});
        let imported = read(&longer(network(), details));
        imported.undetermined(None, [Met { resource: "vpc-0a", how: How::Resolved }]).len()
    };
    assert_eq!(told("secretsmanager.us-east-1.amazonaws.com") + 1, told("*.secretsmanager.us-east-1.example.com"));
}

#[test]
fn a_local_zone_is_taken_for_a_zone_and_a_fourth_zone_keeps_its_name() {
    let zone = |name: &str| {
        let document = small().to_string().replace("us-east-1", "us-west-2").replace("us-west-2a", name);
        sidegate_import::describe::read([("account.json", document)])
    };
    let fourth = zone("us-west-2d");
    assert_eq!(fourth.world().subnets.iter().next().unwrap().zone.name(), "us-west-2d");
    assert_eq!(fourth.unknown_of("subnet-0a"), []);
    let local = zone("us-west-2-lax-1a");
    assert_eq!(local.world().subnets.iter().next().unwrap().zone.name(), "us-west-2a");
    let line = "subnet-0a: its zone: us-west-2-lax-1a is a Local Zone or Wavelength Zone, and the model has none; taken for us-west-2a";
    assert_eq!(unknown_of(&local, "subnet-0a"), [line]);
}

#[test]
fn the_owner_of_a_managed_prefix_list_may_be_aws_itself() {
    let imported = small_with(json!({
        "PrefixLists": [
            {"PrefixListId": "pl-63a5400a", "PrefixListName": "com.amazonaws.us-east-1.s3", "OwnerId": "AWS",
                "AddressFamily": "IPv4", "State": "create-complete",
                "PrefixListArn": "arn:aws:ec2:us-east-1:aws:prefix-list/pl-63a5400a"},
            {"PrefixListId": "pl-63a5400a", "PrefixListName": "com.amazonaws.us-east-1.s3", "Cidrs": ["52.216.0.0/15"]}]}));
    assert_eq!(wrong(&imported), Vec::<String>::new());
    let list = imported.world().observed_prefix_lists.get(&"pl-63a5400a".parse().unwrap()).unwrap();
    assert!(list.cidrs.contains(&"52.216.0.0/15".parse().unwrap()));
}
