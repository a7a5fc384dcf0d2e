//! Multi-Region keys.

use serde_json::json;

use super::imports::{forever, import, wrapped};
use super::*;

#[test]
fn a_replica_decrypts_what_its_primary_key_encrypted_and_the_primary_moves() {
    let mut world = World::new();
    let key = world.key(&json!({"MultiRegion": true}));
    assert!(key.contains(":key/mrk-"));
    let sealed = world.ok("Encrypt", &json!({"KeyId": key, "Plaintext": base64("hello")}))["CiphertextBlob"].clone();
    let asked = json!({"KeyId": key, "ReplicaRegion": "eu-west-1", "Description": "replica"});
    let replica = world.ok("ReplicateKey", &asked)["ReplicaKeyMetadata"].clone();
    let there = key.replace("us-east-1", "eu-west-1");
    assert_eq!((text(&replica["Arn"]), &replica["Description"]), (there.clone(), &json!("replica")));
    let configuration = json!({
        "MultiRegionKeyType": "REPLICA", "PrimaryKey": {"Arn": key, "Region": "us-east-1"},
        "ReplicaKeys": [{"Arn": there, "Region": "eu-west-1"}],
    });
    assert_eq!(replica["MultiRegionConfiguration"], configuration);
    assert_eq!(world.refused("ReplicateKey", &asked).0, "AlreadyExistsException");
    let single = world.key(&json!({}));
    let not_multi = json!({"KeyId": single, "ReplicaRegion": "eu-west-1"});
    assert_eq!(world.refused("ReplicateKey", &not_multi).0, "UnsupportedOperationException");

    world.region = "eu-west-1";
    let opened = world.ok("Decrypt", &json!({"CiphertextBlob": sealed}));
    assert_eq!((bytes(&opened["Plaintext"]), text(&opened["KeyId"])), (b"hello".to_vec(), there.clone()));
    assert_eq!(world.refused("EnableKeyRotation", &id(&there)).0, "UnsupportedOperationException");
    world.region = "us-east-1";
    world.ok("RotateKeyOnDemand", &id(&key));
    let sealed = world.ok("Encrypt", &json!({"KeyId": key, "Plaintext": base64("again")}))["CiphertextBlob"].clone();
    world.region = "eu-west-1";
    assert_eq!(bytes(&world.ok("Decrypt", &json!({"CiphertextBlob": sealed}))["Plaintext"]), b"again");

    world.region = "us-east-1";
    world.ok("UpdatePrimaryRegion", &json!({"KeyId": key, "PrimaryRegion": "eu-west-1"}));
    let kind = |world: &World, key: &str| {
        text(&world.ok("DescribeKey", &id(key))["KeyMetadata"]["MultiRegionConfiguration"]["MultiRegionKeyType"])
    };
    assert_eq!(kind(&world, &key), "REPLICA");
    world.region = "eu-west-1";
    assert_eq!(kind(&world, &there), "PRIMARY");
    // A primary key waits until its replicas are gone.
    let scheduled = world.ok("ScheduleKeyDeletion", &with(&id(&there), &json!({"PendingWindowInDays": 7})));
    assert_eq!((&scheduled["KeyState"], scheduled.get("DeletionDate")), (&json!("PendingReplicaDeletion"), None));
    world.region = "us-east-1";
    world.ok("ScheduleKeyDeletion", &with(&id(&key), &json!({"PendingWindowInDays": 7})));
    world.now += 7 * DAY;
    assert_eq!(world.refused("DescribeKey", &id(&key)).0, "NotFoundException");
    world.region = "eu-west-1";
    assert_eq!(world.state(&there), "PendingDeletion");
    world.now += 7 * DAY;
    assert_eq!(world.refused("DescribeKey", &id(&there)).0, "NotFoundException");
}

const THERE: &str = "eu-west-1";

/// A primary key in us-east-1 with imported material, and its replica in eu-west-1, which waits for the same.
fn imported_pair(world: &mut World) -> (String, String) {
    let key = world.key(&json!({"MultiRegion": true, "Origin": "EXTERNAL"}));
    import(world, &key, &[1; 32], &forever());
    let replica = world.ok("ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": THERE}));
    assert_eq!(replica["ReplicaKeyMetadata"]["KeyState"], "PendingImport");
    let there = key.replace("us-east-1", THERE);
    (key, there)
}

fn states(world: &World, key: &str) -> Vec<String> {
    let every = with(&id(key), &json!({"IncludeKeyMaterial": "ALL_KEY_MATERIAL"}));
    let found = world.ok("ListKeyRotations", &every);
    found["Rotations"].as_array().unwrap().iter().map(|own| text(&own["KeyMaterialState"])).collect()
}

