//! Keys, their aliases, tags and lists, and what is refused.

use serde_json::json;

use super::*;

#[test]
fn a_key_is_described_by_its_id_its_arn_and_its_alias() {
    let world = World::new();
    let made = world.ok("CreateKey", &json!({"Description": "of the app", "Tags": [{"TagKey": "a", "TagValue": "b"}]}));
    let (arn, key) = (text(&made["KeyMetadata"]["Arn"]), text(&made["KeyMetadata"]["KeyId"]));
    assert_eq!(arn, format!("arn:aws:kms:us-east-1:{OWNER}:key/{key}"));
    world.ok("CreateAlias", &json!({"AliasName": "alias/app", "TargetKeyId": key}));
    for name in [&key, &arn, "alias/app", &format!("arn:aws:kms:us-east-1:{OWNER}:alias/app")] {
        let described = &world.ok("DescribeKey", &id(name))["KeyMetadata"];
        assert_eq!(described, &made["KeyMetadata"], "{name}");
    }
    let mut metadata = made["KeyMetadata"].clone();
    let material = text(&metadata["CurrentKeyMaterialId"]);
    assert!(material.len() == 64 && material.bytes().all(|byte| byte.is_ascii_hexdigit()));
    metadata.as_object_mut().unwrap().remove("CurrentKeyMaterialId");
    let expected = json!({
        "AWSAccountId": OWNER, "KeyId": key, "Arn": arn, "CreationDate": 1_750_000_000.123, "Enabled": true,
        "Description": "of the app", "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled", "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "MultiRegion": false,
    });
    assert_eq!(metadata, expected);
}

#[test]
fn what_names_no_key_is_refused_in_the_words_of_aws() {
    let world = World::new();
    let none = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let arn = format!("arn:aws:kms:us-east-1:{OWNER}:key/{none}");
    let not_found = |message: String| ("NotFoundException".to_owned(), message);
    assert_eq!(world.refused("DescribeKey", &id(none)), not_found(format!("Key '{arn}' does not exist")));
    assert_eq!(world.refused("DescribeKey", &id("app")), not_found("Invalid keyId 'app'".to_owned()));
    let alias = format!("Alias arn:aws:kms:us-east-1:{OWNER}:alias/app is not found.");
    assert_eq!(world.refused("DescribeKey", &id("alias/app")), not_found(alias));
    let elsewhere = arn.replace("us-east-1", "eu-west-1");
    assert_eq!(world.refused("DescribeKey", &id(&elsewhere)), not_found("Invalid arn eu-west-1".to_owned()));
    assert_eq!(world.refused("DisableKey", &id("alias/app")), not_found("Invalid keyId 'alias/app'".to_owned()));
    assert_eq!(world.refused("DescribeKey", &id("arn:aws:s3:::a")).0, "InvalidArnException");
    let missing = world.refused("DescribeKey", &json!({}));
    let message =
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null";
    assert_eq!(missing, ("ValidationException".to_owned(), message.to_owned()));
}

