//! Analyses over the API. Interfaces are enough: of those that nothing has it is told what would be.

use sidegate_model::{InstanceId, InstanceState};

use super::super::tests::{Answer, Api, Network};

/// A VPC with an interface in its first subnet, of the default group, and one in the second, of another.
struct Site {
    api: Api,
    network: Network,
    near: String,
    far: String,
}

impl Site {
    fn new() -> Self {
        let api = Api::new();
        let network = api.network();
        let interface = |subnet: usize, group: usize| {
            let parameters = [("SubnetId", &*network.subnets[subnet]), ("SecurityGroupId.1", &*network.groups[group])];
            api.ok("CreateNetworkInterface", &parameters).text("networkInterfaceId")
        };
        let (near, far) = (interface(0, 0), interface(1, 1));
        Self { api, network, near, far }
    }

    fn path(&self, source: &str, destination: &str, more: &[(&str, &str)]) -> String {
        let token = format!("path {}", self.api.world().network_insights_paths.len());
        let base = [("Source", source), ("Destination", destination), ("Protocol", "tcp"), ("ClientToken", &*token)];
        self.api.ok("CreateNetworkInsightsPath", &[&base[..], more].concat()).text("networkInsightsPathId")
    }

    fn started(&self, path: &str, more: &[(&str, &str)]) -> Answer {
        let token = format!("analysis {}", self.api.world().network_insights_analyses.len());
        let own = [("NetworkInsightsPathId", path), ("ClientToken", &*token)];
        let base = if more.iter().any(|(name, _)| *name == "ClientToken") { &own[..1] } else { &own[..] };
        self.api.ok("StartNetworkInsightsAnalysis", &[base, more].concat())
    }

    /// What is told of an analysis.
    fn analysed(&self, path: &str, more: &[(&str, &str)]) -> Answer {
        let id = self.started(path, more).text("networkInsightsAnalysisId");
        self.api.ok("DescribeNetworkInsightsAnalyses", &[("NetworkInsightsAnalysisId.1", &id)])
    }

    fn between(&self, source: &str, destination: &str, more: &[(&str, &str)]) -> Answer {
        self.analysed(&self.path(source, destination, more), &[])
    }

    /// Lets something into a group.
    fn open(&self, group: &str, port: &str, block: &str) {
        let rule = [("GroupId", group), ("IpProtocol", "tcp"), ("FromPort", port), ("ToPort", port), ("CidrIp", block)];
        self.api.ok("AuthorizeSecurityGroupIngress", &rule);
    }

    /// An internet gateway that the main table leads to.
    fn internet_gateway(&self) -> String {
        let gateway = self.api.ok("CreateInternetGateway", &[]).text("internetGatewayId");
        self.api.ok("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &self.network.vpc)]);
        let route =
            [("RouteTableId", &*self.network.table), ("DestinationCidrBlock", "0.0.0.0/0"), ("GatewayId", &gateway)];
        self.api.ok("CreateRoute", &route);
        gateway
    }

    fn elastic_ip(&self, interface: &str) -> String {
        let address = self.api.ok("AllocateAddress", &[]);
        let parameters = [("AllocationId", &*address.text("allocationId")), ("NetworkInterfaceId", interface)];
        self.api.ok("AssociateAddress", &parameters);
        address.text("publicIp")
    }
}

/// What stands between the tags of an element.
fn within<'a>(answer: &'a Answer, element: &str) -> &'a str {
    let (_, rest) = answer.xml.split_once(&format!("<{element}>")).unwrap_or_default();
    rest.split_once(&format!("</{element}>")).map_or("", |(inner, _)| inner)
}

/// The kinds of the components of a path, in order.
fn kinds(answer: &Answer, set: &str) -> Vec<String> {
    let ids = within(answer, set).split("<component><id>").skip(1);
    ids.filter_map(|rest| rest.split_once('-')).map(|(kind, _)| kind.to_owned()).collect()
}

