//! When runtimes are updated, which versions of them there are, and loops of functions.

use serde_json::{Value, json};

use super::{World, arn};

#[tokio::test]
async fn when_a_runtime_is_updated_is_kept_for_each_version() {
    let world = World::new();
    world.function_of("f", json!({"Publish": true})).await;
    let line = "/2021-07-20/functions/f/runtime-management-config";
    let found = world.administer(&format!("GET {line}"), &Value::Null).await;
    assert_eq!(found, json!({"UpdateRuntimeOn": "Auto", "FunctionArn": arn("f")}));
    let version = "arn:aws:lambda:us-east-1::runtime:0123456789abcdef";
    let manual = json!({"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": version});
    let put = world.administer(&format!("PUT {line}?Qualifier=1"), &manual).await;
    assert_eq!((&put["RuntimeVersionArn"], &put["FunctionArn"]), (&json!(version), &json!(arn("f:1"))));
    assert_eq!(world.administer(&format!("GET {line}?Qualifier=1"), &Value::Null).await, put);
    assert_eq!(world.administer(&format!("GET {line}"), &Value::Null).await["UpdateRuntimeOn"], "Auto");
    for wrong in [json!({"UpdateRuntimeOn": "Never"}), json!({"UpdateRuntimeOn": "Manual"}), json!({})] {
        assert_eq!(world.call(&format!("PUT {line}"), &wrong).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_function_may_call_itself_for_ever_if_that_is_said() {
    let world = World::new();
    world.function("f").await;
    let line = "/2024-08-31/functions/f/recursion-config";
    let found = world.administer(&format!("GET {line}"), &Value::Null).await;
    assert_eq!(found, json!({"RecursiveLoop": "Terminate"}));
    world.administer(&format!("PUT {line}"), &json!({"RecursiveLoop": "Allow"})).await;
    let found = world.administer(&format!("GET {line}"), &Value::Null).await;
    assert_eq!(found, json!({"RecursiveLoop": "Allow"}));
    assert_eq!(
        world.call(&format!("PUT {line}"), &json!({"RecursiveLoop": "x"})).await.error().1,
        "ValidationException"
    );
}

#[tokio::test]
async fn a_runtime_that_is_not_on_the_machine_is_told_by_invocations() {
    let world = World::new();
    let made = world.function_of("f", json!({"Runtime": "java21"})).await;
    let version = made["RuntimeVersionConfig"]["RuntimeVersionArn"].as_str().unwrap();
    assert!(version.starts_with("arn:aws:lambda:us-east-1::runtime:"), "{version}");
    let (status, code, message) = world.invoke("f", &json!({})).await.error();
    assert_eq!((status, code.as_str()), (502, "InvalidRuntimeException"));
    assert_eq!(message, "the runtime java21 is not on this machine");
    let other = world.function("g").await;
    assert_ne!(other["RuntimeVersionConfig"], made["RuntimeVersionConfig"]);
}
