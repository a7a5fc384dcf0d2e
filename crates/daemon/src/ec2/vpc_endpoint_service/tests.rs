//! Endpoint services over the API.

use super::super::tests::Api;

#[test]
fn s3_is_listed_once_for_each_type_and_named_once() {
    let api = Api::new();
    let answer = api.ok("DescribeVpcEndpointServices", &[("ServiceName.1", "com.amazonaws.us-east-1.s3")]);
    assert_eq!(answer.text("serviceNameSet"), "<item>com.amazonaws.us-east-1.s3</item>");
    let inner: Vec<_> = answer.xml.match_indices("<serviceType>Gateway</serviceType>").collect();
    assert_eq!(inner.len(), 1);
    assert_eq!(answer.xml.matches("<serviceType>Interface</serviceType>").count(), 1);
    let ids = answer.texts("serviceId");
    assert!(ids.len() == 2 && ids[0] != ids[1] && ids.iter().all(|id| id.len() == "vpce-svc-".len() + 17));
    assert_eq!(answer.texts("baseEndpointDnsNameSet")[0], "<item>s3.us-east-1.amazonaws.com</item>");
    assert_eq!(answer.texts("baseEndpointDnsNameSet")[1], "<item>s3.us-east-1.vpce.amazonaws.com</item>");
}

#[test]
fn an_interface_service_shows_its_private_names_zones_and_properties() {
    let api = Api::new();
    let answer = api.ok("DescribeVpcEndpointServices", &[("ServiceName.1", "com.amazonaws.us-east-1.monitoring")]);
    let names =
        ["monitoring.us-east-1.amazonaws.com", "monitoring.us-east-1.amazonaws.com", "monitoring.us-east-1.api.aws"];
    assert_eq!(answer.texts("privateDnsName"), names);
    assert_eq!(answer.text("privateDnsNameVerificationState"), "verified");
    assert_eq!(answer.text("owner"), "amazon");
    assert_eq!(answer.text("acceptanceRequired"), "false");
    assert_eq!(answer.text("managesVpcEndpoints"), "false");
    assert_eq!(answer.text("vpcEndpointPolicySupported"), "true");
    assert_eq!(answer.text("serviceRegion"), "us-east-1");
    assert_eq!(answer.text("supportedIpAddressTypeSet"), "<item>ipv4</item><item>ipv6</item>");
    assert_eq!(answer.text("availabilityZoneSet").matches("<item>us-east-1").count(), 6);
    assert_eq!(answer.text("availabilityZoneIdSet").matches("<item>use1-az").count(), 6);
}

#[test]
fn dynamodb_has_no_private_name() {
    let api = Api::new();
    let answer = api.ok("DescribeVpcEndpointServices", &[("ServiceName.1", "com.amazonaws.us-east-1.dynamodb")]);
    assert!(answer.texts("privateDnsName").is_empty());
}

#[test]
fn an_unknown_service_and_another_region_are_refused() {
    let api = Api::new();
    let (code, message) = api.refused("DescribeVpcEndpointServices", &[("ServiceName.1", "com.example.cake")]);
    assert_eq!(code, "InvalidServiceName");
    assert_eq!(message, "The Vpc Endpoint Service 'com.example.cake' does not exist");
    assert_eq!(
        api.refused("DescribeVpcEndpointServices", &[("ServiceRegion.1", "eu-west-1")]).0,
        "UnsupportedOperation"
    );
    api.ok("DescribeVpcEndpointServices", &[("ServiceRegion.1", "us-east-1")]);
}

#[test]
fn filters_choose_by_type_owner_and_name() {
    let api = Api::new();
    let names = |name: &str, value: &str| {
        let parameters = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeVpcEndpointServices", &parameters).texts("serviceName")
    };
    assert_eq!(
        names("service-type", "Gateway"),
        ["dynamodb", "s3", "s3express"].map(|name| format!("com.amazonaws.us-east-1.{name}"))
    );
    assert_eq!(names("service-name", "*.s3").len(), 2);
    assert!(names("owner", "amazon").len() > 450);
    assert!(names("owner", "self").is_empty() && names("tag:a", "b").is_empty());
    let ipv6 = names("supported-ip-address-types", "ipv6");
    assert!(ipv6.contains(&"com.amazonaws.us-east-1.rds".to_owned()));
    assert!(!ipv6.contains(&"com.amazonaws.us-east-1.ec2".to_owned()));
    assert_eq!(names("supported-ip-address-types", "ipv4"), names("owner", "amazon"));
}

#[test]
fn pages_hold_every_service_once() {
    let api = Api::new();
    let all = api.ok("DescribeVpcEndpointServices", &[]).texts("serviceId");
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let mut parameters = vec![("MaxResults", "10")];
        if !token.is_empty() {
            parameters.push(("NextToken", &token));
        }
        let page = api.ok("DescribeVpcEndpointServices", &parameters);
        seen.extend(page.texts("serviceId"));
        token = page.text("nextToken");
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, all);
}

#[test]
fn services_that_are_not_emulated_are_told_as_aws_tells_them() {
    let api = Api::new();
    let of = |name: &str| api.ok("DescribeVpcEndpointServices", &[("ServiceName.1", name)]);
    for (name, private, base, policy) in [
        (
            "com.amazonaws.us-east-1.ecr.api",
            "api.ecr.us-east-1.amazonaws.com",
            "api.ecr.us-east-1.vpce.amazonaws.com",
            "true",
        ),
        (
            "aws.sagemaker.us-east-1.notebook",
            "*.notebook.us-east-1.sagemaker.aws",
            "notebook.us-east-1.vpce.amazonaws.com",
            "true",
        ),
        (
            "com.amazonaws.us-east-1.kms-fips",
            "kms-fips.us-east-1.amazonaws.com",
            "kms-fips.us-east-1.vpce.amazonaws.com",
            "true",
        ),
        (
            "com.amazonaws.us-east-1.grafana-workspace",
            "*.grafana-workspace.us-east-1.amazonaws.com",
            "grafana-workspace.us-east-1.vpce.amazonaws.com",
            "false",
        ),
    ] {
        let answer = of(name);
        assert_eq!(answer.texts("serviceType").last().map(String::as_str), Some("Interface"));
        assert_eq!(answer.texts("privateDnsName")[0], private);
        assert_eq!(answer.text("baseEndpointDnsNameSet"), format!("<item>{base}</item>"));
        assert_eq!(answer.text("vpcEndpointPolicySupported"), policy);
    }
    let gateway = of("com.amazonaws.us-east-1.s3express");
    assert!(gateway.xml.contains("<serviceType>Gateway</serviceType>"));
    let without = of("com.amazonaws.us-east-1.transfer.server");
    assert!(without.texts("privateDnsName").is_empty());
    assert_eq!(without.text("baseEndpointDnsNameSet"), "<item>transfer.server.us-east-1.vpce.amazonaws.com</item>");
}
