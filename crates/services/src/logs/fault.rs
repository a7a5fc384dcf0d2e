//! What can go wrong, with the code and the words of AWS where they are known.

use std::io;

use http::StatusCode;
use sidegate_iam::Denial;
use sidegate_wire::aws_json::JsonError;
use sidegate_wire::protocol::Failure;

use super::pattern::PatternError;
use crate::constraint::Constraint;
use crate::reserve;
use crate::upstream::Unanswered;
use crate::vault::NoRandomness;
use crate::whole::DocumentError;

/// What there may be none of, or one already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    LogGroup,
    LogStream,
    MetricFilter,
    SubscriptionFilter,
    Destination,
    ResourcePolicy,
    /// Something with tags.
    Resource,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::LogGroup => "log group",
            Self::LogStream => "log stream",
            Self::MetricFilter => "metric filter",
            Self::SubscriptionFilter => "subscription filter",
            Self::Destination => "destination",
            Self::ResourcePolicy => "resource policy",
            Self::Resource => "resource",
        }
    }
}

/// Why an operation did not happen. No message has an event in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("The specified {} does not exist.", .0.words())]
    None(Kind),
    #[error("The specified {} already exists", .0.words())]
    Exists(Kind),
    #[error(transparent)]
    Constraint(Constraint),
    #[error(transparent)]
    Pattern(#[from] PatternError),
    #[error("{0}")]
    InvalidParameter(String),
    #[error("{0}")]
    InvalidOperation(String),
    #[error("Resource limit exceeded.")]
    LimitExceeded,
    #[error("The resource {0} has too many tags: it may have 50.")]
    TooManyTags(String),
    #[error("The specified nextToken is invalid.")]
    InvalidNextToken,
    #[error("Cannot delete log group with deletion protection enabled. Disable deletion protection first.")]
    Protected,
    #[error("The revision of the resource policy is another than the expected one.")]
    OtherRevision,
    /// CloudWatch Logs may not use the key, or there is none.
    #[error("The specified KMS key does not exist or is not allowed to be used with Arn '{0}'")]
    NoKey(String),
    /// The key cannot be used.
    #[error("The specified KMS key does not exist or is not allowed to be used with Arn '{0}'")]
    UnusableKey(String),
    #[error("Sidegate does not implement {0} of CloudWatch Logs yet.")]
    Unserved(&'static str),
    #[error("CloudWatch Logs has no operation {0}.")]
    UnknownOperation(String),
    #[error("{}", told(.0))]
    Denied(Box<Denial>),
    /// A log group that may be made without the tags that were given.
    #[error("{}", told_of_tags(.0))]
    DeniedTags(Box<Denial>),
    #[error(transparent)]
    Document(#[from] JsonError),
    #[error("The request's body was not received.")]
    Body,
    /// Another server was to answer, and did not.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("cannot use the database of the logs")]
    Database(#[from] rusqlite::Error),
    #[error("there is no room for the logs")]
    Full(#[source] io::Error),
    #[error("the operation was interrupted")]
    Interrupted,
    /// What is stored is not what was written.
    #[error("what is stored of the logs cannot be read")]
    Unreadable,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("cannot write the document")]
    Unwritable(#[from] serde_json::Error),
}

impl From<DocumentError> for Fault {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Refused(error) => Self::Document(error),
            DocumentError::Broken => Self::Body,
        }
    }
}

impl From<Constraint> for Fault {
    fn from(constraint: Constraint) -> Self {
        Self::Constraint(constraint)
    }
}

impl Fault {
    /// A parameter that is not as it should be.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::InvalidParameter(message.into())
    }

    /// The denial of an operation.
    pub(super) fn denied(operation: &str, denial: Denial) -> Self {
        if operation == "CreateLogGroup" && denial.action == CREATE_WITH_TAGS {
            return Self::DeniedTags(Box::new(denial));
        }
        Self::Denied(Box::new(denial))
    }

    fn code(&self) -> &'static str {
        match self {
            Self::None(_) => "ResourceNotFoundException",
            Self::Exists(_) => "ResourceAlreadyExistsException",
            Self::Constraint(_)
            | Self::Pattern(_)
            | Self::InvalidParameter(_)
            | Self::InvalidNextToken
            | Self::UnusableKey(_) => "InvalidParameterException",
            Self::InvalidOperation(_) => "InvalidOperationException",
            Self::LimitExceeded => "LimitExceededException",
            Self::TooManyTags(_) => "TooManyTagsException",
            Self::Protected => "ValidationException",
            Self::OtherRevision => "OperationAbortedException",
            Self::Unserved(_) => "NotImplemented",
            Self::UnknownOperation(_) => "UnknownOperationException",
            Self::Denied(_) | Self::DeniedTags(_) | Self::NoKey(_) => "AccessDeniedException",
            Self::Document(_) | Self::Body => "SerializationException",
            Self::Unanswered(_)
            | Self::Database(_)
            | Self::Full(_)
            | Self::Interrupted
            | Self::Unreadable
            | Self::NoRandomness(_)
            | Self::Unwritable(_) => "ServiceUnavailableException",
        }
    }

    /// The error as the client is told it.
    pub(super) fn failure(&self) -> Failure {
        match self {
            Self::Document(error) => error.failure(),
            Self::Unserved(_) => Failure::new(StatusCode::NOT_IMPLEMENTED, self.code(), self.to_string()),
            Self::Database(_) | Self::Full(_) if self.is_disk_full() => {
                let message = "The service cannot complete the request: the disk that holds the logs is full. Delete \
                               log groups, or make room on it.";
                Failure::new(StatusCode::SERVICE_UNAVAILABLE, self.code(), message)
            }
            _ if self.code() == "ServiceUnavailableException" => {
                let message = "The service cannot complete the request.";
                Failure::new(StatusCode::SERVICE_UNAVAILABLE, self.code(), message)
            }
            _ => Failure::new(StatusCode::BAD_REQUEST, self.code(), self.to_string()),
        }
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

/// A denial as CloudWatch Logs tells it.
///
/// Source: denials that users quote, see docs/claims.md.
fn told(denial: &Denial) -> String {
    denial.to_string().replace(" on resource: *", "")
}

/// A denial of the tags of a new log group, of which CloudWatch Logs has words of its own.
fn told_of_tags(denial: &Denial) -> String {
    match denial.principal.account() {
        Some(account) => {
            format!("User with accountId: {account} is not authorized to perform CreateLogGroup with Tags")
        }
        None => told(denial),
    }
}

/// The action that is asked for as well where a new log group has tags.
pub(super) const CREATE_WITH_TAGS: &str = "logs:TagResource";
