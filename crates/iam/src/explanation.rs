//! Explanations: a decision, and of every statement why it matched or did not.

use std::fmt;

use serde::Serialize;

use crate::condition::Condition;
use crate::context::Values;
use crate::decision::{Applicable, attached, decide};
use crate::evaluation::{Evaluation, Request};
use crate::pattern::Matching;
use crate::policies::{Attached, Policies};
use crate::statement::{Effect, Statement};
use crate::{Decision, Place, Policy, PolicyKind, PolicyType};

/// A decision with everything that was considered. It can be printed for people and serialized.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation<'a> {
    /// Who asked.
    pub principal: String,
    /// The action.
    pub action: &'a str,
    /// The resource.
    pub resource: &'a str,
    /// What was decided.
    pub decision: Decision,
    /// Why, in a sentence.
    pub reason: String,
    /// The layers that have policies or that must allow, in the order in which they are asked.
    pub layers: Vec<LayerExplained<'a>>,
}

/// A layer, or a level of one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerExplained<'a> {
    /// The layer.
    pub kind: PolicyKind,
    /// The level, in the layers of an organization; otherwise 0.
    pub level: usize,
    /// Whether the layer speaks of principals such as this one.
    pub applies: bool,
    /// Its policies.
    pub policies: Vec<PolicyExplained<'a>>,
}

/// A policy of a layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyExplained<'a> {
    /// Its ARN or name, where it has one.
    pub name: Option<&'a str>,
    /// Its statements.
    pub statements: Vec<StatementExplained<'a>>,
}

/// A statement that was considered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementExplained<'a> {
    /// Its `Sid`.
    pub sid: Option<&'a str>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// What of it the request does not meet; nothing if it matches.
    pub mismatches: Vec<Mismatch<'a>>,
}

impl StatementExplained<'_> {
    /// Whether it speaks of the request.
    pub fn matches(&self) -> bool {
        self.mismatches.is_empty()
    }
}

/// An element that a request does not meet.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mismatch<'a> {
    /// The element, such as `Action` or `NotResource`, or a condition's operator.
    pub element: &'a str,
    /// The condition's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<&'a str>,
    /// What stands in the policy.
    pub expected: Vec<&'a str>,
    /// What the request has; `None` if the key is missing.
    pub actual: Option<Values>,
    /// The policy variables without a value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unresolved: Vec<&'a str>,
    /// The values of the policy that are not of the operator's type, and so match nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub malformed: Vec<&'a str>,
}

/// Decides as [`decide`] does, and tells of every statement why it matched or did not.
pub fn explain<'a>(request: &Request<'a>, policies: &'a Policies) -> Explanation<'a> {
    let decision = decide(request, policies);
    let evaluation = Evaluation::new(request, policies.boundary.is_some());
    let Applicable { resource_control, service_control, own } =
        Applicable::to(request.principal, &request.requirement.action);
    let mut layers = Vec::new();
    let mut layer = |kind, level, applies, list: &'a [Attached]| {
        let explained = |own: &'a Attached| policy(&evaluation, &own.policy, own.name.as_deref());
        layers.push(LayerExplained { kind, level, applies, policies: list.iter().map(explained).collect() });
    };
    if policies.endpoint.is_some() {
        layer(PolicyKind::Endpoint, 0, true, policies.endpoint.as_slice());
    }
    for (level, list) in policies.resource_control.iter().enumerate() {
        layer(PolicyKind::ResourceControl, level, resource_control, list);
    }
    for (level, list) in policies.service_control.iter().enumerate() {
        layer(PolicyKind::ServiceControl, level, service_control, list);
    }
    layer(evaluation.resource_kind(), 0, true, &[]);
    if own {
        layer(PolicyKind::Identity, 0, true, &policies.identity);
        if policies.boundary.is_some() {
            layer(PolicyKind::Boundary, 0, true, policies.boundary.as_slice());
        }
        if !policies.session.is_empty() {
            layer(PolicyKind::Session, 0, true, &policies.session);
        }
    }
    if let (Some(own), Some(layer)) = (
        request.requirement.resource_policy.as_deref(),
        layers.iter_mut().find(|layer| layer.kind == evaluation.resource_kind()),
    ) {
        layer.policies.push(policy(&evaluation, own, None));
    }
    Explanation {
        principal: request.principal.to_string(),
        action: &request.requirement.action,
        resource: &request.requirement.resource,
        decision,
        reason: reason(&decision, request, policies),
        layers,
    }
}

