//! Instances over the API.

use sidegate_model::{InstanceId, InstanceState};

use super::super::tests::{Answer, Api, Network};

pub(in super::super) fn run(api: &Api, network: &Network, more: &[(&str, &str)]) -> Answer {
    api.ok("RunInstances", &launch(network, more))
}

pub(in super::super) fn launch<'p>(network: &'p Network, more: &[(&'p str, &'p str)]) -> Vec<(&'p str, &'p str)> {
    let mut parameters = vec![("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1")];
    if !more.iter().any(|(name, _)| name.starts_with("NetworkInterface.") || *name == "SubnetId") {
        parameters.push(("SubnetId", &network.subnets[0]));
    }
    for &(name, value) in more {
        parameters.retain(|(present, _)| *present != name);
        parameters.push((name, value));
    }
    parameters
}

/// What whoever runs the programs notes.
pub(in super::super) fn note(api: &Api, id: &str, state: InstanceState) {
    let id: InstanceId = id.parse().unwrap();
    api.change(move |world, context| {
        let reason = world.instance(&context.scope, &id)?.reason.clone();
        world.instance_is(context.now, &id, state, reason);
        Ok(())
    });
}

#[test]
fn a_launched_instance_is_pending_and_shows_its_network() {
    let api = Api::new();
    let network = api.network();
    let answer = run(
        &api,
        &network,
        &[
            ("InstanceType", "t3.micro"),
            ("SecurityGroupId.1", &network.groups[1]),
            ("PrivateIpAddress", "10.0.1.20"),
            ("UserData", "IyEvYmluL3NoCg=="),
            ("ClientToken", "launch-1"),
            ("TagSpecification.1.ResourceType", "instance"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
            ("TagSpecification.1.Tag.1.Value", "client"),
            ("TagSpecification.2.ResourceType", "network-interface"),
            ("TagSpecification.2.Tag.1.Key", "Net"),
            ("TagSpecification.2.Tag.1.Value", "inner"),
        ],
    );
    assert!(answer.text("reservationId").starts_with("r-"));
    let shown = api.ok("DescribeInstances", &[("InstanceId.1", &answer.text("instanceId"))]);
    assert_eq!(shown.text("instanceState"), "<code>0</code><name>pending</name>");
    assert_eq!(shown.text("imageId"), "ami-51de6a7e");
    assert_eq!(shown.text("instanceType"), "t3.micro");
    assert_eq!(shown.text("clientToken"), "launch-1");
    assert_eq!(shown.text("privateIpAddress"), "10.0.1.20");
    assert_eq!(shown.text("privateDnsName"), "ip-10-0-1-20.ec2.internal");
    assert_eq!((shown.text("vpcId"), shown.text("subnetId")), (network.vpc.clone(), network.subnets[0].clone()));
    assert_eq!(shown.texts("groupName"), ["web", "web", ""], "of the interface, the instance and the placement");
    assert_eq!((shown.text("coreCount"), shown.text("threadsPerCore")), ("1".to_owned(), "2".to_owned()));
    assert_eq!((shown.text("httpTokens"), shown.text("httpPutResponseHopLimit")), ("required".into(), "1".into()));
    assert_eq!((shown.text("key"), shown.text("value")), ("Name".to_owned(), "client".to_owned()));
    assert_eq!(shown.text("sourceDestCheck"), "true");
    assert!(shown.text("attachmentId").starts_with("eni-attach-"));
    let interface = api.ok("DescribeNetworkInterfaces", &[]);
    assert_eq!((interface.text("key"), interface.text("value")), ("Net".to_owned(), "inner".to_owned()));
}

#[test]
fn the_network_interface_of_a_launch_stands_for_subnet_groups_and_address() {
    let api = Api::new();
    let network = api.network();
    let interface = [
        ("NetworkInterface.1.DeviceIndex", "0"),
        ("NetworkInterface.1.SubnetId", network.subnets[1].as_str()),
        ("NetworkInterface.1.SecurityGroupId.1", &network.groups[1]),
        ("NetworkInterface.1.PrivateIpAddress", "10.0.2.30"),
        ("NetworkInterface.1.Description", "front"),
        ("NetworkInterface.1.AssociatePublicIpAddress", "false"),
        ("NetworkInterface.1.DeleteOnTermination", "true"),
    ];
    let shown = run(&api, &network, &interface);
    assert_eq!((shown.text("privateIpAddress"), shown.text("description")), ("10.0.2.30".into(), "front".into()));
    assert_eq!(shown.text("availabilityZone"), "us-east-1b");
    let refused = |name: &str, value: &str| {
        let more = [interface.as_slice(), &[(name, value)]].concat();
        api.refused("RunInstances", &launch(&network, &more))
    };
    let with = |what: &str| {
        let message =
            format!("Network interfaces and an instance-level {what} may not be specified on the same request");
        ("InvalidParameterCombination".to_owned(), message)
    };
    assert_eq!(refused("SubnetId", &network.subnets[0]), with("subnet ID"));
    assert_eq!(refused("SecurityGroupId.1", &network.groups[0]), with("security groups"));
    assert_eq!(refused("NetworkInterface.1.DeviceIndex", "1").0, "InvalidParameterValue");
    assert_eq!(refused("NetworkInterface.1.NetworkInterfaceId", "eni-1").0, "InvalidParameterCombination");
}

#[test]
fn without_a_subnet_there_is_no_default_vpc_to_fall_back_on() {
    let api = Api::new();
    let base = [("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1")];
    let (code, message) = api.refused("RunInstances", &base);
    assert_eq!((code.as_str(), message.as_str()), ("VPCIdNotSpecified", "No default VPC for this user."));
    let named = [base.as_slice(), &[("SecurityGroup.1", "web")]].concat();
    assert!(api.refused("RunInstances", &named).1.contains("GroupName is only supported"));
}

#[test]
fn what_a_launch_asks_for_in_vain_is_refused() {
    let api = Api::new();
    let network = api.network();
    let code = |more: &[(&str, &str)]| api.refused("RunInstances", &launch(&network, more)).0;
    for more in [
        ("Placement.Tenancy", "dedicated"),
        ("Placement.GroupName", "near"),
        ("LaunchTemplate.LaunchTemplateName", "x"),
        ("CreditSpecification.CpuCredits", "unlimited"),
    ] {
        assert_eq!(code(&[more]), "UnsupportedOperation", "{}", more.0);
    }
    for more in [
        ("InstanceType", "huge"),
        ("InstanceType", "z9.tiny"),
        ("Ipv6AddressCount", "1"),
        ("InstanceInitiatedShutdownBehavior", "sleep"),
        ("MinCount", "0"),
        ("MinCount", "2"),
        ("Placement.AvailabilityZone", "us-east-1b"),
        ("MetadataOptions.HttpTokens", "sometimes"),
        ("MetadataOptions.HttpPutResponseHopLimit", "65"),
        ("UserData", "#!/bin/sh"),
        ("PrivateIpAddress", "here"),
        ("TagSpecification.1.ResourceType", "vpc"),
    ] {
        assert_eq!(code(&[more]), "InvalidParameterValue", "{}", more.0);
    }
    for (image, refused) in [("my-image", "InvalidAMIID.Malformed"), ("ami-0123456789abcdef0", "InvalidAMIID.NotFound")]
    {
        let mut parameters = launch(&network, &[]);
        parameters.retain(|(name, _)| *name != "ImageId");
        parameters.push(("ImageId", image));
        assert_eq!(api.refused("RunInstances", &parameters).0, refused);
    }
    let (refused, message) = api.refused("RunInstances", &launch(&network, &[("KeyName", "mine")]));
    assert_eq!((refused.as_str(), message.as_str()), ("InvalidKeyPair.NotFound", "The key pair 'mine' does not exist"));
    assert_eq!(code(&[("SubnetId", "subnet-00000000")]), "InvalidSubnetID.NotFound");
    assert_eq!(code(&[("SecurityGroup.1", "web")]), "InvalidParameterCombination");
    assert!(api.world().instances.is_empty() && api.world().interfaces.is_empty());
}

#[test]
fn what_terraform_always_says_is_let_pass() {
    let api = Api::new();
    let network = api.network();
    run(
        &api,
        &network,
        &[
            ("InstanceType", "t3.micro"),
            ("DisableApiTermination", "false"),
            ("DisableApiStop", "false"),
            ("EbsOptimized", "false"),
            ("Monitoring.Enabled", "false"),
            ("Placement.AvailabilityZone", "us-east-1a"),
            ("CreditSpecification.CpuCredits", "unlimited"),
            ("MetadataOptions.HttpEndpoint", "enabled"),
        ],
    );
}

#[test]
fn user_data_is_limited_before_it_is_encoded() {
    use base64::Engine as _;
    let api = Api::new();
    let network = api.network();
    let encoded = |length| base64::engine::general_purpose::STANDARD.encode(vec![b'x'; length]);
    run(&api, &network, &[("UserData", &encoded(16_384))]);
    let (code, message) = api.refused("RunInstances", &launch(&network, &[("UserData", &encoded(16_385))]));
    assert_eq!((code.as_str(), message.as_str()), ("InvalidParameterValue", "User data is limited to 16384 bytes"));
}

#[test]
fn metadata_options_are_kept_and_can_be_changed() {
    let api = Api::new();
    let network = api.network();
    let options = [("MetadataOptions.HttpTokens", "optional"), ("MetadataOptions.HttpPutResponseHopLimit", "2")];
    let id = run(&api, &network, &options).text("instanceId");
    let shown = api.ok("DescribeInstances", &[]);
    assert_eq!((shown.text("httpTokens"), shown.text("httpPutResponseHopLimit")), ("optional".into(), "2".into()));
    let planned = || {
        let plan = sidegate_plan::compile(&api.world());
        let metadata = plan.vpcs.values().flat_map(|vpc| vpc.metadata.values()).next().unwrap().clone();
        (metadata.tokens_required, metadata.hop_limit)
    };
    assert_eq!(planned(), (false, 2));
    let changed = api.ok("ModifyInstanceMetadataOptions", &[("InstanceId", &id), ("HttpTokens", "required")]);
    assert_eq!((changed.text("httpTokens"), changed.text("httpPutResponseHopLimit")), ("required".into(), "2".into()));
    assert_eq!(planned(), (true, 2));
    assert_eq!(changed.text("httpProtocolIpv6"), "disabled");
    let ipv6 = |value| [("InstanceId", id.as_str()), ("HttpProtocolIpv6", value)];
    let changed = api.ok("ModifyInstanceMetadataOptions", &ipv6("enabled"));
    assert_eq!((changed.text("httpProtocolIpv6"), changed.text("httpTokens")), ("enabled".into(), "required".into()));
    assert!(api.world().instances.iter().all(|instance| instance.metadata.ipv6));
    let filter = [("Filter.1.Name", "metadata-options.http-protocol-ipv6"), ("Filter.1.Value.1", "enabled")];
    assert_eq!(api.ok("DescribeInstances", &filter).texts("instanceId"), [id.as_str()]);
    assert_eq!(api.refused("ModifyInstanceMetadataOptions", &ipv6("on")).0, "InvalidParameterValue");
    let launched = run(&api, &network, &[("MetadataOptions.HttpProtocolIpv6", "enabled")]).text("instanceId");
    assert_eq!(api.ok("DescribeInstances", &filter).texts("instanceId").len(), 2);
    api.ok("ModifyInstanceMetadataOptions", &[("InstanceId", &launched), ("HttpProtocolIpv6", "disabled")]);
    assert_eq!(api.ok("DescribeInstances", &filter).texts("instanceId"), [id.as_str()]);
    let disabled = [("InstanceId", id.as_str()), ("HttpEndpoint", "disabled")];
    let changed = api.ok("ModifyInstanceMetadataOptions", &disabled);
    assert_eq!((changed.text("httpEndpoint"), changed.text("httpTokens")), ("disabled".into(), "required".into()));
    let filter = [("Filter.1.Name", "metadata-options.http-endpoint"), ("Filter.1.Value.1", "disabled")];
    assert_eq!(api.ok("DescribeInstances", &filter).texts("instanceId"), [id.as_str()]);
}

#[test]
fn tags_are_told_to_an_instance_only_if_their_keys_can_be_names() {
    let api = Api::new();
    let network = api.network();
    let tag = |key: &'static str| {
        let tagged = [("TagSpecification.1.ResourceType", "instance"), ("TagSpecification.1.Tag.1.Value", "1")];
        [&tagged[..], &[("TagSpecification.1.Tag.1.Key", key), ("MetadataOptions.InstanceMetadataTags", "enabled")]]
            .concat()
    };
    assert_eq!(api.refused("RunInstances", &launch(&network, &tag("two words"))).0, "InvalidParameterValue");
    let id = run(&api, &network, &tag("one")).text("instanceId");
    let told = || {
        let plan = sidegate_plan::compile(&api.world());
        let metadata = plan.vpcs.values().flat_map(|vpc| vpc.metadata.values()).next().unwrap().clone();
        metadata.tags.map(|tags| tags.into_iter().map(|(key, _)| key).collect::<Vec<_>>().join(" "))
    };
    let create = |key: &str| api.call("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", key), ("Tag.1.Value", "2")]);
    let before = (sidegate_plan::compile(&api.world()), api.world());
    assert!(create("a/b").xml.contains("<Code>InvalidParameterValue</Code>"));
    assert!(create("_index").xml.contains("<Code>InvalidParameterValue</Code>"));
    assert!(create("owner@home").xml.contains("<return>true</return>"));
    assert_eq!(told().as_deref(), Some("one owner@home"));
    // A change of tags is one of the network's, to whom they are told.
    let now = api.world();
    assert_eq!(sidegate_plan::recompile(&before.0, &before.1, &now), sidegate_plan::compile(&now));
    assert_ne!(before.0, sidegate_plan::compile(&now));
    api.ok("ModifyInstanceMetadataOptions", &[("InstanceId", &id), ("InstanceMetadataTags", "disabled")]);
    assert_eq!(told(), None);
    assert!(create("a/b").xml.contains("<return>true</return>"));
    let enabled = [("InstanceId", id.as_str()), ("InstanceMetadataTags", "enabled")];
    assert_eq!(api.refused("ModifyInstanceMetadataOptions", &enabled).0, "InvalidParameterValue");
}

