//! An organization: a value with everything that belongs to it, and the rules of AWS for changing it.
//!
//! Nothing here knows the clock, the store or a request: times are Unix milliseconds that are handed in, as ids are.

mod entity;
mod membership;
mod policies;
mod services;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;

pub(super) use entity::{
    Account, Action, CreateRequest, FeatureSet, Handshake, HandshakeState, Joined, Party, Policy, ResourcePolicy,
    Standing, Tags, Unit,
};
pub use membership::{Document, Membership};
pub(super) use policies::managed_policies;
pub(super) use tree::MOST_ACCOUNTS;

use super::fault::{Constraint, Fault};
use super::id::{
    HandshakeId, OrganizationId, ParentId, PolicyId, RequestId, ResourcePolicyId, RootId, TaggableId, TargetId, UnitId,
};
use super::kind::PolicyKind;

/// How many tags a resource may have.
const MOST_TAGS: usize = 50;

/// What an organization is apart from what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) id: OrganizationId,
    pub(super) root: RootId,
    pub(super) management: AccountId,
    pub(super) feature_set: FeatureSet,
    /// The types of policies that are enabled in the root.
    pub(super) enabled: BTreeSet<PolicyKind>,
    pub(super) root_tags: Tags,
}

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Organization {
    pub(super) head: Head,
    pub(super) units: BTreeMap<UnitId, Unit>,
    pub(super) accounts: BTreeMap<AccountId, Account>,
    /// The organization's own policies; AWS's are the same everywhere.
    pub(super) policies: BTreeMap<PolicyId, Policy>,
    /// What is attached to each target, and since when.
    pub(super) attachments: BTreeMap<TargetId, BTreeMap<PolicyId, i64>>,
    pub(super) handshakes: BTreeMap<HandshakeId, Handshake>,
    pub(super) requests: BTreeMap<RequestId, CreateRequest>,
    /// The services that may work with the organization, and since when.
    pub(super) services: BTreeMap<String, i64>,
    /// Who administers a service for the organization, and since when.
    pub(super) delegates: BTreeMap<(AccountId, String), i64>,
    pub(super) resource_policy: BTreeMap<ResourcePolicyId, ResourcePolicy>,
}

impl Organization {
    /// A new organization with its management account, which is its only one. No type of policies is enabled yet: the
    /// reference says that service control policies are, but who makes an organization through the API finds otherwise.
    ///
    /// Source: the acceptance tests of Terraform's AWS provider; API reference, "CreateOrganization", against it.
    pub(super) fn new(
        id: OrganizationId, root: RootId, management: AccountId, account: Account, feature_set: FeatureSet,
    ) -> Self {
        let (enabled, root_tags) = (BTreeSet::new(), Tags::new());
        let mut organization =
            Self::of(Head { id, root, management: management.clone(), feature_set, enabled, root_tags });
        organization.accounts.insert(management, account);
        organization
    }

    /// An organization with nothing in it, not even its management account.
    pub(super) fn of(head: Head) -> Self {
        Self {
            head,
            units: BTreeMap::new(),
            accounts: BTreeMap::new(),
            policies: BTreeMap::new(),
            attachments: BTreeMap::new(),
            handshakes: BTreeMap::new(),
            requests: BTreeMap::new(),
            services: BTreeMap::new(),
            delegates: BTreeMap::new(),
            resource_policy: BTreeMap::new(),
        }
    }

    /// The root, as what things are in.
    pub(super) fn root(&self) -> ParentId {
        ParentId::Root(self.head.root.clone())
    }

    /// An ARN in the organization.
    pub(super) fn arn(&self, kind: &str, rest: &str) -> String {
        format!("arn:aws:organizations::{}:{kind}/{}{rest}", self.head.management, self.head.id)
    }

    /// The ARN of the organization itself.
    pub(super) fn own_arn(&self) -> String {
        self.arn("organization", "")
    }

    /// The ARN of the root, a unit or an account.
    pub(super) fn target_arn(&self, target: &TargetId) -> String {
        let kind = match target {
            TargetId::Parent(ParentId::Root(_)) => "root",
            TargetId::Parent(ParentId::Unit(_)) => "ou",
            TargetId::Account(_) => "account",
        };
        self.arn(kind, &format!("/{target}"))
    }

