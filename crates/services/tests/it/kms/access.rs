//! Who may do what with a key, by its policy and by what is known of it.

use serde_json::json;

use super::*;

fn user(account: &str) -> String {
    format!("arn:aws:iam::{account}:user/caller")
}

fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn root(account: &str, action: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": action, "Resource": "*"})
}

#[test]
fn the_default_policy_leaves_a_key_to_the_policies_of_its_account() {
    let world = World::new();
    let key = world.key(&json!({}));
    let found = world.ok("GetKeyPolicy", &id(&key));
    let document: Value = serde_json::from_str(found["Policy"].as_str().unwrap()).unwrap();
    assert_eq!((&document["Id"], &found["PolicyName"]), (&json!("key-default-1"), &json!("default")));
    assert_eq!(document["Statement"][0]["Principal"]["AWS"], json!(format!("arn:aws:iam::{OWNER}:root")));
    assert_eq!(world.ok("ListKeyPolicies", &id(&key)), json!({"PolicyNames": ["default"], "Truncated": false}));
    let asked = json!({"KeyId": key, "Plaintext": base64("x")});
    assert_eq!(world.call(OWNER, &all("kms:Encrypt"), "Encrypt", &asked).0, 200);
    let denied = error(&world.call(OWNER, &all("kms:Decrypt"), "Encrypt", &asked));
    let message = format!(
        "User: {} is not authorized to perform: kms:Encrypt on resource: {key} because no identity-based policy allows \
         the kms:Encrypt action",
        user(OWNER)
    );
    assert_eq!(denied, ("AccessDeniedException".into(), message));
    assert_eq!(error(&world.call(OWNER, &all("s3:*"), "ListKeys", &json!({}))).0, "AccessDeniedException");
    // Whoever may not describe keys is not told which there are.
    let none = id("1234abcd-12ab-34cd-56ef-1234567890ab");
    assert_eq!(error(&world.call(OWNER, &all("s3:*"), "DescribeKey", &none)).0, "AccessDeniedException");
    assert_eq!(error(&world.call(OWNER, &all("kms:*"), "DescribeKey", &none)).0, "NotFoundException");
}

#[test]
fn without_the_account_in_its_policy_a_key_obeys_its_policy_alone() {
    let world = World::new();
    let owner = json!({"Effect": "Allow", "Principal": {"AWS": user(OWNER)}, "Action": ["kms:PutKeyPolicy", "kms:Encrypt"],
        "Resource": "*"});
    let key = world.key(&json!({"Policy": policy(&json!([owner]))}));
    let asked = json!({"KeyId": key, "Plaintext": base64("x")});
    // It needs no other policy.
    assert_eq!(world.call(OWNER, &all("s3:*"), "Encrypt", &asked).0, 200);
    // And no other policy is enough.
    let other = format!("arn:aws:iam::{OWNER}:user/other");
    let ((_, answer), _) = world.call_as(&other, &all("*"), "Encrypt", &asked);
    let message = format!(
        "User: {other} is not authorized to perform: kms:Encrypt on resource: {key} because no resource-based policy \
         allows the kms:Encrypt action"
    );
    assert_eq!(text(&answer["Message"]), message);
    let ((status, _), _) = world.call_as(&format!("arn:aws:iam::{OWNER}:root"), &all("*"), "DescribeKey", &id(&key));
    assert_eq!(status, 400, "not even the root user");
}

#[test]
fn a_key_of_another_account_takes_both_sides_and_is_not_told_of_to_strangers() {
    let world = World::new();
    let shared = policy(&json!([root(OWNER, "kms:*"), root(STRANGER, "kms:*")]));
    let (key, closed) = (world.key(&json!({"Policy": shared})), world.key(&json!({})));
    let asked = |key: &str| json!({"KeyId": key, "Plaintext": base64("x")});
    assert_eq!(world.call(STRANGER, &all("kms:Encrypt"), "Encrypt", &asked(&key)).0, 200);
    let denied = error(&world.call(STRANGER, &all("s3:*"), "Encrypt", &asked(&key)));
    assert_eq!(denied.0, "AccessDeniedException");
    let message = |key: &str| {
        format!(
            "User: {} is not authorized to perform: kms:Encrypt on resource: {key} because the resource does not exist in \
             this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
            user(STRANGER)
        )
    };
    let none = closed.replace(|c: char| c.is_ascii_digit(), "0").replace("000000000000", OWNER);
    let none = none.replace("us-east-0", "us-east-1");
    for key in [&closed, &none] {
        let denied = error(&world.call(STRANGER, &all("kms:*"), "Encrypt", &asked(key)));
        assert_eq!(denied, ("AccessDeniedException".into(), message(key)));
    }
    // What nobody may do from another account, a policy does not allow either.
    assert_eq!(error(&world.call(STRANGER, &all("kms:*"), "DisableKey", &id(&key))).0, "AccessDeniedException");
    assert_eq!(world.call(STRANGER, &all("kms:*"), "DescribeKey", &id(&key)).0, 200);
    // A ciphertext finds its key across accounts.
    let sealed = world.ok("Encrypt", &asked(&key))["CiphertextBlob"].clone();
    assert_eq!(world.call(STRANGER, &all("kms:*"), "Decrypt", &json!({"CiphertextBlob": sealed})).0, 200);
}

