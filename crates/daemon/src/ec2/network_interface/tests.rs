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
    change(&[("AssociatePublicIpAddress", "true")]);
    assert_eq!(attribute("associatePublicIpAddress").text("associatePublicIpAddress"), "true");
    change(&[("Attachment.AttachmentId", &attachment), ("Attachment.DeleteOnTermination", "false")]);
    assert_eq!(attribute("attachment").text("deleteOnTermination"), "false");
    let other = [("Attachment.AttachmentId", "eni-attach-00000000"), ("Attachment.DeleteOnTermination", "false")];
    assert_eq!(refused(&other), "InvalidAttachmentID.NotFound");
    let reset = [("NetworkInterfaceId", id.as_str()), ("SourceDestCheck", "true")];
    api.ok("ResetNetworkInterfaceAttribute", &reset);
    assert_eq!(attribute("sourceDestCheck").text("value"), "true");
    let nothing = [("NetworkInterfaceId", id.as_str())];
    assert_eq!(api.refused("ResetNetworkInterfaceAttribute", &nothing).0, "InvalidParameterCombination");
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

/// Makes an interface in the first subnet: its id.
fn made(api: &Api, network: &Network, more: &[(&str, &str)]) -> String {
    let parameters = [[("SubnetId", network.subnets[0].as_str())].as_slice(), more].concat();
    api.ok("CreateNetworkInterface", &parameters).text("networkInterfaceId")
}

/// Launches an instance in the first subnet, and lets it run: its id.
fn running(api: &Api, network: &Network, more: &[(&str, &str)]) -> String {
    let base = [("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1"), ("InstanceType", "t3.micro")];
    let place = [("SubnetId", network.subnets[0].as_str())];
    let place = if more.iter().any(|(name, _)| name.starts_with("NetworkInterface")) { &[][..] } else { &place };
    let id = api.ok("RunInstances", &[&base, place, more].concat()).text("instanceId");
    is_now(api, &id, sidegate_model::InstanceState::Running);
    id
}

fn is_now(api: &Api, id: &str, state: sidegate_model::InstanceState) {
    let id: sidegate_model::InstanceId = id.parse().unwrap();
    api.change(move |world, context| {
        world.instance_is(context.now, &id, state, None);
        Ok(())
    });
}