#[test]
fn a_launch_takes_as_many_as_there_is_room_for_if_that_is_enough() {
    let api = Api::new();
    let network = api.network();
    let small = ("SubnetId", network.subnets[2].as_str());
    let answer = run(&api, &network, &[small, ("MinCount", "2"), ("MaxCount", "50")]);
    assert_eq!(answer.texts("instanceId").len(), 11);
    assert_eq!(answer.texts("amiLaunchIndex"), (0..11).map(|n| n.to_string()).collect::<Vec<_>>());
    let full = api.refused("RunInstances", &launch(&network, &[small]));
    assert_eq!(full.0, "InsufficientFreeAddressesInSubnet");
    assert_eq!(api.world().instances.len(), 11);
}

#[test]
fn a_token_launches_once_and_tells_when_its_instance_is_gone() {
    let api = Api::new();
    let network = api.network();
    let token = [("ClientToken", "launch")];
    let first = run(&api, &network, &token);
    assert_eq!(run(&api, &network, &token).text("instanceId"), first.text("instanceId"));
    let other = launch(&network, &[token[0], ("MaxCount", "2")]);
    assert_eq!(api.refused("RunInstances", &other).0, "IdempotentParameterMismatch");
    assert_eq!(api.world().instances.len(), 1);
    api.ok("TerminateInstances", &[("InstanceId.1", &first.text("instanceId"))]);
    note(&api, &first.text("instanceId"), InstanceState::Terminated);
    assert_eq!(api.refused("RunInstances", &launch(&network, &token)).0, "IdempotentInstanceTerminated");
}

