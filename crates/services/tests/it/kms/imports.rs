//! Material that clients bring.

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use serde_json::json;

use super::*;

/// Wraps material for a key; what comes back are the members of a request for it.
pub(super) fn wrapped(world: &World, key: &str, secret: &[u8]) -> Value {
    let asked = json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
    let parameters = world.ok("GetParametersForImport", &asked);
    let public = PublicEncryptingKey::from_der(&bytes(&parameters["PublicKey"])).unwrap();
    let public = OaepPublicEncryptingKey::new(public).unwrap();
    let mut sealed = vec![0; public.ciphertext_size()];
    public.encrypt(&OAEP_SHA256_MGF1SHA256, secret, &mut sealed, None).unwrap();
    json!({"KeyId": key, "ImportToken": parameters["ImportToken"], "EncryptedKeyMaterial": base64(sealed)})
}

/// Imports material.
pub(super) fn import(world: &World, key: &str, secret: &[u8], more: &Value) -> Value {
    world.ok("ImportKeyMaterial", &with(&wrapped(world, key, secret), more))
}

pub(super) fn forever() -> Value {
    json!({"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"})
}

#[test]
fn a_key_waits_for_its_material_takes_no_other_and_loses_it() {
    let world = World::new();
    let key = world.key(&json!({"Origin": "EXTERNAL"}));
    let pending = ("KMSInvalidStateException".to_owned(), format!("{key} is pending import."));
    let asked = json!({"KeyId": key, "Plaintext": base64("hello")});
    assert_eq!((world.state(&key).as_str(), world.refused("Encrypt", &asked)), ("PendingImport", pending.clone()));
    let imported = import(&world, &key, &[1; 32], &forever());
    let described = &world.ok("DescribeKey", &id(&key))["KeyMetadata"];
    assert_eq!(described["ExpirationModel"], "KEY_MATERIAL_DOES_NOT_EXPIRE");
    assert_eq!(described["CurrentKeyMaterialId"], imported["KeyMaterialId"]);
    let sealed = world.ok("Encrypt", &asked)["CiphertextBlob"].clone();
    let other = with(&wrapped(&world, &key, &[2; 32]), &forever());
    assert_eq!(world.refused("ImportKeyMaterial", &other).0, "IncorrectKeyMaterialException");
    let short = with(&wrapped(&world, &key, &[2; 31]), &forever());
    assert_eq!(world.refused("ImportKeyMaterial", &short).0, "IncorrectKeyMaterialException");
    world.ok("DeleteImportedKeyMaterial", &id(&key));
    assert_eq!(world.refused("Decrypt", &json!({"CiphertextBlob": sealed})), pending);
    import(&world, &key, &[1; 32], &forever());
    assert_eq!(bytes(&world.ok("Decrypt", &json!({"CiphertextBlob": sealed}))["Plaintext"]), b"hello");
    assert_eq!(world.refused("EnableKeyRotation", &id(&key)).0, "UnsupportedOperationException");
}

#[test]
fn material_expires_when_it_was_said_to() {
    let mut world = World::new();
    let key = world.key(&json!({"Origin": "EXTERNAL"}));
    let until = (world.now + 2 * DAY) / 1000;
    import(&world, &key, &[1; 32], &json!({"ValidTo": until}));
    let described = &world.ok("DescribeKey", &id(&key))["KeyMetadata"];
    assert_eq!(
        (&described["ValidTo"], &described["ExpirationModel"]),
        (&json!(until as f64), &json!("KEY_MATERIAL_EXPIRES"))
    );
    world.now += 2 * DAY;
    assert_eq!(world.state(&key), "PendingImport");
    import(&world, &key, &[1; 32], &forever());
    assert_eq!(world.state(&key), "Enabled");
    for more in [json!({}), json!({"ValidTo": 1}), with(&forever(), &json!({"ValidTo": until * 2}))] {
        let refused = world.refused("ImportKeyMaterial", &with(&wrapped(&world, &key, &[1; 32]), &more));
        assert_eq!(refused.0, "ValidationException", "{more}");
    }
}

