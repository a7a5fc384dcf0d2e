//! Tags of log groups and destinations: `TagResource`, `UntagResource`, `ListTagsForResource`, and the older
//! `TagLogGroup`, `UntagLogGroup` and `ListTagsLogGroup`.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::fault::{Fault, Kind};
use super::id::{GroupId, arn, split_arn};
use super::operation::{Act, Done, Operation, Prepared, with_resource_tags};
use super::store::{Destination, Group, Store, Tags};
use crate::Caller;
use crate::asked::with_request_tags;
use crate::constraint::{characters, length, required, size};

/// The most tags of a resource.
const MOST: usize = 50;

/// The tags that a request gives, checked.
pub(super) fn checked(tags: Tags) -> Result<Tags, Fault> {
    size("tags", tags.len(), 1, MOST)?;
    for (key, value) in &tags {
        length("tags", key, 1, 128)?;
        length("tags", value, 0, 256)?;
        let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
        characters("tags", key, r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$", allowed)?;
        characters("tags", value, r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", allowed)?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Fault::invalid("aws: prefixed tag key names are not allowed for external use."));
        }
    }
    Ok(tags)
}

/// Something with tags.
#[derive(Debug)]
enum Tagged {
    Group(GroupId),
    Destination(Scope, String),
}

impl Tagged {
    /// A resource by its ARN.
    fn of_arn(caller: &Caller, given: Option<String>) -> Result<Self, Fault> {
        let given = required("resourceArn", given)?;
        length("resourceArn", &given, 1, 1011)?;
        if let Some(group) = GroupId::of_arn(&caller.scope, &given) {
            return Ok(Self::Group(group));
        }
        let destination = split_arn(&given).filter(|(scope, _)| scope.region == caller.scope.region);
        let destination = destination.and_then(|(scope, rest)| Some((scope, rest.strip_prefix("destination:")?)));
        let (scope, name) = destination.ok_or_else(|| Fault::invalid("The specified ARN is invalid."))?;
        Ok(Self::Destination(scope, name.to_owned()))
    }

    /// Its tags; `None` if it is not there.
    fn tags(&self, connection: &Connection) -> Result<Option<Tags>, Fault> {
        Ok(match self {
            Self::Group(id) => Group::find(connection, id)?.map(|group| group.tags),
            Self::Destination(scope, name) => Destination::find(connection, scope, name)?.map(|found| found.tags),
        })
    }

    fn requirement(&self, store: &Store, operation: &str) -> Result<Requirement, Fault> {
        let (resource, account) = match self {
            Self::Group(id) => (id.arn(), &id.scope.account),
            Self::Destination(scope, name) => (arn(scope, &format!("destination:{name}")), &scope.account),
        };
        let tags = store.read(|connection| self.tags(connection))?.unwrap_or_default();
        let requirement = Requirement::new(format!("logs:{operation}"), resource).owned_by(account.clone());
        Ok(with_resource_tags(requirement, &tags))
    }

    /// Changes its tags.
    fn change(
        &self, act: &Act<'_>, change: impl Fn(&mut Tags) -> Result<(), Fault>, none: Kind,
    ) -> Result<Done, Fault> {
        act.store.write(act.allowed, act.caller.now, |transaction| {
            match self {
                Self::Group(id) => {
                    let mut group = Group::find(transaction, id)?.ok_or(Fault::None(none))?;
                    change(&mut group.tags)?;
                    group.update(transaction)?;
                }
                Self::Destination(scope, name) => {
                    let mut found = Destination::find(transaction, scope, name)?.ok_or(Fault::None(none))?;
                    change(&mut found.tags)?;
                    found.put(transaction, scope)?;
                }
            }
            Ok(Done {})
        })
    }

    fn add(&self, act: &Act<'_>, tags: &Tags, none: Kind) -> Result<Done, Fault> {
        let change = |own: &mut Tags| {
            own.extend(tags.clone());
            match (own.len() > MOST, self) {
                (false, _) => Ok(()),
                (true, Self::Group(id)) => Err(Fault::TooManyTags(id.arn())),
                (true, Self::Destination(_, name)) => Err(Fault::TooManyTags(name.clone())),
            }
        };
        self.change(act, change, none)
    }

    fn take(&self, act: &Act<'_>, keys: &[String], none: Kind) -> Result<Done, Fault> {
        let change = |own: &mut Tags| {
            own.retain(|key, _| !keys.contains(key));
            Ok(())
        };
        self.change(act, change, none)
    }

    fn list(&self, act: &Act<'_>, none: Kind) -> Result<Listed, Fault> {
        let tags = act.store.read(|connection| self.tags(connection))?;
        tags.map(|tags| Listed { tags }).ok_or(Fault::None(none))
    }
}

/// The keys that a request gives, checked.
fn keys(member: &'static str, keys: Option<Vec<String>>, least: usize) -> Result<Vec<String>, Fault> {
    let keys = required(member, keys)?;
    size(member, keys.len(), least, MOST)?;
    keys.iter().try_for_each(|key| length(member, key, 1, 128))?;
    Ok(keys)
}

fn with_keys(requirement: Requirement, keys: &[String]) -> Requirement {
    if keys.is_empty() { requirement } else { requirement.with_many("aws:TagKeys", keys.iter().map(String::as_str)) }
}

/// The tags of a resource.
#[derive(Serialize)]
pub(super) struct Listed {
    tags: Tags,
}

/// `TagResource`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TagResource {
    resource_arn: Option<String>,
    tags: Option<Tags>,
}

