//! The tokens of PartiQL: a statement is taken apart into them and written anew from them, so that the engine reads no other
//! statement than the one that was asked about.

use std::ops::Range;

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
    /// A comparison of two signs.
    Comparison(&'static str),
}

/// The comparisons that are written with two signs.
const COMPARISONS: [&str; 4] = ["<>", "<=", ">=", "!="];

impl Token {
    /// Whether it is this keyword.
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own.eq_ignore_ascii_case(word))
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Word(own) | Self::Number(own) => text.push_str(own),
            Self::Quoted(name) => write_quoted(text, name, '"'),
            Self::Text(own) => write_quoted(text, own, '\''),
            Self::Sign(sign) => text.push(*sign),
            Self::Comparison(signs) => text.push_str(signs),
        }
    }
}

fn write_quoted(text: &mut String, content: &str, quote: char) {
    text.push(quote);
    for c in content.chars() {
        if c == quote {
            text.push(quote);
        }
        text.push(c);
    }
    text.push(quote);
}

/// A token, and where it stands in its statement: between which bytes.
pub(super) type Placed = (Token, Range<usize>);

/// A statement of these tokens where they stood in a text, so that what is told of places in it holds of the text, with spaces
/// for what stood between them. More is put between two that would be one.
pub(super) fn written(tokens: &[Placed], text: &str) -> String {
    let mut anew = String::with_capacity(text.len());
    let mut end = 0;
    for (at, (token, place)) in tokens.iter().enumerate() {
        let before = |count: usize| Some(&tokens.get(at.checked_sub(count)?)?.0);
        let gap = text.get(end..place.start).unwrap_or_default();
        anew.extend(gap.chars().map(|c| if c == '\n' || c == '\r' { c } else { ' ' }));
        if gap.is_empty() && before(1).is_some_and(|last| needs_space(before(2), last, token)) {
            anew.push(' ');
        }
        token.write(&mut anew);
        end = place.end;
    }
    anew
}

/// Whether a token would be read together with the one before it.
fn needs_space(first: Option<&Token>, before: &Token, after: &Token) -> bool {
    let is_literal =
        |token: &Token| matches!(token, Token::Word(_) | Token::Quoted(_) | Token::Text(_) | Token::Number(_));
    let is_operator = |token: &Token| matches!(token, Token::Sign('=' | '<' | '>' | '+' | '-') | Token::Comparison(_));
    let ends_operand = |token: &Token| is_literal(token) || matches!(token, Token::Sign(')' | ']' | '?'));
    match (before, after) {
        // The brackets of a set.
        (Token::Sign('<'), Token::Sign('<')) | (Token::Sign('>'), Token::Sign('>')) => false,
        // A difference is not the sign of a number.
        (Token::Sign('+' | '-'), Token::Number(_)) => first.is_some_and(ends_operand),
        (Token::Sign('.'), Token::Number(_)) | (Token::Number(_), Token::Sign('.')) => true,
        // No operator ends with a sign of a number.
        (Token::Sign('=' | '<' | '>') | Token::Comparison(_), Token::Sign('+' | '-')) => false,
        _ => (is_literal(before) && is_literal(after)) || (is_operator(before) && is_operator(after)),
    }
}