#[test]
fn an_interface_is_available_until_it_is_attached_and_goes_when_it_is_deleted() {
    let api = Api::new();
    let network = api.network();
    let parameters = [
        ("SubnetId", network.subnets[0].as_str()),
        ("Description", "mine"),
        ("PrivateIpAddress", "10.0.1.40"),
        ("SecurityGroupId.1", &network.groups[1]),
        ("TagSpecification.1.ResourceType", "network-interface"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "net"),
        ("ClientToken", "once"),
    ];
    let shown = api.ok("CreateNetworkInterface", &parameters);
    let id = shown.text("networkInterfaceId");
    assert_eq!((shown.text("status"), shown.text("privateIpAddress")), ("pending".to_owned(), "10.0.1.40".to_owned()));
    assert_eq!((shown.text("description"), shown.text("groupName")), ("mine".to_owned(), "web".to_owned()));
    assert_eq!((shown.text("requesterManaged"), shown.text("clientToken")), ("false".to_owned(), "once".to_owned()));
    assert!(!shown.xml.contains("<attachment>"));
    assert_eq!(api.ok("CreateNetworkInterface", &parameters).text("networkInterfaceId"), id, "the same call again");
    let filter = |name: &str, value: &str| {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeNetworkInterfaces", &filter).texts("networkInterfaceId")
    };
    assert_eq!(filter("status", "available"), [id.as_str()]);
    assert_eq!(filter("tag:team", "net"), [id.as_str()]);
    assert!(filter("attachment.device-index", "*").is_empty());
    assert_eq!(api.refused("DeleteSubnet", &[("SubnetId", &network.subnets[0])]).0, "DependencyViolation");

    let instance = running(&api, &network, &[]);
    let attach = |device: &str| {
        [("NetworkInterfaceId", id.clone()), ("InstanceId", instance.clone()), ("DeviceIndex", device.to_owned())]
    };
    fn refs<'a>(owned: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
        owned.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
    let (code, message) = api.refused("AttachNetworkInterface", &refs(&attach("0")));
    assert_eq!(code, "InvalidParameterValue");
    assert_eq!(message, format!("Instance '{instance}' already has an interface attached at device index '0'."));
    let attachment = api.ok("AttachNetworkInterface", &refs(&attach("1"))).text("attachmentId");
    assert!(attachment.starts_with("eni-attach-"));
    let (code, message) = api.refused("AttachNetworkInterface", &refs(&attach("2")));
    assert_eq!((code, message), ("InvalidNetworkInterface.InUse".to_owned(), format!("Interface: [{id}] in use.")));
    assert_eq!(filter("attachment.device-index", "1"), [id.as_str()]);
    assert_eq!(filter("attachment.delete-on-termination", "false"), [id.as_str()]);
    let described = api.ok("DescribeInstances", &[("InstanceId.1", &instance)]);
    assert_eq!(described.texts("deviceIndex"), ["0", "1"]);
    let third = made(&api, &network, &[]);
    let over = [("NetworkInterfaceId", third.as_str()), ("InstanceId", &instance), ("DeviceIndex", "2")];
    let (code, message) = api.refused("AttachNetworkInterface", &over);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("AttachmentLimitExceeded", "Interface count 3 exceeds the limit for t3.micro")
    );
    assert_eq!(api.refused("DeleteNetworkInterface", &[("NetworkInterfaceId", &id)]).0, "InvalidParameterValue");
    let several = [("InstanceId", instance.as_str()), ("SourceDestCheck.Value", "false")];
    assert_eq!(api.refused("ModifyInstanceAttribute", &several).0, "InvalidInstanceID");

    api.ok("DetachNetworkInterface", &[("AttachmentId", &attachment)]);
    assert_eq!(filter("status", "available").len(), 2);
    let by_attachment = [("Filter.1.Name", "attachment.attachment-id"), ("Filter.1.Value.1", attachment.as_str())];
    assert_eq!(api.ok("DescribeNetworkInterfaces", &by_attachment).texts("status"), ["detached", "available"]);
    assert!(!api.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &id)]).xml.contains("detached"));
    assert_eq!(
        api.refused("DetachNetworkInterface", &[("AttachmentId", &attachment)]).0,
        "InvalidAttachmentID.NotFound"
    );
    api.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &id)]);
    let gone = [("NetworkInterfaceId.1", id.as_str())];
    assert_eq!(api.refused("DescribeNetworkInterfaces", &gone).0, "InvalidNetworkInterfaceID.NotFound");
}

#[test]
fn what_an_interface_cannot_be_attached_to_is_refused() {
    let api = Api::new();
    let network = api.network();
    let instance = running(&api, &network, &[]);
    let far = api.ok("CreateNetworkInterface", &[("SubnetId", &network.subnets[1])]).text("networkInterfaceId");
    let near = made(&api, &network, &[]);
    let code = |id: &str, device: &str| {
        let parameters = [("NetworkInterfaceId", id), ("InstanceId", instance.as_str()), ("DeviceIndex", device)];
        api.refused("AttachNetworkInterface", &parameters).0
    };
    assert_eq!(code(&far, "1"), "InvalidParameterCombination");
    assert_eq!(code(&near, "-1"), "InvalidParameterValue");
    assert_eq!(code("eni-00000000", "1"), "InvalidNetworkInterfaceID.NotFound");
    is_now(&api, &instance, sidegate_model::InstanceState::ShuttingDown);
    assert_eq!(code(&near, "1"), "IncorrectState");
    let missing = [("NetworkInterfaceId", near.as_str()), ("InstanceId", instance.as_str())];
    assert_eq!(api.refused("AttachNetworkInterface", &missing).0, "MissingParameter");
}

