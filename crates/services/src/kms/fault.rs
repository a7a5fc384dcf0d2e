//! What can go wrong, with the code and the words of AWS where they are known.
//!
//! Source: API reference; KMS developer guide, "Key states of AWS KMS keys"; errors that users quote, see docs/claims.md.

use std::io;

use http::StatusCode;
use sidegate_iam::{Denial, PolicyKind};
use sidegate_wire::aws_json::JsonError;
use sidegate_wire::protocol::Failure;

use crate::constraint::Constraint;
use crate::reserve;
use crate::upstream::Unanswered;
use crate::vault::NoRandomness;
use crate::whole::DocumentError;

/// Why an operation did not happen. No message has key material or a plaintext in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("Key '{0}' does not exist")]
    NoKey(String),
    #[error("Invalid keyId '{0}'")]
    InvalidKeyId(String),
    #[error("Alias {0} is not found.")]
    NoAlias(String),
    /// An ARN of another Region; it is named alone.
    #[error("Invalid arn {0}")]
    OtherRegion(String),
    #[error("Grant with grantId {0} not found")]
    NoGrant(String),
    #[error("No such policy exists")]
    NoPolicy,
    #[error("{0}")]
    InvalidArn(String),
    #[error("{0} is disabled.")]
    Disabled(String),
    #[error("{0} is pending deletion.")]
    PendingDeletion(String),
    #[error("{0} is pending replica deletion.")]
    PendingReplicaDeletion(String),
    #[error("{0} is not pending deletion.")]
    NotPendingDeletion(String),
    #[error("{0} is pending import.")]
    PendingImport(String),
    #[error("{0} has key material that is pending rotation.")]
    PendingRotation(String),
    #[error("{arn} origin is {origin} which is not valid for this operation.")]
    WrongOrigin { arn: String, origin: &'static str },
    #[error("{arn} key spec is {spec} which is not valid for {operation}.")]
    WrongSpec { arn: String, spec: &'static str, operation: &'static str },
    #[error("{arn} key usage is {usage} which is not valid for {operation}.")]
    WrongUsage { arn: String, usage: &'static str, operation: &'static str },
    #[error("Algorithm {algorithm} is incompatible with key spec {spec}.")]
    WrongAlgorithm { algorithm: &'static str, spec: &'static str },
    #[error("{0}")]
    Unsupported(String),
    #[error("{0}")]
    Validation(String),
    #[error(transparent)]
    Constraint(#[from] Constraint),
    #[error("An alias with the name {0} already exists")]
    AliasTaken(String),
    #[error("{0}")]
    AlreadyExists(String),
    /// AWS says nothing of it.
    #[error("")]
    InvalidCiphertext,
    #[error("The key ID in the request does not identify a CMK that can perform this operation.")]
    IncorrectKey,
    #[error(
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are \
         not allowed to access."
    )]
    UnknownCiphertextKey,
    /// AWS says nothing of it.
    #[error("")]
    InvalidSignature,
    /// AWS says nothing of it.
    #[error("")]
    InvalidMac,
    #[error("{0}")]
    MalformedPolicy(&'static str),
    #[error("{0}")]
    LimitExceeded(String),
    #[error("{0}")]
    Tag(&'static str),
    #[error("Marker is not one that this operation returned for these parameters.")]
    InvalidMarker,
    #[error("Invalid grant token.")]
    InvalidGrantToken,
    #[error("Invalid grant ID.")]
    InvalidGrantId,
    #[error("The request would have succeeded, but the DryRun option is set.")]
    DryRun,
    #[error("{0}")]
    NotAuthorized(String),
    #[error("The import token has expired.")]
    ExpiredImportToken,
    #[error("The import token is invalid.")]
    InvalidImportToken,
    #[error("{0}")]
    IncorrectKeyMaterial(&'static str),
    #[error("{0}")]
    Conflict(String),
    #[error("Custom key store {0} does not exist.")]
    NoCustomKeyStore(String),
    #[error("Sidegate does not implement {0} of KMS.")]
    Unserved(&'static str),
    #[error("KMS has no operation {0}.")]
    UnknownOperation(String),
    #[error("{}", told(.0))]
    Denied(Box<Denial>),
    #[error(transparent)]
    Document(#[from] JsonError),
    #[error("The request's body was not received.")]
    Body,
    /// Stored material is not what was encrypted, or no key.
    #[error("the material of a key cannot be used")]
    Material,
    /// Another server was to answer, and did not.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("cannot use the database of the keys")]
    Database(#[from] rusqlite::Error),
    #[error("there is no room for the keys")]
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

impl From<aws_lc_rs::error::Unspecified> for Fault {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Material
    }
}

impl Fault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoKey(_)
            | Self::InvalidKeyId(_)
            | Self::NoAlias(_)
            | Self::OtherRegion(_)
            | Self::NoGrant(_)
            | Self::NoPolicy => "NotFoundException",
            Self::InvalidArn(_) => "InvalidArnException",
            Self::Disabled(_) => "DisabledException",
            Self::PendingDeletion(_)
            | Self::PendingReplicaDeletion(_)
            | Self::NotPendingDeletion(_)
            | Self::PendingImport(_)
            | Self::PendingRotation(_) => "KMSInvalidStateException",
            Self::WrongOrigin { .. } | Self::WrongSpec { .. } | Self::Unsupported(_) => "UnsupportedOperationException",
            Self::WrongUsage { .. } | Self::WrongAlgorithm { .. } => "InvalidKeyUsageException",
            Self::Validation(_) | Self::Constraint(_) => "ValidationException",
            Self::AliasTaken(_) | Self::AlreadyExists(_) => "AlreadyExistsException",
            Self::InvalidCiphertext => "InvalidCiphertextException",
            Self::IncorrectKey => "IncorrectKeyException",
            Self::InvalidSignature => "KMSInvalidSignatureException",
            Self::InvalidMac => "KMSInvalidMacException",
            Self::MalformedPolicy(_) => "MalformedPolicyDocumentException",
            Self::LimitExceeded(_) => "LimitExceededException",
            Self::Tag(_) => "TagException",
            Self::InvalidMarker => "InvalidMarkerException",
            Self::InvalidGrantToken => "InvalidGrantTokenException",
            Self::InvalidGrantId => "InvalidGrantIdException",
            Self::DryRun => "DryRunOperationException",
            Self::NotAuthorized(_) => "NotAuthorizedException",
            Self::ExpiredImportToken => "ExpiredImportTokenException",
            Self::InvalidImportToken => "InvalidImportTokenException",
            Self::IncorrectKeyMaterial(_) => "IncorrectKeyMaterialException",
            Self::Conflict(_) => "ConflictException",
            Self::NoCustomKeyStore(_) => "CustomKeyStoreNotFoundException",
            Self::Unserved(_) => "NotImplemented",
            Self::UnknownOperation(_) => "UnknownOperationException",
            Self::Denied(_) | Self::UnknownCiphertextKey => "AccessDeniedException",
            Self::Document(_) | Self::Body => "SerializationException",
            Self::Material
            | Self::Unanswered(_)
            | Self::Database(_)
            | Self::Full(_)
            | Self::Interrupted
            | Self::NoRandomness(_)
            | Self::Unwritable(_) => "KMSInternalException",
        }
    }

    /// The error as the client is told it.
    pub(super) fn failure(&self) -> Failure {
        match self {
            Self::Document(error) => error.failure(),
            Self::Unserved(_) => Failure::new(StatusCode::NOT_IMPLEMENTED, self.code(), self.to_string()),
            Self::Database(_) | Self::Full(_) if self.is_disk_full() => {
                let message = "The disk that holds the keys is full. Delete objects or secrets, or make room on it.";
                Failure::new(StatusCode::INTERNAL_SERVER_ERROR, self.code(), message)
            }
            _ if self.code() == "KMSInternalException" => {
                let message = "The request was rejected because an internal exception occurred.";
                Failure::new(StatusCode::INTERNAL_SERVER_ERROR, self.code(), message)
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

/// A denial in the words of KMS: nobody learns of another account's key whether it is there.
///
/// Source: denials that users quote; see docs/claims.md.
fn told(denial: &Denial) -> String {
    let Denial { principal, action, resource, .. } = denial;
    if denial.is_discreet && denial.policy == PolicyKind::Resource {
        return format!(
            "User: {principal} is not authorized to perform: {action} on resource: {resource} because the resource does \
             not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly \
             denies access"
        );
    }
    denial.to_string().replace(" on resource: *", "")
}
