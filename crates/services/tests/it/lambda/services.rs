//! Lambda and the services beside it: code in S3, keys of KMS, and functions that other services call.

use std::sync::Arc;

use http::Request;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Context, Path, Policies, Principal, decide};
use sidegate_model::Scope;
use sidegate_services::functions::{Functions, Invocation, InvokeError, Outcome};
use sidegate_services::kms::Kms;
use sidegate_services::s3::S3;
use sidegate_services::{Authorizer, Body, Caller, Service};

use super::{OWNER, World, all, arn, function, zip};

/// Lets everything pass, or nothing.
struct Gate(bool);

impl Authorizer for Gate {
    fn authorize(&self, _: &str, requirements: &[sidegate_iam::Requirement]) -> Result<(), sidegate_iam::Denial> {
        let principal: Principal = format!("arn:aws:iam::{OWNER}:user/caller").parse().unwrap();
        for requirement in requirements.iter().filter(|_| !self.0) {
            let (context, policies) = (Context::new(), Policies::default());
            let request = sidegate_iam::Request { principal: &principal, context: &context, requirement };
            if let Some(denial) = decide(&request, &policies).denial(&request, &policies) {
                return Err(denial);
            }
        }
        Ok(())
    }
}

/// A request by somebody who may do everything.
async fn ask(service: &dyn Service, request: Request<Vec<u8>>) -> (u16, Vec<u8>) {
    ask_as(service, request, true).await
}

/// A request by somebody who may do everything or nothing.
pub(super) async fn ask_as(service: &dyn Service, request: Request<Vec<u8>>, may: bool) -> (u16, Vec<u8>) {
    let account: sidegate_model::AccountId = OWNER.parse().unwrap();
    let caller = Caller {
        request_id: "r".to_owned(),
        principal: Principal::Root(account.clone().into()),
        scope: Scope { account, region: "us-east-1".parse().unwrap() },
        access_key: None,
        path: Path::Public { source: [127, 0, 0, 1].into() },
        now: super::now(),
    };
    let request = request.map(|body| -> Body { Full::new(body.into()).map_err(|never| match never {}).boxed_unsync() });
    let (head, body) = service.handle(request, &caller, &Gate(may)).await.into_parts();
    (head.status.as_u16(), body.collect().await.unwrap().to_bytes().to_vec())
}

