//! Elastic IP addresses over the API.

use sidegate_model::{InstanceId, InstanceState};

use super::super::tests::{Answer, Api, Network};

fn with_internet(api: &Api, vpc: &str) -> String {
    let id = api.ok("CreateInternetGateway", &[]).text("internetGatewayId");
    api.ok("AttachInternetGateway", &[("InternetGatewayId", &id), ("VpcId", vpc)]);
    id
}

/// An instance that runs, and its interface.
fn instance(api: &Api, network: &Network) -> (String, String) {
    let base = [("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1"), ("SubnetId", &network.subnets[0])];
    let made = api.ok("RunInstances", &base);
    let id = made.text("instanceId");
    note(api, &id, InstanceState::Running);
    (id, made.text("networkInterfaceId"))
}

fn note(api: &Api, id: &str, state: InstanceState) {
    let id: InstanceId = id.parse().unwrap();
    api.change(move |world, context| {
        world.instance_is(context.now, &id, state, None);
        Ok(())
    });
}

fn allocated(api: &Api) -> String {
    api.ok("AllocateAddress", &[("Domain", "vpc")]).text("allocationId")
}

fn associated(api: &Api, allocation: &str, instance: &str) -> String {
    let parameters = [("AllocationId", allocation), ("InstanceId", instance)];
    api.ok("AssociateAddress", &parameters).text("associationId")
}

fn shown(api: &Api, allocation: &str) -> Answer {
    api.ok("DescribeAddresses", &[("AllocationId.1", allocation)])
}

#[test]
fn an_address_is_allocated_with_tags_shown_and_released() {
    let api = Api::new();
    let wanted = [
        ("Domain", "vpc"),
        ("NetworkBorderGroup", "us-east-1"),
        ("PublicIpv4Pool", "amazon"),
        ("TagSpecification.1.ResourceType", "elastic-ip"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "front"),
    ];
    let made = api.ok("AllocateAddress", &wanted);
    let id = made.text("allocationId");
    assert!(id.starts_with("eipalloc-"));
    for answer in [&made, &shown(&api, &id)] {
        for (element, value) in [
            ("publicIp", "198.18.12.1"),
            ("domain", "vpc"),
            ("publicIpv4Pool", "amazon"),
            ("networkBorderGroup", "us-east-1"),
            ("allocationId", id.as_str()),
        ] {
            assert_eq!(answer.text(element), value, "{element}: {}", answer.xml);
        }
    }
    assert_eq!(shown(&api, &id).text("value"), "front");
    let tags = api.ok("DescribeTags", &[("Filter.1.Name", "resource-type"), ("Filter.1.Value.1", "elastic-ip")]);
    assert_eq!(tags.text("resourceId"), id);
    assert_eq!(api.refused("AllocateAddress", &[("DryRun", "true")]).0, "DryRunOperation");
    api.ok("ReleaseAddress", &[("AllocationId", &id), ("NetworkBorderGroup", "us-east-1")]);
    assert!(api.ok("DescribeAddresses", &[]).xml.contains("<addressesSet/>"));
    assert_eq!(api.refused("ReleaseAddress", &[("AllocationId", &id)]).0, "InvalidAllocationID.NotFound");
    assert_eq!(api.ok("AllocateAddress", &[("Address", "198.18.13.9")]).text("publicIp"), "198.18.13.9");
}

#[test]
fn what_no_address_can_be_had_for_is_refused() {
    let api = Api::new();
    for (parameter, value, code) in [
        ("Domain", "classic", "InvalidParameterValue"),
        ("NetworkBorderGroup", "us-west-2", "InvalidParameterValue"),
        ("PublicIpv4Pool", "ipv4pool-ec2-012345", "InvalidPublicIpv4PoolID.NotFound"),
        ("CustomerOwnedIpv4Pool", "coip", "UnsupportedOperation"),
        ("IpamPoolId", "ipam-pool-1", "UnsupportedOperation"),
        ("Address", "1.2.3", "InvalidParameterValue"),
        ("Address", "8.8.8.8", "InvalidAddress.NotFound"),
        ("TagSpecification.1.ResourceType", "vpc", "InvalidParameterValue"),
    ] {
        assert_eq!(api.refused("AllocateAddress", &[(parameter, value)]).0, code, "{parameter}");
    }
}

