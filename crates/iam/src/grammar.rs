//! The grammar of policies: from JSON to statements.
//!
//! Source: IAM user guide, "Grammar of the IAM JSON policy language" and the pages on the policy elements;
//! Organizations user guide, "SCP syntax", "RCP syntax".

mod authoring;

use std::collections::BTreeSet;

use crate::arn::{ArnPattern, ArnPlace};
use crate::condition::{Condition, Operator};
use crate::error::Fault;
use crate::grantee::{Grantee, GranteeKind, Grantees};
use crate::json::{Json, Member, Node, Position};
use crate::pattern::{Pattern, Reading};
use crate::policy::Version;
use crate::policy_type::Presence;
use crate::statement::{ActionPattern, Effect, Element, ResourcePattern, Statement};
use crate::{Policy, PolicyError, PolicyType};

/// A fault with its place.
struct Misplaced {
    fault: Fault,
    /// The statement, from 0; `None` where it is not in one.
    statement: Option<usize>,
    element: String,
    offset: usize,
}

type Parsed<T> = Result<T, Misplaced>;

fn misplaced<T>(fault: Fault, element: &str, offset: usize) -> Parsed<T> {
    Err(Misplaced { fault, statement: None, element: element.to_owned(), offset })
}

impl Misplaced {
    fn of_statement(self, at: usize) -> Self {
        Self { statement: Some(at), ..self }
    }

    /// The same with its line and column.
    fn located(self, text: &str) -> PolicyError {
        let Self { fault, statement, element, offset } = self;
        PolicyError::Grammar { fault, statement, element, position: Position::of(text, offset) }
    }
}

/// Makes a policy of a document that was read from a text.
pub(crate) fn policy(text: &str, node: &Node, kind: PolicyType) -> Result<Policy, PolicyError> {
    parsed(node, kind).map_err(|fault| fault.located(text))
}

/// Makes a policy of a document that is being attached, whose author must keep to more than the grammar.
pub(crate) fn authored(text: &str, node: &Node, kind: PolicyType) -> Result<Policy, PolicyError> {
    authoring::parsed(text, node, kind).map_err(|fault| fault.located(text))
}

fn parsed(node: &Node, kind: PolicyType) -> Parsed<Policy> {
    let head = head(node, kind)?;
    let variables = head.version == Some(Version::V2012);
    let (mut statements, mut sids) = (Vec::new(), Sids::default());
    each(head.statements, |node| {
        statements.push(statement(node, kind, variables)?);
        sids.take(node)
    })?;
    Ok(Policy::of_parts(kind, head.version, head.id, statements))
}

/// Goes through statements in their order, and ends at the first fault.
fn each<'a>(statements: &'a [Node], mut rule: impl FnMut(&'a Node) -> Parsed<()>) -> Parsed<()> {
    statements.iter().enumerate().try_for_each(|(at, node)| rule(node).map_err(|fault| fault.of_statement(at)))
}

/// The statement ids that a document has used so far.
#[derive(Default)]
struct Sids<'a>(BTreeSet<&'a str>);

impl<'a> Sids<'a> {
    /// Takes the id of a statement, which no statement before may have. An empty one is none.
    fn take(&mut self, node: &'a Node) -> Parsed<()> {
        match node.member("Sid").and_then(Node::text) {
            Some(sid) if !sid.is_empty() && !self.0.insert(sid) => {
                misplaced(Fault::DuplicateSid { sid: sid.to_owned() }, "Sid", node.offset)
            }
            _ => Ok(()),
        }
    }
}

struct Head<'a> {
    version: Option<Version>,
    id: Option<Box<str>>,
    statements: &'a [Node],
}

fn head(node: &Node, kind: PolicyType) -> Parsed<Head<'_>> {
    known(node, &["Version", "Id", "Statement"])?;
    if let Some(id) = node.member("Id").filter(|_| !kind.has_id()) {
        return misplaced(Fault::Prohibited { element: "Id" }, "Id", id.offset);
    }
    let version = version(node)?;
    if kind.demands_version() {
        newer_version(node)?;
    }
    let id = node.member("Id").map(|node| string(node, "Id")).transpose()?.map(Into::into);
    let missing = Fault::Missing { element: "Statement" };
    match node.member("Statement") {
        Some(statements) if statements.elements().is_empty() => misplaced(missing, "", statements.offset),
        Some(statements) => Ok(Head { version, id, statements: statements.elements() }),
        None => misplaced(missing, "", node.offset),
    }
}

fn version(node: &Node) -> Parsed<Option<Version>> {
    let Some(node) = node.member("Version") else { return Ok(None) };
    let version = string(node, "Version")?;
    match Version::named(version) {
        Some(version) => Ok(Some(version)),
        None => misplaced(Fault::UnknownVersion { version: version.to_owned() }, "Version", node.offset),
    }
}

/// Holds a document to the newer version of the language.
fn newer_version(node: &Node) -> Parsed<()> {
    match version(node)? {
        Some(Version::V2012) => Ok(()),
        _ => misplaced(Fault::OldVersion, "Version", node.offset),
    }
}

