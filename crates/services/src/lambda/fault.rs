//! What can go wrong, with the codes, statuses and words of AWS where they are known.
//!
//! Source: the API's model for codes and statuses; docs/claims.md for the words.

use std::io;

use http::{HeaderValue, Response, StatusCode};
use serde_json::json;
use sidegate_iam::Denial;
use sidegate_wire::aws_json::JsonError;
use sidegate_wire::protocol::{Failure, Protocol};

use super::environment::{NetworkError, RoleError, StartError};
use crate::constraint::{Constraint, Constraints};
use crate::reserve;
use crate::vault::NoRandomness;

/// An error code of the API's model that comes with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    AccessDenied,
    StorageExceeded,
    Ec2Unexpected,
    InvalidParameterValue,
    InvalidRequestContent,
    InvalidRuntime,
    PolicyLengthExceeded,
    PreconditionFailed,
    ProvisionedConcurrencyNotFound,
    RecursiveInvocation,
    RequestTooLarge,
    ResourceConflict,
    ResourceInUse,
    ResourceNotFound,
    Service,
    SubnetIpAddressLimitReached,
    Validation,
}

impl Code {
    /// The code and the status.
    fn told(self) -> (&'static str, u16) {
        match self {
            Self::AccessDenied => ("AccessDeniedException", 403),
            Self::StorageExceeded => ("CodeStorageExceededException", 400),
            Self::Ec2Unexpected => ("EC2UnexpectedException", 502),
            Self::InvalidParameterValue => ("InvalidParameterValueException", 400),
            Self::InvalidRequestContent => ("InvalidRequestContentException", 400),
            Self::InvalidRuntime => ("InvalidRuntimeException", 502),
            Self::PolicyLengthExceeded => ("PolicyLengthExceededException", 400),
            Self::PreconditionFailed => ("PreconditionFailedException", 412),
            Self::ProvisionedConcurrencyNotFound => ("ProvisionedConcurrencyConfigNotFoundException", 404),
            Self::RecursiveInvocation => ("RecursiveInvocationException", 400),
            Self::RequestTooLarge => ("RequestTooLargeException", 413),
            Self::ResourceConflict => ("ResourceConflictException", 409),
            Self::ResourceInUse => ("ResourceInUseException", 400),
            Self::ResourceNotFound => ("ResourceNotFoundException", 404),
            Self::Service => ("ServiceException", 500),
            Self::SubnetIpAddressLimitReached => ("SubnetIPAddressLimitReachedException", 502),
            Self::Validation => ("ValidationException", 400),
        }
    }
}

/// Why an invocation is one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Throttle {
    /// All that the account may do at once in the Region, but for what is reserved.
    Account,
    /// All that the function may do at once.
    Reserved,
    /// All that this machine can do at once.
    Machine,
}

