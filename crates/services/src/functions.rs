//! Functions of Lambda, as other services call them: what they need of Lambda, which answers it.

use async_trait::async_trait;
use sidegate_model::AccountId;

/// A call of a function by a service.
///
/// Source: Lambda developer guide, "Using resource-based policies for Lambda".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The ARN of the function, with a version or an alias if one was named.
    pub function: String,
    /// The service principal that calls, such as `secretsmanager.amazonaws.com`: what the function's policy has to let in.
    pub principal: &'static str,
    /// The account for which it calls: `aws:SourceAccount`.
    pub source_account: AccountId,
    /// The resource for which it calls: `aws:SourceArn`.
    pub source_arn: String,
}

/// What came of a function that was called.
#[derive(Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It returned this document.
    Returned(Vec<u8>),
    /// It ended with an error of this type, such as `ValueError`.
    Failed(String),
}

/// Why a function was not called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// There is no such function.
    #[error("there is no such function")]
    NoFunction,
    /// Its policy does not let the service call it.
    #[error("the policy of the function does not allow the call")]
    Denied,
    /// It cannot be called now.
    #[error("the function cannot be called now: {0}")]
    Unavailable(String),
}

/// The functions of all accounts and Regions.
#[async_trait]
pub trait Functions: Send + Sync {
    /// Whether a call would be let in, without making it.
    ///
    /// # Errors
    /// Why not.
    async fn check(&self, invocation: &Invocation) -> Result<(), InvokeError>;

    /// Calls a function with a document and waits for what comes of it.
    ///
    /// # Errors
    /// Why it was not called.
    async fn invoke(&self, invocation: &Invocation, payload: Vec<u8>) -> Result<Outcome, InvokeError>;

    /// Hands a function an event and does not wait for what comes of it: the event is kept when this returns, tried again
    /// where the function fails, and what comes of it goes to the function's destinations. `trace` is the trace header of
    /// the request that caused it, by which a loop is found.
    ///
    /// # Errors
    /// Why it was not taken.
    async fn send(&self, invocation: &Invocation, payload: Vec<u8>, trace: Option<&str>) -> Result<(), InvokeError>;
}

/// The functions of who has none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFunctions;

#[async_trait]
impl Functions for NoFunctions {
    async fn check(&self, _: &Invocation) -> Result<(), InvokeError> {
        Err(InvokeError::NoFunction)
    }

    async fn invoke(&self, _: &Invocation, _: Vec<u8>) -> Result<Outcome, InvokeError> {
        Err(InvokeError::NoFunction)
    }

    async fn send(&self, _: &Invocation, _: Vec<u8>, _: Option<&str>) -> Result<(), InvokeError> {
        Err(InvokeError::NoFunction)
    }
}
