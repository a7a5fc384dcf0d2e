//! The API of flow logs, as boto3 and the AWS CLI meet it: what they can make, who may, and that it is kept.

use crate::harness::{Daemon, need_root, texts, tool};
use crate::identities::run;

const MADE_WITH_BOTO3: &str = r#"
ec2 = admin("ec2")
vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.77.{n}.0/24")["Subnet"]["SubnetId"] for n in (1, 2)]
role = f"arn:aws:iam::{HOME}:role/flow-logs"
to_logs = dict(ResourceType="VPC", ResourceIds=[vpc], TrafficType="ALL", LogGroupName="records",
    DeliverLogsPermissionArn=role)

made = ec2.create_flow_logs(**to_logs, MaxAggregationInterval=60, LogFormat="${srcaddr} ${reject-reason}",
    TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "Team", "Value": "networks"}]}])
assert made["Unsuccessful"] == [], made
[log] = made["FlowLogIds"]
[shown] = ec2.describe_flow_logs(FlowLogIds=[log])["FlowLogs"]
shown.pop("CreationTime")
assert shown == {
    "FlowLogId": log, "FlowLogStatus": "ACTIVE", "DeliverLogsStatus": "SUCCESS", "DeliverLogsPermissionArn": role,
    "LogGroupName": "records", "LogDestinationType": "cloud-watch-logs", "ResourceId": vpc, "TrafficType": "ALL",
    "LogFormat": "${srcaddr} ${reject-reason}", "MaxAggregationInterval": 60,
    "Tags": [{"Key": "Team", "Value": "networks"}],
}, shown

code, message = refused(ec2.create_flow_logs, **to_logs)
assert (code, message) == ("FlowLogAlreadyExists",
    "Error. There is an existing Flow Log with the same configuration and log destination."), (code, message)
to_nowhere = ec2.create_flow_logs(ResourceType="VPC", ResourceIds=[vpc], TrafficType="ALL", LogDestinationType="s3",
    LogDestination="arn:aws:s3:::records")
assert to_nowhere["FlowLogIds"] == [], to_nowhere
[failed] = to_nowhere["Unsuccessful"]
assert failed == {"ResourceId": vpc, "Error": {
    "Code": "400", "Message": "LogDestination: records does not exist."}}, failed
admin("s3").create_bucket(Bucket="records")
partly = ec2.create_flow_logs(ResourceType="Subnet", ResourceIds=[subnets[0], "subnet-0a", subnets[1]],
    TrafficType="REJECT", LogDestinationType="s3", LogDestination="arn:aws:s3:::records/folder/",
    DestinationOptions={"HiveCompatiblePartitions": True})
assert len(partly["FlowLogIds"]) == 2, partly
[failed] = partly["Unsuccessful"]
assert (failed["ResourceId"], failed["Error"]["Code"]) == ("subnet-0a", "InvalidSubnetID.NotFound"), failed
pages = ec2.get_paginator("describe_flow_logs").paginate(PaginationConfig={"PageSize": 1})
everything = [found["FlowLogId"] for page in pages for found in page["FlowLogs"]]
assert sorted(everything) == sorted([log, *partly["FlowLogIds"]]), everything
tagged = ec2.describe_flow_logs(Filter=[{"Name": "tag:Team", "Values": ["networks"]}])["FlowLogs"]
assert [found["FlowLogId"] for found in tagged] == [log], tagged
code, message = refused(ec2.create_flow_logs, **to_logs | {"TrafficType": "REJECT"}, DryRun=True)
assert code == "DryRunOperation", code
print(log, vpc)
"#;

const WHO_MAY: &str = r#"
ec2 = admin("ec2")
vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16", TagSpecifications=[
    {"ResourceType": "vpc", "Tags": [{"Key": "team", "Value": "red"}]}])["Vpc"]["VpcId"]
made = iam.create_role(RoleName="flow-logs", AssumeRolePolicyDocument=document({"Effect": "Allow",
    "Action": "sts:AssumeRole", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}}))
role = made["Role"]["Arn"]
wanted = dict(ResourceType="VPC", ResourceIds=[vpc], TrafficType="ALL", LogGroupName="records",
    DeliverLogsPermissionArn=role)
red = {"StringEquals": {"aws:ResourceTag/team": "red"}}
logs = f"arn:aws:ec2:us-east-1:{HOME}:vpc-flow-log/*"
vpcs = f"arn:aws:ec2:us-east-1:{HOME}:vpc/*"

def denied(who, action, call, **parameters):
    code, message = refused(call, **parameters)
    assert code == "UnauthorizedOperation" and f"not authorized to perform: {action}" in message, (code, message)

