//! The credentials of roles where programs look for them: in instances with a profile, and with `sidegate exec --role`.

use std::fs;

use crate::harness::{Daemon, Network, clean, clients_are_hidden, need_root, shown_clients, text, texts, tool};
use crate::http::{call, ec2_with};
use crate::interfaces::{inside, until};

/// A trust policy.
const TRUSTS_EC2: &str = r#"{"Version": "2012-10-17", "Statement":
    [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

/// What a role may.
const MAY_LIST: &str =
    r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}"#;

/// Patience of AWS's clients with the metadata service, on a machine that has much to do.
const PATIENT: &str = "export AWS_METADATA_SERVICE_TIMEOUT=10 AWS_METADATA_SERVICE_NUM_ATTEMPTS=3 AWS_PAGER=\n";

/// Calls IAM: the document of the answer.
fn iam(daemon: &Daemon, action: &str, parameters: &[(&str, &str)]) -> String {
    let mut form = format!("Action={action}&Version=2010-05-08");
    for (name, value) in parameters {
        let escaped: String = value.bytes().map(|b| format!("%{b:02X}")).collect();
        form.push_str(&format!("&{name}={escaped}"));
    }
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    call(&daemon.api, "iam", "POST", "/", &headers, form.as_bytes()).unwrap_or_else(|e| panic!("{action}: {e}"))
}

