//! `CreateLogGroup`

use serde::Deserialize;
use sidegate_iam::Requirement;

use super::fault::{CREATE_WITH_TAGS, Fault, Kind};
use super::id::GroupId;
use super::key::{self, KeyUse};
use super::operation::{Act, Done, Operation, Prepared};
use super::store::{Class, Group, Store, Tags};
use super::tags;
use crate::Caller;
use crate::asked::with_request_tags;
use crate::constraint::Constraint;

/// How many days a group of the class `DELIVERY` keeps its events.
///
/// Source: the class has a fixed retention, which is shown as two days; see docs/claims.md.
const DELIVERY_DAYS: i64 = 2;

/// `CreateLogGroup`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateLogGroup {
    log_group_name: Option<String>,
    kms_key_id: Option<String>,
    tags: Option<Tags>,
    log_group_class: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

/// A log group that is to be.
pub(super) struct NewGroup {
    group: Group,
    key: Option<String>,
}

/// The class that a request names.
pub(super) fn class(given: Option<&str>) -> Result<Option<Class>, Fault> {
    let refused = |text: &str| {
        Constraint::of(
            text,
            "logGroupClass",
            "Member must satisfy enum value set: [STANDARD, INFREQUENT_ACCESS, DELIVERY]",
        )
    };
    Ok(given.map(|text| Class::parse(text).ok_or_else(|| refused(text))).transpose()?)
}

impl Operation for CreateLogGroup {
    const NAME: &'static str = "CreateLogGroup";
    type Ready = NewGroup;
    type Answer = Done;

    fn prepare(self, caller: &Caller, _: &Store) -> Result<Prepared<NewGroup>, Fault> {
        let id = GroupId::named(&caller.scope, self.log_group_name)?;
        if id.name.starts_with("aws/") {
            return Err(Fault::invalid("Log group name cannot start with 'aws/'."));
        }
        let class = class(self.log_group_class.as_deref())?.unwrap_or(Class::Standard);
        let tags = self.tags.map(tags::checked).transpose()?.unwrap_or_default();
        let key = self.kms_key_id.filter(|key| !key.is_empty()).map(|key| key::given(key, &id)).transpose()?;
        let create = Requirement::new(format!("logs:{}", Self::NAME), id.stream_arn(""));
        let mut requirements = vec![with_request_tags(create, &tags)];
        if !tags.is_empty() {
            requirements.push(with_request_tags(Requirement::new(CREATE_WITH_TAGS, id.arn()), &tags));
        }
        let group = Group {
            number: 0,
            id,
            created: caller.now,
            class,
            retention: (class == Class::Delivery).then_some(DELIVERY_DAYS),
            key: None,
            is_protected: self.deletion_protection_enabled.unwrap_or(false),
            tags,
            stored: 0,
            arrivals: 0,
        };
        Ok(Prepared { ready: NewGroup { group, key }, requirements })
    }

    fn key_use(ready: &NewGroup, store: &Store) -> Result<KeyUse, Fault> {
        let id = &ready.group.id;
        if ready.key.is_some() && store.read(|connection| Group::find(connection, id))?.is_some() {
            return Err(Fault::Exists(Kind::LogGroup));
        }
        Ok(KeyUse { group: Some(id.clone()), new: ready.key.clone(), open: Vec::new() })
    }

    fn act(ready: NewGroup, act: &Act<'_>) -> Result<Done, Fault> {
        let mut group = ready.group;
        act.store.write(act.allowed, act.caller.now, |transaction| {
            group.number = group.insert(transaction)?;
            if let Some(new) = act.keys.new_key() {
                let number = Group::insert_data_key(transaction, group.number, &new.key, &new.wrapped)?;
                group.key = Some((new.key.clone(), number));
                group.update(transaction)?;
            }
            Ok(Done {})
        })
    }
}
