//! The filters of Describe actions.
//!
//! Source: EC2 user guide, "List and filter using the CLI and API": values of one filter are alternatives, filters are
//! joined by and.

mod pattern;

use std::borrow::Cow;

use sidegate_model::World;
use sidegate_wire::ec2::Filter;
use sidegate_wire::protocol::Failure;

use super::ids::required;
use super::refused;

/// The most filters of a request.
const FILTER_LIMIT: usize = 50;

/// The most values of a filter.
const VALUE_LIMIT: usize = 200;

/// The most characters of a filter's name or value.
const LENGTH_LIMIT: usize = 255;

/// Filters whose names are known to the action.
pub(super) struct Filters<'a>(&'a [Filter]);

impl<'a> Filters<'a> {
    /// Reads filters, of which the action knows these; a name that ends in `:` stands for all that begin so, as
    /// `tag:` does.
    pub(super) fn read(filters: &'a [Filter], known: &[&str]) -> Result<Self, Failure> {
        if filters.len() > FILTER_LIMIT {
            return Err(too_many("filters", FILTER_LIMIT));
        }
        for filter in filters {
            check(filter, known)?;
        }
        Ok(Self(filters))
    }

    /// Whether there is one of this name.
    pub(super) fn have(&self, name: &str) -> bool {
        self.0.iter().any(|filter| filter.name.as_deref() == Some(name))
    }

    /// Whether a resource passes, which tells the values that it has under a filter's name. No value passes no filter.
    pub(super) fn pass<'r>(&self, values: impl Fn(&str) -> Vec<Cow<'r, str>>) -> bool {
        self.0.iter().all(|filter| {
            let present = values(filter.name.as_deref().unwrap_or_default());
            let wanted = |value: &str| filter.values.iter().any(|wanted| pattern::covers(wanted, value));
            present.iter().any(|value| wanted(value))
        })
    }
}

fn check(filter: &Filter, known: &[&str]) -> Result<(), Failure> {
    let name = required(filter.name.as_deref(), "Filter.Name")?;
    let is_known =
        known.iter().any(|k| *k == name || (k.ends_with(':') && name.len() > k.len() && name.starts_with(k)));
    if !is_known {
        return Err(refused("InvalidParameterValue", format!("The filter '{name}' is invalid")));
    }
    if filter.values.is_empty() {
        return Err(refused("InvalidParameterValue", format!("The filter '{name}' must have a value")));
    }
    if filter.values.len() > VALUE_LIMIT {
        return Err(too_many("filter values", VALUE_LIMIT));
    }
    if [name]
        .into_iter()
        .chain(filter.values.iter().map(String::as_str))
        .any(|text| text.chars().count() > LENGTH_LIMIT)
    {
        let message = format!("The filter '{name}' has a name or value of more than {LENGTH_LIMIT} characters");
        return Err(refused("InvalidParameterValue", message));
    }
    Ok(())
}

fn too_many(what: &str, limit: usize) -> Failure {
    refused("FilterLimitExceeded", format!("The maximum number of {what} specified on a single call is {limit}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_the_action_does_not_know_is_refused_by_name() {
        let filters = [Filter { name: Some("colour".to_owned()), values: vec!["red".to_owned()] }];
        let failure = Filters::read(&filters, &["vpc-id", "tag:"]).err().map(|f| f.message);
        assert_eq!(failure.as_deref(), Some("The filter 'colour' is invalid"));
    }

    #[test]
    fn a_request_has_at_most_50_filters_of_at_most_200_values_of_at_most_255_characters() {
        let filter = |count: usize, length: usize| {
            let values = vec!["x".repeat(length); count];
            Filter { name: Some("vpc-id".to_owned()), values }
        };
        let read = |filters: &[Filter]| match Filters::read(filters, &["vpc-id"]) {
            Ok(_) => ("OK".to_owned(), String::new()),
            Err(failure) => (failure.code.to_string(), failure.message),
        };
        let limit = |what: &str| {
            ("FilterLimitExceeded".to_owned(), format!("The maximum number of {what} specified on a single call is"))
        };
        assert_eq!(read(&vec![filter(200, 255); 50]).0, "OK");
        let (code, message) = limit("filters");
        assert_eq!(read(&vec![filter(1, 1); 51]), (code, format!("{message} 50")));
        let (code, message) = limit("filter values");
        assert_eq!(read(&[filter(201, 1)]), (code, format!("{message} 200")));
        assert_eq!(read(&[filter(1, 256)]).0, "InvalidParameterValue");
    }
}
