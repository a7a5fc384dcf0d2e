//! Subscription filters, destinations and resource policies, which are kept.

use super::*;

const LAMBDA: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
const STREAM: &str = "arn:aws:kinesis:us-east-1:111122223333:stream/s";
const ROLE: &str = "arn:aws:iam::111122223333:role/r";

fn filter(name: &str, more: &Value) -> Value {
    with(&json!({"logGroupName": "g", "filterName": name, "filterPattern": "x", "destinationArn": LAMBDA}), more)
}

#[test]
fn a_group_has_two_subscription_filters() {
    let world = World::new();
    world.group("g");
    world.ok("PutSubscriptionFilter", &filter("b", &json!({"distribution": "Random"})));
    world.ok("PutSubscriptionFilter", &filter("a", &json!({"destinationArn": STREAM, "roleArn": ROLE})));
    let limit = refusal("LimitExceededException", "Resource limit exceeded.");
    assert_eq!(world.refused("PutSubscriptionFilter", &filter("c", &json!({}))), limit);
    world.ok("PutSubscriptionFilter", &filter("b", &json!({"filterPattern": "y"})));
    let world = world.reopened();
    let expected = json!({"subscriptionFilters": [
        {"filterName": "a", "logGroupName": "g", "creationTime": world.now, "applyOnTransformedLogs": false,
         "filterPattern": "x", "destinationArn": STREAM, "roleArn": ROLE, "distribution": "ByLogStream"},
        {"filterName": "b", "logGroupName": "g", "creationTime": world.now, "applyOnTransformedLogs": false,
         "filterPattern": "y", "destinationArn": LAMBDA, "distribution": "ByLogStream"},
    ]});
    assert_eq!(world.ok("DescribeSubscriptionFilters", &json!({"logGroupName": "g"})), expected);
    let page = world.ok("DescribeSubscriptionFilters", &json!({"logGroupName": "g", "limit": 1}));
    let next = json!({"logGroupName": "g", "limit": 1, "nextToken": page["nextToken"]});
    assert_eq!(each(&world.ok("DescribeSubscriptionFilters", &next)["subscriptionFilters"], "filterName"), ["b"]);
    world.ok("DeleteSubscriptionFilter", &json!({"logGroupName": "g", "filterName": "a"}));
    let none = refusal("ResourceNotFoundException", "The specified subscription filter does not exist.");
    assert_eq!(world.refused("DeleteSubscriptionFilter", &json!({"logGroupName": "g", "filterName": "a"})), none);
    for wrong in [
        json!({"destinationArn": STREAM}),
        json!({"roleArn": ROLE}),
        json!({"destinationArn": "arn:aws:s3:::b"}),
        json!({"destinationArn": "x"}),
        json!({"distribution": "Other"}),
        json!({"filterPattern": "{"}),
        json!({"destinationArn": STREAM, "roleArn": "x"}),
    ] {
        assert_eq!(world.code("PutSubscriptionFilter", &filter("x", &wrong)), "InvalidParameterException", "{wrong}");
    }
}

