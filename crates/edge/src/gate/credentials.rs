//! What the gate asks of the identities of all accounts: whose an access key is, what policies say of its owner, and which
//! organization an account is in.

use std::sync::Arc;

use sidegate_iam::{Attached, Context, Policies, Principal};
use sidegate_model::AccountId;
use sidegate_wire::sigv4::SecretKey;

/// What an access key stands for, at this moment.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The secret.
    pub secret: SecretKey,
    /// The session token that has to come with the key of a session.
    pub session_token: Option<SecretKey>,
    /// Whose it is.
    pub principal: Principal,
    /// The account of the principal.
    pub account: AccountId,
    /// What policies say of the principal.
    pub grants: Grants,
}

/// What policies say of a principal, and what they may ask about it.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// The policies of the identity, its boundary and those of its session.
    pub policies: Policies,
    /// Condition keys of the principal and its session, such as its tags.
    pub context: Context,
}

/// What an organization says of an account that is in it.
///
/// Source: Organizations user guide, "Service control policies", "Resource control policies".
#[derive(Clone, Debug, Default)]
pub struct Membership {
    /// The id of the organization: `aws:PrincipalOrgID` and the like.
    pub organization: String,
    /// The way to the account from the organization's root, as in `aws:PrincipalOrgPaths`.
    pub path: String,
    /// The service control policies, from the root to the account. None for the management account.
    pub service_control: Vec<Vec<Attached>>,
    /// The resource control policies, in the same order.
    pub resource_control: Vec<Vec<Attached>>,
}

/// Why an access key stands for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCredential {
    /// There is no such key, or it is not active.
    Unknown,
    /// Its session is over.
    Expired,
}

/// Knows the access keys and the accounts. It is asked for each request, so that a change is in force for the next one.
pub trait Credentials: Send + Sync {
    /// What an access key stands for. `now` is Unix time in milliseconds.
    ///
    /// # Errors
    /// [`NoCredential`] if it stands for nothing.
    fn credential(&self, access_key: &str, now: i64) -> Result<Credential, NoCredential>;

    /// The organization that an account is in.
    fn membership(&self, account: &AccountId) -> Option<Arc<Membership>>;

    /// Notes that an access key was used for a service in a Region. Must not block for long.
    fn note_use(&self, access_key: &str, service: &str, region: &str, now: i64);
}
