//! Functions that buckets tell of what happens in them.

use super::host;
use crate::harness::{Daemon, need_root};
use crate::kms::succeeds;

/// A function that notes each event as an object of the bucket `seen`, and a bucket that can tell it.
const WATCHED: &str = r#"
code = '''
import boto3, json, os, time, urllib.parse
s3 = boto3.client("s3")
def handler(event, context):
    record = event["Records"][0]
    time.sleep(float(os.environ.get("PAUSE", "0")))
    key = record["eventName"] + "/" + urllib.parse.unquote_plus(record["s3"]["object"]["key"])
    s3.put_object(Bucket="seen", Key=key, Body=json.dumps(event))
'''
def watched(**more):
    for bucket in ["documents", "seen"]:
        s3.create_bucket(Bucket=bucket)
    own = role("own", {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"})
    return function("f", own, code, Timeout=30, MemorySize=256, **more)["FunctionArn"]
def permit(bucket="documents"):
    lam.add_permission(FunctionName="f", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{bucket}", SourceAccount=ACCOUNT)
def forbid():
    lam.remove_permission(FunctionName="f", StatementId="s3")
def notify(arn, *events, **filters):
    rules = [{"Name": name, "Value": value} for name, value in filters.items()]
    s3.put_bucket_notification_configuration(Bucket="documents", NotificationConfiguration={"LambdaFunctionConfigurations": [
        {"Id": "new", "LambdaFunctionArn": arn, "Events": [f"s3:{event}" for event in events],
         "Filter": {"Key": {"FilterRules": rules}}}]})
def put(*keys):
    for key in keys:
        s3.put_object(Bucket="documents", Key=key, Body=b"seven b")
def seen(count, seconds=60):
    until = time.time() + seconds
    while True:
        keys = sorted(o["Key"] for o in s3.list_objects_v2(Bucket="seen").get("Contents", []))
        if len(keys) >= count or time.time() > until:
            return keys
        time.sleep(0.1)
"#;

fn run(daemon: &Daemon, script: &str) -> String {
    succeeds(daemon, &host(daemon, None, &format!("{WATCHED}\n{script}")))
}

// enforces: s3:PutBucketNotificationConfiguration (positive)
// enforces: s3:PutBucketNotificationConfiguration (negative)
// enforces: lambda:AddPermission (positive)
// enforces: lambda:RemovePermission (negative)
#[test]
fn a_bucket_tells_a_function_that_lets_it_in_of_what_it_asked_for_and_nobody_else() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
arn = watched()
def refused():
    try:
        notify(arn, "ObjectCreated:*")
    except ClientError as error:
        told = error.response["Error"]
        return told["Code"], told["ArgumentName1"] == f"{arn}, null", told["ArgumentValue1"] == f"Not authorized to invoke function [{arn}]"
print(*refused())
permit("other")
print(*refused())
forbid()
permit()
notify(arn, "ObjectCreated:*", "ObjectRemoved:Delete", prefix="in/")
got = s3.get_bucket_notification_configuration(Bucket="documents")["LambdaFunctionConfigurations"][0]
print(got["Id"], got["LambdaFunctionArn"] == arn, got["Events"], got["Filter"]["Key"]["FilterRules"])
put("out/a.txt", "in/b c.txt")
s3.copy_object(Bucket="documents", Key="in/copy", CopySource="documents/out/a.txt")
s3.delete_object(Bucket="documents", Key="in/b c.txt")
print(seen(3))
event = json.loads(s3.get_object(Bucket="seen", Key="ObjectCreated:Put/in/b c.txt")["Body"].read())["Records"][0]
print(event["eventSource"], event["awsRegion"], event["eventVersion"], event["requestParameters"]["sourceIPAddress"])
print(event["s3"]["bucket"]["arn"], event["s3"]["configurationId"], event["s3"]["object"]["key"], event["s3"]["object"]["size"])
forbid()
put("in/denied")
time.sleep(2)
permit()
put("in/after")
print("ObjectCreated:Put/in/after" in seen(4), len(seen(5, 2)))
s3.put_bucket_notification_configuration(Bucket="documents", NotificationConfiguration={})
put("in/untold")
print(len(seen(5, 2)))
"#;
    let lines = run(&daemon, script);
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines[..2], ["InvalidArgument True True"; 2]);
    let got = "new True ['s3:ObjectCreated:*', 's3:ObjectRemoved:Delete'] [{'Name': 'Prefix', 'Value': 'in/'}]";
    assert_eq!(lines[2], got);
    assert_eq!(
        lines[3],
        "['ObjectCreated:Copy/in/copy', 'ObjectCreated:Put/in/b c.txt', 'ObjectRemoved:Delete/in/b c.txt']"
    );
    assert_eq!(lines[4], "aws:s3 us-east-1 2.1 127.0.0.1");
    assert_eq!(lines[5], "arn:aws:s3:::documents new in/b+c.txt 7");
    assert_eq!(lines[6..], ["True 4", "4"]);
}

#[test]
fn what_was_acknowledged_is_told_after_a_crash_and_a_slow_function_holds_no_put_up() {
    need_root!();
    let mut daemon = Daemon::start();
    let script = r#"
arn = watched(Environment={"Variables": {"PAUSE": "2"}})
permit()
notify(arn, "ObjectCreated:*")
begun = time.time()
put(*[f"k{number:02}" for number in range(8)])
print(time.time() - begun < 15)
"#;
    assert_eq!(run(&daemon, script), "True");
    daemon.kill();
    daemon.run();
    assert_eq!(run(&daemon, "print(len(seen(8, 90)))"), "8");
}

#[test]
fn what_comes_of_an_event_is_written_into_the_bucket_that_is_its_destination_if_the_role_may() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
watched()
lam.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0,
    DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::seen"}})
lam.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"no": "records"}')
key, = seen(1)
record = json.loads(s3.get_object(Bucket="seen", Key=key)["Body"].read())
print(key.startswith("aws/lambda/async/f/"), record["requestContext"]["condition"], record["requestPayload"],
    record["responsePayload"]["errorType"])
