//! Flow logs over the API.

use sidegate_model::DeliveryError;

use super::super::tests::{Answer, Api, Network};

const ROLE: &str = "arn:aws:iam::123456789012:role/flow-logs";

const DEFAULT_FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} \
                              ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

type Parameters<'p> = Vec<(&'p str, &'p str)>;

/// Parameters of CreateFlowLogs for a VPC, which further ones take the place of; without those that are empty.
fn asked<'p>(base: &[(&'p str, &'p str)], more: &[(&'p str, &'p str)]) -> Parameters<'p> {
    let mut all: Parameters<'p> = base.to_vec();
    for (name, value) in more {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    all.retain(|(_, value)| !value.is_empty());
    all
}

fn to_logs<'p>(vpc: &'p str, more: &[(&'p str, &'p str)]) -> Parameters<'p> {
    let base = [
        ("ResourceType", "VPC"),
        ("ResourceId.1", vpc),
        ("TrafficType", "ALL"),
        ("LogGroupName", "records"),
        ("DeliverLogsPermissionArn", ROLE),
    ];
    asked(&base, more)
}

fn to_s3<'p>(vpc: &'p str, more: &[(&'p str, &'p str)]) -> Parameters<'p> {
    let base = [
        ("ResourceType", "VPC"),
        ("ResourceId.1", vpc),
        ("TrafficType", "ALL"),
        ("LogDestinationType", "s3"),
        ("LogDestination", "arn:aws:s3:::records"),
    ];
    asked(&base, more)
}

fn site() -> (Api, Network) {
    let api = Api::new();
    let network = api.network();
    (api, network)
}

/// The ids of what a call made.
fn ids(answer: &Answer) -> Vec<String> {
    let set = answer.text("flowLogIdSet");
    set.split("<item>").skip(1).filter_map(|item| item.split_once("</item>")).map(|(id, _)| id.to_owned()).collect()
}

fn made(api: &Api, parameters: &[(&str, &str)]) -> String {
    let answer = api.ok("CreateFlowLogs", parameters);
    assert!(answer.xml.contains("<unsuccessful/>"), "{}", answer.xml);
    let [id] = ids(&answer).try_into().unwrap();
    id
}

fn invalid(message: &str) -> (String, String) {
    ("InvalidParameter".to_owned(), message.to_owned())
}

#[test]
fn a_flow_log_to_a_log_group_shows_what_it_was_made_with() {
    let (api, network) = site();
    let id = made(&api, &to_logs(&network.vpc, &[]));
    assert!(id.starts_with("fl-") && id.len() == 20, "{id}");
    let shown = api.ok("DescribeFlowLogs", &[]);
    for (element, value) in [
        ("flowLogId", &*id),
        ("flowLogStatus", "ACTIVE"),
        ("deliverLogsStatus", "SUCCESS"),
        ("deliverLogsPermissionArn", ROLE),
        ("logGroupName", "records"),
        ("logDestinationType", "cloud-watch-logs"),
        ("resourceId", &network.vpc),
        ("trafficType", "ALL"),
        ("maxAggregationInterval", "600"),
        ("logFormat", DEFAULT_FORMAT),
    ] {
        assert_eq!(shown.text(element), value, "{element}");
    }
    let created = api.world().flow_logs.iter().next().unwrap().created;
    let seconds = crate::clock::rfc3339(created).unwrap();
    assert_eq!(shown.text("creationTime").get(..19), seconds.get(..19));
    // Who names the group gets no ARN of it, and nothing of S3.
    for absent in ["logDestination>", "destinationOptions", "deliverLogsErrorMessage", "deliverCrossAccountRole"] {
        assert!(!shown.xml.contains(&format!("<{absent}")), "{absent}: {}", shown.xml);
    }
}

