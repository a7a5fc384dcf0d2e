//! The default VPC over the API.

use super::super::tests::{Answer, Api};

fn filtered(api: &Api, action: &str, name: &str, value: &str) -> Answer {
    api.ok(action, &[("Filter.1.Name", name), ("Filter.1.Value.1", value)])
}

#[test]
fn a_fresh_account_has_its_default_vpc_from_its_first_call_on() {
    let api = Api::fresh();
    let vpcs = api.ok("DescribeVpcs", &[]);
    let vpc = vpcs.text("vpcId");
    assert_eq!(vpcs.texts("vpcId").len(), 1);
    assert_eq!((vpcs.text("cidrBlock").as_str(), vpcs.text("isDefault").as_str()), ("172.31.0.0/16", "true"));
    assert_eq!(filtered(&api, "DescribeVpcs", "is-default", "true").texts("vpcId"), [vpc.as_str()]);
    assert!(filtered(&api, "DescribeVpcs", "isDefault", "false").xml.contains("<vpcSet/>"));
    let subnets = filtered(&api, "DescribeSubnets", "default-for-az", "true");
    assert_eq!(subnets.texts("subnetId").len(), 6);
    assert_eq!((subnets.text("defaultForAz").as_str(), subnets.text("mapPublicIpOnLaunch").as_str()), ("true", "true"));
    assert_eq!(subnets.text("availableIpAddressCount"), "4091");
    assert_eq!(filtered(&api, "DescribeSubnets", "defaultForAz", "false").texts("subnetId").len(), 0);
    let gateway = filtered(&api, "DescribeInternetGateways", "attachment.vpc-id", &vpc).text("internetGatewayId");
    let tables = filtered(&api, "DescribeRouteTables", "vpc-id", &vpc);
    assert!(tables.xml.contains(&format!("<gatewayId>{gateway}</gatewayId>")), "{}", tables.xml);
    assert_eq!(filtered(&api, "DescribeNetworkAcls", "vpc-id", &vpc).texts("networkAclAssociationId").len(), 6);
    let names = [("VpcId", vpc.as_str()), ("Attribute", "enableDnsHostnames")];
    assert_eq!(api.ok("DescribeVpcAttribute", &names).text("value"), "true");
    let attribute = api.ok("DescribeAccountAttributes", &[("AttributeName.1", "default-vpc")]);
    assert_eq!(attribute.text("attributeValue"), vpc);
    let (code, message) = api.refused("CreateDefaultVpc", &[]);
    assert_eq!(code, "DefaultVpcAlreadyExists");
    assert_eq!(message, "A Default VPC already exists for this account in this region.");
}

