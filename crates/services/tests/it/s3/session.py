"""What a program does with S3: every step fails loudly if the service answers otherwise than AWS.

It is done twice: over HTTP, where boto3 states checksums in headers, and over TLS, where it sends them as trailers.
"""

import asyncio
import hashlib
import io
import os
import shutil
import ssl
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request
import warnings

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

warnings.filterwarnings("ignore")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"{code} was expected")


def session(endpoint):
    sent = []
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        verify=False if endpoint.startswith("https") else None,
        # In us-east-1 boto3 still presigns by signature version 2 unless it is told otherwise.
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )
    s3.meta.events.register("before-send.s3", lambda request, **_: sent.append(request.headers.get("x-amz-trailer")))

    s3.create_bucket(Bucket="docs")
    assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == ["docs"]
    assert s3.get_bucket_location(Bucket="docs")["LocationConstraint"] is None
    refused("404", s3.head_object, Bucket="docs", Key="none")
    refused("NoSuchBucket", s3.get_object, Bucket="none", Key="none")

    # A plain object, with the checksum that the client adds by itself.
    put = s3.put_object(Bucket="docs", Key="a b/ä+&.txt", Body=b"hello", Metadata={"author": "Ada"}, ContentType="text/plain")
    assert put["ETag"] == '"5d41402abc4b2a76b9719d911017c592"', put
    got = s3.get_object(Bucket="docs", Key="a b/ä+&.txt")
    assert got["Body"].read() == b"hello" and got["Metadata"] == {"author": "Ada"} and got["ContentType"] == "text/plain"
    assert got["ChecksumCRC32"] == put["ChecksumCRC32"] == "NhCmhg==", (got, put)
    assert "ContentEncoding" not in got, got
    refused("PreconditionFailed", s3.put_object, Bucket="docs", Key="a b/ä+&.txt", Body=b"x", IfNoneMatch="*")

    # The transfer manager, in parts.
    data = os.urandom(1 << 20) * 20 + b"tail"
    transfer = TransferConfig(multipart_threshold=6 << 20, multipart_chunksize=6 << 20, max_concurrency=4)
    s3.upload_fileobj(io.BytesIO(data), "docs", "big", Config=transfer, ExtraArgs={"Metadata": {"kind": "big"}})
    head = s3.head_object(Bucket="docs", Key="big", ChecksumMode="ENABLED")
    assert head["ContentLength"] == len(data) and head["ETag"].endswith('-4"') and head["Metadata"] == {"kind": "big"}, head
    assert head["ChecksumType"] == "COMPOSITE" and head["ChecksumCRC32"].endswith("-4"), head
    back = io.BytesIO()
    s3.download_fileobj("docs", "big", back, Config=transfer)
    assert hashlib.sha256(back.getvalue()).digest() == hashlib.sha256(data).digest()
    attributes = s3.get_object_attributes(Bucket="docs", Key="big", ObjectAttributes=["ObjectParts", "ObjectSize", "Checksum"])
    assert attributes["ObjectSize"] == len(data) and attributes["ObjectParts"]["TotalPartsCount"] == 4, attributes
    whole = s3.get_object(Bucket="docs", Key="big", ChecksumMode="ENABLED")["Body"].read()
    assert whole == data
    second = s3.get_object(Bucket="docs", Key="big", PartNumber=2, ChecksumMode="ENABLED")
    assert second["PartsCount"] == 4 and second["Body"].read() == data[6 << 20 : 12 << 20]
    for asked, expected in [("bytes=0-99", data[:100]), ("bytes=-4", b"tail"), (f"bytes={(6 << 20) - 5}-{(6 << 20) + 4}", data[(6 << 20) - 5 : (6 << 20) + 5])]:
        part = s3.get_object(Bucket="docs", Key="big", Range=asked)
        assert part["ResponseMetadata"]["HTTPStatusCode"] == 206 and part["Body"].read() == expected, asked
    refused("InvalidRange", s3.get_object, Bucket="docs", Key="big", Range=f"bytes={len(data)}-")

    # Copies: at once, and in parts.
    s3.copy_object(Bucket="docs", Key="copy", CopySource={"Bucket": "docs", "Key": "a b/ä+&.txt"})
    assert s3.get_object(Bucket="docs", Key="copy")["Body"].read() == b"hello"
    s3.copy({"Bucket": "docs", "Key": "big"}, "docs", "big-copy", Config=transfer)
    assert s3.get_object(Bucket="docs", Key="big-copy")["Body"].read() == data

    # Every algorithm, in one request and in parts, with every kind.
    for algorithm in ["CRC32", "SHA1", "SHA256"]:
        put = s3.put_object(Bucket="docs", Key="sum", Body=b"hello", ChecksumAlgorithm=algorithm)
        assert f"Checksum{algorithm}" in put, put
    upload = s3.create_multipart_upload(Bucket="docs", Key="sum", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    tag = s3.upload_part(Bucket="docs", Key="sum", UploadId=upload["UploadId"], PartNumber=1, Body=b"hello")["ETag"]
    done = s3.complete_multipart_upload(
        Bucket="docs", Key="sum", UploadId=upload["UploadId"], MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]}
    )
    assert done["ChecksumType"] == "FULL_OBJECT" and done["ChecksumCRC32"] == "NhCmhg==", done
    assert s3.get_object(Bucket="docs", Key="sum", ChecksumMode="ENABLED")["Body"].read() == b"hello"

    # Presigned addresses, with a client that knows nothing of AWS.
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "docs", "Key": "a b/ä+&.txt"}, ExpiresIn=60)
    context = ssl._create_unverified_context()
    with urllib.request.urlopen(url, context=context) as response:
        assert response.read() == b"hello"
    # Where nothing before the service verifies, there is nobody to refuse it.
    if "SIDEGATE_UNVERIFIED" not in os.environ:
        try:
            urllib.request.urlopen(url.replace("X-Amz-Signature=", "X-Amz-Signature=0"), context=context)
        except urllib.error.HTTPError as error:
            assert 400 <= error.code < 404, error
        else:
            raise AssertionError("a forged signature was accepted")
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "docs", "Key": "presigned"}, ExpiresIn=60)
    urllib.request.urlopen(urllib.request.Request(url, data=b"by url", method="PUT"), context=context)
    assert s3.get_object(Bucket="docs", Key="presigned")["Body"].read() == b"by url"

    # Listings with pages and a delimiter.
    for name in ["x/1", "x/2", "y/1", "z", "with space/ä"]:
        s3.put_object(Bucket="docs", Key=f"list/{name}", Body=b"")
    keys, prefixes = [], []
    for page in s3.get_paginator("list_objects_v2").paginate(
        Bucket="docs", Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": 1}
    ):
        keys += [entry["Key"] for entry in page.get("Contents", [])]
        prefixes += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
    assert keys == ["list/z"] and prefixes == ["list/with space/", "list/x/", "list/y/"], (keys, prefixes)
    names = [o["Key"] for page in s3.get_paginator("list_objects").paginate(Bucket="docs", PaginationConfig={"PageSize": 3}) for o in page["Contents"]]
    assert len(names) == 11 and names == sorted(names, key=lambda name: name.encode()), names

    # Tags.
    s3.put_object_tagging(Bucket="docs", Key="copy", Tagging={"TagSet": [{"Key": "team", "Value": "a b"}]})
    assert s3.get_object_tagging(Bucket="docs", Key="copy")["TagSet"] == [{"Key": "team", "Value": "a b"}]

    # Deletion.
    refused("BucketNotEmpty", s3.delete_bucket, Bucket="docs")
    deleted = s3.delete_objects(Bucket="docs", Delete={"Objects": [{"Key": name} for name in names]})
    assert len(deleted["Deleted"]) == len(names) and "Errors" not in deleted, deleted
    assert s3.list_objects_v2(Bucket="docs")["KeyCount"] == 0
    s3.delete_bucket(Bucket="docs")
    refused("404", s3.head_bucket, Bucket="docs")
    assert (b"x-amz-checksum-crc32" in sent or "x-amz-checksum-crc32" in sent) == endpoint.startswith("https"), set(sent)


async def relay(source, target):
    try:
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
    except OSError:
        target.close()


def over_tls(endpoint, directory):
    """Puts TLS before the service, and returns its address."""
    key, certificate = f"{directory}/key.pem", f"{directory}/certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    host, port = endpoint.removeprefix("http://").split(":")

    async def serve(source, target):
        from_service, to_service = await asyncio.open_connection(host, int(port))
        forth = asyncio.create_task(relay(source, to_service))
        await relay(from_service, target)
        target.close()
        await forth
        to_service.close()

    # All in one thread: of two threads, one would close a socket in which the other still reads, and that one would go
    # on with the next connection that gets the number.
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    starting = asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    listener = asyncio.run_coroutine_threadsafe(starting, loop).result()
    return f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"


plain = os.environ["SIDEGATE_ENDPOINT"]
session(plain)
if shutil.which("openssl"):
    with tempfile.TemporaryDirectory() as directory:
        session(over_tls(plain, directory))
