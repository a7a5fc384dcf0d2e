//! Versions, locks and encryption of objects, as programs in subnets meet them.

use crate::harness::{ACCESS_KEY, Daemon, Network, SECRET_KEY, need_root};
use crate::identities::run;
use crate::kms::{inside, succeeds};

const UNREACHED: &str = r#"
s3 = boto3.client("s3", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
try:
    s3.list_object_versions(Bucket="docs")
except (EndpointConnectionError, ConnectTimeoutError):
    print("unreached")
"#;

// enforces: s3:PutBucketVersioning (positive)
// enforces: s3:PutBucketVersioning (negative)
#[test]
fn a_program_keeps_versions_through_the_gateway_endpoint_and_not_without_it() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let admin = (ACCESS_KEY, SECRET_KEY);
    daemon.aws_ok(&["s3api", "create-bucket", "--bucket", "docs"]);
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, UNREACHED)), "unreached");
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    let kept = r#"
s3 = boto3.client("s3")
s3.put_object(Bucket="docs", Key="key", Body=b"zero")
assert "VersionId" not in s3.put_object(Bucket="docs", Key="key", Body=b"before")
s3.put_bucket_versioning(Bucket="docs", VersioningConfiguration={"Status": "Enabled"})
one = s3.put_object(Bucket="docs", Key="key", Body=b"one")["VersionId"]
two = s3.put_object(Bucket="docs", Key="key", Body=b"two")["VersionId"]
gone = s3.delete_object(Bucket="docs", Key="key")
assert gone["DeleteMarker"] and gone["VersionId"]
try:
    s3.get_object(Bucket="docs", Key="key")
    raise AssertionError("it was deleted")
except ClientError as error:
    assert error.response["Error"]["Code"] == "NoSuchKey", error
read = lambda version: s3.get_object(Bucket="docs", Key="key", VersionId=version)["Body"].read()
assert [read(version) for version in ["null", one, two]] == [b"before", b"one", b"two"]
s3.delete_object(Bucket="docs", Key="key", VersionId=gone["VersionId"])
assert s3.get_object(Bucket="docs", Key="key")["Body"].read() == b"two"
listed = s3.list_object_versions(Bucket="docs")
assert [version["VersionId"] for version in listed["Versions"]] == [two, one, "null"], listed
assert [version["IsLatest"] for version in listed["Versions"]] == [True, False, False]
boto3.resource("s3").Bucket("docs").object_versions.delete()
s3.delete_bucket(Bucket="docs")
print("kept")
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, kept)), "kept");
}

#[test]
fn an_object_is_decrypted_in_the_readers_name_without_an_endpoint_of_kms() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    let made = run(
        &daemon,
        r#"
kms, s3 = admin("kms"), admin("s3")
via = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
key = kms.create_key()["KeyMetadata"]["Arn"]
s3.create_bucket(Bucket="docs")
s3.put_object(Bucket="docs", Key="own", Body=b"own")
sealed = s3.put_object(Bucket="docs", Key="sealed", Body=b"sealed", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
assert sealed["SSEKMSKeyId"] == key
default = s3.put_object(Bucket="docs", Key="default", Body=b"default", ServerSideEncryption="aws:kms")
described = kms.describe_key(KeyId=default["SSEKMSKeyId"])["KeyMetadata"]
assert described["KeyManager"] == "AWS", described
iam.create_user(UserName="erik")
reads = allow("s3:GetObject")
iam.put_user_policy(UserName="erik", PolicyName="own", PolicyDocument=document(reads))
credential = iam.create_access_key(UserName="erik")["AccessKey"]
own = session(credential["AccessKeyId"], credential["SecretAccessKey"])("s3")
code, message = refused(own.get_object, Bucket="docs", Key="sealed")
assert code == "AccessDenied" and "kms:Decrypt" in message and key in message, message
assert own.get_object(Bucket="docs", Key="own")["Body"].read() == b"own"
assert own.head_object(Bucket="docs", Key="sealed")["SSEKMSKeyId"] == key
about = {"StringEquals": {**via["StringEquals"], "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::docs/sealed"}}
iam.put_user_policy(UserName="erik", PolicyName="own", PolicyDocument=document(reads, allow("kms:Decrypt", key, Condition=about)))
print(credential["AccessKeyId"], credential["SecretAccessKey"])
"#,
    );
    let erik = made.trim().split_once(' ').unwrap();
    let read = r#"
s3 = boto3.client("s3", config=Config(retries={"max_attempts": 1}))
assert s3.get_object(Bucket="docs", Key="sealed")["Body"].read() == b"sealed"
customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
kms = boto3.client("kms", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
try:
    kms.list_aliases()
except (EndpointConnectionError, ConnectTimeoutError):
    print("read")
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, erik, read)), "read");
    let customer = r#"
s3 = boto3.client("s3", config=Config(retries={"max_attempts": 1}))
key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
s3.put_object(Bucket="docs", Key="customer", Body=b"c" * 300_000, **key)
assert s3.get_object(Bucket="docs", Key="customer", Range="bytes=100-300", **key)["Body"].read() == b"c" * 201
for wrong in [{}, {**key, "SSECustomerKey": b"x" * 32}]:
    try:
        s3.get_object(Bucket="docs", Key="customer", **wrong)
        raise AssertionError("it was read")
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403), error
print("done")
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, (ACCESS_KEY, SECRET_KEY), customer)), "done");
}