#[test]
fn a_log_group_may_be_named_by_its_arn_and_be_another_accounts() {
    let (api, network) = site();
    let group = "arn:aws:logs:us-east-1:444455556666:log-group:/vpc/records:*";
    let role = "arn:aws:iam::444455556666:role/take-in";
    let by_arn = [("LogGroupName", ""), ("LogDestination", group), ("DeliverCrossAccountRole", role)];
    made(&api, &to_logs(&network.vpc, &by_arn));
    let shown = api.ok("DescribeFlowLogs", &[]);
    assert_eq!(
        (shown.text("logDestination"), shown.text("logGroupName")),
        (group.to_owned(), "/vpc/records".to_owned())
    );
    assert_eq!(shown.text("deliverCrossAccountRole"), role);
}

#[test]
fn a_flow_log_to_a_bucket_shows_what_it_was_made_with() {
    let (api, network) = site();
    let format = "${vpc-id} ${pkt-srcaddr} ${traffic-path} ${encryption-status}";
    let more = [
        ("ResourceType", "Subnet"),
        ("ResourceId.1", &*network.subnets[0]),
        ("TrafficType", "REJECT"),
        ("LogDestination", "arn:aws:s3:::records/folder/"),
        ("LogFormat", format),
        ("MaxAggregationInterval", "60"),
        ("DestinationOptions.FileFormat", "plain-text"),
        ("DestinationOptions.HiveCompatiblePartitions", "true"),
        ("DestinationOptions.PerHourPartition", "false"),
    ];
    made(&api, &to_s3(&network.vpc, &more));
    let shown = api.ok("DescribeFlowLogs", &[]);
    for (element, value) in [
        ("logDestinationType", "s3"),
        ("logDestination", "arn:aws:s3:::records/folder/"),
        ("resourceId", &*network.subnets[0]),
        ("trafficType", "REJECT"),
        ("maxAggregationInterval", "60"),
        ("logFormat", format),
        ("fileFormat", "plain-text"),
        ("hiveCompatiblePartitions", "true"),
        ("perHourPartition", "false"),
    ] {
        assert_eq!(shown.text(element), value, "{element}");
    }
    assert!(!shown.xml.contains("logGroupName") && !shown.xml.contains("deliverLogsPermissionArn"), "{}", shown.xml);
}

#[test]
fn each_resource_of_a_call_gets_a_flow_log_and_those_that_cannot_have_one_are_told() {
    let (api, network) = site();
    let [a, b, _] = &network.subnets;
    let subnets = [("ResourceType", "Subnet"), ("ResourceId.1", &**a), ("ResourceId.2", &**b)];
    assert_eq!(ids(&api.ok("CreateFlowLogs", &to_s3(&network.vpc, &subnets))).len(), 2);
    let more = [&subnets[..2], &[("ResourceId.2", "subnet-0a"), ("ResourceId.3", &*network.subnets[2])]].concat();
    let partly = api.ok("CreateFlowLogs", &to_s3(&network.vpc, &more));
    assert_eq!(ids(&partly).len(), 1);
    assert_eq!(partly.texts("resourceId"), [&**a, "subnet-0a"]);
    assert_eq!(partly.texts("code"), ["FlowLogAlreadyExists", "InvalidSubnetID.NotFound"]);
    assert_eq!(
        partly.texts("message"),
        [
            "Error. There is an existing Flow Log with the same configuration and log destination.",
            "The subnet ID 'subnet-0a' does not exist"
        ]
    );
    assert_eq!(api.world().flow_logs.len(), 3);
}

#[test]
fn a_call_that_makes_nothing_is_refused_for_the_reason_of_its_first_resource() {
    let (api, network) = site();
    made(&api, &to_logs(&network.vpc, &[]));
    let refused = |more: &[(&str, &str)]| api.refused("CreateFlowLogs", &to_logs(&network.vpc, more));
    let exists = "Error. There is an existing Flow Log with the same configuration and log destination.";
    assert_eq!(refused(&[]), ("FlowLogAlreadyExists".to_owned(), exists.to_owned()));
    let unknown = [("ResourceId.1", "vpc-0a"), ("ResourceId.2", "vpc-0b")];
    let missing = ("InvalidVpcID.NotFound".to_owned(), "The vpc ID 'vpc-0a' does not exist".to_owned());
    assert_eq!(refused(&unknown), missing);
    assert_eq!(refused(&[("ResourceId.1", &network.subnets[0])]).0, "InvalidVpcID.Malformed");
    assert_eq!(api.world().flow_logs.len(), 1);
}

