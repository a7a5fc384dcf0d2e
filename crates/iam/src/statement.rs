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
        if evaluation.is_open {
            return self.covers_open_action(action);
        }
        self.actions.list.iter().any(|own| own.pattern.covers_ignoring_case(action)) != self.actions.negated
    }

    /// Whether it speaks of an action that may be any that begins so: to allow of all of them, to deny of one.
    fn covers_open_action(&self, action: &str) -> bool {
        let list = &self.actions.list;
        let is_exact = !action.ends_with('*');
        let all =
            |own: &ActionPattern| (is_exact || own.text.ends_with('*')) && own.pattern.covers_ignoring_case(action);
        let some = |own: &ActionPattern| {
            if is_exact { own.pattern.covers_ignoring_case(action) } else { may_begin_with(&own.text, action) }
        };
        match (self.effect, self.actions.negated) {
            (Effect::Allow, false) => list.iter().any(all),
            (Effect::Allow, true) => !list.iter().any(some),
            (Effect::Deny, false) => list.iter().any(some),
            (Effect::Deny, true) => !list.iter().any(all),
        }
    }

    /// Whether it speaks of a resource that may be any: to allow of all, to deny of one.
    fn covers_open_resource(&self) -> bool {
        let Some(resources) = &self.resources else { return true };
        let all = resources.list.iter().any(|own| &*own.text == "*");
        match (self.effect, resources.negated) {
            (Effect::Allow, negated) => all && !negated,
            (Effect::Deny, negated) => !(all && negated),
        }
    }

    /// Whether the resource is covered. It is not if one that would be excepted cannot be resolved.
    pub(crate) fn covers_resource(&self, evaluation: &Evaluation<'_>) -> Matching {
        if evaluation.is_open {
            return Matching::from_bool(self.covers_open_resource());
        }
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

/// Whether a pattern covers some text that begins as `open` does before its `*`. Case does not count.
fn may_begin_with(pattern: &str, open: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let start = open.strip_suffix('*').unwrap_or(open);
    // Where in the pattern what was read so far may end.
    let mut ends = vec![0_usize];
    for read in start.chars() {
        let mut next = Vec::new();
        let mut at = 0;
        while let Some(&end) = ends.get(at) {
            at += 1;
            match pattern.get(end) {
                Some('*') => {
                    next.push(end);
                    if !ends.contains(&(end + 1)) {
                        ends.push(end + 1);
                    }
                }
                Some(token) if *token == '?' || token.eq_ignore_ascii_case(&read) => next.push(end + 1),
                _ => {}
            }
        }
        next.sort_unstable();
        next.dedup();
        ends = next;
    }
    !ends.is_empty()
}

#[cfg(test)]
mod tests {
    use super::may_begin_with;

    #[test]
    fn a_pattern_may_cover_what_begins_in_a_way_if_it_can_begin_so_itself() {
        for pattern in [
            "*",
            "lambda:*",
            "LAMBDA:Get*",
            "lambda:DeleteFunction",
            "lam*",
            "*:Get*",
            "*Function",
            "lam?da:?",
            "l*a:x",
        ] {
            assert!(may_begin_with(pattern, "lambda:*"), "{pattern}");
        }
        for pattern in ["s3:*", "lambd:*", "lambda", "lambda-x:*", "??????", "x*"] {
            assert!(!may_begin_with(pattern, "lambda:*"), "{pattern}");
        }
    }
}
