//! Resource policies of tables and streams, and callers of other accounts.

use super::*;

fn policy(actions: Value, resource: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{STRANGER}:root")}, "Action": actions, "Resource": resource,
    }})
    .to_string()
}

#[test]
fn a_table_s_policy_lets_another_account_in_by_the_table_s_arn() {
    let world = World::new();
    world.table("Music");
    world.put("Music", "a", "x");
    let get = json!({"TableName": arn("Music"), "Key": key("a", "x")});
    assert_eq!(world.call(STRANGER, "GetItem", &get).0, 400);
    let document = policy(json!("dynamodb:GetItem"), &arn("Music"));
    let put = json!({"ResourceArn": arn("Music"), "Policy": document});
    let revision = world.ok("PutResourcePolicy", put.clone())["RevisionId"].clone();
    assert_eq!(world.ok("PutResourcePolicy", put)["RevisionId"], revision, "the same policy keeps its revision");
    assert_eq!(world.call(STRANGER, "GetItem", &get), (200, json!({"Item": item("a", "x")})));
    assert_eq!(world.call(STRANGER, "DeleteItem", &get).0, 400);
    let found = world.ok("GetResourcePolicy", json!({"ResourceArn": arn("Music")}));
    assert_eq!((&found["Policy"], &found["RevisionId"]), (&json!(document), &revision));
    let wrong = json!({"ResourceArn": arn("Music"), "ExpectedRevisionId": "1"});
    assert_eq!(world.code("DeleteResourcePolicy", wrong), "PolicyNotFoundException");
    let right = json!({"ResourceArn": arn("Music"), "ExpectedRevisionId": revision});
    assert_eq!(world.ok("DeleteResourcePolicy", right)["RevisionId"], revision);
    assert_eq!(world.code("GetResourcePolicy", json!({"ResourceArn": arn("Music")})), "PolicyNotFoundException");
    assert_eq!(world.call(STRANGER, "GetItem", &get).0, 400);
}

#[test]
fn a_batch_reads_tables_of_two_accounts() {
    let world = World::new();
    world.table("Music");
    world.put("Music", "a", "x");
    let document = policy(json!("dynamodb:BatchGetItem"), &arn("Music"));
    world.ok("PutResourcePolicy", json!({"ResourceArn": arn("Music"), "Policy": document}));
    assert_eq!(world.call(STRANGER, "CreateTable", &table("Music")).0, 200);
    let own = json!({"TableName": "Music", "Item": item("own", "x")});
    assert_eq!(world.call(STRANGER, "PutItem", &own).0, 200);
    let keys = |pk: &str| json!({"Keys": [key(pk, "x")]});
    let batch = json!({"RequestItems": {"Music": keys("own"), arn("Music"): keys("a")}});
    let (status, found) = world.call(STRANGER, "BatchGetItem", &batch);
    assert_eq!(status, 200, "{found}");
    assert_eq!(found["Responses"], json!({"Music": [item("own", "x")], arn("Music"): [item("a", "x")]}));
    let items = |table: &str| json!({"Get": {"TableName": table, "Key": key("a", "x")}});
    let transaction = json!({"TransactItems": [items("Music"), items(&arn("Music"))]});
    assert_eq!(error(&world.call(STRANGER, "TransactGetItems", &transaction)).0, "ValidationException");
}

#[test]
fn a_policy_goes_with_its_table_and_not_to_the_next_one_of_the_name() {
    let world = World::new();
    let mut document = table("Music");
    document["ResourcePolicy"] = json!(policy(json!("dynamodb:*"), &format!("{}*", arn("Music"))));
    world.ok("CreateTable", document);
    let scan = json!({"TableName": arn("Music")});
    assert_eq!(world.call(STRANGER, "Scan", &scan).0, 200);
    let world = world.reopened();
    assert_eq!(world.call(STRANGER, "Scan", &scan).0, 200);
    world.ok("DeleteTable", json!({"TableName": "Music"}));
    world.table("Music");
    assert_eq!(world.call(STRANGER, "Scan", &scan).0, 400);
}

#[test]
fn policies_that_are_none_are_refused() {
    let world = World::new();
    world.table("Music");
    let put = |policy: &str| json!({"ResourceArn": arn("Music"), "Policy": policy});
    assert_eq!(world.code("PutResourcePolicy", put("{")), "ValidationException");
    assert_eq!(
        world.code("PutResourcePolicy", put(&policy(json!("dynamodb:*"), &arn("Other")))),
        "ValidationException"
    );
    let everyone = policy(json!("dynamodb:*"), &arn("Music")).replace(&format!("arn:aws:iam::{STRANGER}:root"), "*");
    assert_eq!(world.code("PutResourcePolicy", put(&everyone)), "ValidationException");
    let mut public = table("Public");
    public["ResourcePolicy"] = json!(everyone.replace("Music", "Public"));
    assert_eq!(world.code("CreateTable", public), "ValidationException");
    let long = policy(json!("dynamodb:*"), &arn("Music")) + &" ".repeat(20_480);
    assert_eq!(world.code("PutResourcePolicy", put(&long)), "ValidationException");
    let lockout = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": "*", "Action": "dynamodb:*", "Resource": arn("Music")}})
    .to_string();
    assert_eq!(world.code("PutResourcePolicy", put(&lockout)), "ValidationException");
    let mut confirmed = put(&lockout);
    confirmed["ConfirmRemoveSelfResourceAccess"] = json!(true);
    world.ok("PutResourcePolicy", confirmed);
    assert_eq!(world.code("Scan", json!({"TableName": "Music"})), "AccessDeniedException");
    let gone = json!({"ResourceArn": arn("Gone"), "Policy": policy(json!("dynamodb:*"), &arn("Gone"))});
    assert_eq!(world.code("PutResourcePolicy", gone), "ResourceNotFoundException");
}