/// `UntagResource`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UntagResource {
    resource_arn: Option<String>,
    tag_keys: Option<Vec<String>>,
}

/// `ListTagsForResource`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListTagsForResource {
    resource_arn: Option<String>,
}

/// `TagLogGroup`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TagLogGroup {
    log_group_name: Option<String>,
    tags: Option<Tags>,
}

/// `UntagLogGroup`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UntagLogGroup {
    log_group_name: Option<String>,
    tags: Option<Vec<String>>,
}

/// `ListTagsLogGroup`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListTagsLogGroup {
    log_group_name: Option<String>,
}

/// What is done with the tags of something.
pub(super) struct Change<T> {
    on: Tagged,
    with: T,
}

fn adding(on: Tagged, tags: Option<Tags>, store: &Store, operation: &str) -> Result<Prepared<Change<Tags>>, Fault> {
    let with = checked(required("tags", tags)?)?;
    let requirements = vec![with_request_tags(on.requirement(store, operation)?, &with)];
    Ok(Prepared { ready: Change { on, with }, requirements })
}

fn taking(
    on: Tagged, with: Vec<String>, store: &Store, operation: &str,
) -> Result<Prepared<Change<Vec<String>>>, Fault> {
    let requirements = vec![with_keys(on.requirement(store, operation)?, &with)];
    Ok(Prepared { ready: Change { on, with }, requirements })
}

fn listing(on: Tagged, store: &Store, operation: &str) -> Result<Prepared<Change<()>>, Fault> {
    let requirements = vec![on.requirement(store, operation)?];
    Ok(Prepared { ready: Change { on, with: () }, requirements })
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Ready = Change<Tags>;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        adding(Tagged::of_arn(caller, self.resource_arn)?, self.tags, store, Self::NAME)
    }

    fn act(ready: Self::Ready, act: &Act<'_>) -> Result<Done, Fault> {
        ready.on.add(act, &ready.with, Kind::Resource)
    }
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Ready = Change<Vec<String>>;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let keys = keys("tagKeys", self.tag_keys, 0)?;
        taking(Tagged::of_arn(caller, self.resource_arn)?, keys, store, Self::NAME)
    }

    fn act(ready: Self::Ready, act: &Act<'_>) -> Result<Done, Fault> {
        ready.on.take(act, &ready.with, Kind::Resource)
    }
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Ready = Change<()>;
    type Answer = Listed;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        listing(Tagged::of_arn(caller, self.resource_arn)?, store, Self::NAME)
    }

    fn act(ready: Self::Ready, act: &Act<'_>) -> Result<Listed, Fault> {
        ready.on.list(act, Kind::Resource)
    }
}

impl Operation for TagLogGroup {
    const NAME: &'static str = "TagLogGroup";
    type Ready = Change<Tags>;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let on = Tagged::Group(GroupId::named(&caller.scope, self.log_group_name)?);
        adding(on, self.tags, store, Self::NAME)
    }

    fn act(ready: Self::Ready, act: &Act<'_>) -> Result<Done, Fault> {
        ready.on.add(act, &ready.with, Kind::LogGroup)
    }
}

impl Operation for UntagLogGroup {
    const NAME: &'static str = "UntagLogGroup";
    type Ready = Change<Vec<String>>;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let keys = keys("tags", self.tags, 1)?;
        taking(Tagged::Group(GroupId::named(&caller.scope, self.log_group_name)?), keys, store, Self::NAME)
    }

    fn act(ready: Self::Ready, act: &Act<'_>) -> Result<Done, Fault> {
        ready.on.take(act, &ready.with, Kind::LogGroup)
    }
}

impl Operation for ListTagsLogGroup {
    const NAME: &'static str = "ListTagsLogGroup";
    type Ready = Change<()>;
    type Answer = Listed;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        listing(Tagged::Group(GroupId::named(&caller.scope, self.log_group_name)?), store, Self::NAME)
    }

    fn act(ready: Self::Ready, act: &Act<'_>) -> Result<Listed, Fault> {
        ready.on.list(act, Kind::LogGroup)
    }
}
