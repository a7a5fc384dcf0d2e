//! Services that another server answers: what reaches it, what does not, and what it is when it does not answer.

mod denied;
mod relayed;
mod silent;
mod tls;
mod told;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Context, Denial, Path, Policies, Policy, PolicyType, Principal, Requirement, decide};
use sidegate_model::Scope;
use sidegate_services::upstream::Origin;
use sidegate_services::{Authorizer, Body, Caller, Service, cloudwatch, kms, logs, secretsmanager};
use sidegate_wire::sigv4::{PayloadHash, Presented, SecretKey};
use tempfile::TempDir;

use crate::client;

/// The account here, and that of the server.
const HERE: &str = "111122223333";
const THERE: &str = "000000000000";

const KEY: &str = "AKIAI44QH8DHBEXAMPLE";
const SECRET: &str = "je7MtGbClwBF2Zp9Utkh3yCo8nvbEXAMPLEKEY";

const ID: &str = "6f1a0d3e-0000-4000-8000-000000000001";

/// The services that are sent on, with the names of their requests.
const SERVICES: [&str; 4] = ["kms", "logs", "monitoring", "secretsmanager"];

/// What a request was that reached the server.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    head: Parts,
    body: Bytes,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.head.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The operation, by the target.
    fn operation(&self) -> &str {
        self.header("x-amz-target").split('.').next_back().unwrap()
    }

    fn document(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A server with the real services in it, which knows one key and keeps what reaches it.
#[derive(Clone)]
struct Behind {
    got: Arc<Mutex<Vec<Got>>>,
    port: u16,
    _dir: Arc<TempDir>,
}

impl Behind {
    async fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let at = |name: &str| dir.path().join(name);
        let services: Vec<Arc<dyn Service>> = vec![
            Arc::new(secretsmanager::SecretsManager::open(&at("secretsmanager")).unwrap()),
            Arc::new(kms::Kms::open(&at("kms")).unwrap()),
            Arc::new(logs::Logs::open(&at("logs")).unwrap()),
            Arc::new(cloudwatch::CloudWatch::open(&at("cloudwatch")).unwrap()),
        ];
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        let port = client::serve(move |request| {
            let (services, got) = (services.clone(), Arc::clone(&kept));
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let service = proved(&head, &body);
                got.lock().unwrap().push(Got { head: head.clone(), body: body.clone() });
                let service = services.iter().find(|own| own.name() == service).unwrap();
                let request = Request::from_parts(head, full(body));
                service.handle(request, &caller(THERE), &crate::notes::Notes::default()).await
            }
        })
        .await;
        Self { got, port, _dir: Arc::new(dir) }
    }

    /// What reached the server since it was asked last.
    fn got(&self) -> Vec<Got> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }

    /// The operations that reached it.
    fn operations(&self) -> Vec<String> {
        self.got().iter().map(|got| got.operation().to_owned()).collect()
    }

    fn service(&self, name: &str) -> Arc<dyn Service> {
        upstream(name, origin(&format!("http://127.0.0.1:{}", self.port)))
    }
}

/// The service that a request is signed for, with the key that the server knows.
fn proved(head: &Parts, body: &[u8]) -> String {
    let presented = Presented::parse(head).unwrap();
    presented.verify(head, PayloadHash::OfBody(body), &SecretKey::new(SECRET), client::now() / 1000).unwrap();
    let signature = presented.signature().unwrap();
    assert_eq!((signature.access_key(), signature.region()), (KEY, "eu-west-1"));
    assert_eq!(signature.session_token(), None);
    signature.service().to_owned()
}

fn full(body: impl Into<Bytes>) -> Body {
    Full::new(body.into()).map_err(|never| match never {}).boxed_unsync()
}

/// The server has its ARNs in another account and another Region than the caller.
fn origin(url: &str) -> Origin {
    let origin = Origin::new(url, KEY.to_owned(), SecretKey::new(SECRET), "eu-west-1".to_owned(), None).unwrap();
    origin.in_account(THERE.parse().unwrap())
}

