//! Whether a policy's text is one that its type can have.

use serde_json::{Map, Value};

use super::fault::{Constraint, Fault};
use super::kind::PolicyKind;

/// Checks the text of a policy. The one place where documents are judged.
///
/// # Errors
/// [`Constraint::PolicyContent`] for one that is too long, and [`Fault::MalformedPolicy`] for one that is no JSON
/// object.
pub(super) fn check(kind: PolicyKind, text: &str) -> Result<(), Fault> {
    if text.chars().count() > kind.longest_document() {
        return Err(Fault::Constraint(Constraint::PolicyContent));
    }
    match serde_json::from_str::<Map<String, Value>>(text) {
        Ok(_) => Ok(()),
        Err(_) => Err(Fault::MalformedPolicy),
    }
}
