//! Conditions: an operator, a key, and the values that it is compared with.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or
//! values", "Single-valued vs. multivalued context keys".

mod moment;
mod network;
mod number;
mod operator;
mod value_type;

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use self::moment::Moment;
pub(crate) use self::moment::is_date;
use self::network::Network;
use self::number::Decimal;
use self::operator::{Comparison, Order};
pub(crate) use self::operator::{Operator, Quantifier};
pub use self::value_type::ValueType;
use crate::arn::{ArnParts, ArnPattern, ArnPlace};
use crate::lookup::Lookup;
use crate::pattern::{Matching, Pattern, Reading};

/// One key under one operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    /// The operator as it is written.
    pub(crate) name: Box<str>,
    pub(crate) operator: Operator,
    /// The key as it is written.
    pub(crate) written: Box<str>,
    /// The key in lower case.
    pub(crate) key: Box<str>,
    /// The values as they are written.
    pub(crate) values: Vec<Box<str>>,
    test: Test,
}

/// The values in the form in which they are compared. One that is not of its operator's type is `None` and matches
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Text(Vec<Pattern>),
    TextIgnoringCase(Vec<Pattern>),
    Numeric(Order, Vec<Option<Decimal>>),
    Date(Order, Vec<Option<Moment>>),
    Bool(Vec<Option<bool>>),
    Binary(Vec<Option<Vec<u8>>>),
    Network(Vec<Option<Network>>),
    Arn(Vec<ArnPattern>),
    Null(Vec<Option<bool>>),
}

impl Test {
    fn new(comparison: Comparison, values: &[Box<str>], variables: bool) -> Self {
        let patterns = |wildcards| values.iter().map(|v| Pattern::new(v, Reading { wildcards, variables })).collect();
        match comparison {
            Comparison::StringEquals => Self::Text(patterns(false)),
            Comparison::StringLike => Self::Text(patterns(true)),
            Comparison::StringEqualsIgnoreCase => Self::TextIgnoringCase(patterns(false)),
            Comparison::Numeric(order) => Self::Numeric(order, values.iter().map(|v| Decimal::parse(v)).collect()),
            Comparison::Date(order) => Self::Date(order, values.iter().map(|v| Moment::parse(v)).collect()),
            Comparison::Bool => Self::Bool(values.iter().map(|v| boolean(v)).collect()),
            Comparison::Binary => Self::Binary(values.iter().map(|v| STANDARD.decode(&**v).ok()).collect()),
            Comparison::IpAddress => Self::Network(values.iter().map(|v| Network::parse(v)).collect()),
            Comparison::Arn => {
                Self::Arn(values.iter().map(|v| ArnPattern::new(v, variables, ArnPlace::Condition)).collect())
            }
            Comparison::Null => Self::Null(values.iter().map(|v| boolean(v)).collect()),
        }
    }

    /// Whether a value of the request matches one of the policy.
    fn any(&self, actual: &str, lookup: &Lookup<'_>) -> Matching {
        match self {
            Self::Text(patterns) => first(patterns, |pattern| pattern.matches(actual, lookup)),
            Self::TextIgnoringCase(patterns) => first(patterns, |p| p.equals_ignoring_case(actual, lookup)),
            Self::Arn(patterns) => {
                let arn = ArnParts::of(actual);
                first(patterns, |pattern| pattern.matches(&arn, lookup))
            }
            Self::Numeric(order, values) => typed(values, Decimal::parse(actual), |e, a| order.holds(a, e)),
            Self::Date(order, values) => typed(values, Moment::parse(actual), |e, a| order.holds(a, e)),
            Self::Bool(values) | Self::Null(values) => typed(values, boolean(actual), |e, a| e == a),
            // A request's value is the bytes themselves, or their Base64 form where only text can be given.
            Self::Binary(values) => {
                let decoded = STANDARD.decode(actual).ok();
                let equal = |own: &Vec<u8>| own == actual.as_bytes() || Some(own) == decoded.as_ref();
                Matching::from_bool(values.iter().flatten().any(equal))
            }
            Self::Network(values) => typed(values, actual.parse::<IpAddr>().ok(), |e, a| e.contains(*a)),
        }
    }

    /// Which values of the policy are not of the operator's type, by their positions.
    fn malformed(&self) -> Vec<usize> {
        fn gaps<T>(values: &[Option<T>]) -> Vec<usize> {
            values.iter().enumerate().filter(|(_, value)| value.is_none()).map(|(at, _)| at).collect()
        }
        match self {
            Self::Text(_) | Self::TextIgnoringCase(_) => Vec::new(),
            Self::Numeric(_, values) => gaps(values),
            Self::Date(_, values) => gaps(values),
            Self::Bool(values) | Self::Null(values) => gaps(values),
            Self::Binary(values) => gaps(values),
            Self::Network(values) => gaps(values),
            Self::Arn(patterns) => {
                let malformed = |(at, p): (usize, &ArnPattern)| (!p.is_arn_or_everything()).then_some(at);
                patterns.iter().enumerate().filter_map(malformed).collect()
            }
        }
    }
}

