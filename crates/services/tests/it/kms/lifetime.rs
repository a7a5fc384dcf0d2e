//! States of keys, deletion, rotation, and what survives.

use serde_json::json;

use super::*;

fn encrypt(world: &World, key: &str) -> String {
    text(&world.ok("Encrypt", &json!({"KeyId": key, "Plaintext": base64("hello")}))["CiphertextBlob"])
}

fn decrypts(world: &World, ciphertext: &str) -> Value {
    let opened = world.ok("Decrypt", &json!({"CiphertextBlob": ciphertext}));
    assert_eq!(bytes(&opened["Plaintext"]), b"hello");
    opened["KeyMaterialId"].clone()
}

#[test]
fn a_disabled_key_does_nothing_until_it_is_enabled() {
    let world = World::new();
    let key = world.key(&json!({}));
    let sealed = encrypt(&world, &key);
    world.ok("DisableKey", &id(&key));
    assert_eq!(world.state(&key), "Disabled");
    let disabled = ("DisabledException".to_owned(), format!("{key} is disabled."));
    assert_eq!(world.refused("Decrypt", &json!({"CiphertextBlob": sealed})), disabled);
    assert_eq!(world.refused("GenerateDataKey", &json!({"KeyId": key, "KeySpec": "AES_256"})), disabled);
    assert_eq!(world.refused("EnableKeyRotation", &id(&key)), disabled);
    world.ok("TagResource", &with(&id(&key), &json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]})));
    world.ok("EnableKey", &id(&key));
    decrypts(&world, &sealed);
}

#[test]
fn a_key_waits_for_its_deletion_and_is_then_gone_with_all_that_it_encrypted() {
    let mut world = World::new();
    let key = world.key(&json!({}));
    world.ok("CreateAlias", &json!({"AliasName": "alias/app", "TargetKeyId": key}));
    let sealed = encrypt(&world, &key);
    let scheduled = world.ok("ScheduleKeyDeletion", &with(&id(&key), &json!({"PendingWindowInDays": 7})));
    let gone = world.now + 7 * DAY;
    let expected = json!({
        "KeyId": key, "KeyState": "PendingDeletion", "PendingWindowInDays": 7, "DeletionDate": gone as f64 / 1000.0,
    });
    assert_eq!(scheduled, expected);
    let pending = ("KMSInvalidStateException".to_owned(), format!("{key} is pending deletion."));
    assert_eq!(world.refused("Decrypt", &json!({"CiphertextBlob": sealed})), pending);
    assert_eq!(world.refused("ScheduleKeyDeletion", &id(&key)), pending);
    assert_eq!(world.refused("EnableKey", &id(&key)), pending);
    assert_eq!(world.refused("CreateAlias", &json!({"AliasName": "alias/b", "TargetKeyId": key})), pending);
    world.ok("GetKeyPolicy", &id(&key));

    world.now = gone - 1;
    let cancelled = world.ok("CancelKeyDeletion", &id(&key));
    assert_eq!((cancelled["KeyId"].as_str(), world.state(&key).as_str()), (Some(key.as_str()), "Disabled"));
    let not_pending = ("KMSInvalidStateException".to_owned(), format!("{key} is not pending deletion."));
    assert_eq!(world.refused("CancelKeyDeletion", &id(&key)), not_pending);
    world.ok("EnableKey", &id(&key));
    decrypts(&world, &sealed);

    world.ok("ScheduleKeyDeletion", &id(&key));
    world.now += 30 * DAY;
    assert_eq!(world.refused("DescribeKey", &id(&key)).0, "NotFoundException");
    assert_eq!(world.refused("DescribeKey", &id("alias/app")).0, "NotFoundException");
    let lost = world.refused("Decrypt", &json!({"CiphertextBlob": sealed}));
    assert_eq!(lost.0, "AccessDeniedException");
    assert!(lost.1.starts_with("The ciphertext refers to a customer master key that does not exist"), "{}", lost.1);
    let short = key.rsplit('/').next().unwrap().as_bytes();
    assert_eq!(files_with(world.dir.path(), short), [""; 0]);
    for days in [6, 31, 0] {
        let other = World::new();
        let key = other.key(&json!({}));
        let asked = with(&id(&key), &json!({"PendingWindowInDays": days}));
        assert_eq!(other.refused("ScheduleKeyDeletion", &asked).0, "ValidationException", "{days}");
    }
}

