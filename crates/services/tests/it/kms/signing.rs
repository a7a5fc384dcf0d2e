//! Signatures, message authentication codes, agreed secrets and data key pairs, verified outside of KMS where they can be.

use aws_lc_rs::agreement;
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use aws_lc_rs::{digest, hmac};
use serde_json::json;

use super::*;

const ALGORITHMS: [(&str, &str, &dyn VerificationAlgorithm); 8] = [
    ("RSA_2048", "RSASSA_PSS_SHA_256", &signature::RSA_PSS_2048_8192_SHA256),
    ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512", &signature::RSA_PKCS1_2048_8192_SHA512),
    ("ECC_NIST_P256", "ECDSA_SHA_256", &signature::ECDSA_P256_SHA256_ASN1),
    ("ECC_NIST_P384", "ECDSA_SHA_384", &signature::ECDSA_P384_SHA384_ASN1),
    ("ECC_NIST_P521", "ECDSA_SHA_512", &signature::ECDSA_P521_SHA512_ASN1),
    ("ECC_SECG_P256K1", "ECDSA_SHA_256", &signature::ECDSA_P256K1_SHA256_ASN1),
    ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", &signature::ED25519),
    ("ML_DSA_44", "ML_DSA_SHAKE_256", &signature::ML_DSA_44),
];

#[test]
fn a_signature_is_verified_by_kms_and_by_the_public_key() {
    let world = World::new();
    for (spec, algorithm, verification) in ALGORITHMS {
        let key = world.key(&json!({"KeySpec": spec, "KeyUsage": "SIGN_VERIFY"}));
        let asked = json!({"KeyId": key, "SigningAlgorithm": algorithm, "Message": base64("message")});
        let signed = world.ok("Sign", &asked);
        let public = world.ok("GetPublicKey", &id(&key));
        assert!(public["SigningAlgorithms"].as_array().unwrap().contains(&json!(algorithm)));
        let outside = UnparsedPublicKey::new(verification, bytes(&public["PublicKey"]));
        outside.verify(b"message", &bytes(&signed["Signature"])).unwrap();
        let given = json!({"Signature": signed["Signature"]});
        assert_eq!(world.ok("Verify", &with(&asked, &given))["SignatureValid"], json!(true));
        let other = with(&with(&asked, &given), &json!({"Message": base64("Message")}));
        assert_eq!(world.refused("Verify", &other), ("KMSInvalidSignatureException".into(), String::new()));
    }
}

#[test]
fn a_digest_is_signed_as_the_message_would_be() {
    let world = World::new();
    let key = world.key(&json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}));
    let digest = digest::digest(&digest::SHA256, b"message");
    let asked = json!({"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256"});
    let digested = with(&asked, &json!({"Message": base64(digest.as_ref()), "MessageType": "DIGEST"}));
    let signed = world.ok("Sign", &digested);
    let whole = with(&asked, &json!({"Message": base64("message"), "Signature": signed["Signature"]}));
    world.ok("Verify", &whole);
    let short = with(&asked, &json!({"Message": base64([0; 20]), "MessageType": "DIGEST"}));
    let refused = world.refused("Sign", &short);
    assert_eq!(refused.1, "Digest is invalid length for algorithm ECDSA_SHA_256.");
}

#[test]
fn a_key_does_what_it_is_for_by_the_algorithms_that_it_has() {
    let world = World::new();
    let encrypts = world.key(&json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}));
    let signs = world.key(&json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}));
    let symmetric = world.key(&json!({}));
    let sign = |key: &str, algorithm: &str| {
        world.refused("Sign", &json!({"KeyId": key, "SigningAlgorithm": algorithm, "Message": base64("m")}))
    };
    let message = format!("{encrypts} key usage is ENCRYPT_DECRYPT which is not valid for Sign.");
    assert_eq!(sign(&encrypts, "RSASSA_PSS_SHA_256"), ("InvalidKeyUsageException".into(), message));
    let message = "Algorithm RSASSA_PSS_SHA_256 is incompatible with key spec ECC_NIST_P256.";
    assert_eq!(sign(&signs, "RSASSA_PSS_SHA_256"), ("InvalidKeyUsageException".into(), message.into()));
    assert_eq!(sign(&signs, "SHA_256").0, "ValidationException");
    let message = format!("{signs} key usage is SIGN_VERIFY which is not valid for Encrypt.");
    assert_eq!(world.refused("Encrypt", &json!({"KeyId": signs, "Plaintext": base64("x")})).1, message);
    assert_eq!(world.refused("GetPublicKey", &id(&symmetric)).0, "UnsupportedOperationException");
    let data_key = json!({"KeyId": encrypts, "KeySpec": "AES_256"});
    assert_eq!(world.refused("GenerateDataKey", &data_key).0, "InvalidKeyUsageException");
    let long = json!({"KeyId": signs, "SigningAlgorithm": "ECDSA_SHA_256", "Message": base64(vec![0; 4097])});
    assert_eq!(world.refused("Sign", &long).0, "ValidationException");
    assert_eq!(world.refused("EnableKeyRotation", &id(&signs)).0, "UnsupportedOperationException");
}

