//! VPC endpoints over the API.

use super::super::tests::{Api, Network};

const S3: &str = "com.amazonaws.us-east-1.s3";
const SECRETS: &str = "com.amazonaws.us-east-1.secretsmanager";

fn gateway(api: &Api, network: &Network, table: &str) -> String {
    let parameters = [("VpcId", network.vpc.as_str()), ("ServiceName", S3), ("RouteTableId.1", table)];
    api.ok("CreateVpcEndpoint", &parameters).text("vpcEndpointId")
}

fn interface(api: &Api, network: &Network, more: &[(&str, &str)]) -> String {
    let mut parameters =
        vec![("VpcId", network.vpc.as_str()), ("ServiceName", SECRETS), ("VpcEndpointType", "Interface")];
    parameters.extend_from_slice(more);
    api.ok("CreateVpcEndpoint", &parameters).text("vpcEndpointId")
}

fn described(api: &Api, id: &str) -> super::super::tests::Answer {
    api.ok("DescribeVpcEndpoints", &[("VpcEndpointId.1", id)])
}

#[test]
fn a_gateway_endpoint_is_the_default_type_and_shows_its_tables_and_the_default_policy() {
    let api = Api::new();
    let network = api.network();
    let answer = api.ok(
        "CreateVpcEndpoint",
        &[
            ("VpcId", &network.vpc),
            ("ServiceName", S3),
            ("RouteTableId.1", &network.table),
            ("TagSpecification.1.ResourceType", "vpc-endpoint"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
            ("TagSpecification.1.Tag.1.Value", "storage"),
        ],
    );
    assert_eq!(answer.text("state"), "available");
    let id = answer.text("vpcEndpointId");
    let shown = described(&api, &id);
    assert_eq!(shown.text("vpcEndpointType"), "Gateway");
    assert_eq!(shown.text("serviceName"), S3);
    assert_eq!(shown.text("serviceRegion"), "us-east-1");
    assert_eq!(shown.text("routeTableIdSet"), format!("<item>{}</item>", network.table));
    assert_eq!(shown.text("policyDocument"), sidegate_iam::Policy::DEFAULT);
    assert_eq!(shown.text("dnsRecordIpType"), "service-defined");
    assert_eq!(shown.text("privateDnsEnabled"), "false");
    assert_eq!(shown.text("requesterManaged"), "false");
    assert_eq!(shown.text("ownerId"), "123456789012");
    assert_eq!(shown.text("ipAddressType"), "ipv4");
    assert_eq!((shown.text("key"), shown.text("value")), ("Name".to_owned(), "storage".to_owned()));
    assert!(shown.xml.contains("<groupSet/>") && shown.xml.contains("<networkInterfaceIdSet/>"), "{}", shown.xml);
    assert!(shown.text("creationTimestamp").ends_with('Z'));
}

#[test]
fn an_interface_endpoint_is_pending_in_the_answer_that_made_it_and_available_when_described() {
    let api = Api::new();
    let network = api.network();
    let [first, second, _] = &network.subnets;
    let answer = api.ok(
        "CreateVpcEndpoint",
        &[
            ("VpcId", &network.vpc),
            ("ServiceName", SECRETS),
            ("VpcEndpointType", "Interface"),
            ("SubnetId.1", first),
            ("SubnetId.2", second),
            ("SecurityGroupId.1", &network.groups[1]),
            ("PrivateDnsEnabled", "true"),
        ],
    );
    assert_eq!(answer.text("state"), "pending");
    let id = answer.text("vpcEndpointId");
    let shown = described(&api, &id);
    assert_eq!(shown.text("state"), "available");
    assert_eq!(shown.text("privateDnsEnabled"), "true");
    assert_eq!(shown.text("privateDnsOnlyForInboundResolverEndpoint"), "false");
    assert_eq!(shown.texts("groupName"), ["web"]);
    assert!(!shown.text("policyDocument").contains("Version"));
    let names = shown.texts("dnsName");
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(
        names[0].starts_with(&format!("{id}-")) && names[0].ends_with(".secretsmanager.us-east-1.vpce.amazonaws.com")
    );
    assert!(names[1].contains("-us-east-1a.") && names[2].contains("-us-east-1b."));
    assert_eq!(names[3], "secretsmanager.us-east-1.amazonaws.com");
    let zones = shown.texts("hostedZoneId");
    assert_eq!(zones[..3], ["Z7HUB22UULQXV"; 3]);
    assert_ne!(zones[3], zones[0]);
    assert_eq!(shown.text("networkInterfaceIdSet").matches("<item>eni-").count(), 2);
}

#[test]
fn an_interface_endpoint_without_subnets_has_no_names_and_the_default_group() {
    let api = Api::new();
    let network = api.network();
    let shown = described(&api, &interface(&api, &network, &[("PrivateDnsEnabled", "false")]));
    assert!(shown.xml.contains("<dnsEntrySet/>") && shown.xml.contains("<subnetIdSet/>"));
    assert_eq!((shown.text("state"), shown.text("groupName")), ("available".to_owned(), "default".to_owned()));
}

#[test]
fn what_aws_refuses_is_refused_in_its_words() {
    let api = Api::new();
    let network = api.network();
    let refused = |more: &[(&str, &str)]| {
        let mut parameters = vec![("VpcId", network.vpc.as_str())];
        parameters.extend_from_slice(more);
        api.refused("CreateVpcEndpoint", &parameters)
    };
    let nowhere = "com.amazonaws.us-east-1.nowhere";
    let expected = format!("The Vpc Endpoint Service '{nowhere}' does not exist");
    assert_eq!(refused(&[("ServiceName", nowhere)]), ("InvalidServiceName".to_owned(), expected));
    let (code, message) = refused(&[("ServiceName", SECRETS)]);
    assert_eq!(code, "InvalidParameter");
    assert_eq!(message, "Endpoint type (Gateway) does not match available service types ([Interface]).");
    assert_eq!(refused(&[]).0, "MissingParameter");
    let subnets = [
        ("ServiceName", SECRETS),
        ("VpcEndpointType", "Interface"),
        ("SubnetId.1", &network.subnets[0]),
        ("SubnetId.2", &network.subnets[2]),
    ];
    assert_eq!(refused(&subnets).0, "DuplicateSubnetsInSameZone");
    gateway(&api, &network, &network.table);
    let (code, message) = refused(&[("ServiceName", S3), ("RouteTableId.1", &network.table)]);
    assert_eq!(code, "RouteAlreadyExists");
    assert_eq!(
        message,
        format!("route table {} already has a route with destination-prefix-list-id pl-63a5400a", network.table)
    );
    interface(&api, &network, &[("SubnetId.1", &network.subnets[0]), ("PrivateDnsEnabled", "true")]);
    let (code, message) = refused(&[
        ("ServiceName", SECRETS),
        ("VpcEndpointType", "Interface"),
        ("SubnetId.1", &network.subnets[1]),
        ("PrivateDnsEnabled", "true"),
    ]);
    assert_eq!(code, "InvalidParameter");
    assert!(message.starts_with("private-dns-enabled cannot be set because there is already a conflicting DNS domain"));
    assert_eq!(api.world().endpoints.len(), 2, "nothing of what was refused is left");
}

#[test]
fn what_sidegate_cannot_do_is_refused_and_never_left_out() {
    let api = Api::new();
    let network = api.network();
    let code = |more: &[(&str, &str)]| {
        let mut parameters = vec![("VpcId", network.vpc.as_str()), ("ServiceName", SECRETS)];
        parameters.extend_from_slice(more);
        api.refused("CreateVpcEndpoint", &parameters).0
    };
    let interface = ("VpcEndpointType", "Interface");
    for kind in ["GatewayLoadBalancer", "Resource", "ServiceNetwork"] {
        assert_eq!(code(&[("VpcEndpointType", kind)]), "UnsupportedOperation");
    }
    assert_eq!(code(&[("VpcEndpointType", "Tunnel")]), "InvalidVpcEndpointType");
    assert_eq!(code(&[interface, ("ServiceRegion", "eu-west-1")]), "UnsupportedOperation");
    assert_eq!(code(&[interface, ("IpAddressType", "ipv5")]), "InvalidParameter");
    for kind in ["ipv6", "dualstack", "ipv5"] {
        assert_eq!(code(&[interface, ("DnsOptions.DnsRecordIpType", kind)]), "InvalidParameter");
    }
    assert_eq!(code(&[interface, ("DnsOptions.PrivateDnsPreference", "ALL_DOMAINS")]), "InvalidParameter");
    assert_eq!(code(&[interface, ("ResourceConfigurationArn", "arn:aws:vpc-lattice:x")]), "UnsupportedOperation");
    let ipv6 = [
        interface,
        ("SubnetConfiguration.1.SubnetId", network.subnets[0].as_str()),
        ("SubnetConfiguration.1.Ipv6", "fd00::5"),
    ];
    assert_eq!(code(&ipv6), "InvalidParameter");
    let conditional = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": {"Booleans": {"aws:SecureTransport": "true"}}}}"#;
    assert_eq!(code(&[interface, ("PolicyDocument", conditional)]), "InvalidPolicyDocument");
    assert_eq!(code(&[interface, ("PolicyDocument", "{")]), "InvalidPolicyDocument");
    assert_eq!(code(&[interface, ("TagSpecification.1.ResourceType", "vpc")]), "InvalidParameterValue");
}

#[test]
fn a_token_makes_a_repeated_call_harmless_and_is_given_back() {
    let api = Api::new();
    let network = api.network();
    let parameters = [
        ("VpcId", network.vpc.as_str()),
        ("ServiceName", S3),
        ("RouteTableId.1", network.table.as_str()),
        ("ClientToken", "once"),
    ];
    let first = api.ok("CreateVpcEndpoint", &parameters);
    let again = api.ok("CreateVpcEndpoint", &parameters);
    assert_eq!(
        (first.text("clientToken"), first.text("vpcEndpointId")),
        ("once".to_owned(), again.text("vpcEndpointId"))
    );
    let other = api.refused("CreateVpcEndpoint", &[parameters[0], parameters[1], parameters[3]]);
    assert_eq!(other.0, "IdempotentParameterMismatch");
    let long = "x".repeat(65);
    assert_eq!(
        api.refused("CreateVpcEndpoint", &[parameters[0], parameters[1], ("ClientToken", &long)]).0,
        "InvalidParameterValue"
    );
}

#[test]
fn a_dry_run_changes_nothing() {
    let api = Api::new();
    let network = api.network();
    let parameters = [("VpcId", network.vpc.as_str()), ("ServiceName", S3), ("DryRun", "true")];
    assert_eq!(api.refused("CreateVpcEndpoint", &parameters).0, "DryRunOperation");
    assert!(api.world().endpoints.is_empty());
}

#[test]
fn fixed_addresses_are_taken_and_a_new_one_replaces_the_interface() {
    let api = Api::new();
    let network = api.network();
    let subnet = network.subnets[0].as_str();
    let configured = |address| [("SubnetConfiguration.1.SubnetId", subnet), ("SubnetConfiguration.1.Ipv4", address)];
    let id = interface(&api, &network, &[configured("10.0.1.9").as_slice(), &[("SubnetId.1", subnet)]].concat());
    let address = || {
        let world = api.world();
        let addresses: Vec<_> = world.interfaces.iter().map(|i| (i.id.clone(), i.address.to_string())).collect();
        assert_eq!(addresses.len(), 1);
        addresses[0].clone()
    };
    let (old, first) = address();
    assert_eq!(first, "10.0.1.9");
    let changed = [[("VpcEndpointId", id.as_str())].as_slice(), &configured("10.0.1.10")].concat();
    api.ok("ModifyVpcEndpoint", &changed);
    let (new, second) = address();
    assert_eq!(second, "10.0.1.10");
    assert_ne!(old, new);
    let wrong = [[("VpcEndpointId", id.as_str())].as_slice(), &configured("10.0.1")].concat();
    assert_eq!(api.refused("ModifyVpcEndpoint", &wrong).0, "InvalidParameterValue");
    let reserved = [[("VpcEndpointId", id.as_str())].as_slice(), &configured("10.0.1.1")].concat();
    assert_eq!(api.refused("ModifyVpcEndpoint", &reserved).0, "InvalidParameterValue");
}

#[test]
fn modifying_adds_and_removes_route_tables_and_replaces_and_resets_the_policy() {
    let api = Api::new();
    let network = api.network();
    let other = api.route_table(&network);
    let id = gateway(&api, &network, &network.table);
    let policy = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}"#;
    let changed = [
        ("VpcEndpointId", id.as_str()),
        ("AddRouteTableId.1", &other),
        ("RemoveRouteTableId.1", &network.table),
        ("PolicyDocument", policy),
    ];
    assert_eq!(api.ok("ModifyVpcEndpoint", &changed).text("return"), "true");
    let shown = described(&api, &id);
    assert_eq!(shown.text("routeTableIdSet"), format!("<item>{other}</item>"));
    assert_eq!(shown.text("policyDocument"), policy);
    api.ok("ModifyVpcEndpoint", &[("VpcEndpointId", &id), ("ResetPolicy", "true")]);
    assert_eq!(described(&api, &id).text("policyDocument"), sidegate_iam::Policy::DEFAULT);
    let both = [("VpcEndpointId", id.as_str()), ("ResetPolicy", "true"), ("PolicyDocument", policy)];
    assert_eq!(api.refused("ModifyVpcEndpoint", &both).0, "InvalidParameterCombination");
    let subnet = [("VpcEndpointId", id.as_str()), ("AddSubnetId.1", network.subnets[0].as_str())];
    assert_eq!(api.refused("ModifyVpcEndpoint", &subnet).0, "InvalidParameter");
    let missing = ("VpcEndpointId", "vpce-0123456789abcdef0");
    let (code, message) = api.refused("ModifyVpcEndpoint", &[missing]);
    assert_eq!(code, "InvalidVpcEndpointId.NotFound");
    assert_eq!(message, "The Vpc Endpoint Id 'vpce-0123456789abcdef0' does not exist");
}