#[test]
fn every_spec_and_use_that_goes_together_makes_a_key_and_no_other() {
    let world = World::new();
    let specs = [
        ("SYMMETRIC_DEFAULT", vec!["ENCRYPT_DECRYPT"]),
        ("RSA_2048", vec!["ENCRYPT_DECRYPT", "SIGN_VERIFY"]),
        ("ECC_NIST_P256", vec!["SIGN_VERIFY", "KEY_AGREEMENT"]),
        ("ECC_NIST_P384", vec!["SIGN_VERIFY", "KEY_AGREEMENT"]),
        ("ECC_NIST_P521", vec!["SIGN_VERIFY", "KEY_AGREEMENT"]),
        ("ECC_SECG_P256K1", vec!["SIGN_VERIFY"]),
        ("ECC_NIST_EDWARDS25519", vec!["SIGN_VERIFY"]),
        ("ML_DSA_44", vec!["SIGN_VERIFY"]),
        ("HMAC_224", vec!["GENERATE_VERIFY_MAC"]),
        ("HMAC_256", vec!["GENERATE_VERIFY_MAC"]),
        ("HMAC_384", vec!["GENERATE_VERIFY_MAC"]),
        ("HMAC_512", vec!["GENERATE_VERIFY_MAC"]),
    ];
    for (spec, usages) in specs {
        for usage in ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"] {
            let asked = json!({"KeySpec": spec, "KeyUsage": usage});
            if usages.contains(&usage) {
                let metadata = &world.ok("CreateKey", &asked)["KeyMetadata"];
                assert_eq!((&metadata["KeySpec"], &metadata["KeyUsage"]), (&json!(spec), &json!(usage)));
            } else {
                let message = format!("KeyUsage {usage} is not compatible with KeySpec {spec}");
                assert_eq!(world.refused("CreateKey", &asked), ("ValidationException".to_owned(), message));
            }
        }
    }
    let old = &world.ok("CreateKey", &json!({"CustomerMasterKeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}));
    assert_eq!(old["KeyMetadata"]["KeySpec"], "HMAC_256");
    let both = json!({"CustomerMasterKeySpec": "HMAC_256", "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"});
    for (asked, code) in [
        (json!({"KeySpec": "RSA_2048"}), "ValidationException"),
        (json!({"KeySpec": "RSA_1024"}), "ValidationException"),
        (json!({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}), "UnsupportedOperationException"),
        (json!({"Origin": "AWS_CLOUDHSM"}), "ValidationException"),
        (json!({"CustomKeyStoreId": "cks-1"}), "CustomKeyStoreNotFoundException"),
        (both, "ValidationException"),
    ] {
        assert_eq!(world.refused("CreateKey", &asked).0, code, "{asked}");
    }
}

#[test]
fn keys_are_listed_in_pages_that_belong_to_their_account_and_region() {
    let mut world = World::new();
    let mut keys: Vec<String> = (0..5).map(|_| world.key(&json!({}))).collect();
    keys.sort();
    let (mut listed, mut marker) = (Vec::new(), None::<String>);
    loop {
        let mut asked = json!({"Limit": 2});
        if let Some(marker) = &marker {
            asked["Marker"] = json!(marker);
        }
        let page = world.ok("ListKeys", &asked);
        listed.extend(page["Keys"].as_array().unwrap().iter().map(|key| text(&key["KeyArn"])));
        assert_eq!(page["Truncated"], json!(page.get("NextMarker").is_some()));
        match page.get("NextMarker") {
            Some(next) => marker = Some(text(next)),
            None => break,
        }
    }
    assert_eq!(listed, keys);
    let of_another_list = json!({"Marker": marker.unwrap(), "KeyId": keys[0]});
    assert_eq!(world.refused("ListAliases", &of_another_list).0, "InvalidMarkerException");
    assert_eq!(world.refused("ListKeys", &json!({"Marker": "x"})).0, "InvalidMarkerException");
    assert_eq!(world.refused("ListKeys", &json!({"Limit": 1001})).0, "ValidationException");
    world.region = "eu-west-1";
    assert_eq!(world.ok("ListKeys", &json!({}))["Keys"], json!([]));
    assert_eq!(world.call(STRANGER, &all("kms:*"), "ListKeys", &json!({})).1["Keys"], json!([]));
}

#[test]
fn an_alias_is_made_moved_listed_and_deleted() {
    let world = World::new();
    let (first, second) = (world.key(&json!({})), world.key(&json!({})));
    let alias = |key: &str| json!({"AliasName": "alias/app", "TargetKeyId": key});
    world.ok("CreateAlias", &alias(&first));
    let taken = format!("An alias with the name arn:aws:kms:us-east-1:{OWNER}:alias/app already exists");
    assert_eq!(world.refused("CreateAlias", &alias(&second)), ("AlreadyExistsException".to_owned(), taken));
    let ciphertext = |key: &str| world.ok("Encrypt", &json!({"KeyId": key, "Plaintext": base64("x")}));
    assert_eq!(ciphertext("alias/app")["KeyId"], json!(first));
    world.ok("UpdateAlias", &alias(&second));
    assert_eq!(ciphertext("alias/app")["KeyId"], json!(second));
    let listed = world.ok("ListAliases", &id(&second));
    let entry = &listed["Aliases"][0];
    assert_eq!(entry["AliasArn"], json!(format!("arn:aws:kms:us-east-1:{OWNER}:alias/app")));
    assert!(second.ends_with(entry["TargetKeyId"].as_str().unwrap()) && listed["Truncated"] == json!(false));
    assert_eq!(world.ok("ListAliases", &id(&first))["Aliases"], json!([]));
    let mac = world.key(&json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}));
    assert_eq!(world.refused("UpdateAlias", &alias(&mac)).0, "ValidationException");
    world.ok("DeleteAlias", &json!({"AliasName": "alias/app"}));
    assert_eq!(world.refused("DeleteAlias", &json!({"AliasName": "alias/app"})).0, "NotFoundException");
    for (name, code) in [
        ("app", "ValidationException"),
        ("alias/", "ValidationException"),
        ("alias/a b", "ValidationException"),
        ("alias/a:b", "ValidationException"),
        ("alias/aws/mine", "NotAuthorizedException"),
    ] {
        let asked = json!({"AliasName": name, "TargetKeyId": first});
        assert_eq!(world.refused("CreateAlias", &asked).0, code, "{name}");
    }
    let of_alias = json!({"AliasName": "alias/b", "TargetKeyId": "alias/app"});
    assert_eq!(world.refused("CreateAlias", &of_alias).1, "Aliases must refer to keys. Not aliases");
}

