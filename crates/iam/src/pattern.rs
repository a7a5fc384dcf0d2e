//! Patterns of policies: wildcards and policy variables, split once when the policy is parsed.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Resource" and "IAM policy elements: Variables and tags".

use crate::lookup::Lookup;

/// What comparing a text with a pattern of a policy gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matching {
    /// It matches.
    Yes,
    /// It does not.
    No,
    /// It cannot be said, since a policy variable has no value in this request.
    Unresolved,
}

impl Matching {
    pub(crate) fn from_bool(matches: bool) -> Self {
        if matches { Self::Yes } else { Self::No }
    }
}

/// How a pattern is to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// Whether `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// Whether `${…}` is a variable; otherwise it is text, as in version 2008-10-17.
    pub(crate) variables: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Text(Box<str>),
    Any,
    One,
    /// A variable, by its position.
    Variable(usize),
}

/// A policy variable, such as `${aws:username}` or `${aws:PrincipalTag/team, 'none'}`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Variable {
    /// The key of the context, in lower case.
    key: Box<str>,
    /// The key as it is written.
    written: Box<str>,
    default: Option<Box<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Everything,
    Exactly(Box<str>),
    StartingWith(Box<str>),
    Tokens { tokens: Vec<Token>, variables: Vec<Variable> },
}

/// A pattern that was split into its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    form: Form,
}

impl Pattern {
    pub(crate) fn new(text: &str, reading: Reading) -> Self {
        let (tokens, variables) = split(text, reading);
        let form = match tokens.as_slice() {
            [] => Form::Exactly("".into()),
            [Token::Any] => Form::Everything,
            [Token::Text(text)] => Form::Exactly(text.clone()),
            [Token::Text(text), Token::Any] => Form::StartingWith(text.clone()),
            _ => Form::Tokens { tokens, variables },
        };
        Self { form }
    }

    /// Compares a text with the pattern. What stands for a variable is text, in which `*` and `?` mean themselves.
    pub(crate) fn matches(&self, text: &str, lookup: &Lookup<'_>) -> Matching {
        match &self.form {
            Form::Everything => Matching::Yes,
            Form::Exactly(own) => Matching::from_bool(begin_alike(own, text) && **own == *text),
            Form::StartingWith(start) => Matching::from_bool(begin_alike(start, text) && text.starts_with(&**start)),
            Form::Tokens { tokens, variables } => match values(variables, lookup) {
                Some(values) => Matching::from_bool(covers(tokens, &values, text)),
                None => Matching::Unresolved,
            },
        }
    }

    /// Compares a text that has no wildcards with the pattern, whatever the case.
    pub(crate) fn equals_ignoring_case(&self, text: &str, lookup: &Lookup<'_>) -> Matching {
        let equal = |own: &str| own.chars().flat_map(char::to_lowercase).eq(text.chars().flat_map(char::to_lowercase));
        match &self.form {
            Form::Exactly(own) => Matching::from_bool(equal(own)),
            Form::Tokens { tokens, variables } => {
                let Some(values) = values(variables, lookup) else { return Matching::Unresolved };
                let own: String = tokens.iter().map(|token| token.text(&values)).collect();
                Matching::from_bool(equal(&own))
            }
            Form::Everything | Form::StartingWith(_) => Matching::No,
        }
    }

    /// Compares a text without variables with the pattern, whose text is in lower case.
    pub(crate) fn covers_ignoring_case(&self, text: &str) -> bool {
        match &self.form {
            Form::Everything => true,
            Form::Exactly(own) => own.eq_ignore_ascii_case(text),
            Form::StartingWith(start) => text.get(..start.len()).is_some_and(|t| t.eq_ignore_ascii_case(start)),
            Form::Tokens { tokens, .. } => covers(tokens, &[], &text.to_ascii_lowercase()),
        }
    }

    /// Whether it covers every text.
    pub(crate) fn is_everything(&self) -> bool {
        self.form == Form::Everything
    }

    pub(crate) fn has_variables(&self) -> bool {
        matches!(&self.form, Form::Tokens { variables, .. } if !variables.is_empty())
    }

