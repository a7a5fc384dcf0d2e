//! S3 through its trait: requests in, answers out.

mod archives;
mod boto3;
mod buckets;
mod checksums;
mod configurations;
mod crash;
mod encryption;
mod forms;
mod integrity;
mod listing;
mod locks;
mod multipart;
mod newer;
mod notifications;
mod objects;
mod permission;
mod policies;
mod requests;
mod signing;
mod upstream;
mod versions;

use std::collections::HashSet;
use std::path::Path as FilePath;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use s3s::crypto::{Checksum as _, Md5};
use sidegate_iam::{Path, Principal};
use sidegate_model::Scope;
use sidegate_services::s3::{S3, SecretText};
use sidegate_services::{Authorizer, Body, Caller, Service as _};
use tempfile::TempDir;

use crate::notes::Notes;

const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A store in a directory of its own.
struct Store {
    dir: TempDir,
    s3: S3,
}

/// An answer with all its bytes.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The text of the first element of this name.
    fn element(&self, name: &str) -> Option<String> {
        self.elements(name).into_iter().next()
    }

    fn elements(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let text = self.text();
        let inside =
            |part: &str| part.split(&close).next().map(|value| value.replace("&quot;", "\"").replace("&apos;", "'"));
        text.split(&open).skip(1).filter_map(inside).collect()
    }

    /// The status and the code of an error.
    fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.element("Code").unwrap_or_default())
    }

    #[track_caller]
    fn ok(self) -> Self {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        self
    }
}

fn caller(account: &str, region: &str) -> Caller {
    Caller {
        request_id: "7A1B2C3D4E5F6071".to_owned(),
        principal: Principal::Root(account.parse().unwrap()),
        scope: Scope { account: account.parse().unwrap(), region: region.parse().unwrap() },
        access_key: None,
        path: Path::Public { source: [127, 0, 0, 1].into() },
        now: 1_750_000_000_123,
    }
}

fn me() -> Caller {
    caller("111122223333", "us-east-1")
}

fn open(dir: &FilePath) -> S3 {
    let secrets = |key: &str| (key == ACCESS_KEY).then(|| SecretText::new(SECRET));
    S3::open(dir, Arc::new(secrets)).unwrap()
}

/// A request. Where S3 wants a digest of its document and none is given, it has one.
fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request<Body> {
    let body = body.into();
    let wants = ["?delete", "?tagging", "?object-lock", "?retention", "?legal-hold"];
    let has = headers.iter().any(|(name, _)| *name == "content-md5" || name.starts_with("x-amz-checksum-"));
    let mut request = bare_request(method, uri, headers, body.clone());
    if ["PUT", "POST"].contains(&method) && !has && wants.iter().any(|wanted| uri.contains(wanted)) {
        request.headers_mut().insert("content-md5", md5_of(&body).parse().unwrap());
    }
    request
}

fn md5_of(body: &[u8]) -> String {
    BASE64.encode(Md5::checksum(body))
}

fn bare_request(method: &str, uri: &str, headers: &[(&str, &str)], body: Bytes) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(uri)
        .header("host", "127.0.0.1:4566")
        .header("content-length", body.len());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::new(body).map_err(|never| match never {}).boxed_unsync()).unwrap()
}

impl Store {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let s3 = open(dir.path());
        Self { dir, s3 }
    }

    async fn with_bucket(name: &str) -> Self {
        let store = Self::new();
        store.put(&format!("/{name}"), &[], "").await.ok();
        store
    }

    async fn send_as(&self, caller: &Caller, authorizer: &dyn Authorizer, request: Request<Body>) -> Answer {
        let method = request.method().clone();
        let (head, body) = self.s3.handle(request, caller, authorizer).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        if method == Method::HEAD {
            assert!(body.is_empty(), "an answer to HEAD has no body");
        }
        assert_eq!(head.headers["x-amz-request-id"], caller.request_id);
        assert_eq!(head.headers["server"], "AmazonS3");
        Answer { status: head.status, headers: head.headers, body }
    }

    async fn send(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        self.send_as(&me(), &Notes::default(), request(method, uri, headers, body)).await
    }

    async fn put(&self, uri: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        self.send("PUT", uri, headers, body).await
    }

    async fn get(&self, uri: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", uri, headers, "").await
    }

    async fn head(&self, uri: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("HEAD", uri, headers, "").await
    }

    async fn delete(&self, uri: &str) -> Answer {
        self.send("DELETE", uri, &[], "").await
    }

    /// The files that hold bytes, finished or not.
    fn files(&self) -> HashSet<String> {
        self.files_in("")
    }

    /// The same of a store that is below its directory.
    fn files_in(&self, below: &str) -> HashSet<String> {
        let dir = self.dir.path().join(below);
        let objects = std::fs::read_dir(dir.join("objects")).unwrap();
        objects
            .map(|shard| shard.unwrap().path())
            .chain([dir.join("incoming")])
            .flat_map(|dir| std::fs::read_dir(dir).unwrap())
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}
