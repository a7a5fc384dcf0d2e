//! What AWS has and no account here does: answers that are empty, and refusals of what they name.

use super::Api;

/// The name of an action's ids, one that names nothing, and the code for it.
type Named = (&'static str, &'static str, &'static str);

/// The actions, each with its list, a filter, and its ids if it takes some.
const ACTIONS: [(&str, &str, &str, Option<Named>); 6] = [
    (
        "DescribeCustomerGateways",
        "customerGatewaySet",
        "bgp-asn",
        Some(("CustomerGatewayId", "cgw-1", "InvalidCustomerGatewayID.NotFound")),
    ),
    (
        "DescribePublicIpv4Pools",
        "publicIpv4PoolSet",
        "tag:Name",
        Some(("PoolId", "ipv4pool-ec2-1", "InvalidPublicIpv4PoolID.NotFound")),
    ),
    (
        "DescribeVpcEndpointAssociations",
        "vpcEndpointAssociationSet",
        "association-id",
        Some(("VpcEndpointId", "vpce-1", "InvalidVpcEndpointId.NotFound")),
    ),
    ("DescribeVpcEndpointConnections", "vpcEndpointConnectionSet", "service-id", None),
    (
        "DescribeVpcEndpointServiceConfigurations",
        "serviceConfigurationSet",
        "service-state",
        Some(("ServiceId", "vpce-svc-1", "InvalidVpcEndpointServiceId.NotFound")),
    ),
    (
        "DescribeVpnConnections",
        "vpnConnectionSet",
        "option.static-routes-only",
        Some(("VpnConnectionId", "vpn-1", "InvalidVpnConnectionID.NotFound")),
    ),
];

#[test]
fn what_no_account_has_is_an_empty_list_and_its_ids_name_nothing() {
    let api = Api::new();
    for (action, list, filter, ids) in ACTIONS {
        let answer = api.ok(action, &[("Filter.1.Name", filter), ("Filter.1.Value.1", "*")]);
        assert!(answer.xml.contains(&format!("<{list}/>")), "{action}: {}", answer.xml);
        let unknown = api.refused(action, &[("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")]);
        assert_eq!(unknown.0, "InvalidParameterValue", "{action}");
        if let Some((parameter, id, code)) = ids {
            let parameter = format!("{parameter}.1");
            assert_eq!(api.refused(action, &[(&parameter, id)]).0, code, "{action}");
            let malformed = api.refused(action, &[(&parameter, "x-1")]).0;
            assert!(malformed != code && malformed.starts_with("Invalid"), "{action}: {malformed}");
        }
    }
}

#[test]
fn what_asks_for_a_page_of_nothing_is_looked_at_all_the_same() {
    let api = Api::new();
    for (action, too_few) in [
        ("DescribePublicIpv4Pools", "0"),
        ("DescribeVpcEndpointAssociations", "0"),
        ("DescribeVpcEndpointConnections", "4"),
        ("DescribeVpcEndpointServiceConfigurations", "4"),
    ] {
        api.ok(action, &[("MaxResults", "5")]);
        assert_eq!(api.refused(action, &[("MaxResults", too_few)]).0, "InvalidParameterValue", "{action}");
        assert_eq!(api.refused(action, &[("NextToken", "x")]).0, "InvalidPaginationToken", "{action}");
    }
    for (action, ..) in ACTIONS.iter().filter(|(action, ..)| *action != "DescribePublicIpv4Pools") {
        assert_eq!(api.refused(action, &[("DryRun", "true")]).0, "DryRunOperation", "{action}");
    }
}

#[test]
fn an_endpoint_that_exists_has_no_associations() {
    let api = Api::new();
    let vpc = api.network().vpc;
    let wanted = [("VpcId", vpc.as_str()), ("ServiceName", "com.amazonaws.us-east-1.s3")];
    let endpoint = api.ok("CreateVpcEndpoint", &wanted).text("vpcEndpointId");
    let answer = api.ok("DescribeVpcEndpointAssociations", &[("VpcEndpointId.1", &endpoint)]);
    assert!(answer.xml.contains("<vpcEndpointAssociationSet/>"), "{}", answer.xml);
}