#[test]
fn terminating_is_all_or_nothing_and_can_be_repeated() {
    let api = Api::new();
    let network = api.network();
    let id = run(&api, &network, &[]).text("instanceId");
    note(&api, &id, InstanceState::Running);
    let unknown = [("InstanceId.1", id.as_str()), ("InstanceId.2", "i-0123456789abcdef0")];
    let (code, message) = api.refused("TerminateInstances", &unknown);
    assert_eq!(code, "InvalidInstanceID.NotFound");
    assert_eq!(message, "The instance ID 'i-0123456789abcdef0' does not exist");
    assert_eq!(api.ok("DescribeInstances", &[]).text("name"), "running");
    let states = || {
        let answer = api.ok("TerminateInstances", &[("InstanceId.1", &id)]);
        (answer.text("previousState"), answer.text("currentState"))
    };
    let ending = "<code>32</code><name>shutting-down</name>".to_owned();
    assert_eq!(states(), ("<code>16</code><name>running</name>".to_owned(), ending.clone()));
    assert_eq!(states(), (ending.clone(), ending));
    note(&api, &id, InstanceState::Terminated);
    let ended = "<code>48</code><name>terminated</name>".to_owned();
    assert_eq!(states(), (ended.clone(), ended));
    let shown = api.ok("DescribeInstances", &[("InstanceId.1", &id)]);
    assert_eq!(
        shown.text("stateReason"),
        "<code>Client.UserInitiatedShutdown</code><message>Client.UserInitiatedShutdown: User initiated shutdown</message>"
    );
    assert!(shown.text("reason").starts_with("User initiated (20") && shown.text("reason").ends_with(" GMT)"));
    assert!(shown.text("privateIpAddress").is_empty() && shown.text("vpcId").is_empty());
    assert!(api.world().interfaces.is_empty());
}

