//! `PutMetricFilter`, `DescribeMetricFilters`, `DeleteMetricFilter` and `TestMetricFilter`

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use super::describe::on_any_group;
use super::fault::{Fault, Kind};
use super::id::{GroupId, plain_name, required_name};
use super::metrics::Compiled;
use super::operation::{Act, Done, Operation, Prepared, Subject};
use super::page;
use super::pattern::Pattern;
use super::search::pattern;
use super::store::{
    Class, Filter as _, FilterPlace, Group, MetricFilter, Named, Store, SubscriptionFilter, Tags, Transformation,
};
use crate::Caller;
use crate::constraint::{Constraint, characters, length, required, size};

/// The most metric filters of a log group.
const MOST: usize = 100;

/// The most patterns with regular expressions of a log group.
const MOST_EXPRESSIONS: usize = 5;

/// The most dimensions of a metric.
const MOST_DIMENSIONS: usize = 3;

const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// What a filter may say of logs that are transformed or come from elsewhere, of which there are none.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unserved {
    apply_on_transformed_logs: Option<bool>,
    field_selection_criteria: Option<String>,
    emit_system_field_dimensions: Option<Vec<String>>,
    emit_system_fields: Option<Vec<String>>,
}

impl Unserved {
    pub(super) fn check(&self) -> Result<(), Fault> {
        let selects = self.field_selection_criteria.as_ref().is_some_and(|criteria| !criteria.is_empty());
        let emits = [&self.emit_system_field_dimensions, &self.emit_system_fields];
        if self.apply_on_transformed_logs == Some(true) {
            return Err(Fault::Unserved("filters of transformed logs"));
        }
        if selects || emits.into_iter().flatten().any(|fields| !fields.is_empty()) {
            return Err(Fault::Unserved("system fields in filters"));
        }
        Ok(())
    }
}

/// Whether a group may have one more pattern with regular expressions.
pub(super) fn check_expressions(
    connection: &Connection, group: i64, new: &Pattern, replaced: &str,
) -> Result<(), Fault> {
    if !new.has_expressions() {
        return Ok(());
    }
    let metric = MetricFilter::all(connection, group)?.into_iter().map(|own| (own.name, own.filter.filter_pattern));
    let others = SubscriptionFilter::all(connection, group)?.into_iter();
    let others = others.map(|own| (own.name, own.filter.filter_pattern));
    let has = |text: &String| Pattern::parse(text).is_ok_and(|pattern| pattern.has_expressions());
    let count = metric.chain(others).filter(|(name, text)| name != replaced && has(text)).count();
    if count < MOST_EXPRESSIONS { Ok(()) } else { Err(Fault::LimitExceeded) }
}

/// Whether the class of a group lets it have filters.
pub(super) fn check_class(group: &Group) -> Result<(), Fault> {
    if group.class == Class::Standard {
        return Ok(());
    }
    let class = group.class.as_str();
    Err(Fault::InvalidOperation(format!("This operation is not supported for log groups of the {class} class.")))
}

/// `PutMetricFilter`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutMetricFilter {
    log_group_name: Option<String>,
    filter_name: Option<String>,
    filter_pattern: Option<String>,
    metric_transformations: Option<Vec<InputTransformation>>,
    #[serde(flatten)]
    unserved: Unserved,
}

/// A transformation, as it is given.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InputTransformation {
    metric_name: Option<String>,
    metric_namespace: Option<String>,
    metric_value: Option<String>,
    default_value: Option<f64>,
    dimensions: Option<Tags>,
    unit: Option<String>,
}

/// The name of a metric or of a namespace, checked.
fn metric_name(member: &'static str, given: Option<String>) -> Result<String, Fault> {
    let name = required(member, given)?;
    length(member, &name, 0, 255)?;
    characters(member, &name, "[^:*$]*", |c| !":*$".contains(c))?;
    Ok(name)
}

impl InputTransformation {
    fn checked(self, pattern: &Pattern) -> Result<Transformation, Fault> {
        let name = metric_name("metricTransformations.1.member.metricName", self.metric_name)?;
        let namespace = metric_name("metricTransformations.1.member.metricNamespace", self.metric_namespace)?;
        let value = required("metricTransformations.1.member.metricValue", self.metric_value)?;
        length("metricTransformations.1.member.metricValue", &value, 0, 100)?;
        let is_number = value.parse().is_ok_and(f64::is_finite);
        if !is_number && !pattern.names(&value) {
            return Err(Fault::invalid(format!("Invalid metric transformation: the value '{value}' is none.")));
        }
        if let Some(unit) = self.unit.as_deref().filter(|unit| !UNITS.contains(unit)) {
            let bound = format!("Member must satisfy enum value set: [{}]", UNITS.join(", "));
            return Err(Constraint::of(unit, "metricTransformations.1.member.unit", bound).into());
        }
        let dimensions = self.dimensions.filter(|dimensions| !dimensions.is_empty());
        if let Some(dimensions) = &dimensions {
            check_dimensions(dimensions, self.default_value, pattern)?;
        }
        Ok(Transformation {
            metric_name: name,
            metric_namespace: namespace,
            metric_value: value,
            default_value: self.default_value,
            dimensions,
            unit: self.unit,
        })
    }
}

