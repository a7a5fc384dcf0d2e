//! Addresses at which the archives of functions and layers are fetched.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use serde_json::{Value, json};
use sidegate_wire::sigv4::{PayloadHash, Presented, SecretKey};

use super::{Answer, Asked, OWNER, STRANGER, World, all, zip};

const HOST: (&str, &str) = ("host", "lambda.us-east-1.amazonaws.com");

async fn told(world: &World, line: &str) -> Value {
    let asked = Asked { line, headers: &[HOST], body: Vec::new() };
    world.send(OWNER, &all("*"), asked).await.document()
}

/// Fetches what a location says, if its signature is right.
async fn fetched(world: &World, location: &str, account: &str, statement: &Value) -> Answer {
    let target = location.strip_prefix("https://lambda.us-east-1.amazonaws.com").unwrap();
    let (parts, ()) = Request::get(target).header(HOST.0, HOST.1).body(()).unwrap().into_parts();
    let presented = Presented::parse(&parts).unwrap();
    presented.verify(&parts, PayloadHash::OfBody(b""), &SecretKey::new("secret"), super::now() / 1000).unwrap();
    let line = format!("GET {target}");
    world.send(account, statement, Asked { line: &line, headers: &[HOST], body: Vec::new() }).await
}

#[tokio::test]
async fn the_archives_of_functions_and_layers_are_fetched_where_it_is_told() {
    let world = World::new();
    world.function_of("f", json!({"Publish": true})).await;
    let (first, second) = (zip(&[("app.py", b"def handler(event, context): return event\n")]), zip(&[("b", b"b")]));
    world.administer("PUT /2015-03-31/functions/f/code", &json!({"ZipFile": second})).await;
    world.settled("f").await;
    for (line, archive) in
        [("GET /2015-03-31/functions/f", &second), ("GET /2015-03-31/functions/f?Qualifier=1", &first)]
    {
        let found = told(&world, line).await;
        let location = found["Code"]["Location"].as_str().unwrap();
        let answer = fetched(&world, location, OWNER, &all("lambda:GetFunction")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/zip"));
        assert_eq!(STANDARD.encode(&answer.body), *archive, "{line}");
        // Who may not get the function does not get its code either.
        assert_eq!(fetched(&world, location, OWNER, &all("lambda:ListFunctions")).await.status, 403);
        assert_eq!(fetched(&world, location, STRANGER, &all("*")).await.status, 403);
    }
    let content = json!({"Content": {"ZipFile": first}});
    world.administer("POST /2018-10-31/layers/l/versions", &content).await;
    let found = told(&world, "GET /2018-10-31/layers/l/versions/1").await;
    let location = found["Content"]["Location"].as_str().unwrap();
    let answer = fetched(&world, location, OWNER, &all("lambda:GetLayerVersion")).await;
    assert_eq!((answer.status, STANDARD.encode(&answer.body)), (200, first));
}
