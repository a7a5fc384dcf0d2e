//! How secrets and their versions are named.

use sidegate_model::{AccountId, Scope};

use super::fault::Fault;
use super::random;
use crate::constraint::length;
use crate::random::uuid;

/// The longest name of a secret.
const LONGEST_NAME: usize = 512;

/// The name of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretName(String);

impl SecretName {
    /// A name for a new secret.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        length("name", text, 1, LONGEST_NAME)?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte);
        if text.bytes().all(allowed) { Ok(Self(text.to_owned())) } else { Err(Fault::InvalidName) }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The ARN of a new secret of this name.
    pub(super) fn new_arn(&self, scope: &Scope) -> Result<String, Fault> {
        Ok(arn(scope, &format!("{}-{}", self.0, random::suffix()?)))
    }

    /// Stands for the ARN where the secret, and so its last six characters, do not exist.
    pub(super) fn unresolved_arn(&self, scope: &Scope) -> String {
        unresolved_arn(scope, &self.0)
    }
}

/// What a request names a secret by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SecretId {
    /// Its name.
    Name(String),
    /// Its ARN, with or without the last hyphen and six characters.
    Arn {
        /// As it was given.
        text: String,
        /// Whose secret it is.
        account: AccountId,
        /// Where the secret is.
        region: String,
        /// What follows `secret:`.
        rest: String,
    },
}

impl SecretId {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        length("secretId", text, 1, 2048)?;
        // Secrets that other services manage have names with `!`.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-!".contains(&byte);
        if text.bytes().all(allowed) {
            return Ok(Self::Name(text.to_owned()));
        }
        let parts: Vec<&str> = text.splitn(7, ':').collect();
        match parts.as_slice() {
            ["arn", "aws", "secretsmanager", region, account, "secret", rest]
                if !rest.is_empty() && rest.bytes().all(allowed) =>
            {
                Ok(Self::Arn {
                    text: text.to_owned(),
                    account: account.parse().map_err(|_| Fault::InvalidName)?,
                    region: (*region).to_owned(),
                    rest: (*rest).to_owned(),
                })
            }
            _ => Err(Fault::InvalidName),
        }
    }

    /// Stands for the ARN where the secret does not exist.
    pub(super) fn unresolved_arn(&self, scope: &Scope) -> String {
        match self {
            Self::Name(name) => unresolved_arn(scope, name),
            Self::Arn { text, rest, .. } if looks_complete(rest) => text.clone(),
            Self::Arn { text, .. } => format!("{text}-??????"),
        }
    }
}

/// Whether the end of an ARN is taken for the hyphen and the six characters that Secrets Manager adds to a name.
///
/// Source: Secrets Manager user guide, "Finding a secret from a partial ARN".
pub(super) fn looks_complete(rest: &str) -> bool {
    let end = rest.len().checked_sub(7).and_then(|at| rest.get(at..)).and_then(|end| end.strip_prefix('-'));
    end.is_some_and(|suffix| suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn unresolved_arn(scope: &Scope, name: &str) -> String {
    arn(scope, &format!("{name}-??????"))
}

/// The ARN of a secret.
pub(super) fn arn(scope: &Scope, rest: &str) -> String {
    format!("arn:aws:secretsmanager:{}:{}:secret:{rest}", scope.region, scope.account)
}

/// The id of a version: the `ClientRequestToken` that it was made with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct VersionId(String);

impl VersionId {
    pub(super) fn parse(member: &'static str, text: &str) -> Result<Self, Fault> {
        length(member, text, 32, 64)?;
        Ok(Self(text.to_owned()))
    }

    /// The id that a request gives, or a new one.
    pub(super) fn given_or_new(token: Option<&str>) -> Result<Self, Fault> {
        match token {
            Some(token) => Self::parse("clientRequestToken", token),
            None => Ok(Self(uuid()?)),
        }
    }

    /// An id that was checked when it was stored.
    pub(super) fn stored(text: String) -> Self {
        Self(text)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
