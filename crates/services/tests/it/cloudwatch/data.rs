//! `GetMetricData`

use super::*;

fn stat(id: &str, name: &str, stat: &str) -> Value {
    json!({"Id": id, "MetricStat": {"Metric": {"Namespace": "n", "MetricName": name}, "Period": 60, "Stat": stat}})
}

fn of(id: &str, expression: &str) -> Value {
    json!({"Id": id, "Expression": expression})
}

fn asked(queries: &[Value], more: &Value) -> Value {
    let document = json!({"MetricDataQueries": queries, "StartTime": seconds(NOW), "EndTime": seconds(NOW + 10 * MINUTE),
        "ScanBy": "TimestampAscending"});
    with(&document, more)
}

/// Metrics `a` with 1, 2, 3, 4 and `b` with 10, none, 30, 0 in the first minutes.
fn world() -> World {
    let world = World::new();
    for (name, minute, value) in
        [("a", 0, 1), ("a", 1, 2), ("a", 2, 3), ("a", 3, 4), ("b", 0, 10), ("b", 2, 30), ("b", 3, 0)]
    {
        let datum = json!({"MetricName": name, "Value": value, "Timestamp": seconds(NOW + minute * MINUTE)});
        world.ok("PutMetricData", &json!({"Namespace": "n", "MetricData": [datum]}));
    }
    world
}