#[test]
fn a_token_is_for_one_key_and_for_a_day() {
    let mut world = World::new();
    let (key, other) = (world.key(&json!({"Origin": "EXTERNAL"})), world.key(&json!({"Origin": "EXTERNAL"})));
    let asked = with(&wrapped(&world, &key, &[1; 32]), &forever());
    let refused = world.refused("ImportKeyMaterial", &with(&asked, &id(&other)));
    assert_eq!(refused.0, "InvalidImportTokenException");
    let none = with(&asked, &json!({"ImportToken": base64("none")}));
    assert_eq!(world.refused("ImportKeyMaterial", &none).0, "InvalidImportTokenException");
    let broken = with(&asked, &json!({"EncryptedKeyMaterial": base64([0; 256])}));
    assert_eq!(world.refused("ImportKeyMaterial", &broken).0, "InvalidCiphertextException");
    world.now += DAY;
    assert_eq!(world.refused("ImportKeyMaterial", &asked).0, "ExpiredImportTokenException");
    let own = world.key(&json!({}));
    let parameters = json!({"KeyId": own, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
    let message = format!("{own} origin is AWS_KMS which is not valid for this operation.");
    let refused = world.refused("GetParametersForImport", &parameters);
    assert_eq!(refused, ("UnsupportedOperationException".into(), message));
}

#[test]
fn the_next_material_is_imported_and_takes_its_turn_on_demand() {
    let world = World::new();
    let key = world.key(&json!({"Origin": "EXTERNAL"}));
    let first = import(&world, &key, &[1; 32], &forever());
    let asked = json!({"KeyId": key, "Plaintext": base64("hello")});
    let sealed = world.ok("Encrypt", &asked);
    assert_eq!(world.refused("RotateKeyOnDemand", &id(&key)).0, "ConflictException");
    let second = import(&world, &key, &[2; 32], &with(&forever(), &json!({"ImportType": "NEW_KEY_MATERIAL"})));
    let current = || world.ok("DescribeKey", &id(&key))["KeyMetadata"]["CurrentKeyMaterialId"].clone();
    assert_eq!(current(), first["KeyMaterialId"]);
    let every = with(&id(&key), &json!({"IncludeKeyMaterial": "ALL_KEY_MATERIAL"}));
    let states = |rotations: &Value| -> Vec<String> {
        rotations["Rotations"].as_array().unwrap().iter().map(|own| text(&own["KeyMaterialState"])).collect()
    };
    assert_eq!(states(&world.ok("ListKeyRotations", &every)), ["CURRENT", "PENDING_ROTATION"]);
    world.ok("RotateKeyOnDemand", &id(&key));
    assert_eq!(current(), second["KeyMaterialId"]);
    assert_eq!(states(&world.ok("ListKeyRotations", &every)), ["NON_CURRENT", "CURRENT"]);
    let opened = world.ok("Decrypt", &json!({"CiphertextBlob": sealed["CiphertextBlob"]}));
    assert_eq!(opened["KeyMaterialId"], first["KeyMaterialId"]);
    // Without what something was encrypted under, a key does nothing.
    world.ok("DeleteImportedKeyMaterial", &with(&id(&key), &json!({"KeyMaterialId": first["KeyMaterialId"]})));
    assert_eq!(world.state(&key), "PendingImport");
}

fn next(world: &World, key: &str, secret: &[u8], more: &Value) -> Value {
    let asked = with(&forever(), &json!({"ImportType": "NEW_KEY_MATERIAL"}));
    import(world, key, secret, &with(&asked, more))["KeyMaterialId"].clone()
}

#[test]
fn material_that_waits_for_its_turn_expires_or_is_deleted_without_a_trace_in_its_key() {
    let mut world = World::new();
    let key = world.key(&json!({"Origin": "EXTERNAL"}));
    let first = import(&world, &key, &[1; 32], &forever());
    let all = with(&id(&key), &json!({"IncludeKeyMaterial": "ALL_KEY_MATERIAL"}));
    let count = |world: &World| world.ok("ListKeyRotations", &all)["Rotations"].as_array().unwrap().len();
    let until = (world.now + DAY) / 1000;
    let expiring = json!({"ImportType": "NEW_KEY_MATERIAL", "ValidTo": until});
    import(&world, &key, &[2; 32], &expiring);
    let other = with(&wrapped(&world, &key, &[3; 32]), &with(&forever(), &json!({"ImportType": "NEW_KEY_MATERIAL"})));
    assert_eq!(world.refused("ImportKeyMaterial", &other).0, "KMSInvalidStateException");
    assert_eq!(count(&world), 2);
    world.now += DAY;
    assert_eq!((world.state(&key).as_str(), count(&world)), ("Enabled", 1));
    world.ok("Encrypt", &json!({"KeyId": key, "Plaintext": base64("hello")}));
    let third = next(&world, &key, &[3; 32], &json!({}));
    let deleted = world.ok("DeleteImportedKeyMaterial", &with(&id(&key), &json!({"KeyMaterialId": third})));
    assert_eq!(deleted["KeyMaterialId"], third);
    assert_eq!((world.state(&key).as_str(), count(&world)), ("Enabled", 1));
    let fourth = next(&world, &key, &[4; 32], &json!({}));
    world.ok("RotateKeyOnDemand", &id(&key));
    assert_eq!(world.ok("DescribeKey", &id(&key))["KeyMetadata"]["CurrentKeyMaterialId"], fourth);
    // What something was encrypted under is waited for when it is deleted.
    world.ok("DeleteImportedKeyMaterial", &with(&id(&key), &json!({"KeyMaterialId": first["KeyMaterialId"]})));
    assert_eq!((world.state(&key).as_str(), count(&world)), ("PendingImport", 2));
}

#[test]
fn material_of_a_key_that_waits_for_its_deletion_can_be_deleted() {
    let world = World::new();
    let key = world.key(&json!({"Origin": "EXTERNAL"}));
    import(&world, &key, &[1; 32], &forever());
    world.ok("ScheduleKeyDeletion", &id(&key));
    world.ok("DeleteImportedKeyMaterial", &id(&key));
    assert_eq!(world.state(&key), "PendingDeletion");
    world.ok("CancelKeyDeletion", &id(&key));
    assert_eq!(world.state(&key), "PendingImport");
}

#[test]
fn the_id_of_material_is_one_and_belongs_to_material_that_the_key_knows() {
    let world = World::new();
    let key = world.key(&json!({"Origin": "EXTERNAL"}));
    let refused = |more: &Value| {
        world.refused("ImportKeyMaterial", &with(&with(&wrapped(&world, &key, &[1; 32]), &forever()), more)).0
    };
    for none in ["a", &"A".repeat(64), &"g".repeat(64)] {
        assert_eq!(refused(&json!({"KeyMaterialId": none})), "ValidationException");
        let asked = with(&id(&key), &json!({"KeyMaterialId": none}));
        assert_eq!(world.refused("DeleteImportedKeyMaterial", &asked).0, "ValidationException");
    }
    assert_eq!(refused(&json!({"KeyMaterialId": "a".repeat(64)})), "IncorrectKeyMaterialException");
    let known = import(&world, &key, &[1; 32], &forever())["KeyMaterialId"].clone();
    let new = json!({"KeyMaterialId": known, "ImportType": "NEW_KEY_MATERIAL"});
    assert_eq!(refused(&new), "ValidationException");
    import(&world, &key, &[1; 32], &with(&forever(), &json!({"KeyMaterialId": known})));
    // Another key has another id for the same material.
    let other = world.key(&json!({"Origin": "EXTERNAL"}));
    assert_ne!(import(&world, &other, &[1; 32], &forever())["KeyMaterialId"], known);
}
