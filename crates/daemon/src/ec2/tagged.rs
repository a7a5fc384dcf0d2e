//! Tags that a resource gets as it is made, and those that it shows.

use std::collections::BTreeSet;

use sidegate_model::World;
use sidegate_wire::ec2::{Tag, TagSpecification};
use sidegate_wire::protocol::Failure;

use super::refused;

/// A resource's tags, as answers show them.
pub(super) fn shown(world: &World, resource: &str) -> Vec<Tag> {
    world.tags(resource).map(|(key, value)| Tag { key: Some(key.to_owned()), value: Some(value.to_owned()) }).collect()
}

/// The tags that specifications give to resources of a kind, where an action makes resources of several.
///
/// Source: the wordings are those that EC2 is known to answer with; see docs/claims.md.
pub(super) fn specified(
    specifications: &[TagSpecification], kind: &str, others: &[&str],
) -> Result<Vec<(String, String)>, Failure> {
    let mut tags = Vec::new();
    for specification in specifications {
        let Some(wanted) = specification.resource_type.as_deref() else {
            return Err(refused("InvalidParameterValue", "Tag specification resource type must have a value"));
        };
        if specification.tags.is_empty() {
            return Err(refused("InvalidParameterValue", "Tag specification must have at least one tag"));
        }
        if wanted == kind {
            tags.extend(specification.tags.iter().map(|tag| {
                let text = |part: &Option<String>| part.clone().unwrap_or_default();
                (text(&tag.key), text(&tag.value))
            }));
        } else if !others.contains(&wanted) {
            let message = format!("'{wanted}' is not a valid taggable resource type for this operation.");
            return Err(refused("InvalidParameterValue", message));
        }
    }
    let mut keys = BTreeSet::new();
    match tags.iter().find(|(key, _)| !keys.insert(key)) {
        Some((key, _)) => Err(refused("InvalidParameterValue", format!("Duplicate tag key '{key}' specified."))),
        None => Ok(tags),
    }
}