#[test]
fn an_associated_address_is_seen_from_its_instance_its_interface_and_itself() {
    let api = Api::new();
    let network = api.network();
    with_internet(&api, &network.vpc);
    let (instance, interface) = instance(&api, &network);
    let allocation = allocated(&api);
    let association = associated(&api, &allocation, &instance);
    assert!(association.starts_with("eipassoc-"));
    let name = "ec2-198-18-12-1.compute-1.amazonaws.com";
    let address = shown(&api, &allocation);
    for (element, value) in [
        ("associationId", association.as_str()),
        ("instanceId", &instance),
        ("networkInterfaceId", &interface),
        ("networkInterfaceOwnerId", "123456789012"),
        ("privateIpAddress", "10.0.1.4"),
    ] {
        assert_eq!(address.text(element), value, "{element}: {}", address.xml);
    }
    let seen = api.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &interface)]);
    for (element, value) in [
        ("allocationId", allocation.as_str()),
        ("associationId", &association),
        ("ipOwnerId", "123456789012"),
        ("publicDnsName", name),
        ("publicIp", "198.18.12.1"),
    ] {
        assert_eq!(seen.texts(element), [value, value], "{element}: {}", seen.xml);
    }
    let seen = api.ok("DescribeInstances", &[("InstanceId.1", &instance)]);
    assert_eq!((seen.text("ipAddress"), seen.text("dnsName")), ("198.18.12.1".to_owned(), name.to_owned()));
    assert_eq!(seen.texts("publicIp"), ["198.18.12.1", "198.18.12.1"]);
    for (action, filter, value, element) in [
        ("DescribeInstances", "ip-address", "198.18.12.*", "instanceId"),
        ("DescribeInstances", "dns-name", name, "instanceId"),
        ("DescribeInstances", "network-interface.association.allocation-id", &allocation, "instanceId"),
        ("DescribeNetworkInterfaces", "association.association-id", &association, "networkInterfaceId"),
        ("DescribeNetworkInterfaces", "association.ip-owner-id", "123456789012", "networkInterfaceId"),
        ("DescribeNetworkInterfaces", "addresses.association.public-ip", "198.18.12.1", "networkInterfaceId"),
    ] {
        let found = |value: &str| api.ok(action, &[("Filter.1.Name", filter), ("Filter.1.Value.1", value)]);
        assert_ne!(found(value).text(element), "", "{action} {filter}");
        assert_eq!(found("nothing").text(element), "", "{action} {filter}");
    }
    let off = [("VpcId", network.vpc.as_str()), ("EnableDnsHostnames.Value", "false")];
    api.ok("ModifyVpcAttribute", &off);
    let seen = api.ok("DescribeInstances", &[("InstanceId.1", &instance)]);
    assert_eq!((seen.text("ipAddress"), seen.text("dnsName")), ("198.18.12.1".to_owned(), String::new()));
}

