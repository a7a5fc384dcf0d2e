//! Who may do what: users, roles, boundaries, sessions and resource policies, as boto3 and the AWS CLI meet them on the
//! host and in a subnet.

use crate::harness::{Daemon, Network, clean, need_root, texts, tool};
use crate::settings::interface_endpoint;

/// What the scripts have in common.
pub(crate) const COMMON: &str = r#"
import boto3, json, os
from botocore.config import Config
from botocore.exceptions import ClientError

HOME, OTHER = "000000000000", "222222222222"
# One connection for each client: a change has to be in force for the next request on it.
CONFIG = Config(retries={"max_attempts": 1}, max_pool_connections=1)

def session(key=None, secret=None, token=None):
    made = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token, region_name="us-east-1")
    return lambda service: made.client(service, config=CONFIG)

def of(credentials):
    return session(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])

def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})

def allow(actions, resources="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}

def trust(principal, **more):
    return document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}, **more})

def refused(call, **parameters):
    try:
        answer = call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError(f"not refused: {answer}")

admin = session()
iam, secrets = admin("iam"), admin("secretsmanager")

def user(name, *statements, **more):
    iam.create_user(UserName=name, **more)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return session(key["AccessKeyId"], key["SecretAccessKey"]), key["AccessKeyId"]
"#;

/// Runs a script with the key of the administrator on the host, and with that of another account at hand.
pub(crate) fn run(daemon: &Daemon, script: &str) -> String {
    let (key, secret) = daemon.key_of("222222222222");
    let script = format!("{COMMON}\n{script}");
    let mut command = daemon.client(&tool("python3"), &["-c", &script]);
    let output = command.env("OTHER_KEY", key).env("OTHER_SECRET", secret).output().unwrap();
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{out}\n{err}\n{}", daemon.log());
    out
}

#[test]
fn a_user_may_do_what_its_policies_its_boundary_and_its_keys_let_it() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
one = secrets.create_secret(Name="one", SecretString="1")["ARN"]
two = secrets.create_secret(Name="two", SecretString="2")["ARN"]
alice, key = user("alice", allow("secretsmanager:GetSecretValue", one))
own = alice("secretsmanager")
me = f"arn:aws:iam::{HOME}:user/alice"
action = "secretsmanager:GetSecretValue"
denied = "because no identity-based policy allows the secretsmanager:GetSecretValue action"
assert alice("sts").get_caller_identity()["Arn"] == me
assert own.get_secret_value(SecretId="one")["SecretString"] == "1"
assert refused(own.get_secret_value, SecretId=two) == (
    "AccessDeniedException", f"User: {me} is not authorized to perform: {action} on resource: {two} {denied}")
assert refused(own.list_secrets)[1] == (
    f"User: {me} is not authorized to perform: secretsmanager:ListSecrets because no identity-based policy allows "
    "the secretsmanager:ListSecrets action")
# A secret that is not there is told only to who may see it.
assert refused(own.get_secret_value, SecretId="none")[0] == "AccessDeniedException"
assert refused(secrets.get_secret_value, SecretId="none")[0] == "ResourceNotFoundException"

# A change of policy is in force for the next request.
iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=document(allow(action, two)))
assert own.get_secret_value(SecretId="two")["SecretString"] == "2"
assert refused(own.get_secret_value, SecretId="one")[0] == "AccessDeniedException"

# A boundary limits, and grants nothing.
limit = iam.create_policy(PolicyName="limit", PolicyDocument=document(allow(action, one)))["Policy"]["Arn"]
iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=limit)
assert "because no permissions boundary allows" in refused(own.get_secret_value, SecretId="two")[1]
assert "because no identity-based policy allows" in refused(own.get_secret_value, SecretId="one")[1]
iam.delete_user_permissions_boundary(UserName="alice")
assert own.get_secret_value(SecretId="two")["SecretString"] == "2"

# An inactive key is none.
iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Inactive")
assert refused(own.get_secret_value, SecretId="two")[0] == "UnrecognizedClientException"
assert refused(alice("sts").get_caller_identity)[0] == "InvalidClientTokenId"
iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Active")
assert own.get_secret_value(SecretId="two")["SecretString"] == "2"
print("done")
"#;
    assert_eq!(run(&daemon, script).trim(), "done");
}

