//! Services that another server answers, behind endpoints of this one.

use crate::harness::{ACCESS_KEY, Daemon, Network, SECRET_KEY, need_root, sidegate, texts, tool};
use crate::kms::{inside, succeeds};
use crate::settings::interface_endpoint;

const UNREACHED: &str = r#"
s3 = boto3.client("s3", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
try:
    s3.get_object(Bucket="docs", Key="key")
except (EndpointConnectionError, ConnectTimeoutError):
    print("unreached")
"#;

const USED: &str = r#"
import os
s3 = boto3.client("s3")
body = os.urandom(12_000_000)
s3.put_object(Bucket="docs", Key="a b/ä", Body=body, Metadata={"n": "1"})
read = s3.get_object(Bucket="docs", Key="a b/ä")
assert read["Body"].read() == body and read["Metadata"] == {"n": "1"}
assert s3.get_object(Bucket="docs", Key="a b/ä", Range="bytes=5-9")["Body"].read() == body[5:10]
upload = s3.create_multipart_upload(Bucket="docs", Key="big")["UploadId"]
part = s3.upload_part(Bucket="docs", Key="big", UploadId=upload, PartNumber=1, Body=body)["ETag"]
s3.complete_multipart_upload(Bucket="docs", Key="big", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
s3.copy_object(Bucket="docs", Key="copy", CopySource="docs/big")
assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="docs")["Contents"]] == ["a b/ä", "big", "copy"]
s3.delete_objects(Bucket="docs", Delete={"Objects": [{"Key": "big"}, {"Key": "copy"}]})
try:
    s3.get_object(Bucket="docs", Key="none")
    raise AssertionError("there is none")
except ClientError as error:
    assert error.response["Error"]["Code"] == "NoSuchKey", error
# botocore asks before it sends nothing, and must not take one answer for two.
for key in ("empty", "empty too"):
    s3.put_object(Bucket="docs", Key=key, Body=b"", IfNoneMatch="*")
    try:
        s3.put_object(Bucket="docs", Key=key, Body=b"", IfNoneMatch="*")
        raise AssertionError("it was there")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "PreconditionFailed", error
    s3.delete_object(Bucket="docs", Key=key)
print("used")
"#;

const DENIED: &str = r#"
s3 = boto3.client("s3", config=Config(retries={"max_attempts": 1}))
assert len(s3.get_object(Bucket="docs", Key="a b/ä")["Body"].read()) == 12_000_000
try:
    s3.put_object(Bucket="docs", Key="x", Body=b"x")
    raise AssertionError("it was done")
except ClientError as error:
    assert error.response["Error"]["Code"] == "AccessDenied", error
    assert "because no VPC endpoint policy allows" in str(error), error
batch = s3.delete_objects(Bucket="docs", Delete={"Objects": [{"Key": "a b/ä"}, {"Key": "tmp/none"}]})
assert [entry["Key"] for entry in batch["Deleted"]] == ["tmp/none"], batch
assert [(entry["Key"], entry["Code"]) for entry in batch["Errors"]] == [("a b/ä", "AccessDenied")], batch
print("denied")
"#;

const GONE: &str = r#"
s3 = boto3.client("s3", config=Config(retries={"max_attempts": 1}))
try:
    s3.get_object(Bucket="docs", Key="a b/ä")
    raise AssertionError("nobody can have answered")
except ClientError as error:
    assert error.response["Error"]["Code"] == "ServiceUnavailable", error
print("gone")
"#;

/// What is the same for each service behind.
const DENYING: &str = r#"
def denied(call):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"), error
        assert "because no VPC endpoint policy allows" in str(error), error
        return
    raise AssertionError("it was done")

def fails(call):
    try:
        call()
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] in (500, 503), error
        print("gone")
        return
    raise AssertionError("nobody can have answered")

def client(name):
    return boto3.client(name, config=Config(connect_timeout=2, retries={"max_attempts": 0}))