async fn put(s3: &S3, path: &str, body: Vec<u8>) {
    let host = "s3.us-east-1.amazonaws.com";
    let request = Request::put(path).header("host", host).header("content-length", body.len()).body(body).unwrap();
    let (status, answer) = ask(s3, request).await;
    assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn code_is_read_from_s3_in_the_name_of_the_caller() {
    use base64::Engine as _;
    let mut world = World::new();
    let s3 = Arc::new(S3::open(&world.dir.path().join("s3"), Arc::new(|_: &str| None)).unwrap());
    put(&s3, "/code-bucket", Vec::new()).await;
    let archive = zip(&[("app.py", b"x = 1\n")]);
    let archive = base64::engine::general_purpose::STANDARD.decode(archive).unwrap();
    put(&s3, "/code-bucket/a%20b/f.zip", archive).await;
    world.lambda = world.lambda.with_objects(s3);
    let mut document = function("f");
    document["Code"] = json!({"S3Bucket": "code-bucket", "S3Key": "a b/f.zip"});
    let create = "POST /2015-03-31/functions";
    let without = json!([all("lambda:*"), all("iam:*")]);
    let denied = world.call_as(OWNER, &without, create, &document).await.error();
    assert_eq!((denied.0, denied.1.as_str()), (403, "AccessDeniedException"), "{}", denied.2);
    assert!(
        denied.2.contains(r#"s3:GetObject on resource: "arn:aws:s3:::code-bucket/a b/f.zip" because"#),
        "{}",
        denied.2
    );
    let with = json!([all("lambda:*"), all("iam:*"), all("s3:GetObject")]);
    let made = world.call_as(OWNER, &with, create, &document).await;
    assert_eq!(made.status, 201, "{:?}", made.error());
    document["FunctionName"] = json!("g");
    document["Code"]["S3Key"] = json!("none.zip");
    let missing = world.call(create, &document).await.error();
    assert_eq!(missing.1, "InvalidParameterValueException");
    assert!(missing.2.starts_with("Error occurred while GetObject. S3 Error Code: NoSuchKey."), "{}", missing.2);
}

#[tokio::test]
async fn variables_under_a_key_are_told_to_who_may_use_it() {
    let mut world = World::new();
    let kms = Kms::open(&world.dir.path().join("kms")).unwrap();
    let request = Request::post("/").header("x-amz-target", "TrentService.CreateKey").body(b"{}".to_vec()).unwrap();
    let key: Value = serde_json::from_slice(&ask(&kms, request).await.1).unwrap();
    let key = key["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
    world.lambda = world.lambda.with_keys(kms.keys());
    let made = world.function_of("f", json!({"KMSKeyArn": key, "Environment": {"Variables": {"AB": "1"}}})).await;
    assert_eq!((&made["KMSKeyArn"], &made["Environment"]["Variables"]["AB"]), (&json!(key), &json!("1")));
    let get = "GET /2015-03-31/functions/f/configuration";
    let blind = world.call_as(OWNER, &all("lambda:*"), get, &Value::Null).await.document();
    assert_eq!(blind["Environment"]["Error"]["ErrorCode"], "AccessDeniedException", "{blind}");
    let sees = json!([all("lambda:*"), all("kms:Decrypt")]);
    let seen = world.call_as(OWNER, &sees, get, &Value::Null).await.document();
    assert_eq!(seen["Environment"]["Variables"]["AB"], "1");
    assert_eq!(world.invoke("f", &json!({})).await.status, 200);
    let wrong = json!({"KMSKeyArn": key.replace("key/", "key/0")});
    let refused = world.call("PUT /2015-03-31/functions/f/configuration", &wrong).await.error();
    assert!(
        refused.2.starts_with("Lambda was unable to configure access to your environment variables"),
        "{}",
        refused.2
    );
}

#[tokio::test]
async fn a_service_calls_a_function_whose_policy_lets_it_in() {
    let world = World::new();
    world.function("f").await;
    let invocation = Invocation {
        function: arn("f"),
        principal: "secretsmanager.amazonaws.com",
        source_account: OWNER.parse().unwrap(),
        source_arn: format!("arn:aws:secretsmanager:us-east-1:{OWNER}:secret:db-AAAAAA"),
    };
    assert_eq!(world.lambda.check(&invocation).await, Err(InvokeError::Denied));
    let permission = json!({"StatementId": "sm", "Action": "lambda:InvokeFunction",
        "Principal": "secretsmanager.amazonaws.com", "SourceAccount": OWNER});
    world.administer("POST /2015-03-31/functions/f/policy", &permission).await;
    world.lambda.check(&invocation).await.unwrap();
    let outcome = world.lambda.invoke(&invocation, b"{\"a\":1}".to_vec()).await.unwrap();
    assert!(matches!(outcome, Outcome::Returned(payload) if payload == b"{\"a\":1}"));
    let outcome = world.lambda.invoke(&invocation, b"{\"do\":\"fail\"}".to_vec()).await.unwrap();
    assert!(matches!(outcome, Outcome::Failed(kind) if kind == "ValueError"));
    let other = Invocation { source_account: "444455556666".parse().unwrap(), ..invocation.clone() };
    assert_eq!(world.lambda.check(&other).await, Err(InvokeError::Denied));
    let none = Invocation { function: arn("g"), ..invocation };
    assert_eq!(world.lambda.check(&none).await, Err(InvokeError::NoFunction));
}

#[tokio::test]
async fn an_event_of_a_service_is_kept_and_a_loop_of_them_ends() {
    let world = World::new();
    world.function("f").await;
    let invocation = Invocation {
        function: arn("f"),
        principal: "s3.amazonaws.com",
        source_account: OWNER.parse().unwrap(),
        source_arn: "arn:aws:s3:::docs".to_owned(),
    };
    let send =
        async |world: &World, trace: Option<&str>| world.lambda.send(&invocation, b"{\"a\":1}".to_vec(), trace).await;
    assert_eq!(send(&world, None).await, Err(InvokeError::Denied));
    let permission = json!({"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
        "SourceAccount": OWNER, "SourceArn": "arn:aws:s3:::docs"});
    world.administer("POST /2015-03-31/functions/f/policy", &permission).await;
    let elsewhere = Invocation { source_arn: "arn:aws:s3:::other".to_owned(), ..invocation.clone() };
    assert_eq!(world.lambda.send(&elsewhere, Vec::new(), None).await, Err(InvokeError::Denied));
    send(&world, None).await.unwrap();
    // What was taken is handled after a stop.
    let world = world.again().await;
    let lambda = world.lambda.clone();
    let running = tokio::spawn(async move { lambda.run().await });
    let traces = async |count: usize| {
        for _ in 0..1000 {
            let traces: Vec<_> = world.fake.events.lock().unwrap().iter().map(|event| event.trace_id.clone()).collect();
            if traces.len() >= count {
                return traces;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("{count} events did not come");
    };
    let mut trace = traces(1).await.remove(0);
    // What the function causes bears the trace that it was called with.
    let mut count = 1;
    while count < 16 {
        send(&world, Some(&trace)).await.unwrap();
        count += 1;
        let all = traces(count).await;
        assert_ne!(all[count - 1], trace);
        trace.clone_from(&all[count - 1]);
    }
    send(&world, Some(&trace)).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(traces(16).await.len(), 16, "the loop has ended");
    let allow = json!({"RecursiveLoop": "Allow"});
    world.administer("PUT /2024-08-31/functions/f/recursion-config", &allow).await;
    send(&world, Some(&trace)).await.unwrap();
    assert_eq!(traces(17).await.len(), 17);
    running.abort();
}
