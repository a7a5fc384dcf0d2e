//! Which notifications there may be: known events, well-formed destinations in the bucket's Region, and for each event
//! of a key at most one destination.
//!
//! Source: S3 user guide, "Amazon S3 Event Notifications", "Configuring event notifications using object key name
//! filtering".

use s3s::S3ErrorCode;
use s3s::dto::{Event, NotificationConfiguration, NotificationConfigurationFilter};

use super::super::rules::name_rules;
use super::super::{Fault, argument, require};
use super::told::{Told, covers, is_named};

/// The events of which a bucket tells.
///
/// Source: S3 user guide, "Event notification types and destinations".
const EVENTS: [&str; 27] = [
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:Replication:OperationNotTracked",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAcl:Put",
];

/// The longest prefix or suffix, in bytes.
const LONGEST_VALUE: usize = 1024;

/// How many configurations there may be.
const MOST: usize = 100;

/// Checks a configuration, gives ids to what has none, and says whether there is anything in it.
pub(super) fn check(configuration: &mut NotificationConfiguration, region: &str) -> Result<bool, Fault> {
    let NotificationConfiguration {
        lambda_function_configurations: lambdas,
        queue_configurations: queues,
        topic_configurations: topics,
        ..
    } = configuration;
    let ids = queues.iter_mut().flatten().map(|own| &mut own.id);
    let ids = ids.chain(topics.iter_mut().flatten().map(|own| &mut own.id));
    let ids = ids.chain(lambdas.iter_mut().flatten().map(|own| &mut own.id));
    name_rules(ids, "Same ID used for multiple configurations. IDs must be unique.")?;
    let filters = queues.iter_mut().flatten().map(|own| &mut own.filter);
    let filters = filters.chain(topics.iter_mut().flatten().map(|own| &mut own.filter));
    filters.chain(lambdas.iter_mut().flatten().map(|own| &mut own.filter)).try_for_each(check_filter)?;
    let all = Told::all(configuration);
    if all.len() > MOST {
        return Err(argument(format!("A bucket cannot have more than {MOST} notification configurations")));
    }
    for told in &all {
        check_destination(told, region)?;
        check_events(told.events)?;
    }
    check_overlaps(&all)?;
    Ok(!all.is_empty() || configuration.event_bridge_configuration.is_some())
}

/// Rules by name, at most one of each; their names are given back as S3 writes them.
fn check_filter(filter: &mut Option<NotificationConfigurationFilter>) -> Result<(), Fault> {
    let rules = filter.iter_mut().flat_map(|filter| &mut filter.key).flat_map(|key| &mut key.filter_rules).flatten();
    let mut seen = [false; 2];
    for rule in rules {
        let known = ["Prefix", "Suffix"].into_iter().zip(&mut seen).find(|(name, _)| is_named(rule, name));
        let Some((name, seen)) = known else {
            let value = rule.name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default();
            let message = "filter rule name must be either prefix or suffix";
            return Err(Fault::invalid_argument("FilterRule.Name", value, message));
        };
        if std::mem::replace(seen, true) {
            let name = name.to_ascii_lowercase();
            return Err(argument(format!("Cannot specify more than one {name} rule in a filter.")));
        }
        rule.name = Some(name.to_owned().into());
        if rule.value.as_ref().is_some_and(|value| value.len() > LONGEST_VALUE) {
            return Err(argument("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation"));
        }
    }
    Ok(())
}

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:NAME`, with `function:NAME` for a function.
fn check_destination(told: &Told<'_>, region: &str) -> Result<(), Fault> {
    let parts: Vec<&str> = told.arn.splitn(6, ':').collect();
    let [arn, partition, service, place, account, name] = parts.as_slice() else {
        return Err(not_well_formed(told));
    };
    let named = match told.service {
        "lambda" => name.strip_prefix("function:").is_some_and(|name| !name.is_empty()),
        _ => !name.is_empty() && !name.contains(':'),
    };
    let owned = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if *arn != "arn" || !partition.starts_with("aws") || *service != told.service || !named || !owned {
        return Err(not_well_formed(told));
    }
    if *place != region {
        return Err(Fault::invalid_argument(
            told.member,
            told.arn,
            "The notification destination service region is not valid for the bucket location constraint",
        ));
    }
    if told.service != "lambda" && name.ends_with(".fifo") {
        let refused = argument("Unable to validate the following destination configurations");
        let why = format!("FIFO {}s are not supported", told.member.to_ascii_lowercase());
        return Err(refused.with("ArgumentName1", told.arn).with("ArgumentValue1", why));
    }
    Ok(())
}

fn not_well_formed(told: &Told<'_>) -> Fault {
    Fault::new(S3ErrorCode::InvalidArgument, "The ARN is not well formed")
        .with("ArgumentName", told.member)
        .with("ArgumentValue", told.arn)
}

fn check_events(events: &[Event]) -> Result<(), Fault> {
    require(!events.is_empty())?;
    match events.iter().find(|event| !EVENTS.contains(&event.as_ref())) {
        None => Ok(()),
        Some(event) => Err(Fault::invalid_argument(
            "Event",
            event.as_ref(),
            "A specified event is not supported for notifications.",
        )),
    }
}

/// Whether one of two events is, or covers, the other.
fn share(one: &Event, other: &Event) -> bool {
    covers(one.as_ref(), other.as_ref()) || covers(other.as_ref(), one.as_ref())
}

fn check_overlaps(all: &[Told<'_>]) -> Result<(), Fault> {
    for (at, own) in all.iter().enumerate() {
        for other in all.iter().take(at).filter(|other| own.filter.overlaps(&other.filter)) {
            if !own.events.iter().any(|event| other.events.iter().any(|theirs| share(event, theirs))) {
                continue;
            }
            let message = if own.filter.is_all() && other.filter.is_all() {
                "Configurations overlap. Configurations on the same bucket cannot share a common event type."
            } else {
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are \
                 overlapping for the same event type."
            };
            return Err(argument(message));
        }
    }
    Ok(())
}