#[test]
fn addresses_are_found_by_each_filter_and_by_what_they_are() {
    let api = Api::new();
    let network = api.network();
    with_internet(&api, &network.vpc);
    let (instance, interface) = instance(&api, &network);
    let (used, idle) = (allocated(&api), allocated(&api));
    let association = associated(&api, &used, &instance);
    api.ok("CreateTags", &[("ResourceId.1", &used), ("Tag.1.Key", "Env"), ("Tag.1.Value", "prod")]);
    for (filter, value) in [
        ("allocation-id", used.as_str()),
        ("association-id", &association),
        ("instance-id", &instance),
        ("network-interface-id", &interface),
        ("network-interface-owner-id", "123456789012"),
        ("private-ip-address", "10.0.1.4"),
        ("public-ip", "198.18.12.1"),
        ("tag:Env", "prod"),
        ("tag-key", "Env"),
        ("tag-value", "prod"),
    ] {
        let found = api.ok("DescribeAddresses", &[("Filter.1.Name", filter), ("Filter.1.Value.1", value)]);
        assert_eq!(found.texts("allocationId"), [used.as_str()], "{filter}");
    }
    for (filter, value) in [("domain", "vpc"), ("network-border-group", "us-east-1")] {
        let found = api.ok("DescribeAddresses", &[("Filter.1.Name", filter), ("Filter.1.Value.1", value)]);
        assert_eq!(found.texts("allocationId").len(), 2, "{filter}");
    }
    let unknown = [("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")];
    assert_eq!(api.refused("DescribeAddresses", &unknown).0, "InvalidParameterValue");
    assert_eq!(api.ok("DescribeAddresses", &[("PublicIp.1", "198.18.12.2")]).text("allocationId"), idle);
    let (code, message) = api.refused("DescribeAddresses", &[("PublicIp.1", "198.18.12.3")]);
    assert_eq!((code.as_str(), message.as_str()), ("InvalidAddress.NotFound", "Address '198.18.12.3' not found."));
    let gone = [("AllocationId.1", "eipalloc-00000000000000000")];
    assert_eq!(api.refused("DescribeAddresses", &gone).0, "InvalidAllocationID.NotFound");
    assert_eq!(api.refused("DescribeAddresses", &[("AllocationId.1", "x")]).0, "InvalidAllocationID.Malformed");
}

#[test]
fn an_address_belongs_to_its_account_and_region() {
    let mut api = Api::new();
    let id = allocated(&api);
    api.switch_account("999988887777");
    assert_eq!(api.refused("DescribeAddresses", &[("AllocationId.1", &id)]).0, "InvalidAllocationID.NotFound");
    assert_eq!(api.refused("ReleaseAddress", &[("AllocationId", &id)]).0, "InvalidAllocationID.NotFound");
    assert_eq!(api.ok("AllocateAddress", &[]).text("publicIp"), "198.18.12.2");
    api.switch_region("eu-west-1");
    let other = api.ok("AllocateAddress", &[]);
    assert_eq!((other.text("publicIp"), other.text("networkBorderGroup")), ("198.18.76.1".into(), "eu-west-1".into()));
}

