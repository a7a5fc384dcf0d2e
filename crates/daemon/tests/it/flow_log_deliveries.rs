//! Deliveries of flow logs: which buckets are let be destinations and what becomes of their policies; what is tried again,
//! what outlives a crash, and what a destination that does not answer holds up.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::flow_logs::{ROLE, flush};
use crate::harness::{Daemon, need_root};
use crate::identities::run;

/// A VPC with an interface, which nothing uses: each interval has a record of it.
const SITE: &str = r#"
ec2, logs, s3, kms = admin("ec2"), admin("logs"), admin("s3"), admin("kms")

def site():
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.1.0/24")["Subnet"]["SubnetId"]
    eni = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    return vpc, subnet, eni

def to_s3(resource, place, kind="VPC", **more):
    return dict(ResourceType=kind, ResourceIds=[resource], TrafficType="ALL", LogDestinationType="s3",
        LogDestination="arn:aws:s3:::" + place, MaxAggregationInterval=60) | more

def make(**parameters):
    made = ec2.create_flow_logs(**parameters)
    assert made["Unsuccessful"] == [], made
    return made["FlowLogIds"][0]

def not_made(**parameters):
    made = ec2.create_flow_logs(**parameters)
    assert made["FlowLogIds"] == [], made
    return made["Unsuccessful"][0]["Error"]["Code"], made["Unsuccessful"][0]["Error"]["Message"]

def status(log):
    [shown] = ec2.describe_flow_logs(FlowLogIds=[log])["FlowLogs"]
    return shown["DeliverLogsStatus"], shown.get("DeliverLogsErrorMessage")

def policy(bucket, s3=s3):
    try:
        return json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchBucketPolicy", error
        return None

def lines(bucket, s3=s3):
    import gzip
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        for line in gzip.decompress(body).decode().splitlines()[1:]:
            yield item["Key"], line
"#;

fn script(daemon: &Daemon, text: &str) -> String {
    run(daemon, &format!("{SITE}\n{text}")).trim().to_owned()
}

const POLICIES: &str = r#"
import threading
vpc, subnet, eni = site()
s3.create_bucket(Bucket="records")
# Flow logs that are made at the same time, and a policy that its owner puts meanwhile: none is lost.
others, failures = [], []

