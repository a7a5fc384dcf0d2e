//! CloudWatch Logs, as a program in a subnet meets it; and what a crash leaves of events, metrics and secrets.

use std::time::{Duration, Instant};

use crate::harness::{ACCESS_KEY, Daemon, Network, SECRET_KEY, clean, need_root, tool};
use crate::kms::{inside, succeeds};
use crate::settings::interface_endpoint;

// enforces: logs:CreateLogGroup (positive)
// enforces: logs:CreateLogStream (positive)
// enforces: logs:PutLogEvents (positive)
// enforces: logs:PutLogEvents (negative)
// enforces: logs:FilterLogEvents (positive)
// enforces: logs:FilterLogEvents (negative)
// enforces: logs:GetLogEvents (positive)
// enforces: logs:GetLogEvents (negative)
#[test]
fn a_program_writes_and_reads_its_log_through_the_endpoint_and_not_without_it() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let admin = (ACCESS_KEY, SECRET_KEY);
    let unreached = r#"
logs = boto3.client("logs", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
for call in [lambda: logs.describe_log_groups(), lambda: logs.create_log_group(logGroupName="g")]:
    try:
        call()
    except (EndpointConnectionError, ConnectTimeoutError):
        continue
    raise AssertionError("it was answered")
print("unreached")
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, unreached)), "unreached");
    let endpoint = interface_endpoint(&daemon, &network, "logs", &[]);
    let used = r#"
import time
logs = boto3.client("logs")
logs.create_log_group(logGroupName="/app/one")
logs.create_log_stream(logGroupName="/app/one", logStreamName="s")
now = int(time.time() * 1000)
events = [{"timestamp": now + n, "message": f"{'ERROR' if n % 3 == 0 else 'INFO'} number {n}"} for n in range(9)]
logs.put_log_events(logGroupName="/app/one", logStreamName="s", logEvents=events)
read = logs.get_log_events(logGroupName="/app/one", logStreamName="s", startFromHead=True)["events"]
assert [event["message"] for event in read] == [event["message"] for event in events], read
pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/app/one", filterPattern="ERROR", PaginationConfig={"PageSize": 2})
print([event["message"] for page in pages for event in page["events"]])

# As `aws logs tail --follow` does it: what is newer than the newest event, and none twice.
import threading
def write():
    for n in range(3):
        event = {"timestamp": int(time.time() * 1000), "message": f"followed {n}"}
        boto3.client("logs").put_log_events(logGroupName="/app/one", logStreamName="s", logEvents=[event])
        time.sleep(0.3)
start, seen, messages, until = int(time.time() * 1000) + 20, set(), [], time.time() + 20
time.sleep(0.03)
writer = threading.Thread(target=write)
writer.start()
while len(messages) < 3 and time.time() < until:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/app/one", startTime=start)
    for event in [event for page in pages for event in page["events"] if event["eventId"] not in seen]:
        seen.add(event["eventId"])
        messages.append(event["message"])
        start = max(start, event["timestamp"])
    time.sleep(0.1)
writer.join()
assert messages == ["followed 0", "followed 1", "followed 2"], messages
"#;
    let found = succeeds(&daemon, &inside(&daemon, &network, admin, used));
    assert_eq!(found, "['ERROR number 0', 'ERROR number 3', 'ERROR number 6']");
    // It may write and no longer read.
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:us-east-1:*:log-group:/app/one:*"}]}"#;
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("PolicyDocument", policy)]).unwrap();
    let denied = r#"
import time
logs = boto3.client("logs", config=Config(retries={"max_attempts": 1}))
event = [{"timestamp": int(time.time() * 1000), "message": "last"}]
logs.put_log_events(logGroupName="/app/one", logStreamName="s", logEvents=event)
for call in [lambda: logs.get_log_events(logGroupName="/app/one", logStreamName="s"),
             lambda: logs.filter_log_events(logGroupName="/app/one"),
             lambda: logs.put_log_events(logGroupName="/app/two", logStreamName="s", logEvents=event)]:
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException", error
        assert "because no VPC endpoint policy allows" in str(error), error
        continue
    raise AssertionError("it was done")
print("denied")
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, denied)), "denied");
    let on_the_host = daemon.aws_ok(&["logs", "filter-log-events", "--log-group-name", "/app/one"]);
    assert_eq!(on_the_host["events"].as_array().map(Vec::len), Some(13), "{on_the_host}");
}

/// What the AWS CLI prints in the first subnet, of the commands of a script.
fn cli(daemon: &Daemon, network: &Network, script: &str) -> String {
    let aws = tool("aws");
    let keys = format!("AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={SECRET_KEY}");
    let script = format!(
        "set -e; export {keys} AWS_DEFAULT_REGION=us-east-1 AWS_DEFAULT_OUTPUT=text\n\
         aws() {{ \"{}\" \"$@\"; }}\n{script}",
        aws.display()
    );
    let mut command = daemon.exec(&network.subnets[0], &[&network.group], &["sh", "-c", &script]);
    clean(&mut command);
    succeeds(daemon, &command.output().unwrap())
}

