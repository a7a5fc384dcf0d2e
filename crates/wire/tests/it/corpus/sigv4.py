#!/usr/bin/env python3
"""Writes sigv4.jsonl: requests signed by botocore, which the verifier of `sidegate_wire::sigv4` has to accept.

    python3 sigv4.py > sigv4.jsonl

Made with botocore 1.43.11. There is no network: the clients' requests are caught before they are sent.
"""

import base64
import datetime
import hashlib
import io
import json
import sys
from urllib.parse import urlsplit

import botocore.auth
import botocore.session
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth, _host_from_url
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials

NOW = 1767269045  # 2026-01-01T12:04:05Z
KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQD+/=="

botocore.auth.get_current_datetime = lambda *a, **k: datetime.datetime.fromtimestamp(
    NOW, datetime.timezone.utc
)

# What differs from run to run, and is never signed.
UNSIGNED = {"user-agent": "Botocore", "amz-sdk-invocation-id": "8d4fd772-0f94-4e1d-9dc2-c0d3677afeea"}

seen = 0


def emit(name, method, url, headers, body, region, service, key, payload="body"):
    """One line. `headers` is what goes over the wire."""
    global seen
    seen += 1
    parts = urlsplit(url)
    headers = [
        [k.lower(), UNSIGNED.get(k.lower()) or (v.decode("latin-1") if isinstance(v, bytes) else str(v))]
        for k, v in headers
    ]
    if not any(k == "host" for k, _ in headers):
        headers.insert(0, ["host", _host_from_url(url)])
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    json.dump(
        {
            "name": name,
            "method": method,
            "target": target,
            "headers": headers,
            "body": base64.b64encode(body).decode(),
            "now": NOW,
            "access_key": key.access_key,
            "secret": key.secret_key,
            "token": key.token,
            "region": region,
            "service": service,
            "presigned": "X-Amz-Signature=" in parts.query,
            "payload": payload,
        },
        sys.stdout,
    )
    sys.stdout.write("\n")


def raw(name, method, url, *, service, region="us-east-1", headers=(), body=b"", params=None,
        presign=None, token=None, signer=None):
    """A request signed by botocore's signer alone: forms that no client sends."""
    key = Credentials(KEY, SECRET, token)
    request = AWSRequest(method=method, url=url, data=body, params=params)
    for k, v in headers:
        request.headers[k] = v
    s3 = service == "s3"
    if presign is not None:
        (S3SigV4QueryAuth if s3 else SigV4QueryAuth)(key, service, region, expires=presign).add_auth(request)
    else:
        (S3SigV4Auth if s3 else SigV4Auth)(key, service, region).add_auth(request)
    prepared = request.prepare()
    sent = prepared.body or b""
    headers = list(request.headers.items())  # the prepared ones have lost what is repeated
    names = {k.lower() for k, _ in headers}
    headers += [(k, v) for k, v in prepared.headers.items() if k.lower() not in names]
    emit(name, method, prepared.url, headers, sent, region, service, key)


config_endpoint = {}


def client(service, region="us-east-1", token=None, **config):
    session = botocore.session.Session()
    made = session.create_client(
        service, region_name=region, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
        aws_session_token=token, config=Config(retries={"max_attempts": 0}, **config),
        **({"endpoint_url": config_endpoint[service]} if service in config_endpoint else {}),
    )
    made._caught = Credentials(KEY, SECRET, token)
    return made


def call(name, made, operation, **arguments):
    """What a real client sends for the operation."""
    caught = []

    def before_send(request, **_):
        caught.append(request)
        return AWSResponse(request.url, 400, {}, io.BytesIO(b""))

    made.meta.events.register_first("before-send", before_send)
    try:
        getattr(made, operation)(**arguments)
    except Exception as error:  # the answer above is none
        if not caught:
            raise error
    made.meta.events.unregister("before-send", before_send)
    request = caught[0]
    body = request.body or b""
    payload = "body"
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, (bytes, bytearray)):
        body = body.read()
    headers = list(request.headers.items())
    names = {k.lower(): v for k, v in headers}
    sha = names.get("x-amz-content-sha256", names.get("X-Amz-Content-SHA256"))
    if isinstance(sha, bytes):
        sha = sha.decode()
    if sha is not None and sha != hashlib.sha256(body).hexdigest():
        payload = "header"
    emit(name, request.method, request.url, headers, bytes(body),
         made._client_config.region_name, made._service_model.signing_name, made._caught, payload)


def signed_url(name, made, operation, method, expires=900, **arguments):
    """A presigned URL of a real client, fetched with no headers but those it signs."""
    url = made.generate_presigned_url(operation, Params=arguments, ExpiresIn=expires, HttpMethod=method)
    emit(name, method, url, [], b"", made._client_config.region_name,
         made._service_model.signing_name, made._caught)


