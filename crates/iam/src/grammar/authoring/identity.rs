//! Policies of identities, as IAM takes them, and the order in which it finds faults: each kind in all statements before the
//! next kind in any.
//!
//! Sources: refusals that moto's tests have recorded (test_iam_policies.py, 2025); messages of `MalformedPolicyDocument` that
//! users of IAM quote.

use super::{action, entries, resource, syntax, values};
use crate::PolicyType;
use crate::condition::{Operator, is_date};
use crate::error::Fault;
use crate::grammar::{Misplaced, Parsed, Sids, each, misplaced, sid};
use crate::json::{Member, Node};
use crate::statement::Effect;

/// Holds a document to what IAM takes.
pub(super) fn check(text: &str, node: &Node, kind: PolicyType) -> Parsed<()> {
    let statements = syntax::check(node)?;
    if kind.demands_version() {
        crate::grammar::newer_version(node)?;
    }
    // That STS minds it as well nobody has told.
    if kind != PolicyType::Session && text.starts_with(char::is_whitespace) {
        return misplaced(Fault::LeadingSpace, "", 0);
    }
    each(statements, readable)?;
    // A resource that can be read has its turn later.
    let resources = each(statements, resources);
    if matches!(&resources, Err(Misplaced { fault: Fault::UnreadableArn { .. }, .. })) {
        return resources;
    }
    let mut sids = Sids::default();
    each(statements, |node| {
        sid(node, kind)?;
        sids.take(node)
    })?;
    each(statements, |node| without(node, "Principal").and_then(|()| without(node, "NotPrincipal")))?;
    each(statements, |node| with(node, "Action", &["Action", "NotAction"]))?;
    resources?;
    action::check(statements)?;
    each(statements, |node| with(node, "Resource", &["Resource", "NotResource"]))
}

/// What an older parser reads besides resources: effects in their own case, and dates.
fn readable(node: &Node) -> Parsed<()> {
    if let Some(effect) = node.member("Effect") {
        let text = effect.text().unwrap_or_default();
        if ![Effect::Allow.as_str(), Effect::Deny.as_str()].contains(&text) {
            return misplaced(Fault::Effect { effect: text.to_owned() }, "Effect", effect.offset);
        }
    }
    for Member { key: name, node, .. } in entries(node.member("Condition")) {
        if !Operator::named(name).is_some_and(Operator::is_date) {
            continue;
        }
        for Member { key, node, .. } in entries(Some(node)) {
            let no_date = |value: &&Node| !is_date(value.scalar().unwrap_or_default());
            if let Some(value) = node.elements().iter().find(no_date) {
                let fault = Fault::Date { value: value.scalar().unwrap_or_default().to_owned() };
                return misplaced(fault, &format!("Condition.{name}.{key}"), value.offset);
            }
        }
    }
    Ok(())
}

/// Holds the resources of a statement to what IAM takes.
fn resources(node: &Node) -> Parsed<()> {
    values(node, &["Resource", "NotResource"]).try_for_each(|(element, one)| {
        match resource::fault(one.text().unwrap_or_default()) {
            Some(fault) => misplaced(fault, element, one.offset),
            None => Ok(()),
        }
    })
}

fn without(node: &Node, element: &'static str) -> Parsed<()> {
    match node.member(element) {
        Some(own) => misplaced(Fault::Prohibited { element }, element, own.offset),
        None => Ok(()),
    }
}

/// Holds a statement to values of an element or its opposite.
fn with(node: &Node, element: &'static str, names: &'static [&'static str]) -> Parsed<()> {
    match values(node, names).next() {
        Some(_) => Ok(()),
        None => misplaced(Fault::Missing { element }, "", node.offset),
    }
}
