"""Unpacks the documents in an instance, and encrypts the confidential ones there, so that they leave it as ciphertext only.

    python3 prepare.py KEY DIRECTORY < documents.zip

The documents come as an archive at the standard input and are unpacked into the directory, which `aws s3 sync` then takes
to the bucket. What lies below `confidential/` is encrypted with the key, in the form that function/library.py describes: a
line of base64 for each 4,096 bytes, bound to its document and its place by the encryption context.
"""

import base64
import io
import pathlib
import sys
import zipfile

import boto3
from botocore.config import Config

# As much as KMS encrypts at a time.
PART = 4_096


def main(key, directory):
    """Makes the directory ready, and says how many documents were encrypted."""
    root = pathlib.Path(directory)
    zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())).extractall(root)
    kms = boto3.client("kms", config=Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2}))
    confidential = sorted(path for path in (root / "confidential").rglob("*") if path.is_file())
    for path in confidential:
        lines = encrypted(kms, key, path.relative_to(root).as_posix(), path.read_bytes())
        path.with_name(path.name + ".encrypted").write_text("".join(f"{line}\n" for line in lines))
        path.unlink()
    print(len(confidential))


def encrypted(kms, key, name, text):
    """The lines of an encrypted document."""
    parts = [text[at : at + PART] for at in range(0, len(text), PART)]
    for number, part in enumerate(parts, 1):
        context = {"document": name, "part": f"{number}/{len(parts)}"}
        answer = kms.encrypt(KeyId=key, Plaintext=part, EncryptionContext=context)
        yield base64.b64encode(answer["CiphertextBlob"]).decode()


if __name__ == "__main__":
    main(*sys.argv[1:])
