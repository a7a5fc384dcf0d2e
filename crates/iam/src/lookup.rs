//! The condition keys of a request: those that were given, and those that follow from its principal and its resource.
//!
//! Source: IAM user guide, "AWS global condition context keys", "IAM policy elements: Variables and tags" (the table of
//! principal key values).

use std::cell::OnceCell;

use crate::context::Values;
use crate::{Context, Principal};

/// A key that follows from the principal or the resource unless it is given.
#[derive(Clone, Copy, Debug)]
enum Derived {
    PrincipalArn,
    PrincipalAccount,
    PrincipalType,
    UserId,
    UserName,
    IsAwsService,
    ServiceName,
    ResourceAccount,
    ViaAwsService,
}

impl Derived {
    fn named(key: &str) -> Option<Self> {
        Some(match key.strip_prefix("aws:")? {
            "principalarn" => Self::PrincipalArn,
            "principalaccount" => Self::PrincipalAccount,
            "principaltype" => Self::PrincipalType,
            "userid" => Self::UserId,
            "username" => Self::UserName,
            "principalisawsservice" => Self::IsAwsService,
            "principalservicename" => Self::ServiceName,
            "resourceaccount" => Self::ResourceAccount,
            "viaawsservice" => Self::ViaAwsService,
            _ => return None,
        })
    }

    fn value(self, principal: &Principal, resource_account: Option<&str>) -> Option<String> {
        match self {
            Self::PrincipalArn => principal.role_arn().or_else(|| principal.arn()),
            Self::PrincipalAccount => match principal {
                Principal::Anonymous => Some("anonymous".to_owned()),
                other => other.account().map(ToString::to_string),
            },
            Self::PrincipalType => principal_type(principal).map(str::to_owned),
            Self::UserId => user_id(principal),
            Self::UserName => match principal {
                Principal::User { name, .. } => Some(name.clone()),
                _ => None,
            },
            Self::IsAwsService => match principal {
                Principal::Anonymous | Principal::Federated(_) => None,
                other => Some(matches!(other, Principal::Service(_)).to_string()),
            },
            Self::ServiceName => match principal {
                Principal::Service(name) => Some(name.clone()),
                _ => None,
            },
            Self::ResourceAccount => resource_account.map(str::to_owned),
            Self::ViaAwsService => match principal {
                Principal::Anonymous => None,
                _ => Some("false".to_owned()),
            },
        }
    }
}

fn principal_type(principal: &Principal) -> Option<&'static str> {
    match principal {
        Principal::Root(_) => Some("Account"),
        Principal::User { .. } => Some("User"),
        Principal::AssumedRole { .. } => Some("AssumedRole"),
        Principal::FederatedUser { .. } => Some("FederatedUser"),
        Principal::Anonymous => Some("Anonymous"),
        Principal::Unnamed(_) | Principal::Federated(_) | Principal::Service(_) => None,
    }
}

fn user_id(principal: &Principal) -> Option<String> {
    match principal {
        Principal::Root(account) => Some(account.id.to_string()),
        Principal::User { id, .. } => id.clone(),
        Principal::AssumedRole { role_id, session, .. } => role_id.as_ref().map(|id| format!("{id}:{session}")),
        Principal::FederatedUser { account, name, .. } => Some(format!("{}:{name}", account.id)),
        Principal::Anonymous => Some("anonymous".to_owned()),
        Principal::Unnamed(_) | Principal::Federated(_) | Principal::Service(_) => None,
    }
}

/// Finds the values of condition keys. What follows from the principal is made when it is asked for.
#[derive(Debug)]
pub(crate) struct Lookup<'a> {
    requirement: &'a Context,
    request: &'a Context,
    principal: &'a Principal,
    resource_account: Option<&'a str>,
    derived: [OnceCell<Option<Box<str>>>; 9],
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(
        requirement: &'a Context, request: &'a Context, principal: &'a Principal, resource_account: Option<&'a str>,
    ) -> Self {
        Self { requirement, request, principal, resource_account, derived: Default::default() }
    }

    /// The values of a key, whose name is in lower case; `None` if it is missing.
    pub(crate) fn values(&self, key: &str) -> Option<&[Box<str>]> {
        if let Some(values) = self.requirement.folded(key).or_else(|| self.request.folded(key)) {
            return Some(values.as_slice());
        }
        let derived = Derived::named(key)?;
        let made = || derived.value(self.principal, self.resource_account).map(String::into_boxed_str);
        self.derived.get(derived as usize)?.get_or_init(made).as_ref().map(std::slice::from_ref)
    }

    /// The values of a key as they are shown.
    pub(crate) fn shown(&self, key: &str) -> Option<Values> {
        let given = self.requirement.folded(key).or_else(|| self.request.folded(key)).cloned();
        given.or_else(|| self.single(key).map(|value| Values::One(value.into())))
    }

    /// The value of a single-valued key. A multivalued one has none, however many it has: it cannot be a variable.
    pub(crate) fn single(&self, key: &str) -> Option<&str> {
        match self.requirement.folded(key).or_else(|| self.request.folded(key)) {
            Some(Values::One(value)) => Some(value),
            Some(Values::Many(_)) => None,
            None => self.values(key)?.first().map(|value| &**value),
        }
    }
}