/// Makes a role that trusts EC2 and may list buckets, and a profile of the same name with it.
pub(crate) fn role(daemon: &Daemon, name: &str) {
    iam(daemon, "CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUSTS_EC2)]);
    let policy = [("RoleName", name), ("PolicyName", "lists"), ("PolicyDocument", MAY_LIST)];
    iam(daemon, "PutRolePolicy", &policy);
    iam(daemon, "CreateInstanceProfile", &[("InstanceProfileName", name)]);
    iam(daemon, "AddRoleToInstanceProfile", &[("InstanceProfileName", name), ("RoleName", name)]);
}

/// A network with the bucket `reports`, S3 over a gateway endpoint, and STS over an interface endpoint.
pub(crate) fn built(daemon: &Daemon) -> Network {
    let network = Network::build(daemon);
    network.open(daemon);
    network.s3_gateway(daemon, &[&network.tables[0]]);
    let sts = [
        ("VpcId", network.vpc.as_str()),
        ("ServiceName", "com.amazonaws.us-east-1.sts"),
        ("VpcEndpointType", "Interface"),
        ("PrivateDnsEnabled", "true"),
        ("SubnetId.1", &network.subnets[0]),
        ("SecurityGroupId.1", &network.group),
    ];
    daemon.ec2("CreateVpcEndpoint", &sts).unwrap();
    call(&daemon.api, "s3", "PUT", "/reports", &[], b"").unwrap();
    network
}

pub(crate) fn launch(daemon: &Daemon, network: &Network, more: &[(&str, &str)]) -> String {
    let base = [
        ("ImageId", "ami-51de6a7e"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", network.subnets[0].as_str()),
        ("SecurityGroupId.1", network.group.as_str()),
    ];
    let id = daemon.make("RunInstances", &[&base, more].concat(), "instanceId");
    until(daemon, &id, "running");
    id
}

/// What the metadata service answers with a token: the body, and the status in a last line.
fn told(daemon: &Daemon, instance: &str, path: &str) -> String {
    let script = format!(
        "t=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
curl -s -w '\\n%{{http_code}}' -H \"X-aws-ec2-metadata-token: $t\" http://169.254.169.254/latest/meta-data/iam/{path}"
    );
    inside(daemon, instance, &script)
}

/// Who the AWS CLI is in an instance.
fn identity(daemon: &Daemon, instance: &str) -> String {
    let aws = tool("aws");
    let script = format!("{PATIENT}{} sts get-caller-identity --query Arn --output text 2>&1", aws.display());
    inside(daemon, instance, &script).trim().to_owned()
}

// enforces: ec2:AssociateIamInstanceProfile, ec2:ReplaceIamInstanceProfileAssociation (positive)
// enforces: ec2:AssociateIamInstanceProfile, ec2:ReplaceIamInstanceProfileAssociation (negative)
// enforces: ec2:DisassociateIamInstanceProfile (negative)
#[test]
fn an_instance_is_the_role_of_its_profile_and_no_more_than_that() {
    need_root!();
    if clients_are_hidden() {
        eprintln!("SKIPPED: an instance does not see the clients of a checkout below /tmp");
        return;
    }
    let daemon = Daemon::start();
    let network = built(&daemon);
    role(&daemon, "app");
    role(&daemon, "other");
    let instance = launch(&daemon, &network, &[]);
    let put = format!(
        "{PATIENT}echo x > /tmp/x; {} s3api put-object --bucket reports --key x --body /tmp/x 2>&1",
        tool("aws").display()
    );
    assert!(told(&daemon, &instance, "").ends_with("\n404"), "it has no profile");
    assert!(inside(&daemon, &instance, &put).contains("ETag"), "without a profile it has the key of its account");

    let profile = [("InstanceId", instance.as_str()), ("IamInstanceProfile.Name", "app")];
    let association = daemon.make("AssociateIamInstanceProfile", &profile, "associationId");
    let who = |role: &str| format!("arn:aws:sts::000000000000:assumed-role/{role}/{instance}");
    assert_eq!(identity(&daemon, &instance), who("app"), "{}", daemon.log());
    let keys = inside(&daemon, &instance, "env; cat /root/.aws/* 2>/dev/null");
    assert!(!keys.contains("ACCESS_KEY") && keys.contains("AWS_REGION"), "{keys}");
    let list = format!(
        "{PATIENT}{} s3api list-objects-v2 --bucket reports --no-paginate --query KeyCount 2>&1",
        tool("aws").display()
    );
    assert_eq!(inside(&daemon, &instance, &list), "1\n");
    let denial = format!(
        "An error occurred (AccessDenied) when calling the PutObject operation: User: {} is not authorized to perform: \
         s3:PutObject on resource: arn:aws:s3:::reports/x because no identity-based policy allows the s3:PutObject action",
        who("app")
    );
    let denied = inside(&daemon, &instance, &put);
    assert!(denied.replace('"', "").contains(&denial), "{denied}");

    // What was made is kept, and another role's is another's.
    let credentials = told(&daemon, &instance, "security-credentials/app");
    assert!(credentials.contains("\"Code\" : \"Success\"") && credentials.contains("\"AWS-HMAC\""), "{credentials}");
    assert_eq!(told(&daemon, &instance, "security-credentials/app"), credentials);
    let secret = credentials.split("\"SecretAccessKey\" : \"").nth(1).unwrap().split('"').next().unwrap();
    assert!(!daemon.log().contains(secret), "no secret in a log");
    let other = [("AssociationId", association.as_str()), ("IamInstanceProfile.Name", "other")];
    let association = daemon.make("ReplaceIamInstanceProfileAssociation", &other, "associationId");
    assert_eq!(identity(&daemon, &instance), who("other"));
    assert!(told(&daemon, &instance, "security-credentials/app").ends_with("\n404"));

    daemon.ec2("DisassociateIamInstanceProfile", &[("AssociationId", &association)]).unwrap();
    assert!(told(&daemon, &instance, "security-credentials/").ends_with("\n404"), "no credentials");
}

// enforces: ec2:RunInstances (positive)
#[test]
fn a_role_is_passed_only_by_who_may_and_had_only_where_it_trusts_ec2() {
    need_root!();
    let daemon = Daemon::start();
    let network = built(&daemon);
    role(&daemon, "app");
    iam(&daemon, "CreateUser", &[("UserName", "alice")]);
    let policy = r#"{"Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}"#;
    let launches = [("UserName", "alice"), ("PolicyName", "launches"), ("PolicyDocument", policy)];
    iam(&daemon, "PutUserPolicy", &launches);
    let key = iam(&daemon, "CreateAccessKey", &[("UserName", "alice")]);
    let key = (text(&key, "AccessKeyId").unwrap(), text(&key, "SecretAccessKey").unwrap());
    let wanted = [
        ("ImageId", "ami-51de6a7e"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", network.subnets[0].as_str()),
        ("IamInstanceProfile.Name", "app"),
    ];
    let refused = ec2_with(&daemon.api, key, "RunInstances", &wanted).unwrap_err();
    let denial = "You are not authorized to perform this operation. User: arn:aws:iam::000000000000:user/alice is not \
                  authorized to perform: iam:PassRole on resource: arn:aws:iam::000000000000:role/app because no \
                  identity-based policy allows the iam:PassRole action";
    assert!(refused.contains("UnauthorizedOperation") && refused.contains(denial), "{refused}");
    let dry_run: Vec<_> = wanted.into_iter().chain([("DryRun", "true")]).collect();
    let refused = ec2_with(&daemon.api, key, "RunInstances", &dry_run).unwrap_err();
    assert!(refused.contains("UnauthorizedOperation") && refused.contains(denial), "{refused}");
    let policy = r#"{"Statement": [{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
        "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}]}"#;
    iam(&daemon, "PutUserPolicy", &[("UserName", "alice"), ("PolicyName", "passes"), ("PolicyDocument", policy)]);
    let refused = ec2_with(&daemon.api, key, "RunInstances", &dry_run).unwrap_err();
    assert!(refused.contains("DryRunOperation"), "{refused}");
    let made = ec2_with(&daemon.api, key, "RunInstances", &wanted).unwrap();
    let instance = text(&made, "instanceId").unwrap();
    until(&daemon, instance, "running");
    assert!(told(&daemon, instance, "security-credentials/app").contains("\"Code\" : \"Success\""));
    assert!(told(&daemon, instance, "info").contains(":instance-profile/app\""));

    let nobody = TRUSTS_EC2.replace("ec2.amazonaws.com", "lambda.amazonaws.com");
    iam(&daemon, "UpdateAssumeRolePolicy", &[("RoleName", "app"), ("PolicyDocument", &nobody)]);
    let refused = told(&daemon, instance, "security-credentials/app");
    assert!(refused.contains("\"Code\" : \"AssumeRoleUnauthorizedAccess\""), "{refused}");
}

#[test]
fn the_aws_cli_assumes_the_role_of_a_profile_inside_and_leaves_nothing_in_the_home() {
    need_root!();
    let daemon = Daemon::start();
    let network = built(&daemon);
    role(&daemon, "app");
    let trust =
        TRUSTS_EC2.replace(r#""Service": "ec2.amazonaws.com""#, r#""AWS": "arn:aws:iam::000000000000:role/app""#);
    iam(&daemon, "CreateRole", &[("RoleName", "assumed"), ("AssumeRolePolicyDocument", &trust)]);
    let profile =
        "[profile r]\nrole_arn = arn:aws:iam::000000000000:role/assumed\ncredential_source = Ec2InstanceMetadata\n";
    fs::write(daemon.work().join("profiles"), profile).unwrap();
    let home = tempfile::Builder::new().prefix("sidegate-it-home-").tempdir_in("/var/lib").unwrap();
    let files = home.path().join(".aws");
    let script = format!(
        "{PATIENT}export AWS_CONFIG_FILE=profiles; cat ~/.aws/config 2>/dev/null; \
         {} --profile r sts get-caller-identity --query Arn --output text && ls ~/.aws/cli/cache | wc -l",
        tool("aws").display()
    );
    // Whether the home has such a directory, or not.
    for has_files in [false, true] {
        if has_files {
            fs::create_dir(&files).unwrap();
            fs::write(files.join("config"), "[profile r]\n").unwrap();
        }
        let place = ["--subnet", &network.subnets[0], "--security-group", &network.group, "--role", "app", "--"];
        let mut command = daemon.command("exec");
        clean(&mut command);
        command.args(shown_clients()).args(place).args(["sh", "-c", &script]).env("HOME", home.path());
        let (out, err) = texts(&command.output().unwrap());
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 2, "{out}\n{err}\n{}", daemon.log());
        assert!(lines[0].starts_with("arn:aws:sts::000000000000:assumed-role/assumed/"), "{out}");
        assert_eq!(lines[1], "1", "{out}");
        assert_eq!(files.exists(), has_files);
    }
    assert_eq!(fs::read_dir(&files).unwrap().count(), 1);
}

#[test]
fn a_program_with_a_role_finds_its_credentials_at_the_metadata_service_and_no_key() {
    need_root!();
    let daemon = Daemon::start();
    let network = built(&daemon);
    role(&daemon, "app");
    let boto = r#"
import boto3, os
from botocore.exceptions import ClientError
assert not [name for name in os.environ if "ACCESS_KEY" in name], os.environ
print(boto3.client("sts").get_caller_identity()["Arn"])
s3 = boto3.client("s3")
print(s3.list_objects_v2(Bucket="reports")["KeyCount"])
try:
    s3.put_object(Bucket="reports", Key="x", Body=b"x")
except ClientError as error:
    print(error)
"#;
    let run = |role: &str, program: &[&str]| {
        let place = ["--subnet", &network.subnets[0], "--security-group", &network.group, "--role", role, "--"];
        let mut command = daemon.command("exec");
        clean(&mut command);
        command.env("AWS_METADATA_SERVICE_TIMEOUT", "10").env("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "3");
        command.args(shown_clients()).args(place).args(program).output().unwrap()
    };
    let python = tool("python3");
    for name in ["app", "arn:aws:iam::000000000000:role/app"] {
        let (out, err) = texts(&run(name, &[python.to_str().unwrap(), "-c", boto]));
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 3, "{out}\n{err}\n{}", daemon.log());
        assert!(lines[0].starts_with("arn:aws:sts::000000000000:assumed-role/app/i-"), "{out}");
        assert_eq!(lines[1], "0");
        let denial = "s3:PutObject on resource: arn:aws:s3:::reports/x because no identity-based policy allows";
        assert!(lines[2].replace('"', "").contains(denial), "{out}");
    }
    let (_, err) = texts(&run("nobody", &["true"]));
    assert!(err.contains("there is no role `nobody` in the account 000000000000"), "{err}");
    let mut command = daemon.command("exec");
    let (_, err) = texts(&command.args(["--role", "app", "i-0123456789abcdef0", "--", "true"]).output().unwrap());
    assert!(err.contains("has the role of the instance's profile, and no other"), "{err}");
}
