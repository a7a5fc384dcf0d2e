//! Lambda through its trait, with environments that do what their events say.

mod aliases;
mod archives;
mod asynchronous;
mod concurrency;
mod fake;
mod functions;
mod invocations;
mod layers;
mod permissions;
mod refusals;
mod services;
mod sources;
mod upkeep;

use std::io::{Cursor, Write as _};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Context, Denial, Path, Policies, Policy, PolicyType, Principal, Requirement, decide};
use sidegate_model::Scope;
use sidegate_services::lambda::Lambda;
use sidegate_services::{Authorizer, Body, Caller, Service as _};
use sidegate_wire::sigv4::SecretKey;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use fake::Fake;

const OWNER: &str = "111122223333";
const STRANGER: &str = "444455556666";
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const ROLE: &str = "arn:aws:iam::111122223333:role/f";

/// Decides by one policy of the principal and that of the resource.
struct Engine {
    principal: Principal,
    policies: Policies,
}

impl Authorizer for Engine {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        for requirement in requirements {
            let request = sidegate_iam::Request { principal: &self.principal, context: &Context::new(), requirement };
            if let Some(denial) = decide(&request, &self.policies).denial(&request, &self.policies) {
                return Err(denial);
            }
        }
        Ok(())
    }
}

struct World {
    dir: TempDir,
    lambda: Lambda,
    fake: Fake,
}

/// An answer.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn document(&self) -> Value {
        if self.body.is_empty() { Value::Null } else { serde_json::from_slice(&self.body).unwrap() }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The status, the code and the message of an error.
    fn error(&self) -> (u16, String, String) {
        let document = self.document();
        let message = document.get("message").or(document.get("Message")).and_then(Value::as_str);
        (self.status, self.header("x-amzn-errortype").to_owned(), message.unwrap_or_default().to_owned())
    }
}

/// A request, but for who makes it.
struct Asked<'a> {
    line: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        Self::in_dir(dir)
    }

    fn in_dir(dir: TempDir) -> Self {
        let fake = Fake::default();
        let lambda = Lambda::open(&dir.path().join("lambda")).unwrap().with_environments(Arc::new(fake.clone()));
        let lambda = lambda.with_secrets(Arc::new(|key: &str| (key == KEY).then(|| SecretKey::new("secret"))));
        let lambda = lambda.retrying_after(Duration::from_millis(20), Duration::from_millis(40));
        Self { dir, lambda, fake }
    }

    /// The same state, after a stop.
    async fn again(self) -> Self {
        let Self { dir, lambda, .. } = self;
        drop(lambda);
        // What it had begun beside its answers, a stop would end.
        tokio::time::sleep(Duration::from_millis(200)).await;
        Self::in_dir(dir)
    }

    async fn send(&self, account: &str, statement: &Value, asked: Asked<'_>) -> Answer {
        let principal: Principal = format!("arn:aws:iam::{account}:user/caller").parse().unwrap();
        let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        let policy = Policy::parse(&policy, PolicyType::Identity).unwrap();
        let policies = Policies { identity: vec![policy.into()], ..Policies::default() };
        let caller = Caller {
            request_id: uuid(),
            principal: principal.clone(),
            scope: Scope { account: account.parse().unwrap(), region: "us-east-1".parse().unwrap() },
            access_key: Some(KEY.to_owned()),
            path: Path::Public { source: [127, 0, 0, 1].into() },
            now: now(),
        };
        let (method, uri) = asked.line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in asked.headers {
            request = request.header(*name, *value);
        }
        let body: Body = Full::new(Bytes::from(asked.body)).map_err(|never| match never {}).boxed_unsync();
        let answer = self.lambda.handle(request.body(body).unwrap(), &caller, &Engine { principal, policies }).await;
        let (head, body) = answer.into_parts();
        Answer { status: head.status.as_u16(), headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
    }

    /// A call of the user `caller` of an account, which has one policy with this statement.
    async fn call_as(&self, account: &str, statement: &Value, line: &str, document: &Value) -> Answer {
        let body = if document.is_null() { Vec::new() } else { document.to_string().into_bytes() };
        self.send(account, statement, Asked { line, headers: &[], body }).await
    }

    /// A call of somebody who may do everything.
    async fn call(&self, line: &str, document: &Value) -> Answer {
        self.call_as(OWNER, &all("*"), line, document).await
    }

    #[track_caller]
    fn administer(&self, line: &str, document: &Value) -> impl Future<Output = Value> {
        let place = std::panic::Location::caller();
        async move {
            let answer = self.call(line, document).await;
            assert!(answer.status < 300, "{place}: {line}: {:?}", answer.error());
            answer.document()
        }
    }

    /// Makes a function and waits until it can be invoked.
    async fn function(&self, name: &str) -> Value {
        self.function_of(name, json!({})).await
    }

    /// The same with more members.
    async fn function_of(&self, name: &str, more: Value) -> Value {
        let mut document = function(name);
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.administer("POST /2015-03-31/functions", &document).await;
        self.settled(name).await;
        made
    }

    /// Waits until a function is active and no change is under way, and returns its configuration.
    async fn settled(&self, name: &str) -> Value {
        for _ in 0..500 {
            let line = format!("GET /2015-03-31/functions/{name}/configuration");
            let configuration = self.administer(&line, &Value::Null).await;
            if configuration["State"] == "Active" && configuration["LastUpdateStatus"] == "Successful" {
                return configuration;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{name} is not ready");
    }

    async fn invoke(&self, name: &str, event: &Value) -> Answer {
        self.call(&format!("POST /2015-03-31/functions/{name}/invocations"), event).await
    }

    async fn invoke_with(&self, name: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let line = format!("POST /2015-03-31/functions/{name}/invocations");
        self.send(OWNER, &all("*"), Asked { line: &line, headers, body }).await
    }
}

fn uuid() -> String {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("6f1a0d3e-0000-4000-8000-{next:012x}")
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

fn all(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

/// An archive of these files, in base64.
fn zip(files: &[(&str, &[u8])]) -> String {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    STANDARD.encode(writer.finish().unwrap().into_inner())
}

/// The document of `CreateFunction`.
fn function(name: &str) -> Value {
    json!({
        "FunctionName": name,
        "Runtime": "python3.12",
        "Role": ROLE,
        "Handler": "app.handler",
        "Code": {"ZipFile": zip(&[("app.py", b"def handler(event, context): return event\n")])},
    })
}

fn arn(name: &str) -> String {
    format!("arn:aws:lambda:us-east-1:{OWNER}:function:{name}")
}
