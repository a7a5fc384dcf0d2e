//! `GetMetricData`

use serde::Deserialize;
use sidegate_wire::document;

use super::evaluation::Window;
use super::fault::Fault;
use super::label::{self, Zone};
use super::math::{Budget, Series, Value};
use super::operation::{Answer, Operation, Prepared, structure, text};
use super::page;
use super::query::{self, Kind, Query, QueryInput};
use super::scalar::{Integer, Items, Time, items};
use super::store::Store;
use crate::constraint::Constraint;
use crate::{Authorized, Caller};

/// The most queries of a request.
const MOST_QUERIES: usize = 500;

/// The most data points of a page.
const MOST_POINTS: usize = 100_800;

/// `GetMetricData`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetMetricData {
    metric_data_queries: Option<Items<QueryInput>>,
    start_time: Option<Time>,
    end_time: Option<Time>,
    next_token: Option<String>,
    scan_by: Option<String>,
    max_datapoints: Option<Integer>,
    label_options: Option<LabelOptions>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LabelOptions {
    timezone: Option<String>,
}

/// What is asked for, checked.
pub(super) struct Asked {
    queries: Vec<Query>,
    from: i64,
    to: i64,
    is_ascending: bool,
    most: usize,
    zone: Zone,
    /// Everything that has to be the same on the next page.
    context: String,
    /// How many data points were on the pages before.
    skipped: usize,
}

impl Operation for GetMetricData {
    const NAME: &'static str = "GetMetricData";
    type Ready = Asked;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Asked>, Fault> {
        let given = items(self.metric_data_queries);
        if given.is_empty() {
            return Err(Fault::Missing("MetricDataQueries".to_owned()));
        }
        if given.len() > MOST_QUERIES {
            let message = format!("The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.");
            return Err(Fault::Validation(message));
        }
        let from = self.start_time.ok_or_else(|| Fault::Missing("StartTime".to_owned()))?.0;
        let to = self.end_time.ok_or_else(|| Fault::Missing("EndTime".to_owned()))?.0;
        if from >= to {
            let message = "The parameter StartTime must be less than the parameter EndTime.";
            return Err(Fault::Validation(message.to_owned()));
        }
        let is_ascending = is_ascending(self.scan_by.as_deref())?;
        let most = match self.max_datapoints {
            None => MOST_POINTS,
            Some(Integer(most)) if (1..=MOST_POINTS as i64).contains(&most) => most as usize,
            Some(_) => {
                let message = format!("The parameter MaxDatapoints must be between 1 and {MOST_POINTS}.");
                return Err(Fault::Validation(message));
            }
        };
        let zone = zone(self.label_options.and_then(|options| options.timezone).as_deref())?;
        let told = format!("{given:?}");
        let scope = &caller.scope;
        let context = format!("{} {} {} {from} {to} {is_ascending} {told}", Self::NAME, scope.account, scope.region);
        let queries = query::check(given, "MetricDataQueries", caller)?;
        query::order(&queries)?;
        let skipped = page::place(&store.vault, &context, self.next_token.as_deref())?.unwrap_or(0);
        queries.iter().filter_map(|query| query.label.as_deref()).try_for_each(label::check)?;
        let asked = Asked { queries, from, to, is_ascending, most, zone, context, skipped };
        Ok(Prepared::of_all(asked, Self::NAME))
    }

    fn act(asked: Asked, _: &Authorized, caller: &Caller, store: &Store) -> Result<Answer, Fault> {
        let Asked { queries, from, to, is_ascending, most, zone, context, skipped } = asked;
        let values = store.read(|connection| {
            let window =
                Window { connection, scope: &caller.scope, from, to, now: caller.now, budget: Budget::default() };
            window.results(&queries)
        })?;
        let mut results = Vec::new();
        for (query, value) in queries.iter().zip(values).filter(|(query, _)| query.returns_data) {
            let is_one = matches!(value, Value::Series(_));
            let place = label::Place { scope: &caller.scope, now: caller.now.div_euclid(1000), zone };
            let with_label = |series: Series| {
                let label = labelled(query, is_one, &series, place);
                (query, Series { label, ..series })
            };
            results.extend(series(query, value)?.into_iter().map(with_label));
        }
        let (page, end, is_whole) = paged(&results, is_ascending, skipped, most);
        // Source: API reference, "MetricDataResult" (`StatusCode`): no token where there are expressions.
        let is_math = queries.iter().any(|query| matches!(query.kind, Kind::Expression(_)));
        let next = if is_whole || is_math { None } else { Some(page::token(&store.vault, &context, &end)?) };
        Ok(Answer::of(vec![
            ("MetricDataResults", Some(document::Value::List(page))),
            ("NextToken", next.and_then(text)),
            ("Messages", Some(document::Value::List(Vec::new()))),
        ]))
    }
}