#[test]
fn a_simulation_tells_what_requests_then_meet() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
arns = {name: secrets.create_secret(Name=name, SecretString=name)["ARN"] for name in ["one", "two", "three"]}
alice, _ = user("alice", allow("secretsmanager:*", arns["one"]), allow("secretsmanager:*", arns["two"]),
    {"Effect": "Deny", "Action": "secretsmanager:Get*", "Resource": arns["two"]})
own, me = alice("secretsmanager"), f"arn:aws:iam::{HOME}:user/alice"
actions = {"secretsmanager:GetSecretValue": own.get_secret_value, "secretsmanager:DescribeSecret": own.describe_secret}

def answers(call, arn):
    try:
        call(SecretId=arn)
        return "allowed"
    except ClientError as error:
        message = error.response["Error"]["Message"]
        return "explicitDeny" if "explicit deny" in message else "implicitDeny"

def compare(**more):
    results = iam.simulate_principal_policy(
        PolicySourceArn=me, ActionNames=list(actions), ResourceArns=list(arns.values()), **more)["EvaluationResults"]
    told = {(r["EvalActionName"], s["EvalResourceName"]): s["EvalResourceDecision"]
        for r in results for s in r["ResourceSpecificResults"]}
    met = {(action, arn): answers(call, arn) for action, call in actions.items() for arn in arns.values()}
    assert told == met, (told, met)
    return [told["secretsmanager:GetSecretValue", arn] for arn in arns.values()], results

decisions, results = compare()
assert decisions == ["allowed", "explicitDeny", "implicitDeny"], decisions
assert results[0]["EvalDecision"] == "explicitDeny"
assert {s["SourcePolicyId"] for s in results[0]["MatchedStatements"]} == {"user_alice_own"}, results

# Groups and boundaries count for both, from the next call on.
iam.create_group(GroupName="readers")
iam.put_group_policy(GroupName="readers", PolicyName="third", PolicyDocument=document(allow("secretsmanager:Get*", arns["three"])))
iam.add_user_to_group(GroupName="readers", UserName="alice")
assert compare()[0] == ["allowed", "explicitDeny", "allowed"]
limit = iam.create_policy(PolicyName="limit", PolicyDocument=document(allow("secretsmanager:Describe*")))["Policy"]["Arn"]
iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=limit)
decisions, results = compare()
assert decisions == ["implicitDeny", "explicitDeny", "implicitDeny"], decisions
assert not results[0]["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"]

# Nobody learns of others without leave; policies by themselves have an action of their own.
code, message = refused(alice("iam").simulate_principal_policy, PolicySourceArn=me, ActionNames=["s3:GetObject"])
assert code == "AccessDenied" and f"iam:SimulatePrincipalPolicy on resource: {me}" in message, message
tester, _ = user("tester", allow("iam:SimulateCustomPolicy"), allow("iam:*ContextKeysForPrincipal*", me))
given = dict(PolicyInputList=[document(allow("s3:*"))], ActionNames=["s3:GetObject"])
assert tester("iam").simulate_custom_policy(**given)["EvaluationResults"][0]["EvalDecision"] == "allowed"
assert refused(tester("iam").simulate_principal_policy, PolicySourceArn=me, ActionNames=["s3:GetObject"])[0] == "AccessDenied"
assert tester("iam").get_context_keys_for_principal_policy(PolicySourceArn=me)["ContextKeyNames"] == []
print("done")
"#;
    assert_eq!(run(&daemon, script).trim(), "done");
    let me = "arn:aws:iam::000000000000:user/alice";
    let action = "secretsmanager:GetSecretValue";
    let answer =
        daemon.aws_ok(&["iam", "simulate-principal-policy", "--policy-source-arn", me, "--action-names", action]);
    let result = &answer["EvaluationResults"][0];
    assert_eq!(
        (result["EvalResourceName"].as_str(), result["EvalDecision"].as_str()),
        (Some("*"), Some("implicitDeny"))
    );
}

