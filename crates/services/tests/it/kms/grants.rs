//! Grants.

use serde_json::json;

use super::*;

const GRANTEE: &str = "arn:aws:iam::111122223333:user/grantee";
const FOREIGN: &str = "arn:aws:iam::444455556666:role/app";

fn nothing() -> Value {
    all("s3:*")
}

fn grant(world: &World, key: &str, more: &Value) -> Value {
    world.ok("CreateGrant", &with(&json!({"KeyId": key, "GranteePrincipal": GRANTEE}), more))
}

#[test]
fn a_grant_allows_what_it_says_to_whom_it_names_until_it_is_revoked() {
    let world = World::new();
    let key = world.key(&json!({}));
    let asked = json!({"KeyId": key, "Plaintext": base64("x")});
    let encrypt = |who: &str| world.call_as(who, &nothing(), "Encrypt", &asked).0.0;
    assert_eq!(encrypt(GRANTEE), 400);
    let made = grant(&world, &key, &json!({"Operations": ["Encrypt", "DescribeKey"]}));
    assert_eq!(encrypt(GRANTEE), 200);
    assert_eq!(encrypt("arn:aws:iam::111122223333:user/other"), 400);
    assert_eq!(world.call_as(GRANTEE, &nothing(), "DescribeKey", &id(&key)).0.0, 200);
    assert_eq!(
        world.call_as(GRANTEE, &nothing(), "GenerateDataKey", &with(&id(&key), &json!({"KeySpec": "AES_256"}))).0.0,
        400
    );
    let deny = json!({"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"});
    assert_eq!(world.call_as(GRANTEE, &deny, "Encrypt", &asked).0.0, 400, "a denial wins");
    let token = with(&asked, &json!({"GrantTokens": [made["GrantToken"]]}));
    assert_eq!(world.call_as(GRANTEE, &nothing(), "Encrypt", &token).0.0, 200);
    let wrong = with(&asked, &json!({"GrantTokens": ["none"]}));
    assert_eq!(world.refused("Encrypt", &wrong).0, "InvalidGrantTokenException");
    let which = json!({"KeyId": key, "GrantId": made["GrantId"]});
    world.ok("RevokeGrant", &which);
    assert_eq!(encrypt(GRANTEE), 400);
    assert_eq!(world.refused("RevokeGrant", &which).0, "NotFoundException");
    assert_eq!(world.refused("RevokeGrant", &json!({"KeyId": key, "GrantId": "x"})).0, "InvalidGrantIdException");
}

#[test]
fn a_grant_to_a_role_of_another_account_is_enough_for_its_sessions() {
    let world = World::new();
    let key = world.key(&json!({}));
    let session = "arn:aws:sts::444455556666:assumed-role/app/s1";
    let asked = json!({"KeyId": key, "Plaintext": base64("x")});
    assert_eq!(world.call_as(session, &nothing(), "Encrypt", &asked).0.0, 400);
    grant(&world, &key, &json!({"GranteePrincipal": FOREIGN, "Operations": ["Encrypt"]}));
    assert_eq!(world.call_as(session, &nothing(), "Encrypt", &asked).0.0, 200);
    // One to an account leaves it to the account.
    let (decrypt, root) = (json!(["GenerateMac"]), "arn:aws:iam::444455556666:root");
    let mac = world.key(&json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}));
    grant(&world, &mac, &json!({"GranteePrincipal": root, "Operations": decrypt}));
    let asked = json!({"KeyId": mac, "MacAlgorithm": "HMAC_SHA_256", "Message": base64("m")});
    assert_eq!(world.call_as(session, &nothing(), "GenerateMac", &asked).0.0, 400);
    assert_eq!(world.call_as(session, &all("kms:GenerateMac"), "GenerateMac", &asked).0.0, 200);
}

