//! The tokens of PartiQL, as far as they are needed to find a statement's table and what its condition compares.

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword or a name without quotes.
    Word(String),
    /// A name in double quotes.
    Quoted(String),
    /// A string.
    Text(String),
    Number(String),
    Sign(char),
    /// A literal of Ion.
    Ion,
}

impl Token {
    /// Whether it is this keyword.
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own.eq_ignore_ascii_case(word))
    }

    /// The name that it is.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            _ => None,
        }
    }
}

/// The tokens of a statement; `None` for what is none.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let Some(first) = rest.chars().next() else { return Some(tokens) };
        if rest.starts_with("--") {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
            continue;
        }
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/")?.1;
            continue;
        }
        let (token, length) = match first {
            '\'' | '"' => {
                let (text, length) = quoted(rest, first)?;
                (if first == '"' { Token::Quoted(text) } else { Token::Text(text) }, length)
            }
            '`' => (Token::Ion, rest.get(1..)?.find('`')? + 2),
            c if c.is_ascii_digit() => number(rest),
            '.' if starts_number(rest) && !tokens.last().is_some_and(continues_path) => number(rest),
            c if c.is_ascii_alphabetic() || c == '_' => {
                let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                (Token::Word(rest.get(..length)?.to_owned()), length)
            }
            c if c.is_ascii_punctuation() && c != '#' => (Token::Sign(c), 1),
            _ => return None,
        };
        // A word that runs on as no name without quotes may would be read in one way here and in another there.
        let next = rest.get(length..)?;
        if matches!(token, Token::Word(_)) && !next.is_empty() && !next.starts_with(ends_word) {
            return None;
        }
        tokens.push(token);
        rest = next;
    }
}

fn ends_word(c: char) -> bool {
    c.is_ascii_whitespace() || ".,;:()[]{}=<>!*+?'\"/|".contains(c)
}

fn continues_path(token: &Token) -> bool {
    matches!(token, Token::Word(_) | Token::Quoted(_) | Token::Sign(']' | ')'))
}

fn starts_number(text: &str) -> bool {
    text.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn number(text: &str) -> (Token, usize) {
    let mut length = 0;
    let mut before = ' ';
    for c in text.chars() {
        let is_sign_of_exponent = matches!(c, '+' | '-') && matches!(before, 'e' | 'E');
        if !c.is_ascii_digit() && !matches!(c, '.' | 'e' | 'E') && !is_sign_of_exponent {
            break;
        }
        length += 1;
        before = c;
    }
    (Token::Number(text.get(..length).unwrap_or_default().to_owned()), length)
}

/// What stands in quotes, in which two of them stand for one, and how long it is with them.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        if c != quote {
            value.push(c);
        } else if characters.peek().is_some_and(|(_, next)| *next == quote) {
            characters.next();
            value.push(c);
        } else {
            return Some((value, at + 1));
        }
    }
    None
}
