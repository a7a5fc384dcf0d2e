//! Metrics that other parts of Sidegate report, in namespaces of AWS or of whoever configured them.

use std::collections::BTreeMap;
use std::sync::Arc;

use sidegate_model::Scope;

use super::aggregate::Aggregate;
use super::fault::Fault;
use super::metric::{self, DimensionInput, Metric, stored_unit};
use super::put::{at_resolution, is_within};
use super::scalar::Items;
use super::store::Store;
use super::store::batch::Batch;

/// Takes in what other parts of Sidegate measure. What is recorded is as durable as what users put.
#[derive(Clone, Debug)]
pub struct Recorder {
    store: Arc<Store>,
}

/// A data point.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The account and the Region that it is for.
    pub scope: Scope,
    /// The namespace, such as `AWS/PrivateLinkEndpoints`.
    pub namespace: String,
    /// The name of the metric.
    pub name: String,
    /// The dimensions.
    pub dimensions: Vec<(String, String)>,
    /// When it was measured, in Unix milliseconds.
    pub at: i64,
    /// The unit, as the API names it. One that it does not know becomes `None`.
    pub unit: String,
    /// What was measured.
    pub measured: Measured,
}

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    /// One value.
    Value(f64),
    /// The same value so often.
    Repeated {
        /// The value.
        value: f64,
        /// How often.
        count: f64,
    },
    /// Several values, of which only this is known.
    Set {
        /// How many.
        count: f64,
        /// Their sum.
        sum: f64,
        /// The least.
        minimum: f64,
        /// The greatest.
        maximum: f64,
    },
}

/// Nothing was recorded.
#[derive(Debug, thiserror::Error)]
#[error("cannot record metrics")]
pub struct RecordError(#[source] Fault);

impl Recorder {
    pub(super) fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// Records data points, all or none. Those that could not be put by a user are left out, but for their namespaces,
    /// which may be AWS's. Blocks.
    ///
    /// # Errors
    /// [`RecordError`] if the database cannot be used.
    pub fn record(&self, records: &[Record], now: i64) -> Result<(), RecordError> {
        if records.is_empty() {
            return Ok(());
        }
        let mut batches: BTreeMap<&Scope, Batch> = BTreeMap::new();
        for record in records {
            let (Some(aggregate), Some(metric)) = (record.measured.aggregate(), record.metric()) else { continue };
            let stretch = (at_resolution(record.at, 60), 60, stored_unit(&record.unit));
            batches.entry(&record.scope).or_default().add(metric, stretch, aggregate);
        }
        let write = || {
            self.store.sweep_sometimes(now)?;
            self.store.note(|transaction| {
                batches.into_iter().try_for_each(|(scope, batch)| batch.write(transaction, scope, now))
            })
        };
        write().map_err(RecordError)
    }
}

impl Measured {
    fn aggregate(self) -> Option<Aggregate> {
        let aggregate = match self {
            Self::Value(value) => Aggregate::of(value, 1.0),
            Self::Repeated { value, count } => Aggregate::of(value, count),
            Self::Set { count, sum, minimum, maximum } => Aggregate::of_set(count, sum, minimum, maximum),
        };
        let Aggregate { count, sum, minimum, maximum, .. } = aggregate;
        let is_known = [sum, minimum, maximum, count].into_iter().all(is_within);
        (is_known && count > 0.0).then_some(aggregate)
    }
}

impl Record {
    /// The metric, if it may be called so.
    fn metric(&self) -> Option<Metric> {
        let given =
            |(name, value): &(String, String)| DimensionInput { name: Some(name.clone()), value: Some(value.clone()) };
        let dimensions = Items(self.dimensions.iter().map(given).collect());
        Some(Metric {
            namespace: metric::namespace(Some(self.namespace.clone()), "Namespace").ok()?,
            name: metric::name(Some(self.name.clone()), "MetricName").ok()?,
            dimensions: metric::dimensions(Some(dimensions), "Dimensions").ok()?,
        })
    }
}
