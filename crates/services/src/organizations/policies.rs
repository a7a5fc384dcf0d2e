//! Operations on policies, on what they are attached to, and on the types of policies of the root.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::{Fault, Input, length, pattern, required};
use super::id::{PolicyId, RootId, TargetId};
use super::kind::PolicyKind;
use super::operation::{Operation, Prepared, Turn, View, done};
use super::organization::{FeatureSet, Organization, Policy, managed_policies};
use super::page::{PageInput, Paging};
use super::shape;
use super::tags::{TagInput, checked};

/// Reads a required type of policy.
pub(super) fn kind(name: Option<&str>) -> Result<PolicyKind, Fault> {
    PolicyKind::parse(required(name)?).ok_or(Fault::Input(Input::PolicyType))
}

fn target(id: Option<&str>) -> Result<TargetId, Fault> {
    TargetId::parse(required(id)?).ok_or(Fault::Input(Input::TargetPattern))
}

/// `CreatePolicy`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreatePolicy {
    content: Option<String>,
    description: Option<String>,
    name: Option<String>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    tags: Option<Vec<TagInput>>,
}

impl Operation for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";
    type Ready = Policy;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Policy>, Fault> {
        let (name, description) = (required(self.name)?, required(self.description)?);
        let content = required(self.content)?;
        length(&name, 1, 128)?;
        length(&description, 0, 512)?;
        length(&content, 1, usize::MAX)?;
        let policy = Policy {
            name,
            description,
            kind: kind(self.kind.as_deref())?,
            content: content.into(),
            created: view.caller.now,
            tags: checked(self.tags.unwrap_or_default())?,
        };
        let tagged = !policy.tags.is_empty();
        let arn = |organization: &Organization, kind: PolicyKind| {
            organization.arn("policy", &format!("/{}/*", kind.in_arn()))
        };
        view.anywhere(Self::NAME, policy)?.tagging(view, tagged, |organization, policy| arn(organization, policy.kind))
    }

    fn act(policy: Policy, turn: &Turn<'_>) -> Result<Value, Fault> {
        let id = PolicyId::new()?;
        turn.change(|organization| {
            organization.create_policy(id.clone(), policy)?;
            Ok(json!({ "Policy": shape::policy(organization, &id) }))
        })
    }
}

/// `DescribePolicy`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribePolicy {
    policy_id: Option<String>,
}

impl Operation for DescribePolicy {
    const NAME: &'static str = "DescribePolicy";
    type Ready = PolicyId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<PolicyId>, Fault> {
        view.on(Self::NAME, pattern(self.policy_id.as_deref(), PolicyId::parse)?, Organization::policy_arn)
    }

    fn act(id: PolicyId, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        organization.policy(&id).ok_or(Fault::PolicyNotFound)?;
        Ok(json!({ "Policy": shape::policy(&organization, &id) }))
    }
}

/// `UpdatePolicy`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdatePolicy {
    policy_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    content: Option<String>,
}

impl Operation for UpdatePolicy {
    const NAME: &'static str = "UpdatePolicy";
    type Ready = (PolicyId, Self);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let id = pattern(self.policy_id.as_deref(), PolicyId::parse)?;
        length(self.name.as_deref().unwrap_or("-"), 1, 128)?;
        length(self.description.as_deref().unwrap_or("-"), 0, 512)?;
        length(self.content.as_deref().unwrap_or("-"), 1, usize::MAX)?;
        view.on(Self::NAME, (id, self), |organization, (id, _)| organization.policy_arn(id))
    }

    fn act((id, new): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change(|organization| {
            organization.update_policy(&id, new.name, new.description, new.content)?;
            Ok(json!({ "Policy": shape::policy(organization, &id) }))
        })
    }
}

/// `DeletePolicy`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeletePolicy {
    policy_id: Option<String>,
}

impl Operation for DeletePolicy {
    const NAME: &'static str = "DeletePolicy";
    type Ready = PolicyId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<PolicyId>, Fault> {
        view.on(Self::NAME, pattern(self.policy_id.as_deref(), PolicyId::parse)?, Organization::policy_arn)
    }

    fn act(id: PolicyId, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.shrink(|organization| organization.delete_policy(&id))?;
        Ok(done())
    }
}

/// `ListPolicies`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListPolicies {
    filter: Option<String>,
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListPolicies {
    const NAME: &'static str = "ListPolicies";
    type Ready = (PolicyKind, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let kind = kind(self.filter.as_deref())?;
        view.anywhere(Self::NAME, (kind, self.page.paging(Self::NAME, kind.name())?))
    }

    fn act((kind, paging): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        let managed = managed_policies().iter().filter(|_| organization.head.feature_set == FeatureSet::All);
        let all = organization.policies.iter().chain(managed).filter(|(_, policy)| policy.kind == kind);
        let placed =
            all.map(|(id, policy)| ((policy.created, id.to_string()), shape::policy_summary(&organization, id)));
        paging.answer("Policies", placed.collect())
    }
}