#[test]
fn what_an_interface_cannot_have_is_refused() {
    let api = Api::new();
    let network = api.network();
    let code = |more: &[(&str, &str)]| {
        let parameters = [[("SubnetId", network.subnets[0].as_str())].as_slice(), more].concat();
        api.refused("CreateNetworkInterface", &parameters).0
    };
    made(&api, &network, &[("PrivateIpAddress", "10.0.1.40")]);
    assert_eq!(api.refused("CreateNetworkInterface", &[]).0, "MissingParameter");
    assert_eq!(code(&[("PrivateIpAddress", "10.0.1.40")]), "InvalidIPAddress.InUse");
    assert_eq!(code(&[("PrivateIpAddress", "10.0.2.40")]), "InvalidParameterValue");
    assert_eq!(code(&[("PrivateIpAddress", "10.0.1.1")]), "InvalidParameterValue");
    assert_eq!(code(&[("PrivateIpAddress", "here")]), "InvalidParameterValue");
    assert_eq!(code(&[("SecurityGroupId.1", "sg-00000000")]), "InvalidGroup.NotFound");
    assert_eq!(code(&[("InterfaceType", "efa")]), "UnsupportedOperation");
    assert_eq!(code(&[("InterfaceType", "wooden")]), "InvalidParameterValue");
    assert_eq!(code(&[("Ipv4PrefixCount", "1")]), "UnsupportedOperation");
    assert_eq!(code(&[("Ipv6AddressCount", "1")]), "InvalidParameterValue", "the subnet has no IPv6 block");
    let listed = [
        ("PrivateIpAddresses.1.PrivateIpAddress", "10.0.1.50"),
        ("PrivateIpAddresses.1.Primary", "true"),
        ("PrivateIpAddresses.2.PrivateIpAddress", "10.0.1.51"),
        ("PrivateIpAddresses.2.Primary", "true"),
    ];
    assert_eq!(code(&listed), "InvalidParameterValue", "one is the primary one");
    let both = [listed[0], listed[1], ("PrivateIpAddress", "10.0.1.60")];
    assert_eq!(code(&both), "InvalidParameterCombination");
    let secondary = [listed[0], ("PrivateIpAddresses.1.Primary", "false"), ("SecondaryPrivateIpAddressCount", "1")];
    assert_eq!(code(&secondary), "InvalidParameterCombination");
    assert_eq!(code(&[("DryRun", "true")]), "DryRunOperation");
}

#[test]
fn only_an_address_that_says_so_is_the_primary_one() {
    let api = Api::new();
    let network = api.network();
    let of = |listed: &[(&str, &str)]| {
        let id = made(&api, &network, listed);
        let shown = api.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &id)]);
        (id, shown.texts("privateIpAddress").split_off(1))
    };
    let address = ("PrivateIpAddresses.1.PrivateIpAddress", "10.0.1.60");
    let (id, addresses) = of(&[address]);
    assert_eq!(addresses, ["10.0.1.4", "10.0.1.60"]);
    let listed = ("PrivateIpAddresses.1.PrivateIpAddress", "10.0.1.70");
    assert_eq!(of(&[listed, ("PrivateIpAddresses.1.Primary", "true")]).1, ["10.0.1.70"]);
    let own = [("NetworkInterfaceId", id.as_str()), ("PrivateIpAddress.1", "10.0.1.4")];
    assert_eq!(api.refused("AssignPrivateIpAddresses", &own).0, "InvalidParameterValue");
}

