//! Rotation, by a function in this process that calls the service back.

use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Path, Policies, Policy, PolicyType, Principal};
use sidegate_model::Scope;
use sidegate_services::functions::{Functions, Invocation, InvokeError, Outcome};
use sidegate_services::secretsmanager::SecretsManager;
use sidegate_services::{Authorizer, Body, Caller, Service as _};
use tempfile::TempDir;

use super::{Answer, Engine, OWNER, error, get};
use crate::notes::Notes;

/// The 3rd of February 2026, 17:34:02 UTC.
const NOW: i64 = 1_770_140_042_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;
const MIDNIGHT: i64 = NOW - NOW.rem_euclid(DAY);
pub(super) const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:rotate";
const FIRST: &str = "11111111-1111-4111-8111-111111111111";
const SECOND: &str = "22222222-2222-4222-8222-222222222222";
const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/// A function that rotates as the template of the user guide does.
#[derive(Default)]
pub(super) struct Lambda {
    pub(super) service: OnceLock<Weak<SecretsManager>>,
    /// The step that fails.
    fails: Mutex<Option<&'static str>>,
    /// The step that never ends.
    hangs: Mutex<Option<&'static str>>,
    does_nothing: Mutex<bool>,
    events: Mutex<Vec<Value>>,
    invocations: Mutex<Vec<Invocation>>,
}

#[async_trait]
impl Functions for Lambda {
    async fn send(&self, _: &Invocation, _: Vec<u8>, _: Option<&str>) -> Result<(), InvokeError> {
        Err(InvokeError::NoFunction)
    }

    async fn check(&self, invocation: &Invocation) -> Result<(), InvokeError> {
        if invocation.function == FUNCTION { Ok(()) } else { Err(InvokeError::NoFunction) }
    }

    async fn invoke(&self, invocation: &Invocation, payload: Vec<u8>) -> Result<Outcome, InvokeError> {
        let event: Value = serde_json::from_slice(&payload).unwrap();
        let step = event["Step"].as_str().unwrap().to_owned();
        self.invocations.lock().unwrap().push(invocation.clone());
        self.events.lock().unwrap().push(event.clone());
        let is = |which: &Mutex<Option<&'static str>>| *which.lock().unwrap() == Some(step.as_str());
        if is(&self.hangs) {
            std::future::pending::<()>().await;
        }
        if is(&self.fails) {
            return Ok(Outcome::Failed("ValueError".to_owned()));
        }
        if *self.does_nothing.lock().unwrap() {
            return Ok(Outcome::Returned(b"null".to_vec()));
        }
        let service = self.service.get().unwrap().upgrade().unwrap();
        Ok(match rotate(&service, &event).await {
            Ok(()) => Outcome::Returned(b"null".to_vec()),
            Err(kind) => Outcome::Failed(kind),
        })
    }
}

impl Lambda {
    fn steps(&self) -> Vec<String> {
        self.events.lock().unwrap().iter().map(|event| event["Step"].as_str().unwrap().to_owned()).collect()
    }
}

/// What the function does in a step.
async fn rotate(service: &SecretsManager, event: &Value) -> Result<(), String> {
    let call = async |operation: &str, mut document: Value| {
        document["SecretId"] = event["SecretId"].clone();
        match request(service, NOW, operation, &document).await {
            (200, answer) => Ok(answer),
            failed => Err(error(&failed).1),
        }
    };
    let token = event["ClientRequestToken"].as_str().unwrap();
    let described = call("DescribeSecret", json!({})).await?;
    let labels = &described["VersionIdsToStages"][token];
    assert_eq!((&described["RotationEnabled"], labels), (&json!(true), &json!(["AWSPENDING"])), "{described}");
    let pending = json!({"VersionId": token, "VersionStage": "AWSPENDING"});
    match event["Step"].as_str().unwrap() {
        "createSecret" => {
            let current = call("GetSecretValue", json!({"VersionStage": "AWSCURRENT"})).await?;
            match call("GetSecretValue", pending).await {
                Ok(_) => return Ok(()),
                Err(code) => assert_eq!(code, "ResourceNotFoundException"),
            }
            let value = format!("{}+", current["SecretString"].as_str().unwrap());
            let put = json!({"ClientRequestToken": token, "SecretString": value, "VersionStages": ["AWSPENDING"],
                "RotationToken": event["RotationToken"]});
            call("PutSecretValue", put).await?;
        }
        "finishSecret" => {
            let stages = described["VersionIdsToStages"].as_object().unwrap();
            let from = stages.iter().find(|(_, on)| on.as_array().unwrap().contains(&json!("AWSCURRENT"))).unwrap().0;
            let moved = json!({"VersionStage": "AWSCURRENT", "MoveToVersionId": token, "RemoveFromVersionId": from});
            call("UpdateSecretVersionStage", moved).await?;
        }
        "testSecret" if call("GetSecretValue", json!({"VersionStage": "AWSPENDING"})).await.is_err() => {
            return Err("NothingToTest".to_owned());
        }
        _ => {}
    }
    Ok(())
}

