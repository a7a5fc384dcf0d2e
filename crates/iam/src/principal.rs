//! Who makes a request.

use std::fmt;

use sidegate_model::AccountId;

/// The principal of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Principal {
    /// The root user of an account.
    Root(AccountId),
    /// Whoever sent an unsigned request.
    Anonymous,
}

impl Principal {
    /// The account, or `None` for an anonymous one.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Root(account) => Some(account),
            Self::Anonymous => None,
        }
    }

    /// The ARN, or `None` for an anonymous one.
    pub fn arn(&self) -> Option<String> {
        self.account().map(|account| format!("arn:aws:iam::{account}:root"))
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.arn() {
            Some(arn) => f.write_str(&arn),
            None => f.write_str("anonymous"),
        }
    }
}