#[test]
fn modifying_an_interface_endpoint_moves_subnets_groups_and_private_dns() {
    let api = Api::new();
    let network = api.network();
    let id = interface(&api, &network, &[("SubnetId.1", &network.subnets[0]), ("PrivateDnsEnabled", "false")]);
    let changed = [
        ("VpcEndpointId", id.as_str()),
        ("RemoveSubnetId.1", &network.subnets[0]),
        ("AddSubnetId.1", &network.subnets[2]),
        ("AddSecurityGroupId.1", &network.groups[1]),
        ("RemoveSecurityGroupId.1", &network.groups[0]),
        ("PrivateDnsEnabled", "true"),
    ];
    api.ok("ModifyVpcEndpoint", &changed);
    let shown = described(&api, &id);
    assert_eq!(shown.text("subnetIdSet"), format!("<item>{}</item>", network.subnets[2]));
    assert_eq!(shown.texts("groupId"), [network.groups[1].clone()]);
    assert_eq!(shown.text("privateDnsEnabled"), "true");
    let table = [("VpcEndpointId", id.as_str()), ("AddRouteTableId.1", network.table.as_str())];
    assert_eq!(api.refused("ModifyVpcEndpoint", &table).0, "InvalidParameter");
    let records = [("VpcEndpointId", id.as_str()), ("DnsOptions.DnsRecordIpType", "service-defined")];
    assert_eq!(api.refused("ModifyVpcEndpoint", &records).0, "InvalidParameter");
}

