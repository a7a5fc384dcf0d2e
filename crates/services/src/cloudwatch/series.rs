//! The data points of a metric in the periods of a request.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sidegate_model::Scope;

use super::aggregate::Aggregate;
use super::fault::Fault;
use super::metric::{Metric, Unit};
use super::retention;
use super::store::{data, metrics};

/// What of a metric is asked for.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    /// The start and the end as they are asked for, in Unix milliseconds. The end is not in it.
    pub(super) from: i64,
    pub(super) to: i64,
    /// In seconds.
    pub(super) period: i64,
    pub(super) unit: Option<Unit>,
    /// Whether the distributions of values are needed.
    pub(super) with_distributions: bool,
}

impl Stretch {
    /// The start, rounded as AWS rounds it, and the end, in Unix seconds.
    pub(super) fn bounds(&self, now: i64) -> (i64, i64) {
        let start = retention::rounded(self.from.div_euclid(1000), self.period, now.div_euclid(1000));
        (start, -(-self.to).div_euclid(1000))
    }
}

/// The data of a metric by the start of the period and by unit. Periods begin at the start that is asked for.
///
/// Source: API reference, "GetMetricStatistics" (`StartTime`, `Period`: data that is older is only there for longer
/// periods, and periods of less than a minute have data of a resolution of a second alone); the example of the CLI's page of it, whose data points are at the minute of the start.
pub(super) fn aggregates(
    connection: &Connection, scope: &Scope, metric: &Metric, stretch: &Stretch, now: i64,
) -> Result<BTreeMap<(i64, Unit), Aggregate>, Fault> {
    let mut periods: BTreeMap<(i64, Unit), Aggregate> = BTreeMap::new();
    let Some(id) = metrics::find(connection, scope, metric)? else { return Ok(periods) };
    let (start, end) = stretch.bounds(now);
    let seconds = now.div_euclid(1000);
    data::each(connection, id, (start, end), stretch.with_distributions, |datum| {
        // What was published by the minute says nothing about a part of it.
        let coarseness = retention::resolution(datum.start, seconds).max(datum.resolution);
        let is_there = coarseness == 1 || stretch.period % coarseness == 0;
        let is_kept = datum.start >= seconds - retention::LONGEST;
        if !is_there || !is_kept || stretch.unit.is_some_and(|unit| unit != datum.unit) {
            return;
        }
        let period = start + (datum.start - start).div_euclid(stretch.period) * stretch.period;
        match periods.entry((period, datum.unit)) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(datum.aggregate);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().merge(&datum.aggregate),
        }
    })?;
    Ok(periods)
}

/// Whether a period is one that AWS has, in seconds.
pub(super) fn is_period(period: i64) -> bool {
    matches!(period, 1 | 5 | 10 | 20 | 30) || (period > 0 && period % 60 == 0)
}
