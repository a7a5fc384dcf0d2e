//! The EC2 protocol against what botocore sends and reads, and at its edges.
//!
//! The corpora are made and checked by `corpus/check_with_botocore.py`.

use std::{fs, path::PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};
use sidegate_wire::{
    ec2::{self, ParseError, Request, Timestamp, ToXml},
    query::{MAX_BYTES, MAX_PARAMETERS, Params, QueryError},
};

fn corpus(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/corpus").join(name)
}

fn lines(name: &str) -> Vec<Value> {
    fs::read_to_string(corpus(name)).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn parse(query: &str) -> Result<Request, ParseError> {
    let params = Params::parse(query.as_bytes()).unwrap();
    let action = params.get("Action").unwrap();
    Request::parse(action, &params).map(|request| request.unwrap())
}

fn refusal(query: &str) -> (&'static str, String) {
    let error = parse(query).unwrap_err();
    (error.code, error.message)
}

mod requests {
    use super::*;
    use sidegate_wire::ec2::*;

    fn text(value: &Value) -> Option<String> {
        value.as_str().map(str::to_owned)
    }

    fn texts(value: &Value) -> Vec<String> {
        list(value, |text| text.as_str().unwrap().to_owned())
    }

    fn int(value: &Value) -> Option<i32> {
        value.as_i64().map(|int| int.try_into().unwrap())
    }

    fn list<T>(value: &Value, member: impl Fn(&Value) -> T) -> Vec<T> {
        value.as_array().into_iter().flatten().map(member).collect()
    }

    fn tags(value: &Value) -> Vec<Tag> {
        list(value, |tag| Tag { key: text(&tag["Key"]), value: text(&tag["Value"]) })
    }

    fn filters(value: &Value) -> Vec<Filter> {
        list(value, |filter| Filter { name: text(&filter["Name"]), values: texts(&filter["Values"]) })
    }

    fn permission(value: &Value) -> IpPermission {
        IpPermission {
            ip_protocol: text(&value["IpProtocol"]),
            from_port: int(&value["FromPort"]),
            to_port: int(&value["ToPort"]),
            user_id_group_pairs: list(&value["UserIdGroupPairs"], |pair| UserIdGroupPair {
                group_id: text(&pair["GroupId"]),
                ..Default::default()
            }),
            ip_ranges: list(&value["IpRanges"], |range| IpRange {
                cidr_ip: text(&range["CidrIp"]),
                description: text(&range["Description"]),
            }),
            ipv6_ranges: vec![],
            prefix_list_ids: list(&value["PrefixListIds"], |prefix_list| PrefixListId {
                prefix_list_id: text(&prefix_list["PrefixListId"]),
                ..Default::default()
            }),
        }
    }

    fn run_instances(given: &Value) -> RunInstancesRequest {
        let valid_until = &given["InstanceMarketOptions"]["SpotOptions"]["ValidUntil"];
        RunInstancesRequest {
            image_id: text(&given["ImageId"]),
            min_count: int(&given["MinCount"]),
            max_count: int(&given["MaxCount"]),
            block_device_mappings: list(&given["BlockDeviceMappings"], |mapping| BlockDeviceMapping {
                device_name: text(&mapping["DeviceName"]),
                ebs: Some(EbsBlockDevice { volume_size: int(&mapping["Ebs"]["VolumeSize"]), ..Default::default() }),
                ..Default::default()
            }),
            iam_instance_profile: Some(IamInstanceProfileSpecification {
                name: text(&given["IamInstanceProfile"]["Name"]),
                arn: None,
            }),
            instance_market_options: Some(InstanceMarketOptionsRequest {
                spot_options: Some(SpotMarketOptions {
                    valid_until: Some(valid_until.as_str().unwrap().parse().unwrap()),
                    ..Default::default()
                }),
                ..Default::default()
            }),
            network_interfaces: list(&given["NetworkInterfaces"], |interface| InstanceNetworkInterfaceSpecification {
                device_index: int(&interface["DeviceIndex"]),
                subnet_id: text(&interface["SubnetId"]),
                groups: texts(&interface["Groups"]),
                associate_public_ip_address: interface["AssociatePublicIpAddress"].as_bool(),
                ..Default::default()
            }),
            user_data: text(&given["UserData"]),
            client_token: text(&given["ClientToken"]),
            ..Default::default()
        }
    }

    fn endpoint(action: &str, given: &Value) -> Request {
        match action {
            "CreateVpcEndpoint" => Request::CreateVpcEndpoint(Box::new(CreateVpcEndpointRequest {
                vpc_endpoint_type: text(&given["VpcEndpointType"]),
                vpc_id: text(&given["VpcId"]),
                service_name: text(&given["ServiceName"]),
                policy_document: text(&given["PolicyDocument"]),
                subnet_ids: texts(&given["SubnetIds"]),
                security_group_ids: texts(&given["SecurityGroupIds"]),
                private_dns_enabled: given["PrivateDnsEnabled"].as_bool(),
                ip_address_type: text(&given["IpAddressType"]),
                dns_options: Some(DnsOptionsSpecification {
                    dns_record_ip_type: text(&given["DnsOptions"]["DnsRecordIpType"]),
                    ..Default::default()
                }),
                client_token: text(&given["ClientToken"]),
                ..Default::default()
            })),
            "ModifyVpcEndpoint" => Request::ModifyVpcEndpoint(ModifyVpcEndpointRequest {
                vpc_endpoint_id: text(&given["VpcEndpointId"]),
                reset_policy: given["ResetPolicy"].as_bool(),
                add_route_table_ids: texts(&given["AddRouteTableIds"]),
                remove_route_table_ids: texts(&given["RemoveRouteTableIds"]),
                ..Default::default()
            }),
            "DeleteVpcEndpoints" => Request::DeleteVpcEndpoints(DeleteVpcEndpointsRequest {
                vpc_endpoint_ids: texts(&given["VpcEndpointIds"]),
                ..Default::default()
            }),
            "DescribeVpcEndpointServices" => Request::DescribeVpcEndpointServices(DescribeVpcEndpointServicesRequest {
                service_names: texts(&given["ServiceNames"]),
                ..Default::default()
            }),
            _ => panic!("no expectation for {action}"),
        }
    }

    /// The request that the parameters given to botocore stand for.
    fn expected(action: &str, given: &Value) -> Request {
        match action {
            "CreateVpc" => Request::CreateVpc(Box::new(CreateVpcRequest {
                cidr_block: text(&given["CidrBlock"]),
                amazon_provided_ipv6_cidr_block: given["AmazonProvidedIpv6CidrBlock"].as_bool(),
                tag_specifications: list(&given["TagSpecifications"], |tagged| TagSpecification {
                    resource_type: text(&tagged["ResourceType"]),
                    tags: tags(&tagged["Tags"]),
                }),
                ..Default::default()
            })),
            "DescribeVpcs" => Request::DescribeVpcs(DescribeVpcsRequest {
                dry_run: given["DryRun"].as_bool(),
                filters: filters(&given["Filters"]),
                max_results: int(&given["MaxResults"]),
                next_token: text(&given["NextToken"]),
                vpc_ids: texts(&given["VpcIds"]),
            }),
            "ModifyVpcAttribute" => Request::ModifyVpcAttribute(ModifyVpcAttributeRequest {
                vpc_id: text(&given["VpcId"]),
                enable_dns_hostnames: Some(AttributeBooleanValue {
                    value: given["EnableDnsHostnames"]["Value"].as_bool(),
                }),
                ..Default::default()
            }),
            "DescribeVpcAttribute" => Request::DescribeVpcAttribute(DescribeVpcAttributeRequest {
                vpc_id: text(&given["VpcId"]),
                attribute: text(&given["Attribute"]),
                ..Default::default()
            }),
            "CreateRoute" => Request::CreateRoute(CreateRouteRequest {
                route_table_id: text(&given["RouteTableId"]),
                destination_cidr_block: text(&given["DestinationCidrBlock"]),
                gateway_id: text(&given["GatewayId"]),
                ..Default::default()
            }),
            "AuthorizeSecurityGroupIngress" => {
                Request::AuthorizeSecurityGroupIngress(AuthorizeSecurityGroupIngressRequest {
                    group_id: text(&given["GroupId"]),
                    ip_permissions: list(&given["IpPermissions"], permission),
                    ..Default::default()
                })
            }
            "CreateSecurityGroup" => Request::CreateSecurityGroup(CreateSecurityGroupRequest {
                group_name: text(&given["GroupName"]),
                description: text(&given["Description"]),
                vpc_id: text(&given["VpcId"]),
                ..Default::default()
            }),
            "ModifyNetworkInterfaceAttribute" => {
                Request::ModifyNetworkInterfaceAttribute(ModifyNetworkInterfaceAttributeRequest {
                    network_interface_id: text(&given["NetworkInterfaceId"]),
                    groups: texts(&given["Groups"]),
                    source_dest_check: Some(AttributeBooleanValue {
                        value: given["SourceDestCheck"]["Value"].as_bool(),
                    }),
                    ..Default::default()
                })
            }
            "CreateTags" => Request::CreateTags(CreateTagsRequest {
                resources: texts(&given["Resources"]),
                tags: tags(&given["Tags"]),
                ..Default::default()
            }),
            "RunInstances" => Request::RunInstances(Box::new(run_instances(given))),
            "DescribeInstances" => Request::DescribeInstances(DescribeInstancesRequest {
                instance_ids: texts(&given["InstanceIds"]),
                max_results: int(&given["MaxResults"]),
                ..Default::default()
            }),
            _ => endpoint(action, given),
        }
    }

    #[test]
    fn what_botocore_sends_is_what_is_read() {
        let corpus = lines("ec2-requests.jsonl");
        assert!(corpus.len() > 12);
        for line in corpus {
            let action = line["action"].as_str().unwrap();
            let request = parse(line["body"].as_str().unwrap()).unwrap();
            assert_eq!(request, expected(action, &line["expected"]));
            assert_eq!(request.action(), action);
            assert_eq!(request.dry_run(), line["expected"]["DryRun"] == true);
        }
    }

    #[test]
    fn list_members_are_read_by_index_and_gaps_do_not_matter() {
        let Request::DescribeVpcs(request) = parse("Action=DescribeVpcs&VpcId.10=c&VpcId.7=b&VpcId.0=a").unwrap()
        else {
            panic!();
        };
        assert_eq!(request.vpc_ids, ["a", "b", "c"]);
    }

    #[test]
    fn parameters_of_the_protocol_and_the_signature_are_ignored() {
        let request = parse(
            "Action=DeleteVpc&Version=2016-11-15&AWSAccessKeyId=AKID&Signature=s&SignatureMethod=m\
             &SignatureVersion=2&Timestamp=t&X-Amz-Date=d&X-Amz-SignedHeaders=host&VpcId=vpc-1",
        );
        assert_eq!(request, Ok(Request::DeleteVpc(DeleteVpcRequest { vpc_id: Some("vpc-1".into()), dry_run: None })));
    }

    #[test]
    fn an_action_that_is_not_served_is_none() {
        let params = Params::parse(b"InstanceId=i-1").unwrap();
        assert_eq!(Request::parse("GetConsoleOutput", &params), Ok(None));
        assert_eq!(Request::parse("", &params), Ok(None));
    }
}

#[test]
fn known_actions_are_told_from_mistakes() {
    assert!(ec2::is_known_action("CreateVpc"));
    assert!(ec2::is_known_action("GetConsoleOutput"));
    assert!(!ec2::is_known_action("CreateVpcc"));
    assert!(!ec2::is_known_action("createvpc"));
    let actions = include_str!("../../models/ec2.actions");
    assert!(actions.lines().all(ec2::is_known_action));
    let served = include_str!("../../models/ec2.operations");
    assert!(served.lines().all(ec2::is_known_action));
}

#[test]
fn a_parameter_that_the_model_does_not_have_is_refused() {
    for (query, name) in [
        ("Action=DeleteVpc&VpcId=v&VpcIdd=x", "VpcIdd"),
        ("Action=DeleteVpc&VpcId=v&VpcId.1=x", "VpcId.1"),
        ("Action=DeleteVpc&VpcId.Foo=x", "VpcId.Foo"),
        ("Action=DescribeVpcs&VpcId=v", "VpcId"),
        ("Action=DescribeVpcs&VpcId.x=v", "VpcId.x"),
        ("Action=DescribeVpcs&VpcId.01=v", "VpcId.01"),
        ("Action=DescribeVpcs&VpcId.%2B1=v", "VpcId.+1"),
        ("Action=DescribeVpcs&VpcId.99999999999=v", "VpcId.99999999999"),
        ("Action=DescribeVpcs&Filter.1.Name=a&Filter.1.Vlaue.1=x", "Filter.1.Vlaue.1"),
        ("Action=DescribeVpcs&Filter.1.Name=a&Filter.1.Action=x", "Filter.1.Action"),
        ("Action=DescribeVpcs&Filter.1=a", "Filter.1"),
    ] {
        let message = format!("The parameter `{name}` is not recognized");
        assert_eq!(refusal(query), ("UnknownParameter", message), "{query}");
    }
}

#[test]
fn a_missing_parameter_is_named_as_it_is_on_the_wire() {
    for (query, name) in [
        ("Action=DeleteVpc", "VpcId"),
        ("Action=CreateTags&Tag.1.Key=k", "ResourceId"),
        ("Action=CreateSecurityGroup&GroupName=web", "GroupDescription"),
        ("Action=RunInstances&MinCount=1&MaxCount=1&CreditSpecification=", "CreditSpecification.CpuCredits"),
    ] {
        let message = format!("The request must contain the parameter {name}");
        assert_eq!(refusal(query), ("MissingParameter", message), "{query}");
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_refused() {
    for (query, message) in [
        ("Action=DescribeVpcs&MaxResults=ten", "Invalid value 'ten' for MaxResults. The value must be an integer."),
        (
            "Action=DescribeVpcs&MaxResults=4294967296",
            "Invalid value '4294967296' for MaxResults. The value must be an integer.",
        ),
        ("Action=DescribeVpcs&DryRun=yes", "Invalid value 'yes' for DryRun. The value must be `true` or `false`."),
        (
            "Action=RunInstances&MinCount=1&MaxCount=1\
             &InstanceMarketOptions.SpotOptions.ValidUntil=tomorrow",
            "Invalid value 'tomorrow' for InstanceMarketOptions.SpotOptions.ValidUntil. \
             The value must be a timestamp such as 2026-11-24T10:00:00Z.",
        ),
    ] {
        assert_eq!(refusal(query), ("InvalidParameterValue", message.to_owned()));
    }
}

#[test]
fn a_list_may_have_a_thousand_members_and_no_more() {
    let query = |members: usize| {
        let members: String = (1..=members).map(|n| format!("&VpcId.{n}=v")).collect();
        format!("Action=DescribeVpcs{members}")
    };
    assert!(parse(&query(1000)).is_ok());
    assert_eq!(refusal(&query(1001)).0, "InvalidParameterValue");
}

/// The responses of the corpus, in its order.
fn responses() -> Vec<(&'static str, String)> {
    fn rendered(action: &'static str, result: &impl ToXml) -> (&'static str, String) {
        (action, ec2::render(action, result, "req-1"))
    }
    let time = Some(Timestamp::from_unix_millis(1_795_514_400_000));
    let text = |text: &str| Some(text.to_owned());
    let vpc = ec2::Vpc {
        vpc_id: text("vpc-1"),
        cidr_block: text("10.0.0.0/16"),
        is_default: Some(false),
        tags: vec![ec2::Tag { key: text("Name"), value: text("<a> & \"b\"\r\n\u{1}日本") }],
        cidr_block_association_set: vec![ec2::VpcCidrBlockAssociation {
            cidr_block_state: Some(ec2::VpcCidrBlockState { state: text("associated"), status_message: None }),
            ..Default::default()
        }],
        ..Default::default()
    };
    let permission = ec2::IpPermission {
        ip_protocol: text("tcp"),
        from_port: Some(443),
        to_port: Some(-1),
        user_id_group_pairs: vec![ec2::UserIdGroupPair { group_id: text("sg-2"), ..Default::default() }],
        ..Default::default()
    };
    let endpoint = ec2::VpcEndpoint {
        vpc_endpoint_id: text("vpce-1"),
        subnet_ids: vec!["subnet-1".into(), "subnet-2".into()],
        groups: vec![ec2::SecurityGroupIdentifier { group_id: text("sg-1"), group_name: text("web") }],
        dns_entries: vec![ec2::DnsEntry {
            dns_name: text("vpce-1.sqs.us-east-1.vpce.amazonaws.com"),
            hosted_zone_id: text("Z1"),
        }],
        creation_timestamp: time,
        ..Default::default()
    };
    vec![
        rendered("CreateVpc", &ec2::CreateVpcResult { vpc: Some(vpc.clone()) }),
        rendered(
            "DescribeVpcs",
            &ec2::DescribeVpcsResult { vpcs: vec![vpc, Default::default()], next_token: text("n") },
        ),
        rendered("DescribeVpcs", &ec2::DescribeVpcsResult::default()),
        rendered(
            "DescribeVpcAttribute",
            &ec2::DescribeVpcAttributeResult {
                vpc_id: text("vpc-1"),
                enable_dns_support: Some(ec2::AttributeBooleanValue { value: Some(true) }),
                ..Default::default()
            },
        ),
        rendered(
            "DescribeSecurityGroups",
            &ec2::DescribeSecurityGroupsResult {
                security_groups: vec![ec2::SecurityGroup {
                    group_id: text("sg-1"),
                    description: text("the web"),
                    ip_permissions: vec![permission],
                    ..Default::default()
                }],
                ..Default::default()
            },
        ),
        rendered(
            "RunInstances",
            &ec2::Reservation {
                reservation_id: text("r-1"),
                instances: vec![ec2::Instance {
                    instance_id: text("i-1"),
                    launch_time: time,
                    state: Some(ec2::InstanceState { code: Some(16), name: text("running") }),
                    ..Default::default()
                }],
                ..Default::default()
            },
        ),
        rendered(
            "DescribeVpcEndpoints",
            &ec2::DescribeVpcEndpointsResult { vpc_endpoints: vec![endpoint], ..Default::default() },
        ),
        rendered(
            "DescribeVpcEndpointServices",
            &ec2::DescribeVpcEndpointServicesResult {
                service_names: vec!["com.amazonaws.us-east-1.s3".into()],
                ..Default::default()
            },
        ),
        rendered("CreateRoute", &ec2::CreateRouteResult { r#return: Some(true) }),
        rendered("DeleteVpc", &ec2::Return),
    ]
}

#[test]
fn what_is_written_is_what_botocore_was_shown_to_read() {
    let written: Vec<Value> =
        responses().into_iter().map(|(action, xml)| json!({"action": action, "xml": xml})).collect();
    if std::env::var_os("SIDEGATE_WRITE_CORPUS").is_some() {
        let text: String = written.iter().map(|line| format!("{line}\n")).collect();
        fs::write(corpus("ec2-responses.jsonl"), text).unwrap();
        return;
    }
    let mut golden = lines("ec2-responses.jsonl");
    for line in &mut golden {
        assert!(line["parsed"].is_object(), "run check_with_botocore.py --write");
        line.as_object_mut().unwrap().remove("parsed");
    }
    assert_eq!(written, golden);
}

#[test]
fn an_action_without_a_result_answers_true() {
    assert_eq!(
        ec2::render("DeleteVpc", &ec2::Return, "req-1"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <DeleteVpcResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>req-1</requestId><return>true</return></DeleteVpcResponse>"
    );
}

#[test]
fn an_error_has_the_form_of_ec2() {
    assert_eq!(
        ec2::error("InvalidVpcID.NotFound", "The vpc ID '<v>' does not exist", "req-1"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>\
         <Message>The vpc ID '&lt;v&gt;' does not exist</Message></Error></Errors>\
         <RequestID>req-1</RequestID></Response>"
    );
}

#[test]
fn an_empty_list_is_an_empty_element_and_an_absent_value_is_nothing() {
    let xml = ec2::render("DescribeVpcs", &ec2::DescribeVpcsResult::default(), "req-1");
    assert!(xml.contains("<requestId>req-1</requestId><vpcSet/></DescribeVpcsResponse>"), "{xml}");
    assert!(!xml.contains("nextToken"), "{xml}");
}

#[test]
fn timestamps_are_read_in_any_offset_and_written_in_utc() {
    for text in [
        "2026-11-24T10:00:00Z",
        "2026-11-24T10:00:00.000Z",
        "2026-11-24T11:00:00+01:00",
        "2026-11-24T10:00:00",
        "20261124T100000Z",
    ] {
        let timestamp: Timestamp = text.parse().unwrap();
        assert_eq!(timestamp.to_string(), "2026-11-24T10:00:00.000Z", "{text}");
    }
    assert_eq!(Timestamp::from_unix_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
    assert!("soon".parse::<Timestamp>().is_err());
}

#[test]
fn a_query_is_decoded_and_ordered() {
    let params = Params::parse(b"b=2&a=x+y%2B%C3%A9&&c&d=e=f&").unwrap();
    let all: Vec<_> = params.iter().collect();
    assert_eq!(all, [("a", "x y+é"), ("b", "2"), ("c", ""), ("d", "e=f")]);
    assert_eq!(params.len(), 4);
    assert!(Params::parse(b"").unwrap().is_empty());
}

#[test]
fn a_malformed_query_is_refused() {
    for (query, expected) in [
        (&b"a=%"[..], QueryError::Escape),
        (b"a=%4", QueryError::Escape),
        (b"a=%zz", QueryError::Escape),
        (b"a=%ff", QueryError::NotUtf8),
        (b"a=\xff", QueryError::NotUtf8),
        (b"=x", QueryError::NoName),
        (b"a=1&%61=2", QueryError::Duplicate { name: "a".into() }),
    ] {
        let error = Params::parse(query).unwrap_err();
        assert_eq!(error, expected);
        assert_eq!(error.code(), "MalformedQueryString");
    }
}

#[test]
fn a_query_is_bounded() {
    let long = vec![b'a'; MAX_BYTES + 1];
    assert_eq!(Params::parse(&long), Err(QueryError::TooLarge { bytes: MAX_BYTES + 1 }));
    assert!(Params::parse(&long[..MAX_BYTES]).is_ok());
    let many = |count: usize| -> String { (0..count).map(|n| format!("p{n}=&")).collect() };
    assert!(Params::parse(many(MAX_PARAMETERS).as_bytes()).is_ok());
    assert_eq!(Params::parse(many(MAX_PARAMETERS + 1).as_bytes()), Err(QueryError::TooMany { most: MAX_PARAMETERS }));
}

proptest! {
    #[test]
    fn no_bytes_make_params_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Params::parse(&bytes);
    }

    #[test]
    fn no_parameters_make_a_request_panic(query in "((Filter|VpcId|DryRun|MaxResults|X)(\\.[0-9]{0,3}|\\.Name|\\.Value){0,3}=[a-z0-9%.]{0,3}&){0,8}") {
        if let Ok(params) = Params::parse(query.as_bytes()) {
            let _ = Request::parse("DescribeVpcs", &params);
        }
    }

    #[test]
    fn any_text_is_read_back_from_xml(text in any::<String>()) {
        let xml = ec2::error("Code", &text, "req-1");
        prop_assert!(xml.chars().all(is_xml_char));
        let message = text_of(&xml, "Message");
        let representable: String = text
            .chars()
            .map(|c| match c {
                _ if is_xml_char(c) => c,
                _ => '\u{fffd}',
            })
            .collect();
        prop_assert_eq!(message, representable);
    }
}

/// `Char` of XML 1.0, section 2.2.
fn is_xml_char(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        _ => character >= ' ',
    }
}

/// The text of the first element of this name.
fn text_of(xml: &str, name: &str) -> String {
    let (_, after) = xml.split_once(&format!("<{name}>")).unwrap();
    let (text, _) = after.split_once(&format!("</{name}>")).unwrap();
    quick_xml::escape::unescape(text).unwrap().into_owned()
}
