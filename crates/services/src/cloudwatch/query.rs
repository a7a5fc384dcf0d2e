//! Queries of metrics and expressions over them, as `GetMetricData` and alarms have them.
//!
//! Source: API reference, "MetricDataQuery", "MetricStat"; messages that users quote, see docs/claims.md.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sidegate_wire::document::Value;

use super::fault::Fault;
use super::math::{Expression, MathError, parse};
use super::metric::{self, Metric, MetricInput, Unit};
use super::operation::{structure, text};
use super::scalar::{Flag, Integer};
use super::series::is_period;
use super::statistic::Statistic;
use crate::Caller;
use crate::constraint::{length, within};

/// A query, as it is given.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueryInput {
    id: Option<String>,
    metric_stat: Option<MetricStatInput>,
    expression: Option<String>,
    label: Option<String>,
    return_data: Option<Flag>,
    period: Option<Integer>,
    account_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricStatInput {
    metric: Option<MetricInput>,
    period: Option<Integer>,
    stat: Option<String>,
    unit: Option<String>,
}

/// A query, checked.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) label: Option<String>,
    pub(super) returns_data: bool,
    /// The period that is asked for of an expression.
    pub(super) period: Option<i64>,
}

/// What a query is of.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Stat(MetricStat),
    Expression(Expression),
}

/// A statistic of a metric.
#[derive(Clone, Debug)]
pub(super) struct MetricStat {
    pub(super) metric: Metric,
    pub(super) period: i64,
    pub(super) statistic: Statistic,
    pub(super) unit: Option<Unit>,
}

/// Checks queries and brings them into an order in which each comes after those that it refers to. `list` is their name in
/// the request.
pub(super) fn check(given: Vec<QueryInput>, list: &str, caller: &Caller) -> Result<Vec<Query>, Fault> {
    let mut queries = Vec::with_capacity(given.len());
    let mut ids = BTreeSet::new();
    for (at, query) in given.into_iter().enumerate() {
        let query = query.check(&format!("{list}.member.{}", at + 1), caller)?;
        if !ids.insert(query.id.clone()) {
            return Err(Fault::Validation(format!("The values for parameter id in {list} are not unique.")));
        }
        queries.push(query);
    }
    for query in &queries {
        let mut names =
            query.references().into_iter().filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
        if let Some(name) = names.find(|name| !ids.contains(*name)) {
            return Err(query.refusal(&MathError::Undefined(name.to_owned())));
        }
    }
    Ok(queries)
}

/// The places of queries in an order in which each comes after those that it refers to.
pub(super) fn order(queries: &[Query]) -> Result<Vec<usize>, Fault> {
    let places: BTreeMap<&str, usize> = queries.iter().enumerate().map(|(at, query)| (query.id.as_str(), at)).collect();
    let mut waiting: Vec<BTreeSet<usize>> = queries
        .iter()
        .map(|query| query.references().iter().filter_map(|name| places.get(name).copied()).collect())
        .collect();
    let mut order = Vec::with_capacity(queries.len());
    let mut done = vec![false; queries.len()];
    while order.len() < queries.len() {
        let ready: Vec<usize> = waiting
            .iter()
            .enumerate()
            .filter(|(at, needs)| needs.is_empty() && done.get(*at) == Some(&false))
            .map(|(at, _)| at)
            .collect();
        if ready.is_empty() {
            return Err(Fault::Validation("The expressions refer to each other in a circle.".to_owned()));
        }
        for at in ready {
            if let Some(done) = done.get_mut(at) {
                *done = true;
            }
            for needs in &mut waiting {
                needs.remove(&at);
            }
            order.push(at);
        }
    }
    Ok(order)
}

impl Query {
    /// The names in its expression.
    fn references(&self) -> Vec<&str> {
        match &self.kind {
            Kind::Stat(_) => Vec::new(),
            Kind::Expression(expression) => expression.names(),
        }
    }

    /// The period of its metric, or the one that is asked for of its expression.
    pub(super) fn own_period(&self) -> Option<i64> {
        match &self.kind {
            Kind::Stat(stat) => Some(stat.period),
            Kind::Expression(_) => self.period,
        }
    }

