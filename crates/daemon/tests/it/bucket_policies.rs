//! Who may do what with a bucket, by its policy, from inside a VPC and from outside of it.

use std::process::Command;

use crate::harness::{Daemon, Network, clean, need_root, texts, tool};

const ADMINISTRATOR: &str = "arn:aws:iam::000000000000:root";
const OTHER: &str = "222222222222";

/// What every script begins with: `tell` prints how a call ends.
const PRELUDE: &str = r#"
import boto3, botocore, json
from botocore import UNSIGNED
from botocore.config import Config
def client(service="s3", key=None, **more):
    keys = dict(aws_access_key_id=key[0], aws_secret_access_key=key[1]) if key else {}
    return boto3.client(service, region_name="us-east-1", **keys, **more)
def tell(call, **parameters):
    try:
        call(**parameters)
        print("ok")
    except botocore.exceptions.ClientError as e:
        print(e.response["Error"]["Code"] + ": " + e.response["Error"]["Message"])
def policy(bucket, *statements):
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    s3.put_bucket_policy(Bucket=bucket, Policy=text)
s3 = client()
"#;

fn lines(daemon: &Daemon, mut command: Command) -> Vec<String> {
    let output = command.output().unwrap();
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{err}\n{}", daemon.log());
    out.lines().map(str::to_owned).collect()
}

/// What a script prints on the host.
fn outside(daemon: &Daemon, script: &str) -> Vec<String> {
    lines(daemon, daemon.client(&tool("python3"), &["-c", &format!("{PRELUDE}{script}")]))
}

/// What it prints in a subnet.
fn inside(daemon: &Daemon, subnet: &str, group: &str, script: &str) -> Vec<String> {
    let (python, script) = (tool("python3"), format!("{PRELUDE}{script}"));
    let mut command = daemon.exec(subnet, &[group], &[python.to_str().unwrap(), "-c", &script]);
    clean(&mut command);
    lines(daemon, command)
}

fn denied(who: &str, action: &str, resource: &str, why: &str) -> String {
    format!("AccessDenied: User: {who} is not authorized to perform: {action} on resource: \"{resource}\" {why}")
}

const BY_BUCKET: &str = "with an explicit deny in a resource-based policy";

