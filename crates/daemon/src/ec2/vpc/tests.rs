//! VPCs over the API.

use super::super::tests::Api;

fn vpc(api: &Api, cidr: &str) -> String {
    api.ok("CreateVpc", &[("CidrBlock", cidr)]).text("vpcId")
}

#[test]
fn a_new_vpc_is_answered_with_every_element_that_aws_has() {
    let api = Api::new();
    let answer = api.ok(
        "CreateVpc",
        &[
            ("CidrBlock", "10.0.0.0/16"),
            ("AmazonProvidedIpv6CidrBlock", "false"),
            ("TagSpecification.1.ResourceType", "vpc"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
            ("TagSpecification.1.Tag.1.Value", "a & b"),
        ],
    );
    let id = answer.text("vpcId");
    let digits = id.strip_prefix("vpc-").unwrap();
    let vpc = answer.text("vpc");
    assert!(vpc.contains("<ownerId>123456789012</ownerId><instanceTenancy>default</instanceTenancy>"), "{vpc}");
    assert!(vpc.contains("<ipv6CidrBlockAssociationSet/>"), "{vpc}");
    let association = format!(
        "<cidrBlockAssociationSet><item><associationId>vpc-cidr-assoc-{digits}</associationId>\
         <cidrBlock>10.0.0.0/16</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState></item>"
    );
    assert!(vpc.contains(&association), "{vpc}");
    assert!(vpc.contains("<isDefault>false</isDefault>"), "{vpc}");
    assert!(vpc.contains("<tagSet><item><key>Name</key><value>a & b</value></item></tagSet>"), "{vpc}");
    assert!(vpc.contains("<state>pending</state><cidrBlock>10.0.0.0/16</cidrBlock><dhcpOptionsId>dopt-"), "{vpc}");
    let described = api.ok("DescribeVpcs", &[("VpcId.1", &id)]).text("vpcSet");
    assert_eq!(described, format!("<item>{}</item>", vpc.replace("pending", "available")));
}

#[test]
fn a_block_is_taken_in_its_canonical_form() {
    let api = Api::new();
    let answer = api.ok("CreateVpc", &[("CidrBlock", "100.68.0.18/18")]);
    assert!(answer.xml.contains("<cidrBlock>100.68.0.0/18</cidrBlock>"));
}

#[test]
fn a_vpc_that_cannot_be_is_refused_with_its_reason() {
    let api = Api::new();
    let case = |parameters: &[(&str, &str)], code: &str, message: &str| {
        assert_eq!(api.refused("CreateVpc", parameters), (code.to_owned(), message.to_owned()));
    };
    case(&[], "MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
    case(
        &[("CidrBlock", "10.0.0.0")],
        "InvalidParameterValue",
        "Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
    );
    case(&[("CidrBlock", "10.0.0.0/8")], "InvalidVpc.Range", "The CIDR '10.0.0.0/8' is invalid.");
    case(
        &[("CidrBlock", "10.0.0.0/16"), ("Ipv6Pool", "ipv6pool-ec2-1")],
        "UnsupportedOperation",
        "The parameter Ipv6Pool is not supported: there are no address pools in Sidegate.",
    );
    let group = ("Ipv6CidrBlockNetworkBorderGroup", "us-west-2");
    case(
        &[("CidrBlock", "10.0.0.0/16"), group],
        "InvalidParameterCombination",
        "The parameter Ipv6CidrBlockNetworkBorderGroup needs AmazonProvidedIpv6CidrBlock.",
    );
    case(
        &[("CidrBlock", "10.0.0.0/16"), ("AmazonProvidedIpv6CidrBlock", "true"), group],
        "InvalidParameterValue",
        "Value (us-west-2) for parameter ipv6CidrBlockNetworkBorderGroup is invalid. Expecting us-east-1.",
    );
    case(
        &[("Ipv4IpamPoolId", "ipam-pool-1")],
        "UnsupportedOperation",
        "The parameter Ipv4IpamPoolId is not supported: there are no address pools in Sidegate.",
    );
    case(
        &[
            ("CidrBlock", "10.0.0.0/16"),
            ("TagSpecification.1.ResourceType", "subnet"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
        ],
        "InvalidParameterValue",
        "'subnet' is not a valid taggable resource type for this operation.",
    );
    assert_eq!(
        api.refused("CreateVpc", &[("CidrBlock", "10.0.0.0/16"), ("InstanceTenancy", "host")]).0,
        "InvalidParameterValue"
    );
    assert!(api.ok("DescribeVpcs", &[]).xml.contains("<vpcSet/>"), "nothing was half made");
}

#[test]
fn tags_that_are_refused_leave_no_vpc_behind() {
    let api = Api::new();
    let tags = [
        ("CidrBlock", "10.0.0.0/16"),
        ("TagSpecification.1.ResourceType", "vpc"),
        ("TagSpecification.1.Tag.1.Key", "aws:x"),
    ];
    assert_eq!(api.refused("CreateVpc", &tags).0, "InvalidParameterValue");
    assert!(api.ok("DescribeVpcs", &[]).xml.contains("<vpcSet/>"));
}

#[test]
fn a_dry_run_makes_nothing() {
    let api = Api::new();
    let (code, message) = api.refused("CreateVpc", &[("CidrBlock", "10.0.0.0/16"), ("DryRun", "true")]);
    assert_eq!(code, "DryRunOperation");
    assert_eq!(message, "Request would have succeeded, but DryRun flag is set.");
    assert!(api.ok("DescribeVpcs", &[]).xml.contains("<vpcSet/>"));
}

#[test]
fn ids_that_are_unknown_and_ids_that_are_none_are_told_apart() {
    let api = Api::new();
    let unknown = "vpc-0123456789abcdef0";
    for action in ["DescribeVpcs", "DeleteVpc"] {
        let parameter = if action == "DescribeVpcs" { "VpcId.1" } else { "VpcId" };
        let (code, message) = api.refused(action, &[(parameter, unknown)]);
        assert_eq!(code, "InvalidVpcID.NotFound");
        assert_eq!(message, format!("The vpc ID '{unknown}' does not exist"));
        let (_, message) = api.refused(action, &[(parameter, "lan-1")]);
        assert_eq!(message, "Invalid id: \"lan-1\" (expecting \"vpc-...\")");
    }
}

#[test]
fn each_filter_selects_by_what_the_answer_shows() {
    let api = Api::new();
    let one = vpc(&api, "10.0.0.0/16");
    let other = vpc(&api, "10.1.0.0/24");
    api.ok("CreateTags", &[("ResourceId.1", &one), ("Tag.1.Key", "Team"), ("Tag.1.Value", "A")]);
    let digits = one.strip_prefix("vpc-").unwrap();
    let association = format!("vpc-cidr-assoc-{digits}");
    let only_one = [
        ("cidr", "10.0.0.0/16"),
        ("cidr-block-association.cidr-block", "10.0.*"),
        ("cidr-block-association.association-id", association.as_str()),
        ("vpc-id", &one),
        ("tag:Team", "A"),
        ("tag-key", "Te?m"),
    ];
    for (name, value) in only_one {
        let found = api.ok("DescribeVpcs", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]).texts("vpcId");
        assert_eq!(found, [one.as_str()], "{name}={value}");
    }
    let dhcp = api.ok("DescribeVpcs", &[]).text("dhcpOptionsId");
    let both = [
        ("state", "available"),
        ("is-default", "false"),
        ("isDefault", "false"),
        ("owner-id", "123456789012"),
        ("cidr-block-association.state", "associated"),
        ("dhcp-options-id", dhcp.as_str()),
    ];
    for (name, value) in both {
        let found = api.ok("DescribeVpcs", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]).texts("vpcId");
        assert_eq!(found.len(), 2, "{name}={value}");
        assert!(found.contains(&one) && found.contains(&other));
    }
    for name in ["ipv6-cidr-block-association.state", "tag:None"] {
        let found = api.ok("DescribeVpcs", &[("Filter.1.Name", name), ("Filter.1.Value.1", "*")]);
        assert!(found.xml.contains("<vpcSet/>"), "{name}");
    }
    assert_eq!(
        api.refused("DescribeVpcs", &[("Filter.1.Name", "color"), ("Filter.1.Value.1", "x")]).0,
        "InvalidParameterValue"
    );
}

#[test]
fn pages_hold_every_vpc_once() {
    let api = Api::new();
    let mut made: Vec<_> = (0..7).map(|n| vpc(&api, &format!("10.{n}.0.0/16"))).collect();
    made.sort();
    let first = api.ok("DescribeVpcs", &[("MaxResults", "5")]);
    let token = first.text("nextToken");
    let second = api.ok("DescribeVpcs", &[("MaxResults", "5"), ("NextToken", &token)]);
    assert_eq!([first.texts("vpcId"), second.texts("vpcId")].concat(), made);
    assert_eq!(second.text("nextToken"), "");
    assert_eq!(api.refused("DescribeVpcs", &[("MaxResults", "4")]).0, "InvalidParameterValue");
}

#[test]
fn another_account_sees_and_deletes_nothing() {
    let mut api = Api::new();
    let id = vpc(&api, "10.0.0.0/16");
    api.switch_account("210987654321");
    assert!(api.ok("DescribeVpcs", &[]).xml.contains("<vpcSet/>"));
    assert_eq!(api.refused("DescribeVpcs", &[("VpcId.1", &id)]).0, "InvalidVpcID.NotFound");
    assert_eq!(api.refused("DeleteVpc", &[("VpcId", &id)]).0, "InvalidVpcID.NotFound");
}

#[test]
fn attributes_are_changed_and_described_one_at_a_time() {
    let api = Api::new();
    let id = vpc(&api, "10.0.0.0/16");
    let read = |attribute: &str| {
        let answer = api.ok("DescribeVpcAttribute", &[("VpcId", &id), ("Attribute", attribute)]);
        assert_eq!(answer.text("vpcId"), id);
        answer.text(attribute)
    };
    assert_eq!(read("enableDnsSupport"), "<value>true</value>");
    assert_eq!(read("enableDnsHostnames"), "<value>false</value>");
    assert_eq!(read("enableNetworkAddressUsageMetrics"), "<value>false</value>");
    let answer = api.ok("ModifyVpcAttribute", &[("VpcId", &id), ("EnableDnsHostnames.Value", "true")]);
    assert_eq!(answer.text("return"), "true");
    assert_eq!(read("enableDnsHostnames"), "<value>true</value>");

    let both = [("VpcId", id.as_str()), ("EnableDnsHostnames.Value", "true"), ("EnableDnsSupport.Value", "true")];
    assert_eq!(
        api.refused("ModifyVpcAttribute", &both),
        (
            "InvalidParameterCombination".to_owned(),
            "Fields for multiple attribute types specified: enableDnsHostnames, enableDnsSupport".to_owned()
        )
    );
    assert_eq!(api.refused("ModifyVpcAttribute", &[("VpcId", &id)]).1, "No attributes specified.");
    assert_eq!(
        api.refused("DescribeVpcAttribute", &[("VpcId", &id), ("Attribute", "colour")]).0,
        "InvalidParameterValue"
    );
    assert_eq!(api.refused("DescribeVpcAttribute", &[("VpcId", &id)]).0, "MissingParameter");
}

#[test]
fn a_vpc_in_use_is_not_deleted_and_an_empty_one_is() {
    let api = Api::new();
    let id = vpc(&api, "10.0.0.0/16");
    let subnet = api.ok("CreateSubnet", &[("VpcId", &id), ("CidrBlock", "10.0.0.0/24")]).text("subnetId");
    let (code, message) = api.refused("DeleteVpc", &[("VpcId", &id)]);
    assert_eq!(code, "DependencyViolation");
    assert_eq!(message, format!("The vpc '{id}' has dependencies and cannot be deleted."));
    api.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
    assert_eq!(api.ok("DeleteVpc", &[("VpcId", &id)]).text("return"), "true");
    for action in ["DescribeVpcs", "DescribeRouteTables", "DescribeSecurityGroups", "DescribeNetworkAcls"] {
        assert_eq!(api.ok(action, &[]).texts("item").len(), 0, "{action}");
    }
}

#[test]
fn blocks_are_associated_shown_and_disassociated() {
    let mut api = Api::new();
    let id = vpc(&api, "10.10.0.0/16");
    let answer = api.ok("AssociateVpcCidrBlock", &[("VpcId", &id), ("CidrBlock", "10.20.0.7/24")]);
    let association = answer.text("associationId");
    assert_eq!(
        answer.text("cidrBlockAssociation"),
        format!(
            "<associationId>{association}</associationId><cidrBlock>10.20.0.0/24</cidrBlock>\
             <cidrBlockState><state>associating</state></cidrBlockState>"
        )
    );
    assert_eq!(answer.text("vpcId"), id);
    let shown = || api.ok("DescribeVpcs", &[("VpcId.1", &id)]);
    let blocks = shown().text("cidrBlockAssociationSet");
    assert!(blocks.contains("10.20.0.0/24</cidrBlock><cidrBlockState><state>associated"), "{blocks}");
    let found = |name: &str, value: &str| {
        api.ok("DescribeVpcs", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]).texts("vpcId").len()
    };
    assert_eq!(found("cidr-block-association.cidr-block", "10.20.0.0/24"), 1);
    assert_eq!(found("cidr-block-association.association-id", &association), 1);
    assert_eq!(found("cidr", "10.20.0.0/24"), 0, "the primary one alone");
    let subnet = api.ok("CreateSubnet", &[("VpcId", &id), ("CidrBlock", "10.20.0.0/28")]).text("subnetId");
    let gone = [("AssociationId", association.as_str())];
    assert_eq!(api.refused("DisassociateVpcCidrBlock", &gone).0, "DependencyViolation");
    api.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
    api.switch_account("444455556666");
    let (code, message) = api.refused("DisassociateVpcCidrBlock", &gone);
    assert_eq!(code, "InvalidVpcCidrBlockAssociationID.NotFound");
    assert_eq!(message, format!("The vpc CIDR block association ID '{association}' does not exist"));
    api.switch_account("123456789012");
    let answer = api.ok("DisassociateVpcCidrBlock", &gone);
    assert_eq!(
        (answer.text("state"), answer.text("cidrBlock")),
        ("disassociating".to_owned(), "10.20.0.0/24".to_owned())
    );
    assert_eq!(api.ok("DescribeVpcs", &[]).texts("associationId").len(), 1);
}

