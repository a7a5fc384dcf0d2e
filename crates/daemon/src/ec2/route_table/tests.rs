//! Route tables over the API.

use sidegate_model::CreateVpcEndpoint;

use super::super::tests::Api;

/// A VPC with one subnet and one route table beside the main one.
struct Network {
    api: Api,
    vpc: String,
    subnet: String,
    table: String,
}

impl Network {
    fn new() -> Self {
        let api = Api::new();
        let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId");
        let subnet = api.ok("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.0.0/24")]).text("subnetId");
        let table = api.ok("CreateRouteTable", &[("VpcId", &vpc)]).text("routeTableId");
        Self { api, vpc, subnet, table }
    }

    fn main(&self) -> String {
        let filter = [("Filter.1.Name", "association.main"), ("Filter.1.Value.1", "true")];
        self.api.ok("DescribeRouteTables", &filter).text("routeTableId")
    }

    /// An interface, as a program in the subnet has it.
    fn interface(&self) -> String {
        let subnet = self.subnet.parse().unwrap();
        self.api.change(move |world, context| world.attach_program(context, &subnet, &[])).to_string()
    }

    /// An internet gateway that is attached to the VPC.
    fn internet_gateway(&self) -> String {
        let vpc = self.vpc.parse().unwrap();
        let gateway = self.api.change(move |world, context| {
            let id = world.create_internet_gateway(context)?;
            world.attach_internet_gateway(context, &id, &vpc)?;
            Ok(id)
        });
        gateway.to_string()
    }

    /// A virtual private gateway that is attached to the VPC.
    fn vpn_gateway(&self) -> String {
        let id = self.api.ok("CreateVpnGateway", &[("Type", "ipsec.1")]).text("vpnGatewayId");
        self.api.ok("AttachVpnGateway", &[("VpnGatewayId", &id), ("VpcId", &self.vpc)]);
        id
    }

    fn gateway_endpoint(&self) -> String {
        let (vpc, table) = (self.vpc.parse().unwrap(), self.table.parse().unwrap());
        let wanted = CreateVpcEndpoint {
            vpc: Some(vpc),
            service: "com.amazonaws.us-east-1.s3".to_owned(),
            route_tables: vec![table],
            ..Default::default()
        };
        self.api.change(move |world, context| world.create_vpc_endpoint(context, wanted)).to_string()
    }

    fn with<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        [&[("RouteTableId", self.table.as_str())], more].concat()
    }

    fn routes(&self) -> Vec<String> {
        let answer = self.api.ok("DescribeRouteTables", &[("RouteTableId.1", &self.table)]);
        let set = answer.text("routeSet");
        set.split("<item>").skip(1).map(|item| item.replace("</item>", "")).collect()
    }

    fn found(&self, filter: &str, value: &str) -> Vec<String> {
        let parameters = [("Filter.1.Name", filter), ("Filter.1.Value.1", value)];
        // The id stands in each association too, so the ids of VPCs tell how many tables there are.
        let answer = self.api.ok("DescribeRouteTables", &parameters);
        answer
            .xml
            .split("<routeSet>")
            .filter_map(|part| part.rsplit_once("<routeTableId>"))
            .map(|(_, id)| id[..21].to_owned())
            .collect()
    }
}

#[test]
fn a_new_table_has_the_local_route_and_no_association() {
    let network = Network::new();
    let answer = network.api.ok("DescribeRouteTables", &[("RouteTableId.1", &network.table)]);
    assert_eq!(answer.text("vpcId"), network.vpc);
    assert_eq!(answer.text("ownerId"), "123456789012");
    assert!(answer.xml.contains("<associationSet/><propagatingVgwSet/>"), "{}", answer.xml);
    assert_eq!(
        network.routes(),
        ["<destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId>\
          <origin>CreateRouteTable</origin><state>active</state>"]
    );
}

