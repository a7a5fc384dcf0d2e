//! The value of an expression.

use std::cell::Cell;

use super::MathError;
use super::function::call;
use super::parse::{Expression, Operator};
use super::value::{Series, Value};

/// How many data points a request may still make, those of series on the way to its results among them.
#[derive(Debug)]
pub(in super::super) struct Budget(Cell<usize>);

impl Budget {
    /// The most data points of a request.
    const MOST: usize = 2_000_000;

    /// Takes data points off, before they are made wherever there may be many.
    pub(in super::super) fn spend(&self, points: usize) -> Result<(), MathError> {
        let left = self.0.get().checked_sub(points).ok_or(MathError::TooMany)?;
        self.0.set(left);
        Ok(())
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(Self::MOST))
    }
}

/// What an expression may refer to.
pub(in super::super) trait Known {
    /// The result of another query.
    fn value(&self, id: &str) -> Option<Value>;

    /// The metrics of the request, with their ids. Results of expressions are not among them.
    fn metrics(&self) -> Vec<(String, Series)>;

    /// The series that a search finds.
    fn search(&self, expression: &str, statistic: &str, period: Option<i64>) -> Result<Vec<Series>, MathError>;

    /// The times that a series of a period without gaps has, in seconds: the first, the end, and the distance between
    /// two. Without a period it is the expression's.
    fn times(&self, period: Option<i64>) -> (i64, i64, i64);

    /// What is left of the data points that may be made.
    fn budget(&self) -> &Budget;
}

/// Evaluates an expression.
pub(in super::super) fn evaluate(expression: &Expression, known: &dyn Known) -> Result<Value, MathError> {
    let value = match expression {
        Expression::Number(number) => Value::Scalar(*number),
        Expression::Text(text) => Value::Text(text.clone()),
        Expression::Name(name) => match known.value(name) {
            Some(value) => value,
            None if name.starts_with(|c: char| c.is_ascii_uppercase()) => Value::Text(name.clone()),
            None => return Err(MathError::Undefined(name.clone())),
        },
        Expression::List(items) => Value::Many(list(items, known)?),
        Expression::Negative(inner) => operate(Operator::Times, Value::Scalar(-1.0), evaluate(inner, known)?)?,
        Expression::Operation(operator, a, b) => operate(*operator, evaluate(a, known)?, evaluate(b, known)?)?,
        Expression::Call(name, arguments) => {
            let arguments = arguments.iter().map(|argument| evaluate(argument, known)).collect::<Result<_, _>>()?;
            call(name, arguments, known)?
        }
    };
    known.budget().spend(value.size())?;
    Ok(value)
}

/// The series of a list, and those of lists in it.
fn list(items: &[Expression], known: &dyn Known) -> Result<Vec<Series>, MathError> {
    let mut all = Vec::new();
    for item in items {
        match evaluate(item, known)? {
            Value::Series(series) => all.push(series),
            Value::Many(many) => all.extend(many),
            Value::Scalar(_) | Value::Text(_) => return Err(MathError::Operands("[]")),
        }
    }
    Ok(all)
}

/// Applies an operator. Two lists of series have no meaning together.
fn operate(operator: Operator, left: Value, right: Value) -> Result<Value, MathError> {
    let join = |a, b| apply(operator, a, b);
    Ok(match (left, right) {
        (Value::Scalar(a), Value::Scalar(b)) => Value::Scalar(join(a, b)),
        (Value::Series(a), Value::Scalar(b)) => Value::Series(a.map(|a| join(a, b))),
        (Value::Scalar(a), Value::Series(b)) => Value::Series(b.map(|b| join(a, b))),
        (Value::Series(a), Value::Series(b)) => Value::Series(a.zip(&b, join)),
        (Value::Many(a), Value::Scalar(b)) => Value::Many(a.iter().map(|a| a.map(|a| join(a, b))).collect()),
        (Value::Scalar(a), Value::Many(b)) => Value::Many(b.iter().map(|b| b.map(|b| join(a, b))).collect()),
        (Value::Many(a), Value::Series(b)) => Value::Many(a.iter().map(|a| a.zip(&b, join)).collect()),
        (Value::Series(a), Value::Many(b)) => {
            let named = |b: &Series| Series { label: b.label.clone(), source: b.source.clone(), ..a.zip(b, join) };
            let zipped = b.iter().map(named);
            Value::Many(zipped.collect())
        }
        _ => return Err(MathError::Operands(operator.sign())),
    })
}

fn apply(operator: Operator, a: f64, b: f64) -> f64 {
    let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
    match operator {
        Operator::Or => truth(a != 0.0 || b != 0.0),
        Operator::And => truth(a != 0.0 && b != 0.0),
        Operator::Equal => truth(a == b),
        Operator::Unequal => truth(a != b),
        Operator::Less => truth(a < b),
        Operator::LessOrEqual => truth(a <= b),
        Operator::Greater => truth(a > b),
        Operator::GreaterOrEqual => truth(a >= b),
        Operator::Plus => a + b,
        Operator::Minus => a - b,
        Operator::Times => a * b,
        Operator::Divide => a / b,
        Operator::Power => a.powf(b),
    }
}
