//! Files of assertions: TOML, an `[[assertion]]` for each.
//!
//! ```toml
//! [[assertion]]
//! name = "private subnets stay private"
//! from = "subnet tag:tier=private"
//! to = "internet"
//! expect = "unreached"
//! ```

use serde::Deserialize;

use super::traffic;
use crate::diagram::clean;
use crate::explain::WireProtocol;
use sidegate_plan::analyze::reach::Traffic;

/// A file of assertions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AssertionFile {
    /// Its name.
    pub(crate) name: String,
    /// The assertions, in order.
    pub(crate) assertions: Vec<Assertion>,
}

/// An assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assertion {
    /// What it is called; what it says if it has no name.
    pub(crate) name: String,
    /// The line in which it begins.
    pub(crate) line: usize,
    /// What it says.
    pub(crate) claim: Claim,
    /// Whether its selectors may select nothing: then it holds.
    pub(crate) allow_empty: bool,
}

/// What an assertion says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// That nothing of one end gets to the other.
    Unreached {
        /// Selectors of who asks, each with its line.
        from: Vec<(String, usize)>,
        /// Selectors of who is asked.
        to: Vec<(String, usize)>,
        /// By what.
        traffic: Traffic,
    },
    /// That each of one end gets to each of the other.
    Reached {
        /// Selectors of who asks, each with its line.
        from: Vec<(String, usize)>,
        /// Selectors of who is asked.
        to: Vec<(String, usize)>,
        /// By what: one port of one protocol.
        traffic: Traffic,
    },
    /// That a bucket lets in nothing but what comes by these endpoints.
    Bucket {
        /// The bucket.
        bucket: String,
        /// Selectors of the endpoints.
        through: Vec<(String, usize)>,
    },
}

/// Why a file of assertions cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FileError {
    /// It is no TOML, or has other keys than assertions have.
    #[error("{file}: {reason}")]
    Form {
        /// The file.
        file: String,
        /// What is wrong, with the line.
        reason: String,
    },
    /// An assertion says nothing that could be judged.
    #[error("{file}:{line}: {reason}")]
    Assertion {
        /// The file.
        file: String,
        /// The line.
        line: usize,
        /// Why.
        reason: String,
    },
    /// It has no assertion.
    #[error("{0}: there is no [[assertion]] in it")]
    Empty(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    assertion: Vec<WrittenAssertion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenAssertion {
    name: Option<String>,
    from: Option<OneOrMany>,
    to: Option<OneOrMany>,
    expect: Option<Expected>,
    protocol: Option<String>,
    port: Option<Port>,
    bucket: Option<String>,
    only_through: Option<OneOrMany>,
    #[serde(default)]
    allow_empty: bool,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "it is to be a selector in quotes, or a list of them")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Reached,
    Unreached,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "it is to be a port up to 65535, or a range in quotes such as \"8000-8100\"")]
enum Port {
    Number(u16),
    Range(String),
}

impl OneOrMany {
    /// The selectors of a key, each with its line. A list of none selects nothing.
    fn all(self, key: &str, line_of: &dyn Fn(&str) -> usize) -> Result<Vec<(String, usize)>, String> {
        let all = match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        };
        if all.is_empty() {
            return Err(format!("`{key}` is an empty list, and selects nothing"));
        }
        let line = line_of(key);
        Ok(all.into_iter().map(|own| (own, line)).collect())
    }
}

impl AssertionFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`FileError`] with the line of what cannot be understood.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, FileError> {
        let written: Written = toml::from_str(text).map_err(|error| FileError::Form {
            file: name.to_owned(),
            reason: error.to_string().trim_end().lines().map(clean).collect::<Vec<_>>().join("\n"),
        })?;
        if written.assertion.is_empty() {
            return Err(FileError::Empty(name.to_owned()));
        }
        let lines = Lines::of(text);
        let assertions = written.assertion.into_iter().enumerate().map(|(at, own)| {
            let line = lines.of_assertion(at);
            own.assertion(&|key| lines.of_key(at, key))
                .map(|own| Assertion { line, ..own })
                .map_err(|reason| FileError::Assertion { file: name.to_owned(), line, reason })
        });
        Ok(Self { name: name.to_owned(), assertions: assertions.collect::<Result<_, _>>()? })
    }

    /// The buckets that assertions are about.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = &String> {
        self.assertions.iter().filter_map(|own| match &own.claim {
            Claim::Bucket { bucket, .. } => Some(bucket),
            Claim::Reached { .. } | Claim::Unreached { .. } => None,
        })
    }
}

