//! What authors of policies must keep to, besides the grammar.
//!
//! A policy that does not is refused when it is attached; what is attached is evaluated as it stands.

mod action;
mod endpoint;
mod identity;
mod resource;
mod syntax;
mod trust;

use super::{Parsed, each};
use crate::json::{Json, Member, Node};
use crate::{Policy, PolicyType};

const WILDCARDS: [char; 2] = ['*', '?'];

/// Makes a policy of a document that is being attached. Of IAM's documents the author's faults come first, since they have
/// an order of their own.
pub(super) fn parsed(text: &str, node: &Node, kind: PolicyType) -> Parsed<Policy> {
    match kind {
        PolicyType::RoleTrust => trust::check(node)?,
        _ if kind.is_of_iam() => identity::check(text, node, kind)?,
        _ => {}
    }
    let policy = super::parsed(node, kind)?;
    match kind {
        PolicyType::Endpoint | PolicyType::GatewayEndpoint => each(statements(node), endpoint::statement)?,
        PolicyType::ServiceControl | PolicyType::ResourceControl => action::check(statements(node))?,
        _ => {}
    }
    Ok(policy)
}

/// The statements of a document that may be none.
fn statements(node: &Node) -> &[Node] {
    node.member("Statement").map(Node::elements).unwrap_or_default()
}

/// The values of elements of a statement, each with its element's name.
fn values<'a>(node: &'a Node, names: &'static [&'static str]) -> impl Iterator<Item = (&'static str, &'a Node)> {
    let of = |name: &&'static str| {
        let name = *name;
        node.member(name).into_iter().flat_map(Node::elements).map(move |one| (name, one))
    };
    names.iter().flat_map(of)
}

/// The members of an object that may be missing or none.
fn entries(node: Option<&Node>) -> &[Member] {
    match node.map(|node| &node.value) {
        Some(Json::Object(members)) => members,
        _ => &[],
    }
}
