//! Statements, in the form in which they are evaluated.

use crate::arn::ArnPattern;
use crate::condition::Condition;
use crate::evaluation::Evaluation;
use crate::grantee::{Grantees, Naming};
use crate::pattern::{Matching, Pattern};

/// Whether a statement allows or denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

impl Effect {
    /// The name in policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// An action with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActionPattern {
    /// As it is written.
    pub(crate) text: Box<str>,
    pub(crate) pattern: Pattern,
}

/// A resource with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResourcePattern {
    /// As it is written.
    pub(crate) text: Box<str>,
    pub(crate) pattern: ArnPattern,
}

/// An element that a request must match one of, or none of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element<T> {
    pub(crate) negated: bool,
    pub(crate) list: Vec<T>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    /// None in policies of identities.
    pub(crate) principals: Option<Grantees>,
    pub(crate) actions: Element<ActionPattern>,
    /// None where the statement speaks of the resource that has the policy.
    pub(crate) resources: Option<Element<ResourcePattern>>,
    pub(crate) conditions: Vec<Condition>,
}

impl Statement {
    /// How the statement names the principal if it speaks of the request, `None` if it does not.
    pub(crate) fn speaks_of(&self, evaluation: &Evaluation<'_>, accounts_are_roots: bool) -> Option<Naming> {
        if !self.covers_action(evaluation) || self.covers_resource(evaluation) != Matching::Yes {
            return None;
        }
        let naming = self.covers_principal(evaluation, accounts_are_roots)?;
        let held = self.conditions.iter().all(|condition| condition.holds(&evaluation.lookup) == Matching::Yes);
        held.then_some(naming)
    }

    /// The condition keys that it uses, as they are written.
    pub(crate) fn context_keys(&self) -> Vec<&str> {
        let resources = self.resources.iter().flat_map(|resources| &resources.list);
        let mut keys: Vec<_> = resources.flat_map(|own| own.pattern.variables()).collect();
        for condition in &self.conditions {
            keys.push(&condition.written);
            keys.extend(condition.variables());
        }
        keys
    }

    pub(crate) fn covers_action(&self, evaluation: &Evaluation<'_>) -> bool {
        let action = evaluation.action;
        self.actions.list.iter().any(|own| own.pattern.covers_ignoring_case(action)) != self.actions.negated
    }

    /// Whether the resource is covered. It is not if one that would be excepted cannot be resolved.
    pub(crate) fn covers_resource(&self, evaluation: &Evaluation<'_>) -> Matching {
        let Some(resources) = &self.resources else { return Matching::Yes };
        let mut matching = Matching::No;
        for own in &resources.list {
            match own.pattern.matches(&evaluation.arn, &evaluation.lookup) {
                Matching::Yes => return Matching::from_bool(!resources.negated),
                Matching::No => {}
                Matching::Unresolved => matching = Matching::Unresolved,
            }
        }
        if matching == Matching::No { Matching::from_bool(resources.negated) } else { matching }
    }

    pub(crate) fn covers_principal(&self, evaluation: &Evaluation<'_>, accounts_are_roots: bool) -> Option<Naming> {
        match &self.principals {
            Some(grantees) => grantees.cover(evaluation.asked(self.effect == Effect::Deny, accounts_are_roots)),
            None => Some(Naming::Itself),
        }
    }
}
