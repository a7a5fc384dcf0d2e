//! Expressions against an evaluator that goes from one time to the next.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Budget, Known, MathError, Series, Value, evaluate, parse};

/// How many periods there are.
const TIMES: usize = 6;

const PERIOD: i64 = 60;

/// A value at each time, where there is one.
type Row = Vec<Option<f64>>;

/// An expression.
#[derive(Clone, Debug)]
enum Tree {
    Number(f64),
    A,
    B,
    Both(&'static str, Box<Tree>, Box<Tree>),
    Negative(Box<Tree>),
    Of(&'static str, Box<Tree>),
    Fill(Box<Tree>, f64),
    If(Box<Tree>, Box<Tree>, Box<Tree>),
    /// The sum at each time.
    Together(Box<Tree>, Box<Tree>),
}

/// What the plain evaluator gives.
#[derive(Clone, Debug)]
enum Plain {
    Scalar(f64),
    Row(Row),
}

struct Two {
    a: Row,
    b: Row,
    budget: Budget,
}

impl Known for Two {
    fn value(&self, id: &str) -> Option<Value> {
        let row = match id {
            "a" => &self.a,
            "b" => &self.b,
            _ => return None,
        };
        let points: BTreeMap<i64, f64> =
            row.iter().enumerate().filter_map(|(at, value)| Some((at as i64 * PERIOD, (*value)?))).collect();
        Some(Value::Series(Series { label: id.to_owned(), period: PERIOD, points, ..Series::default() }))
    }

    fn metrics(&self) -> Vec<(String, Series)> {
        Vec::new()
    }

    fn search(&self, _: &str, _: &str, _: Option<i64>) -> Result<Vec<Series>, MathError> {
        Ok(Vec::new())
    }

    fn times(&self, _: Option<i64>) -> (i64, i64, i64) {
        (0, TIMES as i64 * PERIOD, PERIOD)
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

fn spelled(tree: &Tree) -> String {
    match tree {
        Tree::Number(number) => format!("{number}"),
        Tree::A => "a".to_owned(),
        Tree::B => "b".to_owned(),
        Tree::Both(sign, left, right) => format!("({} {sign} {})", spelled(left), spelled(right)),
        Tree::Negative(inner) => format!("(-{})", spelled(inner)),
        Tree::Of(function, inner) => format!("{function}({})", spelled(inner)),
        Tree::Fill(inner, by) => format!("FILL({}, {by})", spelled(inner)),
        Tree::If(condition, then, otherwise) => {
            format!("IF({}, {}, {})", spelled(condition), spelled(then), spelled(otherwise))
        }
        Tree::Together(left, right) => format!("SUM([{}, {}])", spelled(left), spelled(right)),
    }
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn apply(sign: &str, a: f64, b: f64) -> f64 {
    match sign {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "^" => a.powf(b),
        "<" => truth(a < b),
        ">=" => truth(a >= b),
        "==" => truth(a == b),
        "AND" => truth(a != 0.0 && b != 0.0),
        "||" => truth(a != 0.0 || b != 0.0),
        _ => panic!("{sign}"),
    }
}

impl Plain {
    fn at(&self, time: usize) -> Option<f64> {
        match self {
            Self::Scalar(scalar) => Some(*scalar),
            Self::Row(row) => row[time],
        }
    }

    fn row(self) -> Option<Row> {
        match self {
            Self::Scalar(_) => None,
            Self::Row(row) => Some(row),
        }
    }
}

fn at_each(value: impl Fn(usize) -> Option<f64>) -> Plain {
    Plain::Row((0..TIMES).map(|time| value(time).filter(|value| value.is_finite())).collect())
}

/// `None` where the expression has no meaning.
fn plain(tree: &Tree, two: &Two) -> Option<Plain> {
    Some(match tree {
        Tree::Number(number) => Plain::Scalar(*number),
        Tree::A => Plain::Row(two.a.clone()),
        Tree::B => Plain::Row(two.b.clone()),
        Tree::Both(sign, left, right) => match (plain(left, two)?, plain(right, two)?) {
            (Plain::Scalar(a), Plain::Scalar(b)) => Plain::Scalar(apply(sign, a, b)),
            (Plain::Row(a), Plain::Row(b)) => at_each(|time| match (a[time], b[time]) {
                (None, None) => None,
                (a, b) => Some(apply(sign, a.unwrap_or(0.0), b.unwrap_or(0.0))),
            }),
            (a, b) => at_each(|time| Some(apply(sign, a.at(time)?, b.at(time)?))),
        },
        Tree::Negative(inner) => match plain(inner, two)? {
            Plain::Scalar(scalar) => Plain::Scalar(-scalar),
            row => at_each(|time| Some(-row.at(time)?)),
        },
        Tree::Fill(inner, by) => {
            let row = plain(inner, two)?.row()?;
            at_each(|time| row[time].or(Some(*by)))
        }
        Tree::If(condition, then, otherwise) => {
            let (condition, then, otherwise) = (plain(condition, two)?, plain(then, two)?, plain(otherwise, two)?);
            match condition {
                Plain::Scalar(holds) => {
                    if holds != 0.0 {
                        then
                    } else {
                        otherwise
                    }
                }
                row => {
                    at_each(|time| if row.at(time)? != 0.0 { then.at(time).or(Some(0.0)) } else { otherwise.at(time) })
                }
            }
        }
        Tree::Together(left, right) => {
            let (left, right) = (plain(left, two)?.row()?, plain(right, two)?.row()?);
            at_each(|time| match (left[time], right[time]) {
                (None, None) => None,
                (a, b) => Some(a.unwrap_or(0.0) + b.unwrap_or(0.0)),
            })
        }
        Tree::Of(function, inner) => of(function, plain(inner, two)?)?,
    })
}

fn of(function: &str, inner: Plain) -> Option<Plain> {
    let known = |row: &Row| row.iter().flatten().copied().collect::<Vec<f64>>();
    Some(match (function, inner) {
        ("ABS", Plain::Scalar(scalar)) => Plain::Scalar(scalar.abs()),
        ("ABS", row) => at_each(|time| row.at(time).map(f64::abs)),
        ("DIFF" | "RATE", row) => {
            let row = row.row()?;
            at_each(|time| {
                let before = (0..time).rev().find(|before| row[*before].is_some())?;
                let change = row[time]? - row[before]?;
                let seconds = (time - before) as f64 * PERIOD as f64;
                Some(if function == "RATE" { change / seconds } else { change })
            })
        }
        ("RUNNING_SUM", row) => {
            let row = row.row()?;
            at_each(|time| row[time].map(|_| row[..=time].iter().flatten().sum()))
        }
        ("SUM", row) => Plain::Scalar(match row {
            Plain::Scalar(scalar) => scalar,
            Plain::Row(row) => known(&row).iter().sum(),
        }),
        ("MAX", Plain::Scalar(scalar)) => Plain::Scalar(scalar),
        ("MAX", row) => Plain::Scalar(known(&row.row()?).into_iter().fold(f64::NAN, f64::max)),
        _ => panic!("{function}"),
    })
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![(0_u8..9).prop_map(|number| Tree::Number(number.into())), Just(Tree::A), Just(Tree::B)];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let sign = prop::sample::select(vec!["+", "-", "*", "/", "^", "<", ">=", "==", "AND", "||"]);
        let function = prop::sample::select(vec!["ABS", "DIFF", "RATE", "RUNNING_SUM", "SUM", "MAX"]);
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            4 => (sign, boxed(), boxed()).prop_map(|(sign, left, right)| Tree::Both(sign, left, right)),
            1 => boxed().prop_map(Tree::Negative),
            2 => (function, boxed()).prop_map(|(function, inner)| Tree::Of(function, inner)),
            1 => (boxed(), 0_u8..9).prop_map(|(inner, by)| Tree::Fill(inner, by.into())),
            1 => (boxed(), boxed(), boxed()).prop_map(|(c, then, otherwise)| Tree::If(c, then, otherwise)),
            1 => (boxed(), boxed()).prop_map(|(left, right)| Tree::Together(left, right)),
        ]
    })
}

fn near(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn an_expression_has_the_value_that_going_from_time_to_time_gives(
        tree in trees(),
        a in prop::collection::vec(prop::option::weighted(0.8, (-9_i8..9).prop_map(f64::from)), TIMES),
        b in prop::collection::vec(prop::option::weighted(0.8, (-9_i8..9).prop_map(f64::from)), TIMES),
    ) {
        let two = Two { a, b, budget: Budget::default() };
        let text = spelled(&tree);
        let value = evaluate(&parse(&text).unwrap(), &two);
        match (plain(&tree, &two), value) {
            (None, Err(_)) => {}
            (Some(Plain::Scalar(expected)), Ok(Value::Scalar(got))) => {
                prop_assert!(near(expected, got), "{} is {}, not {}", text, got, expected);
            }
            (Some(Plain::Row(row)), Ok(Value::Series(series))) => {
                for (time, expected) in row.iter().enumerate() {
                    let got = series.points.get(&(time as i64 * PERIOD)).copied();
                    let is_same = expected.is_some() == got.is_some() && near(expected.unwrap_or(0.0), got.unwrap_or(0.0));
                    prop_assert!(is_same, "{} is {:?}, not {:?}", text, series.points, row);
                }
            }
            (expected, got) => prop_assert!(false, "{} is {:?}, not {:?}", text, got, expected),
        }
    }
}

/// Series as the user guide writes them: values with spaces between, `-` where there is none.
struct Guide<'a>(&'a [(&'a str, &'a str)], Budget);

impl Known for Guide<'_> {
    fn value(&self, id: &str) -> Option<Value> {
        let (_, row) = self.0.iter().find(|(name, _)| *name == id)?;
        let value = |(at, value): (usize, &str)| Some((at as i64 * PERIOD, value.parse().ok()?));
        let points = row.split(' ').enumerate().filter_map(value).collect();
        Some(Value::Series(Series { period: PERIOD, points, ..Series::default() }))
    }