def own():
    for number in range(20):
        mine = {"Sid": f"own{number}", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::records/own{number}"}
        client = session()("s3")
        known = policy("records", client) or {"Version": "2012-10-17", "Statement": []}
        client.put_bucket_policy(Bucket="records", Policy=json.dumps(known | {"Statement": [mine]}))
        # From now on it may be added to, and stays.
        now = [statement["Sid"] for statement in policy("records", client)["Statement"]]
        if now[0] != mine["Sid"]:
            failures.append((mine["Sid"], now))

def makes(number):
    client = session()("ec2")
    made = client.create_flow_logs(**to_s3(vpc, f"records/{number}"))
    others.append(made)

first = threading.Thread(target=own)
first.start()
first.join()
assert failures == [], failures
threads = [threading.Thread(target=makes, args=(number,)) for number in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert all(made["Unsuccessful"] == [] for made in others) and len(others) == 12, others
statements = policy("records")["Statement"]
written = {s["Resource"] for s in statements if s["Action"] == "s3:PutObject"}
assert written == {f"arn:aws:s3:::records/{number}/*" for number in range(12)}, statements
assert statements[0]["Sid"] == "own19", statements
# While flow logs are made, the owner's own changes stay too.
second = threading.Thread(target=own)
threads = [threading.Thread(target=makes, args=(number,)) for number in range(12, 18)]
[thread.start() for thread in [second, *threads]]
[thread.join() for thread in [second, *threads]]
assert failures == [], failures

# What makes nothing changes no policy.
s3.create_bucket(Bucket="untouched")
code, _ = refused(ec2.create_flow_logs, **to_s3("vpc-0a", "untouched"))
assert code == "InvalidVpcID.NotFound", code
token = to_s3(vpc, "untouched", ClientToken="once")
assert refused(ec2.create_flow_logs, **token, DryRun=True)[0] == "DryRunOperation"
assert policy("untouched") is None
# The same call again changes nothing and tells the same, also of what failed.
partly = to_s3(vpc, "untouched", kind="Subnet", ResourceIds=[subnet, "subnet-0a"], ClientToken="partly")
made = ec2.create_flow_logs(**partly)
assert len(made["FlowLogIds"]) == 1 and len(made["Unsuccessful"]) == 1, made
s3.delete_bucket_policy(Bucket="untouched")
again = ec2.create_flow_logs(**partly)
assert {k: made[k] for k in ("FlowLogIds", "Unsuccessful", "ClientToken")} == {
    k: again[k] for k in ("FlowLogIds", "Unsuccessful", "ClientToken")}, (made, again)
assert policy("untouched") is None
assert refused(ec2.create_flow_logs, **partly | {"TrafficType": "REJECT"})[0] == "IdempotentParameterMismatch"
assert policy("untouched") is None

# A bucket whose policy lets files in under one folder alone.
def delivery(action, resource):
    return {"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}, "Action": action,
        "Resource": resource}
other = session(os.environ["OTHER_KEY"], os.environ["OTHER_SECRET"])("s3")
other.create_bucket(Bucket="theirs")
theirs = document(delivery("s3:GetBucketAcl", "arn:aws:s3:::theirs"),
    delivery("s3:PutObject", "arn:aws:s3:::theirs/open/*"))
other.put_bucket_policy(Bucket="theirs", Policy=theirs)
assert not_made(**to_s3(vpc, "theirs")) == (
    "400", "Access Denied for LogDestination: theirs. Please check LogDestination permission")
make(**to_s3(vpc, "theirs/open"))
assert json.loads(other.get_bucket_policy(Bucket="theirs")["Policy"]) == json.loads(theirs)

# A bucket of another Region, and keys.
vpc, _, _ = site()
s3.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
def encrypted(bucket, **rule):
    s3.create_bucket(Bucket=bucket)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"} | rule}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
encrypted("managed")
key = kms.create_key()["KeyMetadata"]
encrypted("own-key", KMSMasterKeyID=key["Arn"])
assert not_made(**to_s3(vpc, "own-key")) == ("400", "LogDestination: own-key is undeliverable")
allowed = json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
allowed["Statement"].append(delivery(["kms:GenerateDataKey*", "kms:Decrypt"], "*"))
kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=json.dumps(allowed))
print(*[make(**to_s3(vpc, bucket)) for bucket in ("far", "managed", "own-key")])
"#;

#[test]
fn buckets_are_asked_before_they_are_destinations_and_their_policies_are_only_added_to() {
    need_root!();
    let daemon = Daemon::start();
    let made = script(&daemon, POLICIES);
    flush(&daemon);
    script(
        &daemon,
        &format!(
            r#"
import datetime
for log, bucket in zip("{made}".split(), ["far", "managed", "own-key"]):
    client = boto3.client("s3", region_name="eu-west-1") if bucket == "far" else s3
    assert status(log) == ("SUCCESS", None), (bucket, status(log))
    found = list(lines(bucket, client))
    assert found, bucket
    for key, line in found:
        assert "/vpcflowlogs/us-east-1/" in key and line.endswith(" NODATA"), (key, line)
        end = int(line.split()[11])
        begun = datetime.datetime.fromtimestamp(end - end % 300, datetime.timezone.utc)
        assert begun.strftime("_%Y%m%dT%H%MZ_") in key and begun.strftime("/%Y/%m/%d/") in key, (key, line)
"#
        ),
    );
}

#[test]
fn what_is_not_taken_is_tried_again_after_a_crash_too_and_what_a_crash_loses_is_told_as_skipped() {
    need_root!();
    let mut daemon = Daemon::start();
    let log = script(
        &daemon,
        r#"
vpc, subnet, eni = site()
s3.create_bucket(Bucket="records")
print(make(**to_s3(vpc, "records")))
s3.delete_bucket_policy(Bucket="records")
"#,
    );
    flush(&daemon);
    let status = |daemon: &Daemon| script(daemon, &format!("print(*status('{log}'))"));
    assert_eq!(status(&daemon), "FAILED Access error");
    // An interval goes on when the daemon is killed.
    std::thread::sleep(Duration::from_millis(1500));
    daemon.kill();
    daemon.run();
    assert_eq!(status(&daemon), "FAILED Access error");
    let put = r#"
s3.put_bucket_policy(Bucket="records", Policy=document({"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetBucketAcl"],
    "Principal": {"Service": "delivery.logs.amazonaws.com"}, "Resource": ["arn:aws:s3:::records", "arn:aws:s3:::records/*"]}))
"#;
    script(&daemon, put);
    flush(&daemon);
    assert_eq!(status(&daemon), "SUCCESS None", "{}", daemon.log());
    let read = |daemon: &Daemon| script(daemon, "print(*sorted(line.split()[-1] for _, line in lines('records')))");
    let counted = |statuses: &str| ["NODATA", "SKIPDATA"].map(|status| statuses.matches(status).count());
    let [without, skipped] = counted(&read(&daemon));
    assert!(without >= 2 && skipped == 1, "{}\n{}", read(&daemon), daemon.log());
    // A stop loses nothing.
    assert!(daemon.command("down").output().unwrap().status.success());
    daemon.wait();
    daemon.run();
    flush(&daemon);
    let [later, still] = counted(&read(&daemon));
    assert!(later >= without + 2 && still == 1, "{}", read(&daemon));
}

