//! Keys that other services use in their callers' names.

use serde_json::json;
use sidegate_services::kms::{EncryptionContext, OnBehalf, UseError};

use super::*;

fn by(service: &'static str) -> ForwardedBy {
    ForwardedBy { service, region: "us-east-1".parse().unwrap() }
}

fn context() -> EncryptionContext {
    [("aws:s3:arn", "arn:aws:s3:::docs")].into_iter().collect()
}

#[test]
fn a_service_encrypts_and_decrypts_with_the_permissions_of_its_caller() {
    let world = World::new();
    let key = world.key(&json!({}));
    let keys = world.kms.keys();
    let who = format!("arn:aws:iam::{OWNER}:user/caller");
    let may = engine(
        &who,
        &json!({"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": key,
        "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}),
    );
    let caller = world.caller(&may.principal);
    let whom = OnBehalf { caller: &caller, authorizer: &may, by: by("s3") };
    let made = block_on(keys.generate_data_key(whom, &key, context())).unwrap();
    assert_eq!((made.key.as_str(), made.plaintext.len()), (key.as_str(), 32));
    let opened = block_on(keys.decrypt(whom, &made.ciphertext, context())).unwrap();
    assert_eq!((opened.key, opened.plaintext), (key.clone(), made.plaintext.clone()));
    let wrong = block_on(keys.decrypt(whom, &made.ciphertext, EncryptionContext::default())).unwrap_err();
    assert_eq!(wrong.code(), "InvalidCiphertextException");
    let asked = may.asked.lock().unwrap().clone();
    assert_eq!(value(&asked, 0, "kms:EncryptionContext:aws:s3:arn").as_deref(), Some("arn:aws:s3:::docs"));

    let whom = OnBehalf { by: by("dynamodb"), ..whom };
    let denied = block_on(keys.generate_data_key(whom, &key, context())).unwrap_err();
    assert!(matches!(denied, UseError::Denied(_)), "{denied}");
    assert!(denied.to_string().ends_with("because no identity-based policy allows the kms:GenerateDataKey action"));
    // What may be done through a service may not be done directly.
    let ((status, _), _) = world.call_as(
        &who,
        &json!({"Effect": "Allow", "Action": "kms:*", "Resource": key,
        "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}),
        "GenerateDataKey",
        &json!({"KeyId": key, "KeySpec": "AES_256"}),
    );
    assert_eq!(status, 400);
}

#[test]
fn the_key_of_a_service_is_there_for_whoever_uses_the_service_in_the_account() {
    let world = World::new();
    let keys = world.kms.keys();
    let nothing = engine(&format!("arn:aws:iam::{OWNER}:user/caller"), &all("s3:*"));
    let caller = world.caller(&nothing.principal);
    let whom = OnBehalf { caller: &caller, authorizer: &nothing, by: by("s3") };
    let made = block_on(keys.generate_data_key(whom, "alias/aws/s3", context())).unwrap();
    assert_eq!(block_on(keys.decrypt(whom, &made.ciphertext, context())).unwrap().plaintext, made.plaintext);
    let described = block_on(keys.describe(whom, "alias/aws/s3")).unwrap();
    assert_eq!((described.arn.as_str(), described.managed_by.as_deref()), (made.key.as_str(), Some("s3")));
    assert!(described.is_symmetric);
    let elsewhere = OnBehalf { by: by("secretsmanager"), ..whom };
    assert!(matches!(block_on(keys.decrypt(elsewhere, &made.ciphertext, context())), Err(UseError::Denied(_))));
    let stranger = engine(&format!("arn:aws:iam::{STRANGER}:user/caller"), &all("*"));
    let caller = world.caller(&stranger.principal);
    let whom = OnBehalf { caller: &caller, authorizer: &stranger, by: by("s3") };
    assert!(matches!(block_on(keys.decrypt(whom, &made.ciphertext, context())), Err(UseError::Denied(_))));
}

#[test]
fn what_cannot_be_used_is_told_by_the_codes_of_kms() {
    let world = World::new();
    let keys = world.kms.keys();
    let all = engine(&format!("arn:aws:iam::{OWNER}:user/caller"), &all("*"));
    let caller = world.caller(&all.principal);
    let whom = OnBehalf { caller: &caller, authorizer: &all, by: by("s3") };
    let key = world.key(&json!({}));
    world.ok("DisableKey", &id(&key));
    let signs = world.key(&json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}));
    let code = |key: &str| block_on(keys.generate_data_key(whom, key, context())).unwrap_err().code().to_owned();
    assert_eq!(code(&key), "DisabledException");
    assert_eq!(code(&signs), "InvalidKeyUsageException");
    assert_eq!(code("alias/none"), "NotFoundException");
    assert_eq!(code("none"), "NotFoundException");
    assert!(!block_on(keys.describe(whom, &signs)).unwrap().is_symmetric);
}
