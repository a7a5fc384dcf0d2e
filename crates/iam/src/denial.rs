//! Denials, in AWS's words.
//!
//! Source: IAM user guide, "Troubleshoot access denied error messages".

use std::fmt;
use std::sync::Arc;

use crate::{Context, PolicyKind, Principal};

/// Why a request is denied. Its text is AWS's own wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Who asked.
    pub principal: Box<Principal>,
    /// The action that was not allowed.
    pub action: String,
    /// The resource that it was not allowed on.
    pub resource: String,
    /// Which kind of policy decided.
    pub policy: PolicyKind,
    /// The statement that denied, by its position; `None` if no statement allowed.
    pub statement: Option<usize>,
    /// The ARN or the name of the policy that denied, where it has one.
    pub name: Option<Arc<str>>,
    /// The statement that denied, as JSON.
    pub matched: Option<Box<str>>,
    /// The condition keys that were given for the request; what follows from the principal is not among them.
    pub context: Box<Context>,
    /// Whether the caller is not told which policy decided, since that is the business of another account.
    pub is_discreet: bool,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, resource, .. } = self;
        write!(f, "User: {} is not authorized to perform: {action} on resource: {resource}", self.principal)?;
        if self.is_discreet {
            return Ok(());
        }
        if self.statement.is_none() {
            return write!(f, " because no {} allows the {action} action", self.policy.as_str());
        }
        let article = match self.policy {
            PolicyKind::Identity => "an",
            PolicyKind::RoleTrust => "the",
            _ => "a",
        };
        write!(f, " with an explicit deny in {article} {}", self.policy.as_str())?;
        let has_arn = !matches!(self.policy, PolicyKind::Endpoint | PolicyKind::Resource | PolicyKind::RoleTrust);
        match self.name.as_deref().filter(|name| has_arn && name.starts_with("arn:")) {
            Some(arn) => write!(f, ": {arn}"),
            None => Ok(()),
        }
    }
}

impl PolicyKind {
    /// The name in AWS's messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "VPC endpoint policy",
            Self::ResourceControl => "resource control policy",
            Self::ServiceControl => "service control policy",
            Self::Resource => "resource-based policy",
            Self::RoleTrust => "role trust policy",
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
        }
    }
}
