//! The policies that apply to a request, by their layers.

use std::sync::Arc;

use crate::Policy;

/// A policy and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The policy.
    pub policy: Arc<Policy>,
    /// Its ARN, or the name of one that has none.
    pub name: Option<Arc<str>>,
}

impl Attached {
    /// A policy with an ARN or a name.
    pub fn named(policy: impl Into<Arc<Policy>>, name: impl Into<Arc<str>>) -> Self {
        Self { policy: policy.into(), name: Some(name.into()) }
    }
}

impl From<Policy> for Attached {
    fn from(policy: Policy) -> Self {
        Self { policy: Arc::new(policy), name: None }
    }
}

impl From<Arc<Policy>> for Attached {
    fn from(policy: Arc<Policy>) -> Self {
        Self { policy, name: None }
    }
}

/// The policies that apply to a request besides that of the resource, which is part of its
/// [`Requirement`](crate::Requirement).
///
/// Source: IAM user guide, "Policy evaluation logic".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// The policies of the user and its groups, or of the role.
    pub identity: Vec<Attached>,
    /// The permissions boundary of the user or role.
    pub boundary: Option<Attached>,
    /// The session policies; any of them may allow. None where the session was made without one.
    pub session: Vec<Attached>,
    /// The service control policies of the principal's account, from the organization's root to the account itself. Each
    /// level must allow. None for an account without an organization and for the management account.
    pub service_control: Vec<Vec<Attached>>,
    /// The resource control policies of the resource's account, by level. They only deny: the policy that allows
    /// everything is attached to every level and need not be given.
    pub resource_control: Vec<Vec<Attached>>,
    /// The policy of the VPC endpoint on the path.
    pub endpoint: Option<Attached>,
}

impl Policies {
    /// The policies of a request that came through an endpoint, if there is a policy of one, and nothing else.
    pub fn through(endpoint: Option<Arc<Policy>>) -> Self {
        Self { endpoint: endpoint.map(Attached::from), ..Self::default() }
    }
}