#[test]
fn a_destination_lets_in_whom_its_policy_names() {
    let world = World::new();
    let put = json!({"destinationName": "d", "targetArn": STREAM, "roleArn": ROLE, "tags": {"a": "b"}});
    let arn = format!("arn:aws:logs:us-east-1:{OWNER}:destination:d");
    let shown = json!({
        "destinationName": "d", "targetArn": STREAM, "roleArn": ROLE, "arn": arn, "creationTime": world.now,
    });
    assert_eq!(world.ok("PutDestination", &put), json!({"destination": shown}));
    assert_eq!(world.ok("ListTagsForResource", &json!({"resourceArn": arn})), json!({"tags": {"a": "b"}}));
    assert_eq!(world.call(STRANGER, "CreateLogGroup", &json!({"logGroupName": "g"})).0, 200);
    let subscribe = filter("f", &json!({"destinationArn": arn}));
    assert_eq!(error(&world.call(STRANGER, "PutSubscriptionFilter", &subscribe)).0, "AccessDeniedException");
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": STRANGER},
        "Action": "logs:PutSubscriptionFilter", "Resource": arn}});
    let policy = json!({"destinationName": "d", "accessPolicy": policy.to_string()});
    world.ok("PutDestinationPolicy", &policy);
    assert_eq!(world.call(STRANGER, "PutSubscriptionFilter", &subscribe), (200, json!({})));
    let lost = filter("g", &json!({"destinationArn": format!("{arn}x")}));
    assert_eq!(error(&world.call(STRANGER, "PutSubscriptionFilter", &lost)).0, "ResourceNotFoundException");
    // What is put again keeps its policy.
    world.ok("PutDestination", &with(&put, &json!({"targetArn": format!("{STREAM}2")})));
    let found = world.ok("DescribeDestinations", &json!({"DestinationNamePrefix": "d"}));
    assert_eq!(found["destinations"][0]["accessPolicy"], policy["accessPolicy"]);
    assert_eq!(found["destinations"][0]["targetArn"], format!("{STREAM}2"));
    world.ok("PutDestination", &with(&put, &json!({"destinationName": "e"})));
    let page = world.ok("DescribeDestinations", &json!({"limit": 1}));
    let next = world.ok("DescribeDestinations", &json!({"limit": 1, "nextToken": page["nextToken"]}));
    assert_eq!(
        (each(&page["destinations"], "destinationName"), each(&next["destinations"], "destinationName")),
        (vec!["d".into()], vec!["e".into()])
    );
    for (operation, wrong) in [
        ("PutDestination", json!({"destinationName": "a:b", "targetArn": STREAM, "roleArn": ROLE})),
        ("PutDestination", json!({"destinationName": "a", "targetArn": LAMBDA, "roleArn": ROLE})),
        ("PutDestination", json!({"destinationName": "a", "targetArn": STREAM, "roleArn": "x"})),
        ("PutDestinationPolicy", json!({"destinationName": "d", "accessPolicy": "{"})),
    ] {
        assert_eq!(world.code(operation, &wrong), "InvalidParameterException", "{wrong}");
    }
    world.ok("DeleteDestination", &json!({"destinationName": "d"}));
    assert_eq!(world.code("DeleteDestination", &json!({"destinationName": "d"})), "ResourceNotFoundException");
}

#[test]
fn resource_policies_are_of_the_account_or_of_a_group() {
    let world = World::new();
    world.group("g");
    let arn = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:g");
    let document = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Service": "route53.amazonaws.com"}, "Action": "logs:PutLogEvents",
        "Resource": format!("{arn}:*")}})
    .to_string();
    let put = |name: &str| json!({"policyName": name, "policyDocument": document});
    let answer = world.ok("PutResourcePolicy", &put("p0"));
    let expected = json!({"resourcePolicy": {
        "policyName": "p0", "policyDocument": document, "lastUpdatedTime": world.now, "policyScope": "ACCOUNT",
    }});
    assert_eq!(answer, expected);
    for n in 1..10 {
        world.ok("PutResourcePolicy", &put(&format!("p{n}")));
    }
    assert_eq!(world.code("PutResourcePolicy", &put("p10")), "LimitExceededException");
    world.ok("PutResourcePolicy", &put("p9"));
    let of_group = with(&put("x"), &json!({"resourceArn": arn}));
    let answer = world.ok("PutResourcePolicy", &of_group);
    let revision = answer["revisionId"].clone();
    assert_eq!((answer["resourcePolicy"]["policyScope"].clone(), revision.is_string()), (json!("RESOURCE"), true));
    assert_eq!(world.code("PutResourcePolicy", &of_group), "OperationAbortedException");
    let again = with(&of_group, &json!({"expectedRevisionId": revision}));
    let newer = world.ok("PutResourcePolicy", &again)["revisionId"].clone();
    assert_ne!(newer, revision);
    let found = world.ok("DescribeResourcePolicies", &json!({"resourceArn": arn}));
    assert_eq!(found["resourcePolicies"][0]["revisionId"], newer);
    assert_eq!(world.ok("DescribeResourcePolicies", &json!({}))["resourcePolicies"].as_array().unwrap().len(), 10);
    world.ok("DeleteResourcePolicy", &json!({"policyName": "p3"}));
    assert_eq!(world.code("DeleteResourcePolicy", &json!({"policyName": "p3"})), "ResourceNotFoundException");
    assert_eq!(world.code("DeleteResourcePolicy", &json!({"resourceArn": arn})), "OperationAbortedException");
    world.ok("DeleteResourcePolicy", &json!({"resourceArn": arn, "expectedRevisionId": newer}));
    for wrong in [
        json!({"policyName": "p", "policyDocument": "{"}),
        json!({"policyName": "p"}),
        json!({"policyDocument": document}),
    ] {
        assert_eq!(world.code("PutResourcePolicy", &wrong), "InvalidParameterException", "{wrong}");
    }
}
