//! The policies of functions, versions and aliases.

use serde_json::{Value, json};

use super::{OWNER, STRANGER, World, all, arn};

#[tokio::test]
async fn a_permission_lets_another_account_in_to_what_it_speaks_of_alone() {
    let world = World::new();
    world.function_of("f", json!({"Publish": true})).await;
    let escaped = arn("f").replace(':', "%3A");
    let whole = format!("POST /2015-03-31/functions/{escaped}/invocations");
    let version = format!("POST /2015-03-31/functions/{escaped}/invocations?Qualifier=1");
    let status =
        async |line: &str| world.call_as(STRANGER, &all("lambda:InvokeFunction"), line, &json!({})).await.status;
    assert_eq!((status(&whole).await, status(&version).await), (403, 403));
    let permission = json!({"StatementId": "theirs", "Action": "lambda:InvokeFunction", "Principal": STRANGER});
    let added = world.administer("POST /2015-03-31/functions/f/policy?Qualifier=1", &permission).await;
    let statement: Value = serde_json::from_str(added["Statement"].as_str().unwrap()).unwrap();
    assert_eq!(
        statement,
        json!({"Sid": "theirs", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{STRANGER}:root")},
            "Action": "lambda:InvokeFunction", "Resource": arn("f:1")})
    );
    assert_eq!((status(&whole).await, status(&version).await), (403, 200));
    world.administer("POST /2015-03-31/functions/f/policy", &permission).await;
    assert_eq!((status(&whole).await, status(&version).await), (200, 200));
    let denied = world.call_as(STRANGER, &all("s3:*"), &whole, &json!({})).await.error();
    assert!(denied.2.contains("no identity-based policy allows"), "{}", denied.2);
    world.administer("DELETE /2015-03-31/functions/f/policy/theirs", &Value::Null).await;
    assert_eq!((status(&whole).await, status(&version).await), (403, 200));
    let none = world.call("GET /2015-03-31/functions/f/policy", &Value::Null).await.error();
    assert_eq!((none.0, none.2.as_str()), (404, "The resource you requested does not exist."));
}

#[tokio::test]
async fn a_policy_is_told_with_its_conditions_and_guarded_by_its_revision() {
    let world = World::new();
    world.function("f").await;
    let line = "POST /2015-03-31/functions/f/policy";
    let permission = json!({"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
        "SourceArn": "arn:aws:s3:::b", "SourceAccount": OWNER});
    world.administer(line, &permission).await;
    let found = world.administer("GET /2015-03-31/functions/f/policy", &Value::Null).await;
    let policy: Value = serde_json::from_str(found["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(
        policy,
        json!({"Version": "2012-10-17", "Id": "default", "Statement": [{
            "Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "lambda:InvokeFunction", "Resource": arn("f"),
            "Condition": {"StringEquals": {"AWS:SourceAccount": OWNER}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}},
        }]})
    );
    let again = world.call(line, &permission).await.error();
    assert!(again.2.starts_with("The statement id (s3) provided already exists."), "{}", again.2);
    for (member, value, code) in [
        ("RevisionId", json!("x"), "PreconditionFailedException"),
        ("Principal", json!("nobody"), "InvalidParameterValueException"),
        ("Action", json!("s3:GetObject"), "ValidationException"),
        ("SourceAccount", json!("1"), "ValidationException"),
        ("StatementId", json!("a b"), "ValidationException"),
    ] {
        let mut other = permission.clone();
        other["StatementId"] = json!("other");
        other[member] = value;
        assert_eq!(world.call(line, &other).await.error().1, code, "{member}");
    }
    let latest = world.call(&format!("{line}?Qualifier=$LATEST"), &permission).await.error();
    assert_eq!(latest.2, "We currently do not support adding policies for $LATEST.");
    let missing = world.call("DELETE /2015-03-31/functions/f/policy/no", &Value::Null).await.error();
    assert_eq!(missing.2, "Statement no is not found in resource policy.");
    for number in 0..200 {
        let mut other = permission.clone();
        other["StatementId"] = json!(format!("n{number}"));
        let answer = world.call(line, &other).await;
        if answer.status != 201 {
            assert_eq!(answer.error().1, "PolicyLengthExceededException");
            return;
        }
    }
    panic!("a policy grows without end");
}

#[tokio::test]
async fn a_policy_has_the_revision_of_what_it_belongs_to_and_changes_it() {
    let world = World::new();
    world.function_of("f", json!({"Publish": true})).await;
    world.administer("POST /2015-03-31/functions/f/aliases", &json!({"Name": "live", "FunctionVersion": "1"})).await;
    let configuration = async |qualifier: &str| {
        let line = format!("GET /2015-03-31/functions/f/configuration?Qualifier={qualifier}");
        world.administer(&line, &Value::Null).await["RevisionId"].clone()
    };
    let alias =
        async || world.administer("GET /2015-03-31/functions/f/aliases/live", &Value::Null).await["RevisionId"].clone();
    let mut permission = json!({"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": STRANGER});
    let (latest, first, live) = (configuration("$LATEST").await, configuration("1").await, alias().await);
    // Without a policy it is the revision of the function that guards it.
    permission["RevisionId"] = latest.clone();
    world.administer("POST /2015-03-31/functions/f/policy", &permission).await;
    let found = world.administer("GET /2015-03-31/functions/f/policy", &Value::Null).await;
    assert_ne!(found["RevisionId"], latest);
    assert_eq!(found["RevisionId"], configuration("$LATEST").await);
    assert_eq!((configuration("1").await, alias().await), (first.clone(), live.clone()));

    permission["RevisionId"] = live.clone();
    world.administer("POST /2015-03-31/functions/f/policy?Qualifier=live", &permission).await;
    let found = world.administer("GET /2015-03-31/functions/f/policy?Qualifier=live", &Value::Null).await;
    assert_ne!(found["RevisionId"], live);
    assert_eq!(found["RevisionId"], alias().await);

    permission["RevisionId"] = first.clone();
    world.administer("POST /2015-03-31/functions/f/policy?Qualifier=1", &permission).await;
    assert_ne!(configuration("1").await, first);
    let before = configuration("$LATEST").await;
    let old = format!("DELETE /2015-03-31/functions/f/policy/s?RevisionId={}", latest.as_str().unwrap());
    assert_eq!(world.call(&old, &Value::Null).await.error().1, "PreconditionFailedException");
    let new = format!("DELETE /2015-03-31/functions/f/policy/s?RevisionId={}", before.as_str().unwrap());
    world.administer(&new, &Value::Null).await;
    assert_ne!(configuration("$LATEST").await, before);
}