fn upstream(name: &str, origin: Origin) -> Arc<dyn Service> {
    match name {
        "kms" => Arc::new(kms::Upstream::new(origin)),
        "logs" => Arc::new(logs::Upstream::new(origin).unwrap()),
        "monitoring" => Arc::new(cloudwatch::Upstream::new(origin).unwrap()),
        _ => Arc::new(secretsmanager::Upstream::new(origin)),
    }
}

fn caller(account: &str) -> Caller {
    let region = if account == THERE { "eu-west-1" } else { "us-east-1" };
    Caller {
        request_id: ID.to_owned(),
        principal: format!("arn:aws:iam::{account}:user/caller").parse().unwrap(),
        scope: Scope { account: account.parse().unwrap(), region: region.parse().unwrap() },
        access_key: None,
        path: Path::Public { source: [127, 0, 0, 1].into() },
        now: client::now(),
    }
}

/// Decides by one policy, and keeps what was asked.
struct Engine {
    principal: Principal,
    policies: Policies,
    asked: Mutex<Vec<Requirement>>,
}

impl Engine {
    fn of(statements: &Value) -> Self {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let policy = Policy::parse(&policy, PolicyType::Identity).unwrap();
        let policies = Policies { identity: vec![policy.into()], ..Policies::default() };
        Self { principal: caller(HERE).principal, policies, asked: Mutex::default() }
    }

    fn all() -> Self {
        Self::of(&json!({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    }

    /// The actions and resources that were asked about.
    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|own| format!("{} {}", own.action, own.resource)).collect()
    }
}

impl Authorizer for Engine {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        self.asked.lock().unwrap().extend_from_slice(requirements);
        for requirement in requirements {
            let request = sidegate_iam::Request { principal: &self.principal, context: &Context::new(), requirement };
            if let Some(denial) = decide(&request, &self.policies).denial(&request, &self.policies) {
                return Err(denial);
            }
        }
        Ok(())
    }
}

/// A request of a service in JSON.
fn request(service: &str, operation: &str, document: &Value) -> Request<Body> {
    let target = match service {
        "kms" => "TrentService",
        "logs" => "Logs_20140328",
        "monitoring" => "GraniteServiceVersion20100801",
        other => other,
    };
    let request = Request::post("/").header("x-amz-target", format!("{target}.{operation}"));
    request.header("x-amz-security-token", "of the caller").body(full(document.to_string())).unwrap()
}

/// The status of an answer, and its document.
async fn call(
    service: &Arc<dyn Service>, authorizer: &dyn Authorizer, request: Request<Body>,
) -> (u16, http::HeaderMap, Bytes) {
    let answer: Response<Body> = service.handle(request, &caller(HERE), authorizer).await;
    let (head, body) = answer.into_parts();
    assert_eq!(head.headers["x-amzn-requestid"], ID, "the id is that of the request here");
    (head.status.as_u16(), head.headers, body.collect().await.unwrap().to_bytes())
}

async fn ask(
    service: &Arc<dyn Service>, authorizer: &dyn Authorizer, name: &str, operation: &str, document: &Value,
) -> (u16, Value) {
    let (status, _, body) = call(service, authorizer, request(name, operation, document)).await;
    let text = String::from_utf8_lossy(&body).into_owned();
    (status, serde_json::from_slice(&body).unwrap_or_else(|_| text.into()))
}

#[track_caller]
fn ok((status, answer): (u16, Value)) -> Value {
    assert_eq!(status, 200, "{answer}");
    answer
}

/// The code of a refusal.
#[track_caller]
fn code((status, answer): (u16, Value)) -> String {
    assert!(status >= 400, "{answer}");
    answer["__type"].as_str().unwrap().to_owned()
}

/// A request that each of the services has, and what answers it in no time.
fn simple(service: &str) -> (&'static str, Value) {
    match service {
        "kms" => ("ListKeys", json!({})),
        "logs" => ("DescribeLogGroups", json!({})),
        "monitoring" => ("ListMetrics", json!({})),
        _ => ("ListSecrets", json!({})),
    }
}

/// How long the tests wait for a server that says nothing.
const SOON: Duration = Duration::from_millis(300);
