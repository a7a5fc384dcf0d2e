//! Policies, and what they are attached to.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{FeatureSet, Organization, Policy, Tags, check_tags};
use crate::organizations::document;
use crate::organizations::fault::{Constraint, Fault, Input};
use crate::organizations::id::{PolicyId, RootId, TargetId};
use crate::organizations::kind::PolicyKind;

/// The name of AWS's service control policy that allows everything.
const FULL_ACCESS: &str = "FullAWSAccess";

/// The name of AWS's resource control policy that allows everything.
const RCP_FULL_ACCESS: &str = "RCPFullAWSAccess";

const FULL_ACCESS_TEXT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}"#;

const RCP_FULL_ACCESS_TEXT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": "*",
      "Action": "*",
      "Resource": "*"
    }
  ]
}"#;

/// AWS's own policies, which are in every organization and which nobody can change.
pub(crate) fn managed_policies() -> &'static BTreeMap<PolicyId, Policy> {
    static MANAGED: LazyLock<BTreeMap<PolicyId, Policy>> = LazyLock::new(|| {
        let policy = |name: &str, description: &str, kind, text: &str| {
            let policy = Policy {
                name: name.to_owned(),
                description: description.to_owned(),
                kind,
                content: text.into(),
                created: 0,
                tags: Tags::new(),
            };
            (PolicyId::managed(name), policy)
        };
        let scp = PolicyKind::ServiceControlPolicy;
        let rcp = PolicyKind::ResourceControlPolicy;
        BTreeMap::from([
            policy(FULL_ACCESS, "Allows access to every operation", scp, FULL_ACCESS_TEXT),
            policy(RCP_FULL_ACCESS, "Allows access to every resource", rcp, RCP_FULL_ACCESS_TEXT),
        ])
    });
    &MANAGED
}

/// The policy that is attached to everything while a type is enabled.
fn default_policy(kind: PolicyKind) -> Option<PolicyId> {
    match kind {
        PolicyKind::ServiceControlPolicy => Some(PolicyId::managed(FULL_ACCESS)),
        PolicyKind::ResourceControlPolicy => Some(PolicyId::managed(RCP_FULL_ACCESS)),
        _ => None,
    }
}

impl Organization {
    /// The policies of a type that are attached to a target itself, in the order in which they were.
    pub(crate) fn attached(&self, target: &TargetId, kind: PolicyKind) -> Vec<&PolicyId> {
        let attached = self.attachments.get(target).into_iter().flatten();
        let of_kind = |id: &PolicyId| self.policy(id).is_some_and(|policy| policy.kind == kind);
        let mut found: Vec<_> = attached.filter(|(id, _)| of_kind(id)).collect();
        found.sort_by_key(|(_, since)| **since);
        found.into_iter().map(|(id, _)| id).collect()
    }

