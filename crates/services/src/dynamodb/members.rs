//! The members that requests about items have. What is no member is left out before anybody decides or does anything, so that
//! nobody is asked about one part of a request while the engine carries out another.
//!
//! Source: API reference, the request syntax of each operation.

use serde_json::{Map, Value};

use super::fault::Fault;
use super::shapes::{Member, OF_EXPRESSIONS, ON_ITEMS};

/// Leaves only the members that the operation has.
pub(super) fn keep(operation: &str, document: &mut Value) {
    if let Some((_, members)) = ON_ITEMS.iter().find(|(name, _)| *name == operation)
        && let Some(document) = document.as_object_mut()
    {
        document.retain(|name, value| !value.is_null() && (has(members, name) || has(&OF_EXPRESSIONS, name)));
    }
}

fn has(members: &[Member], name: &str) -> bool {
    members.iter().any(|(own, _)| *own == name)
}

/// Leaves only these members, those of expressions, and none that is null.
pub(super) fn only(document: &mut Map<String, Value>, members: &[&str]) {
    document.retain(|name, value| !value.is_null() && (members.contains(&name.as_str()) || has(&OF_EXPRESSIONS, name)));
}

/// The one member of these that a part of a request has.
///
/// # Errors
/// `several` if there are more.
pub(super) fn one<'a>(
    part: &mut Map<String, Value>, members: &[&'a str], several: &str,
) -> Result<Option<&'a str>, Fault> {
    only(part, members);
    part.retain(|name, _| members.contains(&name.as_str()));
    if part.len() > 1 {
        return Err(Fault::Validation(several.to_owned()));
    }
    Ok(members.iter().find(|member| part.contains_key(**member)).copied())
}