#[test]
fn a_constraint_holds_a_grant_to_an_encryption_context() {
    let world = World::new();
    let key = world.key(&json!({}));
    let subset = json!({"Operations": ["Encrypt"], "Constraints": {"EncryptionContextSubset": {"a": "1"}}});
    let (_, requirements) = world.call_as(
        &format!("arn:aws:iam::{OWNER}:user/caller"),
        &all("kms:*"),
        "CreateGrant",
        &with(&subset, &json!({"KeyId": key, "GranteePrincipal": GRANTEE})),
    );
    for (name, expected) in [
        ("kms:GrantOperations", "Encrypt"),
        ("kms:GranteePrincipal", GRANTEE),
        ("kms:GrantConstraintType", "EncryptionContextSubset"),
        ("kms:GrantIsForAWSResource", "false"),
    ] {
        assert_eq!(value(&requirements, 0, name).as_deref(), Some(expected), "{name}");
    }
    let encrypt = |context: Value| {
        let asked = json!({"KeyId": key, "Plaintext": base64("x"), "EncryptionContext": context});
        world.call_as(GRANTEE, &nothing(), "Encrypt", &asked).0.0
    };
    assert_eq!((encrypt(json!({})), encrypt(json!({"a": "2"}))), (400, 400));
    assert_eq!((encrypt(json!({"a": "1"})), encrypt(json!({"a": "1", "b": "2"}))), (200, 200));
    let signs = world.key(&json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}));
    let refused = |key: &str, more: &Value| {
        world.refused("CreateGrant", &with(&json!({"KeyId": key, "GranteePrincipal": GRANTEE}), more))
    };
    assert_eq!(refused(&signs, &json!({"Operations": ["Encrypt"]})).0, "ValidationException");
    let constrained = json!({"Operations": ["Sign"], "Constraints": {"EncryptionContextEquals": {"a": "1"}}});
    assert_eq!(refused(&signs, &constrained).0, "ValidationException");
    assert_eq!(refused(&key, &json!({"Operations": ["Delete"]})).0, "ValidationException");
    let nobody = refused(&key, &json!({"Operations": ["Encrypt"], "GranteePrincipal": "arn:aws:iam::1:user/a"}));
    assert_eq!(nobody.0, "InvalidArnException");
    // What limits a grant is not left out where it is not known.
    for (limit, code) in [
        (json!({"Constraints": {"SourceArn": "arn:aws:s3:::only"}}), "NotImplemented"),
        (json!({"Constraints": {"EncryptionContextLike": {"a": "1"}}}), "SerializationException"),
        (json!({"GranteeServicePrincipal": "s3.amazonaws.com"}), "NotImplemented"),
        (json!({"RetiringServicePrincipal": "s3.amazonaws.com"}), "NotImplemented"),
    ] {
        assert_eq!(refused(&key, &with(&json!({"Operations": ["Encrypt"]}), &limit)).0, code, "{limit}");
    }
    world.ok("DisableKey", &id(&key));
    assert_eq!(refused(&key, &json!({"Operations": ["Encrypt"]})).0, "DisabledException");
}

#[test]
fn a_grantee_grants_no_more_than_it_was_granted() {
    let world = World::new();
    let key = world.key(&json!({}));
    grant(&world, &key, &json!({"Operations": ["CreateGrant", "Encrypt"]}));
    let pass_on = |operations: Value| {
        let asked = json!({"KeyId": key, "GranteePrincipal": FOREIGN, "Operations": operations});
        world.call_as(GRANTEE, &nothing(), "CreateGrant", &asked).0.0
    };
    assert_eq!(pass_on(json!(["Encrypt"])), 200);
    assert_eq!(pass_on(json!(["Decrypt"])), 400);
}

