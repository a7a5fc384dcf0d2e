//! What must be allowed.

use super::*;

fn requirements(world: &World, operation: &str, document: &Value) -> Vec<String> {
    let (_, asked) = world.call_as(OWNER, &all("cloudwatch:*"), operation, document);
    asked.iter().map(|requirement| format!("{} {}", requirement.action, requirement.resource)).collect()
}

fn alarm(name: &str) -> Value {
    json!({"AlarmName": name, "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 10, "ComparisonOperator": "GreaterThanThreshold"})
}

#[test]
fn each_operation_asks_for_its_action_on_its_resource() {
    let world = World::new();
    let arn = |name: &str| format!("arn:aws:cloudwatch:us-east-1:111122223333:alarm:{name}");
    let board = "arn:aws:cloudwatch::111122223333:dashboard/d".to_owned();
    let data = json!({"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1}]});
    let times = json!({"StartTime": 0, "EndTime": 60});
    let statistics = json!({"Namespace": "n", "MetricName": "m", "Period": 60, "Statistics": ["Sum"]});
    let query = json!([{"Id": "e", "Expression": "TIME_SERIES(1)"}]);
    let names = json!({"AlarmNames": ["a", "b"]});
    let tagged = json!({"ResourceARN": arn("a"), "Tags": [{"Key": "k", "Value": "v"}]});
    for (operation, document, resources) in [
        ("PutMetricData", data, vec!["*".to_owned()]),
        ("GetMetricStatistics", with(&statistics, &times), vec!["*".to_owned()]),
        ("GetMetricData", with(&json!({"MetricDataQueries": query}), &times), vec!["*".to_owned()]),
        ("ListMetrics", json!({}), vec!["*".to_owned()]),
        ("PutMetricAlarm", alarm("a"), vec![arn("a")]),
        ("DescribeAlarms", json!({}), vec![arn("*")]),
        ("DescribeAlarms", json!({"AlarmNamePrefix": "p"}), vec![arn("p*")]),
        ("DescribeAlarms", names.clone(), vec![arn("a"), arn("b")]),
        ("DescribeAlarmHistory", json!({"AlarmName": "a"}), vec![arn("a")]),
        ("DescribeAlarmsForMetric", json!({"Namespace": "n", "MetricName": "m"}), vec!["*".to_owned()]),
        ("EnableAlarmActions", names.clone(), vec![arn("a"), arn("b")]),
        ("DisableAlarmActions", names.clone(), vec![arn("a"), arn("b")]),
        ("SetAlarmState", json!({"AlarmName": "a", "StateValue": "OK", "StateReason": "r"}), vec![arn("a")]),
        ("TagResource", tagged, vec![arn("a")]),
        ("UntagResource", json!({"ResourceARN": arn("a"), "TagKeys": ["k"]}), vec![arn("a")]),
        ("ListTagsForResource", json!({"ResourceARN": arn("a")}), vec![arn("a")]),
        ("DeleteAlarms", names, vec![arn("a"), arn("b")]),
        ("PutDashboard", json!({"DashboardName": "d", "DashboardBody": "{}"}), vec![board.clone()]),
        ("GetDashboard", json!({"DashboardName": "d"}), vec![board.clone()]),
        ("ListDashboards", json!({}), vec!["*".to_owned()]),
        ("DeleteDashboards", json!({"DashboardNames": ["d"]}), vec![board]),
    ] {
        let expected: Vec<_> = resources.iter().map(|resource| format!("cloudwatch:{operation} {resource}")).collect();
        assert_eq!(requirements(&world, operation, &document), expected, "{operation}");
        let ((status, answer), _) = world.call_as(OWNER, &all("s3:*"), operation, &document);
        assert_eq!((status, answer["__type"].as_str()), (403, Some("AccessDeniedException")), "{operation}");
    }
}

#[test]
fn a_policy_may_bind_a_caller_to_a_namespace() {
    let world = World::new();
    let statement = json!({"Effect": "Allow", "Action": "cloudwatch:PutMetricData", "Resource": "*",
        "Condition": {"StringEquals": {"cloudwatch:namespace": "own"}}});
    let put = |namespace: &str| {
        let document = json!({"Namespace": namespace, "MetricData": [{"MetricName": "m", "Value": 1}]});
        world.call_as(OWNER, &statement, "PutMetricData", &document).0
    };
    assert_eq!(put("own").0, 200);
    let (status, answer) = put("other");
    assert_eq!(status, 403);
    assert_eq!(
        answer["Message"],
        "User: arn:aws:iam::111122223333:user/caller is not authorized to perform: cloudwatch:PutMetricData because no \
         identity-based policy allows the cloudwatch:PutMetricData action"
    );
    assert_eq!(world.ok("ListMetrics", &json!({}))["Metrics"].as_array().unwrap().len(), 1, "nothing was put");
}

#[test]
fn alarms_tell_their_actions_and_tags_to_policies() {
    let world = World::new();
    let topic = "arn:aws:sns:us-east-1:111122223333:t";
    let tags = json!({"AlarmActions": [topic], "Tags": [{"Key": "team", "Value": "a"}]});
    let document = with(&alarm("a"), &tags);
    let (_, asked) = world.call_as(OWNER, &all("cloudwatch:*"), "PutMetricAlarm", &document);
    let actions: Vec<_> = asked.iter().map(|requirement| requirement.action.as_str()).collect();
    assert_eq!(actions, ["cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"]);
    assert_eq!(value(&asked, 0, "cloudwatch:AlarmActions").as_deref(), Some(topic));
    assert_eq!(value(&asked, 0, "aws:RequestTag/team").as_deref(), Some("a"));
    let statement = json!({"Effect": "Allow", "Action": "cloudwatch:DeleteAlarms", "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "b"}}});
    let delete = json!({"AlarmNames": ["a"]});
    assert_eq!(world.call_as(OWNER, &statement, "DeleteAlarms", &delete).0.0, 403);
    let statement = json!({"Effect": "Allow", "Action": "cloudwatch:DeleteAlarms", "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}});
    assert_eq!(world.call_as(OWNER, &statement, "DeleteAlarms", &delete).0.0, 200);
}