#[test]
fn a_default_vpc_that_is_deleted_is_made_again_on_request() {
    let api = Api::fresh();
    let vpc = api.ok("DescribeVpcs", &[]).text("vpcId");
    assert_eq!(api.refused("DeleteVpc", &[("VpcId", &vpc)]).0, "DependencyViolation");
    for subnet in api.ok("DescribeSubnets", &[]).texts("subnetId") {
        api.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
    }
    let gateway = api.ok("DescribeInternetGateways", &[]).text("internetGatewayId");
    api.ok("DetachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]);
    api.ok("DeleteInternetGateway", &[("InternetGatewayId", &gateway)]);
    api.ok("DeleteVpc", &[("VpcId", &vpc)]);
    assert!(api.ok("DescribeVpcs", &[]).xml.contains("<vpcSet/>"));
    let attribute = api.ok("DescribeAccountAttributes", &[("AttributeName.1", "default-vpc")]);
    assert_eq!(attribute.text("attributeValue"), "none");
    let group = [("GroupName", "web"), ("GroupDescription", "d")];
    assert_eq!(api.refused("CreateSecurityGroup", &group).0, "VPCIdNotSpecified");
    let launch = [("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1")];
    assert_eq!(api.refused("RunInstances", &launch).0, "VPCIdNotSpecified");
    assert_eq!(api.refused("CreateDefaultVpc", &[("DryRun", "true")]).0, "DryRunOperation");
    let zone = [("AvailabilityZone", "us-east-1a")];
    let (code, message) = api.refused("CreateDefaultSubnet", &zone);
    assert_eq!(code, "DefaultVpcDoesNotExist");
    assert_eq!(message, "No default VPC exists for this account in this region.");
    let made = api.ok("CreateDefaultVpc", &[]);
    assert_eq!((made.text("isDefault").as_str(), made.text("cidrBlock").as_str()), ("true", "172.31.0.0/16"));
    assert_eq!(api.ok("DescribeVpcs", &[]).texts("vpcId"), made.texts("vpcId"));
}

#[test]
fn a_default_subnet_is_made_in_the_zone_that_has_none() {
    let api = Api::fresh();
    let zone = [("AvailabilityZone", "us-east-1b")];
    let present = filtered(&api, "DescribeSubnets", "availability-zone", "us-east-1b").text("subnetId");
    let (code, message) = api.refused("CreateDefaultSubnet", &zone);
    assert_eq!(code, "DefaultSubnetAlreadyExistsInAvailabilityZone");
    assert_eq!(message, format!("'{present}' is already the default subnet in us-east-1b."));
    api.ok("DeleteSubnet", &[("SubnetId", &present)]);
    let launch = [
        ("ImageId", "ami-51de6a7e"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("Placement.AvailabilityZone", "us-east-1b"),
    ];
    let (code, message) = api.refused("RunInstances", &launch);
    assert_eq!(code, "MissingInput");
    assert_eq!(message, "No default subnet for availability zone: 'us-east-1b'.");
    let made = api.ok("CreateDefaultSubnet", &zone);
    for (element, value) in
        [("availabilityZone", "us-east-1b"), ("cidrBlock", "172.31.16.0/20"), ("defaultForAz", "true")]
    {
        assert_eq!(made.text(element), value, "{element}");
    }
    assert_eq!(api.refused("CreateDefaultSubnet", &[]).0, "MissingParameter");
    assert_eq!(api.refused("CreateDefaultSubnet", &[("AvailabilityZone", "eu-west-1a")]).0, "InvalidParameterValue");
    let native = [("AvailabilityZone", "us-east-1b"), ("Ipv6Native", "true")];
    assert_eq!(api.refused("CreateDefaultSubnet", &native).0, "UnsupportedOperation");
}

#[test]
fn what_names_no_vpc_goes_to_the_default_one() {
    let api = Api::fresh();
    let vpc = api.ok("DescribeVpcs", &[]).text("vpcId");
    let group = api.ok("CreateSecurityGroup", &[("GroupName", "web"), ("GroupDescription", "d")]).text("groupId");
    assert_eq!(api.ok("DescribeSecurityGroups", &[("GroupId.1", &group)]).text("vpcId"), vpc);
    let launch = [("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1")];
    let first = api.ok("RunInstances", &launch);
    assert_eq!((first.text("vpcId"), first.text("availabilityZone")), (vpc.clone(), "us-east-1a".to_owned()));
    let placed = [&launch[..], &[("Placement.AvailabilityZone", "us-east-1c"), ("SecurityGroup.1", "web")]].concat();
    let second = api.ok("RunInstances", &placed);
    assert_eq!(second.text("availabilityZone"), "us-east-1c");
    assert_eq!(second.text("groupId"), group);
    let interface = [("NetworkInterface.1.DeviceIndex", "0"), ("NetworkInterface.1.SecurityGroupId.1", group.as_str())];
    assert_eq!(api.ok("RunInstances", &[&launch[..], &interface].concat()).text("vpcId"), vpc);
    let unknown = [&launch[..], &[("SecurityGroup.1", "nobody")]].concat();
    let (code, message) = api.refused("RunInstances", &unknown);
    assert_eq!(code, "InvalidGroup.NotFound");
    assert_eq!(message, format!("The security group 'nobody' does not exist in default VPC '{vpc}'"));
}