#[test]
fn a_replica_takes_the_imported_material_of_its_primary_key_alone_and_decrypts_what_that_encrypted() {
    let mut world = World::new();
    let (key, there) = imported_pair(&mut world);
    let current = world.ok("DescribeKey", &id(&key))["KeyMetadata"]["CurrentKeyMaterialId"].clone();
    let sealed = world.ok("Encrypt", &json!({"KeyId": key, "Plaintext": base64("hello")}))["CiphertextBlob"].clone();
    world.region = THERE;
    let other = with(&wrapped(&world, &there, &[2; 32]), &forever());
    assert_eq!(world.refused("ImportKeyMaterial", &other).0, "IncorrectKeyMaterialException");
    let new = with(&other, &json!({"ImportType": "NEW_KEY_MATERIAL"}));
    assert_eq!(world.refused("ImportKeyMaterial", &new).0, "UnsupportedOperationException");
    assert_eq!(world.state(&there), "PendingImport");
    assert_eq!(import(&world, &there, &[1; 32], &forever())["KeyMaterialId"], current);
    assert_eq!(world.state(&there), "Enabled");
    let opened = world.ok("Decrypt", &json!({"CiphertextBlob": sealed}));
    assert_eq!((bytes(&opened["Plaintext"]), text(&opened["KeyId"])), (b"hello".to_vec(), there.clone()));
    let back = world.ok("Encrypt", &json!({"KeyId": there, "Plaintext": base64("back")}))["CiphertextBlob"].clone();
    // What is deleted of a replica is deleted there alone.
    world.ok("DeleteImportedKeyMaterial", &id(&there));
    world.region = "us-east-1";
    assert_eq!(bytes(&world.ok("Decrypt", &json!({"CiphertextBlob": back}))["Plaintext"]), b"back");
}

#[test]
fn new_material_is_rotated_to_once_every_replica_has_it() {
    let mut world = World::new();
    let (key, there) = imported_pair(&mut world);
    world.region = THERE;
    import(&world, &there, &[1; 32], &forever());
    world.region = "us-east-1";
    let new = with(&forever(), &json!({"ImportType": "NEW_KEY_MATERIAL"}));
    let second = import(&world, &key, &[2; 32], &new)["KeyMaterialId"].clone();
    assert_eq!(states(&world, &key), ["CURRENT", "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"]);
    assert_eq!(world.refused("RotateKeyOnDemand", &id(&key)).0, "ConflictException");
    world.region = THERE;
    let existing = with(&forever(), &json!({"ImportType": "EXISTING_KEY_MATERIAL"}));
    assert_eq!(import(&world, &there, &[2; 32], &existing)["KeyMaterialId"], second);
    assert_eq!(states(&world, &there), ["CURRENT", "PENDING_ROTATION"]);
    world.region = "us-east-1";
    assert_eq!(states(&world, &key), ["CURRENT", "PENDING_ROTATION"]);
    world.ok("RotateKeyOnDemand", &id(&key));
    let sealed = world.ok("Encrypt", &json!({"KeyId": key, "Plaintext": base64("hello")}))["CiphertextBlob"].clone();
    // A replica that comes later waits for both.
    let third = world.ok("ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-3"}));
    assert_eq!(third["ReplicaKeyMetadata"]["KeyState"], "PendingImport");
    for (region, waits) in [(THERE, false), ("eu-west-3", true)] {
        world.region = region;
        let own = key.replace("us-east-1", region);
        let described = world.ok("DescribeKey", &id(&own))["KeyMetadata"].clone();
        assert_eq!(described["CurrentKeyMaterialId"], second, "{region}");
        assert_eq!(states(&world, &own), ["NON_CURRENT", "CURRENT"], "{region}");
        if waits {
            import(&world, &own, &[2; 32], &forever());
            assert_eq!(world.state(&own), "PendingImport", "{region}");
            import(&world, &own, &[1; 32], &forever());
        }
        let opened = world.ok("Decrypt", &json!({"CiphertextBlob": sealed}));
        assert_eq!(bytes(&opened["Plaintext"]), b"hello", "{region}");
    }
}

