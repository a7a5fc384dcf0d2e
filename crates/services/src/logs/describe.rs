//! `DescribeLogGroups` and `ListLogGroups`

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::create::class;
use super::fault::Fault;
use super::id::{GroupId, group_name};
use super::operation::{Act, Operation, Prepared};
use super::page::{self, Names};
use super::store::{Class, Group, Store, Tags};
use crate::Caller;
use crate::constraint::{characters, length, size};

/// What has to be allowed for an operation on no certain log group.
///
/// Source: denials that users quote, see docs/claims.md.
pub(super) fn on_any_group(caller: &Caller, operation: &str) -> Requirement {
    let none = GroupId { scope: caller.scope.clone(), name: String::new() };
    Requirement::new(format!("logs:{operation}"), none.stream_arn(""))
}

/// `DescribeLogGroups`
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeLogGroups {
    account_identifiers: Option<Vec<String>>,
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    #[serde(skip_serializing)]
    next_token: Option<String>,
    #[serde(skip_serializing)]
    limit: Option<i64>,
    include_linked_accounts: Option<bool>,
    log_group_class: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
}

/// Which log groups are asked for.
pub(super) struct Wanted {
    names: Names,
    prefix: String,
    class: Option<Class>,
    selects: Select,
}

enum Select {
    All,
    /// Those whose name contains this.
    Containing(String),
    /// Those that are named.
    Named(Vec<String>),
    /// Those whose name contains one of these, or begins with it, and that have tags like these.
    Like(Vec<(bool, String)>, Vec<TagFilter>),
}

/// A page of log groups.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupsPage<G> {
    log_groups: Vec<G>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// A log group, as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    log_group_name: String,
    creation_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention_in_days: Option<i64>,
    metric_filter_count: i64,
    arn: String,
    stored_bytes: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<String>,
    log_group_class: &'static str,
    log_group_arn: String,
    deletion_protection_enabled: bool,
}

impl Shown {
    fn of(connection: &Connection, group: Group) -> Result<Self, Fault> {
        let arn = group.id.arn();
        Ok(Self {
            metric_filter_count: group.metric_filters(connection)?,
            log_group_name: group.id.name,
            creation_time: group.created,
            retention_in_days: group.retention,
            arn: format!("{arn}:*"),
            stored_bytes: group.stored,
            kms_key_id: group.key.map(|(key, _)| key),
            log_group_class: group.class.as_str(),
            log_group_arn: arn,
            deletion_protection_enabled: group.is_protected,
        })
    }
}

