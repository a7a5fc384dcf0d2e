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
        (vec![subnet, ("ConnectivityType", "private"), ("SecondaryAllocationId.1", &allocation)], "InvalidParameter"),
        (vec![subnet, ("AllocationId", &allocation), ("SecondaryPrivateIpAddressCount", "1")], "InvalidParameter"),
        (
            vec![subnet, ("AllocationId", &allocation), ("SecondaryPrivateIpAddress.1", "10.0.1.9")],
            "InvalidParameterCombination",
        ),
        (
            vec![subnet, ("ConnectivityType", "private"), ("SecondaryPrivateIpAddressCount", "0")],
            "InvalidParameterValue",
        ),
        (
            vec![subnet, ("ConnectivityType", "private"), ("SecondaryPrivateIpAddress.1", "nowhere")],
            "InvalidParameterValue",
        ),
        (
            vec![subnet, ("ConnectivityType", "private"), ("SecondaryPrivateIpAddressCount", "8")],
            "PrivateIpAddressLimitExceeded",
        ),
        (vec![subnet, ("ConnectivityType", "private"), ("AvailabilityMode", "regional")], "UnsupportedOperation"),
        (vec![subnet, ("ConnectivityType", "private"), ("DryRun", "true")], "DryRunOperation"),
    ] {
        assert_eq!(api.refused("CreateNatGateway", &parameters).0, code, "{parameters:?}");
    }
    let missing = [("NatGatewayId", "nat-0123456789abcdef0")];
    assert_eq!(api.refused("DeleteNatGateway", &missing).0, "NatGatewayNotFound");
}

#[test]
fn further_addresses_of_a_public_gateway_are_associated_shown_and_drained() {
    let api = Api::new();
    let network = api.network();
    with_internet(&api, &network.vpc);
    let (first, second) = (address(&api, 7), address(&api, 8));
    let made = api.ok("CreateNatGateway", &[("SubnetId", &network.subnets[0]), ("AllocationId", &first)]);
    let (id, interface) = (made.text("natGatewayId"), made.text("networkInterfaceId"));
    let wanted =
        [("NatGatewayId", id.as_str()), ("AllocationId.1", second.as_str()), ("PrivateIpAddress.1", "10.0.1.77")];
    let dry: Vec<_> = wanted.into_iter().chain([("DryRun", "true")]).collect();
    assert_eq!(api.refused("AssociateNatGatewayAddress", &dry).0, "DryRunOperation");
    let regional: Vec<_> = wanted.into_iter().chain([("AvailabilityZone", "us-east-1a")]).collect();
    assert_eq!(api.refused("AssociateNatGatewayAddress", &regional).0, "UnsupportedOperation");
    let added = api.ok("AssociateNatGatewayAddress", &wanted);
    for (element, value) in [
        ("natGatewayId", id.as_str()),
        ("allocationId", second.as_str()),
        ("publicIp", "198.18.12.8"),
        ("privateIp", "10.0.1.77"),
        ("networkInterfaceId", interface.as_str()),
        ("isPrimary", "false"),
        ("status", "associating"),
    ] {
        assert_eq!(added.texts(element), [value], "{element}: {}", added.xml);
    }
    let association = added.text("associationId");
    let shown = || api.ok("DescribeNatGateways", &[("NatGatewayId.1", &id)]);
    assert_eq!(shown().texts("allocationId"), [first.as_str(), second.as_str()]);
    assert_eq!(
        (shown().texts("isPrimary"), shown().texts("status")),
        (vec!["true".to_owned(), "false".to_owned()], vec!["succeeded".to_owned(), "succeeded".to_owned()])
    );
    let of_interface = || api.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &interface)]);
    assert!(of_interface().texts("privateIpAddress").contains(&"10.0.1.77".to_owned()), "{}", of_interface().xml);
    assert!(of_interface().texts("publicIp").contains(&"198.18.12.8".to_owned()), "{}", of_interface().xml);
    let elastic = api.ok("DescribeAddresses", &[("AllocationId.1", &second)]);
    let told = (elastic.text("associationId"), elastic.text("networkInterfaceId"), elastic.text("privateIpAddress"));
    assert_eq!(told, (association.clone(), interface.clone(), "10.0.1.77".to_owned()));
    // It is the gateway's.
    assert_eq!(api.refused("DisassociateAddress", &[("AssociationId", &association)]).0, "AuthFailure");
    assert_eq!(api.refused("ReleaseAddress", &[("AllocationId", &second)]).0, "InvalidIPAddress.InUse");

    let gone = [("NatGatewayId", id.as_str()), ("AssociationId.1", &association)];
    for (seconds, code) in [("0", "InvalidParameterValue"), ("4001", "InvalidParameterValue")] {
        let wanted = [gone[0], gone[1], ("MaxDrainDurationSeconds", seconds)];
        assert_eq!(api.refused("DisassociateNatGatewayAddress", &wanted).0, code, "{seconds}");
    }
    let draining = api.ok("DisassociateNatGatewayAddress", &gone);
    for (element, value) in [
        ("allocationId", second.as_str()),
        ("associationId", association.as_str()),
        ("privateIp", "10.0.1.77"),
        ("isPrimary", "false"),
        ("status", "disassociating"),
    ] {
        assert_eq!(draining.texts(element), [value], "{element}: {}", draining.xml);
    }
    assert_eq!(shown().texts("status"), ["succeeded", "disassociating"]);
    let (code, message) = api.refused("AssociateNatGatewayAddress", &wanted);
    assert_eq!(code, "OperationInProgress");
    assert_eq!(message, format!("Service is currently DISASSOCIATING the following EIPs: [{second}]."));
    api.ok("DeleteNatGateway", &[("NatGatewayId", &id)]);
    assert_eq!(shown().texts("publicIp"), ["198.18.12.7", "198.18.12.8"]);
    api.ok("ReleaseAddress", &[("AllocationId", &second)]);
}

