use sidegate_wire::query::Params;

use super::super::tests::Api;
use super::*;

/// The requirements of an action with these parameters on these resources, each as a line.
fn required(api: &Api, action: &'static str, query: &str, resources: &[&str]) -> Vec<String> {
    let (world, scope) = (api.world(), scope());
    let params = Params::parse(query.as_bytes()).unwrap();
    let asked = Asked { action, params: &params, world: &world, scope: &scope };
    let line = |own: Requirement| {
        let keys = own.context.iter().filter(|(key, _)| *key != "ec2:region");
        let keys: String = keys.map(|(key, values)| format!(" {key}={}", values.as_slice().join(","))).collect();
        format!("{} {}{keys}", own.action, own.resource.trim_start_matches("arn:aws:ec2:us-east-1:123456789012:"))
    };
    let resources = resources.iter().map(|r| if *r == "*" { "*".to_owned() } else { of(r) }).collect();
    asked.requirements(resources).into_iter().map(line).collect()
}

fn scope() -> Scope {
    Scope { account: "123456789012".parse().unwrap(), region: "us-east-1".parse().unwrap() }
}

fn of(rest: &str) -> String {
    format!("arn:aws:ec2:us-east-1:123456789012:{rest}")
}

#[test]
fn what_is_made_with_tags_has_to_be_tagged_by_who_may() {
    let api = Api::new();
    let tags =
        "TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=team&TagSpecification.1.Tag.1.Value=red";
    assert_eq!(
        required(&api, "CreateVpc", tags, &["vpc/*"]),
        [
            "ec2:CreateVpc vpc/* aws:requesttag/team=red aws:tagkeys=team",
            "ec2:CreateTags vpc/* aws:requesttag/team=red aws:tagkeys=team ec2:createaction=CreateVpc",
        ]
    );
    assert_eq!(required(&api, "CreateVpc", "", &["vpc/*"]), ["ec2:CreateVpc vpc/*"]);
}

#[test]
fn what_exists_is_described_by_its_tags_and_its_place() {
    let api = Api::new();
    let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId");
    let wanted = [("VpcId", vpc.as_str()), ("CidrBlock", "10.0.1.0/24"), ("AvailabilityZone", "us-east-1a")];
    let subnet = api.ok("CreateSubnet", &wanted).text("subnetId");
    api.ok("CreateTags", &[("ResourceId.1", &subnet), ("Tag.1.Key", "team"), ("Tag.1.Value", "red")]);
    let arn_of_vpc = of(&format!("vpc/{vpc}"));
    let place = format!("ec2:vpc={arn_of_vpc}");
    assert_eq!(
        required(&api, "DeleteSubnet", "", &[&format!("subnet/{subnet}")]),
        [format!(
            "ec2:DeleteSubnet subnet/{subnet} aws:resourcetag/team=red ec2:availabilityzone=us-east-1a \
             ec2:resourcetag/team=red ec2:subnetid={subnet} {place}"
        )]
    );
    // What is made in a subnet is in its VPC.
    let made = required(&api, "CreateNetworkInterface", "", &["network-interface/*", &format!("subnet/{subnet}")]);
    let arn_of_subnet = of(&format!("subnet/{subnet}"));
    assert_eq!(made[0], format!("ec2:CreateNetworkInterface network-interface/* ec2:subnet={arn_of_subnet} {place}"));
    let made = required(&api, "CreateSecurityGroup", "", &["security-group/*", &format!("vpc/{vpc}")]);
    assert_eq!(made[0], format!("ec2:CreateSecurityGroup security-group/* {place}"));
    let service = "ServiceName=com.amazonaws.us-east-1.s3";
    let made = required(&api, "CreateVpcEndpoint", service, &["vpc-endpoint/*"]);
    assert_eq!(
        made,
        [
            "ec2:CreateVpcEndpoint vpc-endpoint/* ec2:vpceservicename=com.amazonaws.us-east-1.s3 ec2:vpceserviceowner=amazon"
        ]
    );
}

#[test]
fn tagging_tells_the_tags_and_an_action_without_a_resource_is_asked_for_on_all() {
    let api = Api::new();
    assert_eq!(
        required(&api, "CreateTags", "ResourceId.1=vpc-1&Tag.1.Key=a&Tag.1.Value=1", &["vpc/vpc-1"]),
        ["ec2:CreateTags vpc/vpc-1 aws:requesttag/a=1 aws:tagkeys=a ec2:vpcid=vpc-1"]
    );
    assert_eq!(
        required(&api, "DeleteTags", "ResourceId.1=vpc-1&Tag.1.Key=a", &["vpc/vpc-1"]),
        ["ec2:DeleteTags vpc/vpc-1 aws:tagkeys=a ec2:vpcid=vpc-1"]
    );
    assert_eq!(required(&api, "DescribeVpcs", "", &["*"]), ["ec2:DescribeVpcs *"]);
    assert_eq!(required(&api, "DeleteVpcEndpoints", "", &[]), ["ec2:DeleteVpcEndpoints *"]);
}

