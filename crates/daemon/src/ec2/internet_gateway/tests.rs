use super::super::tests::Api;

#[test]
fn a_gateway_is_made_attached_shown_detached_and_deleted() {
    let mut api = Api::new();
    let vpc = api.network().vpc;
    let tags = [
        ("TagSpecification.1.ResourceType", "internet-gateway"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "way out"),
    ];
    let made = api.ok("CreateInternetGateway", &tags);
    let id = made.text("internetGatewayId");
    assert!(id.starts_with("igw-") && made.xml.contains("<attachmentSet/>") && made.text("value") == "way out");
    let both = [("InternetGatewayId", id.as_str()), ("VpcId", vpc.as_str())];
    assert_eq!(api.refused("DetachInternetGateway", &both).0, "Gateway.NotAttached");
    assert_eq!(api.ok("AttachInternetGateway", &both).text("return"), "true");
    let (code, message) = api.refused("AttachInternetGateway", &both);
    assert_eq!(code, "Resource.AlreadyAssociated");
    assert_eq!(message, format!("resource {id} is already attached to network {vpc}"));
    let other = api.ok("CreateInternetGateway", &[]).text("internetGatewayId");
    let (code, message) = api.refused("AttachInternetGateway", &[("InternetGatewayId", &other), ("VpcId", &vpc)]);
    assert_eq!(code, "InvalidParameterValue");
    assert_eq!(message, format!("Network {vpc} already has an internet gateway attached"));

    for (filter, value, count) in [
        ("attachment.vpc-id", vpc.as_str(), 1),
        ("attachment.state", "available", 1),
        ("internet-gateway-id", other.as_str(), 1),
        ("owner-id", "123456789012", 2),
        ("tag:Name", "way*", 1),
        ("tag-key", "Name", 1),
    ] {
        let found = api.ok("DescribeInternetGateways", &[("Filter.1.Name", filter), ("Filter.1.Value.1", value)]);
        assert_eq!(found.texts("internetGatewayId").len(), count, "{filter}");
    }
    let page = api.ok("DescribeInternetGateways", &[("MaxResults", "5")]);
    assert_eq!((page.texts("internetGatewayId").len(), page.text("nextToken")), (2, String::new()));
    assert_eq!(api.refused("DeleteInternetGateway", &[("InternetGatewayId", &id)]).0, "DependencyViolation");
    api.switch_account("999999999999");
    let unknown = api.refused("DescribeInternetGateways", &[("InternetGatewayId.1", &id)]);
    assert_eq!(unknown.1, format!("The internetGateway ID '{id}' does not exist"));
    assert_eq!(unknown.0, "InvalidInternetGatewayID.NotFound");
    api.switch_account("123456789012");
    api.ok("DetachInternetGateway", &both);
    assert_eq!(api.refused("DetachInternetGateway", &[("VpcId", &vpc)]).0, "MissingParameter");
    api.ok("DeleteInternetGateway", &[("InternetGatewayId", &id)]);
    assert_eq!(api.ok("DescribeInternetGateways", &[]).texts("internetGatewayId"), [other]);
}

#[test]
fn a_vpc_with_a_gateway_is_not_deleted() {
    let api = Api::new();
    let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.9.0.0/16")]).text("vpcId");
    let id = api.ok("CreateInternetGateway", &[]).text("internetGatewayId");
    let both = [("InternetGatewayId", id.as_str()), ("VpcId", vpc.as_str())];
    api.ok("AttachInternetGateway", &both);
    assert_eq!(api.refused("DeleteVpc", &[("VpcId", &vpc)]).0, "DependencyViolation");
    api.ok("DetachInternetGateway", &both);
    let only = api.ok("CreateEgressOnlyInternetGateway", &[("VpcId", &vpc)]).text("egressOnlyInternetGatewayId");
    assert_eq!(api.refused("DeleteVpc", &[("VpcId", &vpc)]).0, "DependencyViolation");
    let gone = api.ok("DeleteEgressOnlyInternetGateway", &[("EgressOnlyInternetGatewayId", &only)]);
    assert_eq!(gone.text("returnCode"), "true");
    api.ok("DeleteVpc", &[("VpcId", &vpc)]);
}

#[test]
fn an_egress_only_gateway_is_attached_for_life_and_made_once_for_a_token() {
    let api = Api::new();
    let vpc = api.network().vpc;
    let wanted = [("VpcId", vpc.as_str()), ("ClientToken", "once")];
    let made = api.ok("CreateEgressOnlyInternetGateway", &wanted);
    let id = made.text("egressOnlyInternetGatewayId");
    assert_eq!(
        (made.text("state"), made.text("vpcId"), made.text("clientToken")),
        ("attached".into(), vpc.clone(), "once".into())
    );
    assert_eq!(api.ok("CreateEgressOnlyInternetGateway", &wanted).text("egressOnlyInternetGatewayId"), id);
    assert_eq!(api.refused("CreateEgressOnlyInternetGateway", &[("VpcId", &vpc)]).0, "InvalidParameterValue");
    let shown = api.ok("DescribeEgressOnlyInternetGateways", &[("EgressOnlyInternetGatewayId.1", &id)]);
    assert_eq!(shown.texts("egressOnlyInternetGatewayId"), [id]);
    let missing = [("EgressOnlyInternetGatewayId", "eigw-0123456789abcdef0")];
    let (code, _) = api.refused("DeleteEgressOnlyInternetGateway", &missing);
    assert_eq!(code, "InvalidEgressOnlyInternetGatewayId.NotFound");
}
