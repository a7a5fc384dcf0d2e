//! What is described nowhere, and what the model has no place for: it is unknown, and lets nothing through.

use serde_json::{Value, json};
use sidegate_import::{Bearing, How, Imported, Met, Packet};
use sidegate_model::{Destination, Direction, RouteTableId, VpcId};
use sidegate_plan::{RouteTarget, compile};

use crate::account::{longer, read, small, small_with, unknown_of, wrong};

/// The small account with these routes in its table, and more lists.
fn routed(routes: Value, more: Value) -> Imported {
    let mut document = longer(small(), more);
    let Value::Array(routes) = routes else { panic!("routes are wanted") };
    document["RouteTables"][0]["Routes"].as_array_mut().unwrap().extend(routes);
    read(&document)
}

/// Where the small account's table leads what goes to an address.
fn target(imported: &Imported, to: &str) -> Option<RouteTarget> {
    let plan = compile(imported.world());
    let vpc = &plan.vpcs[&"vpc-0a".parse::<VpcId>().unwrap()];
    let id: RouteTableId = "rtb-0a".parse().unwrap();
    let table = vpc.tables.values().find(|table| table.id == id).unwrap();
    table.lookup(to.parse().unwrap()).map(|route| route.target.clone())
}

/// What makes open what goes to an address by a resource.
fn open(imported: &Imported, to: &str, resource: &str, how: How) -> Vec<String> {
    let met = [Met { resource, how }];
    imported.undetermined(Some(to.parse().unwrap()), met).iter().map(ToString::to_string).collect()
}

fn open_route(imported: &Imported, to: &str) -> Vec<String> {
    open(imported, to, "rtb-0a", How::Passed)
}

#[test]
fn a_small_account_is_whole_but_for_the_attributes_that_another_call_tells() {
    let imported = read(&small());
    assert_eq!(wrong(&imported), Vec::<String>::new());
    assert!(imported.unknown().all(|unknown| unknown.bearing == Bearing::Names), "{imported}");
    let told = small_with(json!({"VpcId": "vpc-0a", "EnableDnsSupport": {"Value": true}}));
    assert!(!unknown_of(&told, "vpc-0a").iter().any(|line| line.contains("enableDnsSupport")), "{told}");
}

#[test]
fn the_attributes_of_a_vpc_are_taken_from_documents_of_their_own_or_beside_lists() {
    let support = json!({"VpcId": "vpc-0a", "EnableDnsSupport": {"Value": true}});
    let hostnames = json!({"VpcId": "vpc-0a", "EnableDnsHostnames": {"Value": true}});
    let files = [small(), support, hostnames].map(|document| ("x.json", serde_json::to_vec(&document).unwrap()));
    let imported = sidegate_import::describe::read(files);
    assert_eq!(imported.unknown().count(), 0, "{imported}");
    let vpc = imported.world().vpcs.iter().next().unwrap();
    assert!(vpc.dns_support && vpc.dns_hostnames);
}