#[test]
fn a_destination_wants_its_own_parameters_and_no_others() {
    let (api, network) = site();
    let logs = |more: &[(&str, &str)]| api.refused("CreateFlowLogs", &to_logs(&network.vpc, more));
    let s3 = |more: &[(&str, &str)]| api.refused("CreateFlowLogs", &to_s3(&network.vpc, more));
    let empty = "LogDestination can't be empty if LogGroupName is not provided.";
    let no_role = "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.";
    let of_logs = "LogDestination type must be cloud-watch-logs if LogGroupName is provided.";
    let both = "Please only provide LogGroupName or only provide LogDestination.";
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:records";
    assert_eq!(logs(&[("LogGroupName", "")]), invalid(empty));
    assert_eq!(s3(&[("LogDestination", "")]), invalid(empty));
    assert_eq!(logs(&[("DeliverLogsPermissionArn", "")]), invalid(no_role));
    assert_eq!(logs(&[("DeliverLogsPermissionArn", ""), ("LogDestinationType", "cloud-watch-logs")]), invalid(no_role));
    assert_eq!(logs(&[("LogDestinationType", "s3")]), invalid(of_logs));
    assert_eq!(logs(&[("LogDestination", group)]), invalid(both));
    let role = ("DeliverLogsPermissionArn", ROLE);
    assert_eq!(s3(&[role]), invalid("DeliverLogsPermissionArn is not applicable for s3 delivery"));
    let role = ("DeliverCrossAccountRole", ROLE);
    assert_eq!(s3(&[role]), invalid("DeliverCrossAccountRole is not applicable for s3 delivery"));
    let options = ("DestinationOptions.PerHourPartition", "true");
    assert_eq!(logs(&[options]), invalid("DestinationOptions is not applicable for cloud-watch-logs delivery"));
    assert!(api.world().flow_logs.is_empty());
}

#[test]
fn values_that_nothing_can_have_are_refused() {
    let (api, network) = site();
    let logs = |more: &[(&str, &str)]| api.refused("CreateFlowLogs", &to_logs(&network.vpc, more));
    let s3 = |more: &[(&str, &str)]| api.refused("CreateFlowLogs", &to_s3(&network.vpc, more));
    for bad in ["0", "30", "61", "3600", "-60"] {
        let message = "Invalid Flow Log Max Aggregation Interval";
        assert_eq!(logs(&[("MaxAggregationInterval", bad)]), invalid(message), "{bad}");
    }
    let shape = |value: &str, parameter: &str| {
        let message = format!("1 validation error detected: Value '{value}' at '{parameter}' has an invalid format");
        ("InvalidParameterValue".to_owned(), message)
    };
    for bad in ["${colour}", "${version} ", "version"] {
        assert_eq!(logs(&[("LogFormat", bad)]), shape(bad, "logFormat"));
    }
    assert_eq!(logs(&[("LogGroupName", "a b")]), shape("a b", "logGroupName"));
    assert_eq!(logs(&[("DeliverLogsPermissionArn", "role")]), shape("role", "deliverLogsPermissionArn"));
    assert_eq!(logs(&[("DeliverCrossAccountRole", "role")]), shape("role", "deliverCrossAccountRole"));
    assert_eq!(s3(&[("LogDestination", "records")]), shape("records", "logDestination"));
    let elsewhere = "arn:aws:logs:us-west-2:123456789012:log-group:records";
    assert_eq!(logs(&[("LogGroupName", ""), ("LogDestination", elsewhere)]), shape(elsewhere, "logDestination"));
    for folder in ["AWSLogs", "AWSLogs/", "a/AWSLogs/b", "a/AWSLogs"] {
        let place = format!("arn:aws:s3:::records/{folder}");
        assert_eq!(s3(&[("LogDestination", &place)]).0, "InvalidParameterValue", "{folder}");
    }
    for (name, value) in [("ResourceType", "Router"), ("TrafficType", "SOME"), ("LogDestinationType", "tape")] {
        assert_eq!(s3(&[(name, value)]).0, "InvalidParameterValue", "{name}");
    }
    assert_eq!(s3(&[("DestinationOptions.FileFormat", "csv")]).0, "InvalidParameterValue");
    for name in ["ResourceType", "ResourceId.1", "TrafficType"] {
        assert_eq!(s3(&[(name, "")]).0, "MissingParameter", "{name}");
    }
    let cross = "arn:aws:iam::444455556666:role/flow-logs";
    assert_eq!(logs(&[("DeliverLogsPermissionArn", cross)]), invalid("Cross-account pass role is not allowed."));
    assert!(api.world().flow_logs.is_empty());
}

