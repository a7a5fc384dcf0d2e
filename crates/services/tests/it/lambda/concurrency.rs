//! Many invocations at once.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_invocations_run_at_once_and_leave_nothing() {
    let world = Arc::new(World::new());
    world.function("f").await;
    let invocations: Vec<_> = (0..200)
        .map(|number| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let answer = world.invoke("f", &json!({"sleep": 2000, "number": number})).await;
                assert_eq!((answer.status, &answer.document()["number"]), (200, &json!(number)));
            })
        })
        .collect();
    for invocation in invocations {
        invocation.await.unwrap();
    }
    assert_eq!(world.fake.busiest.load(Ordering::SeqCst), 200);
    world.lambda.close(std::time::Duration::from_secs(5)).await;
    assert_eq!(world.fake.living.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn more_environments_than_the_machine_takes_make_room_for_one_another() {
    let world = World::new();
    for name in ["f", "g"] {
        world.function(name).await;
    }
    let many = |name: &'static str| {
        let world = &world;
        futures::future::join_all((0..256).map(move |_| async move {
            let event = json!({"sleep": 50});
            world.invoke(name, &event).await.status
        }))
    };
    assert!(many("f").await.iter().all(|status| *status == 200));
    assert!(many("g").await.iter().all(|status| *status == 200));
    assert!(world.fake.living.load(Ordering::SeqCst) <= 257);
}

#[tokio::test]
async fn what_is_reserved_is_the_most_of_a_function_and_leaves_a_hundred() {
    let world = World::new();
    world.function("f").await;
    let line = "PUT /2017-10-31/functions/f/concurrency";
    let refused = world.call(line, &json!({"ReservedConcurrentExecutions": 901})).await.error();
    assert!(refused.2.ends_with("below its minimum value of [100]."), "{}", refused.2);
    for qualified in ["f:1", "f:$LATEST"] {
        let of_version = format!("PUT /2017-10-31/functions/{qualified}/concurrency");
        let told = world.call(&of_version, &json!({"ReservedConcurrentExecutions": 2})).await.error();
        assert!(told.2.starts_with("This operation is permitted on Lambda functions only."), "{}", told.2);
    }
    world.administer(line, &json!({"ReservedConcurrentExecutions": 2})).await;
    let event = json!({"sleep": 200});
    let answers = futures::future::join_all((0..3).map(|_| world.invoke("f", &event))).await;
    let throttled: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert_eq!(throttled.len(), 1);
    assert_eq!(throttled[0].document()["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded");
    let settings = world.administer("GET /2016-08-19/account-settings", &Value::Null).await;
    assert_eq!(settings["AccountLimit"]["UnreservedConcurrentExecutions"], 998);
    assert_eq!(settings["AccountUsage"]["FunctionCount"], 1);
    world.administer("DELETE /2017-10-31/functions/f/concurrency", &Value::Null).await;
    let none = world.administer("GET /2019-09-30/functions/f/concurrency", &Value::Null).await;
    assert_eq!(none, json!({}));
}