// enforces: secretsmanager:PutResourcePolicy (positive)
// enforces: secretsmanager:PutResourcePolicy, secretsmanager:DeleteResourcePolicy (negative)
#[test]
fn roles_and_secrets_of_other_accounts_take_both_sides() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
other = session(os.environ["OTHER_KEY"], os.environ["OTHER_SECRET"])
theirs = other("iam")
me = f"arn:aws:iam::{HOME}:user/bob"
role = f"arn:aws:iam::{OTHER}:role/visited"
bob, _ = user("bob", allow("s3:ListAllMyBuckets"))
theirs.create_role(RoleName="visited", AssumeRolePolicyDocument=trust(me, Condition={"StringEquals": {"sts:ExternalId": "e-1"}}))
theirs.put_role_policy(RoleName="visited", PolicyName="own", PolicyDocument=document(allow("secretsmanager:*")))
sts = bob("sts")
assume = dict(RoleArn=role, RoleSessionName="visit", ExternalId="e-1")
assert refused(sts.assume_role, **assume)[0] == "AccessDenied", "bob's own account must allow it as well"
iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=document(allow("sts:AssumeRole", role)))
assert refused(sts.assume_role, **{**assume, "ExternalId": "e-2"})[0] == "AccessDenied"
assert refused(sts.assume_role, RoleArn=role, RoleSessionName="visit")[0] == "AccessDenied"
visitor = of(sts.assume_role(**assume)["Credentials"])
assert visitor("sts").get_caller_identity()["Arn"] == f"arn:aws:sts::{OTHER}:assumed-role/visited/visit"
arn = other("secretsmanager").create_secret(Name="theirs", SecretString="t")["ARN"]
assert visitor("secretsmanager").get_secret_value(SecretId="theirs")["SecretString"] == "t"

# A session policy leaves what both it and the role allow.
narrow = of(sts.assume_role(**assume, Policy=document(allow("secretsmanager:DescribeSecret")))["Credentials"])("secretsmanager")
narrow.describe_secret(SecretId="theirs")
assert "because no session policy allows" in refused(narrow.get_secret_value, SecretId="theirs")[1]

