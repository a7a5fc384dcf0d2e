//! Events that are encrypted under keys of KMS.

use super::*;

/// A key whose policy has these statements beside that of the account.
fn key(world: &World, statements: &[Value]) -> String {
    let root = format!("arn:aws:iam::{OWNER}:root");
    let root = json!({"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"});
    let statements = [&[root], statements].concat();
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    text(&kms(world, "CreateKey", &json!({"Policy": policy}))["KeyMetadata"]["Arn"])
}

fn kms(world: &World, operation: &str, document: &Value) -> Value {
    let engine = engine(&format!("arn:aws:iam::{OWNER}:user/caller"), &all("*"));
    let caller = world.caller(&engine.principal);
    let (status, answer) =
        ask(&world.kms, &caller, &engine, &format!("TrentService.{operation}"), &document.to_string());
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Lets the service use a key for a group, as the guide does it.
fn lets(group: &str) -> Value {
    let group = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:{group}");
    json!({"Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*", "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": group}}})
}

#[test]
fn events_of_a_group_with_a_key_are_encrypted_and_read_while_the_key_can_be_used() {
    let world = World::new();
    let key = key(&world, &[lets("g")]);
    world.ok("CreateLogGroup", &json!({"logGroupName": "g", "kmsKeyId": key}));
    world.stream("g", "s");
    assert_eq!(world.ok("DescribeLogGroups", &json!({}))["logGroups"][0]["kmsKeyId"], key);
    world.put("g", "s", &[(0, "a text that nobody may see")]);
    let world = world.reopened();
    let files = std::fs::read_dir(world.dir.path().join("logs")).unwrap();
    for file in files.map(|file| file.unwrap().path()) {
        let content = std::fs::read(&file).unwrap();
        assert!(!content.windows(20).any(|part| part == b"a text that nobody m"), "{}", file.display());
    }
    assert_eq!(world.messages("g"), ["a text that nobody may see"]);
    let stored = world.ok("DescribeLogGroups", &json!({}))["logGroups"][0]["storedBytes"].clone();
    assert_eq!(stored, 26 + 26, "what is counted is what was uploaded");
    // Without the key from now on; what arrived under it stays under it.
    world.ok("DisassociateKmsKey", &json!({"logGroupName": "g"}));
    world.put("g", "s", &[(1, "plain")]);
    assert_eq!(world.messages("g").len(), 2);
    kms(&world, "DisableKey", &json!({"KeyId": key}));
    let arn = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:g");
    let unusable = format!("The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'");
    assert_eq!(world.refused("FilterLogEvents", &json!({"logGroupName": "g"})).1, unusable);
    let later = json!({"logGroupName": "g", "startTime": world.now + 1});
    assert_eq!(messages(&world.ok("FilterLogEvents", &later)), ["plain"]);
    assert_eq!(
        world.refused("AssociateKmsKey", &json!({"logGroupName": "g", "kmsKeyId": key})),
        refusal("InvalidParameterException", &unusable)
    );
    kms(&world, "EnableKey", &json!({"KeyId": key}));
    assert_eq!(world.messages("g").len(), 2);
}

#[test]
fn the_service_itself_must_be_let_use_the_key_for_the_group() {
    let world = World::new();
    world.group("g");
    let arn = format!("arn:aws:logs:us-east-1:{OWNER}:log-group:g");
    let not_allowed = refusal(
        "AccessDeniedException",
        &format!("The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'"),
    );
    for statements in [vec![], vec![lets("other")]] {
        let key = key(&world, &statements);
        assert_eq!(world.refused("AssociateKmsKey", &json!({"logGroupName": "g", "kmsKeyId": key})), not_allowed);
        let new = json!({"logGroupName": "h", "kmsKeyId": key});
        assert_eq!(world.code("CreateLogGroup", &new), "AccessDeniedException");
    }
    assert_eq!(world.ok("DescribeLogGroups", &json!({}))["logGroups"].as_array().unwrap().len(), 1);
    let key = key(&world, &[lets("g")]);
    world.ok("AssociateKmsKey", &json!({"resourceIdentifier": arn, "kmsKeyId": key}));
    world.put("g", "s", &[(0, "m")]);
    assert_eq!(world.messages("g"), ["m"]);
    let get = world.ok("GetLogEvents", &json!({"logGroupName": "g", "logStreamName": "s"}));
    assert_eq!(messages(&get), ["m"]);
    for wrong in [
        json!({"logGroupName": "g", "kmsKeyId": "alias/x"}),
        json!({"kmsKeyId": key}),
        json!({"logGroupName": "g", "resourceIdentifier": arn, "kmsKeyId": key}),
        json!({"logGroupName": "g"}),
    ] {
        assert_eq!(world.code("AssociateKmsKey", &wrong), "InvalidParameterException", "{wrong}");
    }
    let none = json!({"logGroupName": "none", "kmsKeyId": key});
    assert_eq!(world.code("AssociateKmsKey", &none), "ResourceNotFoundException");
}
