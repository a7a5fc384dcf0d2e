//! What can go wrong, with the code and the words of AWS where they are known.

use std::io;

use http::{Response, StatusCode};
use sidegate_iam::Denial;
use sidegate_wire::aws_json::{self, JsonError};
use sidegate_wire::protocol::{Failure, JsonVersion};

use crate::whole::DocumentError;
use crate::{iam, reserve};

/// A limit that an operation would go beyond: a `ConstraintViolationException`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Constraint {
    #[error("You have exceeded the allowed number of organizational units.")]
    UnitNumber,
    #[error("You have exceeded the allowed depth of organizational units.")]
    UnitDepth,
    #[error("You have exceeded the allowed number of policies of the specified type.")]
    PolicyNumber,
    #[error("You have exceeded the maximum policy size.")]
    PolicyContent,
    #[error("You have attached the maximum number of policies to the specified target.")]
    MostAttached,
    #[error(
        "You cannot remove the last policy attached to the specified target. You must have at least one attached at \
         all times."
    )]
    LeastAttached,
    #[error("You have exceeded the number of tags allowed on this resource.")]
    Tags,
    #[error("This operation requires an organization with all features enabled.")]
    NotAllFeatures,
    #[error("You cannot register master account/yourself as delegated administrator for your organization.")]
    MasterAsDelegate,
    #[error("You cannot register a suspended account as a delegated administrator.")]
    SuspendedDelegate,
    #[error(
        "You cannot remove an account that is registered as a delegated administrator for a service integrated with \
         your organization. Deregister it first."
    )]
    DelegateLeaves,
    #[error("You cannot close the management account.")]
    CloseMaster,
    #[error("You must enable service access before you register a delegated administrator.")]
    ServiceAccess,
}

impl Constraint {
    fn reason(self) -> &'static str {
        match self {
            Self::UnitNumber => "OU_NUMBER_LIMIT_EXCEEDED",
            Self::UnitDepth => "OU_DEPTH_LIMIT_EXCEEDED",
            Self::PolicyNumber => "POLICY_NUMBER_LIMIT_EXCEEDED",
            Self::PolicyContent => "POLICY_CONTENT_LIMIT_EXCEEDED",
            Self::MostAttached => "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            Self::LeastAttached => "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            Self::Tags => "MAX_TAG_LIMIT_EXCEEDED",
            Self::NotAllFeatures => "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
            Self::MasterAsDelegate => "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            Self::SuspendedDelegate => "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            Self::DelegateLeaves => "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            Self::CloseMaster => "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
            Self::ServiceAccess => "SERVICE_ACCESS_NOT_ENABLED",
        }
    }
}

/// What is wrong with a parameter: an `InvalidInputException`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Input {
    #[error("You must include a value for all required parameters.")]
    Missing,
    #[error("You provided a value that does not match the required pattern.")]
    Pattern,
    #[error("You specified a policy target ID that doesn't match the required pattern.")]
    TargetPattern,
    #[error("You specified an invalid value.")]
    Enum,
    #[error("You specified an invalid policy type string.")]
    PolicyType,
    #[error("You provided a string parameter that is longer than allowed.")]
    TooLong,
    #[error("You provided a string parameter that is shorter than allowed.")]
    TooShort,
    #[error("You provided a numeric parameter that has a larger value than allowed.")]
    TooLarge,
    #[error("You provided a numeric parameter that has a smaller value than allowed.")]
    TooSmall,
    #[error("Get the value for the NextToken parameter from the response to a previous call of the operation.")]
    NextToken,
    #[error("You specified a policy that is managed by AWS and can't be modified.")]
    ManagedPolicy,
    #[error("You can't detach this AWS managed policy.")]
    NotDetachable,
    #[error("You specified the wrong type of entity (account, organization, or email) as a party.")]
    PartyType,
    #[error("You specified an unrecognized service principal.")]
    ServicePrincipal,
    #[error("A role name can't begin with the reserved prefix AWSServiceRoleFor.")]
    RoleName,
    #[error("Tag keys must be unique among the tags attached to the same entity.")]
    DuplicateTag,
    #[error("You can't add, edit, or delete system tag keys because they're reserved for AWS use.")]
    SystemTag,
    #[error("You can't perform the specified operation on that target entity.")]
    TargetNotSupported,
    #[error("You can specify only one filter parameter for the operation.")]
    Filters,
    #[error("The resource policy is not a JSON object.")]
    ResourcePolicy,
}