#[test]
fn a_dualstack_endpoint_is_made_with_fixed_addresses_shown_and_found_by_its_type() {
    let api = Api::new();
    let network = api.network();
    let prefix = with_ipv6(&api, &network);
    let (fixed, plain) = (format!("{prefix}::42"), network.subnets[1].as_str());
    let dualstack = [
        ("IpAddressType", "dualstack"),
        ("PrivateDnsEnabled", "false"),
        ("SubnetConfiguration.1.SubnetId", network.subnets[0].as_str()),
        ("SubnetConfiguration.1.Ipv4", "10.0.1.42"),
        ("SubnetConfiguration.1.Ipv6", &fixed),
    ];
    let id = interface(&api, &network, &dualstack);
    let shown = described(&api, &id);
    assert_eq!((shown.text("ipAddressType"), shown.text("dnsRecordIpType")), ("dualstack".into(), "dualstack".into()));
    let nic = shown.text("networkInterfaceIdSet").replace("<item>", "").replace("</item>", "");
    let nic = api.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &nic)]);
    assert_eq!(nic.text("privateIpAddress"), "10.0.1.42");
    assert!(nic.texts("ipv6Address").iter().all(|address| *address == fixed), "{}", nic.xml);
    assert_eq!(nic.text("denyAllIgwTraffic"), "true");
    interface(&api, &network, &[("PrivateDnsEnabled", "false"), ("SubnetId.1", plain)]);
    let of_type = |kind: &str| {
        let filter = [("Filter.1.Name", "ip-address-type"), ("Filter.1.Value.1", kind)];
        api.ok("DescribeVpcEndpoints", &filter).texts("vpcEndpointId")
    };
    assert_eq!(of_type("dualstack"), [id.as_str()]);
    assert_eq!((of_type("ipv4").len(), of_type("ipv6").len()), (1, 0));
    let add = [("VpcEndpointId", id.as_str()), ("AddSubnetId.1", plain)];
    let (code, message) = api.refused("ModifyVpcEndpoint", &add);
    assert_eq!(code, "InvalidParameter");
    assert!(message.starts_with(&format!("The subnet {plain} does not have an IPv6 CIDR block")), "{message}");
    let back = [("VpcEndpointId", id.as_str()), ("IpAddressType", "ipv4")];
    api.ok("ModifyVpcEndpoint", &back);
    let shown = described(&api, &id);
    assert_eq!((shown.text("ipAddressType"), shown.text("dnsRecordIpType")), ("ipv4".into(), "ipv4".into()));
    let twice = [
        dualstack[0],
        dualstack[1],
        dualstack[2],
        ("SubnetConfiguration.1.Ipv4", "10.0.1.43"),
        ("SubnetConfiguration.1.Ipv6", "10.0.1.43"),
    ];
    let mut parameters =
        vec![("VpcId", network.vpc.as_str()), ("ServiceName", SECRETS), ("VpcEndpointType", "Interface")];
    parameters.extend_from_slice(&twice);
    let (code, message) = api.refused("CreateVpcEndpoint", &parameters);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("InvalidParameterValue", "The address '10.0.1.43' is not a valid IPv6 address")
    );
}

