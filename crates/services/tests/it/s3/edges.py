"""What few programs do with S3: ACLs, archives, the newer checksums and settings, and headers in presigned URLs."""

import base64
import hashlib
import os
import time
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"{code} was expected")


s3 = boto3.client(
    "s3",
    endpoint_url=os.environ["SIDEGATE_ENDPOINT"],
    region_name="us-east-1",
    config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
)
s3.create_bucket(Bucket="docs", ObjectOwnership="ObjectWriter")

# ACLs.
s3.delete_public_access_block(Bucket="docs")
owner = s3.get_bucket_acl(Bucket="docs")["Owner"]
s3.put_object(Bucket="docs", Key="shared", Body=b"hello", ACL="public-read")
told = s3.get_object_acl(Bucket="docs", Key="shared")["Grants"]
assert [grant["Permission"] for grant in told] == ["FULL_CONTROL", "READ"], told
assert told[1]["Grantee"] == {"Type": "Group", "URI": EVERYONE}, told
policy = {"Owner": owner, "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "0" * 64}, "Permission": "WRITE_ACP"}]}
s3.put_object_acl(Bucket="docs", Key="shared", AccessControlPolicy=policy)
told = s3.get_object_acl(Bucket="docs", Key="shared")
assert told["Grants"] == policy["Grants"] and told["Owner"] == owner, told
s3.put_bucket_acl(Bucket="docs", GrantRead=f'uri="{EVERYONE}"', GrantFullControl=f'id="{owner["ID"]}"')
assert len(s3.get_bucket_acl(Bucket="docs")["Grants"]) == 2
refused("InvalidArgument", s3.put_bucket_acl, Bucket="docs", GrantRead='id="nobody"')
s3.put_bucket_acl(Bucket="docs", ACL="private")

# Archives.
s3.put_object(Bucket="docs", Key="old", Body=b"hello", StorageClass="GLACIER")
refused("InvalidObjectState", s3.get_object, Bucket="docs", Key="old")
request = {"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}}
assert s3.restore_object(Bucket="docs", Key="old", RestoreRequest=request)["ResponseMetadata"]["HTTPStatusCode"] == 202
until = time.time() + 20
while 'ongoing-request="false"' not in s3.head_object(Bucket="docs", Key="old")["Restore"]:
    assert time.time() < until, "it is restored in a second"
    time.sleep(0.2)
assert s3.get_object(Bucket="docs", Key="old")["Body"].read() == b"hello"

# A newer checksum.
sha512 = base64.b64encode(hashlib.sha512(b"hello").digest()).decode()
put = s3.put_object(Bucket="docs", Key="summed", Body=b"hello", ChecksumSHA512=sha512)
assert put["ChecksumSHA512"] == sha512, put
head = s3.head_object(Bucket="docs", Key="summed", ChecksumMode="ENABLED")
assert head["ChecksumSHA512"] == sha512 and head["ChecksumType"] == "FULL_OBJECT", head
attributes = s3.get_object_attributes(Bucket="docs", Key="summed", ObjectAttributes=["ETag", "Checksum", "ObjectSize"])
assert attributes["ETag"] == "5d41402abc4b2a76b9719d911017c592", attributes
assert attributes["Checksum"]["ChecksumSHA512"] == sha512 and attributes["ObjectSize"] == 5, attributes

# Keys of the customer that a bucket does not take.
rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False,
        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
s3.put_bucket_encryption(Bucket="docs", ServerSideEncryptionConfiguration={"Rules": [rule]})
assert s3.get_bucket_encryption(Bucket="docs")["ServerSideEncryptionConfiguration"]["Rules"] == [rule]

# A URL in whose query a header stands, as other SDKs make them.
url = s3.generate_presigned_url("get_object", Params={"Bucket": "docs", "Key": "summed"}, ExpiresIn=60)
assert urllib.request.urlopen(url).read() == b"hello"
assert s3.get_object(Bucket="docs", Key="summed", IfModifiedSince="2015-10-21T07:28:00Z")["Body"].read() == b"hello"

for entry in s3.list_objects_v2(Bucket="docs")["Contents"]:
    s3.delete_object(Bucket="docs", Key=entry["Key"])
s3.delete_bucket(Bucket="docs")