/// The series of a result. A number alone is none.
fn series(query: &Query, value: Value) -> Result<Vec<Series>, Fault> {
    match value {
        Value::Series(series) => Ok(vec![series]),
        Value::Many(many) => Ok(many),
        Value::Scalar(_) | Value::Text(_) => {
            let message = format!("Error in expression '{}': The expression must return a time series", query.id);
            Err(Fault::Validation(message))
        }
    }
}

/// What a series is called. One of several of an expression keeps the name of its metric.
///
/// Source: CloudWatch user guide, "Add a math expression to a CloudWatch graph" (the legend of several series), "Use
/// dynamic labels".
fn labelled(query: &Query, is_one: bool, series: &Series, place: label::Place<'_>) -> String {
    let is_stat = matches!(query.kind, Kind::Stat(_));
    let own = if series.label.is_empty() || (is_one && !is_stat) { &query.id } else { &series.label };
    match query.label.as_deref() {
        None => own.clone(),
        Some(label) if label::is_dynamic(label) => label::filled(label, own, series, place),
        Some(label) if is_one => label.to_owned(),
        Some("") => own.clone(),
        Some(label) => format!("{label} {own}"),
    }
}

/// The part of results that a page has: after so many data points, at most so many. With it goes how many were returned by
/// then, and whether those are all.
fn paged(
    results: &[(&Query, Series)], is_ascending: bool, skipped: usize, most: usize,
) -> (Vec<document::Value>, usize, bool) {
    let (mut page, mut before, mut left) = (Vec::new(), 0, most);
    let all: usize = results.iter().map(|(_, series)| series.points.len()).sum();
    for (query, series) in results {
        let count = series.points.len();
        let skip = skipped.saturating_sub(before).min(count);
        let is_done = before + count <= skipped;
        before += count;
        // A series without data is on the first page; no other begins on a page that is full.
        let is_here = if count == 0 { skipped == 0 } else { !is_done && left > 0 };
        if !is_here {
            continue;
        }
        let take = (count - skip).min(left);
        left -= take;
        page.push(result(query, series, is_ascending, (skip, take)));
    }
    let end = (skipped + most - left).min(all);
    (page, end, end >= all)
}

fn result(query: &Query, series: &Series, is_ascending: bool, (skip, take): (usize, usize)) -> document::Value {
    let count = series.points.len();
    let points: Vec<(i64, f64)> = series.points.iter().map(|(at, value)| (*at, *value)).collect();
    let ordered: Box<dyn Iterator<Item = &(i64, f64)>> =
        if is_ascending { Box::new(points.iter()) } else { Box::new(points.iter().rev()) };
    let part: Vec<&(i64, f64)> = ordered.skip(skip).take(take).collect();
    let status = if skip + take < count { "PartialData" } else { "Complete" };
    structure(vec![
        ("Id", text(&query.id)),
        ("Label", text(&series.label)),
        (
            "Timestamps",
            Some(document::Value::List(part.iter().map(|(at, _)| document::Value::Time(at * 1000)).collect())),
        ),
        (
            "Values",
            Some(document::Value::List(part.iter().map(|(_, value)| document::Value::Double(*value)).collect())),
        ),
        ("StatusCode", text(status)),
    ])
}

/// The order in which data points are returned: the newest first, if nothing else is said.
pub(super) fn is_ascending(given: Option<&str>) -> Result<bool, Fault> {
    match given {
        None | Some("TimestampDescending") => Ok(false),
        Some("TimestampAscending") => Ok(true),
        Some(other) => {
            let set = "Member must satisfy enum value set: [TimestampDescending, TimestampAscending]";
            Err(Constraint::of(other, "scanBy", set).into())
        }
    }
}

/// A time zone as `+0130`.
fn zone(given: Option<&str>) -> Result<Zone, Fault> {
    let Some(text) = given else { return Ok(Zone::default()) };
    Zone::parse(text)
        .ok_or_else(|| Fault::Validation(format!("The value {text} for parameter LabelOptions.Timezone is invalid.")))
}
