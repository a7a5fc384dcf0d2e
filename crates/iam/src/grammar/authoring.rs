//! What authors of policies must keep to, besides the grammar.
//!
//! A policy that does not is refused when it is attached; what is attached is evaluated as it stands.
//!
//! Source: PrivateLink guide, "Control access to VPC endpoints using endpoint policies", considerations; of IAM's policies,
//! messages of `MalformedPolicyDocument` that users of IAM quote.

use super::{Parsed, misplaced};
use crate::condition::Operator;
use crate::error::Fault;
use crate::json::{Json, Member, Node};

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

const WILDCARDS: [char; 2] = ['*', '?'];

/// What ARNs of IAM name.
const IAM_RESOURCES: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// Holds a statement of a policy of IAM, which is one by the grammar, to the limits of these.
pub(super) fn iam_statement(node: &Node) -> Parsed<()> {
    for (element, one) in elements(node, ["Action", "NotAction"]) {
        let Some((vendor, name)) = one.text().unwrap_or_default().split_once(':') else { continue };
        if vendor.contains(WILDCARDS) {
            return misplaced(Fault::Vendor { vendor: vendor.to_owned() }, element, one.offset);
        }
        if name.contains(':') {
            return misplaced(Fault::SeveralColons, element, one.offset);
        }
    }
    elements(node, ["Resource", "NotResource"]).try_for_each(|(element, one)| iam_resource(one, element))
}

/// The values of an element, in either form, each with its name.
fn elements<'a>(node: &'a Node, names: [&'static str; 2]) -> impl Iterator<Item = (&'static str, &'a Node)> {
    let of = |name| node.member(name).into_iter().flat_map(Node::elements).map(move |one| (name, one));
    names.into_iter().flat_map(of)
}

fn iam_resource(node: &Node, element: &str) -> Parsed<()> {
    let text = node.text().unwrap_or_default();
    let mut parts = text.splitn(6, ':').skip(2);
    let (Some(service), Some(region), Some(_), Some(resource)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Ok(());
    };
    if ["iam", "s3"].contains(&service) && !region.is_empty() {
        let fault = Fault::RegionOfGlobal { service: service.to_owned(), resource: text.to_owned() };
        return misplaced(fault, element, node.offset);
    }
    let is_pattern = resource.starts_with(WILDCARDS) || resource.starts_with('$');
    if service == "iam" && !is_pattern && !IAM_RESOURCES.iter().any(|kind| resource.starts_with(kind)) {
        return misplaced(Fault::IamResource { kinds: IAM_RESOURCES.join(", ") }, element, node.offset);
    }
    Ok(())
}

/// Holds a statement of an endpoint's policy, which is one by the grammar, to the limits of these.
pub(super) fn endpoint_statement(node: &Node) -> Parsed<()> {
    elements(node, ["Resource", "NotResource"]).try_for_each(|(element, one)| arn(one, element))?;
    for Member { key: name, node, .. } in members(node.member("Condition")) {
        let Some(operator) = Operator::named(name) else { continue };
        for Member { key, node, .. } in members(Some(node)) {
            let element = format!("Condition.{name}.{key}");
            for value in node.elements() {
                condition(operator, key, value, &element)?;
            }
        }
    }
    Ok(())
}

fn members(node: Option<&Node>) -> &[Member] {
    match node.map(|node| &node.value) {
        Some(Json::Object(members)) => members,
        _ => &[],
    }
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
