//! What a value is compared with: a text with an asterisk at its ends, a number, or a regular expression.

use regex::Regex;

use super::PatternError;
use super::cursor::Cursor;

/// How large a compiled expression may be, in bytes.
const EXPRESSION_BYTES: usize = 256 << 10;

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Operator {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        const OPERATORS: [(&str, Operator); 6] = [
            ("!=", Operator::Unequal),
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let found = OPERATORS.iter().find(|(text, _)| cursor.take(text));
        found.map(|(_, operator)| *operator).ok_or(PatternError::Malformed)
    }

    /// Whether two numbers stand so.
    fn orders(self, left: f64, right: f64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Unequal => left != right,
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Greater => left > right,
            Self::AtLeast => left >= right,
        }
    }
}

/// An operator with its right side.
#[derive(Debug)]
pub(super) struct Test {
    operator: Operator,
    operand: Operand,
}

#[derive(Debug)]
enum Operand {
    Text(Glob),
    /// A number without quotes, with how it was written.
    Number(f64, Glob),
    Expression(Box<Regex>),
}

impl Test {
    /// Reads an operator and what follows. `bare` says which characters a text without quotes may have.
    pub(super) fn parse(cursor: &mut Cursor<'_>, bare: impl Fn(char) -> bool) -> Result<Self, PatternError> {
        let operator = Operator::parse(cursor)?;
        cursor.space();
        let operand = if cursor.take("\"") {
            Operand::Text(Glob::new(&cursor.quoted('"')?))
        } else if cursor.take("%") {
            Operand::Expression(Box::new(expression(cursor.expression()?)?))
        } else {
            let text = cursor.take_while(bare);
            match (text, number(text)) {
                ("", _) => return Err(PatternError::Malformed),
                (text, Some(number)) => Operand::Number(number, Glob::new(text)),
                (text, None) => Operand::Text(Glob::new(text)),
            }
        };
        let test = Self { operator, operand };
        let compares = matches!(operator, Operator::Equal | Operator::Unequal);
        if compares || matches!(test.operand, Operand::Number(..)) { Ok(test) } else { Err(PatternError::Malformed) }
    }

    pub(super) fn is_expression(&self) -> bool {
        matches!(self.operand, Operand::Expression(_))
    }

    /// Whether a text passes, which may be a number as well.
    pub(super) fn passes(&self, text: &str, value: Option<f64>) -> bool {
        let equal = match (&self.operand, self.operator) {
            (Operand::Text(glob), _) => glob.matches(text),
            (Operand::Expression(expression), _) => expression.is_match(text),
            (Operand::Number(number, glob), Operator::Equal | Operator::Unequal) => {
                value.is_some_and(|value| value == *number) || glob.matches(text)
            }
            (Operand::Number(number, _), operator) => {
                return value.is_some_and(|value| operator.orders(value, *number));
            }
        };
        equal == (self.operator == Operator::Equal)
    }
}

/// A text that may begin and end with an asterisk, which stands for anything. Between its ends it is an asterisk.
#[derive(Debug)]
struct Glob {
    text: String,
    opens: bool,
    closes: bool,
}

impl Glob {
    fn new(text: &str) -> Self {
        if text.chars().all(|c| c == '*') && !text.is_empty() {
            return Self { text: String::new(), opens: true, closes: true };
        }
        let (text, opens) = text.strip_prefix('*').map_or((text, false), |rest| (rest, true));
        let (text, closes) = text.strip_suffix('*').map_or((text, false), |rest| (rest, true));
        Self { text: text.to_owned(), opens, closes }
    }

    fn matches(&self, text: &str) -> bool {
        match (self.opens, self.closes) {
            (false, false) => text == self.text,
            (true, false) => text.ends_with(&self.text),
            (false, true) => text.starts_with(&self.text),
            (true, true) => text.contains(&self.text),
        }
    }
}

/// A number as patterns write them: with an optional sign, fraction and exponent.
pub(super) fn number(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    if !begins || !text.chars().all(plain) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Compiles what stood between percent signs. It may have few characters, and no parentheses.
pub(super) fn expression(text: &str) -> Result<Regex, PatternError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ":_#=@/;,-^$?[]{}|\\*+.".contains(c);
    if text.is_empty() || !text.chars().all(allowed) {
        return Err(PatternError::Characters(text.to_owned()));
    }
    let mut builder = regex::RegexBuilder::new(text);
    builder.size_limit(EXPRESSION_BYTES).dfa_size_limit(EXPRESSION_BYTES).build().map_err(|_| PatternError::Malformed)
}
