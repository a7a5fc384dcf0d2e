//! Encryption, decryption, data keys and random bytes.

use serde_json::json;

use super::*;

#[test]
fn what_a_key_encrypts_is_decrypted_in_its_context_and_by_no_other_key() {
    let world = World::new();
    let (key, other) = (world.key(&json!({})), world.key(&json!({})));
    let context = json!({"purpose": "test", "a": "b"});
    let sealed =
        world.ok("Encrypt", &json!({"KeyId": key, "Plaintext": base64("hello"), "EncryptionContext": context}));
    assert_eq!((&sealed["KeyId"], &sealed["EncryptionAlgorithm"]), (&json!(key), &json!("SYMMETRIC_DEFAULT")));
    let text = &sealed["CiphertextBlob"];
    let opened = world.ok("Decrypt", &json!({"CiphertextBlob": text, "EncryptionContext": context}));
    assert_eq!((bytes(&opened["Plaintext"]), &opened["KeyId"]), (b"hello".to_vec(), &json!(key)));
    let material = &world.ok("DescribeKey", &id(&key))["KeyMetadata"]["CurrentKeyMaterialId"];
    assert_eq!(&opened["KeyMaterialId"], material);
    let refused = |more: &Value| world.refused("Decrypt", &with(&json!({"CiphertextBlob": text}), more));
    assert_eq!(refused(&json!({})), ("InvalidCiphertextException".to_owned(), String::new()));
    assert_eq!(refused(&json!({"EncryptionContext": {"purpose": "Test", "a": "b"}})).0, "InvalidCiphertextException");
    let wrong = refused(&json!({"EncryptionContext": context, "KeyId": other}));
    let message = "The key ID in the request does not identify a CMK that can perform this operation.";
    assert_eq!(wrong, ("IncorrectKeyException".to_owned(), message.to_owned()));
    assert_eq!(world.refused("Decrypt", &json!({"CiphertextBlob": base64("none")})).0, "InvalidCiphertextException");
    let with_key = json!({"CiphertextBlob": base64("none"), "KeyId": key});
    assert_eq!(world.refused("Decrypt", &with_key).0, "InvalidCiphertextException");
    assert_eq!(world.refused("Decrypt", &json!({"CiphertextBlob": ""})).0, "ValidationException");
}

#[test]
fn plaintexts_have_the_lengths_that_aws_says() {
    let world = World::new();
    let key = world.key(&json!({}));
    let rsa = world.key(&json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}));
    let encrypt = |key: &str, length: usize, algorithm: &str| {
        let asked = json!({"KeyId": key, "Plaintext": base64(vec![1; length]), "EncryptionAlgorithm": algorithm});
        world.call(OWNER, &all("kms:*"), "Encrypt", &asked)
    };
    assert_eq!(encrypt(&key, 4096, "SYMMETRIC_DEFAULT").0, 200);
    let message = "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length \
                   less than or equal to 4096";
    assert_eq!(error(&encrypt(&key, 4097, "SYMMETRIC_DEFAULT")).1, message);
    assert_eq!(encrypt(&key, 0, "SYMMETRIC_DEFAULT").0, 400);
    assert_eq!(encrypt(&rsa, 190, "RSAES_OAEP_SHA_256").0, 200);
    let message = "Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.";
    assert_eq!(error(&encrypt(&rsa, 191, "RSAES_OAEP_SHA_256")), ("ValidationException".into(), message.into()));
    let message = "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.";
    assert_eq!(error(&encrypt(&rsa, 1, "SYMMETRIC_DEFAULT")), ("InvalidKeyUsageException".into(), message.into()));
}

#[test]
fn a_public_key_encrypts_and_its_key_decrypts_if_it_is_named() {
    let world = World::new();
    let rsa = world.key(&json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}));
    for algorithm in ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] {
        let asked = json!({"KeyId": rsa, "EncryptionAlgorithm": algorithm});
        let sealed = world.ok("Encrypt", &with(&asked, &json!({"Plaintext": base64("hello")})));
        let text = json!({"CiphertextBlob": sealed["CiphertextBlob"]});
        let opened = world.ok("Decrypt", &with(&asked, &text));
        assert_eq!(bytes(&opened["Plaintext"]), b"hello");
        assert!(opened.get("KeyMaterialId").is_none());
        let unnamed = with(&text, &json!({"EncryptionAlgorithm": algorithm}));
        assert_eq!(world.refused("Decrypt", &unnamed).0, "ValidationException");
        let in_context = with(&asked, &json!({"Plaintext": base64("x"), "EncryptionContext": {"a": "b"}}));
        assert_eq!(world.refused("Encrypt", &in_context).0, "ValidationException");
    }
}

