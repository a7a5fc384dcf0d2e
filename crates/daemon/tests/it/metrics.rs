//! Metrics of CloudWatch, as a program in a subnet meets them, and those that Sidegate reports of its endpoints.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{ACCESS_KEY, Daemon, Network, SECRET_KEY, need_root};
use crate::kms::{inside, succeeds};
use crate::settings::interface_endpoint;

/// Longer than a minute of the clock and its report take.
const REPORTED: Duration = Duration::from_secs(100);

// enforces: cloudwatch:PutMetricData (positive)
// enforces: cloudwatch:PutMetricData (negative)
// enforces: cloudwatch:GetMetricData (positive)
// enforces: cloudwatch:ListMetrics (negative)
#[test]
fn a_program_puts_and_reads_metrics_through_the_endpoint_and_the_endpoint_has_metrics_of_its_own() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let admin = (ACCESS_KEY, SECRET_KEY);
    let unreached = r#"
cw = boto3.client("cloudwatch", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
try:
    cw.list_metrics()
except (EndpointConnectionError, ConnectTimeoutError):
    print("unreached")
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, unreached)), "unreached");
    let endpoint = interface_endpoint(&daemon, &network, "monitoring", &[]);
    let used = r#"
import datetime
cw = boto3.client("cloudwatch")
now = datetime.datetime.now(datetime.timezone.utc)
for value in [1.0, 2.0]:
    cw.put_metric_data(Namespace="inside", MetricData=[{"MetricName": "m", "Value": value, "Timestamp": now}])
query = {"Id": "m1", "MetricStat": {"Metric": {"Namespace": "inside", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}}
results = cw.get_metric_data(MetricDataQueries=[query, {"Id": "e1", "Expression": "m1 * 10"}],
                             StartTime=now - datetime.timedelta(minutes=5), EndTime=now + datetime.timedelta(minutes=5))
print([result["Values"] for result in results["MetricDataResults"]])
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, used)), "[[3.0], [30.0]]");
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Resource": "*",
        "Action": "cloudwatch:PutMetricData", "Condition": {"StringEquals": {"cloudwatch:namespace": "inside"}}}]}"#;
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("PolicyDocument", policy)]).unwrap();
    let denied = r#"
cw = boto3.client("cloudwatch", config=Config(retries={"max_attempts": 1}))
datum = [{"MetricName": "m", "Value": 1.0}]
cw.put_metric_data(Namespace="inside", MetricData=datum)
for call in [lambda: cw.list_metrics(), lambda: cw.put_metric_data(Namespace="other", MetricData=datum)]:
    try:
        call()
    except ClientError as error:
        assert "because no VPC endpoint policy allows" in str(error), error
        continue
    raise AssertionError("it was done")
print("denied")
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, denied)), "denied");
    bytes_are_reported(&daemon, &network, &endpoint);
}

/// Waits until the endpoint has a value of its own for the bytes that went through it.
#[track_caller]
fn bytes_are_reported(daemon: &Daemon, network: &Network, endpoint: &str) {
    let dimensions = [
        format!("Name=VPC Id,Value={}", network.vpc),
        format!("Name=VPC Endpoint Id,Value={endpoint}"),
        "Name=Endpoint Type,Value=Interface".to_owned(),
        "Name=Service Name,Value=com.amazonaws.us-east-1.monitoring".to_owned(),
    ];
    let mut arguments = vec!["cloudwatch", "get-metric-statistics", "--namespace", "AWS/PrivateLinkEndpoints"];
    arguments.extend(["--metric-name", "BytesProcessed", "--statistics", "Sum", "--period", "3600", "--dimensions"]);
    arguments.extend(dimensions.iter().map(String::as_str));
    let since = time::OffsetDateTime::now_utc() - Duration::from_secs(1800);
    let format = &time::format_description::well_known::Rfc3339;
    let (from, to) = (since.format(format).unwrap(), (since + Duration::from_secs(3600)).format(format).unwrap());
    arguments.extend(["--start-time", &from, "--end-time", &to]);
    let started = Instant::now();
    let bytes = loop {
        let answer = daemon.aws_ok(&arguments);
        let sum = answer["Datapoints"].as_array().and_then(|points| points.first()?["Sum"].as_f64());
        if let Some(sum) = sum {
            break sum;
        }
        assert!(started.elapsed() < REPORTED, "no bytes were reported: {answer}\n{}", daemon.log());
        std::thread::sleep(Duration::from_secs(2));
    };
    // Three programs with a greeting of TLS each.
    assert!(bytes > 5_000.0, "{bytes}");
    let subnet = format!("Name=Subnet Id,Value={}", network.subnets[0]);
    let listed = daemon.aws_ok(&[
        "cloudwatch",
        "list-metrics",
        "--namespace",
        "AWS/PrivateLinkEndpoints",
        "--dimensions",
        &subnet,
    ]);
    let mut names: Vec<_> =
        listed["Metrics"].as_array().unwrap().iter().map(|metric: &Value| metric["MetricName"].clone()).collect();
    names.sort_by_key(Value::to_string);
    assert_eq!(names, ["ActiveConnections", "BytesProcessed", "NewConnections"]);
}
