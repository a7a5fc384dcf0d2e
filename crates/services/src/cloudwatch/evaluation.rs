//! The results of queries over the data that is stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Connection;
use sidegate_model::Scope;

use super::fault::Fault;
use super::math::{Budget, Expression, Known, MathError, Series, Source, Value, evaluate};
use super::metric::Metric;
use super::query::{Kind, MetricStat, Query, order};
use super::search::Search;
use super::series::{Stretch, aggregates};
use super::statistic::Statistic;
use super::store::metrics::{self, Filter};

/// The most series that a search gives.
///
/// Source: CloudWatch user guide, "CloudWatch search expression syntax" (500 time series).
const MOST_FOUND: usize = 500;

/// The most metrics of an account that a search looks through.
const MOST_SEARCHED: usize = 100_000;

/// Where and when the data is looked for.
pub(super) struct Window<'a> {
    pub(super) connection: &'a Connection,
    pub(super) scope: &'a Scope,
    /// In Unix milliseconds.
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) now: i64,
    /// What all its series together may have.
    pub(super) budget: Budget,
}

impl Window<'_> {
    /// A statistic of a metric.
    pub(super) fn series(&self, stat: &MetricStat) -> Result<Series, Fault> {
        let stretch = self.stretch(stat);
        let found = aggregates(self.connection, self.scope, &stat.metric, &stretch, self.now)?;
        // Values of all units together, where none is asked for.
        let mut together: BTreeMap<i64, super::aggregate::Aggregate> = BTreeMap::new();
        for ((at, _), aggregate) in found {
            match together.entry(at) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(aggregate);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().merge(&aggregate),
            }
        }
        let value = |(at, aggregate)| Some((at, stat.statistic.of(&aggregate)?));
        let points = together.into_iter().filter_map(value).collect();
        let Metric { namespace, name, dimensions } = stat.metric.clone();
        let source = Some(Arc::new(Source { namespace, name, dimensions, statistic: stat.statistic.name() }));
        Ok(Series { label: stat.metric.name.clone(), source, period: stat.period, points })
    }

    fn stretch(&self, stat: &MetricStat) -> Stretch {
        let with_distributions = !matches!(
            stat.statistic,
            Statistic::SampleCount | Statistic::Average | Statistic::Sum | Statistic::Minimum | Statistic::Maximum
        );
        Stretch { from: self.from, to: self.to, period: stat.period, unit: stat.unit, with_distributions }
    }

    /// The results of queries, in their order: the series of each, whether or not it returns data.
    pub(super) fn results(&self, queries: &[Query]) -> Result<Vec<Value>, Fault> {
        let mut results: BTreeMap<usize, Value> = BTreeMap::new();
        for at in order(queries)? {
            let Some(query) = queries.get(at) else { continue };
            let value = match &query.kind {
                Kind::Stat(stat) => {
                    let series = self.series(stat)?;
                    self.budget.spend(series.points.len()).map_err(|error| query.refusal(&error))?;
                    Value::Series(series)
                }
                Kind::Expression(expression) => {
                    let step = Step { window: self, queries, results: &results, expression, period: query.period };
                    evaluate(expression, &step).map_err(|error| query.refusal(&error))?
                }
            };
            results.insert(at, value);
        }
        Ok(results.into_values().collect())
    }

    /// The series that a search finds.
    fn search(&self, text: &str, statistic: &str, period: i64) -> Result<Vec<Series>, SearchError> {
        let search = Search::parse(text).ok_or(SearchError::Refused)?;
        let statistic = Statistic::parse(statistic).ok_or(SearchError::Refused)?;
        let filter = Filter { since: self.now - super::retention::LISTED, ..Filter::default() };
        let all = metrics::list(self.connection, self.scope, &filter, 0, MOST_SEARCHED)?;
        let found = all.into_iter().map(|stored| stored.metric).filter(|metric| search.finds(metric));
        let series = |metric| {
            let series = self.series(&MetricStat { metric, period, statistic, unit: None })?;
            self.budget.spend(series.points.len() + 1).map_err(|_| SearchError::TooMany)?;
            Ok(series)
        };
        found.take(MOST_FOUND).map(series).collect()
    }
}

/// Why a search finds nothing.
enum SearchError {
    Refused,
    TooMany,
    Fault,
}

