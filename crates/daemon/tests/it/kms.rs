//! Keys of KMS, as programs in subnets and clients on the host meet them.

use std::process::Output;
use std::time::{Duration, Instant};

use crate::harness::{ACCESS_KEY, Daemon, Network, SECRET_KEY, clean, need_root, texts, tool};
use crate::identities::run;
use crate::settings::interface_endpoint;

/// Runs a script of boto3 in the first subnet with a key, and nothing else that it is told.
pub(crate) fn inside(daemon: &Daemon, network: &Network, (key, secret): (&str, &str), script: &str) -> Output {
    let python = tool("python3");
    let script = format!(
        "export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret} AWS_DEFAULT_REGION=us-east-1\n\
         exec \"{}\" - <<'END'\nimport boto3\nfrom botocore.config import Config\n\
         from botocore.exceptions import ClientError, EndpointConnectionError, ConnectTimeoutError\n{script}\nEND",
        python.display()
    );
    let mut command = daemon.exec(&network.subnets[0], &[&network.group], &["sh", "-c", &script]);
    clean(&mut command);
    command.output().unwrap()
}

#[track_caller]
pub(crate) fn succeeds(daemon: &Daemon, output: &Output) -> String {
    let (out, err) = texts(output);
    assert!(output.status.success(), "{out}\n{err}\n{}", daemon.log());
    out.trim().to_owned()
}

// enforces: kms:CreateKey (positive)
// enforces: kms:Encrypt (positive)
// enforces: kms:Encrypt (negative)
// enforces: kms:Decrypt (positive)
// enforces: kms:Decrypt (negative)
// enforces: kms:GenerateDataKey (positive)
// enforces: kms:GenerateDataKey (negative)
#[test]
fn a_program_uses_keys_through_the_endpoint_with_the_defaults_of_the_sdk_and_not_without_it() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let admin = (ACCESS_KEY, SECRET_KEY);
    let unreached = r#"
kms = boto3.client("kms", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
for call in [lambda: kms.list_keys(), lambda: kms.generate_random(NumberOfBytes=8)]:
    try:
        call()
    except (EndpointConnectionError, ConnectTimeoutError):
        continue
    raise AssertionError("it was answered")
print("unreached")
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, admin, unreached)), "unreached");
    let endpoint = interface_endpoint(&daemon, &network, "kms", &[]);
    let used = r#"
kms = boto3.client("kms")
key = kms.create_key(Description="inside")["KeyMetadata"]["KeyId"]
sealed = kms.encrypt(KeyId=key, Plaintext=b"hello", EncryptionContext={"a": "b"})["CiphertextBlob"]
assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"a": "b"})["Plaintext"] == b"hello"
assert len(kms.generate_data_key(KeyId=key, KeySpec="AES_256")["Plaintext"]) == 32
signs = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
asked = dict(KeyId=signs, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
assert kms.verify(Signature=kms.sign(**asked)["Signature"], **asked)["SignatureValid"]
print(key)
"#;
    let key = succeeds(&daemon, &inside(&daemon, &network, admin, used));
    // What the endpoint's policy does not allow is not done through it, and is done on the host.
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action":
        ["kms:Describe*", "kms:GenerateRandom"], "Resource": "*"}]}"#;
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("PolicyDocument", policy)]).unwrap();
    let denied = r#"
kms = boto3.client("kms", config=Config(retries={"max_attempts": 1}))
assert len(kms.generate_random(NumberOfBytes=8)["Plaintext"]) == 8
assert kms.describe_key(KeyId="KEY")["KeyMetadata"]["Description"] == "inside"
for call in [lambda: kms.encrypt(KeyId="KEY", Plaintext=b"x"), lambda: kms.generate_data_key(KeyId="KEY", KeySpec="AES_256")]:
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException", error
        assert "because no VPC endpoint policy allows" in str(error), error
        continue
    raise AssertionError("it was done")
