//! Organizations: service and resource control policies, and what policies may ask about the organization, as boto3
//! meets them.

use crate::harness::{Daemon, Network, need_root, text, texts, tool};

/// Makes an organization with a member account, and keys of users in both.
const SETUP: &str = r#"
import boto3, json, sys
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"max_attempts": 1})

def session(key=None, secret=None, token=None):
    made = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token, region_name="us-east-1")
    return lambda service: made.client(service, config=CONFIG)

def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

def refused(call, **parameters):
    try:
        answer = call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Message"]
    raise AssertionError(f"not refused: {answer}")

admin = session()
organizations = admin("organizations")
made = organizations.create_organization(FeatureSet="ALL")["Organization"]
root = organizations.list_roots()["Roots"][0]["Id"]
for kind in ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]:
    organizations.enable_policy_type(RootId=root, PolicyType=kind)
status = organizations.create_account(Email="dev@example.com", AccountName="dev")["CreateAccountStatus"]
member = status["AccountId"]
unit = organizations.create_organizational_unit(ParentId=root, Name="dev")["OrganizationalUnit"]["Id"]
organizations.move_account(AccountId=member, SourceParentId=root, DestinationParentId=unit)

def policy(name, kind, target, **statement):
    made = organizations.create_policy(Name=name, Description="", Type=kind, Content=document(**statement))
    made = made["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=made["Id"], TargetId=target)
    return made["Id"], made["Arn"]
"#;

/// Runs a script on the host, with the key of the administrator.
fn run(daemon: &Daemon, script: &str) -> String {
    let script = format!("{SETUP}\n{script}");
    let output = daemon.client(&tool("python3"), &["-c", &script]).output().unwrap();
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{out}\n{err}\n{}", daemon.log());
    out
}

// enforces: organizations:AttachPolicy (positive)
// enforces: organizations:AttachPolicy (negative)
// enforces: organizations:DetachPolicy (positive)
// enforces: organizations:DetachPolicy (negative)
#[test]
fn policies_of_an_organization_bind_its_accounts_and_no_one_elses() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
# The management account acts in the member by the role that came with it; its root user assumes no role.
key = admin("iam").create_user(UserName="ops") and admin("iam").create_access_key(UserName="ops")["AccessKey"]
ops = session(key["AccessKeyId"], key["SecretAccessKey"])
role = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
assert "because no identity-based policy allows" in refused(ops("sts").assume_role, RoleArn=role, RoleSessionName="ops")
admin("iam").put_user_policy(UserName="ops", PolicyName="in", PolicyDocument=document(
    Effect="Allow", Action="sts:AssumeRole", Resource=role))
own = ops("sts").assume_role(RoleArn=role, RoleSessionName="ops")["Credentials"]
dev = session(own["AccessKeyId"], own["SecretAccessKey"], own["SessionToken"])
assert dev("sts").get_caller_identity()["Account"] == member
secrets = dev("secretsmanager")
arn = secrets.create_secret(Name="one", SecretString="1")["ARN"]

# A service control policy bounds the account below its unit, from the next request on, and not the management account.
scp, name = policy("no-listing", "SERVICE_CONTROL_POLICY", unit, Effect="Deny", Action="secretsmanager:List*", Resource="*")
denied = refused(secrets.list_secrets)
assert denied.endswith(f"with an explicit deny in a service control policy: {name}"), denied
admin("secretsmanager").list_secrets()
assert secrets.get_secret_value(SecretId="one")["SecretString"] == "1"
organizations.detach_policy(PolicyId=scp, TargetId=unit)
secrets.list_secrets()

# Each level must allow.
full = "p-FullAWSAccess"
scp, _ = policy("only-s3", "SERVICE_CONTROL_POLICY", unit, Effect="Allow", Action="s3:*", Resource="*")
organizations.detach_policy(PolicyId=full, TargetId=unit)
assert "because no service control policy allows" in refused(secrets.list_secrets)
dev("s3").list_buckets()
organizations.attach_policy(PolicyId=full, TargetId=unit)
secrets.list_secrets()

# A resource control policy bounds what is done to the account's resources, by whomever.
rcp, name = policy("perimeter", "RESOURCE_CONTROL_POLICY", member, Effect="Deny", Principal="*",
    Action="secretsmanager:GetSecretValue", Resource="*",
    Condition={"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}})
denied = refused(secrets.get_secret_value, SecretId="one")
assert "with an explicit deny in a resource control policy" in denied, denied
organizations.detach_policy(PolicyId=rcp, TargetId=member)
assert secrets.get_secret_value(SecretId="one")["SecretString"] == "1"

# What policies may ask: the organization and the way to the account.
path = f"{made['Id']}/{root}/{unit}/"
for key, value in [("aws:PrincipalOrgID", made["Id"]), ("aws:ResourceOrgID", made["Id"])]:
    secrets.put_resource_policy(SecretId="one", ResourcePolicy=document(Effect="Deny", Principal="*",
        Action="secretsmanager:GetSecretValue", Resource="*", Condition={"StringEquals": {key: value}}))
    assert "resource-based policy" in refused(secrets.get_secret_value, SecretId="one"), key
secrets.put_resource_policy(SecretId="one", ResourcePolicy=document(Effect="Deny", Principal="*",
    Action="secretsmanager:GetSecretValue", Resource="*",
    Condition={"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": [path + "*"]}}))
assert secrets.get_secret_value(SecretId="one")["SecretString"] == "1"
"#;
    run(&daemon, script);
}

#[test]
fn a_simulation_knows_the_policies_of_the_organization() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
admin("iam").create_user(UserName="ops")
admin("iam").put_user_policy(UserName="ops", PolicyName="in", PolicyDocument=document(Effect="Allow", Action="*", Resource="*"))
key = admin("iam").create_access_key(UserName="ops")["AccessKey"]
role = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
own = session(key["AccessKeyId"], key["SecretAccessKey"])("sts").assume_role(RoleArn=role, RoleSessionName="ops")["Credentials"]
iam = session(own["AccessKeyId"], own["SecretAccessKey"], own["SessionToken"])("iam")

def simulate(client, arn, action):
    (result,) = client.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action])["EvaluationResults"]
    return result["EvalDecision"], result["OrganizationsDecisionDetail"]["AllowedByOrganizations"]

