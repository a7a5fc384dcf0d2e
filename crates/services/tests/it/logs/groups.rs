//! Log groups: making, showing, keeping and deleting them, and their tags.

use super::*;

fn named(name: &str) -> Value {
    json!({"logGroupName": name})
}

#[test]
fn a_group_is_made_once_shown_and_deleted() {
    let world = World::new();
    world.ok("CreateLogGroup", &json!({"logGroupName": "/aws/lambda/f", "tags": {"a": "b"}}));
    let exists = refusal("ResourceAlreadyExistsException", "The specified log group already exists");
    assert_eq!(world.refused("CreateLogGroup", &named("/aws/lambda/f")), exists);
    let arn = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:/aws/lambda/f");
    let expected = json!({"logGroups": [{
        "logGroupName": "/aws/lambda/f", "creationTime": world.now, "metricFilterCount": 0, "arn": format!("{arn}:*"),
        "storedBytes": 0, "logGroupClass": "STANDARD", "logGroupArn": arn, "deletionProtectionEnabled": false,
    }]});
    assert_eq!(world.ok("DescribeLogGroups", &json!({})), expected);
    let world = world.reopened();
    assert_eq!(world.ok("DescribeLogGroups", &json!({})), expected);
    assert_eq!(world.call(STRANGER, "DescribeLogGroups", &json!({})).1, json!({"logGroups": []}));
    assert_eq!(world.ok("DeleteLogGroup", &named("/aws/lambda/f")), json!({}));
    let none = refusal("ResourceNotFoundException", "The specified log group does not exist.");
    assert_eq!(world.refused("DeleteLogGroup", &named("/aws/lambda/f")), none);
    assert_eq!(world.ok("DescribeLogGroups", &json!({})), json!({"logGroups": []}));
}