/// The tokens of a statement; `None` for what is none. Literals of Ion are none here: DynamoDB refuses all of them.
pub(super) fn tokens(text: &str) -> Option<Vec<Placed>> {
    let mut tokens: Vec<Placed> = Vec::new();
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
        let comparison = COMPARISONS.into_iter().find(|signs| rest.starts_with(signs));
        let (token, length) = match first {
            _ if comparison.is_some() => (Token::Comparison(comparison?), 2),
            '\'' | '"' => {
                let (text, length) = quoted(rest, first)?;
                (if first == '"' { Token::Quoted(text) } else { Token::Text(text) }, length)
            }
            c if c.is_ascii_digit() => number(rest)?,
            '.' if starts_number(rest) && !tokens.last().is_some_and(|(last, _)| continues_path(last)) => number(rest)?,
            c if c.is_ascii_alphabetic() || c == '_' => {
                let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                (Token::Word(rest.get(..length)?.to_owned()), length)
            }
            '{' | '}' | '[' | ']' | '(' | ')' | ',' | ':' | '*' | '?' | '+' | '-' | '.' | ';' | '=' | '<' | '>' => {
                (Token::Sign(first), 1)
            }
            _ => return None,
        };
        // A word or a number that runs on as none may would be read in one way here and in another there.
        let next = rest.get(length..)?;
        if matches!(token, Token::Word(_) | Token::Number(_)) && !next.is_empty() && !next.starts_with(ends_word) {
            return None;
        }
        let start = text.len() - rest.len();
        tokens.push((token, start..start + length));
        rest = next;
    }
}

fn ends_word(c: char) -> bool {
    c.is_ascii_whitespace() || ".,;:()[]{}=<>!*+-?'\"/".contains(c)
}

fn continues_path(token: &Token) -> bool {
    matches!(token, Token::Word(_) | Token::Quoted(_) | Token::Sign(']' | ')'))
}

fn starts_number(text: &str) -> bool {
    text.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// A number: digits with at most one point in or before them, and perhaps an exponent.
fn number(text: &str) -> Option<(Token, usize)> {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        from + rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())
    };
    let mut end = digits(0);
    if text.get(end..)?.starts_with('.') {
        end = digits(end + 1);
    }
    if text.get(end..)?.starts_with(['e', 'E']) {
        let from = end + 1 + usize::from(text.get(end + 1..)?.starts_with(['+', '-']));
        let to = digits(from);
        if to == from {
            return None;
        }
        end = to;
    }
    // A second point would begin another number.
    if text.get(end..)?.starts_with('.') {
        return None;
    }
    Some((Token::Number(text.get(..end)?.to_owned()), end))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(text: &str) -> Option<Vec<Token>> {
        tokens(text).map(|tokens| tokens.into_iter().map(|(token, _)| token).collect())
    }

    #[test]
    fn what_is_written_anew_has_the_same_tokens() {
        for text in [
            "SELECT a.b[0], \"it\"\"s\" FROM \"T\".i WHERE x<=-1.5e-3 AND y<>'it''s' AND z = ?",
            "UPDATE t SET a=a - -1 REMOVE b.c WHERE k=.5",
            "INSERT INTO t VALUE {'a':<<1,-2>>,'b':[{'c':null}]}",
            "SELECT * /* FROM Other */ FROM t -- WHERE\n WHERE a>1",
            "UPDATE t SET a=a-1,b=\"c\"-2 WHERE k='x'AND l=1",
        ] {
            let before = tokens(text).unwrap();
            let anew = written(&before, text);
            assert_eq!(alone(&anew), alone(text), "{anew}");
            assert!(!anew.contains("--") && !anew.contains("/*"), "{anew}");
        }
    }

    #[test]
    fn tokens_stay_where_they_are() {
        let anew = |text: &str| written(&tokens(text).unwrap(), text);
        for text in
            ["SELECT  *\n FROM t WHERE a='x'", "UPDATE t SET a = <<-1, 2>> WHERE k=?", "SELECT a[1].b FROM \"t\""]
        {
            assert_eq!(anew(text), text);
        }
        assert_eq!(anew("SELECT /* x */ a -- b\n FROM t"), "SELECT         a     \n FROM t");
        assert_eq!(anew("UPDATE t SET a=a-1"), "UPDATE t SET a=a- 1");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_no_statement() {
        for text in ["1.2.3", "1e", "1ex", "5a", "my#table", "a|b", "`ion`", "'open", "\"open", "/* open", "naïve"] {
            assert_eq!(alone(text), None, "{text}");
        }
    }
}
