//! What can go wrong, with the code and the words of AWS where they are known.

use std::io;

use dynoxide::DynoxideError;
use http::StatusCode;
use serde_json::{Value, json};
use sidegate_iam::Denial;
use sidegate_wire::aws_json::JsonError;

use crate::kms::UseError;
use crate::reserve;
use crate::vault::NoRandomness;
use crate::whole::DocumentError;

/// What stands before the codes of DynamoDB's own errors, and of those that its framework has for all services.
const OWN: &str = "com.amazonaws.dynamodb.v20120810";
const FRAMEWORK: &str = "com.amazon.coral.service";
const VALIDATION: &str = "com.amazon.coral.validate";

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// What the engine refuses, in its words.
    #[error("{0}")]
    Engine(DynoxideError),
    #[error("{0}")]
    Validation(String),
    #[error("{0}")]
    NotFound(String),
    /// What is not there, with the code of its kind.
    #[error("{1}")]
    Missing(&'static str, String),
    /// In the words of the API reference, "TransactWriteItems", "Errors".
    #[error(
        "DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token \
         that was already used."
    )]
    TokenTaken,
    #[error("Iterator expired. The iterator was created more than 15 minutes ago.")]
    ExpiredIterator,
    #[error("{}", .0.as_deref().unwrap_or_default())]
    Serialization(Option<String>),
    /// What `SearchVectors` does not read, which has a reader of its own.
    #[error("{0}")]
    Unread(String),
    #[error("Sidegate does not implement {0} of DynamoDB yet.")]
    Unserved(String),
    #[error("DynamoDB has no such operation.")]
    UnknownOperation,
    #[error("{0}")]
    Denied(Box<Denial>),
    /// The key of KMS of a table cannot be used; with the code of KMS.
    #[error("{message}")]
    Key { code: String, message: String },
    #[error("The request's body was not received.")]
    Body,
    #[error("cannot use a database of tables")]
    Database(#[from] rusqlite::Error),
    #[error("there is no room for the tables")]
    Full(#[source] io::Error),
    #[error("the operation was interrupted")]
    Interrupted,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("cannot write the document")]
    Unwritable(#[from] serde_json::Error),
}

impl From<DynoxideError> for Fault {
    fn from(error: DynoxideError) -> Self {
        match error {
            DynoxideError::SqliteError(error) => Self::Database(error),
            error => Self::Engine(error),
        }
    }
}

impl From<DocumentError> for Fault {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Refused(JsonError::NoTarget) => Self::UnknownOperation,
            DocumentError::Refused(error) => Self::Serialization(Some(error.to_string())),
            DocumentError::Broken => Self::Body,
        }
    }
}

impl From<UseError> for Fault {
    fn from(error: UseError) -> Self {
        match error {
            UseError::Denied(denial) => Self::Denied(denial),
            UseError::Failed(_) => Self::Interrupted,
            refused => Self::Key { code: refused.code().to_owned(), message: refused.to_string() },
        }
    }
}

/// An error as the client is told it.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) status: StatusCode,
    /// The document.
    pub(super) body: String,
}

impl Fault {
    /// A table that is not there, in the words of the operations on tables.
    pub(super) fn no_table(name: &str) -> Self {
        Self::NotFound(format!("Requested resource not found: Table: {name} not found"))
    }

    fn code(&self) -> (&'static str, &'static str) {
        match self {
            Self::Validation(_) => (VALIDATION, "ValidationException"),
            Self::NotFound(_) => (OWN, "ResourceNotFoundException"),
            Self::Missing(code, _) => (OWN, code),
            Self::TokenTaken => (OWN, "IdempotentParameterMismatchException"),
            Self::ExpiredIterator => (OWN, "ExpiredIteratorException"),
            Self::Serialization(_) | Self::Unread(_) | Self::Body => (FRAMEWORK, "SerializationException"),
            Self::Unserved(_) => (FRAMEWORK, "NotImplemented"),
            Self::UnknownOperation => (FRAMEWORK, "UnknownOperationException"),
            Self::Denied(_) | Self::Key { .. } => (FRAMEWORK, "AccessDeniedException"),
            _ => (OWN, "InternalServerError"),
        }
    }

    /// The error as the client is told it.
    pub(super) fn told(&self) -> Told {
        let (space, code) = self.code();
        let kind = format!("{space}#{code}");
        let body = match self {
            Self::Engine(error) => {
                let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                return Told { status, body: error.to_json() };
            }
            Self::UnknownOperation => json!({ "__type": kind }),
            Self::Serialization(None) => json!({ "__type": kind }),
            // The key's state is what the client has to look at.
            Self::Key { code, message } => {
                json!({ "__type": kind, "Message": format!("{message} (Service: AWSKMS; Error Code: {code})") })
            }
            Self::TokenTaken => json!({ "__type": kind, "Message": self.to_string() }),
            _ if code == "InternalServerError" => json!({ "__type": kind, "message": self.internal() }),
            Self::Unread(_) => json!({ "__type": kind, "message": self.to_string() }),
            // The framework and the operations on items do not agree on how a message is spelled.
            _ if space == FRAMEWORK => json!({ "__type": kind, "Message": self.to_string() }),
            _ => json!({ "__type": kind, "message": self.to_string() }),
        };
        Told { status: self.status(), body: body.to_string() }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Unserved(_) => StatusCode::NOT_IMPLEMENTED,
            _ if self.code().1 == "InternalServerError" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn internal(&self) -> Value {
        if self.is_disk_full() {
            return "Internal server error: the disk that holds the tables is full. Delete tables or items, or make room \
                    on it."
                .into();
        }
        "Internal server error".into()
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