iam.put_role_policy(RoleName="own", PolicyName="own", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}]}))
lam.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"no": "records"}')
print(len(seen(2, 5)))
"#;
    assert_eq!(run(&daemon, script), "True RetriesExhausted {'no': 'records'} KeyError\n1");
}

#[test]
fn a_function_that_writes_into_its_own_bucket_is_stopped() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
code = code.replace('Bucket="seen"', 'Bucket="documents"').replace("Key=key", 'Key="loop/" + context.aws_request_id')
arn = watched()
permit()
notify(arn, "ObjectCreated:*")
put("first")
until, before = time.time() + 60, 0
while time.time() < until:
    made = s3.list_objects_v2(Bucket="documents")["KeyCount"]
    if made > 10 and made == before:
        break
    before = made
    time.sleep(3)
print(made)
"#;
    assert_eq!(run(&daemon, script), "17", "{}", daemon.log());
    assert!(daemon.log().contains("a loop is stopped"), "{}", daemon.log());
}

#[test]
fn a_function_that_invokes_itself_is_stopped_in_either_way() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
code = '''
import boto3, json, os
from botocore.config import Config
s3, lam = boto3.client("s3"), boto3.client("lambda", config=Config(read_timeout=280, retries={"max_attempts": 0}))
def handler(event, context):
    s3.put_object(Bucket="seen", Key=event["kind"] + "/" + context.aws_request_id, Body=b"")
    lam.invoke(FunctionName=context.function_name, InvocationType=event["kind"], Payload=json.dumps(event))
    return 1
'''
s3.create_bucket(Bucket="seen")
own = role("own", {"Effect": "Allow", "Action": ["s3:*", "lambda:InvokeFunction"], "Resource": "*"})
function("f", own, code, Timeout=300, MemorySize=256)
lam.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0,
    DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::seen"}})
def count(prefix):
    return s3.list_objects_v2(Bucket="seen", Prefix=prefix)["KeyCount"]
lam.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"kind": "Event"}')
until = time.time() + 90
while time.time() < until and not count("aws/"):
    time.sleep(0.5)
time.sleep(2)
record, = s3.list_objects_v2(Bucket="seen", Prefix="aws/")["Contents"]
record = json.loads(s3.get_object(Bucket="seen", Key=record["Key"])["Body"].read())
print(count("Event/"), record["requestContext"]["condition"])
from botocore.config import Config
patient = boto3.client("lambda", config=Config(read_timeout=290, retries={"max_attempts": 0}))
patient.invoke(FunctionName="f", Payload=b'{"kind": "RequestResponse"}')
print(count("RequestResponse/"))
try:
    lam.put_function_event_invoke_config(FunctionName="f",
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::nowhere"}})
except ClientError as error:
    print(error.response["Error"]["Message"])
"#;
    let told = "16 RecursiveInvocation\n16\nThe destination ARN arn:aws:s3:::nowhere is invalid.";
    assert_eq!(run(&daemon, script), told, "{}", daemon.log());
}
