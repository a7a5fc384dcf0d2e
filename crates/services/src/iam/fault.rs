//! What can go wrong, with the code and the words of AWS where they are known.
//!
//! Sources: IAM and STS API references; recorded answers of AWS in the tests of LocalStack (2026).

use http::{Response, StatusCode};
use sidegate_iam::Denial;
use sidegate_wire::aws_query;
use sidegate_wire::protocol::Failure;

use super::store::StoreError;
use crate::vault::NoRandomness;

/// Why an action of IAM or STS did not happen. No message has a secret in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{0}")]
    NoSuchEntity(String),
    #[error("{0}")]
    EntityAlreadyExists(String),
    #[error("{0}")]
    DeleteConflict(&'static str),
    #[error("{0}")]
    LimitExceeded(String),
    #[error("{0}")]
    InvalidInput(String),
    #[error("{0}")]
    PolicyEvaluation(String),
    #[error("{0}")]
    Validation(String),
    #[error("Cannot perform the operation on the protected role '{0}' - this role is only modifiable by AWS")]
    ProtectedRole(String),
    #[error("Cannot attach a Service Role Policy to a {0}.")]
    PolicyNotAttachable(&'static str),
    #[error("Authentication code for device is not valid.")]
    InvalidAuthenticationCode,
    #[error("The public key is malformed or otherwise invalid.")]
    InvalidPublicKey,
    #[error("The public key encoding format is unsupported or unrecognized.")]
    UnrecognizedPublicKeyEncoding,
    #[error("The SSH public key is already associated with the specified IAM user.")]
    DuplicateSshPublicKey,
    #[error("{0}")]
    MalformedCertificate(String),
    #[error("The public key certificate and the private key do not match.")]
    KeyPairMismatch,
    #[error("Credential report not present")]
    ReportNotPresent,
    #[error("The most recent credential report has expired. Generate a new one.")]
    ReportExpired,
    #[error("{0}")]
    PasswordPolicyViolation(&'static str),
    #[error("{0}")]
    AccessDenied(String),
    #[error("Request is missing Authentication Token")]
    Unauthenticated,
    #[error("The security token included in the request is invalid")]
    TokenRefused,
    #[error("{0}")]
    InvalidParameterValue(&'static str),
    #[error("{0}")]
    PackedPolicyTooLarge(String),
    #[error("Message is not valid")]
    InvalidAuthorizationMessage,
    /// What another part refused in AWS's form.
    #[error("{}", .0.message)]
    Refused(Failure),
    #[error("{0}")]
    Denied(Box<Denial>),
    #[error("Sidegate does not implement the {service} action {action} yet.")]
    Unserved { service: &'static str, action: String },
    #[error("The request must contain the parameter Action")]
    MissingAction,
    #[error("Could not find operation {action} for version {version}")]
    UnknownAction { action: String, version: String },
    #[error("the action was interrupted")]
    Interrupted,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSuchEntity(_) => "NoSuchEntity",
            Self::EntityAlreadyExists(_) => "EntityAlreadyExists",
            Self::DeleteConflict(_) => "DeleteConflict",
            Self::LimitExceeded(_) => "LimitExceeded",
            Self::InvalidInput(_) => "InvalidInput",
            Self::PolicyEvaluation(_) => "PolicyEvaluation",
            Self::Validation(_) => "ValidationError",
            Self::ProtectedRole(_) => "UnmodifiableEntity",
            Self::PolicyNotAttachable(_) => "PolicyNotAttachable",
            Self::InvalidAuthenticationCode => "InvalidAuthenticationCode",
            Self::InvalidPublicKey => "InvalidPublicKey",
            Self::UnrecognizedPublicKeyEncoding => "UnrecognizedPublicKeyEncoding",
            Self::DuplicateSshPublicKey => "DuplicateSSHPublicKey",
            Self::MalformedCertificate(_) => "MalformedCertificate",
            Self::KeyPairMismatch => "KeyPairMismatch",
            Self::ReportNotPresent => "ReportNotPresent",
            Self::ReportExpired => "ReportExpired",
            Self::PasswordPolicyViolation(_) => "PasswordPolicyViolation",
            Self::AccessDenied(_) | Self::Denied(_) => "AccessDenied",
            Self::Unauthenticated => "MissingAuthenticationToken",
            Self::TokenRefused => "InvalidClientTokenId",
            Self::InvalidParameterValue(_) => "InvalidParameterValue",
            Self::PackedPolicyTooLarge(_) => "PackedPolicyTooLarge",
            Self::InvalidAuthorizationMessage => "InvalidAuthorizationMessageException",
            Self::Unserved { .. } => "NotImplemented",
            Self::MissingAction => "MissingAction",
            Self::UnknownAction { .. } => "InvalidAction",
            Self::Refused(_) | Self::Interrupted | Self::NoRandomness(_) | Self::Store(_) => "ServiceFailure",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchEntity(_) => StatusCode::NOT_FOUND,
            Self::EntityAlreadyExists(_) | Self::DeleteConflict(_) | Self::LimitExceeded(_) => StatusCode::CONFLICT,
            Self::AccessDenied(_)
            | Self::Denied(_)
            | Self::Unauthenticated
            | Self::TokenRefused
            | Self::InvalidAuthenticationCode => StatusCode::FORBIDDEN,
            Self::ReportNotPresent | Self::ReportExpired => StatusCode::GONE,
            Self::Unserved { .. } => StatusCode::NOT_IMPLEMENTED,
            Self::PolicyEvaluation(_) | Self::Interrupted | Self::NoRandomness(_) | Self::Store(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The answer that tells it, in the namespace of an API. Where Sidegate is at fault, its log tells as well.
    pub(crate) fn response(self, namespace: &str, request_id: &str) -> Response<Vec<u8>> {
        if self.is_ours() {
            tracing::error!(error = &self as &dyn std::error::Error, namespace, "a request failed");
        }
        aws_query::error_in(namespace, &self.failure(), request_id)
    }

    /// Whether Sidegate is at fault.
    fn is_ours(&self) -> bool {
        matches!(self, Self::Interrupted | Self::NoRandomness(_) | Self::Store(_))
    }

    /// Whether it says that the disk has no room, or may mean it.
    pub(super) fn is_disk_full(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_disk_full())
    }

    /// The error as the client is told it.
    pub(crate) fn failure(self) -> Failure {
        let (status, code) = (self.status(), self.code());
        match self {
            Self::Refused(failure) => failure,
            Self::Store(error) if error.is_disk_full() => Failure::new(
                status,
                code,
                "The disk that holds the identities is full. Delete something, or make room on it.",
            ),
            _ if self.is_ours() => Failure::new(status, code, "An error occurred on the server side."),
            _ => Failure::new(status, code, self.to_string()),
        }
    }

    /// There is no such user, group or role; `kind` is the word for it.
    pub(super) fn no_entity(kind: &str, name: &str) -> Self {
        Self::NoSuchEntity(format!("The {kind} with name {name} cannot be found."))
    }

    /// There is such a user, group or role already.
    pub(super) fn taken(kind: &str, name: &str) -> Self {
        Self::EntityAlreadyExists(format!("{kind} with name {name} already exists."))
    }

    /// A quota is used up.
    pub(super) fn quota(quota: &str, most: usize) -> Self {
        Self::LimitExceeded(format!("Cannot exceed quota for {quota}: {most}"))
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}