#[test]
fn names_and_members_of_a_group_are_held_to_the_model() {
    let world = World::new();
    let refused = |document: Value| {
        let (code, message) = world.refused("CreateLogGroup", &document);
        assert_eq!(code, "InvalidParameterException", "{document}: {message}");
        message
    };
    assert!(refused(json!({})).contains("Value null at 'logGroupName'"));
    assert!(refused(named("")).contains("greater than or equal to 1"));
    assert!(refused(named(&"a".repeat(513))).contains("less than or equal to 512"));
    let pattern = refused(named("a b"));
    assert!(pattern.contains("Value 'a b' at 'logGroupName' failed to satisfy constraint: "), "{pattern}");
    assert!(pattern.ends_with(r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+"), "{pattern}");
    refused(named("aws/x"));
    assert!(refused(with(&named("a"), &json!({"logGroupClass": "OTHER"}))).contains("enum value set"));
    refused(with(&named("a"), &json!({"tags": {}})));
    refused(with(&named("a"), &json!({"tags": {"aws:x": "y"}})));
    refused(with(&named("a"), &json!({"tags": {"a?": "y"}})));
    refused(with(&named("a"), &json!({"tags": {"a": "y".repeat(257)}})));
    assert_eq!(world.code("CreateLogGroup", &json!({"logGroupName": 1})), "SerializationException");
    world.ok("CreateLogGroup", &named(&"a".repeat(512)));
    world.ok("CreateLogGroup", &named("a.b-c_d/e#1"));
}

#[test]
fn groups_are_found_by_prefix_pattern_class_and_name_page_by_page() {
    let world = World::new();
    for name in ["b/2", "a/1", "b/1", "b/10", "B/1", "c"] {
        world.ok("CreateLogGroup", &named(name));
    }
    world.ok("CreateLogGroup", &json!({"logGroupName": "i", "logGroupClass": "INFREQUENT_ACCESS"}));
    let found = |document: &Value| each(&world.ok("DescribeLogGroups", document)["logGroups"], "logGroupName");
    assert_eq!(found(&json!({})), ["B/1", "a/1", "b/1", "b/10", "b/2", "c", "i"]);
    assert_eq!(found(&json!({"logGroupNamePrefix": "b/1"})), ["b/1", "b/10"]);
    assert_eq!(found(&json!({"logGroupNamePattern": "/1"})), ["B/1", "a/1", "b/1", "b/10"]);
    assert_eq!(found(&json!({"logGroupClass": "INFREQUENT_ACCESS"})), ["i"]);
    let arn = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:c");
    assert_eq!(found(&json!({"logGroupIdentifiers": ["b/2", arn, "none"]})), ["b/2", "c"]);
    let (mut pages, mut asked) = (Vec::new(), json!({"logGroupNamePrefix": "b", "limit": 2}));
    loop {
        let page = world.ok("DescribeLogGroups", &asked);
        pages.push(each(&page["logGroups"], "logGroupName"));
        let Some(token) = page["nextToken"].as_str() else { break };
        // The next page may be longer.
        asked = json!({"logGroupNamePrefix": "b", "limit": 2, "nextToken": token});
    }
    assert_eq!(pages, [vec!["b/1", "b/10"], vec!["b/2"]]);
    let token = world.ok("DescribeLogGroups", &json!({"limit": 1}))["nextToken"].clone();
    let invalid = refusal("InvalidParameterException", "The specified nextToken is invalid.");
    for wrong in [json!({"nextToken": "x"}), json!({"nextToken": token, "logGroupNamePrefix": "b"})] {
        assert_eq!(world.refused("DescribeLogGroups", &wrong), invalid);
    }
    let stale = World { now: world.now + DAY + 1, ..world };
    assert_eq!(stale.refused("DescribeLogGroups", &json!({"nextToken": token})), invalid);
    for wrong in [
        json!({"limit": 0}),
        json!({"limit": 51}),
        json!({"logGroupNamePrefix": "a", "logGroupNamePattern": "a"}),
        json!({"logGroupIdentifiers": ["a"], "logGroupNamePrefix": "a"}),
        json!({"logGroupIdentifiers": []}),
        json!({"accountIdentifiers": [STRANGER], "includeLinkedAccounts": true}),
        json!({"nextToken": ""}),
        json!({"logGroupIdentifiers": [format!("arn:aws:logs:us-east-1:{STRANGER}:log-group:c")]}),
    ] {
        assert_eq!(stale.code("DescribeLogGroups", &wrong), "InvalidParameterException", "{wrong}");
    }
}

#[test]
fn groups_are_listed_by_patterns_and_tags() {
    let world = World::new();
    for (name, tags) in [("/aws/lambda/a", json!({"team": "red"})), ("discovery-x", json!({"team": "blue"}))] {
        world.ok("CreateLogGroup", &json!({"logGroupName": name, "tags": tags}));
    }
    world.ok("CreateLogGroup", &named("other"));
    let found = |document: &Value| each(&world.ok("ListLogGroups", document)["logGroups"], "logGroupName");
    assert_eq!(found(&json!({})).len(), 3);
    assert_eq!(found(&json!({"logGroupNamePattern": "^/aws/lambda|discovery"})), ["/aws/lambda/a", "discovery-x"]);
    assert!(found(&json!({"logGroupNamePattern": "^lambda"})).is_empty());
    let tagged = |values: Value| found(&json!({"logGroupTags": [{"key": "team", "values": values}]}));
    assert_eq!((tagged(json!(["red"])).len(), tagged(json!(["*e*"])).len(), tagged(json!([])).len()), (1, 2, 2));
    assert_eq!(tagged(json!(["!red"])), ["discovery-x"]);
    let summary = &world.ok("ListLogGroups", &json!({"limit": 1}))["logGroups"][0];
    let arn = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:/aws/lambda/a");
    assert_eq!(*summary, json!({"logGroupName": "/aws/lambda/a", "logGroupArn": arn, "logGroupClass": "STANDARD"}));
    for wrong in ["ab", "a b c", "abc|", "a1a|b1b|c1c|d1d|e1e|f1f", &"a".repeat(25)] {
        assert_eq!(world.code("ListLogGroups", &json!({"logGroupNamePattern": wrong})), "InvalidParameterException");
    }
}

#[test]
fn a_protected_group_is_not_deleted() {
    let world = World::new();
    world.ok("CreateLogGroup", &json!({"logGroupName": "g", "deletionProtectionEnabled": true}));
    world.stream("g", "s");
    let protected = world.refused("DeleteLogGroup", &named("g"));
    assert_eq!(protected.0, "ValidationException");
    assert!(protected.1.starts_with("Cannot delete log group with deletion protection enabled."));
    let stream = json!({"logGroupName": "g", "logStreamName": "s"});
    assert_eq!(world.code("DeleteLogStream", &stream), "ValidationException");
    world.ok("PutLogGroupDeletionProtection", &json!({"logGroupIdentifier": "g", "deletionProtectionEnabled": false}));
    world.ok("DeleteLogStream", &stream);
    world.ok("DeleteLogGroup", &named("g"));
}

#[test]
fn a_group_keeps_its_events_for_as_long_as_it_is_told() {
    let mut world = World::new();
    world.group("g");
    for days in [0, 2, -1, 3654] {
        let (code, message) =
            world.refused("PutRetentionPolicy", &with(&named("g"), &json!({"retentionInDays": days})));
        assert_eq!(code, "InvalidParameterException");
        assert!(message.contains("Member must satisfy enum value set: [1, 3, 5, 7, 14,"), "{message}");
    }
    world.put("g", "s", &[(-2 * DAY, "old"), (-2 * DAY + 1, "older")]);
    world.put("g", "s", &[(0, "new")]);
    let stored = |world: &World| world.ok("DescribeLogGroups", &json!({}))["logGroups"][0]["storedBytes"].as_i64();
    assert_eq!(stored(&world), Some(3 + 5 + 3 + 3 * 26));
    world.ok("PutRetentionPolicy", &with(&named("g"), &json!({"retentionInDays": 1})));
    assert_eq!(world.ok("DescribeLogGroups", &json!({}))["logGroups"][0]["retentionInDays"], 1);
    assert_eq!(world.messages("g"), ["new"]);
    let stream = json!({"logGroupName": "g", "logStreamName": "s", "startFromHead": true});
    assert_eq!(messages(&world.ok("GetLogEvents", &stream)), ["new"]);
    // What is written later sweeps what has expired.
    world.now += 120_000;
    world.put("g", "s", &[(0, "newer")]);
    assert_eq!(stored(&world), Some(3 + 5 + 2 * 26));
    let streams = world.ok("DescribeLogStreams", &named("g"));
    assert_eq!(streams["logStreams"][0]["firstEventTimestamp"], world.now - 120_000);
    world.ok("DeleteRetentionPolicy", &named("g"));
    assert_eq!(world.messages("g"), ["new", "newer"]);
    assert_eq!(world.ok("DescribeLogGroups", &json!({}))["logGroups"][0].get("retentionInDays"), None);
    world.ok("CreateLogGroup", &json!({"logGroupName": "d", "logGroupClass": "DELIVERY"}));
    let shown = world.ok("DescribeLogGroups", &json!({"logGroupNamePrefix": "d"}));
    assert_eq!(shown["logGroups"][0]["retentionInDays"], 2);
    assert_eq!(
        world.code("PutRetentionPolicy", &json!({"logGroupName": "d", "retentionInDays": 7})),
        "InvalidParameterException"
    );
}

#[test]
fn tags_are_those_of_both_kinds_of_operations() {
    let world = World::new();
    world.group("g");
    let arn = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:g");
    world.ok("TagResource", &json!({"resourceArn": arn, "tags": {"a": "1", "b": "2"}}));
    world.ok("TagLogGroup", &json!({"logGroupName": "g", "tags": {"b": "3", "c": ""}}));
    let tags = json!({"tags": {"a": "1", "b": "3", "c": ""}});
    assert_eq!(world.ok("ListTagsForResource", &json!({"resourceArn": arn})), tags);
    assert_eq!(world.ok("ListTagsForResource", &json!({"resourceArn": format!("{arn}:*")})), tags);
    assert_eq!(world.ok("ListTagsLogGroup", &named("g")), tags);
    world.ok("UntagResource", &json!({"resourceArn": arn, "tagKeys": ["a", "none"]}));
    world.ok("UntagLogGroup", &json!({"logGroupName": "g", "tags": ["c"]}));
    assert_eq!(world.ok("ListTagsLogGroup", &named("g")), json!({"tags": {"b": "3"}}));
    let many: serde_json::Map<_, _> = (0..50).map(|n| (format!("k{n}"), json!("v"))).collect();
    let (code, message) = world.refused("TagResource", &json!({"resourceArn": arn, "tags": many}));
    assert_eq!(code, "TooManyTagsException", "{message}");
    let none = format!("{arn}none");
    assert_eq!(world.code("ListTagsForResource", &json!({"resourceArn": none})), "ResourceNotFoundException");
    assert_eq!(
        world.code("ListTagsForResource", &json!({"resourceArn": "arn:aws:s3:::b"})),
        "InvalidParameterException"
    );
    assert_eq!(
        world.code("TagLogGroup", &json!({"logGroupName": "x", "tags": {"a": "b"}})),
        "ResourceNotFoundException"
    );
}