impl DescribeLogGroups {
    fn select(&self, caller: &Caller) -> Result<Select, Fault> {
        let Self { log_group_name_prefix: prefix, log_group_name_pattern: pattern, .. } = self;
        if let Some(prefix) = prefix {
            group_name("logGroupNamePrefix", prefix)?;
        }
        if let Some(pattern) = pattern {
            length("logGroupNamePattern", pattern, 0, 512)?;
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-/#".contains(c);
            characters("logGroupNamePattern", pattern, r"[\.\-_/#A-Za-z0-9]*", plain)?;
        }
        if let Some(identifiers) = &self.log_group_identifiers {
            size("logGroupIdentifiers", identifiers.len(), 1, 50)?;
            if prefix.is_some() || pattern.is_some() || self.log_group_class.is_some() {
                return Err(Fault::invalid("logGroupIdentifiers cannot be combined with other filters."));
            }
            return named(caller, identifiers).map(Select::Named);
        }
        match (prefix, pattern) {
            (Some(_), Some(_)) => {
                Err(Fault::invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."))
            }
            (None, Some(pattern)) => Ok(Select::Containing(pattern.clone())),
            (_, None) => Ok(Select::All),
        }
    }
}

/// The names of groups of the caller's own account that are identified.
fn named(caller: &Caller, identifiers: &[String]) -> Result<Vec<String>, Fault> {
    let name = |identifier: &String| {
        let id = GroupId::identified(&caller.scope, "logGroupIdentifiers", identifier)?;
        if id.scope == caller.scope { Ok(id.name) } else { Err(not_linked()) }
    };
    identifiers.iter().map(name).collect()
}

fn not_linked() -> Fault {
    Fault::invalid("This account is not a monitoring account: it has no linked accounts.")
}

/// Accounts that are linked for observation there are none.
fn check_accounts(accounts: Option<&[String]>, linked: Option<bool>, own: &Scope) -> Result<(), Fault> {
    let accounts = accounts.unwrap_or_default();
    size("accountIdentifiers", accounts.len(), 0, 20)?;
    let foreign = accounts.iter().any(|account| account != own.account.as_str());
    if foreign && linked == Some(true) { Err(not_linked()) } else { Ok(()) }
}

impl Wanted {
    fn wants(&self, group: &Group) -> bool {
        let name = &group.id.name;
        let selected = match &self.selects {
            Select::All => true,
            Select::Containing(text) => name.contains(text),
            Select::Named(names) => names.contains(name),
            Select::Like(parts, tags) => {
                let like = |(begins, text): &(bool, String)| {
                    if *begins { name.starts_with(text) } else { name.contains(text) }
                };
                (parts.is_empty() || parts.iter().any(like)) && tags.iter().all(|filter| filter.matches(&group.tags))
            }
        };
        selected && self.class.is_none_or(|class| class == group.class)
    }

    fn page<G>(
        &self, act: &Act<'_>, show: impl Fn(&Connection, Group) -> Result<G, Fault>, name: impl Fn(&G) -> &str,
    ) -> Result<GroupsPage<G>, Fault> {
        let (caller, store) = (act.caller, act.store);
        let found = store.read(|connection| {
            let mut found = Vec::new();
            Group::each(connection, &caller.scope, &self.names.after, &self.prefix, |group| {
                if self.wants(&group) {
                    found.push(show(connection, group)?);
                }
                Ok(found.len() <= self.names.limit)
            })?;
            Ok(found)
        })?;
        let (log_groups, next_token) = self.names.page(&store.vault, caller.now, found, name)?;
        Ok(GroupsPage { log_groups, next_token })
    }
}

/// What has to be the same on the next page.
fn context(operation: &str, caller: &Caller, asked: &impl Serialize) -> Result<String, Fault> {
    Ok(format!("{operation} {}/{} {}", caller.scope.account, caller.scope.region, serde_json::to_string(asked)?))
}

impl Operation for DescribeLogGroups {
    const NAME: &'static str = "DescribeLogGroups";
    type Ready = Wanted;
    type Answer = GroupsPage<Shown>;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Wanted>, Fault> {
        check_accounts(self.account_identifiers.as_deref(), self.include_linked_accounts, &caller.scope)?;
        let (selects, class) = (self.select(caller)?, class(self.log_group_class.as_deref())?);
        let limit = page::limit(self.limit, 50, 50)?;
        let context = context(Self::NAME, caller, &self)?;
        let names = Names::of(&store.vault, context, caller.now, self.next_token.as_deref(), limit)?;
        let prefix = self.log_group_name_prefix.unwrap_or_default();
        let ready = Wanted { names, prefix, class, selects };
        Ok(Prepared { ready, requirements: vec![on_any_group(caller, Self::NAME)] })
    }

    fn act(wanted: Wanted, act: &Act<'_>) -> Result<Self::Answer, Fault> {
        wanted.page(act, Shown::of, |shown| &shown.log_group_name)
    }
}

/// `ListLogGroups`
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListLogGroups {
    log_group_name_pattern: Option<String>,
    log_group_class: Option<String>,
    include_linked_accounts: Option<bool>,
    account_identifiers: Option<Vec<String>>,
    #[serde(skip_serializing)]
    next_token: Option<String>,
    #[serde(skip_serializing)]
    limit: Option<i64>,
    data_sources: Option<Vec<serde_json::Value>>,
    field_index_names: Option<Vec<String>>,
    log_group_tags: Option<Vec<TagFilter>>,
}

/// What a tag of a log group is to be like.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct TagFilter {
    key: String,
    #[serde(default)]
    values: Vec<String>,
}

