"""The documents: listed and read from S3, and decrypted with KMS where their names end with `.encrypted`.

An object is read again only when its ETag has changed. What KMS decrypted is never kept, so a permission that is
withdrawn counts from the next question on.

An encrypted document is text: a line for each 4,096 bytes of the document, which is as much as KMS encrypts at a time.
Each line is the ciphertext in base64. The encryption context names the document and the part, so that a part of another
document, or in another place, is not decrypted.
"""

import base64
import binascii

from calls import Failure

ENCRYPTED = ".encrypted"
READ = (".md", ".txt")

# What is larger is left out, and so is what comes after so many documents.
LARGEST = 1_000_000
MOST = 1_000


class Library:
    """The documents of a bucket. Objects are kept over the invocations of one environment."""

    def __init__(self, calls):
        self._calls = calls
        self._objects = {}

    def documents(self, bucket, prefix="", key=None, fresh=False):
        """The text of each document by its name: the object's key without the prefix and without `.encrypted`."""
        if fresh:
            self._objects = {}
        listed = self._list(bucket, prefix)
        # What is no longer there is forgotten.
        self._objects = {place: kept for place, kept in self._objects.items() if place[0] == bucket and place[1] in listed}
        documents = {}
        for object_key, etag in listed.items():
            body = self._object(bucket, object_key, etag)
            name = object_key[len(prefix):]
            if name.endswith(ENCRYPTED):
                name = name[: -len(ENCRYPTED)]
                body = self._decrypt(name, object_key, body, key)
            documents[name] = body.decode("utf-8", errors="replace")
        return documents

    def _list(self, bucket, prefix):
        listed, more = {}, {}
        while True:
            page = self._calls.call("s3", "list_objects_v2", Bucket=bucket, Prefix=prefix, **more)
            for entry in page.get("Contents", []):
                plain = entry["Key"].removesuffix(ENCRYPTED)
                if plain.lower().endswith(READ) and 0 < entry["Size"] <= LARGEST and len(listed) < MOST:
                    listed[entry["Key"]] = entry["ETag"]
            if not page.get("IsTruncated") or len(listed) >= MOST:
                return listed
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _object(self, bucket, object_key, etag):
        kept = self._objects.get((bucket, object_key))
        if kept is None or kept[0] != etag:
            answer = self._calls.call("s3", "get_object", Bucket=bucket, Key=object_key)
            kept = (answer["ETag"], self._calls.read("s3", "GetObject", answer["Body"]))
            self._objects[(bucket, object_key)] = kept
        return kept[1]

    def _decrypt(self, name, object_key, body, key):
        parts = body.split()
        text = b""
        for number, part in enumerate(parts, 1):
            try:
                ciphertext = base64.b64decode(part, validate=True)
            except binascii.Error as error:
                raise Failure("function", "Decrypt", "InvalidDocument", f"{object_key}: {error}") from error
            context = {"document": name, "part": f"{number}/{len(parts)}"}
            named = {"KeyId": key} if key else {}
            answer = self._calls.call("kms", "decrypt", CiphertextBlob=ciphertext, EncryptionContext=context, **named)
            text += answer["Plaintext"]
        return text