#[test]
fn an_ipv6_block_is_given_shown_and_taken() {
    let api = Api::new();
    let parameters = [("CidrBlock", "10.0.0.0/16"), ("AmazonProvidedIpv6CidrBlock", "true")];
    let answer = api.ok("CreateVpc", &parameters);
    let (id, block) = (answer.text("vpcId"), answer.text("ipv6CidrBlock"));
    assert!(block.starts_with("2001:db8:") && block.ends_with("/56"), "{block}");
    let rest = "<ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState>\
                <networkBorderGroup>us-east-1</networkBorderGroup><ipv6Pool>Amazon</ipv6Pool>\
                <ipv6AddressAttribute>public</ipv6AddressAttribute><ipSource>amazon</ipSource>";
    assert!(answer.text("ipv6CidrBlockAssociationSet").contains(rest), "{}", answer.xml);
    let set = answer.text("ipv6CidrBlockAssociationSet");
    let association = set.split_once("<associationId>").unwrap().1.split_once('<').unwrap().0.to_owned();
    for (name, value) in [
        ("ipv6-cidr-block-association.association-id", association.as_str()),
        ("ipv6-cidr-block-association.ipv6-cidr-block", &block),
        ("ipv6-cidr-block-association.ipv6-pool", "Amazon"),
        ("ipv6-cidr-block-association.state", "associated"),
    ] {
        let found = api.ok("DescribeVpcs", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]);
        assert_eq!(found.texts("vpcId"), [id.as_str()], "{name}");
    }
    let again = [("VpcId", id.as_str()), ("AmazonProvidedIpv6CidrBlock", "true")];
    let (code, message) = api.refused("AssociateVpcCidrBlock", &again);
    assert_eq!(code, "CidrLimitExceeded");
    assert_eq!(message, format!("This network '{id}' has met its maximum number of allowed CIDRs: 1"));
    let filter = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", id.as_str())];
    let acl = api.ok("DescribeNetworkAcls", &filter);
    assert_eq!(acl.texts("ruleNumber"), ["100", "101", "32767", "32768", "100", "101", "32767", "32768"]);
    let answer = api.ok("DisassociateVpcCidrBlock", &[("AssociationId", &association)]);
    assert_eq!((answer.text("ipv6CidrBlock"), answer.text("state")), (block, "disassociating".to_owned()));
    assert!(api.ok("DescribeVpcs", &[("VpcId.1", &id)]).xml.contains("<ipv6CidrBlockAssociationSet/>"));
    let answer = api.ok("AssociateVpcCidrBlock", &again);
    assert_eq!((answer.text("vpcId"), answer.text("state")), (id, "associating".to_owned()));
}

