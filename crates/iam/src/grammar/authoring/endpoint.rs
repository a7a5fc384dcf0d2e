//! Policies of endpoints, as EC2 takes them.
//!
//! Source: PrivateLink guide, "Control access to VPC endpoints using endpoint policies", considerations.

use super::{WILDCARDS, entries, values};
use crate::condition::Operator;
use crate::error::Fault;
use crate::grammar::{Parsed, misplaced};
use crate::json::{Member, Node};

/// Global keys whose values the system makes up: there is nothing that a pattern of them could mean.
const GENERATED: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
];

/// How many characters in a row a wildcard of a string condition wants before or after it.
const LITERAL: usize = 6;

/// Holds a statement of an endpoint's policy, which is one by the grammar, to the limits of these.
pub(super) fn statement(node: &Node) -> Parsed<()> {
    values(node, &["Resource", "NotResource"]).try_for_each(|(element, one)| arn(one, element))?;
    for Member { key: name, node, .. } in entries(node.member("Condition")) {
        let Some(operator) = Operator::named(name) else { continue };
        for Member { key, node, .. } in entries(Some(node)) {
            let element = format!("Condition.{name}.{key}");
            for value in node.elements() {
                condition(operator, key, value, &element)?;
            }
        }
    }
    Ok(())
}

fn condition(operator: Operator, key: &str, value: &Node, element: &str) -> Parsed<()> {
    let text = value.scalar().unwrap_or_default();
    let is_generated = GENERATED.contains(&&*key.to_ascii_lowercase());
    let has_wildcards = operator.is_string_pattern() && text.contains(WILDCARDS);
    if is_generated && (operator.is_numeric() || has_wildcards) {
        return misplaced(Fault::GeneratedId { key: key.to_owned() }, element, value.offset);
    }
    if has_wildcards && !is_anchored(text) {
        let fault = Fault::ShortPattern { value: text.to_owned(), literal: LITERAL };
        return misplaced(fault, element, value.offset);
    }
    if operator.is_arn() { arn(value, element) } else { Ok(()) }
}

/// Whether each wildcard has enough characters in a row before it or after it.
fn is_anchored(text: &str) -> bool {
    let lengths: Vec<_> = text.split(WILDCARDS).map(|run| run.chars().count()).collect();
    lengths.iter().zip(lengths.iter().skip(1)).all(|(before, after)| *before >= LITERAL || *after >= LITERAL)
}

/// The account of an ARN is an id or a pattern, and no mixture.
fn arn(node: &Node, element: &str) -> Parsed<()> {
    let text = node.text().unwrap_or_default();
    let account = text.starts_with("arn:").then(|| text.split(':').nth(4)).flatten().unwrap_or_default();
    let is_mixed = account.contains(WILDCARDS) && account.contains(|c| !WILDCARDS.contains(&c));
    // A variable is neither.
    if is_mixed && !account.contains('$') {
        return misplaced(Fault::MixedAccount { arn: text.to_owned() }, element, node.offset);
    }
    Ok(())
}
