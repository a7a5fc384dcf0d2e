//! CloudWatch Logs through its trait.

mod access;
mod clients;
mod crash;
mod events;
mod groups;
mod keys;
mod metrics;
mod search;
mod streams;
mod subscriptions;
mod writer;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Context, Denial, Path, Policies, Policy, PolicyType, Principal, Requirement, decide};
use sidegate_model::Scope;
use sidegate_services::kms::Kms;
use sidegate_services::logs::{Logs, MetricDatum, MetricSink};
use sidegate_services::{Authorizer, Body, Caller, Service};
use tempfile::TempDir;

const OWNER: &str = "111122223333";
const STRANGER: &str = "444455556666";

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// Decides by one policy of the principal and that of the resource.
struct Engine {
    principal: Principal,
    policies: Policies,
    asked: Mutex<Vec<Requirement>>,
}

impl Authorizer for Engine {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        self.asked.lock().unwrap().extend(requirements.iter().cloned());
        for requirement in requirements {
            let request = sidegate_iam::Request { principal: &self.principal, context: &Context::new(), requirement };
            if let Some(denial) = decide(&request, &self.policies).denial(&request, &self.policies) {
                return Err(denial);
            }
        }
        Ok(())
    }
}

/// Keeps what metric filters publish.
#[derive(Debug, Default)]
struct Recorder(Mutex<Vec<(String, MetricDatum)>>);

impl MetricSink for Recorder {
    fn publish(&self, scope: &Scope, data: Vec<MetricDatum>) {
        let data = data.into_iter().map(|datum| (format!("{}/{}", scope.account, scope.region), datum));
        self.0.lock().unwrap().extend(data);
    }
}

impl Recorder {
    fn take(&self) -> Vec<(String, MetricDatum)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The logs and keys of a directory, at a time.
struct World {
    dir: TempDir,
    kms: Kms,
    logs: Logs,
    recorder: Arc<Recorder>,
    /// Unix milliseconds.
    now: i64,
}

/// The status, and the document of an answer.
type Answer = (u16, Value);

impl World {
    fn new() -> Self {
        Self::at(TempDir::new().unwrap(), 1_750_000_000_123)
    }

    fn at(dir: TempDir, now: i64) -> Self {
        let kms = Kms::open(&dir.path().join("kms")).unwrap();
        let recorder = Arc::new(Recorder::default());
        let logs = Logs::open(&dir.path().join("logs")).unwrap().with_keys(kms.keys());
        Self { dir, kms, logs: logs.with_metrics(Arc::clone(&recorder) as _), recorder, now }
    }

    /// The same after a restart.
    fn reopened(self) -> Self {
        let Self { dir, kms, logs, now, .. } = self;
        drop((kms, logs));
        Self::at(dir, now)
    }

    /// A call of somebody who has one policy with this statement. What was asked comes with the answer.
    fn call_as(&self, who: &str, statement: &Value, operation: &str, document: &str) -> (Answer, Vec<Requirement>) {
        let engine = engine(who, statement);
        let target = format!("Logs_20140328.{operation}");
        let answer = ask(&self.logs, &self.caller(&engine.principal), &engine, &target, document);
        (answer, engine.asked.into_inner().unwrap())
    }

    fn caller(&self, principal: &Principal) -> Caller {
        Caller {
            request_id: "6f1a0d3e-0000-4000-8000-000000000001".to_owned(),
            principal: principal.clone(),
            scope: Scope { account: principal.account().unwrap().clone(), region: "us-east-1".parse().unwrap() },
            access_key: None,
            path: Path::Public { source: [127, 0, 0, 1].into() },
            now: self.now,
        }
    }

    /// A call of a user of an account who may do everything.
    fn call(&self, account: &str, operation: &str, document: &Value) -> Answer {
        let who = format!("arn:aws:iam::{account}:user/caller");
        self.call_as(&who, &all("*"), operation, &document.to_string()).0
    }

    #[track_caller]
    fn ok(&self, operation: &str, document: &Value) -> Value {
        let (status, answer) = self.call(OWNER, operation, document);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// The code and the message of the error of such a call.
    #[track_caller]
    fn refused(&self, operation: &str, document: &Value) -> (String, String) {
        let answer = self.call(OWNER, operation, document);
        assert_ne!(answer.0, 200, "{operation}: {}", answer.1);
        error(&answer)
    }

    #[track_caller]
    fn code(&self, operation: &str, document: &Value) -> String {
        self.refused(operation, document).0
    }

    /// Makes a log group with a stream `s`.
    #[track_caller]
    fn group(&self, name: &str) {
        self.ok("CreateLogGroup", &json!({"logGroupName": name}));
        self.stream(name, "s");
    }

    #[track_caller]
    fn stream(&self, group: &str, name: &str) {
        self.ok("CreateLogStream", &json!({"logGroupName": group, "logStreamName": name}));
    }

    /// Writes events of now and these offsets to a stream.
    #[track_caller]
    fn put(&self, group: &str, stream: &str, events: &[(i64, &str)]) -> Value {
        let events: Vec<Value> =
            events.iter().map(|(at, message)| json!({"timestamp": self.now + at, "message": message})).collect();
        self.ok("PutLogEvents", &json!({"logGroupName": group, "logStreamName": stream, "logEvents": events}))
    }

    /// The messages of all events of a group, in their order.
    #[track_caller]
    fn messages(&self, group: &str) -> Vec<String> {
        messages(&self.ok("FilterLogEvents", &json!({"logGroupName": group})))
    }
}

/// One call to a service.
fn ask(service: &dyn Service, caller: &Caller, engine: &Engine, target: &str, document: &str) -> Answer {
    let body: Body = Full::new(Bytes::from(document.to_owned())).map_err(|never| match never {}).boxed_unsync();
    let request = Request::post("/").header("x-amz-target", target).body(body).unwrap();
    block_on(async {
        let answer = service.handle(request, caller, engine).await;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    })
}

fn engine(who: &str, statement: &Value) -> Engine {
    let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let policy = Policy::parse(&policy, PolicyType::Identity).unwrap();
    let policies = Policies { identity: vec![policy.into()], ..Policies::default() };
    Engine { principal: who.parse().unwrap(), policies, asked: Mutex::default() }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn all(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

fn error((_, answer): &Answer) -> (String, String) {
    (text(&answer["__type"]), text(&answer["Message"]))
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

/// The messages of an answer's events.
fn messages(answer: &Value) -> Vec<String> {
    answer["events"].as_array().unwrap().iter().map(|event| text(&event["message"])).collect()
}

/// One member of each entry of a list.
fn each(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|entry| text(&entry[member])).collect()
}

fn refusal(code: &str, message: &str) -> (String, String) {
    (code.to_owned(), message.to_owned())
}
