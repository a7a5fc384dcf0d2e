//! Functions that get what happens in tables, by their streams.

use super::host;
use crate::harness::{Daemon, need_root};
use crate::kms::succeeds;

/// A table with a stream, and a function that notes what it gets as objects of the bucket `seen`, in the order in which it
/// got it. It fails for items whose ids begin with `bad`, and reports those that begin with `part`.
const READING: &str = r#"
ddb = client("dynamodb")
code = '''
import boto3, json, time
s3 = boto3.client("s3")
def handler(event, context):
    ids = [record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"]]
    s3.put_object(Bucket="seen", Key=f"{time.time_ns():020}/" + ",".join(ids), Body=json.dumps(event))
    if any(one.startswith("bad") for one in ids):
        raise ValueError("of no use")
    failed = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]
        if record["dynamodb"]["Keys"]["id"]["S"].startswith("part")]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
'''
READS = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"]
def table(name="orders"):
    made = ddb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    return made["TableDescription"]["LatestStreamArn"]
def reading(**more):
    for bucket in ["seen", "lost"]:
        s3.create_bucket(Bucket=bucket)
    own = role("own", {"Effect": "Allow", "Action": ["s3:PutObject", "s3:ListBucket"], "Resource": "*"},
        {"Effect": "Allow", "Action": READS, "Resource": "*"})
    return function("f", own, code, Timeout=30, MemorySize=256, **more)
def put(*ids):
    for one in ids:
        ddb.put_item(TableName="orders", Item={"id": {"S": one}, "n": {"N": "1"}})
def keys(bucket):
    return sorted(o["Key"] for o in s3.list_objects_v2(Bucket=bucket).get("Contents", []))
def seen(last, seconds=60):
    until = time.time() + seconds
    while True:
        got = [key.split("/", 1)[1] for key in keys("seen")]
        if (got and got[-1].split(",")[-1] == last) or time.time() > until:
            return got
        time.sleep(0.1)
def settled(uuid, state):
    until = time.time() + 60
    while True:
        told = lam.get_event_source_mapping(UUID=uuid)
        if told["State"] == state or time.time() > until:
            return told["State"]
        time.sleep(0.1)
def refused(call, **more):
    try:
        call(**more)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
"#;

fn run(daemon: &Daemon, script: &str) -> String {
    succeeds(daemon, &host(daemon, None, &format!("{READING}\n{script}")))
}

