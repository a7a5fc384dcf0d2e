//! Functions of Lambda: code that people have, in networks that decide what it reaches; what goes wrong in it; and that
//! nothing is left of it.

#[cfg(test)]
mod notifications;
mod permissions;
#[cfg(test)]
mod sources;
mod stress;

use std::fs;
use std::process::Output;
use std::time::{Duration, Instant};

use crate::harness::{Daemon, Network, clients_are_hidden, need_root, texts, tool};
use crate::kms::succeeds;
use crate::settings::interface_endpoint;

/// What every script begins with: clients of the host's administrator, and functions from text.
const PRELUDE: &str = r#"
import base64, concurrent.futures, io, json, os, time, zipfile
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
once = Config(retries={"max_attempts": 0}, read_timeout=120, max_pool_connections=256)
client = lambda name: boto3.client(name, config=once)
lam, iam, s3, logs, ec2, sm = [client(n) for n in ["lambda", "iam", "s3", "logs", "ec2", "secretsmanager"]]
ACCOUNT = client("sts").get_caller_identity()["Account"]
def packed(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o755 << 16
            archive.writestr(info, text)
    return out.getvalue()
def role(name, *statements):
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"}}]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    own = [{"Effect": "Allow", "Resource": "*", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents",
        "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"]}]
    policy = {"Version": "2012-10-17", "Statement": own + list(statements)}
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
    return arn
def function(name, role, files, handler="app.handler", runtime="python3.11", **more):
    files = files if isinstance(files, dict) else {"app.py": files}
    made = lam.create_function(FunctionName=name, Role=role, Runtime=runtime, Handler=handler,
        Code={"ZipFile": packed(files)}, **more)
    client("lambda").get_waiter("function_active_v2").wait(FunctionName=name)
    return made
def invoke(name, payload=None, **more):
    answer = lam.invoke(FunctionName=name, Payload=json.dumps(payload or {}), **more)
    return answer.get("FunctionError"), json.loads(answer["Payload"].read() or b"null"), answer
def logged(name, wanted, seconds=10):
    until = time.time() + seconds
    while True:
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except ClientError:
            events = []
        text = "".join(event["message"] for event in events)
        if wanted in text or time.time() > until:
            return text
        time.sleep(0.1)
"#;

/// A script on the host, as the administrator.
pub(crate) fn host(daemon: &Daemon, network: Option<&Network>, script: &str) -> Output {
    let mut command = daemon.client(&tool("python3"), &["-c", &format!("{PRELUDE}\n{script}")]);
    command.env("AWS_DEFAULT_REGION", "us-east-1");
    if let Some(network) = network {
        command.env("SUBNETS", network.subnets.join(",")).env("GROUP", &network.group);
    }
    command.output().unwrap()
}

/// How many processes have this in their command line.
fn processes(word: &str) -> usize {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let lines = all.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(word)).count()
}

pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < limit, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