fn policy<'a>(evaluation: &Evaluation<'_>, policy: &'a Policy, name: Option<&'a str>) -> PolicyExplained<'a> {
    let accounts_are_roots = policy.kind() == PolicyType::GatewayEndpoint;
    let explained = |own: &'a Statement| StatementExplained {
        sid: own.sid.as_deref(),
        effect: own.effect,
        mismatches: mismatches(evaluation, own, accounts_are_roots),
    };
    PolicyExplained { name, statements: policy.statements().iter().map(explained).collect() }
}

fn mismatches<'a>(evaluation: &Evaluation<'_>, own: &'a Statement, accounts_are_roots: bool) -> Vec<Mismatch<'a>> {
    let mut found = Vec::new();
    let mismatch = |element, expected, actual: String, unresolved| Mismatch {
        element,
        key: None,
        expected,
        actual: Some(Values::One(actual.into())),
        unresolved,
        malformed: Vec::new(),
    };
    if let Some(grantees) = &own.principals
        && own.covers_principal(evaluation, accounts_are_roots).is_none()
    {
        let element = if grantees.negated { "NotPrincipal" } else { "Principal" };
        let expected = grantees.list.iter().map(|grantee| &*grantee.text).collect();
        found.push(mismatch(element, expected, evaluation.principal.to_string(), Vec::new()));
    }
    if !own.covers_action(evaluation) {
        let element = if own.actions.negated { "NotAction" } else { "Action" };
        let expected = own.actions.list.iter().map(|action| &*action.text).collect();
        found.push(mismatch(element, expected, evaluation.action.to_owned(), Vec::new()));
    }
    if let Some(resources) = &own.resources
        && own.covers_resource(evaluation) != Matching::Yes
    {
        let element = if resources.negated { "NotResource" } else { "Resource" };
        let expected = resources.list.iter().map(|resource| &*resource.text).collect();
        let unresolved = resources.list.iter().flat_map(|own| own.pattern.unresolved(&evaluation.lookup)).collect();
        found.push(mismatch(element, expected, evaluation.arn.text.to_owned(), unresolved));
    }
    let failing = own.conditions.iter().filter(|own| own.holds(&evaluation.lookup) != Matching::Yes);
    found.extend(failing.map(|own| condition(evaluation, own)));
    found
}

fn condition<'a>(evaluation: &Evaluation<'_>, own: &'a Condition) -> Mismatch<'a> {
    Mismatch {
        element: &own.name,
        key: Some(&own.written),
        expected: own.values.iter().map(|value| &**value).collect(),
        actual: evaluation.lookup.shown(&own.key),
        unresolved: own.unresolved(&evaluation.lookup),
        malformed: own.malformed().collect(),
    }
}

/// Why it was decided so, in a sentence without its end.
fn reason(decision: &Decision, request: &Request<'_>, policies: &Policies) -> String {
    let statement = |kind, place: Place| {
        let own = Decision::policy(request.requirement, policies, kind, place);
        let sid = own.and_then(|own| own.sid(place.statement)).filter(|sid| !sid.is_empty());
        let sid = sid.map(|sid| format!(" (`{sid}`)")).unwrap_or_default();
        let name = attached(policies, kind, place).and_then(|own| own.name.as_deref());
        let name = name.map(|name| format!(" {name}")).unwrap_or_default();
        format!("statement {}{sid} of {}{name}", place.statement + 1, the(kind, place))
    };
    match *decision {
        Decision::ExplicitlyDenied { kind, place } => format!("{} denies it", statement(kind, place)),
        Decision::ImplicitlyDenied { kind } => format!("no {} allows it", kind.as_str()),
        Decision::Allowed(by) => {
            let resource_kind = Evaluation::new(request, false).resource_kind();
            let mut parts = Vec::new();
            parts.extend(by.endpoint.map(|place| statement(PolicyKind::Endpoint, place)));
            parts.extend(by.resource.map(|place| statement(resource_kind, place)));
            parts.extend(by.identity.map(|place| statement(PolicyKind::Identity, place)));
            parts.extend(by.granted.map(|_| "a grant of the resource".to_owned()));
            let is_root = by.resource.is_none() && by.identity.is_none() && by.granted.is_none();
            match (parts.is_empty(), is_root) {
                (true, _) => "the root user may do everything in its account".to_owned(),
                (false, true) => {
                    format!("{} allows it, and the root user may do everything in its account", parts.join(" and "))
                }
                (false, false) if parts.len() == 1 => format!("{} allows it", parts.join("")),
                (false, false) => format!("{} allow it", parts.join(" and ")),
            }
        }
    }
}