#[test]
fn data_keys_come_in_the_clear_and_encrypted_and_no_two_are_the_same() {
    let world = World::new();
    let key = world.key(&json!({}));
    let ask = |more: &Value| with(&json!({"KeyId": key, "EncryptionContext": {"a": "b"}}), more);
    for (more, length) in [
        (json!({"KeySpec": "AES_256"}), 32),
        (json!({"KeySpec": "AES_128"}), 16),
        (json!({"NumberOfBytes": 1024}), 1024),
    ] {
        let made = world.ok("GenerateDataKey", &ask(&more));
        let plain = bytes(&made["Plaintext"]);
        let again = bytes(&world.ok("GenerateDataKey", &ask(&more))["Plaintext"]);
        assert!(plain.len() == length && plain != again);
        let opened =
            world.ok("Decrypt", &json!({"CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": {"a": "b"}}));
        assert_eq!((bytes(&opened["Plaintext"]), &opened["KeyMaterialId"]), (plain, &made["KeyMaterialId"]));
        let without = world.ok("GenerateDataKeyWithoutPlaintext", &ask(&more));
        assert!(without.get("Plaintext").is_none() && without["CiphertextBlob"].is_string());
    }
    let message = "Please specify either number of bytes or key spec.";
    for more in [json!({}), json!({"KeySpec": "AES_256", "NumberOfBytes": 32})] {
        assert_eq!(world.refused("GenerateDataKey", &ask(&more)), ("ValidationException".into(), message.into()));
    }
    assert_eq!(world.refused("GenerateDataKey", &ask(&json!({"NumberOfBytes": 1025}))).0, "ValidationException");
    assert_eq!(world.refused("GenerateDataKey", &ask(&json!({"KeySpec": "AES_512"}))).0, "ValidationException");
    assert_eq!(
        world.refused("GenerateDataKey", &ask(&json!({"KeySpec": "AES_256", "Recipient": {}}))).0,
        "NotImplemented"
    );
}

