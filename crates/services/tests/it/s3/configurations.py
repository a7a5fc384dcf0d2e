"""The configurations of a bucket, as boto3 and programs built on it put them and read them back."""

import datetime
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

s3 = boto3.client(
    "s3",
    endpoint_url=os.environ["SIDEGATE_ENDPOINT"],
    region_name="us-east-1",
    config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
)
B = {"Bucket": "docs"}
OWNER = "111122223333"


def refused(code, call, message=None, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        told = error.response["Error"]
        assert told["Code"] == code, error
        assert message is None or message in told["Message"], error
    else:
        raise AssertionError(f"{code} was expected")


def plain(answer):
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


s3.create_bucket(**B)

# Lifecycle.
refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, **B)
rules = [
    {"ID": "one", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 365},
     "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}]},
    {"ID": "a two", "Status": "Disabled",
     "Filter": {"And": {"Prefix": "x/", "Tags": [{"Key": "a", "Value": "<&>"}], "ObjectSizeGreaterThan": 500}},
     "NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 3},
     "NoncurrentVersionTransitions": [{"NoncurrentDays": 0, "StorageClass": "GLACIER"}]},
    {"ID": "three", "Status": "Enabled", "Filter": {},
     "Expiration": {"ExpiredObjectDeleteMarker": True}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
    {"ID": "four", "Status": "Enabled", "Filter": {"Tag": {"Key": "k", "Value": ""}},
     "Expiration": {"Date": datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)}},
]
put = s3.put_bucket_lifecycle_configuration(**B, LifecycleConfiguration={"Rules": rules})
assert put["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K", put
got = plain(s3.get_bucket_lifecycle_configuration(**B))
for rule in rules:
    for given in rule.get("NoncurrentVersionTransitions", []):
        assert given
assert got == {"Rules": [sorted_rule for sorted_rule in got["Rules"]], "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"}
assert [rule["ID"] for rule in got["Rules"]] == ["one", "a two", "three", "four"], got
for given, kept in zip(rules, got["Rules"]):
    assert {key: value for key, value in kept.items() if key != "Expiration"} == {
        key: value for key, value in given.items() if key != "Expiration"
    }, (given, kept)
assert got["Rules"][3]["Expiration"]["Date"] == rules[3]["Expiration"]["Date"], got
s3.put_bucket_lifecycle_configuration(
    **B, TransitionDefaultMinimumObjectSize="varies_by_storage_class",
    LifecycleConfiguration={"Rules": [{"Status": "Enabled", "Prefix": "a", "Expiration": {"Days": 1}}]},
)
got = s3.get_bucket_lifecycle_configuration(**B)
assert got["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class" and len(got["Rules"][0]["ID"]) == 48, got
assert got["Rules"][0]["Prefix"] == "a" and "Filter" not in got["Rules"][0], got


def bad_rule(code, message, **rule):
    given = {"Status": "Enabled", "Filter": {"Prefix": "p"}, **rule}
    given = {key: value for key, value in given.items() if value is not None}
    refused(code, s3.put_bucket_lifecycle_configuration, message, **B, LifecycleConfiguration={"Rules": [given]})


at_noon = datetime.datetime(2030, 1, 1, 12, tzinfo=datetime.timezone.utc)
midnight = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
tag = {"Key": "k", "Value": "v"}
bad_rule("MalformedXML", None, Status="enabled", Expiration={"Days": 1})
bad_rule("InvalidRequest", "At least one action needs to be specified in a rule")
bad_rule("InvalidArgument", "'Days' for Expiration action must be a positive integer", Expiration={"Days": 0})
bad_rule("InvalidArgument", "'Date' must be at midnight GMT", Expiration={"Date": at_noon})
bad_rule("MalformedXML", None, Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True})
bad_rule("InvalidArgument", "ID length should not exceed allowed limit of 255", ID="a" * 256, Expiration={"Days": 1})
bad_rule("InvalidRequest", "Base level prefix cannot be used in Lifecycle V2", Prefix="p", Expiration={"Days": 1})
bad_rule("MalformedXML", None, Filter=None, Expiration={"Days": 1})
bad_rule("MalformedXML", None, Filter={"Prefix": "a", "Tag": tag}, Expiration={"Days": 1})
bad_rule("MalformedXML", None, Filter={"And": {"Prefix": "a"}}, Expiration={"Days": 1})
bad_rule("InvalidRequest", "Duplicate Tag Keys are not allowed.", Filter={"And": {"Tags": [tag, tag]}}, Expiration={"Days": 1})
bad_rule("InvalidRequest", "'ObjectSizeLessThan' has to be a value greater than",
         Filter={"And": {"ObjectSizeGreaterThan": 5, "ObjectSizeLessThan": 5}}, Expiration={"Days": 1})
bad_rule("InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Tags.", Filter={"Tag": tag},
         AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})