// enforces: lambda:CreateEventSourceMapping (positive)
// enforces: lambda:CreateEventSourceMapping (negative)
// enforces: lambda:UpdateEventSourceMapping (positive)
// enforces: lambda:UpdateEventSourceMapping (negative)
// enforces: lambda:DeleteEventSourceMapping (positive)
// enforces: lambda:DeleteEventSourceMapping (negative)
#[test]
fn a_function_gets_the_changes_of_a_table_that_its_filter_lets_through_in_order_while_its_role_may_read() {
    need_root!();
    let mut daemon = Daemon::start();
    let script = r#"
stream = table()
reading()
def permit(effect):
    iam.put_role_policy(RoleName="own", PolicyName="reads", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Action": "dynamodb:GetRecords", "Resource": stream}]}))
permit("Deny")
pattern = json.dumps({"eventName": ["INSERT", "REMOVE"], "dynamodb": {"Keys": {"id": {"S": [{"anything-but": "b"}]}}}})
wanted = dict(FunctionName="f", EventSourceArn=stream, StartingPosition="TRIM_HORIZON", BatchSize=2,
    FilterCriteria={"Filters": [{"Pattern": pattern}]}, Tags={"team": "a"})
code, why = refused(lam.create_event_source_mapping, **wanted)
print(code, why.startswith(f"Cannot access stream {stream}. Please ensure the role can perform the GetRecords"))
permit("Allow")
put("a", "b")
made = lam.create_event_source_mapping(**wanted)
uuid = made["UUID"]
print(made["State"], settled(uuid, "Enabled"), lam.list_tags(Resource=made["EventSourceMappingArn"])["Tags"])
put("c", "a", "d")
ddb.delete_item(TableName="orders", Key={"id": {"S": "c"}})
print(",".join(seen("c")))
event = json.loads(s3.get_object(Bucket="seen", Key=keys("seen")[0])["Body"].read())["Records"][0]
print(event["eventName"], event["eventSource"], event["awsRegion"], event["eventSourceARN"] == stream,
    event["dynamodb"]["NewImage"], event["dynamodb"]["StreamViewType"])
print(lam.update_event_source_mapping(UUID=uuid, Enabled=False)["State"], settled(uuid, "Disabled"))
put("e")
time.sleep(1)
print(seen("e", 1)[-1])
print(lam.list_event_source_mappings(FunctionName="f")["EventSourceMappings"][0]["LastProcessingResult"])
print(lam.update_event_source_mapping(UUID=uuid, Enabled=True)["State"], settled(uuid, "Enabled"), seen("e")[-1])
"#;
    let told = run(&daemon, script);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "InvalidParameterValueException True");
    assert_eq!(lines[1], "Creating Enabled {'team': 'a'}");
    assert_eq!(lines[2], "a,c,d,c", "{told}");
    let image = "{'id': {'S': 'a'}, 'n': {'N': '1'}}";
    let turned = "{'n': {'N': '1'}, 'id': {'S': 'a'}}";
    assert_eq!(
        lines[3].replace(turned, image),
        format!("INSERT aws:dynamodb us-east-1 True {image} NEW_AND_OLD_IMAGES")
    );
    assert_eq!(lines[4..], ["Disabling Disabled", "c", "OK", "Enabling Enabled e"]);

    // A kill is no end of it: it goes on where it was.
    daemon.kill();
    daemon.run();
    let script = r#"
put("f")
print(",".join(seen("f")))
uuid = lam.list_event_source_mappings()["EventSourceMappings"][0]["UUID"]
print(lam.delete_event_source_mapping(UUID=uuid)["State"])
while refused(lam.get_event_source_mapping, UUID=uuid) is None:
    time.sleep(0.1)
print(*refused(lam.get_event_source_mapping, UUID=uuid))
put("g")
print(seen("g", 2)[-1])
"#;
    let told = run(&daemon, script);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "a,c,d,c,e,f");
    assert_eq!(lines[1..], ["Deleting", "ResourceNotFoundException The resource you requested does not exist.", "f"]);
}

#[test]
fn a_batch_that_fails_is_split_or_tried_from_the_failed_record_on_and_the_bucket_is_told_of_what_is_given_up() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
stream = table()
reading()
put("a", "bad", "c", "d")
made = lam.create_event_source_mapping(FunctionName="f", EventSourceArn=stream, StartingPosition="TRIM_HORIZON",
    MaximumRetryAttempts=1, BisectBatchOnFunctionError=True, DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::lost"}})
until = time.time() + 60
while len(keys("seen")) < 6 and time.time() < until:
    time.sleep(0.1)
print(" ".join(seen("d")))
key, = keys("lost")
record = json.loads(s3.get_object(Bucket="lost", Key=key)["Body"].read())
info = record["DDBStreamBatchInfo"]
print(key.startswith(f"aws/lambda/{made['UUID']}/{info['shardId']}/"), record["requestContext"]["condition"],
    record["responseContext"], info["batchSize"], info["streamArn"] == stream,
    json.loads(record["payload"])["Records"][0]["dynamodb"]["Keys"])
settled(made["UUID"], "Enabled")
lam.update_event_source_mapping(UUID=made["UUID"], BisectBatchOnFunctionError=False, FunctionResponseTypes=["ReportBatchItemFailures"],
    Enabled=False)
settled(made["UUID"], "Disabled")
put("e", "part", "g")
lam.update_event_source_mapping(UUID=made["UUID"], Enabled=True)
settled(made["UUID"], "Enabled")
until = time.time() + 30
while len(keys("lost")) < 2 and time.time() < until:
    time.sleep(0.1)
print(" ".join(seen("g", 1)[-2:]), len(keys("lost")))
"#;
    let told = run(&daemon, script);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "a,bad,c,d a,bad a bad bad c,d", "{told}");
    assert_eq!(
        lines[1],
        "True RetryAttemptsExhausted {'statusCode': 200, 'executedVersion': '$LATEST', 'functionError': 'Unhandled'} 1 True \
         {'id': {'S': 'bad'}}"
    );
    assert_eq!(lines[2], "e,part,g part,g 2", "{told}");
}