#[test]
fn a_call_that_does_not_say_what_it_is_about_is_refused() {
    let api = Api::new();
    let network = api.network();
    with_internet(&api, &network.vpc);
    let (instance, interface) = instance(&api, &network);
    let allocation = allocated(&api);
    let id = ("AllocationId", allocation.as_str());
    let public = ("PublicIp", "198.18.12.1");
    for (action, parameters, code) in [
        ("ReleaseAddress", vec![], "MissingParameter"),
        ("ReleaseAddress", vec![public], "InvalidParameterValue"),
        ("ReleaseAddress", vec![public, id], "InvalidParameterCombination"),
        ("ReleaseAddress", vec![id, ("NetworkBorderGroup", "us-west-2")], "InvalidParameterValue"),
        ("ReleaseAddress", vec![("AllocationId", "eip")], "InvalidAllocationID.Malformed"),
        ("AssociateAddress", vec![], "MissingParameter"),
        ("AssociateAddress", vec![id], "MissingParameter"),
        ("AssociateAddress", vec![public, ("InstanceId", &instance)], "InvalidParameterValue"),
        (
            "AssociateAddress",
            vec![id, ("InstanceId", &instance), ("NetworkInterfaceId", &interface)],
            "InvalidParameterCombination",
        ),
        ("AssociateAddress", vec![id, ("InstanceId", "i-00000000000000000")], "InvalidInstanceID.NotFound"),
        ("AssociateAddress", vec![id, ("InstanceId", "instance")], "InvalidInstanceID.Malformed"),
        (
            "AssociateAddress",
            vec![id, ("NetworkInterfaceId", "eni-00000000000000000")],
            "InvalidNetworkInterfaceID.NotFound",
        ),
        (
            "AssociateAddress",
            vec![id, ("InstanceId", &instance), ("PrivateIpAddress", "10.0.1.77")],
            "InvalidParameterValue",
        ),
        ("AssociateAddress", vec![id, ("InstanceId", &instance), ("PrivateIpAddress", "ten")], "InvalidParameterValue"),
        ("DisassociateAddress", vec![], "MissingParameter"),
        ("DisassociateAddress", vec![public], "InvalidParameterValue"),
        ("DisassociateAddress", vec![("AssociationId", "eipassoc-00000000000000000")], "InvalidAssociationID.NotFound"),
        ("ModifyAddressAttribute", vec![id, ("DomainName", "a.example")], "UnsupportedOperation"),
        (
            "ModifyAddressAttribute",
            vec![("AllocationId", "eipalloc-00000000000000000"), ("DomainName", "a.example")],
            "InvalidAllocationID.NotFound",
        ),
        ("ModifyAddressAttribute", vec![("DomainName", "a.example")], "MissingParameter"),
        ("ResetAddressAttribute", vec![id, ("Attribute", "domain-name")], "UnsupportedOperation"),
        ("ResetAddressAttribute", vec![id, ("Attribute", "colour")], "InvalidParameterValue"),
        ("DescribeAddressesAttribute", vec![("Attribute", "colour")], "InvalidParameterValue"),
    ] {
        assert_eq!(api.refused(action, &parameters).0, code, "{action} {parameters:?}");
    }
}

#[test]
fn an_address_moves_unless_the_call_says_otherwise_and_is_taken_away() {
    let api = Api::new();
    let network = api.network();
    let gateway = with_internet(&api, &network.vpc);
    let ((one, _), (two, interface)) = (instance(&api, &network), instance(&api, &network));
    let allocation = allocated(&api);
    let first = associated(&api, &allocation, &one);
    let to_two = [("AllocationId", allocation.as_str()), ("NetworkInterfaceId", interface.as_str())];
    let keep = [to_two[0], to_two[1], ("AllowReassociation", "false")];
    let (code, message) = api.refused("AssociateAddress", &keep);
    assert_eq!(code, "Resource.AlreadyAssociated");
    assert_eq!(message, format!("resource {allocation} is already associated with associate-id {first}"));
    let second = api.ok("AssociateAddress", &to_two).text("associationId");
    assert_eq!(shown(&api, &allocation).text("instanceId"), two);
    let detach = [("InternetGatewayId", gateway.as_str()), ("VpcId", &network.vpc)];
    assert_eq!(api.refused("DetachInternetGateway", &detach).0, "DependencyViolation");
    api.ok("DisassociateAddress", &[("AssociationId", &second)]);
    assert_eq!(shown(&api, &allocation).text("associationId"), "");
    api.ok("DetachInternetGateway", &detach);
    let refused = api.refused("AssociateAddress", &to_two);
    assert_eq!(refused.0, "Gateway.NotAttached");
}

#[test]
fn only_an_instance_that_runs_gets_an_address_and_it_is_free_when_the_instance_ends() {
    let api = Api::new();
    let network = api.network();
    with_internet(&api, &network.vpc);
    let base = [("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1"), ("SubnetId", &network.subnets[0])];
    let id = api.ok("RunInstances", &base).text("instanceId");
    let allocation = allocated(&api);
    let wanted = [("AllocationId", allocation.as_str()), ("InstanceId", id.as_str())];
    let (code, message) = api.refused("AssociateAddress", &wanted);
    assert_eq!(code, "InvalidInstanceID");
    assert_eq!(message, format!("The pending instance '{id}' is not in a valid state for this operation."));
    note(&api, &id, InstanceState::Running);
    api.ok("AssociateAddress", &wanted);
    assert_eq!(api.refused("ReleaseAddress", &wanted[..1]).0, "InvalidIPAddress.InUse");
    api.ok("TerminateInstances", &[("InstanceId.1", &id)]);
    note(&api, &id, InstanceState::Terminated);
    assert_eq!(shown(&api, &allocation).text("associationId"), "");
    api.ok("ReleaseAddress", &wanted[..1]);
}

