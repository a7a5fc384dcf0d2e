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
