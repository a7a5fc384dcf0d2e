//! `DescribeMetricFilters`

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::metric_name;
use crate::Caller;
use crate::logs::describe::on_any_group;
use crate::logs::fault::Fault;
use crate::logs::id::{GroupId, plain_name};
use crate::logs::operation::{Act, Operation, Prepared, Subject};
use crate::logs::page;
use crate::logs::store::{Filter as _, FilterPlace, MetricFilter, Named, Store};

/// `DescribeMetricFilters`
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::logs) struct DescribeMetricFilters {
    log_group_name: Option<String>,
    filter_name_prefix: Option<String>,
    #[serde(skip_serializing)]
    next_token: Option<String>,
    #[serde(skip_serializing)]
    limit: Option<i64>,
    metric_name: Option<String>,
    metric_namespace: Option<String>,
}

/// Which metric filters are asked for.
pub(in crate::logs) struct Wanted {
    subject: Option<Subject>,
    prefix: String,
    metric: Option<(String, String)>,
    after: FilterPlace,
    limit: usize,
    context: String,
}

/// A page of metric filters.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::logs) struct FiltersPage {
    metric_filters: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    filter_name: String,
    creation_time: i64,
    log_group_name: String,
    apply_on_transformed_logs: bool,
    #[serde(flatten)]
    filter: MetricFilter,
}

impl Operation for DescribeMetricFilters {
    const NAME: &'static str = "DescribeMetricFilters";
    type Ready = Wanted;
    type Answer = FiltersPage;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Wanted>, Fault> {
        let named = self.log_group_name.clone().map(|name| GroupId::named(&caller.scope, Some(name))).transpose()?;
        if let Some(prefix) = &self.filter_name_prefix {
            plain_name("filterNamePrefix", prefix)?;
        }
        let metric = match (self.metric_name.clone(), self.metric_namespace.clone()) {
            (None, None) => None,
            (Some(name), Some(namespace)) => {
                Some((metric_name("metricName", Some(name))?, metric_name("metricNamespace", Some(namespace))?))
            }
            _ => {
                return Err(Fault::invalid(
                    "If you include the metricName parameter, you must include metricNamespace.",
                ));
            }
        };
        let limit = page::limit(self.limit, 50, 50)?;
        let scope = &caller.scope;
        let context = format!("{} {}/{} {}", Self::NAME, scope.account, scope.region, serde_json::to_string(&self)?);
        let after = self.next_token.as_deref();
        let after = after.map(|token| page::open(&store.vault, &context, caller.now, token)).transpose()?;
        let subject = named.map(|id| Subject::find(store, id)).transpose()?;
        let requirement = subject.as_ref().map(|subject| subject.requirement(Self::NAME));
        let requirement = requirement.unwrap_or_else(|| on_any_group(caller, Self::NAME));
        let (prefix, after) = (self.filter_name_prefix.unwrap_or_default(), after.unwrap_or_default());
        Ok(Prepared {
            ready: Wanted { subject, prefix, metric, after, limit, context },
            requirements: vec![requirement],
        })
    }

    fn act(wanted: Wanted, act: &Act<'_>) -> Result<FiltersPage, Fault> {
        let mut found = act.store.read(|connection| wanted.find(act, connection))?;
        let more = found.len() > wanted.limit;
        found.truncate(wanted.limit);
        let place = found.last().map(|last| (last.filter_name.clone(), last.log_group_name.clone()));
        let next_token = match place {
            Some(place) if more => Some(page::seal(&act.store.vault, &wanted.context, act.caller.now, &place)?),
            _ => None,
        };
        Ok(FiltersPage { metric_filters: found, next_token })
    }
}

impl Wanted {
    fn wants(&self, named: &Named<MetricFilter>) -> bool {
        let publishes = |(name, namespace): &(String, String)| {
            let mut made = named.filter.metric_transformations.iter();
            made.any(|made| made.metric_name == *name && made.metric_namespace == *namespace)
        };
        named.name.starts_with(&self.prefix) && self.metric.as_ref().is_none_or(publishes)
    }

    /// One more than the page has, if there are so many.
    fn find(&self, act: &Act<'_>, connection: &Connection) -> Result<Vec<Shown>, Fault> {
        let mut found = Vec::new();
        let mut visit = |log_group_name: String, named: Named<MetricFilter>| {
            if self.wants(&named) {
                let (filter_name, creation_time, filter) = (named.name, named.created, named.filter);
                let apply_on_transformed_logs = false;
                found.push(Shown { filter_name, creation_time, log_group_name, apply_on_transformed_logs, filter });
            }
            Ok(found.len() <= self.limit)
        };
        let Some(subject) = &self.subject else {
            MetricFilter::each(connection, &act.caller.scope, &self.after, visit)?;
            return Ok(found);
        };
        let group = subject.group(act.allowed, connection)?;
        for named in MetricFilter::all(connection, group.number)? {
            if named.name > self.after.0 && !visit(group.id.name.clone(), named)? {
                break;
            }
        }
        Ok(found)
    }
}