fn code(answer: &Answer) -> String {
    assert_eq!(answer.text("networkPathFound"), "false", "{}", answer.xml);
    answer.text("explanationCode")
}

#[test]
fn a_path_is_told_component_by_component_there_and_back() {
    let site = Site::new();
    let group = &site.network.groups[1];
    site.open(group, "443", "10.0.1.0/24");
    let started = site.started(&site.path(&site.near, &site.far, &[("DestinationPort", "443")]), &[]);
    assert_eq!((started.text("status"), started.xml.contains("networkPathFound")), ("running".to_owned(), false));
    let told = site.between(&site.near, &site.far, &[("DestinationPort", "443")]);
    assert_eq!((told.text("status"), told.text("networkPathFound")), ("succeeded".into(), "true".into()));
    let forward = ["eni", "sg", "acl", "rtb", "acl", "sg", "eni"];
    assert_eq!(kinds(&told, "forwardPathComponentSet"), forward);
    assert_eq!(kinds(&told, "returnPathComponentSet"), ["eni", "sg", "acl", "acl", "sg", "eni"]);
    let there = within(&told, "forwardPathComponentSet");
    for part in [
        "<securityGroupRule><cidr>10.0.1.0/24</cidr><direction>ingress</direction>".to_owned(),
        "<destinationCidr>10.0.0.0/16</destinationCidr><gatewayId>local</gatewayId>".to_owned(),
        "<ruleAction>allow</ruleAction><ruleNumber>100</ruleNumber>".to_owned(),
        format!("<vpc><id>{}</id>", site.network.vpc),
        "<from>443</from><to>443</to>".to_owned(),
        "<additionalDetailType>AVAILABILITY_ZONE_CROSSED</additionalDetailType>".to_owned(),
    ] {
        assert!(there.contains(&part), "{part}: {there}");
    }
    // The answers leave from the port that was asked.
    let back = within(&told, "returnPathComponentSet");
    assert!(back.contains("<sourcePortRangeSet><item><from>443</from>"), "{back}");
}

#[test]
fn what_stops_a_path_is_told_with_what_it_rests_on() {
    let site = Site::new();
    let group = site.network.groups[1].clone();
    let asked = || site.between(&site.near, &site.far, &[("DestinationPort", "443")]);
    assert_eq!(code(&asked()), "SG_HAS_NO_RULES");
    site.open(&group, "80", "0.0.0.0/0");
    let told = asked();
    assert_eq!(code(&told), "ENI_SG_RULES_MISMATCH");
    let explained = within(&told, "explanationSet");
    for part in [
        "<direction>ingress</direction>".to_owned(),
        format!("<networkInterface><id>{}</id>", site.far),
        format!("<securityGroupSet><item><id>{group}</id>"),
        format!("<subnet><id>{}</id>", site.network.subnets[1]),
        format!("<vpc><id>{}</id>", site.network.vpc),
    ] {
        assert!(explained.contains(&part), "{part}: {explained}");
    }
    // Where no port is said, one that gets through is enough.
    let open = site.between(&site.near, &site.far, &[]);
    assert_eq!(open.text("networkPathFound"), "true");
    assert!(within(&open, "forwardPathComponentSet").contains("<destinationPortRangeSet><item><from>80</from>"));
    site.open(&group, "443", "0.0.0.0/0");
    assert_eq!(asked().text("networkPathFound"), "true");

    let acl = site.api.ok("DescribeNetworkAcls", &[]).text("networkAclId");
    let entry = |egress: &str, number: &str, ports: [&str; 2]| {
        let parameters = [
            ("NetworkAclId", &*acl),
            ("Egress", egress),
            ("RuleNumber", number),
            ("RuleAction", "deny"),
            ("Protocol", "6"),
            ("CidrBlock", "0.0.0.0/0"),
            ("PortRange.From", ports[0]),
            ("PortRange.To", ports[1]),
        ];
        site.api.ok("CreateNetworkAclEntry", &parameters);
    };
    // Answers go to a port of the client's, and one that they get to is enough.
    entry("true", "10", ["1024", "60000"]);
    assert_eq!(asked().text("networkPathFound"), "true");
    entry("true", "11", ["0", "65535"]);
    let told = asked();
    assert_eq!(code(&told), "SUBNET_ACL_RESTRICTION");
    let explained = within(&told, "explanationSet");
    for part in
        [format!("<acl><id>{acl}</id>"), "<egress>true</egress>".to_owned(), "<ruleAction>deny</ruleAction>".to_owned()]
    {
        assert!(explained.contains(&part), "{part}: {explained}");
    }
}