bad_rule("InvalidArgument", "must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
         Transitions=[{"Days": 29, "StorageClass": "STANDARD_IA"}])
bad_rule("MalformedXML", None, Transitions=[{"Days": 29, "StorageClass": "STANDARD"}])
bad_rule("InvalidRequest", "'StorageClass' must be different",
         Transitions=[{"Days": 31, "StorageClass": "GLACIER"}, {"Days": 99, "StorageClass": "GLACIER"}])
bad_rule("InvalidArgument", "must be 30 days more than",
         Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 59, "StorageClass": "GLACIER"}])
bad_rule("InvalidArgument", "for filter '(prefix=p)' must be greater than 'Days' in the Transition action",
         Expiration={"Days": 5}, Transitions=[{"Days": 5, "StorageClass": "GLACIER"}])
bad_rule("InvalidRequest", "Found mixed 'Date' and 'Days'", Expiration={"Date": midnight},
         Transitions=[{"Days": 5, "StorageClass": "GLACIER"}])
bad_rule("InvalidArgument", "NoncurrentDays", NoncurrentVersionExpiration={"NoncurrentDays": 0})
same = [{"ID": "a", "Status": "Enabled", "Prefix": prefix, "Expiration": {"Days": 1}} for prefix in "xy"]
refused("InvalidArgument", s3.put_bucket_lifecycle_configuration, "Rule ID must be unique", **B, LifecycleConfiguration={"Rules": same})
over = [{"Status": "Enabled", "Prefix": prefix, "Expiration": {"Days": 1}} for prefix in ["x", "xy"]]
refused("InvalidRequest", s3.put_bucket_lifecycle_configuration, "Found overlapping prefixes 'x' and 'xy'", **B, LifecycleConfiguration={"Rules": over})
many = [{"Status": "Enabled", "Filter": {"Prefix": str(n)}, "Expiration": {"Days": 1}} for n in range(1001)]
refused("MalformedXML", s3.put_bucket_lifecycle_configuration, **B, LifecycleConfiguration={"Rules": many})
s3.put_bucket_lifecycle_configuration(**B, LifecycleConfiguration={"Rules": many[:1000]})
assert len(s3.get_bucket_lifecycle_configuration(**B)["Rules"]) == 1000
refused("AccessDenied", s3.get_bucket_lifecycle_configuration, **B, ExpectedBucketOwner="444455556666")
s3.delete_bucket_lifecycle(**B)
s3.delete_bucket_lifecycle(**B)
refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, **B)