print("denied")
"#;
    let denied = inside(&daemon, &network, admin, &denied.replace("KEY", &key));
    assert_eq!(succeeds(&daemon, &denied), "denied");
    let arguments = ["kms", "generate-data-key", "--key-id", &key, "--key-spec", "AES_256"];
    assert_eq!(daemon.aws_ok(&arguments)["KeyId"].as_str().unwrap().rsplit('/').next(), Some(key.as_str()));
}

// enforces: kms:PutKeyPolicy (positive)
// enforces: kms:PutKeyPolicy (negative)
// enforces: kms:CreateGrant (positive)
// enforces: kms:CreateGrant (negative)
#[test]
fn a_key_obeys_its_policy_and_its_grants_which_speak_of_who_was_there() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
kms = admin("kms")
made = kms.create_key()["KeyMetadata"]
key, arn = made["KeyId"], made["Arn"]
dora, _ = user("dora")
me = f"arn:aws:iam::{HOME}:user/dora"
def may(client=dora):
    try:
        client("kms").encrypt(KeyId=arn, Plaintext=b"x")
        return True
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException", error
        return False
assert not may()

# By a policy of the user, since the key leaves it to the account.
iam.put_user_policy(UserName="dora", PolicyName="own", PolicyDocument=document(allow("kms:Encrypt", arn)))
assert may()
administers = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"}, "Action": ["kms:*Policy", "kms:*Grant*", "kms:DescribeKey"], "Resource": "*"}
kms.put_key_policy(KeyId=key, Policy=document(administers))
assert not may(), "and when it does not, no longer"
iam.delete_user_policy(UserName="dora", PolicyName="own")

# By the policy of the key, which names the user and nobody who has the name later.
names = {"Effect": "Allow", "Principal": {"AWS": me}, "Action": "kms:Encrypt", "Resource": "*"}
kms.put_key_policy(KeyId=key, Policy=document(administers, names))
assert may()
assert json.loads(kms.get_key_policy(KeyId=key)["Policy"])["Statement"][1]["Principal"]["AWS"] == me
code, message = refused(kms.put_key_policy, KeyId=key, Policy=document(administers, {**names, "Principal": {"AWS": me + "x"}}))
assert (code, message) == ("MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals."), message
kms.put_key_policy(KeyId=key, Policy=document(administers))
assert not may()

# By a grant.
grant = kms.create_grant(KeyId=key, GranteePrincipal=me, Operations=["Encrypt"])
assert may()
assert kms.list_grants(KeyId=key)["Grants"][0]["GranteePrincipal"] == me
for credential in iam.list_access_keys(UserName="dora")["AccessKeyMetadata"]:
    iam.delete_access_key(UserName="dora", AccessKeyId=credential["AccessKeyId"])
iam.delete_user(UserName="dora")
again, _ = user("dora")
assert not may(again), "who has the name later was granted nothing"
code, message = refused(kms.create_grant, KeyId=key, GranteePrincipal=me + "x", Operations=["Encrypt"])
assert code == "InvalidArnException", message
kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])

# Another account takes both sides.
other = session(os.environ["OTHER_KEY"], os.environ["OTHER_SECRET"])
assert not may(other)
shared = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "kms:Encrypt", "Resource": "*"}
kms.put_key_policy(KeyId=key, Policy=document(administers, shared))
assert may(other)
code, message = refused(other("kms").disable_key, KeyId=arn)
assert code == "AccessDeniedException" and "because the resource does not exist in this Region" in message, message
print("done")
"#;
    assert_eq!(run(&daemon, script).trim(), "done");
}

#[test]
fn a_secret_is_decrypted_in_the_readers_name_without_an_endpoint_of_kms() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    // Its policy does not speak of KMS, which it does not carry.
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action":
        "secretsmanager:*", "Resource": "*"}]}"#;
    interface_endpoint(&daemon, &network, "secretsmanager", &[("PolicyDocument", policy)]);
    let script = r#"
