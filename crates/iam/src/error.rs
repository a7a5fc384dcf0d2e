//! Why a policy document is refused.
//!
//! Source of the wordings of IAM: messages of `MalformedPolicyDocument` that users of IAM quote; of EC2: those of
//! `InvalidPolicyDocument`.

use std::fmt;

use crate::json::{JsonError, Position};

/// Why a policy document is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It is not JSON.
    #[error("the policy is not valid JSON: {expected} is expected at line {}, column {}", .position.line, .position.column)]
    Syntax {
        /// Where.
        position: Position,
        /// What should stand there.
        expected: &'static str,
    },
    /// An object has a key twice.
    #[error("the policy has the key `{key}` twice in one object, again at line {}, column {}", .position.line, .position.column)]
    DuplicateKey {
        /// Where the key stands again.
        position: Position,
        /// The key.
        key: String,
    },
    /// Lists and objects lie deeper in each other than in any policy.
    #[error("the policy is nested too deeply at line {}, column {}", .position.line, .position.column)]
    TooDeep {
        /// Where.
        position: Position,
    },
    /// It is longer than policies of its type may be.
    #[error("the policy has {length} {}; a policy of its type may have {limit}", counted(*.white_space))]
    TooLong {
        /// How many characters it has, as far as they count.
        length: usize,
        /// How many it may have.
        limit: usize,
        /// Whether white space counts.
        white_space: bool,
    },
    /// It is JSON, but not a policy of its type.
    #[error("{fault}, in {} at line {}, column {}", place(*.statement, .element), .position.line, .position.column)]
    Grammar {
        /// What is wrong.
        fault: Fault,
        /// The statement, from 0; `None` where it is not in one.
        statement: Option<usize>,
        /// The element, such as `Condition.StringEquals`; empty for the policy or the statement itself.
        element: String,
        /// Where it stands.
        position: Position,
    },
}

fn counted(white_space: bool) -> &'static str {
    if white_space { "characters" } else { "characters, white space left out" }
}

fn place(statement: Option<usize>, element: &str) -> Place<'_> {
    Place { statement, element }
}

struct Place<'a> {
    statement: Option<usize>,
    element: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.statement, self.element) {
            (None, "") => f.write_str("the policy"),
            (None, element) => write!(f, "`{element}` of the policy"),
            (Some(at), "") => write!(f, "statement {}", at + 1),
            (Some(at), element) => write!(f, "`{element}` of statement {}", at + 1),
        }
    }
}

/// What is wrong with a document that is JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A value is of another type.
    #[error("{expected} is expected")]
    Type {
        /// What is expected.
        expected: &'static str,
    },
    /// An element is not one that policies have.
    #[error("`{element}` is not an element that it may have")]
    UnknownElement {
        /// The element.
        element: String,
    },
    /// The version is neither of the two.
    #[error("`{version}` is not a version of the policy language: 2012-10-17 or 2008-10-17 is expected")]
    UnknownVersion {
        /// What stands there.
        version: String,
    },
    /// Policies of this type must be of the newer version.
    #[error("a policy of this type must be of version 2012-10-17")]
    OldVersion,
    /// An element is missing or empty.
    #[error("`{element}` is missing or empty")]
    Missing {
        /// The element.
        element: &'static str,
    },
    /// A policy of this type must not have the element.
    #[error("a policy of this type must not have `{element}`")]
    Prohibited {
        /// The element.
        element: &'static str,
    },
    /// An element and its opposite stand in one statement.
    #[error("`{element}` and `Not{element}` exclude each other")]
    BothForms {
        /// The positive form.
        element: &'static str,
    },
    /// The effect is neither Allow nor Deny.
    #[error("`{effect}` is not an effect: Allow or Deny is expected")]
    Effect {
        /// What stands there.
        effect: String,
    },
    /// A `Sid` has characters that policies of this type do not have in one.
    #[error("the statement id `{sid}` must consist of letters and digits")]
    Sid {
        /// The id.
        sid: String,
    },
    /// Two statements have the same `Sid`.
    #[error("the statement id `{sid}` is already that of another statement")]
    DuplicateSid {
        /// The id.
        sid: String,
    },
    /// An action has no service, as `ec2` in `ec2:RunInstances`.
    #[error("`{text}` names no service, as in `s3:GetObject`")]
    NoVendor {
        /// The action or condition key.
        text: String,
    },
    /// The service of an action is none.
    #[error("`{vendor}` is not the name of a service")]
    Vendor {
        /// The service.
        vendor: String,
    },
    /// A trust policy speaks of actions of other services.
    #[error("a role trust policy may name only actions of STS, not `{action}`")]
    TrustAction {
        /// The action.
        action: String,
    },
    /// A resource is neither an ARN nor `*`.
    #[error("the resource `{resource}` is neither an ARN nor `*`")]
    Resource {
        /// The resource.
        resource: String,
    },
    /// A resource is of a partition that there is not.
    #[error("the partition `{partition}` of the resource `{resource}` is none")]
    ResourcePartition {
        /// The partition.
        partition: String,
        /// The resource.
        resource: String,
    },
    /// A principal is of no known form.
    #[error("`{principal}` is not a principal that a policy may name")]
    Principal {
        /// The principal.
        principal: String,
    },
    /// A kind of principal is none.
    #[error("`{kind}` is not a kind of principal: AWS, Service, Federated or CanonicalUser is expected")]
    PrincipalKind {
        /// The kind.
        kind: String,
    },
    /// A condition operator is none.
    #[error("`{operator}` is not a condition operator")]
    UnknownOperator {
        /// The operator.
        operator: String,
    },
    /// One key stands twice under an operator, in different cases.
    #[error("the condition key `{key}` stands twice under one operator")]
    DuplicateConditionKey {
        /// The key.
        key: String,
    },
    /// An action has more than one colon.
    #[error("an action has one colon, as in `s3:GetObject`")]
    SeveralColons,
    /// An ARN of a service without Regions names one.
    #[error("the ARN `{resource}` names a Region, which resources of {service} are not in")]
    RegionOfGlobal {
        /// The service.
        service: String,
        /// The ARN.
        resource: String,
    },
    /// An ARN of IAM names nothing that IAM has.
    #[error("an ARN of IAM must name `*` or begin with {kinds}")]
    IamResource {
        /// What it may begin with.
        kinds: String,
    },
    /// A pattern or a number stands for an id that the system makes up.
    #[error(
        "`{key}` is an id that the system makes up, and takes neither wildcards nor numeric operators in an endpoint policy"
    )]
    GeneratedId {
        /// The condition key.
        key: String,
    },
    /// A pattern has too few characters beside its wildcards.
    #[error("a wildcard of `{value}` has fewer than {literal} characters in a row before and after it")]
    ShortPattern {
        /// The value.
        value: String,
        /// How many there must be on one side.
        literal: usize,
    },
    /// The account of an ARN is neither an id nor a wildcard.
    #[error("the account of `{arn}` must be an id or a wildcard, and no mixture of both")]
    MixedAccount {
        /// The ARN.
        arn: String,
    },
    /// A resource control policy of one's own denies, for everyone.
    #[error("a resource control policy must deny, unless it is the one that allows everything")]
    ResourceControlEffect,
    /// A resource control policy of one's own speaks of all principals.
    #[error("a resource control policy must have the principal `*`")]
    ResourceControlPrincipal,
    /// A resource control policy of one's own names its actions' services.
    #[error("a resource control policy must not deny the action `*`")]
    ResourceControlAction,
}

