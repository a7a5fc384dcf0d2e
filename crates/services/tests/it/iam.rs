//! IAM through its trait: requests in, answers out.

mod boto3;
mod crash;
mod devices;
mod entities;
mod grants;
mod keys;
mod lists;
mod names;
mod permission;
mod random;
mod report;
mod simulate;
mod wording;

use std::path::Path as FilePath;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sidegate_iam::{Path, Principal};
use sidegate_model::Scope;
use sidegate_services::iam::Iam;
use sidegate_services::reserve::Reserve;
use sidegate_services::sts::Sts;
use sidegate_services::{Authorizer, Body, Caller, Service};
use tempfile::TempDir;

pub(crate) use crate::notes::Notes;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const NOW: i64 = 1_750_000_000_123;

/// A trust policy.
pub(crate) const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}"#;

/// A policy.
pub(crate) const DOCUMENT: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

/// An ARN in the account.
pub(crate) fn arn(rest: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{rest}")
}

/// IAM and STS over a directory of their own.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) iam: Iam,
    pub(crate) sts: Sts,
}

/// An answer with all its bytes.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

impl Answer {
    /// The texts of all elements of this name.
    pub(crate) fn elements(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let inside = |part: &str| part.split(&close).next().map(|text| text.replace("&quot;", "\""));
        self.text.split(&open).skip(1).filter_map(inside).collect()
    }

    /// The text of the first element of this name.
    #[track_caller]
    pub(crate) fn element(&self, name: &str) -> String {
        self.elements(name).into_iter().next().unwrap_or_else(|| panic!("no {name} in {}", self.text))
    }

    /// A policy document in the answer.
    #[track_caller]
    pub(crate) fn document(&self, name: &str) -> String {
        percent_decode_str(&self.element(name)).decode_utf8().unwrap().into_owned()
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        self
    }

    /// The status, the code and the message of an error.
    pub(crate) fn error(&self) -> (u16, String, String) {
        let part = |name| self.elements(name).into_iter().next().unwrap_or_default();
        (self.status.as_u16(), part("Code"), part("Message"))
    }
}

pub(crate) fn caller(account: &str, access_key: Option<&str>) -> Caller {
    Caller {
        request_id: "6f1a0d3e-0000-4000-8000-000000000001".to_owned(),
        principal: Principal::Root(account.parse().unwrap()),
        scope: Scope { account: account.parse().unwrap(), region: "us-east-1".parse().unwrap() },
        access_key: access_key.map(str::to_owned),
        path: Path::Public { source: [127, 0, 0, 1].into() },
        now: NOW,
    }
}

/// A user of the account, whom the directory need not know.
pub(crate) fn someone() -> Caller {
    let (account, id) = (ACCOUNT.parse::<sidegate_iam::Account>().unwrap(), Some("AIDAIOSFODNN7EXAMPLE".to_owned()));
    let principal = Principal::User { account, path: "/".to_owned(), name: "someone".to_owned(), id };
    Caller { principal, ..me() }
}

pub(crate) fn me() -> Caller {
    caller(ACCOUNT, None)
}

pub(crate) fn open(dir: &FilePath) -> Iam {
    Iam::open(dir, Reserve::none()).unwrap()
}

/// A request of the query protocol. Its parameters are `Name=value`, unencoded.
pub(crate) fn request(version: &str, action: &str, parameters: &[&str]) -> Request<Body> {
    let mut form = format!("Action={action}&Version={version}");
    for parameter in parameters {
        let (name, value) = parameter.split_once('=').unwrap();
        form.push_str(&format!("&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    }
    let body = Full::new(Bytes::from(form)).map_err(|never| match never {}).boxed_unsync();
    Request::post("/").header("content-type", "application/x-www-form-urlencoded").body(body).unwrap()
}

pub(crate) async fn send(
    service: &dyn Service, caller: &Caller, notes: &dyn Authorizer, request: Request<Body>,
) -> Answer {
    let (head, body) = service.handle(request, caller, notes).await.into_parts();
    assert_eq!(head.headers["content-type"], "text/xml");
    assert_eq!(head.headers["x-amzn-requestid"], caller.request_id);
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer { status: head.status, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

impl World {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::at(dir)
    }

    pub(crate) fn at(dir: TempDir) -> Self {
        let iam = open(dir.path());
        let sts = Sts::new(iam.directory());
        Self { dir, iam, sts }
    }

    /// The same after a restart.
    pub(crate) fn restarted(self) -> Self {
        let Self { dir, iam, sts } = self;
        drop((iam, sts));
        Self::at(dir)
    }

    pub(crate) async fn iam_as(
        &self, caller: &Caller, notes: &dyn Authorizer, action: &str, parameters: &[&str],
    ) -> Answer {
        send(&self.iam, caller, notes, request("2010-05-08", action, parameters)).await
    }

    pub(crate) async fn iam(&self, action: &str, parameters: &[&str]) -> Answer {
        self.iam_as(&me(), &Notes::default(), action, parameters).await
    }

    pub(crate) async fn sts_as(&self, caller: &Caller, notes: &Notes, action: &str, parameters: &[&str]) -> Answer {
        send(&self.sts, caller, notes, request("2011-06-15", action, parameters)).await
    }

    pub(crate) async fn sts(&self, action: &str, parameters: &[&str]) -> Answer {
        self.sts_as(&me(), &Notes::default(), action, parameters).await
    }

    /// Makes users.
    pub(crate) async fn users(&self, names: &[&str]) {
        for name in names {
            self.iam("CreateUser", &[&format!("UserName={name}")]).await.ok();
        }
    }

    /// Makes a role.
    pub(crate) async fn role(&self, name: &str) {
        let (name, trust) = (format!("RoleName={name}"), format!("AssumeRolePolicyDocument={TRUST}"));
        self.iam("CreateRole", &[&name, &trust]).await.ok();
    }

    /// Makes a policy, and gives its ARN.
    pub(crate) async fn policy(&self, name: &str) -> String {
        let (name, document) = (format!("PolicyName={name}"), format!("PolicyDocument={DOCUMENT}"));
        self.iam("CreatePolicy", &[&name, &document]).await.ok().element("Arn")
    }

    /// Makes an access key of a user, and gives its id.
    pub(crate) async fn key(&self, user: &str) -> String {
        self.iam("CreateAccessKey", &[&format!("UserName={user}")]).await.ok().element("AccessKeyId")
    }
}
