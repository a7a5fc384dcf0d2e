//! `PutSubscriptionFilter`, `DescribeSubscriptionFilters` and `DeleteSubscriptionFilter`
//!
//! Subscription filters are kept and shown. Nothing is delivered: the services that they lead to are not there.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sidegate_iam::{Policy, PolicyType, Requirement};

use super::destination::pass_role;
use super::fault::{Fault, Kind};
use super::id::{GroupId, plain_name, required_name, split_arn};
use super::metric_filter::{Unserved, check_class, check_expressions};
use super::operation::{Act, Done, Operation, Prepared, Subject};
use super::page::{self, Names};
use super::pattern::Pattern;
use super::search::pattern;
use super::store::{Destination, Filter as _, Named, Store, SubscriptionFilter};
use crate::Caller;
use crate::asked::with_given;
use crate::constraint::{Constraint, length, required};

/// The most subscription filters of a log group.
const MOST: usize = 2;

/// `PutSubscriptionFilter`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutSubscriptionFilter {
    log_group_name: Option<String>,
    filter_name: Option<String>,
    filter_pattern: Option<String>,
    destination_arn: Option<String>,
    role_arn: Option<String>,
    distribution: Option<String>,
    #[serde(flatten)]
    unserved: Unserved,
}

/// A subscription filter that was checked.
pub(super) struct NewFilter {
    subject: Subject,
    name: String,
    pattern: Pattern,
    filter: SubscriptionFilter,
    /// Whether it leads to a destination of CloudWatch Logs that there is not.
    is_lost: bool,
}

/// The service that a destination's ARN is of.
fn vendor(arn: &str) -> Result<&str, Fault> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, rest) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
    let fits = arn.starts_with("arn:aws:")
        && match service {
            "kinesis" => rest.starts_with("stream/"),
            "firehose" => rest.starts_with("deliverystream/"),
            "lambda" => rest.starts_with("function:"),
            "logs" => rest.starts_with("destination:"),
            _ => false,
        };
    if fits { Ok(service) } else { Err(Fault::invalid("Invalid destinationArn specified")) }
}

fn check_role(vendor: &str, role: Option<&str>) -> Result<(), Fault> {
    match (vendor, role) {
        ("lambda", Some(_)) => Err(Fault::invalid("destinationArn for vendor lambda cannot be used with roleArn")),
        ("kinesis" | "firehose", None) => {
            Err(Fault::invalid(format!("destinationArn for vendor {vendor} cannot be used without roleArn")))
        }
        (_, Some(role)) if !role.starts_with("arn:aws:iam::") || !role.contains(":role/") => {
            Err(Fault::invalid("Invalid roleArn specified"))
        }
        _ => Ok(()),
    }
}

/// What a destination of CloudWatch Logs lets whoever leads events to it do; `None` where there is no such
/// destination.
fn destination(arn: &str, store: &Store) -> Result<Option<Requirement>, Fault> {
    let Some((scope, rest)) = split_arn(arn) else { return Ok(None) };
    let name = rest.strip_prefix("destination:").unwrap_or_default();
    let Some(found) = store.read(|connection| Destination::find(connection, &scope, name))? else { return Ok(None) };
    let requirement = Requirement::new("logs:PutSubscriptionFilter", arn).owned_by(scope.account);
    let policy =
        found.policy.map(|text| Policy::parse(&text, PolicyType::Resource).unwrap_or_else(|_| Policy::denying()));
    Ok(Some(match policy {
        Some(policy) => requirement.under(Arc::new(policy)),
        None => requirement,
    }))
}

impl Operation for PutSubscriptionFilter {
    const NAME: &'static str = "PutSubscriptionFilter";
    type Ready = NewFilter;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<NewFilter>, Fault> {
        let id = GroupId::named(&caller.scope, self.log_group_name)?;
        let name = required_name("filterName", self.filter_name)?;
        let filter_pattern = required("filterPattern", self.filter_pattern)?;
        let destination_arn = required("destinationArn", self.destination_arn)?;
        length("destinationArn", &destination_arn, 1, 2048)?;
        let pattern = pattern(Some(&filter_pattern))?.ok_or(Fault::Interrupted)?;
        let vendor = vendor(&destination_arn)?;
        check_role(vendor, self.role_arn.as_deref())?;
        let distribution = self.distribution.unwrap_or_else(|| "ByLogStream".to_owned());
        if !["Random", "ByLogStream"].contains(&distribution.as_str()) {
            let bound = "Member must satisfy enum value set: [Random, ByLogStream]";
            return Err(Constraint::of(&distribution, "distribution", bound).into());
        }
        self.unserved.check()?;
        let subject = Subject::find(store, id)?;
        let put = subject.requirement(Self::NAME);
        let mut requirements = vec![with_given(put, "logs:DestinationArn", Some(&destination_arn))];
        requirements.extend(self.role_arn.as_deref().map(pass_role));
        let lets = if vendor == "logs" { destination(&destination_arn, store)? } else { None };
        let is_lost = vendor == "logs" && lets.is_none();
        requirements.extend(lets);
        let filter = SubscriptionFilter { filter_pattern, destination_arn, role_arn: self.role_arn, distribution };
        Ok(Prepared { ready: NewFilter { subject, name, pattern, filter, is_lost }, requirements })
    }