assert simulate(iam, role, "secretsmanager:ListSecrets") == ("allowed", True)
policy("no-listing", "SERVICE_CONTROL_POLICY", unit, Effect="Deny", Action="secretsmanager:List*", Resource="*")
assert simulate(iam, role, "secretsmanager:ListSecrets") == ("explicitDeny", False)
assert simulate(iam, role, "secretsmanager:GetSecretValue") == ("allowed", True)
ops = admin("iam").get_user(UserName="ops")["User"]["Arn"]
assert simulate(admin("iam"), ops, "secretsmanager:ListSecrets") == ("allowed", True)
"#;
    run(&daemon, script);
}

#[test]
fn an_endpoint_lets_in_its_organization_alone() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let script = r#"
print(made["Id"])
"#;
    let organization = run(&daemon, script).trim().to_owned();
    let policy = |organization: &str| {
        format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {{"StringEquals": {{"aws:PrincipalOrgID": "{organization}"}}}}}}}}"#
        )
    };
    let own = policy(&organization);
    let parameters = [
        ("VpcId", network.vpc.as_str()),
        ("ServiceName", "com.amazonaws.us-east-1.s3"),
        ("RouteTableId.1", &network.tables[0]),
        ("PolicyDocument", &own),
    ];
    let made = daemon.ec2("CreateVpcEndpoint", &parameters).unwrap();
    let endpoint = text(&made, "vpcEndpointId").unwrap().to_owned();
    let aws = tool("aws");
    let list = || {
        let mut command = daemon.exec(&network.subnets[0], &[&network.group], &[aws.to_str().unwrap(), "s3", "ls"]);
        let output = command.output().unwrap();
        (output.status.success(), texts(&output).1)
    };
    assert!(list().0, "{}", list().1);
    let other = policy("o-other00000");
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("PolicyDocument", &other)]).unwrap();
    let (allowed, said) = list();
    assert!(
        !allowed && said.contains("because no VPC endpoint policy allows the s3:ListAllMyBuckets action"),
        "{said}"
    );
}