kms = admin("kms")
via = {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}
key = kms.create_key()["KeyMetadata"]["Arn"]
arn = secrets.create_secret(Name="one", SecretString="value", KmsKeyId=key)["ARN"]
secrets.create_secret(Name="default", SecretString="other")
iam.create_user(UserName="erik")
reads = allow("secretsmanager:GetSecretValue")
iam.put_user_policy(UserName="erik", PolicyName="own", PolicyDocument=document(reads))
credential = iam.create_access_key(UserName="erik")["AccessKey"]
own = session(credential["AccessKeyId"], credential["SecretAccessKey"])("secretsmanager")
assert refused(own.get_secret_value, SecretId="one") == ("AccessDeniedException", "Access to KMS is not allowed")
assert own.get_secret_value(SecretId="default")["SecretString"] == "other"
iam.put_user_policy(UserName="erik", PolicyName="own", PolicyDocument=document(reads, allow("kms:Decrypt", key, Condition=via)))
print(credential["AccessKeyId"], credential["SecretAccessKey"])
"#;
    let made = run(&daemon, script);
    let erik = made.trim().split_once(' ').unwrap();
    let read = r#"
secrets = boto3.client("secretsmanager", config=Config(retries={"max_attempts": 1}))
assert secrets.get_secret_value(SecretId="one")["SecretString"] == "value"
kms = boto3.client("kms", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
try:
    kms.list_aliases()
except (EndpointConnectionError, ConnectTimeoutError):
    print("read")
"#;
    assert_eq!(succeeds(&daemon, &inside(&daemon, &network, erik, read)), "read");
    let event = daemon.events().into_iter().rev().find(|event| event["operation"] == "GetSecretValue").unwrap();
    let text = event.to_string();
    assert!(text.contains("kms:Decrypt"), "the event tells of the key as well: {text}");
}

#[test]
fn a_crash_under_load_loses_no_key_that_was_acknowledged() {
    need_root!();
    let mut daemon = Daemon::start();
    let script = r#"
import base64, boto3, sys, threading
from botocore.config import Config

def work(number):
    kms = boto3.client("kms", region_name="us-east-1", config=Config(retries={"max_attempts": 0}))
    out = open(f"acknowledged-{number}", "w")
    try:
        while True:
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            alias = f"alias/{key}"
            kms.create_alias(AliasName=alias, TargetKeyId=key)
            sealed = kms.encrypt(KeyId=alias, Plaintext=key.encode())["CiphertextBlob"]
            out.write(f"{key} {base64.b64encode(sealed).decode()}\n")
            out.flush()
    except Exception:
        pass

threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"#;
    let mut load = daemon.client(&tool("python3"), &["-c", script]).spawn().unwrap();
    let acknowledged = |daemon: &Daemon| -> String {
        let read = |number| std::fs::read_to_string(daemon.work().join(format!("acknowledged-{number}")));
        (0..4).map(|number| read(number).unwrap_or_default()).collect()
    };
    let limit = Instant::now() + Duration::from_secs(60);
    while acknowledged(&daemon).lines().count() < 40 {
        assert!(Instant::now() < limit, "there is no load\n{}", daemon.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    daemon.kill();
    load.wait().unwrap();
    daemon.run();
    let check = r#"
import base64, boto3, glob
kms = boto3.client("kms", region_name="us-east-1")
count = 0
for name in glob.glob("acknowledged-*"):
    for line in open(name):
        if not line.endswith("\n"):
            continue
        key, sealed = line.split()
        assert kms.decrypt(CiphertextBlob=base64.b64decode(sealed))["Plaintext"].decode() == key
        assert kms.describe_key(KeyId=f"alias/{key}")["KeyMetadata"]["KeyId"] == key
        count += 1
print(count)
"#;
    let output = daemon.client(&tool("python3"), &["-c", check]).output().unwrap();
    assert!(succeeds(&daemon, &output).parse::<usize>().unwrap() >= 40);
}
