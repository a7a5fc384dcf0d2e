//! `TagResource` and `UntagResource`

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::operation::{Done, Operation, Prepared, Subject};
use super::store::{Store, Tags};
use crate::asked::with_request_tags;
use crate::constraint::{length, required};
use crate::{Authorized, Caller};

/// The most tags of a secret.
const MOST: usize = 50;

/// A tag, as it is given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagInput {
    key: Option<String>,
    value: Option<String>,
}

/// A tag, as it is returned.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagOutput {
    key: String,
    value: String,
}

impl From<(String, String)> for TagOutput {
    fn from((key, value): (String, String)) -> Self {
        Self { key, value }
    }
}

/// The tags that a request gives, checked.
pub(super) fn checked(given: Vec<TagInput>) -> Result<Tags, Fault> {
    let mut tags = Tags::new();
    for tag in given {
        let key = required("tags.key", tag.key)?;
        let value = tag.value.unwrap_or_default();
        length("tags.key", &key, 1, 128)?;
        length("tags.value", &value, 0, 256)?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Fault::InvalidParameter(format!(
                "The tag key {key} is reserved: keys that begin with aws: are for AWS's own use."
            )));
        }
        if tags.insert(key.clone(), value).is_some() {
            return Err(Fault::InvalidParameter(format!("The tag key {key} is given more than once.")));
        }
    }
    check_count(&tags)?;
    Ok(tags)
}

fn check_count(tags: &Tags) -> Result<(), Fault> {
    if tags.len() <= MOST {
        return Ok(());
    }
    Err(Fault::LimitExceeded(format!("A secret can have at most {MOST} tags.")))
}

/// `TagResource`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagResource {
    secret_id: Option<String>,
    tags: Option<Vec<TagInput>>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Ready = (Subject, Tags);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let tags = checked(required("tags", self.tags)?)?;
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirements = vec![with_request_tags(subject.requirement(Self::NAME), &tags)];
        Ok(Prepared { ready: (subject, tags), requirements })
    }

    fn act((subject, tags): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut secret = subject.secret(allowed, caller, transaction)?;
            secret.tags.extend(tags);
            check_count(&secret.tags)?;
            secret.changed = caller.now;
            secret.update(transaction)?;
            Ok(Done {})
        })
    }
}

/// `UntagResource`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagResource {
    secret_id: Option<String>,
    tag_keys: Option<Vec<String>>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Ready = (Subject, Vec<String>);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let keys = required("tagKeys", self.tag_keys)?;
        keys.iter().try_for_each(|key| length("tagKeys", key, 1, 128))?;
        let subject = Subject::find(caller, store, self.secret_id.as_deref())?;
        let requirements =
            vec![subject.requirement(Self::NAME).with_many("aws:TagKeys", keys.iter().map(String::as_str))];
        Ok(Prepared { ready: (subject, keys), requirements })
    }

    fn act((subject, keys): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Done, Fault> {
        store.write(allowed, caller.now, |transaction| {
            let mut secret = subject.secret(allowed, caller, transaction)?;
            let before = secret.tags.len();
            secret.tags.retain(|key, _| !keys.contains(key));
            if secret.tags.len() != before {
                secret.changed = caller.now;
                secret.update(transaction)?;
            }
            Ok(Done {})
        })
    }
}