#[test]
fn a_policy_that_would_lock_its_author_out_or_is_none_is_refused() {
    let world = World::new();
    let key = world.key(&json!({}));
    let put = |document: &str, more: &Value| {
        let asked = with(&json!({"KeyId": key, "Policy": document}), more);
        world.call(OWNER, &all("kms:*"), "PutKeyPolicy", &asked)
    };
    let malformed = |message: &str| ("MalformedPolicyDocumentException".to_owned(), message.to_owned());
    let lockout = malformed("The new key policy will not allow you to update the key policy in the future.");
    let out = policy(&json!([root(OWNER, "kms:Encrypt")]));
    assert_eq!(error(&put(&out, &json!({}))), lockout);
    assert_eq!(world.refused("CreateKey", &json!({"Policy": out})), lockout);
    let invalid = malformed("Policy contains a statement with one or more invalid principals.");
    let nobody = json!([{"Effect": "Allow", "Principal": {"AWS": "nobody"}, "Action": "kms:*", "Resource": "*"}]);
    assert_eq!(error(&put(&policy(&nobody), &json!({}))), invalid);
    assert_eq!(error(&put("{", &json!({}))).0, "MalformedPolicyDocumentException");
    assert_eq!(error(&put("{}", &json!({}))).0, "MalformedPolicyDocumentException");
    let long = policy(&json!([with(&root(OWNER, "kms:*"), &json!({"Sid": "x".repeat(33_000)}))]));
    assert_eq!(error(&put(&long, &json!({}))).0, "LimitExceededException");
    let named = put(&policy(&json!([root(OWNER, "kms:*")])), &json!({"PolicyName": "other"}));
    assert_eq!(error(&named).0, "NotFoundException");
    assert_eq!(put(&policy(&json!([root(OWNER, "kms:*")])), &json!({"PolicyName": "default"})).0, 200);
    assert_eq!(put(&out, &json!({"BypassPolicyLockoutSafetyCheck": true})).0, 200);
    assert_eq!(error(&put(&out, &json!({}))).0, "AccessDeniedException", "now nobody can put another");
}

#[test]
fn a_policy_decides_by_what_is_known_of_the_key_and_the_request() {
    let world = World::new();
    let key = world.key(&json!({"Tags": [{"TagKey": "team", "TagValue": "blue"}]}));
    world.ok("CreateAlias", &json!({"AliasName": "alias/app", "TargetKeyId": key}));
    let asked = json!({"KeyId": "alias/app", "Plaintext": base64("x"), "EncryptionContext": {"a": "1", "B": "2"}});
    let (_, requirements) = world.call_as(&user(OWNER), &all("kms:*"), "Encrypt", &asked);
    assert_eq!(requirements[0].resource, key);
    for (name, expected) in [
        ("kms:CallerAccount", OWNER),
        ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
        ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
        ("kms:KeyOrigin", "AWS_KMS"),
        ("kms:MultiRegion", "false"),
        ("kms:RequestAlias", "alias/app"),
        ("kms:ResourceAliases", "alias/app"),
        ("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
        ("kms:EncryptionContext:a", "1"),
        ("kms:EncryptionContext:B", "2"),
        ("kms:EncryptionContextKeys", "B,a"),
        ("aws:ResourceTag/team", "blue"),
    ] {
        assert_eq!(value(&requirements, 0, name).as_deref(), Some(expected), "{name}");
    }
    assert_eq!(value(&requirements, 0, "kms:ViaService"), None);
    let by_context = json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"kms:EncryptionContext:a": "1"}}});
    assert_eq!(world.call(OWNER, &by_context, "Encrypt", &asked).0, 200);
    let other = with(&asked, &json!({"EncryptionContext": {"a": "2"}}));
    assert_eq!(world.call(OWNER, &by_context, "Encrypt", &other).0, 400);
    let waiting = with(&id(&key), &json!({"PendingWindowInDays": 9}));
    let (_, requirements) = world.call_as(&user(OWNER), &all("kms:*"), "ScheduleKeyDeletion", &waiting);
    assert_eq!(value(&requirements, 0, "kms:ScheduleKeyDeletionPendingWindowInDays").as_deref(), Some("9"));
    let made = json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "Tags": [{"TagKey": "a", "TagValue": "b"}]});
    let (_, requirements) = world.call_as(&user(OWNER), &all("kms:*"), "CreateKey", &made);
    let actions: Vec<_> = requirements.iter().map(|own| own.action.as_str()).collect();
    assert_eq!(actions, ["kms:CreateKey", "kms:TagResource"]);
    assert_eq!(value(&requirements, 0, "kms:KeySpec").as_deref(), Some("RSA_2048"));
    assert_eq!(value(&requirements, 0, "aws:RequestTag/a").as_deref(), Some("b"));
}

