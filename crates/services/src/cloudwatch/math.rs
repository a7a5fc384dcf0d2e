//! Metric math: expressions over the time series of a request. Pure.
//!
//! `token` splits a text, `parse` makes an expression of it, `evaluate` and `function` give its value. Where one of two
//! series has no value, that is 0; where both have none, neither has the result. What is no number, such as the quotient
//! of a division by zero, is left out.
//!
//! Source: CloudWatch user guide, "Using math expressions with CloudWatch metrics".

mod evaluate;
mod function;
mod parse;
#[cfg(test)]
mod tests;
mod token;
mod value;

pub(super) use evaluate::{Budget, Known, evaluate};
pub(super) use parse::{Expression, parse};
pub(super) use value::{Series, Source, Value};

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MathError {
    #[error("Unexpected character '{0}'")]
    Character(char),
    #[error("Unterminated string")]
    Unterminated,
    #[error("Unexpected {0}")]
    Unexpected(String),
    #[error("Nested too deeply")]
    TooDeep,
    #[error("Unknown function: {0}")]
    UnknownFunction(String),
    #[error("Function {0} is not supported")]
    Unsupported(&'static str),
    #[error("Invalid arguments of function {0}")]
    Arguments(&'static str),
    #[error("Operator {0} cannot be applied to these operands")]
    Operands(&'static str),
    #[error("Undefined metric or expression: {0}")]
    Undefined(String),
    #[error("The result has too many data points")]
    TooMany,
}