#[test]
fn an_alias_moves_to_keys_of_the_same_type_and_use_alone() {
    let world = World::new();
    let kinds = [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", 0),
        ("RSA_2048", "ENCRYPT_DECRYPT", 1),
        ("RSA_2048", "SIGN_VERIFY", 1),
        ("ECC_NIST_P256", "SIGN_VERIFY", 1),
        ("ECC_NIST_P256", "KEY_AGREEMENT", 1),
        ("HMAC_256", "GENERATE_VERIFY_MAC", 2),
        ("HMAC_512", "GENERATE_VERIFY_MAC", 2),
    ];
    let keys: Vec<_> =
        kinds.iter().map(|(spec, usage, _)| world.key(&json!({"KeySpec": spec, "KeyUsage": usage}))).collect();
    for (from, of) in keys.iter().zip(kinds) {
        for (to, other) in keys.iter().zip(kinds) {
            let alias = |key: &str| json!({"AliasName": "alias/app", "TargetKeyId": key});
            world.ok("CreateAlias", &alias(from));
            let fits = (of.1, of.2) == (other.1, other.2);
            let (status, answer) = world.call(OWNER, &all("kms:*"), "UpdateAlias", &alias(to));
            assert_eq!(status, if fits { 200 } else { 400 }, "{of:?} {other:?} {answer}");
            world.ok("DeleteAlias", &json!({"AliasName": "alias/app"}));
        }
    }
}

#[test]
fn tags_whose_keys_differ_only_in_case_or_that_have_control_characters_are_refused() {
    let world = World::new();
    let key = world.key(&json!({"Tags": [{"TagKey": "Team", "TagValue": "1"}]}));
    let tag = |key: &str, value: &str| json!({"TagKey": key, "TagValue": value});
    let put = |tags: Value| with(&id(&key), &json!({"Tags": tags}));
    assert_eq!(world.refused("TagResource", &put(json!([tag("team", "2")]))).0, "TagException");
    assert_eq!(world.refused("TagResource", &put(json!([tag("x", ""), tag("X", "")]))).0, "TagException");
    assert_eq!(world.refused("CreateKey", &json!({"Tags": [tag("x", ""), tag("X", "")]})).0, "TagException");
    assert_eq!(world.refused("TagResource", &put(json!([tag("a", "b\u{1}")]))).0, "TagException");
    assert_eq!(world.refused("TagResource", &put(json!([tag("a\n", "b")]))).0, "TagException");
    world.ok("TagResource", &put(json!([tag("Team", "2")])));
}

