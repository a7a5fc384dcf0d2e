//! Filters of `ListSecrets` and `BatchGetSecretValue`.
//!
//! AWS leaves open how several values of one filter go together where some are negated. Here a secret passes if no
//! negated value matches it and, where there are others, one of them does. All filters have to pass.
//!
//! Source: API reference, "Filter"; user guide, "Find secrets in AWS Secrets Manager".

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::store::Secret;
use crate::constraint::{Constraint, length, required};

/// The most filters, and the most values of one.
const MOST: usize = 10;

/// A filter, as it is given.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FilterInput {
    key: Option<String>,
    values: Option<Vec<String>>,
}

/// Filters that have been checked.
#[derive(Debug)]
pub(super) struct Filters(Vec<Filter>);

#[derive(Debug)]
struct Filter {
    key: Property,
    values: Vec<Pattern>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Property {
    Description,
    Name,
    TagKey,
    TagValue,
    /// Secrets that are not replicated have none.
    PrimaryRegion,
    /// Secrets that no service manages have none.
    OwningService,
    All,
}

#[derive(Debug)]
struct Pattern {
    negated: bool,
    text: String,
}

impl Filters {
    pub(super) fn parse(filters: &[FilterInput]) -> Result<Self, Fault> {
        if filters.len() > MOST {
            let constraint = format!("Member must have length less than or equal to {MOST}");
            return Err(Constraint::hidden("filters", constraint).into());
        }
        filters.iter().map(Filter::parse).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn pass(&self, secret: &Secret) -> bool {
        self.0.iter().all(|filter| filter.passes(secret))
    }
}

impl Filter {
    fn parse(input: &FilterInput) -> Result<Self, Fault> {
        let key = match required("filters.key", input.key.as_deref())? {
            "description" => Property::Description,
            "name" => Property::Name,
            "tag-key" => Property::TagKey,
            "tag-value" => Property::TagValue,
            "primary-region" => Property::PrimaryRegion,
            "owning-service" => Property::OwningService,
            "all" => Property::All,
            other => {
                let constraint = "Member must satisfy enum value set: [all, name, tag-key, description, tag-value, \
                                  owning-service, primary-region]";
                return Err(Constraint::of(other, "filters.key", constraint).into());
            }
        };
        let values = required("filters.values", input.values.as_deref())?;
        if values.is_empty() || values.len() > MOST {
            let constraint = format!("Member must have length between 1 and {MOST}");
            return Err(Constraint::hidden("filters.values", constraint).into());
        }
        Ok(Self { key, values: values.iter().map(|value| Pattern::parse(value)).collect::<Result<_, _>>()? })
    }

    fn passes(&self, secret: &Secret) -> bool {
        let matches = |pattern: &Pattern| self.key.matches(secret, &pattern.text);
        let (negated, plain): (Vec<_>, Vec<_>) = self.values.iter().partition(|pattern| pattern.negated);
        !negated.into_iter().any(matches) && (plain.is_empty() || plain.into_iter().any(matches))
    }
}

impl Pattern {
    fn parse(value: &str) -> Result<Self, Fault> {
        length("filters.values", value, 0, 512)?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b" :_@/+=.-!".contains(&byte);
        if !value.bytes().all(allowed) {
            let constraint =
                r"Member must satisfy regular expression pattern: ^\!?[a-zA-Z0-9 :_@\/\+\=\.\-\!]*$".to_owned();
            return Err(Constraint::of(value, "filters.values", constraint).into());
        }
        let stripped = value.strip_prefix('!');
        Ok(Self { negated: stripped.is_some(), text: stripped.unwrap_or(value).to_owned() })
    }
}

impl Property {
    fn matches(self, secret: &Secret, text: &str) -> bool {
        let description = secret.description.as_deref().unwrap_or_default();
        match self {
            Self::Name => secret.name.starts_with(text),
            Self::Description => {
                !description.is_empty() && description.to_lowercase().starts_with(&text.to_lowercase())
            }
            Self::TagKey => secret.tags.keys().any(|key| key.starts_with(text)),
            Self::TagValue => secret.tags.values().any(|value| value.starts_with(text)),
            Self::PrimaryRegion | Self::OwningService => false,
            Self::All => {
                let tags = secret.tags.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]);
                let found: Vec<String> =
                    [secret.name.as_str(), description].into_iter().chain(tags).flat_map(words).collect();
                words(text).all(|word| found.iter().any(|candidate| candidate.starts_with(&word)))
            }
        }
    }
}

/// The words of a text, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}