    fn metrics(&self) -> Vec<(String, Series)> {
        Vec::new()
    }

    fn search(&self, _: &str, _: &str, _: Option<i64>) -> Result<Vec<Series>, MathError> {
        Ok(Vec::new())
    }

    fn times(&self, _: Option<i64>) -> (i64, i64, i64) {
        (0, 5 * PERIOD, PERIOD)
    }

    fn budget(&self) -> &Budget {
        &self.1
    }
}

fn guided(text: &str, series: &[(&str, &str)]) -> String {
    let Ok(Value::Series(found)) = evaluate(&parse(text).unwrap(), &Guide(series, Budget::default())) else {
        panic!("{text}")
    };
    let value = |at: i64| found.points.get(&(at * PERIOD)).map_or("-".to_owned(), f64::to_string);
    (0..5).map(value).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_missing_is_treated_as_the_tables_of_the_user_guide_say() {
    let two = [("metric1", "30 20 0 0 -"), ("metric2", "20 - 20 - -")];
    for (expression, expected) in [
        ("metric1 < metric2", "0 0 1 0 -"),
        ("metric1 >= 30", "1 0 0 0 -"),
        ("metric1 > 15 AND metric2 > 15", "1 0 0 0 -"),
        ("metric1 + metric2", "50 20 20 0 -"),
        ("metric1 / metric2", "1.5 - 0 - -"),
        ("metric2 * 2", "40 - 40 - -"),
        ("AVG([metric1, metric2])", "25 10 10 0 -"),
        ("MIN([metric1, metric2])", "20 20 0 0 -"),
        ("FILL(metric2, 7) + 1", "21 8 21 8 8"),
        ("EPOCH(metric2) / 60", "0 1 2 3 4"),
    ] {
        assert_eq!(guided(expression, &two), expected, "{expression}");
    }
    let three = [("metric1", "1 1 0 0 -"), ("metric2", "30 - 0 0 30"), ("metric3", "0 0 20 - 20")];
    for (expression, expected) in [
        ("IF(metric1, metric2, metric3)", "30 0 20 - -"),
        ("IF(metric1, 5, metric3)", "5 5 20 - -"),
        ("IF(metric1, metric2, 5)", "30 0 5 5 -"),
        ("IF(metric1, metric2)", "30 0 - - -"),
    ] {
        assert_eq!(guided(expression, &three), expected, "{expression}");
    }
}
