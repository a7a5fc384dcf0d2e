//! A real client, and what it makes of answers and errors; signatures are verified by an independent library.

use super::*;
use crate::client::{boto3, serve_to_user};

const SCRIPT: &str = r#"
import os
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

kms = boto3.client("kms", endpoint_url=os.environ["SIDEGATE_ENDPOINT"], region_name="us-east-1",
                   aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x",
                   config=Config(retries={"max_attempts": 0}))

key = kms.create_key(Description="d", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
assert key["KeyState"] == "Enabled" and key["CreationDate"].year >= 2024
kms.create_alias(AliasName="alias/app", TargetKeyId=key["KeyId"])
sealed = kms.encrypt(KeyId="alias/app", Plaintext=b"hello", EncryptionContext={"a": "b"})
opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"a": "b"})
assert opened["Plaintext"] == b"hello" and opened["KeyId"] == key["Arn"]
data = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")
assert len(data["Plaintext"]) == 32

def error(call, **parameters):
    try:
        call(**parameters)
    except ClientError as e:
        return e.response["Error"]["Code"], e
    raise AssertionError("it succeeded")

code, exception = error(kms.decrypt, CiphertextBlob=b"none")
assert code == "InvalidCiphertextException" and isinstance(exception, kms.exceptions.InvalidCiphertextException)
code, exception = error(kms.describe_key, KeyId="alias/none")
assert isinstance(exception, kms.exceptions.NotFoundException) and "is not found" in str(exception)
kms.disable_key(KeyId=key["KeyId"])
code, exception = error(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
assert isinstance(exception, kms.exceptions.DisabledException), code
kms.enable_key(KeyId=key["KeyId"])
for _ in range(3):
    kms.create_key()
pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}))
assert len(pages) >= 2 and key["KeyId"] in [k["KeyId"] for page in pages for k in page["Keys"]]
when = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)["DeletionDate"]
assert when.year >= 2024

import hashlib, hmac, shutil, subprocess, tempfile

if shutil.which("openssl") is None:
    print("skipped: there is no openssl")
    raise SystemExit

folder = tempfile.mkdtemp()

def file(name, content=None):
    path = os.path.join(folder, name)
    if content is not None:
        with open(path, "wb") as out:
            out.write(content)
    return path

def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout

def public_of(key):
    return file("public.der", kms.get_public_key(KeyId=key)["PublicKey"])

def verify(spec, algorithm):
    key = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    signed = kms.sign(KeyId=key, Message=b"message", SigningAlgorithm=algorithm)["Signature"]
    public, signature, message = public_of(key), file("signature", signed), file("message", b"message")
    if algorithm == "ED25519_SHA_512":
        openssl("pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", public, "-rawin", "-in", message,
                "-sigfile", signature)
        return
    padding = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] if "PSS" in algorithm else []
    openssl("dgst", "-sha" + algorithm[-3:], "-verify", public, "-keyform", "DER", *padding, "-signature", signature,
            message)

for spec, algorithm in [("RSA_2048", "RSASSA_PSS_SHA_256"), ("RSA_2048", "RSASSA_PSS_SHA_512"),
                        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_384"), ("RSA_3072", "RSASSA_PKCS1_V1_5_SHA_256"),
                        ("ECC_NIST_P256", "ECDSA_SHA_256"), ("ECC_NIST_P384", "ECDSA_SHA_384"),
                        ("ECC_NIST_P521", "ECDSA_SHA_512"), ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
                        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512")]:
    verify(spec, algorithm)

def sealed_for(public, name, content):
    return openssl("pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", public, "-in", file("plain", content),
                   "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:" + name,
                   "-pkeyopt", "rsa_mgf1_md:" + name)

key = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
for name, algorithm in [("sha1", "RSAES_OAEP_SHA_1"), ("sha256", "RSAES_OAEP_SHA_256")]:
    sealed = sealed_for(public_of(key), name, b"hello")
    opened = kms.decrypt(KeyId=key, CiphertextBlob=sealed, EncryptionAlgorithm=algorithm)
    assert opened["Plaintext"] == b"hello"

symmetric = kms.create_key()["KeyMetadata"]["KeyId"]
for spec in ["RSA_2048", "ECC_NIST_P256", "ECC_SECG_P256K1"]:
    pair = kms.generate_data_key_pair(KeyId=symmetric, KeyPairSpec=spec)
    private = file("private.der", pair["PrivateKeyPlaintext"])
    assert openssl("pkey", "-inform", "DER", "-in", private, "-pubout", "-outform", "DER") == pair["PublicKey"], spec

key = kms.create_key(KeySpec="ECC_NIST_P521", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
own = file("own.pem", openssl("ecparam", "-name", "secp521r1", "-genkey", "-noout"))
agreed = kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH",
                                  PublicKey=openssl("pkey", "-in", own, "-pubout", "-outform", "DER"))["SharedSecret"]
there = file("there.pem", openssl("pkey", "-pubin", "-inform", "DER", "-in", public_of(key), "-pubout"))
assert openssl("pkeyutl", "-derive", "-inkey", own, "-peerkey", there) == agreed

def parameters(key, algorithm):
    found = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048")
    return file("wrapping.der", found["PublicKey"]), found["ImportToken"]

def bring(key, token, sealed):
    kms.import_key_material(KeyId=key, ImportToken=token, EncryptedKeyMaterial=sealed,
                            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")

key = kms.create_key(Origin="EXTERNAL", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
wrapping, token = parameters(key, "RSAES_OAEP_SHA_256")
secret = os.urandom(32)
bring(key, token, sealed_for(wrapping, "sha256", secret))
mac = kms.generate_mac(KeyId=key, Message=b"message", MacAlgorithm="HMAC_SHA_256")["Mac"]
assert mac == hmac.new(secret, b"message", hashlib.sha256).digest()

key = kms.create_key(Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
wrapping, token = parameters(key, "RSA_AES_KEY_WRAP_SHA_256")
brought = file("brought.pem", openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"))
der = file("brought.der", openssl("pkcs8", "-topk8", "-nocrypt", "-in", brought, "-outform", "DER"))
aes = os.urandom(32)
wrapped = openssl("enc", "-e", "-id-aes256-wrap-pad", "-K", aes.hex(), "-iv", "A65959A6", "-in", der)
bring(key, token, sealed_for(wrapping, "sha256", aes) + wrapped)
assert openssl("pkey", "-in", brought, "-pubout", "-outform", "DER") == kms.get_public_key(KeyId=key)["PublicKey"]
shutil.rmtree(folder)
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_uses_keys_and_an_independent_library_verifies_what_they_sign() {
    let world = World::new();
    let port = serve_to_user(world.kms, OWNER).await;
    boto3(SCRIPT, port, &[]).await;
}
