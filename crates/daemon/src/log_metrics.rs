//! From the metric filters of CloudWatch Logs to the metrics of CloudWatch.

use sidegate_model::Scope;
use sidegate_services::cloudwatch::{Measured, Record, Recorder};
use sidegate_services::logs::{MetricDatum, MetricSink};

use crate::clock;

/// Records what metric filters publish.
#[derive(Debug)]
pub(crate) struct LogMetrics(pub(crate) Recorder);

impl MetricSink for LogMetrics {
    fn publish(&self, scope: &Scope, data: Vec<MetricDatum>) {
        let records: Vec<Record> = data
            .into_iter()
            .map(|datum| Record {
                scope: scope.clone(),
                namespace: datum.namespace,
                name: datum.name,
                dimensions: datum.dimensions.into_iter().collect(),
                at: datum.timestamp,
                unit: datum.unit.unwrap_or_else(|| "None".to_owned()),
                measured: Measured::Value(datum.value),
            })
            .collect();
        if let Err(error) = self.0.record(&records, clock::now_ms()) {
            tracing::error!(error = &error as &dyn std::error::Error, "what metric filters publish is not recorded");
        }
    }
}
