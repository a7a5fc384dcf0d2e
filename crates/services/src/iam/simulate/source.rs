//! The policies of a simulation, with what its answer calls them.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use sidegate_iam::{Attached, Policy, PolicyType, Span};
use sidegate_model::AccountId;

use super::super::fault::Fault;
use super::super::permissions::Permissions;
use super::super::policy::name_of;
use super::super::state::Account;
use super::outcome::{BOUNDARY, IDENTITY, RESOURCE};
use super::{account_of, kind_and_name};
use crate::organizations;

/// A policy of a simulation.
pub(in crate::iam) struct Source {
    /// `SourcePolicyId`
    pub(super) id: String,
    /// `SourcePolicyType`. AWS gives none of the words that its model lists.
    pub(super) kind: &'static str,
    pub(in crate::iam) policy: Arc<Policy>,
    text: Arc<str>,
    spans: OnceCell<Vec<Span>>,
}

impl Source {
    fn new(id: impl Into<String>, kind: &'static str, policy: Policy, text: &Arc<str>) -> Self {
        Self { id: id.into(), kind, policy: Arc::new(policy), text: Arc::clone(text), spans: OnceCell::new() }
    }

    /// A policy that is kept. One that is none grants nothing.
    fn kept(id: impl Into<String>, kind: &'static str, text: &Arc<str>) -> Self {
        let policy = Policy::parse(text, PolicyType::Simulated).unwrap_or_else(|_| Policy::nothing());
        Self::new(id, kind, policy, text)
    }

    pub(super) fn of_resource(policy: Policy, text: &Arc<str>) -> Self {
        Self::new("ResourcePolicy", RESOURCE, policy, text)
    }

    /// Where a statement stands in the policy's text.
    pub(super) fn span(&self, statement: usize) -> Option<Span> {
        self.spans.get_or_init(|| Policy::spans(&self.text)).get(statement).copied()
    }
}

/// The policies of `PolicyInputList`.
pub(in crate::iam) fn inputs(texts: &[Arc<str>]) -> Result<Vec<Source>, Fault> {
    let source = |(at, text): (usize, &Arc<str>)| {
        let number = at + 1;
        let policy = Policy::parse(text, PolicyType::Simulated)
            .map_err(|_| Fault::InvalidInput(format!("Policy input list item {number} has invalid content")))?;
        Ok(Source::new(format!("PolicyInputList.{number}"), IDENTITY, policy, text))
    };
    texts.iter().enumerate().map(source).collect()
}

/// The policy of `PermissionsBoundaryPolicyInputList`.
pub(super) fn boundary_input(text: &Arc<str>) -> Result<Source, Fault> {
    let policy = Policy::parse(text, PolicyType::Simulated).map_err(|_| {
        Fault::InvalidInput("Permissions boundary policy input list item 1 has invalid content".to_owned())
    })?;
    Ok(Source::new("PermissionsBoundaryPolicyInputList.1", BOUNDARY, policy, text))
}

/// A user, group or role with its policies; those of a user's groups are among them.
pub(in crate::iam) struct Principal {
    pub(super) arn: String,
    pub(in crate::iam) policies: Vec<Source>,
    pub(in crate::iam) boundary: Option<Source>,
}

impl Principal {
    /// Finds the entity that `PolicySourceArn` names, by its name alone.
    pub(in crate::iam) fn find(account: &Account, id: &AccountId, arn: &str) -> Result<Self, Fault> {
        let invalid = || Fault::InvalidInput(format!("Invalid ARN provided in the request: {arn}"));
        let (owner, resource) = account_of(arn).ok_or_else(invalid)?;
        let (kind, name) = kind_and_name(resource).ok_or_else(invalid)?;
        if owner != *id {
            let message = format!(
                "Invalid Policy Source Arn: caller's account {id} does not have access to policies in account {owner}."
            );
            return Err(Fault::InvalidInput(message));
        }
        let collected = Collected { account, id, policies: Vec::new(), managed: BTreeSet::new() };
        let found = match kind {
            "user" => collected.user(name),
            "group" => collected.group(name),
            _ => collected.role(name),
        };
        found.map_err(|_| Fault::NoSuchEntity("Unable to retrieve specified IAM entity.".to_owned()))
    }
}

/// Policies while they are collected.
struct Collected<'a> {
    account: &'a Account,
    id: &'a AccountId,
    policies: Vec<Source>,
    /// The ARNs of the managed ones: a policy that is attached in several places is one.
    managed: BTreeSet<String>,
}

impl Collected<'_> {
    fn user(mut self, name: &str) -> Result<Principal, Fault> {
        let user = self.account.user(name)?;
        self.add("user", &user.name, &user.permissions);
        for (_, group) in self.account.groups_of(&user.id) {
            self.add("group", &group.name, &group.permissions);
        }
        let arn = user.arn(self.id);
        Ok(self.end(arn, user.boundary.as_deref()))
    }

    fn group(mut self, name: &str) -> Result<Principal, Fault> {
        let group = self.account.group(name)?;
        self.add("group", &group.name, &group.permissions);
        let arn = group.arn(self.id);
        Ok(self.end(arn, None))
    }

    fn role(mut self, name: &str) -> Result<Principal, Fault> {
        let role = self.account.role(name)?;
        self.add("role", &role.name, &role.permissions);
        let arn = role.arn(self.id);
        Ok(self.end(arn, role.boundary.as_deref()))
    }

    fn add(&mut self, kind: &str, owner: &str, permissions: &Permissions) {
        for (name, text) in &permissions.inline {
            self.policies.push(Source::kept(format!("{kind}_{owner}_{name}"), IDENTITY, text));
        }
        for arn in &permissions.attached {
            if self.managed.insert(arn.clone()) {
                self.policies.push(self.managed(arn, IDENTITY));
            }
        }
    }

    /// A managed policy as it is in force. One that is gone grants nothing.
    fn managed(&self, arn: &str, kind: &'static str) -> Source {
        let text = self.account.managed(self.id, arn).and_then(|policy| policy.document()).cloned();
        Source::kept(name_of(arn), kind, &text.unwrap_or_else(|| "".into()))
    }

    fn end(self, arn: String, boundary: Option<&str>) -> Principal {
        let boundary = boundary.map(|arn| self.managed(arn, BOUNDARY));
        Principal { arn, policies: self.policies, boundary }
    }
}

/// The resource that a permission to learn a principal's policies is for: the principal, as it is called if it exists.
pub(in crate::iam) fn resource(account: &Account, id: &AccountId, arn: &str) -> String {
    let named = account_of(arn).filter(|(owner, _)| owner == id).and_then(|(_, resource)| kind_and_name(resource));
    match named {
        Some(("user", name)) if account.user(name).is_ok() => account.user_arn(id, name),
        Some(("group", name)) if account.group(name).is_ok() => account.group_arn(id, name),
        Some(("role", name)) if account.role(name).is_ok() => account.role_arn(id, name),
        _ => arn.to_owned(),
    }
}

/// The service control policies that bind an account, by level; `None` if it is in no organization.
pub(super) fn controls(
    organizations: Option<&organizations::Directory>, account: &AccountId,
) -> Option<Vec<Vec<Attached>>> {
    let membership = organizations?.membership(account)?;
    let policy = |document: organizations::Document| {
        let policy = Policy::parse(&document.text, PolicyType::ServiceControl).unwrap_or_else(|_| Policy::nothing());
        Attached::named(policy, document.arn)
    };
    Some(membership.service_control.into_iter().map(|level| level.into_iter().map(policy).collect()).collect())
}
