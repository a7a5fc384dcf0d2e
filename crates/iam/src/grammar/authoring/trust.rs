//! The trust policies of roles, as IAM takes them, and the order in which it finds faults: statement by statement.
//!
//! Sources: IAM user guide, "AWS JSON policy elements: Principal"; messages of `MalformedPolicyDocument` that users of
//! CreateRole quote; the trust policy tests of Versity's gateway (2026), which follow AWS's answers.

use crate::PolicyType;
use crate::arn::ArnParts;
use crate::error::Fault;
use crate::grammar::{
    ELEMENTS, Parsed, Sids, each, effect, either, known, members, misplaced, principals, sid, string, version,
};
use crate::json::{Member, Node};
use crate::pattern::{Pattern, Reading};
use crate::policy_type::Presence;
use crate::principal::Partition;
use crate::statement::Effect;

/// The provider of identities that is everybody's, so that a statement must tell whose.
const COGNITO: &str = "cognito-identity.amazonaws.com";

/// What the names of services end with.
///
/// Source: IAM user guide, "AWS service principals"; some services have names of their own.
const SERVICE_DOMAINS: [&str; 6] =
    [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".amazon.com", ".aws.internal", ".api.aws"];

/// The actions of STS.
///
/// Source: service authorization reference, "Actions, resources, and condition keys for AWS Security Token Service".
const ACTIONS: [&str; 16] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "DecodeAuthorizationMessage",
    "GetAccessKeyInfo",
    "GetCallerIdentity",
    "GetDelegatedAccessToken",
    "GetFederationToken",
    "GetServiceBearerToken",
    "GetSessionToken",
    "GetWebIdentityToken",
    "SetContext",
    "SetSourceIdentity",
    "TagGetWebIdentityToken",
    "TagSession",
];

/// The length of a canonical user's id in hexadecimal digits.
const CANONICAL: usize = 64;

/// Holds a document to what IAM takes.
pub(super) fn check(node: &Node) -> Parsed<()> {
    known(node, &["Version", "Id", "Statement"])?;
    version(node)?;
    let statements = super::statements(node);
    if statements.is_empty() {
        return misplaced(Fault::Missing { element: "Statement" }, "", node.offset);
    }
    let mut sids = Sids::default();
    each(statements, |node| {
        statement(node)?;
        sids.take(node)
    })
}

fn statement(node: &Node) -> Parsed<()> {
    known(node, &ELEMENTS)?;
    sid(node, PolicyType::RoleTrust)?;
    let effect = effect(node)?;
    if let Some(own) = node.member("NotPrincipal") {
        let fault = match effect {
            Effect::Allow => Fault::AllowExcept,
            Effect::Deny => Fault::Prohibited { element: "NotPrincipal" },
        };
        return misplaced(fault, "NotPrincipal", own.offset);
    }
    principal(node)?;
    if effect == Effect::Allow && trusts_cognito(node) && !has_condition(node) {
        return misplaced(Fault::OpenProvider { provider: COGNITO }, "", node.offset);
    }
    action(node)?;
    either(node, "Resource", "NotResource", Presence::Prohibited).map(|_| ())
}

fn principal(node: &Node) -> Parsed<()> {
    let Some(own) = node.member("Principal") else {
        return misplaced(Fault::Missing { element: "Principal" }, "", node.offset);
    };
    let kinds = members(own, "Principal")?;
    if kinds.is_empty() {
        return misplaced(Fault::Empty { element: "Principal" }, "Principal", own.offset);
    }
    for Member { key, node, .. } in kinds {
        for one in node.elements() {
            if let Some(fault) = one.text().and_then(|text| nobody(key, text)) {
                return misplaced(fault, &format!("Principal.{key}"), one.offset);
            }
        }
    }
    principals(node, PolicyType::RoleTrust).map(|_| ())
}

/// What is wrong with a principal of a kind that the grammar does not look into.
fn nobody(kind: &str, text: &str) -> Option<Fault> {
    let kind = match kind {
        "Service" if !is_service(text) => "Service",
        "CanonicalUser" if !is_canonical(text) => "CanonicalUser",
        // One word is read as a name that nobody has.
        "Federated" if is_word(text) => "Federated",
        "Federated" if !is_domain(text) && !is_provider(text) => {
            return Some(Fault::Provider { provider: text.to_owned() });
        }
        _ => return None,
    };
    Some(Fault::Principal { kind, principal: text.to_owned() })
}

/// Whether a text could be the name of a service. Which of these there are only AWS knows.
fn is_service(text: &str) -> bool {
    let is_known = SERVICE_DOMAINS.iter().any(|domain| text.len() > domain.len() && text.ends_with(domain));
    is_known && is_domain(text)
}

fn is_domain(text: &str) -> bool {
    text.contains('.') && text.split('.').all(is_word)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_canonical(text: &str) -> bool {
    text.len() == CANONICAL && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a text is the ARN of a provider of identities.
fn is_provider(text: &str) -> bool {
    let arn = ArnParts::of(text);
    let named = |kind| arn.resource().and_then(|resource| resource.strip_prefix(kind)).is_some_and(|n| !n.is_empty());
    arn.partition().is_some_and(|partition| Partition::named(partition).is_some())
        && arn.service() == Some("iam")
        && arn.account().is_some_and(|account| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()))
        && (named("saml-provider/") || named("oidc-provider/"))
}

fn trusts_cognito(node: &Node) -> bool {
    let providers = node.member("Principal").and_then(|principal| principal.member("Federated"));
    providers.into_iter().flat_map(Node::elements).any(|one| one.text() == Some(COGNITO))
}

fn has_condition(node: &Node) -> bool {
    !super::entries(node.member("Condition")).is_empty()
}

fn action(node: &Node) -> Parsed<()> {
    let Some((_, element, own)) = either(node, "Action", "NotAction", Presence::Demanded)? else { return Ok(()) };
    if own.elements().is_empty() {
        return misplaced(Fault::Missing { element: "Action" }, "", own.offset);
    }
    own.elements().iter().try_for_each(|one| match string(one, element)? {
        action if is_of_sts(action) => Ok(()),
        action => misplaced(Fault::TrustAction { action: action.to_owned() }, element, one.offset),
    })
}

/// Whether it is an action of STS, or a pattern of one.
fn is_of_sts(text: &str) -> bool {
    let Some((vendor, name)) = text.split_once(':') else { return false };
    let pattern = Pattern::new(&name.to_ascii_lowercase(), Reading { wildcards: true, variables: false });
    vendor.eq_ignore_ascii_case("sts") && ACTIONS.iter().any(|action| pattern.covers_ignoring_case(action))
}