#[test]
fn secondary_addresses_are_assigned_moved_and_taken_back() {
    let api = Api::new();
    let network = api.network();
    let listed = [
        ("PrivateIpAddresses.1.PrivateIpAddress", "10.0.1.50"),
        ("PrivateIpAddresses.1.Primary", "true"),
        ("PrivateIpAddresses.2.PrivateIpAddress", "10.0.1.51"),
    ];
    let first = made(&api, &network, &listed);
    let second = made(&api, &network, &[("SecondaryPrivateIpAddressCount", "2")]);
    let addresses = |id: &str| {
        let shown = api.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", id)]);
        // The first is that of the interface itself.
        shown.texts("privateIpAddress").split_off(1)
    };
    assert_eq!(addresses(&first), ["10.0.1.50", "10.0.1.51"]);
    assert_eq!(addresses(&second), ["10.0.1.4", "10.0.1.5", "10.0.1.6"]);
    let counted = [("NetworkInterfaceId", first.as_str()), ("SecondaryPrivateIpAddressCount", "1")];
    assert_eq!(api.ok("AssignPrivateIpAddresses", &counted).texts("privateIpAddress"), ["10.0.1.7"]);
    let take = [("NetworkInterfaceId", second.as_str()), ("PrivateIpAddress.1", "10.0.1.51")];
    let (code, message) = api.refused("AssignPrivateIpAddresses", &take);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("InvalidParameterValue", "[10.0.1.51] are assigned, but move is not allowed.")
    );
    api.ok("AssignPrivateIpAddresses", &[take.as_slice(), &[("AllowReassignment", "true")]].concat());
    assert_eq!(addresses(&first), ["10.0.1.50", "10.0.1.7"]);
    assert_eq!(addresses(&second), ["10.0.1.4", "10.0.1.5", "10.0.1.6", "10.0.1.51"]);
    let primary =
        [("NetworkInterfaceId", second.as_str()), ("PrivateIpAddress.1", "10.0.1.50"), ("AllowReassignment", "true")];
    assert_eq!(api.refused("AssignPrivateIpAddresses", &primary).0, "InvalidParameterValue");
    let filter = [("Filter.1.Name", "addresses.private-ip-address"), ("Filter.1.Value.1", "10.0.1.51")];
    assert_eq!(api.ok("DescribeNetworkInterfaces", &filter).texts("networkInterfaceId"), [second.as_str()]);

    let back = |address: &str| [("NetworkInterfaceId", second.clone()), ("PrivateIpAddress.1", address.to_owned())];
    let unassign = |address: &str| {
        let owned = back(address);
        let parameters: Vec<_> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
        api.call("UnassignPrivateIpAddresses", &parameters)
    };
    assert_eq!(unassign("10.0.1.51").text("return"), "true");
    assert_eq!(unassign("10.0.1.51").text("Code"), "InvalidParameterValue", "it has it no more");
    assert_eq!(unassign("10.0.1.4").text("Code"), "InvalidParameterValue", "the primary one stays");
    made(&api, &network, &[("PrivateIpAddress", "10.0.1.51")]);
    let neither = [("NetworkInterfaceId", first.as_str())];
    assert_eq!(api.refused("AssignPrivateIpAddresses", &neither).0, "MissingParameter");
    let both = [counted[0], counted[1], ("PrivateIpAddress.1", "10.0.1.90")];
    assert_eq!(api.refused("AssignPrivateIpAddresses", &both).0, "InvalidParameterCombination");
}

#[test]
fn the_type_of_an_instance_limits_the_addresses_of_its_interfaces() {
    let api = Api::new();
    let network = api.network();
    running(&api, &network, &[]);
    let id = api.ok("DescribeNetworkInterfaces", &[]).text("networkInterfaceId");
    let more = [("NetworkInterfaceId", id.as_str()), ("SecondaryPrivateIpAddressCount", "2")];
    let (code, message) = api.refused("AssignPrivateIpAddresses", &more);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit.")
    );
    let one = [more[0], ("SecondaryPrivateIpAddressCount", "1")];
    api.ok("AssignPrivateIpAddresses", &one);
    let described = api.ok("DescribeInstances", &[]);
    assert_eq!(described.texts("primary"), ["true", "false"]);
}