#[test]
fn a_route_to_a_transit_gateway_is_open_and_keeps_its_packets_from_others() {
    let imported = routed(
        json!([
            {"DestinationCidrBlock": "10.8.0.0/13", "TransitGatewayId": "tgw-0b", "State": "active"},
            {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-0b", "State": "active"},
            {"DestinationCidrBlock": "10.9.9.0/24", "GatewayId": "igw-0b", "State": "active"},
        ]),
        json!({
            "InternetGateways": [{"InternetGatewayId": "igw-0b", "OwnerId": "111111111111",
                "Attachments": [{"State": "available", "VpcId": "vpc-0a"}]}],
            "TransitGateways": [{"TransitGatewayId": "tgw-0b", "OwnerId": "111111111111"}],
        }),
    );
    assert_eq!(target(&imported, "10.9.0.1"), Some(RouteTarget::Blackhole));
    let why = "rtb-0a: the route to 10.8.0.0/13 over tgw-0b: its target has no place in the model";
    assert_eq!(open_route(&imported, "10.9.0.1"), [why]);
    // A longer route takes these, and the VPC itself those.
    assert_eq!(open_route(&imported, "10.9.9.1"), Vec::<String>::new());
    assert_eq!(open_route(&imported, "10.0.1.10"), Vec::<String>::new());
    assert_eq!(open_route(&imported, "8.8.8.8"), Vec::<String>::new());
    assert_eq!(unknown_of(&imported, "tgw-0b"), ["tgw-0b: what it does: the model has none of the TransitGateways"]);
    let table = imported.world().route_tables.iter().next().unwrap();
    let names: Vec<_> = table.routes.iter().filter_map(|route| route.target.unknown_name()).collect();
    assert_eq!(names, ["tgw-0b"]);
}

#[test]
fn every_target_that_the_model_has_not_or_no_file_describes_is_open() {
    for (key, id, why) in [
        ("TransitGatewayId", "tgw-0b", "its target has no place in the model"),
        ("LocalGatewayId", "lgw-0b", "its target has no place in the model"),
        ("CarrierGatewayId", "cagw-0b", "its target has no place in the model"),
        (
            "CoreNetworkArn",
            "arn:aws:networkmanager::111111111111:core-network/b",
            "its target has no place in the model",
        ),
        ("GatewayId", "xgw-0b", "its target has no place in the model"),
        ("InstanceId", "i-0b", "its target has no place in the model"),
        ("GatewayId", "igw-0b", "no file describes its target"),
        ("GatewayId", "vgw-0b", "no file describes its target"),
        ("GatewayId", "vpce-0b", "no file describes its target"),
        ("NatGatewayId", "nat-0b", "no file describes its target"),
        ("NetworkInterfaceId", "eni-0b", "no file describes its target"),
        ("VpcPeeringConnectionId", "pcx-0b", "no file describes its target"),
        ("EgressOnlyInternetGatewayId", "eigw-0b", "no file describes its target"),
    ] {
        let imported = routed(json!([{"DestinationCidrBlock": "10.8.0.0/13", key: id, "State": "active"}]), json!({}));
        let line = format!("rtb-0a: the route to 10.8.0.0/13 over {id}: {why}");
        assert_eq!(open_route(&imported, "10.8.0.1"), [line]);
        assert_eq!(target(&imported, "10.8.0.1"), Some(RouteTarget::Blackhole), "{id}");
    }
}

#[test]
fn what_is_active_and_leads_to_nothing_that_is_described_is_open() {
    let imported = routed(
        json!([
            {"DestinationCidrBlock": "172.16.0.0/12", "GatewayId": "vgw-0b", "State": "active",
                "Origin": "EnableVgwRoutePropagation"},
            {"DestinationCidrBlock": "10.9.0.0/16", "GatewayId": "vgw-0b", "State": "blackhole"},
            {"DestinationIpv6CidrBlock": "64:ff9b::/96", "NatGatewayId": "nat-0b", "State": "active"},
            {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-0b", "State": "active"},
            {"DestinationPrefixListId": "pl-0b", "TransitGatewayId": "tgw-0b", "State": "active"},
        ]),
        json!({
            "VpnGateways": [{"VpnGatewayId": "vgw-0b", "State": "available", "OwnerId": "111111111111",
                "VpcAttachments": [{"State": "attached", "VpcId": "vpc-0a"}]}],
            "NatGateways": [{"NatGatewayId": "nat-0b", "SubnetId": "subnet-0a", "VpcId": "vpc-0a", "State": "available",
                "OwnerId": "111111111111", "NatGatewayAddresses": [{"NetworkInterfaceId": "eni-0c", "PrivateIp": "10.0.1.20"}]}],
        }),
    );
    let list = "rtb-0a: the route to pl-0b over tgw-0b: no file tells the blocks of the prefix list, and its target has no \
                place in the model";
    let vpn = "rtb-0a: the route to 172.16.0.0/12 over vgw-0b: a VPN connection or Direct Connect lies behind its target, \
               and no file tells what is there";
    assert_eq!(open_route(&imported, "172.16.3.3"), [vpn, list]);
    let nat64 = "rtb-0a: the route to 64:ff9b::/96 over nat-0b: a NAT gateway makes IPv4 of IPv6 (NAT64), as it does not in \
                 the model";
    assert_eq!(open_route(&imported, "64:ff9b::808:808"), [nat64, list]);
    assert_eq!(open_route(&imported, "8.8.8.8"), [list]);
    let is_open =
        |block: &str| imported.is_open_route(&"rtb-0a".parse().unwrap(), &Destination::Cidr(block.parse().unwrap()));
    assert!(is_open("172.16.0.0/12") && !is_open("0.0.0.0/0"));
}

#[test]
fn a_black_hole_is_known_to_be_one() {
    let imported = routed(
        json!([
            {"DestinationCidrBlock": "10.8.0.0/16", "NatGatewayId": "nat-0b", "State": "blackhole"},
            {"DestinationCidrBlock": "10.9.0.0/16", "State": "blackhole"},
            {"DestinationCidrBlock": "10.10.0.0/16", "TransitGatewayId": "tgw-0b", "State": "blackhole"},
            {"DestinationCidrBlock": "10.11.0.0/16", "NetworkInterfaceId": "eni-0a", "State": "blackhole"},
        ]),
        json!({}),
    );
    for to in ["10.8.0.1", "10.9.0.1", "10.10.0.1"] {
        assert_eq!(target(&imported, to), Some(RouteTarget::Blackhole));
        assert_eq!(open_route(&imported, to), Vec::<String>::new());
    }
    let why = "the table tells that it leads nowhere, and its target would lead on";
    assert_eq!(open_route(&imported, "10.11.0.1"), [format!("rtb-0a: the route to 10.11.0.0/16 over eni-0a: {why}")]);
}

#[test]
fn a_prefix_list_without_blocks_leaves_open_all_that_leaves_the_vpc() {
    let list = json!([{"DestinationPrefixListId": "pl-0b", "TransitGatewayId": "tgw-0b", "State": "blackhole"}]);
    let imported = routed(list.clone(), json!({}));
    let line = "rtb-0a: the route to pl-0b over tgw-0b: no file tells the blocks of the prefix list";
    assert_eq!(open_route(&imported, "8.8.8.8"), [line]);
    assert_eq!(open_route(&imported, "10.0.1.10"), Vec::<String>::new());
    // Its entries are told by another call, whose output does not say of which list they are.
    let mut document = small();
    document["RouteTables"][0]["Routes"].as_array_mut().unwrap().extend(list.as_array().unwrap().clone());
    let entries = json!({"Entries": [{"Cidr": "192.0.2.0/24", "Description": "office"}]});
    let files = [("account.json", document), ("get-managed-prefix-list-entries-pl-0b.json", entries)];
    let files = files.map(|(name, document)| (name, serde_json::to_vec(&document).unwrap()));
    let imported = sidegate_import::describe::read(files);
    assert_eq!(open_route(&imported, "8.8.8.8"), Vec::<String>::new());
    assert_eq!(target(&imported, "192.0.2.9"), Some(RouteTarget::Blackhole));
}

#[test]
fn a_gateway_endpoint_whose_list_is_told_nowhere_takes_its_service_by_name_alone() {
    let endpoint = json!({"VpcEndpoints": [{"VpcEndpointId": "vpce-0b", "VpcEndpointType": "Gateway", "VpcId": "vpc-0a",
        "ServiceName": "com.amazonaws.eu-west-1.s3", "State": "available", "OwnerId": "111111111111",
        "RouteTableIds": ["rtb-0a"], "PolicyDocument": "{}"}]});
    let route = json!([{"DestinationPrefixListId": "pl-6da54004", "GatewayId": "vpce-0b", "State": "active"}]);
    let mut document = longer(small(), endpoint);
    document["RouteTables"][0]["Routes"].as_array_mut().unwrap().push(route[0].clone());
    let text = document.to_string().replace("us-east-1", "eu-west-1");
    let imported = sidegate_import::describe::read([("account.json", text)]);
    let plan = compile(imported.world());
    let s3 = sidegate_model::Catalog::named("s3").unwrap().public_addresses("eu-west-1".parse().unwrap());
    assert_eq!(target(&imported, &s3[0].to_string()), Some(RouteTarget::GatewayEndpoint("vpce-0b".parse().unwrap())));
    let named: Vec<_> =
        plan.vpcs.values().flat_map(|vpc| vpc.tables.values()).flat_map(|t| t.routes.values()).collect();
    assert!(named.iter().all(|route| route.named == "pl-6da54004"));
    assert_eq!(open_route(&imported, &s3[0].to_string()), Vec::<String>::new());
    assert_eq!(open_route(&imported, "52.218.0.1").len(), 1);
}

#[test]
fn what_refers_to_nothing_is_told_and_left_open() {
    let mut document = small();
    for key in ["SecurityGroups", "Reservations", "NetworkAcls"] {
        document[key] = json!([]);
    }
    let imported = read(&document);
    assert_eq!(
        wrong(&imported),
        [
            "account.json: eni-0a refers to sg-0a, which no file describes",
            "account.json: eni-0a refers to i-0a, which no file describes",
        ]
    );
    let lines = ["eni-0a: sg-0a: no file describes it", "eni-0a: i-0a: no file describes it"];
    assert_eq!(unknown_of(&imported, "eni-0a"), lines);
    assert_eq!(open(&imported, "10.0.1.10", "vpc-0a", How::Stopped).len(), 1);
    assert_eq!(open(&imported, "10.0.1.11", "vpc-0a", How::Stopped).len(), 0);
    let line = "subnet-0a: its network ACL: no file describes one that is associated with it";
    assert_eq!(unknown_of(&imported, "subnet-0a"), [line]);
    // Without an ACL nothing crosses the border of the subnet.
    let plan = compile(imported.world());
    assert!(
        plan.vpcs.values().next().unwrap().acls.values().all(|acl| acl.ingress.is_empty() && acl.egress.is_empty())
    );
}

#[test]
fn a_vpc_that_no_file_describes_is_made_from_the_local_routes_of_its_tables() {
    let mut document = small();
    document["RouteTables"][0]["Routes"].as_array_mut().unwrap().extend([
        json!({"DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "local", "State": "active"}),
        json!({"DestinationIpv6CidrBlock": "2600:1f18:1::/56", "GatewayId": "local", "State": "active"}),
    ]);
    document["Vpcs"] = json!([]);
    let imported = read(&document);
    let vpc = imported.world().vpcs.iter().next().unwrap();
    let blocks: Vec<String> = vpc.cidrs().map(|block| block.to_string()).collect();
    assert_eq!(blocks, ["10.0.0.0/16", "10.1.0.0/16"]);
    assert_eq!(vpc.ipv6_cidrs[0].cidr.to_string(), "2600:1f18:1::/56");
    assert_eq!((vpc.scope.account.as_str(), vpc.scope.region.as_str()), ("111111111111", "us-east-1"));
    assert_eq!(compile(imported.world()).vpcs.values().next().unwrap().links.len(), 1);
    assert_eq!(unknown_of(&imported, "vpc-0a").len(), 3);
}

#[test]
fn blocks_of_a_vpc_and_its_local_routes_have_to_agree() {
    let mut document = small();
    document["Vpcs"][0]["CidrBlockAssociationSet"].as_array_mut().unwrap().push(json!(
        {"AssociationId": "vpc-cidr-assoc-0b", "CidrBlock": "10.1.0.0/16", "CidrBlockState": {"State": "associated"}}));
    document["RouteTables"][0]["Routes"].as_array_mut().unwrap().push(json!(
        {"DestinationCidrBlock": "10.2.0.0/16", "GatewayId": "local", "State": "active"}));
    let imported = read(&document);
    assert_eq!(open_route(&imported, "10.1.0.1").len(), 1);
    assert_eq!(open_route(&imported, "10.2.0.1").len(), 1);
    assert_eq!(open_route(&imported, "10.0.0.1").len(), 0);
}

#[test]
fn what_a_rule_names_and_no_file_describes_leaves_open_only_what_the_group_stops() {
    let mut document = small();
    document["SecurityGroups"][0]["IpPermissions"] = json!([
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": "pl-0b"}],
            "UserIdGroupPairs": [{"GroupId": "sg-0b", "UserId": "222222222222"}]}]);
    let imported = read(&document);
    assert_eq!(open(&imported, "10.0.1.10", "sg-0a", How::Passed), Vec::<String>::new());
    assert_eq!(
        open(&imported, "10.0.1.10", "sg-0a", How::Stopped),
        [
            "sg-0a: whom its rule sgr-0a/ingress-1 lets through: pl-0b: no file describes it",
            "sg-0a: whom its rule sgr-0a/ingress-2 lets through: sg-0b: no file describes it",
        ]
    );
}

#[test]
fn a_rule_leaves_open_what_it_is_about_and_nothing_if_its_peering_connection_is_gone() {
    let with = |status: &str| {
        let mut document = small();
        document["SecurityGroups"][0]["IpPermissions"] = json!([{"IpProtocol": "tcp", "FromPort": 6000, "ToPort": 6009,
            "UserIdGroupPairs": [{"GroupId": "sg-0b", "UserId": "222222222222", "VpcId": "vpc-0b",
                "VpcPeeringConnectionId": "pcx-0b", "PeeringStatus": status}]}]);
        read(&document)
    };
    let active = with("active");
    let refused = |direction, protocol, port| {
        let how = How::Refused(Packet { direction, protocol, port });
        open(&active, "10.0.1.10", "sg-0a", how).len()
    };
    assert_eq!([5999, 6000, 6009, 6010].map(|port| refused(Direction::Ingress, 6, port)), [0, 1, 1, 0]);
    assert_eq!((refused(Direction::Egress, 6, 6000), refused(Direction::Ingress, 17, 6000)), (0, 0));
    // Of an unknown packet it is open, and of a stale rule nothing is.
    assert_eq!(open(&active, "10.0.1.10", "sg-0a", How::Stopped).len(), 1);
    assert_eq!(open(&with("deleted"), "10.0.1.10", "sg-0a", How::Stopped).len(), 0);
}

#[test]
fn what_goes_nowhere_meets_no_address_of_which_something_is_open() {
    let mut document = small();
    document["NetworkInterfaces"][0]["InterfaceType"] = json!("network_load_balancer");
    document["NetworkInterfaces"][0].as_object_mut().unwrap().shift_remove("Attachment");
    let imported = read(&document);
    assert_eq!(open(&imported, "10.0.1.10", "vpc-0a", How::Passed).len(), 1);
    assert!(imported.undetermined(None, [Met { resource: "vpc-0a", how: How::Passed }]).is_empty());
}

#[test]
fn blocks_of_public_addresses_say_nothing_of_what_stands_for_a_service() {
    let mut document = small();
    document["SecurityGroups"][0]["IpPermissionsEgress"] =
        json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "52.216.0.0/15"}]}]);
    let imported = read(&document);
    assert_eq!(open(&imported, "198.18.0.16", "sg-0a", How::Stopped).len(), 1);
    assert_eq!(open(&imported, "198.18.0.16", "sg-0a", How::Passed).len(), 0);
    assert_eq!(open(&imported, "52.216.0.1", "sg-0a", How::Stopped).len(), 0);
}

