//! Real clients: boto3, and the AWS CLI following a group.

use super::*;
use crate::client::{boto3, serve_to_user};

const SCRIPT: &str = r#"
import os, subprocess, sys, time
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = os.environ["SIDEGATE_ENDPOINT"]
logs = boto3.client("logs", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
                    aws_secret_access_key="x", config=Config(retries={"max_attempts": 0}))

logs.create_log_group(logGroupName="/app", tags={"a": "b"})
logs.create_log_stream(logGroupName="/app", logStreamName="one")
now = int(time.time() * 1000)
answer = logs.put_log_events(logGroupName="/app", logStreamName="one", logEvents=[
    {"timestamp": now - 2, "message": "first é"}, {"timestamp": now - 1, "message": "second"}])
assert answer["nextSequenceToken"] and "rejectedLogEventsInfo" not in answer
page = logs.get_log_events(logGroupName="/app", logStreamName="one", startFromHead=True)
assert [e["message"] for e in page["events"]] == ["first é", "second"]
pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/app", PaginationConfig={"PageSize": 1})
assert [e["message"] for page in pages for e in page["events"]] == ["first é", "second"]
for n in range(3):
    logs.create_log_group(logGroupName=f"/page/{n}")
groups = logs.get_paginator("describe_log_groups")
pages = list(groups.paginate(logGroupNamePrefix="/page", PaginationConfig={"PageSize": 2}))
assert [len(p["logGroups"]) for p in pages] == [2, 1]
assert logs.describe_log_streams(logGroupName="/app")["logStreams"][0]["lastEventTimestamp"] == now - 1
group = logs.describe_log_groups(logGroupNamePrefix="/app")["logGroups"][0]
assert logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {"a": "b"}
logs.put_metric_filter(logGroupName="/app", filterName="f", filterPattern="{ $.ms > 1 }", metricTransformations=[
    {"metricName": "m", "metricNamespace": "n", "metricValue": "$.ms", "dimensions": {"who": "$.who"}}])
assert logs.describe_metric_filters(logGroupName="/app")["metricFilters"][0]["filterPattern"] == "{ $.ms > 1 }"
matches = logs.test_metric_filter(filterPattern="[a, b=2]", logEventMessages=["1 2", "1 3"])["matches"]
assert len(matches) == 1 and matches[0]["extractedValues"] == {"$a": "1", "$b": "2"}

def error(call, **parameters):
    try:
        call(**parameters)
    except ClientError as e:
        return e
    raise AssertionError("it succeeded")

assert isinstance(error(logs.create_log_group, logGroupName="/app"), logs.exceptions.ResourceAlreadyExistsException)
none = error(logs.get_log_events, logGroupName="/none", logStreamName="x")
assert isinstance(none, logs.exceptions.ResourceNotFoundException)
refused = error(logs.filter_log_events, logGroupName="/app", filterPattern="{ $.x")
assert isinstance(refused, logs.exceptions.InvalidParameterException) and "must end with" in str(refused)
# An upload of the largest size.
logs.put_log_events(logGroupName="/app", logStreamName="one", logEvents=[{"timestamp": now, "message": "x" * 1048550}])
logs.delete_log_stream(logGroupName="/app", logStreamName="one")

def cli(*arguments):
    environment = dict(os.environ, AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY="x",
                       AWS_DEFAULT_REGION="us-east-1", PYTHONUNBUFFERED="1")
    command = ["aws", "--endpoint-url", endpoint, "logs", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)

try:
    version = subprocess.run(["aws", "--version"], capture_output=True, text=True)
    has_tail = version.stdout.startswith("aws-cli/2")
except FileNotFoundError:
    version, has_tail = None, False
if version is None:
    print("skipped: there is no AWS CLI")
    raise SystemExit
shown, _ = cli("describe-log-groups", "--query", "logGroups[].logGroupName", "--output", "text").communicate(timeout=60)
assert shown.split() == ["/app", "/page/0", "/page/1", "/page/2"], shown
if not has_tail:
    print("skipped: the AWS CLI has no tail")

logs.create_log_stream(logGroupName="/app", logStreamName="two")
put = lambda text: logs.put_log_events(logGroupName="/app", logStreamName="two", logEvents=[
    {"timestamp": int(time.time() * 1000), "message": text}])
put("before")
if has_tail:
    follow = cli("tail", "/app", "--follow", "--since", "10m", "--format", "short")
    try:
        os.set_blocking(follow.stdout.fileno(), False)
        text, end = "", time.time() + 60
        while "after" not in text and time.time() < end:
            if "before" in text and "sent" not in globals():
                put("after")
                sent = True
            text += follow.stdout.read() or ""
            time.sleep(0.2)
    finally:
        follow.kill()
    assert "before" in text and "after" in text, (text, follow.stderr.read())
else:
    # What it does: it asks again from the last time on, and leaves out the ids that it has seen.
    first = logs.filter_log_events(logGroupName="/app", startTime=now - 1000, interleaved=True)["events"]
    put("after")
    again = logs.filter_log_events(logGroupName="/app", startTime=first[-1]["timestamp"], interleaved=True)["events"]
    assert [e["message"] for e in again if e["eventId"] not in {f["eventId"] for f in first}] == ["after"]
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_writes_and_reads_and_the_command_line_follows() {
    let world = World::new();
    let port = serve_to_user(world.logs, OWNER).await;
    boto3(SCRIPT, port, &[]).await;
}
