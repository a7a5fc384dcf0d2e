"""The policy simulator as boto3 and the AWS CLI meet it; the examples are those of AWS's references."""

import json
import os
import subprocess
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["SIDEGATE_ENDPOINT"]
ACCOUNT = "111122223333"

iam = boto3.client(
    "iam",
    endpoint_url=ENDPOINT,
    region_name="us-east-1",
    aws_access_key_id="AKIDROOT",
    aws_secret_access_key="secret",
    config=Config(retries={"max_attempts": 0}),
)


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


def refused(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("not refused")


# A user that may read, as in the reference: what is given lets it write.
read = document(Action=["s3:Get*", "s3:List*"], Resource="*")
policy = iam.create_policy(PolicyName="ReadOnly", PolicyDocument=read)["Policy"]["Arn"]
jill = iam.create_user(UserName="Jill")["User"]["Arn"]
iam.attach_user_policy(UserName="Jill", PolicyArn=policy)
answer = iam.simulate_principal_policy(
    PolicySourceArn=jill,
    ActionNames=["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
    ResourceArns=["arn:aws:s3:::my-test-bucket"],
    PolicyInputList=[document(Action="s3:PutObject", Resource="arn:aws:s3:::my-test-bucket")],
)
results = answer["EvaluationResults"]
assert [r["EvalDecision"] for r in results] == ["allowed", "allowed", "implicitDeny"], results
assert [r["EvalResourceName"] for r in results] == ["arn:aws:s3:::my-test-bucket"] * 3
(statement,) = results[0]["MatchedStatements"]
assert statement["SourcePolicyId"] == "PolicyInputList.1" and statement["SourcePolicyType"] == "IAM Policy", statement
assert results[1]["MatchedStatements"][0]["SourcePolicyId"] == "ReadOnly"
assert results[2]["MatchedStatements"] == [] and results[2]["MissingContextValues"] == []
assert results[0]["EvalDecisionDetails"] == {} and answer["IsTruncated"] is False
specific = results[0]["ResourceSpecificResults"]
assert [(s["EvalResourceName"], s["EvalResourceDecision"]) for s in specific] == [
    ("arn:aws:s3:::my-test-bucket", "allowed")
]

# Two accounts, as in the reference.
arnav = f"arn:aws:iam::{ACCOUNT}:user/arnav"
(result,) = iam.simulate_custom_policy(
    PolicyInputList=[],
    PermissionsBoundaryPolicyInputList=[document(Action="iam:*", Resource="*")],
    ActionNames=["s3:PutObject"],
    ResourceArns=["arn:aws:s3:::mary/Test"],
    ResourceOwner="arn:aws:iam::123456789012:root",
    CallerArn=arnav,
    ResourcePolicy=document(
        Action=["s3:List*", "s3:Put*"], Resource="arn:aws:s3:::mary/*", Principal={"AWS": arnav}
    ),
)["EvaluationResults"]
assert result["EvalDecision"] == "implicitDeny", result
assert result["EvalDecisionDetails"] == {
    "IAM Policy": "implicitDeny",
    "Resource Policy": "allowed",
    "Permissions Boundary Policy": "implicitDeny",
}, result
assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}, result

# Pages, by botocore's own paginator.
actions = [f"s3:Action{number}" for number in range(25)]
pages = iam.get_paginator("simulate_custom_policy").paginate(
    PolicyInputList=[document(Action="s3:*", Resource="*")], ActionNames=actions, PaginationConfig={"PageSize": 10}
)
pages = [[r["EvalActionName"] for r in page["EvaluationResults"]] for page in pages]
assert [len(page) for page in pages] == [10, 10, 5] and sum(pages, []) == actions, pages

# Keys of conditions: which there are, and with which values.
dated = document(
    Action="dynamodb:*",
    Resource="arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}",
    Condition={"DateGreaterThan": {"aws:CurrentTime": "2015-08-16T12:00:00Z"}},
)
assert iam.get_context_keys_for_custom_policy(PolicyInputList=[dated])["ContextKeyNames"] == [
    "aws:username",
    "aws:CurrentTime",
]
iam.put_user_policy(UserName="Jill", PolicyName="dated", PolicyDocument=dated)
keys = iam.get_context_keys_for_principal_policy(PolicySourceArn=jill)["ContextKeyNames"]
assert keys == ["aws:username", "aws:CurrentTime"], keys
entry = {"ContextKeyName": "aws:CurrentTime", "ContextKeyType": "date"}
for date, decision in [("2026-04-25T11:00:00Z", "allowed"), ("2014-04-25T11:00:00Z", "implicitDeny")]:
    (result,) = iam.simulate_principal_policy(
        PolicySourceArn=jill,
        ActionNames=["dynamodb:CreateBackup"],
        ResourceArns=["arn:aws:dynamodb:us-west-2:123456789012:table/Jill"],
        ContextEntries=[{**entry, "ContextKeyValues": [date]}],
    )["EvaluationResults"]
    assert result["EvalDecision"] == decision, result
(result,) = iam.simulate_principal_policy(PolicySourceArn=jill, ActionNames=["dynamodb:CreateBackup"])[
    "EvaluationResults"
]
assert result["MissingContextValues"] == ["aws:username", "aws:CurrentTime"], result

# Exceptions by their names.
try:
    iam.simulate_custom_policy(PolicyInputList=["{"], ActionNames=["s3:GetObject"])
    raise AssertionError("not refused")
except iam.exceptions.InvalidInputException as error:
    assert "Policy input list item 1 has invalid content" in str(error), error
try:
    iam.simulate_principal_policy(PolicySourceArn=jill + "x", ActionNames=["s3:GetObject"])
    raise AssertionError("not refused")
except iam.exceptions.NoSuchEntityException as error:
    assert "Unable to retrieve specified IAM entity." in str(error), error
assert refused(iam.simulate_custom_policy, PolicyInputList=[read], ActionNames=["GetObject"]) == (
    "InvalidInput",
    "The action is invalid since it is missing names",
)


# The AWS CLI, with the commands and the answers of its own examples.
def cli(*arguments):
    command = [sys.executable, "-m", "awscli", "--endpoint-url", ENDPOINT, "--region", "us-east-1", "iam", *arguments]
    variables = {**os.environ, "AWS_ACCESS_KEY_ID": "AKIDROOT", "AWS_SECRET_ACCESS_KEY": "secret"}
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


if subprocess.run([sys.executable, "-c", "import awscli"], capture_output=True).returncode:
    print("skipped: python3 has no AWS CLI", file=sys.stderr)
    sys.exit()
example = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":'
    '{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
)
simulate = ["simulate-custom-policy", "--policy-input-list", example, "--action-names", "dynamodb:CreateBackup"]
time = "ContextKeyName='aws:CurrentTime',ContextKeyValues='{}',ContextKeyType=date"
answer = cli(*simulate, "--context-entries", time.format("2019-04-25T11:00:00Z"))
assert answer == {
    "EvaluationResults": [
        {
            "EvalActionName": "dynamodb:CreateBackup",
            "EvalResourceName": "*",
            "EvalDecision": "allowed",
            "MatchedStatements": [
                {
                    "SourcePolicyId": "PolicyInputList.1",
                    "SourcePolicyType": "IAM Policy",
                    "StartPosition": {"Line": 1, "Column": 38},
                    "EndPosition": {"Line": 1, "Column": 167},
                }
            ],
            "MissingContextValues": [],
        }
    ]
}, answer
answer = cli(*simulate, "--context-entries", time.format("2014-04-25T11:00:00Z"))
(result,) = answer["EvaluationResults"]
assert (result["EvalDecision"], result["MatchedStatements"]) == ("implicitDeny", []), answer
answer = cli("get-context-keys-for-custom-policy", "--policy-input-list", example)
assert answer == {"ContextKeyNames": ["aws:CurrentTime"]}, answer
answer = cli("simulate-principal-policy", "--policy-source-arn", jill, "--action-names", "s3:ListBucket")
assert answer["EvaluationResults"][0]["EvalDecision"] == "allowed", answer
answer = cli("simulate-custom-policy", "--policy-input-list", read, "--action-names", "s3:x", "--caller-arn", "nobody")
assert "Invalid caller - Caller must be an IAM user, role or group in this context." in answer, answer