impl WrittenAssertion {
    fn assertion(self, line_of: &dyn Fn(&str) -> usize) -> Result<Assertion, String> {
        let Self { name, from, to, expect, protocol, port, bucket, only_through, allow_empty } = self;
        let claim = match (bucket, only_through) {
            (Some(bucket), Some(through)) => {
                if from.is_some() || to.is_some() || expect.is_some() || protocol.is_some() || port.is_some() {
                    return Err("what is said of a bucket has `bucket` and `only-through`, and no ends".to_owned());
                }
                Claim::Bucket { bucket, through: through.all("only-through", line_of)? }
            }
            (None, None) => {
                let (Some(from), Some(to), Some(expect)) = (from, to, expect) else {
                    return Err("an assertion has `from`, `to` and `expect`, or `bucket` and `only-through`".to_owned());
                };
                let (from, to) = (from.all("from", line_of)?, to.all("to", line_of)?);
                let protocol = protocol.map(|text| text.parse::<WireProtocol>()).transpose()?;
                let ports = match port {
                    None => None,
                    Some(Port::Number(port)) => Some((port, port)),
                    Some(Port::Range(text)) => Some(super::ports(&text)?),
                };
                let traffic = traffic(protocol, ports).map_err(|error| error.to_string())?;
                match expect {
                    Expected::Unreached => Claim::Unreached { from, to, traffic },
                    Expected::Reached => {
                        let has_ports = protocol.is_none_or(WireProtocol::has_ports);
                        if has_ports && ports.is_none_or(|(first, last)| first != last) {
                            return Err("what is to be reached needs one `port`".to_owned());
                        }
                        Claim::Reached { from, to, traffic }
                    }
                }
            }
            _ => return Err("`bucket` goes with `only-through`".to_owned()),
        };
        let name = name.unwrap_or_else(|| claim.said());
        Ok(Assertion { name, line: 0, claim, allow_empty })
    }
}

impl Claim {
    /// What it says, in words.
    fn said(&self) -> String {
        let all = |own: &[(String, usize)]| own.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(", ");
        match self {
            Self::Unreached { from, to, .. } => format!("{} does not reach {}", all(from), all(to)),
            Self::Reached { from, to, .. } => format!("{} reaches {}", all(from), all(to)),
            Self::Bucket { bucket, through } => format!("bucket {bucket} only through {}", all(through)),
        }
    }
}

/// Where assertions begin in a text, and where the text ends.
struct Lines<'t>(Vec<(usize, &'t str)>, Vec<usize>);

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let all: Vec<(usize, &str)> = text.lines().map(str::trim).enumerate().map(|(at, own)| (at + 1, own)).collect();
        let is_head = |own: &str| own.starts_with("[[") && own.replace(' ', "").starts_with("[[assertion]]");
        let heads = all.iter().filter(|(_, own)| is_head(own)).map(|(line, _)| *line).collect();
        Self(all, heads)
    }

    fn of_assertion(&self, at: usize) -> usize {
        self.1.get(at).copied().unwrap_or(1)
    }

    /// The line of a key of an assertion; that of the assertion if it is not found.
    fn of_key(&self, at: usize, key: &str) -> usize {
        let (first, behind) = (self.of_assertion(at), self.1.get(at + 1).copied().unwrap_or(usize::MAX));
        let is_key = |own: &str| own.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        let within = self.0.iter().filter(|(line, _)| (first..behind).contains(line));
        within.filter(|(_, own)| is_key(own)).map(|(line, _)| *line).next().unwrap_or(first)
    }
}
