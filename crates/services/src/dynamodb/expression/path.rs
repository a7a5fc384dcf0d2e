//! The paths to what lies in an item, and which of them cannot stand beside each other.

use std::fmt;

use super::Names;
use super::tokens::Token;

/// A path, with the names that others stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path<'a>(Vec<Step<'a>>);

/// A step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step<'a> {
    Name(&'a str),
    /// A place in a list, as it is written.
    Index(&'a str),
}

impl<'a> Path<'a> {
    /// Reads the path at the beginning, and how many tokens it takes. `None` where there is none, or where a name of it
    /// stands for nothing.
    pub(super) fn read(tokens: &[Token<'a>], names: Names<'a>) -> Option<(Self, usize)> {
        let Some(Token::Name(first)) = tokens.first() else { return None };
        let mut steps = vec![Step::Name(names.resolve(first)?)];
        let mut length = 1;
        loop {
            match tokens.get(length..)? {
                [Token::Sign('.'), Token::Name(name), ..] => {
                    steps.push(Step::Name(names.resolve(name)?));
                    length += 2;
                }
                [Token::Sign('['), Token::Number(index), Token::Sign(']'), ..] => {
                    steps.push(Step::Index(index));
                    length += 3;
                }
                _ => return Some((Self(steps), length)),
            }
        }
    }

    /// Whether one of two takes for a list what the other takes for a map.
    fn conflicts(&self, other: &Self) -> bool {
        let parts = self.0.iter().zip(&other.0).find(|(one, other)| one != other);
        matches!(parts, Some((Step::Name(_), Step::Index(_)) | (Step::Index(_), Step::Name(_))))
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = |step: &Step<'_>| match step {
            Step::Name(name) => (*name).to_owned(),
            Step::Index(index) => format!("[{index}]"),
        };
        write!(f, "[{}]", self.0.iter().map(step).collect::<Vec<_>>().join(", "))
    }
}

/// What is told of the first two paths that no item can have both of.
///
/// Source: tests of others against DynamoDB.
pub(super) fn conflict(paths: &[Path<'_>]) -> Option<String> {
    let mut pairs = paths.iter().enumerate().flat_map(|(at, one)| paths.iter().skip(at + 1).map(move |two| (one, two)));
    let (one, two) = pairs.find(|(one, two)| one.conflicts(two))?;
    Some(format!(
        "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: {one}, path two: \
         {two}"
    ))
}
