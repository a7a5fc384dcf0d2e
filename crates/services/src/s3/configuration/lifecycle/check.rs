//! Which lifecycle rules there may be.
//!
//! Sources: S3 user guide, "Lifecycle configuration elements", "Examples of S3 Lifecycle configurations"; messages as S3
//! is on record with them.

use s3s::S3ErrorCode;
use s3s::dto::{
    ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter,
    NoncurrentVersionExpiration, Tag, Timestamp,
};
use time::OffsetDateTime;

use super::super::rules::{check_filter, check_prefix, check_tags, name_rules};
use super::super::{Fault, argument, require};
use super::transitions;

/// How many rules there may be.
const MOST_RULES: usize = 1000;

/// How many newer versions may be kept.
const MOST_NEWER: i32 = 100;

/// Checks the rules, and gives ids to those without.
pub(super) fn check(rules: &mut [LifecycleRule]) -> Result<(), Fault> {
    require((1..=MOST_RULES).contains(&rules.len()))?;
    name_rules(
        rules.iter_mut().map(|rule| &mut rule.id),
        "Rule ID must be unique. Found same ID for more than one rule",
    )?;
    for rule in rules.iter() {
        check_rule(rule)?;
    }
    check_versions(rules)?;
    check_overlaps(rules)
}

/// The prefix stands in the rule itself, or in its filter, and in the same place in all rules.
fn check_versions(rules: &[LifecycleRule]) -> Result<(), Fault> {
    let with_filter = rules.iter().any(|rule| rule.filter.is_some());
    if with_filter && rules.iter().any(|rule| rule.prefix.is_some()) {
        return Err(Fault::invalid_request(
            "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.",
        ));
    }
    Ok(())
}

/// Rules of the first form may not overlap in what they do.
fn check_overlaps(rules: &[LifecycleRule]) -> Result<(), Fault> {
    let plain: Vec<(&str, [bool; 3])> =
        rules.iter().filter_map(|rule| Some((rule.prefix.as_deref()?, actions(rule)))).collect();
    for (at, (prefix, actions)) in plain.iter().enumerate() {
        for (other, theirs) in plain.iter().take(at) {
            let names = ["Expiration", "Transition", "AbortIncompleteMultipartUpload"];
            let both = actions.iter().zip(theirs).zip(names).find(|((own, their), _)| **own && **their);
            if let Some((_, name)) = both.filter(|_| prefix.starts_with(other) || other.starts_with(prefix)) {
                return Err(Fault::invalid_request(format!(
                    "Found overlapping prefixes '{other}' and '{prefix}' for same action type '{name}'"
                )));
            }
        }
    }
    Ok(())
}

fn actions(rule: &LifecycleRule) -> [bool; 3] {
    [
        rule.expiration.is_some(),
        rule.transitions.as_ref().is_some_and(|transitions| !transitions.is_empty()),
        rule.abort_incomplete_multipart_upload.is_some(),
    ]
}

fn check_rule(rule: &LifecycleRule) -> Result<(), Fault> {
    require([ExpirationStatus::ENABLED, ExpirationStatus::DISABLED].contains(&rule.status.as_str()))?;
    require(rule.filter.is_some() || rule.prefix.is_some())?;
    check_prefix(rule.prefix.as_deref())?;
    let scope = Scope::of(rule);
    if let Some(filter) = &rule.filter {
        check_filter_of(filter)?;
        check_sizes(&scope)?;
    }
    let transitions = rule.transitions.as_deref().unwrap_or_default();
    let noncurrent = rule.noncurrent_version_transitions.as_deref().unwrap_or_default();
    let acts = rule.abort_incomplete_multipart_upload.is_some()
        || rule.expiration.is_some()
        || rule.noncurrent_version_expiration.is_some()
        || !(transitions.is_empty() && noncurrent.is_empty());
    if !acts {
        return Err(Fault::invalid_request("At least one action needs to be specified in a rule"));
    }
    if let Some(expiration) = &rule.expiration {
        check_expiration(expiration, &scope)?;
    }
    if let Some(expiration) = &rule.noncurrent_version_expiration {
        check_noncurrent(expiration)?;
    }
    if let Some(abort) = &rule.abort_incomplete_multipart_upload {
        check_abort(abort.days_after_initiation, &scope)?;
    }
    transitions::check(transitions, rule.expiration.as_ref(), &scope.shown)?;
    transitions::check_noncurrent(noncurrent, rule.noncurrent_version_expiration.as_ref(), &scope.shown)
}

/// To which objects a rule applies.
struct Scope<'a> {
    tags: Vec<&'a Tag>,
    larger: Option<i64>,
    smaller: Option<i64>,
    /// As messages show it.
    shown: String,
}