S3 = "https://s3.us-east-1.amazonaws.com"
VHOST = "https://photos.s3.us-east-1.amazonaws.com"

# S3: the path as it is sent, encoded once and not normalised.
for label, path in {
    "a slash": "/", "a plain key": "/photos/cat.jpg", "a space": "/photos/a%20cat.jpg",
    "unicode": "/photos/%E3%82%AD%E3%83%BC.jpg", "doubled slashes": "/photos//a///b",
    "dots": "/photos/a/../b/./c", "an encoded percent": "/photos/100%25", "a plus": "/photos/a%2Bb",
    "a tilde": "/photos/~me", "an encoded slash": "/photos/a%2Fb", "a trailing slash": "/photos/dir/",
    "lower-case hex": "/photos/a%2bb%3d", "reserved characters": "/photos/a!b'c(d)*e",
    "an at sign": "/photos/a@b:c,d;e=f&g$h",
}.items():
    raw(f"s3: {label}", "GET", S3 + path, service="s3")
raw("s3: put", "PUT", VHOST + "/note.txt", service="s3", body=b"hello", headers=[("Content-Type", "text/plain")])
raw("s3: put of metadata with inner spaces", "PUT", VHOST + "/note.txt", service="s3", body=b"hello",
    headers=[("x-amz-meta-title", "  two   words  "), ("x-amz-meta-tab", "a\tb"), ("x-amz-acl", "private")])
raw("s3: delete", "DELETE", VHOST + "/note.txt", service="s3", token=TOKEN)
raw("s3: another port", "GET", "http://127.0.0.1:9000/photos/cat.jpg", service="s3", headers=[("Range", "bytes=0-9")])
raw("s3: parameters without a value", "GET", VHOST + "/?acl", service="s3")
raw("s3: an empty value", "GET", VHOST + "/?prefix=&delimiter=%2F&list-type=2", service="s3")
raw("s3: duplicate keys", "GET", VHOST + "/?b=2&a=z&b=1&a=y&A=0&aa=1", service="s3")
raw("s3: values with signs", "GET", VHOST + "/?prefix=a%20b%2Bc%3Dd~e%25f", service="s3")
raw("s3: an equals sign in a value", "GET", VHOST + "/?marker=a=b", service="s3")
raw("s3: parameters given apart", "GET", VHOST + "/", service="s3",
    params={"prefix": "a b+c/d", "delimiter": "/", "max-keys": "3", "key": "キー~"})
raw("s3: presigned", "GET", VHOST + "/cat.jpg", service="s3", presign=60)
raw("s3: presigned for a week", "GET", VHOST + "/cat.jpg", service="s3", presign=604800)
raw("s3: presigned with a token", "GET", VHOST + "/a%20b//c", service="s3", presign=60, token=TOKEN)
raw("s3: presigned with a header", "PUT", VHOST + "/cat.jpg", service="s3", presign=60, body=b"",
    headers=[("x-amz-acl", "public-read"), ("content-type", "image/jpeg")])
raw("s3: presigned with parameters", "GET", VHOST + "/cat.jpg?versionId=a%2Bb&response-content-type=a%2Fb",
    service="s3", presign=60)

# Others: the path normalised and encoded again.
LAMBDA = "https://lambda.eu-west-1.amazonaws.com"
for label, path in {
    "no path": "", "a plain path": "/2015-03-31/functions", "a trailing slash": "/2015-03-31/functions/",
    "doubled slashes": "/2015-03-31//functions///x", "dots": "/a/../b/./c", "only dots": "/..", "dots to the root": "/a/../",
    "dots beyond the root": "/../../a", "an ARN": "/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Af/policy",
    "a space": "/a%20b", "a plus": "/a+b", "a tilde": "/~a", "a percent": "/100%25", "unicode": "/%C3%A9",
    "encoded dots": "/a/%2E%2E/b", "reserved characters": "/a!b'c(d)*e:f@g",
}.items():
    raw(f"rest: {label}", "GET", LAMBDA + path, service="lambda", region="eu-west-1")
raw("rest: a body", "POST", LAMBDA + "/functions", service="lambda", region="eu-west-1", body=b'{"a":"\xc3\xa9"}',
    headers=[("Content-Type", "application/json"), ("User-Agent", "x"), ("X-Amzn-Trace-Id", "Root=1"), ("Expect", "100-continue")])
