//! What can go wrong, with the codes that each protocol has for it.
//!
//! Source: the API's model, as botocore has it: an error's shape and its code in the query protocol; API reference,
//! "Common Errors".

use std::io;

use http::StatusCode;
use sidegate_iam::Denial;
use sidegate_wire::protocol::Failure;

use crate::constraint::Constraint;
use crate::reserve;
use crate::upstream::Unanswered;
use crate::vault::NoRandomness;

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("{0}")]
    Invalid(String),
    #[error("The parameter {0} is required.")]
    Missing(String),
    #[error("{0}")]
    NothingGiven(String),
    #[error("{0}")]
    Combination(String),
    #[error("{0}")]
    Validation(String),
    #[error(transparent)]
    Constraint(#[from] Constraint),
    #[error("The token supplied in NextToken is invalid.")]
    InvalidNextToken,
    #[error("{0}")]
    InvalidFormat(String),
    #[error("{0}")]
    LimitExceeded(String),
    /// Alarms that are not there.
    #[error("{0}")]
    NoAlarm(String),
    /// What can be tagged, and is not there.
    #[error("{0}")]
    NoResource(String),
    #[error("Dashboard {0} does not exist")]
    NoDashboard(String),
    #[error("{0}")]
    InvalidDashboard(String),
    #[error("Sidegate does not implement {0} of CloudWatch.")]
    Unserved(String),
    #[error("CloudWatch has no operation {0}.")]
    UnknownOperation(String),
    #[error("{}", told(.0))]
    Denied(Box<Denial>),
    /// Bytes that are no request of the protocol.
    #[error("{message}")]
    Malformed { code: &'static str, message: String },
    #[error("The request is larger than {0} bytes.")]
    TooLarge(usize),
    /// Another server was to answer, and did not.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("cannot use the database of the metrics")]
    Database(#[from] rusqlite::Error),
    #[error("there is no room for the metrics")]
    Full(#[source] io::Error),
    #[error("the operation was interrupted")]
    Interrupted,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("a document cannot be written or read")]
    Document(#[from] serde_json::Error),
}

impl Fault {
    /// The error's name in JSON and CBOR, its code in the query protocol, and the status.
    fn names(&self) -> (&'static str, &'static str, StatusCode) {
        let bad = |shape, code| (shape, code, StatusCode::BAD_REQUEST);
        match self {
            Self::Invalid(_) => bad("InvalidParameterValueException", "InvalidParameterValue"),
            Self::Missing(_) | Self::NothingGiven(_) => bad("MissingRequiredParameterException", "MissingParameter"),
            Self::Combination(_) => bad("InvalidParameterCombinationException", "InvalidParameterCombination"),
            Self::Validation(_) | Self::Constraint(_) => bad("ValidationError", "ValidationError"),
            Self::InvalidNextToken => bad("InvalidNextToken", "InvalidNextToken"),
            Self::InvalidFormat(_) => bad("InvalidFormatFault", "InvalidFormat"),
            Self::LimitExceeded(_) => bad("LimitExceededFault", "LimitExceeded"),
            Self::NoAlarm(_) => ("ResourceNotFound", "ResourceNotFound", StatusCode::NOT_FOUND),
            Self::NoResource(_) => ("ResourceNotFoundException", "ResourceNotFoundException", StatusCode::NOT_FOUND),
            Self::NoDashboard(_) => ("DashboardNotFoundError", "ResourceNotFound", StatusCode::NOT_FOUND),
            Self::InvalidDashboard(_) => bad("DashboardInvalidInputError", "InvalidParameterInput"),
            Self::Unserved(_) => ("NotImplemented", "NotImplemented", StatusCode::NOT_IMPLEMENTED),
            Self::UnknownOperation(_) => bad("UnknownOperationException", "InvalidAction"),
            Self::Denied(_) => ("AccessDeniedException", "AccessDenied", StatusCode::FORBIDDEN),
            Self::Malformed { code, .. } => bad(code, code),
            Self::TooLarge(_) => ("RequestEntityTooLarge", "RequestEntityTooLarge", StatusCode::PAYLOAD_TOO_LARGE),
            Self::Unanswered(_)
            | Self::Database(_)
            | Self::Full(_)
            | Self::Interrupted
            | Self::NoRandomness(_)
            | Self::Document(_) => ("InternalServiceFault", "InternalServiceError", StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// The error as a client of JSON or CBOR is told it.
    pub(super) fn failure(&self) -> Failure {
        let (shape, _, status) = self.names();
        self.named(shape, status)
    }

    /// The error as a client of the query protocol is told it.
    pub(super) fn query_failure(&self) -> Failure {
        let (_, code, status) = self.names();
        self.named(code, status)
    }

    fn named(&self, name: &'static str, status: StatusCode) -> Failure {
        let message = match status {
            StatusCode::INTERNAL_SERVER_ERROR if self.is_disk_full() => {
                "The disk that holds the metrics is full. Delete something, or make room on it.".to_owned()
            }
            StatusCode::INTERNAL_SERVER_ERROR => {
                "Request processing has failed due to some unknown error, exception or failure.".to_owned()
            }
            _ => self.to_string(),
        };
        Failure::new(status, name, message)
    }

    /// Whether it says that the disk has no room, or may mean it.
    pub(super) fn is_disk_full(&self) -> bool {
        match self {
            Self::Database(error) => reserve::database_is_full(error),
            Self::Full(_) => true,
            _ => false,
        }
    }
}

/// A denial in the words of CloudWatch, which name no resource where the action has none.
///
/// Source: denials that users quote; see docs/claims.md.
fn told(denial: &Denial) -> String {
    denial.to_string().replace(" on resource: *", "")
}