/// Yes if one says yes, else unresolved if one is.
fn first<T>(items: &[T], mut matches: impl FnMut(&T) -> Matching) -> Matching {
    let mut matching = Matching::No;
    for item in items {
        match matches(item) {
            Matching::Yes => return Matching::Yes,
            Matching::No => {}
            Matching::Unresolved => matching = Matching::Unresolved,
        }
    }
    matching
}

fn typed<E, A>(expected: &[Option<E>], actual: Option<A>, holds: impl Fn(&E, &A) -> bool) -> Matching {
    let Some(actual) = actual else { return Matching::No };
    Matching::from_bool(expected.iter().flatten().any(|expected| holds(expected, &actual)))
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

impl Condition {
    pub(crate) fn new(name: &str, operator: Operator, key: &str, values: Vec<Box<str>>, variables: bool) -> Self {
        let test = Test::new(operator.comparison, &values, variables);
        Self { name: name.into(), operator, written: key.into(), key: key.to_lowercase().into(), values, test }
    }

    /// Whether the request meets the condition.
    pub(crate) fn holds(&self, lookup: &Lookup<'_>) -> Matching {
        let values = lookup.values(&self.key).unwrap_or_default();
        if let Test::Null(expected) = &self.test {
            return Matching::from_bool(expected.contains(&Some(values.is_empty())));
        }
        let Operator { quantifier, negated, if_exists, .. } = self.operator;
        // An empty string is an empty set to the quantifiers, which say so themselves.
        let empty = values.is_empty() || (quantifier.is_some() && values.iter().all(|value| value.is_empty()));
        if empty {
            return Matching::from_bool(
                if_exists
                    || match quantifier {
                        Some(Quantifier::All) => true,
                        Some(Quantifier::Any) => false,
                        None => negated,
                    },
            );
        }
        let matchings = values.iter().map(|value| negate(self.test.any(value, lookup), negated));
        match quantifier {
            Some(Quantifier::Any) => any(matchings),
            Some(Quantifier::All) => all(matchings),
            // A negated operator asks that none of the values matches.
            None if negated => all(matchings),
            None => any(matchings),
        }
    }

    /// The keys of the policy variables, as they are written.
    pub(crate) fn variables(&self) -> Vec<&str> {
        match &self.test {
            Test::Text(patterns) | Test::TextIgnoringCase(patterns) => {
                patterns.iter().flat_map(Pattern::variables).collect()
            }
            Test::Arn(patterns) => patterns.iter().flat_map(ArnPattern::variables).collect(),
            _ => Vec::new(),
        }
    }

    /// The keys of the policy variables that have no value.
    pub(crate) fn unresolved<'a>(&'a self, lookup: &Lookup<'_>) -> Vec<&'a str> {
        match &self.test {
            Test::Text(patterns) | Test::TextIgnoringCase(patterns) => {
                patterns.iter().flat_map(|pattern| pattern.unresolved(lookup)).collect()
            }
            Test::Arn(patterns) => patterns.iter().flat_map(|pattern| pattern.unresolved(lookup)).collect(),
            _ => Vec::new(),
        }
    }

    /// The values that are not of the operator's type, and so match nothing.
    pub(crate) fn malformed(&self) -> impl Iterator<Item = &str> {
        self.test.malformed().into_iter().filter_map(|at| self.values.get(at).map(|value| &**value))
    }
}

fn negate(matching: Matching, negated: bool) -> Matching {
    match matching {
        Matching::Yes if negated => Matching::No,
        Matching::No if negated => Matching::Yes,
        other => other,
    }
}

fn any(matchings: impl Iterator<Item = Matching>) -> Matching {
    let mut outcome = Matching::No;
    for matching in matchings {
        match matching {
            Matching::Yes => return Matching::Yes,
            Matching::No => {}
            Matching::Unresolved => outcome = Matching::Unresolved,
        }
    }
    outcome
}

fn all(matchings: impl Iterator<Item = Matching>) -> Matching {
    let mut outcome = Matching::Yes;
    for matching in matchings {
        match matching {
            Matching::Yes => {}
            Matching::No => return Matching::No,
            Matching::Unresolved => outcome = Matching::Unresolved,
        }
    }
    outcome
}
