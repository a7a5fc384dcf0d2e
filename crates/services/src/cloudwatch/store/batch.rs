//! Many data points at once: those of the same stretch become one in memory, so that there is one write for each.

use std::collections::HashMap;

use rusqlite::Connection;
use sidegate_model::Scope;

use super::super::aggregate::Aggregate;
use super::super::fault::Fault;
use super::super::metric::{Metric, Unit};
use super::data::{self, Datum};
use super::metrics;

/// How many data points of a stretch wait to be merged.
const WAITING: usize = 1024;

/// Data points of an account in a Region, by their metrics.
#[derive(Debug, Default)]
pub(in super::super) struct Batch {
    /// The metrics, with their numbers in the order in which they came: they are listed in it.
    metrics: HashMap<Metric, usize>,
    waiting: HashMap<(usize, Stretch), Vec<Aggregate>>,
}

/// A stretch of time: when it begins and how long it is, in seconds; and the unit of what is measured in it.
type Stretch = (i64, i64, Unit);

impl Batch {
    /// Notes a metric, even if it has no value.
    pub(in super::super) fn note(&mut self, metric: Metric) -> usize {
        let next = self.metrics.len();
        *self.metrics.entry(metric).or_insert(next)
    }

    /// Adds a data point.
    pub(in super::super) fn add(&mut self, metric: Metric, stretch: Stretch, aggregate: Aggregate) {
        let number = self.note(metric);
        let waiting = self.waiting.entry((number, stretch)).or_default();
        waiting.push(aggregate);
        if waiting.len() >= WAITING {
            let merged = Aggregate::of_all(std::mem::take(waiting));
            waiting.extend(merged);
        }
    }

    /// Writes everything down.
    pub(in super::super) fn write(self, connection: &Connection, scope: &Scope, now: i64) -> Result<(), Fault> {
        let mut named: Vec<(Metric, usize)> = self.metrics.into_iter().collect();
        named.sort_by_key(|(_, number)| *number);
        let note = |(metric, _): &(Metric, usize)| metrics::note(connection, scope, metric, now);
        let ids: Vec<i64> = named.iter().map(note).collect::<Result<_, _>>()?;
        for ((number, (start, resolution, unit)), aggregates) in self.waiting {
            let (Some(metric), Some(aggregate)) = (ids.get(number), Aggregate::of_all(aggregates)) else { continue };
            data::add(connection, &Datum { metric: *metric, start, resolution, unit, aggregate })?;
        }
        Ok(())
    }
}
