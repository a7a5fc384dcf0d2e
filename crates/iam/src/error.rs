//! Why a policy document is refused.

mod words;

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
    /// An element has nothing in it.
    #[error("`{element}` is empty")]
    Empty {
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
    /// The service of an action is a pattern.
    #[error("`{vendor}` is a pattern where an action names its service")]
    VendorPattern {
        /// The pattern.
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
    /// An ARN leaves out a part before its end, or names an account by what no account is called.
    #[error("the ARN `{arn}` lacks a part, or its account is none")]
    UnreadableArn {
        /// The ARN.
        arn: String,
    },
    /// The service of a resource is a pattern.
    #[error("the resource `{resource}` does not name its service")]
    ResourceVendor {
        /// The resource.
        resource: String,
    },
    /// A value that is compared as a date is none.
    #[error("`{value}` is not a date: one such as 2026-05-01T12:00:00Z, or seconds since 1970, is expected")]
    Date {
        /// The value.
        value: String,
    },
    /// White space stands before the document.
    #[error("white space stands before it")]
    LeadingSpace,
    /// A principal is of no known form.
    #[error("`{principal}` is not a principal that a policy may name under `{kind}`")]
    Principal {
        /// Its kind.
        kind: &'static str,
        /// The principal.
        principal: String,
    },
    /// A provider of identities is none.
    #[error("`{provider}` is neither a domain nor the ARN of a provider of identities")]
    Provider {
        /// The provider.
        provider: String,
    },
    /// A provider that is everybody's is trusted without a condition.
    #[error("`{provider}` may be trusted only under a condition")]
    OpenProvider {
        /// The provider.
        provider: &'static str,
    },
    /// A role trust policy allows everyone but some.
    #[error("`NotPrincipal` must not stand beside the effect Allow")]
    AllowExcept,
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
}