#[test]
fn a_named_grant_is_made_once_and_grants_are_listed_and_retired() {
    let world = World::new();
    let key = world.key(&json!({}));
    let retiree = "arn:aws:iam::111122223333:user/retiree";
    let named = json!({"Operations": ["Encrypt"], "Name": "one", "RetiringPrincipal": retiree});
    let first = grant(&world, &key, &named);
    let again = grant(&world, &key, &named);
    assert_eq!(first["GrantId"], again["GrantId"]);
    let second = grant(&world, &key, &json!({"Operations": ["Encrypt"]}));
    let third = grant(&world, &key, &json!({"Operations": ["Encrypt"]}));
    assert!(second["GrantId"] != third["GrantId"] && first["GrantId"] != second["GrantId"]);
    let page = world.ok("ListGrants", &with(&id(&key), &json!({"Limit": 2})));
    assert_eq!((page["Grants"].as_array().unwrap().len(), &page["Truncated"]), (2, &json!(true)));
    let rest = world.ok("ListGrants", &with(&id(&key), &json!({"Marker": page["NextMarker"]})));
    assert_eq!((rest["Grants"].as_array().unwrap().len(), &rest["Truncated"]), (1, &json!(false)));
    let found = world.ok("ListGrants", &with(&id(&key), &json!({"GrantId": first["GrantId"]})));
    let entry = &found["Grants"][0];
    assert_eq!((&entry["Name"], &entry["KeyId"]), (&json!("one"), &json!(key)));
    assert_eq!((&entry["GranteePrincipal"], &entry["RetiringPrincipal"]), (&json!(GRANTEE), &json!(retiree)));
    assert_eq!(entry["IssuingAccount"], json!(format!("arn:aws:iam::{OWNER}:root")));
    let mine = world.ok("ListRetirableGrants", &json!({"RetiringPrincipal": retiree}));
    assert_eq!(mine["Grants"].as_array().unwrap().len(), 1);

    let which = json!({"KeyId": key, "GrantId": first["GrantId"]});
    // Neither a stranger nor the grantee may, whatever their policies say.
    let stranger = "arn:aws:iam::444455556666:user/other";
    assert_eq!(world.call_as(stranger, &all("*"), "RetireGrant", &which).0.0, 400);
    assert_eq!(world.call_as(GRANTEE, &nothing(), "RetireGrant", &which).0.0, 400);
    assert_eq!(world.call_as(retiree, &nothing(), "RetireGrant", &which).0.0, 200);
    let by_token = json!({"GrantToken": second["GrantToken"]});
    assert_eq!(world.call_as(&format!("arn:aws:iam::{OWNER}:root"), &nothing(), "RetireGrant", &by_token).0.0, 200);
    assert_eq!(world.ok("ListGrants", &id(&key))["Grants"].as_array().unwrap().len(), 1);
    assert_eq!(world.refused("RetireGrant", &json!({"GrantToken": "x"})).0, "InvalidGrantTokenException");
    assert_eq!(world.refused("RetireGrant", &json!({})).0, "ValidationException");
    // One who is named for it may from another account as well, without a policy that allows it.
    let foreign = "arn:aws:iam::444455556666:user/retiree";
    let fourth = grant(&world, &key, &json!({"Operations": ["Encrypt"], "RetiringPrincipal": foreign}));
    let which = json!({"KeyId": key, "GrantId": fourth["GrantId"]});
    assert_eq!(world.call_as(foreign, &nothing(), "RetireGrant", &which).0.0, 200);
    let dry = json!({"KeyId": key, "GrantId": third["GrantId"], "DryRun": true});
    assert_eq!(world.refused("RevokeGrant", &dry).0, "DryRunOperationException");
    assert_eq!(world.ok("ListGrants", &id(&key))["Grants"].as_array().unwrap().len(), 1);
}

