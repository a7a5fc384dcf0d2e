//! Subnets over the API.

use super::super::tests::Api;

fn vpc(api: &Api) -> String {
    api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId")
}

fn subnet(api: &Api, vpc: &str, cidr: &str) -> String {
    api.ok("CreateSubnet", &[("VpcId", vpc), ("CidrBlock", cidr)]).text("subnetId")
}

#[test]
fn a_new_subnet_is_answered_with_every_element_that_aws_has() {
    let api = Api::new();
    let vpc = vpc(&api);
    let answer = api.ok(
        "CreateSubnet",
        &[
            ("VpcId", &vpc),
            ("CidrBlock", "10.0.1.77/24"),
            ("AvailabilityZone", "us-east-1b"),
            ("TagSpecification.1.ResourceType", "subnet"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
            ("TagSpecification.1.Tag.1.Value", "private"),
        ],
    );
    let id = answer.text("subnetId");
    let expected = [
        ("cidrBlock", "10.0.1.0/24"),
        ("availabilityZone", "us-east-1b"),
        ("availableIpAddressCount", "251"),
        ("state", "pending"),
        ("vpcId", vpc.as_str()),
        ("ownerId", "123456789012"),
        ("defaultForAz", "false"),
        ("mapPublicIpOnLaunch", "false"),
        ("mapCustomerOwnedIpOnLaunch", "false"),
        ("assignIpv6AddressOnCreation", "false"),
        ("enableDns64", "false"),
        ("ipv6Native", "false"),
        ("hostnameType", "ip-name"),
        ("enableResourceNameDnsARecord", "false"),
        ("enableResourceNameDnsAAAARecord", "false"),
        ("key", "Name"),
        ("value", "private"),
    ];
    for (element, value) in expected {
        assert_eq!(answer.text(element), value, "{element}");
    }
    assert_eq!(answer.text("subnetArn"), format!("arn:aws:ec2:us-east-1:123456789012:subnet/{id}"));
    assert!(answer.text("availabilityZoneId").starts_with("use1-az"));
    assert!(answer.xml.contains("<ipv6CidrBlockAssociationSet/>"));
    let described = api.ok("DescribeSubnets", &[("SubnetId.1", &id)]).text("subnetSet");
    assert_eq!(described, format!("<item>{}</item>", answer.text("subnet").replace("pending", "available")));
}

#[test]
fn a_zone_is_found_by_its_name_or_by_its_id_but_not_by_both() {
    let api = Api::new();
    let vpc = vpc(&api);
    let base = [("VpcId", vpc.as_str()), ("CidrBlock", "10.0.0.0/24")];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let answer = api.ok("CreateSubnet", &with(&[("AvailabilityZoneId", "use1-az3")]));
    assert_eq!(answer.text("availabilityZoneId"), "use1-az3");
    let (code, message) = api.refused("CreateSubnet", &with(&[("AvailabilityZone", "eu-west-1a")]));
    assert_eq!(code, "InvalidParameterValue");
    assert_eq!(
        message,
        "Value (eu-west-1a) for parameter availabilityZone is invalid. Subnets can currently only be created in the \
         following availability zones: us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1e, us-east-1f."
    );
    let (_, message) = api.refused("CreateSubnet", &with(&[("AvailabilityZoneId", "us-east-1a")]));
    assert!(message.starts_with("Value (us-east-1a) for parameter availabilityZoneId is invalid."), "{message}");
    let both = with(&[("AvailabilityZone", "us-east-1a"), ("AvailabilityZoneId", "use1-az1")]);
    assert_eq!(api.refused("CreateSubnet", &both).0, "InvalidParameterCombination");
}

#[test]
fn a_subnet_that_cannot_be_is_refused_with_its_reason() {
    let api = Api::new();
    let vpc = vpc(&api);
    subnet(&api, &vpc, "10.0.0.0/24");
    let case = |parameters: &[(&str, &str)], code: &str, message: &str| {
        let parameters = [&[("VpcId", vpc.as_str())], parameters].concat();
        assert_eq!(api.refused("CreateSubnet", &parameters), (code.to_owned(), message.to_owned()));
    };
    case(
        &[("CidrBlock", "10.0.0.128/25")],
        "InvalidSubnet.Conflict",
        "The CIDR '10.0.0.128/25' conflicts with another subnet",
    );
    case(&[("CidrBlock", "10.1.0.0/24")], "InvalidSubnet.Range", "The CIDR '10.1.0.0/24' is invalid.");
    case(&[("CidrBlock", "10.0.1.0/29")], "InvalidSubnet.Range", "The CIDR '10.0.1.0/29' is invalid.");
    case(
        &[("CidrBlock", "x")],
        "InvalidParameterValue",
        "Value (x) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
    );
    case(
        &[("CidrBlock", "10.0.1.0/24"), ("Ipv6CidrBlock", "2001:db8::/64")],
        "InvalidSubnet.Range",
        "The CIDR '2001:db8::/64' is invalid.",
    );
    case(
        &[("CidrBlock", "10.0.1.0/24"), ("Ipv6CidrBlock", "10.0.0.0/8")],
        "InvalidParameterValue",
        "Value (10.0.0.0/8) for parameter ipv6CidrBlock is invalid. This is not a valid CIDR block.",
    );
    case(
        &[("Ipv6CidrBlock", "2001:db8::/64"), ("Ipv6Native", "true")],
        "UnsupportedOperation",
        "The parameter Ipv6Native is not supported: every subnet in Sidegate has an IPv4 block.",
    );
    case(&[], "MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
    let elsewhere = [("VpcId", "vpc-0123456789abcdef0"), ("CidrBlock", "10.0.1.0/24")];
    assert_eq!(api.refused("CreateSubnet", &elsewhere).0, "InvalidVpcID.NotFound");
    assert_eq!(api.refused("CreateSubnet", &[("CidrBlock", "10.0.1.0/24")]).0, "MissingParameter");
}

#[test]
fn each_filter_selects_by_what_the_answer_shows() {
    let api = Api::new();
    let vpc = vpc(&api);
    let one = subnet(&api, &vpc, "10.0.0.0/24");
    let parameters = [("VpcId", vpc.as_str()), ("CidrBlock", "10.0.1.0/28"), ("AvailabilityZone", "us-east-1b")];
    let other = api.ok("CreateSubnet", &parameters).text("subnetId");
    api.ok("ModifySubnetAttribute", &[("SubnetId", &other), ("MapPublicIpOnLaunch.Value", "true")]);
    let arn = format!("arn:aws:ec2:us-east-1:123456789012:subnet/{one}");
    let only_one = [
        ("availability-zone", "us-east-1a"),
        ("availabilityZone", "us-east-1a"),
        ("availability-zone-id", "use1-az1"),
        ("available-ip-address-count", "251"),
        ("cidr", "10.0.0.0/24"),
        ("cidr-block", "10.0.0.0/24"),
        ("cidrBlock", "10.0.0.0/24"),
        ("map-public-ip-on-launch", "false"),
        ("subnet-arn", arn.as_str()),
        ("subnet-id", one.as_str()),
    ];
    for (name, value) in only_one {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        assert_eq!(api.ok("DescribeSubnets", &filter).texts("subnetId"), [one.as_str()], "{name}={value}");
    }
    let both = [
        ("default-for-az", "false"),
        ("defaultForAz", "false"),
        ("enable-dns64", "false"),
        ("ipv6-native", "false"),
        ("map-customer-owned-ip-on-launch", "false"),
        ("owner-id", "123456789012"),
        ("private-dns-name-options-on-launch.hostname-type", "ip-name"),
        ("private-dns-name-options-on-launch.enable-resource-name-dns-a-record", "false"),
        ("state", "available"),
        ("vpc-id", vpc.as_str()),
    ];
    for (name, value) in both {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        assert_eq!(api.ok("DescribeSubnets", &filter).texts("subnetId").len(), 2, "{name}={value}");
    }
    for name in ["outpost-arn", "customer-owned-ipv4-pool", "ipv6-cidr-block-association.state"] {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", "*")];
        assert!(api.ok("DescribeSubnets", &filter).xml.contains("<subnetSet/>"), "{name}");
    }
}

#[test]
fn interfaces_take_addresses_from_the_count_and_keep_a_subnet_from_being_deleted() {
    let api = Api::new();
    let vpc = vpc(&api);
    let id = subnet(&api, &vpc, "10.0.0.0/28");
    let subnet_id: sidegate_model::SubnetId = id.parse().unwrap();
    let interface = api.change(move |world, context| world.attach_program(context, &subnet_id, &[]));
    let count = || api.ok("DescribeSubnets", &[("SubnetId.1", &id)]).text("availableIpAddressCount");
    assert_eq!(count(), "10");
    let (code, message) = api.refused("DeleteSubnet", &[("SubnetId", &id)]);
    assert_eq!(code, "DependencyViolation");
    assert_eq!(message, format!("The subnet '{id}' has dependencies and cannot be deleted."));
    api.change(move |world, _| {
        world.detach_program(&interface);
        Ok(())
    });
    assert_eq!(count(), "11");
    assert_eq!(api.ok("DeleteSubnet", &[("SubnetId", &id)]).text("return"), "true");
    let (code, message) = api.refused("DescribeSubnets", &[("SubnetId.1", &id)]);
    assert_eq!(code, "InvalidSubnetID.NotFound");
    assert_eq!(message, format!("The subnet ID '{id}' does not exist"));
}

#[test]
fn what_a_subnet_can_be_is_kept_and_what_it_cannot_be_is_refused_unless_it_is_declined() {
    let api = Api::new();
    let vpc = vpc(&api);
    let id = subnet(&api, &vpc, "10.0.0.0/24");
    let modify = |name: &'static str, value: &'static str| [("SubnetId", id.clone()), (name, value.to_owned())];
    let call = |parameters: &[(&'static str, String)]| {
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        api.call("ModifySubnetAttribute", &parameters)
    };
    let kept = [
        ("MapPublicIpOnLaunch.Value", "mapPublicIpOnLaunch", "true", "map-public-ip-on-launch"),
        ("EnableDns64.Value", "enableDns64", "true", "enable-dns64"),
        (
            "EnableResourceNameDnsARecordOnLaunch.Value",
            "enableResourceNameDnsARecord",
            "true",
            "private-dns-name-options-on-launch.enable-resource-name-dns-a-record",
        ),
        (
            "EnableResourceNameDnsAAAARecordOnLaunch.Value",
            "enableResourceNameDnsAAAARecord",
            "true",
            "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record",
        ),
        (
            "PrivateDnsHostnameTypeOnLaunch",
            "hostnameType",
            "resource-name",
            "private-dns-name-options-on-launch.hostname-type",
        ),
    ];
    for (name, element, value, filter) in kept {
        assert_ne!(api.ok("DescribeSubnets", &[]).text(element), value, "{name}");
        assert_eq!(call(&modify(name, value)).text("return"), "true", "{name}");
        let value = if filter == "subnet-id" { "*" } else { value };
        let found = api.ok("DescribeSubnets", &[("Filter.1.Name", filter), ("Filter.1.Value.1", value)]);
        assert!(value == "*" || found.text(element) == value, "{name}: {}", found.xml);
        assert_eq!(found.texts("subnetId").len(), 1, "{filter}");
    }
    let declined = [
        ("AssignIpv6AddressOnCreation.Value", "false"),
        ("EnableDns64.Value", "false"),
        ("EnableResourceNameDnsARecordOnLaunch.Value", "false"),
        ("EnableResourceNameDnsAAAARecordOnLaunch.Value", "false"),
        ("PrivateDnsHostnameTypeOnLaunch", "ip-name"),
        ("MapCustomerOwnedIpOnLaunch.Value", "false"),
        ("DisableLniAtDeviceIndex.Value", "true"),
    ];
    for (name, value) in declined {
        assert_eq!(call(&modify(name, value)).text("return"), "true", "{name}");
    }
    let asked = [("CustomerOwnedIpv4Pool", "ipv4pool-coip-1"), ("EnableLniAtDeviceIndex", "1")];
    for (name, value) in asked {
        assert_eq!(call(&modify(name, value)).text("Code"), "UnsupportedOperation", "{name}");
    }
    assert_eq!(call(&modify("PrivateDnsHostnameTypeOnLaunch", "nick-name")).text("Code"), "InvalidParameterValue");
    let two = [("SubnetId", id.as_str()), ("MapPublicIpOnLaunch.Value", "true"), ("EnableDns64.Value", "false")];
    assert_eq!(api.refused("ModifySubnetAttribute", &two).0, "InvalidParameterCombination");
    let unknown = [("SubnetId", "subnet-0123456789abcdef0"), ("MapPublicIpOnLaunch.Value", "true")];
    assert_eq!(api.refused("ModifySubnetAttribute", &unknown).0, "InvalidSubnetID.NotFound");
}

#[test]
fn an_ipv6_block_is_associated_with_the_subnet_as_it_is_made_or_later() {
    let api = Api::new();
    let parameters = [("CidrBlock", "10.0.0.0/16"), ("AmazonProvidedIpv6CidrBlock", "true")];
    let made = api.ok("CreateVpc", &parameters);
    let (vpc, range) = (made.text("vpcId"), made.text("ipv6CidrBlock"));
    let block = range.replace("/56", "/64");
    let both = [("VpcId", vpc.as_str()), ("CidrBlock", "10.0.0.0/24"), ("Ipv6CidrBlock", block.as_str())];
    let answer = api.ok("CreateSubnet", &both);
    let (id, association) = (answer.text("subnetId"), answer.text("associationId"));
    let shown = |state: &str| {
        format!(
            "<associationId>{association}</associationId><ipv6CidrBlock>{block}</ipv6CidrBlock><ipv6CidrBlockState>\
             <state>{state}</state></ipv6CidrBlockState><ipv6AddressAttribute>public</ipv6AddressAttribute>\
             <ipSource>amazon</ipSource>"
        )
    };
    assert_eq!(answer.text("ipv6CidrBlockAssociationSet"), format!("<item>{}</item>", shown("associated")));
    assert_eq!(answer.text("availableIpAddressCount"), "251");
    for (name, value) in [
        ("ipv6-cidr-block-association.association-id", association.as_str()),
        ("ipv6-cidr-block-association.ipv6-cidr-block", &block),
        ("ipv6-cidr-block-association.state", "associated"),
    ] {
        let found = api.ok("DescribeSubnets", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]);
        assert_eq!(found.texts("subnetId"), [id.as_str()], "{name}");
    }
    let again = [("SubnetId", id.as_str()), ("Ipv6CidrBlock", block.as_str())];
    assert_eq!(api.refused("AssociateSubnetCidrBlock", &again).0, "CidrLimitExceeded");
    let other = [("VpcId", vpc.as_str()), ("CidrBlock", "10.0.1.0/24"), ("Ipv6CidrBlock", block.as_str())];
    let (code, message) = api.refused("CreateSubnet", &other);
    assert_eq!(code, "InvalidSubnet.Conflict");
    assert_eq!(message, format!("The CIDR '{block}' conflicts with another subnet"));
    assert_eq!(api.ok("DescribeSubnets", &[]).texts("subnetId").len(), 1, "nothing was half made");
    let automatic = |on| [("SubnetId", id.as_str()), ("AssignIpv6AddressOnCreation.Value", on)];
    api.ok("ModifySubnetAttribute", &automatic("true"));
    assert_eq!(api.ok("DescribeSubnets", &[]).text("assignIpv6AddressOnCreation"), "true");
    let used = [("AssociationId", association.as_str())];
    assert_eq!(api.refused("DisassociateSubnetCidrBlock", &used).0, "InvalidCidrBlock.InUse");
    api.ok("ModifySubnetAttribute", &automatic("false"));
    let answer = api.ok("DisassociateSubnetCidrBlock", &[("AssociationId", &association)]);
    assert_eq!(answer.text("ipv6CidrBlockAssociation"), shown("disassociating"));
    assert_eq!(answer.text("subnetId"), id);
    assert!(api.ok("DescribeSubnets", &[]).xml.contains("<ipv6CidrBlockAssociationSet/>"));
    let (code, message) = api.refused("DisassociateSubnetCidrBlock", &[("AssociationId", &association)]);
    assert_eq!(code, "InvalidSubnetCidrBlockAssociationID.NotFound");
    assert_eq!(message, format!("The subnet CIDR block with association ID '{association}' does not exist"));
    let answer = api.ok("AssociateSubnetCidrBlock", &again);
    assert_eq!((answer.text("state"), answer.text("subnetId")), ("associating".to_owned(), id.clone()));
    assert_eq!(api.refused("AssociateSubnetCidrBlock", &[("SubnetId", &id)]).0, "MissingParameter");
    let ipam = [("SubnetId", id.as_str()), ("Ipv6IpamPoolId", "ipam-pool-1")];
    assert_eq!(api.refused("AssociateSubnetCidrBlock", &ipam).0, "UnsupportedOperation");
    api.ok("DisassociateSubnetCidrBlock", &[("AssociationId", &api.ok("DescribeSubnets", &[]).text("associationId"))]);
    let (code, message) = api.refused("ModifySubnetAttribute", &automatic("true"));
    assert_eq!(code, "InvalidParameterValue");
    assert!(message.starts_with("Invalid value 'true' for assign-ipv6-address-on-creation."), "{message}");
    let only = [both[0], both[2], ("Ipv6Native", "true")];
    assert_eq!(api.refused("CreateSubnet", &only).0, "UnsupportedOperation");
}
