//! Points in time, as EC2 writes them.

use std::{fmt, str::FromStr};

use time::{
    OffsetDateTime, PrimitiveDateTime,
    format_description::well_known::{Iso8601, Rfc3339},
};

/// Milliseconds since the Unix epoch, UTC.
///
/// ```
/// use sidegate_wire::ec2::Timestamp;
///
/// let timestamp: Timestamp = "2026-11-24T11:00:00+01:00".parse()?;
/// assert_eq!(timestamp.to_string(), "2026-11-24T10:00:00.000Z");
/// # Ok::<(), sidegate_wire::ec2::InvalidTimestamp>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point in time so many milliseconds after the epoch.
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The milliseconds since the epoch.
    pub const fn unix_millis(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(utc) = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000) else {
            // Beyond the year 9999, which the form on the wire cannot express.
            return f.write_str("9999-12-31T23:59:59.999Z");
        };
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            utc.year(),
            u8::from(utc.month()),
            utc.day(),
            utc.hour(),
            utc.minute(),
            utc.second(),
            utc.millisecond(),
        )
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Reads ISO 8601; without an offset the time is UTC.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339)
            .or_else(|_| OffsetDateTime::parse(text, &Iso8601::DEFAULT))
            .or_else(|_| PrimitiveDateTime::parse(text, &Iso8601::DEFAULT).map(PrimitiveDateTime::assume_utc))
            .map_err(|_| InvalidTimestamp)?;
        i64::try_from(parsed.unix_timestamp_nanos().div_euclid(1_000_000)).map(Self).map_err(|_| InvalidTimestamp)
    }
}

/// A text is no ISO 8601 timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 8601 timestamp")]
pub struct InvalidTimestamp;
