//! Attributes of instances over the API.

use super::super::tests::Api;

#[test]
fn the_attributes_that_terraform_reads_back_are_there() {
    let api = Api::new();
    let network = api.network();
    let launched = api.ok(
        "RunInstances",
        &[
            ("ImageId", "ami-51de6a7e"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", &network.subnets[0]),
            ("InstanceType", "t3.small"),
            ("UserData", "aGVsbG8"),
        ],
    );
    let id = launched.text("instanceId");
    let value = |name: &str| {
        let answer = api.ok("DescribeInstanceAttribute", &[("InstanceId", &id), ("Attribute", name)]);
        assert_eq!(answer.text("instanceId"), id);
        answer.text("value")
    };
    assert_eq!(value("disableApiTermination"), "false");
    assert_eq!(value("disableApiStop"), "false");
    assert_eq!(value("instanceInitiatedShutdownBehavior"), "stop");
    assert_eq!(value("instanceType"), "t3.small");
    assert_eq!(value("sourceDestCheck"), "true");
    assert_eq!(value("userData"), "aGVsbG8=", "in base64 with its padding");
    let groups = api.ok("DescribeInstanceAttribute", &[("InstanceId", &id), ("Attribute", "groupSet")]);
    assert_eq!(groups.texts("groupName"), ["default"]);
    let unknown = [("InstanceId", id.as_str()), ("Attribute", "mood")];
    assert_eq!(api.refused("DescribeInstanceAttribute", &unknown).0, "InvalidParameterValue");
    let missing = [("InstanceId", "i-00000000"), ("Attribute", "userData")];
    assert_eq!(api.refused("DescribeInstanceAttribute", &missing).0, "InvalidInstanceID.NotFound");
}

fn launched(api: &Api) -> String {
    let network = api.network();
    let parameters = [
        ("ImageId", "ami-51de6a7e"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", network.subnets[0].as_str()),
        ("InstanceType", "t3.micro"),
    ];
    api.ok("RunInstances", &parameters).text("instanceId")
}

#[test]
fn attributes_are_changed_one_at_a_time_in_both_spellings() {
    let api = Api::new();
    let id = launched(&api);
    let modify = |more: &[(&str, &str)]| {
        let parameters = [[("InstanceId", id.as_str())].as_slice(), more].concat();
        api.call("ModifyInstanceAttribute", &parameters)
    };
    let shown = |attribute: &str| {
        let parameters = [("InstanceId", id.as_str()), ("Attribute", attribute)];
        api.ok("DescribeInstanceAttribute", &parameters).text("value")
    };
    for (own, name, value) in [
        ("DisableApiTermination.Value", "disableApiTermination", "true"),
        ("DisableApiStop.Value", "disableApiStop", "true"),
        ("SourceDestCheck.Value", "sourceDestCheck", "false"),
        ("InstanceInitiatedShutdownBehavior.Value", "instanceInitiatedShutdownBehavior", "terminate"),
    ] {
        let before = shown(name);
        assert_eq!(modify(&[(own, value)]).text("return"), "true", "{own}");
        assert_eq!(shown(name), value);
        assert_eq!(modify(&[("Attribute", name), ("Value", &before)]).text("return"), "true", "{name}");
        assert_eq!(shown(name), before);
    }
    modify(&[("SourceDestCheck.Value", "false")]);
    api.ok("ResetInstanceAttribute", &[("InstanceId", id.as_str()), ("Attribute", "sourceDestCheck")]);
    assert_eq!(shown("sourceDestCheck"), "true");
    let two = [("DisableApiStop.Value", "true"), ("SourceDestCheck.Value", "false")];
    assert_eq!(modify(&two).text("Code"), "InvalidParameterCombination");
    assert_eq!(modify(&[]).text("Code"), "InvalidParameterCombination");
    assert_eq!(modify(&[("Attribute", "colour"), ("Value", "red")]).text("Code"), "InvalidParameterValue");
    assert_eq!(modify(&[("Attribute", "disableApiStop"), ("Value", "maybe")]).text("Code"), "InvalidParameterValue");
    assert_eq!(modify(&[("Kernel.Value", "aki-1")]).text("Code"), "UnsupportedOperation");
    assert_eq!(modify(&[("GroupId.1", "sg-00000000")]).text("Code"), "InvalidGroup.NotFound");
}

#[test]
fn type_and_user_data_change_only_while_the_instance_is_stopped() {
    use base64::Engine as _;
    let api = Api::new();
    let id = launched(&api);
    let data = base64::engine::general_purpose::STANDARD.encode("#!/bin/sh\ntrue\n");
    let modify =
        |name: &str, value: &str| api.call("ModifyInstanceAttribute", &[("InstanceId", id.as_str()), (name, value)]);
    for (name, value) in [("InstanceType.Value", "t3.small"), ("UserData.Value", data.as_str())] {
        let refused = modify(name, value);
        assert_eq!(refused.text("Code"), "IncorrectInstanceState", "{name}");
        assert_eq!(refused.text("Message"), format!("The instance '{id}' is not in the 'stopped' state."));
    }
    let instance: sidegate_model::InstanceId = id.parse().unwrap();
    api.change(move |world, context| {
        world.instance_is(context.now, &instance, sidegate_model::InstanceState::Stopped, None);
        Ok(())
    });
    assert_eq!(modify("InstanceType.Value", "t3.small").text("return"), "true");
    assert_eq!(modify("InstanceType.Value", "huge").text("Code"), "InvalidParameterValue");
    assert_eq!(modify("UserData.Value", &data).text("return"), "true");
    let shown = |attribute: &str| {
        api.ok("DescribeInstanceAttribute", &[("InstanceId", id.as_str()), ("Attribute", attribute)]).text("value")
    };
    assert_eq!((shown("instanceType"), shown("userData")), ("t3.small".to_owned(), data));
}
