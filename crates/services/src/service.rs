//! What every service is: bytes to an operation, what the operation requires, and the operation itself.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use sidegate_iam::{Denial, Path, Principal, Requirement};
use sidegate_model::Scope;

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
}

/// Decides between the parsing of a request and its effect, and notes the decision for the request's event.
pub trait Authorizer: Send + Sync {
    /// Decides whether the caller may do all of this. `operation` is the API's name of the operation, such as
    /// `GetObject`.
    ///
    /// # Errors
    /// The [`Denial`] that decided.
    fn authorize(&self, operation: &str, requirements: &[Requirement]) -> Result<(), Denial>;
}

/// A service of AWS.
#[async_trait]
pub trait Service: Send + Sync {
    /// The last part of its endpoint service name, such as `secretsmanager`.
    fn name(&self) -> &'static str;

    /// Answers a request whose signature has been verified: parses it, asks the authorizer exactly once, and only then
    /// acts. Whatever goes wrong becomes a response in the service's own error form.
    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body>;
}