    /// What a policy is attached to.
    pub(crate) fn targets_of<'a>(&'a self, policy: &'a PolicyId) -> impl Iterator<Item = (&'a TargetId, i64)> {
        self.attachments.iter().filter_map(move |(target, attached)| Some((target, *attached.get(policy)?)))
    }

    /// Adds a policy, which is attached to nothing yet.
    pub(crate) fn create_policy(&mut self, id: PolicyId, policy: Policy) -> Result<(), Fault> {
        if self.head.feature_set != FeatureSet::All {
            return Err(Fault::TypeNotAvailable);
        }
        check_tags(&policy.tags)?;
        self.check_policy_name(&id, policy.kind, &policy.name)?;
        if self.policies.values().filter(|other| other.kind == policy.kind).count() >= policy.kind.most_policies() {
            return Err(Constraint::PolicyNumber.into());
        }
        document::check(policy.kind, &policy.content)?;
        self.policies.insert(id, policy);
        Ok(())
    }

    /// Changes a policy.
    pub(crate) fn update_policy(
        &mut self, id: &PolicyId, name: Option<String>, description: Option<String>, content: Option<String>,
    ) -> Result<(), Fault> {
        let kind = self.own_policy(id)?.kind;
        if let Some(name) = &name {
            self.check_policy_name(id, kind, name)?;
        }
        if let Some(content) = &content {
            document::check(kind, content)?;
        }
        let policy = self.policies.get_mut(id).ok_or(Fault::PolicyNotFound)?;
        policy.name = name.unwrap_or_else(|| policy.name.clone());
        policy.description = description.unwrap_or_else(|| policy.description.clone());
        if let Some(content) = content {
            policy.content = content.into();
        }
        Ok(())
    }

    /// Removes a policy that is attached to nothing.
    pub(crate) fn delete_policy(&mut self, id: &PolicyId) -> Result<(), Fault> {
        self.own_policy(id)?;
        if self.targets_of(id).next().is_some() {
            return Err(Fault::PolicyInUse);
        }
        self.policies.remove(id);
        Ok(())
    }

    /// A policy that is not AWS's.
    fn own_policy(&self, id: &PolicyId) -> Result<&Policy, Fault> {
        if managed_policies().contains_key(id) {
            return Err(Input::ManagedPolicy.into());
        }
        self.policies.get(id).ok_or(Fault::PolicyNotFound)
    }

    fn check_policy_name(&self, own: &PolicyId, kind: PolicyKind, name: &str) -> Result<(), Fault> {
        let mut all = self.policies.iter().chain(managed_policies());
        if all.any(|(id, policy)| id != own && policy.kind == kind && policy.name == name) {
            return Err(Fault::DuplicatePolicy);
        }
        Ok(())
    }

    /// Attaches a policy.
    pub(crate) fn attach(&mut self, id: &PolicyId, target: &TargetId, now: i64) -> Result<(), Fault> {
        let kind = self.policy(id).ok_or(Fault::PolicyNotFound)?.kind;
        if !self.has(target) {
            return Err(Fault::TargetNotFound);
        }
        if !self.head.enabled.contains(&kind) {
            return Err(Fault::TypeNotEnabled);
        }
        let attached = self.attached(target, kind);
        if attached.contains(&id) {
            return Err(Fault::DuplicateAttachment);
        }
        if attached.len() >= kind.most_attached() {
            return Err(Constraint::MostAttached.into());
        }
        self.attachments.entry(target.clone()).or_default().insert(id.clone(), now);
        Ok(())
    }

    /// Detaches a policy. A target always has a service control policy, and the resource control policy of AWS's.
    ///
    /// Source: API reference, "DetachPolicy"; Organizations user guide, "Resource control policies".
    pub(crate) fn detach(&mut self, id: &PolicyId, target: &TargetId) -> Result<(), Fault> {
        let kind = self.policy(id).ok_or(Fault::PolicyNotFound)?.kind;
        if !self.has(target) {
            return Err(Fault::TargetNotFound);
        }
        let attached = self.attached(target, kind);
        if !attached.contains(&id) {
            return Err(Fault::NotAttached);
        }
        if kind == PolicyKind::ResourceControlPolicy && default_policy(kind).as_ref() == Some(id) {
            return Err(Input::NotDetachable.into());
        }
        if kind == PolicyKind::ServiceControlPolicy && attached.len() == 1 {
            return Err(Constraint::LeastAttached.into());
        }
        self.take_off(target, |attached| attached != id);
        Ok(())
    }

    /// Enables a type of policies in the root.
    pub(crate) fn enable_type(&mut self, root: &RootId, kind: PolicyKind, now: i64) -> Result<(), Fault> {
        if *root != self.head.root {
            return Err(Fault::RootNotFound);
        }
        if self.head.feature_set != FeatureSet::All {
            return Err(Fault::TypeNotAvailable);
        }
        if self.head.enabled.contains(&kind) {
            return Err(Fault::TypeAlreadyEnabled);
        }
        self.switch_on(kind, now);
        Ok(())
    }

    /// Disables a type, and takes its policies off everything.
    ///
    /// Source: Organizations user guide, "Disabling a policy type".
    pub(crate) fn disable_type(&mut self, root: &RootId, kind: PolicyKind) -> Result<(), Fault> {
        if *root != self.head.root {
            return Err(Fault::RootNotFound);
        }
        if !self.head.enabled.remove(&kind) {
            return Err(Fault::TypeNotEnabled);
        }
        let own = &self.policies;
        let other = |id: &PolicyId| {
            own.get(id).or_else(|| managed_policies().get(id)).is_some_and(|policy| policy.kind != kind)
        };
        for attached in self.attachments.values_mut() {
            attached.retain(|id, _| other(id));
        }
        self.attachments.retain(|_, attached| !attached.is_empty());
        Ok(())
    }

    /// Enables a type, and attaches its default policy to everything.
    fn switch_on(&mut self, kind: PolicyKind, now: i64) {
        self.head.enabled.insert(kind);
        let Some(policy) = default_policy(kind) else { return };
        for target in self.targets().collect::<Vec<_>>() {
            self.attachments.entry(target).or_default().insert(policy.clone(), now);
        }
    }

    /// Attaches what everything has that is new in the organization.
    pub(super) fn attach_defaults(&mut self, target: TargetId, now: i64) {
        let defaults: Vec<_> = self.head.enabled.iter().filter_map(|kind| default_policy(*kind)).collect();
        if defaults.is_empty() {
            return;
        }
        let attached = self.attachments.entry(target).or_default();
        attached.extend(defaults.into_iter().map(|policy| (policy, now)));
    }

    fn take_off(&mut self, target: &TargetId, keep: impl Fn(&PolicyId) -> bool) {
        if let Some(attached) = self.attachments.get_mut(target) {
            attached.retain(|id, _| keep(id));
            if attached.is_empty() {
                self.attachments.remove(target);
            }
        }
    }
}