# Both the flow log and what it watches are asked for.
alice, _ = user("alice", allow("ec2:CreateFlowLogs", logs))
denied("alice", "ec2:CreateFlowLogs", alice("ec2").create_flow_logs, **wanted)
policy = document(allow("ec2:CreateFlowLogs", vpcs, Condition=red))
iam.put_user_policy(UserName="alice", PolicyName="vpcs", PolicyDocument=policy)
# The role has to be passed, and to flow logs.
denied("alice", "iam:PassRole", alice("ec2").create_flow_logs, **wanted)
denied("alice", "iam:PassRole", alice("ec2").create_flow_logs, **wanted, DryRun=True)
to = lambda service: {"StringEquals": {"iam:PassedToService": service}}
passes = lambda service: document(allow("iam:PassRole", role, Condition=to(service)))
iam.put_user_policy(UserName="alice", PolicyName="passes", PolicyDocument=passes("ec2.amazonaws.com"))
denied("alice", "iam:PassRole", alice("ec2").create_flow_logs, **wanted)
iam.put_user_policy(UserName="alice", PolicyName="passes", PolicyDocument=passes("vpc-flow-logs.amazonaws.com"))
tags = [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "team", "Value": "red"}]}]
denied("alice", "ec2:CreateTags", alice("ec2").create_flow_logs, **wanted, TagSpecifications=tags)
[log] = alice("ec2").create_flow_logs(**wanted)["FlowLogIds"]
# To a bucket no role is passed; its delivery is one of CloudWatch Logs, and the bucket has to let it in.
bob, _ = user("bob", allow("ec2:CreateFlowLogs"))
to_s3 = dict(ResourceType="VPC", ResourceIds=[vpc], TrafficType="ALL", LogDestinationType="s3",
    LogDestination="arn:aws:s3:::records")
admin("s3").create_bucket(Bucket="records")
denied("bob", "logs:CreateLogDelivery", bob("ec2").create_flow_logs, **to_s3)
denied("bob", "logs:CreateLogDelivery", bob("ec2").create_flow_logs, **to_s3, DryRun=True)
iam.put_user_policy(UserName="bob", PolicyName="delivers", PolicyDocument=document(allow("logs:CreateLogDelivery")))
[refusal] = bob("ec2").create_flow_logs(**to_s3)["Unsuccessful"]
assert refusal["Error"] == {"Code": "400",
    "Message": "Access Denied for LogDestination: records. Please check LogDestination permission"}, refusal
iam.put_user_policy(UserName="bob", PolicyName="opens",
    PolicyDocument=document(allow(["s3:GetBucketPolicy", "s3:PutBucketPolicy"])))
[of_bob] = bob("ec2").create_flow_logs(**to_s3)["FlowLogIds"]
denied("bob", "ec2:DescribeFlowLogs", bob("ec2").describe_flow_logs)
denied("bob", "ec2:DeleteFlowLogs", bob("ec2").delete_flow_logs, FlowLogIds=[log])
policy = document(allow("ec2:DeleteFlowLogs", logs, Condition=red))
iam.put_user_policy(UserName="bob", PolicyName="deletes", PolicyDocument=policy)
denied("bob", "ec2:DeleteFlowLogs", bob("ec2").delete_flow_logs, FlowLogIds=[log])
ec2.create_tags(Resources=[log], Tags=[{"Key": "team", "Value": "red"}])
assert bob("ec2").delete_flow_logs(FlowLogIds=[log])["Unsuccessful"] == []
ec2.create_tags(Resources=[of_bob], Tags=[{"Key": "team", "Value": "red"}])
denied("bob", "logs:DeleteLogDelivery", bob("ec2").delete_flow_logs, FlowLogIds=[of_bob])
iam.put_user_policy(UserName="bob", PolicyName="ends", PolicyDocument=document(allow("logs:DeleteLogDelivery")))
assert bob("ec2").delete_flow_logs(FlowLogIds=[of_bob])["Unsuccessful"] == []
"#;

#[test]
fn boto3_and_the_cli_make_find_and_delete_flow_logs_which_outlive_the_daemon() {
    need_root!();
    let mut daemon = Daemon::start();
    let made = run(&daemon, MADE_WITH_BOTO3);
    let (log, vpc) = made.trim().split_once(' ').unwrap();
    daemon.kill();
    daemon.run();
    let cli = |arguments: &[&str]| {
        let arguments = [&["ec2"], arguments, &["--region", "us-east-1", "--output", "text"]].concat();
        let output = daemon.client(&tool("aws"), &arguments).output().unwrap();
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{err}\n{}", daemon.log());
        out.trim().to_owned()
    };
    let of_vpc = format!("Name=resource-id,Values={vpc}");
    let find = ["describe-flow-logs", "--filter", &of_vpc, "--query", "FlowLogs[].[FlowLogId,LogFormat]"];
    assert_eq!(cli(&find), format!("{log}\t${{srcaddr}} ${{reject-reason}}"));
    cli(&["delete-flow-logs", "--flow-log-ids", log]);
    assert_eq!(cli(&find), "");
}

#[test]
fn flow_logs_are_made_and_deleted_by_who_may_and_their_role_is_passed() {
    need_root!();
    let daemon = Daemon::start();
    run(&daemon, WHO_MAY);
}
