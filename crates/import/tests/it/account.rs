//! Accounts to be read: the case that is kept as files, and small ones that tests make.

use std::path::Path;

use serde_json::{Value, json};
use sidegate_import::{Imported, describe};

/// Files with their names.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// The files of the account of 2020, by name.
pub(crate) fn case() -> Files {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/describe-gateway");
    let mut files: Files = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

/// A small account in us-east-1 as one document, key by key: a VPC with one subnet in which an instance runs.
pub(crate) fn small() -> Value {
    json!({
        "Vpcs": [{"VpcId": "vpc-0a", "OwnerId": "111111111111", "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "dopt-0a",
            "CidrBlockAssociationSet": [{"AssociationId": "vpc-cidr-assoc-0a", "CidrBlock": "10.0.0.0/16",
                "CidrBlockState": {"State": "associated"}}]}],
        "DhcpOptions": [{"DhcpOptionsId": "dopt-0a", "OwnerId": "111111111111", "DhcpConfigurations": [
            {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}]}],
        "Subnets": [{"SubnetId": "subnet-0a", "VpcId": "vpc-0a", "OwnerId": "111111111111",
            "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-east-1a"}],
        "RouteTables": [{"RouteTableId": "rtb-0a", "VpcId": "vpc-0a", "OwnerId": "111111111111",
            "Associations": [{"Main": true, "RouteTableAssociationId": "rtbassoc-0a"}],
            "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}]}],
        "NetworkAcls": [{"NetworkAclId": "acl-0a", "VpcId": "vpc-0a", "OwnerId": "111111111111", "IsDefault": true,
            "Associations": [{"NetworkAclAssociationId": "aclassoc-0a", "SubnetId": "subnet-0a"}],
            "Entries": [
                {"CidrBlock": "0.0.0.0/0", "Egress": true, "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 100},
                {"CidrBlock": "0.0.0.0/0", "Egress": false, "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 100}]}],
        "SecurityGroups": [{"GroupId": "sg-0a", "GroupName": "default", "Description": "all", "VpcId": "vpc-0a",
            "OwnerId": "111111111111", "IpPermissions": [], "IpPermissionsEgress": [
                {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}],
        "NetworkInterfaces": [{"NetworkInterfaceId": "eni-0a", "VpcId": "vpc-0a", "SubnetId": "subnet-0a",
            "OwnerId": "111111111111", "AvailabilityZone": "us-east-1a", "PrivateIpAddress": "10.0.1.10",
            "Groups": [{"GroupId": "sg-0a"}], "InterfaceType": "interface", "Status": "in-use",
            "Attachment": {"AttachmentId": "eni-attach-0a", "DeviceIndex": 0, "InstanceId": "i-0a", "Status": "attached"}}],
        "Reservations": [{"ReservationId": "r-0a", "OwnerId": "111111111111", "Instances": [
            {"InstanceId": "i-0a", "VpcId": "vpc-0a", "SubnetId": "subnet-0a", "State": {"Name": "running"},
                "Placement": {"AvailabilityZone": "us-east-1a"}}]}],
        "VpcEndpoints": [],
    })
}

/// Reads one document.
pub(crate) fn read(document: &Value) -> Imported {
    describe::read([("account.json", serde_json::to_vec(document).unwrap())])
}

/// Reads the small account with some of its lists longer, or new.
pub(crate) fn small_with(more: Value) -> Imported {
    read(&longer(small(), more))
}

/// A document with some of its lists longer, or new.
pub(crate) fn longer(mut document: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("lists are wanted") };
    for (key, value) in more {
        match (&mut document[&key], value) {
            (Value::Array(present), Value::Array(values)) => present.extend(values),
            (present, value) => *present = value,
        }
    }
    document
}

/// The lines that tell what is wrong.
pub(crate) fn wrong(imported: &Imported) -> Vec<String> {
    imported.findings().iter().map(ToString::to_string).collect()
}

/// The lines that tell what is not known of a resource.
pub(crate) fn unknown_of(imported: &Imported, resource: &str) -> Vec<String> {
    imported.unknown_of(resource).iter().map(ToString::to_string).collect()
}