raw("rest: duplicate keys", "GET", LAMBDA + "/tags?tagKeys=b&tagKeys=a&z=&y", service="lambda", region="eu-west-1")
raw("rest: parameters given apart", "GET", LAMBDA + "/tags", service="lambda", region="eu-west-1",
    params={"MaxItems": "10", "Marker": "a b/c+d"})
raw("rest: a Date header", "GET", LAMBDA + "/functions", service="lambda", region="eu-west-1",
    headers=[("Date", "whenever")])
raw("rest: a repeated header", "GET", LAMBDA + "/functions", service="lambda", region="eu-west-1",
    headers=[("X-Amz-Two", "b"), ("X-Amz-Two", " a   c ")])
raw("rest: the hash of the body in a header", "POST", LAMBDA + "/functions", service="lambda", region="eu-west-1",
    body=b"{}", headers=[("X-Amz-Content-SHA256", hashlib.sha256(b"{}").hexdigest())])
raw("sts: presigned", "GET", "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
    service="sts", presign=60)
raw("sts: presigned with a header and a token", "GET",
    "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", service="sts", presign=60,
    token=TOKEN, headers=[("x-k8s-aws-id", "cluster")])

# What real clients send.
ec2 = client("ec2")
call("ec2 client: describe", ec2, "describe_vpc_endpoints", VpcEndpointIds=["vpce-1"], Filters=[{"Name": "tag:a b", "Values": ["c+d", "é"]}])
call("ec2 client: create", client("ec2", "eu-central-1", TOKEN), "create_vpc", CidrBlock="10.0.0.0/16")
sts = client("sts")
call("sts client: identity", sts, "get_caller_identity")
call("sts client: assume role", client("sts", token=TOKEN), "assume_role", RoleArn="arn:aws:iam::1:role/a b", RoleSessionName="me@x")
signed_url("sts client: presigned", sts, "get_caller_identity", "GET")
sm = client("secretsmanager", token=TOKEN)
call("secrets client: create", sm, "create_secret", Name="a/b", SecretString="péché", ClientRequestToken="a" * 32)
call("secrets client: list", client("secretsmanager"), "list_secrets")
call("sqs client: list", client("sqs"), "list_queues", QueueNamePrefix="a b")
call("kms client: describe", client("kms"), "describe_key", KeyId="alias/a")
call("lambda client: get", client("lambda"), "get_function", FunctionName="arn:aws:lambda:us-east-1:123456789012:function:f")
call("lambda client: tags", client("lambda"), "untag_resource", Resource="arn:aws:lambda:us-east-1:123456789012:function:f", TagKeys=["b c", "a+"])
call("events client: put", client("events"), "put_events", Entries=[{"Source": "a", "Detail": "{}", "DetailType": "b"}])
s3 = client("s3")
call("s3 client: list", s3, "list_objects_v2", Bucket="photos", Prefix="a b+c/~é", Delimiter="/")
call("s3 client: get", s3, "get_object", Bucket="photos", Key="a b//../c+d~é%/(1)!.txt", VersionId="a/b+c")
call("s3 client: put", s3, "put_object", Bucket="photos", Key="a", Body=b"hello", Metadata={"a": "b  c"}, Tagging="a=b&c=d")
call("s3 client: put unsigned", client("s3", s3={"payload_signing_enabled": False}, request_checksum_calculation="when_required"), "put_object", Bucket="photos", Key="a", Body=io.BytesIO(b"hello"))
call("s3 client: put with a token", client("s3", "eu-west-3", TOKEN), "put_object", Bucket="photos", Key="a", Body=b"x" * 700, StorageClass="STANDARD_IA")
config_endpoint["s3"] = "http://127.0.0.1:8080"
call("s3 client: put over plain HTTP", client("s3", s3={"addressing_style": "path"}), "put_object", Bucket="photos", Key="a b", Body=b"hello")
del config_endpoint["s3"]
call("s3 client: copy", s3, "copy_object", Bucket="photos", Key="b", CopySource={"Bucket": "photos", "Key": "a é"})
call("s3 client: delete many", s3, "delete_objects", Bucket="photos", Delete={"Objects": [{"Key": "a&<b>"}]})
call("s3 client: policy", s3, "put_bucket_policy", Bucket="photos", Policy='{"Version":"2012-10-17"}')
v4 = client("s3", token=TOKEN, signature_version="s3v4")
signed_url("s3 client: presigned get", v4, "get_object", "GET", Bucket="photos", Key="a b/é+~.txt", ResponseContentType="text/plain; charset=utf-8")
signed_url("s3 client: presigned put", v4, "put_object", "PUT", Bucket="photos", Key="a")
signed_url("s3 client: presigned list", v4, "list_objects_v2", "GET", Bucket="photos", Prefix="a/")

print(f"{seen} requests", file=sys.stderr)
