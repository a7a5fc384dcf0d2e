//! Patterns of terms that a text contains: all of them, or one of those with a question mark, and none of those with
//! a minus sign.

use regex::Regex;

use super::PatternError;
use super::cursor::Cursor;
use super::operand::expression;

/// A pattern of terms.
#[derive(Debug, Default)]
pub(super) struct Terms {
    demanded: Vec<Term>,
    excluded: Vec<Term>,
    optional: Vec<Term>,
}

#[derive(Debug)]
enum Term {
    Text(String),
    Expression(Box<Regex>),
}

impl Terms {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let mut terms = Self::default();
        let mut cursor = Cursor::new(text);
        cursor.space();
        while !cursor.is_done() {
            let list = if cursor.take("?") {
                &mut terms.optional
            } else if cursor.take("-") {
                // The guide itself writes a space here.
                cursor.space();
                &mut terms.excluded
            } else {
                &mut terms.demanded
            };
            list.push(Term::parse(&mut cursor)?);
            cursor.space();
        }
        Ok(terms)
    }

    pub(super) fn expressions(&self) -> usize {
        let all = self.demanded.iter().chain(&self.excluded).chain(&self.optional);
        all.filter(|term| matches!(term, Term::Expression(_))).count()
    }

    /// Terms with a question mark beside others are ignored.
    ///
    /// Source: user guide, the note on combining `?` with other terms.
    pub(super) fn matches(&self, message: &str) -> bool {
        let only_optional = self.demanded.is_empty() && self.excluded.is_empty() && !self.optional.is_empty();
        let found = |term: &Term| term.is_in(message);
        if only_optional {
            return self.optional.iter().any(found);
        }
        self.demanded.iter().all(found) && !self.excluded.iter().any(found)
    }
}

impl Term {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        if cursor.take("\"") {
            return cursor.quoted('"').map(Self::Text);
        }
        if cursor.take("%") {
            return Ok(Self::Expression(Box::new(expression(cursor.expression()?)?)));
        }
        let text = cursor.take_while(|c| !c.is_whitespace());
        if !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Ok(Self::Text(text.to_owned()));
        }
        Err(PatternError::Characters(text.to_owned()))
    }

    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text.as_str()),
            Self::Expression(expression) => expression.is_match(message),
        }
    }
}