impl<'a> Scope<'a> {
    fn of(rule: &'a LifecycleRule) -> Self {
        let filter = rule.filter.as_ref();
        let and = filter.and_then(|filter| filter.and.as_ref());
        let tags = filter.and_then(|filter| filter.tag.as_ref()).into_iter();
        let tags = tags.chain(and.and_then(|and| and.tags.as_ref()).into_iter().flatten()).collect();
        let larger = filter.and_then(|filter| filter.object_size_greater_than);
        let smaller = filter.and_then(|filter| filter.object_size_less_than);
        let prefix = filter.and_then(|filter| filter.prefix.as_deref());
        let prefix = prefix.or_else(|| and.and_then(|and| and.prefix.as_deref()));
        let shown = match &rule.prefix {
            Some(prefix) => format!("prefix '{prefix}'"),
            None => format!("filter '(prefix={})'", prefix.unwrap_or_default()),
        };
        Self {
            tags,
            larger: larger.or_else(|| and.and_then(|and| and.object_size_greater_than)),
            smaller: smaller.or_else(|| and.and_then(|and| and.object_size_less_than)),
            shown,
        }
    }

    fn has_sizes(&self) -> bool {
        self.larger.is_some() || self.smaller.is_some()
    }
}

fn check_filter_of(filter: &LifecycleRuleFilter) -> Result<(), Fault> {
    let LifecycleRuleFilter { and, object_size_greater_than, object_size_less_than, prefix, tag } = filter;
    let alone = [prefix.is_some(), tag.is_some(), object_size_greater_than.is_some(), object_size_less_than.is_some()];
    let together = and.as_ref().map(|and| {
        let LifecycleRuleAndOperator { object_size_greater_than, object_size_less_than, prefix, tags } = and;
        let others = [prefix.is_some(), object_size_greater_than.is_some(), object_size_less_than.is_some()];
        others.iter().filter(|is_there| **is_there).count() + tags.as_ref().map_or(0, Vec::len)
    });
    let inner = and.as_ref().and_then(|and| and.prefix.as_deref());
    check_filter(alone.iter().filter(|is_there| **is_there).count(), together, prefix.as_deref().or(inner))?;
    check_tags(tag.iter().chain(and.iter().flat_map(|and| and.tags.iter().flatten())))
}

fn check_sizes(scope: &Scope<'_>) -> Result<(), Fault> {
    if scope.larger.is_some_and(|size| size < 0) {
        return Err(Fault::invalid_request("'ObjectSizeGreaterThan' must be a non-negative integer"));
    }
    if scope.smaller.is_some_and(|size| size < 1) {
        return Err(Fault::invalid_request("'ObjectSizeLessThan' must be a positive integer"));
    }
    if let (Some(larger), Some(smaller)) = (scope.larger, scope.smaller)
        && smaller <= larger
    {
        return Err(Fault::invalid_request(
            "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
        ));
    }
    Ok(())
}

fn check_expiration(expiration: &LifecycleExpiration, scope: &Scope<'_>) -> Result<(), Fault> {
    let LifecycleExpiration { date, days, expired_object_delete_marker } = expiration;
    let named = [date.is_some(), days.is_some(), expired_object_delete_marker.is_some()];
    require(named.iter().filter(|is_there| **is_there).count() == 1)?;
    if days.is_some_and(|days| days < 1) {
        return Err(argument("'Days' for Expiration action must be a positive integer"));
    }
    check_date(date.as_ref())?;
    if expired_object_delete_marker.is_some() && !scope.tags.is_empty() {
        return Err(Fault::invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags."));
    }
    if expired_object_delete_marker.is_some() && scope.has_sizes() {
        return Err(Fault::invalid_request("ExpiredObjectDeleteMarker cannot be specified with Object Size."));
    }
    Ok(())
}

/// Dates are days.
pub(super) fn check_date(date: Option<&Timestamp>) -> Result<(), Fault> {
    let midnight = date.is_none_or(|date| {
        let date = OffsetDateTime::from(date.clone()).to_offset(time::UtcOffset::UTC);
        date.time() == time::Time::MIDNIGHT
    });
    if midnight { Ok(()) } else { Err(argument("'Date' must be at midnight GMT")) }
}

fn check_noncurrent(expiration: &NoncurrentVersionExpiration) -> Result<(), Fault> {
    if expiration.noncurrent_days.is_some_and(|days| days < 1) {
        return Err(argument("'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer"));
    }
    require(expiration.noncurrent_days.is_some())?;
    check_newer(expiration.newer_noncurrent_versions, "NoncurrentVersionExpiration")
}

/// How many newer versions are kept.
pub(super) fn check_newer(newer: Option<i32>, action: &str) -> Result<(), Fault> {
    match newer {
        Some(newer) if newer < 1 => {
            Err(argument(format!("'NewerNoncurrentVersions' for {action} action must be a positive integer")))
        }
        Some(newer) if newer > MOST_NEWER => Err(Fault::new(
            S3ErrorCode::InvalidArgument,
            format!("'NewerNoncurrentVersions' for {action} action must be less than or equal to {MOST_NEWER}"),
        )),
        _ => Ok(()),
    }
}

fn check_abort(days: Option<i32>, scope: &Scope<'_>) -> Result<(), Fault> {
    require(days.is_some())?;
    if days.is_some_and(|days| days < 1) {
        return Err(argument(
            "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
        ));
    }
    if !scope.tags.is_empty() {
        return Err(Fault::invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags."));
    }
    if scope.has_sizes() {
        return Err(Fault::invalid_request("AbortIncompleteMultipartUpload cannot be specified with Object Size."));
    }
    Ok(())
}
