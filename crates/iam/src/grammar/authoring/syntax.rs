//! The form of a policy of IAM: which elements there are, and of which types they are.
//!
//! Sources: IAM user guide, "Grammar of the IAM JSON policy language"; recorded refusals of IAM, which tell all of this with
//! the same words and before everything else.

use crate::condition::Operator;
use crate::error::Fault;
use crate::grammar::{ELEMENTS, Parsed, each, either, known, members, misplaced, string, version};
use crate::json::{Member, Node};
use crate::policy_type::Presence;
use crate::statement::Effect;

/// The statements of a document that has the form.
pub(super) fn check(node: &Node) -> Parsed<&[Node]> {
    known(node, &["Version", "Id", "Statement"])?;
    version(node)?;
    node.member("Id").map(|id| string(id, "Id")).transpose()?;
    let statements = super::statements(node);
    if statements.is_empty() {
        return misplaced(Fault::Missing { element: "Statement" }, "", node.offset);
    }
    each(statements, statement)?;
    Ok(statements)
}

fn statement(node: &Node) -> Parsed<()> {
    known(node, &ELEMENTS)?;
    node.member("Sid").map(|sid| string(sid, "Sid")).transpose()?;
    let Some(effect) = node.member("Effect") else {
        return misplaced(Fault::Missing { element: "Effect" }, "", node.offset);
    };
    // Its case is looked at later.
    let text = string(effect, "Effect")?;
    if !text.eq_ignore_ascii_case(Effect::Allow.as_str()) && !text.eq_ignore_ascii_case(Effect::Deny.as_str()) {
        return misplaced(Fault::Effect { effect: text.to_owned() }, "Effect", effect.offset);
    }
    for (element, opposite) in [("Action", "NotAction"), ("Resource", "NotResource")] {
        if let Some((_, element, own)) = either(node, element, opposite, Presence::Optional)? {
            own.elements().iter().try_for_each(|one| string(one, element).map(|_| ()))?;
        }
    }
    node.member("Condition").map_or(Ok(()), conditions)
}

fn conditions(node: &Node) -> Parsed<()> {
    for Member { key: name, node, offset } in members(node, "Condition")? {
        let path = format!("Condition.{name}");
        let keys = members(node, &path)?;
        if Operator::named(name).is_none() && !keys.is_empty() {
            return misplaced(Fault::UnknownOperator { operator: name.to_string() }, "Condition", *offset);
        }
        keys.iter().try_for_each(|Member { key, node, .. }| crate::grammar::scalars(node, &path, key).map(|_| ()))?;
    }
    Ok(())
}