#[test]
fn a_dualstack_gateway_endpoint_shows_a_route_to_the_list_of_each_family() {
    let api = Api::new();
    let network = api.network();
    with_ipv6(&api, &network);
    let list = |name: &str| {
        let filter = [("Filter.1.Name", "prefix-list-name"), ("Filter.1.Value.1", name)];
        api.ok("DescribePrefixLists", &filter).text("prefixListId")
    };
    let (ipv4, ipv6) = (list(S3), list("com.amazonaws.us-east-1.ipv6.s3"));
    let id = gateway(&api, &network, &network.table);
    let lists =
        || api.ok("DescribeRouteTables", &[("RouteTableId.1", &network.table)]).texts("destinationPrefixListId");
    assert_eq!(lists(), [ipv4.as_str()]);
    api.ok("ModifyVpcEndpoint", &[("VpcEndpointId", &id), ("IpAddressType", "dualstack")]);
    assert_eq!(lists(), [ipv4.as_str(), &ipv6]);
    let shown = described(&api, &id);
    assert_eq!(
        (shown.text("ipAddressType"), shown.text("dnsRecordIpType")),
        ("dualstack".into(), "service-defined".into())
    );
    api.ok("ModifyVpcEndpoint", &[("VpcEndpointId", &id), ("DnsOptions.DnsRecordIpType", "ipv6")]);
    assert_eq!(described(&api, &id).text("dnsRecordIpType"), "ipv6");
    let (code, message) = api.refused("ModifyVpcEndpoint", &[("VpcEndpointId", &id), ("IpAddressType", "ipv6")]);
    assert_eq!(code, "InvalidParameter");
    assert!(message.ends_with("is not an IPv6-only subnet, which the IP address type ipv6 requires."), "{message}");
}