#[test]
fn an_internet_gateway_is_an_end_of_paths_in_both_directions() {
    let site = Site::new();
    let gateway = site.internet_gateway();
    let out = || site.between(&site.near, &gateway, &[("DestinationPort", "443")]);
    let told = out();
    assert_eq!(code(&told), "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS");
    assert!(within(&told, "explanationSet").contains(&format!("<internetGateway><id>{gateway}</id>")), "{}", told.xml);
    let public = site.elastic_ip(&site.near);
    let told = out();
    assert_eq!(kinds(&told, "forwardPathComponentSet"), ["eni", "sg", "acl", "rtb", "igw"], "{}", told.xml);
    assert_eq!(kinds(&told, "returnPathComponentSet"), ["igw", "acl", "sg", "eni"]);
    assert!(within(&told, "forwardPathComponentSet").contains(&format!("<item>{public}/32</item>")), "{}", told.xml);

    let group = site.network.groups[1].clone();
    let public = site.elastic_ip(&site.far);
    let inwards =
        |more: &[(&str, &str)]| site.between(&gateway, &site.far, &[&[("DestinationPort", "22")], more].concat());
    assert_eq!(code(&inwards(&[])), "SG_HAS_NO_RULES");
    // Of all the internet, who is let in counts.
    site.open(&group, "22", "198.51.100.0/24");
    let told = inwards(&[]);
    assert_eq!(kinds(&told, "forwardPathComponentSet"), ["igw", "acl", "sg", "eni"], "{}", told.xml);
    assert_eq!(kinds(&told, "returnPathComponentSet"), ["eni", "sg", "acl", "rtb", "igw"]);
    let there = within(&told, "forwardPathComponentSet");
    assert!(there.contains("<sourceAddressSet><item>198.51.100.0/32</item>"), "{there}");
    assert!(there.contains(&format!("<destinationAddressSet><item>{public}/32</item>")), "{there}");
    assert_eq!(code(&inwards(&[("SourceIp", "203.0.113.9")])), "ENI_SG_RULES_MISMATCH");
    let told = inwards(&[("SourceIp", "10.0.0.9")]);
    assert_eq!(code(&told), "IGW_EXPECTS_PUBLIC_ADDRESS");
    let said = within(&told, "explanationSet");
    assert!(said.contains("<address>10.0.0.9</address>"), "{said}");
    assert!(said.contains(&format!("<internetGateway><id>{gateway}</id>")), "{said}");
}

#[test]
fn an_interface_without_a_public_address_is_told_with_the_gateway_that_leads_nowhere() {
    let site = Site::new();
    let gateway = site.internet_gateway();
    let told = site.between(&gateway, &site.far, &[("DestinationPort", "22")]);
    assert_eq!(code(&told), "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS");
    let said = within(&told, "explanationSet");
    for (element, id) in [("internetGateway", &gateway), ("destination", &site.far), ("vpc", &site.network.vpc)] {
        assert!(said.contains(&format!("<{element}><id>{id}</id>")), "{element}: {said}");
    }
}