#[test]
fn the_name_of_an_old_enumeration_has_its_own_values() {
    let world = World::new();
    for (operation, asked) in [
        ("CreateKey", json!({"CustomerMasterKeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"})),
        ("CreateKey", json!({"CustomerMasterKeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"})),
        ("GenerateDataKeyPair", json!({"KeyPairSpec": "SYMMETRIC_DEFAULT", "KeyId": "alias/a"})),
        ("GenerateDataKeyPair", json!({"KeyPairSpec": "ML_DSA_44", "KeyId": "alias/a"})),
    ] {
        let (code, message) = world.refused(operation, &asked);
        assert_eq!(code, "ValidationException", "{asked}");
        assert!(message.contains("enum value set: [RSA_2048") && !message.contains(", ML_DSA_44"), "{message}");
    }
    world.key(&json!({"CustomerMasterKeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}));
}

#[test]
fn a_document_is_an_object_and_an_error_has_its_message_where_the_model_says() {
    let world = World::new();
    let key = world.key(&json!({}));
    assert_eq!(world.refused("DescribeKey", &json!([key])).0, "SerializationException");
    let tags = with(&id(&key), &json!({"Tags": [["a", "b"]]}));
    assert_eq!(world.refused("TagResource", &tags).0, "SerializationException");
    let (_, answer) = world.call(OWNER, &all("kms:*"), "DescribeKey", &id("alias/none"));
    assert!(answer["message"].is_string() && answer.get("Message").is_none(), "{answer}");
}

#[test]
fn tags_are_put_listed_and_taken_away() {
    let world = World::new();
    let key = world.key(&json!({"Tags": [{"TagKey": "a", "TagValue": "1"}]}));
    world.ok("TagResource", &with(&id(&key), &json!({"Tags": [{"TagKey": "b", "TagValue": ""}]})));
    let page = world.ok("ListResourceTags", &with(&id(&key), &json!({"Limit": 1})));
    assert_eq!((&page["Tags"], &page["Truncated"]), (&json!([{"TagKey": "a", "TagValue": "1"}]), &json!(true)));
    let next = with(&id(&key), &json!({"Marker": page["NextMarker"]}));
    assert_eq!(world.ok("ListResourceTags", &next)["Tags"], json!([{"TagKey": "b", "TagValue": ""}]));
    world.ok("UntagResource", &with(&id(&key), &json!({"TagKeys": ["a"]})));
    assert_eq!(world.ok("ListResourceTags", &id(&key))["Tags"], json!([{"TagKey": "b", "TagValue": ""}]));
    let tag = |name: &str| json!({"TagKey": name, "TagValue": "x"});
    let reserved = world.refused("TagResource", &with(&id(&key), &json!({"Tags": [tag("aws:x")]})));
    assert_eq!(reserved, ("TagException".to_owned(), "Tags beginning with aws: are reserved".to_owned()));
    let twice = world.refused("TagResource", &with(&id(&key), &json!({"Tags": [tag("x"), tag("x")]})));
    assert_eq!(twice.0, "TagException");
    let many: Vec<_> = (0..51).map(|number| tag(&number.to_string())).collect();
    assert_eq!(world.refused("CreateKey", &json!({"Tags": many})).0, "LimitExceededException");
}

#[test]
fn the_key_of_a_service_comes_into_being_when_it_is_asked_for_and_nobody_uses_it_directly() {
    let world = World::new();
    let key = world.ok("DescribeKey", &id("alias/aws/s3"))["KeyMetadata"].clone();
    assert_eq!((&key["KeyManager"], &key["KeyState"]), (&json!("AWS"), &json!("Enabled")));
    assert_eq!(world.ok("DescribeKey", &id("alias/aws/s3"))["KeyMetadata"], key);
    assert_eq!(world.refused("DescribeKey", &id("alias/aws/none")).0, "NotFoundException");
    let arn = text(&key["Arn"]);
    assert_eq!(world.refused("Encrypt", &json!({"KeyId": arn, "Plaintext": base64("x")})).0, "AccessDeniedException");
    assert_eq!(world.refused("ScheduleKeyDeletion", &id(&arn)).0, "AccessDeniedException");
    let status = world.ok("GetKeyRotationStatus", &id(&arn));
    assert_eq!((&status["KeyRotationEnabled"], &status["RotationPeriodInDays"]), (&json!(true), &json!(365)));
    assert_eq!(world.ok("ListAliases", &json!({}))["Aliases"][0]["AliasName"], "alias/aws/s3");
}

#[test]
fn there_are_no_custom_key_stores_and_other_operations_are_refused() {
    let world = World::new();
    let stores = world.ok("DescribeCustomKeyStores", &json!({}));
    assert_eq!(stores, json!({"CustomKeyStores": [], "Truncated": false}));
    for operation in
        ["ConnectCustomKeyStore", "DeleteCustomKeyStore", "DescribeCustomKeyStores", "UpdateCustomKeyStore"]
    {
        let refused = world.refused(operation, &json!({"CustomKeyStoreId": "cks-1"}));
        assert_eq!(refused.0, "CustomKeyStoreNotFoundException", "{operation}");
    }
    let both = json!({"CustomKeyStoreId": "cks-1", "CustomKeyStoreName": "a"});
    assert_eq!(world.refused("DescribeCustomKeyStores", &both).0, "ValidationException");
    assert_eq!(world.refused("CreateCustomKeyStore", &json!({})).0, "NotImplemented");
    assert_eq!(world.refused("Ponder", &json!({})).0, "UnknownOperationException");
    assert_eq!(world.refused("DescribeKey", &json!({"KeyId": 1})).0, "SerializationException");
}
