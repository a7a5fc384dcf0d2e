//! Virtual private gateways over the API.

use super::super::tests::Api;

fn made(api: &Api) -> String {
    api.ok("CreateVpnGateway", &[("Type", "ipsec.1")]).text("vpnGatewayId")
}

fn vpc(api: &Api, block: &str) -> String {
    api.ok("CreateVpc", &[("CidrBlock", block)]).text("vpcId")
}

/// What DescribeVpnGateways shows of one gateway.
fn shown(api: &Api, id: &str) -> String {
    api.ok("DescribeVpnGateways", &[("VpnGatewayId.1", id)]).text("vpnGatewaySet")
}

/// The gateways that pass a filter.
fn found(api: &Api, filter: &str, value: &str) -> Vec<String> {
    api.ok("DescribeVpnGateways", &[("Filter.1.Name", filter), ("Filter.1.Value.1", value)]).texts("vpnGatewayId")
}

#[test]
fn a_gateway_is_made_attached_detached_and_deleted_and_shown_all_the_while() {
    let api = Api::new();
    let vpc = vpc(&api, "10.0.0.0/16");
    let wanted = [
        ("Type", "ipsec.1"),
        ("AmazonSideAsn", "4200000001"),
        ("AvailabilityZone", "us-east-1b"),
        ("TagSpecification.1.ResourceType", "vpn-gateway"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "way home"),
    ];
    let made = api.ok("CreateVpnGateway", &wanted);
    let id = made.text("vpnGatewayId");
    let whole = |state: &str, attachments: &str| {
        format!(
            "<amazonSideAsn>4200000001</amazonSideAsn><tagSet><item><key>Name</key><value>way home</value></item></tagSet>\
             <vpnGatewayId>{id}</vpnGatewayId><state>{state}</state><type>ipsec.1</type>\
             <availabilityZone>us-east-1b</availabilityZone>{attachments}"
        )
    };
    assert!(id.starts_with("vgw-"), "{id}");
    assert_eq!(made.text("vpnGateway"), whole("available", "<attachments/>"));
    let attachment =
        |state: &str| format!("<attachments><item><vpcId>{vpc}</vpcId><state>{state}</state></item></attachments>");
    let both = [("VpnGatewayId", id.as_str()), ("VpcId", vpc.as_str())];
    let answer = api.ok("AttachVpnGateway", &both);
    assert_eq!(answer.text("attachment"), format!("<vpcId>{vpc}</vpcId><state>attaching</state>"));
    assert_eq!(shown(&api, &id), format!("<item>{}</item>", whole("available", &attachment("attached"))));
    assert_eq!(api.refused("DeleteVpnGateway", &[("VpnGatewayId", &id)]).0, "IncorrectState");
    assert_eq!(api.refused("DeleteVpc", &[("VpcId", &vpc)]).0, "DependencyViolation");
    assert_eq!(api.ok("DetachVpnGateway", &both).text("return"), "true");
    assert_eq!(api.refused("DetachVpnGateway", &both).0, "InvalidVpnGatewayAttachment.NotFound");
    assert_eq!(shown(&api, &id), format!("<item>{}</item>", whole("available", &attachment("detached"))));
    assert_eq!(api.ok("DeleteVpnGateway", &[("VpnGatewayId", &id)]).text("return"), "true");
    assert_eq!(shown(&api, &id), format!("<item>{}</item>", whole("deleted", &attachment("detached"))));
}