    /// The ARN of a policy, whether or not there is one.
    pub(super) fn policy_arn(&self, id: &PolicyId) -> String {
        let kind = self.policy(id).map_or_else(|| "*".to_owned(), |policy| policy.kind.in_arn());
        if managed_policies().contains_key(id) {
            return format!("arn:aws:organizations::aws:policy/{kind}/{id}");
        }
        self.arn("policy", &format!("/{kind}/{id}"))
    }

    /// The ARN of a handshake.
    pub(super) fn handshake_arn(&self, id: &HandshakeId, action: Action) -> String {
        self.arn("handshake", &format!("/{}/{id}", action.name().to_ascii_lowercase()))
    }

    /// The ARN of what can have tags.
    pub(super) fn taggable_arn(&self, id: &TaggableId) -> String {
        match id {
            TaggableId::Target(target) => self.target_arn(target),
            TaggableId::Policy(policy) => self.policy_arn(policy),
            TaggableId::ResourcePolicy(policy) => self.arn("resourcepolicy", &format!("/{policy}")),
        }
    }

    /// The tags of a resource.
    pub(super) fn tags(&self, id: &TaggableId) -> Option<&Tags> {
        match id {
            TaggableId::Target(TargetId::Parent(ParentId::Root(root))) => {
                (*root == self.head.root).then_some(&self.head.root_tags)
            }
            TaggableId::Target(TargetId::Parent(ParentId::Unit(unit))) => self.units.get(unit).map(|unit| &unit.tags),
            TaggableId::Target(TargetId::Account(account)) => self.accounts.get(account).map(|account| &account.tags),
            TaggableId::Policy(policy) => self.policy(policy).map(|policy| &policy.tags),
            TaggableId::ResourcePolicy(policy) => self.resource_policy.get(policy).map(|policy| &policy.tags),
        }
    }

    /// Changes the tags of a resource.
    pub(super) fn change_tags(&mut self, id: &TaggableId, change: impl FnOnce(&mut Tags)) -> Result<(), Fault> {
        let tags = match id {
            TaggableId::Target(TargetId::Parent(ParentId::Root(root))) => {
                (*root == self.head.root).then_some(&mut self.head.root_tags)
            }
            TaggableId::Target(TargetId::Parent(ParentId::Unit(unit))) => {
                self.units.get_mut(unit).map(|unit| &mut unit.tags)
            }
            TaggableId::Target(TargetId::Account(account)) => {
                self.accounts.get_mut(account).map(|account| &mut account.tags)
            }
            TaggableId::Policy(policy) => self.policies.get_mut(policy).map(|policy| &mut policy.tags),
            TaggableId::ResourcePolicy(policy) => self.resource_policy.get_mut(policy).map(|policy| &mut policy.tags),
        };
        let tags = tags.ok_or(Fault::TargetNotFound)?;
        change(tags);
        check_tags(tags)
    }

    /// A policy, AWS's own ones included.
    pub(super) fn policy(&self, id: &PolicyId) -> Option<&Policy> {
        self.policies.get(id).or_else(|| managed_policies().get(id))
    }

    /// Whether the root, a unit or an account is there.
    pub(super) fn has(&self, target: &TargetId) -> bool {
        match target {
            TargetId::Parent(parent) => self.has_parent(parent),
            TargetId::Account(account) => self.accounts.contains_key(account),
        }
    }

    /// Whether the root or a unit is there.
    pub(super) fn has_parent(&self, parent: &ParentId) -> bool {
        match parent {
            ParentId::Root(root) => *root == self.head.root,
            ParentId::Unit(unit) => self.units.contains_key(unit),
        }
    }

    /// The targets of policies: the root, every unit and every account.
    pub(super) fn targets(&self) -> impl Iterator<Item = TargetId> + '_ {
        let units = self.units.keys().cloned().map(TargetId::from);
        let accounts = self.accounts.keys().cloned().map(TargetId::Account);
        [TargetId::Parent(self.root())].into_iter().chain(units).chain(accounts)
    }

    /// The text of a policy, with what names it.
    fn document(&self, id: &PolicyId) -> Option<Document> {
        let policy = self.policy(id)?;
        Some(Document { arn: self.policy_arn(id), name: policy.name.clone(), text: Arc::clone(&policy.content) })
    }
}

/// Checks how many tags there are.
pub(super) fn check_tags(tags: &Tags) -> Result<(), Fault> {
    if tags.len() > MOST_TAGS { Err(Constraint::Tags.into()) } else { Ok(()) }
}
