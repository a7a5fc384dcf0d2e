//! What metric filters make of events: values for CloudWatch, which go to a [`MetricSink`].

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, PoisonError};

use rusqlite::Connection;
use sidegate_model::Scope;

use super::fault::Fault;
use super::pattern::{Match, Pattern};
use super::store::{Class, Filter as _, Group, MetricFilter, NewEvent, Store, Transformation};

/// The length of the periods in which a default value stands for there having been no match, in milliseconds.
const MINUTE: i64 = 60_000;

/// A value that a metric filter took from an event.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDatum {
    /// The namespace of the metric.
    pub namespace: String,
    /// The name of the metric.
    pub name: String,
    /// The dimensions, by their names.
    pub dimensions: BTreeMap<String, String>,
    /// The value.
    pub value: f64,
    /// The unit, as CloudWatch calls it, where the filter names one.
    pub unit: Option<String>,
    /// The time of the event: Unix milliseconds.
    pub timestamp: i64,
}

/// Takes what metric filters publish.
pub trait MetricSink: Debug + Send + Sync {
    /// Takes values for the metrics of an account in a Region. The events that they come from are stored already. It
    /// is called where blocking is allowed, and has nobody to tell of a failure.
    fn publish(&self, scope: &Scope, data: Vec<MetricDatum>);
}

/// Takes values and forgets them.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMetrics;

impl MetricSink for NoMetrics {
    fn publish(&self, _: &Scope, _: Vec<MetricDatum>) {}
}

/// A metric filter that is ready to be used.
#[derive(Debug)]
pub(super) struct Compiled {
    pattern: Pattern,
    transformation: Transformation,
}

impl Compiled {
    /// The filters of a group, from memory if they are there.
    pub(super) fn of(store: &Store, connection: &Connection, group: &Group) -> Result<Arc<[Self]>, Fault> {
        // Only the standard class has them.
        if group.class != Class::Standard {
            return Ok(Arc::default());
        }
        if let Some(known) = store.filters.lock().unwrap_or_else(PoisonError::into_inner).get(&group.number) {
            return Ok(Arc::clone(known));
        }
        let mut filters = Vec::new();
        for named in MetricFilter::all(connection, group.number)? {
            let Ok(pattern) = Pattern::parse(&named.filter.filter_pattern) else { continue };
            let Some(transformation) = named.filter.metric_transformations.into_iter().next() else { continue };
            filters.push(Self { pattern, transformation });
        }
        Ok(filters.into())
    }

    /// Keeps the filters of a group in memory, as they were read under the lock of the writer.
    pub(super) fn keep(store: &Store, group: i64, filters: &Arc<[Self]>) {
        store.filters.lock().unwrap_or_else(PoisonError::into_inner).insert(group, Arc::clone(filters));
    }

    /// Forgets the filters of a group, which have changed.
    pub(super) fn forget(store: &Store, group: i64) {
        store.filters.lock().unwrap_or_else(PoisonError::into_inner).remove(&group);
    }

    /// What it makes of events.
    ///
    /// A default value stands for a minute in which no event matched.
    ///
    /// Source: user guide, "Filter pattern syntax", "Set how the metric value changes when matches are found".
    pub(super) fn apply(&self, events: &[NewEvent], data: &mut Vec<MetricDatum>) {
        let mut minutes = BTreeMap::<i64, bool>::new();
        for event in events {
            let found = self.pattern.read(&event.message);
            *minutes.entry(event.at.div_euclid(MINUTE)).or_default() |= found.is_some();
            data.extend(found.and_then(|found| self.datum(&found, event.at)));
        }
        let Some(value) = self.transformation.default_value else { return };
        let unmatched = minutes.into_iter().filter(|(_, matched)| !matched);
        data.extend(unmatched.map(|(minute, _)| self.with(value, BTreeMap::new(), minute * MINUTE)));
    }

    /// The value of an event that matches; none where it has no number, or lacks a dimension.
    fn datum(&self, found: &Match<'_, '_>, at: i64) -> Option<MetricDatum> {
        let text = &self.transformation.metric_value;
        let text = if text.starts_with('$') { found.value(text)? } else { text.clone() };
        let value = text.trim().parse().ok().filter(|value: &f64| value.is_finite())?;
        let dimensions = self.transformation.dimensions.iter().flatten();
        let dimensions = dimensions.map(|(name, selector)| Some((name.clone(), found.value(selector)?)));
        Some(self.with(value, dimensions.collect::<Option<_>>()?, at))
    }

    fn with(&self, value: f64, dimensions: BTreeMap<String, String>, timestamp: i64) -> MetricDatum {
        let Transformation { metric_name, metric_namespace, unit, .. } = &self.transformation;
        let (namespace, name, unit) = (metric_namespace.clone(), metric_name.clone(), unit.clone());
        MetricDatum { namespace, name, dimensions, value, unit, timestamp }
    }
}
