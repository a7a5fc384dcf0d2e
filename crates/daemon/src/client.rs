//! A small client of the API, for what Sidegate itself does with it: the demo and the benchmarks.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sidegate_wire::sigv4::{PayloadHash, SecretKey, Signer};

use crate::clock;
use crate::store::AccessKey;

/// A client with an access key.
pub(crate) struct Client {
    http: HttpClient<HttpConnector, Full<Bytes>>,
    /// The API's address: `127.0.0.1:4566`.
    address: String,
    key: AccessKey,
    secret: SecretKey,
    region: String,
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The API answered with an error.
    #[error("{call} was refused with {status}: {body}")]
    Refused {
        /// What was called.
        call: String,
        /// The status of the answer.
        status: StatusCode,
        /// The answer.
        body: String,
    },
    /// There was no answer.
    #[error("{call} was not answered ({reason}); is the daemon running?")]
    Unanswered {
        /// What was called.
        call: String,
        /// What went wrong.
        reason: String,
    },
}

impl Client {
    /// A client of the API at this address.
    pub(crate) fn new(address: &str, key: AccessKey, region: &str) -> Self {
        let http = HttpClient::builder(TokioExecutor::new()).build_http();
        let secret = SecretKey::new(&key.secret);
        Self { http, address: address.to_owned(), key, secret, region: region.to_owned() }
    }

    /// A client with another key.
    pub(crate) fn with_key(&self, key: AccessKey) -> Self {
        Self::new(&self.address, key, &self.region)
    }

    /// Calls an action of EC2 and returns the answer's document.
    pub(crate) async fn ec2(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Document, CallError> {
        self.query("ec2", "2016-11-15", action, parameters).await
    }

    /// Calls an action of IAM and returns the answer's document.
    pub(crate) async fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Document, CallError> {
        self.query("iam", "2010-05-08", action, parameters).await
    }

    /// Calls S3 and returns the body of the answer.
    pub(crate) async fn s3(&self, method: Method, path: &str, body: &str) -> Result<String, CallError> {
        let call = format!("s3: {method} {path}");
        self.call(&call, method, "s3", path, &[], body.to_owned().into()).await
    }

    async fn query(
        &self, service: &str, version: &str, action: &str, parameters: &[(&str, &str)],
    ) -> Result<Document, CallError> {
        let mut form = format!("Action={action}&Version={version}");
        for (name, value) in parameters {
            let escaped = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            form.push_str(&format!("&{name}={escaped}"));
        }
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        self.call(&format!("{service}:{action}"), Method::POST, service, "/", &headers, form.into()).await.map(Document)
    }

    /// Calls an operation of Secrets Manager and returns the answer's document.
    pub(crate) async fn secrets_manager(&self, operation: &str, body: &str) -> Result<String, CallError> {
        self.json("secretsmanager", "secretsmanager", operation, body).await
    }

    /// Calls an operation of KMS and returns the answer's document.
    pub(crate) async fn kms(&self, operation: &str, body: &str) -> Result<String, CallError> {
        self.json("kms", "TrentService", operation, body).await
    }

    /// Calls an operation of Lambda, which has no parameters but its document, and returns the body of the answer.
    pub(crate) async fn lambda(&self, method: Method, path: &str, body: &str) -> Result<String, CallError> {
        let call = format!("lambda: {method} {path}");
        let headers = [("content-type", "application/json")];
        self.call(&call, method, "lambda", path, &headers, body.to_owned().into()).await
    }

    async fn json(&self, service: &str, prefix: &str, operation: &str, body: &str) -> Result<String, CallError> {
        let target = format!("{prefix}.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let call = format!("{service}:{operation}");
        self.call(&call, Method::POST, service, "/", &headers, body.to_owned().into()).await
    }

    async fn call(
        &self, call: &str, method: Method, service: &str, path: &str, headers: &[(&str, &str)], body: Bytes,
    ) -> Result<String, CallError> {
        let unanswered = |reason: &dyn std::fmt::Display| CallError::Unanswered {
            call: call.to_owned(),
            reason: reason.to_string(),
        };
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut head, ()) = request.body(()).map_err(|e| unanswered(&e))?.into_parts();
        let signer = Signer {
            access_key: &self.key.id,
            secret: &self.secret,
            session_token: None,
            region: &self.region,
            service,
        };
        signer.sign(&mut head, PayloadHash::OfBody(&body), clock::now_ms() / 1000).map_err(|e| unanswered(&e))?;
        let response =
            self.http.request(Request::from_parts(head, Full::new(body))).await.map_err(|e| unanswered(&e))?;
        let status = response.status();
        let bytes = response.into_body().collect().await.map_err(|e| unanswered(&e))?.to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if status.is_success() {
            return Ok(text);
        }
        Err(CallError::Refused { call: call.to_owned(), status, body: text })
    }
}

/// An answer in XML.
#[derive(Clone, Debug)]
pub(crate) struct Document(String);

impl Document {
    /// The text of the first element of this name.
    pub(crate) fn text(&self, element: &str) -> Option<&str> {
        let (_, rest) = self.0.split_once(&format!("<{element}>"))?;
        rest.split_once(&format!("</{element}>")).map(|(text, _)| text)
    }
}