/// The elements of a statement.
const ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// Holds an object to elements that it may have.
fn known(node: &Node, elements: &[&str]) -> Parsed<()> {
    match members(node, "")?.iter().find(|member| !elements.contains(&&*member.key)) {
        Some(Member { key, offset, .. }) => misplaced(Fault::UnknownElement { element: key.to_string() }, "", *offset),
        None => Ok(()),
    }
}

fn statement(node: &Node, kind: PolicyType, variables: bool) -> Parsed<Statement> {
    known(node, &ELEMENTS)?;
    let parsed = Statement {
        sid: sid(node, kind)?,
        effect: effect(node)?,
        principals: principals(node, kind)?,
        actions: actions(node, kind)?,
        resources: resources(node, kind, variables)?,
        conditions: conditions(node, kind, variables)?,
    };
    if kind == PolicyType::ResourceControl {
        resource_control(node, &parsed)?;
    }
    Ok(parsed)
}

fn sid(node: &Node, kind: PolicyType) -> Parsed<Option<Box<str>>> {
    let Some(node) = node.member("Sid") else { return Ok(None) };
    let sid = string(node, "Sid")?;
    if kind.plain_sids() && !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return misplaced(Fault::Sid { sid: sid.to_owned() }, "Sid", node.offset);
    }
    Ok(Some(sid.into()))
}

fn effect(node: &Node) -> Parsed<Effect> {
    let Some(own) = node.member("Effect") else {
        return misplaced(Fault::Missing { element: "Effect" }, "", node.offset);
    };
    match string(own, "Effect")? {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        other => misplaced(Fault::Effect { effect: other.to_owned() }, "Effect", own.offset),
    }
}

/// An element or its opposite: whether it is the opposite, its name, and its value.
fn either<'a>(
    node: &'a Node, element: &'static str, opposite: &'static str, presence: Presence,
) -> Parsed<Option<(bool, &'static str, &'a Node)>> {
    match (node.member(element), node.member(opposite), presence) {
        (Some(own), Some(_), _) => misplaced(Fault::BothForms { element }, "", own.offset),
        (Some(own), None, Presence::Prohibited) => misplaced(Fault::Prohibited { element }, element, own.offset),
        (None, Some(own), Presence::Prohibited) => {
            misplaced(Fault::Prohibited { element: opposite }, opposite, own.offset)
        }
        (Some(own), None, _) => Ok(Some((false, element, own))),
        (None, Some(own), _) => Ok(Some((true, opposite, own))),
        (None, None, Presence::Demanded) => misplaced(Fault::Missing { element }, "", node.offset),
        (None, None, _) => Ok(None),
    }
}

fn principals(node: &Node, kind: PolicyType) -> Parsed<Option<Grantees>> {
    let Some((negated, element, own)) = either(node, "Principal", "NotPrincipal", kind.principal())? else {
        return Ok(None);
    };
    if negated && kind == PolicyType::RoleTrust {
        return misplaced(Fault::Prohibited { element }, element, own.offset);
    }
    if own.text() == Some("*") {
        return Ok(Some(Grantees { negated, star: true, list: vec![Grantee::everyone()] }));
    }
    let mut list = Vec::new();
    let Json::Object(kinds) = &own.value else {
        return misplaced(Fault::Type { expected: "`*` or an object" }, element, own.offset);
    };
    for Member { key, node, offset } in kinds {
        let Some(kind) = GranteeKind::ALL.into_iter().find(|kind| kind.as_str() == &**key) else {
            return misplaced(Fault::PrincipalKind { kind: key.to_string() }, element, *offset);
        };
        let path = format!("{element}.{key}");
        for one in node.elements() {
            let text = string(one, &path)?;
            match Grantee::parse(kind, text) {
                Some(grantee) => list.push(grantee),
                None => {
                    let fault = Fault::Principal { kind: kind.as_str(), principal: text.to_owned() };
                    return misplaced(fault, &path, one.offset);
                }
            }
        }
    }
    if list.is_empty() {
        return misplaced(Fault::Missing { element: "Principal" }, element, own.offset);
    }
    Ok(Some(Grantees { negated, star: false, list }))
}

fn actions(node: &Node, kind: PolicyType) -> Parsed<Element<ActionPattern>> {
    let missing = || misplaced(Fault::Missing { element: "Action" }, "", node.offset);
    let Some((negated, element, own)) = either(node, "Action", "NotAction", Presence::Demanded)? else {
        return missing();
    };
    let mut list = Vec::new();
    for one in own.elements() {
        let text = string(one, element)?;
        if let Some(fault) = action_fault(text, kind) {
            return misplaced(fault, element, one.offset);
        }
        let pattern = Pattern::new(&text.to_ascii_lowercase(), Reading { wildcards: true, variables: false });
        list.push(ActionPattern { text: text.into(), pattern });
    }
    if list.is_empty() { missing() } else { Ok(Element { negated, list }) }
}