#[test]
fn a_token_makes_one_table_only() {
    let network = Network::new();
    let parameters = [("VpcId", network.vpc.as_str()), ("ClientToken", "once")];
    let first = network.api.ok("CreateRouteTable", &parameters);
    assert_eq!(first.text("clientToken"), "once");
    let again = network.api.ok("CreateRouteTable", &parameters);
    assert_eq!(first.text("routeTableId"), again.text("routeTableId"));
    let other = [
        ("VpcId", network.vpc.as_str()),
        ("ClientToken", "once"),
        ("TagSpecification.1.ResourceType", "route-table"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
    ];
    assert_eq!(network.api.refused("CreateRouteTable", &other).0, "IdempotentParameterMismatch");
}

#[test]
fn what_is_kept_of_a_tokens_call_is_a_digest() {
    let network = Network::new();
    let secret = "TagSpecification.1.Tag.1.Value";
    let parameters = [
        ("VpcId", network.vpc.as_str()),
        ("ClientToken", "once"),
        ("TagSpecification.1.ResourceType", "route-table"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        (secret, "inner"),
    ];
    network.api.ok("CreateRouteTable", &parameters);
    let world = network.api.world();
    let kept: Vec<_> = world.tokens.iter().map(|token| format!("{token:?}")).collect();
    assert!(kept.iter().any(|token| token.contains("CreateRouteTable")), "{kept:?}");
    assert!(!kept.iter().any(|token| token.contains("inner")), "{kept:?}");
}

#[test]
fn a_subnet_is_associated_moved_and_let_go() {
    let network = Network::new();
    let (api, subnet) = (&network.api, network.subnet.as_str());
    let answer = api.ok("AssociateRouteTable", &network.with(&[("SubnetId", subnet)]));
    let id = answer.text("associationId");
    assert_eq!(answer.text("associationState"), "<state>associated</state>");
    let shown = api.ok("DescribeRouteTables", &[("RouteTableId.1", &network.table)]).text("associationSet");
    assert_eq!(
        shown,
        format!(
            "<item><main>false</main><routeTableAssociationId>{id}</routeTableAssociationId>\
             <routeTableId>{}</routeTableId><subnetId>{subnet}</subnetId>\
             <associationState><state>associated</state></associationState></item>",
            network.table
        )
    );
    let (code, _) = api.refused("DeleteRouteTable", &network.with(&[]));
    assert_eq!(code, "DependencyViolation");

    let main = network.main();
    let other = api.ok("CreateRouteTable", &[("VpcId", &network.vpc)]).text("routeTableId");
    let twice = [("RouteTableId", other.as_str()), ("SubnetId", subnet)];
    assert_eq!(api.refused("AssociateRouteTable", &twice).0, "Resource.AlreadyAssociated");
    let moved = api.ok("ReplaceRouteTableAssociation", &[("AssociationId", &id), ("RouteTableId", &other)]);
    let new = moved.text("newAssociationId");
    assert_ne!(new, id);
    assert_eq!(network.found("association.route-table-association-id", &new), [other.as_str()]);
    assert_eq!(api.ok("DisassociateRouteTable", &[("AssociationId", &new)]).text("return"), "true");
    assert_eq!(network.found("association.subnet-id", subnet), Vec::<String>::new());
    let (code, message) = api.refused("DisassociateRouteTable", &[("AssociationId", &new)]);
    assert_eq!(code, "InvalidAssociationID.NotFound");
    assert_eq!(message, format!("The association ID '{new}' does not exist"));
    assert_eq!(api.ok("DeleteRouteTable", &network.with(&[])).text("return"), "true");
    assert_eq!(api.refused("DeleteRouteTable", &[("RouteTableId", &main)]).0, "DependencyViolation");
}

#[test]
fn an_association_needs_either_a_subnet_or_a_gateway() {
    let network = Network::new();
    let api = &network.api;
    assert_eq!(api.refused("AssociateRouteTable", &network.with(&[])).0, "MissingParameter");
    for gateway in ["igw-1", "vgw-1"] {
        let (code, message) = api.refused("AssociateRouteTable", &network.with(&[("GatewayId", gateway)]));
        assert_eq!(code, "InvalidGatewayID.NotFound");
        assert_eq!(message, format!("The gateway ID '{gateway}' does not exist"));
    }
    let both = network.with(&[("GatewayId", "igw-1"), ("SubnetId", &network.subnet)]);
    assert_eq!(api.refused("AssociateRouteTable", &both).0, "InvalidParameterCombination");
    let pool = network.with(&[("PublicIpv4Pool", "ipv4pool-ec2-1")]);
    assert_eq!(api.refused("AssociateRouteTable", &pool).0, "UnsupportedOperation");
}

#[test]
fn a_gateway_is_associated_shown_and_let_go() {
    let network = Network::new();
    let (api, gateway) = (&network.api, network.internet_gateway());
    let id = api.ok("AssociateRouteTable", &network.with(&[("GatewayId", &gateway)])).text("associationId");
    let shown = api.ok("DescribeRouteTables", &[("RouteTableId.1", &network.table)]).text("associationSet");
    assert_eq!(
        shown,
        format!(
            "<item><main>false</main><routeTableAssociationId>{id}</routeTableAssociationId>\
             <routeTableId>{}</routeTableId><gatewayId>{gateway}</gatewayId>\
             <associationState><state>associated</state></associationState></item>",
            network.table
        )
    );
    assert_eq!(network.found("association.gateway-id", &gateway), [network.table.as_str()]);
    assert_eq!(network.found("association.route-table-association-id", &id), [network.table.as_str()]);
    assert_eq!(api.refused("DeleteRouteTable", &network.with(&[])).0, "DependencyViolation");
    assert_eq!(api.ok("DisassociateRouteTable", &[("AssociationId", &id)]).text("return"), "true");
    assert_eq!(network.found("association.gateway-id", "*"), Vec::<String>::new());
}

#[test]
fn routes_to_an_internet_gateway_are_shown_and_found_for_both_families() {
    let network = Network::new();
    let (api, gateway) = (&network.api, network.internet_gateway());
    for destination in [("DestinationCidrBlock", "0.0.0.0/0"), ("DestinationIpv6CidrBlock", "0::/0")] {
        api.ok("CreateRoute", &network.with(&[destination, ("GatewayId", &gateway)]));
    }
    let shown = |destination: &str| {
        format!("{destination}<gatewayId>{gateway}</gatewayId><origin>CreateRoute</origin><state>active</state>")
    };
    assert_eq!(
        network.routes()[1..],
        [
            shown("<destinationCidrBlock>0.0.0.0/0</destinationCidrBlock>"),
            shown("<destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock>")
        ]
    );
    assert_eq!(network.found("route.gateway-id", &gateway), [network.table.as_str()]);
    assert_eq!(network.found("route.destination-ipv6-cidr-block", "::/0"), [network.table.as_str()]);
    let default = network.with(&[("DestinationIpv6CidrBlock", "::/0")]);
    assert_eq!(api.ok("DeleteRoute", &default).text("return"), "true");
    assert_eq!(api.refused("DeleteRoute", &default).0, "InvalidRoute.NotFound");
}

#[test]
fn a_virtual_private_gateway_may_propagate_routes_to_a_table_of_its_vpc_and_is_shown_there() {
    let network = Network::new();
    let api = &network.api;
    let gateway = network.vpn_gateway();
    let vgws = || api.ok("DescribeRouteTables", &[("RouteTableId.1", &network.table)]).text("propagatingVgwSet");
    assert_eq!(vgws(), "");
    let both = network.with(&[("GatewayId", &gateway)]);
    assert_eq!(
        api.refused("EnableVgwRoutePropagation", &[both.as_slice(), &[("DryRun", "true")]].concat()).0,
        "DryRunOperation"
    );
    assert_eq!(api.ok("EnableVgwRoutePropagation", &both).text("return"), "true");
    assert_eq!(vgws(), format!("<item><gatewayId>{gateway}</gatewayId></item>"));
    assert_eq!(network.routes().len(), 1, "it has no routes to propagate");
    assert_eq!(api.ok("DisableVgwRoutePropagation", &both).text("return"), "true");
    assert_eq!(vgws(), "");
    api.ok("EnableVgwRoutePropagation", &both);
    api.ok("DetachVpnGateway", &[("VpnGatewayId", &gateway), ("VpcId", &network.vpc)]);
    assert_eq!(vgws(), "");
    let (code, message) = api.refused("EnableVgwRoutePropagation", &both);
    assert_eq!(code, "Gateway.NotAttached");
    assert_eq!(message, format!("resource {gateway} is not attached to network {}", network.vpc));
}

#[test]
fn a_gateway_or_table_that_does_not_exist_has_no_propagation() {
    let network = Network::new();
    for action in ["EnableVgwRoutePropagation", "DisableVgwRoutePropagation"] {
        let refusal = |parameters: &[(&str, &str)]| network.api.refused(action, parameters);
        let (code, message) = refusal(&network.with(&[("GatewayId", "vgw-1")]));
        assert_eq!(
            (code.as_str(), message.as_str()),
            ("InvalidGatewayID.NotFound", "The gateway ID 'vgw-1' does not exist")
        );
        assert_eq!(refusal(&network.with(&[])).0, "MissingParameter");
        assert_eq!(refusal(&[("GatewayId", "vgw-1")]).0, "MissingParameter");
        let unknown = [("GatewayId", "vgw-1"), ("RouteTableId", "rtb-1")];
        assert_eq!(refusal(&unknown).0, "InvalidRouteTableID.NotFound");
    }
}

#[test]
fn a_route_to_a_virtual_private_gateway_is_shown_and_found_and_turns_into_a_black_hole() {
    let network = Network::new();
    let (api, gateway) = (&network.api, network.vpn_gateway());
    let to = network.with(&[("DestinationCidrBlock", "192.168.0.0/16"), ("GatewayId", &gateway)]);
    assert_eq!(api.ok("CreateRoute", &to).text("return"), "true");
    let shown = |state: &str| {
        format!(
            "<destinationCidrBlock>192.168.0.0/16</destinationCidrBlock><gatewayId>{gateway}</gatewayId>\
             <origin>CreateRoute</origin><state>{state}</state>"
        )
    };
    assert_eq!(network.routes()[1], shown("active"));
    assert_eq!(network.found("route.gateway-id", &gateway), [network.table.as_str()]);
    api.ok("DetachVpnGateway", &[("VpnGatewayId", &gateway), ("VpcId", &network.vpc)]);
    assert_eq!(network.routes()[1], shown("blackhole"));
    let (code, message) = api.refused("ReplaceRoute", &to);
    assert_eq!(code, "InvalidParameterValue");
    assert_eq!(
        message,
        format!("route table {} and network gateway {gateway} belong to different networks", network.table)
    );
}

#[test]
fn a_virtual_private_gateway_has_no_route_table() {
    let network = Network::new();
    let gateway = network.vpn_gateway();
    let refusal = network.api.refused("AssociateRouteTable", &network.with(&[("GatewayId", &gateway)]));
    assert_eq!(refusal.0, "UnsupportedOperation", "{}", refusal.1);
}

#[test]
fn a_route_is_made_replaced_and_deleted_and_shown_as_a_black_hole_once_its_target_is_gone() {
    let network = Network::new();
    let api = &network.api;
    let (one, other) = (network.interface(), network.interface());
    let to = |interface| network.with(&[("DestinationCidrBlock", "192.0.2.77/24"), ("NetworkInterfaceId", interface)]);
    assert_eq!(api.ok("CreateRoute", &to(&one)).text("return"), "true");
    let (code, message) = api.refused("CreateRoute", &to(&one));
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("RouteAlreadyExists", "The route identified by 192.0.2.0/24 already exists.")
    );
    assert_eq!(api.ok("ReplaceRoute", &to(&other)).text("return"), "true");
    assert_eq!(
        network.routes()[1],
        format!(
            "<destinationCidrBlock>192.0.2.0/24</destinationCidrBlock><networkInterfaceId>{other}</networkInterfaceId>\
             <origin>CreateRoute</origin><state>active</state>"
        )
    );
    let gone = other.parse().unwrap();
    api.change(move |world, _| {
        world.detach_program(&gone);
        Ok(())
    });
    assert!(network.routes()[1].ends_with("<state>blackhole</state>"));
    assert_eq!(network.found("route.state", "blackhole"), [network.table.as_str()]);
    let there = network.with(&[("DestinationCidrBlock", "192.0.2.0/24")]);
    assert_eq!(api.ok("DeleteRoute", &there).text("return"), "true");
    let (code, message) = api.refused("DeleteRoute", &there);
    assert_eq!(code, "InvalidRoute.NotFound");
    assert_eq!(message, format!("no route with destination-cidr-block 192.0.2.0/24 in route table {}", network.table));
}

#[test]
fn the_route_of_a_gateway_endpoint_is_shown_and_cannot_be_deleted() {
    let network = Network::new();
    let endpoint = network.gateway_endpoint();
    let route = network.routes().pop().unwrap();
    assert_eq!(
        route,
        format!(
            "<destinationPrefixListId>pl-63a5400a</destinationPrefixListId><gatewayId>{endpoint}</gatewayId>\
             <origin>CreateRoute</origin><state>active</state>"
        )
    );
    assert_eq!(network.found("route.gateway-id", &endpoint), [network.table.as_str()]);
    assert_eq!(network.found("route.destination-prefix-list-id", "pl-63a5400a"), [network.table.as_str()]);
    let (_, message) = network.api.refused("DeleteRoute", &network.with(&[("DestinationPrefixListId", "pl-63a5400a")]));
    assert_eq!(message, format!("cannot remove VPC endpoint route pl-63a5400a in route table {}", network.table));
    let target = network.with(&[("DestinationCidrBlock", "192.0.2.0/24"), ("GatewayId", &endpoint)]);
    assert_eq!(network.api.refused("CreateRoute", &target).0, "RouteNotSupported");
}

#[test]
fn targets_that_do_not_exist_are_refused_with_the_code_of_their_kind() {
    let network = Network::new();
    let cases = [
        ("GatewayId", "igw-1", "InvalidGatewayID.NotFound", "The gateway ID 'igw-1' does not exist"),
        ("GatewayId", "nat-1", "InvalidNatGatewayID.NotFound", "The natGateway ID 'nat-1' does not exist"),
        ("GatewayId", "eni-1", "InvalidParameterValue", "invalid value for parameter gateway-id: eni-1"),
        ("GatewayId", "vgw-1", "InvalidGatewayID.NotFound", "The gateway ID 'vgw-1' does not exist"),
        ("NatGatewayId", "nat-1", "InvalidNatGatewayID.NotFound", "The natGateway ID 'nat-1' does not exist"),
        (
            "EgressOnlyInternetGatewayId",
            "eigw-1",
            "InvalidGatewayID.NotFound",
            "The gateway ID 'eigw-1' does not exist",
        ),
        (
            "TransitGatewayId",
            "tgw-1",
            "InvalidTransitGatewayID.NotFound",
            "The transitGateway ID 'tgw-1' does not exist",
        ),
        (
            "VpcPeeringConnectionId",
            "pcx-1",
            "InvalidVpcPeeringConnectionID.NotFound",
            "The vpcPeeringConnection ID 'pcx-1' does not exist",
        ),
        ("VpcEndpointId", "vpce-1", "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id 'vpce-1' does not exist"),
        ("GatewayId", "vpce-1", "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id 'vpce-1' does not exist"),
        (
            "NetworkInterfaceId",
            "eni-1",
            "InvalidNetworkInterfaceID.NotFound",
            "The networkInterface ID 'eni-1' does not exist",
        ),
        ("InstanceId", "i-1", "InvalidInstanceID.NotFound", "The instance ID 'i-1' does not exist"),
        (
            "CarrierGatewayId",
            "cagw-1",
            "InvalidCarrierGatewayID.NotFound",
            "The carrierGateway ID 'cagw-1' does not exist",
        ),
        (
            "LocalGatewayId",
            "lgw-1",
            "UnsupportedOperation",
            "The parameter LocalGatewayId is not supported: Sidegate has no such targets of routes.",
        ),
        (
            "CoreNetworkArn",
            "arn:aws:networkmanager::1:core-network/core-network-1",
            "UnsupportedOperation",
            "The parameter CoreNetworkArn is not supported: Sidegate has no such targets of routes.",
        ),
        (
            "OdbNetworkArn",
            "arn:aws:odb:us-east-1:1:odb-network/1",
            "UnsupportedOperation",
            "The parameter OdbNetworkArn is not supported: Sidegate has no such targets of routes.",
        ),
    ];
    for (parameter, value, code, message) in cases {
        let parameters = network.with(&[("DestinationCidrBlock", "0.0.0.0/0"), (parameter, value)]);
        for action in ["CreateRoute", "ReplaceRoute"] {
            let refusal = network.api.refused(action, &parameters);
            assert_eq!(refusal, (code.to_owned(), message.to_owned()), "{action} {parameter}");
        }
    }
}

#[test]
fn a_route_has_exactly_one_destination_and_one_target() {
    let network = Network::new();
    let api = &network.api;
    let interface = network.interface();
    let target = ("NetworkInterfaceId", interface.as_str());
    let refusal = |parameters: &[(&str, &str)]| api.refused("CreateRoute", &network.with(parameters)).0;
    assert_eq!(refusal(&[target]), "MissingParameter");
    assert_eq!(refusal(&[("DestinationCidrBlock", "192.0.2.0/24")]), "MissingParameter");
    let two = [("DestinationCidrBlock", "192.0.2.0/24"), ("DestinationPrefixListId", "pl-63a5400a"), target];
    assert_eq!(refusal(&two), "InvalidParameterCombination");
    let two = [("DestinationCidrBlock", "192.0.2.0/24"), ("GatewayId", "igw-1"), target];
    assert_eq!(refusal(&two), "InvalidParameterCombination");
    assert_eq!(refusal(&[("DestinationCidrBlock", "192.0.2.0/33"), target]), "InvalidParameterValue");
    assert_eq!(refusal(&[("DestinationIpv6CidrBlock", "x/0"), target]), "InvalidParameterValue");
    let (code, message) = api.refused("DeleteRoute", &network.with(&[("DestinationIpv6CidrBlock", "::/0")]));
    assert_eq!(code, "InvalidRoute.NotFound");
    assert_eq!(message, format!("no route with destination-ipv6-cidr-block ::/0 in route table {}", network.table));
}

#[test]
fn the_local_route_is_led_to_an_interface_and_reset_to_itself() {
    let network = Network::new();
    let api = &network.api;
    let local = |cidr| network.with(&[("DestinationCidrBlock", cidr), ("LocalTarget", "true")]);
    assert_eq!(api.ok("ReplaceRoute", &local("10.0.0.0/16")).text("return"), "true");
    let interface = network.interface();
    let away = network.with(&[("DestinationCidrBlock", "10.0.0.0/16"), ("NetworkInterfaceId", &interface)]);
    assert_eq!(api.ok("ReplaceRoute", &away).text("return"), "true");
    assert_eq!(
        network.routes(),
        [format!(
            "<destinationCidrBlock>10.0.0.0/16</destinationCidrBlock>\
             <networkInterfaceId>{interface}</networkInterfaceId>\
             <origin>CreateRouteTable</origin><state>active</state>"
        )]
    );
    assert_eq!(api.ok("ReplaceRoute", &local("10.0.0.0/16")).text("return"), "true");
    assert!(network.routes()[0].contains("<gatewayId>local</gatewayId>"));
    assert_eq!(api.refused("ReplaceRoute", &local("192.0.2.0/24")).0, "InvalidParameterValue");
    let both =
        network.with(&[("DestinationCidrBlock", "10.0.0.0/16"), ("LocalTarget", "true"), ("GatewayId", "igw-1")]);
    assert_eq!(api.refused("ReplaceRoute", &both).0, "InvalidParameterCombination");
    let (_, message) = api.refused("DeleteRoute", &network.with(&[("DestinationCidrBlock", "10.0.0.0/16")]));
    assert_eq!(message, format!("cannot remove local route 10.0.0.0/16 in route table {}", network.table));
}

#[test]
fn each_filter_selects_by_what_the_answer_shows() {
    let network = Network::new();
    let api = &network.api;
    let association =
        api.ok("AssociateRouteTable", &network.with(&[("SubnetId", &network.subnet)])).text("associationId");
    api.ok("CreateTags", &[("ResourceId.1", &network.table), ("Tag.1.Key", "Name"), ("Tag.1.Value", "x")]);
    let only_one = [
        ("association.main", "false"),
        ("association.route-table-association-id", association.as_str()),
        ("association.route-table-id", &network.table),
        ("association.subnet-id", &network.subnet),
        ("route-table-id", &network.table),
        ("tag:Name", "x"),
        ("tag-key", "Name"),
    ];
    for (name, value) in only_one {
        assert_eq!(network.found(name, value), [network.table.as_str()], "{name}={value}");
    }
    let both = [
        ("owner-id", "123456789012"),
        ("vpc-id", network.vpc.as_str()),
        ("route.destination-cidr-block", "10.0.0.0/16"),
        ("route.gateway-id", "local"),
        ("route.origin", "CreateRouteTable"),
        ("route.state", "active"),
    ];
    for (name, value) in both {
        assert_eq!(network.found(name, value).len(), 2, "{name}={value}");
    }
    for name in ["route.nat-gateway-id", "association.gateway-id", "route.transit-gateway-id"] {
        assert!(network.found(name, "*").is_empty(), "{name}");
    }
}