#[test]
fn ipv6_addresses_are_of_the_subnets_block() {
    let api = Api::new();
    let network = api.network();
    api.ok("AssociateVpcCidrBlock", &[("VpcId", &network.vpc), ("AmazonProvidedIpv6CidrBlock", "true")]);
    let block = api.ok("DescribeVpcs", &[("VpcId.1", &network.vpc)]).text("ipv6CidrBlock");
    let prefix = block.split("::").next().unwrap().to_owned();
    let subnet = format!("{prefix}::/64");
    api.ok("AssociateSubnetCidrBlock", &[("SubnetId", &network.subnets[0]), ("Ipv6CidrBlock", &subnet)]);
    let certain = format!("{prefix}::42");
    let id = made(&api, &network, &[("Ipv6Addresses.1.Ipv6Address", &certain)]);
    let shown = || api.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &id)]).texts("ipv6Address");
    assert!(shown().iter().all(|address| *address == certain) && !shown().is_empty());
    let got = api.ok("AssignIpv6Addresses", &[("NetworkInterfaceId", &id), ("Ipv6AddressCount", "2")]);
    let got = got.text("assignedIpv6Addresses");
    assert_eq!(got.matches(&prefix).count(), 2, "{got}");
    let again = [("NetworkInterfaceId", id.as_str()), ("Ipv6Addresses.1", "2001:db8::1")];
    assert_eq!(api.refused("AssignIpv6Addresses", &again).0, "InvalidParameterValue");
    let back = [("NetworkInterfaceId", id.as_str()), ("Ipv6Addresses.1", &certain)];
    assert!(api.ok("UnassignIpv6Addresses", &back).xml.contains(&certain));
    assert_eq!(api.refused("UnassignIpv6Addresses", &back).0, "InvalidParameterValue");
    let automatic = [("SubnetId", network.subnets[0].as_str()), ("AssignIpv6AddressOnCreation.Value", "true")];
    api.ok("ModifySubnetAttribute", &automatic);
    let launched = running(&api, &network, &[]);
    let described = api.ok("DescribeInstances", &[("InstanceId.1", &launched)]);
    assert!(described.text("ipv6Address").starts_with(&prefix));
}

#[test]
fn an_instance_can_be_launched_with_interfaces_that_are_there_already() {
    let api = Api::new();
    let network = api.network();
    let (first, second) = (made(&api, &network, &[("Description", "first")]), made(&api, &network, &[]));
    let wanted = [
        ("NetworkInterface.1.DeviceIndex", "0"),
        ("NetworkInterface.1.NetworkInterfaceId", first.as_str()),
        ("NetworkInterface.2.DeviceIndex", "1"),
        ("NetworkInterface.2.SubnetId", &network.subnets[0]),
        ("NetworkInterface.2.SecurityGroupId.1", &network.groups[1]),
    ];
    let instance = running(&api, &network, &wanted);
    let shown = api.ok("DescribeInstances", &[("InstanceId.1", &instance)]);
    assert_eq!(shown.texts("deviceIndex"), ["0", "1"]);
    // The root volume, and the interfaces.
    assert_eq!(shown.texts("deleteOnTermination"), ["true", "false", "true"]);
    assert!(shown.texts("networkInterfaceId").contains(&first));
    let base = [("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1")];
    let code = |more: &[(&str, &str)]| api.refused("RunInstances", &[base.as_slice(), more].concat()).0;
    let taken = [("NetworkInterface.1.DeviceIndex", "0"), ("NetworkInterface.1.NetworkInterfaceId", first.as_str())];
    assert_eq!(code(&taken), "InvalidNetworkInterface.InUse");
    let free = ("NetworkInterface.1.NetworkInterfaceId", second.as_str());
    let combined = [taken[0], free, ("NetworkInterface.1.SubnetId", network.subnets[0].as_str())];
    assert_eq!(code(&combined), "InvalidParameterCombination");
    assert_eq!(code(&[("NetworkInterface.1.DeviceIndex", "1"), free]), "InvalidParameterValue", "there is no first");
    let two = [("ImageId", "ami-51de6a7e"), ("MinCount", "2"), ("MaxCount", "2"), taken[0], free];
    assert_eq!(api.refused("RunInstances", &two).0, "InvalidParameterCombination");

    is_now(&api, &instance, sidegate_model::InstanceState::Terminated);
    let left = api.ok("DescribeNetworkInterfaces", &[]);
    let mut left_ids = left.texts("networkInterfaceId");
    left_ids.sort();
    let mut both = vec![first, second];
    both.sort();
    assert_eq!(left_ids, both, "what was made for it goes with it, what was there stays");
    assert_eq!(left.texts("status"), ["available", "available"]);
}
