#!/usr/bin/env python3
"""Make and check the EC2 corpora with botocore, the client that they stand for.

ec2-requests.jsonl: what botocore sends for the parameters in `expected`.
ec2-responses.jsonl: what botocore reads (`parsed`) in the responses that the crate writes (`xml`).

Without arguments, checks both files; with --write, writes them. For a changed response, first
    SIDEGATE_WRITE_CORPUS=1 cargo test -p sidegate-wire ec2
"""

import json
import pathlib
import sys
from urllib.parse import urlencode

import botocore.parsers
import botocore.serialize
import botocore.session

HERE = pathlib.Path(__file__).parent
MODEL = botocore.session.get_session().get_service_model("ec2")

REQUESTS = [
    ("CreateVpc", {
        "CidrBlock": "10.0.0.0/16",
        "AmazonProvidedIpv6CidrBlock": False,
        "TagSpecifications": [
            {"ResourceType": "vpc", "Tags": [
                {"Key": "Name", "Value": "a & b = c + d"},
                {"Key": "naïve 日本", "Value": ""},
            ]},
        ],
    }),
    ("DescribeVpcs", {
        "DryRun": True,
        "Filters": [
            {"Name": "state", "Values": ["available", "pending"]},
            {"Name": "tag:Name", "Values": ["*"]},
        ],
        "MaxResults": 5,
        "NextToken": "a+b/c==",
        "VpcIds": [f"vpc-{n}" for n in range(12)],
    }),
    ("ModifyVpcAttribute", {"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": True}}),
    ("DescribeVpcAttribute", {"VpcId": "vpc-1", "Attribute": "enableDnsSupport"}),
    ("CreateRoute", {
        "RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1",
    }),
    ("AuthorizeSecurityGroupIngress", {
        "GroupId": "sg-1",
        "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
             "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "<inside>"}],
             "PrefixListIds": [{"PrefixListId": "pl-1"}]},
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-2"}]},
        ],
    }),
    ("CreateSecurityGroup", {"GroupName": "web", "Description": "the web", "VpcId": "vpc-1"}),
    ("ModifyNetworkInterfaceAttribute", {
        "NetworkInterfaceId": "eni-1", "Groups": ["sg-1", "sg-2"],
        "SourceDestCheck": {"Value": False},
    }),
    ("CreateTags", {"Resources": ["vpc-1", "subnet-1"], "Tags": [{"Key": "k", "Value": "v"}]}),
    ("RunInstances", {
        "ImageId": "ami-1", "MinCount": 1, "MaxCount": 2,
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}],
        "IamInstanceProfile": {"Name": "reader"},
        "InstanceMarketOptions": {"SpotOptions": {"ValidUntil": "2026-11-24T10:00:00Z"}},
        "NetworkInterfaces": [
            {"DeviceIndex": 0, "SubnetId": "subnet-1", "Groups": ["sg-1"],
             "AssociatePublicIpAddress": True},
        ],
        "UserData": "IyEvYmluL3No",
        "ClientToken": "token",
    }),
    ("DescribeInstances", {"InstanceIds": ["i-1"], "MaxResults": 1000}),
    ("CreateVpcEndpoint", {
        "VpcEndpointType": "Interface", "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.us-east-1.sqs", "PolicyDocument": "{\"Statement\": []}",
        "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "PrivateDnsEnabled": True,
        "IpAddressType": "ipv4", "DnsOptions": {"DnsRecordIpType": "ipv4"},
        "ClientToken": "token",
    }),
    ("ModifyVpcEndpoint", {
        "VpcEndpointId": "vpce-1", "ResetPolicy": True,
        "AddRouteTableIds": ["rtb-1"], "RemoveRouteTableIds": ["rtb-2", "rtb-3"],
    }),
    ("DeleteVpcEndpoints", {"VpcEndpointIds": ["vpce-1", "vpce-2"]}),
    ("DescribeVpcEndpointServices", {"ServiceNames": ["com.amazonaws.us-east-1.s3"]}),
]


def request(action, parameters):
    serializer = botocore.serialize.create_serializer("ec2", include_validation=False)
    sent = serializer.serialize_to_request(parameters, MODEL.operation_model(action))
    return {"action": action, "body": urlencode(sent["body"]), "expected": parameters}


def response(line):
    parser = botocore.parsers.create_parser("ec2")
    shape = MODEL.operation_model(line["action"]).output_shape
    answer = {"status_code": 200, "headers": {}, "body": line["xml"].encode()}
    parsed = parser.parse(answer, shape)
    del parsed["ResponseMetadata"]["HTTPHeaders"]
    parsed = json.loads(json.dumps(parsed, default=lambda time: time.isoformat()))
    return {"action": line["action"], "xml": line["xml"], "parsed": parsed}


def main():
    requests = [request(action, parameters) for action, parameters in REQUESTS]
    responses = HERE / "ec2-responses.jsonl"
    lines = responses.read_text().splitlines() if responses.exists() else []
    corpora = {
        HERE / "ec2-requests.jsonl": requests,
        responses: [response(json.loads(line)) for line in lines],
    }
    stale = False
    for path, lines in corpora.items():
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        if "--write" in sys.argv[1:]:
            path.write_text(text)
        elif path.read_text() != text:
            print(f"{path.name}: botocore does not agree")
            stale = True
    sys.exit(stale)


main()
