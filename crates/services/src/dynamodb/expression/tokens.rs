//! The words of an expression.

/// A part of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name, or what stands for one: `#n`.
    Name(&'a str),
    /// What stands for a value: `:v`.
    Value(&'a str),
    Number(&'a str),
    Sign(char),
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = |from: usize| {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let tail = rest.get(from..).unwrap_or_default();
            from + tail.find(|c| !is_word(c)).unwrap_or(tail.len())
        };
        let (token, length) = match first {
            '#' => (length(1), true),
            ':' => (length(1), true),
            c if c.is_alphanumeric() || c == '_' => (length(0), true),
            c => (c.len_utf8(), false),
        };
        let (text, is_word) = (rest.get(..token).unwrap_or_default(), length);
        tokens.push(match first {
            sign if !is_word => Token::Sign(sign),
            ':' => Token::Value(text),
            digit if digit.is_ascii_digit() => Token::Number(text),
            _ => Token::Name(text),
        });
        rest = rest.get(token..).unwrap_or_default().trim_start();
    }
    tokens
}
