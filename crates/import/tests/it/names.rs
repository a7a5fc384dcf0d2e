//! What names lead to, and what of it files leave open.

use serde_json::{Value, json};
use sidegate_import::{How, Met, name_in};
use sidegate_model::VpcId;

use crate::account::{read, small, small_with, unknown_of, wrong};

#[test]
fn names_of_an_endpoint_are_open_whose_interface_is_described_nowhere() {
    let endpoint = json!({"VpcEndpoints": [{"VpcEndpointId": "vpce-0b", "VpcEndpointType": "Interface", "VpcId": "vpc-0a",
        "ServiceName": "com.amazonaws.us-east-1.kms", "State": "available", "OwnerId": "111111111111",
        "SubnetIds": ["subnet-0a"], "NetworkInterfaceIds": ["eni-0e"], "PrivateDnsEnabled": true, "PolicyDocument": "{}",
        "DnsEntries": [{"DnsName": "vpce-0b-abcd.kms.us-east-1.vpce.amazonaws.com"}]}]});
    let imported = small_with(endpoint);
    let vpc: VpcId = "vpc-0a".parse().unwrap();
    let is_open = |name: &str| {
        let resource = name_in(name, &vpc);
        !imported.undetermined(None, [Met { resource: &resource, how: How::Resolved }]).is_empty()
    };
    assert!(is_open("kms.us-east-1.amazonaws.com") && is_open("vpce-0b-abcd.kms.us-east-1.vpce.amazonaws.com"));
    assert!(!is_open("secretsmanager.us-east-1.amazonaws.com"));
}

#[test]
fn endpoints_of_other_types_leave_names_open_only_if_they_have_private_ones() {
    let with = |kind: &str, private: bool| {
        let imported = small_with(json!({"VpcEndpoints": [{"VpcEndpointId": "vpce-0b", "VpcEndpointType": kind,
            "VpcId": "vpc-0a", "State": "available", "OwnerId": "111111111111", "PrivateDnsEnabled": private}]}));
        assert_eq!(wrong(&imported), Vec::<String>::new());
        assert_eq!(unknown_of(&imported, "vpce-0b").len(), 1);
        unknown_of(&imported, "vpc-0a").iter().filter(|line| line.contains("the private names of vpce-0b")).count()
    };
    assert_eq!((with("GatewayLoadBalancer", false), with("Resource", false), with("Resource", true)), (0, 0, 1));
}

#[test]
fn a_vpc_has_its_own_resolver_unless_its_options_name_another() {
    let named = |servers: Value| {
        let mut document = small();
        document["DhcpOptions"][0]["DhcpConfigurations"][0]["Values"] = servers;
        let lines = unknown_of(&read(&document), "vpc-0a");
        lines.into_iter().filter(|line| !line.contains("enableDns")).collect::<Vec<_>>()
    };
    for own in ["AmazonProvidedDNS", "10.0.0.2", "169.254.169.253", "fd00:ec2::253"] {
        assert_eq!(named(json!([{"Value": own}])), Vec::<String>::new(), "{own}");
    }
    let why = "its DHCP options name 10.0.9.9, and no file tells what that answers";
    let line = format!("vpc-0a: what programs in it learn of names: {why}");
    assert_eq!(named(json!([{"Value": "10.0.9.9"}, {"Value": "AmazonProvidedDNS"}])), [line]);
    let mut document = small();
    document["Vpcs"][0]["DhcpOptionsId"] = json!("default");
    let line = "vpc-0a: which name servers programs in it ask: it has no DHCP options, or they name none";
    assert!(unknown_of(&read(&document), "vpc-0a").contains(&line.to_owned()));
}

#[test]
fn a_public_dns_name_shows_that_both_dns_attributes_are_on() {
    let mut document = small();
    document["NetworkInterfaces"][0]["PrivateIpAddresses"] = json!([{"Primary": true, "PrivateIpAddress": "10.0.1.10",
        "Association": {"IpOwnerId": "amazon", "PublicIp": "18.206.223.222", "PublicDnsName": ""}}]);
    assert_eq!(unknown_of(&read(&document), "vpc-0a").len(), 2);
    document["NetworkInterfaces"][0]["PrivateIpAddresses"][0]["Association"]["PublicDnsName"] =
        json!("ec2-18-206-223-222.compute-1.amazonaws.com");
    let imported = read(&document);
    assert_eq!(unknown_of(&imported, "vpc-0a"), Vec::<String>::new());
    assert!(imported.world().vpcs.iter().all(|vpc| vpc.dns_support && vpc.dns_hostnames));
    // What is told holds.
    document["EnableDnsHostnames"] = json!({"Value": false});
    document["VpcId"] = json!("vpc-0a");
    assert!(!read(&document).world().vpcs.iter().any(|vpc| vpc.dns_hostnames));
}
