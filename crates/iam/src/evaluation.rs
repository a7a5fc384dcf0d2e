//! One request while it is evaluated.

use crate::arn::ArnParts;
use crate::grantee::Asked;
use crate::lookup::Lookup;
use crate::{Context, PolicyKind, Principal, Requirement};

/// Who asks for what, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// What is known of the request.
    pub context: &'a Context,
    /// What must be allowed.
    pub requirement: &'a Requirement,
}

/// Which rule holds for the policy of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResourceRule {
    /// It or the identity's policies must allow.
    Ordinary,
    /// The policy of a KMS key must allow, or leave it to the account.
    Key,
    /// The trust policy of a role must allow, or leave it to the account.
    Trust,
}

/// A request whose parts were looked at once.
#[derive(Debug)]
pub(crate) struct Evaluation<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) action: &'a str,
    pub(crate) arn: ArnParts<'a>,
    pub(crate) lookup: Lookup<'a>,
    pub(crate) rule: ResourceRule,
    pub(crate) cross_account: bool,
    /// Whether the action and the resource stand for all that they could be.
    pub(crate) is_open: bool,
    bounded: bool,
}

impl<'a> Evaluation<'a> {
    pub(crate) fn new(request: &Request<'a>, bounded: bool) -> Self {
        let Request { principal, context, requirement } = *request;
        let arn = ArnParts::of(&requirement.resource);
        let own = principal.account().map(|account| account.as_str());
        let of_arn =
            || arn.account().filter(|account| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()));
        let owner = requirement.resource_account.as_ref().map(|account| account.as_str()).or_else(of_arn).or(own);
        Self {
            principal,
            action: &requirement.action,
            arn,
            lookup: Lookup::new(&requirement.context, context, principal, owner),
            rule: rule(&requirement.action, &arn),
            cross_account: own.is_some() && owner != own,
            is_open: requirement.is_open,
            bounded,
        }
    }

    /// The layer of the resource's policy.
    pub(crate) fn resource_kind(&self) -> PolicyKind {
        match self.rule {
            ResourceRule::Trust => PolicyKind::RoleTrust,
            ResourceRule::Ordinary | ResourceRule::Key => PolicyKind::Resource,
        }
    }

    pub(crate) fn asked(&self, denies: bool, accounts_are_roots: bool) -> Asked<'a> {
        Asked { principal: self.principal, denies, bounded: self.bounded, accounts_are_roots }
    }
}

fn rule(action: &str, arn: &ArnParts<'_>) -> ResourceRule {
    let vendor = action.split(':').next().unwrap_or_default();
    let resource = arn.resource().unwrap_or_default();
    match arn.service() {
        Some("kms") if vendor.eq_ignore_ascii_case("kms") && resource.starts_with("key/") => ResourceRule::Key,
        Some("iam") if vendor.eq_ignore_ascii_case("sts") && resource.starts_with("role/") => ResourceRule::Trust,
        _ => ResourceRule::Ordinary,
    }
}
