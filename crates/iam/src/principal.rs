//! Who makes a request.
//!
//! Source: IAM user guide, "AWS JSON policy elements: Principal", "IAM identifiers", "IAM policy elements: Variables and
//! tags" (the table of principal key values).

use std::fmt;
use std::str::FromStr;

use sidegate_model::AccountId;

use crate::arn::ArnParts;

/// A group of Regions with accounts of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Partition {
    /// The Regions open to everyone.
    #[default]
    Aws,
    /// China.
    AwsCn,
    /// GovCloud (US).
    AwsUsGov,
    /// The European Sovereign Cloud.
    AwsEusc,
    /// Isolated (ISO).
    AwsIso,
    /// Isolated (ISO-B).
    AwsIsoB,
    /// Isolated (ISO-E).
    AwsIsoE,
    /// Isolated (ISO-F).
    AwsIsoF,
}

impl Partition {
    const ALL: [Self; 8] = [
        Self::Aws,
        Self::AwsCn,
        Self::AwsUsGov,
        Self::AwsEusc,
        Self::AwsIso,
        Self::AwsIsoB,
        Self::AwsIsoE,
        Self::AwsIsoF,
    ];

    /// The name in ARNs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsEusc => "aws-eusc",
            Self::AwsIso => "aws-iso",
            Self::AwsIsoB => "aws-iso-b",
            Self::AwsIsoE => "aws-iso-e",
            Self::AwsIsoF => "aws-iso-f",
        }
    }

    /// The partition with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|partition| partition.as_str() == name)
    }
}

/// An account and the partition that it is in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// The partition.
    pub partition: Partition,
    /// The account's id.
    pub id: AccountId,
}

impl From<AccountId> for Account {
    fn from(id: AccountId) -> Self {
        Self { partition: Partition::Aws, id }
    }
}

impl FromStr for Account {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<AccountId>().map(Self::from)
    }
}

/// The principal of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Principal {
    /// The root user of an account.
    Root(Account),
    /// A user.
    User {
        /// Its account.
        account: Account,
        /// Its path, which begins and ends with a slash.
        path: String,
        /// Its name.
        name: String,
        /// Its unique id, such as `AIDA…`: `aws:userid`.
        id: Option<String>,
    },
    /// A session of a role.
    AssumedRole {
        /// The role's account.
        account: Account,
        /// The role's path, which begins and ends with a slash; `None` where only the session's ARN is known, which does
        /// not tell it.
        role_path: Option<String>,
        /// The role's name.
        role: String,
        /// The role's unique id, such as `AROA…`: the first part of `aws:userid`.
        role_id: Option<String>,
        /// The session's name.
        session: String,
    },
    /// A session that a user federated.
    FederatedUser {
        /// The user's account.
        account: Account,
        /// The session's name.
        name: String,
        /// The user that asked for the session, where that is known and limited it by a policy: what a resource's policy
        /// says of the user, it says of the session.
        by: Option<Box<Principal>>,
    },
    /// Someone of an account of whom nothing else is known, such as a member of a group. Only simulations have one.
    Unnamed(Account),
    /// Someone that an identity provider vouches for and who has no credentials of AWS yet: by the provider's domain or
    /// its ARN.
    Federated(String),
    /// A service of AWS that calls on its own behalf, such as `lambda.amazonaws.com`.
    Service(String),
    /// Whoever sent an unsigned request.
    Anonymous,
}

/// Why a text is no principal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a principal: the ARN of a user, a role's session, a federated user or a root user is expected, or \
     the name of a service, or `anonymous`"
)]
pub struct PrincipalError {
    /// The text.
    pub text: String,
}

impl Principal {
    /// A user of an account.
    pub fn user(account: impl Into<Account>, path: impl Into<String>, name: impl Into<String>) -> Self {
        Self::User { account: account.into(), path: path.into(), name: name.into(), id: None }
    }

    /// A session of a role whose path is `/`.
    pub fn assumed_role(account: impl Into<Account>, role: impl Into<String>, session: impl Into<String>) -> Self {
        Self::AssumedRole {
            account: account.into(),
            role_path: Some("/".to_owned()),
            role: role.into(),
            role_id: None,
            session: session.into(),
        }
    }

