//! From a text to an expression.

use super::MathError;
use super::token::{Token, tokens};

/// How deep an expression may be nested.
const MAX_DEPTH: usize = 64;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Expression {
    Number(f64),
    Text(String),
    /// The result of another query, or a keyword such as `REPEAT`.
    Name(String),
    List(Vec<Expression>),
    Negative(Box<Expression>),
    Operation(Operator, Box<Expression>, Box<Expression>),
    Call(String, Vec<Expression>),
}

impl Expression {
    /// The names of other queries in it, and of the functions that it calls.
    pub(in super::super) fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        let mut left = vec![self];
        while let Some(expression) = left.pop() {
            match expression {
                Self::Number(_) | Self::Text(_) => {}
                Self::Name(name) => names.push(name.as_str()),
                Self::List(items) => left.extend(items),
                Self::Negative(inner) => left.push(inner),
                Self::Operation(_, a, b) => left.extend([a.as_ref(), b.as_ref()]),
                Self::Call(name, arguments) => {
                    names.push(name.as_str());
                    left.extend(arguments);
                }
            }
        }
        names
    }
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Divide,
    Power,
}

impl Operator {
    /// As it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Or => "OR",
            Self::And => "AND",
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Divide => "/",
            Self::Power => "^",
        }
    }

    /// How strongly it binds, and which it is.
    fn of(token: &Token) -> Option<(u8, Self)> {
        let word = match token {
            Token::Mark(mark) => *mark,
            Token::Name(name) if name == "AND" => "&&",
            Token::Name(name) if name == "OR" => "||",
            _ => return None,
        };
        Some(match word {
            "||" => (1, Self::Or),
            "&&" => (2, Self::And),
            "==" => (3, Self::Equal),
            "!=" => (3, Self::Unequal),
            "<" => (3, Self::Less),
            "<=" => (3, Self::LessOrEqual),
            ">" => (3, Self::Greater),
            ">=" => (3, Self::GreaterOrEqual),
            "+" => (4, Self::Plus),
            "-" => (4, Self::Minus),
            "*" => (5, Self::Times),
            "/" => (5, Self::Divide),
            "^" => (7, Self::Power),
            _ => return None,
        })
    }
}

/// How strongly a sign before an expression binds: less than a power, so that -2^2 is -4.
const SIGN: u8 = 6;

/// Reads an expression.
pub(in super::super) fn parse(text: &str) -> Result<Expression, MathError> {
    let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable() };
    let expression = parser.expression(0, 0)?;
    match parser.tokens.next() {
        None => Ok(expression),
        Some(token) => Err(unexpected(Some(token))),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
}

