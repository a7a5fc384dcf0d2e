//! A small account of AWS, as `aws ec2 describe-*` tells of it, for tests to ask about.

use serde_json::{Value, json};
use sidegate_import::{Imported, describe};

/// The account as one document, list by list: `app` and `db` in two subnets of vpc-0a, an interface endpoint for KMS, one
/// for a service of another account, a firewall's endpoint, and a load balancer. The table leads 10.2.0.0/16 over pcx-0b to
/// a VPC that is described nowhere, 172.16.0.0/12 over vgw-0a, and the rest to the firewall.
pub(crate) fn account() -> Value {
    let group = |id: &str, ingress: Value| {
        json!({"GroupId": id, "GroupName": id, "Description": id, "VpcId": "vpc-0a", "OwnerId": "111111111111",
            "IpPermissions": ingress, "IpPermissionsEgress": [
                {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]})
    };
    let interface = |id: &str, address: &str, kind: &str, description: &str, group: &str| {
        let subnet = if address.starts_with("10.0.1.") { "subnet-0a" } else { "subnet-0b" };
        json!({"NetworkInterfaceId": id, "VpcId": "vpc-0a", "SubnetId": subnet, "OwnerId": "111111111111",
            "AvailabilityZone": "us-east-1a", "PrivateIpAddress": address, "InterfaceType": kind, "Status": "in-use",
            "Description": description, "Groups": if group.is_empty() { json!([]) } else { json!([{"GroupId": group}]) }})
    };
    let of_instance = |id: &str, address: &str, instance: &str, group: &str| {
        let mut own = interface(id, address, "interface", "", group);
        own["Attachment"] = json!({"AttachmentId": id.replace("eni", "eni-attach"), "DeviceIndex": 0,
            "InstanceId": instance, "Status": "attached"});
        own
    };
    let instance = |id: &str, name: &str, subnet: &str, interface: Value| {
        json!({"ReservationId": id.replace("i-", "r-"), "OwnerId": "111111111111", "Instances": [
            {"InstanceId": id, "VpcId": "vpc-0a", "SubnetId": subnet, "State": {"Name": "running"},
                "Placement": {"AvailabilityZone": "us-east-1a"}, "Tags": [{"Key": "Name", "Value": name}],
                "NetworkInterfaces": [interface]}]})
    };
    let [app, db] =
        [of_instance("eni-0a", "10.0.1.10", "i-0a", "sg-0a"), of_instance("eni-0b", "10.0.2.10", "i-0b", "sg-0b")];
    let subnet = |id: &str, block: &str| {
        json!({"SubnetId": id, "VpcId": "vpc-0a", "OwnerId": "111111111111", "CidrBlock": block,
            "AvailabilityZone": "us-east-1a"})
    };
    let entry = |egress: bool| json!({"CidrBlock": "0.0.0.0/0", "Egress": egress, "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 100});
    let endpoint = |id: &str, kind: &str, service: &str, interface: &str, private: bool, name: &str| {
        json!({"VpcEndpointId": id, "VpcEndpointType": kind, "VpcId": "vpc-0a", "OwnerId": "111111111111",
            "ServiceName": service, "State": "available", "SubnetIds": ["subnet-0a"], "NetworkInterfaceIds": [interface],
            "Groups": [{"GroupId": "sg-0a"}], "PrivateDnsEnabled": private, "PolicyDocument": "{}",
            "DnsEntries": if name.is_empty() { json!([]) } else { json!([{"DnsName": name}]) }})
    };
    let side = |vpc: &str, owner: &str| json!({"VpcId": vpc, "OwnerId": owner, "Region": "us-east-1"});
    json!({
        "Vpcs": [{"VpcId": "vpc-0a", "OwnerId": "111111111111", "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "dopt-0a",
            "CidrBlockAssociationSet": [{"AssociationId": "vpc-cidr-assoc-0a", "CidrBlock": "10.0.0.0/16",
                "CidrBlockState": {"State": "associated"}}]}],
        "DhcpOptions": [{"DhcpOptionsId": "dopt-0a", "OwnerId": "111111111111", "DhcpConfigurations": [
            {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}]}],
        "Subnets": [subnet("subnet-0a", "10.0.1.0/24"), subnet("subnet-0b", "10.0.2.0/24")],
        "RouteTables": [{"RouteTableId": "rtb-0a", "VpcId": "vpc-0a", "OwnerId": "111111111111",
            "Associations": [{"Main": true, "RouteTableAssociationId": "rtbassoc-0a"}], "Routes": [
                {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"},
                {"DestinationCidrBlock": "10.2.0.0/16", "VpcPeeringConnectionId": "pcx-0b", "State": "active"},
                {"DestinationCidrBlock": "172.16.0.0/12", "GatewayId": "vgw-0a", "State": "active"},
                {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "vpce-0f", "State": "active"}]}],
        "NetworkAcls": [{"NetworkAclId": "acl-0a", "VpcId": "vpc-0a", "OwnerId": "111111111111", "IsDefault": true,
            "Associations": [{"NetworkAclAssociationId": "aclassoc-0a", "SubnetId": "subnet-0a"},
                {"NetworkAclAssociationId": "aclassoc-0b", "SubnetId": "subnet-0b"}],
            "Entries": [entry(true), entry(false)]}],
        "SecurityGroups": [
            group("sg-0a", json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}])),
            group("sg-0b", json!([{"IpProtocol": "tcp", "FromPort": 6000, "ToPort": 6009, "UserIdGroupPairs": [
                {"GroupId": "sg-0f", "UserId": "222222222222", "VpcId": "vpc-0b", "VpcPeeringConnectionId": "pcx-0b"}]}]))],
        "NetworkInterfaces": [app.clone(), db.clone(),
            interface("eni-0e", "10.0.1.20", "vpc_endpoint", "VPC Endpoint Interface vpce-0e", "sg-0a"),
            interface("eni-0c", "10.0.1.30", "vpc_endpoint", "VPC Endpoint Interface vpce-0c", "sg-0a"),
            interface("eni-0f", "10.0.1.40", "gateway_load_balancer_endpoint", "VPC Endpoint Interface vpce-0f", ""),
            interface("eni-0d", "10.0.1.50", "network_load_balancer", "ELB net/nlb/50dc6c495c0c9188", "sg-0a")],
        "Reservations": [instance("i-0a", "app", "subnet-0a", app), instance("i-0b", "db", "subnet-0b", db)],
        "VpcEndpoints": [
            endpoint("vpce-0e", "Interface", "com.amazonaws.us-east-1.kms", "eni-0e", true,
                "vpce-0e-abcdefgh.kms.us-east-1.vpce.amazonaws.com"),
            endpoint("vpce-0c", "Interface", "com.amazonaws.vpce.us-east-1.vpce-svc-0123", "eni-0c", false,
                "vpce-0c-zzzzzzzz.vpce-svc-0123.us-east-1.vpce.amazonaws.com"),
            endpoint("vpce-0f", "GatewayLoadBalancer", "com.amazonaws.vpce.us-east-1.vpce-svc-0fff", "eni-0f", false, "")],
        "VpnGateways": [{"VpnGatewayId": "vgw-0a", "State": "available", "OwnerId": "111111111111",
            "VpcAttachments": [{"State": "attached", "VpcId": "vpc-0a"}]}],
        "VpcPeeringConnections": [{"VpcPeeringConnectionId": "pcx-0b", "Status": {"Code": "active"},
            "RequesterVpcInfo": side("vpc-0a", "111111111111"), "AccepterVpcInfo": side("vpc-0b", "222222222222")}],
    })
}

/// Reads an account in which both DNS attributes of the VPC are on.
pub(crate) fn read(account: &Value) -> Imported {
    let attribute = |name: &str| json!({"VpcId": "vpc-0a", name: {"Value": true}});
    let documents = [account.clone(), attribute("EnableDnsSupport"), attribute("EnableDnsHostnames")];
    describe::read(documents.map(|document| ("account.json", document.to_string())))
}