#[test]
fn no_address_has_a_name_in_reverse_dns() {
    let api = Api::new();
    let (one, two) = (allocated(&api), allocated(&api));
    let wanted = [("AllocationId.1", one.as_str()), ("Attribute", "domain-name")];
    let shown = api.ok("DescribeAddressesAttribute", &wanted);
    assert_eq!((shown.text("allocationId"), shown.text("publicIp")), (one.clone(), "198.18.12.1".to_owned()));
    assert!(!shown.xml.contains("ptrRecord"));
    let first = api.ok("DescribeAddressesAttribute", &[("MaxResults", "1")]);
    let rest = api.ok("DescribeAddressesAttribute", &[("NextToken", &first.text("nextToken"))]);
    let mut all = [first.text("allocationId"), rest.text("allocationId")];
    all.sort();
    let mut both = [one, two];
    both.sort();
    assert_eq!(all, both);
    let gone = [("AllocationId.1", "eipalloc-00000000000000000")];
    assert_eq!(api.refused("DescribeAddressesAttribute", &gone).0, "InvalidAllocationID.NotFound");
}

/// The association that an interface shows: public address, name, owner.
fn association(api: &Api, interface: &str) -> [String; 3] {
    let seen = api.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", interface)]);
    ["publicIp", "publicDnsName", "ipOwnerId"].map(|element| seen.text(element))
}

/// Launches with these parameters beside image and count.
fn launched(api: &Api, more: &[(&str, &str)]) -> (String, String) {
    let base = [("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1")];
    let made = api.ok("RunInstances", &[&base, more].concat());
    let id = made.text("instanceId");
    note(api, &id, InstanceState::Running);
    (id, made.text("networkInterfaceId"))
}

#[test]
fn an_automatic_address_is_amazons_and_seen_from_instance_and_interface_but_not_among_the_accounts() {
    let api = Api::new();
    let network = api.network();
    let subnet = network.subnets[0].as_str();
    api.ok("ModifySubnetAttribute", &[("SubnetId", subnet), ("MapPublicIpOnLaunch.Value", "true")]);
    let (id, interface) = launched(&api, &[("SubnetId", subnet)]);
    let name = "ec2-198-18-15-254.compute-1.amazonaws.com";
    assert_eq!(association(&api, &interface), ["198.18.15.254", name, "amazon"]);
    let seen = api.ok("DescribeInstances", &[("InstanceId.1", &id)]);
    assert_eq!((seen.text("ipAddress"), seen.text("dnsName")), ("198.18.15.254".to_owned(), name.to_owned()));
    assert_eq!(seen.texts("ipOwnerId"), ["amazon", "amazon"]);
    let shown = api.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &interface)]);
    assert!(!shown.xml.contains("<allocationId>") && !shown.xml.contains("<associationId>"), "{}", shown.xml);
    assert!(api.ok("DescribeAddresses", &[]).xml.contains("<addressesSet/>"));
    let (code, _) = api.refused("DescribeAddresses", &[("PublicIp.1", "198.18.15.254")]);
    assert_eq!(code, "InvalidAddress.NotFound");
    for (action, filter, value, element) in [
        ("DescribeInstances", "ip-address", "198.18.15.254", "instanceId"),
        ("DescribeInstances", "network-interface.association.ip-owner-id", "amazon", "instanceId"),
        ("DescribeNetworkInterfaces", "association.ip-owner-id", "amazon", "networkInterfaceId"),
        ("DescribeNetworkInterfaces", "addresses.association.owner-id", "amazon", "networkInterfaceId"),
        ("DescribeNetworkInterfaces", "association.public-dns-name", name, "networkInterfaceId"),
    ] {
        let found = |value: &str| api.ok(action, &[("Filter.1.Name", filter), ("Filter.1.Value.1", value)]);
        assert_ne!(found(value).text(element), "", "{action} {filter}");
        assert_eq!(found("nothing").text(element), "", "{action} {filter}");
    }
    let wanted = [("NetworkInterfaceId", interface.as_str()), ("Attribute", "associatePublicIpAddress")];
    assert_eq!(api.ok("DescribeNetworkInterfaceAttribute", &wanted).text("associatePublicIpAddress"), "true");

    // It goes when the instance stops, and another one comes as it starts.
    api.ok("StopInstances", &[("InstanceId.1", &id)]);
    note(&api, &id, InstanceState::Stopped);
    let seen = api.ok("DescribeInstances", &[("InstanceId.1", &id)]);
    assert_eq!((seen.text("ipAddress"), seen.text("dnsName")), (String::new(), String::new()));
    api.ok("StartInstances", &[("InstanceId.1", &id)]);
    assert_eq!(association(&api, &interface)[0], "198.18.15.253");
}

