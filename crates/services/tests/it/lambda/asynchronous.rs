//! Invocations that do not wait for their answer.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::{OWNER, World, arn};

const EVENT: [(&str, &str); 1] = [("x-amz-invocation-type", "Event")];

/// Waits until so many events have been handed to environments.
async fn handed(world: &World, count: usize) -> Vec<Value> {
    for _ in 0..1000 {
        let events = world.fake.events.lock().unwrap().clone();
        if events.len() >= count {
            return events.iter().map(|event| serde_json::from_slice(&event.payload).unwrap()).collect();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{count} events were awaited, {} came", world.fake.events.lock().unwrap().len());
}

fn running(world: &World) -> tokio::task::JoinHandle<()> {
    let lambda = world.lambda.clone();
    tokio::spawn(async move { lambda.run().await })
}

async fn queue(world: &World, name: &str, event: &Value) {
    let answer = world.invoke_with(name, &EVENT, event.to_string().into_bytes()).await;
    assert_eq!((answer.status, answer.body.len()), (202, 0));
}

#[tokio::test]
async fn an_event_is_kept_over_a_stop_and_handled_after_it() {
    let world = World::new();
    world.function("f").await;
    queue(&world, "f", &json!({"a": 1})).await;
    assert!(world.fake.events.lock().unwrap().is_empty(), "nothing handles events yet");
    let world = world.again().await;
    let running = running(&world);
    assert_eq!(handed(&world, 1).await, [json!({"a": 1})]);
    queue(&world, "f", &json!({"a": 2})).await;
    assert_eq!(handed(&world, 2).await[1], json!({"a": 2}));
    // What was handled is forgotten a moment later.
    tokio::time::sleep(Duration::from_millis(300)).await;
    running.abort();
    let again = world.again().await;
    let lambda = again.lambda.clone();
    let _ = tokio::time::timeout(Duration::from_millis(100), lambda.run()).await;
    assert!(again.fake.events.lock().unwrap().is_empty(), "what was handled is not handled again");
}

#[tokio::test]
async fn a_failed_event_is_tried_three_times_with_the_same_id() {
    let world = World::new();
    world.function("f").await;
    let running = running(&world);
    queue(&world, "f", &json!({"do": "fail"})).await;
    handed(&world, 3).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    let events = world.fake.events.lock().unwrap().clone();
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| event.request_id == events[0].request_id));
    running.abort();
}

#[tokio::test]
async fn an_event_that_succeeds_at_last_is_not_tried_again() {
    let world = World::new();
    world.function("f").await;
    world.fake.failing.store(1, Ordering::SeqCst);
    let running = running(&world);
    queue(&world, "f", &json!({"a": 1})).await;
    handed(&world, 2).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(world.fake.events.lock().unwrap().len(), 2);
    running.abort();
}

#[tokio::test]
async fn what_comes_of_an_event_goes_to_the_function_that_is_its_destination() {
    let world = World::new();
    for name in ["f", "g"] {
        world.function(name).await;
    }
    let config = "/2019-09-25/functions/f/event-invoke-config";
    let settings = json!({"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60,
        "DestinationConfig": {"OnFailure": {"Destination": arn("g")}, "OnSuccess": {"Destination": arn("g")}}});
    let put = world.administer(&format!("PUT {config}"), &settings).await;
    assert_eq!((&put["FunctionArn"], &put["MaximumRetryAttempts"]), (&json!(arn("f:$LATEST")), &json!(0)));
    let running = running(&world);
    queue(&world, "f", &json!({"do": "fail"})).await;
    let record = handed(&world, 2).await[1].clone();
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["requestContext"]["functionArn"], arn("f:$LATEST"));
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 1);
    assert_eq!(record["requestPayload"], json!({"do": "fail"}));
    assert_eq!(record["responseContext"]["functionError"], "Unhandled");
    assert_eq!(record["responsePayload"]["errorType"], "ValueError");
    queue(&world, "f", &json!({"a": 1})).await;
    let record = handed(&world, 4).await[3].clone();
    assert_eq!(record["requestContext"]["condition"], "Success");
    assert_eq!(record["responsePayload"], json!({"a": 1}));
    running.abort();
}

