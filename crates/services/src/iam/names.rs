//! The users and roles that policies of resources name. What is named by its ARN is kept by its unique id, so that a policy
//! does not speak of who is made later under the same name, and still speaks of who is renamed; it is shown by the ARN that
//! the id has, or by the id where there is nobody with it any longer.
//!
//! Source: IAM user guide, "AWS JSON policy elements: Principal" (IAM user principals, Role principals), "IAM identifiers".

use std::borrow::Cow;
use std::convert::Infallible;

use sidegate_iam::Policy;
use sidegate_model::AccountId;
use sidegate_wire::protocol::Failure;

use super::directory::Directory;
use super::fault::Fault;
use super::state::State;
use super::text::key;

/// What the unique ids of users and of roles begin with.
const IDS: [&str; 2] = ["AIDA", "AROA"];

/// A principal that there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid principal in policy: \"AWS\":\"{0}\"")]
pub struct UnknownPrincipal(pub String);

impl From<UnknownPrincipal> for Fault {
    fn from(unknown: UnknownPrincipal) -> Self {
        Failure::refused("MalformedPolicyDocument", unknown.to_string()).into()
    }
}

/// The names that policies of resources use. Those of nobody know no account, and leave all policies as they are.
#[derive(Clone, Debug, Default)]
pub struct Names(Option<Directory>);

impl Names {
    /// A policy of an account as it is kept.
    ///
    /// # Errors
    /// [`UnknownPrincipal`] if it names a user or a role that there is not. Of another account in which nothing was ever
    /// made, whoever is named may be there.
    pub fn keep(&self, account: &AccountId, document: &str) -> Result<String, UnknownPrincipal> {
        match &self.0 {
            Some(directory) => directory.state().keep_names(account, document),
            None => Ok(document.to_owned()),
        }
    }

    /// A policy as it is shown.
    pub fn show<'a>(&self, document: &'a str) -> Cow<'a, str> {
        match &self.0 {
            Some(directory) => directory.state().show_names(document),
            None => Cow::Borrowed(document),
        }
    }
}

impl Directory {
    /// The names of these identities.
    pub fn names(&self) -> Names {
        Names(Some(self.clone()))
    }
}

impl State {
    /// A policy of an account as it is kept.
    pub(super) fn keep_names(&self, account: &AccountId, document: &str) -> Result<String, UnknownPrincipal> {
        let kept = Policy::with_principals(document, |principal| {
            self.kept(account, principal).ok_or_else(|| UnknownPrincipal(principal.to_owned()))
        });
        kept.map(Cow::into_owned)
    }

    /// A policy as it is shown.
    pub(super) fn show_names<'a>(&self, document: &'a str) -> Cow<'a, str> {
        // Most policies name nobody by an id, and are not read for it.
        if !IDS.iter().any(|prefix| document.contains(prefix)) {
            return Cow::Borrowed(document);
        }
        let shown = Policy::with_principals(document, |principal| Ok::<_, Infallible>(self.arn_of(principal)));
        shown.unwrap_or_else(|never| match never {})
    }

    /// How a principal is kept where that is not as it is written, in a policy of an account. `None` for one that there is
    /// not.
    #[expect(clippy::option_option, reason = "whether there is one, and whether it is spelled otherwise")]
    fn kept(&self, own: &AccountId, principal: &str) -> Option<Option<String>> {
        if is_id(principal) {
            return self.arn_of(principal).map(|_| None);
        }
        let Some(entity) = Entity::read(principal) else { return Some(None) };
        match self.id_of(&entity) {
            Some(id) => Some(Some(id.to_owned())),
            None if entity.account == *own || self.accounts.contains_key(&entity.account) => None,
            None => Some(None),
        }
    }

    fn id_of(&self, entity: &Entity<'_>) -> Option<&str> {
        let account = self.accounts.get(&entity.account).filter(|_| entity.partition == "aws")?;
        let (id, path, name) = match entity.kind {
            Kind::User => account.users.get(&key(entity.name)).map(|user| (&user.id, &user.path, &user.name)),
            Kind::Role => account.roles.get(&key(entity.name)).map(|role| (&role.id, &role.path, &role.name)),
        }?;
        (path == entity.path && name == entity.name).then_some(id)
    }

    /// The ARN of whom a unique id is, if anybody has it.
    fn arn_of(&self, id: &str) -> Option<String> {
        self.accounts.iter().find_map(|(account, own)| {
            let user = || own.user_by_id(id).map(|user| user.arn(account));
            user().or_else(|| own.roles.values().find(|role| role.id == id).map(|role| role.arn(account)))
        })
    }
}

/// Whether it is a unique id, of whatever kind: what is neither an ARN nor an account nor everyone.
fn is_id(principal: &str) -> bool {
    principal.starts_with('A')
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    User,
    Role,
}

/// What an ARN of a user or of a role says.
struct Entity<'a> {
    partition: &'a str,
    account: AccountId,
    kind: Kind,
    /// With the slashes around it.
    path: &'a str,
    name: &'a str,
}

impl<'a> Entity<'a> {
    /// Reads an ARN; `None` if it is of something else.
    fn read(arn: &'a str) -> Option<Self> {
        let (partition, rest) = arn.strip_prefix("arn:")?.split_once(":iam::")?;
        let (account, resource) = rest.split_once(':')?;
        let (kind, rest) = match resource.strip_prefix("user") {
            Some(rest) => (Kind::User, rest),
            None => (Kind::Role, resource.strip_prefix("role")?),
        };
        let (path, name) = rest.split_at(rest.rfind('/')? + 1);
        Some(Self { partition, account: account.parse().ok()?, kind, path, name })
    }
}
