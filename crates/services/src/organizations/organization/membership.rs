//! What being in an organization means for an account: what the edge needs for each request.

use std::sync::Arc;

use sidegate_model::AccountId;

use super::Organization;
use crate::organizations::id::TargetId;
use crate::organizations::kind::PolicyKind;

/// An account's place in an organization, and the policies that bound it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The organization's id: `aws:PrincipalOrgID`.
    pub organization: String,
    /// The management account.
    pub management_account: AccountId,
    /// The path to the account, which ends with a slash, as `aws:PrincipalOrgPaths` has it:
    /// `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`.
    pub path: String,
    /// The service control policies of each level: of the root, of each unit on the way, and of the account itself.
    /// Empty for the management account, which they do not bind, and where they are not enabled.
    pub service_control: Vec<Vec<Document>>,
    /// The resource control policies of each level. Empty in the same cases.
    pub resource_control: Vec<Vec<Document>>,
}

/// A policy of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: Arc<str>,
}

impl Organization {
    /// The membership of one of its accounts.
    pub(crate) fn membership(&self, account: &AccountId) -> Option<Membership> {
        let parent = &self.accounts.get(account)?.parent;
        Some(Membership {
            organization: self.head.id.to_string(),
            management_account: self.head.management.clone(),
            path: self.path(parent),
            service_control: self.levels(account, PolicyKind::ServiceControlPolicy),
            resource_control: self.levels(account, PolicyKind::ResourceControlPolicy),
        })
    }

    /// The policies of a type that bind an account, from the root on.
    ///
    /// Source: Organizations user guide, "SCP evaluation" and "RCP evaluation": neither binds the management account.
    fn levels(&self, account: &AccountId, kind: PolicyKind) -> Vec<Vec<Document>> {
        let Some(own) = self.accounts.get(account) else { return Vec::new() };
        if *account == self.head.management || !self.head.enabled.contains(&kind) {
            return Vec::new();
        }
        let above = self.way(&own.parent).into_iter().map(TargetId::Parent);
        let levels = above.chain([TargetId::Account(account.clone())]);
        let documents =
            |target: TargetId| self.attached(&target, kind).into_iter().filter_map(|id| self.document(id)).collect();
        levels.map(documents).collect()
    }
}
