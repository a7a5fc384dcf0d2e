//! Tags: keys and values on any resource.
//!
//! Source: EC2 user guide, "Tag your Amazon EC2 resources", restrictions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::instance::check_told_tag;
use crate::{Context, Entity, Error, Scope, World};

/// The tags of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// Whose resource it is.
    pub scope: Scope,
    /// The resource's id; of a peering connection, of which both sides have tags of their own, a key that begins with it.
    pub resource: String,
    /// The tags.
    pub tags: BTreeMap<String, String>,
}

/// The most tags that a resource can have.
const LIMIT: usize = 50;

/// The most characters of a key.
const KEY_LIMIT: usize = 127;

/// The most characters of a value.
const VALUE_LIMIT: usize = 256;

impl Entity for Tags {
    type Id = String;
    const KIND: &'static str = "tags";

    fn id(&self) -> String {
        self.resource.clone()
    }

    fn key(&self) -> String {
        self.resource.clone()
    }
}

impl Tags {
    /// The resource's id.
    pub fn resource_id(&self) -> &str {
        self.resource.split('/').next().unwrap_or_default()
    }
}

impl World {
    /// The key of a caller's tags of a resource.
    fn tag_key(&self, context: &Context<'_>, resource: &str) -> String {
        let peering = resource.parse().ok().and_then(|id| self.peerings.get(&id));
        peering.map_or_else(|| resource.to_owned(), |peering| peering.tag_key(&context.scope))
    }

    /// The tags of a resource.
    pub fn tags(&self, resource: &str) -> impl Iterator<Item = (&str, &str)> {
        self.tags
            .get(&resource.to_owned())
            .into_iter()
            .flat_map(|t| t.tags.iter())
            .map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// Puts tags on resources, over those with the same keys.
    ///
    /// # Errors
    /// If a resource does not exist, a key or value is not allowed, or a resource would have more than 50 tags.
    pub fn create_tags(
        &mut self, context: &Context<'_>, resources: &[String], tags: &[(String, String)],
    ) -> Result<(), Error> {
        for (key, value) in tags {
            check(key, value)?;
        }
        for resource in resources {
            self.require(context, resource)?;
            let instance = resource.parse().ok().and_then(|id| self.instances.get(&id));
            if instance.is_some_and(|instance| instance.metadata.tags) {
                tags.iter().try_for_each(|(key, _)| check_told_tag(key))?;
            }
            let key = self.tag_key(context, resource);
            let mut all = self.tags.get(&key).map(|t| t.tags.clone()).unwrap_or_default();
            all.extend(tags.iter().cloned());
            if all.len() > LIMIT {
                return Err(Error::LimitExceeded {
                    code: "TagLimitExceeded",
                    message: format!("More than {LIMIT} tags specified for resource {resource}"),
                });
            }
            self.tags.insert(Tags { scope: context.scope.clone(), resource: key, tags: all });
        }
        Ok(())
    }

    /// Takes tags off resources: those with these keys, and if a value is given only with this value; all of them if
    /// no key is given.
    ///
    /// # Errors
    /// If a resource does not exist.
    pub fn delete_tags(
        &mut self, context: &Context<'_>, resources: &[String], tags: &[(String, Option<String>)],
    ) -> Result<(), Error> {
        for resource in resources {
            self.require(context, resource)?;
            let key = self.tag_key(context, resource);
            let Some(mut entry) = self.tags.get(&key).cloned() else { continue };
            entry.tags.retain(|key, value| {
                !tags.is_empty() && !tags.iter().any(|(k, v)| k == key && v.as_ref().is_none_or(|v| v == value))
            });
            if entry.tags.is_empty() {
                self.tags.remove(&key);
            } else {
                self.tags.insert(entry);
            }
        }
        Ok(())
    }

    /// Forgets the tags of a resource that is gone.
    pub(crate) fn forget_tags(&mut self, resource: &str) {
        self.tags.remove(&resource.to_owned());
    }
}

/// Whether a tag is one that AWS takes.
///
/// Source: EC2 API reference, `Tag`; the user guide allows 128 characters in a key.
fn check(key: &str, value: &str) -> Result<(), Error> {
    let refused = |why: String| Err(Error::InvalidParameterValue(why));
    if key.is_empty() {
        return refused("Tag key cannot be empty".to_owned());
    }
    if key.chars().count() > KEY_LIMIT {
        return refused(format!("Tag key exceeds the maximum length of {KEY_LIMIT} characters"));
    }
    if value.chars().count() > VALUE_LIMIT {
        return refused(format!("Tag value exceeds the maximum length of {VALUE_LIMIT} characters"));
    }
    if key.to_ascii_lowercase().starts_with("aws:") {
        return refused("Tag keys starting with 'aws:' are reserved for internal use".to_owned());
    }
    Ok(())
}