fn the(kind: PolicyKind, place: Place) -> String {
    match kind {
        PolicyKind::Endpoint | PolicyKind::Resource | PolicyKind::RoleTrust | PolicyKind::Boundary => {
            format!("the {}", kind.as_str())
        }
        PolicyKind::ServiceControl | PolicyKind::ResourceControl => {
            format!("{} {} of level {}", kind.as_str(), place.policy + 1, place.level + 1)
        }
        PolicyKind::Identity | PolicyKind::Session => format!("{} {}", kind.as_str(), place.policy + 1),
    }
}

impl Decision {
    /// Why it was decided so, in a sentence without its end, such as "no VPC endpoint policy allows it".
    pub fn reason(&self, request: &Request<'_>, policies: &Policies) -> String {
        reason(self, request, policies)
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { principal, action, resource, decision, reason, layers } = self;
        writeln!(f, "{}: {reason}", decision.outcome())?;
        writeln!(f, "  {principal} asks for {action} on {resource}")?;
        layers.iter().try_for_each(|layer| write!(f, "{layer}"))
    }
}

impl fmt::Display for LayerExplained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}", self.kind.as_str())?;
        if matches!(self.kind, PolicyKind::ServiceControl | PolicyKind::ResourceControl) {
            write!(f, ", level {}", self.level + 1)?;
        }
        if !self.applies {
            return writeln!(f, ": does not apply to this principal");
        }
        if self.policies.is_empty() {
            return writeln!(f, ": none");
        }
        writeln!(f)?;
        for (at, policy) in self.policies.iter().enumerate() {
            if let Some(name) = policy.name {
                writeln!(f, "    {name}")?;
            } else if self.policies.len() > 1 {
                writeln!(f, "    policy {}", at + 1)?;
            }
            for (at, statement) in policy.statements.iter().enumerate() {
                write!(f, "    statement {}", at + 1)?;
                if let Some(sid) = statement.sid.filter(|sid| !sid.is_empty()) {
                    write!(f, " `{sid}`")?;
                }
                writeln!(f, " {}", statement)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for StatementExplained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.effect {
            Effect::Allow => "allows",
            Effect::Deny => "denies",
        };
        if self.matches() {
            return write!(f, "{verb} it");
        }
        let would = match self.effect {
            Effect::Allow => "does not allow it",
            Effect::Deny => "does not deny it",
        };
        f.write_str(would)?;
        self.mismatches.iter().try_for_each(|mismatch| write!(f, "\n      {mismatch}"))
    }
}

/// How many values of an element are shown.
const SHOWN: usize = 8;

impl fmt::Display for Mismatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.element)?;
        if let Some(key) = self.key {
            write!(f, " {key}")?;
        }
        f.write_str(" ")?;
        for (at, expected) in self.expected.iter().take(SHOWN).enumerate() {
            write!(f, "{}`{expected}`", if at == 0 { "" } else { ", " })?;
        }
        if let Some(more @ 1..) = self.expected.len().checked_sub(SHOWN) {
            write!(f, " and {more} more")?;
        }
        match &self.actual {
            None => f.write_str(": the request does not have the key")?,
            Some(Values::One(value)) => write!(f, ": the request has `{value}`")?,
            Some(Values::Many(values)) if values.is_empty() => f.write_str(": the request has an empty set")?,
            Some(Values::Many(values)) => write!(f, ": the request has `{}`", values.join("`, `"))?,
        }
        if !self.unresolved.is_empty() {
            write!(f, "; the policy variable `{}` has no value", self.unresolved.join("`, `"))?;
        }
        if !self.malformed.is_empty() {
            write!(f, "; `{}` is not a value of this operator", self.malformed.join("`, `"))?;
        }
        Ok(())
    }
}