#[test]
fn terminating_by_force_is_what_happens_anyway_and_skipping_the_shutdown_is_refused() {
    let api = Api::new();
    let network = api.network();
    let id = run(&api, &network, &[]).text("instanceId");
    let with = |name, value| [("InstanceId.1", id.clone()), (name, value)];
    let call = |parameters: &[(&str, String)]| {
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        api.call("TerminateInstances", &parameters)
    };
    let refused = call(&with("SkipOsShutdown", "true".to_owned()));
    assert_eq!(refused.text("Code"), "UnsupportedOperation");
    assert_eq!(
        refused.text("Message"),
        "The parameter SkipOsShutdown is not supported: an instance always gets a few seconds to end by itself."
    );
    assert_eq!(api.ok("DescribeInstances", &[]).text("name"), "pending");
    assert_eq!(call(&with("SkipOsShutdown", "false".to_owned())).status, http::StatusCode::OK);
    assert_eq!(
        call(&with("Force", "true".to_owned())).text("currentState"),
        "<code>32</code><name>shutting-down</name>"
    );
}

#[test]
fn the_status_of_running_instances_is_ok_and_of_others_is_shown_when_asked_for() {
    let api = Api::new();
    let network = api.network();
    let id = run(&api, &network, &[]).text("instanceId");
    assert!(api.ok("DescribeInstanceStatus", &[]).texts("instanceId").is_empty());
    let all = api.ok("DescribeInstanceStatus", &[("IncludeAllInstances", "true")]);
    assert_eq!((all.text("instanceId"), all.text("name")), (id.clone(), "pending".to_owned()));
    assert!(all.xml.contains("<status>not-applicable</status>"));
    note(&api, &id, InstanceState::Running);
    let ok = [("Filter.1.Name", "instance-status.status"), ("Filter.1.Value.1", "ok")];
    let shown = api.ok("DescribeInstanceStatus", &ok);
    assert_eq!(shown.text("instanceId"), id);
    assert_eq!(shown.xml.matches("<name>reachability</name><status>passed</status>").count(), 2);
    assert_eq!(shown.text("availabilityZone"), "us-east-1a");
    assert_eq!(
        api.refused("DescribeInstanceStatus", &[("InstanceId.1", "i-00000000")]).0,
        "InvalidInstanceID.NotFound"
    );
}

