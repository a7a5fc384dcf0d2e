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
    element: String,
    offset: usize,
}

type Parsed<T> = Result<T, Misplaced>;

fn misplaced<T>(fault: Fault, element: &str, offset: usize) -> Parsed<T> {
    Err(Misplaced { fault, element: element.to_owned(), offset })
}

impl Misplaced {
    /// The same with its line and column, in a statement or in none.
    fn located(self, text: &str, statement: Option<usize>) -> PolicyError {
        let Self { fault, element, offset } = self;
        PolicyError::Grammar { fault, statement, element, position: Position::of(text, offset) }
    }
}

/// Holds a document to what its authors must keep to besides the grammar: that of an endpoint policy or of one of IAM's.
pub(crate) fn check_authoring(text: &str, node: &Node, kind: PolicyType) -> Result<(), PolicyError> {
    let statement = match kind {
        PolicyType::Endpoint | PolicyType::GatewayEndpoint => authoring::endpoint_statement,
        _ => authoring::iam_statement,
    };
    let mut statements = node.member("Statement").into_iter().flat_map(Node::elements).enumerate();
    statements.try_for_each(|(at, node)| statement(node).map_err(|fault| fault.located(text, Some(at))))
}

/// Makes a policy of a document that was read from a text.
pub(crate) fn policy(text: &str, node: &Node, kind: PolicyType) -> Result<Policy, PolicyError> {
    let located = |statement| move |fault: Misplaced| fault.located(text, statement);
    let head = head(node, kind).map_err(located(None))?;
    let variables = head.version == Some(Version::V2012);
    let (mut statements, mut sids) = (Vec::new(), BTreeSet::new());
    for (at, node) in head.statements.iter().enumerate() {
        let parsed = statement(node, kind, variables).map_err(located(Some(at)))?;
        if let Some(sid) = parsed.sid.as_ref().filter(|sid| !sid.is_empty())
            && !sids.insert(sid.clone())
        {
            let fault = Fault::DuplicateSid { sid: sid.to_string() };
            return Err(located(Some(at))(Misplaced { fault, element: "Sid".to_owned(), offset: node.offset }));
        }
        statements.push(parsed);
    }
    Ok(Policy::of_parts(kind, head.version, head.id, statements))
}

struct Head<'a> {
    version: Option<Version>,
    id: Option<Box<str>>,
    statements: &'a [Node],
}

fn head(node: &Node, kind: PolicyType) -> Parsed<Head<'_>> {
    for Member { key, offset, .. } in members(node, "")? {
        match &**key {
            "Version" | "Statement" => {}
            "Id" if kind.has_id() => {}
            "Id" => return misplaced(Fault::Prohibited { element: "Id" }, "Id", *offset),
            other => return misplaced(Fault::UnknownElement { element: other.to_owned() }, "", *offset),
        }
    }
    let version = match node.member("Version") {
        Some(node) => {
            let version = string(node, "Version")?;
            let known = Version::named(version);
            if known.is_none() {
                let fault = Fault::UnknownVersion { version: version.to_owned() };
                return misplaced(fault, "Version", node.offset);
            }
            known
        }
        None => None,
    };
    if kind.demands_version() && version != Some(Version::V2012) {
        return misplaced(Fault::OldVersion, "Version", node.offset);
    }
    let id = node.member("Id").map(|node| string(node, "Id")).transpose()?.map(Into::into);
    let missing = Fault::Missing { element: "Statement" };
    match node.member("Statement") {
        Some(statements) if statements.elements().is_empty() => misplaced(missing, "", statements.offset),
        Some(statements) => Ok(Head { version, id, statements: statements.elements() }),
        None => misplaced(missing, "", node.offset),
    }
}

fn statement(node: &Node, kind: PolicyType, variables: bool) -> Parsed<Statement> {
    for Member { key, offset, .. } in members(node, "")? {
        match &**key {
            "Sid" | "Effect" | "Principal" | "NotPrincipal" | "Action" | "NotAction" | "Resource" | "NotResource"
            | "Condition" => {}
            other => return misplaced(Fault::UnknownElement { element: other.to_owned() }, "", *offset),
        }
    }
    let parsed = Statement {
        sid: sid(node, kind)?,
        effect: effect(node)?,
        principals: principals(node, kind)?,
        actions: actions(node, kind)?,
        resources: resources(node, kind, variables)?,
        conditions: conditions(node, variables)?,
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
                None => return misplaced(Fault::Principal { principal: text.to_owned() }, &path, one.offset),
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
    let known = partition.contains(['*', '?']) || partition == "aws" || partition.starts_with("aws-");
    (!known).then_some(partition)
}

fn conditions(node: &Node, variables: bool) -> Parsed<Vec<Condition>> {
    let Some(node) = node.member("Condition") else { return Ok(Vec::new()) };
    let mut conditions = Vec::new();
    for Member { key: name, node, offset } in members(node, "Condition")? {
        let Some(operator) = Operator::named(name) else {
            return misplaced(Fault::UnknownOperator { operator: name.to_string() }, "Condition", *offset);
        };
        let path = format!("Condition.{name}");
        let mut keys = BTreeSet::new();
        for Member { key, node, offset } in members(node, &path)? {
            if !key.contains(':') {
                return misplaced(Fault::NoVendor { text: key.to_string() }, &path, *offset);
            }
            if !keys.insert(key.to_lowercase()) {
                return misplaced(Fault::DuplicateConditionKey { key: key.to_string() }, &path, *offset);
            }
            let mut values = Vec::new();
            for value in node.elements() {
                let Some(text) = value.scalar() else {
                    let fault = Fault::Type { expected: "a string, a number, a Boolean or a list of them" };
                    return misplaced(fault, &format!("{path}.{key}"), value.offset);
                };
                values.push(text.into());
            }
            conditions.push(Condition::new(name, operator, key, values, variables));
        }
    }
    Ok(conditions)
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