#[test]
fn an_alias_takes_the_permission_on_itself_and_on_its_key() {
    let world = World::new();
    let key = world.key(&json!({}));
    let asked = json!({"AliasName": "alias/app", "TargetKeyId": key});
    let (_, requirements) = world.call_as(&user(OWNER), &all("kms:*"), "CreateAlias", &asked);
    let resources: Vec<_> = requirements.iter().map(|own| own.resource.clone()).collect();
    assert_eq!(resources, [format!("arn:aws:kms:us-east-1:{OWNER}:alias/app"), key.clone()]);
    let on = |resource: &str| json!({"Effect": "Allow", "Action": "kms:DeleteAlias", "Resource": resource});
    let gone = json!({"AliasName": "alias/app"});
    assert_eq!(world.call(OWNER, &on(&key), "DeleteAlias", &gone).0, 400);
    assert_eq!(world.call(OWNER, &on(&resources[0]), "DeleteAlias", &gone).0, 400);
    assert_eq!(world.call(OWNER, &json!([on(&resources[0]), on(&key)]), "DeleteAlias", &gone).0, 200);
}

#[test]
fn a_set_operator_that_asks_for_nothing_is_refused_where_it_looks_as_if_it_did() {
    let world = World::new();
    let made = |operator: &str, key: &str| {
        let limited = with(&root(OWNER, "kms:Encrypt"), &json!({"Condition": {operator: {key: "x"}}}));
        let document = policy(&json!([root(OWNER, "kms:*"), limited]));
        world.call(OWNER, &all("kms:*"), "CreateKey", &json!({"Policy": document}))
    };
    for (operator, key, what) in [
        ("ForAllValues:StringEquals", "kms:EncryptionContext:Dept", "encryption context"),
        ("ForAllValues:StringLike", "KMS:EncryptionContext:Dept", "encryption context"),
        ("ForAllValues:StringEquals", "aws:RequestTag/team", "tag"),
    ] {
        let (code, message) = error(&made(operator, key));
        let expected = format!(
            "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches \
             requests without the specified {what} or with an unspecified {what}. To fix, remove ForAllValues."
        );
        assert_eq!((code.as_str(), message), ("MalformedPolicyDocumentException", expected), "{operator} {key}");
    }
    for (operator, key) in [
        ("ForAllValues:StringEquals", "aws:TagKeys"),
        ("ForAllValues:StringEquals", "kms:EncryptionContextKeys"),
        ("StringEquals", "kms:EncryptionContext:Dept"),
        ("ForAnyValue:StringEquals", "kms:EncryptionContext:Dept"),
    ] {
        assert_eq!(made(operator, key).0, 200, "{operator} {key}");
    }
}

#[test]
fn a_policy_is_no_lockout_where_its_conditions_hold_for_the_call_or_may() {
    let world = World::new();
    let made = |effect: &str, operator: &str, key: &str, value: &str| {
        let test = json!({"Condition": {operator: {key: value}}, "Effect": effect});
        let statement = with(&root(OWNER, "kms:*"), &test);
        let statements = if effect == "Deny" { json!([root(OWNER, "kms:*"), statement]) } else { json!([statement]) };
        world.call(OWNER, &all("kms:*"), "CreateKey", &json!({"Policy": policy(&statements)})).0
    };
    for (operator, key, value) in [
        ("IpAddress", "aws:SourceIp", "127.0.0.1/32"),
        ("StringEquals", "aws:PrincipalOrgID", "o-a"),
        ("Bool", "aws:SecureTransport", "false"),
        ("StringEquals", "aws:RequestedRegion", "us-east-1"),
        ("ArnEquals", "aws:PrincipalArn", &user(OWNER)),
        ("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
        ("StringEquals", "kms:CallerAccount", "${aws:PrincipalTag/account}"),
    ] {
        assert_eq!(made("Allow", operator, key, value), 200, "{key}");
    }
    for (operator, key, value) in [
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
        ("StringEquals", "aws:SourceVpce", "vpce-1a"),
        ("ArnEquals", "aws:PrincipalArn", &user(STRANGER)),
        ("StringEquals", "kms:CallerAccount", STRANGER),
    ] {
        assert_eq!(made("Allow", operator, key, value), 400, "{key}");
    }
    assert_eq!(made("Deny", "Bool", "aws:SecureTransport", "false"), 200);
    assert_eq!(made("Deny", "StringEquals", "kms:CallerAccount", OWNER), 400);
}
