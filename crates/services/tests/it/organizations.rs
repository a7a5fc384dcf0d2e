//! AWS Organizations through its trait: requests in, answers out.

mod accounts;
mod handshakes;
mod permission;
mod policies;
mod restart;
mod services;
mod units;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Path, Principal};
use sidegate_model::{AccountId, Scope};
use sidegate_services::organizations::{Membership, Organizations};
use sidegate_services::reserve::Reserve;
use sidegate_services::{Body, Caller, Service as _};
use tempfile::TempDir;

use crate::notes::Notes;

const MASTER: &str = "111122223333";
const OTHER: &str = "444455556666";
const SCP: &str = "SERVICE_CONTROL_POLICY";
const RCP: &str = "RESOURCE_CONTROL_POLICY";
const RCP_CONTENT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*",
    "Resource":"*"}}"#;
const CONTENT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
const DAY: i64 = 86_400_000;

/// The service in a directory of its own, and a clock.
struct Fixture {
    directory: TempDir,
    service: Organizations,
    now: i64,
}

/// An error's code, its reason, and its message.
type Told = (String, String, String);

impl Fixture {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let service = Organizations::open(directory.path(), Reserve::none()).unwrap();
        Self { directory, service, now: 1_750_000_000_123 }
    }

    /// With an organization that has all features and service control policies.
    async fn with_organization() -> Self {
        let fixture = Self::new();
        fixture.ok("CreateOrganization", json!({})).await;
        let root = fixture.root().await;
        fixture.ok("EnablePolicyType", json!({ "RootId": root, "PolicyType": SCP })).await;
        fixture
    }

    fn reopened(self) -> Self {
        drop(self.service);
        let service = Organizations::open(self.directory.path(), Reserve::none()).unwrap();
        Self { service, ..self }
    }

    async fn send(&self, account: &str, notes: &Notes, operation: &str, document: Value) -> (StatusCode, Value) {
        let caller = Caller {
            request_id: "7A1B2C3D4E5F6071".to_owned(),
            principal: Principal::Root(account.parse().unwrap()),
            scope: Scope { account: account.parse().unwrap(), region: "us-east-1".parse().unwrap() },
            access_key: None,
            path: Path::Public { source: [127, 0, 0, 1].into() },
            now: self.now,
        };
        let request: Request<Body> = Request::builder()
            .method("POST")
            .header("x-amz-target", format!("AWSOrganizationsV20161128.{operation}"))
            .body(Full::new(Bytes::from(document.to_string())).map_err(|never| match never {}).boxed_unsync())
            .unwrap();
        let (head, body) = self.service.handle(request, &caller, notes).await.into_parts();
        assert_eq!(head.headers["content-type"], "application/x-amz-json-1.1");
        assert_eq!(head.headers["x-amzn-requestid"], caller.request_id);
        (head.status, serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap())
    }

    #[track_caller]
    fn ok<'a>(&'a self, operation: &'a str, document: Value) -> impl Future<Output = Value> + 'a {
        self.ok_as(MASTER, operation, document)
    }

    async fn ok_as(&self, account: &str, operation: &str, document: Value) -> Value {
        let (status, answer) = self.send(account, &Notes::default(), operation, document).await;
        assert!(status.is_success(), "{operation} {status} {answer}");
        answer
    }

    async fn err_as(&self, account: &str, operation: &str, document: Value) -> Told {
        let (status, answer) = self.send(account, &Notes::default(), operation, document).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{operation} {answer}");
        let text = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
        (text("__type"), text("Reason"), text("Message"))
    }

    /// The code of the error, and its reason after a slash if it has one.
    async fn fails_as(&self, account: &str, operation: &str, document: Value) -> String {
        let (code, reason, message) = self.err_as(account, operation, document).await;
        assert!(!message.is_empty());
        let code = code.trim_end_matches("Exception");
        if reason.is_empty() { code.to_owned() } else { format!("{code}/{reason}") }
    }

    async fn fails(&self, operation: &str, document: Value) -> String {
        self.fails_as(MASTER, operation, document).await
    }

    /// The id of the root.
    async fn root(&self) -> String {
        text(&self.ok("ListRoots", json!({})).await["Roots"][0]["Id"])
    }

    async fn unit(&self, parent: &str, name: &str) -> String {
        let made = self.ok("CreateOrganizationalUnit", json!({ "ParentId": parent, "Name": name })).await;
        text(&made["OrganizationalUnit"]["Id"])
    }

    async fn account(&self, name: &str) -> String {
        let document = json!({ "AccountName": name, "Email": format!("{name}@example.com") });
        let made = self.ok("CreateAccount", document).await;
        assert_eq!(made["CreateAccountStatus"]["State"], "SUCCEEDED", "{made}");
        text(&made["CreateAccountStatus"]["AccountId"])
    }

    async fn policy(&self, kind: &str, name: &str) -> String {
        let content = if kind == RCP { RCP_CONTENT } else { CONTENT };
        let document = json!({ "Type": kind, "Name": name, "Description": "", "Content": content });
        text(&self.ok("CreatePolicy", document).await["Policy"]["PolicySummary"]["Id"])
    }

    /// Everything that a list has, page by page.
    async fn all(&self, operation: &str, mut document: Value, member: &str) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let page = self.ok(operation, document.clone()).await;
            all.extend(page[member].as_array().unwrap().iter().cloned());
            match page.get("NextToken") {
                Some(token) => document["NextToken"] = token.clone(),
                None => return all,
            }
        }
    }

    fn membership(&self, account: &str) -> Option<Membership> {
        self.service.directory().membership(&account.parse::<AccountId>().unwrap())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn texts(values: &[Value], member: &str) -> Vec<String> {
    values.iter().map(|value| text(&value[member])).collect()
}