"#;

/// A service that another server answers, as a program in a subnet uses it.
struct Behind {
    /// The last part of the endpoint's service name, which is also what its section of the file is called.
    service: &'static str,
    /// Uses the service, and prints `used`.
    used: &'static str,
    /// What the endpoint's policy allows, as actions and a resource.
    allowed: (&'static str, &'static str),
    /// Finds out what is allowed and what is denied under it, and prints `denied`.
    denied: &'static str,
    /// A call.
    call: &'static str,
    /// What the server has in the end, by the AWS CLI: the command, and what it prints.
    kept: (&'static [&'static str], &'static str),
}

const SECRETS: Behind = Behind {
    service: "secretsmanager",
    used: r#"
secrets = client("secretsmanager")
for name in ["app/db", "prod/db"]:
    secrets.create_secret(Name=name, SecretString=name, Tags=[{"Key": "stage", "Value": name.split("/")[0]}])
arn = secrets.describe_secret(SecretId="app/db")["ARN"]
assert arn.split(":")[4] == "333333333333", arn
for named in ["app/db", arn]:
    assert secrets.get_secret_value(SecretId=named)["SecretString"] == "app/db"
secrets.put_secret_value(SecretId="app/db", SecretString="newer")
try:
    secrets.get_secret_value(SecretId="none")
    raise AssertionError("there is none")
except secrets.exceptions.ResourceNotFoundException:
    print("used")
"#,
    allowed: ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:ACCOUNT:secret:app/*"),
    denied: r#"
secrets = client("secretsmanager")
assert secrets.get_secret_value(SecretId="app/db")["SecretString"] == "newer"
denied(lambda: secrets.get_secret_value(SecretId="prod/db"))
denied(lambda: secrets.put_secret_value(SecretId="app/db", SecretString="newest"))
print("denied")
"#,
    call: "secretsmanager\").get_secret_value(SecretId=\"app/db\")",
    kept: (
        &["secretsmanager", "get-secret-value", "--secret-id", "app/db", "--query", "SecretString", "--output", "text"],
        "newer",
    ),
};

const KEYS: Behind = Behind {
    service: "kms",
    used: r#"
kms = client("kms")
for name in ["app", "prod"]:
    key = kms.create_key(Description=name, Tags=[{"TagKey": "stage", "TagValue": name}])["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/" + name, TargetKeyId=key)
sealed = kms.encrypt(KeyId="alias/app", Plaintext=b"hello", EncryptionContext={"a": "b"})["CiphertextBlob"]
assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"a": "b"})["Plaintext"] == b"hello"
assert len(kms.generate_data_key(KeyId="alias/app", KeySpec="AES_256")["Plaintext"]) == 32
assert key in [entry["KeyId"] for entry in kms.list_keys()["Keys"]]
print("used")
"#,
    allowed: (
        "kms:Encrypt",
        "*\", \"Condition\": {\"StringEquals\": {\"aws:ResourceTag/stage\": \"app\"}}, \"Sid\": \"A",
    ),
    denied: r#"
kms = client("kms")
assert kms.encrypt(KeyId="alias/app", Plaintext=b"x")["KeyId"].split(":")[4] == "333333333333"
denied(lambda: kms.encrypt(KeyId="alias/prod", Plaintext=b"x"))
denied(lambda: kms.list_keys())
print("denied")
"#,
    call: "kms\").list_aliases()",
    kept: (&["kms", "list-aliases", "--query", "length(Aliases[?!starts_with(AliasName, 'alias/aws/')])"], "2"),
};

const GROUPS: Behind = Behind {
    service: "logs",
    used: r#"
import time
logs = client("logs")
for name in ["app", "prod"]:
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
logs.put_log_events(logGroupName="app", logStreamName="s", logEvents=[{"timestamp": int(time.time() * 1000), "message": "ä"}])
assert [event["message"] for event in logs.get_log_events(logGroupName="app", logStreamName="s")["events"]] == ["ä"]
arn = logs.describe_log_groups(logGroupNamePrefix="app")["logGroups"][0]["logGroupArn"]
logs.tag_resource(resourceArn=arn, tags={"a": "b"})
print("used")
"#,
    allowed: ("logs:PutLogEvents", "arn:aws:logs:us-east-1:ACCOUNT:log-group:app:*"),
    denied: r#"
import time
logs = client("logs")
event = [{"timestamp": int(time.time() * 1000), "message": "second"}]
logs.put_log_events(logGroupName="app", logStreamName="s", logEvents=event)
denied(lambda: logs.put_log_events(logGroupName="prod", logStreamName="s", logEvents=event))
denied(lambda: logs.delete_log_group(logGroupName="app"))
print("denied")
"#,
    call: "logs\").describe_log_groups()",
    kept: (&["logs", "describe-log-groups", "--query", "length(logGroups)"], "2"),
};

const METRICS: Behind = Behind {
    service: "monitoring",
    used: r#"
cloudwatch = client("cloudwatch")
cloudwatch.put_metric_data(Namespace="app", MetricData=[{"MetricName": "m", "Value": 1.5}])
assert [metric["Namespace"] for metric in cloudwatch.list_metrics()["Metrics"]] == ["app"]
cloudwatch.put_metric_alarm(AlarmName="a", Namespace="app", MetricName="m", Statistic="Sum", Period=60,
    EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")
assert cloudwatch.describe_alarms()["MetricAlarms"][0]["AlarmArn"].split(":")[4] == "333333333333"
print("used")
"#,
    allowed: (
        "cloudwatch:PutMetricData",
        "*\", \"Condition\": {\"StringEquals\": {\"cloudwatch:namespace\": \"app\"}}, \"Sid\": \"A",
    ),
    denied: r#"
cloudwatch = client("cloudwatch")
datum = [{"MetricName": "n", "Value": 1}]
cloudwatch.put_metric_data(Namespace="app", MetricData=datum)
denied(lambda: cloudwatch.put_metric_data(Namespace="prod", MetricData=datum))
denied(lambda: cloudwatch.delete_alarms(AlarmNames=["a"]))
print("denied")
"#,
    call: "cloudwatch\").list_metrics()",
    kept: (&["cloudwatch", "describe-alarms", "--query", "MetricAlarms[].AlarmName", "--output", "text"], "a"),
};

/// The services of another daemon, which has another account, each behind its interface endpoint.
#[test]
fn services_of_another_server_are_reached_through_interface_endpoints_as_far_as_policies_here_let() {
    need_root!();
    let mut behind = Daemon::start();
    let (key, secret) = behind.key_of("333333333333");
    let all = [SECRETS, KEYS, GROUPS, METRICS];
    let section = |own: &Behind| {
        format!(
            "[service.{}]\nupstream = \"http://{}\"\naccount_id = \"333333333333\"\naccess_key_id = \"{key}\"\n\
             secret_access_key = \"{secret}\"\ntimeout_seconds = 20\n",
            own.service, behind.api
        )
    };
    let daemon = Daemon::configured(&all.iter().map(section).collect::<String>());
    let network = Network::build(&daemon);
    network.open(&daemon);
    let admin = (ACCESS_KEY, SECRET_KEY);
    let runs = |script: &str| succeeds(&daemon, &inside(&daemon, &network, admin, &format!("{DENYING}{script}")));
    let account = daemon.make("DescribeVpcs", &[], "ownerId");
    for own in &all {
        let endpoint = interface_endpoint(&daemon, &network, own.service, &[]);
        assert_eq!(runs(own.used), "used", "{}", own.service);
        let event = daemon.events().into_iter().rev().find(|event| event["service"] == own.service).unwrap();
        assert!(event.to_string().contains(&endpoint), "{event}");
        let (action, resource) = own.allowed;
        let statement = format!(
            r#"{{"Effect": "Allow", "Principal": "*", "Action": "{action}", "Resource": "{}"}}"#,
            resource.replace("ACCOUNT", &account)
        );
        let policy = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
        daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("PolicyDocument", &policy)]).unwrap();
        assert_eq!(runs(own.denied), "denied", "{}", own.service);
        let (command, kept) = own.kept;
        let mut command = behind.client(&tool("aws"), command);
        command.env("AWS_DEFAULT_REGION", "us-east-1");
        let output = command.env("AWS_ACCESS_KEY_ID", &key).env("AWS_SECRET_ACCESS_KEY", &secret).output().unwrap();
        assert_eq!(succeeds(&behind, &output), kept, "{}: what the server behind has", own.service);
        daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("ResetPolicy", "true")]).unwrap();
    }
    behind.kill();
    for own in &all {
        assert_eq!(runs(&format!("fails(lambda: client(\"{})", own.call)), "gone", "{}", own.service);
    }
    behind.run();
    assert!(!daemon.log().contains(&secret), "no secret is in the log");
}

/// The server behind is another daemon, with keys of its own.
#[test]
fn s3_of_another_server_is_reached_through_the_gateway_endpoint_as_far_as_policies_here_let() {
    need_root!();
    let mut behind = Daemon::start();
    let (key, secret) = behind.key_of("333333333333");
    let of_behind = |arguments: &[&str]| {
        let mut command = behind.client(&tool("aws"), arguments);
        let output = command.env("AWS_ACCESS_KEY_ID", &key).env("AWS_SECRET_ACCESS_KEY", &secret).output().unwrap();
        succeeds(&behind, &output)
    };
    of_behind(&["s3api", "create-bucket", "--bucket", "docs"]);
    let config = format!(
        "[service.s3]\nupstream = \"http://{}\"\naccess_key_id = \"{key}\"\nsecret_access_key = \"{secret}\"\n",
        behind.api
    );
    let daemon = Daemon::configured(&config);
    let network = Network::build(&daemon);
    network.open(&daemon);
    let admin = (ACCESS_KEY, SECRET_KEY);
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, UNREACHED)), "unreached");
    let endpoint = network.s3_gateway(&daemon, &[&network.tables[0]]);
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, USED)), "used");
    let kept = of_behind(&["s3api", "list-objects-v2", "--bucket", "docs", "--query", "Contents[].Size"]);
    assert_eq!(kept.split_whitespace().collect::<String>(), "[12000000]", "the objects are those of the server behind");
    let event = daemon.events().into_iter().rev().find(|event| event["operation"] == "PutObject").unwrap();
    assert!(event.to_string().contains(&endpoint), "{event}");

    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action":
        "s3:GetObject", "Resource": "*"}, {"Effect": "Allow", "Principal": "*", "Action": "s3:DeleteObject", "Resource":
        "arn:aws:s3:::docs/tmp/*"}]}"#;
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("PolicyDocument", policy)]).unwrap();
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, DENIED)), "denied");
    behind.kill();
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, GONE)), "gone");
    behind.run();
    assert!(!daemon.log().contains(&secret), "no secret is in the log");
}

#[test]
fn a_configuration_that_cannot_be_used_is_refused_with_its_reason() {
    let directory = std::env::temp_dir().join(format!("sidegate-config-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("sidegate.toml");
    std::fs::write(&path, "[service.s3]\nupstream = \"ftp://h\"\naccess_key_id = \"a\"\nsecret_access_key = \"b\"")
        .unwrap();
    let mut command = sidegate();
    command.args(["up", "--listen", "127.0.0.1:0", "--state"]).arg(directory.join("state"));
    let output = command.arg("--config").arg(&path).output().unwrap();
    let (_, err) = texts(&output);
    std::fs::remove_dir_all(&directory).unwrap();
    assert!(!output.status.success());
    assert!(err.contains("[service.s3]") && err.contains("neither an http nor an https URL"), "{err}");
}