/// Gives the VPC and its first subnet IPv6 blocks: the prefix of the subnet's.
fn with_ipv6(api: &Api, network: &Network) -> String {
    api.ok("AssociateVpcCidrBlock", &[("VpcId", &network.vpc), ("AmazonProvidedIpv6CidrBlock", "true")]);
    let block = api.ok("DescribeVpcs", &[("VpcId.1", &network.vpc)]).text("ipv6CidrBlock");
    let prefix = block.split("::").next().unwrap().to_owned();
    let subnet = format!("{prefix}::/64");
    api.ok("AssociateSubnetCidrBlock", &[("SubnetId", &network.subnets[0]), ("Ipv6CidrBlock", &subnet)]);
    prefix
}

#[test]
fn deleting_tells_of_each_endpoint_that_is_not_there_and_still_succeeds() {
    let api = Api::new();
    let network = api.network();
    let id = gateway(&api, &network, &network.table);
    let missing = "vpce-0123456789abcdef0";
    let answer = api.ok("DeleteVpcEndpoints", &[("VpcEndpointId.1", missing), ("VpcEndpointId.2", &id)]);
    assert_eq!(answer.texts("resourceId"), [missing]);
    assert_eq!(answer.text("code"), "InvalidVpcEndpoint.NotFound");
    assert_eq!(answer.text("message"), format!("The Vpc Endpoint Id '{missing}' does not exist"));
    let (code, message) = api.refused("DescribeVpcEndpoints", &[("VpcEndpointId.1", &id)]);
    assert_eq!(code, "InvalidVpcEndpointId.NotFound");
    assert_eq!(message, format!("The Vpc Endpoint Id '{id}' does not exist"));
    assert_eq!(api.refused("DeleteVpcEndpoints", &[("VpcEndpointId.1", "vpc-1")]).0, "InvalidVpcEndpointId.Malformed");
    assert!(api.ok("DescribeVpcEndpoints", &[]).xml.contains("<vpcEndpointSet/>"));
}

