//! What names a metric: its namespace, its name and its dimensions; and its unit.
//!
//! Source: API reference, "Dimension", "MetricDatum", "PutMetricData".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sidegate_wire::document::Value;

use super::fault::Fault;
use super::operation::{structure, text};
use super::scalar::Items;
use crate::constraint::{Constraint, characters, length};

/// The most dimensions of a metric.
pub(super) const MOST_DIMENSIONS: usize = 30;

/// The units that a metric may have.
pub(crate) const UNITS: [&str; 27] = [
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

/// A unit.
pub(super) type Unit = &'static str;

/// The dimensions of a metric: their names and values.
pub(super) type Dimensions = BTreeMap<String, String>;

/// What tells a metric from all others of an account in a Region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub(super) struct Metric {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) dimensions: Dimensions,
}

/// A dimension, as it is given.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DimensionInput {
    pub(super) name: Option<String>,
    pub(super) value: Option<String>,
}

/// A metric, as it is given.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetricInput {
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Option<Items<DimensionInput>>,
}

impl MetricInput {
    /// The metric. `path` is where it is in the request.
    pub(super) fn check(self, path: &str) -> Result<Metric, Fault> {
        Ok(Metric {
            namespace: namespace(self.namespace, &format!("{path}.Namespace"))?,
            name: name(self.metric_name, &format!("{path}.MetricName"))?,
            dimensions: dimensions(self.dimensions, &format!("{path}.Dimensions"))?,
        })
    }
}

impl Metric {
    /// As answers have it.
    pub(super) fn to_value(&self) -> Value {
        structure(vec![
            ("Namespace", text(&self.namespace)),
            ("MetricName", text(&self.name)),
            ("Dimensions", Some(dimensions_value(&self.dimensions))),
        ])
    }
}

/// Dimensions, as answers have them.
pub(super) fn dimensions_value(dimensions: &Dimensions) -> Value {
    let of = |(name, value): (&String, &String)| structure(vec![("Name", text(name)), ("Value", text(value))]);
    Value::List(dimensions.iter().map(of).collect())
}

/// A namespace, checked.
pub(super) fn namespace(given: Option<String>, path: &str) -> Result<String, Fault> {
    let namespace = given.ok_or_else(|| Fault::Missing(path.to_owned()))?;
    length("namespace", &namespace, 1, 255)?;
    if namespace.starts_with(':') {
        let pattern = "Member must satisfy regular expression pattern: [^:].*";
        return Err(Constraint::of(&namespace, "namespace", pattern).into());
    }
    plain(&namespace, path)?;
    Ok(namespace)
}

/// The name of a metric, checked.
pub(super) fn name(given: Option<String>, path: &str) -> Result<String, Fault> {
    let name = given.ok_or_else(|| Fault::Missing(path.to_owned()))?;
    length("metricName", &name, 1, 255)?;
    plain(&name, path)?;
    Ok(name)
}

/// Dimensions, checked.
pub(super) fn dimensions(given: Option<Items<DimensionInput>>, path: &str) -> Result<Dimensions, Fault> {
    let given = given.map(|given| given.0).unwrap_or_default();
    if given.len() > MOST_DIMENSIONS {
        let message = format!("The collection {path} must not have a size greater than {MOST_DIMENSIONS}.");
        return Err(Fault::Invalid(message));
    }
    let mut dimensions = Dimensions::new();
    for (at, DimensionInput { name, value }) in given.into_iter().enumerate() {
        let path = |part: &str| format!("{path}.member.{}.{part}", at + 1);
        let name = name.ok_or_else(|| Fault::Missing(path("Name")))?;
        let value = value.ok_or_else(|| Fault::Missing(path("Value")))?;
        length("dimensions.member.name", &name, 1, 255)?;
        length("dimensions.member.value", &value, 1, 1024)?;
        plain(&name, &path("Name"))?;
        plain(&value, &path("Value"))?;
        if name.starts_with(':') {
            return Err(Fault::Invalid(format!("The parameter {} must not start with ':'.", path("Name"))));
        }
        if dimensions.insert(name, value).is_some() {
            return Err(Fault::Invalid("No Metric may specify the same dimension twice.".to_owned()));
        }
    }
    Ok(dimensions)
}

/// Checks for what is not ASCII, for control characters, and for nothing but white space.
fn plain(text: &str, path: &str) -> Result<(), Fault> {
    let refused = |reason: &str| Err(Fault::Invalid(format!("The parameter {path} {reason}.")));
    if !text.is_ascii() || text.contains(|c: char| c.is_ascii_control()) {
        return refused("must contain only ASCII characters, without control characters");
    }
    if text.trim().is_empty() {
        return refused("must contain at least one non-whitespace character");
    }
    Ok(())
}

/// A unit, checked.
pub(super) fn unit(given: Option<&str>, path: &str) -> Result<Option<Unit>, Fault> {
    let Some(given) = given else { return Ok(None) };
    let known = UNITS.into_iter().find(|unit| *unit == given);
    let refused =
        || Fault::Invalid(format!("The parameter {path} must be a value in the set [ {} ].", UNITS.join(", ")));
    known.map(Some).ok_or_else(refused)
}

/// A unit as it was stored.
pub(super) fn stored_unit(name: &str) -> Unit {
    UNITS.into_iter().find(|unit| *unit == name).unwrap_or("None")
}

/// The id of a query: a word that begins with a small letter.
pub(super) fn query_id(id: &str) -> Result<(), Fault> {
    length("metricDataQueries.member.id", id, 1, 255)?;
    let pattern = "^[a-z][a-zA-Z0-9_]*$";
    characters("metricDataQueries.member.id", id, pattern, |c| c.is_ascii_alphanumeric() || c == '_')?;
    if id.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(Fault::Validation(format!("The value {id} for parameter Id is not matching the expected pattern {pattern}.")))
}
