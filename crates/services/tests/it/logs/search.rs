//! `FilterLogEvents`

use super::*;

fn search(world: &World, more: Value) -> Value {
    world.ok("FilterLogEvents", &with(&json!({"logGroupName": "g"}), &more))
}

fn found(world: &World, more: Value) -> Vec<String> {
    messages(&search(world, more))
}

#[test]
fn events_of_all_streams_come_in_the_order_of_their_times() {
    let world = World::new();
    world.group("g");
    world.stream("g", "t");
    world.stream("g", "u1");
    world.put("g", "s", &[(0, "s0"), (20, "s20")]);
    world.put("g", "t", &[(10, "t10 ERROR"), (20, "t20")]);
    world.put("g", "u1", &[(5, r#"{"level": "ERROR", "ms": 12}"#)]);
    let whole = search(&world, json!({"interleaved": true}));
    assert_eq!(messages(&whole), ["s0", r#"{"level": "ERROR", "ms": 12}"#, "t10 ERROR", "s20", "t20"]);
    let first = &whole["events"][0];
    let expected = json!({
        "logStreamName": "s", "timestamp": world.now, "message": "s0", "ingestionTime": world.now,
        "eventId": first["eventId"],
    });
    assert_eq!((first, text(&first["eventId"]).len()), (&expected, 56));
    assert_eq!((whole["searchedLogStreams"].clone(), whole.get("nextToken")), (json!([]), None));
    assert_eq!(found(&world, json!({"logStreamNames": ["t"]})), ["t10 ERROR", "t20"]);
    assert_eq!(found(&world, json!({"logStreamNames": ["t", "s", "t"]})), ["s0", "t10 ERROR", "s20", "t20"]);
    assert_eq!(found(&world, json!({"logStreamNamePrefix": "u"})).len(), 1);
    assert_eq!(found(&world, json!({"filterPattern": "ERROR"})).len(), 2);
    assert_eq!(found(&world, json!({"filterPattern": "{ $.ms > 10 }"})).len(), 1);
    assert_eq!(
        found(&world, json!({"startTime": world.now + 10, "endTime": world.now + 20})),
        ["t10 ERROR", "s20", "t20"]
    );
    assert_eq!(found(&world, json!({"endTime": world.now})), ["s0"]);
    let arn = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:g");
    assert_eq!(messages(&world.ok("FilterLogEvents", &json!({"logGroupIdentifier": arn}))).len(), 5);
    let none = json!({"logGroupName": "g", "logStreamNames": ["none"]});
    assert_eq!(world.code("FilterLogEvents", &none), "ResourceNotFoundException");
    for wrong in [
        json!({"logStreamNames": ["s"], "logStreamNamePrefix": "s"}),
        json!({"logStreamNames": []}),
        json!({"filterPattern": "a:b"}),
        json!({"filterPattern": "x".repeat(1025)}),
        json!({"limit": 10_001}),
        json!({"nextToken": "x"}),
        json!({"logGroupIdentifier": "g"}),
        json!({"endTime": -1}),
    ] {
        let wrong = with(&json!({"logGroupName": "g"}), &wrong);
        assert_eq!(world.code("FilterLogEvents", &wrong), "InvalidParameterException", "{wrong}");
    }
}

#[test]
fn pages_follow_one_another_without_loss_or_repetition() {
    let world = World::new();
    world.group("g");
    world.stream("g", "t");
    for n in 0..40 {
        let message = if n % 3 == 0 { format!("hit {n}") } else { format!("miss {n}") };
        // Many have the same time.
        world.put("g", if n % 2 == 0 { "s" } else { "t" }, &[(n / 10, &message)]);
    }
    let whole = found(&world, json!({"filterPattern": "hit"}));
    assert_eq!(whole.len(), 14);
    let (mut collected, mut pages, mut asked) = (Vec::new(), 0, json!({"filterPattern": "hit", "limit": 3}));
    loop {
        let page = search(&world, asked.clone());
        collected.extend(messages(&page));
        pages += 1;
        let Some(token) = page["nextToken"].as_str() else { break };
        asked["nextToken"] = json!(token);
    }
    assert_eq!((collected, pages), (whole, 5));
    // A token is good for the same search alone.
    let token = search(&world, json!({"limit": 1}))["nextToken"].clone();
    let other = json!({"logGroupName": "g", "filterPattern": "hit", "nextToken": token});
    assert_eq!(world.code("FilterLogEvents", &other), "InvalidParameterException");
}

#[test]
fn a_search_that_finds_nothing_ends_after_a_bounded_number_of_events_and_goes_on() {
    let world = World::new();
    world.group("g");
    let events: Vec<Value> = (0..10_000).map(|_| json!({"timestamp": world.now, "message": "m"})).collect();
    let upload = json!({"logGroupName": "g", "logStreamName": "s", "logEvents": events});
    for _ in 0..11 {
        world.ok("PutLogEvents", &upload);
    }
    world.put("g", "s", &[(1, "needle")]);
    let first = search(&world, json!({"filterPattern": "needle"}));
    assert_eq!((messages(&first).len(), first["nextToken"].is_string()), (0, true));
    let second = search(&world, json!({"filterPattern": "needle", "nextToken": first["nextToken"]}));
    assert_eq!((messages(&second), second.get("nextToken")), (vec!["needle".to_owned()], None));
    // Deleting as much is done in pieces.
    world.ok("DeleteLogGroup", &json!({"logGroupName": "g"}));
    let database = rusqlite_count(&world);
    assert!(database < 110_001, "{database}");
}

/// How many events lie in the database.
fn rusqlite_count(world: &World) -> i64 {
    let connection = rusqlite::Connection::open(world.dir.path().join("logs/logs.sqlite")).unwrap();
    connection.query_row("SELECT count(*) FROM event", [], |row| row.get(0)).unwrap()
}

#[test]
fn the_newest_events_come_first_where_that_is_asked_for() {
    let world = World::new();
    world.group("g");
    world.put("g", "s", &[(0, "0"), (1, "1"), (2, "2"), (3, "3"), (4, "4")]);
    let newest = json!({"startFromHead": false, "limit": 2});
    let page = search(&world, newest.clone());
    assert_eq!(messages(&page), ["4", "3"]);
    let token = page["nextToken"].clone();
    let page = search(&world, with(&newest, &json!({"nextToken": token})));
    assert_eq!(messages(&page), ["2", "1"]);
    let page = search(&world, with(&newest, &json!({"nextToken": page["nextToken"]})));
    assert_eq!((messages(&page), page.get("nextToken")), (vec!["0".to_owned()], None));
    assert_eq!(found(&world, json!({"startFromHead": true, "limit": 2})), ["0", "1"]);
    // A token goes on in the direction in which it was given.
    let wrong = with(&json!({"logGroupName": "g", "startFromHead": true}), &json!({"nextToken": token}));
    assert_eq!(world.code("FilterLogEvents", &wrong), "InvalidParameterException");
}
