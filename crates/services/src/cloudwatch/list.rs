//! `ListMetrics`

use serde::Deserialize;
use sidegate_wire::document::Value;

use super::fault::Fault;
use super::operation::{Answer, Operation, Prepared, text};
use super::page;
use super::retention::LISTED;
use super::scalar::{Flag, Items, items};
use super::store::Store;
use super::store::metrics::{self, Filter};
use crate::constraint::{Constraint, length};
use crate::{Authorized, Caller};

/// The most metrics of a page.
const MOST: usize = 500;

/// The most filters of dimensions.
const MOST_FILTERS: usize = 10;

/// What `RecentlyActive` means, in milliseconds.
const RECENTLY: i64 = 3 * 60 * 60 * 1000;

/// `ListMetrics`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListMetrics {
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Option<Items<DimensionFilter>>,
    next_token: Option<String>,
    recently_active: Option<String>,
    include_linked_accounts: Option<Flag>,
    owning_account: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DimensionFilter {
    name: Option<String>,
    value: Option<String>,
}

/// Which metrics are asked for.
pub(super) struct Asked {
    filter: Filter,
    /// Everything that has to be the same on the next page.
    context: String,
    after: i64,
    /// Whether the owners are told.
    with_owners: bool,
    /// Whether all metrics of this account are out of the question, since there is none linked to it.
    is_elsewhere: bool,
}

impl Operation for ListMetrics {
    const NAME: &'static str = "ListMetrics";
    type Ready = Asked;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Asked>, Fault> {
        let namespace = self.namespace.map(|namespace| length("namespace", &namespace, 1, 255).map(|()| namespace));
        let name = self.metric_name.map(|name| length("metricName", &name, 1, 255).map(|()| name));
        let recently = match self.recently_active.as_deref() {
            None => LISTED,
            Some("PT3H") => RECENTLY,
            Some(other) => {
                let set = "Member must satisfy enum value set: [PT3H]";
                return Err(Constraint::of(other, "recentlyActive", set).into());
            }
        };
        let with_owners = self.include_linked_accounts.is_some_and(|include| include.0);
        if self.owning_account.is_some() && !with_owners {
            let message = "The parameter OwningAccount requires IncludeLinkedAccounts to be true.";
            return Err(Fault::Combination(message.to_owned()));
        }
        let is_elsewhere = self.owning_account.as_deref().is_some_and(|own| own != caller.scope.account.as_str());
        let dimensions = filters(items(self.dimensions))?;
        let filter = Filter {
            namespace: namespace.transpose()?,
            name: name.transpose()?,
            dimensions,
            since: caller.now - recently,
        };
        let told = (&filter.namespace, &filter.name, &filter.dimensions, recently, with_owners, is_elsewhere);
        let context = format!("{} {} {}", Self::NAME, caller.scope.account, serde_json::to_string(&told)?);
        let context = format!("{context} {}", caller.scope.region);
        let after = page::place(&store.vault, &context, self.next_token.as_deref())?.unwrap_or(0);
        Ok(Prepared::of_all(Asked { filter, context, after, with_owners, is_elsewhere }, Self::NAME))
    }

    fn act(asked: Asked, _: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        let Asked { filter, context, after, with_owners, is_elsewhere } = asked;
        let mut found = Vec::new();
        if !is_elsewhere {
            found = store.read(|connection| metrics::list(connection, &caller.scope, &filter, after, MOST + 1))?;
        }
        let more = found.len() > MOST;
        found.truncate(MOST);
        let next = match found.last() {
            Some(last) if more => Some(page::token(&store.vault, &context, &last.id)?),
            _ => None,
        };
        let owners = with_owners.then(|| {
            let account = caller.scope.account.to_string();
            Value::List(found.iter().map(|_| Value::Text(account.clone())).collect())
        });
        Ok(Answer::of(vec![
            ("Metrics", Some(Value::List(found.iter().map(|stored| stored.metric.to_value()).collect()))),
            ("NextToken", next.and_then(text)),
            ("OwningAccounts", owners),
        ]))
    }
}

fn filters(given: Vec<DimensionFilter>) -> Result<Vec<(String, Option<String>)>, Fault> {
    if given.len() > MOST_FILTERS {
        let message = format!("The collection Dimensions must not have a size greater than {MOST_FILTERS}.");
        return Err(Fault::Invalid(message));
    }
    let mut filters = Vec::new();
    for (at, DimensionFilter { name, value }) in given.into_iter().enumerate() {
        let name = name.ok_or_else(|| Fault::Missing(format!("Dimensions.member.{}.Name", at + 1)))?;
        length("dimensions.member.name", &name, 1, 255)?;
        if let Some(value) = &value {
            length("dimensions.member.value", value, 1, 1024)?;
        }
        filters.push((name, value));
    }
    Ok(filters)
}