/// `ListPoliciesForTarget`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListPoliciesForTarget {
    target_id: Option<String>,
    filter: Option<String>,
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListPoliciesForTarget {
    const NAME: &'static str = "ListPoliciesForTarget";
    type Ready = (TargetId, PolicyKind, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let (target, kind) = (target(self.target_id.as_deref())?, kind(self.filter.as_deref())?);
        let paging = self.page.paging(Self::NAME, &format!("{target} {}", kind.name()))?;
        view.on(Self::NAME, (target, kind, paging), |organization, (target, ..)| organization.target_arn(target))
    }

    fn act((target, kind, paging): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        if !organization.has(&target) {
            return Err(Fault::TargetNotFound);
        }
        let attached = organization.attached(&target, kind).into_iter().zip(0..);
        let placed = attached.map(|(id, at)| ((at, id.to_string()), shape::policy_summary(&organization, id)));
        paging.answer("Policies", placed.collect())
    }
}

/// `ListTargetsForPolicy`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListTargetsForPolicy {
    policy_id: Option<String>,
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListTargetsForPolicy {
    const NAME: &'static str = "ListTargetsForPolicy";
    type Ready = (PolicyId, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let id = pattern(self.policy_id.as_deref(), PolicyId::parse)?;
        let paging = self.page.paging(Self::NAME, &id.to_string())?;
        view.on(Self::NAME, (id, paging), |organization, (id, _)| organization.policy_arn(id))
    }

    fn act((id, paging): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        organization.policy(&id).ok_or(Fault::PolicyNotFound)?;
        let targets = organization.targets_of(&id);
        let placed = targets.map(|(target, since)| ((since, target.to_string()), shape::target(&organization, target)));
        paging.answer("Targets", placed.collect())
    }
}

/// A policy, and what it is attached to or shall be.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttachmentInput {
    policy_id: Option<String>,
    target_id: Option<String>,
}

impl AttachmentInput {
    fn prepare(self, operation: &str, view: &View<'_>) -> Result<Prepared<(PolicyId, TargetId)>, Fault> {
        let ready = (pattern(self.policy_id.as_deref(), PolicyId::parse)?, target(self.target_id.as_deref())?);
        view.on_all(operation, ready, |organization, (policy, target)| {
            vec![organization.policy_arn(policy), organization.target_arn(target)]
        })
    }
}

/// `AttachPolicy`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct AttachPolicy(AttachmentInput);

impl Operation for AttachPolicy {
    const NAME: &'static str = "AttachPolicy";
    type Ready = (PolicyId, TargetId);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act((policy, target): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change(|organization| organization.attach(&policy, &target, turn.now()))?;
        Ok(done())
    }
}

/// `DetachPolicy`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct DetachPolicy(AttachmentInput);

impl Operation for DetachPolicy {
    const NAME: &'static str = "DetachPolicy";
    type Ready = (PolicyId, TargetId);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act((policy, target): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.shrink(|organization| organization.detach(&policy, &target))?;
        Ok(done())
    }
}

/// The root, and a type of policies in it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TypeInput {
    root_id: Option<String>,
    policy_type: Option<String>,
}

impl TypeInput {
    fn prepare(self, operation: &str, view: &View<'_>) -> Result<Prepared<(RootId, PolicyKind)>, Fault> {
        let ready = (pattern(self.root_id.as_deref(), RootId::parse)?, kind(self.policy_type.as_deref())?);
        view.on(operation, ready, |organization, (root, _)| organization.arn("root", &format!("/{root}")))
    }
}

/// `EnablePolicyType`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct EnablePolicyType(TypeInput);

impl Operation for EnablePolicyType {
    const NAME: &'static str = "EnablePolicyType";
    type Ready = (RootId, PolicyKind);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act((root, kind): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change(|organization| {
            organization.enable_type(&root, kind, turn.now())?;
            Ok(json!({ "Root": shape::root(organization) }))
        })
    }
}

/// `DisablePolicyType`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct DisablePolicyType(TypeInput);

impl Operation for DisablePolicyType {
    const NAME: &'static str = "DisablePolicyType";
    type Ready = (RootId, PolicyKind);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act((root, kind): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.shrink(|organization| {
            organization.disable_type(&root, kind)?;
            Ok(json!({ "Root": shape::root(organization) }))
        })
    }
}