    fn act(ready: NewFilter, act: &Act<'_>) -> Result<Done, Fault> {
        let NewFilter { subject, name, pattern, filter, is_lost } = ready;
        act.store.write(act.allowed, act.caller.now, |transaction| {
            let group = subject.group(act.allowed, transaction)?;
            check_class(&group)?;
            if is_lost {
                return Err(Fault::None(Kind::Destination));
            }
            check_expressions(transaction, group.number, &pattern, &name)?;
            let others = SubscriptionFilter::all(transaction, group.number)?;
            if others.iter().filter(|other| other.name != name).count() >= MOST {
                return Err(Fault::LimitExceeded);
            }
            filter.put(transaction, group.number, &name, act.caller.now)?;
            Ok(Done {})
        })
    }
}

/// `DeleteSubscriptionFilter`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteSubscriptionFilter {
    log_group_name: Option<String>,
    filter_name: Option<String>,
}

impl Operation for DeleteSubscriptionFilter {
    const NAME: &'static str = "DeleteSubscriptionFilter";
    type Ready = (Subject, String);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let id = GroupId::named(&caller.scope, self.log_group_name)?;
        let name = required_name("filterName", self.filter_name)?;
        let subject = Subject::find(store, id)?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: (subject, name), requirements })
    }

    fn act((subject, name): Self::Ready, act: &Act<'_>) -> Result<Done, Fault> {
        act.store.free(act.allowed, |transaction| {
            let group = subject.group(act.allowed, transaction)?;
            match SubscriptionFilter::remove(transaction, group.number, &name)? {
                true => Ok(Done {}),
                false => Err(Fault::None(Kind::SubscriptionFilter)),
            }
        })
    }
}

/// `DescribeSubscriptionFilters`
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeSubscriptionFilters {
    log_group_name: Option<String>,
    filter_name_prefix: Option<String>,
    #[serde(skip_serializing)]
    next_token: Option<String>,
    #[serde(skip_serializing)]
    limit: Option<i64>,
}

/// A page of subscription filters.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FiltersPage {
    subscription_filters: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    filter_name: String,
    log_group_name: String,
    creation_time: i64,
    apply_on_transformed_logs: bool,
    #[serde(flatten)]
    filter: SubscriptionFilter,
}

impl Operation for DescribeSubscriptionFilters {
    const NAME: &'static str = "DescribeSubscriptionFilters";
    type Ready = (Subject, String, Names);
    type Answer = FiltersPage;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let id = GroupId::named(&caller.scope, self.log_group_name.clone())?;
        if let Some(prefix) = &self.filter_name_prefix {
            plain_name("filterNamePrefix", prefix)?;
        }
        let limit = page::limit(self.limit, 50, 50)?;
        let context = format!("{} {} {}", Self::NAME, id.arn(), serde_json::to_string(&self)?);
        let names = Names::of(&store.vault, context, caller.now, self.next_token.as_deref(), limit)?;
        let subject = Subject::find(store, id)?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: (subject, self.filter_name_prefix.unwrap_or_default(), names), requirements })
    }

    fn act((subject, prefix, names): Self::Ready, act: &Act<'_>) -> Result<FiltersPage, Fault> {
        let found = act.store.read(|connection| {
            let group = subject.group(act.allowed, connection)?;
            SubscriptionFilter::all(connection, group.number)
        })?;
        let wanted = |named: &Named<_>| named.name > names.after && named.name.starts_with(&prefix);
        let found = found.into_iter().filter(wanted).take(names.limit + 1);
        let shown = found.map(|named| Shown {
            filter_name: named.name,
            log_group_name: subject.id.name.clone(),
            creation_time: named.created,
            apply_on_transformed_logs: false,
            filter: named.filter,
        });
        let vault = &act.store.vault;
        let (subscription_filters, next_token) =
            names.page(vault, act.caller.now, shown.collect(), |shown: &Shown| &shown.filter_name)?;
        Ok(FiltersPage { subscription_filters, next_token })
    }
}