impl TagFilter {
    fn matches(&self, tags: &Tags) -> bool {
        let like = |value: &str, wanted: &str| {
            let (denied, wanted) = wanted.strip_prefix('!').map_or((false, wanted), |rest| (true, rest));
            let (open, wanted) = wanted.strip_prefix('*').map_or((false, wanted), |rest| (true, rest));
            let (closed, wanted) = wanted.strip_suffix('*').map_or((false, wanted), |rest| (true, rest));
            let fits = match (open, closed) {
                (false, false) => value == wanted,
                (true, false) => value.ends_with(wanted),
                (false, true) => value.starts_with(wanted),
                (true, true) => value.contains(wanted),
            };
            fits != denied
        };
        let fits = |value: &String| self.values.is_empty() || self.values.iter().any(|wanted| like(value, wanted));
        tags.get(&self.key).is_some_and(fits)
    }
}

/// A log group in short.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    log_group_name: String,
    log_group_arn: String,
    log_group_class: &'static str,
}

/// The parts of a pattern, and whether each is the beginning of a name.
fn parts(pattern: &str) -> Result<Vec<(bool, String)>, Fault> {
    length("logGroupNamePattern", pattern, 3, 129)?;
    let refused = || {
        let form = r"(\^?[\.\-_\/#A-Za-z0-9]{3,24})(\|\^?[\.\-_\/#A-Za-z0-9]{3,24}){0,4}";
        characters("logGroupNamePattern", pattern, form, |_| false)
    };
    let mut parts = Vec::new();
    for part in pattern.split('|') {
        let (begins, text) = part.strip_prefix('^').map_or((false, part), |rest| (true, rest));
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-/#".contains(c);
        if !(3..=24).contains(&text.len()) || !text.chars().all(plain) || parts.len() == 5 {
            refused()?;
        }
        parts.push((begins, text.to_owned()));
    }
    Ok(parts)
}

impl Operation for ListLogGroups {
    const NAME: &'static str = "ListLogGroups";
    type Ready = Wanted;
    type Answer = GroupsPage<Summary>;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Wanted>, Fault> {
        check_accounts(self.account_identifiers.as_deref(), self.include_linked_accounts, &caller.scope)?;
        if self.data_sources.is_some() || self.field_index_names.is_some() {
            return Err(Fault::Unserved("the data sources and field indexes of ListLogGroups"));
        }
        let tags = self.log_group_tags.clone().unwrap_or_default();
        size("logGroupTags", tags.len(), usize::from(self.log_group_tags.is_some()), 5)?;
        let parts = self.log_group_name_pattern.as_deref().map(parts).transpose()?.unwrap_or_default();
        let class = class(self.log_group_class.as_deref())?;
        let limit = page::limit(self.limit, 1000, 50)?;
        let context = context(Self::NAME, caller, &self)?;
        let names = Names::of(&store.vault, context, caller.now, self.next_token.as_deref(), limit)?;
        let ready = Wanted { names, prefix: String::new(), class, selects: Select::Like(parts, tags) };
        Ok(Prepared { ready, requirements: vec![on_any_group(caller, Self::NAME)] })
    }

    fn act(wanted: Wanted, act: &Act<'_>) -> Result<Self::Answer, Fault> {
        let show = |_: &Connection, group: Group| {
            let log_group_arn = group.id.arn();
            Ok(Summary { log_group_name: group.id.name, log_group_arn, log_group_class: group.class.as_str() })
        };
        wanted.page(act, show, |summary| &summary.log_group_name)
    }
}
