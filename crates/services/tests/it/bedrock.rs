//! Amazon Bedrock through its trait.

mod bad_input;
mod clients;
mod control;
mod permissions;
mod runtime;
mod servers;

use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Context, Denial, Path, Policies, Policy, PolicyType, Principal, Requirement, decide};
use sidegate_model::Scope;
use sidegate_services::bedrock::{Bedrock, BedrockRuntime};
use sidegate_services::{Authorizer, Body, Caller, Service};

const ACCOUNT: &str = "111122223333";
const ID: &str = "6f1a0d3e-0000-4000-8000-000000000001";

const HAIKU: &str = "anthropic.claude-3-haiku-20240307-v1:0";
/// One whose tokens can be counted.
const SONNET: &str = "anthropic.claude-3-5-sonnet-20240620-v1:0";
const NOVA: &str = "amazon.nova-lite-v1:0";
const TITAN: &str = "amazon.titan-text-express-v1";
const LLAMA: &str = "meta.llama3-8b-instruct-v1:0";
const EMBEDDING: &str = "amazon.titan-embed-text-v2:0";
const READER: &str = "sidegate.extractive-reader-v1:0";

const TEXT: &str = "A gateway endpoint is a route in a route table. Bedrock is reached through an interface endpoint, \
                    because it has no gateway endpoint.";
const QUESTION: &str = "Why is Bedrock reached through an interface endpoint?";
const QUOTED: &str = "\"Bedrock is reached through an interface endpoint, because it has no gateway endpoint.\"";

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
        Self { principal: caller().principal, policies, asked: Mutex::default() }
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

fn caller() -> Caller {
    Caller {
        request_id: ID.to_owned(),
        principal: format!("arn:aws:iam::{ACCOUNT}:user/caller").parse().unwrap(),
        scope: Scope { account: ACCOUNT.parse().unwrap(), region: "us-east-1".parse().unwrap() },
        access_key: None,
        path: Path::Public { source: [127, 0, 0, 1].into() },
        now: 1_750_000_000_123,
    }
}

/// An answer: its status, its headers and its body.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    #[track_caller]
    fn document(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| String::from_utf8_lossy(&self.body).into())
    }

    #[track_caller]
    fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.document());
        self.document()
    }

    /// The status, the code and the message of an error.
    #[track_caller]
    fn error(&self) -> (u16, String, String) {
        assert!(self.status >= 400, "{}", self.document());
        let message = self.document()["message"].as_str().unwrap().to_owned();
        (self.status, self.headers["x-amzn-errortype"].to_str().unwrap().to_owned(), message)
    }

    /// The messages of an event stream: the names of members, and their payloads.
    #[track_caller]
    fn events(&self) -> Vec<(String, Value)> {
        assert_eq!(self.headers["content-type"], "application/vnd.amazon.eventstream");
        let mut events = Vec::new();
        let mut rest = &self.body[..];
        while !rest.is_empty() {
            let number = |at: usize| u32::from_be_bytes(rest[at..at + 4].try_into().unwrap()) as usize;
            let (total, headers) = (number(0), number(4));
            let mut name = String::new();
            let mut header = &rest[12..12 + headers];
            while !header.is_empty() {
                let length = usize::from(header[0]);
                let key = std::str::from_utf8(&header[1..=length]).unwrap();
                let size = usize::from(u16::from_be_bytes(header[length + 2..length + 4].try_into().unwrap()));
                let value = std::str::from_utf8(&header[length + 4..length + 4 + size]).unwrap();
                if matches!(key, ":event-type" | ":exception-type") {
                    name = value.to_owned();
                }
                header = &header[length + 4 + size..];
            }
            events.push((name, serde_json::from_slice(&rest[12 + headers..total - 4]).unwrap()));
            rest = &rest[total..];
        }
        events
    }

    /// The chunks of a stream of InvokeModel.
    #[track_caller]
    fn chunks(&self) -> Vec<Value> {
        let chunk = |(name, payload): (String, Value)| {
            assert_eq!(name, "chunk", "{payload}");
            serde_json::from_slice(&STANDARD.decode(payload["bytes"].as_str().unwrap()).unwrap()).unwrap()
        };
        self.events().into_iter().map(chunk).collect()
    }
}

async fn send(service: &dyn Service, authorizer: &dyn Authorizer, request: Request<Body>) -> Answer {
    let (head, body) = service.handle(request, &caller(), authorizer).await.into_parts();
    assert_eq!(head.headers["x-amzn-requestid"], ID);
    Answer { status: head.status.as_u16(), headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
}

fn post(path: &str, body: impl Into<Bytes>) -> Request<Body> {
    let body = Full::new(body.into()).map_err(|never| match never {}).boxed_unsync();
    Request::post(path).header("content-type", "application/json").body(body).unwrap()
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Full::default().map_err(|never| match never {}).boxed_unsync()).unwrap()
}

/// Asks the runtime that is here by itself.
async fn ask(model: &str, operation: &str, document: &Value) -> Answer {
    let path = format!("/model/{}/{operation}", model.replace(':', "%3A").replace('/', "%2F"));
    send(&BedrockRuntime::new(), &Engine::all(), post(&path, document.to_string())).await
}

/// A conversation with a document.
fn conversation() -> Value {
    let document = json!({"format": "txt", "name": "guide", "source": {"bytes": STANDARD.encode(TEXT)}});
    json!({"messages": [{"role": "user", "content": [{"document": document}, {"text": QUESTION}]}]})
}

fn control() -> Bedrock {
    Bedrock::of(&BedrockRuntime::new())
}
