//! `TagResource`, `UntagResource` and `ListTagsForResource`, for alarms and dashboards.
//!
//! Source: API reference, "TagResource", "Tag"; Service Authorization Reference, "Amazon CloudWatch", resource types.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Deserialize;
use sidegate_wire::document::Value;

use super::fault::Fault;
use super::operation::{Answer, Operation, Prepared, requirement, structure, text};
use super::scalar::{Items, items};
use super::store::{Store, alarms, dashboards};
use crate::asked::with_request_tags;
use crate::constraint::length;
use crate::{Authorized, Caller};

/// The most tags of a resource.
const MOST: usize = 50;

type Tags = BTreeMap<String, String>;

/// A tag, as it is given.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagInput {
    key: Option<String>,
    value: Option<String>,
}

/// The tags that a request gives, checked.
pub(super) fn checked(given: Vec<TagInput>) -> Result<Tags, Fault> {
    let mut tags = Tags::new();
    for (at, TagInput { key, value }) in given.into_iter().enumerate() {
        let missing = |part: &str| Fault::Missing(format!("Tags.member.{}.{part}", at + 1));
        let (key, value) = (key.ok_or_else(|| missing("Key"))?, value.ok_or_else(|| missing("Value"))?);
        length("tags.member.key", &key, 1, 128)?;
        length("tags.member.value", &value, 0, 256)?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Fault::Invalid("aws: prefixed tag key names are not allowed for external use.".to_owned()));
        }
        if tags.insert(key, value).is_some() {
            return Err(Fault::Invalid("Duplicate tag keys are not allowed.".to_owned()));
        }
    }
    check_count(&tags)?;
    Ok(tags)
}

fn check_count(tags: &Tags) -> Result<(), Fault> {
    if tags.len() <= MOST {
        Ok(())
    } else {
        Err(Fault::Invalid("The resource would have more than 50 tags.".to_owned()))
    }
}

/// What can be tagged.
#[derive(Clone, Debug)]
enum Kind {
    Alarm(String),
    Dashboard(String),
    /// A kind that is not served.
    Other,
}

/// Something that has tags, by its ARN.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    arn: String,
    kind: Kind,
}

impl Resource {
    fn parse(arn: Option<String>, caller: &Caller) -> Result<Self, Fault> {
        let arn = arn.ok_or_else(|| Fault::Missing("ResourceARN".to_owned()))?;
        length("resourceARN", &arn, 1, 1024)?;
        let refused = || Fault::Invalid(format!("The value {arn} for parameter ResourceARN is invalid."));
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, "cloudwatch", region, account, resource] = parts.as_slice() else { return Err(refused()) };
        let (is_own, is_here) = (*account == caller.scope.account.as_str(), *region == caller.scope.region.as_str());
        let kind = match (resource.strip_prefix("alarm:"), resource.strip_prefix("dashboard/")) {
            (Some(name), _) if is_own && is_here => Kind::Alarm(name.to_owned()),
            (_, Some(name)) if is_own && region.is_empty() => Kind::Dashboard(name.to_owned()),
            _ if resource.starts_with("insight-rule/") || resource.starts_with("metric-stream/") => Kind::Other,
            (Some(_), _) | (_, Some(_)) => Kind::Other,
            _ => return Err(refused()),
        };
        Ok(Self { arn, kind })
    }

    /// Its tags, if it is there.
    fn tags(&self, connection: &Connection, caller: &Caller) -> Result<Option<Tags>, Fault> {
        Ok(match &self.kind {
            Kind::Alarm(name) => alarms::find(connection, &caller.scope, name)?.map(|alarm| alarm.tags),
            Kind::Dashboard(name) => {
                dashboards::find(connection, caller.scope.account.as_str(), name)?.map(|dashboard| dashboard.tags)
            }
            Kind::Other => None,
        })
    }

    /// Changes its tags.
    fn change(
        &self, connection: &Connection, caller: &Caller, change: impl FnOnce(&mut Tags) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        match &self.kind {
            Kind::Alarm(name) => {
                let mut alarm = alarms::find(connection, &caller.scope, name)?.ok_or_else(|| self.missing())?;
                change(&mut alarm.tags)?;
                alarms::put(connection, &caller.scope, &alarm)
            }
            Kind::Dashboard(name) => {
                let account = caller.scope.account.as_str();
                let mut dashboard = dashboards::find(connection, account, name)?.ok_or_else(|| self.missing())?;
                change(&mut dashboard.tags)?;
                dashboards::put(connection, account, &dashboard)
            }
            Kind::Other => Err(self.missing()),
        }
    }

    fn missing(&self) -> Fault {
        Fault::NoResource(format!("The resource {} does not exist.", self.arn))
    }

    /// What an operation on it requires.
    fn requirement(&self, operation: &str, caller: &Caller, store: &Store) -> Result<sidegate_iam::Requirement, Fault> {
        let tags = store.read(|connection| self.tags(connection, caller))?.unwrap_or_default();
        let mut requirement = requirement(operation, &self.arn);
        for (key, value) in &tags {
            requirement = requirement.with(&format!("aws:ResourceTag/{key}"), value.as_str());
        }
        Ok(requirement)
    }
}

