//! The filters of Describe actions.
//!
//! Source: EC2 user guide, "List and filter your resources": values of one filter are alternatives, filters are joined
//! by and; `*` stands for any text and `?` for one character, unless a backslash stands before them; case counts.

use std::borrow::Cow;

use http::StatusCode;
use sidegate_model::World;
use sidegate_wire::ec2::Filter;
use sidegate_wire::protocol::Failure;

/// The most filters of a request, and the most values of one.
const LIMIT: usize = 200;

/// Filters whose names are known to the action.
pub(super) struct Filters<'a>(Vec<(&'a str, Vec<Vec<Token>>)>);

/// A piece of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Any,
    One,
    Literal(char),
}

impl<'a> Filters<'a> {
    /// Reads filters, of which the action knows these; a name that ends in `:` stands for all that begin so, as
    /// `tag:` does.
    pub(super) fn read(filters: &'a [Filter], known: &[&str]) -> Result<Self, Failure> {
        let mut read = Vec::with_capacity(filters.len());
        for filter in filters {
            let Some(name) = filter.name.as_deref() else {
                return Err(refused("MissingParameter", "The request must contain the parameter Filter.Name"));
            };
            let is_known =
                known.iter().any(|k| *k == name || (k.ends_with(':') && name.len() > k.len() && name.starts_with(k)));
            if !is_known {
                return Err(refused("InvalidParameterValue", format!("The filter '{name}' is invalid")));
            }
            if filter.values.is_empty() {
                return Err(refused("InvalidParameterValue", format!("The filter '{name}' must have a value")));
            }
            if filter.values.len() > LIMIT {
                let message = format!("The maximum number of filter values specified on a single call is {LIMIT}");
                return Err(refused("FilterLimitExceeded", message));
            }
            read.push((name, filter.values.iter().map(|v| pattern(v)).collect()));
        }
        Ok(Self(read))
    }

    /// Whether a resource passes, which tells the values that it has under a filter's name. No value passes no filter.
    pub(super) fn pass<'r>(&self, values: impl Fn(&str) -> Vec<Cow<'r, str>>) -> bool {
        self.0.iter().all(|(name, patterns)| {
            values(name).iter().any(|value| {
                let value: Vec<char> = value.chars().collect();
                patterns.iter().any(|pattern| matches(pattern, &value))
            })
        })
    }
}

/// The values that a resource's tags have under `tag:KEY`, `tag-key` and `tag-value`; `None` for other filters.
pub(super) fn tag_values<'r>(world: &'r World, resource: &str, filter: &str) -> Option<Vec<Cow<'r, str>>> {
    let tags = world.tags(resource);
    match filter {
        "tag-key" => Some(tags.map(|(key, _)| Cow::Borrowed(key)).collect()),
        "tag-value" => Some(tags.map(|(_, value)| Cow::Borrowed(value)).collect()),
        _ => {
            let wanted = filter.strip_prefix("tag:")?;
            Some(tags.filter(|(key, _)| *key == wanted).map(|(_, value)| Cow::Borrowed(value)).collect())
        }
    }
}

/// The one value that a resource has under a filter's name.
pub(super) fn one<'r>(value: impl Into<Cow<'r, str>>) -> Vec<Cow<'r, str>> {
    vec![value.into()]
}

/// The value of a filter that asks for `true` or `false`.
pub(super) fn flag<'r>(value: bool) -> Vec<Cow<'r, str>> {
    one(if value { "true" } else { "false" })
}

fn pattern(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Literal(characters.next().unwrap_or('\\')),
            other => Token::Literal(other),
        });
    }
    tokens
}

/// Whether a pattern covers a text: in time proportional to their product.
fn matches(pattern: &[Token], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while let Some(&character) = text.get(t) {
        match pattern.get(p) {
            Some(Token::Any) => {
                star = Some((p, t));
                p += 1;
            }
            Some(&token) if token == Token::One || token == Token::Literal(character) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|token| *token == Token::Any))
}

fn refused(code: &'static str, message: impl Into<String>) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern_text: &str, text: &str) -> bool {
        matches(&pattern(pattern_text), &text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn wildcards_stand_for_any_text_and_for_one_character_unless_escaped() {
        assert!(covers("vpc-*", "vpc-1") && covers("*", "") && covers("a?c", "abc") && covers("*b*", "abc"));
        assert!(!covers("a?c", "ac") && !covers("vpc", "vpc-1") && !covers("A", "a"));
        assert!(covers(r"\*", "*") && !covers(r"\*", "x"));
    }

    #[test]
    fn a_filter_that_the_action_does_not_know_is_refused_by_name() {
        let filters = [Filter { name: Some("colour".to_owned()), values: vec!["red".to_owned()] }];
        let failure = Filters::read(&filters, &["vpc-id", "tag:"]).err().map(|f| f.message);
        assert_eq!(failure.as_deref(), Some("The filter 'colour' is invalid"));
    }
}