impl Throttle {
    /// Source: API reference, "TooManyRequestsException", `Reason`.
    fn reason(self) -> &'static str {
        match self {
            Self::Account | Self::Machine => "ConcurrentInvocationLimitExceeded",
            Self::Reserved => "ReservedFunctionConcurrentInvocationLimitExceeded",
        }
    }
}

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// What the API's model has a code for.
    #[error("{1}")]
    Told(Code, String),
    #[error(transparent)]
    Constraint(#[from] Constraint),
    #[error(transparent)]
    Constraints(#[from] Constraints),
    #[error("Rate Exceeded.")]
    TooMany(Throttle),
    #[error("{0}")]
    Denied(Box<Denial>),
    #[error("Sidegate does not implement {0} of Lambda.{advice}", advice = advice(.0))]
    Unserved(&'static str),
    #[error("Unable to determine service/operation name to be authorized")]
    UnknownOperation,
    #[error(transparent)]
    Document(#[from] JsonError),
    #[error("The request's body was not received.")]
    Body,
    #[error("cannot use the database of the functions")]
    Database(#[from] rusqlite::Error),
    #[error("cannot use the files of the functions")]
    Files(#[from] io::Error),
    #[error("there is no room for the functions")]
    Full(#[source] io::Error),
    #[error("the operation was interrupted")]
    Interrupted,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("cannot write the document")]
    Unwritable(#[from] serde_json::Error),
}

/// What to do in place of what is not served, after the sentence that says so.
fn advice(what: &str) -> &'static str {
    match what {
        what if what.ends_with(" an event source") || what.ends_with(" event sources") => {
            " Streams of DynamoDB can be event sources here. A program of your own can read other queues and streams and \
             invoke the function with what it reads."
        }
        _ => "",
    }
}

impl Fault {
    /// A parameter that has a wrong value.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::Told(Code::InvalidParameterValue, message.into())
    }

    /// What is asked for is not there.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::Told(Code::ResourceNotFound, message.into())
    }

    /// What is there stands in the way.
    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::Told(Code::ResourceConflict, message.into())
    }

    /// A function, version or alias that is not there, by its ARN.
    pub(super) fn no_function(arn: &str) -> Self {
        Self::not_found(format!("Function not found: {arn}"))
    }

    /// Something that has no name of its own is not there.
    pub(super) fn no_resource() -> Self {
        Self::not_found("The resource you requested does not exist.")
    }

    fn told(&self) -> (&'static str, u16) {
        match self {
            Self::Told(code, _) => code.told(),
            Self::Constraint(_) | Self::Constraints(_) => ("ValidationException", 400),
            Self::TooMany(_) => ("TooManyRequestsException", 429),
            Self::Denied(_) | Self::UnknownOperation => ("AccessDeniedException", 403),
            Self::Unserved(_) => ("NotImplemented", 501),
            Self::Document(_) | Self::Body => ("SerializationException", 400),
            Self::Database(_)
            | Self::Files(_)
            | Self::Full(_)
            | Self::Interrupted
            | Self::NoRandomness(_)
            | Self::Unwritable(_) => ("ServiceException", 500),
        }
    }

    /// Whether it is the fault of the machine, so that the log has to tell more than the answer.
    pub(super) fn is_internal(&self) -> bool {
        !matches!(self, Self::Told(..)) && self.told().1 == 500
    }

    /// Whether it says that the disk has no room, or may mean it.
    pub(super) fn is_disk_full(&self) -> bool {
        match self {
            Self::Database(error) => reserve::database_is_full(error),
            Self::Files(error) => reserve::is_full(error),
            Self::Full(_) => true,
            _ => false,
        }
    }

    fn message(&self) -> String {
        if self.is_disk_full() {
            return "The disk that holds the functions is full. Delete functions or layers, or make room on it."
                .to_owned();
        }
        match self {
            _ if self.is_internal() => "An error occurred and the request cannot be processed.".to_owned(),
            other => other.to_string(),
        }
    }

    /// The error as the client is told it.
    ///
    /// Source: the API's model, where an error has the members `Type` and `Message` or `message`.
    pub(super) fn answer(&self, request_id: &str) -> Response<Vec<u8>> {
        let (code, status) = self.told();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = self.message();
        let failure = Failure::new(status, code, message.as_str());
        let mut answer = Protocol::RestJson.render_error(&failure, request_id, "");
        let kind = if status.is_server_error() { "Service" } else { "User" };
        let document = match self {
            Self::Denied(_) | Self::UnknownOperation => json!({"Message": message}),
            Self::Constraint(_) | Self::Constraints(_) | Self::Document(_) | Self::Unserved(_) => {
                json!({"message": message})
            }
            Self::TooMany(throttle) => json!({"Reason": throttle.reason(), "Type": "User", "message": message}),
            // Where the model writes the message small; clients of AWS take it in either way.
            Self::Told(
                Code::InvalidParameterValue
                | Code::ResourceConflict
                | Code::PreconditionFailed
                | Code::PolicyLengthExceeded
                | Code::StorageExceeded
                | Code::InvalidRequestContent
                | Code::RequestTooLarge
                | Code::ProvisionedConcurrencyNotFound
                | Code::Validation,
                _,
            ) => json!({"Type": kind, "message": message}),
            _ => json!({"Type": kind, "Message": message}),
        };
        *answer.body_mut() = document.to_string().into_bytes();
        if matches!(self, Self::TooMany(_)) {
            answer.headers_mut().insert("retry-after", HeaderValue::from_static("1"));
        }
        answer
    }
}

impl From<NetworkError> for Fault {
    fn from(error: NetworkError) -> Self {
        match error {
            NetworkError::Failed(reason) => {
                tracing::error!(reason, "the network of a function could not be looked at");
                Self::Interrupted
            }
            wrong => {
                let code = match wrong {
                    NetworkError::NoSubnet(_) => "InvalidSubnetID.NotFound",
                    NetworkError::NoSecurityGroup(_) => "InvalidGroup.NotFound",
                    _ => "InvalidParameterValue",
                };
                let action = match wrong {
                    NetworkError::NoSubnet(_) | NetworkError::NoIpv6(_) => "DescribeSubnets",
                    _ => "DescribeSecurityGroups",
                };
                Self::invalid(format!(
                    "Error occurred while {action}. EC2 Error Code: {code}. EC2 Error Message: {wrong}"
                ))
            }
        }
    }
}

impl From<RoleError> for Fault {
    fn from(error: RoleError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<StartError> for Fault {
    fn from(error: StartError) -> Self {
        let told = |code| Self::Told(code, error.to_string());
        match &error {
            StartError::NoRuntime(_) => told(Code::InvalidRuntime),
            StartError::NoAddress => told(Code::SubnetIpAddressLimitReached),
            StartError::NoNetwork(_) => told(Code::Ec2Unexpected),
            StartError::Role(_) => told(Code::AccessDenied),
            StartError::NoRoom(_) => Self::TooMany(Throttle::Machine),
            StartError::Failed(_) => told(Code::Service),
        }
    }
}