#[test]
fn kinds_that_nobody_knows_are_told_and_their_elements_are_open() {
    let imported =
        small_with(json!({"QuantumGateways": [{"Colour": "red", "QuantumGatewayId": "qgw-0b"}], "Volumes": [{}]}));
    let line = "account.json: QuantumGateways[0]: `QuantumGateways` is none of the lists that are read; \
                QuantumGateways[0] is left out";
    assert_eq!(wrong(&imported), [line]);
    assert_eq!(unknown_of(&imported, "qgw-0b"), ["qgw-0b: what it does: the model has none of the QuantumGateways"]);
}

#[test]
fn a_peering_connection_whose_other_vpc_is_told_nowhere_is_open() {
    let side = |vpc: &str, owner: &str| json!({"VpcId": vpc, "OwnerId": owner, "Region": "us-east-1", "CidrBlock": "10.8.0.0/16"});
    let imported = routed(
        json!([{"DestinationCidrBlock": "10.8.0.0/16", "VpcPeeringConnectionId": "pcx-0b", "State": "active"}]),
        json!({"VpcPeeringConnections": [{"VpcPeeringConnectionId": "pcx-0b", "Status": {"Code": "active"},
            "RequesterVpcInfo": side("vpc-0a", "111111111111"), "AccepterVpcInfo": side("vpc-0b", "222222222222")}]}),
    );
    assert_eq!(target(&imported, "10.8.0.1"), Some(RouteTarget::Passage("pcx-0b".to_owned())));
    let line = "rtb-0a: the route to 10.8.0.0/16 over pcx-0b: no file describes the VPC vpc-0b behind its target";
    assert_eq!(open_route(&imported, "10.8.0.1"), [line]);
    let line = "pcx-0b: the VPC vpc-0b behind it: no file describes it";
    assert_eq!(open(&imported, "10.8.0.1", "pcx-0b", How::Passed), [line]);
}

#[test]
fn a_list_that_goes_on_in_a_page_that_is_not_there_is_not_whole() {
    let page = |token: Option<&str>| {
        let mut document = json!({"NetworkInterfaces": []});
        if let Some(token) = token {
            document["NextToken"] = json!(token);
        }
        ("page.json", serde_json::to_vec(&document).unwrap())
    };
    let mut rest = small();
    rest["NetworkInterfaces"] = Value::Null;
    rest.as_object_mut().unwrap().shift_remove("NetworkInterfaces");
    let rest = || ("account.json", serde_json::to_vec(&rest).unwrap());
    let is_open = |imported: &Imported| open(imported, "10.0.1.9", "vpc-0a", How::Stopped).len() == 1;
    assert!(is_open(&sidegate_import::describe::read([rest(), page(Some("next"))])));
    assert!(is_open(&sidegate_import::describe::read([rest()])));
    assert!(!is_open(&sidegate_import::describe::read([rest(), page(Some("next")), page(None)])));
}
