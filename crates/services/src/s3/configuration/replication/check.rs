//! Which replication rules there may be.
//!
//! Source: S3 API reference, ReplicationConfiguration, ReplicationRule, Destination.

use std::collections::HashSet;

use s3s::dto::{
    DeleteMarkerReplicationStatus, ReplicationConfiguration, ReplicationRule, ReplicationRuleFilter,
    ReplicationRuleStatus, ReplicationTimeStatus, StorageClass,
};

use super::super::rules::{check_filter, check_prefix, check_tags, name_rules};
use super::super::{Fault, argument, require};

const MOST_RULES: usize = 1000;

/// The minutes of replication time control, of which there is one choice.
const MINUTES: i32 = 15;

/// Checks a configuration, gives ids to rules without, and returns the names of the buckets that objects go to.
pub(super) fn check(configuration: &mut ReplicationConfiguration) -> Result<Vec<String>, Fault> {
    require(!configuration.rules.is_empty())?;
    if configuration.rules.len() > MOST_RULES {
        return Err(Fault::invalid_request(
            "The number of replication rules must not exceed the allowed limit of 1000.",
        ));
    }
    check_role(&configuration.role)?;
    let rules = &mut configuration.rules;
    name_rules(rules.iter_mut().map(|rule| &mut rule.id), "Rule Id must be unique.")?;
    rules.iter().try_for_each(check_rule)?;
    check_priorities(rules)?;
    rules.iter().map(|rule| bucket_of(&rule.destination.bucket)).collect()
}

fn check_role(role: &str) -> Result<(), Fault> {
    let is_role = role.strip_prefix("arn:aws").is_some_and(|rest| {
        let parts: Vec<&str> = rest.splitn(5, ':').collect();
        matches!(parts.as_slice(), [_, "iam", "", account, name]
            if account.len() == 12 && name.starts_with("role/") && name.len() > 5)
    });
    if is_role { Ok(()) } else { Err(Fault::invalid_argument("Role", role, "Invalid Amazon Resource Name (ARN)")) }
}

/// The bucket of `arn:aws:s3:::BUCKET`.
fn bucket_of(arn: &str) -> Result<String, Fault> {
    let name = arn.split_once(":s3:::").filter(|(start, name)| start.starts_with("arn:aws") && !name.contains('/'));
    match name {
        Some((_, name)) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err(Fault::invalid_argument("Bucket", arn, "Invalid bucket ARN.")),
    }
}

fn check_rule(rule: &ReplicationRule) -> Result<(), Fault> {
    let known = [ReplicationRuleStatus::ENABLED, ReplicationRuleStatus::DISABLED];
    require(known.contains(&rule.status.as_str()))?;
    require(rule.filter.is_none() || rule.prefix.is_none())?;
    require(rule.filter.is_some() || rule.prefix.is_some())?;
    check_prefix(rule.prefix.as_deref())?;
    let markers = rule.delete_marker_replication.as_ref().and_then(|markers| markers.status.as_ref());
    if let Some(filter) = &rule.filter {
        check_filter_of(filter)?;
        if rule.priority.is_none() {
            return Err(Fault::invalid_request(
                "Priority must be specified for this version of Cross Region Replication configuration schema. Please \
                 refer to S3 Developer Guide for more information.",
            ));
        }
        if markers.is_none() {
            return Err(Fault::invalid_request(
                "DeleteMarkerReplication must be specified for this version of Cross Region Replication configuration \
                 schema. Please refer to S3 Developer Guide for more information.",
            ));
        }
    }
    let known = [DeleteMarkerReplicationStatus::ENABLED, DeleteMarkerReplicationStatus::DISABLED];
    require(markers.is_none_or(|status| known.contains(&status.as_str())))?;
    if rule.priority.is_some_and(|priority| priority < 0) {
        return Err(argument("Priority must be a non-negative integer"));
    }
    check_destination(rule)
}

fn check_destination(rule: &ReplicationRule) -> Result<(), Fault> {
    let destination = &rule.destination;
    let classes = [
        StorageClass::STANDARD,
        StorageClass::REDUCED_REDUNDANCY,
        StorageClass::STANDARD_IA,
        StorageClass::ONEZONE_IA,
        StorageClass::INTELLIGENT_TIERING,
        StorageClass::GLACIER,
        StorageClass::DEEP_ARCHIVE,
        StorageClass::OUTPOSTS,
        StorageClass::GLACIER_IR,
    ];
    require(destination.storage_class.as_ref().is_none_or(|class| classes.contains(&class.as_str())))?;
    if destination.access_control_translation.is_some() && destination.account.is_none() {
        return Err(Fault::invalid_request(
            "Account must be specified if AccessControlTranslation is specified in the destination.",
        ));
    }
    let encrypted = rule.source_selection_criteria.as_ref().is_some_and(|own| own.sse_kms_encrypted_objects.is_some());
    if destination.encryption_configuration.is_some() && !encrypted {
        return Err(Fault::invalid_request(
            "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.",
        ));
    }
    if let Some(time) = &destination.replication_time {
        require([ReplicationTimeStatus::ENABLED, ReplicationTimeStatus::DISABLED].contains(&time.status.as_str()))?;
        let on = time.status.as_str() == ReplicationTimeStatus::ENABLED;
        if on && time.time.minutes != Some(MINUTES) {
            return Err(argument("The replication time must be 15 minutes"));
        }
        if on && destination.metrics.is_none() {
            return Err(Fault::invalid_request("ReplicationTime cannot be used without enabling replication metrics."));
        }
    }
    Ok(())
}

fn check_filter_of(filter: &ReplicationRuleFilter) -> Result<(), Fault> {
    let ReplicationRuleFilter { and, prefix, tag } = filter;
    let alone = usize::from(prefix.is_some()) + usize::from(tag.is_some());
    let together = and.as_ref().map(|and| usize::from(and.prefix.is_some()) + and.tags.as_ref().map_or(0, Vec::len));
    let inner = and.as_ref().and_then(|and| and.prefix.as_deref());
    check_filter(alone, together, prefix.as_deref().or(inner))?;
    check_tags(tag.iter().chain(and.iter().flat_map(|and| and.tags.iter().flatten())))
}

/// A priority decides between rules, and so there is none twice.
fn check_priorities(rules: &[ReplicationRule]) -> Result<(), Fault> {
    let mut known = HashSet::new();
    match rules.iter().filter_map(|rule| rule.priority).find(|priority| !known.insert(*priority)) {
        None => Ok(()),
        Some(priority) => Err(Fault::invalid_request(format!("Found duplicate priority '{priority}'"))),
    }
}