#[test]
fn a_call_names_at_most_1000_resources_or_flow_logs() {
    let (api, network) = site();
    let named = |prefix: &str, id: &str| -> Vec<(String, String)> {
        (1..=1001).map(|number| (format!("{prefix}.{number}"), format!("{id}-{number:x}"))).collect()
    };
    let resources = named("ResourceId", "vpc");
    let pairs: Vec<(&str, &str)> = resources.iter().map(|(name, id)| (&**name, &**id)).collect();
    assert_eq!(api.refused("CreateFlowLogs", &to_s3(&network.vpc, &pairs)).0, "InvalidParameterValue");
    let logs = named("FlowLogId", "fl");
    let pairs: Vec<(&str, &str)> = logs.iter().map(|(name, id)| (&**name, &**id)).collect();
    assert_eq!(api.refused("DescribeFlowLogs", &pairs).0, "InvalidParameterValue");
    assert_eq!(api.refused("DeleteFlowLogs", &pairs).0, "InvalidParameterValue");
    assert_eq!(api.refused("DeleteFlowLogs", &pairs[..1000]).0, "InvalidFlowLogId.NotFound");
}

#[test]
fn what_sidegate_does_not_have_is_refused_and_says_so() {
    let (api, network) = site();
    let firehose = "arn:aws:firehose:us-east-1:123456789012:deliverystream/records";
    for more in [
        &[("LogDestinationType", "kinesis-data-firehose"), ("LogDestination", firehose)][..],
        &[("DestinationOptions.FileFormat", "parquet")],
        &[("ResourceType", "TransitGateway"), ("ResourceId.1", "tgw-0a"), ("TrafficType", "ALL")],
        &[("ResourceType", "TransitGatewayAttachment"), ("ResourceId.1", "tgw-attach-0a")],
        &[("ResourceType", "RegionalNatGateway"), ("ResourceId.1", "nat-0a")],
    ] {
        let (code, message) = api.refused("CreateFlowLogs", &to_s3(&network.vpc, more));
        assert_eq!(code, "UnsupportedOperation", "{more:?}");
        assert!(message.contains("not supported by Sidegate"), "{message}");
    }
}

#[test]
fn the_same_call_with_the_same_token_makes_nothing_more() {
    let (api, network) = site();
    let [a, b, _] = &network.subnets;
    let subnets =
        [("ResourceType", "Subnet"), ("ResourceId.1", &**a), ("ResourceId.2", &**b), ("ClientToken", "token")];
    let first = api.ok("CreateFlowLogs", &to_s3(&network.vpc, &subnets));
    let again = api.ok("CreateFlowLogs", &to_s3(&network.vpc, &subnets));
    assert_eq!((ids(&first), again.text("clientToken")), (ids(&again), "token".to_owned()));
    let other = [&subnets[..], &[("TrafficType", "REJECT")]].concat();
    assert_eq!(api.refused("CreateFlowLogs", &to_s3(&network.vpc, &other)).0, "IdempotentParameterMismatch");
    assert_eq!(api.world().flow_logs.len(), 2);
    let partly = [
        ("ResourceType", "Subnet"),
        ("ResourceId.1", &*network.subnets[2]),
        ("ResourceId.2", "subnet-0a"),
        ("ClientToken", "other"),
    ];
    let first = api.ok("CreateFlowLogs", &to_s3(&network.vpc, &partly));
    let again = api.ok("CreateFlowLogs", &to_s3(&network.vpc, &partly));
    assert_eq!((ids(&first).len(), first.texts("code")), (1, vec!["InvalidSubnetID.NotFound".to_owned()]));
    assert_eq!(first.xml, again.xml);
}