// enforces: lambda:CreateFunction (positive)
// enforces: lambda:Invoke (positive)
#[test]
fn a_function_in_a_private_subnet_reads_s3_by_the_gateway_and_secrets_by_the_interface_and_nothing_without_them() {
    need_root!();
    if clients_are_hidden() {
        eprintln!("SKIPPED: functions do not see the clients of a checkout below /tmp");
        return;
    }
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let script = r#"
vpc = {"SubnetIds": os.environ["SUBNETS"].split(","), "SecurityGroupIds": [os.environ["GROUP"]]}
s3.create_bucket(Bucket="documents")
s3.put_object(Bucket="documents", Key="a.txt", Body=b"of the bucket")
secret = sm.create_secret(Name="settings", SecretString="of the secret")["ARN"]
reader = role("reader", {"Effect": "Allow", "Action": ["s3:GetObject", "secretsmanager:GetSecretValue"], "Resource": "*"})
code = '''
import boto3, logging, urllib.request
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError
quick = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 0})
def tried(call):
    try:
        return call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    except (ConnectTimeoutError, EndpointConnectionError) as error:
        return "unreached"
def internet():
    try:
        urllib.request.urlopen("http://198.19.255.1/", timeout=2)
    except Exception as error:
        return "unreached"
def handler(event, context):
    print("at work")
    s3, sm = boto3.client("s3", config=quick), boto3.client("secretsmanager", config=quick)
    return [tried(lambda: s3.get_object(Bucket="documents", Key="a.txt")["Body"].read().decode()),
            tried(lambda: sm.get_secret_value(SecretId="settings")["SecretString"]), internet()]
'''
function("reader", reader, code, VpcConfig=vpc, Timeout=30, MemorySize=512)
print(json.dumps(invoke("reader")[:2]))
interfaces = ec2.describe_network_interfaces(Filters=[{"Name": "interface-type", "Values": ["lambda"]}])["NetworkInterfaces"]
print(sorted(i["SubnetId"] for i in interfaces) == sorted(vpc["SubnetIds"]), all(i["RequesterManaged"] for i in interfaces),
    all(i["Description"].startswith("AWS Lambda VPC ENI-reader-") for i in interfaces), {i["Status"] for i in interfaces})
try:
    ec2.delete_network_interface(NetworkInterfaceId=interfaces[0]["NetworkInterfaceId"])
except ClientError as error:
    print(error.response["Error"]["Code"])
print("at work" in logged("reader", "REPORT"))
"#;
    let lines = succeeds(&daemon, &host(&daemon, Some(&network), script));
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines[0], r#"[null, ["unreached", "unreached", "unreached"]]"#);
    assert_eq!(lines[1], "True True True {'in-use'}");
    assert!(!lines[2].is_empty() && lines[3] == "True", "{lines:?}");

    network.s3_gateway(&daemon, &[&network.tables[0], &network.tables[1]]);
    interface_endpoint(&daemon, &network, "secretsmanager", &[]);
    let script = r#"
print(json.dumps(invoke("reader")[:2]))
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0"}}}]}
iam.put_role_policy(RoleName="reader", PolicyName="no", PolicyDocument=json.dumps(policy))
print(json.dumps(invoke("reader")[:2]))
lam.delete_function(FunctionName="reader")
until = time.time() + 20
wanted = [{"Name": "interface-type", "Values": ["lambda"]}]
while ec2.describe_network_interfaces(Filters=wanted)["NetworkInterfaces"] and time.time() < until:
    time.sleep(0.1)
print(len(ec2.describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]))
"#;
    let lines = succeeds(&daemon, &host(&daemon, Some(&network), script));
    assert_eq!(
        lines.lines().collect::<Vec<_>>(),
        [
            r#"[null, ["of the bucket", "of the secret", "unreached"]]"#,
            r#"[null, ["of the bucket", "AccessDeniedException", "unreached"]]"#,
            "0"
        ]
    );
    let events = daemon.events();
    let over = |service: &str, kind: &str| {
        events.iter().any(|event| {
            let text = event.to_string();
            text.contains(service) && text.contains(kind) && text.contains("assumed-role/reader/reader")
        })
    };
    assert!(over("s3", "vpce-") && over("secretsmanager", "vpce-"));
}

