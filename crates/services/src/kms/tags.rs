//! `TagResource`, `UntagResource` and `ListResourceTags`

use serde::{Deserialize, Serialize};

use super::context::twin;
use super::fault::Fault;
use super::key::Tags;
use super::operation::{Done, Operation, Prepared};
use super::page::{Paging, limit};
use super::store::Store;
use super::subject::Subject;
use crate::asked::with_request_tags;
use crate::constraint::{length, required};
use crate::{Authorized, Caller};

/// The most tags of a key.
const MOST: usize = 50;

/// A tag, as it is given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagInput {
    tag_key: Option<String>,
    tag_value: Option<String>,
}

/// A tag, as it is returned.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagOutput {
    pub(super) tag_key: String,
    pub(super) tag_value: String,
}

/// The tags that a request gives, checked.
pub(super) fn checked(given: Vec<TagInput>) -> Result<Tags, Fault> {
    let mut tags = Tags::new();
    for tag in given {
        let key = required("tags.member.tagKey", tag.tag_key)?;
        let value = required("tags.member.tagValue", tag.tag_value)?;
        length("tags.member.tagKey", &key, 1, 128)?;
        length("tags.member.tagValue", &value, 0, 256)?;
        if key.chars().chain(value.chars()).any(char::is_control) {
            return Err(Fault::Tag("Tag keys and values cannot have control characters"));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Fault::Tag("Tags beginning with aws: are reserved"));
        }
        if tags.insert(key, value).is_some() {
            return Err(Fault::Tag("Duplicate tag keys"));
        }
    }
    check_all(&tags)?;
    Ok(tags)
}

/// Checks the tags that a key is to have. Two keys of tags must not be told apart by their case alone:
/// `aws:ResourceTag/…` and `aws:RequestTag/…` are the same in any case, so that a policy could be evaded by a second
/// tag.
fn check_all(tags: &Tags) -> Result<(), Fault> {
    if twin(tags.keys()).is_some() {
        return Err(Fault::Tag("Tag keys that differ only in case are not supported"));
    }
    if tags.len() <= MOST { Ok(()) } else { Err(Fault::LimitExceeded("Too many tags".to_owned())) }
}

/// `TagResource`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagResource {
    key_id: Option<String>,
    tags: Option<Vec<TagInput>>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Ready = (Subject, Tags);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let tags = checked(required("tags", self.tags)?)?;
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = with_request_tags(subject.requirement_at_home(caller, Self::NAME), &tags);
        Ok(Prepared::one((subject, tags), requirement))
    }

    fn act((subject, tags): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            stored.key.check_own()?;
            stored.key.check_kept(caller.now)?;
            stored.key.tags.extend(tags);
            check_all(&stored.key.tags)?;
            stored.update(transaction)?;
            Ok(Done {})
        })
    }
}

/// `UntagResource`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagResource {
    key_id: Option<String>,
    tag_keys: Option<Vec<String>>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Ready = (Subject, Vec<String>);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let keys = required("tagKeys", self.tag_keys)?;
        keys.iter().try_for_each(|key| length("tagKeys", key, 1, 128))?;
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement =
            subject.requirement_at_home(caller, Self::NAME).with_many("aws:TagKeys", keys.iter().map(String::as_str));
        Ok(Prepared::one((subject, keys), requirement))
    }

    fn act((subject, keys): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            stored.key.check_own()?;
            stored.key.check_kept(caller.now)?;
            stored.key.tags.retain(|key, _| !keys.contains(key));
            stored.update(transaction)?;
            Ok(Done {})
        })
    }
}

/// `ListResourceTags`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListResourceTags {
    key_id: Option<String>,
    limit: Option<i64>,
    marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    tags: Vec<TagOutput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

impl Operation for ListResourceTags {
    const NAME: &'static str = "ListResourceTags";
    type Ready = (Subject, Paging);
    type Answer = Listed;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let limit = limit(self.limit, 50, 50)?;
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let context = serde_json::to_string(&(Self::NAME, subject.arn()))?;
        let paging = Paging::of(&store.vault, context, limit, self.marker.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        Ok(Prepared::one((subject, paging), requirement))
    }

    fn act(
        (subject, paging): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Listed, Fault> {
        let stored = store.read(|connection| subject.key(allowed, caller, connection))?;
        let output = |(tag_key, tag_value)| TagOutput { tag_key, tag_value };
        let tags = stored.key.tags.into_iter().map(output).collect();
        let page = paging.page_of_all(&store.vault, tags, |tag| &tag.tag_key)?;
        Ok(Listed { truncated: page.next.is_some(), tags: page.items, next_marker: page.next })
    }
}
