//! Results, of one resource and of all together, and how an answer has them.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_iam::{Outcome, Place, PolicyKind, Position};
use sidegate_wire::aws_query::Content;

use super::scenario::Scenario;

/// What AWS calls the types of policies, which is nothing of what its model lists.
pub(super) const IDENTITY: &str = "IAM Policy";
/// A resource's.
pub(super) const RESOURCE: &str = "Resource Policy";
/// A permissions boundary.
pub(super) const BOUNDARY: &str = "Permissions Boundary Policy";

/// What came out for one resource.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) outcome: Outcome,
    /// The statements that settled it.
    pub(super) matched: Vec<(PolicyKind, Place)>,
    /// What each type of policy says, where two accounts are asked.
    pub(super) details: BTreeMap<&'static str, Outcome>,
    /// Whether the boundary allows; `None` without one.
    pub(super) boundary: Option<bool>,
    /// Whether the organization allows; `None` without one.
    pub(super) organizations: Option<bool>,
}

impl Default for Found {
    fn default() -> Self {
        let (matched, details) = (Vec::new(), BTreeMap::new());
        Self { outcome: Outcome::ImplicitlyDenied, matched, details, boundary: None, organizations: None }
    }
}

impl Found {
    /// A member of `ResourceSpecificResults`, where what is empty is left out.
    pub(super) fn render_specific(&self, content: &mut Content, resource: &str, scenario: &Scenario) {
        content.text("EvalResourceName", resource).text("EvalResourceDecision", word(self.outcome));
        let matched: Vec<_> = self.matched.iter().map(|(kind, place)| (*kind, key(*place))).collect();
        if !matched.is_empty() {
            render_matched(content, matched, scenario);
        }
        let missing = scenario.missing(self.tells_missing());
        if !missing.is_empty() {
            content.texts("MissingContextValues", missing);
        }
        if !self.details.is_empty() {
            render_details(content, &self.details);
        }
        render_boundary(content, self.boundary);
    }

    /// Whether it tells the keys that are missing: where nothing allows, nothing denies, and no organization refuses.
    fn tells_missing(&self) -> bool {
        self.outcome == Outcome::ImplicitlyDenied && self.organizations != Some(false)
    }
}

/// A place as it is sorted and told once.
type Key = (usize, usize);

fn key(place: Place) -> Key {
    (place.policy, place.statement)
}

/// What came out for all resources of an action.
pub(super) struct Outcomes {
    worst: Outcome,
    allowing: BTreeSet<(PolicyKind, Key)>,
    denying: BTreeSet<(PolicyKind, Key)>,
    details: BTreeMap<&'static str, Outcome>,
    boundary: Option<bool>,
    organizations: Option<bool>,
    tells_missing: bool,
    /// The members of `ResourceSpecificResults`; `None` for `*`.
    pub(super) specific: Option<Content>,
}

impl Outcomes {
    pub(super) fn new() -> Self {
        Self {
            worst: Outcome::Allowed,
            allowing: BTreeSet::new(),
            denying: BTreeSet::new(),
            details: BTreeMap::new(),
            boundary: None,
            organizations: None,
            tells_missing: false,
            specific: None,
        }
    }

    /// Adds what came out for a resource: the strictest counts.
    pub(super) fn add(&mut self, found: &Found) {
        self.worst = stricter(self.worst, found.outcome);
        let matched = match found.outcome {
            Outcome::ExplicitlyDenied => &mut self.denying,
            Outcome::Allowed | Outcome::ImplicitlyDenied => &mut self.allowing,
        };
        matched.extend(found.matched.iter().map(|(kind, place)| (*kind, key(*place))));
        for (kind, outcome) in &found.details {
            let all = self.details.entry(kind).or_insert(*outcome);
            *all = stricter(*all, *outcome);
        }
        self.boundary = both(self.boundary, found.boundary);
        self.organizations = both(self.organizations, found.organizations);
        self.tells_missing |= found.tells_missing();
    }

    /// The member of `EvaluationResults`.
    pub(super) fn render(self, action: &str, resource: &str, scenario: &Scenario) -> Content {
        let mut content = Content::default();
        content
            .text("EvalActionName", action)
            .text("EvalResourceName", resource)
            .text("EvalDecision", word(self.worst));
        // What denies is told alone.
        let matched = if self.worst == Outcome::ExplicitlyDenied { self.denying } else { self.allowing };
        render_matched(&mut content, matched, scenario);
        content.texts("MissingContextValues", scenario.missing(self.tells_missing));
        if let Some(allows) = self.organizations {
            content.nested("OrganizationsDecisionDetail", |detail| {
                detail.text("AllowedByOrganizations", allows);
            });
        }
        render_boundary(&mut content, self.boundary);
        if let Some(specific) = &self.specific {
            render_details(&mut content, &self.details);
            content.within("ResourceSpecificResults", specific);
        }
        content
    }
}

fn both(all: Option<bool>, one: Option<bool>) -> Option<bool> {
    match (all, one) {
        (Some(all), Some(one)) => Some(all && one),
        (known, None) | (None, known) => known,
    }
}

fn stricter(one: Outcome, other: Outcome) -> Outcome {
    match (one, other) {
        (Outcome::ExplicitlyDenied, _) | (_, Outcome::ExplicitlyDenied) => Outcome::ExplicitlyDenied,
        (Outcome::ImplicitlyDenied, _) | (_, Outcome::ImplicitlyDenied) => Outcome::ImplicitlyDenied,
        (Outcome::Allowed, Outcome::Allowed) => Outcome::Allowed,
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::ExplicitlyDenied => "explicitDeny",
        Outcome::ImplicitlyDenied => "implicitDeny",
    }
}

fn render_matched(content: &mut Content, matched: impl IntoIterator<Item = (PolicyKind, Key)>, scenario: &Scenario) {
    content.list("MatchedStatements", matched, |content, (kind, (policy, statement))| {
        let Some(source) = scenario.source(kind, Place { level: 0, policy, statement }) else { return };
        content.text("SourcePolicyId", &source.id).text("SourcePolicyType", source.kind);
        if let Some(span) = source.span(statement) {
            render_position(content, "StartPosition", span.start);
            render_position(content, "EndPosition", span.end);
        }
    });
}

fn render_position(content: &mut Content, name: &str, position: Position) {
    content.nested(name, |content| {
        content.text("Line", position.line).text("Column", position.column);
    });
}

fn render_details(content: &mut Content, details: &BTreeMap<&'static str, Outcome>) {
    content.nested("EvalDecisionDetails", |content| {
        for (kind, outcome) in details {
            content.nested("entry", |entry| {
                entry.text("key", kind).text("value", word(*outcome));
            });
        }
    });
}

fn render_boundary(content: &mut Content, allows: Option<bool>) {
    if let Some(allows) = allows {
        content.nested("PermissionsBoundaryDecisionDetail", |detail| {
            detail.text("AllowedByPermissionsBoundary", allows);
        });
    }
}
