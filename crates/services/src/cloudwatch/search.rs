//! The search for metrics in metric math. Pure.
//!
//! A word without quotes is found anywhere in a name or value, whatever the case; one in quotes is a whole name or value.
//! AWS splits names into words and matches those; see docs/claims.md.
//!
//! Source: CloudWatch user guide, "CloudWatch search expression syntax".

use std::collections::BTreeSet;

use super::metric::Metric;

/// The longest search.
///
/// Source: as above (1024 characters).
const LONGEST: usize = 1024;

/// How deep a search may be nested.
const MAX_DEPTH: usize = 32;

/// What is searched for.
#[derive(Debug)]
pub(super) struct Search {
    /// The namespace, and the names of all dimensions.
    schema: Option<(String, BTreeSet<String>)>,
    term: Term,
}

#[derive(Debug)]
enum Term {
    Everything,
    Word(Word),
    /// The value of a property: `MetricName`, `Namespace` or a dimension.
    Property(String, Vec<Word>),
    Not(Box<Term>),
    And(Vec<Term>),
    Or(Vec<Term>),
}

#[derive(Clone, Debug, PartialEq)]
enum Word {
    Part(String),
    Whole(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Equals,
    Word(Word),
}

impl Search {
    /// Reads a search.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.chars().count() > LONGEST {
            return None;
        }
        let text = text.trim();
        let (schema, rest) = match text.strip_prefix('{') {
            None => (None, text),
            Some(rest) => {
                let (schema, rest) = rest.split_once('}')?;
                (Some(self::schema(schema)?), rest)
            }
        };
        let mut tokens = tokens(rest)?.into_iter().peekable();
        let term = any(&mut tokens, 0)?;
        tokens.next().is_none().then_some(Self { schema, term })
    }

    /// Whether it finds a metric.
    pub(super) fn finds(&self, metric: &Metric) -> bool {
        let fits = self.schema.as_ref().is_none_or(|(namespace, dimensions)| {
            *namespace == metric.namespace && metric.dimensions.keys().eq(dimensions.iter())
        });
        fits && self.term.finds(metric)
    }
}

/// A namespace and dimensions with commas between them; names with other characters than letters and digits in quotes.
fn schema(text: &str) -> Option<(String, BTreeSet<String>)> {
    let mut parts = text.split(',').map(|part| part.trim().trim_matches('"').to_owned());
    let namespace = parts.next().filter(|namespace| !namespace.is_empty())?;
    Some((namespace, parts.filter(|part| !part.is_empty()).collect()))
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, rest.get(1..)?),
            ')' => (Token::Close, rest.get(1..)?),
            '=' => (Token::Equals, rest.get(1..)?),
            '"' => {
                let (word, after) = rest.get(1..)?.split_once('"')?;
                (Token::Word(Word::Whole(word.to_owned())), after)
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()=\"".contains(c)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                (Token::Word(Word::Part(word.to_owned())), after)
            }
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Some(tokens)
}

type Tokens = std::iter::Peekable<std::vec::IntoIter<Token>>;

fn keyword(tokens: &mut Tokens, word: &str) -> bool {
    tokens.next_if(|token| matches!(token, Token::Word(Word::Part(own)) if own == word)).is_some()
}

fn any(tokens: &mut Tokens, depth: usize) -> Option<Term> {
    let mut terms = vec![all(tokens, depth)?];
    while keyword(tokens, "OR") {
        terms.push(all(tokens, depth)?);
    }
    if terms.len() == 1 { terms.pop() } else { Some(Term::Or(terms)) }
}

fn all(tokens: &mut Tokens, depth: usize) -> Option<Term> {
    let mut terms = Vec::new();
    loop {
        match tokens.peek() {
            None | Some(Token::Close) => break,
            Some(Token::Word(Word::Part(word))) if word == "OR" => break,
            Some(Token::Word(Word::Part(word))) if word == "AND" && !terms.is_empty() => {
                tokens.next();
            }
            _ => {}
        }
        terms.push(one(tokens, depth)?);
    }
    match terms.len() {
        0 => Some(Term::Everything),
        1 => terms.pop(),
        _ => Some(Term::And(terms)),
    }
}