#[tokio::test]
async fn what_comes_of_an_event_goes_to_a_bucket_a_queue_a_topic_and_a_bus_in_the_name_of_the_role() {
    let world = World::new();
    let queue_arn = "arn:aws:sqs:eu-west-1:123456789012:dead";
    world.function_of("f", json!({"DeadLetterConfig": {"TargetArn": queue_arn}})).await;
    let config = "/2019-09-25/functions/f/event-invoke-config";
    let running = running(&world);
    for destination in [
        "arn:aws:s3:::failures",
        "arn:aws:sns:us-east-1:123456789012:told",
        "arn:aws:events:us-east-1:123456789012:event-bus/default",
    ] {
        let settings =
            json!({"MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": destination}}});
        world.administer(&format!("PUT {config}"), &settings).await;
        queue(&world, "f", &json!({"do": "fail"})).await;
        let before = world.fake.calls.lock().unwrap().len();
        for _ in 0..500 {
            if world.fake.calls.lock().unwrap().len() >= before / 2 * 2 + 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    let calls = world.fake.calls.lock().unwrap().clone();
    let services: Vec<&str> = calls.iter().map(|(service, ..)| service.as_str()).collect();
    assert_eq!(services, ["s3", "sqs", "sns", "sqs", "events", "sqs"]);
    let (_, put, record) = &calls[0];
    let (role, path) = put.split_once(" PUT s3.us-east-1.amazonaws.com /failures/aws/lambda/async/f/").unwrap();
    assert!(role.starts_with("arn:aws:iam::"), "{role}");
    // 2026/11/29/2026-11-29T20.05.00-UUID
    let (day, name) = path.split_at(11);
    assert!(
        name.starts_with(&day.replace('/', "-")[..10]) && name.as_bytes()[10] == b'T' && name.len() == 19 + 37,
        "{path}"
    );
    let record: Value = serde_json::from_str(record).unwrap();
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    let (_, to, message) = &calls[1];
    assert!(to.ends_with("POST sqs.eu-west-1.amazonaws.com /"), "{to}");
    let message: Value = serde_json::from_str(message).unwrap();
    assert_eq!(message["QueueUrl"], "https://sqs.eu-west-1.amazonaws.com/123456789012/dead");
    assert_eq!(message["MessageBody"], json!({"do": "fail"}).to_string());
    let attributes = &message["MessageAttributes"];
    assert_eq!(attributes["ErrorCode"], json!({"DataType": "Number", "StringValue": "200"}));
    assert_eq!(attributes["ErrorMessage"]["StringValue"], "no");
    let (.., publication) = &calls[2];
    assert!(publication.starts_with("Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3A"), "{publication}");
    let event: Value = serde_json::from_str(&calls[4].2).unwrap();
    assert_eq!(event["Entries"][0]["DetailType"], "Lambda Function Invocation Result - Failure");
    running.abort();
}

#[tokio::test]
async fn how_events_are_handled_is_put_updated_listed_and_deleted() {
    let world = World::new();
    world.function_of("f", json!({"Publish": true})).await;
    let config = "/2019-09-25/functions/f/event-invoke-config";
    for (settings, code) in [
        (json!({}), "InvalidParameterValueException"),
        (json!({"MaximumRetryAttempts": 3}), "ValidationException"),
        (json!({"MaximumEventAgeInSeconds": 59}), "ValidationException"),
        (json!({"DestinationConfig": {"OnFailure": {"Destination": arn("f")}}}), "InvalidParameterValueException"),
        (
            json!({"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:s3:::b"}}}),
            "InvalidParameterValueException",
        ),
    ] {
        assert_eq!(world.call(&format!("PUT {config}"), &settings).await.error().1, code, "{settings}");
    }
    let none = world.call(&format!("POST {config}"), &json!({"MaximumRetryAttempts": 1})).await.error();
    assert_eq!(none.2, format!("The function {} doesn't have an EventInvokeConfig", arn("f:$LATEST")));
    world.administer(&format!("PUT {config}"), &json!({"MaximumRetryAttempts": 1})).await;
    let updated = world.administer(&format!("POST {config}"), &json!({"MaximumEventAgeInSeconds": 100})).await;
    assert_eq!((&updated["MaximumRetryAttempts"], &updated["MaximumEventAgeInSeconds"]), (&json!(1), &json!(100)));
    world.administer(&format!("PUT {config}?Qualifier=1"), &json!({"MaximumRetryAttempts": 0})).await;
    let list = world.administer(&format!("GET {config}/list"), &Value::Null).await;
    assert_eq!(list["FunctionEventInvokeConfigs"].as_array().unwrap().len(), 2);
    assert_eq!(world.call(&format!("DELETE {config}"), &Value::Null).await.status, 204);
    assert_eq!(world.call(&format!("GET {config}"), &Value::Null).await.status, 404);
}

