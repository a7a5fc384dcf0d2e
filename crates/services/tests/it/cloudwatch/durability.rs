//! What is left after a restart, and what other parts of Sidegate record.

use sidegate_services::cloudwatch::{Measured, Record};

use super::*;

#[test]
fn what_was_answered_is_there_after_a_restart() {
    let world = World::new();
    world.put(&json!({"Values": [1, 2, 3], "Unit": "Count"}));
    let alarm = json!({"AlarmName": "a", "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 10, "ComparisonOperator": "GreaterThanThreshold"});
    world.ok("PutMetricAlarm", &alarm);
    world.ok("PutDashboard", &json!({"DashboardName": "d", "DashboardBody": "{}"}));
    let all = |world: &World| {
        let percentile = json!({"Namespace": "n", "MetricName": "m", "StartTime": seconds(NOW),
            "EndTime": seconds(NOW + HOUR), "Period": 60, "ExtendedStatistics": ["p50"]});
        [
            world.ok("ListMetrics", &json!({})),
            world.ok("GetMetricStatistics", &percentile),
            world.ok("DescribeAlarms", &json!({})),
            world.ok("DescribeAlarmHistory", &json!({})),
            world.ok("GetDashboard", &json!({"DashboardName": "d"})),
        ]
    };
    let before = all(&world);
    assert_eq!(before[1]["Datapoints"][0]["ExtendedStatistics"]["p50"], 2.0);
    let world = world.reopened();
    assert_eq!(all(&world), before);
    // What is put again is merged into what was there.
    world.put(&json!({"Value": 4, "Unit": "Count"}));
    assert_eq!(world.points("Sum", 0, MINUTE, 60), [(0, 10.0)]);
}

#[test]
fn a_token_is_good_after_a_restart() {
    let world = World::new();
    let data: Vec<Value> = (0..501).map(|number| json!({"MetricName": format!("m{number}"), "Value": 1})).collect();
    world.ok("PutMetricData", &json!({"Namespace": "n", "MetricData": data}));
    let token = world.ok("ListMetrics", &json!({}))["NextToken"].clone();
    let world = world.reopened();
    assert_eq!(world.ok("ListMetrics", &json!({"NextToken": token}))["Metrics"].as_array().unwrap().len(), 1);
}

#[test]
fn other_parts_of_sidegate_record_metrics_in_namespaces_of_aws() {
    let world = World::new();
    let scope = Scope { account: OWNER.parse().unwrap(), region: "us-east-1".parse().unwrap() };
    let record = |name: &str, measured| Record {
        scope: scope.clone(),
        namespace: "AWS/PrivateLinkEndpoints".to_owned(),
        name: name.to_owned(),
        dimensions: vec![("VPC Endpoint Id".to_owned(), "vpce-1".to_owned())],
        at: NOW,
        unit: "Bytes".to_owned(),
        measured,
    };
    let records = [
        record("b", Measured::Value(100.0)),
        record("b", Measured::Repeated { value: 50.0, count: 2.0 }),
        record("c", Measured::Set { count: 2.0, sum: 3.0, minimum: 1.0, maximum: 2.0 }),
        record("d", Measured::Value(f64::NAN)),
    ];
    world.cloudwatch.recorder().record(&records, NOW).unwrap();
    let metrics = world.ok("ListMetrics", &json!({"Namespace": "AWS/PrivateLinkEndpoints"}))["Metrics"].clone();
    let names: Vec<_> = metrics.as_array().unwrap().iter().map(|metric| text(&metric["MetricName"])).collect();
    assert_eq!(names, ["b", "c"]);
    let document = json!({"Namespace": "AWS/PrivateLinkEndpoints", "MetricName": "b", "Period": 60,
        "Dimensions": [{"Name": "VPC Endpoint Id", "Value": "vpce-1"}], "StartTime": seconds(NOW),
        "EndTime": seconds(NOW + MINUTE), "Statistics": ["Sum", "SampleCount"]});
    let points = world.ok("GetMetricStatistics", &document)["Datapoints"].clone();
    assert_eq!(points, json!([{"Timestamp": seconds(NOW), "Sum": 200.0, "SampleCount": 3.0, "Unit": "Bytes"}]));
}

#[test]
fn what_could_not_be_put_is_not_recorded_and_many_values_of_a_minute_are_one_row() {
    let world = World::new();
    let scope = Scope { account: OWNER.parse().unwrap(), region: "us-east-1".parse().unwrap() };
    let record = |name: &str, dimension: &str, value: f64| Record {
        scope: scope.clone(),
        namespace: "app".to_owned(),
        name: name.to_owned(),
        dimensions: vec![("d".to_owned(), dimension.to_owned())],
        at: NOW,
        unit: "Count".to_owned(),
        measured: Measured::Value(value),
    };
    let mut records: Vec<Record> = (0..100_000).map(|value| record("m", "v", f64::from(value % 2000))).collect();
    for (name, dimension, value) in [
        ("", "v", 1.0),
        ("x", "", 1.0),
        ("x", " ", 1.0),
        ("x", "\u{e9}", 1.0),
        ("x", &*"v".repeat(1025), 1.0),
        ("x", "v", 1e109),
        ("x", "v", f64::INFINITY),
    ] {
        records.push(record(name, dimension, value));
    }
    let begun = std::time::Instant::now();
    world.cloudwatch.recorder().record(&records, NOW).unwrap();
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    let metrics = world.ok("ListMetrics", &json!({}))["Metrics"].clone();
    assert_eq!(metrics.as_array().map(|metrics| metrics.len()), Some(1), "{metrics}");
    let document = json!({"Namespace": "app", "MetricName": "m", "Period": 60, "StartTime": seconds(NOW),
        "Dimensions": [{"Name": "d", "Value": "v"}], "EndTime": seconds(NOW + MINUTE),
        "Statistics": ["Sum", "SampleCount", "Minimum", "Maximum"]});
    let point = world.ok("GetMetricStatistics", &document)["Datapoints"][0].clone();
    assert_eq!((&point["Sum"], &point["SampleCount"]), (&json!(99_950_000.0), &json!(100_000.0)));
    assert_eq!((&point["Minimum"], &point["Maximum"]), (&json!(0.0), &json!(1999.0)));
    let of_ranks = with(&document, &json!({"Statistics": null, "ExtendedStatistics": ["p50"]}));
    let point = world.ok("GetMetricStatistics", &of_ranks)["Datapoints"][0].clone();
    let median = point["ExtendedStatistics"]["p50"].as_f64().unwrap();
    assert!((median - 999.0).abs() <= 10.0, "{median}");
}