fn one(tokens: &mut Tokens, depth: usize) -> Option<Term> {
    if depth > MAX_DEPTH {
        return None;
    }
    if keyword(tokens, "NOT") {
        return Some(Term::Not(Box::new(one(tokens, depth + 1)?)));
    }
    match tokens.next()? {
        Token::Open => {
            let inner = any(tokens, depth + 1)?;
            (tokens.next() == Some(Token::Close)).then_some(inner)
        }
        Token::Word(word) if tokens.next_if_eq(&Token::Equals).is_some() => {
            let (Word::Part(property) | Word::Whole(property)) = word;
            Some(Term::Property(property, values(tokens)?))
        }
        Token::Word(word) => Some(Term::Word(word)),
        Token::Close | Token::Equals => None,
    }
}

/// The value of a property, or several with OR between them in parentheses.
fn values(tokens: &mut Tokens) -> Option<Vec<Word>> {
    match tokens.next()? {
        Token::Word(word) => Some(vec![word]),
        Token::Open => {
            let mut words = Vec::new();
            loop {
                match tokens.next()? {
                    Token::Close => return Some(words),
                    Token::Word(Word::Part(word)) if word == "OR" => {}
                    Token::Word(word) => words.push(word),
                    Token::Open | Token::Equals => return None,
                }
            }
        }
        Token::Close | Token::Equals => None,
    }
}

impl Term {
    fn finds(&self, metric: &Metric) -> bool {
        match self {
            Self::Everything => true,
            Self::Word(word) => {
                let dimensions = metric.dimensions.iter().flat_map(|(name, value)| [name, value]);
                [&metric.namespace, &metric.name].into_iter().chain(dimensions).any(|text| word.fits(text))
            }
            Self::Property(name, words) => {
                let own = match name.as_str() {
                    "MetricName" => Some(&metric.name),
                    "Namespace" => Some(&metric.namespace),
                    dimension => metric.dimensions.get(dimension),
                };
                own.is_some_and(|own| words.iter().any(|word| word.fits(own)))
            }
            Self::Not(term) => !term.finds(metric),
            Self::And(terms) => terms.iter().all(|term| term.finds(metric)),
            Self::Or(terms) => terms.iter().any(|term| term.finds(metric)),
        }
    }
}

impl Word {
    fn fits(&self, text: &str) -> bool {
        match self {
            Self::Whole(word) => word == text,
            Self::Part(word) => text.to_ascii_lowercase().contains(&word.to_ascii_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric() -> Metric {
        let dimensions = [("InstanceId", "i-1"), ("Zone", "a b")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        Metric { namespace: "Own/App".to_owned(), name: "CPUUtilization".to_owned(), dimensions: dimensions.into() }
    }

    #[test]
    fn a_search_finds_metrics_by_schema_words_and_properties() {
        for (text, found) in [
            ("", true),
            ("{Own/App,InstanceId,Zone}", true),
            ("{\"Own/App\", Zone, InstanceId} cpu", true),
            ("{Own/App,InstanceId}", false),
            ("{Other,InstanceId,Zone}", false),
            ("MetricName=\"CPUUtilization\"", true),
            ("MetricName=\"CPU\"", false),
            ("MetricName=CPU", true),
            ("Namespace=\"Own/App\" Zone=\"a b\"", true),
            ("InstanceId=(\"i-2\" OR \"i-1\")", true),
            ("nothing OR i-1", true),
            ("cpu AND nothing", false),
            ("cpu NOT nothing", true),
            ("NOT (cpu OR nothing)", false),
        ] {
            assert_eq!(Search::parse(text).unwrap().finds(&metric()), found, "{text}");
        }
    }

    #[test]
    fn what_is_no_search_is_refused() {
        for text in ["{Own", "(", ")", "a=", "\"a", "=a", "a=(b", "{}"] {
            assert!(Search::parse(text).is_none(), "{text}");
        }
        assert!(Search::parse(&"(".repeat(100)).is_none() && Search::parse(&"a".repeat(1025)).is_none());
    }
}
