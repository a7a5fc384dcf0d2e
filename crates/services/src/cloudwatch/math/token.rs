//! The words of an expression.

use super::MathError;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    /// A text in quotes.
    Text(String),
    /// The name of a query, a function or a keyword.
    Name(String),
    /// An operator or a mark.
    Mark(&'static str),
}

/// The longest first.
const MARKS: [&str; 20] =
    ["==", "!=", "<=", ">=", "&&", "||", "+", "-", "*", "/", "^", "<", ">", "(", ")", "[", "]", ",", "=", "!"];

/// Splits a text into words.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, MathError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '\'' | '"' => quoted(rest, first)?,
            '0'..='9' | '.' => number(rest)?,
            'a'..='z' | 'A'..='Z' | '_' => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                (Token::Name(name.to_owned()), after)
            }
            _ => {
                let mark = MARKS.into_iter().find(|mark| rest.starts_with(mark)).ok_or(MathError::Character(first))?;
                (Token::Mark(mark), rest.get(mark.len()..).unwrap_or_default())
            }
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn quoted(text: &str, quote: char) -> Result<(Token, &str), MathError> {
    let inner = text.get(1..).unwrap_or_default();
    let (content, after) = inner.split_once(quote).ok_or(MathError::Unterminated)?;
    Ok((Token::Text(content.to_owned()), after))
}

fn number(text: &str) -> Result<(Token, &str), MathError> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let after = |at: usize| text.get(at..).unwrap_or_default();
    let mut end = digits(text);
    if after(end).starts_with('.') {
        end += 1 + digits(after(end + 1));
    }
    if after(end).starts_with(['e', 'E']) {
        let sign = usize::from(after(end + 1).starts_with(['+', '-']));
        let exponent = digits(after(end + 1 + sign));
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let (number, rest) = text.split_at(end);
    let number = number.parse().ok().filter(|number: &f64| number.is_finite());
    Ok((Token::Number(number.ok_or_else(|| MathError::Unexpected("number".to_owned()))?), rest))
}
