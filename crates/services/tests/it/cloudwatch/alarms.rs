//! Alarms, and the states that data puts them in.

use super::*;

fn alarm(more: &Value) -> Value {
    let document = json!({"AlarmName": "one", "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 10, "ComparisonOperator": "GreaterThanThreshold"});
    with(&document, more)
}

fn described(world: &World) -> Value {
    let answer = world.ok("DescribeAlarms", &json!({"AlarmNames": ["one"]}));
    answer["MetricAlarms"][0].clone()
}

fn state(world: &World) -> String {
    text(&described(world)["StateValue"])
}

#[test]
fn an_alarm_is_described_as_it_was_put() {
    let mut world = World::new();
    let topic = "arn:aws:sns:us-east-1:111122223333:t";
    world.ok(
        "PutMetricAlarm",
        &alarm(&json!({"AlarmDescription": "d", "AlarmActions": [topic], "Unit": "Count",
        "Dimensions": [{"Name": "a", "Value": "b"}], "EvaluationPeriods": 3, "DatapointsToAlarm": 2,
        "TreatMissingData": "notBreaching"})),
    );
    assert_eq!(
        described(&world),
        json!({"AlarmName": "one", "AlarmArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:one",
            "AlarmDescription": "d", "AlarmConfigurationUpdatedTimestamp": seconds(NOW), "ActionsEnabled": true,
            "OKActions": [], "AlarmActions": [topic], "InsufficientDataActions": [], "StateValue": "INSUFFICIENT_DATA",
            "StateReason": "Unchecked: Initial alarm creation", "StateUpdatedTimestamp": seconds(NOW),
            "MetricName": "m", "Namespace": "n", "Statistic": "Sum", "Dimensions": [{"Name": "a", "Value": "b"}],
            "Period": 60, "Unit": "Count", "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 10.0,
            "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
            "StateTransitionedTimestamp": seconds(NOW)})
    );
    world.now += 5_000;
    world.ok("PutMetricAlarm", &alarm(&json!({"Threshold": 20})));
    let changed = described(&world);
    assert_eq!((&changed["Threshold"], changed.get("AlarmDescription")), (&json!(20.0), None), "all of it is replaced");
    let for_metric = json!({"Namespace": "n", "MetricName": "m"});
    let count = |more: Value| {
        let answer = world.ok("DescribeAlarmsForMetric", &with(&for_metric, &more));
        answer["MetricAlarms"].as_array().unwrap().len()
    };
    assert_eq!([count(json!({})), count(json!({"Statistic": "Sum", "Period": 60}))], [1, 1]);
    assert_eq!([count(json!({"Statistic": "Average"})), count(json!({"Period": 300}))], [0, 0]);
    assert_eq!(count(json!({"Dimensions": [{"Name": "a", "Value": "b"}]})), 0);
}

#[test]
fn data_moves_an_alarm_and_the_history_tells() {
    let mut world = World::new();
    world.ok("PutMetricAlarm", &alarm(&json!({})));
    world.put(&json!({"Value": 11}));
    world.now = NOW + MINUTE;
    let breached = described(&world);
    assert_eq!(breached["StateValue"], "ALARM");
    assert_eq!(
        breached["StateReason"],
        "Threshold Crossed: 1 datapoint [11.0 (15/06/25 16:00:00)] was greater than the threshold (10.0)."
    );
    let data: Value = serde_json::from_str(breached["StateReasonData"].as_str().unwrap()).unwrap();
    let evaluated = json!([{"timestamp": "2025-06-15T16:00:00.000+0000", "sampleCount": 1.0, "value": 11.0}]);
    let expected = json!({"version": "1.0", "queryDate": "2025-06-15T16:01:00.000+0000",
        "startDate": "2025-06-15T16:00:00.000+0000", "statistic": "Sum", "period": 60, "recentDatapoints": [11.0],
        "threshold": 10.0, "evaluatedDatapoints": evaluated});
    assert_eq!(data, expected);
    assert_eq!(breached["StateTransitionedTimestamp"], seconds(NOW + MINUTE));
    world.put(&json!({"Value": 3}));
    world.now = NOW + 2 * MINUTE;
    assert_eq!(
        described(&world)["StateReason"],
        "Threshold Crossed: 1 datapoint [3.0 (15/06/25 16:01:00)] was not greater than the threshold (10.0)."
    );
    world.now = NOW + 10 * MINUTE;
    assert_eq!(state(&world), "INSUFFICIENT_DATA");
    let data: Value = serde_json::from_str(described(&world)["StateReasonData"].as_str().unwrap()).unwrap();
    assert_eq!((data.get("startDate"), &data["recentDatapoints"]), (None, &json!([])));
    assert_eq!(data["evaluatedDatapoints"], json!([{"timestamp": "2025-06-15T16:09:00.000+0000"}]));
    let history = |more: Value| {
        let answer = world.ok("DescribeAlarmHistory", &with(&json!({"AlarmName": "one"}), &more));
        let items = answer["AlarmHistoryItems"].as_array().unwrap().clone();
        items.iter().map(|item| text(&item["HistorySummary"])).collect::<Vec<_>>()
    };
    let expected = [
        "Alarm updated from OK to INSUFFICIENT_DATA",
        "Alarm updated from ALARM to OK",
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        "Alarm \"one\" created",
    ];
    assert_eq!(history(json!({})), expected);
    assert_eq!(
        history(json!({"HistoryItemType": "StateUpdate", "ScanBy": "TimestampAscending"})),
        [expected[2], expected[1], expected[0]]
    );
    assert_eq!(history(json!({"StartDate": seconds(NOW + MINUTE), "EndDate": seconds(NOW + 2 * MINUTE)})).len(), 2);
    let page = world.ok("DescribeAlarmHistory", &json!({"MaxRecords": 3}));
    let next = world.ok("DescribeAlarmHistory", &json!({"MaxRecords": 3, "NextToken": page["NextToken"]}));
    assert_eq!(next["AlarmHistoryItems"].as_array().unwrap().len(), 1);
}

#[test]
fn an_alarm_that_says_how_many_data_points_have_to_breach_is_told_of_with_their_number() {
    let mut world = World::new();
    world.ok("PutMetricAlarm", &alarm(&json!({"EvaluationPeriods": 3, "DatapointsToAlarm": 2})));
    for (minute, value) in [(0, 11), (1, 3), (2, 12)] {
        world.now = NOW + minute * MINUTE;
        world.put(&json!({"Value": value}));
    }
    world.now = NOW + 3 * MINUTE;
    assert_eq!(
        described(&world)["StateReason"],
        "Threshold Crossed: 2 out of the last 3 datapoints [12.0 (15/06/25 16:02:00), 11.0 (15/06/25 16:00:00)] were \
         greater than the threshold (10.0) (minimum 2 datapoints for OK -> ALARM transition)."
    );
    for minute in [3, 4] {
        world.now = NOW + minute * MINUTE;
        world.put(&json!({"Value": 4}));
    }
    world.now = NOW + 5 * MINUTE;
    assert_eq!(
        described(&world)["StateReason"],
        "Threshold Crossed: 2 out of the last 3 datapoints [4.0 (15/06/25 16:04:00), 4.0 (15/06/25 16:03:00)] were not \
         greater than the threshold (10.0) (minimum 2 datapoints for ALARM -> OK transition)."
    );
}

#[test]
fn a_percentile_of_too_few_samples_moves_an_alarm_only_if_it_says_so() {
    let mut world = World::new();
    let percentile = |name: &str, low: Value| {
        let more = json!({"AlarmName": name, "Statistic": null, "ExtendedStatistic": "p90", "Threshold": 5,
            "EvaluateLowSampleCountPercentile": low});
        alarm(&more)
    };
    world.ok("PutMetricAlarm", &percentile("careful", json!("ignore")));
    world.ok("PutMetricAlarm", &percentile("eager", json!("evaluate")));
    world.ok("PutMetricAlarm", &percentile("usual", Value::Null));
    let states = |world: &World| {
        let alarms = world.ok("DescribeAlarms", &json!({}))["MetricAlarms"].clone();
        alarms.as_array().unwrap().iter().map(|alarm| text(&alarm["StateValue"])).collect::<Vec<_>>()
    };
    // A 90th percentile takes a hundred.
    world.put(&json!({"Values": [7], "Counts": [99]}));
    world.now = NOW + MINUTE;
    assert_eq!(states(&world), ["INSUFFICIENT_DATA", "ALARM", "ALARM"]);
    world.put(&json!({"Values": [7], "Counts": [100]}));
    world.now = NOW + 2 * MINUTE;
    assert_eq!(states(&world), ["ALARM", "ALARM", "ALARM"]);
}

#[test]
fn alarms_on_expressions_and_on_percentiles_are_evaluated() {
    let mut world = World::new();
    let metric = json!({"Id": "m1", "ReturnData": false, "MetricStat": {"Metric": {"Namespace": "n", "MetricName": "m",
        "Dimensions": []}, "Period": 60, "Stat": "Sum"}});
    let own = json!({"AlarmName": "math", "EvaluationPeriods": 1, "Threshold": 20,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Metrics": [metric, {"Id": "e1", "Expression": "m1 * 2", "ReturnData": true}]});
    world.ok("PutMetricAlarm", &own);
    let percentile = json!({"Statistic": null, "ExtendedStatistic": "p50", "Threshold": 5});
    world.ok("PutMetricAlarm", &alarm(&percentile));
    world.put(&json!({"Values": [1, 2, 7]}));
    world.now = NOW + MINUTE;
    world.cloudwatch.keep(world.now).unwrap();
    let alarms = world.ok("DescribeAlarms", &json!({}))["MetricAlarms"].clone();
    let states: Vec<_> = alarms.as_array().unwrap().iter().map(|alarm| text(&alarm["StateValue"])).collect();
    assert_eq!(states, ["ALARM", "OK"]);
    assert_eq!(alarms[0]["Metrics"], own["Metrics"]);
    assert_eq!(alarms[1]["ExtendedStatistic"], "p50");
}

#[test]
fn a_state_that_somebody_sets_lasts_until_the_next_evaluation() {
    let mut world = World::new();
    world.ok("PutMetricAlarm", &alarm(&json!({"TreatMissingData": "notBreaching"})));
    let set = |world: &World, more: Value| {
        let document = json!({"AlarmName": "one", "StateValue": "ALARM", "StateReason": "a test"});
        world.call_as(OWNER, &all("cloudwatch:*"), "SetAlarmState", &with(&document, &more)).0
    };
    assert_eq!(set(&world, json!({"StateReasonData": "{\"a\": 1}"})).0, 200);
    world.now = NOW + 30_000;
    assert_eq!((state(&world), text(&described(&world)["StateReasonData"])), ("ALARM".into(), "{\"a\": 1}".into()));
    world.now = NOW + MINUTE;
    assert_eq!(state(&world), "OK");
    for (more, status, code) in [
        (json!({"AlarmName": "none"}), 404, "ResourceNotFound"),
        (json!({"StateValue": "GOOD"}), 400, "ValidationError"),
        (json!({"StateReasonData": "{"}), 400, "InvalidFormatFault"),
        (json!({"StateReason": null}), 400, "MissingRequiredParameterException"),
    ] {
        let (got, answer) = set(&world, more);
        assert_eq!((got, answer["__type"].as_str()), (status, Some(code)), "{answer}");
    }
}

#[test]
fn alarms_are_filtered_and_paged_by_their_names() {
    let world = World::new();
    let action = "arn:aws:sns:us-east-1:111122223333:t";
    for number in 0..60 {
        let actions = if number == 7 { json!([action]) } else { json!([]) };
        world.ok("PutMetricAlarm", &alarm(&json!({"AlarmName": format!("a{number:02}"), "OKActions": actions})));
    }
    let names = |document: Value| {
        let answer = world.ok("DescribeAlarms", &document);
        let names: Vec<_> =
            answer["MetricAlarms"].as_array().unwrap().iter().map(|alarm| text(&alarm["AlarmName"])).collect();
        (names, answer.get("NextToken").cloned())
    };
    let (first, token) = names(json!({}));
    assert_eq!((first.len(), first[49].as_str()), (50, "a49"));
    assert_eq!(names(json!({"NextToken": token.unwrap()})).0.len(), 10);
    assert_eq!(names(json!({"AlarmNamePrefix": "a1", "MaxRecords": 100})).0.len(), 10);
    assert_eq!(names(json!({"AlarmNames": ["a03", "none"]})).0, ["a03"]);
    assert_eq!(names(json!({"ActionPrefix": "arn:aws:sns:"})).0, ["a07"]);
    assert_eq!(names(json!({"StateValue": "ALARM"})).0.len(), 0);
    assert_eq!(names(json!({"AlarmTypes": ["CompositeAlarm"]})).0.len(), 0);
    assert_eq!(names(json!({"ParentsOfAlarmName": "a01"})).0.len(), 0);
    let both = json!({"AlarmNames": ["a03"], "AlarmNamePrefix": "a"});
    assert_eq!(world.refused("DescribeAlarms", &both).0, "ValidationError");
    assert_eq!(world.refused("DescribeAlarms", &json!({"MaxRecords": 101})).0, "ValidationError");
}

#[test]
fn alarms_are_deleted_together_or_not_at_all_and_their_actions_switched() {
    let world = World::new();
    for name in ["a", "b"] {
        world.ok("PutMetricAlarm", &alarm(&json!({"AlarmName": name})));
    }
    world.ok("DisableAlarmActions", &json!({"AlarmNames": ["a", "none"]}));
    let enabled = || {
        let alarms = world.ok("DescribeAlarms", &json!({}))["MetricAlarms"].clone();
        alarms.as_array().unwrap().iter().map(|alarm| alarm["ActionsEnabled"].as_bool().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(enabled(), [false, true]);
    world.ok("EnableAlarmActions", &json!({"AlarmNames": ["a"]}));
    assert_eq!(enabled(), [true, true]);
    assert_eq!(world.refused("DeleteAlarms", &json!({"AlarmNames": ["a", "none"]})).0, "ResourceNotFound");
    assert_eq!(enabled().len(), 2);
    world.ok("DeleteAlarms", &json!({"AlarmNames": ["a", "b"]}));
    assert_eq!(enabled().len(), 0);
    let history = world.ok("DescribeAlarmHistory", &json!({"AlarmName": "a"}))["AlarmHistoryItems"].clone();
    assert_eq!(history[0]["HistorySummary"], "Alarm \"a\" deleted");
}

#[test]
fn an_alarm_that_makes_no_sense_is_refused() {
    let world = World::new();
    let queries = json!([{"Id": "e1", "Expression": "TIME_SERIES(1)"}, {"Id": "e2", "Expression": "TIME_SERIES(2)"}]);
    for (more, code) in [
        (json!({"AlarmName": null}), "MissingRequiredParameterException"),
        (json!({"EvaluationPeriods": null}), "MissingRequiredParameterException"),
        (json!({"Threshold": null}), "MissingRequiredParameterException"),
        (json!({"Threshold": "NaN"}), "InvalidParameterValueException"),
        (json!({"Statistic": null}), "MissingRequiredParameterException"),
        (json!({"ExtendedStatistic": "p50"}), "InvalidParameterCombinationException"),
        (json!({"Statistic": "Median"}), "ValidationError"),
        (json!({"ComparisonOperator": "Unlike"}), "ValidationError"),
        (json!({"DatapointsToAlarm": 2}), "ValidationError"),
        (json!({"Period": 5}), "ValidationError"),
        (json!({"Period": 600, "EvaluationPeriods": 145}), "ValidationError"),
        (json!({"TreatMissingData": "panic"}), "ValidationError"),
        (json!({"AlarmActions": ["notify me"]}), "ValidationError"),
        (json!({"AlarmActions": vec!["arn:aws:sns:us-east-1:111122223333:t"; 6]}), "ValidationError"),
        (json!({"Metrics": queries}), "ValidationError"),
        (json!({"ComparisonOperator": "GreaterThanUpperThreshold"}), "NotImplemented"),
        (json!({"ThresholdMetricId": "ad1"}), "NotImplemented"),
        (json!({"Tags": [{"Key": "aws:a", "Value": "b"}]}), "InvalidParameterValueException"),
    ] {
        assert_eq!(world.refused("PutMetricAlarm", &alarm(&more)).0, code, "{more}");
    }
    let two = json!({"AlarmName": "x", "EvaluationPeriods": 1, "Threshold": 1, "Metrics": queries,
        "ComparisonOperator": "GreaterThanThreshold"});
    assert_eq!(world.refused("PutMetricAlarm", &two).1, "Exactly one element of the metrics list should return data.");
    world.ok("PutMetricAlarm", &alarm(&json!({"Period": 3600, "EvaluationPeriods": 168})));
}

#[test]
fn alarms_and_dashboards_have_tags() {
    let world = World::new();
    world.ok("PutMetricAlarm", &alarm(&json!({"Tags": [{"Key": "a", "Value": "1"}]})));
    world.ok("PutMetricAlarm", &alarm(&json!({"Tags": [{"Key": "b", "Value": "2"}]})));
    world.ok("PutDashboard", &json!({"DashboardName": "d", "DashboardBody": "{}"}));
    let of = |arn: &str| world.ok("ListTagsForResource", &json!({"ResourceARN": arn}))["Tags"].clone();
    let alarm = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:one";
    assert_eq!(of(alarm), json!([{"Key": "a", "Value": "1"}]), "tags of an alarm that is there are ignored");
    for arn in [alarm, "arn:aws:cloudwatch::111122223333:dashboard/d"] {
        let tags = json!([{"Key": "a", "Value": "9"}, {"Key": "c", "Value": ""}]);
        assert_eq!(world.ok("TagResource", &json!({"ResourceARN": arn, "Tags": tags})), json!({}));
        assert_eq!(of(arn), tags);
        world.ok("UntagResource", &json!({"ResourceARN": arn, "TagKeys": ["a", "none"]}));
        assert_eq!(of(arn), json!([{"Key": "c", "Value": ""}]));
        let many: Vec<Value> = (0..50).map(|n| json!({"Key": format!("k{n}"), "Value": "v"})).collect();
        let refused = world.refused("TagResource", &json!({"ResourceARN": arn, "Tags": many}));
        assert_eq!(refused.0, "InvalidParameterValueException");
    }
    for (arn, code) in [
        ("arn:aws:cloudwatch:us-east-1:111122223333:alarm:none", "ResourceNotFoundException"),
        ("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:one", "ResourceNotFoundException"),
        ("arn:aws:cloudwatch:us-east-1:111122223333:metric-stream/x", "ResourceNotFoundException"),
        ("arn:aws:s3:::bucket", "InvalidParameterValueException"),
        ("one", "InvalidParameterValueException"),
    ] {
        assert_eq!(world.refused("ListTagsForResource", &json!({"ResourceARN": arn})).0, code, "{arn}");
    }
}

/// An alarm on expressions over the metric `m` of this period, as `m1`.
fn on_expression(period: i64, evaluation_periods: i64, expression: &str) -> Value {
    let metric = json!({"Id": "m1", "ReturnData": false, "MetricStat": {"Metric": {"Namespace": "n", "MetricName": "m"},
        "Period": period, "Stat": "Sum"}});
    json!({"AlarmName": "math", "EvaluationPeriods": evaluation_periods, "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold", "Metrics": [metric, {"Id": "e1", "Expression": expression}]})
}

#[test]
fn an_alarm_on_expressions_looks_back_for_a_day_or_for_a_week() {
    let world = World::new();
    for (period, most) in [(10, 8640), (60, 1440), (300, 288), (3600, 168), (86_400, 7)] {
        world.ok("PutMetricAlarm", &on_expression(period, most, "m1 * 2"));
        let (code, message) = world.refused("PutMetricAlarm", &on_expression(period, most + 1, "m1 * 2"));
        assert_eq!((code.as_str(), message.contains("Metrics cannot be checked across")), ("ValidationError", true));
    }
    let huge = on_expression(2_147_483_640, 86_400, "m1");
    assert_eq!(world.refused("PutMetricAlarm", &huge).0, "ValidationError");
    assert_eq!(world.refused("PutMetricAlarm", &on_expression(5, 1, "m1")).0, "ValidationError");
    let mut own = on_expression(60, 2, "m1");
    own["Metrics"][1]["Period"] = json!(86_400 * 4);
    assert_eq!(
        world.refused("PutMetricAlarm", &own).0,
        "ValidationError",
        "the period of an expression counts as well"
    );
    let mut alone = on_expression(60, 1441, "TIME_SERIES(1)");
    alone["Metrics"] = json!([{"Id": "e1", "Expression": "TIME_SERIES(1)"}]);
    assert_eq!(world.refused("PutMetricAlarm", &alone).0, "ValidationError");
}

#[test]
fn an_alarm_that_was_stored_before_there_was_a_bound_is_not_evaluated() {
    let mut world = World::new();
    world.ok("PutMetricAlarm", &on_expression(86_400, 7, "FILL(m1, 9)"));
    let file = rusqlite::Connection::open(world.dir.path().join("cloudwatch/cloudwatch.sqlite")).unwrap();
    let changed = file
        .execute(
            "UPDATE alarm SET document = replace(document, '\"evaluation_periods\":7', '\"evaluation_periods\":86400')",
            [],
        )
        .unwrap();
    assert_eq!(changed, 1);
    world.now = NOW + MINUTE;
    world.cloudwatch.keep(world.now).unwrap();
    let alarm = world.ok("DescribeAlarms", &json!({}))["MetricAlarms"][0].clone();
    assert_eq!((&alarm["EvaluationPeriods"], &alarm["StateValue"]), (&json!(86_400), &json!("INSUFFICIENT_DATA")));
}

#[test]
fn an_alarm_that_could_never_be_evaluated_is_refused() {
    let world = World::new();
    let refused = |document: &Value| {
        let (code, message) = world.refused("PutMetricAlarm", document);
        assert_eq!(code, "ValidationError", "{document}");
        message
    };
    let search = "FIRST(SEARCH('{n} m', 'Sum', 60))";
    assert_eq!(refused(&on_expression(60, 1, search)), "SEARCH is not supported on Metric Alarms");
    let list = "Error in expression 'e1': The expression must return a single time series";
    for expression in ["[m1, m1]", "METRICS()", "SUM(m1)", "3"] {
        assert_eq!(refused(&on_expression(60, 1, expression)), list, "{expression}");
    }
    refused(&on_expression(60, 1, "m1 + [m1"));
    refused(&on_expression(60, 1, "FILL(3, 4)"));
    let unserved = on_expression(60, 1, "ANOMALY_DETECTION_BAND(m1)");
    assert_eq!(world.refused("PutMetricAlarm", &unserved).0, "NotImplemented");
    let of = |count: usize, other: i64| {
        let mut document = on_expression(60, 1, "SUM(METRICS())");
        let metric = document["Metrics"][0].clone();
        for number in 2..=count {
            let mut metric = with(&metric, &json!({"Id": format!("m{number}")}));
            metric["MetricStat"]["Period"] = json!(other);
            document["Metrics"].as_array_mut().unwrap().push(metric);
        }
        document
    };
    world.ok("PutMetricAlarm", &of(10, 60));
    refused(&of(11, 60));
    refused(&of(2, 300));
    for expression in ["m1 - AVG(m1)", "IF(m1 > 2, m1, 0)", "FILL(m1, REPEAT)", "AVG([m1, m1])", "RATE(m1)"] {
        world.ok("PutMetricAlarm", &on_expression(60, 1, expression));
    }
}