#[test]
fn endpoints_are_ends_of_paths_and_begin_none() {
    let site = Site::new();
    let interface = |service: &str, more: &[(&str, &str)]| {
        let name = format!("com.amazonaws.us-east-1.{service}");
        let base = [("VpcId", &*site.network.vpc), ("ServiceName", &*name)];
        site.api.ok("CreateVpcEndpoint", &[&base[..], more].concat()).text("vpcEndpointId")
    };
    let more = [
        ("VpcEndpointType", "Interface"),
        ("SubnetId.1", &*site.network.subnets[1]),
        ("SecurityGroupId.1", &*site.network.groups[1]),
    ];
    let secrets = interface("secretsmanager", &more);
    let to_secrets = || site.between(&site.near, &secrets, &[("DestinationPort", "443")]);
    assert_eq!(code(&to_secrets()), "SG_HAS_NO_RULES");
    site.open(&site.network.groups[1], "443", "10.0.0.0/16");
    let told = to_secrets();
    assert_eq!(kinds(&told, "forwardPathComponentSet"), ["eni", "sg", "acl", "rtb", "acl", "sg", "eni", "vpce"]);
    assert!(told.xml.contains("<serviceName>com.amazonaws.us-east-1.secretsmanager</serviceName>"), "{}", told.xml);
    assert_eq!(code(&site.between(&secrets, &site.near, &[])), "VPCE_INTRA_VPC_TRAFFIC");

    let s3 = interface("s3", &[]);
    let to_s3 = || site.between(&site.near, &s3, &[("DestinationPort", "443")]);
    let told = to_s3();
    assert_eq!(code(&told), "NO_ROUTE_TO_DESTINATION");
    assert!(within(&told, "explanationSet").contains(&format!("<routeTable><id>{}</id>", site.network.table)));
    // Where the table leads the service's addresses elsewhere is no part of the path.
    site.internet_gateway();
    site.elastic_ip(&site.near);
    let told = to_s3();
    assert_eq!(code(&told), "NO_ROUTE_TO_DESTINATION");
    let said = within(&told, "explanationSet");
    assert!(said.contains(&format!("<routeTable><id>{}</id>", site.network.table)), "{said}");
    assert!(said.contains(&format!("<destination><id>{s3}</id>")), "{said}");
    assert_eq!(kinds(&told, "forwardPathComponentSet"), ["eni", "sg", "acl", "rtb"], "{}", told.xml);
    site.api.ok("ModifyVpcEndpoint", &[("VpcEndpointId", &s3), ("AddRouteTableId.1", &site.network.table)]);
    let told = to_s3();
    assert_eq!(kinds(&told, "forwardPathComponentSet"), ["eni", "sg", "acl", "rtb", "vpce"], "{}", told.xml);
    assert!(told.xml.contains(&format!(
        "<destinationPrefixListId>pl-63a5400a</destinationPrefixListId><gatewayId>{s3}</gatewayId>"
    )));
}

#[test]
fn a_path_must_pass_what_is_included_and_not_what_is_excluded() {
    let site = Site::new();
    site.open(&site.network.groups[1], "443", "0.0.0.0/0");
    let path = site.path(&site.near, &site.far, &[("DestinationPort", "443")]);
    let arn = |kind: &str, id: &str| format!("arn:aws:ec2:us-east-1:123456789012:{kind}/{id}");
    let table = arn("route-table", &site.network.table);
    let nobody = arn("vpc-peering-connection", "pcx-nobody");
    assert_eq!(site.analysed(&path, &[("FilterInArn.1", &table)]).text("networkPathFound"), "true");
    assert_eq!(site.analysed(&path, &[("FilterOutArn.1", &nobody)]).text("networkPathFound"), "true");
    let told = site.analysed(&path, &[("FilterInArn.1", &nobody)]);
    assert_eq!(code(&told), "COMPONENT_FILTER_RESTRICTION");
    assert_eq!(within(&told, "filterInArnSet"), format!("<item>{nobody}</item>"));
    let told = site.analysed(&path, &[("FilterOutArn.1", &table)]);
    assert_eq!(code(&told), "COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT");
    assert!(within(&told, "explanationSet").contains(&table), "{}", told.xml);
    let base = [("NetworkInsightsPathId", &*path), ("ClientToken", "never used")];
    let both = [&base[..], &[("FilterInArn.1", &*table), ("FilterOutArn.1", &table)]].concat();
    assert_eq!(site.api.refused("StartNetworkInsightsAnalysis", &both).0, "InvalidParameterValue");
    let other = [&base[..], &[("AdditionalAccount.1", "444455556666")]].concat();
    assert_eq!(site.api.refused("StartNetworkInsightsAnalysis", &other).0, "NetworkInsights.AccessDenied");
}

