//! The one place where policy documents are checked before they are kept.
//!
//! What stands here are the sizes. The language itself is the business of the policy engine, which is asked here.

use http::StatusCode;
use sidegate_iam::{Policy, PolicyError, PolicyType};
use sidegate_wire::protocol::Failure;

/// Where a document is going to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An inline policy of a user.
    UserInline,
    /// An inline policy of a group.
    GroupInline,
    /// An inline policy of a role.
    RoleInline,
    /// A version of a managed policy.
    Managed,
    /// The trust policy of a role.
    Trust,
    /// The policy of a session.
    Session,
}

impl Kind {
    /// How many characters there may be, white space not counted; for inline policies, in all of those together.
    ///
    /// Source: IAM user guide, "IAM and AWS STS quotas", IAM and STS character limits.
    pub(super) fn most(self) -> usize {
        match self {
            Self::UserInline | Self::Trust | Self::Session => 2_048,
            Self::GroupInline => 5_120,
            Self::RoleInline => 10_240,
            Self::Managed => 6_144,
        }
    }

    /// What the policy engine calls it.
    fn policy_type(self) -> PolicyType {
        match self {
            Self::UserInline => PolicyType::UserInline,
            Self::GroupInline => PolicyType::GroupInline,
            Self::RoleInline => PolicyType::RoleInline,
            Self::Managed => PolicyType::Managed,
            Self::Trust => PolicyType::RoleTrust,
            Self::Session => PolicyType::Session,
        }
    }
}

/// Checks a policy document.
///
/// # Errors
/// `MalformedPolicyDocument` for what is no policy, `LimitExceeded` for one that is too long.
pub fn check(kind: Kind, text: &str) -> Result<(), Failure> {
    let most = kind.most();
    let message = match kind {
        Kind::Managed => Some(format!("Cannot exceed quota for PolicySize: {most}")),
        Kind::Trust => Some(format!("Cannot exceed quota for ACLSizePerRole: {most}")),
        // Of these the sum is bounded, or what a session has in all.
        Kind::UserInline | Kind::GroupInline | Kind::RoleInline | Kind::Session => None,
    };
    if let Some(message) = message.filter(|_| size(text) > most) {
        return Err(Failure::new(StatusCode::CONFLICT, "LimitExceeded", message));
    }
    match Policy::parse_for_author(text, kind.policy_type()) {
        // The sum is bounded where it is known.
        Ok(_) | Err(PolicyError::TooLong { .. }) => Ok(()),
        Err(error) if kind == Kind::Trust => Err(Failure::refused("MalformedPolicyDocument", error.trust_message())),
        Err(error) => Err(Failure::refused("MalformedPolicyDocument", error.iam_message())),
    }
}

/// How long a document is by the measure of the quotas: white space is not counted.
pub(crate) fn size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
