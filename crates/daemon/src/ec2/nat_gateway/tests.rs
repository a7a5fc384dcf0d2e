use sidegate_model::{AllocationId, ElasticIp};

use super::super::tests::Api;

/// An Elastic IP address.
fn address(api: &Api, last: u8) -> String {
    api.change(move |world, context| {
        let id = AllocationId::random(context.entropy);
        let address = [198, 18, 12, last].into();
        let scope = context.scope.clone();
        world.elastic_ips.insert(ElasticIp { id: id.clone(), scope, address, association: None });
        Ok(id.to_string())
    })
}

fn with_internet(api: &Api, vpc: &str) -> String {
    let id = api.ok("CreateInternetGateway", &[]).text("internetGatewayId");
    api.ok("AttachInternetGateway", &[("InternetGatewayId", &id), ("VpcId", vpc)]);
    id
}

#[test]
fn a_public_gateway_has_an_interface_and_an_address_until_it_is_deleted_and_is_shown_on() {
    let api = Api::new();
    let network = api.network();
    let internet = with_internet(&api, &network.vpc);
    let allocation = address(&api, 7);
    let wanted = [
        ("SubnetId", network.subnets[0].as_str()),
        ("AllocationId", allocation.as_str()),
        ("ClientToken", "once"),
        ("TagSpecification.1.ResourceType", "natgateway"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "nat"),
    ];
    let made = api.ok("CreateNatGateway", &wanted);
    let id = made.text("natGatewayId");
    assert_eq!(api.ok("CreateNatGateway", &wanted).text("natGatewayId"), id);
    for (element, value) in [
        ("state", "available"),
        ("connectivityType", "public"),
        ("publicIp", "198.18.12.7"),
        ("allocationId", allocation.as_str()),
        ("subnetId", network.subnets[0].as_str()),
        ("vpcId", network.vpc.as_str()),
        ("isPrimary", "true"),
        ("status", "succeeded"),
        ("value", "nat"),
    ] {
        assert_eq!(made.text(element), value, "{element}: {}", made.xml);
    }
    assert!(made.text("privateIp").starts_with("10.0.1.") && made.text("associationId").starts_with("eipassoc-"));
    let interface = api.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &made.text("networkInterfaceId"))]);
    for (element, value) in
        [("interfaceType", "nat_gateway"), ("requesterManaged", "true"), ("sourceDestCheck", "false")]
    {
        assert_eq!(interface.text(element), value, "{element}");
    }
    assert_eq!(interface.text("description"), format!("Interface for NAT Gateway {id}"));
    assert!(interface.xml.contains("<groupSet/>"), "{}", interface.xml);
    let by_state = [("Filter.1.Name", "state"), ("Filter.1.Value.1", "available")];
    assert_eq!(api.ok("DescribeNatGateways", &by_state).texts("natGatewayId"), [id.as_str()]);
    assert_eq!(api.refused("DeleteSubnet", &[("SubnetId", &network.subnets[0])]).0, "DependencyViolation");
    let detach = [("InternetGatewayId", internet.as_str()), ("VpcId", network.vpc.as_str())];
    assert!(api.refused("DetachInternetGateway", &detach).1.contains("has some mapped public address(es)"));

    assert_eq!(api.ok("DeleteNatGateway", &[("NatGatewayId", &id)]).text("natGatewayId"), id);
    let gone = api.ok("DescribeNatGateways", &[("NatGatewayId.1", &id)]);
    assert_eq!((gone.text("state"), gone.text("publicIp")), ("deleted".to_owned(), "198.18.12.7".to_owned()));
    assert!(!gone.text("deleteTime").is_empty());
    api.ok("DetachInternetGateway", &detach);
    api.ok("DeleteSubnet", &[("SubnetId", &network.subnets[0])]);
}

#[test]
fn what_aws_finds_out_while_it_makes_a_gateway_makes_it_fail() {
    let api = Api::new();
    let network = api.network();
    let allocation = address(&api, 8);
    let subnet = network.subnets[0].as_str();
    let wanted = [("SubnetId", subnet), ("AllocationId", allocation.as_str())];
    let failed = api.ok("CreateNatGateway", &wanted);
    assert_eq!(
        (failed.text("state"), failed.text("failureCode")),
        ("failed".to_owned(), "Gateway.NotAttached".to_owned())
    );
    assert_eq!(failed.text("failureMessage"), format!("Network {} has no Internet gateway attached", network.vpc));
    with_internet(&api, &network.vpc);
    api.ok("CreateNatGateway", &wanted);
    let failed = api.ok("CreateNatGateway", &wanted);
    assert_eq!(failed.text("failureCode"), "Resource.AlreadyAssociated");
}

#[test]
fn a_private_gateway_needs_no_address_of_the_internet() {
    let api = Api::new();
    let network = api.network();
    let wanted =
        [("SubnetId", network.subnets[1].as_str()), ("ConnectivityType", "private"), ("PrivateIpAddress", "10.0.2.77")];
    let made = api.ok("CreateNatGateway", &wanted);
    let shown = (made.text("state"), made.text("connectivityType"), made.text("privateIp"), made.text("publicIp"));
    assert_eq!(shown, ("available".into(), "private".into(), "10.0.2.77".into(), String::new()));
}

#[test]
fn a_request_that_is_at_fault_is_refused() {
    let api = Api::new();
    let network = api.network();
    let allocation = address(&api, 9);
    let subnet = ("SubnetId", network.subnets[0].as_str());
    for (parameters, code) in [
        (vec![subnet], "MissingParameter"),
        (vec![("AllocationId", allocation.as_str())], "MissingParameter"),
        (vec![subnet, ("AllocationId", "eipalloc-0123456789abcdef0")], "InvalidAllocationID.NotFound"),
        (vec![("SubnetId", "subnet-0123456789abcdef0"), ("ConnectivityType", "private")], "InvalidSubnetID.NotFound"),
        (vec![subnet, ("ConnectivityType", "other")], "InvalidParameterValue"),
        (vec![subnet, ("ConnectivityType", "private"), ("AllocationId", &allocation)], "InvalidParameter"),
        (
            vec![subnet, ("ConnectivityType", "private"), ("SecondaryPrivateIpAddressCount", "2")],
            "UnsupportedOperation",
        ),
        (vec![subnet, ("ConnectivityType", "private"), ("DryRun", "true")], "DryRunOperation"),
    ] {
        assert_eq!(api.refused("CreateNatGateway", &parameters).0, code, "{parameters:?}");
    }
    let missing = [("NatGatewayId", "nat-0123456789abcdef0")];
    assert_eq!(api.refused("DeleteNatGateway", &missing).0, "NatGatewayNotFound");
}
