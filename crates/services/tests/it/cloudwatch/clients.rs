//! Real clients, in each protocol that they speak.

use super::*;
use crate::client::{boto3, serve_to_user};

const SCRIPT: &str = r#"
import datetime, json, os, shutil, subprocess, sys
import boto3, botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["SIDEGATE_ENDPOINT"]
KEYS = dict(endpoint_url=ENDPOINT, region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
            aws_secret_access_key="x", config=Config(retries={"max_attempts": 0}))
now = datetime.datetime.now(datetime.timezone.utc)
window = dict(StartTime=now - datetime.timedelta(minutes=10), EndTime=now + datetime.timedelta(minutes=10))

def client(protocol):
    """A client that speaks one of the protocols of the service's model."""
    session = botocore.session.get_session()
    loader = session.get_component("data_loader")
    model = loader.load_service_model("cloudwatch", "service-2")
    if protocol not in model["metadata"].get("protocols", [model["metadata"]["protocol"]]):
        print("skipped: this botocore has no", protocol)
        return None
    model["metadata"]["protocol"] = protocol
    model["metadata"]["protocols"] = [protocol]
    return boto3.Session(botocore_session=session).client("cloudwatch", **KEYS)

def error(call, **parameters):
    try:
        call(**parameters)
    except ClientError as e:
        return e
    raise AssertionError("it succeeded")

def exercise(cw, name):
    namespace = "own/" + name
    cw.put_metric_data(Namespace=namespace, MetricData=[
        {"MetricName": "m", "Value": 1.5, "Unit": "Seconds", "Timestamp": now, "Dimensions": [{"Name": "a", "Value": "b"}]},
        {"MetricName": "m", "Values": [2.5, 3.5], "Counts": [2, 1], "Unit": "Seconds", "Timestamp": now,
         "Dimensions": [{"Name": "a", "Value": "b"}]}])
    # Large enough to be packed.
    cw.put_metric_data(Namespace=namespace, MetricData=[
        {"MetricName": "n%d" % i, "Value": float(i), "Dimensions": [{"Name": "long", "Value": "v" * 40}]} for i in range(600)])
    dimensions = [{"Name": "a", "Value": "b"}]
    found = cw.get_metric_statistics(Namespace=namespace, MetricName="m", Dimensions=dimensions, Period=1200,
                                     Statistics=["Sum", "SampleCount"], **window)
    point, = found["Datapoints"]
    assert (point["Sum"], point["SampleCount"], point["Unit"]) == (10.0, 4.0, "Seconds"), found
    assert abs((point["Timestamp"] - window["StartTime"]).total_seconds()) < 61, found
    extended = cw.get_metric_statistics(Namespace=namespace, MetricName="m", Dimensions=dimensions, Period=1200,
                                        ExtendedStatistics=["p50", "p99"], **window)["Datapoints"][0]
    assert extended["ExtendedStatistics"] == {"p50": 2.5, "p99": 3.5}, extended
    stat = {"Metric": {"Namespace": namespace, "MetricName": "m", "Dimensions": dimensions}, "Period": 1200, "Stat": "Sum"}
    results = cw.get_metric_data(MetricDataQueries=[
        {"Id": "m1", "MetricStat": stat, "ReturnData": False},
        {"Id": "e1", "Expression": "m1 * 2 + AVG(m1)", "Label": "twice"}], **window)["MetricDataResults"]
    assert [(r["Id"], r["Label"], r["Values"], r["StatusCode"]) for r in results] == [("e1", "twice", [30.0], "Complete")]
    assert results[0]["Timestamps"][0].tzinfo is not None
    pages = list(cw.get_paginator("list_metrics").paginate(Namespace=namespace))
    assert [len(page["Metrics"]) for page in pages] == [500, 101], [len(page["Metrics"]) for page in pages]
    e = error(cw.put_metric_data, Namespace=namespace, MetricData=[{"MetricName": "m", "Value": 1.0, "Values": [1.0]}])
    assert e.response["Error"]["Code"] == "InvalidParameterCombination", e.response
    assert isinstance(e, cw.exceptions.InvalidParameterCombinationException), type(e)
    assert e.response["ResponseMetadata"]["RequestId"] and e.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    e = error(cw.put_metric_data, Namespace=namespace, MetricData=[{"MetricName": "m", "Value": float("nan")}])
    assert e.response["Error"]["Code"] == "InvalidParameterValue", e.response
    e = error(cw.get_dashboard, DashboardName="none")
    assert e.response["ResponseMetadata"]["HTTPStatusCode"] == 404 and e.response["Error"]["Code"] == "ResourceNotFound", e.response

    alarm = name + "-alarm"
    cw.put_metric_alarm(AlarmName=alarm, Namespace=namespace, MetricName="m", Dimensions=dimensions, Period=60,
                        EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
                        Tags=[{"Key": "k", "Value": "v"}])
    shown, = cw.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    assert shown["Threshold"] == 1.0 and shown["StateValue"] == "INSUFFICIENT_DATA" and shown["Dimensions"] == dimensions
    cw.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    assert cw.describe_alarms(StateValue="ALARM", AlarmNamePrefix=name)["MetricAlarms"][0]["AlarmName"] == alarm
    assert cw.list_tags_for_resource(ResourceARN=shown["AlarmArn"])["Tags"] == [{"Key": "k", "Value": "v"}]
    items = cw.describe_alarm_history(AlarmName=alarm)["AlarmHistoryItems"]
    assert [item["HistoryItemType"] for item in items] == ["StateUpdate", "ConfigurationUpdate"]
    cw.delete_alarms(AlarmNames=[alarm])
    assert error(cw.set_alarm_state, AlarmName=alarm, StateValue="OK", StateReason="r").response["Error"]["Code"] == "ResourceNotFound"
    body = json.dumps({"widgets": []})
    cw.put_dashboard(DashboardName=name, DashboardBody=body)
    assert cw.get_dashboard(DashboardName=name)["DashboardBody"] == body
    assert [e["Size"] for e in cw.list_dashboards(DashboardNamePrefix=name)["DashboardEntries"]] == [len(body)]