    /// Reads an ARN, the name of a service or of an identity provider, or `anonymous`, for which `ANON` and `*` stand too.
    ///
    /// # Errors
    /// [`PrincipalError`] if it is nothing of that.
    ///
    /// ```
    /// use sidegate_iam::Principal;
    ///
    /// let session = Principal::parse("arn:aws:sts::111111111111:assumed-role/app/s1")?;
    /// assert_eq!(session.role_arn().as_deref(), Some("arn:aws:iam::111111111111:role/app"));
    /// # Ok::<(), sidegate_iam::PrincipalError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, PrincipalError> {
        let error = || PrincipalError { text: text.to_owned() };
        if ["*", "anonymous", "anon"].iter().any(|name| text.eq_ignore_ascii_case(name)) {
            return Ok(Self::Anonymous);
        }
        let arn = ArnParts::of(text);
        if arn.service().is_some() {
            return Self::of_arn(&arn).ok_or_else(error);
        }
        let is_name = text.contains('.')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/' | b':'));
        match is_name {
            true if text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") => {
                Ok(Self::Service(text.to_owned()))
            }
            true => Ok(Self::Federated(text.to_owned())),
            false => Err(error()),
        }
    }

    fn of_arn(arn: &ArnParts<'_>) -> Option<Self> {
        let account =
            Account { partition: arn.partition().and_then(Partition::named)?, id: arn.account()?.parse().ok()? };
        let resource = arn.resource()?;
        let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
        match (arn.service()?, kind) {
            ("iam", "root") if resource == "root" => Some(Self::Root(account)),
            ("iam", "user") => {
                let (path, name) = path_and_name(rest)?;
                Some(Self::User { account, path, name, id: None })
            }
            ("iam", "saml-provider" | "oidc-provider") if !rest.is_empty() => {
                Some(Self::Federated(arn.text.to_owned()))
            }
            ("sts", "assumed-role") => {
                let (role, session) = rest.split_once('/').filter(|(role, s)| !role.is_empty() && !s.is_empty())?;
                Some(Self::AssumedRole {
                    account,
                    role_path: None,
                    role: role.to_owned(),
                    role_id: None,
                    session: session.to_owned(),
                })
            }
            ("sts", "federated-user") if !rest.is_empty() => {
                Some(Self::FederatedUser { account, name: rest.to_owned(), by: None })
            }
            _ => None,
        }
    }

    /// The account's id; `None` for a service, an identity provider's user and an anonymous one.
    pub fn account(&self) -> Option<&AccountId> {
        self.whole_account().map(|account| &account.id)
    }

    pub(crate) fn whole_account(&self) -> Option<&Account> {
        match self {
            Self::Root(account)
            | Self::User { account, .. }
            | Self::AssumedRole { account, .. }
            | Self::FederatedUser { account, .. }
            | Self::Unnamed(account) => Some(account),
            Self::Federated(_) | Self::Service(_) | Self::Anonymous => None,
        }
    }

    /// The ARN, or `None` for a principal that has none.
    pub fn arn(&self) -> Option<String> {
        let arn = |service, account: &Account, resource: fmt::Arguments<'_>| {
            Some(format!("arn:{}:{service}::{}:{resource}", account.partition.as_str(), account.id))
        };
        match self {
            Self::Root(account) => arn("iam", account, format_args!("root")),
            Self::User { account, path, name, .. } => arn("iam", account, format_args!("user{path}{name}")),
            Self::AssumedRole { account, role, session, .. } => {
                arn("sts", account, format_args!("assumed-role/{role}/{session}"))
            }
            Self::FederatedUser { account, name, .. } => arn("sts", account, format_args!("federated-user/{name}")),
            Self::Unnamed(_) | Self::Federated(_) | Self::Service(_) | Self::Anonymous => None,
        }
    }

    /// The ARN of the role, if this is a session of one. A path that is not known is taken for `/`.
    pub fn role_arn(&self) -> Option<String> {
        match self {
            Self::AssumedRole { account: Account { partition, id }, role_path, role, .. } => {
                let path = role_path.as_deref().unwrap_or("/");
                Some(format!("arn:{}:iam::{id}:role{path}{role}", partition.as_str()))
            }
            _ => None,
        }
    }

    /// Whether it is a session of a service-linked role, which neither service control policies nor resource control
    /// policies restrict.
    ///
    /// Source: Organizations user guide, "Service control policies", "Resource control policies".
    pub fn is_service_linked(&self) -> bool {
        match self {
            Self::AssumedRole { role_path: Some(path), .. } => path.starts_with("/aws-service-role/"),
            Self::AssumedRole { role_path: None, role, .. } => role.starts_with("AWSServiceRoleFor"),
            _ => false,
        }
    }
}

/// Splits `division/name` into a path and a name.
pub(crate) fn path_and_name(text: &str) -> Option<(String, String)> {
    let (path, name) = match text.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name),
        None => ("/".to_owned(), text),
    };
    (!name.is_empty()).then(|| (path, name.to_owned()))
}

/// The name by which AWS's messages call it.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(name) | Self::Federated(name) => f.write_str(name),
            Self::Anonymous => f.write_str("anonymous"),
            Self::Unnamed(account) => write!(f, "account {}", account.id),
            other => f.write_str(&other.arn().unwrap_or_default()),
        }
    }
}

impl FromStr for Principal {
    type Err = PrincipalError;

    fn from_str(text: &str) -> Result<Self, PrincipalError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_read_from_its_arn_and_shown_by_it() {
        for arn in [
            "arn:aws:iam::111111111111:root",
            "arn:aws:iam::111111111111:user/ana",
            "arn:aws-cn:iam::111111111111:user/division/ana",
            "arn:aws-us-gov:sts::111111111111:assumed-role/app/s1",
            "arn:aws:sts::111111111111:federated-user/bob",
            "arn:aws:iam::111111111111:saml-provider/corp",
            "lambda.amazonaws.com",
            "accounts.google.com",
            "anonymous",
        ] {
            assert_eq!(Principal::parse(arn).unwrap().to_string(), arn);
        }
        assert_eq!(Principal::parse("ANON"), Ok(Principal::Anonymous));
        assert_eq!(Principal::parse("*"), Ok(Principal::Anonymous));
    }

    #[test]
    fn what_is_no_principal_is_refused() {
        for text in [
            "",
            "ana",
            "arn:aws:iam::111:user/ana",
            "arn:aws:iam::111111111111:role/app",
            "arn:aws:iam::111111111111:group/g",
            "arn:aws:sts::111111111111:assumed-role/app",
            "arn:aws:iam::111111111111:user/",
            "arn:mars:iam::111111111111:root",
        ] {
            assert!(Principal::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_service_linked_role_is_known_by_its_path_or_by_its_name() {
        let session = Principal::parse("arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForECS/s").unwrap();
        assert!(session.is_service_linked());
        let account: AccountId = "111111111111".parse().unwrap();
        assert!(!Principal::assumed_role(account, "AWSServiceRoleForNothing", "s").is_service_linked());
    }
}
