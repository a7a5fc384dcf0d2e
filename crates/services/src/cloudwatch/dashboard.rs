//! `PutDashboard`, `GetDashboard`, `ListDashboards` and `DeleteDashboards`: dashboards are kept, and not drawn.
//!
//! Source: API reference, "PutDashboard" and "Dashboard Body Structure and Syntax".

mod body;

use std::collections::BTreeMap;

use serde::Deserialize;
use sidegate_iam::Requirement;
use sidegate_wire::document::Value;

use super::fault::Fault;
use super::operation::{Answer, Operation, Prepared, dashboard_arn, requirement, structure, text};
use super::page;
use super::scalar::{Items, items};
use super::store::Store;
use super::store::dashboards::{self, Dashboard};
use super::tags::{TagInput, checked};
use crate::asked::with_request_tags;
use crate::{Authorized, Caller};
use body::Message;

/// The most dashboards of a page.
const MOST: usize = 1000;

/// `PutDashboard`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutDashboard {
    dashboard_name: Option<String>,
    dashboard_body: Option<String>,
    tags: Option<Items<TagInput>>,
}

impl Operation for PutDashboard {
    const NAME: &'static str = "PutDashboard";
    type Ready = (Dashboard, Vec<Message>);

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let name = name(self.dashboard_name)?;
        let body = self.dashboard_body.ok_or_else(|| Fault::Missing("DashboardBody".to_owned()))?;
        let warnings = body::check(&body)?;
        let tags = checked(items(self.tags))?;
        let own = with_request_tags(owned(Self::NAME, &name, caller, store)?, &tags);
        let mut requirements = vec![own];
        let account = caller.scope.account.as_str();
        let is_new = store.read(|connection| dashboards::find(connection, account, &name))?.is_none();
        if is_new && !tags.is_empty() {
            requirements
                .push(with_request_tags(requirement("TagResource", dashboard_arn(&caller.scope, &name)), &tags));
        }
        Ok(Prepared { ready: (Dashboard { name, body, changed: caller.now, tags }, warnings), requirements })
    }

    fn act(
        (mut dashboard, warnings): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Answer, Fault> {
        let account = caller.scope.account.as_str();
        store.write(allowed, |transaction| {
            if let Some(there) = dashboards::find(transaction, account, &dashboard.name)? {
                dashboard.tags = there.tags;
            }
            dashboards::put(transaction, account, &dashboard)
        })?;
        let told =
            |message: Message| structure(vec![("DataPath", text(message.path)), ("Message", text(message.text))]);
        let warnings = warnings.into_iter().map(told).collect();
        Ok(Answer::of(vec![("DashboardValidationMessages", Some(Value::List(warnings)))]))
    }
}

/// `GetDashboard`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetDashboard {
    dashboard_name: Option<String>,
}

impl Operation for GetDashboard {
    const NAME: &'static str = "GetDashboard";
    type Ready = String;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<String>, Fault> {
        let name = name(self.dashboard_name)?;
        let own = owned(Self::NAME, &name, caller, store)?;
        Ok(Prepared::one(name, own))
    }

    fn act(name: String, _: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        let account = caller.scope.account.as_str();
        let dashboard = store
            .read(|connection| dashboards::find(connection, account, &name))?
            .ok_or_else(|| Fault::NoDashboard(name.clone()))?;
        Ok(Answer::of(vec![
            ("DashboardArn", text(dashboard_arn(&caller.scope, &name))),
            ("DashboardBody", text(dashboard.body)),
            ("DashboardName", text(name)),
        ]))
    }
}

/// `ListDashboards`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListDashboards {
    dashboard_name_prefix: Option<String>,
    next_token: Option<String>,
}

impl Operation for ListDashboards {
    const NAME: &'static str = "ListDashboards";
    type Ready = (String, String, String);

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let prefix = self.dashboard_name_prefix.unwrap_or_default();
        let context = format!("{} {} {prefix}", Self::NAME, caller.scope.account);
        let after: Option<String> = page::place(&store.vault, &context, self.next_token.as_deref())?;
        Ok(Prepared::of_all((prefix, context, after.unwrap_or_default()), Self::NAME))
    }

    fn act(
        (prefix, context, after): Self::Ready, _: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Answer, Fault> {
        let account = caller.scope.account.as_str();
        let mut found = store.read(|connection| dashboards::list(connection, account, &prefix, &after, MOST + 1))?;
        let more = found.len() > MOST;
        found.truncate(MOST);
        let next = match found.last() {
            Some(last) if more => Some(page::token(&store.vault, &context, &last.name)?),
            _ => None,
        };
        let entry = |dashboard: &Dashboard| {
            structure(vec![
                ("DashboardName", text(&dashboard.name)),
                ("DashboardArn", text(dashboard_arn(&caller.scope, &dashboard.name))),
                ("LastModified", Some(Value::Time(dashboard.changed))),
                ("Size", i64::try_from(dashboard.body.len()).ok().map(Value::Integer)),
            ])
        };
        let entries = found.iter().map(entry).collect();
        Ok(Answer::of(vec![("DashboardEntries", Some(Value::List(entries))), ("NextToken", next.and_then(text))]))
    }
}

/// `DeleteDashboards`: all of them, or none if one is not there.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteDashboards {
    dashboard_names: Option<Items<String>>,
}

impl Operation for DeleteDashboards {
    const NAME: &'static str = "DeleteDashboards";
    type Ready = Vec<String>;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Vec<String>>, Fault> {
        let names = items(self.dashboard_names);
        if names.is_empty() {
            return Err(Fault::Missing("DashboardNames".to_owned()));
        }
        let own = |name: &String| owned(Self::NAME, name, caller, store);
        let requirements = names.iter().map(own).collect::<Result<_, _>>()?;
        Ok(Prepared { ready: names, requirements })
    }

    fn act(names: Vec<String>, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        let account = caller.scope.account.as_str();
        store.free(allowed, |transaction| {
            for name in &names {
                dashboards::find(transaction, account, name)?.ok_or_else(|| Fault::NoDashboard(name.clone()))?;
                dashboards::remove(transaction, account, name)?;
            }
            Ok(())
        })?;
        Ok(Answer::of(Vec::new()))
    }
}

/// What an operation on a dashboard requires, with the tags that it has.
fn owned(operation: &str, name: &str, caller: &Caller, store: &Store) -> Result<Requirement, Fault> {
    let account = caller.scope.account.as_str();
    let there = store.read(|connection| dashboards::find(connection, account, name))?;
    let tags: BTreeMap<String, String> = there.map(|dashboard| dashboard.tags).unwrap_or_default();
    let mut requirement = requirement(operation, dashboard_arn(&caller.scope, name));
    for (key, value) in &tags {
        requirement = requirement.with(&format!("aws:ResourceTag/{key}"), value.as_str());
    }
    Ok(requirement)
}

fn name(given: Option<String>) -> Result<String, Fault> {
    let name = given.ok_or_else(|| Fault::Missing("DashboardName".to_owned()))?;
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if (1..=255).contains(&name.len()) && is_plain {
        return Ok(name);
    }
    let message = format!(
        "The value {name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash \
         (-) and underscore (_).\n"
    );
    Err(Fault::Invalid(message))
}
