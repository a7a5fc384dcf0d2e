//! `GetMetricStatistics`, and how long data is kept.

use super::*;

fn asked(more: &Value) -> Value {
    let document = json!({"Namespace": "n", "MetricName": "m", "StartTime": seconds(NOW), "EndTime": seconds(NOW + HOUR),
        "Period": 60, "Statistics": ["Sum"]});
    with(&document, more)
}

#[test]
fn data_points_lie_in_periods_that_begin_with_the_start() {
    let world = World::new();
    for minute in 0..10 {
        world.put(&json!({"Value": minute, "Timestamp": seconds(NOW + minute * MINUTE + 30_000)}));
    }
    assert_eq!(world.points("Sum", 0, 10 * MINUTE, 300), [(0, 10.0), (5, 35.0)]);
    // The start is rounded down to its minute, and the end is not in it.
    assert_eq!(world.points("Sum", 2 * MINUTE + 20_000, 9 * MINUTE, 300), [(2, 20.0), (7, 15.0)]);
    assert_eq!(world.points("SampleCount", 0, 3 * MINUTE, 60), [(0, 1.0), (1, 1.0), (2, 1.0)]);
    assert_eq!(world.points("Sum", HOUR, 2 * HOUR, 60), []);
}

#[test]
fn periods_of_less_than_a_minute_have_data_of_a_resolution_of_a_second_alone() {
    let world = World::new();
    world.put(&json!({"Value": 60, "Timestamp": seconds(NOW)}));
    world.put(&json!({"MetricName": "fine", "Value": 1, "Timestamp": seconds(NOW + 10_000), "StorageResolution": 1}));
    let points = |name: &str, period: i64| {
        let end = seconds(NOW + 20 * MINUTE);
        let document = asked(&json!({"MetricName": name, "Period": period, "EndTime": end}));
        world.ok("GetMetricStatistics", &document)["Datapoints"].as_array().unwrap().len()
    };
    for period in [1, 5, 10, 20, 30] {
        assert_eq!((points("m", period), points("fine", period)), (0, 1), "{period}");
    }
    assert_eq!((points("m", 60), points("fine", 60)), (1, 1));
}

#[test]
fn each_unit_has_data_points_of_its_own() {
    let world = World::new();
    world.put(&json!({"Value": 1, "Unit": "Seconds"}));
    world.put(&json!({"Value": 2, "Unit": "Count"}));
    let points = world.ok("GetMetricStatistics", &asked(&json!({})))["Datapoints"].clone();
    let units: Vec<_> = points.as_array().unwrap().iter().map(|point| text(&point["Unit"])).collect();
    assert_eq!(units, ["Count", "Seconds"]);
    let one = world.ok("GetMetricStatistics", &asked(&json!({"Unit": "Seconds"})));
    assert_eq!(one["Datapoints"].as_array().unwrap().len(), 1);
    assert_eq!(world.ok("GetMetricStatistics", &asked(&json!({"Unit": "Bytes"})))["Datapoints"], json!([]));
}

#[test]
fn percentiles_are_of_values_and_not_of_statistic_sets() {
    let world = World::new();
    let values: Vec<i64> = (1..=100).collect();
    world.put(&json!({"Values": values}));
    let of = |names: &[&str]| {
        let document = asked(&json!({"Statistics": [], "ExtendedStatistics": names}));
        world.ok("GetMetricStatistics", &document)["Datapoints"].clone()
    };
    let points = of(&["p50", "p99.9", "tm90", "PR(:20)"]);
    let expected = json!({"p50": 50.0, "p99.9": 100.0, "tm90": 45.5, "PR(:20)": 20.0});
    assert_eq!(points[0]["ExtendedStatistics"], expected);
    world.put(&json!({"StatisticValues": {"SampleCount": 2, "Sum": 3, "Minimum": 1, "Maximum": 2}}));
    assert_eq!(of(&["p50"]), json!([]));
}