#[test]
fn what_is_named_by_an_association_or_a_name_is_found() {
    let api = Api::new();
    let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId");
    let subnet = api.ok("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).text("subnetId");
    let table = api.ok("CreateRouteTable", &[("VpcId", &vpc)]).text("routeTableId");
    let association = api.ok("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &subnet)]);
    let query = format!("AssociationId={}", association.text("associationId"));
    let place = format!("ec2:vpc={}", of(&format!("vpc/{vpc}")));
    assert_eq!(
        required(&api, "DisassociateRouteTable", &query, &["route-table/*"]),
        [format!("ec2:DisassociateRouteTable route-table/{table} ec2:routetableid={table} {place}")]
    );
    let address = api.ok("AllocateAddress", &[]);
    let (id, query) = (address.text("allocationId"), format!("PublicIp={}", address.text("publicIp")));
    assert_eq!(
        required(&api, "AssociateAddress", &query, &["elastic-ip/*"]),
        [format!("ec2:AssociateAddress elastic-ip/{id} ec2:allocationid={id}")]
    );
    assert_eq!(required(&api, "AllocateAddress", "", &["elastic-ip/*"]), ["ec2:AllocateAddress elastic-ip/*"]);
}

#[test]
fn a_path_is_asked_for_with_its_ends_and_an_analysis_with_its_path() {
    let api = Api::new();
    let network = api.network();
    let own = api.ok("CreateNetworkInterface", &[("SubnetId", &network.subnets[0])]).text("networkInterfaceId");
    let places = [
        "ec2:availabilityzone=us-east-1a".to_owned(),
        format!("ec2:networkinterfaceid={own}"),
        format!("ec2:subnet={}", of(&format!("subnet/{}", network.subnets[0]))),
        format!("ec2:vpc={}", of(&format!("vpc/{}", network.vpc))),
    ]
    .join(" ");
    let resources = ["network-insights-path/*".to_owned(), format!("network-interface/{own}")];
    assert_eq!(
        required(&api, "CreateNetworkInsightsPath", "", &[&resources[0], &resources[1]]),
        [
            "ec2:CreateNetworkInsightsPath network-insights-path/*".to_owned(),
            format!("ec2:CreateNetworkInsightsPath network-interface/{own} {places}"),
        ]
    );
    let path = [
        ("ClientToken", "once"),
        ("Source", &*own),
        ("Destination", &own),
        ("Protocol", "tcp"),
        ("TagSpecification.1.ResourceType", "network-insights-path"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "red"),
    ];
    let path = api.ok("CreateNetworkInsightsPath", &path).text("networkInsightsPathId");
    let asked = ["network-insights-analysis/*".to_owned(), format!("network-insights-path/{path}")];
    assert_eq!(
        required(&api, "StartNetworkInsightsAnalysis", "", &[&asked[0], &asked[1]]),
        [
            "ec2:StartNetworkInsightsAnalysis network-insights-analysis/*".to_owned(),
            format!(
                "ec2:StartNetworkInsightsAnalysis network-insights-path/{path} aws:resourcetag/team=red \
                 ec2:resourcetag/team=red"
            ),
        ]
    );
}

#[test]
fn a_flow_log_is_asked_for_with_what_it_watches_and_by_its_tags_once_it_is_there() {
    let api = Api::new();
    let network = api.network();
    let [subnet, ..] = &network.subnets;
    let tags = "TagSpecification.1.ResourceType=vpc-flow-log&TagSpecification.1.Tag.1.Key=team&\
                TagSpecification.1.Tag.1.Value=red";
    let place = format!("ec2:vpc={}", of(&format!("vpc/{}", network.vpc)));
    assert_eq!(
        required(&api, "CreateFlowLogs", tags, &["vpc-flow-log/*", &format!("subnet/{subnet}")]),
        [
            "ec2:CreateFlowLogs vpc-flow-log/* aws:requesttag/team=red aws:tagkeys=team".to_owned(),
            format!("ec2:CreateFlowLogs subnet/{subnet} ec2:availabilityzone=us-east-1a ec2:subnetid={subnet} {place}"),
            "ec2:CreateTags vpc-flow-log/* aws:requesttag/team=red aws:tagkeys=team ec2:createaction=CreateFlowLogs"
                .to_owned(),
        ]
    );
    let more = [
        ("ResourceType", "Subnet"),
        ("ResourceId.1", subnet),
        ("TrafficType", "ALL"),
        ("LogDestinationType", "s3"),
        ("LogDestination", "arn:aws:s3:::records"),
        ("TagSpecification.1.ResourceType", "vpc-flow-log"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "red"),
    ];
    let made = api.ok("CreateFlowLogs", &more).text("flowLogIdSet");
    let id = made.trim_start_matches("<item>").trim_end_matches("</item>");
    assert_eq!(
        required(&api, "DeleteFlowLogs", "", &[&format!("vpc-flow-log/{id}")]),
        [format!("ec2:DeleteFlowLogs vpc-flow-log/{id} aws:resourcetag/team=red ec2:resourcetag/team=red")]
    );
}