#[test]
fn further_addresses_of_a_private_gateway_are_assigned_shown_and_drained() {
    let api = Api::new();
    let network = api.network();
    let made = api.ok(
        "CreateNatGateway",
        &[
            ("SubnetId", network.subnets[0].as_str()),
            ("ConnectivityType", "private"),
            ("PrivateIpAddress", "10.0.1.50"),
            ("SecondaryPrivateIpAddress.1", "10.0.1.60"),
            ("SecondaryPrivateIpAddress.2", "10.0.1.61"),
        ],
    );
    assert_eq!(made.texts("privateIp"), ["10.0.1.50", "10.0.1.60", "10.0.1.61"]);
    let id = made.text("natGatewayId");
    let added = api.ok("AssignPrivateNatGatewayAddress", &[("NatGatewayId", &id), ("PrivateIpAddressCount", "2")]);
    assert_eq!(
        (added.texts("status"), added.texts("isPrimary")),
        (vec!["assigning".to_owned(); 2], vec!["false".to_owned(); 2])
    );
    assert!(!added.xml.contains("associationId") && !added.xml.contains("publicIp"), "{}", added.xml);
    let both = [("NatGatewayId", id.as_str()), ("PrivateIpAddressCount", "1"), ("PrivateIpAddress.1", "10.0.1.70")];
    assert_eq!(api.refused("AssignPrivateNatGatewayAddress", &both).0, "InvalidParameterCombination");
    let primary = [("NatGatewayId", id.as_str()), ("PrivateIpAddress.1", "10.0.1.50")];
    assert_eq!(api.refused("UnassignPrivateNatGatewayAddress", &primary).0, "InvalidParameterValue");
    let some = [("NatGatewayId", id.as_str()), ("PrivateIpAddress.1", "10.0.1.60"), ("MaxDrainDurationSeconds", "10")];
    let gone = api.ok("UnassignPrivateNatGatewayAddress", &some);
    assert_eq!(
        (gone.texts("privateIp"), gone.texts("status")),
        (vec!["10.0.1.60".to_owned()], vec!["unassigning".to_owned()])
    );
    let shown = api.ok("DescribeNatGateways", &[("NatGatewayId.1", &id)]);
    assert_eq!(shown.texts("status"), ["succeeded", "unassigning", "succeeded", "succeeded", "succeeded"]);
    let dry = [("NatGatewayId", id.as_str()), ("PrivateIpAddress.1", "10.0.1.61"), ("DryRun", "true")];
    for action in ["AssignPrivateNatGatewayAddress", "UnassignPrivateNatGatewayAddress"] {
        assert_eq!(api.refused(action, &dry).0, "DryRunOperation", "{action}");
    }
    let missing = [("NatGatewayId", "nat-0123456789abcdef0"), ("PrivateIpAddress.1", "10.0.1.61")];
    assert_eq!(api.refused("UnassignPrivateNatGatewayAddress", &missing).0, "NatGatewayNotFound");
}

#[test]
fn a_token_makes_one_gateway_with_the_same_secondary_addresses_and_no_other() {
    let api = Api::new();
    let network = api.network();
    let wanted = |count| {
        [
            ("SubnetId", network.subnets[0].as_str()),
            ("ConnectivityType", "private"),
            ("SecondaryPrivateIpAddressCount", count),
            ("ClientToken", "once"),
        ]
    };
    let made = api.ok("CreateNatGateway", &wanted("2"));
    assert_eq!(api.ok("CreateNatGateway", &wanted("2")).text("natGatewayId"), made.text("natGatewayId"));
    assert_eq!(api.refused("CreateNatGateway", &wanted("3")).0, "IdempotentParameterMismatch");
}