#[test]
fn material_that_waits_for_its_turn_is_deleted_with_that_of_the_replicas() {
    let mut world = World::new();
    let (key, there) = imported_pair(&mut world);
    world.region = THERE;
    import(&world, &there, &[1; 32], &forever());
    world.region = "us-east-1";
    let new = with(&forever(), &json!({"ImportType": "NEW_KEY_MATERIAL"}));
    let second = import(&world, &key, &[2; 32], &new)["KeyMaterialId"].clone();
    let which = json!({"KeyMaterialId": second});
    world.region = THERE;
    import(&world, &there, &[2; 32], &forever());
    world.ok("DeleteImportedKeyMaterial", &with(&id(&there), &which));
    world.region = "us-east-1";
    assert_eq!(states(&world, &key), ["CURRENT", "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"], "deleted there alone");
    world.region = THERE;
    import(&world, &there, &[2; 32], &forever());
    world.region = "us-east-1";
    world.ok("DeleteImportedKeyMaterial", &with(&id(&key), &which));
    assert_eq!(states(&world, &key), ["CURRENT"]);
    world.region = THERE;
    assert_eq!((states(&world, &there), world.state(&there)), (vec!["CURRENT".to_owned()], "Enabled".to_owned()));
    // The replica that becomes the primary key knows what is waited for.
    world.region = "us-east-1";
    import(&world, &key, &[3; 32], &new);
    world.ok("UpdatePrimaryRegion", &json!({"KeyId": key, "PrimaryRegion": THERE}));
    world.region = THERE;
    assert_eq!(world.refused("RotateKeyOnDemand", &id(&there)).0, "ConflictException");
    import(&world, &there, &[3; 32], &forever());
    world.ok("RotateKeyOnDemand", &id(&there));
    assert_eq!(states(&world, &there), ["NON_CURRENT", "CURRENT"]);
}

#[test]
fn a_replica_takes_what_a_new_key_with_its_tags_takes() {
    let world = World::new();
    let key = world.key(&json!({"MultiRegion": true}));
    let tags = json!([{"TagKey": "team", "TagValue": "blue"}]);
    let asked = json!({"KeyId": key, "ReplicaRegion": THERE, "Tags": tags, "BypassPolicyLockoutSafetyCheck": true});
    let user = format!("arn:aws:iam::{OWNER}:user/caller");
    let untagging = json!({"Effect": "Allow", "Action": ["kms:ReplicateKey", "kms:CreateKey"], "Resource": "*"});
    assert_eq!(world.call(OWNER, &untagging, "ReplicateKey", &asked).0, 400);
    let (_, requirements) = world.call_as(&user, &all("kms:*"), "ReplicateKey", &asked);
    let asked_for: Vec<_> = requirements.iter().map(|own| (own.action.as_str(), own.resource.clone())).collect();
    let there = key.replace("us-east-1", THERE);
    let expected =
        [("kms:ReplicateKey", key.clone()), ("kms:CreateKey", "*".to_owned()), ("kms:TagResource", there.clone())];
    assert_eq!(asked_for, expected);
    for (name, expected) in [
        ("aws:RequestedRegion", THERE),
        ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
        ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
        ("kms:KeyOrigin", "AWS_KMS"),
        ("kms:MultiRegion", "true"),
        ("kms:MultiRegionKeyType", "REPLICA"),
        ("kms:BypassPolicyLockoutSafetyCheck", "true"),
        ("kms:CallerAccount", OWNER),
        ("aws:RequestTag/team", "blue"),
    ] {
        assert_eq!(value(&requirements, 1, name).as_deref(), Some(expected), "{name}");
    }
    assert_eq!(value(&requirements, 2, "aws:RequestedRegion").as_deref(), Some(THERE));
    let (_, requirements) = world.call_as(&user, &all("kms:*"), "CreateKey", &json!({"MultiRegion": true}));
    assert_eq!(value(&requirements, 0, "kms:MultiRegionKeyType").as_deref(), Some("PRIMARY"));
    let (_, requirements) = world.call_as(&user, &all("kms:*"), "CreateKey", &json!({}));
    assert_eq!(value(&requirements, 0, "kms:MultiRegionKeyType"), None);
}

#[test]
fn the_policy_of_a_replica_has_to_let_it_be_changed_in_its_own_region() {
    let world = World::new();
    let key = world.key(&json!({"MultiRegion": true}));
    let asked = |region: &str| {
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{OWNER}:root")}, "Action": "kms:*",
            "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": region}},
        }]});
        json!({"KeyId": key, "ReplicaRegion": THERE, "Policy": policy.to_string()})
    };
    assert_eq!(world.refused("ReplicateKey", &asked("us-east-1")).0, "MalformedPolicyDocumentException");
    world.ok("ReplicateKey", &asked(THERE));
}

#[test]
fn replicas_count_among_the_keys_of_their_region() {
    let world = World::new();
    let key = world.key(&json!({"MultiRegion": true}));
    let database = rusqlite::Connection::open(world.dir.path().join("kms/kms.sqlite")).unwrap();
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
        INSERT INTO key (arn, account, region, id, about, policy) SELECT 'a' || i, ?1, ?2, 'i' || i, '', '' FROM n";
    database.execute(many, [OWNER, THERE]).unwrap();
    drop(database);
    let asked = json!({"KeyId": key, "ReplicaRegion": THERE});
    assert_eq!(world.refused("ReplicateKey", &asked).0, "LimitExceededException");
    world.ok("ReplicateKey", &with(&asked, &json!({"ReplicaRegion": "eu-west-3"})));
}
