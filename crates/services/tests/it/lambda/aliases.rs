//! Versions and aliases.

use serde_json::{Value, json};

use super::{World, arn, zip};

#[tokio::test]
async fn a_version_keeps_what_it_was_made_of_and_is_not_made_twice_of_the_same() {
    let world = World::new();
    world.function("f").await;
    let line = "POST /2015-03-31/functions/f/versions";
    let first = world.administer(line, &json!({})).await;
    assert_eq!((&first["Version"], &first["FunctionArn"]), (&json!("1"), &json!(arn("f:1"))));
    assert_eq!(world.administer(line, &json!({})).await["Version"], "1");
    let wrong = world.call(line, &json!({"CodeSha256": "x"})).await.error();
    assert!(wrong.2.starts_with("CodeSHA256 (x) is different from current CodeSHA256 in $LATEST ("), "{}", wrong.2);
    world.administer("PUT /2015-03-31/functions/f/code", &json!({"ZipFile": zip(&[("b", b"b")])})).await;
    world.settled("f").await;
    let second = world.administer(line, &json!({"Description": "the second"})).await;
    assert_eq!((&second["Version"], &second["Description"]), (&json!("2"), &json!("the second")));
    let list = world.administer("GET /2015-03-31/functions/f/versions", &Value::Null).await;
    let arns: Vec<_> = list["Versions"].as_array().unwrap().iter().map(|one| one["FunctionArn"].clone()).collect();
    assert_eq!(arns, [json!(arn("f:$LATEST")), json!(arn("f:1")), json!(arn("f:2"))]);
    assert_eq!(list["Versions"][1]["CodeSha256"], first["CodeSha256"]);
    for member in ["State", "LastUpdateStatus", "RuntimeVersionConfig"] {
        assert!(first.get(member).is_some() && list["Versions"][1].get(member).is_none(), "{member}");
    }
    assert_eq!(world.invoke("f%3A1", &json!({"do": "where"})).await.document()["version"], "1");
    assert_eq!(world.call("DELETE /2015-03-31/functions/f?Qualifier=1", &Value::Null).await.status, 204);
    assert_eq!(world.invoke("f%3A1", &json!({})).await.status, 404);
    let latest = world.call("DELETE /2015-03-31/functions/f?Qualifier=$LATEST", &Value::Null).await.error();
    assert_eq!(latest.2, "$LATEST version cannot be deleted without deleting the function.");
}

#[tokio::test]
async fn a_function_that_is_made_again_goes_on_with_the_numbers_of_the_one_before() {
    let world = World::new();
    let line = "POST /2015-03-31/functions/f/versions";
    world.function("f").await;
    assert_eq!(world.administer(line, &json!({})).await["Version"], "1");
    assert_eq!(world.call("DELETE /2015-03-31/functions/f", &Value::Null).await.status, 204);
    // One that had no version in between changes nothing, and neither does a start of the service.
    world.function("f").await;
    assert_eq!(world.call("DELETE /2015-03-31/functions/f", &Value::Null).await.status, 204);
    let world = world.again().await;
    world.function("f").await;
    world.function("g").await;
    assert_eq!(world.administer(line, &json!({})).await["Version"], "2");
    assert_eq!(world.administer("POST /2015-03-31/functions/g/versions", &json!({})).await["Version"], "1");
}