#[test]
fn a_dry_run_makes_nothing() {
    let (api, network) = site();
    let code = |action, parameters: &[(&str, &str)]| api.refused(action, parameters).0;
    assert_eq!(code("CreateFlowLogs", &to_logs(&network.vpc, &[("DryRun", "true")])), "DryRunOperation");
    let id = made(&api, &to_logs(&network.vpc, &[]));
    assert_eq!(code("DeleteFlowLogs", &[("FlowLogId.1", &id), ("DryRun", "true")]), "DryRunOperation");
    assert_eq!(code("DescribeFlowLogs", &[("DryRun", "true")]), "DryRunOperation");
    assert_eq!(api.world().flow_logs.len(), 1);
}

#[test]
fn flow_logs_have_tags_from_the_start_and_later_on() {
    let (api, network) = site();
    let tags = [
        ("TagSpecification.1.ResourceType", "vpc-flow-log"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "records"),
    ];
    let id = made(&api, &to_logs(&network.vpc, &tags));
    api.ok("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Team"), ("Tag.1.Value", "networks")]);
    let shown = api.ok("DescribeFlowLogs", &[("FlowLogId.1", &id)]);
    assert_eq!(
        (shown.texts("key"), shown.texts("value")),
        (vec!["Name".to_owned(), "Team".to_owned()], vec!["records".to_owned(), "networks".to_owned()])
    );
    let of_type = [("Filter.1.Name", "resource-type"), ("Filter.1.Value.1", "vpc-flow-log")];
    assert_eq!(api.ok("DescribeTags", &of_type).texts("resourceId"), [&*id, &*id]);
    let wrong = [("TagSpecification.1.ResourceType", "vpc"), tags[1], tags[2]];
    let more = asked(&wrong, &[("TrafficType", "REJECT")]);
    assert_eq!(api.refused("CreateFlowLogs", &to_logs(&network.vpc, &more)).0, "InvalidParameterValue");
    api.ok("DeleteFlowLogs", &[("FlowLogId.1", &id)]);
    assert!(api.ok("DescribeTags", &of_type).texts("resourceId").is_empty());
}

#[test]
fn flow_logs_are_found_by_filters() {
    let (api, network) = site();
    let tag = [
        ("TagSpecification.1.ResourceType", "vpc-flow-log"),
        ("TagSpecification.1.Tag.1.Key", "Team"),
        ("TagSpecification.1.Tag.1.Value", "networks"),
    ];
    let logs = made(&api, &to_logs(&network.vpc, &tag));
    let subnet = [("ResourceType", "Subnet"), ("ResourceId.1", &*network.subnets[0]), ("TrafficType", "REJECT")];
    let s3 = made(&api, &to_s3(&network.vpc, &subnet));
    api.deliveries.note(&s3.parse().unwrap(), Err(DeliveryError::Access), || true);
    let found = |name: &str, value: &str| {
        let answer = api.ok("DescribeFlowLogs", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]);
        answer.texts("flowLogId")
    };
    for (name, value, expected) in [
        ("deliver-log-status", "SUCCESS", &logs),
        ("deliver-log-status", "FAILED", &s3),
        ("flow-log-id", &*logs, &logs),
        ("log-destination-type", "cloud-watch-logs", &logs),
        ("log-destination-type", "s3", &s3),
        ("log-group-name", "rec*", &logs),
        ("resource-id", &network.vpc, &logs),
        ("resource-id", &network.subnets[0], &s3),
        ("traffic-type", "REJECT", &s3),
        ("tag:Team", "networks", &logs),
        ("tag-key", "Team", &logs),
    ] {
        assert_eq!(found(name, value), [&**expected], "{name} {value}");
    }
    assert!(found("resource-id", "vpc-0a").is_empty());
    let unknown = [("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")];
    assert_eq!(api.refused("DescribeFlowLogs", &unknown).0, "InvalidParameterValue");
}