impl Input {
    fn reason(self) -> &'static str {
        match self {
            Self::Missing => "INPUT_REQUIRED",
            Self::Pattern => "INVALID_PATTERN",
            Self::TargetPattern => "INVALID_PATTERN_TARGET_ID",
            Self::Enum => "INVALID_ENUM",
            Self::PolicyType => "INVALID_ENUM_POLICY_TYPE",
            Self::TooLong => "MAX_LENGTH_EXCEEDED",
            Self::TooShort => "MIN_LENGTH_EXCEEDED",
            Self::TooLarge => "MAX_VALUE_EXCEEDED",
            Self::TooSmall => "MIN_VALUE_EXCEEDED",
            Self::NextToken => "INVALID_NEXT_TOKEN",
            Self::ManagedPolicy => "IMMUTABLE_POLICY",
            Self::NotDetachable => "NON_DETACHABLE_POLICY",
            Self::PartyType => "INVALID_PARTY_TYPE_TARGET",
            Self::ServicePrincipal => "UNRECOGNIZED_SERVICE_PRINCIPAL",
            Self::RoleName => "INVALID_ROLE_NAME",
            Self::DuplicateTag => "DUPLICATE_TAG_KEY",
            Self::SystemTag => "INVALID_SYSTEM_TAGS_PARAMETER",
            Self::TargetNotSupported => "TARGET_NOT_SUPPORTED",
            Self::Filters => "MAX_LIMIT_EXCEEDED_FILTER",
            Self::ResourcePolicy => "INVALID_RESOURCE_POLICY_JSON",
        }
    }
}

/// Why two accounts cannot shake hands: a `HandshakeConstraintViolationException`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HandshakeConstraint {
    #[error("The specified account is already a member of an organization.")]
    AlreadyMember,
    #[error("You have exceeded the allowed number of AWS accounts.")]
    AccountNumber,
    #[error("The organization has already enabled all features.")]
    AllFeatures,
    #[error("The organization has already started the process to enable all features.")]
    PendingAllFeatures,
    #[error("You can't issue new invitations while the organization is in the process of enabling all features.")]
    InvitesDisabled,
}

