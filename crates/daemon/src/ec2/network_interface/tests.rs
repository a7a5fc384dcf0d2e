//! Network interfaces over the API.

use super::super::tests::{Api, Network};

/// An endpoint's interface and its attachment, and an instance's.
fn interfaces(api: &Api, network: &Network) -> [(String, String); 2] {
    api.ok(
        "CreateVpcEndpoint",
        &[
            ("VpcId", &network.vpc),
            ("ServiceName", "com.amazonaws.us-east-1.kms"),
            ("VpcEndpointType", "Interface"),
            ("SubnetId.1", &network.subnets[0]),
        ],
    );
    api.ok(
        "RunInstances",
        &[
            ("ImageId", "ami-51de6a7e"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", &network.subnets[1]),
            ("SecurityGroupId.1", &network.groups[1]),
        ],
    );
    ["vpc_endpoint", "interface"].map(|kind| {
        let answer =
            api.ok("DescribeNetworkInterfaces", &[("Filter.1.Name", "interface-type"), ("Filter.1.Value.1", kind)]);
        (answer.text("networkInterfaceId"), answer.text("attachmentId"))
    })
}

#[test]
fn an_endpoints_interface_is_managed_by_aws_and_looks_like_it() {
    let api = Api::new();
    let network = api.network();
    let [(id, attachment), _] = interfaces(&api, &network);
    let shown = api.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &id)]);
    assert_eq!(shown.text("interfaceType"), "vpc_endpoint");
    assert_eq!(shown.text("requesterManaged"), "true");
    assert!(!shown.text("requesterId").is_empty());
    assert!(shown.text("description").starts_with("VPC Endpoint Interface vpce-"));
    assert_eq!(shown.texts("status"), ["attached", "in-use"], "of the attachment and of the interface");
    assert!(attachment.starts_with("ela-attach-"));
    assert_eq!(shown.text("instanceOwnerId"), "amazon-aws");
    assert_eq!(shown.text("privateIpAddress"), "10.0.1.4");
    assert_eq!(shown.text("primary"), "true");
    assert_eq!(
        (shown.text("availabilityZone"), shown.text("availabilityZoneId")),
        ("us-east-1a".into(), "use1-az1".into())
    );
    assert_eq!(shown.text("privateDnsName"), "ip-10-0-1-4.ec2.internal");
    assert_eq!(shown.text("macAddress").len(), 17);
    assert_eq!(shown.text("groupId"), network.groups[0]);
}

#[test]
fn touching_an_endpoints_interface_is_refused_in_aws_words() {
    let api = Api::new();
    let network = api.network();
    let [(id, attachment), (instances, primary)] = interfaces(&api, &network);
    let in_use =
        |id: &str| ("InvalidParameterValue".to_owned(), format!("Network interface '{id}' is currently in use."));
    assert_eq!(api.refused("DeleteNetworkInterface", &[("NetworkInterfaceId", &id)]), in_use(&id));
    assert_eq!(api.refused("DeleteNetworkInterface", &[("NetworkInterfaceId", &instances)]), in_use(&instances));
    let (code, message) = api.refused("DetachNetworkInterface", &[("AttachmentId", &attachment), ("Force", "true")]);
    assert_eq!(code, "OperationNotPermitted");
    assert_eq!(message, "You are not allowed to manage 'ela-attach' attachments.");
    assert_eq!(api.refused("DetachNetworkInterface", &[("AttachmentId", &primary)]).0, "OperationNotPermitted");
    let unknown = [("AttachmentId", "eni-attach-00000000")];
    assert_eq!(api.refused("DetachNetworkInterface", &unknown).0, "InvalidAttachmentID.NotFound");
    let change = [("NetworkInterfaceId", id.as_str()), ("Description.Value", "mine")];
    assert_eq!(api.refused("ModifyNetworkInterfaceAttribute", &change).0, "AuthFailure");
    let missing = [("NetworkInterfaceId", "eni-00000000")];
    assert_eq!(api.refused("DeleteNetworkInterface", &missing).0, "InvalidNetworkInterfaceID.NotFound");
}

