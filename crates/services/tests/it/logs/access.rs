//! Who may do what with log groups, and how that is asked.

use super::*;

fn user(account: &str) -> String {
    format!("arn:aws:iam::{account}:user/caller")
}

/// What an operation asks for, as actions on resources.
fn asked(world: &World, operation: &str, document: &Value) -> Vec<String> {
    let (_, asked) = world.call_as(&user(OWNER), &all("*"), operation, &document.to_string());
    asked.iter().map(|requirement| format!("{} {}", requirement.action, requirement.resource)).collect()
}

#[test]
fn every_operation_asks_for_its_action_on_its_resource() {
    let world = World::new();
    world.group("g");
    let base = format!("arn:aws:logs:us-east-1:{OWNER}");
    let group = format!("{base}:log-group:g");
    let event = json!([{"timestamp": world.now, "message": "m"}]);
    let on_group = json!({"logGroupName": "g"});
    let on_stream = json!({"logGroupName": "g", "logStreamName": "s"});
    let transformation = json!([{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]);
    let filter =
        json!({"logGroupName": "g", "filterName": "f", "filterPattern": "", "metricTransformations": transformation});
    let cases = [
        ("PutLogEvents", with(&on_stream, &json!({"logEvents": event})), format!("{group}:log-stream:s")),
        ("GetLogEvents", on_stream.clone(), format!("{group}:log-stream:s")),
        ("CreateLogStream", json!({"logGroupName": "g", "logStreamName": "t"}), format!("{group}:log-stream:t")),
        ("DeleteLogStream", json!({"logGroupName": "g", "logStreamName": "t"}), format!("{group}:log-stream:t")),
        ("FilterLogEvents", on_group.clone(), format!("{group}:log-stream:")),
        ("DescribeLogStreams", on_group.clone(), format!("{group}:log-stream:")),
        ("DescribeLogGroups", json!({"logGroupNamePrefix": "g"}), format!("{base}:log-group::log-stream:")),
        ("ListLogGroups", json!({}), format!("{base}:log-group::log-stream:")),
        ("PutRetentionPolicy", with(&on_group, &json!({"retentionInDays": 1})), format!("{group}:log-stream:")),
        ("DeleteRetentionPolicy", on_group.clone(), format!("{group}:log-stream:")),
        ("PutMetricFilter", filter, format!("{group}:log-stream:")),
        ("DescribeMetricFilters", json!({}), format!("{base}:log-group::log-stream:")),
        ("DescribeSubscriptionFilters", on_group.clone(), format!("{group}:log-stream:")),
        ("ListTagsForResource", json!({"resourceArn": group}), group.clone()),
        ("ListTagsLogGroup", on_group.clone(), group.clone()),
        ("TagResource", json!({"resourceArn": group, "tags": {"a": "b"}}), group.clone()),
        ("DisassociateKmsKey", on_group.clone(), format!("{group}:log-stream:")),
        ("TestMetricFilter", json!({"filterPattern": "", "logEventMessages": ["m"]}), "*".to_owned()),
        ("DescribeResourcePolicies", json!({}), "*".to_owned()),
        ("DescribeDestinations", json!({}), format!("{base}:destination:*")),
        ("DeleteLogGroup", on_group, format!("{group}:log-stream:")),
    ];
    for (operation, document, resource) in cases {
        assert_eq!(asked(&world, operation, &document), [format!("logs:{operation} {resource}")]);
    }
}

#[test]
fn a_denial_names_what_was_asked_for_and_changes_nothing() {
    let world = World::new();
    world.group("g");
    let group = format!("arn:aws:logs:us-east-1:{OWNER}:log-group");
    let may = |resource: &str, operation: &str, document: &Value| {
        let statement = json!({"Effect": "Allow", "Action": "logs:*", "Resource": resource});
        world.call_as(&user(OWNER), &statement, operation, &document.to_string()).0
    };
    let put =
        json!({"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": world.now, "message": "m"}]});
    assert_eq!(may(&format!("{group}:g:*"), "PutLogEvents", &put).0, 200);
    assert_eq!(may(&format!("{group}:g:log-stream:s"), "PutLogEvents", &put).0, 200);
    let denied = may(&format!("{group}:g:log-stream:t"), "PutLogEvents", &put);
    let message = format!(
        "User: {} is not authorized to perform: logs:PutLogEvents on resource: {group}:g:log-stream:s because no \
         identity-based policy allows the logs:PutLogEvents action",
        user(OWNER)
    );
    assert_eq!((denied.0, error(&denied)), (400, refusal("AccessDeniedException", &message)));
    assert_eq!(world.messages("g"), ["m", "m"], "those of the calls that were allowed");
    // The ARN without an asterisk is that of the tags alone.
    let bare = format!("{group}:g");
    assert_eq!(may(&bare, "FilterLogEvents", &json!({"logGroupName": "g"})).0, 400);
    assert_eq!(may(&bare, "ListTagsLogGroup", &json!({"logGroupName": "g"})).0, 200);
    assert_eq!(may(&format!("{group}:*"), "DescribeLogGroups", &json!({})).0, 200);
    assert_eq!(may(&format!("{group}:g:*"), "DescribeLogGroups", &json!({})).0, 400);
}