#[test]
fn what_is_asked_wrongly_is_refused() {
    let world = World::new();
    for (more, code, words) in [
        (json!({"Statistics": []}), "InvalidParameterCombinationException", "Must specify either"),
        (json!({"ExtendedStatistics": ["p50"]}), "InvalidParameterCombinationException", "mutually exclusive"),
        (json!({"Statistics": ["Median"]}), "InvalidParameterValueException", "Statistics.member.1"),
        (
            json!({"Statistics": [], "ExtendedStatistics": ["p101"]}),
            "InvalidParameterValueException",
            "The value p101 for parameter ExtendedStatistics.member.1 is not supported.",
        ),
        (json!({"Period": 90}), "InvalidParameterValueException", "Period"),
        (json!({"Period": 0}), "ValidationError", "greater than or equal to 1"),
        (json!({"EndTime": seconds(NOW)}), "InvalidParameterValueException", "StartTime must be less than"),
        (
            json!({"EndTime": seconds(NOW + 48 * HOUR)}),
            "InvalidParameterCombinationException",
            "You have requested up to 2,880 datapoints, which exceeds the limit of 1,440.",
        ),
        (json!({"Unit": "Apples"}), "InvalidParameterValueException", "Unit"),
        (json!({"Period": null}), "MissingRequiredParameterException", "The parameter Period is required."),
        (json!({"MetricName": null}), "MissingRequiredParameterException", "MetricName"),
        (json!({"Period": "x"}), "SerializationException", "a whole number"),
    ] {
        let (got, message) = world.refused("GetMetricStatistics", &asked(&more));
        assert!(got == code && message.contains(words), "{more}: {got}: {message}");
    }
    world.ok("GetMetricStatistics", &asked(&json!({"EndTime": seconds(NOW + 24 * HOUR)})));
}

#[test]
fn a_metric_of_high_resolution_has_data_points_by_the_second_for_three_hours() {
    let mut world = World::new();
    for second in 0..30 {
        world.put(&json!({"Value": 1, "StorageResolution": 1, "Timestamp": seconds(NOW + second * 1000)}));
    }
    let count = |world: &World, period: i64| {
        let document = asked(&json!({"Period": period, "EndTime": seconds(NOW + MINUTE)}));
        let points = world.ok("GetMetricStatistics", &document)["Datapoints"].clone();
        points.as_array().unwrap().iter().map(|point| point["Sum"].as_f64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(count(&world, 1), [1.0; 30]);
    assert_eq!(count(&world, 10), [10.0; 3]);
    assert_eq!(count(&world, 60), [30.0]);
    for keep in [false, true] {
        world.now = NOW + 4 * HOUR;
        if keep {
            world.cloudwatch.keep(world.now).unwrap();
        }
        assert_eq!((count(&world, 1).len(), count(&world, 10).len(), count(&world, 60)), (0, 0, vec![30.0]));
    }
}

#[test]
fn data_gets_coarser_and_goes_and_stays_the_same_whether_or_not_it_was_swept() {
    let mut world = World::new();
    for minute in 0..120 {
        world.put(&json!({"Values": [minute], "Timestamp": seconds(NOW + minute * MINUTE)}));
    }
    for (age, finest, coarser) in [(15 * DAY + 3 * HOUR, 300, 60), (63 * DAY + 3 * HOUR, 3600, 300)] {
        for keep in [false, true] {
            world.now = NOW + age;
            if keep {
                world.cloudwatch.keep(world.now).unwrap();
            }
            let from = NOW - world.now;
            assert_eq!(world.points("Sum", from, from + 2 * HOUR, coarser), [], "{age}");
            let points = world.points("Sum", from, from + 2 * HOUR, finest);
            assert_eq!(points.len() as i64, 7200 / finest);
            assert_eq!(points.iter().map(|(_, sum)| sum).sum::<f64>(), 7140.0);
            let percentile = asked(&json!({"Period": 3600, "EndTime": seconds(NOW + HOUR), "Statistics": [],
                "ExtendedStatistics": ["p50"]}));
            let answer = world.ok("GetMetricStatistics", &percentile);
            assert_eq!(answer["Datapoints"][0]["ExtendedStatistics"]["p50"], 29.0);
        }
    }
    world.now = NOW + 456 * DAY;
    let from = NOW - world.now;
    assert_eq!(world.points("Sum", from, from + 2 * HOUR, 3600), []);
    world.cloudwatch.keep(world.now).unwrap();
    world.now = NOW + 100 * DAY;
    let from = NOW - world.now;
    assert_eq!(world.points("Sum", from, from + 2 * HOUR, 3600), [], "it is gone for good");
}
