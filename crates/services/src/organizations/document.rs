//! Whether a policy's text is one that its type can have.

use serde_json::{Map, Value};
use sidegate_iam::{Policy, PolicyType};

use super::fault::{Constraint, Fault};
use super::kind::PolicyKind;

/// Checks the text of a policy. The one place where documents are judged.
///
/// # Errors
/// [`Constraint::PolicyContent`] for one that is too long, and [`Fault::MalformedPolicy`] for one that its type cannot
/// be.
pub(super) fn check(kind: PolicyKind, text: &str) -> Result<(), Fault> {
    if text.chars().count() > kind.longest_document() {
        return Err(Fault::Constraint(Constraint::PolicyContent));
    }
    let is_sound = match kind {
        PolicyKind::ServiceControlPolicy => is_policy(text, PolicyType::ServiceControl),
        PolicyKind::ResourceControlPolicy => is_policy(text, PolicyType::ResourceControl),
        // These are of other languages, and nothing acts on them.
        _ => serde_json::from_str::<Map<String, Value>>(text).is_ok(),
    };
    if is_sound { Ok(()) } else { Err(Fault::MalformedPolicy) }
}

/// Whether it is a policy of the newer version, which those of an organization must name.
///
/// Source: Organizations user guide, "SCP syntax", "RCP syntax", elements `Version` and `Action`.
fn is_policy(text: &str, kind: PolicyType) -> bool {
    Policy::parse_for_author(text, kind).is_ok_and(|policy| policy.is_of_newer_version())
}
