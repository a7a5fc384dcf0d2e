//! The tags that a resource is given as it is made.

use std::collections::BTreeMap;

use sidegate_model::{Context, Error, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::refused;

/// The tags for what a request makes, which is of one type, such as `vpc`.
pub(super) fn read(
    specifications: &[ec2::TagSpecification], resource_type: &'static str,
) -> Result<Vec<(String, String)>, Failure> {
    Ok(read_each(specifications, &[resource_type])?.remove(resource_type).unwrap_or_default())
}

/// The tags for what a request makes, by type; only these types are made.
pub(super) fn read_each(
    specifications: &[ec2::TagSpecification], resource_types: &[&'static str],
) -> Result<BTreeMap<&'static str, Vec<(String, String)>>, Failure> {
    let mut read: BTreeMap<&'static str, Vec<(String, String)>> = BTreeMap::new();
    for specification in specifications {
        let Some(wanted) = specification.resource_type.as_deref() else {
            return Err(refused("InvalidParameter", "Tag specification resource type must have a value"));
        };
        let Some(known) = resource_types.iter().find(|known| **known == wanted) else {
            let message = format!("'{wanted}' is not a valid taggable resource type for this operation.");
            return Err(refused("InvalidParameterValue", message));
        };
        if specification.tags.is_empty() {
            return Err(refused("InvalidParameter", "Tag specification must have at least one tag"));
        }
        let tags = pairs(&specification.tags, "TagSpecification.Tag.Key")?;
        if read.insert(known, tags).is_some() {
            let message = format!("The resource type '{wanted}' is specified more than once in the tag specifications");
            return Err(refused("InvalidParameterValue", message));
        }
    }
    Ok(read)
}

/// Tags as keys and values. A value that is not given is empty; a key must be given, and only once.
pub(super) fn pairs(tags: &[ec2::Tag], parameter: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut read = BTreeMap::new();
    for tag in tags {
        let Some(key) = tag.key.clone() else {
            return Err(refused("MissingParameter", format!("The request must contain the parameter {parameter}")));
        };
        if let Some((key, _)) = read.get_key_value(&key) {
            return Err(refused("InvalidParameterValue", format!("Duplicate tag key '{key}' specified.")));
        }
        read.insert(key, tag.value.clone().unwrap_or_default());
    }
    Ok(read.into_iter().collect())
}

/// Puts the tags on what was made, in the same command.
pub(super) fn put(world: &mut World, context: &Context<'_>, id: &str, tags: &[(String, String)]) -> Result<(), Error> {
    if tags.is_empty() { Ok(()) } else { world.create_tags(context, &[id.to_owned()], tags) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specification(resource_type: Option<&str>, tags: &[(&str, &str)]) -> ec2::TagSpecification {
        let tag =
            |(key, value): &(&str, &str)| ec2::Tag { key: Some((*key).to_owned()), value: Some((*value).to_owned()) };
        ec2::TagSpecification { resource_type: resource_type.map(str::to_owned), tags: tags.iter().map(tag).collect() }
    }

    fn refusal(specifications: &[ec2::TagSpecification]) -> (String, String) {
        let failure = read(specifications, "vpc").unwrap_err();
        (failure.code.into_owned(), failure.message)
    }

    #[test]
    fn tags_are_read_for_the_type_that_is_made() {
        let tags = read(&[specification(Some("vpc"), &[("b", "2"), ("a", "")])], "vpc").unwrap();
        assert_eq!(tags, [("a".to_owned(), String::new()), ("b".to_owned(), "2".to_owned())]);
        assert!(read(&[], "vpc").unwrap().is_empty());
    }

    #[test]
    fn another_type_no_type_no_tag_and_the_same_key_twice_are_refused() {
        let (code, message) = refusal(&[specification(Some("subnet"), &[("a", "1")])]);
        assert_eq!(code, "InvalidParameterValue");
        assert_eq!(message, "'subnet' is not a valid taggable resource type for this operation.");
        assert_eq!(refusal(&[specification(None, &[("a", "1")])]).0, "InvalidParameter");
        assert_eq!(refusal(&[specification(Some("vpc"), &[])]).0, "InvalidParameter");
        let (_, message) = refusal(&[specification(Some("vpc"), &[("a", "1"), ("a", "2")])]);
        assert_eq!(message, "Duplicate tag key 'a' specified.");
    }
}