#[test]
fn filters_find_instances_by_what_they_have() {
    let api = Api::new();
    let network = api.network();
    let tagged = [
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "client"),
    ];
    let first = run(&api, &network, &tagged).text("instanceId");
    let second = run(
        &api,
        &network,
        &[("SubnetId", &network.subnets[1]), ("InstanceType", "m5.large"), ("SecurityGroupId.1", &network.groups[1])],
    )
    .text("instanceId");
    note(&api, &second, InstanceState::Running);
    let found = |name: &str, value: &str| {
        let parameters = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeInstances", &parameters).texts("instanceId")
    };
    for (name, value) in [
        ("tag:Name", "client"),
        ("tag-key", "Name"),
        ("instance-state-name", "pending"),
        ("instance-state-code", "0"),
        ("subnet-id", &network.subnets[0]),
        ("availability-zone", "us-east-1a"),
        ("network-interface.addresses.private-ip-address", "10.0.1.4"),
        ("private-dns-name", "ip-10-0-1-4.ec2.internal"),
        ("instance.group-name", "default"),
    ] {
        assert_eq!(found(name, value), [first.as_str()], "{name}");
    }
    for (name, value) in [
        ("instance-type", "m5.*"),
        ("instance.group-id", network.groups[1].as_str()),
        ("network-interface.group-name", "web"),
        ("private-ip-address", "10.0.2.4"),
    ] {
        assert_eq!(found(name, value), [second.as_str()], "{name}");
    }
    assert_eq!(found("vpc-id", &network.vpc).len(), 2);
    assert_eq!(found("metadata-options.http-tokens", "required").len(), 2);
    assert!(found("iam-instance-profile.arn", "*").is_empty());
}