pub(super) async fn request(service: &SecretsManager, now: i64, operation: &str, document: &Value) -> Answer {
    asked(service, now, operation, document, &Notes::default()).await
}

async fn asked(
    service: &SecretsManager, now: i64, operation: &str, document: &Value, authorizer: &dyn Authorizer,
) -> Answer {
    let caller = Caller {
        request_id: "6f1a0d3e-0000-4000-8000-000000000001".to_owned(),
        principal: user(),
        scope: Scope { account: OWNER.parse().unwrap(), region: "us-east-1".parse().unwrap() },
        access_key: None,
        path: Path::Public { source: [127, 0, 0, 1].into() },
        now,
    };
    let body: Body = Full::new(Bytes::from(document.to_string())).map_err(|never| match never {}).boxed_unsync();
    let request = Request::post("/").header("x-amz-target", format!("secretsmanager.{operation}")).body(body).unwrap();
    let answer = service.handle(request, &caller, authorizer).await;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

fn user() -> Principal {
    format!("arn:aws:iam::{OWNER}:user/caller").parse().unwrap()
}

struct World {
    dir: TempDir,
    service: Arc<SecretsManager>,
    lambda: Arc<Lambda>,
}

fn open(dir: &TempDir) -> (Arc<SecretsManager>, Arc<Lambda>) {
    let lambda = Arc::new(Lambda::default());
    let service = SecretsManager::open(&dir.path().join("secrets")).unwrap().with_functions(Arc::clone(&lambda) as _);
    let service = Arc::new(service);
    lambda.service.set(Arc::downgrade(&service)).unwrap();
    (service, lambda)
}

impl World {
    /// A secret `db` with a value.
    async fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let (service, lambda) = open(&dir);
        let world = Self { dir, service, lambda };
        world.ok(NOW, "CreateSecret", &json!({"Name": "db", "SecretString": "s"})).await;
        world
    }

    /// As it is after a restart.
    fn reopened(self) -> Self {
        let Self { dir, service, lambda } = self;
        drop((service, lambda));
        let (service, lambda) = open(&dir);
        Self { dir, service, lambda }
    }

    async fn call(&self, now: i64, operation: &str, document: &Value) -> Answer {
        request(&self.service, now, operation, document).await
    }

    #[track_caller]
    fn ok(&self, now: i64, operation: &str, document: &Value) -> impl Future<Output = Value> {
        let at = std::panic::Location::caller();
        async move {
            let (status, answer) = self.call(now, operation, document).await;
            assert_eq!(status, 200, "{operation} at {at}: {answer}");
            answer
        }
    }

    async fn rotate(&self, now: i64, token: &str, more: Value) -> Answer {
        let mut document = json!({"SecretId": "db", "ClientRequestToken": token});
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call(now, "RotateSecret", &document).await
    }

    async fn described(&self) -> Value {
        self.ok(NOW, "DescribeSecret", &get("db")).await
    }

    async fn value(&self) -> String {
        self.ok(NOW, "GetSecretValue", &get("db")).await["SecretString"].as_str().unwrap().to_owned()
    }

    /// Waits until the function was called so often, and what follows is done.
    async fn called(&self, times: usize) {
        for _ in 0..1000 {
            if self.lambda.events.lock().unwrap().len() >= times {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(self.lambda.steps().len(), times, "{:?}", self.lambda.steps());
        // What is noted after the last call is short.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    async fn keep(&self, now: i64) {
        self.service.keep(now).await.unwrap();
    }
}

fn daily() -> Value {
    json!({"RotationLambdaARN": FUNCTION, "RotationRules": {"AutomaticallyAfterDays": 30}})
}

fn labels(described: &Value, version: &str) -> Vec<String> {
    serde_json::from_value(described["VersionIdsToStages"][version].clone()).unwrap_or_default()
}

#[tokio::test]
async fn a_secret_is_rotated_in_four_steps_by_a_function_that_calls_back() {
    let world = World::new().await;
    let (status, answer) = world.rotate(NOW, FIRST, daily()).await;
    assert_eq!((status, answer["VersionId"].as_str(), answer["Name"].as_str()), (200, Some(FIRST), Some("db")));
    world.called(4).await;
    assert_eq!(world.lambda.steps(), STEPS);
    assert_eq!(world.value().await, "s+");
    let described = world.described().await;
    assert_eq!(labels(&described, FIRST), ["AWSCURRENT", "AWSPENDING"]);
    assert_eq!(described["RotationEnabled"], true);
    assert_eq!(described["RotationLambdaARN"], FUNCTION);
    assert_eq!(described["RotationRules"], json!({"AutomaticallyAfterDays": 30}));
    assert_eq!(described["LastRotatedDate"], NOW as f64 / 1000.0);
    // The end of the day that is 30 days away.
    assert_eq!(described["NextRotationDate"], (MIDNIGHT + 31 * DAY) as f64 / 1000.0 - 1.0);
    let listed = world.ok(NOW, "ListSecrets", &json!({})).await["SecretList"][0].clone();
    for member in ["RotationEnabled", "RotationLambdaARN", "RotationRules", "LastRotatedDate", "NextRotationDate"] {
        assert_eq!(listed[member], described[member], "{member}");
    }
    let invocation = world.lambda.invocations.lock().unwrap()[0].clone();
    assert_eq!(invocation.principal, "secretsmanager.amazonaws.com");
    assert_eq!(invocation.source_account.as_str(), OWNER);
    assert_eq!(invocation.source_arn, described["ARN"].as_str().unwrap());
    let event = world.lambda.events.lock().unwrap()[0].clone();
    assert_eq!((&event["SecretId"], &event["ClientRequestToken"]), (&described["ARN"], &json!(FIRST)));
    // AWSPENDING on the current version is in nobody's way.
    assert_eq!(world.rotate(NOW, SECOND, json!({})).await.0, 200);
    world.called(8).await;
    assert_eq!(world.value().await, "s++");
}

#[tokio::test]
async fn a_step_that_fails_leaves_the_old_value_current_and_is_tried_again_with_the_same_version() {
    let world = World::new().await;
    *world.lambda.fails.lock().unwrap() = Some("testSecret");
    world.rotate(NOW, FIRST, daily()).await;
    world.called(3).await;
    let described = world.described().await;
    assert_eq!(labels(&described, FIRST), ["AWSPENDING"]);
    assert_eq!((world.value().await.as_str(), described.get("LastRotatedDate")), ("s", None));
    world.keep(NOW + MINUTE - 1).await;
    world.called(3).await;
    *world.lambda.fails.lock().unwrap() = None;
    world.keep(NOW + MINUTE).await;
    world.called(7).await;
    assert_eq!(world.value().await, "s+");
    let described = world.described().await;
    assert_eq!(labels(&described, FIRST), ["AWSCURRENT", "AWSPENDING"]);
    assert_eq!(described["LastRotatedDate"], (NOW + MINUTE) as f64 / 1000.0);
}

#[tokio::test]
async fn a_rotation_is_tried_five_times_and_then_waits_for_its_next_window() {
    let world = World::new().await;
    *world.lambda.fails.lock().unwrap() = Some("createSecret");
    world.rotate(NOW, FIRST, daily()).await;
    world.called(1).await;
    for minutes in [1, 3, 7, 15, 31, 600] {
        world.keep(NOW + minutes * MINUTE).await;
    }
    world.called(5).await;
    assert_eq!(labels(&world.described().await, FIRST), ["AWSPENDING"]);
    *world.lambda.fails.lock().unwrap() = None;
    world.keep(MIDNIGHT + 30 * DAY).await;
    world.called(9).await;
    assert_eq!(labels(&world.described().await, FIRST), ["AWSCURRENT", "AWSPENDING"]);
}

#[tokio::test]
async fn a_rotation_that_has_not_ended_keeps_another_from_starting_and_is_tried_again() {
    let world = World::new().await;
    *world.lambda.does_nothing.lock().unwrap() = true;
    world.rotate(NOW, FIRST, daily()).await;
    world.called(4).await;
    // Its version has no value, and cannot be read, but is seen.
    assert_eq!(labels(&world.described().await, FIRST), ["AWSPENDING"]);
    let read = json!({"SecretId": "db", "VersionId": FIRST});
    let expected = format!("Secrets Manager can't find the specified secret value for VersionId: {FIRST}");
    assert_eq!(error(&world.call(NOW, "GetSecretValue", &read).await).2, expected);
    let staged = json!({"SecretId": "db", "VersionStage": "AWSCURRENT", "MoveToVersionId": FIRST});
    assert_eq!(error(&world.call(NOW, "UpdateSecretVersionStage", &staged).await).1, "ResourceNotFoundException");
    // The same request once more changes nothing.
    assert_eq!(world.rotate(NOW, FIRST, json!({})).await.1["VersionId"], FIRST);
    *world.lambda.does_nothing.lock().unwrap() = false;
    let (status, code, message) = error(&world.rotate(NOW, SECOND, json!({})).await);
    assert_eq!((status, code.as_str()), (400, "InvalidRequestException"));
    assert_eq!(message, "A previous rotation isn't complete. That rotation will be reattempted.");
    world.called(8).await;
    assert_eq!(labels(&world.described().await, FIRST), ["AWSCURRENT", "AWSPENDING"]);
    assert_eq!(labels(&world.described().await, SECOND), [""; 0]);
}

#[tokio::test]
async fn a_secret_is_rotated_when_its_window_opens_and_once_for_all_windows_that_were_missed() {
    let world = World::new().await;
    let rules = json!({"RotationLambdaARN": FUNCTION, "RotationRules": {"ScheduleExpression": "rate(10 hours)"}});
    world.rotate(NOW, FIRST, rules).await;
    world.called(4).await;
    let described = world.described().await;
    assert_eq!(
        described["RotationRules"],
        json!({"AutomaticallyAfterDays": 1, "ScheduleExpression": "rate(10 hours)"})
    );
    let (opens, hour) = (MIDNIGHT + 20 * 60 * MINUTE, 60 * MINUTE);
    assert_eq!(described["NextRotationDate"], (opens + hour) as f64 / 1000.0 - 1.0);
    world.keep(opens - 1).await;
    world.called(4).await;
    world.keep(opens).await;
    world.called(8).await;
    assert_eq!(world.value().await, "s++");
    let world = world.reopened();
    world.keep(opens + 95 * hour).await;
    world.keep(opens + 95 * hour).await;
    world.called(4).await;
    assert_eq!(world.value().await, "s+++");
    let described = world.described().await;
    assert_eq!(described["NextRotationDate"], (opens + 101 * hour) as f64 / 1000.0 - 1.0);
}

#[tokio::test]
async fn a_rotation_that_a_crash_interrupts_goes_on_with_its_version() {
    let world = World::new().await;
    *world.lambda.hangs.lock().unwrap() = Some("setSecret");
    world.rotate(NOW, FIRST, daily()).await;
    world.called(2).await;
    let pending = json!({"SecretId": "db", "VersionStage": "AWSPENDING"});
    let made = world.ok(NOW, "GetSecretValue", &pending).await;
    let world = world.reopened();
    world.keep(NOW + MINUTE).await;
    world.called(4).await;
    let current = world.ok(NOW, "GetSecretValue", &get("db")).await;
    assert_eq!((&current["VersionId"], &current["SecretString"]), (&json!(FIRST), &made["SecretString"]));
}

#[tokio::test]
async fn what_is_cancelled_ends_and_does_not_come_back_until_it_is_turned_on() {
    let world = World::new().await;
    let never = error(&world.call(NOW, "CancelRotateSecret", &get("db")).await);
    assert_eq!((never.0, never.1.as_str()), (400, "InvalidRequestException"));
    *world.lambda.fails.lock().unwrap() = Some("setSecret");
    world.rotate(NOW, FIRST, daily()).await;
    world.called(2).await;
    let cancelled = world.ok(NOW, "CancelRotateSecret", &get("db")).await;
    assert_eq!(cancelled["VersionId"], FIRST);
    *world.lambda.fails.lock().unwrap() = None;
    world.keep(NOW + 100 * DAY).await;
    world.called(2).await;
    let described = world.described().await;
    assert_eq!((&described["RotationEnabled"], &described["RotationLambdaARN"]), (&json!(false), &json!(FUNCTION)));
    assert_eq!(described["RotationRules"], json!({"AutomaticallyAfterDays": 30}));
    assert_eq!((described.get("NextRotationDate"), described.get("LastRotatedDate")), (None, None));
    // What it leaves has to be cleaned up first.
    assert_eq!(error(&world.rotate(NOW, SECOND, json!({})).await).1, "InvalidRequestException");
    world.called(2).await;
    let clean = json!({"SecretId": "db", "VersionStage": "AWSPENDING", "RemoveFromVersionId": FIRST});
    world.ok(NOW, "UpdateSecretVersionStage", &clean).await;
    assert_eq!(world.rotate(NOW, SECOND, json!({})).await.0, 200);
    world.called(6).await;
    assert_eq!(world.value().await, "s+");
    assert!(world.ok(NOW, "CancelRotateSecret", &get("db")).await.get("VersionId").is_none());
    let listed = world.ok(NOW, "ListSecrets", &json!({})).await["SecretList"][0].clone();
    assert_eq!((&listed["RotationEnabled"], &listed["LastRotatedDate"]), (&json!(false), &json!(NOW as f64 / 1000.0)));
}

#[tokio::test]
async fn a_rotation_that_waits_for_its_window_is_tested_and_leaves_no_version() {
    let world = World::new().await;
    *world.lambda.does_nothing.lock().unwrap() = true;
    let rules = json!({"RotationLambdaARN": FUNCTION, "RotateImmediately": false,
        "RotationRules": {"ScheduleExpression": "cron(0 8 1 * ? *)", "Duration": "2h"}});
    world.rotate(NOW, FIRST, rules).await;
    world.called(1).await;
    assert_eq!(world.lambda.steps(), ["testSecret"]);
    let all = json!({"SecretId": "db", "IncludeDeprecated": true});
    assert_eq!(world.ok(NOW, "ListSecretVersionIds", &all).await["Versions"].as_array().unwrap().len(), 1);
    let described = world.described().await;
    assert!(labels(&described, FIRST).is_empty() && described.get("LastRotatedDate").is_none());
    // The 1st of March, from 8 to 10 o'clock.
    let opens = MIDNIGHT + 26 * DAY + 8 * 60 * MINUTE;
    assert_eq!(described["NextRotationDate"], (opens + 120 * MINUTE) as f64 / 1000.0 - 1.0);
    *world.lambda.does_nothing.lock().unwrap() = false;
    world.keep(opens).await;
    world.called(5).await;
    assert_eq!(world.value().await, "s+");
}

#[tokio::test]
async fn a_function_that_cannot_be_called_leaves_the_secret_as_it_was() {
    let world = World::new().await;
    let before = world.described().await;
    let cannot = "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants \
                  access to the principal secretsmanager.amazonaws.com.";
    let other = json!({"RotationLambdaARN": FUNCTION.replace("rotate", "other")});
    let refused = error(&world.rotate(NOW + 1, FIRST, other).await);
    assert_eq!(refused, (400, "AccessDeniedException".to_owned(), cannot.to_owned()));
    let none = error(&world.rotate(NOW + 1, FIRST, json!({})).await);
    let expected = "No Lambda rotation function ARN is associated with this secret.";
    assert_eq!(none, (400, "InvalidRequestException".to_owned(), expected.to_owned()));
    assert_eq!(world.described().await, before);
    // Where there are no functions at all.
    let dir = TempDir::new().unwrap();
    let service = SecretsManager::open(&dir.path().join("secrets")).unwrap();
    request(&service, NOW, "CreateSecret", &json!({"Name": "db", "SecretString": "s"})).await;
    let asked = json!({"SecretId": "db", "ClientRequestToken": FIRST, "RotationLambdaARN": FUNCTION});
    assert_eq!(error(&request(&service, NOW, "RotateSecret", &asked).await).2, cannot);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused() {
    let world = World::new().await;
    let code = async |more: Value| error(&world.rotate(NOW, FIRST, more).await).1;
    let rules = |rules: Value| json!({"RotationLambdaARN": FUNCTION, "RotationRules": rules});
    let both = rules(json!({"AutomaticallyAfterDays": 1, "ScheduleExpression": "rate(1 day)"}));
    assert_eq!(code(both).await, "InvalidParameterException");
    assert_eq!(code(rules(json!({"ScheduleExpression": "rate(1 hour)"}))).await, "InvalidParameterException");
    assert_eq!(code(rules(json!({"AutomaticallyAfterDays": 1001}))).await, "ValidationException");
    assert_eq!(code(rules(json!({"AutomaticallyAfterDays": 1, "Duration": "h"}))).await, "ValidationException");
    assert_eq!(code(json!({"RotationLambdaARN": "rotate"})).await, "InvalidParameterException");
    assert_eq!(code(json!({"ExternalSecretRotationRoleArn": "short"})).await, "ValidationException");
    let role = json!({"ExternalSecretRotationRoleArn": "arn:aws:iam::111122223333:role/r"});
    assert_eq!(world.rotate(NOW, FIRST, role).await.0, 501);
    let untold = error(&world.call(NOW, "RotateSecret", &get("db")).await);
    let expected = "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
    assert_eq!(untold, (400, "InvalidParameterException".to_owned(), expected.to_owned()));
    assert_eq!(error(&world.rotate(NOW, "short", daily()).await).1, "ValidationException");
    let absent = json!({"SecretId": "none", "ClientRequestToken": FIRST, "RotationLambdaARN": FUNCTION});
    assert_eq!(error(&world.call(NOW, "RotateSecret", &absent).await).1, "ResourceNotFoundException");
    let forged = json!({"SecretId": "db", "ClientRequestToken": FIRST, "SecretString": "t",
        "RotationToken": "33333333-3333-4333-8333-333333333333"});
    assert_eq!(error(&world.call(NOW, "PutSecretValue", &forged).await).1, "InvalidRequestException");
    assert!(world.lambda.steps().is_empty());
}

#[tokio::test]
async fn a_value_that_is_put_by_hand_counts_as_a_rotation_for_the_next_date() {
    let world = World::new().await;
    world.rotate(NOW, FIRST, daily()).await;
    world.called(4).await;
    world.ok(NOW + 5 * DAY, "PutSecretValue", &json!({"SecretId": "db", "SecretString": "t"})).await;
    let described = world.described().await;
    assert_eq!(described["NextRotationDate"], (MIDNIGHT + 36 * DAY) as f64 / 1000.0 - 1.0);
    world.keep(MIDNIGHT + 30 * DAY).await;
    world.called(4).await;
    world.keep(MIDNIGHT + 35 * DAY).await;
    world.called(8).await;
    assert_eq!(world.value().await, "t+");
}

#[tokio::test]
async fn a_deleted_secret_is_not_rotated_and_a_restored_one_is() {
    let world = World::new().await;
    world.rotate(NOW, FIRST, daily()).await;
    world.called(4).await;
    world.ok(MIDNIGHT + 29 * DAY, "DeleteSecret", &get("db")).await;
    world.keep(MIDNIGHT + 31 * DAY).await;
    world.called(4).await;
    assert_eq!(error(&world.rotate(NOW, SECOND, json!({})).await).1, "InvalidRequestException");
    world.ok(MIDNIGHT + 32 * DAY, "RestoreSecret", &get("db")).await;
    world.keep(MIDNIGHT + 33 * DAY).await;
    world.called(8).await;
}

#[tokio::test]
async fn what_is_destroyed_is_not_left_in_the_log_of_the_database() {
    let world = World::new().await;
    let log = || std::fs::metadata(world.dir.path().join("secrets/secretsmanager.sqlite-wal")).unwrap().len();
    assert!(log() > 0);
    world.ok(NOW, "DeleteSecret", &json!({"SecretId": "db", "ForceDeleteWithoutRecovery": true})).await;
    assert_eq!(log(), 0);
    world.ok(NOW, "CreateSecret", &json!({"Name": "db", "SecretString": "s"})).await;
    world.ok(NOW, "DeleteSecret", &json!({"SecretId": "db", "RecoveryWindowInDays": 7})).await;
    assert!(log() > 0);
    // Nobody has to come by for its time to be over.
    world.keep(NOW + 7 * DAY).await;
    assert_eq!(log(), 0);
}

/// Decides by a statement.
fn engine(statement: &Value) -> Engine {
    let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let policy = Policy::parse(&policy, PolicyType::Identity).unwrap();
    Engine { principal: user(), policies: Policies { identity: vec![policy.into()], ..Policies::default() } }
}

#[tokio::test]
async fn rotating_takes_the_permission_to_call_the_function_and_its_conditions_are_known() {
    let world = World::new().await;
    let rotate = json!({"SecretId": "db", "ClientRequestToken": FIRST, "RotationLambdaARN": FUNCTION,
        "RotateImmediately": false, "RotationRules": {"AutomaticallyAfterDays": 1}});
    let only = json!({"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"});
    let denied = error(&asked(&world.service, NOW, "RotateSecret", &rotate, &engine(&only)).await);
    assert_eq!(denied.1, "AccessDeniedException");
    assert!(denied.2.contains("lambda:InvokeFunction on resource: arn:aws:lambda"), "{}", denied.2);
    let may = async |key: &str, value: &str, operation: &str, document: &Value| {
        let held = json!([
            {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": FUNCTION},
            {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*",
                "Condition": {"StringEquals": {key: value}}},
        ]);
        asked(&world.service, NOW, operation, document, &engine(&held)).await.0 == 200
    };
    for (key, right, wrong) in [
        ("secretsmanager:RotationLambdaARN", FUNCTION, "arn:aws:lambda:us-east-1:111122223333:function:other"),
        ("secretsmanager:RotateImmediately", "false", "true"),
        ("secretsmanager:ModifyRotationRules", "true", "false"),
    ] {
        assert!(!may(key, wrong, "RotateSecret", &rotate).await, "{key}");
        assert!(may(key, right, "RotateSecret", &rotate).await, "{key}");
    }
    let allowed = "secretsmanager:resource/AllowRotationLambdaArn";
    assert!(may(allowed, FUNCTION, "GetSecretValue", &get("db")).await);
    assert!(!may(allowed, "arn:aws:lambda:us-east-1:111122223333:function:other", "GetSecretValue", &get("db")).await);
}

#[tokio::test]
async fn a_database_from_before_there_was_rotation_is_brought_up_with_its_secrets() {
    let world = World::new().await;
    let World { dir, service, lambda } = world;
    drop((service, lambda));
    let file = rusqlite::Connection::open(dir.path().join("secrets/secretsmanager.sqlite")).unwrap();
    file.execute_batch("DROP TABLE rotation; PRAGMA user_version = 3;").unwrap();
    drop(file);
    let (service, lambda) = open(&dir);
    let world = World { dir, service, lambda };
    assert_eq!(world.rotate(NOW, FIRST, daily()).await.0, 200);
    world.called(4).await;
    assert_eq!(world.value().await, "s+");
}