#[tokio::test]
async fn an_event_for_which_nothing_is_set_aside_is_not_tried() {
    let world = World::new();
    for name in ["f", "g"] {
        world.function(name).await;
    }
    let config = "PUT /2019-09-25/functions/f/event-invoke-config";
    let settings = json!({"DestinationConfig": {"OnFailure": {"Destination": arn("g")}}});
    world.administer(config, &settings).await;
    let none = json!({"ReservedConcurrentExecutions": 0});
    world.administer("PUT /2017-10-31/functions/f/concurrency", &none).await;
    let running = running(&world);
    queue(&world, "f", &json!({"a": 1})).await;
    let record = handed(&world, 1).await[0].clone();
    assert_eq!(record["requestContext"]["condition"], "ZeroReservedConcurrency");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!((&record["requestPayload"], record.get("responseContext")), (&json!({"a": 1}), None));
    running.abort();
}

#[tokio::test]
async fn a_destination_is_there_and_the_role_may_send_to_it() {
    let world = World::new();
    world.function("f").await;
    world.function("g").await;
    world.function_of("plain", json!({"Role": format!("arn:aws:iam::{OWNER}:role/plain")})).await;
    let refused = async |function: &str, which: &str, arn: &str| {
        let config = json!({"DestinationConfig": {which: {"Destination": arn}}});
        let line = format!("PUT /2019-09-25/functions/{function}/event-invoke-config");
        let (status, code, message) = world.call(&line, &config).await.error();
        assert_eq!(status, 400, "{arn}");
        (code, message)
    };
    let invalid = |message: String| ("InvalidParameterValueException".to_owned(), message);
    for gone in [arn("gone"), arn("g:nope"), "arn:aws:s3:::nowhere".to_owned()] {
        let told = refused("f", "OnFailure", &gone).await;
        assert_eq!(told, invalid(format!("The destination ARN {gone} is invalid.")));
    }
    for (target, action) in [
        (arn("g"), "InvokeFunction"),
        ("arn:aws:sqs:us-east-1:111122223333:q".to_owned(), "SendMessage"),
        ("arn:aws:sns:us-east-1:111122223333:t".to_owned(), "Publish"),
    ] {
        let told = refused("plain", "OnSuccess", &target).await;
        let words = "The function's execution role does not have permissions to call";
        assert_eq!(told, invalid(format!("{words} {action} on {target}")));
    }
    let told = refused("f", "OnSuccess", "arn:aws:s3:::b").await;
    let words = "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:s3:::b), \
                 onFailure=null) is invalid.";
    assert_eq!(told, invalid(words.to_owned()));
    assert_eq!(
        refused("f", "OnFailure", &arn("f")).await,
        invalid("You can't specify the function as a destination for itself.".to_owned())
    );
    for wrong in ["bad", "arn:aws:_:us-east-1:111122223333:q", "arn:aws:sqs:nowhere:111122223333:q"] {
        let (code, message) = refused("f", "OnFailure", wrong).await;
        assert_eq!(code, "ValidationException", "{wrong}");
        let words =
            format!("Value '{wrong}' at 'destinationConfig.onFailure.destination' failed to satisfy constraint");
        assert!(message.contains(&words), "{message}");
    }
}