#[test]
fn a_code_is_verified_by_its_key_alone() {
    let world = World::new();
    for (spec, algorithm, length) in [
        ("HMAC_224", "HMAC_SHA_224", 28),
        ("HMAC_256", "HMAC_SHA_256", 32),
        ("HMAC_384", "HMAC_SHA_384", 48),
        ("HMAC_512", "HMAC_SHA_512", 64),
    ] {
        let made = json!({"KeySpec": spec, "KeyUsage": "GENERATE_VERIFY_MAC"});
        let (key, other) = (world.key(&made), world.key(&made));
        let asked = |key: &str| json!({"KeyId": key, "MacAlgorithm": algorithm, "Message": base64("message")});
        let mac = world.ok("GenerateMac", &asked(&key))["Mac"].clone();
        assert_eq!(bytes(&mac).len(), length);
        assert_eq!(world.ok("VerifyMac", &with(&asked(&key), &json!({"Mac": mac})))["MacValid"], json!(true));
        let refused = world.refused("VerifyMac", &with(&asked(&other), &json!({"Mac": mac})));
        assert_eq!(refused, ("KMSInvalidMacException".into(), String::new()));
        let wrong = json!({"KeyId": key, "MacAlgorithm": if length == 32 { "HMAC_SHA_224" } else { "HMAC_SHA_256" },
            "Message": base64("m")});
        assert_eq!(world.refused("GenerateMac", &wrong).0, "InvalidKeyUsageException");
    }
}

#[test]
fn a_secret_is_agreed_on_with_a_key_outside() {
    let world = World::new();
    let key = world.key(&json!({"KeySpec": "ECC_NIST_P384", "KeyUsage": "KEY_AGREEMENT"}));
    let public = world.ok("GetPublicKey", &id(&key));
    assert_eq!(public["KeyAgreementAlgorithms"], json!(["ECDH"]));
    let own = agreement::PrivateKey::generate(&agreement::ECDH_P384).unwrap();
    let peer = agreement::UnparsedPublicKey::new(&agreement::ECDH_P384, bytes(&public["PublicKey"]));
    let expected = agreement::agree(&own, peer, (), |secret| Ok(secret.to_vec())).unwrap();
    let given: aws_lc_rs::encoding::PublicKeyX509Der<'_> =
        aws_lc_rs::encoding::AsDer::as_der(&own.compute_public_key().unwrap()).unwrap();
    let asked = json!({"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": base64(given.as_ref())});
    let agreed = world.ok("DeriveSharedSecret", &asked);
    assert_eq!((bytes(&agreed["SharedSecret"]), &agreed["KeyOrigin"]), (expected, &json!("AWS_KMS")));
    // A public key is a SubjectPublicKeyInfo: neither a bare point, nor one with anything after it.
    let point = own.compute_public_key().unwrap();
    let longer = [given.as_ref(), &[0]].concat();
    for other in [b"none".as_slice(), point.as_ref(), &longer] {
        let asked = with(&asked, &json!({"PublicKey": base64(other)}));
        assert_eq!(world.refused("DeriveSharedSecret", &asked).0, "ValidationException");
    }
}

#[test]
fn the_private_key_of_a_data_key_pair_is_the_one_that_is_encrypted() {
    let world = World::new();
    let key = world.key(&json!({}));
    for spec in ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"] {
        let asked = json!({"KeyId": key, "KeyPairSpec": spec, "EncryptionContext": {"a": "b"}});
        let pair = world.ok("GenerateDataKeyPair", &asked);
        let text = json!({"CiphertextBlob": pair["PrivateKeyCiphertextBlob"], "EncryptionContext": {"a": "b"}});
        assert_eq!(world.ok("Decrypt", &text)["Plaintext"], pair["PrivateKeyPlaintext"], "{spec}");
        assert_eq!(pair["KeyPairSpec"], json!(spec));
        let without = world.ok("GenerateDataKeyPairWithoutPlaintext", &asked);
        assert!(without.get("PrivateKeyPlaintext").is_none() && without["PublicKey"] != pair["PublicKey"]);
    }
    let asked = json!({"KeyId": key, "KeyPairSpec": "SM2"});
    assert_eq!(world.refused("GenerateDataKeyPair", &asked).0, "UnsupportedOperationException");
}

#[test]
fn a_code_of_imported_material_is_that_of_the_material() {
    let world = World::new();
    let key = world.key(&json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC", "Origin": "EXTERNAL"}));
    let secret = [7; 32];
    super::imports::import(&world, &key, &secret, &json!({"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}));
    let asked = json!({"KeyId": key, "MacAlgorithm": "HMAC_SHA_256", "Message": base64("message")});
    let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), b"message");
    assert_eq!(bytes(&world.ok("GenerateMac", &asked)["Mac"]), expected.as_ref());
}