#[test]
fn a_key_has_new_material_by_its_time_table_and_on_demand_and_the_old_still_decrypts() {
    let mut world = World::new();
    let key = world.key(&json!({}));
    let first = encrypt(&world, &key);
    world.ok("EnableKeyRotation", &with(&id(&key), &json!({"RotationPeriodInDays": 90})));
    let status = world.ok("GetKeyRotationStatus", &id(&key));
    let next = (world.now + 90 * DAY) as f64 / 1000.0;
    let expected = json!({
        "KeyRotationEnabled": true, "KeyId": key, "RotationPeriodInDays": 90, "NextRotationDate": next,
    });
    assert_eq!(status, expected);
    assert_eq!(world.ok("ListKeyRotations", &id(&key))["Rotations"], json!([]));
    world.now += 90 * DAY;
    let second = encrypt(&world, &key);
    world.now += 1000;
    world.ok("RotateKeyOnDemand", &id(&key));
    let third = encrypt(&world, &key);
    let materials = [first, second, third].map(|sealed| decrypts(&world, &sealed));
    assert!(materials[0] != materials[1] && materials[1] != materials[2]);
    let rotations = world.ok("ListKeyRotations", &id(&key))["Rotations"].clone();
    let of = |at: usize, member: &str| rotations[at][member].clone();
    assert_eq!((of(0, "RotationType"), of(1, "RotationType")), (json!("AUTOMATIC"), json!("ON_DEMAND")));
    assert_eq!((of(0, "KeyMaterialId"), of(1, "KeyMaterialId")), (materials[1].clone(), materials[2].clone()));
    assert_eq!((of(0, "KeyMaterialState"), of(1, "KeyMaterialState")), (json!("NON_CURRENT"), json!("CURRENT")));
    let every = world.ok("ListKeyRotations", &with(&id(&key), &json!({"IncludeKeyMaterial": "ALL_KEY_MATERIAL"})));
    assert_eq!(every["Rotations"].as_array().unwrap().len(), 3);
    world.ok("DisableKeyRotation", &id(&key));
    let status = world.ok("GetKeyRotationStatus", &id(&key));
    assert_eq!(status, json!({"KeyRotationEnabled": false, "KeyId": key}));
    let mac = world.key(&json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}));
    assert_eq!(world.ok("GetKeyRotationStatus", &id(&mac))["KeyRotationEnabled"], json!(false));
    let short = with(&id(&key), &json!({"RotationPeriodInDays": 89}));
    assert_eq!(world.refused("EnableKeyRotation", &short).0, "ValidationException");
    for _ in 0..24 {
        world.ok("RotateKeyOnDemand", &id(&key));
    }
    assert_eq!(world.refused("RotateKeyOnDemand", &id(&key)).0, "LimitExceededException");
}

#[test]
fn keys_and_what_they_encrypted_survive_a_restart() {
    let world = World::new();
    let key = world.key(&json!({}));
    let sealed = encrypt(&world, &key);
    let rsa = world.key(&json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}));
    let public = world.ok("GetPublicKey", &id(&rsa));
    let world = world.reopened();
    decrypts(&world, &sealed);
    assert_eq!(world.ok("GetPublicKey", &id(&rsa)), public);
}

