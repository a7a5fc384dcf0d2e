//! The time of day, and how it is written.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Unix time in milliseconds.
pub(crate) fn now_ms() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// A time (Unix milliseconds) as policies write it, in seconds.
pub(crate) fn rfc3339(milliseconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(milliseconds / 1000).ok()?.format(&Rfc3339).ok()
}