#[test]
fn instances_that_were_launched_together_are_shown_together_and_pages_hold_each_once() {
    let api = Api::new();
    let network = api.network();
    run(&api, &network, &[("MinCount", "4"), ("MaxCount", "4")]);
    run(&api, &network, &[("MinCount", "3"), ("MaxCount", "3")]);
    let all = api.ok("DescribeInstances", &[]);
    assert_eq!((all.texts("reservationId").len(), all.texts("instanceId").len()), (2, 7));
    let first = api.ok("DescribeInstances", &[("MaxResults", "5")]);
    let second = api.ok("DescribeInstances", &[("MaxResults", "5"), ("NextToken", &first.text("nextToken"))]);
    let mut seen = [first.texts("instanceId"), second.texts("instanceId")].concat();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7);
    assert!(second.text("nextToken").is_empty());
    let both = [("InstanceId.1", seen[0].as_str()), ("MaxResults", "5")];
    assert_eq!(api.refused("DescribeInstances", &both).0, "InvalidParameterCombination");
}

/// Notes what became of an instance, as whoever runs the programs does.
fn is_now(api: &Api, id: &str, state: sidegate_model::InstanceState) {
    let id: sidegate_model::InstanceId = id.parse().unwrap();
    api.change(move |world, context| {
        let reason = world.instance(&context.scope, &id)?.reason.clone();
        world.instance_is(context.now, &id, state, reason);
        Ok(())
    });
}

