//! To which storage classes objects may move, and when.
//!
//! Source: S3 user guide, "Transitioning objects using Amazon S3 Lifecycle": objects move down a waterfall of classes, not
//! before 30 days to the classes for infrequent access, and not before 30 more from them to the archives.

use s3s::dto::{
    LifecycleExpiration, NoncurrentVersionExpiration, NoncurrentVersionTransition, Transition, TransitionStorageClass,
};

use super::super::{Fault, argument, require};
use super::check::{check_date, check_newer};

/// The classes, from the top of the waterfall down.
const WATERFALL: [&str; 6] = [
    TransitionStorageClass::STANDARD_IA,
    TransitionStorageClass::INTELLIGENT_TIERING,
    TransitionStorageClass::ONEZONE_IA,
    TransitionStorageClass::GLACIER_IR,
    TransitionStorageClass::GLACIER,
    TransitionStorageClass::DEEP_ARCHIVE,
];

/// The classes that objects do not get to before they are so many days old, and do not leave before so many more.
const INFREQUENT: [&str; 2] = [TransitionStorageClass::STANDARD_IA, TransitionStorageClass::ONEZONE_IA];
const LEAST_DAYS: i32 = 30;

/// A move after days, by the place of its class in the waterfall.
#[derive(Clone, Copy)]
struct Move {
    class: &'static str,
    place: usize,
    days: i32,
}

impl Move {
    fn to(class: Option<&TransitionStorageClass>, days: i32) -> Result<Self, Fault> {
        let class = class.ok_or_else(Fault::malformed)?.as_str();
        let place = WATERFALL.iter().position(|known| *known == class).ok_or_else(Fault::malformed)?;
        Ok(Self { class: WATERFALL.get(place).copied().ok_or_else(Fault::malformed)?, place, days })
    }
}

/// How the members of the two kinds of transitions are named in messages.
struct Words {
    action: &'static str,
    days: &'static str,
    expiration: &'static str,
}

const CURRENT: Words = Words { action: "Transition", days: "Days", expiration: "Expiration" };
const NONCURRENT: Words =
    Words { action: "NoncurrentVersionTransition", days: "NoncurrentDays", expiration: "NoncurrentVersionExpiration" };

/// Checks the transitions of a rule. `scope` is to what it applies, as messages show it.
pub(super) fn check(
    transitions: &[Transition], expiration: Option<&LifecycleExpiration>, scope: &str,
) -> Result<(), Fault> {
    let mut moves = Vec::with_capacity(transitions.len());
    for transition in transitions {
        require(transition.date.is_some() != transition.days.is_some())?;
        check_date(transition.date.as_ref())?;
        moves.push(Move::to(transition.storage_class.as_ref(), transition.days.unwrap_or_default())?);
    }
    check_classes(&moves, &CURRENT, scope)?;
    let (by_date, by_days) = (
        transitions.iter().any(|transition| transition.date.is_some())
            || expiration.is_some_and(|expiration| expiration.date.is_some()),
        transitions.iter().any(|transition| transition.days.is_some())
            || expiration.is_some_and(|expiration| expiration.days.is_some()),
    );
    if by_date && by_days && !transitions.is_empty() {
        return Err(Fault::invalid_request(format!(
            "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for {scope}"
        )));
    }
    if by_date {
        return Ok(());
    }
    check_days(moves, expiration.and_then(|expiration| expiration.days), &CURRENT, scope)
}

/// Checks the transitions of versions that are not current.
pub(super) fn check_noncurrent(
    transitions: &[NoncurrentVersionTransition], expiration: Option<&NoncurrentVersionExpiration>, scope: &str,
) -> Result<(), Fault> {
    let mut moves = Vec::with_capacity(transitions.len());
    for transition in transitions {
        check_newer(transition.newer_noncurrent_versions, NONCURRENT.action)?;
        let days = transition.noncurrent_days.ok_or_else(Fault::malformed)?;
        moves.push(Move::to(transition.storage_class.as_ref(), days)?);
    }
    check_classes(&moves, &NONCURRENT, scope)?;
    check_days(moves, expiration.and_then(|expiration| expiration.noncurrent_days), &NONCURRENT, scope)
}

fn check_classes(moves: &[Move], words: &Words, scope: &str) -> Result<(), Fault> {
    let twice = moves.iter().enumerate().any(|(at, own)| moves.iter().take(at).any(|other| other.place == own.place));
    if twice {
        let action = words.action;
        return Err(Fault::invalid_request(format!(
            "'StorageClass' must be different for '{action}' actions in same 'Rule' with {scope}"
        )));
    }
    Ok(())
}

fn check_days(mut moves: Vec<Move>, expiration: Option<i32>, words: &Words, scope: &str) -> Result<(), Fault> {
    let Words { action, days: name, expiration: end } = words;
    for Move { class, days, .. } in &moves {
        if *days < 0 {
            return Err(argument(format!("'{name}' in {action} action must be nonnegative")));
        }
        if INFREQUENT.contains(class) && *days < LEAST_DAYS {
            return Err(argument(format!(
                "'{name}' in {action} action must be greater than or equal to {LEAST_DAYS} for storageClass '{class}'"
            )));
        }
    }
    moves.sort_by_key(|own| own.place);
    for (upper, lower) in moves.iter().zip(moves.iter().skip(1)) {
        let stays = INFREQUENT.contains(&upper.class) && !INFREQUENT.contains(&lower.class);
        let least = if stays { LEAST_DAYS } else { 1 };
        if lower.days < upper.days.saturating_add(least) {
            let more = if stays { format!("{LEAST_DAYS} days more than") } else { "greater than".to_owned() };
            return Err(argument(format!(
                "'{name}' in the '{action}' action for StorageClass '{}' for {scope} must be {more} '{name}' in the \
                 '{action}' action for StorageClass '{}'",
                lower.class, upper.class
            )));
        }
    }
    let latest = moves.iter().map(|own| own.days).max();
    if let (Some(latest), Some(expiration)) = (latest, expiration)
        && expiration <= latest
    {
        return Err(argument(format!(
            "'{name}' in the {end} action for {scope} must be greater than '{name}' in the {action} action"
        )));
    }
    Ok(())
}