# A secret of another account: its policy and one's own have to allow it.
carol, _ = user("carol", allow("secretsmanager:GetSecretValue"))
own = carol("secretsmanager")
assert "because no resource-based policy allows" in refused(own.get_secret_value, SecretId=arn)[1]
policy = document({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"})
keeper = other("secretsmanager")
keeper.put_resource_policy(SecretId="theirs", ResourcePolicy=policy, BlockPublicPolicy=True)
assert json.loads(keeper.get_resource_policy(SecretId="theirs")["ResourcePolicy"]) == json.loads(policy)
# And so has the policy of its key, which that of Secrets Manager's own key never does.
assert refused(own.get_secret_value, SecretId=arn) == ("AccessDeniedException", "Access to KMS is not allowed")
shared = [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": action, "Resource": "*"}
    for account, action in [(OTHER, "kms:*"), (HOME, "kms:Decrypt")]]
key = other("kms").create_key(Policy=document(*shared))["KeyMetadata"]["Arn"]
keeper.update_secret(SecretId="theirs", SecretString="t", KmsKeyId=key)
assert refused(own.get_secret_value, SecretId=arn) == ("AccessDeniedException", "Access to KMS is not allowed")
iam.put_user_policy(UserName="carol", PolicyName="own", PolicyDocument=document(allow(["secretsmanager:GetSecretValue", "kms:Decrypt"])))
assert own.get_secret_value(SecretId=arn)["SecretString"] == "t"
dave, _ = user("dave")
assert "because no identity-based policy allows" in refused(dave("secretsmanager").get_secret_value, SecretId=arn)[1]
assert refused(own.get_secret_value, SecretId=arn.replace("theirs", "absent"))[0] == "AccessDeniedException"
keeper.delete_resource_policy(SecretId="theirs")
assert refused(own.get_secret_value, SecretId=arn)[0] == "AccessDeniedException"

# By tags: who is of a team has the secrets of the team.
same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
tags = lambda team: [{"Key": "team", "Value": team}]
red, _ = user("red", allow("secretsmanager:GetSecretValue", Condition=same), Tags=tags("red"))
for team in ["red", "blue"]:
    secrets.create_secret(Name=team, SecretString=team, Tags=tags(team))
assert red("secretsmanager").get_secret_value(SecretId="red")["SecretString"] == "red"
assert refused(red("secretsmanager").get_secret_value, SecretId="blue")[0] == "AccessDeniedException"
secrets.tag_resource(SecretId="blue", Tags=tags("red"))
assert red("secretsmanager").get_secret_value(SecretId="blue")["SecretString"] == "blue"
print("done")
"#;
    assert_eq!(run(&daemon, script).trim(), "done");
}

#[test]
fn who_is_made_anew_under_a_name_has_nothing_of_what_policies_gave_to_the_one_before() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let endpoint = interface_endpoint(&daemon, &network, "secretsmanager", &[]);
    let script = r#"
s3, ec2 = admin("s3"), admin("ec2")
frank = f"arn:aws:iam::{HOME}:user/frank"
grace = f"arn:aws:iam::{HOME}:user/grace"
deployer = f"arn:aws:iam::{HOME}:role/deployer"

def grant(action, resource="*", principal=frank):
    return document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": resource})

def named(policy):
    return json.loads(policy)["Statement"][0]["Principal"]["AWS"]

# What names nobody is refused by each service in its words, and nothing comes of it.
s3.create_bucket(Bucket="named")
s3.put_object(Bucket="named", Key="k", Body=b"b")
objects = grant("s3:GetObject", "arn:aws:s3:::named/*")
assert refused(s3.put_bucket_policy, Bucket="named", Policy=objects) == ("MalformedPolicy", "Invalid principal in policy")
assert refused(s3.get_bucket_policy, Bucket="named")[0] == "NoSuchBucketPolicy"
arn = secrets.create_secret(Name="named", SecretString="s")["ARN"]
code, message = refused(secrets.put_resource_policy, SecretId="named", ResourcePolicy=grant("secretsmanager:GetSecretValue"))
assert (code, message) == ("MalformedPolicyDocumentException", "This resource policy contains an unsupported principal."), message
assert refused(secrets.validate_resource_policy, ResourcePolicy=grant("secretsmanager:GetSecretValue"))[0] == code
code, message = refused(iam.create_role, RoleName="deployer", AssumeRolePolicyDocument=trust(frank))
assert (code, message) == ("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{frank}"'), message
code, message = refused(ec2.modify_vpc_endpoint, VpcEndpointId="ENDPOINT", PolicyDocument=grant("*"))
assert code == "InvalidPolicyDocument" and frank in message, message

def put(who):
    s3.put_bucket_policy(Bucket="named", Policy=grant("s3:GetObject", "arn:aws:s3:::named/*", who))
    secrets.put_resource_policy(SecretId="named", ResourcePolicy=grant("secretsmanager:GetSecretValue", "*", who))
    ec2.modify_vpc_endpoint(VpcEndpointId="ENDPOINT", PolicyDocument=grant("*", "*", who))

def shown():
    return {named(s3.get_bucket_policy(Bucket="named")["Policy"]), named(secrets.get_resource_policy(SecretId="named")["ResourcePolicy"]),
        named(ec2.describe_vpc_endpoints(VpcEndpointIds=["ENDPOINT"])["VpcEndpoints"][0]["PolicyDocument"])}

def may(client):
    got = []
    for service, call, asked in [("s3", "get_object", dict(Bucket="named", Key="k")), ("secretsmanager", "get_secret_value", dict(SecretId=arn))]:
        try:
            got.append(bool(getattr(client(service), call)(**asked)))
        except ClientError as error:
            assert error.response["Error"]["Code"] in ["AccessDenied", "AccessDeniedException"], error
            got.append(False)
    assert got[0] == got[1], got
    return got[0]

def gone(name):
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)

first, _ = user("frank")
unique = iam.get_user(UserName="frank")["User"]["UserId"]
put(frank)
assert shown() == {frank} and may(first)
iam.update_user(UserName="frank", NewUserName="grace")
assert shown() == {grace} and may(first), "who is renamed keeps what it was given"
second, _ = user("frank")
assert not may(second) and may(first)
gone("grace")
third, _ = user("grace")
assert shown() == {unique} and not may(third) and not may(second)
put(grace)
assert shown() == {grace} and may(third)

# A role, with its sessions.
sts = admin("sts")
def session_of(name):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(f"arn:aws:iam::{HOME}:root"))
    runner, _ = user(f"runs-{name}-{len(iam.list_users()['Users'])}", allow("sts:AssumeRole"))
    return of(runner("sts").assume_role(RoleArn=deployer, RoleSessionName="one")["Credentials"])
