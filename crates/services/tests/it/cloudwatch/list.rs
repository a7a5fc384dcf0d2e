//! `ListMetrics`

use super::*;

fn put(world: &World, namespace: &str, name: &str, dimensions: &Value) {
    let datum = json!({"MetricName": name, "Value": 1, "Dimensions": dimensions});
    world.ok("PutMetricData", &json!({"Namespace": namespace, "MetricData": [datum]}));
}

#[test]
fn metrics_are_found_by_namespace_name_and_dimensions() {
    let world = World::new();
    let (a, b) = (json!({"Name": "a", "Value": "1"}), json!({"Name": "b", "Value": "2"}));
    put(&world, "n", "x", &json!([]));
    put(&world, "n", "x", &json!([a]));
    put(&world, "n", "y", &json!([b, a]));
    put(&world, "o", "x", &json!([{"Name": "a", "Value": "2"}]));
    let count = |document: Value| world.ok("ListMetrics", &document)["Metrics"].as_array().unwrap().len();
    assert_eq!(count(json!({})), 4);
    assert_eq!(count(json!({"Namespace": "n"})), 3);
    assert_eq!(count(json!({"Namespace": "n", "MetricName": "x"})), 2);
    assert_eq!(count(json!({"Dimensions": [{"Name": "a"}]})), 3);
    assert_eq!(count(json!({"Dimensions": [a]})), 2);
    assert_eq!(count(json!({"Dimensions": [a, {"Name": "b"}]})), 1);
    assert_eq!(count(json!({"Dimensions": [{"Name": "c"}]})), 0);
    let found = world.ok("ListMetrics", &json!({"MetricName": "y"}))["Metrics"].clone();
    assert_eq!(found, json!([{"Namespace": "n", "MetricName": "y", "Dimensions": [a, b]}]));
    let many: Vec<Value> = (0..11).map(|_| a.clone()).collect();
    assert_eq!(world.refused("ListMetrics", &json!({"Dimensions": many})).0, "InvalidParameterValueException");
}

#[test]
fn a_metric_without_data_is_listed_for_two_weeks() {
    let mut world = World::new();
    put(&world, "n", "x", &json!([]));
    let count =
        |world: &World, document: Value| world.ok("ListMetrics", &document)["Metrics"].as_array().unwrap().len();
    let recent = json!({"RecentlyActive": "PT3H"});
    world.now = NOW + 3 * HOUR;
    assert_eq!(count(&world, recent.clone()), 1);
    world.now = NOW + 3 * HOUR + 1000;
    assert_eq!((count(&world, recent), count(&world, json!({}))), (0, 1));
    world.now = NOW + 14 * DAY;
    assert_eq!(count(&world, json!({})), 1);
    world.now = NOW + 14 * DAY + 1000;
    assert_eq!(count(&world, json!({})), 0);
    assert_eq!(world.refused("ListMetrics", &json!({"RecentlyActive": "PT1H"})).0, "ValidationError");
}

#[test]
fn a_page_has_500_metrics_and_its_token_goes_with_the_request() {
    let world = World::new();
    for part in 0..3 {
        let data: Vec<Value> =
            (0..400).map(|number| json!({"MetricName": format!("m{part}-{number}"), "Value": 1})).collect();
        world.ok("PutMetricData", &json!({"Namespace": "n", "MetricData": data}));
    }
    let mut names = std::collections::BTreeSet::new();
    let (mut document, mut pages) = (json!({"Namespace": "n"}), Vec::new());
    loop {
        let page = world.ok("ListMetrics", &document);
        let metrics = page["Metrics"].as_array().unwrap();
        pages.push(metrics.len());
        names.extend(metrics.iter().map(|metric| text(&metric["MetricName"])));
        let Some(token) = page.get("NextToken") else { break };
        let other = world.refused("ListMetrics", &json!({"Namespace": "o", "NextToken": token}));
        assert_eq!(other.0, "InvalidNextToken");
        document = json!({"Namespace": "n", "NextToken": token});
    }
    assert_eq!((pages, names.len()), (vec![500, 500, 200], 1200));
    assert_eq!(world.refused("ListMetrics", &json!({"NextToken": "x"})).0, "InvalidNextToken");
}

#[test]
fn accounts_and_regions_have_metrics_of_their_own() {
    let mut world = World::new();
    put(&world, "n", "x", &json!([]));
    let linked = world.ok("ListMetrics", &json!({"IncludeLinkedAccounts": true}));
    assert_eq!(linked["OwningAccounts"], json!([OWNER]));
    let others = json!({"IncludeLinkedAccounts": true, "OwningAccount": "444455556666"});
    assert_eq!(world.ok("ListMetrics", &others)["Metrics"], json!([]));
    let alone = world.refused("ListMetrics", &json!({"OwningAccount": OWNER}));
    assert_eq!(alone.0, "InvalidParameterCombinationException");
    let ((_, answer), _) = world.call_as("444455556666", &all("cloudwatch:*"), "ListMetrics", &json!({}));
    assert_eq!(answer["Metrics"], json!([]));
    world.region = "eu-west-1";
    assert_eq!(world.ok("ListMetrics", &json!({}))["Metrics"], json!([]));
}