#[test]
fn filters_at_the_ends_of_a_path_say_which_packets_count() {
    let site = Site::new();
    site.open(&site.network.groups[1], "443", "0.0.0.0/0");
    let asked = |more: &[(&str, &str)]| site.between(&site.near, &site.far, more);
    let range = |from: &'static str, to: &'static str| {
        [("FilterAtSource.DestinationPortRange.FromPort", from), ("FilterAtSource.DestinationPortRange.ToPort", to)]
    };
    assert_eq!(asked(&range("400", "500")).text("networkPathFound"), "true");
    assert_eq!(code(&asked(&range("444", "500"))), "ENI_SG_RULES_MISMATCH");
    let apart = [
        &range("400", "500")[..],
        &[
            ("FilterAtDestination.DestinationPortRange.FromPort", "80"),
            ("FilterAtDestination.DestinationPortRange.ToPort", "80"),
        ],
    ];
    let told = asked(&apart.concat());
    assert_eq!(code(&told), "FILTER_AT_DESTINATION_DESTINATION_PORT_RANGE");
    assert!(within(&told, "explanationSet").contains("<from>80</from><to>80</to>"), "{}", told.xml);
    for (name, address, expected) in [
        ("SourceIp", "10.0.1.99", "FILTER_AT_SOURCE_SOURCE_ADDRESS"),
        ("DestinationIp", "10.0.2.99", "FILTER_AT_DESTINATION_DESTINATION_ADDRESS"),
        ("FilterAtDestination.SourceAddress", "10.0.1.99", "FILTER_AT_DESTINATION_SOURCE_ADDRESS"),
    ] {
        let told = asked(&[(name, address)]);
        assert_eq!(code(&told), expected);
        let said = within(&told, "explanationSet");
        assert!(said.contains(&format!("<address>{address}</address>")), "{expected}: {said}");
    }
}

#[test]
fn nothing_is_told_of_what_lies_in_another_account() {
    let mut site = Site::new();
    site.api.switch_account("444455556666");
    let peer = site.api.change(|world, context| {
        let vpc = world.create_vpc(context, "10.9.0.0/16".parse().unwrap(), "default")?;
        let subnet = world.create_subnet(context, &vpc, "10.9.1.0/24".parse().unwrap(), Some("us-east-1a"))?;
        world.attach_program(context, &subnet, &[])?;
        Ok(vpc.to_string())
    });
    site.api.switch_account("123456789012");
    let asked = [("VpcId", &*site.network.vpc), ("PeerVpcId", &*peer), ("PeerOwnerId", "444455556666")];
    let peering = site.api.ok("CreateVpcPeeringConnection", &asked).text("vpcPeeringConnectionId");
    site.api.switch_account("444455556666");
    site.api.ok("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &peering)]);
    site.api.switch_account("123456789012");
    let route = [
        ("RouteTableId", &*site.network.table),
        ("DestinationCidrBlock", "10.9.0.0/16"),
        ("VpcPeeringConnectionId", &peering),
    ];
    site.api.ok("CreateRoute", &route);
    let address = site.api.world().interfaces.iter().find(|own| own.vpc.as_str() == peer).unwrap().address.to_string();
    let parameters = [
        ("Source", &*site.near),
        ("Protocol", "tcp"),
        ("ClientToken", "beyond"),
        ("FilterAtSource.DestinationAddress", &address),
        ("FilterAtSource.DestinationPortRange.FromPort", "443"),
        ("FilterAtSource.DestinationPortRange.ToPort", "443"),
    ];
    let path = site.api.ok("CreateNetworkInsightsPath", &parameters).text("networkInsightsPathId");
    let told = site.analysed(&path, &[]);
    assert_eq!(code(&told), "NO_POSSIBLE_DESTINATION");
    assert_eq!(kinds(&told, "forwardPathComponentSet"), ["eni", "sg", "acl", "rtb", "pcx"], "{}", told.xml);
    assert_eq!(within(&told, "suggestedAccountSet"), "<item>444455556666</item>");
    // The connection itself is an end that the caller has.
    let told = site.between(&site.near, &peering, &[("DestinationPort", "443")]);
    assert_eq!(told.text("networkPathFound"), "true", "{}", told.xml);
    assert!(told.xml.contains(&format!("<destinationVpc><id>{peer}</id>")), "{}", told.xml);
}

#[test]
fn an_end_that_is_gone_or_in_no_vpc_is_told() {
    let site = Site::new();
    let path = site.path(&site.near, &site.far, &[]);
    site.api.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &site.far)]);
    let told = site.analysed(&path, &[]);
    assert_eq!(code(&told), "NO_SOURCE_OR_DESTINATION");
    assert!(told.text("missingComponent").ends_with(&site.far), "{}", told.xml);
    let gateway = site.api.ok("CreateInternetGateway", &[]).text("internetGatewayId");
    assert_eq!(code(&site.between(&gateway, &site.near, &[])), "UNASSOCIATED_COMPONENT");
}

