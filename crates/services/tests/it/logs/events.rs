//! Writing events to a stream, and reading it.

use super::*;

fn stream(more: &Value) -> Value {
    with(&json!({"logGroupName": "g", "logStreamName": "s"}), more)
}

#[test]
fn events_are_read_in_the_order_of_their_times_in_both_directions() {
    let world = World::new();
    world.group("g");
    let events: Vec<(i64, String)> = (0..25).map(|n| (n - 100, format!("m{n}"))).collect();
    let events: Vec<(i64, &str)> = events.iter().map(|(at, message)| (*at, message.as_str())).collect();
    // The later half arrives first.
    world.put("g", "s", &events[12..]);
    world.put("g", "s", &events[..12]);
    let names = |range: std::ops::Range<usize>| range.map(|n| format!("m{n}")).collect::<Vec<_>>();
    let get = |more: Value| world.ok("GetLogEvents", &stream(&more));
    let head = get(json!({"startFromHead": true, "limit": 10}));
    assert_eq!(messages(&head), names(0..10));
    let event = json!({"timestamp": world.now - 100, "message": "m0", "ingestionTime": world.now});
    assert_eq!(head["events"][0], event);
    let next = |page: &Value, token: &str| get(json!({"startFromHead": true, "limit": 10, "nextToken": page[token]}));
    let second = next(&head, "nextForwardToken");
    let third = next(&second, "nextForwardToken");
    assert_eq!((messages(&second), messages(&third)), (names(10..20), names(20..25)));
    let end = next(&third, "nextForwardToken");
    assert!(messages(&end).is_empty());
    assert_eq!(end["nextForwardToken"], third["nextForwardToken"], "the end has the token that it was asked by");
    assert_eq!(messages(&next(&third, "nextBackwardToken")), names(10..20));
    let tail = get(json!({"limit": 10}));
    assert_eq!(messages(&tail), names(15..25), "the latest come first, in the order of their times");
    let before = next(&tail, "nextBackwardToken");
    assert_eq!(messages(&before), names(5..15));
    let first = next(&before, "nextBackwardToken");
    let start = next(&first, "nextBackwardToken");
    assert_eq!((messages(&first), messages(&start).len()), (names(0..5), 0));
    assert_eq!(start["nextBackwardToken"], first["nextBackwardToken"]);
    let token = text(&tail["nextForwardToken"]);
    assert!(
        token.starts_with("f/") && token.len() == 58 && token[2..].bytes().all(|byte| byte.is_ascii_digit()),
        "{token}"
    );
    assert!(text(&tail["nextBackwardToken"]).starts_with("b/"));
    // What arrives after the end is found from there.
    world.put("g", "s", &[(1, "later")]);
    assert_eq!(messages(&next(&end, "nextForwardToken")), ["later"]);
}

#[test]
fn the_start_belongs_to_a_range_and_the_end_does_not() {
    let world = World::new();
    world.group("g");
    world.put("g", "s", &[(0, "a"), (10, "b"), (10, "b2"), (20, "c")]);
    let get = |from: i64, to: i64| {
        let range = json!({"startTime": world.now + from, "endTime": world.now + to, "startFromHead": true});
        messages(&world.ok("GetLogEvents", &stream(&range)))
    };
    assert_eq!(get(0, 20), ["a", "b", "b2"]);
    assert_eq!(get(10, 11), ["b", "b2"]);
    assert_eq!(get(1, 10), Vec::<String>::new());
    let empty = world.ok("GetLogEvents", &stream(&json!({"endTime": 1})));
    assert!(text(&empty["nextForwardToken"]).starts_with("f/") && text(&empty["nextBackwardToken"]).starts_with("b/"));
}

#[test]
fn an_upload_is_accepted_in_parts_and_says_which() {
    let world = World::new();
    world.group("g");
    let answer = world.put("g", "s", &[(0, "m")]);
    assert_eq!((answer.as_object().unwrap().len(), text(&answer["nextSequenceToken"]).len()), (1, 56));
    let hour = 3_600_000;
    let answer = world.put("g", "s", &[(-15 * DAY, "old"), (1, "ok"), (3 * hour, "new"), (4 * hour, "new")]);
    assert_eq!(answer["rejectedLogEventsInfo"], json!({"tooNewLogEventStartIndex": 2, "tooOldLogEventEndIndex": 1}));
    assert_eq!(world.messages("g"), ["m", "ok"]);
    world.ok("PutRetentionPolicy", &json!({"logGroupName": "g", "retentionInDays": 3}));
    let answer = world.put("g", "s", &[(-4 * DAY, "expired")]);
    assert_eq!(answer["rejectedLogEventsInfo"], json!({"expiredLogEventEndIndex": 1}));
    let event = json!([{"timestamp": world.now, "message": "m"}]);
    for more in [
        json!({"sequenceToken": "any"}),
        json!({"entity": {"keyAttributes": {"Type": "Service", "Name": "n"}, "attributes": {"a": "b"}}}),
    ] {
        let answer = world.ok("PutLogEvents", &with(&stream(&json!({"logEvents": event})), &more));
        assert_eq!(answer.get("rejectedEntityInfo"), None);
    }
    let entity = json!({"logEvents": event, "entity": {"keyAttributes": {"Name": "n", "X": "y"}}});
    let answer = world.ok("PutLogEvents", &stream(&entity));
    assert_eq!(answer["rejectedEntityInfo"]["errorType"], "InvalidKeyAttributes");
}

