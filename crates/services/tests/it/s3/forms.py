"""Forms as boto3 makes them, sent by a client that knows nothing of AWS."""

import html
import os
import urllib.error
import urllib.request
import uuid

import boto3
from botocore.config import Config

ENDPOINT = os.environ["SIDEGATE_ENDPOINT"]


def send(post, content, filename="a.txt", **more):
    boundary = uuid.uuid4().hex
    body = b""
    for name, value in {**post["fields"], **more}.items():
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'.encode()
    body += content + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    request = urllib.request.Request(post["url"], data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, html.unescape(error.read().decode())


def session(version):
    s3 = boto3.client(
        "s3", endpoint_url=ENDPOINT, region_name="us-east-1",
        config=Config(signature_version=version, s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )
    plain = boto3.client(
        "s3", endpoint_url=ENDPOINT, region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )
    plain.create_bucket(Bucket="docs")
    post = s3.generate_presigned_post("docs", "plain")
    assert send(post, b"hello") == (204, ""), send(post, b"hello")
    assert plain.get_object(Bucket="docs", Key="plain")["Body"].read() == b"hello"
    post = s3.generate_presigned_post("docs", "up/${filename}", ExpiresIn=60)
    assert send(post, os.urandom(3 << 20), filename="big")[0] == 204
    assert plain.head_object(Bucket="docs", Key="up/big")["ContentLength"] == 3 << 20
    fields = {"success_action_status": "201", "Content-Type": "text/x", "x-amz-meta-a": "b"}
    conditions = [{name: value} for name, value in fields.items()] + [["content-length-range", 1, 5]]
    post = s3.generate_presigned_post("docs", "with", Fields=fields, Conditions=conditions)
    status, document = send(post, b"12345")
    assert status == 201 and "<PostResponse>" in document and "<Key>with</Key>" in document, document
    head = plain.head_object(Bucket="docs", Key="with")
    assert head["ContentType"] == "text/x" and head["Metadata"] == {"a": "b"}, head
    assert "<Code>EntityTooLarge</Code>" in send(post, b"123456")[1]
    assert "<Code>EntityTooSmall</Code>" in send(post, b"")[1]
    assert "Extra input fields: x-amz-meta-c" in send(post, b"1", **{"x-amz-meta-c": "d"})[1]
    post["fields"]["key"] = "other"
    assert 'Policy Condition failed: ["eq", "$key", "with"]' in send(post, b"1")[1], send(post, b"1")
    post = s3.generate_presigned_post("docs", "late", ExpiresIn=-60)
    assert "Policy expired." in send(post, b"1")[1]
    for key in ["plain", "up/big", "with"]:
        plain.delete_object(Bucket="docs", Key=key)
    plain.delete_bucket(Bucket="docs")


session("s3v4")
session("s3")
