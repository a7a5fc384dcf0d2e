//! Layers, and functions that have them.

use serde_json::{Value, json};

use super::{OWNER, STRANGER, World, all, function, zip};

const PUBLISH: &str = "POST /2018-10-31/layers/l/versions";

fn layer_arn(number: u64) -> String {
    format!("arn:aws:lambda:us-east-1:{OWNER}:layer:l:{number}")
}

fn content(file: &str) -> Value {
    json!({"Content": {"ZipFile": zip(&[(file, b"1")])}, "CompatibleRuntimes": ["python3.12"], "Description": "d"})
}

#[tokio::test]
async fn a_layer_is_published_by_versions_found_and_listed() {
    let world = World::new();
    let first = world.administer(PUBLISH, &content("python/a.py")).await;
    assert_eq!((&first["Version"], &first["LayerVersionArn"]), (&json!(1), &json!(layer_arn(1))));
    assert_eq!(first["Content"]["CodeSha256"].as_str().unwrap().len(), 44);
    let second = world.administer(PUBLISH, &content("python/b.py")).await;
    assert_eq!(second["Version"], 2);
    assert_eq!(world.administer("GET /2018-10-31/layers/l/versions/1", &Value::Null).await, first);
    let arn = layer_arn(2).replace(':', "%3A");
    let by_arn = format!("GET /2018-10-31/layers?find=LayerVersion&Arn={arn}");
    assert_eq!(world.administer(&by_arn, &Value::Null).await, second);
    let layers = world.administer("GET /2018-10-31/layers?CompatibleRuntime=python3.12", &Value::Null).await;
    assert_eq!(layers["Layers"][0]["LatestMatchingVersion"]["Version"], 2);
    let none = world.administer("GET /2018-10-31/layers?CompatibleRuntime=nodejs22.x", &Value::Null).await;
    assert_eq!(none, json!({"Layers": []}));
    let versions = world.administer("GET /2018-10-31/layers/l/versions?MaxItems=1", &Value::Null).await;
    assert_eq!(versions["LayerVersions"][0]["Version"], 2, "the newest comes first");
    let next = versions["NextMarker"].as_str().unwrap();
    let rest = format!("GET /2018-10-31/layers/l/versions?MaxItems=1&Marker={next}");
    assert_eq!(world.administer(&rest, &Value::Null).await["LayerVersions"][0]["Version"], 1);
    assert_eq!(world.call("DELETE /2018-10-31/layers/l/versions/2", &Value::Null).await.status, 204);
    assert_eq!(world.call("DELETE /2018-10-31/layers/l/versions/2", &Value::Null).await.status, 204);
    assert_eq!(world.call("GET /2018-10-31/layers/l/versions/2", &Value::Null).await.status, 404);
    let world = world.again().await;
    assert_eq!(world.administer(PUBLISH, &content("c")).await["Version"], 3, "no number is given twice");
}

#[tokio::test]
async fn a_function_has_its_layers_over_one_another_and_keeps_them_when_they_are_deleted() {
    let world = World::new();
    world.administer(PUBLISH, &content("python/a.py")).await;
    let other = "POST /2018-10-31/layers/m/versions";
    world.administer(other, &content("python/b.py")).await;
    let both = json!([layer_arn(1), layer_arn(1).replace(":l:", ":m:")]);
    let made = world.function_of("f", json!({"Layers": both})).await;
    assert_eq!(made["Layers"][0]["Arn"], layer_arn(1));
    world.administer("DELETE /2018-10-31/layers/l/versions/1", &Value::Null).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(world.invoke("f", &json!({})).await.status, 200);
    {
        let started = world.fake.started.lock().unwrap();
        let layers = started[0].layers.as_ref().unwrap();
        assert!(layers.join("python/a.py").is_file() && layers.join("python/b.py").is_file());
    }
    for (layers, told) in [
        (json!([layer_arn(9)]), "Layer version arn:aws:lambda:us-east-1:111122223333:layer:l:9 does not exist."),
        (json!([layer_arn(1), layer_arn(2)]), "Two different versions of the same layer are not allowed"),
        (json!([layer_arn(1).replace("us-east-1", "eu-west-1")]), "Layers are not in the same region as the function."),
        (json!([1, 2, 3, 4, 5, 6].map(layer_arn)), "Cannot reference more than 5 layers."),
    ] {
        let mut document = function("g");
        document["Layers"] = layers;
        let (_, _, message) = world.call("POST /2015-03-31/functions", &document).await.error();
        assert!(message.starts_with(told), "{message}");
    }
    let none = world.administer("PUT /2015-03-31/functions/f/configuration", &json!({"Layers": []})).await;
    assert!(none.get("Layers").is_none());
}

#[tokio::test]
async fn a_layer_is_used_by_another_account_that_its_policy_lets_in() {
    let world = World::new();
    world.administer(PUBLISH, &content("a")).await;
    let mut document = function("f");
    document["Role"] = json!(format!("arn:aws:iam::{STRANGER}:role/f"));
    document["Layers"] = json!([layer_arn(1)]);
    let create = "POST /2015-03-31/functions";
    let denied = world.call_as(STRANGER, &all("*"), create, &document).await.error();
    assert!(denied.2.contains("lambda:GetLayerVersion on resource: arn:aws:lambda"), "{}", denied.2);
    let policy = "/2018-10-31/layers/l/versions/1/policy";
    let permission = json!({"StatementId": "all", "Action": "lambda:GetLayerVersion", "Principal": "*"});
    let added = world.administer(&format!("POST {policy}"), &permission).await;
    let found = world.administer(&format!("GET {policy}"), &Value::Null).await;
    assert_eq!(found["RevisionId"], added["RevisionId"]);
    assert_eq!(world.call_as(STRANGER, &all("*"), create, &document).await.status, 201);
    let stale = world.call(&format!("DELETE {policy}/all?RevisionId=x"), &Value::Null).await.error();
    assert_eq!(stale.1, "PreconditionFailedException");
    assert_eq!(world.call(&format!("DELETE {policy}/all"), &Value::Null).await.status, 204);
    assert_eq!(world.call(&format!("GET {policy}"), &Value::Null).await.status, 404);
}