// enforces: s3:PutBucketPolicy (positive)
// enforces: s3:PutBucketPolicy, s3:DeleteBucketPolicy (negative)
#[test]
fn a_bucket_policy_may_demand_one_endpoint_and_acts_at_once() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let right = network.s3_gateway(&daemon, &[&network.tables[0]]);
    network.s3_gateway(&daemon, &[&network.tables[1]]);
    let [near, far] = &network.subnets;
    let lock = format!(
        r#"
s3.create_bucket(Bucket="locked")
s3.put_object(Bucket="locked", Key="a", Body=b"x")
policy("locked", {{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
    "Resource": ["arn:aws:s3:::locked", "arn:aws:s3:::locked/*"],
    "Condition": {{"StringNotEquals": {{"aws:SourceVpce": "{right}"}}}}}})
"#
    );
    outside(&daemon, &lock);
    let ask = r#"tell(s3.get_object, Bucket="locked", Key="a"); tell(s3.list_objects_v2, Bucket="locked")"#;
    let refusals = [
        denied(ADMINISTRATOR, "s3:GetObject", "arn:aws:s3:::locked/a", BY_BUCKET),
        denied(ADMINISTRATOR, "s3:ListBucket", "arn:aws:s3:::locked", BY_BUCKET),
    ];
    assert_eq!(outside(&daemon, ask), refusals, "from the host");
    assert_eq!(inside(&daemon, far, &network.group, ask), refusals, "through the other endpoint");
    assert_eq!(inside(&daemon, near, &network.group, ask), ["ok", "ok"], "through the right one");

    // The root user of the owner's account can always take the policy away.
    assert_eq!(outside(&daemon, r#"tell(s3.delete_bucket_policy, Bucket="locked")"#), ["ok"]);
    assert_eq!(outside(&daemon, ask), ["ok", "ok"]);
    assert_eq!(inside(&daemon, far, &network.group, ask), ["ok", "ok"]);
}

// enforces: s3:PutBucketPolicy (negative)
#[test]
fn an_endpoint_policy_that_allows_one_bucket_is_a_ceiling_over_bucket_policies() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let endpoint = network.s3_gateway(&daemon, &[&network.tables[0]]);
    let one = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::one-bucket","arn:aws:s3:::one-bucket/*"]}]}"#;
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("PolicyDocument", one)]).unwrap();
    outside(
        &daemon,
        r#"
for bucket in ["one-bucket", "two-bucket"]:
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    policy(bucket, {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "s3:*",
        "Resource": ["arn:aws:s3:::" + bucket, "arn:aws:s3:::" + bucket + "/*"]})
"#,
    );
    let ask = r#"
tell(s3.get_object, Bucket="one-bucket", Key="a")
tell(s3.get_object, Bucket="two-bucket", Key="a")
tell(s3.copy_object, Bucket="one-bucket", Key="b", CopySource="two-bucket/a")
print([(e["Key"], e["Code"]) for e in s3.delete_objects(Bucket="two-bucket",
    Delete={"Objects": [{"Key": "a"}]}).get("Errors", [])])
tell(s3.list_buckets)
"#;
    let none = "because no VPC endpoint policy allows the s3:GetObject action";
    assert_eq!(
        inside(&daemon, &network.subnets[0], &network.group, ask),
        [
            "ok".to_owned(),
            denied(ADMINISTRATOR, "s3:GetObject", "arn:aws:s3:::two-bucket/a", none),
            denied(ADMINISTRATOR, "s3:GetObject", "arn:aws:s3:::two-bucket/a", none),
            "[('a', 'AccessDenied')]".to_owned(),
            format!(
                "AccessDenied: User: {ADMINISTRATOR} is not authorized to perform: s3:ListAllMyBuckets because no VPC \
             endpoint policy allows the s3:ListAllMyBuckets action"
            ),
        ]
    );
    let anywhere = r#"tell(s3.get_object, Bucket="two-bucket", Key="a")"#;
    assert_eq!(outside(&daemon, anywhere), ["ok"], "what was denied inside is still there");
}

/// A user of another account with a policy of its own: its key as Python reads it.
fn user_of_other(daemon: &Daemon, document: &str) -> String {
    let (id, secret) = daemon.key_of(OTHER);
    let script = format!(
        r#"
iam = client("iam", ("{id}", "{secret}"))
iam.create_user(UserName="ann")
iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument='{document}')
key = iam.create_access_key(UserName="ann")["AccessKey"]
print(repr((key["AccessKeyId"], key["SecretAccessKey"])))
"#
    );
    outside(daemon, &script).pop().unwrap()
}

// enforces: s3:PutBucketPolicy (positive)
// enforces: s3:PutBucketPolicy (negative)
#[test]
fn another_account_needs_both_its_own_policy_and_the_buckets() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0], &network.tables[1]]);
    let reads =
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}"#;
    let ann = user_of_other(&daemon, reads);
    let setup = r#"
s3.create_bucket(Bucket="shared")
for key in ["a", "b"]:
    s3.put_object(Bucket="shared", Key=key, Body=key.encode())
"#;
    outside(&daemon, setup);
    let ask = format!(
        r#"
theirs = client(key={ann})
tell(theirs.get_object, Bucket="shared", Key="a")
tell(theirs.put_object, Bucket="shared", Key="c", Body=b"c")
tell(theirs.get_object, Bucket="shared", Key="none")
"#
    );
    let plain = "AccessDenied: Access Denied";
    assert_eq!(outside(&daemon, &ask), [plain; 3], "the bucket's owner allows nothing");

    let share = |condition: &str| {
        format!(
            r#"
policy("shared", {{"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::222222222222:user/ann"}},
    "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::shared/*"{condition}}})
"#
        )
    };
    outside(&daemon, &share(""));
    assert_eq!(outside(&daemon, &ask), ["ok", plain, plain], "their own account allows reading alone");
    assert_eq!(inside(&daemon, &network.subnets[0], &network.group, &ask), ["ok", plain, plain]);

    // Through an endpoint there is no aws:SourceIp, and outside of one no aws:VpcSourceIp.
    outside(&daemon, &share(r#", "Condition": {"IpAddress": {"aws:SourceIp": ["10.77.0.0/16", "127.0.0.0/8"]}}"#));
    assert_eq!(outside(&daemon, &ask)[0], "ok");
    assert_eq!(inside(&daemon, &network.subnets[0], &network.group, &ask)[0], plain);
    outside(&daemon, &share(r#", "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.77.1.0/24"}}"#));
    assert_eq!(outside(&daemon, &ask)[0], plain);
    assert_eq!(inside(&daemon, &network.subnets[0], &network.group, &ask)[0], "ok");
    assert_eq!(inside(&daemon, &network.subnets[1], &network.group, &ask)[0], plain, "of the other subnet");

    let own = r#"tell(s3.get_object, Bucket="shared", Key="none")"#;
    assert_eq!(outside(&daemon, own), ["NoSuchKey: The specified key does not exist."]);
}

// enforces: s3:PutPublicAccessBlock, s3:DeletePublicAccessBlock, s3:PutBucketPolicy (positive)
// enforces: s3:PutPublicAccessBlock, s3:PutBucketOwnershipControls (negative)
#[test]
fn a_bucket_is_public_only_once_nothing_blocks_it() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    let script = r#"
s3.create_bucket(Bucket="site")
s3.put_object(Bucket="site", Key="a", Body=b"x")
everyone = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
    "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"}, {"Effect": "Allow", "Principal": "*",
    "Action": "s3:PutObject", "Resource": "arn:aws:s3:::site/inbox/*"}]})
tell(s3.put_bucket_policy, Bucket="site", Policy=everyone)
tell(s3.put_object, Bucket="site", Key="b", Body=b"x", ACL="public-read")
s3.delete_public_access_block(Bucket="site")
tell(s3.get_public_access_block, Bucket="site")
tell(s3.put_bucket_policy, Bucket="site", Policy=everyone)
print(s3.get_bucket_policy_status(Bucket="site")["PolicyStatus"]["IsPublic"])
"#;
    assert_eq!(
        outside(&daemon, script),
        [
            denied(
                ADMINISTRATOR,
                "s3:PutBucketPolicy",
                "arn:aws:s3:::site",
                "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
            ),
            "AccessControlListNotSupported: The bucket does not allow ACLs".to_owned(),
            "NoSuchPublicAccessBlockConfiguration: The public access block configuration was not found".to_owned(),
            "ok".to_owned(),
            "True".to_owned(),
        ]
    );
    let anyone = r#"
nobody = client(config=Config(signature_version=UNSIGNED))
tell(nobody.get_object, Bucket="site", Key="a")
tell(nobody.put_object, Bucket="site", Key="inbox/1", Body=b"from anyone")
tell(nobody.put_object, Bucket="site", Key="a", Body=b"from anyone")
tell(nobody.list_objects_v2, Bucket="site")
"#;
    let plain = "AccessDenied: Access Denied";
    assert_eq!(outside(&daemon, anyone), ["ok", "ok", plain, plain]);
    assert_eq!(inside(&daemon, &network.subnets[0], &network.group, anyone), ["ok", "ok", plain, plain]);
    let read = r#"print(s3.get_object(Bucket="site", Key="inbox/1")["Body"].read())"#;
    assert_eq!(outside(&daemon, read), ["b'from anyone'"]);

    let restrict = r#"
s3.put_public_access_block(Bucket="site", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
tell(s3.get_object, Bucket="site", Key="a")
import urllib.request
url = s3.generate_presigned_url("get_object", Params={"Bucket": "site", "Key": "a"})
print(urllib.request.urlopen(url).read())
"#;
    assert_eq!(outside(&daemon, restrict), ["ok", "b'x'"], "the owner's account, and whoever has a URL that it signed");
    assert_eq!(outside(&daemon, anyone), [plain; 4]);
    assert_eq!(inside(&daemon, &network.subnets[0], &network.group, anyone), [plain; 4]);
    let acls = r#"
s3.put_bucket_ownership_controls(Bucket="site", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
tell(s3.put_bucket_acl, Bucket="site", ACL="private")
s3.put_public_access_block(Bucket="site", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
tell(s3.put_bucket_acl, Bucket="site", ACL="public-read")
"#;
    assert_eq!(
        outside(&daemon, acls),
        [
            "ok".to_owned(),
            denied(
                ADMINISTRATOR,
                "s3:PutBucketAcl",
                "arn:aws:s3:::site",
                "because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.",
            ),
        ]
    );
}