#[test]
fn flow_logs_are_shown_in_pages_and_an_id_that_names_nothing_shows_nothing() {
    let (api, network) = site();
    let places = [1, 2, 3].map(|number| format!("arn:aws:s3:::records-{number}"));
    let mut all = places.map(|place| made(&api, &to_s3(&network.vpc, &[("LogDestination", &place)])));
    all.sort();
    let first = api.ok("DescribeFlowLogs", &[("MaxResults", "2")]);
    let token = first.text("nextToken");
    let second = api.ok("DescribeFlowLogs", &[("MaxResults", "2"), ("NextToken", &token)]);
    assert_eq!([first.texts("flowLogId"), second.texts("flowLogId")].concat(), all);
    assert_eq!(second.text("nextToken"), "");
    let named = api.ok("DescribeFlowLogs", &[("FlowLogId.1", &all[1]), ("FlowLogId.2", "fl-0a")]);
    assert_eq!(named.texts("flowLogId"), [&*all[1]]);
    assert_eq!(api.refused("DescribeFlowLogs", &[("FlowLogId.1", "vpc-0a")]).0, "InvalidParameterValue");
}

#[test]
fn a_delivery_that_failed_is_told_until_one_succeeds() {
    let (api, network) = site();
    let id = made(&api, &to_logs(&network.vpc, &[]));
    for (error, words) in [
        (DeliveryError::Access, "Access error"),
        (DeliveryError::RateLimited, "Rate limited"),
        (DeliveryError::Unknown, "Unknown error"),
    ] {
        api.deliveries.note(&id.parse().unwrap(), Err(error), || true);
        let shown = api.ok("DescribeFlowLogs", &[]);
        assert_eq!(
            (shown.text("deliverLogsStatus"), shown.text("deliverLogsErrorMessage")),
            ("FAILED".to_owned(), words.to_owned())
        );
    }
    api.deliveries.note(&id.parse().unwrap(), Ok(()), || true);
    assert_eq!(api.ok("DescribeFlowLogs", &[]).text("deliverLogsStatus"), "SUCCESS");
    api.deliveries.note(&id.parse().unwrap(), Err(DeliveryError::Access), || true);
    api.ok("DeleteFlowLogs", &[("FlowLogId.1", &id)]);
    assert_eq!(api.deliveries.failure(&id.parse().unwrap()), None);
}

#[test]
fn deleting_takes_all_flow_logs_that_are_named_or_none() {
    let (api, network) = site();
    let id = made(&api, &to_logs(&network.vpc, &[]));
    let refused = api.refused("DeleteFlowLogs", &[("FlowLogId.1", &id), ("FlowLogId.2", "fl-0a")]);
    let message = "These flow log ids in the input list are not found: [TotalCount: 1] fl-0a";
    assert_eq!(refused, ("InvalidFlowLogId.NotFound".to_owned(), message.to_owned()));
    assert_eq!(api.refused("DeleteFlowLogs", &[]).0, "MissingParameter");
    assert_eq!(api.ok("DescribeFlowLogs", &[]).texts("flowLogId"), [&*id]);
    assert!(api.ok("DeleteFlowLogs", &[("FlowLogId.1", &id)]).xml.contains("<unsuccessful/>"));
    assert!(api.ok("DescribeFlowLogs", &[]).texts("flowLogId").is_empty());
    made(&api, &to_logs(&network.vpc, &[]));
}

#[test]
fn another_account_sees_and_deletes_none() {
    let (mut api, network) = site();
    let id = made(&api, &to_logs(&network.vpc, &[]));
    api.switch_account("210987654321");
    assert!(api.ok("DescribeFlowLogs", &[]).texts("flowLogId").is_empty());
    assert_eq!(api.refused("DeleteFlowLogs", &[("FlowLogId.1", &id)]).0, "InvalidFlowLogId.NotFound");
    let role = ("DeliverLogsPermissionArn", "arn:aws:iam::210987654321:role/flow-logs");
    assert_eq!(api.refused("CreateFlowLogs", &to_logs(&network.vpc, &[role])).0, "InvalidVpcID.NotFound");
}