impl PolicyError {
    pub(crate) fn of_json(text: &str, error: JsonError) -> Self {
        match error {
            JsonError::Syntax { offset, expected } => Self::Syntax { position: Position::of(text, offset), expected },
            JsonError::Duplicate { offset, key } => Self::DuplicateKey { position: Position::of(text, offset), key },
            JsonError::TooDeep { offset } => Self::TooDeep { position: Position::of(text, offset) },
        }
    }

    /// Where it is, where there is a place.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Syntax { position, .. }
            | Self::DuplicateKey { position, .. }
            | Self::TooDeep { position }
            | Self::Grammar { position, .. } => Some(*position),
            Self::TooLong { .. } => None,
        }
    }

    /// The message that goes with IAM's `MalformedPolicyDocument`, or with `LimitExceeded` for one that is too long.
    pub fn iam_message(&self) -> String {
        match self {
            Self::TooLong { limit, .. } => format!("Cannot exceed quota for PolicySize: {limit}"),
            Self::Syntax { .. } | Self::DuplicateKey { .. } | Self::TooDeep { .. } => {
                "Syntax errors in policy.".to_owned()
            }
            Self::Grammar { fault, .. } => fault.iam_message(),
        }
    }

    /// The message that goes with EC2's `InvalidPolicyDocument`.
    pub fn ec2_message(&self) -> String {
        match self {
            Self::TooLong { limit, .. } => {
                format!("The Policy Document exceeds the maximum of {limit} characters.")
            }
            Self::Syntax { position: Position { line, column }, .. } => {
                format!("The Policy Document is not valid. Syntax error at position ({line},{column})")
            }
            other => format!("The Policy Document is not valid. {other}"),
        }
    }
}

impl Fault {
    fn iam_message(&self) -> String {
        match self {
            Self::OldVersion => "Policy document must be version 2012-10-17 or greater.".to_owned(),
            Self::Missing { element: "Action" } => "Policy statement must contain actions.".to_owned(),
            Self::Missing { element: "Resource" } => "Policy statement must contain resources.".to_owned(),
            Self::Missing { element: element @ "Principal" } => {
                format!("Missing required field {element} cannot be empty!")
            }
            Self::Prohibited { element: "Principal" } => "Policy document should not specify a principal.".to_owned(),
            Self::Prohibited { element } => format!("Has prohibited field {element}"),
            Self::Sid { .. } => {
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
                expression [0-9A-Za-z]*"
                    .to_owned()
            }
            Self::DuplicateSid { .. } => "Statement IDs (SID) in a single policy must be unique.".to_owned(),
            Self::NoVendor { .. } => {
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned()
            }
            Self::Vendor { vendor } => format!("Vendor {vendor} is not valid"),
            Self::TrustAction { .. } => "AssumeRole policy may only specify STS AssumeRole actions.".to_owned(),
            Self::Resource { resource } => format!("Resource {resource} must be in ARN format or \"*\"."),
            Self::ResourcePartition { partition, resource } => {
                format!("Partition \"{partition}\" is not valid for resource \"{resource}\".")
            }
            Self::Principal { principal } => format!("Invalid principal in policy: \"AWS\":\"{principal}\""),
            Self::UnknownOperator { operator } => format!("Invalid Condition type : {operator}."),
            Self::SeveralColons => "Actions/Condition can contain only one colon.".to_owned(),
            Self::RegionOfGlobal { service, resource } if service == "iam" => {
                format!("IAM resource {resource} cannot contain region information.")
            }
            Self::RegionOfGlobal { resource, .. } => {
                format!("Resource {resource} can not contain region information.")
            }
            Self::IamResource { kinds } => format!("IAM resource path must either be \"*\" or start with {kinds}."),
            Self::ResourceControlEffect | Self::ResourceControlPrincipal | Self::ResourceControlAction => {
                "The provided policy document does not meet the requirements of the specified policy type.".to_owned()
            }
            _ => "Syntax errors in policy.".to_owned(),
        }
    }
}