#[test]
fn a_launch_says_for_its_one_new_interface_whether_it_has_a_public_address() {
    let api = Api::new();
    let network = api.network();
    let subnet = network.subnets[0].as_str();
    let first = [("NetworkInterface.1.DeviceIndex", "0"), ("NetworkInterface.1.SubnetId", subnet)];
    let says = ("NetworkInterface.1.AssociatePublicIpAddress", "true");
    let (_, interface) = launched(&api, &[first[0], first[1], says]);
    assert_eq!(association(&api, &interface)[0], "198.18.15.254");
    api.ok("ModifySubnetAttribute", &[("SubnetId", subnet), ("MapPublicIpOnLaunch.Value", "true")]);
    let (_, interface) = launched(&api, &[first[0], first[1], (says.0, "false")]);
    assert_eq!(association(&api, &interface)[0], "");

    let base = [("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1")];
    let second = [("NetworkInterface.2.DeviceIndex", "1"), ("NetworkInterface.2.SubnetId", subnet)];
    for says in ["true", "false"] {
        let says = [("NetworkInterface.1.AssociatePublicIpAddress", says)];
        let (code, message) = api.refused("RunInstances", &[&base[..], &first, &second, &says].concat());
        assert_eq!(code, "InvalidParameterCombination");
        let text = "The associatePublicIPAddress parameter cannot be specified when launching with multiple network \
                    interfaces";
        assert_eq!(message, text);
    }
    let (_, interface) = launched(&api, &[&first[..], &second].concat());
    assert_eq!(association(&api, &interface)[0], "", "not with two interfaces, whatever the subnet says");

    // One of the account's own may be told of it.
    let own = api.ok("CreateNetworkInterface", &[("SubnetId", subnet)]).text("networkInterfaceId");
    let taken = [("NetworkInterface.1.DeviceIndex", "0"), ("NetworkInterface.1.NetworkInterfaceId", own.as_str())];
    assert_eq!(api.refused("RunInstances", &[&base[..], &taken, &[says]].concat()).0, "InvalidParameterCombination");
    launched(&api, &taken);
    assert_eq!(association(&api, &own)[0], "");
    let modify = |on| {
        let wanted = [("NetworkInterfaceId", own.as_str()), ("AssociatePublicIpAddress", on)];
        api.ok("ModifyNetworkInterfaceAttribute", &wanted);
        association(&api, &own)[0].clone()
    };
    assert_eq!((modify("true").as_str(), modify("false").as_str()), ("198.18.15.253", ""));
}