# CORS.
refused("NoSuchCORSConfiguration", s3.get_bucket_cors, **B)
rules = [
    {"ID": "r", "AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["http://*.example.com"], "AllowedHeaders": ["x-amz-*"],
     "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 3000},
    {"AllowedMethods": ["HEAD"], "AllowedOrigins": ["*"]},
]
s3.put_bucket_cors(**B, CORSConfiguration={"CORSRules": rules})
assert s3.get_bucket_cors(**B)["CORSRules"] == rules, s3.get_bucket_cors(**B)
for code, message, rule in [
    ("InvalidRequest", "Unsupported method is PATCH", {"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}),
    ("InvalidRequest", "can not have more than one wildcard", {"AllowedMethods": ["GET"], "AllowedOrigins": ["*.*"]}),
    ("InvalidRequest", "do not support wildcard for ExposeHeader", {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "ExposeHeaders": ["x*"]}),
    ("MalformedXML", None, {"AllowedMethods": ["GET"], "AllowedOrigins": []}),
]:
    refused(code, s3.put_bucket_cors, message, **B, CORSConfiguration={"CORSRules": [rule]})
s3.delete_bucket_cors(**B)
refused("NoSuchCORSConfiguration", s3.get_bucket_cors, **B)

# Notifications.
assert plain(s3.get_bucket_notification_configuration(**B)) == {}
queue, topic, function = (
    f"arn:aws:sqs:us-east-1:{OWNER}:q", f"arn:aws:sns:us-east-1:{OWNER}:t", f"arn:aws:lambda:us-east-1:{OWNER}:function:f"
)
filtered = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "a/"}, {"Name": "suffix", "Value": ".jpg"}]}}
# Nobody looks for the destinations: there are none here.
unseen = {**B, "SkipDestinationValidation": True}
s3.put_bucket_notification_configuration(**unseen, NotificationConfiguration={
    "QueueConfigurations": [{"Id": "q", "QueueArn": queue, "Events": ["s3:ObjectCreated:*"], "Filter": filtered}],
    "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectRemoved:Delete", "s3:ObjectTagging:*"]}],
    "LambdaFunctionConfigurations": [{"LambdaFunctionArn": function, "Events": ["s3:ObjectRestore:Post"]}],
    "EventBridgeConfiguration": {},
})
got = plain(s3.get_bucket_notification_configuration(**B))
assert got["EventBridgeConfiguration"] == {} and got["QueueConfigurations"][0]["Id"] == "q", got
assert got["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"][0] == {"Name": "Prefix", "Value": "a/"}, got
assert len(got["TopicConfigurations"][0]["Id"]) == 48 and got["LambdaFunctionConfigurations"][0]["Id"], got


