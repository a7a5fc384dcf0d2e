//! Instance types over the API.

use super::super::tests::Api;

#[test]
fn a_known_type_has_its_processors_memory_and_credits() {
    let api = Api::new();
    let shown = api.ok("DescribeInstanceTypes", &[("InstanceType.1", "t3.micro")]);
    assert_eq!(shown.text("instanceType"), "t3.micro");
    assert_eq!(shown.text("burstablePerformanceSupported"), "true");
    assert_eq!((shown.text("defaultVCpus"), shown.text("defaultCores")), ("2".to_owned(), "1".to_owned()));
    assert_eq!(shown.text("sizeInMiB"), "1024");
    let shown = api.ok("DescribeInstanceTypes", &[("InstanceType.1", "m7g.large")]);
    assert_eq!((shown.text("defaultCores"), shown.text("burstablePerformanceSupported")), ("2".into(), "false".into()));
    assert_eq!(shown.text("supportedArchitectures"), "<item>arm64</item>");
}

#[test]
fn an_unknown_type_does_not_exist() {
    let api = Api::new();
    let (code, message) = api.refused("DescribeInstanceTypes", &[("InstanceType.1", "z9.tiny")]);
    assert_eq!(code, "InvalidInstanceType");
    assert_eq!(message, "The following supplied instance types do not exist: [z9.tiny]");
}

#[test]
fn filters_and_pages_choose_types() {
    let api = Api::new();
    let filtered =
        [("Filter.1.Name", "burstable-performance-supported"), ("Filter.1.Value.1", "true"), ("MaxResults", "100")];
    let found = api.ok("DescribeInstanceTypes", &filtered).texts("instanceType");
    assert!(found.contains(&"t4g.nano".to_owned()) && !found.contains(&"m5.large".to_owned()));
    let page = api.ok("DescribeInstanceTypes", &[("MaxResults", "5")]);
    assert_eq!(page.texts("instanceType").len(), 5);
    assert!(!page.text("nextToken").is_empty());
}

#[test]
fn a_type_is_offered_in_the_region_and_in_each_zone() {
    let api = Api::new();
    let only = ("Filter.1.Name", "instance-type");
    let offered = |more: &[(&str, &str)]| {
        let parameters = [&[only, ("Filter.1.Value.1", "t3.micro")], more].concat();
        api.ok("DescribeInstanceTypeOfferings", &parameters).texts("location")
    };
    assert_eq!(offered(&[]), ["us-east-1"]);
    assert_eq!(offered(&[("LocationType", "availability-zone")]).len(), 6);
    let in_zone =
        [("LocationType", "availability-zone-id"), ("Filter.2.Name", "location"), ("Filter.2.Value.1", "use1-az2")];
    assert_eq!(offered(&in_zone), ["use1-az2"]);
    let wrong = api.refused("DescribeInstanceTypeOfferings", &[("LocationType", "moon")]);
    assert_eq!(wrong.0, "InvalidParameterValue");
}

#[test]
fn only_burstable_instances_have_a_credit_specification() {
    let api = Api::new();
    let network = api.network();
    let run = |kind| {
        let parameters = [
            ("ImageId", "ami-51de6a7e"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", network.subnets[0].as_str()),
            ("InstanceType", kind),
        ];
        api.ok("RunInstances", &parameters).text("instanceId")
    };
    let (burstable, fixed) = (run("t3.micro"), run("m5.large"));
    let shown = api.ok("DescribeInstanceCreditSpecifications", &[("InstanceId.1", &burstable)]);
    assert_eq!((shown.text("instanceId"), shown.text("cpuCredits")), (burstable.clone(), "unlimited".to_owned()));
    assert_eq!(api.ok("DescribeInstanceCreditSpecifications", &[]).texts("instanceId"), [burstable]);
    let refused = api.refused("DescribeInstanceCreditSpecifications", &[("InstanceId.1", &fixed)]);
    assert_eq!(refused.0, "InstanceCreditSpecification.NotSupported");
}