    /// The keys of the variables, as they are written.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        let variables = match &self.form {
            Form::Tokens { variables, .. } => variables.as_slice(),
            Form::Everything | Form::Exactly(_) | Form::StartingWith(_) => &[],
        };
        variables.iter().map(|variable| &*variable.written)
    }

    /// The keys of the variables that have no value.
    pub(crate) fn unresolved<'a>(&'a self, lookup: &Lookup<'_>) -> Vec<&'a str> {
        match &self.form {
            Form::Tokens { variables, .. } => {
                variables.iter().filter(|v| v.value(lookup).is_none()).map(|v| &*v.key).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Whether two texts have the same first byte, which tells most apart before they are compared.
fn begin_alike(one: &str, other: &str) -> bool {
    one.as_bytes().first() == other.as_bytes().first()
}

impl Token {
    fn text<'a>(&'a self, values: &[&'a str]) -> &'a str {
        match self {
            Self::Text(text) => text,
            Self::Variable(at) => values.get(*at).copied().unwrap_or_default(),
            Self::Any | Self::One => "",
        }
    }
}

impl Variable {
    fn value<'a>(&'a self, lookup: &'a Lookup<'_>) -> Option<&'a str> {
        lookup.single(&self.key).or(self.default.as_deref())
    }
}

fn values<'a>(variables: &'a [Variable], lookup: &'a Lookup<'_>) -> Option<Vec<&'a str>> {
    variables.iter().map(|v| v.value(lookup)).collect()
}

/// Splits a pattern. What looks like the beginning of a variable and is none is text.
fn split(text: &str, reading: Reading) -> (Vec<Token>, Vec<Variable>) {
    let (mut tokens, mut variables, mut plain) = (Vec::new(), Vec::new(), String::new());
    let flush = |plain: &mut String, tokens: &mut Vec<Token>| {
        if !plain.is_empty() {
            tokens.push(Token::Text(std::mem::take(plain).into()));
        }
    };
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if reading.variables
            && let Some((inside, after)) = rest.strip_prefix("${").and_then(|r| r.split_once('}'))
        {
            match inside {
                "*" | "?" | "$" => plain.push_str(inside),
                _ => {
                    flush(&mut plain, &mut tokens);
                    tokens.push(Token::Variable(variables.len()));
                    variables.push(variable(inside));
                }
            }
            rest = after;
            continue;
        }
        match character {
            '*' if reading.wildcards => {
                flush(&mut plain, &mut tokens);
                if tokens.last() != Some(&Token::Any) {
                    tokens.push(Token::Any);
                }
            }
            '?' if reading.wildcards => {
                flush(&mut plain, &mut tokens);
                tokens.push(Token::One);
            }
            other => plain.push(other),
        }
        let mut characters = rest.chars();
        characters.next();
        rest = characters.as_str();
    }
    flush(&mut plain, &mut tokens);
    (tokens, variables)
}

fn variable(inside: &str) -> Variable {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => {
            let default = default.trim();
            let quoted = default.strip_prefix('\'').and_then(|d| d.strip_suffix('\''));
            (key.trim(), Some(quoted.unwrap_or(default).into()))
        }
        None => (inside.trim(), None),
    };
    Variable { key: key.to_lowercase().into(), written: key.into(), default }
}

/// Whether tokens cover a text, in time in proportion to the product of their lengths: only the last wildcard is ever
/// widened.
fn covers(tokens: &[Token], values: &[&str], text: &str) -> bool {
    let (mut at, mut rest) = (0, text);
    let mut widened: Option<(usize, &str)> = None;
    loop {
        let ahead = match tokens.get(at) {
            Some(Token::Any) => {
                at += 1;
                widened = Some((at, rest));
                continue;
            }
            Some(Token::One) => {
                let mut characters = rest.chars();
                characters.next().map(|_| characters.as_str())
            }
            Some(token) => rest.strip_prefix(token.text(values)),
            None if rest.is_empty() => return true,
            None => None,
        };
        if let Some(ahead) = ahead {
            (at, rest) = (at + 1, ahead);
            continue;
        }
        let Some((after, from)) = &mut widened else { return false };
        if *after == tokens.len() {
            return true;
        }
        let mut characters = from.chars();
        if characters.next().is_none() {
            return false;
        }
        *from = characters.as_str();
        (at, rest) = (*after, *from);
    }
}

#[cfg(test)]
mod tests;