impl From<Fault> for SearchError {
    fn from(fault: Fault) -> Self {
        tracing::error!(error = &fault as &dyn std::error::Error, "a search for metrics failed");
        Self::Fault
    }
}

/// What the expression of a query may refer to.
struct Step<'a> {
    window: &'a Window<'a>,
    queries: &'a [Query],
    results: &'a BTreeMap<usize, Value>,
    expression: &'a Expression,
    period: Option<i64>,
}

impl Step<'_> {
    /// The period of the expression: the one that is asked for, or the longest of the series in it, or, where there
    /// is none in it, of the metrics of the request.
    fn period(&self) -> i64 {
        let place = |name: &str| self.queries.iter().position(|query| query.id == name);
        let in_it = |name: &str| match self.results.get(&place(name)?)? {
            Value::Series(series) => Some(series.period),
            Value::Many(many) => many.iter().map(|series| series.period).max(),
            Value::Scalar(_) | Value::Text(_) => None,
        };
        let longest = self.expression.names().into_iter().filter_map(in_it).max().filter(|period| *period > 0);
        let of = |query: &Query| match &query.kind {
            Kind::Stat(stat) => Some(stat.period),
            Kind::Expression(_) => query.period,
        };
        self.period.or(longest).or_else(|| self.queries.iter().filter_map(of).max()).unwrap_or(60)
    }
}

impl Known for Step<'_> {
    fn value(&self, id: &str) -> Option<Value> {
        let at = self.queries.iter().position(|query| query.id == id)?;
        self.results.get(&at).cloned()
    }

    fn metrics(&self) -> Vec<(String, Series)> {
        let of = |(at, query): (usize, &Query)| match (&query.kind, self.results.get(&at)) {
            (Kind::Stat(_), Some(Value::Series(series))) => Some((query.id.clone(), series.clone())),
            _ => None,
        };
        self.queries.iter().enumerate().filter_map(of).collect()
    }

    fn search(&self, expression: &str, statistic: &str, period: Option<i64>) -> Result<Vec<Series>, MathError> {
        let period = period.filter(|period| super::series::is_period(*period)).or(self.period).unwrap_or(300);
        self.window.search(expression, statistic, period).map_err(|error| match error {
            SearchError::TooMany => MathError::TooMany,
            SearchError::Refused | SearchError::Fault => MathError::Arguments("SEARCH"),
        })
    }

    fn times(&self, period: Option<i64>) -> (i64, i64, i64) {
        let Window { from, to, now, .. } = *self.window;
        let period = period.unwrap_or_else(|| self.period());
        let stretch = Stretch { from, to, period, unit: None, with_distributions: false };
        let (start, end) = stretch.bounds(now);
        (start, end, period)
    }

    fn budget(&self) -> &Budget {
        &self.window.budget
    }
}

/// What queries would give if there were no data: whether it is a series, several or a number. No search is made.
pub(super) fn shapes(queries: &[Query]) -> Result<Vec<Value>, Fault> {
    let mut shapes = Shapes { queries, values: BTreeMap::new(), budget: Budget::default() };
    for at in order(queries)? {
        let Some(query) = queries.get(at) else { continue };
        let value = match &query.kind {
            Kind::Stat(stat) => Value::Series(Series { period: stat.period, ..Series::default() }),
            Kind::Expression(expression) => evaluate(expression, &shapes).map_err(|error| query.refusal(&error))?,
        };
        shapes.values.insert(at, value);
    }
    Ok(shapes.values.into_values().collect())
}

struct Shapes<'a> {
    queries: &'a [Query],
    values: BTreeMap<usize, Value>,
    budget: Budget,
}

impl Known for Shapes<'_> {
    fn value(&self, id: &str) -> Option<Value> {
        self.values.get(&self.queries.iter().position(|query| query.id == id)?).cloned()
    }

    fn metrics(&self) -> Vec<(String, Series)> {
        let is_metric = |query: &&Query| matches!(query.kind, Kind::Stat(_));
        self.queries.iter().filter(is_metric).map(|query| (query.id.clone(), Series::default())).collect()
    }

    fn search(&self, _: &str, _: &str, _: Option<i64>) -> Result<Vec<Series>, MathError> {
        Ok(Vec::new())
    }

    fn times(&self, period: Option<i64>) -> (i64, i64, i64) {
        (0, 0, period.unwrap_or(60))
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}