#[tokio::test]
async fn a_function_that_invokes_itself_is_stopped_and_its_event_goes_to_the_destination_for_failures() {
    let world = World::new();
    world.function("f").await;
    let config = "PUT /2019-09-25/functions/f/event-invoke-config";
    let failures = json!({"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::failures"}}});
    world.administer(config, &failures).await;
    let running = running(&world);
    let trace = |at: usize| world.fake.events.lock().unwrap()[at].trace_id.clone();
    let asynchronously = async |trace: &str| {
        let headers = [EVENT[0], ("x-amzn-trace-id", trace)];
        assert_eq!(world.invoke_with("f", &headers, b"{}".to_vec()).await.status, 202);
    };
    queue(&world, "f", &json!({})).await;
    // What AWS's clients in a function send bears the trace that it was called with.
    for count in 1..16 {
        handed(&world, count).await;
        asynchronously(&trace(count - 1)).await;
    }
    assert_eq!(handed(&world, 16).await.len(), 16);
    assert!(trace(0).contains(";Lineage=0:") && trace(15).ends_with(":15"), "{} {}", trace(0), trace(15));
    let last = trace(15);
    let (status, code, _) = world.invoke_with("f", &[("x-amzn-trace-id", &last)], b"{}".to_vec()).await.error();
    assert_eq!((status, code.as_str()), (400, "RecursiveInvocationException"));
    asynchronously(&last).await;
    for _ in 0..500 {
        if !world.fake.calls.lock().unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (service, _, record) = world.fake.calls.lock().unwrap()[0].clone();
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!((service.as_str(), &record["requestContext"]["condition"]), ("s3", &json!("RecursiveInvocation")));
    // What comes of that is told nobody, lest it goes on by the destination.
    let told = world.fake.traces.lock().unwrap()[0].clone();
    asynchronously(&told).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let calls = world.fake.calls.lock().unwrap().len();
    assert_eq!((calls, handed(&world, 16).await.len()), (1, 16));
    // Another event is no such record, however far it has come.
    asynchronously(&last.replace(":15", ":16")).await;
    for _ in 0..500 {
        if world.fake.calls.lock().unwrap().len() > 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let calls = world.fake.calls.lock().unwrap().len();
    assert_eq!((calls, handed(&world, 16).await.len()), (2, 16));
    world.administer("PUT /2024-08-31/functions/f/recursion-config", &json!({"RecursiveLoop": "Allow"})).await;
    asynchronously(&last).await;
    assert_eq!(handed(&world, 17).await.len(), 17);
    assert_eq!(world.invoke_with("f", &[("x-amzn-trace-id", &last)], b"{}".to_vec()).await.status, 200);
    running.abort();
}

#[tokio::test]
async fn the_rounds_of_a_function_that_allows_loops_are_not_held_against_another() {
    let world = World::new();
    world.function("f").await;
    world.function("g").await;
    world.administer("PUT /2024-08-31/functions/f/recursion-config", &json!({"RecursiveLoop": "Allow"})).await;
    let running = running(&world);
    let last = || world.fake.events.lock().unwrap().last().unwrap().trace_id.clone();
    let asynchronously = async |name: &str, trace: &str| {
        let headers = [EVENT[0], ("x-amzn-trace-id", trace)];
        assert_eq!(world.invoke_with(name, &headers, b"{}".to_vec()).await.status, 202);
    };
    queue(&world, "f", &json!({})).await;
    for count in 1..20 {
        handed(&world, count).await;
        asynchronously("f", &last()).await;
    }
    handed(&world, 20).await;
    let of_f = last();
    asynchronously("g", &of_f).await;
    handed(&world, 21).await;
    assert!(last().contains(";Lineage=0:"), "{}", last());
    assert_eq!(world.invoke_with("g", &[("x-amzn-trace-id", &of_f)], b"{}".to_vec()).await.status, 200);
    // The other one's own rounds count, also where they go by the first.
    for round in 1..16 {
        let of_g = last();
        assert_eq!(world.invoke_with("f", &[("x-amzn-trace-id", &of_g)], b"{}".to_vec()).await.status, 200);
        assert_eq!(last(), of_g, "{round}");
        assert_eq!(world.invoke_with("g", &[("x-amzn-trace-id", &of_g)], b"{}".to_vec()).await.status, 200);
    }
    let (status, code, _) = world.invoke_with("g", &[("x-amzn-trace-id", &last())], b"{}".to_vec()).await.error();
    assert_eq!((status, code.as_str()), (400, "RecursiveInvocationException"));
    running.abort();
}
