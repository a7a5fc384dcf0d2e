//! Decisions, each with what decided it.
//!
//! Source: IAM user guide, "Troubleshoot access denied error messages".

use std::fmt;

use crate::policy::Effect;
use crate::{Policy, Principal, Requirement};

/// The kind of policy that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyKind {
    /// The policy of the VPC endpoint on the path.
    Endpoint,
    /// What the principal itself may do; the root user may do everything in its account.
    Identity,
}

/// Whether a request may go on, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Everything that it requires is allowed.
    Allow {
        /// The statement of the endpoint policy that allowed the last requirement, by its position; `None` where the
        /// path has no endpoint.
        endpoint_statement: Option<usize>,
    },
    /// Something is not.
    Deny(Denial),
}

/// Why a request is denied. Its text is AWS's own wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Who asked.
    pub principal: Principal,
    /// What was not allowed.
    pub requirement: Requirement,
    /// Which kind of policy decided.
    pub policy: PolicyKind,
    /// The statement that denied, by its position; `None` if no statement allowed.
    pub statement: Option<usize>,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Requirement { action, resource } = &self.requirement;
        write!(f, "User: {} is not authorized to perform: {action} on resource: {resource} ", self.principal)?;
        match (self.policy, self.statement) {
            (PolicyKind::Endpoint, Some(_)) => f.write_str("with an explicit deny in a VPC endpoint policy"),
            (PolicyKind::Endpoint, None) => write!(f, "because no VPC endpoint policy allows the {action} action"),
            (PolicyKind::Identity, Some(_)) => f.write_str("with an explicit deny in an identity-based policy"),
            (PolicyKind::Identity, None) => write!(f, "because no identity-based policy allows the {action} action"),
        }
    }
}

/// Decides whether a principal may do all that an operation requires, through an endpoint with this policy if there is
/// one on the path. The endpoint's policy is a ceiling: it never grants.
pub fn decide(principal: &Principal, endpoint: Option<&Policy>, requirements: &[Requirement]) -> Decision {
    let mut endpoint_statement = None;
    for requirement in requirements {
        let deny = |policy, statement| {
            Decision::Deny(Denial { principal: principal.clone(), requirement: requirement.clone(), policy, statement })
        };
        if let Some(policy) = endpoint {
            if let Some(statement) = policy.matching(Effect::Deny, principal, requirement) {
                return deny(PolicyKind::Endpoint, Some(statement));
            }
            match policy.matching(Effect::Allow, principal, requirement) {
                Some(statement) => endpoint_statement = Some(statement),
                None => return deny(PolicyKind::Endpoint, None),
            }
        }
        if *principal == Principal::Anonymous {
            return deny(PolicyKind::Identity, None);
        }
    }
    Decision::Allow { endpoint_statement }
}
