//! Tags: what requests give, and the operations on them.

use serde::Deserialize;
use serde_json::Value;

use super::fault::{Fault, Input, length, pattern, required};
use super::id::TaggableId;
use super::operation::{Operation, Prepared, Turn, View, done};
use super::organization::{Tags, check_tags};
use super::page::{PageInput, Paging};
use super::shape;

/// A tag as a request gives it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagInput {
    key: Option<String>,
    value: Option<String>,
}

/// Checks the tags of a request.
pub(super) fn checked(given: Vec<TagInput>) -> Result<Tags, Fault> {
    let mut tags = Tags::new();
    for tag in given {
        let (key, value) = (required(tag.key)?, required(tag.value)?);
        check_key(&key)?;
        length(&value, 0, 256)?;
        if !value.chars().all(is_allowed) {
            return Err(Input::Pattern.into());
        }
        if tags.insert(key, value).is_some() {
            return Err(Input::DuplicateTag.into());
        }
    }
    check_tags(&tags)?;
    Ok(tags)
}

fn check_key(key: &str) -> Result<(), Fault> {
    length(key, 1, 128)?;
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err(Input::SystemTag.into());
    }
    if key.chars().all(is_allowed) { Ok(()) } else { Err(Input::Pattern.into()) }
}

/// The model's `[\p{L}\p{Z}\p{N}_.:/=+\-@]`.
fn is_allowed(character: char) -> bool {
    let separator = character.is_whitespace() && !character.is_control();
    character.is_alphanumeric() || separator || "_.:/=+-@".contains(character)
}

/// `TagResource`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagResource {
    resource_id: Option<String>,
    tags: Option<Vec<TagInput>>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Ready = (TaggableId, Tags);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let ready = (pattern(self.resource_id.as_deref(), TaggableId::parse)?, checked(required(self.tags)?)?);
        view.on(Self::NAME, ready, |organization, (id, _)| organization.taggable_arn(id))
    }

    fn act((id, more): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change(|organization| organization.change_tags(&id, |tags| tags.extend(more)))?;
        Ok(done())
    }
}

/// `UntagResource`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagResource {
    resource_id: Option<String>,
    tag_keys: Option<Vec<String>>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Ready = (TaggableId, Vec<String>);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let keys = required(self.tag_keys)?;
        keys.iter().try_for_each(|key| check_key(key))?;
        let ready = (pattern(self.resource_id.as_deref(), TaggableId::parse)?, keys);
        view.on(Self::NAME, ready, |organization, (id, _)| organization.taggable_arn(id))
    }

    fn act((id, keys): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.shrink(|organization| organization.change_tags(&id, |tags| tags.retain(|key, _| !keys.contains(key))))?;
        Ok(done())
    }
}

/// `ListTagsForResource`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListTagsForResource {
    resource_id: Option<String>,
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Ready = (TaggableId, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let id = pattern(self.resource_id.as_deref(), TaggableId::parse)?;
        let paging = self.page.paging(Self::NAME, self.resource_id.as_deref().unwrap_or_default())?;
        view.on(Self::NAME, (id, paging), |organization, (id, _)| organization.taggable_arn(id))
    }

    fn act((id, paging): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        let tags = organization.tags(&id).ok_or(Fault::TargetNotFound)?;
        let placed = tags.iter().map(|(key, value)| ((0, key.clone()), shape::tag(key, value)));
        paging.answer("Tags", placed.collect())
    }
}