before = session_of("deployer")
put(deployer)
assert shown() == {deployer} and may(before)
iam.delete_role(RoleName="deployer")
after = session_of("deployer")
assert shown().pop().startswith("AROA") and not may(after)
put(deployer)
assert may(after)
print("done")
"#;
    assert_eq!(run(&daemon, &script.replace("ENDPOINT", &endpoint)).trim(), "done");
}

#[test]
fn ec2_is_denied_with_a_message_that_who_may_can_decode() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
erin, _ = user("erin")
ec2 = erin("ec2")
image = admin("ec2").describe_images()["Images"][0]["ImageId"]
code, message = refused(ec2.create_vpc, CidrBlock="10.0.0.0/16")
assert code == "UnauthorizedOperation", code
told, encoded = message.split(". Encoded authorization failure message: ")
assert told == (
    f"You are not authorized to perform this operation. User: arn:aws:iam::{HOME}:user/erin is not authorized to perform: "
    f"ec2:CreateVpc on resource: arn:aws:ec2:us-east-1:{HOME}:vpc/* because no identity-based policy allows the "
    "ec2:CreateVpc action"), told
decoded = json.loads(admin("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
assert (decoded["explicitDeny"], decoded["context"]["action"]) == (False, "ec2:CreateVpc")
assert decoded["context"]["principal"]["name"] == "erin" and decoded["context"]["principal"]["id"].startswith("AIDA"), decoded
asked = {item["key"]: [value["value"] for value in item["values"]["items"]] for item in decoded["context"]["conditions"]["items"]}
assert asked["aws:requestedregion"] == ["us-east-1"] and asked["aws:securetransport"] == ["true"], asked
guard = {"Sid": "Guard", "Effect": "Deny", "Action": "ec2:CreateVpc", "Resource": "*", "Condition": {"Bool": {"aws:ViaAWSService": "false"}}}
iam.put_user_policy(UserName="erin", PolicyName="own", PolicyDocument=document(guard))
message = refused(ec2.create_vpc, CidrBlock="10.0.0.0/16")[1].rsplit(" ", 1)[1]
decoded = json.loads(admin("sts").decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
[matched] = decoded["matchedStatements"]["items"]
assert decoded["explicitDeny"] and (matched["statementId"], matched["effect"]) == ("Guard", "DENY"), decoded
assert matched["actions"]["items"] == [{"value": "ec2:CreateVpc"}] and matched["conditions"]["items"][0]["key"] == "aws:ViaAWSService", matched
assert refused(erin("sts").decode_authorization_message, EncodedMessage=encoded)[0] == "AccessDenied"
run = dict(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro")
assert refused(ec2.run_instances, **run)[0] == "UnauthorizedOperation"
assert refused(ec2.run_instances, **run, DryRun=True)[0] == "UnauthorizedOperation"
assert "ec2:DescribeVpcs because no identity-based policy" in refused(ec2.describe_vpcs)[1]
iam.put_user_policy(UserName="erin", PolicyName="own", PolicyDocument=document(allow(["ec2:RunInstances", "ec2:CreateVpc", "ec2:CreateSubnet"])))
assert refused(ec2.run_instances, **run, DryRun=True)[0] == "DryRunOperation"
assert refused(ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True)[0] == "DryRunOperation"

# Tags of what is made: they take a permission of their own, which can be for certain tags of certain actions.
tagged = dict(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "team", "Value": "red"}]}])
assert "ec2:CreateTags on resource" in refused(ec2.create_vpc, **tagged)[1]
known = {"StringEquals": {"ec2:CreateAction": "CreateVpc", "aws:RequestTag/team": "red"}}
iam.put_user_policy(UserName="erin", PolicyName="tags", PolicyDocument=document(allow("ec2:CreateTags", Condition=known)))
vpc = ec2.create_vpc(**tagged)["Vpc"]["VpcId"]
assert refused(ec2.create_tags, Resources=[vpc], Tags=[{"Key": "team", "Value": "red"}])[0] == "UnauthorizedOperation"