#[test]
fn a_ciphertext_moves_to_another_key_and_context() {
    let world = World::new();
    let (from, to) = (world.key(&json!({})), world.key(&json!({})));
    let rsa = world.key(&json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}));
    let sealed =
        world.ok("Encrypt", &json!({"KeyId": from, "Plaintext": base64("hello"), "EncryptionContext": {"a": "1"}}));
    let moving = json!({
        "CiphertextBlob": sealed["CiphertextBlob"], "SourceEncryptionContext": {"a": "1"}, "DestinationKeyId": to,
        "DestinationEncryptionContext": {"b": "2"},
    });
    let (answer, asked) =
        world.call_as(&format!("arn:aws:iam::{OWNER}:user/caller"), &all("kms:*"), "ReEncrypt", &moving);
    let moved = answer.1;
    assert_eq!((&moved["SourceKeyId"], &moved["KeyId"]), (&json!(from), &json!(to)));
    assert!(moved["SourceKeyMaterialId"] != moved["DestinationKeyMaterialId"]);
    let actions: Vec<_> = asked.iter().map(|own| (own.action.as_str(), own.resource.as_str())).collect();
    assert_eq!(actions, [("kms:ReEncryptFrom", from.as_str()), ("kms:ReEncryptTo", to.as_str())]);
    assert_eq!(value(&asked, 0, "kms:EncryptionContext:a").as_deref(), Some("1"));
    assert_eq!(value(&asked, 1, "kms:EncryptionContext:b").as_deref(), Some("2"));
    assert_eq!(value(&asked, 1, "kms:ReEncryptOnSameKey").as_deref(), Some("false"));
    let opened = json!({"CiphertextBlob": moved["CiphertextBlob"], "EncryptionContext": {"b": "2"}, "KeyId": to});
    assert_eq!(bytes(&world.ok("Decrypt", &opened)["Plaintext"]), b"hello");
    let to_rsa = json!({
        "CiphertextBlob": moved["CiphertextBlob"], "SourceEncryptionContext": {"b": "2"}, "DestinationKeyId": rsa,
        "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
    });
    let moved = world.ok("ReEncrypt", &to_rsa);
    let opened =
        json!({"CiphertextBlob": moved["CiphertextBlob"], "KeyId": rsa, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    assert_eq!(bytes(&world.ok("Decrypt", &opened)["Plaintext"]), b"hello");
}

#[test]
fn random_bytes_are_as_many_as_are_asked_for() {
    let world = World::new();
    let random = |number: i64| bytes(&world.ok("GenerateRandom", &json!({"NumberOfBytes": number}))["Plaintext"]);
    assert_eq!((random(1).len(), random(1024).len()), (1, 1024));
    assert_ne!(random(32), random(32));
    assert_eq!(world.refused("GenerateRandom", &json!({})).1, "NumberOfBytes is required.");
    assert_eq!(world.refused("GenerateRandom", &json!({"NumberOfBytes": 0})).0, "ValidationException");
}

#[test]
fn a_dry_run_says_what_would_be() {
    let world = World::new();
    let key = world.key(&json!({}));
    let asked = json!({"KeyId": key, "Plaintext": base64("x"), "DryRun": true});
    let message = "The request would have succeeded, but the DryRun option is set.";
    assert_eq!(world.refused("Encrypt", &asked), ("DryRunOperationException".into(), message.into()));
    let data_key = json!({"KeyId": key, "KeySpec": "AES_256", "DryRun": true});
    assert_eq!(world.refused("GenerateDataKey", &data_key).0, "DryRunOperationException");
    let unseen = json!({"KeyId": key, "DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]});
    assert_eq!(world.refused("Decrypt", &unseen).0, "DryRunOperationException");
    world.ok("DisableKey", &id(&key));
    assert_eq!(world.refused("Encrypt", &asked).0, "DisabledException");
    assert_eq!(error(&world.call(OWNER, &all("s3:*"), "Encrypt", &asked)).0, "AccessDeniedException");
}

#[test]
fn a_context_that_is_too_long_is_refused() {
    let world = World::new();
    let key = world.key(&json!({}));
    let context = json!({"a": "x".repeat(9000)});
    let asked = json!({"KeyId": key, "Plaintext": base64("x"), "EncryptionContext": context});
    assert_eq!(world.refused("Encrypt", &asked).0, "ValidationException");
}

#[test]
fn a_context_with_keys_that_differ_only_in_case_evades_no_policy() {
    let world = World::new();
    let key = world.key(&json!({}));
    let plain = json!({"KeyId": key, "Plaintext": base64("x")});
    let twins = with(&plain, &json!({"EncryptionContext": {"Dept": "IT", "dept": "HR"}}));
    assert_eq!(world.refused("Encrypt", &twins).0, "ValidationException");
    let condition = |effect: &str, operator: &str| {
        let test = json!({operator: {"kms:EncryptionContext:Dept": "IT"}});
        json!({"Effect": effect, "Action": "kms:*", "Resource": "*", "Condition": test})
    };
    for statement in [
        condition("Allow", "StringEquals"),
        json!([all("kms:*"), condition("Deny", "StringEquals")]),
        json!([all("kms:*"), condition("Deny", "StringNotEquals")]),
    ] {
        assert_eq!(world.call(OWNER, &statement, "Encrypt", &twins).0, 400, "{statement}");
        let data_key = json!({"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": {"Dept": "IT", "dept": "HR"}});
        assert_eq!(world.call(OWNER, &statement, "GenerateDataKey", &data_key).0, 400, "{statement}");
    }
    let one = with(&plain, &json!({"EncryptionContext": {"dept": "IT"}}));
    assert_eq!(world.call(OWNER, &condition("Allow", "StringEquals"), "Encrypt", &one).0, 200);
}

#[test]
fn a_dry_run_fails_as_the_operation_would() {
    let world = World::new();
    let dry = json!({"DryRun": true});
    let rsa = world.key(&json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}));
    let long = json!({"KeyId": rsa, "Plaintext": base64([0; 300]), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    assert_eq!(world.refused("Encrypt", &with(&long, &dry)).0, "ValidationException");
    let ec = world.key(&json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}));
    let digest = |length: usize| {
        json!({"KeyId": ec, "Message": base64(vec![0; length]), "MessageType": "DIGEST",
            "SigningAlgorithm": "ECDSA_SHA_256"})
    };
    assert_eq!(world.refused("Sign", &with(&digest(20), &dry)).0, "ValidationException");
    assert_eq!(world.refused("Sign", &with(&digest(32), &dry)).0, "DryRunOperationException");
    let wrong = with(&digest(32), &json!({"Signature": base64("none"), "DryRun": true}));
    assert_eq!(world.refused("Verify", &wrong).0, "KMSInvalidSignatureException");
    let hmac = world.key(&json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}));
    let asked = json!({"KeyId": hmac, "Message": base64("m"), "MacAlgorithm": "HMAC_SHA_256"});
    let mac = world.ok("GenerateMac", &asked)["Mac"].clone();
    let verified = |mac: &Value| world.refused("VerifyMac", &with(&with(&asked, &dry), &json!({"Mac": mac}))).0;
    assert_eq!(verified(&mac), "DryRunOperationException");
    assert_eq!(verified(&json!(base64("none"))), "KMSInvalidMacException");
    let agrees = world.key(&json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}));
    let asked = json!({"KeyId": agrees, "KeyAgreementAlgorithm": "ECDH", "PublicKey": base64("none")});
    assert_eq!(world.refused("DeriveSharedSecret", &with(&asked, &dry)).0, "ValidationException");
}