/// The values of an expression over `a` and `b`, by minutes.
#[track_caller]
fn values(world: &World, expression: &str) -> Vec<(i64, f64)> {
    let queries = [
        with(&stat("a", "a", "Sum"), &json!({"ReturnData": false})),
        with(&stat("b", "b", "Sum"), &json!({"ReturnData": false})),
        of("e", expression),
    ];
    let answer = world.ok("GetMetricData", &asked(&queries, &json!({})));
    let [result] = &answer["MetricDataResults"].as_array().unwrap()[..] else { panic!("{expression}: {answer}") };
    let minutes = result["Timestamps"].as_array().unwrap().iter().map(|at| {
        let at = (at.as_f64().unwrap() * 1000.0) as i64;
        (at - NOW) / MINUTE
    });
    minutes.zip(result["Values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap())).collect()
}

#[test]
fn statistics_of_metrics_are_returned_in_the_order_that_is_asked_for() {
    let world = world();
    let answer = world.ok("GetMetricData", &asked(&[stat("x", "a", "Sum")], &json!({})));
    let minutes = |order: [i64; 4]| json!(order.map(|minute| seconds(NOW + minute * MINUTE)));
    assert_eq!(
        answer["MetricDataResults"],
        json!([{"Id": "x", "Label": "a", "Timestamps": minutes([0, 1, 2, 3]), "Values": [1.0, 2.0, 3.0, 4.0],
            "StatusCode": "Complete"}])
    );
    assert_eq!((&answer["Messages"], answer.get("NextToken")), (&json!([]), None));
    let newest_first = json!({"ScanBy": null});
    let answer = world.ok("GetMetricData", &asked(&[stat("x", "a", "p100")], &newest_first));
    assert_eq!(answer["MetricDataResults"][0]["Timestamps"], minutes([3, 2, 1, 0]));
    let nothing = world.ok("GetMetricData", &asked(&[stat("x", "none", "Sum")], &json!({})));
    let expected = json!([{"Id": "x", "Label": "none", "Timestamps": [], "Values": [], "StatusCode": "Complete"}]);
    assert_eq!(nothing["MetricDataResults"], expected);
    let labelled = with(&stat("x", "a", "Sum"), &json!({"Label": "mine"}));
    let answer = world.ok("GetMetricData", &asked(&[labelled], &json!({})));
    assert_eq!(answer["MetricDataResults"][0]["Label"], "mine");
}

#[test]
fn expressions_are_of_the_values_of_the_same_time() {
    let world = world();
    for (expression, expected) in [
        ("a + b", vec![(0, 11.0), (1, 2.0), (2, 33.0), (3, 4.0)]),
        ("a / b", vec![(0, 0.1), (2, 0.1)]),
        ("-a ^ 2", vec![(0, -1.0), (1, -4.0), (2, -9.0), (3, -16.0)]),
        ("a > 2", vec![(0, 0.0), (1, 0.0), (2, 1.0), (3, 1.0)]),
        ("a > 1 AND b < 20", vec![(0, 0.0), (1, 0.0), (2, 0.0), (3, 1.0)]),
        ("a == 1 || a == 4", vec![(0, 1.0), (1, 0.0), (2, 0.0), (3, 1.0)]),
        ("SUM(METRICS())", vec![(0, 11.0), (1, 2.0), (2, 33.0), (3, 4.0)]),
        ("MAX([a, b])", vec![(0, 10.0), (1, 2.0), (2, 30.0), (3, 4.0)]),
        ("AVG(METRICS('a'))", vec![(0, 1.0), (1, 2.0), (2, 3.0), (3, 4.0)]),
        ("a - AVG(a)", vec![(0, -1.5), (1, -0.5), (2, 0.5), (3, 1.5)]),
        ("a * 0 + STDDEV(a)", (0..4).map(|minute| (minute, 1.25_f64.sqrt())).collect()),
        ("IF(b > 5, a, 0 - a)", vec![(0, 1.0), (2, 3.0), (3, -4.0)]),
        ("IF(b, 7)", vec![(0, 7.0), (2, 7.0)]),
        ("DIFF(b)", vec![(2, 20.0), (3, -30.0)]),
        ("DIFF_TIME(b)", vec![(2, 120.0), (3, 60.0)]),
        ("RATE(a)", vec![(1, 1.0 / 60.0), (2, 1.0 / 60.0), (3, 1.0 / 60.0)]),
        ("RUNNING_SUM(a)", vec![(0, 1.0), (1, 3.0), (2, 6.0), (3, 10.0)]),
        ("CEIL(a / 2) + FLOOR(a / 2) + ABS(0 - a)", vec![(0, 2.0), (1, 4.0), (2, 6.0), (3, 8.0)]),
        ("LOG10(b)", vec![(0, 1.0), (2, 30.0_f64.log10())]),
        ("LOG(a) * 0 + PERIOD(a)", vec![(0, 60.0), (1, 60.0), (2, 60.0), (3, 60.0)]),
        ("FILL(b, LINEAR) ", vec![(0, 10.0), (1, 20.0), (2, 30.0), (3, 0.0)]),
        ("a + FILL(b, a)", vec![(0, 11.0), (1, 4.0), (2, 33.0), (3, 4.0)]),
        ("MIN(SLICE(SORT(METRICS(), MAX, DESC), 0, 1))", vec![(0, 10.0), (2, 30.0), (3, 0.0)]),
        ("FIRST(SORT(METRICS(), SUM, ASC, 1))", vec![(0, 1.0), (1, 2.0), (2, 3.0), (3, 4.0)]),
        ("a * METRIC_COUNT(METRICS()) * DATAPOINT_COUNT(b)", vec![(0, 6.0), (1, 12.0), (2, 18.0), (3, 24.0)]),
    ] {
        assert_eq!(values(&world, expression), expected, "{expression}");
    }
    let repeated = values(&world, "FILL(b, REPEAT)");
    assert_eq!((repeated.len(), repeated[1], repeated[9]), (10, (1, 10.0), (9, 0.0)));
    assert_eq!(values(&world, "TIME_SERIES(3)"), (0..10).map(|minute| (minute, 3.0)).collect::<Vec<_>>());
    assert_eq!(values(&world, "FILL(a, 9)")[4..], (4..10).map(|minute| (minute, 9.0)).collect::<Vec<_>>());
}

#[test]
fn a_list_of_series_and_a_search_give_a_result_each() {
    let world = world();
    let queries = [of("e", "SEARCH('{n} MetricName=(\"a\" OR \"b\")', 'Sum', 60) * 2")];
    let answer = world.ok("GetMetricData", &asked(&queries, &json!({})));
    let found = answer["MetricDataResults"].as_array().unwrap();
    let ids: Vec<_> = found.iter().map(|result| (text(&result["Id"]), result["Values"].clone())).collect();
    let expected = [("e".to_owned(), json!([2.0, 4.0, 6.0, 8.0])), ("e".to_owned(), json!([20.0, 60.0, 0.0]))];
    assert_eq!(ids, expected);
}

#[test]
fn labels_are_filled_in_for_each_series() {
    let world = world();
    let labels = |query: &Value, more: Value| {
        let answer = world.ok("GetMetricData", &asked(std::slice::from_ref(query), &more));
        let results = answer["MetricDataResults"].as_array().unwrap().clone();
        results.iter().map(|result| text(&result["Label"])).collect::<Vec<_>>()
    };
    let with_label = |query: Value, label: &str| with(&query, &json!({"Label": label}));
    let a = with_label(stat("x", "a", "Sum"), "${LABEL}: ${LAST} of ${SUM}, ${PROP('Stat')} in ${PROP('Namespace')}");
    assert_eq!(labels(&a, json!({})), ["a: 4 of 10, Sum in n"]);
    let timed = with_label(stat("x", "a", "Sum"), "${FIRST_TIME}");
    let [here, there] = ["+0000", "+0130"].map(|zone| labels(&timed, json!({"LabelOptions": {"Timezone": zone}})));
    assert_eq!((here, there), (vec!["2025-06-15 16:00".to_owned()], vec!["2025-06-15 17:30".to_owned()]));
    let search = of("e", "SEARCH('{n} MetricName=(\"a\" OR \"b\")', 'Sum', 60)");
    assert_eq!(labels(&search, json!({})), ["a", "b"]);
    assert_eq!(labels(&with_label(search.clone(), "all"), json!({})), ["all a", "all b"]);
    assert_eq!(labels(&with_label(search, "${PROP('MetricName')} ${MAX}"), json!({})), ["a 4", "b 30"]);
    let too_much = with_label(stat("x", "a", "Sum"), "${LABEL} ${LABEL}");
    assert_eq!(world.refused("GetMetricData", &asked(&[too_much], &json!({}))).0, "ValidationError");
}

#[test]
fn expressions_may_come_before_what_they_refer_to_but_not_in_a_circle() {
    let world = world();
    let queries = [of("e2", "e1 + 1"), of("e1", "m * 2"), stat("m", "a", "Sum")];
    let answer = world.ok("GetMetricData", &asked(&queries, &json!({})));
    assert_eq!(answer["MetricDataResults"][0]["Values"], json!([3.0, 5.0, 7.0, 9.0]));
    assert_eq!(answer["MetricDataResults"][0]["Label"], "e2");
    let circle = world.refused("GetMetricData", &asked(&[of("e1", "e2 + 1"), of("e2", "e1 + 1")], &json!({})));
    assert_eq!(circle.0, "ValidationError");
}

#[test]
fn data_points_come_in_pages_of_the_size_that_is_asked_for() {
    let world = world();
    let queries = [stat("x", "a", "Sum"), stat("y", "b", "Sum"), stat("z", "none", "Sum")];
    let (mut more, mut all, mut pages) = (json!({"MaxDatapoints": 3}), Vec::new(), 0);
    loop {
        let answer = world.ok("GetMetricData", &asked(&queries, &more));
        let results = answer["MetricDataResults"].as_array().unwrap();
        let on_page: usize = results.iter().map(|result| result["Values"].as_array().unwrap().len()).sum();
        assert!(on_page <= 3);
        for result in results {
            all.extend(result["Values"].as_array().unwrap().iter().map(|v| (text(&result["Id"]), v.as_f64().unwrap())));
        }
        pages += 1;
        let Some(token) = answer.get("NextToken") else { break };
        assert!(results.iter().any(|result| result["StatusCode"] == "PartialData") || on_page == 3);
        more = json!({"MaxDatapoints": 3, "NextToken": token});
    }
    let x = [1.0, 2.0, 3.0, 4.0].map(|value| ("x".to_owned(), value));
    let y = [10.0, 30.0, 0.0].map(|value| ("y".to_owned(), value));
    assert_eq!((all, pages), (x.into_iter().chain(y).collect(), 3));
    let full =
        world.ok("GetMetricData", &asked(&[queries[0].clone(), queries[2].clone()], &json!({"MaxDatapoints": 4})));
    assert_eq!((full["MetricDataResults"].as_array().unwrap().len(), full.get("NextToken")), (2, None));
    let wrong = world.refused("GetMetricData", &asked(&queries[..1], &json!({"NextToken": more["NextToken"]})));
    assert_eq!(wrong.0, "InvalidNextToken");
    let math = world.ok("GetMetricData", &asked(&[of("e", "TIME_SERIES(1)")], &json!({"MaxDatapoints": 3})));
    assert_eq!(
        (math["MetricDataResults"][0]["StatusCode"].as_str(), math.get("NextToken")),
        (Some("PartialData"), None)
    );
}

#[test]
fn what_is_asked_wrongly_is_refused() {
    let world = world();
    let a = stat("a", "a", "Sum");
    for (queries, words) in [
        (vec![a.clone(), a.clone()], "not unique"),
        (vec![with(&a, &json!({"Expression": "1"}))], "mutually exclusive"),
        (vec![with(&a, &json!({"Period": 60}))], "mutually exclusive"),
        (vec![json!({"Id": "x"})], "must be specified"),
        (vec![stat("X", "a", "Sum")], "pattern"),
        (vec![stat("x", "a", "Median")], "The value Median for parameter MetricDataQueries.member.1.MetricStat.Stat"),
        (vec![of("e", "nothing + 1")], "Error in expression 'e': Undefined metric or expression: nothing"),
        (vec![of("e", "1 +")], "Error in expression 'e'"),
        (vec![of("e", "NOTHING(1)")], "Unknown function: NOTHING"),
        (vec![of("e", "1 + 1")], "must return a time series"),
        (vec![a.clone(), of("e", "RATE(1)")], "Invalid arguments of function RATE"),
        (vec![a.clone(), of("e", "METRICS() * METRICS()")], "Operator * cannot be applied"),
        (vec![with(&a, &json!({"AccountId": "444455556666"}))], "AccountId"),
        (vec![of("e", "SEARCH('(', 'Sum', 60)")], "SEARCH"),
    ] {
        let (code, message) = world.refused("GetMetricData", &asked(&queries, &json!({})));
        assert!(code == "ValidationError" && message.contains(words), "{queries:?}: {code}: {message}");
    }
    for expression in ["SELECT AVG(a) FROM n", "ANOMALY_DETECTION_BAND(a)"] {
        let (code, _) = world.refused("GetMetricData", &asked(&[a.clone(), of("e", expression)], &json!({})));
        assert_eq!(code, "NotImplemented", "{expression}");
    }
    let many: Vec<Value> = (0..501).map(|number| stat(&format!("m{number}"), "a", "Sum")).collect();
    for (queries, more, code) in [
        (vec![], json!({}), "MissingRequiredParameterException"),
        (many, json!({}), "ValidationError"),
        (vec![a.clone()], json!({"MaxDatapoints": 100_801}), "ValidationError"),
        (vec![a.clone()], json!({"EndTime": seconds(NOW)}), "ValidationError"),
        (vec![a.clone()], json!({"ScanBy": "Sideways"}), "ValidationError"),
        (vec![a.clone()], json!({"LabelOptions": {"Timezone": "MEZ"}}), "ValidationError"),
        (vec![a], json!({"StartTime": null}), "MissingRequiredParameterException"),
    ] {
        assert_eq!(world.refused("GetMetricData", &asked(&queries, &more)).0, code, "{more}");
    }
}

#[test]
fn what_would_have_too_many_data_points_is_refused_before_there_are_any() {
    let world = world();
    let a = stat("a", "a", "Sum");
    let refused = |queries: &[Value], more: &Value| world.refused("GetMetricData", &asked(queries, more));
    // Some 1,900 years of seconds, and 24 days of them.
    for (start, function) in [(-58_000_000_000_i64, "TIME_SERIES(1)"), (NOW / 1000 - 2_100_000, "FILL(a, 1)")] {
        let expected = "Error in expression 'e': The result has too many data points";
        let mut second = a.clone();
        second["MetricStat"]["Period"] = json!(1);
        let query = with(&of("e", function), &json!({"Period": 1}));
        let times = json!({"StartTime": start, "EndTime": NOW / 1000});
        assert_eq!(refused(&[second, query], &times), ("ValidationError".to_owned(), expected.to_owned()));
    }
    // Each of many expressions has few, and all together too many.
    let many: Vec<Value> =
        (0..50).map(|at| with(&of(&format!("e{at}"), "TIME_SERIES(1)"), &json!({"Period": 60}))).collect();
    let times = json!({"StartTime": NOW / 1000 - 60 * 43_200, "EndTime": NOW / 1000});
    let (code, message) = refused(&many, &times);
    assert_eq!((code.as_str(), message.contains("too many data points")), ("ValidationError", true));
    // So has one that names the same series again and again.
    let list = format!("SUM([{}])", ["t"; 60].join(", "));
    let one = with(&of("t", "TIME_SERIES(1)"), &json!({"Period": 60}));
    assert_eq!(refused(&[one.clone(), of("e", &list)], &times).0, "ValidationError");
    world.ok("GetMetricData", &asked(&[one, of("e", "t + t")], &times));
}

#[test]
fn a_series_is_filled_by_its_own_period() {
    let world = world();
    let hour = json!({"Id": "h", "MetricStat": {"Metric": {"Namespace": "n", "MetricName": "b"}, "Period": 300,
        "Stat": "Sum"}});
    let queries = [
        with(&stat("a", "a", "Sum"), &json!({"ReturnData": false})),
        with(&hour, &json!({"ReturnData": false})),
        of("x", "FILL(a, 0)"),
        of("y", "FILL(h, 7)"),
        of("z", "a * 0 + TIME_SERIES(3)"),
    ];
    let answer = world.ok("GetMetricData", &asked(&queries, &json!({})));
    let values = |at: usize| answer["MetricDataResults"][at]["Values"].clone();
    assert_eq!(values(0), json!([1.0, 2.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]));
    assert_eq!(values(1), json!([40.0, 7.0]));
    assert_eq!(
        values(2).as_array().map(|values| values[..4].to_vec()),
        json!([3.0, 3.0, 3.0, 3.0]).as_array().cloned()
    );
}