#[test]
fn a_request_for_a_block_names_one_kind() {
    let api = Api::new();
    let id = vpc(&api, "10.10.0.0/16");
    let case = |parameters: &[(&str, &str)], code: &str| {
        let parameters = [&[("VpcId", id.as_str())], parameters].concat();
        assert_eq!(api.refused("AssociateVpcCidrBlock", &parameters).0, code, "{parameters:?}");
    };
    case(&[], "MissingParameter");
    case(&[("CidrBlock", "10.20.0.0/16"), ("AmazonProvidedIpv6CidrBlock", "true")], "InvalidParameterCombination");
    case(&[("Ipv6Pool", "ipv6pool-ec2-1")], "UnsupportedOperation");
    case(&[("Ipv4IpamPoolId", "ipam-pool-1")], "UnsupportedOperation");
    case(&[("CidrBlock", "10.20.0.0")], "InvalidParameterValue");
    case(&[("CidrBlock", "172.16.0.0/16")], "InvalidVpc.Range");
    let elsewhere = [("VpcId", "vpc-0123"), ("CidrBlock", "10.20.0.0/16")];
    assert_eq!(api.refused("AssociateVpcCidrBlock", &elsewhere).0, "InvalidVpcID.NotFound");
    assert_eq!(api.refused("AssociateVpcCidrBlock", &[("CidrBlock", "10.20.0.0/16")]).0, "MissingParameter");
    assert_eq!(api.refused("DisassociateVpcCidrBlock", &[]).0, "MissingParameter");
}

#[test]
fn the_tenancy_becomes_default() {
    let api = Api::new();
    let parameters = [("CidrBlock", "10.0.0.0/16"), ("InstanceTenancy", "dedicated")];
    let id = api.ok("CreateVpc", &parameters).text("vpcId");
    let modify = |tenancy: &'static str| [("VpcId", id.clone()), ("InstanceTenancy", tenancy.to_owned())];
    let call = |parameters: &[(&'static str, String)]| {
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        api.call("ModifyVpcTenancy", &parameters)
    };
    assert_eq!(call(&modify("dedicated")).text("Code"), "UnsupportedTenancy");
    assert_eq!(api.ok("DescribeVpcs", &[]).text("instanceTenancy"), "dedicated");
    assert!(call(&modify("default")).xml.contains("<return>true</return>"));
    assert_eq!(api.ok("DescribeVpcs", &[]).text("instanceTenancy"), "default");
    assert_eq!(api.refused("ModifyVpcTenancy", &[("VpcId", &id)]).0, "MissingParameter");
}
