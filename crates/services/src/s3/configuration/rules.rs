//! What rules of several kinds have in common: ids, and filters by prefix and tags.

use std::collections::HashSet;

use s3s::S3ErrorCode;
use s3s::dto::Tag;

use super::{Fault, argument, require, rule_id};

/// The longest id of a rule, in characters.
const LONGEST_ID: usize = 255;

/// Gives the rules that have no id one, and refuses ids that are too long or there twice.
pub(super) fn name_rules<'a>(
    ids: impl Iterator<Item = &'a mut Option<String>>, twice: &'static str,
) -> Result<(), Fault> {
    let mut known = HashSet::new();
    for id in ids {
        let id = match id {
            Some(id) if !id.is_empty() => id,
            none => none.insert(rule_id()?),
        };
        if id.chars().count() > LONGEST_ID {
            return Err(argument("ID length should not exceed allowed limit of 255"));
        }
        if !known.insert(id.clone()) {
            return Err(argument(twice));
        }
    }
    Ok(())
}

/// Checks the tags of a filter.
pub(super) fn check_tags<'a>(tags: impl Iterator<Item = &'a Tag>) -> Result<(), Fault> {
    let mut known = HashSet::new();
    for tag in tags {
        let (key, value) = (tag.key.as_deref().unwrap_or_default(), tag.value.as_deref());
        require(value.is_some())?;
        if key.is_empty() || key.chars().count() > 128 {
            return Err(Fault::new(S3ErrorCode::InvalidTag, "The TagKey you have provided is invalid"));
        }
        if value.is_some_and(|value| value.chars().count() > 256) {
            return Err(Fault::new(S3ErrorCode::InvalidTag, "The TagValue you have provided is invalid"));
        }
        if !known.insert(key) {
            return Err(Fault::invalid_request("Duplicate Tag Keys are not allowed."));
        }
    }
    Ok(())
}

/// A filter names one thing, or several in its `And`, and a prefix of at most 1,024 bytes.
pub(super) fn check_filter(alone: usize, together: Option<usize>, prefix: Option<&str>) -> Result<(), Fault> {
    require(alone + usize::from(together.is_some()) <= 1)?;
    require(together.is_none_or(|together| together >= 2))?;
    check_prefix(prefix)
}

/// A prefix cannot be longer than a key.
pub(super) fn check_prefix(prefix: Option<&str>) -> Result<(), Fault> {
    match prefix {
        Some(prefix) if prefix.len() > 1024 => Err(Fault::invalid_request("The maximum size of a prefix is 1024.")),
        _ => Ok(()),
    }
}