impl HandshakeConstraint {
    fn reason(self) -> &'static str {
        match self {
            Self::AlreadyMember => "ALREADY_IN_AN_ORGANIZATION",
            Self::AccountNumber => "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
            Self::AllFeatures => "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
            Self::PendingAllFeatures => "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
            Self::InvitesDisabled => "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
        }
    }
}

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("Your account is not a member of an organization.")]
    NotInUse,
    #[error("The provided account is already a member of an organization.")]
    AlreadyInOrganization,
    /// The caller is a member, and the operation is for the management account.
    #[error("You don't have permissions to access this resource.")]
    AccessDenied,
    #[error("To delete an organization you must first remove all member accounts (except the master).")]
    OrganizationNotEmpty,
    #[error("You specified a root that doesn't exist.")]
    RootNotFound,
    #[error("You specified parent that doesn't exist.")]
    ParentNotFound,
    #[error("You specified a child that doesn't exist.")]
    ChildNotFound,
    #[error("You specified a source parent that doesn't exist.")]
    SourceParentNotFound,
    #[error("You specified a destination parent that doesn't exist.")]
    DestinationParentNotFound,
    #[error("You specified an organizational unit that doesn't exist.")]
    UnitNotFound,
    #[error("The organizational unit is not empty.")]
    UnitNotEmpty,
    #[error("An OU with the same name already exists.")]
    DuplicateUnit,
    #[error("You specified an account that doesn't exist.")]
    AccountNotFound,
    #[error("The account is already present in the specified destination.")]
    DuplicateAccount,
    #[error("The provided account is already closed.")]
    AccountClosed,
    #[error("You can't remove the management account from its organization.")]
    MasterCannotLeave,
    #[error("You specified a create account request that doesn't exist.")]
    RequestNotFound,
    #[error("You specified a policy that doesn't exist.")]
    PolicyNotFound,
    #[error("A policy with the specified name and type already exists.")]
    DuplicatePolicy,
    #[error(
        "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before \
         performing this operation."
    )]
    PolicyInUse,
    #[error("The provided policy document does not meet the requirements of the specified policy type.")]
    MalformedPolicy,
    #[error("The selected policy is already attached to the specified target.")]
    DuplicateAttachment,
    #[error("The policy isn't attached to the specified target.")]
    NotAttached,
    #[error("You specified a target that doesn't exist.")]
    TargetNotFound,
    #[error("This operation can be performed only for enabled policy types.")]
    TypeNotEnabled,
    #[error("The specified policy type is already enabled.")]
    TypeAlreadyEnabled,
    #[error("You can't use the specified policy type with the feature set currently enabled for this organization.")]
    TypeNotAvailable,
    #[error("There is no effective policy of the specified type for the specified target.")]
    NoEffectivePolicy,
    #[error("You specified a handshake that doesn't exist.")]
    HandshakeNotFound,
    #[error("A handshake with the same action and target already exists.")]
    DuplicateHandshake,
    #[error("The specified handshake is already in the requested state.")]
    HandshakeAlreadyInState,
    #[error("You can't perform the operation on the handshake in its current state.")]
    HandshakeTransition,
    #[error("The provided account is already a delegated administrator for your organization.")]
    AlreadyRegistered,
    #[error("The provided account is not a registered delegated administrator for your organization.")]
    NotRegistered,
    #[error("The organization has no resource policy.")]
    NoResourcePolicy,
    #[error("{0}")]
    Constraint(Constraint),
    #[error("{0}")]
    Input(Input),
    #[error("{0}")]
    HandshakeConstraint(HandshakeConstraint),
    #[error("Sidegate does not implement {0} of AWS Organizations yet.")]
    Unserved(&'static str),
    #[error("AWS Organizations has no operation {0}.")]
    UnknownOperation(String),
    #[error("{0}")]
    Denied(Box<Denial>),
    #[error(transparent)]
    Document(#[from] JsonError),
    #[error("The request's body was not received.")]
    Body,
    #[error("cannot use the database of the organizations")]
    Database(#[from] rusqlite::Error),
    #[error("there is no room for the organizations")]
    Full(#[source] io::Error),
    #[error("the role of the new account cannot be stored")]
    Identities(#[source] iam::StoreError),
    #[error("the operation was interrupted")]
    Interrupted,
    #[error("the system has no randomness to give")]
    NoRandomness,
    #[error("cannot write the document")]
    Unwritable(#[from] serde_json::Error),
}

impl From<Input> for Fault {
    fn from(input: Input) -> Self {
        Self::Input(input)
    }
}

impl From<Constraint> for Fault {
    fn from(constraint: Constraint) -> Self {
        Self::Constraint(constraint)
    }
}

impl From<HandshakeConstraint> for Fault {
    fn from(constraint: HandshakeConstraint) -> Self {
        Self::HandshakeConstraint(constraint)
    }
}

impl From<DocumentError> for Fault {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Refused(error) => Self::Document(error),
            DocumentError::Broken => Self::Body,
        }
    }
}

impl Fault {
    fn code(&self) -> &'static str {
        match self {
            Self::NotInUse => "AWSOrganizationsNotInUseException",
            Self::AlreadyInOrganization => "AlreadyInOrganizationException",
            Self::AccessDenied | Self::Denied(_) => "AccessDeniedException",
            Self::OrganizationNotEmpty => "OrganizationNotEmptyException",
            Self::RootNotFound => "RootNotFoundException",
            Self::ParentNotFound => "ParentNotFoundException",
            Self::ChildNotFound => "ChildNotFoundException",
            Self::SourceParentNotFound => "SourceParentNotFoundException",
            Self::DestinationParentNotFound => "DestinationParentNotFoundException",
            Self::UnitNotFound => "OrganizationalUnitNotFoundException",
            Self::UnitNotEmpty => "OrganizationalUnitNotEmptyException",
            Self::DuplicateUnit => "DuplicateOrganizationalUnitException",
            Self::AccountNotFound => "AccountNotFoundException",
            Self::DuplicateAccount => "DuplicateAccountException",
            Self::AccountClosed => "AccountAlreadyClosedException",
            Self::MasterCannotLeave => "MasterCannotLeaveOrganizationException",
            Self::RequestNotFound => "CreateAccountStatusNotFoundException",
            Self::PolicyNotFound => "PolicyNotFoundException",
            Self::DuplicatePolicy => "DuplicatePolicyException",
            Self::PolicyInUse => "PolicyInUseException",
            Self::MalformedPolicy => "MalformedPolicyDocumentException",
            Self::DuplicateAttachment => "DuplicatePolicyAttachmentException",
            Self::NotAttached => "PolicyNotAttachedException",
            Self::TargetNotFound => "TargetNotFoundException",
            Self::TypeNotEnabled => "PolicyTypeNotEnabledException",
            Self::TypeAlreadyEnabled => "PolicyTypeAlreadyEnabledException",
            Self::TypeNotAvailable => "PolicyTypeNotAvailableForOrganizationException",
            Self::NoEffectivePolicy => "EffectivePolicyNotFoundException",
            Self::HandshakeNotFound => "HandshakeNotFoundException",
            Self::DuplicateHandshake => "DuplicateHandshakeException",
            Self::HandshakeAlreadyInState => "HandshakeAlreadyInStateException",
            Self::HandshakeTransition => "InvalidHandshakeTransitionException",
            Self::AlreadyRegistered => "AccountAlreadyRegisteredException",
            Self::NotRegistered => "AccountNotRegisteredException",
            Self::NoResourcePolicy => "ResourcePolicyNotFoundException",
            Self::Constraint(_) => "ConstraintViolationException",
            Self::Input(_) => "InvalidInputException",
            Self::HandshakeConstraint(_) => "HandshakeConstraintViolationException",
            Self::Unserved(_) => "NotImplemented",
            Self::UnknownOperation(_) => "UnknownOperationException",
            Self::Document(_) | Self::Body => "SerializationException",
            Self::Database(_)
            | Self::Full(_)
            | Self::Identities(_)
            | Self::Interrupted
            | Self::NoRandomness
            | Self::Unwritable(_) => "ServiceException",
        }
    }

    /// What some errors say beside code and message.
    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Constraint(constraint) => Some(constraint.reason()),
            Self::Input(input) => Some(input.reason()),
            Self::HandshakeConstraint(constraint) => Some(constraint.reason()),
            _ => None,
        }
    }

    /// The error as the client is told it.
    pub(super) fn failure(&self) -> Failure {
        match self {
            Self::Document(error) => error.failure(),
            Self::Unserved(_) => Failure::new(StatusCode::NOT_IMPLEMENTED, self.code(), self.to_string()),
            Self::Database(_) | Self::Full(_) if self.is_disk_full() => {
                let message = "AWS Organizations can't complete your request: the disk that holds the organizations is \
                               full. Make room on it.";
                Failure::new(StatusCode::INTERNAL_SERVER_ERROR, self.code(), message)
            }
            Self::Database(_)
            | Self::Full(_)
            | Self::Identities(_)
            | Self::Interrupted
            | Self::NoRandomness
            | Self::Unwritable(_) => {
                let message = "AWS Organizations can't complete your request because of an internal service error. \
                               Try again later.";
                Failure::new(StatusCode::INTERNAL_SERVER_ERROR, self.code(), message)
            }
            _ => Failure::refused(self.code(), self.to_string()),
        }
    }

    /// The answer that tells the error.
    pub(super) fn response(&self, failure: &Failure, request_id: &str) -> Response<Vec<u8>> {
        let response = aws_json::error(JsonVersion::V1_1, failure, request_id);
        let Some(reason) = self.reason() else { return response };
        let body = serde_json::json!({ "__type": failure.code, "Message": failure.message, "Reason": reason });
        response.map(|_| body.to_string().into_bytes())
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

/// A member that has to be there.
pub(super) fn required<T>(value: Option<T>) -> Result<T, Fault> {
    value.ok_or(Fault::Input(Input::Missing))
}

/// Checks how many characters a text has.
pub(super) fn length(text: &str, least: usize, most: usize) -> Result<(), Fault> {
    match text.chars().count() {
        count if count < least => Err(Input::TooShort.into()),
        count if count > most => Err(Input::TooLong.into()),
        _ => Ok(()),
    }
}

/// Reads a required member by its pattern.
pub(super) fn pattern<T>(value: Option<&str>, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
    parse(required(value)?).ok_or(Fault::Input(Input::Pattern))
}