#[test]
fn the_aws_cli_uses_keys_logs_metrics_and_secrets_inside_unmodified() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    for service in ["kms", "logs", "monitoring", "secretsmanager", "sts"] {
        interface_endpoint(&daemon, &network, service, &[]);
    }
    let said = cli(
        &daemon,
        &network,
        r#"
key=$(aws kms create-key --query KeyMetadata.KeyId)
printf hello >plain
aws kms encrypt --key-id "$key" --plaintext fileb://plain --query CiphertextBlob | base64 -d >sealed
aws kms decrypt --ciphertext-blob fileb://sealed --query Plaintext | base64 -d; echo
cat >policy <<END
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "$(aws sts get-caller-identity --query Account)"}, "Action": "kms:*", "Resource": "*"},
  {"Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}]}
END
if aws logs create-log-group --log-group-name g --kms-key-id "$(aws kms describe-key --key-id "$key" --query KeyMetadata.Arn)" 2>refusal; then exit 1; fi
grep -o AccessDeniedException refusal
aws kms put-key-policy --key-id "$key" --policy-name default --policy file://policy
aws logs create-log-group --log-group-name g --kms-key-id "$(aws kms describe-key --key-id "$key" --query KeyMetadata.Arn)"
aws logs create-log-stream --log-group-name g --log-stream-name s
aws logs put-log-events --log-group-name g --log-stream-name s --log-events "timestamp=$(date +%s000),message=from inside" >answer
aws logs get-log-events --log-group-name g --log-stream-name s --query 'events[].message'
aws cloudwatch put-metric-data --namespace inside --metric-name m --value 7
aws cloudwatch list-metrics --namespace inside --query 'Metrics[].MetricName'
aws secretsmanager create-secret --name one --secret-string value --kms-key-id "$key" --query Name
aws secretsmanager get-secret-value --secret-id one --query SecretString
"#,
    );
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        ["hello", "AccessDeniedException", "from inside", "m", "one", "value"]
    );
}

#[test]
fn a_crash_under_load_loses_no_event_metric_or_secret_that_was_acknowledged() {
    need_root!();
    let mut daemon = Daemon::start();
    let script = r#"
import boto3, datetime, sys, threading, time
from botocore.config import Config

def client(service):
    return boto3.client(service, region_name="us-east-1", config=Config(retries={"max_attempts": 0}))

def write_events(out):
    logs = client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    n = 0
    while True:
        events = [{"timestamp": int(time.time() * 1000), "message": f"event {n}"}]
        logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events)
        out(f"event {n}")
        n += 1

def write_secrets(out):
    secrets, n = client("secretsmanager"), 0
    while True:
        secrets.create_secret(Name=f"secret-{n}", SecretString="first")
        secrets.put_secret_value(SecretId=f"secret-{n}", SecretString=f"value {n}")
        out(f"{n}")
        n += 1

def write_metrics(out):
    cloudwatch, n = client("cloudwatch"), 0
    while True:
        cloudwatch.put_metric_data(Namespace="load", MetricData=[{"MetricName": f"m{n}", "Value": n}])
        out(f"{n}")
        n += 1

def work(write):
    file = open(f"acknowledged-{write.__name__}", "w")
    def out(line):
        file.write(line + "\n")
        file.flush()
    try:
        write(out)
    except Exception:
        pass

threads = [threading.Thread(target=work, args=(write,)) for write in [write_events, write_secrets, write_metrics]]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"#;
    let mut load = daemon.client(&tool("python3"), &["-c", script]).spawn().unwrap();
    let lines = |name: &str| {
        let text = std::fs::read_to_string(daemon.work().join(format!("acknowledged-{name}"))).unwrap_or_default();
        text.lines().count()
    };
    let limit = Instant::now() + Duration::from_secs(60);
    while ["write_events", "write_secrets", "write_metrics"].into_iter().any(|name| lines(name) < 20) {
        assert!(Instant::now() < limit, "there is no load\n{}", daemon.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    daemon.kill();
    load.wait().unwrap();
    daemon.run();
    let check = r#"
import boto3, datetime
def whole(name):
    return [line[:-1] for line in open(f"acknowledged-{name}") if line.endswith("\n")]
def client(service):
    return boto3.client(service, region_name="us-east-1")
pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName="g")
there = [event["message"] for page in pages for event in page["events"]]
assert len(there) == len(set(there)), "none is there twice"
missing = set(whole("write_events")) - set(there)
assert not missing, missing
secrets = client("secretsmanager")
for n in whole("write_secrets"):
    assert secrets.get_secret_value(SecretId=f"secret-{n}")["SecretString"] == f"value {n}", n
cloudwatch = client("cloudwatch")
now = datetime.datetime.now(datetime.timezone.utc)
span = {"StartTime": now - datetime.timedelta(hours=1), "EndTime": now + datetime.timedelta(hours=1)}
for n in whole("write_metrics"):
    read = cloudwatch.get_metric_statistics(Namespace="load", MetricName=f"m{n}", Period=7200, Statistics=["Sum", "SampleCount"], **span)
    assert [point["Sum"] for point in read["Datapoints"]][-1:] == [float(n)], (n, read)
print("whole")
"#;
    let output = daemon.client(&tool("python3"), &["-c", check]).output().unwrap();
    assert_eq!(succeeds(&daemon, &output), "whole");
}