    /// Why its expression has no value.
    pub(super) fn refusal(&self, error: &MathError) -> Fault {
        match error {
            MathError::Unsupported(function) => Fault::Unserved(format!("the function {function}")),
            _ => Fault::Validation(format!("Error in expression '{}': {error}", self.id)),
        }
    }
}

impl QueryInput {
    /// As answers have it.
    pub(super) fn to_value(&self) -> Value {
        let optional = |given: &Option<String>| given.clone().map(Value::Text);
        let stat = self.metric_stat.as_ref().map(|stat| {
            let metric = stat.metric.clone().and_then(|metric| metric.check("Metric").ok());
            structure(vec![
                ("Metric", metric.map(|metric| metric.to_value())),
                ("Period", stat.period.map(|period| Value::Integer(period.0))),
                ("Stat", optional(&stat.stat)),
                ("Unit", optional(&stat.unit)),
            ])
        });
        structure(vec![
            ("Id", text(self.id.clone().unwrap_or_default())),
            ("MetricStat", stat),
            ("Expression", optional(&self.expression)),
            ("Label", optional(&self.label)),
            ("ReturnData", Some(Value::Flag(self.return_data.is_none_or(|flag| flag.0)))),
            ("Period", self.period.map(|period| Value::Integer(period.0))),
            ("AccountId", optional(&self.account_id)),
        ])
    }

    fn check(self, path: &str, caller: &Caller) -> Result<Query, Fault> {
        let id = self.id.ok_or_else(|| Fault::Missing(format!("{path}.Id")))?;
        metric::query_id(&id)?;
        if self.account_id.is_some_and(|account| account != caller.scope.account.as_str()) {
            let message = format!("The parameter {path}.AccountId is an account that is not linked to this one.");
            return Err(Fault::Validation(message));
        }
        let exclusive = |one: &str, other: &str| {
            let message = format!(
                "The parameters {path}.{one} and {path}.{other} are mutually exclusive and you have specified both."
            );
            Err(Fault::Validation(message))
        };
        let own_period = self.period.map(|period| self::period(period.0)).transpose()?;
        let kind = match (self.metric_stat, self.expression) {
            (Some(_), Some(_)) => return exclusive("Expression", "MetricStat"),
            (Some(_), None) if own_period.is_some() => return exclusive("Period", "MetricStat"),
            (Some(stat), None) => Kind::Stat(stat.check(&format!("{path}.MetricStat"))?),
            (None, Some(text)) => {
                length("metricDataQueries.member.expression", &text, 1, 2048)?;
                if text.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("SELECT")) {
                    return Err(Fault::Unserved("Metrics Insights queries".to_owned()));
                }
                let refused = |error: MathError| Fault::Validation(format!("Error in expression '{id}': {error}"));
                Kind::Expression(parse(&text).map_err(refused)?)
            }
            (None, None) => {
                let message = format!("Either {path}.Expression or {path}.MetricStat must be specified.");
                return Err(Fault::Validation(message));
            }
        };
        let returns_data = self.return_data.is_none_or(|flag| flag.0);
        Ok(Query { id, kind, label: self.label, returns_data, period: own_period })
    }
}

impl MetricStatInput {
    fn check(self, path: &str) -> Result<MetricStat, Fault> {
        let missing = |part: &str| Fault::Missing(format!("{path}.{part}"));
        let metric = self.metric.ok_or_else(|| missing("Metric"))?.check(&format!("{path}.Metric"))?;
        let period = period(self.period.ok_or_else(|| missing("Period"))?.0)?;
        let stat = self.stat.ok_or_else(|| missing("Stat"))?;
        let refused = || Fault::Validation(format!("The value {stat} for parameter {path}.Stat is not supported."));
        let statistic = Statistic::parse(&stat).ok_or_else(refused)?;
        let unit = metric::unit(self.unit.as_deref(), &format!("{path}.Unit"))?;
        Ok(MetricStat { metric, period, statistic, unit })
    }
}

fn period(period: i64) -> Result<i64, Fault> {
    within("period", period, 1, i64::from(i32::MAX))?;
    if is_period(period) {
        return Ok(period);
    }
    Err(Fault::Validation("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.".to_owned()))
}
