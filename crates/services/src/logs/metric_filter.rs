//! `PutMetricFilter` and `DeleteMetricFilter`; what else there is of metric filters lies below.

mod list;
mod trial;

use rusqlite::Connection;
use serde::Deserialize;

pub(super) use list::DescribeMetricFilters;
pub(super) use trial::TestMetricFilter;

use super::fault::{Fault, Kind};
use super::id::{GroupId, required_name};
use super::metrics::Compiled;
use super::operation::{Act, Done, Operation, Prepared, Subject};
use super::pattern::Pattern;
use super::search::pattern;
use super::store::{Class, Filter as _, Group, MetricFilter, Store, SubscriptionFilter, Tags, Transformation};
use crate::Caller;
use crate::cloudwatch::UNITS;
use crate::constraint::{Constraint, characters, length, required, size};

/// The most metric filters of a log group.
const MOST: usize = 100;

/// The most patterns with regular expressions of a log group.
const MOST_EXPRESSIONS: usize = 5;

/// The most dimensions of a metric.
const MOST_DIMENSIONS: usize = 3;

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
    plain(member, &name)?;
    Ok(name)
}

/// Refuses what CloudWatch takes in no name: no ASCII, control characters, nothing but white space.
///
/// Source: CloudWatch API reference, "Dimension", "MetricDatum".
fn plain(member: &str, text: &str) -> Result<(), Fault> {
    let is_plain = text.is_ascii() && !text.contains(|c: char| c.is_ascii_control()) && !text.trim().is_empty();
    let refusal = || Fault::invalid(format!("Invalid metric transformation: {member} is not valid."));
    is_plain.then_some(()).ok_or_else(refusal)
}

/// Whether a value is one that CloudWatch takes.
///
/// Source: CloudWatch API reference, "MetricDatum" (`Value`).
fn is_within(value: f64) -> bool {
    value.abs() <= 2.0_f64.powi(360)
}

impl InputTransformation {
    fn checked(self, pattern: &Pattern) -> Result<Transformation, Fault> {
        let name = metric_name("metricTransformations.1.member.metricName", self.metric_name)?;
        let namespace = metric_name("metricTransformations.1.member.metricNamespace", self.metric_namespace)?;
        if namespace.starts_with("AWS/") {
            return Err(Fault::invalid("Invalid metric transformation: a namespace may not begin with AWS/."));
        }
        let value = required("metricTransformations.1.member.metricValue", self.metric_value)?;
        length("metricTransformations.1.member.metricValue", &value, 0, 100)?;
        let is_number = value.parse().is_ok_and(is_within);
        if !is_number && !pattern.names(&value) {
            return Err(Fault::invalid(format!("Invalid metric transformation: the value '{value}' is none.")));
        }
        if let Some(unit) = self.unit.as_deref().filter(|unit| !UNITS.contains(unit)) {
            let bound = format!("Member must satisfy enum value set: [{}]", UNITS.join(", "));
            return Err(Constraint::of(unit, "metricTransformations.1.member.unit", bound).into());
        }
        if self.default_value.is_some_and(|value| !is_within(value)) {
            return Err(Fault::invalid("Invalid metric transformation: the default value is out of range."));
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
        length("dimensions", name, 1, 255)?;
        plain("the name of a dimension", name)?;
        if name.starts_with(':') {
            return Err(Fault::invalid("Invalid metric transformation: a dimension may not begin with ':'."));
        }
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
