//! What every service is: bytes to an operation, what the operation requires, and the operation itself.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use sidegate_iam::{Denial, Path, Principal, Requirement};
use sidegate_model::{Region, Scope};

use crate::Supposed;

/// An error of a body that is being sent or received.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a request or response; it streams.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// Who calls, where, and over which path. Established before the service sees the request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The request's id, as it is returned in headers and bodies.
    pub request_id: String,
    /// The principal that the signature proved.
    pub principal: Principal,
    /// The account and the Region that the request is for.
    pub scope: Scope,
    /// The access key whose signature is still on the request, for those services whose protocol layer verifies again.
    pub access_key: Option<String>,
    /// The path on which the request came.
    pub path: Path,
    /// Unix time in milliseconds.
    pub now: i64,
}

/// Among the extensions of a request that came without TLS.
#[derive(Clone, Copy, Debug)]
pub struct Insecure;

/// Proof that the authorizer allowed what an operation requires. Only [`Authorized::by`] makes one, from the answer of
/// an authorizer.
#[derive(Debug)]
pub struct Authorized(());

impl Authorized {
    /// Asks the authorizer.
    ///
    /// # Errors
    /// The [`Denial`] that decided.
    pub fn by(authorizer: &dyn Authorizer, operation: &str, requirements: &[Requirement]) -> Result<Self, Denial> {
        authorizer.authorize(operation, requirements).map(|()| Self(()))
    }

    /// Asks the authorizer about what a service does at another one in the caller's name.
    ///
    /// # Errors
    /// The [`Denial`] that decided.
    pub fn forwarded(
        authorizer: &dyn Authorizer, by: &ForwardedBy, requirements: &[Requirement],
    ) -> Result<Self, Denial> {
        authorizer.authorize_forwarded(by, requirements).map(|()| Self(()))
    }
}

/// A service that calls another one in the name of its own caller, with its permissions: a forward access session.
///
/// Source: IAM user guide, "Forward access sessions".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForwardedBy {
    /// The first part of its service principal, such as `s3` or `secretsmanager`.
    pub service: &'static str,
    /// The Region in which it calls.
    pub region: Region,
}

impl ForwardedBy {
    /// Its service principal: `aws:CalledVia`.
    pub fn principal(&self) -> String {
        format!("{}.amazonaws.com", self.service)
    }

    /// Its name as that of a service in a Region: `kms:ViaService`.
    pub fn regional_name(&self) -> String {
        format!("{}.{}.amazonaws.com", self.service, self.region)
    }
}

/// Decides between the parsing of a request and its effect, and notes the decision for the request's event.
pub trait Authorizer: Send + Sync {
    /// Decides whether the caller may do all of this. `operation` is the API's name of the operation, such as
    /// `GetObject`.
    ///
    /// # Errors
    /// The [`Denial`] that decided.
    fn authorize(&self, operation: &str, requirements: &[Requirement]) -> Result<(), Denial>;

    /// Decides whether the caller may do what a service does at another one in its name. Such a call does not pass the
    /// caller's endpoint: its policy is not asked, and the condition keys of the caller's network are not there. It may be
    /// asked about any number of times, before or after the service's own operation.
    ///
    /// # Errors
    /// The [`Denial`] that decided.
    fn authorize_forwarded(&self, by: &ForwardedBy, requirements: &[Requirement]) -> Result<(), Denial> {
        self.authorize(by.service, requirements)
    }
}

/// A service of AWS.
#[async_trait]
pub trait Service: Send + Sync {
    /// The last part of its endpoint service name, such as `secretsmanager`.
    fn name(&self) -> &'static str;

    /// Answers a request whose signature has been verified: parses it, asks the authorizer exactly once, and only then
    /// acts. Whatever goes wrong becomes a response in the service's own error form.
    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body>;

    /// What a call would require, by its action (`s3:GetObject`) and its resource's ARN, or `*`. The caller's scope is that of
    /// the resource, where the ARN tells it. Nothing is done, and nobody is asked.
    ///
    /// A service that says nothing of itself is taken for one whose resources others have.
    ///
    /// # Errors
    /// In words, if what the service has stored cannot be read.
    async fn suppose(&self, action: &str, resource: &str, _caller: &Caller) -> Result<Supposed, String> {
        Ok(Supposed::Elsewhere(vec![Requirement::new(action, resource)]))
    }
}