#[test]
fn an_upload_of_the_largest_size_is_kept_and_a_larger_one_refused() {
    let world = World::new();
    world.group("g");
    // As JSON this is six times as long.
    let message = "\u{1}".repeat(1_048_576 / 4 - 26);
    let events = vec![json!({"timestamp": world.now, "message": message}); 4];
    world.ok("PutLogEvents", &stream(&json!({"logEvents": events})));
    let page = world.ok("GetLogEvents", &stream(&json!({"startFromHead": true})));
    assert_eq!(page["events"].as_array().unwrap().len(), 4);
    let mut events = events;
    events.push(json!({"timestamp": world.now, "message": "m"}));
    let refused = world.refused("PutLogEvents", &stream(&json!({"logEvents": events})));
    assert_eq!(
        refused,
        refusal("InvalidParameterException", "Upload too large: 1048603 bytes exceeds limit of 1048576")
    );
    let huge = "x".repeat(8 << 20);
    let answer = world.call(OWNER, "PutLogEvents", &stream(&json!({"logEvents": [{"timestamp": 1, "message": huge}]})));
    assert_eq!((answer.0, error(&answer).0.as_str()), (400, "SerializationException"));
}

#[test]
fn a_page_has_at_most_a_mebibyte_and_the_rest_follows() {
    let world = World::new();
    world.group("g");
    let message = "x".repeat(300_000);
    for at in 0..5 {
        world.put("g", "s", &[(at, &message)]);
    }
    let mut counts = Vec::new();
    let mut token = Value::Null;
    loop {
        let mut asked = stream(&json!({"startFromHead": true}));
        if !token.is_null() {
            asked["nextToken"] = token.clone();
        }
        let page = world.ok("GetLogEvents", &asked);
        counts.push(page["events"].as_array().unwrap().len());
        if page["nextForwardToken"] == token {
            break;
        }
        token = page["nextForwardToken"].clone();
    }
    assert_eq!(counts, [3, 2, 0]);
    let page = world.ok("FilterLogEvents", &json!({"logGroupName": "g"}));
    assert_eq!((page["events"].as_array().unwrap().len(), page["nextToken"].is_string()), (3, true));
}

#[test]
fn what_is_malformed_is_refused_and_nothing_is_kept() {
    let world = World::new();
    world.group("g");
    let event = |message: &str| json!({"timestamp": world.now, "message": message});
    let cases = [
        json!({}),
        json!({"logEvents": []}),
        json!({"logEvents": [event("")]}),
        json!({"logEvents": [{"message": "m"}]}),
        json!({"logEvents": [{"timestamp": 1}]}),
        json!({"logEvents": [{"timestamp": -1, "message": "m"}]}),
        json!({"logEvents": [event("a"), {"timestamp": 1, "message": "m"}]}),
        json!({"logEvents": vec![event("m"); 10_001]}),
        json!({"logEvents": [event("m")], "entity": {"keyAttributes": {"a": "b"}}}),
    ];
    for case in cases {
        assert_eq!(world.code("PutLogEvents", &stream(&case)), "InvalidParameterException", "{case}");
    }
    for text in ["{", "[]", "{\"logEvents\": 1}", "{\"logEvents\": [{\"timestamp\": \"x\"}]}", "{\"logEvents\": [[]]}"]
    {
        let who = format!("arn:aws:iam::{OWNER}:user/caller");
        let (answer, _) = world.call_as(&who, &all("*"), "PutLogEvents", text);
        assert_eq!((answer.0, error(&answer).0.as_str()), (400, "SerializationException"), "{text}");
    }
    let none = json!({"logGroupName": "g", "logStreamName": "none", "logEvents": [event("m")]});
    assert_eq!(
        world.refused("PutLogEvents", &none),
        refusal("ResourceNotFoundException", "The specified log stream does not exist.")
    );
    for wrong in [
        json!({"nextToken": "x"}),
        json!({"nextToken": "f/1"}),
        json!({"nextToken": format!("x/{}", "0".repeat(56))}),
        json!({"nextToken": format!("f/{}", "9".repeat(56))}),
        json!({"limit": 0}),
        json!({"limit": 10_001}),
        json!({"startTime": -1}),
        json!({"logGroupIdentifier": "g"}),
    ] {
        assert_eq!(world.code("GetLogEvents", &stream(&wrong)), "InvalidParameterException", "{wrong}");
    }
    assert_eq!(world.messages("g"), Vec::<String>::new());
    assert_eq!(world.call(OWNER, "NoSuch", &json!({})).0, 400);
    assert_eq!(world.code("NoSuch", &json!({})), "UnknownOperationException");
    let unserved = world.call(OWNER, "StartQuery", &json!({}));
    assert_eq!((unserved.0, error(&unserved).0.as_str()), (501, "NotImplemented"));
}