#[test]
fn tags_of_the_resource_and_of_the_request_are_condition_keys() {
    let world = World::new();
    world.ok("CreateLogGroup", &json!({"logGroupName": "g", "tags": {"team": "red"}}));
    let may = |condition: Value, operation: &str, document: &Value| {
        let statement = json!({"Effect": "Allow", "Action": "logs:*", "Resource": "*", "Condition": condition});
        world.call_as(&user(OWNER), &statement, operation, &document.to_string()).0
    };
    let stream = json!({"logGroupName": "g", "logStreamName": "s"});
    let team = |name: &str| json!({"StringEquals": {"aws:ResourceTag/team": name}});
    assert_eq!(may(team("blue"), "CreateLogStream", &stream).0, 400);
    assert_eq!(may(team("red"), "CreateLogStream", &stream).0, 200);
    let tagged = json!({"logGroupName": "h", "tags": {"team": "red"}});
    let given = |name: &str| json!({"StringEquals": {"aws:RequestTag/team": name}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}});
    assert_eq!(may(given("blue"), "CreateLogGroup", &tagged).0, 400);
    assert_eq!(may(given("red"), "CreateLogGroup", &tagged).0, 200);
    let untag = json!({"logGroupName": "g", "tags": ["team"]});
    assert_eq!(may(json!({"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}), "UntagLogGroup", &untag).0, 200);
    // Who may make a group but not tag it is told so in words of its own.
    let statement = json!({"Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": "*"});
    let document = json!({"logGroupName": "i", "tags": {"a": "b"}}).to_string();
    let (denied, _) = world.call_as(&user(OWNER), &statement, "CreateLogGroup", &document);
    let message = format!("User with accountId: {OWNER} is not authorized to perform CreateLogGroup with Tags");
    assert_eq!(error(&denied), refusal("AccessDeniedException", &message));
    // Who may not tag a group that is there is told so as ever.
    let group = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:g");
    let document = json!({"resourceArn": group, "tags": {"a": "b"}}).to_string();
    let (denied, _) = world.call_as(&user(OWNER), &statement, "TagResource", &document);
    let message = format!(
        "User: {} is not authorized to perform: logs:TagResource on resource: {group} because no identity-based policy \
         allows the logs:TagResource action",
        user(OWNER)
    );
    assert_eq!(error(&denied), refusal("AccessDeniedException", &message));
}

#[test]
fn a_group_of_another_account_is_not_read_by_its_arn() {
    let world = World::new();
    world.group("g");
    world.put("g", "s", &[(0, "secret")]);
    let arn = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:g");
    for (operation, document) in [
        ("FilterLogEvents", json!({"logGroupIdentifier": arn})),
        ("GetLogEvents", json!({"logGroupIdentifier": arn, "logStreamName": "s"})),
        ("DescribeLogStreams", json!({"logGroupIdentifier": arn})),
        ("TagResource", json!({"resourceArn": arn, "tags": {"a": "b"}})),
        ("PutLogGroupDeletionProtection", json!({"logGroupIdentifier": arn, "deletionProtectionEnabled": true})),
    ] {
        let answer = world.call(STRANGER, operation, &document);
        assert_eq!((answer.0, error(&answer).0.as_str()), (400, "AccessDeniedException"), "{operation}");
    }
    assert_eq!(
        error(&world.call(STRANGER, "FilterLogEvents", &json!({"logGroupName": "g"}))).0,
        "ResourceNotFoundException"
    );
}