#[test]
fn an_elastic_address_replaces_the_automatic_one_whether_or_not_it_may_reassociate() {
    let api = Api::new();
    let network = api.network();
    let gateway = with_internet(&api, &network.vpc);
    let subnet = network.subnets[0].as_str();
    api.ok("ModifySubnetAttribute", &[("SubnetId", subnet), ("MapPublicIpOnLaunch.Value", "true")]);
    let (id, interface) = launched(&api, &[("SubnetId", subnet)]);
    let detach = [("InternetGatewayId", gateway.as_str()), ("VpcId", &network.vpc)];
    assert_eq!(api.refused("DetachInternetGateway", &detach).0, "DependencyViolation");
    let allocation = allocated(&api);
    let wanted = [("AllocationId", allocation.as_str()), ("InstanceId", &id), ("AllowReassociation", "false")];
    let made = api.ok("AssociateAddress", &wanted).text("associationId");
    assert_eq!(association(&api, &interface)[0], "198.18.12.1");
    api.ok("DisassociateAddress", &[("AssociationId", &made)]);
    let [public, _, owner] = association(&api, &interface);
    assert_eq!((public.as_str(), owner.as_str()), ("198.18.15.253", "amazon"));
}

#[test]
fn a_filter_of_the_association_is_about_the_primary_address_and_one_of_addresses_about_all() {
    let api = Api::new();
    let network = api.network();
    with_internet(&api, &network.vpc);
    let (_, interface) = instance(&api, &network);
    let more = [("NetworkInterfaceId", interface.as_str()), ("PrivateIpAddress.1", "10.0.1.20")];
    api.ok("AssignPrivateIpAddresses", &more);
    let allocation = allocated(&api);
    let wanted = [("AllocationId", allocation.as_str()), more[0], ("PrivateIpAddress", "10.0.1.20")];
    api.ok("AssociateAddress", &wanted);
    let found = |filter: &str, value: &str| {
        let found = api.ok("DescribeNetworkInterfaces", &[("Filter.1.Name", filter), ("Filter.1.Value.1", value)]);
        found.text("networkInterfaceId") == interface
    };
    for (filter, value) in [("public-ip", "198.18.12.1"), ("owner-id", "123456789012")] {
        assert!(found(&format!("addresses.association.{filter}"), value), "{filter}");
    }
    for (filter, value) in
        [("public-ip", "198.18.12.1"), ("ip-owner-id", "123456789012"), ("allocation-id", &allocation)]
    {
        assert!(!found(&format!("association.{filter}"), value), "{filter}");
    }
}

#[test]
fn an_instance_with_several_interfaces_is_no_place_for_an_address_and_a_stopped_one_is() {
    let api = Api::new();
    let network = api.network();
    with_internet(&api, &network.vpc);
    let (id, _) = instance(&api, &network);
    let allocation = allocated(&api);
    let wanted = [("AllocationId", allocation.as_str()), ("InstanceId", id.as_str())];
    api.ok("StopInstances", &[("InstanceId.1", &id)]);
    note(&api, &id, InstanceState::Stopped);
    let association = api.ok("AssociateAddress", &wanted).text("associationId");
    api.ok("DisassociateAddress", &[("AssociationId", &association)]);
    let other = api.ok("CreateNetworkInterface", &[("SubnetId", &network.subnets[0])]).text("networkInterfaceId");
    let attach = [("NetworkInterfaceId", other.as_str()), ("InstanceId", &id), ("DeviceIndex", "1")];
    api.ok("AttachNetworkInterface", &attach);
    let (code, message) = api.refused("AssociateAddress", &wanted);
    assert_eq!(code, "InvalidInstanceID");
    assert_eq!(
        message,
        format!(
            "There are multiple interfaces attached to instance '{id}'. Please specify an interface ID for the \
             operation instead."
        )
    );
    api.ok("AssociateAddress", &[wanted[0], ("NetworkInterfaceId", &other)]);
}