fn check_dimensions(dimensions: &Tags, default: Option<f64>, pattern: &Pattern) -> Result<(), Fault> {
    if !pattern.has_values() {
        return Err(Fault::invalid("The specified filter pattern does not support dimensions"));
    }
    if default.is_some() {
        return Err(Fault::invalid("Invalid metric transformation: a default value cannot be used with dimensions."));
    }
    if dimensions.len() > MOST_DIMENSIONS {
        return Err(Fault::invalid("Invalid metric transformation: a metric may have 3 dimensions."));
    }
    for (name, value) in dimensions {
        length("dimensions", name, 0, 255)?;
        length("dimensions", value, 0, 255)?;
        if !pattern.names(value) {
            return Err(Fault::invalid(format!("Invalid metric transformation: the dimension '{value}' is no field.")));
        }
    }
    Ok(())
}

/// A metric filter that was checked.
pub(super) struct NewFilter {
    subject: Subject,
    name: String,
    pattern: Pattern,
    filter: MetricFilter,
}

impl Operation for PutMetricFilter {
    const NAME: &'static str = "PutMetricFilter";
    type Ready = NewFilter;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<NewFilter>, Fault> {
        let id = GroupId::named(&caller.scope, self.log_group_name)?;
        let name = required_name("filterName", self.filter_name)?;
        let filter_pattern = required("filterPattern", self.filter_pattern)?;
        let given = required("metricTransformations", self.metric_transformations)?;
        size("metricTransformations", given.len(), 1, 1)?;
        let pattern = pattern(Some(&filter_pattern))?.ok_or(Fault::Interrupted)?;
        self.unserved.check()?;
        let given = given.into_iter().map(|given| given.checked(&pattern));
        let metric_transformations = given.collect::<Result<_, _>>()?;
        let filter = MetricFilter { filter_pattern, metric_transformations };
        let subject = Subject::find(store, id)?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: NewFilter { subject, name, pattern, filter }, requirements })
    }

    fn act(ready: NewFilter, act: &Act<'_>) -> Result<Done, Fault> {
        let NewFilter { subject, name, pattern, filter } = ready;
        act.store.write(act.allowed, act.caller.now, |transaction| {
            let group = subject.group(act.allowed, transaction)?;
            check_class(&group)?;
            check_expressions(transaction, group.number, &pattern, &name)?;
            let others = MetricFilter::all(transaction, group.number)?;
            if others.iter().filter(|other| other.name != name).count() >= MOST {
                return Err(Fault::LimitExceeded);
            }
            filter.put(transaction, group.number, &name, act.caller.now)?;
            Compiled::forget(act.store, group.number);
            Ok(Done {})
        })
    }
}

/// `DeleteMetricFilter`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteMetricFilter {
    log_group_name: Option<String>,
    filter_name: Option<String>,
}

impl Operation for DeleteMetricFilter {
    const NAME: &'static str = "DeleteMetricFilter";
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
            if !MetricFilter::remove(transaction, group.number, &name)? {
                return Err(Fault::None(Kind::MetricFilter));
            }
            Compiled::forget(act.store, group.number);
            Ok(Done {})
        })
    }
}

/// `DescribeMetricFilters`
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeMetricFilters {
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
pub(super) struct Wanted {
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
pub(super) struct FiltersPage {
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
        let requirement: Requirement = requirement.unwrap_or_else(|| on_any_group(caller, Self::NAME));
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

/// `TestMetricFilter`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestMetricFilter {
    filter_pattern: Option<String>,
    log_event_messages: Option<Vec<String>>,
}

#[derive(Serialize)]
pub(super) struct Matches {
    matches: Vec<MatchRecord>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MatchRecord {
    event_number: usize,
    event_message: String,
    extracted_values: BTreeMap<String, String>,
}

impl Operation for TestMetricFilter {
    const NAME: &'static str = "TestMetricFilter";
    type Ready = (Pattern, Vec<String>);
    type Answer = Matches;

    fn prepare(self, _: &Caller, _: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let text = required("filterPattern", self.filter_pattern)?;
        let messages = required("logEventMessages", self.log_event_messages)?;
        size("logEventMessages", messages.len(), 1, 50)?;
        messages.iter().try_for_each(|message| length("logEventMessages", message, 1, usize::MAX))?;
        let pattern = pattern(Some(&text))?.ok_or(Fault::Interrupted)?;
        let requirements = vec![Requirement::new(format!("logs:{}", Self::NAME), "*")];
        Ok(Prepared { ready: (pattern, messages), requirements })
    }

    fn act((pattern, messages): Self::Ready, _: &Act<'_>) -> Result<Matches, Fault> {
        let record = |(at, message): (usize, String)| {
            let extracted_values = pattern.read(&message)?.extracted();
            Some(MatchRecord { event_number: at + 1, event_message: message, extracted_values })
        };
        Ok(Matches { matches: messages.into_iter().enumerate().filter_map(record).collect() })
    }
}
