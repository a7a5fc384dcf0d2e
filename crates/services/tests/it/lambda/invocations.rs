//! Invocations that wait for their answer.

use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{OWNER, STRANGER, World, all, arn};

#[tokio::test]
async fn an_invocation_hands_the_event_over_and_brings_the_answer_back() {
    let world = World::new();
    world.function_of("f", json!({"Timeout": 7, "Environment": {"Variables": {"AB": "1"}}})).await;
    let answer = world.invoke("f", &json!({"a": [1, 2]})).await;
    assert_eq!((answer.status, answer.document()), (200, json!({"a": [1, 2]})));
    assert_eq!(answer.header("x-amz-executed-version"), "$LATEST");
    assert_eq!((answer.header("x-amz-function-error"), answer.header("x-amz-log-result")), ("", ""));
    {
        let events = world.fake.events.lock().unwrap();
        assert_eq!((events[0].invoked_arn.as_str(), events[0].timeout), (arn("f").as_str(), Duration::from_secs(7)));
        assert!(events[0].trace_id.starts_with("Root=1-"));
        let started = world.fake.started.lock().unwrap();
        assert_eq!((started[0].function.as_str(), started[0].handler.as_str()), ("f", "app.handler"));
        assert_eq!(started[0].variables.get("AB").map(String::as_str), Some("1"));
        assert_eq!(started[0].function_arn, arn("f:$LATEST"));
        assert!(started[0].code.join("app.py").is_file());
    }
    let context = STANDARD.encode(r#"{"client": {}}"#);
    let headers = [("x-amz-log-type", "Tail"), ("x-amz-client-context", context.as_str())];
    let answer = world.invoke_with("f", &headers, Vec::new()).await;
    assert_eq!(answer.document(), json!({}), "no event is an empty one");
    assert!(STANDARD.decode(answer.header("x-amz-log-result")).unwrap().starts_with(b"START RequestId: "));
    let events = world.fake.events.lock().unwrap();
    assert_eq!(events[1].client_context.as_deref(), Some(r#"{"client": {}}"#));
}

#[tokio::test]
async fn what_goes_wrong_in_a_function_is_told_as_aws_tells_it() {
    let world = World::new();
    world.function("f").await;
    for (event, kind, message) in [
        ("fail", "ValueError", "no"),
        ("time out", "Sandbox.Timedout", "Error: Task timed out after 3.00 seconds"),
        ("crash", "Runtime.ExitError", "Error: Runtime exited with error: exit status 1"),
        ("eat memory", "Runtime.OutOfMemory", "Error: Runtime exited with error: signal: killed"),
        ("no init", "Runtime.ExitError", "Error: Runtime exited with error: exit status 2"),
        ("talk", "Function.ResponseSizeTooLarge", "maximum allowed payload size (6291556 bytes)."),
    ] {
        let answer = world.invoke("f", &json!({"do": event})).await;
        let document = answer.document();
        assert_eq!((answer.status, answer.header("x-amz-function-error")), (200, "Unhandled"), "{event}");
        assert_eq!(document["errorType"], kind);
        assert!(document["errorMessage"].as_str().unwrap().ends_with(message), "{document}");
    }
}

#[tokio::test]
async fn an_environment_is_used_again_until_it_breaks_or_the_function_changes() {
    let world = World::new();
    world.function("f").await;
    let started = || world.fake.started.lock().unwrap().len();
    for _ in 0..3 {
        world.invoke("f", &json!({})).await;
    }
    assert_eq!(started(), 1);
    world.invoke("f", &json!({"do": "fail"})).await;
    world.invoke("f", &json!({"do": "crash"})).await;
    assert_eq!(started(), 1, "an error of the function leaves its environment");
    world.invoke("f", &json!({})).await;
    assert_eq!(started(), 2, "a crash does not");
    world.administer("PUT /2015-03-31/functions/f/configuration", &json!({"MemorySize": 256})).await;
    world.settled("f").await;
    world.invoke("f", &json!({})).await;
    assert_eq!((started(), world.fake.started.lock().unwrap()[2].memory), (3, 256));
    for _ in 0..200 {
        if world.fake.living.load(Ordering::SeqCst) == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(world.fake.living.load(Ordering::SeqCst), 1, "the one from before the change has ended");
    world.lambda.close(Duration::from_secs(5)).await;
    assert_eq!((world.fake.living.load(Ordering::SeqCst), world.lambda.environments_living()), (0, 0));
}

#[tokio::test]
async fn a_dry_run_runs_nothing_and_asks_all_the_same() {
    let world = World::new();
    world.function("f").await;
    let dry = [("x-amz-invocation-type", "DryRun")];
    assert_eq!(world.invoke_with("f", &dry, b"{}".to_vec()).await.status, 204);
    assert_eq!(world.invoke_with("g", &dry, b"{}".to_vec()).await.status, 404);
    assert!(world.fake.started.lock().unwrap().is_empty());
    let line = "POST /2015-03-31/functions/f/invocations";
    let denied = world.call_as(OWNER, &all("lambda:GetFunction"), line, &json!({})).await.error();
    assert!(
        denied.2.contains("not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:"),
        "{}",
        denied.2
    );
    let theirs = world
        .call_as(STRANGER, &all("*"), &line.replace("/f/", &format!("/{}/", arn("f").replace(':', "%3A"))), &json!({}))
        .await;
    assert!(theirs.error().2.contains("no resource-based policy allows"));
}

#[tokio::test]
async fn what_is_no_event_is_refused() {
    let world = World::new();
    world.function("f").await;
    for (headers, body, code) in [
        (vec![], b"{".to_vec(), "InvalidRequestContentException"),
        (vec![], vec![0xff], "InvalidRequestContentException"),
        (vec![], vec![b'1'; 6_291_457], "RequestTooLargeException"),
        (vec![("x-amz-invocation-type", "Event")], vec![b'1'; 1_048_577], "RequestTooLargeException"),
        (vec![("x-amz-invocation-type", "Sometimes")], b"{}".to_vec(), "ValidationException"),
        (vec![("x-amz-log-type", "All")], b"{}".to_vec(), "ValidationException"),
        (vec![("x-amz-client-context", "{}")], b"{}".to_vec(), "InvalidRequestContentException"),
    ] {
        assert_eq!(world.invoke_with("f", &headers, body).await.error().1, code, "{headers:?}");
    }
    assert!(world.fake.started.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_invocation_goes_on_when_its_client_has_left() {
    let world = World::new();
    world.function("f").await;
    let event = json!({"sleep": 100});
    let left = tokio::time::timeout(Duration::from_millis(30), world.invoke("f", &event)).await;
    assert!(left.is_err());
    tokio::time::sleep(Duration::from_millis(800)).await;
    world.invoke("f", &json!({})).await;
    assert_eq!(world.fake.started.lock().unwrap().len(), 1, "the environment came back");
}

#[tokio::test]
async fn an_invocation_that_the_machine_has_no_room_for_is_throttled() {
    let world = World::new();
    world.function_of("f", json!({"Handler": "no.room"})).await;
    let answer = world.invoke("f", &Value::Null).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
    assert_eq!(answer.document()["Reason"], "ConcurrentInvocationLimitExceeded");
    assert_eq!(world.lambda.environments_living(), 0);
}