#[test]
fn an_instance_is_stopped_and_started_again() {
    use sidegate_model::InstanceState::{Running, Stopped};
    let api = Api::new();
    let network = api.network();
    let id = run(&api, &network, &[]).text("instanceId");
    let one = [("InstanceId.1", id.as_str())];
    let states = |answer: &super::super::tests::Answer| answer.texts("name");
    let (code, message) = api.refused("StopInstances", &one);
    assert_eq!(code, "IncorrectInstanceState", "it is pending");
    assert_eq!(message, format!("The instance '{id}' is not in a state from which it can be stopped."));
    is_now(&api, &id, Running);
    // The current state comes before the previous one.
    assert_eq!(states(&api.ok("StopInstances", &one)), ["stopping", "running"]);
    assert_eq!(states(&api.ok("StopInstances", &one)), ["stopping", "stopping"]);
    assert_eq!(api.refused("StartInstances", &one).0, "IncorrectInstanceState");
    assert_eq!(api.refused("RebootInstances", &one).0, "IncorrectInstanceState");
    is_now(&api, &id, Stopped);
    let shown = api.ok("DescribeInstances", &one);
    assert_eq!(shown.text("name"), "stopped");
    assert!(shown.text("reason").starts_with("User initiated"), "{}", shown.text("reason"));
    assert!(shown.texts("code").contains(&"Client.UserInitiatedShutdown".to_owned()));
    assert!(!shown.text("privateIpAddress").is_empty(), "it keeps its address");
    assert!(api.ok("DescribeInstanceStatus", &one).texts("instanceId").is_empty());
    assert_eq!(states(&api.ok("StartInstances", &one)), ["pending", "stopped"]);
    assert_eq!(states(&api.ok("StartInstances", &one)), ["pending", "pending"]);
    is_now(&api, &id, Running);
    assert_eq!(api.ok("RebootInstances", &one).text("return"), "true");
    assert_eq!(api.ok("DescribeInstances", &one).text("name"), "running");
    assert_eq!(api.refused("StopInstances", &[one[0], ("Hibernate", "true")]).0, "UnsupportedOperation");
    assert_eq!(api.refused("StopInstances", &[("InstanceId.1", "i-00000000")]).0, "InvalidInstanceID.NotFound");
    assert_eq!(api.refused("StopInstances", &[]).0, "MissingParameter");
    assert_eq!(api.refused("StopInstances", &[one[0], ("DryRun", "true")]).0, "DryRunOperation");
    api.ok("TerminateInstances", &one);
    assert_eq!(api.refused("StartInstances", &one).0, "IncorrectInstanceState");
}

#[test]
fn an_instance_that_is_protected_is_neither_terminated_nor_stopped() {
    let api = Api::new();
    let network = api.network();
    let id = run(&api, &network, &[("DisableApiTermination", "true"), ("DisableApiStop", "true")]).text("instanceId");
    is_now(&api, &id, sidegate_model::InstanceState::Running);
    let one = [("InstanceId.1", id.as_str())];
    let (code, message) = api.refused("TerminateInstances", &one);
    assert_eq!(code, "OperationNotPermitted");
    let modify = "Modify its 'disableApiTermination' instance attribute and try again.";
    assert_eq!(message, format!("The instance '{id}' may not be terminated. {modify}"));
    assert_eq!(api.refused("StopInstances", &one).0, "OperationNotPermitted");
    for attribute in ["DisableApiTermination.Value", "DisableApiStop.Value"] {
        api.ok("ModifyInstanceAttribute", &[("InstanceId", id.as_str()), (attribute, "false")]);
    }
    api.ok("StopInstances", &one);
    api.ok("TerminateInstances", &one);
}

#[test]
fn monitoring_is_kept_and_shown() {
    let api = Api::new();
    let network = api.network();
    let id = run(&api, &network, &[("Monitoring.Enabled", "true")]).text("instanceId");
    let one = [("InstanceId.1", id.as_str())];
    let shown = || {
        let xml = api.ok("DescribeInstances", &one).xml;
        xml.split("<monitoring><state>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    assert_eq!(shown(), "enabled");
    assert_eq!(api.ok("UnmonitorInstances", &one).text("state"), "disabling");
    assert_eq!(shown(), "disabled");
    assert_eq!(api.ok("MonitorInstances", &one).text("state"), "pending");
    assert_eq!(shown(), "enabled");
    assert_eq!(api.refused("MonitorInstances", &[("InstanceId.1", "i-00000000")]).0, "InvalidInstanceID.NotFound");
}
