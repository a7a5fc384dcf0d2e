//! Whom a statement speaks of: the elements `Principal` and `NotPrincipal`.
//!
//! Source: IAM user guide, "AWS JSON policy elements: Principal", "AWS JSON policy elements: NotPrincipal", "Policy
//! evaluation logic" (how a resource-based policy's grant depends on whom it names).

use sidegate_model::AccountId;

use crate::Principal;
use crate::arn::ArnParts;
use crate::principal::{Account, Partition, path_and_name};

/// How a statement names the principal of a request, which tells what may limit its grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Naming {
    /// By its account, which delegates: the account's own policies must allow as well.
    Account,
    /// By the ARN of the role of a session, or of the user that federated it: permissions boundary and session policies limit the grant.
    Role,
    /// By itself, or everyone: nothing limits the grant.
    Itself,
}

/// The kind of a principal in a policy: the key under which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GranteeKind {
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

impl GranteeKind {
    pub(crate) const ALL: [Self; 4] = [Self::Aws, Self::CanonicalUser, Self::Federated, Self::Service];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Service => "Service",
            Self::Federated => "Federated",
            Self::CanonicalUser => "CanonicalUser",
        }
    }
}

/// One principal of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grantee {
    pub(crate) kind: GranteeKind,
    /// As it is written.
    pub(crate) text: Box<str>,
    who: Who,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    Everyone,
    /// An account by its id, or by the ARN of its root user, which has a partition.
    Account(Option<Partition>, AccountId),
    User {
        account: Account,
        path: String,
        name: String,
    },
    Role {
        account: Account,
        path: String,
        name: String,
    },
    Session {
        account: Account,
        role: String,
        session: String,
    },
    FederatedUser {
        account: Account,
        name: String,
    },
    /// A user or role by its unique id, which is what its ARN becomes when it is deleted.
    Id,
    Service,
    Federated,
    /// An account by the id that S3 has for it, which S3 alone can tell.
    CanonicalUser,
    /// One that no principal of ours is: an identity that CloudFront has.
    Other,
}

impl Grantee {
    /// Reads a principal; `None` if it is none.
    pub(crate) fn parse(kind: GranteeKind, text: &str) -> Option<Self> {
        let who = match kind {
            GranteeKind::Aws => Self::aws(text)?,
            GranteeKind::Service if !text.is_empty() => Who::Service,
            GranteeKind::Federated if !text.is_empty() => Who::Federated,
            GranteeKind::CanonicalUser if !text.is_empty() => Who::CanonicalUser,
            _ => return None,
        };
        Some(Self { kind, text: text.into(), who })
    }

    /// The canonical user that it names, if it names one.
    pub(crate) fn canonical_user(&self) -> Option<&str> {
        matches!(self.who, Who::CanonicalUser).then_some(&*self.text)
    }

    /// Has it name an account in place of its canonical user.
    pub(crate) fn becomes(&mut self, account: AccountId) {
        self.who = Who::Account(None, account);
    }

    /// Everyone: the principal `*` without a kind.
    pub(crate) fn everyone() -> Self {
        Self { kind: GranteeKind::Aws, text: "*".into(), who: Who::Everyone }
    }

    fn aws(text: &str) -> Option<Who> {
        if text == "*" {
            return Some(Who::Everyone);
        }
        if let Ok(account) = text.parse() {
            return Some(Who::Account(None, account));
        }
        if text.starts_with('A')
            && text.len() >= 16
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        {
            return Some(Who::Id);
        }
        let arn = ArnParts::of(text);
        let (partition, resource) = (Partition::named(arn.partition()?)?, arn.resource()?);
        if text.contains(['*', '?']) {
            return None;
        }
        let Ok(id) = arn.account()?.parse() else {
            return (arn.account() == Some("cloudfront")).then_some(Who::Other);
        };
        let account = Account { partition, id };
        let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
        match (arn.service()?, kind) {
            ("iam", "root") if resource == "root" => Some(Who::Account(Some(partition), account.id)),
            ("iam", "user") => path_and_name(rest).map(|(path, name)| Who::User { account, path, name }),
            ("iam", "role") => path_and_name(rest).map(|(path, name)| Who::Role { account, path, name }),
            ("sts", "assumed-role") => {
                let (role, session) = rest.split_once('/')?;
                Some(Who::Session { account, role: role.to_owned(), session: session.to_owned() })
            }
            ("sts", "federated-user") if !rest.is_empty() => {
                Some(Who::FederatedUser { account, name: rest.to_owned() })
            }
            _ => None,
        }
    }