#[test]
fn analyses_are_started_once_found_by_what_came_of_them_and_deleted() {
    let site = Site::new();
    let path = site.path(&site.near, &site.far, &[("DestinationPort", "443")]);
    let token = [("ClientToken", "once"), ("TagSpecification.1.ResourceType", "network-insights-analysis")];
    let tags = [("TagSpecification.1.Tag.1.Key", "team"), ("TagSpecification.1.Tag.1.Value", "red")];
    let more = [&token[..], &tags].concat();
    let [first, again] = [(), ()].map(|()| site.started(&path, &more).text("networkInsightsAnalysisId"));
    assert_eq!(first, again);
    let other = [("NetworkInsightsPathId", &*path), ("ClientToken", "once")];
    assert_eq!(site.api.refused("StartNetworkInsightsAnalysis", &other).0, "IdempotentParameterMismatch");
    site.open(&site.network.groups[1], "443", "0.0.0.0/0");
    let second = site.started(&path, &[]).text("networkInsightsAnalysisId");
    let found =
        |more: &[(&str, &str)]| site.api.ok("DescribeNetworkInsightsAnalyses", more).texts("networkInsightsAnalysisId");
    let by = |name: &str, value: &str| found(&[("Filter.1.Name", name), ("Filter.1.Value.1", value)]);
    assert_eq!((by("path-found", "true"), by("path-found", "false")), (vec![second.clone()], vec![first.clone()]));
    assert_eq!((by("status", "succeeded").len(), by("status", "failed").len()), (2, 0));
    assert_eq!(by("tag:team", "red"), std::slice::from_ref(&first));
    assert_eq!(found(&[("NetworkInsightsPathId", &path)]).len(), 2);
    assert_eq!(found(&[("NetworkInsightsPathId", &path), ("AnalysisStartTime", "2100-01-01T00:00:00Z")]).len(), 0);
    assert_eq!(found(&[("MaxResults", "1")]).len(), 1);
    assert_eq!(found(&[("NetworkInsightsAnalysisId.1", &second)]), std::slice::from_ref(&second));
    let shown = site.api.ok("DescribeNetworkInsightsAnalyses", &[("NetworkInsightsAnalysisId.1", &first)]);
    let arn = format!("arn:aws:ec2:us-east-1:123456789012:network-insights-analysis/{first}");
    assert_eq!((shown.text("networkInsightsAnalysisArn"), shown.text("networkInsightsPathId")), (arn, path.clone()));

    let delete = [("NetworkInsightsPathId", &*path)];
    assert_eq!(site.api.refused("DeleteNetworkInsightsPath", &delete).0, "AnalysisExistsForNetworkInsightsPath");
    for id in [&first, &second] {
        let gone = site.api.ok("DeleteNetworkInsightsAnalysis", &[("NetworkInsightsAnalysisId", id)]);
        assert_eq!(gone.text("networkInsightsAnalysisId"), *id);
    }
    let missing = [("NetworkInsightsAnalysisId.1", &*first)];
    let refused = site.api.refused("DescribeNetworkInsightsAnalyses", &missing);
    assert_eq!(refused.0, "InvalidNetworkInsightsAnalysisId.NotFound");
    site.api.ok("DeleteNetworkInsightsPath", &delete);
    let again = [&delete[..], &[("ClientToken", "again")]].concat();
    let unknown = site.api.refused("StartNetworkInsightsAnalysis", &again);
    assert_eq!(unknown.0, "InvalidNetworkInsightsPathId.NotFound");
}

