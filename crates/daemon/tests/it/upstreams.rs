//! Services that another server answers, behind endpoints of this one.

use crate::harness::{ACCESS_KEY, Daemon, Network, SECRET_KEY, need_root, sidegate, texts, tool};
use crate::kms::{inside, succeeds};

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
print("used")
"#;

const DENIED: &str = r#"
s3 = boto3.client("s3", config=Config(retries={"max_attempts": 1}))
assert len(s3.get_object(Bucket="docs", Key="a b/ä")["Body"].read()) == 12_000_000
for call in [lambda: s3.put_object(Bucket="docs", Key="x", Body=b"x"),
             lambda: s3.delete_objects(Bucket="docs", Delete={"Objects": [{"Key": "a b/ä"}]})]:
    try:
        call()
        raise AssertionError("it was done")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied", error
        assert "because no VPC endpoint policy allows" in str(error), error
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
        "s3:GetObject", "Resource": "*"}]}"#;
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
    std::fs::write(&path, "[service.s3]\nupstream = \"https://h\"\naccess_key_id = \"a\"\nsecret_access_key = \"b\"")
        .unwrap();
    let mut command = sidegate();
    command.args(["up", "--listen", "127.0.0.1:0", "--state"]).arg(directory.join("state"));
    let output = command.arg("--config").arg(&path).output().unwrap();
    let (_, err) = texts(&output);
    std::fs::remove_dir_all(&directory).unwrap();
    assert!(!output.status.success());
    assert!(err.contains("[service.s3]") && err.contains("is not an http URL"), "{err}");
}