    /// How it names the principal, if it does.
    fn names(&self, principal: &Principal) -> Option<Naming> {
        let named = match (&self.who, principal) {
            (Who::Everyone, _) => return Some(Naming::Itself),
            (Who::Account(partition, id), _) => {
                let own = principal.whole_account()?;
                let same = own.id == *id && partition.is_none_or(|partition| partition == own.partition);
                let naming = if matches!(principal, Principal::Root(_)) { Naming::Itself } else { Naming::Account };
                return same.then_some(naming);
            }
            (Who::Role { .. }, Principal::AssumedRole { .. }) => {
                return self.is_role_of(principal).then_some(Naming::Role);
            }
            (Who::User { account, path, name }, Principal::User { account: a, path: p, name: n, .. }) => {
                (account, path, name) == (a, p, n)
            }
            (
                Who::Session { account, role, session },
                Principal::AssumedRole { account: a, role: r, session: s, .. },
            ) => (account, role, session) == (a, r, s),
            (Who::FederatedUser { account, name }, Principal::FederatedUser { account: a, name: n, .. }) => {
                (account, name) == (a, n)
            }
            // A grant to the user is one to its sessions, as far as their policies go.
            (Who::User { .. } | Who::Id, Principal::FederatedUser { by: Some(user), .. }) => {
                return self.names(user).map(|_| Naming::Role);
            }
            (Who::Id, Principal::User { id: Some(id), .. }) => *self.text == **id,
            (Who::Id, Principal::AssumedRole { role_id: Some(id), .. }) => {
                return (*self.text == **id).then_some(Naming::Role);
            }
            (Who::Service, Principal::Service(name)) => *self.text == *name.as_str() || &*self.text == "*",
            // Some providers have a name that reads like that of a service.
            (Who::Federated, Principal::Federated(name) | Principal::Service(name)) => {
                *self.text == *name.as_str() || &*self.text == "*"
            }
            _ => false,
        };
        named.then_some(Naming::Itself)
    }

    /// Whether it is the role of a session. A session's ARN does not tell the role's path, and names of roles are unique
    /// in an account whatever their paths.
    fn is_role_of(&self, principal: &Principal) -> bool {
        match (&self.who, principal) {
            (Who::Role { account, path, name }, Principal::AssumedRole { account: a, role_path, role, .. }) => {
                account == a && name == role && role_path.as_ref().is_none_or(|own| own == path)
            }
            _ => false,
        }
    }

    fn is_session_of_role_of(&self, principal: &Principal) -> bool {
        match (&self.who, principal) {
            (Who::Session { account, role, .. }, Principal::AssumedRole { account: a, role: r, .. }) => {
                (account, role) == (a, r)
            }
            _ => false,
        }
    }
}

/// The element `Principal` or `NotPrincipal` of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grantees {
    pub(crate) negated: bool,
    /// Whether it is written as `"*"` and not as an object.
    pub(crate) star: bool,
    pub(crate) list: Vec<Grantee>,
}

/// What is known of the principal and the policy when the element is compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) denies: bool,
    /// Whether the principal has a permissions boundary.
    pub(crate) bounded: bool,
    /// Whether an account means its root user alone, as in an allowing statement of a gateway endpoint's policy.
    pub(crate) accounts_are_roots: bool,
}

impl Grantees {
    /// How the element covers the principal, if it does.
    pub(crate) fn cover(&self, asked: Asked<'_>) -> Option<Naming> {
        if self.negated {
            return self.covers_by_exception(asked).then_some(Naming::Itself);
        }
        let names = |grantee: &Grantee| match grantee.names(asked.principal) {
            Some(Naming::Account) if asked.accounts_are_roots && !asked.denies => None,
            naming => naming,
        };
        self.list.iter().filter_map(names).max()
    }

    /// Whether `NotPrincipal` leaves the principal in.
    ///
    /// A denial is checked for the account, then for the role, then for the session or user, so all of them must be named
    /// to be spared, and a principal with a permissions boundary never is.
    fn covers_by_exception(&self, asked: Asked<'_>) -> bool {
        let principal = asked.principal;
        if !asked.denies {
            return !self.list.iter().any(|grantee| grantee.names(principal).is_some());
        }
        if asked.bounded {
            return true;
        }
        let itself = self.list.iter().any(|grantee| grantee.names(principal) == Some(Naming::Itself));
        if principal.whole_account().is_none() || self.list.iter().any(|grantee| grantee.who == Who::Everyone) {
            return !itself;
        }
        let account = self
            .list
            .iter()
            .any(|grantee| matches!(grantee.who, Who::Account(..)) && grantee.names(principal).is_some());
        let spared = match principal {
            Principal::AssumedRole { .. } => {
                let role = self.list.iter().any(|g| g.names(principal) == Some(Naming::Role));
                let others = self.list.iter().any(|g| g.is_session_of_role_of(principal));
                account && role && (itself || !others)
            }
            _ => account && itself,
        };
        !spared
    }
}
