//! Who calls, as IAM and STS need to know it: the one place where they look at the principal of a request.

use sidegate_iam::Principal;
use sidegate_model::AccountId;

use super::grants::Subject;
use super::state::State;
use crate::Caller;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// The root user of an account.
    Root(AccountId),
    /// A user.
    User { account: AccountId, path: String, name: String, id: String },
    /// A session of a role.
    Session { account: AccountId, role_name: String, role_id: String, session_name: String },
    /// A federated user.
    Federated { account: AccountId, name: String },
    /// Whoever sent an unsigned request.
    Anonymous,
}

impl Identity {
    /// Who made a request. The access key tells, where it is one of the directory; otherwise the principal does.
    pub(super) fn of(caller: &Caller, state: &State) -> Self {
        let known = caller.access_key.as_deref().and_then(|key| state.credential(key, caller.now));
        if let Some(owner) = known {
            return Self::from_subject(owner.account, owner.subject);
        }
        match &caller.principal {
            Principal::Root(account) => Self::Root(account.id.clone()),
            Principal::User { account, path, name, id: Some(id) } => {
                Self::User { account: account.id.clone(), path: path.clone(), name: name.clone(), id: id.clone() }
            }
            Principal::AssumedRole { account, role, role_id: Some(id), session, .. } => Self::Session {
                account: account.id.clone(),
                role_name: role.clone(),
                role_id: id.clone(),
                session_name: session.clone(),
            },
            Principal::FederatedUser { account, name, .. } => {
                Self::Federated { account: account.id.clone(), name: name.clone() }
            }
            _ => Self::Anonymous,
        }
    }

    fn from_subject(account: AccountId, subject: Subject) -> Self {
        match subject {
            Subject::Root => Self::Root(account),
            Subject::User { path, name, id } => Self::User { account, path, name, id },
            Subject::Session { role_name, role_id, session_name, .. } => {
                Self::Session { account, role_name, role_id, session_name }
            }
            Subject::FederatedUser { name, .. } => Self::Federated { account, name },
        }
    }

    /// The account.
    pub(crate) fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Root(account)
            | Self::User { account, .. }
            | Self::Session { account, .. }
            | Self::Federated { account, .. } => Some(account),
            Self::Anonymous => None,
        }
    }

    /// The ARN.
    ///
    /// Source: IAM user guide, "AWS JSON policy elements: Principal".
    pub(crate) fn arn(&self) -> Option<String> {
        Some(match self {
            Self::Root(account) => format!("arn:aws:iam::{account}:root"),
            Self::User { account, path, name, .. } => format!("arn:aws:iam::{account}:user{path}{name}"),
            Self::Session { account, role_name, session_name, .. } => {
                format!("arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}")
            }
            Self::Federated { account, name } => format!("arn:aws:sts::{account}:federated-user/{name}"),
            Self::Anonymous => return None,
        })
    }

    /// The id that `GetCallerIdentity` gives, and `aws:userid` is.
    ///
    /// Source: IAM user guide, "IAM and AWS STS condition context keys", policy variables by type of principal.
    pub(crate) fn user_id(&self) -> Option<String> {
        Some(match self {
            Self::Root(account) => account.to_string(),
            Self::User { id, .. } => id.clone(),
            Self::Session { role_id, session_name, .. } => format!("{role_id}:{session_name}"),
            Self::Federated { account, name } => format!("{account}:{name}"),
            Self::Anonymous => return None,
        })
    }
}