// enforces: lambda:Invoke (negative)
#[test]
fn a_function_without_a_vpc_has_the_internet_and_its_own_role() {
    need_root!();
    if clients_are_hidden() {
        return;
    }
    let daemon = Daemon::start();
    let script = r#"
s3.create_bucket(Bucket="documents")
s3.put_object(Bucket="documents", Key="a.txt", Body=b"public way")
reader = role("reader", {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::documents/*"})
code = '''
import boto3
def handler(event, context):
    s3 = boto3.client("s3")
    who = boto3.client("sts").get_caller_identity()["Arn"]
    try:
        s3.list_buckets()
    except Exception as error:
        denied = type(error).__name__
    return [s3.get_object(Bucket="documents", Key="a.txt")["Body"].read().decode(), who.split(":")[-1], denied]
'''
function("reader", reader, code, Timeout=30, MemorySize=512)
print(json.dumps(invoke("reader")[:2]))
"#;
    let output = succeeds(&daemon, &host(&daemon, None, script));
    assert_eq!(output, r#"[null, ["public way", "assumed-role/reader/reader", "AccessDenied"]]"#);
    assert!(daemon.events().iter().any(|event| event.to_string().contains("198.19.255.2")));
}

#[test]
fn the_code_of_a_function_is_downloaded_from_its_location() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
import urllib.error, urllib.request
function("own", role("own"), "def handler(event, context): pass")
location = lam.get_function(FunctionName="own")["Code"]["Location"]
archive = zipfile.ZipFile(io.BytesIO(urllib.request.urlopen(location).read()))
print(archive.read("app.py").decode())
for wrong in [location.replace("own", "other"), location[:-1] + ("0" if location[-1] != "0" else "1"), location.split("?")[0]]:
    try:
        print(urllib.request.urlopen(wrong).status)
    except urllib.error.HTTPError as error:
        print(error.code)
"#;
    let output = succeeds(&daemon, &host(&daemon, None, script));
    // Without a signature, what is asked for at the machine's address is an object of S3.
    let expected = ["def handler(event, context): pass", "403", "403", "404"];
    assert_eq!(output.lines().collect::<Vec<_>>(), expected, "{output}");
}

#[test]
fn what_goes_wrong_in_a_function_is_told_as_aws_tells_it() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
own = role("own")
code = '''
import os, subprocess, time
def handler(event, context):
    what = event["what"]
    if what == "hang": time.sleep(60)
    if what == "exit": os._exit(1)
    if what == "fail": raise KeyError("lost")
    if what == "eat":
        kept = []
        while True: kept.append(bytearray(1 << 20))
    if what == "fork":
        subprocess.Popen(["sleep", "27182"])
        made = 0
        try:
            while made < 3000:
                if os.fork() == 0: time.sleep(600)
                made += 1
        except OSError: return made < 1024
    if what == "write":
        refused = 0
        for path in ["/var/task/app.py", "/opt/x", "/etc/passwd", "/usr/x"]:
            try: open(path, "w")
            except OSError: refused += 1
        open("/tmp/x", "w").write("x")
        return refused
    return "well"
'''
# Only what hangs is to meet its time-out, however slow the machine is.
function("own", own, code, Timeout=60, MemorySize=1024)
function("hung", own, code, Timeout=2)
for what in ["none", "hang", "exit", "fail", "eat", "fork", "write"]:
    error, payload, answer = invoke("hung" if what == "hang" else "own", {"what": what}, LogType="Tail")
    tail = base64.b64decode(answer["LogResult"]).decode()
    print(what, error, json.dumps(payload), "REPORT" in tail)
function("lost", own, "def other(): pass", handler="app.handler")
print(json.dumps(invoke("lost")[1]))
text = logged("own", "Runtime.ExitError")
print("START RequestId" in text, "signal: killed" in text)
print("Task timed out after 2.00 seconds" in logged("hung", "Task timed out"))
"#;
    let output = succeeds(&daemon, &host(&daemon, None, script));
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines[0], r#"none None "well" True"#, "{output}");
    assert!(
        lines[1].starts_with("hang Unhandled ") && lines[1].contains("Task timed out after 2.00 seconds"),
        "{output}"
    );
    assert!(
        lines[2].starts_with("exit Unhandled ") && lines[2].contains("Runtime exited with error: exit status 1"),
        "{output}"
    );
    assert!(lines[3].starts_with("fail Unhandled ") && lines[3].contains(r#""errorType": "KeyError""#), "{output}");
    assert!(lines[4].starts_with("eat Unhandled "), "{output}");
    assert_eq!(&lines[5..7], ["fork None true True", "write None 4 True"], "{output}");
    assert!(lines[7].contains("Runtime.HandlerNotFound"), "{output}");
    assert_eq!(&lines[8..], ["True True", "True"], "{output}");
    assert!(processes("27182") <= 1);
    drop(daemon);
    eventually("nothing is left", || processes("27182") == 0);
}

#[test]
fn scripts_and_node_run_too() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
own = role("own")
bootstrap = '''#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  event=$(curl -sS -D /tmp/headers "$api/next")
  id=$(sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: \\([0-9a-f-]*\\).*/\\1/p' /tmp/headers)
  curl -sS -d "{\\"script\\": $event}" "$api/$id/response" > /dev/null
done
'''
function("script", own, {"bootstrap": bootstrap}, handler="none", runtime="provided.al2023")
print(json.dumps(invoke("script", {"n": 1})[:2]))
function("node", own, {"index.mjs": "export const handler = async (event) => ({ node: event.n + 1 });"}, "index.handler", "nodejs22.x")
print(json.dumps(invoke("node", {"n": 1})[:2]))
"#;
    let output = succeeds(&daemon, &host(&daemon, None, script));
    assert_eq!(output, "[null, {\"script\": {\"n\": 1}}]\n[null, {\"node\": 2}]");
}

#[test]
fn two_hundred_invocations_at_once_are_all_answered_and_leave_nothing() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let script = r#"
own = role("own")
code = "import subprocess, time\nsubprocess.Popen(['sleep', '141421'])\ndef handler(event, context):\n    time.sleep(0.2)\n    return event['n']\n"
vpc = {"SubnetIds": os.environ["SUBNETS"].split(","), "SecurityGroupIds": [os.environ["GROUP"]]}
function("many", own, code, Timeout=60, VpcConfig=vpc)
for count in [50, 200]:
    begun = time.time()
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(lambda n: invoke("many", {"n": n})[:2], range(count)))
    assert answers == [(None, n) for n in range(count)], answers
    print(count, f"{time.time() - begun:.1f}")
warm = []
for n in range(100):
    begun = time.time()
    invoke("many", {"n": n})
    warm.append(time.time() - begun - 0.2)
print("warm", sorted(round(t * 1000, 1) for t in warm)[50], "ms")
"#;
    let output = host(&daemon, Some(&network), script);
    eprintln!("{}", succeeds(&daemon, &output));
    let state = daemon.state();
    assert!(processes("141421") > 0);
    drop(daemon);
    eventually("nothing is left", || processes("141421") == 0 && processes(&state.display().to_string()) == 0);
}

#[test]
fn environments_end_with_a_daemon_that_is_killed() {
    need_root!();
    let mut daemon = Daemon::start();
    let script = r#"
own = role("own")
function("own", own, "import subprocess\nsubprocess.Popen(['sleep', '161803'])\ndef handler(event, context):\n    return 1\n")
print(invoke("own")[1])
"#;
    assert_eq!(succeeds(&daemon, &host(&daemon, None, script)), "1");
    assert!(processes("161803") > 0);
    daemon.kill();
    eventually("nothing is left", || processes("161803") == 0);
    daemon.run();
    assert_eq!(succeeds(&daemon, &host(&daemon, None, "print(invoke('own')[1])")), "1");
}

#[test]
fn a_function_rotates_a_secret() {
    need_root!();
    if clients_are_hidden() {
        return;
    }
    let daemon = Daemon::start();
    let script = r#"
secret = sm.create_secret(Name="password", SecretString="first")["ARN"]
rotator = role("rotator", {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": secret})
code = '''
import boto3
def handler(event, context):
    sm = boto3.client("secretsmanager")
    secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    if step == "createSecret":
        sm.put_secret_value(SecretId=secret, ClientRequestToken=token, SecretString="second", VersionStages=["AWSPENDING"])
    if step == "finishSecret":
        versions = sm.describe_secret(SecretId=secret)["VersionIdsToStages"]
        current = [v for v, stages in versions.items() if "AWSCURRENT" in stages][0]
        sm.update_secret_version_stage(SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current)
'''
arn = function("rotator", rotator, code, Timeout=30, MemorySize=512)["FunctionArn"]
lam.add_permission(FunctionName="rotator", StatementId="sm", Action="lambda:InvokeFunction",
    Principal="secretsmanager.amazonaws.com")
sm.rotate_secret(SecretId=secret, RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30})
until = time.time() + 40
while sm.get_secret_value(SecretId=secret)["SecretString"] != "second" and time.time() < until:
    time.sleep(0.2)
print(sm.get_secret_value(SecretId=secret)["SecretString"])
"#;
    let output = host(&daemon, None, script);
    let (out, err) = texts(&output);
    assert_eq!(out.trim(), "second", "{err}\n{}", daemon.log());
}
