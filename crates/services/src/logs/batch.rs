//! The events of one upload: what they may be, and which of them are kept. Pure.
//!
//! Source: API reference, "PutLogEvents"; user guide, "CloudWatch Logs quotas".

use std::ops::Range;

use serde::Serialize;

use super::fault::Fault;
use super::store::{NewEvent, OVERHEAD};
use crate::constraint::{Constraint, size};

const HOUR: i64 = 3_600_000;

/// The most bytes of an upload, and of an event.
const MOST_BYTES: usize = 1_048_576;

/// The most events of an upload.
const MOST_EVENTS: usize = 10_000;

/// How old events may be, and how far in the future.
const OLDEST: i64 = 14 * 24 * HOUR;
const NEWEST: i64 = 2 * HOUR;

/// How far the times of an upload may lie apart.
const SPAN: i64 = 24 * HOUR;

/// Which events of an upload were not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rejected {
    /// The first that is too new.
    #[serde(skip_serializing_if = "Option::is_none")]
    too_new_log_event_start_index: Option<usize>,
    /// The one behind the last that is too old.
    #[serde(skip_serializing_if = "Option::is_none")]
    too_old_log_event_end_index: Option<usize>,
    /// The one behind the last that has expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_log_event_end_index: Option<usize>,
}

/// Checks the events of an upload, as far as no log group need be known.
pub(super) fn check(events: &[NewEvent], now: i64) -> Result<(), Fault> {
    size("logEvents", events.len(), 1, MOST_EVENTS)?;
    let mut bytes = 0;
    for (at, event) in events.iter().enumerate() {
        if event.message.is_empty() {
            let member = format!("logEvents.{}.member.message", at + 1);
            return Err(Constraint::of("", &member, "Member must have length greater than or equal to 1").into());
        }
        if event.at < 0 {
            let member = format!("logEvents.{}.member.timestamp", at + 1);
            let bound = "Member must have value greater than or equal to 0";
            return Err(Constraint::of(&event.at.to_string(), &member, bound).into());
        }
        let length = event.message.len() + OVERHEAD;
        if length > MOST_BYTES {
            return Err(Fault::invalid(format!("Log event too large: {length} bytes exceeds limit of {MOST_BYTES}")));
        }
        bytes += length;
    }
    if bytes > MOST_BYTES {
        return Err(Fault::invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MOST_BYTES}")));
    }
    if !events.is_sorted_by_key(|event| event.at) {
        return Err(Fault::invalid("Log events in a single PutLogEvents request must be in chronological order."));
    }
    // What is too old or too new for any log group does not count.
    let mut valid = events.iter().map(|event| event.at).filter(|at| (now - OLDEST..=now + NEWEST).contains(at));
    let first = valid.next();
    let last = valid.next_back().or(first);
    match (first, last) {
        (Some(first), Some(last)) if last - first > SPAN => Err(Fault::invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        )),
        _ => Ok(()),
    }
}

/// Which events are kept in a group whose events from before a time have expired.
pub(super) fn accepted(events: &[NewEvent], now: i64, horizon: i64) -> (Range<usize>, Rejected) {
    let before = |time: i64| events.partition_point(|event| event.at < time);
    let (old, expired) = (before(now - OLDEST), before(horizon));
    let end = events.partition_point(|event| event.at <= now + NEWEST);
    let rejected = Rejected {
        too_new_log_event_start_index: (end < events.len()).then_some(end),
        too_old_log_event_end_index: (old > 0).then_some(old),
        // What is too old for any log group is called that.
        expired_log_event_end_index: (expired > old).then_some(expired),
    };
    (old.max(expired).min(end)..end, rejected)
}

impl Rejected {
    /// Whether everything was kept.
    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_750_000_000_000;

    fn events(times: &[i64]) -> Vec<NewEvent> {
        times.iter().map(|at| NewEvent { at: *at, message: "m".to_owned() }).collect()
    }

    fn refusal(events: &[NewEvent]) -> String {
        check(events, NOW).unwrap_err().to_string()
    }

    #[test]
    fn an_upload_is_bounded_in_events_bytes_and_time() {
        check(&events(&[NOW; MOST_EVENTS]), NOW).unwrap();
        assert!(refusal(&events(&[NOW; MOST_EVENTS + 1])).contains("less than or equal to 10000"));
        assert!(refusal(&[]).contains("greater than or equal to 1"));
        let sized = |length: usize| vec![NewEvent { at: NOW, message: "m".repeat(length) }];
        check(&sized(MOST_BYTES - OVERHEAD), NOW).unwrap();
        assert_eq!(
            refusal(&sized(MOST_BYTES - OVERHEAD + 1)),
            "Log event too large: 1048577 bytes exceeds limit of 1048576"
        );
        let two = [sized(MOST_BYTES / 2), sized(MOST_BYTES / 2)].concat();
        assert_eq!(refusal(&two), "Upload too large: 1048628 bytes exceeds limit of 1048576");
        assert!(refusal(&sized(0)).contains("'logEvents.1.member.message'"));
        assert!(refusal(&events(&[-1])).contains("'logEvents.1.member.timestamp'"));
        check(&events(&[NOW - SPAN, NOW]), NOW).unwrap();
        assert!(refusal(&events(&[NOW - SPAN - 1, NOW])).contains("cannot span more than 24 hours"));
        // What is rejected anyway does not count.
        check(&events(&[0, NOW, NOW + 3 * HOUR]), NOW).unwrap();
        assert!(refusal(&events(&[NOW, NOW - 1])).contains("must be in chronological order"));
    }

    #[test]
    fn what_is_too_old_expired_or_too_new_is_not_kept() {
        let times = [0, NOW - OLDEST - 1, NOW - OLDEST, NOW - 2 * 24 * HOUR, NOW, NOW + NEWEST, NOW + NEWEST + 1];
        let (kept, rejected) = accepted(&events(&times), NOW, 0);
        assert_eq!(kept, 2..6);
        let expected = Rejected {
            too_new_log_event_start_index: Some(6),
            too_old_log_event_end_index: Some(2),
            expired_log_event_end_index: None,
        };
        assert_eq!(rejected, expected);
        let (kept, rejected) = accepted(&events(&times), NOW, NOW - 24 * HOUR);
        assert_eq!((kept, rejected.expired_log_event_end_index), (4..6, Some(4)));
        let (kept, rejected) = accepted(&events(&[NOW + 3 * HOUR]), NOW, 0);
        assert_eq!((kept, rejected.too_new_log_event_start_index), (0..0, Some(0)));
        assert!(accepted(&events(&[NOW]), NOW, 0).1.is_none());
        assert!(accepted(&events(&[0]), NOW, 0).0.is_empty());
    }
}
