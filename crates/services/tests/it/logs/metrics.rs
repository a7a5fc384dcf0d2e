//! Metric filters, and what they publish.

use super::*;

fn filter(name: &str, pattern: &str, transformation: &Value) -> Value {
    let base = json!({"metricName": "m", "metricNamespace": "app", "metricValue": "1"});
    json!({"logGroupName": "g", "filterName": name, "filterPattern": pattern,
        "metricTransformations": [with(&base, transformation)]})
}

fn values(world: &World) -> Vec<f64> {
    world.recorder.take().into_iter().map(|(_, datum)| datum.value).collect()
}

#[test]
fn events_that_arrive_become_values_of_metrics() {
    let world = World::new();
    world.group("g");
    world.ok("PutMetricFilter", &filter("count", "ERROR", &json!({"unit": "Count"})));
    world.put("g", "s", &[(0, "an ERROR"), (1, "fine"), (2, "ERROR again")]);
    let published = world.recorder.take();
    let expected = MetricDatum {
        namespace: "app".into(),
        name: "m".into(),
        dimensions: Default::default(),
        value: 1.0,
        unit: Some("Count".into()),
        timestamp: world.now,
    };
    assert_eq!(published[0], (format!("{OWNER}/us-east-1"), expected));
    assert_eq!((published.len(), published[1].1.timestamp), (2, world.now + 2));
    // A changed filter is in force for the next event, and a deleted one for none.
    world.ok(
        "PutMetricFilter",
        &filter("count", "{ $.ms = * }", &json!({"metricValue": "$.ms", "dimensions": {"who": "$.user.name"}})),
    );
    world.put(
        "g",
        "s",
        &[
            (3, r#"{"ms": 12.5, "user": {"name": "ann"}}"#),
            (4, r#"{"ms": 1}"#),
            (5, r#"{"ms": "x", "user": {"name": "b"}}"#),
        ],
    );
    let published = world.recorder.take();
    assert_eq!(published.len(), 1, "an event without the dimension or a number publishes nothing");
    assert_eq!((published[0].1.value, published[0].1.dimensions["who"].as_str()), (12.5, "ann"));
    let world = world.reopened();
    world.put("g", "s", &[(3, r#"{"ms": 2, "user": {"name": "ann"}}"#)]);
    assert_eq!(values(&world), [2.0]);
    world.ok("DeleteMetricFilter", &json!({"logGroupName": "g", "filterName": "count"}));
    world.put("g", "s", &[(3, r#"{"ms": 2, "user": {"name": "ann"}}"#)]);
    assert!(values(&world).is_empty());
    // What is rejected publishes nothing.
    world.ok("PutMetricFilter", &filter("all", "", &json!({})));
    world.put("g", "s", &[(-20 * DAY, "old")]);
    assert!(values(&world).is_empty());
}

#[test]
fn a_default_stands_for_a_minute_without_a_match() {
    let world = World { now: 1_750_000_020_000, ..World::new() };
    world.group("g");
    world.ok(
        "PutMetricFilter",
        &filter("f", "[ip, ..., bytes > 100]", &json!({"metricValue": "$bytes", "defaultValue": 0})),
    );
    world.put("g", "s", &[(0, "10.0.0.1 GET 200"), (1, "10.0.0.1 GET 5"), (60_000, "10.0.0.1 GET 7"), (60_001, "x")]);
    let published: Vec<_> =
        world.recorder.take().into_iter().map(|(_, datum)| (datum.value, datum.timestamp)).collect();
    assert_eq!(published, [(200.0, world.now), (0.0, 1_750_000_080_000)]);
}

#[test]
fn metric_filters_are_shown_by_group_name_and_metric() {
    let world = World::new();
    world.group("g");
    world.group("h");
    for name in ["b", "a", "ab"] {
        world.ok("PutMetricFilter", &filter(name, "ERROR", &json!({"metricName": name})));
    }
    world.ok("PutMetricFilter", &with(&filter("a", "x", &json!({})), &json!({"logGroupName": "h"})));
    let names = |document: Value| each(&world.ok("DescribeMetricFilters", &document)["metricFilters"], "filterName");
    assert_eq!(names(json!({"logGroupName": "g"})), ["a", "ab", "b"]);
    assert_eq!(names(json!({"logGroupName": "g", "filterNamePrefix": "a"})), ["a", "ab"]);
    assert_eq!(names(json!({})), ["a", "a", "ab", "b"]);
    assert_eq!(names(json!({"metricName": "ab", "metricNamespace": "app"})), ["ab"]);
    for group in [json!({"logGroupName": "g"}), json!({})] {
        let (mut asked, mut found) = (with(&group, &json!({"limit": 1})), Vec::new());
        loop {
            let page = world.ok("DescribeMetricFilters", &asked);
            found.extend(each(&page["metricFilters"], "filterName"));
            let Some(token) = page["nextToken"].as_str() else { break };
            asked["nextToken"] = json!(token);
        }
        assert_eq!(found, names(group));
    }
    let shown =
        &world.ok("DescribeMetricFilters", &json!({"logGroupName": "g", "filterNamePrefix": "b"}))["metricFilters"][0];
    let expected = json!({
        "filterName": "b", "creationTime": world.now, "logGroupName": "g", "applyOnTransformedLogs": false,
        "filterPattern": "ERROR",
        "metricTransformations": [{"metricName": "b", "metricNamespace": "app", "metricValue": "1"}],
    });
    assert_eq!(*shown, expected);
    let group = &world.ok("DescribeLogGroups", &json!({"logGroupNamePrefix": "g"}))["logGroups"][0];
    assert_eq!(group["metricFilterCount"], 3);
    let none = refusal("ResourceNotFoundException", "The specified metric filter does not exist.");
    assert_eq!(world.refused("DeleteMetricFilter", &json!({"logGroupName": "g", "filterName": "x"})), none);
    assert_eq!(world.code("DescribeMetricFilters", &json!({"metricName": "x"})), "InvalidParameterException");
    assert_eq!(world.code("DescribeMetricFilters", &json!({"logGroupName": "none"})), "ResourceNotFoundException");
}

#[test]
fn what_no_metric_filter_can_be_is_refused() {
    let world = World::new();
    world.group("g");
    let wrong = [
        filter("a:b", "x", &json!({})),
        filter("f", "a:b", &json!({})),
        filter("f", &"x".repeat(1025), &json!({})),
        filter("f", "x", &json!({"metricName": "a:b"})),
        filter("f", "x", &json!({"metricNamespace": "n".repeat(256)})),
        filter("f", "x", &json!({"metricName": ""})),
        filter("f", "x", &json!({"metricName": " "})),
        filter("f", "x", &json!({"metricName": "\u{e9}"})),
        filter("f", "x", &json!({"metricNamespace": ""})),
        filter("f", "x", &json!({"metricNamespace": "AWS/EC2"})),
        filter("f", "x", &json!({"metricNamespace": "a\u{7}"})),
        filter("f", "x", &json!({"metricValue": "1e109"})),
        filter("f", "x", &json!({"defaultValue": -1e109})),
        filter("f", "{ $.a = 1 }", &json!({"dimensions": {"": "$.a"}})),
        filter("f", "{ $.a = 1 }", &json!({"dimensions": {":d": "$.a"}})),
        filter("f", "{ $.a = 1 }", &json!({"dimensions": {"\u{e9}": "$.a"}})),
        filter("f", "x", &json!({"metricValue": "$.x"})),
        filter("f", "{ $.a = 1 }", &json!({"metricValue": "x"})),
        filter("f", "{ $.a = 1 }", &json!({"metricValue": "$.b[*]"})),
        filter("f", "x", &json!({"unit": "Miles"})),
        filter("f", "{ $.a = 1 }", &json!({"dimensions": {"d": "$.a"}, "defaultValue": 0})),
        filter("f", "{ $.a = 1 }", &json!({"dimensions": {"a": "$.a", "b": "$.b", "c": "$.c", "d": "$.d"}})),
        filter("f", "{ $.a = 1 }", &json!({"dimensions": {"a": "b"}})),
        with(&filter("f", "x", &json!({})), &json!({"metricTransformations": []})),
    ];
    for document in wrong {
        assert_eq!(world.code("PutMetricFilter", &document), "InvalidParameterException", "{document}");
    }
    let text = filter("f", "ERROR", &json!({"dimensions": {"d": "$.a"}}));
    let expected = refusal("InvalidParameterException", "The specified filter pattern does not support dimensions");
    assert_eq!(world.refused("PutMetricFilter", &text), expected);
    let transformed = with(&filter("f", "x", &json!({})), &json!({"applyOnTransformedLogs": true}));
    assert_eq!(world.code("PutMetricFilter", &transformed), "NotImplemented");
    world.ok("CreateLogGroup", &json!({"logGroupName": "i", "logGroupClass": "INFREQUENT_ACCESS"}));
    let infrequent = with(&filter("f", "x", &json!({})), &json!({"logGroupName": "i"}));
    assert_eq!(world.code("PutMetricFilter", &infrequent), "InvalidOperationException");
    for n in 0..5 {
        world.ok("PutMetricFilter", &filter(&format!("r{n}"), "%x%", &json!({})));
    }
    world.ok("PutMetricFilter", &filter("r0", "%y%", &json!({})));
    let limit = refusal("LimitExceededException", "Resource limit exceeded.");
    assert_eq!(world.refused("PutMetricFilter", &filter("r5", "%x%", &json!({}))), limit);
    for n in 5..100 {
        world.ok("PutMetricFilter", &filter(&format!("f{n}"), "x", &json!({})));
    }
    assert_eq!(world.refused("PutMetricFilter", &filter("f100", "x", &json!({}))), limit);
    world.ok("PutMetricFilter", &filter("f99", "y", &json!({})));
}

#[test]
fn a_pattern_is_tried_on_messages() {
    let world = World::new();
    let access = r#"127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324"#;
    let pattern = "[ip, identity, user_id, timestamp, request, status_code, size > 1000]";
    let answer = world.ok("TestMetricFilter", &json!({"filterPattern": pattern, "logEventMessages": ["x", access]}));
    let expected = json!({"matches": [{"eventNumber": 2, "eventMessage": access, "extractedValues": {
        "$ip": "127.0.0.1", "$identity": "-", "$user_id": "frank", "$timestamp": "10/Oct/2000:13:35:22 -0700",
        "$request": "GET /apache_pb.gif HTTP/1.0", "$status_code": "500", "$size": "5324",
    }}]});
    assert_eq!(answer, expected);
    for wrong in [
        json!({"filterPattern": "x", "logEventMessages": []}),
        json!({"filterPattern": "{", "logEventMessages": ["x"]}),
        json!({"filterPattern": "x", "logEventMessages": vec!["x"; 51]}),
        json!({"logEventMessages": ["x"]}),
        json!({"filterPattern": "x", "logEventMessages": [""]}),
    ] {
        assert_eq!(world.code("TestMetricFilter", &wrong), "InvalidParameterException", "{wrong}");
    }
}