impl Parser {
    /// An expression of operators that bind at least so strongly.
    fn expression(&mut self, least: u8, depth: usize) -> Result<Expression, MathError> {
        if depth > MAX_DEPTH {
            return Err(MathError::TooDeep);
        }
        let mut left = self.operand(depth)?;
        let mut chained = depth;
        while let Some((strength, operator)) = self.tokens.peek().and_then(Operator::of) {
            if strength < least {
                break;
            }
            // A long chain nests to the left, and is taken apart by recursion.
            chained += 1;
            if chained > MAX_DEPTH * 4 {
                return Err(MathError::TooDeep);
            }
            self.tokens.next();
            let right = self.expression(strength + 1, depth + 1)?;
            left = Expression::Operation(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn operand(&mut self, depth: usize) -> Result<Expression, MathError> {
        match self.tokens.next() {
            Some(Token::Number(number)) => Ok(Expression::Number(number)),
            Some(Token::Text(text)) => Ok(Expression::Text(text)),
            Some(Token::Mark("-")) => Ok(Expression::Negative(Box::new(self.expression(SIGN, depth + 1)?))),
            Some(Token::Mark("+")) => self.expression(SIGN, depth + 1),
            Some(Token::Mark("(")) => {
                let inner = self.expression(0, depth + 1)?;
                self.mark(")")?;
                Ok(inner)
            }
            Some(Token::Mark("[")) => Ok(Expression::List(self.list("]", depth)?)),
            Some(Token::Name(name)) if self.tokens.peek() == Some(&Token::Mark("(")) => {
                self.tokens.next();
                Ok(Expression::Call(name, self.list(")", depth)?))
            }
            Some(Token::Name(name)) if name != "AND" && name != "OR" => Ok(Expression::Name(name)),
            other => Err(unexpected(other)),
        }
    }

    /// Expressions with commas between them, up to a mark.
    fn list(&mut self, end: &'static str, depth: usize) -> Result<Vec<Expression>, MathError> {
        let mut items = Vec::new();
        if self.tokens.next_if_eq(&Token::Mark(end)).is_some() {
            return Ok(items);
        }
        loop {
            items.push(self.expression(0, depth + 1)?);
            match self.tokens.next() {
                Some(Token::Mark(",")) => {}
                Some(Token::Mark(mark)) if mark == end => return Ok(items),
                other => return Err(unexpected(other)),
            }
        }
    }

    fn mark(&mut self, mark: &'static str) -> Result<(), MathError> {
        match self.tokens.next() {
            Some(Token::Mark(found)) if found == mark => Ok(()),
            other => Err(unexpected(other)),
        }
    }
}

fn unexpected(token: Option<Token>) -> MathError {
    MathError::Unexpected(match token {
        None => "end of the expression".to_owned(),
        Some(Token::Number(number)) => number.to_string(),
        Some(Token::Text(text)) => format!("\"{text}\""),
        Some(Token::Name(name)) => name,
        Some(Token::Mark(mark)) => mark.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spelled(expression: &Expression) -> String {
        let all = |items: &[Expression]| items.iter().map(spelled).collect::<Vec<_>>().join(" ");
        match expression {
            Expression::Number(number) => number.to_string(),
            Expression::Text(text) => format!("'{text}'"),
            Expression::Name(name) => name.clone(),
            Expression::List(items) => format!("[{}]", all(items)),
            Expression::Negative(inner) => format!("(- {})", spelled(inner)),
            Expression::Operation(operator, a, b) => format!("({} {} {})", operator.sign(), spelled(a), spelled(b)),
            Expression::Call(name, arguments) => format!("({name} {})", all(arguments)),
        }
    }

    #[test]
    fn operators_bind_as_in_arithmetic() {
        for (text, expected) in [
            ("1+2*3", "(+ 1 (* 2 3))"),
            ("(1+2)*3", "(* (+ 1 2) 3)"),
            ("1-2-3", "(- (- 1 2) 3)"),
            ("-2^2", "(- (^ 2 2))"),
            ("2*-3", "(* 2 (- 3))"),
            ("m1 > 1 AND m2 <= 2 || m3 == 0", "(OR (AND (> m1 1) (<= m2 2)) (== m3 0))"),
            ("IF(m1 && 1, 2.5e3, .5)", "(IF (AND m1 1) 2500 0.5)"),
            ("SUM([m1, m2])/SUM(METRICS('err'))", "(/ (SUM [m1 m2]) (SUM (METRICS 'err')))"),
            ("METRICS()", "(METRICS )"),
        ] {
            assert_eq!(spelled(&parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in
            ["", "1 +", "(1", "1)", "f(1,", "[1", "a b", "'x", "1 # 2", "AND", "*", "m1 = 2", "!m1", "1e999", "."]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse(&"(".repeat(2000)), Err(MathError::TooDeep));
        assert_eq!(parse(&format!("{}1", "-".repeat(2000))), Err(MathError::TooDeep));
        assert_eq!(parse(&format!("1{}", "+1".repeat(1000))), Err(MathError::TooDeep));
    }

    proptest! {
        #[test]
        fn whatever_the_text_is_it_is_read_or_refused(text in "[a-zA-Z0-9_+*/^<>=!&|()\\[\\],.' \"é-]{0,60}") {
            let _ = parse(&text);
        }
    }
}
