//! `PutMetricData`

use super::*;

#[track_caller]
fn refusal(world: &World, datum: &Value) -> (String, String) {
    let datum = with(&json!({"MetricName": "m"}), datum);
    world.refused("PutMetricData", &json!({"Namespace": "n", "MetricData": [datum]}))
}

#[test]
fn values_are_taken_in_each_form_and_merged() {
    let world = World::new();
    world.put(&json!({"Value": 4}));
    world.put(&json!({"Values": [1, 2], "Counts": [3, 0]}));
    world.put(&json!({"Values": [5]}));
    world.put(&json!({"StatisticValues": {"SampleCount": 2, "Sum": 9, "Minimum": 0.5, "Maximum": 8.5}}));
    let of = |statistic| world.points(statistic, 0, MINUTE, 60)[0].1;
    assert_eq!([of("SampleCount"), of("Sum"), of("Minimum"), of("Maximum")], [7.0, 21.0, 0.5, 8.5]);
    assert_eq!(of("Average"), 3.0);
}

#[test]
fn forms_exclude_each_other() {
    let world = World::new();
    let set = json!({"SampleCount": 1, "Sum": 1, "Minimum": 1, "Maximum": 1});
    for (datum, code, message) in [
        (
            json!({"Value": 1, "Values": [1]}),
            "InvalidParameterCombinationException",
            "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you \
             have specified both.",
        ),
        (
            json!({"Value": 1, "StatisticValues": set}),
            "InvalidParameterCombinationException",
            "The parameters MetricData.member.1.Value and MetricData.member.1.StatisticValues are mutually exclusive \
             and you have specified both.",
        ),
        (
            json!({"Values": [1, 10], "Counts": [2, 4, 5]}),
            "InvalidParameterValueException",
            "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.",
        ),
        (
            json!({}),
            "MissingRequiredParameterException",
            "At least one of the parameters MetricData.member.1.Value, MetricData.member.1.Values or \
             MetricData.member.1.StatisticValues must be specified.",
        ),
        (
            json!({"StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 1}}),
            "MissingRequiredParameterException",
            "The parameter MetricData.member.1.StatisticValues.Maximum is required.",
        ),
    ] {
        assert_eq!(refusal(&world, &datum), (code.to_owned(), message.to_owned()));
    }
    world.put(&json!({"Values": [1], "StatisticValues": set}));
}

#[test]
fn what_is_no_number_or_too_large_is_refused() {
    let world = World::new();
    for value in [json!("NaN"), json!("Infinity"), json!("-Infinity"), json!(2.4e108), json!(-2.4e108)] {
        for datum in [
            json!({"Value": value}),
            json!({"Values": [value]}),
            json!({"Values": [1], "Counts": [value]}),
            json!({"StatisticValues": {"SampleCount": 1, "Sum": value, "Minimum": 1, "Maximum": 1}}),
        ] {
            assert_eq!(refusal(&world, &datum).0, "InvalidParameterValueException", "{datum}");
        }
    }
    assert_eq!(refusal(&world, &json!({"Values": [1], "Counts": [-1]})).0, "InvalidParameterValueException");
    let backwards = json!({"StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 2, "Maximum": 1}});
    assert_eq!(refusal(&world, &backwards).0, "InvalidParameterValueException");
    let empty = json!({"StatisticValues": {"SampleCount": 0, "Sum": 1, "Minimum": 1, "Maximum": 1}});
    assert_eq!(refusal(&world, &empty).0, "InvalidParameterValueException");
    world.put(&json!({"Value": 2.3e108}));
    assert!(world.ok("ListMetrics", &json!({}))["Metrics"].as_array().unwrap().len() == 1);
}

#[test]
fn times_are_at_most_two_weeks_old_and_two_hours_ahead() {
    let world = World::new();
    for (at, is_taken) in
        [(NOW - 14 * DAY, true), (NOW - 14 * DAY - 1000, false), (NOW + 2 * HOUR, true), (NOW + 2 * HOUR + 1000, false)]
    {
        let datum = json!({"Value": 1, "Timestamp": seconds(at)});
        if is_taken {
            world.put(&datum);
            continue;
        }
        let (code, message) = refusal(&world, &datum);
        assert_eq!(code, "InvalidParameterValueException");
        assert!(message.starts_with("The parameter MetricData.member.1.Timestamp must specify a time"), "{message}");
    }
}

#[test]
fn names_dimensions_and_lists_have_bounds() {
    let world = World::new();
    let dimensions = |count: usize| -> Vec<Value> {
        (0..count).map(|number| json!({"Name": format!("d{number}"), "Value": "v"})).collect()
    };
    world.put(&json!({"Value": 1, "Dimensions": dimensions(30)}));
    for datum in [
        json!({"Value": 1, "Dimensions": dimensions(31)}),
        json!({"Value": 1, "Dimensions": [{"Name": "a", "Value": "1"}, {"Name": "a", "Value": "2"}]}),
        json!({"Value": 1, "Dimensions": [{"Name": ":a", "Value": "1"}]}),
        json!({"Value": 1, "Dimensions": [{"Name": "é", "Value": "1"}]}),
        json!({"Value": 1, "Dimensions": [{"Name": "a", "Value": " "}]}),
        json!({"Value": 1, "Unit": "Apples"}),
        json!({"Value": 1, "StorageResolution": 30}),
        json!({"Values": vec![1; 151]}),
    ] {
        assert_eq!(refusal(&world, &datum).0, "InvalidParameterValueException", "{datum}");
    }
    let long = json!({"Value": 1, "Dimensions": [{"Name": "a", "Value": "v".repeat(1025)}]});
    assert_eq!(refusal(&world, &long).0, "ValidationError");
    let missing = json!({"Value": 1, "Dimensions": [{"Name": "a"}]});
    assert_eq!(refusal(&world, &missing).0, "MissingRequiredParameterException");
    let metrics = |count: usize| -> Vec<Value> { (0..count).map(|_| json!({"MetricName": "x", "Value": 1})).collect() };
    let of = |count| json!({"Namespace": "n", "MetricData": metrics(count)});
    world.ok("PutMetricData", &of(1000));
    assert_eq!(world.refused("PutMetricData", &of(1001)).0, "InvalidParameterValueException");
    assert_eq!(world.refused("PutMetricData", &of(0)).0, "MissingRequiredParameterException");
    for (namespace, code) in [
        ("AWS/EC2", "InvalidParameterValueException"),
        ("", "ValidationError"),
        (":n", "ValidationError"),
        ("a\u{7}", "InvalidParameterValueException"),
    ] {
        let document = json!({"Namespace": namespace, "MetricData": metrics(1)});
        assert_eq!(world.refused("PutMetricData", &document).0, code, "{namespace}");
    }
}

#[test]
fn one_datum_that_is_refused_keeps_all_others_out() {
    let world = World::new();
    let data = json!([{"MetricName": "a", "Value": 1}, {"MetricName": "b", "Value": "NaN"}]);
    let (_, message) = world.refused("PutMetricData", &json!({"Namespace": "n", "MetricData": data}));
    assert_eq!(message, "The value NaN for parameter MetricData.member.2.Value is invalid.");
    assert_eq!(world.ok("ListMetrics", &json!({}))["Metrics"], json!([]));
}

#[test]
fn an_invalid_entity_is_told_in_a_header_or_fails_all() {
    let world = World::new();
    let put = |keys: Value, strict: Value| {
        let entity = json!({"Entity": {"KeyAttributes": keys}, "MetricData": [{"MetricName": "m", "Value": 1}]});
        let document = json!({"Namespace": "n", "EntityMetricData": [entity], "StrictEntityValidation": strict});
        let (status, headers, _) = world.send(in_json("PutMetricData", &document));
        (status, headers.get("x-amzn-failure-message").map(|value| value.to_str().unwrap().to_owned()))
    };
    let good = json!({"Type": "Service", "Name": "a", "Environment": "e"});
    assert_eq!(put(good.clone(), json!(true)), (200, None));
    let told = |name: &str| Some(name.to_owned());
    assert_eq!(put(json!({"Type": "Thing", "Name": "a"}), json!(false)), (200, told("InvalidTypeValue")));
    assert_eq!(put(json!({"Type": "Service", "Name": "a"}), json!(false)), (200, told("MissingRequiredFields")));
    assert_eq!(put(json!({"Name": "a"}), json!(false)), (200, told("InvalidKeyAttributes")));
    assert_eq!(put(json!({"Type": "Thing", "Name": "a"}), json!(true)), (400, None));
    assert_eq!(put(good, Value::Null), (400, None), "it has to be said");
    assert_eq!(world.points("SampleCount", 0, MINUTE, 60), [(0, 4.0)]);
}