#[test]
fn a_gateway_endpoint_stays_while_private_dns_for_inbound_resolvers_demands_it() {
    let api = Api::new();
    let network = api.network();
    let id = gateway(&api, &network, &network.table);
    api.ok(
        "CreateVpcEndpoint",
        &[
            ("VpcId", &network.vpc),
            ("ServiceName", S3),
            ("VpcEndpointType", "Interface"),
            ("SubnetId.1", &network.subnets[0]),
            ("PrivateDnsEnabled", "true"),
        ],
    );
    let answer = api.ok("DeleteVpcEndpoints", &[("VpcEndpointId.1", &id)]);
    assert_eq!((answer.text("resourceId"), answer.text("code")), (id.clone(), "InvalidParameter".to_owned()));
    assert_eq!(described(&api, &id).text("state"), "available");
}

#[test]
fn every_documented_filter_finds_and_leaves_out() {
    let api = Api::new();
    let network = api.network();
    let first = gateway(&api, &network, &network.table);
    let tagged = [
        ("TagSpecification.1.ResourceType", "vpc-endpoint"),
        ("TagSpecification.1.Tag.1.Key", "Team"),
        ("TagSpecification.1.Tag.1.Value", "search"),
    ];
    let second = interface(&api, &network, &tagged);
    let found = |name: &str, value: &str| {
        let parameters = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeVpcEndpoints", &parameters).texts("vpcEndpointId")
    };
    let both = {
        let mut both = vec![first.clone(), second.clone()];
        both.sort();
        both
    };
    for (name, value) in [
        ("vpc-id", network.vpc.as_str()),
        ("vpc-endpoint-state", "available"),
        ("service-region", "us-east-1"),
        ("ip-address-type", "ipv4"),
        ("vpc-endpoint-id", "vpce-*"),
    ] {
        assert_eq!(found(name, value), both, "{name}");
        assert!(found(name, "other").is_empty(), "{name}");
    }
    assert_eq!(found("vpc-endpoint-type", "Gateway"), [first.as_str()]);
    assert_eq!(found("service-name", "*.secretsmanager"), [second.as_str()]);
    assert_eq!(found("tag:Team", "search"), [second.as_str()]);
    assert_eq!(found("tag-key", "Team"), [second]);
    let unknown = api.refused("DescribeVpcEndpoints", &[("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")]);
    assert_eq!(unknown, ("InvalidParameterValue".to_owned(), "The filter 'colour' is invalid".to_owned()));
}

#[test]
fn pages_hold_every_endpoint_once() {
    let api = Api::new();
    let network = api.network();
    for _ in 0..5 {
        let table = api.route_table(&network);
        gateway(&api, &network, &table);
    }
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let mut parameters = vec![("MaxResults", "2")];
        if !token.is_empty() {
            parameters.push(("NextToken", &token));
        }
        let page = api.ok("DescribeVpcEndpoints", &parameters);
        seen.extend(page.texts("vpcEndpointId"));
        token = page.text("nextToken");
        if token.is_empty() {
            break;
        }
    }
    let mut once = seen.clone();
    once.dedup();
    assert_eq!((seen.len(), once.len()), (5, 5));
    assert_eq!(api.refused("DescribeVpcEndpoints", &[("NextToken", "?")]).0, "InvalidPaginationToken");
}