#[test]
fn the_grants_that_somebody_may_retire_are_those_of_all_accounts_and_are_listed_for_the_own_account() {
    let world = World::new();
    let retiree = "arn:aws:iam::111122223333:user/retiree";
    let own = world.key(&json!({}));
    grant(&world, &own, &json!({"Operations": ["Encrypt"], "RetiringPrincipal": retiree}));
    let (_, made) = world.call(STRANGER, &all("kms:*"), "CreateKey", &json!({}));
    let theirs = text(&made["KeyMetadata"]["Arn"]);
    let asked = json!({"KeyId": theirs, "GranteePrincipal": FOREIGN, "Operations": ["Encrypt"],
        "RetiringPrincipal": retiree});
    assert_eq!(world.call(STRANGER, &all("kms:*"), "CreateGrant", &asked).0, 200);
    let list = json!({"RetiringPrincipal": retiree, "Limit": 1});
    let page = world.ok("ListRetirableGrants", &list);
    assert_eq!((page["Grants"].as_array().unwrap().len(), &page["Truncated"]), (1, &json!(true)));
    let rest = world.ok("ListRetirableGrants", &with(&list, &json!({"Marker": page["NextMarker"]})));
    assert_eq!(rest["Truncated"], json!(false));
    let mut keys = [text(&page["Grants"][0]["KeyId"]), text(&rest["Grants"][0]["KeyId"])];
    keys.sort();
    let mut expected = [own, theirs];
    expected.sort();
    assert_eq!(keys, expected);
    let user = format!("arn:aws:iam::{OWNER}:user/caller");
    let (_, requirements) = world.call_as(&user, &all("kms:*"), "ListRetirableGrants", &list);
    assert_eq!(requirements[0].resource, retiree);
    let on = |who: &str| json!({"Effect": "Allow", "Action": "kms:ListRetirableGrants", "Resource": who});
    assert_eq!(world.call(OWNER, &on(retiree), "ListRetirableGrants", &list).0, 200);
    assert_eq!(world.call(OWNER, &on(GRANTEE), "ListRetirableGrants", &list).0, 400);
    let refused = world.refused("ListRetirableGrants", &json!({"RetiringPrincipal": FOREIGN}));
    assert_eq!(refused.0, "InvalidArnException");
}

#[test]
fn a_constraint_is_bounded_knows_no_case_of_keys_and_is_known_to_policies() {
    let world = World::new();
    let key = world.key(&json!({}));
    let asked = |kind: &str, context: &Value| {
        let more = json!({"Operations": ["Encrypt"], "Constraints": {kind: context}});
        with(&json!({"KeyId": key, "GranteePrincipal": GRANTEE}), &more)
    };
    let pairs = |count: usize| -> Value { (0..count).map(|at| (format!("k{at}"), json!("v"))).collect() };
    for kind in ["EncryptionContextSubset", "EncryptionContextEquals"] {
        world.ok("CreateGrant", &asked(kind, &pairs(8)));
        world.ok("CreateGrant", &asked(kind, &json!({"k": "v".repeat(384)})));
        for context in [pairs(9), json!({"k": "v".repeat(385)}), json!({"k": "1", "K": "2"})] {
            assert_eq!(world.refused("CreateGrant", &asked(kind, &context)).0, "ValidationException");
        }
    }
    let encrypt = |context: Value| {
        let asked = json!({"KeyId": key, "Plaintext": base64("x"), "EncryptionContext": context});
        world.call_as(GRANTEE, &nothing(), "Encrypt", &asked).0.0
    };
    world.ok("CreateGrant", &asked("EncryptionContextSubset", &json!({"Dept": "IT"})));
    world.ok("CreateGrant", &asked("EncryptionContextEquals", &json!({"Team": "Red"})));
    assert_eq!((encrypt(json!({"dept": "IT", "b": "2"})), encrypt(json!({"Dept": "it"}))), (200, 400));
    assert_eq!((encrypt(json!({"tEAM": "Red"})), encrypt(json!({"team": "Red", "b": "2"}))), (200, 400));
    let user = format!("arn:aws:iam::{OWNER}:user/caller");
    let constrained = asked("EncryptionContextSubset", &json!({"Dept": "IT", "a": "1"}));
    let (_, requirements) = world.call_as(&user, &all("kms:*"), "CreateGrant", &constrained);
    assert_eq!(value(&requirements, 0, "kms:EncryptionContext:dept").as_deref(), Some("IT"));
    assert_eq!(value(&requirements, 0, "kms:EncryptionContextKeys").as_deref(), Some("Dept,a"));
}

#[test]
fn a_grant_is_retired_by_the_arn_of_its_key() {
    let world = World::new();
    let key = world.key(&json!({}));
    let made = grant(&world, &key, &json!({"Operations": ["Encrypt"]}));
    let short = key.rsplit('/').next().unwrap();
    let refused = world.refused("RetireGrant", &json!({"KeyId": short, "GrantId": made["GrantId"]}));
    assert_eq!(refused, ("InvalidArnException".into(), format!("Invalid arn {short}")));
}