#[test]
fn each_filter_selects_by_what_the_answer_shows() {
    let api = Api::new();
    let vpc = vpc(&api, "10.0.0.0/16");
    let plain = made(&api);
    let rich = [
        ("Type", "ipsec.1"),
        ("AmazonSideAsn", "65000"),
        ("AvailabilityZone", "us-east-1a"),
        ("TagSpecification.1.ResourceType", "vpn-gateway"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "rich"),
    ];
    let rich = api.ok("CreateVpnGateway", &rich).text("vpnGatewayId");
    api.ok("AttachVpnGateway", &[("VpnGatewayId", &rich), ("VpcId", &vpc)]);
    let gone = made(&api);
    api.ok("DeleteVpnGateway", &[("VpnGatewayId", &gone)]);
    for (filter, value) in [
        ("amazon-side-asn", "65000"),
        ("attachment.state", "attached"),
        ("attachment.vpc-id", vpc.as_str()),
        ("availability-zone", "us-east-1a"),
        ("tag:Name", "rich"),
        ("tag-key", "Name"),
        ("tag-value", "r*"),
        ("vpn-gateway-id", rich.as_str()),
    ] {
        assert_eq!(found(&api, filter, value), [rich.as_str()], "{filter}");
    }
    assert_eq!(found(&api, "state", "deleted"), [gone.as_str()]);
    assert_eq!(found(&api, "state", "available").len(), 2);
    assert_eq!(found(&api, "type", "ipsec.1").len(), 3);
    assert_eq!(found(&api, "amazon-side-asn", "64512").len(), 2);
    assert_eq!(api.ok("DescribeVpnGateways", &[("VpnGatewayId.1", &plain)]).texts("vpnGatewayId"), [plain]);
    let unknown = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc.as_str())];
    assert_eq!(api.refused("DescribeVpnGateways", &unknown).0, "InvalidParameterValue");
}

#[test]
fn a_request_that_is_at_fault_is_refused() {
    let mut api = Api::new();
    let id = made(&api);
    let refusal = |api: &Api, parameters: &[(&str, &str)]| api.refused("CreateVpnGateway", parameters).0;
    assert_eq!(refusal(&api, &[]), "MissingParameter");
    assert_eq!(refusal(&api, &[("Type", "ipsec.2")]), "InvalidParameterValue");
    assert_eq!(refusal(&api, &[("Type", "ipsec.1"), ("AmazonSideAsn", "65535")]), "InvalidParameterValue");
    assert_eq!(refusal(&api, &[("Type", "ipsec.1"), ("AvailabilityZone", "us-east-1z")]), "InvalidZone.NotFound");
    assert_eq!(refusal(&api, &[("Type", "ipsec.1"), ("DryRun", "true")]), "DryRunOperation");
    for action in ["AttachVpnGateway", "DetachVpnGateway"] {
        assert_eq!(api.refused(action, &[("VpnGatewayId", &id)]).0, "MissingParameter", "{action}");
        assert_eq!(api.refused(action, &[("VpcId", "vpc-1")]).0, "MissingParameter", "{action}");
    }
    assert_eq!(api.refused("DeleteVpnGateway", &[]).0, "MissingParameter");
    assert_eq!(api.refused("DeleteVpnGateway", &[("VpnGatewayId", "igw-1")]).0, "InvalidVpnGatewayID.Malformed");
    api.switch_account("999999999999");
    let missing = format!("The vpnGateway ID '{id}' does not exist");
    let own = [("VpnGatewayId", id.as_str())];
    let both = [("VpnGatewayId", id.as_str()), ("VpcId", "vpc-1")];
    for (action, parameters) in
        [("DeleteVpnGateway", own.as_slice()), ("AttachVpnGateway", &both), ("DetachVpnGateway", &both)]
    {
        let refusal = api.refused(action, parameters);
        assert_eq!(refusal, ("InvalidVpnGatewayID.NotFound".to_owned(), missing.clone()), "{action}");
    }
    assert_eq!(api.refused("DescribeVpnGateways", &[("VpnGatewayId.1", &id)]).0, "InvalidVpnGatewayID.NotFound");
}

#[test]
fn an_empty_zone_is_none() {
    let api = Api::new();
    let made = api.ok("CreateVpnGateway", &[("Type", "ipsec.1"), ("AvailabilityZone", "")]);
    assert!(!made.xml.contains("availabilityZone"), "{}", made.xml);
}

#[test]
fn tags_are_put_on_a_gateway_found_and_taken_off() {
    let api = Api::new();
    let id = made(&api);
    api.ok("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Name"), ("Tag.1.Value", "x")]);
    let of_kind = [("Filter.1.Name", "resource-type"), ("Filter.1.Value.1", "vpn-gateway")];
    assert_eq!(api.ok("DescribeTags", &of_kind).texts("resourceId"), [id.as_str()]);
    api.ok("DeleteTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Name")]);
    assert!(shown(&api, &id).contains("<tagSet/>"));
}
