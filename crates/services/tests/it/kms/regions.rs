//! Multi-Region keys.

use serde_json::json;

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