def bad_queues(message, *queues):
    given = [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"], **own} for own in queues]
    refused("InvalidArgument", s3.put_bucket_notification_configuration, message, **B,
            NotificationConfiguration={"QueueConfigurations": given})


def suffix(value):
    return {"Key": {"FilterRules": [{"Name": "Suffix", "Value": value}]}}


bad_queues("The ARN is not well formed", {"QueueArn": "arn:aws:sns:us-east-1:111122223333:t"})
bad_queues("The notification destination service region is not valid", {"QueueArn": f"arn:aws:sqs:eu-west-1:{OWNER}:q"})
bad_queues("A specified event is not supported for notifications.", {"Events": ["s3:Nothing"]})
bad_queues("Configurations overlap.", {}, {"Events": ["s3:ObjectCreated:Put"]})
bad_queues("Configuration is ambiguously defined.", {"Filter": suffix(".jpg")}, {"Filter": suffix("g")})
bad_queues("filter rule name must be either prefix or suffix", {"Filter": {"Key": {"FilterRules": [{"Name": "x", "Value": "y"}]}}})
bad_queues("Cannot specify more than one prefix rule in a filter.",
           {"Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "y"}, {"Name": "Prefix", "Value": "z"}]}}})
bad_queues("Same ID used for multiple configurations. IDs must be unique.",
           {"Id": "x", "Filter": suffix("a")}, {"Id": "x", "Filter": suffix("b")})
bad_queues("Unable to validate the following destination configurations", {})
assert plain(s3.get_bucket_notification_configuration(**B)) == got, "what was refused changed nothing"
s3.put_bucket_notification_configuration(**unseen, NotificationConfiguration={
    "QueueConfigurations": [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"], "Filter": suffix(end)} for end in [".a", ".b"]],
})
s3.put_bucket_notification_configuration(**B, NotificationConfiguration={})
assert plain(s3.get_bucket_notification_configuration(**B)) == {}

# Website.
refused("NoSuchWebsiteConfiguration", s3.get_bucket_website, **B)
website = {
    "IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"},
    "RoutingRules": [{"Condition": {"KeyPrefixEquals": "a/"}, "Redirect": {"ReplaceKeyPrefixWith": "b/", "HttpRedirectCode": "302", "Protocol": "https"}}],
}
s3.put_bucket_website(**B, WebsiteConfiguration=website)
assert plain(s3.get_bucket_website(**B)) == website, s3.get_bucket_website(**B)
for code, given in [
    ("InvalidArgument", {"ErrorDocument": {"Key": "e"}}),
    ("InvalidArgument", {"IndexDocument": {"Suffix": "a/b"}}),
    ("InvalidRequest", {"RedirectAllRequestsTo": {"HostName": "h", "Protocol": "ftp"}}),
    ("InvalidRequest", {"RedirectAllRequestsTo": {"HostName": "h"}, "IndexDocument": {"Suffix": "i"}}),
]:
    refused(code, s3.put_bucket_website, **B, WebsiteConfiguration=given)
s3.put_bucket_website(**B, WebsiteConfiguration={"RedirectAllRequestsTo": {"HostName": "h"}})
assert plain(s3.get_bucket_website(**B)) == {"RedirectAllRequestsTo": {"HostName": "h"}}
s3.delete_bucket_website(**B)
refused("NoSuchWebsiteConfiguration", s3.get_bucket_website, **B)

# Logging.
assert plain(s3.get_bucket_logging(**B)) == {}
s3.create_bucket(Bucket="logs")
logging = {"TargetBucket": "logs", "TargetPrefix": "p/", "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}}
s3.put_bucket_logging(**B, BucketLoggingStatus={"LoggingEnabled": logging})
assert s3.get_bucket_logging(**B)["LoggingEnabled"] == logging, s3.get_bucket_logging(**B)
refused("InvalidTargetBucketForLogging", s3.put_bucket_logging, "The target bucket for logging does not exist", **B,
        BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "none", "TargetPrefix": ""}})
s3.put_bucket_logging(**B, BucketLoggingStatus={})
assert plain(s3.get_bucket_logging(**B)) == {}

# Acceleration and payment.
assert plain(s3.get_bucket_accelerate_configuration(**B)) == {}
s3.put_bucket_accelerate_configuration(**B, AccelerateConfiguration={"Status": "Suspended"})
assert s3.get_bucket_accelerate_configuration(**B)["Status"] == "Suspended"
refused("MalformedXML", s3.put_bucket_accelerate_configuration, **B, AccelerateConfiguration={"Status": "On"})
s3.create_bucket(Bucket="with.period")
refused("InvalidRequest", s3.put_bucket_accelerate_configuration, Bucket="with.period", AccelerateConfiguration={"Status": "Enabled"})
assert s3.get_bucket_request_payment(**B)["Payer"] == "BucketOwner"
s3.put_bucket_request_payment(**B, RequestPaymentConfiguration={"Payer": "Requester"})
assert s3.get_bucket_request_payment(**B)["Payer"] == "Requester"
refused("MalformedXML", s3.put_bucket_request_payment, **B, RequestPaymentConfiguration={"Payer": "Nobody"})

# Encryption.
default = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}
assert s3.get_bucket_encryption(**B)["ServerSideEncryptionConfiguration"] == default
for by, key in [({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/a"}, True), ({"SSEAlgorithm": "aws:kms:dsse"}, False)]:
    given = {"Rules": [{"ApplyServerSideEncryptionByDefault": by, "BucketKeyEnabled": key}]}
    s3.put_bucket_encryption(**B, ServerSideEncryptionConfiguration=given)
    assert s3.get_bucket_encryption(**B)["ServerSideEncryptionConfiguration"] == given
for code, rules in [
    ("MalformedXML", [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "ROT13"}}]),
    ("MalformedXML", default["Rules"] * 2),
    ("InvalidArgument", [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256", "KMSMasterKeyID": "k"}}]),
]:
    refused(code, s3.put_bucket_encryption, **B, ServerSideEncryptionConfiguration={"Rules": rules})
s3.delete_bucket_encryption(**B)
assert s3.get_bucket_encryption(**B)["ServerSideEncryptionConfiguration"] == default

# Replication, which wants versions.
refused("ReplicationConfigurationNotFoundError", s3.get_bucket_replication, **B)
replication = {"Role": f"arn:aws:iam::{OWNER}:role/r", "Rules": [
    {"Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
     "Destination": {"Bucket": "arn:aws:s3:::logs"}},
]}
refused("InvalidRequest", s3.put_bucket_replication, "Versioning must be 'Enabled'", **B, ReplicationConfiguration=replication)
s3.delete_bucket_replication(**B)

# Those with ids.
export = {"DataExport": {"OutputSchemaVersion": "V_1", "Destination": {"S3BucketDestination": {
    "Format": "CSV", "Bucket": "arn:aws:s3:::logs", "BucketAccountId": OWNER, "Prefix": "p"}}}}
inventory = {
    "Id": "i", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Weekly"}, "Filter": {"Prefix": "d/"},
    "OptionalFields": ["Size", "ETag"],
    "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::logs", "Format": "Parquet", "Encryption": {"SSES3": {}}}},
}
kinds = [
    ("analytics", "Analytics", {"Id": "a", "StorageClassAnalysis": export, "Filter": {"And": {"Prefix": "d", "Tags": [tag]}}}),
    ("metrics", "Metrics", {"Id": "m", "Filter": {"Tag": tag}}),
    ("inventory", "Inventory", inventory),
    ("intelligent_tiering", "IntelligentTiering",
     {"Id": "t", "Status": "Enabled", "Filter": {"Prefix": "d"},
      "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}, {"Days": 180, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]}),
]
for name, kind, given in kinds:
    put, get, delete = (getattr(s3, f"{verb}_bucket_{name}_configuration") for verb in ["put", "get", "delete"])
    page = getattr(s3, f"list_bucket_{name}_configurations")
    member = f"{kind}Configuration"
    listed = f"{kind}ConfigurationList"
    refused("NoSuchConfiguration", get, **B, Id=given["Id"])
    assert plain(page(**B)) == {"IsTruncated": False}, page(**B)
    put(**B, Id=given["Id"], **{member: given})
    assert get(**B, Id=given["Id"])[member] == given, (get(**B, Id=given["Id"]), given)
    refused("InvalidArgument", put, **B, Id="other", **{member: given})
    refused("AccessDenied", get, **B, Id=given["Id"], ExpectedBucketOwner="444455556666")
    refused("InvalidConfigurationId", put, **B, Id="a b", **{member: {**given, "Id": "a b"}})
    for number in range(100):
        put(**B, Id=f"n{number:03}", **{member: {**given, "Id": f"n{number:03}"}})
    first = page(**B)
    assert first["IsTruncated"] and len(first[listed]) == 100, first
    second = page(**B, ContinuationToken=first["NextContinuationToken"])
    assert not second["IsTruncated"] and second["ContinuationToken"] == first["NextContinuationToken"], second
    ids = [own["Id"] for own in first[listed] + second[listed]]
    assert ids == sorted([given["Id"], *(f"n{number:03}" for number in range(100))]), ids
    delete(**B, Id=given["Id"])
    refused("NoSuchConfiguration", delete, **B, Id=given["Id"])
refused("InvalidArgument", s3.put_bucket_intelligent_tiering_configuration, **B, Id="t", IntelligentTieringConfiguration={
    "Id": "t", "Status": "Enabled", "Tierings": [{"Days": 89, "AccessTier": "ARCHIVE_ACCESS"}]})
refused("MalformedXML", s3.put_bucket_inventory_configuration, **B, Id="i", InventoryConfiguration={**inventory, "OptionalFields": ["Nothing"]})

# A bucket goes with its configurations.
s3.delete_bucket(**B)
s3.create_bucket(**B)
refused("NoSuchConfiguration", s3.get_bucket_metrics_configuration, **B, Id="n001")
assert s3.get_bucket_request_payment(**B)["Payer"] == "BucketOwner"
for name in ["docs", "logs", "with.period"]:
    s3.delete_bucket(Bucket=name)