#[test]
fn the_route_table_of_an_internet_gateway_is_followed_there_and_back() {
    let site = Site::new();
    let gateway = site.internet_gateway();
    site.open(&site.network.groups[0], "443", "0.0.0.0/0");
    site.open(&site.network.groups[1], "443", "0.0.0.0/0");
    let public = site.elastic_ip(&site.near);
    let port = [("DestinationPort", "443")];
    let inwards = || site.between(&gateway, &site.near, &port);
    let outwards = || site.between(&site.near, &gateway, &port);
    let edge = site.api.ok("CreateRouteTable", &[("VpcId", &site.network.vpc)]).text("routeTableId");
    site.api.ok("AssociateRouteTable", &[("RouteTableId", &edge), ("GatewayId", &gateway)]);
    for told in [inwards(), outwards()] {
        assert_eq!(told.text("networkPathFound"), "true", "{public}: {}", told.xml);
    }
    assert_eq!(kinds(&inwards(), "forwardPathComponentSet")[..2], ["igw", "rtb"]);
    let subnet = site.api.ok("DescribeSubnets", &[("SubnetId.1", &*site.network.subnets[0])]).text("cidrBlock");
    let route = [("RouteTableId", &*edge), ("DestinationCidrBlock", &subnet), ("NetworkInterfaceId", &site.far)];
    site.api.ok("CreateRoute", &route);
    let check = [("NetworkInterfaceId", &*site.far), ("SourceDestCheck.Value", "false")];
    assert_eq!(code(&inwards()), "BAD_STATE_ROUTE", "nothing has the interface");
    let appliance = [
        ("ImageId", "ami-51de6a7e"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("InstanceType", "t3.micro"),
        ("NetworkInterface.1.DeviceIndex", "0"),
        ("NetworkInterface.1.NetworkInterfaceId", &*site.far),
    ];
    let appliance: InstanceId = site.api.ok("RunInstances", &appliance).text("instanceId").parse().unwrap();
    site.api.change(move |world, context| {
        world.instance_is(context.now, &appliance, InstanceState::Running, None);
        Ok(())
    });
    assert_eq!(code(&inwards()), "ENI_SOURCE_DEST_CHECK_RESTRICTION");
    site.api.ok("ModifyNetworkInterfaceAttribute", &check);
    assert_eq!([code(&inwards()), code(&outwards())], ["INGRESS_RTB_NO_PUBLIC_IP"; 2]);
    site.elastic_ip(&site.far);
    assert_eq!(code(&inwards()), "UNKNOWN_DESTINATION", "what the appliance does is not known");
    let told = outwards();
    assert_eq!(code(&told), "INGRESS_RTB_TRAFFIC_REDIRECTION");
    assert!(within(&told, "ingressRouteTable").contains(&edge), "{}", told.xml);
    let by = format!("<networkInterfaceId>{}</networkInterfaceId>", site.far);
    assert!(told.xml.contains(&by), "the route is told: {}", told.xml);
}