exercise(boto3.client("cloudwatch", **KEYS), "usual")
for protocol in ["smithy-rpc-v2-cbor", "json", "query"]:
    own = client(protocol)
    if own is not None:
        assert own.meta.service_model.resolved_protocol == protocol, own.meta.service_model.resolved_protocol
        exercise(own, protocol)

aws = os.path.join(os.path.dirname(sys.executable), "aws")
aws = aws if os.path.exists(aws) else shutil.which("aws")
if aws is None:
    print("skipped: there is no aws")
    raise SystemExit

def cli(*arguments):
    environment = dict(os.environ, AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY="x",
                       AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="")
    done = subprocess.run([aws, "--endpoint-url", ENDPOINT, "--output", "json", "cloudwatch", *arguments],
                          capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None

cli("put-metric-data", "--namespace", "cli", "--metric-name", "m", "--value", "7", "--unit", "Count", "--dimensions", "a=b")
listed = cli("list-metrics", "--namespace", "cli")
assert listed["Metrics"][0]["Dimensions"] == [{"Name": "a", "Value": "b"}], listed
found = cli("get-metric-statistics", "--namespace", "cli", "--metric-name", "m", "--dimensions", "Name=a,Value=b",
            "--start-time", window["StartTime"].isoformat(), "--end-time", window["EndTime"].isoformat(),
            "--period", "1200", "--statistics", "Maximum")
assert [point["Maximum"] for point in found["Datapoints"]] == [7.0], found
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_and_the_aws_cli_put_and_read_metrics_in_every_protocol() {
    let world = World::new();
    let port = serve_to_user(world.cloudwatch, OWNER).await;
    boto3(SCRIPT, port, &[]).await;
}