fn action_fault(text: &str, kind: PolicyType) -> Option<Fault> {
    if text == "*" && kind != PolicyType::RoleTrust {
        return None;
    }
    let Some((vendor, _)) = text.split_once(':').filter(|(vendor, name)| !vendor.is_empty() && !name.is_empty()) else {
        return Some(Fault::NoVendor { text: text.to_owned() });
    };
    if kind == PolicyType::RoleTrust && !vendor.eq_ignore_ascii_case("sts") {
        return Some(Fault::TrustAction { action: text.to_owned() });
    }
    let known = vendor.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'*' | b'?'));
    (!known).then(|| Fault::Vendor { vendor: vendor.to_owned() })
}

fn resources(node: &Node, kind: PolicyType, variables: bool) -> Parsed<Option<Element<ResourcePattern>>> {
    let Some((negated, element, own)) = either(node, "Resource", "NotResource", kind.resource())? else {
        return Ok(None);
    };
    let mut list = Vec::new();
    for one in own.elements() {
        let text = string(one, element)?;
        let pattern = ArnPattern::new(text, variables, ArnPlace::Resource);
        if !pattern.is_arn_or_everything() {
            return misplaced(Fault::Resource { resource: text.to_owned() }, element, one.offset);
        }
        if let Some(partition) = unknown_partition(text) {
            let fault = Fault::ResourcePartition { partition: partition.to_owned(), resource: text.to_owned() };
            return misplaced(fault, element, one.offset);
        }
        list.push(ResourcePattern { text: text.into(), pattern });
    }
    if list.is_empty() {
        return misplaced(Fault::Missing { element: "Resource" }, "", own.offset);
    }
    Ok(Some(Element { negated, list }))
}

/// The partition of an ARN if it is none and no pattern either.
fn unknown_partition(arn: &str) -> Option<&str> {
    let partition = arn.strip_prefix("arn:")?.split(':').next()?;
    (!is_partition(partition)).then_some(partition)
}

fn is_partition(text: &str) -> bool {
    text.contains(['*', '?']) || text == "aws" || text.starts_with("aws-")
}

fn conditions(node: &Node, kind: PolicyType, variables: bool) -> Parsed<Vec<Condition>> {
    let Some(node) = node.member("Condition") else { return Ok(Vec::new()) };
    let mut conditions = Vec::new();
    for Member { key: name, node, offset } in members(node, "Condition")? {
        let path = format!("Condition.{name}");
        let Some(operator) = Operator::named(name) else {
            // Without keys there is nothing that it could say.
            if kind.is_of_iam() && members(node, &path)?.is_empty() {
                continue;
            }
            return misplaced(Fault::UnknownOperator { operator: name.to_string() }, "Condition", *offset);
        };
        let mut keys = BTreeSet::new();
        for Member { key, node, offset } in members(node, &path)? {
            if !key.contains(':') && !kind.is_of_iam() {
                return misplaced(Fault::NoVendor { text: key.to_string() }, &path, *offset);
            }
            if !keys.insert(key.to_lowercase()) {
                return misplaced(Fault::DuplicateConditionKey { key: key.to_string() }, &path, *offset);
            }
            let values = scalars(node, &path, key)?;
            conditions.push(Condition::new(name, operator, key, values, variables));
        }
    }
    Ok(conditions)
}

/// The values of a condition key, which stands under a path.
fn scalars(node: &Node, path: &str, key: &str) -> Parsed<Vec<Box<str>>> {
    let scalar = |value: &Node| match value.scalar() {
        Some(text) => Ok(text.into()),
        None => {
            let fault = Fault::Type { expected: "a string, a number, a Boolean or a list of them" };
            misplaced(fault, &format!("{path}.{key}"), value.offset)
        }
    };
    node.elements().iter().map(scalar).collect()
}

/// What resource control policies have besides the one that is always attached, which allows everyone everything.
fn resource_control(node: &Node, statement: &Statement) -> Parsed<()> {
    let everyone = statement.principals.as_ref().is_some_and(|p| !p.negated && p.list.iter().all(|g| &*g.text == "*"));
    if !everyone {
        return misplaced(Fault::ResourceControlPrincipal, "Principal", node.offset);
    }
    let every_action = !statement.actions.negated && statement.actions.list.iter().any(|a| a.pattern.is_everything());
    match statement.effect {
        Effect::Allow if every_action && statement.conditions.is_empty() => Ok(()),
        Effect::Allow => misplaced(Fault::ResourceControlEffect, "Effect", node.offset),
        Effect::Deny if statement.actions.negated => {
            misplaced(Fault::Prohibited { element: "NotAction" }, "NotAction", node.offset)
        }
        Effect::Deny if every_action => misplaced(Fault::ResourceControlAction, "Action", node.offset),
        Effect::Deny => Ok(()),
    }
}

fn members<'a>(node: &'a Node, element: &str) -> Parsed<&'a [Member]> {
    match &node.value {
        Json::Object(members) => Ok(members),
        _ => misplaced(Fault::Type { expected: "an object" }, element, node.offset),
    }
}

fn string<'a>(node: &'a Node, element: &str) -> Parsed<&'a str> {
    match node.text() {
        Some(text) => Ok(text),
        None => misplaced(Fault::Type { expected: "a string" }, element, node.offset),
    }
}