#[test]
fn an_instances_interface_takes_one_change_at_a_time() {
    let api = Api::new();
    let network = api.network();
    let [_, (id, attachment)] = interfaces(&api, &network);
    let change = |more: &[(&str, &str)]| {
        let parameters = [[("NetworkInterfaceId", id.as_str())].as_slice(), more].concat();
        api.ok("ModifyNetworkInterfaceAttribute", &parameters).text("return")
    };
    assert_eq!(change(&[("Description.Value", "front")]), "true");
    change(&[("SourceDestCheck.Value", "false")]);
    change(&[("SecurityGroupId.1", &network.groups[0])]);
    change(&[("Attachment.AttachmentId", &attachment), ("Attachment.DeleteOnTermination", "true")]);
    let attribute = |name: &str| {
        let parameters = [("NetworkInterfaceId", id.as_str()), ("Attribute", name)];
        api.ok("DescribeNetworkInterfaceAttribute", &parameters)
    };
    assert_eq!(attribute("description").text("value"), "front");
    assert_eq!(attribute("sourceDestCheck").text("value"), "false");
    assert_eq!(attribute("groupSet").texts("groupName"), ["default"]);
    assert_eq!(attribute("attachment").text("attachmentId"), attachment);
    let refused = |more: &[(&str, &str)]| {
        let parameters = [[("NetworkInterfaceId", id.as_str())].as_slice(), more].concat();
        api.refused("ModifyNetworkInterfaceAttribute", &parameters).0
    };
    assert_eq!(refused(&[]), "InvalidParameterCombination");
    assert_eq!(
        refused(&[("Description.Value", "x"), ("SourceDestCheck.Value", "true")]),
        "InvalidParameterCombination"
    );
    assert_eq!(refused(&[("AssociatePublicIpAddress", "true")]), "UnsupportedOperation");
    let kept = [("Attachment.AttachmentId", attachment.as_str()), ("Attachment.DeleteOnTermination", "false")];
    assert_eq!(refused(&kept), "UnsupportedOperation");
}

#[test]
fn filters_find_interfaces_by_what_they_have_and_belong_to() {
    let api = Api::new();
    let network = api.network();
    let [(endpoints, ela), (instances, _)] = interfaces(&api, &network);
    let found = |name: &str, value: &str| {
        let parameters = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeNetworkInterfaces", &parameters).texts("networkInterfaceId")
    };
    let instance = api.ok("DescribeInstances", &[]).text("instanceId");
    for (name, value) in [
        ("attachment.instance-id", instance.as_str()),
        ("requester-managed", "false"),
        ("group-id", &network.groups[1]),
        ("group-name", "web"),
        ("subnet-id", &network.subnets[1]),
        ("addresses.private-ip-address", "10.0.2.4"),
        ("private-ip-address", "10.0.2.*"),
        ("availability-zone", "us-east-1b"),
        ("availability-zone-id", "use1-az2"),
        ("attachment.device-index", "0"),
        ("attachment.delete-on-termination", "true"),
        ("attachment.instance-owner-id", "123456789012"),
    ] {
        assert_eq!(found(name, value), [instances.as_str()], "{name}");
    }
    for (name, value) in [
        ("attachment.attachment-id", ela.as_str()),
        ("description", "VPC Endpoint Interface*"),
        ("requester-managed", "true"),
        ("private-dns-name", "ip-10-0-1-4.ec2.internal"),
    ] {
        assert_eq!(found(name, value), [endpoints.as_str()], "{name}");
    }
    assert_eq!(found("vpc-id", &network.vpc).len(), 2);
    assert_eq!(found("addresses.primary", "true").len(), 2);
    assert!(found("association.public-ip", "*").is_empty());
}

#[test]
fn pages_and_ids_exclude_each_other() {
    let api = Api::new();
    let network = api.network();
    let [(id, _), _] = interfaces(&api, &network);
    let both = [("NetworkInterfaceId.1", id.as_str()), ("MaxResults", "5")];
    assert_eq!(api.refused("DescribeNetworkInterfaces", &both).0, "InvalidParameterCombination");
    assert_eq!(api.refused("DescribeNetworkInterfaces", &[("MaxResults", "4")]).0, "InvalidParameterValue");
    assert_eq!(api.ok("DescribeNetworkInterfaces", &[("MaxResults", "5")]).texts("networkInterfaceId").len(), 2);
}