# What exists is known by its tags and its VPC.
mine = {"StringEquals": {"aws:ResourceTag/team": "red"}}
iam.put_user_policy(UserName="erin", PolicyName="mine", PolicyDocument=document(allow("ec2:DeleteVpc", Condition=mine)))
strange = admin("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
assert refused(ec2.delete_vpc, VpcId=strange)[0] == "UnauthorizedOperation"
inside = {"ArnEquals": {"ec2:Vpc": f"arn:aws:ec2:us-east-1:{HOME}:vpc/{vpc}"}}
iam.put_user_policy(UserName="erin", PolicyName="inside", PolicyDocument=document(allow("ec2:DeleteSubnet", Condition=inside)))
ours = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
others = admin("ec2").create_subnet(VpcId=strange, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
assert refused(ec2.delete_subnet, SubnetId=others)[0] == "UnauthorizedOperation"
ec2.delete_subnet(SubnetId=ours)
ec2.delete_vpc(VpcId=vpc)
print("done")
"#;
    assert_eq!(run(&daemon, script).trim(), "done");
}

// enforces: secretsmanager:GetSecretValue (positive)
// enforces: secretsmanager:GetSecretValue (negative)
#[test]
fn a_user_in_a_subnet_reaches_the_one_secret_that_it_may_and_only_through_the_endpoint_that_the_secret_names() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let endpoint = interface_endpoint(&daemon, &network, "secretsmanager", &[]);
    let script = r#"
one = secrets.create_secret(Name="one", SecretString="first value")["ARN"]
secrets.create_secret(Name="two", SecretString="2")
iam.create_user(UserName="frank")
iam.put_user_policy(UserName="frank", PolicyName="own", PolicyDocument=document(allow("secretsmanager:GetSecretValue", one)))
lock = {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "ENDPOINT"}}}
secrets.put_resource_policy(SecretId="one", ResourcePolicy=document(lock))
key = iam.create_access_key(UserName="frank")["AccessKey"]
print(key["AccessKeyId"], key["SecretAccessKey"])
"#;
    let made = run(&daemon, &script.replace("ENDPOINT", &endpoint));
    let (key, secret) = made.trim().split_once(' ').unwrap();
    let get = |id: &str, inside: bool| {
        let aws = tool("aws");
        let aws = aws.to_str().unwrap();
        let arguments = ["secretsmanager", "get-secret-value", "--secret-id", id, "--query", "SecretString"];
        let output = if inside {
            let script = format!(
                "export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret} AWS_DEFAULT_REGION=us-east-1 AWS_MAX_ATTEMPTS=1\n\
                 exec \"{aws}\" {}",
                arguments.join(" ")
            );
            let mut command = daemon.exec(&network.subnets[0], &[&network.group], &["sh", "-c", &script]);
            clean(&mut command);
            command.output().unwrap()
        } else {
            let mut command = daemon.client(&tool("aws"), &arguments);
            command.env("AWS_ACCESS_KEY_ID", key).env("AWS_SECRET_ACCESS_KEY", secret);
            command.env("AWS_DEFAULT_REGION", "us-east-1").output().unwrap()
        };
        let (out, err) = texts(&output);
        (output.status.success(), format!("{out}{err}"))
    };
    let (is_given, answer) = get("one", true);
    assert!(is_given && answer.contains("first value"), "{answer}\n{}", daemon.log());
    let (is_given, answer) = get("two", true);
    let denied = "user/frank is not authorized to perform: secretsmanager:GetSecretValue on resource: two because no \
                  identity-based policy allows the secretsmanager:GetSecretValue action";
    assert!(!is_given && answer.contains("AccessDeniedException") && answer.contains(denied), "{answer}");
    let (is_given, answer) = get("one", false);
    assert!(!is_given && answer.contains("with an explicit deny in a resource-based policy"), "{answer}");
}
