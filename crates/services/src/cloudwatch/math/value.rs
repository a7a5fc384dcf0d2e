//! What expressions are of.

use std::collections::BTreeMap;
use std::sync::Arc;

/// What a series is of.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Source {
    pub(in super::super) namespace: String,
    pub(in super::super) name: String,
    pub(in super::super) dimensions: BTreeMap<String, String>,
    pub(in super::super) statistic: String,
}

/// A time series.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Series {
    /// What it is called in the answer.
    pub(in super::super) label: String,
    /// The metric that it is of, where it is of one.
    pub(in super::super) source: Option<Arc<Source>>,
    /// In seconds.
    pub(in super::super) period: i64,
    /// The values, by Unix seconds.
    pub(in super::super) points: BTreeMap<i64, f64>,
}

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Value {
    Scalar(f64),
    Series(Series),
    Many(Vec<Series>),
    /// A text or a keyword, which only some functions take.
    Text(String),
}

impl Value {
    /// How many data points it has. A series without any counts as one.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Series(series) => series.points.len() + 1,
            Self::Many(many) => many.iter().map(|series| series.points.len() + 1).sum(),
            Self::Scalar(_) | Self::Text(_) => 0,
        }
    }
}

impl Series {
    /// With each value changed. What is no number then is left out.
    pub(super) fn map(&self, change: impl Fn(f64) -> f64) -> Self {
        self.with(self.points.iter().map(|(at, value)| (*at, change(*value))))
    }

    /// With other points. What is no number is left out.
    pub(super) fn with(&self, points: impl Iterator<Item = (i64, f64)>) -> Self {
        let points = points.filter(|(_, value)| value.is_finite()).collect();
        Self { label: self.label.clone(), source: self.source.clone(), period: self.period, points }
    }

    /// With the values of both, where either has one: what is missing of the other is 0.
    ///
    /// Source: CloudWatch user guide, "Basic arithmetic functions", "Comparison and logical operators".
    pub(super) fn zip(&self, other: &Self, join: impl Fn(f64, f64) -> f64) -> Self {
        let of = |series: &Self, at: &i64| series.points.get(at).copied().unwrap_or(0.0);
        let others = other.points.keys().filter(|at| !self.points.contains_key(at));
        let times = self.points.keys().chain(others);
        let mut joined = self.with(times.map(|at| (*at, join(of(self, at), of(other, at)))));
        joined.period = self.period.max(other.period);
        joined
    }

    /// With a value of each two neighbours, in the place of the second.
    pub(super) fn pairs(&self, join: impl Fn((i64, f64), (i64, f64)) -> f64) -> Self {
        let entries = || self.points.iter().map(|(at, value)| (*at, *value));
        self.with(entries().zip(entries().skip(1)).map(|(before, after)| (after.0, join(before, after))))
    }
}