/// `TagResource`
#[derive(Deserialize)]
pub(super) struct TagResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: Option<String>,
    #[serde(rename = "Tags")]
    tags: Option<Items<TagInput>>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Ready = (Resource, Tags);

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let resource = Resource::parse(self.resource_arn, caller)?;
        let tags = checked(self.tags.ok_or_else(|| Fault::Missing("Tags".to_owned()))?.0)?;
        let own = with_request_tags(resource.requirement(Self::NAME, caller, store)?, &tags);
        Ok(Prepared::one((resource, tags), own))
    }

    fn act(
        (resource, tags): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Answer, Fault> {
        store.write(allowed, |transaction| {
            resource.change(transaction, caller, |own| {
                own.extend(tags);
                check_count(own)
            })
        })?;
        Ok(Answer::of(Vec::new()))
    }
}

/// `UntagResource`
#[derive(Deserialize)]
pub(super) struct UntagResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: Option<String>,
    #[serde(rename = "TagKeys")]
    tag_keys: Option<Items<String>>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Ready = (Resource, Vec<String>);

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let resource = Resource::parse(self.resource_arn, caller)?;
        if self.tag_keys.is_none() {
            return Err(Fault::Missing("TagKeys".to_owned()));
        }
        let keys = items(self.tag_keys);
        keys.iter().try_for_each(|key| length("tagKeys", key, 1, 128))?;
        let own = resource.requirement(Self::NAME, caller, store)?;
        let own = own.with_many("aws:TagKeys", keys.iter().map(String::as_str));
        Ok(Prepared::one((resource, keys), own))
    }

    fn act(
        (resource, keys): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Answer, Fault> {
        store.write(allowed, |transaction| {
            resource.change(transaction, caller, |own| {
                own.retain(|key, _| !keys.contains(key));
                Ok(())
            })
        })?;
        Ok(Answer::of(Vec::new()))
    }
}

/// `ListTagsForResource`
#[derive(Deserialize)]
pub(super) struct ListTagsForResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: Option<String>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Ready = Resource;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Resource>, Fault> {
        let resource = Resource::parse(self.resource_arn, caller)?;
        let own = resource.requirement(Self::NAME, caller, store)?;
        Ok(Prepared::one(resource, own))
    }

    fn act(resource: Resource, _: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        let tags = store.read(|connection| resource.tags(connection, caller))?.ok_or_else(|| resource.missing())?;
        let tag = |(key, value): (&String, &String)| structure(vec![("Key", text(key)), ("Value", text(value))]);
        Ok(Answer::of(vec![("Tags", Some(Value::List(tags.iter().map(tag).collect())))]))
    }
}
