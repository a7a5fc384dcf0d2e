//! Log streams.

use super::*;

#[test]
fn a_stream_is_made_once_in_its_group_and_deleted_with_its_events() {
    let world = World::new();
    world.group("g");
    let stream = json!({"logGroupName": "g", "logStreamName": "s"});
    let exists = refusal("ResourceAlreadyExistsException", "The specified log stream already exists");
    assert_eq!(world.refused("CreateLogStream", &stream), exists);
    let no_group = refusal("ResourceNotFoundException", "The specified log group does not exist.");
    assert_eq!(world.refused("CreateLogStream", &json!({"logGroupName": "x", "logStreamName": "s"})), no_group);
    for wrong in ["", "a:b", "a*", &"a".repeat(513)] {
        let document = json!({"logGroupName": "g", "logStreamName": wrong});
        assert_eq!(world.code("CreateLogStream", &document), "InvalidParameterException", "{wrong}");
    }
    world.put("g", "s", &[(0, "gone")]);
    world.stream("g", "2024/01/01/[$LATEST]é");
    world.put("g", "2024/01/01/[$LATEST]é", &[(1, "kept")]);
    world.ok("DeleteLogStream", &stream);
    let none = refusal("ResourceNotFoundException", "The specified log stream does not exist.");
    assert_eq!(world.refused("DeleteLogStream", &stream), none);
    assert_eq!(world.messages("g"), ["kept"]);
    assert_eq!(world.ok("DescribeLogGroups", &json!({}))["logGroups"][0]["storedBytes"], 4 + 26);
    // A new stream of the same name has nothing of the old one.
    world.stream("g", "s");
    assert_eq!(messages(&world.ok("GetLogEvents", &stream)), Vec::<String>::new());
    let group = |world: &World| world.ok("DeleteLogGroup", &json!({"logGroupName": "g"}));
    group(&world);
    world.group("g");
    assert_eq!(world.messages("g"), Vec::<String>::new());
}

#[test]
fn streams_are_shown_by_name_or_by_their_last_event() {
    let world = World::new();
    world.group("g");
    for name in ["b1", "b2", "a"] {
        world.stream("g", name);
    }
    world.put("g", "b1", &[(-50, "x"), (-10, "y")]);
    world.put("g", "a", &[(-20, "z")]);
    let found = |more: Value| {
        let answer = world.ok("DescribeLogStreams", &with(&json!({"logGroupName": "g"}), &more));
        each(&answer["logStreams"], "logStreamName")
    };
    assert_eq!(found(json!({})), ["a", "b1", "b2", "s"]);
    assert_eq!(found(json!({"descending": true})), ["s", "b2", "b1", "a"]);
    assert_eq!(found(json!({"logStreamNamePrefix": "b"})), ["b1", "b2"]);
    assert_eq!(found(json!({"orderBy": "LastEventTime"})), ["b2", "s", "a", "b1"]);
    assert_eq!(found(json!({"orderBy": "LastEventTime", "descending": true})), ["b1", "a", "s", "b2"]);
    for order in ["LogStreamName", "LastEventTime"] {
        for descending in [false, true] {
            let asked = json!({"orderBy": order, "descending": descending, "limit": 1});
            let whole = found(json!({"orderBy": order, "descending": descending}));
            assert_eq!(paged(&world, &asked), whole, "{order} {descending}");
        }
    }
    let arn = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:g");
    let shown = world.ok("DescribeLogStreams", &json!({"logGroupIdentifier": arn, "logStreamNamePrefix": "b1"}));
    let shown = &shown["logStreams"][0];
    let expected = json!({
        "logStreamName": "b1", "creationTime": world.now, "firstEventTimestamp": world.now - 50,
        "lastEventTimestamp": world.now - 10, "lastIngestionTime": world.now,
        "uploadSequenceToken": shown["uploadSequenceToken"], "arn": format!("{arn}:log-stream:b1"), "storedBytes": 0,
    });
    assert_eq!((shown, text(&shown["uploadSequenceToken"]).len()), (&expected, 56));
    for wrong in [
        json!({}),
        json!({"logGroupName": "g", "logGroupIdentifier": "g"}),
        json!({"logGroupName": "g", "orderBy": "Other"}),
        json!({"logGroupName": "g", "limit": 51}),
        json!({"logGroupName": "g", "orderBy": "LastEventTime", "logStreamNamePrefix": "b"}),
    ] {
        assert_eq!(world.code("DescribeLogStreams", &wrong), "InvalidParameterException", "{wrong}");
    }
}

fn paged(world: &World, asked: &Value) -> Vec<String> {
    let mut asked = with(&json!({"logGroupName": "g"}), asked);
    let mut names = Vec::new();
    loop {
        let page = world.ok("DescribeLogStreams", &asked);
        names.extend(each(&page["logStreams"], "logStreamName"));
        let Some(token) = page["nextToken"].as_str() else { break names };
        asked = with(&asked, &json!({"nextToken": token}));
    }
}