#[test]
fn without_the_master_key_no_material_is_read() {
    let world = World::new();
    let key = world.key(&json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC", "Origin": "EXTERNAL"}));
    let secret = *b"a secret that nobody may ever sea";
    super::imports::import(&world, &key, &secret[..32], &json!({"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}));
    let World { dir, kms, .. } = world;
    drop(kms);
    let files = std::fs::read_dir(dir.path().join("kms")).unwrap();
    for file in files.map(|file| file.unwrap().path()) {
        let content = std::fs::read(&file).unwrap();
        assert!(!content.windows(16).any(|part| part == &secret[..16]), "{}", file.display());
    }
    let master = dir.path().join("kms/kms.key");
    let other = std::fs::read(&master).unwrap().iter().map(|byte| byte ^ 1).collect::<Vec<_>>();
    std::fs::write(&master, other).unwrap();
    let refused = Kms::open(&dir.path().join("kms")).unwrap_err();
    assert!(matches!(refused, sidegate_services::kms::OpenError::Key { .. }), "{refused}");
    std::fs::remove_file(&master).unwrap();
    assert!(matches!(Kms::open(&dir.path().join("kms")), Err(sidegate_services::kms::OpenError::Key { .. })));
}

#[test]
fn a_rotation_that_a_key_missed_while_it_could_not_be_used_is_made_up_for() {
    let mut world = World::new();
    let rotations =
        |world: &World, key: &str| world.ok("ListKeyRotations", &id(key))["Rotations"].as_array().unwrap().len();
    for (stop, undo) in [("DisableKey", None), ("ScheduleKeyDeletion", Some("CancelKeyDeletion"))] {
        let key = world.key(&json!({}));
        world.ok("EnableKeyRotation", &with(&id(&key), &json!({"RotationPeriodInDays": 90})));
        world.now += 80 * DAY;
        world.ok(stop, &id(&key));
        world.now += 20 * DAY;
        assert_eq!(rotations(&world, &key), 0, "{stop}");
        // Nothing is waited for meanwhile, so that requests do not write.
        let database = rusqlite::Connection::open(world.dir.path().join("kms/kms.sqlite")).unwrap();
        let due: i64 =
            database.query_row("SELECT count(*) FROM key WHERE due <= ?1", [world.now], |row| row.get(0)).unwrap();
        assert_eq!(due, 0, "{stop}");
        if let Some(undo) = undo {
            world.ok(undo, &id(&key));
        }
        assert_eq!(rotations(&world, &key), 0, "{stop}");
        world.ok("EnableKey", &id(&key));
        assert_eq!(rotations(&world, &key), 1, "{stop}");
        world.ok("DisableKeyRotation", &id(&key));
    }
    // One that missed nothing goes on by its time table.
    let key = world.key(&json!({}));
    world.ok("EnableKeyRotation", &with(&id(&key), &json!({"RotationPeriodInDays": 90})));
    world.ok("DisableKey", &id(&key));
    world.ok("EnableKey", &id(&key));
    assert_eq!(rotations(&world, &key), 0);
    world.now += 90 * DAY;
    assert_eq!(rotations(&world, &key), 1);
}

/// The material of a key as it is encrypted.
fn sealed(world: &World, key: &str) -> Vec<u8> {
    let database = rusqlite::Connection::open(world.dir.path().join("kms/kms.sqlite")).unwrap();
    database.query_row("SELECT sealed FROM material WHERE arn = ?1", [key], |row| row.get(0)).unwrap()
}

/// In which files of the keys some bytes are.
fn files_with(dir: &std::path::Path, bytes: &[u8]) -> Vec<String> {
    let files = std::fs::read_dir(dir.join("kms")).unwrap().map(|file| file.unwrap());
    let has =
        |file: &std::fs::DirEntry| std::fs::read(file.path()).unwrap().windows(bytes.len()).any(|part| part == bytes);
    files.filter(has).map(|file| file.file_name().into_string().unwrap()).collect()
}

#[test]
fn nothing_is_left_on_the_disk_of_material_that_is_deleted_expires_or_goes_with_its_key() {
    let mut world = World::new();
    let forever = json!({"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
    let external = json!({"Origin": "EXTERNAL"});
    let (deleted, expired, gone) = (world.key(&external), world.key(&external), world.key(&json!({})));
    super::imports::import(&world, &deleted, &[1; 32], &forever);
    super::imports::import(&world, &expired, &[2; 32], &json!({"ValidTo": (world.now + DAY) / 1000}));
    let [of_deleted, of_expired, of_gone] = [&deleted, &expired, &gone].map(|key| sealed(&world, key));
    let left = |world: &World, bytes: &[u8]| files_with(world.dir.path(), bytes);
    for bytes in [&of_deleted, &of_expired, &of_gone] {
        assert!(!left(&world, bytes).is_empty());
    }
    world.ok("DeleteImportedKeyMaterial", &id(&deleted));
    assert_eq!(left(&world, &of_deleted), [""; 0]);
    world.now += DAY;
    assert_eq!(world.state(&expired), "PendingImport");
    assert_eq!(left(&world, &of_expired), [""; 0]);
    world.ok("ScheduleKeyDeletion", &with(&id(&gone), &json!({"PendingWindowInDays": 7})));
    world.now += 7 * DAY;
    assert_eq!(world.refused("DescribeKey", &id(&gone)).0, "NotFoundException");
    assert_eq!(left(&world, &of_gone), [""; 0]);
    // Nor is a log left when the keys are closed.
    let World { dir, kms, .. } = world;
    drop(kms);
    let log = std::fs::metadata(dir.path().join("kms/kms.sqlite-wal")).map_or(0, |file| file.len());
    assert_eq!(log, 0);
}