#[test]
fn a_destination_that_does_not_answer_holds_up_no_other() {
    need_root!();
    // It takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = format!(
        "[service.s3]\nupstream = \"http://{}\"\naccess_key_id = \"a\"\nsecret_access_key = \"b\"\ntimeout_seconds = 3\n",
        silent.local_addr().unwrap()
    );
    let daemon = Daemon::configured(&config);
    let made = script(
        &daemon,
        &format!(
            r#"{ROLE}
vpc, subnet, eni = site()
print(make(**to_s3(vpc, "records")), make(ResourceType="VPC", ResourceIds=[vpc], TrafficType="ALL",
    LogGroupName="records", DeliverLogsPermissionArn=role, MaxAggregationInterval=60))
"#
        ),
    );
    let begun = Instant::now();
    flush(&daemon);
    flush(&daemon);
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    script(
        &daemon,
        &format!(
            r#"
to_bucket, to_group = "{made}".split()
assert status(to_bucket) == ("FAILED", "Unknown error"), status(to_bucket)
assert status(to_group) == ("SUCCESS", None), status(to_group)
events = logs.filter_log_events(logGroupName="records")["events"]
assert len(events) >= 2, events
"#
        ),
    );
}

#[test]
fn files_go_to_a_bucket_of_another_server_which_decides_by_its_policy_itself() {
    need_root!();
    let behind = Daemon::start();
    let (key, secret) = behind.key_of("333333333333");
    let config = format!(
        "[service.s3]\nupstream = \"http://{}\"\naccess_key_id = \"{key}\"\nsecret_access_key = \"{secret}\"\n",
        behind.api
    );
    let daemon = Daemon::configured(&config);
    let log = script(
        &daemon,
        r#"
vpc, subnet, eni = site()
assert not_made(**to_s3(vpc, "records")) == ("400", "LogDestination: records does not exist.")
s3.create_bucket(Bucket="records")
print(make(**to_s3(vpc, "records")))
assert policy("records") is None
"#,
    );
    flush(&daemon);
    script(
        &daemon,
        &format!(
            r#"
assert status("{log}") == ("SUCCESS", None), status("{log}")
assert {{line.split()[-1] for _, line in lines("records")}} == {{"NODATA"}}
"#
        ),
    );
}
