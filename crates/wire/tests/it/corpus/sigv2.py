#!/usr/bin/env python3
"""Writes sigv2.jsonl: URLs that botocore presigned with Signature Version 2, as boto3 and the AWS CLI do by default.

    python3 sigv2.py > sigv2.jsonl

Made with botocore 1.43.11. `bucket` is the one that the host names, if it names one; `headers` are those that whoever
uses the URL has to send.
"""

import json
import sys
from urllib.parse import urlsplit

import botocore.auth
import botocore.session
from botocore.config import Config
from botocore.credentials import Credentials

NOW = 1767269045  # 2026-01-01T12:04:05Z
KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQD+/=="


class Stopped:
    """The clock of botocore's signer."""

    time = staticmethod(lambda: NOW)


botocore.auth.time = Stopped


def client(token=None, style="auto", endpoint=None):
    session = botocore.session.Session()
    session._credentials = Credentials(KEY, SECRET, token)
    config = Config(s3={"addressing_style": style})
    return session.create_client("s3", region_name="us-east-1", endpoint_url=endpoint, config=config)


def emit(name, operation, parameters, headers=(), **where):
    made = client(**where)
    url = urlsplit(made.generate_presigned_url(operation, Params=parameters, ExpiresIn=600))
    host = url.netloc
    bucket = parameters.get("Bucket")
    line = {
        "name": name,
        "method": made.meta.service_model.operation_model(made.meta.method_to_api_mapping[operation]).http["method"],
        "target": (url.path or "/") + "?" + url.query,
        "headers": [["host", host], *map(list, headers)],
        "bucket": bucket if bucket and host.startswith(bucket + ".") else None,
        "now": NOW,
        "secret": SECRET,
        "token": where.get("token"),
    }
    assert "AWSAccessKeyId=" in url.query, url
    json.dump(line, sys.stdout, ensure_ascii=False)
    print()


odd = {"Bucket": "my-bucket", "Key": "dir//a b+ü~'(é)&=?#%41/../x"}
emit("virtual host", "get_object", {"Bucket": "my-bucket", "Key": "k"})
emit("path style", "get_object", {"Bucket": "my-bucket", "Key": "k"}, style="path")
emit("odd key", "get_object", odd)
emit("odd key in path style", "get_object", odd, style="path")
emit("dotted bucket", "get_object", {"Bucket": "my.bucket", "Key": "k"})
emit("endpoint", "get_object", odd, endpoint="http://127.0.0.1:4566")
overrides = {
    "ResponseContentType": "text/plain; charset=ü",
    "ResponseContentDisposition": 'attachment; filename="a b+c&d=e.txt"',
    "ResponseCacheControl": "no-cache",
    "ResponseContentEncoding": "identity",
    "ResponseContentLanguage": "de, en",
    "ResponseExpires": 1767269045,
    "VersionId": "null",
    "PartNumber": 3,
}
emit("overrides", "get_object", odd | overrides)
emit("checksum mode", "get_object", odd | {"ChecksumMode": "ENABLED"})
emit("token", "get_object", odd, token=TOKEN)
emit("head", "head_object", odd)
emit("delete", "delete_object", odd)
emit("list buckets", "list_buckets", {})
emit("list", "list_objects_v2", {"Bucket": "my-bucket", "Prefix": "a b/", "Delimiter": "/"})
emit("head bucket", "head_bucket", {"Bucket": "my-bucket"}, style="path")
emit("acl", "get_object_acl", odd)
emit("versioning", "get_bucket_versioning", {"Bucket": "my-bucket"})
emit("put", "put_object", odd)
described = {"ContentType": "text/plain; charset=utf-8", "ACL": "private", "Metadata": {"b": "c  d", "a": "1"}}
emit("put with headers", "put_object", odd | described, [("content-type", "text/plain; charset=utf-8")])
repeated = [("content-type", "text/plain; charset=utf-8"), ("x-amz-acl", "private"), ("x-amz-meta-a", "1")]
emit("put with headers sent as headers too", "put_object", odd | described, repeated)
emit("create upload", "create_multipart_upload", odd)
emit("part", "upload_part", odd | {"UploadId": "a_b.c-", "PartNumber": 10000})
emit("list parts", "list_parts", odd | {"UploadId": "a_b.c-"})
emit("tagging", "get_object_tagging", odd)
