//! What can go wrong, with the code and the words of AWS where they are known.

use std::io;

use http::StatusCode;
use sidegate_iam::Denial;
use sidegate_wire::aws_json::JsonError;
use sidegate_wire::protocol::Failure;

use crate::constraint::Constraint;
use crate::reserve;
use crate::upstream::Unanswered;
use crate::vault::NoRandomness;
use crate::whole::DocumentError;

/// The longest value that an error repeats, in bytes.
const SHOWN: usize = 128;

/// Why an operation did not happen. No message has a secret value in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("Secrets Manager can't find the specified secret.")]
    NoSecret,
    #[error("Secrets Manager can't find the specified secret value for staging label: {0}")]
    NoValueForLabel(String),
    #[error("Secrets Manager can't find the specified secret value for VersionId: {0}")]
    NoVersion(String),
    #[error("You can't perform this operation on the secret because it was marked for deletion.")]
    MarkedForDeletion,
    #[error("You can't perform this operation on the secret because it was already scheduled for deletion.")]
    AlreadyScheduled,
    #[error("You can't create this secret because a secret with this name is already scheduled for deletion.")]
    NameScheduledForDeletion,
    #[error("The operation failed because the secret {0} already exists.")]
    NameTaken(String),
    #[error(
        "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {arn}."
    )]
    TokenTaken { token: String, arn: String },
    /// A name, or an id of a secret, with other characters than those may have.
    #[error("Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")]
    InvalidName,
    #[error(transparent)]
    Constraint(Constraint),
    #[error("{0}")]
    InvalidParameter(String),
    #[error("{0}")]
    InvalidRequest(String),
    #[error("A previous rotation isn't complete. That rotation will be reattempted.")]
    RotationGoingOn,
    /// The function is not there, or does not let Secrets Manager call it: AWS says the same of both.
    #[error(
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to \
         the principal secretsmanager.amazonaws.com."
    )]
    NoFunction,
    #[error("{0}")]
    LimitExceeded(String),
    #[error("The NextToken is not one that this operation returned for these parameters.")]
    InvalidNextToken,
    #[error("Sidegate does not implement {0} of Secrets Manager yet.")]
    Unserved(&'static str),
    #[error("Secrets Manager has no operation {0}.")]
    UnknownOperation(String),
    #[error("{}", told(.0))]
    Denied(Box<Denial>),
    /// A resource policy that is none.
    #[error("This resource policy contains {0}.")]
    MalformedPolicy(&'static str),
    #[error("You can't attach a resource-based policy that allows broad access to the secret.")]
    PublicPolicy,
    #[error(transparent)]
    Document(#[from] JsonError),
    #[error("The request's body was not received.")]
    Body,
    /// The stored value of the version is not what was encrypted for it.
    #[error("Secrets Manager can't decrypt the protected secret text using the provided KMS key.")]
    Undecryptable,
    /// The caller may not use the key of KMS.
    #[error("Access to KMS is not allowed")]
    NoAccessToKey,
    /// The key of KMS cannot be used.
    #[error(
        "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is \
         available, enabled, and not in an invalid state."
    )]
    Unencryptable,
    /// Another server was to answer, and did not.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("cannot use the database of the secrets")]
    Database(#[from] rusqlite::Error),
    #[error("there is no room for the secrets")]
    Full(#[source] io::Error),
    #[error("the operation was interrupted")]
    Interrupted,
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
        Self::Constraint(constraint.showing(SHOWN))
    }
}

impl Fault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSecret | Self::NoValueForLabel(_) | Self::NoVersion(_) => "ResourceNotFoundException",
            Self::MarkedForDeletion
            | Self::AlreadyScheduled
            | Self::NameScheduledForDeletion
            | Self::RotationGoingOn
            | Self::InvalidRequest(_) => "InvalidRequestException",
            Self::NameTaken(_) | Self::TokenTaken { .. } => "ResourceExistsException",
            Self::InvalidName | Self::Constraint(_) => "ValidationException",
            Self::InvalidParameter(_) => "InvalidParameterException",
            Self::LimitExceeded(_) => "LimitExceededException",
            Self::InvalidNextToken => "InvalidNextTokenException",
            Self::Unserved(_) => "NotImplemented",
            Self::UnknownOperation(_) => "UnknownOperationException",
            Self::MalformedPolicy(_) => "MalformedPolicyDocumentException",
            Self::PublicPolicy => "PublicPolicyException",
            Self::Denied(_) | Self::NoAccessToKey | Self::NoFunction => "AccessDeniedException",
            Self::Unencryptable => "EncryptionFailure",
            Self::Document(_) | Self::Body => "SerializationException",
            Self::Undecryptable => "DecryptionFailure",
            Self::Unanswered(_)
            | Self::Database(_)
            | Self::Full(_)
            | Self::Interrupted
            | Self::NoRandomness(_)
            | Self::Unwritable(_) => "InternalServiceError",
        }
    }

    /// The error as the client is told it.
    pub(super) fn failure(&self) -> Failure {
        match self {
            Self::Document(error) => error.failure(),
            Self::Unserved(_) => Failure::new(StatusCode::NOT_IMPLEMENTED, self.code(), self.to_string()),
            Self::Database(_) | Self::Full(_) if self.is_disk_full() => {
                let message = "An error occurred on the server side: the disk that holds the secrets is full. Delete \
                               secrets or objects, or make room on it.";
                Failure::new(StatusCode::INTERNAL_SERVER_ERROR, self.code(), message)
            }
            _ if self.code() == "InternalServiceError" => {
                Failure::new(StatusCode::INTERNAL_SERVER_ERROR, self.code(), "An error occurred on the server side.")
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

/// A denial in the words of Secrets Manager, which names no resource where an operation has none.
///
/// Source: denials that users of Secrets Manager quote; see docs/claims.md.
fn told(denial: &Denial) -> String {
    denial.to_string().replace(" on resource: *", "")
}
