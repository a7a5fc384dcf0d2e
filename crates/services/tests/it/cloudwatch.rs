//! CloudWatch through its trait.

mod access;
mod alarms;
mod clients;
mod dashboards;
mod data;
mod durability;
mod list;
mod protocols;
mod put;
mod statistics;

use std::sync::Mutex;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Context, Denial, Path, Policies, Policy, PolicyType, Principal, Requirement, decide};
use sidegate_model::Scope;
use sidegate_services::cloudwatch::CloudWatch;
use sidegate_services::{Authorizer, Body, Caller, Service as _};
use tempfile::TempDir;

const OWNER: &str = "111122223333";

/// Some time that begins an hour, in Unix milliseconds.
const NOW: i64 = 1_750_003_200_000;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Decides by one policy of the principal.
struct Engine {
    principal: Principal,
    policies: Policies,
    asked: Mutex<Vec<Requirement>>,
}

impl Authorizer for Engine {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        self.asked.lock().unwrap().extend(requirements.iter().cloned());
        let context = Context::new();
        for requirement in requirements {
            let request = sidegate_iam::Request { principal: &self.principal, context: &context, requirement };
            if let Some(denial) = decide(&request, &self.policies).denial(&request, &self.policies) {
                return Err(denial);
            }
        }
        Ok(())
    }
}

/// The metrics of a directory, at a time.
struct World {
    dir: TempDir,
    cloudwatch: CloudWatch,
    /// Unix milliseconds.
    now: i64,
    region: &'static str,
}

/// The status, and the document of an answer.
type Answer = (u16, Value);

impl World {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let cloudwatch = CloudWatch::open(&dir.path().join("cloudwatch")).unwrap();
        Self { dir, cloudwatch, now: NOW, region: "us-east-1" }
    }

    /// The same after a restart.
    fn reopened(self) -> Self {
        let Self { dir, cloudwatch, now, region } = self;
        drop(cloudwatch);
        let cloudwatch = CloudWatch::open(&dir.path().join("cloudwatch")).unwrap();
        Self { dir, cloudwatch, now, region }
    }

    fn caller(&self, principal: &Principal) -> Caller {
        Caller {
            request_id: "6f1a0d3e-0000-4000-8000-000000000001".to_owned(),
            principal: principal.clone(),
            scope: Scope { account: principal.account().unwrap().clone(), region: self.region.parse().unwrap() },
            access_key: None,
            path: Path::Public { source: [127, 0, 0, 1].into() },
            now: self.now,
        }
    }

    /// Sends a request as it is.
    fn send(&self, request: Request<Vec<u8>>) -> (u16, HeaderMap, Vec<u8>) {
        self.send_as(request, &engine(OWNER, &all("cloudwatch:*")))
    }

    fn send_as(&self, request: Request<Vec<u8>>, engine: &Engine) -> (u16, HeaderMap, Vec<u8>) {
        let caller = self.caller(&engine.principal);
        let request = request.map(body);
        block_on(async {
            let answer = self.cloudwatch.handle(request, &caller, engine).await;
            let (head, body) = answer.into_parts();
            (head.status.as_u16(), head.headers, body.collect().await.unwrap().to_bytes().to_vec())
        })
    }

    /// A call of a user of an account who has one policy with this statement. What was asked comes with the answer.
    fn call_as(
        &self, account: &str, statement: &Value, operation: &str, document: &Value,
    ) -> (Answer, Vec<Requirement>) {
        let engine = engine(account, statement);
        let (status, _, body) = self.send_as(in_json(operation, document), &engine);
        ((status, serde_json::from_slice(&body).unwrap()), engine.asked.into_inner().unwrap())
    }

    /// A call of somebody who may do everything.
    #[track_caller]
    fn ok(&self, operation: &str, document: &Value) -> Value {
        let ((status, answer), _) = self.call_as(OWNER, &all("cloudwatch:*"), operation, document);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// The code and the message of the error of such a call.
    #[track_caller]
    fn refused(&self, operation: &str, document: &Value) -> (String, String) {
        let ((status, answer), _) = self.call_as(OWNER, &all("cloudwatch:*"), operation, document);
        assert_ne!(status, 200, "{operation}: {answer}");
        (text(&answer["__type"]), text(&answer["Message"]))
    }

    /// Puts data of the metric `m` in the namespace `n`.
    #[track_caller]
    fn put(&self, datum: &Value) {
        self.ok("PutMetricData", &json!({"Namespace": "n", "MetricData": [with(&json!({"MetricName": "m"}), datum)]}));
    }

    /// The data points of the metric `m`, by their times in minutes from now.
    #[track_caller]
    fn points(&self, statistic: &str, from: i64, to: i64, period: i64) -> Vec<(i64, f64)> {
        let document = json!({"Namespace": "n", "MetricName": "m", "StartTime": (self.now + from) / 1000,
            "EndTime": (self.now + to) / 1000, "Period": period, "Statistics": [statistic]});
        let answer = self.ok("GetMetricStatistics", &document);
        let of = |point: &Value| {
            let at = (point["Timestamp"].as_f64().unwrap() * 1000.0) as i64 - self.now;
            (at.div_euclid(MINUTE), point[statistic].as_f64().unwrap())
        };
        answer["Datapoints"].as_array().unwrap().iter().map(of).collect()
    }
}

fn body(bytes: Vec<u8>) -> Body {
    Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed_unsync()
}

fn in_json(operation: &str, document: &Value) -> Request<Vec<u8>> {
    let target = format!("GraniteServiceVersion20100801.{operation}");
    Request::post("/").header("x-amz-target", target).body(document.to_string().into_bytes()).unwrap()
}

fn in_cbor(operation: &str, document: Vec<u8>) -> Request<Vec<u8>> {
    let path = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
    let request = Request::post(path).header("smithy-protocol", "rpc-v2-cbor");
    request.header("content-type", "application/cbor").body(document).unwrap()
}

fn in_query(form: &str) -> Request<Vec<u8>> {
    let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    request.body(form.as_bytes().to_vec()).unwrap()
}

fn engine(account: &str, statement: &Value) -> Engine {
    let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let policy = Policy::parse(&policy, PolicyType::Identity).unwrap();
    let policies = Policies { identity: vec![policy.into()], ..Policies::default() };
    let principal = format!("arn:aws:iam::{account}:user/caller").parse().unwrap();
    Engine { principal, policies, asked: Mutex::default() }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn all(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// With more members.
fn with(document: &Value, more: &Value) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

/// A time as JSON has it.
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// What a policy says of a condition key when an operation is asked for.
fn value(asked: &[Requirement], at: usize, key: &str) -> Option<String> {
    asked[at].context.values(key).map(|values| values.as_slice().join(","))
}