#[tokio::test]
async fn an_alias_leads_to_its_version_and_by_weight_to_another() {
    let world = World::new();
    world.function_of("f", json!({"Publish": true})).await;
    let code = json!({"ZipFile": zip(&[("b", b"b")]), "Publish": true});
    world.administer("PUT /2015-03-31/functions/f/code", &code).await;
    world.settled("f").await;
    let aliases = "POST /2015-03-31/functions/f/aliases";
    let made = world.administer(aliases, &json!({"Name": "live", "FunctionVersion": "1"})).await;
    assert_eq!((&made["AliasArn"], &made["FunctionVersion"]), (&json!(arn("f:live")), &json!("1")));
    let found = world.invoke("f%3Alive", &json!({"do": "where"})).await;
    assert_eq!(found.document(), json!({"version": "1", "arn": arn("f:live")}));
    assert_eq!(found.header("x-amz-executed-version"), "1");

    let line = "PUT /2015-03-31/functions/f/aliases/live";
    let weights = json!({"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.5}}});
    world.administer(line, &weights).await;
    let mut counts = [0, 0];
    for _ in 0..100 {
        match world.invoke("f%3Alive", &json!({})).await.header("x-amz-executed-version") {
            "1" => counts[0] += 1,
            "2" => counts[1] += 1,
            other => panic!("{other}"),
        }
    }
    assert!(counts.iter().all(|count| *count > 15), "{counts:?}");
    for (change, told) in [
        (json!({"FunctionVersion": "9"}), "Function not found: "),
        (json!({"RoutingConfig": {"AdditionalVersionWeights": {"1": 0.5}}}), "Invalid function version 1."),
        (json!({"FunctionVersion": "$LATEST"}), "$LATEST is not supported for an alias pointing to more than 1"),
        (json!({"RoutingConfig": {"AdditionalVersionWeights": {"2": 1.5}}}), "1 validation error detected"),
        (
            json!({"RoutingConfig": {"AdditionalVersionWeights": {"2": -0.5}}}),
            "1 validation error detected: Value '-0.5' at 'routingConfig.additionalVersionWeights' failed to satisfy \
             constraint: Member must have value greater than or equal to 0",
        ),
        (json!({"RevisionId": "x"}), "The Revision Id provided does not match the latest Revision Id."),
    ] {
        let (_, _, message) = world.call(line, &change).await.error();
        assert!(message.starts_with(told), "{change}: {message}");
    }
    let used = world.call("DELETE /2015-03-31/functions/f?Qualifier=2", &Value::Null).await.error();
    assert_eq!(used.1, "ResourceConflictException");
    assert_eq!(used.2, "Unable to delete version because the following aliases reference it: [live]");
    let again = world.call(aliases, &json!({"Name": "live", "FunctionVersion": "1"})).await.error();
    assert_eq!(again.2, format!("Alias already exists: {}", arn("f:live")));
    let listed = world.administer("GET /2015-03-31/functions/f/aliases?FunctionVersion=2", &Value::Null).await;
    assert_eq!(listed["Aliases"][0]["Name"], "live");
    assert_eq!(world.call("DELETE /2015-03-31/functions/f/aliases/live", &Value::Null).await.status, 204);
    let gone = world.call("GET /2015-03-31/functions/f/aliases/live", &Value::Null).await.error();
    assert_eq!(gone.2, format!("Cannot find alias arn: {}", arn("f:live")));
    assert_eq!(
        world.call(aliases, &json!({"Name": "12", "FunctionVersion": "1"})).await.error().1,
        "ValidationException"
    );
}

#[tokio::test]
async fn a_revision_changes_as_a_function_becomes_active_is_updated_and_is_published() {
    let world = World::new();
    let made = world.function("f").await["RevisionId"].clone();
    let active = world.settled("f").await["RevisionId"].clone();
    assert_ne!(made, active);
    let line = "PUT /2015-03-31/functions/f/configuration";
    let changed = world.administer(line, &json!({"Description": "d"})).await;
    assert_eq!(changed["LastUpdateStatusReasonCode"], "Creating");
    let settled = world.settled("f").await["RevisionId"].clone();
    assert!(changed["RevisionId"] != active && settled != changed["RevisionId"]);
    let published = world.administer("POST /2015-03-31/functions/f/versions", &json!({"RevisionId": settled})).await;
    let after = world.settled("f").await["RevisionId"].clone();
    assert!(after != settled && after != published["RevisionId"]);
    world.administer("POST /2015-03-31/functions/f/versions", &json!({"RevisionId": after})).await;
    assert_eq!(world.settled("f").await["RevisionId"], after, "nothing was published");
}

#[tokio::test]
async fn a_description_makes_no_new_version_and_one_of_the_function_does() {
    let world = World::new();
    world.function("f").await;
    let line = "POST /2015-03-31/functions/f/versions";
    let first = world.administer(line, &json!({"Description": "own"})).await;
    let again = world.administer(line, &json!({"Description": "another"})).await;
    assert_eq!((&again["Version"], &again["Description"]), (&first["Version"], &json!("own")));
    assert_eq!(world.administer(line, &json!({})).await["Version"], "1");
    world.administer("PUT /2015-03-31/functions/f/configuration", &json!({"Description": "own"})).await;
    world.settled("f").await;
    assert_eq!(world.administer(line, &json!({})).await["Version"], "2");
}
