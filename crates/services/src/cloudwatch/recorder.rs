//! Metrics that other parts of Sidegate report, in namespaces of AWS or of whoever configured them.

use std::sync::Arc;

use sidegate_model::Scope;

use super::aggregate::Aggregate;
use super::fault::Fault;
use super::metric::{Dimensions, Metric, stored_unit};
use super::put::at_resolution;
use super::store::data::{self, Datum};
use super::store::{Store, metrics};

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

    /// Records data points, all or none; those that are no numbers are left out. Blocks.
    ///
    /// # Errors
    /// [`RecordError`] if the database cannot be used.
    pub fn record(&self, records: &[Record], now: i64) -> Result<(), RecordError> {
        if records.is_empty() {
            return Ok(());
        }
        let write = || {
            self.store.sweep_sometimes(now)?;
            self.store.note(|transaction| {
                for record in records {
                    let Some(aggregate) = record.measured.aggregate() else { continue };
                    let dimensions: Dimensions = record.dimensions.iter().cloned().collect();
                    let metric = Metric { namespace: record.namespace.clone(), name: record.name.clone(), dimensions };
                    let id = metrics::note(transaction, &record.scope, &metric, now)?;
                    let (start, unit) = (at_resolution(record.at, 60), stored_unit(&record.unit));
                    data::add(transaction, &Datum { metric: id, start, resolution: 60, unit, aggregate })?;
                }
                Ok(())
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
        let is_known = [sum, minimum, maximum].iter().all(|number| number.is_finite());
        (is_known && count.is_finite() && count > 0.0).then_some(aggregate)
    }
}
