//! KMS through its trait.

mod access;
mod clients;
mod data;
mod forward;
mod grants;
mod imports;
mod keys;
mod lifetime;
mod regions;
mod secrets;
mod signing;

use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Context, Denial, Path, Policies, Policy, PolicyType, Principal, Requirement, decide};
use sidegate_model::Scope;
use sidegate_services::kms::Kms;
use sidegate_services::{Authorizer, Body, Caller, ForwardedBy, Service as _};
use tempfile::TempDir;

const OWNER: &str = "111122223333";
const STRANGER: &str = "444455556666";

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// Decides by one policy of the principal, that of the resource and its grants.
struct Engine {
    principal: Principal,
    policies: Policies,
    asked: Mutex<Vec<Requirement>>,
}

impl Engine {
    fn decide(&self, context: &Context, requirements: &[Requirement]) -> Result<(), Denial> {
        self.asked.lock().unwrap().extend(requirements.iter().cloned());
        for requirement in requirements {
            let request = sidegate_iam::Request { principal: &self.principal, context, requirement };
            if let Some(mut denial) = decide(&request, &self.policies).denial(&request, &self.policies) {
                denial.is_discreet =
                    requirement.owner().as_ref().is_some_and(|own| Some(own) != self.principal.account());
                return Err(denial);
            }
        }
        Ok(())
    }
}

impl Authorizer for Engine {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        self.decide(&Context::new().with("aws:ViaAWSService", "false"), requirements)
    }

    fn authorize_forwarded(&self, by: &ForwardedBy, requirements: &[Requirement]) -> Result<(), Denial> {
        let context = Context::new().with("aws:ViaAWSService", "true").with_many("aws:CalledVia", [by.principal()]);
        self.decide(&context, requirements)
    }
}

/// The keys of a directory, at a time.
struct World {
    dir: TempDir,
    kms: Kms,
    /// Unix milliseconds.
    now: i64,
    region: &'static str,
}

/// The status, and the document of an answer.
type Answer = (u16, Value);

impl World {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let kms = Kms::open(&dir.path().join("kms")).unwrap();
        Self { dir, kms, now: 1_750_000_000_123, region: "us-east-1" }
    }

    /// The same after a restart.
    fn reopened(self) -> Self {
        let Self { dir, kms, now, region } = self;
        drop(kms);
        let kms = Kms::open(&dir.path().join("kms")).unwrap();
        Self { dir, kms, now, region }
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

    /// A call of somebody who has one policy with this statement. What was asked comes with the answer.
    fn call_as(&self, who: &str, statement: &Value, operation: &str, document: &Value) -> (Answer, Vec<Requirement>) {
        let engine = engine(who, statement);
        let caller = self.caller(&engine.principal);
        let body: Body = Full::new(Bytes::from(document.to_string())).map_err(|never| match never {}).boxed_unsync();
        let request =
            Request::post("/").header("x-amz-target", format!("TrentService.{operation}")).body(body).unwrap();
        let answer = block_on(async {
            let answer = self.kms.handle(request, &caller, &engine).await;
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            (status, serde_json::from_slice(&body).unwrap())
        });
        (answer, engine.asked.into_inner().unwrap())
    }

    /// A call of the owner's user `caller`, who has one policy with this statement.
    fn call(&self, account: &str, statement: &Value, operation: &str, document: &Value) -> Answer {
        self.call_as(&format!("arn:aws:iam::{account}:user/caller"), statement, operation, document).0
    }

    /// A call of somebody who may do everything.
    #[track_caller]
    fn ok(&self, operation: &str, document: &Value) -> Value {
        let (status, answer) = self.call(OWNER, &all("kms:*"), operation, document);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// The code and the message of the error of such a call.
    fn refused(&self, operation: &str, document: &Value) -> (String, String) {
        let answer = self.call(OWNER, &all("kms:*"), operation, document);
        assert_ne!(answer.0, 200, "{operation}: {}", answer.1);
        error(&answer)
    }

    /// The ARN of a new key.
    #[track_caller]
    fn key(&self, document: &Value) -> String {
        text(&self.ok("CreateKey", document)["KeyMetadata"]["Arn"])
    }

    fn state(&self, key: &str) -> String {
        text(&self.ok("DescribeKey", &id(key))["KeyMetadata"]["KeyState"])
    }
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
    let message = if answer["Message"].is_null() { &answer["message"] } else { &answer["Message"] };
    (text(&answer["__type"]), text(message))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn id(key: &str) -> Value {
    json!({"KeyId": key})
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

/// With more members.
fn with(document: &Value, more: &Value) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

/// What a policy says of a condition key when an operation is asked for.
fn value(asked: &[Requirement], at: usize, key: &str) -> Option<String> {
    asked[at].context.values(key).map(|values| values.as_slice().join(","))
}
